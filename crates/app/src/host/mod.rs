//! A data folder brought to life: opened, migrated, and with the background running where this
//! process owns it.

mod door;
mod heads;
mod hello;
mod logs;
mod organizations;
mod ports;
mod relay;
mod restore;
mod sleep;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use db::Db;
use domain::Instant;
use domain::identity::Executor;
use domain::ids::OrganizationId;
use engine::{Clock, Engine, SystemClock};
use media::Library;
use networks::{Http, HttpOptions, Registry};
use protocol::{Code, Problem};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

pub use door::{Door, Guest, Knock, answer};
pub use heads::Alarm;
pub use logs::last_lines;
pub use organizations::{Ground, Organizations, SecretsOf};
pub use restore::{Back, restore, restore_closed, restore_unopened};

use crate::Error;
use crate::browser::{Browser, ByHand};
use crate::core::{App, Parts, new_id};
use crate::folder::{DataFolder, FolderError, Work as BackupWork, open_database};
use crate::ideas::Collector;
use crate::publish::{Publisher, Terms};
use crate::secrets::{Secrets, Vault};
use crate::settings::{SettingsFile, Watch, way_out};
use crate::workflows::{self, CALENDAR};

/// What can be chosen when a data folder is opened.
#[derive(Clone, Default)]
pub struct Options {
    /// Clients of networks and pages.
    pub http: HttpOptions,
    /// Networks beside or instead of this program's own (tests).
    pub networks: Option<Registry>,
    /// The time; absent means the system's.
    pub clock: Option<Arc<dyn Clock>>,
    /// Opens pages for a person to sign in; absent means that their address is only told.
    pub browser: Option<Arc<dyn Browser>>,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").finish_non_exhaustive()
    }
}

/// How long a stop waits for what is under way.
const STOP_WITHIN: Duration = Duration::from_secs(8);

/// How often the settings file is looked at.
const SETTINGS_EVERY: Duration = Duration::from_secs(5);

/// The process that owns a data folder.
pub struct Host {
    /// The core.
    pub app: App,
    publisher: Arc<Publisher>,
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host")
            .field("app", &self.app)
            .finish_non_exhaustive()
    }
}

/// Makes a data folder with its local organization where there is none.
///
/// # Errors
/// When the folder cannot be written.
pub async fn init(root: &Path, config: &Path, options: Options) -> Result<Host, Problem> {
    DataFolder::init(root, config).map_err(Problem::from)?;
    open(root, config, options).await
}

/// Opens a data folder as its owner. Background work begins with [`Host::start`].
///
/// # Errors
/// `not_a_data_folder`, `folder_in_use`, `database_corrupt`, `binary_too_old`, `read_only`,
/// `disk_full`: each says what to do.
pub async fn open(root: &Path, config: &Path, options: Options) -> Result<Host, Problem> {
    let folder = DataFolder::open_as_owner(root, config).map_err(Problem::from)?;
    // Of an owner that could not take it down: by now anybody may listen on that port.
    door::unsign(folder.layout());
    let clock = options
        .clock
        .clone()
        .unwrap_or_else(|| Arc::new(SystemClock));
    let library =
        Library::open(&folder.layout().media()).map_err(|e| Problem::from(FolderError::from(e)))?;
    let now = Instant(clock.wall());
    let (db, _) = open_database(&folder, &library, now, &BackupWork::default())
        .await
        .map_err(Problem::from)?;
    let organization = local_organization(&db, now).await?;
    let secrets = Secrets::open(
        folder.id(),
        &folder.layout().vault(),
        config,
        Vault::passphrase_of_environment(),
    )
    .await;
    let settings = SettingsFile::new(&folder.layout().settings());
    // What cannot be used was left out when the settings were read.
    let http_options = way_out(&settings.load().settings, options.http)?;
    let networks = match options.networks {
        Some(networks) => networks,
        None => Registry::standard(http_options.clone()).map_err(|e| crate::error::internal(&e))?,
    };
    let http = Http::new(http_options).map_err(|e| crate::error::internal(&e))?;
    let app = App::new(Parts {
        db,
        organization,
        clock,
        networks,
        collector: Arc::new(Collector::new(http.clone())),
        http,
        library,
        secrets: Arc::new(secrets),
        settings,
        browser: options.browser.unwrap_or_else(|| Arc::new(ByHand)),
        folder: Arc::new(Mutex::new(folder)),
        executor: Executor::Desktop,
    });
    app.look(heads::Look::AtTail).await?;
    Ok(Host {
        publisher: publisher(&app, new_id(), true),
        app,
        tracker: TaskTracker::new(),
        stop: CancellationToken::new(),
    })
}

