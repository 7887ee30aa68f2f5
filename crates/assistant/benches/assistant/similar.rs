//! Near-duplicates: copies that were decorated, edited, cut and added to, beside texts that only
//! look alike.

use std::collections::HashSet;

use assistant::near::{Signature, is_similar};
use assistant::text::fold;

use crate::dice::Dice;
use crate::table::{Goal, Table};
use crate::words::{Vocabulary, capital, word};

struct Pair {
    a: String,
    b: String,
    is_copy: bool,
}

fn post(dice: &mut Dice, vocabulary: &Vocabulary, topic: usize) -> Vec<String> {
    let length = 14 + dice.below(16);
    vocabulary.sentence(dice, topic, length)
}

fn edited(dice: &mut Dice, words: &mut [String], share: f64) {
    for word_at in words {
        if dice.chance(share) {
            *word_at = word(dice);
        }
    }
}

fn pairs(seed: u64) -> Vec<Pair> {
    let mut dice = Dice::new("similar", seed);
    let dice = &mut dice;
    let vocabulary = Vocabulary::new(dice, 12, 45, 120);
    (0..200)
        .map(|n| {
            let topic = dice.below(12);
            let first = post(dice, &vocabulary, topic);
            let mut second = first.clone();
            let is_copy = n % 2 == 0;
            if is_copy {
                match dice.below(5) {
                    0 => second.extend(["#News".to_owned(), "🏔️".to_owned()]),
                    1 => {
                        let share = dice.between(0.05, 0.20);
                        // An edit replaces a word by one that is like it.
                        for at in 0..second.len() {
                            if dice.chance(share) {
                                second[at] = capital(&second[at][..second[at].len().min(4)]);
                            }
                        }
                    }
                    2 => {
                        let keep = dice.between(0.6, 0.9) * second.len() as f64;
                        second.truncate(keep as usize);
                    }
                    3 => {
                        let more = dice.below(second.len() / 2) + 1;
                        second.extend(vocabulary.sentence(dice, topic, more));
                    }
                    _ => second = second.iter().map(|w| w.to_uppercase()).collect(),
                }
            } else {
                match dice.below(3) {
                    0 => {
                        let same = dice.whole(4, 7) as usize;
                        second = first[..same].to_vec();
                        second.extend(post(dice, &vocabulary, topic));
                    }
                    1 => edited(dice, &mut second, 0.55),
                    _ => second = post(dice, &vocabulary, topic),
                }
            }
            Pair {
                a: first.join(" "),
                b: second.join(" "),
                is_copy,
            }
        })
        .collect()
}

fn grams(text: &str) -> HashSet<Vec<char>> {
    let signs: Vec<char> = fold(text).chars().collect();
    signs.windows(4).map(<[char]>::to_vec).collect()
}

fn jaccard(pair: &Pair) -> f64 {
    let (a, b) = (grams(&pair.a), grams(&pair.b));
    a.intersection(&b).count() as f64 / a.union(&b).count().max(1) as f64
}

/// Bits of `SimHash` (Charikar 2002) that are equal, of 64.
fn simhash(pair: &Pair) -> f64 {
    let of = |text: &str| {
        let mut votes = [0_i32; 64];
        for gram in grams(text) {
            let hash = gram.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, sign| {
                (hash ^ u64::from(u32::from(*sign))).wrapping_mul(0x0000_0100_0000_01b3)
            });
            let hash = (hash ^ (hash >> 31)).wrapping_mul(0x94D0_49BB_1331_11EB);
            for (bit, vote) in votes.iter_mut().enumerate() {
                *vote += if hash >> bit & 1 == 1 { 1 } else { -1 };
            }
        }
        votes.iter().enumerate().fold(0_u64, |bits, (bit, vote)| {
            bits | (u64::from(*vote > 0) << bit)
        })
    };
    64.0 - f64::from((of(&pair.a) ^ of(&pair.b)).count_ones())
}

fn minhash(pair: &Pair) -> f64 {
    match (Signature::of(&pair.a), Signature::of(&pair.b)) {
        (Some(a), Some(b)) => a.likeness(&b),
        _ => 0.0,
    }
}

fn f1(pairs: &[Pair], says: impl Fn(&Pair) -> bool) -> f64 {
    let (mut right, mut wrong, mut left_out) = (0.0, 0.0, 0.0);
    for pair in pairs {
        match (says(pair), pair.is_copy) {
            (true, true) => right += 1.0,
            (true, false) => wrong += 1.0,
            (false, true) => left_out += 1.0,
            (false, false) => {}
        }
    }
    2.0 * right / (2.0 * right + wrong + left_out)
}

pub(crate) fn run(seeds: std::ops::Range<u64>) -> usize {
    let mut table = Table::new("Near-duplicates", &["F1"]);
    let tuning: Vec<Pair> = (9_000..9_010).flat_map(pairs).collect();
    let worlds: Vec<Vec<Pair>> = seeds.map(pairs).collect();
    type Likeness = fn(&Pair) -> f64;
    let plain: [(&str, Likeness, f64); 3] = [
        ("SimHash-64", simhash, 1.0),
        ("MinHash-64", minhash, 1.0 / 64.0),
        ("4-gram Jaccard", jaccard, 0.01),
    ];
    for (name, likeness, step) in plain {
        let scores: Vec<f64> = tuning.iter().map(likeness).collect();
        let of = |threshold: f64| {
            let at = std::cell::Cell::new(0);
            f1(&tuning, |_| {
                let score = scores[at.get()];
                at.set(at.get() + 1);
                score >= threshold
            })
        };
        let thresholds: Vec<f64> = (1..100).map(|t| f64::from(t) * step).collect();
        let best = thresholds
            .iter()
            .copied()
            .max_by(|a, b| of(*a).total_cmp(&of(*b)))
            .unwrap_or(0.5);
        let values = worlds
            .iter()
            .map(|pairs| f1(pairs, |p| likeness(p) >= best))
            .collect();
        table.beside(name, &[values]);
    }
    table.goal("F1", Goal::AtLeast(0.99));
    let values = worlds
        .iter()
        .map(|pairs| f1(pairs, |p| is_similar(&p.a, &p.b)))
        .collect();
    table.ours("containment of 4-grams", &[values]);
    table.print()
}
