//! A made-up language: topics with words of their own, common words, and sentences of them.

use crate::dice::Dice;

const ONSETS: &[&str] = &[
    "b", "br", "d", "dr", "f", "fl", "g", "gr", "h", "k", "kl", "l", "m", "n", "p", "pr", "r", "s",
    "sk", "st", "t", "tr", "v", "w", "z",
];
const MIDDLES: &[&str] = &["a", "e", "i", "o", "u", "ai", "ou", "ea"];
const ENDS: &[&str] = &["", "n", "r", "l", "k", "m", "nd", "rt", "x", "v"];
const GLUE: &[&str] = &[
    "the", "of", "and", "in", "to", "for", "with", "on", "from", "after",
];

/// A word of two or three syllables that no language has.
pub(crate) fn word(dice: &mut Dice) -> String {
    let syllables = 2 + dice.below(2);
    (0..syllables)
        .map(|_| {
            format!(
                "{}{}{}",
                dice.pick(ONSETS),
                dice.pick(MIDDLES),
                dice.pick(ENDS)
            )
        })
        .collect()
}

/// What texts are made of.
pub(crate) struct Vocabulary {
    pub(crate) topics: Vec<Vec<String>>,
    pub(crate) general: Vec<String>,
    /// Zipf's weights of a topic's words.
    weights: Vec<f64>,
}

impl Vocabulary {
    pub(crate) fn new(dice: &mut Dice, topics: usize, words: usize, general: usize) -> Self {
        Self {
            topics: (0..topics)
                .map(|_| (0..words).map(|_| word(dice)).collect())
                .collect(),
            general: (0..general).map(|_| word(dice)).collect(),
            weights: (0..words).map(|rank| 1.0 / (rank as f64 + 2.0)).collect(),
        }
    }

    pub(crate) fn of_topic(&self, dice: &mut Dice, topic: usize) -> &str {
        &self.topics[topic][dice.weighted(&self.weights)]
    }

    /// Words of a topic and common ones, with what holds them together.
    pub(crate) fn sentence(&self, dice: &mut Dice, topic: usize, length: usize) -> Vec<String> {
        let mut words = Vec::new();
        while words.len() < length {
            words.push(match dice.unit() {
                x if x < 0.55 => self.of_topic(dice, topic).to_owned(),
                x if x < 0.8 => dice.pick(&self.general).clone(),
                _ => (*dice.pick(GLUE)).to_owned(),
            });
        }
        words
    }
}

/// A word with a capital.
pub(crate) fn capital(word: &str) -> String {
    let mut signs = word.chars();
    signs.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(signs).collect()
    })
}
