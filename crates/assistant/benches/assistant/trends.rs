//! Trends: a world of feeds with events that are planted, and much that only looks like one.

use std::collections::{BTreeMap, HashMap, HashSet};

use assistant::language::Language;
use assistant::near::Copies;
use assistant::text::{Key, Reader};
use assistant::trends::{Item, Trends};
use domain::Instant;
use domain::time::{DAY, HOUR};

use crate::dice::Dice;
use crate::table::{Goal, Table, ndcg};
use crate::words::{Vocabulary, capital, word};

/// Monday, 1 June 2026, 00:00 UTC.
const START: i64 = 1_780_272_000_000;
const DAYS: i64 = 42;
const JUDGED: i64 = 28;
const FEEDS: usize = 14;
/// An event, or its day, counts from so many items.
const COUNTED: usize = 8;

#[derive(Clone)]
struct Text {
    feed: usize,
    published: i64,
    fetched: i64,
    text: String,
    event: Option<usize>,
}

struct Event {
    terms: Vec<String>,
    start: i64,
    end: i64,
}

struct World {
    items: Vec<Text>,
    events: Vec<Event>,
}

struct Feed {
    a_day: f64,
    hours: [f64; 24],
    days: [f64; 7],
    topics: Vec<f64>,
    delay: f64,
}

fn feed(dice: &mut Dice, topics: usize) -> Feed {
    let middle = dice.between(9.0, 19.0);
    let mut hours = [0.0; 24];
    for (hour, weight) in hours.iter_mut().enumerate() {
        let away = (hour as f64 - middle).abs();
        let away = away.min(24.0 - away) / 4.5;
        *weight = 0.12 + (-0.5 * away * away).exp() * dice.between(0.8, 1.2);
    }
    let weekend = dice.between(0.3, 1.0);
    let mut days = [1.0; 7];
    days[5] = weekend;
    days[6] = weekend * dice.between(0.8, 1.1);
    let a_day = (dice.between(5.0_f64.ln(), 140.0_f64.ln())).exp();
    let topics = (0..topics).map(|_| dice.gamma(0.6)).collect();
    Feed {
        a_day,
        hours,
        days,
        topics,
        delay: dice.between(2.0, 25.0),
    }
}

/// One of the ways to write a term: as words, with capitals, as a hashtag, hyphenated.
fn written(dice: &mut Dice, term: &str, forms: usize) -> String {
    let parts: Vec<&str> = term.split(' ').collect();
    match dice.below(forms) {
        0 => term.to_owned(),
        1 => parts
            .iter()
            .map(|p| capital(p))
            .collect::<Vec<_>>()
            .join(" "),
        _ => format!("#{}", parts.iter().map(|p| capital(p)).collect::<String>()),
    }
}

fn term(dice: &mut Dice) -> String {
    if dice.chance(0.5) {
        word(dice)
    } else {
        format!("{} {}", word(dice), word(dice))
    }
}

fn place(dice: &mut Dice, words: &mut Vec<String>, term: String) {
    let at = dice.below(words.len() + 1);
    words.insert(at, term);
}

