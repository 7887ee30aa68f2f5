//! The core over HTTP, in the shape of the window's `HttpTransport`. For tests and for looking at
//! the window in a browser; it has no login and listens on the loopback only.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use app::act::Way;
use app::{App, Host};
use axum::Json;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use domain::Hash;
use domain::ids::PersonId;
use futures::Stream;
use protocol::{Act, Call, Code, Event, Problem, Query, Tag};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

/// Names the person as whom a read is made.
const ACTING: HeaderName = HeaderName::from_static("x-rostrum-acting");

#[derive(Clone)]
struct Bridge {
    app: App,
    acts: Arc<Mutex<HashMap<String, CancellationToken>>>,
    ui: Option<PathBuf>,
}

/// Serves the core of `host` until it stops; `ui` is a built window to serve beside it.
///
/// # Errors
/// When the address cannot be had.
pub async fn serve(
    host: &Host,
    address: SocketAddr,
    ui: Option<PathBuf>,
) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let bridge = Bridge {
        app: host.app.clone(),
        acts: Arc::default(),
        ui,
    };
    let router = Router::new()
        .route("/rpc/mutate", post(mutate))
        .route("/rpc/query", post(query))
        .route("/rpc/act", post(act))
        .route("/rpc/cancel_act", post(cancel))
        .route("/rpc/events", get(events))
        .route("/media/{hash}", get(media))
        .fallback(get(file))
        .layer(DefaultBodyLimit::max(256 * 1024 * 1024))
        .with_state(bridge);
    let stop = host.stopping();
    host.tracker().spawn(async move {
        let done = axum::serve(listener, router)
            .with_graceful_shutdown(async move { stop.cancelled().await })
            .await;
        if let Err(error) = done {
            eprintln!("bridge: {error}");
        }
    });
    Ok(address)
}

struct Refused(Problem);

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::UNPROCESSABLE_ENTITY, Json(self.0)).into_response()
    }
}

fn acting(headers: &HeaderMap) -> Option<PersonId> {
    headers.get(&ACTING)?.to_str().ok()?.parse().ok()
}

async fn mutate(State(bridge): State<Bridge>, Json(call): Json<Call>) -> Result<Response, Refused> {
    Ok(Json(bridge.app.mutate(call).await?).into_response())
}

async fn query(
    State(bridge): State<Bridge>,
    headers: HeaderMap,
    Json(query): Json<Query>,
) -> Result<Response, Refused> {
    Ok(Json(bridge.app.query(query, acting(&headers)).await?).into_response())
}

#[derive(Deserialize)]
struct Started {
    id: String,
    act: Act,
}

async fn act(
    State(bridge): State<Bridge>,
    headers: HeaderMap,
    Json(started): Json<Started>,
) -> Result<Response, Refused> {
    let stop = CancellationToken::new();
    let acts = || bridge.acts.lock().unwrap_or_else(PoisonError::into_inner);
    acts().insert(started.id.clone(), stop.clone());
    let way = Way::told(&bridge.app, started.id.clone(), acting(&headers), stop);
    let done = bridge.app.act(started.act, &way).await;
    acts().remove(&started.id);
    Ok(Json(done?).into_response())
}

#[derive(Deserialize)]
struct Ended {
    id: String,
}

async fn cancel(State(bridge): State<Bridge>, Json(ended): Json<Ended>) -> Json<()> {
    let acts = bridge.acts.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(stop) = acts.get(&ended.id) {
        stop.cancel();
    }
    Json(())
}

async fn events(
    State(bridge): State<Bridge>,
) -> Sse<impl Stream<Item = Result<axum::response::sse::Event, Infallible>>> {
    let receiver = bridge.app.subscribe();
    let stream = futures::stream::unfold(receiver, |mut receiver| async move {
        let event = match receiver.recv().await {
            Ok(event) => event,
            Err(RecvError::Lagged(_)) => Event::Changed {
                tags: Tag::ALL.to_vec(),
            },
            Err(RecvError::Closed) => return None,
        };
        let text = serde_json::to_string(&event).unwrap_or_default();
        Some((
            Ok(axum::response::sse::Event::default().data(text)),
            receiver,
        ))
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

async fn media(
    State(bridge): State<Bridge>,
    Path(hash): Path<String>,
) -> Result<Response, Refused> {
    let missing = || Problem::new(Code::MediaMissing, "There is no such picture.");
    let hash: Hash = hash.parse().map_err(|_| missing())?;
    let bytes = bridge
        .app
        .library()
        .read(hash)
        .await
        .map_err(|_| missing())?;
    Ok(([(header::CACHE_CONTROL, "immutable")], bytes).into_response())
}

/// A file of the built window; unknown paths are places of the window itself.
async fn file(State(bridge): State<Bridge>, uri: axum::http::Uri) -> Response {
    let Some(ui) = bridge.ui else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let path = uri.path().trim_start_matches('/');
    let safe = !path.split('/').any(|part| part == "..");
    let wanted = ui.join(path);
    let found = if safe && !path.is_empty() && wanted.is_file() {
        wanted
    } else {
        ui.join("index.html")
    };
    let kind = match found.extension().and_then(|e| e.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    };
    match tokio::fs::read(found).await {
        Ok(bytes) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
