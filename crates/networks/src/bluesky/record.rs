//! The record of a post: its key, and its JSON.

use domain::Instant;
use domain::content::Quote;
use domain::ids::AttemptId;
use domain::version::{Mark, MarkKind, PreparedSegment, PreparedTarget};
use serde_json::{Map, Value, json};

use crate::contract::{AccountFacts, NetworkError, Remote, ThreadContext};

/// The collection of posts.
pub(super) const COLLECTION: &str = "app.bsky.feed.post";

/// What the attempt was journaled with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Keys {
    pub(super) rkey: String,
    pub(super) created_at: Instant,
}

impl Keys {
    pub(super) fn new(attempt: AttemptId, now: Instant) -> Self {
        Self {
            rkey: tid(attempt, now),
            created_at: now,
        }
    }

    pub(super) fn read(keys: &Value) -> Option<Self> {
        let rkey = keys.get("rkey")?.as_str()?;
        let is_tid = rkey.len() == 13 && rkey.bytes().all(|b| SORTABLE.contains(&b));
        Some(Self {
            rkey: is_tid.then(|| rkey.to_owned())?,
            created_at: keys.get("created_at")?.as_str()?.parse().ok()?,
        })
    }

    pub(super) fn to_json(&self) -> Value {
        json!({"rkey": self.rkey, "created_at": self.created_at.to_string()})
    }
}

/// The alphabet of `base32-sortable`.
const SORTABLE: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";

/// A record key of the AT Protocol: microseconds since 1970 and ten bits against collisions,
/// both filled up from the attempt's id.
fn tid(attempt: AttemptId, now: Instant) -> String {
    let noise = attempt.0.as_u128();
    let micros = u64::try_from(now.0).unwrap_or(0) * 1000 + (noise % 1000) as u64;
    let clock = (noise >> 32) as u64 & 0x3ff;
    let bits = (micros << 10 | clock) & (u64::MAX >> 1);
    (0..13)
        .rev()
        .map(|place| SORTABLE[(bits >> (place * 5) & 0x1f) as usize] as char)
        .collect()
}

/// An `at://` address of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Address<'a> {
    pub(super) did: &'a str,
    pub(super) rkey: &'a str,
}

impl<'a> Address<'a> {
    pub(super) fn read(uri: &'a str) -> Option<Self> {
        let (did, rest) = uri.strip_prefix("at://")?.split_once('/')?;
        let (collection, rkey) = rest.split_once('/')?;
        (collection == COLLECTION && !rkey.is_empty() && !rkey.contains('/'))
            .then_some(Self { did, rkey })
    }
}

/// A record that the server has.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known {
    uri: String,
    cid: String,
    pub(super) value: Value,
}

impl Known {
    pub(super) fn read(mut answer: Value) -> Result<Self, NetworkError> {
        let text = |name: &str| {
            answer
                .get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
                .ok_or_else(|| NetworkError::Unreadable(format!("a record without {name}")))
        };
        Ok(Self {
            uri: text("uri")?,
            cid: text("cid")?,
            value: answer.get_mut("value").map(Value::take).unwrap_or_default(),
        })
    }

    /// Whether it has the words of a segment and the labels of its target.
    pub(super) fn says(&self, segment: &PreparedSegment, target: &PreparedTarget) -> bool {
        self.text() == Some(segment.text.as_str())
            && self.value.get("labels") == labels(target).as_ref()
    }

    pub(super) fn text(&self) -> Option<&str> {
        self.value.get("text").and_then(Value::as_str)
    }

    /// The post that it quotes.
    pub(super) fn quotes(&self) -> Option<&str> {
        ["/embed/record/uri", "/embed/record/record/uri"]
            .iter()
            .find_map(|place| self.value.pointer(place)?.as_str())
    }

    pub(super) fn as_quote(&self, address: &str, author: &str) -> Quote {
        Quote {
            address: address.to_owned(),
            id: self.uri.clone(),
            hash: self.cid.clone(),
            author: author.to_owned(),
            text: self.text().unwrap_or_default().to_owned(),
        }
    }

    pub(super) fn remote(&self, facts: &AccountFacts) -> Remote {
        let url = Address::read(&self.uri)
            .map(|a| format!("https://bsky.app/profile/{}/post/{}", facts.handle, a.rkey));
        Remote {
            id: self.uri.clone(),
            url,
            extra: json!({"cid": self.cid}),
        }
    }
}

/// The record that a quote embeds; its words as they were when it was approved.
fn quoted(quote: &Quote) -> Value {
    json!({
        "$type": "app.bsky.embed.record",
        "record": {"uri": quote.id, "cid": quote.hash},
    })
}

/// What a segment embeds, with the server's handles of the uploaded files.
pub(super) enum Embed {
    None,
    Images(Vec<Value>),
    /// With the card's picture.
    Card(Option<Value>),
}

