//! What was asked of language models, by persona and month.

use db::{Tx, args};
use domain::ids::{OrganizationId, PersonaId};

use crate::Error;
use crate::codec::Columns as _;

/// What a persona asked of a model in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Whose.
    pub persona: PersonaId,
    /// `2026-11`, in UTC.
    pub month: String,
    /// As people call the model.
    pub model: String,
    /// How often.
    pub asked: i64,
    /// Tokens of the questions, as the service counted them.
    pub input: i64,
    /// Tokens of the answers.
    pub output: i64,
    /// What they cost, in millionths of the currency that a person counts in.
    pub cost: i64,
}

mod sql {
    db::statements! {
        pub(super) OF_MONTH = "SELECT persona_id, month, model, asked, input, output, cost FROM model_use WHERE organization_id = $1 AND month = $2 ORDER BY persona_id, model";
        pub(super) ADD = "INSERT INTO model_use (organization_id, persona_id, month, model, asked, input, output, cost) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (organization_id, persona_id, month, model) DO UPDATE SET asked = model_use.asked + excluded.asked, input = model_use.input + excluded.input, output = model_use.output + excluded.output, cost = model_use.cost + excluded.cost";
    }
}
pub use sql::STATEMENTS;

/// All of a month, by persona and model.
///
/// # Errors
/// When the database says no.
pub async fn of_month(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    month: &str,
) -> Result<Vec<Use>, Error> {
    tx.rows(sql::OF_MONTH, args![organization.0, month])
        .await?
        .iter()
        .map(|row| {
            Ok(Use {
                persona: row.id("persona_id")?,
                month: row.get("month")?,
                model: row.get("model")?,
                asked: row.get("asked")?,
                input: row.get("input")?,
                output: row.get("output")?,
                cost: row.get("cost")?,
            })
        })
        .collect()
}

/// Adds to what was used.
///
/// # Errors
/// When the database says no.
pub async fn add(tx: &mut Tx<'_>, organization: OrganizationId, used: &Use) -> Result<(), Error> {
    tx.execute(
        sql::ADD,
        args![
            organization.0,
            used.persona.0,
            used.month.as_str(),
            used.model.as_str(),
            used.asked,
            used.input,
            used.output,
            used.cost
        ],
    )
    .await?;
    Ok(())
}
