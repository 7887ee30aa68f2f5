//! What stands when: whole for a few days, and counted by day for many.

use std::collections::BTreeSet;

use db::{Tx, args};
use domain::Instant;
use domain::delivery::DeliveryStatus;
use domain::identity::NetworkId;
use domain::ids::{ContentId, DeliveryId, IdentityId, OrganizationId, PersonaId};
use domain::status::ContentStatus;
use domain::time::Steady;
use uuid::Uuid;

use crate::Error;
use crate::codec::{Columns as _, MOST_AT_ONCE, ids_of, one_of};
use crate::delivery::planned;

/// Minutes of a mark on the line of a day's hours.
pub const MARK: u16 = 15;

/// What gives way to what where there is little room; the foremost is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Something waits for a person.
    NeedsPerson,
    /// It has its time to come.
    ToCome,
    /// All of it is out.
    Out,
}

impl Rank {
    fn of(n: i64) -> Self {
        match n {
            0 => Self::NeedsPerson,
            1 => Self::ToCome,
            _ => Self::Out,
        }
    }
}

/// The rank of a delivery `d` of a content `c`; an entry has the least of its deliveries'.
macro_rules! rank {
    () => {
        "CASE WHEN d.status IN ('failed', 'unconfirmed', 'missed', 'held') OR c.status IN ('changes_requested', 'rejected') THEN 0 WHEN c.status = 'published' THEN 2 ELSE 1 END AS rank"
    };
}

macro_rules! columns {
    () => {
        concat!("SELECT d.id, d.content_id, d.identity_id, d.status, d.planned_at, d.planned_zone, d.planned_wall, d.settled_at, c.persona_id, c.headline, c.status AS content_status, ", rank!(), " FROM delivery d JOIN content c ON c.organization_id = d.organization_id AND c.id = d.content_id WHERE d.organization_id = $1 AND NOT c.archived AND d.status <> 'cancelled'")
    };
}

/// Deliveries by one of their times, from the indexes alone.
macro_rules! by_time {
    ($at:literal, $within:literal, $index:literal) => {
        concat!("SELECT ", $at, " AS at, d.content_id, c.persona_id, CASE WHEN $6 = '' OR EXISTS (SELECT 1 FROM identity i WHERE i.organization_id = d.organization_id AND i.id = d.identity_id AND i.network = $6) THEN 1 ELSE 0 END AS wanted, ", rank!(), " FROM delivery d JOIN content c", $index, " ON c.organization_id = d.organization_id AND c.id = d.content_id WHERE d.organization_id = $1 AND NOT c.archived AND d.status <> 'cancelled' AND ", $within, " AND (c.persona_id = $5 OR $5 IS NULL)")
    };
}

/// Two kinds of rows from one look at what stands there: 0 counts the entries of a persona on a day,
/// 1 is one of the foremost entries of a day.
macro_rules! in_short {
    ($index:literal) => {
        concat!(
            "WITH entry AS MATERIALIZED (SELECT (at + $4) / 86400000 AS day, at, content_id, persona_id, min(rank) AS rank FROM (",
            by_time!("d.planned_at", "d.planned_at >= $2 AND d.planned_at < $3", $index),
            " UNION ALL ",
            by_time!("d.settled_at", "d.planned_at IS NULL AND d.settled_at >= $2 AND d.settled_at < $3", $index),
            ") AS placed GROUP BY at, content_id, persona_id HAVING max(wanted) = 1)",
            ", mark AS (SELECT day, (at + $4) % 86400000 / 900000 AS quarter, persona_id, count(*) AS n, sum(CASE WHEN rank = 2 THEN 1 ELSE 0 END) AS published FROM entry GROUP BY 1, 2, 3)",
            ", ranked AS (SELECT day, at, content_id, rank, row_number() OVER (PARTITION BY day ORDER BY rank, at, content_id) AS place FROM entry)",
            " SELECT 0 AS kind, day, persona_id AS id, CAST(sum(n) AS BIGINT) AS n, CAST(sum(published) AS BIGINT) AS published, string_agg(CAST(quarter AS TEXT), ',') AS quarters, 0 AS at FROM mark GROUP BY day, persona_id",
            " UNION ALL SELECT 1, day, content_id, rank, 0, '', at FROM ranked WHERE place <= $7"
        )
    };
}

mod sql {
    db::statements! {
        pub(super) PLACED = concat!(columns!(), " AND ((d.planned_at >= $2 AND d.planned_at < $3) OR (d.planned_at IS NULL AND d.settled_at >= $2 AND d.settled_at < $3)) ORDER BY COALESCE(d.planned_at, d.settled_at), d.id");
        pub(super) ACCOUNTS = "SELECT DISTINCT identity_id FROM (SELECT identity_id FROM delivery WHERE organization_id = $1 AND status <> 'cancelled' AND planned_at >= $2 AND planned_at < $3 UNION ALL SELECT identity_id FROM delivery WHERE organization_id = $1 AND status <> 'cancelled' AND planned_at IS NULL AND settled_at >= $2 AND settled_at < $3) AS placed";
        // SQLite would look a content up in its table although this index has it all.
        pub(super) IN_SHORT = sqlite (in_short!(" INDEXED BY content_placed")) postgres (in_short!(""));
    }
}
pub use sql::STATEMENTS;

