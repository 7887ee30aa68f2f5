//! Instants and planned times. Nothing here reads a clock.

use chrono::{
    DateTime, Datelike as _, LocalResult, Months, NaiveDate, NaiveDateTime, Offset as _,
    SecondsFormat, TimeDelta, TimeZone as _, Utc,
};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::TS;

/// A UTC instant in whole milliseconds since 1970, written as RFC 3339.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, TS)]
#[ts(type = "string")]
pub struct Instant(pub i64);

/// A span of the day in which nobody is to be disturbed; it may pass midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuietHours {
    /// Minutes after midnight, local time.
    pub from: u16,
    /// Minutes after midnight; before `from` it means the next day.
    pub to: u16,
}

impl QuietHours {
    /// Whether `minute` (after local midnight) lies in the span. An empty span covers nothing.
    #[must_use]
    pub const fn covers(&self, minute: u16) -> bool {
        if self.from <= self.to {
            self.from <= minute && minute < self.to
        } else {
            self.from <= minute || minute < self.to
        }
    }

    /// Whether both ends are minutes of a day.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.from < 24 * 60 && self.to < 24 * 60
    }
}

/// One second in milliseconds.
pub const SECOND: i64 = 1000;
/// One minute in milliseconds.
pub const MINUTE: i64 = 60_000;
/// One hour in milliseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// One day of 24 hours in milliseconds.
pub const DAY: i64 = 24 * HOUR;

impl Instant {
    /// This instant `ms` milliseconds later (earlier when negative).
    #[must_use]
    pub const fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The same instant for calendar arithmetic.
    #[must_use]
    pub fn to_chrono(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }
}

impl From<DateTime<Utc>> for Instant {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at.timestamp_millis())
    }
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            &self
                .to_chrono()
                .to_rfc3339_opts(SecondsFormat::Millis, true),
        )
    }
}

impl std::fmt::Debug for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Instant {
    type Err = TimeError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        DateTime::parse_from_rfc3339(s)
            .map(|at| Self(at.timestamp_millis()))
            .map_err(|_| TimeError::NotAnInstant(s.to_owned()))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Why a text is no time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not RFC 3339.
    #[error("“{0}” is not a time such as 2026-11-25T11:30:00+01:00")]
    NotAnInstant(String),
    /// Not an IANA zone.
    #[error("“{0}” is not a time zone such as Europe/Berlin")]
    NotAZone(String),
    /// Not a wall-clock time.
    #[error("“{0}” is not a wall-clock time such as 2026-11-25T11:30")]
    NotAWallTime(String),
}

/// What a wall-clock time became where the clocks change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Shift {
    /// The wall time exists once.
    None,
    /// It falls into the hour that is skipped: moved later by the length of the gap.
    Gap,
    /// It happens twice: the first is taken.
    Overlap,
}

/// A planned time: the instant that counts, and the intention behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Planned {
    /// When it goes out.
    pub at: Instant,
    /// IANA zone in which the person thought, such as `Europe/Berlin`.
    pub zone: String,
    /// What the clock on the wall showed in that zone, `YYYY-MM-DDTHH:MM[:SS]`.
    pub wall: String,
    /// Whether the change of clocks moved it.
    pub shift: Shift,
}

impl Planned {
    /// Resolves a wall-clock intention.
    ///
    /// A time inside the skipped hour moves later by the length of the gap (02:30 becomes 03:30);
    /// a time that happens twice is the first of the two.
    ///
    /// # Errors
    /// When `wall` or `zone` cannot be read.
    pub fn from_wall(wall: &str, zone: &str) -> Result<Self, TimeError> {
        let tz: Tz = zone
            .parse()
            .map_err(|_| TimeError::NotAZone(zone.to_owned()))?;
        let naive = parse_wall(wall)?;
        let (at, shift) = match tz.from_local_datetime(&naive) {
            LocalResult::Single(at) => (at.with_timezone(&Utc), Shift::None),
            LocalResult::Ambiguous(first, _) => (first.with_timezone(&Utc), Shift::Overlap),
            LocalResult::None => (after_gap(tz, naive), Shift::Gap),
        };
        Ok(Self {
            at: at.into(),
            zone: zone.to_owned(),
            wall: wall.to_owned(),
            shift,
        })
    }

    /// The intention behind an instant given directly.
    ///
    /// # Errors
    /// When `zone` is no IANA zone.
    pub fn from_instant(at: Instant, zone: &str) -> Result<Self, TimeError> {
        let tz: Tz = zone
            .parse()
            .map_err(|_| TimeError::NotAZone(zone.to_owned()))?;
        let wall = at
            .to_chrono()
            .with_timezone(&tz)
            .format("%Y-%m-%dT%H:%M:%S")
            .to_string();
        Ok(Self {
            at,
            zone: zone.to_owned(),
            wall,
            shift: Shift::None,
        })
    }
}

