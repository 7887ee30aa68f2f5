//! The main job: a creator writes, somebody approves, Rostrum publishes.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::bus::Services;
use crate::stage::{Stage, until};
use crate::steps::{
    ALT, PERSONA, history_and_audit_are_whole, noor_is_notified_and_approves, one_approver,
    phone_photo, tells_nothing_of_the_phone, until_patient,
};
use crate::window::Page;

/// First run: who speaks, how, and the first post on the local site.
async fn first_post(page: &Page, text: &str) {
    page.sees("Say it well. Say it once.").await;
    page.fill("Name of the voice", PERSONA).await;
    page.fill("Your own name", "Ada").await;
    page.shot("first-run").await;
    page.press("Next").await;
    page.sees("Pick what is nearest.").await;
    page.press("Next").await;
    page.fill("What it says first", text).await;
    page.attach("Add picture", &phone_photo()).await;
    page.fill("What the picture shows", ALT).await;
    page.shot("first-run-written").await;
    page.press("Publish to my site").await;
    page.sees("The day").await;
}

/// The folder of the local site.
async fn site(page: &Page) -> PathBuf {
    let accounts = page.query(json!({ "type": "accounts" })).await;
    let service = accounts[0]["service"]
        .as_str()
        .expect("the account has a folder");
    PathBuf::from(service)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| {
            let path = entry.path();
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// The site's Atom feed; empty while there is none.
fn feed(site: &Path) -> String {
    files(site)
        .into_iter()
        .find(|path| {
            path.extension()
                .is_some_and(|end| end == "xml" || end == "atom")
        })
        .and_then(|path| std::fs::read_to_string(path).ok())
        .unwrap_or_default()
}

/// The bytes of the one picture that the site shows.
fn published_picture(site: &Path) -> Vec<u8> {
    files(site)
        .into_iter()
        .find(|path| {
            path.extension()
                .is_some_and(|end| end == "jpg" || end == "jpeg")
        })
        .map(|path| std::fs::read(path).expect("the picture can be read"))
        .expect("the site has a picture")
}

#[tokio::test]
async fn a_creator_writes_an_approver_is_notified_and_approves_and_it_is_published() {
    let stage = Stage::set(Services::ALL).await;
    let page = stage.open().await;

    first_post(&page, "The snow line is 200 metres higher than in 1990.").await;
    let site = site(&page).await;
    until("the first post is in the feed", || {
        feed(&site).contains("snow line")
    })
    .await;
    tells_nothing_of_the_phone(&published_picture(&site));
    until("the desktop says so", || {
        stage
            .bus
            .notified()
            .iter()
            .any(|shown| shown.title.contains("Published"))
    })
    .await;
    page.shot("today").await;

    one_approver(&page).await;
    page.press("New post").await;
    page.write("Late snow: nine days behind at all four ridge stations.")
        .await;
    page.shot("compose").await;
    page.press("Submit for approval").await;

    noor_is_notified_and_approves(&stage, &page, "Late snow: nine days behind").await;
    until_patient("the second post is in the feed", || {
        feed(&site).contains("Late snow")
    })
    .await;
    history_and_audit_are_whole(&page).await;
    page.close().await;
}
