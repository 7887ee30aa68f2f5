//! The main job: a creator writes, somebody approves, Rostrum publishes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::bus::Services;
use crate::stage::{Stage, until};
use crate::window::{Page, new_id};

const TITLE: &str = "Rostrum";
const PERSONA: &str = "Firnline Institute";

/// A photo as a phone makes it: lying on its side, with the place where it was taken.
fn phone_photo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journeys/pictures/phone.jpg")
}

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
    page.fill("What the picture shows", "A glacier in the morning light")
        .await;
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

/// A second person who approves, and a chain with one stage for the persona.
async fn one_approver(page: &Page) {
    let noor = new_id();
    page.mutate(json!({ "type": "add_person", "id": noor, "name": "Noor", "role": "approver" }))
        .await;
    let chain = new_id();
    page.mutate(json!({ "type": "save_chain", "policy": {
        "id": chain, "name": "Second pair of eyes", "revision": 1,
        "stages": [{
            "name": "Review",
            "approvers": [{ "type": "person", "id": noor }],
            "quorum": { "type": "any" },
        }],
        "authors_may_approve": false,
        "tolerance": 2880,
    } }))
    .await;
    let personas = page.query(json!({ "type": "personas" })).await;
    let persona = &personas[0];
    page.mutate(json!({
        "type": "save_persona", "id": persona["id"], "profile": persona["profile"],
        "chain": chain,
    }))
    .await;
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
    let picture = published_picture(&site);
    for said in [&b"Firnphone"[..], b"Exif", b"GPS"] {
        let told = picture.windows(said.len()).any(|part| part == said);
        assert!(
            !told,
            "the published picture still says {}",
            said.escape_ascii()
        );
    }
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

    let waits = |shown: &crate::bus::Notified| shown.title.contains("waits for Noor");
    until("the approver is notified", || {
        stage.bus.notified().iter().any(waits)
    })
    .await;
    stage.close_window(TITLE).await;
    let shown = stage
        .bus
        .notified()
        .into_iter()
        .find(waits)
        .expect("it was shown");
    assert!(
        shown.body.contains(PERSONA),
        "it says for whom: {}",
        shown.body
    );
    stage.bus.click(shown.id).await;
    until("the click brings the window up", || {
        stage.screen.shows(TITLE)
    })
    .await;
    page.sees("Late snow: nine days behind").await;
    page.shot("approvals").await;

    // The keyboard's own undo time has to pass before the decision is sent.
    page.press("Hand over to").await;
    page.press("Noor").await;
    page.press("Approve").await;
    until_patient("the second post is in the feed", || {
        feed(&site).contains("Late snow")
    })
    .await;

    let history = page.query(json!({ "type": "history", "limit": 200 })).await;
    let actions: Vec<&str> = history["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .filter_map(|entry| entry["action"].as_str())
        .collect();
    for action in ["approval_requested", "approval_granted", "published"] {
        assert!(
            actions.iter().any(|a| a.contains(action)),
            "{action} is not in {actions:?}"
        );
    }
    let audit = page.query(json!({ "type": "verify_audit" })).await;
    assert_eq!(audit["broken"], Value::Null, "the audit holds");
    page.close().await;
}

async fn until_patient(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..200 {
        if so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{what}: not within twenty seconds");
}
