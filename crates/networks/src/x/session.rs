//! Tokens: what is kept, and how they stay fresh.
//!
//! Access tokens live for two hours and refresh tokens are used up by being used:
//! <https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code>.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::Instant;
use domain::time::MINUTE;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroize;

use super::Places;
use super::api;
use crate::contract::{Account, NetworkError};
use crate::http::{Call, Http, NoReply, Reply};
use crate::oauth::OAuthServer;
use crate::secret::{AccountSecret, Secret};

/// Tokens are refreshed this long before they end, so that no write is begun with one that ends
/// underway.
const EARLY: i64 = 5 * MINUTE;

/// What the keychain holds.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Names the sign-in that the tokens come from, whatever became of them since.
    lineage: String,
    pub(super) access: String,
    /// Empty where there is none: then the access token is used until it ends.
    pub(super) refresh: String,
    /// The person's own app; empty where only an access token was given.
    pub(super) client_id: String,
    /// Empty for a public client.
    pub(super) client_secret: String,
    /// When the access token ends, as far as X said.
    #[serde(default)]
    pub(super) ends: Option<Instant>,
    /// Since when the refresh token may be used up: a renewal began, and its end was not stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    renewing: Option<Instant>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.access.zeroize();
        self.refresh.zeroize();
        self.client_secret.zeroize();
    }
}

impl Kept {
    /// Of tokens as a person gave them or a sign-in brought them.
    pub(super) fn new(
        access: &str,
        refresh: &str,
        client_id: &str,
        client_secret: &str,
        ends: Option<Instant>,
    ) -> Self {
        Self {
            lineage: blake3::hash(access.as_bytes()).to_hex().to_string(),
            access: access.to_owned(),
            refresh: refresh.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            ends,
            renewing: None,
        }
    }

    /// With the mark that a renewal begins; `None` where nothing can be renewed, or one began
    /// before.
    pub(super) fn marked(mut self, now: Instant) -> Option<Self> {
        if self.refresh.is_empty() || self.renewing.is_some() {
            return None;
        }
        self.renewing = Some(now);
        Some(self)
    }

    /// When the access token ends, where it can be renewed ahead of that.
    pub(super) fn renews_until(&self) -> Option<Instant> {
        self.ends.filter(|_| !self.refresh.is_empty())
    }

    pub(super) fn open(secret: &AccountSecret) -> Option<Self> {
        serde_json::from_str(secret.expose()).ok()
    }

    pub(super) fn seal(&self) -> Result<AccountSecret, NetworkError> {
        serde_json::to_string(self)
            .map(AccountSecret::new)
            .map_err(|e| NetworkError::Unreadable(e.to_string()))
    }
}

/// X's token endpoint, for the person's own app.
pub(super) fn server(places: &Places, client_id: &str, client_secret: &str) -> OAuthServer {
    OAuthServer {
        authorize: places.authorize.clone(),
        token: places.token.clone(),
        client_id: client_id.to_owned(),
        client_secret: Some(client_secret)
            .filter(|s| !s.is_empty())
            .map(|s| Secret::new(s.to_owned())),
    }
}

type Slot = Arc<tokio::sync::Mutex<Option<Kept>>>;

/// The newest tokens of each sign-in in this process: two deliveries at once use a refresh token
/// once, and one that could not be stored in time is not lost while the program runs.
#[derive(Default)]
pub(super) struct Sessions {
    slots: Mutex<HashMap<String, Slot>>,
}

impl Sessions {
    fn slot(&self, lineage: &str) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry(lineage.to_owned()).or_default().clone()
    }
}

/// An account's session for the length of one call.
pub(super) struct Session<'a> {
    http: &'a Http,
    pub(super) places: &'a Places,
    slot: Slot,
    kept: Kept,
    changed: bool,
    /// Now, where the call says it. Without it the end of fresh tokens is not known, and they are
    /// used until they are not taken.
    now: Option<Instant>,
}

