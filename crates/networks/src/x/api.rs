//! X's API v2: addresses, refusals and waits.

use std::time::Duration;

use chrono::DateTime;
use domain::Instant;
use reqwest::Url;
use reqwest::header::DATE;
use serde_json::Value;

use crate::contract::{NetworkError, Outcome};
use crate::http::{NoReply, Reply};

/// The address of a method.
pub(super) fn url(base: &Url, path: &str, query: &[(&str, &str)]) -> Result<Url, NetworkError> {
    let mut url = base
        .join(path)
        .map_err(|e| NetworkError::Unreadable(e.to_string()))?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url)
}

pub(super) fn unreachable(no: NoReply) -> NetworkError {
    NetworkError::Unreachable {
        host: "X".to_owned(),
        why: no.why,
    }
}

/// What an answer that is no success means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum No {
    /// The access token is not taken (401).
    Token,
    /// The app has no credits left, or has reached its spending limit or usage cap (402, or a
    /// usage cap with 403 or 429).
    Credits,
    /// The same was posted before (403): evidence, not proof.
    Duplicate,
    /// The app, its access or the account may not do this (403).
    Permission,
    /// Later (429).
    Wait(Option<Duration>),
    /// It is not there (404).
    Missing,
    /// It is too large (413).
    Size,
    /// The request itself is wrong (400, 422).
    Request,
    /// Anything else: nothing follows from it.
    Unknown,
}

/// A refusal with X's own words.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) no: No,
    pub(super) words: String,
    status: u16,
    kind: String,
}

impl Refusal {
    /// Reads an answer that is no success:
    /// <https://docs.x.com/x-api/fundamentals/response-codes-and-errors>. The words of a duplicate
    /// refusal have no type of their own; both known forms say “duplicate”.
    pub(super) fn of(reply: &Reply) -> Self {
        let body = reply.json().unwrap_or(Value::Null);
        let text = |at: &str| body.pointer(at).and_then(Value::as_str).map(str::trim);
        let words = [
            "/errors/0/message",
            "/detail",
            "/errors/0/detail",
            "/error_description",
            "/message",
            "/title",
            "/error",
        ]
        .iter()
        .find_map(|at| text(at).filter(|w| !w.is_empty()))
        .map_or_else(|| format!("X answered {}.", reply.status), str::to_owned);
        let kind = text("/type")
            .and_then(|t| t.rsplit('/').next())
            .unwrap_or_default()
            .to_owned();
        let lower = words.to_lowercase();
        let capped = kind == "usage-capped" || kind == "credits";
        let no = match reply.status {
            401 => No::Token,
            402 => No::Credits,
            403 if lower.contains("duplicate") => No::Duplicate,
            403 | 429 if capped => No::Credits,
            403 => No::Permission,
            429 => No::Wait(wait(reply)),
            404 => No::Missing,
            413 => No::Size,
            400 | 422 => No::Request,
            _ => No::Unknown,
        };
        Self {
            no,
            words,
            status: reply.status,
            kind,
        }
    }

    /// The refusal of a write whose body was sent. X answers these before it writes anything,
    /// except where it says nothing that can be relied on.
    pub(super) fn of_write(self) -> Outcome {
        let code = match self.no {
            No::Token => return Outcome::NeedsReconnect { words: self.words },
            No::Wait(retry_after) => return Outcome::Throttled { retry_after },
            No::Duplicate | No::Unknown => return Outcome::Ambiguous { why: self.words },
            No::Credits => "no_credits",
            No::Permission => "not_permitted",
            No::Missing => "not_found",
            No::Size => "too_large",
            No::Request => "invalid",
        };
        Outcome::Rejected {
            code,
            words: self.words,
        }
    }

    /// The refusal of a call that writes nothing, or may be repeated.
    pub(super) fn of_read(self) -> NetworkError {
        let code = match self.no {
            No::Token => return NetworkError::NeedsReconnect { words: self.words },
            No::Wait(retry_after) => return NetworkError::Throttled { retry_after },
            No::Unknown if self.status >= 500 => {
                return NetworkError::Unreachable {
                    host: "X".to_owned(),
                    why: self.words,
                };
            }
            No::Credits => "no_credits".to_owned(),
            No::Permission | No::Duplicate => "not_permitted".to_owned(),
            _ if self.kind.is_empty() => self.status.to_string(),
            _ => self.kind,
        };
        NetworkError::Refused {
            code,
            words: self.words,
        }
    }
}

/// How long to wait: until the latest reset of the windows that are used up
/// (<https://docs.x.com/x-api/fundamentals/rate-limits>), by X's own clock. The 24-hour windows
/// have headers of their own, and their end is what counts when they are the ones.
fn wait(reply: &Reply) -> Option<Duration> {
    let number =
        |name: &str| -> Option<i64> { reply.headers.get(name)?.to_str().ok()?.trim().parse().ok() };
    let used_up =
        |window: &str| number(&format!("{window}-remaining")).is_none_or(|left| left <= 0);
    let windows = ["x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour"];
    let reset = |window: &&str| number(&format!("{window}-reset"));
    let end = windows
        .iter()
        .filter(|window| used_up(window))
        .filter_map(reset)
        .max()
        .or_else(|| windows.iter().find_map(reset));
    let now = time_of(reply).map(|at| at.0 / 1000);
    end.zip(now)
        .map(|(end, now)| Duration::from_secs(u64::try_from(end - now).unwrap_or(0)))
        .or_else(|| reply.retry_after())
}

/// When X answered, by its own clock.
pub(super) fn time_of(reply: &Reply) -> Option<Instant> {
    let date = reply.headers.get(DATE)?.to_str().ok()?;
    let at = DateTime::parse_from_rfc2822(date).ok()?;
    Some(Instant(at.timestamp_millis()))
}

/// The JSON of a success, or the error.
pub(super) fn value(reply: &Reply) -> Result<Value, NetworkError> {
    if !reply.is_success() {
        return Err(Refusal::of(reply).of_read());
    }
    if reply.body.is_empty() {
        return Ok(Value::Null);
    }
    reply
        .json()
        .ok_or_else(|| NetworkError::Unreadable("the answer is no JSON".to_owned()))
}
