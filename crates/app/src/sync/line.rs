//! The line of a member's desktop to the server of an organization, over HTTP.
//!
//! The refresh token is kept like an account's secret, under the organization's id. It changes with
//! each use: the new one is stored before anything is asked with what it brought.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::ids::{IdentityId, OrganizationId, PersonId};
use domain::person::Role;
use networks::{AccountSecret, Events, Http};
use protocol::sync::{Pull, Pulled, Push, Pushed};
use protocol::{Code, Problem};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use url::Url;

use super::pump::{NoAnswer, Uplink};
use crate::secrets::SecretStore;

/// A place of the login in an organization, as the server says it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Place {
    /// Where.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// As whom.
    pub person: PersonId,
    /// That person's name there.
    pub name: String,
    /// What they are.
    pub role: Role,
}

#[derive(Deserialize)]
pub(super) struct Opened {
    pub(super) access: String,
    pub(super) refresh: Option<String>,
}

/// The line. One session, one organization.
pub struct Line {
    http: Http,
    server: Url,
    organization: OrganizationId,
    secrets: Arc<dyn SecretStore>,
    access: Mutex<Option<String>>,
    events: Mutex<Option<Events>>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line")
            .field("organization", &self.organization)
            .finish_non_exhaustive()
    }
}

/// Where the refresh token of an organization's server is kept.
pub(super) fn kept_under(organization: OrganizationId) -> IdentityId {
    IdentityId(organization.0)
}

pub(super) fn at(server: &Url, path: &str) -> Result<Url, NoAnswer> {
    server
        .join(path)
        .map_err(|e| NoAnswer::Unreachable(e.to_string()))
}

/// An answer that is none of our servers'.
fn odd(status: u16) -> NoAnswer {
    NoAnswer::Unreachable(format!("the server answered with {status}"))
}

/// What an answer means.
fn read<T: DeserializeOwned>(status: u16, body: Value) -> Result<T, NoAnswer> {
    if (200..300).contains(&status) {
        return serde_json::from_value(body).map_err(|_| odd(status));
    }
    let Ok(problem) = serde_json::from_value::<Problem>(body) else {
        return Err(odd(status));
    };
    Err(match status {
        429 => {
            let seconds = problem.fields.get("retry_after");
            let seconds = seconds.and_then(|s| s.parse().ok());
            NoAnswer::Later(seconds.map(Duration::from_secs))
        }
        503 => NoAnswer::Later(None),
        500..600 => odd(status),
        _ => NoAnswer::Refused(problem),
    })
}

pub(super) async fn post<T: DeserializeOwned>(
    http: &Http,
    server: &Url,
    path: &str,
    bearer: Option<&str>,
    body: &Value,
) -> Result<T, NoAnswer> {
    let said = http.exchange(at(server, path)?, bearer, None, Some(body));
    let said = said.await.map_err(NoAnswer::Unreachable)?;
    read(said.status, said.body)
}

/// Signs in to a server, and keeps the sign-in for each organization of the login that is in
/// `wanted`, or for all of them. Each has a session of its own, so that they renew apart.
///
/// # Errors
/// What the server answers (`wrong_credentials`, `second_factor`, `too_often`), `unreachable`, and
/// what keeping the secret may run into.
pub async fn sign_in(
    http: &Http,
    server: &Url,
    secrets: &Arc<dyn SecretStore>,
    (email, password): (&str, &str),
    code: Option<&str>,
) -> Result<Vec<Place>, Problem> {
    let given = json!({"email": email, "password": password, "code": code});
    let opened: Opened = post(http, server, "auth/login", None, &given)
        .await
        .map_err(Problem::from)?;
    let places = places(http, server, &opened.access)
        .await
        .map_err(Problem::from)?;
    let mut refresh = opened.refresh;
    for (i, place) in places.iter().enumerate() {
        let token = match refresh.take() {
            Some(token) => token,
            // The code of a second factor works once: only the first place is kept then.
            None if code.is_some() => return Ok(places.into_iter().take(i).collect()),
            None => {
                let more: Opened = post(http, server, "auth/login", None, &given)
                    .await
                    .map_err(Problem::from)?;
                more.refresh.unwrap_or_default()
            }
        };
        let secret = AccountSecret::new(token);
        secrets.set(kept_under(place.organization), &secret).await?;
    }
    Ok(places)
}

