//! Quiet hours: a span of the local day, which may pass midnight.

use protocol::settings::QuietHours;

/// Whether `minute` (after local midnight) lies in the span. An empty span covers nothing.
#[must_use]
pub(crate) const fn covers(hours: &QuietHours, minute: u16) -> bool {
    if hours.from <= hours.to {
        hours.from <= minute && minute < hours.to
    } else {
        hours.from <= minute || minute < hours.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_may_pass_midnight() {
        let night = QuietHours {
            from: 1320,
            to: 420,
        };
        assert!(covers(&night, 1320) && covers(&night, 0) && covers(&night, 419));
        assert!(!covers(&night, 420) && !covers(&night, 1319));
    }

    #[test]
    fn a_span_within_a_day_ends_before_its_last_minute() {
        let noon = QuietHours { from: 720, to: 780 };
        assert!(covers(&noon, 720) && covers(&noon, 779));
        assert!(!covers(&noon, 780) && !covers(&noon, 719));
    }

    #[test]
    fn an_empty_span_covers_nothing() {
        assert!(!covers(&QuietHours { from: 600, to: 600 }, 600));
    }
}
