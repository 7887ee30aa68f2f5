//! The contract of an adapter.
//!
//! Everything that the rest of Rostrum knows about networks is in this module. Functions that
//! take text are pure and fast enough for every keystroke; functions that take an account reach
//! the network, never touch storage, and say precisely what became of a write.

mod descriptor;
mod outcome;
mod prepare;
mod send;

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::content::{Options, Quote};
use domain::cost::Cost;
use domain::edit::EditTrouble;
use domain::limits::{Count, ImageLimits, Limits};
use domain::version::{PreparedSegment, PreparedTarget};
use serde_json::Value;

pub use descriptor::{
    CALLBACK_PATH, Choices, ConnectKind, ConnectMethod, Descriptor, Features, Field, FieldKind,
};
pub use outcome::{
    Answer, Found, Metric, NetworkError, Outcome, Presence, Recalled, Remote, Said, SignInTrouble,
};
pub use prepare::{CardState, Missing, PrepareInput, Prepared, References};
pub use send::{
    Account, AccountFacts, AttemptKeys, Authorization, AuthorizeInput, Checked, ConnectInput,
    Connected, EditInput, FindInput, Grant, JournalInput, Lease, LiveLimit, MediaBytes,
    MediaMissing, Picture, SubmitInput, ThreadContext, Unleased,
};

/// The setting of an account by which a person switches on the reading of numbers that costs money.
pub const METRICS: &str = "metrics";

/// The setting of an account whose server was found not to keep the time of posts: it published one
/// at once. Absent for all others.
pub const KEEPS_TIME: &str = "keeps_time";

/// The setting of an account that says when its sign-in ends for good, whatever is renewed (RFC
/// 3339); absent where it does not, or where nobody knows.
pub const SIGN_IN_OVER: &str = "sign_in_over";

/// One network.
#[async_trait]
pub trait Adapter: Send + Sync {
    /// What the network is and can do.
    fn descriptor(&self) -> &Descriptor;

    /// The rule pack overlaid with what the account itself said. Without an account: the rule
    /// pack alone.
    fn limits(&self, account: Option<&AccountFacts>) -> Limits;

    /// How the picture of a link card must be fitted before it is frozen into a
    /// [`domain::version::Card`]; `None` where there are no cards.
    fn card_image(&self) -> Option<ImageLimits>;

    /// How long `text` is, as the network counts. The composer's counters, the check before
    /// sending and the thread splitter use this same function.
    fn count(&self, text: &str, limits: &Limits) -> Count;

    /// How much of `limits.text.max` the options take away from the text of every segment.
    fn reserved(&self, options: &Options) -> u32 {
        let _ = options;
        0
    }

    /// What in `text` must be resolved (mentions) or may be frozen (the page of a card) before a
    /// version can be saved.
    fn references(&self, text: &str) -> References;

