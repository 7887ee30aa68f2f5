//! Who decides for somebody who is away.

use db::{Tx, args};
use domain::Instant;
use domain::delegation::Delegation;
use domain::ids::{OrganizationId, PersonId};

use crate::Error;
use crate::codec::Columns as _;

mod sql {
    db::statements! {
        pub(super) GET = "SELECT * FROM delegation WHERE organization_id = $1 AND person_id = $2";
        pub(super) ALL = "SELECT * FROM delegation WHERE organization_id = $1 ORDER BY from_at, person_id";
        pub(super) TO = "SELECT * FROM delegation WHERE organization_id = $1 AND to_id = $2 AND until_at > $3 ORDER BY from_at, person_id";
        pub(super) PUT = "INSERT INTO delegation (organization_id, person_id, to_id, from_at, until_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, person_id) DO UPDATE SET to_id = excluded.to_id, from_at = excluded.from_at, until_at = excluded.until_at";
        pub(super) REMOVE = "DELETE FROM delegation WHERE organization_id = $1 AND person_id = $2";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<(PersonId, Delegation), Error> {
    let delegation = Delegation {
        to: row.id("to_id")?,
        from: row.instant("from_at")?,
        until: row.instant("until_at")?,
    };
    Ok((row.id("person_id")?, delegation))
}

/// The one of a person, also when it is over.
///
/// # Errors
/// When the database says no.
pub async fn get(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
) -> Result<Option<Delegation>, Error> {
    let row = tx.row(sql::GET, args![organization.0, person.0]).await?;
    row.map(|row| Ok(read(&row)?.1)).transpose()
}

/// Everybody's with who is away, also those that are over, by their beginning.
///
/// # Errors
/// When the database says no.
pub async fn all(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
) -> Result<Vec<(PersonId, Delegation)>, Error> {
    let rows = tx.rows(sql::ALL, args![organization.0]).await?;
    rows.iter().map(read).collect()
}

/// Those to a person that are not over at `now`, with who is away.
///
/// # Errors
/// When the database says no.
pub async fn to(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
    now: Instant,
) -> Result<Vec<(PersonId, Delegation)>, Error> {
    let rows = tx
        .rows(sql::TO, args![organization.0, person.0, now.0])
        .await?;
    rows.iter().map(read).collect()
}

/// Puts one in the place of the person's own.
///
/// # Errors
/// When the database says no.
pub async fn put(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
    delegation: Delegation,
) -> Result<(), Error> {
    let Delegation { to, from, until } = delegation;
    tx.execute(
        sql::PUT,
        args![organization.0, person.0, to.0, from.0, until.0],
    )
    .await?;
    Ok(())
}

/// Ends the one of a person.
///
/// # Errors
/// When the database says no.
pub async fn remove(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
) -> Result<(), Error> {
    tx.execute(sql::REMOVE, args![organization.0, person.0])
        .await?;
    Ok(())
}
