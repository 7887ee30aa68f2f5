//! Backups: a consistent copy of the database with a list of all media, checked after writing.

mod archive;
mod look;
mod manifest;
mod restore;
mod snapshot;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use db::Db;
use domain::Instant;
use media::Library;
use protocol::views;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::error::FolderError;
use super::identity::DataFolder;
use super::layout::Layout;
use manifest::{MANIFEST, Manifest};

pub use look::Holdings;
pub use restore::{Ready, Restored, restore, unpack};

/// Why a backup was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The day's.
    Daily,
    /// A migration waited.
    BeforeMigration,
    /// Somebody asked.
    ByHand,
}

impl Reason {
    /// As written in names and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::BeforeMigration => "before_migration",
            Self::ByHand => "by_hand",
        }
    }

    /// How many are kept; those made by hand are the person's own.
    const fn kept(self) -> usize {
        match self {
            Self::Daily => 7,
            Self::BeforeMigration => 5,
            Self::ByHand => usize::MAX,
        }
    }
}

/// A backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// A folder, or a single file.
    pub path: PathBuf,
    /// When it was made.
    pub at: Instant,
    /// Size in bytes, with media (which share their room with the library where they can).
    pub bytes: u64,
    /// Why it was made.
    pub reason: Reason,
    /// Media files that were damaged or gone already and are not in it.
    pub left_out: usize,
}

impl From<Backup> for views::Backup {
    fn from(b: Backup) -> Self {
        Self {
            path: b.path.to_string_lossy().into_owned(),
            at: b.at,
            bytes: b.bytes,
            reason: b.reason.as_str().to_owned(),
        }
    }
}

/// Long work: its stop button and its progress in percent.
#[derive(Clone, Default)]
pub struct Work {
    /// Stops it at its next step.
    pub cancel: CancellationToken,
    progress: Option<Arc<dyn Fn(u8) + Send + Sync>>,
}

impl Work {
    /// Work that `cancel` stops.
    #[must_use]
    pub fn cancelled_by(cancel: CancellationToken) -> Self {
        Self {
            cancel,
            progress: None,
        }
    }

    /// Tells `watcher` the percentage, which never falls.
    #[must_use]
    pub fn watched_by(mut self, watcher: impl Fn(u8) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(watcher));
        self
    }

    fn step(&self, percent: u8) -> Result<(), FolderError> {
        if self.cancel.is_cancelled() {
            return Err(FolderError::Cancelled);
        }
        if let Some(progress) = &self.progress {
            progress(percent);
        }
        Ok(())
    }

    /// Done: whoever cancels now is too late.
    fn finish(&self) {
        if let Some(progress) = &self.progress {
            progress(100);
        }
    }

    /// A step of work on `done` of `all` things, between two percentages.
    fn part(&self, from: u8, to: u8, done: usize, all: usize) -> Result<(), FolderError> {
        let share = usize::from(to - from) * done / all.max(1);
        self.step(from + u8::try_from(share).unwrap_or(0))
    }
}

/// The backups of a data folder.
#[derive(Clone, Debug)]
pub struct Backups {
    layout: Layout,
    folder: uuid::Uuid,
}

impl Backups {
    /// Those of `folder`.
    #[must_use]
    pub fn of(folder: &DataFolder) -> Self {
        Self {
            layout: folder.layout().clone(),
            folder: folder.id(),
        }
    }

    /// Makes one below `backups/` and drops the ones that are no longer kept.
    ///
    /// # Errors
    /// [`FolderError::DiskFull`], [`FolderError::ReadOnly`], [`FolderError::Cancelled`] (nothing
    /// half made is left behind), or when the copy turns out not to be whole.
    pub async fn make(
        &self,
        db: &Db,
        library: &Library,
        now: Instant,
        reason: Reason,
        work: &Work,
    ) -> Result<Backup, FolderError> {
        let made = snapshot::make(self, db, library, now, reason, work).await?;
        self.prune()?;
        Ok(made)
    }

    /// Makes one as a single file (a plain tar) at `file`, which must not exist.
    ///
    /// # Errors
    /// As [`Backups::make`], and [`FolderError::Exists`].
    pub async fn make_file(
        &self,
        db: &Db,
        library: &Library,
        now: Instant,
        file: &Path,
        work: &Work,
    ) -> Result<Backup, FolderError> {
        archive::make(self, db, library, now, file, work).await
    }

    /// All below `backups/`, newest first. What cannot be read is left out.
    #[must_use]
    pub fn list(&self) -> Vec<Backup> {
        let mut found: Vec<Backup> = fs::read_dir(self.layout.backups())
            .into_iter()
            .flatten()
            .flatten()
            .filter(|e| !e.file_name().to_string_lossy().starts_with('.'))
            .filter_map(|e| {
                let path = e.path();
                let manifest = Manifest::read(&path.join(MANIFEST)).ok()?;
                Some(manifest.describe(path))
            })
            .collect();
        found.sort_by(|a, b| (b.at, &b.path).cmp(&(a.at, &a.path)));
        found
    }

    /// When the last one of this kind was made.
    #[must_use]
    pub fn last(&self, reason: Reason) -> Option<Instant> {
        self.list()
            .into_iter()
            .find(|b| b.reason == reason)
            .map(|b| b.at)
    }

    /// The newest whose database is whole.
    pub async fn newest_whole(&self) -> Option<Backup> {
        for backup in self.list() {
            let path = backup.path.clone();
            let whole = tokio::task::spawn_blocking(move || {
                Manifest::read(&path.join(MANIFEST))
                    .and_then(|m| m.check_database(&path, &Work::default()))
                    .is_ok()
            })
            .await
            .unwrap_or(false);
            if whole {
                return Some(backup);
            }
        }
        None
    }

    /// Drops what is no longer kept (7 daily ones, 5 from before migrations), and what an earlier
    /// process left half made.
    fn prune(&self) -> Result<(), FolderError> {
        let list = self.list();
        for reason in [Reason::Daily, Reason::BeforeMigration] {
            for old in list
                .iter()
                .filter(|b| b.reason == reason)
                .skip(reason.kept())
            {
                fs::remove_dir_all(&old.path).map_err(|e| FolderError::io(&e, &old.path))?;
            }
        }
        Ok(())
    }
}

/// `20261125T103000123Z`: sorts as time does, and is a file name everywhere.
fn stamp(at: Instant) -> String {
    at.to_chrono().format("%Y%m%dT%H%M%S%3fZ").to_string()
}

/// Runs `f` where it may block.
async fn blocking<T: Send + 'static>(
    f: impl FnOnce() -> Result<T, FolderError> + Send + 'static,
) -> Result<T, FolderError> {
    tokio::task::spawn_blocking(f)
        .await
        .map_err(|e| FolderError::Io(e.to_string()))?
}
