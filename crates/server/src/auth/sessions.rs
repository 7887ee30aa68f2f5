//! Sign-ins that go on: opened, renewed, listed, ended.
//!
//! A refresh token is `<session>.<random>.<seal>`. It changes with each use; one that this server
//! made and that was used before shows that somebody else has it too, and ends the session. What
//! this server did not make ends nothing: a session's id is no secret.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Instant;
use domain::ids::{LoginId, SessionId};
use domain::time::DAY;
use protocol::act::Sensitive;
use protocol::{Code, Problem};
use serde::{Deserialize, Serialize};
use store::member;
use store::session::{self, Session};
use subtle::ConstantTimeEq as _;
use ts_rs::TS;
use uuid::Uuid;

use super::cookies::{self, cookie};
use super::secret::{kept, new_secret};
use super::throttle::{KNOCKS, address_of};
use super::tokens::{ACCESS_SECONDS, signed_out};
use super::who::{From, SignedIn};
use crate::Server;
use crate::api::{Api, Op, Who};
use crate::http::body::{Body, Named};
use crate::http::problem::Refused;

/// How long a session lasts that is not used, milliseconds.
const IDLE: i64 = 30 * DAY;
/// How long one lasts at all.
const LONGEST: i64 = 180 * DAY;
/// Two windows of one browser may renew at once: within so long the token before still answers,
/// without a new one.
const TOGETHER: i64 = 15_000;

const PURPOSE: &str = "rostrum-server 2026 refresh tokens";
const NEXT: &str = "rostrum-server 2026 refresh tokens by word";
/// Fewer letters could be guessed.
const SHORTEST_WORD: usize = 32;

/// What a sign-in brought.
#[derive(Debug, Serialize, TS)]
pub struct Opened {
    /// Lets in for ten minutes; absent where it went into a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub access: Option<String>,
    /// Until when.
    pub ends_at: Instant,
    /// Brings the next access token, once; absent where it went into a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub refresh: Option<String>,
}

/// The tokens of a session.
#[derive(Debug)]
pub(super) struct Pair {
    access: String,
    ends_at: Instant,
    refresh: Option<String>,
}

impl Pair {
    /// As an answer: in cookies, or in the body.
    pub(super) fn answer(self, server: &Server, in_cookies: bool) -> Response {
        if !in_cookies {
            return Json(Opened {
                access: Some(self.access),
                ends_at: self.ends_at,
                refresh: self.refresh,
            })
            .into_response();
        }
        let opened = Opened {
            access: None,
            ends_at: self.ends_at,
            refresh: None,
        };
        let mut response = Json(opened).into_response();
        let secure = server.is_secure();
        let access = cookies::set(cookies::ACCESS, &self.access, "/", ACCESS_SECONDS, secure);
        let refresh = self
            .refresh
            .and_then(|token| cookies::set(cookies::REFRESH, &token, "/auth", IDLE / 1000, secure));
        for line in access.into_iter().chain(refresh) {
            response.headers_mut().append(header::SET_COOKIE, line);
        }
        response
    }
}

/// What a person recognizes a session by: as the program names itself, cut short.
pub(super) fn agent_of(headers: &HeaderMap) -> String {
    let value = headers
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok());
    value.unwrap_or_default().chars().take(200).collect()
}

impl Server {
    fn seal_of(&self, name: &str, session: SessionId, random: &str) -> Option<[u8; 32]> {
        let key = self.ring().derived(name, PURPOSE)?;
        let text = format!("{session}.{random}");
        Some(*blake3::keyed_hash(&key, text.as_bytes()).as_bytes())
    }

    fn refresh_token(&self, session: SessionId) -> Result<String, Problem> {
        self.sealed_token(session, &new_secret())
    }

    /// The token after `used`. A program that names a word of its own gets the same one for the same
    /// word: it asks again when the answer was lost.
    fn next_token(
        &self,
        session: SessionId,
        used: &str,
        word: Option<&str>,
    ) -> Result<String, Problem> {
        let Some(word) = word else {
            return self.refresh_token(session);
        };
        let key = self
            .ring()
            .derived(&self.ring().current(), NEXT)
            .ok_or_else(|| app::error::internal(&"the key ring is empty"))?;
        let text = format!("{session}\n{used}\n{word}");
        let random = blake3::keyed_hash(&key, text.as_bytes());
        self.sealed_token(session, &URL_SAFE_NO_PAD.encode(random.as_bytes()))
    }

    fn sealed_token(&self, session: SessionId, random: &str) -> Result<String, Problem> {
        let seal = self
            .seal_of(&self.ring().current(), session, random)
            .ok_or_else(|| app::error::internal(&"the key ring is empty"))?;
        let seal = URL_SAFE_NO_PAD.encode(seal);
        Ok(format!("{}.{random}.{seal}", session.0.simple()))
    }

