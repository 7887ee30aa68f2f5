//! Reading posts back: whether they are there, what they say, their counts.

use domain::Instant;
use domain::content::{Options, Visibility};
use domain::ids::AttemptId;
use domain::version::{PreparedSegment, PreparedTarget};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::api::Api;
use super::html;
use crate::contract::{
    Account, FindInput, Found, JournalInput, Metric, NetworkError, Presence, Remote,
};

/// What a post has of each count, and our name for it
/// (<https://docs.joinmastodon.org/entities/Status/>; quotes since 4.5).
pub(super) const COUNTS: [(&str, &str); 4] = [
    ("favourites_count", "likes"),
    ("reblogs_count", "reposts"),
    ("replies_count", "replies"),
    ("quotes_count", "quotes"),
];

/// The most posts that a server gives at once
/// (<https://docs.joinmastodon.org/methods/accounts/#statuses>).
const PAGE: usize = 40;

/// How many pages are read at most: 200 posts since an attempt began is no person's work.
const PAGES: usize = 5;

/// What an attempt is journaled with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Keys {
    /// The `Idempotency-Key`.
    pub(super) key: String,
    /// An earlier try, which may be live, had the same.
    #[serde(default)]
    pub(super) reused: bool,
}

impl Keys {
    /// The key of an earlier try that may be live is kept: within the hour in which Mastodon
    /// honours it, "send again" then brings that try's post back instead of making a second.
    pub(super) fn of(input: &JournalInput<'_>) -> Self {
        match input.earlier.and_then(Self::read) {
            Some(earlier) => Self {
                reused: true,
                ..earlier
            },
            None => Self::new(input.attempt),
        }
    }

    fn new(attempt: AttemptId) -> Self {
        Self {
            key: attempt.to_string(),
            reused: false,
        }
    }

    pub(super) fn read(value: &Value) -> Option<Self> {
        serde_json::from_value(value.clone()).ok()
    }

    pub(super) fn to_json(&self) -> Value {
        json!(self)
    }
}

/// An id, which most software writes as a text and some as a number.
pub(super) fn id(value: &Value) -> Option<String> {
    match value.get("id")? {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

/// What the API calls a visibility (<https://docs.joinmastodon.org/entities/Status/#visibility>).
pub(super) const fn visibility(chosen: Visibility) -> &'static str {
    match chosen {
        Visibility::Public => "public",
        Visibility::Unlisted => "unlisted",
        Visibility::Followers => "private",
        Visibility::Direct => "direct",
    }
}

/// Mastodon takes one language, by its ISO 639 code.
pub(super) fn language(target: &PreparedTarget) -> Option<&str> {
    target.languages.first()?.split('-').next()
}

/// A picture of a post as the server shows it.
pub(super) struct Attached {
    pub(super) id: Option<String>,
    pub(super) description: String,
}

impl Attached {
    fn read(value: &Value) -> Self {
        let description = value.get("description").and_then(Value::as_str);
        Self {
            id: id(value),
            description: description.unwrap_or_default().to_owned(),
        }
    }
}

/// A post as the server shows it.
pub(super) struct Status {
    pub(super) id: String,
    pub(super) url: Option<String>,
    at: Option<i64>,
    text: String,
    warning: String,
    visibility: Option<String>,
    parent: Option<String>,
    pub(super) pictures: Vec<Attached>,
    pub(super) sensitive: Option<bool>,
    language: Option<String>,
}

impl Status {
    /// `None` for what is no post that is live, such as one that waits for its time.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let content = text("content")?;
        let at = text("created_at")
            .and_then(|at| chrono::DateTime::parse_from_rfc3339(&at).ok())
            .map(|at| at.timestamp_millis());
        Some(Self {
            id: id(value)?,
            url: text("url").or_else(|| text("uri")),
            at,
            text: html::text(&content),
            warning: text("spoiler_text").unwrap_or_default(),
            visibility: text("visibility"),
            parent: text("in_reply_to_id"),
            pictures: value
                .get("media_attachments")
                .and_then(Value::as_array)
                .map_or_else(Vec::new, |all| all.iter().map(Attached::read).collect()),
            sensitive: value.get("sensitive").and_then(Value::as_bool),
            language: text("language"),
        })
    }

    pub(super) fn remote(&self) -> Remote {
        Remote {
            id: self.id.clone(),
            url: self.url.clone(),
            extra: Value::Null,
        }
    }

    /// Whether it has the words and as many pictures as a segment, behind the same warning and for
    /// the same readers. Where nothing was chosen, the account's own choice holds, which is not
    /// known here.
    pub(super) fn says(&self, segment: &PreparedSegment, options: &Options) -> bool {
        let chosen = options.visibility.map(visibility);
        self.text == html::written(&segment.text)
            && self.pictures.len() == segment.media.len()
            && html::written(&self.warning) == html::written(&options.content_warning)
            && chosen.is_none_or(|chosen| self.visibility.as_deref() == Some(chosen))
    }

    /// Whether its pictures have a segment's descriptions, in order.
    pub(super) fn describes(&self, segment: &PreparedSegment) -> bool {
        let same = |(shown, wanted): (&Attached, &domain::version::PreparedMedia)| {
            html::written(&shown.description) == html::written(&wanted.alt)
        };
        self.pictures.len() == segment.media.len()
            && self.pictures.iter().zip(&segment.media).all(same)
    }

    /// Whether it has a target's language, as far as one was chosen and the server says it.
    pub(super) fn speaks(&self, target: &PreparedTarget) -> bool {
        match (language(target), self.language.as_deref()) {
            (Some(wanted), Some(said)) => said == wanted,
            _ => true,
        }
    }
}