/// A world of six weeks, the last two of which are judged.
fn world(seed: u64) -> World {
    let mut dice = Dice::new("trends", seed);
    let dice = &mut dice;
    let topics = 24;
    let vocabulary = Vocabulary::new(dice, topics, 45, 120);
    let feeds: Vec<Feed> = (0..FEEDS).map(|_| feed(dice, topics)).collect();
    let activity: Vec<Vec<f64>> = (0..DAYS)
        .map(|_| (0..topics).map(|_| dice.gamma(5.0)).collect())
        .collect();
    let surges: Vec<i64> = (0..2)
        .map(|_| dice.whole(JUDGED, DAYS - 1) * 24 + dice.whole(8, 18))
        .collect();
    let mut items: Vec<Text> = Vec::new();
    let add =
        |dice: &mut Dice, feed: usize, hour: i64, words: Vec<String>, event: Option<usize>| {
            let published = START + hour * HOUR + dice.below(HOUR as usize) as i64;
            let late = dice.chance(0.03);
            let delay = if late {
                dice.between(2.0, 40.0) * 60.0
            } else {
                feeds[feed].delay * dice.unit()
            };
            let fetched = published + (delay * 60_000.0) as i64;
            Text {
                feed,
                published,
                fetched,
                text: words.join(" "),
                event,
            }
        };
    let newcomer = FEEDS - 1;
    let newcomer_from = dice.whole(20, 30);
    for hour in 0..DAYS * 24 {
        let surge = if surges.iter().any(|s| (0..4).contains(&(hour - s))) {
            3.0
        } else {
            1.0
        };
        for (at, feed) in feeds.iter().enumerate() {
            if at == newcomer && hour < newcomer_from * 24 {
                continue;
            }
            let day = (hour / 24) as usize;
            let share = feed.hours[(hour % 24) as usize] / feed.hours.iter().sum::<f64>();
            let mean = feed.a_day * share * feed.days[day % 7] * surge;
            for _ in 0..dice.poisson(mean) {
                let weights: Vec<f64> = feed
                    .topics
                    .iter()
                    .zip(&activity[day])
                    .map(|(f, a)| f * a + 1e-6)
                    .collect();
                let topic = dice.weighted(&weights);
                let length = 7 + dice.below(7);
                let words = vocabulary.sentence(dice, topic, length);
                items.push(add(dice, at, hour, words, None));
            }
        }
    }
    let speak = |dice: &mut Dice,
                 items: &mut Vec<Text>,
                 term: &str,
                 forms: usize,
                 from: &[usize],
                 hour: i64| {
        let feed = *dice.pick(from);
        let topic = dice.below(topics);
        let mut words = vocabulary.sentence(dice, topic, 7);
        let term = written(dice, term, forms);
        place(dice, &mut words, term);
        items.push(add(dice, feed, hour, words, None));
    };
    let some_feeds = |dice: &mut Dice, least: i64, most: i64| -> Vec<usize> {
        let mut all: Vec<usize> = (0..FEEDS - 1).collect();
        dice.shuffle(&mut all);
        all.truncate(dice.whole(least, most) as usize);
        all
    };
    // Habits of a weekday or an hour.
    for habit in 0..16 {
        let term = term(dice);
        let from = some_feeds(dice, 4, 8);
        let hour_of_day = dice.whole(6, 21);
        let weekday = dice.whole(0, 6);
        let strength = dice.between(3.0, 9.0);
        for day in 0..DAYS {
            if habit % 2 == 0 && day % 7 != weekday {
                continue;
            }
            let hours = if habit % 2 == 0 { 6 } else { 2 };
            for hour in 0..hours {
                for _ in 0..dice.poisson(strength / f64::from(hours as i32)) {
                    speak(
                        dice,
                        &mut items,
                        &term,
                        3,
                        &from,
                        day * 24 + (hour_of_day + hour).min(23),
                    );
                }
            }
        }
    }
    // Terms that slowly become five times as frequent.
    for _ in 0..10 {
        let term = term(dice);
        let from = some_feeds(dice, 4, 9);
        let base = dice.between(0.5, 2.5);
        for hour in 0..DAYS * 24 {
            let grown = 1.0 + 4.0 * hour as f64 / (DAYS * 24) as f64;
            let awake = if (7..22).contains(&(hour % 24)) {
                1.4
            } else {
                0.3
            };
            for _ in 0..dice.poisson(base * grown * awake / 24.0) {
                speak(dice, &mut items, &term, 2, &from, hour);
            }
        }
    }
    // One feed that says one thing over and over.
    for _ in 0..6 {
        let term = term(dice);
        let feed = dice.below(FEEDS - 1);
        let start = dice.whole(JUDGED * 24, DAYS * 24 - 13);
        for hour in 0..dice.whole(3, 12) {
            for _ in 0..dice.poisson(4.0) {
                speak(dice, &mut items, &term, 1, &[feed], start + hour);
            }
        }
    }
    // A text that several feeds copy.
    for _ in 0..5 {
        let topic = dice.below(topics);
        let mut words = vocabulary.sentence(dice, topic, 16);
        for _ in 0..2 {
            let new = word(dice);
            place(dice, &mut words, new);
        }
        let hour = dice.whole(JUDGED * 24, DAYS * 24 - 7);
        for feed in some_feeds(dice, 5, 8) {
            let mut copy = words.clone();
            if dice.chance(0.5) {
                copy.push("via wire".to_owned());
            }
            let later = dice.whole(0, 5);
            items.push(add(dice, feed, hour + later, copy, None));
        }
    }
    let mut events = Vec::new();
    for at in 0..10 {
        let topic = dice.below(topics);
        let count = dice.whole(1, 3) as usize;
        let terms: Vec<String> = (0..count)
            .map(|i| match (at + i) % 3 {
                // A word that the topic has anyway.
                2 => vocabulary.topics[topic][12 + dice.below(25)].clone(),
                _ => term(dice),
            })
            .collect();
        let forms = dice.whole(1, 3) as usize;
        let start = dice.whole(JUDGED * 24 + 3, DAYS * 24 - 30);
        let (ramp, plateau) = (dice.whole(1, 6), dice.whole(4, 36));
        let decay = dice.between(3.0, 12.0);
        let from = some_feeds(dice, 4, 10);
        let height = dice.between(0.4, 2.5);
        let mut end = start;
        for hour in start..(start + ramp + plateau + 24).min(DAYS * 24) {
            let since = hour - start;
            let level = if since < ramp {
                (since + 1) as f64 / ramp as f64
            } else if since < ramp + plateau {
                1.0
            } else {
                (-((since - ramp - plateau) as f64) / decay).exp()
            };
            let awake = if (6..23).contains(&(hour % 24)) {
                1.2
            } else {
                0.4
            };
            for _ in 0..dice.poisson(height * level * awake) {
                let feed = *dice.pick(&from);
                let mut words = vocabulary.sentence(dice, topic, 7);
                let first = dice.below(terms.len());
                for (i, term) in terms.iter().enumerate() {
                    if i == first || dice.chance(0.6) {
                        let form = written(dice, term, forms);
                        place(dice, &mut words, form);
                    }
                }
                items.push(add(dice, feed, hour, words, Some(at)));
                end = hour;
            }
        }
        events.push(Event {
            terms,
            start: START + start * HOUR,
            end: START + (end + 6) * HOUR,
        });
    }
    items.sort_by_key(|i| (i.fetched, i.published));
    World { items, events }
}

