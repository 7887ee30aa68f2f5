//! Access tokens: short-lived JWTs (RFC 7519) that name a session, signed with a key of the ring.
//! That the session goes on is looked at with each request.

use std::sync::Arc;

use domain::Instant;
use domain::ids::{LoginId, SessionId};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
};
use protocol::{Code, Problem};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::keys::KeyRing;

/// How long one lets somebody in, seconds.
pub const ACCESS_SECONDS: i64 = 10 * 60;

const PURPOSE: &str = "rostrum-server 2026 access tokens";
const AUDIENCE: &str = "rostrum-server";

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: LoginId,
    sid: SessionId,
    iat: i64,
    exp: i64,
}

/// What a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Whose.
    pub login: LoginId,
    /// Of which sign-in.
    pub session: SessionId,
    /// Until when.
    pub ends_at: Instant,
}

/// Makes and reads tokens of one server.
#[derive(Clone, Debug)]
pub struct Tokens {
    ring: Arc<KeyRing>,
    /// Which server: another's tokens are none here.
    issuer: String,
}

/// Nobody is signed in, or not any more.
#[must_use]
pub fn signed_out() -> Problem {
    Problem::new(Code::SignedOut, "Sign in.")
}

impl Tokens {
    /// Those of the server `id`.
    #[must_use]
    pub fn new(ring: Arc<KeyRing>, id: Uuid) -> Self {
        Self {
            ring,
            issuer: format!("rostrum:{id}"),
        }
    }

    /// A token for a session.
    ///
    /// # Errors
    /// When the ring has no key.
    pub fn issue(
        &self,
        login: LoginId,
        session: SessionId,
        now: Instant,
    ) -> Result<(String, Instant), Problem> {
        let name = self.ring.current();
        let key = self
            .ring
            .derived(&name, PURPOSE)
            .ok_or_else(|| app::error::internal(&"the key ring is empty"))?;
        let seconds = now.0.div_euclid(1000);
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: login,
            sid: session,
            iat: seconds,
            exp: seconds + ACCESS_SECONDS,
        };
        let header = Header {
            kid: Some(name),
            ..Header::new(Algorithm::HS256)
        };
        let token = encode(&header, &claims, &EncodingKey::from_secret(&*key))
            .map_err(|e| app::error::internal(&e))?;
        Ok((token, Instant(claims.exp * 1000)))
    }

    /// Reads a token.
    ///
    /// # Errors
    /// `signed_out` for everything that is not one of this server that lets somebody in now.
    pub fn read(&self, token: &str, now: Instant) -> Result<Access, Problem> {
        let header = decode_header(token).map_err(|_| signed_out())?;
        let name = header.kid.ok_or_else(signed_out)?;
        let key = self.ring.derived(&name, PURPOSE).ok_or_else(signed_out)?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // By the server's clock, which tests set.
        validation.validate_exp = false;
        let claims = decode::<Claims>(token, &DecodingKey::from_secret(&*key), &validation)
            .map_err(|_| signed_out())?
            .claims;
        let ends_at = Instant(claims.exp.saturating_mul(1000));
        if now >= ends_at {
            return Err(signed_out());
        }
        Ok(Access {
            login: claims.sub,
            session: claims.sid,
            ends_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    const NOW: Instant = Instant(1_795_424_400_000);

    fn tokens() -> (tempfile::TempDir, Tokens) {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::open(&folder.path().join("keys.json")).unwrap();
        (folder, Tokens::new(Arc::new(ring), Uuid::from_u128(1)))
    }

    fn rewritten(token: &str, part: usize, change: impl Fn(&mut serde_json::Value)) -> String {
        let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
        let bytes = URL_SAFE_NO_PAD.decode(&parts[part]).unwrap();
        let mut value = serde_json::from_slice(&bytes).unwrap();
        change(&mut value);
        parts[part] = URL_SAFE_NO_PAD.encode(value.to_string());
        parts.join(".")
    }

    #[test]
    fn a_token_lets_in_until_it_ends() {
        let (_folder, tokens) = tokens();
        let (login, session) = (LoginId(Uuid::from_u128(2)), SessionId(Uuid::from_u128(3)));
        let (token, ends) = tokens.issue(login, session, NOW).unwrap();
        let access = tokens.read(&token, NOW).unwrap();
        assert_eq!(
            (access.login, access.session, access.ends_at),
            (login, session, ends)
        );
        assert!(tokens.read(&token, ends.plus(-1)).is_ok());
        assert!(tokens.read(&token, ends).is_err());
    }

    #[test]
    fn a_forged_token_lets_nobody_in() {
        let (_folder, tokens) = tokens();
        let (_elsewhere, others) = self::tokens();
        let (login, session) = (LoginId(Uuid::from_u128(2)), SessionId(Uuid::from_u128(3)));
        let (token, _) = tokens.issue(login, session, NOW).unwrap();
        let mut forged = vec![
            String::new(),
            "a.b.c".to_owned(),
            token[..token.len() - 2].to_owned(),
            // Another server's key; the same ring with another issuer.
            others.issue(login, session, NOW).unwrap().0,
            Tokens::new(Arc::clone(&tokens.ring), Uuid::from_u128(9))
                .issue(login, session, NOW)
                .unwrap()
                .0,
            rewritten(&token, 1, |c| {
                c["sub"] = Uuid::from_u128(7).to_string().into()
            }),
            rewritten(&token, 1, |c| c["exp"] = 9_999_999_999_i64.into()),
            rewritten(&token, 0, |h| h["kid"] = "another".into()),
            rewritten(&token, 0, |h| h["alg"] = "HS512".into()),
        ];
        let none = rewritten(&token, 0, |h| h["alg"] = "none".into());
        let unsigned = none.rsplit_once('.').unwrap().0.to_owned() + ".";
        forged.extend([none, unsigned]);
        for token in forged {
            let refused = tokens.read(&token, NOW).unwrap_err();
            assert_eq!(refused.code, Code::SignedOut, "{token}");
        }
    }
}
