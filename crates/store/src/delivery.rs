//! Deliveries.

use db::{Tx, args};
use domain::delivery::{DeliveryStatus, HoldReason, MissReason, Recall};
use domain::ids::{ContentId, DeliveryId, IdentityId, OrganizationId};
use domain::time::Shift;
use domain::{Hash, Instant, Planned};
use uuid::Uuid;

use crate::Error;
use crate::codec::{Columns as _, MOST_AT_ONCE, ids_of, name_of, one_of};

/// One version to one identity at one time.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Which.
    pub id: DeliveryId,
    /// Of which content.
    pub content: ContentId,
    /// To which account.
    pub identity: IdentityId,
    /// The version that it sends (or sent); 0 until there is one.
    pub n: u32,
    /// Its hash.
    pub hash: Option<Hash>,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// When; absent means as soon as approved.
    pub planned: Option<Planned>,
    /// How late it may go out on its own, milliseconds.
    pub grace: i64,
    /// Why it is held.
    pub hold: Option<HoldReason>,
    /// Why it is missed.
    pub miss: Option<MissReason>,
    /// The network's own words.
    pub words: Option<String>,
    /// When it is tried again.
    pub retry_at: Option<Instant>,
    /// Segments in all.
    pub segments: u32,
    /// Segments that are live.
    pub live: u32,
    /// The run that publishes it.
    pub run: Option<Uuid>,
    /// Counts starts, so that each has a run of its own.
    pub starts: u32,
    /// When it came to its end.
    pub settled_at: Option<Instant>,
    /// When a person let it pass the account's budget: of that month only.
    pub budget_passed: Option<Instant>,
    /// The network itself shall keep its time, where it does.
    pub hand_off: bool,
    /// The network is asked to give it back, and this becomes of it then.
    pub recall: Option<Recall>,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub changed_at: Instant,
}

mod sql {
    db::statements! {
        pub(super) GET = "SELECT * FROM delivery WHERE organization_id = $1 AND id = $2";
        pub(super) OF_CONTENT = "SELECT * FROM delivery WHERE organization_id = $1 AND content_id = $2 ORDER BY created_at, id";
        pub(super) OF_IDENTITY = "SELECT * FROM delivery WHERE organization_id = $1 AND identity_id = $2 AND status IN ('planned', 'due', 'held', 'sending', 'handed_off') ORDER BY planned_at NULLS FIRST, id";
        pub(super) WITH_STATUS = "SELECT * FROM delivery WHERE organization_id = $1 AND status = $2 ORDER BY planned_at NULLS FIRST, id";
        pub(super) BETWEEN = "SELECT * FROM delivery WHERE organization_id = $1 AND status <> 'cancelled' AND ((planned_at >= $2 AND planned_at < $3) OR (planned_at IS NULL AND settled_at >= $2 AND settled_at < $3)) ORDER BY COALESCE(planned_at, settled_at), id";
        pub(super) TAKEN = "SELECT DISTINCT identity_id, COALESCE(planned_at, settled_at) AS at FROM delivery WHERE organization_id = $1 AND status <> 'cancelled' AND ((planned_at >= $2 AND planned_at < $3) OR (planned_at IS NULL AND settled_at >= $2 AND settled_at < $3)) ORDER BY at, identity_id";
        pub(super) WENT = "SELECT count(*) AS n, count(CASE WHEN settled_at - planned_at > grace THEN 1 END) AS late FROM delivery WHERE organization_id = $1 AND settled_at > $2 AND settled_at <= $3 AND status = 'published'";
        pub(super) GOING_OUT = "SELECT d.content_id FROM delivery d JOIN content c ON c.organization_id = d.organization_id AND c.id = d.content_id WHERE d.organization_id = $1 AND d.planned_at >= $2 AND d.planned_at < $3 AND d.status IN ('planned', 'due', 'held', 'handed_off') AND NOT c.archived GROUP BY d.content_id ORDER BY min(d.planned_at), d.content_id LIMIT $4";
        pub(super) SAVE = "INSERT INTO delivery (organization_id, id, content_id, identity_id, n, hash, status, planned_at, planned_zone, planned_wall, grace, hold, miss, words, retry_at, segments, live, run_id, starts, settled_at, created_at, changed_at, budget_passed_at, hand_off, recall) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25) ON CONFLICT (organization_id, id) DO UPDATE SET n = excluded.n, hash = excluded.hash, status = excluded.status, planned_at = excluded.planned_at, planned_zone = excluded.planned_zone, planned_wall = excluded.planned_wall, grace = excluded.grace, hold = excluded.hold, miss = excluded.miss, words = excluded.words, retry_at = excluded.retry_at, segments = excluded.segments, live = excluded.live, run_id = excluded.run_id, starts = excluded.starts, settled_at = excluded.settled_at, changed_at = excluded.changed_at, budget_passed_at = excluded.budget_passed_at, hand_off = excluded.hand_off, recall = excluded.recall";
        pub(super) TO_HAND_OFF = "SELECT * FROM delivery WHERE organization_id = $1 AND status = 'planned' AND hand_off = TRUE ORDER BY planned_at NULLS FIRST, id";
        pub(super) NEXT = "SELECT d.* FROM delivery d JOIN content c ON c.organization_id = d.organization_id AND c.id = d.content_id WHERE d.organization_id = $1 AND d.status = 'planned' AND c.status = 'scheduled' AND d.planned_at IS NOT NULL ORDER BY d.planned_at, d.id LIMIT 1";
    }
}
pub use sql::STATEMENTS;

