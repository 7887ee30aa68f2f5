//! The mirror of an organization that lives on a server.
//!
//! It is a SQLite file of its own, with the tables of any organization and without engine, audit or
//! secrets. What is done on it is applied in advance and kept in the outbox with the same commit.

use std::collections::{BTreeMap, BTreeSet};

use db::{Db, Tx};
use domain::Instant;
use domain::ids::{ClientId, MutationId, OrganizationId, PersonId};
use networks::Registry;
use protocol::event::Notification;
use protocol::mutation::Applied;
use protocol::sync::{Batch, Change, Cursor, Item, Outcome, Page, Pull, Pulled, Push, Pushed};
use protocol::{Code, Mutation, Problem, Tag};
use serde_json::{Map, Value};
use store::sync::mirror::{self, Staged};
use store::sync::outbox::{self, State};
use store::sync::{Kept, entity};

use super::pull::kept_here;
use super::replay::{self, Whose};
use crate::apply::{self, Effects};
use crate::core::new_id;
use crate::{Error, member};

/// How many items one push holds.
const PUSH: usize = 100;

/// A mirror. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Mirror {
    db: Db,
    whose: Whose,
}

/// Something done here that is not known to be in the server's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its id.
    pub id: MutationId,
    /// Where it stands.
    pub state: State,
    /// Why it was rejected.
    pub problem: Option<Problem>,
    /// What it changes; empty when another release wrote it.
    pub mutations: Vec<Mutation>,
    /// When it was done, by this computer's clock.
    pub at: Instant,
}

impl Mirror {
    /// Opens the mirror in a migrated database, or begins it. The same person has it for good.
    ///
    /// # Errors
    /// When the database says no, or somebody else works on this mirror.
    pub async fn open(
        db: &Db,
        organization: OrganizationId,
        person: PersonId,
        networks: Registry,
        now: Instant,
    ) -> Result<Self, Error> {
        let client = ClientId(new_id());
        let whose = db
            .write(move |tx| {
                Box::pin(async move {
                    if store::organization::get(tx, organization).await?.is_none() {
                        store::organization::insert(tx, organization, "", now).await?;
                    }
                    mirror::open(tx, organization, client, person).await?;
                    store::sync::ahead::watch(tx).await?;
                    Ok::<_, Error>(known(tx, organization).await?.person)
                })
            })
            .await?;
        if whose != person {
            return Err(Error::refused(
                Code::Conflict,
                "Somebody else works on this copy of the organization.",
            ));
        }
        let whose = Whose {
            organization,
            person,
            networks,
        };
        let db = db.clone();
        Ok(Self { db, whose })
    }

    /// Its tables.
    #[must_use]
    pub const fn db(&self) -> &Db {
        &self.db
    }

    /// Of which organization.
    #[must_use]
    pub const fn organization(&self) -> OrganizationId {
        self.whose.organization
    }

    /// Who works here.
    #[must_use]
    pub const fn person(&self) -> PersonId {
        self.whose.person
    }

    /// Applies a batch in advance and keeps it for the server, in one commit. The same id again
    /// changes nothing.
    ///
    /// # Errors
    /// A problem that says what to do; nothing was changed.
    pub async fn apply(&self, now: Instant, batch: Batch) -> Result<(Applied, Effects), Error> {
        let text = store::to_json(&batch)?;
        self.write(move |tx, whose| {
            let (batch, text) = (batch.clone(), text.clone());
            Box::pin(async move { add(tx, &whose, now, &batch, &text).await })
        })
        .await
    }

