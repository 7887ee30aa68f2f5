//! Key phrases: the words and pairs of words that a text is about.
//!
//! After YAKE (Campos and others 2020, 10.1016/j.ins.2019.09.013): a word matters when it comes
//! early, often, in several sentences and with a capital. It needs no other texts to compare with.
//! What YAKE makes of a word's neighbours is left out: in a post of a few sentences every word has
//! different ones, and with it what is repeated sank (0.56 found instead of 0.62).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use unicode_segmentation::UnicodeSegmentation as _;

use crate::language::Language;
use crate::text::{MAX_BYTES, fold, sentences};

/// A phrase and its rank among those of its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Phrase {
    /// In lower case.
    pub text: String,
    /// The lower the more it matters.
    pub score: f64,
}

/// What is counted of a word.
#[derive(Default)]
struct Counted {
    times: f64,
    capitals: f64,
    sentences: BTreeSet<usize>,
    places: Vec<usize>,
}

struct Token {
    /// In lower case.
    text: String,
    is_stop: bool,
    /// No number, no single letter.
    is_word: bool,
    has_capital: bool,
}

/// At most `count` phrases of one or two words, best first.
#[must_use]
pub fn key_phrases(text: &str, language: Option<Language>, count: usize) -> Vec<Phrase> {
    let text = &text[..text.floor_char_boundary(MAX_BYTES)];
    let stop_words = language.unwrap_or(Language::English).stop_words();
    let sentences: Vec<Vec<Vec<Token>>> = sentences(text)
        .into_iter()
        .map(|sentence| stretches(sentence, stop_words))
        .filter(|stretches| !stretches.is_empty())
        .collect();
    let words = counted(&sentences);
    let weights = weights(&words, sentences.len(), stop_words);
    let mut found: BTreeMap<String, (f64, Vec<String>)> = BTreeMap::new();
    for stretch in sentences.iter().flatten() {
        for length in 1..=2 {
            for window in stretch.windows(length) {
                if window.iter().all(|t| t.is_word && !t.is_stop) {
                    let parts: Vec<String> = window.iter().map(|t| t.text.clone()).collect();
                    found.entry(parts.join(" ")).or_insert((0.0, parts)).0 += 1.0;
                }
            }
        }
    }
    let mut phrases: Vec<(Phrase, Vec<String>)> = found
        .into_iter()
        .map(|(text, (times, parts))| {
            let of = |part: &String| weights.get(part).copied().unwrap_or(1.0);
            let product: f64 = parts.iter().map(of).product();
            let sum: f64 = parts.iter().map(of).sum();
            (
                Phrase {
                    text,
                    score: product / (times * (1.0 + sum)),
                },
                parts,
            )
        })
        .collect();
    phrases.sort_by(|a, b| {
        a.0.score
            .total_cmp(&b.0.score)
            .then_with(|| a.0.text.cmp(&b.0.text))
    });
    without_parts(phrases, count)
}

/// Drops what is a part of a better phrase, or holds one.
fn without_parts(phrases: Vec<(Phrase, Vec<String>)>, count: usize) -> Vec<Phrase> {
    let mut kept: Vec<(Phrase, Vec<String>)> = Vec::new();
    for (phrase, parts) in phrases {
        let within = |a: &[String], b: &[String]| a.iter().all(|part| b.contains(part));
        if kept.len() < count && !kept.iter().any(|(_, other)| within(&parts, other)) {
            kept.push((phrase, parts));
        }
    }
    kept.into_iter().map(|(phrase, _)| phrase).collect()
}

