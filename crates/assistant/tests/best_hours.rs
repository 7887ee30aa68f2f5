//! What best hours promise: that they equal the prior without data, do not depend on order, follow
//! what was measured, and do better than plain ways on worlds with a planted truth.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use assistant::best_hours::{
    Effect, HOURS, MAX_POSTS, Post, Prior, Profile, best_hours, hour_of_week, strongest,
};
use domain::Instant;
use domain::ids::IdentityId;
use domain::time::{DAY, HOUR};
use proptest::prelude::*;
use uuid::Uuid;

/// Monday, 23 November 2026, 00:00 UTC.
const MONDAY: Instant = Instant(1_795_392_000_000);

fn account(n: u128) -> IdentityId {
    IdentityId(Uuid::from_u128(n))
}

fn berlin() -> Prior {
    Prior::of_zones(&["Europe/Berlin".to_owned()], MONDAY).unwrap()
}

fn post(by: u128, weeks_ago: i64, hour: usize, engagements: u32) -> Post {
    let published_at = MONDAY.plus(-weeks_ago * 7 * DAY + i64::try_from(hour).unwrap() * HOUR);
    Post {
        identity: account(by),
        published_at,
        measured_at: published_at.plus(7 * DAY),
        engagements,
        has_media: false,
        has_link: false,
        is_question: false,
    }
}

fn mean_gap(profile: &Profile, prior: &Prior) -> f64 {
    let apart = |(e, p): (&Effect, &f64)| (e.mean - p).abs();
    profile
        .hours
        .iter()
        .zip(prior.hours())
        .map(apart)
        .sum::<f64>()
        / HOURS as f64
}

#[test]
fn without_data_it_is_the_prior_with_its_uncertainty() {
    let prior = berlin();
    let profile = best_hours(account(1), &[], &prior, MONDAY);
    assert_eq!(profile.posts, 0);
    for (effect, prior) in profile.hours.iter().zip(prior.hours()) {
        assert!((effect.mean - prior).abs() < 1e-12);
        assert!(effect.low < effect.mean && effect.mean < effect.high);
    }
}

#[test]
fn an_audience_reads_by_day_on_its_own_clocks() {
    let at = |zone: &str, hour: usize| {
        let prior = Prior::of_zones(&[zone.to_owned()], MONDAY).unwrap();
        prior.hours()[hour]
    };
    // 13:30 in Berlin is 12:30 UTC; 03:30 there is 02:30 UTC.
    assert!(at("Europe/Berlin", 12) > at("Europe/Berlin", 2) + 0.5);
    assert!(at("Pacific/Auckland", 0) > at("Pacific/Auckland", 12));
    // In summer the clocks of Berlin are an hour ahead of what they are in winter.
    let summer = Prior::of_zones(&["Europe/Berlin".to_owned()], MONDAY.plus(-140 * DAY)).unwrap();
    assert!((summer.hours()[11] - berlin().hours()[12]).abs() < 1e-9);
    assert!(Prior::of_zones(&["Nowhere/Town".to_owned()], MONDAY).is_err());
}

#[test]
fn the_hour_of_the_week_begins_on_monday() {
    assert_eq!(hour_of_week(MONDAY), 0);
    assert_eq!(hour_of_week(MONDAY.plus(-1)), 167);
    assert_eq!(hour_of_week(MONDAY.plus(2 * DAY + 11 * HOUR + 59)), 59);
}

#[test]
fn more_data_moves_further_from_the_prior() {
    let prior = berlin();
    // Wednesday 03:00 UTC does what the prior never expects.
    let night = 2 * 24 + 3;
    let mut before = 0.0;
    for weeks in [2, 8, 32] {
        let posts: Vec<Post> = (1..=weeks)
            .flat_map(|w| [post(1, w, night, 200), post(1, w, night + 10, 10)])
            .collect();
        let profile = best_hours(account(1), &posts, &prior, MONDAY);
        let moved = profile.hours[night].mean - prior.hours()[night];
        assert!(moved > before + 0.1, "{weeks} weeks: {moved}");
        before = moved;
    }
}

