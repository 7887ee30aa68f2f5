//! Sending a post, and saying precisely what became of it.

use std::time::Duration;

use domain::content::Replies;
use domain::version::{PreparedSegment, PreparedTarget};
use serde_json::{Map, Value, json};

use super::api::{self, Refusal};
use super::media;
use super::session::Session;
use crate::contract::{AccountFacts, NetworkError, Outcome, Remote, SubmitInput, ThreadContext};
use crate::http::Call;

const TIME_IS_UP: &str = "the time for this attempt ran out";

/// The outcome when nothing was sent yet because of `error`.
pub(super) fn not_opened(error: NetworkError) -> Outcome {
    match error {
        NetworkError::NeedsReconnect { words } => Outcome::NeedsReconnect { words },
        NetworkError::Throttled { retry_after } => Outcome::Throttled { retry_after },
        NetworkError::Refused { words, .. } => rejected("refused", &words),
        other => Outcome::NotSent {
            why: other.to_string(),
        },
    }
}

pub(super) fn rejected(code: &'static str, words: &str) -> Outcome {
    Outcome::Rejected {
        code,
        words: words.to_owned(),
    }
}

/// What is left for the next request; nothing left means that nothing is written.
pub(super) fn time_left(input: &SubmitInput<'_>) -> Result<Duration, Outcome> {
    let left = input.lease.left();
    if left.is_zero() {
        Err(Outcome::NotSent {
            why: TIME_IS_UP.to_owned(),
        })
    } else {
        Ok(left)
    }
}

/// Where people see a post.
pub(super) fn remote(facts: &AccountFacts, id: &str) -> Remote {
    Remote {
        id: id.to_owned(),
        url: Some(format!("https://x.com/{}/status/{id}", facts.handle)),
        extra: Value::Null,
    }
}

/// The outcome in `Err` is as good as the one in `Ok`; `?` only ends early.
pub(super) async fn submit(
    session: &mut Session<'_>,
    input: SubmitInput<'_>,
) -> Result<Outcome, Outcome> {
    let segment = input
        .segment()
        .ok_or_else(|| rejected("no_such_segment", "This segment is not in the version."))?;
    if input.attempt.segment > 0 && input.thread.parent.is_none() {
        return Err(rejected("no_parent", "The segment before is not known."));
    }
    time_left(&input)?;
    session
        .stay_fresh(input.attempt.started_at)
        .await
        .map_err(not_opened)?;
    let mut uploaded = Vec::with_capacity(segment.media.len());
    for media in &segment.media {
        uploaded.push(media::upload(session, &input, media).await?);
    }
    let body = body(input.target, segment, input.thread, &uploaded);
    write(session, &input, &body).await
}

/// The request of `POST /2/tweets`. A quote, a poll and who may reply are said of a
/// thread's first post.
fn body(
    target: &PreparedTarget,
    segment: &PreparedSegment,
    thread: &ThreadContext,
    uploaded: &[String],
) -> Value {
    let options = &target.options;
    let mut body = Map::new();
    body.insert("text".to_owned(), json!(segment.text));
    if let Some(parent) = &thread.parent {
        let reply = json!({"in_reply_to_tweet_id": parent.id});
        body.insert("reply".to_owned(), reply);
    }
    if !uploaded.is_empty() {
        body.insert("media".to_owned(), json!({"media_ids": uploaded}));
    }
    if thread.parent.is_none() {
        if let Some(quote) = &options.quote {
            body.insert("quote_tweet_id".to_owned(), json!(quote.id));
        }
        if let Some(poll) = &options.poll {
            let poll = json!({"options": poll.choices, "duration_minutes": poll.minutes});
            body.insert("poll".to_owned(), poll);
        }
        if let Some(who) = options.replies.and_then(reply_settings) {
            body.insert("reply_settings".to_owned(), json!(who));
        }
    }
    if options.made_with_ai {
        body.insert("made_with_ai".to_owned(), json!(true));
    }
    Value::Object(body)
}

/// `None` is everybody; what X does not have was left out by `prepare`.
const fn reply_settings(replies: Replies) -> Option<&'static str> {
    match replies {
        Replies::Following => Some("following"),
        Replies::Mentioned => Some("mentionedUsers"),
        Replies::Verified => Some("verified"),
        Replies::Subscribers => Some("subscribers"),
        Replies::Everyone | Replies::Followers | Replies::Nobody => None,
    }
}

async fn write(
    session: &mut Session<'_>,
    input: &SubmitInput<'_>,
    body: &Value,
) -> Result<Outcome, Outcome> {
    let url = api::url(&session.places.api, "/2/tweets", &[]).map_err(not_opened)?;
    let sent = session
        .send(|| {
            // Asked again for the repeat with a fresh token.
            let left = time_left(input).map_err(|_| NetworkError::Unreachable {
                host: "X".to_owned(),
                why: TIME_IS_UP.to_owned(),
            })?;
            Ok(Call::post(url.clone()).json(body).timeout(left))
        })
        .await
        .map_err(not_opened)?;
    let reply = match sent {
        Ok(reply) => reply,
        Err(no) if !no.begun => return Err(Outcome::NotSent { why: no.why }),
        Err(no) => return Err(Outcome::Ambiguous { why: no.why }),
    };
    if !reply.is_success() {
        return Err(Refusal::of(&reply).of_write());
    }
    let id = reply
        .json()
        .and_then(|answer| answer.pointer("/data/id")?.as_str().map(str::to_owned));
    Ok(match id {
        Some(id) => Outcome::Confirmed(remote(input.account.facts, &id)),
        None => Outcome::Ambiguous {
            why: "X said yes in a way that cannot be understood".to_owned(),
        },
    })
}
