//! Whether it lives, and whether it can work.

use axum::extract::State;
use axum::http::StatusCode;

use crate::Server;
use crate::api::{Api, Op};

async fn ready(State(server): State<Server>) -> StatusCode {
    if server.stopping().is_cancelled() {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let reads = server
        .db()
        .read(|tx| Box::pin(async move { store::server::answers(tx).await }))
        .await;
    match reads {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(error) => {
            tracing::warn!(%error, "not ready");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

async fn live() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// What this file serves.
pub fn routes() -> Api {
    Api::new("Health")
        .get(
            "/health/live",
            live,
            Op::new("is_live", "Answers while the process lives."),
        )
        .get(
            "/health/ready",
            ready,
            Op::new(
                "is_ready",
                "Answers while the database does, and the server does not stop.",
            ),
        )
}
