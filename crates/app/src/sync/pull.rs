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
    /// Things, about: one place in the order is never split.
    pub page: u32,
}

impl Default for Limits {
    /// Half a second of work, about a megabyte.
    fn default() -> Self {
        Self { page: 1_000 }
    }
}

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
                    limit: limits.page.max(1),
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
    limit: u32,
    known: Vec<&'static Entity>,
}

impl Reader {
    /// What this member and release may see. Columns count: who gets more of them begins afresh.
    fn scope(&self) -> Hash {
        let mut words = vec![self.organization.to_string(), self.person.to_string()];
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
        Hash::of(words.join("\n").as_bytes())
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
                scope: self.scope(),
                at: ENTITIES.first().map(|first| At {
                    entity: first.name.to_owned(),
                    id: None,
                }),
            },
            Some(cursor) => cursor.clone(),
        };
        let floor = log::floor(tx, org).await?;
        if cursor.scope != self.scope() || cursor.seq < floor || cursor.seq > head {
            return Ok(Pulled::Reset);
        }
        let (changes, cursor) = match &cursor.at {
            Some(at) => self.everything(tx, &cursor, at).await?,
            None => self.since(tx, &cursor, head).await?,
        };
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
        let mut changes = Vec::new();
        let mut after = at.id.clone();
        let from = ENTITIES.iter().position(|e| e.name == at.entity);
        let Some(from) = from else {
            return Err(Error::missing("kind of thing"));
        };
        for entity in &ENTITIES[from..] {
            if !self.known.iter().any(|known| known.name == entity.name) {
                after = None;
                continue;
            }
            loop {
                let room = self.limit.saturating_sub(count(&changes));
                if room == 0 {
                    let at = Some(At {
                        entity: entity.name.to_owned(),
                        id: after,
                    });
                    return Ok((
                        changes,
                        Cursor {
                            at,
                            ..cursor.clone()
                        },
                    ));
                }
                let ids = rows::ids(tx, self.organization, entity, after.as_deref(), room).await?;
                let Some(last) = ids.last() else { break };
                after = Some(last.clone());
                changes.extend(self.things(tx, entity, &ids).await?);
            }
            after = None;
        }
        let at = None;
        Ok((
            changes,
            Cursor {
                at,
                ..cursor.clone()
            },
        ))
    }

    /// What changed behind a place in the order.
    async fn since(
        &self,
        tx: &mut Tx<'_>,
        cursor: &Cursor,
        head: u64,
    ) -> Result<(Vec<Change>, Cursor), Error> {
        let (found, reached) = log::page(tx, self.organization, cursor.seq, self.limit).await?;
        let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for change in found {
            named.entry(change.entity).or_default().insert(change.id);
        }
        let mut changes = Vec::new();
        // What others refer to comes first.
        for entity in &self.known {
            if let Some(ids) = named.get(entity.name) {
                let ids: Vec<String> = ids.iter().cloned().collect();
                changes.extend(self.things(tx, entity, &ids).await?);
            }
        }
        let cursor = Cursor {
            seq: reached.unwrap_or(head),
            ..cursor.clone()
        };
        Ok((changes, cursor))
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

fn count(changes: &[Change]) -> u32 {
    u32::try_from(changes.len()).unwrap_or(u32::MAX)
}

/// The kinds of things that this release keeps.
pub(super) fn kept_here() -> Vec<String> {
    ENTITIES.iter().map(|e| e.name.to_owned()).collect()
}
