//! Signing in, and staying so.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Instant;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroize;

use super::directory::Directory;
use super::dpop::{Prover, Servers};
use super::oauth::{self, Bound, Granted};
use super::record::Known;
use super::xrpc::{self, Said};
use crate::contract::{Account, AccountFacts, NetworkError};
use crate::http::{Call, Http, NoReply, Reply};
use crate::secret::{self, AccountSecret, Secret};

/// What the keychain holds.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    access: String,
    refresh: String,
    /// The server that they are for.
    #[serde(default)]
    service: String,
    /// Since when the refresh token may be used up: a renewal began, and its end was not stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    renewing: Option<Instant>,
    #[serde(flatten)]
    way: Way,
}

/// How the account was signed in.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Way {
    Password(Password),
    Browser { bound: Box<Bound> },
}

/// The app password is kept so that months of being switched off do not need a person; taking it
/// back on the network ends both.
#[derive(Clone, Serialize, Deserialize)]
struct Password {
    password: String,
}

impl Drop for Password {
    fn drop(&mut self) {
        self.password.zeroize();
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.access.zeroize();
        self.refresh.zeroize();
    }
}

impl Kept {
    pub(super) fn open(secret: &AccountSecret) -> Option<Self> {
        serde_json::from_str(secret.expose()).ok()
    }

    pub(super) fn seal(&self) -> Result<AccountSecret, NetworkError> {
        serde_json::to_string(self)
            .map(AccountSecret::new)
            .map_err(|e| NetworkError::Unreadable(e.to_string()))
    }

    /// What a sign-in through the browser brought.
    pub(super) fn granted(granted: &Granted) -> Result<AccountSecret, NetworkError> {
        Self {
            access: granted.access.expose().clone(),
            refresh: granted.refresh.expose().clone(),
            service: secret::home(&granted.home.service),
            renewing: None,
            way: Way::Browser {
                bound: Box::new(granted.bound.clone()),
            },
        }
        .seal()
    }

    /// When the access token ends, where it is to be renewed ahead of that.
    pub(super) fn renews_until(&self) -> Option<Instant> {
        match &self.way {
            Way::Password(_) => None,
            Way::Browser { bound } => bound.ends,
        }
    }

    /// With the mark that a renewal begins; `None` where the app password opens whatever is used
    /// up, or a renewal began before.
    pub(super) fn marked(mut self, now: Instant) -> Option<Self> {
        if matches!(self.way, Way::Password(_)) || self.renewing.is_some() {
            return None;
        }
        self.renewing = Some(now);
        Some(self)
    }

    /// Tells sign-ins apart: a reconnected account does not get old tokens.
    fn lineage(&self) -> &str {
        match &self.way {
            Way::Password(way) => &way.password,
            Way::Browser { bound } => bound.lineage(),
        }
    }

