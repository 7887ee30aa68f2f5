//! Text as networks read it: counting, finding links, mentions and hashtags, splitting.

pub mod emoji;
pub mod grammar;
pub mod links;
pub mod split;
pub mod tlds;
mod unicode_table;
pub mod web_urls;
pub mod weighted;

use std::ops::Range;

use domain::limits::Span;
use unicode_segmentation::UnicodeSegmentation as _;

/// How many characters a reader sees: extended grapheme clusters.
#[must_use]
pub fn graphemes(text: &str) -> u32 {
    if text.is_ascii() {
        // The only cluster of several ASCII characters is CR LF.
        let pairs = text.as_bytes().windows(2).filter(|w| *w == b"\r\n").count();
        return saturate(text.len() - pairs);
    }
    saturate(text.graphemes(true).count())
}

/// Unicode scalar values.
#[must_use]
pub fn characters(text: &str) -> u32 {
    saturate(text.chars().count())
}

/// A range of bytes as a text field counts it: in UTF-16 code units. Both ends must lie between
/// characters.
#[must_use]
pub fn span(text: &str, bytes: Range<usize>) -> Span {
    let units = |part: Option<&str>| saturate(part.map_or(0, |p| p.encode_utf16().count()));
    let start = units(text.get(..bytes.start));
    Span {
        start,
        end: start + units(text.get(bytes)),
    }
}

/// Whether `c` has the general category P.
#[must_use]
pub fn is_punctuation(c: char) -> bool {
    within(unicode_table::PUNCTUATION, c)
}

fn within(table: &[(u32, u32)], c: char) -> bool {
    let c = c as u32;
    table
        .binary_search_by(|&(low, high)| {
            if high < c {
                std::cmp::Ordering::Less
            } else if low > c {
                std::cmp::Ordering::Greater
            } else {
                std::cmp::Ordering::Equal
            }
        })
        .is_ok()
}

pub(crate) fn saturate(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_one_grapheme_and_eleven_units() {
        let text = "a👩‍👩‍👧‍👦b\r\n";
        assert_eq!(graphemes(text), 4);
        assert_eq!(characters(text), 11);
        let family = text.find('👩').unwrap()..text.find('b').unwrap();
        assert_eq!(span(text, family), Span { start: 1, end: 12 });
        assert_eq!(graphemes("a\r\nb"), 3);
    }
}
