//! Deliveries, and the one check that lets something out.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::approval::{ApprovedTime, RequestStatus, time_is_covered};
use crate::hash::Hash;
use crate::identity::IdentityStatus;
use crate::time::{Instant, MINUTE};

/// The life of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// Has a time, or goes as soon as approved.
    Planned,
    /// Its time has come; it waits for its turn, a retry, or the end of a pause.
    Due,
    /// An attempt is open.
    Sending,
    /// The network itself has it and keeps its time.
    HandedOff,
    /// Every segment is live.
    Published,
    /// The network said no.
    Failed,
    /// It cannot be known whether it is live; a person is asked.
    Unconfirmed,
    /// Its time passed without a send; a person is asked.
    Missed,
    /// Waits for somebody to mend the account, the limits or this computer.
    Held,
    /// A person took it back before it went out.
    Cancelled,
    /// Deleted by us, and read back as gone.
    Deleted,
    /// Found missing on the network.
    Gone,
}

impl DeliveryStatus {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Planned,
        Self::Due,
        Self::Sending,
        Self::HandedOff,
        Self::Published,
        Self::Failed,
        Self::Unconfirmed,
        Self::Missed,
        Self::Held,
        Self::Cancelled,
        Self::Deleted,
        Self::Gone,
    ];

    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Due => "due",
            Self::Sending => "sending",
            Self::HandedOff => "handed_off",
            Self::Published => "published",
            Self::Failed => "failed",
            Self::Unconfirmed => "unconfirmed",
            Self::Missed => "missed",
            Self::Held => "held",
            Self::Cancelled => "cancelled",
            Self::Deleted => "deleted",
            Self::Gone => "gone",
        }
    }

    /// Whether it may still go out from here without a person asking again.
    #[must_use]
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Planned | Self::Due | Self::Held)
    }

    /// Whether it is to go out later, from here or from the network.
    #[must_use]
    pub const fn is_ahead(self) -> bool {
        self.is_waiting() || matches!(self, Self::HandedOff)
    }

    /// Whether a run drives it: its end is not known yet.
    #[must_use]
    pub const fn is_driven(self) -> bool {
        self.is_ahead() || matches!(self, Self::Sending)
    }

    /// Whether a person can take it back before it is out. What the network keeps is asked back
    /// first.
    #[must_use]
    pub const fn can_cancel(self) -> bool {
        self.is_ahead() || matches!(self, Self::Missed | Self::Failed)
    }

    /// Whether its time or its version may still change. What the network keeps is asked back
    /// first.
    #[must_use]
    pub const fn can_move(self) -> bool {
        self.can_cancel()
    }
}

impl std::str::FromStr for DeliveryStatus {
    type Err = UnknownStatus;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|p| p.as_str() == s)
            .ok_or_else(|| UnknownStatus(s.to_owned()))
    }
}

/// What becomes of a delivery once the network has given it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Recall {
    /// It follows its plan again.
    Plan,
    /// It is cancelled.
    Cancel,
}

/// A stored status that this program does not know.
#[derive(Debug, thiserror::Error)]
#[error("unknown status “{0}”")]
pub struct UnknownStatus(pub String);

/// How late a delivery may go out on its own, in milliseconds (publishing.md: 30 min).
pub const DEFAULT_GRACE: i64 = 30 * MINUTE;

/// A request as far as sending cares.
#[derive(Clone, Copy, Debug)]
pub struct Granted {
    /// Its state now.
    pub status: RequestStatus,
    /// The version that people saw.
    pub n: u32,
    /// Its hash.
    pub hash: Hash,
    /// The delivery's time as people saw it.
    pub time: ApprovedTime,
    /// The chain's tolerance in milliseconds.
    pub tolerance_ms: i64,
}

/// All that decides whether a delivery may go out now; read in the transaction that journals the
/// attempt.
#[derive(Clone, Copy, Debug)]
pub struct SendFacts {
    /// The delivery's state.
    pub status: DeliveryStatus,
    /// The version that it would send.
    pub n: u32,
    /// Its hash.
    pub hash: Hash,
    /// The content's newest version.
    pub current_n: u32,
    /// When it should go; `None` means as soon as approved.
    pub planned: Option<Instant>,
    /// How late it may go on its own, in milliseconds.
    pub grace_ms: i64,
    /// Something of it is already live: the rest of a thread follows whatever the hour.
    pub started: bool,
    /// The newest request for the content.
    pub request: Option<Granted>,
    /// Sending is paused, for all or for the persona.
    pub paused: bool,
    /// This data folder may not send (restored or copied, and nobody said "this computer sends").
    pub folder_held: bool,
    /// The account.
    pub identity: IdentityStatus,
    /// The account is run by this machine, under the epoch that the sender holds.
    pub executor_here: bool,
    /// It would pass the account's budget of the month, and nobody let it.
    pub over_budget: bool,
    /// An attempt for the segment blocks (see [`crate::attempt::AttemptPhase::blocks`]).
    pub blocked: bool,
    /// Now.
    pub now: Instant,
}

/// What [`may_send`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendVerdict {
    /// Journal the attempt and go.
    Go,
    /// Not yet: ask again at this time, or when something changes.
    Wait(WaitReason, Option<Instant>),
    /// Somebody must mend something first.
    Hold(HoldReason),
    /// Its time has passed; a person decides.
    Missed(MissReason),
    /// It is not to go out (any more).
    Never(NeverReason),
}

/// Why a delivery waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// Before its time.
    NotDue,
    /// Not approved yet, and its time has not passed.
    NotApproved,
    /// Sending is paused.
    Paused,
}

