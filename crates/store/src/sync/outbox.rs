//! What was done on a desktop and is not known to be in the server's order.

use db::{Tx, args};
use domain::ids::{MutationId, OrganizationId};
use domain::{Hash, Instant};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::codec::{Columns as _, name_of};

/// Where an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not sent yet.
    Waiting,
    /// Sent; the server has not answered.
    Sent,
    /// The server says that it is in its order; no pull has shown it.
    Taken,
    /// The server said no.
    Rejected,
    /// It needs one that was rejected.
    Held,
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The order of doing.
    pub place: u64,
    /// The batch's id.
    pub id: MutationId,
    /// Its number, from the first time that it is sent.
    pub n: Option<u64>,
    /// How far the server's order was known when it was done.
    pub base: u64,
    /// JSON of the batch, verbatim.
    pub batch: String,
    /// The hash of these bytes.
    pub hash: Hash,
    /// Where it stands.
    pub state: State,
    /// JSON of why it was rejected.
    pub problem: Option<String>,
    /// When it was done, by this computer's clock.
    pub at: Instant,
}

mod sql {
    db::statements! {
        pub(super) ALL = "SELECT place, id, n, base, batch, hash, state, problem, at FROM outbox WHERE organization_id = $1 ORDER BY place";
        pub(super) ADD = "INSERT INTO outbox (organization_id, place, id, base, batch, hash, state, at) SELECT $1, COALESCE(MAX(place), 0) + 1, $2, $3, $4, $5, $6, $7 FROM outbox WHERE organization_id = $1";
        pub(super) SAVE = "UPDATE outbox SET id = $3, n = $4, base = $5, batch = $6, hash = $7, state = $8, problem = $9, at = $10 WHERE organization_id = $1 AND place = $2";
        pub(super) REMOVE = "DELETE FROM outbox WHERE organization_id = $1 AND place = $2";
    }
}
pub use sql::STATEMENTS;

/// All items in the order of doing.
///
/// # Errors
/// When the database says no.
pub async fn all(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Vec<Item>, Error> {
    tx.rows(sql::ALL, args![organization.0])
        .await?
        .iter()
        .map(|row| {
            Ok(Item {
                place: row.get("place")?,
                id: row.id("id")?,
                n: row
                    .get::<Option<i64>>("n")?
                    .and_then(|n| u64::try_from(n).ok()),
                base: row.get("base")?,
                batch: row.get("batch")?,
                hash: row.hash("hash")?,
                state: row.name("state")?,
                problem: row.get("problem")?,
                at: row.instant("at")?,
            })
        })
        .collect()
}

/// Adds an item at the end: a batch, and how far the server's order was known when it was done.
///
/// # Errors
/// When the database says no.
pub async fn add(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: MutationId,
    (batch, base): (&str, u64),
    at: Instant,
) -> Result<(), Error> {
    tx.execute(
        sql::ADD,
        args![
            organization.0,
            id.0,
            base as i64,
            batch,
            Hash::of(batch.as_bytes()).0,
            name_of(&State::Waiting)?,
            at.0
        ],
    )
    .await?;
    Ok(())
}

/// Writes an item at its place.
///
/// # Errors
/// When the database says no.
pub async fn save(tx: &mut Tx<'_>, organization: OrganizationId, item: &Item) -> Result<(), Error> {
    tx.execute(
        sql::SAVE,
        args![
            organization.0,
            item.place as i64,
            item.id.0,
            item.n.map(|n| n as i64),
            item.base as i64,
            item.batch.as_str(),
            item.hash.0,
            name_of(&item.state)?,
            item.problem.as_deref(),
            item.at.0
        ],
    )
    .await?;
    Ok(())
}

/// Takes an item out.
///
/// # Errors
/// When the database says no.
pub async fn remove(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    place: u64,
) -> Result<(), Error> {
    tx.execute(sql::REMOVE, args![organization.0, place as i64])
        .await?;
    Ok(())
}
