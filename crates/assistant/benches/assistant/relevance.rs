//! Trends for a persona: which of many events it would want to write about.

use std::collections::HashSet;

use assistant::relevance::{Profile, Rarity, Rising, rank};
use assistant::text::{Key, Reader};

use crate::dice::Dice;
use crate::table::{Goal, Table, ndcg};
use crate::words::{Vocabulary, word};

const EVENTS: usize = 24;
const TOPICS: usize = 24;

struct Event {
    gain: f64,
    items: Vec<String>,
}

struct World {
    interests: Vec<String>,
    posts: Vec<String>,
    recent: Vec<String>,
    background: Vec<String>,
    events: Vec<Event>,
    /// Of each trend its term, its burst and its event.
    trends: Vec<(String, f64, usize)>,
}

fn world(seed: u64) -> World {
    let mut dice = Dice::new("relevance", seed);
    let dice = &mut dice;
    let vocabulary = Vocabulary::new(dice, TOPICS, 45, 120);
    let mut topics: Vec<usize> = (0..TOPICS).collect();
    dice.shuffle(&mut topics);
    let (declared, habit) = (&topics[..2], topics[2]);
    let mut interests = Vec::new();
    for topic in declared {
        for _ in 0..5 {
            let wrong = dice.chance(0.15);
            let from = if wrong { dice.below(TOPICS) } else { *topic };
            interests.push(vocabulary.topics[from][8 + dice.below(37)].clone());
        }
    }
    let say = |dice: &mut Dice, topic: usize, more: &[String]| {
        let length = 9 + dice.below(6);
        let mut words = vocabulary.sentence(dice, topic, length);
        for term in more {
            let at = dice.below(words.len() + 1);
            words.insert(at, term.clone());
        }
        words.join(" ")
    };
    let posts: Vec<String> = (0..40)
        .map(|_| {
            let topic = match dice.unit() {
                x if x < 0.3 => declared[0],
                x if x < 0.55 => declared[1],
                x if x < 0.85 => habit,
                _ => dice.below(TOPICS),
            };
            say(dice, topic, &[])
        })
        .collect();
    let background = (0..800)
        .map(|_| {
            let topic = dice.below(TOPICS);
            say(dice, topic, &[])
        })
        .collect();
    let (mut events, mut trends, mut recent) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..EVENTS {
        let topic = match dice.unit() {
            x if x < 0.12 => declared[0],
            x if x < 0.24 => declared[1],
            x if x < 0.34 => habit,
            _ => topics[3 + dice.below(TOPICS - 3)],
        };
        let mut gain = match topic {
            t if declared.contains(&t) => 1.0,
            t if t == habit => 0.6,
            _ => 0.0,
        };
        let terms: Vec<String> = (0..=dice.below(3))
            .map(|_| match dice.below(3) {
                0 => vocabulary.topics[topic][10 + dice.below(30)].clone(),
                1 => word(dice),
                _ => format!("{} {}", word(dice), word(dice)),
            })
            .collect();
        let size = 8 + dice.below(30);
        let mut items = Vec::new();
        let mut holding = vec![Vec::new(); terms.len()];
        for n in 0..size {
            let first = dice.below(terms.len());
            let has: Vec<usize> = (0..terms.len())
                .filter(|i| *i == first || dice.chance(0.7))
                .collect();
            let more: Vec<String> = has.iter().map(|i| terms[*i].clone()).collect();
            items.push(say(dice, topic, &more));
            has.iter().for_each(|i| holding[*i].push(n));
        }
        if dice.chance(0.25) {
            gain *= 0.25;
            let term = dice.pick(&terms).clone();
            recent.push(say(dice, topic, &[term]));
        }
        for (term, holding) in terms.iter().zip(&holding) {
            trends.push((
                term.clone(),
                8.0 + holding.len() as f64 * dice.between(0.5, 2.0),
                at,
            ));
        }
        events.push(Event { gain, items });
    }
    World {
        interests,
        posts,
        recent,
        background,
        events,
        trends,
    }
}

