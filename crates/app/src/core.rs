//! The core as one value: the tables, the networks, the files, the secrets, the time.

mod terms;
mod who;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use db::Db;
use domain::content::Quote;
use domain::identity::Executor;
use domain::ids::{IdentityId, MutationId, OrganizationId, PersonId, PersonaId};
use domain::media::Rendition;
use domain::{Hash, Instant};
use engine::{Clock, Engine};
use media::Library;
use networks::links::Lead;
use networks::{CardState, Registry};
use protocol::mutation::Applied;
use protocol::settings::Settings;
use protocol::sync::Batch;
use protocol::{Call, Code, Event, Mutation, Problem};
use tokio::sync::{broadcast, mpsc};
use uuid::Uuid;

use crate::Error;
use crate::act::Unsaid;
use crate::apply::{self, Authority, Ctx, Effects};
use crate::browser::Browser;
use crate::calls::Calls;
use crate::checks::Made;
use crate::folder::DataFolder;
use crate::host::Alarm;
use crate::ideas::Collector;
use crate::joined::Joined;
use crate::secrets::{Keys, SecretStore};
use crate::settings::SettingsFile;
use crate::sync::{Carrier, Pump};

pub(crate) use terms::Begun;
pub use terms::{Terms, Thing, mark};
pub(crate) use who::Seat;

/// What the core is made of.
pub struct Parts {
    /// The tables.
    pub db: Db,
    /// The local organization.
    pub organization: OrganizationId,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The networks.
    pub networks: Registry,
    /// For pages that a text names.
    pub http: networks::Http,
    /// What reads sources.
    pub collector: Arc<Collector>,
    /// The pictures.
    pub library: Library,
    /// The keychain or the vault; on a server, sealed columns of this organization.
    pub secrets: Arc<dyn SecretStore>,
    /// Settings of this computer.
    pub settings: SettingsFile,
    /// Opens pages for a person to sign in.
    pub browser: Arc<dyn Browser>,
    /// The data folder; organizations of one server share it.
    pub folder: Arc<Mutex<DataFolder>>,
    /// Who sends for the accounts that are connected here.
    pub executor: Executor,
}

/// The core. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>, Seat);

struct Inner {
    db: Db,
    organization: OrganizationId,
    clock: Arc<dyn Clock>,
    networks: Registry,
    http: networks::Http,
    collector: Arc<Collector>,
    library: Library,
    secrets: Arc<dyn SecretStore>,
    calls: Arc<Calls>,
    settings_file: SettingsFile,
    settings: RwLock<Settings>,
    browser: Arc<dyn Browser>,
    folder: Arc<Mutex<DataFolder>>,
    executor: Executor,
    events: broadcast::Sender<Event>,
    engine: OnceLock<Engine>,
    /// Where this is the core of a mirror.
    pump: OnceLock<Arc<Pump>>,
    carrier: OnceLock<Arc<Carrier>>,
    known: Mutex<Known>,
    desk: crate::writing::Desk,
    unsaid: Mutex<Unsaid>,
    audit_alarm: Mutex<Option<Alarm>>,
    relay: OnceLock<Relay>,
    joined: Joined,
}

/// Carries what a commit here brought to other processes on the same tables.
pub(crate) type Relay = mpsc::UnboundedSender<(OrganizationId, Event)>;

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("organization", &self.0.organization)
            .finish_non_exhaustive()
    }
}

