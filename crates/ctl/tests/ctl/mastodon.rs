//! A Mastodon account from the command line: connected with a token, posted to, deleted from.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use app::{Clock as _, SystemClock};
use testkit::standin::mastodon::Mastodon;

use crate::home::Home;

fn server() -> Mastodon {
    Mastodon::start(Arc::new(|| SystemClock.wall()))
}

#[test]
fn a_token_connects_an_account_that_posts_and_deletes() {
    let home = Home::new();
    let server = server();
    let url = server.url();
    let mut add = vec![
        "account",
        "add",
        "--persona",
        "Hut",
        "--network",
        "mastodon",
        "--instance",
        &url,
        "--json",
    ];
    add.push("--token-stdin");
    let wrong = home.run_with(&add, "nonsense\n");
    assert_eq!(wrong.code, 1, "{wrong:?}");
    assert!(wrong.out.contains("wrong_credentials"), "{wrong:?}");
    let token = server.token();
    let added = home.run_with(&add, &format!("{token}\n"));
    assert_eq!(added.code, 0, "{added:?}");
    assert!(!added.out.contains(&token) && !added.err.contains(&token));
    let to = "mara@social.example";
    let args = [
        "post",
        "--persona",
        "Hut",
        "--text",
        "Late snow",
        "--to",
        to,
        "--now",
    ];
    let saved = home.json(&args);
    let content = saved["content"].as_str().unwrap();
    home.work();
    assert_eq!(home.status(content), "published");
    assert_eq!(server.texts(), ["Late snow"]);
    home.ok(&["delete", content]);
    home.work();
    assert!(server.texts().is_empty());
    // Handed off, the server keeps it; cancelled, it gives it back.
    let at = domain::Instant(SystemClock.wall()).plus(2 * domain::time::HOUR);
    let at = at.to_string();
    let later = [
        "post",
        "--persona",
        "Hut",
        "--text",
        "More snow",
        "--to",
        to,
        "--at",
        &at,
        "--hand-off",
    ];
    let saved = home.json(&later);
    let content = saved["content"].as_str().unwrap();
    home.work();
    assert_eq!(home.status(content), "scheduled");
    assert_eq!(server.scheduled(), ["More snow"]);
    home.ok(&["cancel", content]);
    home.work();
    assert!(server.scheduled().is_empty() && server.texts().is_empty());
    let words = home.refused(
        "invalid_input",
        &[
            "account",
            "add",
            "--persona",
            "Hut",
            "--network",
            "mastodon",
            "--method",
            "telepathy",
        ],
    );
    assert!(words.contains("oauth, token"), "{words}");
}

/// Reads an address, following one redirect to a page on this computer.
fn browse(address: &str) -> String {
    let rest = address.strip_prefix("http://").unwrap();
    let (host, target) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{target} HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let next = answer.lines().find_map(|l| l.strip_prefix("location: "));
    next.map_or(answer.clone(), browse)
}

#[test]
fn the_page_to_agree_on_is_printed_and_the_account_is_there_when_one_has_agreed() {
    let home = Home::new();
    let server = server();
    let url = server.url();
    let args = [
        "account",
        "add",
        "--persona",
        "Hut",
        "--network",
        "mastodon",
        "--instance",
        &url,
    ];
    // Nobody sits at a terminal who could say whose account the browser brought.
    home.refused("invalid_input", &args);
    let named = ["--yes", "--handle", "mara@social.example"];
    let mut child = home
        .command(&[&args[..], &named].concat())
        .env("ROSTRUM_LOG", "error")
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("http") {
        line.clear();
        assert!(
            said.read_line(&mut line).unwrap() > 0,
            "no page was printed"
        );
    }
    let page = browse(line.trim());
    assert!(page.contains("Go back to Rostrum"), "{page}");
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success());
    let out = String::from_utf8(ended.stdout).unwrap();
    assert!(out.contains("mara@social.example"), "{out}");
}
