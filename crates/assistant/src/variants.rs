//! Two variants: which one readers take to, said at any time without saying it too early.
//!
//! The unit is the pair of posts, one of each variant in like slots: all that was seen of one post
//! shares its luck, so a thousand impressions of it are one observation. The mean difference gets an
//! asymptotic confidence sequence (Waudby-Smith and others, arXiv:2103.06476), which may be looked
//! at after every pair.

/// How often a difference may be claimed where there is none.
const ALPHA: f64 = 0.05;
/// The number of pairs for which the sequence is narrowest.
const TUNED_FOR: f64 = 15.0;
/// Before so many pairs there is no word.
pub const LEAST_PAIRS: usize = 8;

/// What one post got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// How often it was seen.
    pub impressions: u64,
    /// How often it was followed; more than seen counts as seen.
    pub clicks: u64,
}

impl Shown {
    /// The log-odds of a click, and the variance that counting gives it.
    fn log_odds(self) -> (f64, f64) {
        let clicks = self.clicks.min(self.impressions);
        let (yes, no) = (
            clicks as f64 + 0.5,
            (self.impressions - clicks) as f64 + 0.5,
        );
        ((yes / no).ln(), 1.0 / yes + 1.0 / no)
    }
}

/// How far the first of a pair is ahead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// On a log scale; more than 0 when the first is ahead.
    value: f64,
    /// The variance that counting alone gives it.
    counting: f64,
}

impl Difference {
    /// By clicks.
    #[must_use]
    pub fn of_clicks(a: Shown, b: Shown) -> Self {
        let (a, b) = (a.log_odds(), b.log_odds());
        Self {
            value: a.0 - b.0,
            counting: a.1 + b.1,
        }
    }

    /// By engagements, where a network counts no impressions.
    #[must_use]
    pub fn of_engagements(a: u64, b: u64) -> Self {
        let (a, b) = (a as f64, b as f64);
        Self {
            value: a.ln_1p() - b.ln_1p(),
            counting: 1.0 / (a + 1.0) + 1.0 / (b + 1.0),
        }
    }
}

/// Which variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Winner {
    /// The first.
    A,
    /// The second.
    B,
}

/// What the pairs say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// After how many pairs it was clear, and who won.
    pub decided: Option<(usize, Winner)>,
    /// The mean difference over all pairs, on the log scale.
    pub mean: f64,
    /// How far the truth may be from it; absent before `LEAST_PAIRS`.
    pub margin: Option<f64>,
}

/// Looks at pairs in the order in which they came, after each of them.
#[must_use]
pub fn compare(pairs: &[Difference]) -> Verdict {
    let rho2 = (-2.0 * ALPHA.ln() + (-2.0 * ALPHA.ln()).ln() + 1.0) / TUNED_FOR;
    let (mut mean, mut squares, mut counting) = (0.0, 0.0, 0.0);
    let mut verdict = Verdict {
        decided: None,
        mean: 0.0,
        margin: None,
    };
    for (pair, count) in pairs.iter().zip(1_usize..) {
        let n = count as f64;
        // Welford's way of a mean and a variance that go on.
        let away = pair.value - mean;
        mean += away / n;
        squares += away * (pair.value - mean);
        counting += pair.counting;
        verdict.mean = mean;
        if count < LEAST_PAIRS {
            continue;
        }
        // Equal pairs are no certainty: what counting alone does is always there.
        let variance = (squares / (n - 1.0)).max(counting / n / 2.0);
        let wide = n * rho2 + 1.0;
        let margin = (variance * wide / (n * n * rho2) * (wide / (ALPHA * ALPHA)).ln()).sqrt();
        verdict.margin = Some(margin);
        if verdict.decided.is_none() && mean.abs() > margin {
            let winner = if mean > 0.0 { Winner::A } else { Winner::B };
            verdict.decided = Some((count, winner));
        }
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(impressions: u64, clicks: u64) -> Shown {
        Shown {
            impressions,
            clicks,
        }
    }

    fn clear(n: usize) -> Vec<Difference> {
        (0..n)
            .map(|i| {
                let luck = 3 * (i as u64 % 3);
                Difference::of_clicks(shown(1_000, 200 + luck), shown(1_000, 50 + luck))
            })
            .collect()
    }

    #[test]
    fn a_clear_difference_is_told_after_eight_pairs_and_not_before() {
        assert_eq!(
            compare(&clear(7)),
            Verdict {
                margin: None,
                ..compare(&clear(7))
            }
        );
        assert_eq!(compare(&clear(7)).decided, None);
        assert_eq!(compare(&clear(30)).decided, Some((8, Winner::A)));
    }

    #[test]
    fn pairs_without_a_click_decide_nothing_however_alike_they_are() {
        let pairs = vec![Difference::of_clicks(shown(100, 0), shown(150, 0)); 60];
        assert_eq!(compare(&pairs).decided, None);
    }

    #[test]
    fn without_impressions_engagements_are_compared() {
        let pairs: Vec<Difference> = (0..12)
            .map(|i| Difference::of_engagements(30 + i, 300 + 2 * i))
            .collect();
        assert_eq!(compare(&pairs).decided.map(|d| d.1), Some(Winner::B));
    }

    fn any_shown() -> impl Strategy<Value = Shown> {
        (any::<u64>(), any::<u64>()).prop_map(|(i, c)| shown(i, c))
    }

    proptest! {
        #[test]
        fn swapping_the_variants_swaps_the_winner(
            pairs in proptest::collection::vec((any_shown(), any_shown()), 0..30)
        ) {
            let one: Vec<_> = pairs.iter().map(|(a, b)| Difference::of_clicks(*a, *b)).collect();
            let two: Vec<_> = pairs.iter().map(|(a, b)| Difference::of_clicks(*b, *a)).collect();
            let (one, two) = (compare(&one), compare(&two));
            prop_assert!(one.mean.is_finite() && (one.mean + two.mean).abs() < 1e-9);
            prop_assert_eq!(one.decided.map(|d| d.0), two.decided.map(|d| d.0));
            prop_assert!(one.decided.is_none() || one.decided != two.decided);
        }

        #[test]
        fn more_pairs_never_take_a_word_back(
            pairs in proptest::collection::vec((any_shown(), any_shown()), 8..30)
        ) {
            let all: Vec<_> = pairs.iter().map(|(a, b)| Difference::of_clicks(*a, *b)).collect();
            if let Some(decided) = compare(&all[..all.len() - 1]).decided {
                prop_assert_eq!(compare(&all).decided, Some(decided));
            }
        }
    }
}
