//! How each network writes links, mentions and hashtags.

use std::ops::Range;

use super::{is_punctuation, links, tlds, web_urls};

/// Something in a text that means more than its letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Bytes.
    pub at: Range<usize>,
    /// What it is.
    pub kind: SpotKind,
}

/// Kinds of [`Spot`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpotKind {
    /// A link, with its scheme.
    Link(String),
    /// A handle without `@`.
    Mention(String),
    /// A hashtag without `#`.
    Tag(String),
}

/// Sorted, with links winning over what overlaps them.
fn settled(links: Vec<Spot>, others: impl IntoIterator<Item = Spot>) -> Vec<Spot> {
    let mut all = links;
    for spot in others {
        let free = all
            .iter()
            .all(|s| s.at.end <= spot.at.start || spot.at.end <= s.at.start);
        if free {
            all.push(spot);
        }
    }
    all.sort_by_key(|s| s.at.start);
    all
}

fn prose_links(text: &str) -> Vec<Spot> {
    links::find(text)
        .into_iter()
        .map(|link| Spot {
            at: link.at,
            kind: SpotKind::Link(link.url),
        })
        .collect()
}

fn web_links(text: &str, bare: bool) -> Vec<Spot> {
    web_urls::find(text, bare)
        .into_iter()
        .map(|url| {
            let written = &text[url.start..url.end];
            Spot {
                at: url.start..url.end,
                kind: SpotKind::Link(if url.has_scheme {
                    written.to_owned()
                } else {
                    format!("https://{written}")
                }),
            }
        })
        .collect()
}

/// Only links.
#[must_use]
pub fn plain(text: &str) -> Vec<Spot> {
    prose_links(text)
}

/// Bluesky: `@name.example.org`, `#tag`, links.
#[must_use]
pub fn bluesky(text: &str) -> Vec<Spot> {
    let mentions = starts(text, &['@'], |c| c.is_whitespace() || c == '(').filter_map(|at| {
        let run = text[at + 1..]
            .bytes()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
            .count();
        let handle = text[at + 1..at + 1 + run].trim_end_matches(['.', '-']);
        is_handle(handle).then(|| Spot {
            at: at..at + 1 + handle.len(),
            kind: SpotKind::Mention(handle.to_owned()),
        })
    });
    let tags = starts(text, &['#', '＃'], char::is_whitespace)
        .filter_map(|at| tag_to_white_space(text, at));
    settled(prose_links(text), mentions.chain(tags))
}

/// An AT Protocol handle: at least two labels, the last a top-level domain (or `test`, which
/// test servers use).
fn is_handle(handle: &str) -> bool {
    let fine = handle.len() <= 253
        && handle
            .split('.')
            .all(|l| !l.is_empty() && l.len() <= 63 && !l.starts_with('-') && !l.ends_with('-'));
    fine && handle
        .rsplit_once('.')
        .is_some_and(|(_, tld)| tlds::is_tld(tld) || tld == "test")
}

/// Bluesky's tags go to the next white space, lose punctuation at their end, and are not only
/// digits and punctuation.
fn tag_to_white_space(text: &str, at: usize) -> Option<Spot> {
    let sign = text[at..].chars().next()?.len_utf8();
    let rest = &text[at + sign..];
    let run: usize = rest
        .chars()
        .take_while(|c| {
            !c.is_whitespace()
                && !matches!(
                    c,
                    '\u{ad}' | '\u{2060}' | '\u{200a}'..='\u{200d}' | '\u{20e2}' | '\u{feff}'
                )
        })
        .map(char::len_utf8)
        .sum();
    let tag = rest[..run].trim_end_matches(is_punctuation);
    let says = tag
        .chars()
        .any(|c| !c.is_numeric() && !is_punctuation(c) && c != '\u{fe0f}');
    (says && !tag.starts_with(['\u{fe0f}', '\u{20e3}'])).then(|| Spot {
        at: at..at + sign + tag.len(),
        kind: SpotKind::Tag(tag.to_owned()),
    })
}

