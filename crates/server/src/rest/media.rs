//! Pictures. They are read under `/media/{hash}`, where the window reads them too.

use app::act::Way;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use domain::rights::Action;
use protocol::views::Asset;
use protocol::{Code, Problem};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use super::terms::Once;
use super::{Answer, made};
use crate::Server;
use crate::api::{Api, Op};
use crate::auth::who::Caller;
use crate::http::body::Asked;
use crate::http::pace::not_taken;
use crate::http::problem::Refused;
use crate::http::room::Room;

/// The largest picture, bytes: what the library takes at most.
const LARGEST: usize = 32 << 20;

/// What the picture is called.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(rename = "PictureName")]
struct Name {
    /// The file's name, for people.
    #[serde(default)]
    #[ts(optional)]
    name: Option<String>,
}

async fn upload(
    State(server): State<Server>,
    caller: Caller,
    once: Once,
    Asked(name): Asked<Name>,
    room: Room,
    bytes: Result<Bytes, BytesRejection>,
) -> Answer {
    caller.must(Action::Write)?;
    let bytes = bytes.map_err(|e| {
        let words = format!("The picture cannot be taken: {}.", e.body_text());
        Refused(not_taken(&e, Problem::new(Code::MediaTooLarge, words)))
    })?;
    let name = name.name.unwrap_or_default();
    let hash = domain::Hash::of(&bytes);
    let cause = once.of(&caller, &(&name, hash))?;
    let app = caller.app(&server);
    // The same picture again is the same picture: nothing is made twice.
    if let Some(named) = cause.once() {
        app.answered(named).await?;
    }
    let way = Way::quiet(None, CancellationToken::new()).on(cause.terms());
    let asset = app.import(bytes.to_vec(), &name, &way).await?;
    drop(room);
    Ok(made(&format!("/media/{}", asset.facts.hash), &asset))
}

/// What this file serves.
pub(super) fn routes() -> Api {
    Api::new("Media")
        .post(
            "/media",
            upload,
            Op::new(
                "add_picture",
                "Takes a picture in: oriented, and without what leaks.",
            )
            .may(Action::Write)
            .query::<Name>()
            .takes_picture()
            .gives::<Asset>(201)
            .once(),
        )
        .with(|routes| routes.layer(DefaultBodyLimit::max(LARGEST)))
}
