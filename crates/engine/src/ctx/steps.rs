//! Steps that do something: stored when done, tried again when they fail.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use db::{BoxFuture, Error, Tx};
use futures::FutureExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::journal::{Active, Begun, Known, Park, Slot};
use super::{Ctx, Journal, StepOptions};
use crate::checkpoint::{Kind, State, StepRow, store_own};
use crate::{Event, Failure, Retry, emit_in};

impl Ctx {
    /// Does something once: when it has succeeded, later entries get the stored value. After a
    /// crash between doing and storing it is done again, so what it does outside must bear that;
    /// else use [`Ctx::effect`] or [`Ctx::step_tx`].
    pub fn run<T, F, Fut>(
        &self,
        name: &str,
        f: F,
    ) -> impl Future<Output = Result<T, Failure>> + Send
    where
        T: Serialize + DeserializeOwned + Send,
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = Result<T, Failure>> + Send,
    {
        self.run_with(StepOptions::default(), name, f)
    }

    /// [`Ctx::run`] with its own retries and timeout.
    pub fn run_with<T, F, Fut>(
        &self,
        options: StepOptions,
        name: &str,
        f: F,
    ) -> impl Future<Output = Result<T, Failure>> + Send
    where
        T: Serialize + DeserializeOwned + Send,
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = Result<T, Failure>> + Send,
    {
        let journal = &*self.journal;
        let slot = journal.slot(name);
        async move {
            let active = journal.enter();
            let begun = match journal.begin(&slot, Kind::Run)? {
                Step::Known(outcome) => return decoded(outcome),
                Step::Later(park) => return journal.park(active, park).await,
                Step::Begin(begun) => begun,
            };
            let result = guarded(journal.limit(options), f()).await;
            let tried = Tried {
                slot,
                kind: Kind::Run,
                begun,
                options,
            };
            match result {
                Tryout::Ended(Ok(value)) => tried.succeeded(journal, value).await,
                Tryout::Ended(Err(failure)) | Tryout::Unknown(failure) => {
                    tried
                        .failed(journal, active, failure, State::Retrying)
                        .await
                }
            }
        }
    }

    /// Changes the database and stores the step in the same commit: exactly once. `f` may be run
    /// again before that commit and awaits nothing but its [`Tx`].
    pub fn step_tx<T, F>(&self, name: &str, f: F) -> impl Future<Output = Result<T, Failure>> + Send
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: for<'a, 'c> Fn(&'a mut Tx<'c>) -> BoxFuture<'a, Result<T, Failure>>
            + Send
            + Sync
            + 'static,
    {
        let slot = self.journal.slot(name);
        async move {
            let journal = &*self.journal;
            let active = journal.enter();
            let begun = match journal.begin(&slot, Kind::Tx)? {
                Step::Known(outcome) => return decoded(outcome),
                Step::Later(park) => return journal.park(active, park).await,
                Step::Begin(begun) => begun,
            };
            let tried = Tried {
                slot,
                kind: Kind::Tx,
                begun,
                options: StepOptions::default(),
            };
            match journal.transact(&tried, f).await {
                Ok((row, value)) => {
                    journal.note(row);
                    Ok(value)
                }
                Err(TxEnd::Fenced) => journal.fenced().await,
                Err(TxEnd::Db(
                    e @ (Error::OutcomeUnknown(_) | Error::Closed | Error::Corrupt(_)),
                )) => journal.broken(e).await,
                Err(TxEnd::Db(e)) => {
                    tried
                        .failed(journal, active, e.into(), State::Retrying)
                        .await
                }
                Err(TxEnd::Failure(f)) => tried.failed(journal, active, f, State::Retrying).await,
            }
        }
    }

