//! Trends: terms that rise against their own past.
//!
//! A term's sightings of the last hours are compared with what its own history, the habits of its
//! weekdays and hours, and the amount there was to read make expected (a Gamma-Poisson model with a
//! season). Copies of a text count once, a source twice an hour at most, and several sources must
//! agree, so that nobody makes a trend alone.

mod history;
mod sketch;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use domain::Instant;
use domain::time::{DAY, HOUR};
use statrs::function::beta::checked_beta_reg;

use crate::language::Language;
use crate::near::Copies;
use crate::text::{Key, Reader, fold_link};
use history::{History, MAX_ROWS};

/// The hours that a rise is looked for in; the longest is how long sightings are recent.
const WINDOWS: [i64; 4] = [3, 6, 12, 24];
const RECENT: i64 = 24;
/// The window that the gates look at.
const GATE: i64 = 6;
/// A source counts at most so often in an hour, and only after it was read for so long.
const PER_HOUR: usize = 2;
const NEW_SOURCE: i64 = 7 * DAY;
/// An item's time is believed so far back from when it was fetched.
const LATEST: i64 = 14 * DAY;
/// The shape of the model: how much a rate varies by itself. More is not believed.
const STEADIEST: f64 = 12.0;
/// From this surprise (-log10 of its probability) it is a trend, if the gates agree.
const SURPRISE: f64 = 8.0;
const MOST_SURPRISE: f64 = 300.0;
const LEAST_SIGHTINGS: u32 = 4;
const LEAST_SOURCES: usize = 3;
const LEAST_RATIO: f64 = 2.0;
/// A term that was told rests so long, in hours.
const REST: i64 = 24;
/// The share of the smaller one's items from which two terms are one trend.
const ONE_TREND: f64 = 0.5;
/// After so long the older half of the texts that copies are looked for among is forgotten.
const COPIES: i64 = 24;

/// One item of a feed or of a network.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// The caller's number for it.
    pub id: u32,
    /// Where it was read; what one owner has counts as one (see [`owner`]).
    pub source: &'a str,
    /// When it says that it was published.
    pub published_at: Instant,
    /// When it was read.
    pub fetched_at: Instant,
    /// Title and text.
    pub text: &'a str,
    /// Its address.
    pub url: Option<&'a str>,
    /// The language of its source.
    pub language: Option<Language>,
}

/// Whose a source is: the registrable domain of its address, or the name itself where it is none.
#[must_use]
pub fn owner(source: &str) -> &str {
    let address = source.split_once("://").map(|(_, rest)| rest);
    let rest = address.unwrap_or(source);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = host.rsplit('@').next().unwrap_or(host);
    let host = host.split(':').next().unwrap_or(host).trim_end_matches('.');
    if host.parse::<std::net::IpAddr>().is_ok() {
        return host;
    }
    // A plain name with a dot is a host only if its end is on the list of public suffixes.
    let is_known = || psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.is_known());
    let is_host = address.is_some() || is_known();
    psl::domain_str(host).filter(|_| is_host).unwrap_or(source)
}

/// A term that rises, with the terms that rise with it and what it is known from.
#[derive(Clone, Debug, PartialEq)]
pub struct Trend {
    /// Its terms, the most surprising first.
    pub terms: Vec<String>,
    /// The surprise: -log10 of the probability that the first term comes up so often by chance.
    pub score: f64,
    /// The hours in which the first term is most surprising.
    pub window: u8,
    /// How often it came in them.
    pub observed: u32,
    /// How often it was expected to.
    pub expected: f64,
    /// Sources that had it in the last 6 hours.
    pub sources: usize,
    /// The callers' numbers of the items of the last day that hold one of its terms.
    pub items: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Sighting {
    hour: i64,
    source: u32,
    item: u32,
}

/// A term of the last day. Most come once, and take little room.
#[derive(Debug)]
enum Sighted {
    Once(Sighting),
    Often(Box<Recent>),
}

/// A term of the last day that came more than once.
#[derive(Debug)]
struct Recent {
    shown: String,
    seen: Vec<Sighting>,
}

impl Sighted {
    /// Takes one more sighting.
    fn again(&mut self, sighting: Sighting, shown: &dyn Fn() -> String) {
        match self {
            Self::Once(first) => {
                let seen = vec![*first, sighting];
                *self = Self::Often(Box::new(Recent {
                    shown: shown(),
                    seen,
                }));
            }
            Self::Often(recent) => recent.seen.push(sighting),
        }
    }

