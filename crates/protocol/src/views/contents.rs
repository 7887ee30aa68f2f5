//! Contents, versions, deliveries, the calendar.

use std::collections::BTreeMap;

use domain::approval::Condition;
use domain::attempt::{AttemptKind, AttemptPhase};
use domain::content::{Body, Options};
use domain::cost::Cost;
use domain::delivery::{DeliveryStatus, HoldReason, MissReason, Recall};
use domain::edit::{EditStatus, EditTrouble};
use domain::identity::NetworkId;
use domain::ids::{AttemptId, ContentId, DeliveryId, IdentityId, PersonaId, RequestId};
use domain::limits::{Count, Issue};
use domain::media::{AssetFacts, Rendition};
use domain::persona::Hue;
use domain::status::ContentStatus;
use domain::version::{PreparedSegment, VersionDoc};
use domain::{Hash, Instant, Planned};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{HistoryEntry, PersonRef, PersonaRef};
use crate::mutation::Notice;

/// Where a content goes, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Target {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The account.
    pub identity: IdentityId,
    /// Its network.
    pub network: NetworkId,
    /// Its handle.
    pub handle: String,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub planned: Option<Planned>,
}

/// A content, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContentRow {
    /// Which.
    pub id: ContentId,
    /// Whose voice.
    pub persona: PersonaRef,
    /// Title or first line.
    pub headline: String,
    /// The shared text, at most 280 characters.
    pub excerpt: String,
    /// Where it stands.
    pub status: ContentStatus,
    /// The newest version; 0 for none.
    pub n: u32,
    /// Something is typed that no version has.
    pub unsaved: bool,
    /// Who wrote last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub author: Option<PersonRef>,
    /// When it last changed.
    pub changed_at: Instant,
    /// When the next delivery goes, or the last one went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub at: Option<Planned>,
    /// Where it goes; cancelled ones are left out.
    pub targets: Vec<Target>,
    /// Pictures in the shared text.
    pub pictures: u32,
    /// Segments of the longest variant.
    pub parts: u32,
    /// Free.
    pub labels: Vec<String>,
    /// Free.
    pub campaign: String,
}

/// A page of contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QueuePage {
    /// The contents.
    pub rows: Vec<ContentRow>,
    /// Where the next page begins; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub next: Option<String>,
    /// How many there are by status under the same filter without its statuses.
    pub counts: BTreeMap<String, u32>,
}

/// A calendar entry: deliveries of one content at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CalendarEntry {
    /// Which.
    pub content: ContentId,
    /// Whose voice.
    pub persona: PersonaRef,
    /// Title or first line.
    pub headline: String,
    /// The content's status.
    pub status: ContentStatus,
    /// When.
    pub planned: Planned,
    /// Deliveries at this time.
    pub targets: Vec<Target>,
    /// Something waits for a person.
    pub needs_person: bool,
    /// Where there is little room, those of a lower rank come first.
    pub rank: u8,
    /// It can be moved.
    pub movable: bool,
    /// The latest time that the approval covers, when it is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub covered_until: Option<Instant>,
}

/// A stretch of the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Calendar {
    /// By time.
    pub entries: Vec<CalendarEntry>,
    /// Posting slots without a delivery.
    pub free: Vec<FreeSlot>,
    /// Contents that are written but have no time; 200 stands for more, too.
    pub unplanned: u32,
    /// The networks of all that stands in this stretch, archived too, for its filter.
    pub networks: Vec<NetworkId>,
    /// The days on which something stands, when only the foremost were asked for.
    pub days: Vec<CalendarDay>,
}

/// All that stands on one day of the calendar, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CalendarDay {
    /// `2026-11-24`
    pub day: String,
    /// How many entries.
    pub count: u32,
    /// How many of them are out.
    pub published: u32,
    /// Where they stand on the line of its hours.
    pub marks: Vec<DayMark>,
}

/// One or more entries in a quarter of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct DayMark {
    /// Minutes after midnight, at a quarter.
    pub minute: u16,
    /// The persona's colour.
    pub hue: Hue,
}

/// A posting slot without a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FreeSlot {
    /// Whose.
    pub persona: PersonaId,
    /// When.
    pub planned: Planned,
}

/// A version in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VersionRow {
    /// Counted from 1.
    pub n: u32,
    /// Its name.
    pub hash: Hash,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub by: Option<PersonRef>,
    /// When.
    pub at: Instant,
    /// Which version it restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub restored_from: Option<u32>,
}

/// A version in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VersionDetail {
    /// Its row.
    pub row: VersionRow,
    /// What goes out.
    pub doc: VersionDoc,
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Attempt {
    /// Which.
    pub id: AttemptId,
    /// Of which part, from 0.
    pub segment: u32,
    /// What it is to do.
    pub kind: AttemptKind,
    /// Where it stands.
    pub phase: AttemptPhase,
    /// When it began.
    pub started_at: Instant,
    /// When it was settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub settled_at: Option<Instant>,
    /// The network's own words, or what happened on the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub words: Option<String>,
}

/// One post that is (or was) live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Publication {
    /// Of which part, from 0.
    pub segment: u32,
    /// The network's id.
    pub remote_id: String,
    /// Where to look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub url: Option<String>,
    /// When it went live.
    pub at: Instant,
    /// Confirmed by a person, not by the network.
    #[serde(default)]
    pub by_person: bool,
}

/// A measured number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Metric {
    /// Such as `likes`, `reposts`, `replies`; a metric that the network does not give is absent.
    pub name: String,
    /// How many.
    #[ts(type = "number")]
    pub value: i64,
    /// When it was read.
    pub as_of: Instant,
}

