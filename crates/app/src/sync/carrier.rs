//! Files between a mirror and its server, by their hashes: what was added here goes there beside the
//! outbox, and what others added comes when somebody looks at it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use domain::Hash;
use engine::Clock;
use media::Library;
use protocol::sync::{Have, Held, Received};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::pump::{NoAnswer, Pace, Pump, Standing};
use crate::Error;
use crate::act::media_problem;

/// How many bytes a part has: what is lost when a line breaks off.
const PART: u64 = 1 << 20;
/// How often one file is begun anew that comes damaged, or whose parts do not meet.
const ANEW: u32 = 3;

/// A part of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it begins.
    pub from: u64,
    /// How many bytes the whole file has.
    pub total: u64,
    /// Its bytes.
    pub bytes: Bytes,
}

/// A line that carries files.
#[async_trait]
pub trait Carrying: Send + Sync {
    /// Asks which files are at the server.
    ///
    /// # Errors
    /// See [`NoAnswer`].
    async fn have(&self, have: Have) -> Result<Held, NoAnswer>;

    /// Sends a part of a file.
    ///
    /// # Errors
    /// See [`NoAnswer`].
    async fn put(&self, hash: Hash, part: Part) -> Result<Received, NoAnswer>;

    /// Asks for a part of a file.
    ///
    /// # Errors
    /// See [`NoAnswer`].
    async fn get(&self, hash: Hash, range: Range<u64>) -> Result<Part, NoAnswer>;
}

/// Carries the files of a mirror.
pub struct Carrier {
    pump: Arc<Pump>,
    line: Arc<dyn Carrying>,
    library: Library,
    clock: Arc<dyn Clock>,
    pace: Pace,
    turn: Mutex<()>,
}

impl std::fmt::Debug for Carrier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Carrier")
            .field("organization", &self.pump.mirror().organization())
            .finish_non_exhaustive()
    }
}

impl Carrier {
    /// One that does not run yet. `library` holds the files of this mirror.
    #[must_use]
    pub fn new(
        pump: Arc<Pump>,
        line: Arc<dyn Carrying>,
        library: Library,
        clock: Arc<dyn Clock>,
        pace: Pace,
    ) -> Self {
        Self {
            pump,
            line,
            library,
            clock,
            pace,
            turn: Mutex::default(),
        }
    }

    /// Sends what the server lacks each time that the pump has come to its end, until it is
    /// cancelled. What was on its way then goes on from where it came to.
    pub async fn run(&self, cancel: CancellationToken) {
        let mut standing = self.pump.standing();
        let mut failures = 0_u32;
        while !cancel.is_cancelled() {
            // The outbox goes first: a file is welcome once its name is known.
            let synced = matches!(
                *standing.borrow_and_update(),
                Standing::Synced { .. } | Standing::NeedsAttention { problem: None, .. }
            );
            let done = if synced {
                tokio::select! {
                    biased;
                    () = cancel.cancelled() => return,
                    done = self.send() => done,
                }
            } else {
                Ok(0)
            };
            let pause = match done {
                Ok(_) => {
                    failures = 0;
                    None
                }
                Err(why) => {
                    tracing::info!(%why, "files wait");
                    failures = failures.saturating_add(1);
                    Some(self.pace.after(failures))
                }
            };
            tokio::select! {
                () = cancel.cancelled() => return,
                changed = standing.changed() => if changed.is_err() {
                    return;
                },
                () = self.pause(pause) => {}
            }
        }
    }

    async fn pause(&self, pause: Option<Duration>) {
        match pause {
            Some(pause) => self.clock.sleep(pause).await,
            None => std::future::pending().await,
        }
    }

