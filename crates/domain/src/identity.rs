//! Accounts on networks.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which network: the name of the adapter, such as `site`, `bluesky`, `x`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "string")]
pub struct NetworkId(String);

impl NetworkId {
    /// Names a network.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self(id.to_owned())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for NetworkId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether an account can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum IdentityStatus {
    /// Works.
    Connected,
    /// The network wants a new sign-in; its deliveries are held until then.
    NeedsReconnect,
    /// A person disconnected it; its history stays.
    Disconnected,
}

/// Which machine publishes for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Executor {
    /// The runtime on this computer.
    Desktop,
    /// The organization server's workers.
    Server,
}
