//! Sending a post, and saying precisely what became of it.

use std::time::Duration;

use domain::media::Rendition;
use domain::version::{PreparedMedia, PreparedSegment};
use serde_json::{Value, json};

use super::api::{self, Api};
use super::read::{self, Keys, Status};
use super::schedule;
use crate::contract::{Lease, MediaBytes, NetworkError, Outcome, SubmitInput, checked_bytes};
use crate::http::{Call, Reply, form};

const TIME_IS_UP: &str = "the time for this attempt ran out";

/// Waits between two questions about a picture at work; the last one repeats.
const WAITS: [Duration; 4] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// The outcome when nothing was sent yet because of `error`.
pub(super) fn not_opened(error: NetworkError) -> Outcome {
    match error {
        NetworkError::NeedsReconnect { words } => Outcome::NeedsReconnect { words },
        NetworkError::Throttled { retry_after } => Outcome::Throttled { retry_after },
        NetworkError::Refused { words, .. } => Outcome::Rejected {
            code: "refused",
            words,
        },
        other => Outcome::NotSent {
            why: other.to_string(),
        },
    }
}

/// What a write needs of this computer.
#[derive(Clone, Copy)]
pub(super) struct Hand<'a> {
    pub(super) media: &'a dyn MediaBytes,
    pub(super) lease: &'a dyn Lease,
}

pub(super) fn rejected(code: &'static str, words: &str) -> Outcome {
    Outcome::Rejected {
        code,
        words: words.to_owned(),
    }
}

pub(super) fn not_sent(why: impl Into<String>) -> Outcome {
    Outcome::NotSent { why: why.into() }
}

/// The outcome in `Err` is as good as the one in `Ok`; `?` only ends early.
pub(super) async fn submit(api: &Api<'_>, input: SubmitInput<'_>) -> Result<Outcome, Outcome> {
    let segment = input
        .segment()
        .ok_or_else(|| rejected("no_such_segment", "This segment is not in the version."))?;
    let keys = Keys::read(&input.attempt.keys)
        .ok_or_else(|| rejected("no_keys", "The attempt was journaled without its keys."))?;
    let hand = Hand {
        media: input.media,
        lease: input.lease,
    };
    if input.attempt.handed_for.is_some() {
        schedule::check(api, hand).await?;
    }
    let mut media = Vec::with_capacity(segment.media.len());
    for picture in &segment.media {
        media.push(upload(api, hand, picture).await?);
    }
    let body = body(input, segment, &media)?;
    let call = Call::post(api.url("api/v1/statuses", &[]).map_err(not_opened)?)
        .header("idempotency-key", keys.key.clone())
        .json(&body)
        .timeout(time_left(hand)?);
    let reply = match api.send(call).await {
        Ok(reply) => reply,
        Err(no) if !no.begun => return Err(not_sent(no.why)),
        Err(no) => return Ok(Outcome::Ambiguous { why: no.why }),
    };
    Ok(said(&reply, input, segment, &keys))
}

/// What the answer to the write means.
fn said(reply: &Reply, input: SubmitInput<'_>, segment: &PreparedSegment, keys: &Keys) -> Outcome {
    if !reply.is_success() {
        return refused(reply).unwrap_or_else(|| Outcome::Ambiguous {
            why: api::words(reply),
        });
    }
    let answer = reply.json();
    if let Some(answer) = &answer
        && let Some(handle) = schedule::handle(answer)
        && let Some(at) = input.attempt.handed_for
    {
        // A key that was used before a backup was restored brings back what it named then.
        return match schedule::is(answer, segment, at) {
            true => Outcome::Pending(handle),
            false => Outcome::Ambiguous {
                why: "the server keeps another post under this name".to_owned(),
            },
        };
    }
    match answer.and_then(|answer| Status::read(&answer)) {
        // A key that an earlier try may have used brings that try's post back, whatever it says.
        Some(status) if keys.reused && !status.says(segment, &input.target.options) => rejected(
            "already_there",
            &format!(
                "Another text is already live in this place: {}",
                status.url.unwrap_or(status.id)
            ),
        ),
        Some(status) => Outcome::Confirmed(status.remote()),
        None => Outcome::Ambiguous {
            why: "the server said yes in a way that cannot be understood".to_owned(),
        },
    }
}

