//! Sending a post, and saying precisely what became of it.

use std::time::Duration;

use domain::media::Rendition;
use serde_json::{Value, json};

use super::gates::{self, Gate};
use super::record::{self, COLLECTION, Embed, Keys, Known};
use super::session::Session;
use super::xrpc::{self, Said};
use crate::contract::{AccountFacts, NetworkError, Outcome, SubmitInput, checked_bytes};
use crate::http::{Call, Reply};

const TIME_IS_UP: &str = "the time for this attempt ran out";

/// How long reading back may take. It writes nothing, so it may outlive the lease.
const READ_BACK: Duration = Duration::from_secs(5);

/// The outcome when nothing was sent yet because of `error`.
pub(super) fn not_opened(error: NetworkError) -> Outcome {
    match error {
        NetworkError::NeedsReconnect { words } => Outcome::NeedsReconnect { words },
        NetworkError::Throttled { retry_after } => Outcome::Throttled { retry_after },
        NetworkError::Refused { words, .. } => Outcome::Rejected {
            code: "refused",
            words,
        },
        other => Outcome::NotSent {
            why: other.to_string(),
        },
    }
}

fn rejected(code: &'static str, words: &str) -> Outcome {
    Outcome::Rejected {
        code,
        words: words.to_owned(),
    }
}

/// The outcome in `Err` is as good as the one in `Ok`; `?` only ends early.
pub(super) async fn submit(
    session: &mut Session<'_>,
    input: SubmitInput<'_>,
) -> Result<Outcome, Outcome> {
    let segment = input
        .segment()
        .ok_or_else(|| rejected("no_such_segment", "This segment is not in the version."))?;
    let keys = Keys::read(&input.attempt.keys)
        .ok_or_else(|| rejected("no_keys", "The attempt was journaled without its keys."))?;
    if input.attempt.segment > 0 && input.thread.parent.is_none() {
        return Err(rejected("no_parent", "The segment before is not known."));
    }
    let embed = if !segment.media.is_empty() {
        let mut blobs = Vec::with_capacity(segment.media.len());
        for media in &segment.media {
            blobs.push(upload(session, input, &media.rendition).await?);
        }
        Embed::Images(blobs)
    } else if let Some(card) = &segment.card {
        Embed::Card(match &card.image {
            Some(image) => Some(upload(session, input, image).await?),
            None => None,
        })
    } else {
        Embed::None
    };
    let record = record::build(segment, input.target, input.thread, &keys, embed)
        .map_err(|words| rejected("no_parent", words))?;
    let did = &input.account.facts.remote_id;
    let gates = gates::build(&input.target.options, input.attempt.segment, did, &keys);
    let post = Post {
        keys,
        record,
        gates,
    };
    write(session, input, &post).await
}

/// What is written under the journaled key, all at once.
struct Post {
    keys: Keys,
    record: Value,
    gates: Vec<Gate>,
}

impl Post {
    /// The method that writes it, and what to send there.
    fn request(&self, did: &str) -> (&'static str, Value) {
        let rkey = &self.keys.rkey;
        if self.gates.is_empty() {
            let body = json!({
                "repo": did,
                "collection": COLLECTION,
                "rkey": rkey,
                "record": self.record,
            });
            return ("com.atproto.repo.createRecord", body);
        }
        let writes: Vec<Value> = std::iter::once((COLLECTION, &self.record))
            .chain(
                self.gates
                    .iter()
                    .map(|gate| (gate.collection, &gate.record)),
            )
            .map(|(collection, value)| {
                json!({
                    "$type": "com.atproto.repo.applyWrites#create",
                    "collection": collection,
                    "rkey": rkey,
                    "value": value,
                })
            })
            .collect();
        let body = json!({"repo": did, "writes": writes});
        ("com.atproto.repo.applyWrites", body)
    }
}

/// What is left for the next request; nothing left means that nothing is written.
fn time_left(input: &SubmitInput<'_>) -> Result<Duration, Outcome> {
    let left = input.lease.left();
    if left.is_zero() {
        Err(Outcome::NotSent {
            why: TIME_IS_UP.to_owned(),
        })
    } else {
        Ok(left)
    }
}

/// Uploads a file and gives the server's handle of it. A file that no post names is not public
/// and is dropped by the server, so whatever goes wrong here, nothing was sent.
async fn upload(
    session: &mut Session<'_>,
    input: SubmitInput<'_>,
    rendition: &Rendition,
) -> Result<Value, Outcome> {
    let bytes = checked_bytes(input.media, rendition.hash)
        .await
        .map_err(|missing| Outcome::NotSent {
            why: missing.to_string(),
        })?;
    let bytes = bytes::Bytes::from(bytes);
    let left = time_left(&input)?;
    let url =
        xrpc::url(&session.service, "com.atproto.repo.uploadBlob", &[]).map_err(not_opened)?;
    let reply = session
        .send(|| {
            Ok(Call::post(url.clone())
                .body(&rendition.mime, bytes.clone())
                .timeout(left))
        })
        .await
        .map_err(not_opened)?
        .map_err(|no| Outcome::NotSent {
            why: format!("a picture could not be uploaded: {}", no.why),
        })?;
    if !reply.is_success() {
        return Err(refused(&reply).unwrap_or_else(|| Outcome::NotSent {
            why: format!(
                "a picture could not be uploaded: {}",
                Said::of(&reply).words
            ),
        }));
    }
    reply
        .json()
        .and_then(|mut v| v.get_mut("blob").map(Value::take))
        .ok_or_else(|| Outcome::NotSent {
            why: "a picture was uploaded, but the answer cannot be understood".to_owned(),
        })
}

