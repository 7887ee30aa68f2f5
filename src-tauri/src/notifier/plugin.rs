//! The fallback on every system: shows, but cannot tell of a click.

use async_trait::async_trait;
use tauri::AppHandle;
use tauri_plugin_notification::NotificationExt as _;

use super::{NotShown, Notifier, Shown};

/// Shows through tauri's notification plugin.
///
/// It answers well even where no service shows anything, and on the desktop it drops the click
/// (tauri-apps/plugins-workspace #2150): on macOS and Windows a click only brings the program up
/// as far as the system does that by itself.
pub(crate) struct ThroughPlugin(pub AppHandle);

#[async_trait]
impl Notifier for ThroughPlugin {
    async fn show(&self, shown: &Shown) -> Result<(), NotShown> {
        self.0
            .notification()
            .builder()
            .title(&shown.title)
            .body(&shown.body)
            .show()
            .map_err(|error| NotShown(error.to_string()))
    }

    fn name(&self) -> String {
        "the system, without clicks".to_owned()
    }
}
