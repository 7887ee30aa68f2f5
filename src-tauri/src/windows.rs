//! The one window: shown at once on the ground of its theme, put away on close.

use tauri::webview::NewWindowResponse;
use tauri::window::Color;
use tauri::{AppHandle, Manager as _, Theme, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogButtons};
use tauri_plugin_opener::OpenerExt as _;

use crate::core::overview;
use crate::shell::Shell;
use crate::{shutdown, spelling, tray_host, when, words};

/// The window's label.
pub(crate) const MAIN: &str = "main";

/// Whether a start shows the window or only the tray.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// As people start it.
    Shown,
    /// As the login starts it; without a tray it is shown minimized.
    Hidden,
}

/// Makes the window.
///
/// It is on the screen before its page has loaded: WebKit draws nothing for a window that is not,
/// so that waiting for the page would only put off its first frame.
pub(crate) fn make(app: &AppHandle, start: Start) -> tauri::Result<()> {
    let opener = app.clone();
    let navigator = app.clone();
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title("Rostrum")
        .inner_size(1280.0, 840.0)
        .min_inner_size(360.0, 480.0)
        .visible(false)
        // The page takes dropped files itself.
        .disable_drag_drop_handler()
        .initialization_script(crate::menu::KEY_SCRIPT)
        .on_new_window(move |url, _| {
            open_outside(&opener, &url);
            NewWindowResponse::Deny
        })
        .on_navigation(move |url| {
            let ours = is_ours(url);
            if !ours {
                open_outside(&navigator, url);
            }
            ours
        })
        .build()?;
    crate::menu::hide_at_start(&window);
    attempt(
        "take its ground",
        window.set_background_color(Some(ground(&window))),
    );
    if start == Start::Shown {
        show(&window);
        return Ok(());
    }
    let shell = Shell::of(app);
    let writes = app.clone();
    shell
        .clone()
        .run(async move { spelling::follow(&writes).await });
    shell.clone().run(async move {
        if !(shell.has_tray() && tray_host::answers().await) {
            minimize(&window);
        }
    });
    Ok(())
}

/// The paper or ink of the theme (`--bg` in the page's tokens), so that nothing flashes before the
/// first paint.
fn ground(window: &WebviewWindow) -> Color {
    use protocol::settings::Appearance;
    let dark = match Shell::of(window.app_handle()).core.settings().appearance {
        Appearance::Dark => true,
        Appearance::Light => false,
        Appearance::System => window.theme().is_ok_and(|theme| theme == Theme::Dark),
    };
    if dark {
        Color(0x0f, 0x13, 0x15, 0xff)
    } else {
        Color(0xef, 0xf3, 0xf5, 0xff)
    }
}

/// The window's own pages; everything else belongs into the browser.
fn is_ours(url: &Url) -> bool {
    matches!(url.scheme(), "tauri" | "about" | "blob")
        || url.host_str() == Some("tauri.localhost")
        || (cfg!(debug_assertions)
            && url.host_str() == Some("127.0.0.1")
            && url.port() == Some(5173))
}

/// Opens web pages, mail addresses, and pages of the local site; nothing that could be a program.
fn may_open(url: &Url) -> bool {
    match url.scheme() {
        "http" | "https" | "mailto" => true,
        // On this computer: a host would be asked for it, with the person's own sign-in.
        "file" => {
            url.host_str().is_none_or(str::is_empty)
                && (url.path().ends_with(".html") || url.path().ends_with(".xml"))
        }
        _ => false,
    }
}

fn open_outside(app: &AppHandle, url: &Url) {
    if !may_open(url) {
        tracing::warn!(
            scheme = url.scheme(),
            "the window asked to open what it may not"
        );
        return;
    }
    if let Err(error) = app.opener().open_url(url.as_str(), None::<&str>) {
        tracing::warn!(%error, "no program opened the address");
    }
}

fn attempt(what: &str, done: tauri::Result<()>) {
    if let Err(error) = done {
        tracing::warn!(%error, what, "the window would not do as told");
    }
}

fn show(window: &WebviewWindow) {
    if !window.is_visible().unwrap_or(false) {
        attempt("show", window.show());
    }
}

fn minimize(window: &WebviewWindow) {
    show(window);
    attempt("minimize", window.minimize());
}

/// Shows the window in front, wherever it was.
pub(crate) fn bring_up(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else {
        return;
    };
    show(&window);
    attempt("unminimize", window.unminimize());
    attempt("come to the front", window.set_focus());
}

/// Brings the window up at this address of its own.
pub(crate) fn go(app: &AppHandle, address: &'static str) {
    bring_up(app);
    if let Some(window) = app.get_webview_window(MAIN) {
        attempt("go", window.eval(format!("location.hash = '{address}'")));
    }
}

/// Draws the page at this size, from a half to four times.
pub(crate) fn zoom(window: &WebviewWindow, factor: f64) {
    attempt("zoom", window.set_zoom(factor.clamp(0.5, 4.0)));
}

/// Closes the window as its own button does.
pub(crate) fn close(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN) {
        closed(window);
    }
}

/// The person closed the window: into the tray where one answers, else minimized, or the end.
pub(crate) fn closed(window: WebviewWindow) {
    let app = window.app_handle().clone();
    let shell = Shell::of(&app);
    shell.clone().run(async move {
        let answers = shell.has_tray() && tray_host::answers().await;
        tracing::debug!(tray = shell.has_tray(), answers, "the window was closed");
        if !shell.core.settings().close_to_tray {
            quit(&app).await;
        } else if answers {
            attempt("hide", window.hide());
            if shell.marks.tell_close_to_tray() {
                crate::events::show_directly(&app, "notification.close_to_tray").await;
            }
        } else {
            attempt("minimize", window.minimize());
        }
    });
}

/// Ends the program; when something goes out today, only after asking.
pub(crate) async fn quit(app: &AppHandle) {
    let shell = Shell::of(app);
    let now = shell.core.now();
    let next = overview(&*shell.core)
        .await
        .ok()
        .and_then(|view| view.runtime.next);
    let Some(next) = next.filter(|next| when::is_today(next.planned.at, now)) else {
        shutdown::begin(app);
        return;
    };
    bring_up(app);
    let args = words::Args::from([("time".to_owned(), when::short(next.planned.at, now))]);
    let ends = app.clone();
    app.dialog()
        .message(words::with("quit.due", &args))
        .title(words::say("quit.title"))
        .buttons(MessageDialogButtons::OkCancelCustom(
            words::say("quit.anyway"),
            words::say("quit.stay"),
        ))
        .show(move |anyway| {
            if anyway {
                shutdown::begin(&ends);
            }
        });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_and_addresses_are_opened_outside() {
        let may = |url: &str| may_open(&url.parse().unwrap());
        assert!(may("https://bsky.app/profile/a/post/b"));
        assert!(may("file:///home/a/site/posts/late-snow.html"));
        assert!(!may("file:///usr/bin/true"));
        assert!(!may("javascript:alert(1)"));
        assert!(!may("smb://host/share"));
    }

    #[test]
    fn the_window_stays_on_its_own_pages() {
        assert!(is_ours(&"tauri://localhost/index.html".parse().unwrap()));
        assert!(!is_ours(&"https://example.org/".parse().unwrap()));
    }
}
