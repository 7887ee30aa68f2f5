//! The history.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::rights::Action;
use protocol::Query;
use protocol::views::{AuditCheck, HistoryPage};
use serde::Deserialize;
use ts_rs::TS;

use super::Answer;
use super::pages::limit;
use crate::Server;
use crate::api::{Api, Op};
use crate::auth::who::Caller;
use crate::http::body::Asked;

/// Of what, and which part.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(rename = "HistoryWanted")]
struct Wanted {
    /// Such as `content:<id>`; absent means everything.
    #[serde(default)]
    #[ts(optional)]
    subject: Option<String>,
    /// Where the last page ended: its `next`.
    #[serde(default)]
    #[ts(optional)]
    cursor: Option<String>,
    /// How many, at most 200; 50 when absent.
    #[serde(default)]
    #[ts(optional)]
    limit: Option<u32>,
}

async fn history(
    State(server): State<Server>,
    caller: Caller,
    Asked(wanted): Asked<Wanted>,
) -> Answer {
    let desk = caller.at(&server);
    desk.must(Action::ReadAudit)?;
    let query = Query::History {
        subject: wanted.subject,
        cursor: wanted.cursor,
        limit: limit(wanted.limit)?,
    };
    Ok(Json(desk.ask(query).await?).into_response())
}

async fn verify(State(server): State<Server>, caller: Caller) -> Answer {
    let check = caller.at(&server).ask(Query::VerifyAudit {}).await?;
    Ok(Json(check).into_response())
}

/// What this file serves.
pub(super) fn routes() -> Api {
    Api::new("Audit")
        .get(
            "/audit",
            history,
            Op::new("list_audit", "What happened, newest first.")
                .may(Action::ReadAudit)
                .query::<Wanted>()
                .gives::<HistoryPage>(200),
        )
        .get(
            "/audit/verification",
            verify,
            Op::new(
                "verify_audit",
                "Whether the history follows from its first entry.",
            )
            .may(Action::ReadAudit)
            .gives::<AuditCheck>(200),
        )
}
