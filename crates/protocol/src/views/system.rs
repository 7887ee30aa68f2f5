//! Settings, backups, diagnostics.

use std::collections::BTreeMap;

use domain::Instant;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::settings::Settings;

/// Settings, and what this computer offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SettingsView {
    /// In force now.
    pub settings: Settings,
    /// Where the data lies.
    pub data_folder: String,
    /// Where secrets are kept: `keychain` or `vault`.
    pub secrets: String,
    /// Why not in the keychain, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub secrets_note: Option<String>,
    /// This program's version.
    pub version: String,
}

/// A backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Backup {
    /// Where.
    pub path: String,
    /// When it was made.
    pub at: Instant,
    /// Size in bytes, with media.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Why it was made: `daily`, `before_migration`, `by_hand`.
    pub reason: String,
}

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BackupHoldings {
    /// Which.
    pub backup: Backup,
    /// The version of the program that made it.
    pub version: String,
    /// It was made of the folder that is open.
    pub of_this_folder: bool,
    /// Contents that are not archived.
    pub posts: u32,
    /// Names of the personas in use, oldest first.
    pub personas: Vec<String>,
    /// Media files.
    pub pictures: u32,
}

/// What a restore did. Nothing is sent until a person says that this computer does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Restored {
    /// What was restored.
    pub backup: Backup,
    /// Where the folder that was there before is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub aside: Option<String>,
}

/// What this computer has and does; no texts of people and no secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Diagnostics {
    /// Such as `version`, `system`, `database`, `keychain`, `tray`, `notifications`.
    pub facts: BTreeMap<String, String>,
    /// The last lines of the log.
    pub log: Vec<String>,
}
