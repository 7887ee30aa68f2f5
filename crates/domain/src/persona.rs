//! Public voices.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::identity::NetworkId;
use crate::time::QuietHours;

/// The eight hues of a persona's slant.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS,
)]
#[serde(rename_all = "snake_case")]
pub enum Hue {
    /// Blue.
    #[default]
    Glacier,
    /// Orange.
    Clay,
    /// Pink.
    Plum,
    /// Green.
    Moss,
    /// Yellow.
    Straw,
    /// Violet.
    Heather,
    /// Teal.
    Lagoon,
    /// Red.
    Brick,
}

/// How a persona sounds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Voice {
    /// In a few words.
    pub tone: String,
    /// Things to do.
    pub dos: Vec<String>,
    /// Things not to do; words in quotation marks are never to be used.
    pub donts: Vec<String>,
    /// Posts that sound right.
    pub samples: Vec<String>,
}

/// Whom a persona talks to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Audience {
    /// Its name.
    pub name: String,
    /// Interests and keywords.
    pub interests: Vec<String>,
    /// BCP 47 tags.
    pub languages: Vec<String>,
    /// IANA zones.
    pub zones: Vec<String>,
    /// Anything else.
    pub notes: String,
}

/// A weekly time at which the persona usually posts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct Slot {
    /// 1 Monday to 7 Sunday (ISO 8601).
    pub weekday: u8,
    /// Minutes after midnight on the wall of the persona's zone.
    pub minute: u16,
    /// Kept, but not used for now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub paused: bool,
}

/// What Rostrum may do on its own for a persona; each rung includes those before. None goes past
/// the approval chain.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS,
)]
#[serde(rename_all = "snake_case")]
pub enum AutomationLevel {
    /// Nothing.
    #[default]
    ByHand,
    /// Say when a slot is near and empty.
    Remind,
    /// Say as well what could be said in it.
    Suggest,
    /// Make a draft for it: with a model a text, without one an outline.
    Draft,
    /// Put the draft into the slot and submit it, where somebody is asked before it goes out.
    Plan,
}

/// Automation of a persona.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Automation {
    /// The rung.
    pub level: AutomationLevel,
    /// How long before an empty slot something is done, in minutes; 0 means the usual of the rung.
    pub remind_before: u16,
    /// The most drafts of a day, on the wall of the persona's zone.
    #[ts(as = "Option<u8>", optional)]
    pub daily_cap: u8,
    /// When nothing is done, on the wall of the persona's zone: it is put off until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub quiet_hours: Option<QuietHours>,
    /// The networks that drafts are for; none named means all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<NetworkId>>", optional)]
    pub networks: Vec<NetworkId>,
}

impl Default for Automation {
    fn default() -> Self {
        Self {
            level: AutomationLevel::ByHand,
            remind_before: 0,
            daily_cap: DAILY_CAP,
            quiet_hours: None,
            networks: Vec::new(),
        }
    }
}

/// The most drafts of a day where the persona does not say.
pub const DAILY_CAP: u8 = 2;

impl Automation {
    /// How long before an empty slot something is done, in minutes: an hour is enough to be
    /// reminded, a draft wants to be read and approved.
    #[must_use]
    pub const fn before(&self) -> u16 {
        match (self.remind_before, self.level) {
            (0, AutomationLevel::ByHand | AutomationLevel::Remind | AutomationLevel::Suggest) => 60,
            (0, AutomationLevel::Draft | AutomationLevel::Plan) => 24 * 60,
            (minutes, _) => minutes,
        }
    }
}

/// The editable half of a persona.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct PersonaProfile {
    /// Its name.
    pub name: String,
    /// Its slant.
    pub hue: Hue,
    /// Main language, BCP 47.
    pub language: String,
    /// IANA zone in which its slots and calendar are read.
    pub zone: String,
    /// How it sounds.
    pub voice: Voice,
    /// Whom it talks to.
    pub audiences: Vec<Audience>,
    /// When it usually posts, sorted.
    pub slots: Vec<Slot>,
    /// What may happen on its own.
    pub automation: Automation,
    /// The most tokens of language models in a month; absent means any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub monthly_tokens: Option<u32>,
    /// The most that they cost in a month, in millionths of the currency that a person counts in
    /// (see [`crate::model::Price`]); absent means any amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(type = "number", optional)]
    pub monthly_cost: Option<u64>,
}