    /// Gives up the sightings of an hour; returns how many count.
    fn leave(&mut self, hour: i64) -> u32 {
        match self {
            Self::Once(only) => u32::from(only.hour == hour),
            Self::Often(recent) => {
                let count = per_hour(&recent.seen).get(&hour).copied().unwrap_or(0);
                recent.seen.retain(|s| s.hour != hour);
                count
            }
        }
    }

    /// Whether nothing is left of it after an hour has left.
    fn is_gone(&self, hour: i64) -> bool {
        match self {
            Self::Once(only) => only.hour == hour,
            Self::Often(recent) => recent.seen.is_empty(),
        }
    }
}

#[derive(Debug)]
struct Source {
    number: u32,
    first: Instant,
}

/// An hour of the last day.
#[derive(Debug, Default)]
struct Bin {
    items: u32,
    touched: Vec<Key>,
}

/// All terms with their past. Items are taken in the order in which they were read, those read at
/// once by their publishing.
#[derive(Debug)]
pub struct Trends {
    readers: HashMap<Option<Language>, Reader>,
    sources: HashMap<String, Source>,
    copies: Copies,
    copies_since: i64,
    /// The terms of the last day.
    terms: HashMap<Key, Sighted>,
    /// Terms that were told, and until when they rest.
    resting: HashMap<Key, i64>,
    /// The hours of the last day, the oldest first; the last is `hour`.
    bins: VecDeque<Bin>,
    hour: i64,
    history: History,
}

impl Default for Trends {
    fn default() -> Self {
        Self::with_rows(MAX_ROWS)
    }
}

impl Trends {
    fn with_rows(max_rows: usize) -> Self {
        Self {
            readers: HashMap::new(),
            sources: HashMap::new(),
            copies: Copies::default(),
            copies_since: i64::MIN,
            terms: HashMap::new(),
            resting: HashMap::new(),
            bins: (0..RECENT).map(|_| Bin::default()).collect(),
            hour: i64::MIN,
            history: History::new(max_rows),
        }
    }

    /// Takes an item. A copy of an earlier one, or one of a source that is still new, only makes
    /// itself known.
    pub fn read(&mut self, item: &Item<'_>) {
        let read = item.fetched_at.0.clamp(-i64::MAX / 4, i64::MAX / 4);
        self.advance(read.div_euclid(HOUR));
        // A clock that was set back does not take back what was read.
        let read = read.max(self.hour * HOUR);
        let published = item.published_at.0.clamp(read - LATEST, read);
        let hour = published.div_euclid(HOUR);
        let Some(source) = self.source(item.source, Instant(published)) else {
            self.copies.is_copy(item.text);
            return;
        };
        if self.copies.is_copy(item.text) {
            return;
        }
        let language = item.language;
        let reader = self
            .readers
            .entry(language)
            .or_insert_with(|| Reader::new(language));
        let bin = place(self.hour, hour);
        match bin {
            Some(bin) => self.bins[bin].items += 1,
            None => self.history.read(1, hour),
        }
        let sighting = Sighting {
            hour,
            source,
            item: item.id,
        };
        let (terms, bins, history) = (&mut self.terms, &mut self.bins, &mut self.history);
        let mut see = |key: Key, shown: &dyn Fn() -> String| match bin {
            Some(bin) => {
                bins[bin].touched.push(key);
                match terms.entry(key) {
                    Entry::Vacant(new) => {
                        new.insert(Sighted::Once(sighting));
                    }
                    Entry::Occupied(mut known) => known.get_mut().again(sighting, shown),
                }
            }
            None => history.add(key, 1, hour),
        };
        reader.each_term(item.text, &mut see);
        if let Some(link) = item.url.and_then(fold_link) {
            see(reader.key_of_link(&link), &|| link.clone());
        }
    }

    /// The number of a source that counts; absent while it is new.
    fn source(&mut self, name: &str, published: Instant) -> Option<u32> {
        let owner = owner(name);
        if !self.sources.contains_key(owner) {
            let number = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
            self.sources.insert(
                owner.to_owned(),
                Source {
                    number,
                    first: published,
                },
            );
        }
        let source = self.sources.get_mut(owner)?;
        source.first = source.first.min(published);
        (published.since(source.first) >= NEW_SOURCE).then_some(source.number)
    }

