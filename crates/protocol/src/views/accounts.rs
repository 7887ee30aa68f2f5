//! People, personas, accounts, networks, chains.

use domain::Instant;
use domain::approval::ChainPolicy;
use domain::content::{Replies, Visibility};
use domain::cost::{Budget, Cost};
use domain::identity::{Executor, IdentityStatus, NetworkId};
use domain::ids::{IdentityId, PersonId, PersonaId};
use domain::limits::Limits;
use domain::person::Role;
use domain::persona::{Hue, PersonaProfile};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::problem::Problem;

/// A person, as lists name them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PersonRef {
    /// Who.
    pub id: PersonId,
    /// Their name.
    pub name: String,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// Still here.
    pub active: bool,
    /// The person who uses this computer.
    pub me: bool,
}

/// A persona, as lists name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PersonaRef {
    /// Which.
    pub id: PersonaId,
    /// Its name.
    pub name: String,
    /// Its slant.
    pub hue: Hue,
}

/// A persona with all that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PersonaDetail {
    /// Which.
    pub id: PersonaId,
    /// What can be edited.
    pub profile: PersonaProfile,
    /// Its chain; absent means direct.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub chain: Option<ChainPolicy>,
    /// Its accounts, connected first.
    pub accounts: Vec<Account>,
    /// Contents that are not archived.
    pub contents: u32,
    /// Sending is paused for it.
    pub paused: bool,
    /// Put away.
    pub archived: bool,
}

/// An account and its health.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Account {
    /// Which.
    pub id: IdentityId,
    /// Whose.
    pub persona: PersonaId,
    /// Its network.
    pub network: NetworkId,
    /// As people write it.
    pub handle: String,
    /// As it calls itself.
    pub display_name: String,
    /// Where it lives (service address, folder).
    pub service: String,
    /// Whether it works.
    pub status: IdentityStatus,
    /// Who sends for it.
    pub executor: Executor,
    /// When the network last answered well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub checked_at: Option<Instant>,
    /// What is wrong, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub trouble: Option<String>,
    /// Deliveries that are held until it works.
    pub held: u32,
    /// What it may send.
    pub limits: Limits,
    /// How many minutes ahead of its time a post must be given to the network for it to keep that
    /// time; absent where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub keeps_time: Option<u32>,
    /// Counts of its posts are read. Where that costs money, a person switches it on.
    pub measured: bool,
    /// When its sign-in ends for good; absent where it does not, or nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub sign_in_over: Option<Instant>,
    /// What posts to it may cost in a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub budget: Option<Budget>,
    /// What posts to it have cost this month, by the prices known then; absent where the network
    /// asks for no money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub spent: Option<Budget>,
}

/// The kind of a field in a network's sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line.
    Text,
    /// An address.
    Url,
    /// Not shown, not kept outside the keychain.
    Secret,
    /// A folder on this computer.
    Folder,
}

/// A field in a network's sheet; words under `network.<network>.<field>.label` and `.hint`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConnectField {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: FieldKind,
    /// What stands there at first.
    #[serde(default)]
    pub default: String,
    /// Must be filled in.
    pub required: bool,
}

/// A way to connect an account; words under `network.<network>.<method>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConnectMethod {
    /// Which.
    pub id: String,
    /// A person agrees in the system browser.
    pub browser: bool,
    /// The address to register with the network, where it compares it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub callback: Option<String>,
    /// Where a person gets what is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub guide_url: Option<String>,
    /// What is asked for.
    pub fields: Vec<ConnectField>,
}

/// What can be chosen for a post on a network. Whether there are polls is in its limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Choices {
    /// Who may read; empty where every post is public.
    pub visibility: Vec<Visibility>,
    /// The post can hide behind a line of text.
    pub content_warning: bool,
    /// Pictures can hide behind a click.
    pub sensitive: bool,
    /// Who may reply; empty where everybody always may.
    pub replies: Vec<Replies>,
    /// Quoting can be switched off.
    pub quotes_off: bool,
    /// Posts can say that they were made with AI.
    pub made_with_ai: bool,
    /// Labels that an author can put on a post.
    pub labels: Vec<String>,
    /// Posts can quote others.
    pub quote: bool,
}

/// A network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Network {
    /// Which.
    pub id: NetworkId,
    /// Its name.
    pub name: String,
    /// One or two letters for its tile; empty for the globe.
    pub tile: String,
    /// Whether accounts can be connected; otherwise it only counts.
    pub connectable: bool,
    /// Ways to connect, the best one first.
    pub methods: Vec<ConnectMethod>,
    /// Posts can be deleted.
    pub can_delete: bool,
    /// Posts can have link cards.
    pub has_cards: bool,
    /// Counts can be read.
    pub has_metrics: bool,
    /// In what it asks for money (ISO 4217), where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub currency: Option<String>,
    /// What reading the counts of one post once costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub metrics_cost: Option<Cost>,
    /// Entries have titles.
    pub has_titles: bool,
    /// What can be chosen for a post.
    pub choices: Choices,
    /// What it accepts before an account says otherwise.
    pub limits: Limits,
}

/// Whose account was signed in to, to be kept or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SignedIn {
    /// Its network.
    pub network: NetworkId,
    /// As people write it.
    pub handle: String,
    /// As it calls itself; may be empty.
    pub display_name: String,
    /// Where it lives; may be empty.
    pub service: String,
    /// Its picture, as a `data:` address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub avatar: Option<String>,
}

/// What a trial of a connection found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConnectionTest {
    /// The account, when it worked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub handle: Option<String>,
    /// What did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub problem: Option<Problem>,
}

/// A chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Chain {
    /// Its newest revision.
    pub policy: ChainPolicy,
    /// Personas that use it.
    pub personas: Vec<PersonaRef>,
    /// Put away.
    pub archived: bool,
}
