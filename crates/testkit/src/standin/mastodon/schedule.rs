//! Posts that wait for their time.

use serde_json::{Value, json};

use super::posts::Post;
use super::{State, error};
use crate::standin::wire::{Answer, Request};

const AHEAD: i64 = 5 * 60 * 1000;
const DAY: i64 = 24 * 60 * 60 * 1000;
const IN_ALL: usize = 300;

#[derive(Clone)]
pub(super) struct Scheduled {
    pub(super) id: String,
    pub(super) text: String,
    /// The request as it came.
    pub(super) sent: Value,
    pub(super) media: Vec<Value>,
    /// Milliseconds since 1970.
    pub(super) at: i64,
}

impl Scheduled {
    pub(super) fn shown(&self) -> Value {
        let at = chrono::DateTime::from_timestamp_millis(self.at).unwrap_or_default();
        json!({
            "id": self.id,
            "scheduled_at": at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            "params": {"text": self.text, "scheduled_at": Value::Null},
            "media_attachments": self.media,
        })
    }
}

/// The time that a request names, or why it is not kept.
pub(super) fn time(state: &State, at: &str, now: i64) -> Result<i64, Answer> {
    let at = chrono::DateTime::parse_from_rfc3339(at);
    let at = at.map_err(|_| error(422, "Validation failed: Scheduled at is invalid"))?;
    let at = at.timestamp_millis();
    if at < now + AHEAD {
        let words = "Validation failed: Scheduled at The scheduled date must be in the future";
        return Err(error(422, words));
    }
    let same = state.scheduled.iter().filter(|s| s.at / DAY == at / DAY);
    if same.count() >= state.habits.scheduled_a_day {
        let words =
            "Validation failed: You have exceeded the limit of 25 scheduled posts for today";
        return Err(error(422, words));
    }
    if state.scheduled.len() >= IN_ALL {
        let words = "Validation failed: You have exceeded the limit of 300 scheduled posts";
        return Err(error(422, words));
    }
    Ok(at)
}

/// Publishes what is due.
pub(super) fn publish(state: &mut State, now: i64) {
    let late = state.habits.late;
    let mut due: Vec<Scheduled> = Vec::new();
    while let Some(next) = state.scheduled.iter().position(|s| s.at + late <= now) {
        due.push(state.scheduled.remove(next));
    }
    due.sort_by_key(|one| one.at);
    for one in due {
        let (id, at) = (state.next(), one.at + late);
        state.posts.push(Post::of(one, id, at));
    }
}

pub(super) fn show(state: &State, id: &str) -> Answer {
    match state.scheduled.iter().find(|one| one.id == id) {
        Some(one) => Answer::json(200, &one.shown()),
        None => error(404, "Record not found"),
    }
}

pub(super) fn delete(state: &mut State, id: &str, now: i64) -> Answer {
    let Some(at) = state.scheduled.iter().position(|one| one.id == id) else {
        return error(404, "Record not found");
    };
    let one = state.scheduled.remove(at);
    if state.habits.publishes_all_the_same {
        let id = state.next();
        state.posts.push(Post::of(one, id, now));
    }
    Answer::json(200, &json!({}))
}

/// The newest first.
pub(super) fn page(state: &State, request: &Request) -> Answer {
    let limit = request.query.get("limit").and_then(|l| l.parse().ok());
    let before = request.query.get("max_id");
    let found: Vec<Value> = state
        .scheduled
        .iter()
        .rev()
        .filter(|one| before.is_none_or(|id| one.id < *id))
        .take(limit.unwrap_or(20).min(40))
        .map(Scheduled::shown)
        .collect();
    Answer::json(200, &Value::Array(found))
}
