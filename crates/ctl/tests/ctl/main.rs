//! `rostrumctl` as scripts use it: the built program on a data folder of its own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod afterwards;
mod assist;
mod disks;
mod forms;
mod home;
mod input;
mod mastodon;
mod mcp;
mod owners;
mod restores;
mod secrets;
mod terminal;
