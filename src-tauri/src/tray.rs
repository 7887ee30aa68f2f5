//! The tray: what waits, what goes out next, pause, open, quit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use domain::Instant;
use protocol::event::{Event, Place, Told};
use protocol::views::{JoinedOrganization, Overview};
use protocol::{Call, Mutation};
use tauri::AppHandle;
use tauri::image::Image;
use tauri::menu::{Menu, MenuBuilder, MenuItem};
use tauri::tray::{TrayIcon, TrayIconBuilder};

use crate::core::Within;
use crate::shell::{self, Shell};
use crate::{when, windows, words};

/// macOS tints a glyph as its bar needs; elsewhere panels are light or dark, and the icon with its
/// own ground is seen on both.
#[cfg(target_os = "macos")]
const ICON: Image<'_> = tauri::include_image!("icons/tray-template.png");
#[cfg(not(target_os = "macos"))]
const ICON: Image<'_> = tauri::include_image!("icons/32x32.png");

/// What the tray says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Face {
    /// Requests that this person can decide now, in all organizations.
    pub approvals: u32,
    /// Where those are that are shown first.
    pub approvals_in: Within,
    /// The next post: what and when, in words, and where it is.
    pub next: Option<(String, Place)>,
    /// Sending is paused.
    pub paused: bool,
    /// The words of the entries that never change, in the language spoken.
    open: String,
    quit: String,
}

impl Face {
    /// Of this overview, at this time.
    #[must_use]
    pub(crate) fn of(view: &Overview, all: &[JoinedOrganization], now: Instant) -> Self {
        let next = view.runtime.next.as_ref().map(|next| {
            let args = words::Args::from([
                ("time".to_owned(), when::short(next.planned.at, now)),
                ("headline".to_owned(), shortened(&next.headline)),
            ]);
            (
                words::with("tray.next", &args),
                Place::Content { id: next.content },
            )
        });
        Self {
            approvals: all
                .iter()
                .map(|joined| joined.approvals)
                .sum::<u32>()
                .saturating_add(view.counts.approvals),
            approvals_in: all
                .iter()
                .find(|joined| view.counts.approvals == 0 && joined.approvals > 0)
                .map(|joined| joined.organization),
            next,
            paused: view.runtime.paused,
            ..Self::new()
        }
    }

    /// Nothing waits and nothing is planned.
    fn new() -> Self {
        Self {
            approvals: 0,
            approvals_in: None,
            next: None,
            paused: false,
            open: words::say("tray.open"),
            quit: words::say("tray.quit"),
        }
    }

    fn approvals_text(&self) -> String {
        if self.approvals == 0 {
            words::say("tray.no_approvals")
        } else {
            words::counted("tray.approvals", self.approvals)
        }
    }

    fn next_text(&self) -> String {
        self.next
            .as_ref()
            .map_or_else(|| words::say("tray.no_next"), |(text, _)| text.clone())
    }

    fn pause_text(&self) -> String {
        words::say(if self.paused {
            "tray.resume"
        } else {
            "tray.pause"
        })
    }
}

/// A menu is no place for a whole post.
fn shortened(headline: &str) -> String {
    const MOST: usize = 40;
    if headline.chars().count() <= MOST {
        return headline.to_owned();
    }
    headline.chars().take(MOST - 1).chain(['…']).collect()
}

/// The icon with its menu.
pub(crate) struct Tray {
    icon: TrayIcon,
    open: MenuItem<tauri::Wry>,
    quit: MenuItem<tauri::Wry>,
    approvals: MenuItem<tauri::Wry>,
    next: MenuItem<tauri::Wry>,
    pause: MenuItem<tauri::Wry>,
    face: Arc<Mutex<Face>>,
}

impl Tray {
    /// Makes the icon; `None` where the system has no library for it.
    #[must_use]
    pub(crate) fn make(app: &AppHandle) -> Option<Self> {
        // libappindicator is loaded at run time, and its absence is a panic in the binding.
        match catch_unwind(AssertUnwindSafe(|| Self::build(app))) {
            Ok(Ok(tray)) => Some(tray),
            Ok(Err(error)) => {
                tracing::warn!(%error, "no tray icon");
                None
            }
            Err(_) => {
                tracing::warn!("no tray icon: the appindicator library is not installed");
                None
            }
        }
    }

