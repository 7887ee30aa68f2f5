//! Publishing: never twice, never lost, and what was approved is what goes out.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod answers;
mod automation;
#[cfg(test)]
#[path = "../../../networks/tests/networks/bluesky_server.rs"]
#[expect(dead_code, reason = "the adapter's own tests use more of it")]
mod bluesky_server;
mod crash;
mod drive;
mod edits;
mod fits;
mod followed;
#[path = "../sync/follower.rs"]
mod follower;
mod hand_off;
mod mastodon;
mod network;
mod people;
mod races;
mod reads;
mod renewals;
mod retained;
mod runs;
mod storm;
mod sweep;
mod threads;
mod time;
mod tokens;
mod transactions;
mod unconfirmed;
mod world;
mod x;
