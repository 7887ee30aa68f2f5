//! Who decides for somebody who is away. A person says it for themself.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::delegation::Delegation;
use domain::rights::Action;
use protocol::mutation::Applied;
use protocol::views::Delegations;
use protocol::{Mutation, Query};

use super::Answer;
use crate::Server;
use crate::api::{Api, Op, Who};
use crate::auth::who::Caller;
use crate::http::body::Body;

async fn list(State(server): State<Server>, caller: Caller) -> Answer {
    let all = caller.at(&server).ask(Query::Delegations {}).await?;
    Ok(Json(all).into_response())
}

async fn set(
    State(server): State<Server>,
    caller: Caller,
    Body(delegation): Body<Delegation>,
) -> Answer {
    caller.by_a_person()?;
    let set = Mutation::Delegate {
        delegation: Some(delegation),
    };
    let terms = app::core::Terms::default();
    caller.at(&server).done(terms, set).await
}

async fn end(State(server): State<Server>, caller: Caller) -> Answer {
    caller.by_a_person()?;
    let end = Mutation::Delegate { delegation: None };
    caller.at(&server).gone(end).await
}

/// What this file serves.
pub(super) fn routes() -> Api {
    Api::new("Approvals")
        .get(
            "/delegations",
            list,
            Op::new(
                "list_delegations",
                "Who decides for me while I am away, and for whom I do.",
            )
            .may(Action::Read)
            .gives::<Delegations>(200),
        )
        .put(
            "/delegations/mine",
            set,
            Op::new("set_delegation", "Says who decides for me, and when.")
                .who(Who::Person(Action::Decide))
                .takes::<Delegation>()
                .gives::<Applied>(200),
        )
        .delete(
            "/delegations/mine",
            end,
            Op::new("end_delegation", "I am back.").who(Who::Person(Action::Decide)),
        )
}
