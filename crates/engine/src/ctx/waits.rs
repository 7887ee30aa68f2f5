//! Steps that wait: a row, and nothing in memory.

use std::future::Future;
use std::time::Duration;

use db::args;
use serde_json::Value;

use super::journal::{Active, Begun, Known, Park, Slot};
use super::steps::Step;
use super::{Ctx, Journal, derived};
use crate::checkpoint::{Kind, State, StepRow, store_own};
use crate::clock::millis;
use crate::{Failure, Start, sql, start_in};

impl Ctx {
    /// Waits at least so long. Survives everything; compare [`Ctx::now`] with what was meant to
    /// see how late it is.
    pub fn sleep(
        &self,
        name: &str,
        time: Duration,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        let until = self.journal.clock.wall().saturating_add(millis(time));
        self.sleep_until(name, until)
    }

    /// Waits until an instant, milliseconds UTC. The instant of the first entry counts.
    pub fn sleep_until(
        &self,
        name: &str,
        until: i64,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        let journal = &*self.journal;
        let slot = journal.slot(name);
        async move {
            let active = journal.enter();
            let row = match journal.look(&slot, Kind::Sleep)? {
                Known::Outcome(outcome) => return outcome.map(|_| ()),
                Known::Waiting(row) => row,
                Known::Begin(begun) => waiting(&slot, &begun, Kind::Sleep, Some(until)),
            };
            journal.in_time()?;
            let due = row.due.unwrap_or(until);
            if journal.clock.wall() >= due {
                // Goes along with the next write: until then nothing rests on it.
                journal.over(slot, row);
                return Ok(());
            }
            journal.inner().dirty.insert(slot, row);
            journal
                .park(
                    active,
                    Park {
                        wake_at: Some(due),
                        event: None,
                    },
                )
                .await
        }
    }

    /// Waits for the next event `(event, key)` that this run has not taken, in the order of the
    /// emits, counting those that came before the wait (but not before the run). `None` when
    /// `timeout` is over first.
    pub fn wait_for_event(
        &self,
        name: &str,
        event: &str,
        key: &str,
        timeout: Option<Duration>,
    ) -> impl Future<Output = Result<Option<Value>, Failure>> + Send {
        let journal = &*self.journal;
        let slot = journal.slot(name);
        async move {
            let active = journal.enter();
            let until = timeout.map(|t| journal.clock.wall().saturating_add(millis(t)));
            let row = match journal.look(&slot, Kind::Event)? {
                Known::Outcome(outcome) => {
                    let row = outcome?;
                    return match row.event {
                        Some(_) => Ok(Some(serde_json::from_str(
                            row.output.as_deref().unwrap_or("null"),
                        )?)),
                        None => Ok(None),
                    };
                }
                Known::Waiting(row) => row,
                Known::Begin(begun) => waiting(&slot, &begun, Kind::Event, until),
            };
            journal.in_time()?;
            if let Some((seq, payload)) = journal.next_event(event, key).await {
                let value = serde_json::from_str(&payload)?;
                let ended_at = Some(journal.clock.wall());
                journal
                    .store(StepRow {
                        state: State::Done,
                        event: Some(seq),
                        output: Some(payload),
                        ended_at,
                        ..row
                    })
                    .await;
                return Ok(Some(value));
            }
            let due = row.due;
            if due.is_some_and(|d| journal.clock.wall() >= d) {
                let ended_at = Some(journal.clock.wall());
                journal
                    .store(StepRow {
                        state: State::Done,
                        ended_at,
                        ..row
                    })
                    .await;
                return Ok(None);
            }
            journal.inner().dirty.insert(slot, row);
            let event = Some((event.to_owned(), key.to_owned()));
            journal
                .park(
                    active,
                    Park {
                        wake_at: due,
                        event,
                    },
                )
                .await
        }
    }

    /// Starts another run and waits for its outcome. The child's id is derived from this step;
    /// `start.id` is not used.
    pub fn invoke(
        &self,
        name: &str,
        start: Start,
    ) -> impl Future<Output = Result<Value, Failure>> + Send {
        let journal = &*self.journal;
        let slot = journal.slot(name);
        async move {
            let active = journal.enter();
            let child = derived(journal.run.id, &format!("invoke\0{}\0{}", slot.0, slot.1));
            let row = match journal.look(&slot, Kind::Invoke)? {
                Known::Outcome(outcome) => {
                    let row = outcome?;
                    return Ok(serde_json::from_str(
                        row.output.as_deref().unwrap_or("null"),
                    )?);
                }
                Known::Waiting(row) => row,
                Known::Begin(begun) => {
                    if let Step::Later(park) = journal.begin(&slot, Kind::Invoke)? {
                        return journal.park(active, park).await;
                    }
                    let row = waiting(&slot, &begun, Kind::Invoke, None);
                    let mut start = start;
                    start.id = child;
                    start.parent = Some(journal.run.id);
                    journal.start_child(start, row.clone()).await;
                    row
                }
            };
            journal.in_time()?;
            journal.child_outcome(active, slot, row, child).await
        }
    }
}