/// The record of a segment. The same inputs give the same record.
pub(super) fn build(
    segment: &PreparedSegment,
    target: &PreparedTarget,
    thread: &ThreadContext,
    keys: &Keys,
    embed: Embed,
) -> Result<Value, &'static str> {
    let mut record = Map::new();
    record.insert("$type".to_owned(), json!(COLLECTION));
    record.insert("text".to_owned(), json!(segment.text));
    record.insert("createdAt".to_owned(), json!(keys.created_at.to_string()));
    if !target.languages.is_empty() {
        record.insert("langs".to_owned(), json!(target.languages));
    }
    if let Some(labels) = labels(target) {
        record.insert("labels".to_owned(), labels);
    }
    let facets: Vec<Value> = segment.marks.iter().map(facet).collect();
    if !facets.is_empty() {
        record.insert("facets".to_owned(), Value::Array(facets));
    }
    if let Some(parent) = &thread.parent {
        let root = thread.root.as_ref().unwrap_or(parent);
        let reply = json!({"root": reference(root)?, "parent": reference(parent)?});
        record.insert("reply".to_owned(), reply);
    }
    // The first segment has none before it.
    let quote = target.options.quote.as_ref();
    let quote = quote.filter(|_| thread.parent.is_none());
    if let Some(embed) = with_quote(embedded(segment, embed), quote) {
        record.insert("embed".to_owned(), embed);
    }
    Ok(Value::Object(record))
}

/// Pictures or a card, and the quoted post beside them.
fn with_quote(media: Option<Value>, quote: Option<&Quote>) -> Option<Value> {
    match (media, quote.map(quoted)) {
        (Some(media), Some(record)) => Some(json!({
            "$type": "app.bsky.embed.recordWithMedia",
            "record": record,
            "media": media,
        })),
        (media, record) => media.or(record),
    }
}

/// The labels of a post; absent when it has none.
fn labels(target: &PreparedTarget) -> Option<Value> {
    let labels = target.options.labels.iter();
    let labels: Vec<Value> = labels.map(|label| json!({"val": label})).collect();
    (!labels.is_empty())
        .then(|| json!({"$type": "com.atproto.label.defs#selfLabels", "values": labels}))
}

fn facet(mark: &Mark) -> Value {
    let feature = match &mark.kind {
        MarkKind::Link { url } => json!({"$type": "app.bsky.richtext.facet#link", "uri": url}),
        MarkKind::Mention { id, .. } => {
            json!({"$type": "app.bsky.richtext.facet#mention", "did": id})
        }
        MarkKind::Tag { tag } => json!({"$type": "app.bsky.richtext.facet#tag", "tag": tag}),
    };
    json!({
        "index": {"byteStart": mark.start, "byteEnd": mark.end},
        "features": [feature],
    })
}

fn reference(remote: &Remote) -> Result<Value, &'static str> {
    let cid = remote
        .extra
        .get("cid")
        .and_then(Value::as_str)
        .ok_or("The segment before is known without its content hash.")?;
    Ok(json!({"uri": remote.id, "cid": cid}))
}

/// Pictures in an `app.bsky.embed.images`, which readers of every age show; what is more goes as a
/// gallery. Source: its lexicon, `images.maxLength`.
const FEW: usize = 4;

/// Source of a gallery's shape: lexicon `app.bsky.embed.gallery`, whose items are a union.
fn pictures(segment: &PreparedSegment, blobs: Vec<Value>) -> Value {
    let gallery = blobs.len() > FEW;
    let pictures = segment.media.iter().zip(blobs).map(|(media, blob)| {
        let mut picture = json!({
            "alt": media.alt,
            "image": blob,
            "aspectRatio": {
                "width": media.rendition.width,
                "height": media.rendition.height,
            },
        });
        if gallery {
            picture["$type"] = json!("app.bsky.embed.gallery#image");
        }
        picture
    });
    let pictures: Vec<Value> = pictures.collect();
    match gallery {
        true => json!({"$type": "app.bsky.embed.gallery", "items": pictures}),
        false => json!({"$type": "app.bsky.embed.images", "images": pictures}),
    }
}

fn embedded(segment: &PreparedSegment, embed: Embed) -> Option<Value> {
    match embed {
        Embed::None => None,
        Embed::Images(blobs) => Some(pictures(segment, blobs)),
        Embed::Card(thumb) => {
            let card = segment.card.as_ref()?;
            let mut external = json!({
                "uri": card.url,
                "title": card.title,
                "description": card.description,
            });
            if let (Some(thumb), Some(map)) = (thumb, external.as_object_mut()) {
                map.insert("thumb".to_owned(), thumb);
            }
            Some(json!({"$type": "app.bsky.embed.external", "external": external}))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn record_keys_are_sorted_by_time_and_read_back() {
        let at = |ms, id: u128| Keys::new(AttemptId(Uuid::from_u128(id)), Instant(ms));
        let first = at(1_795_428_020_000, 7);
        let later = at(1_795_428_020_001, 3);
        assert!(first.rkey < later.rkey);
        assert_eq!(first.rkey.len(), 13);
        assert_ne!(at(5, 1).rkey, at(5, 2).rkey);
        assert_eq!(Keys::read(&first.to_json()), Some(first));
        assert_eq!(
            Keys::read(&json!({"rkey": "../../x", "created_at": "x"})),
            None
        );
    }

    /// The protocol's own example: <https://atproto.com/specs/tid>.
    #[test]
    fn a_key_is_a_valid_tid() {
        let key = Keys::new(
            AttemptId(Uuid::from_u128(u128::MAX)),
            Instant(1_795_428_020_000),
        )
        .rkey;
        assert!(b"234567abcdefghij".contains(&key.as_bytes()[0]), "{key}");
    }

    #[test]
    fn an_address_of_something_else_is_none() {
        let post = "at://did:plc:a/app.bsky.feed.post/3jzf";
        assert_eq!(
            Address::read(post),
            Some(Address {
                did: "did:plc:a",
                rkey: "3jzf"
            })
        );
        for other in [
            "https://a/b",
            "at://did:plc:a",
            "at://did:plc:a/app.bsky.feed.like/3jzf",
        ] {
            assert_eq!(Address::read(other), None, "{other}");
        }
    }
}
