//! Who a request is from.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, header};
use domain::Instant;
use domain::ids::{LoginId, OrganizationId, SessionId, TokenId};
use domain::rights::{Action, Scopes};
use domain::time::MINUTE;
use protocol::{Code, Problem};
use serde::Deserialize;
use store::member::{self, Membership};
use uuid::Uuid;

use super::cookies::{self, cookie};
use super::secret;
use super::tokens::{Access, signed_out};
use crate::Server;
use crate::http::problem::Refused;

/// Names the organization that a request is about; without it the first one of the login is meant.
pub const ORGANIZATION: HeaderName = HeaderName::from_static("rostrum-organization");

/// The first letters of every API token, so that scanners of leaked secrets find it.
pub const TOKEN_PREFIX: &str = "rst_";

/// Where a request comes from.
#[derive(Clone, Copy, Debug)]
pub struct From(pub IpAddr);

impl FromRequestParts<Server> for From {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Refused> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(IpAddr::from([0, 0, 0, 0]), |ConnectInfo(a)| a.ip());
        Ok(Self(server.proxies().origin(peer, &parts.headers)))
    }
}

/// Somebody who signed in, wherever they belong.
#[derive(Clone, Copy, Debug)]
pub struct SignedIn {
    /// Whose login.
    pub login: LoginId,
    /// Which sign-in.
    pub session: SessionId,
}

/// A person of an organization, or a program that acts as one.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Their place.
    pub membership: Membership,
    /// Until when they are let in without showing something new.
    pub ends_at: Instant,
    /// A program may do no more than this.
    pub scopes: Option<Scopes>,
}

impl Caller {
    /// The core, for this person.
    #[must_use]
    pub fn app(&self, server: &Server) -> app::App {
        let (me, organizations) = (&self.membership, server.organizations());
        let core = organizations.core(me.organization);
        match self.scopes {
            None => core.for_member(me.person),
            Some(scopes) => core.for_program(me.person, scopes),
        }
    }

    /// The core, for a program that acts for this person by itself: it reads, drafts and asks.
    ///
    /// # Errors
    /// `forbidden` without a token.
    pub fn agent(&self, server: &Server) -> Result<app::App, Problem> {
        let Some(scopes) = self.scopes else {
            let words = "An agent shows an API token. Make one in the settings.";
            return Err(Problem::new(Code::Forbidden, words));
        };
        let (me, organizations) = (&self.membership, server.organizations());
        Ok(organizations
            .core(me.organization)
            .for_member_agent(me.person, scopes))
    }

    /// Refuses programs: what is a person's alone.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn by_a_person(&self) -> Result<(), Problem> {
        match &self.scopes {
            None => Ok(()),
            Some(_) => Err(Problem::new(
                Code::Forbidden,
                "A token cannot do this. Sign in.",
            )),
        }
    }

    /// Refuses what a program's scopes do not hold. What the person may do, the core says.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn may(&self, action: Action) -> Result<(), Problem> {
        match self.scopes {
            Some(scopes) if !scopes.hold(action) => {
                Err(app::apply::beyond_the_token().into_problem())
            }
            _ => Ok(()),
        }
    }

    /// Refuses what the person's role, or the program's scopes, do not allow.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn must(&self, action: Action) -> Result<(), Problem> {
        self.may(action)?;
        match domain::rights::allows(self.membership.role, action) {
            true => Ok(()),
            false => Err(Problem::new(
                Code::Forbidden,
                "Your role does not allow this. Ask an owner or administrator.",
            )),
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A cookie comes along whoever made the browser ask: only our own pages may, when something
/// changes. Browsers say where a request is from (Fetch Metadata, `Origin`).
fn of_our_own_page(parts: &Parts) -> bool {
    if matches!(parts.method, Method::GET | Method::HEAD) {
        return true;
    }
    let text = |name: &str| parts.headers.get(name)?.to_str().ok();
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin
            .split_once("://")
            .is_some_and(|(_, named)| named == host),
        _ => false,
    }
}

#[derive(Deserialize)]
struct InAddress {
    organization: Option<OrganizationId>,
}

/// Which organization is meant: pictures and events are asked for by the browser itself, which
/// sends no header of ours.
fn organization(parts: &Parts) -> Result<Option<OrganizationId>, Problem> {
    let unknown = || Problem::new(Code::NotFound, "There is no such organization.");
    if let Some(value) = parts.headers.get(&ORGANIZATION) {
        let id = value.to_str().ok().and_then(|text| text.parse().ok());
        return id.map(Some).ok_or_else(unknown);
    }
    let query = axum::extract::Query::<InAddress>::try_from_uri(&parts.uri);
    Ok(query.map_err(|_| unknown())?.0.organization)
}

