//! Notes on contents, and templates.

use std::collections::{BTreeMap, BTreeSet};

use db::Tx;
use domain::ids::{ContentId, NoteId, PersonId};
use domain::rights::{Action, allows};
use protocol::views::{Need, NeedKind, NoteThread, NoteView, TemplateView};
use store::note::Note;

use super::names::Names;
use super::overview::blank;
use crate::Error;
use crate::core::App;

/// How many notes that name somebody are looked at for Today.
const MAX_NAMING: u32 = 50;

impl App {
    pub(super) async fn notes(
        &self,
        content: ContentId,
        viewer: Option<PersonId>,
    ) -> Result<Vec<NoteThread>, Error> {
        let org = self.organization();
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let names = Names::read(tx, org).await?;
                    threads(&names, tx, content, viewer).await
                })
            })
            .await
    }

    pub(super) async fn templates(&self) -> Result<Vec<TemplateView>, Error> {
        let org = self.organization();
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let names = Names::read(tx, org).await?;
                    let all = store::template::all(tx, org).await?;
                    Ok(all
                        .into_iter()
                        .map(|kept| TemplateView {
                            id: kept.id,
                            persona: kept.template.persona.map(|id| names.persona(id)),
                            headline: kept.template.body.headline(),
                            by: names.maybe(kept.person),
                            changed_at: kept.changed_at,
                            template: kept.template,
                        })
                        .collect())
                })
            })
            .await
    }
}

/// The notes of a content as `viewer` sees them, oldest thread first.
pub(crate) async fn threads(
    names: &Names,
    tx: &mut Tx<'_>,
    content: ContentId,
    viewer: Option<PersonId>,
) -> Result<Vec<NoteThread>, Error> {
    let org = names.organization;
    store::content::get(tx, org, content)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    let all = store::note::of_content(tx, org, content).await?;
    let mut mentions: BTreeMap<NoteId, Vec<PersonId>> = BTreeMap::new();
    for (note, person) in store::note::mentions(tx, org, content).await? {
        mentions.entry(note).or_default().push(person);
    }
    let role = viewer.and_then(|id| names.people.get(&id)).map(|p| p.role);
    let rules_all = role.is_some_and(|r| allows(r, Action::ManagePeople));
    let view = |note: &Note| NoteView {
        id: note.id,
        n: note.n,
        by: names.person(note.person),
        operator: names.maybe(note.operator),
        outside: note.outside.clone(),
        at: note.at,
        text: note.text.clone(),
        mentions: mentions
            .get(&note.id)
            .into_iter()
            .flatten()
            .map(|id| names.person(*id))
            .collect(),
        removed: note.removed_at.is_some(),
        removable: note.removed_at.is_none() && (rules_all || Some(note.person) == viewer),
    };
    let answers = |id: NoteId| {
        all.iter()
            .filter(move |n| n.thread == Some(id) && n.removed_at.is_none())
    };
    Ok(all
        .iter()
        .filter(|n| n.thread.is_none())
        // One that was taken back stays only where others answered.
        .filter(|n| n.removed_at.is_none() || answers(n.id).next().is_some())
        .map(|first| NoteThread {
            note: view(first),
            anchor: first.anchor.clone(),
            quote: first.quote.clone(),
            answers: answers(first.id).map(view).collect(),
            resolved_by: names.maybe(first.resolved.map(|(_, by)| by)),
            resolved_at: first.resolved.map(|(at, _)| at),
        })
        .collect())
}

/// Notes in open threads that name the viewer, who has not answered since; one line for each
/// content.
pub(super) async fn mentioned(
    names: &Names,
    tx: &mut Tx<'_>,
    viewer: Option<PersonId>,
) -> Result<Vec<Need>, Error> {
    let org = names.organization;
    let Some(viewer) = viewer else {
        return Ok(vec![]);
    };
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for note in store::note::naming(tx, org, viewer, MAX_NAMING).await? {
        let thread = note.thread.unwrap_or(note.id);
        let answered = store::note::of_content(tx, org, note.content)
            .await?
            .iter()
            .any(|n| {
                let mine = n.person == viewer && n.outside.is_none();
                n.thread == Some(thread) && mine && n.at >= note.at
            });
        if (note.person == viewer && note.outside.is_none())
            || answered
            || !seen.insert(note.content)
        {
            continue;
        }
        let content = store::content::get(tx, org, note.content).await?;
        let Some(content) = content.filter(|c| !c.archived) else {
            continue;
        };
        let by = names.person(note.person).name;
        found.push(Need {
            since: note.at,
            persona: Some(names.persona(content.persona)),
            content: Some(content.id),
            headline: content.headline,
            words: Some(note.text),
            args: BTreeMap::from([("person".to_owned(), by)]),
            ..blank(NeedKind::Mentioned)
        });
    }
    Ok(found)
}
