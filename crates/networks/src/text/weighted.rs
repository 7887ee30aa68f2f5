//! X's weighted length: twitter-text configuration v3.
//!
//! The text is counted in NFC. Any link is 23; an emoji sequence is 2; a character of the listed
//! ranges is 1, any other is 2. Newer emoji than twitter-text 3.1 knows are counted as sequences
//! too, as X's own composer does.

use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use super::{emoji, web_urls};

/// What a link counts where the rule pack says nothing.
pub const LINK: u32 = 23;

/// The weighted length of `text`.
#[must_use]
pub fn count(text: &str, link: u32) -> u32 {
    if is_nfc(text) {
        count_nfc(text, link)
    } else {
        count_nfc(&text.nfc().collect::<String>(), link)
    }
}

fn count_nfc(text: &str, link: u32) -> u32 {
    let mut total = 0_u32;
    let mut at = 0;
    for url in web_urls::find(text, true) {
        total = total
            .saturating_add(plain(&text[at..url.start]))
            .saturating_add(link);
        at = url.end;
    }
    total.saturating_add(plain(&text[at..]))
}

fn plain(text: &str) -> u32 {
    let mut total = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        // Most text: no sequence begins with an ASCII character that another one follows.
        if c.is_ascii() && rest.as_bytes().get(1).is_none_or(u8::is_ascii) {
            total += 1;
            rest = &rest[1..];
            continue;
        }
        let sequence = emoji::sequence(rest);
        if sequence > 0 {
            total += 2;
            rest = &rest[sequence..];
        } else {
            total += weight(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    total
}

const fn weight(c: char) -> u32 {
    match c as u32 {
        0..=0x10ff | 0x2000..=0x200d | 0x2010..=0x201f | 0x2032..=0x2037 => 1,
        _ => 2,
    }
}
