//! What an application of a mutation works with, and everything that it brings with it.

use std::collections::{BTreeMap, BTreeSet};

use db::Tx;
use domain::approval::RequestStatus;
use domain::attempt::AttemptPhase;
use domain::identity::Executor;
use domain::ids::{ContentId, OrganizationId, PersonId, derived};
use domain::person::{Actor, Role};
use domain::rights::{Action, Scopes, agents_may, allows};
use domain::status::{StatusFacts, derive};
use domain::{Hash, Instant};
use engine::Start;
use networks::Registry;
use protocol::event::Notification;
use protocol::{Code, Tag};
use serde_json::{Value, json};
use store::attempt::Attempt;
use store::organization::Organization;
use uuid::Uuid;

use crate::Error;

/// Whose word a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// It counts: with its place in the order, its history, and what it sets going.
    Here,
    /// A server decides. The tables show what is expected of it, and nothing else happens: no audit,
    /// no place in the order, no run, nobody is told (rules.md 8).
    Elsewhere,
}

/// Under what a change happens. `apply` draws no randomness and reads no clock: both come from
/// here.
#[derive(Clone, Debug)]
pub struct Ctx {
    /// Whose data.
    pub organization: OrganizationId,
    /// On whose word.
    pub actor: Actor,
    /// The authority's time.
    pub now: Instant,
    /// The mutation's (or the run step's) id: rows that no client named derive theirs from it.
    pub cause: Uuid,
    /// Random; keeps audited payloads from being guessed from their hashes.
    pub salt: [u8; 16],
    /// For what posts cost: data of this program, nothing is asked.
    pub networks: Registry,
    /// Whether it counts here.
    pub authority: Authority,
    /// Who sends for the accounts that this connects.
    pub executor: Executor,
    /// The most that a program may, whatever its person may; absent for people.
    pub scopes: Option<Scopes>,
}

/// What is to be told after the commit. Hints: the tables are the truth.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    /// What changed.
    pub tags: BTreeSet<Tag>,
    /// What people should know, and who; nobody named means everybody whom it concerns.
    pub notifications: Vec<(Option<PersonId>, Notification)>,
    /// Runs were started or woken.
    pub nudge: bool,
}

/// One change in the making: it holds the organization's row, and every effect goes through it.
#[derive(Debug)]
pub struct Work<'w, 'c> {
    /// The transaction.
    pub tx: &'w mut Tx<'c>,
    /// Under what.
    pub ctx: &'w Ctx,
    organization: Organization,
    role: Option<Role>,
    seq: u64,
    mark: Hash,
    ordinal: u32,
    effects: Effects,
}

impl<'w, 'c> Work<'w, 'c> {
    /// Takes the organization's lock and finds out what the actor is.
    ///
    /// # Errors
    /// When the organization or the person does not exist.
    pub async fn begin(tx: &'w mut Tx<'c>, ctx: &'w Ctx) -> Result<Self, Error> {
        let organization = store::organization::lock(tx, ctx.organization)
            .await?
            .ok_or_else(|| Error::missing("organization"))?;
        let role = match ctx.actor {
            Actor::Run { .. } | Actor::ReviewLink { .. } => None,
            Actor::Agent { id } => Some(active(tx, ctx.organization, id).await?),
            Actor::Person { id, operator } => {
                if let Some(operator) = operator {
                    active(tx, ctx.organization, operator).await?;
                }
                Some(active(tx, ctx.organization, id).await?)
            }
        };
        let seq = organization.head_seq + 1;
        Ok(Self {
            mark: mark(organization.mark, seq, ctx),
            tx,
            ctx,
            organization,
            role,
            seq,
            ordinal: 0,
            effects: Effects::default(),
        })
    }

    /// Whose data.
    #[must_use]
    pub const fn org(&self) -> OrganizationId {
        self.ctx.organization
    }

