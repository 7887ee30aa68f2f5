//! The end of the log, for a report of trouble: without secrets and without what people wrote.
//!
//! Nothing is searched for and blotted out. A line is put together anew from what cannot hold
//! either: its time and level, the program's own words (`tests/house.rs` keeps them free of
//! values), numbers, ids, and set phrases that are looked for in the rest.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// Where our own words come from: the crates of this house.
const OURS: [&str; 9] = [
    "app", "db", "domain", "engine", "media", "networks", "protocol", "rostrum", "store",
];

/// What is worth telling of an error whose words may quote anything.
const PHRASES: [&str; 31] = [
    "address already in use",
    "broken pipe",
    "certificate",
    "connection closed",
    "connection refused",
    "connection reset",
    "database is locked",
    "database or disk is full",
    "decoding",
    "dns error",
    "expired",
    "failed to lookup address",
    "foreign key constraint",
    "handshake",
    "host unreachable",
    "http2",
    "is a directory",
    "malformed",
    "network is unreachable",
    "no space left",
    "no such file",
    "not found",
    "permission denied",
    "read-only file system",
    "service unknown",
    "timed out",
    "took too long",
    "too many open files",
    "tunnel",
    "unique constraint",
    "unknownissuer",
];

/// One line of the log as it is written.
#[derive(Deserialize)]
struct Line {
    timestamp: String,
    level: String,
    target: String,
    /// In one order, whichever a map of JSON keeps in this build.
    fields: BTreeMap<String, Value>,
}

/// The last lines of the newest file in `folder`, oldest first, with nothing in them that is
/// secret or that somebody wrote.
#[must_use]
pub fn last_lines(folder: &Path, most: usize) -> Vec<String> {
    let newest = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.path().is_file())
        .max_by_key(|entry| entry.metadata().and_then(|m| m.modified()).ok());
    let Some(text) = newest.and_then(|entry| std::fs::read_to_string(entry.path()).ok()) else {
        return Vec::new();
    };
    let mut lines: Vec<String> = text.lines().rev().filter_map(told).take(most).collect();
    lines.reverse();
    lines
}

/// A line as a stranger may read it; nothing of a line that is not the log's own.
fn told(line: &str) -> Option<String> {
    let line: Line = serde_json::from_str(line).ok()?;
    let ours = OURS.contains(&line.target.split("::").next().unwrap_or_default());
    let mut told = format!("{} {} {}:", line.timestamp, line.level, line.target);
    match line.fields.get("message") {
        Some(Value::String(words)) if ours => told += &format!(" {words}"),
        Some(words) => told += &format!(" {}", safe(words)),
        None => {}
    }
    for (name, value) in line.fields.iter().filter(|(name, _)| *name != "message") {
        told += &format!(" {name}={}", safe(value));
    }
    Some(told)
}

/// What a value may tell: a number, an id, else its length and the set phrases in it.
fn safe(value: &Value) -> String {
    let Value::String(words) = value else {
        return match value {
            Value::Bool(_) | Value::Number(_) | Value::Null => value.to_string(),
            _ => "(…)".to_owned(),
        };
    };
    if uuid::Uuid::parse_str(words).is_ok() || words.parse::<i64>().is_ok() {
        return words.clone();
    }
    let small = words.to_lowercase();
    let mut said = vec![format!("{} characters", words.chars().count())];
    said.extend(
        PHRASES
            .into_iter()
            .filter(|phrase| small.contains(phrase))
            .map(str::to_owned),
    );
    said.extend(number_after(&small, "os error "));
    format!("({})", said.join(", "))
}

/// `os error 13`, where that stands.
fn number_after(words: &str, before: &str) -> Option<String> {
    let digits: String = words
        .split_once(before)?
        .1
        .chars()
        .take_while(char::is_ascii_digit)
        .take(5)
        .collect();
    (!digits.is_empty()).then(|| format!("{before}{digits}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(target: &str, fields: &Value) -> String {
        json!({
            "timestamp": "2026-11-25T10:00:00.000000Z", "level": "WARN",
            "fields": fields, "target": target,
        })
        .to_string()
    }

    fn read(lines: &[String]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("rostrum.log"), lines.join("\n")).unwrap();
        last_lines(folder.path(), 3)
    }

    #[test]
    fn the_last_lines_come_in_their_order() {
        let lines: Vec<String> = (1..=5)
            .map(|n| {
                line(
                    "engine::pulse",
                    &json!({ "message": "the wall clock jumped", "by_ms": n }),
                )
            })
            .collect();
        assert_eq!(
            read(&lines),
            [3, 4, 5].map(|n| format!(
                "2026-11-25T10:00:00.000000Z WARN engine::pulse: the wall clock jumped by_ms={n}"
            ))
        );
    }

    #[test]
    fn what_helps_to_find_the_cause_stays() {
        let id = uuid::Uuid::from_u128(7);
        let error = "error sending request: Connection refused (os error 111)";
        let said = read(&[line(
            "app::error",
            &json!({ "message": "unforeseen", "trace_id": id.to_string(), "cause": error }),
        )]);
        let expected = format!(
            "unforeseen cause=(56 characters, connection refused, os error 111) trace_id={id}"
        );
        assert!(said[0].ends_with(&expected), "{said:?}");
    }

    #[test]
    fn secrets_and_texts_are_in_no_line() {
        let planted = [
            "xyzw-abcd-efgh-ijkl",
            "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJkaWQ6cGxjOmFiYyJ9.c2ln",
            "Late snow at the ridge",
            "Late snow\nat the \"ridge\"",
            "ada@example.org",
            "/home/ada/Posts/late snow.txt",
            "https://ada:pass@example.org/?token=abc",
        ];
        for secret in planted {
            let error = format!("the server said: {secret} (os error 2)");
            let lines = [
                line(
                    "app",
                    &json!({ "message": "not kept", "error": error, "text": secret }),
                ),
                line(
                    "app",
                    &json!({ "message": "not kept", "all": [secret], "in": { "it": secret } }),
                ),
                line("hyper::client", &json!({ "message": error })),
                format!("{secret} without a form"),
                secret.to_owned(),
            ];
            let said = read(&lines).join("\n");
            for part in secret.split(['\n', '"', ' ']).filter(|part| part.len() > 2) {
                assert!(!said.contains(part), "{part} is in {said}");
            }
        }
    }
}
