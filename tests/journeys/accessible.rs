//! What a screen reader is told of the real window while the main job is done in it.

use crate::bus::Services;
use crate::reader::{Reader, Told};
use crate::stage::Stage;
use crate::steps::{one_approver, persona};

const TEXT: &str = "Late snow: nine days behind at all four ridge stations.";
/// What leads to a place.
const WAYS: [&str; 2] = ["link", "button"];

/// Things of the page that a person can do something with, which say no name.
fn nameless(all: &[Told]) -> Vec<&Told> {
    let acts = [
        "button",
        "link",
        "textbox",
        "searchbox",
        "checkbox",
        "radio",
        "tab",
        "combobox",
        "menuitem",
        "slider",
        "switch",
        "option",
    ];
    all.iter()
        .filter(|told| acts.contains(&told.role.as_str()) && told.name.trim().is_empty())
        .collect()
}

async fn all_have_names(reader: &Reader, place: &str) {
    let all = reader.reads().await;
    assert!(all.len() > 30, "{place} tells nothing: {all:?}");
    let none: Vec<&Told> = Vec::new();
    assert_eq!(nameless(&all), none, "{place}");
}

#[tokio::test]
async fn a_screen_reader_is_told_what_there_is_and_what_happens() {
    let stage = Stage::set(Services::ALL).await.with("NO_AT_BRIDGE", "0");
    let Some(reader) = Reader::start(&stage).await else {
        return;
    };
    let page = stage.open().await;

    reader.finds(&["textbox"], "Name of the voice").await;
    all_have_names(&reader, "the first run").await;
    persona(&page).await;
    one_approver(&page).await;

    // The places are in a navigation, beside the main part.
    for place in [
        "Today",
        "Calendar",
        "Queue",
        "Approvals",
        "Personas & accounts",
        "Settings",
    ] {
        let told = reader.finds(&WAYS, place).await;
        let within = &told.within;
        assert!(
            within.iter().any(|role| role == "navigation"),
            "{place}: {within:?}"
        );
        page.press(place).await;
        reader
            .finds_that(&format!("the heading of {place}"), |told| {
                told.role == "heading" && told.within.iter().any(|role| role == "main")
            })
            .await;
        all_have_names(&reader, place).await;
    }

    // A sheet is a dialog with its title.
    page.press("Personas & accounts").await;
    reader.finds(&["button"], "Connect account").await;
    page.press("Connect account").await;
    reader.finds(&["dialog"], "Connect an account").await;
    all_have_names(&reader, "the sheet that connects").await;
    reader.finds(&["button"], "Close").await;
    page.press("Close").await;

    // Writing: the composer's text has a name, takes words and gives them back.
    page.press("Compose").await;
    let field = reader.finds(&["textbox"], "Text").await;
    page.write(TEXT).await;
    assert_eq!(reader.text(&field).await, TEXT);
    all_have_names(&reader, "the composer").await;
    reader.finds(&["button"], "Submit for approval").await;
    page.press("Submit for approval").await;

    // What happened is read out.
    reader.hears("Submitted").await;
    page.close().await;
}
