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
}

/// What a model is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WritingTask {
    /// Write a text from a brief.
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
}

impl WritingTask {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Draft,
        Self::Rewrite,
        Self::Shorten,
        Self::Lengthen,
        Self::Translate,
        Self::Tone,
    ];
}
