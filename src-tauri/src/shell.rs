//! What the parts of the shell share while the program runs.

use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use protocol::event::{Event, Place, Told};
use tauri::{AppHandle, Emitter as _, Manager as _};
use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::core::{Core, Within};
use crate::marks::Marks;

/// The channel on which the window hears [`Event`]s.
pub(crate) const CHANNEL: &str = "rostrum";

/// Shared by commands, tray, window and background parts; managed by tauri.
pub(crate) struct Shell {
    /// The core.
    pub core: Arc<dyn Core>,
    /// The data folder.
    pub folder: PathBuf,
    /// Told when something changed that tray or power show.
    pub changed: Notify,
    /// A tray icon was made; whether anybody shows it is asked when it matters.
    pub tray: AtomicBool,
    /// What this desktop has been told once.
    pub marks: Marks,
    /// Ends the background parts.
    pub stop: CancellationToken,
    tracker: TaskTracker,
    acts: Mutex<HashMap<String, CancellationToken>>,
    first: Mutex<First>,
}

/// What the window shall show once it hears.
#[derive(Default)]
struct First {
    hears: bool,
    open: Option<Told>,
}

impl Shell {
    /// Around this core.
    #[must_use]
    pub(crate) fn new(core: Arc<dyn Core>, folder: PathBuf) -> Self {
        let marks = Marks::in_folder(&folder);
        Self {
            core,
            folder,
            changed: Notify::new(),
            tray: AtomicBool::new(false),
            marks,
            stop: CancellationToken::new(),
            tracker: TaskTracker::new(),
            acts: Mutex::default(),
            first: Mutex::default(),
        }
    }

    /// The shell of this program.
    #[must_use]
    pub(crate) fn of(app: &AppHandle) -> Arc<Self> {
        app.state::<Arc<Self>>().inner().clone()
    }

    /// Runs a background part until it ends; [`Shell::end`] waits for it.
    pub(crate) fn run(&self, part: impl Future<Output = ()> + Send + 'static) {
        let runtime = tauri::async_runtime::handle();
        self.tracker.spawn_on(part, runtime.inner());
    }

    /// Stops the background parts, then the core.
    pub(crate) async fn end(&self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
        self.core.stop().await;
    }

    /// Names an act so that it can be cancelled; the guard forgets it.
    pub(crate) fn begin_act(self: &Arc<Self>, id: String) -> (CancellationToken, ActGuard) {
        let token = self.stop.child_token();
        self.acts().insert(id.clone(), token.clone());
        let guard = ActGuard {
            shell: self.clone(),
            id,
            _cancels: token.clone().drop_guard(),
        };
        (token, guard)
    }

    /// Cancels an act that runs; one that is over stays over.
    pub(crate) fn cancel_act(&self, id: &str) {
        if let Some(token) = self.acts().get(id) {
            token.cancel();
        }
    }

    fn acts(&self) -> std::sync::MutexGuard<'_, HashMap<String, CancellationToken>> {
        self.acts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn first(&self) -> std::sync::MutexGuard<'_, First> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The window hears from now on; what it shall show first, if anything.
    pub(crate) fn hears(&self) -> Option<Told> {
        let mut first = self.first();
        first.hears = true;
        first.open.take()
    }

    /// Keeps what a window that does not hear yet shall open; gives it back where it does.
    fn keep_first(&self, open: Told) -> Option<Told> {
        let mut first = self.first();
        if first.hears {
            return Some(open);
        }
        first.open = Some(open);
        None
    }

    /// Whether a tray icon was made.
    #[must_use]
    pub(crate) fn has_tray(&self) -> bool {
        self.tray.load(Ordering::Relaxed)
    }
}

/// Forgets an act when its command is over.
pub(crate) struct ActGuard {
    shell: Arc<Shell>,
    id: String,
    _cancels: DropGuard,
}

impl Drop for ActGuard {
    fn drop(&mut self) {
        self.shell.acts().remove(&self.id);
    }
}

/// Tells the window.
pub(crate) fn tell(app: &AppHandle, told: &Told) {
    if let Err(error) = app.emit(CHANNEL, told) {
        tracing::warn!(%error, "the window could not be told");
    }
}

/// Brings the window up, at a place if one is named, in whichever organization it shows.
pub(crate) fn open(app: &AppHandle, place: Option<Place>) {
    let here = |place| Told {
        organization: None,
        event: Event::Open { place, here: true },
    };
    bring_up(app, place.map(here));
}

/// Brings the window up at a place of this organization.
pub(crate) fn open_within(app: &AppHandle, organization: Within, place: Place) {
    let event = Event::Open { place, here: false };
    let told = Told {
        organization,
        event,
    };
    bring_up(app, Some(told));
}

fn bring_up(app: &AppHandle, open: Option<Told>) {
    crate::windows::bring_up(app);
    // While the core is being opened or mended there is nowhere to go yet.
    let shell = app.try_state::<Arc<Shell>>();
    if let Some(told) = open.and_then(|open| shell?.keep_first(open)) {
        tell(app, &told);
    }
}

/// Shows what a link of another program names; one that names nothing only brings the window up.
pub(crate) fn follow(app: &AppHandle, link: &str) {
    let place = crate::link::place(link);
    if place.is_none() {
        tracing::warn!("a link that names no place of ours");
    }
    open(app, place);
}
