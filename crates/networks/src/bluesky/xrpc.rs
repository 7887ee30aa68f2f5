//! XRPC: addresses and errors.

use reqwest::Url;
use serde_json::Value;

use crate::contract::NetworkError;
use crate::http::{Http, NoReply, Reply};

/// The address of a method.
pub(super) fn url(
    service: &Url,
    method: &str,
    query: &[(&str, &str)],
) -> Result<Url, NetworkError> {
    let mut url = service
        .join(&format!("/xrpc/{method}"))
        .map_err(|e| NetworkError::Unreadable(e.to_string()))?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url)
}

/// Makes sure that an AT Protocol server answers there, so that a wrong address is said to be
/// one before a password is sent to it.
pub(super) async fn describe(http: &Http, service: &Url) -> Result<(), NetworkError> {
    let call = super::open_call(service, "com.atproto.server.describeServer")?;
    let reply = http.send(call).await.map_err(|e| unreachable(service, e))?;
    if reply.status == 429 {
        return Err(NetworkError::Throttled {
            retry_after: reply.retry_after(),
        });
    }
    let is_server = reply
        .json()
        .is_some_and(|v| v.get("availableUserDomains").is_some() || v.get("did").is_some());
    if reply.is_success() && is_server {
        Ok(())
    } else {
        Err(NetworkError::Field {
            field: "service",
            code: "not_a_service",
            words: "No AT Protocol server answers at this address.".to_owned(),
        })
    }
}

pub(super) fn unreachable(service: &Url, no: NoReply) -> NetworkError {
    NetworkError::Unreachable {
        host: service.host_str().unwrap_or_default().to_owned(),
        why: no.why,
    }
}

/// The server's own name of an error and its words.
pub(super) struct Said {
    pub(super) error: String,
    pub(super) words: String,
}

impl Said {
    pub(super) fn of(reply: &Reply) -> Self {
        let body = reply.json().unwrap_or(Value::Null);
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let error = text("error").to_owned();
        let words = match (text("message"), error.as_str()) {
            ("", "") => format!("The server answered {}.", reply.status),
            ("", error) => format!("The server answered {} {error}.", reply.status),
            (words, _) => words.to_owned(),
        };
        Self { error, words }
    }

    /// The access token is no longer taken; a fresh one may be.
    pub(super) fn wants_refresh(&self, status: u16) -> bool {
        matches!(self.error.as_str(), "ExpiredToken" | "InvalidToken") || status == 401
    }

    /// Nothing but a person can help.
    pub(super) fn is_locked_out(&self) -> bool {
        matches!(
            self.error.as_str(),
            "AccountTakedown"
                | "AccountDeactivated"
                | "AccountSuspended"
                | "AuthFactorTokenRequired"
        )
    }
}

/// An answer that is no success, as an error of a call that writes nothing.
pub(super) fn refusal(service: &Url, reply: &Reply) -> NetworkError {
    let said = Said::of(reply);
    match reply.status {
        429 => NetworkError::Throttled {
            retry_after: reply.retry_after(),
        },
        status if status == 401 || said.is_locked_out() || said.wants_refresh(status) => {
            NetworkError::NeedsReconnect { words: said.words }
        }
        500.. => NetworkError::Unreachable {
            host: service.host_str().unwrap_or_default().to_owned(),
            why: said.words,
        },
        _ => NetworkError::Refused {
            code: said.error,
            words: said.words,
        },
    }
}

/// The JSON of a success, or the error.
pub(super) fn value(service: &Url, reply: &Reply) -> Result<Value, NetworkError> {
    if !reply.is_success() {
        return Err(refusal(service, reply));
    }
    if reply.body.is_empty() {
        return Ok(Value::Null);
    }
    reply
        .json()
        .ok_or_else(|| NetworkError::Unreadable("the answer is no JSON".to_owned()))
}
