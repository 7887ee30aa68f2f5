//! This process owns the data folder.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use app::act::Way;
use app::host::Host;
use async_trait::async_trait;
use domain::{Hash, Instant};
use protocol::event::Event;
use protocol::mutation::Applied;
use protocol::settings::Settings;
use protocol::{Act, Call, Problem, Query};
use serde_json::Value;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::core::Core;

pub(super) struct Owner {
    host: Host,
    found: Mutex<BTreeMap<String, String>>,
}

impl Owner {
    pub(super) fn new(host: Host) -> Self {
        Self {
            host,
            found: Mutex::default(),
        }
    }
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
    async fn mutate(&self, call: Call) -> Result<Applied, Problem> {
        self.host.app.mutate(call).await
    }

    async fn query(&self, query: Query) -> Result<Value, Problem> {
        let asks_for_findings = matches!(query, Query::Diagnostics {});
        let answer = self.host.app.query(query, None).await?;
        if !asks_for_findings {
            return Ok(answer);
        }
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(with_findings(answer, &found))
    }

    async fn act(&self, id: String, act: Act, stop: CancellationToken) -> Result<Value, Problem> {
        let way = Way::told(&self.host.app, id, None, stop);
        self.host.app.act(act, &way).await
    }

    fn events(&self) -> broadcast::Receiver<Event> {
        self.host.app.subscribe()
    }

    async fn picture(&self, hash: Hash) -> Option<Vec<u8>> {
        self.host.app.library().read(hash).await.ok()
    }

    fn settings(&self) -> Settings {
        self.host.app.settings()
    }

    fn now(&self) -> Instant {
        self.host.app.now()
    }

    fn woke(&self) {
        if let Some(engine) = self.host.app.engine() {
            engine.nudge();
        }
    }

    fn found(&self, what: &str, answer: String) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.insert(what.to_owned(), answer);
    }

    async fn stop(&self) {
        self.host.stop().await;
    }
}
