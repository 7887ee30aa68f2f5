//! Bad input: a clear error that says what to do, and nothing lost.

use std::io::Write as _;

use crate::home::Home;

fn post<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["post", "--persona", "Hut"], more].concat()
}

/// Nothing was begun on the way.
fn empty(home: &Home) {
    assert_eq!(home.json(&["list"])["rows"].as_array().unwrap().len(), 0);
}

#[test]
fn an_unknown_network_is_told_with_those_that_there_are() {
    let home = Home::new();
    let words = home.refused(
        "unknown_network",
        &[
            "account",
            "add",
            "--persona",
            "Hut",
            "--network",
            "myspace",
            "--handle",
            "mara",
        ],
    );
    assert!(
        words.contains("site") && words.contains("bluesky"),
        "{words}"
    );
    // X wants an app of one's own.
    home.refused(
        "invalid_input",
        &["account", "add", "--persona", "Hut", "--network", "x"],
    );
    let text = home.file("t", b"x");
    home.refused(
        "unknown_network",
        &["count", "--network", "myspace", "--text-file", &text],
    );
}

#[test]
fn a_dead_service_is_told() {
    let home = Home::new();
    let args = [
        "account",
        "add",
        "--persona",
        "Hut",
        "--network",
        "bluesky",
        "--service",
        "http://127.0.0.1:1",
        "--handle",
        "mara.test",
        "--app-password-stdin",
        "--json",
    ];
    let said = home.run_with(&args, "abcd-efgh-ijkl-mnop\n");
    assert!(
        said.code == 1 && said.out.contains("\"unreachable\""),
        "{said:?}"
    );
    assert!(said.out.contains("Check the address"), "{said:?}");
    assert_eq!(
        home.json(&["account", "list"]).as_array().unwrap().len(),
        1,
        "nothing was added"
    );
}

#[test]
fn pictures_that_cannot_be_used_are_told_with_the_way_out() {
    let home = Home::new();
    let mut huge = b"\x89PNG\r\n\x1a\n".to_vec();
    let side = 60_000_u32.to_be_bytes();
    huge.extend(media::testing::png_chunk(
        b"IHDR",
        &[&side[..], &side[..], &[8, 2, 0, 0, 0]].concat(),
    ));
    huge.extend(media::testing::png_chunk(
        b"IDAT",
        &[0x78, 0x9c, 3, 0, 0, 0, 0, 1],
    ));
    huge.extend(media::testing::png_chunk(b"IEND", &[]));
    let photo = media::testing::phone_photo();
    let heic = b"\0\0\0\x1cftypheic\0\0\0\0mif1heicmiaf\0\0\0\0mdat".to_vec();
    for (name, bytes, code, hint) in [
        ("huge.png", huge, "media_too_large", ""),
        (
            "cut.jpg",
            photo[..photo.len() / 2].to_vec(),
            "media_corrupt",
            "",
        ),
        ("empty.jpg", vec![], "media_corrupt", ""),
        ("photo.heic", heic, "media_unsupported", "JPEG"),
        (
            "text.jpg",
            b"this is no picture at all".to_vec(),
            "media_unsupported",
            "",
        ),
    ] {
        let file = home.file(name, &bytes);
        let words = home.refused(
            code,
            &post(&["--text", "x", "--media", &file, "--alt", "y"]),
        );
        assert!(words.contains(hint), "{words}");
    }
    let none = home.at("none.jpg");
    home.refused(
        "invalid_input",
        &post(&["--text", "x", "--media", none.to_str().unwrap()]),
    );
    empty(&home);
}

#[test]
fn an_oversize_file_is_refused() {
    let home = Home::new();
    let path = home.at("large.png");
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(b"\x89PNG\r\n\x1a\n").unwrap();
    file.set_len((100 << 20) + 1).unwrap();
    home.refused(
        "media_too_large",
        &post(&["--text", "x", "--media", path.to_str().unwrap()]),
    );
    empty(&home);
}

#[test]
fn a_text_over_the_limit_is_counted_as_the_sender_counts() {
    let home = Home::new();
    let text = home.file("long", "word ".repeat(100).as_bytes());
    for network in ["x", "bluesky"] {
        let count = home.json(&["count", "--network", network, "--text-file", &text]);
        assert!(
            count["length"].as_u64() > count["limit"].as_u64(),
            "{count}"
        );
        assert_eq!(count["issues"][0]["severity"], "error", "{count}");
    }
    let count = home.json(&["count", "--network", "site", "--text-file", &text]);
    assert!(
        count["limit"].is_null() && count["issues"] == serde_json::json!([]),
        "{count}"
    );
    home.refused("has_errors", &post(&["--text", "  ", "--now"]));
    home.refused(
        "invalid_input",
        &["count", "--network", "x", "--text-file", "/none"],
    );
}

#[test]
fn a_time_in_the_past_is_refused_and_the_skipped_hour_moves_on() {
    let home = Home::new();
    home.refused("invalid_input", &post(&["--text", "x", "--at", "tomorrow"]));
    empty(&home);
    home.refused(
        "time_in_past",
        &post(&["--text", "kept", "--at", "2020-01-01T10:00:00Z"]),
    );
    // What was typed is not lost, and does not go out.
    home.work();
    let rows = home.json(&["list"])["rows"].clone();
    assert_eq!(
        (rows[0]["headline"].as_str(), rows[0]["status"].as_str()),
        (Some("kept"), Some("draft"))
    );
    assert_eq!(home.entries(), 0);
    // 02:30 does not exist on that night in Berlin.
    let saved = home.json(&post(&["--text", "x", "--at", "2027-03-28T02:30"]));
    let shown = home.json(&["show", saved["content"].as_str().unwrap()]);
    let planned = &shown["deliveries"][0]["target"]["planned"];
    assert_eq!(planned["shift"], "gap", "{planned}");
    assert_eq!(planned["at"], "2027-03-28T01:30:00.000Z", "{planned}");
    assert_eq!(planned["wall"], "2027-03-28T02:30", "the intention is kept");
}
