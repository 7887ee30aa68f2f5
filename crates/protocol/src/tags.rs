//! Cache tags: what a query shows and what a change touches.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A part of the data. A query provides tags, a change invalidates them; the window reloads the
/// queries in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    /// Persons and their roles.
    People,
    /// Personas.
    Personas,
    /// Approval chains.
    Chains,
    /// Accounts and their health.
    Accounts,
    /// Contents, versions, working copies.
    Contents,
    /// Deliveries, attempts, publications.
    Deliveries,
    /// Requests and decisions.
    Requests,
    /// Measured numbers.
    Metrics,
    /// Runs of workflows.
    Runs,
    /// Pause, hold, who sends.
    Runtime,
    /// Media.
    Assets,
    /// Settings of this computer.
    Settings,
    /// Notes on contents.
    Notes,
    /// Templates.
    Templates,
    /// Feeds and lists that personas follow.
    Sources,
    /// Trends and suggestions.
    Ideas,
    /// The organizations on this computer, and how they stand to their servers.
    Organizations,
    /// Who has which content open.
    Presence,
}

impl Tag {
    /// Every part: what is read again by somebody who missed events.
    pub const ALL: [Self; 18] = [
        Self::People,
        Self::Personas,
        Self::Chains,
        Self::Accounts,
        Self::Contents,
        Self::Deliveries,
        Self::Requests,
        Self::Metrics,
        Self::Runs,
        Self::Runtime,
        Self::Assets,
        Self::Settings,
        Self::Notes,
        Self::Templates,
        Self::Sources,
        Self::Ideas,
        Self::Organizations,
        Self::Presence,
    ];
}
