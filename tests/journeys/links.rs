//! Links of other programs: `rostrum://`.

use std::process::Stdio;
use std::time::Duration;

use crate::bus::Services;
use crate::stage::{Running, Stage, program, until};
use crate::steps::persona;

const LINK: &str = "rostrum://compose?text=Late%20snow%20%23alps";
const TEXT: &str = "Late snow #alps";

#[tokio::test]
async fn a_second_start_hands_its_link_to_the_first_window() {
    let stage = Stage::set(Services::ALL).await;
    let page = stage.open().await;
    persona(&page).await;
    page.press("Today").await;

    let mut second = stage.start(&[LINK]);
    assert_eq!(second.ended(Duration::from_secs(10)).await, Some(0));
    page.sees("Late snow").await;
    assert_eq!(page.written().await, TEXT);
    page.shot("link-compose").await;

    // Words are begun with, beside what is being written: nothing is lost or sent.
    page.rewrite("Words of my own").await;
    let mut third = stage.start(&["rostrum://compose?text=Other%20words"]);
    assert_eq!(third.ended(Duration::from_secs(10)).await, Some(0));
    page.sees("Other words").await;
    assert_eq!(page.written().await, "Other words");
    let wanted = serde_json::json!({"type": "queue", "filter": {}, "limit": 10});
    let queue = page.query(wanted).await;
    assert!(queue.to_string().contains("Words of my own"), "{queue}");
    assert!(!queue.to_string().contains("Other words"), "{queue}");

    let mut fourth = stage.start(&["rostrum://approvals"]);
    assert_eq!(fourth.ended(Duration::from_secs(10)).await, Some(0));
    page.sees("Posts that need your approval appear here.")
        .await;
    // What names no place leaves the window where it is.
    let mut fifth = stage.start(&["rostrum://settings/../../etc"]);
    assert_eq!(fifth.ended(Duration::from_secs(10)).await, Some(0));
    page.sees("Posts that need your approval appear here.")
        .await;
    page.close().await;
}

#[tokio::test]
async fn a_link_that_starts_the_program_is_followed() {
    let stage = Stage::set(Services::ALL).await;
    let page = stage.open().await;
    persona(&page).await;
    page.close().await;
    let page = stage.open_with(&[LINK]).await;
    page.sees("Late snow").await;
    assert_eq!(page.written().await, TEXT);
    page.close().await;
}

#[tokio::test]
async fn a_program_that_was_only_unpacked_makes_the_links_its_own() {
    if std::process::Command::new("xdg-mime")
        .arg("--version")
        .output()
        .is_err()
    {
        eprintln!("skipped: xdg-mime is not installed");
        return;
    }
    let stage = Stage::set(Services::ALL).await;
    // On the usual folder; one on a folder of its own leaves the links alone.
    let child = stage
        .command(&program())
        .env_remove("ROSTRUM_DATA")
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let _rostrum = Running(child);
    let entry = stage.share().join("applications/rostrum-handler.desktop");
    until("the desktop knows the links", || {
        std::fs::read_to_string(&entry)
            .is_ok_and(|text| text.contains("x-scheme-handler/rostrum") && text.contains("%u"))
    })
    .await;
    assert!(!stage.data().exists());
}