/// A delivery in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeliveryDetail {
    /// As lists show it.
    pub target: Target,
    /// The version that it sends or sent.
    pub n: u32,
    /// How late it may go on its own, in minutes.
    pub grace: u32,
    /// Why it is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hold: Option<HoldReason>,
    /// Why it is missed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub miss: Option<MissReason>,
    /// What went wrong, in the network's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub words: Option<String>,
    /// When it is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub retry_at: Option<Instant>,
    /// The network itself shall keep its time.
    pub hand_off: bool,
    /// The network is asked to give it back, and this becomes of it then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub recall: Option<Recall>,
    /// Tries, oldest first.
    pub attempts: Vec<Attempt>,
    /// What is live, by part.
    pub publications: Vec<Publication>,
    /// The newest count of each metric, summed over the parts.
    pub metrics: Vec<Metric>,
    /// The run that publishes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub run: Option<String>,
    /// The newest update of what is out that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub edit: Option<Edit>,
    /// What is out can become the newest version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub update: Option<UpdateOffer>,
}

/// A newer version that was asked to take the place of what is out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Edit {
    /// The version.
    pub n: u32,
    /// Where it stands.
    pub status: EditStatus,
    /// Why it is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hold: Option<HoldReason>,
    /// What went wrong, in the network's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub words: Option<String>,
    /// When it is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub retry_at: Option<Instant>,
    /// When it was asked for.
    pub asked_at: Instant,
}

/// How far the newest version could take the place of what is out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UpdateOffer {
    /// The newest version; that which is out where there is no newer one.
    pub n: u32,
    /// It is newer and approved, and nothing stands in the way.
    pub ready: bool,
    /// What stands in the way of a newer one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub trouble: Option<EditTrouble>,
}

/// A content in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContentDetail {
    /// As lists show it.
    pub row: ContentRow,
    /// What is typed and not saved, with the version that it started from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub working: Option<WorkingCopy>,
    /// The newest version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub version: Option<VersionDetail>,
    /// Newest first.
    pub versions: Vec<VersionRow>,
    /// All, cancelled ones too.
    pub deliveries: Vec<DeliveryDetail>,
    /// The newest request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub request: Option<super::RequestDetail>,
    /// Facts of the pictures in the version and the working copy.
    pub assets: Vec<Asset>,
    /// What happened, newest first, at most 50.
    pub history: Vec<HistoryEntry>,
    /// The text may be edited.
    pub can_edit: bool,
    /// Saving would void an approval or an open request.
    pub edit_voids: bool,
}

/// What is typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WorkingCopy {
    /// The text.
    pub body: Body,
    /// The version that it started from; 0 for none.
    pub base: u32,
    /// When it was kept.
    pub at: Instant,
    /// Whose typing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub by: Option<PersonRef>,
}

/// A media file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Asset {
    /// What it is.
    pub facts: AssetFacts,
    /// A small picture of it.
    pub thumbnail: Hash,
    /// What networks get instead of it, by network.
    pub renditions: BTreeMap<String, Rendition>,
}

/// What one target would get.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PreparedView {
    /// The account.
    pub identity: IdentityId,
    /// Its network.
    pub network: NetworkId,
    /// Its own text (a variant of its own, or of its network).
    pub own_text: bool,
    /// In order.
    pub segments: Vec<PreparedSegment>,
    /// What goes out of the chosen options.
    pub options: Options,
    /// One for each segment.
    pub counts: Vec<Count>,
    /// What to fix and to know, errors first.
    pub issues: Vec<Issue>,
    /// What sending costs, where the network asks for money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub cost: Option<Cost>,
}

/// What a network without an account would get: counted and shown, never sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CountedView {
    /// The network.
    pub network: NetworkId,
    /// Its own text.
    pub own_text: bool,
    /// In order.
    pub segments: Vec<PreparedSegment>,
    /// What goes out of the chosen options.
    pub options: Options,
    /// One for each segment.
    pub counts: Vec<Count>,
    /// What to fix and to know, errors first.
    pub issues: Vec<Issue>,
}

/// What is typed, as each target would get it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Prepared {
    /// In the body's order of targets.
    pub targets: Vec<PreparedView>,
    /// What the networks named in the query's `counted` would get, in its order.
    #[serde(default)]
    pub counted: Vec<CountedView>,
    /// The names of the stages that would be asked, with who sits there.
    pub stages: Vec<StagePreview>,
    /// The names of the stages that would not be asked although nobody knows what sending costs:
    /// no price is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub unpriced: Vec<String>,
}

/// A stage that would be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StagePreview {
    /// Its name.
    pub name: String,
    /// How many must approve.
    pub needed: u32,
    /// Who may.
    pub people: Vec<PersonRef>,
    /// It applies only because of these.
    pub because: Vec<Condition>,
}

/// A thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SplitText {
    /// The parts.
    pub parts: Vec<String>,
}

/// A page, as its card will be frozen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CardPreview {
    /// The page.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Its description.
    pub description: String,
    /// Its picture, in the media library.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub image: Option<Hash>,
}

/// What a save made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Saved {
    /// Which.
    pub content: ContentId,
    /// The newest version now; 0 for none.
    pub n: u32,
    /// Its hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hash: Option<Hash>,
    /// The request that was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub request: Option<RequestId>,
    /// Where the content stands now.
    pub status: ContentStatus,
    /// What it brought with it.
    pub notices: Vec<Notice>,
}
