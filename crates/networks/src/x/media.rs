//! Uploading pictures in chunks: nobody sees a file that no post names, so whatever goes wrong
//! here, nothing was sent.
//!
//! <https://docs.x.com/x-api/media/quickstart/media-upload-chunked>

use std::time::Duration;

use bytes::Bytes;
use domain::version::PreparedMedia;
use serde_json::{Value, json};

use super::api::{self, Refusal};
use super::post::{not_opened, time_left};
use super::session::Session;
use crate::contract::{Outcome, SubmitInput, checked_bytes};
use crate::http::Call;

/// The size of a chunk that X's own guide uses, in bytes.
const CHUNK: usize = 1 << 20;

fn not_uploaded(why: &str) -> Outcome {
    Outcome::NotSent {
        why: format!("a picture could not be uploaded: {why}"),
    }
}

/// Uploads a picture with its words, waits until X has worked on it, and gives its id.
pub(super) async fn upload(
    session: &mut Session<'_>,
    input: &SubmitInput<'_>,
    media: &PreparedMedia,
) -> Result<String, Outcome> {
    let rendition = &media.rendition;
    let bytes = checked_bytes(input.media, rendition.hash)
        .await
        .map_err(|missing| Outcome::NotSent {
            why: missing.to_string(),
        })?;
    let moves = rendition.mime == "image/gif" && is_animated(&bytes);
    let begin = json!({
        "media_type": rendition.mime,
        "media_category": if moves { "tweet_gif" } else { "tweet_image" },
        "total_bytes": bytes.len(),
    });
    let begun = post(session, input, "/2/media/upload/initialize", &begin).await?;
    let id = begun
        .pointer("/data/id")
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
        .map(str::to_owned)
        .ok_or_else(|| not_uploaded("the answer has no id"))?;
    for (index, chunk) in bytes.chunks(CHUNK).enumerate() {
        append(session, input, &id, index, chunk).await?;
    }
    let path = format!("/2/media/upload/{id}/finalize");
    let ended = post(session, input, &path, &Value::Null).await?;
    processed(session, input, &id, ended).await?;
    if !media.alt.is_empty() {
        let words = json!({"id": id, "metadata": {"alt_text": {"text": media.alt}}});
        post(session, input, "/2/media/metadata", &words).await?;
    }
    Ok(id)
}

async fn post(
    session: &mut Session<'_>,
    input: &SubmitInput<'_>,
    path: &str,
    body: &Value,
) -> Result<Value, Outcome> {
    let left = time_left(input)?;
    let url = api::url(&session.places.api, path, &[]).map_err(not_opened)?;
    answer(session, || {
        let call = Call::post(url.clone()).timeout(left);
        if body.is_null() {
            call
        } else {
            call.json(body)
        }
    })
    .await
}

async fn append(
    session: &mut Session<'_>,
    input: &SubmitInput<'_>,
    id: &str,
    index: usize,
    chunk: &[u8],
) -> Result<(), Outcome> {
    let left = time_left(input)?;
    let path = format!("/2/media/upload/{id}/append");
    let url = api::url(&session.places.api, &path, &[]).map_err(not_opened)?;
    let boundary = format!("rostrum-{}", blake3::hash(chunk).to_hex());
    let form = form(&boundary, index, chunk);
    let mime = format!("multipart/form-data; boundary={boundary}");
    answer(session, || {
        Call::post(url.clone())
            .body(&mime, form.clone())
            .timeout(left)
    })
    .await
    .map(drop)
}

/// `segment_index` and `media` as `multipart/form-data` (RFC 7578).
fn form(boundary: &str, index: usize, chunk: &[u8]) -> Bytes {
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"segment_index\"\r\n\r\n{index}\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"part\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    let tail = format!("\r\n--{boundary}--\r\n");
    [head.as_bytes(), chunk, tail.as_bytes()].concat().into()
}

