//! Workflows to measure with, an engine at work, and times that they note.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use db::{BoxFuture, Db, Error, Uuid};
use engine::{
    Clock, Ctx, DatabaseClock, Engine, Failure, Options, Policy, Registry, Start, SystemClock,
    Workflow,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

type Body = fn(&mut Ctx, Value) -> BoxFuture<'_, Result<Value, Failure>>;

struct Flow(&'static str, Body);

#[async_trait]
impl Workflow for Flow {
    fn name(&self) -> &'static str {
        self.0
    }
    fn revision(&self) -> u32 {
        1
    }
    fn policy(&self) -> Policy {
        Policy {
            step_timeout: None,
            ..Policy::default()
        }
    }
    async fn run(&self, ctx: &mut Ctx, input: Value) -> Result<Value, Failure> {
        (self.1)(ctx, input).await
    }
}

/// Noted times in milliseconds.
static MARKS: Mutex<Vec<f64>> = Mutex::new(Vec::new());
/// What a mark is counted from.
static BEGUN: Mutex<Option<Instant>> = Mutex::new(None);

fn mark(ms: f64) {
    MARKS.lock().expect("no panic while marking").push(ms);
}

/// Notes the time since [`begin`], if somebody has begun.
fn mark_since() {
    let begun = *BEGUN.lock().expect("no panic while marking");
    if let Some(begun) = begun {
        mark(begun.elapsed().as_secs_f64() * 1e3);
    }
}

/// From now on counts what marks itself.
pub(crate) fn begin() {
    *BEGUN.lock().expect("no panic while marking") = Some(Instant::now());
}

/// The noted times, sorted; they are forgotten.
pub(crate) fn marks() -> Vec<f64> {
    let mut marks = std::mem::take(&mut *MARKS.lock().expect("no panic while marking"));
    marks.sort_by(f64::total_cmp);
    marks
}

/// The value below which a share of a sorted list lies.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place in a short list"
)]
pub(crate) fn at(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let place = (last as f64 * share).round() as usize;
    sorted.get(place).copied().unwrap_or(f64::NAN)
}

/// Where the middle and nearly all of many times lie, milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shares {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

impl Shares {
    pub(crate) fn of(sorted: &[f64]) -> Self {
        Shares {
            p50: at(sorted, 0.5),
            p99: at(sorted, 0.99),
        }
    }
}

fn registry() -> Registry {
    Registry::new()
        .with(Flow("steps", |ctx, input| {
            Box::pin(async move {
                let timed = input["timed"] == json!(true);
                for _ in 0..input["steps"].as_u64().unwrap_or(5) {
                    let begun = Instant::now();
                    ctx.run("step", || async { Ok(json!({"id": 1, "ok": true})) })
                        .await?;
                    if timed {
                        mark(begun.elapsed().as_secs_f64() * 1e3);
                    }
                }
                Ok(Value::Null)
            })
        }))
        .with(Flow("late", |ctx, input| {
            Box::pin(async move {
                let due = input.as_i64().unwrap_or(0);
                ctx.sleep_until("until", due).await?;
                #[expect(clippy::cast_precision_loss, reason = "milliseconds of a measurement")]
                mark((ctx.now() - due) as f64);
                Ok(Value::Null)
            })
        }))
        .with(Flow("wait", |ctx, input| {
            Box::pin(async move {
                let day = Some(Duration::from_secs(86_400));
                ctx.wait_for_event("go", "go", &input.to_string(), day)
                    .await?;
                mark_since();
                Ok(Value::Null)
            })
        }))
        .with(Flow("first", |ctx, _| {
            Box::pin(async move {
                ctx.run("first", || async {
                    mark_since();
                    Ok(())
                })
                .await?;
                Ok(Value::Null)
            })
        }))
        .with(Flow("second", |ctx, _| {
            Box::pin(async move {
                ctx.run("second", || async {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    Ok(())
                })
                .await?;
                Ok(Value::Null)
            })
        }))
}

/// An engine at work.
pub(crate) struct Bench {
    pub(crate) db: Db,
    pub(crate) engine: Engine,
    stop: CancellationToken,
}

impl Bench {
    /// Works on a database, alone.
    pub(crate) fn on(db: Db) -> Self {
        let options = Options {
            alone: true,
            ..Options::default()
        };
        Self::with(db, options)
    }

    /// Works on a database on which others work too, as a server's worker does.
    pub(crate) fn among(db: Db) -> Self {
        let options = Options {
            database_clock: Some(Arc::new(DatabaseClock::over(Arc::new(SystemClock)))),
            ..Options::default()
        };
        Self::with(db, options)
    }

    fn with(db: Db, options: Options) -> Self {
        let engine = Engine::new(db.clone(), Arc::new(SystemClock), registry(), options);
        let stop = CancellationToken::new();
        engine.start(&TaskTracker::new(), stop.clone());
        Bench { db, engine, stop }
    }

    /// Starts a run for each input, in one transaction.
    pub(crate) async fn start(&self, workflow: &'static str, inputs: Vec<Value>) {
        start(&self.db, workflow, inputs).await;
        self.engine.nudge();
    }

    /// Waits until nothing is due.
    pub(crate) async fn done(&self) {
        self.engine.until_idle().await.expect("a living engine");
    }
}

/// Starts a run for each input, in one transaction, and wakes nobody.
pub(crate) async fn start(db: &Db, workflow: &'static str, inputs: Vec<Value>) {
    let now = SystemClock.wall();
    let started: Result<(), Error> = db
        .write(move |tx| {
            let inputs = inputs.clone();
            Box::pin(async move {
                for input in inputs {
                    let start = Start::new(Uuid::now_v7(), workflow, 1, input, now);
                    engine::start_in(tx, &start).await?;
                }
                Ok(())
            })
        })
        .await;
    started.expect("start runs");
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
