//! `rostrum-server`: Rostrum for an organization. HTTP over the core of `app`, the window for
//! browsers, logins, and the engine that publishes with every laptop closed.

pub mod api;
pub mod auth;
pub mod ground;
pub mod http;
pub mod keys;
pub mod metrics;
pub mod proxies;
pub mod rest;
pub mod sealed;
pub mod trace;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use app::host::Organizations;
use db::Db;
use domain::Instant;
use domain::ids::PersonId;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use auth::tokens::Tokens;
use ground::Ground;
use keys::KeyRing;
use metrics::Metrics;
use proxies::Proxies;

/// Who may make a login.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Registration {
    /// Anybody; each founds an organization.
    Open,
    /// Who was invited.
    #[default]
    Invite,
    /// Nobody: logins that are there may accept invitations.
    Off,
}

/// How the server shows itself.
#[derive(Clone, Debug)]
pub struct Face {
    /// Where people reach it, without a slash at the end.
    pub public: String,
    /// The built window.
    pub ui: Option<PathBuf>,
    /// Who may make a login.
    pub registration: Registration,
    /// Proxies of ours before it, whose `X-Forwarded-For` is believed.
    pub proxies: Proxies,
}

/// An act under way: whose, and how to stop it.
type Acting = (PersonId, CancellationToken);

/// The server. Cheap to clone.
#[derive(Clone)]
pub struct Server(Arc<Inner>);

struct Inner {
    organizations: Organizations,
    ring: Arc<KeyRing>,
    tokens: Tokens,
    face: Face,
    acts: Mutex<HashMap<String, Acting>>,
    /// Bodies of pictures and pushes that are read at a time.
    room: Arc<Semaphore>,
    metrics: Metrics,
    above_guards: bool,
    stop: CancellationToken,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}

impl Server {
    /// A server on its ground, until `stop`.
    #[must_use]
    pub fn new(ground: &Ground, face: Face, stop: CancellationToken) -> Self {
        Self(Arc::new(Inner {
            tokens: Tokens::new(Arc::clone(&ground.ring), ground.id),
            organizations: ground.organizations.clone(),
            ring: Arc::clone(&ground.ring),
            face,
            acts: Mutex::default(),
            room: Arc::new(Semaphore::new(http::room::AT_ONCE)),
            metrics: Metrics::default(),
            above_guards: ground.above_guards,
            stop,
        }))
    }

    /// The organizations.
    #[must_use]
    pub fn organizations(&self) -> &Organizations {
        &self.0.organizations
    }

    /// The tables.
    #[must_use]
    pub fn db(&self) -> &Db {
        self.0.organizations.db()
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.0.organizations.now()
    }

    /// What was counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn ring(&self) -> &KeyRing {
        &self.0.ring
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    pub(crate) fn registration(&self) -> Registration {
        self.0.face.registration
    }

    pub(crate) fn proxies(&self) -> &Proxies {
        &self.0.face.proxies
    }

    /// The database's own lock between organizations does not count for its role.
    pub(crate) fn is_above_guards(&self) -> bool {
        self.0.above_guards
    }

    pub(crate) fn public(&self) -> &str {
        &self.0.face.public
    }

    /// People reach it by TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.0.face.public.starts_with("https://")
    }

    pub(crate) fn ui(&self) -> Option<&Path> {
        self.0.face.ui.as_deref()
    }

    pub(crate) fn stopping(&self) -> &CancellationToken {
        &self.0.stop
    }

    pub(crate) fn room(&self) -> &Arc<Semaphore> {
        &self.0.room
    }

    fn acts(&self) -> std::sync::MutexGuard<'_, HashMap<String, Acting>> {
        self.0.acts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
