//! Attempts: the journal of what was tried on a network.

use db::{Tx, args};
use domain::attempt::{AttemptKind, AttemptPhase};
use domain::ids::{AttemptId, DeliveryId, IdentityId, OrganizationId, PersonId, RequestId};
use domain::{Hash, Instant};
use serde_json::Value;
use uuid::Uuid;

use crate::Error;
use crate::codec::{Columns as _, from_json, to_json};

/// One try of a delivery's segment.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Which.
    pub id: AttemptId,
    /// Of which delivery.
    pub delivery: DeliveryId,
    /// Which segment, counted from 0.
    pub segment: u32,
    /// What it is to do.
    pub kind: AttemptKind,
    /// The version that it sends.
    pub n: u32,
    /// Its hash.
    pub hash: Hash,
    /// The request that let it go.
    pub request: RequestId,
    /// Where it stands.
    pub phase: AttemptPhase,
    /// What makes a repetition the same write.
    pub keys: Value,
    /// What is kept to ask with later.
    pub handle: Option<Value>,
    /// The process that sends.
    pub owner: Uuid,
    /// The account's epoch when it was journaled.
    pub epoch: u64,
    /// Until when the owner may write.
    pub lease_until: Instant,
    /// The network's own words, or why nothing was sent.
    pub words: Option<String>,
    /// Who said to send again in spite of it.
    pub written_off_by: Option<PersonId>,
    /// When it was journaled.
    pub started_at: Instant,
    /// When it came to the phase that it is in.
    pub settled_at: Option<Instant>,
    /// For when the network was asked to keep it; absent for what goes out at once.
    pub handed_for: Option<Instant>,
    /// What its delivery costs by the prices known when it was journaled: of the try that begins
    /// it, for all its segments. Millionths of the currency.
    pub cost: Option<(u64, String)>,
}

