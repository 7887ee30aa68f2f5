//! What the core tells the window. Hints: the tables are the truth.

use domain::delivery::DeliveryStatus;
use domain::identity::NetworkId;
use domain::ids::{ContentId, DeliveryId, IdentityId, OrganizationId, PersonId, RequestId};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::problem::Problem;
use crate::tags::Tag;

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// These parts of the data changed.
    Changed {
        /// Which.
        tags: Vec<Tag>,
    },
    /// A long act moved on.
    Progress {
        /// The act's id.
        act: String,
        /// Done so far.
        #[ts(type = "number")]
        done: u64,
        /// Of so much, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(type = "number", optional)]
        total: Option<u64>,
    },
    /// A model that an act asked writes on.
    Words {
        /// The act's id.
        act: String,
        /// The next words.
        words: String,
    },
    /// An act waits for a person who signs in on this page of a network.
    SignInAt {
        /// The act's id.
        act: String,
        /// The page; the system browser was asked to open it.
        address: String,
    },
    /// A person should know, wherever they are.
    Noticed {
        /// Who; absent means whoever is there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        person: Option<PersonId>,
        /// What.
        notification: Notification,
    },
    /// The window shall show this place (a click on a notification, the tray, a second start).
    Open {
        /// Where.
        place: Place,
        /// In whichever organization the window shows; otherwise in the one that tells it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        #[ts(as = "Option<bool>", optional)]
        here: bool,
    },
    /// A background part has trouble that a person should see.
    Trouble {
        /// What.
        problem: Problem,
    },
}

/// An event of one of the organizations on this computer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Told {
    /// Which; absent for the computer's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub organization: Option<OrganizationId>,
    /// What.
    pub event: Event,
}

/// A place in the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Place {
    /// What needs me.
    Today,
    /// The inbox.
    Approvals,
    /// One request.
    Request {
        /// Which.
        id: RequestId,
    },
    /// One content.
    Content {
        /// Which.
        id: ContentId,
    },
    /// Accounts, with one in focus.
    Account {
        /// Which.
        id: IdentityId,
    },
    /// What could be said.
    Ideas,
    /// An empty composer.
    Compose,
    /// A composer that begins with words from elsewhere.
    ComposeText {
        /// The words.
        text: String,
    },
    /// Joining an organization's server; nothing is asked of it before a person goes on.
    Join {
        /// The link of an invitation.
        link: String,
    },
}

/// What people are told about, each with its own switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// A request waits for me.
    ApprovalPending,
    /// Somebody decided on my work.
    Decision,
    /// Nobody decided on my work in time.
    Expired,
    /// It is live.
    Published,
    /// The network refused.
    Failed,
    /// It cannot be known.
    Unconfirmed,
    /// Its time has passed.
    Missed,
    /// An account needs a new sign-in.
    Reconnect,
    /// An account's sign-in ends soon, whatever is renewed.
    SignInOver,
    /// An empty slot is near.
    EmptySlot,
    /// An empty slot is near, and there is something to say in it.
    SlotIdea,
    /// A draft was made on its own.
    DraftMade,
    /// What happened while the computer slept.
    Summary,
    /// A note names me.
    Mentioned,
    /// Nobody can decide on my work any more.
    Stuck,
    /// The network does not keep a post's time, or did not give a post back.
    HandOff,
    /// Somebody who will be away wants me to decide for them.
    Delegated,
    /// Somebody from outside wrote a note on my work.
    OutsideNote,
}

impl NotificationKind {
    /// All kinds.
    pub const ALL: [Self; 18] = [
        Self::ApprovalPending,
        Self::Decision,
        Self::Expired,
        Self::Published,
        Self::Failed,
        Self::Unconfirmed,
        Self::Missed,
        Self::Reconnect,
        Self::SignInOver,
        Self::EmptySlot,
        Self::SlotIdea,
        Self::DraftMade,
        Self::Summary,
        Self::Mentioned,
        Self::Stuck,
        Self::HandOff,
        Self::Delegated,
        Self::OutsideNote,
    ];
}

/// A notification: words come from the catalog under `notification.<kind>.title` and `.body`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Notification {
    /// Same key, same thing: a second one replaces the first.
    pub key: String,
    /// What kind.
    pub kind: NotificationKind,
    /// What the words need: `headline`, `persona`, `network`, `words`, `count`, `person`, `time`.
    pub args: std::collections::BTreeMap<String, String>,
    /// Where a click leads.
    pub place: Place,
    /// The delivery, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub delivery: Option<DeliveryId>,
    /// Its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub status: Option<DeliveryStatus>,
    /// The network, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub network: Option<NetworkId>,
}
