//! Times in the words of tray and dialogs: local, short.

use chrono::{DateTime, Local};
use domain::Instant;

use crate::words;

fn local(at: Instant) -> DateTime<Local> {
    at.to_chrono().with_timezone(&Local)
}

/// Whether both lie on one local day.
#[must_use]
pub(crate) fn is_today(at: Instant, now: Instant) -> bool {
    local(at).date_naive() == local(now).date_naive()
}

/// `14:30` today, else `Fri 27, 14:30` or what the language has for it.
#[must_use]
pub(crate) fn short(at: Instant, now: Instant) -> String {
    if is_today(at, now) {
        return local(at).format("%H:%M").to_string();
    }
    local(at).format(&words::say("tray.day_form")).to_string()
}

/// Minutes since local midnight.
#[must_use]
pub(crate) fn minute_of_day(now: Instant) -> u16 {
    use chrono::Timelike as _;
    let time = local(now).time();
    u16::try_from(time.hour() * 60 + time.minute()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn another_day_is_named() {
        let now = Instant(1_790_000_000_000);
        assert!(!short(now, now).contains(','));
        assert!(short(now.plus(48 * HOUR), now).contains(','));
    }

    #[test]
    fn a_day_has_1440_minutes() {
        for hour in 0..48 {
            assert!(minute_of_day(Instant(hour * HOUR)) < 1440);
        }
    }
}
