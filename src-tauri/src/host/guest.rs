//! Another process owns the data folder: everything is handed to it through its door. The window
//! works as always; events do not come through the door, so the window reads anew every so often.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use app::folder::Layout;
use app::host::{Door, Knock};
use app::settings::SettingsFile;
use app::{Clock as _, Library, SystemClock};
use async_trait::async_trait;
use domain::{Hash, Instant};
use protocol::event::Told;
use protocol::mutation::Applied;
use protocol::settings::Settings;
use protocol::{Act, Call, Code, Problem, Query};
use serde_json::Value;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::owner::{everything_changed, with_findings};
use crate::core::{Core, Within};

/// How often the window reads anew what the owner may have changed.
const READ_EVERY: Duration = Duration::from_secs(5);

pub(super) struct Guest {
    door: Door,
    library: Library,
    settings: SettingsFile,
    layout: Layout,
    events: broadcast::Sender<Told>,
    found: Mutex<BTreeMap<String, String>>,
    stop: CancellationToken,
}

impl Guest {
    /// The guest of whoever owns this folder.
    ///
    /// # Errors
    /// `in_use`, when the owner does not answer.
    pub(super) async fn of(data: &Path, in_use: Problem) -> Result<Self, Problem> {
        let layout = Layout::new(data);
        let door = Door::of(data);
        door.knock(Knock::Query {
            query: Query::Overview {},
            acting: None,
        })
        .await?;
        let library = Library::open(&layout.media()).map_err(|_| in_use)?;
        let events = broadcast::channel(16).0;
        let stop = CancellationToken::new();
        let (ticks, ends) = (events.clone(), stop.clone());
        tauri::async_runtime::spawn(async move {
            loop {
                tokio::select! {
                    () = ends.cancelled() => return,
                    () = tokio::time::sleep(READ_EVERY) => {
                        // Nobody listening is fine.
                        let _ = ticks.send(everything_changed());
                    }
                }
            }
        });
        let settings = SettingsFile::new(&layout.settings());
        Ok(Self {
            door,
            library,
            settings,
            layout,
            events,
            found: Mutex::default(),
            stop,
        })
    }

    /// After a change of our own everything is read anew at once.
    async fn change(&self, within: Within, knock: Knock) -> Result<Value, Problem> {
        let answer = self.door.knock_within(within, knock).await?;
        let _ = self.events.send(everything_changed());
        Ok(answer)
    }
}

#[async_trait]
impl Core for Guest {
    async fn mutate(&self, within: Within, call: Call) -> Result<Applied, Problem> {
        let answer = self.change(within, Knock::Mutate { call }).await?;
        serde_json::from_value(answer)
            .map_err(|error| Problem::new(Code::Internal, format!("an odd answer: {error}")))
    }

    async fn query(&self, within: Within, query: Query) -> Result<Value, Problem> {
        let asks_for_findings = matches!(query, Query::Diagnostics {});
        let knock = Knock::Query {
            query,
            acting: None,
        };
        let answer = self.door.knock_within(within, knock).await?;
        if !asks_for_findings {
            return Ok(answer);
        }
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(with_findings(answer, &found))
    }

    async fn act(
        &self,
        within: Within,
        _id: String,
        act: Act,
        stop: CancellationToken,
    ) -> Result<Value, Problem> {
        tokio::select! {
            () = stop.cancelled() => Err(Problem::new(
                Code::Cancelled,
                "The window no longer waits for it; the other program may still carry it out.",
            )),
            done = self.change(within, Knock::Act { act, acting: None }) => done,
        }
    }

    fn events(&self) -> broadcast::Receiver<Told> {
        self.events.subscribe()
    }

    async fn picture(&self, within: Within, hash: Hash) -> Option<Vec<u8>> {
        match within {
            None => self.library.read(hash).await.ok(),
            Some(id) => {
                let folder = self.layout.organization(id).join("media");
                Library::open(&folder).ok()?.read(hash).await.ok()
            }
        }
    }

    fn settings(&self) -> Settings {
        self.settings.load().settings
    }

    fn now(&self) -> Instant {
        Instant(SystemClock.wall())
    }

    /// The owner notices by itself.
    fn woke(&self) {}

    fn found(&self, what: &str, answer: String) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.insert(what.to_owned(), answer);
    }

    async fn stop(&self) {
        self.stop.cancel();
    }
}
