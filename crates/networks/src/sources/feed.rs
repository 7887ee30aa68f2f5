//! RSS, Atom and JSON Feed.

use std::time::Duration;

use domain::source::SourceTrouble;
use domain::{Hash, Instant};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use feed_rs::model::{Entry, Text};
use reqwest::Url;

use super::plain::{self, MAX_TEXT, MAX_TITLE};
use super::{Item, Reading, SourceError};
use crate::http::Page;

/// The deepest nesting that is read: an honest feed has about ten levels.
const MAX_DEPTH: usize = 200;

/// Reads a feed. Entities that a feed declares itself are never expanded.
pub(super) fn parse(page: &Page, now: Instant) -> Result<Reading, SourceError> {
    let (text, charset_wrong) = decode(page);
    let begin = text.trim_start_matches('\u{feff}').trim_start();
    if !begin.starts_with(['<', '{']) || is_html(begin) {
        return Err(SourceError::new(
            SourceTrouble::NotAFeed,
            mime_of(page).to_owned(),
        ));
    }
    if begin.starts_with('<') && depth(begin) > MAX_DEPTH {
        return Err(SourceError::new(SourceTrouble::Broken, "nested too deeply"));
    }
    let parser = feed_rs::parser::Builder::new()
        .base_uri(Some(page.url.as_str()))
        .build();
    let feed = parser.parse(without_declaration(begin).as_bytes());
    let feed = feed.map_err(|error| {
        use feed_rs::parser::{ParseErrorKind, ParseFeedError};
        let trouble = match &error {
            ParseFeedError::ParseError(ParseErrorKind::NoFeedRoot)
            | ParseFeedError::JsonUnsupportedVersion(_) => SourceTrouble::NotAFeed,
            _ => SourceTrouble::Broken,
        };
        SourceError::new(trouble, plain::line(&error.to_string(), 200))
    })?;
    Ok(Reading {
        title: feed
            .title
            .as_ref()
            .map(|t| words(t, 120))
            .unwrap_or_default(),
        language: feed.language.as_deref().and_then(plain::language),
        items: newest(&feed.entries)
            .into_iter()
            .filter_map(|entry| item(entry, &page.url, now))
            .collect(),
        every: feed
            .ttl
            .map(|minutes| Duration::from_secs(60 * u64::from(minutes))),
        charset_wrong,
        ..Reading::default()
    })
}

/// As many as are kept, the newest first: the others are not taken apart.
fn newest(entries: &[Entry]) -> Vec<&Entry> {
    let mut all: Vec<&Entry> = entries.iter().collect();
    // Those without a date are of now.
    all.sort_by_key(|e| {
        std::cmp::Reverse(
            e.published
                .or(e.updated)
                .map_or(i64::MAX, |at| at.timestamp()),
        )
    });
    all.truncate(super::MAX_ITEMS);
    all
}

fn item(entry: &Entry, base: &Url, now: Instant) -> Option<Item> {
    let rel = |link: &&feed_rs::model::Link| link.rel.as_deref().is_none_or(|r| r == "alternate");
    let link = entry.links.iter().find(rel);
    let url = link.and_then(|link| plain::address(&link.href, Some(base)));
    let body = entry.content.as_ref().and_then(|c| c.body.as_deref());
    let summary = entry.summary.as_ref().map(|t| t.content.as_str());
    let text = plain::of_markup(summary.or(body).unwrap_or_default(), MAX_TEXT);
    let mut title = entry
        .title
        .as_ref()
        .map(|t| words(t, MAX_TITLE))
        .unwrap_or_default();
    if title.is_empty() {
        title = plain::line(&text, 120);
    }
    if title.is_empty() {
        return None;
    }
    let said = entry.published.or(entry.updated).map(Instant::from);
    let named = match (entry.id.trim(), &url) {
        ("", Some(url)) => url.clone(),
        ("", None) => title.clone(),
        (id, _) => id.to_owned(),
    };
    Some(Item {
        key: Hash::of(named.as_bytes()),
        url,
        title,
        text,
        language: entry.language.as_deref().and_then(plain::language),
        published_at: said.map_or(now, |at| at.min(now)),
    })
}

fn words(text: &Text, max: usize) -> String {
    plain::of_markup(&text.content, max)
}

fn mime_of(page: &Page) -> &str {
    page.mime.split(';').next().unwrap_or_default().trim()
}