async fn answer(
    session: &mut Session<'_>,
    make: impl Fn() -> Call<'static>,
) -> Result<Value, Outcome> {
    let reply = session
        .send(|| Ok(make()))
        .await
        .map_err(not_opened)?
        .map_err(|no| not_uploaded(&no.why))?;
    if reply.is_success() {
        return match reply.body.is_empty() {
            true => Ok(Value::Null),
            false => reply
                .json()
                .ok_or_else(|| not_uploaded("the answer cannot be understood")),
        };
    }
    Err(match Refusal::of(&reply).of_write() {
        Outcome::Ambiguous { why } => not_uploaded(&why),
        outcome => outcome,
    })
}

/// Asks, as often as X says, until it has worked on the file.
async fn processed(
    session: &mut Session<'_>,
    input: &SubmitInput<'_>,
    id: &str,
    mut answer: Value,
) -> Result<(), Outcome> {
    loop {
        let Some(info) = answer.pointer("/data/processing_info") else {
            return Ok(());
        };
        match info.get("state").and_then(Value::as_str) {
            Some("succeeded") | None => return Ok(()),
            Some("failed") => {
                let words = info.pointer("/error/message").and_then(Value::as_str);
                return Err(Outcome::Rejected {
                    code: "media_refused",
                    words: words.unwrap_or("X could not use a picture.").to_owned(),
                });
            }
            Some(_) => {}
        }
        let seconds = info.get("check_after_secs").and_then(Value::as_u64);
        let nap = Duration::from_secs(seconds.unwrap_or(1)).max(Duration::from_millis(200));
        if nap >= time_left(input)? {
            return Err(not_uploaded("X works on it for too long"));
        }
        tokio::time::sleep(nap).await;
        let query = [("command", "STATUS"), ("media_id", id)];
        answer = session
            .read("/2/media/upload", &query)
            .await
            .map_err(not_opened)?;
    }
}

/// Whether a GIF has more than one picture: <https://www.w3.org/Graphics/GIF/spec-gif89a.txt>.
fn is_animated(gif: &[u8]) -> bool {
    let table = |packed: u8| match packed & 0x80 {
        0 => 0,
        _ => 3 << ((packed & 7) + 1),
    };
    let after_blocks = |mut at: usize| {
        while let Some(&length) = gif.get(at) {
            at += 1 + usize::from(length);
            if length == 0 {
                break;
            }
        }
        at
    };
    let mut at = 13 + gif.get(10).map_or(0, |packed| table(*packed));
    let mut pictures = 0;
    loop {
        match gif.get(at) {
            Some(0x21) => at = after_blocks(at + 2),
            Some(0x2c) => {
                pictures += 1;
                let colours = gif.get(at + 9).map_or(0, |packed| table(*packed));
                at = after_blocks(at + 11 + colours);
            }
            _ => return pictures > 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Header, screen of 1 x 1 without a colour table.
    const HEAD: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0";
    /// A control block, then a picture of 1 x 1 with a colour table of two.
    const PICTURE: &[u8] =
        b"\x21\xf9\x04\0\x0a\0\0\0\x2c\0\0\0\0\x01\0\x01\0\x80\0\0\0\xff\xff\xff\x02\x02\x44\x01\0";

    #[test]
    fn a_gif_moves_when_it_has_several_pictures() {
        let still = [HEAD, PICTURE, b";"].concat();
        let moving = [HEAD, PICTURE, PICTURE, b";"].concat();
        assert!(!is_animated(&still));
        assert!(is_animated(&moving));
        for cut in 0..moving.len() {
            let _ = is_animated(&moving[..cut]);
        }
    }

    #[test]
    fn a_chunk_travels_as_it_is() {
        let form = form("b", 3, b"\r\n--\0\xff");
        let text = form.as_ref();
        let place = text.windows(6).position(|w| w == b"\r\n--\0\xff");
        assert!(place.is_some());
        assert!(text.ends_with(b"\r\n--b--\r\n"));
    }
}
