//! The organizations of one database, as a server has them: each has a core of its own, so that
//! nothing of one reaches another, over one engine.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use async_trait::async_trait;
use db::Db;
use domain::Instant;
use domain::identity::Executor;
use domain::ids::{OrganizationId, PersonId};
use domain::person::Actor;
use engine::{Clock, DatabaseClock, Engine};
use media::Library;
use networks::site::SiteAdapter;
use networks::{Http, Registry};
use protocol::{Event, Mutation, Problem, Tag};
use store::organization::Organization;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::{publisher, take_up};
use crate::Error;
use crate::apply::{Authority, Ctx};
use crate::browser::ByHand;
use crate::core::{App, Parts, Relay, new_id};
use crate::folder::DataFolder;
use crate::ideas::Collector;
use crate::publish::Publisher;
use crate::secrets::SecretStore;
use crate::settings::SettingsFile;
use crate::workflows::{self, Publishers, SERVER_CALENDAR};

/// Where the secrets of an organization's accounts are kept.
pub type SecretsOf = dyn Fn(OrganizationId) -> Arc<dyn SecretStore> + Send + Sync;

/// What all organizations stand on.
pub struct Ground {
    /// The tables.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// It, where the time is the database's.
    pub database_clock: Option<Arc<DatabaseClock>>,
    /// The networks; the local site is each organization's own.
    pub networks: Registry,
    /// Below it each organization has a folder for its sites.
    pub sites: PathBuf,
    /// For pages that a text names.
    pub http: Http,
    /// The pictures.
    pub library: Library,
    /// Settings of the server.
    pub settings: SettingsFile,
    /// The data folder.
    pub folder: Arc<Mutex<DataFolder>>,
    /// No other process works on these tables.
    pub alone: bool,
    /// Where secrets are kept.
    pub secrets: Box<SecretsOf>,
}

/// One organization: its core, and what sends for it.
#[derive(Clone)]
struct House {
    app: App,
    publisher: Arc<Publisher>,
}

/// The organizations of one database. Cheap to clone.
#[derive(Clone)]
pub struct Organizations(Arc<Inner>);

struct Inner {
    ground: Ground,
    /// What reads sources, for all: a server that many follow is asked by one.
    collector: Arc<Collector>,
    /// This process, in attempts.
    owner: Uuid,
    engine: OnceLock<Engine>,
    relay: Relay,
    carried: Mutex<Option<UnboundedReceiver<(OrganizationId, Event)>>>,
    houses: Mutex<HashMap<OrganizationId, House>>,
}

impl std::fmt::Debug for Organizations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Organizations").finish_non_exhaustive()
    }
}

impl Publishers for Organizations {
    fn of(&self, organization: OrganizationId) -> Arc<Publisher> {
        self.house(organization).publisher
    }
}

impl Organizations {
    /// Those of the database of `ground`.
    #[must_use]
    pub fn new(ground: Ground) -> Self {
        let (relay, carried) = mpsc::unbounded_channel();
        Self(Arc::new(Inner {
            collector: Arc::new(Collector::new(ground.http.clone())),
            ground,
            owner: new_id(),
            engine: OnceLock::new(),
            relay,
            carried: Mutex::new(Some(carried)),
            houses: Mutex::default(),
        }))
    }

