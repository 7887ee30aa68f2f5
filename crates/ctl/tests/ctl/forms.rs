//! Each form of the command line, for people and for scripts.

use serde_json::json;

use crate::home::Home;

#[test]
fn a_post_walks_from_the_command_line_to_the_feed_and_away() {
    let home = Home::new();
    let photo = home.file("snow.jpg", &media::testing::phone_photo());
    let saved = home.json(&[
        "post",
        "--persona",
        "Hut",
        "--text",
        "Fresh snow",
        "--media",
        &photo,
        "--alt",
        "A hut in the snow",
        "--to",
        "site",
        "--now",
    ]);
    assert_eq!(saved["status"], "scheduled");
    let id = saved["content"].as_str().unwrap();
    home.work();
    let shown = home.json(&["show", id]);
    assert_eq!(shown["row"]["status"], "published");
    assert!(
        shown["deliveries"][0]["publications"][0]["url"].is_string(),
        "{shown}"
    );
    assert!(home.ok(&["show", id]).contains("Published"));
    assert_eq!(home.entries_with("Fresh snow"), 1);
    let feed = std::fs::read_to_string(home.site().join("feed.xml")).unwrap();
    assert!(
        feed.contains("A hut in the snow"),
        "the alt text goes along"
    );

    home.ok(&["delete", id, "--to", "site"]);
    home.work();
    assert_eq!(home.entries(), 0);
    home.refused("wrong_state", &["delete", id]);
    let history =
        home.query(&json!({"type": "history", "subject": format!("content:{id}"), "limit": 50}));
    assert!(history["entries"].as_array().unwrap().len() > 3);
    let check = home.query(&json!({"type": "verify_audit"}));
    assert!(check.get("broken").is_none(), "{check}");
}

#[test]
fn options_go_with_a_post_or_say_why_not() {
    let home = Home::new();
    fn post<'a>(options: &[&'a str]) -> Vec<&'a str> {
        let start = ["post", "--persona", "Hut", "--text", "The slab broke."];
        [&start[..], options].concat()
    }
    home.ok(&post(&["--content-warning", "Avalanche", "--made-with-ai"]));
    home.work();
    let feed = std::fs::read_to_string(home.site().join("feed.xml")).unwrap();
    assert!(
        feed.contains("&lt;summary&gt;Avalanche&lt;/summary&gt;"),
        "{feed}"
    );

    for narrow in ["unlisted", "followers", "direct"] {
        home.refused("has_errors", &post(&["--visibility", narrow]));
    }
    let poll = ["--poll", "North", "South", "--poll-minutes", "60"];
    home.refused("has_errors", &post(&poll));
    assert_eq!(home.entries(), 1);

    let draft = [&poll[..], &["--replies", "nobody", "--draft"]].concat();
    let saved = home.json(&post(&draft));
    let content = json!({"type": "content", "id": saved["content"]});
    let kept = home.query(&content);
    assert_eq!(
        kept["version"]["doc"]["body"]["shared"]["options"],
        json!({"replies": "nobody", "poll": {"choices": ["North", "South"], "minutes": 60}})
    );
}