pub(super) async fn places(
    http: &Http,
    server: &Url,
    access: &str,
) -> Result<Vec<Place>, NoAnswer> {
    #[derive(Deserialize)]
    struct Me {
        organizations: Vec<Place>,
    }
    let said = http.exchange(at(server, "auth/me")?, Some(access), None, None);
    let said = said.await.map_err(NoAnswer::Unreachable)?;
    Ok(read::<Me>(said.status, said.body)?.organizations)
}

impl Line {
    /// A line to `server`, under the sign-in that [`sign_in`] kept.
    #[must_use]
    pub fn new(
        http: Http,
        server: Url,
        organization: OrganizationId,
        secrets: Arc<dyn SecretStore>,
    ) -> Self {
        Self {
            http,
            server,
            organization,
            secrets,
            access: Mutex::default(),
            events: Mutex::default(),
        }
    }

    /// An access token; a new one when there is none, or `over` says that this one is.
    async fn access(&self, over: Option<&str>) -> Result<String, NoAnswer> {
        let mut access = self.access.lock().await;
        if let Some(known) = access.as_ref().filter(|known| Some(known.as_str()) != over) {
            return Ok(known.clone());
        }
        let place = kept_under(self.organization);
        let unkept = |e: crate::secrets::SecretError| NoAnswer::Unreachable(e.to_string());
        let kept = self.secrets.get(place).await.map_err(unkept)?;
        let Some(kept) = kept else {
            let out = Problem::new(Code::SignedOut, "Sign in to the server.");
            return Err(NoAnswer::Refused(out));
        };
        let given = json!({"refresh": kept.expose()});
        let opened: Opened = post(&self.http, &self.server, "auth/refresh", None, &given).await?;
        if let Some(fresh) = opened.refresh {
            let secret = AccountSecret::new(fresh);
            self.secrets.set(place, &secret).await.map_err(unkept)?;
        }
        *access = Some(opened.access.clone());
        Ok(opened.access)
    }

    /// Signs out at the server, as far as it is reached.
    pub async fn sign_out(&self) {
        if let Ok(access) = self.access(None).await {
            super::session::end(&self.http, &self.server, &access).await;
        }
    }

    async fn ask<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, NoAnswer> {
        let organization = self.organization.to_string();
        let mut over = None;
        loop {
            let access = self.access(over.as_deref()).await?;
            let url = at(&self.server, path)?;
            let said = self
                .http
                .exchange(url, Some(&access), Some(&organization), Some(body))
                .await
                .map_err(NoAnswer::Unreachable)?;
            match read(said.status, said.body) {
                Err(NoAnswer::Refused(p)) if p.code == Code::SignedOut && over.is_none() => {
                    over = Some(access);
                }
                answer => return answer,
            }
        }
    }

    async fn listen(&self) -> Result<Events, NoAnswer> {
        let access = self.access(None).await?;
        let mut url = at(&self.server, "rpc/events")?;
        url.set_query(Some(&format!("organization={}", self.organization)));
        match self.http.listen(url.clone(), &access).await {
            Ok(events) => Ok(events),
            // What lets in may have run out: once more with a new one.
            Err(_) => {
                let access = self.access(Some(&access)).await?;
                let listened = self.http.listen(url, &access).await;
                listened.map_err(NoAnswer::Unreachable)
            }
        }
    }
}

#[async_trait]
impl Uplink for Line {
    async fn push(&self, push: Push) -> Result<Pushed, NoAnswer> {
        let body = serde_json::to_value(&push).map_err(|e| NoAnswer::Unreachable(e.to_string()))?;
        self.ask("sync/push", &body).await
    }

    async fn pull(&self, pull: Pull) -> Result<Pulled, NoAnswer> {
        let body = serde_json::to_value(&pull).map_err(|e| NoAnswer::Unreachable(e.to_string()))?;
        self.ask("sync/pull", &body).await
    }

    /// The events go on between two calls, so that what is said in between is heard.
    async fn poked(&self) -> Result<(), NoAnswer> {
        let mut events = self.events.lock().await;
        let Some(listening) = events.as_mut() else {
            // Whoever begins to listen has missed what was said before.
            *events = Some(self.listen().await?);
            return Ok(());
        };
        match listening.next().await {
            Ok(_) => Ok(()),
            Err(why) => {
                *events = None;
                Err(NoAnswer::Unreachable(why))
            }
        }
    }
}
