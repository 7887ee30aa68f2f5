//! How a mirror and its server stand to each other, and what waits between them.

use domain::Instant;
use domain::ids::MutationId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::mutation::Mutation;
use crate::problem::Problem;

/// Where an item of the outbox stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WaitingState {
    /// Not sent yet.
    Waiting,
    /// Sent; the server has not answered.
    Sent,
    /// The server has it; no pull has shown it.
    Taken,
    /// The server said no: to be discarded, or sent again with other words.
    Rejected,
    /// It needs one that was rejected.
    Held,
}

/// Something that was done here and is not known to be at the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WaitingItem {
    /// Which.
    pub id: MutationId,
    /// Where it stands.
    pub state: WaitingState,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub problem: Option<Problem>,
    /// What it changes; empty when another release wrote it.
    pub mutations: Vec<Mutation>,
    /// When it was done, by this computer's clock.
    pub at: Instant,
}

/// How a mirror and its server stand to each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SyncStatus {
    /// There is no server: this computer decides.
    Local,
    /// Nothing was ever pulled.
    New,
    /// It shows the server's state of this time.
    Synced {
        /// When a pull last came to the end.
        at: Instant,
    },
    /// Everything is read from the beginning; so many things have come.
    Reading {
        /// Posts, versions, people, and all else.
        things: u32,
    },
    /// They talk; so many items wait to be sent.
    Syncing {
        /// Items.
        waiting: u32,
    },
    /// The server is not reached; so many items wait to be sent.
    Offline {
        /// Items.
        waiting: u32,
    },
    /// A person must look: the server will not talk, or rejected something.
    NeedsAttention {
        /// How many items were rejected.
        rejected: u32,
        /// Why the server will not talk.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        problem: Option<Problem>,
    },
}

/// What waits for the server, and how the line is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Outbox {
    /// How they stand to each other.
    pub status: SyncStatus,
    /// In the order of doing.
    pub items: Vec<WaitingItem>,
    /// How many pictures are not at the server: what goes out with them is asked about once they are.
    #[serde(default)]
    pub pictures: u32,
}