#[test]
fn people_decide_from_the_command_line() {
    let home = Home::new();
    let jo = home.json(&["person", "add", "--name", "Jo", "--role", "approver"]);
    let policy = json!({"type": "save_chain", "policy": {
        "id": app::core::new_id(), "revision": 1, "name": "Desk", "tolerance": 2880,
        "stages": [{"name": "Desk", "approvers": [{"type": "person", "id": jo["id"]}],
            "quorum": {"type": "any"}}]}});
    home.mutate(&policy);
    let post = |text: &str| {
        let saved = home.json(&[
            "post",
            "--persona",
            "Hut",
            "--text",
            text,
            "--now",
            "--chain",
            "Desk",
        ]);
        assert_eq!(saved["status"], "in_review");
        (
            saved["content"].as_str().unwrap().to_owned(),
            saved["request"].as_str().unwrap().to_owned(),
        )
    };
    let (content, request) = post("One");
    let seen = ["--version", "1"];
    home.refused("own_work", &[&["approve", &request][..], &seen].concat());
    // Nothing is approved beside what somebody has said to have looked at.
    let jo = |args: &[&'static str]| {
        let mut all = vec!["approve", request.as_str(), "--as", "Jo"];
        all.extend(args);
        all.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>()
    };
    let refused = |code, args: &[&'static str]| {
        let all = jo(args);
        home.refused(code, &all.iter().map(String::as_str).collect::<Vec<_>>())
    };
    refused("stale_version", &["--version", "2"]);
    refused("stale_version", &["--hash", "00000000"]);
    refused("stale_version", &["--version", "1", "--hash", "00000000"]);
    refused("invalid_input", &["--hash", "0"]);
    assert_eq!(home.status(&content), "in_review");
    let hash = home.json(&["show", &content])["request"]["hash"].clone();
    let digits = &hash.as_str().unwrap()[..8];
    home.ok(&["approve", &request, "--as", "Jo", "--hash", digits]);
    assert_eq!(home.status(&content), "scheduled");
    home.refused(
        "request_closed",
        &["approve", &content, "--as", "Jo", "--version", "1"],
    );

    let (content, _) = post("Two");
    home.ok(&[
        "request-changes",
        &content,
        "--comment",
        "shorter",
        "--as",
        "Jo",
    ]);
    assert_eq!(home.status(&content), "changes_requested");
    let (content, request) = post("Three");
    home.json(&["reject", &request, "--comment", "no", "--as", "Jo"]);
    assert_eq!(home.status(&content), "rejected");
    home.work();
    assert_eq!((home.entries(), home.entries_with("One")), (1, 1));
    let list = home.json(&["list", "--status", "rejected", "--limit", "10"]);
    assert_eq!(list["rows"][0]["id"], content.as_str());
    assert!(home.ok(&["list", "--search", "thr"]).contains("Three"));
    let verified = home.json(&["verify"]);
    assert!(verified["entries"].as_u64().unwrap() > 5, "{verified}");
    // Nobody may verify what they may not read.
    home.ok(&["person", "add", "--name", "Vi", "--role", "viewer"]);
    let said = home.run_with(
        &["query", "-", "--as", "Vi", "--json"],
        r#"{"type":"verify_audit"}"#,
    );
    assert!(said.code == 1 && said.out.contains("forbidden"), "{said:?}");
}

#[test]
fn what_is_planned_is_cancelled_and_stays_away() {
    let home = Home::new();
    let saved = home.json(&[
        "post",
        "--persona",
        "Hut",
        "--text",
        "Later",
        "--at",
        "2098-01-01T10:00:00Z",
    ]);
    let id = saved["content"].as_str().unwrap();
    home.ok(&["cancel", id]);
    home.work();
    assert_eq!(home.entries(), 0);
    home.refused("wrong_state", &["cancel", id]);
}

