//! What was usual before the last day: for each term how often it came, on which weekdays and at
//! which hours, against how much there was to read.

use std::collections::HashMap;

use super::sketch::Sketch;
use crate::text::Key;

/// Half-lives in hours: of how often a term comes, and of its habits of weekday and hour.
const RATE: f64 = 10.0 * 24.0;
const HABIT: f64 = 28.0 * 24.0;
/// Added to the count and to the volume: a term nobody knows is rare.
const PRIOR: f64 = 0.3;
/// A habit is believed after about so many sightings of a weekday or hour.
const PSEUDO: f64 = 6.0;
/// The season is at least and at most this.
const SEASON: (f64, f64) = (0.25, 30.0);
/// Rows that are kept, and what is left of them when there are too many.
pub(super) const MAX_ROWS: usize = 50_000;
const AFTER: usize = 45_000;
/// A term seen in this time (hours) stays, and so does a higher count while there are lower ones.
const FRESH: i64 = 48;
/// A forgotten term whose count was at least this is known again when it returns, and is believed
/// half for a while (hours).
const KNOWN: f64 = 0.5;
const RETURNING: i64 = 7 * 24;

/// Counts that halve in a time of their own, as they are at an hour.
#[derive(Clone, Debug)]
struct Counters {
    rate: f64,
    total: f32,
    days: [f32; 7],
    hours: [f32; 24],
    at: i64,
}

impl Counters {
    const fn new(at: i64) -> Self {
        Self {
            rate: 0.0,
            total: 0.0,
            days: [0.0; 7],
            hours: [0.0; 24],
            at,
        }
    }

    /// Brings the counts to a later hour.
    fn age(&mut self, hour: i64) {
        if hour <= self.at {
            return;
        }
        let since = (hour - self.at) as f64;
        self.rate *= (-since / RATE).exp2();
        let habit = (-since / HABIT).exp2() as f32;
        self.total *= habit;
        self.days
            .iter_mut()
            .chain(&mut self.hours)
            .for_each(|c| *c *= habit);
        self.at = hour;
    }

    /// Adds a count of an hour that may have been long ago.
    fn add(&mut self, count: f64, hour: i64) {
        self.age(hour);
        let since = (self.at - hour) as f64;
        let habit = (count * (-since / HABIT).exp2()) as f32;
        self.rate += count * (-since / RATE).exp2();
        self.total += habit;
        self.days[weekday(hour)] += habit;
        self.hours[hour_of_day(hour)] += habit;
    }

    fn rate_at(&self, hour: i64) -> f64 {
        self.rate * (-((hour - self.at).max(0) as f64) / RATE).exp2()
    }
}

fn weekday(hour: i64) -> usize {
    // Hour 0 was a Thursday's; any name of the days will do.
    hour.div_euclid(24).rem_euclid(7) as usize
}

fn hour_of_day(hour: i64) -> usize {
    hour.rem_euclid(24) as usize
}

#[derive(Debug)]
struct Row {
    counts: Counters,
    seen: i64,
    /// Until when it counts as one that has returned.
    returning: i64,
}

/// How a term stood before the last day.
#[derive(Debug)]
pub(super) struct Past<'a> {
    /// Its decayed count with the prior on it.
    pub(super) count: f64,
    /// Sightings per item that is read.
    pub(super) rate: f64,
    /// It was forgotten and is back.
    pub(super) is_returning: bool,
    habits: Option<&'a Counters>,
    volume: &'a Counters,
}

impl Past<'_> {
    /// How much more of the term an hour brings than an average one.
    pub(super) fn season(&self, hour: i64) -> f64 {
        let Some(habits) = self.habits else {
            return 1.0;
        };
        let (total, all) = (
            f64::from(habits.total),
            f64::from(self.volume.total).max(1.0),
        );
        let factor = |own: f32, volume: f32| {
            (f64::from(own) + PSEUDO) / (total * f64::from(volume) / all + PSEUDO)
        };
        let (day, of_day) = (weekday(hour), hour_of_day(hour));
        let season = factor(habits.days[day], self.volume.days[day])
            * factor(habits.hours[of_day], self.volume.hours[of_day]);
        season.clamp(SEASON.0, SEASON.1)
    }
}

/// The past of all terms.
#[derive(Debug)]
pub(super) struct History {
    rows: HashMap<Key, Row>,
    volume: Counters,
    forgotten: Sketch,
    max_rows: usize,
}

