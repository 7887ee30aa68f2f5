//! What the items of the last weeks say of a trend: its curve and its evidence.

use std::collections::{BTreeMap, HashMap, HashSet};

use assistant::language::Language;
use assistant::text::{Key, Reader};
use assistant::trends::owner;
use domain::Instant;
use domain::idea::{DayCount, Evidence};
use domain::ids::SourceId;
use domain::time::DAY;
use store::signal::Signal;

use super::model::{From, Named, language_of, rest_of};

/// Days of a curve.
const DAYS: i64 = 14;
/// Items that are shown, and those of one owner among them.
const SHOWN: usize = 8;
const OF_ONE: usize = 2;
/// The longest excerpt, in characters.
const EXCERPT: usize = 240;
/// The most items that are looked at again: the newest.
pub(super) const MOST: usize = 30_000;

/// An item of the last weeks, as far as it is looked at again.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) named: Named,
    pub(super) title: String,
    pub(super) rest: String,
    pub(super) url: Option<String>,
    pub(super) language: Option<Language>,
    pub(super) at: Instant,
    pub(super) of_many: bool,
}

impl Seen {
    pub(super) fn of(signal: &Signal, from: &From) -> Self {
        Self {
            named: (signal.source, signal.item),
            title: signal.title.clone(),
            rest: shortened(rest_of(signal), 400),
            url: signal.url.clone(),
            language: language_of(signal, from),
            at: signal.published_at,
            of_many: from.of_many,
        }
    }

    /// Title and text.
    pub(super) fn text(&self) -> String {
        format!("{}\n{}", self.title, self.rest)
    }

    pub(super) fn evidence(&self, sources: &HashMap<SourceId, From>) -> Evidence {
        Evidence {
            source: Some(self.named.0),
            from: sources
                .get(&self.named.0)
                .map(|from| from.title.clone())
                .unwrap_or_default(),
            title: self.title.clone(),
            excerpt: shortened(self.rest.trim(), EXCERPT),
            url: self.url.clone(),
            at: self.at,
        }
    }
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

/// Readers by language: the same words have other keys in another one.
#[derive(Default)]
pub(super) struct Readers(HashMap<Option<Language>, Reader>);

impl Readers {
    pub(super) fn of(&mut self, language: Option<Language>) -> &Reader {
        self.0
            .entry(language)
            .or_insert_with(|| Reader::new(language))
    }
}

/// The keys of some terms in a language; an address is its own.
pub(super) fn keys(reader: &Reader, terms: &[String]) -> HashSet<Key> {
    terms
        .iter()
        .map(|term| match is_link(term) {
            true => reader.key_of_link(term),
            false => reader.key_of(term),
        })
        .collect()
}

/// Whether a term is a folded address rather than words.
pub(super) fn is_link(term: &str) -> bool {
    term.contains('/') || (term.contains('.') && !term.contains(' '))
}

/// Where each trend's first term was, newest first, of items in the order of their publishing.
pub(super) fn found(
    readers: &mut Readers,
    seen: &[Seen],
    trends: &[Vec<String>],
) -> Vec<Vec<usize>> {
    let mut found = vec![Vec::new(); trends.len()];
    let mut wanted: HashMap<Option<Language>, Vec<(usize, HashSet<Key>)>> = HashMap::new();
    for (at, item) in seen.iter().enumerate().rev() {
        let reader = readers.of(item.language);
        let wanted = wanted.entry(item.language).or_insert_with(|| {
            let first = |terms: &Vec<String>| keys(reader, &terms[..terms.len().min(1)]);
            trends.iter().map(first).enumerate().collect()
        });
        let own: HashSet<Key> = reader.terms(&item.text()).iter().map(|t| t.key).collect();
        for (trend, keys) in wanted.iter() {
            if !keys.is_disjoint(&own) {
                found[*trend].push(at);
            }
        }
    }
    found
}

/// Items a day over the last two weeks.
pub(super) fn curve(now: Instant, times: impl Iterator<Item = Instant>) -> Vec<DayCount> {
    let today = now.0.div_euclid(DAY);
    let mut days: BTreeMap<i64, u32> = (today - DAYS + 1..=today).map(|day| (day, 0)).collect();
    for at in times {
        if let Some(count) = days.get_mut(&at.0.div_euclid(DAY)) {
            *count += 1;
        }
    }
    days.into_iter()
        .map(|(day, items)| DayCount {
            day: Instant(day * DAY),
            items,
        })
        .collect()
}

/// A few items, newest first, of as many owners as possible.
pub(super) fn evidence(items: &[&Seen], sources: &HashMap<SourceId, From>) -> Vec<Evidence> {
    let mut of_owner: HashMap<String, usize> = HashMap::new();
    let mut shown = Vec::new();
    for item in items {
        let place = match (&item.url, item.of_many) {
            (Some(url), true) => url.as_str(),
            _ => sources.get(&item.named.0).map_or("", |from| &from.address),
        };
        let count = of_owner.entry(owner(place).to_owned()).or_default();
        if *count < OF_ONE && shown.len() < SHOWN {
            *count += 1;
            shown.push(item.evidence(sources));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_has_a_count_for_each_of_its_days() {
        let now = Instant(20_000 * DAY + 5);
        let times = [now, now.plus(-DAY), now.plus(-DAY), now.plus(-60 * DAY)];
        let curve = curve(now, times.into_iter());
        assert_eq!(curve.len(), 14);
        assert_eq!(curve[13].items, 1);
        assert_eq!(curve[12].items, 2);
        assert_eq!(curve.iter().map(|d| d.items).sum::<u32>(), 3);
    }

    #[test]
    fn an_address_is_told_from_words() {
        assert!(is_link("hut.example/snow") && is_link("hut.example"));
        assert!(!is_link("snow line") && !is_link("snow"));
    }
}
