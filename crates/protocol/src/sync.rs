//! What a desktop and the server of its organization say to each other.
//!
//! Mutations are pushed and change the server's tables in its order; what changed is pulled. A
//! desktop shows what it pulled with its outbox applied on top. An item leaves the outbox only when
//! a pull shows what became of it: answers to pushes may get lost, and say the same sooner.

use std::collections::BTreeMap;

use domain::Hash;
use domain::ids::{ClientId, ContentId, MutationId, OrganizationId, PersonId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::mutation::{Mutation, Notice};
use crate::problem::Problem;

/// Mutations that are applied all or nothing, under one id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Made by the client (UUIDv7): applied at most once, whoever sends it how often. Ids of rows
    /// that no mutation names are derived from it, here and there the same.
    pub id: MutationId,
    /// A server takes only what people do as themselves: it refuses another one than who sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting: Option<PersonId>,
    /// In their order.
    pub mutations: Vec<Mutation>,
    /// The newest versions, where it was done, of the contents of which it brings something out or
    /// sets a time: it is meant for these and no others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<ContentId, Hash>,
}

impl Batch {
    /// One that says nothing of versions yet.
    #[must_use]
    pub const fn new(id: MutationId, acting: Option<PersonId>, mutations: Vec<Mutation>) -> Self {
        Self {
            id,
            acting,
            mutations,
            versions: BTreeMap::new(),
        }
    }
}

/// A numbered batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its number among all of its client, from 1, without a gap.
    pub n: u64,
    /// How far the desktop knew the order when it was done: what others changed since is merged with
    /// it, or stands against it.
    #[serde(default)]
    pub base: u64,
    /// JSON of a [`Batch`], verbatim: what its hash is of.
    pub batch: String,
    /// BLAKE3 of these bytes.
    pub hash: Hash,
}

/// Who a mirror was before: what it sent as that, and saw taken, is no other's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former {
    /// As whom it sent.
    pub client: ClientId,
    /// Up to this number it had seen what became of it.
    pub n: u64,
}

/// What was done on a desktop since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// As whom it sends.
    pub client: ClientId,
    /// Whom the same mirror sent as before, when it had to begin as another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former: Option<Former>,
    /// To which organization.
    pub organization: OrganizationId,
    /// In the order of their numbers.
    pub items: Vec<Item>,
}

/// What became of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Outcome {
    /// It is in the order.
    Applied {
        /// At this place.
        seq: u64,
        /// What else happened.
        #[serde(default)]
        notices: Vec<Notice>,
    },
    /// It was in the order before.
    Duplicate {
        /// The order had come to here when it was taken.
        seq: u64,
    },
    /// It is not, and will not be under this number.
    Rejected {
        /// Why.
        problem: Problem,
    },
}

/// What the server did with a push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Pushed {
    /// One outcome for each item from the first on. It ends at the first rejected one: what follows
    /// may rest on it, and was not looked at.
    Taken {
        /// In the order of the items.
        outcomes: Vec<Outcome>,
    },
    /// The numbers of this client are not what the server has: its data was restored or copied, or
    /// the server's was. Nothing was applied. The desktop goes on as a new client.
    ClientForked,
}

/// A place in the server's order, as one member may read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Everything up to here is known.
    pub seq: u64,
    /// What this member and this release may see, and what names the order up to `seq`: another one
    /// means to begin afresh, since the server is another, or was restored.
    pub scope: Hash,
    /// While everything is read from the beginning: the last thing that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<At>,
    /// While a place in the order is too much for one answer: the last thing of the place behind
    /// `seq` that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Box<At>>,
}

/// A place among all things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct At {
    /// Which kind of thing.
    pub entity: String,
    /// The last one; absent before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// Asks for what changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// As whom the desktop sends.
    pub client: ClientId,
    /// Of which organization.
    pub organization: OrganizationId,
    /// Where the last pull ended; absent reads everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// The last number whose outcome a pull has shown: what was rejected since is told.
    #[serde(default)]
    pub settled: u64,
    /// Kinds of things that this release can keep; others are not sent.
    pub entities: Vec<String>,
}

/// A row as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its table.
    pub table: String,
    /// Its columns: UUIDs with hyphens, bytes as hexadecimal digits. The organization's is left out.
    pub values: Map<String, Value>,
}

/// What became of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// It is now as its rows say.
    Set,
    /// It is gone.
    Gone,
}

/// A thing that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What kind.
    pub entity: String,
    /// Which.
    pub id: String,
    /// What became of it.
    pub op: Op,
    /// All its rows.
    #[serde(default)]
    pub rows: Vec<Row>,
}

/// An item that was rejected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Its number.
    pub n: u64,
    /// Why.
    pub problem: Problem,
}

/// A part of what changed. The parts up to the one that has no more show one state together, and
/// are applied together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Where it ends.
    pub cursor: Cursor,
    /// In the order of dependence within a part.
    pub changes: Vec<Change>,
    /// There is more behind it.
    pub has_more: bool,
    /// The client's last item that was taken at `cursor`; meant where there is no more.
    pub last_mutation: u64,
    /// What of it, behind `settled`, was rejected.
    #[serde(default)]
    pub refused: Vec<Refusal>,
    /// Kinds of things that the server has and the desktop cannot keep: it says so.
    #[serde(default)]
    pub unknown: Vec<String>,
}

/// What a pull brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Pulled {
    /// A part.
    Page(Page),
    /// The cursor is no use any more: pull without one.
    Reset,
}

/// Asks which files are at the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Have {
    /// By their hashes, at most [`Have::MOST`].
    pub files: Vec<Hash>,
}

impl Have {
    /// How many are asked for at once.
    pub const MOST: usize = 500;
}

/// Which files are at the server, for this organization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Those that are not whole there, with how many bytes of each have come.
    pub missing: BTreeMap<Hash, u64>,
}

/// How much of a file is at the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// So many bytes from its beginning: the next part goes on there.
    pub bytes: u64,
    /// It is whole, and what its name says.
    pub whole: bool,
}
