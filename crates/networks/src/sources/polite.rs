//! Politeness: one request at a time from a server, with a pause in between, and none that its
//! robots.txt asks not to make.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::Url;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use super::robots::{self, Robots};
use crate::http::Http;

/// The least time between two requests to a server.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a robots.txt is believed (RFC 9309, 2.4: at most a day).
const BELIEVED: Duration = Duration::from_secs(24 * 3_600);
/// How long it is believed that a server cannot say what it wants.
const DOUBTED: Duration = Duration::from_secs(15 * 60);
/// How long a robots.txt may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// So many servers are remembered.
const MOST: usize = 5_000;

/// When the last request to a server ended.
type Last = Option<Instant>;

#[derive(Clone, Default)]
pub(super) struct Politeness {
    turns: Arc<Mutex<HashMap<String, Arc<tokio::sync::Mutex<Last>>>>>,
    robots: Arc<Mutex<HashMap<String, (Instant, Robots)>>>,
}

/// A server is ours to ask until this is gone.
pub(super) struct Turn(OwnedMutexGuard<Last>);

impl Turn {
    /// The request has ended: the pause begins.
    pub(super) fn done(mut self) {
        *self.0 = Some(Instant::now());
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

impl Politeness {
    /// Waits until nobody asks the server, and it has had its pause.
    pub(super) async fn turn(&self, url: &Url) -> Turn {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            if turns.len() >= MOST {
                turns.retain(|_, turn| Arc::strong_count(turn) > 1);
            }
            Arc::clone(turns.entry(origin(url)).or_default())
        };
        let held = turn.lock_owned().await;
        if let Some(last) = *held {
            tokio::time::sleep_until(last + PAUSE).await;
        }
        Turn(held)
    }

    /// Whether the server lets programs read this. Who asks has the server's turn.
    pub(super) async fn may_read(&self, http: &Http, url: &Url) -> bool {
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let key = origin(url);
        {
            let robots = self.robots.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((until, robots)) = robots.get(&key)
                && *until > Instant::now()
            {
                return robots.allows(&path);
            }
        }
        let (found, believed) = ask(http, url).await;
        let allows = found.allows(&path);
        let mut robots = self.robots.lock().unwrap_or_else(PoisonError::into_inner);
        if robots.len() >= MOST {
            robots.clear();
        }
        robots.insert(key, (Instant::now() + believed, found));
        allows
    }
}

/// A server without a robots.txt has no wishes; one that fails cannot say which it has; of one that
/// does not answer at all, the request itself will tell.
async fn ask(http: &Http, url: &Url) -> (Robots, Duration) {
    let Ok(address) = url.join("/robots.txt") else {
        return (Robots::default(), DOUBTED);
    };
    match http.look(address, &[], robots::MAX_BYTES, TIMEOUT).await {
        Ok(answer) if (200..300).contains(&answer.status) => {
            let text = String::from_utf8_lossy(&answer.page.bytes);
            (Robots::read(&text), BELIEVED)
        }
        Ok(answer) if answer.status >= 500 => (Robots::nothing(), DOUBTED),
        Ok(_) => (Robots::default(), BELIEVED),
        Err(_) => (Robots::default(), DOUBTED),
    }
}
