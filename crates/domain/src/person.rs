//! Who acts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::ids::{PersonId, ReviewLinkId};

/// What a person is in an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Writes for personas.
    Creator,
    /// Decides on requests.
    Approver,
    /// Configures and manages members.
    Admin,
    /// Everything; the last one cannot be removed.
    Owner,
}

impl Role {
    /// All roles, least first.
    pub const ALL: [Self; 5] = [
        Self::Viewer,
        Self::Creator,
        Self::Approver,
        Self::Admin,
        Self::Owner,
    ];
}

/// On whose word a change happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Actor {
    /// A person; `operator` is who sat at the computer when it was somebody else.
    Person {
        /// On whose word.
        id: PersonId,
        /// Who really typed, when acting as another on this computer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        operator: Option<PersonId>,
    },
    /// A program that acts for a person; what it may do is less (see `rights::agents_may`).
    Agent {
        /// On whose word.
        id: PersonId,
    },
    /// A workflow's run.
    Run {
        /// The run.
        id: Uuid,
    },
    /// Somebody from outside, by a link: they may do what their link says and nothing else.
    ReviewLink {
        /// The link.
        id: ReviewLinkId,
    },
}

impl Actor {
    /// The person on whose word it happens, if any.
    #[must_use]
    pub const fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person { id, .. } | Self::Agent { id } => Some(*id),
            Self::Run { .. } | Self::ReviewLink { .. } => None,
        }
    }

    /// Whether a program acts for the person.
    #[must_use]
    pub const fn is_agent(&self) -> bool {
        matches!(self, Self::Agent { .. })
    }

    /// Who sat at the computer, when it was somebody else.
    #[must_use]
    pub const fn operator(&self) -> Option<PersonId> {
        match self {
            Self::Person { operator, .. } => *operator,
            Self::Agent { .. } | Self::Run { .. } | Self::ReviewLink { .. } => None,
        }
    }

    /// Everybody who had a hand in it: the person on whose word it happens, and who really typed.
    pub fn people(&self) -> impl Iterator<Item = PersonId> {
        self.person().into_iter().chain(self.operator())
    }
}