#[test]
fn posts_of_a_sibling_count_less_than_own_ones() {
    let prior = berlin();
    let by = |who: u128| -> Vec<Post> {
        (1..=10)
            .flat_map(|w| [post(who, w, 51, 200), post(who, w, 61, 10)])
            .collect()
    };
    let own = best_hours(account(1), &by(1), &prior, MONDAY);
    let sibling = best_hours(account(1), &by(2), &prior, MONDAY);
    assert_eq!((own.posts, sibling.posts), (20, 0));
    let pull = |p: &Profile| p.hours[51].mean - prior.hours()[51];
    assert!(pull(&sibling) > 0.05 && pull(&own) > pull(&sibling) + 0.1);
}

#[test]
fn what_was_counted_too_early_says_nothing() {
    let prior = berlin();
    let mut early = post(1, 2, 51, 10_000);
    early.measured_at = early.published_at.plus(29 * HOUR);
    let profile = best_hours(account(1), &[early], &prior, MONDAY);
    assert_eq!(profile, best_hours(account(1), &[], &prior, MONDAY));
}

#[test]
fn of_very_many_posts_the_newest_own_ones_count() {
    let prior = berlin();
    let count = i64::try_from(MAX_POSTS).unwrap();
    let own: Vec<Post> = (1..=count).map(|w| post(1, w, 51, 20)).collect();
    let with_more: Vec<Post> = own
        .iter()
        .copied()
        .chain((1..=20).map(|w| post(2, w, 60, 900)))
        .chain([post(1, count + 1, 3, 9_000)])
        .collect();
    assert_eq!(
        best_hours(account(1), &own, &prior, MONDAY),
        best_hours(account(1), &with_more, &prior, MONDAY)
    );
}

#[test]
fn the_strongest_hours_keep_their_distance() {
    let profile = best_hours(account(1), &[], &berlin(), MONDAY);
    let first = strongest(&profile.hours, 1, 3, &[])[0];
    let found = strongest(&profile.hours, 5, 3, &[first]);
    assert_eq!(found.len(), 5);
    for (i, a) in found.iter().enumerate() {
        for b in found.iter().skip(i + 1).chain([&first]) {
            let straight = a.abs_diff(*b);
            assert!(straight.min(HOURS - straight) >= 3, "{a} and {b}");
        }
    }
}

