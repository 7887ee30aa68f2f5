//! How much there is, over all organizations: for whoever watches a server.

use std::collections::BTreeMap;

use db::{Tx, args};
use domain::Instant;

use crate::Error;

mod sql {
    db::statements! {
        pub(super) DELIVERIES = "SELECT status, count(*) AS n FROM delivery GROUP BY status";
        pub(super) ORDER = "SELECT count(*) AS n, CAST(coalesce(sum(head_seq), 0) AS BIGINT) AS changes FROM organization";
        pub(super) CLIENTS = "SELECT count(*) AS n FROM client";
        pub(super) SESSIONS = "SELECT count(*) AS n FROM session WHERE revoked_at IS NULL AND ends_at > $1";
        pub(super) REQUESTS = "SELECT count(*) AS n FROM request WHERE status = 'open'";
    }
}
pub use sql::STATEMENTS;

/// How much there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Deliveries by where they stand.
    pub deliveries: BTreeMap<String, i64>,
    /// Organizations.
    pub organizations: i64,
    /// Changes that were applied, in all.
    pub changes: i64,
    /// Mirrors on desktops that have pushed.
    pub clients: i64,
    /// Sign-ins that go on.
    pub sessions: i64,
    /// Requests that wait for somebody.
    pub requests: i64,
}

/// How much there is at `now`.
///
/// # Errors
/// When the database says no.
pub async fn all(tx: &mut Tx<'_>, now: Instant) -> Result<Figures, Error> {
    let mut found = Figures::default();
    for row in tx.rows(sql::DELIVERIES, args![]).await? {
        found.deliveries.insert(row.get("status")?, row.get("n")?);
    }
    if let Some(row) = tx.row(sql::ORDER, args![]).await? {
        found.organizations = row.get("n")?;
        found.changes = row.get("changes")?;
    }
    let counted = [
        (sql::CLIENTS, args![], &mut found.clients),
        (sql::SESSIONS, args![now.0], &mut found.sessions),
        (sql::REQUESTS, args![], &mut found.requests),
    ];
    for (statement, args, into) in counted {
        if let Some(row) = tx.row(statement, args).await? {
            *into = row.get("n")?;
        }
    }
    Ok(found)
}
