//! The main job on Mastodon, against a stand-in of it: the sign-in goes through the browser.

use serde_json::json;
use testkit::standin::mastodon::Mastodon;

use crate::browser::browse;
use crate::bus::Services;
use crate::stage::Stage;
use crate::steps::{
    ALT, TEXT, history_and_audit_are_whole, noor_is_notified_and_approves, one_approver, persona,
    published_and_opened, until_patient, writes_with_a_picture,
};
use crate::window::Page;

const WARNING: &str = "Many figures";

/// The guided sheet: a no in the browser is told and keeps what was typed; a yes shows whose
/// account it is before it is kept.
async fn connect(stage: &Stage, page: &Page, server: &Mastodon) {
    let browser = reqwest::Client::new();
    page.press("Personas & accounts").await;
    page.press("Connect account").await;
    page.press("Mastodon").await;
    page.fill("Server", &server.url()).await;

    server.habits(|habits| habits.denies = true);
    page.press("Sign in in the browser").await;
    page.sees("Mastodon asks you in the browser").await;
    page.shot("mastodon-browser").await;
    let shown = browse(browser.clone(), &stage.opened().await).await;
    assert!(shown.contains("Rostrum was not let in"), "{shown}");
    page.sees("It was not allowed in the browser.").await;
    assert_eq!(page.value("Server").await, server.url(), "nothing is lost");

    server.habits(|habits| habits.denies = false);
    page.press("Sign in in the browser").await;
    let shown = browse(browser, &stage.opened().await).await;
    assert!(shown.contains("Go back to Rostrum"), "{shown}");
    page.sees("Is that you?").await;
    page.says("Mara Lindt").await;
    page.shot("mastodon-whose").await;
    page.press("Yes, connect it").await;
    page.says("Connected mara@social.example").await;
}

#[tokio::test]
async fn what_is_written_and_approved_in_the_window_is_at_mastodon_once_with_its_counts() {
    let server = Mastodon::by_this_clock();
    // A picture is worked on for a while.
    server.habits(|habits| habits.media_polls = 2);
    // The stand-in is on this machine, which Rostrum does not speak to unless told.
    let stage = Stage::set(Services::ALL)
        .await
        .with_browser()
        .with("ROSTRUM_LOCAL_CARDS", "true");
    let page = stage.open().await;
    persona(&page).await;
    connect(&stage, &page, &server).await;
    one_approver(&page).await;

    writes_with_a_picture(&page, 500).await;
    page.fill("Warning", WARNING).await;
    page.shot("mastodon-compose").await;
    assert_eq!(server.texts(), Vec::<String>::new(), "it is not approved");
    page.press("Submit for approval").await;
    noor_is_notified_and_approves(&stage, &page, "Late snow: nine days behind").await;

    until_patient("the post is at Mastodon", || !server.texts().is_empty()).await;
    published_and_opened(&stage, &page).await;
    assert_eq!(server.texts(), [TEXT], "it is there once");
    let post = &server.posts()[0];
    assert_eq!(post["media_attachments"][0]["description"], json!(ALT));
    assert_eq!(post["spoiler_text"], json!(WARNING));

    page.press("Read the counts now").await;
    page.row_says("Mastodon", &["Published", "3", "2", "0"])
        .await;
    page.shot("mastodon-live").await;
    history_and_audit_are_whole(&page).await;
    assert_eq!(server.texts(), [TEXT], "it is still there once");
    page.close().await;
}
