//! Pictures of an organization: whole for windows, in parts to and from desktops.

use std::ops::Range;

use app::sync::Part;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::Hash;
use domain::rights::Action;
use protocol::sync::Have;
use protocol::{Code, Problem};

use super::body::{Body, Named};
use super::pace::not_taken;
use super::problem::Refused;
use super::room::Room;
use crate::Server;
use crate::auth::who::Caller;

/// The largest part of a file in one request, there and back.
const PART: usize = 4 << 20;

/// The kind of a picture by its first bytes: what the library keeps is one of these.
pub(crate) fn kind(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'G', b'I', b'F', b'8', ..] => "image/gif",
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => "image/webp",
        _ => "application/octet-stream",
    }
}

async fn file(
    State(server): State<Server>,
    caller: Caller,
    Named(hash): Named<Hash>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    caller.must(Action::Read)?;
    if let Some(range) = asked(&headers) {
        return part(&caller.app(&server), hash, range).await;
    }
    let bytes = caller.app(&server).file(hash).await?;
    // Named by its hash, it never changes; it is not for caches that others share.
    let headers = [
        (
            header::CACHE_CONTROL,
            "private, max-age=31536000, immutable",
        ),
        (header::CONTENT_TYPE, kind(&bytes)),
    ];
    Ok((headers, bytes).into_response())
}

/// What follows the unit in a header about ranges (RFC 9110, 14).
fn in_bytes(headers: &HeaderMap, name: HeaderName, unit: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    Some(text.strip_prefix(unit)?.to_owned())
}

/// The one range that is asked for; of anything else the whole is sent, as servers may.
fn asked(headers: &HeaderMap) -> Option<Range<u64>> {
    let text = in_bytes(headers, header::RANGE, "bytes=")?;
    let (from, to) = text.split_once('-')?;
    let from: u64 = from.parse().ok()?;
    let to = match to {
        "" => u64::MAX,
        to => to.parse::<u64>().ok()?.checked_add(1)?,
    };
    (from < to).then_some(from..to.min(from.saturating_add(PART as u64)))
}

async fn part(app: &app::App, hash: Hash, range: Range<u64>) -> Result<Response, Refused> {
    let Part { from, total, bytes } = app.file_part(hash, range).await?;
    if bytes.is_empty() {
        let beyond = [(header::CONTENT_RANGE, format!("bytes */{total}"))];
        return Ok((StatusCode::RANGE_NOT_SATISFIABLE, beyond).into_response());
    }
    let to = from + bytes.len() as u64 - 1;
    let headers = [
        (header::CONTENT_RANGE, format!("bytes {from}-{to}/{total}")),
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((StatusCode::PARTIAL_CONTENT, headers, bytes).into_response())
}

async fn have(
    State(server): State<Server>,
    caller: Caller,
    Body(have): Body<Have>,
) -> Result<Response, Refused> {
    caller.must(Action::Read)?;
    Ok(Json(caller.app(&server).lacks_files(have).await?).into_response())
}

/// Where a part belongs, as its sender says.
fn place(headers: &HeaderMap, length: usize) -> Option<(u64, u64)> {
    let text = in_bytes(headers, header::CONTENT_RANGE, "bytes ")?;
    let (range, total) = text.split_once('/')?;
    let (from, to) = range.split_once('-')?;
    let (from, to): (u64, u64) = (from.parse().ok()?, to.parse().ok()?);
    let total: u64 = total.parse().ok()?;
    let fits = to.checked_add(1)?.checked_sub(from)? == length as u64 && to < total;
    fits.then_some((from, total))
}

async fn put(
    State(server): State<Server>,
    caller: Caller,
    Named(hash): Named<Hash>,
    headers: HeaderMap,
    _room: Room,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Response, Refused> {
    caller.must(Action::Write)?;
    let bytes = bytes.map_err(|e| {
        let words = format!(
            "Send at most {} MiB at once: {}.",
            PART >> 20,
            e.body_text()
        );
        not_taken(&e, Problem::new(Code::TooLarge, words))
    })?;
    let Some((from, total)) = place(&headers, bytes.len()) else {
        let words = "Say in Content-Range which bytes these are: bytes FROM-TO/TOTAL.";
        return Err(Refused(Problem::new(Code::InvalidInput, words)));
    };
    let part = Part { from, total, bytes };
    let received = caller.app(&server).take_part(hash, part).await?;
    Ok(Json(received).into_response())
}

/// What this file serves.
pub fn routes() -> Router<Server> {
    Router::new().route("/media/have", post(have)).route(
        "/media/{hash}",
        get(file).put(put).layer(DefaultBodyLimit::max(PART)),
    )
}
