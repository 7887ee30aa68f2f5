//! What several journeys do: the parts of the main job.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::bus::Notified;
use crate::stage::{Stage, until};
use crate::window::{Page, new_id};

/// The window's title.
pub(crate) const TITLE: &str = "Rostrum";
/// Whose voice the journeys write for.
pub(crate) const PERSONA: &str = "Firnline Institute";
/// What is written for the networks.
pub(crate) const TEXT: &str = "Late snow: nine days behind at all four ridge stations. #snow";
/// What the phone photo shows.
pub(crate) const ALT: &str = "A glacier in the morning light";

/// A file of the journeys' own.
pub(crate) fn picture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/journeys/pictures")
        .join(name)
}

/// A photo as a phone makes it: lying on its side, with the place where it was taken.
pub(crate) fn phone_photo() -> PathBuf {
    picture("phone.jpg")
}

/// Nothing that the phone noted travels with the picture.
pub(crate) fn tells_nothing_of_the_phone(picture: &[u8]) {
    for said in [&b"Firnphone"[..], b"Exif", b"GPS"] {
        let told = picture.windows(said.len()).any(|part| part == said);
        assert!(
            !told,
            "the published picture still says {}",
            said.escape_ascii()
        );
    }
}

/// First run without a post: a persona with its site.
pub(crate) async fn persona(page: &Page) {
    page.sees("Say it well. Say it once.").await;
    page.fill("Name of the voice", PERSONA).await;
    page.fill("Your own name", "Ada").await;
    page.press("Skip, look around").await;
    page.sees("The day").await;
}

/// A second person who approves, and a chain with one stage for the persona.
pub(crate) async fn one_approver(page: &Page) {
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

/// A post with the phone photo is written; one sign more than the network takes could not be sent.
pub(crate) async fn writes_with_a_picture(page: &Page, limit: usize) {
    page.press("Compose").await;
    page.write(&"x".repeat(limit + 1)).await;
    page.sees(&format!("{} of {limit}", limit + 1)).await;
    page.press_dead("Submit for approval").await;
    page.rewrite(TEXT).await;
    page.attach("Add pictures", &phone_photo()).await;
    page.press("Say what it shows").await;
    page.fill("Alt text of phone.jpg", ALT).await;
    page.press("Done").await;
}

/// The approver is notified while the window is away, a click on it leads to the post, and the
/// post is approved.
pub(crate) async fn noor_is_notified_and_approves(stage: &Stage, page: &Page, headline: &str) {
    let waits = |shown: &Notified| shown.title.contains("waits for Noor");
    until("the approver is notified", || {
        stage.bus.notified().iter().any(waits)
    })
    .await;
    // The window has arrived where the submit leads; a click before would be led away again.
    page.sees("Open the request").await;
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
    page.sees(headline).await;
    page.shot("approvals").await;
    // The keyboard's own undo time has to pass before the decision is sent.
    page.press("Hand over to").await;
    page.press("Noor").await;
    page.press("Approve").await;
}

/// The desktop says that it is published, and a click on that leads to the post.
pub(crate) async fn published_and_opened(stage: &Stage, page: &Page) {
    let published = |shown: &Notified| shown.title.contains("Published");
    until_patient("the desktop says so", || {
        stage.bus.notified().iter().any(published)
    })
    .await;
    let shown = stage.bus.notified().into_iter().find(published);
    stage.bus.click(shown.expect("it was shown").id).await;
    page.sees("no counts yet").await;
}

/// The history names every step, and nobody has touched it.
pub(crate) async fn history_and_audit_are_whole(page: &Page) {
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
}

/// As [`until`], for what comes after the time in which a decision can be taken back.
pub(crate) async fn until_patient(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..200 {
        if so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{what}: not within twenty seconds");
}
