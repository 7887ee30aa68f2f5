//! Reads.

use domain::content::{Body, Options};
use domain::identity::NetworkId;
use domain::ids::{ContentId, IdentityId, ModelId, PersonaId, RequestId};
use domain::retention::Retained;
use domain::rights::Action;
use domain::status::ContentStatus;
use domain::{Hash, Instant, Planned};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::tags::Tag;
use crate::views;

/// Which requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalTab {
    /// Open, and I have a seat in the stage that is asked.
    #[default]
    ForMe,
    /// Open.
    AllOpen,
    /// Closed, newest first.
    Decided,
}

/// What the queue shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct QueueFilter {
    /// Empty means all but archived.
    #[ts(as = "Option<Vec<ContentStatus>>", optional)]
    pub statuses: Vec<ContentStatus>,
    /// Of one persona.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub persona: Option<PersonaId>,
    /// To one account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub identity: Option<IdentityId>,
    /// Search as you type: all terms, as prefixes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub search: Option<String>,
    /// Only what waits for a person: changes asked for, refused, or with a delivery that failed, is
    /// unconfirmed, missed or held.
    #[ts(as = "Option<bool>", optional)]
    pub needs: bool,
}

/// No more of a day than a grid shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Foremost {
    /// Whose days: an IANA zone.
    pub zone: String,
    /// So many of each day: what needs a person first, what is out last.
    pub each: u32,
}

