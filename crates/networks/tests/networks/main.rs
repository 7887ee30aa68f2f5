//! The adapters from outside: against real servers, against servers that misbehave, and their
//! counts against programs that are not ours.

mod bluesky_peer;
mod cards;
mod common;
mod conformance;
mod counts;
mod properties;
mod scripted;
mod site;