/// Reads a row of `delivery`.
///
/// # Errors
/// When a value is not what this program writes.
pub fn read(row: &db::Row) -> Result<Delivery, Error> {
    Ok(Delivery {
        id: row.id("id")?,
        content: row.id("content_id")?,
        identity: row.id("identity_id")?,
        n: row.count("n")?,
        hash: row.maybe_hash("hash")?,
        status: row.name("status")?,
        planned: planned(row)?,
        grace: row.get("grace")?,
        hold: row.maybe_name("hold")?,
        miss: row.maybe_name("miss")?,
        words: row.get("words")?,
        retry_at: row.maybe_instant("retry_at")?,
        segments: row.count("segments")?,
        live: row.count("live")?,
        run: row.get("run_id")?,
        starts: row.count("starts")?,
        settled_at: row.maybe_instant("settled_at")?,
        budget_passed: row.maybe_instant("budget_passed_at")?,
        hand_off: row.get("hand_off")?,
        recall: row.maybe_name("recall")?,
        created_at: row.instant("created_at")?,
        changed_at: row.instant("changed_at")?,
    })
}

pub(crate) fn planned(row: &db::Row) -> Result<Option<Planned>, Error> {
    let Some(at) = row.maybe_instant("planned_at")? else {
        return Ok(None);
    };
    let zone: Option<String> = row.get("planned_zone")?;
    let wall: Option<String> = row.get("planned_wall")?;
    let (zone, wall) = (zone.unwrap_or_default(), wall.unwrap_or_default());
    // Whether the change of clocks moved it follows from the wall time.
    let shift = Planned::from_wall(&wall, &zone)
        .ok()
        .filter(|resolved| resolved.at == at)
        .map_or(Shift::None, |resolved| resolved.shift);
    Ok(Some(Planned {
        at,
        zone,
        wall,
        shift,
    }))
}

async fn many(tx: &mut Tx<'_>, sql: &'static str, args: db::Args) -> Result<Vec<Delivery>, Error> {
    tx.rows(sql, args).await?.iter().map(read).collect()
}

