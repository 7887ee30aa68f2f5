//! Language models: what they are asked, what they wrote, what that used.

use domain::Hash;
use domain::ids::SuggestionId;
use domain::model::WritingTask;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::PersonaRef;

/// What somebody wants written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Wish {
    /// What is to be done.
    pub task: WritingTask,
    /// The text to begin with; may be empty for a draft.
    #[serde(default)]
    pub text: String,
    /// What it is to be about, or how it is to change, in a person's own words.
    #[serde(default)]
    pub brief: String,
    /// BCP 47 tag of the language to write in.
    pub language: String,
    /// What it is to build on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub suggestion: Option<SuggestionId>,
}

/// What would be sent, to be looked at first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WritingRequest {
    /// As people call the model.
    pub model: String,
    /// Where it goes.
    pub address: String,
    /// It does not leave this computer.
    pub here: bool,
    /// Who the model is to be and what holds.
    pub system: String,
    /// What it is to do.
    pub prompt: String,
    /// A hash of both.
    pub hash: Hash,
}

/// What a model wrote: a proposal, which nothing takes over but a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Written {
    /// The words.
    pub text: String,
    /// As people call the model.
    pub model: String,
    /// A hash of what it was asked.
    pub prompt: Hash,
    /// Links, figures and names that stand in nothing that it was given.
    pub invented: Vec<String>,
    /// It was too long for an account, and was asked to shorten it.
    pub repaired: bool,
    /// It still is too long for one.
    pub over: bool,
    /// It ended because the answer may not be longer.
    pub cut: bool,
    /// Tokens that it used.
    #[ts(type = "number")]
    pub tokens: u64,
}

/// What came of trying a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ModelTest {
    /// Those that the service has.
    pub models: Vec<String>,
    /// The chosen one is among them.
    pub known: bool,
}

/// What a persona used in this month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ModelUse {
    /// Whose.
    pub persona: PersonaRef,
    /// How often a model was asked.
    #[ts(type = "number")]
    pub asked: i64,
    /// Tokens of questions and answers, as the services counted them.
    #[ts(type = "number")]
    pub tokens: i64,
    /// The most in a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(type = "number", optional)]
    pub cap: Option<i64>,
}
