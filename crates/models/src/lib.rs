//! Language models, as their services document how to speak to them: a question goes out, words
//! come back piece by piece.
//!
//! Nothing here decides what is asked, by whom, or what becomes of the answer.

mod anthropic;
mod client;
mod events;
mod gemini;
mod open_ai;
mod shape;

pub use client::{Client, Patience};
pub use shape::{Shape, Strings, mended};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::model::ModelKind;
use networks::Secret;
use networks::http::{Asked, Broken};
use serde_json::Value;

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
    /// The answer is JSON of this shape.
    pub shape: Option<Shape>,
    /// What it is to look at.
    pub picture: Option<Picture>,
}

/// A picture that goes along with a question.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Such as `image/jpeg`.
    pub media_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Picture({}, {} bytes)",
            self.media_type,
            self.bytes.len()
        )
    }
}

impl Picture {
    fn base64(&self) -> String {
        STANDARD.encode(&self.bytes)
    }
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
    /// The models of a list.
    fn names(&self, list: &Value) -> Option<Vec<String>> {
        let models = list["data"].as_array()?;
        let ids = models.iter().filter_map(|model| model["id"].as_str());
        Some(ids.map(str::to_owned).collect())
    }
}

fn speech(kind: ModelKind) -> &'static (dyn Speech + Sync) {
    match kind {
        ModelKind::OpenAi => &open_ai::OpenAi::Itself,
        ModelKind::Mistral => &open_ai::OpenAi::Mistral,
        ModelKind::Anthropic => &anthropic::Anthropic,
        ModelKind::Gemini => &gemini::Gemini,
    }
}
