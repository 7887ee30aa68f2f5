//! Emoji sequences (UTS #51).

use super::unicode_table::{MODIFIER_BASE, PICTOGRAPHIC};
use super::within;

const fn is_regional(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

const fn is_modifier(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

const fn may_continue(c: char) -> bool {
    matches!(
        c,
        '\u{200d}' | '\u{20e3}' | '\u{fe0f}' | '\u{e0020}'..='\u{e007f}'
    ) || is_modifier(c)
        || is_regional(c)
}

/// How many bytes the emoji sequence of several characters at the start of `text` has; 0 when
/// there is none. A single character is not a sequence, and neither is one that asks for text
/// style (U+FE0E).
#[must_use]
pub fn sequence(text: &str) -> usize {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return 0 };
    let rest = chars.as_str();
    // Whatever follows decides: most characters are followed by none of these.
    if !rest.starts_with(may_continue) {
        return 0;
    }
    if matches!(first, '0'..='9' | '#' | '*') {
        let keycap = rest.strip_prefix('\u{fe0f}').unwrap_or(rest);
        return match keycap.strip_prefix('\u{20e3}') {
            Some(after) => text.len() - after.len(),
            None => 0,
        };
    }
    if is_regional(first) {
        return match chars.next() {
            Some(second) if is_regional(second) => first.len_utf8() + second.len_utf8(),
            _ => 0,
        };
    }
    let one = element(text);
    if one == 0 {
        return 0;
    }
    let mut end = one;
    while let Some(joined) = text[end..].strip_prefix('\u{200d}') {
        let next = element(joined);
        if next == 0 {
            break;
        }
        end += '\u{200d}'.len_utf8() + next;
    }
    if end == first.len_utf8() { 0 } else { end }
}

/// One picture with what changes its look: a variation selector, a skin tone, a flag's tags.
fn element(text: &str) -> usize {
    let Some(first) = text.chars().next() else {
        return 0;
    };
    if !within(PICTOGRAPHIC, first) {
        return 0;
    }
    let mut end = first.len_utf8();
    match text[end..].chars().next() {
        Some('\u{fe0e}') => return 0,
        Some(look @ '\u{fe0f}') => end += look.len_utf8(),
        Some(tone) if is_modifier(tone) && within(MODIFIER_BASE, first) => end += tone.len_utf8(),
        _ => {}
    }
    let tags: usize = text[end..]
        .chars()
        .take_while(|c| matches!(c, '\u{e0020}'..='\u{e007f}'))
        .map(char::len_utf8)
        .sum();
    end + tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_taken_whole() {
        for whole in ["👩🏽‍❤️‍👨🏿", "🇩🇪", "1️⃣", "#⃣", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🧑‍🦰", "©️"]
        {
            assert_eq!(sequence(&format!("{whole}x")), whole.len(), "{whole}");
        }
    }

    #[test]
    fn single_characters_and_text_style_are_no_sequences() {
        for none in ["☺", "☺\u{fe0e}", "a\u{fe0f}", "1", "🇩", "👨\u{200d}x", ""] {
            assert_eq!(sequence(none), 0, "{none}");
        }
    }
}
