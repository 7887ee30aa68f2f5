//! Approval chains, requests and decisions.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::canonical::{self, CanonicalError};
use crate::cost::{TargetCost, is_currency, total};
use crate::hash::Hash;
use crate::identity::NetworkId;
use crate::ids::{ChainId, IdentityId, PersonId};
use crate::person::Role;
use crate::time::{HOUR, Instant};
use crate::version::{MarkKind, VersionDoc};

/// Who may sit in a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Approver {
    /// Everybody with at least this role.
    Role {
        /// The role.
        role: Role,
    },
    /// One person.
    Person {
        /// The person.
        id: PersonId,
    },
}

/// How many of the seats must approve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Quorum {
    /// One.
    Any,
    /// As many as had a seat when the stage opened; a substitute's approval takes the place of one
    /// that can no longer come.
    All,
    /// So many.
    Count {
        /// At least 1.
        n: u32,
    },
}

impl Quorum {
    /// How many approvals a stage needs that opened with `seats` seats.
    #[must_use]
    pub const fn needed(self, seats: usize) -> usize {
        match self {
            Self::Any => 1,
            Self::All => seats,
            Self::Count { n } => n as usize,
        }
    }
}

/// When a stage applies; all of a stage's conditions must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Condition {
    /// Something goes to one of these networks.
    Network {
        /// The networks.
        any_of: Vec<NetworkId>,
    },
    /// Something goes to one of these accounts.
    Identity {
        /// The accounts.
        any_of: Vec<IdentityId>,
    },
    /// A text that goes out has a link.
    HasLink,
    /// A picture goes out.
    HasMedia,
    /// Its author says that it was made with AI, also where the network has no mark for that.
    MadeWithAi,
    /// Sending to all accounts costs more than this, by the networks' published prices.
    CostOver {
        /// Millionths of the currency.
        #[ts(type = "number")]
        amount_micros: u64,
        /// ISO 4217, such as `USD`.
        currency: String,
    },
}

impl Condition {
    /// Whether it holds for `doc`, which costs `costs` to send. Of what costs an unknown amount
    /// nothing is said: the condition does not hold ([`Condition::unpriced`] tells).
    #[must_use]
    pub fn holds(&self, doc: &VersionDoc, costs: &[TargetCost]) -> bool {
        let mut segments = doc.targets.iter().flat_map(|t| &t.segments);
        match self {
            Self::Network { any_of } => doc.targets.iter().any(|t| any_of.contains(&t.network)),
            Self::Identity { any_of } => doc.targets.iter().any(|t| any_of.contains(&t.identity)),
            Self::HasLink => segments.any(|s| {
                s.card.is_some()
                    || s.marks
                        .iter()
                        .any(|m| matches!(m.kind, MarkKind::Link { .. }))
            }),
            Self::HasMedia => segments.any(|s| !s.media.is_empty()),
            Self::MadeWithAi => doc.targets.iter().any(|t| {
                let typed = doc.body.variant_for(&t.network, t.identity);
                typed.options.made_with_ai
            }),
            Self::CostOver {
                amount_micros,
                currency,
            } => total(costs, currency).is_some_and(|cost| cost.amount_micros > *amount_micros),
        }
    }

    /// Whether it asks for a price that is not known.
    #[must_use]
    pub fn unpriced(&self, costs: &[TargetCost]) -> bool {
        match self {
            Self::CostOver { currency, .. } => total(costs, currency).is_none(),
            _ => false,
        }
    }
}

/// One step of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// Who may decide.
    pub approvers: Vec<Approver>,
    /// How many must.
    pub quorum: Quorum,
    /// When it applies; empty means always.
    #[serde(default)]
    pub conditions: Vec<Condition>,
    /// Reminders, in minutes after the stage opened, ascending.
    #[serde(default)]
    pub remind_after: Vec<u32>,
    /// Minutes after opening when substitutes get seats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub escalate_after: Option<u32>,
    /// Who the substitutes are.
    #[serde(default)]
    pub escalate_to: Vec<Approver>,
    /// Whoever has a seat may let somebody from outside decide in it, by a link.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub outside: bool,
}

/// The policy half of a chain, named by its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChainPolicy {
    /// Which chain.
    pub id: ChainId,
    /// Counted from 1; an edited chain is a new revision, and open requests keep theirs.
    pub revision: u32,
    /// Its name.
    pub name: String,
    /// In order; none means that a request is granted as it opens.
    pub stages: Vec<Stage>,
    /// Authors may take a seat for their own work.
    #[serde(default)]
    pub authors_may_approve: bool,
    /// How many minutes later than approved a delivery may be moved without asking again.
    pub tolerance: u32,
    /// Minutes after which an open request expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub expire_after: Option<u32>,
}

/// Default tolerance in minutes (domain.md: 48 h later, none earlier).
pub const DEFAULT_TOLERANCE: u32 = 48 * 60;

