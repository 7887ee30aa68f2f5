//! What people were told, so that a missing notifier loses nothing and nothing is told twice.

use db::{Tx, args};
use domain::Instant;
use domain::ids::{OrganizationId, PersonId};

use crate::Error;
use crate::codec::Columns as _;

/// Something that people are told.
#[derive(Clone, Debug)]
pub struct Notification {
    /// Same key, same thing.
    pub key: String,
    /// The kind, as its switch is named.
    pub kind: String,
    /// For whom; absent means whoever uses this computer.
    pub person: Option<PersonId>,
    /// JSON of what is shown.
    pub body: String,
    /// When.
    pub at: Instant,
    /// When it was shown.
    pub shown_at: Option<Instant>,
}

mod sql {
    db::statements! {
        pub(super) INSERT = "INSERT INTO notification (organization_id, key, kind, person_id, body, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization_id, key) DO NOTHING";
        pub(super) NEW = "SELECT * FROM notification WHERE organization_id = $1 AND shown_at IS NULL ORDER BY at, key";
        pub(super) GET = "SELECT * FROM notification WHERE organization_id = $1 AND key = $2";
        pub(super) RECENT = "SELECT * FROM notification WHERE organization_id = $1 AND at >= $2 ORDER BY at, key";
        pub(super) FORGET = "DELETE FROM notification WHERE organization_id = $1 AND key >= $2 AND key < $3";
        pub(super) SHOWN = "UPDATE notification SET shown_at = $3 WHERE organization_id = $1 AND key = $2 AND shown_at IS NULL";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Notification, Error> {
    Ok(Notification {
        key: row.get("key")?,
        kind: row.get("kind")?,
        person: row.maybe_id("person_id")?,
        body: row.get("body")?,
        at: row.instant("at")?,
        shown_at: row.maybe_instant("shown_at")?,
    })
}

/// The name of a notification's kind, as its switch is named: the field `kind` of its JSON.
///
/// # Errors
/// When it has none.
pub fn kind_name<T: serde::Serialize>(notification: &T) -> Result<String, Error> {
    serde_json::to_value(notification)
        .ok()
        .and_then(|v| v.get("kind").and_then(|k| k.as_str()).map(str::to_owned))
        .ok_or_else(|| Error::unreadable("notification", "it has no kind"))
}

/// Records one; `false` when it was told before. Without a person it is for whoever uses this
/// computer.
///
/// # Errors
/// When the database says no.
pub async fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    key: &str,
    kind: String,
    person: Option<PersonId>,
    body: &str,
    at: Instant,
) -> Result<bool, Error> {
    let new = tx
        .execute(
            sql::INSERT,
            args![organization.0, key, kind, person.map(|p| p.0), body, at.0],
        )
        .await?;
    Ok(new == 1)
}

/// One, unless it was taken back.
///
/// # Errors
/// When the database says no.
pub async fn get(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    key: &str,
) -> Result<Option<Notification>, Error> {
    let row = tx.row(sql::GET, args![organization.0, key]).await?;
    row.as_ref().map(read).transpose()
}

/// Those that nobody has been shown, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn not_shown(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
) -> Result<Vec<Notification>, Error> {
    tx.rows(sql::NEW, args![organization.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// All since an instant, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn since(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    from: Instant,
) -> Result<Vec<Notification>, Error> {
    tx.rows(sql::RECENT, args![organization.0, from.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Records that one was shown; `false` when it had been, or is not known.
///
/// # Errors
/// When the database says no.
pub async fn shown(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    key: &str,
    at: Instant,
) -> Result<bool, Error> {
    Ok(tx
        .execute(sql::SHOWN, args![organization.0, key, at.0])
        .await?
        == 1)
}

/// Deletes those whose keys begin so: what they tell was taken back.
///
/// # Errors
/// When the database says no.
pub async fn forget(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    prefix: &str,
) -> Result<(), Error> {
    // Keys are plain ASCII, so the tilde sorts after all that can follow.
    let end = format!("{prefix}~");
    tx.execute(sql::FORGET, args![organization.0, prefix, end])
        .await?;
    Ok(())
}
