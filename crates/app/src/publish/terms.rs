//! How long things take.

use std::time::Duration;

use domain::Instant;
use domain::identity::Executor;
use domain::time::{HOUR, MINUTE};

/// The times of the protocol. The defaults are publishing.md's.
#[derive(Clone, Debug)]
pub struct Terms {
    /// How long an attempt may write.
    pub lease: Duration,
    /// How far clocks of two processes may be apart.
    pub skew: Duration,
    /// When to look for what may have been written, after it became ambiguous, milliseconds.
    pub looks: Vec<i64>,
    /// When a write may be sent again under its key at the earliest, after it began: servers that
    /// still work on the first would make a second.
    pub repeat_after: Duration,
    /// Waits between tries of what was not sent, milliseconds; the last one repeats.
    pub backoff: Vec<i64>,
    /// For how long an answer of the network is awaited where looking itself fails.
    pub patience: Duration,
    /// Who this process is for accounts.
    pub executor: Executor,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(120),
            skew: Duration::from_secs(5),
            looks: vec![5_000, 30_000, 2 * MINUTE, 10 * MINUTE],
            repeat_after: Duration::from_secs(60),
            backoff: vec![5_000, 15_000, 45_000, 2 * MINUTE, 5 * MINUTE],
            patience: Duration::from_secs(24 * 60 * 60),
            executor: Executor::Desktop,
        }
    }
}

pub(super) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

impl Terms {
    /// When an attempt that is journaled at `now` loses its right to write.
    #[must_use]
    pub fn lease_until(&self, now: Instant) -> Instant {
        now.plus(millis(self.lease))
    }

    /// When everybody agrees that a lease has ended.
    #[must_use]
    pub fn surely_over(&self, lease_until: Instant) -> Instant {
        lease_until.plus(millis(self.skew))
    }

    /// The wait after `tries` tries that did not work, `tries` counted from 1.
    #[must_use]
    pub fn wait_after(&self, tries: u32) -> i64 {
        let last = self.backoff.last().copied().unwrap_or(MINUTE);
        let index = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX);
        self.backoff.get(index).copied().unwrap_or(last)
    }

    /// The wait after the network asked to wait for the `tries`-th time without saying how long.
    #[must_use]
    pub fn throttled_for(&self, tries: u32, said: Option<Duration>) -> i64 {
        match said {
            Some(said) => millis(said).clamp(1_000, 24 * HOUR),
            None => (MINUTE << tries.saturating_sub(1).min(4)).min(15 * MINUTE),
        }
    }

    /// When to ask again about something that the network works on since `started`.
    #[must_use]
    pub fn next_poll(&self, started: Instant, now: Instant) -> Instant {
        now.plus((now.since(started) / 2).clamp(2_000, 5 * MINUTE))
    }
}
