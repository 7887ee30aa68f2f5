//! Contents and working copies.

use std::collections::{BTreeMap, BTreeSet};

use db::{Tx, args};
use domain::Instant;
use domain::content::Body;
use domain::ids::{ContentId, OrganizationId, PersonId, PersonaId};
use domain::status::ContentStatus;

use crate::Error;
use crate::codec::{Columns as _, MOST_AT_ONCE, ids_of, one_of, to_json};

/// Beyond so many nobody counts what has no time.
const MOST_UNPLANNED: i64 = 200;

/// A piece of work.
#[derive(Clone, Debug)]
pub struct Content {
    /// Which.
    pub id: ContentId,
    /// Whose voice.
    pub persona: PersonaId,
    /// Derived by `domain::status`.
    pub status: ContentStatus,
    /// Put away.
    pub archived: bool,
    /// The newest version; 0 for none.
    pub n: u32,
    /// Title or first line.
    pub headline: String,
    /// The beginning of the shared text.
    pub excerpt: String,
    /// Pictures in the shared text.
    pub pictures: u32,
    /// Segments of the longest variant.
    pub parts: u32,
    /// Free.
    pub campaign: String,
    /// Free.
    pub labels: Vec<String>,
    /// Who wrote last.
    pub author: Option<PersonId>,
    /// When the next delivery goes, or the last one went.
    pub at: Option<Instant>,
    /// When it was begun.
    pub created_at: Instant,
    /// When it last changed.
    pub changed_at: Instant,
}

/// What is typed and not saved.
#[derive(Clone, Debug)]
pub struct WorkingCopy {
    /// The text.
    pub body: Body,
    /// The version that it started from; 0 for none.
    pub base: u32,
    /// Whose typing.
    pub person: Option<PersonId>,
    /// When it was kept.
    pub at: Instant,
}

mod sql {
    db::statements! {
        pub(super) UNPLANNED = "SELECT count(*) AS n FROM (SELECT 1 FROM content WHERE organization_id = $1 AND status IN ('draft', 'approved') AND at IS NULL LIMIT $2) AS few";
        pub(super) UNPLANNED_OF = "SELECT count(*) AS n FROM (SELECT 1 FROM content WHERE organization_id = $1 AND status IN ('draft', 'approved') AND at IS NULL AND persona_id = $3 LIMIT $2) AS few";
        pub(super) GET = "SELECT * FROM content WHERE organization_id = $1 AND id = $2";
        pub(super) SAVE = "INSERT INTO content (organization_id, id, persona_id, status, archived, n, headline, excerpt, pictures, parts, campaign, labels, author_id, at, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (organization_id, id) DO UPDATE SET persona_id = excluded.persona_id, status = excluded.status, archived = excluded.archived, n = excluded.n, headline = excluded.headline, excerpt = excluded.excerpt, pictures = excluded.pictures, parts = excluded.parts, campaign = excluded.campaign, labels = excluded.labels, author_id = excluded.author_id, at = excluded.at, changed_at = excluded.changed_at";
        pub(super) ALL_IDS = "SELECT id FROM content WHERE organization_id = $1 ORDER BY id";
        pub(super) COPY = "SELECT body, base, person_id, at FROM working_copy WHERE organization_id = $1 AND content_id = $2";
        pub(super) KEEP_COPY = "INSERT INTO working_copy (organization_id, content_id, body, base, person_id, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization_id, content_id) DO UPDATE SET body = excluded.body, base = excluded.base, person_id = excluded.person_id, at = excluded.at";
        pub(super) FORGET_MENTIONS = "DELETE FROM note_mention WHERE organization_id = $1 AND note_id IN (SELECT id FROM note WHERE organization_id = $1 AND content_id = $2)";
        pub(super) FORGET_ANSWERS = "DELETE FROM note WHERE organization_id = $1 AND content_id = $2 AND thread_id IS NOT NULL";
        pub(super) FORGET_NOTES = "DELETE FROM note WHERE organization_id = $1 AND content_id = $2";
        pub(super) FORGET_DELIVERIES = "DELETE FROM delivery WHERE organization_id = $1 AND content_id = $2";
        pub(super) FORGET_VERSIONS = "DELETE FROM version WHERE organization_id = $1 AND content_id = $2";
        pub(super) FORGET_TERMS = "DELETE FROM content_terms WHERE organization_id = $1 AND content_id = $2";
        pub(super) FORGET_CONTENT = "DELETE FROM content WHERE organization_id = $1 AND id = $2";
        pub(super) DROP_COPY = "DELETE FROM working_copy WHERE organization_id = $1 AND content_id = $2";
    }
}
pub use sql::STATEMENTS;

/// Reads a row of `content`.
///
/// # Errors
/// When a value is not what this program writes.
pub fn read(row: &db::Row) -> Result<Content, Error> {
    Ok(Content {
        id: row.id("id")?,
        persona: row.id("persona_id")?,
        status: row.name("status")?,
        archived: row.get("archived")?,
        n: row.count("n")?,
        headline: row.get("headline")?,
        excerpt: row.get("excerpt")?,
        pictures: row.count("pictures")?,
        parts: row.count("parts")?,
        campaign: row.get("campaign")?,
        labels: row.json("labels")?,
        author: row.maybe_id("author_id")?,
        at: row.maybe_instant("at")?,
        created_at: row.instant("created_at")?,
        changed_at: row.instant("changed_at")?,
    })
}