/// Why a delivery is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HoldReason {
    /// The account needs a new sign-in or is disconnected.
    Account,
    /// The data folder was restored or copied.
    Folder,
    /// Another machine sends for the account.
    Executor,
    /// What would go out now differs from what was saved, because limits changed.
    Limits,
    /// A media file is missing or damaged.
    Media,
    /// It would pass what posts to the account may cost this month.
    Budget,
}

/// Why a delivery is missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MissReason {
    /// The computer was off, asleep or paused for longer than the grace.
    Late,
    /// It was not approved when its time came.
    NotApproved,
}

/// Why a delivery will not go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeverReason {
    /// It already has, or was taken back.
    Settled,
    /// A newer version exists.
    Outdated,
    /// What was approved is something else, or nothing.
    NotWhatWasApproved,
    /// An attempt might be live, or is.
    Blocked,
}

/// Whether a delivery may go out now. The only place that decides it.
#[must_use]
pub fn may_send(facts: &SendFacts) -> SendVerdict {
    use SendVerdict as V;
    if !facts.status.is_driven() {
        return V::Never(NeverReason::Settled);
    }
    if facts.blocked {
        return V::Never(NeverReason::Blocked);
    }
    let asked = facts.request.map(|r| (r.status, r.n, r.hash));
    let open = match asked_about(facts.n, facts.hash, facts.current_n, asked) {
        Err(never) => return V::Never(never),
        Ok(Asked::Granted) => false,
        Ok(Asked::Open) => true,
    };
    let due = facts.planned.is_none_or(|at| facts.now >= at);
    if open {
        return match facts.planned {
            Some(_) if due => V::Missed(MissReason::NotApproved),
            at => V::Wait(WaitReason::NotApproved, at),
        };
    }
    let Some(granted) = facts.request else {
        return V::Never(NeverReason::NotWhatWasApproved);
    };
    if !time_is_covered(granted.time, facts.planned, granted.tolerance_ms) {
        return V::Never(NeverReason::NotWhatWasApproved);
    }
    if !due {
        return V::Wait(WaitReason::NotDue, facts.planned);
    }
    let stands = in_the_way(
        facts.folder_held,
        facts.identity,
        facts.executor_here,
        facts.paused,
    );
    if let Some(verdict) = stands {
        return verdict;
    }
    if facts.over_budget && !facts.started {
        return V::Hold(HoldReason::Budget);
    }
    if facts.last_moment().is_some_and(|last| facts.now > last) {
        return V::Missed(MissReason::Late);
    }
    V::Go
}

/// Whether the network may be given a post to keep until its time, or go on keeping it: by the same
/// checks as [`may_send`], except that its time is still to come. Only for what is one post.
#[must_use]
pub fn may_hand_off(facts: &SendFacts) -> bool {
    let asked = facts.request.map(|r| (r.status, r.n, r.hash));
    let granted = matches!(
        asked_about(facts.n, facts.hash, facts.current_n, asked),
        Ok(Asked::Granted)
    );
    let covered = facts
        .request
        .is_some_and(|r| time_is_covered(r.time, facts.planned, r.tolerance_ms));
    let stands = in_the_way(
        facts.folder_held,
        facts.identity,
        facts.executor_here,
        facts.paused,
    );
    granted
        && covered
        && stands.is_none()
        && facts.planned.is_some()
        && !facts.started
        && !facts.over_budget
        && !facts.blocked
}

/// What the newest request says of a version.
pub(crate) enum Asked {
    /// It is approved now.
    Granted,
    /// People are still asked.
    Open,
}

/// Invariant 1, for sending and for editing alike: the version is the newest, and the newest
/// request (its state, version and hash) is about this very one.
pub(crate) fn asked_about(
    n: u32,
    hash: Hash,
    current_n: u32,
    request: Option<(RequestStatus, u32, Hash)>,
) -> Result<Asked, NeverReason> {
    if n != current_n {
        return Err(NeverReason::Outdated);
    }
    match request {
        Some((status, of, saw)) if of == n && saw == hash => match status {
            RequestStatus::Approved => Ok(Asked::Granted),
            RequestStatus::Open | RequestStatus::AwaitingMedia => Ok(Asked::Open),
            _ => Err(NeverReason::NotWhatWasApproved),
        },
        _ => Err(NeverReason::NotWhatWasApproved),
    }
}

/// What keeps everything on this machine, or for this account, from being written.
pub(crate) fn in_the_way(
    folder_held: bool,
    identity: IdentityStatus,
    executor_here: bool,
    paused: bool,
) -> Option<SendVerdict> {
    use SendVerdict as V;
    if folder_held {
        Some(V::Hold(HoldReason::Folder))
    } else if identity != IdentityStatus::Connected {
        Some(V::Hold(HoldReason::Account))
    } else if !executor_here {
        Some(V::Hold(HoldReason::Executor))
    } else {
        paused.then_some(V::Wait(WaitReason::Paused, None))
    }
}

impl SendFacts {
    /// Until when it may go out on its own; `None` while nothing is granted, and for the rest of a
    /// thread, which follows whatever the hour.
    #[must_use]
    pub fn last_moment(&self) -> Option<Instant> {
        let granted = self.request.filter(|_| !self.started)?;
        let from = self.planned.or(granted.time.granted)?;
        // Grace is set by who plans, tolerance by who approves: the first must not stretch the
        // second.
        let grace = self.grace_ms.min(granted.tolerance_ms.max(DEFAULT_GRACE));
        Some(from.plus(grace))
    }
}

#[cfg(test)]
mod tests;
