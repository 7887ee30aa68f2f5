//! The server over HTTP, on both databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod agents;
mod borders;
mod desktop;
mod desktops;
mod document;
mod editions;
mod fleet;
mod joining;
mod keeping;
mod media;
mod presence;
mod privacy;
mod processes;
mod requests;
mod resources;
mod reviews;
mod signing_in;
mod sync;
mod watched;
mod world;
