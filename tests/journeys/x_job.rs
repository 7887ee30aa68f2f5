//! The main job on X, against a stand-in of it. X has one address, so the test's house leads it to
//! the stand-in: through the proxy and by the certificate that the settings name.

use testkit::standin::x::{CALLBACK, CLIENT, HANDLE, XStandIn, method};

use crate::browser::browse;
use crate::bus::Services;
use crate::house_proxy::House;
use crate::stage::Stage;
use crate::steps::{
    ALT, TEXT, history_and_audit_are_whole, noor_is_notified_and_approves, one_approver, persona,
    published_and_opened, until_patient, writes_with_a_picture,
};
use crate::window::Page;

/// The guided sheet names the address to come back to, takes the person's own app, and says which
/// permission it did not get.
async fn connect(stage: &Stage, page: &Page, house: &House, server: &XStandIn) {
    page.press("Personas & accounts").await;
    page.press("Connect account").await;
    page.choose_network("X").await;
    page.says(CALLBACK).await;
    page.fill("Client ID", CLIENT).await;

    server.withhold("media.write");
    page.press("Sign in in the browser").await;
    page.sees("X asks you in the browser").await;
    let asked = stage.opened().await;
    assert!(
        asked.starts_with("https://x.com/i/oauth2/authorize?"),
        "{asked}"
    );
    browse(house.browser(), &asked).await;
    page.sees("Something that Rostrum needs was not allowed.")
        .await;
    page.sees("media.write").await;
    page.shot("x-scope").await;
    assert_eq!(page.value("Client ID").await, CLIENT, "nothing is lost");

    server.grant_all();
    page.press("Sign in in the browser").await;
    let shown = browse(house.browser(), &stage.opened().await).await;
    assert!(shown.contains("Go back to Rostrum"), "{shown}");
    page.sees("Is that you?").await;
    page.shot("x-whose").await;
    page.press("Yes, connect it").await;
    page.says(&format!("Connected {HANDLE}")).await;

    // Reading counts costs money at X: it is off until somebody switches it on.
    page.press(&format!("More for {HANDLE}")).await;
    page.press_item("Read counts, ").await;
}

#[tokio::test]
async fn what_is_written_and_approved_in_the_window_is_at_x_once_with_its_counts() {
    let server = XStandIn::start().expect("a port");
    let at = server.url().replace("http://", "");
    let house = House::around(&["api.x.com", "x.com"], at).await;
    let stage = Stage::set(Services::ALL)
        .await
        .with_browser()
        .with("ROSTRUM_PROXY", &house.proxy())
        .with("ROSTRUM_EXTRA_CA", House::root().to_str().expect("a path"));
    let page = stage.open().await;
    persona(&page).await;
    connect(&stage, &page, &house, &server).await;
    one_approver(&page).await;

    writes_with_a_picture(&page, 280).await;
    // What it costs is seen before it goes.
    page.says("$0.0").await;
    page.shot("x-compose").await;
    assert_eq!(server.posts().len(), 0, "it is not approved");
    page.press("Submit for approval").await;
    noor_is_notified_and_approves(&stage, &page, "Late snow: nine days behind").await;

    until_patient("the post is at X", || !server.posts().is_empty()).await;
    published_and_opened(&stage, &page).await;
    let posts = server.posts();
    assert_eq!(posts.len(), 1, "it is there once");
    assert_eq!(posts[0].text, TEXT);
    assert_eq!(posts[0].media, [ALT]);

    page.press("Read the counts now").await;
    page.row_says("X", &["Published", "3", "4", "0", "250"])
        .await;
    page.shot("x-live").await;
    history_and_audit_are_whole(&page).await;
    assert_eq!(server.calls(method::CREATE), 1, "it was asked for once");
    page.close().await;
}
