//! The window for browsers: files of the built `ui`.

use std::path::{Component, Path};

use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use protocol::{Code, Problem};

use super::problem::Refused;
use crate::Server;

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|e| e.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

fn nothing() -> Response {
    Refused(Problem::new(Code::NotFound, "There is nothing here.")).into_response()
}

/// A file of the window. Its places stand behind the `#`, so that every other path is a mistake.
pub(super) async fn file(State(server): State<Server>, uri: Uri) -> Response {
    let Some(root) = server.ui() else {
        return nothing();
    };
    let path = uri.path().trim_start_matches('/');
    let path = Path::new(if path.is_empty() { "index.html" } else { path });
    if !path
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
    {
        return nothing();
    }
    match tokio::fs::read(root.join(path)).await {
        Ok(bytes) => {
            // Files in `assets` carry their hash in their name.
            let cache = match path.starts_with("assets") {
                true => "public, max-age=31536000, immutable",
                false => "no-cache",
            };
            let headers = [
                (header::CONTENT_TYPE, kind(path)),
                (header::CACHE_CONTROL, cache),
            ];
            (StatusCode::OK, headers, bytes).into_response()
        }
        Err(_) => nothing(),
    }
}
