//! Ranking suggestions for a persona, and learning from what becomes of them.
//!
//! A Bayesian logistic regression that begins at weights everybody gets. Every answer moves the
//! weights (the mode of the posterior, with its curvature as the new certainty); suggestions are
//! ordered by their mean. Trying things for the sake of learning did not pay.

use crate::normal::dot;

/// Numbers that describe a suggestion: one that is always 1, five kinds, five qualities.
pub const FEATURES: usize = 11;
const KINDS: usize = 5;
/// How far a persona's weights are from the shipped ones, as standard deviations.
const SPREAD: f64 = 0.8;
const SPREAD_OF_BIAS: f64 = 0.5;
/// Steps towards the mode: after three nothing moves any more.
const STEPS: usize = 3;
/// The most answers of a day that are learned from, so that no flood drowns the past.
pub const MOST_A_DAY: u32 = 50;

/// Where everybody begins: the bias, the kinds, then topic, freshness, evidence, novelty, effort.
const SHIPPED: [f64; FEATURES] = [-0.4, 0.3, 0.3, 0.1, 0.0, 0.1, 1.2, 0.6, 0.5, 0.6, -0.5];

/// What kind of suggestion it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Join a trend.
    Trend,
    /// Answer what the audience asks.
    Question,
    /// Bring something of one's own again.
    Reuse,
    /// Give something long or good another form.
    Recast,
    /// Fill a gap in the plan.
    Gap,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; KINDS] = [
        Self::Trend,
        Self::Question,
        Self::Reuse,
        Self::Recast,
        Self::Gap,
    ];
}

/// A quality of a suggestion, from -1 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// How well it meets what the persona is about.
    Topic,
    /// How new what it builds on is.
    Freshness,
    /// How much speaks for it.
    Evidence,
    /// How little of it was said before.
    Novelty,
    /// How much work it is.
    Effort,
}

impl Quality {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Topic,
        Self::Freshness,
        Self::Evidence,
        Self::Novelty,
        Self::Effort,
    ];
}

/// A suggestion as numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Features([f64; FEATURES]);

impl Features {
    /// Of a kind and its qualities in the order of [`Quality::ALL`]; what is no number is 0, what is
    /// beyond -1 to 1 is cut.
    #[must_use]
    pub fn new(kind: Kind, qualities: [f64; 5]) -> Self {
        let mut values = [0.0; FEATURES];
        values[0] = 1.0;
        values[1 + kind as usize] = 1.0;
        for (value, quality) in values[1 + KINDS..].iter_mut().zip(qualities) {
            *value = if quality.is_nan() {
                0.0
            } else {
                quality.clamp(-1.0, 1.0)
            };
        }
        Self(values)
    }

    /// The numbers: 1, then one for each kind, then the qualities.
    #[must_use]
    pub const fn values(&self) -> &[f64; FEATURES] {
        &self.0
    }
}

/// What became of a suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Taken as it was.
    Accepted,
    /// Taken and changed.
    Edited,
    /// Not wanted.
    Dismissed,
}

impl Answer {
    const fn worth(self) -> f64 {
        match self {
            Self::Accepted => 1.0,
            Self::Edited => 0.7,
            Self::Dismissed => 0.0,
        }
    }
}

/// What speaks for or against a suggestion, as a share of its score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// The persona likes (or not) suggestions of this kind.
    Kind(Kind, f64),
    /// A quality of it.
    Quality(Quality, f64),
}

impl Reason {
    /// How much: more than 0 speaks for it.
    #[must_use]
    pub const fn weight(self) -> f64 {
        match self {
            Self::Kind(_, weight) | Self::Quality(_, weight) => weight,
        }
    }
}

/// What a persona likes: a small row that can be shown, and deleted to begin anew.
#[derive(Clone, Debug, PartialEq)]
pub struct Taste {
    weights: [f64; FEATURES],
    /// How uncertain each weight is, and how they hang together.
    covariance: [[f64; FEATURES]; FEATURES],
    /// Answers that were learned from.
    answers: u32,
    /// Days since 1970 of the newest one, and how many there were on that day.
    day: i64,
    that_day: u32,
}

impl Default for Taste {
    fn default() -> Self {
        let mut covariance = [[0.0; FEATURES]; FEATURES];
        for (i, row) in covariance.iter_mut().enumerate() {
            let spread = if i == 0 { SPREAD_OF_BIAS } else { SPREAD };
            row[i] = spread * spread;
        }
        Self {
            weights: SHIPPED,
            covariance,
            answers: 0,
            day: i64::MIN,
            that_day: 0,
        }
    }
}

impl Taste {
    /// How probable it is that a suggestion is taken, from 0 to 1.
    #[must_use]
    pub fn appeal(&self, features: &Features) -> f64 {
        sigmoid(dot(&self.weights, &features.0))
    }