/// What sends for the organization of `app`. `owner` is this process; `alone` says that no other
/// works on these tables, so that whoever else did has gone.
fn publisher(app: &App, owner: Uuid, alone: bool) -> Arc<Publisher> {
    Publisher::new(
        app.db().clone(),
        Arc::clone(app.clock()),
        app.networks().clone(),
        Arc::clone(app.calls()),
        Arc::new(ports::Files(app.clone())),
        Arc::new(ports::Here {
            app: app.clone(),
            alone,
        }),
        owner,
        Terms {
            executor: app.executor(),
            ..Terms::default()
        },
    )
}

/// The zone of this computer; UTC where it cannot be known.
fn local_zone() -> String {
    iana_time_zone::get_timezone()
        .ok()
        .filter(|zone| domain::Planned::from_instant(Instant(0), zone).is_ok())
        .unwrap_or_else(|| "UTC".to_owned())
}

/// The one organization that every data folder has.
async fn local_organization(db: &Db, now: Instant) -> Result<OrganizationId, Problem> {
    let fresh = OrganizationId(new_id());
    let id = db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(known) = store::organization::all(tx).await?.first() {
                    return Ok::<_, Error>(known.id);
                }
                store::organization::insert(tx, fresh, "", now).await?;
                Ok(fresh)
            })
        })
        .await?;
    Ok(id)
}

impl Host {
    /// Carries out what somebody else at this computer asks, as if it came through the door.
    ///
    /// # Errors
    /// A problem that says what to do.
    pub async fn knock(&self, guest: Guest, knock: Knock) -> Result<serde_json::Value, Problem> {
        door::answer_guest(&self.app, guest, knock).await
    }

    /// Begins the background work: the engine, its schedules, the door for other processes, the
    /// watch on the settings. What a crash left open is taken up first.
    ///
    /// # Errors
    /// When the tables cannot be read or the door cannot be opened.
    pub async fn start(&self) -> Result<(), Problem> {
        let registry = workflows::registry(
            &self.publisher,
            self.app.collector(),
            Arc::new(ports::Nightly(self.app.clone())),
        );
        // The data folder's lock says that nobody else works on these tables.
        let options = engine::Options {
            alone: true,
            ..engine::Options::default()
        };
        let engine = Engine::new(
            self.app.db().clone(),
            Arc::clone(self.app.clock()),
            registry,
            options,
        );
        self.app.set_engine(engine.clone());
        take_up(&self.app, &self.publisher, &local_zone(), &CALENDAR).await?;
        engine.start(&self.tracker, self.stop.clone());
        door::open(self.app.clone(), &self.tracker, self.stop.clone()).await?;
        self.app.open_joined(&self.tracker, &self.stop).await?;
        self.watch_settings();
        self.watch_sleep();
        self.watch_heads();
        Ok(())
    }

    /// After each sleep everything due is looked at, and one summary says what became of it.
    fn watch_sleep(&self) {
        let (app, publisher) = (self.app.clone(), Arc::clone(&self.publisher));
        let woke = move |since| {
            let (app, publisher) = (app.clone(), Arc::clone(&publisher));
            async move {
                tracing::info!(%since, "the computer was asleep");
                if let Err(error) = summarize(&app, &publisher, since).await {
                    tracing::warn!(%error, "there is no summary of what fell due in sleep");
                }
                if let Some(engine) = app.engine() {
                    engine.nudge();
                }
            }
        };
        let clock = Arc::clone(self.app.clock());
        self.tracker
            .spawn(sleep::watch(clock, self.stop.clone(), woke));
    }

