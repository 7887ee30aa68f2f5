//! Notes: comments of people on a version, on words of it, or on a picture.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::content::Body;
use crate::hash::Hash;
use crate::ids::PersonId;

/// The longest note, in characters: a page, far short of a mistake.
pub const MAX_LENGTH: usize = 4_000;

/// Words of a version.
///
/// Offsets count characters (Unicode scalar values) of the segment's text as it goes out, which is
/// the typed text without white space around it; start inclusive, end exclusive. They mean the same
/// in UTF-8 and UTF-16, and none lies inside a character.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TextRange {
    /// The variant's key in the body; empty for the shared one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[ts(as = "Option<String>", optional)]
    pub variant: String,
    /// Which segment, counted from 0.
    pub segment: u32,
    /// First character.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
}

/// What a note is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Anchor {
    /// The version as a whole.
    Version,
    /// Words of it.
    Text {
        /// Which.
        range: TextRange,
    },
    /// A picture in it.
    Media {
        /// Which.
        asset: Hash,
    },
}

/// Why a note cannot stand where it was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// No words lie there.
    #[error("the version has no words there")]
    NoWords,
    /// The picture is in no variant.
    #[error("the version does not have this picture")]
    NoPicture,
}

impl Anchor {
    /// The words that the note is about, as they stand in the version; empty for the whole and for
    /// pictures.
    ///
    /// # Errors
    /// When the version has nothing there.
    pub fn quote(&self, body: &Body) -> Result<String, AnchorError> {
        match self {
            Self::Version => Ok(String::new()),
            Self::Text { range } => range.quote(body),
            Self::Media { asset } if body.assets().contains(asset) => Ok(String::new()),
            Self::Media { .. } => Err(AnchorError::NoPicture),
        }
    }
}

impl TextRange {
    fn quote(&self, body: &Body) -> Result<String, AnchorError> {
        let segment = body
            .variant(&self.variant)
            .and_then(|v| v.segments.get(self.segment as usize))
            .ok_or(AnchorError::NoWords)?;
        let text = segment.text.trim();
        let length = self.end.saturating_sub(self.start) as usize;
        let words: String = text
            .chars()
            .skip(self.start as usize)
            .take(length)
            .collect();
        if words.trim().is_empty() || words.chars().count() != length {
            return Err(AnchorError::NoWords);
        }
        Ok(words)
    }
}

/// Who is named in a text, in the order of `people`.
///
/// `@` and the whole name name somebody, whatever the case; of several names that fit, the longest
/// is meant. An `@` inside a word (an e-mail address) names nobody.
#[must_use]
pub fn mentions(text: &str, people: &[(PersonId, String)]) -> Vec<PersonId> {
    let text = text.to_lowercase();
    let mut named = Vec::new();
    for (at, _) in text.match_indices('@') {
        if text[..at]
            .chars()
            .next_back()
            .is_some_and(char::is_alphanumeric)
        {
            continue;
        }
        let rest = &text[at + 1..];
        let fits = |name: &str| {
            let after = rest.strip_prefix(name).filter(|_| !name.is_empty());
            after.is_some_and(|after| !after.chars().next().is_some_and(char::is_alphanumeric))
        };
        let longest = people
            .iter()
            .map(|(id, name)| (*id, name.trim().to_lowercase()))
            .filter(|(_, name)| fits(name))
            .max_by_key(|(_, name)| name.len());
        named.extend(longest.map(|(id, _)| id));
    }
    people
        .iter()
        .map(|(id, _)| *id)
        .filter(|id| named.contains(id))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::{MediaUse, Segment, Variant};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn body(text: &str) -> Body {
        Body {
            shared: Variant::of_text(text),
            ..Body::default()
        }
    }

    fn words(start: u32, end: u32) -> Anchor {
        Anchor::Text {
            range: TextRange {
                variant: String::new(),
                segment: 0,
                start,
                end,
            },
        }
    }

    #[test]
    fn a_range_counts_characters_of_what_goes_out() {
        let body = body("  Löß 🏔️ snow\n");
        assert_eq!(words(0, 3).quote(&body).as_deref(), Ok("Löß"));
        assert_eq!(words(7, 11).quote(&body).as_deref(), Ok("snow"));
    }

    #[test]
    fn a_range_without_words_is_refused() {
        let body = body("snow came");
        for anchor in [words(3, 3), words(4, 5), words(5, 3), words(5, 99)] {
            assert_eq!(anchor.quote(&body), Err(AnchorError::NoWords));
        }
        let elsewhere = Anchor::Text {
            range: TextRange {
                variant: "network:x".into(),
                segment: 0,
                start: 0,
                end: 4,
            },
        };
        assert_eq!(elsewhere.quote(&body), Err(AnchorError::NoWords));
    }

    #[test]
    fn a_picture_must_be_in_the_version() {
        let asset = Hash::of(b"ridge");
        let mut with = body("snow");
        with.variants.insert(
            "network:x".into(),
            Variant {
                segments: vec![Segment {
                    text: String::new(),
                    media: vec![MediaUse {
                        asset,
                        alt: String::new(),
                    }],
                }],
                ..Variant::default()
            },
        );
        let anchor = Anchor::Media { asset };
        assert_eq!(anchor.quote(&with).as_deref(), Ok(""));
        assert_eq!(anchor.quote(&body("snow")), Err(AnchorError::NoPicture));
    }

    fn people(names: &[&str]) -> Vec<(PersonId, String)> {
        names
            .iter()
            .zip(1..)
            .map(|(name, n)| (PersonId(Uuid::from_u128(n)), (*name).to_owned()))
            .collect()
    }

    fn named(text: &str, names: &[&str]) -> Vec<u128> {
        mentions(text, &people(names))
            .into_iter()
            .map(|p| p.0.as_u128())
            .collect()
    }

    #[test]
    fn the_longest_name_that_fits_is_meant() {
        let names = ["Noor", "Noor Castellay", "Edda"];
        assert_eq!(named("@noor castellay, see here", &names), [2]);
        assert_eq!(named("(@Noor) and @EDDA.", &names), [1, 3]);
        assert_eq!(named("@Noora is nobody", &names), [0; 0]);
        assert_eq!(named("mail noor@edda", &names), [0; 0]);
        assert_eq!(named("@ and @", &names), [0; 0]);
    }

    proptest! {
        #[test]
        fn nobody_is_named_twice_and_no_text_breaks_it(text in "[@ aNßé🏔]{0,40}") {
            let people = people(&["a", "N", "aN", "ßé", ""]);
            let found = mentions(&text, &people);
            let mut once = found.clone();
            once.dedup();
            prop_assert_eq!(&once, &found);
            prop_assert!(text.contains('@') || found.is_empty());
        }

        #[test]
        fn a_quote_has_as_many_characters_as_its_range(text in "\\PC{0,30}", start in 0_u32..32, end in 0_u32..32) {
            if let Ok(quote) = words(start, end).quote(&body(&text)) {
                prop_assert_eq!(quote.chars().count(), (end - start) as usize);
                prop_assert!(text.contains(&quote));
            }
        }
    }
}