/// What was found out on networks for the composer; forgotten with the process.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Ids of handles by account.
    pub mentions: HashMap<(IdentityId, String), Option<String>>,
    /// Cards by network and address, with pictures fitted for that network.
    pub cards: HashMap<(String, String), CardState>,
    /// Quoted posts by account and address.
    pub quotes: HashMap<(IdentityId, String), Option<Quote>>,
    /// Fitted pictures by asset and account.
    pub renditions: HashMap<(Hash, IdentityId), Rendition>,
    /// Where links lead, and when they were asked for.
    pub links: HashMap<String, (Lead, Instant)>,
    /// What texts of personas are checked against.
    pub checkers: HashMap<PersonaId, Made>,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let loaded = parts.settings.load();
        for problem in &loaded.problems {
            tracing::warn!(%problem, "settings");
        }
        // Whatever a statement forgets, no other organization's rows are there.
        let db = parts.db.within(parts.organization.0);
        let keys = Keys {
            db: db.clone(),
            organization: parts.organization,
            networks: parts.networks.clone(),
            secrets: Arc::clone(&parts.secrets),
        };
        let inner = Inner {
            calls: Calls::new(Arc::new(keys), Arc::clone(&parts.clock)),
            db,
            organization: parts.organization,
            clock: parts.clock,
            networks: parts.networks,
            collector: parts.collector,
            http: parts.http,
            library: parts.library,
            secrets: parts.secrets,
            settings: RwLock::new(loaded.settings),
            settings_file: parts.settings,
            browser: parts.browser,
            folder: parts.folder,
            executor: parts.executor,
            events: broadcast::channel(256).0,
            engine: OnceLock::new(),
            pump: OnceLock::new(),
            carrier: OnceLock::new(),
            known: Mutex::default(),
            desk: crate::writing::Desk::default(),
            unsaid: Mutex::default(),
            audit_alarm: Mutex::default(),
            relay: OnceLock::new(),
            joined: Joined::default(),
        };
        Self(Arc::new(inner), Seat::Computer)
    }

    /// The tables.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The local organization.
    #[must_use]
    pub fn organization(&self) -> OrganizationId {
        self.0.organization
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant(self.0.clock.wall())
    }

    /// The networks.
    #[must_use]
    pub fn networks(&self) -> &Registry {
        &self.0.networks
    }

    /// For pages that a text names.
    #[must_use]
    pub fn http(&self) -> &networks::Http {
        &self.0.http
    }

    /// What reads sources.
    #[must_use]
    pub fn collector(&self) -> &Arc<Collector> {
        &self.0.collector
    }

    /// The pictures.
    #[must_use]
    pub fn library(&self) -> &Library {
        &self.0.library
    }

    /// The keychain or the vault.
    #[must_use]
    pub fn secrets(&self) -> &Arc<dyn SecretStore> {
        &self.0.secrets
    }

    /// Calls to networks for accounts.
    #[must_use]
    pub fn calls(&self) -> &Arc<Calls> {
        &self.0.calls
    }

    /// The settings file.
    #[must_use]
    pub fn settings_file(&self) -> &SettingsFile {
        &self.0.settings_file
    }

    /// Opens pages for a person to sign in.
    pub(crate) fn browser(&self) -> &Arc<dyn Browser> {
        &self.0.browser
    }

    /// Settings in force.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.0
            .settings
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// What writing keeps between two questions.
    pub(crate) fn desk(&self) -> &crate::writing::Desk {
        &self.0.desk
    }

    /// Takes settings into force, and says so.
    pub fn set_settings(&self, settings: Settings) {
        let mut held = self
            .0
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let changed = *held != settings;
        held.clone_from(&settings);
        drop(held);
        self.0.joined.set_settings(&settings);
        if changed {
            self.send(Event::Changed {
                tags: vec![protocol::Tag::Settings],
            });
        }
    }

    /// The data folder.
    pub fn folder(&self) -> MutexGuard<'_, DataFolder> {
        self.0.folder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What of the organizations on this computer lies at servers.
    pub(crate) fn joined(&self) -> &Joined {
        &self.0.joined
    }

    /// Whether nothing may be sent from here until a person says that this computer sends. What
    /// waits for a server is none of that: the server knows what it took.
    pub(crate) fn is_held(&self) -> bool {
        self.pump().is_none() && self.folder().held().is_some()
    }

    /// Set while the audit does not go on from where this computer saw it last.
    #[must_use]
    pub fn audit_alarm(&self) -> Option<Alarm> {
        *self.alarm()
    }

    pub(crate) fn set_audit_alarm(&self, alarm: Option<Alarm>) {
        *self.alarm() = alarm;
    }

    fn alarm(&self) -> MutexGuard<'_, Option<Alarm>> {
        let held = self.0.audit_alarm.lock();
        held.unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn unsaid(&self) -> MutexGuard<'_, Unsaid> {
        self.0.unsaid.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Events for windows and notifiers. Hints: who missed some asks anew.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.0.events.subscribe()
    }

    /// Tells whoever listens.
    pub fn send(&self, event: Event) {
        // Nobody listening is fine.
        let _ = self.0.events.send(event);
    }

    /// Gives the core its engine, once.
    pub fn set_engine(&self, engine: Engine) {
        if self.0.engine.set(engine).is_err() {
            tracing::warn!("the engine was given twice");
        }
    }

    /// Other tables beside these, on everything else that this stands on.
    pub(crate) fn over(
        &self,
        db: Db,
        organization: OrganizationId,
        library: Library,
        secrets: Arc<dyn SecretStore>,
    ) -> Self {
        Self::new(Parts {
            db,
            organization,
            clock: Arc::clone(&self.0.clock),
            networks: self.0.networks.clone(),
            http: self.0.http.clone(),
            collector: Arc::clone(&self.0.collector),
            library,
            secrets,
            settings: self.0.settings_file.clone(),
            browser: Arc::clone(&self.0.browser),
            folder: Arc::clone(&self.0.folder),
            executor: self.0.executor,
        })
    }

    /// What is done on this core waits for a server from now on, once.
    pub(crate) fn set_pump(&self, pump: Arc<Pump>) {
        if self.0.pump.set(pump).is_err() {
            tracing::warn!("the pump was given twice");
        }
    }

    /// What keeps these tables together with their server, where they are a mirror.
    pub(crate) fn pump(&self) -> Option<&Arc<Pump>> {
        self.0.pump.get()
    }

    /// Files that are only at the server of this mirror are brought when they are asked for, once.
    pub fn set_carrier(&self, carrier: Arc<Carrier>) {
        if self.0.carrier.set(carrier).is_err() {
            tracing::warn!("the carrier was given twice");
        }
    }

    /// What carries the files of a mirror.
    pub(crate) fn carrier(&self) -> Option<&Arc<Carrier>> {
        self.0.carrier.get()
    }

    /// The engine, where this process does the background work.
    #[must_use]
    pub fn engine(&self) -> Option<&Engine> {
        self.0.engine.get()
    }

    /// Tells after a commit.
    pub fn tell(&self, effects: Effects) {
        if effects.nudge
            && let Some(engine) = self.engine()
        {
            engine.nudge();
        }
        let mut events = Vec::new();
        if !effects.tags.is_empty() {
            events.push(Event::Changed {
                tags: effects.tags.into_iter().collect(),
            });
        }
        for (person, notification) in effects.notifications {
            events.push(Event::Noticed {
                person,
                notification,
            });
        }
        for event in events {
            if let Some(relay) = self.0.relay.get() {
                // Nobody carries it any more at the end.
                let _ = relay.send((self.organization(), event.clone()));
            }
            self.send(event);
        }
    }

    /// Has what commits here bring carried to other processes, once.
    pub(crate) fn set_relay(&self, relay: Relay) {
        let _ = self.0.relay.set(relay);
    }

    /// Under what a person changes something now.
    ///
    /// # Errors
    /// When nobody is set up yet.
    pub async fn ctx(&self, acting: Option<PersonId>, cause: Uuid) -> Result<Ctx, Error> {
        // What is done on a mirror goes another way; what cannot is not done there.
        if self.pump().is_some() {
            return Err(apply::needs_server());
        }
        Ok(Ctx {
            organization: self.organization(),
            actor: self.actor(acting).await?,
            now: self.now(),
            cause,
            salt: Uuid::new_v4().into_bytes(),
            networks: self.networks().clone(),
            authority: Authority::Here,
            executor: self.executor(),
            scopes: self.scopes(),
        })
    }

    /// Who sends for the accounts that are connected here.
    #[must_use]
    pub fn executor(&self) -> Executor {
        self.0.executor
    }

    /// Applies a call, at most once by its id.
    ///
    /// # Errors
    /// A problem that says what to do; nothing was changed.
    pub async fn mutate(&self, call: Call) -> Result<Applied, Problem> {
        self.may_change(&call.mutation)?;
        if let Some(pump) = self.pump() {
            let batch = Batch::new(call.id, call.acting, vec![call.mutation]);
            return self.ahead(pump, batch).await;
        }
        let ctx = self.ctx(call.acting, call.id.0).await?;
        self.name_at_terminal().await?;
        let releases = matches!(call.mutation, Mutation::ReleaseFolder);
        if releases && self.folder().held().is_none() {
            // Applied to a folder that sends, it would only take what is due away from the sender.
            return Err(Problem::new(
                Code::WrongState,
                "This computer sends already.",
            ));
        }
        let under = ctx.clone();
        let (applied, effects) = self
            .0
            .db
            .write(move |tx| {
                let (ctx, call) = (ctx.clone(), call.clone());
                Box::pin(async move { apply::call(tx, &ctx, &call).await })
            })
            .await?;
        self.tell(effects);
        if releases {
            self.release_folder(under).await?;
        }
        Ok(applied)
    }

    /// Takes the mark from the folder: only after the commit that set aside what fell due, or a
    /// timer in between would send it, and a commit that fails would leave it to be sent.
    async fn release_folder(&self, ctx: Ctx) -> Result<(), Problem> {
        self.folder().release().map_err(Problem::from)?;
        self.0
            .db
            .write(move |tx| {
                let ctx = ctx.clone();
                Box::pin(async move { apply::wake(tx, &ctx).await })
            })
            .await?;
        if let Some(engine) = self.engine() {
            engine.nudge();
        }
        Ok(())
    }

    /// Applies several mutations, all or nothing.
    ///
    /// # Errors
    /// A problem that says what to do; nothing was changed.
    pub async fn apply_all(
        &self,
        acting: Option<PersonId>,
        mutations: Vec<Mutation>,
    ) -> Result<Applied, Problem> {
        if let Some(pump) = self.pump() {
            let batch = Batch::new(MutationId(new_id()), acting, mutations);
            return self.ahead(pump, batch).await;
        }
        let ctx = self.ctx(acting, new_id()).await?;
        self.apply_as(ctx, mutations).await
    }

    /// Applies several mutations under a given context, all or nothing.
    ///
    /// # Errors
    /// A problem that says what to do; nothing was changed.
    pub async fn apply_as(&self, ctx: Ctx, mutations: Vec<Mutation>) -> Result<Applied, Problem> {
        let (applied, effects) = self
            .0
            .db
            .write(move |tx| {
                let (ctx, mutations) = (ctx.clone(), mutations.clone());
                Box::pin(async move { apply::all(tx, &ctx, &mutations).await })
            })
            .await?;
        self.tell(effects);
        Ok(applied)
    }
}

/// A new id, in the order of time.
#[must_use]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// A call under a new id.
#[must_use]
pub fn call(mutation: Mutation, acting: Option<PersonId>) -> Call {
    Call {
        id: MutationId(new_id()),
        acting,
        mutation,
    }
}
