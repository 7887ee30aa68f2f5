//! What a person at a terminal sees, and what stored text must not do there.

use serde_json::json;

use crate::home::Home;

/// Clears the screen, and turns the direction of what follows.
const EVIL: &str = "Snow\u{1b}[2J\u{9b}2J \u{202e}evil";

fn is_tame(said: &str) {
    for c in ['\u{1b}', '\u{9b}', '\u{202e}'] {
        assert!(!said.contains(c), "{said:?}");
    }
}

#[test]
fn stored_text_moves_nothing_at_a_terminal_and_reads_back_as_it_was() {
    let home = Home::new();
    let content = home.post(EVIL);
    home.work();
    for args in [&["list"][..], &["show", &content], &["runs"]] {
        is_tame(&home.ok(args));
        is_tame(&home.ok(&[args, &["--json"]].concat()));
    }
    assert!(home.ok(&["show", &content]).contains("\\u{1b}[2J"));
    let shown = home.json(&["show", &content]);
    let text = &shown["version"]["doc"]["body"]["shared"]["segments"][0]["text"];
    assert_eq!(text, EVIL);
    let said = home.run(&["person", "add", "--name", "M\u{1b}[1mara"]);
    is_tame(&said.out);
    let said = home.run(&["--as", "N\u{1b}obody", "list"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("\\u{1b}"), "{said:?}");
}

#[test]
fn who_approves_at_a_terminal_sees_all_that_goes_out() {
    let home = Home::new();
    let jo = home.json(&["person", "add", "--name", "Jo", "--role", "approver"]);
    home.mutate(&json!({"type": "save_chain", "policy": {
        "id": app::core::new_id(), "revision": 1, "name": "Desk", "tolerance": 2880,
        "stages": [{"name": "Desk", "approvers": [{"type": "person", "id": jo["id"]}],
            "quorum": {"type": "any"}}]}}));
    let photo = home.file("snow.jpg", &media::testing::phone_photo());
    let saved = home.json(&[
        "post",
        "--persona",
        "Hut",
        "--title",
        "The slab",
        "--text",
        EVIL,
        "--media",
        &photo,
        "--alt",
        "A hut\u{202e} in the snow",
        "--content-warning",
        "Avalanche",
        "--made-with-ai",
        "--at",
        "2031-03-01T08:30",
        "--chain",
        "Desk",
    ]);
    let request = saved["request"].as_str().unwrap();
    let content = saved["content"].as_str().unwrap();
    let ask = |typed: &str, lang: &str| {
        home.at_terminal(&["--lang", lang, "approve", request, "--as", "Jo"], typed)
    };
    let Some(said) = ask("n\n", "en") else {
        return;
    };
    assert_eq!(said.code, 1, "{said:?}");
    is_tame(&said.out);
    for part in [
        "version 1",
        "Hut · Mara · Desk",
        "2031-03-01T07:30:00",
        "Europe/Berlin",
        "up to 48 h later",
        "Title: The slab",
        "Warning: Avalanche",
        "\\u{202e}evil",
        "snow.jpg image/jpeg",
        "A hut\\u{202e} in the snow",
        "Approve this? [y/N]",
    ] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
    assert_eq!(home.status(content), "in_review");
    let said = ask("j\n", "de").unwrap();
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("Freigeben? [j/N]"), "{said:?}");
    assert_eq!(home.status(content), "scheduled");
}
