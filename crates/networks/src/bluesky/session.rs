//! Signing in, and staying so.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroize;

use super::record::Known;
use super::xrpc::{self, Said};
use crate::contract::{Account, AccountFacts, NetworkError};
use crate::http::{Call, Http, NoReply, Reply};
use crate::secret::{self, AccountSecret};

/// What the keychain holds. The app password is kept so that months of being switched off do not
/// need a person; taking it back on the network ends both.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    password: String,
    access: String,
    refresh: String,
    /// The server that they are for.
    #[serde(default)]
    service: String,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.password.zeroize();
        self.access.zeroize();
        self.refresh.zeroize();
    }
}

/// A fresh sign-in.
pub(super) struct Opened {
    pub(super) did: String,
    pub(super) handle: String,
    access: String,
    refresh: String,
}

impl Opened {
    fn read(answer: &Value) -> Result<Self, NetworkError> {
        let text = |name: &str| {
            answer
                .get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
                .ok_or_else(|| NetworkError::Unreadable(format!("a session without {name}")))
        };
        Ok(Self {
            did: text("did")?,
            handle: text("handle")?,
            access: text("accessJwt")?,
            refresh: text("refreshJwt")?,
        })
    }

    /// Whether the token may do everything, which an app password's may not.
    pub(super) fn is_full_access(&self) -> bool {
        self.access
            .split('.')
            .nth(1)
            .and_then(|claims| URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok())
            .and_then(|claims| serde_json::from_slice::<Value>(&claims).ok())
            .is_some_and(|claims| {
                claims.get("scope").and_then(Value::as_str) == Some("com.atproto.access")
            })
    }

    pub(super) fn into_secret(self, service: &Url, password: &str) -> AccountSecret {
        seal(&Kept {
            password: password.to_owned(),
            access: self.access,
            refresh: self.refresh,
            service: secret::home(service),
        })
    }
}

fn seal(kept: &Kept) -> AccountSecret {
    AccountSecret::new(
        json!({
            "password": kept.password,
            "access": kept.access,
            "refresh": kept.refresh,
            "service": kept.service,
        })
        .to_string(),
    )
}

/// Signs in with a password.
pub(super) async fn sign_in(
    http: &Http,
    service: &Url,
    identifier: &str,
    password: &str,
) -> Result<Opened, NetworkError> {
    let url = xrpc::url(service, "com.atproto.server.createSession", &[])?;
    let call = Call::post(url).json(&json!({"identifier": identifier, "password": password}));
    let reply = http
        .send(call)
        .await
        .map_err(|e| xrpc::unreachable(service, e))?;
    Opened::read(&xrpc::value(service, &reply)?)
}

type Slot = Arc<tokio::sync::Mutex<Option<Kept>>>;

/// The newest tokens of each account in this process, so that two deliveries at once refresh once.
#[derive(Default)]
pub(super) struct Sessions {
    slots: Mutex<HashMap<[u8; 32], Slot>>,
}

impl Sessions {
    /// Another password or server is another slot: a reconnected account does not get old tokens.
    fn slot(&self, did: &str, kept: &Kept) -> Slot {
        let named = format!("{did}\n{}\n{}", kept.service, kept.password);
        let key = *blake3::hash(named.as_bytes()).as_bytes();
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry(key).or_default().clone()
    }
}

/// An account's session for the length of one call.
pub(super) struct Session<'a> {
    http: &'a Http,
    sessions: &'a Sessions,
    facts: &'a AccountFacts,
    pub(super) service: Url,
    kept: Kept,
    changed: bool,
}

impl<'a> Session<'a> {
    pub(super) fn open(
        http: &'a Http,
        sessions: &'a Sessions,
        account: Account<'a>,
    ) -> Result<Self, NetworkError> {
        let lost = || NetworkError::NeedsReconnect {
            words: "The secret of this account is not on this computer.".to_owned(),
        };
        let secret = account.secret.ok_or_else(lost)?;
        let kept: Kept = serde_json::from_str(secret.expose()).map_err(|_| lost())?;
        let service = account
            .facts
            .settings
            .get("service")
            .and_then(|s| Url::parse(s).ok())
            .ok_or_else(lost)?;
        secret::at_home(&kept.service, &service)?;
        Ok(Self {
            http,
            sessions,
            facts: account.facts,
            service,
            kept,
            changed: false,
        })
    }

    pub(super) fn did(&self) -> &str {
        &self.facts.remote_id
    }

    /// The secret to store, when it is no longer the one that was handed in.
    pub(super) fn into_refreshed(self) -> Option<AccountSecret> {
        self.changed.then(|| seal(&self.kept))
    }