fn any_posts() -> impl Strategy<Value = Vec<Post>> {
    let one = (
        1_u128..4,
        1_i64..40,
        0_usize..HOURS,
        0_u32..5_000,
        any::<[bool; 3]>(),
    );
    proptest::collection::vec(one, 0..40).prop_map(|all| {
        all.into_iter()
            .map(|(by, weeks, hour, engagements, [m, l, q])| Post {
                has_media: m,
                has_link: l,
                is_question: q,
                ..post(by, weeks, hour, engagements)
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_posts_does_not_matter(posts in any_posts(), turn in 0_usize..40) {
        let prior = berlin();
        let mut other = posts.clone();
        other.reverse();
        let half = turn % other.len().max(1);
        other.rotate_left(half);
        prop_assert_eq!(
            best_hours(account(1), &posts, &prior, MONDAY),
            best_hours(account(1), &other, &prior, MONDAY)
        );
    }

    #[test]
    fn every_answer_is_finite_centred_and_inside_its_range(posts in any_posts()) {
        let prior = berlin();
        let profile = best_hours(account(1), &posts, &prior, MONDAY);
        let sum: f64 = profile.hours.iter().map(|e| e.mean).sum();
        prop_assert!(sum.abs() < 1e-6);
        let nothing = best_hours(account(1), &[], &prior, MONDAY);
        for (with, without) in profile.hours.iter().zip(&nothing.hours) {
            prop_assert!(with.low.is_finite() && with.low <= with.mean && with.mean <= with.high);
            // Whatever was measured, it is not known less than before.
            prop_assert!(with.high - with.low <= without.high - without.low + 1e-9);
        }
    }
}

/// A stream of numbers in [0, 1) from a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let unit = ((z ^ (z >> 31)) >> 11) as f64;
        unit / (1_u64 << 53) as f64
    }

    /// Nearly normal, with mean 0 and standard deviation 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.roll()).sum::<f64>() - 6.0
    }

    fn below(&mut self, n: usize) -> usize {
        (self.roll() * n as f64) as usize % n
    }
}

/// A world whose truth is the audience's waking with hills of its own on it, and a person who posts
/// at habitual hours and sometimes elsewhere.
fn world(seed: u64, count: usize, prior: &Prior) -> ([f64; HOURS], Vec<Post>) {
    let mut dice = Dice(seed);
    let mut truth = *prior.hours();
    for _ in 0..3 {
        let (middle, height) = (dice.roll() * 24.0, 0.7 * dice.normal());
        let weekend_too = dice.roll() < 0.5;
        for (hour, value) in truth.iter_mut().enumerate() {
            let away = ((hour % 24) as f64 - middle).abs();
            let away = away.min(24.0 - away) / 2.5;
            if weekend_too || hour < 120 {
                *value += height * (-0.5 * away * away).exp();
            }
        }
    }
    let habit: Vec<usize> = (0..4)
        .map(|_| dice.below(5) * 24 + 7 + dice.below(14))
        .collect();
    let posts = (0..count)
        .map(|i| {
            let hour = if dice.roll() < 0.5 {
                habit[dice.below(4)]
            } else {
                dice.below(HOURS)
            };
            let expected = 2.5 + truth[hour] + 0.7 * dice.normal();
            let weeks = i64::try_from(i / 4).unwrap() + 1;
            post(1, weeks, hour, expected.exp().min(1e6) as u32)
        })
        .collect();
    (truth, posts)
}

/// How much of the best possible mean of three hours is lost, from 0 to 1.
fn regret(truth: &[f64; HOURS], chosen: &[usize]) -> f64 {
    let value =
        |hours: &[usize]| hours.iter().map(|h| truth[*h].exp()).sum::<f64>() / hours.len() as f64;
    let ideal = truth.map(|mean| Effect {
        mean,
        ..Effect::default()
    });
    1.0 - value(chosen) / value(&strongest(&ideal, 3, 3, &[]))
}

#[test]
fn on_planted_truths_it_beats_the_prior_and_the_plain_mean_and_knows_how_sure_it_is() {
    let prior = berlin();
    let seeds = 40;
    let without = best_hours(account(1), &[], &prior, MONDAY);
    for count in [30, 100] {
        let (mut ours, mut priors, mut plain) = (0.0, 0.0, 0.0);
        let (mut inside, mut all) = (0.0, 0.0);
        for seed in 0..seeds {
            let (truth, posts) = world(seed, count, &prior);
            let profile = best_hours(account(1), &posts, &prior, MONDAY);
            ours += regret(&truth, &strongest(&profile.hours, 3, 3, &[]));
            priors += regret(&truth, &strongest(&without.hours, 3, 3, &[]));
            plain += regret(&truth, &raw_mean(&posts));
            let level = truth.iter().sum::<f64>() / HOURS as f64;
            for (effect, value) in profile.hours.iter().zip(&truth) {
                let value = value - level;
                inside += f64::from(u8::from(effect.low <= value && value <= effect.high));
                all += 1.0;
            }
        }
        assert!(ours < 0.9 * priors, "{count}: {ours} against {priors}");
        assert!(ours < 0.8 * plain, "{count}: {ours} against {plain}");
        let coverage = inside / all;
        assert!((0.7..0.95).contains(&coverage), "{count}: {coverage}");
    }
    assert!(mean_gap(&without, &prior) < 1e-12);
}

/// The three hours with the best plain mean, at the same distance.
fn raw_mean(posts: &[Post]) -> Vec<usize> {
    let mut sums = [(0.0, 0.0); HOURS];
    for post in posts {
        let slot = &mut sums[hour_of_week(post.published_at)];
        slot.0 += f64::from(post.engagements).ln_1p();
        slot.1 += 1.0;
    }
    let hours = sums.map(|(sum, n)| Effect {
        mean: if n > 0.0 { sum / n } else { 0.0 },
        ..Effect::default()
    });
    strongest(&hours, 3, 3, &[])
}
