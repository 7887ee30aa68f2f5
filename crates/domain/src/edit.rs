//! Edits: an approved newer version in the place of what a delivery has live.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::approval::RequestStatus;
use crate::delivery::{
    Asked, DeliveryStatus, NeverReason, SendVerdict, WaitReason, asked_about, in_the_way,
};
use crate::hash::Hash;
use crate::identity::IdentityStatus;
use crate::version::PreparedTarget;

/// The life of an edit. The delivery stays published meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EditStatus {
    /// Waits for its approval, its turn, its next try, or the end of a pause.
    Waiting,
    /// An attempt is open.
    Sending,
    /// Waits for somebody to mend the account or this computer.
    Held,
    /// What is live says it now.
    Done,
    /// The network said no, or it cannot be known what it did; a person may ask again.
    Failed,
    /// Taken back, or something newer has taken its place.
    Cancelled,
}

impl EditStatus {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Sending,
        Self::Held,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
    ];

    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Held => "held",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether something may still come of it without a person asking again.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Sending | Self::Held)
    }
}

/// All that decides whether an edit may be written now; read in the transaction that journals the
/// attempt.
#[derive(Clone, Copy, Debug)]
pub struct EditFacts {
    /// The edit's state.
    pub status: EditStatus,
    /// The delivery's state.
    pub delivery: DeliveryStatus,
    /// The version that it puts there.
    pub n: u32,
    /// Its hash.
    pub hash: Hash,
    /// The content's newest version.
    pub current_n: u32,
    /// The newest request for the content: its state, version and hash.
    pub request: Option<(RequestStatus, u32, Hash)>,
    /// Sending is paused, for all or for the persona.
    pub paused: bool,
    /// This data folder may not send.
    pub folder_held: bool,
    /// The account.
    pub identity: IdentityStatus,
    /// The account is run by this machine.
    pub executor_here: bool,
    /// Another edit of this delivery may still be written.
    pub blocked: bool,
}

/// Whether an edit may be written now. The only place that decides it, by the same checks as
/// [`crate::delivery::may_send`]. An edit has no time: it goes as soon as it is approved and asked
/// for, so that it never is [`SendVerdict::Missed`].
#[must_use]
pub fn may_edit(facts: &EditFacts) -> SendVerdict {
    use SendVerdict as V;
    if !facts.status.is_open() || facts.delivery != DeliveryStatus::Published {
        return V::Never(NeverReason::Settled);
    }
    if facts.blocked {
        return V::Never(NeverReason::Blocked);
    }
    match asked_about(facts.n, facts.hash, facts.current_n, facts.request) {
        Err(never) => return V::Never(never),
        Ok(Asked::Open) => return V::Wait(WaitReason::NotApproved, None),
        Ok(Asked::Granted) => {}
    }
    in_the_way(
        facts.folder_held,
        facts.identity,
        facts.executor_here,
        facts.paused,
    )
    .unwrap_or(V::Go)
}

/// Why what is live cannot become a newer version by an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EditTrouble {
    /// The thread has more or fewer parts than what is live.
    Parts,
    /// One of both has a poll: its votes or its end would change.
    Poll,
    /// Who may read it would change.
    Visibility,
    /// Who may quote or reply would change.
    Replies,
    /// The network's own name of a part is not known: a person said that it is live.
    NoName,
    /// A part of it is gone from the network.
    Gone,
}

impl EditTrouble {
    /// Its name in the catalog.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Parts => "parts",
            Self::Poll => "poll",
            Self::Visibility => "visibility",
            Self::Replies => "replies",
            Self::NoName => "no_name",
            Self::Gone => "gone",
        }
    }

    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Parts => "The thread has another number of parts than what is out.",
            Self::Poll => "A post with a poll cannot be updated: votes would be lost.",
            Self::Visibility => "Who may read it cannot be changed once it is out.",
            Self::Replies => "Who may reply or quote cannot be changed by an update.",
            Self::NoName => "The network's own name of the post is not known.",
            Self::Gone => "A part of it is not on the network any more.",
        }
    }
}

/// What holds for every network: parts are replaced one by one, and none is added or taken away.
#[must_use]
pub fn parts_differ(before: &PreparedTarget, after: &PreparedTarget) -> Option<EditTrouble> {
    (before.segments.len() != after.segments.len()).then_some(EditTrouble::Parts)
}

/// Whether a part would be the same afterwards.
#[must_use]
pub fn says_the_same(before: &PreparedTarget, after: &PreparedTarget, segment: u32) -> bool {
    let at = segment as usize;
    before.segments.get(at) == after.segments.get(at)
        && before.options == after.options
        && before.languages == after.languages
        && before.title == after.title
}

#[cfg(test)]
mod tests;