    /// Ends the sign-in at the network, so that nobody can use what was kept of it.
    pub(super) async fn give_back(
        &self,
        http: &Http,
        servers: &Servers,
    ) -> Result<(), NetworkError> {
        match &self.way {
            Way::Browser { bound } => {
                let refresh = Secret::new(self.refresh.clone());
                oauth::give_back(http, servers, bound, &refresh).await
            }
            Way::Password(_) => {
                let service = Url::parse(&self.service)
                    .map_err(|e| NetworkError::Unreadable(e.to_string()))?;
                let url = xrpc::url(&service, "com.atproto.server.deleteSession", &[])?;
                let call: Call<'_> = Call::post(url);
                let reply = http
                    .send(call.bearer(&self.refresh))
                    .await
                    .map_err(|e| xrpc::unreachable(&service, e))?;
                xrpc::value(&service, &reply).map(drop)
            }
        }
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

    pub(super) fn into_secret(
        self,
        service: &Url,
        password: &str,
    ) -> Result<AccountSecret, NetworkError> {
        Kept {
            access: self.access,
            refresh: self.refresh,
            service: secret::home(service),
            renewing: None,
            way: Way::Password(Password {
                password: password.to_owned(),
            }),
        }
        .seal()
    }
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
    pub(super) servers: Servers,
}

impl Sessions {
    fn slot(&self, did: &str, kept: &Kept) -> Slot {
        let named = Secret::new(format!("{did}\n{}\n{}", kept.service, kept.lineage()));
        let key = *blake3::hash(named.expose().as_bytes()).as_bytes();
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
    /// Now, where the call says it.
    now: Option<Instant>,
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
        let kept = Kept::open(secret).ok_or_else(lost)?;
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
            now: None,
        })
    }

    pub(super) fn did(&self) -> &str {
        &self.facts.remote_id
    }

    /// The account's handle where its server says that it is `claimed` now. What an app password
    /// opened is a server that a person named; what the browser brought may be anybody's.
    pub(super) async fn handle(&self, plc: &Url, claimed: &str) -> String {
        let known = &self.facts.handle;
        let typed = match &self.kept.way {
            Way::Browser { bound } if known != claimed => bound.typed(),
            _ => return claimed.to_owned(),
        };
        let directory = Directory {
            http: self.http,
            plc,
            typed: typed.unwrap_or(&self.service),
        };
        match directory.proven(self.did()).await {
            Ok(home) => home.handle,
            // Nobody can be asked now: it stays what it was.
            Err(_) => known.clone(),
        }
    }

    /// The secret to store, when it is no longer the one that was handed in.
    pub(super) fn into_refreshed(self) -> Option<AccountSecret> {
        if !self.changed {
            return None;
        }
        self.kept.seal().ok()
    }

    /// Sends a signed-in request; an expired token is refreshed and the request made once more.
    /// That is safe for writes too: a server that does not take the token has done nothing.
    pub(super) async fn send(
        &mut self,
        make: impl Fn() -> Result<Call<'static>, NetworkError>,
    ) -> Result<Result<Reply, NoReply>, NetworkError> {
        let first = self.send_once(&make).await?;
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
        self.send_once(&make).await
    }

    /// Shows that the request is the account's, as its sign-in asks.
    async fn send_once(
        &self,
        make: &impl Fn() -> Result<Call<'static>, NetworkError>,
    ) -> Result<Result<Reply, NoReply>, NetworkError> {
        match &self.kept.way {
            Way::Password(_) => {
                let call: Call<'_> = make()?;
                Ok(self.http.send(call.bearer(&self.kept.access)).await)
            }
            Way::Browser { bound } => {
                let key = bound.key()?;
                let prover = Prover {
                    // The account's document named the server.
                    http: &bound.reach(self.http, &self.service),
                    servers: &self.sessions.servers,
                    key: &key,
                };
                prover.send(Some(&self.kept.access), make).await
            }
        }
    }

    /// Gets fresh tokens, whether the ones at hand end soon or not.
    pub(super) async fn renew(&mut self, now: Instant) -> Result<(), NetworkError> {
        self.now = Some(now);
        self.refresh().await
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
        self.record_of(&did, collection, rkey).await
    }

    /// A record of any account by its key.
    pub(super) async fn record_of(
        &mut self,
        did: &str,
        collection: &str,
        rkey: &str,
    ) -> Result<Option<Known>, NetworkError> {
        let query = [("repo", did), ("collection", collection), ("rkey", rkey)];
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

    /// Gets fresh tokens: another call's, or what the sign-in allows.
    async fn refresh(&mut self) -> Result<(), NetworkError> {
        let slot = self.sessions.slot(self.did(), &self.kept);
        let mut newest = slot.lock().await;
        if let Some(known) = newest.as_ref().filter(|k| k.access != self.kept.access) {
            self.kept = known.clone();
            self.changed = true;
            return Ok(());
        }
        let (access, refresh, way) = match &self.kept.way {
            Way::Password(way) => {
                let opened = self.reopened(&way.password).await?;
                (opened.access, opened.refresh, self.kept.way.clone())
            }
            Way::Browser { bound } => {
                let over = (self.http, &self.sessions.servers);
                let whose = (self.did(), self.now);
                let cut_off = self.kept.renewing.filter(|at| self.now != Some(*at));
                let tokens = oauth::renew(over, bound, &self.kept.refresh, whose)
                    .await
                    .map_err(|error| used_up(error, cut_off))?;
                let mut bound = bound.clone();
                bound.ends = tokens.ends;
                let (access, refresh) = (tokens.access.expose(), tokens.refresh.expose());
                (access.clone(), refresh.clone(), Way::Browser { bound })
            }
        };
        self.kept = Kept {
            access,
            refresh,
            service: self.kept.service.clone(),
            renewing: None,
            way,
        };
        self.changed = true;
        *newest = Some(self.kept.clone());
        Ok(())
    }

    /// A fresh session by the refresh token, else by the app password.
    async fn reopened(&self, password: &str) -> Result<Opened, NetworkError> {
        let opened = match self.by_refresh_token().await? {
            Some(opened) => opened,
            None => sign_in(self.http, &self.service, self.did(), password).await?,
        };
        if opened.did != self.did() {
            return Err(NetworkError::NeedsReconnect {
                words: "The server answered for another account.".to_owned(),
            });
        }
        Ok(opened)
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

/// Says what may have become of a refresh token that is no longer taken: it works once, and a
/// renewal with it was begun at `cut_off`.
fn used_up(error: NetworkError, cut_off: Option<Instant>) -> NetworkError {
    match (error, cut_off) {
        (NetworkError::NeedsReconnect { .. }, Some(at)) => NetworkError::NeedsReconnect {
            words: format!(
                "The program ended, or got no answer, while it renewed this sign-in ({at}). \
                 The server takes the old one no more."
            ),
        },
        (error, _) => error,
    }
}
