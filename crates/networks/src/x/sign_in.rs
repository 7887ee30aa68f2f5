//! Signing in with the person's own app, through the browser or with tokens from the console.

use std::time::Duration;

use domain::limits::LiveLimit;
use reqwest::Url;

use super::Places;
use super::api;
use super::session::{Kept, Session, server};
use crate::contract::{
    AccountFacts, Authorization, AuthorizeInput, ConnectInput, ConnectKind, ConnectMethod, Field,
    FieldKind, Grant, NetworkError, Picture, SignInTrouble,
};
use crate::http::{Http, Reply};
use crate::secret::Secret;

/// What is needed: posts and their deletion, reading them back, pictures, and to stay signed in.
const SCOPES: [&str; 5] = [
    "tweet.read",
    "tweet.write",
    "users.read",
    "media.write",
    "offline.access",
];

/// The port to come back to. X compares the whole address, so it is always the same one, outside
/// of the ranges from which systems give ports to anybody.
const PORT: u16 = 18_364;

/// The ways to connect.
pub(super) fn methods() -> Vec<ConnectMethod> {
    let field = |id, kind, required| Field {
        id,
        kind,
        required,
        preset: "",
        example: "",
    };
    let guide_url = Some("https://console.x.com");
    vec![
        ConnectMethod {
            id: "oauth",
            kind: ConnectKind::Browser { port: Some(PORT) },
            fields: vec![
                field("client_id", FieldKind::Text, true),
                field("client_secret", FieldKind::Secret, false),
            ],
            guide_url,
        },
        ConnectMethod {
            id: "token",
            kind: ConnectKind::Fields,
            fields: vec![
                field("token", FieldKind::Secret, true),
                field("refresh_token", FieldKind::Secret, false),
                field("client_id", FieldKind::Text, false),
                field("client_secret", FieldKind::Secret, false),
            ],
            guide_url,
        },
    ]
}

fn wrong(field: &'static str, code: &'static str, words: &str) -> NetworkError {
    NetworkError::Field {
        field,
        code,
        words: words.to_owned(),
    }
}

/// The page on which a person agrees.
pub(super) fn authorize(
    places: &Places,
    input: &AuthorizeInput,
) -> Result<Authorization, NetworkError> {
    let client_id = input.fields.get("client_id").map_or("", |v| v.trim());
    if client_id.is_empty() {
        return Err(wrong(
            "client_id",
            "empty",
            "Enter the client id of your app.",
        ));
    }
    let asked = server(places, client_id, "").ask(&input.redirect_uri, &SCOPES, true, &[])?;
    let verifier = asked
        .verifier
        .ok_or(NetworkError::Unsupported("a sign-in without a verifier"))?;
    Ok(Authorization {
        url: asked.url,
        state: asked.state,
        pending: verifier,
    })
}

/// Tokens for what the browser came back with.
pub(super) async fn redeemed(
    http: &Http,
    places: &Places,
    input: &ConnectInput,
    grant: &Grant,
) -> Result<Kept, NetworkError> {
    let client_id = input.fields.get("client_id").map_or("", |v| v.trim());
    let client_secret = secret(input, "client_secret");
    let server = server(places, client_id, client_secret);
    let tokens = server
        .redeem(
            http,
            &grant.code,
            &grant.redirect_uri,
            Some(&grant.pending),
            input.now,
        )
        .await
        .map_err(|error| match error {
            // What X answers for a code that is used up, too old (30 seconds) or not ours.
            NetworkError::Refused { code, words } if code == "invalid_request" => {
                let trouble = SignInTrouble::CodeExpired;
                NetworkError::SignIn { trouble, words }
            }
            other => other,
        })?;
    let lacks = |scope: &&&str| {
        let given = tokens.scopes.as_ref();
        given.is_some_and(|all| !all.iter().any(|s| s == **scope))
    };
    if let Some(scope) = SCOPES.iter().find(lacks) {
        return Err(NetworkError::SignIn {
            trouble: SignInTrouble::MissingScope,
            words: format!("X did not grant “{scope}” to your app."),
        });
    }
    Ok(Kept::new(
        tokens.access.expose(),
        tokens.refresh.as_ref().map_or("", |t| t.expose()),
        client_id,
        client_secret,
        tokens.expires,
    ))
}

