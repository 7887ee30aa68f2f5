//! Attempts: the journal of what was tried on a network.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where a try stands. Written before the socket opens, and never guessed afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AttemptPhase {
    /// Journaled; the socket may be open.
    InFlight,
    /// The network took it and works on it; a handle is kept.
    Pending,
    /// It is live: an id is kept.
    Confirmed,
    /// Nothing left this computer, or the network gave it back before its time.
    NotSent,
    /// The network said no, in words.
    Rejected,
    /// The network said later.
    Throttled,
    /// It cannot be known from the answer.
    Ambiguous,
    /// A person said to send again, and bears that.
    WrittenOff,
}

impl AttemptPhase {
    /// All phases.
    pub const ALL: [Self; 8] = [
        Self::InFlight,
        Self::Pending,
        Self::Confirmed,
        Self::NotSent,
        Self::Rejected,
        Self::Throttled,
        Self::Ambiguous,
        Self::WrittenOff,
    ];

    /// Whether another attempt for the same segment must not open: what is confirmed blocks, and
    /// so does everything that might be live. The partial unique index says the same in SQL.
    #[must_use]
    pub const fn blocks(self) -> bool {
        !matches!(
            self,
            Self::NotSent | Self::Rejected | Self::Throttled | Self::WrittenOff
        )
    }

    /// Whether it is not known yet what came of it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::InFlight | Self::Pending | Self::Ambiguous)
    }

    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InFlight => "in_flight",
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::NotSent => "not_sent",
            Self::Rejected => "rejected",
            Self::Throttled => "throttled",
            Self::Ambiguous => "ambiguous",
            Self::WrittenOff => "written_off",
        }
    }

    /// Which phases may follow.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        use AttemptPhase as P;
        match self {
            P::InFlight => !matches!(next, P::InFlight | P::WrittenOff),
            // What the network gave back was never live.
            P::Pending => matches!(
                next,
                P::Confirmed | P::Rejected | P::Ambiguous | P::Pending | P::NotSent
            ),
            P::Ambiguous => {
                matches!(
                    next,
                    P::Confirmed | P::NotSent | P::Rejected | P::WrittenOff | P::Pending
                )
            }
            P::Confirmed | P::NotSent | P::Rejected | P::Throttled | P::WrittenOff => false,
        }
    }
}

impl std::str::FromStr for AttemptPhase {
    type Err = UnknownPhase;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|p| p.as_str() == s)
            .ok_or_else(|| UnknownPhase(s.to_owned()))
    }
}

/// A stored phase that this program does not know.
#[derive(Debug, thiserror::Error)]
#[error("unknown attempt phase “{0}”")]
pub struct UnknownPhase(String);

/// What a try is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AttemptKind {
    /// Put a segment on the network.
    Send,
    /// Put a newer version in the place of a segment that is live. The place is known by its id,
    /// so that reading it back tells for certain, and the same again is the same write.
    Edit,
}

impl AttemptKind {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Edit => "edit",
        }
    }
}

/// How a network makes a repeated write harmless (publishing.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Idempotency {
    /// A: repeating the same write is harmless.
    Natural,
    /// B: a key is honoured for a while.
    Key,
    /// C: a handle comes first, publishing second.
    Handle,
    /// D: duplicates are refused, without saying which.
    Refused,
    /// E: nothing is offered; read back.
    None,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_settled_stays_settled() {
        for from in AttemptPhase::ALL {
            for to in AttemptPhase::ALL {
                if matches!(from, AttemptPhase::Confirmed | AttemptPhase::WrittenOff) {
                    assert!(!from.may_become(to), "{from:?} became {to:?}");
                }
                if from.may_become(to) {
                    assert!(
                        from.blocks(),
                        "{from:?} had let another attempt in, and became {to:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_phase_reads_back() {
        for phase in AttemptPhase::ALL {
            assert_eq!(phase.as_str().parse::<AttemptPhase>().unwrap(), phase);
        }
    }
}
