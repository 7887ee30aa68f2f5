//! The core as the window speaks to it: one way in, one way out, acts, events.

use std::convert::Infallible;
use std::time::Duration;

use app::act::Way;
use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::ids::PersonId;
use domain::rights::Action;
use domain::time::MINUTE;
use futures::Stream;
use protocol::mutation::Applied;
use protocol::{Act, Call, Code, Event, Mutation, Problem, Query, Tag};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use ts_rs::TS;

use super::body::Body;
use super::problem::Refused;
use super::room::Room;
use crate::Server;
use crate::api::{Api, Op};
use crate::auth::who::Caller;

/// How long anybody listens without showing anew who they are, milliseconds.
const LISTEN: i64 = 10 * MINUTE;
/// The largest act: a picture in Base64.
const PICTURE: usize = 48 << 20;

async fn mutate(
    State(server): State<Server>,
    caller: Caller,
    Body(call): Body<Call>,
) -> Result<Response, Refused> {
    caller.may(call.mutation.action())?;
    let erases = matches!(call.mutation, Mutation::ErasePerson { .. });
    let applied = caller.app(&server).mutate(call).await?;
    if erases {
        server.forget_nobodys_logins().await?;
    }
    Ok(Json(applied).into_response())
}

async fn query(
    State(server): State<Server>,
    caller: Caller,
    Body(query): Body<Query>,
) -> Result<Response, Refused> {
    caller.may(query.action())?;
    Ok(Json(caller.app(&server).query(query, None).await?).into_response())
}

/// An act that begins.
#[derive(Deserialize, TS)]
#[ts(rename = "StartedAct")]
struct Started {
    /// A new name of at most 64 letters, under which it is followed and stopped.
    id: String,
    /// What.
    act: Act,
}

/// Ends an act that nobody waits for any more.
struct Ended {
    server: Server,
    id: String,
}

impl Drop for Ended {
    fn drop(&mut self) {
        if let Some((_, stop)) = self.server.acts().remove(&self.id) {
            stop.cancel();
        }
    }
}

async fn act(
    State(server): State<Server>,
    caller: Caller,
    room: Room,
    Body(started): Body<Started>,
) -> Result<Response, Refused> {
    caller.may(started.act.action())?;
    let (stop, me) = (CancellationToken::new(), caller.membership.person);
    {
        let mut acts = server.acts();
        if started.id.is_empty() || started.id.len() > 64 || acts.contains_key(&started.id) {
            return Err(Refused(Problem::new(
                Code::InvalidInput,
                "Give the act a new id of at most 64 letters.",
            )));
        }
        acts.insert(started.id.clone(), (me, stop.clone()));
    }
    let _ended = Ended {
        server: server.clone(),
        id: started.id.clone(),
    };
    // It is read: what it does may take longer.
    drop(room);
    let app = caller.app(&server);
    let way = Way::told(&app, started.id, None, stop);
    Ok(Json(app.act(started.act, &way).await?).into_response())
}

/// An act that shall end.
#[derive(Deserialize, TS)]
#[ts(rename = "CancelledAct")]
struct Cancelled {
    /// Its name.
    id: String,
}

async fn cancel(
    State(server): State<Server>,
    caller: Caller,
    Body(cancelled): Body<Cancelled>,
) -> Json<()> {
    if let Some((whose, stop)) = server.acts().get(&cancelled.id)
        && *whose == caller.membership.person
    {
        stop.cancel();
    }
    Json(())
}

impl Server {
    /// Whether an event is for a person.
    fn concerns(&self, event: &Event, me: PersonId) -> bool {
        match event {
            Event::Noticed { person, .. } => person.is_none_or(|person| person == me),
            Event::Progress { act, .. }
            | Event::Words { act, .. }
            | Event::SignInAt { act, .. } => {
                self.acts().get(act).is_some_and(|(whose, _)| *whose == me)
            }
            Event::Open { .. } => false,
            Event::Changed { .. } | Event::Trouble { .. } => true,
        }
    }
}

async fn events(
    State(server): State<Server>,
    caller: Caller,
) -> Result<Sse<impl Stream<Item = Result<axum::response::sse::Event, Infallible>>>, Refused> {
    caller.must(Action::Read)?;
    let app = caller.app(&server);
    let (receiver, me) = (app.subscribe(), caller.membership.person);
    // Whoever lost their right to listen must ask for it anew.
    let left = caller.ends_at.since(server.now()).clamp(0, LISTEN);
    let left = Duration::from_millis(u64::try_from(left).unwrap_or_default());
    let until = tokio::time::Instant::now().checked_add(left);
    let stream = futures::stream::unfold(
        (receiver, server),
        move |(mut receiver, server)| async move {
            loop {
                let end = async {
                    match until {
                        Some(until) => tokio::time::sleep_until(until).await,
                        None => std::future::pending().await,
                    }
                };
                let heard = tokio::select! {
                    () = server.stopping().cancelled() => return None,
                    () = end => return None,
                    heard = receiver.recv() => heard,
                };
                let event = match heard {
                    // Somebody came, left or is something else now: whoever listens asks anew.
                    Ok(Event::Changed { tags }) if tags.contains(&Tag::People) => return None,
                    Ok(event) if !server.concerns(&event, me) => continue,
                    Ok(event) => event,
                    Err(RecvError::Lagged(_)) => Event::Changed {
                        tags: Tag::ALL.to_vec(),
                    },
                    Err(RecvError::Closed) => return None,
                };
                let text = serde_json::to_string(&event).unwrap_or_default();
                let said = axum::response::sse::Event::default().data(text);
                return Some((Ok(said), (receiver, server)));
            }
        },
    );
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

/// What reaches nobody outside.
pub fn quick() -> Api {
    Api::new("The window's line")
        .post(
            "/rpc/mutate",
            mutate,
            Op::new(
                "mutate",
                "Applies a change as the window does, once by its id.",
            )
            .may(Action::Read)
            .takes::<Call>()
            .gives::<Applied>(200),
        )
        .post(
            "/rpc/query",
            query,
            Op::new("query", "Answers a read of the window.")
                .may(Action::Read)
                .takes::<Query>()
                .gives::<Value>(200),
        )
        .post(
            "/rpc/cancel_act",
            cancel,
            Op::new("cancel_act", "Stops an act under way.")
                .may(Action::Read)
                .takes::<Cancelled>()
                .gives::<Value>(200),
        )
}

/// What may take its time.
pub fn long() -> Api {
    Api::new("The window's line")
        .post(
            "/rpc/act",
            act,
            Op::new("act", "Carries out what reaches outside.")
                .may(Action::Read)
                .takes::<Started>()
                .gives::<Value>(200)
                .refuses(&[429, 502]),
        )
        .with(|routes| routes.layer(DefaultBodyLimit::max(PICTURE)))
        .get(
            "/rpc/events",
            events,
            Op::new("events", "Says that something changed, as it happens.")
                .may(Action::Read)
                .gives_other("text/event-stream"),
        )
}
