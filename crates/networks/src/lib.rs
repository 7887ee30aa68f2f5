//! What social networks want, one folder each.
//!
//! Adding a network touches its folder, its rule pack (`limits.toml` in the folder) and one line
//! of [`registry`]. This crate knows `domain` and nothing of storage.

pub mod contract;
pub mod registry;
pub mod secret;
pub mod text;

pub use contract::{
    Account, AccountFacts, Adapter, Answer, AttemptKeys, CardState, Checked, ConnectInput,
    ConnectMethod, Connected, Descriptor, Features, Field, FieldKind, FindInput, Found,
    JournalInput, Lease, LiveLimit, MediaBytes, MediaMissing, Metric, Missing, NetworkError,
    Outcome, Picture, PrepareInput, Prepared, Presence, References, Remote, SubmitInput,
    ThreadContext, Unleased,
};
pub use registry::Registry;
pub use secret::{AccountSecret, Secret};
