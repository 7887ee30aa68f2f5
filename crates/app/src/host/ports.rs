//! What the publisher asks of the machine, answered by the core.

use async_trait::async_trait;
use domain::Hash;
use networks::{MediaBytes, MediaMissing};
use uuid::Uuid;

use crate::apply::Effects;
use crate::core::App;
use crate::folder::{Backups, Reason, Work};
use crate::publish::{Colleagues, House};
use crate::workflows;

/// Files of an organization.
pub(super) struct Files(pub(super) App);

#[async_trait]
impl MediaBytes for Files {
    async fn bytes(&self, hash: Hash) -> Result<Vec<u8>, MediaMissing> {
        self.0.file(hash).await.map_err(|e| MediaMissing {
            hash,
            why: e.to_string(),
        })
    }
}

/// This process.
pub(super) struct Here {
    pub(super) app: App,
    /// It holds the lock that says that no other sends from these tables.
    pub(super) alone: bool,
}

impl Colleagues for Here {
    /// Where only the lock's holder sends, whoever else did has gone. Else nobody knows.
    fn is_gone(&self, _owner: Uuid) -> bool {
        self.alone
    }
}

impl House for Here {
    fn folder_is_held(&self) -> bool {
        self.app.folder().held().is_some()
    }

    fn tell(&self, effects: Effects) {
        self.app.tell(effects);
    }

    fn core(&self) -> Option<App> {
        Some(self.app.clone())
    }
}

/// The daily backup.
pub(super) struct Nightly(pub(super) App);

#[async_trait]
impl workflows::Backups for Nightly {
    async fn daily(&self) -> Result<String, String> {
        let backups = Backups::of(&self.0.folder());
        let now = self.0.now();
        backups
            .make(
                self.0.db(),
                self.0.library(),
                now,
                Reason::Daily,
                &Work::default(),
            )
            .await
            .map(|made| made.path.to_string_lossy().into_owned())
            .map_err(|e| e.to_string())
    }
}
