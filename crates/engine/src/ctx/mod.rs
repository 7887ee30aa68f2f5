//! What a workflow sees: steps, waits, time.

mod journal;
mod steps;
mod waits;

use std::sync::Arc;
use std::time::Duration;

use db::{BoxFuture, Db, Tx};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) use journal::{Halt, Journal};

use crate::{Backoff, Failure};

/// The hand of a workflow. Every method takes `&self`, so that steps can run side by side with
/// `futures::join!`; a step's number among those of its name is taken when the method is called.
#[derive(Clone, Debug)]
pub struct Ctx {
    pub(crate) journal: Arc<Journal>,
}

/// How one step differs from its workflow's policy.
#[derive(Clone, Copy, Debug, Default)]
pub struct StepOptions {
    /// How it is tried again.
    pub retry: Option<Backoff>,
    /// Longest time of one try.
    pub timeout: Option<Duration>,
}

impl Ctx {
    /// The run's id.
    pub fn run_id(&self) -> Uuid {
        self.journal.run.id
    }

    /// Whose run it is.
    pub fn organization(&self) -> Option<Uuid> {
        self.journal.run.organization
    }

    /// What it is about.
    pub fn subject(&self) -> Option<&str> {
        self.journal.run.subject.as_deref()
    }

    /// When the run was created, milliseconds UTC; the same at each entry.
    pub fn created_at(&self) -> i64 {
        self.journal.run.created_at
    }

    /// The wall clock, milliseconds UTC; another at each entry. For deciding, take it in a step.
    pub fn now(&self) -> i64 {
        self.journal.clock.wall()
    }

    /// An id that is the same at each entry: for what has to be named before it is made.
    pub fn derived_id(&self, purpose: &str) -> Uuid {
        derived(self.run_id(), purpose)
    }

    /// Cancelled when the run is no longer ours: cancelled, or taken over by another worker.
    /// What a step does from then on is not stored.
    pub fn cancelled(&self) -> &CancellationToken {
        &self.journal.lost
    }

    /// The database, for reading inside a step.
    pub fn db(&self) -> &Db {
        &self.journal.db
    }

    /// Reads one snapshot; use it inside a step.
    pub async fn read<T, F>(&self, f: F) -> Result<T, Failure>
    where
        F: for<'a, 'c> FnOnce(&'a mut Tx<'c>) -> BoxFuture<'a, Result<T, Failure>> + Send,
        T: Send + 'static,
    {
        self.journal.db.read(f).await
    }
}

pub(crate) fn derived(run: Uuid, purpose: &str) -> Uuid {
    let mut hash = blake3::Hasher::new();
    hash.update(b"rostrum engine id\0")
        .update(run.as_bytes())
        .update(purpose.as_bytes());
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&hash.finalize().as_bytes()[..16]);
    Uuid::new_v8(bytes)
}
