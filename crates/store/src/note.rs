//! Notes of people on content.

use db::{Tx, args};
use domain::Instant;
use domain::ids::{ContentId, NoteId, OrganizationId, PersonId};
use domain::note::Anchor;

use crate::Error;
use crate::codec::{Columns as _, to_json};

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Which.
    pub id: NoteId,
    /// On what.
    pub content: ContentId,
    /// The version that it was written on.
    pub n: u32,
    /// The first note of the thread that it answers in; absent for a first one.
    pub thread: Option<NoteId>,
    /// What it is about.
    pub anchor: Anchor,
    /// The words that it is about, as they stood.
    pub quote: String,
    /// What it says; empty when it was taken back.
    pub text: String,
    /// Who wrote it.
    pub person: PersonId,
    /// Who sat at the computer, when it was somebody else.
    pub operator: Option<PersonId>,
    /// Who from outside wrote it, by a link that the person made.
    pub outside: Option<String>,
    /// When.
    pub at: Instant,
    /// When it was taken back.
    pub removed_at: Option<Instant>,
    /// When and by whom the thread was resolved; only on a first note.
    pub resolved: Option<(Instant, PersonId)>,
}

mod sql {
    db::statements! {
        pub(super) GET = "SELECT * FROM note WHERE organization_id = $1 AND id = $2";
        pub(super) OF_CONTENT = "SELECT * FROM note WHERE organization_id = $1 AND content_id = $2 ORDER BY at, id";
        pub(super) INSERT = "INSERT INTO note (organization_id, id, content_id, n, thread_id, anchor, quote, text, person_id, operator_id, at, outside, removed_at, resolved_at, resolved_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL, NULL, NULL)";
        pub(super) REMOVE = "UPDATE note SET text = '', quote = '', removed_at = $3 WHERE organization_id = $1 AND id = $2";
        pub(super) RESOLVE = "UPDATE note SET resolved_at = $3, resolved_by = $4 WHERE organization_id = $1 AND id = $2";
        pub(super) MENTION = "INSERT INTO note_mention (organization_id, person_id, note_id) VALUES ($1, $2, $3)";
        pub(super) MENTIONS = "SELECT m.note_id, m.person_id FROM note_mention m JOIN note n ON n.organization_id = m.organization_id AND n.id = m.note_id WHERE m.organization_id = $1 AND n.content_id = $2 ORDER BY m.note_id, m.person_id";
        pub(super) UNMENTION = "DELETE FROM note_mention WHERE organization_id = $1 AND note_id = $2";
        pub(super) NAMING = "SELECT n.* FROM note_mention m JOIN note n ON n.organization_id = m.organization_id AND n.id = m.note_id JOIN note t ON t.organization_id = n.organization_id AND t.id = COALESCE(n.thread_id, n.id) WHERE m.organization_id = $1 AND m.person_id = $2 AND t.resolved_at IS NULL ORDER BY n.at DESC, n.id LIMIT $3";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Note, Error> {
    Ok(Note {
        id: row.id("id")?,
        content: row.id("content_id")?,
        n: row.count("n")?,
        thread: row.maybe_id("thread_id")?,
        anchor: row.json("anchor")?,
        quote: row.get("quote")?,
        text: row.get("text")?,
        person: row.id("person_id")?,
        operator: row.maybe_id("operator_id")?,
        outside: row.get("outside")?,
        at: row.instant("at")?,
        removed_at: row.maybe_instant("removed_at")?,
        resolved: row
            .maybe_instant("resolved_at")?
            .zip(row.maybe_id("resolved_by")?),
    })
}

/// One.
///
/// # Errors
/// When the database says no.
pub async fn get(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: NoteId,
) -> Result<Option<Note>, Error> {
    tx.row(sql::GET, args![organization.0, id.0])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// All of a content, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn of_content(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    content: ContentId,
) -> Result<Vec<Note>, Error> {
    tx.rows(sql::OF_CONTENT, args![organization.0, content.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Adds one with whom it names.
///
/// # Errors
/// When the database says no.
pub async fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    note: &Note,
    mentions: &[PersonId],
) -> Result<(), Error> {
    tx.execute(
        sql::INSERT,
        args![
            organization.0,
            note.id.0,
            note.content.0,
            i64::from(note.n),
            note.thread.map(|t| t.0),
            to_json(&note.anchor)?,
            note.quote.as_str(),
            note.text.as_str(),
            note.person.0,
            note.operator.map(|p| p.0),
            note.at.0,
            note.outside.clone()
        ],
    )
    .await?;
    for person in mentions {
        tx.execute(sql::MENTION, args![organization.0, person.0, note.id.0])
            .await?;
    }
    Ok(())
}

/// Takes one back: nothing of what it said stays.
///
/// # Errors
/// When the database says no.
pub async fn remove(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: NoteId,
    at: Instant,
) -> Result<(), Error> {
    tx.execute(sql::REMOVE, args![organization.0, id.0, at.0])
        .await?;
    tx.execute(sql::UNMENTION, args![organization.0, id.0])
        .await?;
    Ok(())
}

/// Closes a thread, or opens it again.
///
/// # Errors
/// When the database says no.
pub async fn resolve(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: NoteId,
    resolved: Option<(Instant, PersonId)>,
) -> Result<(), Error> {
    tx.execute(
        sql::RESOLVE,
        args![
            organization.0,
            id.0,
            resolved.map(|(at, _)| at.0),
            resolved.map(|(_, by)| by.0)
        ],
    )
    .await?;
    Ok(())
}

/// Whom the notes of a content name, by note.
///
/// # Errors
/// When the database says no.
pub async fn mentions(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    content: ContentId,
) -> Result<Vec<(NoteId, PersonId)>, Error> {
    tx.rows(sql::MENTIONS, args![organization.0, content.0])
        .await?
        .iter()
        .map(|row| Ok((row.id("note_id")?, row.id("person_id")?)))
        .collect()
}

/// Notes in open threads that name somebody, newest first.
///
/// # Errors
/// When the database says no.
pub async fn naming(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
    limit: u32,
) -> Result<Vec<Note>, Error> {
    tx.rows(
        sql::NAMING,
        args![organization.0, person.0, i64::from(limit)],
    )
    .await?
    .iter()
    .map(read)
    .collect()
}