/// nDCG@5 and how many of the first five are of different events.
fn judged(world: &World, order: &[usize]) -> [f64; 2] {
    let mut seen = HashSet::new();
    let gains: Vec<f64> = order
        .iter()
        .map(|trend| {
            let event = world.trends[*trend].2;
            if seen.insert(event) {
                world.events[event].gain
            } else {
                0.0
            }
        })
        .collect();
    let ideal: Vec<f64> = world.events.iter().map(|e| e.gain).collect();
    let first: HashSet<usize> = order.iter().take(5).map(|t| world.trends[*t].2).collect();
    [
        ndcg(&gains, &ideal, 5),
        first.len() as f64 / order.len().clamp(1, 5) as f64,
    ]
}

fn by(world: &World, score: impl Fn(usize) -> f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..world.trends.len()).collect();
    order.sort_by(|a, b| score(*b).total_cmp(&score(*a)).then(a.cmp(b)));
    order
}

pub(crate) fn run(seeds: std::ops::Range<u64>) -> usize {
    let reader = Reader::new(None);
    let names = ["burst", "volume", "share of the interests' words", "chosen"];
    let mut results: Vec<Vec<[f64; 2]>> = vec![vec![]; names.len()];
    for seed in seeds {
        let world = world(seed);
        let holding = |trend: usize| -> Vec<&str> {
            let (term, _, event) = &world.trends[trend];
            let items = world.events[*event].items.iter();
            items
                .filter(|i| i.contains(term.as_str()))
                .map(String::as_str)
                .collect()
        };
        let interests: HashSet<Key> = world.interests.iter().map(|i| reader.key_of(i)).collect();
        let share = |trend: usize| {
            let words: Vec<Key> = holding(trend)
                .iter()
                .flat_map(|i| reader.words(i))
                .collect();
            words.iter().filter(|w| interests.contains(w)).count() as f64
                / words.len().max(1) as f64
        };
        let mut rarity = Rarity::default();
        world
            .background
            .iter()
            .for_each(|text| rarity.add(&reader, text));
        let declared: Vec<&str> = world.interests.iter().map(String::as_str).collect();
        let recent: Vec<&str> = world.recent.iter().map(String::as_str).collect();
        let posts: Vec<&str> = world
            .posts
            .iter()
            .chain(&world.recent)
            .map(String::as_str)
            .collect();
        let profile = Profile::new(&reader, &rarity, &declared, &posts, &recent);
        let rising: Vec<Rising<'_>> = (0..world.trends.len())
            .map(|t| Rising {
                terms: vec![world.trends[t].0.as_str()],
                burst: world.trends[t].1,
                items: holding(t),
            })
            .collect();
        let ours: Vec<usize> = rank(&reader, &rarity, &profile, &rising)
            .iter()
            .map(|r| r.trends[0])
            .collect();
        let orders = [
            by(&world, |t| world.trends[t].1),
            by(&world, |t| holding(t).len() as f64),
            by(&world, share),
            ours,
        ];
        for (at, order) in orders.iter().enumerate() {
            let figures = judged(&world, order);
            if figures[0].is_finite() {
                results[at].push(figures);
            }
        }
    }
    let mut table = Table::new("Trends for a persona", &["nDCG@5", "distinct@5"]);
    let columns = |runs: &[[f64; 2]]| -> Vec<Vec<f64>> {
        (0..2)
            .map(|c| runs.iter().map(|r| r[c]).collect())
            .collect()
    };
    for at in 0..3 {
        table.beside(names[at], &columns(&results[at]));
    }
    table.goal("nDCG@5", Goal::AtLeast(0.95));
    table.goal("distinct@5", Goal::AtLeast(1.0));
    table.ours(
        "likeness to the profile, novelty, stories",
        &columns(&results[3]),
    );
    table.print()
}
