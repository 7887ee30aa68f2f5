//! The main job on Bluesky, against a real server.

use std::time::Duration;

use serde_json::{Value, json};

use crate::bus::Services;
use crate::peer::Peer;
use crate::stage::{Stage, until};
use crate::steps::{
    ALT, TEXT, history_and_audit_are_whole, noor_is_notified_and_approves, one_approver, persona,
    tells_nothing_of_the_phone, writes_with_a_picture,
};
use crate::window::Page;

/// The guided sheet: a wrong password says what to do and keeps what was typed, the right one
/// connects.
async fn connect(page: &Page, peer: &Peer) {
    page.press("Personas & accounts").await;
    page.press("Connect account").await;
    page.press("Bluesky").await;
    page.press("App password").await;
    page.refill("Service", peer.text("/service")).await;
    page.fill("Handle", peer.text("/accounts/alice/handle"))
        .await;
    page.fill("App password", "aaaa-bbbb-cccc-dddd").await;
    page.press("Connect").await;
    page.sees("make a new app password in the network's settings")
        .await;
    page.shot("bluesky-wrong-password").await;
    assert_eq!(page.value("Handle").await, "alice.test", "nothing is lost");

    page.refill("App password", peer.text("/accounts/alice/app_password"))
        .await;
    page.press("Test").await;
    page.sees("Nothing was posted.").await;
    page.shot("bluesky-works").await;
    page.press("Connect").await;
    page.sees("Connected alice.test").await;
    page.shot("bluesky-connected").await;
}

/// The one post, once it is there.
async fn post(peer: &Peer) -> Value {
    for _ in 0..300 {
        let mut posts = peer.posts(peer.text("/accounts/alice/did")).await;
        assert!(posts.len() < 2, "it is there twice");
        if let Some(post) = posts.pop() {
            return post["value"].clone();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no post within thirty seconds");
}

#[tokio::test]
async fn what_is_written_and_approved_in_the_window_is_at_bluesky_with_its_picture() {
    let Some(peer) = Peer::start(false) else {
        return;
    };
    // The peer is on this machine, which Rostrum does not speak to unless told.
    let stage = Stage::set(Services::ALL)
        .await
        .with("ROSTRUM_LOCAL_CARDS", "true");
    let page = stage.open().await;
    persona(&page).await;
    connect(&page, &peer).await;
    one_approver(&page).await;

    writes_with_a_picture(&page, 300).await;
    page.shot("bluesky-compose").await;
    assert_eq!(
        peer.posts(peer.text("/accounts/alice/did")).await,
        Vec::<Value>::new(),
        "nothing goes out before it is approved"
    );
    page.press("Submit for approval").await;
    noor_is_notified_and_approves(&stage, &page, "Late snow: nine days behind").await;

    let post = post(&peer).await;
    assert_eq!(post["text"], json!(TEXT));
    let image = &post["embed"]["images"][0];
    assert_eq!(image["alt"], json!(ALT));
    let ratio = &image["aspectRatio"];
    assert!(
        ratio["height"].as_u64() > ratio["width"].as_u64(),
        "it stands upright: {ratio}"
    );
    let bytes = peer
        .blob(
            peer.text("/accounts/alice/did"),
            image["image"]["ref"]["$link"].as_str().unwrap(),
        )
        .await;
    assert_eq!(image["image"]["size"], json!(bytes.len()));
    tells_nothing_of_the_phone(&bytes);

    until("the desktop says so", || {
        stage
            .bus
            .notified()
            .iter()
            .any(|shown| shown.title.contains("Published"))
    })
    .await;
    page.press("Queue").await;
    page.shot("bluesky-live").await;
    history_and_audit_are_whole(&page).await;
    page.close().await;
}

impl Peer {
    /// The bytes of a picture as the server keeps them.
    async fn blob(&self, did: &str, cid: &str) -> Vec<u8> {
        let url = format!(
            "{}/xrpc/com.atproto.sync.getBlob?did={did}&cid={cid}",
            self.text("/service")
        );
        let answer = reqwest::get(url).await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.bytes().await.unwrap().to_vec()
    }
}
