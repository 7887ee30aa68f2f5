//! What a server answers to a pull: what changed since, as it is now, in one snapshot.

use std::collections::{BTreeMap, BTreeSet};

use db::{Db, Tx};
use domain::Hash;
use domain::ids::{OrganizationId, PersonId};
use protocol::sync::{At, Change, Cursor, Op, Page, Pull, Pulled, Refusal, Row};
use protocol::{Code, Problem};
use store::sync::{ENTITIES, Entity, Kept, log, rows};

use crate::Error;
use crate::apply;

/// How much one answer holds.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Things, about: a place in the order is split only when it is too many bytes alone.
    pub page: u32,
    /// Bytes of JSON, unless one thing alone has more.
    pub bytes: usize,
    /// Bytes of JSON that one thing may have.
    pub thing: usize,
}

impl Default for Limits {
    /// Few enough for one answer, enough that a day's changes are one. One thing may have what a
    /// desktop takes of an answer.
    fn default() -> Self {
        Self {
            page: 1_000,
            bytes: 4 << 20,
            thing: 32 << 20,
        }
    }
}

/// How many things are read before their bytes are counted.
const STEP: usize = 100;

/// Answers what changed, as `person` may read it.
///
/// # Errors
/// When the person is none of the organization (any more), or the database says no.
pub async fn pull(
    db: &Db,
    organization: OrganizationId,
    person: PersonId,
    pull: Pull,
    limits: Limits,
) -> Result<Pulled, Problem> {
    if pull.organization != organization {
        return Err(Error::missing("organization").into_problem());
    }
    let named = pull.cursor.as_ref().is_some_and(|c| c.at.is_some());
    let answered: Result<Pulled, Error> = db
        .read(move |tx| {
            Box::pin(async move {
                let reader = Reader {
                    organization,
                    person,
                    limits,
                    known: ENTITIES
                        .iter()
                        .filter(|e| pull.entities.iter().any(|name| name == e.name))
                        .collect(),
                };
                reader.answer(tx, &pull).await
            })
        })
        .await;
    answered.map_err(|error| match error {
        Error::Store(store::Error::Unreadable { .. }) if named => {
            Problem::new(Code::InvalidInput, "There is no such place. Begin afresh.")
        }
        other => other.into_problem(),
    })
}

/// Who reads, and what they can keep.
struct Reader {
    organization: OrganizationId,
    person: PersonId,
    limits: Limits,
    known: Vec<&'static Entity>,
}

/// What an answer holds so far.
#[derive(Default)]
struct Held {
    changes: Vec<Change>,
    bytes: usize,
}

impl Reader {
    /// What this member and release may see, and in which order: one that was restored goes on
    /// otherwise than it did. Columns count: who gets more of them begins afresh.
    async fn scope(&self, tx: &mut Tx<'_>, seq: u64) -> Result<Hash, Error> {
        let mark = log::mark(tx, self.organization, seq).await?;
        let mut words = vec![
            self.organization.to_string(),
            self.person.to_string(),
            mark.to_string(),
        ];
        for entity in &self.known {
            words.push(entity.name.to_owned());
            for part in entity.parts {
                words.push(part.table.name.to_owned());
                words.extend(
                    part.table
                        .columns
                        .iter()
                        .map(|(name, _)| (*name).to_owned()),
                );
            }
        }
        Ok(Hash::of(words.join("\n").as_bytes()))
    }

