//! Changes. Each is applied by one function in one transaction, whoever asks for it.

use std::collections::BTreeMap;

use domain::approval::{ChainPolicy, Verdict};
use domain::content::Body;
use domain::cost::Budget;
use domain::delegation::Delegation;
use domain::idea::DismissReason;
use domain::identity::NetworkId;
use domain::ids::{
    ChainId, ContentId, DecisionId, DeliveryId, IdentityId, MutationId, NoteId, PersonId,
    PersonaId, RequestId, SourceId, SuggestionId, TemplateId,
};
use domain::limits::LiveLimit;
use domain::media::AssetFacts;
use domain::model::WritingTask;
use domain::note::Anchor;
use domain::person::Role;
use domain::persona::PersonaProfile;
use domain::remark::RemarkKind;
use domain::retention::Retained;
use domain::rights::Action;
use domain::source::Source;
use domain::template::Template;
use domain::{Hash, Instant, Planned};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::tags::Tag;

/// A mutation with the name under which it applies at most once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Call {
    /// Made by the caller (UUIDv7). The same id again answers as the first time.
    pub id: MutationId,
    /// Act as this person; absent means the person who uses this computer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub acting: Option<PersonId>,
    /// The change.
    pub mutation: Mutation,
}

/// What a delivery shall be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeliveryPlan {
    /// The delivery's id: a known one changes, a new one is made.
    pub id: DeliveryId,
    /// Where it goes.
    pub identity: IdentityId,
    /// When; absent means as soon as approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub planned: Option<Planned>,
    /// How late it may go out on its own, in minutes; absent means 30.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub grace: Option<u32>,
    /// The network itself shall keep the time, where it does; absent leaves it as it was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hand_off: Option<bool>,
}

/// What a person says of a delivery that may be live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum UnconfirmedAnswer {
    /// I have seen it.
    ItIsLive {
        /// Where, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        url: Option<String>,
    },
    /// I have looked, it is not there: send again, on my word.
    SendAgain,
    /// Leave it.
    Drop,
    /// Let Rostrum look once more.
    LookAgain,
}

