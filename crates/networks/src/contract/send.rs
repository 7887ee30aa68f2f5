//! What the calls that reach a network take and give.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use domain::ids::{AttemptId, DeliveryId};
use domain::version::{PreparedSegment, PreparedTarget};
use domain::{Hash, Instant};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Remote;
use crate::secret::{AccountSecret, Secret};

/// What is stored of an account beside its secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountFacts {
    /// The network's own id, which never changes (Bluesky: the DID).
    pub remote_id: String,
    /// As people write it, without `@`.
    pub handle: String,
    /// Adapter's own, not secret (Bluesky: `service`; site: `folder`, `title`).
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Limits that the account itself said.
    #[serde(default)]
    pub live: Vec<LiveLimit>,
}

pub use domain::limits::LiveLimit;

/// An account to act for.
#[derive(Clone, Copy, Debug)]
pub struct Account<'a> {
    /// What is stored of it.
    pub facts: &'a AccountFacts,
    /// Its secret; `None` where the network needs none (site).
    pub secret: Option<&'a AccountSecret>,
}

/// What a person gave in the guided sheet.
#[derive(Clone, Debug)]
pub struct ConnectInput {
    /// Which [`super::ConnectMethod`].
    pub method: String,
    /// Fields of kind text, url and folder.
    pub fields: BTreeMap<String, String>,
    /// Fields of kind secret.
    pub secrets: BTreeMap<String, Secret<String>>,
    /// What the browser came back with, for [`super::ConnectKind::Browser`].
    pub grant: Option<Grant>,
    /// Now.
    pub now: Instant,
}

/// What [`super::Adapter::authorize`] begins with.
#[derive(Clone, Debug)]
pub struct AuthorizeInput {
    /// Which [`super::ConnectMethod`].
    pub method: String,
    /// Fields of kind text, url and folder.
    pub fields: BTreeMap<String, String>,
    /// Fields of kind secret.
    pub secrets: BTreeMap<String, Secret<String>>,
    /// Where the browser shall come back to.
    pub redirect_uri: String,
    /// Now.
    pub now: Instant,
}

/// A sign-in that a person has yet to agree to.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// The page to open in the browser.
    pub url: String,
    /// What the answer must name, or it belongs to somebody else's sign-in.
    pub state: Secret<String>,
    /// The adapter's own (PKCE verifier, registration), in a form that only the adapter reads.
    /// Kept in memory only, and handed back in the [`Grant`].
    pub pending: Secret<String>,
}

/// What the browser came back with.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The authorization code.
    pub code: Secret<String>,
    /// Who says to have given it (RFC 9207), where the answer named one.
    pub issuer: Option<String>,
    /// As in [`AuthorizeInput`].
    pub redirect_uri: String,
    /// As in [`Authorization`].
    pub pending: Secret<String>,
}

/// A small picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its type.
    pub mime: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({}, {} bytes)", self.mime, self.bytes.len())
    }
}

/// A connected account.
#[derive(Clone, Debug)]
pub struct Connected {
    /// To store in the identity's row.
    pub facts: AccountFacts,
    /// As people read it; may be empty.
    pub name: String,
    /// Its picture, where it was easy to have.
    pub avatar: Option<Picture>,
    /// To store in the keychain or the vault; `None` where there is none.
    pub secret: Option<AccountSecret>,
}

/// What a health check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// To store in the identity's row: handle and live limits as they are now.
    pub facts: AccountFacts,
    /// As people read it; `None` when not asked.
    pub name: Option<String>,
}

/// What [`super::Adapter::journal_keys`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct JournalInput<'a> {
    /// The attempt to be journaled.
    pub attempt: AttemptId,
    /// Its delivery.
    pub delivery: DeliveryId,
    /// Which segment, counted from 0.
    pub segment: u32,
    /// Now.
    pub now: Instant,
    /// Keys of an earlier attempt for the same segment of the same delivery, when there is one.
    /// An adapter of class A keeps them, so that even an attempt that was written off and turns
    /// out to be live is not doubled.
    pub earlier: Option<&'a Value>,
}

