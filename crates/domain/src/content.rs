//! What a person writes: a body with variants, each a list of segments.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::hash::Hash;
use crate::identity::NetworkId;
use crate::ids::IdentityId;

mod options;

pub use options::{Options, Poll, Quote, Replies, Visibility};

/// A media file as used in a segment, with what a reader who cannot see it gets to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MediaUse {
    /// The cleaned original (see `media`).
    pub asset: Hash,
    /// Alternative text; empty means that there is none yet.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[ts(as = "Option<String>", optional)]
    pub alt: String,
}

/// One post; a thread has several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Segment {
    /// The text as typed, with LF line ends.
    pub text: String,
    /// Pictures in order.
    #[serde(default)]
    pub media: Vec<MediaUse>,
}

/// The body as one network (or one identity) gets it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Variant {
    /// At least one; several make a thread.
    pub segments: Vec<Segment>,
    /// Choices for this variant.
    #[serde(default)]
    pub options: Options,
}

impl Variant {
    /// A single segment with only text.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        Self {
            segments: vec![Segment {
                text: text.to_owned(),
                media: Vec::new(),
            }],
            options: Options::default(),
        }
    }

    /// Whether there is neither text nor media.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.segments
            .iter()
            .all(|s| s.text.trim().is_empty() && s.media.is_empty())
    }
}

/// What is typed: the working copy and the authored half of a version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Body {
    /// A name for people inside; never sent, but the local site uses it as the entry's title.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[ts(as = "Option<String>", optional)]
    pub title: String,
    /// BCP 47 tags of the text's languages, most important first.
    #[serde(default)]
    pub languages: Vec<String>,
    /// The variant of all targets that have none of their own.
    pub shared: Variant,
    /// Own variants by [`network_key`] or [`identity_key`].
    #[serde(default)]
    pub variants: BTreeMap<String, Variant>,
    /// Where it goes.
    #[serde(default)]
    pub targets: Vec<IdentityId>,
}

/// The key of a variant for a whole network.
#[must_use]
pub fn network_key(network: &NetworkId) -> String {
    format!("network:{network}")
}

/// The key of a variant for one identity.
#[must_use]
pub fn identity_key(identity: IdentityId) -> String {
    format!("identity:{identity}")
}

impl Body {
    /// The variant that `identity` on `network` gets: its own, its network's, or the shared one.
    #[must_use]
    pub fn variant_for(&self, network: &NetworkId, identity: IdentityId) -> &Variant {
        self.variants
            .get(&identity_key(identity))
            .or_else(|| self.variants.get(&network_key(network)))
            .unwrap_or(&self.shared)
    }

    /// A variant by its key; the empty key is the shared one.
    #[must_use]
    pub fn variant(&self, key: &str) -> Option<&Variant> {
        if key.is_empty() {
            Some(&self.shared)
        } else {
            self.variants.get(key)
        }
    }

    /// Every asset that any variant uses, sorted, once.
    #[must_use]
    pub fn assets(&self) -> Vec<Hash> {
        let mut all: Vec<Hash> = std::iter::once(&self.shared)
            .chain(self.variants.values())
            .flat_map(|v| &v.segments)
            .flat_map(|s| s.media.iter().map(|m| m.asset))
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What lists show: the title, else the first line of the text, at most 120 characters.
    #[must_use]
    pub fn headline(&self) -> String {
        let first = std::iter::once(&self.shared)
            .chain(self.variants.values())
            .flat_map(|v| v.segments.iter())
            .map(|s| s.text.trim())
            .find(|t| !t.is_empty())
            .unwrap_or_default();
        let source = if self.title.trim().is_empty() {
            first
        } else {
            self.title.trim()
        };
        let line = source.lines().next().unwrap_or_default();
        match line.char_indices().nth(120) {
            Some((end, _)) => format!("{}…", line[..end].trim_end()),
            None => line.to_owned(),
        }
    }

    /// All text that search looks through.
    #[must_use]
    pub fn searchable(&self) -> String {
        let mut text = self.title.clone();
        for variant in std::iter::once(&self.shared).chain(self.variants.values()) {
            let options = &variant.options;
            let choices = options.poll.iter().flat_map(|poll| &poll.choices);
            let segments = variant.segments.iter().flat_map(|segment| {
                let alts = segment.media.iter().map(|media| &media.alt);
                std::iter::once(&segment.text).chain(alts)
            });
            let warning = Some(&options.content_warning).filter(|w| !w.is_empty());
            for part in segments.chain(warning).chain(choices) {
                text.push('\n');
                text.push_str(part);
            }
        }
        text
    }
}
