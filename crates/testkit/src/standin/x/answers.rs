//! One request: which method it is, what goes wrong with it, and what it answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequest, Multipart, Request, State as Extracted};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::wire::Scissors;
use super::{ACCOUNT, Fault, HANDLE, State, media, method, posts};

/// Requests of a window, and how long it is in seconds.
const WINDOW: (i64, i64) = (100, 900);

/// A problem as X tells it; without a kind it is `about:blank`.
pub(super) fn problem(status: u16, kind: &str, words: &str) -> (u16, Value) {
    let kind = match kind {
        "" => "about:blank".to_owned(),
        kind => format!("https://api.x.com/2/problems/{kind}"),
    };
    let title = match status {
        400 => "Invalid Request",
        401 => "Unauthorized",
        402 => "CreditsDepleted",
        403 => "Forbidden",
        404 => "Not Found Error",
        429 => "Too Many Requests",
        _ => "Service Unavailable",
    };
    let body = json!({"title": title, "detail": words, "type": kind, "status": status});
    (status, body)
}

/// A request that was read.
#[derive(Default)]
struct Asked {
    method: &'static str,
    id: String,
    query: BTreeMap<String, String>,
    form: BTreeMap<String, String>,
    basic: Option<(String, String)>,
    token: String,
    json: Value,
    /// Of a chunk.
    index: Option<u32>,
    size: usize,
}

fn named(verb: &Method, path: &str) -> (&'static str, String) {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (name, id) = match (verb.as_str(), parts.as_slice()) {
        ("GET", ["i", "oauth2", "authorize"]) => (method::AUTHORIZE, ""),
        ("POST", ["2", "oauth2", "token"]) => (method::TOKEN, ""),
        ("GET", ["2", "users", "me"]) => (method::ME, ""),
        ("POST", ["2", "tweets"]) => (method::CREATE, ""),
        ("GET", ["2", "tweets"]) => (method::LOOK_ALL, ""),
        ("GET", ["2", "users", id, "tweets"]) => (method::TIMELINE, *id),
        ("GET", ["2", "tweets", id]) => (method::LOOK, *id),
        ("DELETE", ["2", "tweets", id]) => (method::DELETE, *id),
        ("POST", ["2", "media", "upload", "initialize"]) => (method::INITIALIZE, ""),
        ("POST", ["2", "media", "upload", id, "append"]) => (method::APPEND, *id),
        ("POST", ["2", "media", "upload", id, "finalize"]) => (method::FINALIZE, *id),
        ("GET", ["2", "media", "upload"]) => (method::STATUS, ""),
        ("POST", ["2", "media", "metadata"]) => (method::METADATA, ""),
        _ => ("", ""),
    };
    (name, id.to_owned())
}

fn pairs(text: &[u8]) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(text).into_owned().collect()
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let pair = STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    let (id, secret) = String::from_utf8(pair)
        .ok()?
        .split_once(':')
        .map(|(i, s)| (i.to_owned(), s.to_owned()))?;
    Some((id, secret))
}

async fn read(request: Request) -> Asked {
    let (name, id) = named(request.method(), request.uri().path());
    let headers = request.headers();
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok()?.strip_prefix("Bearer "))
        .unwrap_or_default()
        .to_owned();
    let mut asked = Asked {
        method: name,
        id,
        query: pairs(request.uri().query().unwrap_or_default().as_bytes()),
        basic: basic(headers),
        token: bearer,
        ..Asked::default()
    };
    if name == method::APPEND {
        let Ok(mut form) = Multipart::from_request(request, &()).await else {
            return asked;
        };
        while let Ok(Some(field)) = form.next_field().await {
            let name = field.name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.unwrap_or_default();
            match name.as_str() {
                "segment_index" => {
                    asked.index = std::str::from_utf8(&bytes)
                        .ok()
                        .and_then(|t| t.parse().ok());
                }
                "media" => asked.size = bytes.len(),
                _ => {}
            }
        }
        return asked;
    }
    let body = axum::body::to_bytes(request.into_body(), 1 << 20)
        .await
        .unwrap_or_default();
    asked.form = pairs(&body);
    asked.json = serde_json::from_slice(&body).unwrap_or(Value::Null);
    asked
}

