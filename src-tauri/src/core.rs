//! What the shell needs of the core: the three ways in, the events, and a clean end.

use async_trait::async_trait;
use domain::ids::OrganizationId;
use domain::{Hash, Instant};
use protocol::event::Told;
use protocol::mutation::Applied;
use protocol::settings::Settings;
use protocol::views::{Organizations, Overview};
use protocol::{Act, Call, Problem, Query};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// An organization of a server that was joined; the computer's own where none is named.
pub(crate) type Within = Option<OrganizationId>;

/// The core behind the window.
#[async_trait]
pub(crate) trait Core: Send + Sync + 'static {
    /// Applies a change in one transaction.
    async fn mutate(&self, within: Within, call: Call) -> Result<Applied, Problem>;

    /// Reads.
    async fn query(&self, within: Within, query: Query) -> Result<Value, Problem>;

    /// Reaches outside; ends early with the code `cancelled` once `stop` is cancelled. How far it
    /// is, the event bus says under `id`.
    async fn act(
        &self,
        within: Within,
        id: String,
        act: Act,
        stop: CancellationToken,
    ) -> Result<Value, Problem>;

    /// What happens from now on, in all organizations. Hints: one that lags is told so and reads
    /// again.
    fn events(&self) -> broadcast::Receiver<Told>;

    /// A picture of the library, by the hash of its bytes.
    async fn picture(&self, within: Within, hash: Hash) -> Option<Vec<u8>>;

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

/// The frame of the window over the computer's own organization, as tray and power need it.
pub(crate) async fn overview(core: &dyn Core) -> Result<Overview, Problem> {
    ask(core, None, Query::Overview {}).await
}

/// The organizations on this computer.
pub(crate) async fn organizations(core: &dyn Core) -> Result<Organizations, Problem> {
    ask(core, None, Query::Organizations {}).await
}

/// Reads something of a known shape.
pub(crate) async fn ask<T: DeserializeOwned>(
    core: &dyn Core,
    within: Within,
    query: Query,
) -> Result<T, Problem> {
    let value = core.query(within, query).await?;
    serde_json::from_value(value).map_err(|error| {
        Problem::new(
            protocol::Code::Internal,
            format!("an answer cannot be read: {error}"),
        )
    })
}