/// The journaled attempt, as far as the network needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptKeys {
    /// The attempt.
    pub attempt: AttemptId,
    /// Its delivery.
    pub delivery: DeliveryId,
    /// Which segment, counted from 0.
    pub segment: u32,
    /// For networks of class B: unique to the attempt.
    pub idempotency_key: String,
    /// What [`super::Adapter::journal_keys`] gave.
    pub keys: Value,
    /// When the attempt was journaled.
    pub started_at: Instant,
    /// For when the network shall keep it; absent for what goes out at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_for: Option<Instant>,
}

/// What the first and the previous segment of a thread became.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadContext {
    /// The first segment; `None` for the first itself.
    pub root: Option<Remote>,
    /// The segment before.
    pub parent: Option<Remote>,
}

/// What [`super::Adapter::submit`] sends.
#[derive(Clone, Copy)]
pub struct SubmitInput<'a> {
    /// For whom.
    pub account: Account<'a>,
    /// The journaled attempt.
    pub attempt: &'a AttemptKeys,
    /// The whole target as approved: title, languages.
    pub target: &'a PreparedTarget,
    /// Earlier segments.
    pub thread: &'a ThreadContext,
    /// Where the bytes of renditions come from.
    pub media: &'a dyn MediaBytes,
    /// How long the attempt may still write.
    pub lease: &'a dyn Lease,
}

impl<'a> SubmitInput<'a> {
    /// The segment to send.
    #[must_use]
    pub fn segment(&self) -> Option<&'a PreparedSegment> {
        self.target.segments.get(self.attempt.segment as usize)
    }
}

/// What [`super::Adapter::edit`] puts where.
#[derive(Clone, Copy)]
pub struct EditInput<'a> {
    /// For whom.
    pub account: Account<'a>,
    /// The journaled attempt.
    pub attempt: &'a AttemptKeys,
    /// What is live.
    pub remote: &'a Remote,
    /// The whole target as it is live.
    pub before: &'a PreparedTarget,
    /// The whole target as approved.
    pub target: &'a PreparedTarget,
    /// Where the bytes of renditions come from.
    pub media: &'a dyn MediaBytes,
    /// How long the attempt may still write.
    pub lease: &'a dyn Lease,
}

impl<'a> EditInput<'a> {
    /// The segment as it shall be.
    #[must_use]
    pub fn segment(&self) -> Option<&'a PreparedSegment> {
        self.target.segments.get(self.attempt.segment as usize)
    }

    /// The segment as it is live.
    #[must_use]
    pub fn live(&self) -> Option<&'a PreparedSegment> {
        self.before.segments.get(self.attempt.segment as usize)
    }
}

/// What [`super::Adapter::find`] looks for.
#[derive(Clone, Copy)]
pub struct FindInput<'a> {
    /// For whom.
    pub account: Account<'a>,
    /// The journaled attempt.
    pub attempt: &'a AttemptKeys,
    /// The whole target as approved.
    pub target: &'a PreparedTarget,
    /// Earlier segments.
    pub thread: &'a ThreadContext,
    /// Nothing older counts.
    pub since: Instant,
}

/// Where bytes of renditions come from.
#[async_trait]
pub trait MediaBytes: Send + Sync {
    /// The file whose BLAKE3 hash is `hash`.
    async fn bytes(&self, hash: Hash) -> Result<Vec<u8>, MediaMissing>;
}

/// A media file is missing or damaged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the media file {} is missing or damaged: {why}", hash.short())]
pub struct MediaMissing {
    /// Which.
    pub hash: Hash,
    /// In words.
    pub why: String,
}

/// How long an attempt may still write, on a clock that counts while the machine sleeps
/// (rules.md 5). Asked just before the first byte of a write, and taken as its deadline.
pub trait Lease: Send + Sync {
    /// What is left; zero means that the lease has ended and nothing may be written.
    fn left(&self) -> Duration;
}

/// A lease that does not end, for tools and tests that journal nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unleased;

impl Lease for Unleased {
    fn left(&self) -> Duration {
        Duration::from_secs(120)
    }
}
