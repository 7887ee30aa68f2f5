//! What is kept of people and for how long.

use domain::retention::Retained;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// For how long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RetentionView {
    /// What.
    pub kind: Retained,
    /// For how many days; absent means for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub days: Option<u32>,
    /// What is usual; absent means for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub usual: Option<u32>,
    /// The fewest days that can be chosen.
    pub fewest: u32,
    /// How many are older by now, and go within the hour.
    #[ts(type = "number")]
    pub would_go: u64,
}

/// What a choice would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WouldGo {
    /// How many would go.
    #[ts(type = "number")]
    pub count: u64,
}

/// An archive that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Exported {
    /// Where.
    pub file: String,
    /// Its size.
    #[ts(type = "number")]
    pub bytes: u64,
}