macro_rules! queries {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty),* $(,)? } -> $answer:ty, [$($tag:ident),*];)+) => {
        /// A read.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
        #[serde(tag = "type", rename_all = "snake_case")]
        pub enum Query { $($(#[$doc])* $name { $($(#[$fdoc])* $field: $type),* }),+ }

        impl Query {
            /// What it shows; a change of one of these asks for it again.
            #[must_use]
            pub const fn tags(&self) -> &'static [Tag] {
                match self { $(Self::$name { .. } => &[$(Tag::$tag),*]),+ }
            }
        }

        /// What each query answers; it exists for the generated TypeScript.
        #[derive(TS)]
        #[ts(rename_all = "snake_case")]
        #[expect(non_snake_case, dead_code, reason = "named after the queries, read by the generator")]
        pub struct QueryAnswers { $($name: $answer),+ }

        /// Each query's name in Rust and its tags.
        pub const TABLE: &[(&str, &[Tag])] = &[$((stringify!($name), &[$(Tag::$tag),*])),+];
    };
}

queries! {
    /// The frame of the window: who, which personas, counts, the runtime.
    Overview {} -> views::Overview, [People, Personas, Accounts, Contents, Deliveries, Requests, Runtime, Settings];
    /// What needs the person, and what goes out next.
    Today {
        /// The person's IANA zone, for "today".
        zone: String,
    } -> views::Today, [Personas, Accounts, Contents, Deliveries, Requests, Runtime, Metrics, Notes];
    /// Deliveries between two instants.
    Calendar {
        /// From, inclusive.
        from: Instant,
        /// To, exclusive.
        to: Instant,
        /// Of one persona.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        persona: Option<PersonaId>,
        /// To one network.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        network: Option<NetworkId>,
        /// No more than a grid of days shows; absent means all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        foremost: Option<Foremost>,
    } -> views::Calendar, [Personas, Contents, Deliveries, Requests];
    /// Contents by status, newest change first.
    Queue {
        /// Which.
        filter: QueueFilter,
        /// Where the last page ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        cursor: Option<String>,
        /// At most 200.
        limit: u32,
    } -> views::QueuePage, [Contents, Deliveries, Requests];
    /// One content with all that belongs to it.
    Content {
        /// Which.
        id: ContentId,
    } -> views::ContentDetail, [Contents, Deliveries, Requests, Metrics, Accounts];
    /// One version.
    Version {
        /// Of which content.
        content: ContentId,
        /// Which.
        n: u32,
    } -> views::VersionDetail, [Contents];
    /// Requests.
    Approvals {
        /// Which.
        tab: ApprovalTab,
    } -> views::Approvals, [Requests, Contents, Deliveries];
    /// One request with what is needed to decide.
    Request {
        /// Which.
        id: RequestId,
    } -> views::RequestDetail, [Requests, Contents, Deliveries, People];
    /// Who decides for me while I am away, and for whom I do.
    Delegations {} -> views::Delegations, [People];
    /// Links to a request for people from outside, the ended ones too; of all requests those that work.
    ReviewLinks {
        /// Of which request; absent means of all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        request: Option<RequestId>,
    } -> Vec<views::ReviewLinkView>, [Requests, People];
    /// Who has a content open, without me.
    Present {
        /// Which.
        content: ContentId,
    } -> Vec<views::PersonRef>, [Presence];
    /// All personas.
    Personas {} -> Vec<views::PersonaDetail>, [Personas, Accounts, Chains];
    /// All accounts.
    Accounts {} -> Vec<views::Account>, [Accounts, Deliveries];
    /// All approval chains, newest revisions.
    Chains {} -> Vec<views::Chain>, [Chains, Personas];
    /// All people.
    People {} -> Vec<views::Person>, [People];
    /// The networks that can be connected or counted for.
    Networks {} -> Vec<views::Network>, [];
    /// Runs of workflows, newest first.
    Runs {
        /// Only those of one thing, such as `delivery:<id>`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        subject: Option<String>,
        /// Only failed and stranded ones.
        #[serde(default)]
        #[ts(as = "Option<bool>", optional)]
        trouble: bool,
        /// Where the last page ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        cursor: Option<String>,
        /// At most 200.
        limit: u32,
    } -> views::RunPage, [Runs];
    /// One run with its timeline.
    Run {
        /// Which.
        id: Uuid,
    } -> views::RunDetail, [Runs];
    /// What each target would get, as it is typed: counts, issues, the prepared text.
    Prepare {
        /// Whose accounts.
        persona: PersonaId,
        /// What is typed.
        body: Body,
        /// Networks without an account (see `Network::connectable`) whose counts and preview are
        /// wanted too.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[ts(as = "Option<Vec<NetworkId>>", optional)]
        counted: Vec<NetworkId>,
    } -> views::Prepared, [];
    /// What is noticed in what is typed: beside the voice, own posts, and who is to read it. It stops
    /// nothing.
    Check {
        /// Whose voice.
        persona: PersonaId,
        /// Of which content, where it is known: its own posts are no copies.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        content: Option<ContentId>,
        /// What is typed.
        body: Body,
    } -> views::Checked, [];
    /// A text cut into a thread for one network.
    Split {
        /// Which.
        network: NetworkId,
        /// The account whose live limits count.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        identity: Option<IdentityId>,
        /// The whole text.
        text: String,
        /// What was chosen beside it: a content warning takes room in every part.
        #[serde(default, skip_serializing_if = "Options::is_default")]
        #[ts(as = "Option<Options>", optional)]
        options: Options,
    } -> views::SplitText, [];
    /// The instant of a wall-clock time, with the rule for the hours in which clocks change.
    ResolveTime {
        /// `YYYY-MM-DDTHH:MM`, as the clock on the wall shows it.
        wall: String,
        /// IANA zone, such as `Europe/Berlin`.
        zone: String,
    } -> Planned, [];
    /// Facts of media files.
    Assets {
        /// Which.
        hashes: Vec<Hash>,
    } -> Vec<views::Asset>, [Assets];
    /// The next free posting slots of a persona.
    FreeSlots {
        /// Whose.
        persona: PersonaId,
        /// At most 20.
        limit: u32,
    } -> Vec<views::FreeSlot>, [Personas, Deliveries];
    /// Notes on a content, oldest thread first.
    Notes {
        /// On which.
        content: ContentId,
    } -> Vec<views::NoteThread>, [Notes, People, Contents];
    /// Templates, by name.
    Templates {} -> Vec<views::TemplateView>, [Templates, Personas];
    /// How posts of a persona do by hour of the week.
    BestHours {
        /// Whose.
        persona: PersonaId,
        /// Any instant of the week that is meant: clocks of the audience may change.
        at: Instant,
    } -> views::BestHours, [Personas, Accounts, Metrics];
    /// Feeds and lists that personas follow, and how reading them goes.
    Sources {} -> Vec<views::SourceView>, [Sources, Personas];
    /// What is talked about, and what could be said.
    Ideas {
        /// For one persona; absent means for all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        persona: Option<PersonaId>,
    } -> views::Ideas, [Ideas, Sources, Personas, Accounts];
    /// What a content was begun from, where that was a suggestion.
    Outline {
        /// Which.
        content: ContentId,
    } -> Option<views::OutlineView>, [Ideas, Accounts];
    /// What a language model would be asked, word for word. Nothing is sent.
    WritingRequest {
        /// In whose voice.
        persona: PersonaId,
        /// The accounts whose limits hold.
        targets: Vec<IdentityId>,
        /// What is wanted.
        wish: views::Wish,
        /// Which model; absent means the one of the task.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        model: Option<ModelId>,
    } -> views::WritingRequest, [Personas, Settings];
    /// What personas used of language models in this month.
    ModelUse {} -> Vec<views::ModelUse>, [Personas];
    /// What happened to one thing, or to everything, newest first.
    History {
        /// Such as `content:<id>`; absent means everything (needs `read_audit`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        subject: Option<String>,
        /// Where the last page ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        cursor: Option<String>,
        /// At most 200.
        limit: u32,
    } -> views::HistoryPage, [Contents, Deliveries, Requests, People, Personas, Chains, Accounts, Runtime, Notes];
    /// For how long things are kept, and what is older than that.
    Retention {} -> Vec<views::RetentionView>, [Settings, Contents, Metrics, Runs];
    /// How much would go, if something were kept for so many days.
    WouldGo {
        /// What.
        kind: Retained,
        /// For how long.
        days: u32,
    } -> views::WouldGo, [Settings, Contents, Metrics, Runs];
    /// Whether the audit still follows from its first entry.
    VerifyAudit {} -> views::AuditCheck, [];
    /// Settings of this computer.
    Settings {} -> views::SettingsView, [Settings, Runtime];
    /// Backups that can be restored.
    Backups {} -> Vec<views::Backup>, [Runtime];
    /// What this computer has and what it does: for Help and for a report of trouble.
    Diagnostics {} -> views::Diagnostics, [Runtime, Accounts];
    /// What was done here and waits for the organization's server, and how the line to it is.
    Outbox {} -> views::Outbox, [Runtime];
    /// The organizations on this computer: its own, and those of servers that it has joined.
    Organizations {} -> views::Organizations, [Organizations, Settings, Requests, Deliveries, Contents];
}

impl Query {
    /// The right that it needs.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::History { subject: None, .. } | Self::VerifyAudit {} => Action::ReadAudit,
            _ => Action::Read,
        }
    }

    /// Whether it is about the computer: the same whichever organization is shown.
    #[must_use]
    pub const fn is_of_the_computer(&self) -> bool {
        matches!(
            self,
            Self::Settings {} | Self::Backups {} | Self::Diagnostics {} | Self::Organizations {}
        )
    }

    /// The statuses that "all" leaves out.
    pub const HIDDEN: &[ContentStatus] = &[ContentStatus::Archived];
}
