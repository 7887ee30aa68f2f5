//! Secrets of accounts on a server, sealed under a key that is elsewhere.

use db::{Tx, args};
use domain::Instant;
use domain::ids::{IdentityId, OrganizationId};
use uuid::Uuid;

use crate::Error;
use crate::codec::Columns as _;

/// A sealed secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The name of the key.
    pub under: String,
    /// What only that key opens.
    pub bytes: Vec<u8>,
}

mod sql {
    db::statements! {
        pub(super) GET = "SELECT sealed_under, sealed FROM identity_secret WHERE organization_id = $1 AND identity_id = $2";
        pub(super) SET = "INSERT INTO identity_secret (organization_id, identity_id, sealed_under, sealed) VALUES ($1, $2, $3, $4) ON CONFLICT (organization_id, identity_id) DO UPDATE SET sealed_under = excluded.sealed_under, sealed = excluded.sealed";
        pub(super) SET_FIRST = "INSERT INTO identity_secret (organization_id, identity_id, sealed_under, sealed, held_by, held_until) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization_id, identity_id) DO UPDATE SET sealed_under = excluded.sealed_under, sealed = excluded.sealed, held_by = excluded.held_by, held_until = excluded.held_until WHERE identity_secret.held_until <= $7";
        pub(super) HOLD = "UPDATE identity_secret SET held_by = $3, held_until = $4 WHERE organization_id = $1 AND identity_id = $2 AND (held_by IS NULL OR held_by = $3 OR held_until <= $5)";
        pub(super) RELEASE = "UPDATE identity_secret SET held_by = NULL, held_until = NULL WHERE organization_id = $1 AND identity_id = $2 AND held_by = $3";
        pub(super) IS_THERE = "SELECT 1 AS n FROM identity_secret WHERE organization_id = $1 AND identity_id = $2";
        pub(super) DELETE = "DELETE FROM identity_secret WHERE organization_id = $1 AND identity_id = $2";
        pub(super) UNDER_OTHERS = "SELECT organization_id, identity_id, sealed_under, sealed FROM identity_secret WHERE sealed_under <> $1 ORDER BY organization_id, identity_id";
        pub(super) RESEAL = "UPDATE identity_secret SET sealed_under = $3, sealed = $4 WHERE organization_id = $1 AND identity_id = $2 AND sealed = $5";
    }
}
pub use sql::STATEMENTS;

/// The secret of an account.
///
/// # Errors
/// When the database says no.
pub async fn get(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: IdentityId,
) -> Result<Option<Sealed>, Error> {
    let row = tx.row(sql::GET, args![organization.0, id.0]).await?;
    row.map(|row| read(&row)).transpose()
}

fn read(row: &db::Row) -> Result<Sealed, Error> {
    Ok(Sealed {
        under: row.get("sealed_under")?,
        bytes: row.get("sealed")?,
    })
}

/// Keeps one in place of an earlier one.
///
/// # Errors
/// When the database says no.
pub async fn set(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: IdentityId,
    sealed: &Sealed,
) -> Result<(), Error> {
    tx.execute(
        sql::SET,
        args![
            organization.0,
            id.0,
            sealed.under.as_str(),
            sealed.bytes.as_slice()
        ],
    )
    .await?;
    Ok(())
}

/// Keeps the first secret of an account that `by` is making, held from `now` until `until`; `false`
/// where there is one already that is not held, or still is.
///
/// # Errors
/// When the database says no.
pub async fn set_first(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: IdentityId,
    sealed: &Sealed,
    (by, now, until): (Uuid, Instant, Instant),
) -> Result<bool, Error> {
    let (under, bytes) = (sealed.under.as_str(), sealed.bytes.as_slice());
    let args = args![organization.0, id.0, under, bytes, by, until.0, now.0];
    Ok(tx.execute(sql::SET_FIRST, args).await? == 1)
}

/// Removes one.
///
/// # Errors
/// When the database says no.
pub async fn delete(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: IdentityId,
) -> Result<(), Error> {
    tx.execute(sql::DELETE, args![organization.0, id.0]).await?;
    Ok(())
}

/// Those that are sealed under another key than `under`.
///
/// # Errors
/// When the database says no.
pub async fn under_others(
    tx: &mut Tx<'_>,
    under: &str,
) -> Result<Vec<(OrganizationId, IdentityId, Sealed)>, Error> {
    let rows = tx.rows(sql::UNDER_OTHERS, args![under]).await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.id("organization_id")?,
                row.id("identity_id")?,
                read(row)?,
            ))
        })
        .collect()
}

/// Puts a newly sealed secret in the place of `before`, if that is still there.
///
/// # Errors
/// When the database says no.
pub async fn reseal(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: IdentityId,
    sealed: &Sealed,
    before: &[u8],
) -> Result<(), Error> {
    tx.execute(
        sql::RESEAL,
        args![
            organization.0,
            id.0,
            sealed.under.as_str(),
            sealed.bytes.as_slice(),
            before
        ],
    )
    .await?;
    Ok(())
}

/// Holds a secret for one process until `until`; `false` while another one holds it. What is not
/// there needs no holding.
///
/// # Errors
/// When the database says no.
pub async fn hold(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: IdentityId,
    by: Uuid,
    now: Instant,
    until: Instant,
) -> Result<bool, Error> {
    let args = args![organization.0, id.0, by, until.0, now.0];
    if tx.execute(sql::HOLD, args).await? == 1 {
        return Ok(true);
    }
    let there = tx.row(sql::IS_THERE, args![organization.0, id.0]).await?;
    Ok(there.is_none())
}

/// Lets it go.
///
/// # Errors
/// When the database says no.
pub async fn release(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: IdentityId,
    by: Uuid,
) -> Result<(), Error> {
    tx.execute(sql::RELEASE, args![organization.0, id.0, by])
        .await?;
    Ok(())
}