    /// The authority's time.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.ctx.now
    }

    /// The place of this change in the organization's order.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The organization as it stood at the beginning.
    #[must_use]
    pub const fn organization(&self) -> &Organization {
        &self.organization
    }

    /// Refuses what the actor's role does not allow. A run acts for the house and may do all; a link
    /// of somebody from outside has no right at all, and what it may do is decided where it is done.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn require(&self, action: Action) -> Result<(), Error> {
        if self.ctx.actor.is_agent() {
            agent_may(action)?;
        }
        if self.ctx.scopes.is_some_and(|scopes| !scopes.hold(action)) {
            return Err(beyond_the_token());
        }
        if matches!(self.ctx.actor, Actor::ReviewLink { .. }) {
            return Err(Error::refused(
                Code::Forbidden,
                "This link does not allow it.",
            ));
        }
        self.role.map_or(Ok(()), |role| may(role, action))
    }

    /// Whether anything but the tables may feel it: the one place that decides it.
    fn counts(&self) -> bool {
        self.ctx.authority == Authority::Here
    }

    /// Refuses what is not in the tables of the domain, where a server decides: runs are there.
    ///
    /// # Errors
    /// `needs_server`.
    pub fn require_here(&self) -> Result<(), Error> {
        if self.counts() {
            return Ok(());
        }
        Err(needs_server())
    }

    /// An id for a row that no client named.
    pub fn derive_id(&mut self, table: &str) -> Uuid {
        let id = derived(self.ctx.organization, self.ctx.cause, table, self.ordinal);
        self.ordinal += 1;
        id
    }

    /// Records that a row changed.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn changed(&mut self, entity: &'static str, id: impl ToString) -> Result<(), Error> {
        self.note(entity, id.to_string(), "set").await
    }

    /// Records that a row is gone.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn gone(&mut self, entity: &'static str, id: impl ToString) -> Result<(), Error> {
        self.note(entity, id.to_string(), "gone").await
    }

    async fn note(
        &mut self,
        entity: &'static str,
        id: String,
        op: &'static str,
    ) -> Result<(), Error> {
        if !self.counts() {
            return Ok(());
        }
        let change = store::organization::Change {
            seq: self.seq,
            mark: self.mark,
            entity,
            id: &id,
            op,
        };
        store::organization::change(self.tx, self.ctx.organization, change).await?;
        Ok(())
    }

    /// Journals a try.
    ///
    /// # Errors
    /// When the database says no, also when another may be live.
    pub async fn begin_attempt(&mut self, attempt: &Attempt) -> Result<(), Error> {
        let org = self.org();
        store::attempt::insert(self.tx, org, attempt).await?;
        self.changed("delivery", attempt.delivery).await
    }

    /// Writes how a try stands. Answers whether it still stood where `from` says.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn attempt(&mut self, from: AttemptPhase, attempt: &Attempt) -> Result<bool, Error> {
        let org = self.org();
        if !store::attempt::update(self.tx, org, from, attempt).await? {
            return Ok(false);
        }
        self.changed("delivery", attempt.delivery).await?;
        Ok(true)
    }

    /// Appends an audit entry. `payload` holds what the words need and may be erased later.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn record(
        &mut self,
        action: &str,
        subject: &str,
        about: Option<ContentId>,
        payload: Value,
    ) -> Result<(), Error> {
        if !self.counts() {
            return Ok(());
        }
        let about = about.map(|id| format!("content:{id}"));
        let salt = blake3::keyed_hash(
            blake3::hash(&self.ctx.salt).as_bytes(),
            &self.organization.audit_n.to_le_bytes(),
        );
        let record = store::audit::Record {
            at: self.ctx.now,
            actor: self.ctx.actor,
            action,
            subject,
            about: about.as_deref(),
            payload: &payload.to_string(),
            salt: &salt.as_bytes()[..16],
        };
        store::audit::append(self.tx, &mut self.organization, &record).await?;
        Ok(())
    }

    /// Starts a run with this transaction.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn start(&mut self, mut start: Start) -> Result<Uuid, Error> {
        if !self.counts() {
            return Ok(start.id);
        }
        start.organization = Some(self.org().0);
        if self.ctx.executor == Executor::Server {
            // Clients choose ids: those of two organizations may be the same.
            let within = |key: String| format!("{}:{key}", self.org());
            start.key = start.key.map(within);
            start.singleton = start.singleton.map(|s| s.within(within));
            start.concurrency = start.concurrency.map(within);
        }
        self.start_as_named(start).await
    }

    /// Starts a run whose keys name the organization already.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn start_as_named(&mut self, start: Start) -> Result<Uuid, Error> {
        if !self.counts() {
            return Ok(start.id);
        }
        self.effects.nudge = true;
        self.tag(Tag::Runs);
        Ok(engine::start_in(self.tx, &start).await?.id)
    }

    /// Emits an event with this transaction.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn emit(&mut self, name: &str, key: impl ToString) -> Result<(), Error> {
        if !self.counts() {
            return Ok(());
        }
        let event = engine::Event::new(name, &key.to_string(), json!({}), self.ctx.now.0);
        engine::emit_in(self.tx, &event).await?;
        self.effects.nudge = true;
        Ok(())
    }

    /// Ends a run with this transaction.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn cancel_run(&mut self, run: Uuid, why: &str) -> Result<(), Error> {
        if !self.counts() {
            return Ok(());
        }
        engine::cancel_in(self.tx, run, why, self.ctx.now.0).await?;
        self.effects.nudge = true;
        self.tag(Tag::Runs);
        Ok(())
    }

    /// Tells people after the commit. It is kept in a table until it was shown, so that a missing
    /// notification service loses nothing.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn notify(
        &mut self,
        person: Option<PersonId>,
        notification: Notification,
    ) -> Result<(), Error> {
        if !self.counts() {
            return Ok(());
        }
        let (org, now) = (self.org(), self.now());
        let kind = store::to_json(&notification.kind)?
            .trim_matches('"')
            .to_owned();
        let new = store::notification::insert(
            self.tx,
            org,
            &notification.key,
            kind,
            person,
            &store::to_json(&notification)?,
            now,
        )
        .await?;
        if new {
            self.changed("notification", &notification.key).await?;
            self.effects.notifications.push((person, notification));
        }
        Ok(())
    }

    /// Names a part of the data that changed.
    pub fn tag(&mut self, tag: Tag) {
        self.effects.tags.insert(tag);
    }

    /// Derives the content's status and time anew. The only writer of both.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn recompute(&mut self, id: ContentId) -> Result<store::content::Content, Error> {
        let org = self.org();
        let mut content = store::content::get(self.tx, org, id)
            .await?
            .ok_or_else(|| Error::missing("content"))?;
        let request = self.current_request(&content).await?;
        let deliveries = store::delivery::of_content(self.tx, org, id).await?;
        let statuses: Vec<_> = deliveries.iter().map(|d| d.status).collect();
        content.status = derive(&StatusFacts {
            archived: content.archived,
            request,
            deliveries: &statuses,
        });
        let next = deliveries
            .iter()
            .filter(|d| d.status.is_ahead())
            .filter_map(|d| d.planned.as_ref().map(|p| p.at))
            .min();
        let last = deliveries
            .iter()
            .filter_map(|d| d.settled_at.or_else(|| d.planned.as_ref().map(|p| p.at)))
            .max();
        content.at = next.or(last);
        store::content::save(self.tx, org, &content).await?;
        self.changed("content", id).await?;
        self.tag(Tag::Contents);
        Ok(content)
    }

    /// The state of the newest request that names the newest version.
    async fn current_request(
        &mut self,
        content: &store::content::Content,
    ) -> Result<Option<RequestStatus>, Error> {
        let org = self.org();
        let newest = store::request::newest(self.tx, org, content.id).await?;
        Ok(newest.filter(|r| r.n == content.n).map(|r| r.status))
    }

    /// Names of people by id.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn people(&mut self) -> Result<BTreeMap<PersonId, store::person::Person>, Error> {
        let org = self.org();
        let all = store::person::all(self.tx, org).await?;
        Ok(all.into_iter().map(|p| (p.id, p)).collect())
    }

    /// Advances the organization's order; what is to be told goes to the caller.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn finish(self) -> Result<Effects, Error> {
        if self.counts() {
            let (org, seq, mark) = (self.ctx.organization, self.seq, self.mark);
            store::organization::advance(self.tx, org, seq, mark).await?;
        }
        Ok(self.effects)
    }
}

