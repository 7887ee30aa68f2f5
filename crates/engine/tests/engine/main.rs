//! The engine on both databases: one suite, run unchanged on each.

mod cancelling;
mod crashing;
mod events;
mod failing;
mod history;
mod interleaving;
mod limits;
mod scheduling;
mod statements;
mod stepping;
mod support;
mod waiting;
