//! Suggestions: personas with tastes of their own that answer what they are shown.

use assistant::suggest::{Answer, FEATURES, Features, Kind, Taste};

use crate::dice::Dice;
use crate::table::{Goal, Table, mean, ndcg};

const DAYS: i64 = 120;
const OFFERED: usize = 20;
const SHOWN: usize = 5;
const LOOKS: [i64; 3] = [10, 30, 120];

/// A persona that takes a suggestion by weights near the shipped ones.
struct Persona {
    weights: [f64; FEATURES],
}

impl Persona {
    fn new(dice: &mut Dice) -> Self {
        Self {
            weights: Taste::default().weights().map(|w| w + 0.9 * dice.normal()),
        }
    }

    fn appeal(&self, features: &Features) -> f64 {
        let x: f64 = self
            .weights
            .iter()
            .zip(features.values())
            .map(|(w, x)| w * x)
            .sum();
        1.0 / (1.0 + (-x).exp())
    }
}

fn offers(dice: &mut Dice) -> Vec<Features> {
    (0..OFFERED)
        .map(|_| {
            let kind = *dice.pick(&Kind::ALL);
            Features::new(kind, std::array::from_fn(|_| dice.between(-1.0, 1.0)))
        })
        .collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Random,
    Shipped,
    RatePerKind,
    Chosen,
}

/// Share accepted, regret of each one shown in the last 20 days, nDCG@5 at three days.
fn lived(seed: u64, way: Way) -> [f64; 5] {
    let mut dice = Dice::new("suggestions", seed);
    let persona = Persona::new(&mut dice);
    let mut taste = Taste::default();
    let mut rates = [(1.0_f64, 2.0_f64); 5];
    let (mut taken, mut answered) = (0.0, 0.0);
    let mut regrets = Vec::new();
    let mut looks = [f64::NAN; 3];
    for day in 1..=DAYS {
        let offers = offers(&mut dice);
        let appeals: Vec<f64> = offers.iter().map(|f| persona.appeal(f)).collect();
        let kind = |f: &Features| (0..5).find(|k| f.values()[1 + k] > 0.5).unwrap_or(0);
        let mut order: Vec<usize> = (0..OFFERED).collect();
        match way {
            Way::Random => dice.shuffle(&mut order),
            Way::Shipped => order = Taste::default().rank(&offers),
            Way::RatePerKind => {
                let rate = |i: usize| {
                    let (yes, all) = rates[kind(&offers[i])];
                    yes / all
                };
                order.sort_by(|a, b| rate(*b).total_cmp(&rate(*a)));
            }
            Way::Chosen => order = taste.rank(&offers),
        }
        let mut best = appeals.clone();
        best.sort_by(|a, b| b.total_cmp(a));
        let gains: Vec<f64> = order.iter().map(|i| appeals[*i]).collect();
        if let Some(at) = LOOKS.iter().position(|l| *l == day) {
            looks[at] = ndcg(&gains, &appeals, SHOWN);
        }
        if day > DAYS - 20 {
            regrets.push(mean(&best[..SHOWN]) - mean(&gains[..SHOWN]));
        }
        for (place, i) in order.iter().take(SHOWN).enumerate() {
            let looked_at = 1.0 - 0.5 * place as f64 / (SHOWN - 1) as f64;
            if !dice.chance(looked_at) {
                continue;
            }
            let yes = dice.chance(appeals[*i]);
            let answer = match (yes, dice.chance(0.25)) {
                (true, false) => Answer::Accepted,
                (true, true) => Answer::Edited,
                (false, _) => Answer::Dismissed,
            };
            answered += 1.0;
            taken += f64::from(u8::from(yes));
            let rate = &mut rates[kind(&offers[*i])];
            rate.0 += f64::from(u8::from(yes));
            rate.1 += 1.0;
            taste.learn(&offers[*i], answer, day);
        }
    }
    [
        taken / answered,
        mean(&regrets),
        looks[0],
        looks[1],
        looks[2],
    ]
}

pub(crate) fn run(seeds: std::ops::Range<u64>) -> usize {
    let mut table = Table::new(
        "Suggestions",
        &[
            "accepted",
            "regret, last 20 days",
            "nDCG@5 day 10",
            "day 30",
            "day 120",
        ],
    );
    let columns = |way: Way| -> Vec<Vec<f64>> {
        let runs: Vec<[f64; 5]> = seeds.clone().map(|seed| lived(seed, way)).collect();
        (0..5)
            .map(|c| runs.iter().map(|r| r[c]).collect())
            .collect()
    };
    table.beside("random", &columns(Way::Random));
    table.beside("shipped weights", &columns(Way::Shipped));
    table.beside("accept rate of the kind", &columns(Way::RatePerKind));
    table.goal("regret, last 20 days", Goal::AtMost(0.06));
    table.goal("nDCG@5 day 10", Goal::AtLeast(0.82));
    table.goal("day 30", Goal::AtLeast(0.90));
    table.goal("day 120", Goal::AtLeast(0.96));
    table.ours("posterior mean", &columns(Way::Chosen));
    table.print()
}
