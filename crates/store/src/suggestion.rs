//! Suggestions, what became of them, and what a persona does not want.

use db::{Tx, args};
use domain::idea::{DismissReason, SuggestionFacts, SuggestionKind, SuggestionStatus};
use domain::ids::{ContentId, OrganizationId, PersonaId, SuggestionId};
use domain::{Hash, Instant};

use crate::Error;
use crate::codec::{Columns as _, name_of, to_json};

/// A suggestion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Which.
    pub id: SuggestionId,
    /// For whom.
    pub persona: PersonaId,
    /// What kind.
    pub kind: SuggestionKind,
    /// What it is about: the same again is the same suggestion.
    pub about: String,
    /// What it says and what it is known from.
    pub facts: SuggestionFacts,
    /// What became of it.
    pub status: SuggestionStatus,
    /// Why it was dismissed.
    pub reason: Option<DismissReason>,
    /// The outline that was made of it.
    pub content: Option<ContentId>,
    /// A hash of the words that the outline begins with.
    pub begun: Option<Hash>,
    /// When it was made.
    pub made_at: Instant,
    /// After this it is not worth saying any more.
    pub until: Option<Instant>,
    /// When something became of it.
    pub settled_at: Option<Instant>,
}

mod sql {
    db::statements! {
        pub(super) GET = "SELECT * FROM suggestion WHERE organization_id = $1 AND id = $2";
        pub(super) OF_CONTENT = "SELECT * FROM suggestion WHERE organization_id = $1 AND content_id = $2 ORDER BY made_at DESC, id LIMIT 1";
        pub(super) WITH_STATUS = "SELECT * FROM suggestion WHERE organization_id = $1 AND persona_id = $2 AND status = $3 ORDER BY made_at DESC, id LIMIT $4";
        pub(super) ANSWERED = "SELECT * FROM suggestion WHERE organization_id = $1 AND persona_id = $2 AND status IN ('accepted', 'edited', 'dismissed') AND settled_at > $3 ORDER BY settled_at DESC, id LIMIT $4";
        pub(super) KNOWN = "SELECT kind, about, status FROM suggestion WHERE organization_id = $1 AND persona_id = $2";
        pub(super) SAVE = "INSERT INTO suggestion (organization_id, id, persona_id, kind, about, facts, status, reason, content_id, begun, made_at, until, settled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (organization_id, id) DO UPDATE SET facts = excluded.facts, status = excluded.status, reason = excluded.reason, content_id = excluded.content_id, begun = excluded.begun, until = excluded.until, settled_at = excluded.settled_at";
        pub(super) EXPIRE = "UPDATE suggestion SET status = 'expired', settled_at = $2 WHERE organization_id = $1 AND status = 'open' AND until < $2 RETURNING id";
        pub(super) FORGET = "DELETE FROM suggestion WHERE organization_id = $1 AND status IN ('dismissed', 'expired') AND settled_at < $2 RETURNING id";
        pub(super) MUTED = "SELECT topic FROM muted_topic WHERE organization_id = $1 AND persona_id = $2 ORDER BY topic";
        pub(super) MUTE = "INSERT INTO muted_topic (organization_id, persona_id, topic, at) VALUES ($1, $2, $3, $4) ON CONFLICT (organization_id, persona_id, topic) DO NOTHING";
        pub(super) UNMUTE = "DELETE FROM muted_topic WHERE organization_id = $1 AND persona_id = $2 AND topic = $3";
        pub(super) SINCE = "SELECT since FROM learning WHERE organization_id = $1 AND persona_id = $2";
        pub(super) RESET = "INSERT INTO learning (organization_id, persona_id, since) VALUES ($1, $2, $3) ON CONFLICT (organization_id, persona_id) DO UPDATE SET since = excluded.since";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Suggestion, Error> {
    Ok(Suggestion {
        id: row.id("id")?,
        persona: row.id("persona_id")?,
        kind: row.name("kind")?,
        about: row.get("about")?,
        facts: row.json("facts")?,
        status: row.name("status")?,
        reason: row.maybe_name("reason")?,
        content: row.maybe_id("content_id")?,
        begun: row.maybe_hash("begun")?,
        made_at: row.instant("made_at")?,
        until: row.maybe_instant("until")?,
        settled_at: row.maybe_instant("settled_at")?,
    })
}

/// One.
///
/// # Errors
/// When the database says no.
pub async fn get(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: SuggestionId,
) -> Result<Option<Suggestion>, Error> {
    tx.row(sql::GET, args![organization.0, id.0])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// The one of which a content was made.
///
/// # Errors
/// When the database says no.
pub async fn of_content(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    content: ContentId,
) -> Result<Option<Suggestion>, Error> {
    tx.row(sql::OF_CONTENT, args![organization.0, content.0])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// A persona's with a status, newest first, at most `limit`.
///
/// # Errors
/// When the database says no.
pub async fn with_status(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    persona: PersonaId,
    status: SuggestionStatus,
    limit: u32,
) -> Result<Vec<Suggestion>, Error> {
    let args = args![
        organization.0,
        persona.0,
        name_of(&status)?,
        i64::from(limit)
    ];
    tx.rows(sql::WITH_STATUS, args)
        .await?
        .iter()
        .map(read)
        .collect()
}

/// A persona's that were taken or dismissed after an instant, the last first, at most `limit`.
///
/// # Errors
/// When the database says no.
pub async fn answered(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    persona: PersonaId,
    after: Instant,
    limit: u32,
) -> Result<Vec<Suggestion>, Error> {
    let args = args![organization.0, persona.0, after.0, i64::from(limit)];
    tx.rows(sql::ANSWERED, args)
        .await?
        .iter()
        .map(read)
        .collect()
}

/// What was suggested to a persona, and what became of it.
///
/// # Errors
/// When the database says no.
pub async fn known(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    persona: PersonaId,
) -> Result<Vec<(SuggestionKind, String, SuggestionStatus)>, Error> {
    tx.rows(sql::KNOWN, args![organization.0, persona.0])
        .await?
        .iter()
        .map(|row| Ok((row.name("kind")?, row.get("about")?, row.name("status")?)))
        .collect()
}

/// Adds or changes one.
///
/// # Errors
/// When the database says no.
pub async fn save(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    suggestion: &Suggestion,
) -> Result<(), Error> {
    tx.execute(
        sql::SAVE,
        args![
            organization.0,
            suggestion.id.0,
            suggestion.persona.0,
            name_of(&suggestion.kind)?,
            suggestion.about.as_str(),
            to_json(&suggestion.facts)?,
            name_of(&suggestion.status)?,
            suggestion.reason.as_ref().map(name_of).transpose()?,
            suggestion.content.map(|c| c.0),
            suggestion.begun.map(|hash| hash.0),
            suggestion.made_at.0,
            suggestion.until.map(|at| at.0),
            suggestion.settled_at.map(|at| at.0)
        ],
    )
    .await?;
    Ok(())
}

/// Lets those go whose time has passed, and forgets what was dismissed or passed before `before`;
/// what became a post stays. Answers which went either way.
///
/// # Errors
/// When the database says no.
pub async fn expire(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    now: Instant,
    before: Instant,
) -> Result<Went, Error> {
    let ids = |rows: Vec<db::Row>| -> Result<Vec<SuggestionId>, Error> {
        rows.iter().map(|row| row.id("id")).collect()
    };
    let expired = tx.rows(sql::EXPIRE, args![organization.0, now.0]).await?;
    let gone = tx
        .rows(sql::FORGET, args![organization.0, before.0])
        .await?;
    Ok(Went {
        expired: ids(expired)?,
        gone: ids(gone)?,
    })
}

/// Suggestions that went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Went {
    /// Their time has passed.
    pub expired: Vec<SuggestionId>,
    /// They are not kept any more.
    pub gone: Vec<SuggestionId>,
}

/// Topics that a persona does not want, in their order.
///
/// # Errors
/// When the database says no.
pub async fn muted(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    persona: PersonaId,
) -> Result<Vec<String>, Error> {
    tx.rows(sql::MUTED, args![organization.0, persona.0])
        .await?
        .iter()
        .map(|row| Ok(row.get("topic")?))
        .collect()
}

/// Adds or takes back a topic that a persona does not want.
///
/// # Errors
/// When the database says no.
pub async fn mute(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    persona: PersonaId,
    topic: &str,
    at: Option<Instant>,
) -> Result<(), Error> {
    match at {
        Some(at) => {
            let args = args![organization.0, persona.0, topic, at.0];
            tx.execute(sql::MUTE, args).await?;
        }
        None => {
            let args = args![organization.0, persona.0, topic];
            tx.execute(sql::UNMUTE, args).await?;
        }
    }
    Ok(())
}

/// Since when answers of a persona are learned from.
///
/// # Errors
/// When the database says no.
pub async fn learning_since(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    persona: PersonaId,
) -> Result<Instant, Error> {
    let row = tx.row(sql::SINCE, args![organization.0, persona.0]).await?;
    Ok(row
        .map(|row| row.instant("since"))
        .transpose()?
        .unwrap_or(Instant(0)))
}

/// Forgets what was learned of a persona before an instant.
///
/// # Errors
/// When the database says no.
pub async fn reset_learning(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    persona: PersonaId,
    since: Instant,
) -> Result<(), Error> {
    tx.execute(sql::RESET, args![organization.0, persona.0, since.0])
        .await?;
    Ok(())
}