fn does(state: &mut State, asked: &Asked) -> (u16, Value) {
    let now = state.now();
    if asked.method == method::TOKEN {
        return state.tokens.answer(&asked.form, asked.basic.clone(), now);
    }
    if asked.method.is_empty() {
        return problem(404, "", "there is no such method");
    }
    if !state.tokens.takes(&asked.token, now) {
        return problem(401, "", "Unauthorized");
    }
    let reads = [method::TIMELINE, method::LOOK, method::LOOK_ALL];
    if reads.contains(&asked.method) && !state.reading {
        let words = "Your app's access does not include this endpoint.";
        return problem(403, "client-forbidden", words);
    }
    match asked.method {
        method::ME => {
            let mut me = json!({"id": ACCOUNT, "username": HANDLE, "name": "Mara"});
            let fields = asked.query.get("user.fields").map_or("", String::as_str);
            if fields.split(',').any(|f| f == "subscription_type") {
                me["subscription_type"] = json!(state.subscription);
            }
            (200, json!({ "data": me }))
        }
        method::CREATE => posts::create(state, &asked.json),
        method::TIMELINE => posts::timeline(state, &asked.id, &asked.query),
        method::LOOK => posts::look(state, &[&asked.id], true, &asked.query),
        method::LOOK_ALL => {
            let ids: Vec<&str> = asked
                .query
                .get("ids")
                .map_or("", |i| i)
                .split(',')
                .collect();
            posts::look(state, &ids, false, &asked.query)
        }
        method::DELETE => posts::delete(state, &asked.id),
        method::INITIALIZE => media::initialize(state, &asked.json),
        method::APPEND => media::append(state, &asked.id, asked.index, asked.size),
        method::FINALIZE => media::finalize(state, &asked.id),
        method::STATUS => {
            let id = asked.query.get("media_id").map_or("", String::as_str);
            media::status(state, id)
        }
        _ => media::describe(state, &asked.json),
    }
}

pub(super) async fn answer(
    Extracted(state): Extracted<Arc<Mutex<State>>>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: Request,
) -> Response {
    let asked = read(request).await;
    if asked.method == method::AUTHORIZE {
        return agreement(
            &mut state.lock().unwrap_or_else(PoisonError::into_inner),
            &asked,
        );
    }
    let (fault, done, now) = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let told = match asked.json.is_null() {
            true => json!(asked.query),
            false => asked.json.clone(),
        };
        state.calls.push((asked.method, told));
        let at = state.faults.iter().position(|(m, _)| *m == asked.method);
        let fault = at.and_then(|at| state.faults.remove(at)).map(|(_, f)| f);
        let after = matches!(
            fault,
            None | Some(
                Fault::DropAfter | Fault::HangAfter | Fault::GarbageAfter | Fault::BrokenAfter
            )
        );
        if fault == Some(Fault::Expire) {
            state.tokens.expire();
        }
        let done = after.then(|| does(&mut state, &asked));
        (fault, done, state.now())
    };
    let broken = || problem(503, "", "Service Unavailable");
    let (left, end, told) = match (fault, done) {
        (None, Some(done)) => (WINDOW.0 - 1, WINDOW.1, done),
        (Some(Fault::Refuse), _) => (
            9,
            WINDOW.1,
            problem(400, "invalid-request", "no such thing"),
        ),
        (Some(Fault::Forbid), _) => {
            let words = "You are not permitted to perform this action.";
            (9, WINDOW.1, problem(403, "", words))
        }
        (Some(Fault::Duplicate), _) => {
            let words = "You are not allowed to create a Tweet with duplicate content.";
            (9, WINDOW.1, problem(403, "", words))
        }
        (Some(Fault::NoCredits), _) => {
            let words = "Your enrolled account does not have any credits to fulfill this request.";
            (9, WINDOW.1, problem(402, "credits", words))
        }
        (Some(Fault::Throttle(seconds)), _) => (0, seconds, problem(429, "", "Too Many Requests")),
        (Some(Fault::ThrottleDay(_)), _) => (9, 60, problem(429, "", "Too Many Requests")),
        (Some(Fault::Expire), _) => (9, WINDOW.1, problem(401, "", "Unauthorized")),
        (Some(Fault::DropBefore | Fault::DropAfter), _) => {
            scissors.cut();
            (9, WINDOW.1, broken())
        }
        (Some(Fault::HangBefore | Fault::HangAfter), _) => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            (9, WINDOW.1, broken())
        }
        (Some(Fault::GarbageBefore | Fault::GarbageAfter), _) => {
            return (StatusCode::OK, "<html>It works!").into_response();
        }
        (Some(Fault::Redirect), _) => {
            let to = [(header::LOCATION, "http://127.0.0.1:9/")];
            return (StatusCode::TEMPORARY_REDIRECT, to).into_response();
        }
        _ => (9, WINDOW.1, broken()),
    };
    let now = now / 1_000;
    let mut response = Response::builder()
        .status(told.0)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::DATE, date(now))
        .header("x-rate-limit-limit", WINDOW.0)
        .header("x-rate-limit-remaining", left)
        .header("x-rate-limit-reset", now + end);
    if let Some(Fault::ThrottleDay(seconds)) = fault {
        response = response
            .header("x-user-limit-24hour-remaining", 0)
            .header("x-user-limit-24hour-reset", now + seconds);
    }
    response
        .body(Body::from(told.1.to_string()))
        .unwrap_or_default()
}

/// The page on which the person agrees at once.
fn agreement(state: &mut State, asked: &Asked) -> Response {
    state.calls.push((asked.method, json!(asked.query)));
    let now = state.now();
    match state.tokens.agree(&asked.query, now) {
        Ok(to) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
        Err(words) => (StatusCode::BAD_REQUEST, words).into_response(),
    }
}

/// RFC 9110 wants this form of dates.
fn date(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(seconds, 0)
        .unwrap_or_default()
        .format("%a, %d %b %Y %H:%M:%S GMT")
        .to_string()
}
