//! Posts and trends that a Bluesky AppView shows to everybody, without an account.

use domain::source::SourceTrouble;
use domain::{Hash, Instant};
use serde_json::Value;

use super::plain::{self, MAX_TEXT};
use super::{Item, Reading, SourceError};
use crate::http::Page;

/// Where people see posts and trends.
const APP: &str = "https://bsky.app";

/// `app.bsky.feed.searchPosts` and `app.bsky.feed.defs#postView`
/// (lexicons of bluesky-social/atproto, read on 26 November 2026).
pub(super) fn posts(page: &Page, now: Instant) -> Result<Reading, SourceError> {
    reading(page, "posts", |post| of_post(post, now))
}

/// `app.bsky.unspecced.getTrends` and `app.bsky.unspecced.defs#trendView` (as above).
pub(super) fn trends(page: &Page, now: Instant) -> Result<Reading, SourceError> {
    reading(page, "trends", |trend| of_trend(trend, now))
}

fn reading(
    page: &Page,
    list: &str,
    item: impl Fn(&Value) -> Option<Item>,
) -> Result<Reading, SourceError> {
    let wrong = |words: String| SourceError::new(SourceTrouble::NotAFeed, words);
    let value: Value = serde_json::from_slice(&page.bytes).map_err(|e| wrong(e.to_string()))?;
    let all = value
        .get(list)
        .and_then(Value::as_array)
        .ok_or_else(|| wrong(format!("no list of {list}")))?;
    Ok(Reading {
        title: page.url.host_str().unwrap_or_default().to_owned(),
        items: all.iter().filter_map(item).collect(),
        ..Reading::default()
    })
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn said(value: &Value, name: &str, now: Instant) -> Instant {
    let at = text(value, name).parse::<Instant>().ok();
    at.map_or(now, |at| at.min(now))
}

/// A post that nobody, its author included, put a label on, nor on its author: one label asks
/// programs not to show them to who is not signed in (`com.atproto.label.defs`,
/// `!no-unauthenticated`).
fn of_post(post: &Value, now: Instant) -> Option<Item> {
    let (author, record) = (post.get("author")?, post.get("record")?);
    if is_labelled(post) || is_labelled(record) || is_labelled(author) {
        return None;
    }
    let words = plain::line(text(record, "text"), MAX_TEXT);
    let uri = text(post, "uri");
    if words.is_empty() || uri.is_empty() {
        return None;
    }
    // Several languages say that nobody knows which.
    let language = match record
        .get("langs")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    {
        Some([only]) => only.as_str(),
        _ => None,
    };
    Some(Item {
        key: Hash::of(uri.as_bytes()),
        url: page_of(text(author, "did"), uri),
        title: plain::line(&words, 120),
        text: words,
        language: language.and_then(plain::language),
        published_at: said(record, "createdAt", now).min(said(post, "indexedAt", now)),
    })
}

/// The page of `at://<did>/app.bsky.feed.post/<rkey>`.
fn page_of(did: &str, uri: &str) -> Option<String> {
    let rkey = uri.rsplit('/').next().filter(|rkey| !rkey.is_empty())?;
    plain::address(&format!("{APP}/profile/{did}/post/{rkey}"), None)
}

fn labels(value: &Value) -> impl Iterator<Item = &Value> {
    // `self` labels of a record lie one deeper.
    let own = value.get("labels");
    let own = own.and_then(|l| l.get("values")).or(own);
    own.and_then(Value::as_array).into_iter().flatten()
}

/// A label that was taken back is none.
fn is_labelled(value: &Value) -> bool {
    labels(value).any(|label| label.get("neg").and_then(Value::as_bool) != Some(true))
}

/// A trend of each day on which it began is an item of its own.
fn of_trend(trend: &Value, now: Instant) -> Option<Item> {
    let name = match text(trend, "displayName") {
        "" => text(trend, "topic"),
        name => name,
    };
    let title = plain::line(name, 120);
    let (link, began) = (text(trend, "link"), text(trend, "startedAt"));
    if title.is_empty() || link.is_empty() {
        return None;
    }
    let url = match link.starts_with('/') {
        true => plain::address(&format!("{APP}{link}"), None),
        false => plain::address(link, None),
    };
    Some(Item {
        key: Hash::of(format!("{link} {}", began.get(..10).unwrap_or_default()).as_bytes()),
        url,
        title,
        text: plain::line(text(trend, "description"), MAX_TEXT),
        language: None,
        published_at: said(trend, "startedAt", now),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::Url;
    use serde_json::json;

    const NOW: Instant = Instant(1_795_424_400_000);

    fn page(value: &Value) -> Page {
        Page {
            url: Url::parse("https://api.example/xrpc/x").unwrap(),
            mime: "application/json".into(),
            bytes: value.to_string().into_bytes(),
            whole: true,
        }
    }

    fn post(text: &str, labels: Value, author: Value) -> Value {
        json!({"uri": "at://did:plc:a/app.bsky.feed.post/3k", "cid": "c",
            "author": {"did": "did:plc:a", "handle": "a.example", "labels": author},
            "record": {"text": text, "createdAt": "2026-11-22T09:00:00.000Z", "langs": ["en"]},
            "indexedAt": "2026-11-22T09:00:01.000Z", "labels": labels})
    }

    #[test]
    fn open_posts_are_items_and_labelled_ones_are_left_alone() {
        let label = |val: &str, neg: bool| json!([{"val": val, "neg": neg}]);
        let none = || json!([]);
        let posts = json!({"posts": [
            post("Late #snow", none(), none()),
            post("Nude", label("porn", false), none()),
            post("Not a warning any more", label("porn", true), none()),
            post("For members", none(), label("!no-unauthenticated", false)),
            post("  ", none(), none()),
            7
        ]});
        let reading = super::posts(&page(&posts), NOW).unwrap();
        let titles: Vec<_> = reading.items.iter().map(|i| i.title.as_str()).collect();
        assert_eq!(titles, ["Late #snow", "Not a warning any more"]);
        let item = &reading.items[0];
        let url = "https://bsky.app/profile/did:plc:a/post/3k";
        assert_eq!(item.url.as_deref(), Some(url));
        assert_eq!(item.language.as_deref(), Some("en"));
        let mut own = post("Own label", none(), none());
        own["record"]["labels"] = json!({"values": [{"val": "graphic-media"}]});
        let reading = super::posts(&page(&json!({"posts": [own]})), NOW).unwrap();
        assert_eq!(reading.items, []);
    }

    #[test]
    fn a_trend_is_an_item_of_the_day_on_which_it_began() {
        let trend = |began: &str| {
            json!({"topic": "late-snow", "displayName": "Late snow", "link": "/profile/x/feed/1",
                "startedAt": began, "postCount": 12})
        };
        let read = |value| super::trends(&page(&value), NOW).unwrap().items;
        let two = read(json!({"trends": [
            trend("2026-11-21T08:00:00.000Z"), trend("2026-11-22T08:00:00.000Z"), {"topic": ""}]}));
        assert_eq!(two.len(), 2);
        assert_ne!(two[0].key, two[1].key);
        assert_eq!(two[0].title, "Late snow");
        let url = "https://bsky.app/profile/x/feed/1";
        assert_eq!(two[0].url.as_deref(), Some(url));
        let again = read(json!({"trends": [trend("2026-11-21T09:30:00.000Z")]}));
        assert_eq!(again[0].key, two[0].key, "seen again it is the same");
        let later = read(json!({"trends": [trend("2126-11-21T09:30:00.000Z")]}));
        assert_eq!(later[0].published_at, NOW);
        let odd = json!({"trends": [
            {"topic": "<b>x</b>", "link": "javascript:alert(1)", "startedAt": "soon"}]});
        let odd = read(odd);
        assert_eq!((odd[0].url.clone(), odd[0].published_at), (None, NOW));
    }

    #[test]
    fn an_answer_without_its_list_is_no_source() {
        for wrong in [json!({"error": "x"}), json!([]), json!(1), Value::Null] {
            for read in [super::posts, super::trends] {
                let said = read(&page(&wrong), NOW).unwrap_err();
                assert_eq!(said.trouble, SourceTrouble::NotAFeed);
            }
        }
    }
}
