//! Sources: what a persona follows to know what is talked about.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::PersonaId;

/// The longest address of a source, in characters.
pub const MAX_ADDRESS: usize = 2_000;
/// The longest name of a source, in characters.
pub const MAX_NAME: usize = 120;
/// The longest hashtag, in characters.
pub const MAX_TAG: usize = 100;

/// What kind of list a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// RSS, Atom or JSON Feed.
    Feed,
    /// Posts that are shared most on a Mastodon server.
    MastodonTrends,
    /// Newest public posts with a hashtag, as a Mastodon server knows them.
    MastodonTag,
    /// What a Bluesky AppView says is talked about.
    BlueskyTrends,
    /// Newest posts with a hashtag, as a Bluesky AppView finds them.
    BlueskyTag,
}

impl SourceKind {
    /// Whether its items are posts of many people rather than of the source's owner.
    #[must_use]
    pub const fn is_of_many(self) -> bool {
        matches!(
            self,
            Self::MastodonTrends | Self::MastodonTag | Self::BlueskyTag
        )
    }

    /// Whether it is of one hashtag.
    #[must_use]
    pub const fn is_of_tag(self) -> bool {
        matches!(self, Self::MastodonTag | Self::BlueskyTag)
    }
}

/// What is read: two sources of the same feed are one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct Feed {
    /// What kind.
    pub kind: SourceKind,
    /// The feed's address, or the server's.
    pub address: String,
    /// The hashtag without `#`, where the kind has one; else empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[ts(as = "Option<String>", optional)]
    pub tag: String,
}

/// The editable half of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Source {
    /// What is read.
    pub feed: Feed,
    /// What people call it; empty means as it calls itself.
    #[serde(default)]
    pub name: String,
    /// Which personas follow it, sorted.
    #[serde(default)]
    pub personas: Vec<PersonaId>,
}

/// Why a source could not be read, or not as well as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SourceTrouble {
    /// No answer.
    Unreachable,
    /// The answer did not come to its end in time.
    TooSlow,
    /// The answer does not end, or is larger than what is read.
    TooLarge,
    /// The server answered with a status that is no success; `words` holds it.
    Refused,
    /// The server says that it is gone for good: it is not asked again.
    Gone,
    /// The server asked for a pause.
    Throttled,
    /// The server's robots.txt asks programs to stay away.
    Robots,
    /// It lies, or leads to, outside of the public internet.
    Private,
    /// What came is no feed.
    NotAFeed,
    /// What came begins as a feed and is broken.
    Broken,
    /// It was read, but not in the character set that it names.
    Charset,
}

impl SourceTrouble {
    /// Whether items were read all the same.
    #[must_use]
    pub const fn is_harmless(self) -> bool {
        matches!(self, Self::Charset)
    }
}

/// How it stands with a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SourceHealth {
    /// Not read yet.
    New,
    /// Read, and nothing is wrong.
    Fine,
    /// It could not be read; it is tried again.
    Trouble,
    /// It is not read any more until a person does something.
    Stopped,
}
