//! Posts that the server keeps for their time
//! (<https://docs.joinmastodon.org/methods/scheduled_statuses/>).

use std::time::Duration;

use domain::Instant;
use domain::version::PreparedSegment;
use serde_json::{Value, json};

use super::api::{self, Api};
use super::post::{Hand, not_opened, rejected, time_left};
use super::read::{self, id};
use crate::contract::{FindInput, Found, NetworkError, Outcome, Recalled};
use crate::http::Call;

const PATH: &str = "api/v1/scheduled_statuses";

/// A scheduled post must be at least so far ahead
/// (<https://docs.joinmastodon.org/methods/statuses/#create>, `scheduled_at`). How many there may be
/// (25 for a day and 300 in all, by Mastodon's own `app/models/scheduled_status.rb`) the server says
/// in its refusal.
pub(super) const AHEAD: Duration = Duration::from_secs(5 * 60);

/// Since which release the time is kept as it must be. Before, one that was less than [`AHEAD`] away
/// was published at once instead of refused (<https://github.com/mastodon/mastodon/pull/30584>), and
/// the key did not keep a repeat from being a second post
/// (<https://github.com/mastodon/mastodon/pull/30084>). Of software that only speaks the same API
/// neither is known.
pub(super) const SINCE: (u32, u32) = (4, 3);

/// The most that a server gives at once, and how many pages are read: all 300.
const PAGE: usize = 40;
const PAGES: usize = 8;

/// How far apart the time that was asked for and the one that is kept may be, in milliseconds:
/// servers keep whole seconds.
const NEAR: i64 = 1_000;

/// What to ask with later about what an answer says is kept. A post that is out has its content
/// beside, also where it names a time.
pub(super) fn handle(answer: &Value) -> Option<Value> {
    let kept = answer.get("scheduled_at").is_some_and(Value::is_string);
    let kept = kept && answer.get("content").is_none();
    kept.then(|| id(answer))
        .flatten()
        .map(|id| json!({"scheduled": id}))
}

fn path(handle: &Value) -> Result<String, NetworkError> {
    let id = handle.get("scheduled").and_then(Value::as_str);
    // It becomes a part of an address: an id and nothing else.
    let id = id.filter(|id| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric()));
    let id = id.ok_or_else(|| NetworkError::Unreadable("this is no scheduled post".to_owned()))?;
    Ok(format!("{PATH}/{id}"))
}

/// Whether the server has such posts at all: one that has not would publish at once.
pub(super) async fn check(api: &Api<'_>, hand: Hand<'_>) -> Result<(), Outcome> {
    let url = api.url(PATH, &[("limit", "1")]).map_err(not_opened)?;
    let call = Call::get(url).timeout(time_left(hand)?);
    let reply = api.ask(call).await.map_err(not_opened)?;
    match reply.status {
        404 | 405 | 410 | 501 => Err(rejected(
            "keeps_no_time",
            "This server keeps no post for its time.",
        )),
        _ => match api.value(&reply) {
            Ok(Value::Array(_)) => Ok(()),
            Ok(_) => Err(rejected("keeps_no_time", &api::words(&reply))),
            Err(error) => Err(not_opened(error)),
        },
    }
}

/// What became of what the server keeps. That it keeps it no more does not say that it is out:
/// Mastodon forgets it before it makes the post (`app/workers/publish_scheduled_status_worker.rb`).
pub(super) async fn poll(api: &Api<'_>, handle: &Value) -> Outcome {
    let there = async { api.get(&path(handle)?, &[]).await };
    match there.await {
        Ok(Some(_)) => Outcome::Pending(handle.clone()),
        Ok(None) => Outcome::Ambiguous {
            why: "The server does not keep it any more.".to_owned(),
        },
        Err(NetworkError::NeedsReconnect { words }) => Outcome::NeedsReconnect { words },
        Err(NetworkError::Throttled { retry_after }) => Outcome::Throttled { retry_after },
        Err(error) => Outcome::NotSent {
            why: error.to_string(),
        },
    }
}

/// Takes it back, and reads back that it is gone.
pub(super) async fn recall(api: &Api<'_>, handle: &Value) -> Result<Recalled, NetworkError> {
    let path = path(handle)?;
    let reply = api.ask(Call::delete(api.url(&path, &[])?)).await?;
    if matches!(reply.status, 404 | 410) {
        return Ok(Recalled::NotThere);
    }
    // The answer to a deletion may be empty: only that it is no refusal counts.
    if !reply.is_success() {
        api.value(&reply)?;
    }
    match api.get(&path, &[]).await? {
        None => Ok(Recalled::GivenBack),
        Some(_) => Err(NetworkError::Unreadable(
            "the server keeps it all the same".to_owned(),
        )),
    }
}

/// Looks among what the server keeps for what an attempt may have written.
pub(super) async fn find(
    api: &Api<'_>,
    input: FindInput<'_>,
    at: Instant,
) -> Result<Option<Found>, NetworkError> {
    let Some(segment) = input.target.segments.get(input.attempt.segment as usize) else {
        return Ok(None);
    };
    let mut found = Vec::new();
    let mut before: Option<String> = None;
    for _ in 0..PAGES {
        let limit = PAGE.to_string();
        let mut query = vec![("limit", limit.as_str())];
        query.extend(before.as_deref().map(|id| ("max_id", id)));
        // A server without such posts keeps none.
        let Some(Value::Array(page)) = api.get(PATH, &query).await? else {
            break;
        };
        found.extend(
            page.iter()
                .filter(|one| is(one, segment, at))
                .filter_map(handle),
        );
        before = page.last().and_then(read::id);
        if page.len() < PAGE || before.is_none() {
            break;
        }
    }
    Ok(match found.as_slice() {
        [] => None,
        [one] => Some(Found::Kept(one.clone())),
        many => Some(Found::Several(many.len())),
    })
}

/// Whether a scheduled post has the words, the pictures and the time of a segment
/// (<https://docs.joinmastodon.org/entities/ScheduledStatus/>).
pub(super) fn is(one: &Value, segment: &PreparedSegment, at: Instant) -> bool {
    let time = one.get("scheduled_at").and_then(Value::as_str);
    let time = time.and_then(|at| chrono::DateTime::parse_from_rfc3339(at).ok());
    let text = one.pointer("/params/text").and_then(Value::as_str);
    let pictures = one.get("media_attachments").and_then(Value::as_array);
    time.is_some_and(|time| (time.timestamp_millis() - at.0).abs() <= NEAR)
        && text.is_some_and(|text| text.trim() == segment.text.trim())
        && pictures.map_or(0, Vec::len) == segment.media.len()
}
