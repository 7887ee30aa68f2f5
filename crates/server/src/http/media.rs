//! Pictures of an organization.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::Hash;
use domain::rights::Action;

use super::body::Named;
use super::problem::Refused;
use crate::Server;
use crate::auth::who::Caller;

/// The kind of a picture by its first bytes: what the library keeps is one of these.
fn kind(bytes: &[u8]) -> &'static str {
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
) -> Result<Response, Refused> {
    caller.must(Action::Read)?;
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

/// What this file serves.
pub fn routes() -> Router<Server> {
    Router::new().route("/media/{hash}", get(file))
}