fn is_html(begin: &str) -> bool {
    let head = begin[..begin.floor_char_boundary(64)].to_ascii_lowercase();
    head.starts_with("<!doctype html") || head.starts_with("<html")
}

/// How deep elements lie in each other at the most, as far as counting angle brackets tells.
fn depth(xml: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for part in xml.split('<').skip(1) {
        if part.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !part.starts_with(['!', '?']) {
            let end = part.find('>').unwrap_or(part.len());
            if !part[..end].ends_with('/') {
                depth += 1;
                deepest = deepest.max(depth);
            }
        }
    }
    deepest
}

/// The XML declaration names the character set of the bytes, which are text by now.
fn without_declaration(xml: &str) -> &str {
    match xml.strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>").map_or(xml, |(_, rest)| rest),
        None => xml,
    }
}

/// The text, and whether it was not in the character set that it names: then it is read as UTF-8
/// if it is that, else as Windows-1252, in which everything is something.
pub(super) fn decode(page: &Page) -> (String, bool) {
    if let Some((marked, _)) = Encoding::for_bom(&page.bytes) {
        let (text, _, wrong) = marked.decode(&page.bytes);
        return (text.into_owned(), wrong);
    }
    let head = String::from_utf8_lossy(&page.bytes[..page.bytes.len().min(256)]);
    let declaration = head
        .trim_start()
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"))
        .map(|(declaration, _)| declaration.to_owned());
    // RFC 7303, 3.2: what the transport says goes before what the document says.
    let label = label_after(&page.mime, "charset=")
        .or_else(|| declaration.and_then(|d| label_after(&d, "encoding=")));
    let named = label
        .as_ref()
        .and_then(|l| Encoding::for_label(l.as_bytes()));
    let wrong_name = label.is_some() && named.is_none();
    let (text, _, wrong) = named.unwrap_or(UTF_8).decode(&page.bytes);
    if !wrong {
        return (text.into_owned(), wrong_name);
    }
    let text = match std::str::from_utf8(&page.bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode(&page.bytes).0.into_owned(),
    };
    (text, true)
}

