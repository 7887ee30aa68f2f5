//! Links as readers see them, for networks without a grammar of their own for links.

use std::ops::Range;

use linkify::{LinkFinder, LinkKind};

use super::tlds;

/// A link in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Bytes.
    pub at: Range<usize>,
    /// Where it leads, with its scheme.
    pub url: String,
}

/// All `http(s)` links in `text`, and names such as `example.org/page` whose end is a known
/// top-level domain.
#[must_use]
pub fn find(text: &str) -> Vec<Link> {
    if !text.contains('.') && !text.contains("://") {
        return Vec::new();
    }
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]).url_must_have_scheme(false);
    finder
        .links(text)
        .filter_map(|link| {
            let opened = link.as_str().trim_start_matches(OPENING);
            let start = link.end() - opened.len();
            let written = ends_before_quotes(opened);
            let url = if has_web_scheme(written) {
                written.to_owned()
            } else if is_bare(text, start, written) {
                format!("https://{written}")
            } else {
                return None;
            };
            url::Url::parse(&url).ok()?.host_str()?;
            Some(Link {
                at: start..start + written.len(),
                url,
            })
        })
        .collect()
}

/// What may stand right before a link.
const OPENING: [char; 11] = ['(', '[', '"', '“', '„', '«', '‘', '（', '「', '『', '：'];

/// What no address contains unescaped, although it is no ASCII: typographic quotation marks and
/// full-width punctuation, which languages without spaces put right behind a link.
fn ends_before_quotes(written: &str) -> &str {
    let end = written
        .find([
            '“', '”', '„', '«', '»', '‘', '’', '。', '、', '，', '！', '？', '：', '；', '（',
            '）', '「', '」', '『', '』', '【', '】', '《', '》',
        ])
        .unwrap_or(written.len());
    written[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '"'])
}

fn has_web_scheme(written: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        written
            .get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

fn is_bare(text: &str, start: usize, written: &str) -> bool {
    let opens = text[..start]
        .chars()
        .next_back()
        .is_none_or(|c| c.is_whitespace() || OPENING.contains(&c));
    let host = written
        .split(['/', '?', '#', ':'])
        .next()
        .unwrap_or_default();
    let begins_with_letter = host.starts_with(|c: char| c.is_alphanumeric());
    opens
        && begins_with_letter
        && !written.contains("://")
        && host
            .rsplit_once('.')
            .is_some_and(|(name, tld)| !name.is_empty() && tlds::is_tld(tld))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urls(text: &str) -> Vec<String> {
        find(text).into_iter().map(|l| l.url).collect()
    }

    #[test]
    fn links_end_where_a_reader_says_so() {
        assert_eq!(
            urls("See https://example.org/a_(b). And (https://example.com/x), “example.net/y”!"),
            [
                "https://example.org/a_(b)",
                "https://example.com/x",
                "https://example.net/y"
            ]
        );
        assert_eq!(urls("HTTPS://Example.org"), ["HTTPS://Example.org"]);
        assert_eq!(
            urls("見て：https://example.jp/a。次"),
            ["https://example.jp/a"]
        );
    }

    #[test]
    fn names_of_files_and_mail_addresses_are_no_links() {
        for text in [
            "node.js",
            "a.b",
            "mail me@example.org",
            "ftp://example.org",
            "x.y.z",
            "1.2.3",
            "@alice.example.com",
            "end.Of",
        ] {
            assert_eq!(urls(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn places_are_bytes() {
        let text = "Grüße 🎉 https://example.org/ü!";
        let link = &find(text)[0];
        assert_eq!(&text[link.at.clone()], "https://example.org/ü");
    }
}