/// Looks among the account's newest posts for what an attempt may have written.
pub(super) async fn find(
    api: &Api<'_>,
    account: &str,
    input: FindInput<'_>,
) -> Result<Found, NetworkError> {
    let Some(segment) = input.target.segments.get(input.attempt.segment as usize) else {
        return Ok(Found::None);
    };
    let parent = input.thread.parent.as_ref().map(|p| p.id.as_str());
    let mut found = Vec::new();
    let mut before: Option<String> = None;
    for _ in 0..PAGES {
        let page = page(api, account, before.as_deref()).await?;
        let (len, oldest) = (page.len(), page.last().cloned());
        for value in &page {
            let Some(status) = Status::read(value) else {
                continue;
            };
            let fits = status.at.is_some_and(|at| at >= input.since.0)
                && status.says(segment, &input.target.options)
                && status.parent.as_deref() == parent;
            if fits {
                found.push(status);
            }
        }
        let oldest = oldest.as_ref().and_then(Status::read);
        before = oldest.as_ref().map(|status| status.id.clone());
        let is_old = oldest.is_none_or(|s| s.at.is_none_or(|at| at < input.since.0));
        if len < PAGE || is_old {
            break;
        }
    }
    Ok(match found.as_slice() {
        [] => Found::None,
        [one] => Found::One(one.remote()),
        many => Found::Several(many.len()),
    })
}

async fn page(
    api: &Api<'_>,
    account: &str,
    before: Option<&str>,
) -> Result<Vec<Value>, NetworkError> {
    let limit = PAGE.to_string();
    let mut query = vec![("limit", limit.as_str()), ("exclude_reblogs", "true")];
    query.extend(before.map(|id| ("max_id", id)));
    let path = format!("api/v1/accounts/{account}/statuses");
    match api.get(&path, &query).await? {
        Some(Value::Array(all)) => Ok(all),
        Some(_) => Err(NetworkError::Unreadable(
            "posts that are no list".to_owned(),
        )),
        None => Err(NetworkError::Unreadable(
            "the server does not know its own account".to_owned(),
        )),
    }
}

/// Whether a post is there.
pub(super) async fn presence(api: &Api<'_>, remote: &Remote) -> Result<Presence, NetworkError> {
    Ok(match status(api, remote).await? {
        None => Presence::Gone,
        Some(status) => Presence::There(status.remote()),
    })
}

/// A post; `None` when it is gone.
pub(super) async fn status(api: &Api<'_>, remote: &Remote) -> Result<Option<Status>, NetworkError> {
    let path = format!("api/v1/statuses/{}", remote.id);
    match api.get(&path, &[]).await? {
        None => Ok(None),
        Some(value) => Status::read(&value)
            .map(Some)
            .ok_or_else(|| NetworkError::Unreadable("this is no post".to_owned())),
    }
}

/// The counts of a post; what the server does not say is absent.
pub(super) async fn counts(
    api: &Api<'_>,
    remote: &Remote,
    now: Instant,
    metrics: &mut Vec<Metric>,
) -> Result<(), NetworkError> {
    let path = format!("api/v1/statuses/{}", remote.id);
    let Some(value) = api.get(&path, &[]).await? else {
        return Ok(());
    };
    for (theirs, ours) in COUNTS {
        if let Some(count) = value.get(theirs).and_then(Value::as_u64) {
            metrics.push(Metric {
                remote: remote.id.clone(),
                name: ours.to_owned(),
                value: count,
                as_of: now,
            });
        }
    }
    Ok(())
}

/// The account's id on its own server: what stands before the `@` of [`super::remote_id`].
pub(super) fn account_id(account: Account<'_>) -> Result<&str, NetworkError> {
    account
        .facts
        .remote_id
        .split_once('@')
        .map(|(id, _)| id)
        .ok_or_else(|| NetworkError::Unreadable("the account's id is of another kind".to_owned()))
}