    fn build(app: &AppHandle) -> tauri::Result<Self> {
        let face = Face::new();
        let item = |id, text: String| MenuItem::with_id(app, id, text, true, None::<&str>);
        let approvals = item("tray.approvals", face.approvals_text())?;
        let next = item("tray.next", face.next_text())?;
        let pause = item("tray.pause", face.pause_text())?;
        let open = item("tray.open", face.open.clone())?;
        let quit = item("tray.quit", face.quit.clone())?;
        let menu: Menu<_> = MenuBuilder::new(app)
            .item(&open)
            .separator()
            .items(&[&approvals, &next, &pause])
            .separator()
            .item(&quit)
            .build()?;
        let face = Arc::new(Mutex::new(face));
        let shown = face.clone();
        let icon = TrayIconBuilder::with_id("main")
            .icon(ICON)
            .icon_as_template(cfg!(target_os = "macos"))
            .tooltip("Rostrum")
            .menu(&menu)
            .show_menu_on_left_click(true)
            .on_menu_event(move |app, event| chosen(app, event.id().as_ref(), &shown))
            .build(app)?;
        Ok(Self {
            icon,
            open,
            quit,
            approvals,
            next,
            pause,
            face,
        })
    }

    /// Shows what is so now.
    pub(crate) fn show(&self, face: &Face) {
        // The lock is not held over the calls below: they wait for the main thread, which takes it
        // when a menu item is chosen.
        let shown = std::mem::replace(&mut *lock(&self.face), face.clone());
        if shown == *face {
            return;
        }
        let count = (face.approvals > 0).then(|| face.approvals.to_string());
        let done = self
            .approvals
            .set_text(face.approvals_text())
            .and_then(|()| self.next.set_text(face.next_text()))
            .and_then(|()| self.pause.set_text(face.pause_text()))
            .and_then(|()| self.open.set_text(&face.open))
            .and_then(|()| self.quit.set_text(&face.quit))
            .and_then(|()| self.icon.set_title(count));
        if let Err(error) = done {
            tracing::warn!(%error, "the tray could not be brought up to date");
        }
    }
}

fn lock(face: &Mutex<Face>) -> std::sync::MutexGuard<'_, Face> {
    face.lock().unwrap_or_else(PoisonError::into_inner)
}

fn chosen(app: &AppHandle, id: &str, face: &Mutex<Face>) {
    let face = lock(face).clone();
    match id {
        "tray.open" => shell::open(app, None),
        "tray.approvals" => shell::open_within(app, face.approvals_in, Place::Approvals),
        "tray.next" => match face.next {
            Some((_, place)) => shell::open_within(app, None, place),
            None => shell::open(app, None),
        },
        "tray.pause" => set_paused(app, !face.paused),
        "tray.quit" => {
            let app = app.clone();
            Shell::of(&app).run(async move { windows::quit(&app).await });
        }
        _ => {}
    }
}

fn set_paused(app: &AppHandle, paused: bool) {
    let shell = Shell::of(app);
    let app = app.clone();
    shell.clone().run(async move {
        let mutation = Mutation::SetPaused {
            persona: None,
            paused,
        };
        let call = Call {
            id: uuid::Uuid::now_v7().into(),
            acting: None,
            mutation,
        };
        if let Err(problem) = shell.core.mutate(None, call).await {
            shell::open(&app, None);
            let told = Told {
                organization: None,
                event: Event::Trouble { problem },
            };
            shell::tell(&app, &told);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_headline_is_cut_at_a_whole_sign() {
        let short = shortened(&"ä".repeat(60));
        assert_eq!(short.chars().count(), 40);
        assert!(short.ends_with('…'));
    }

    #[test]
    fn the_tray_offers_to_resume_what_is_paused() {
        let face = Face {
            paused: true,
            ..Face::new()
        };
        assert_ne!(face.pause_text(), Face::new().pause_text());
    }
}