fn waiting(slot: &Slot, begun: &Begun, kind: Kind, due: Option<i64>) -> StepRow {
    StepRow {
        name: slot.0.clone(),
        nth: slot.1,
        place: begun.place,
        kind,
        state: State::Waiting,
        attempts: 1,
        output: None,
        error: None,
        due,
        event: None,
        started_at: begun.started_at,
        ended_at: None,
    }
}

impl Journal {
    fn over(&self, slot: Slot, row: StepRow) {
        let ended_at = Some(self.clock.wall());
        self.inner().dirty.insert(
            slot,
            StepRow {
                state: State::Done,
                ended_at,
                ..row
            },
        );
    }

    /// The oldest event that this run has not taken; taken from now on.
    async fn next_event(&self, name: &str, key: &str) -> Option<(i64, String)> {
        let (run, name, key) = (self.run.id, name.to_owned(), key.to_owned());
        let found: Result<Vec<(i64, String)>, db::Error> = self
            .db
            .read(move |tx| {
                Box::pin(async move {
                    let rows = tx.rows(sql::EVENT_NEXT, args![run, name, key]).await?;
                    rows.iter()
                        .map(|r| Ok((r.get("seq")?, r.get("payload")?)))
                        .collect()
                })
            })
            .await;
        let found = match found {
            Ok(found) => found,
            Err(e) => return self.broken(e).await,
        };
        let mut inner = self.inner();
        found.into_iter().find(|(seq, _)| inner.taken.insert(*seq))
    }

    async fn start_child(&self, start: Start, row: StepRow) {
        let (run, epoch) = (self.run.id, self.run.epoch);
        let done = row.clone();
        let started: Result<bool, db::Error> = self
            .db
            .write(move |tx| {
                let (start, row) = (start.clone(), row.clone());
                Box::pin(async move {
                    let stored = store_own(tx, run, epoch, [&row].into_iter()).await?;
                    if stored {
                        start_in(tx, &start).await?;
                    }
                    Ok(stored)
                })
            })
            .await;
        match started {
            Ok(true) => {
                self.note(done);
                self.bell.ring();
            }
            Ok(false) => self.fenced().await,
            Err(e) => self.broken(e).await,
        }
    }

    async fn child_outcome(
        &self,
        active: Active<'_>,
        slot: Slot,
        row: StepRow,
        child: uuid::Uuid,
    ) -> Result<Value, Failure> {
        let outcome: Result<_, db::Error> = self
            .db
            .read(move |tx| {
                Box::pin(async move {
                    let Some(row) = tx.row(sql::RUN_OUTCOME, args![child]).await? else {
                        return Ok(None);
                    };
                    let state: String = row.get("state")?;
                    Ok(Some((
                        state,
                        row.get::<Option<String>>("output")?,
                        row.get::<Option<String>>("error_code")?,
                        row.get::<Option<String>>("error_message")?,
                    )))
                })
            })
            .await;
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(e) => return self.broken(e).await,
        };
        let ended_at = Some(self.clock.wall());
        match outcome {
            Some((state, output, ..)) if state == "done" => {
                let output = output.unwrap_or_else(|| "null".into());
                self.within_budget(&output)?;
                let value = serde_json::from_str(&output)?;
                self.store(StepRow {
                    state: State::Done,
                    output: Some(output),
                    ended_at,
                    ..row
                })
                .await;
                Ok(value)
            }
            Some((state, _, code, message)) if state == "failed" || state == "cancelled" => {
                let error = (code.unwrap_or(state), message.unwrap_or_default());
                let failure = Failure::fatal(error.0.clone(), error.1.clone());
                self.store(StepRow {
                    state: State::Failed,
                    error: Some(error),
                    ended_at,
                    ..row
                })
                .await;
                Err(failure)
            }
            Some(_) => {
                self.inner().dirty.entry(slot).or_insert(row);
                self.park(active, Park::default()).await
            }
            None => {
                let gone = (
                    "child_gone".to_owned(),
                    "the run that was invoked is gone".to_owned(),
                );
                let failure = Failure::fatal(gone.0.clone(), gone.1.clone());
                self.store(StepRow {
                    state: State::Failed,
                    error: Some(gone),
                    ended_at,
                    ..row
                })
                .await;
                Err(failure)
            }
        }
    }
}
