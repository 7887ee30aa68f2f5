//! Accounts on networks. Their secrets are elsewhere.

use std::collections::BTreeMap;

use db::{Tx, args};
use domain::Instant;
use domain::cost::Budget;
use domain::identity::{Executor, IdentityStatus, NetworkId};
use domain::ids::{IdentityId, OrganizationId, PersonaId};
use domain::limits::LiveLimit;

use crate::Error;
use crate::codec::{Columns as _, from_json, name_of, to_json};

/// An account.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// Which.
    pub id: IdentityId,
    /// Whose.
    pub persona: PersonaId,
    /// Its network.
    pub network: NetworkId,
    /// The network's own id.
    pub remote_id: String,
    /// As people write it.
    pub handle: String,
    /// As it calls itself.
    pub display_name: String,
    /// Where it lives.
    pub service: String,
    /// Whether it works.
    pub status: IdentityStatus,
    /// What is wrong, in words.
    pub trouble: Option<String>,
    /// The adapter's own.
    pub settings: BTreeMap<String, String>,
    /// What it said of its limits.
    pub live: Vec<LiveLimit>,
    /// Who sends for it.
    pub executor: Executor,
    /// Raised by each hand-over.
    pub epoch: u64,
    /// When the network last answered well.
    pub checked_at: Option<Instant>,
    /// What posts to it may cost in a month.
    pub budget: Option<Budget>,
}

mod sql {
    db::statements! {
        pub(super) ALL = "SELECT * FROM identity WHERE organization_id = $1 ORDER BY created_at, id";
        pub(super) OF_PERSONA = "SELECT * FROM identity WHERE organization_id = $1 AND persona_id = $2 ORDER BY created_at, id";
        pub(super) GET = "SELECT * FROM identity WHERE organization_id = $1 AND id = $2";
        pub(super) SAVE = "INSERT INTO identity (organization_id, id, persona_id, network, remote_id, handle, display_name, service, status, trouble, settings, live, executor, epoch, checked_at, created_at, budget) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT (organization_id, id) DO UPDATE SET remote_id = excluded.remote_id, handle = excluded.handle, display_name = excluded.display_name, service = excluded.service, status = excluded.status, trouble = excluded.trouble, settings = excluded.settings, live = excluded.live, executor = excluded.executor, epoch = excluded.epoch, checked_at = excluded.checked_at, budget = excluded.budget";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Identity, Error> {
    Ok(Identity {
        id: row.id("id")?,
        persona: row.id("persona_id")?,
        network: NetworkId::new(&row.get::<String>("network")?),
        remote_id: row.get("remote_id")?,
        handle: row.get("handle")?,
        display_name: row.get("display_name")?,
        service: row.get("service")?,
        status: row.name("status")?,
        trouble: row.get("trouble")?,
        settings: row.json("settings")?,
        live: row.json("live")?,
        executor: row.name("executor")?,
        epoch: u64::try_from(row.get::<i64>("epoch")?).unwrap_or_default(),
        checked_at: row.maybe_instant("checked_at")?,
        budget: row
            .get::<Option<String>>("budget")?
            .map(|text| from_json("budget", &text))
            .transpose()?,
    })
}

/// All, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn all(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Vec<Identity>, Error> {
    tx.rows(sql::ALL, args![organization.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Those of a persona, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn of_persona(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    persona: PersonaId,
) -> Result<Vec<Identity>, Error> {
    tx.rows(sql::OF_PERSONA, args![organization.0, persona.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// One.
///
/// # Errors
/// When the database says no.
pub async fn get(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: IdentityId,
) -> Result<Option<Identity>, Error> {
    tx.row(sql::GET, args![organization.0, id.0])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Adds or changes one.
///
/// # Errors
/// When the database says no.
pub async fn save(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    identity: &Identity,
    at: Instant,
) -> Result<(), Error> {
    tx.execute(
        sql::SAVE,
        args![
            organization.0,
            identity.id.0,
            identity.persona.0,
            identity.network.as_str(),
            identity.remote_id.as_str(),
            identity.handle.as_str(),
            identity.display_name.as_str(),
            identity.service.as_str(),
            name_of(&identity.status)?,
            identity.trouble.as_deref(),
            to_json(&identity.settings)?,
            to_json(&identity.live)?,
            name_of(&identity.executor)?,
            identity.epoch as i64,
            identity.checked_at.map(|t| t.0),
            at.0,
            identity.budget.as_ref().map(to_json).transpose()?
        ],
    )
    .await?;
    Ok(())
}
