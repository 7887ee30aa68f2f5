//! What the core tells: forwarded to the window, and to the desktop what a person should know.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use protocol::event::{Event, Notification, Place, Told};
use protocol::tags::Tag;
use tauri::{AppHandle, Manager as _};
use tokio::sync::broadcast::error::RecvError;

use crate::core::Within;
use crate::notifier::{self, Fate, FirstThatShows, NotShown, Notifier, Shown};
use crate::shell::{self, Shell};
use crate::{login, menu, spelling, when, words};

/// The notifier of this program, managed by tauri.
pub(crate) struct Desk {
    notifier: Arc<dyn Notifier>,
    /// What came in quiet hours.
    held: Mutex<Vec<Shown>>,
}

impl Desk {
    fn hold(&self, shown: Shown) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|other| other.key != shown.key);
        held.push(shown);
    }

    fn release(&self) -> Vec<Shown> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *held)
    }
}

/// How often it is looked whether quiet hours have ended.
const LOOK: Duration = Duration::from_secs(20);

/// The ways of showing that this system has, best first.
#[must_use]
pub(crate) fn desk(app: &AppHandle) -> Desk {
    let mut ways: Vec<Arc<dyn Notifier>> = Vec::new();
    #[cfg(target_os = "linux")]
    {
        let shell = Shell::of(app);
        let opens = app.clone();
        let runs = shell.clone();
        ways.push(Arc::new(notifier::freedesktop::Freedesktop::new(
            Arc::new(move |(within, place)| shell::open_within(&opens, within, place)),
            Box::new(move |listener| runs.run(listener)),
            shell.stop.clone(),
        )));
    }
    ways.push(Arc::new(notifier::plugin::ThroughPlugin(app.clone())));
    Desk {
        notifier: Arc::new(FirstThatShows::new(ways)),
        held: Mutex::default(),
    }
}

/// Forwards until the end.
pub(crate) async fn forward(app: AppHandle) {
    let shell = Shell::of(&app);
    let mut events = shell.core.events();
    let mut look = tokio::time::interval(LOOK);
    loop {
        let event = tokio::select! {
            () = shell.stop.cancelled() => break,
            _ = look.tick() => {
                end_of_quiet(&app, &shell).await;
                continue;
            }
            event = events.recv() => event,
        };
        match event {
            Ok(told) => {
                heard(&app, &shell, &told).await;
                shell::tell(&app, &told);
            }
            // Events are hints: whoever missed some reads everything again.
            Err(RecvError::Lagged(_)) => {
                shell.changed.notify_one();
                let event = Event::Changed {
                    tags: Tag::ALL.to_vec(),
                };
                let told = Told {
                    organization: None,
                    event,
                };
                shell::tell(&app, &told);
            }
            Err(RecvError::Closed) => break,
        }
    }
}

async fn heard(app: &AppHandle, shell: &Arc<Shell>, told: &Told) {
    match &told.event {
        Event::Changed { tags } => {
            shell.changed.notify_one();
            if tags.contains(&Tag::Settings) {
                login::follow(app, &shell.core.settings());
                menu::follow(app, &shell.core.settings());
            }
            if tags.contains(&Tag::Settings) || tags.contains(&Tag::Personas) {
                spelling::follow(app).await;
            }
        }
        Event::Noticed { notification, .. } => {
            notice(app, shell, told.organization, notification).await;
        }
        Event::Open { .. } => shell::open(app, None),
        Event::Progress { .. }
        | Event::Words { .. }
        | Event::SignInAt { .. }
        | Event::Trouble { .. } => {}
    }
}

/// Shows what waited for the end of the quiet hours, as one.
async fn end_of_quiet(app: &AppHandle, shell: &Shell) {
    let minute = when::minute_of_day(shell.core.now());
    if notifier::is_quiet(&shell.core.settings(), minute) {
        return;
    }
    if let Some(all) = notifier::grouped(app.state::<Desk>().release()) {
        show(app, &all).await;
    }
}

async fn notice(app: &AppHandle, shell: &Shell, within: Within, notification: &Notification) {
    let now = shell.core.now();
    let minute = when::minute_of_day(now);
    let fate = notifier::fate(&shell.core.settings(), notification, minute);
    if fate == Fate::Dropped {
        return;
    }
    let mut shown = Shown::of(notification, now);
    if let Some(id) = within {
        // The same key in two organizations is two things.
        shown.key = format!("{id}:{}", shown.key);
        shown.within = within;
    }
    match fate {
        Fate::Shown => show(app, &shown).await,
        Fate::Held | Fate::Dropped => app.state::<Desk>().hold(shown),
    }
}

/// Shows words of the shell's own, whatever the switches say.
pub(crate) async fn show_directly(app: &AppHandle, key: &str) {
    let shown = Shown {
        key: key.to_owned(),
        title: words::say(&format!("{key}.title")),
        body: words::say(&format!("{key}.body")),
        within: None,
        place: Place::Today,
    };
    show(app, &shown).await;
}

async fn show(app: &AppHandle, shown: &Shown) {
    let desk = app.state::<Desk>();
    let found = match desk.notifier.show(shown).await {
        Ok(()) => desk.notifier.name(),
        Err(NotShown(why)) => {
            tracing::warn!(%why, "a notification was not shown; it is in Today all the same");
            format!("none ({why})")
        }
    };
    Shell::of(app).core.found("notifications", found);
}
