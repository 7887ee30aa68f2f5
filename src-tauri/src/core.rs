//! What the shell needs of the core: the three ways in, the events, and a clean end.

use async_trait::async_trait;
use domain::{Hash, Instant};
use protocol::event::Event;
use protocol::mutation::Applied;
use protocol::settings::Settings;
use protocol::views::Overview;
use protocol::{Act, Call, Problem, Query};
use serde_json::Value;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// The core behind the window.
#[async_trait]
pub(crate) trait Core: Send + Sync + 'static {
    /// Applies a change in one transaction.
    async fn mutate(&self, call: Call) -> Result<Applied, Problem>;

    /// Reads.
    async fn query(&self, query: Query) -> Result<Value, Problem>;

    /// Reaches outside; ends early with the code `cancelled` once `stop` is cancelled. How far it
    /// is, the event bus says under `id`.
    async fn act(&self, id: String, act: Act, stop: CancellationToken) -> Result<Value, Problem>;

    /// What happens from now on. Hints: one that lags is told so and reads again.
    fn events(&self) -> broadcast::Receiver<Event>;

    /// A picture of the library, by the hash of its bytes.
    async fn picture(&self, hash: Hash) -> Option<Vec<u8>>;

    /// The settings in force.
    fn settings(&self) -> Settings;

    /// The clock that the core goes by.
    fn now(&self) -> Instant;

    /// The computer was asleep: look at everything that is due.
    fn woke(&self);

    /// Tells the diagnostics what was found on this desktop.
    fn found(&self, what: &str, answer: String);

    /// Stops the background work within its deadline and lets the data folder go.
    async fn stop(&self);
}

/// The frame of the window, as tray and power need it.
pub(crate) async fn overview(core: &dyn Core) -> Result<Overview, Problem> {
    let value = core.query(Query::Overview {}).await?;
    serde_json::from_value(value).map_err(|error| {
        Problem::new(
            protocol::Code::Internal,
            format!("the overview cannot be read: {error}"),
        )
    })
}
