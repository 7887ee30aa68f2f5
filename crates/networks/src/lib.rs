//! What social networks want, one folder each.
//!
//! Adding a network touches its folder, its rule pack (`limits.toml` in the folder) and one line
//! of [`registry`]. This crate knows `domain` and nothing of storage.

pub mod bluesky;
pub mod cards;
pub mod contract;
pub mod http;
pub mod links;
pub mod mastodon;
mod oauth;
mod prepare;
pub mod registry;
pub mod rulepack;
mod rules;
pub mod secret;
pub mod site;
pub mod sources;
pub mod text;
pub mod x;

pub use contract::{
    Account, AccountFacts, Adapter, Answer, AttemptKeys, Authorization, AuthorizeInput,
    CALLBACK_PATH, CardState, Checked, Choices, ConnectInput, ConnectKind, ConnectMethod,
    Connected, Descriptor, EditInput, Features, Field, FieldKind, FindInput, Found, Grant,
    JournalInput, KEEPS_TIME, Lease, LiveLimit, METRICS, MediaBytes, MediaMissing, Metric, Missing,
    NetworkError, Outcome, Picture, PrepareInput, Prepared, Presence, Recalled, References, Remote,
    SIGN_IN_OVER, Said, SignInTrouble, SubmitInput, ThreadContext, Unleased,
};
pub use http::{
    Asking, Events, Exchanged, Fetched, Http, HttpError, HttpOptions, OwnRoots, OwnWayError,
    PageError, ProxyAddress, Unheard,
};
pub use registry::{Registry, SetupError};
pub use rules::{CountError, count};
pub use secret::{AccountSecret, Secret};
