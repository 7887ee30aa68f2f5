//! The REST API: addresses, who asks, and what a no means.

use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::contract::{Account, NetworkError};
use crate::http::{Call, Http, NoReply, Reply};
use crate::oauth;
use crate::secret::{self, AccountSecret, Secret};

/// What is kept of an account.
#[derive(Serialize, Deserialize)]
struct Kept {
    token: String,
    /// The server that it is for.
    #[serde(default)]
    service: String,
    /// As which application it was got; absent where a person gave the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<(String, String)>,
}

/// The secret of an account with this access token of this server, got as this application.
pub(super) fn secret(
    service: &Url,
    token: &Secret<String>,
    client: Option<(String, String)>,
) -> AccountSecret {
    let kept = Kept {
        token: token.expose().clone(),
        service: secret::home(service),
        client,
    };
    Secret::new(serde_json::to_string(&kept).unwrap_or_default())
}

/// Gives the token back (<https://docs.joinmastodon.org/methods/oauth/#revoke>), which only the
/// application may that got it.
pub(super) async fn give_back(http: &Http, secret: &AccountSecret) -> Result<(), NetworkError> {
    let Ok(kept) = serde_json::from_str::<Kept>(secret.expose()) else {
        return Ok(());
    };
    let Some((id, client_secret)) = &kept.client else {
        return Ok(());
    };
    let place = http.service("service", &kept.service)?;
    let place = place
        .join("oauth/revoke")
        .map_err(|e| NetworkError::Unreadable(e.to_string()))?;
    oauth::give_back(http, &place, &kept.token, (id, client_secret)).await
}

/// A server, and as whom to speak to it.
pub(super) struct Api<'a> {
    http: &'a Http,
    pub(super) service: Url,
    token: Option<Secret<String>>,
}

impl<'a> Api<'a> {
    /// As nobody.
    pub(super) fn open(http: &'a Http, service: Url) -> Self {
        Self {
            http,
            service,
            token: None,
        }
    }

    /// With an access token.
    pub(super) fn with_token(mut self, token: Secret<String>) -> Self {
        self.token = Some(token);
        self
    }

    /// As an account.
    pub(super) fn of(http: &'a Http, account: Account<'_>) -> Result<Self, NetworkError> {
        let gone = || NetworkError::NeedsReconnect {
            words: "The access token of this account is gone.".to_owned(),
        };
        let service = account
            .facts
            .settings
            .get("service")
            .map_or("", String::as_str);
        let service = http.service("service", service)?;
        let kept: Kept = account
            .secret
            .and_then(|secret| serde_json::from_str(secret.expose()).ok())
            .ok_or_else(gone)?;
        secret::at_home(&kept.service, &service)?;
        Ok(Self::open(http, service).with_token(Secret::new(kept.token)))
    }

    /// The address of `path`, such as `api/v1/statuses`.
    pub(super) fn url(&self, path: &str, query: &[(&str, &str)]) -> Result<Url, NetworkError> {
        let mut url = self
            .service
            .join(path)
            .map_err(|e| NetworkError::Unreadable(e.to_string()))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// Sends a call.
    pub(super) async fn send(&self, call: Call<'_>) -> Result<Reply, NoReply> {
        match &self.token {
            Some(token) => self.http.send(call.bearer(token.expose())).await,
            None => self.http.send(call).await,
        }
    }

    /// Sends a call whose repetition is harmless, and gives whatever the server says.
    pub(super) async fn ask(&self, call: Call<'_>) -> Result<Reply, NetworkError> {
        self.send(call)
            .await
            .map_err(|no| NetworkError::Unreachable {
                host: self.host(),
                why: no.why,
            })
    }

    /// Reads; `None` when the server says that there is no such thing.
    pub(super) async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Option<Value>, NetworkError> {
        let reply = self.ask(Call::get(self.url(path, query)?)).await?;
        match reply.status {
            404 | 410 => Ok(None),
            _ => self.value(&reply).map(Some),
        }
    }

    /// The JSON of a success, or the error.
    pub(super) fn value(&self, reply: &Reply) -> Result<Value, NetworkError> {
        if !reply.is_success() {
            return Err(self.refusal(reply));
        }
        reply
            .json()
            .ok_or_else(|| NetworkError::Unreadable("the answer is no JSON".to_owned()))
    }

    fn host(&self) -> String {
        self.service.host_str().unwrap_or_default().to_owned()
    }

    /// An answer that is no success, as an error of a call that writes nothing.
    fn refusal(&self, reply: &Reply) -> NetworkError {
        match reply.status {
            429 => NetworkError::Throttled {
                retry_after: reply.retry_after(),
            },
            401 => NetworkError::NeedsReconnect {
                words: words(reply),
            },
            300..=399 | 500.. => NetworkError::Unreachable {
                host: self.host(),
                why: words(reply),
            },
            status => NetworkError::Refused {
                code: status.to_string(),
                words: words(reply),
            },
        }
    }
}

/// The server's own words (<https://docs.joinmastodon.org/entities/Error/>).
pub(super) fn words(reply: &Reply) -> String {
    let body = reply.json().unwrap_or(Value::Null);
    ["error_description", "error"]
        .iter()
        .find_map(|name| body.get(name).and_then(Value::as_str))
        .map_or_else(
            || format!("The server answered {}.", reply.status),
            str::to_owned,
        )
}
