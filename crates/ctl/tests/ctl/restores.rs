//! An older backup in the place of the folder: nothing is doubled, nothing goes before a person
//! says which computer sends.

use crate::home::Home;

#[test]
fn a_restored_folder_holds_until_release_and_doubles_nothing() {
    let home = Home::new();
    let first = home.post("First");
    home.work();
    let second = home.post("Second");
    let backup = home.at("b.tar");
    let backup = backup.to_str().unwrap();
    home.ok(&["backup", backup]);
    home.work();
    home.post("Third");
    home.work();
    assert_eq!(home.entries(), 3);

    let restored = home.json(&["restore", backup]);
    assert!(
        restored["aside"].is_string(),
        "what was there is kept: {restored}"
    );
    home.work();
    assert_eq!(home.entries(), 3);
    assert_eq!(home.status(&first), "published");
    assert_ne!(home.status(&second), "published", "it is held");
    // A role that may not, may not lift the hold either.
    home.ok(&["person", "add", "--name", "Vi", "--role", "viewer"]);
    home.refused("forbidden", &["release", "--as", "Vi"]);
    home.work();
    assert_ne!(home.status(&second), "published", "it is still held");

    assert_eq!(home.json(&["release"])["done"], "released");
    home.work();
    // It may have gone out from the folder's other self: a person looks first.
    let shown = home.json(&["show", &second]);
    assert_eq!(
        shown["deliveries"][0]["target"]["status"], "missed",
        "{shown}"
    );
    assert_eq!(home.entries(), 3);
    let delivery = &shown["deliveries"][0]["target"]["delivery"];
    home.mutate(&serde_json::json!({"type": "send_now", "delivery": delivery}));
    home.post("Fourth");
    home.work();
    assert_eq!(
        home.status(&second),
        "published",
        "the same text in the same place is what is published"
    );
    assert_eq!(
        (home.entries(), home.entries_with("Second")),
        (4, 1),
        "nothing is doubled"
    );
}

#[test]
fn who_may_not_manage_people_brings_none_back_and_the_history_says_who_did() {
    let home = Home::new();
    let backup = home.at("b.tar");
    let backup = backup.to_str().unwrap();
    home.ok(&["backup", backup]);
    home.ok(&["person", "add", "--name", "Ada", "--role", "approver"]);
    home.ok(&["person", "add", "--name", "Adam", "--role", "admin"]);
    home.refused("forbidden", &["restore", backup, "--as", "Ada"]);
    home.refused("not_found", &["restore", backup, "--as", "Nobody"]);
    let people = home.json(&["person", "list"]);
    assert_eq!(people.as_array().unwrap().len(), 3, "nothing changed");
    let adam = people
        .as_array()
        .unwrap()
        .iter()
        .find(|p| p["name"] == "Adam")
        .unwrap()["id"]
        .clone();
    home.ok(&["restore", backup, "--as", "Adam"]);
    assert_eq!(
        home.json(&["person", "list"]).as_array().unwrap().len(),
        1,
        "the backup knows one"
    );
    let query = home.file("history.json", br#"{"type": "history", "limit": 1}"#);
    let history = home.json(&["query", &query]);
    let entry = &history["entries"][0];
    assert_eq!(entry["action"], "backup_restored", "{history}");
    assert_eq!(entry["person"]["id"], adam, "the backup need not know them");
    assert_eq!(entry["args"]["head"].as_str().unwrap().len(), 64);
    let query = home.file("verify.json", br#"{"type": "verify_audit"}"#);
    let audit = home.json(&["query", &query]);
    assert!(audit["broken"].is_null(), "{audit}");
}

#[test]
fn an_older_history_put_back_by_hand_is_found() {
    let home = Home::new();
    let database = home.data().join("rostrum.sqlite");
    std::fs::copy(&database, home.at("older")).unwrap();
    home.ok(&["person", "add", "--name", "Ada"]);
    home.ok(&["verify"]);
    std::fs::copy(home.at("older"), &database).unwrap();
    let words = home.refused("audit_broken", &["verify"]);
    assert!(words.contains("saw last"), "{words}");
}

#[test]
fn what_is_no_backup_is_refused_and_changes_nothing() {
    let home = Home::new();
    let content = home.post("Here");
    let file = home.file("no.tar", b"this is no backup");
    home.refused("bad_backup", &["restore", &file]);
    let none = home.at("none.tar");
    let said = home.run(&["restore", none.to_str().unwrap()]);
    assert_eq!(said.code, 1, "{said:?}");
    assert_eq!(home.status(&content), "scheduled");
}