    fn watch_settings(&self) {
        let (to, mut changes) = tokio::sync::watch::channel(self.app.settings_file().load());
        let watch = Watch::new(self.app.settings_file().clone());
        self.tracker
            .spawn(watch.run(to, SETTINGS_EVERY, self.stop.clone()));
        let (app, stop) = (self.app.clone(), self.stop.clone());
        self.tracker.spawn(async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    changed = changes.changed() => {
                        if changed.is_err() {
                            return;
                        }
                        let loaded = changes.borrow_and_update().clone();
                        app.set_settings(loaded.settings);
                    }
                }
            }
        });
    }

    /// Returns when nothing executes and nothing is due; says what is next and when.
    ///
    /// # Errors
    /// When the background has stopped.
    pub async fn until_idle(&self) -> Result<(), Problem> {
        until_idle(&self.app).await
    }

    /// Tasks that shall end with the host.
    #[must_use]
    pub fn tracker(&self) -> &TaskTracker {
        &self.tracker
    }

    /// Ends with the host.
    #[must_use]
    pub fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Stops the background, waits for what is under way, closes the tables and lets the folder go.
    pub async fn stop(&self) {
        // Before the listener goes and the port is anybody's.
        door::unsign(self.app.folder().layout());
        self.stop.cancel();
        self.tracker.close();
        // A call that is under way may bring a new secret, which is stored when it ends.
        let ending = async {
            self.tracker.wait().await;
            self.app.calls().settled().await;
        };
        if tokio::time::timeout(STOP_WITHIN, ending).await.is_err() {
            tracing::warn!("something did not stop in time; it will be taken up at the next start");
        }
        if let Err(error) = self.app.watch_head().await {
            tracing::warn!(%error, "the end of the audit was not kept");
        }
        self.app.db().close().await;
        let closing = self.app.close_joined();
        if tokio::time::timeout(STOP_WITHIN, closing).await.is_err() {
            tracing::warn!("a joined organization did not close in time");
        }
        self.app.folder().let_go();
    }
}

/// Puts the calendar's workflows in place, and gives every delivery that waits without a run a new
/// one: nothing silently stays in the queue.
async fn take_up(
    app: &App,
    publisher: &Publisher,
    zone: &str,
    calendar: &'static [workflows::ByCalendar],
) -> Result<(), Problem> {
    let organization = app.organization();
    let ctx = publisher.ctx(organization, new_id());
    let zone = zone.to_owned();
    let effects = app
        .db()
        .write(move |tx| {
            let (ctx, zone) = (ctx.clone(), zone.clone());
            Box::pin(async move {
                workflows::schedule(tx, organization, &zone, ctx.now.0, calendar)
                    .await
                    .map_err(|e| Error::Problem(crate::error::internal(&e)))?;
                let mut work = crate::apply::Work::begin(tx, &ctx).await?;
                let adopted = crate::publish::adopt_orphans(&mut work).await?;
                let late = workflows::summarize_absence(&mut work, None).await?;
                if adopted == 0 && !late {
                    return Ok(crate::apply::Effects::default());
                }
                tracing::info!(adopted, late, "what waited was taken up");
                work.finish().await
            })
        })
        .await?;
    app.tell(effects);
    Ok(())
}

/// Starts the summary of what fell due since then, if anything did.
async fn summarize(app: &App, publisher: &Publisher, since: Instant) -> Result<(), Error> {
    let ctx = publisher.ctx(app.organization(), new_id());
    let effects = app
        .db()
        .write(move |tx| {
            let ctx = ctx.clone();
            Box::pin(async move {
                let mut work = crate::apply::Work::begin(tx, &ctx).await?;
                match workflows::summarize_absence(&mut work, Some(since)).await? {
                    true => work.finish().await,
                    false => Ok(crate::apply::Effects::default()),
                }
            })
        })
        .await?;
    app.tell(effects);
    Ok(())
}

/// Returns when nothing executes and nothing is due.
///
/// # Errors
/// When no background runs here.
pub(crate) async fn until_idle(app: &App) -> Result<(), Problem> {
    let engine = app.engine().ok_or_else(|| {
        Problem::new(
            Code::WrongState,
            "No background work runs here. Start `rostrumctl work`.",
        )
    })?;
    match engine.until_idle().await {
        Some(_) => Ok(()),
        None => Err(Problem::new(
            Code::Cancelled,
            "The background work has stopped.",
        )),
    }
}