impl<'a> Session<'a> {
    pub(super) async fn open(
        http: &'a Http,
        places: &'a Places,
        sessions: &Sessions,
        account: Account<'a>,
    ) -> Result<Self, NetworkError> {
        let lost = || NetworkError::NeedsReconnect {
            words: "The secret of this account is not on this computer.".to_owned(),
        };
        let secret = account.secret.ok_or_else(lost)?;
        let kept = Kept::open(secret).ok_or_else(lost)?;
        let slot = sessions.slot(&kept.lineage);
        let newest = slot.lock().await.clone();
        let newer = newest.filter(|n| n.access != kept.access);
        Ok(Self {
            http,
            places,
            slot,
            changed: newer.is_some(),
            kept: newer.unwrap_or(kept),
            now: None,
        })
    }

    /// The secret to store, when it is no longer the one that was handed in.
    pub(super) fn into_refreshed(self) -> Option<AccountSecret> {
        if !self.changed {
            return None;
        }
        self.kept.seal().ok()
    }

    /// Gets fresh tokens where the ones at hand end soon.
    pub(super) async fn stay_fresh(&mut self, now: Instant) -> Result<(), NetworkError> {
        self.now = Some(now);
        let ends = self.kept.renews_until();
        if ends.is_some_and(|ends| ends.since(now) < EARLY) {
            self.refresh().await?;
        }
        Ok(())
    }

    /// Sends a signed-in request; where the access token is not taken, fresh ones are got once and
    /// the request made once more. That is safe for writes too: X has done nothing.
    pub(super) async fn send(
        &mut self,
        make: impl Fn() -> Result<Call<'static>, NetworkError>,
    ) -> Result<Result<Reply, NoReply>, NetworkError> {
        loop {
            let answer = self.send_once(make()?).await;
            let refused = matches!(&answer, Ok(reply) if reply.status == 401);
            if !refused || self.kept.refresh.is_empty() {
                return Ok(answer);
            }
            // Another call's tokens may have ended as well; our own are new.
            if self.refresh().await? {
                return Ok(self.send_once(make()?).await);
            }
        }
    }

    async fn send_once(&self, call: Call<'static>) -> Result<Reply, NoReply> {
        let call: Call<'_> = call;
        self.http.send(call.bearer(&self.kept.access)).await
    }

    /// Calls a method that reads.
    pub(super) async fn get(
        &mut self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Reply, NetworkError> {
        let url = api::url(&self.places.api, path, query)?;
        self.send(|| Ok(Call::get(url.clone())))
            .await?
            .map_err(api::unreachable)
    }

    /// Calls a method that reads, for its JSON.
    pub(super) async fn read(
        &mut self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Value, NetworkError> {
        api::value(&self.get(path, query).await?)
    }

    /// Gets fresh tokens, whether the ones at hand end soon or not.
    pub(super) async fn renew(&mut self, now: Instant) -> Result<(), NetworkError> {
        self.now = Some(now);
        self.refresh().await.map(drop)
    }

    /// Takes another call's fresh tokens, or gets some; the flag tells whether it got some.
    async fn refresh(&mut self) -> Result<bool, NetworkError> {
        let slot = Arc::clone(&self.slot);
        let mut newest = slot.lock().await;
        if let Some(known) = newest.as_ref().filter(|n| n.access != self.kept.access) {
            self.kept = known.clone();
            self.changed = true;
            return Ok(false);
        }
        let server = server(self.places, &self.kept.client_id, &self.kept.client_secret);
        let refresh = Secret::new(self.kept.refresh.clone());
        let cut_off = self.kept.renewing.filter(|at| self.now != Some(*at));
        let tokens = server
            .renew(self.http, &refresh, self.now.unwrap_or(Instant(0)))
            .await
            .map_err(|error| match error {
                // What X answers for a refresh token that is used up or taken back.
                NetworkError::Refused { code, words } if code == "invalid_request" => {
                    NetworkError::NeedsReconnect { words }
                }
                other => other,
            })
            .map_err(|error| match (error, cut_off) {
                (NetworkError::NeedsReconnect { .. }, Some(at)) => NetworkError::NeedsReconnect {
                    words: format!(
                        "The program ended, or got no answer, while it renewed this sign-in ({at}). \
                         X takes the old one no more."
                    ),
                },
                (error, _) => error,
            })?;
        self.kept.access.clone_from(tokens.access.expose());
        if let Some(refresh) = &tokens.refresh {
            self.kept.refresh.clone_from(refresh.expose());
        }
        self.kept.ends = self.now.and(tokens.expires);
        self.kept.renewing = None;
        self.changed = true;
        *newest = Some(self.kept.clone());
        Ok(true)
    }
}
