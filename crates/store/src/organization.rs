//! The organization: lock, order, pause.

use db::{Tx, args};
use domain::ids::{MutationId, OrganizationId};
use domain::{Hash, Instant};

use crate::Error;
use crate::codec::Columns as _;

/// Whose data it is.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Which.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// How many mutations were applied.
    pub head_seq: u64,
    /// How many audit entries there are.
    pub audit_n: u64,
    /// The hash of the last one.
    pub audit_head: Hash,
    /// Sending is stopped for everybody since then.
    pub paused_at: Option<Instant>,
    /// Names the order up to its last place: a hash over all of it.
    pub mark: Hash,
}

mod sql {
    db::statements! {
        pub(super) LOCK = sqlite "SELECT id, name, head_seq, audit_n, audit_head, paused_at, order_mark FROM organization WHERE id = $1"
            postgres "SELECT id, name, head_seq, audit_n, audit_head, paused_at, order_mark FROM organization WHERE id = $1 FOR UPDATE";
        pub(super) GET = "SELECT id, name, head_seq, audit_n, audit_head, paused_at, order_mark FROM organization WHERE id = $1";
        pub(super) ALL = "SELECT id, name, head_seq, audit_n, audit_head, paused_at, order_mark FROM organization ORDER BY created_at, id";
        pub(super) INSERT = "INSERT INTO organization (id, name, head_seq, audit_n, audit_head, created_at) VALUES ($1, $2, 0, 0, $3, $4)";
        pub(super) ADVANCE = "UPDATE organization SET head_seq = $2, order_mark = $3 WHERE id = $1";
        pub(super) FOLLOW = "UPDATE organization SET head_seq = $2 WHERE id = $1";
        pub(super) AUDITED = "UPDATE organization SET audit_n = $2, audit_head = $3 WHERE id = $1";
        pub(super) PAUSE = "UPDATE organization SET paused_at = $2 WHERE id = $1";
        pub(super) RESULT = "SELECT call, seq, outcome FROM mutation_result WHERE organization_id = $1 AND id = $2";
        pub(super) KEEP = "INSERT INTO mutation_result (organization_id, id, call, seq, outcome, at) VALUES ($1, $2, $3, $4, $5, $6)";
        pub(super) KEEP_NEWEST = "INSERT INTO mutation_result (organization_id, id, call, seq, outcome, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization_id, id) DO UPDATE SET call = excluded.call, outcome = excluded.outcome, at = excluded.at";
        pub(super) CHANGE = "INSERT INTO change (organization_id, seq, entity, id, op, mark) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization_id, seq, entity, id) DO UPDATE SET op = excluded.op";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Organization, Error> {
    Ok(Organization {
        id: row.id("id")?,
        name: row.get("name")?,
        head_seq: u64::try_from(row.get::<i64>("head_seq")?).unwrap_or_default(),
        audit_n: u64::try_from(row.get::<i64>("audit_n")?).unwrap_or_default(),
        audit_head: row.hash("audit_head")?,
        paused_at: row.maybe_instant("paused_at")?,
        mark: row.hash("order_mark")?,
    })
}

/// Takes the organization's row and holds it to the commit: one writer at a time (rules.md 1).
///
/// # Errors
/// When the database says no.
pub async fn lock(tx: &mut Tx<'_>, id: OrganizationId) -> Result<Option<Organization>, Error> {
    let sql = sql::LOCK.on(tx.dialect());
    tx.row(sql, args![id.0])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// One.
///
/// # Errors
/// When the database says no.
pub async fn get(tx: &mut Tx<'_>, id: OrganizationId) -> Result<Option<Organization>, Error> {
    tx.row(sql::GET, args![id.0])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// All of them, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn all(tx: &mut Tx<'_>) -> Result<Vec<Organization>, Error> {
    tx.rows(sql::ALL, args![]).await?.iter().map(read).collect()
}

/// Adds one.
///
/// # Errors
/// When the database says no.
pub async fn insert(
    tx: &mut Tx<'_>,
    id: OrganizationId,
    name: &str,
    at: Instant,
) -> Result<(), Error> {
    tx.execute(
        sql::INSERT,
        args![id.0, name, domain::audit::GENESIS.0, at.0],
    )
    .await?;
    Ok(())
}

/// Records that `seq` mutations were applied, and what names the order up to there.
///
/// # Errors
/// When the database says no.
pub async fn advance(
    tx: &mut Tx<'_>,
    id: OrganizationId,
    seq: u64,
    mark: Hash,
) -> Result<(), Error> {
    tx.execute(sql::ADVANCE, args![id.0, seq as i64, mark.0])
        .await?;
    Ok(())
}

/// Records how far a mirror knows the order of its server.
///
/// # Errors
/// When the database says no.
pub async fn follow(tx: &mut Tx<'_>, id: OrganizationId, seq: u64) -> Result<(), Error> {
    tx.execute(sql::FOLLOW, args![id.0, seq as i64]).await?;
    Ok(())
}

pub(crate) async fn audited(
    tx: &mut Tx<'_>,
    id: OrganizationId,
    n: u64,
    head: Hash,
) -> Result<(), Error> {
    tx.execute(sql::AUDITED, args![id.0, n as i64, head.0])
        .await?;
    Ok(())
}

/// Stops sending for everybody, or resumes it.
///
/// # Errors
/// When the database says no.
pub async fn pause(tx: &mut Tx<'_>, id: OrganizationId, at: Option<Instant>) -> Result<(), Error> {
    tx.execute(sql::PAUSE, args![id.0, at.map(|t| t.0)]).await?;
    Ok(())
}

/// What a mutation answered when it was applied.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Hash of the call.
    pub call: Hash,
    /// Its place in the order.
    pub seq: u64,
    /// JSON of the outcome.
    pub outcome: String,
}

/// What the mutation `id` answered, if it was applied.
///
/// # Errors
/// When the database says no.
pub async fn result(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: MutationId,
) -> Result<Option<Kept>, Error> {
    let Some(row) = tx.row(sql::RESULT, args![organization.0, id.0]).await? else {
        return Ok(None);
    };
    Ok(Some(Kept {
        call: row.hash("call")?,
        seq: u64::try_from(row.get::<i64>("seq")?).unwrap_or_default(),
        outcome: row.get("outcome")?,
    }))
}

/// Keeps what a mutation answered.
///
/// # Errors
/// When the database says no.
pub async fn keep_result(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: MutationId,
    kept: &Kept,
    at: Instant,
) -> Result<(), Error> {
    keep(tx, sql::KEEP, organization, id, (kept, at)).await
}

/// Keeps how far something has come, in place of what was kept before.
///
/// # Errors
/// When the database says no.
pub async fn keep_newest(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: MutationId,
    kept: &Kept,
    at: Instant,
) -> Result<(), Error> {
    keep(tx, sql::KEEP_NEWEST, organization, id, (kept, at)).await
}

async fn keep(
    tx: &mut Tx<'_>,
    sql: &'static str,
    organization: OrganizationId,
    id: MutationId,
    (kept, at): (&Kept, Instant),
) -> Result<(), Error> {
    tx.execute(
        sql,
        args![
            organization.0,
            id.0,
            kept.call.0,
            kept.seq as i64,
            kept.outcome.as_str(),
            at.0
        ],
    )
    .await?;
    Ok(())
}

/// A change of a thing at a place in the order.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The place.
    pub seq: u64,
    /// What names the order up to there.
    pub mark: Hash,
    /// What kind of thing.
    pub entity: &'static str,
    /// Which.
    pub id: &'a str,
    /// What became of it: `set` or `gone`.
    pub op: &'static str,
}

/// Records that a thing changed or went.
///
/// # Errors
/// When the database says no.
pub async fn change(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    change: Change<'_>,
) -> Result<(), Error> {
    let Change {
        seq,
        mark,
        entity,
        id,
        op,
    } = change;
    tx.execute(
        sql::CHANGE,
        args![organization.0, seq as i64, entity, id, op, mark.0],
    )
    .await?;
    Ok(())
}
