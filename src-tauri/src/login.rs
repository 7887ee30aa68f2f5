//! Starting with the computer.

use protocol::settings::Settings;
use tauri::AppHandle;
use tauri_plugin_autostart::ManagerExt as _;

/// Makes the system's list of programs to start say what the settings say.
pub(crate) fn follow(app: &AppHandle, settings: &Settings) {
    let entry = app.autolaunch();
    let done = match (settings.start_at_login, entry.is_enabled().unwrap_or(false)) {
        (true, false) => entry.enable(),
        (false, true) => entry.disable(),
        _ => Ok(()),
    };
    if let Err(error) = done {
        tracing::warn!(%error, "starting at login could not be changed");
    }
}
