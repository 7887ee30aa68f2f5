//! All networks, one line each.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::cost::TargetCost;
use domain::identity::NetworkId;
use domain::version::VersionDoc;

use crate::contract::Adapter;
use crate::http::{Http, HttpError, HttpOptions};
use crate::rulepack::PackError;
use crate::rules::Rules;
use crate::x;

macro_rules! networks {
    ($($name:ident),+ $(,)?) => {
        /// The names of all networks.
        pub const NAMES: &[&str] = &[$(stringify!($name)),+];

        pub(crate) fn rules_of(network: &str) -> Option<Result<Rules, PackError>> {
            match network {
                $(stringify!($name) => Some(crate::$name::rules()),)+
                _ => None,
            }
        }
    };
}

networks! {
    bluesky,
    mastodon,
    site,
    x,
}

/// The networks of this program.
#[derive(Clone, Default)]
pub struct Registry {
    adapters: BTreeMap<NetworkId, Arc<dyn Adapter>>,
}

impl Registry {
    /// None, for tests that bring their own.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// With `adapter` beside, or instead of the one of the same name.
    #[must_use]
    pub fn with(mut self, adapter: Arc<dyn Adapter>) -> Self {
        self.adapters
            .insert(adapter.descriptor().id.clone(), adapter);
        self
    }

    /// The adapter of a network.
    #[must_use]
    pub fn get(&self, network: &NetworkId) -> Option<&Arc<dyn Adapter>> {
        self.adapters.get(network)
    }

    /// What each target of a version costs to send, by the prices known now; targets without a
    /// price are left out.
    #[must_use]
    pub fn costs(&self, doc: &VersionDoc) -> Vec<TargetCost> {
        let costs = doc.targets.iter().filter_map(|target| {
            let cost = self.get(&target.network)?.cost(target)?;
            Some(TargetCost {
                identity: target.identity,
                cost,
            })
        });
        costs.collect()
    }

    /// All, by name.
    pub fn all(&self) -> impl Iterator<Item = &Arc<dyn Adapter>> {
        self.adapters.values()
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.adapters.keys()).finish()
    }
}

/// The networks could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A rule pack of this program is broken.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// No HTTP client.
    #[error(transparent)]
    Http(#[from] HttpError),
}

impl Registry {
    /// All networks of this program.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn standard(options: HttpOptions) -> Result<Self, SetupError> {
        let http = Http::new(options)?;
        Ok(Self::empty()
            .with(Arc::new(crate::site::SiteAdapter::new()?))
            .with(Arc::new(crate::bluesky::BlueskyAdapter::new(
                http.clone(),
                crate::bluesky::PLC,
            )?))
            .with(Arc::new(crate::mastodon::MastodonAdapter::new(
                http.clone(),
            )?))
            .with(Arc::new(x::XAdapter::new(http, x::API, x::AUTHORIZE)?)))
    }
}
