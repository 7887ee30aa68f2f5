//! Why something could not be done, in a closed set of codes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $text:literal $retryable:literal),+ $(,)?) => {
        /// What kind of problem. The words for people come from the catalog under `problem.<code>`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
        #[serde(rename_all = "snake_case")]
        pub enum Code { $($(#[$doc])* $name),+ }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// As written in JSON and catalogs.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// Whether the same call may succeed later without a change.
            #[must_use]
            pub const fn retryable(self) -> bool {
                match self { $(Self::$name => $retryable),+ }
            }
        }
    };
}

codes! {
    /// The call's words are off.
    InvalidInput "invalid_input" false,
    /// No such thing (any more).
    NotFound "not_found" false,
    /// The person's role does not allow it.
    Forbidden "forbidden" false,
    /// Whoever used this computer has left: somebody must say who is here.
    NobodyHere "nobody_here" false,
    /// It belongs to the computer of the server, or to one's own.
    NotHere "not_here" false,
    /// The person does not belong to the organization of the server (any more).
    NoMember "no_member" false,
    /// This computer does not have that organization (any more).
    NotJoined "not_joined" false,
    /// There is no organization server of ours at this address.
    NotAServer "not_a_server" false,
    /// Nobody is signed in, or not any more.
    SignedOut "signed_out" false,
    /// Name and password are right; the code of the second factor is needed too.
    SecondFactor "second_factor" false,
    /// Too many tries: wait.
    TooOften "too_often" true,
    /// What was sent did not come in time.
    TooSlow "too_slow" true,
    /// It changed meanwhile: look again.
    Conflict "conflict" false,
    /// It can only be done where the organization's server is reached.
    NeedsServer "needs_server" false,
    /// The same mutation id was used for something else.
    IdReused "id_reused" false,
    /// What would go out has errors; `fields` name them.
    HasErrors "has_errors" false,
    /// It has no version yet, or not the one that was named.
    StaleVersion "stale_version" false,
    /// There is nothing to send: no text and no picture.
    EmptyContent "empty_content" false,
    /// It is still the outline that it began with.
    OutlineUnedited "outline_unedited" false,
    /// No account was chosen.
    NoTargets "no_targets" false,
    /// The state of the content or delivery does not allow it.
    WrongState "wrong_state" false,
    /// An attempt is open: it may already be live.
    AttemptOpen "attempt_open" true,
    /// It is live already.
    AlreadySent "already_sent" false,
    /// The person has no seat in the stage that is asked.
    NoSeat "no_seat" false,
    /// Authors may not decide on their own work in this chain.
    OwnWork "own_work" false,
    /// The person has already decided here.
    AlreadyDecided "already_decided" false,
    /// The request is not open.
    RequestClosed "request_closed" false,
    /// The chain is not sound; the message says how to mend it.
    BadChain "bad_chain" false,
    /// The last owner cannot leave or step down.
    LastOwner "last_owner" false,
    /// The time is in the past.
    TimeInPast "time_in_past" false,
    /// There is no such network.
    UnknownNetwork "unknown_network" false,
    /// The network's address did not answer.
    Unreachable "unreachable" true,
    /// The network refused; `message` quotes it.
    Refused "refused" false,
    /// The network wants a pause.
    Throttled "throttled" true,
    /// Name or password are wrong.
    WrongCredentials "wrong_credentials" false,
    /// The person or the network said no in the browser.
    SignInDenied "sign_in_denied" false,
    /// Nobody came back from the browser in time.
    SignInTimeout "sign_in_timeout" true,
    /// The port to which the browser must come back is another program's.
    PortTaken "port_taken" true,
    /// What the browser brought was used before or is too old.
    CodeExpired "code_expired" true,
    /// The clocks of this computer and the network are too far apart.
    ClockWrong "clock_wrong" false,
    /// The network does not know the application that was named.
    WrongApp "wrong_app" false,
    /// The application or the person did not allow what is needed.
    MissingScope "missing_scope" false,
    /// The application's plan or credits do not allow it.
    NoCredits "no_credits" false,
    /// The account needs a new sign-in.
    NeedsReconnect "needs_reconnect" false,
    /// The folder cannot be used for a site.
    BadFolder "bad_folder" false,
    /// This kind of file is not supported; the message says the way out.
    MediaUnsupported "media_unsupported" false,
    /// The file is damaged.
    MediaCorrupt "media_corrupt" false,
    /// The file is too large.
    MediaTooLarge "media_too_large" false,
    /// A media file is missing or does not match its hash.
    MediaMissing "media_missing" false,
    /// The page could not be read.
    BadPage "bad_page" true,
    /// No keychain and no vault could keep the secret.
    NoSecretStore "no_secret_store" false,
    /// The secret of the account is gone.
    SecretMissing "secret_missing" false,
    /// No language model is set up.
    NoModel "no_model" false,
    /// The persona has used its tokens of this month.
    TokensSpent "tokens_spent" false,
    /// The disk is full.
    DiskFull "disk_full" true,
    /// The folder cannot be written.
    ReadOnly "read_only" false,
    /// The database is damaged; the message names the newest good backup.
    DatabaseCorrupt "database_corrupt" false,
    /// The history was changed, or is not the one that this computer saw last.
    AuditBroken "audit_broken" false,
    /// The data was written by a newer Rostrum.
    BinaryTooOld "binary_too_old" false,
    /// Another process is using the database for too long.
    Busy "busy" true,
    /// Another process runs this data folder.
    FolderInUse "folder_in_use" true,
    /// The data folder was restored or copied: say which computer sends.
    FolderHeld "folder_held" false,
    /// This is no data folder; `init` makes one.
    NotADataFolder "not_a_data_folder" false,
    /// The file is no backup, or it is damaged.
    BadBackup "bad_backup" false,
    /// A person cancelled it.
    Cancelled "cancelled" false,
    /// It is more than can be sent at once.
    TooLarge "too_large" false,
    /// What the organization's server sends makes no sense.
    BadServer "bad_server" false,
    /// It may or may not have been saved: look again before repeating.
    OutcomeUnknown "outcome_unknown" true,
    /// Something that nobody foresaw; the trace id finds it in the log.
    Internal "internal" true,
}

/// RFC 9457's shape, without its addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// What kind.
    pub code: Code,
    /// What happened and what to do, in plain English; never a secret, never a text of a person.
    pub message: String,
    /// Problems of single fields, by their path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(as = "Option<BTreeMap<String, String>>", optional)]
    pub fields: BTreeMap<String, String>,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// Finds the cause in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub trace_id: Option<String>,
}

impl Problem {
    /// A problem with these words.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            fields: BTreeMap::new(),
            retryable: code.retryable(),
            trace_id: None,
        }
    }

    /// Adds what is wrong with one field.
    #[must_use]
    pub fn with_field(mut self, path: impl Into<String>, what: impl Into<String>) -> Self {
        self.fields.insert(path.into(), what.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_written_the_same_everywhere() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