fn label_after(text: &str, name: &str) -> Option<String> {
    let at = text.to_ascii_lowercase().find(name)? + name.len();
    let rest = text.get(at..)?.trim_start_matches(['"', '\'', ' ']);
    let end = rest
        .find(|c: char| matches!(c, '"' | '\'' | ';' | '?') || c.is_whitespace())
        .unwrap_or(rest.len());
    Some(rest[..end].to_owned()).filter(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Instant = Instant(1_795_424_400_000);

    fn page(mime: &str, bytes: impl Into<Vec<u8>>) -> Page {
        Page {
            url: Url::parse("https://hut.example/feed.xml").unwrap(),
            mime: mime.to_owned(),
            bytes: bytes.into(),
            whole: true,
        }
    }

    fn read(text: &str) -> Reading {
        parse(&page("application/xml", text), NOW).unwrap()
    }

    #[test]
    fn the_three_kinds_of_feeds_say_the_same() {
        let rss = r#"<?xml version="1.0"?><rss version="2.0"><channel><title>Hut &amp; pass</title>
            <language>en-gb</language><ttl>90</ttl><item><title>Late snow</title>
            <link>/snow?a=1&amp;b=2</link><guid>1</guid><description>&lt;p&gt;Nine &lt;b&gt;days&lt;/b&gt; late&lt;/p&gt;</description>
            <pubDate>Sun, 22 Nov 2026 09:00:00 GMT</pubDate></item></channel></rss>"#;
        let atom = r#"<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-gb"><title>Hut &amp; pass</title><id>hut</id>
            <updated>2026-11-22T09:00:00Z</updated><entry><title>Late snow</title><id>1</id>
            <link href="https://hut.example/snow?a=1&amp;b=2"/><summary type="html">&lt;p&gt;Nine &lt;b&gt;days&lt;/b&gt; late&lt;/p&gt;</summary>
            <published>2026-11-22T09:00:00Z</published></entry></feed>"#;
        let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"Hut & pass","language":"en-gb",
            "items":[{"id":"1","url":"https://hut.example/snow?a=1&b=2","title":"Late snow",
            "content_html":"<p>Nine <b>days</b> late</p>","date_published":"2026-11-22T09:00:00Z"}]}"#;
        for text in [rss, atom, json] {
            let reading = read(text);
            assert_eq!(reading.title, "Hut & pass", "{text}");
            assert_eq!(reading.items.len(), 1);
            let item = &reading.items[0];
            assert_eq!(item.title, "Late snow");
            assert_eq!(item.text, "Nine days late");
            assert_eq!(item.key, Hash::of(b"1"));
            assert_eq!(
                item.url.as_deref(),
                Some("https://hut.example/snow?a=1&b=2")
            );
            assert_eq!(item.published_at, "2026-11-22T09:00:00Z".parse().unwrap());
        }
        assert_eq!(read(rss).every, Some(Duration::from_secs(5_400)));
        assert_eq!(read(rss).language.as_deref(), Some("en-gb"));
    }

    #[test]
    fn times_of_the_future_are_now_and_those_without_too() {
        let reading = read(
            "<rss version='2.0'><channel><title>x</title><item><title>a</title><pubDate>Sun, 22 Nov 2099 \
             09:00:00 GMT</pubDate></item><item><title>b</title><pubDate>soon</pubDate></item></channel></rss>",
        );
        assert!(reading.items.iter().all(|i| i.published_at == NOW));
        assert_eq!(reading.items.len(), 2);
    }

    #[test]
    fn entities_of_a_feed_are_not_expanded() {
        let mut bomb = String::from("<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY l0 \"ha\">");
        for n in 1..20 {
            let before = format!("&l{};", n - 1).repeat(10);
            bomb.push_str(&format!("<!ENTITY l{n} \"{before}\">"));
        }
        bomb.push_str(
            "<!ENTITY secret SYSTEM \"file:///etc/passwd\">]><rss version=\"2.0\"><channel>\
             <title>x</title><item><title>a &l19; &secret;</title></item></channel></rss>",
        );
        // Refused or read without them, but never grown.
        if let Ok(reading) = parse(&page("text/xml", bomb), NOW) {
            let title = &reading.items[0].title;
            assert!(
                title.chars().count() <= MAX_TITLE + 1 && !title.contains("haha"),
                "{title}"
            );
            assert!(!title.contains("root:"), "{title}");
        }
    }

    #[test]
    fn what_is_nested_without_end_is_refused() {
        let deep = format!("<rss version='2.0'><channel>{}", "<a>".repeat(200_000));
        let error = parse(&page("text/xml", deep), NOW).unwrap_err();
        assert_eq!(error.trouble, SourceTrouble::Broken);
    }

    #[test]
    fn a_page_is_no_feed_and_half_a_feed_is_broken() {
        for (text, trouble) in [
            (
                "<!DOCTYPE html><html><body>hi</body></html>",
                SourceTrouble::NotAFeed,
            ),
            ("plain words", SourceTrouble::NotAFeed),
            ("", SourceTrouble::NotAFeed),
            ("{\"a\": 1}", SourceTrouble::Broken),
            ("<opml version='2.0'/>", SourceTrouble::NotAFeed),
            (
                "<rss version='2.0'><channel><item><title>a</titel>",
                SourceTrouble::Broken,
            ),
        ] {
            let error = parse(&page("text/xml", text), NOW).unwrap_err();
            assert_eq!(error.trouble, trouble, "{text}");
        }
    }

    #[test]
    fn the_character_set_is_believed_unless_the_bytes_say_otherwise() {
        let feed = |encoding: &str, title: &[u8]| {
            let mut bytes = format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?><rss version=\"2.0\"><channel><title>").into_bytes();
            bytes.extend_from_slice(title);
            bytes.extend_from_slice(b"</title></channel></rss>");
            bytes
        };
        for (mime, bytes, wrong) in [
            ("text/xml", feed("iso-8859-1", b"Gr\xfc\xdfe"), false),
            ("text/xml", feed("utf-8", "Grüße".as_bytes()), false),
            (
                "text/xml; charset=utf-8",
                feed("iso-8859-1", "Grüße".as_bytes()),
                false,
            ),
            ("text/xml", feed("utf-8", b"Gr\xfc\xdfe"), true),
            ("text/xml", feed("klingon", "Grüße".as_bytes()), true),
        ] {
            let reading = parse(&page(mime, bytes), NOW).unwrap();
            assert_eq!(
                (reading.title.as_str(), reading.charset_wrong),
                ("Grüße", wrong)
            );
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..300), xml in any::<bool>()) {
            let mut all = if xml { b"<rss version='2.0'><channel><item><title>".to_vec() } else { b"{".to_vec() };
            all.extend(bytes);
            let _ = parse(&page("text/xml", all), NOW);
        }
    }
}
