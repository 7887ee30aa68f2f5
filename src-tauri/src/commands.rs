//! What the window may call. Each decodes, calls the core, encodes.

use std::sync::Arc;

use protocol::event::Told;
use protocol::mutation::Applied;
use protocol::{Act, Call, Problem, Query};
use serde_json::Value;
use tauri::{State, WebviewWindow};

use crate::core::Within;
use crate::pick::{self, Pick};
use crate::shell::Shell;

/// Applies a change.
#[tauri::command]
pub(crate) async fn mutate(
    shell: State<'_, Arc<Shell>>,
    organization: Within,
    call: Call,
) -> Result<Applied, Problem> {
    shell.core.mutate(organization, call).await
}

/// Reads.
#[tauri::command]
pub(crate) async fn query(
    shell: State<'_, Arc<Shell>>,
    organization: Within,
    query: Query,
) -> Result<Value, Problem> {
    shell.core.query(organization, query).await
}

/// Reaches outside; events named after `id` tell how far it is.
#[tauri::command]
pub(crate) async fn act(
    shell: State<'_, Arc<Shell>>,
    organization: Within,
    id: String,
    act: Act,
) -> Result<Value, Problem> {
    let (stop, _guard) = shell.begin_act(id.clone());
    shell.core.act(organization, id, act, stop).await
}

/// The window hears events from now on; what it shall show first, if anything.
#[tauri::command]
pub(crate) fn hears(shell: State<'_, Arc<Shell>>) -> Option<Told> {
    shell.hears()
}

/// Asks an act to stop.
#[tauri::command]
pub(crate) fn cancel_act(shell: State<'_, Arc<Shell>>, id: &str) {
    shell.cancel_act(id);
}

/// Lets the person choose a file or folder in the system's own dialog; `None` when they cancel.
#[tauri::command]
pub(crate) async fn pick(
    window: WebviewWindow,
    what: Pick,
    start: Option<String>,
) -> Option<String> {
    pick::ask(&window, what, start).await
}

/// Draws the page larger or smaller; 1 is as it is made.
#[tauri::command]
pub(crate) fn zoom(window: WebviewWindow, factor: f64) {
    crate::windows::zoom(&window, factor);
}

/// Shows or hides the menu bar where it belongs to the window.
#[tauri::command]
pub(crate) fn toggle_menu(window: WebviewWindow) {
    crate::menu::toggle(&window);
}
