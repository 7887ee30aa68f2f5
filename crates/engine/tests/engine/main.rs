//! The engine on both databases: one suite, run unchanged on each.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod cancelling;
mod crashing;
mod events;
mod failing;
mod fleet;
mod flow;
mod history;
mod interleaving;
mod limits;
#[cfg(target_os = "linux")]
mod power;
mod scheduling;
mod statements;
mod stepping;
mod support;
mod waiting;