mod sql {
    db::statements! {
        pub(super) GET = "SELECT * FROM attempt WHERE organization_id = $1 AND id = $2";
        pub(super) OF_DELIVERY = "SELECT * FROM attempt WHERE organization_id = $1 AND delivery_id = $2 ORDER BY started_at, segment, id";
        pub(super) OF_CONTENT = "SELECT a.* FROM attempt a JOIN delivery d ON d.organization_id = a.organization_id AND d.id = a.delivery_id WHERE a.organization_id = $1 AND d.content_id = $2 ORDER BY a.started_at, a.segment, a.id";
        pub(super) OPEN = "SELECT * FROM attempt WHERE organization_id = $1 AND phase IN ('in_flight', 'pending', 'ambiguous') ORDER BY started_at, id";
        pub(super) BLOCKS = "SELECT count(*) AS n FROM attempt WHERE organization_id = $1 AND delivery_id = $2 AND phase IN ('in_flight', 'pending', 'ambiguous')";
        pub(super) INSERT = "INSERT INTO attempt (organization_id, id, delivery_id, segment, n, hash, request_id, phase, keys, handle, owner, epoch, lease_until, words, written_off_by, started_at, settled_at, cost, currency, kind, handed_for) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)";
        pub(super) SPENT = "SELECT CAST(COALESCE(SUM(a.cost), 0) AS BIGINT) AS n FROM attempt a JOIN delivery d ON d.organization_id = a.organization_id AND d.id = a.delivery_id WHERE a.organization_id = $1 AND d.identity_id = $2 AND a.currency = $3 AND a.cost IS NOT NULL AND a.started_at >= $4 AND a.started_at < $5 AND a.phase NOT IN ('not_sent', 'rejected', 'throttled') AND (a.delivery_id <> $6 OR a.written_off_by IS NOT NULL)";
        pub(super) UPDATE = "UPDATE attempt SET phase = $4, handle = $5, owner = $6, lease_until = $7, words = $8, written_off_by = $9, settled_at = $10 WHERE organization_id = $1 AND id = $2 AND phase = $3";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Attempt, Error> {
    Ok(Attempt {
        id: row.id("id")?,
        delivery: row.id("delivery_id")?,
        segment: row.count("segment")?,
        kind: row.name("kind")?,
        n: row.count("n")?,
        hash: row.hash("hash")?,
        request: row.id("request_id")?,
        phase: row.name("phase")?,
        keys: row.json("keys")?,
        handle: row
            .get::<Option<String>>("handle")?
            .map(|text| from_json("handle", &text))
            .transpose()?,
        owner: row.get("owner")?,
        epoch: u64::try_from(row.get::<i64>("epoch")?).unwrap_or_default(),
        lease_until: row.instant("lease_until")?,
        words: row.get("words")?,
        written_off_by: row.maybe_id("written_off_by")?,
        started_at: row.instant("started_at")?,
        settled_at: row.maybe_instant("settled_at")?,
        handed_for: row.maybe_instant("handed_for")?,
        cost: row
            .get::<Option<i64>>("cost")?
            .and_then(|n| u64::try_from(n).ok())
            .zip(row.get("currency")?),
    })
}

/// One.
///
/// # Errors
/// When the database says no.
pub async fn get(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: AttemptId,
) -> Result<Option<Attempt>, Error> {
    tx.row(sql::GET, args![organization.0, id.0])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// All of a delivery, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn of_delivery(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    delivery: DeliveryId,
) -> Result<Vec<Attempt>, Error> {
    tx.rows(sql::OF_DELIVERY, args![organization.0, delivery.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// All of a content's deliveries, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn of_content(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    content: domain::ids::ContentId,
) -> Result<Vec<Attempt>, Error> {
    tx.rows(sql::OF_CONTENT, args![organization.0, content.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Those whose end is not known, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn open(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Vec<Attempt>, Error> {
    tx.rows(sql::OPEN, args![organization.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Whether something of a delivery may be on its way.
///
/// # Errors
/// When the database says no.
pub async fn is_open(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    delivery: DeliveryId,
) -> Result<bool, Error> {
    let row = tx
        .row(sql::BLOCKS, args![organization.0, delivery.0])
        .await?;
    Ok(row
        .map(|r| r.get::<i64>("n"))
        .transpose()?
        .unwrap_or_default()
        > 0)
}

/// Journals one.
///
/// # Errors
/// When the database says no, also when another attempt for the segment might be live.
pub async fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    attempt: &Attempt,
) -> Result<(), Error> {
    tx.execute(
        sql::INSERT,
        args![
            organization.0,
            attempt.id.0,
            attempt.delivery.0,
            i64::from(attempt.segment),
            i64::from(attempt.n),
            attempt.hash.0,
            attempt.request.0,
            attempt.phase.as_str(),
            to_json(&attempt.keys)?,
            attempt.handle.as_ref().map(to_json).transpose()?,
            attempt.owner,
            attempt.epoch as i64,
            attempt.lease_until.0,
            attempt.words.as_deref(),
            attempt.written_off_by.map(|p| p.0),
            attempt.started_at.0,
            attempt.settled_at.map(|t| t.0),
            attempt
                .cost
                .as_ref()
                .map(|(micros, _)| i64::try_from(*micros).unwrap_or(i64::MAX)),
            attempt.cost.as_ref().map(|(_, currency)| currency.as_str()),
            attempt.kind.as_str(),
            attempt.handed_for.map(|t| t.0)
        ],
    )
    .await?;
    Ok(())
}

/// What tries for an account that were journaled from `from` to before `to` may have spent, in
/// millionths of `currency`: those that wrote nothing for certain do not count, and neither does
/// what `except` has under way itself, unless a person said to send it again: it may be live, too.
///
/// # Errors
/// When the database says no.
pub async fn spent(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    identity: IdentityId,
    currency: &str,
    (from, to): (Instant, Instant),
    except: Option<DeliveryId>,
) -> Result<u64, Error> {
    let except = except.unwrap_or(DeliveryId(Uuid::nil()));
    let values = args![organization.0, identity.0, currency, from.0, to.0, except.0];
    let row = tx.row(sql::SPENT, values).await?;
    let n = row.map(|r| r.get::<i64>("n")).transpose()?;
    Ok(u64::try_from(n.unwrap_or_default()).unwrap_or_default())
}

/// Writes where it stands, if it still is in the phase `from`; `false` when it is not.
///
/// # Errors
/// When the database says no.
pub async fn update(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    from: AttemptPhase,
    attempt: &Attempt,
) -> Result<bool, Error> {
    let changed = tx
        .execute(
            sql::UPDATE,
            args![
                organization.0,
                attempt.id.0,
                from.as_str(),
                attempt.phase.as_str(),
                attempt.handle.as_ref().map(to_json).transpose()?,
                attempt.owner,
                attempt.lease_until.0,
                attempt.words.as_deref(),
                attempt.written_off_by.map(|p| p.0),
                attempt.settled_at.map(|t| t.0)
            ],
        )
        .await?;
    Ok(changed == 1)
}
