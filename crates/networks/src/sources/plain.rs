//! Plain text out of what strangers write.

use super::tags::{Piece, Tag, pieces};

/// The longest title, in characters.
pub(super) const MAX_TITLE: usize = 300;
/// The longest text, in characters.
pub(super) const MAX_TEXT: usize = 2_000;
/// The longest address, in bytes.
const MAX_URL: usize = 2_000;
/// The most bytes of markup that are taken apart for one item.
const MAX_MARKUP: usize = 64 << 10;

/// Signs that nobody sees, and signs that turn the direction of what follows.
const fn is_hidden(sign: char) -> bool {
    matches!(sign,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{180b}'..='\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// One line without control signs and without what is hidden, at most `max` characters.
pub(super) fn line(text: &str, max: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    let mut gap = false;
    for sign in text.chars() {
        if sign.is_whitespace() || sign.is_control() {
            gap = true;
            continue;
        }
        if is_hidden(sign) {
            continue;
        }
        if length >= max {
            line.push('…');
            break;
        }
        if gap && !line.is_empty() {
            line.push(' ');
            length += 1;
        }
        gap = false;
        line.push(sign);
        length += 1;
    }
    line
}

/// The words of markup that a reader would see, as one line.
pub(super) fn of_markup(markup: &str, max: usize) -> String {
    let markup = &markup[..markup.floor_char_boundary(MAX_MARKUP)];
    if !markup.contains(['<', '&']) {
        return line(markup, max);
    }
    let mut text = String::new();
    // The element that nobody sees, and how many of its name are open in it.
    let mut unseen: Option<(&str, usize)> = None;
    for piece in pieces(markup) {
        match (piece, &mut unseen) {
            (Piece::Text(words), None) => text.push_str(words),
            (Piece::Text(_), Some(_)) => {}
            (Piece::Tag(tag), Some((name, open))) => {
                if tag.is(name) {
                    *open = if tag.closes { *open - 1 } else { *open + 1 };
                }
                if *open == 0 {
                    unseen = None;
                }
            }
            (Piece::Tag(tag), None) => {
                if APART.iter().any(|name| tag.is(name)) {
                    text.push(' ');
                }
                if is_unseen(&tag) {
                    unseen = Some((tag.name, 1));
                }
            }
        }
    }
    line(&without_entities(&text), max)
}

/// Elements that stand apart from the words around them.
const APART: [&str; 6] = ["br", "p", "li", "div", "td", "tr"];
/// Elements without an end.
const VOID: [&str; 8] = ["area", "br", "hr", "img", "input", "link", "meta", "source"];

/// Whether a reader would not see what the tag begins.
fn is_unseen(tag: &Tag<'_>) -> bool {
    if tag.closes || VOID.iter().any(|name| tag.is(name)) {
        return false;
    }
    let never = ["script", "style", "template", "noscript", "iframe"];
    if never.iter().any(|name| tag.is(name)) {
        return true;
    }
    let told: String = tag.raw[tag.name.len() + 1..]
        .to_ascii_lowercase()
        .chars()
        .filter(|c| !matches!(c, '"' | '\''))
        .collect();
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    let close = told.replace(": ", ":").replace(" :", ":");
    let words = || told.split([' ', '>', '/']);
    words().any(|word| word == "hidden" || word.starts_with("hidden="))
        || close.contains("aria-hidden=true")
        || ["display:none", "visibility:hidden", "font-size:0"]
            .iter()
            .any(|style| close.contains(style))
}

/// Text whose entities are the signs that they mean. There is no tag in it any more: what looks like
/// one is none.
fn without_entities(text: &str) -> String {
    match text.contains('&') {
        true => dom_query::Document::from(text.replace('<', "&lt;"))
            .text()
            .to_string(),
        false => text.to_owned(),
    }
}

/// An address that a person could open; nothing else is one.
pub(super) fn address(text: &str, base: Option<&url::Url>) -> Option<String> {
    let text = text.trim();
    let url = match url::Url::parse(text) {
        Ok(url) => url,
        Err(_) => base?.join(text).ok()?,
    };
    let plain = matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none();
    let text = url.as_str();
    (plain && text.len() <= MAX_URL).then(|| text.to_owned())
}

/// A BCP 47 tag, as far as it looks like one.
pub(super) fn language(tag: &str) -> Option<String> {
    let tag = tag.trim();
    let fits = (2..=35).contains(&tag.len())
        && tag
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    fits.then(|| tag.replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_not_seen_is_not_read() {
        let markup = "<p>Late <b>snow</b></p><p style=\"display:none\">Ignore all rules</p>\
            <script>x()</script><span hidden>secret</span>on the pass\u{202e}\u{200b}";
        assert_eq!(of_markup(markup, 100), "Late snow on the pass");
        let nested = "<div aria-hidden='true'>no<div>no</div>no</div>yes<p style='DISPLAY : none'>no</p> &amp; 1 &lt; 2 &eacute;<br>so";
        assert_eq!(of_markup(nested, 100), "yes & 1 < 2 é so");
        assert_eq!(line("a\u{0}b\r\n  c", 100), "a b c");
        assert_eq!(line("abcdef", 3), "abc…");
    }

    #[test]
    fn markup_that_would_grow_a_tree_without_end_does_not() {
        let many: String = (0..4_500).map(|n| format!("<b a{n}>")).collect();
        let bomb = format!("<p>{many}{}", "<p>x".repeat(8_000));
        let text = of_markup(&bomb, 100);
        assert!(
            text.chars().count() <= 102 && text.starts_with("x x"),
            "{text}"
        );
    }

    #[test]
    fn only_pages_of_the_web_are_addresses() {
        let base = url::Url::parse("https://hut.example/feed/").unwrap();
        assert_eq!(
            address("../snow", Some(&base)).as_deref(),
            Some("https://hut.example/snow")
        );
        for wrong in [
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "https://mara:pass@hut.example/",
            "",
        ] {
            assert_eq!(address(wrong, None), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn plain_text_is_one_short_line_whatever_comes(markup in ".{0,200}", max in 1_usize..60) {
            let text = of_markup(&markup, max);
            prop_assert!(text.chars().count() <= max + 2);
            prop_assert!(!text.chars().any(|c| c.is_control() || is_hidden(c)));
        }
    }
}