    /// What is not known to be in the server's order, in the order of doing.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn outbox(&self) -> Result<Vec<Waiting>, Error> {
        let org = self.organization();
        let items = self
            .db
            .read(move |tx| Box::pin(async move { outbox::all(tx, org).await }))
            .await?;
        let mut waiting = Vec::with_capacity(items.len());
        for item in items {
            let batch: Option<Batch> = serde_json::from_str(&item.batch).ok();
            let problem = item.problem.as_deref();
            waiting.push(Waiting {
                id: item.id,
                state: item.state,
                problem: problem
                    .map(|text| store::from_json("problem", text))
                    .transpose()?,
                mutations: batch.map(|b| b.mutations).unwrap_or_default(),
                at: item.at,
            });
        }
        Ok(waiting)
    }

    /// When a pull last came to the end.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn synced_at(&self) -> Result<Option<Instant>, Error> {
        let org = self.organization();
        self.db
            .read(move |tx| Box::pin(async move { Ok(known(tx, org).await?.synced_at) }))
            .await
    }

    /// Drops what was not sent, was rejected, or is held. What rests on it is judged anew.
    ///
    /// # Errors
    /// When it may be in the server's order already.
    pub async fn discard(&self, id: MutationId) -> Result<(), Error> {
        self.write(move |tx, whose| {
            Box::pin(async move {
                let org = whose.organization;
                let item = found(tx, org, id).await?;
                if matches!(item.state, State::Sent | State::Taken) {
                    return Err(Error::refused(
                        Code::WrongState,
                        "It is on its way to the server. Wait for what it says.",
                    ));
                }
                outbox::remove(tx, org, item.place).await?;
                rebase(tx, &whose).await
            })
        })
        .await
    }

    /// Sends what was rejected again, under a new id, with other words when there are any.
    ///
    /// # Errors
    /// When it was not rejected, or does not apply to what is there now.
    pub async fn retry(
        &self,
        id: MutationId,
        edited: Option<Vec<Mutation>>,
        now: Instant,
    ) -> Result<(), Error> {
        let fresh = MutationId(new_id());
        self.write(move |tx, whose| {
            let edited = edited.clone();
            Box::pin(async move {
                let org = whose.organization;
                let mut item = found(tx, org, id).await?;
                if item.state != State::Rejected {
                    return Err(Error::refused(
                        Code::WrongState,
                        "Only what was rejected is sent again.",
                    ));
                }
                let mut batch: Batch = store::from_json("batch", &item.batch)?;
                batch.id = fresh;
                if let Some(mutations) = edited {
                    batch.mutations = mutations;
                }
                item.id = fresh;
                item.n = None;
                item.base = store::organization::get(tx, org)
                    .await?
                    .map_or(0, |o| o.head_seq);
                item.batch = store::to_json(&batch)?;
                item.hash = domain::Hash::of(item.batch.as_bytes());
                item.state = State::Waiting;
                item.problem = None;
                item.at = now;
                outbox::save(tx, org, &item).await?;
                rebase(tx, &whose).await
            })
        })
        .await
    }

    /// What is to be sent: everything unanswered, numbered before it leaves.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn to_push(&self) -> Result<Option<Push>, Error> {
        self.write(|tx, whose| {
            Box::pin(async move {
                let org = whose.organization;
                let state = known(tx, org).await?;
                let all = outbox::all(tx, org).await?;
                let (mut unsure, mut waiting) = (Vec::new(), Vec::new());
                for item in all {
                    match item.state {
                        State::Sent => unsure.push(item),
                        State::Waiting => waiting.push(item),
                        State::Taken | State::Rejected | State::Held => {}
                    }
                }
                // What may have been taken keeps its number.
                unsure.sort_by_key(|item| item.n);
                let mut items = Vec::new();
                for (item, n) in unsure.into_iter().chain(waiting).zip(state.answered + 1..) {
                    if items.len() == PUSH {
                        break;
                    }
                    let item = outbox::Item {
                        n: Some(n),
                        state: State::Sent,
                        ..item
                    };
                    outbox::save(tx, org, &item).await?;
                    let outbox::Item {
                        base, batch, hash, ..
                    } = item;
                    items.push(Item {
                        n,
                        base,
                        batch,
                        hash,
                    });
                }
                Ok((!items.is_empty()).then_some(Push {
                    client: state.client,
                    organization: org,
                    items,
                }))
            })
        })
        .await
    }

    /// Takes in what the server said to a push.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn answered(&self, push: Push, pushed: Pushed) -> Result<(), Error> {
        let fresh = ClientId(new_id());
        self.write(move |tx, whose| {
            let (push, pushed) = (push.clone(), pushed.clone());
            Box::pin(async move {
                let org = whose.organization;
                if known(tx, org).await?.client != push.client {
                    return Ok(());
                }
                match pushed {
                    Pushed::ClientForked => begin_as(tx, org, fresh).await,
                    Pushed::Taken { outcomes } => judged(tx, &whose, &push, &outcomes).await,
                }
            })
        })
        .await
    }

    /// What is to be asked next.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn to_pull(&self) -> Result<Pull, Error> {
        let org = self.organization();
        self.db
            .read(move |tx| {
                Box::pin(async move {
                    let state = known(tx, org).await?;
                    let cursor = state.reached.as_ref().or(state.cursor.as_ref());
                    Ok(Pull {
                        client: state.client,
                        organization: org,
                        cursor: cursor
                            .map(|text| store::from_json::<Cursor>("cursor", text))
                            .transpose()?,
                        settled: state.settled,
                        entities: kept_here(),
                    })
                })
            })
            .await
    }

    /// Takes in what a pull brought: parts wait for the last one, and are applied with it. Answers
    /// whether there is more to ask for, and what is to be told.
    ///
    /// # Errors
    /// When it is damaged or the database says no: nothing of it was kept.
    pub async fn pulled(&self, pulled: Pulled, now: Instant) -> Result<(bool, Effects), Error> {
        self.write(move |tx, whose| {
            let pulled = pulled.clone();
            Box::pin(async move {
                match pulled {
                    Pulled::Reset => {
                        forget_place(tx, whose.organization).await?;
                        Ok((true, Effects::default()))
                    }
                    Pulled::Page(page) => take_in(tx, &whose, page, now).await,
                }
            })
        })
        .await
    }

    /// Forgets how far it is: the next pull reads everything.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn begin_afresh(&self) -> Result<(), Error> {
        self.write(|tx, whose| Box::pin(async move { forget_place(tx, whose.organization).await }))
            .await
    }

    async fn write<T, F>(&self, f: F) -> Result<T, Error>
    where
        F: for<'a, 'c> Fn(&'a mut Tx<'c>, Whose) -> db::BoxFuture<'a, Result<T, Error>>
            + Send
            + Sync
            + 'static,
        T: Send + 'static,
    {
        let whose = self.whose.clone();
        self.db.write(move |tx| f(tx, whose.clone())).await
    }
}

