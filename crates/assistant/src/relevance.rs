//! Trends for a persona: what its audience cares about, and it has not just said.
//!
//! The centre of a trend's items is compared with a profile of interests and own posts (TF-IDF,
//! cosine); trends of one story are brought together; what own posts of the last month hold counts a
//! quarter.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::text::{Key, Reader};

/// What own posts weigh beside declared interests. Chosen by trying, as is what follows.
const OWN: f64 = 0.3;
/// What a trend is worth that was written about lately.
const SAID: f64 = 0.25;
/// The share of the smaller one's items from which two trends are one story.
const ONE_STORY: f64 = 0.5;

/// Words and their weights.
type Vector = BTreeMap<Key, f64>;

/// How rare words are in the feeds.
#[derive(Clone, Debug, Default)]
pub struct Rarity {
    texts: f64,
    holding: HashMap<Key, f64>,
}

impl Rarity {
    /// Counts one more text.
    pub fn add(&mut self, reader: &Reader, text: &str) {
        self.texts += 1.0;
        for word in reader.words(text).into_iter().collect::<HashSet<_>>() {
            *self.holding.entry(word).or_default() += 1.0;
        }
    }

    fn of(&self, word: Key) -> f64 {
        let holding = self.holding.get(&word).copied().unwrap_or(0.0);
        ((self.texts + 1.0) / (holding + 1.0)).ln() + 1.0
    }

    /// A text as a vector of length 1, or nothing where it has no words.
    fn vector(&self, reader: &Reader, text: &str) -> Vector {
        let mut vector = Vector::new();
        for word in reader.words(text) {
            *vector.entry(word).or_default() += self.of(word);
        }
        unit(vector)
    }

    /// The mean of texts, as a vector of length 1.
    fn centre<'a>(&self, reader: &Reader, texts: impl IntoIterator<Item = &'a str>) -> Vector {
        let mut centre = Vector::new();
        for text in texts {
            add(&mut centre, &self.vector(reader, text), 1.0);
        }
        unit(centre)
    }
}

fn add(to: &mut Vector, more: &Vector, weight: f64) {
    for (word, value) in more {
        *to.entry(*word).or_default() += weight * value;
    }
}

fn unit(mut vector: Vector) -> Vector {
    let length = vector.values().map(|v| v * v).sum::<f64>().sqrt();
    if length > 0.0 {
        vector.values_mut().for_each(|v| *v /= length);
    }
    vector
}

fn cosine(a: &Vector, b: &Vector) -> f64 {
    let length = |v: &Vector| v.values().map(|x| x * x).sum::<f64>().sqrt();
    let product: f64 = a
        .iter()
        .filter_map(|(word, x)| Some(x * b.get(word)?))
        .sum();
    let lengths = length(a) * length(b);
    if lengths > 0.0 {
        product / lengths
    } else {
        0.0
    }
}

/// Own posts and what they are about.
#[derive(Clone, Debug)]
pub struct Profile {
    vector: Vector,
    /// Terms of own posts of the last 30 days.
    said: HashSet<Key>,
}

impl Profile {
    /// Of interests (words or phrases), all own posts, and those of them from the last 30 days.
    #[must_use]
    pub fn new(
        reader: &Reader,
        rarity: &Rarity,
        interests: &[&str],
        posts: &[&str],
        recent: &[&str],
    ) -> Self {
        let declared = interests.join(". ");
        let mut vector = rarity.vector(reader, &declared);
        add(
            &mut vector,
            &rarity.centre(reader, posts.iter().copied()),
            OWN,
        );
        let terms = recent.iter().flat_map(|post| reader.terms(post));
        Self {
            vector,
            said: terms.map(|term| term.key).collect(),
        }
    }
}

/// A trend as it comes from the feeds.
#[derive(Clone, Debug)]
pub struct Rising<'a> {
    /// Its terms.
    pub terms: Vec<&'a str>,
    /// How surprising it is; breaks ties.
    pub burst: f64,
    /// The texts that hold it.
    pub items: Vec<&'a str>,
}

/// A story for a persona, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Relevant {
    /// Places of its trends in the list, the one that names it best first.
    pub trends: Vec<usize>,
    /// Likeness to the profile, from 0 to 1, a quarter of it where it was said.
    pub score: f64,
    /// Whether own posts of the last 30 days hold one of its terms.
    pub said: bool,
}

