//! Signing in through the browser: the OAuth profile of the AT Protocol
//! (<https://atproto.com/specs/oauth>) with pushed requests (RFC 9126), PKCE (RFC 7636) and tokens
//! that are bound to a key (RFC 9449).

use domain::Instant;
use domain::time::DAY;
use oauth2::{CsrfToken, PkceCodeChallenge};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::form_urlencoded::Serializer;
use zeroize::Zeroize;

use super::directory::{Directory, Home};
use super::dpop::{Key, Prover, Servers};
use super::xrpc;
use crate::contract::{
    Authorization, AuthorizeInput, CALLBACK_PATH, Grant, NetworkError, SignInTrouble,
};
use crate::http::{Call, Http, Reply};
use crate::secret::Secret;

/// The rights of an app password; servers do not yet all know finer ones.
const SCOPES: &str = "atproto transition:generic";

/// How long a sign-in of a program that has no secret of its own lasts, whatever is renewed: two
/// weeks on Bluesky's own server
/// (<https://github.com/bluesky-social/atproto/blob/main/packages/oauth/oauth-provider/src/constants.ts>,
/// `PUBLIC_CLIENT_SESSION_LIFETIME`).
const LASTS: i64 = 14 * DAY;

/// This program's name at every server: one that runs on a person's own computer and comes back
/// there, to any port.
fn client_id() -> String {
    let query = Serializer::new(String::new())
        .append_pair("redirect_uri", &format!("http://127.0.0.1{CALLBACK_PATH}"))
        .append_pair("scope", SCOPES)
        .finish();
    format!("http://localhost?{query}")
}

/// What a sign-in keeps beside its tokens.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Bound {
    /// The key that the tokens are bound to ([`Key::seal`]).
    key: String,
    /// Where tokens are renewed.
    token: Url,
    /// Where they are given back.
    revoke: Option<Url>,
    /// The server that the person named when they signed in; absent where it was not kept yet.
    #[serde(default)]
    typed: Option<Url>,
    /// When the access token ends.
    pub(super) ends: Option<Instant>,
}

impl Drop for Bound {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

impl Bound {
    pub(super) fn key(&self) -> Result<Key, NetworkError> {
        Key::open(&self.key)
    }

    /// How to reach a server that the sign-in led to.
    pub(super) fn reach(&self, http: &Http, place: &Url) -> Http {
        match &self.typed {
            Some(typed) => http.beside(typed, place),
            None => http.clone(),
        }
    }

    /// The server that knows whose a handle is.
    pub(super) fn typed(&self) -> Option<&Url> {
        self.typed.as_ref()
    }

