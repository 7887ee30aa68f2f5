//! Approval chains: every revision is kept.

use db::{Tx, args};
use domain::approval::ChainPolicy;
use domain::ids::{ChainId, OrganizationId};
use domain::{Hash, Instant};

use crate::Error;
use crate::codec::Columns as _;

/// A revision of a chain.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The policy.
    pub policy: ChainPolicy,
    /// Its hash.
    pub hash: Hash,
    /// The chain is put away.
    pub archived: bool,
}

mod sql {
    db::statements! {
        pub(super) NEWEST = "SELECT c.policy, c.hash, c.archived FROM chain c WHERE c.organization_id = $1 AND c.revision = (SELECT max(d.revision) FROM chain d WHERE d.organization_id = c.organization_id AND d.id = c.id) ORDER BY c.name, c.id";
        pub(super) GET = "SELECT policy, hash, archived FROM chain WHERE organization_id = $1 AND id = $2 ORDER BY revision DESC LIMIT 1";
        pub(super) INSERT = "INSERT INTO chain (organization_id, id, revision, name, policy, hash, archived, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        pub(super) ARCHIVE = "UPDATE chain SET archived = $3 WHERE organization_id = $1 AND id = $2";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Chain, Error> {
    let bytes: Vec<u8> = row.get("policy")?;
    Ok(Chain {
        policy: serde_json::from_slice(&bytes).map_err(|e| Error::unreadable("chain", e))?,
        hash: row.hash("hash")?,
        archived: row.get("archived")?,
    })
}

/// The newest revision of each, by name.
///
/// # Errors
/// When the database says no.
pub async fn newest(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Vec<Chain>, Error> {
    tx.rows(sql::NEWEST, args![organization.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// The newest revision of one.
///
/// # Errors
/// When the database says no.
pub async fn get(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ChainId,
) -> Result<Option<Chain>, Error> {
    tx.row(sql::GET, args![organization.0, id.0])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Appends a revision.
///
/// # Errors
/// When the database says no.
pub async fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    policy: &ChainPolicy,
    at: Instant,
) -> Result<(), Error> {
    let (bytes, hash) = policy.seal().map_err(|e| Error::unreadable("chain", e))?;
    tx.execute(
        sql::INSERT,
        args![
            organization.0,
            policy.id.0,
            i64::from(policy.revision),
            policy.name.as_str(),
            bytes,
            hash.0,
            false,
            at.0
        ],
    )
    .await?;
    Ok(())
}

/// Puts all revisions away.
///
/// # Errors
/// When the database says no.
pub async fn archive(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ChainId,
) -> Result<(), Error> {
    tx.execute(sql::ARCHIVE, args![organization.0, id.0, true])
        .await?;
    Ok(())
}
