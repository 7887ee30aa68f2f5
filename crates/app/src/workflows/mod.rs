//! What Rostrum does on its own: workflows of the engine.
//!
//! A workflow here is a loop around transactions of [`crate::publish`] and [`crate::apply`]; what
//! it must remember is in their tables, so that a run that is lost can be replaced by a new one.

mod absence;
mod accounts;
mod approve;
mod edit;
mod fill;
mod house;
mod ideas;
mod metrics;
mod publish;
mod remove;
mod renew;
mod retain;
mod slots;

use std::sync::{Arc, Mutex, PoisonError};

use db::{BoxFuture, Tx};
use domain::ids::OrganizationId;
use engine::{Failure, Registry, Singleton, Start};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use store::identity::Identity;
use uuid::Uuid;

pub use absence::summarize_absence;
pub use accounts::watch_account;
pub use house::{Backups, ByCalendar, CALENDAR, SERVER_CALENDAR, schedule};
pub use ideas::read_source;
pub(crate) use ideas::{SOURCE_CHANGED, find_trends};
pub use metrics::collect_metrics;
pub use remove::delete_publication;
pub(crate) use remove::is_being_deleted;
pub use renew::renew_sign_in;

use crate::Error;
use crate::apply::{Effects, Work};
use crate::ideas::Collector;
use crate::publish::{Publisher, failure};

/// Publishes one delivery; one run per start.
pub const PUBLISH: (&str, u32) = ("publish_delivery", 1);
/// Puts an approved newer version in the place of what is out; one run per start.
pub const EDIT: (&str, u32) = ("edit_publication", 1);
/// Minds one request: reminders, substitutes, expiry.
pub const APPROVE: (&str, u32) = ("approval_chain", 1);
/// Reads the numbers of a published delivery.
pub const METRICS: (&str, u32) = ("collect_metrics", 1);
/// Asks every day whether an account works.
pub const WATCH: (&str, u32) = ("watch_account", 1);
/// Renews a sign-in before it ends.
pub const RENEW: (&str, u32) = ("renew_sign_in", 1);
/// Deletes from the network what is live.
pub const DELETE: (&str, u32) = ("delete_publication", 1);
/// Makes the daily backup.
pub const BACKUP: (&str, u32) = ("backup_daily", 1);
/// Forgets what is older than it is kept, and looks for deliveries that nothing drives.
pub const RETAIN: (&str, u32) = ("retain_runs", 1);
/// Does with an empty slot what a persona's automation may.
pub const FILL: (&str, u32) = ("fill_slot", 1);
/// Says when an empty slot is near, and has it filled.
pub const REMIND: (&str, u32) = ("remind_slot", 1);
/// Says what became of what fell due while the computer was off or asleep.
pub const ABSENCE: (&str, u32) = ("summarize_absence", 1);

/// Reads a source from time to time.
pub const COLLECT: (&str, u32) = ("read_source", 1);
/// Finds trends and makes suggestions.
pub const TRENDS: (&str, u32) = ("find_trends", 1);

/// Starts a workflow about an account, unless a run of it is alive. `id` names the run's id.
async fn start_for(
    work: &mut Work<'_, '_>,
    identity: &Identity,
    id: &'static str,
    (name, revision): (&str, u32),
) -> Result<(), Error> {
    let id = work.derive_id(id);
    let input = json!({"organization": work.org(), "identity": identity.id});
    let mut start = Start::new(id, name, revision, input, work.now().0);
    start.subject = Some(format!("identity:{}", identity.id));
    start.singleton = Some(Singleton::Keep(identity.id.to_string()));
    work.start(start).await?;
    Ok(())
}

/// Who publishes for whom: a desktop has one publisher, a server one for each organization.
pub trait Publishers: std::fmt::Debug + Send + Sync + 'static {
    /// The publisher of an organization.
    fn of(&self, organization: OrganizationId) -> Arc<Publisher>;
}

impl Publishers for Arc<Publisher> {
    fn of(&self, _: OrganizationId) -> Arc<Publisher> {
        Self::clone(self)
    }
}

/// Every workflow of this program.
#[must_use]
pub fn registry<P: Publishers + Clone>(
    publishers: &P,
    collector: &Arc<Collector>,
    backups: Arc<dyn Backups>,
) -> Registry {
    let publishers: Arc<dyn Publishers> = Arc::new(publishers.clone());
    let hand = || Hand {
        publishers: Arc::clone(&publishers),
    };
    Registry::new()
        .with(publish::Publish(hand()))
        .with(edit::Edit(hand()))
        .with(approve::Approve(hand()))
        .with(metrics::Metrics(hand()))
        .with(accounts::Watch(hand()))
        .with(renew::Renew(hand()))
        .with(remove::Delete(hand()))
        .with(house::Backup(backups))
        .with(retain::Retain(hand()))
        .with(slots::Remind(hand()))
        .with(fill::Fill(hand()))
        .with(absence::Absence(hand()))
        .with(ideas::Collect(hand(), Arc::clone(collector)))
        .with(ideas::FindTrends(hand(), Arc::clone(collector)))
}

/// What every workflow works with.
#[derive(Clone, Debug)]
struct Hand {
    publishers: Arc<dyn Publishers>,
}

impl Hand {
    /// A change of the domain and the step's checkpoint in one commit. The flag that `f` answers
    /// tells whether it changed anything; without it the organization's order does not move.
    async fn change<T, F>(
        &self,
        ctx: &engine::Ctx,
        organization: OrganizationId,
        name: &str,
        f: F,
    ) -> Result<T, Failure>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: for<'a, 'w, 'c> Fn(
                &'a mut Work<'w, 'c>,
                Uuid,
            ) -> BoxFuture<'a, Result<(T, bool), Error>>
            + Send
            + Sync
            + 'static,
    {
        let told: Arc<Mutex<Effects>> = Arc::default();
        let (slot, run) = (Arc::clone(&told), ctx.run_id());
        let (publisher, f) = (self.publishers.of(organization), Arc::new(f));
        let house = Arc::clone(&publisher);
        let value = ctx
            .step_tx(name, move |tx: &mut Tx<'_>| {
                let (slot, publisher, f) =
                    (Arc::clone(&slot), Arc::clone(&publisher), Arc::clone(&f));
                Box::pin(async move {
                    let under = publisher.ctx(organization, run);
                    let mut work = Work::begin(tx, &under).await.map_err(failure)?;
                    let (value, changed) = f(&mut work, run).await.map_err(failure)?;
                    let effects = match changed {
                        true => work.finish().await.map_err(failure)?,
                        false => Effects::default(),
                    };
                    *slot.lock().unwrap_or_else(PoisonError::into_inner) = effects;
                    Ok(value)
                })
            })
            .await?;
        let effects = std::mem::take(&mut *told.lock().unwrap_or_else(PoisonError::into_inner));
        house.tell(effects);
        Ok(value)
    }
}

/// Tries that go on until they work: what drives a delivery must not give up because a disk is
/// full.
fn tireless() -> engine::Backoff {
    engine::Backoff {
        attempts: u32::MAX,
        first: std::time::Duration::from_secs(1),
        factor: 2.0,
        most: std::time::Duration::from_secs(60),
        jitter: 0.2,
    }
}

/// The run's input.
fn input<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Failure> {
    serde_json::from_value(value).map_err(|e| Failure::fatal("bad_input", e.to_string()))
}
