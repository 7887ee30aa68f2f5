//! The server over HTTP.

pub mod body;
pub mod health;
pub mod listen;
pub mod media;
pub mod problem;
pub mod room;
pub mod rpc;
pub mod sync;
pub mod ui;

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

use crate::{Server, auth};

/// The largest body of anything but a picture: twice what is kept of typed text (see
/// `apply::contents`).
const BODY: usize = 2 << 20;
/// How long a request may take that reaches nobody outside.
const WITHIN: Duration = Duration::from_secs(30);

/// How long a part of a body may be awaited.
const BODY_WITHIN: Duration = Duration::from_secs(20);

/// Everything that is served.
pub fn router(server: Server) -> Router {
    let quick = Router::new()
        .merge(auth::login::routes())
        .merge(auth::sessions::routes())
        .merge(auth::second_factor::routes())
        .merge(auth::members::routes())
        .merge(rpc::quick())
        .merge(health::routes())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            WITHIN,
        ))
        .layer(DefaultBodyLimit::max(BODY));
    Router::new()
        .merge(quick)
        .merge(rpc::long())
        .merge(sync::routes())
        .merge(media::routes())
        .fallback(ui::file)
        .layer(RequestBodyTimeoutLayer::new(BODY_WITHIN))
        .layer(middleware::from_fn_with_state(server.clone(), guarded))
        .with_state(server)
}

/// What the window may load: its own files, pictures, nothing from elsewhere (as in the desktop's
/// configuration).
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' \
                      'unsafe-inline'; font-src 'self' data:; connect-src 'self'; object-src \
                      'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Headers that keep browsers from doing what nobody asked for (OWASP Secure Headers).
async fn guarded(State(server): State<Server>, request: Request, next: Next) -> Response {
    let is_ours = !request.uri().path().starts_with("/assets/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
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