/// What a calendar says of a delivery and its content.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Which.
    pub id: DeliveryId,
    /// Of which content.
    pub content: ContentId,
    /// To which account.
    pub identity: IdentityId,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// When; absent means as soon as approved.
    pub planned: Option<domain::Planned>,
    /// When it came to its end.
    pub settled_at: Option<Instant>,
    /// Whose content.
    pub persona: PersonaId,
    /// The content's title or first line.
    pub headline: String,
    /// Where the content stands.
    pub content_status: ContentStatus,
    /// What it gives way to.
    pub rank: Rank,
}

fn read(row: &db::Row) -> Result<Placed, Error> {
    Ok(Placed {
        id: row.id("id")?,
        content: row.id("content_id")?,
        identity: row.id("identity_id")?,
        status: row.name("status")?,
        planned: planned(row)?,
        settled_at: row.maybe_instant("settled_at")?,
        persona: row.id("persona_id")?,
        headline: row.get("headline")?,
        content_status: row.name("content_status")?,
        rank: Rank::of(row.get("rank")?),
    })
}

/// All between two instants (to exclusive): as [`crate::delivery::between`], of contents that are
/// not archived.
///
/// # Errors
/// When the database says no.
pub async fn placed(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    from: Instant,
    to: Instant,
) -> Result<Vec<Placed>, Error> {
    tx.rows(sql::PLACED, args![organization.0, from.0, to.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// All of several contents, by delivery.
///
/// # Errors
/// When the database says no.
pub async fn placed_of(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    contents: &BTreeSet<ContentId>,
) -> Result<Vec<Placed>, Error> {
    let contents: Vec<ContentId> = contents.iter().copied().collect();
    let mut found = Vec::with_capacity(contents.len());
    for some in contents.chunks(MOST_AT_ONCE) {
        let (list, args) = one_of(organization, ids_of(some));
        // Sorted here: for this order SQLite would read all deliveries.
        let sql = format!("{} AND d.content_id IN ({list})", columns!());
        for row in tx.rows_dyn(sql, args).await? {
            found.push(read(&row)?);
        }
    }
    found.sort_by_key(|one| one.id);
    Ok(found)
}

/// Whose entries, and to which network.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of one persona.
    pub persona: Option<PersonaId>,
    /// With a delivery to one network.
    pub network: Option<NetworkId>,
}

/// A persona's entries on a day; an entry is one content at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Days since 1 January 1970 on the wall.
    pub day: i64,
    /// Whose.
    pub persona: PersonaId,
    /// How many.
    pub all: u32,
    /// How many of them are out.
    pub published: u32,
    /// Minutes after midnight at which some stand, in steps of [`MARK`].
    pub minutes: Vec<u16>,
}

/// An entry that is among the foremost of its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Foremost {
    /// Days since 1 January 1970 on the wall.
    pub day: i64,
    /// What it gives way to.
    pub rank: Rank,
    /// When.
    pub at: Instant,
    /// Which content.
    pub content: ContentId,
}

/// A stretch in short.
#[derive(Clone, Debug, Default)]
pub struct InShort {
    /// How much stands on its days, in no order.
    pub counted: Vec<Counted>,
    /// The first so many of each day by rank and time, in no order.
    pub foremost: Vec<Foremost>,
}

/// Counts what stands in a stretch by the days on its wall, and names the foremost `each` of each.
///
/// # Errors
/// When the database says no.
pub async fn in_short(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    stretch: Steady,
    wanted: &Wanted,
    each: u32,
) -> Result<InShort, Error> {
    let network = wanted.network.as_ref().map_or("", NetworkId::as_str);
    let args = args![
        organization.0,
        stretch.from.0,
        stretch.to.0,
        stretch.ahead,
        wanted.persona.map(|p| p.0),
        network,
        i64::from(each)
    ];
    let mut short = InShort::default();
    for row in tx.rows(sql::IN_SHORT.on(tx.dialect()), args).await? {
        let (day, id) = (row.get("day")?, row.get::<Uuid>("id")?);
        if row.get::<i64>("kind")? == 0 {
            short.counted.push(Counted {
                day,
                persona: id.into(),
                all: row.count("n")?,
                published: row.count("published")?,
                minutes: minutes(&row.get::<String>("quarters")?),
            });
        } else {
            short.foremost.push(Foremost {
                day,
                rank: Rank::of(row.get("n")?),
                at: row.instant("at")?,
                content: id.into(),
            });
        }
    }
    Ok(short)
}

/// The accounts to which anything goes between two instants (to exclusive), also of contents that
/// are archived; in no order.
///
/// # Errors
/// When the database says no.
pub async fn accounts(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    from: Instant,
    to: Instant,
) -> Result<Vec<IdentityId>, Error> {
    tx.rows(sql::ACCOUNTS, args![organization.0, from.0, to.0])
        .await?
        .iter()
        .map(|row| row.id("identity_id"))
        .collect()
}

fn minutes(quarters: &str) -> Vec<u16> {
    let numbers = quarters.split(',').filter_map(|n| n.parse::<u16>().ok());
    numbers.map(|n| n * MARK).collect()
}
