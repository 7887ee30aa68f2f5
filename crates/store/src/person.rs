//! People.

use db::{Tx, args};
use domain::Instant;
use domain::approval::Member;
use domain::ids::{OrganizationId, PersonId};
use domain::person::Role;

use crate::Error;
use crate::codec::{Columns as _, name_of};

/// Somebody who acts.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// Still here.
    pub active: bool,
}

impl Person {
    /// As far as seats care.
    #[must_use]
    pub const fn member(&self) -> Member {
        Member {
            id: self.id,
            role: self.role,
            active: self.active,
        }
    }
}

mod sql {
    db::statements! {
        pub(super) ALL = "SELECT id, name, role, active FROM person WHERE organization_id = $1 ORDER BY created_at, id";
        pub(super) GET = "SELECT id, name, role, active FROM person WHERE organization_id = $1 AND id = $2";
        pub(super) INSERT = "INSERT INTO person (organization_id, id, name, role, active, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
        pub(super) SETTINGS = "SELECT settings FROM person_settings WHERE organization_id = $1 AND person_id = $2";
        pub(super) KEEP_SETTINGS = "INSERT INTO person_settings (organization_id, person_id, settings) VALUES ($1, $2, $3) ON CONFLICT (organization_id, person_id) DO UPDATE SET settings = excluded.settings";
        pub(super) UPDATE = "UPDATE person SET name = $3, role = $4, active = $5 WHERE organization_id = $1 AND id = $2";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Person, Error> {
    Ok(Person {
        id: row.id("id")?,
        name: row.get("name")?,
        role: row.name("role")?,
        active: row.get("active")?,
    })
}

/// Everybody, also those who left, in the order they came.
///
/// # Errors
/// When the database says no.
pub async fn all(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Vec<Person>, Error> {
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
    id: PersonId,
) -> Result<Option<Person>, Error> {
    tx.row(sql::GET, args![organization.0, id.0])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Adds one.
///
/// # Errors
/// When the database says no.
pub async fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: &Person,
    at: Instant,
) -> Result<(), Error> {
    tx.execute(
        sql::INSERT,
        args![
            organization.0,
            person.id.0,
            person.name.as_str(),
            name_of(&person.role)?,
            person.active,
            at.0
        ],
    )
    .await?;
    Ok(())
}

/// Changes one.
///
/// # Errors
/// When the database says no.
pub async fn update(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: &Person,
) -> Result<(), Error> {
    tx.execute(
        sql::UPDATE,
        args![
            organization.0,
            person.id.0,
            person.name.as_str(),
            name_of(&person.role)?,
            person.active
        ],
    )
    .await?;
    Ok(())
}

/// A person's own settings on a server, as JSON.
///
/// # Errors
/// When the database says no.
pub async fn settings(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: PersonId,
) -> Result<Option<String>, Error> {
    let row = tx.row(sql::SETTINGS, args![organization.0, id.0]).await?;
    row.map(|row| Ok(row.get("settings")?)).transpose()
}

/// Keeps them.
///
/// # Errors
/// When the database says no.
pub async fn keep_settings(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: PersonId,
    settings: &str,
) -> Result<(), Error> {
    tx.execute(sql::KEEP_SETTINGS, args![organization.0, id.0, settings])
        .await?;
    Ok(())
}
