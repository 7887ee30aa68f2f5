//! Runs of workflows.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::rights::Action;
use protocol::mutation::Applied;
use protocol::views::{RunDetail, RunPage};
use protocol::{Mutation, Query};
use serde::Deserialize;
use ts_rs::TS;
use uuid::Uuid;

use super::Answer;
use super::pages::limit;
use super::terms::Once;
use crate::Server;
use crate::api::{Api, Op};
use crate::auth::who::Caller;
use crate::http::body::{Asked, Named};

/// Which runs.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(rename = "RunsWanted")]
struct Wanted {
    /// Only those of one thing, such as `delivery:<id>`.
    #[serde(default)]
    #[ts(optional)]
    subject: Option<String>,
    /// Only failed and stranded ones.
    #[serde(default)]
    #[ts(optional)]
    trouble: Option<bool>,
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
    let query = Query::Runs {
        subject: wanted.subject,
        trouble: wanted.trouble.unwrap_or_default(),
        cursor: wanted.cursor,
        limit: limit(wanted.limit)?,
    };
    Ok(Json(caller.at(&server).ask(query).await?).into_response())
}

async fn one(State(server): State<Server>, caller: Caller, Named(id): Named<Uuid>) -> Answer {
    let run = caller.at(&server).ask(Query::Run { id }).await?;
    Ok(Json(run).into_response())
}

async fn retry(
    State(server): State<Server>,
    caller: Caller,
    once: Once,
    Named(run): Named<Uuid>,
) -> Answer {
    let cause = once.of(&caller, &())?;
    let retry = Mutation::RetryRun { run };
    caller.at(&server).done(cause.terms(), retry).await
}

async fn cancel(
    State(server): State<Server>,
    caller: Caller,
    once: Once,
    Named(run): Named<Uuid>,
) -> Answer {
    let cause = once.of(&caller, &())?;
    let cancel = Mutation::CancelRun { run };
    caller.at(&server).done(cause.terms(), cancel).await
}

/// What this file serves.
pub(super) fn routes() -> Api {
    Api::new("Runs")
        .get(
            "/runs",
            list,
            Op::new("list_runs", "Runs of workflows, newest first.")
                .may(Action::Read)
                .query::<Wanted>()
                .gives::<RunPage>(200),
        )
        .get(
            "/runs/{id}",
            one,
            Op::new("get_run", "A run with its timeline.")
                .may(Action::Read)
                .gives::<RunDetail>(200),
        )
        .post(
            "/runs/{id}/retry",
            retry,
            Op::new(
                "retry_run",
                "Tries a failed run again from the step that failed.",
            )
            .may(Action::ManageRuntime)
            .gives::<Applied>(200)
            .once(),
        )
        .post(
            "/runs/{id}/cancel",
            cancel,
            Op::new("cancel_run", "Ends a run.")
                .may(Action::ManageRuntime)
                .gives::<Applied>(200)
                .once(),
        )
}
