//! What a commit brought, carried to the other processes on one PostgreSQL: their windows shall see
//! it at once too. Hints: who misses one reads again from time to time.

use std::time::Duration;

use domain::ids::OrganizationId;
use protocol::{Event, Tag};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::Organizations;

const CHANNEL: &str = "rostrum_events";
/// PostgreSQL takes less than 8,000 bytes in one hint (`NOTIFY`).
const LONGEST: usize = 7_900;
/// After the database could not be reached.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Serialize, Deserialize)]
struct Hint {
    /// Which process says it.
    from: Uuid,
    organization: OrganizationId,
    event: Event,
}

/// The text of a hint; one that is too long says only that something changed.
fn text_of(mut hint: Hint) -> Option<String> {
    let text = serde_json::to_string(&hint).ok()?;
    if text.len() <= LONGEST {
        return Some(text);
    }
    hint.event = Event::Changed {
        tags: Tag::ALL.to_vec(),
    };
    serde_json::to_string(&hint).ok()
}

/// Carries events to other processes and theirs here, until `stop`.
pub(super) fn carry(
    all: &Organizations,
    mut events: UnboundedReceiver<(OrganizationId, Event)>,
    from: Uuid,
    tracker: &TaskTracker,
    stop: &CancellationToken,
) {
    let (db, until) = (all.db().clone(), stop.clone());
    let tell = async move {
        while let Some((organization, event)) = events.recv().await {
            let hint = Hint {
                from,
                organization,
                event,
            };
            let Some(text) = text_of(hint) else { continue };
            if let Err(error) = db.tell(CHANNEL, &text).await {
                tracing::debug!(%error, "other processes were not told");
            }
        }
    };
    tracker.spawn(async move { until.run_until_cancelled(tell).await });
    let (all, until) = (all.clone(), stop.clone());
    let hear = async move {
        loop {
            if let Err(error) = hear_until_lost(&all, from).await {
                tracing::debug!(%error, "other processes are not heard");
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tracker.spawn(async move { until.run_until_cancelled(hear).await });
}

async fn hear_until_lost(all: &Organizations, me: Uuid) -> Result<(), db::Error> {
    let Some(mut listener) = all.db().listen(CHANNEL).await? else {
        return std::future::pending().await;
    };
    loop {
        match listener.heard().await? {
            Some(text) => {
                let hint = serde_json::from_str::<Hint>(&text).ok();
                if let Some(hint) = hint.filter(|hint| hint.from != me) {
                    all.core(hint.organization).send(hint.event);
                }
            }
            // Hints were lost with the connection.
            None => all.everything_changed(),
        }
    }
}