/// The month in which `at` falls on the wall of `zone`: from its first midnight to that of the next.
///
/// # Errors
/// When `zone` is no IANA zone.
pub fn month_of(at: Instant, zone: &str) -> Result<(Instant, Instant), TimeError> {
    let midnight = |ahead| {
        let day = first_of_month(at, zone, ahead)?;
        Ok(Planned::from_wall(&format!("{day}T00:00"), zone)?.at)
    };
    Ok((midnight(0)?, midnight(1)?))
}

/// The first of the month after `now`, at the time of day that `like` has on the wall of `zone`.
///
/// # Errors
/// When `zone` is no IANA zone.
pub fn in_next_month(now: Instant, like: Instant, zone: &str) -> Result<Planned, TimeError> {
    let day = first_of_month(now, zone, 1)?;
    let wall = Planned::from_instant(like, zone)?.wall;
    let time = wall.split_once('T').map_or("00:00:00", |(_, time)| time);
    Planned::from_wall(&format!("{day}T{time}"), zone)
}

fn first_of_month(at: Instant, zone: &str, ahead: u32) -> Result<NaiveDate, TimeError> {
    let wall = Planned::from_instant(at, zone)?.wall;
    let first = parse_wall(&wall)?.date().with_day(1);
    first
        .and_then(|day| day.checked_add_months(Months::new(ahead)))
        .ok_or(TimeError::NotAWallTime(wall))
}

/// A stretch in which the clocks of a zone do not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steady {
    /// From.
    pub from: Instant,
    /// To, exclusive.
    pub to: Instant,
    /// By how much the wall is ahead of UTC, in milliseconds.
    pub ahead: i64,
}

/// Cuts the time between two instants where the clocks on the wall of `zone` change. They are looked
/// at once a day: no zone changes them to and fro within one.
///
/// # Errors
/// When `zone` is no IANA zone.
pub fn steady(from: Instant, to: Instant, zone: &str) -> Result<Vec<Steady>, TimeError> {
    let tz: Tz = zone
        .parse()
        .map_err(|_| TimeError::NotAZone(zone.to_owned()))?;
    let ahead = |at: Instant| {
        let there = at.to_chrono().with_timezone(&tz);
        i64::from(there.offset().fix().local_minus_utc()) * 1000
    };
    let mut parts = Vec::new();
    let (mut from, mut seen) = (from, from);
    while from < to {
        let next = seen.plus(DAY).min(to);
        let mut end = next;
        if ahead(next) != ahead(from) {
            let mut before = seen;
            while end.since(before) > 1 {
                let middle = before.plus(end.since(before) / 2);
                match ahead(middle) == ahead(from) {
                    true => before = middle,
                    false => end = middle,
                }
            }
        }
        seen = end;
        if end == to || ahead(end) != ahead(from) {
            parts.push(Steady {
                from,
                to: end,
                ahead: ahead(from),
            });
            from = end;
        }
    }
    Ok(parts)
}

fn parse_wall(wall: &str) -> Result<NaiveDateTime, TimeError> {
    ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(wall, format).ok())
        .ok_or_else(|| TimeError::NotAWallTime(wall.to_owned()))
}

