//! This process owns the data folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use app::act::Way;
use app::host::{self, Back, Host, Options};
use async_trait::async_trait;
use domain::{Hash, Instant};
use protocol::event::{Event, Told};
use protocol::mutation::Applied;
use protocol::settings::Settings;
use protocol::{Act, Call, Code, Problem, Query, Tag};
use serde_json::Value;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::logs;
use crate::core::{Core, Within};

pub(super) struct Owner {
    data: PathBuf,
    host: RwLock<Arc<Host>>,
    /// Closed while the folder changes hands: whoever asks meanwhile waits.
    gate: tokio::sync::RwLock<()>,
    /// One restore after the other.
    restoring: tokio::sync::Mutex<()>,
    events: broadcast::Sender<Told>,
    found: Mutex<BTreeMap<String, String>>,
}

impl Owner {
    pub(super) fn new(data: &Path, host: Host) -> Self {
        let events = broadcast::channel(256).0;
        forward(&host, &events);
        Self {
            data: data.to_owned(),
            host: RwLock::new(Arc::new(host)),
            gate: tokio::sync::RwLock::default(),
            restoring: tokio::sync::Mutex::default(),
            events,
            found: Mutex::default(),
        }
    }

    fn now_open(&self) -> Arc<Host> {
        let host = self.host.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&host)
    }

    /// The host, once the folder does not change hands.
    async fn host(&self) -> Arc<Host> {
        let _open = self.gate.read().await;
        self.now_open()
    }

    /// Puts a backup in the folder's place and goes on with it.
    async fn restore(
        &self,
        id: String,
        file: &str,
        stop: CancellationToken,
    ) -> Result<Value, Problem> {
        let _one = self.restoring.lock().await;
        let old = self.host().await;
        let way = Way::told(&old.app, id, None, stop);
        let mut closed = None;
        let back = host::restore(&old, file, Options::default(), &way, async {
            closed = Some(self.gate.write().await);
        })
        .await;
        let Back { host, done } = back?;
        forward(&host, &self.events);
        *self.host.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(host);
        drop(closed);
        // The old folder took its log along.
        logs::keep_in(&self.data.join("logs"));
        tell(&self.events, everything_changed());
        let done = done?;
        serde_json::to_value(done)
            .map_err(|error| Problem::new(Code::Internal, format!("an odd answer: {error}")))
    }
}

/// Hands on what the host says, until it stops.
fn forward(host: &Host, to: &broadcast::Sender<Told>) {
    let own = |event| Told {
        organization: None,
        event,
    };
    hand_on(host, host.app.subscribe(), own, to);
    hand_on(host, host.app.hear_joined(), |told| told, to);
}

fn hand_on<T: Clone + Send + 'static>(
    host: &Host,
    mut from: broadcast::Receiver<T>,
    as_told: impl Fn(T) -> Told + Send + 'static,
    to: &broadcast::Sender<Told>,
) {
    let (to, stop) = (to.clone(), host.stopping());
    host.tracker().spawn_on(
        async move {
            loop {
                let event = tokio::select! {
                    () = stop.cancelled() => return,
                    event = from.recv() => event,
                };
                match event {
                    Ok(event) => tell(&to, as_told(event)),
                    Err(RecvError::Lagged(_)) => tell(&to, everything_changed()),
                    Err(RecvError::Closed) => return,
                }
            }
        },
        tauri::async_runtime::handle().inner(),
    );
}

/// Whoever shows anything reads it again, whichever organization it is of.
pub(super) fn everything_changed() -> Told {
    Told {
        organization: None,
        event: Event::Changed {
            tags: Tag::ALL.to_vec(),
        },
    }
}

/// Nobody listening is fine.
fn tell(events: &broadcast::Sender<Told>, told: Told) {
    let _ = events.send(told);
}

/// Adds what the desktop offers to what the core knows of itself.
pub(super) fn with_findings(mut diagnostics: Value, found: &BTreeMap<String, String>) -> Value {
    if let Some(facts) = diagnostics.get_mut("facts").and_then(Value::as_object_mut) {
        facts.extend(
            found
                .iter()
                .map(|(what, answer)| (what.clone(), answer.as_str().into())),
        );
    }
    diagnostics
}

#[async_trait]
impl Core for Owner {
    async fn mutate(&self, within: Within, call: Call) -> Result<Applied, Problem> {
        let host = self.host().await;
        host.app.mutate_within(within, call).await
    }

    async fn query(&self, within: Within, query: Query) -> Result<Value, Problem> {
        let asks_for_findings = matches!(query, Query::Diagnostics {});
        let host = self.host().await;
        let answer = host.app.query_within(within, query).await?;
        if !asks_for_findings {
            return Ok(answer);
        }
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(with_findings(answer, &found))
    }

    async fn act(
        &self,
        within: Within,
        id: String,
        act: Act,
        stop: CancellationToken,
    ) -> Result<Value, Problem> {
        if let Act::Restore { file } = act {
            return self.restore(id, &file, stop).await;
        }
        let host = self.host().await;
        host.app.act_within(within, id, act, stop).await
    }

    fn events(&self) -> broadcast::Receiver<Told> {
        self.events.subscribe()
    }

    async fn picture(&self, within: Within, hash: Hash) -> Option<Vec<u8>> {
        let core = self.host().await.app.within(within).ok()?;
        core.file(hash).await.ok()
    }

    fn settings(&self) -> Settings {
        self.now_open().app.settings()
    }

    fn now(&self) -> Instant {
        self.now_open().app.now()
    }

    fn woke(&self) {
        if let Some(engine) = self.now_open().app.engine() {
            engine.nudge();
        }
    }

    fn found(&self, what: &str, answer: String) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.insert(what.to_owned(), answer);
    }

    async fn stop(&self) {
        self.host().await.stop().await;
    }
}
