//! Hashtags: topics with tags of their own, a tag on half of everything, and tags that come once.

use std::collections::{BTreeMap, HashMap, HashSet};

use assistant::hashtags::{Habits, Tagged};
use assistant::text::{Key, Reader};

use crate::dice::Dice;
use crate::table::{Goal, Table, mean};
use crate::words::{Vocabulary, word};

const COUNTS: [usize; 3] = [30, 100, 400];
const TOPICS: usize = 12;
const GENERIC: &str = "always";

struct World {
    history: Vec<(String, Vec<String>)>,
    /// Texts and the tags that fit them.
    drafts: Vec<(String, Vec<String>)>,
}

fn world(seed: u64, count: usize) -> World {
    let mut dice = Dice::new("hashtags", seed);
    let dice = &mut dice;
    let vocabulary = Vocabulary::new(dice, TOPICS, 45, 120);
    let tags: Vec<Vec<String>> = (0..TOPICS)
        .map(|_| (0..4).map(|_| word(dice)).collect())
        .collect();
    let share: Vec<f64> = (0..TOPICS).map(|_| dice.gamma(1.5) + 0.2).collect();
    let say = |dice: &mut Dice| {
        let topic = dice.weighted(&share);
        let length = 10 + dice.below(8);
        (topic, vocabulary.sentence(dice, topic, length).join(" "))
    };
    let history = (0..count)
        .map(|_| {
            let (topic, text) = say(dice);
            let mut with: Vec<String> = Vec::new();
            for tag in &tags[topic] {
                if dice.chance(0.45) {
                    with.push(tag.clone());
                }
            }
            if dice.chance(0.5) {
                with.push(GENERIC.to_owned());
            }
            if dice.chance(0.3) {
                with.push(word(dice));
            }
            if dice.chance(0.1) {
                let wrong = dice.below(TOPICS);
                with.push(dice.pick(&tags[wrong]).clone());
            }
            (text, with)
        })
        .collect();
    let drafts = (0..60)
        .map(|_| {
            let (topic, text) = say(dice);
            (text, tags[topic].clone())
        })
        .collect();
    World { history, drafts }
}

/// Of three tags, how many fit; of five, how many are on everything.
fn judged(world: &World, advice: impl Fn(&str) -> Vec<String>) -> (f64, f64) {
    let (mut right, mut generic) = (Vec::new(), Vec::new());
    for (text, fitting) in &world.drafts {
        let tags = advice(text);
        let fits = tags.iter().take(3).filter(|t| fitting.contains(t)).count();
        right.push(fits as f64 / 3.0);
        generic.push(tags.iter().take(5).filter(|t| *t == GENERIC).count() as f64);
    }
    (mean(&right), mean(&generic))
}

fn most_used(world: &World) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    world
        .history
        .iter()
        .flat_map(|(_, tags)| tags)
        .for_each(|t| *counts.entry(t).or_default() += 1);
    let mut order: Vec<(&str, usize)> = counts.into_iter().collect();
    order.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    order
        .into_iter()
        .take(5)
        .map(|(tag, _)| tag.to_owned())
        .collect()
}

/// The tags of the most similar posts (cosine of plain counts).
fn neighbours(world: &World, reader: &Reader, draft: &str) -> Vec<String> {
    let own = reader.plain_words(draft);
    let mut scores: HashMap<&str, f64> = HashMap::new();
    let mut near: Vec<(f64, &Vec<String>)> = world
        .history
        .iter()
        .map(|(text, tags)| {
            let words = reader.plain_words(text);
            let shared = words.intersection(&own).count() as f64;
            (
                shared / (words.len() as f64 * own.len() as f64).sqrt().max(1.0),
                tags,
            )
        })
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (likeness, tags) in near.into_iter().take(10) {
        tags.iter()
            .for_each(|tag| *scores.entry(tag).or_default() += likeness);
    }
    ranked(scores)
}

fn ranked(scores: HashMap<&str, f64>) -> Vec<String> {
    let mut order: Vec<(&str, f64)> = scores.into_iter().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    order
        .into_iter()
        .take(5)
        .map(|(tag, _)| tag.to_owned())
        .collect()
}

/// Plain pointwise mutual information.
fn pmi(world: &World, reader: &Reader, draft: &str) -> Vec<String> {
    let own = reader.plain_words(draft);
    let all = world.history.len() as f64;
    let texts: Vec<HashSet<Key>> = world
        .history
        .iter()
        .map(|(t, _)| reader.plain_words(t))
        .collect();
    let mut words: HashMap<Key, f64> = HashMap::new();
    texts
        .iter()
        .flatten()
        .for_each(|w| *words.entry(*w).or_default() += 1.0);
    let mut tags: HashMap<&str, (f64, HashMap<Key, f64>)> = HashMap::new();
    for ((_, with), text) in world.history.iter().zip(&texts) {
        for tag in with {
            let entry = tags.entry(tag).or_default();
            entry.0 += 1.0;
            text.iter()
                .filter(|w| own.contains(w))
                .for_each(|w| *entry.1.entry(*w).or_default() += 1.0);
        }
    }
    let score = |(count, joint): &(f64, HashMap<Key, f64>)| {
        joint
            .iter()
            .map(|(w, c)| (c * all / (count * words[w])).ln().max(0.0))
            .sum::<f64>()
    };
    ranked(
        tags.iter()
            .map(|(tag, entry)| (*tag, score(entry)))
            .collect(),
    )
}

pub(crate) fn run(seeds: std::ops::Range<u64>) -> usize {
    let reader = Reader::new(None);
    let columns = ["P@3 at 30", "at 100", "at 400", "generic of 5 at 400"];
    let names = ["most used", "PMI", "10 neighbours", "NPMI with support"];
    let mut rows: Vec<Vec<Vec<f64>>> = vec![vec![vec![]; columns.len()]; names.len()];
    for seed in seeds {
        for (at, count) in COUNTS.iter().enumerate() {
            let world = world(seed * 5 + at as u64, *count);
            let used = most_used(&world);
            let tagged: Vec<Tagged<'_>> = world
                .history
                .iter()
                .map(|(text, tags)| Tagged {
                    text,
                    tags: tags.iter().map(String::as_str).collect(),
                })
                .collect();
            let habits = Habits::new(&tagged, None);
            let figures = [
                judged(&world, |_| used.clone()),
                judged(&world, |draft| pmi(&world, &reader, draft)),
                judged(&world, |draft| neighbours(&world, &reader, draft)),
                judged(&world, |draft| {
                    habits.advice(draft, 5).into_iter().map(|a| a.tag).collect()
                }),
            ];
            for (row, (right, generic)) in rows.iter_mut().zip(figures) {
                row[at].push(right);
                if *count == 400 {
                    row[3].push(generic);
                }
            }
        }
    }
    let mut table = Table::new("Hashtags", &columns);
    for (name, row) in names.iter().zip(&rows).take(3) {
        table.beside(name, row);
    }
    for (column, least) in columns.iter().zip([0.57, 0.79, 0.93]) {
        table.goal(column, Goal::AtLeast(least));
    }
    table.ours(names[3], &rows[3]);
    table.print()
}
