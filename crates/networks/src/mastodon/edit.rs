//! Editing a post in place (<https://docs.joinmastodon.org/methods/statuses/#edit>, since 3.5.0).
//!
//! An edit says the whole post again: what it leaves out is taken away from the post, pictures and
//! poll too. The post is known by its id, so that the same edit again changes nothing more.

use domain::edit::EditTrouble;
use domain::version::{PreparedSegment, PreparedTarget};
use serde_json::{Value, json};

use super::api::{self, Api};
use super::html;
use super::post::{Hand, not_opened, not_sent, refused, rejected, time_left, upload};
use super::read::{self, Status};
use crate::contract::{EditInput, NetworkError, Outcome, Said};
use crate::http::{Call, Reply};

/// A poll's votes are lost when its choices change, and its end moves with every edit; readers stay
/// as they were chosen. Who may quote could be narrowed, but not given back the account's default.
pub(super) fn trouble(before: &PreparedTarget, after: &PreparedTarget) -> Option<EditTrouble> {
    let (old, new) = (&before.options, &after.options);
    if old.poll.is_some() || new.poll.is_some() {
        Some(EditTrouble::Poll)
    } else if old.visibility != new.visibility {
        Some(EditTrouble::Visibility)
    } else if old.quotes_off != new.quotes_off {
        Some(EditTrouble::Replies)
    } else {
        None
    }
}

/// The outcome in `Err` is as good as the one in `Ok`; `?` only ends early.
pub(super) async fn edit(api: &Api<'_>, input: EditInput<'_>) -> Result<Outcome, Outcome> {
    let no_segment = || rejected("no_such_segment", "This segment is not in the version.");
    let segment = input.segment().ok_or_else(no_segment)?;
    let live = input.live().ok_or_else(no_segment)?;
    let hand = Hand {
        media: input.media,
        lease: input.lease,
    };
    let there = read::status(api, input.remote).await.map_err(not_opened)?;
    let there = there.ok_or_else(gone)?;
    let pictures = pictures(api, hand, &there, live, segment).await?;
    let path = format!("api/v1/statuses/{}", input.remote.id);
    let call = Call::put(api.url(&path, &[]).map_err(not_opened)?)
        .json(&body(input, segment, &there, &pictures))
        .timeout(time_left(hand)?);
    let reply = match api.send(call).await {
        Ok(reply) => reply,
        Err(no) if !no.begun => return Err(not_sent(no.why)),
        Err(no) => return Ok(Outcome::Ambiguous { why: no.why }),
    };
    Ok(said(&reply, segment))
}

fn gone() -> Outcome {
    rejected("gone", "The post is not there any more.")
}

/// The ids of the pictures in order: those that stay keep theirs, others are uploaded.
async fn pictures(
    api: &Api<'_>,
    hand: Hand<'_>,
    there: &Status,
    live: &PreparedSegment,
    segment: &PreparedSegment,
) -> Result<Vec<String>, Outcome> {
    let mut stay: Vec<_> = live.media.iter().zip(&there.pictures).collect();
    // One with other words may be another picture.
    stay.retain(|(old, now)| html::written(&now.description) == html::written(&old.alt));
    if live.media.len() != there.pictures.len() {
        // Somebody changed the pictures elsewhere: which is which is not known.
        stay.clear();
    }
    let mut ids = Vec::with_capacity(segment.media.len());
    for picture in &segment.media {
        let same = stay
            .iter()
            .position(|(old, _)| old.rendition.hash == picture.rendition.hash);
        let kept = same.and_then(|at| stay.remove(at).1.id.clone());
        ids.push(match kept {
            Some(id) => id,
            None => upload(api, hand, picture).await?,
        });
    }
    Ok(ids)
}

fn body(
    input: EditInput<'_>,
    segment: &PreparedSegment,
    there: &Status,
    pictures: &[String],
) -> Value {
    let (old, new) = (&input.before.options, &input.target.options);
    let described: Vec<Value> = pictures
        .iter()
        .zip(&segment.media)
        .map(|(id, picture)| json!({"id": id, "description": picture.alt}))
        .collect();
    let mut body = json!({
        "status": segment.text,
        "spoiler_text": new.content_warning,
        "media_ids": pictures,
        "media_attributes": described,
    });
    // An account may hide all its pictures by default; where nothing was chosen that stays.
    let chosen = old.sensitive == new.sensitive
        && old.content_warning.is_empty() == new.content_warning.is_empty();
    body["sensitive"] = json!(match there.sensitive {
        Some(now) if chosen => now,
        _ => new.sensitive,
    });
    if let Some(language) = read::language(input.target) {
        body["language"] = json!(language);
    }
    body
}

/// What the answer to the edit means.
fn said(reply: &Reply, segment: &PreparedSegment) -> Outcome {
    match reply.status {
        // The post was there a moment ago: this server has no such call.
        404 | 405 | 501 => return rejected("not_supported", "This server does not edit posts."),
        _ if !reply.is_success() => {
            return refused(reply).unwrap_or_else(|| Outcome::Ambiguous {
                why: api::words(reply),
            });
        }
        _ => {}
    }
    match reply.json().and_then(|answer| Status::read(&answer)) {
        // Before 4.1 the descriptions of pictures that stay could not be changed.
        Some(status) if !status.describes(segment) => rejected(
            "description_kept",
            "The server changed the post, but not the description of its pictures.",
        ),
        Some(status) => Outcome::Confirmed(status.remote()),
        None => Outcome::Ambiguous {
            why: "the server said yes in a way that cannot be understood".to_owned(),
        },
    }
}

/// Whether a reader can tell the two apart at all: which picture it is and the server of somebody
/// named cannot be read back, and then the edit is written again.
fn can_be_told(live: &PreparedSegment, segment: &PreparedSegment) -> bool {
    let shown = |segment: &PreparedSegment| -> Vec<_> {
        let pictures = segment.media.iter();
        pictures.map(|picture| picture.rendition.hash).collect()
    };
    shown(live) == shown(segment)
        && (live.text == segment.text || html::written(&live.text) != html::written(&segment.text))
}

/// Whether the post says by now what it shall say.
pub(super) async fn says(api: &Api<'_>, input: EditInput<'_>) -> Result<Said, NetworkError> {
    let Some(there) = read::status(api, input.remote).await? else {
        return Ok(Said::Gone);
    };
    let (old, new) = (&input.before.options, &input.target.options);
    let hidden = match there.sensitive {
        Some(false) => !new.sensitive,
        Some(true) => new.sensitive || !old.sensitive || !new.content_warning.is_empty(),
        None => true,
    };
    let says = input.segment().is_some_and(|segment| {
        there.says(segment, new)
            && there.describes(segment)
            && there.speaks(input.target)
            && input.live().is_some_and(|live| can_be_told(live, segment))
    });
    Ok(if says && hidden {
        Said::This(there.remote())
    } else {
        Said::Other
    })
}
