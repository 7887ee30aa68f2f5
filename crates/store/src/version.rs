//! Versions: immutable, kept as the bytes that people approve.

use db::{Tx, args};
use domain::delivery::DeliveryStatus;
use domain::ids::{ContentId, OrganizationId, PersonId};
use domain::version::VersionDoc;
use domain::{Hash, Instant};

use crate::Error;
use crate::codec::Columns as _;

/// A version.
#[derive(Clone, Debug)]
pub struct Version {
    /// Of which content.
    pub content: ContentId,
    /// Counted from 1.
    pub n: u32,
    /// Its name.
    pub hash: Hash,
    /// Canonical bytes, verbatim.
    pub bytes: Vec<u8>,
    /// Which version it restored.
    pub restored_from: Option<u32>,
    /// Who made it.
    pub person: Option<PersonId>,
    /// Who sat at the computer, when it was somebody else.
    pub operator: Option<PersonId>,
    /// When.
    pub at: Instant,
}

impl Version {
    /// What the bytes say.
    ///
    /// # Errors
    /// When they were written by a newer program.
    pub fn doc(&self) -> Result<VersionDoc, Error> {
        VersionDoc::open(&self.bytes).map_err(|e| Error::unreadable("version", e))
    }
}

/// A version without its bytes.
#[derive(Clone, Debug)]
pub struct VersionHead {
    /// Counted from 1.
    pub n: u32,
    /// Its name.
    pub hash: Hash,
    /// Which version it restored.
    pub restored_from: Option<u32>,
    /// Who made it.
    pub person: Option<PersonId>,
    /// Who sat at the computer, when it was somebody else.
    pub operator: Option<PersonId>,
    /// When.
    pub at: Instant,
}

mod sql {
    db::statements! {
        pub(super) GET = "SELECT content_id, n, hash, doc, restored_from, person_id, operator_id, at FROM version WHERE organization_id = $1 AND content_id = $2 AND n = $3";
        pub(super) HEADS = "SELECT n, hash, restored_from, person_id, operator_id, at FROM version WHERE organization_id = $1 AND content_id = $2 ORDER BY n DESC";
        pub(super) INSERT = "INSERT INTO version (organization_id, content_id, n, hash, doc, restored_from, person_id, operator_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        pub(super) DOCS = "SELECT content_id, n, hash, doc, restored_from, person_id, operator_id, at FROM version WHERE organization_id = $1 ORDER BY content_id, n";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Version, Error> {
    Ok(Version {
        content: row.id("content_id")?,
        n: row.count("n")?,
        hash: row.hash("hash")?,
        bytes: row.get("doc")?,
        restored_from: maybe_count(row, "restored_from")?,
        person: row.maybe_id("person_id")?,
        operator: row.maybe_id("operator_id")?,
        at: row.instant("at")?,
    })
}

fn maybe_count(row: &db::Row, name: &str) -> Result<Option<u32>, Error> {
    Ok(row
        .get::<Option<i64>>(name)?
        .and_then(|n| u32::try_from(n).ok()))
}

/// One.
///
/// # Errors
/// When the database says no.
pub async fn get(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    content: ContentId,
    n: u32,
) -> Result<Option<Version>, Error> {
    tx.row(sql::GET, args![organization.0, content.0, i64::from(n)])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// All of a content, newest first, without their bytes.
///
/// # Errors
/// When the database says no.
pub async fn heads(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    content: ContentId,
) -> Result<Vec<VersionHead>, Error> {
    tx.rows(sql::HEADS, args![organization.0, content.0])
        .await?
        .iter()
        .map(|row| {
            Ok(VersionHead {
                n: row.count("n")?,
                hash: row.hash("hash")?,
                restored_from: maybe_count(row, "restored_from")?,
                person: row.maybe_id("person_id")?,
                operator: row.maybe_id("operator_id")?,
                at: row.instant("at")?,
            })
        })
        .collect()
}

/// Whose own work version `n` is: everybody who made a version since the last one before it that
/// was published, and everybody who sat at the computer when it was made in another's name.
/// Sorted.
///
/// # Errors
/// When the database says no.
pub async fn authors(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    content: ContentId,
    n: u32,
) -> Result<Vec<PersonId>, Error> {
    let published = crate::delivery::of_content(tx, organization, content)
        .await?
        .iter()
        .filter(|d| d.status == DeliveryStatus::Published && d.n < n)
        .map(|d| d.n)
        .max()
        .unwrap_or(0);
    let mut authors: Vec<PersonId> = heads(tx, organization, content)
        .await?
        .iter()
        .filter(|v| v.n > published && v.n <= n)
        .flat_map(|v| [v.person, v.operator])
        .flatten()
        .collect();
    authors.sort_unstable();
    authors.dedup();
    Ok(authors)
}

/// Every version of the organization, for manifests of media.
///
/// # Errors
/// When the database says no.
pub async fn all(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Vec<Version>, Error> {
    tx.rows(sql::DOCS, args![organization.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Appends one.
///
/// # Errors
/// When the database says no, also when `n` is taken.
pub async fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    version: &Version,
) -> Result<(), Error> {
    tx.execute(
        sql::INSERT,
        args![
            organization.0,
            version.content.0,
            i64::from(version.n),
            version.hash.0,
            version.bytes.as_slice(),
            version.restored_from.map(i64::from),
            version.person.map(|p| p.0),
            version.operator.map(|p| p.0),
            version.at.0
        ],
    )
    .await?;
    Ok(())
}
