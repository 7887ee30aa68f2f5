//! Notes and templates.

use domain::Instant;
use domain::ids::{NoteId, TemplateId};
use domain::note::Anchor;
use domain::template::Template;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{PersonRef, PersonaRef};

/// A note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteView {
    /// Which.
    pub id: NoteId,
    /// The version that it was written on.
    pub n: u32,
    /// Who.
    pub by: PersonRef,
    /// Who sat at the computer, when it was somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub operator: Option<PersonRef>,
    /// Who from outside wrote it, by a link that the person made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub outside: Option<String>,
    /// When.
    pub at: Instant,
    /// What it says; empty when it was taken back.
    pub text: String,
    /// Whom it names.
    pub mentions: Vec<PersonRef>,
    /// It was taken back; it stands here because others answered.
    pub removed: bool,
    /// I can take it back.
    pub removable: bool,
}

/// A note with what was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NoteThread {
    /// The first note.
    pub note: NoteView,
    /// What it is about.
    pub anchor: Anchor,
    /// The words that it is about, as they stood; empty for the whole version and for pictures.
    pub quote: String,
    /// Oldest first.
    pub answers: Vec<NoteView>,
    /// Who closed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub resolved_by: Option<PersonRef>,
    /// When it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub resolved_at: Option<Instant>,
}

/// A template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TemplateView {
    /// Which.
    pub id: TemplateId,
    /// All of it.
    pub template: Template,
    /// Its persona; absent means that it is for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub persona: Option<PersonaRef>,
    /// The beginning of its text.
    pub headline: String,
    /// Who saved it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub by: Option<PersonRef>,
    /// When.
    pub changed_at: Instant,
}
