//! Versions: immutable snapshots of what goes out.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::canonical::{self, CanonicalError};
use crate::content::{Body, Options};
use crate::hash::Hash;
use crate::identity::NetworkId;
use crate::ids::{ContentId, IdentityId, OrganizationId};
use crate::media::{AssetFacts, Rendition};

/// The newest format of [`VersionDoc`] that this program writes and edits.
pub const FORMAT: u32 = 1;

/// What a part of the text means to the network. Offsets are UTF-8 bytes, start inclusive, end
/// exclusive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Mark {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What it is.
    pub kind: MarkKind,
}

/// Kinds of marks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MarkKind {
    /// A link.
    Link {
        /// Where it leads.
        url: String,
    },
    /// Somebody on the same network.
    Mention {
        /// As written, without `@`.
        handle: String,
        /// The network's own id (Bluesky: a DID), as resolved at save.
        id: String,
    },
    /// A hashtag.
    Tag {
        /// Without `#`.
        tag: String,
    },
}

/// A picture as it goes out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PreparedMedia {
    /// The bytes that go out.
    pub rendition: Rendition,
    /// Alternative text; empty for none.
    pub alt: String,
}

/// A link card, frozen at save: the sender never fetches the page again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Card {
    /// The page.
    pub url: String,
    /// Its title as it was.
    pub title: String,
    /// Its description as it was.
    pub description: String,
    /// Its picture, fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub image: Option<Rendition>,
}

/// One post, ready to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PreparedSegment {
    /// The text as it goes out.
    pub text: String,
    /// Links, mentions and hashtags in it, by start.
    pub marks: Vec<Mark>,
    /// Pictures in order.
    pub media: Vec<PreparedMedia>,
    /// The link card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub card: Option<Card>,
}

/// What one identity gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PreparedTarget {
    /// The account.
    pub identity: IdentityId,
    /// Its network.
    pub network: NetworkId,
    /// In order; several make a thread.
    pub segments: Vec<PreparedSegment>,
    /// BCP 47 tags.
    pub languages: Vec<String>,
    /// The entry's title where the network has titles (the local site).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[ts(as = "Option<String>", optional)]
    pub title: String,
    /// What really goes out of the chosen options on this network: what it does not have is left
    /// out, and a card that was left out shows in the segments.
    #[serde(default, skip_serializing_if = "Options::is_default")]
    #[ts(as = "Option<Options>", optional)]
    pub options: Options,
}

/// The whole version. Its canonical bytes are stored as they are, and their hash is what people
/// approve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VersionDoc {
    /// [`FORMAT`].
    pub format: u32,
    /// So that equal words of two owners are two versions.
    pub organization: OrganizationId,
    /// So that equal words of two contents are two versions.
    pub content: ContentId,
    /// What was typed.
    pub body: Body,
    /// Facts of every asset in the body, sorted by hash.
    pub media: Vec<AssetFacts>,
    /// What each identity gets, in the body's order of targets.
    pub targets: Vec<PreparedTarget>,
}

impl VersionDoc {
    /// Every file that it goes out with: what pictures were made into and the pictures of cards, then
    /// the pictures themselves.
    #[must_use]
    pub fn files(&self) -> Vec<Hash> {
        let segments = || self.targets.iter().flat_map(|target| &target.segments);
        let made = segments().flat_map(|s| s.media.iter().map(|m| m.rendition.hash));
        let cards = segments().filter_map(|s| s.card.as_ref()?.image.as_ref().map(|i| i.hash));
        let originals = self.media.iter().map(|asset| asset.hash);
        let mut files: Vec<Hash> = Vec::new();
        for hash in made.chain(cards).chain(originals) {
            if !files.contains(&hash) {
                files.push(hash);
            }
        }
        files
    }

    /// The canonical bytes and the hash by which this version is named.
    ///
    /// # Errors
    /// When a text contains U+0000.
    pub fn seal(&self) -> Result<(Vec<u8>, Hash), CanonicalError> {
        canonical::to_hashed(self)
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// When the format is unknown or the bytes are not what [`VersionDoc::seal`] makes.
    pub fn open(bytes: &[u8]) -> Result<Self, VersionError> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let head: Head =
            serde_json::from_slice(bytes).map_err(|e| VersionError::Malformed(e.to_string()))?;
        if head.format != FORMAT {
            return Err(VersionError::UnknownFormat(head.format));
        }
        let doc: Self =
            serde_json::from_slice(bytes).map_err(|e| VersionError::Malformed(e.to_string()))?;
        match doc.seal() {
            Ok((again, _)) if again == bytes => Ok(doc),
            _ => Err(VersionError::Malformed("not in canonical form".to_owned())),
        }
    }

    /// What `identity` gets.
    #[must_use]
    pub fn target(&self, identity: IdentityId) -> Option<&PreparedTarget> {
        self.targets.iter().find(|t| t.identity == identity)
    }
}

/// Why bytes are no version that can be worked on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// Written by a newer Rostrum: show, never edit.
    #[error("this version was written by a newer Rostrum (format {0}); update to edit it")]
    UnknownFormat(u32),
    /// Not a version.
    #[error("this is not a version: {0}")]
    Malformed(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Variant;
    use uuid::Uuid;

    fn doc(text: &str) -> VersionDoc {
        let identity = IdentityId(Uuid::from_u128(3));
        VersionDoc {
            format: FORMAT,
            organization: OrganizationId(Uuid::from_u128(1)),
            content: ContentId(Uuid::from_u128(2)),
            body: Body {
                title: "Late snow".into(),
                languages: vec!["en".into()],
                shared: Variant::of_text(text),
                targets: vec![identity],
                ..Body::default()
            },
            media: vec![],
            targets: vec![PreparedTarget {
                identity,
                network: NetworkId::new("site"),
                segments: vec![PreparedSegment {
                    text: text.to_owned(),
                    marks: vec![],
                    media: vec![],
                    card: None,
                }],
                languages: vec!["en".into()],
                title: "Late snow".into(),
                options: Options::default(),
            }],
        }
    }

    /// Golden vectors: should one of these change, versions that people approved would no longer
    /// be found. Add a format instead.
    #[test]
    fn the_hash_of_a_version_never_changes() {
        let (bytes, hash) = doc("Snow came nine days late.").seal().unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            include_str!("golden/version-1.json").trim_end()
        );
        assert_eq!(
            hash.to_string(),
            include_str!("golden/version-1.hash").trim_end()
        );
    }

    #[test]
    fn what_was_sealed_opens_again() {
        let doc = doc("É e\u{301} 👩‍🚀\r\n\"");
        let (bytes, _) = doc.seal().unwrap();
        assert_eq!(VersionDoc::open(&bytes).unwrap(), doc);
    }

    #[test]
    fn an_unknown_format_is_named_and_not_read() {
        let (bytes, _) = doc("x").seal().unwrap();
        let newer = String::from_utf8(bytes)
            .unwrap()
            .replace("\"format\":1", "\"format\":2");
        assert_eq!(
            VersionDoc::open(newer.as_bytes()),
            Err(VersionError::UnknownFormat(2))
        );
        assert!(matches!(
            VersionDoc::open(b"{\"format\": 1}"),
            Err(VersionError::Malformed(_))
        ));
    }
}
