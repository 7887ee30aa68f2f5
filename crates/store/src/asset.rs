//! Media files that the library holds.

use db::{Tx, args};
use domain::ids::OrganizationId;
use domain::media::AssetFacts;
use domain::{Hash, Instant};

use crate::Error;
use crate::codec::{Columns as _, to_json};

/// A media file.
#[derive(Clone, Debug)]
pub struct Asset {
    /// What it is.
    pub facts: AssetFacts,
    /// A small picture of it.
    pub thumbnail: Hash,
    /// Its bytes are where the organization lives, and were checked there.
    pub present: bool,
}

mod sql {
    db::statements! {
        pub(super) GET = "SELECT facts, thumbnail, present FROM asset WHERE organization_id = $1 AND hash = $2";
        pub(super) ALL = "SELECT facts, thumbnail, present FROM asset WHERE organization_id = $1 ORDER BY created_at, hash";
        pub(super) ABSENT = "SELECT facts, thumbnail, present FROM asset WHERE organization_id = $1 AND present = $2 ORDER BY created_at, hash";
        pub(super) ARRIVED = "UPDATE asset SET present = $3 WHERE organization_id = $1 AND hash = $2 AND present <> $3";
        pub(super) NOTE = "INSERT INTO asset_presence (organization_id, hash) VALUES ($1, $2) ON CONFLICT (organization_id, hash) DO NOTHING";
        pub(super) IS_PRESENT = "SELECT 1 AS n FROM asset_presence WHERE organization_id = $1 AND hash = $2";
        pub(super) INSERT = "INSERT INTO asset (organization_id, hash, facts, thumbnail, created_at, present) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organization_id, hash) DO NOTHING";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Asset, Error> {
    Ok(Asset {
        facts: row.json("facts")?,
        thumbnail: row.hash("thumbnail")?,
        present: row.get("present")?,
    })
}

/// One.
///
/// # Errors
/// When the database says no.
pub async fn get(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    hash: Hash,
) -> Result<Option<Asset>, Error> {
    tx.row(sql::GET, args![organization.0, hash.0])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// All, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn all(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Vec<Asset>, Error> {
    tx.rows(sql::ALL, args![organization.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Those whose bytes are not where the organization lives, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn absent(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Vec<Asset>, Error> {
    tx.rows(sql::ABSENT, args![organization.0, false])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Says that the bytes of one are there. Answers whether that is news.
///
/// # Errors
/// When the database says no.
pub async fn arrived(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    hash: Hash,
) -> Result<bool, Error> {
    let news = tx
        .execute(sql::ARRIVED, args![organization.0, hash.0, true])
        .await?;
    Ok(news > 0)
}

/// Adds one; the same file twice is one.
///
/// # Errors
/// When the database says no.
pub async fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    asset: &Asset,
    at: Instant,
) -> Result<(), Error> {
    tx.execute(
        sql::INSERT,
        args![
            organization.0,
            asset.facts.hash.0,
            to_json(&asset.facts)?,
            asset.thumbnail.0,
            at.0,
            asset.present
        ],
    )
    .await?;
    Ok(())
}

/// Notes that a file was made for an organization: its people may see it.
///
/// # Errors
/// When the database says no.
pub async fn note(tx: &mut Tx<'_>, organization: OrganizationId, hash: Hash) -> Result<(), Error> {
    tx.execute(sql::NOTE, args![organization.0, hash.0]).await?;
    Ok(())
}

/// Whether a file came to, or was made for, an organization of a server. What its rows name proves
/// nothing: whoever writes may name any hash.
///
/// # Errors
/// When the database says no.
pub async fn is_present(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    hash: Hash,
) -> Result<bool, Error> {
    let row = tx
        .row(sql::IS_PRESENT, args![organization.0, hash.0])
        .await?;
    Ok(row.is_some())
}
