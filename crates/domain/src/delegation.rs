//! Who decides for somebody who is away.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::PersonId;
use crate::time::{DAY, Instant};

/// The longest time away, milliseconds: a year, and a day for leap years.
pub const LONGEST: i64 = 366 * DAY;

/// One person decides for another for a time. It begins and ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Delegation {
    /// Who decides.
    pub to: PersonId,
    /// From when on, inclusive.
    pub from: Instant,
    /// Until when, exclusive.
    pub until: Instant,
}

/// What is wrong with a delegation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DelegationError {
    /// To oneself.
    #[error("choose somebody else")]
    ToOneself,
    /// It ends before it begins, or has ended.
    #[error("the end must lie after the beginning, and ahead")]
    NoTime,
    /// Longer than anybody is away.
    #[error("at most a year at once")]
    TooLong,
}

impl Delegation {
    /// Checks what can be checked without knowing the people. `whose` is away.
    ///
    /// # Errors
    /// The first thing to mend.
    pub fn check(&self, whose: PersonId, now: Instant) -> Result<(), DelegationError> {
        if self.to == whose {
            return Err(DelegationError::ToOneself);
        }
        if self.until <= self.from || self.until <= now {
            return Err(DelegationError::NoTime);
        }
        if self.until.since(self.from) > LONGEST {
            return Err(DelegationError::TooLong);
        }
        Ok(())
    }

    /// Whether it holds now.
    #[must_use]
    pub fn holds(&self, now: Instant) -> bool {
        self.from <= now && now < self.until
    }

    /// Whether there is a time at which both hold.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.from < other.until && other.from < self.until
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn person(n: u128) -> PersonId {
        PersonId(Uuid::from_u128(n))
    }

    fn between(from: i64, until: i64) -> Delegation {
        Delegation {
            to: person(2),
            from: Instant(from),
            until: Instant(until),
        }
    }

    #[test]
    fn it_holds_from_its_beginning_until_just_before_its_end() {
        let away = between(10, 20);
        let holds: Vec<i64> = (8..23).filter(|at| away.holds(Instant(*at))).collect();
        assert_eq!(holds, (10..20).collect::<Vec<_>>());
    }

    #[test]
    fn two_overlap_exactly_when_some_instant_is_in_both() {
        for (from, until) in [(0, 5), (0, 10), (0, 11), (12, 15), (19, 30), (20, 30)] {
            let (a, b) = (between(10, 20), between(from, until));
            let both = (0..40).any(|at| a.holds(Instant(at)) && b.holds(Instant(at)));
            assert_eq!(
                (a.overlaps(&b), b.overlaps(&a)),
                (both, both),
                "{from}-{until}"
            );
        }
    }

    #[test]
    fn nobody_decides_for_themselves_for_no_time_or_for_ever() {
        let now = Instant(15);
        assert_eq!(between(10, 20).check(person(1), now), Ok(()));
        assert_eq!(
            between(10, 20).check(person(2), now),
            Err(DelegationError::ToOneself)
        );
        for (from, until) in [(10, 10), (20, 10), (0, 15)] {
            let wrong = between(from, until).check(person(1), now);
            assert_eq!(wrong, Err(DelegationError::NoTime), "{from}-{until}");
        }
        assert_eq!(
            between(0, LONGEST + 1).check(person(1), now),
            Err(DelegationError::TooLong)
        );
    }
}
