//! Best hours: accounts whose audience wakes and sleeps in its zones, with habits of its own.

use assistant::best_hours::{Effect, HOURS, Post, Prior, best_hours, hour_of_week, strongest};
use domain::Instant;
use domain::ids::IdentityId;
use domain::time::{DAY, HOUR};

use crate::dice::Dice;
use crate::table::{Goal, Table};

/// Monday, 23 November 2026, 00:00 UTC.
const NOW: Instant = Instant(1_795_392_000_000);
const COUNTS: [usize; 4] = [10, 30, 100, 300];
const ZONES: [&str; 8] = [
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Australia/Sydney",
];

struct World {
    prior: Prior,
    truth: [f64; HOURS],
    posts: Vec<Post>,
}

/// A smooth curve over the week with this standard deviation.
fn curve(dice: &mut Dice, deviation: f64, steps: bool) -> [f64; HOURS] {
    let mut values = [0.0; HOURS];
    // Waves of the day, or steps of four hours; other ones at the weekend.
    let waves: Vec<(f64, [f64; 4])> = (1..=3)
        .map(|k| (f64::from(k), std::array::from_fn(|_| dice.normal())))
        .collect();
    let blocks: Vec<[f64; 2]> = (0..6)
        .map(|_| std::array::from_fn(|_| dice.normal()))
        .collect();
    let days: Vec<f64> = (0..7).map(|_| 0.35 * dice.normal()).collect();
    for (hour, value) in values.iter_mut().enumerate() {
        let weekend = if hour >= 120 { 0.6 } else { 0.0 };
        *value = days[hour / 24];
        if steps {
            let [week, rest] = blocks[hour % 24 / 4];
            *value += (1.0 - weekend) * week + weekend * rest;
            continue;
        }
        let at = std::f64::consts::TAU * (hour % 24) as f64 / 24.0;
        for (k, [a, b, c, d]) in &waves {
            let (sin, cos) = ((k * at).sin() / k, (k * at).cos() / k);
            *value += (1.0 - weekend) * (a * sin + b * cos) + weekend * (c * sin + d * cos);
        }
    }
    let mean = values.iter().sum::<f64>() / HOURS as f64;
    let spread =
        (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / HOURS as f64).sqrt();
    values.map(|v| deviation * (v - mean) / spread.max(1e-9))
}

/// The weighted waking of zones, from the priors of each alone.
fn waking(zones: &[(&str, f64)]) -> [f64; HOURS] {
    let each: Vec<(Prior, f64)> = zones
        .iter()
        .filter_map(|(zone, weight)| {
            Some((Prior::of_zones(&[(*zone).to_owned()], NOW).ok()?, *weight))
        })
        .collect();
    let mut values = [0.0; HOURS];
    for (hour, value) in values.iter_mut().enumerate() {
        *value = each
            .iter()
            .map(|(p, w)| w * p.hours()[hour].exp())
            .sum::<f64>()
            .ln();
    }
    let mean = values.iter().sum::<f64>() / HOURS as f64;
    values.map(|v| v - mean)
}

fn world(seed: u64, count: usize, steps: bool) -> World {
    let mut dice = Dice::new("hours", seed);
    let dice = &mut dice;
    let first = *dice.pick(&ZONES);
    let second = *dice.pick(&ZONES);
    let weight = dice.between(0.4, 0.8);
    let mut declared = vec![(first, 0.5), (second, 0.5)];
    if dice.chance(0.15) {
        declared.truncate(1);
    }
    let declared: Vec<String> = declared
        .into_iter()
        .map(|(zone, _)| zone.to_owned())
        .collect();
    let prior = Prior::of_zones(&declared, NOW).unwrap_or_else(|_| Prior::of_hours([0.0; HOURS]));
    let common = waking(&[(first, weight), (second, 1.0 - weight)]);
    let (network, persona) = (curve(dice, 0.35, steps), curve(dice, 0.3, steps));
    let truth_of = |dice: &mut Dice| {
        let own = curve(dice, 0.18, steps);
        let mut truth = [0.0; HOURS];
        for (hour, value) in truth.iter_mut().enumerate() {
            *value = common[hour] + network[hour] + persona[hour] + own[hour];
        }
        truth
    };
    let truth = truth_of(dice);
    let sibling = truth_of(dice);
    let mut posts = account(dice, 1, count, &truth, &common);
    posts.extend(account(dice, 2, count / 2, &sibling, &common));
    World {
        prior,
        truth,
        posts,
    }
}

