//! The calendar, and what goes out by it.

use app::core::Terms;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::Instant;
use domain::identity::NetworkId;
use domain::ids::{DeliveryId, PersonaId};
use domain::rights::Action;
use protocol::mutation::Applied;
use protocol::views::Calendar;
use protocol::{Mutation, Query};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::Answer;
use super::publish::planned;
use super::terms::Once;
use crate::Server;
use crate::api::{Api, Op};
use crate::auth::who::Caller;
use crate::http::body::{Asked, Body, Named};

/// Which stretch.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(rename = "CalendarWanted")]
struct Wanted {
    /// From, inclusive.
    from: Instant,
    /// To, exclusive.
    to: Instant,
    /// Of one persona.
    #[serde(default)]
    #[ts(optional)]
    persona: Option<PersonaId>,
    /// To one network.
    #[serde(default)]
    #[ts(optional)]
    network: Option<NetworkId>,
}

async fn calendar(
    State(server): State<Server>,
    caller: Caller,
    Asked(wanted): Asked<Wanted>,
) -> Answer {
    let query = Query::Calendar {
        from: wanted.from,
        to: wanted.to,
        persona: wanted.persona,
        network: wanted.network,
        foremost: None,
    };
    Ok(Json(caller.at(&server).ask(query).await?).into_response())
}

/// When a delivery shall go out.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct Move {
    /// From now on.
    at: Instant,
    /// The IANA zone in which the time was thought of; UTC when absent.
    #[serde(default)]
    #[ts(optional)]
    zone: Option<String>,
    /// Where it stood when you decided; something else is refused.
    #[serde(default)]
    #[ts(optional)]
    expected: Option<Instant>,
}

async fn put_off(
    State(server): State<Server>,
    caller: Caller,
    Named(delivery): Named<DeliveryId>,
    Body(given): Body<Move>,
) -> Answer {
    let to = Mutation::MoveDelivery {
        delivery,
        expected: given.expected,
        planned: planned(given.at, given.zone.as_deref())?,
    };
    caller.at(&server).done(Terms::default(), to).await
}

async fn cancel(
    State(server): State<Server>,
    caller: Caller,
    Named(delivery): Named<DeliveryId>,
) -> Answer {
    let cancel = Mutation::CancelDeliveries {
        deliveries: vec![delivery],
    };
    caller.at(&server).gone(cancel).await
}

async fn send(
    State(server): State<Server>,
    caller: Caller,
    once: Once,
    Named(delivery): Named<DeliveryId>,
) -> Answer {
    let cause = once.of(&caller, &())?;
    let send = Mutation::SendNow { delivery };
    caller.at(&server).done(cause.terms(), send).await
}

/// What this file serves.
pub(super) fn routes() -> Api {
    Api::new("Deliveries")
        .get(
            "/calendar",
            calendar,
            Op::new("get_calendar", "What goes out between two instants.")
                .may(Action::Read)
                .query::<Wanted>()
                .gives::<Calendar>(200),
        )
        .put(
            "/deliveries/{id}",
            put_off,
            Op::new(
                "move_delivery",
                "Moves a delivery. Outside the tolerance of its approval that is void.",
            )
            .may(Action::Publish)
            .takes::<Move>()
            .gives::<Applied>(200),
        )
        .delete(
            "/deliveries/{id}",
            cancel,
            Op::new(
                "cancel_delivery",
                "Takes a delivery back before it goes out.",
            )
            .may(Action::Publish),
        )
        .post(
            "/deliveries/{id}/send",
            send,
            Op::new("send_delivery", "Sends what is missed, held or failed now.")
                .may(Action::Publish)
                .gives::<Applied>(200)
                .once(),
        )
}
