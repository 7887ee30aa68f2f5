//! Ideas: what sources bring becomes trends; trends and one's own posts become suggestions; answers
//! to those move what comes next.
//!
//! What comes from outside is kept as evidence. Nothing here writes a text, names a target or opens
//! a page: that takes a person.

mod collect;
mod curve;
mod fits;
mod look;
mod model;
mod outline;
mod own;
mod suggest;
mod taste;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use domain::ids::OrganizationId;
use networks::Http;
use networks::sources::Sources;
use tokio::sync::Mutex;

pub(crate) use collect::{Collected, collect};
pub(crate) use look::{look, title_of};
pub(crate) use outline::{begin, is_unedited};
pub(crate) use own::Everything;
pub(crate) use taste::{features, kind_of, taste};

/// How long an item is kept: the longest memory of trends fades within it.
pub(crate) const KEEP_SIGNALS: i64 = 30 * domain::time::DAY;
/// How long a trend that rises no more is shown.
pub(crate) const SHOW_TRENDS: i64 = 3 * domain::time::DAY;

/// What reads sources, and remembers for each organization what is usual. One for each process;
/// nothing in it is needed to know what happened.
pub struct Collector {
    pub(crate) sources: Sources,
    models: std::sync::Mutex<HashMap<OrganizationId, Arc<Mutex<model::Model>>>>,
}

impl std::fmt::Debug for Collector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Collector").finish_non_exhaustive()
    }
}

impl Collector {
    /// Over these clients.
    #[must_use]
    pub fn new(http: Http) -> Self {
        Self {
            sources: Sources::new(http),
            models: std::sync::Mutex::default(),
        }
    }

    fn model(&self, organization: OrganizationId) -> Arc<Mutex<model::Model>> {
        let mut models = self.models.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(models.entry(organization).or_default())
    }
}