    /// Goes to an hour: what leaves the last day becomes the past.
    fn advance(&mut self, hour: i64) {
        if self.hour == i64::MIN {
            self.hour = hour;
            self.copies_since = hour;
        }
        // After a day nothing is recent any more.
        let mut steps = (hour - self.hour).clamp(0, RECENT);
        while steps > 0 {
            let leaving = self.hour - RECENT + 1;
            let bin = self.bins.pop_front().unwrap_or_default();
            self.bins.push_back(Bin::default());
            self.hour += 1;
            steps -= 1;
            self.leave(&bin, leaving);
        }
        self.hour = self.hour.max(hour);
        if self.hour - self.copies_since >= COPIES {
            self.copies.turn();
            self.copies_since = self.hour;
        }
    }

    fn leave(&mut self, bin: &Bin, hour: i64) {
        if bin.items > 0 {
            self.history.read(bin.items, hour);
        }
        // Rows are made in an order that does not change from one run to the next.
        let mut touched = bin.touched.clone();
        touched.sort_unstable();
        touched.dedup();
        for key in touched {
            let Entry::Occupied(mut term) = self.terms.entry(key) else {
                continue;
            };
            let count = term.get_mut().leave(hour);
            if term.get().is_gone(hour) {
                term.remove();
            }
            if count > 0 {
                self.history.add(key, count, hour);
            }
        }
    }

    /// Terms that became trends and were not told in the last day. What is returned rests: asking
    /// again tells what is new.
    pub fn alarms(&mut self, now: Instant) -> Vec<Trend> {
        self.advance(now.0.div_euclid(HOUR));
        let hour = self.hour;
        self.resting.retain(|_, until| *until > hour);
        let mut told = Vec::new();
        let mut resting = Vec::new();
        for group in groups(self.rising(&Gates::ALARM)) {
            if !group
                .iter()
                .any(|rising| self.resting.contains_key(&rising.key))
            {
                told.push(trend(&group));
            }
            resting.extend(group.iter().map(|rising| rising.key));
        }
        for key in resting {
            self.resting.entry(key).or_insert(hour + REST);
        }
        told
    }

    /// What rose in the last day, the most surprising first.
    pub fn of_the_day(&mut self, now: Instant) -> Vec<Trend> {
        self.advance(now.0.div_euclid(HOUR));
        groups(self.rising(&Gates::DAY))
            .iter()
            .map(|group| trend(group))
            .collect()
    }

    /// Terms whose past is remembered.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.history.rows()
    }

    /// Terms that pass the gates, the most surprising first.
    fn rising(&self, gates: &Gates) -> Vec<Rising<'_>> {
        let mut rising: Vec<Rising<'_>> = self
            .terms
            .iter()
            .filter_map(|(key, term)| match term {
                Sighted::Often(recent) if recent.seen.len() >= LEAST_SIGHTINGS as usize => {
                    self.surprise(*key, recent, gates)
                }
                _ => None,
            })
            .collect();
        rising.sort_by(|a, b| {
            let longer = b.recent.shown.len().cmp(&a.recent.shown.len());
            b.score
                .total_cmp(&a.score)
                .then(longer)
                .then(a.key.cmp(&b.key))
        });
        rising
    }

    fn surprise<'a>(&self, key: Key, recent: &'a Recent, gates: &Gates) -> Option<Rising<'a>> {
        let counts = per_hour(&recent.seen);
        let within = |hours: i64| {
            counts
                .range(self.hour - hours + 1..)
                .map(|(_, x)| *x)
                .sum::<u32>()
        };
        let lately = recent
            .seen
            .iter()
            .filter(|s| s.hour > self.hour - gates.hours);
        let sources: BTreeSet<u32> = lately.map(|s| s.source).collect();
        if within(gates.hours) < LEAST_SIGHTINGS || sources.len() < LEAST_SOURCES {
            return None;
        }
        let past = self.history.of(key, self.hour);
        let shape = past.count.min(STEADIEST);
        let mut expected = 0.0;
        let mut best: Option<Rising<'_>> = None;
        for (bin, age) in self.bins.iter().rev().zip(1_i64..) {
            let hour = self.hour - age + 1;
            expected += past.rate * f64::from(bin.items) * past.season(hour);
            if !WINDOWS.contains(&age) {
                continue;
            }
            let observed = within(age);
            let ratio = (f64::from(observed) + 0.5) / (expected + 0.5);
            let half = if past.is_returning { 0.5 } else { 1.0 };
            let score = half * surprise(observed, expected, shape);
            if ratio >= LEAST_RATIO && best.as_ref().is_none_or(|b| score > b.score) {
                let window = age as u8;
                best = Some(Rising {
                    key,
                    recent,
                    score,
                    window,
                    observed,
                    expected,
                    sources: sources.len(),
                });
            }
        }
        best.filter(|rising| rising.score >= gates.score)
    }
}

