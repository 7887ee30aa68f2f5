//! What was done on its own with empty posting slots.

use db::{Tx, args};
use domain::Instant;
use domain::fill::{FillDone, FillReason};
use domain::ids::{ContentId, OrganizationId, PersonaId, SuggestionId};
use uuid::Uuid;

use crate::Error;
use crate::codec::{Columns as _, name_of};

/// What was done with a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fill {
    /// Whose slot.
    pub persona: PersonaId,
    /// Its time.
    pub slot: Instant,
    /// What was done.
    pub done: FillDone,
    /// Why no more was done.
    pub reason: Option<FillReason>,
    /// The suggestion that was told or made a draft of.
    pub suggestion: Option<SuggestionId>,
    /// The content that was made.
    pub content: Option<ContentId>,
    /// The run that did it.
    pub run: Uuid,
    /// When.
    pub at: Instant,
}

mod sql {
    db::statements! {
        pub(super) GET = "SELECT * FROM slot_fill WHERE organization_id = $1 AND persona_id = $2 AND slot = $3";
        pub(super) SINCE = "SELECT * FROM slot_fill WHERE organization_id = $1 AND at >= $2 ORDER BY at DESC, persona_id, slot";
        pub(super) OF_CONTENT = "SELECT * FROM slot_fill WHERE organization_id = $1 AND content_id = $2 ORDER BY at DESC, persona_id, slot LIMIT 1";
        pub(super) SAVE = "INSERT INTO slot_fill (organization_id, persona_id, slot, done, reason, suggestion_id, content_id, run_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (organization_id, persona_id, slot) DO UPDATE SET done = excluded.done, reason = excluded.reason, suggestion_id = excluded.suggestion_id, content_id = excluded.content_id, run_id = excluded.run_id, at = excluded.at";
        pub(super) FORGET = "DELETE FROM slot_fill WHERE organization_id = $1 AND at < $2 RETURNING persona_id, slot";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Fill, Error> {
    Ok(Fill {
        persona: row.id("persona_id")?,
        slot: row.instant("slot")?,
        done: row.name("done")?,
        reason: row.maybe_name("reason")?,
        suggestion: row.maybe_id("suggestion_id")?,
        content: row.maybe_id("content_id")?,
        run: row.get("run_id")?,
        at: row.instant("at")?,
    })
}

/// What was done with a slot.
///
/// # Errors
/// When the database says no.
pub async fn get(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    persona: PersonaId,
    slot: Instant,
) -> Result<Option<Fill>, Error> {
    let args = args![organization.0, persona.0, slot.0];
    tx.row(sql::GET, args).await?.as_ref().map(read).transpose()
}

/// What was done since an instant, the last first.
///
/// # Errors
/// When the database says no.
pub async fn since(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    since: Instant,
) -> Result<Vec<Fill>, Error> {
    tx.rows(sql::SINCE, args![organization.0, since.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// The slot for which a content was made.
///
/// # Errors
/// When the database says no.
pub async fn of_content(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    content: ContentId,
) -> Result<Option<Fill>, Error> {
    tx.row(sql::OF_CONTENT, args![organization.0, content.0])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Keeps what was done with a slot, in the place of what was said of it before.
///
/// # Errors
/// When the database says no.
pub async fn save(tx: &mut Tx<'_>, organization: OrganizationId, fill: &Fill) -> Result<(), Error> {
    tx.execute(
        sql::SAVE,
        args![
            organization.0,
            fill.persona.0,
            fill.slot.0,
            name_of(&fill.done)?,
            fill.reason.as_ref().map(name_of).transpose()?,
            fill.suggestion.map(|id| id.0),
            fill.content.map(|id| id.0),
            fill.run,
            fill.at.0
        ],
    )
    .await?;
    Ok(())
}

/// Forgets what was done before an instant. Answers which slots it was.
///
/// # Errors
/// When the database says no.
pub async fn forget(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    before: Instant,
) -> Result<Vec<(PersonaId, Instant)>, Error> {
    tx.rows(sql::FORGET, args![organization.0, before.0])
        .await?
        .iter()
        .map(|row| Ok((row.id("persona_id")?, row.instant("slot")?)))
        .collect()
}
