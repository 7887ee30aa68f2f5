//! Ideas: sources, trends, suggestions.

use domain::fill::{FillDone, FillReason};
use domain::idea::{
    DismissReason, SuggestionFacts, SuggestionKind, SuggestionStatus, TrendFacts, TrendFit,
};
use domain::identity::NetworkId;
use domain::ids::{ContentId, IdentityId, PersonaId, SourceId, SuggestionId, TrendId};
use domain::source::{Feed, Source, SourceHealth, SourceTrouble};
use domain::{Instant, Planned};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::PersonaRef;

/// A source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SourceView {
    /// Which.
    pub id: SourceId,
    /// What can be edited.
    pub source: Source,
    /// What it is called: by people, else by itself, else its address.
    pub title: String,
    /// Who follows it.
    pub personas: Vec<PersonaRef>,
    /// How it stands.
    pub health: SourceHealth,
    /// What is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub trouble: Option<SourceTrouble>,
    /// Details, such as a status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub words: Option<String>,
    /// Readings in a row that failed.
    pub failures: u32,
    /// When it was last read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub read_at: Option<Instant>,
    /// When it is read next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub next_at: Option<Instant>,
    /// Items of the last seven days.
    pub items: u32,
}

/// A feed that a site has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FoundFeed {
    /// Where and what it is.
    pub feed: Feed,
    /// As it or the site calls it; may be empty.
    pub title: String,
    /// The source that reads it already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub known: Option<SourceId>,
}

/// What came of a list of feeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Imported {
    /// New ones.
    pub added: u32,
    /// Those that were followed already.
    pub known: u32,
}

/// A list of feeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpmlFile {
    /// OPML 2.0.
    pub text: String,
    /// How many it holds.
    pub feeds: u32,
}

/// A trend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TrendView {
    /// Which.
    pub id: TrendId,
    /// What is known of it.
    pub facts: TrendFacts,
    /// When it was first found.
    pub began_at: Instant,
    /// When it was last found to rise.
    pub seen_at: Instant,
    /// It still rises.
    pub rising: bool,
    /// For whom, the best first.
    pub fits: Vec<TrendFitView>,
}

/// What a trend is for a persona.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TrendFitView {
    /// For whom.
    pub persona: PersonaRef,
    /// How well it fits, and why.
    pub fit: TrendFit,
}

/// An account as a suggestion names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IdeaAccount {
    /// Which.
    pub identity: IdentityId,
    /// Its network.
    pub network: NetworkId,
    /// As people write it.
    pub handle: String,
}

/// A suggestion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SuggestionView {
    /// Which.
    pub id: SuggestionId,
    /// For whom.
    pub persona: PersonaRef,
    /// What kind.
    pub kind: SuggestionKind,
    /// What it says and what it is known from.
    pub facts: SuggestionFacts,
    /// The accounts that it names, as far as they are still there.
    pub accounts: Vec<IdeaAccount>,
    /// What became of it.
    pub status: SuggestionStatus,
    /// Why it was dismissed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<DismissReason>,
    /// The content that was made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub content: Option<ContentId>,
    /// When it was made.
    pub made_at: Instant,
    /// How probable it is that it is taken, in percent, from what was learned.
    pub appeal: u8,
}

/// A suggestion beside the content that was begun with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OutlineView {
    /// The suggestion.
    pub suggestion: SuggestionView,
    /// The content still says what it began with: it must be edited before it is submitted.
    pub unedited: bool,
}

/// What was done on its own with an empty slot of a persona.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FillView {
    /// Whose slot.
    pub persona: PersonaRef,
    /// Which.
    pub slot: Planned,
    /// What was done.
    pub done: FillDone,
    /// Why no more was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<FillReason>,
    /// What it was about; may be empty.
    pub title: String,
    /// The content that was made and is still there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub content: Option<ContentId>,
    /// The run that did it.
    #[ts(type = "string")]
    pub run: Uuid,
    /// When.
    pub at: Instant,
}

/// What was learned of a persona.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Learned {
    /// Of whom.
    pub persona: PersonaRef,
    /// Answers that it was learned from.
    pub answers: u32,
    /// How much more or less each kind is wanted than by everybody, in hundredths.
    pub kinds: Vec<KindWeight>,
    /// Topics that are not wanted.
    pub muted: Vec<String>,
}

/// What a kind of suggestions weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KindWeight {
    /// Which.
    pub kind: SuggestionKind,
    /// Against what everybody begins with, in hundredths.
    pub weight: i32,
}

/// What is talked about, and what could be said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Ideas {
    /// Trends, those that fit best first.
    pub trends: Vec<TrendView>,
    /// Open suggestions, the most promising first.
    pub suggestions: Vec<SuggestionView>,
    /// Suggestions that were dismissed in the last 30 days, the last first.
    pub dismissed: Vec<SuggestionView>,
    /// What was learned, by persona.
    pub learned: Vec<Learned>,
    /// What was done on its own with empty slots of the last 14 days, the last first.
    pub fills: Vec<FillView>,
    /// Sources that are followed.
    pub sources: u32,
    /// Those of them that cannot be read.
    pub troubled: u32,
    /// Items of the last seven days.
    pub items: u32,
    /// When a source was last read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub read_at: Option<Instant>,
    /// Personas of which there are no sources.
    pub without: Vec<PersonaId>,
}
