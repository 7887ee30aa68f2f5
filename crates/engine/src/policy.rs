//! Workflows, what they allow, and which of them this program knows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use uuid::Uuid;

use crate::clock::millis;
use crate::{Ctx, Failure, Gather, Rate, Retry};

/// A definition: code that is entered from its start again and again, with finished steps
/// answered from the journal.
///
/// Between steps it must do the same each time: no clock, no randomness, no reading of tables
/// outside a step; and it awaits nothing but its [`Ctx`].
#[async_trait]
pub trait Workflow: Send + Sync + 'static {
    /// Its name, `snake_case`; never changes.
    fn name(&self) -> &'static str;
    /// Counts incompatible changes of its steps. Old revisions stay registered as long as runs
    /// of theirs may exist.
    fn revision(&self) -> u32;
    /// What it allows.
    fn policy(&self) -> Policy {
        Policy::default()
    }
    /// The work.
    async fn run(&self, ctx: &mut Ctx, input: Value) -> Result<Value, Failure>;
    /// Runs, with steps of its own, when [`Policy::on_failure`] is set and the work has failed.
    async fn on_failure(
        &self,
        _ctx: &mut Ctx,
        _input: Value,
        _failure: &Failure,
    ) -> Result<(), Failure> {
        Ok(())
    }
}

/// What a workflow allows.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How steps are tried again.
    pub retry: Backoff,
    /// How many runs of one concurrency key execute at a time. A run that sleeps or waits does
    /// not count.
    pub concurrency: u32,
    /// How many runs of one [`Start::flow`](crate::Start::flow) begin in a span; the others wait
    /// for their turn.
    pub throttle: Option<Rate>,
    /// The same, but the others end at once: `cancelled` with the code `rate_limited`.
    pub rate_limit: Option<Rate>,
    /// Whether several starts of one [`Start::flow`](crate::Start::flow) become one run.
    pub gather: Option<Gather>,
    /// From the first step to the end; then the run fails with `timed_out`.
    pub timeout: Option<Duration>,
    /// Longest time of one try of a step; then it counts as failed, retryable.
    pub step_timeout: Option<Duration>,
    /// Whether [`Workflow::on_failure`] is called.
    pub on_failure: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            retry: Backoff::default(),
            concurrency: 1,
            throttle: None,
            rate_limit: None,
            gather: None,
            timeout: None,
            step_timeout: Some(Duration::from_secs(600)),
            on_failure: false,
        }
    }
}

/// Exponential backoff.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// Tries in all, the first one counted.
    pub attempts: u32,
    /// The wait after the first try.
    pub first: Duration,
    /// Each wait is so many times the one before.
    pub factor: f64,
    /// No wait is longer, unless the failure asks for it.
    pub most: Duration,
    /// Share of the wait that is left to chance, 0 to 1.
    pub jitter: f64,
}

impl Default for Backoff {
    fn default() -> Self {
        Backoff {
            attempts: 5,
            first: Duration::from_secs(2),
            factor: 3.0,
            most: Duration::from_secs(900),
            jitter: 0.2,
        }
    }
}

impl Backoff {
    /// One try only.
    pub fn never() -> Self {
        Backoff {
            attempts: 1,
            ..Backoff::default()
        }
    }

    /// Milliseconds to wait after `tries` failed tries; none when it was the last. Chance comes
    /// from the run and the step, so that a crash does not change it.
    pub(crate) fn wait(&self, tries: u32, retry: Retry, run: Uuid, step: &str) -> Option<i64> {
        let asked = match retry {
            Retry::Never => return None,
            Retry::Backoff => 0,
            Retry::After(time) => millis(time),
        };
        if tries >= self.attempts {
            return None;
        }
        let mut hash = blake3::Hasher::new();
        hash.update(run.as_bytes())
            .update(step.as_bytes())
            .update(&tries.to_le_bytes());
        let chance = f64::from(u16::from_le_bytes([
            hash.finalize().as_bytes()[0],
            hash.finalize().as_bytes()[1],
        ])) / f64::from(u16::MAX);
        let power = i32::try_from(tries.saturating_sub(1)).unwrap_or(i32::MAX);
        let full = (self.first.as_secs_f64() * self.factor.powi(power))
            .min(self.most.as_secs_f64())
            * (1.0 - self.jitter.clamp(0.0, 1.0) * chance);
        let wait = Duration::try_from_secs_f64(full).map_or(millis(self.most), millis);
        Some(wait.max(asked))
    }
}

/// The workflows that this program knows, by name and revision.
#[derive(Clone, Default)]
pub struct Registry {
    known: BTreeMap<(String, u32), Arc<dyn Workflow>>,
}

impl Registry {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more.
    #[must_use]
    pub fn with(mut self, workflow: impl Workflow) -> Self {
        self.add(Arc::new(workflow));
        self
    }

    /// Adds one; the same name and revision again replaces it.
    pub fn add(&mut self, workflow: Arc<dyn Workflow>) {
        self.known
            .insert((workflow.name().to_owned(), workflow.revision()), workflow);
    }

    /// Whether runs of it can be worked on here.
    pub fn knows(&self, name: &str, revision: u32) -> bool {
        self.known.contains_key(&(name.to_owned(), revision))
    }

    pub(crate) fn get(&self, name: &str, revision: u32) -> Option<Arc<dyn Workflow>> {
        self.known.get(&(name.to_owned(), revision)).cloned()
    }

    /// `["name@revision", ...]`
    pub(crate) fn as_json(&self) -> String {
        let names: Vec<String> = self.known.keys().map(|(n, r)| format!("{n}@{r}")).collect();
        Value::from(names).to_string()
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.known.keys()).finish()
    }
}
