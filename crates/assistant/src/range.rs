//! The expected range: what a post like this one usually gets, from posts of the same account.
//!
//! Ridge regression on ln(1 + engagements) with its leave-one-out residuals as conformal quantiles
//! (Barber and others 2021, 10.1214/20-AOS1965): the range holds what it says whatever the
//! distribution, as long as the future is like the past.

use std::f64::consts::TAU;

use domain::Instant;
use domain::time::DAY;

use crate::normal::{Cholesky, dot};

/// With fewer own posts nothing is said.
pub const LEAST_POSTS: usize = 12;
/// The most posts that are looked at: the newest.
pub const MAX_POSTS: usize = 1_000;

const TRAITS: usize = 7;
/// How strongly each trait is held at nothing: days / 90, media, link, length (standardised), sine
/// and cosine of the hour, weekend. Chosen by trying.
const PENALTIES: [f64; TRAITS] = [4.0, 2.0, 2.0, 6.0, 6.0, 6.0, 6.0];
/// Beyond this a count is an error, not a success.
const MOST: f64 = 1e15;

/// What is known of a post before it goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traits {
    /// When it goes out.
    pub published_at: Instant,
    /// The hour of the week in which it goes out, 0 is Monday 00:00 to 01:00; whose clock it is does
    /// not matter as long as it is always the same.
    pub hour_of_week: u8,
    /// It has pictures.
    pub has_media: bool,
    /// It has a link.
    pub has_link: bool,
    /// Its length in characters.
    pub length: u32,
}

/// A post that is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// What was known of it.
    pub traits: Traits,
    /// What it got.
    pub engagements: u64,
}

/// What a post can be expected to get.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Lower end, rounded down.
    pub low: f64,
    /// As many posts get more as less.
    pub mid: f64,
    /// Upper end, rounded up.
    pub high: f64,
    /// Posts that it is known from.
    pub posts: usize,
}

/// The range in which a post lies with probability `level` (such as 0.8); absent when there are
/// fewer than `LEAST_POSTS`, or too few for so high a level. The order of `posts` does not matter.
#[must_use]
pub fn expected_range(posts: &[Past], draft: &Traits, level: f64) -> Option<Range> {
    let tail = (1.0 - level) / 2.0;
    if posts.len() < LEAST_POSTS || !(0.0..0.5).contains(&tail) {
        return None;
    }
    let mut newest: Vec<&Past> = posts.iter().collect();
    newest.sort_by_key(|p| {
        let t = p.traits;
        let rest = (
            p.engagements,
            t.hour_of_week,
            t.has_media,
            t.has_link,
            t.length,
        );
        (std::cmp::Reverse(t.published_at), rest)
    });
    newest.truncate(MAX_POSTS);
    // The lowest rank that exists is the first.
    if tail * (newest.len() as f64 + 1.0) < 1.0 {
        return None;
    }
    let (expected, mut residuals) = ridge(&newest, draft);
    residuals.sort_by(f64::total_cmp);
    let at = |share: f64| {
        (expected + quantile(&residuals, share))
            .min(MOST.ln_1p())
            .exp_m1()
    };
    Some(Range {
        low: at(tail).floor().max(0.0),
        mid: at(0.5).round().max(0.0),
        high: at(1.0 - tail).ceil().max(0.0),
        posts: newest.len(),
    })
}

/// What the draft is expected to get, and by how much each post was off when it was left out.
fn ridge(posts: &[&Past], draft: &Traits) -> (f64, Vec<f64>) {
    let count = posts.len() as f64;
    let scores: Vec<f64> = posts
        .iter()
        .map(|p| (p.engagements as f64).min(MOST).ln_1p())
        .collect();
    let level = scores.iter().sum::<f64>() / count;
    let lengths = Spread::of(posts.iter().map(|p| f64::from(p.traits.length)));
    let numbers = |t: &Traits| numbers(t, draft.published_at, &lengths);
    let mut rows: Vec<[f64; TRAITS]> = posts.iter().map(|p| numbers(&p.traits)).collect();
    let mut means = [0.0; TRAITS];
    for row in &rows {
        for (mean, value) in means.iter_mut().zip(row) {
            *mean += value / count;
        }
    }
    let centre = |row: &mut [f64; TRAITS]| row.iter_mut().zip(&means).for_each(|(v, m)| *v -= m);
    rows.iter_mut().for_each(centre);
    let mut own = numbers(draft);
    centre(&mut own);
    let factor = Cholesky::new(TRAITS, |i, j| {
        let products = rows.iter().map(|row| row[i] * row[j]).sum::<f64>();
        products + if i == j { PENALTIES[i] } else { 0.0 }
    });
    let mut pull = [0.0; TRAITS];
    for (row, score) in rows.iter().zip(&scores) {
        for (pull, value) in pull.iter_mut().zip(row) {
            *pull += value * (score - level);
        }
    }
    factor.forward(&mut pull);
    factor.forward(&mut own);
    let residuals = rows.iter_mut().zip(&scores).map(|(row, score)| {
        factor.forward(row);
        let leverage = (1.0 / count + dot(row, row)).min(0.99);
        (score - level - dot(row, &pull)) / (1.0 - leverage)
    });
    let residuals = residuals.collect();
    (level + dot(&own, &pull), residuals)
}

