//! Pictures and posts.

use serde_json::{Value, json};

use super::content::html;
use super::{ACCOUNT, State, error, schedule};
use crate::standin::wire::{Answer, Request};

/// For how long a key brings the first post back.
const KEY_LIVES: i64 = 60 * 60 * 1000;

pub(super) struct Media {
    description: String,
    polls: u32,
    attached: bool,
}

#[derive(Clone)]
pub(super) struct Post {
    pub(super) id: String,
    pub(super) text: String,
    /// The request as it came.
    pub(super) sent: Value,
    media: Vec<Value>,
    at: i64,
    /// How often it was changed.
    pub(super) edits: usize,
    edited_at: Option<i64>,
}

impl Post {
    /// What waited for its time is a post of its own, which the server named anew.
    pub(super) fn of(one: schedule::Scheduled, id: String, at: i64) -> Self {
        Self {
            id,
            text: one.text,
            sent: one.sent,
            media: one.media,
            at,
            edits: 0,
            edited_at: None,
        }
    }
}

fn moment(at: i64) -> String {
    let at = chrono::DateTime::from_timestamp_millis(at).unwrap_or_default();
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// What a request names in `media_ids`.
fn media_ids(sent: &Value) -> Vec<String> {
    let ids = sent["media_ids"].as_array().into_iter().flatten();
    ids.filter_map(|id| id.as_str().map(str::to_owned))
        .collect()
}

impl Post {
    pub(super) fn shown(&self, url: &str) -> Value {
        json!({
            "id": self.id,
            "created_at": moment(self.at),
            "edited_at": self.edited_at.map(moment),
            "in_reply_to_id": self.sent.get("in_reply_to_id").unwrap_or(&Value::Null),
            "sensitive": self.sent.get("sensitive").and_then(Value::as_bool).unwrap_or(false),
            "spoiler_text": self.sent.get("spoiler_text").and_then(Value::as_str).unwrap_or(""),
            "visibility": self.sent.get("visibility").and_then(Value::as_str).unwrap_or("public"),
            "language": self.sent.get("language").unwrap_or(&Value::Null),
            "uri": format!("{url}/users/mara/statuses/{}", self.id),
            "url": format!("{url}/@mara/{}", self.id),
            "replies_count": 0,
            "reblogs_count": 2,
            "favourites_count": 3,
            "content": html(&self.text, url),
            "account": {"id": ACCOUNT, "username": "mara"},
            "media_attachments": self.media,
        })
    }
}

/// The value of a form's field and the bytes of its file.
fn parts(request: &Request) -> Option<(String, usize)> {
    let kind = request.headers.get("content-type")?;
    let boundary = format!("--{}", kind.split_once("boundary=")?.1);
    let body = String::from_utf8_lossy(&request.body);
    let mut description = String::new();
    let mut bytes = 0;
    for part in body.split(boundary.as_str()) {
        let Some((head, value)) = part.split_once("\r\n\r\n") else {
            continue;
        };
        if head.contains("name=\"description\"") {
            value.trim_end_matches("\r\n").clone_into(&mut description);
        } else if head.contains("name=\"file\"") && head.contains("filename=") {
            bytes = value.len();
        }
    }
    Some((description, bytes))
}

pub(super) fn upload(state: &mut State, request: &Request) -> Answer {
    let Some((description, bytes)) = parts(request).filter(|(_, bytes)| *bytes > 2) else {
        return error(422, "Validation failed: File can't be blank");
    };
    if description.chars().count() > 1500 {
        return error(422, "Validation failed: Description is too long");
    }
    debug_assert!(bytes > 0);
    let id = state.next();
    let polls = state.habits.media_polls;
    let media = Media {
        description,
        polls,
        attached: false,
    };
    let shown = shown(&id, &media);
    state.media.insert(id, media);
    // Version 1 answers only when the work is done.
    let later = polls > 0 && request.path.contains("v2");
    Answer::json(if later { 202 } else { 200 }, &shown)
}

fn shown(id: &str, media: &Media) -> Value {
    json!({"id": id, "type": "image", "url": Value::Null, "description": media.description})
}

pub(super) fn progress(state: &mut State, id: &str) -> Answer {
    let Some(media) = state.media.get_mut(id).filter(|m| !m.attached) else {
        return error(404, "Record not found");
    };
    let ready = media.polls == 0;
    media.polls = media.polls.saturating_sub(1);
    let shown = shown(id, media);
    Answer::json(if ready { 200 } else { 206 }, &shown)
}

pub(super) fn write(state: &mut State, request: &Request, url: &str, now: i64) -> Answer {
    let key = request.headers.get("idempotency-key").cloned();
    if let Some((id, at)) = key.as_ref().and_then(|key| state.keys.get(key))
        && now - at < KEY_LIVES
    {
        let id = id.clone();
        if state.scheduled.iter().any(|one| one.id == id) {
            return schedule::show(state, &id);
        }
        return show(state, &id, url);
    }
    let sent = request.json();
    let text = sent["status"].as_str().unwrap_or_default().to_owned();
    let ids = media_ids(&sent);
    if text.trim().is_empty() && ids.is_empty() {
        return error(422, "Validation failed: Text can't be blank");
    }
    if text.chars().count() > state.habits.max_characters {
        return error(
            422,
            "Validation failed: Text character limit of 500 exceeded",
        );
    }
    if let Some(parent) = sent["in_reply_to_id"].as_str()
        && !state.posts.iter().any(|p| p.id == parent)
    {
        return error(404, "Record not found");
    }
    if !sent["poll"].is_null() && !ids.is_empty() {
        return error(
            422,
            "Validation failed: Cannot attach a poll to a post with media",
        );
    }
    let at = sent["scheduled_at"]
        .as_str()
        .filter(|_| state.habits.keeps_time);
    let at = match at.map(|at| schedule::time(state, at, now)) {
        Some(Err(refused)) => return refused,
        Some(Ok(at)) => Some(at),
        None => None,
    };
    let mut media = Vec::new();
    for id in &ids {
        match state.media.get_mut(id) {
            Some(one) if one.polls > 0 => {
                let words = "Cannot attach files that have not finished processing.";
                return error(422, words);
            }
            Some(one) if !one.attached => {
                one.attached = true;
                media.push(shown(id, one));
            }
            _ => return error(422, "Validation failed: no such media"),
        }
    }
    let id = state.next();
    if let Some(key) = key.filter(|_| state.habits.keys) {
        state.keys.insert(key, (id.clone(), now));
    }
    if let Some(at) = at {
        let one = schedule::Scheduled {
            id,
            text,
            sent,
            media,
            at,
        };
        let answer = Answer::json(200, &one.shown());
        state.scheduled.push(one);
        return answer;
    }
    let post = Post {
        id,
        text,
        sent,
        media,
        at: now,
        edits: 0,
        edited_at: None,
    };
    let answer = Answer::json(200, &post.shown(url));
    state.posts.push(post);
    answer
}

/// An edit says the whole post again: pictures and poll that it does not name are taken away.
pub(super) fn edit(state: &mut State, id: &str, request: &Request, url: &str, now: i64) -> Answer {
    let Some(at) = state.posts.iter().position(|p| p.id == id) else {
        return error(404, "Record not found");
    };
    let sent = request.json();
    let text = sent["status"].as_str().unwrap_or_default().to_owned();
    let ids = media_ids(&sent);
    if text.trim().is_empty() && ids.is_empty() {
        return error(422, "Validation failed: Text can't be blank");
    }
    if text.chars().count() > state.habits.max_characters {
        let words = "Validation failed: Text character limit of 500 exceeded";
        return error(422, words);
    }
    let mut media = Vec::new();
    for id in &ids {
        let own = state.posts[at].media.iter().find(|m| m["id"] == **id);
        let mut one = match (own, state.media.get_mut(id)) {
            (Some(own), _) => own.clone(),
            (None, Some(new)) if !new.attached && new.polls == 0 => {
                new.attached = true;
                shown(id, new)
            }
            _ => return error(422, "Validation failed: no such media"),
        };
        let described = sent["media_attributes"].as_array().into_iter().flatten();
        let described = described.filter(|_| state.habits.describes);
        if let Some(named) = described.into_iter().find(|m| m["id"] == **id) {
            one["description"] = named["description"].clone();
        }
        media.push(one);
    }
    let post = &mut state.posts[at];
    let mut next = post.sent.clone();
    for name in ["status", "spoiler_text", "sensitive", "language"] {
        if !sent[name].is_null() {
            next[name] = sent[name].clone();
        }
    }
    next["poll"] = sent["poll"].clone();
    let changes = next != post.sent || media != post.media;
    post.sent = next;
    post.text = text;
    post.media = media;
    if changes {
        post.edits += 1;
        post.edited_at = Some(now);
    }
    Answer::json(200, &post.shown(url))
}

pub(super) fn show(state: &State, id: &str, url: &str) -> Answer {
    match state.posts.iter().find(|p| p.id == id) {
        Some(post) => Answer::json(200, &post.shown(url)),
        None => error(404, "Record not found"),
    }
}

pub(super) fn delete(state: &mut State, id: &str, url: &str) -> Answer {
    let answer = show(state, id, url);
    state.posts.retain(|p| p.id != id);
    answer
}

/// The newest posts first.
pub(super) fn page(state: &State, request: &Request, url: &str) -> Answer {
    let limit = request.query.get("limit").and_then(|l| l.parse().ok());
    let before = request.query.get("max_id");
    let found: Vec<Value> = state
        .posts
        .iter()
        .rev()
        .filter(|post| before.is_none_or(|id| post.id < *id))
        .filter(|_| !state.habits.hides_posts)
        .take(limit.unwrap_or(20).min(40))
        .map(|post| post.shown(url))
        .collect();
    Answer::json(200, &Value::Array(found))
}