    async fn answer(&self, tx: &mut Tx<'_>, pull: &Pull) -> Result<Pulled, Error> {
        let org = self.organization;
        let member = store::person::get(tx, org, self.person).await?;
        if !member.is_some_and(|person| person.active) {
            return Err(apply::has_left());
        }
        let head = store::organization::get(tx, org)
            .await?
            .ok_or_else(|| Error::missing("organization"))?
            .head_seq;
        let cursor = match &pull.cursor {
            None => Cursor {
                seq: head,
                scope: self.scope(tx, head).await?,
                at: ENTITIES.first().map(|first| At {
                    entity: first.name.to_owned(),
                    id: None,
                }),
                within: None,
            },
            Some(cursor) => cursor.clone(),
        };
        let floor = log::floor(tx, org).await?;
        if cursor.seq < floor || cursor.seq > head {
            return Ok(Pulled::Reset);
        }
        if cursor.scope != self.scope(tx, cursor.seq).await? {
            return Ok(Pulled::Reset);
        }
        let (changes, mut cursor) = match &cursor.at {
            Some(at) => self.everything(tx, &cursor, at).await?,
            None => self.since(tx, &cursor, head).await?,
        };
        cursor.scope = self.scope(tx, cursor.seq).await?;
        let has_more = cursor.at.is_some() || cursor.seq < head;
        let mut page = Page {
            changes,
            has_more,
            last_mutation: 0,
            refused: vec![],
            unknown: ENTITIES
                .iter()
                .map(|e| e.name.to_owned())
                .filter(|name| !pull.entities.contains(name))
                .collect(),
            cursor,
        };
        if !has_more {
            self.settle(tx, pull, &mut page).await?;
        }
        Ok(Pulled::Page(page))
    }

    /// What became of the client's items up to the end of the page.
    async fn settle(&self, tx: &mut Tx<'_>, pull: &Pull, page: &mut Page) -> Result<(), Error> {
        let org = self.organization;
        let client = log::client(tx, org, pull.client).await?;
        if client.is_none_or(|c| c.person != self.person) {
            return Ok(());
        }
        let seq = page.cursor.seq;
        page.last_mutation = log::last_at(tx, org, pull.client, seq).await?;
        let refused = log::refused(tx, org, pull.client, pull.settled, page.last_mutation).await?;
        for taken in refused {
            page.refused.push(Refusal {
                n: taken.n,
                problem: store::from_json("problem", &taken.outcome)?,
            });
        }
        Ok(())
    }

    /// A part of all there is, from behind a thing.
    async fn everything(
        &self,
        tx: &mut Tx<'_>,
        cursor: &Cursor,
        at: &At,
    ) -> Result<(Vec<Change>, Cursor), Error> {
        let mut held = Held::default();
        let mut after = at.id.clone();
        let from = ENTITIES.iter().position(|e| e.name == at.entity);
        let Some(from) = from else {
            return Err(Error::missing("kind of thing"));
        };
        let ends = |at: Option<At>| Cursor {
            at,
            ..cursor.clone()
        };
        for entity in &ENTITIES[from..] {
            if !self.known.iter().any(|known| known.name == entity.name) {
                after = None;
                continue;
            }
            loop {
                let room = self.room(&held);
                let ids = match room {
                    0 => vec![],
                    _ => rows::ids(tx, self.organization, entity, after.as_deref(), room).await?,
                };
                let read = self.take(tx, entity, &ids, &mut held).await?;
                if read > 0 {
                    after = Some(ids[read - 1].clone());
                }
                if room == 0 || read < ids.len() {
                    let entity = entity.name.to_owned();
                    return Ok((held.changes, ends(Some(At { entity, id: after }))));
                }
                if ids.is_empty() {
                    break;
                }
            }
            after = None;
        }
        Ok((held.changes, ends(None)))
    }

    /// How many things are still read: none when there is enough.
    fn room(&self, held: &Held) -> u32 {
        let full = held.bytes >= self.limits.bytes;
        let count = u32::try_from(held.changes.len()).unwrap_or(u32::MAX);
        match self.limits.page.max(1).saturating_sub(count) {
            _ if full => 0,
            left => left.min(STEP as u32),
        }
    }

    /// Reads things of one kind until there is enough. Answers how many were read; of the first
    /// always at least one.
    async fn take(
        &self,
        tx: &mut Tx<'_>,
        entity: &'static Entity,
        ids: &[String],
        held: &mut Held,
    ) -> Result<usize, Error> {
        let mut read = 0;
        for some in ids.chunks(STEP) {
            let found = self.things(tx, entity, some).await?;
            let mut found = found.into_iter().peekable();
            for id in some {
                // What is not for this person has no change.
                if let Some(change) = found.next_if(|change| change.id == *id) {
                    let bytes = store::to_json(&change)?.len();
                    if bytes > self.limits.thing {
                        return Err(too_large(entity, id, bytes));
                    }
                    if held.bytes + bytes > self.limits.bytes && !held.changes.is_empty() {
                        return Ok(read);
                    }
                    held.bytes += bytes;
                    held.changes.push(change);
                }
                read += 1;
            }
        }
        Ok(read)
    }

