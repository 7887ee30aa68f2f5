//! Hashtags: such as go with a text, such as screen readers cannot read, and such as are none: a
//! letter has to be in them on X (help.x.com, "How to use hashtags"), Mastodon
//! (docs.joinmastodon.org/user/posting) and Bluesky (the grammar of its own client), read on
//! 26 November 2026.

use std::collections::{HashMap, HashSet};

use domain::limits::Severity;
use domain::remark::RemarkKind;
use unicode_segmentation::UnicodeSegmentation as _;

use super::tokens::Part;
use super::{MOST, Remark};
use crate::hashtags::{Habits, Tagged};
use crate::language::Language;
use crate::text::{fold, split_tag};

/// Texts that are learned from.
const MAX_TEXTS: usize = 5_000;
/// A shorter tag is one word.
const LONG: usize = 8;
/// A longer one is no tag that somebody reads, and cutting it takes long.
const LONGEST: usize = 60;
/// The shortest word that a tag may be made of.
const SHORT: usize = 3;
/// A text that has so many tags needs no more.
const ENOUGH: usize = 3;
/// A tag of fewer posts is a whim.
const LEAST_POSTS: usize = 3;
/// A text with fewer words says too little.
const LEAST_WORDS: usize = 5;
/// Languages that write compounds as one word: a tag of theirs may be one.
const COMPOUNDING: &[Language] = &[
    Language::German,
    Language::Dutch,
    Language::Swedish,
    Language::Danish,
    Language::Norwegian,
    Language::Finnish,
];

/// What is known of tags from own and followed posts.
#[derive(Debug)]
pub(super) struct Tags {
    habits: Habits,
    /// Forms with capitals by their folded form.
    forms: HashMap<String, String>,
    /// Words that came more than once; none in a language that glues them together.
    words: HashSet<String>,
}

impl Tags {
    pub(super) fn of<'a>(texts: impl Iterator<Item = &'a str>, language: Option<Language>) -> Self {
        let texts: Vec<&str> = texts.take(MAX_TEXTS).collect();
        let parts: Vec<Part<'_>> = texts.iter().map(|text| Part::of(text)).collect();
        let mut forms = HashMap::new();
        let mut counts: HashMap<String, usize> = HashMap::new();
        let mut posts = Vec::with_capacity(parts.len());
        let glues = language.is_none_or(|l| COMPOUNDING.contains(&l));
        for part in &parts {
            let tags: Vec<&str> = part.tags().map(|(_, tag)| tag).collect();
            for tag in tags.iter().filter(|tag| is_readable(tag)) {
                forms.entry(fold(tag)).or_insert_with(|| (*tag).to_owned());
            }
            if !glues {
                for word in part.each_word() {
                    *counts.entry(word.text.to_lowercase()).or_default() += 1;
                }
            }
            posts.push(Tagged {
                text: part.text,
                tags,
            });
        }
        let long = |(word, count): (String, usize)| {
            (count > 1 && word.chars().count() >= SHORT).then_some(word)
        };
        Self {
            habits: Habits::new(&posts, language),
            forms,
            words: counts.into_iter().filter_map(long).collect(),
        }
    }

    pub(super) fn check(&self, parts: &[Part<'_>], plain: &str) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let mut own = HashSet::new();
        for (at, part) in parts.iter().enumerate() {
            for (start, tag) in part.tags() {
                let first = own.insert(fold(tag));
                if first && tag.chars().all(|sign| sign.is_numeric() || sign == '_') {
                    let remark = Remark::new(RemarkKind::TagOfFigures, Severity::Info, tag);
                    let span = part.span(start, start + 1 + tag.len());
                    remarks.push(remark.with("tag", tag).at(at, span));
                    continue;
                }
                if let Some(better) = self.better(tag).filter(|_| first) {
                    let remark = Remark::new(RemarkKind::TagCase, Severity::Info, fold(tag));
                    let remark = remark.with("tag", tag).with("better", better);
                    remarks.push(remark.at(at, part.span(start, start + 1 + tag.len())));
                }
            }
        }
        remarks.truncate(MOST);
        if own.len() < ENOUGH && plain.unicode_words().count() >= LEAST_WORDS {
            let advice = self.habits.advice(plain, 2 * MOST + own.len());
            let fits = advice.into_iter().filter(|advice| {
                advice.posts >= LEAST_POSTS
                    && advice.tag.chars().count() <= 40
                    && advice.tag.chars().all(|s| s.is_alphanumeric() || s == '_')
                    && !own.contains(&fold(&advice.tag))
            });
            remarks.extend(fits.take(MOST).map(|advice| {
                Remark::new(RemarkKind::TagFits, Severity::Info, fold(&advice.tag))
                    .with("tag", &advice.tag)
                    .with("posts", advice.posts)
            }));
        }
        remarks
    }

    /// How a tag of several words in one case is written so that its words can be heard.
    fn better(&self, tag: &str) -> Option<String> {
        let letters = tag.chars().count();
        if !(LONG..=LONGEST).contains(&letters) || split_tag(tag).len() > 1 || tag.contains('_') {
            return None;
        }
        if let Some(form) = self.forms.get(&fold(tag)) {
            return (form != tag).then(|| form.clone());
        }
        let words = self.cut(&tag.to_lowercase())?;
        Some(words.iter().map(|word| capital(word)).collect())
    }

    /// The fewest known words that a tag is made of; absent when it is a word itself.
    fn cut(&self, tag: &str) -> Option<Vec<String>> {
        if self.words.contains(tag) {
            return None;
        }
        let ends: Vec<usize> = tag
            .char_indices()
            .map(|(at, _)| at)
            .chain([tag.len()])
            .collect();
        // best[i]: the fewest words up to the i-th sign, and where the last one begins.
        let mut best: Vec<Option<(usize, usize)>> = vec![None; ends.len()];
        best[0] = Some((0, 0));
        for to in SHORT..ends.len() {
            for from in 0..=to - SHORT {
                let Some((words, _)) = best[from] else {
                    continue;
                };
                let better = best[to].is_none_or(|(so_far, _)| words + 1 < so_far);
                if better && self.words.contains(&tag[ends[from]..ends[to]]) {
                    best[to] = Some((words + 1, from));
                }
            }
        }
        let mut words = Vec::new();
        let mut to = ends.len() - 1;
        while to > 0 {
            let (_, from) = best[to]?;
            words.push(tag[ends[from]..ends[to]].to_owned());
            to = from;
        }
        words.reverse();
        (2..=4).contains(&words.len()).then_some(words)
    }
}

/// Written so that its words can be told apart.
fn is_readable(tag: &str) -> bool {
    split_tag(tag).len() > 1 && tag.chars().any(char::is_uppercase)
}

fn capital(word: &str) -> String {
    let mut signs = word.chars();
    signs
        .next()
        .map(|first| first.to_uppercase().chain(signs).collect())
        .unwrap_or_default()
}
