//! Posts: taken, refused, shown and deleted.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat};
use networks::text::grammar::{self, SpotKind};
use networks::text::weighted;
use serde_json::{Value, json};

use super::answers::problem;
use super::{ACCOUNT, HANDLE, State, Vocabulary};

/// A post.
#[derive(Clone, Debug)]
pub struct Post {
    /// Its id.
    pub id: String,
    /// As it was sent.
    pub text: String,
    /// The post that it answers.
    pub parent: Option<String>,
    /// Words of its pictures, in order; empty where there are none.
    pub media: Vec<String>,
    /// The whole request.
    pub asked: Value,
    pub(super) deleted: bool,
    pub(super) hidden: bool,
    /// Milliseconds.
    pub(super) at: i64,
}

/// The keys of `CreatePostsRequest`; X takes no others.
const KNOWN: [&str; 16] = [
    "card_uri",
    "community_id",
    "direct_message_deep_link",
    "edit_options",
    "for_super_followers_only",
    "geo",
    "made_with_ai",
    "media",
    "nullcast",
    "paid_partnership",
    "poll",
    "quote_tweet_id",
    "reply",
    "reply_settings",
    "share_with_followers",
    "text",
];

/// Takes a post that nothing speaks against.
pub(super) fn put(state: &mut State, text: &str) -> String {
    let id = state.id();
    let at = state.now();
    state.posts.push(Post {
        id: id.clone(),
        text: text.to_owned(),
        parent: None,
        media: Vec::new(),
        asked: Value::Null,
        deleted: false,
        hidden: false,
        at,
    });
    id
}

pub(super) fn create(state: &mut State, asked: &Value) -> (u16, Value) {
    let invalid = |words: &str| problem(400, "invalid-request", words);
    let Some(fields) = asked.as_object() else {
        return invalid("the body is no JSON object");
    };
    if let Some(unknown) = fields.keys().find(|k| !KNOWN.contains(&k.as_str())) {
        return invalid(&format!("${unknown}: is not defined in the schema"));
    }
    let text = asked["text"].as_str().unwrap_or_default();
    let ids: Vec<&str> = asked
        .pointer("/media/media_ids")
        .and_then(Value::as_array)
        .map(|ids| ids.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let most = if state.subscription == "None" {
        280
    } else {
        25_000
    };
    if (text.is_empty() && ids.is_empty()) || weighted::count(text, weighted::LINK) > most {
        return invalid("text is empty or too long");
    }
    if let Err(words) = poll(asked, &ids) {
        return invalid(words);
    }
    if asked.get("quote_tweet_id").is_some() && (!ids.is_empty() || asked.get("poll").is_some()) {
        return invalid("a quote goes with no media and no poll");
    }
    let parent = asked.pointer("/reply/in_reply_to_tweet_id");
    let parent = parent.and_then(Value::as_str).map(str::to_owned);
    let is_live = |id: &String| state.posts.iter().any(|p| p.id == *id && !p.deleted);
    if parent.as_ref().is_some_and(|id| !is_live(id)) {
        let words = "You attempted to reply to a Tweet that is deleted or not visible to you.";
        return problem(403, "", words);
    }
    let same = |p: &&Post| !p.deleted && p.media.is_empty() && p.text == text;
    if ids.is_empty() && state.posts.iter().any(|p| same(&p)) {
        return problem(
            403,
            "",
            "You are not allowed to create a Tweet with duplicate content.",
        );
    }
    let ready = |id: &&str| state.uploads.get(*id).is_some_and(super::Upload::is_ready);
    if ids.len() > 4 || !ids.iter().all(ready) {
        return invalid("Your media IDs are invalid.");
    }
    let mut media = Vec::new();
    for id in &ids {
        if let Some(upload) = state.uploads.get_mut(*id) {
            upload.used = true;
            media.push(upload.alt.clone().unwrap_or_default());
        }
    }
    let id = put(state, text);
    if let Some(post) = state.posts.last_mut() {
        post.parent = parent;
        post.media = media;
        post.asked = asked.clone();
    }
    (
        201,
        json!({"data": {"id": id, "text": text, "edit_history_post_ids": [id]}}),
    )
}

fn poll(asked: &Value, media: &[&str]) -> Result<(), &'static str> {
    let Some(poll) = asked.get("poll") else {
        return Ok(());
    };
    let options = poll["options"].as_array().map_or(&[][..], Vec::as_slice);
    let minutes = poll["duration_minutes"].as_u64().unwrap_or(0);
    let sound = options.iter().all(|o| {
        o.as_str()
            .is_some_and(|o| (1..=25).contains(&o.chars().count()))
    });
    match (2..=4).contains(&options.len()) && (5..=10_080).contains(&minutes) && sound {
        true if media.is_empty() => Ok(()),
        true => Err("a poll goes with no media"),
        false => Err("the poll is not valid"),
    }
}

