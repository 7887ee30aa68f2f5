//! Uploads in chunks, and files that are worked on for a while.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::State;
use super::answers::problem;

/// A file on its way, or there.
#[derive(Clone, Debug, Default)]
pub(super) struct Upload {
    total: usize,
    animated: bool,
    chunks: BTreeMap<u32, usize>,
    /// How often it is still asked about; `None` before it ended.
    polls: Option<u32>,
    pub(super) alt: Option<String>,
    pub(super) used: bool,
}

impl Upload {
    pub(super) fn is_ready(&self) -> bool {
        self.polls == Some(0) && !self.used
    }

    fn tell(&self, id: &str) -> Value {
        let mut data = json!({"id": id, "media_key": format!("3_{id}"), "size": self.total});
        if self.animated {
            data["processing_info"] = match self.polls {
                Some(0) => json!({"state": "succeeded", "progress_percent": 100}),
                _ => json!({"state": "in_progress", "check_after_secs": 0}),
            };
        }
        json!({ "data": data })
    }
}

pub(super) fn initialize(state: &mut State, asked: &Value) -> (u16, Value) {
    let category = asked["media_category"].as_str().unwrap_or_default();
    let mime = asked["media_type"].as_str().unwrap_or_default();
    let fits = match category {
        "tweet_image" => 5_000_000,
        "tweet_gif" if mime == "image/gif" => 15_000_000,
        _ => return problem(400, "invalid-request", "media category is not valid"),
    };
    let total = asked["total_bytes"].as_u64().unwrap_or(u64::MAX);
    if total > fits || !mime.starts_with("image/") {
        return problem(400, "invalid-request", "file is not valid");
    }
    let id = state.id();
    let upload = Upload {
        total: usize::try_from(total).unwrap_or(usize::MAX),
        animated: category == "tweet_gif",
        ..Upload::default()
    };
    state.uploads.insert(id.clone(), upload);
    let data = json!({"id": id, "media_key": format!("3_{id}"), "expires_after_secs": 86_400});
    (200, json!({ "data": data }))
}

/// `form` holds the length of `media` and the text of `segment_index`.
pub(super) fn append(state: &mut State, id: &str, index: Option<u32>, size: usize) -> (u16, Value) {
    let upload = state.uploads.get_mut(id).filter(|u| u.polls.is_none());
    match (upload, index.filter(|i| *i < 1_000)) {
        (Some(upload), Some(index)) if size > 0 && size <= 5_000_000 => {
            upload.chunks.insert(index, size);
            (200, json!({"data": {"expires_at": 0}}))
        }
        _ => problem(400, "invalid-request", "this chunk is not valid"),
    }
}

pub(super) fn finalize(state: &mut State, id: &str) -> (u16, Value) {
    let polls = state.polls_of_media;
    let Some(upload) = state.uploads.get_mut(id) else {
        return problem(404, "resource-not-found", "there is no such upload");
    };
    let whole = upload.chunks.values().sum::<usize>() == upload.total
        && (0..)
            .zip(upload.chunks.keys())
            .all(|(n, index)| n == *index);
    if !whole {
        return problem(400, "invalid-request", "segments do not add up");
    }
    upload.polls = Some(if upload.animated { polls } else { 0 });
    (200, upload.tell(id))
}

pub(super) fn status(state: &mut State, id: &str) -> (u16, Value) {
    let Some(upload) = state.uploads.get_mut(id) else {
        return problem(404, "resource-not-found", "there is no such upload");
    };
    upload.polls = upload.polls.map(|left| left.saturating_sub(1));
    (200, upload.tell(id))
}

pub(super) fn describe(state: &mut State, asked: &Value) -> (u16, Value) {
    let id = asked["id"].as_str().unwrap_or_default();
    let words = asked.pointer("/metadata/alt_text/text");
    let words = words.and_then(Value::as_str).unwrap_or_default();
    match state.uploads.get_mut(id) {
        Some(upload) if !words.is_empty() && words.chars().count() <= 1_000 => {
            upload.alt = Some(words.to_owned());
            (200, json!({"data": {"id": id}}))
        }
        _ => problem(400, "invalid-request", "metadata is not valid"),
    }
}
