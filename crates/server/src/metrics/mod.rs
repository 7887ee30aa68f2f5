//! Figures for whoever watches the server, in the text format of Prometheus (0.0.4), on a listener of
//! their own: they are not for the people whom the server serves.

mod requests;
mod text;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use protocol::Problem;

use crate::Server;
pub use requests::Metrics;
use text::{Kind, Text};

/// How long the tables may take to be counted.
const WITHIN: Duration = Duration::from_secs(10);

/// All figures as text.
///
/// # Errors
/// When the tables cannot be read.
pub async fn text(server: &Server) -> Result<String, Problem> {
    let mut text = Text::default();
    text.one(
        "rostrum_build_info",
        Kind::Gauge,
        "Which Rostrum this is.",
        &[("version", env!("CARGO_PKG_VERSION"))],
        1.0,
    );
    server.metrics().write(&mut text);
    process(&mut text);
    let (open, idle) = server.db().connections();
    let idle = f64::from(u32::try_from(idle).unwrap_or(u32::MAX));
    text.family(
        "rostrum_database_connections",
        Kind::Gauge,
        "Open connections to the database, by whether they are used.",
    );
    text.sample("rostrum_database_connections", &[("state", "idle")], idle);
    let used = (f64::from(open) - idle).max(0.0);
    text.sample("rostrum_database_connections", &[("state", "used")], used);
    tables(server, &mut text).await?;
    Ok(text.into_string())
}

/// A count, as Prometheus has numbers.
#[expect(
    clippy::cast_precision_loss,
    reason = "what is counted stays far below 2^53"
)]
fn number(n: i64) -> f64 {
    n as f64
}

fn process(text: &mut Text) {
    // Where the system says it: Linux. Elsewhere it is absent, not zero.
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let resident = pages.and_then(|s| s.split(' ').nth(1)?.parse::<i64>().ok());
    if let Some(pages) = resident {
        let bytes = number(pages.saturating_mul(PAGE));
        let help = "Memory that the process holds.";
        text.one(
            "process_resident_memory_bytes",
            Kind::Gauge,
            help,
            &[],
            bytes,
        );
    }
}

/// Bytes of a page of memory on the systems that are supported.
const PAGE: i64 = 4096;

async fn tables(server: &Server, text: &mut Text) -> Result<(), Problem> {
    let now = server.now();
    let known = server
        .db()
        .read(move |tx| {
            Box::pin(async move { Ok::<_, app::Error>(store::figures::all(tx, now).await?) })
        })
        .await?;
    let engine = engine::figures(server.db(), now.0)
        .await
        .map_err(|e| app::error::of_database(&e))?;
    let help = "Deliveries by where they stand.";
    text.each("rostrum_deliveries", help, "status", &known.deliveries);
    let help = "Runs that somebody must look at at some time, by state.";
    text.each("rostrum_runs", help, "state", &engine.runs);
    let help = "Runs that ended within the last hour, by state.";
    text.each("rostrum_runs_ended_last_hour", help, "state", &engine.ended);
    for (name, kind, help, value) in [
        (
            "rostrum_runs_due",
            Kind::Gauge,
            "Runs whose time has come.",
            number(engine.due),
        ),
        (
            "rostrum_runs_behind_seconds",
            Kind::Gauge,
            "For how long the first of them has been due.",
            number(engine.behind) / 1000.0,
        ),
        (
            "rostrum_requests_open",
            Kind::Gauge,
            "Requests for approval that wait for somebody.",
            number(known.requests),
        ),
        (
            "rostrum_database_guarded",
            Kind::Gauge,
            "1 where the database itself keeps organizations apart too: on PostgreSQL, by a role that \
             is no superuser.",
            f64::from(u8::from(is_guarded(server))),
        ),
        (
            "rostrum_organizations",
            Kind::Gauge,
            "Organizations.",
            number(known.organizations),
        ),
        (
            "rostrum_changes_total",
            Kind::Counter,
            "Changes that were applied, in all.",
            number(known.changes),
        ),
        (
            "rostrum_sync_clients",
            Kind::Gauge,
            "Mirrors on desktops that have pushed.",
            number(known.clients),
        ),
        (
            "rostrum_sessions",
            Kind::Gauge,
            "Sign-ins that go on.",
            number(known.sessions),
        ),
    ] {
        text.one(name, kind, help, &[], value);
    }
    Ok(())
}

fn is_guarded(server: &Server) -> bool {
    server.db().dialect() == db::Dialect::Postgres && !server.is_above_guards()
}

async fn scraped(State(server): State<Arc<Server>>) -> Response {
    match tokio::time::timeout(WITHIN, text(&server)).await {
        Ok(Ok(text)) => {
            let kind = "text/plain; version=0.0.4; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Ok(Err(problem)) => {
            tracing::warn!(%problem, "the figures cannot be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// What the listener for figures serves.
pub fn router(server: Server) -> Router {
    Router::new()
        .route("/metrics", get(scraped))
        .with_state(Arc::new(server))
}
