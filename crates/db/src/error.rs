//! What can go wrong with a database, told so that a person knows what to do.

use thiserror::Error;

/// What kind of failure it is. Callers and the window decide by this, never by text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// Another process holds the database for too long.
    Busy,
    /// No room left where the database lies.
    DiskFull,
    /// The file, its folder or the server takes no writes.
    ReadOnly,
    /// The file is damaged or is no database.
    Corrupt,
    /// The database was made by a newer release.
    BinaryTooOld,
    /// An applied migration differs from the one in this program.
    MigrationChanged,
    /// The database cannot be opened or reached.
    Unreachable,
    /// A unique key exists already.
    Unique,
    /// A row that is referred to is missing, or is still referred to.
    ForeignKey,
    /// A check or not-null rule of the schema was broken.
    Check,
    /// Two transactions got into each other's way more often than we retry.
    Conflict,
    /// The commit was sent and its answer is not known: read back before a repeat.
    OutcomeUnknown,
    /// The job took longer than a transaction may.
    Deadline,
    /// The job panicked; nothing of it was kept.
    Panicked,
    /// The database was closed.
    Closed,
    /// A column is missing or has another type than was asked for.
    Decode,
    /// The device failed to read or write.
    Device,
    /// Anything else the database said.
    Other,
}

/// A failed use of the database.
#[derive(Clone, Debug, Error)]
pub enum Error {
    /// See [`Code::Busy`].
    #[error(
        "the database is in use by another program and did not become free; close the other one or try again ({0})"
    )]
    Busy(String),
    /// See [`Code::DiskFull`].
    #[error("the disk is full; free some space and try again, nothing was changed ({0})")]
    DiskFull(String),
    /// See [`Code::ReadOnly`].
    #[error("the database cannot be written to; check the permissions of its folder ({0})")]
    ReadOnly(String),
    /// See [`Code::Corrupt`].
    #[error("the database file is damaged; restore the newest backup ({0})")]
    Corrupt(String),
    /// See [`Code::BinaryTooOld`].
    #[error(
        "this data was written by a newer release (it needs schema {needs}, this program knows {knows}); install the newer release"
    )]
    BinaryTooOld {
        /// Lowest schema number that a writer must know.
        needs: i64,
        /// Highest schema number that this program knows.
        knows: i64,
    },
    /// See [`Code::MigrationChanged`].
    #[error("migration {0} of this database differs from the one in this program")]
    MigrationChanged(i64),
    /// See [`Code::Unreachable`].
    #[error("the database cannot be reached ({0})")]
    Unreachable(String),
    /// A rule of the schema was broken.
    #[error("a rule of the schema was broken ({message})")]
    Constraint {
        /// [`Code::Unique`], [`Code::ForeignKey`] or [`Code::Check`].
        code: Code,
        /// What the database said.
        message: String,
    },
    /// See [`Code::Conflict`].
    #[error("other changes kept getting in the way; try again ({0})")]
    Conflict(String),
    /// See [`Code::OutcomeUnknown`].
    #[error("it is not known whether the change was stored ({0})")]
    OutcomeUnknown(String),
    /// See [`Code::Deadline`].
    #[error("the change took too long and was given up; nothing was kept")]
    Deadline,
    /// See [`Code::Panicked`].
    #[error("the change failed inside the program; nothing was kept ({0})")]
    Panicked(String),
    /// See [`Code::Closed`].
    #[error("the database is closed")]
    Closed,
    /// See [`Code::Decode`].
    #[error("a column could not be read ({0})")]
    Decode(String),
    /// See [`Code::Device`].
    #[error("the disk failed to read or write ({0})")]
    Device(String),
    /// See [`Code::Other`].
    #[error("the database refused ({0})")]
    Other(String),
}

impl Error {
    /// The closed code of this failure.
    pub fn code(&self) -> Code {
        match self {
            Error::Busy(_) => Code::Busy,
            Error::DiskFull(_) => Code::DiskFull,
            Error::ReadOnly(_) => Code::ReadOnly,
            Error::Corrupt(_) => Code::Corrupt,
            Error::BinaryTooOld { .. } => Code::BinaryTooOld,
            Error::MigrationChanged(_) => Code::MigrationChanged,
            Error::Unreachable(_) => Code::Unreachable,
            Error::Constraint { code, .. } => *code,
            Error::Conflict(_) => Code::Conflict,
            Error::OutcomeUnknown(_) => Code::OutcomeUnknown,
            Error::Deadline => Code::Deadline,
            Error::Panicked(_) => Code::Panicked,
            Error::Closed => Code::Closed,
            Error::Decode(_) => Code::Decode,
            Error::Device(_) => Code::Device,
            Error::Other(_) => Code::Other,
        }
    }

    /// Whether the same call may succeed later without anybody doing anything.
    pub fn is_passing(&self) -> bool {
        matches!(
            self.code(),
            Code::Busy | Code::Conflict | Code::Unreachable | Code::Deadline
        )
    }

    /// After these SQLite may have rolled back the whole transaction by itself, or cannot be
    /// trusted with the connection: the batch is given up and the connection thrown away.
    pub(crate) fn spoils_the_batch(&self) -> bool {
        matches!(
            self.code(),
            Code::DiskFull
                | Code::Device
                | Code::Busy
                | Code::Corrupt
                | Code::Deadline
                | Code::Panicked
                | Code::Closed
                | Code::ReadOnly
        )
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let text = error.to_string();
        match error {
            sqlx::Error::Database(e) => {
                if let Some(lite) = e.try_downcast_ref::<sqlx::sqlite::SqliteError>() {
                    return of_sqlite(lite, text);
                }
                of_postgres(&*e, text)
            }
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Configuration(_) => {
                Error::Unreachable(text)
            }
            sqlx::Error::PoolTimedOut => Error::Busy(text),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Error::Closed,
            sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::TypeNotFound { .. } => Error::Decode(text),
            _ => Error::Other(text),
        }
    }
}

fn of_sqlite(error: &sqlx::sqlite::SqliteError, text: String) -> Error {
    use sqlx::error::DatabaseError as _;
    let extended: i32 = error.code().and_then(|c| c.parse().ok()).unwrap_or(0);
    match extended & 0xff {
        5 | 6 => Error::Busy(text),
        // NOMEM and INTERRUPT end a transaction just as a failing device does.
        7 | 9 | 10 => Error::Device(text),
        8 => Error::ReadOnly(text),
        11 | 26 => Error::Corrupt(text),
        13 => Error::DiskFull(text),
        14 => Error::Unreachable(text),
        19 => Error::Constraint {
            code: constraint(error.kind()),
            message: text,
        },
        _ => Error::Other(text),
    }
}

fn of_postgres(error: &(dyn sqlx::error::DatabaseError + 'static), text: String) -> Error {
    let state = error.code().unwrap_or_default();
    match &*state {
        "40001" | "40P01" => Error::Conflict(text),
        "53100" => Error::DiskFull(text),
        "25006" => Error::ReadOnly(text),
        "55P03" | "53300" => Error::Busy(text),
        "XX001" | "XX002" => Error::Corrupt(text),
        s if s.starts_with("08") || s.starts_with("57P") => Error::Unreachable(text),
        s if s.starts_with("23") => Error::Constraint {
            code: constraint(error.kind()),
            message: text,
        },
        _ => Error::Other(text),
    }
}

fn constraint(kind: sqlx::error::ErrorKind) -> Code {
    match kind {
        sqlx::error::ErrorKind::UniqueViolation => Code::Unique,
        sqlx::error::ErrorKind::ForeignKeyViolation => Code::ForeignKey,
        _ => Code::Check,
    }
}