    /// The session of a refresh token that this server made.
    fn session_of(&self, token: &str) -> Option<SessionId> {
        let mut parts = token.split('.');
        let session = SessionId(Uuid::try_parse(parts.next()?).ok()?);
        let random = parts.next()?;
        let seal = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
        let ours = self.ring().names().iter().any(|name| {
            self.seal_of(name, session, random)
                .is_some_and(|right| right.as_slice().ct_eq(&seal).into())
        });
        (ours && parts.next().is_none()).then_some(session)
    }

    /// Opens a session for somebody who has shown who they are.
    ///
    /// # Errors
    /// When the database says no.
    pub(super) async fn open_session(
        &self,
        login: LoginId,
        agent: String,
        address: String,
    ) -> Result<Pair, Problem> {
        let now = self.now();
        let id = SessionId(app::core::new_id());
        let refresh = self.refresh_token(id)?;
        let new = Session {
            id,
            login,
            refresh: kept(&refresh),
            previous: None,
            rotated_at: now,
            created_at: now,
            ends_at: now.plus(IDLE),
            agent,
            address,
            revoked_at: None,
        };
        self.db()
            .write(move |tx| {
                let new = new.clone();
                Box::pin(async move { Ok::<_, app::Error>(session::insert(tx, &new).await?) })
            })
            .await?;
        let (access, ends_at) = self.tokens().issue(login, id, now)?;
        Ok(Pair {
            access,
            ends_at,
            refresh: Some(refresh),
        })
    }

    async fn renew(
        &self,
        token: &str,
        word: Option<&str>,
        address: String,
    ) -> Result<Pair, Problem> {
        let id = self.session_of(token).ok_or_else(signed_out)?;
        let (now, used, next) = (self.now(), kept(token), self.next_token(id, token, word)?);
        let fresh = kept(&next);
        let found = self
            .db()
            .write(move |tx| {
                let address = address.clone();
                Box::pin(async move {
                    let Some(known) = session::get(tx, id).await? else {
                        return Ok::<_, app::Error>(None);
                    };
                    let over = known.revoked_at.is_some() || now >= known.ends_at;
                    if over {
                        return Ok(None);
                    }
                    if known.refresh == used {
                        let ends = now.plus(IDLE).min(known.created_at.plus(LONGEST));
                        session::rotate(tx, id, fresh, now, ends, &address).await?;
                        return Ok(Some((known.login, true)));
                    }
                    // Asked again by who asked before: nobody else knows the word.
                    if known.previous == Some(used) && known.refresh == fresh {
                        return Ok(Some((known.login, true)));
                    }
                    let together =
                        known.previous == Some(used) && now.since(known.rotated_at) < TOGETHER;
                    if together {
                        return Ok(Some((known.login, false)));
                    }
                    session::revoke(tx, id, now, "reused").await?;
                    Ok(None)
                })
            })
            .await?;
        let Some((login, rotated)) = found else {
            return Err(signed_out());
        };
        let (access, ends_at) = self.tokens().issue(login, id, now)?;
        Ok(Pair {
            access,
            ends_at,
            refresh: rotated.then_some(next),
        })
    }

    /// Ends all sessions of a login, but `keep`.
    pub(super) async fn end_sessions(
        &self,
        login: LoginId,
        keep: Option<SessionId>,
        why: &'static str,
    ) -> Result<(), Problem> {
        let now = self.now();
        self.db()
            .write(move |tx| {
                Box::pin(async move {
                    session::revoke_all(tx, login, keep, now, why).await?;
                    Ok::<_, app::Error>(())
                })
            })
            .await?;
        Ok(())
    }
}

/// What renews a sign-in.
#[derive(Deserialize, Default, TS)]
#[serde(deny_unknown_fields)]
struct Refresh {
    /// The newest refresh token; absent where it is in a cookie.
    #[serde(default)]
    #[ts(optional)]
    refresh: Option<Sensitive>,
    /// A secret word that the program made for this renewal, and kept: with it the same renewal may
    /// be asked for again.
    #[serde(default)]
    word: Option<Sensitive>,
}

