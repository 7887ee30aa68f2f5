//! Waking those who may have something to do: our own loop, and on PostgreSQL those of other
//! processes. A hint only: each looks by itself within its poll interval.

use std::sync::Arc;
use std::time::Duration;

use db::{Db, Dialect, Error};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

const CHANNEL: &str = "rostrum_engine";
/// Many rings in so short a time are one hint.
const GAP: Duration = Duration::from_millis(10);
/// After the database could not be reached.
const PAUSE: Duration = Duration::from_secs(1);

/// One per engine.
pub(crate) struct Bell {
    own: Notify,
    others: Notify,
    /// So that we know our own hints.
    name: String,
}

impl Default for Bell {
    fn default() -> Self {
        Bell {
            own: Notify::new(),
            others: Notify::new(),
            name: Uuid::new_v4().to_string(),
        }
    }
}

impl Bell {
    /// Something was stored that somebody may wait for.
    pub(crate) fn ring(&self) {
        self.own.notify_one();
        self.others.notify_one();
    }

    /// Returns when it rang here or elsewhere since the last time.
    pub(crate) async fn rung(&self) {
        self.own.notified().await;
    }

    /// Tells the other processes, and hears them, until `stop`.
    pub(crate) fn hang(self: &Arc<Self>, db: &Db, tracker: &TaskTracker, stop: &CancellationToken) {
        if db.dialect() == Dialect::Sqlite {
            return;
        }
        let (bell, db_, stop_) = (Arc::clone(self), db.clone(), stop.clone());
        tracker.spawn(async move { stop_.run_until_cancelled(bell.tell(&db_)).await });
        let (bell, db_, stop_) = (Arc::clone(self), db.clone(), stop.clone());
        tracker.spawn(async move { stop_.run_until_cancelled(bell.hear(&db_)).await });
    }

    async fn tell(&self, db: &Db) {
        loop {
            self.others.notified().await;
            if let Err(error) = db.tell(CHANNEL, &self.name).await {
                tracing::debug!(%error, "other engines were not told");
            }
            tokio::time::sleep(GAP).await;
        }
    }

    async fn hear(&self, db: &Db) {
        loop {
            if let Err(error) = self.hear_until_lost(db).await {
                tracing::debug!(%error, "other engines are not heard");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn hear_until_lost(&self, db: &Db) -> Result<(), Error> {
        let Some(mut listener) = db.listen(CHANNEL).await? else {
            return Ok(());
        };
        // What was told before we listened.
        self.own.notify_one();
        loop {
            let hint = listener.heard().await?;
            // A lost connection may have had a hint on its way.
            if hint.as_deref() != Some(&self.name) {
                self.own.notify_one();
            }
        }
    }
}