    /// Sends every file that is here and not at the server. Answers how many. One that is damaged,
    /// or that the server does not take, keeps none of the others.
    ///
    /// # Errors
    /// When the server does not answer, or takes one not.
    pub async fn send(&self) -> Result<usize, NoAnswer> {
        let _turn = self.turn.lock().await;
        let mirror = self.pump.mirror();
        let wanted = mirror.files_to_send().await.map_err(here)?;
        let mine: Vec<Hash> = wanted
            .into_iter()
            .filter(|hash| self.library.contains(hash))
            .collect();
        let (mut sent, mut kept) = (0, None);
        for some in mine.chunks(Have::MOST) {
            let have = Have {
                files: some.to_vec(),
            };
            let held = self.line.have(have).await?;
            // In the order of asking: what is made of a picture before the picture.
            for hash in some {
                if let Some(received) = held.missing.get(hash) {
                    match self.put(*hash, *received).await {
                        Ok(()) => sent += 1,
                        Err(why @ NoAnswer::Refused(_)) => kept = kept.or(Some(why)),
                        Err(why) => return Err(why),
                    }
                }
            }
        }
        // The server may have opened what waited for them.
        if sent > 0 {
            self.pump.nudge();
        }
        kept.map_or(Ok(sent), Err)
    }

    async fn put(&self, hash: Hash, received: u64) -> Result<(), NoAnswer> {
        let bytes = self.library.read(hash).await.map_err(of_library)?;
        let (bytes, mut anew) = (Bytes::from(bytes), 0);
        let total = bytes.len() as u64;
        // All of it and still missed: from the first byte on.
        let mut from = if received < total { received } else { 0 };
        loop {
            let to = (from + PART).min(total);
            let range = usize::try_from(from).unwrap_or(0)..usize::try_from(to).unwrap_or(0);
            let part = Part {
                from,
                total,
                bytes: bytes.slice(range),
            };
            let now = self.line.put(hash, part).await?;
            if now.whole {
                return Ok(());
            }
            // Another desktop may send the same file: the next part is the one that is asked for.
            if now.bytes <= from {
                anew += 1;
            }
            if anew > ANEW || now.bytes > total {
                return Err(NoAnswer::Later(None));
            }
            from = now.bytes;
        }
    }

    /// Brings a file here, unless it is. What has come of it before is not asked for again.
    ///
    /// # Errors
    /// When the server does not answer or has no such file, or it cannot be kept.
    pub async fn fetch(&self, hash: Hash) -> Result<(), NoAnswer> {
        let _turn = self.turn.lock().await;
        let (owner, mut anew) = (self.pump.mirror().organization().to_string(), 0);
        while !self.library.contains(&hash) {
            let from = self.library.received(&owner, hash).await;
            let from = from.map_err(of_library)?;
            let part = self.line.get(hash, from..from + PART).await?;
            let taken = self
                .library
                .append(&owner, hash, (from, part.total), part.bytes)
                .await;
            match taken {
                Ok(now) if now.whole || now.bytes > from => {}
                // A part that brings nothing is not asked for without end.
                Ok(_) if anew < ANEW => anew += 1,
                Ok(_) => return Err(NoAnswer::Later(None)),
                Err(media::Error::Damaged(_)) if anew < ANEW => anew += 1,
                Err(error) => return Err(of_library(error)),
            }
        }
        Ok(())
    }
}

fn here(error: Error) -> NoAnswer {
    NoAnswer::Unreachable(error.to_string())
}

fn of_library(error: media::Error) -> NoAnswer {
    NoAnswer::Refused(media_problem(&error))
}

impl super::Mirror {
    /// The files that the server lacks as far as is known here: what a version that waits for them
    /// goes out with, and what was added; those that a picture was made into before the picture.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn files_to_send(&self) -> Result<Vec<Hash>, Error> {
        let org = self.organization();
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let mut files = Vec::new();
                    for request in store::request::awaiting(tx, org).await? {
                        let version =
                            store::version::get(tx, org, request.content, request.n).await?;
                        if let Some(version) = version {
                            files.extend(version.doc()?.files());
                        }
                    }
                    let mut originals = Vec::new();
                    for asset in store::asset::absent(tx, org).await? {
                        files.push(asset.thumbnail);
                        originals.push(asset.facts.hash);
                    }
                    files.extend(originals);
                    let mut seen = BTreeSet::new();
                    files.retain(|hash| seen.insert(*hash));
                    Ok(files)
                })
            })
            .await
    }

    /// How many pictures are not at the server.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn pictures_to_send(&self) -> Result<usize, Error> {
        let org = self.organization();
        self.db()
            .read(move |tx| Box::pin(async move { Ok(store::asset::absent(tx, org).await?.len()) }))
            .await
    }
}