/// What a way says at one hour: terms with the strongest first, in groups.
type Said = Vec<Vec<String>>;

/// A way to find trends.
trait Way {
    fn read(&mut self, id: u32, item: &Text);
    /// Groups of terms that are told now.
    fn alarms(&mut self, hour: i64) -> Said;
    fn day(&mut self, hour: i64) -> Said;
}

struct Chosen(Trends);

impl Way for Chosen {
    fn read(&mut self, id: u32, item: &Text) {
        self.0.read(&Item {
            id,
            source: &format!("https://feed{}.example/rss", item.feed),
            published_at: Instant(item.published),
            fetched_at: Instant(item.fetched),
            text: &item.text,
            url: None,
            language: Some(Language::English),
        });
    }

    fn alarms(&mut self, hour: i64) -> Said {
        self.0
            .alarms(Instant(hour * HOUR))
            .into_iter()
            .map(|t| t.terms)
            .collect()
    }

    fn day(&mut self, hour: i64) -> Said {
        self.0
            .of_the_day(Instant(hour * HOUR))
            .into_iter()
            .map(|t| t.terms)
            .collect()
    }
}

/// How a plain way scores a term from its last 6 hours and its 14 days before.
#[derive(Clone, Copy)]
enum Score {
    Count,
    Ratio,
    Z,
    /// A Gamma-Poisson model without a season.
    NoSeason,
}

/// What a plain way keeps of a term.
struct Seen {
    shown: String,
    /// In the order of the hours.
    hours: Vec<Bin>,
    items: Vec<(i64, u32)>,
}

/// How often each feed had a term in an hour.
struct Bin {
    hour: i64,
    feeds: [u16; FEEDS],
}

/// Counts of six hours against fourteen days; with or without folding, caps and gates.
struct Plain {
    score: Score,
    threshold: f64,
    gates: bool,
    reader: Reader,
    copies: Copies,
    seen: HashMap<Key, Seen>,
    /// Terms of the last hours.
    touched: Vec<(i64, Key)>,
    volume: BTreeMap<i64, u32>,
    resting: HashMap<Key, i64>,
}

