//! A server of Rostrum's own kind: JSON there and back, files in parts, and what it says without
//! being asked.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_RANGE, RANGE};
use reqwest::{Method, Response, Url};
use serde_json::Value;

use super::{Call, Http, Reply, in_words};
use crate::contract::NetworkError;

/// The largest answer of such a server that is read: a part of a pull holds at least one thing, and
/// one may have 32 MiB.
const MOST: usize = 48 << 20;

/// The longest line of events that is kept: a problem with its words is a few kilobytes.
const MAX_EVENT: usize = 1 << 20;

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Exchanged {
    /// Its status.
    pub status: u16,
    /// Its body; null where it had none, or none of JSON.
    pub body: Value,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
}

impl From<Reply> for Exchanged {
    fn from(reply: Reply) -> Self {
        Self {
            status: reply.status,
            body: reply.json().unwrap_or(Value::Null),
            retry_after: reply.retry_after(),
        }
    }
}

/// A part of a file.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How many the whole file has.
    pub total: u64,
}

/// Who asks a server, and of which organization.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// What lets them in.
    pub bearer: &'a str,
    /// The organization.
    pub organization: &'a str,
}

/// Why a server is not listened to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unheard {
    /// It answered with this status.
    #[error("the server answered with {0}")]
    Status(u16),
    /// It is away, in words.
    #[error("{0}")]
    Away(String),
}

/// What a server says without being asked (server-sent events, HTML 9.2).
#[derive(Debug)]
pub struct Events {
    response: Response,
    read: Vec<u8>,
}

impl Http {
    /// Reads the address of a server as a person typed it.
    ///
    /// # Errors
    /// [`NetworkError::Field`] on `address`.
    pub fn server_address(&self, typed: &str) -> Result<Url, NetworkError> {
        self.service("address", typed)
    }

    /// Posts JSON, or reads where there is none to post.
    ///
    /// # Errors
    /// In words, when there is no whole answer: whether the server has done it is not known.
    pub async fn exchange(
        &self,
        url: Url,
        bearer: Option<&str>,
        organization: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Exchanged, String> {
        let mut call = match body {
            Some(body) => Call::post(url).json(body),
            None => Call::get(url),
        };
        if let Some(token) = bearer {
            call = call.bearer(token);
        }
        if let Some(id) = organization {
            call = call.header("rostrum-organization", id);
        }
        let reply = self.send(call.most(MOST)).await.map_err(|no| no.why)?;
        Ok(reply.into())
    }

    /// Sends a part of a file: `bytes` from `from` on, of `total` in all.
    ///
    /// # Errors
    /// As [`Http::exchange`].
    pub async fn put_part(
        &self,
        url: Url,
        asking: Asking<'_>,
        bytes: Bytes,
        (from, total): (u64, u64),
    ) -> Result<Exchanged, String> {
        let to = from + (bytes.len() as u64).saturating_sub(1);
        let call = Call::put(url)
            .bearer(asking.bearer)
            .header("rostrum-organization", asking.organization)
            .header(CONTENT_RANGE.as_str(), format!("bytes {from}-{to}/{total}"))
            .body("application/octet-stream", bytes);
        let reply = self.send(call).await.map_err(|no| no.why)?;
        Ok(reply.into())
    }

    /// Reads a part of a file.
    ///
    /// # Errors
    /// What the server answered instead, or in words why it did not.
    pub async fn get_part(
        &self,
        url: Url,
        asking: Asking<'_>,
        part: Range<u64>,
    ) -> Result<Result<Fetched, Exchanged>, String> {
        let (from, to) = (part.start, part.end.saturating_sub(1));
        let call = Call::get(url)
            .bearer(asking.bearer)
            .header("rostrum-organization", asking.organization)
            .header(RANGE.as_str(), format!("bytes={from}-{to}"));
        let reply = self.send(call).await.map_err(|no| no.why)?;
        let total = reply
            .headers
            .get(CONTENT_RANGE)
            .and_then(|value| value.to_str().ok()?.rsplit_once('/')?.1.parse().ok());
        Ok(match (reply.status, total) {
            (206, Some(total)) => Ok(Fetched {
                bytes: reply.body,
                total,
            }),
            _ => Err(reply.into()),
        })
    }

    /// Listens to a server.
    ///
    /// # Errors
    /// When it cannot be listened to.
    pub async fn listen(&self, url: Url, bearer: &str) -> Result<Events, Unheard> {
        let way = self.way_to(&url).await;
        let way = way.map_err(|no| Unheard::Away(no.why))?;
        let response = way
            .request(Method::GET, url)
            .bearer_auth(bearer)
            // As long as it goes: the server ends it when the token does.
            .timeout(std::time::Duration::from_secs(24 * 60 * 60))
            .send()
            .await
            .map_err(|e| Unheard::Away(in_words(&e)))?;
        match response.status().as_u16() {
            200 => Ok(Events {
                response,
                read: Vec::new(),
            }),
            status => Err(Unheard::Status(status)),
        }
    }
}

impl Events {
    /// The data of the next event.
    ///
    /// # Errors
    /// In words, when the server ended it or is away.
    pub async fn next(&mut self) -> Result<String, String> {
        loop {
            while let Some(end) = self.read.iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line);
                if let Some(data) = line.trim_end().strip_prefix("data:") {
                    return Ok(data.trim_start().to_owned());
                }
            }
            match self.response.chunk().await.map_err(|e| in_words(&e))? {
                Some(chunk) if self.read.len() + chunk.len() <= MAX_EVENT => {
                    self.read.extend_from_slice(&chunk);
                }
                Some(_) => return Err("an event has no end".to_owned()),
                None => return Err("the server ended the events".to_owned()),
            }
        }
    }
}
