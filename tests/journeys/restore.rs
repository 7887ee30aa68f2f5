//! A backup taken back in the window, while Rostrum runs.

use std::time::Duration;

use serde_json::json;

use crate::bus::Services;
use crate::stage::Stage;
use crate::steps::{PERSONA, persona};

#[tokio::test]
async fn a_backup_says_what_it_holds_and_comes_back_while_nothing_is_sent() {
    let stage = Stage::set(Services::ALL).await;
    let page = stage.open().await;
    persona(&page).await;
    page.press("Settings").await;
    page.press("Storage & backup").await;
    page.press("Back up now").await;
    page.sees("by hand").await;

    // What comes after the backup is not in it.
    let personas = page.query(json!({ "type": "personas" })).await;
    let mut profile = personas[0]["profile"].clone();
    profile["name"] = json!("Somebody else");
    page.mutate(json!({ "type": "save_persona", "id": personas[0]["id"], "profile": profile }))
        .await;

    page.press_that_begins("Restore the backup of").await;
    page.sees("What is here now moves aside").await;
    page.sees("by Rostrum").await;
    page.shot("restore-preview").await;
    page.answer("Restore it").await;
    page.sees("The backup is in place.").await;
    page.shot("restore-done").await;

    let overview = page.query(json!({ "type": "overview" })).await;
    assert_eq!(overview["personas"][0]["persona"]["name"], PERSONA);
    assert_eq!(overview["runtime"]["held"], true);
    page.answer("This computer sends now").await;
    page.sees("Send from this computer?").await;
    page.answer("This computer sends now").await;
    for _ in 0..100 {
        let overview = page.query(json!({ "type": "overview" })).await;
        if overview["runtime"]["held"] == false {
            page.close().await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it is still held");
}