    /// The tables.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0.ground.db
    }

    /// The pictures.
    #[must_use]
    pub fn library(&self) -> &Library {
        &self.0.ground.library
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant(self.0.ground.clock.wall())
    }

    /// The core of an organization. Whether there is one of this id, its tables say.
    #[must_use]
    pub fn core(&self, organization: OrganizationId) -> App {
        self.house(organization).app
    }

    fn house(&self, organization: OrganizationId) -> House {
        let mut houses = self.0.houses.lock().unwrap_or_else(PoisonError::into_inner);
        let house = houses
            .entry(organization)
            .or_insert_with(|| self.0.build(organization));
        house.clone()
    }

    /// These tables send now, and no copy of them does: what another may have sent is asked about in
    /// every organization. Lifting the hold itself is left to the caller.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn release(&self) -> Result<(), Problem> {
        for organization in self.all().await? {
            let house = self.house(organization.id);
            let ctx = house.publisher.ctx(organization.id, new_id());
            house
                .app
                .apply_as(ctx, vec![Mutation::ReleaseFolder])
                .await?;
        }
        Ok(())
    }

    /// Carries what commits here bring to other processes on the same tables, and theirs here.
    pub fn carry_events(&self, tracker: &TaskTracker, stop: &CancellationToken) {
        let carried = self.0.carried.lock();
        let carried = carried.unwrap_or_else(PoisonError::into_inner).take();
        if let Some(events) = carried.filter(|_| !self.0.ground.alone) {
            super::relay::carry(self, events, self.0.owner, tracker, stop);
        }
    }

    /// Lets every window read again.
    pub(super) fn everything_changed(&self) {
        let houses = self.0.houses.lock().unwrap_or_else(PoisonError::into_inner);
        for house in houses.values() {
            house.app.send(Event::Changed {
                tags: Tag::ALL.to_vec(),
            });
        }
    }

    /// Begins the background work for all organizations that there are.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub async fn start(
        &self,
        tracker: &TaskTracker,
        stop: CancellationToken,
    ) -> Result<(), Problem> {
        let ground = &self.0.ground;
        let registry = workflows::registry(self, &self.0.collector, Arc::new(Keepers));
        let options = engine::Options {
            alone: ground.alone,
            database_clock: ground.database_clock.clone(),
            ..engine::Options::default()
        };
        let engine = Engine::new(
            ground.db.clone(),
            Arc::clone(&ground.clock),
            registry,
            options,
        );
        let _ = self.0.engine.set(engine.clone());
        for organization in self.all().await? {
            let house = self.house(organization.id);
            house.app.set_engine(engine.clone());
            take_up(&house.app, &house.publisher, ZONE, &SERVER_CALENDAR).await?;
        }
        engine.start(tracker, stop);
        Ok(())
    }

    /// All organizations, oldest first.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub async fn all(&self) -> Result<Vec<Organization>, Problem> {
        let read = self.db().read(|tx| {
            Box::pin(async move { Ok::<_, Error>(store::organization::all(tx).await?) })
        });
        Ok(read.await?)
    }

    /// Under what somebody comes in who was not there before.
    #[must_use]
    pub fn coming(&self, organization: OrganizationId, person: PersonId) -> Ctx {
        let core = self.core(organization);
        Ctx {
            organization,
            actor: Actor::Person {
                id: person,
                operator: None,
            },
            now: self.now(),
            cause: new_id(),
            salt: Uuid::new_v4().into_bytes(),
            networks: core.networks().clone(),
            authority: Authority::Here,
            executor: core.executor(),
            scopes: None,
        }
    }

    /// Begins what an organization does by the calendar: after it was founded.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn begin(&self, organization: OrganizationId) -> Result<(), Problem> {
        let house = self.house(organization);
        take_up(&house.app, &house.publisher, ZONE, &SERVER_CALENDAR).await
    }

    /// Returns when no call to a network is under way any more.
    pub async fn settled(&self) {
        let houses: Vec<House> = {
            let houses = self.0.houses.lock().unwrap_or_else(PoisonError::into_inner);
            houses.values().cloned().collect()
        };
        for house in houses {
            house.app.calls().settled().await;
        }
    }
}

impl Inner {
    fn build(&self, organization: OrganizationId) -> House {
        let ground = &self.ground;
        let sites = ground.sites.join(organization.to_string());
        let networks = match SiteAdapter::within(&sites) {
            Ok(site) => ground.networks.clone().with(Arc::new(site)),
            Err(error) => {
                tracing::error!(%error, "there are no local sites");
                ground.networks.clone()
            }
        };
        let app = App::new(Parts {
            db: ground.db.clone(),
            organization,
            clock: Arc::clone(&ground.clock),
            networks,
            http: ground.http.clone(),
            collector: Arc::clone(&self.collector),
            library: ground.library.clone(),
            secrets: (ground.secrets)(organization),
            settings: ground.settings.clone(),
            browser: Arc::new(ByHand),
            folder: Arc::clone(&ground.folder),
            executor: Executor::Server,
        });
        if !ground.alone {
            app.set_relay(self.relay.clone());
        }
        if let Some(engine) = self.engine.get() {
            app.set_engine(engine.clone());
        }
        House {
            publisher: publisher(&app, self.owner, ground.alone),
            app,
        }
    }
}

/// The zone of a server's calendar: its people live in several.
const ZONE: &str = "UTC";

/// Backups of a server are its keeper's: no calendar asks for one here.
struct Keepers;

#[async_trait]
impl workflows::Backups for Keepers {
    async fn daily(&self) -> Result<String, String> {
        Err("a server is backed up by whoever keeps it".to_owned())
    }
}
