//! Who decides for whom, and what people from outside see.

use domain::approval::Verdict;
use domain::ids::{IdentityId, RequestId, ReviewLinkId};
use domain::version::VersionDoc;
use domain::{Hash, Instant, Planned};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{NoteThread, PersonRef, PersonaRef};

/// Who decides for somebody who is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DelegationView {
    /// Who is away.
    pub person: PersonRef,
    /// Who decides meanwhile.
    pub to: PersonRef,
    /// From when on.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
}

/// Who decides for me, and for whom I do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Delegations {
    /// For me, while I am away; also when that begins later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mine: Option<DelegationView>,
    /// Those for whom I decide, now or later.
    pub for_others: Vec<DelegationView>,
    /// Who could decide for me.
    pub able: Vec<PersonRef>,
}

/// A link for somebody from outside, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReviewLinkView {
    /// Which.
    pub id: ReviewLinkId,
    /// To which request.
    pub request: RequestId,
    /// The beginning of what is shown.
    pub headline: String,
    /// Who holds it.
    pub name: String,
    /// Its holder decides in the seat of who made it; otherwise they only comment.
    pub decides: bool,
    /// Who made it.
    pub by: PersonRef,
    /// When.
    pub at: Instant,
    /// Until when it works.
    pub ends_at: Instant,
    /// When it was opened last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub seen_at: Option<Instant>,
    /// It leads somewhere: it was not taken back and has not ended.
    pub works: bool,
    /// I can take it back.
    pub removable: bool,
}

/// A link with its secret, which is shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MadeReviewLink {
    /// What it is.
    pub link: ReviewLinkView,
    /// What stands at the end of its address.
    pub token: String,
    /// Its address, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub address: Option<String>,
}

/// What became of what a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// It is asked about.
    Open,
    /// It was changed since the link was made: nothing is shown any more.
    Edited,
    /// It is not asked about any more.
    Closed,
}

/// An account as outside people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReviewAccount {
    /// Which.
    pub identity: IdentityId,
    /// Its name there.
    pub name: String,
    /// Its handle.
    pub handle: String,
}

/// The one version that a link shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Reviewed {
    /// Its hash: what a decision names.
    pub hash: Hash,
    /// Which one.
    pub n: u32,
    /// The beginning of its text.
    pub headline: String,
    /// Whose voice it is.
    pub persona: PersonaRef,
    /// What goes out; what was typed for people inside is not in it.
    pub doc: VersionDoc,
    /// Where to.
    pub accounts: Vec<ReviewAccount>,
    /// When the first of it goes out; absent means as soon as it is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub planned: Option<Planned>,
    /// What was said of this version.
    pub notes: Vec<NoteThread>,
}

/// What somebody from outside sees by their link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReviewView {
    /// The organization's name.
    pub organization: String,
    /// Who holds the link.
    pub name: String,
    /// Who made it.
    pub by: String,
    /// Until when it works.
    pub ends_at: Instant,
    /// What became of it.
    pub state: ReviewState,
    /// The holder can decide now.
    pub decides: bool,
    /// What the holder decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub decided: Option<Verdict>,
    /// What is asked about, while it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub shown: Option<Reviewed>,
}