/// The tokens of a sentence, cut at its signs.
fn stretches(sentence: &str, stop_words: &HashSet<&str>) -> Vec<Vec<Token>> {
    let mut all = Vec::new();
    let mut current: Vec<Token> = Vec::new();
    let mut first = true;
    for piece in sentence.split_word_bounds() {
        if piece.chars().any(char::is_alphanumeric) {
            let lower = piece.to_lowercase().replace('’', "'");
            // Of "l'église" the church, of "d'un" nothing.
            let text = match lower.split_once('\'') {
                Some((article, rest)) if article.len() < 3 && rest.len() > 1 => rest.to_owned(),
                _ => lower,
            };
            let letters = piece.chars().filter(|c| c.is_alphabetic()).count();
            let capitals = piece.chars().filter(|c| c.is_uppercase()).count();
            current.push(Token {
                is_stop: stop_words.contains(text.as_str())
                    || stop_words.contains(fold(&text).as_str()),
                is_word: letters > 2 && !piece.starts_with("http"),
                has_capital: capitals > 0 && !first || capitals > 1 && capitals == letters,
                text,
            });
            first = false;
        } else if !piece.chars().all(|c| c == ' ' || c == '#' || c == '-') && !current.is_empty() {
            all.push(std::mem::take(&mut current));
        }
    }
    if !current.is_empty() {
        all.push(current);
    }
    all
}

fn counted(sentences: &[Vec<Vec<Token>>]) -> BTreeMap<String, Counted> {
    let mut words: BTreeMap<String, Counted> = BTreeMap::new();
    for (at, sentence) in sentences.iter().enumerate() {
        for stretch in sentence {
            for token in stretch {
                let word = words.entry(token.text.clone()).or_default();
                word.times += 1.0;
                word.capitals += f64::from(u8::from(token.has_capital));
                word.sentences.insert(at);
                word.places.push(at);
            }
        }
    }
    words
}

/// What each word weighs: the less the more it matters.
fn weights(
    words: &BTreeMap<String, Counted>,
    sentences: usize,
    stop_words: &HashSet<&str>,
) -> BTreeMap<String, f64> {
    let times: Vec<f64> = words
        .iter()
        .filter(|(text, _)| !stop_words.contains(text.as_str()))
        .map(|(_, w)| w.times)
        .collect();
    let count = times.len().max(1) as f64;
    let mean = times.iter().sum::<f64>() / count;
    let deviation = (times.iter().map(|t| (t - mean) * (t - mean)).sum::<f64>() / count).sqrt();
    let weigh = |word: &Counted| {
        let middle = word.places[word.places.len() / 2] as f64;
        let position = (3.0 + middle).ln().ln();
        let casing = word.capitals / (1.0 + word.times.ln());
        let frequency = word.times / (mean + deviation).max(1.0);
        let spread = word.sentences.len() as f64 / sentences.max(1) as f64;
        position / (casing + frequency + spread)
    };
    words
        .iter()
        .map(|(text, word)| (text.clone(), weigh(word)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const POST: &str = "Avalanche danger rises above the Blue Pass tonight. The Blue Pass stays \
                        closed until the avalanche danger falls. Bring soup.";

    #[test]
    fn what_comes_early_and_often_is_what_it_is_about() {
        let phrases = key_phrases(POST, Some(Language::English), 3);
        let texts: Vec<&str> = phrases.iter().map(|p| p.text.as_str()).collect();
        assert!(
            texts.contains(&"avalanche danger") || texts.contains(&"blue pass"),
            "{texts:?}"
        );
        assert!(!texts.contains(&"soup"), "{texts:?}");
    }

    #[test]
    fn stop_words_and_numbers_are_no_phrases() {
        let found = key_phrases("The 2026 of and 17 on the", Some(Language::English), 9);
        assert_eq!(found, []);
    }

    proptest! {
        #[test]
        fn any_text_gives_distinct_finite_phrases(text in any::<String>(), count in 0_usize..9) {
            let phrases = key_phrases(&text, None, count);
            prop_assert!(phrases.len() <= count);
            prop_assert!(phrases.iter().all(|p| p.score.is_finite()));
            let distinct: HashSet<&String> = phrases.iter().map(|p| &p.text).collect();
            prop_assert_eq!(distinct.len(), phrases.len());
        }
    }
}