fn access(parts: &Parts, server: &Server) -> Result<Access, Problem> {
    let now = server.now();
    if let Some(token) = bearer(&parts.headers) {
        return server.tokens().read(token, now);
    }
    let token =
        cookie(&parts.headers, cookies::ACCESS, server.is_secure()).ok_or_else(signed_out)?;
    let access = server.tokens().read(&token, now)?;
    if of_our_own_page(parts) {
        return Ok(access);
    }
    Err(Problem::new(
        Code::Forbidden,
        "This request did not come from Rostrum's own pages.",
    ))
}

impl FromRequestParts<Server> for SignedIn {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Refused> {
        let Access { session, login, .. } = access(parts, server)?;
        let known = server
            .db()
            .read(move |tx| {
                Box::pin(async move { Ok::<_, app::Error>(member::goes_on(tx, session).await?) })
            })
            .await?;
        match known {
            Some(known) if known == login => Ok(Self { login, session }),
            _ => Err(Refused(signed_out())),
        }
    }
}

impl FromRequestParts<Server> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Refused> {
        let organization = organization(parts)?;
        if let Some(token) = bearer(&parts.headers).filter(|t| t.starts_with(TOKEN_PREFIX)) {
            return Ok(server.program(token, organization).await?);
        }
        let Access {
            session,
            login,
            ends_at,
        } = access(parts, server)?;
        let standing = server
            .db()
            .read(move |tx| {
                Box::pin(async move {
                    let standing = member::standing(tx, session, organization).await?;
                    let goes_on = match &standing {
                        Some(standing) => Some(standing.login),
                        None => member::goes_on(tx, session).await?,
                    };
                    Ok::<_, app::Error>((standing, goes_on))
                })
            })
            .await?;
        let membership = match standing {
            (_, None) => return Err(Refused(signed_out())),
            (_, Some(whose)) if whose != login => return Err(Refused(signed_out())),
            (None, _) => {
                return Err(Refused(Problem::new(
                    Code::NotFound,
                    "There is no such organization, or you do not belong to it.",
                )));
            }
            (Some(standing), _) => standing.membership,
        };
        if !membership.active {
            return Err(Refused(Problem::new(
                Code::NoMember,
                "You have left this organization.",
            )));
        }
        Ok(Self {
            membership,
            ends_at,
            scopes: None,
        })
    }
}

/// The parts of `rst_<organization>_<id>_<secret>`.
fn parts_of(token: &str) -> Option<(OrganizationId, TokenId, &str)> {
    let rest = token.strip_prefix(TOKEN_PREFIX)?;
    let (organization, rest) = rest.split_once('_')?;
    let (id, secret) = rest.split_once('_')?;
    let id = Uuid::try_parse(id).ok()?;
    Some((
        Uuid::try_parse(organization).ok()?.into(),
        id.into(),
        secret,
    ))
}

impl Server {
    /// Whom an API token stands for.
    async fn program(&self, token: &str, named: Option<OrganizationId>) -> Result<Caller, Problem> {
        let (organization, id, given) = parts_of(token).ok_or_else(signed_out)?;
        let now = self.now();
        let (known, membership) = self
            .db()
            .read(move |tx| {
                Box::pin(async move {
                    let Some(known) = member::get_token(tx, organization, id).await? else {
                        return Ok::<_, app::Error>((None, None));
                    };
                    let login = member::login_of(tx, organization, known.person).await?;
                    let membership = match login {
                        Some(login) => member::of_login(tx, login)
                            .await?
                            .into_iter()
                            .find(|m| m.organization == organization),
                        None => None,
                    };
                    Ok((Some(known), membership))
                })
            })
            .await?;
        let (Some(known), Some(membership)) = (known, membership) else {
            return Err(signed_out());
        };
        let over = known.revoked_at.is_some() || known.ends_at.is_some_and(|at| now >= at);
        if !secret::is_of(given, known.hash) || over || !membership.active {
            return Err(signed_out());
        }
        if named.is_some_and(|named| named != organization) {
            return Err(Problem::new(
                Code::NotFound,
                "This token belongs to another organization.",
            ));
        }
        if known.used_at.is_none_or(|at| now.since(at) > MINUTE) {
            self.db()
                .write(move |tx| {
                    Box::pin(async move {
                        Ok::<_, app::Error>(member::token_used(tx, organization, id, now).await?)
                    })
                })
                .await?;
        }
        let scopes = known
            .scopes
            .iter()
            .filter_map(|name| serde_json::from_value(name.clone().into()).ok())
            .collect();
        Ok(Caller {
            membership,
            ends_at: known.ends_at.unwrap_or(Instant(i64::MAX)),
            scopes: Some(scopes),
        })
    }
}
