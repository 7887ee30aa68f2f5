//! Applications, agreeing in the browser, tokens.

use base64::Engine as _;
use oauth2::{PkceCodeChallenge, PkceCodeVerifier};
use serde_json::json;

use super::{State, error};
use crate::standin::wire::{Answer, Request};

/// How long a code is taken (<https://docs.joinmastodon.org/spec/oauth/#token>).
const CODE_LIVES: i64 = 10 * 60 * 1000;

pub(super) struct App {
    secret: String,
    redirect_uri: String,
    scopes: String,
}

pub(super) struct Code {
    app: String,
    challenge: Option<String>,
    scopes: String,
    used: bool,
    until: Option<i64>,
}

pub(super) fn metadata(url: &str) -> Answer {
    Answer::json(
        200,
        &json!({
            "issuer": format!("{url}/"),
            "authorization_endpoint": format!("{url}/oauth/authorize"),
            "token_endpoint": format!("{url}/oauth/token"),
            "app_registration_endpoint": format!("{url}/api/v1/apps"),
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
        }),
    )
}

pub(super) fn register(state: &mut State, request: &Request) -> Answer {
    let wanted = request.json();
    let text = |name: &str| wanted[name].as_str().unwrap_or_default().to_owned();
    if text("client_name").is_empty() || text("redirect_uris").is_empty() {
        return error(422, "Validation failed: Application name can't be blank");
    }
    let id = format!("client-{}", state.next());
    let app = App {
        secret: format!("secret-{}", state.next()),
        redirect_uri: text("redirect_uris"),
        scopes: text("scopes"),
    };
    let answer = json!({"id": "1", "name": text("client_name"), "client_id": id,
        "client_secret": app.secret, "redirect_uri": app.redirect_uri});
    state.apps.insert(id, app);
    Answer::json(200, &answer)
}

/// The page on which a person agrees; here they do at once.
pub(super) fn authorize(state: &mut State, request: &Request) -> Answer {
    let asked = |name: &str| request.query.get(name).cloned().unwrap_or_default();
    let client = asked("client_id");
    let Some(app) = state.apps.get(&client) else {
        return error(401, "invalid_client");
    };
    let known = app.scopes.split(' ').collect::<Vec<_>>();
    if app.redirect_uri != asked("redirect_uri")
        || !asked("scope").split(' ').all(|s| known.contains(&s))
    {
        return error(400, "invalid_redirect_uri or invalid_scope");
    }
    let mut back = url::Url::parse(&app.redirect_uri).unwrap();
    if state.habits.denies {
        back.query_pairs_mut()
            .append_pair("error", "access_denied")
            .append_pair(
                "error_description",
                "The resource owner denied the request.",
            )
            .append_pair("state", &asked("state"));
    } else {
        let code = format!("code-{}", state.next());
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &asked("state"));
        let given = Code {
            app: client,
            challenge: request.query.get("code_challenge").cloned(),
            scopes: asked("scope"),
            used: false,
            until: None,
        };
        state.codes.insert(code, given);
    }
    Answer::json(302, &json!({})).with("location", String::from(back))
}

fn no(name: &str, words: &str) -> Answer {
    Answer::json(400, &json!({"error": name, "error_description": words}))
}

/// The application that asks, and its secret.
fn client(request: &Request) -> (String, String) {
    let form = request.form();
    let given = |name: &str| form.get(name).cloned().unwrap_or_default();
    let basic = request
        .headers
        .get("authorization")
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|text| base64::engine::general_purpose::STANDARD.decode(text).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| {
            let (id, secret) = text.split_once(':')?;
            Some((id.to_owned(), secret.to_owned()))
        });
    basic.unwrap_or_else(|| (given("client_id"), given("client_secret")))
}

/// Takes a token out of use, for the application that got it.
pub(super) fn revoke(state: &mut State, request: &Request) -> Answer {
    let (client, secret) = client(request);
    if state
        .apps
        .get(&client)
        .is_none_or(|app| app.secret != secret)
    {
        return error(403, "You are not authorized to revoke this token");
    }
    let form = request.form();
    state
        .tokens
        .remove(form.get("token").map_or("", String::as_str));
    Answer::json(200, &json!({}))
}

pub(super) fn token(state: &mut State, request: &Request, now: i64) -> Answer {
    let form = request.form();
    let given = |name: &str| form.get(name).cloned().unwrap_or_default();
    let (client, secret) = client(request);
    let known = state.apps.get(&client).filter(|app| app.secret == secret);
    let Some(app) = known else {
        let words = "Client authentication failed due to unknown client.";
        return Answer {
            status: 401,
            ..no("invalid_client", words)
        };
    };
    let expired = "The provided authorization grant is invalid, expired, revoked.";
    if app.redirect_uri != given("redirect_uri") {
        return no("invalid_grant", expired);
    }
    let Some(code) = state.codes.get_mut(&given("code")) else {
        return no("invalid_grant", expired);
    };
    let late = now > *code.until.get_or_insert(now + CODE_LIVES);
    let verifier = form.get("code_verifier").cloned();
    let proven = match (&code.challenge, verifier) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(challenge), Some(verifier)) => {
            let verifier = PkceCodeVerifier::new(verifier);
            PkceCodeChallenge::from_code_verifier_sha256(&verifier).as_str() == challenge
        }
    };
    if code.used || late || code.app != client || !proven {
        return no("invalid_grant", expired);
    }
    code.used = true;
    let scopes = state.habits.scopes.clone();
    let scopes = scopes.unwrap_or_else(|| code.scopes.clone());
    let token = format!("token-{}", state.next());
    state.tokens.insert(token.clone(), scopes.clone());
    Answer::json(
        200,
        &json!({"access_token": token, "token_type": "Bearer", "scope": scopes,
            "created_at": now / 1000}),
    )
}
