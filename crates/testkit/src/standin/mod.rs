//! Networks of our own for tests: they keep state, honour what the real ones document, and
//! misbehave on request.
#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a stand-in that cannot go on has failed its test"
)]

pub mod gate;
pub mod mastodon;
pub mod models;
pub mod wire;
pub mod x;