/// Reads the wall time with the offset in force before the gap, which lands it after the gap by
/// as much as it was inside.
fn after_gap(tz: Tz, naive: NaiveDateTime) -> DateTime<Utc> {
    for hours in 1..=26 {
        let before = naive - TimeDelta::hours(hours);
        if let Some(known) = tz.from_local_datetime(&before).latest() {
            return known.with_timezone(&Utc) + TimeDelta::hours(hours);
        }
    }
    naive.and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(wall: &str, zone: &str) -> (String, Shift) {
        let planned = Planned::from_wall(wall, zone).unwrap();
        (planned.at.to_string(), planned.shift)
    }

    #[test]
    fn a_wall_time_inside_a_gap_moves_later_by_the_gap() {
        assert_eq!(
            at("2026-03-29T02:30", "Europe/Berlin"),
            ("2026-03-29T01:30:00.000Z".into(), Shift::Gap)
        );
        assert_eq!(
            at("2026-10-04T02:15", "Australia/Lord_Howe"),
            ("2026-10-03T15:45:00.000Z".into(), Shift::Gap)
        );
        // Samoa skipped a whole day.
        assert_eq!(
            at("2011-12-30T12:00", "Pacific/Apia"),
            ("2011-12-30T22:00:00.000Z".into(), Shift::Gap)
        );
    }

    #[test]
    fn a_wall_time_that_happens_twice_is_the_first() {
        assert_eq!(
            at("2026-10-25T02:30", "Europe/Berlin"),
            ("2026-10-25T00:30:00.000Z".into(), Shift::Overlap)
        );
    }

    #[test]
    fn a_month_begins_and_ends_at_midnight_on_the_wall() {
        let month = |at: &str, zone: &str| {
            let (from, to) = month_of(at.parse().unwrap(), zone).unwrap();
            (from.to_string(), to.to_string())
        };
        // The clocks change within it.
        assert_eq!(
            month("2026-10-15T12:00:00Z", "Europe/Berlin"),
            (
                "2026-09-30T22:00:00.000Z".into(),
                "2026-10-31T23:00:00.000Z".into()
            )
        );
        // It is January there already.
        assert_eq!(
            month("2026-12-31T12:00:00Z", "Pacific/Kiritimati").0,
            "2026-12-31T10:00:00.000Z"
        );
        let (_, end) = month_of("2026-12-05T00:00:00Z".parse().unwrap(), "UTC").unwrap();
        assert_eq!(end.to_string(), "2027-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_stretch_is_cut_where_the_clocks_change() {
        let parts = |from: &str, to: &str, zone: &str| {
            let parts = steady(from.parse().unwrap(), to.parse().unwrap(), zone).unwrap();
            let shown = parts
                .iter()
                .map(|p| (p.to.to_string(), p.ahead as f64 / HOUR as f64));
            shown.collect::<Vec<_>>()
        };
        let of = |all: &[(&str, f64)]| -> Vec<(String, f64)> {
            all.iter().map(|(at, h)| ((*at).to_owned(), *h)).collect()
        };
        assert_eq!(
            parts("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", "UTC"),
            of(&[("2026-11-01T00:00:00.000Z", 0.0)])
        );
        assert_eq!(
            parts(
                "2026-03-01T00:00:00Z",
                "2026-11-01T12:00:00Z",
                "Europe/Berlin"
            ),
            of(&[
                ("2026-03-29T01:00:00.000Z", 1.0),
                ("2026-10-25T01:00:00.000Z", 2.0),
                ("2026-11-01T12:00:00.000Z", 1.0)
            ])
        );
        assert_eq!(
            parts(
                "2026-10-03T00:00:00Z",
                "2026-10-04T00:00:00Z",
                "Australia/Lord_Howe"
            ),
            of(&[
                ("2026-10-03T15:30:00.000Z", 10.5),
                ("2026-10-04T00:00:00.000Z", 11.0)
            ])
        );
        // It begins with the change, and holds nothing.
        assert_eq!(
            parts(
                "2026-03-29T01:00:00Z",
                "2026-03-29T02:00:00Z",
                "Europe/Berlin"
            ),
            of(&[("2026-03-29T02:00:00.000Z", 2.0)])
        );
        assert!(parts("2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z", "UTC").is_empty());
    }

    #[test]
    fn in_the_next_month_it_is_as_late_as_it_was() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let (now, like) = (at("2026-10-31T12:00:00Z"), at("2026-10-20T16:30:00Z"));
        let next = in_next_month(now, like, "Europe/Berlin").unwrap();
        assert_eq!(next.wall, "2026-11-01T18:30:00");
        assert_eq!(next.at.to_string(), "2026-11-01T17:30:00.000Z");
    }

    #[test]
    fn an_instant_keeps_whole_milliseconds() {
        let read: Instant = "2026-11-25T11:30:00.123987+01:00".parse().unwrap();
        assert_eq!(read.to_string(), "2026-11-25T10:30:00.123Z");
        assert_eq!(read, read.to_string().parse().unwrap());
    }

    #[test]
    fn nonsense_is_named() {
        assert!(matches!(
            "soon".parse::<Instant>(),
            Err(TimeError::NotAnInstant(_))
        ));
        assert!(matches!(
            Planned::from_wall("2026-01-01T10:00", "Berlin"),
            Err(TimeError::NotAZone(_))
        ));
        assert!(matches!(
            Planned::from_wall("10 o'clock", "Europe/Berlin"),
            Err(TimeError::NotAWallTime(_))
        ));
    }

    #[test]
    fn quiet_hours_may_pass_midnight() {
        let night = QuietHours {
            from: 1320,
            to: 420,
        };
        assert!(night.covers(1320) && night.covers(0) && night.covers(419));
        assert!(!night.covers(420) && !night.covers(1319));
        let noon = QuietHours { from: 720, to: 780 };
        assert!(noon.covers(720) && noon.covers(779));
        assert!(!noon.covers(780) && !noon.covers(719));
        assert!(!QuietHours { from: 600, to: 600 }.covers(600));
    }
}