    /// What tells this sign-in from others.
    pub(super) fn lineage(&self) -> &str {
        &self.key
    }
}

/// What is remembered while a person agrees in the browser.
#[derive(Serialize, Deserialize)]
struct Pending {
    issuer: String,
    bound: Bound,
    verifier: String,
    /// The account that was asked for.
    did: Option<String>,
}

/// A sign-in as it was granted.
pub(super) struct Granted {
    pub(super) home: Home,
    pub(super) access: Secret<String>,
    pub(super) refresh: Secret<String>,
    pub(super) bound: Bound,
    /// When it ends for good.
    pub(super) over: Instant,
}

/// What a server gave.
pub(super) struct Tokens {
    did: String,
    pub(super) access: Secret<String>,
    pub(super) refresh: Secret<String>,
    pub(super) ends: Option<Instant>,
    scopes: String,
}

fn sign_in(trouble: SignInTrouble, words: &str) -> NetworkError {
    NetworkError::SignIn {
        trouble,
        words: words.to_owned(),
    }
}

/// Says which page to open for the account `name`, or for any where nobody is named.
pub(super) async fn authorize(
    directory: Directory<'_>,
    servers: &Servers,
    input: &AuthorizeInput,
    name: &str,
) -> Result<Authorization, NetworkError> {
    let home = match name {
        "" => None,
        name => Some(directory.find(name).await?),
    };
    let at = home.as_ref().map_or(directory.typed, |home| &home.service);
    let issuer = directory.issuer(at).await?;
    let key = Key::new()?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let state = CsrfToken::new_random();
    let client_id = client_id();
    let mut form = vec![
        ("client_id", client_id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", &input.redirect_uri),
        ("scope", SCOPES),
        ("state", state.secret()),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    if home.is_some() {
        form.push(("login_hint", name));
    }
    let bound = Bound {
        key: key.seal()?.expose().clone(),
        token: issuer.token.clone(),
        revoke: issuer.revoke.clone(),
        typed: Some(directory.typed.clone()),
        ends: None,
    };
    let prover = Prover {
        http: &bound.reach(directory.http, &issuer.par),
        servers,
        key: &key,
    };
    let answer = ask(prover, &issuer.par, &form).await?;
    let pushed = answer
        .get("request_uri")
        .and_then(Value::as_str)
        .ok_or_else(|| NetworkError::Unreadable("no page to open".to_owned()))?;
    let mut page = issuer.authorize.clone();
    page.query_pairs_mut()
        .append_pair("client_id", &client_id)
        .append_pair("request_uri", pushed);
    let pending = Pending {
        issuer: issuer.name.clone(),
        bound,
        verifier: verifier.secret().clone(),
        did: home.map(|home| home.did),
    };
    let kept =
        serde_json::to_string(&pending).map_err(|e| NetworkError::Unreadable(e.to_string()))?;
    Ok(Authorization {
        url: page.into(),
        state: Secret::new(state.secret().clone()),
        pending: Secret::new(kept),
    })
}

/// Tokens for what the browser brought, once it is certain whose they are.
pub(super) async fn redeem(
    (http, plc): (&Http, &Url),
    servers: &Servers,
    grant: &Grant,
    now: Instant,
) -> Result<Granted, NetworkError> {
    let another = || NetworkError::Unreadable("the sign-in was begun by another".to_owned());
    let mut pending: Pending =
        serde_json::from_str(grant.pending.expose()).map_err(|_| another())?;
    let typed = pending.bound.typed.clone().ok_or_else(another)?;
    // RFC 9207: the answer of another server must not become tokens of this one.
    if grant.issuer.as_deref() != Some(pending.issuer.as_str()) {
        return Err(sign_in(
            SignInTrouble::WrongApp,
            "The answer came from another server than the one that was asked.",
        ));
    }
    let key = pending.bound.key()?;
    let prover = Prover {
        http: &pending.bound.reach(http, &pending.bound.token),
        servers,
        key: &key,
    };
    let client_id = client_id();
    let form = [
        ("client_id", client_id.as_str()),
        ("grant_type", "authorization_code"),
        ("code", grant.code.expose()),
        ("redirect_uri", &grant.redirect_uri),
        ("code_verifier", &pending.verifier),
    ];
    let answer = ask(prover, &pending.bound.token, &form).await;
    pending.verifier.zeroize();
    let answer = answer.map_err(|error| match error {
        NetworkError::NeedsReconnect { words } => sign_in(SignInTrouble::CodeExpired, &words),
        other => other,
    })?;
    let tokens = Tokens::read(&answer, now)?;
    let directory = Directory {
        http,
        plc,
        typed: &typed,
    };
    match whose(directory, &pending, &tokens).await {
        Ok(home) => {
            pending.bound.ends = tokens.ends;
            Ok(Granted {
                home,
                access: tokens.access,
                refresh: tokens.refresh,
                bound: pending.bound,
                over: now.plus(LASTS),
            })
        }
        Err(error) => {
            // Tokens that nobody will use are better given back; if that fails, they end by
            // themselves.
            let _ = give_back(http, servers, &pending.bound, &tokens.refresh).await;
            Err(error)
        }
    }
}

/// The account that tokens are for, by its own document: without that, a server could sign people
/// in as anybody.
async fn whose(
    directory: Directory<'_>,
    pending: &Pending,
    tokens: &Tokens,
) -> Result<Home, NetworkError> {
    if !SCOPES
        .split(' ')
        .all(|needed| tokens.scopes.split(' ').any(|given| given == needed))
    {
        return Err(sign_in(
            SignInTrouble::MissingScope,
            &format!("The server allowed only: {}.", tokens.scopes),
        ));
    }
    if pending.did.as_ref().is_some_and(|did| *did != tokens.did) {
        return Err(NetworkError::Field {
            field: "handle",
            code: "another_account",
            words: "In the browser, another account was signed in than this one.".to_owned(),
        });
    }
    let home = directory.proven(&tokens.did).await?;
    if directory.issuer(&home.service).await?.name != pending.issuer {
        return Err(NetworkError::Refused {
            code: "wrong_issuer".to_owned(),
            words: "This server may not sign this account in.".to_owned(),
        });
    }
    Ok(home)
}

/// Fresh tokens of the account `did`. A server that no longer takes the old one wants a new
/// sign-in.
pub(super) async fn renew(
    (http, servers): (&Http, &Servers),
    bound: &Bound,
    refresh: &str,
    (did, now): (&str, Option<Instant>),
) -> Result<Tokens, NetworkError> {
    let key = bound.key()?;
    let prover = Prover {
        http: &bound.reach(http, &bound.token),
        servers,
        key: &key,
    };
    let form = [
        ("client_id", client_id()),
        ("grant_type", "refresh_token".to_owned()),
        ("refresh_token", refresh.to_owned()),
    ];
    let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let answer = ask(prover, &bound.token, &form).await;
    let answer = answer.map_err(|error| match error {
        NetworkError::SignIn { words, .. } => NetworkError::NeedsReconnect { words },
        other => other,
    })?;
    let now = now
        .or_else(|| servers.now(&bound.token))
        .unwrap_or_default();
    let tokens = Tokens::read(&answer, now)?;
    if tokens.did != did {
        return Err(NetworkError::NeedsReconnect {
            words: "The server answered for another account.".to_owned(),
        });
    }
    Ok(tokens)
}

/// Gives tokens back (RFC 7009): afterwards nobody can use them.
pub(super) async fn give_back(
    http: &Http,
    servers: &Servers,
    bound: &Bound,
    refresh: &Secret<String>,
) -> Result<(), NetworkError> {
    let Some(place) = &bound.revoke else {
        return Ok(());
    };
    let key = bound.key()?;
    let prover = Prover {
        http: &bound.reach(http, place),
        servers,
        key: &key,
    };
    let client_id = client_id();
    let form = [
        ("client_id", client_id.as_str()),
        ("token", refresh.expose()),
    ];
    ask(prover, place, &form).await.map(drop)
}

impl Tokens {
    fn read(answer: &Value, now: Instant) -> Result<Self, NetworkError> {
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        let needed = |name: &str| {
            text(name)
                .map(str::to_owned)
                .ok_or_else(|| NetworkError::Unreadable(format!("tokens without {name}")))
        };
        if !needed("token_type")?.eq_ignore_ascii_case("DPoP") {
            return Err(NetworkError::Unreadable(
                "tokens that anybody could use".to_owned(),
            ));
        }
        let seconds = answer.get("expires_in").and_then(Value::as_i64);
        Ok(Self {
            did: needed("sub")?,
            access: Secret::new(needed("access_token")?),
            refresh: Secret::new(needed("refresh_token")?),
            ends: seconds.map(|s| now.plus(s.saturating_mul(1000))),
            scopes: text("scope").unwrap_or(SCOPES).to_owned(),
        })
    }
}

/// Sends a form to an authorization server and reads its answer.
async fn ask(
    prover: Prover<'_>,
    place: &Url,
    form: &[(&str, &str)],
) -> Result<Value, NetworkError> {
    let body = Serializer::new(String::new()).extend_pairs(form).finish();
    let make = || {
        Ok(Call::post(place.clone())
            .header("accept", "application/json")
            .body("application/x-www-form-urlencoded", body.clone()))
    };
    let reply = prover
        .send(None, make)
        .await?
        .map_err(|no| xrpc::unreachable(place, no))?;
    if reply.is_success() {
        return reply
            .json()
            .ok_or_else(|| NetworkError::Unreadable("the answer is no JSON".to_owned()));
    }
    Err(refusal(place, &reply))
}

/// RFC 6749, section 5.2.
fn refusal(place: &Url, reply: &Reply) -> NetworkError {
    let body = reply.json().unwrap_or(Value::Null);
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let code = text("error");
    let words = match text("error_description") {
        "" => format!("The server answered {} {code}.", reply.status),
        words => words.to_owned(),
    };
    match (reply.status, code) {
        (429, _) => NetworkError::Throttled {
            retry_after: reply.retry_after(),
        },
        (500.., _) => NetworkError::Unreachable {
            host: place.host_str().unwrap_or_default().to_owned(),
            why: words,
        },
        (_, "invalid_grant") => NetworkError::NeedsReconnect { words },
        (_, "invalid_client" | "unauthorized_client" | "invalid_client_metadata") => {
            sign_in(SignInTrouble::WrongApp, &words)
        }
        (_, "invalid_scope") => sign_in(SignInTrouble::MissingScope, &words),
        _ => NetworkError::Refused {
            code: code.to_owned(),
            words,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_this_program_says_where_it_comes_back_and_what_it_asks_for() {
        assert_eq!(
            client_id(),
            "http://localhost?redirect_uri=http%3A%2F%2F127.0.0.1%2Fcallback\
             &scope=atproto+transition%3Ageneric"
        );
    }

    #[test]
    fn tokens_that_are_bound_to_nothing_are_not_taken() {
        let answer = |kind: &str| {
            serde_json::json!({
                "token_type": kind,
                "access_token": "a",
                "refresh_token": "r",
                "expires_in": 60,
                "sub": "did:plc:a",
                "scope": SCOPES,
            })
        };
        let read = Tokens::read(&answer("DPoP"), Instant(1)).unwrap();
        assert_eq!(read.ends, Some(Instant(60_001)));
        assert!(Tokens::read(&answer("Bearer"), Instant(1)).is_err());
    }
}