/// Brings terms together that share items, keeping the order.
fn groups(rising: Vec<Rising<'_>>) -> Vec<Vec<Rising<'_>>> {
    let mut groups: Vec<(Vec<Rising<'_>>, Vec<HashSet<u32>>)> = Vec::new();
    for rising in rising {
        let items: HashSet<u32> = rising.recent.seen.iter().map(|s| s.item).collect();
        let is_of = |others: &[HashSet<u32>]| {
            others.iter().any(|other| {
                let shared = items.intersection(other).count() as f64;
                shared >= ONE_TREND * items.len().min(other.len()) as f64
            })
        };
        match groups.iter_mut().find(|(_, others)| is_of(others)) {
            Some((group, others)) => {
                group.push(rising);
                others.push(items);
            }
            None => groups.push((vec![rising], vec![items])),
        }
    }
    groups.into_iter().map(|(group, _)| group).collect()
}

fn trend(group: &[Rising<'_>]) -> Trend {
    let seen = group.iter().flat_map(|rising| &rising.recent.seen);
    let items: BTreeSet<u32> = seen.map(|s| s.item).collect();
    let first = &group[0];
    Trend {
        terms: group
            .iter()
            .map(|rising| rising.recent.shown.clone())
            .collect(),
        score: first.score,
        window: first.window,
        observed: first.observed,
        expected: first.expected,
        sources: first.sources,
        items: items.into_iter().collect(),
    }
}

/// The place of an hour in the last day.
fn place(now: i64, hour: i64) -> Option<usize> {
    usize::try_from(hour - (now - RECENT + 1))
        .ok()
        .filter(|bin| *bin < RECENT as usize)
}

/// What a term must pass.
struct Gates {
    hours: i64,
    score: f64,
}

impl Gates {
    const ALARM: Self = Self {
        hours: GATE,
        score: SURPRISE,
    };
    /// For the list of a day, where order matters more than doubt.
    const DAY: Self = Self {
        hours: RECENT,
        score: 4.0,
    };
}

#[derive(Debug)]
struct Rising<'a> {
    key: Key,
    recent: &'a Recent,
    score: f64,
    window: u8,
    observed: u32,
    expected: f64,
    sources: usize,
}

/// Sightings by hour, a source `PER_HOUR` times at most.
fn per_hour(seen: &[Sighting]) -> BTreeMap<i64, u32> {
    let mut by_source: BTreeMap<(i64, u32), usize> = BTreeMap::new();
    for sighting in seen {
        *by_source
            .entry((sighting.hour, sighting.source))
            .or_default() += 1;
    }
    let mut counts = BTreeMap::new();
    for ((hour, _), count) in by_source {
        *counts.entry(hour).or_default() += count.min(PER_HOUR) as u32;
    }
    counts
}

/// -log10 of the probability that a negative binomial with this mean and shape is `observed` or
/// more: `I_{E/(r+E)}(x, r)`.
fn surprise(observed: u32, expected: f64, shape: f64) -> f64 {
    if observed == 0 {
        return 0.0;
    }
    let at = expected / (shape + expected);
    match checked_beta_reg(f64::from(observed), shape, at) {
        Ok(p) if p > 0.0 => (-p.log10()).clamp(0.0, MOST_SURPRISE),
        Ok(_) => MOST_SURPRISE,
        Err(_) => 0.0,
    }
}

#[cfg(test)]
mod tests;
