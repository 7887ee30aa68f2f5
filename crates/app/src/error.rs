//! Why a use case could not be done.

use protocol::{Code, Problem};

/// Either a problem that a person can mend, or something below that failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// A person reads this.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// The database says no.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// A row cannot be read or written.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<crate::calls::NoAnswer> for Error {
    fn from(why: crate::calls::NoAnswer) -> Self {
        match why {
            crate::calls::NoAnswer::NoSecret(words) => Self::refused(Code::NoSecretStore, words),
            broken @ crate::calls::NoAnswer::Broken => Self::Problem(internal(&broken)),
        }
    }
}

impl Error {
    /// A problem with these words.
    #[must_use]
    pub fn refused(code: Code, message: impl Into<String>) -> Self {
        Self::Problem(Problem::new(code, message))
    }

    /// Something that is not (any more).
    #[must_use]
    pub fn missing(what: &str) -> Self {
        Self::refused(
            Code::NotFound,
            format!("This {what} does not exist (any more). Look again."),
        )
    }

    /// What a person reads. Unknown causes are logged under the trace id.
    #[must_use]
    pub fn into_problem(self) -> Problem {
        match self {
            Self::Problem(problem) => problem,
            Self::Db(error) | Self::Store(store::Error::Db(error)) => of_database(&error),
            Self::Store(error @ store::Error::Unreadable { .. }) => internal(&error),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        error.into_problem()
    }
}

/// A problem that nobody foresaw: its cause goes to the log, its trace id to the person.
#[must_use]
pub fn internal(cause: &dyn std::fmt::Display) -> Problem {
    let trace = uuid::Uuid::new_v4().simple().to_string();
    let trace = trace[..12].to_owned();
    tracing::error!(trace_id = %trace, %cause, "unforeseen");
    let mut problem = Problem::new(
        Code::Internal,
        format!(
            "Something unforeseen went wrong. Nothing was changed. The log has it under {trace}."
        ),
    );
    problem.trace_id = Some(trace);
    problem
}

/// What a database error means for a person.
#[must_use]
pub fn of_database(error: &db::Error) -> Problem {
    let code = match error.code() {
        db::Code::DiskFull => Code::DiskFull,
        db::Code::ReadOnly => Code::ReadOnly,
        db::Code::Corrupt => Code::DatabaseCorrupt,
        db::Code::BinaryTooOld => Code::BinaryTooOld,
        db::Code::Busy => Code::Busy,
        db::Code::Unreachable => {
            tracing::warn!(%error, "the database is not reached");
            Code::Unreachable
        }
        db::Code::OutcomeUnknown => Code::OutcomeUnknown,
        _ => return internal(error),
    };
    Problem::new(code, error.to_string())
}