async fn known(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<mirror::State, Error> {
    mirror::state(tx, organization)
        .await?
        .ok_or_else(|| Error::missing("organization"))
}

async fn found(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: MutationId,
) -> Result<outbox::Item, Error> {
    let all = outbox::all(tx, organization).await?;
    all.into_iter()
        .find(|item| item.id == id)
        .ok_or_else(|| Error::missing("change"))
}

/// Shows anew what the server said with the outbox on top.
async fn rebase(tx: &mut Tx<'_>, whose: &Whose) -> Result<(), Error> {
    replay::back_to_the_server(tx, whose.organization).await?;
    replay::outbox(tx, whose).await
}

async fn add(
    tx: &mut Tx<'_>,
    whose: &Whose,
    now: Instant,
    batch: &Batch,
    text: &str,
) -> Result<(Applied, Effects), Error> {
    let org = whose.organization;
    member::may_send(&batch.mutations)?;
    if batch.acting.is_some_and(|acting| acting != whose.person) {
        return Err(Error::refused(
            Code::Forbidden,
            "On a server everybody acts as themselves.",
        ));
    }
    // As far as the last pull went.
    let seen = store::organization::get(tx, org)
        .await?
        .map_or(0, |o| o.head_seq);
    let mut last = None;
    for item in outbox::all(tx, org).await? {
        if item.id == batch.id {
            if item.hash != domain::Hash::of(text.as_bytes()) {
                return Err(Error::refused(
                    Code::IdReused,
                    "This id was used for another change. Make a new one.",
                ));
            }
            let notices = vec![];
            return Ok((Applied { seq: seen, notices }, Effects::default()));
        }
        last = Some(item);
    }
    let done = apply::all(tx, &whose.ctx(batch, now), &batch.mutations).await?;
    // An hour of typing is one item, not 3,600.
    match last.filter(|item| item.state == State::Waiting && is_typed_over(item, batch)) {
        Some(mut item) => {
            item.id = batch.id;
            text.clone_into(&mut item.batch);
            item.hash = domain::Hash::of(text.as_bytes());
            item.at = now;
            outbox::save(tx, org, &item).await?;
        }
        None => outbox::add(tx, org, batch.id, (text, seen), now).await?,
    }
    Ok(done)
}

/// Both keep what is typed on the same content, and nothing else.
fn is_typed_over(item: &outbox::Item, batch: &Batch) -> bool {
    let typed = |mutations: &[Mutation]| match mutations {
        [
            Mutation::SaveWorkingCopy {
                content,
                persona,
                base,
                ..
            },
        ] => Some((*content, *persona, *base)),
        _ => None,
    };
    let before: Option<Batch> = serde_json::from_str(&item.batch).ok();
    let before = before.and_then(|b| typed(&b.mutations));
    before.is_some() && before == typed(&batch.mutations)
}

/// Goes on as another client: every number is free, and what a server has under its id already it
/// does not apply again.
async fn begin_as(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    client: ClientId,
) -> Result<(), Error> {
    let mut state = known(tx, organization).await?;
    state.client = client;
    state.settled = 0;
    state.answered = 0;
    mirror::save(tx, organization, &state).await?;
    for mut item in outbox::all(tx, organization).await? {
        item.n = None;
        if matches!(item.state, State::Sent | State::Taken) {
            item.state = State::Waiting;
        }
        outbox::save(tx, organization, &item).await?;
    }
    Ok(())
}

/// Marks an item as rejected, unless that is known. What was sent behind it was not looked at, in no
/// copy of any push that is still on its way: each of them has this one before it. So their numbers
/// are free again. Answers whether it is news.
async fn reject(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    n: u64,
    problem: &Problem,
) -> Result<bool, Error> {
    let all = outbox::all(tx, organization).await?;
    let news = |item: &outbox::Item| item.n == Some(n) && item.state != State::Rejected;
    if !all.iter().any(news) {
        return Ok(false);
    }
    for mut item in all {
        match item.n {
            Some(own) if own == n => {
                item.state = State::Rejected;
                item.problem = Some(store::to_json(problem)?);
            }
            Some(own) if own > n && item.state == State::Sent => {
                item.state = State::Waiting;
                item.n = None;
            }
            _ => continue,
        }
        outbox::save(tx, organization, &item).await?;
    }
    Ok(true)
}

async fn judged(
    tx: &mut Tx<'_>,
    whose: &Whose,
    push: &Push,
    outcomes: &[Outcome],
) -> Result<(), Error> {
    let org = whose.organization;
    let mut state = known(tx, org).await?;
    let mut rejected = false;
    for (sent, outcome) in push.items.iter().zip(outcomes) {
        if sent.n <= state.answered {
            continue;
        }
        state.answered = sent.n;
        match outcome {
            Outcome::Applied { .. } | Outcome::Duplicate { .. } => {
                for mut item in outbox::all(tx, org).await? {
                    if item.n == Some(sent.n) && item.state == State::Sent {
                        item.state = State::Taken;
                        outbox::save(tx, org, &item).await?;
                    }
                }
            }
            Outcome::Rejected { problem } => {
                rejected |= reject(tx, org, sent.n, problem).await?;
            }
        }
    }
    mirror::save(tx, org, &state).await?;
    if rejected {
        rebase(tx, whose).await?;
    }
    Ok(())
}

async fn forget_place(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<(), Error> {
    let mut state = known(tx, organization).await?;
    state.cursor = None;
    state.reached = None;
    mirror::save(tx, organization, &state).await?;
    Ok(mirror::unstage(tx, organization).await?)
}

async fn take_in(
    tx: &mut Tx<'_>,
    whose: &Whose,
    page: Page,
    now: Instant,
) -> Result<(bool, Effects), Error> {
    let org = whose.organization;
    let mut state = known(tx, org).await?;
    let staged = Staged {
        page: store::to_json(&page.changes)?,
        afresh: state.cursor.is_none() && state.reached.is_none(),
    };
    mirror::stage(tx, org, &staged).await?;
    state.reached = Some(store::to_json(&page.cursor)?);
    if page.has_more {
        mirror::save(tx, org, &state).await?;
        return Ok((true, Effects::default()));
    }
    replay::back_to_the_server(tx, org).await?;
    let mut told = Effects::default();
    let mut afresh = false;
    for part in mirror::staged(tx, org).await? {
        if part.afresh {
            mirror::empty(tx, org).await?;
            told.tags.extend(Tag::ALL);
        }
        afresh |= part.afresh;
        let changes: Vec<Change> = store::from_json("page", &part.page)?;
        write(tx, org, &changes, afresh, &mut told).await?;
    }
    mirror::unstage(tx, org).await?;
    store::organization::advance(tx, org, page.cursor.seq).await?;
    state.cursor = state.reached.take();
    state.settled = state.settled.max(page.last_mutation);
    state.answered = state.answered.max(page.last_mutation);
    state.synced_at = Some(now);
    mirror::save(tx, org, &state).await?;
    settle(tx, org, &page).await?;
    replay::outbox(tx, whose).await?;
    Ok((false, told))
}

/// Lets go what the pull has shown.
async fn settle(tx: &mut Tx<'_>, organization: OrganizationId, page: &Page) -> Result<(), Error> {
    for refusal in &page.refused {
        reject(tx, organization, refusal.n, &refusal.problem).await?;
    }
    for item in outbox::all(tx, organization).await? {
        let shown = item.n.is_some_and(|n| n <= page.last_mutation);
        if shown && item.state != State::Rejected {
            outbox::remove(tx, organization, item.place).await?;
        }
    }
    Ok(())
}

/// Writes changes, those of one kind that follow each other at once.
async fn write(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    changes: &[Change],
    afresh: bool,
    told: &mut Effects,
) -> Result<(), Error> {
    for some in changes.chunk_by(|a, b| a.entity == b.entity) {
        let Some(entity) = some.first().and_then(|c| entity(&c.entity)) else {
            continue;
        };
        told.tags.extend(tags(entity.name));
        if entity.first().table.kept == Kept::Once {
            // What people were told before they came is not told again.
            if afresh {
                continue;
            }
            told.notifications.extend(some.iter().filter_map(noticed));
        }
        let ids: Vec<&str> = some.iter().map(|c| c.id.as_str()).collect();
        let mut rows: BTreeMap<&str, Vec<&Map<String, Value>>> = BTreeMap::new();
        for row in some.iter().flat_map(|c| &c.rows) {
            rows.entry(&row.table).or_default().push(&row.values);
        }
        mirror::take(tx, organization, entity, &ids, &rows).await?;
    }
    Ok(())
}

/// What people are told, and who.
fn noticed(change: &Change) -> Option<(Option<PersonId>, Notification)> {
    let values = &change.rows.first()?.values;
    let person = values.get("person_id").and_then(Value::as_str);
    let body = values.get("body")?.as_str()?;
    Some((
        person.and_then(|id| id.parse().ok()),
        serde_json::from_str(body).ok()?,
    ))
}

/// What a window shows of a kind of thing.
fn tags(entity: &str) -> BTreeSet<Tag> {
    let tags: &[Tag] = match entity {
        "organization" => &[Tag::Runtime],
        "person" => &[Tag::People],
        "chain" => &[Tag::Chains],
        "persona" => &[Tag::Personas],
        "identity" => &[Tag::Accounts],
        "asset" => &[Tag::Assets],
        "request" | "decision" => &[Tag::Requests],
        "delivery" | "publication" | "edit" => &[Tag::Deliveries, Tag::Contents],
        "note" => &[Tag::Notes],
        "template" => &[Tag::Templates],
        "source" => &[Tag::Sources],
        "trend" | "suggestion" | "muted_topic" | "learning" => &[Tag::Ideas],
        "sample" => &[Tag::Metrics],
        "notification" => &[],
        _ => &[Tag::Contents],
    };
    tags.iter().copied().collect()
}
