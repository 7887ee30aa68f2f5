//! One organization that was joined, opened: its mirror, the line to its server, and the core that
//! a window shows.

use std::path::Path;
use std::sync::Arc;

use db::Db;
use media::Library;
use protocol::event::Told;
use protocol::sync::Pulled;
use protocol::{Code, Event, Problem, Tag};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Ground, Place};
use crate::act::Way;
use crate::apply::Effects;
use crate::core::App;
use crate::folder::{FolderError, durable};
use crate::sync::{Carrier, Line, Mirror, NoAnswer, Pace, Pump, Standing, Uplink as _};

#[derive(Clone)]
pub(super) struct House {
    pub(super) place: Place,
    /// Or why it does not open.
    pub(super) open: Result<Open, Problem>,
}

#[derive(Clone)]
pub(super) struct Open {
    pub(super) app: App,
    pub(super) line: Arc<Line>,
    pump: Arc<Pump>,
    carrier: Arc<Carrier>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// What pulls bring, to be told.
pub(super) type Brought = mpsc::UnboundedReceiver<Effects>;

/// How often the first pull begins anew: more is no accident.
const ANEW: u32 = 3;

async fn tables(folder: &Path) -> Result<Db, Problem> {
    let of_database = |e: db::Error| crate::error::of_database(&e);
    let db = Db::open_sqlite(&folder.join("mirror.sqlite"))
        .await
        .map_err(of_database)?;
    if let Err(error) = db.migrate().await {
        db.close().await;
        return Err(of_database(error));
    }
    Ok(db)
}

impl Open {
    /// Opens the mirror of a place, or begins it. Nothing runs yet.
    pub(super) async fn new(computer: &App, place: &Place) -> Result<(Self, Brought), Problem> {
        let id = place.organization;
        let folder = computer.folder().layout().organization(id);
        durable::make_private_folder(&folder).map_err(|e| FolderError::io(&e, &folder))?;
        let library = Library::open(&folder.join("media")).map_err(FolderError::from)?;
        let db = tables(&folder).await?;
        let networks = computer.networks().clone();
        let mirror = match Mirror::open(&db, id, place.person, networks, computer.now()).await {
            Ok(mirror) => mirror,
            Err(error) => {
                db.close().await;
                return Err(error.into_problem());
            }
        };
        let line = Arc::new(Line::new(
            computer.http().clone(),
            place.server.clone(),
            id,
            Arc::clone(computer.secrets()),
        ));
        let (told, brought) = mpsc::unbounded_channel();
        let pump = Arc::new(Pump::new(
            mirror,
            Arc::clone(&line) as _,
            Arc::clone(computer.clock()),
            Pace::default(),
            // Nobody hears it any more at the end.
            Arc::new(move |effects| drop(told.send(effects))),
        ));
        let carrier = Arc::new(Carrier::new(
            Arc::clone(&pump),
            Arc::clone(&line) as _,
            library.clone(),
            Arc::clone(computer.clock()),
            Pace::default(),
        ));
        let app = computer.beside(Arc::clone(&pump), library);
        app.set_carrier(Arc::clone(&carrier));
        let open = Self {
            app,
            line,
            pump,
            carrier,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        Ok((open, brought))
    }

    /// Reads everything there is; `way` is told how many things were read.
    pub(super) async fn read_all(&self, way: &Way) -> Result<(), Problem> {
        let mirror = self.pump.mirror();
        let (mut read, mut anew) = (0, 0);
        loop {
            let pulled = self.line.pull(mirror.to_pull().await?).await?;
            match &pulled {
                Pulled::Page(page) => read += page.changes.len() as u64,
                Pulled::Reset if anew == ANEW => return Err(NoAnswer::Later(None).into()),
                Pulled::Reset => anew += 1,
            }
            way.at(read, None);
            if !mirror.pulled(pulled, self.app.now()).await?.0 {
                return Ok(());
            }
        }
    }

    /// Keeps it together with its server until it is closed, and tells what happens in it.
    pub(super) fn run(&self, brought: Brought, computer: &App, ground: &Ground) {
        let stops = [self.stop.clone(), ground.stop.clone()];
        let until = |work: futures::future::BoxFuture<'static, ()>| {
            let [one, all] = stops.clone();
            let work = async move {
                tokio::select! {
                    () = one.cancelled() => {}
                    () = all.cancelled() => {}
                    () = work => {}
                }
            };
            // The host waits for it at its end, and whoever leaves waits for it then.
            ground.tracker.spawn(self.tasks.track_future(work));
        };
        let events = self.app.subscribe();
        until(Box::pin(self.clone().carry(events, computer.clone())));
        until(Box::pin(self.clone().tell(brought)));
        until(Box::pin(
            self.clone().watch(computer.clone(), ground.clone()),
        ));
        let (pump, stop) = (Arc::clone(&self.pump), self.stop.clone());
        until(Box::pin(async move { pump.run(stop).await }));
        let (carrier, stop) = (Arc::clone(&self.carrier), self.stop.clone());
        until(Box::pin(async move { carrier.run(stop).await }));
    }

    /// What pulls brought, told on the core's own bus; what is for others stays untold.
    async fn tell(self, mut brought: Brought) {
        let me = self.pump.mirror().person();
        while let Some(mut some) = brought.recv().await {
            some.notifications
                .retain(|(person, _)| person.is_none_or(|person| person == me));
            self.app.tell(some);
        }
    }

    /// Hands on what the core tells, and lets the list be read again.
    async fn carry(self, mut events: broadcast::Receiver<Event>, computer: App) {
        let organization = Some(self.app.organization());
        loop {
            let event = match events.recv().await {
                Ok(event) => event,
                Err(RecvError::Lagged(_)) => Event::Changed {
                    tags: Tag::ALL.to_vec(),
                },
                Err(RecvError::Closed) => return,
            };
            if matches!(event, Event::Changed { .. }) {
                computer.list_changed();
            }
            // Nobody listening is fine.
            let _ = computer.joined().told.send(Told {
                organization,
                event,
            });
        }
    }

    /// Lets the list be read again when the line is another; leaves when the server says that the
    /// person has.
    async fn watch(self, computer: App, ground: Ground) {
        let mut standing = self.pump.standing();
        loop {
            let out = match &*standing.borrow_and_update() {
                Standing::NeedsAttention { problem, .. } => problem
                    .as_ref()
                    .is_some_and(|problem| problem.code == Code::NoMember),
                _ => false,
            };
            computer.list_changed();
            if out {
                let id = self.app.organization();
                // Not one of these: it waits for them.
                ground
                    .tracker
                    .spawn(async move { computer.was_sent_away(id).await });
                return;
            }
            if standing.changed().await.is_err() {
                return;
            }
        }
    }

    /// Talks to the server now.
    pub(super) async fn sync_now(&self) -> Result<(), NoAnswer> {
        self.pump.round().await
    }

    /// Ends what runs for it and closes its tables.
    pub(super) async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.app.calls().settled().await;
        self.app.db().close().await;
    }
}
