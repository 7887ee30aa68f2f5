//! Notes on contents.

use std::collections::BTreeMap;

use domain::identity::Executor;
use domain::ids::{ContentId, NoteId, PersonId};
use domain::note::{self, Anchor};
use domain::rights::Action;
use protocol::Code;
use protocol::event::{Notification, NotificationKind, Place};
use protocol::mutation::Notice;
use serde_json::json;
use store::content::Content;
use store::note::Note;

use super::{Work, person_of};
use crate::Error;

/// What a person writes, and where.
pub(super) struct Written<'m> {
    pub(super) id: NoteId,
    pub(super) content: ContentId,
    pub(super) n: u32,
    pub(super) thread: Option<NoteId>,
    pub(super) anchor: &'m Anchor,
    pub(super) text: &'m str,
}

pub(super) async fn add(
    work: &mut Work<'_, '_>,
    written: Written<'_>,
) -> Result<Vec<Notice>, Error> {
    let person = person_of(work)?;
    let org = work.org();
    let text = checked(written.text)?;
    if store::note::get(work.tx, org, written.id).await?.is_some() {
        return Err(Error::refused(Code::Conflict, "This note exists already."));
    }
    let content = store::content::get(work.tx, org, written.content)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    let version = store::version::get(work.tx, org, content.id, written.n)
        .await?
        .ok_or_else(|| {
            Error::refused(
                Code::StaleVersion,
                "A note stands on a saved version. Save the text first.",
            )
        })?;
    let first = match written.thread {
        None => None,
        Some(id) => Some(first_of(work, id, content.id).await?),
    };
    let (anchor, quote) = match &first {
        Some(first) => (first.anchor.clone(), String::new()),
        None => {
            let quote = written.anchor.quote(&version.doc()?.body);
            let quote = quote.map_err(|e| Error::refused(Code::InvalidInput, e.to_string()))?;
            (written.anchor.clone(), quote)
        }
    };
    let people = work.people().await?;
    let names: Vec<(PersonId, String)> = people
        .values()
        .filter(|p| p.active)
        .map(|p| (p.id, p.name.clone()))
        .collect();
    let mentions = note::mentions(text, &names);
    let note = Note {
        id: written.id,
        content: content.id,
        n: written.n,
        thread: written.thread,
        anchor,
        quote,
        text: text.to_owned(),
        person,
        operator: work.ctx.actor.operator(),
        outside: None,
        at: work.now(),
        removed_at: None,
        resolved: None,
    };
    store::note::insert(work.tx, org, &note, &mentions).await?;
    work.changed("note", note.id).await?;
    let action = if note.thread.is_some() {
        "note_answered"
    } else {
        "note_added"
    };
    // What it says stays out of the audit, so that taking it back leaves nothing of it.
    record(work, action, &note).await?;
    // Something new was said: what was settled is open again.
    if let Some(first) = first.filter(|f| f.resolved.is_some()) {
        store::note::resolve(work.tx, org, first.id, None).await?;
        work.changed("note", first.id).await?;
        record(work, "thread_reopened", &first).await?;
    }
    tell(work, &note, &content, &mentions).await?;
    Ok(vec![])
}

pub(crate) fn checked(text: &str) -> Result<&str, Error> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > note::MAX_LENGTH {
        return Err(Error::from(
            protocol::Problem::new(
                Code::InvalidInput,
                format!("A note has 1 to {} characters.", note::MAX_LENGTH),
            )
            .with_field("text", "what you want to say"),
        ));
    }
    Ok(text)
}

/// The first note of a thread on a content.
async fn first_of(work: &mut Work<'_, '_>, id: NoteId, content: ContentId) -> Result<Note, Error> {
    let org = work.org();
    store::note::get(work.tx, org, id)
        .await?
        .filter(|n| n.thread.is_none() && n.content == content)
        .ok_or_else(|| Error::missing("note"))
}

async fn record(work: &mut Work<'_, '_>, action: &str, note: &Note) -> Result<(), Error> {
    let subject = format!("note:{}", note.id);
    work.record(action, &subject, Some(note.content), json!({"n": note.n}))
        .await
}

/// Tells whom a note names: on a server each of them; on a computer that several share only who sits
/// at it, and everybody else finds it under Today.
async fn tell(
    work: &mut Work<'_, '_>,
    note: &Note,
    content: &Content,
    mentions: &[PersonId],
) -> Result<(), Error> {
    let here = note.operator.unwrap_or(note.person);
    let at_server = work.ctx.executor == Executor::Server;
    let people = work.people().await?;
    let by = people.get(&note.person).map(|p| p.name.clone());
    let by = by.unwrap_or_default();
    for person in mentions {
        if *person == note.person || (!at_server && *person != here) {
            continue;
        }
        let args = BTreeMap::from([
            ("headline".to_owned(), content.headline.clone()),
            ("person".to_owned(), by.clone()),
            ("words".to_owned(), note.text.chars().take(200).collect()),
        ]);
        let notification = Notification {
            key: format!("mention:{}:{person}", note.id),
            kind: NotificationKind::Mentioned,
            args,
            place: Place::Content { id: content.id },
            delivery: None,
            status: None,
            network: None,
        };
        work.notify(Some(*person), notification).await?;
    }
    Ok(())
}

/// Takes back that somebody was told of a note.
pub(super) async fn forget_mention(work: &mut Work<'_, '_>, id: NoteId) -> Result<(), Error> {
    let org = work.org();
    Ok(store::notification::forget(work.tx, org, &format!("mention:{id}:")).await?)
}

pub(super) async fn remove(work: &mut Work<'_, '_>, id: NoteId) -> Result<Vec<Notice>, Error> {
    let person = person_of(work)?;
    let (org, now) = (work.org(), work.now());
    let note = store::note::get(work.tx, org, id)
        .await?
        .filter(|n| n.removed_at.is_none())
        .ok_or_else(|| Error::missing("note"))?;
    if note.person != person {
        work.require(Action::ManagePeople)?;
    }
    store::note::remove(work.tx, org, id, now).await?;
    forget_mention(work, id).await?;
    work.changed("note", id).await?;
    record(work, "note_removed", &note).await?;
    Ok(vec![])
}

pub(super) async fn resolve(
    work: &mut Work<'_, '_>,
    id: NoteId,
    resolved: bool,
) -> Result<Vec<Notice>, Error> {
    let person = person_of(work)?;
    let (org, now) = (work.org(), work.now());
    let note = store::note::get(work.tx, org, id)
        .await?
        .filter(|n| n.thread.is_none())
        .ok_or_else(|| Error::missing("note"))?;
    if note.resolved.is_some() == resolved {
        return Ok(vec![]);
    }
    store::note::resolve(work.tx, org, id, resolved.then_some((now, person))).await?;
    work.changed("note", id).await?;
    let action = if resolved {
        "thread_resolved"
    } else {
        "thread_reopened"
    };
    record(work, action, &note).await?;
    Ok(vec![])
}
