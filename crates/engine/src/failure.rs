//! How a step or a run fails.

use std::time::Duration;

use thiserror::Error;

/// Whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// No: the failure is the step's outcome.
    Never,
    /// Yes, after the policy's backoff.
    Backoff,
    /// Yes, and not before this time has passed.
    After(Duration),
}

/// A failed step or run. `code` is closed per workflow and safe to match on; `message` is for a
/// person, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{code}: {message}")]
pub struct Failure {
    /// What happened, `snake_case`.
    pub code: String,
    /// The same for a person.
    pub message: String,
    /// Whether trying again can help.
    pub retry: Retry,
}

impl Failure {
    /// Trying again may help.
    pub fn retryable(code: impl Into<String>, message: impl Into<String>) -> Self {
        Failure {
            code: code.into(),
            message: message.into(),
            retry: Retry::Backoff,
        }
    }

    /// Trying again may help, but not before `after`.
    pub fn retry_after(
        after: Duration,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Failure {
            code: code.into(),
            message: message.into(),
            retry: Retry::After(after),
        }
    }

    /// Trying again cannot help.
    pub fn fatal(code: impl Into<String>, message: impl Into<String>) -> Self {
        Failure {
            code: code.into(),
            message: message.into(),
            retry: Retry::Never,
        }
    }

    pub(crate) fn budget(message: String) -> Self {
        Failure::fatal("budget_exceeded", message)
    }
}

impl From<db::Error> for Failure {
    fn from(error: db::Error) -> Self {
        let passing = error.is_passing()
            || matches!(
                error.code(),
                db::Code::DiskFull | db::Code::Device | db::Code::ReadOnly
            );
        if passing {
            Failure::retryable("database", error.to_string())
        } else {
            Failure::fatal("database", error.to_string())
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Failure::fatal("shape", error.to_string())
    }
}
