//! Posts that a Mastodon server shows to everybody
//! (<https://docs.joinmastodon.org/entities/Status/>, read on 25 November 2026).

use domain::source::SourceTrouble;
use domain::{Hash, Instant};
use serde_json::Value;

use super::plain::{self, MAX_TEXT};
use super::{Item, Reading, SourceError};
use crate::http::Page;

pub(super) fn parse(page: &Page, now: Instant) -> Result<Reading, SourceError> {
    let value: Value = serde_json::from_slice(&page.bytes)
        .map_err(|e| SourceError::new(SourceTrouble::NotAFeed, e.to_string()))?;
    let posts = value
        .as_array()
        .ok_or_else(|| SourceError::new(SourceTrouble::NotAFeed, "no list of posts"))?;
    Ok(Reading {
        title: page.url.host_str().unwrap_or_default().to_owned(),
        items: posts.iter().filter_map(|post| item(post, now)).collect(),
        ..Reading::default()
    })
}

/// What everybody may read and nobody asked to be warned of.
fn item(post: &Value, now: Instant) -> Option<Item> {
    let text = |name: &str| post.get(name).and_then(Value::as_str).unwrap_or_default();
    let is_open = text("visibility") == "public"
        && post.get("sensitive").and_then(Value::as_bool) != Some(true)
        && text("spoiler_text").is_empty();
    if !is_open {
        return None;
    }
    let words = plain::of_markup(text("content"), MAX_TEXT);
    if words.is_empty() {
        return None;
    }
    let uri = Some(text("uri")).filter(|u| !u.is_empty());
    let url = plain::address(text("url"), None);
    let named = uri.map(str::to_owned).or_else(|| url.clone())?;
    let said = text("created_at").parse::<Instant>().ok();
    Some(Item {
        key: Hash::of(named.as_bytes()),
        url,
        title: plain::line(&words, 120),
        text: words,
        language: plain::language(text("language")),
        published_at: said.map_or(now, |at| at.min(now)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::Url;
    use serde_json::json;

    fn read(posts: Value) -> Result<Reading, SourceError> {
        let page = Page {
            url: Url::parse("https://social.example/api/v1/trends/statuses").unwrap(),
            mime: "application/json".into(),
            bytes: posts.to_string().into_bytes(),
            whole: true,
        };
        parse(&page, Instant(1_795_424_400_000))
    }

    #[test]
    fn open_posts_are_items_and_others_are_left_alone() {
        let post = |visibility: &str, sensitive: bool| {
            json!({"uri": "https://a.example/1", "url": "https://a.example/@mara/1", "content":
                "<p>Late <a href='x'>#<span>snow</span></a></p>", "visibility": visibility, "sensitive":
                sensitive, "language": "en", "created_at": "2026-11-22T09:00:00.000Z", "spoiler_text": ""})
        };
        let posts = json!([
            post("public", false),
            post("public", true),
            post("unlisted", false),
            7
        ]);
        let reading = read(posts).unwrap();
        assert_eq!(reading.items.len(), 1);
        let item = &reading.items[0];
        assert_eq!(item.title, "Late #snow");
        assert_eq!(item.url.as_deref(), Some("https://a.example/@mara/1"));
        assert_eq!(item.language.as_deref(), Some("en"));
    }

    #[test]
    fn an_answer_that_is_no_list_is_no_source() {
        for wrong in [json!({"error": "x"}), json!(1), Value::Null] {
            assert_eq!(read(wrong).unwrap_err().trouble, SourceTrouble::NotAFeed);
        }
    }
}
