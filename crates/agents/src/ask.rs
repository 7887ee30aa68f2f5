//! What each tool is given. The comments are what an agent reads of its arguments.

use domain::ids::{ContentId, IdentityId, PersonaId};
use rmcp::schemars::{self, JsonSchema};
use serde::Deserialize;

/// No arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Contents {
    /// Only of this persona (its id).
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub persona: Option<PersonaId>,
    /// Only with these statuses: draft, in_review, changes_requested, rejected, approved, scheduled,
    /// publishing, published, partially_published, failed, archived.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub statuses: Vec<domain::status::ContentStatus>,
    /// Only with all of these words.
    #[serde(default)]
    pub search: Option<String>,
    /// At most so many, 200 at the most.
    #[serde(default)]
    pub limit: Option<u32>,
    /// The `next` of an earlier answer.
    #[serde(default)]
    pub cursor: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    /// Its id.
    #[schemars(with = "String")]
    pub content: ContentId,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Stretch {
    /// From this instant, such as 2026-11-25T00:00:00Z.
    #[schemars(with = "String")]
    pub from: domain::Instant,
    /// To this instant, exclusive.
    #[schemars(with = "String")]
    pub to: domain::Instant,
    /// Only of this persona (its id).
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub persona: Option<PersonaId>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfPersona {
    /// Only for this persona (its id).
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub persona: Option<PersonaId>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Measured {
    /// Whose posts (a persona's id).
    #[schemars(with = "String")]
    pub persona: PersonaId,
    /// At most so many, 20 at the most.
    #[serde(default)]
    pub limit: Option<u32>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    /// In whose voice (a persona's id).
    #[schemars(with = "String")]
    pub persona: PersonaId,
    /// The text; several make a thread.
    pub parts: Vec<String>,
    /// BCP 47 tags of its languages; the persona's own when absent.
    #[serde(default)]
    pub languages: Option<Vec<String>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Draft {
    /// A name for this call that you make up; the same again changes nothing more.
    pub key: String,
    /// In whose voice (a persona's id).
    #[schemars(with = "String")]
    pub persona: PersonaId,
    /// The text; several make a thread.
    pub parts: Vec<String>,
    /// A title for people inside, and for networks that have titles.
    #[serde(default)]
    pub title: String,
    /// BCP 47 tags of its languages; the persona's own when absent.
    #[serde(default)]
    pub languages: Option<Vec<String>>,
    /// Where it goes (accounts' ids); all that are connected when absent.
    #[serde(default)]
    #[schemars(with = "Option<Vec<String>>")]
    pub accounts: Option<Vec<IdentityId>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Revise {
    /// A name for this call that you make up; the same again changes nothing more.
    pub key: String,
    /// Which post.
    #[schemars(with = "String")]
    pub content: ContentId,
    /// The `seen` of `content`: what you read is what you change.
    pub seen: String,
    /// The new text; several make a thread. Pictures stay with their part.
    pub parts: Vec<String>,
    /// Only for this network, which gets a text of its own; the shared text when absent.
    #[serde(default)]
    pub network: Option<String>,
    /// A new title; as it was when absent.
    #[serde(default)]
    pub title: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Time {
    /// The account's id.
    #[schemars(with = "String")]
    pub account: IdentityId,
    /// An instant such as 2026-11-25T11:30:00+01:00, or a time on the persona's clock such as
    /// 2026-11-25T11:30; as soon as approved when absent.
    #[serde(default)]
    pub at: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Schedule {
    /// A name for this call that you make up; the same again changes nothing more.
    pub key: String,
    /// Which post.
    #[schemars(with = "String")]
    pub content: ContentId,
    /// All accounts that it goes to.
    pub times: Vec<Time>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Submit {
    /// A name for this call that you make up; the same again changes nothing more.
    pub key: String,
    /// Which post.
    #[schemars(with = "String")]
    pub content: ContentId,
    /// The `seen` of `content`: what you read is what is asked about.
    pub seen: String,
}
