//! Signing in: this program is registered anew for each sign-in, and asks for as little as it
//! needs (<https://docs.joinmastodon.org/spec/oauth/>).

use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::api::{self, Api};
use crate::contract::{Authorization, AuthorizeInput, Grant, NetworkError, SignInTrouble};
use crate::http::{Call, Http};
use crate::oauth::OAuthServer;
use crate::secret::Secret;

/// What is needed: who the account is, reading back what was written, writing, pictures
/// (<https://docs.joinmastodon.org/api/oauth-scopes/>).
const SCOPES: [&str; 4] = [
    "read:accounts",
    "read:statuses",
    "write:statuses",
    "write:media",
];

/// What is remembered while a person agrees in the browser.
#[derive(Serialize, Deserialize)]
struct Pending {
    authorize: Url,
    token: Url,
    client_id: String,
    client_secret: String,
    verifier: Option<String>,
}

impl Pending {
    fn server(&self) -> OAuthServer {
        OAuthServer {
            authorize: self.authorize.clone(),
            token: self.token.clone(),
            client_id: self.client_id.clone(),
            client_secret: Some(Secret::new(self.client_secret.clone())),
        }
    }
}

/// Where a server signs people in.
struct Places {
    authorize: Url,
    token: Url,
    /// It takes PKCE (4.3 and later say so).
    pkce: bool,
}

/// Registers this program and says which page to open.
pub(super) async fn authorize(
    api: &Api<'_>,
    input: &AuthorizeInput,
) -> Result<Authorization, NetworkError> {
    let places = places(api).await?;
    let body = json!({
        "client_name": "Rostrum",
        "redirect_uris": input.redirect_uri,
        "scopes": SCOPES.join(" "),
    });
    let call = Call::post(api.url("api/v1/apps", &[])?).json(&body);
    let reply = api.ask(call).await?;
    if matches!(reply.status, 400 | 403 | 404 | 422) {
        return Err(NetworkError::SignIn {
            trouble: SignInTrouble::WrongApp,
            words: api::words(&reply),
        });
    }
    let app = api.value(&reply)?;
    let text = |name: &str| app.get(name).and_then(Value::as_str).map(str::to_owned);
    let (Some(client_id), Some(client_secret)) = (text("client_id"), text("client_secret")) else {
        return Err(NetworkError::Unreadable(
            "the server registered no application".to_owned(),
        ));
    };
    let mut pending = Pending {
        authorize: places.authorize,
        token: places.token,
        client_id,
        client_secret,
        verifier: None,
    };
    let asked = pending
        .server()
        .ask(&input.redirect_uri, &SCOPES, places.pkce, &[])?;
    pending.verifier = asked.verifier.map(|v| v.expose().clone());
    let kept =
        serde_json::to_string(&pending).map_err(|e| NetworkError::Unreadable(e.to_string()))?;
    Ok(Authorization {
        url: asked.url,
        state: asked.state,
        pending: Secret::new(kept),
    })
}

/// The access token for what the browser brought, and as which application it was got.
pub(super) async fn redeem(
    http: &Http,
    grant: &Grant,
    now: domain::Instant,
) -> Result<(Secret<String>, (String, String)), NetworkError> {
    let pending: Pending = serde_json::from_str(grant.pending.expose())
        .map_err(|_| NetworkError::Unreadable("the sign-in was begun by another".to_owned()))?;
    let verifier = pending.verifier.clone().map(Secret::new);
    let server = pending.server();
    let tokens = server
        .redeem(
            http,
            &grant.code,
            &grant.redirect_uri,
            verifier.as_ref(),
            now,
        )
        .await?;
    let given = tokens.scopes.unwrap_or_default();
    let covers = |needed: &str| {
        let whole = needed.split(':').next().unwrap_or_default();
        given.iter().any(|g| g == needed || g == whole)
    };
    // A server that names no scopes has given what was asked for (RFC 6749, 5.1).
    if !given.is_empty() && !SCOPES.iter().all(|s| covers(s)) {
        return Err(NetworkError::SignIn {
            trouble: SignInTrouble::MissingScope,
            words: format!("The server allowed only: {}.", given.join(", ")),
        });
    }
    Ok((tokens.access, (pending.client_id, pending.client_secret)))
}

/// What the server advertises (RFC 8414), else where Mastodon has it.
async fn places(api: &Api<'_>) -> Result<Places, NetworkError> {
    let advertised = api
        .get(".well-known/oauth-authorization-server", &[])
        .await
        .ok()
        .flatten()
        .unwrap_or(Value::Null);
    // Elsewhere than on the server itself it could be anybody's.
    let place = |name: &str, usual: &str| -> Result<Url, NetworkError> {
        let named = advertised.get(name).and_then(Value::as_str);
        let own = named
            .and_then(|text| Url::parse(text).ok())
            .filter(|url| url.origin() == api.service.origin());
        own.map_or_else(|| api.url(usual, &[]), Ok)
    };
    let pkce = advertised
        .get("code_challenge_methods_supported")
        .and_then(Value::as_array)
        .is_some_and(|all| all.iter().any(|m| m == "S256"));
    Ok(Places {
        authorize: place("authorization_endpoint", "oauth/authorize")?,
        token: place("token_endpoint", "oauth/token")?,
        pkce,
    })
}
