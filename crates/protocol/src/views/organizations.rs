//! The organizations on a computer: its own, and mirrors of those whose servers it has joined.

use domain::Instant;
use domain::ids::{OrganizationId, PersonId};
use domain::person::Role;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::SyncStatus;

/// The organizations on this computer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Organizations {
    /// The computer's own.
    pub own: OwnOrganization,
    /// Those of servers, in the order of joining.
    pub joined: Vec<JoinedOrganization>,
}

/// The computer's own organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OwnOrganization {
    /// Its name; empty where nobody gave it one.
    pub name: String,
    /// Nothing is set up in it yet.
    pub unused: bool,
    /// Requests that the person can decide now.
    pub approvals: u32,
    /// Things that need the person.
    pub needs: u32,
}

/// An organization of a server that this computer has joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JoinedOrganization {
    /// Which.
    pub organization: OrganizationId,
    /// Its name.
    pub name: String,
    /// The address of its server; its window is there too, in a browser.
    pub server: String,
    /// The address of the login.
    pub email: String,
    /// As whom.
    pub person: PersonId,
    /// That person's name there.
    pub person_name: String,
    /// What they are.
    pub role: Role,
    /// How it stands to its server.
    pub status: SyncStatus,
    /// Items that are not known to be at the server.
    pub waiting: u32,
    /// Requests that the person can decide now.
    pub approvals: u32,
    /// Things that need the person.
    pub needs: u32,
}

/// What is at an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ServerSeen {
    /// The server's address, without what stood behind it.
    pub server: String,
    /// What the link invites to, where it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub invitation: Option<Invited>,
}

/// What an invitation is to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Invited {
    /// The organization's name.
    pub organization: String,
    /// As what.
    pub role: Role,
    /// Only this address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub email: Option<String>,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub invited_by: Option<String>,
    /// Until when it works.
    pub ends_at: Instant,
}

/// A place of a login in an organization of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ServerPlace {
    /// Where.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// As whom.
    pub person: PersonId,
    /// That person's name there.
    pub name: String,
    /// What they are.
    pub role: Role,
}

/// Where joining led.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Joining {
    /// It is on this computer now.
    Joined {
        /// Which.
        organization: OrganizationId,
    },
    /// The login has several places: ask again with one of them. The code of a second factor is not
    /// asked for again.
    Choose {
        /// Those that are not on this computer yet.
        places: Vec<ServerPlace>,
    },
}
