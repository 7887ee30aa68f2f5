//! For how long what is not the work itself is kept.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What is kept for a time. The words come from the catalog under `retention.<kind>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Retained {
    /// Drafts that nobody touched and nobody was ever asked about.
    Drafts,
    /// What was typed over a post that is out or put away, and never saved.
    WorkingCopies,
    /// Measured numbers. The newest one of each kind stays.
    Samples,
    /// What people were told.
    Notifications,
    /// How workflows ran.
    Runs,
    /// What mirrors on desktops ask for: one that was away for longer reads everything anew.
    Changes,
}

impl Retained {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Drafts,
        Self::WorkingCopies,
        Self::Samples,
        Self::Notifications,
        Self::Runs,
        Self::Changes,
    ];

    /// For how many days, while nobody chose; absent means for ever. What people wrote and measured
    /// goes only where somebody says so.
    #[must_use]
    pub const fn usual(self) -> Option<u32> {
        match self {
            Self::Drafts | Self::WorkingCopies | Self::Samples => None,
            Self::Notifications => Some(180),
            Self::Runs => Some(30),
            // A desktop that was off during a long holiday goes on from where it was.
            Self::Changes => Some(60),
        }
    }

    /// The fewest days that can be chosen.
    #[must_use]
    pub const fn fewest(self) -> u32 {
        match self {
            Self::Drafts | Self::WorkingCopies => 30,
            // Best hours and expected ranges rest on a quarter of a year.
            Self::Samples => 90,
            Self::Notifications | Self::Runs | Self::Changes => 7,
        }
    }

    /// Whether it may be kept for so many days, or for ever.
    #[must_use]
    pub const fn may_be(self, days: Option<u32>) -> bool {
        match days {
            None => true,
            Some(days) => days >= self.fewest() && days <= MOST,
        }
    }
}

/// The most days that can be chosen: ten years. Whoever wants more says for ever.
pub const MOST: u32 = 3_650;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_can_be_chosen_and_nothing_below_the_fewest() {
        for kind in Retained::ALL {
            assert!(kind.may_be(kind.usual()), "{kind:?}");
            assert!(kind.may_be(None) && kind.may_be(Some(MOST)), "{kind:?}");
            assert!(!kind.may_be(Some(kind.fewest() - 1)), "{kind:?}");
            assert!(!kind.may_be(Some(MOST + 1)), "{kind:?}");
        }
    }
}
