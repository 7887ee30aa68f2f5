//! The engine as the application holds it.

use std::sync::Arc;
use std::time::Duration;

use db::Db;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::bell::Bell;
use crate::clock::DatabaseClock;
use crate::pulse::Pulse;
use crate::{Clock, Registry};

/// How an engine works. The defaults are for a desktop.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long a run is ours without a sign of life.
    pub lease: Duration,
    /// Longest time between two looks at the wall clock and at the tables.
    pub poll: Duration,
    /// How many runs execute at a time.
    pub most_running: usize,
    /// Steps per run.
    pub max_steps: usize,
    /// Bytes per step output.
    pub max_output: usize,
    /// Bytes of all step outputs of a run.
    pub max_state: usize,
    /// The caller holds a lock that says so: no other engine works on this database. Runs that a
    /// crash left are then taken at once instead of after their leases. Were it not true, steps
    /// could be done twice, but never stored twice.
    pub alone: bool,
    /// Goes by this one instead of the machine's. The database is asked at each look at the tables.
    pub database_clock: Option<Arc<DatabaseClock>>,
    /// How long a stop waits for steps that execute.
    pub stop_within: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            lease: Duration::from_secs(30),
            poll: Duration::from_secs(5),
            most_running: 1024,
            max_steps: 10_000,
            max_output: 1 << 20,
            max_state: 16 << 20,
            alone: false,
            database_clock: None,
            stop_within: Duration::from_secs(5),
        }
    }
}

/// What [`Engine::until_idle`] answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idle {
    /// When something is due next, milliseconds UTC.
    pub next: Option<i64>,
}

/// Executes runs of one database; cheap to clone. Several engines may work on one database.
#[derive(Clone)]
pub struct Engine {
    db: Db,
    clock: Arc<dyn Clock>,
    registry: Registry,
    options: Options,
    bell: Arc<Bell>,
    asks: mpsc::UnboundedSender<oneshot::Sender<Idle>>,
    asked: Arc<std::sync::Mutex<Option<mpsc::UnboundedReceiver<oneshot::Sender<Idle>>>>>,
}

impl Engine {
    /// An engine that does nothing yet.
    pub fn new(db: Db, clock: Arc<dyn Clock>, registry: Registry, options: Options) -> Self {
        let (asks, asked) = mpsc::unbounded_channel();
        let shared = options.database_clock.clone();
        let clock = shared.map_or(clock, |s| s as Arc<dyn Clock>);
        Engine {
            db,
            clock,
            registry,
            options,
            bell: Arc::default(),
            asks,
            asked: Arc::new(std::sync::Mutex::new(Some(asked))),
        }
    }

    /// Begins to work, on tasks of `tracker`, until `stop`. A second call does nothing.
    pub fn start(&self, tracker: &TaskTracker, stop: CancellationToken) {
        let asked = self
            .asked
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take();
        if let Some(asked) = asked {
            self.bell.hang(&self.db, tracker, &stop);
            let pulse = Pulse::new(self.clone(), tracker.clone(), stop, asked);
            tracker.spawn(pulse.beat());
        }
    }

    /// Something was started, emitted or cancelled, or the machine woke up: look now. On
    /// PostgreSQL the engines of other processes look too, if the hint reaches them.
    pub fn nudge(&self) {
        self.bell.ring();
    }

    /// Returns when nothing executes and nothing is due. `None` when the engine has stopped.
    pub async fn until_idle(&self) -> Option<Idle> {
        let (ask, answer) = oneshot::channel();
        self.asks.send(ask).ok()?;
        self.nudge();
        answer.await.ok()
    }

    /// The workflows it knows.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Its clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Its database.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The database's clock, where it is the one that counts.
    pub(crate) fn shared_clock(&self) -> Option<&DatabaseClock> {
        self.options.database_clock.as_deref()
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("registry", &self.registry)
            .finish_non_exhaustive()
    }
}
