//! Settings of this computer: defaults, the user's file, the environment, in that order.

use std::collections::BTreeMap;

use domain::ids::{ModelId, PersonId};
use domain::model::{Model, WritingTask};
pub use domain::time::QuietHours;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::event::NotificationKind;

/// How the window looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Appearance {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// The language of the window, the tray and the notifications.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// The system's, where there is a catalog for it; else English.
    #[default]
    System,
    /// English.
    En,
    /// German.
    De,
}

/// Settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    /// Light or dark.
    pub appearance: Appearance,
    /// Which words are shown.
    pub language: Language,
    /// Show more contrast than the system asks for.
    pub high_contrast: bool,
    /// The person who uses this computer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub person: Option<PersonId>,
    /// Kinds that are switched off.
    pub muted: Vec<NotificationKind>,
    /// When nothing is shown until its end; absent means never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub quiet_hours: Option<QuietHours>,
    /// What failed or cannot be known is shown in quiet hours, too.
    pub urgent_in_quiet: bool,
    /// Start with the computer.
    pub start_at_login: bool,
    /// Closing the window leaves Rostrum running where a tray answers.
    pub close_to_tray: bool,
    /// Shortcuts of a single key.
    pub single_keys: bool,
    /// Own keys by action.
    pub shortcuts: BTreeMap<String, String>,
    /// The proxy through which networks are reached, such as `http://proxy.example:3128`; absent
    /// means the one that the system names, if any. In force from the next start.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub proxy: Option<String>,
    /// A file with certificates (PEM) to trust beside the system's. In force from the next start.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub extra_ca: Option<String>,
    /// Link cards may be read from this computer and its network (for trying things out).
    pub local_cards: bool,
    /// Only models on this computer are asked.
    pub models_here_only: bool,
    /// Language models, the first of which does what none was chosen for.
    pub models: Vec<Model>,
    /// Which model does which task.
    pub writes_with: BTreeMap<WritingTask, ModelId>,
    /// Which model is asked when the chosen one does not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub fallback_model: Option<ModelId>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            appearance: Appearance::System,
            language: Language::System,
            high_contrast: false,
            person: None,
            muted: Vec::new(),
            quiet_hours: None,
            urgent_in_quiet: false,
            start_at_login: false,
            close_to_tray: true,
            single_keys: true,
            shortcuts: BTreeMap::new(),
            proxy: None,
            extra_ca: None,
            local_cards: false,
            models_here_only: false,
            models: Vec::new(),
            writes_with: BTreeMap::new(),
            fallback_model: None,
        }
    }
}
