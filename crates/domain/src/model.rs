//! Language models that write on request. Whose choice they are, and what they are asked.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::ModelId;

/// How a model is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// OpenAI's chat completions, which many speak: Ollama, llama.cpp, LM Studio, and services.
    OpenAi,
    /// Anthropic's messages.
    Anthropic,
    /// Google's Gemini.
    Gemini,
    /// Mistral's chat completions: OpenAI's, but for what they refuse.
    Mistral,
}

/// A model that a person set up. Its key, if it has one, is in the keychain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Model {
    /// Which.
    pub id: ModelId,
    /// What people call it.
    pub name: String,
    /// How it is spoken to.
    pub kind: ModelKind,
    /// Where, such as `http://127.0.0.1:11434/v1`.
    pub address: String,
    /// As the service calls it.
    pub model: String,
    /// It has a key.
    #[serde(default)]
    pub keyed: bool,
    /// What it costs, as a person typed it; absent means nothing, or that nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub price: Option<Price>,
}

/// What a million tokens cost, in millionths of the currency that a person counts in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Price {
    /// Of questions.
    #[ts(type = "number")]
    pub input: u64,
    /// Of answers.
    #[ts(type = "number")]
    pub output: u64,
}

impl Price {
    /// What these tokens cost, in millionths, rounded up.
    #[must_use]
    pub const fn of(self, input: u64, output: u64) -> u64 {
        let asked = input as u128 * self.input as u128;
        let whole = asked.saturating_add(output as u128 * self.output as u128);
        let cost = whole.div_ceil(1_000_000);
        if cost > u64::MAX as u128 {
            u64::MAX
        } else {
            cost as u64
        }
    }
}

/// What a model is asked to do.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS,
)]
#[serde(rename_all = "snake_case")]
pub enum WritingTask {
    /// Write a text from a brief.
    #[default]
    Draft,
    /// Say the same in other words.
    Rewrite,
    /// Say it in fewer words.
    Shorten,
    /// Say more of it.
    Lengthen,
    /// Say it in another language.
    Translate,
    /// Say it in another tone.
    Tone,
    /// First lines to choose from.
    Hooks,
    /// The parts of a thread.
    Thread,
    /// Two texts that differ in one thing.
    Variants,
    /// What a picture shows, for people who do not see it.
    AltText,
    /// What could be answered to a text.
    Replies,
    /// Where a text does not sound like the voice.
    Critique,
    /// A text for each free slot of the next week.
    Week,
}

impl WritingTask {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Draft,
        Self::Rewrite,
        Self::Shorten,
        Self::Lengthen,
        Self::Translate,
        Self::Tone,
        Self::Hooks,
        Self::Thread,
        Self::Variants,
        Self::AltText,
        Self::Replies,
        Self::Critique,
        Self::Week,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_rounded_up_and_never_runs_over() {
        let price = Price {
            input: 150_000,
            output: 600_000,
        };
        assert_eq!(price.of(1_000_000, 500_000), 450_000);
        assert_eq!((price.of(1, 0), price.of(0, 0)), (1, 0));
        let dear = Price {
            input: u64::MAX,
            output: u64::MAX,
        };
        assert_eq!(dear.of(u64::MAX, u64::MAX), u64::MAX);
    }
}
