//! The journal of one slice of a run: what is stored, what is about to be, who is parked.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use db::{Db, Error};
use tokio_util::sync::CancellationToken;

use crate::bell::Bell;
use crate::checkpoint::{Checkpoint, Kind, State, StepRow};
use crate::claim::Claimed;
use crate::{Clock, Failure, Options, Policy};

/// Name and number of a step.
pub(crate) type Slot = (String, i64);

pub(crate) struct Journal {
    pub run: Claimed,
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub policy: Policy,
    pub options: Options,
    /// Wakes those who may have something to do now.
    pub bell: Arc<Bell>,
    /// The run is no longer ours.
    pub lost: CancellationToken,
    /// The engine stops: no new step begins.
    pub stopping: CancellationToken,
    pub(crate) inner: Mutex<Inner>,
}

#[derive(Default)]
pub(crate) struct Inner {
    pub stored: HashMap<Slot, StepRow>,
    calls: HashMap<String, i64>,
    places: i64,
    bytes: usize,
    active: usize,
    pub parks: Vec<Park>,
    /// Goes along with the next write; nothing that is stored earlier depends on it.
    pub dirty: BTreeMap<Slot, StepRow>,
    pub halt: Option<Halt>,
    pub taken: HashSet<i64>,
    pub prefix: &'static str,
    pub deadline: Option<i64>,
}

/// Why a branch waits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Park {
    pub wake_at: Option<i64>,
    pub event: Option<(String, String)>,
}

/// Why a slice cannot go on.
#[derive(Clone, Debug)]
pub(crate) enum Halt {
    /// The run is somebody else's, or cancelled.
    Fenced,
    /// The database does not take our writes.
    Database(Error),
}

/// While one lives, the slice is at work and must not park.
pub(crate) struct Active<'a>(&'a Journal);

impl Drop for Active<'_> {
    fn drop(&mut self) {
        self.0.inner().active -= 1;
    }
}

/// A step that has to be done.
pub(crate) struct Begun {
    pub tries: u32,
    pub place: i64,
    pub started_at: i64,
    pub in_flight: bool,
}

/// What the journal knows about a step.
pub(crate) enum Known {
    /// Its outcome.
    Outcome(Result<StepRow, Failure>),
    /// It waits, since an earlier entry.
    Waiting(StepRow),
    /// It has to be done.
    Begin(Begun),
}

impl Journal {
    pub(crate) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn load(&self, steps: Vec<StepRow>) {
        let mut inner = self.inner();
        for step in steps {
            if step.kind != Kind::Failure {
                inner.places = inner.places.max(step.place + 1);
            }
            inner.bytes += step.output.as_ref().map_or(0, String::len);
            inner.taken.extend(step.event);
            inner.stored.insert((step.name.clone(), step.nth), step);
        }
    }

    /// Numbers a call; must happen in the order of the calls.
    pub(crate) fn slot(&self, name: &str) -> Slot {
        let mut inner = self.inner();
        let name = format!("{}{name}", inner.prefix);
        let nth = inner.calls.entry(name.clone()).or_default();
        let slot = (name, *nth);
        *nth += 1;
        slot
    }

