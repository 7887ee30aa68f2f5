//! Edits: at most one of a delivery, the newest that was asked for.

use db::{Tx, args};
use domain::delivery::HoldReason;
use domain::edit::EditStatus;
use domain::ids::{ContentId, DeliveryId, IdentityId, OrganizationId, PersonId};
use domain::{Hash, Instant};
use uuid::Uuid;

use crate::Error;
use crate::codec::{Columns as _, name_of};

/// A newer version in the place of what a delivery has live.
#[derive(Clone, Debug)]
pub struct Edit {
    /// Of which delivery.
    pub delivery: DeliveryId,
    /// The version that it puts there.
    pub n: u32,
    /// Its hash.
    pub hash: Hash,
    /// Where it stands.
    pub status: EditStatus,
    /// Why it is held.
    pub hold: Option<HoldReason>,
    /// The network's own words, or what stands in the way.
    pub words: Option<String>,
    /// When it is tried again.
    pub retry_at: Option<Instant>,
    /// The run that writes it.
    pub run: Option<Uuid>,
    /// Counts starts, so that each has a run of its own.
    pub starts: u32,
    /// Who asked for it.
    pub person: Option<PersonId>,
    /// When it was asked for.
    pub asked_at: Instant,
    /// When it came to its end.
    pub settled_at: Option<Instant>,
}

mod sql {
    db::statements! {
        pub(super) GET = "SELECT * FROM edit WHERE organization_id = $1 AND delivery_id = $2";
        pub(super) OF_CONTENT = "SELECT e.* FROM edit e JOIN delivery d ON d.organization_id = e.organization_id AND d.id = e.delivery_id WHERE e.organization_id = $1 AND d.content_id = $2 ORDER BY e.asked_at, e.delivery_id";
        pub(super) OF_IDENTITY = "SELECT e.* FROM edit e JOIN delivery d ON d.organization_id = e.organization_id AND d.id = e.delivery_id WHERE e.organization_id = $1 AND d.identity_id = $2 AND e.status IN ('waiting', 'sending', 'held') ORDER BY e.asked_at, e.delivery_id";
        pub(super) WITH_STATUS = "SELECT * FROM edit WHERE organization_id = $1 AND status = $2 ORDER BY asked_at, delivery_id";
        pub(super) SAVE = "INSERT INTO edit (organization_id, delivery_id, n, hash, status, hold, words, retry_at, run_id, starts, person_id, asked_at, settled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (organization_id, delivery_id) DO UPDATE SET n = excluded.n, hash = excluded.hash, status = excluded.status, hold = excluded.hold, words = excluded.words, retry_at = excluded.retry_at, run_id = excluded.run_id, starts = excluded.starts, person_id = excluded.person_id, asked_at = excluded.asked_at, settled_at = excluded.settled_at";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Edit, Error> {
    Ok(Edit {
        delivery: row.id("delivery_id")?,
        n: row.count("n")?,
        hash: row.hash("hash")?,
        status: row.name("status")?,
        hold: row.maybe_name("hold")?,
        words: row.get("words")?,
        retry_at: row.maybe_instant("retry_at")?,
        run: row.get("run_id")?,
        starts: row.count("starts")?,
        person: row.maybe_id("person_id")?,
        asked_at: row.instant("asked_at")?,
        settled_at: row.maybe_instant("settled_at")?,
    })
}

async fn many(tx: &mut Tx<'_>, sql: &'static str, args: db::Args) -> Result<Vec<Edit>, Error> {
    tx.rows(sql, args).await?.iter().map(read).collect()
}

/// That of a delivery.
///
/// # Errors
/// When the database says no.
pub async fn get(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    delivery: DeliveryId,
) -> Result<Option<Edit>, Error> {
    tx.row(sql::GET, args![organization.0, delivery.0])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Those of a content's deliveries, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn of_content(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    content: ContentId,
) -> Result<Vec<Edit>, Error> {
    many(tx, sql::OF_CONTENT, args![organization.0, content.0]).await
}

/// Those of an account that are not settled, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn unsettled_of_identity(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    identity: IdentityId,
) -> Result<Vec<Edit>, Error> {
    many(tx, sql::OF_IDENTITY, args![organization.0, identity.0]).await
}

/// Those in a state, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn with_status(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    status: EditStatus,
) -> Result<Vec<Edit>, Error> {
    many(tx, sql::WITH_STATUS, args![organization.0, status.as_str()]).await
}

/// Adds or changes one.
///
/// # Errors
/// When the database says no.
pub async fn save(tx: &mut Tx<'_>, organization: OrganizationId, edit: &Edit) -> Result<(), Error> {
    tx.execute(
        sql::SAVE,
        args![
            organization.0,
            edit.delivery.0,
            i64::from(edit.n),
            edit.hash.0.to_vec(),
            edit.status.as_str(),
            edit.hold.as_ref().map(name_of).transpose()?,
            edit.words.as_deref(),
            edit.retry_at.map(|t| t.0),
            edit.run,
            i64::from(edit.starts),
            edit.person.map(|p| p.0),
            edit.asked_at.0,
            edit.settled_at.map(|t| t.0)
        ],
    )
    .await?;
    Ok(())
}
