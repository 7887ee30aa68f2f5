//! The adapters from outside: against real servers, against servers that misbehave, and their
//! counts against programs that are not ours.

#[cfg(test)]
mod bluesky_oauth;
#[cfg(test)]
mod bluesky_peer;
#[cfg(test)]
mod bluesky_server;
#[cfg(test)]
mod cards;
#[cfg(test)]
mod common;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod counts;
#[cfg(test)]
mod edits;
#[cfg(test)]
mod mastodon;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod scripted;
#[cfg(test)]
mod site;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod x;
