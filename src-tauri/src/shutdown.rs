//! The end: background parts stop, the data folder is let go, then the window's loop ends.

use std::time::Duration;

use tauri::{AppHandle, Manager as _};

use crate::shell::Shell;
use crate::windows::MAIN;

/// How long the end may take before the program leaves anyway. Nothing is lost by that: what was
/// under way is journaled, and the next start looks at it.
const DEADLINE: Duration = Duration::from_secs(10);

/// Ends the program. The window goes at once; the rest follows within the deadline.
pub(crate) fn begin(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN)
        && let Err(error) = window.hide()
    {
        tracing::debug!(%error, "the window would not hide");
    }
    let app = app.clone();
    // Not one of the shell's own parts: it waits for them.
    tauri::async_runtime::spawn(async move {
        finish(&app).await;
        app.exit(0);
    });
}

/// Stops what runs; a second call finds nothing to do.
pub(crate) async fn finish(app: &AppHandle) {
    let shell = Shell::of(app);
    if tokio::time::timeout(DEADLINE, shell.end()).await.is_err() {
        tracing::warn!("some work did not stop in time");
    }
}

/// Ends the program when the system asks for it (log out, shutdown, `kill`, Ctrl-C).
pub(crate) async fn on_signals(app: AppHandle) {
    let shell = Shell::of(&app);
    tokio::select! {
        () = shell.stop.cancelled() => {}
        () = signalled() => begin(&app),
    }
}

#[cfg(unix)]
async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [
        SignalKind::terminate(),
        SignalKind::interrupt(),
        SignalKind::hangup(),
    ];
    let mut signals: Vec<_> = kinds
        .into_iter()
        .filter_map(|kind| signal(kind).ok())
        .collect();
    let waits = signals.iter_mut().map(|one| Box::pin(one.recv()));
    futures::future::select_all(waits).await;
}

#[cfg(not(unix))]
async fn signalled() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