impl History {
    pub(super) fn new(max_rows: usize) -> Self {
        Self {
            rows: HashMap::new(),
            volume: Counters::new(0),
            forgotten: Sketch::new(RATE),
            max_rows,
        }
    }

    /// Takes what was read in an hour.
    pub(super) fn read(&mut self, items: u32, hour: i64) {
        self.volume.add(f64::from(items), hour);
    }

    /// Takes sightings of a term in an hour.
    pub(super) fn add(&mut self, key: Key, count: u32, hour: i64) {
        let forgotten = &mut self.forgotten;
        let row = self.rows.entry(key).or_insert_with(|| {
            let mut counts = Counters::new(hour);
            counts.rate = forgotten.estimate(key, hour);
            forgotten.add(key, -counts.rate, hour);
            let returning = if counts.rate >= KNOWN {
                hour + RETURNING
            } else {
                i64::MIN
            };
            Row {
                counts,
                seen: hour,
                returning,
            }
        });
        row.counts.add(f64::from(count), hour);
        row.seen = row.seen.max(hour);
        if self.rows.len() > self.max_rows {
            self.forget(hour);
        }
    }

    /// The past of a term as it is at an hour.
    pub(super) fn of(&self, key: Key, hour: i64) -> Past<'_> {
        let row = self.rows.get(&key);
        let (count, is_returning) = match row {
            Some(row) => (row.counts.rate_at(hour), hour < row.returning),
            None => {
                let count = self.forgotten.estimate(key, hour);
                (count, count >= KNOWN)
            }
        };
        Past {
            count: count + PRIOR,
            rate: (count + PRIOR) / (self.volume.rate_at(hour) + 1.0),
            is_returning,
            habits: row.map(|row| &row.counts),
            volume: &self.volume,
        }
    }

    /// Rows that are kept.
    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Forgets the lowest counts, those seen lately last; the sketch keeps a trace of them.
    fn forget(&mut self, hour: i64) {
        let mut order: Vec<(bool, f64, Key)> = self
            .rows
            .iter()
            .map(|(key, row)| (row.seen > hour - FRESH, row.counts.rate_at(hour), *key))
            .collect();
        let keep = self.max_rows * AFTER / MAX_ROWS;
        let drop = order.len() - keep;
        order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        for (_, count, key) in order.into_iter().take(drop) {
            self.rows.remove(&key);
            self.forgotten.add(key, count, hour);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_habit_of_an_hour_makes_it_expected_there() {
        let mut history = History::new(100);
        for day in 0..28 {
            for hour in 0..24 {
                history.read(10, day * 24 + hour);
            }
            history.add(Key(1), 6, day * 24 + 7);
        }
        let past = history.of(Key(1), 28 * 24);
        assert!(past.season(28 * 24 + 7) > 5.0);
        assert!(past.season(28 * 24 + 15) < 0.6);
        assert!((history.of(Key(2), 28 * 24).season(5) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_term_that_was_forgotten_does_not_look_new() {
        let mut history = History::new(100);
        for hour in 0..30 {
            history.read(50, hour);
            history.add(Key(0), 1, hour);
        }
        for key in 1..200 {
            history.add(Key(key), 40, 200 + key as i64);
        }
        assert!(history.rows() <= 100);
        let past = history.of(Key(0), 420);
        assert!(past.is_returning && past.count > 4.0, "{past:?}");
        assert!(!history.of(Key(5_000), 420).is_returning);
    }

    #[test]
    fn what_was_seen_lately_or_often_is_kept() {
        let mut history = History::new(100);
        for key in 0..90 {
            history.add(Key(key), 1, 0);
        }
        for key in 90..101 {
            history.add(Key(key), 1, 300);
        }
        assert_eq!(history.rows(), 90);
        assert!((90..101).all(|key| history.rows.contains_key(&Key(key))));
    }

    proptest! {
        #[test]
        fn any_hours_in_any_order_stay_finite_and_bounded(
            seen in proptest::collection::vec((0_u64..60, 1_u32..9, -500_i64..2_000_000), 0..200)
        ) {
            let mut history = History::new(20);
            for (key, count, hour) in &seen {
                history.read(*count, *hour);
                history.add(Key(*key), *count, *hour);
                prop_assert!(history.rows() <= 20);
            }
            for (key, _, hour) in &seen {
                let past = history.of(Key(*key), *hour);
                prop_assert!(past.rate.is_finite() && past.rate > 0.0);
                let season = past.season(*hour);
                prop_assert!((0.25..=30.0).contains(&season));
            }
        }
    }
}
