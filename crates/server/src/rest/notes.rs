//! Notes on contents.

use app::core::Terms;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::ids::{ContentId, NoteId};
use domain::note::Anchor;
use domain::rights::Action;
use protocol::mutation::Applied;
use protocol::{Mutation, Query};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::pages::{NotePage, Part, part};
use super::terms::Once;
use super::{Answer, made};
use crate::Server;
use crate::api::{Api, Op};
use crate::auth::who::Caller;
use crate::http::body::{Asked, Body, Named};

async fn list(
    State(server): State<Server>,
    caller: Caller,
    Named(content): Named<ContentId>,
    Asked(wanted): Asked<Part>,
) -> Answer {
    let threads = caller.at(&server).read(Query::Notes { content }).await?;
    let (rows, next) = part(threads, &wanted, |t: &protocol::views::NoteThread| {
        t.note.id.to_string()
    })?;
    Ok(Json(NotePage { rows, next }).into_response())
}

/// A note.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct NewNote {
    /// The version that the writer saw.
    n: u32,
    /// The first note of the thread that it answers in; absent begins a thread.
    #[serde(default)]
    #[ts(optional)]
    thread: Option<NoteId>,
    /// What it is about; absent means all of it.
    #[serde(default)]
    #[ts(optional)]
    anchor: Option<Anchor>,
    /// What it says. `@` and a name name somebody.
    text: String,
}

/// What was made.
#[derive(Debug, Serialize, TS)]
struct Written {
    /// The note's id.
    id: NoteId,
}

async fn add(
    State(server): State<Server>,
    caller: Caller,
    once: Once,
    Named(content): Named<ContentId>,
    Body(new): Body<NewNote>,
) -> Answer {
    let cause = once.of(&caller, &new)?;
    let id: NoteId = cause.id("note", 0);
    let add = Mutation::AddNote {
        id,
        content,
        n: new.n,
        thread: new.thread,
        anchor: new.anchor.unwrap_or(Anchor::Version),
        text: new.text,
    };
    caller.at(&server).change(cause.terms(), vec![add]).await?;
    Ok(made(&format!("/content/{content}/notes"), &Written { id }))
}

/// Whether a thread is settled.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct Resolved {
    /// Settled, or open again.
    resolved: bool,
}

async fn resolve(
    State(server): State<Server>,
    caller: Caller,
    Named(id): Named<NoteId>,
    Body(given): Body<Resolved>,
) -> Answer {
    let resolve = Mutation::ResolveThread {
        id,
        resolved: given.resolved,
    };
    caller.at(&server).done(Terms::default(), resolve).await
}

async fn remove(State(server): State<Server>, caller: Caller, Named(id): Named<NoteId>) -> Answer {
    let remove = Mutation::RemoveNote { id };
    caller.at(&server).gone(remove).await
}

/// What this file serves.
pub(super) fn routes() -> Api {
    Api::new("Notes")
        .get(
            "/content/{id}/notes",
            list,
            Op::new("list_notes", "Notes on a content, oldest thread first.")
                .may(Action::Read)
                .query::<Part>()
                .gives::<NotePage>(200),
        )
        .post(
            "/content/{id}/notes",
            add,
            Op::new("add_note", "Writes a note, or an answer in a thread.")
                .may(Action::Write)
                .takes::<NewNote>()
                .gives::<Written>(201)
                .once(),
        )
        .put(
            "/notes/{id}",
            resolve,
            Op::new("resolve_thread", "Settles a thread, or opens it again.")
                .may(Action::Write)
                .takes::<Resolved>()
                .gives::<Applied>(200),
        )
        .delete(
            "/notes/{id}",
            remove,
            Op::new("remove_note", "Takes a note back.").may(Action::Write),
        )
}
