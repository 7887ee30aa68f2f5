//! What reaches outside a transaction: networks, files, the keychain. An act ends in zero or more
//! mutations, may report progress, and can be cancelled. Secrets exist only here, on their way in.

use std::collections::BTreeMap;

use domain::content::Body;
use domain::identity::NetworkId;
use domain::ids::{
    ChainId, ContentId, DeliveryId, IdentityId, ModelId, MutationId, OrganizationId, PersonId,
    PersonaId, RequestId, ReviewLinkId, SourceId,
};
use domain::model::Model;
use domain::rights::Action;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::mutation::{DeliveryPlan, Mutation};
use crate::settings::Settings;
use crate::views;

/// A text that must not be printed, logged or answered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "string")]
pub struct Sensitive(pub String);

impl std::fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty),* $(,)? } -> $answer:ty, $right:ident;)+) => {
        /// Something that reaches outside.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
        #[serde(tag = "type", rename_all = "snake_case")]
        pub enum Act { $($(#[$doc])* $name { $($(#[$fdoc])* $field: $type),* }),+ }

        impl Act {
            /// The right that it needs; the mutations in which it ends check theirs again.
            #[must_use]
            pub const fn action(&self) -> Action {
                match self { $(Self::$name { .. } => Action::$right),+ }
            }
        }

        /// Each act's name in Rust and its right.
        pub const TABLE: &[(&str, Action)] = &[$((stringify!($name), Action::$right)),+];

        /// What each act answers; it exists for the generated TypeScript.
        #[derive(TS)]
        #[ts(rename_all = "snake_case")]
        #[expect(non_snake_case, dead_code, reason = "named after the acts, read by the generator")]
        pub struct ActAnswers { $($name: $answer),+ }
    };
}

acts! {
    /// Signs in to a network through the browser, for a new account. It is not kept before somebody
    /// has seen whose it is: `keep_sign_in` or `refuse_sign_in` within ten minutes.
    SignIn {
        /// New.
        id: IdentityId,
        /// Whose.
        persona: PersonaId,
        /// Which network.
        network: NetworkId,
        /// By which of its ways through the browser (see `Network::methods`); the first way when
        /// absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        method: Option<String>,
        /// What the way asks for, by field (see `ConnectMethod::fields`).
        fields: BTreeMap<String, Sensitive>,
    } -> views::SignedIn, ManageAccounts;
    /// Records the account that `sign_in` found.
    KeepSignIn {
        /// As in `sign_in`.
        id: IdentityId,
    } -> views::Account, ManageAccounts;
    /// Throws away what `sign_in` brought, and ends it at the network where that can be done.
    RefuseSignIn {
        /// As in `sign_in`.
        id: IdentityId,
    } -> views::Done, ManageAccounts;
    /// Signs in to a network by a way that needs no browser, and records the account.
    Connect {
        /// New.
        id: IdentityId,
        /// Whose.
        persona: PersonaId,
        /// Which network.
        network: NetworkId,
        /// By which of its ways (see `Network::methods`); the first when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        method: Option<String>,
        /// What the way asks for, by field (see `ConnectMethod::fields`).
        fields: BTreeMap<String, Sensitive>,
    } -> views::Account, ManageAccounts;
    /// Tries what `connect` would, posts and records nothing.
    TestConnection {
        /// Which network.
        network: NetworkId,
        /// By which of its ways (see `Network::methods`); the first when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        method: Option<String>,
        /// As for `connect`.
        fields: BTreeMap<String, Sensitive>,
    } -> views::ConnectionTest, ManageAccounts;
    /// Signs in again to an account that is known.
    Reconnect {
        /// Which.
        id: IdentityId,
        /// By which of its ways (see `Network::methods`); the first when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        method: Option<String>,
        /// As for `connect`; what is absent stays.
        fields: BTreeMap<String, Sensitive>,
    } -> views::Account, ManageAccounts;
    /// Asks the network whether the account works, and reads its limits anew.
    CheckAccount {
        /// Which.
        id: IdentityId,
    } -> views::Account, ManageAccounts;
    /// Takes an account out of use and deletes its secret.
    Disconnect {
        /// Which.
        id: IdentityId,
    } -> views::Done, ManageAccounts;
    /// Takes a picture into the library: oriented, metadata removed.
    ImportAsset {
        /// The file's name.
        name: String,
        /// The bytes in Base64 (RFC 4648, padded).
        data: Sensitive,
    } -> views::Asset, Write;
    /// Reads the page behind a link, as its card will be frozen.
    FetchCard {
        /// The page.
        url: String,
    } -> views::CardPreview, Write;
    /// Asks the servers of the links of a text whether anything is there, where nobody knows it yet.
    LookAtLinks {
        /// The text.
        body: Body,
    } -> views::LookedAt, Write;
    /// Prepares what is typed for each target and appends a version.
    Save {
        /// New or known.
        content: ContentId,
        /// Whose voice.
        persona: PersonaId,
        /// What is typed.
        body: Body,
        /// The newest version that the writer knows; 0 for none.
        base: u32,
    } -> views::Saved, Write;
    /// Saves (when something changed), plans and asks for approval, all or nothing. With a chain
    /// that has no stage this schedules or publishes.
    Submit {
        /// New or known.
        content: ContentId,
        /// Whose voice.
        persona: PersonaId,
        /// What is typed.
        body: Body,
        /// The newest version that the writer knows; 0 for none.
        base: u32,
        /// When each target goes out.
        deliveries: Vec<DeliveryPlan>,
        /// What is out and shall become this version once it is approved.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[ts(as = "Option<Vec<DeliveryId>>", optional)]
        updates: Vec<DeliveryId>,
        /// The new request.
        request: RequestId,
        /// A chain beside the persona's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        added: Option<ChainId>,
    } -> views::Saved, Write;
    /// A new content with the words and pictures of another.
    Duplicate {
        /// Which.
        content: ContentId,
        /// New.
        id: ContentId,
    } -> views::Saved, Write;
    /// Deletes what is out of a delivery, and makes a new content with its words, pictures and
    /// choices. The new one comes first: should the network not delete, nothing is lost.
    Redraft {
        /// Which.
        delivery: DeliveryId,
        /// New.
        id: ContentId,
    } -> views::Saved, Publish;
    /// Looks for the feeds of a site.
    DiscoverFeeds {
        /// The site's address, or a feed's, as it was typed.
        url: String,
    } -> Vec<views::FoundFeed>, Write;
    /// Reads a source now, or all of them, rather than when it is their time.
    CollectNow {
        /// Which; absent means all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        source: Option<SourceId>,
    } -> views::Done, Write;
    /// Follows the feeds of a list as other readers write it.
    ImportOpml {
        /// The list.
        text: String,
        /// Who follows them.
        personas: Vec<PersonaId>,
    } -> views::Imported, Write;
    /// Writes the feeds that are followed as a list for other readers.
    ExportOpml {} -> views::OpmlFile, Read;
    /// Has a language model write. What it answers is a proposal; its words are told as they come.
    Write {
        /// In whose voice, and on whose tokens.
        persona: PersonaId,
        /// For which content, where one is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        content: Option<ContentId>,
        /// The accounts whose limits hold.
        targets: Vec<IdentityId>,
        /// What is wanted.
        wish: views::Wish,
        /// Which model; absent means the one of the task.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        model: Option<ModelId>,
    } -> views::Written, Write;
    /// Reads the words of a page, to write from.
    ReadPage {
        /// Its address.
        url: String,
    } -> views::Material, Write;
    /// Asks a service which models it has.
    TestModel {
        /// Which.
        model: Model,
        /// Its key; absent means the one that is kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        key: Option<Sensitive>,
    } -> views::ModelTest, ManageAccounts;
    /// Keeps the key of a model in the keychain.
    KeepModelKey {
        /// Which.
        id: ModelId,
        /// Its key.
        key: Sensitive,
    } -> views::Done, ManageAccounts;
    /// Reads the counts of a content's publications now.
    RefreshMetrics {
        /// Which.
        content: ContentId,
    } -> views::Done, Write;
    /// Writes the settings of this computer.
    SaveSettings {
        /// All of them.
        settings: Settings,
    } -> views::SettingsView, Read;
    /// Makes a backup now.
    Backup {
        /// Where; absent means in the data folder.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        file: Option<String>,
    } -> views::Backup, ManageRuntime;
    /// Writes everything that is known of a person into an archive in the data folder. Everybody may
    /// have their own; others' need `manage_people`.
    ExportPerson {
        /// Of whom.
        person: PersonId,
    } -> views::Exported, Read;
    /// Says what a backup holds, before anything is touched.
    LookIntoBackup {
        /// Its folder or file.
        file: String,
    } -> views::BackupHoldings, ManagePeople;
    /// Puts a backup in the data folder's place; what is there now moves aside. Only the process
    /// that owns the folder can.
    Restore {
        /// Its folder or file.
        file: String,
    } -> views::Restored, ManagePeople;
    /// First run: the local organization, its first person and persona.
    Begin {
        /// The person's name.
        person: String,
        /// New.
        person_id: PersonId,
    } -> views::Done, ManagePeople;
    /// Says who uses this computer; also possible when whoever did has left.
    ChoosePerson {
        /// Who.
        id: PersonId,
    } -> views::Done, Read;
    /// Takes note that the history is not the one that this computer saw last, and goes on with it.
    AcknowledgeAudit {} -> views::Done, ManagePeople;
    /// Shows a notification to try whether it arrives.
    TestNotification {} -> views::Done, Read;
    /// Drops something of the outbox that the server rejected, or that was not sent yet.
    DiscardWaiting {
        /// Which.
        id: MutationId,
    } -> views::Done, Read;
    /// Sends something that the server rejected again, with other words when there are any.
    RetryWaiting {
        /// Which.
        id: MutationId,
        /// In place of what it changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        mutations: Option<Vec<Mutation>>,
    } -> views::Done, Read;
    /// Sends what waits and asks for what changed now, rather than when it is time to.
    SyncNow {} -> views::Done, Read;
    /// Says what is at an address before anybody signs in there.
    LookAtServer {
        /// As typed: a server's address, or the link of an invitation (which lets in whoever has
        /// it).
        address: Sensitive,
    } -> views::ServerSeen, Read;
    /// Brings an organization of a server to this computer. What was read of it until it is
    /// cancelled or fails goes again.
    JoinOrganization {
        /// As for `look_at_server`; a link's invitation is used.
        address: Sensitive,
        /// The person's name, for a new login by an invitation; absent where they have one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        name: Option<String>,
        /// The login's address.
        email: String,
        /// The login's password; of a new login, the one that is chosen.
        password: Sensitive,
        /// The code of the second factor, or a recovery code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        code: Option<Sensitive>,
        /// Which of the login's organizations; absent where there is one to join.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        organization: Option<OrganizationId>,
    } -> views::Joining, Read;
    /// Signs in anew to the server of an organization that was joined.
    SignInAgain {
        /// Which.
        organization: OrganizationId,
        /// The login's password.
        password: Sensitive,
        /// The code of the second factor, or a recovery code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        code: Option<Sensitive>,
    } -> views::Done, Read;
    /// Makes a link by which one person from outside sees what a request asks about.
    MakeReviewLink {
        /// To which request.
        request: RequestId,
        /// Who will hold it.
        name: String,
        /// For how many days, 1 to 14.
        days: u32,
        /// They decide in my seat of the stage that is asked; otherwise they only comment.
        decides: bool,
    } -> views::MadeReviewLink, Write;
    /// Takes such a link back.
    WithdrawReviewLink {
        /// Which.
        id: ReviewLinkId,
    } -> views::Done, Write;
    /// Says which content a window has open; answers who else has.
    Attend {
        /// A name of the window that nobody guesses.
        window: Uuid,
        /// Absent means none any more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        content: Option<ContentId>,
    } -> Vec<views::PersonRef>, Read;
    /// Takes an organization that was joined off this computer, with what waits for its server.
    LeaveOrganization {
        /// Which.
        organization: OrganizationId,
    } -> views::Done, Read;
}

impl Act {
    /// Whether it is about the computer: the same whichever organization is shown.
    #[must_use]
    pub const fn is_of_the_computer(&self) -> bool {
        matches!(
            self,
            Self::SaveSettings { .. }
                | Self::Backup { .. }
                | Self::LookIntoBackup { .. }
                | Self::Restore { .. }
                | Self::AcknowledgeAudit {}
                | Self::TestNotification {}
                | Self::LookAtServer { .. }
                | Self::JoinOrganization { .. }
                | Self::SignInAgain { .. }
                | Self::LeaveOrganization { .. }
        )
    }
}
