//! Language models: what they are asked, what they wrote, what that used.

use domain::ids::SuggestionId;
use domain::model::WritingTask;
use domain::{Hash, Planned};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::PersonaRef;

/// What somebody wants written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
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
    /// A page or file to write from. Whoever wrote it is a stranger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub material: Option<Material>,
    /// The picture of the library that is to be described.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub picture: Option<Hash>,
    /// Ask again, also where the answer to the same question is still known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub again: bool,
}

/// A text from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Material {
    /// The page's address, or the file's name.
    pub from: String,
    /// Its title; may be empty.
    #[serde(default)]
    pub title: String,
    /// Its words.
    pub text: String,
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
    /// The picture that goes along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub picture: Option<Hash>,
    /// Whom the same is asked when nobody answers: name and address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub fallback: Option<String>,
    /// A hash of all that is asked.
    pub hash: Hash,
}

/// What a model wrote: a proposal, which nothing takes over but a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Written {
    /// The words; empty where there are choices.
    pub text: String,
    /// Texts to choose from, or the parts of a thread in their order.
    pub choices: Vec<Choice>,
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
    /// The same was asked before: this is what was answered then.
    pub known: bool,
    /// Tokens that it used.
    #[ts(type = "number")]
    pub tokens: u64,
}

/// One of several texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Choice {
    /// The words; empty where a remark has none to propose.
    pub text: String,
    /// What is different, or wrong.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[ts(as = "Option<String>", optional)]
    pub why: String,
    /// The words of the text that it is about.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[ts(as = "Option<String>", optional)]
    pub passage: String,
    /// The free slot that it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub planned: Option<Planned>,
    /// It is too long for an account.
    pub over: bool,
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
    /// What they cost, in millionths of the currency that a person counts in.
    #[ts(type = "number")]
    pub cost: i64,
    /// The most that they may cost in a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(type = "number", optional)]
    pub cost_cap: Option<u64>,
}
