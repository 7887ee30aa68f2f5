//! The system's own dialogs for files and folders.

use std::path::PathBuf;

use serde::Deserialize;
use tauri::{Manager as _, WebviewWindow};
use tauri_plugin_dialog::{DialogExt as _, FileDialogBuilder};

use crate::words;

/// What is to be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Pick {
    /// The folder of a local site.
    SiteFolder,
    /// The file of a backup that is there.
    Backup,
    /// A name for a backup to be made.
    NewBackup,
}

/// Asks; `start` is the folder or file that is proposed. `None` when the person cancels.
pub(crate) async fn ask(
    window: &WebviewWindow,
    what: Pick,
    start: Option<String>,
) -> Option<String> {
    let dialog = window.dialog().file().set_parent(window);
    let (answer, chosen) = tokio::sync::oneshot::channel();
    let reply = move |path: Option<tauri_plugin_dialog::FilePath>| {
        // Nobody waits any more: the window is gone.
        let _ = answer.send(path);
    };
    let start = start.map(PathBuf::from);
    match what {
        Pick::SiteFolder => beginning_at(dialog, start.as_deref())
            .set_title(words::say("pick.site_folder"))
            .set_can_create_directories(true)
            .pick_folder(reply),
        Pick::Backup => beginning_at(dialog, start.as_deref())
            .set_title(words::say("pick.backup"))
            .add_filter("tar", &["tar"])
            .pick_file(reply),
        Pick::NewBackup => {
            let name = start.as_deref().and_then(|path| path.file_name());
            let name = name.map(|name| name.to_string_lossy().into_owned());
            let folder = window.path().document_dir().ok();
            beginning_at(dialog, folder.as_deref())
                .set_title(words::say("pick.new_backup"))
                .set_file_name(name.unwrap_or_default())
                .add_filter("tar", &["tar"])
                .save_file(reply);
        }
    }
    let path = chosen.await.ok().flatten()?.into_path().ok()?;
    Some(path.to_string_lossy().into_owned())
}

/// In this folder, or the nearest above it that is there.
fn beginning_at(
    dialog: FileDialogBuilder<tauri::Wry>,
    start: Option<&std::path::Path>,
) -> FileDialogBuilder<tauri::Wry> {
    match start.and_then(|path| path.ancestors().find(|folder| folder.is_dir())) {
        Some(folder) => dialog.set_directory(folder),
        None => dialog,
    }
}
