//! Splitting a text into a thread.

use unicode_segmentation::UnicodeSegmentation as _;

/// Splits `text` into parts that each fit, at paragraphs, else sentences, else words, else
/// grapheme clusters. White space at the seams is dropped; nothing else is. `fits` must say yes
/// to a single grapheme cluster, and to any part of what it says yes to.
pub fn split(text: &str, fits: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut rest = text.trim();
    let mut parts = Vec::new();
    while !rest.is_empty() {
        if fits(rest) {
            parts.push(rest.to_owned());
            break;
        }
        let end = best_end(rest, fits);
        parts.push(rest[..end].trim_end().to_owned());
        rest = rest[end..].trim_start();
    }
    if parts.is_empty() {
        parts.push(String::new());
    }
    parts
}

/// Where the first part of `text`, which does not fit as a whole, ends.
fn best_end(text: &str, fits: &dyn Fn(&str) -> bool) -> usize {
    let longest = longest_fitting(text, fits);
    let head = &text[..longest];
    // A seam in the first third would leave a stump: rather break inside a paragraph.
    let stump = longest / 3;
    let paragraph = head.rfind("\n\n").filter(|at| *at > stump);
    let sentence = || {
        text.split_sentence_bound_indices()
            .map(|(at, _)| at)
            .take_while(|at| *at <= longest)
            .filter(|at| *at > stump && fits(text[..*at].trim_end()))
            .last()
    };
    let word = || {
        text.char_indices()
            .take_while(|(at, _)| *at <= longest)
            .filter(|(at, c)| c.is_whitespace() && *at > 0)
            .map(|(at, _)| at)
            .filter(|at| fits(text[..*at].trim_end()))
            .last()
    };
    paragraph
        .filter(|at| fits(text[..*at].trim_end()))
        .or_else(sentence)
        .or_else(word)
        .unwrap_or(longest)
}

/// The longest start of `text` that ends between grapheme clusters and fits; at least one
/// cluster.
pub(crate) fn longest_fitting(text: &str, fits: &dyn Fn(&str) -> bool) -> usize {
    let mut clusters = text.grapheme_indices(true);
    let mut ends: Vec<usize> = Vec::new();
    // Twice as far each time: what lies far behind the limit is never counted.
    let mut reach = 256;
    loop {
        ends.extend(
            clusters
                .by_ref()
                .take(reach - ends.len())
                .map(|(at, c)| at + c.len()),
        );
        let last = ends.last().copied().unwrap_or(0);
        if last == text.len() || !fits(text[..last].trim_end()) {
            break;
        }
        reach *= 2;
    }
    // Fitting is not strictly monotonic where links count a fixed length, so the search is a
    // guess that is then corrected.
    let found = ends.partition_point(|end| fits(text[..*end].trim_end()));
    let mut index = found.saturating_sub(1);
    while index > 0 && !fits(text[..ends[index]].trim_end()) {
        index -= 1;
    }
    while index + 1 < ends.len() && fits(text[..ends[index + 1]].trim_end()) {
        index += 1;
    }
    ends.get(index).copied().unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::graphemes;

    fn parts(text: &str, max: u32) -> Vec<String> {
        split(text, &|part| graphemes(part) <= max)
    }

    #[test]
    fn it_splits_at_paragraphs_then_sentences_then_words() {
        assert_eq!(parts("short", 10), ["short"]);
        assert_eq!(
            parts("One one.\n\nTwo two. More", 14),
            ["One one.", "Two two. More"]
        );
        assert_eq!(
            parts("One two. Three four. Five", 22),
            ["One two. Three four.", "Five"]
        );
        assert_eq!(parts("one two three four", 9), ["one two", "three", "four"]);
        assert_eq!(parts("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(parts("  ", 4), [""]);
    }

    #[test]
    fn a_character_that_readers_see_as_one_is_never_cut() {
        assert_eq!(parts(&"👩‍👩‍👧‍👦".repeat(3), 2), ["👩‍👩‍👧‍👦👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"]);
    }
}
