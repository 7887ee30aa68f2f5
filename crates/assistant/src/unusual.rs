//! Days that rise or fall beyond what is usual.
//!
//! A figure of each day is compared with its own last eight weeks (level, weekdays, spread, all by
//! medians), and what is left over is summed up in both directions (CUSUM, Page 1954): one odd day
//! says little, several that point one way say much. Only the past of a day is looked at.

/// Days that are looked back on, and how many of them must be known.
const BACK: usize = 56;
const LEAST: usize = 28;
/// The days that make the level.
const LEVEL: usize = 28;
/// A weekday's effect counts as m / (m + this) after m of them.
const SHRINK: f64 = 1.5;
/// The spread is at least this, on the log scale.
const LEAST_SPREAD: f64 = 0.08;
/// From the median deviation to the standard deviation of a normal distribution.
const MAD: f64 = 1.4826;
/// One day counts at most this many spreads; less than the slack is usual; the sum that alarms.
const CAP: f64 = 4.0;
const SLACK: f64 = 0.75;
const ALARM: f64 = 5.0;
/// Days after an alarm without another.
const REST: usize = 10;

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More than usual.
    Up,
    /// Less than usual.
    Down,
}

/// A day on which it became clear that something is unusual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alarm {
    /// The day, counted from the first value.
    pub index: usize,
    /// Which way.
    pub direction: Direction,
    /// What was counted on that day.
    pub observed: f64,
    /// What was usual for it.
    pub expected: f64,
}

/// What stands out in one value a day, from the first day to the last. Absent values, and such as
/// cannot be (negative, not finite), are skipped. Nothing is said before 28 days are known.
#[must_use]
pub fn unusual(values: &[Option<f64>]) -> Vec<Alarm> {
    let logs: Vec<Option<f64>> = values
        .iter()
        .map(|value| value.filter(|v| v.is_finite() && *v >= 0.0).map(f64::ln_1p))
        .collect();
    let mut alarms: Vec<Alarm> = Vec::new();
    let (mut up, mut down) = (0.0, 0.0);
    let mut rest_until = 0;
    for (day, log) in logs.iter().enumerate() {
        let Some(log) = log else { continue };
        let Some(usual) = usual(&logs[..day]) else {
            continue;
        };
        if day < rest_until {
            continue;
        }
        let beyond = ((log - usual.mean) / usual.spread).clamp(-CAP, CAP);
        up = f64::max(0.0, up + beyond - SLACK);
        down = f64::max(0.0, down - beyond - SLACK);
        let direction = match (up >= ALARM, down >= ALARM) {
            (true, _) => Direction::Up,
            (false, true) => Direction::Down,
            (false, false) => continue,
        };
        (up, down, rest_until) = (0.0, 0.0, day + 1 + REST);
        alarms.push(Alarm {
            index: day,
            direction,
            observed: log.exp_m1(),
            expected: usual.mean.exp_m1(),
        });
    }
    alarms
}

/// What the day after `past` usually brings, on the log scale.
struct Usual {
    mean: f64,
    spread: f64,
}

fn usual(past: &[Option<f64>]) -> Option<Usual> {
    let today = past.len();
    let first = today.saturating_sub(BACK);
    let known: Vec<(usize, f64)> = (first..today).filter_map(|d| Some((d, past[d]?))).collect();
    if known.len() < LEAST {
        return None;
    }
    // Blocks of seven days, counted back from yesterday.
    let block = |day: usize| (today - 1 - day) / 7;
    let middles: Vec<f64> = (0..BACK / 7)
        .map(|b| {
            median(
                known
                    .iter()
                    .filter(|(d, _)| block(*d) == b)
                    .map(|(_, z)| *z)
                    .collect(),
            )
        })
        .collect();
    let detrended: Vec<(usize, f64)> = known
        .iter()
        .map(|(d, z)| (*d, z - middles[block(*d)]))
        .collect();
    let effects: Vec<f64> = (0..7)
        .map(|weekday| {
            let of_day: Vec<f64> = detrended
                .iter()
                .filter(|(d, _)| d % 7 == weekday)
                .map(|(_, r)| *r)
                .collect();
            let count = of_day.len() as f64;
            median(of_day) * count / (count + SHRINK)
        })
        .collect();
    let recent: Vec<f64> = known
        .iter()
        .filter(|(d, _)| d + LEVEL >= today)
        .map(|(d, z)| z - effects[d % 7])
        .collect();
    let level = median(recent.clone());
    let of_recent = median(recent.iter().map(|z| (z - level).abs()).collect());
    let of_all = median(
        detrended
            .iter()
            .map(|(d, r)| (r - effects[d % 7]).abs())
            .collect(),
    );
    let counting = 1.0 / (level.exp_m1() + 1.0).sqrt();
    Some(Usual {
        mean: level + effects[today % 7],
        spread: (MAD * of_recent.max(of_all))
            .max(LEAST_SPREAD)
            .max(counting),
    })
}

/// The middle of the values; 0 when there are none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[n / 2],
        n => f64::midpoint(values[n / 2 - 1], values[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn steady(days: usize) -> Vec<Option<f64>> {
        // Weekends are quieter, and no two weeks are alike.
        (0..days)
            .map(|d| {
                let base = if d % 7 >= 5 { 60.0 } else { 100.0 };
                Some(base + ((d * 7919) % 13) as f64)
            })
            .collect()
    }

    #[test]
    fn a_habit_of_the_week_is_usual() {
        assert_eq!(unusual(&steady(365)), []);
    }

    #[test]
    fn a_doubling_that_stays_is_told_once_and_soon() {
        let mut values = steady(120);
        for value in &mut values[80..] {
            *value = value.map(|v| 2.0 * v);
        }
        let alarms = unusual(&values);
        assert_eq!(alarms[0].direction, Direction::Up);
        assert!((80..83).contains(&alarms[0].index), "{alarms:?}");
        assert!(alarms[0].observed > 1.5 * alarms[0].expected);
        assert!(alarms.windows(2).all(|w| w[1].index > w[0].index + REST));
    }

    #[test]
    fn an_outage_is_a_fall() {
        let mut values = steady(100);
        for value in &mut values[70..74] {
            *value = Some(3.0);
        }
        assert_eq!(unusual(&values)[0].direction, Direction::Down);
    }

    #[test]
    fn before_four_weeks_are_known_it_says_nothing() {
        let mut values = vec![Some(100.0); 28];
        values[27] = Some(1e9);
        assert_eq!(unusual(&values), []);
    }

    #[test]
    fn what_comes_later_changes_nothing() {
        let mut values = steady(120);
        values[90] = Some(900.0);
        values[91] = Some(900.0);
        let all = unusual(&values);
        assert!(!all.is_empty());
        for end in [92, 100, 119] {
            let early: Vec<Alarm> = all.iter().copied().filter(|a| a.index < end).collect();
            assert_eq!(unusual(&values[..end]), early);
        }
    }

    proptest! {
        #[test]
        fn any_values_are_taken(values in proptest::collection::vec(proptest::option::of(any::<f64>()), 0..200)) {
            for alarm in unusual(&values) {
                prop_assert!(alarm.index < values.len());
                prop_assert!(alarm.observed.is_finite() && alarm.expected.is_finite());
            }
        }
    }
}
