//! A server of Rostrum's own kind: JSON there and back, and what it says without being asked.

use reqwest::{Method, Response, Url};
use serde_json::Value;

use super::{Call, Http, in_words};
use crate::contract::NetworkError;

/// The longest line of events that is kept: a problem with its words is a few kilobytes.
const MAX_EVENT: usize = 1 << 20;

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Exchanged {
    /// Its status.
    pub status: u16,
    /// Its body; null where it had none, or none of JSON.
    pub body: Value,
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
        let reply = self.send(call).await.map_err(|no| no.why)?;
        Ok(Exchanged {
            status: reply.status,
            body: reply.json().unwrap_or(Value::Null),
        })
    }

    /// Listens to a server.
    ///
    /// # Errors
    /// In words, when it cannot be listened to.
    pub async fn listen(&self, url: Url, bearer: &str) -> Result<Events, String> {
        let way = self.way_to(&url).await.map_err(|no| no.why)?;
        let response = way
            .request(Method::GET, url)
            .bearer_auth(bearer)
            // As long as it goes: the server ends it when the token does.
            .timeout(std::time::Duration::from_secs(24 * 60 * 60))
            .send()
            .await
            .map_err(|e| in_words(&e))?;
        match response.status().as_u16() {
            200 => Ok(Events {
                response,
                read: Vec::new(),
            }),
            status => Err(format!("the server answered with {status}")),
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
