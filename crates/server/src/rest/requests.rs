//! Requests for approval, and decisions. A program never decides: that is a person's.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::Hash;
use domain::approval::Verdict;
use domain::ids::{DecisionId, PersonId, RequestId};
use domain::rights::Action;
use protocol::mutation::Applied;
use protocol::query::ApprovalTab;
use protocol::views::{Approvals, RequestDetail, RequestRow};
use protocol::{Mutation, Query};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::pages::{Part, RequestPage, part};
use super::terms::Once;
use super::{Answer, made};
use crate::Server;
use crate::api::{Api, Op, Who};
use crate::auth::who::Caller;
use crate::http::body::{Asked, Body, Named};

/// Which requests.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(rename = "RequestsWanted")]
struct Wanted {
    /// Those that wait for me when absent.
    #[serde(default)]
    #[ts(optional)]
    tab: Option<ApprovalTab>,
    /// Where the last page ended: its `next`.
    #[serde(default)]
    #[ts(optional)]
    cursor: Option<String>,
    /// How many, at most 200; 50 when absent.
    #[serde(default)]
    #[ts(optional)]
    limit: Option<u32>,
}

async fn list(
    State(server): State<Server>,
    caller: Caller,
    Asked(wanted): Asked<Wanted>,
) -> Answer {
    let tab = wanted.tab.unwrap_or_default();
    let all: Approvals = caller.at(&server).read(Query::Approvals { tab }).await?;
    let wanted = Part {
        cursor: wanted.cursor,
        limit: wanted.limit,
    };
    let (rows, next) = part(all.rows, &wanted, |r: &RequestRow| r.id.to_string())?;
    Ok(Json(RequestPage { rows, next }).into_response())
}

async fn one(State(server): State<Server>, caller: Caller, Named(id): Named<RequestId>) -> Answer {
    let request = caller.at(&server).ask(Query::Request { id }).await?;
    Ok(Json(request).into_response())
}

async fn withdraw(
    State(server): State<Server>,
    caller: Caller,
    once: Once,
    Named(request): Named<RequestId>,
) -> Answer {
    let cause = once.of(&caller, &())?;
    let withdraw = Mutation::WithdrawRequest { request };
    caller.at(&server).done(cause.terms(), withdraw).await
}

/// What a person says to a request.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct NewDecision {
    /// The hash of the version that the person saw.
    hash: Hash,
    /// In the stage that the person saw, counted from 0; absent means in the one that is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    stage: Option<u32>,
    /// What.
    verdict: Verdict,
    /// Why; asked for with everything but approval.
    #[serde(default)]
    #[ts(as = "Option<String>", optional)]
    comment: String,
    /// In the place of this person, who is away; absent means in one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    away: Option<PersonId>,
}

/// What was said.
#[derive(Debug, Serialize, TS)]
struct Decided {
    /// The decision's id.
    id: DecisionId,
    /// What came of it.
    applied: Applied,
}

async fn decide(
    State(server): State<Server>,
    caller: Caller,
    once: Once,
    Named(request): Named<RequestId>,
    Body(new): Body<NewDecision>,
) -> Answer {
    caller.by_a_person()?;
    let cause = once.of(&caller, &new)?;
    let id: DecisionId = cause.id("decision", 0);
    let decide = Mutation::Decide {
        id,
        request,
        hash: new.hash,
        stage: new.stage,
        verdict: new.verdict,
        comment: new.comment,
        away: new.away,
    };
    let desk = caller.at(&server);
    let applied = desk.change(cause.terms(), vec![decide]).await?;
    Ok(made(
        &format!("/requests/{request}"),
        &Decided { id, applied },
    ))
}

async fn revoke(
    State(server): State<Server>,
    caller: Caller,
    Named(decision): Named<DecisionId>,
) -> Answer {
    caller.by_a_person()?;
    let revoke = Mutation::RevokeDecision { decision };
    caller.at(&server).gone(revoke).await
}

/// What this file serves.
pub(super) fn routes() -> Api {
    Api::new("Approvals")
        .get(
            "/requests",
            list,
            Op::new("list_requests", "Requests for approval.")
                .may(Action::Read)
                .query::<Wanted>()
                .gives::<RequestPage>(200),
        )
        .get(
            "/requests/{id}",
            one,
            Op::new("get_request", "A request with what is needed to decide.")
                .may(Action::Read)
                .gives::<RequestDetail>(200),
        )
        .post(
            "/requests/{id}/withdraw",
            withdraw,
            Op::new("withdraw_request", "The author takes a request back.")
                .may(Action::Write)
                .gives::<Applied>(200)
                .once(),
        )
        .post(
            "/requests/{id}/decisions",
            decide,
            Op::new("decide", "Decides in the stage that is asked.")
                .who(Who::Person(Action::Decide))
                .takes::<NewDecision>()
                .gives::<Decided>(201)
                .once(),
        )
        .delete(
            "/decisions/{id}",
            revoke,
            Op::new(
                "revoke_decision",
                "Takes a decision back, while nothing went out.",
            )
            .who(Who::Person(Action::Decide)),
        )
}