/// Stories in the order of their relevance, each once.
#[must_use]
pub fn rank(
    reader: &Reader,
    rarity: &Rarity,
    profile: &Profile,
    trends: &[Rising<'_>],
) -> Vec<Relevant> {
    let mut stories: Vec<(Relevant, f64)> = stories(trends)
        .into_iter()
        .map(|members| {
            let texts: BTreeSet<&str> = members
                .iter()
                .flat_map(|at| trends[*at].items.iter().copied())
                .collect();
            let likeness = cosine(&rarity.centre(reader, texts), &profile.vector);
            let mut terms = members.iter().flat_map(|at| &trends[*at].terms);
            let said = terms.any(|term| profile.said.contains(&reader.key_of(term)));
            let burst = members
                .iter()
                .map(|at| trends[*at].burst)
                .fold(f64::MIN, f64::max);
            let score = if said { SAID * likeness } else { likeness };
            (
                Relevant {
                    trends: members,
                    score,
                    said,
                },
                burst,
            )
        })
        .collect();
    stories.sort_by(|a, b| {
        let by_score = b.0.score.total_cmp(&a.0.score);
        by_score
            .then(b.1.total_cmp(&a.1))
            .then(a.0.trends.cmp(&b.0.trends))
    });
    stories.into_iter().map(|(story, _)| story).collect()
}

/// Brings trends together that share items, the strongest of each first.
fn stories(trends: &[Rising<'_>]) -> Vec<Vec<usize>> {
    let items: Vec<HashSet<&str>> = trends
        .iter()
        .map(|t| t.items.iter().copied().collect())
        .collect();
    let mut order: Vec<usize> = (0..trends.len()).collect();
    order.sort_by(|a, b| trends[*b].burst.total_cmp(&trends[*a].burst).then(a.cmp(b)));
    let mut stories: Vec<Vec<usize>> = Vec::new();
    for at in order {
        let is_of = |story: &Vec<usize>| {
            story.iter().any(|other| {
                let shared = items[at].intersection(&items[*other]).count() as f64;
                let smaller = items[at].len().min(items[*other].len());
                smaller > 0 && shared >= ONE_STORY * smaller as f64
            })
        };
        match stories.iter().position(is_of) {
            Some(story) => stories[story].push(at),
            None => stories.push(vec![at]),
        }
    }
    stories
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use proptest::prelude::*;

    const SNOW: [&str; 2] = ["Avalanche closes the pass", "Pass closed after avalanche"];
    const SOUP: [&str; 2] = ["A soup festival in town", "Soup festival sells out"];

    fn ranked(
        interests: &[&str],
        posts: &[&str],
        recent: &[&str],
        trends: &[Rising<'_>],
    ) -> Vec<Relevant> {
        let reader = Reader::new(Some(Language::English));
        let mut rarity = Rarity::default();
        for text in SNOW
            .iter()
            .chain(&SOUP)
            .chain(&["Town hall meets", "The game ended"])
        {
            rarity.add(&reader, text);
        }
        let profile = Profile::new(&reader, &rarity, interests, posts, recent);
        rank(&reader, &rarity, &profile, trends)
    }

    fn rising(term: &'static str, burst: f64, items: &[&'static str]) -> Rising<'static> {
        Rising {
            terms: vec![term],
            burst,
            items: items.to_vec(),
        }
    }

    #[test]
    fn interests_count_more_than_the_burst() {
        let trends = [
            rising("soup festival", 90.0, &SOUP),
            rising("avalanche", 9.0, &SNOW),
        ];
        let order = ranked(&["avalanches", "snow"], &[], &[], &trends);
        assert_eq!(order[0].trends, [1]);
        assert!(order[0].score > order[1].score);
    }

    #[test]
    fn terms_of_one_story_come_once() {
        let trends = [rising("avalanche", 9.0, &SNOW), rising("pass", 12.0, &SNOW)];
        let order = ranked(&["avalanche"], &[], &[], &trends);
        assert_eq!(order.len(), 1);
        assert_eq!(order[0].trends, [1, 0]);
    }

    #[test]
    fn what_was_said_lately_steps_back() {
        let trends = [
            rising("avalanche", 9.0, &SNOW),
            rising("soup festival", 9.0, &SOUP),
        ];
        let interests = ["avalanche", "pass", "soup"];
        let post = ["Avalanches everywhere, stay in the hut"];
        let old = ranked(&interests, &post, &[], &trends);
        let new = ranked(&interests, &post, &post, &trends);
        assert_eq!((old[0].trends[0], old[0].said), (0, false));
        assert_eq!((new[0].trends[0], new[1].said), (1, true));
    }

    #[test]
    fn without_interests_the_burst_decides() {
        let trends = [
            rising("avalanche", 9.0, &SNOW),
            rising("soup festival", 12.0, &SOUP),
        ];
        assert_eq!(ranked(&[], &[], &[], &trends)[0].trends, [1]);
    }

    proptest! {
        #[test]
        fn every_trend_comes_exactly_once_whatever_it_holds(
            found in proptest::collection::vec((any::<f64>(), ".{0,12}", proptest::collection::vec(".{0,12}", 0..4)), 0..12)
        ) {
            let trends: Vec<Rising<'_>> = found
                .iter()
                .map(|(burst, term, items)| Rising {
                    terms: vec![term.as_str()],
                    burst: *burst,
                    items: items.iter().map(String::as_str).collect(),
                })
                .collect();
            let order = ranked(&["snow"], &["Soup"], &["Soup"], &trends);
            let mut places: Vec<usize> = order.iter().flat_map(|r| r.trends.clone()).collect();
            places.sort_unstable();
            prop_assert_eq!(places, (0..trends.len()).collect::<Vec<_>>());
            prop_assert!(order.iter().all(|r| r.score.is_finite()));
        }
    }
}
