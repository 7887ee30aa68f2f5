//! What is done with what is out.

use crate::home::Home;

#[test]
fn a_text_takes_the_place_of_what_is_out() {
    let home = Home::new();
    let content = home.post("Fresh snow");
    home.work();
    let said = home.ok(&["--lang", "de", "update", &content, "--text", "Old snow"]);
    assert!(said.contains("aktualisiert"), "{said}");
    home.work();
    assert_eq!((home.entries(), home.entries_with("Old snow")), (1, 1));
    assert_eq!(home.status(&content), "published");
    let words = home.refused("wrong_state", &["update", &content]);
    assert!(words.contains("out already"), "{words}");
    // The text of a file; and only where it is live.
    let file = home.file("text", b"No snow\n");
    home.refused(
        "wrong_state",
        &[
            "update",
            &content,
            "--text-file",
            &file,
            "--to",
            "elsewhere",
        ],
    );
    let saved = home.json(&["update", &content, "--text-file", &file, "--to", "site"]);
    assert_eq!(saved["n"], 3, "{saved}");
    home.work();
    assert_eq!((home.entries(), home.entries_with("No snow")), (1, 1));
    let unsent = home.json(&["post", "--persona", "Hut", "--text", "x", "--draft"]);
    let unsent = unsent["content"].as_str().unwrap();
    home.refused("wrong_state", &["update", unsent, "--text", "y"]);
}

#[test]
fn an_update_waits_for_the_chain_and_what_is_typed_is_not_written_over() {
    let home = Home::new();
    let jo = home.json(&["person", "add", "--name", "Jo", "--role", "approver"]);
    home.mutate(&serde_json::json!({"type": "save_chain", "policy": {
        "id": app::core::new_id(), "revision": 1, "name": "Desk", "tolerance": 2880,
        "stages": [{"name": "Desk", "approvers": [{"type": "person", "id": jo["id"]}],
            "quorum": {"type": "any"}}]}}));
    let content = home.post("Fresh snow");
    home.work();
    home.json(&["update", &content, "--text", "Old snow", "--chain", "Desk"]);
    home.work();
    assert_eq!(home.entries_with("Fresh snow"), 1, "nobody has approved it");
    if let Some(said) = home.at_terminal(&["approve", &content, "--as", "Jo"], "y\n") {
        assert!(
            said.out.contains("Takes the place of what is out"),
            "{said:?}"
        );
    } else {
        home.ok(&["approve", &content, "--as", "Jo", "--version", "2"]);
    }
    home.work();
    assert_eq!((home.entries(), home.entries_with("Old snow")), (1, 1));

    let shown = home.json(&["show", &content]);
    let mut body = shown["version"]["doc"]["body"].clone();
    body["shared"]["segments"][0]["text"] = "being typed".into();
    home.mutate(
        &serde_json::json!({"type": "save_working_copy", "content": content,
        "persona": shown["row"]["persona"]["id"], "body": body, "base": 2}),
    );
    home.refused("conflict", &["update", &content, "--text", "x"]);
}

#[test]
fn a_redraft_deletes_what_is_out_and_keeps_its_words() {
    let home = Home::new();
    let content = home.post("Fresh snow");
    home.work();
    let saved = home.json(&["redraft", &content]);
    let draft = saved["content"].as_str().unwrap().to_owned();
    assert_ne!(draft, content);
    home.work();
    assert_eq!(home.entries(), 0);
    assert_eq!(home.status(&draft), "draft");
    let shown = home.json(&["show", &draft]);
    let text = &shown["working"]["body"]["shared"]["segments"][0]["text"];
    assert_eq!(text, "Fresh snow");
    home.refused("wrong_state", &["redraft", &content]);
    // With two of them live, each gets a draft of its own.
    let second = home.at("second");
    let path = second.to_str().unwrap();
    home.ok(&[
        "account",
        "add",
        "--persona",
        "Hut",
        "--network",
        "site",
        "--path",
        path,
    ]);
    let both = home.post("Twice");
    home.work();
    let words = home.refused("invalid_input", &["redraft", &both]);
    assert!(words.contains("--to"), "{words}");
}