/// <https://docs.joinmastodon.org/methods/statuses/#create>
fn body(
    input: SubmitInput<'_>,
    segment: &PreparedSegment,
    media: &[String],
) -> Result<Value, Outcome> {
    let options = &input.target.options;
    let mut body = json!({"status": segment.text});
    if !media.is_empty() {
        body["media_ids"] = json!(media);
    }
    if input.attempt.segment > 0 {
        let parent = input.thread.parent.as_ref();
        let parent =
            parent.ok_or_else(|| rejected("no_parent", "The segment before is not known."))?;
        body["in_reply_to_id"] = json!(parent.id);
    }
    if let Some(visibility) = options.visibility {
        body["visibility"] = json!(read::visibility(visibility));
    }
    if !options.content_warning.is_empty() {
        body["spoiler_text"] = json!(options.content_warning);
    }
    if options.sensitive {
        body["sensitive"] = json!(true);
    }
    if options.quotes_off {
        body["quote_approval_policy"] = json!("nobody");
    }
    if let Some(at) = input.attempt.handed_for {
        body["scheduled_at"] = json!(at.to_string());
    }
    if let Some(language) = read::language(input.target) {
        body["language"] = json!(language);
    }
    if let Some(poll) = options.poll.as_ref().filter(|_| input.attempt.segment == 0) {
        body["poll"] = json!({
            "options": poll.choices,
            "expires_in": u64::from(poll.minutes) * 60,
            "multiple": poll.multiple,
            "hide_totals": poll.hide_totals,
        });
    }
    Ok(body)
}

/// What is left for the next request; nothing left means that nothing is written.
pub(super) fn time_left(hand: Hand<'_>) -> Result<Duration, Outcome> {
    let left = hand.lease.left();
    if left.is_zero() {
        Err(not_sent(TIME_IS_UP))
    } else {
        Ok(left)
    }
}

/// Uploads a picture with its description and waits until the server has worked on it. A picture
/// that no post names is shown to nobody and dropped by the server, so whatever goes wrong here,
/// nothing was sent.
pub(super) async fn upload(
    api: &Api<'_>,
    hand: Hand<'_>,
    picture: &PreparedMedia,
) -> Result<String, Outcome> {
    let bytes = checked_bytes(hand.media, picture.rendition.hash)
        .await
        .map_err(|missing| not_sent(missing.to_string()))?;
    let fields = [("description", picture.alt.as_str())];
    let fields = if picture.alt.is_empty() {
        &fields[..0]
    } else {
        &fields[..]
    };
    let file = (
        "file",
        file_name(&picture.rendition),
        &*picture.rendition.mime,
        &*bytes,
    );
    let (mime, body) = form(fields, file);
    let mut reply = None;
    // Servers before 3.1.3, and some software that speaks the API, have only the first version.
    for path in ["api/v2/media", "api/v1/media"] {
        let call = Call::post(api.url(path, &[]).map_err(not_opened)?)
            .body(&mime, body.clone())
            .timeout(time_left(hand)?);
        let answer = api.send(call).await.map_err(|no| unloaded(&no.why))?;
        let missing = answer.status == 404;
        reply = Some(answer);
        if !missing {
            break;
        }
    }
    let reply = reply.ok_or_else(|| unloaded("no way to upload"))?;
    let id = taken(&reply)?;
    if reply.status == 202 {
        processed(api, hand, &id).await?;
    }
    Ok(id)
}

/// The id of a picture that the server took.
fn taken(reply: &Reply) -> Result<String, Outcome> {
    if !reply.is_success() {
        return Err(refused(reply).unwrap_or_else(|| unloaded(&api::words(reply))));
    }
    let id = reply.json().and_then(|answer| read::id(&answer));
    id.ok_or_else(|| unloaded("the answer cannot be understood"))
}

/// Asks until the server has worked on a picture: 206 while it does, 200 when it is ready
/// (<https://docs.joinmastodon.org/methods/media/#get>).
async fn processed(api: &Api<'_>, hand: Hand<'_>, id: &str) -> Result<(), Outcome> {
    let mut waits = WAITS.iter();
    let mut wait = WAITS[0];
    loop {
        if time_left(hand)? <= wait {
            return Err(not_sent("the network still works on a picture"));
        }
        tokio::time::sleep(wait).await;
        wait = waits.next().copied().unwrap_or(wait);
        let url = api
            .url(&format!("api/v1/media/{id}"), &[])
            .map_err(not_opened)?;
        let call = Call::get(url).timeout(time_left(hand)?);
        let reply = api.send(call).await.map_err(|no| unloaded(&no.why))?;
        match reply.status {
            200 => return Ok(()),
            206 => {}
            _ => {
                taken(&reply)?;
            }
        }
    }
}

fn unloaded(why: &str) -> Outcome {
    not_sent(format!("a picture could not be uploaded: {why}"))
}

/// Servers look at the name's end.
fn file_name(rendition: &Rendition) -> &'static str {
    match &*rendition.mime {
        "image/png" => "picture.png",
        "image/webp" => "picture.webp",
        "image/gif" => "picture.gif",
        _ => "picture.jpg",
    }
}

/// An answer that says no by a documented meaning; `None` for anything else.
pub(super) fn refused(reply: &Reply) -> Option<Outcome> {
    let words = api::words(reply);
    let code = match reply.status {
        429 => {
            return Some(Outcome::Throttled {
                retry_after: reply.retry_after(),
            });
        }
        401 => return Some(Outcome::NeedsReconnect { words }),
        400 | 422 => "invalid",
        403 => "forbidden",
        404 | 410 => "not_found",
        413 => "too_large",
        _ => return None,
    };
    Some(Outcome::Rejected { code, words })
}