    /// The order in which suggestions are shown: places of the list, best first.
    #[must_use]
    pub fn rank(&self, suggestions: &[Features]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..suggestions.len()).collect();
        let appeal = |i: usize| self.appeal(&suggestions[i]);
        order.sort_by(|a, b| appeal(*b).total_cmp(&appeal(*a)).then(a.cmp(b)));
        order
    }

    /// What weighs most for or against a suggestion, strongest first.
    #[must_use]
    pub fn reasons(&self, features: &Features) -> Vec<Reason> {
        let share = |i: usize| self.weights[i] * features.0[i];
        let kinds = Kind::ALL
            .iter()
            .map(|k| Reason::Kind(*k, share(1 + *k as usize)));
        let qualities = Quality::ALL
            .iter()
            .map(|q| Reason::Quality(*q, share(1 + KINDS + *q as usize)));
        let mut reasons: Vec<Reason> = kinds
            .chain(qualities)
            .filter(|r| r.weight() != 0.0)
            .collect();
        reasons.sort_by(|a, b| b.weight().abs().total_cmp(&a.weight().abs()));
        reasons
    }

    /// What each number of a suggestion weighs.
    #[must_use]
    pub const fn weights(&self) -> &[f64; FEATURES] {
        &self.weights
    }

    /// Answers that were learned from.
    #[must_use]
    pub const fn answers(&self) -> u32 {
        self.answers
    }

    /// Learns from an answer given on a day (days since 1970); no answer is nothing to learn from.
    /// Returns whether it was: beyond [`MOST_A_DAY`] it is not.
    pub fn learn(&mut self, features: &Features, answer: Answer, day: i64) -> bool {
        if day != self.day {
            (self.day, self.that_day) = (day, 0);
        }
        if self.that_day >= MOST_A_DAY {
            return false;
        }
        self.that_day += 1;
        self.answers = self.answers.saturating_add(1);
        let pull = self.covariance.map(|row| dot(&row, &features.0));
        let reach = dot(&pull, &features.0);
        let before = dot(&self.weights, &features.0);
        // The mode lies on the line weights + step * pull: Newton's steps for its one number.
        let mut step = 0.0;
        for _ in 0..STEPS {
            let guess = sigmoid(before + step * reach);
            let slope = 1.0 + guess * (1.0 - guess) * reach;
            step += (answer.worth() - guess - step) / slope;
        }
        for (weight, pull) in self.weights.iter_mut().zip(&pull) {
            *weight += step * pull;
        }
        let guess = sigmoid(before + step * reach);
        let curve = guess * (1.0 - guess);
        let shrink = curve / (1.0 + curve * reach);
        for (i, row) in self.covariance.iter_mut().enumerate() {
            for (j, value) in row.iter_mut().enumerate() {
                *value -= shrink * pull[i] * pull[j];
            }
        }
        true
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(kind: Kind) -> Features {
        Features::new(kind, [0.2, 0.0, 0.1, 0.3, 0.0])
    }

    #[test]
    fn what_is_dismissed_sinks_and_what_is_taken_rises() {
        let mut taste = Taste::default();
        let both = [plain(Kind::Trend), plain(Kind::Reuse)];
        assert_eq!(taste.rank(&both), [0, 1]);
        for day in 0..4 {
            taste.learn(&both[0], Answer::Dismissed, day);
            taste.learn(&both[1], Answer::Accepted, day);
        }
        assert_eq!(taste.rank(&both), [1, 0]);
        assert!(matches!(taste.reasons(&both[0])[0], Reason::Kind(Kind::Trend, w) if w < 0.0));
    }

    #[test]
    fn an_edited_suggestion_counts_less_than_a_taken_one() {
        let after = |answer| {
            let mut taste = Taste::default();
            taste.learn(&plain(Kind::Gap), answer, 0);
            taste.appeal(&plain(Kind::Gap))
        };
        assert!(after(Answer::Accepted) > after(Answer::Edited));
        assert!(after(Answer::Edited) > after(Answer::Dismissed));
    }

    #[test]
    fn a_flood_of_answers_teaches_fifty_a_day() {
        let mut taste = Taste::default();
        let learned = (0..1_000)
            .filter(|_| taste.learn(&plain(Kind::Trend), Answer::Dismissed, 7))
            .count();
        assert_eq!((learned, taste.answers()), (50, 50));
        assert!(taste.learn(&plain(Kind::Trend), Answer::Dismissed, 8));
    }

    #[test]
    fn what_is_no_number_is_nothing() {
        let odd = Features::new(Kind::Gap, [f64::NAN, f64::INFINITY, -1e308, 0.0, 0.5]);
        assert_eq!(odd, Features::new(Kind::Gap, [0.0, 1.0, -1.0, 0.0, 0.5]));
    }

    proptest! {
        #[test]
        fn learning_stays_finite_and_only_gets_surer(
            answers in proptest::collection::vec((0_usize..5, any::<[f64; 5]>(), 0_u8..3), 0..60)
        ) {
            let mut taste = Taste::default();
            for (day, (kind, qualities, answer)) in (0_i64..).zip(answers) {
                let before = taste.clone();
                let answer = [Answer::Accepted, Answer::Edited, Answer::Dismissed][usize::from(answer)];
                let features = Features::new(Kind::ALL[kind], qualities);
                taste.learn(&features, answer, day);
                prop_assert!(taste.weights.iter().all(|w| w.is_finite() && w.abs() < 20.0));
                for i in 0..FEATURES {
                    prop_assert!(taste.covariance[i][i] > 0.0);
                    prop_assert!(taste.covariance[i][i] <= before.covariance[i][i] + 1e-12);
                }
                let (was, is) = (before.appeal(&features), taste.appeal(&features));
                prop_assert!((is - was) * (answer.worth() - was) >= -1e-12);
            }
        }
    }
}
