//! Who may reply and quote: records of their own beside the post, under the post's key.
//!
//! They are written in one commit with the post, so that it is never there without them; after
//! it, because a reader of the network's stream looks for the post that a gate names.

use domain::content::{Options, Replies};
use serde_json::{Value, json};

use super::record::{COLLECTION, Keys};

/// Who may reply to a thread: lexicon `app.bsky.feed.threadgate`.
const THREADGATE: &str = "app.bsky.feed.threadgate";

/// Who may quote a post: lexicon `app.bsky.feed.postgate`.
const POSTGATE: &str = "app.bsky.feed.postgate";

/// The collections of all gates.
pub(super) const COLLECTIONS: [&str; 2] = [THREADGATE, POSTGATE];

/// A gate as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gate {
    pub(super) collection: &'static str,
    pub(super) record: Value,
}

/// The gates of a segment. A thread's first says who may reply to all of it.
pub(super) fn build(options: &Options, segment: u32, did: &str, keys: &Keys) -> Vec<Gate> {
    let mut gates = Vec::new();
    let gate = |collection: &'static str, rules: &str, values: Value| Gate {
        collection,
        record: json!({
            "$type": collection,
            "post": format!("at://{did}/{COLLECTION}/{}", keys.rkey),
            "createdAt": keys.created_at.to_string(),
            rules: values,
        }),
    };
    if segment == 0
        && let Some(allow) = options.replies.and_then(allowed)
    {
        gates.push(gate(THREADGATE, "allow", json!(allow)));
    }
    if options.quotes_off {
        let off = json!([{"$type": format!("{POSTGATE}#disableRule")}]);
        gates.push(gate(POSTGATE, "embeddingRules", off));
    }
    gates
}

/// The rules of a thread gate; without a gate everybody may reply, with an empty one nobody.
fn allowed(replies: Replies) -> Option<Vec<Value>> {
    let rule = match replies {
        Replies::Nobody => return Some(Vec::new()),
        Replies::Following => "followingRule",
        Replies::Followers => "followerRule",
        Replies::Mentioned => "mentionRule",
        Replies::Everyone | Replies::Verified | Replies::Subscribers => return None,
    };
    Some(vec![json!({"$type": format!("{THREADGATE}#{rule}")})])
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Instant;
    use domain::ids::AttemptId;
    use uuid::Uuid;

    fn gates(options: &Options, segment: u32) -> Vec<Gate> {
        let keys = Keys::new(AttemptId(Uuid::from_u128(7)), Instant(1_795_428_020_000));
        build(options, segment, "did:plc:a", &keys)
    }

    fn replies(replies: Replies) -> Options {
        Options {
            replies: Some(replies),
            ..Options::default()
        }
    }

    #[test]
    fn who_may_reply_is_said_once_for_a_thread() {
        let following = replies(Replies::Following);
        let first = gates(&following, 0);
        assert_eq!(first.len(), 1);
        assert_eq!(
            first[0].record["allow"],
            json!([{"$type": "app.bsky.feed.threadgate#followingRule"}])
        );
        assert!(gates(&following, 1).is_empty());
        assert!(gates(&replies(Replies::Everyone), 0).is_empty());
        assert_eq!(
            gates(&replies(Replies::Nobody), 0)[0].record["allow"],
            json!([])
        );
    }

    #[test]
    fn every_segment_of_a_thread_says_that_it_is_not_quoted() {
        let quiet = Options {
            quotes_off: true,
            ..Options::default()
        };
        for segment in [0, 1] {
            let made = gates(&quiet, segment);
            assert_eq!(made.len(), 1);
            assert_eq!(made[0].collection, POSTGATE);
            assert_eq!(
                made[0].record["embeddingRules"],
                json!([{"$type": "app.bsky.feed.postgate#disableRule"}])
            );
        }
    }
}