fn account(
    dice: &mut Dice,
    by: u128,
    count: usize,
    truth: &[f64; HOURS],
    waking: &[f64; HOURS],
) -> Vec<Post> {
    let awake: Vec<f64> = waking.iter().map(|w| (1.5 * w).exp()).collect();
    let habits: Vec<usize> = (0..4).map(|_| dice.weighted(&awake)).collect();
    let level = dice.between(2.0, 5.0);
    let growth = dice.between(-0.2, 0.6);
    let weeks = (count / 4).max(3) as i64;
    let campaign = dice.whole(1, weeks);
    let effects = [
        dice.normal() * 0.4,
        dice.normal() * 0.4,
        dice.normal() * 0.3,
    ];
    (0..count)
        .map(|_| {
            let habitual = dice.chance(0.55);
            let hour = if habitual {
                let near = *dice.pick(&habits) as i64 + dice.whole(-1, 1);
                near.rem_euclid(HOURS as i64) as usize
            } else {
                dice.weighted(&awake)
            };
            let weeks_ago = dice.whole(1, weeks);
            let published_at = NOW.plus(-weeks_ago * 7 * DAY + hour as i64 * HOUR);
            let age = dice.between(20.0, 200.0);
            let flags = [dice.chance(0.4), dice.chance(0.3), dice.chance(0.2)];
            let traits: f64 = flags
                .iter()
                .zip(&effects)
                .filter(|(f, _)| **f)
                .map(|(_, e)| e)
                .sum();
            let mean = level
                + truth[hour]
                + traits
                + if habitual { 0.25 } else { 0.0 }
                + if weeks_ago == campaign { 0.5 } else { 0.0 }
                - growth * weeks_ago as f64 * 7.0 / 90.0
                + 0.3 * dice.normal();
            let maturity = 1.0 - (-(age + 1.0) / 10.0_f64).exp();
            let viral = if dice.chance(0.02) { 8.0 } else { 1.0 };
            let engagements = dice.negative_binomial((mean.exp() * maturity * viral).min(1e6), 3.0);
            Post {
                identity: IdentityId(uuid::Uuid::from_u128(by)),
                published_at,
                measured_at: published_at.plus((age * HOUR as f64) as i64),
                engagements: engagements as u32,
                has_media: flags[0],
                has_link: flags[1],
                is_question: flags[2],
            }
        })
        .collect()
}

fn regret(truth: &[f64; HOURS], chosen: &[usize]) -> f64 {
    let value =
        |hours: &[usize]| hours.iter().map(|h| truth[*h].exp()).sum::<f64>() / hours.len() as f64;
    let ideal = truth.map(|mean| Effect {
        mean,
        ..Effect::default()
    });
    1.0 - value(chosen) / value(&strongest(&ideal, 3, 3, &[]))
}

fn of_values(values: [f64; HOURS]) -> Vec<usize> {
    strongest(
        &values.map(|mean| Effect {
            mean,
            ..Effect::default()
        }),
        3,
        3,
        &[],
    )
}

fn own(world: &World) -> impl Iterator<Item = &Post> {
    world.posts.iter().filter(|p| p.identity.0.as_u128() == 1)
}

fn raw_mean(world: &World) -> Vec<usize> {
    let mut sums = [(0.0, 0.0); HOURS];
    for post in own(world) {
        let slot = &mut sums[hour_of_week(post.published_at)];
        slot.0 += f64::from(post.engagements).ln_1p();
        slot.1 += 1.0;
    }
    of_values(sums.map(|(sum, n)| if n > 0.0 { sum / n } else { 0.0 }))
}

fn most_frequent(world: &World) -> Vec<usize> {
    let mut counts = [0.0; HOURS];
    own(world).for_each(|post| counts[hour_of_week(post.published_at)] += 1.0);
    of_values(counts)
}

pub(crate) fn run(seeds: std::ops::Range<u64>) -> usize {
    let me = IdentityId(uuid::Uuid::from_u128(1));
    let columns = [
        "regret at 10",
        "at 30",
        "at 100",
        "at 300",
        "coverage",
        "on steps",
    ];
    let mut rows: [Vec<Vec<f64>>; 5] = std::array::from_fn(|_| vec![vec![]; columns.len()]);
    let inside = |world: &World| {
        let profile = best_hours(me, &world.posts, &world.prior, NOW);
        let level = world.truth.iter().sum::<f64>() / HOURS as f64;
        let within = profile
            .hours
            .iter()
            .zip(&world.truth)
            .filter(|(e, t)| (e.low..=e.high).contains(&(*t - level)));
        (within.count() as f64 / HOURS as f64, profile)
    };
    for seed in seeds {
        let mut coverage = Vec::new();
        for (at, count) in COUNTS.iter().enumerate() {
            let world = world(seed * 7 + at as u64, *count, false);
            let mut dice = Dice::new("any hour", seed);
            let any: Vec<usize> = (0..3).map(|_| dice.below(HOURS)).collect();
            let (covered, profile) = inside(&world);
            let ways = [
                any,
                most_frequent(&world),
                raw_mean(&world),
                of_values(*world.prior.hours()),
                strongest(&profile.hours, 3, 3, &[]),
            ];
            for (row, chosen) in rows.iter_mut().zip(&ways) {
                row[at].push(regret(&world.truth, chosen));
            }
            coverage.push(covered);
        }
        rows[4][4].push(crate::table::mean(&coverage));
        rows[4][5].push(inside(&world(seed * 7 + 5, 100, true)).0);
    }
    let mut table = Table::new("Best hours", &columns);
    for (name, row) in ["any hour", "most frequent", "raw mean", "the zones alone"]
        .iter()
        .zip(&rows)
    {
        table.beside(name, row);
    }
    for (column, most) in columns.iter().zip([0.33, 0.29, 0.22, 0.18]) {
        table.goal(column, Goal::AtMost(most));
    }
    for plain in &rows[2..4] {
        for (column, values) in columns.iter().zip(plain).take(4) {
            table.goal(
                column,
                Goal::AtMost((1e3 * crate::table::mean(values)).round() / 1e3),
            );
        }
    }
    table.goal("coverage", Goal::Within(0.76, 0.86));
    table.goal("on steps", Goal::Within(0.76, 0.86));
    table.ours("Gaussian process", &rows[4]);
    table.print()
}
