//! The expected range: accounts with effects, moods and luck, and the next post of each.

use assistant::range::{Past, Traits, expected_range};
use domain::Instant;
use domain::time::{DAY, HOUR};

use crate::dice::Dice;
use crate::table::{Goal, Table, mean};

const NOW: i64 = 1_795_392_000_000;
const COUNTS: [usize; 4] = [12, 20, 40, 100];
/// Next posts that are looked at in each world.
const DRAFTS: usize = 25;
const LEVEL: f64 = 0.8;

struct World {
    past: Vec<Past>,
    drafts: Vec<Past>,
}

fn world(seed: u64, count: usize) -> World {
    let mut dice = Dice::new("range", seed);
    let dice = &mut dice;
    let tiny = dice.chance(0.1);
    let level = if tiny {
        dice.between(0.3, 1.5)
    } else {
        dice.between(2.0, 6.0)
    };
    let (growth, media, link) = (
        dice.between(-0.2, 0.5),
        0.5 * dice.normal() + 0.2,
        0.5 * dice.normal() - 0.1,
    );
    let (length, wave, phase, weekend) = (
        0.15 * dice.normal(),
        0.4 * dice.unit(),
        dice.between(0.0, std::f64::consts::TAU),
        0.2 * dice.normal(),
    );
    let topics: Vec<f64> = (0..5).map(|_| 0.35 * dice.normal()).collect();
    let heavy = dice.chance(0.5);
    let shift = if dice.chance(0.25) {
        0.5 * dice.normal()
    } else {
        0.0
    };
    let shift_at = dice.below(count);
    let a_week = dice.between(2.0, 7.0);
    let mut mood = 0.0;
    let hours: Vec<i64> = (0..6).map(|_| dice.whole(7, 21)).collect();
    let mut at = NOW - (count as f64 / a_week * 7.0 * DAY as f64) as i64;
    let mut posts = Vec::new();
    for n in 0..count + DRAFTS {
        // The drafts are all the next post: their luck differs, the past does not.
        let is_draft = n >= count;
        if !is_draft {
            at += (7.0 / a_week * dice.between(0.4, 1.6) * DAY as f64) as i64;
            mood = 0.6 * mood + 0.2 * dice.normal();
        }
        let hour = *dice.pick(&hours);
        let day = at.div_euclid(DAY);
        let published_at = Instant(day * DAY + hour * HOUR);
        let hour_of_week = ((day + 3).rem_euclid(7) * 24 + hour) as u8;
        let traits = Traits {
            published_at,
            hour_of_week,
            has_media: dice.chance(0.45),
            has_link: dice.chance(0.3),
            length: (20.0 + 220.0 * dice.unit()) as u32,
        };
        let flag = |on: bool| f64::from(u8::from(on));
        let noise = if heavy { dice.heavy() } else { dice.normal() };
        let log = level
            + growth * (published_at.0 - NOW) as f64 / (90.0 * DAY as f64)
            + media * flag(traits.has_media)
            + link * flag(traits.has_link)
            + length * (f64::from(traits.length) - 130.0) / 65.0
            + wave * (std::f64::consts::TAU * hour as f64 / 24.0 + phase).sin()
            + weekend * flag(hour_of_week >= 120)
            + dice.pick(&topics)
            + mood
            + if n >= shift_at { shift } else { 0.0 }
            + 0.55 * noise;
        let viral = if dice.chance(0.04) {
            dice.between(4.0, 15.0)
        } else {
            1.0
        };
        let engagements = dice.negative_binomial((log.exp() * viral).min(1e7), 3.0);
        posts.push(Past {
            traits,
            engagements,
        });
    }
    let drafts = posts.split_off(count);
    World {
        past: posts,
        drafts,
    }
}

/// Whether a value lies in a range, and the interval score of it (Winkler 1972) on the log scale.
fn scored(low: f64, high: f64, value: u64) -> (f64, f64) {
    let alpha = 1.0 - LEVEL;
    let (l, h, y) = (low.ln_1p(), high.ln_1p(), (value as f64).ln_1p());
    let beyond = (l - y).max(0.0) + (y - h).max(0.0);
    (
        f64::from(u8::from(l <= y && y <= h)),
        h - l + 2.0 / alpha * beyond,
    )
}

/// The quantiles of the own posts.
fn own_quantiles(past: &[Past]) -> (f64, f64) {
    let mut counts: Vec<f64> = past.iter().map(|p| p.engagements as f64).collect();
    counts.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let rank = share * (counts.len() - 1) as f64;
        let below = rank.floor() as usize;
        let above = (below + 1).min(counts.len() - 1);
        counts[below] + (rank - below as f64) * (counts[above] - counts[below])
    };
    (at(0.1), at(0.9))
}

/// The mean, give or take a quarter.
fn around_the_mean(past: &[Past]) -> (f64, f64) {
    let mean = past.iter().map(|p| p.engagements as f64).sum::<f64>() / past.len() as f64;
    (0.75 * mean, 1.25 * mean)
}

pub(crate) fn run(seeds: std::ops::Range<u64>) -> usize {
    let mut missed = 0;
    for count in COUNTS {
        let mut table = Table::new(
            &format!("Expected range, 80 %, {count} posts"),
            &["coverage", "with media", "without", "interval score"],
        );
        type Way = fn(&[Past], &Traits) -> Option<(f64, f64)>;
        let ways: [(&str, Way); 3] = [
            ("mean ± 25 %", |past, _| Some(around_the_mean(past))),
            ("own quantiles", |past, _| Some(own_quantiles(past))),
            ("ridge, conformal", |past, draft| {
                expected_range(past, draft, LEVEL).map(|r| (r.low, r.high))
            }),
        ];
        let mut quantiles = f64::NAN;
        for (name, way) in ways {
            let mut columns = vec![Vec::new(); 4];
            for seed in seeds.clone() {
                let world = world(seed, count);
                let mut all = [vec![], vec![], vec![], vec![]];
                for draft in &world.drafts {
                    let Some((low, high)) = way(&world.past, &draft.traits) else {
                        continue;
                    };
                    let (covered, score) = scored(low, high, draft.engagements);
                    all[0].push(covered);
                    all[if draft.traits.has_media { 1 } else { 2 }].push(covered);
                    all[3].push(score);
                }
                for (column, values) in columns.iter_mut().zip(&all) {
                    if !values.is_empty() {
                        column.push(mean(values));
                    }
                }
            }
            if name == "own quantiles" {
                quantiles = mean(&columns[3]);
            }
            if name == "ridge, conformal" {
                for column in ["coverage", "with media", "without"] {
                    table.goal(column, Goal::Within(0.78, 0.88));
                }
                if count >= 20 {
                    table.goal(
                        "interval score",
                        Goal::AtMost((1e3 * quantiles).round() / 1e3),
                    );
                }
                table.ours(name, &columns);
            } else {
                table.beside(name, &columns);
            }
        }
        missed += table.print();
    }
    missed
}
