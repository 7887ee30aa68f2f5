//! Two variants: pairs of posts, with the luck that all impressions of a post share.

use assistant::variants::{Difference, Shown, Winner, compare};

use crate::dice::Dice;
use crate::table::{Goal, Table};

const PAIRS: usize = 40;
const LUCK: f64 = 0.6;

fn pairs(dice: &mut Dice, effect: f64, heavy: bool) -> Vec<(Shown, Shown)> {
    let base = dice.between(-4.0, -2.0);
    let reach = dice.between(5.5, 8.0);
    let shown = |dice: &mut Dice, more: f64| {
        let luck = LUCK * if heavy { dice.heavy() } else { dice.normal() };
        let impressions = (reach + 0.8 * dice.normal()).exp().max(20.0) as u64;
        let p = 1.0 / (1.0 + (-(base + more + luck)).exp());
        Shown {
            impressions,
            clicks: dice.binomial(impressions, p),
        }
    };
    (0..PAIRS)
        .map(|_| (shown(dice, effect / 2.0), shown(dice, -effect / 2.0)))
        .collect()
}

/// The pooled two-proportion z-test after each pair: after how many it claims something.
fn pooled(pairs: &[(Shown, Shown)]) -> Option<(usize, bool)> {
    let mut sums = [0.0; 4];
    for (at, (a, b)) in pairs.iter().enumerate() {
        for (sum, value) in sums
            .iter_mut()
            .zip([a.clicks, a.impressions, b.clicks, b.impressions])
        {
            *sum += value as f64;
        }
        let [ca, na, cb, nb] = sums;
        let p = (ca + cb) / (na + nb);
        let z = (ca / na - cb / nb) / (p * (1.0 - p) * (1.0 / na + 1.0 / nb)).sqrt();
        if z.abs() > 1.96 {
            return Some((at + 1, z > 0.0));
        }
    }
    None
}

/// The paired t-test after each pair, from the third on.
fn paired(pairs: &[(Shown, Shown)]) -> Option<(usize, bool)> {
    let odds =
        |s: &Shown| ((s.clicks as f64 + 0.5) / ((s.impressions - s.clicks) as f64 + 0.5)).ln();
    let differences: Vec<f64> = pairs.iter().map(|(a, b)| odds(a) - odds(b)).collect();
    (8..=differences.len()).find_map(|n| {
        let mean = differences[..n].iter().sum::<f64>() / n as f64;
        let variance = differences[..n]
            .iter()
            .map(|d| (d - mean) * (d - mean))
            .sum::<f64>()
            / (n - 1) as f64;
        let t = mean / (variance / n as f64).sqrt();
        (t.abs() > 2.1).then_some((n, t > 0.0))
    })
}

fn sequence(pairs: &[(Shown, Shown)]) -> Option<(usize, bool)> {
    let differences: Vec<Difference> = pairs
        .iter()
        .map(|(a, b)| Difference::of_clicks(*a, *b))
        .collect();
    compare(&differences)
        .decided
        .map(|(n, winner)| (n, winner == Winner::A))
}

pub(crate) fn run(seeds: std::ops::Range<u64>) -> usize {
    let mut table = Table::new(
        "Two variants, looked at after each of 40 pairs",
        &[
            "false",
            "false, heavy tails",
            "found at 0.3",
            "at 0.6",
            "at 1",
            "pairs at 0.6",
        ],
    );
    type Way = fn(&[(Shown, Shown)]) -> Option<(usize, bool)>;
    let ways: [(&str, Way); 3] = [
        ("pooled z-test", pooled),
        ("paired t-test", paired),
        ("confidence sequence", sequence),
    ];
    for (name, way) in ways {
        let mut columns = vec![Vec::new(); 6];
        for seed in seeds.clone() {
            let mut dice = Dice::new("variants", seed);
            for (column, (effect, heavy)) in [
                (0.0, false),
                (0.0, true),
                (0.3, false),
                (0.6, false),
                (1.0, false),
            ]
            .iter()
            .enumerate()
            {
                let runs = 60;
                let mut found = 0.0;
                for _ in 0..runs {
                    let decided = way(&pairs(&mut dice, *effect, *heavy));
                    if let Some((after, first)) = decided
                        && (*effect == 0.0 || first)
                    {
                        found += 1.0;
                        if column == 3 {
                            columns[5].push(after as f64);
                        }
                    }
                }
                columns[column].push(found / f64::from(runs));
            }
        }
        if name == "confidence sequence" {
            table.goal("false", Goal::AtMost(0.06));
            table.goal("false, heavy tails", Goal::AtMost(0.06));
            table.goal("found at 0.3", Goal::AtLeast(0.28));
            table.goal("at 0.6", Goal::AtLeast(0.86));
            table.goal("at 1", Goal::AtLeast(0.99));
            table.ours(name, &columns);
        } else {
            table.beside(name, &columns);
        }
    }
    table.print()
}
