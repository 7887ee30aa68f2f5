//! What can be wrong with a data folder, told with the way out.

use std::io;
use std::path::{Path, PathBuf};

use protocol::{Code, Problem};

/// A failed use of the data folder.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is nothing of ours at that path.
    #[error(
        "{} is no data folder; make one with `rostrumctl --data {} init`, or open the app once",
        .0.display(), .0.display()
    )]
    NotADataFolder(PathBuf),
    /// The folder's own file cannot be read.
    #[error("{} is damaged; restore a backup, or remove that file: Rostrum then holds all sending until you say that this computer sends", .0.display())]
    IdentityDamaged(PathBuf),
    /// Another process has it.
    #[error("another Rostrum is running with this data folder{}; use that one, or quit it first", .pid.map(|p| format!(" (process {p})")).unwrap_or_default())]
    InUse {
        /// Which, where that can be told.
        pid: Option<u32>,
    },
    /// No room.
    #[error("the disk is full ({0}); free some space and try again, nothing was changed")]
    DiskFull(String),
    /// No permission, or mounted read-only.
    #[error("it cannot be written to ({0}); check permissions and whether the disk is read-only")]
    ReadOnly(String),
    /// The disk failed otherwise.
    #[error("the disk failed ({0})")]
    Io(String),
    /// The database file is damaged.
    #[error("the database is damaged ({detail}); {}", restore_hint(.newest.as_deref(), .root))]
    DatabaseCorrupt {
        /// What SQLite said.
        detail: String,
        /// The data folder.
        root: PathBuf,
        /// The newest backup that is whole.
        newest: Option<PathBuf>,
    },
    /// The data was written by a newer release.
    #[error("{0}")]
    BinaryTooOld(String),
    /// The backup is none, or is damaged.
    #[error("{} cannot be restored: {why}; choose another backup", .path.display())]
    BadBackup {
        /// What was given.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// There is a file of that name already.
    #[error("{} exists already; choose another name", .0.display())]
    Exists(PathBuf),
    /// The system knows no folder for this user's configuration.
    #[error("this system names no home folder; set ROSTRUM_CONFIG_DIR to a private folder")]
    NoConfigFolder,
    /// Any other trouble with the database.
    #[error(transparent)]
    Database(db::Error),
    /// Somebody cancelled.
    #[error("cancelled; nothing was changed")]
    Cancelled,
}

fn restore_hint(newest: Option<&Path>, root: &Path) -> String {
    newest.map_or_else(
        || {
            "there is no whole backup in this folder; restore one from elsewhere with \
             `rostrumctl restore FILE`"
                .to_owned()
        },
        |path| {
            format!(
                "the newest whole backup is {p}; restore it with `rostrumctl --data {r} restore {p}`",
                p = path.display(),
                r = root.display(),
            )
        },
    )
}

impl FolderError {
    pub(crate) fn io(error: &io::Error, path: &Path) -> Self {
        let at = format!("{}: {error}", path.display());
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull(at),
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                Self::ReadOnly(at)
            }
            _ => Self::Io(at),
        }
    }

    pub(crate) fn bad(path: &Path, why: impl Into<String>) -> Self {
        Self::BadBackup {
            path: path.to_owned(),
            why: why.into(),
        }
    }

    /// The code that crosses boundaries.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::NotADataFolder(_) => Code::NotADataFolder,
            Self::InUse { .. } => Code::FolderInUse,
            Self::DiskFull(_) => Code::DiskFull,
            Self::ReadOnly(_) => Code::ReadOnly,
            Self::IdentityDamaged(_) | Self::DatabaseCorrupt { .. } => Code::DatabaseCorrupt,
            Self::BinaryTooOld(_) => Code::BinaryTooOld,
            Self::BadBackup { .. } => Code::BadBackup,
            Self::Exists(_) => Code::Conflict,
            Self::NoConfigFolder => Code::BadFolder,
            Self::Cancelled => Code::Cancelled,
            Self::Database(e) if e.code() == db::Code::Busy => Code::Busy,
            Self::Io(_) | Self::Database(_) => Code::Internal,
        }
    }
}

impl From<db::Error> for FolderError {
    fn from(error: db::Error) -> Self {
        let text = error.to_string();
        match error.code() {
            db::Code::DiskFull => Self::DiskFull(text),
            db::Code::ReadOnly => Self::ReadOnly(text),
            db::Code::BinaryTooOld => Self::BinaryTooOld(text),
            _ => Self::Database(error),
        }
    }
}

impl From<media::Error> for FolderError {
    fn from(error: media::Error) -> Self {
        let text = error.to_string();
        match error.code() {
            media::Code::DiskFull => Self::DiskFull(text),
            media::Code::ReadOnly => Self::ReadOnly(text),
            media::Code::Cancelled => Self::Cancelled,
            _ => Self::Io(text),
        }
    }
}

/// The field of a [`Code::DatabaseCorrupt`] problem that names the backup that mends it.
pub const BACKUP: &str = "backup";

impl From<FolderError> for Problem {
    fn from(error: FolderError) -> Self {
        let problem = Self::new(error.code(), error.to_string());
        match error {
            FolderError::DatabaseCorrupt {
                newest: Some(path), ..
            } => problem.with_field(BACKUP, path.display().to_string()),
            _ => problem,
        }
    }
}