    /// What goes out for a variant, how long each segment is, and what is wrong with it. Pure,
    /// and fast enough for every keystroke: at most 1 ms for 3,000 characters.
    fn prepare(&self, input: &PrepareInput<'_>) -> Prepared;

    /// What sending `target` costs by the network's published prices; `None` where it asks for no
    /// money, or nothing is sent. Every cost that people see or set a limit to comes from here.
    fn cost(&self, target: &PreparedTarget) -> Option<Cost> {
        let _ = target;
        None
    }

    /// Splits `text` into segments that fit, at paragraphs, else sentences, else words, else
    /// wherever a reader sees a character end. Returns the text as one segment where the network
    /// has no threads or where it fits.
    fn split(&self, text: &str, limits: &Limits) -> Vec<String> {
        if limits.max_segments < 2 {
            return vec![text.to_owned()];
        }
        crate::text::split::split(text, &|part| self.fits(part, limits))
    }

    /// Whether `text` fits into one segment.
    fn fits(&self, text: &str, limits: &Limits) -> bool {
        let count = self.count(text, limits);
        count.limit.is_none_or(|max| count.length <= max)
            && limits
                .text
                .max_bytes
                .is_none_or(|max| text.len() as u64 <= u64::from(max))
    }

    /// Begins a sign-in through the browser ([`ConnectKind::Browser`]): registers this program
    /// where the network wants that, and says which page to open. Writes nothing that a person
    /// would see.
    async fn authorize(&self, input: AuthorizeInput) -> Result<Authorization, NetworkError> {
        let _ = input;
        Err(NetworkError::Unsupported(
            "this network is not signed in to through the browser",
        ))
    }

    /// Signs in, or checks a folder. `Connected.secret` is to be stored before anything else.
    async fn connect(&self, input: ConnectInput) -> Result<Connected, NetworkError>;

    /// Whether the account still works, with its live limits as they are now.
    async fn check(&self, account: Account<'_>) -> Answer<Result<Checked, NetworkError>>;

    /// When the sign-in ends by itself unless it is renewed; `None` where it does not, or where
    /// nobody knows.
    fn expires(&self, secret: &crate::AccountSecret) -> Option<domain::Instant> {
        let _ = secret;
        None
    }

    /// The secret with a mark that a renewal begins at `now`: stored before [`Adapter::renew`] is
    /// called, so that after a crash it is known that the old sign-in may be used up. `None` where
    /// renewing uses nothing up, or the mark of an earlier one is still there.
    fn before_renewal(
        &self,
        secret: &crate::AccountSecret,
        now: domain::Instant,
    ) -> Option<crate::AccountSecret> {
        let _ = (secret, now);
        None
    }

    /// Renews the sign-in ahead of its end. Only called where [`Adapter::expires`] names one.
    async fn renew(
        &self,
        account: Account<'_>,
        now: domain::Instant,
    ) -> Answer<Result<(), NetworkError>> {
        let _ = (account, now);
        Answer::from(Err(NetworkError::Unsupported(
            "this network's sign-ins do not end by themselves",
        )))
    }

    /// Ends a sign-in at the network, so that nobody can use what was kept of it: for one that is
    /// not wanted after all. Does nothing where the network has no call for that.
    async fn give_back(&self, secret: &crate::AccountSecret) -> Result<(), NetworkError> {
        let _ = secret;
        Ok(())
    }

    /// Finds out the network's own ids of handles as written, without `@`. A handle that nobody
    /// has is `None`.
    async fn resolve(
        &self,
        account: Account<'_>,
        handles: &[String],
    ) -> Answer<Result<BTreeMap<String, Option<String>>, NetworkError>>;

    /// The post behind an address, for quoting it; `None` where there is none that the network can
    /// quote. Only asked where [`Choices::quote`] says so.
    async fn quoted(
        &self,
        account: Account<'_>,
        address: &str,
    ) -> Answer<Result<Option<Quote>, NetworkError>> {
        let _ = (account, address);
        Answer::from(Err(NetworkError::Unsupported(
            "this network's posts do not quote others",
        )))
    }

    /// Keys that the attempt is journaled with, before any socket opens, so that a repeat is the
    /// same write (Bluesky: the record key and the frozen `createdAt`; site: the entry's id).
    fn journal_keys(&self, input: &JournalInput<'_>) -> Value;

    /// Sends one segment.
    ///
    /// With [`domain::attempt::Idempotency::Natural`], calling it again with the same
    /// [`AttemptKeys`] is the same write and ends in the same [`Remote`].
    async fn submit(&self, input: SubmitInput<'_>) -> Answer<Outcome>;

    /// For how long after its first try a write may be sent again under the same keys, with
    /// [`domain::attempt::Idempotency::Key`]. `None` where this account's server is not known to
    /// honour them.
    fn repeats_within(&self, account: &AccountFacts) -> Option<std::time::Duration> {
        let _ = account;
        None
    }

    /// Asks what became of [`Outcome::Pending`].
    async fn poll(&self, account: Account<'_>, handle: &Value) -> Answer<Outcome> {
        let _ = (account, handle);
        Answer::from(Outcome::Ambiguous {
            why: "this network never answers “pending”".to_owned(),
        })
    }

    /// How far ahead of its time a post must be given to the network for it to keep that time
    /// (hand-off); `None` where this account's server does not.
    fn keeps_time(&self, account: &AccountFacts) -> Option<std::time::Duration> {
        let _ = account;
        None
    }

    /// Asks the network to give back what it keeps for its time (the handle of
    /// [`Outcome::Pending`]), and reads back that it is gone. The same again is the same.
    async fn recall(
        &self,
        account: Account<'_>,
        handle: &Value,
    ) -> Answer<Result<Recalled, NetworkError>> {
        let _ = (account, handle);
        Answer::from(Err(NetworkError::Unsupported(
            "this network keeps no post for its time",
        )))
    }

    /// Whether posts of this account can be edited in place.
    fn edits(&self, account: &AccountFacts) -> bool {
        let _ = account;
        self.descriptor().features.edit
    }

    /// What of `after` the network would not let an edit change, or would change with damage.
    /// Only asked where [`Adapter::edits`]. That parts neither come nor go is asked elsewhere.
    fn edit_trouble(&self, before: &PreparedTarget, after: &PreparedTarget) -> Option<EditTrouble> {
        let _ = (before, after);
        None
    }

    /// Puts one segment in the place of `remote`. The same again is the same write.
    async fn edit(&self, input: EditInput<'_>) -> Answer<Outcome> {
        let _ = input;
        Answer::from(Outcome::Rejected {
            code: "not_supported",
            words: "Posts on this network cannot be edited.".to_owned(),
        })
    }

    /// Whether the place of an edit says by now what it shall say.
    async fn says(&self, input: EditInput<'_>) -> Answer<Result<Said, NetworkError>> {
        let _ = input;
        Answer::from(Err(NetworkError::Unsupported(
            "posts on this network cannot be edited",
        )))
    }

    /// Looks for what an attempt may have written.
    async fn find(&self, input: FindInput<'_>) -> Answer<Result<Found, NetworkError>>;

    /// Whether `remote` is still there.
    async fn look(
        &self,
        account: Account<'_>,
        remote: &Remote,
    ) -> Answer<Result<Presence, NetworkError>>;

    /// Deletes `remote` and reads back whether it is gone. Deleting what is not there is fine.
    async fn delete(
        &self,
        account: Account<'_>,
        remote: &Remote,
    ) -> Answer<Result<Presence, NetworkError>>;

    /// Whether numbers of this account may be read without being asked for. Where reading costs
    /// money it is off until a person switches it on.
    fn measures(&self, account: &AccountFacts) -> bool {
        let on = account.settings.get(METRICS).is_some_and(|m| m == "on");
        on || self.descriptor().features.metrics_cost.is_none()
    }

    /// Numbers as the network gives them now. What it does not give is absent, not zero.
    async fn metrics(
        &self,
        account: Account<'_>,
        remotes: &[Remote],
        now: domain::Instant,
    ) -> Answer<Result<Vec<Metric>, NetworkError>>;
}

/// The fingerprint of a segment for finding it again (publishing.md): normalised text, number and
/// kinds of pictures.
#[must_use]
pub fn fingerprint(segment: &PreparedSegment) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let text: String = segment.text.nfc().collect();
    let mut folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for media in &segment.media {
        folded.push('\u{1f}');
        folded.push_str(media.rendition.mime.split('/').next().unwrap_or_default());
    }
    folded
}

/// The bytes of a rendition, made sure to be the ones that were approved.
pub(crate) async fn checked_bytes(
    media: &dyn MediaBytes,
    hash: domain::Hash,
) -> Result<Vec<u8>, MediaMissing> {
    let bytes = media.bytes(hash).await?;
    if domain::Hash::of(&bytes) == hash {
        Ok(bytes)
    } else {
        Err(MediaMissing {
            hash,
            why: "its bytes have changed".to_owned(),
        })
    }
}
