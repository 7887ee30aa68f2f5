//! What Rostrum did on its own with a persona's empty posting slot: one `Fill` for each, at the most.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FillDone {
    /// Somebody was told that it is empty.
    Reminded,
    /// Somebody was told what could be said in it.
    Suggested,
    /// An outline was made: a person writes it.
    Outlined,
    /// A model wrote a draft: a person submits it.
    Drafted,
    /// A model wrote a draft, and its approval was asked for.
    Submitted,
    /// Nothing: something else is in the slot, or nothing may be done.
    Left,
}

impl FillDone {
    /// Whether a content was made, which the daily cap counts.
    #[must_use]
    pub const fn made_content(self) -> bool {
        matches!(self, Self::Outlined | Self::Drafted | Self::Submitted)
    }
}

/// Why no more was done than was; the words are the window's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FillReason {
    /// The slot was filled, moved or paused meanwhile.
    Taken,
    /// The persona, or everything, was paused.
    Paused,
    /// What may be done on its own was lowered meanwhile.
    Lowered,
    /// Its time had passed.
    Late,
    /// The quiet hours lasted until the slot.
    Quiet,
    /// The drafts of the day were made.
    Cap,
    /// There was no suggestion for it.
    NoIdea,
    /// No account on the chosen networks is in use.
    NoAccount,
    /// No model is set up for drafts here, or its month is used up.
    NoModel,
    /// The model did not answer.
    NoAnswer,
    /// The model's text was not good enough to be taken unseen: too long, cut short, or with
    /// figures, names or links that stand in nothing that it was given.
    Unsound,
    /// Nobody would be asked before it goes out.
    NobodyAsked,
    /// It cannot go out as it is.
    Errors,
    /// A person began to work on it.
    Touched,
}