impl Plain {
    fn new(score: Score, threshold: f64, gates: bool) -> Self {
        Self {
            score,
            threshold,
            gates,
            reader: Reader::new(gates.then_some(Language::English)),
            copies: Copies::default(),
            seen: HashMap::new(),
            touched: vec![],
            volume: BTreeMap::new(),
            resting: HashMap::new(),
        }
    }

    /// The count of the last 6 hours, and those of 56 windows of 6 hours before.
    fn counts(&self, seen: &Seen, hour: i64) -> (f64, Vec<f64>) {
        let (mut now, mut windows) = (0.0, vec![0.0; 56]);
        for bin in seen.hours.iter().filter(|bin| bin.hour <= hour) {
            let each = bin
                .feeds
                .iter()
                .map(|n| if self.gates { (*n).min(2) } else { *n });
            let count = f64::from(each.map(u32::from).sum::<u32>());
            if bin.hour >= hour - 5 {
                now += count;
            } else if let Some(window) = windows.get_mut(((hour - 6 - bin.hour) / 6) as usize) {
                *window += count;
            }
        }
        (now, windows)
    }

    fn of(&self, seen: &Seen, hour: i64) -> Option<f64> {
        let lately: Vec<&Bin> = seen
            .hours
            .iter()
            .rev()
            .take(8)
            .filter(|b| b.hour > hour - 6 && b.hour <= hour)
            .collect();
        let all: u32 = lately.iter().flat_map(|b| b.feeds).map(u32::from).sum();
        let feeds = (0..FEEDS)
            .filter(|f| lately.iter().any(|b| b.feeds[*f] > 0))
            .count();
        if all < 4 || self.gates && feeds < 3 {
            return None;
        }
        let (now, windows) = self.counts(seen, hour);
        if now < 4.0 {
            return None;
        }
        let mean = windows.iter().sum::<f64>() / 56.0;
        let variance = windows.iter().map(|w| (w - mean) * (w - mean)).sum::<f64>() / 55.0;
        Some(match self.score {
            Score::Count => now,
            Score::Ratio => (now + 0.5) / (windows[..28].iter().sum::<f64>() / 28.0 + 0.5),
            Score::Z => (now - mean) / variance.sqrt().max(0.5),
            Score::NoSeason => {
                let volume = |from: i64, to: i64| {
                    self.volume
                        .range(from..to)
                        .map(|(_, v)| f64::from(*v))
                        .sum::<f64>()
                };
                let count = windows.iter().sum::<f64>() + 0.3;
                let rate = count / (volume(hour - 6 - 336, hour - 6) + 1.0);
                let expected = rate * volume(hour - 6, hour + 1);
                let shape = count.min(12.0);
                let tail = statrs::function::beta::checked_beta_reg(
                    now,
                    shape,
                    expected / (shape + expected),
                );
                tail.map_or(0.0, |p| -p.max(1e-300).log10())
            }
        })
    }

    fn found(&self, hour: i64, least: f64) -> Vec<(f64, Key)> {
        let touched: HashSet<Key> = self
            .touched
            .iter()
            .filter(|t| t.0 > hour - 6)
            .map(|t| t.1)
            .collect();
        let mut found: Vec<(f64, Key)> = touched
            .into_iter()
            .filter_map(|key| Some((self.of(&self.seen[&key], hour)?, key)))
            .filter(|(score, _)| *score >= least)
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found
    }

    fn groups(&self, found: Vec<(f64, Key)>, hour: i64) -> Vec<Vec<Key>> {
        if !self.gates {
            return found.into_iter().map(|(_, key)| vec![key]).collect();
        }
        let mut groups: Vec<(Vec<Key>, Vec<HashSet<u32>>)> = Vec::new();
        for (_, key) in found {
            let seen = self.seen[&key]
                .items
                .iter()
                .rev()
                .take_while(|i| i.0 > hour - 24);
            let items: HashSet<u32> = seen.map(|i| i.1).collect();
            let near = |other: &HashSet<u32>| {
                2 * items.intersection(other).count() >= items.len().min(other.len())
            };
            match groups.iter_mut().find(|(_, sets)| sets.iter().any(near)) {
                Some((group, sets)) => {
                    group.push(key);
                    sets.push(items);
                }
                None => groups.push((vec![key], vec![items])),
            }
        }
        groups.into_iter().map(|(group, _)| group).collect()
    }