    /// Does something outside that must not happen twice. It is journaled before it begins; when
    /// an earlier try may have happened (a crash, a timeout), `reconcile` looks first: `Some` is
    /// what was done, `None` is a proof that it was not.
    pub fn effect<T, R, RFut, A, AFut>(
        &self,
        name: &str,
        reconcile: R,
        act: A,
    ) -> impl Future<Output = Result<T, Failure>> + Send
    where
        T: Serialize + DeserializeOwned + Send,
        R: FnOnce() -> RFut + Send,
        RFut: Future<Output = Result<Option<T>, Failure>> + Send,
        A: FnOnce() -> AFut + Send,
        AFut: Future<Output = Result<T, Failure>> + Send,
    {
        let journal = &*self.journal;
        let slot = journal.slot(name);
        async move {
            let active = journal.enter();
            let begun = match journal.begin(&slot, Kind::Effect)? {
                Step::Known(outcome) => return decoded(outcome),
                Step::Later(park) => return journal.park(active, park).await,
                Step::Begin(begun) => begun,
            };
            let ambiguous = begun.in_flight;
            let options = StepOptions::default();
            let limit = journal.limit(options);
            let tried = Tried {
                slot,
                kind: Kind::Effect,
                begun,
                options,
            };
            if ambiguous {
                match guarded(limit, reconcile()).await {
                    Tryout::Ended(Ok(Some(value))) => {
                        return tried.succeeded(journal, value).await;
                    }
                    Tryout::Ended(Ok(None)) => {}
                    Tryout::Ended(Err(f)) | Tryout::Unknown(f) => {
                        return tried.failed(journal, active, f, State::InFlight).await;
                    }
                }
            }
            let mut row = tried.row(State::InFlight);
            row.attempts = tried.begun.tries;
            journal.store(row).await;
            match guarded(limit, act()).await {
                Tryout::Ended(Ok(value)) => tried.succeeded(journal, value).await,
                Tryout::Ended(Err(f)) => tried.failed(journal, active, f, State::Retrying).await,
                Tryout::Unknown(f) => tried.failed(journal, active, f, State::InFlight).await,
            }
        }
    }

    /// Emits an event, once.
    pub async fn emit(&self, name: &str, event: Event) -> Result<bool, Failure> {
        let emitted = self
            .step_tx(name, move |tx| {
                let event = event.clone();
                Box::pin(async move { Ok(emit_in(tx, &event).await?) })
            })
            .await?;
        self.journal.bell.ring();
        Ok(emitted)
    }
}

pub(super) enum Step {
    Known(Result<StepRow, Failure>),
    Later(Park),
    Begin(Begun),
}

impl Journal {
    /// Looks a step up, and whether it may begin now.
    pub(super) fn begin(&self, slot: &Slot, kind: Kind) -> Result<Step, Failure> {
        let begun = match self.look(slot, kind)? {
            Known::Outcome(outcome) => return Ok(Step::Known(outcome)),
            Known::Waiting(row) => {
                self.in_time()?;
                return Ok(Step::Later(Park {
                    wake_at: row.due,
                    event: None,
                }));
            }
            Known::Begin(begun) => begun,
        };
        self.in_time()?;
        if self.stopping.is_cancelled() {
            return Ok(Step::Later(Park {
                wake_at: Some(self.clock.wall()),
                event: None,
            }));
        }
        Ok(Step::Begin(begun))
    }

