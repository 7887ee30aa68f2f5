//! One slice of a run: from its claim until it ends, parks, or is no longer ours.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use db::Db;
use futures::FutureExt as _;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::bell::Bell;
use crate::checkpoint::{Accepted, Checkpoint, End, Kind, State, StepRow};
use crate::claim::Claimed;
use crate::clock::millis;
use crate::ctx::{Ctx, Halt, Journal};
use crate::{Clock, Failure, Options, Workflow};

const FAILURE_STEP: &str = "failure";

/// What every slice needs.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub options: Options,
    pub bell: Arc<Bell>,
    pub stopping: CancellationToken,
}

/// A slice that is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    pub run: Uuid,
    pub epoch: i64,
    /// When the run wants to go on.
    pub wake_at: Option<i64>,
    /// Others may have become due by it.
    pub woke_others: bool,
}

enum Way {
    Result(Result<Value, Failure>),
    Parked,
    Halted,
}

pub(crate) async fn execute(
    around: Surroundings,
    workflow: Arc<dyn Workflow>,
    mut run: Claimed,
    lost: CancellationToken,
) -> Ended {
    let steps = std::mem::take(&mut run.steps);
    let failed = steps
        .iter()
        .find(|s| s.kind == Kind::Failure)
        .and_then(|s| s.error.clone());
    let policy = workflow.policy();
    let input: Value = serde_json::from_str(&run.input).unwrap_or(Value::Null);
    let journal = Arc::new(Journal {
        db: around.db.clone(),
        clock: around.clock.clone(),
        options: around.options.clone(),
        bell: around.bell.clone(),
        stopping: around.stopping.clone(),
        lost,
        run,
        policy,
        inner: Mutex::default(),
    });
    journal.load(steps);
    let mut ctx = Ctx {
        journal: Arc::clone(&journal),
    };
    let way = match failed {
        None => {
            let limit = journal.policy.timeout.map(millis);
            journal.inner().deadline = limit.map(|l| journal.run.started_at.saturating_add(l));
            let work = workflow.run(&mut ctx, input.clone());
            let way = led(&journal, work).await;
            match way {
                Way::Result(Err(failure)) if journal.policy.on_failure => {
                    remember(&journal, &failure).await;
                    after_failure(&journal, &*workflow, &mut ctx, input, failure).await
                }
                way => way,
            }
        }
        Some((code, message)) => {
            let failure = Failure::fatal(code, message);
            after_failure(&journal, &*workflow, &mut ctx, input, failure).await
        }
    };
    conclude(&journal, way).await
}

async fn after_failure(
    journal: &Journal,
    workflow: &dyn Workflow,
    ctx: &mut Ctx,
    input: Value,
    failure: Failure,
) -> Way {
    {
        let mut inner = journal.inner();
        inner.prefix = "on_failure/";
        inner.deadline = None;
        inner.parks.clear();
        if inner.halt.is_some() {
            return Way::Halted;
        }
    }
    let work = async {
        match workflow.on_failure(ctx, input, &failure).await {
            Ok(()) => Err(failure.clone()),
            Err(second) => Err(Failure {
                message: format!("{}; then its clean-up failed: {second}", failure.message),
                ..failure.clone()
            }),
        }
    };
    led(journal, work).await
}

/// Journals why the work failed, so that a later entry goes straight to the clean-up.
async fn remember(journal: &Journal, failure: &Failure) {
    let now = journal.clock.wall();
    let row = StepRow {
        name: FAILURE_STEP.into(),
        nth: 0,
        place: i64::MAX / 2,
        kind: Kind::Failure,
        state: State::Failed,
        attempts: 1,
        output: None,
        error: Some((failure.code.clone(), failure.message.clone())),
        due: None,
        event: None,
        started_at: now,
        ended_at: Some(now),
    };
    let stored = pin!(journal.store(row));
    let mut stored = stored;
    std::future::poll_fn(|cx| match stored.as_mut().poll(cx) {
        Poll::Pending if journal.inner().halt.is_some() => Poll::Ready(()),
        other => other,
    })
    .await;
}

/// Leads the work until it ends or every branch of it waits.
async fn led(journal: &Journal, work: impl Future<Output = Result<Value, Failure>>) -> Way {
    let mut work = pin!(AssertUnwindSafe(work).catch_unwind());
    std::future::poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(Ok(result)) => Poll::Ready(Way::Result(result)),
        Poll::Ready(Err(_)) => Poll::Ready(Way::Result(Err(Failure::fatal(
            "panicked",
            "the workflow panicked",
        )))),
        Poll::Pending if journal.inner().halt.is_some() => Poll::Ready(Way::Halted),
        Poll::Pending if journal.is_parked() => Poll::Ready(Way::Parked),
        Poll::Pending => Poll::Pending,
    })
    .await
}

async fn conclude(journal: &Journal, way: Way) -> Ended {
    let (run, epoch) = (journal.run.id, journal.run.epoch);
    let now = journal.clock.wall();
    let mut ended = Ended {
        run,
        epoch,
        wake_at: None,
        woke_others: false,
    };
    let mut end = End {
        state: "waiting",
        wake_at: None,
        output: None,
        error: None,
        signals: journal.run.signals,
        waits: Vec::new(),
        had_waits: journal.run.had_waits,
        concurrency: journal.run.concurrency.clone(),
        parent: journal.run.parent,
        now,
    };
    let steps = match way {
        Way::Halted => {
            report(journal);
            return ended;
        }
        Way::Parked => {
            let inner = journal.inner();
            end.wake_at = inner
                .parks
                .iter()
                .filter_map(|p| p.wake_at)
                .chain(inner.deadline)
                .min();
            end.waits = inner.parks.iter().filter_map(|p| p.event.clone()).collect();
            end.waits.sort();
            end.waits.dedup();
            drop(inner);
            journal.drain()
        }
        Way::Result(Ok(output)) => {
            let output = output.to_string();
            match journal.within_budget(&output) {
                Ok(()) => {
                    end.state = "done";
                    end.output = Some(output);
                }
                Err(f) => {
                    end.state = "failed";
                    end.error = Some((f.code, f.message));
                }
            }
            journal.drain()
        }
        Way::Result(Err(f)) => {
            end.state = "failed";
            end.error = Some((f.code, f.message));
            journal.drain()
        }
    };
    ended.woke_others =
        end.concurrency.is_some() || (end.parent.is_some() && end.state != "waiting");
    let checkpoint = Checkpoint {
        run,
        epoch,
        steps,
        end: Some(end),
    };
    match journal.db.merge(checkpoint).await {
        Ok(Accepted {
            stored: true,
            wake_at,
        }) => ended.wake_at = wake_at,
        Ok(_) => tracing::debug!(%run, "a slice ended after its run had another owner"),
        Err(error) => tracing::warn!(%run, %error, "the end of a slice was not stored"),
    }
    ended
}

fn report(journal: &Journal) {
    match &journal.inner().halt {
        Some(Halt::Database(error)) => {
            tracing::warn!(run = %journal.run.id, %error, "a run stops until its lease ends");
        }
        _ => tracing::debug!(run = %journal.run.id, "a run was taken over or cancelled"),
    }
}
