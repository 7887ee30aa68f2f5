//! Templates.

use db::{Tx, args};
use domain::Instant;
use domain::ids::{OrganizationId, PersonId, TemplateId};

use crate::Error;
use crate::codec::{Columns as _, to_json};

/// A template as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Which.
    pub id: TemplateId,
    /// What it holds.
    pub template: domain::template::Template,
    /// Who saved it last.
    pub person: Option<PersonId>,
    /// When.
    pub changed_at: Instant,
}

mod sql {
    db::statements! {
        pub(super) ALL = "SELECT * FROM template WHERE organization_id = $1 ORDER BY name, id";
        pub(super) GET = "SELECT * FROM template WHERE organization_id = $1 AND id = $2";
        pub(super) SAVE = "INSERT INTO template (organization_id, id, name, persona_id, body, labels, person_id, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (organization_id, id) DO UPDATE SET name = excluded.name, persona_id = excluded.persona_id, body = excluded.body, labels = excluded.labels, person_id = excluded.person_id, changed_at = excluded.changed_at";
        pub(super) DELETE = "DELETE FROM template WHERE organization_id = $1 AND id = $2";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Template, Error> {
    Ok(Template {
        id: row.id("id")?,
        template: domain::template::Template {
            name: row.get("name")?,
            persona: row.maybe_id("persona_id")?,
            body: row.json("body")?,
            labels: row.json("labels")?,
        },
        person: row.maybe_id("person_id")?,
        changed_at: row.instant("changed_at")?,
    })
}

/// All, by name.
///
/// # Errors
/// When the database says no.
pub async fn all(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Vec<Template>, Error> {
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
    id: TemplateId,
) -> Result<Option<Template>, Error> {
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
    kept: &Template,
) -> Result<(), Error> {
    let template = &kept.template;
    tx.execute(
        sql::SAVE,
        args![
            organization.0,
            kept.id.0,
            template.name.as_str(),
            template.persona.map(|p| p.0),
            to_json(&template.body)?,
            to_json(&template.labels)?,
            kept.person.map(|p| p.0),
            kept.changed_at.0
        ],
    )
    .await?;
    Ok(())
}

/// Deletes one.
///
/// # Errors
/// When the database says no.
pub async fn delete(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: TemplateId,
) -> Result<(), Error> {
    tx.execute(sql::DELETE, args![organization.0, id.0]).await?;
    Ok(())
}
