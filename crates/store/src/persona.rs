//! Personas.

use db::{Tx, args};
use domain::Instant;
use domain::ids::{ChainId, OrganizationId, PersonaId};
use domain::persona::PersonaProfile;

use crate::Error;
use crate::codec::{Columns as _, to_json};

/// A public voice.
#[derive(Clone, Debug)]
pub struct Persona {
    /// Which.
    pub id: PersonaId,
    /// What can be edited.
    pub profile: PersonaProfile,
    /// Its chain; absent means direct.
    pub chain: Option<ChainId>,
    /// Sending is stopped for it since then.
    pub paused_at: Option<Instant>,
    /// Put away.
    pub archived: bool,
}

mod sql {
    db::statements! {
        pub(super) ALL = "SELECT id, profile, chain_id, paused_at, archived FROM persona WHERE organization_id = $1 ORDER BY created_at, id";
        pub(super) GET = "SELECT id, profile, chain_id, paused_at, archived FROM persona WHERE organization_id = $1 AND id = $2";
        pub(super) SAVE = "INSERT INTO persona (organization_id, id, name, profile, chain_id, paused_at, archived, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (organization_id, id) DO UPDATE SET name = excluded.name, profile = excluded.profile, chain_id = excluded.chain_id, paused_at = excluded.paused_at, archived = excluded.archived";
        pub(super) USING = "SELECT id, profile, chain_id, paused_at, archived FROM persona WHERE organization_id = $1 AND chain_id = $2 ORDER BY created_at, id";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Persona, Error> {
    Ok(Persona {
        id: row.id("id")?,
        profile: row.json("profile")?,
        chain: row.maybe_id("chain_id")?,
        paused_at: row.maybe_instant("paused_at")?,
        archived: row.get("archived")?,
    })
}

/// All, also those put away, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn all(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Vec<Persona>, Error> {
    tx.rows(sql::ALL, args![organization.0])
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
    id: PersonaId,
) -> Result<Option<Persona>, Error> {
    tx.row(sql::GET, args![organization.0, id.0])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Those that use a chain.
///
/// # Errors
/// When the database says no.
pub async fn using(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    chain: ChainId,
) -> Result<Vec<Persona>, Error> {
    tx.rows(sql::USING, args![organization.0, chain.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Adds or changes one.
///
/// # Errors
/// When the database says no.
pub async fn save(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    persona: &Persona,
    at: Instant,
) -> Result<(), Error> {
    tx.execute(
        sql::SAVE,
        args![
            organization.0,
            persona.id.0,
            persona.profile.name.as_str(),
            to_json(&persona.profile)?,
            persona.chain.map(|c| c.0),
            persona.paused_at.map(|t| t.0),
            persona.archived,
            at.0
        ],
    )
    .await?;
    Ok(())
}
