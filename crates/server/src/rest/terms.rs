//! `Idempotency-Key` and `If-Match`: on which terms a request is carried out.

use app::core::{Terms, Thing};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Hash;
use domain::ids::{LoginId, MutationId, OrganizationId, derived};
use protocol::{Code, Problem};
use serde::Serialize;
use uuid::Uuid;

use super::{Answer, Desk};
use crate::Server;
use crate::auth::who::Caller;
use crate::http::problem::Refused;

/// The header of draft-ietf-httpapi-idempotency-key-header.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The longest key.
const LONGEST: usize = 200;

/// What a request says of being carried out once.
#[derive(Clone, Debug)]
pub struct Once {
    key: Option<String>,
    /// Method and path.
    place: String,
}

impl FromRequestParts<Server> for Once {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Server) -> Result<Self, Refused> {
        let wrong = || {
            Problem::new(
                Code::InvalidInput,
                "An Idempotency-Key has 1 to 200 letters, digits and signs.",
            )
            .with_field("Idempotency-Key", "1 to 200 visible ASCII characters")
        };
        let key = match parts.headers.get(&IDEMPOTENCY_KEY) {
            None => None,
            Some(value) => {
                let text = value.to_str().map_err(|_| wrong())?;
                let sound = (1..=LONGEST).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_graphic());
                Some(sound.then(|| text.to_owned()).ok_or_else(wrong)?)
            }
        };
        Ok(Self {
            key,
            place: format!("{} {}", parts.method, parts.uri.path()),
        })
    }
}

/// The name of a request, from which the ids of what it makes follow.
#[derive(Clone, Copy, Debug)]
pub struct Cause {
    organization: OrganizationId,
    cause: Uuid,
    named: Option<Hash>,
}

impl Once {
    /// The name of this request of `caller` with this body.
    ///
    /// # Errors
    /// When the body cannot be written as JSON.
    pub fn of<T: Serialize>(&self, caller: &Caller, body: &T) -> Result<Cause, Problem> {
        let me = &caller.membership;
        let organization = me.organization;
        let Some(key) = &self.key else {
            return Ok(Cause {
                organization,
                cause: app::core::new_id(),
                named: None,
            });
        };
        let body = serde_json::to_vec(body).map_err(|e| app::error::internal(&e))?;
        let mut whole = format!("{}\n", self.place).into_bytes();
        whole.extend(body);
        Ok(Cause {
            organization,
            cause: derived(organization, me.person.0, &format!("key:{key}"), 0),
            named: Some(Hash::of(&whole)),
        })
    }
}

impl Once {
    /// The id of an organization that a login founds: the same for the same key.
    #[must_use]
    pub fn of_login(&self, login: LoginId) -> OrganizationId {
        match &self.key {
            None => OrganizationId(app::core::new_id()),
            Some(key) => derived(OrganizationId(login.0), login.0, &format!("key:{key}"), 0).into(),
        }
    }
}

impl Cause {
    /// The id of something that the request makes: the same for the same key.
    #[must_use]
    pub fn id<T: From<Uuid>>(&self, what: &str, ordinal: u32) -> T {
        derived(self.organization, self.cause, what, ordinal).into()
    }

    /// Under which id it is carried out once.
    #[must_use]
    pub fn once(&self) -> Option<(MutationId, Hash)> {
        self.named.map(|named| (MutationId(self.cause), named))
    }

    /// Its terms, where nothing must have been seen.
    #[must_use]
    pub fn terms(&self) -> Terms {
        Terms {
            once: self.once(),
            seen: None,
        }
    }
}

/// What a request says of the edition that its sender saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// This one.
    Edition(Hash),
    /// Whichever there is.
    Whichever,
}

/// `If-Match`, where it is there.
#[derive(Clone, Copy, Debug)]
pub struct IfMatch(pub Option<Seen>);

/// Why a request is not about the edition that there is.
#[derive(Debug)]
pub enum Unmatched {
    /// It names another one.
    Stale,
    /// It names none.
    Unsaid,
    /// There is nothing to compare with.
    Refused(Problem),
}

impl IntoResponse for Unmatched {
    fn into_response(self) -> Response {
        match self {
            Self::Stale => {
                let problem = Problem::new(
                    Code::Conflict,
                    "It changed since you looked. Look again, then change it.",
                );
                Refused(problem).with_status(StatusCode::PRECONDITION_FAILED)
            }
            Self::Unsaid => {
                let problem = Problem::new(
                    Code::InvalidInput,
                    "Say in If-Match which edition you saw: the ETag of what you read, or *.",
                )
                .with_field("If-Match", "is needed");
                // RFC 6585, 3.
                Refused(problem).with_status(StatusCode::PRECONDITION_REQUIRED)
            }
            Self::Refused(problem) => Refused(problem).into_response(),
        }
    }
}

fn seen(headers: &HeaderMap) -> Result<Option<Seen>, Unmatched> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(Some(Seen::Whichever));
    }
    let tag = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    match tag.and_then(|tag| tag.parse().ok()) {
        Some(hash) => Ok(Some(Seen::Edition(hash))),
        // A tag that none of ours is matches nothing (RFC 9110, 13.1.1).
        None => Err(Unmatched::Stale),
    }
}

impl FromRequestParts<Server> for IfMatch {
    type Rejection = Unmatched;

    async fn from_request_parts(parts: &mut Parts, _: &Server) -> Result<Self, Unmatched> {
        seen(&parts.headers).map(Self)
    }
}

/// `If-Match`, which must be there.
#[derive(Clone, Copy, Debug)]
pub struct MustMatch(pub Seen);

impl FromRequestParts<Server> for MustMatch {
    type Rejection = Unmatched;

    async fn from_request_parts(parts: &mut Parts, _: &Server) -> Result<Self, Unmatched> {
        match seen(&parts.headers)? {
            Some(seen) => Ok(Self(seen)),
            None => Err(Unmatched::Unsaid),
        }
    }
}

impl Seen {
    /// The terms of a change to a thing that is there; what became of it since is refused.
    pub(crate) async fn terms(self, desk: &Desk<'_>, thing: Thing) -> Result<Terms, Unmatched> {
        let now = desk.edition(thing).await.map_err(Unmatched::Refused)?;
        match self {
            Self::Edition(seen) if seen != now => Err(Unmatched::Stale),
            _ => Ok(Terms {
                once: None,
                seen: Some((thing, now)),
            }),
        }
    }
}

/// The answer to a change of what was seen: somebody may have been quicker in between.
pub(crate) fn or_stale(answer: Answer) -> Answer {
    match answer {
        Err(Refused(problem)) if matches!(problem.code, Code::Conflict | Code::StaleVersion) => {
            Ok(Refused(problem).with_status(StatusCode::PRECONDITION_FAILED))
        }
        other => other,
    }
}
