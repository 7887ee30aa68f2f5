//! Reading posts back, and knowing one's own among them.
//!
//! X renames its posts' fields at present: the published API description says `post.fields`,
//! `referenced_posts`, `repost_count`; the guides and older servers say `tweet.fields`,
//! `referenced_tweets`, `retweet_count`. A field that is asked for under the wrong name is left out
//! without a word, so an answer without what was asked for is asked for again in the other words,
//! and never taken for "there is none".

use domain::Instant;
use domain::version::{MarkKind, PreparedSegment};
use reqwest::Url;
use serde::Deserialize;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;

use super::quote::leads_to;
use super::session::Session;
use crate::contract::{Metric, NetworkError};

/// A post as X tells it.
#[derive(Debug, Deserialize)]
pub(super) struct Post {
    pub(super) id: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    created_at: Option<String>,
    #[serde(default, alias = "referenced_tweets")]
    referenced_posts: Option<Vec<Reference>>,
    #[serde(default)]
    entities: Option<Entities>,
    #[serde(default)]
    attachments: Option<Attachments>,
    #[serde(default, alias = "note_tweet")]
    note_post: Option<Note>,
    #[serde(default)]
    public_metrics: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Reference {
    #[serde(rename = "type")]
    kind: String,
    id: String,
}

#[derive(Debug, Default, Deserialize)]
struct Entities {
    #[serde(default)]
    urls: Option<Vec<Link>>,
}

#[derive(Debug, Deserialize)]
struct Link {
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    expanded_url: Option<String>,
    #[serde(default)]
    media_key: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Attachments {
    #[serde(default)]
    media_keys: Option<Vec<String>>,
}

/// The whole of a long post.
#[derive(Debug, Deserialize)]
struct Note {
    text: String,
    #[serde(default)]
    entities: Option<Entities>,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    data: Vec<Post>,
    #[serde(default)]
    meta: Meta,
}

#[derive(Default, Deserialize)]
struct Meta {
    #[serde(default)]
    next_token: Option<String>,
}

/// What is asked for, in both words.
struct Wanted {
    new: &'static [(&'static str, &'static str)],
    old: &'static [(&'static str, &'static str)],
    is_there: fn(&Post) -> bool,
}

const TO_COMPARE: Wanted = Wanted {
    new: &[
        ("post.fields", "created_at,attachments,entities,note_post"),
        ("expansions", "referenced_posts"),
    ],
    old: &[(
        "tweet.fields",
        "created_at,attachments,entities,note_tweet,referenced_tweets",
    )],
    is_there: |post| post.created_at.is_some(),
};

const TO_MEASURE: Wanted = Wanted {
    new: &[("post.fields", "public_metrics")],
    old: &[("tweet.fields", "public_metrics")],
    is_there: |post| post.public_metrics.is_some(),
};

async fn page(
    session: &mut Session<'_>,
    path: &str,
    query: &[(&str, &str)],
    wanted: &Wanted,
) -> Result<Page, NetworkError> {
    for words in [wanted.new, wanted.old] {
        let query = [query, words].concat();
        let answer = match session.read(path, &query).await {
            Err(NetworkError::Refused { code, .. }) if code == "invalid-request" => continue,
            answer => answer?,
        };
        let page: Page = serde_json::from_value(answer)
            .map_err(|e| NetworkError::Unreadable(format!("posts: {e}")))?;
        if page.data.iter().all(wanted.is_there) {
            return Ok(page);
        }
    }
    Err(NetworkError::Unreadable(
        "X left out what was asked for".to_owned(),
    ))
}

/// More pages than anybody posts while something is looked for.
const MAX_PAGES: usize = 5;

/// The account's own posts since `since`, newest first. X dates posts in whole seconds.
pub(super) async fn timeline(
    session: &mut Session<'_>,
    account: &str,
    since: Instant,
) -> Result<Vec<Post>, NetworkError> {
    let path = format!("/2/users/{account}/tweets");
    let whole = Instant(since.0 - since.0.rem_euclid(1_000));
    let start = whole.to_string().replace(".000Z", "Z");
    let mut posts = Vec::new();
    let mut next: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let mut query = vec![("start_time", start.as_str()), ("max_results", "100")];
        if let Some(next) = &next {
            query.push(("pagination_token", next));
        }
        let page = page(session, &path, &query, &TO_COMPARE).await?;
        posts.extend(page.data);
        next = page.meta.next_token;
        if next.is_none() {
            return Ok(posts);
        }
    }
    Err(NetworkError::Unreadable(
        "there are too many posts to look through".to_owned(),
    ))
}

/// Whether `post` may be what `segment` became.
pub(super) fn is_it(
    post: &Post,
    segment: &PreparedSegment,
    parent: Option<&str>,
    quote: Option<&str>,
) -> bool {
    let references = post.referenced_posts.as_deref().unwrap_or_default();
    let replies_to = references.iter().find(|r| r.kind == "replied_to");
    let others = references.iter().any(|r| r.kind == "retweeted");
    let quotes = |id: &str| references.iter().any(|r| r.kind == "quoted" && r.id == id);
    let media = post
        .attachments
        .as_ref()
        .and_then(|a| a.media_keys.as_ref());
    !others
        && replies_to.map(|r| r.id.as_str()) == parent
        && media.map_or(0, Vec::len) == segment.media.len()
        && quote.is_none_or(quotes)
        && text_of(post, quote) == text_of_segment(segment)
}

/// The text as written: links in full, `&`, `<` and `>` unescaped, the links that X adds for
/// pictures and for the post that is quoted taken out.
fn text_of(post: &Post, quote: Option<&str>) -> String {
    let (text, entities) = match &post.note_post {
        Some(note) => (&note.text, note.entities.as_ref()),
        None => (&post.text, post.entities.as_ref()),
    };
    let mut text = text.clone();
    let links = entities.and_then(|e| e.urls.as_deref()).unwrap_or_default();
    for link in links {
        let (Some(short), Some(full)) = (&link.url, &link.expanded_url) else {
            continue;
        };
        let own = link.media_key.is_some()
            || is_own_picture(full, &post.id)
            || quote.is_some_and(|id| leads_to(full, id));
        let put = if own { String::new() } else { plain_link(full) };
        text = text.replacen(short.as_str(), &put, 1);
    }
    folded(
        &text
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
    )
}

/// `https://x.com/name/status/1/photo/1` of the post itself.
fn is_own_picture(full: &str, id: &str) -> bool {
    let host = full.starts_with("https://x.com/") || full.starts_with("https://twitter.com/");
    let inside = format!("/status/{id}/");
    host && full.contains(&inside)
}

fn text_of_segment(segment: &PreparedSegment) -> String {
    let mut text = String::with_capacity(segment.text.len());
    let mut at = 0;
    for mark in &segment.marks {
        let MarkKind::Link { url } = &mark.kind else {
            continue;
        };
        let (start, end) = (mark.start as usize, mark.end as usize);
        if let Some(before) = segment.text.get(at..start) {
            text.push_str(before);
            text.push_str(&plain_link(url));
            at = end;
        }
    }
    text.push_str(segment.text.get(at..).unwrap_or_default());
    folded(&text)
}

/// A link so that it compares, however it was written: without scheme and last slash.
fn plain_link(link: &str) -> String {
    let Ok(url) = Url::parse(link) else {
        return link.to_owned();
    };
    let rest = url.as_str().split_once("://").map_or("", |(_, rest)| rest);
    rest.trim_end_matches('/').to_owned()
}

fn folded(text: &str) -> String {
    let text: String = text.nfc().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How our names of numbers are called by X.
pub(super) const COUNTS: [(&[&str], &str); 6] = [
    (&["like_count"], "likes"),
    (&["repost_count", "retweet_count"], "reposts"),
    (&["reply_count"], "replies"),
    (&["quote_count"], "quotes"),
    (&["impression_count"], "impressions"),
    (&["bookmark_count"], "bookmarks"),
];

/// How many posts `GET /2/tweets` tells of at once.
pub(super) const POSTS_AT_ONCE: usize = 100;

/// The numbers of posts as they are now.
pub(super) async fn numbers(
    session: &mut Session<'_>,
    ids: &str,
    now: Instant,
) -> Result<Vec<Metric>, NetworkError> {
    let page = page(session, "/2/tweets", &[("ids", ids)], &TO_MEASURE).await?;
    let mut metrics = Vec::new();
    for post in page.data {
        let numbers = post.public_metrics.unwrap_or_default();
        for (theirs, ours) in COUNTS {
            let value = theirs.iter().find_map(|name| numbers.get(*name)?.as_u64());
            if let Some(value) = value {
                metrics.push(Metric {
                    remote: post.id.clone(),
                    name: ours.to_owned(),
                    value,
                    as_of: now,
                });
            }
        }
    }
    Ok(metrics)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::grammar;
    use crate::text::grammar::SpotKind;
    use domain::version::Mark;
    use serde_json::json;

    fn segment(text: &str) -> PreparedSegment {
        let marks = grammar::x(text)
            .into_iter()
            .filter_map(|spot| match spot.kind {
                SpotKind::Link(url) => Some(Mark {
                    start: u32::try_from(spot.at.start).unwrap(),
                    end: u32::try_from(spot.at.end).unwrap(),
                    kind: MarkKind::Link { url },
                }),
                _ => None,
            })
            .collect();
        PreparedSegment {
            text: text.to_owned(),
            marks,
            media: vec![],
            card: None,
        }
    }

    fn post(value: Value) -> Post {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_post_is_known_again_behind_short_links_and_escapes() {
        let written = segment(
            "Salt & pepper <3  see example.org/a and (https://Example.org/b/)\ncafe\u{301}",
        );
        let told = post(json!({
            "id": "9",
            "text": "Salt &amp; pepper &lt;3 see https://t.co/one and (https://t.co/two)\n\ncaf\u{e9}",
            "entities": {"urls": [
                {"start": 0, "end": 1, "url": "https://t.co/one", "expanded_url": "http://example.org/a"},
                {"start": 0, "end": 1, "url": "https://t.co/two", "expanded_url": "https://example.org/b/"},
            ]},
        }));
        assert_eq!(text_of(&told, None), text_of_segment(&written));
        assert!(is_it(&told, &written, None, None));
        assert!(!is_it(&told, &written, Some("8"), None));
        assert!(!is_it(&told, &segment("Salt & pepper"), None, None));
    }

    #[test]
    fn what_was_typed_as_an_escape_stays_one() {
        let told = post(json!({"id": "9", "text": "write &amp;lt; for &lt;"}));
        assert!(is_it(&told, &segment("write &lt; for <"), None, None));
    }

    #[test]
    fn the_link_that_x_adds_for_a_picture_is_no_text() {
        let told = post(json!({
            "id": "9",
            "text": "A hut https://t.co/pic",
            "attachments": {"media_keys": ["3_1"]},
            "entities": {"urls": [
                {"start": 6, "end": 22, "url": "https://t.co/pic", "expanded_url": "https://x.com/mara/status/9/photo/1"},
            ]},
        }));
        assert_eq!(text_of(&told, None), "A hut");
        assert!(
            !is_it(&told, &segment("A hut"), None, None),
            "it has a picture"
        );
    }

    #[test]
    fn a_long_post_is_compared_whole_and_a_repost_is_nobodys_own() {
        let long = "word ".repeat(100);
        let told = post(json!({"id": "9", "text": "word…", "note_tweet": {"text": long}}));
        assert!(is_it(&told, &segment(&long), None, None));
        let told = post(json!({
            "id": "9",
            "text": "A hut",
            "referenced_tweets": [{"type": "retweeted", "id": "7"}],
        }));
        assert!(!is_it(&told, &segment("A hut"), None, None));
    }

    #[test]
    fn an_answer_to_another_post_is_another_post() {
        let told = post(json!({
            "id": "9",
            "text": "A hut",
            "referenced_posts": [{"type": "quoted", "id": "3"}, {"type": "replied_to", "id": "7"}],
        }));
        assert!(is_it(&told, &segment("A hut"), Some("7"), None));
        assert!(!is_it(&told, &segment("A hut"), Some("3"), None));
        assert!(!is_it(&told, &segment("A hut"), None, None));
    }

    #[test]
    fn a_post_that_quotes_is_known_by_its_words_and_what_it_quotes() {
        let told = post(json!({
            "id": "9",
            "text": "As mara says: https://t.co/one",
            "referenced_tweets": [{"type": "quoted", "id": "3"}],
            "entities": {"urls": [
                {"url": "https://t.co/one", "expanded_url": "https://twitter.com/mara/status/3"},
            ]},
        }));
        let written = segment("As mara says:");
        assert!(is_it(&told, &written, None, Some("3")));
        assert!(!is_it(&told, &written, None, Some("4")));
        assert!(!is_it(&told, &written, None, None), "it has a link more");
    }
}