    pub(crate) fn enter(&self) -> Active<'_> {
        self.inner().active += 1;
        Active(self)
    }

    /// Whether every branch waits for something that the engine will wake it for.
    pub(crate) fn is_parked(&self) -> bool {
        let inner = self.inner();
        inner.active == 0 && !inner.parks.is_empty()
    }

    /// Waits for ever: the slice ends, and the next one begins anew.
    pub(crate) async fn park<T>(&self, active: Active<'_>, park: Park) -> T {
        self.inner().parks.push(park);
        drop(active);
        std::future::pending().await
    }

    async fn halt<T>(&self, why: Halt) -> T {
        self.inner().halt.get_or_insert(why);
        std::future::pending().await
    }

    /// What is known about a step. `Err` when it must not be done at all.
    pub(crate) fn look(&self, slot: &Slot, kind: Kind) -> Result<Known, Failure> {
        let mut inner = self.inner();
        if let Some(row) = inner.stored.get(slot).or_else(|| inner.dirty.get(slot)) {
            if row.kind != kind {
                return Err(Failure::fatal(
                    "step_kind_changed",
                    format!(
                        "step {} was a {} when it was stored and is a {} now; give the workflow a new revision",
                        slot.0,
                        row.kind.as_str(),
                        kind.as_str()
                    ),
                ));
            }
            return Ok(match row.state {
                State::Done => Known::Outcome(Ok(row.clone())),
                State::Failed => {
                    let (code, message) = row.error.clone().unwrap_or_default();
                    Known::Outcome(Err(Failure::fatal(code, message)))
                }
                State::Waiting => Known::Waiting(row.clone()),
                State::Retrying | State::InFlight
                    if row.due.is_some_and(|d| d > self.clock.wall()) =>
                {
                    Known::Waiting(row.clone())
                }
                State::Retrying | State::InFlight => Known::Begin(Begun {
                    tries: row.attempts,
                    place: row.place,
                    started_at: row.started_at,
                    in_flight: row.state == State::InFlight,
                }),
            });
        }
        let place = inner.places;
        // Cleaning up after a run that had too many steps must still be possible.
        let clean_up = !inner.prefix.is_empty();
        if !clean_up && usize::try_from(place).unwrap_or(usize::MAX) >= self.options.max_steps {
            return Err(Failure::budget(format!(
                "a run has at most {} steps",
                self.options.max_steps
            )));
        }
        inner.places += 1;
        Ok(Known::Begin(Begun {
            tries: 0,
            place,
            started_at: self.clock.wall(),
            in_flight: false,
        }))
    }

    /// Errs when the run's time is over.
    pub(crate) fn in_time(&self) -> Result<(), Failure> {
        match self.inner().deadline {
            Some(deadline) if self.clock.wall() >= deadline => Err(Failure::fatal(
                "timed_out",
                "the run took longer than its workflow allows",
            )),
            _ => Ok(()),
        }
    }

    /// Errs when an output is larger than allowed, or the run's outputs together are.
    pub(crate) fn within_budget(&self, output: &str) -> Result<(), Failure> {
        if output.len() > self.options.max_output {
            return Err(Failure::budget(format!(
                "a step's output has {} bytes, at most {} are stored",
                output.len(),
                self.options.max_output
            )));
        }
        let bytes = self.inner().bytes + output.len();
        if bytes > self.options.max_state {
            return Err(Failure::budget(format!(
                "the outputs of a run have {bytes} bytes, at most {} are stored",
                self.options.max_state
            )));
        }
        Ok(())
    }

    /// Takes what should go along with the next write.
    pub(crate) fn drain(&self) -> Vec<StepRow> {
        let mut inner = self.inner();
        let dirty = std::mem::take(&mut inner.dirty);
        for (slot, row) in &dirty {
            inner.stored.insert(slot.clone(), row.clone());
        }
        dirty.into_values().collect()
    }

    /// Stores a step now. Returns only when it is on the disk.
    pub(crate) async fn store(&self, row: StepRow) {
        let mut steps = self.drain();
        steps.push(row.clone());
        let checkpoint = Checkpoint {
            run: self.run.id,
            epoch: self.run.epoch,
            steps,
            end: None,
        };
        match self.db.merge(checkpoint).await {
            Ok(accepted) if accepted.stored => self.note(row),
            Ok(_) => self.halt(Halt::Fenced).await,
            Err(e) => self.halt(Halt::Database(e)).await,
        }
    }

    /// Rows that another transaction took along.
    pub(crate) fn settled(&self, rows: Vec<StepRow>) {
        let mut inner = self.inner();
        for row in rows {
            let slot = (row.name.clone(), row.nth);
            inner.dirty.remove(&slot);
            inner.stored.insert(slot, row);
        }
    }

    /// A step that another transaction has stored.
    pub(crate) fn note(&self, row: StepRow) {
        let mut inner = self.inner();
        inner.bytes += row.output.as_ref().map_or(0, String::len);
        inner.stored.insert((row.name.clone(), row.nth), row);
    }

    pub(crate) async fn fenced<T>(&self) -> T {
        self.halt(Halt::Fenced).await
    }

    pub(crate) async fn broken<T>(&self, error: Error) -> T {
        self.halt(Halt::Database(error)).await
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal")
            .field("run", &self.run.id)
            .finish_non_exhaustive()
    }
}
