//! The program as a good citizen of a desktop.

use std::time::Duration;

use serde_json::json;

use crate::bus::Services;
use crate::stage::{Stage, until};

const TITLE: &str = "Rostrum";

#[tokio::test]
async fn the_window_comes_up_and_a_wish_to_end_ends_it_cleanly() {
    let stage = Stage::set(Services::ALL).await;
    let mut rostrum = stage.start(&[]);
    until("the window is on the screen", || stage.screen.shows(TITLE)).await;
    rostrum.signal("-TERM");
    assert_eq!(rostrum.ended(Duration::from_secs(10)).await, Some(0));
}

#[tokio::test]
async fn a_second_start_brings_the_first_window_up() {
    let stage = Stage::set(Services::ALL).await;
    let _first = stage.start(&["--hidden"]);
    until("the icon is in the tray", || {
        !stage.bus.tray_items().is_empty()
    })
    .await;
    assert!(!stage.screen.shows(TITLE));
    let mut second = stage.start(&[]);
    assert_eq!(second.ended(Duration::from_secs(10)).await, Some(0));
    until("the first window is on the screen", || {
        stage.screen.shows(TITLE)
    })
    .await;
}

#[tokio::test]
async fn without_tray_bus_services_or_keychain_the_window_still_opens() {
    let stage = Stage::set(Services::NONE).await;
    let mut rostrum = stage.start(&["--hidden"]);
    until("the window is there although it was to be hidden", || {
        stage.screen.shows(TITLE)
    })
    .await;
    rostrum.signal("-TERM");
    assert_eq!(rostrum.ended(Duration::from_secs(10)).await, Some(0));
}

#[tokio::test]
async fn closing_leaves_it_in_the_tray_and_a_click_on_a_notification_brings_it_back() {
    let stage = Stage::set(Services::ALL).await;
    let page = stage.open().await;
    until("the window is on the screen", || stage.screen.shows(TITLE)).await;

    stage.close_window(TITLE).await;
    let told = || {
        stage
            .bus
            .notified()
            .iter()
            .filter(|n| n.title.contains("tray"))
            .count()
    };
    until("the person is told where it went", || told() == 1).await;

    page.act(json!({ "type": "test_notification" })).await;
    let test = |n: &crate::bus::Notified| n.title == "Notifications arrive";
    until("a test arrives", || stage.bus.notified().iter().any(test)).await;
    let shown = stage
        .bus
        .notified()
        .into_iter()
        .find(test)
        .expect("it was shown");
    assert_eq!(shown.actions.first().map(String::as_str), Some("default"));
    stage.bus.click(shown.id).await;
    until("the click brings the window up", || {
        stage.screen.shows(TITLE)
    })
    .await;

    stage.close_window(TITLE).await;
    assert_eq!(told(), 1, "it is told once");
    page.close().await;
}
