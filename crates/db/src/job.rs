//! A unit of writing whose result is kept until the commit has happened.

use std::any::{Any, TypeId};
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::sync::oneshot;

use crate::{Error, Tx};

/// Longest time that one job may hold the writer, unless it says another.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// How a job ended inside its transaction.
pub(crate) enum Ran {
    /// Keep its writes.
    Done,
    /// Undo its writes, and only its.
    Refused,
    /// Undo the whole transaction; the job's own answer is this.
    Spoiled(Error),
}

/// What the write path can run, without knowing its types.
pub(crate) trait Runs: Send {
    /// Runs the job, keeping its answer; may be called again after a rollback.
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, bool>;
    /// Gives the kept answer to the caller.
    fn settle(self: Box<Self>);
    /// Gives an error to the caller instead.
    fn fail(self: Box<Self>, error: Error);
    /// Nobody waits for it any more.
    fn abandoned(&self) -> bool;
    /// Jobs of the same kind can be stored as one.
    fn kind(&self) -> Option<TypeId> {
        None
    }
    /// Takes the items of another job of the same kind.
    fn join(&mut self, _other: Box<dyn Any>) {}
    /// The job as what [`Runs::join`] of another takes.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
    /// A joined job taken apart again, one per caller.
    fn split(self: Box<Self>) -> Vec<Box<dyn Runs>>;
    /// Runs as exactly one statement, so that it needs no transaction around it.
    fn is_one_statement(&self) -> bool {
        false
    }
    /// How long it may hold the writer.
    fn deadline(&self) -> Duration {
        DEADLINE
    }
    /// How many callers wait for it.
    fn callers(&self) -> usize {
        1
    }
}

/// Runs a job with its deadline, catching panics, and judges how it left the transaction.
pub(crate) async fn attempt(job: &mut dyn Runs, tx: &mut Tx<'_>) -> Ran {
    let limit = job.deadline();
    let guarded = AssertUnwindSafe(job.run(tx)).catch_unwind();
    let kept = match within(limit, guarded).await {
        None => return Ran::Spoiled(Error::Deadline),
        Some(Err(panic)) => return Ran::Spoiled(Error::Panicked(words(&*panic))),
        Some(Ok(kept)) => kept,
    };
    match tx.failed.take() {
        Some(e) if e.spoils_the_batch() || matches!(e, Error::Conflict(_)) => Ran::Spoiled(e),
        // The closure swallowed an error. PostgreSQL would keep nothing; neither do we.
        Some(e) if kept => Ran::Spoiled(e),
        _ if kept => Ran::Done,
        _ => Ran::Refused,
    }
}

async fn within<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    tokio::time::timeout(limit, future).await.ok()
}

fn words(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panic".into())
}

/// A closure with its typed answer.
pub(crate) struct Closure<T, E, F> {
    f: F,
    deadline: Duration,
    kept: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Closure<T, E, F> {
    pub(crate) fn new(f: F, deadline: Duration) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (reply, answer) = oneshot::channel();
        (
            Closure {
                f,
                deadline,
                kept: None,
                reply,
            },
            answer,
        )
    }
}

impl<T, E, F> Runs for Closure<T, E, F>
where
    F: for<'a, 'c> Fn(&'a mut Tx<'c>) -> BoxFuture<'a, Result<T, E>> + Send + Sync + 'static,
    E: From<Error> + Send + 'static,
    T: Send + 'static,
{
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, bool> {
        self.kept = None;
        Box::pin(async move {
            let result = (self.f)(tx).await;
            let kept = result.is_ok();
            self.kept = Some(result);
            kept
        })
    }

    fn settle(self: Box<Self>) {
        let answer = self.kept.unwrap_or_else(|| Err(E::from(Error::Closed)));
        // A caller that has gone does not want to know.
        let _ = self.reply.send(answer);
    }

    fn fail(self: Box<Self>, error: Error) {
        // The closure's own error says more than ours, when it made one of it.
        let answer = match self.kept {
            Some(Err(own)) => own,
            _ => E::from(error),
        };
        let _ = self.reply.send(Err(answer));
    }

    fn abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn deadline(&self) -> Duration {
        self.deadline
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn split(self: Box<Self>) -> Vec<Box<dyn Runs>> {
        vec![self]
    }
}
