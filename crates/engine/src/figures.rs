//! How much there is to do: for whoever watches a server.

use std::collections::BTreeMap;

use db::{Db, Error, args};

use crate::sql;

/// How much there is to do, over all organizations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Runs that somebody must look at at some time, by state.
    pub runs: BTreeMap<String, i64>,
    /// Of them, those whose time has come.
    pub due: i64,
    /// For how long the first of them has been due, milliseconds.
    pub behind: i64,
    /// Runs that ended within the last hour, by state.
    pub ended: BTreeMap<String, i64>,
}

const HOUR: i64 = 60 * 60 * 1000;

/// What there is to do at `now`, milliseconds UTC.
pub async fn figures(db: &Db, now: i64) -> Result<Figures, Error> {
    db.read(move |tx| {
        Box::pin(async move {
            let mut found = Figures::default();
            for row in tx.rows(sql::FIGURES, args![now]).await? {
                let state: String = row.get("state")?;
                found.runs.insert(state, row.get("n")?);
                found.due += row.get::<i64>("due")?;
                let first: Option<i64> = row.get("first")?;
                if let Some(first) = first {
                    found.behind = found.behind.max(now - first);
                }
            }
            for row in tx.rows(sql::FIGURES_ENDED, args![now - HOUR]).await? {
                found.ended.insert(row.get("state")?, row.get("n")?);
            }
            Ok(found)
        })
    })
    .await
}
