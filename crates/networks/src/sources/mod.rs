//! Sources: feeds, and lists of posts that networks publish for everybody, read politely.
//!
//! Everything here comes from strangers. It is cut to size, freed of markup and of signs that
//! nobody sees, and handed over as plain text; addresses are `http` or `https` or absent.

mod bluesky;
mod discover;
mod feed;
mod mastodon;
mod opml;
mod plain;
mod polite;
mod robots;
mod tags;

use std::time::Duration;

use domain::source::{Feed, SourceKind, SourceTrouble};
use domain::{Hash, Instant};
use reqwest::Url;
use reqwest::header::{
    ACCEPT, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
    RETRY_AFTER,
};

pub use discover::FoundFeed;
pub use opml::{MAX_OUTLINES, OpmlError, Outline, read as read_opml, write as write_opml};

use crate::http::{Http, Page, PageAnswer, PageError};
use polite::Politeness;

/// The most bytes of a feed that are read: the largest honest ones have about two million.
pub const MAX_BYTES: usize = 4 << 20;
/// The most items of a reading that are kept: the newest.
pub const MAX_ITEMS: usize = 200;
/// How long a reading may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The longest validator that is sent back.
const MAX_VALIDATOR: usize = 512;
const FEEDS: &str = "application/atom+xml, application/rss+xml, application/feed+json, \
     application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1";

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Which source.
    pub feed: &'a Feed,
    /// What the server gave at the last reading.
    pub etag: Option<&'a str>,
    /// The same, as a time in its own words.
    pub last_modified: Option<&'a str>,
    /// Now: nothing was published later.
    pub now: Instant,
}

/// What a reading brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Nothing since the last one.
    Unchanged,
    /// This.
    Read(Box<Reading>),
}

/// A source as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// As it calls itself; may be empty.
    pub title: String,
    /// BCP 47, where it says so.
    pub language: Option<String>,
    /// Its items, newest first.
    pub items: Vec<Item>,
    /// For the next reading.
    pub etag: Option<String>,
    /// For the next reading.
    pub last_modified: Option<String>,
    /// How long it wants to be left alone.
    pub every: Option<Duration>,
    /// It was not in the character set that it names.
    pub charset_wrong: bool,
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// A hash of what names it within its source.
    pub key: Hash,
    /// Its page.
    pub url: Option<String>,
    /// Its title, or its first words; not empty.
    pub title: String,
    /// Its text; may be empty.
    pub text: String,
    /// BCP 47, where it says so itself.
    pub language: Option<String>,
    /// When it was published: as it says, but never later than now.
    pub published_at: Instant,
}

/// Why there is no reading.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{trouble:?}: {words}")]
pub struct SourceError {
    /// What is wrong.
    pub trouble: SourceTrouble,
    /// Details for people, such as a status.
    pub words: String,
    /// How long the server wants to be left alone.
    pub retry_after: Option<Duration>,
}

impl SourceError {
    fn new(trouble: SourceTrouble, words: impl Into<String>) -> Self {
        Self {
            trouble,
            words: words.into(),
            retry_after: None,
        }
    }
}

impl From<PageError> for SourceError {
    fn from(error: PageError) -> Self {
        let trouble = match &error {
            PageError::Private => SourceTrouble::Private,
            PageError::Status(_) => SourceTrouble::Refused,
            PageError::NotAPage(_) => SourceTrouble::NotAFeed,
            PageError::TooSlow => SourceTrouble::TooSlow,
            PageError::Unreachable(_) => SourceTrouble::Unreachable,
        };
        Self::new(trouble, error.to_string())
    }
}

/// Reads sources, one request at a time from each server.
#[derive(Clone)]
pub struct Sources {
    http: Http,
    politeness: Politeness,
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sources").finish_non_exhaustive()
    }
}

impl Sources {
    /// Over these clients.
    #[must_use]
    pub fn new(http: Http) -> Self {
        Self {
            http,
            politeness: Politeness::default(),
        }
    }