/// One.
///
/// # Errors
/// When the database says no.
pub async fn get(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: DeliveryId,
) -> Result<Option<Delivery>, Error> {
    tx.row(sql::GET, args![organization.0, id.0])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// All of a content, in the order they were made.
///
/// # Errors
/// When the database says no.
pub async fn of_content(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    content: ContentId,
) -> Result<Vec<Delivery>, Error> {
    many(tx, sql::OF_CONTENT, args![organization.0, content.0]).await
}

/// All of several contents, each one's in the order they were made.
///
/// # Errors
/// When the database says no.
pub async fn of_contents(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    contents: &[ContentId],
) -> Result<Vec<Delivery>, Error> {
    let mut found = Vec::new();
    for some in contents.chunks(MOST_AT_ONCE) {
        let (list, args) = one_of(organization, ids_of(some));
        let sql = format!(
            "SELECT * FROM delivery WHERE organization_id = $1 AND content_id IN ({list}) ORDER BY created_at, id"
        );
        for row in tx.rows_dyn(sql, args).await? {
            found.push(read(&row)?);
        }
    }
    Ok(found)
}

/// Those of an account that are not settled.
///
/// # Errors
/// When the database says no.
pub async fn unsettled_of_identity(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    identity: IdentityId,
) -> Result<Vec<Delivery>, Error> {
    many(tx, sql::OF_IDENTITY, args![organization.0, identity.0]).await
}

/// Those in a state.
///
/// # Errors
/// When the database says no.
pub async fn with_status(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    status: DeliveryStatus,
) -> Result<Vec<Delivery>, Error> {
    many(tx, sql::WITH_STATUS, args![organization.0, status.as_str()]).await
}

/// Those that wait here although the network may keep their time.
///
/// # Errors
/// When the database says no.
pub async fn to_hand_off(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
) -> Result<Vec<Delivery>, Error> {
    many(tx, sql::TO_HAND_OFF, args![organization.0]).await
}

/// Those planned between two instants (to exclusive) that were not cancelled, and those without a
/// planned time that settled in between.
///
/// # Errors
/// When the database says no.
pub async fn between(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    from: Instant,
    to: Instant,
) -> Result<Vec<Delivery>, Error> {
    many(tx, sql::BETWEEN, args![organization.0, from.0, to.0]).await
}

/// Which accounts something goes to between two instants, and when: as [`between`], for posting
/// slots.
///
/// # Errors
/// When the database says no.
pub async fn taken(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    from: Instant,
    to: Instant,
) -> Result<Vec<(IdentityId, Instant)>, Error> {
    tx.rows(sql::TAKEN, args![organization.0, from.0, to.0])
        .await?
        .iter()
        .map(|row| Ok((row.id("identity_id")?, row.instant("at")?)))
        .collect()
}

/// The contents with a delivery that still waits for its time in a stretch, by that time.
///
/// # Errors
/// When the database says no.
pub async fn going_out(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    from: Instant,
    to: Instant,
    limit: u32,
) -> Result<Vec<ContentId>, Error> {
    tx.rows(
        sql::GOING_OUT,
        args![organization.0, from.0, to.0, i64::from(limit)],
    )
    .await?
    .iter()
    .map(|row| row.id("content_id"))
    .collect()
}

/// How many deliveries went out, and how many of them later than they may be on their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Went {
    /// All.
    pub all: u32,
    /// Later than their grace.
    pub late: u32,
}

/// How many were published after `after` and not after `until`.
///
/// # Errors
/// When the database says no.
pub async fn went(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    after: Instant,
    until: Instant,
) -> Result<Went, Error> {
    let row = tx
        .row(sql::WENT, args![organization.0, after.0, until.0])
        .await?;
    let count = |name| row.as_ref().map_or(Ok(0), |row| row.count(name));
    Ok(Went {
        all: count("n")?,
        late: count("late")?,
    })
}

/// The next one that is approved and will go out.
///
/// # Errors
/// When the database says no.
pub async fn next(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
) -> Result<Option<Delivery>, Error> {
    Ok(many(tx, sql::NEXT, args![organization.0])
        .await?
        .into_iter()
        .next())
}

/// Adds or changes one.
///
/// # Errors
/// When the database says no.
pub async fn save(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    delivery: &Delivery,
) -> Result<(), Error> {
    let planned = delivery.planned.as_ref();
    tx.execute(
        sql::SAVE,
        args![
            organization.0,
            delivery.id.0,
            delivery.content.0,
            delivery.identity.0,
            i64::from(delivery.n),
            delivery.hash.map(|h| h.0.to_vec()),
            delivery.status.as_str(),
            planned.map(|p| p.at.0),
            planned.map(|p| p.zone.clone()),
            planned.map(|p| p.wall.clone()),
            delivery.grace,
            delivery.hold.as_ref().map(name_of).transpose()?,
            delivery.miss.as_ref().map(name_of).transpose()?,
            delivery.words.as_deref(),
            delivery.retry_at.map(|t| t.0),
            i64::from(delivery.segments),
            i64::from(delivery.live),
            delivery.run,
            i64::from(delivery.starts),
            delivery.settled_at.map(|t| t.0),
            delivery.created_at.0,
            delivery.changed_at.0,
            delivery.budget_passed.map(|t| t.0),
            delivery.hand_off,
            delivery.recall.as_ref().map(name_of).transpose()?
        ],
    )
    .await?;
    Ok(())
}
