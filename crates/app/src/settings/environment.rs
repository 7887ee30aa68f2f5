//! `ROSTRUM_*` variables as settings.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// A variable that names a setting.
pub(super) struct Found {
    pub(super) variable: String,
    pub(super) key: &'static str,
    pub(super) value: Result<Value, String>,
}

type Reader = fn(&str) -> Result<Value, String>;

/// Shortcuts are for people and have no variable.
const KEYS: [(&str, Reader); 15] = [
    ("appearance", word),
    ("language", word),
    ("high_contrast", switch),
    ("person", word),
    ("muted", list),
    ("quiet_hours", hours),
    ("urgent_in_quiet", switch),
    ("start_at_login", switch),
    ("close_to_tray", switch),
    ("single_keys", switch),
    ("proxy", word),
    ("extra_ca", word),
    ("local_cards", switch),
    ("models_here_only", switch),
    ("fallback_model", word),
];

pub(super) fn values(environment: &BTreeMap<String, String>) -> Vec<Found> {
    KEYS.iter()
        .filter_map(|(key, read)| {
            let variable = format!("ROSTRUM_{}", key.to_ascii_uppercase());
            let text = environment.get(&variable)?;
            Some(Found {
                value: read(text.trim()),
                variable,
                key,
            })
        })
        .collect()
}

#[expect(clippy::unnecessary_wraps, reason = "one shape for all readers")]
fn word(text: &str) -> Result<Value, String> {
    Ok(json!(text))
}

#[expect(clippy::unnecessary_wraps, reason = "one shape for all readers")]
fn list(text: &str) -> Result<Value, String> {
    let words: Vec<&str> = text
        .split(',')
        .map(str::trim)
        .filter(|w| !w.is_empty())
        .collect();
    Ok(json!(words))
}

fn switch(text: &str) -> Result<Value, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(json!(true)),
        "0" | "false" | "no" | "off" => Ok(json!(false)),
        _ => Err(format!("“{text}” is neither true nor false")),
    }
}

/// `22:00-07:00`, or `off`.
fn hours(text: &str) -> Result<Value, String> {
    if matches!(text.to_ascii_lowercase().as_str(), "off" | "none" | "") {
        return Ok(Value::Null);
    }
    let minutes = |part: &str| -> Option<u16> {
        let (hour, minute) = part.trim().split_once(':')?;
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        (hour < 24 && minute < 60).then_some(hour * 60 + minute)
    };
    let both = text
        .split_once('-')
        .and_then(|(from, to)| Some((minutes(from)?, minutes(to)?)));
    let (from, to) = both.ok_or_else(|| format!("“{text}” is not like 22:00-07:00"))?;
    Ok(json!({ "from": from, "to": to }))
}
