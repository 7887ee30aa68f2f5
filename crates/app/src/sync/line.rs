//! The line of a member's desktop to the server of an organization, over HTTP.
//!
//! The refresh token is kept like an account's secret, under the organization's id. It changes with
//! each use. What it changes to is decided by a word of ours that is kept before it is used: a
//! renewal whose answer was lost, or could not be kept, is asked again with the same word and brings
//! the same token. Nothing is asked with what a renewal brought before its token is kept.

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use domain::Hash;
use domain::ids::{IdentityId, OrganizationId, PersonId, derived};
use domain::person::Role;
use networks::{AccountSecret, Asking, Events, Exchanged, Http, Unheard};
use protocol::sync::{Have, Held, Pull, Pulled, Push, Pushed, Received};
use protocol::{Code, Problem};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;
use url::Url;
use uuid::Uuid;

use super::carrier::{Carrying, Part};
use super::pump::{NoAnswer, Uplink};
use crate::secrets::{SecretError, SecretStore};

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
    session: Arc<Session>,
    events: Mutex<Option<Events>>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line")
            .field("organization", &self.session.organization)
            .finish_non_exhaustive()
    }
}

/// The sign-in of a line.
struct Session {
    http: Http,
    server: Url,
    organization: OrganizationId,
    secrets: Arc<dyn SecretStore>,
    access: Mutex<Access>,
}

/// What lets in at the moment.
#[derive(Default)]
struct Access {
    token: Option<String>,
    /// The organization is being left: nothing is renewed, or kept, any more.
    ended: bool,
}

impl Access {
    fn beside(&self, over: Option<&str>) -> Option<String> {
        self.token
            .clone()
            .filter(|known| Some(known.as_str()) != over)
    }
}

/// Where the refresh token of an organization's server is kept: under no id that the server chooses,
/// or it could name an account of this computer.
#[must_use]
pub fn kept_under(organization: OrganizationId) -> IdentityId {
    IdentityId(derived(organization, organization.0, "server_line", 0))
}

pub(super) fn at(server: &Url, path: &str) -> Result<Url, NoAnswer> {
    server
        .join(path)
        .map_err(|e| NoAnswer::Unreachable(e.to_string()))
}

fn signed_out() -> Problem {
    Problem::new(Code::SignedOut, "Sign in to the server.")
}

/// An answer that is none of our servers'.
fn odd(status: u16) -> NoAnswer {
    NoAnswer::Unreachable(format!("the server answered with {status}"))
}

/// What an answer means.
fn read<T: DeserializeOwned>(said: Exchanged) -> Result<T, NoAnswer> {
    let Exchanged {
        status,
        body,
        retry_after,
    } = said;
    if (200..300).contains(&status) {
        return serde_json::from_value(body).map_err(|_| odd(status));
    }
    let problem = serde_json::from_value::<Problem>(body).ok();
    Err(match (status, problem) {
        (429 | 503, _) => NoAnswer::Later(retry_after),
        // Also what stands before the server may say so, in its own words.
        (413, problem) => NoAnswer::Refused(
            problem
                .filter(|p| p.code == Code::TooLarge)
                .unwrap_or_else(|| Problem::new(Code::TooLarge, "The server takes less at once.")),
        ),
        (400..500, Some(problem)) => NoAnswer::Refused(problem),
        _ => odd(status),
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
    read(said)
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
    Ok(read::<Me>(said)?.organizations)
}

/// What is kept of a sign-in: its token, and the word with which it is renewed if that was begun.
struct Kept {
    token: String,
    word: Option<String>,
}

impl Kept {
    fn read(text: &str) -> Self {
        let mut parts = text.split(' ');
        Self {
            token: parts.next().unwrap_or_default().to_owned(),
            word: parts.next().map(str::to_owned),
        }
    }
}

impl Session {
    /// An access token; a new one when there is none, or `over` says that this one is.
    async fn access(self: &Arc<Self>, over: Option<&str>) -> Result<String, NoAnswer> {
        if let Some(known) = self.known(over).await {
            return Ok(known);
        }
        // Whoever waits for it may be broken off; what was begun goes to its end.
        let (session, over) = (Arc::clone(self), over.map(str::to_owned));
        let renewed = TaskTracker::new()
            .spawn(async move { session.renewed(over.as_deref()).await })
            .await;
        renewed.map_err(|e| NoAnswer::Unreachable(e.to_string()))?
    }

    async fn known(&self, over: Option<&str>) -> Option<String> {
        self.access.lock().await.beside(over)
    }

    async fn renewed(&self, over: Option<&str>) -> Result<String, NoAnswer> {
        let mut access = self.access.lock().await;
        if let Some(known) = access.beside(over) {
            return Ok(known);
        }
        if access.ended {
            return Err(NoAnswer::Refused(signed_out()));
        }
        let place = kept_under(self.organization);
        let unkept = |e: SecretError| NoAnswer::Unreachable(e.to_string());
        let kept = self.secrets.get(place).await.map_err(unkept)?;
        let Some(kept) = kept else {
            return Err(NoAnswer::Refused(signed_out()));
        };
        let Kept { token, word } = Kept::read(kept.expose());
        let word = match word {
            Some(begun) => begun,
            None => {
                let word = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
                let begun = AccountSecret::new(format!("{token} {word}"));
                self.secrets.set(place, &begun).await.map_err(unkept)?;
                word
            }
        };
        let given = json!({"refresh": token, "word": word});
        let opened: Opened = post(&self.http, &self.server, "auth/refresh", None, &given).await?;
        let next = AccountSecret::new(opened.refresh.unwrap_or(token));
        self.secrets.set(place, &next).await.map_err(unkept)?;
        access.token = Some(opened.access.clone());
        Ok(opened.access)
    }

    /// Asks, with a new access token when the server says that this one is over.
    async fn let_in<T, F>(self: &Arc<Self>, ask: impl Fn(String) -> F) -> Result<T, NoAnswer>
    where
        F: Future<Output = Result<T, NoAnswer>>,
    {
        let access = self.access(None).await?;
        match ask(access.clone()).await {
            Err(NoAnswer::Refused(p)) if p.code == Code::SignedOut => {
                ask(self.access(Some(&access)).await?).await
            }
            answer => answer,
        }
    }

    async fn ask<T: DeserializeOwned>(
        self: &Arc<Self>,
        path: &str,
        body: &Value,
    ) -> Result<T, NoAnswer> {
        let organization = self.organization.to_string();
        let (url, organization) = (&at(&self.server, path)?, &organization);
        self.let_in(|access| async move {
            let said = self
                .http
                .exchange(url.clone(), Some(&access), Some(organization), Some(body))
                .await
                .map_err(NoAnswer::Unreachable)?;
            read(said)
        })
        .await
    }
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
            session: Arc::new(Session {
                http,
                server,
                organization,
                secrets,
                access: Mutex::default(),
            }),
            events: Mutex::default(),
        }
    }

    /// Renews nothing any more: a renewal that is under way has ended then, and what is kept of the
    /// sign-in can be forgotten.
    pub async fn end(&self) {
        self.session.access.lock().await.ended = true;
    }

    /// Signs out at the server, as far as it is reached.
    pub async fn sign_out(&self) {
        let session = &self.session;
        if let Ok(access) = session.access(None).await {
            super::session::end(&session.http, &session.server, &access).await;
        }
    }

    async fn listen(&self) -> Result<Events, NoAnswer> {
        let Session {
            http,
            server,
            organization,
            ..
        } = &*self.session;
        let mut url = at(server, "rpc/events")?;
        url.set_query(Some(&format!("organization={organization}")));
        let url = &url;
        self.session
            .let_in(|access| async move {
                let listened = http.listen(url.clone(), &access).await;
                listened.map_err(|why| match why {
                    Unheard::Status(401) => NoAnswer::Refused(signed_out()),
                    other => NoAnswer::Unreachable(other.to_string()),
                })
            })
            .await
    }
}

