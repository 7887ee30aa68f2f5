//! Hashtags for a draft, from own and followed posts.
//!
//! A tag scores with every word of the draft that it goes with more often than chance has it:
//! normalised pointwise mutual information (Bouma 2009), less where the two were seen together only
//! a few times. Tags that are on everything go with nothing, and get nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::language::Language;
use crate::text::{Key, Reader, fold};

/// Fewer joint posts than this say nothing; chosen by trying.
const LEAST: f64 = 0.7;
/// The most posts that are looked at, and tags of one of them.
const MAX_POSTS: usize = 5_000;
const MAX_TAGS: usize = 30;

/// A post and its hashtags, with or without `#`.
#[derive(Clone, Debug)]
pub struct Tagged<'a> {
    /// The text.
    pub text: &'a str,
    /// Its tags.
    pub tags: Vec<&'a str>,
}

/// A tag for a draft, with what it is known from.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// As most posts write it, without `#`.
    pub tag: String,
    /// The higher the better; only good for comparing.
    pub score: f64,
    /// Posts that have it.
    pub posts: usize,
}

/// What goes with which tag.
#[derive(Debug)]
pub struct Habits {
    reader: Reader,
    posts: f64,
    words: HashMap<Key, Word>,
    tags: Vec<Tag>,
    /// The places of tags by their folded form.
    places: HashMap<String, usize>,
}

#[derive(Debug, Default)]
struct Word {
    posts: f64,
    /// In how many of them it is together with which tag.
    with: HashMap<usize, f64>,
}

#[derive(Debug, Default)]
struct Tag {
    posts: f64,
    forms: HashMap<String, usize>,
}

impl Habits {
    /// Learns from posts, newest first.
    #[must_use]
    pub fn new(posts: &[Tagged<'_>], language: Option<Language>) -> Self {
        let mut habits = Self {
            reader: Reader::new(language),
            posts: 0.0,
            words: HashMap::new(),
            tags: vec![],
            places: HashMap::new(),
        };
        for post in posts.iter().take(MAX_POSTS) {
            habits.learn(post);
        }
        habits
    }

    fn learn(&mut self, post: &Tagged<'_>) {
        self.posts += 1.0;
        let tags = self.tags_of(post);
        for word in self.reader.plain_words(post.text) {
            let word = self.words.entry(word).or_default();
            word.posts += 1.0;
            for tag in &tags {
                *word.with.entry(*tag).or_default() += 1.0;
            }
        }
    }

    /// Counts the tags of a post, each once, and says which they are.
    fn tags_of(&mut self, post: &Tagged<'_>) -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        for form in post
            .tags
            .iter()
            .take(MAX_TAGS)
            .map(|tag| tag.trim_start_matches('#'))
        {
            let folded = fold(form);
            if folded.is_empty() {
                continue;
            }
            let next = self.tags.len();
            let place = *self.places.entry(folded).or_insert(next);
            if place == next {
                self.tags.push(Tag::default());
            }
            if seen.insert(place) {
                let tag = &mut self.tags[place];
                tag.posts += 1.0;
                *tag.forms.entry(form.to_owned()).or_default() += 1;
            }
        }
        seen
    }

    /// At most `count` tags for a draft, best first; only such as have something to do with it.
    #[must_use]
    pub fn advice(&self, draft: &str, count: usize) -> Vec<Advice> {
        let mut keys: Vec<Key> = self.reader.plain_words(draft).into_iter().collect();
        // Sums depend on their order in the last digit.
        keys.sort_unstable();
        let mut scores: BTreeMap<usize, f64> = BTreeMap::new();
        for word in keys.iter().filter_map(|key| self.words.get(key)) {
            for (tag, joint) in &word.with {
                *scores.entry(*tag).or_default() += self.together(*tag, word, *joint);
            }
        }
        let mut order: Vec<(usize, f64)> = scores.into_iter().filter(|(_, s)| *s > 0.0).collect();
        order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let advice = order.into_iter().take(count).map(|(tag, score)| Advice {
            tag: self.tags[tag].written(),
            score,
            posts: self.tags[tag].posts as usize,
        });
        advice.collect()
    }

    fn together(&self, tag: usize, word: &Word, joint: f64) -> f64 {
        let surprise = -(joint / self.posts).ln();
        if surprise <= 0.0 {
            return 0.0;
        }
        let npmi = (joint * self.posts / (self.tags[tag].posts * word.posts)).ln() / surprise;
        npmi.max(0.0) * ((joint - LEAST) / (joint + 1.0)).max(0.0)
    }
}

impl Tag {
    /// The form that most posts have; on a tie the one with capitals, which screen readers can read.
    fn written(&self) -> String {
        let best = self
            .forms
            .iter()
            .max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0)));
        best.map(|(form, _)| form.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn history() -> Vec<Tagged<'static>> {
        let snow = Tagged {
            text: "Fresh snow on the ridge, avalanche danger rises",
            tags: vec!["Lawine", "news"],
        };
        let soup = Tagged {
            text: "Barley soup with smoked bacon tonight",
            tags: vec!["#hutfood", "news"],
        };
        let mut posts = vec![
            snow.clone(),
            soup.clone(),
            snow.clone(),
            soup.clone(),
            snow,
            soup,
        ];
        posts.push(Tagged {
            text: "Good morning everybody",
            tags: vec!["#LAWINE"],
        });
        posts
    }

    #[test]
    fn a_tag_comes_with_the_words_that_it_went_with() {
        let habits = Habits::new(&history(), Some(Language::English));
        let advice = habits.advice("Snow and avalanches on all ridges", 3);
        assert_eq!(advice[0].tag, "Lawine");
        assert_eq!(advice[0].posts, 4);
        assert!(advice.iter().all(|a| a.tag != "hutfood"));
    }

    #[test]
    fn what_is_on_everything_advises_nothing() {
        let posts: Vec<Tagged<'_>> = history()
            .into_iter()
            .map(|post| Tagged {
                tags: vec!["always"],
                ..post
            })
            .collect();
        let habits = Habits::new(&posts, Some(Language::English));
        assert_eq!(habits.advice("Snow and soup", 5), []);
    }

    #[test]
    fn nothing_known_means_no_advice() {
        let habits = Habits::new(&[], None);
        assert_eq!(habits.advice("Snow", 5), []);
        let habits = Habits::new(&history(), None);
        assert_eq!(habits.advice("", 5), []);
    }

    proptest! {
        #[test]
        fn advice_is_finite_ordered_and_never_too_long(
            texts in proptest::collection::vec(("[a-e ]{0,20}", "[xyz#]{0,2}"), 0..20),
            draft in "[a-e ]{0,20}",
        ) {
            let posts: Vec<Tagged<'_>> = texts
                .iter()
                .map(|(text, tag)| Tagged { text, tags: vec![tag] })
                .collect();
            let advice = Habits::new(&posts, None).advice(&draft, 3);
            prop_assert!(advice.len() <= 3);
            prop_assert!(advice.iter().all(|a| a.score.is_finite() && a.score > 0.0));
            prop_assert!(advice.windows(2).all(|w| w[0].score >= w[1].score));
        }
    }
}
