//! Remarks: what is noticed in a text while it is written. They stop nothing, and each can be
//! dismissed.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::{ContentId, PersonaId};

/// What is noticed. The words come from the catalog under `remark.<kind>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RemarkKind {
    /// Words that the persona's voice never uses.
    NeverSay,
    /// Something else that its voice does not do, such as exclamation marks.
    NotTheVoice,
    /// An own post said the same.
    SaidBefore,
    /// The text is in another language than was chosen for it.
    OtherLanguage,
    /// Words that hurt, sound wrong beside a tragedy, or promise what may need proof.
    Sensitive,
    /// A figure without a link to where it is from.
    BareFigure,
    /// Hard to read for whom it is.
    HardToRead,
    /// A link of which its server says that nothing is there.
    DeadLink,
    /// A hashtag of figures alone, which networks do not take for one.
    TagOfFigures,
    /// A hashtag of several words that screen readers read as one.
    TagCase,
    /// A hashtag that goes with such a text.
    TagFits,
}

/// The longest thing that can be dismissed, in characters.
pub const MAX_ABOUT: usize = 120;

/// Where a dismissal holds: in one content, or in all of a persona's. Names the row.
#[must_use]
pub fn subject(persona: PersonaId, content: Option<ContentId>) -> String {
    match content {
        Some(content) => format!("content:{content}"),
        None => format!("persona:{persona}"),
    }
}
