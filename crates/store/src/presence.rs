//! Who has a content open. Nothing of it is history: rows end by themselves.

use db::{Tx, args};
use domain::Instant;
use domain::ids::{ContentId, OrganizationId, PersonId};
use uuid::Uuid;

use crate::Error;
use crate::codec::Columns as _;

mod sql {
    db::statements! {
        pub(super) OF = "SELECT DISTINCT person_id FROM presence WHERE organization_id = $1 AND content_id = $2 AND ends_at > $3 ORDER BY person_id";
        pub(super) AT = "SELECT content_id FROM presence WHERE organization_id = $1 AND person_id = $2 AND window_id = $3 AND ends_at > $4";
        pub(super) PUT = "INSERT INTO presence (organization_id, content_id, person_id, window_id, ends_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, person_id, window_id) DO UPDATE SET content_id = excluded.content_id, ends_at = excluded.ends_at";
        pub(super) LEAVE = "DELETE FROM presence WHERE organization_id = $1 AND person_id = $2 AND window_id = $3";
        pub(super) LEAVE_ALL = "DELETE FROM presence WHERE organization_id = $1 AND person_id = $2";
        pub(super) FORGET = "DELETE FROM presence WHERE organization_id = $1 AND ends_at <= $2";
    }
}
pub use sql::STATEMENTS;

/// Who has a content open at `now`, each once, by id.
///
/// # Errors
/// When the database says no.
pub async fn of(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    content: ContentId,
    now: Instant,
) -> Result<Vec<PersonId>, Error> {
    let rows = tx
        .rows(sql::OF, args![organization.0, content.0, now.0])
        .await?;
    rows.iter().map(|row| row.id("person_id")).collect()
}

/// What a window of a person has open at `now`.
///
/// # Errors
/// When the database says no.
pub async fn at(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    (person, window): (PersonId, Uuid),
    now: Instant,
) -> Result<Option<ContentId>, Error> {
    let row = tx
        .row(sql::AT, args![organization.0, person.0, window, now.0])
        .await?;
    row.map(|row| row.id("content_id")).transpose()
}

/// A window of a person has a content open, and is believed until `ends_at`.
///
/// # Errors
/// When the database says no.
pub async fn put(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    (person, window): (PersonId, Uuid),
    content: ContentId,
    ends_at: Instant,
) -> Result<(), Error> {
    tx.execute(
        sql::PUT,
        args![organization.0, content.0, person.0, window, ends_at.0],
    )
    .await?;
    Ok(())
}

/// A window has nothing open any more.
///
/// # Errors
/// When the database says no.
pub async fn leave(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    (person, window): (PersonId, Uuid),
) -> Result<(), Error> {
    tx.execute(sql::LEAVE, args![organization.0, person.0, window])
        .await?;
    Ok(())
}

/// No window of a person has anything open any more; answers whether one had.
///
/// # Errors
/// When the database says no.
pub async fn leave_all(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
) -> Result<bool, Error> {
    let gone = tx
        .execute(sql::LEAVE_ALL, args![organization.0, person.0])
        .await?;
    Ok(gone > 0)
}

/// Drops what has ended by `now`; answers whether there was any.
///
/// # Errors
/// When the database says no.
pub async fn forget(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    now: Instant,
) -> Result<bool, Error> {
    Ok(tx
        .execute(sql::FORGET, args![organization.0, now.0])
        .await?
        > 0)
}
