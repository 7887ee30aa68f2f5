//! Long work that can be watched and stopped.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::error::Error;

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The file is read from the disk.
    Reading,
    /// Metadata is looked for and removed.
    Cleaning,
    /// Pixels are unpacked.
    Decoding,
    /// Pixels are resampled.
    Resizing,
    /// Pixels are packed, perhaps several times until they fit.
    Encoding,
    /// The file is written and flushed.
    Storing,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// 0 to 100; never falls within one job.
    pub percent: u8,
}

type Watcher = Arc<dyn Fn(Progress) + Send + Sync>;

/// The caller's side of one piece of work: a token that stops it, and an ear for its progress.
#[derive(Clone, Default)]
pub struct Job {
    cancel: CancellationToken,
    watcher: Option<Watcher>,
}

impl Job {
    /// A job that stops when `cancel` does.
    #[must_use]
    pub fn cancelled_by(cancel: CancellationToken) -> Self {
        Self {
            cancel,
            watcher: None,
        }
    }

    /// Tells `watcher` how far it is. It is called from a worker thread and should return at once.
    #[must_use]
    pub fn watched_by(mut self, watcher: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.watcher = Some(Arc::new(watcher));
        self
    }

    /// Reports a step, and ends the work when somebody cancelled.
    pub(crate) fn step(&self, stage: Stage, percent: u8) -> Result<(), Error> {
        if self.cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        if let Some(watcher) = &self.watcher {
            watcher(Progress { stage, percent });
        }
        Ok(())
    }

    /// A job with the same ear that also stops when the returned job's token is cancelled.
    pub(crate) fn child(&self) -> (Self, tokio_util::sync::DropGuard) {
        let cancel = self.cancel.child_token();
        let job = Self {
            cancel: cancel.clone(),
            watcher: self.watcher.clone(),
        };
        (job, cancel.drop_guard())
    }
}
