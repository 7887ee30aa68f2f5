//! What the desktop does around a due time.

use serde_json::json;

use crate::bus::Services;
use crate::stage::{Stage, until};
use crate::window::{Page, new_id};

/// The tables, a persona and its site, without a post.
async fn set_up(page: &Page) -> (String, String) {
    page.fill("Name of the voice", "Firnline Institute").await;
    page.press("Skip, look around").await;
    page.sees("The day").await;
    let accounts = page.query(json!({ "type": "accounts" })).await;
    let text = |name: &str| {
        accounts[0][name]
            .as_str()
            .expect("the account has it")
            .to_owned()
    };
    (text("persona"), text("id"))
}

/// A post that is due in so many seconds.
async fn plan(page: &Page, seconds: i64) {
    let (persona, identity) = set_up(page).await;
    let at = page.now().await + chrono::Duration::seconds(seconds);
    let wall = at.format("%Y-%m-%dT%H:%M:%S").to_string();
    let planned = page
        .query(json!({ "type": "resolve_time", "wall": wall, "zone": "UTC" }))
        .await;
    page.act(json!({
        "type": "submit", "content": new_id(), "persona": persona, "base": 0, "request": new_id(),
        "body": {
            "languages": ["en"],
            "shared": { "segments": [{ "text": "On time." }] },
            "targets": [identity],
        },
        "deliveries": [{ "id": new_id(), "identity": identity, "planned": planned }],
    }))
    .await;
}

#[tokio::test]
async fn sleep_is_held_off_from_shortly_before_a_due_time() {
    let stage = Stage::set(Services::ALL).await;
    let page = stage.open().await;
    plan(&page, 90).await;
    until("sleep is held off", || {
        stage
            .bus
            .inhibitors()
            .iter()
            .any(|held| held == "sleep Rostrum block")
    })
    .await;
    page.close().await;
}

#[tokio::test]
async fn a_post_far_ahead_lets_the_computer_sleep() {
    let stage = Stage::set(Services::ALL).await;
    let page = stage.open().await;
    plan(&page, 3600).await;
    page.see_next("On time.").await;
    assert_eq!(stage.bus.inhibitors(), Vec::<String>::new());
    // Waking up asks nothing of the person.
    stage.bus.wake().await;
    page.see_next("On time.").await;
    page.close().await;
}
