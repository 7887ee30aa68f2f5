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

/// The longest start of `text` that ends between grapheme clusters and fits.
fn longest_fitting(text: &str, fits: &dyn Fn(&str) -> bool) -> usize {
    let ends: Vec<usize> = text
        .grapheme_indices(true)
        .map(|(at, cluster)| at + cluster.len())
        .collect();
    // Fitting is not strictly monotonic where links count a fixed length, so the search is only a
    // guess that is then corrected downwards.
    let mut low = 0;
    let mut high = ends.len();
    while low < high {
        let middle = low + (high - low) / 2;
        if fits(text[..ends[middle]].trim_end()) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let mut index = low.saturating_sub(1).min(ends.len().saturating_sub(1));
    while index > 0 && !fits(text[..ends[index]].trim_end()) {
        index -= 1;
    }
    ends.get(index).copied().unwrap_or(text.len())
}