/// What is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// A chain or stage without a name.
    #[error("give the chain and each of its stages a name")]
    NoName,
    /// A stage that nobody can decide.
    #[error("stage “{0}” has nobody who could approve; add a person or a role")]
    NoApprovers(String),
    /// A quorum of nobody.
    #[error("stage “{0}” needs at least one approval")]
    NoQuorum(String),
    /// A cost in no currency.
    #[error("stage “{0}” compares a cost without its currency; name one, such as USD")]
    NoCurrency(String),
    /// More needed than named.
    #[error("stage “{stage}” needs {needed} approvals but names only {named} people")]
    TooOften {
        /// The stage.
        stage: String,
        /// What the quorum asks.
        needed: u32,
        /// What there is.
        named: u32,
    },
}

impl ChainPolicy {
    /// The built-in chain without a stage: it opens and grants a request in one transaction, so
    /// that the send check has no second path.
    #[must_use]
    pub fn direct() -> Self {
        Self {
            id: ChainId(uuid::Uuid::nil()),
            revision: 1,
            name: "direct".to_owned(),
            stages: Vec::new(),
            authors_may_approve: true,
            tolerance: DEFAULT_TOLERANCE,
            expire_after: None,
        }
    }

    /// The canonical bytes and the hash by which requests name this revision.
    ///
    /// # Errors
    /// When a name contains U+0000.
    pub fn seal(&self) -> Result<(Vec<u8>, Hash), CanonicalError> {
        canonical::to_hashed(self)
    }

    /// Checks what can be checked without knowing the people.
    ///
    /// # Errors
    /// The first thing to mend.
    pub fn check(&self) -> Result<(), ChainError> {
        if self.name.trim().is_empty() || self.stages.iter().any(|s| s.name.trim().is_empty()) {
            return Err(ChainError::NoName);
        }
        for stage in &self.stages {
            if stage.approvers.is_empty() {
                return Err(ChainError::NoApprovers(stage.name.clone()));
            }
            let in_no_currency = |c: &Condition| match c {
                Condition::CostOver { currency, .. } => !is_currency(currency),
                _ => false,
            };
            if stage.conditions.iter().any(in_no_currency) {
                return Err(ChainError::NoCurrency(stage.name.clone()));
            }
            if let Quorum::Count { n } = stage.quorum {
                if n == 0 {
                    return Err(ChainError::NoQuorum(stage.name.clone()));
                }
                let only_people = stage
                    .approvers
                    .iter()
                    .all(|a| matches!(a, Approver::Person { .. }));
                let named = u32::try_from(stage.approvers.len()).unwrap_or(u32::MAX);
                if only_people && n > named {
                    return Err(ChainError::TooOften {
                        stage: stage.name.clone(),
                        needed: n,
                        named,
                    });
                }
            }
        }
        Ok(())
    }

    /// The indices of the stages that apply to `doc`, which costs `costs` to send, in order.
    #[must_use]
    pub fn stages_for(&self, doc: &VersionDoc, costs: &[TargetCost]) -> Vec<u32> {
        (0_u32..)
            .zip(&self.stages)
            .filter(|(_, stage)| stage.conditions.iter().all(|c| c.holds(doc, costs)))
            .map(|(i, _)| i)
            .collect()
    }

    /// Tolerance in milliseconds.
    #[must_use]
    pub fn tolerance_ms(&self) -> i64 {
        i64::from(self.tolerance) * crate::time::MINUTE
    }
}

/// A person as far as seats care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub id: PersonId,
    /// What they are.
    pub role: Role,
    /// Still here.
    pub active: bool,
}

/// Who gets a seat when a stage opens (or escalates): each active member that an approver names,
/// once, ordered by id. Authors are barred by person, not by role, unless the chain lets them.
#[must_use]
pub fn seats(
    approvers: &[Approver],
    members: &[Member],
    authors: &[PersonId],
    authors_may_approve: bool,
) -> Vec<PersonId> {
    let mut seated: Vec<PersonId> = members
        .iter()
        .filter(|m| m.active && (authors_may_approve || !authors.contains(&m.id)))
        .filter(|m| {
            approvers.iter().any(|a| match a {
                Approver::Role { role } => m.role >= *role,
                Approver::Person { id } => m.id == *id,
            })
        })
        .map(|m| m.id)
        .collect();
    seated.sort_unstable();
    seated.dedup();
    seated
}

/// A person's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Let it go out.
    Approve,
    /// Change it, then ask again.
    RequestChanges,
    /// It shall not go out.
    Reject,
}

/// The life of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RequestStatus {
    /// A file that it goes out with is not where the organization lives; then people are asked.
    AwaitingMedia,
    /// People are asked.
    Open,
    /// Every stage is satisfied.
    Approved,
    /// Somebody wants changes.
    ChangesRequested,
    /// Somebody said no.
    Rejected,
    /// The content or its times changed.
    Superseded,
    /// Nobody answered in time.
    Expired,
    /// The author took it back.
    Withdrawn,
}

