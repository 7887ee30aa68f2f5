//! The server over HTTP, on both databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod borders;
mod media;
mod processes;
mod requests;
mod signing_in;
mod sync;
mod world;
