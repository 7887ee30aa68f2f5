//! What became of a call.

use std::time::Duration;

use domain::Instant;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::secret::AccountSecret;

/// The value of a call, and the account's new secret where the call refreshed it.
#[derive(Clone, Debug)]
#[must_use = "a refreshed secret must be stored, or the account is lost"]
pub struct Answer<T> {
    /// The value.
    pub value: T,
    /// Store it, whatever the value says.
    pub refreshed: Option<AccountSecret>,
}

impl<T> From<T> for Answer<T> {
    fn from(value: T) -> Self {
        Self {
            value,
            refreshed: None,
        }
    }
}

/// A post as the network knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remote {
    /// The network's own id (Bluesky: the `at://` URI; site: the entry's id).
    pub id: String,
    /// Where people see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What the adapter needs later (Bluesky: the `cid` for replies).
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub extra: Value,
}

/// What became of a write. Nothing else may be concluded from an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is live.
    Confirmed(Remote),
    /// The network took it and works on it, or keeps it for its time: ask [`super::Adapter::poll`]
    /// with this.
    Pending(Value),
    /// The network said no, and means it.
    Rejected {
        /// Closed, for the UI: see [`NetworkError::code`] and the adapter's docs.
        code: &'static str,
        /// In the network's own words.
        words: String,
    },
    /// The network said later. Nothing was written.
    Throttled {
        /// How long, where it said so.
        retry_after: Option<Duration>,
    },
    /// Nothing was written; trying again is safe.
    NotSent {
        /// In words.
        why: String,
    },
    /// The account must be connected again. Nothing was written.
    NeedsReconnect {
        /// In the network's own words.
        words: String,
    },
    /// It may or may not be live: reconcile, never resend blindly.
    Ambiguous {
        /// In words.
        why: String,
    },
}

/// What [`super::Adapter::find`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Exactly one.
    One(Remote),
    /// None.
    None,
    /// Several that could be it.
    Several(usize),
    /// The network keeps it for its time: as [`Outcome::Pending`].
    Kept(Value),
}

/// What became of what the network kept for its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recalled {
    /// It is given back: read back as gone.
    GivenBack,
    /// It was not there any more: gone out, or given back before.
    NotThere,
}

/// Whether a post is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    There(Remote),
    /// It is not, by the network's own word.
    Gone,
}

/// What the place of an edit says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// What it shall say.
    This(Remote),
    /// Something else.
    Other,
    /// Nothing: it is gone, by the network's own word.
    Gone,
}

/// One number of a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metric {
    /// The post's [`Remote::id`].
    pub remote: String,
    /// Such as `likes`, `reposts`, `replies`, `quotes`.
    pub name: String,
    /// The number.
    pub value: u64,
    /// When it was read.
    pub as_of: Instant,
}

/// What can be wrong with a sign-in through the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInTrouble {
    /// The code was used before, or is too old.
    CodeExpired,
    /// The clock of this computer and the network's are too far apart.
    ClockWrong,
    /// The network does not know this application, its secret, or its address to come back to.
    WrongApp,
    /// The person or the application did not allow what is needed.
    MissingScope,
    /// The application's plan or credits do not allow it.
    NoCredits,
}

impl SignInTrouble {
    /// A closed code for the UI's words.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::CodeExpired => "code_expired",
            Self::ClockWrong => "clock_wrong",
            Self::WrongApp => "wrong_app",
            Self::MissingScope => "missing_scope",
            Self::NoCredits => "no_credits",
        }
    }
}

/// Why a call that writes nothing (or may be repeated) did not work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// A field of the guided sheet is wrong.
    #[error("{words}")]
    Field {
        /// Which field.
        field: &'static str,
        /// What is wrong with it, such as `not_an_address`, `not_a_folder`, `empty`.
        code: &'static str,
        /// In words.
        words: String,
    },
    /// No answer: offline, a wrong address, or down.
    #[error("no answer from {host}: {why}")]
    Unreachable {
        /// Who.
        host: String,
        /// In words.
        why: String,
    },
    /// Later.
    #[error("the network asks to wait")]
    Throttled {
        /// How long, where it said so.
        retry_after: Option<Duration>,
    },
    /// The account must be connected again.
    #[error("{words}")]
    NeedsReconnect {
        /// In the network's own words.
        words: String,
    },
    /// Signing in through the browser did not end well.
    #[error("{words}")]
    SignIn {
        /// What went wrong.
        trouble: SignInTrouble,
        /// In words.
        words: String,
    },
    /// The network said no.
    #[error("{words}")]
    Refused {
        /// Its own name for the reason.
        code: String,
        /// In its own words.
        words: String,
    },
    /// The answer is not what the network documents.
    #[error("the answer cannot be understood: {0}")]
    Unreadable(String),
    /// The adapter does not do this.
    #[error("{0}")]
    Unsupported(&'static str),
}

impl NetworkError {
    /// A closed code for the UI's words.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Field { code, .. } => code,
            Self::Unreachable { .. } => "network_unreachable",
            Self::Throttled { .. } => "network_throttled",
            Self::NeedsReconnect { .. } => "needs_reconnect",
            Self::SignIn { trouble, .. } => trouble.code(),
            Self::Refused { .. } => "network_refused",
            Self::Unreadable(_) => "network_unreadable",
            Self::Unsupported(_) => "not_supported",
        }
    }

    /// Whether trying again later may help.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::Throttled { .. } | Self::Unreadable(_)
        )
    }
}
