//! What desktops push and pull.

use app::sync::Limits;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use domain::rights::Action;
use protocol::sync::{Pull, Push};
use protocol::{Code, Problem};

use super::body::Body;
use super::problem::Refused;
use super::room::Room;
use crate::Server;
use crate::auth::who::Caller;

/// A hundred items, each with a version of a long thread.
const PUSH: usize = 16 << 20;
/// How many items one push holds.
const MOST: usize = 100;

async fn push(
    State(server): State<Server>,
    caller: Caller,
    room: Room,
    Body(push): Body<Push>,
) -> Result<Response, Refused> {
    // Its items are checked one by one, as the person's; a program has its own way in.
    caller.by_a_person()?;
    // It is read: to apply it may take longer.
    drop(room);
    if push.items.len() > MOST {
        return Err(Refused(Problem::new(
            Code::InvalidInput,
            format!("Push at most {MOST} items at once."),
        )));
    }
    let app = caller.app(&server);
    let ctx = app.ctx(None, app::core::new_id()).await?;
    let (pushed, effects) = app::sync::push(app.db(), ctx, push).await?;
    app.tell(effects);
    Ok(Json(pushed).into_response())
}

async fn pull(
    State(server): State<Server>,
    caller: Caller,
    Body(pull): Body<Pull>,
) -> Result<Response, Refused> {
    caller.must(Action::Read)?;
    let (app, me) = (caller.app(&server), &caller.membership);
    let limits = Limits::default();
    let pulled = app::sync::pull(app.db(), me.organization, me.person, pull, limits).await?;
    Ok(Json(pulled).into_response())
}

/// What this file serves.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/sync/push", post(push).layer(DefaultBodyLimit::max(PUSH)))
        .route("/sync/pull", post(pull))
}
