//! Publishing without losing or doubling.
//!
//! A delivery moves only in transactions that hold the organization's row: [`check`] decides and
//! journals an attempt, then a socket may open, then [`record`] writes what came of it. Whatever
//! dies in between leaves an attempt that says so, and an attempt that might be live is looked
//! for, never blindly repeated.

mod answer;
mod begin;
mod check;
mod edit;
mod facts;
mod fits;
mod kept;
mod look;
mod orphans;
mod ports;
mod record;
mod remove;
mod send;
mod settle;
pub(crate) mod tell;
mod terms;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use db::Db;
use domain::ids::{AttemptId, OrganizationId};
use domain::person::Actor;
use domain::{Hash, Instant};
use engine::Clock;
use uuid::Uuid;

pub use answer::{answer_unconfirmed, delete_published};
pub use check::{Next, check};
pub(crate) use edit::trouble;
pub use edit::{check_edit, give_up_edit};
pub(crate) use kept::least_ahead;
pub use orphans::{adopt_orphans, give_up};
pub use ports::{Colleagues, Everybody, House, Secrets};
pub use record::{By, Recorded, Report, record};
pub(crate) use remove::{Removal, network_failure, not_deleted, remote, removed};
pub use send::Done;
pub(crate) use settle::needs_reconnect;
pub use terms::Terms;

use crate::Error;
use crate::apply::{Authority, Ctx, Effects};
use crate::calls::Calls;

/// What publishes: the networks, the ports to the machine, and what this process holds in its
/// hands. Nothing here is needed to know what happened; that is in the tables.
pub struct Publisher {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The networks.
    pub networks: networks::Registry,
    /// Calls for accounts.
    pub calls: Arc<Calls>,
    /// Where files are.
    pub media: Arc<dyn networks::MediaBytes>,
    /// What the process knows of itself and its surroundings.
    pub house: Arc<dyn House>,
    /// This process, in attempts.
    pub owner: Uuid,
    /// How long things take.
    pub terms: Terms,
    hands: Mutex<Hands>,
    me: Weak<Publisher>,
}

/// What dies with the process.
#[derive(Default)]
struct Hands {
    /// Journaled here and not begun: until when on the clock that counts sleep. Whoever takes one
    /// out may open one socket, once.
    permits: HashMap<AttemptId, i64>,
    /// A socket may be open.
    live: HashSet<AttemptId>,
    /// What came of an attempt and could not be stored yet.
    unrecorded: HashMap<AttemptId, (Report, By)>,
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Publisher")
            .field("owner", &self.owner)
            .finish_non_exhaustive()
    }
}

impl Publisher {
    /// One for this process. `owner` must be new for each process.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is another port, given once"
    )]
    pub fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        networks: networks::Registry,
        calls: Arc<Calls>,
        media: Arc<dyn networks::MediaBytes>,
        house: Arc<dyn House>,
        owner: Uuid,
        terms: Terms,
    ) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            db,
            clock,
            networks,
            calls,
            media,
            house,
            owner,
            terms,
            hands: Mutex::default(),
            me: Weak::clone(me),
        })
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Now, on the wall.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant(self.clock.wall())
    }

    fn itself(&self) -> Option<Arc<Self>> {
        self.me.upgrade()
    }

    /// Under what a step of a run changes things.
    #[must_use]
    pub fn ctx(&self, organization: OrganizationId, run: Uuid) -> Ctx {
        Ctx {
            organization,
            actor: Actor::Run { id: run },
            now: self.now(),
            cause: Uuid::new_v4(),
            salt: Uuid::new_v4().into_bytes(),
            networks: self.networks.clone(),
            authority: Authority::Here,
            executor: self.terms.executor,
            scopes: None,
        }
    }

    /// Tells after a commit.
    pub fn tell(&self, effects: Effects) {
        self.house.tell(effects);
    }

    /// Whether this process has a hand on the attempt: it will begin it, writes it, or knows what
    /// came of it.
    fn holds(&self, id: AttemptId) -> bool {
        let hands = self.hands();
        hands.permits.contains_key(&id)
            || hands.live.contains(&id)
            || hands.unrecorded.contains_key(&id)
    }
}

/// The id of the `ordinal`-th attempt of a delivery: the same when the transaction is run again.
fn attempt_id(
    organization: OrganizationId,
    delivery: domain::ids::DeliveryId,
    ordinal: usize,
) -> AttemptId {
    let ordinal = u32::try_from(ordinal).unwrap_or(u32::MAX);
    AttemptId(domain::ids::derived(
        organization,
        delivery.0,
        "attempt",
        ordinal,
    ))
}

/// What a failed use case means for a step: what passes is tried again.
#[must_use]
pub fn failure(error: Error) -> engine::Failure {
    match error {
        Error::Db(e) | Error::Store(store::Error::Db(e)) => e.into(),
        Error::Problem(p) if p.retryable => engine::Failure::retryable(p.code.as_str(), p.message),
        Error::Problem(p) => engine::Failure::fatal(p.code.as_str(), p.message),
        e @ Error::Store(_) => engine::Failure::fatal("unreadable", e.to_string()),
    }
}

/// The first hexadecimal digits of a hash, for words.
fn short(hash: Hash) -> String {
    hash.short()
}
