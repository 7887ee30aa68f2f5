//! The server over HTTP.

pub mod body;
pub mod health;
pub mod listen;
pub mod mcp;
pub mod media;
pub mod pace;
pub mod problem;
pub mod room;
pub mod rpc;
pub mod sync;
pub mod ui;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse as _, Response};
use domain::rights::Action;
use protocol::{Code, Problem};
use serde_json::Value;
use tokio::time::Instant;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tracing::Instrument as _;

use crate::api::{Api, Op, Placed, document::document, page::page};
use crate::{Server, auth, rest, trace};
use problem::Refused;

/// The largest body of anything but a picture: twice what is kept of typed text (see
/// `apply::contents`).
const BODY: usize = 2 << 20;
/// The largest body of a sign-in, which anybody may send.
const SMALL_BODY: usize = 16 << 10;
/// How long a request may take that reaches nobody outside.
const WITHIN: Duration = Duration::from_secs(30);

/// How long a part of a body may be awaited.
const BODY_WITHIN: Duration = Duration::from_secs(20);

/// Everything that is served but the window's files.
fn everything() -> (Router<Server>, Vec<Placed>) {
    let quick = Api::new("Signing in")
        .merge(auth::login::routes())
        .merge(auth::sessions::routes())
        .merge(auth::second_factor::routes())
        .merge(auth::members::routes())
        // The inner limit counts.
        .with(|routes| routes.layer(DefaultBodyLimit::max(SMALL_BODY)))
        .merge(rest::quick())
        .merge(rpc::quick())
        .merge(mcp::routes())
        .merge(health::routes())
        .with(|routes| {
            let within = middleware::from_fn(in_time);
            routes.layer(within).layer(DefaultBodyLimit::max(BODY))
        });
    let long = rest::long().with(|routes| routes.layer(DefaultBodyLimit::max(BODY)));
    let (router, operations) = quick
        .merge(long)
        .merge(rpc::long())
        .merge(elsewhere())
        .into_parts();
    let router = router.merge(sync::routes()).merge(media::routes());
    (router, operations)
}

/// What is said of routes that files beside these make.
fn elsewhere() -> Api {
    let line = |id, summary| {
        Op::new(id, summary)
            .may(Action::Read)
            .takes::<Value>()
            .gives::<Value>(200)
    };
    Api::new("The desktops' line")
        .also(
            Method::POST,
            "/sync/push",
            line("push", "Takes what was done on a desktop, at most once.")
                .who(crate::api::Who::Person(Action::Read)),
        )
        .also(
            Method::POST,
            "/sync/pull",
            line("pull", "Says what changed since."),
        )
        .merge(
            Api::new("About")
                .also(
                    Method::GET,
                    "/openapi.json",
                    Op::new("get_document", "This document.").gives::<Value>(200),
                )
                .also(
                    Method::GET,
                    "/api",
                    Op::new("get_page", "This document as a page.").gives_other("text/html"),
                ),
        )
        .merge(
            Api::new("Media")
                .also(
                    Method::GET,
                    "/media/{hash}",
                    Op::new(
                        "get_picture",
                        "A picture of the organization; with `Range` a part of it.",
                    )
                    .may(Action::Read)
                    .gives_other("image/*"),
                )
                .also(
                    Method::PUT,
                    "/media/{hash}",
                    Op::new(
                        "put_picture",
                        "Takes the next part of a picture, as `Content-Range` says.",
                    )
                    .may(Action::Write)
                    .takes_picture()
                    .gives::<Value>(200),
                )
                .also(
                    Method::POST,
                    "/media/have",
                    line(
                        "have_pictures",
                        "Says which pictures the organization lacks.",
                    ),
                ),
        )
}

/// What is said of everything that is served.
#[must_use]
pub fn operations() -> Vec<Placed> {
    everything().1
}

/// The document as it is served: as JSON, and as a page.
struct Written {
    json: String,
    page: String,
}

/// Everything that is served.
pub fn router(server: Server) -> Router {
    let (router, operations) = everything();
    let written: Arc<OnceLock<Written>> = Arc::default();
    let write = move |server: &Server| {
        // Written when somebody asks for it first.
        let document = document(&operations, server.public());
        Written {
            json: document.to_string(),
            page: page(&document),
        }
    };
    let (write, for_page) = (Arc::new(write), Arc::clone(&written));
    let again = Arc::clone(&write);
    let json = move |State(server): State<Server>| {
        let text = written.get_or_init(|| write(&server)).json.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], text).into_response() }
    };
    let html = move |State(server): State<Server>| {
        let text = for_page.get_or_init(|| again(&server)).page.clone();
        async move { Html(text) }
    };
    router
        .route("/openapi.json", axum::routing::get(json))
        .route("/api", axum::routing::get(html))
        .method_not_allowed_fallback(not_allowed)
        .fallback(ui::file)
        .layer(middleware::from_fn(pace::paced))
        .layer(RequestBodyTimeoutLayer::new(BODY_WITHIN))
        .layer(middleware::from_fn_with_state(server.clone(), guarded))
        .with_state(server)
}

/// Lets nobody wait for longer than [`WITHIN`].
async fn in_time(request: Request, next: Next) -> Response {
    let answered = tokio::time::timeout(WITHIN, next.run(request)).await;
    answered.unwrap_or_else(|_| {
        let words = "It took too long. It may have been done: look, or ask again under the same \
                     Idempotency-Key.";
        Refused(Problem::new(Code::OutcomeUnknown, words)).into_response()
    })
}

async fn not_allowed() -> Response {
    let problem = Problem::new(Code::NotFound, "This is not done here. See Allow.");
    Refused(problem).with_status(StatusCode::METHOD_NOT_ALLOWED)
}

/// What the window may load: its own files, pictures, nothing from elsewhere (as in the desktop's
/// configuration).
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' \
                      'unsafe-inline'; font-src 'self' data:; connect-src 'self'; object-src \
                      'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Names the trace of an answer, for reports of trouble.
const TRACE: HeaderName = HeaderName::from_static("rostrum-trace");

/// Every request is counted and has a trace, and every answer headers that keep browsers from doing
/// what nobody asked for (OWASP Secure Headers).
async fn guarded(State(server): State<Server>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let _under_way = server.metrics().begins();
    let trace = trace::of(request.headers());
    let is_ours = !request.uri().path().starts_with("/assets/");
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("window", MatchedPath::as_str);
    let method = request.method().clone();
    let span = tracing::info_span!("request", trace_id = %trace, %method, route);
    let answered = trace::under(trace.clone(), next.run(request)).instrument(span.clone());
    let mut response = answered.await;
    let (status, took) = (response.status(), began.elapsed());
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| match status.as_u16() {
        500.. => tracing::warn!(status = status.as_u16(), ms, "answered"),
        // Who is kept out is to be seen without being looked for.
        401 | 403 | 429 => tracing::info!(status = status.as_u16(), ms, "refused"),
        _ => tracing::debug!(status = status.as_u16(), ms, "answered"),
    });
    let counted = server.metrics();
    counted.answered(method.as_str(), route, status.as_u16(), took);
    let headers = response.headers_mut();
    if let Ok(trace) = HeaderValue::from_str(&trace) {
        headers.insert(TRACE, trace);
    }
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=()",
        ),
    ] {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if server.is_secure() {
        // A year (RFC 6797).
        let always = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, always);
    }
    if is_ours && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
