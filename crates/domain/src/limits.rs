//! What a network accepts, and what `prepare` found.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::hash::Hash;

/// How a network counts text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CountUnit {
    /// Unicode scalar values.
    Characters,
    /// Extended grapheme clusters.
    Graphemes,
    /// X's weights (twitter-text configuration v3).
    Weighted,
    /// UTF-8 bytes.
    Bytes,
}

/// Limits of the text of one segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TextLimits {
    /// What is counted.
    pub unit: CountUnit,
    /// The most of it; absent means no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub max: Option<u32>,
    /// A second limit in UTF-8 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub max_bytes: Option<u32>,
    /// What any link counts, whatever its length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub link_length: Option<u32>,
    /// The longest hashtag, in graphemes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub max_tag: Option<u32>,
    /// How many languages a post may name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub max_languages: Option<u32>,
}

/// Limits of pictures in one segment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImageLimits {
    /// How many.
    pub max_count: u32,
    /// Size of each in bytes.
    #[ts(type = "number")]
    pub max_bytes: u64,
    /// A limit of animated pictures, where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(type = "number", optional)]
    pub max_animated_bytes: Option<u64>,
    /// Longest side in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub max_side: Option<u32>,
    /// Accepted types; another is turned into the first that can hold it.
    pub mimes: Vec<String>,
    /// The longest alternative text, in characters as the network counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub max_alt: Option<u32>,
    /// Posting without alternative text is an error, not a warning.
    #[serde(default)]
    pub alt_required: bool,
}

/// What a poll may be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PollLimits {
    /// The fewest choices.
    pub min_choices: u32,
    /// The most choices.
    pub max_choices: u32,
    /// The longest choice: graphemes where the network counts text in graphemes, else characters.
    pub max_choice_length: u32,
    /// The shortest time for votes, in minutes. A network that says seconds is rounded up.
    pub min_minutes: u32,
    /// The longest time for votes, in minutes. A network that says seconds is rounded down.
    pub max_minutes: u32,
    /// Readers can be allowed to choose several.
    #[serde(default)]
    pub multiple: bool,
    /// Counts can be hidden until it ends.
    #[serde(default)]
    pub hide_totals: bool,
    /// A post can have both a poll and pictures.
    #[serde(default)]
    pub with_pictures: bool,
}

/// One number's origin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LimitSource {
    /// Which limit, as a path such as `text.max`.
    pub limit: String,
    /// Where it is written.
    pub source: String,
    /// When it was last looked at, `YYYY-MM-DD`.
    pub checked: String,
}

/// One number that an account itself said, over the rule pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LiveLimit {
    /// Which limit, as a path such as `text.max`.
    pub limit: String,
    /// Its value.
    #[ts(type = "number")]
    pub value: u64,
    /// Where it was read.
    pub source: String,
    /// When, `YYYY-MM-DD`.
    pub checked: String,
}

/// What an account may send: the network's rule pack overlaid with what the account itself said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Limits {
    /// Limits of text.
    pub text: TextLimits,
    /// Limits of pictures.
    pub images: ImageLimits,
    /// What a poll may be; absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub poll: Option<PollLimits>,
    /// The most segments of a thread; 1 means that there are no threads.
    pub max_segments: u32,
    /// Whether the account's server can keep a post from being quoted, where it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub quotes_off: Option<bool>,
    /// Where the numbers come from.
    #[serde(default)]
    pub sources: Vec<LimitSource>,
}

/// How long a segment is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Count {
    /// As the network counts.
    pub length: u32,
    /// What it may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub limit: Option<u32>,
    /// What was counted.
    pub unit: CountUnit,
}

/// Whether an issue stops sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// It would go out, but look.
    Warning,
    /// It cannot go out.
    Error,
}

/// A place in a segment's text, in UTF-16 code units as a text field counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Span {
    /// First unit.
    pub start: u32,
    /// One past the last.
    pub end: u32,
}

/// One thing to fix or to know. The words come from the catalog under `issue.<code>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Issue {
    /// Such as `text_too_long`, `alt_missing`, `image_resized`.
    pub code: String,
    /// Whether it stops sending.
    pub severity: Severity,
    /// In which segment, counted from 0.
    pub segment: u32,
    /// Where in the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub span: Option<Span>,
    /// In which picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub asset: Option<Hash>,
    /// In which choice of the poll, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub choice: Option<u32>,
    /// What the words need, such as `length` and `limit`.
    #[serde(default)]
    pub args: BTreeMap<String, String>,
}