    fn shown(&self, group: &[Key]) -> Vec<String> {
        group
            .iter()
            .map(|key| self.seen[key].shown.clone())
            .collect()
    }
}

impl Way for Plain {
    fn read(&mut self, id: u32, item: &Text) {
        let hour = item.published.div_euclid(HOUR);
        if self.gates && self.copies.is_copy(&item.text) {
            return;
        }
        *self.volume.entry(hour).or_default() += 1;
        let terms = self.reader.terms(&item.text);
        for term in terms {
            let new = || Seen {
                shown: term.shown,
                hours: vec![],
                items: vec![],
            };
            let seen = self.seen.entry(term.key).or_insert_with(new);
            seen.items.push((hour, id));
            let after = seen
                .hours
                .iter()
                .rposition(|b| b.hour <= hour)
                .map_or(0, |at| at + 1);
            let at = match after
                .checked_sub(1)
                .filter(|at| seen.hours[*at].hour == hour)
            {
                Some(at) => at,
                None => {
                    seen.hours.insert(
                        after,
                        Bin {
                            hour,
                            feeds: [0; FEEDS],
                        },
                    );
                    after
                }
            };
            seen.hours[at].feeds[item.feed] += 1;
            seen.hours.retain(|bin| bin.hour >= hour - 400);
            self.touched.push((hour, term.key));
        }
    }

    fn alarms(&mut self, hour: i64) -> Said {
        self.resting.retain(|_, until| *until > hour);
        self.touched.retain(|(at, _)| *at > hour - 6);
        let groups = self.groups(self.found(hour, self.threshold), hour);
        let mut told = Vec::new();
        for group in groups {
            if !group.iter().any(|key| self.resting.contains_key(key)) {
                told.push(self.shown(&group));
            }
            for key in group {
                self.resting.entry(key).or_insert(hour + 24);
            }
        }
        told
    }

    fn day(&mut self, hour: i64) -> Said {
        let groups = self.groups(self.found(hour, 1.0), hour);
        groups
            .iter()
            .take(20)
            .map(|group| self.shown(group))
            .collect()
    }
}