    /// Reads a source, unless its server's robots.txt asks programs to stay away.
    ///
    /// # Errors
    /// With what is wrong, and how long the server wants to be left alone.
    pub async fn read(&self, ask: Ask<'_>) -> Result<Answered, SourceError> {
        let url = address_of(ask.feed)?;
        let mut headers = vec![(ACCEPT, FEEDS.to_owned())];
        headers.extend(ask.etag.map(|etag| (IF_NONE_MATCH, etag.to_owned())));
        headers.extend(
            ask.last_modified
                .map(|at| (IF_MODIFIED_SINCE, at.to_owned())),
        );
        let answer = self.fetch(url, &headers).await?;
        if answer.status == 304 {
            return Ok(Answered::Unchanged);
        }
        refused(&answer)?;
        let validator = |name: HeaderName| {
            let value = answer.headers.get(name)?.to_str().ok()?;
            (value.len() <= MAX_VALIDATOR).then(|| value.to_owned())
        };
        let (etag, last_modified) = (validator(ETAG), validator(LAST_MODIFIED));
        let (page, feed, now) = (answer.page, ask.feed.clone(), ask.now);
        let whole = page.whole;
        // What strangers send may take its time: not where others wait for theirs.
        let parsed = tokio::task::spawn_blocking(move || parse(&feed, &page, now))
            .await
            .map_err(|e| SourceError::new(SourceTrouble::Broken, e.to_string()))?;
        if !whole {
            return Err(SourceError::new(
                SourceTrouble::TooLarge,
                format!("more than {} MiB", MAX_BYTES >> 20),
            ));
        }
        let mut reading = parsed?;
        reading.etag = etag;
        reading.last_modified = last_modified;
        Ok(Answered::Read(Box::new(reading)))
    }

    /// Asks a server when it is its turn.
    async fn fetch(
        &self,
        url: Url,
        headers: &[(HeaderName, String)],
    ) -> Result<PageAnswer, SourceError> {
        let turn = self.politeness.turn(&url).await;
        if !self.politeness.may_read(&self.http, &url).await {
            return Err(SourceError::new(
                SourceTrouble::Robots,
                url.host_str().unwrap_or_default(),
            ));
        }
        let answer = self.http.look(url, headers, MAX_BYTES, TIMEOUT).await;
        turn.done();
        Ok(answer?)
    }
}

fn parse(feed: &Feed, page: &Page, now: Instant) -> Result<Reading, SourceError> {
    let mut reading = match feed.kind {
        SourceKind::Feed => feed::parse(page, now)?,
        SourceKind::MastodonTrends | SourceKind::MastodonTag => mastodon::parse(page, now)?,
        SourceKind::BlueskyTrends => bluesky::trends(page, now)?,
        SourceKind::BlueskyTag => bluesky::posts(page, now)?,
    };
    reading
        .items
        .sort_by(|a, b| b.published_at.cmp(&a.published_at).then(a.key.cmp(&b.key)));
    reading.items.truncate(MAX_ITEMS);
    Ok(reading)
}

/// What a status means, and for how long.
fn refused(answer: &PageAnswer) -> Result<(), SourceError> {
    let trouble = match answer.status {
        200..=299 => return Ok(()),
        410 => SourceTrouble::Gone,
        429 => SourceTrouble::Throttled,
        503 if answer.headers.contains_key(RETRY_AFTER) => SourceTrouble::Throttled,
        _ => SourceTrouble::Refused,
    };
    Err(SourceError {
        retry_after: retry_after(&answer.headers),
        ..SourceError::new(trouble, answer.status.to_string())
    })
}

/// `Retry-After` in seconds or as a date against the server's own `Date` (RFC 9110, 10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok();
    let value = text(RETRY_AFTER)?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text: &str| chrono::DateTime::parse_from_rfc2822(text).ok();
    let wait = date(value)? - date(text(reqwest::header::DATE)?)?;
    wait.to_std().ok()
}

/// Where a source is read.
fn address_of(feed: &Feed) -> Result<Url, SourceError> {
    let wrong = || SourceError::new(SourceTrouble::Refused, "no address");
    let mut url = Url::parse(&feed.address).map_err(|_| wrong())?;
    match feed.kind {
        SourceKind::Feed => {}
        // https://docs.joinmastodon.org/methods/trends/#statuses, read on 25 November 2026.
        SourceKind::MastodonTrends => {
            url.set_path("/api/v1/trends/statuses");
            url.set_query(Some("limit=40"));
        }
        // https://docs.joinmastodon.org/methods/timelines/#tag, read on 25 November 2026.
        SourceKind::MastodonTag => {
            url.path_segments_mut()
                .map_err(|()| wrong())?
                .clear()
                .extend(["api", "v1", "timelines", "tag", &feed.tag]);
            url.set_query(Some("limit=40"));
        }
        // Both as their lexicons in bluesky-social/atproto say, read on 26 November 2026: at most
        // 25 trends and 100 posts.
        SourceKind::BlueskyTrends => {
            url.set_path("/xrpc/app.bsky.unspecced.getTrends");
            url.set_query(Some("limit=25"));
        }
        SourceKind::BlueskyTag => {
            url.set_path("/xrpc/app.bsky.feed.searchPosts");
            url.query_pairs_mut()
                .clear()
                .append_pair("q", &format!("#{}", feed.tag))
                .append_pair("tag", &feed.tag)
                .append_pair("sort", "latest")
                .append_pair("limit", "50");
        }
    }
    Ok(url)
}
