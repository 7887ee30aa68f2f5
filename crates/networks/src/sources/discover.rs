//! Feeds of a site's address.

use domain::Instant;
use domain::source::{Feed, MAX_ADDRESS, SourceKind};
use reqwest::Url;
use reqwest::header::ACCEPT;

use super::tags::{Piece, pieces};
use super::{FEEDS, SourceError, Sources, feed, plain, refused};
use domain::source::SourceTrouble;

/// The most feeds of a site that are named.
const MOST: usize = 20;
/// Where feeds usually are, on sites that do not say.
const USUAL: [&str; 4] = ["/feed", "/feed.xml", "/rss.xml", "/atom.xml"];
/// What a page calls its feeds.
const TYPES: [&str; 4] = [
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
];

/// A feed that a site has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFeed {
    /// Where and what it is.
    pub feed: Feed,
    /// As the site or it itself calls it; may be empty.
    pub title: String,
}

impl Sources {
    /// The feeds behind an address as a person typed it: itself if it is one, else those that the
    /// page names, else those at the usual places.
    ///
    /// # Errors
    /// With what is wrong when the address does not answer.
    pub async fn discover(&self, typed: &str, now: Instant) -> Result<Vec<FoundFeed>, SourceError> {
        let url = typed_address(typed)?;
        let accept = format!("text/html;q=0.9, {FEEDS}");
        let answer = self.fetch(url, &[(ACCEPT, accept)]).await?;
        refused(&answer)?;
        let page = &answer.page;
        if let Ok(reading) = feed::parse(page, now) {
            return Ok(vec![FoundFeed {
                feed: of(page.url.as_str()),
                title: reading.title,
            }]);
        }
        let named = named(&feed::decode(page).0, &page.url);
        if !named.is_empty() {
            return Ok(named);
        }
        for path in USUAL {
            let Ok(url) = page.url.join(path) else {
                continue;
            };
            let Ok(answer) = self.fetch(url, &[(ACCEPT, FEEDS.to_owned())]).await else {
                continue;
            };
            if refused(&answer).is_ok()
                && let Ok(reading) = feed::parse(&answer.page, now)
            {
                return Ok(vec![FoundFeed {
                    feed: of(answer.page.url.as_str()),
                    title: reading.title,
                }]);
            }
        }
        Ok(vec![])
    }
}

fn of(address: &str) -> Feed {
    Feed {
        kind: SourceKind::Feed,
        address: address.to_owned(),
        tag: String::new(),
    }
}

/// An address as people type it, also with the `feed:` of old readers.
fn typed_address(typed: &str) -> Result<Url, SourceError> {
    let wrong = || SourceError::new(SourceTrouble::NotAFeed, "no address");
    let typed = typed.trim();
    let typed = typed.strip_prefix("feed://").unwrap_or(typed);
    let typed = typed.strip_prefix("feed:").unwrap_or(typed);
    if typed.is_empty() || typed.len() > MAX_ADDRESS {
        return Err(wrong());
    }
    let full = match typed.contains("://") {
        true => typed.to_owned(),
        false => format!("https://{typed}"),
    };
    let address = plain::address(&full, None).ok_or_else(wrong)?;
    Url::parse(&address).map_err(|_| wrong())
}

/// The feeds that a page names in its head.
fn named(html: &str, base: &Url) -> Vec<FoundFeed> {
    let head = &html[..html.floor_char_boundary(HEAD)];
    let links = pieces(head).filter_map(|piece| match piece {
        Piece::Tag(tag) if tag.is("link") && !tag.closes => Some(tag.raw),
        _ => None,
    });
    let mut found: Vec<FoundFeed> = Vec::new();
    for tag in links.filter(|tag| tag.len() <= LINK).take(LINKS) {
        let document = dom_query::Document::from(tag);
        let link = document.select_single("link");
        let attribute = |name: &str| link.attr(name).unwrap_or_default().trim().to_owned();
        let is_other_form = attribute("rel")
            .split_whitespace()
            .any(|rel| rel.eq_ignore_ascii_case("alternate"));
        let mime = attribute("type").to_ascii_lowercase();
        if !is_other_form || !TYPES.contains(&mime.as_str()) {
            continue;
        }
        let Some(address) = plain::address(&attribute("href"), Some(base)) else {
            continue;
        };
        if found.iter().any(|known| known.feed.address == address) {
            continue;
        }
        found.push(FoundFeed {
            feed: of(&address),
            title: plain::line(&attribute("title"), 120),
        });
        if found.len() == MOST {
            break;
        }
    }
    found
}

/// How much of a page is looked through, bytes.
const HEAD: usize = 256 << 10;
/// How many links of it, and how long each may be, bytes.
const LINKS: usize = 200;
const LINK: usize = 4 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_its_feeds_once_each() {
        let base = Url::parse("https://hut.example/blog/").unwrap();
        let html = r#"<head><link rel="alternate" type="application/rss+xml" title="News" href="feed.xml">
            <link rel="Alternate" type="application/atom+xml" href="https://hut.example/blog/feed.xml">
            <link rel="stylesheet" type="text/css" href="x.css">
            <link rel="alternate" type="application/atom+xml" href="javascript:x()">
            <link rel="alternate" type="application/feed+json" href="/feed.json"></head>"#;
        let addresses: Vec<_> = named(html, &base)
            .into_iter()
            .map(|f| (f.feed.address, f.title))
            .collect();
        assert_eq!(
            addresses,
            [
                ("https://hut.example/blog/feed.xml".into(), "News".into()),
                ("https://hut.example/feed.json".into(), String::new())
            ]
        );
    }

    #[test]
    fn an_address_may_be_typed_in_many_ways() {
        for typed in [
            "hut.example",
            "https://hut.example/",
            "feed://hut.example",
            " feed:https://hut.example",
        ] {
            assert_eq!(
                typed_address(typed).unwrap().as_str(),
                "https://hut.example/",
                "{typed}"
            );
        }
        for wrong in [
            "",
            "ftp://hut.example",
            "https://a:b@hut.example",
            "javascript:alert(1)",
        ] {
            assert!(typed_address(wrong).is_err(), "{wrong}");
        }
    }
}
