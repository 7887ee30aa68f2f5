//! Requests and what is needed to decide.

use domain::approval::{Condition, RequestStatus, Verdict};
use domain::cost::TargetCost;
use domain::ids::{ChainId, ContentId, DecisionId, RequestId};
use domain::{Hash, Instant, Planned};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ContentRow, HistoryEntry, PersonRef, VersionDetail};

/// A request in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RequestRow {
    /// Which.
    pub id: RequestId,
    /// The content.
    pub content: ContentRow,
    /// The version.
    pub n: u32,
    /// Where it stands.
    pub status: RequestStatus,
    /// Who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub by: Option<PersonRef>,
    /// When.
    pub at: Instant,
    /// When the first delivery is to go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub due: Option<Planned>,
    /// The stage that is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub stage: Option<String>,
    /// I can decide now.
    pub mine: bool,
    /// In whose place, who is away; absent means in my own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub away: Option<PersonRef>,
    /// The version that I last approved of this content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub approved_before: Option<u32>,
}

/// Requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Approvals {
    /// By due time (decided ones: newest first).
    pub rows: Vec<RequestRow>,
    /// For me.
    pub for_me: u32,
    /// All open.
    pub open: u32,
}

/// Where a stage stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StageState {
    /// Satisfied.
    Done,
    /// Asked now.
    Asked,
    /// Asked, and nobody can satisfy it.
    Stuck,
    /// Later.
    Later,
    /// Its conditions do not hold for this version.
    Skipped,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DecisionView {
    /// Which.
    pub id: DecisionId,
    /// Who.
    pub person: PersonRef,
    /// Who sat at the computer, when it was somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub operator: Option<PersonRef>,
    /// The operator decided for the person, who was away.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub delegated: bool,
    /// Who from outside decided, by a link that the person made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub outside: Option<String>,
    /// What.
    pub verdict: Verdict,
    /// Why.
    pub comment: String,
    /// When.
    pub at: Instant,
    /// Taken back.
    pub revoked: bool,
    /// I can take it back.
    pub revocable: bool,
}

/// A stage of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StageView {
    /// Its index in the chain.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: StageState,
    /// How many must approve.
    pub needed: u32,
    /// Who has a seat (or would have).
    pub seats: Vec<PersonRef>,
    /// What was decided.
    pub decisions: Vec<DecisionView>,
    /// It applies only because of these.
    pub because: Vec<Condition>,
    /// It is skipped although nobody knows what sending costs: no price is known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub unpriced: bool,
    /// Whoever has a seat may let somebody from outside decide in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub outside: bool,
    /// When it was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub opened_at: Option<Instant>,
    /// When the next reminder goes out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub remind_at: Option<Instant>,
    /// When substitutes are asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub escalate_at: Option<Instant>,
}

/// A request with what is needed to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RequestDetail {
    /// Which.
    pub id: RequestId,
    /// Its content.
    pub content: ContentId,
    /// The version.
    pub n: u32,
    /// Its hash: what a decision names.
    pub hash: Hash,
    /// Where it stands.
    pub status: RequestStatus,
    /// The chain.
    pub chain: ChainId,
    /// Its name; empty for direct.
    pub chain_name: String,
    /// Which of its revisions.
    pub chain_revision: u32,
    /// How many minutes later deliveries may be moved without asking again.
    pub tolerance: u32,
    /// Who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub by: Option<PersonRef>,
    /// When.
    pub at: Instant,
    /// When it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub closed_at: Option<Instant>,
    /// When it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub expires_at: Option<Instant>,
    /// What sending costs by the prices known when it was asked, as the conditions see it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<TargetCost>>", optional)]
    pub costs: Vec<TargetCost>,
    /// In order.
    pub stages: Vec<StageView>,
    /// The stage that is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub stage: Option<u32>,
    /// I can decide now.
    pub mine: bool,
    /// In whose place, who is away; absent means in my own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub away: Option<PersonRef>,
    /// It is my own work, and the chain wants somebody else's word: I cannot decide in anybody's
    /// name.
    pub own: bool,
    /// Why I cannot, as a code: `no_seat`, `own_work`, `already_decided`, `request_closed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub why_not: Option<String>,
    /// The time of a delivery has passed: approval sends nothing by itself.
    pub time_passed: bool,
    /// What would go out.
    pub version: VersionDetail,
    /// The last version that was approved (by me if I ever approved one), to compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub before: Option<VersionDetail>,
    /// The content.
    pub row: ContentRow,
    /// What happened, newest first, at most 20.
    pub history: Vec<HistoryEntry>,
}