/// Tokens as a person gave them.
pub(super) fn pasted(input: &ConnectInput) -> Result<Kept, NetworkError> {
    let client_id = input.fields.get("client_id").map_or("", |v| v.trim());
    if secret(input, "token").is_empty() {
        return Err(wrong("token", "empty", "Enter an access token."));
    }
    if !secret(input, "refresh_token").is_empty() && client_id.is_empty() {
        let words = "A refresh token is only taken together with the client id of its app.";
        return Err(wrong("client_id", "empty", words));
    }
    Ok(Kept::new(
        secret(input, "token"),
        secret(input, "refresh_token"),
        client_id,
        secret(input, "client_secret"),
        None,
    ))
}

fn secret<'a>(input: &'a ConnectInput, name: &str) -> &'a str {
    let value: Option<&Secret<String>> = input.secrets.get(name);
    value.map_or("", |s| s.expose().trim())
}

/// What went wrong with the first call for an account, as a person can mend it.
pub(super) fn trouble(error: NetworkError, browser: bool) -> NetworkError {
    match error {
        NetworkError::NeedsReconnect { words } if !browser => NetworkError::Field {
            field: "token",
            code: "token_refused",
            words,
        },
        NetworkError::Refused { code, words } if code == "no_credits" => NetworkError::SignIn {
            trouble: SignInTrouble::NoCredits,
            words,
        },
        other => other,
    }
}

/// What `GET /2/users/me` says.
pub(super) struct Me {
    pub(super) id: String,
    handle: String,
    pub(super) name: String,
    picture: Option<Url>,
    long_posts: Option<LiveLimit>,
}

/// Characters of a post of a subscriber: <https://help.x.com/en/using-x/x-premium>.
const LONG: u64 = 25_000;

impl Me {
    pub(super) async fn ask(session: &mut Session<'_>) -> Result<Self, NetworkError> {
        let query = [("user.fields", "subscription_type,profile_image_url")];
        let reply = session.get("/2/users/me", &query).await?;
        let answer = api::value(&reply)?;
        let text = |name: &str| answer.pointer(&format!("/data/{name}"))?.as_str();
        let needed = |name: &str| {
            text(name)
                .filter(|t| !t.is_empty())
                .map(str::to_owned)
                .ok_or_else(|| NetworkError::Unreadable(format!("an account without {name}")))
        };
        let subscribed = matches!(
            text("subscription_type"),
            Some("Basic" | "Premium" | "PremiumPlus")
        );
        Ok(Self {
            id: needed("id")?,
            handle: needed("username")?,
            name: text("name").unwrap_or_default().to_owned(),
            picture: text("profile_image_url").and_then(|u| Url::parse(u).ok()),
            long_posts: subscribed.then(|| long_posts(&reply)),
        })
    }

    pub(super) fn write(&self, facts: &mut AccountFacts) {
        facts.remote_id.clone_from(&self.id);
        facts.handle.clone_from(&self.handle);
        facts.live = self.long_posts.iter().cloned().collect();
    }

    /// The profile picture; an account without one is connected all the same.
    pub(super) async fn avatar(&self, http: &Http) -> Option<Picture> {
        const MOST: usize = 1 << 20;
        let (url, wait) = (self.picture.clone()?, Duration::from_secs(5));
        let page = http.page(url, "image/*", MOST, wait).await.ok()?;
        (page.whole && page.mime.starts_with("image/")).then_some(Picture {
            mime: page.mime,
            bytes: page.bytes,
        })
    }
}

fn long_posts(reply: &Reply) -> LiveLimit {
    let day = api::time_of(reply).map(|at| at.to_string()[..10].to_owned());
    LiveLimit {
        limit: "text.max".to_owned(),
        value: LONG,
        source: "the account's own subscription (GET /2/users/me, subscription_type)".to_owned(),
        checked: day.unwrap_or_default(),
    }
}
