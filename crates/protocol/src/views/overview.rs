//! The frame of the window, and Today.

use std::collections::BTreeMap;

use domain::delivery::DeliveryStatus;
use domain::identity::NetworkId;
use domain::ids::{ContentId, DeliveryId, IdentityId, RequestId};
use domain::status::ContentStatus;
use domain::{Instant, Planned};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Account, ContentRow, Person, PersonaRef};

/// The frame of the window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Overview {
    /// Nothing is set up yet: show First run.
    pub first_run: bool,
    /// The organization's name.
    pub organization: String,
    /// The person signed in to a server: what belongs to one's own computer is not there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub signed_in: bool,
    /// The person who uses this computer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub me: Option<Person>,
    /// People who are here.
    pub people: Vec<Person>,
    /// Personas in use.
    pub personas: Vec<PersonaCount>,
    /// Counts beside the places.
    pub counts: Counts,
    /// What the background runtime does.
    pub runtime: Runtime,
}

/// A persona in the sidebar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PersonaCount {
    /// Which.
    pub persona: PersonaRef,
    /// Its IANA zone.
    pub zone: String,
    /// Contents that are neither published nor archived.
    pub open: u32,
    /// Sending is paused for it.
    pub paused: bool,
}

/// Counts beside the places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Counts {
    /// Things that need me.
    pub today: u32,
    /// Contents that are neither published nor archived.
    pub queue: u32,
    /// Requests that I can decide now.
    pub approvals: u32,
    /// Runs that failed or are stranded.
    pub runs: u32,
}

/// What the background runtime does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Runtime {
    /// This process does the background work; otherwise another one has the data folder.
    pub owner: bool,
    /// Sending is paused for all.
    pub paused: bool,
    /// The data folder was restored or copied, and nobody has said which computer sends.
    pub held: bool,
    /// The history is not the one that this computer saw last.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub other_history: bool,
    /// The next delivery that will go out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub next: Option<NextPost>,
    /// Deliveries that are going out now.
    pub sending: u32,
    /// The last time that everything due was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub looked_at: Option<Instant>,
}

/// The next delivery that will go out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NextPost {
    /// Which.
    pub content: ContentId,
    /// Its headline.
    pub headline: String,
    /// When.
    pub planned: Planned,
}

/// What kind of thing needs the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NeedKind {
    /// "Did this go out?"
    Unconfirmed,
    /// A network refused.
    Failed,
    /// A newer version is not in the place of what is out.
    UpdateFailed,
    /// Its time has passed.
    Missed,
    /// Requests wait for my decision.
    Approvals,
    /// Somebody asked me for changes.
    ChangesRequested,
    /// Somebody refused my work.
    Rejected,
    /// An account needs a new sign-in.
    Reconnect,
    /// Nobody can decide on my request.
    Stuck,
    /// Held for another reason (limits changed, a file is missing).
    Held,
    /// A network keeps a post for its time and has not given it back, though it was asked to.
    NotGivenBack,
    /// The data folder was restored or copied.
    FolderHeld,
    /// The history is not the one that this computer saw last.
    OtherHistory,
    /// A run failed or cannot go on with this program.
    Run,
    /// A note in an open thread names me.
    Mentioned,
}

/// Something that needs the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Need {
    /// What kind.
    pub kind: NeedKind,
    /// Since when.
    pub since: Instant,
    /// The persona.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub persona: Option<PersonaRef>,
    /// The content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub content: Option<ContentId>,
    /// Its headline.
    #[serde(default)]
    pub headline: String,
    /// The delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub delivery: Option<DeliveryId>,
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub identity: Option<IdentityId>,
    /// The network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub network: Option<NetworkId>,
    /// The request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub request: Option<RequestId>,
    /// The run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub run: Option<String>,
    /// When it was to go out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub planned: Option<Planned>,
    /// The network's or a person's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub words: Option<String>,
    /// What the words need: `count`, `person`, `looked`, `oldest`.
    #[serde(default)]
    pub args: BTreeMap<String, String>,
}

/// A post on the line of the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DayPost {
    /// Which.
    pub content: ContentId,
    /// Whose voice.
    pub persona: PersonaRef,
    /// Its headline.
    pub headline: String,
    /// When.
    pub at: Instant,
    /// The content's status.
    pub status: ContentStatus,
    /// The most telling delivery's status.
    pub delivery: DeliveryStatus,
}

/// A number of the last seven days, beside the seven before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WeekNumber {
    /// `published`, `approved_in_a_day`, `late_or_missed`, `likes`, `replies`, `reposts`.
    pub name: String,
    /// The last seven days; absent when it cannot be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub value: Option<u32>,
    /// Of so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub of: Option<u32>,
    /// The seven days before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub before: Option<u32>,
}

/// What needs the person, and what goes out next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Today {
    /// The posts of today.
    pub day: Vec<DayPost>,
    /// Most urgent first.
    pub needs: Vec<Need>,
    /// What goes out next, at most 20, by time.
    pub next: Vec<ContentRow>,
    /// The last seven days.
    pub week: Vec<WeekNumber>,
    /// Accounts and their health.
    pub accounts: Vec<Account>,
}