#[async_trait]
impl Carrying for Line {
    async fn have(&self, have: Have) -> Result<Held, NoAnswer> {
        let body = serde_json::to_value(&have).map_err(|e| NoAnswer::Unreachable(e.to_string()))?;
        self.session.ask("media/have", &body).await
    }

    async fn put(&self, hash: Hash, part: Part) -> Result<Received, NoAnswer> {
        let organization = self.session.organization.to_string();
        let url = at(&self.session.server, &format!("media/{hash}"))?;
        let (session, url, organization, part) = (&self.session, &url, &organization, &part);
        self.session
            .let_in(|access| async move {
                let asking = Asking {
                    bearer: &access,
                    organization,
                };
                let place = (part.from, part.total);
                let bytes = part.bytes.clone();
                let said = session.http.put_part(url.clone(), asking, bytes, place);
                read(said.await.map_err(NoAnswer::Unreachable)?)
            })
            .await
    }

    async fn get(&self, hash: Hash, range: Range<u64>) -> Result<Part, NoAnswer> {
        let organization = self.session.organization.to_string();
        let url = at(&self.session.server, &format!("media/{hash}"))?;
        let (session, url, organization, range) = (&self.session, &url, &organization, &range);
        self.session
            .let_in(|access| async move {
                let asking = Asking {
                    bearer: &access,
                    organization,
                };
                let said = session.http.get_part(url.clone(), asking, range.clone());
                match said.await.map_err(NoAnswer::Unreachable)? {
                    Ok(fetched) => Ok(Part {
                        from: range.start,
                        total: fetched.total,
                        bytes: fetched.bytes.into(),
                    }),
                    Err(other) => match read::<Received>(other.clone()) {
                        Err(why) => Err(why),
                        Ok(_) => Err(odd(other.status)),
                    },
                }
            })
            .await
    }
}

#[async_trait]
impl Uplink for Line {
    async fn push(&self, push: Push) -> Result<Pushed, NoAnswer> {
        let body = serde_json::to_value(&push).map_err(|e| NoAnswer::Unreachable(e.to_string()))?;
        self.session.ask("sync/push", &body).await
    }

    async fn pull(&self, pull: Pull) -> Result<Pulled, NoAnswer> {
        let body = serde_json::to_value(&pull).map_err(|e| NoAnswer::Unreachable(e.to_string()))?;
        self.session.ask("sync/pull", &body).await
    }

    async fn ask(&self, path: &str, body: &Value) -> Result<Value, NoAnswer> {
        self.session.ask(path, body).await
    }

    fn address(&self, page: &str) -> Option<String> {
        Some(at(&self.session.server, page).ok()?.to_string())
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