/// What names the order with one more place: no two of the same number, in two orders that parted
/// before, are named alike.
fn mark(before: Hash, seq: u64, ctx: &Ctx) -> Hash {
    let (seq, salt) = (seq.to_le_bytes(), blake3::hash(&ctx.salt));
    let parts: [&[u8]; 4] = [&before.0, &seq, ctx.cause.as_bytes(), salt.as_bytes()];
    Hash::of(&parts.concat())
}

async fn active(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: PersonId,
) -> Result<Role, Error> {
    let person = store::person::get(tx, organization, id)
        .await?
        .ok_or_else(|| Error::missing("person"))?;
    if person.active {
        Ok(person.role)
    } else {
        Err(has_left())
    }
}

/// Refuses what a role does not allow.
pub(crate) fn may(role: Role, action: Action) -> Result<(), Error> {
    if allows(role, action) {
        return Ok(());
    }
    Err(Error::refused(
        Code::Forbidden,
        "Your role does not allow this. Ask an owner or administrator.",
    ))
}

/// Refuses what a program that acts for a person is not let to.
pub(crate) fn agent_may(action: Action) -> Result<(), Error> {
    if agents_may(action) {
        return Ok(());
    }
    Err(for_people())
}

/// What a program's token was not made for.
#[must_use]
pub fn beyond_the_token() -> Error {
    Error::refused(
        Code::Forbidden,
        "This token was not made for that. Make one with the right scope.",
    )
}

/// What only people do.
pub(crate) fn for_people() -> Error {
    Error::refused(
        Code::Forbidden,
        "An agent reads, drafts and asks. This is for a person to do.",
    )
}

/// What a mirror cannot do.
pub(crate) fn needs_server() -> Error {
    Error::refused(
        Code::NeedsServer,
        "This is done on the server. Ask for it there.",
    )
}

/// Somebody who is not here (any more).
pub(crate) fn has_left() -> Error {
    Error::refused(Code::Forbidden, "This person has left the organization.")
}