/// An account as the network described it. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct IdentityFacts {
    /// The network.
    pub network: NetworkId,
    /// The network's own id of the account (a DID, a folder's path).
    pub remote_id: String,
    /// As people write it.
    pub handle: String,
    /// As the account calls itself.
    pub display_name: String,
    /// Where the account lives, for people (service address, folder).
    pub service: String,
    /// The adapter's own, not secret.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// What the account itself said of its limits.
    #[serde(default)]
    pub live: Vec<LiveLimit>,
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Mutation {
    /// Adds a person to the organization.
    AddPerson {
        /// New.
        id: PersonId,
        /// Their name.
        name: String,
        /// What they are.
        role: Role,
    },
    /// Changes a person's name or role.
    UpdatePerson {
        /// Who.
        id: PersonId,
        /// Their name.
        name: String,
        /// What they are.
        role: Role,
    },
    /// A person leaves; their seats escalate, their history stays.
    DeactivatePerson {
        /// Who.
        id: PersonId,
    },
    /// What is personal of somebody goes: name, history's words, notices, way in. What they wrote stays
    /// the organization's, under a name that says nothing.
    ErasePerson {
        /// Who.
        id: PersonId,
        /// Their drafts, of which nobody was ever asked, go too.
        #[serde(default)]
        #[ts(as = "Option<bool>", optional)]
        drafts: bool,
    },
    /// Says for how long something is kept.
    SetRetention {
        /// What.
        kind: Retained,
        /// For how many days; absent means for ever.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        days: Option<u32>,
    },
    /// Creates or edits a persona.
    SavePersona {
        /// New or known.
        id: PersonaId,
        /// Everything that can be edited.
        profile: PersonaProfile,
        /// Its chain; absent means that posts go out without being asked about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        chain: Option<ChainId>,
    },
    /// Puts a persona away, or takes it back.
    ArchivePersona {
        /// Which.
        id: PersonaId,
        /// Away or back.
        archived: bool,
    },
    /// Creates a chain or appends a revision; open requests keep theirs.
    SaveChain {
        /// Its `revision` must be one more than the newest.
        policy: ChainPolicy,
    },
    /// Puts a chain away; refused while a persona uses it.
    ArchiveChain {
        /// Which.
        id: ChainId,
    },
    /// Records a connected account (made by the act `connect`).
    AddIdentity {
        /// New.
        id: IdentityId,
        /// Whose.
        persona: PersonaId,
        /// What the network said.
        facts: IdentityFacts,
    },
    /// Records that an account works again, and what it is now (made by `check`; the server
    /// stays, only the act of reconnecting takes an account to another one).
    UpdateIdentity {
        /// Which.
        id: IdentityId,
        /// What the network said.
        facts: IdentityFacts,
    },
    /// Switches on or off that counts of an account's posts are read, where that costs money.
    MeasureIdentity {
        /// Which.
        id: IdentityId,
        /// Read them.
        on: bool,
    },
    /// Says what posts to an account may cost in a month; absent means anything.
    SetBudget {
        /// Which.
        id: IdentityId,
        /// In the currency in which the network asks for money.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        budget: Option<Budget>,
    },
    /// Lets a delivery that is held for its account's budget go out all the same.
    PassBudget {
        /// Which.
        delivery: DeliveryId,
    },
    /// Moves a delivery that is held for its account's budget to the first of the next month, as
    /// late in the day as it was.
    MoveToNextMonth {
        /// Which.
        delivery: DeliveryId,
    },
    /// Takes an account out of use. Unsent deliveries to it are held until somebody decides.
    DisconnectIdentity {
        /// Which.
        id: IdentityId,
    },
    /// Records a file of the media library (made by `import_asset`).
    AddAsset {
        /// What it is.
        facts: AssetFacts,
        /// A small picture of it.
        thumbnail: Hash,
    },
    /// Keeps what is being typed; makes the content when it is new. Never a version, voids nothing.
    SaveWorkingCopy {
        /// New or known.
        content: ContentId,
        /// Whose voice.
        persona: PersonaId,
        /// What is typed.
        body: Body,
        /// The version that the typing started from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        base: Option<u32>,
    },
    /// Throws away what was typed since the newest version.
    DiscardWorkingCopy {
        /// Of which content.
        content: ContentId,
    },
    /// Appends a version (made by the acts `save` and `submit`). Supersedes an open request and
    /// voids a granted one.
    SaveVersion {
        /// New or known.
        content: ContentId,
        /// Whose voice.
        persona: PersonaId,
        /// One more than the newest.
        n: u32,
        /// The canonical bytes of a `VersionDoc`, verbatim.
        doc: String,
    },
    /// Appends an old version as the newest.
    RestoreVersion {
        /// Of which content.
        content: ContentId,
        /// Which.
        from: u32,
        /// One more than the newest.
        n: u32,
    },
    /// Names what is not sent: campaign and labels.
    SetDetails {
        /// Which.
        content: ContentId,
        /// Free.
        #[serde(default)]
        campaign: String,
        /// Free, sorted.
        #[serde(default)]
        labels: Vec<String>,
    },
    /// Puts a content away, or takes it back. Unsent deliveries are cancelled.
    ArchiveContent {
        /// Which.
        content: ContentId,
        /// Away or back.
        archived: bool,
    },
    /// Deletes a draft that was never asked about, with its versions and notes. Nothing brings it
    /// back.
    DeleteDraft {
        /// Which.
        content: ContentId,
    },
    /// Writes a note on a version, or an answer in a thread. `@` and a name name somebody.
    AddNote {
        /// New.
        id: NoteId,
        /// On which content.
        content: ContentId,
        /// The version that the writer saw.
        n: u32,
        /// The first note of the thread that it answers in; absent begins a thread.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        thread: Option<NoteId>,
        /// What it is about; an answer is about what its thread is about.
        anchor: Anchor,
        /// What it says.
        text: String,
    },
    /// Takes a note back: nothing of what it said stays.
    RemoveNote {
        /// One's own; administrators may take back anybody's.
        id: NoteId,
    },
    /// Closes a thread, or opens it again.
    ResolveThread {
        /// Its first note.
        id: NoteId,
        /// Closed or open.
        resolved: bool,
    },
    /// Makes or changes a template.
    SaveTemplate {
        /// New or known.
        id: TemplateId,
        /// All of it.
        template: Template,
    },
    /// Deletes a template. What was begun with it stays.
    DeleteTemplate {
        /// Which.
        id: TemplateId,
    },
    /// Begins a content with what a template holds.
    BeginFromTemplate {
        /// Which.
        template: TemplateId,
        /// New.
        content: ContentId,
        /// Whose voice.
        persona: PersonaId,
    },
    /// Follows a feed or list, or changes what it is called and who follows it.
    SaveSource {
        /// New or known.
        id: SourceId,
        /// All of it.
        source: Source,
    },
    /// Follows it no more; what was read of it goes too.
    RemoveSource {
        /// Which.
        id: SourceId,
    },
    /// Makes a content of a suggestion: an outline, which must be edited before it is submitted.
    TakeSuggestion {
        /// Which.
        id: SuggestionId,
        /// New.
        content: ContentId,
    },
    /// Says that a suggestion is not wanted, and why; what comes next follows from that.
    DismissSuggestion {
        /// Which.
        id: SuggestionId,
        /// Why.
        reason: DismissReason,
    },
    /// Takes a dismissal back.
    ReopenSuggestion {
        /// Which.
        id: SuggestionId,
    },
    /// Says that a topic is not a persona's, or takes that back.
    MuteTopic {
        /// Whose.
        persona: PersonaId,
        /// A term, in any case.
        topic: String,
        /// Not wanted, or wanted again.
        muted: bool,
    },
    /// Forgets what was learned from a persona's answers to suggestions.
    ResetLearning {
        /// Whose.
        persona: PersonaId,
    },
    /// Records what a language model was asked for a persona, and what that used.
    RecordModelUse {
        /// On whose tokens.
        persona: PersonaId,
        /// For which content, where one is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        content: Option<ContentId>,
        /// As people call the model.
        model: String,
        /// What it was to do.
        task: WritingTask,
        /// A hash of what it was asked.
        prompt: Hash,
        /// Tokens of the question, as the service counted them.
        #[ts(type = "number")]
        input: u64,
        /// Tokens of the answer.
        #[ts(type = "number")]
        output: u64,
        /// What they cost, in millionths of the currency that a person counts in.
        #[serde(default)]
        #[ts(type = "number")]
        cost: u64,
    },
    /// Puts a program's words in the place of what is typed on a content, if that still is what the
    /// program read. Never a version, voids nothing; it is in the content's history.
    Revise {
        /// Which.
        content: ContentId,
        /// What it is to say.
        body: Body,
        /// Names what was read (`app::seen`).
        seen: Hash,
    },
    /// Puts into the history what a program that acts for a person asks for.
    NoteAgentCall {
        /// The tool that it calls.
        tool: String,
        /// As the program calls itself.
        client: String,
    },
    /// Says that a remark on a text is not to be made again, or takes that back.
    DismissRemark {
        /// Whose voice.
        persona: PersonaId,
        /// In this content alone; absent means in all of the persona's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        content: Option<ContentId>,
        /// What kind of remark.
        kind: RemarkKind,
        /// On what (see `Remark::about`).
        about: String,
        /// Not again, or again.
        dismissed: bool,
    },
    /// Sets where and when the content goes: unsent deliveries that are not named are cancelled.
    Plan {
        /// Which.
        content: ContentId,
        /// All of them.
        deliveries: Vec<DeliveryPlan>,
    },
    /// Moves one delivery. Outside the tolerance this voids the approval.
    MoveDelivery {
        /// Which.
        delivery: DeliveryId,
        /// Where it stood when the person decided; something else means `conflict`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        expected: Option<Instant>,
        /// Where it shall stand.
        planned: Planned,
    },
    /// Sends what is missed, held or failed now. Outside the tolerance this voids the approval.
    SendNow {
        /// Which.
        delivery: DeliveryId,
    },
    /// Takes deliveries back before they go out. Each one that cannot be is named in the problem.
    CancelDeliveries {
        /// Which.
        deliveries: Vec<DeliveryId>,
    },
    /// A person says what became of a delivery that cannot be known.
    AnswerUnconfirmed {
        /// Which.
        delivery: DeliveryId,
        /// What.
        answer: UnconfirmedAnswer,
    },
    /// Deletes what is live from its network (a run does it, and reads back that it is gone).
    DeletePublished {
        /// Which.
        deliveries: Vec<DeliveryId>,
    },
    /// Puts the newest version in the place of what is out (a run does it, as soon as that version
    /// is approved, and reads back that it is there).
    UpdatePublished {
        /// Which.
        deliveries: Vec<DeliveryId>,
    },
    /// Takes an update back before it is written, or leaves one that failed.
    CancelUpdate {
        /// Of which delivery.
        delivery: DeliveryId,
    },
    /// Asks for approval of a version with its times.
    RequestApproval {
        /// New.
        id: RequestId,
        /// Which.
        content: ContentId,
        /// Must be the newest version.
        n: u32,
        /// Its hash.
        hash: Hash,
        /// A chain beside the persona's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        added: Option<ChainId>,
    },
    /// The author takes the request back.
    WithdrawRequest {
        /// Which.
        request: RequestId,
    },
    /// A person decides in a stage.
    Decide {
        /// New.
        id: DecisionId,
        /// On what.
        request: RequestId,
        /// What the person saw.
        hash: Hash,
        /// In the stage that the person saw, counted from 0; absent means in the one that is asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        stage: Option<u32>,
        /// What.
        verdict: Verdict,
        /// Why; asked for with everything but approval.
        #[serde(default)]
        comment: String,
        /// In the place of this person, who is away; absent means in one's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        away: Option<PersonId>,
    },
    /// A person says who decides for them while they are away, or that nobody does any more.
    Delegate {
        /// Who, and when; absent ends what there is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        delegation: Option<Delegation>,
    },
    /// A person takes a decision back; possible until an attempt exists.
    RevokeDecision {
        /// Which.
        decision: DecisionId,
    },
    /// Stops or resumes sending, for one persona or for all.
    SetPaused {
        /// Absent means all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        persona: Option<PersonaId>,
        /// Stop or resume.
        paused: bool,
    },
    /// "This computer sends now", after a restore or a copy of the data folder.
    ReleaseFolder,
    /// Tries a failed run again from the step that failed.
    RetryRun {
        /// Which.
        run: Uuid,
    },
    /// Ends a run.
    CancelRun {
        /// Which.
        run: Uuid,
    },
}