/// X: `@name`, `#tag`, links with or without scheme.
#[must_use]
pub fn x(text: &str) -> Vec<Spot> {
    let mentions = starts(text, &['@', '＠'], |c| {
        !(c.is_alphanumeric() || matches!(c, '_' | '!' | '#' | '$' | '%' | '&' | '*' | '@' | '＠'))
    })
    .filter_map(|at| {
        let sign = text[at..].chars().next()?.len_utf8();
        let name = at + sign;
        let run = text[name..]
            .bytes()
            .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
            .count();
        let next = text[name + run..].chars().next();
        let ends = next.is_none_or(|c| !(c == '@' || c.is_alphabetic()));
        ((1..=15).contains(&run) && ends).then(|| Spot {
            at: at..name + run,
            kind: SpotKind::Mention(text[name..name + run].to_owned()),
        })
    });
    settled(web_links(text, true), mentions.chain(word_tags(text)))
}

/// Mastodon: `@user`, `@user@host`, `#tag`, links with a scheme.
#[must_use]
pub fn mastodon(text: &str) -> Vec<Spot> {
    settled(
        web_links(text, false),
        mastodon_mentions(text).chain(word_tags(text)),
    )
}

fn mastodon_mentions(text: &str) -> impl Iterator<Item = Spot> {
    starts(text, &['@'], |c| {
        !(c.is_alphanumeric() || matches!(c, '_' | '=' | '/'))
    })
    .filter_map(|at| {
        let user = at + 1;
        let user_length = name_length(&text[user..], |c| {
            c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
        });
        if user_length == 0 {
            return None;
        }
        let mut end = user + user_length;
        if text[end..].starts_with('@') {
            let host = name_length(&text[end + 1..], |c| {
                c.is_alphanumeric() || matches!(c, '_' | '.' | '-')
            });
            if host > 1 {
                end += 1 + host;
            }
        }
        Some(Spot {
            at: at..end,
            kind: SpotKind::Mention(text[user..end].to_owned()),
        })
    })
}

/// A run of `inside` that begins and ends with a letter, digit or underscore.
fn name_length(rest: &str, inside: impl Fn(char) -> bool) -> usize {
    let run: usize = rest
        .chars()
        .take_while(|c| inside(*c))
        .map(char::len_utf8)
        .sum();
    let name = rest[..run].trim_end_matches(['.', '-']);
    if name.starts_with(['.', '-']) {
        0
    } else {
        name.len()
    }
}

/// Hashtags of letters, digits and underscores, at least one of them no digit.
fn word_tags(text: &str) -> impl Iterator<Item = Spot> {
    starts(text, &['#', '＃'], |c| {
        !(c.is_alphanumeric() || matches!(c, '_' | '&' | '/' | '='))
    })
    .filter_map(|at| {
        let sign = text[at..].chars().next()?.len_utf8();
        let rest = &text[at + sign..];
        let run: usize = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '·' | '・' | '\u{200c}'))
            .map(char::len_utf8)
            .sum();
        let tag = &rest[..run];
        tag.chars().any(char::is_alphabetic).then(|| Spot {
            at: at..at + sign + run,
            kind: SpotKind::Tag(tag.to_owned()),
        })
    })
}

/// Where one of `signs` stands at the start or after a character that `may_precede` allows.
fn starts(
    text: &str,
    signs: &'static [char],
    may_precede: impl Fn(char) -> bool,
) -> impl Iterator<Item = usize> {
    text.match_indices(signs)
        .map(|(at, _)| at)
        .filter(move |at| text[..*at].chars().next_back().is_none_or(&may_precede))
}

/// Mastodon's length: a link counts `link`, `@user@host` counts its user part, the rest in
/// grapheme clusters (Mastodon's `StatusLengthValidator`).
#[must_use]
pub fn mastodon_length(text: &str, link: u32) -> u32 {
    let mut total = 0_u32;
    let mut kept = String::with_capacity(text.len());
    let mut at = 0;
    for spot in mastodon(text) {
        match &spot.kind {
            SpotKind::Link(_) => {
                kept.push_str(&text[at..spot.at.start]);
                // A place-holder letter keeps what stands around the link apart.
                kept.push('x');
                total = total.saturating_add(link.saturating_sub(1));
                at = spot.at.end;
            }
            SpotKind::Mention(name) => {
                if let Some((user, _)) = name.split_once('@') {
                    kept.push_str(&text[at..spot.at.start]);
                    kept.push('@');
                    kept.push_str(user);
                    at = spot.at.end;
                }
            }
            SpotKind::Tag(_) => {}
        }
    }
    kept.push_str(&text[at..]);
    total.saturating_add(super::graphemes(&kept))
}

#[cfg(test)]
mod tests;
