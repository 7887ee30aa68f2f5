//! The mirror of an organization that lives on a server.
//!
//! It is a SQLite file of its own, with the tables of any organization and without engine, audit or
//! secrets. What is done on it is applied in advance and kept in the outbox with the same commit.

use std::sync::Arc;
use std::time::Duration;

use db::{Db, Tx};
use domain::Instant;
use domain::ids::{ClientId, MutationId, OrganizationId, PersonId};
use networks::Registry;
use protocol::mutation::Applied;
use protocol::sync::{Batch, Cursor, Item, Pull, Pulled, Push, Pushed};
use protocol::{Code, Mutation, Problem};
use store::sync::mirror;
use store::sync::outbox::{self, State};

use super::pull::kept_here;
use super::replay::{self, Whose};
use super::{page, versions, waiting};
use crate::Error;
use crate::apply::Effects;
use crate::core::new_id;

/// How many items one push holds.
const PUSH: usize = 100;
/// How many bytes of JSON it holds: with one item more, half of what a server takes.
const PUSH_BYTES: usize = 8 << 20;
/// How long a pull may take to be applied: an organization of 100,000 posts is a minute's work.
const TAKING_IN: Duration = Duration::from_secs(600);

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
        self.write(move |tx, whose| {
            let batch = batch.clone();
            Box::pin(async move { waiting::add(tx, &whose, now, batch).await })
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
                batch.versions = versions::seen(tx, org, &batch.mutations).await?;
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

    /// What is to be sent: everything unanswered that fits in a push, numbered before it leaves.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn to_push(&self) -> Result<Option<Push>, Error> {
        self.to_push_within(PUSH).await
    }

    /// As [`Mirror::to_push`], at most `most` items: a line may take less than a server does.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn to_push_within(&self, most: usize) -> Result<Option<Push>, Error> {
        self.write(move |tx, whose| {
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
                let (mut items, mut bytes) = (Vec::new(), 0);
                for (item, n) in unsure.into_iter().chain(waiting).zip(state.answered + 1..) {
                    bytes += waiting::size(&item.batch)?;
                    let full = items.len() >= most || bytes > PUSH_BYTES;
                    if full && !items.is_empty() {
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
                let former = state.former.as_deref();
                Ok((!items.is_empty()).then_some(Push {
                    client: state.client,
                    former: former
                        .map(|text| store::from_json("former", text))
                        .transpose()?,
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
                    Pushed::ClientForked => waiting::begin_as(tx, org, fresh).await,
                    Pushed::Taken { outcomes } => {
                        waiting::judged(tx, &whose, &push, &outcomes).await
                    }
                }
            })
        })
        .await
    }

    /// No server takes this item, however alone it comes: its number is free again.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn too_large(&self, item: Item, problem: Problem) -> Result<(), Error> {
        self.write(move |tx, whose| {
            let (n, problem) = (item.n, problem.clone());
            Box::pin(async move {
                waiting::not_sendable(tx, whose.organization, n, &problem).await?;
                rebase(tx, &whose).await
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
        let (whose, fresh) = (self.whose.clone(), ClientId(new_id()));
        let page = match pulled {
            Pulled::Reset => {
                self.write(|tx, whose| {
                    Box::pin(async move { page::begin_anew(tx, whose.organization).await })
                })
                .await?;
                return Ok((true, Effects::default()));
            }
            Pulled::Page(page) => Arc::new(page),
        };
        self.db
            .write_within(TAKING_IN, move |tx| {
                let (whose, page) = (whose.clone(), Arc::clone(&page));
                Box::pin(async move { page::take_in(tx, &whose, &page, (now, fresh)).await })
            })
            .await
    }

    /// Forgets how far it is: the next pull reads everything.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn begin_afresh(&self) -> Result<(), Error> {
        self.write(|tx, whose| {
            Box::pin(async move { page::forget_place(tx, whose.organization).await })
        })
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

pub(super) async fn known(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
) -> Result<mirror::State, Error> {
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
pub(super) async fn rebase(tx: &mut Tx<'_>, whose: &Whose) -> Result<(), Error> {
    replay::back_to_the_server(tx, whose.organization).await?;
    replay::outbox(tx, whose).await
}