#[test]
fn runs_backup_counts_and_raw_json_answer() {
    let home = Home::new();
    let content = home.post("Hello");
    home.work();
    let runs = home.json(&["runs", "--limit", "20"]);
    let run = runs["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["content"] == content.as_str());
    let id = run.expect("its run names the content")["id"]
        .as_str()
        .unwrap();
    assert_eq!(home.json(&["run", "show", id])["row"]["id"], id);
    assert!(!home.ok(&["run", "show", id]).is_empty() && !home.ok(&["runs"]).is_empty());

    let backup = home.at("b.tar");
    assert!(
        home.json(&["backup", backup.to_str().unwrap()])["bytes"]
            .as_u64()
            .unwrap()
            > 0
    );
    home.refused("wrong_state", &["release"]);
    let text = home.file("text", "é https://example.com/a-long-address".as_bytes());
    for (network, length) in [("x", 25), ("bluesky", 36), ("mastodon", 25)] {
        let count = home.json(&["count", "--network", network, "--text-file", &text]);
        assert!(
            count["limit"].is_number() && count["issues"].is_array(),
            "{count}"
        );
        assert_eq!(count["length"], length, "{network}");
    }
    assert_eq!(home.json(&["account", "list"]).as_array().unwrap().len(), 1);
    assert_eq!(home.json(&["persona", "list"])[0]["profile"]["name"], "Hut");
    assert_eq!(home.json(&["person", "list"])[0]["name"], "Mara");
    let call =
        json!({"id": app::core::new_id(), "mutation": {"type": "set_paused", "paused": true}});
    assert_eq!(
        home.mutate(&call),
        home.mutate(&call),
        "the same id answers the same"
    );
}

#[test]
fn wrong_words_are_usage_and_refusals_have_a_code() {
    let home = Home::new();
    for args in [
        &["fly"][..],
        &["post"],
        &["post", "--persona", "Hut"],
        &["approve"],
        &["list", "--limit", "x"],
    ] {
        assert_eq!(home.run(args).code, 2, "{args:?}");
    }
    let said = home.run(&["show", &app::core::new_id().to_string()]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("[not_found]"), "{said:?}");
    home.refused("invalid_input", &["show", "no-id"]);
    home.refused("not_found", &["post", "--persona", "Nobody", "--text", "x"]);
    home.refused("not_found", &["list", "--as", "Nobody"]);
    home.refused("invalid_input", &["list", "--status", "flying"]);
    let said = home.run_with(&["mutate", "-", "--json"], "{\"type\":\"fly\"}");
    assert!(
        said.code == 1 && said.out.contains("invalid_input"),
        "{said:?}"
    );
}

#[test]
fn people_read_words_in_their_language() {
    let home = Home::new();
    let content = home.post("Hello");
    home.work();
    let shown = |lang: &str| home.ok(&["--lang", lang, "show", &content]);
    assert!(shown("en").contains("Published"), "{}", shown("en"));
    assert!(shown("de").contains("Veröffentlicht"), "{}", shown("de"));
    let long = home.file("long", "a ".repeat(200).as_bytes());
    let count = |lang: &[&str]| {
        let args = ["count", "--network", "x", "--text-file", &long];
        home.ok(&[lang, &args[..]].concat())
    };
    let (english, german) = (count(&["--lang", "en"]), count(&["--lang", "de"]));
    assert!(!english.contains("text_too_long"), "{english}");
    assert!(english.contains('X') && german.contains('X'), "{german}");
    assert_ne!(english, german);
    // Without a choice it is the system's.
    for (lang, like) in [("de_DE.UTF-8", &german), ("C.UTF-8", &english)] {
        let mut command = home.command(&["count", "--network", "x", "--text-file", &long]);
        command.env("LC_ALL", lang);
        let out = command.output().unwrap();
        assert_eq!(String::from_utf8(out.stdout).unwrap(), *like, "{lang}");
    }
    // What is wrong is said for each account by its name.
    let poll = [
        "post",
        "--persona",
        "Hut",
        "--now",
        "--poll",
        "A",
        "B",
        "--text",
        "x",
    ];
    let said = home.run(&[&["--lang", "de"][..], &poll].concat());
    assert_eq!(said.code, 1, "{said:?}");
    assert!(!said.err.contains("poll_unsupported"), "{said:?}");
    assert!(said.err.contains("Umfrage"), "{said:?}");
    let said = home.run(&["--lang", "de", "show", &app::core::new_id().to_string()]);
    assert!(
        said.err.contains("[not_found]") && !said.err.contains("rostrumctl: not_found"),
        "{said:?}"
    );
    let script = home.json(&["--lang", "de", "show", &content]);
    assert_eq!(script["row"]["status"], "published", "scripts read names");
}

#[test]
fn who_comes_after_the_person_of_the_computer_has_left_is_named_in_the_history() {
    let home = Home::new();
    let mara = home.json(&["person", "list"])[0]["id"].clone();
    let jo = home.json(&["person", "add", "--name", "Jo", "--role", "owner"]);
    home.mutate(&json!({"type": "deactivate_person", "id": mara}));
    home.refused("nobody_here", &["list", "--as", "Jo"]);
    let jo = jo["id"].as_str().unwrap();
    home.ok(&["--as", jo, "persona", "add", "--name", "Ridge"]);
    let query = json!({"type": "history", "limit": 2});
    let said = home.run_with(&["--as", jo, "query", "-"], &query.to_string());
    let history: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let actions: Vec<_> = history["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["action"].as_str().unwrap(), &entry["person"]["id"]))
        .collect();
    assert_eq!(actions[0], ("persona_added", &json!(jo)));
    assert_eq!(actions[1], ("person_came", &json!(jo)));
}