    fn limit(&self, options: StepOptions) -> Option<Duration> {
        let step = options.timeout.or(self.policy.step_timeout);
        let left = self.inner().deadline.map(|d| {
            let left = d.saturating_sub(self.clock.wall()).max(1);
            Duration::from_millis(u64::try_from(left).unwrap_or(1))
        });
        match (step, left) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    async fn transact<T, F>(&self, tried: &Tried, f: F) -> Result<(StepRow, T), TxEnd>
    where
        T: Serialize + Send + 'static,
        F: for<'a, 'c> Fn(&'a mut Tx<'c>) -> BoxFuture<'a, Result<T, Failure>>
            + Send
            + Sync
            + 'static,
    {
        let (run, epoch) = (self.run.id, self.run.epoch);
        let mut done = tried.row(State::Done);
        done.ended_at = Some(self.clock.wall());
        let along: Vec<StepRow> = self.inner().dirty.values().cloned().collect();
        let kept = along.clone();
        let most = self.options.max_output;
        let f = Arc::new(f);
        let stored = self
            .db
            .write(move |tx| {
                let (f, done, along) = (Arc::clone(&f), done.clone(), along.clone());
                Box::pin(async move {
                    let value = f(&mut *tx).await.map_err(TxEnd::Failure)?;
                    let output =
                        serde_json::to_string(&value).map_err(|e| TxEnd::Failure(e.into()))?;
                    if output.len() > most {
                        return Err(TxEnd::Failure(Failure::budget(format!(
                            "a step's output has {} bytes, at most {most} are stored",
                            output.len()
                        ))));
                    }
                    let row = StepRow {
                        output: Some(output),
                        ..done
                    };
                    // Last, so that rows are locked in the order that everybody keeps.
                    let steps = along.iter().chain([&row]);
                    if store_own(tx, run, epoch, steps).await? {
                        Ok((row, value))
                    } else {
                        Err(TxEnd::Fenced)
                    }
                })
            })
            .await?;
        self.settled(kept);
        Ok(stored)
    }
}

/// Why a transactional step was not stored.
enum TxEnd {
    Failure(Failure),
    Db(Error),
    Fenced,
}

impl From<Error> for TxEnd {
    fn from(error: Error) -> Self {
        TxEnd::Db(error)
    }
}

/// How a try ended.
enum Tryout<T> {
    Ended(Result<T, Failure>),
    /// It was broken off: what it did is not known.
    Unknown(Failure),
}

async fn guarded<T>(
    limit: Option<Duration>,
    work: impl Future<Output = Result<T, Failure>>,
) -> Tryout<T> {
    let work = AssertUnwindSafe(work).catch_unwind();
    let ended = match limit {
        None => Ok(work.await),
        Some(limit) => tokio::time::timeout(limit, work).await,
    };
    match ended {
        Ok(Ok(result)) => Tryout::Ended(result),
        Ok(Err(_)) => Tryout::Unknown(Failure::retryable("panicked", "the step panicked")),
        Err(_) => Tryout::Unknown(Failure::retryable(
            "step_timed_out",
            "the step took too long",
        )),
    }
}

fn decoded<T: DeserializeOwned>(outcome: Result<StepRow, Failure>) -> Result<T, Failure> {
    let row = outcome?;
    Ok(serde_json::from_str(
        row.output.as_deref().unwrap_or("null"),
    )?)
}

/// A step that was begun.
struct Tried {
    slot: Slot,
    kind: Kind,
    begun: Begun,
    options: StepOptions,
}

impl Tried {
    fn row(&self, state: State) -> StepRow {
        StepRow {
            name: self.slot.0.clone(),
            nth: self.slot.1,
            place: self.begun.place,
            kind: self.kind,
            state,
            attempts: self.begun.tries + 1,
            output: None,
            error: None,
            due: None,
            event: None,
            started_at: self.begun.started_at,
            ended_at: None,
        }
    }

    async fn succeeded<T: Serialize>(self, journal: &Journal, value: T) -> Result<T, Failure> {
        let output = serde_json::to_string(&value)?;
        journal.within_budget(&output)?;
        let mut row = self.row(State::Done);
        row.output = Some(output);
        row.ended_at = Some(journal.clock.wall());
        journal.store(row).await;
        Ok(value)
    }

    /// Waits for the next try, or makes the failure the step's outcome. `again` is the state in
    /// which a step waits that will be tried again.
    async fn failed<T>(
        self,
        journal: &Journal,
        active: Active<'_>,
        failure: Failure,
        again: State,
    ) -> Result<T, Failure> {
        let tries = self.begun.tries + 1;
        let retry = self.options.retry.unwrap_or(journal.policy.retry);
        let wait = retry.wait(tries, failure.retry, journal.run.id, &self.slot.0);
        let mut row = self.row(again);
        row.error = Some((failure.code.clone(), failure.message.clone()));
        if let Some(wait) = wait {
            let due = journal.clock.wall().saturating_add(wait);
            row.due = Some(due);
            // An ambiguous effect is stored already; this is only its count and its reason.
            journal.inner().dirty.insert(self.slot, row);
            return journal
                .park(
                    active,
                    Park {
                        wake_at: Some(due),
                        event: None,
                    },
                )
                .await;
        }
        row.state = State::Failed;
        row.ended_at = Some(journal.clock.wall());
        journal.store(row).await;
        Err(Failure {
            retry: Retry::Never,
            ..failure
        })
    }
}