fn numbers(traits: &Traits, now: Instant, lengths: &Spread) -> [f64; TRAITS] {
    let flag = |on: bool| if on { 1.0 } else { 0.0 };
    let days = traits.published_at.since(now) as f64 / DAY as f64;
    let hour = TAU * f64::from(traits.hour_of_week % 24) / 24.0;
    [
        // A wrong clock is no growth.
        (days / 90.0).clamp(-40.0, 40.0),
        flag(traits.has_media),
        flag(traits.has_link),
        lengths.standardised(f64::from(traits.length)),
        hour.sin(),
        hour.cos(),
        flag(traits.hour_of_week / 24 >= 5),
    ]
}

struct Spread {
    mean: f64,
    deviation: f64,
}

impl Spread {
    fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let count = values.clone().count().max(1) as f64;
        let mean = values.clone().sum::<f64>() / count;
        let variance = values.map(|v| (v - mean) * (v - mean)).sum::<f64>() / count;
        Self {
            mean,
            deviation: variance.sqrt(),
        }
    }

    fn standardised(&self, value: f64) -> f64 {
        if self.deviation > 0.0 {
            ((value - self.mean) / self.deviation).clamp(-4.0, 4.0)
        } else {
            0.0
        }
    }
}

/// The value at rank `share (n + 1)` of ordered values, between two of them on the line.
fn quantile(ordered: &[f64], share: f64) -> f64 {
    let last = ordered.len() - 1;
    let rank = (share * (ordered.len() as f64 + 1.0) - 1.0).clamp(0.0, last as f64);
    let below = rank.floor() as usize;
    let above = (below + 1).min(last);
    ordered[below] + (rank - below as f64) * (ordered[above] - ordered[below])
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::HOUR;
    use proptest::prelude::*;

    fn traits(day: i64) -> Traits {
        Traits {
            published_at: Instant(1_795_392_000_000 + day * DAY),
            hour_of_week: 12,
            has_media: false,
            has_link: false,
            length: 100,
        }
    }

    fn past(counts: &[u64]) -> Vec<Past> {
        (0..)
            .zip(counts)
            .map(|(day, engagements)| Past {
                traits: traits(day),
                engagements: *engagements,
            })
            .collect()
    }

    #[test]
    fn with_fewer_than_twelve_posts_it_says_nothing() {
        assert_eq!(expected_range(&past(&[5; 11]), &traits(20), 0.8), None);
        assert!(expected_range(&past(&[5; 12]), &traits(20), 0.8).is_some());
        // The 1 % tails of 12 posts are not known.
        assert_eq!(expected_range(&past(&[5; 12]), &traits(20), 0.98), None);
    }

    #[test]
    fn what_always_gets_the_same_is_expected_to_get_that() {
        let range = expected_range(&past(&[40; 30]), &traits(31), 0.8).unwrap();
        assert!((range.low, range.mid) == (39.0, 40.0) || (range.low, range.mid) == (40.0, 40.0));
        assert!(range.high <= 41.0);
    }

    #[test]
    fn pictures_that_did_well_lift_the_range() {
        let posts: Vec<Past> = (0..40)
            .map(|day| {
                let has_media = day % 2 == 0;
                let luck = 1 + u64::try_from(day % 5).unwrap();
                let engagements = if has_media { 100 * luck } else { 10 * luck };
                Past {
                    traits: Traits {
                        has_media,
                        ..traits(day)
                    },
                    engagements,
                }
            })
            .collect();
        let with = expected_range(
            &posts,
            &Traits {
                has_media: true,
                ..traits(41)
            },
            0.8,
        )
        .unwrap();
        let without = expected_range(&posts, &traits(41), 0.8).unwrap();
        assert!(with.mid > 4.0 * without.mid, "{with:?} {without:?}");
    }

    fn any_past() -> impl Strategy<Value = Vec<Past>> {
        let one = (
            any::<i64>(),
            any::<u8>(),
            any::<bool>(),
            any::<bool>(),
            any::<u32>(),
            any::<u64>(),
        );
        let one = one.prop_map(
            |(at, hour_of_week, has_media, has_link, length, engagements)| Past {
                traits: Traits {
                    published_at: Instant(at),
                    hour_of_week,
                    has_media,
                    has_link,
                    length,
                },
                engagements,
            },
        );
        proptest::collection::vec(one, 0..40)
    }

    proptest! {
        #[test]
        fn any_history_gives_an_ordered_finite_range_or_none(posts in any_past(), level in any::<f64>()) {
            if let Some(range) = expected_range(&posts, &traits(0), level) {
                prop_assert!(0.0 <= range.low && range.low <= range.mid + 1.0);
                prop_assert!(range.mid <= range.high + 1.0 && range.high.is_finite());
            }
        }

        #[test]
        fn the_order_of_posts_does_not_matter(mut posts in any_past()) {
            let before = expected_range(&posts, &traits(0), 0.8);
            posts.reverse();
            prop_assert_eq!(before, expected_range(&posts, &traits(0), 0.8));
        }

        #[test]
        fn a_higher_level_is_a_wider_range(counts in proptest::collection::vec(0_u64..5_000, 24..60)) {
            let at = |level| expected_range(&past(&counts), &traits(60).later(HOUR), level).unwrap();
            let (narrow, wide) = (at(0.5), at(0.9));
            prop_assert!(wide.low <= narrow.low && narrow.high <= wide.high);
        }
    }

    impl Traits {
        fn later(self, by: i64) -> Self {
            Self {
                published_at: self.published_at.plus(by),
                ..self
            }
        }
    }
}