/// Creates the post and its gates under its journaled key.
async fn write(
    session: &mut Session<'_>,
    input: SubmitInput<'_>,
    post: &Post,
) -> Result<Outcome, Outcome> {
    let (method, body) = post.request(&input.account.facts.remote_id);
    let url = xrpc::url(&session.service, method, &[]).map_err(not_opened)?;
    let sent = session
        .send(|| {
            // Asked again for the repeat after a refreshed token.
            let left = time_left(&input).map_err(|_| NetworkError::Unreachable {
                host: "the network".to_owned(),
                why: TIME_IS_UP.to_owned(),
            })?;
            Ok(Call::post(url.clone()).json(&body).timeout(left))
        })
        .await
        .map_err(not_opened)?;
    let facts = input.account.facts;
    let reply = match sent {
        Ok(reply) => reply,
        Err(no) if !no.begun => return Err(Outcome::NotSent { why: no.why }),
        Err(no) => {
            let unknown = Outcome::Ambiguous { why: no.why };
            return Ok(read_back(session, facts, post, unknown).await);
        }
    };
    if reply.is_success() {
        // Of several writes the post's is the first.
        let known = reply.json().and_then(|mut answer| {
            let made = answer.pointer_mut("/results/0").map(Value::take);
            Known::read(made.unwrap_or(answer)).ok()
        });
        if let Some(known) = known {
            return Ok(Outcome::Confirmed(known.remote(facts)));
        }
        let unknown = Outcome::Ambiguous {
            why: "the server said yes in a way that cannot be understood".to_owned(),
        };
        return Ok(read_back(session, facts, post, unknown).await);
    }
    if let Some(outcome) = refused(&reply) {
        // Some servers refuse a key that is taken as bad input: it may be our own post.
        return match reply.status {
            400 => Ok(read_back(session, facts, post, outcome).await),
            _ => Err(outcome),
        };
    }
    // A failing server or a gateway may still be writing it: that it is not there yet proves
    // nothing.
    let unknown = Outcome::Ambiguous {
        why: Said::of(&reply).words,
    };
    Ok(read_back(session, facts, post, unknown).await)
}

/// An answer that says no by a documented meaning; `None` for anything else.
fn refused(reply: &Reply) -> Option<Outcome> {
    let said = Said::of(reply);
    let code = match reply.status {
        429 => {
            return Some(Outcome::Throttled {
                retry_after: reply.retry_after(),
            });
        }
        status
            if matches!(status, 400 | 401 | 403)
                && (said.is_locked_out() || said.wants_refresh(status)) =>
        {
            return Some(Outcome::NeedsReconnect { words: said.words });
        }
        400 if said.error.is_empty() => return None,
        400 => "invalid",
        403 => "forbidden",
        404 => "not_a_service",
        413 => "too_large",
        _ => return None,
    };
    Some(Outcome::Rejected {
        code,
        words: said.words,
    })
}

/// Looks whether the record is there after all. `otherwise` is the outcome when it is not; a
/// refusal that could not be looked into is none.
async fn read_back(
    session: &mut Session<'_>,
    facts: &AccountFacts,
    post: &Post,
    otherwise: Outcome,
) -> Outcome {
    let looked = tokio::time::timeout(READ_BACK, look(session, post)).await;
    match looked.unwrap_or_else(|_| Err(NetworkError::Unreadable("too slow".to_owned()))) {
        Ok(Some((known, true))) => Outcome::Confirmed(known.remote(facts)),
        Ok(Some((known, false))) => rejected(
            "already_there",
            &format!(
                "Another text is already live in this place: {}",
                known.remote(facts).url.unwrap_or_default()
            ),
        ),
        Ok(None) => otherwise,
        Err(_) => match otherwise {
            Outcome::Rejected { words, .. } => Outcome::Ambiguous { why: words },
            other => other,
        },
    }
}

/// The post that is live under our key, and whether it and its gates are the ones to be written.
async fn look(
    session: &mut Session<'_>,
    post: &Post,
) -> Result<Option<(Known, bool)>, NetworkError> {
    let rkey = &post.keys.rkey;
    let Some(known) = session.record(COLLECTION, rkey).await? else {
        return Ok(None);
    };
    let mut ours = known.value == post.record;
    for gate in &post.gates {
        let there = session.record(gate.collection, rkey).await?;
        ours = ours && there.is_some_and(|there| there.value == gate.record);
    }
    Ok(Some((known, ours)))
}
