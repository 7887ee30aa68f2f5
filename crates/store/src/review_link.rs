//! What lets somebody from outside look at one request.

use db::{Tx, args};
use domain::ids::{ContentId, OrganizationId, PersonId, RequestId, ReviewLinkId};
use domain::{Hash, Instant};

use crate::Error;
use crate::codec::Columns as _;

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewLink {
    /// Which.
    pub id: ReviewLinkId,
    /// To which request.
    pub request: RequestId,
    /// Of its secret.
    pub hash: Hash,
    /// Of which content.
    pub content: ContentId,
    /// The version that is shown.
    pub n: u32,
    /// Its hash.
    pub version: Hash,
    /// The stage in which its holder decides; absent means that they only comment.
    pub stage: Option<u32>,
    /// Who holds it.
    pub name: String,
    /// Who made it.
    pub made_by: PersonId,
    /// When.
    pub created_at: Instant,
    /// Until when it works.
    pub ends_at: Instant,
    /// When it was opened last, to the minute.
    pub seen_at: Option<Instant>,
    /// When it was taken back.
    pub withdrawn_at: Option<Instant>,
}

impl ReviewLink {
    /// Whether it leads anywhere now.
    #[must_use]
    pub fn works(&self, now: Instant) -> bool {
        self.withdrawn_at.is_none() && now < self.ends_at
    }
}

mod sql {
    db::statements! {
        pub(super) GET = "SELECT * FROM review_link WHERE organization_id = $1 AND id = $2";
        pub(super) OF_REQUEST = "SELECT * FROM review_link WHERE organization_id = $1 AND request_id = $2 ORDER BY created_at, id";
        pub(super) OPEN = "SELECT * FROM review_link WHERE organization_id = $1 AND withdrawn_at IS NULL AND ends_at > $2 ORDER BY created_at, id";
        pub(super) INSERT = "INSERT INTO review_link (organization_id, id, request_id, hash, content_id, n, version_hash, stage, name, made_by, created_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        pub(super) SEEN = "UPDATE review_link SET seen_at = $3 WHERE organization_id = $1 AND id = $2";
        pub(super) WITHDRAW_OF = "UPDATE review_link SET withdrawn_at = $3 WHERE organization_id = $1 AND made_by = $2 AND withdrawn_at IS NULL";
        pub(super) WITHDRAW = "UPDATE review_link SET withdrawn_at = $3 WHERE organization_id = $1 AND id = $2 AND withdrawn_at IS NULL";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<ReviewLink, Error> {
    Ok(ReviewLink {
        id: row.id("id")?,
        request: row.id("request_id")?,
        hash: row.hash("hash")?,
        content: row.id("content_id")?,
        n: row.count("n")?,
        version: row.hash("version_hash")?,
        stage: row
            .get::<Option<i64>>("stage")?
            .and_then(|n| u32::try_from(n).ok()),
        name: row.get("name")?,
        made_by: row.id("made_by")?,
        created_at: row.instant("created_at")?,
        ends_at: row.instant("ends_at")?,
        seen_at: row.maybe_instant("seen_at")?,
        withdrawn_at: row.maybe_instant("withdrawn_at")?,
    })
}

/// One.
///
/// # Errors
/// When the database says no.
pub async fn get(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ReviewLinkId,
) -> Result<Option<ReviewLink>, Error> {
    let row = tx.row(sql::GET, args![organization.0, id.0]).await?;
    row.as_ref().map(read).transpose()
}

/// All of a request, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn of_request(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    request: RequestId,
) -> Result<Vec<ReviewLink>, Error> {
    let rows = tx
        .rows(sql::OF_REQUEST, args![organization.0, request.0])
        .await?;
    rows.iter().map(read).collect()
}

/// Those that work at `now`, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn open(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    now: Instant,
) -> Result<Vec<ReviewLink>, Error> {
    let rows = tx.rows(sql::OPEN, args![organization.0, now.0]).await?;
    rows.iter().map(read).collect()
}

/// Adds one.
///
/// # Errors
/// When the database says no.
pub async fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    link: &ReviewLink,
) -> Result<(), Error> {
    tx.execute(
        sql::INSERT,
        args![
            organization.0,
            link.id.0,
            link.request.0,
            link.hash.0,
            link.content.0,
            i64::from(link.n),
            link.version.0,
            link.stage.map(i64::from),
            link.name.as_str(),
            link.made_by.0,
            link.created_at.0,
            link.ends_at.0
        ],
    )
    .await?;
    Ok(())
}

/// Records that it was opened.
///
/// # Errors
/// When the database says no.
pub async fn seen(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ReviewLinkId,
    at: Instant,
) -> Result<(), Error> {
    tx.execute(sql::SEEN, args![organization.0, id.0, at.0])
        .await?;
    Ok(())
}

/// Takes back all that a person made and that still work.
///
/// # Errors
/// When the database says no.
pub async fn withdraw_of(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
    now: Instant,
) -> Result<(), Error> {
    let args = args![organization.0, person.0, now.0];
    tx.execute(sql::WITHDRAW_OF, args).await?;
    Ok(())
}

/// Takes one back; `false` when it was before.
///
/// # Errors
/// When the database says no.
pub async fn withdraw(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ReviewLinkId,
    at: Instant,
) -> Result<bool, Error> {
    let sql = sql::WITHDRAW;
    Ok(tx.execute(sql, args![organization.0, id.0, at.0]).await? == 1)
}
