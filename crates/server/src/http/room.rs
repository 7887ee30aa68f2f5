//! Room for large bodies: only so many are read at a time, whoever sends them.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use protocol::{Code, Problem};
use tokio::sync::OwnedSemaphorePermit;

use super::problem::Refused;
use crate::Server;

/// How many: a body is in memory at least twice, as it came and as it was read.
pub const AT_ONCE: usize = 6;
/// How long one waits for a place.
const PATIENCE: Duration = Duration::from_secs(10);

/// A place. Taken before the body is read, after it is known who asks.
#[derive(Debug)]
pub struct Room {
    _place: OwnedSemaphorePermit,
}

impl FromRequestParts<Server> for Room {
    type Rejection = Refused;

    async fn from_request_parts(_: &mut Parts, server: &Server) -> Result<Self, Refused> {
        let busy = || Problem::new(Code::Busy, "The server is busy. Try again in a moment.");
        let place = tokio::time::timeout(PATIENCE, Arc::clone(server.room()).acquire_owned());
        match place.await {
            Ok(Ok(place)) => Ok(Self { _place: place }),
            _ => Err(Refused(busy())),
        }
    }
}
