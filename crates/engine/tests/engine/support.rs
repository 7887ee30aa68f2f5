//! Workflows made of closures, an engine that is started, and questions to its tables.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use db::{BoxFuture, Db, Error, Uuid, args};
use engine::{
    Backoff, Clock, Ctx, Engine, Event, Failure, ManualClock, Options, Policy, Registry, RunView,
    Start, StepView, Workflow,
};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// 2026-03-01T00:00:00Z
pub(crate) const NOW: i64 = 1_772_323_200_000;

type Body =
    dyn for<'a> Fn(&'a mut Ctx, Value) -> BoxFuture<'a, Result<Value, Failure>> + Send + Sync;
type CleanUp =
    dyn for<'a> Fn(&'a mut Ctx, &'a Failure) -> BoxFuture<'a, Result<(), Failure>> + Send + Sync;

/// A workflow whose work is a closure.
pub(crate) struct Flow {
    name: &'static str,
    revision: u32,
    policy: Policy,
    body: Box<Body>,
    clean_up: Option<Box<CleanUp>>,
}

impl Flow {
    pub(crate) fn new(
        name: &'static str,
        body: impl for<'a> Fn(&'a mut Ctx, Value) -> BoxFuture<'a, Result<Value, Failure>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let retry = Backoff {
            attempts: 3,
            first: Duration::from_secs(10),
            factor: 2.0,
            most: Duration::from_secs(60),
            jitter: 0.0,
        };
        let policy = Policy {
            retry,
            step_timeout: None,
            ..Policy::default()
        };
        Flow {
            name,
            revision: 1,
            policy,
            body: Box::new(body),
            clean_up: None,
        }
    }

    pub(crate) fn revision(mut self, revision: u32) -> Self {
        self.revision = revision;
        self
    }

    pub(crate) fn policy(mut self, change: impl FnOnce(&mut Policy)) -> Self {
        change(&mut self.policy);
        self
    }

    pub(crate) fn clean_up(
        mut self,
        clean_up: impl for<'a> Fn(&'a mut Ctx, &'a Failure) -> BoxFuture<'a, Result<(), Failure>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.policy.on_failure = true;
        self.clean_up = Some(Box::new(clean_up));
        self
    }
}

#[async_trait]
impl Workflow for Flow {
    fn name(&self) -> &'static str {
        self.name
    }
    fn revision(&self) -> u32 {
        self.revision
    }
    fn policy(&self) -> Policy {
        self.policy.clone()
    }
    async fn run(&self, ctx: &mut Ctx, input: Value) -> Result<Value, Failure> {
        (self.body)(ctx, input).await
    }
    async fn on_failure(&self, ctx: &mut Ctx, _: Value, failure: &Failure) -> Result<(), Failure> {
        match &self.clean_up {
            Some(clean_up) => clean_up(ctx, failure).await,
            None => Ok(()),
        }
    }
}

/// splitmix64: the same numbers everywhere for a seed.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

/// An engine at work, with a clock in the test's hand.
pub(crate) struct House {
    pub(crate) db: Db,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) engine: Engine,
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl House {
    pub(crate) async fn new(db: &Db, registry: Registry) -> House {
        House::with(
            db,
            registry,
            Arc::new(ManualClock::at(NOW)),
            Options::default(),
        )
        .await
    }

    pub(crate) async fn with(
        db: &Db,
        registry: Registry,
        clock: Arc<ManualClock>,
        options: Options,
    ) -> House {
        prepare(db).await;
        let engine = Engine::new(db.clone(), clock.clone(), registry, options);
        let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
        engine.start(&tracker, stop.clone());
        House {
            db: db.clone(),
            clock,
            engine,
            tracker,
            stop,
        }
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.wall()
    }

    pub(crate) async fn start(&self, workflow: &str, input: Value) -> Uuid {
        self.start_as(Start::new(Uuid::new_v4(), workflow, 1, input, self.now()))
            .await
    }

    pub(crate) async fn start_as(&self, start: Start) -> Uuid {
        let id = begin(&self.db, start).await.id;
        self.engine.nudge();
        id
    }

    pub(crate) async fn idle(&self) -> Option<i64> {
        let idle = tokio::time::timeout(Duration::from_secs(30), self.engine.until_idle()).await;
        idle.expect("idle within 30 s")
            .expect("a living engine")
            .next
    }

    /// Time passes, and what became due is done.
    pub(crate) async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.engine.nudge();
        self.idle().await;
    }

    pub(crate) async fn emit(&self, event: Event) -> bool {
        let emitted = emit(&self.db, event).await;
        self.engine.nudge();
        emitted
    }

    pub(crate) async fn run(&self, id: Uuid) -> RunView {
        run(&self.db, id).await
    }

    pub(crate) async fn steps(&self, id: Uuid) -> Vec<StepView> {
        let steps: Result<_, Error> = self
            .db
            .read(move |tx| Box::pin(async move { engine::steps(tx, id).await }))
            .await;
        steps.expect("read the steps")
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.engine.nudge();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(crate) async fn begin(db: &Db, start: Start) -> engine::Started {
    let started: Result<_, Error> = db
        .write(move |tx| {
            let start = start.clone();
            Box::pin(async move { engine::start_in(tx, &start).await })
        })
        .await;
    started.expect("start a run")
}

pub(crate) async fn emit(db: &Db, event: Event) -> bool {
    let emitted: Result<_, Error> = db
        .write(move |tx| {
            let event = event.clone();
            Box::pin(async move { engine::emit_in(tx, &event).await })
        })
        .await;
    emitted.expect("emit an event")
}

pub(crate) async fn cancel(db: &Db, id: Uuid, now: i64) -> bool {
    let cancelled: Result<_, Error> = db
        .write(move |tx| {
            Box::pin(async move { engine::cancel_in(tx, id, "no longer wanted", now).await })
        })
        .await;
    cancelled.expect("cancel a run")
}

pub(crate) async fn run(db: &Db, id: Uuid) -> RunView {
    let run: Result<_, Error> = db
        .read(move |tx| Box::pin(async move { engine::run(tx, id).await }))
        .await;
    run.expect("read the run").expect("the run is there")
}

/// A table that steps write to: what was done, and how often.
pub(crate) async fn prepare(db: &Db) {
    let made: Result<(), Error> = db
        .write(|tx| {
            Box::pin(async move {
                tx.execute(
                    "CREATE TABLE IF NOT EXISTS deed (what TEXT NOT NULL, at BIGINT)",
                    args![],
                )
                .await?;
                Ok(())
            })
        })
        .await;
    made.expect("a table for deeds");
}

/// Records a deed in the transaction of a step.
pub(crate) fn deed<'a>(tx: &'a mut db::Tx<'_>, what: String) -> BoxFuture<'a, Result<(), Failure>> {
    Box::pin(async move {
        tx.execute("INSERT INTO deed (what, at) VALUES ($1, 0)", args![what])
            .await?;
        Ok(())
    })
}

pub(crate) async fn deeds(db: &Db) -> Vec<String> {
    try_deeds(db).await.expect("read the deeds")
}

pub(crate) async fn try_deeds(db: &Db) -> Result<Vec<String>, Error> {
    db.read(|tx| {
        Box::pin(async move {
            let rows = tx
                .rows("SELECT what FROM deed ORDER BY what", args![])
                .await?;
            rows.iter().map(|r| r.get("what")).collect()
        })
    })
    .await
}
