//! Plain text out of what strangers write.

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
    let spaced = markup
        .replace("<br", " <br")
        .replace("</p>", " </p>")
        .replace("</li>", " </li>")
        .replace("</div>", " </div>");
    let document = dom_query::Document::from(spaced.as_str());
    for unseen in [
        "script",
        "style",
        "template",
        "noscript",
        "iframe",
        "[hidden]",
        "[aria-hidden=true]",
        "[style*='display:none']",
        "[style*='display: none']",
        "[style*='visibility:hidden']",
        "[style*='visibility: hidden']",
        "[style*='font-size:0']",
        "[style*='font-size: 0']",
    ] {
        document.select(unseen).remove();
    }
    line(&document.text(), max)
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
        assert_eq!(line("a\u{0}b\r\n  c", 100), "a b c");
        assert_eq!(line("abcdef", 3), "abc…");
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