    /// Sends a signed-in request; an expired token is refreshed and the request made once more.
    /// That is safe for writes too: a server that does not take the token has done nothing.
    pub(super) async fn send(
        &mut self,
        make: impl Fn() -> Result<Call<'static>, NetworkError>,
    ) -> Result<Result<Reply, NoReply>, NetworkError> {
        let first = self.send_once(make()?).await;
        match &first {
            Ok(reply) if matches!(reply.status, 400 | 401) => {
                let said = Said::of(reply);
                if said.is_locked_out() || !said.wants_refresh(reply.status) {
                    return Ok(first);
                }
            }
            _ => return Ok(first),
        }
        self.refresh().await?;
        Ok(self.send_once(make()?).await)
    }

    async fn send_once(&self, call: Call<'static>) -> Result<Reply, NoReply> {
        let call: Call<'_> = call;
        self.http.send(call.bearer(&self.kept.access)).await
    }

    /// Calls a method that reads.
    pub(super) async fn get(
        &mut self,
        method: &str,
        query: &[(&str, &str)],
    ) -> Result<Value, NetworkError> {
        let url = xrpc::url(&self.service, method, query)?;
        let reply = self
            .send(|| Ok(Call::get(url.clone())))
            .await?
            .map_err(|e| xrpc::unreachable(&self.service, e))?;
        xrpc::value(&self.service, &reply)
    }

    /// Calls a method whose repetition is harmless.
    pub(super) async fn post(&mut self, method: &str, body: &Value) -> Result<Value, NetworkError> {
        let url = xrpc::url(&self.service, method, &[])?;
        let reply = self
            .send(|| Ok(Call::post(url.clone()).json(body)))
            .await?
            .map_err(|e| xrpc::unreachable(&self.service, e))?;
        xrpc::value(&self.service, &reply)
    }

    /// A record of this account by its key.
    pub(super) async fn record(
        &mut self,
        collection: &str,
        rkey: &str,
    ) -> Result<Option<Known>, NetworkError> {
        let did = self.did().to_owned();
        let query = [
            ("repo", did.as_str()),
            ("collection", collection),
            ("rkey", rkey),
        ];
        match self.get("com.atproto.repo.getRecord", &query).await {
            Ok(answer) => Known::read(answer).map(Some),
            Err(NetworkError::Refused { code, words })
                if code == "RecordNotFound" || words.contains("Could not locate record") =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// A file of an account; nothing when it cannot be had.
    pub(super) async fn blob(&mut self, did: &str, cid: &str) -> Option<Vec<u8>> {
        let query = [("did", did), ("cid", cid)];
        let url = xrpc::url(&self.service, "com.atproto.sync.getBlob", &query).ok()?;
        let reply = self.send(|| Ok(Call::get(url.clone()))).await.ok()?.ok()?;
        reply.is_success().then_some(reply.body)
    }

    /// Gets fresh tokens: another call's, by the refresh token, or by the app password.
    async fn refresh(&mut self) -> Result<(), NetworkError> {
        let slot = self.sessions.slot(self.did(), &self.kept);
        let mut newest = slot.lock().await;
        if let Some(known) = newest.as_ref().filter(|k| k.access != self.kept.access) {
            self.kept = known.clone();
            self.changed = true;
            return Ok(());
        }
        let opened = match self.by_refresh_token().await? {
            Some(opened) => opened,
            None => {
                let did = self.did();
                sign_in(self.http, &self.service, did, &self.kept.password).await?
            }
        };
        if opened.did != self.did() {
            return Err(NetworkError::NeedsReconnect {
                words: "The server answered for another account.".to_owned(),
            });
        }
        self.kept.access.clone_from(&opened.access);
        self.kept.refresh.clone_from(&opened.refresh);
        self.changed = true;
        *newest = Some(self.kept.clone());
        Ok(())
    }

    /// `None` when the refresh token is no longer taken.
    async fn by_refresh_token(&self) -> Result<Option<Opened>, NetworkError> {
        let url = xrpc::url(&self.service, "com.atproto.server.refreshSession", &[])?;
        let call: Call<'_> = Call::post(url);
        let reply = self
            .http
            .send(call.bearer(&self.kept.refresh))
            .await
            .map_err(|e| xrpc::unreachable(&self.service, e))?;
        if reply.is_success() {
            return Opened::read(&xrpc::value(&self.service, &reply)?).map(Some);
        }
        let said = Said::of(&reply);
        if matches!(reply.status, 400 | 401) && !said.is_locked_out() {
            return Ok(None);
        }
        Err(xrpc::refusal(&self.service, &reply))
    }
}