    /// What changed behind a place in the order.
    async fn since(
        &self,
        tx: &mut Tx<'_>,
        cursor: &Cursor,
        head: u64,
    ) -> Result<(Vec<Change>, Cursor), Error> {
        let ends = |seq, within| Cursor {
            seq,
            within,
            ..cursor.clone()
        };
        let mut limit = self.limits.page.max(1);
        loop {
            // Alone, a place is read in as many parts as it needs.
            let alone = cursor.within.is_some() || limit == 1;
            let limited = if alone { 1 } else { limit };
            let (found, reached) = log::page(tx, self.organization, cursor.seq, limited).await?;
            let things = self.in_order(found);
            let from = match &cursor.within {
                Some(within) => things
                    .iter()
                    .position(|(entity, id)| {
                        entity.name == within.entity && Some(id) == within.id.as_ref()
                    })
                    .map_or(0, |place| place + 1),
                None => 0,
            };
            let mut held = Held::default();
            let mut read = from;
            for some in things[from..].chunk_by(|a, b| a.0.name == b.0.name) {
                let ids: Vec<String> = some.iter().map(|(_, id)| id.clone()).collect();
                let taken = self.take(tx, some[0].0, &ids, &mut held).await?;
                read += taken;
                if taken < ids.len() {
                    break;
                }
            }
            if read == things.len() {
                return Ok((held.changes, ends(reached.unwrap_or(head), None)));
            }
            if alone {
                let within = read.checked_sub(1).map(|last| {
                    Box::new(At {
                        entity: things[last].0.name.to_owned(),
                        id: Some(things[last].1.clone()),
                    })
                });
                return Ok((held.changes, ends(cursor.seq, within)));
            }
            limit = (limit / 4).max(1);
        }
    }

    /// What changes name, each once: what others refer to comes first.
    fn in_order(&self, found: Vec<log::Change>) -> Vec<(&'static Entity, String)> {
        let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for change in found {
            named.entry(change.entity).or_default().insert(change.id);
        }
        let mut things = Vec::new();
        for entity in &self.known {
            let ids = named.remove(entity.name).unwrap_or_default();
            things.extend(ids.into_iter().map(|id| (*entity, id)));
        }
        things
    }

    /// Things as they are now.
    async fn things(
        &self,
        tx: &mut Tx<'_>,
        entity: &'static Entity,
        ids: &[String],
    ) -> Result<Vec<Change>, Error> {
        let mut found = rows::of(tx, self.organization, self.person, entity, ids).await?;
        let mut changes = Vec::with_capacity(ids.len());
        for id in ids {
            let rows = found.remove(id).unwrap_or_default();
            // Not for this person; such rows are never taken away.
            if rows.is_empty() && entity.first().table.kept == Kept::Once {
                continue;
            }
            changes.push(Change {
                entity: entity.name.to_owned(),
                id: id.clone(),
                op: if rows.is_empty() { Op::Gone } else { Op::Set },
                rows: rows
                    .into_iter()
                    .map(|row| Row {
                        table: row.table.to_owned(),
                        values: row.values,
                    })
                    .collect(),
            });
        }
        Ok(changes)
    }
}

fn too_large(entity: &Entity, id: &str, bytes: usize) -> Error {
    let words = format!(
        "One {} is too large to be sent ({} MB, {id}). Ask who keeps the server.",
        entity.name.replace('_', " "),
        bytes >> 20
    );
    Error::refused(Code::TooLarge, words)
}

/// The kinds of things that this release keeps.
pub(super) fn kept_here() -> Vec<String> {
    ENTITIES.iter().map(|e| e.name.to_owned()).collect()
}