impl RequestStatus {
    /// It asks, or will once its files are there.
    #[must_use]
    pub const fn is_asked(self) -> bool {
        matches!(self, Self::AwaitingMedia | Self::Open)
    }

    /// It asks or grants: a newer one takes its place.
    #[must_use]
    pub const fn is_in_force(self) -> bool {
        self.is_asked() || matches!(self, Self::Approved)
    }

    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingMedia => "awaiting_media",
            Self::Open => "open",
            Self::Approved => "approved",
            Self::ChangesRequested => "changes_requested",
            Self::Rejected => "rejected",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A seat as far as progress cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// In which stage.
    pub stage: u32,
    /// Whose.
    pub person: PersonId,
    /// Came after the stage opened.
    pub substitute: bool,
    /// Its person left or may no longer decide.
    pub vacant: bool,
}

/// A decision as far as progress cares: not revoked, in the order they were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cast {
    /// In which stage.
    pub stage: u32,
    /// By whom.
    pub person: PersonId,
    /// Who sat at the computer in that person's name.
    pub operator: Option<PersonId>,
    /// The person is away, and the operator decided for them.
    pub delegated: bool,
    /// What.
    pub verdict: Verdict,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// This stage is asked (it may have no seats yet).
    Waiting {
        /// Index into the chain's stages.
        stage: u32,
    },
    /// This stage can no longer reach its quorum with the seats it has: shown to people.
    Stuck {
        /// Index into the chain's stages.
        stage: u32,
    },
    /// All stages are satisfied.
    Approved,
    /// Changes are wanted.
    ChangesRequested,
    /// Refused.
    Rejected,
}

/// Derives where a request stands from its applicable stages, the seats written when each stage
/// opened and after, and the decisions. The first decision of a person in a stage counts; a decision of
/// somebody without a seat there does not. Who decided in another's name fills no second seat, unless
/// authors may approve: what can be decided then is a checklist of one's own. Who decided for somebody
/// who was away never does.
#[must_use]
pub fn progress(chain: &ChainPolicy, stages: &[u32], places: &[Place], casts: &[Cast]) -> Progress {
    for &index in stages {
        let Some(stage) = chain.stages.get(index as usize) else {
            return Progress::Stuck { stage: index };
        };
        let here = || places.iter().filter(|p| p.stage == index);
        let seated: Vec<PersonId> = here().filter(|p| !p.vacant).map(|p| p.person).collect();
        let mut counted: Vec<PersonId> = Vec::new();
        for cast in casts.iter().filter(|c| c.stage == index) {
            if !seated.contains(&cast.person) || counted.contains(&cast.person) {
                continue;
            }
            match cast.verdict {
                Verdict::Approve => counted.push(cast.person),
                Verdict::RequestChanges => return Progress::ChangesRequested,
                Verdict::Reject => return Progress::Rejected,
            }
        }
        let needed = stage
            .quorum
            .needed(here().filter(|p| !p.substitute).count())
            .max(1);
        if counted.len() < needed {
            let sat = |person: &PersonId| {
                let mut here = casts.iter().filter(|c| c.stage == index);
                here.any(|c| {
                    let bars = c.delegated || !chain.authors_may_approve;
                    bars && c.operator == Some(*person)
                })
            };
            let free = seated
                .iter()
                .filter(|p| counted.contains(p) || !sat(p))
                .count();
            return if free < needed {
                Progress::Stuck { stage: index }
            } else {
                Progress::Waiting { stage: index }
            };
        }
    }
    Progress::Approved
}

/// The time of a delivery as a request granted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApprovedTime {
    /// The planned time when the request opened; `None` means as soon as approved.
    pub planned: Option<Instant>,
    /// When the request was granted, if it was.
    pub granted: Option<Instant>,
}

/// Whether a delivery may have the time `new` under what was approved: none earlier, and at most
/// the tolerance later. A delivery approved to go as soon as possible counts from the grant.
#[must_use]
pub fn time_is_covered(approved: ApprovedTime, new: Option<Instant>, tolerance_ms: i64) -> bool {
    match (approved.planned, new) {
        (None, None) => true,
        (Some(_), None) => false,
        (Some(from), Some(to)) => to >= from && to.since(from) <= tolerance_ms,
        (None, Some(to)) => match approved.granted {
            // Not granted yet: the people see the new time before they decide only if asked again.
            None => false,
            Some(granted) => to >= granted && to.since(granted) <= tolerance_ms,
        },
    }
}

/// The default expiry that the editor offers: two weeks, in minutes.
pub const SUGGESTED_EXPIRY: u32 = (14 * 24 * HOUR / crate::time::MINUTE) as u32;

#[cfg(test)]
mod tests;
