//! Runs of workflows, and the history.

use domain::Instant;
use domain::ids::ContentId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::PersonRef;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Ready or running.
    Running,
    /// Sleeping, or waiting for an event.
    Waiting,
    /// Ended well.
    Done,
    /// Ended with an error.
    Failed,
    /// A person or a change ended it.
    Cancelled,
    /// This program does not know its workflow.
    Stranded,
}

/// A run in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunRow {
    /// Which.
    pub id: Uuid,
    /// Its workflow; words under `workflow.<name>`.
    pub workflow: String,
    /// Which revision of it.
    pub revision: u32,
    /// About what, such as `delivery:<id>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub subject: Option<String>,
    /// The content that it is about, so that it can be opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub content: Option<ContentId>,
    /// What it is about, for people.
    pub title: String,
    /// Where it stands.
    pub state: RunState,
    /// When it began.
    pub started_at: Instant,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub ended_at: Option<Instant>,
    /// When it wakes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub wake_at: Option<Instant>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub error: Option<String>,
}

/// A page of runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunPage {
    /// Newest first.
    pub rows: Vec<RunRow>,
    /// Where the next page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub next: Option<String>,
}

/// One step of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StepView {
    /// Its name; words under `step.<workflow>.<name>`.
    pub name: String,
    /// Which round of a loop, from 0.
    pub round: u32,
    /// `run`, `sleep`, `wait`, `emit`, `invoke`.
    pub kind: String,
    /// `done`, `failed`, `waiting`, `running`.
    pub state: String,
    /// When it began.
    pub started_at: Instant,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub ended_at: Option<Instant>,
    /// How often it was tried.
    pub tries: u32,
    /// What came of it, shortened; secrets never are in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub outcome: Option<String>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub error: Option<String>,
}

/// A run with its timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunDetail {
    /// As lists show it.
    pub row: RunRow,
    /// In order.
    pub steps: Vec<StepView>,
    /// It can be tried again.
    pub can_retry: bool,
    /// It can be ended.
    pub can_cancel: bool,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HistoryEntry {
    /// Its number in the audit.
    #[ts(type = "number")]
    pub n: u64,
    /// When.
    pub at: Instant,
    /// Who; absent for a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub person: Option<PersonRef>,
    /// Who sat at the computer, when it was somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub operator: Option<PersonRef>,
    /// A program did it for them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub agent: bool,
    /// What, such as `version_saved`; words under `history.<action>`.
    pub action: String,
    /// On what, as `entity:id`.
    pub subject: String,
    /// What the words need.
    pub args: std::collections::BTreeMap<String, String>,
    /// What the words need was erased, with somebody of whom it was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub erased: bool,
}

/// A page of history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct HistoryPage {
    /// Newest first.
    pub entries: Vec<HistoryEntry>,
    /// Where the next page begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub next: Option<String>,
}

/// Whether the audit holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AuditCheck {
    /// How many entries were read.
    #[ts(type = "number")]
    pub entries: u64,
    /// The last hash, in hexadecimal digits.
    pub head: String,
    /// Where it is broken, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub broken: Option<String>,
}
