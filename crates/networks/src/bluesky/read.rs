//! What is read of an account and its posts.

use domain::Instant;
use serde_json::Value;

use super::record::{Address, COLLECTION};
use super::session::Session;
use crate::contract::{Account, Metric, NetworkError, Picture, Presence, Remote};

/// The numbers that the AppView gives, by their names there and here.
pub(super) const COUNTS: [(&str, &str); 4] = [
    ("likeCount", "likes"),
    ("repostCount", "reposts"),
    ("replyCount", "replies"),
    ("quoteCount", "quotes"),
];

/// What is not in the answer stays absent.
pub(super) fn read_counts(post: &Value, now: Instant, metrics: &mut Vec<Metric>) {
    let Some(uri) = post.get("uri").and_then(Value::as_str) else {
        return;
    };
    for (theirs, ours) in COUNTS {
        if let Some(value) = post.get(theirs).and_then(Value::as_u64) {
            metrics.push(Metric {
                remote: uri.to_owned(),
                name: ours.to_owned(),
                value,
                as_of: now,
            });
        }
    }
}

pub(super) fn rkey_of(account: Account<'_>, remote: &Remote) -> Result<String, NetworkError> {
    Address::read(&remote.id)
        .filter(|a| a.did == account.facts.remote_id)
        .map(|a| a.rkey.to_owned())
        .ok_or_else(|| NetworkError::Refused {
            code: "not_ours".to_owned(),
            words: "This post is not in this account.".to_owned(),
        })
}

pub(super) async fn presence(
    session: &mut Session<'_>,
    account: Account<'_>,
    rkey: &str,
) -> Result<Presence, NetworkError> {
    Ok(match session.record(COLLECTION, rkey).await? {
        Some(known) => Presence::There(known.remote(account.facts)),
        None => Presence::Gone,
    })
}

/// Display name and picture from the account's own profile record, which needs no AppView.
pub(super) async fn profile(session: &mut Session<'_>) -> (String, Option<Picture>) {
    let did = session.did().to_owned();
    let query = [
        ("repo", did.as_str()),
        ("collection", "app.bsky.actor.profile"),
        ("rkey", "self"),
    ];
    let Ok(record) = session.get("com.atproto.repo.getRecord", &query).await else {
        return (String::new(), None);
    };
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
    let name = text("/value/displayName").unwrap_or_default().to_owned();
    let blob = text("/value/avatar/ref/$link").map(str::to_owned);
    let mime = text("/value/avatar/mimeType")
        .unwrap_or("image/jpeg")
        .to_owned();
    let avatar = match blob {
        Some(cid) => session
            .blob(&did, &cid)
            .await
            .map(|bytes| Picture { mime, bytes }),
        None => None,
    };
    (name, avatar)
}