/// Shows a post as X does: what was asked for by its name, links shortened, text escaped.
fn show(state: &State, post: &Post, query: &BTreeMap<String, String>) -> Value {
    let (fields, references, note) = match state.vocabulary {
        Vocabulary::New => ("post.fields", "referenced_posts", "note_post"),
        Vocabulary::Old => ("tweet.fields", "referenced_tweets", "note_tweet"),
    };
    let list = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    let wants = |name: &str| list(fields).split(',').any(|f| f == name);
    let expands = |name: &str| list("expansions").split(',').any(|f| f == name);
    let (text, urls) = shortened(post);
    let mut data = json!({"id": post.id, "text": text});
    if wants("created_at") {
        data["created_at"] = json!(second(post.at));
    }
    if wants("entities") && !urls.is_empty() {
        data["entities"] = json!({ "urls": urls });
    }
    if wants("attachments") && !post.media.is_empty() {
        let keys: Vec<String> = (0..post.media.len()).map(|n| format!("3_{n}")).collect();
        data["attachments"] = json!({ "media_keys": keys });
    }
    if wants(note) && weighted::count(&post.text, weighted::LINK) > 280 {
        data[note] = json!({"text": text, "entities": {"urls": urls}});
        data["text"] = json!(format!("{}…", text.chars().take(270).collect::<String>()));
    }
    let asked = match state.vocabulary {
        Vocabulary::New => expands(references),
        Vocabulary::Old => wants(references),
    };
    let quoted = post.asked["quote_tweet_id"].as_str();
    let named = post.parent.iter().map(|id| ("replied_to", id.as_str()));
    let named: Vec<Value> = named
        .chain(quoted.map(|id| ("quoted", id)))
        .map(|(kind, id)| json!({"type": kind, "id": id}))
        .collect();
    if asked && !named.is_empty() {
        data[references] = json!(named);
    }
    if wants("public_metrics") {
        let reposts = match state.vocabulary {
            Vocabulary::New => "repost_count",
            Vocabulary::Old => "retweet_count",
        };
        data["public_metrics"] = json!({
            "like_count": 3, "reply_count": 0, "quote_count": 1, "impression_count": 250,
            "bookmark_count": 2,
        });
        data["public_metrics"][reposts] = json!(4);
    }
    data
}

fn shortened(post: &Post) -> (String, Vec<Value>) {
    let mut urls = Vec::new();
    let mut text = post.text.clone();
    let mut entity = |full: String| {
        let short = format!(
            "https://t.co/{}{}",
            &post.id[post.id.len() - 4..],
            urls.len()
        );
        urls.push(json!({"start": 0, "end": 0, "url": short, "expanded_url": full}));
        short
    };
    for spot in grammar::x(&post.text) {
        if let SpotKind::Link(_) = spot.kind {
            let typed = &post.text[spot.at.clone()];
            let full = match typed.contains("://") {
                true => typed.to_owned(),
                false => format!("http://{typed}"),
            };
            text = text.replacen(typed, &entity(full), 1);
        }
    }
    if let Some(id) = post.asked["quote_tweet_id"].as_str() {
        let full = format!("https://twitter.com/somebody/status/{id}");
        text = format!("{text} {}", entity(full));
    }
    if !post.media.is_empty() {
        let full = format!("https://x.com/{HANDLE}/status/{}/photo/1", post.id);
        text = format!("{text} {}", entity(full));
    }
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    (text, urls)
}

/// X dates posts in whole seconds.
fn second(at: i64) -> String {
    DateTime::from_timestamp(at.div_euclid(1_000), 0)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub(super) fn timeline(
    state: &State,
    account: &str,
    query: &BTreeMap<String, String>,
) -> (u16, Value) {
    let most: usize = match query.get("max_results").map(|n| n.parse()) {
        None => 10,
        Some(Ok(n)) if (5..=100).contains(&n) => n,
        Some(_) => return problem(400, "invalid-request", "max_results is not valid"),
    };
    let since = match query.get("start_time") {
        None => i64::MIN,
        Some(text) => match DateTime::parse_from_rfc3339(text) {
            Ok(at) => at.timestamp_millis(),
            Err(_) => return problem(400, "invalid-request", "start_time is not valid"),
        },
    };
    let skip: usize = query
        .get("pagination_token")
        .and_then(|t| t.parse().ok())
        .unwrap_or(0);
    let all: Vec<&Post> = state
        .posts
        .iter()
        .rev()
        .filter(|p| !p.deleted && !p.hidden && account == ACCOUNT)
        .filter(|p| p.at.div_euclid(1_000) * 1_000 >= since)
        .collect();
    let page = all.iter().skip(skip).take(most);
    let data: Vec<Value> = page.map(|p| show(state, p, query)).collect();
    let mut answer = json!({"meta": {"result_count": data.len()}});
    if all.len() > skip + data.len() {
        answer["meta"]["next_token"] = json!((skip + data.len()).to_string());
    }
    if !data.is_empty() {
        answer["data"] = json!(data);
    }
    (200, answer)
}

pub(super) fn look(
    state: &State,
    ids: &[&str],
    one: bool,
    query: &BTreeMap<String, String>,
) -> (u16, Value) {
    let mut data = Vec::new();
    let mut errors = Vec::new();
    for id in ids {
        match state.posts.iter().find(|p| p.id == *id && !p.deleted) {
            Some(post) => data.push(show(state, post, query)),
            None => errors.push(json!({
                "resource_id": id,
                "resource_type": "post",
                "title": "Not Found Error",
                "detail": format!("Could not find post with id: [{id}]."),
                "type": "https://api.x.com/2/problems/resource-not-found",
            })),
        }
    }
    let mut answer = json!({});
    if !errors.is_empty() {
        answer["errors"] = json!(errors);
    }
    match (one, data.is_empty()) {
        (_, true) => {}
        (true, false) => answer["data"] = data.remove(0),
        (false, false) => answer["data"] = json!(data),
    }
    (200, answer)
}

pub(super) fn delete(state: &mut State, id: &str) -> (u16, Value) {
    match state.posts.iter_mut().find(|p| p.id == id && !p.deleted) {
        Some(post) => {
            post.deleted = true;
            (200, json!({"data": {"deleted": true}}))
        }
        None => problem(404, "resource-not-found", "Could not find that post."),
    }
}
