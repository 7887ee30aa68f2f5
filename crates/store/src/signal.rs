//! Signals: items of sources, kept for some weeks.

use db::{Tx, args};
use domain::ids::{OrganizationId, SourceId};
use domain::{Hash, Instant};

use crate::Error;
use crate::codec::Columns as _;

/// An item as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Where.
    pub source: SourceId,
    /// What names it within its source.
    pub item: Hash,
    /// Its page.
    pub url: Option<String>,
    /// Its title, or its first words.
    pub title: String,
    /// Its text; may be empty.
    pub text: String,
    /// BCP 47, where it says so itself.
    pub language: Option<String>,
    /// When it says that it was published; never after `fetched_at`.
    pub published_at: Instant,
    /// When it was first read.
    pub fetched_at: Instant,
}

/// Where a page of signals ended: in the order in which they were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When the last one was read.
    pub fetched_at: Instant,
    /// When it was published.
    pub published_at: Instant,
    /// Where.
    pub source: SourceId,
    /// Which.
    pub item: Hash,
}

impl Signal {
    /// The place after this one.
    #[must_use]
    pub const fn cursor(&self) -> Cursor {
        Cursor {
            fetched_at: self.fetched_at,
            published_at: self.published_at,
            source: self.source,
            item: self.item,
        }
    }
}

impl Cursor {
    /// The place before everything that was read at `at` or later.
    #[must_use]
    pub fn before(at: Instant) -> Self {
        Self {
            fetched_at: at,
            published_at: Instant(i64::MIN),
            source: SourceId(uuid::Uuid::nil()),
            item: Hash([0; 32]),
        }
    }
}

mod sql {
    db::statements! {
        pub(super) INSERT = "INSERT INTO signal (organization_id, source_id, item, url, title, text, language, published_at, fetched_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (organization_id, source_id, item) DO NOTHING";
        pub(super) AFTER = "SELECT * FROM signal WHERE organization_id = $1 AND (fetched_at, published_at, source_id, item) > ($2, $3, $4, $5) ORDER BY fetched_at, published_at, source_id, item LIMIT $6";
        pub(super) COUNTS = "SELECT source_id, count(*) AS n FROM signal WHERE organization_id = $1 AND fetched_at >= $2 GROUP BY source_id ORDER BY source_id";
        pub(super) OLDEST_KEPT = "SELECT fetched_at FROM signal WHERE organization_id = $1 ORDER BY fetched_at DESC LIMIT 1 OFFSET $2";
        pub(super) FORGET = "DELETE FROM signal WHERE organization_id = $1 AND fetched_at < $2";
        pub(super) DELETE_OF = "DELETE FROM signal WHERE organization_id = $1 AND source_id = $2";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Signal, Error> {
    Ok(Signal {
        source: row.id("source_id")?,
        item: row.hash("item")?,
        url: row.get("url")?,
        title: row.get("title")?,
        text: row.get("text")?,
        language: row.get("language")?,
        published_at: row.instant("published_at")?,
        fetched_at: row.instant("fetched_at")?,
    })
}

/// Adds one; answers whether it is new.
///
/// # Errors
/// When the database says no.
pub async fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    signal: &Signal,
) -> Result<bool, Error> {
    let added = tx
        .execute(
            sql::INSERT,
            args![
                organization.0,
                signal.source.0,
                signal.item.0,
                signal.url.as_deref(),
                signal.title.as_str(),
                signal.text.as_str(),
                signal.language.as_deref(),
                signal.published_at.0,
                signal.fetched_at.0
            ],
        )
        .await?;
    Ok(added > 0)
}

/// Those that were read after a place, in the order in which they were, at most `limit`.
///
/// # Errors
/// When the database says no.
pub async fn after(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    cursor: Cursor,
    limit: u32,
) -> Result<Vec<Signal>, Error> {
    let args = args![
        organization.0,
        cursor.fetched_at.0,
        cursor.published_at.0,
        cursor.source.0,
        cursor.item.0,
        i64::from(limit)
    ];
    tx.rows(sql::AFTER, args).await?.iter().map(read).collect()
}

/// How many were read since then, by source.
///
/// # Errors
/// When the database says no.
pub async fn counts(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    since: Instant,
) -> Result<Vec<(SourceId, u32)>, Error> {
    tx.rows(sql::COUNTS, args![organization.0, since.0])
        .await?
        .iter()
        .map(|row| Ok((row.id("source_id")?, row.count("n")?)))
        .collect()
}

/// Forgets those that were read before an instant, and the oldest beyond `most` of them; answers
/// how many went.
///
/// # Errors
/// When the database says no.
pub async fn forget(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    before: Instant,
    most: u32,
) -> Result<u64, Error> {
    let kept = tx
        .row(sql::OLDEST_KEPT, args![organization.0, i64::from(most)])
        .await?;
    let before = match kept {
        // One instant holds all of a reading: it goes as a whole.
        Some(row) => before.max(row.instant("fetched_at")?.plus(1)),
        None => before,
    };
    Ok(tx
        .execute(sql::FORGET, args![organization.0, before.0])
        .await?)
}

pub(crate) async fn delete_of(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    source: SourceId,
) -> Result<(), Error> {
    tx.execute(sql::DELETE_OF, args![organization.0, source.0])
        .await?;
    Ok(())
}