async fn refresh(
    State(server): State<Server>,
    From(ip): From,
    headers: HeaderMap,
    Body(given): Body<Refresh>,
) -> Result<Response, Refused> {
    let address = address_of(ip);
    let in_cookies = given.refresh.is_none();
    let token = match given.refresh {
        Some(token) => token.0,
        None => cookie(&headers, cookies::REFRESH, server.is_secure()).ok_or_else(signed_out)?,
    };
    let word = given.word.as_ref().map(|word| word.0.as_str());
    if word.is_some_and(|word| !(SHORTEST_WORD..=256).contains(&word.len())) {
        return Err(Refused(Problem::new(
            Code::InvalidInput,
            "The word has 32 to 256 letters.",
        )));
    }
    match server.renew(&token, word, address.clone()).await {
        Ok(pair) => Ok(pair.answer(&server, in_cookies)),
        Err(problem) => {
            // Only what is refused is counted: whoever is in may come as often as they need.
            server.knock(KNOCKS, &address).await?;
            let mut response = Refused(problem).into_response();
            if in_cookies {
                forget_cookies(&server, &mut response);
            }
            Ok(response)
        }
    }
}

fn forget_cookies(server: &Server, response: &mut Response) {
    let secure = server.is_secure();
    let gone = [(cookies::ACCESS, "/"), (cookies::REFRESH, "/auth")];
    for (name, path) in gone {
        if let Some(line) = cookies::set(name, "", path, 0, secure) {
            response.headers_mut().append(header::SET_COOKIE, line);
        }
    }
}

async fn logout(State(server): State<Server>, me: SignedIn) -> Result<Response, Refused> {
    let now = server.now();
    server
        .db()
        .write(move |tx| {
            Box::pin(async move {
                session::revoke(tx, me.session, now, "signed_out").await?;
                Ok::<_, app::Error>(())
            })
        })
        .await?;
    server.leaves(me.login).await?;
    let mut response = axum::http::StatusCode::NO_CONTENT.into_response();
    forget_cookies(&server, &mut response);
    Ok(response)
}

impl Server {
    /// Whoever signs out has nothing open any more. Other windows of theirs say so again in a moment.
    async fn leaves(&self, login: LoginId) -> Result<(), Problem> {
        let places = self
            .db()
            .read(move |tx| {
                Box::pin(async move { Ok::<_, app::Error>(member::of_login(tx, login).await?) })
            })
            .await?;
        for place in places {
            let core = self.organizations().core(place.organization);
            core.left(place.person).await?;
        }
        Ok(())
    }
}

/// A sign-in that goes on.
#[derive(Serialize, TS)]
struct SessionView {
    id: SessionId,
    agent: String,
    address: String,
    created_at: Instant,
    used_at: Instant,
    current: bool,
}

async fn list(State(server): State<Server>, me: SignedIn) -> Result<Response, Refused> {
    let now = server.now();
    let all = server
        .db()
        .read(move |tx| {
            Box::pin(
                async move { Ok::<_, app::Error>(session::of_login(tx, me.login, now).await?) },
            )
        })
        .await?;
    let views: Vec<SessionView> = all
        .into_iter()
        .map(|s| SessionView {
            current: s.id == me.session,
            id: s.id,
            agent: s.agent,
            address: s.address,
            created_at: s.created_at,
            used_at: s.rotated_at,
        })
        .collect();
    Ok(Json(views).into_response())
}

async fn revoke(
    State(server): State<Server>,
    me: SignedIn,
    Named(id): Named<SessionId>,
) -> Result<Response, Refused> {
    let now = server.now();
    let ended = server
        .db()
        .write(move |tx| {
            Box::pin(async move {
                let mine = session::get(tx, id)
                    .await?
                    .is_some_and(|s| s.login == me.login);
                Ok::<_, app::Error>(mine && session::revoke(tx, id, now, "revoked").await?)
            })
        })
        .await?;
    match ended {
        true => Ok(axum::http::StatusCode::NO_CONTENT.into_response()),
        false => Err(Refused(Problem::new(
            Code::NotFound,
            "There is no such sign-in (any more).",
        ))),
    }
}

/// What this file serves.
pub fn routes() -> Api {
    Api::new("Signing in")
        .post(
            "/auth/refresh",
            refresh,
            Op::new(
                "refresh",
                "Renews a sign-in. A token that was used before ends it.",
            )
            .takes::<Refresh>()
            .gives::<Opened>(200)
            .refuses(&[401, 429]),
        )
        .post(
            "/auth/logout",
            logout,
            Op::new("sign_out", "Ends this sign-in.").who(Who::SignedIn),
        )
        .get(
            "/auth/sessions",
            list,
            Op::new("list_sessions", "One's own sign-ins that go on.")
                .who(Who::SignedIn)
                .gives::<Vec<SessionView>>(200),
        )
        .delete(
            "/auth/sessions/{id}",
            revoke,
            Op::new("end_session", "Ends one of one's own sign-ins.").who(Who::SignedIn),
        )
}