/// precision, recall, F1, delay in hours, false alarms a week, nDCG@5.
fn judged(world: &World, way: &mut dyn Way) -> [f64; 6] {
    let reader = Reader::new(Some(Language::English));
    let keys: Vec<HashSet<Key>> = world
        .events
        .iter()
        .map(|event| event.terms.iter().map(|t| reader.key_of(t)).collect())
        .collect();
    let texts: Vec<HashSet<Key>> = world
        .items
        .iter()
        .map(|i| reader.terms(&i.text).into_iter().map(|t| t.key).collect())
        .collect();
    let counted: Vec<bool> = (0..world.events.len())
        .map(|e| world.items.iter().filter(|i| i.event == Some(e)).count() >= COUNTED)
        .collect();
    // Which event a term belongs to at an hour, or did so long before.
    let event_of = |term: &str, now: i64, back: i64| -> Option<usize> {
        let key = reader.key_of(term);
        let is_on = |e: &usize| {
            let event = &world.events[*e];
            event.start <= now && now <= event.end + back
        };
        let named = (0..keys.len())
            .filter(is_on)
            .find(|e| keys[*e].contains(&key));
        named.or_else(|| {
            let holding: Vec<Option<usize>> = world
                .items
                .iter()
                .zip(&texts)
                .filter(|(i, _)| {
                    i.published > now - 6 * HOUR && i.published <= now && i.fetched <= now
                })
                .filter(|(_, keys)| keys.contains(&key))
                .map(|(i, _)| i.event)
                .collect();
            (0..keys.len()).filter(is_on).find(|e| {
                let of = holding.iter().filter(|h| **h == Some(*e)).count();
                of > 0 && 10 * of >= 4 * holding.len()
            })
        })
    };
    let (mut hits, mut falses) = (0.0, 0.0);
    let mut first: BTreeMap<usize, i64> = BTreeMap::new();
    let mut gains = Vec::new();
    let mut next = 0;
    for hour in (START / HOUR)..(START / HOUR + DAYS * 24) {
        while next < world.items.len() && world.items[next].fetched <= hour * HOUR {
            way.read(next as u32, &world.items[next]);
            next += 1;
        }
        let now = hour * HOUR;
        if now < START + JUDGED * DAY {
            continue;
        }
        for group in way.alarms(hour) {
            match event_of(&group[0], now, 0) {
                Some(event) => {
                    hits += 1.0;
                    first.entry(event).or_insert(now);
                }
                None => falses += 1.0,
            }
        }
        if hour.rem_euclid(24) == 19 {
            let weight = |event: usize| {
                let of_day = world.items.iter().filter(|i| {
                    i.event == Some(event) && i.published > now - DAY && i.fetched <= now
                });
                let count = of_day.count();
                if count >= COUNTED {
                    (1.0 + count as f64).ln()
                } else {
                    0.0
                }
            };
            let ideal: Vec<f64> = (0..world.events.len()).map(weight).collect();
            let mut seen = HashSet::new();
            let order: Vec<f64> = way
                .day(hour)
                .iter()
                .map(|group| match event_of(&group[0], now, DAY) {
                    Some(event) if seen.insert(event) => weight(event),
                    _ => 0.0,
                })
                .collect();
            let gain = ndcg(&order, &ideal, 5);
            if gain.is_finite() {
                gains.push(gain);
            }
        }
    }
    let all = counted.iter().filter(|c| **c).count() as f64;
    let found = first.keys().filter(|e| counted[**e]).count() as f64;
    let precision = if hits + falses > 0.0 {
        hits / (hits + falses)
    } else {
        0.0
    };
    let recall = found / all.max(1.0);
    let f1 = 2.0 * precision * recall / (precision + recall).max(1e-9);
    let delays: Vec<f64> = first
        .iter()
        .map(|(e, at)| (at - world.events[*e].start) as f64 / HOUR as f64)
        .collect();
    let delay = if delays.is_empty() {
        f64::NAN
    } else {
        crate::table::mean(&delays)
    };
    let weeks = (DAYS - JUDGED) as f64 / 7.0;
    [
        precision,
        recall,
        f1,
        delay,
        falses / weeks,
        crate::table::mean(&gains),
    ]
}

fn columns(runs: &[[f64; 6]]) -> Vec<Vec<f64>> {
    (0..6)
        .map(|c| runs.iter().map(|r| r[c]).collect())
        .collect()
}

pub(crate) fn run(seeds: std::ops::Range<u64>) -> usize {
    let mut table = Table::new(
        "Trends",
        &[
            "precision",
            "recall",
            "F1",
            "delay h",
            "false a week",
            "nDCG@5",
        ],
    );
    let plain: [(&str, Score, f64, bool); 5] = [
        ("count of 6 h", Score::Count, 12.0, false),
        ("ratio to 7 d", Score::Ratio, 8.0, false),
        ("z-score 6 h / 14 d", Score::Z, 12.0, false),
        ("z-score + folding, cap, gates", Score::Z, 12.0, true),
        (
            "Gamma-Poisson, no season + the same",
            Score::NoSeason,
            9.0,
            true,
        ),
    ];
    let mut results: Vec<Vec<[f64; 6]>> = vec![vec![]; plain.len() + 1];
    for seed in seeds {
        let world = world(seed);
        for (at, (_, score, threshold, gates)) in plain.iter().enumerate() {
            results[at].push(judged(&world, &mut Plain::new(*score, *threshold, *gates)));
        }
        results[plain.len()].push(judged(&world, &mut Chosen(Trends::default())));
    }
    for (at, (name, ..)) in plain.iter().enumerate() {
        table.beside(name, &columns(&results[at]));
    }
    table.goal("F1", Goal::AtLeast(0.88));
    table.goal("recall", Goal::AtLeast(0.85));
    table.goal("delay h", Goal::AtMost(7.5));
    table.goal("false a week", Goal::AtMost(0.6));
    table.goal("nDCG@5", Goal::AtLeast(0.90));
    table.ours(
        "Gamma-Poisson with season, gates",
        &columns(&results[plain.len()]),
    );
    table.print()
}