/// One.
///
/// # Errors
/// When the database says no.
pub async fn get(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ContentId,
) -> Result<Option<Content>, Error> {
    tx.row(sql::GET, args![organization.0, id.0])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Several, those that there are.
///
/// # Errors
/// When the database says no.
pub async fn of(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    ids: &[ContentId],
) -> Result<BTreeMap<ContentId, Content>, Error> {
    let mut found = BTreeMap::new();
    for some in ids.chunks(MOST_AT_ONCE) {
        let (list, args) = one_of(organization, ids_of(some));
        let sql = format!("SELECT * FROM content WHERE organization_id = $1 AND id IN ({list})");
        for row in tx.rows_dyn(sql, args).await? {
            let content = read(&row)?;
            found.insert(content.id, content);
        }
    }
    Ok(found)
}

/// Every id, for tests and rebuilds.
///
/// # Errors
/// When the database says no.
pub async fn ids(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Vec<ContentId>, Error> {
    tx.rows(sql::ALL_IDS, args![organization.0])
        .await?
        .iter()
        .map(|row| row.id("id"))
        .collect()
}

/// How many there are by status and persona, of some statuses.
///
/// # Errors
/// When the database says no.
pub async fn counts(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    statuses: &[ContentStatus],
) -> Result<Vec<(ContentStatus, PersonaId, u32)>, Error> {
    let (list, args) = one_of(organization, statuses.iter().map(|status| status.as_str()));
    let sql = format!(
        "SELECT status, persona_id, count(*) AS n FROM content WHERE organization_id = $1 AND status IN ({list}) GROUP BY status, persona_id ORDER BY status, persona_id"
    );
    tx.rows_dyn(sql, args)
        .await?
        .iter()
        .map(|row| Ok((row.name("status")?, row.id("persona_id")?, row.count("n")?)))
        .collect()
}

/// Adds or changes one.
///
/// # Errors
/// When the database says no.
pub async fn save(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    content: &Content,
) -> Result<(), Error> {
    tx.execute(
        sql::SAVE,
        args![
            organization.0,
            content.id.0,
            content.persona.0,
            content.status.as_str(),
            content.archived,
            i64::from(content.n),
            content.headline.as_str(),
            content.excerpt.as_str(),
            i64::from(content.pictures),
            i64::from(content.parts),
            content.campaign.as_str(),
            to_json(&content.labels)?,
            content.author.map(|p| p.0),
            content.at.map(|t| t.0),
            content.created_at.0,
            content.changed_at.0
        ],
    )
    .await?;
    Ok(())
}

/// What is typed.
///
/// # Errors
/// When the database says no.
pub async fn working_copy(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ContentId,
) -> Result<Option<WorkingCopy>, Error> {
    let Some(row) = tx.row(sql::COPY, args![organization.0, id.0]).await? else {
        return Ok(None);
    };
    Ok(Some(WorkingCopy {
        body: row.json("body")?,
        base: row.count("base")?,
        person: row.maybe_id("person_id")?,
        at: row.instant("at")?,
    }))
}

/// How many are written or approved but have no time; 200 stands for more, too.
///
/// # Errors
/// When the database says no.
pub async fn unplanned(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    persona: Option<PersonaId>,
) -> Result<u32, Error> {
    let row = match persona {
        None => tx.row(sql::UNPLANNED, args![organization.0, MOST_UNPLANNED]),
        Some(one) => tx.row(
            sql::UNPLANNED_OF,
            args![organization.0, MOST_UNPLANNED, one.0],
        ),
    };
    Ok(row.await?.map(|r| r.count("n")).transpose()?.unwrap_or(0))
}

/// Which of several contents have something typed that is not saved.
///
/// # Errors
/// When the database says no.
pub async fn with_working_copy(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    ids: &[ContentId],
) -> Result<BTreeSet<ContentId>, Error> {
    let mut found = BTreeSet::new();
    for some in ids.chunks(MOST_AT_ONCE) {
        let (list, args) = one_of(organization, ids_of(some));
        let sql = format!(
            "SELECT content_id FROM working_copy WHERE organization_id = $1 AND content_id IN ({list})"
        );
        for row in tx.rows_dyn(sql, args).await? {
            found.insert(row.id("content_id")?);
        }
    }
    Ok(found)
}

/// Keeps what is typed.
///
/// # Errors
/// When the database says no.
pub async fn keep_working_copy(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ContentId,
    copy: &WorkingCopy,
) -> Result<(), Error> {
    tx.execute(
        sql::KEEP_COPY,
        args![
            organization.0,
            id.0,
            to_json(&copy.body)?,
            i64::from(copy.base),
            copy.person.map(|p| p.0),
            copy.at.0
        ],
    )
    .await?;
    Ok(())
}

/// Throws away what is typed.
///
/// # Errors
/// When the database says no.
pub async fn drop_working_copy(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ContentId,
) -> Result<(), Error> {
    tx.execute(sql::DROP_COPY, args![organization.0, id.0])
        .await?;
    Ok(())
}

/// Deletes a content with its versions, notes and plans. Whoever calls knows that nothing was asked
/// or tried about it: such rows keep it.
///
/// # Errors
/// When the database says no.
pub async fn forget(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ContentId,
) -> Result<(), Error> {
    for statement in [
        sql::FORGET_MENTIONS,
        sql::FORGET_ANSWERS,
        sql::FORGET_NOTES,
        sql::FORGET_DELIVERIES,
        sql::FORGET_VERSIONS,
        sql::FORGET_TERMS,
        sql::DROP_COPY,
        sql::FORGET_CONTENT,
    ] {
        tx.execute(statement, args![organization.0, id.0]).await?;
    }
    Ok(())
}
