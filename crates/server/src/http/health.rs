//! Whether it lives, and whether it can work.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;

use crate::Server;

async fn ready(State(server): State<Server>) -> StatusCode {
    if server.stopping().is_cancelled() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let reads = server
        .db()
        .read(|tx| Box::pin(async move { store::organization::all(tx).await.map(drop) }))
        .await;
    match reads {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(error) => {
            tracing::warn!(%error, "not ready");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// What this file serves.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/health/live", get(|| async { StatusCode::NO_CONTENT }))
        .route("/health/ready", get(ready))
}
