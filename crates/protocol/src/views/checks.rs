//! What is noticed in a text while it is written.

use std::collections::BTreeMap;

use domain::limits::{Severity, Span};
use domain::remark::RemarkKind;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// One thing that was noticed. The words come from the catalog under `remark.<kind>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Remark {
    /// What.
    pub kind: RemarkKind,
    /// How much it matters: it never stops sending.
    pub severity: Severity,
    /// In which text: a key of `Body::variants`, or empty for the shared one.
    pub text: String,
    /// In which of its parts, from 0.
    pub part: u32,
    /// Where in the part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub span: Option<Span>,
    /// On what: with the kind, what a dismissal names.
    pub about: String,
    /// What the words need.
    #[serde(default)]
    pub args: BTreeMap<String, String>,
}

/// What was noticed in a body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Checked {
    /// What matters most first; none that was dismissed.
    pub remarks: Vec<Remark>,
}

/// What came of asking for the links of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LookedAt {
    /// Links that lead nowhere.
    pub nowhere: u32,
}