impl Mutation {
    /// Its name as written in JSON.
    #[must_use]
    pub fn name(&self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|v| v.get("type").and_then(|t| t.as_str()).map(str::to_owned))
            .unwrap_or_default()
    }

    /// The right that it needs at the least; `apply` checks finer rules.
    #[must_use]
    pub const fn action(&self) -> Action {
        use Mutation as M;
        match self {
            M::AddPerson { .. }
            | M::UpdatePerson { .. }
            | M::DeactivatePerson { .. }
            | M::ErasePerson { .. }
            | M::SetRetention { .. } => Action::ManagePeople,
            M::SavePersona { .. } | M::ArchivePersona { .. } | M::ResetLearning { .. } => {
                Action::ManagePersonas
            }
            M::SaveChain { .. } | M::ArchiveChain { .. } => Action::ManageChains,
            M::AddIdentity { .. }
            | M::UpdateIdentity { .. }
            | M::MeasureIdentity { .. }
            | M::SetBudget { .. }
            | M::PassBudget { .. }
            | M::DisconnectIdentity { .. } => Action::ManageAccounts,
            M::AddAsset { .. }
            | M::SaveWorkingCopy { .. }
            | M::DiscardWorkingCopy { .. }
            | M::SaveVersion { .. }
            | M::RestoreVersion { .. }
            | M::SetDetails { .. }
            | M::ArchiveContent { .. }
            | M::DeleteDraft { .. }
            | M::AddNote { .. }
            | M::RemoveNote { .. }
            | M::ResolveThread { .. }
            | M::SaveTemplate { .. }
            | M::DeleteTemplate { .. }
            | M::BeginFromTemplate { .. }
            | M::SaveSource { .. }
            | M::RemoveSource { .. }
            | M::TakeSuggestion { .. }
            | M::DismissSuggestion { .. }
            | M::ReopenSuggestion { .. }
            | M::MuteTopic { .. }
            | M::DismissRemark { .. }
            | M::RecordModelUse { .. }
            | M::Revise { .. }
            | M::Plan { .. }
            | M::RequestApproval { .. }
            | M::WithdrawRequest { .. } => Action::Write,
            M::MoveDelivery { .. }
            | M::MoveToNextMonth { .. }
            | M::SendNow { .. }
            | M::CancelDeliveries { .. }
            | M::AnswerUnconfirmed { .. }
            | M::DeletePublished { .. }
            | M::UpdatePublished { .. }
            | M::CancelUpdate { .. } => Action::Publish,
            M::Decide { .. } | M::RevokeDecision { .. } | M::Delegate { .. } => Action::Decide,
            M::SetPaused { .. } | M::ReleaseFolder | M::RetryRun { .. } | M::CancelRun { .. } => {
                Action::ManageRuntime
            }
            M::NoteAgentCall { .. } => Action::Read,
        }
    }

    /// What it may touch.
    #[must_use]
    pub const fn tags(&self) -> &'static [Tag] {
        use Mutation as M;
        match self {
            M::AddPerson { .. } | M::UpdatePerson { .. } => &[Tag::People],
            M::DeactivatePerson { .. } => &[Tag::People, Tag::Requests],
            M::ErasePerson { .. } => &[Tag::People, Tag::Requests, Tag::Contents, Tag::Notes],
            M::SetRetention { .. } => &[Tag::Settings],
            M::SavePersona { .. } | M::ArchivePersona { .. } => &[Tag::Personas],
            M::SaveChain { .. } | M::ArchiveChain { .. } => &[Tag::Chains],
            M::AddIdentity { .. } | M::MeasureIdentity { .. } => &[Tag::Accounts],
            M::UpdateIdentity { .. } | M::SetBudget { .. } | M::DisconnectIdentity { .. } => {
                &[Tag::Accounts, Tag::Deliveries, Tag::Contents]
            }
            M::AddAsset { .. } => &[Tag::Assets],
            M::SaveWorkingCopy { .. }
            | M::Revise { .. }
            | M::DiscardWorkingCopy { .. }
            | M::SetDetails { .. }
            | M::BeginFromTemplate { .. } => &[Tag::Contents],
            M::DeleteDraft { .. } => &[Tag::Contents, Tag::Deliveries, Tag::Notes],
            M::AddNote { .. } | M::RemoveNote { .. } | M::ResolveThread { .. } => &[Tag::Notes],
            M::SaveTemplate { .. } | M::DeleteTemplate { .. } => &[Tag::Templates],
            M::SaveSource { .. } | M::RemoveSource { .. } => &[Tag::Sources],
            M::TakeSuggestion { .. } => &[Tag::Ideas, Tag::Contents],
            M::DismissSuggestion { .. }
            | M::ReopenSuggestion { .. }
            | M::MuteTopic { .. }
            | M::ResetLearning { .. } => &[Tag::Ideas],
            M::DismissRemark { .. } | M::NoteAgentCall { .. } => &[],
            M::RecordModelUse { .. } => &[Tag::Personas],
            M::SaveVersion { .. }
            | M::RestoreVersion { .. }
            | M::ArchiveContent { .. }
            | M::Plan { .. }
            | M::MoveDelivery { .. }
            | M::MoveToNextMonth { .. }
            | M::PassBudget { .. }
            | M::SendNow { .. }
            | M::RequestApproval { .. }
            | M::WithdrawRequest { .. }
            | M::Decide { .. }
            | M::RevokeDecision { .. } => &[Tag::Contents, Tag::Deliveries, Tag::Requests],
            M::Delegate { .. } => &[Tag::People, Tag::Requests],
            M::CancelDeliveries { .. }
            | M::AnswerUnconfirmed { .. }
            | M::DeletePublished { .. }
            | M::UpdatePublished { .. }
            | M::CancelUpdate { .. } => &[Tag::Contents, Tag::Deliveries],
            M::SetPaused { .. } | M::ReleaseFolder => {
                &[Tag::Runtime, Tag::Deliveries, Tag::Contents]
            }
            M::RetryRun { .. } | M::CancelRun { .. } => &[Tag::Runs],
        }
    }
}

/// What became of a mutation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Applied {
    /// Its place in the organization's order.
    #[ts(type = "number")]
    pub seq: u64,
    /// What the person should know: it was applied, but something else happened too.
    #[serde(default)]
    pub notices: Vec<Notice>,
}

/// Something that a change brought with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// An open request was superseded, or a granted one voided.
    ApprovalVoided,
    /// The request was granted at once (the chain has no stage that applies).
    GrantedAtOnce,
    /// The time of a delivery has passed: it is missed until a person sends or moves it.
    TimePassed,
    /// Nobody can decide in the stage that is asked.
    RequestStuck,
    /// What was approved goes out at once: the decision can hardly be taken back.
    GoesOut,
    /// The network keeps some of it and is asked to give it back: until it has, it may still go out.
    AskedBack,
}
