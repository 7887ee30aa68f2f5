//! The native menu. macOS shows it in its bar; elsewhere it would push the window's own design
//! down, so it stays hidden until F10 asks for it.

use protocol::event::Place;
use protocol::settings::Settings;
use tauri::menu::{Menu, MenuBuilder, MenuItemBuilder, SubmenuBuilder};
use tauri::{AppHandle, Manager as _, WebviewWindow};
use tauri_plugin_opener::OpenerExt as _;

use crate::shell::{self, Shell};
use crate::{windows, words};

/// Runs in the page before its own scripts: F10 is the system's key for the menu bar.
pub(crate) const KEY_SCRIPT: &str = "addEventListener('keydown', (event) => {
  if (event.key !== 'F10' || event.ctrlKey || event.altKey || event.shiftKey || event.metaKey) return;
  event.preventDefault();
  window.__TAURI_INTERNALS__.invoke('toggle_menu');
});";

/// Makes the menu.
pub(crate) fn make(app: &AppHandle) -> tauri::Result<Menu<tauri::Wry>> {
    let new_post = MenuItemBuilder::with_id("menu.new_post", words::say("menu.new_post"))
        .accelerator("CmdOrCtrl+N")
        .build(app)?;
    let close = MenuItemBuilder::with_id("menu.close", words::say("menu.close"))
        .accelerator("CmdOrCtrl+W")
        .build(app)?;
    let quit = MenuItemBuilder::with_id("menu.quit", words::say("menu.quit"))
        .accelerator("CmdOrCtrl+Q")
        .build(app)?;
    let file = SubmenuBuilder::new(app, words::say("menu.file"))
        .item(&new_post)
        .separator()
        .items(&[&close, &quit])
        .build()?;
    let go = SubmenuBuilder::new(app, words::say("menu.go"))
        .text("menu.today", words::say("menu.today"))
        .text("menu.approvals", words::say("menu.approvals"))
        .build()?;
    let help = SubmenuBuilder::new(app, words::say("menu.help"))
        .text("menu.diagnostics", words::say("menu.diagnostics"))
        .text("menu.data_folder", words::say("menu.data_folder"))
        .about(None)
        .build()?;
    let menu = MenuBuilder::new(app).item(&file);
    // Elsewhere the page has these keys by itself; on macOS they come from the menu only.
    #[cfg(target_os = "macos")]
    let menu = menu.item(
        &SubmenuBuilder::new(app, words::say("menu.edit"))
            .undo()
            .redo()
            .separator()
            .cut()
            .copy()
            .paste()
            .select_all()
            .build()?,
    );
    menu.items(&[&go, &help]).build()
}

/// What the person chose.
pub(crate) fn chosen(app: &AppHandle, id: &str) {
    match id {
        "menu.new_post" => shell::open(app, Some(Place::Compose)),
        "menu.today" => shell::open(app, Some(Place::Today)),
        "menu.approvals" => shell::open(app, Some(Place::Approvals)),
        "menu.close" => windows::close(app),
        "menu.quit" => {
            let app = app.clone();
            Shell::of(&app).run(async move { windows::quit(&app).await });
        }
        "menu.diagnostics" => windows::go(app, "/settings/help"),
        "menu.data_folder" => {
            let folder = Shell::of(app).folder.display().to_string();
            if let Err(error) = app.opener().open_path(folder, None::<&str>) {
                tracing::warn!(%error, "no program opened the data folder");
            }
        }
        _ => {}
    }
}

/// The menu in the language of the settings, anew when that is another.
pub(crate) fn follow(app: &AppHandle, settings: &Settings) {
    if !words::speak(settings.language) {
        return;
    }
    let done = make(app).and_then(|menu| app.set_menu(menu));
    if let Err(error) = done {
        tracing::warn!(%error, "the menu could not change its language");
    }
    if let Some(window) = app.get_webview_window(windows::MAIN) {
        hide_at_start(&window);
    }
}

/// Where the menu belongs to the window, it starts hidden.
pub(crate) fn hide_at_start(window: &WebviewWindow) {
    #[cfg(not(target_os = "macos"))]
    if let Err(error) = window.hide_menu() {
        tracing::debug!(%error, "the menu bar would not hide");
    }
    #[cfg(target_os = "macos")]
    let _ = window;
}

/// Shows or hides the bar.
pub(crate) fn toggle(window: &WebviewWindow) {
    let done = if window.is_menu_visible().unwrap_or(true) {
        window.hide_menu()
    } else {
        window.show_menu()
    };
    if let Err(error) = done {
        tracing::debug!(%error, "the menu bar would not change");
    }
}
