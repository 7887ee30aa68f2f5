//! Language models, as their services document how to speak to them: a question goes out, words
//! come back piece by piece.
//!
//! Nothing here decides what is asked, by whom, or what becomes of the answer.

mod anthropic;
mod client;
mod events;
mod open_ai;

pub use client::Client;

use domain::model::ModelKind;
use networks::Secret;
use networks::http::{Asked, Broken};

/// A model and how to reach it.
#[derive(Clone, Debug)]
pub struct Way {
    /// How it is spoken to.
    pub kind: ModelKind,
    /// Its address as a person typed it.
    pub address: String,
    /// As the service calls it.
    pub model: String,
    /// Its key.
    pub key: Option<Secret<String>>,
    /// How far away it may be.
    pub distance: networks::http::Distance,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Who the model is to be and what holds.
    pub system: String,
    /// What it is to do now.
    pub prompt: String,
    /// The most tokens of an answer.
    pub max_tokens: u32,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The words.
    pub text: String,
    /// Tokens of the question, as the service counted them; 0 where it does not say.
    pub input_tokens: u64,
    /// Tokens of the answer, likewise.
    pub output_tokens: u64,
    /// It ended because of `max_tokens`.
    pub cut: bool,
}

/// Why there is no answer. Holds no key and nothing of what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The address may not be reached.
    #[error("this address may not be reached: it must be on this computer, or begin with https://")]
    Refused,
    /// Nobody answers there.
    #[error("nobody answers there ({0})")]
    Unreachable(String),
    /// The key is not taken.
    #[error("the key is not taken")]
    WrongKey,
    /// The service does not know the model.
    #[error("the service does not know this model")]
    UnknownModel,
    /// Too much was asked for a while.
    #[error("the service wants a pause")]
    Throttled,
    /// The service has no credit (left) for this key.
    #[error("there is no credit left for this key")]
    NoCredit,
    /// It says no for another reason, in its own words.
    #[error("the service says no: {0}")]
    Rejected(String),
    /// It broke, or what it answers is none of what it documents.
    #[error("the answer cannot be used ({0})")]
    Broken(String),
    /// It took too long.
    #[error("it took too long")]
    TooSlow,
    /// A person cancelled it.
    #[error("it was cancelled")]
    Cancelled,
}

impl ModelError {
    /// Whether the same question may be answered a moment later.
    const fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_) | Self::Throttled | Self::Broken(_)
        )
    }
}

impl From<Broken> for ModelError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Refused => Self::Refused,
            Broken::NoConnection(why) => Self::Unreachable(why),
            Broken::Off(why) => Self::Broken(why),
        }
    }
}

/// What a piece of an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Input(u64),
    Output(u64),
    Cut,
    End,
    Failed(ModelError),
}

/// How one kind of service is spoken to.
trait Speech {
    /// The request of a question.
    fn question(&self, way: &Way, question: &Question) -> Result<Asked, ModelError>;
    /// The request of the list of models.
    fn list(&self, way: &Way) -> Result<Asked, ModelError>;
    /// What one event says.
    fn pieces(&self, event: &events::Event) -> Vec<Piece>;
}

fn speech(kind: ModelKind) -> &'static (dyn Speech + Sync) {
    match kind {
        ModelKind::OpenAi => &open_ai::OpenAi,
        ModelKind::Anthropic => &anthropic::Anthropic,
    }
}
