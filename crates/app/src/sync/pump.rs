//! Keeps a mirror together with its server: one push or pull at a time, again when it failed, sooner
//! when somebody pokes.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::Instant;
use engine::Clock;
use protocol::sync::{Pull, Pulled, Push, Pushed};
use protocol::{Act, Code, Problem, Query, Tag};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use store::sync::outbox::State;
use tokio::sync::{Mutex, Notify, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::mirror::Mirror;
use crate::Error;
use crate::apply::Effects;

/// Why the server did not answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NoAnswer {
    /// It was not reached, or the answer was lost: nobody knows whether it took what was sent.
    #[error("the server was not reached ({0})")]
    Unreachable(String),
    /// It wants to be asked later.
    #[error("the server is busy")]
    Later(Option<Duration>),
    /// It will not talk to this person or this release: asking again does not help.
    #[error(transparent)]
    Refused(Problem),
}

fn read<T: DeserializeOwned>(answer: Value) -> Result<T, Problem> {
    serde_json::from_value(answer).map_err(|e| crate::error::internal(&e))
}

impl From<NoAnswer> for Problem {
    fn from(why: NoAnswer) -> Self {
        match why {
            NoAnswer::Refused(problem) => problem,
            NoAnswer::Later(_) => Self::new(Code::TooOften, "The server is busy. Wait a moment."),
            NoAnswer::Unreachable(why) => Self::new(
                Code::Unreachable,
                format!("The server was not reached ({why}). Check its address."),
            ),
        }
    }
}

/// A line to the server of an organization, as one member.
#[async_trait]
pub trait Uplink: Send + Sync {
    /// Sends what was done here.
    ///
    /// # Errors
    /// See [`NoAnswer`].
    async fn push(&self, push: Push) -> Result<Pushed, NoAnswer>;

    /// Asks for what changed.
    ///
    /// # Errors
    /// See [`NoAnswer`].
    async fn pull(&self, pull: Pull) -> Result<Pulled, NoAnswer>;

    /// Waits until the server says that something changed: a hint, it may be missed.
    ///
    /// # Errors
    /// When the server cannot be listened to now.
    async fn poked(&self) -> Result<(), NoAnswer>;

    /// Asks what only the server can answer, as its windows do.
    ///
    /// # Errors
    /// See [`NoAnswer`].
    async fn ask(&self, path: &str, body: &Value) -> Result<Value, NoAnswer> {
        let _ = body;
        Err(NoAnswer::Unreachable(format!("{path} is not asked here")))
    }

    /// The address of a page of the server.
    fn address(&self, page: &str) -> Option<String> {
        let _ = page;
        None
    }
}

/// How often it is tried.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Without a poke, so often.
    pub every: Duration,
    /// After a failure, first this long, then twice as long each time...
    pub first: Duration,
    /// ...up to this.
    pub most: Duration,
}

impl Default for Pace {
    /// Pokes carry what matters; the rest is for those that got lost.
    fn default() -> Self {
        Self {
            every: Duration::from_secs(60),
            first: Duration::from_secs(1),
            most: Duration::from_secs(300),
        }
    }
}

impl Pace {
    /// Longer after each failure, and not in step with the other desktops.
    pub(super) fn after(&self, failures: u32) -> Duration {
        let doubled = self
            .first
            .saturating_mul(1 << failures.saturating_sub(1).min(16));
        let pause = doubled.min(self.most);
        let share = u32::from(uuid::Uuid::new_v4().as_bytes()[0]);
        pause / 2 + pause / 2 * share / 255
    }
}

/// Where a mirror stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was ever pulled.
    New,
    /// It shows the server's state of this time.
    Synced {
        /// When a pull last came to the end.
        at: Instant,
    },
    /// It talks with the server; so much waits to be sent.
    Syncing {
        /// Items.
        waiting: usize,
    },
    /// It reads everything from the beginning; so much has come.
    Reading {
        /// Things: posts, versions, people, and all else.
        things: usize,
    },
    /// The server is not reached; so much waits to be sent.
    Offline {
        /// Items.
        waiting: usize,
    },
    /// A person must look: the server will not talk, or rejected something.
    NeedsAttention {
        /// How many items were rejected.
        rejected: usize,
        /// Why the server will not talk.
        problem: Option<Problem>,
    },
}

/// Hears what is to be told after a pull.
pub type Told = Arc<dyn Fn(Effects) + Send + Sync>;

/// Keeps a mirror together with its server.
pub struct Pump {
    mirror: Mirror,
    line: Arc<dyn Uplink>,
    clock: Arc<dyn Clock>,
    pace: Pace,
    told: Told,
    standing: watch::Sender<Standing>,
    changed: Notify,
    turn: Mutex<()>,
}

impl std::fmt::Debug for Pump {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pump")
            .field("organization", &self.mirror.organization())
            .field("standing", &*self.standing.borrow())
            .finish_non_exhaustive()
    }
}

/// A round that did not come to its end.
enum Stopped {
    NoAnswer(NoAnswer),
    Here(Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Here(error)
    }
}

impl From<NoAnswer> for Stopped {
    fn from(why: NoAnswer) -> Self {
        Self::NoAnswer(why)
    }
}

/// How often a round begins anew as another client, or from the beginning: more is no accident.
const ANEW: u32 = 3;

/// A server that asks for a longer pause gets this one.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

impl Pump {
    /// Has the server carry out what only it can.
    pub(crate) async fn act<T: DeserializeOwned>(&self, act: &Act) -> Result<T, Problem> {
        let body = json!({"id": Uuid::new_v4(), "act": act});
        read(self.line.ask("rpc/act", &body).await?)
    }

    /// Has the server answer what only it can.
    pub(crate) async fn query<T: DeserializeOwned>(&self, query: &Query) -> Result<T, Problem> {
        let body = serde_json::to_value(query).map_err(|e| crate::error::internal(&e))?;
        read(self.line.ask("rpc/query", &body).await?)
    }

    /// The address of a page of the server.
    pub(crate) fn address(&self, page: &str) -> Option<String> {
        self.line.address(page)
    }

    /// A pump that does not run yet.
    #[must_use]
    pub fn new(
        mirror: Mirror,
        line: Arc<dyn Uplink>,
        clock: Arc<dyn Clock>,
        pace: Pace,
        told: Told,
    ) -> Self {
        Self {
            mirror,
            line,
            clock,
            pace,
            told,
            standing: watch::Sender::new(Standing::New),
            changed: Notify::new(),
            turn: Mutex::default(),
        }
    }

    /// What it keeps together with its server.
    #[must_use]
    pub const fn mirror(&self) -> &Mirror {
        &self.mirror
    }

    /// Where it stands; the window watches.
    #[must_use]
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// Says that something was done here.
    pub fn nudge(&self) {
        self.changed.notify_one();
    }

    /// Runs until it is cancelled. What was on its way then is asked for again at the next start.
    pub async fn run(&self, cancel: CancellationToken) {
        let mut failures = 0_u32;
        while !cancel.is_cancelled() {
            let done = tokio::select! {
                biased;
                () = cancel.cancelled() => return,
                done = self.round() => done,
            };
            failures = match &done {
                Ok(()) => 0,
                Err(_) => failures.saturating_add(1),
            };
            let pause = match &done {
                Ok(()) => self.pace.every,
                // As long as it asks, whatever happens here meanwhile.
                Err(NoAnswer::Later(Some(pause))) => (*pause).min(LONGEST_PAUSE),
                Err(_) => self.pace.after(failures),
            };
            tokio::select! {
                () = cancel.cancelled() => return,
                () = self.something_happens(done.is_ok()) => {}
                () = self.clock.sleep(pause) => {}
            }
        }
    }

    /// While the server is not reached only time helps: what is done here waits in the outbox.
    async fn something_happens(&self, reached: bool) {
        if !reached {
            // Or somebody asks for a round, and it goes through.
            let mut standing = self.standing.subscribe();
            let through = |now: &Standing| {
                use Standing as S;
                matches!(
                    now,
                    S::Synced { .. } | S::NeedsAttention { problem: None, .. }
                )
            };
            // The sender is this pump's own.
            drop(standing.wait_for(through).await);
            return;
        }
        tokio::select! {
            () = self.changed.notified() => {}
            poked = self.line.poked() => if poked.is_err() {
                self.changed.notified().await;
            },
        }
    }

    /// Pushes what waits, and pulls to the end. One at a time.
    ///
    /// # Errors
    /// When the server did not answer. What failed on this computer is logged, and shown as not
    /// reached: the next round tries again.
    pub async fn round(&self) -> Result<(), NoAnswer> {
        let _turn = self.turn.lock().await;
        match self.both_ways().await {
            Ok(()) => {
                self.stand(None).await;
                Ok(())
            }
            Err(Stopped::NoAnswer(why)) => {
                self.stand(Some(&why)).await;
                Err(why)
            }
            Err(Stopped::Here(error)) => {
                tracing::error!(%error, "sync");
                let why = NoAnswer::Unreachable(error.to_string());
                self.stand(Some(&why)).await;
                Err(why)
            }
        }
    }

    async fn both_ways(&self) -> Result<(), Stopped> {
        let waiting = self.waiting().await?.0;
        self.standing.send_replace(Standing::Syncing { waiting });
        self.push().await?;
        self.pull().await?;
        Ok(())
    }

    async fn push(&self) -> Result<(), Stopped> {
        let (mut forks, mut most) = (0, usize::MAX);
        while let Some(push) = self.mirror.to_push_within(most).await? {
            let pushed = match self.line.push(push.clone()).await {
                // Something on the way takes less: fewer at a time, and one alone not at all.
                Err(NoAnswer::Refused(problem)) if problem.code == Code::TooLarge => {
                    most = push.items.len() / 2;
                    if let ([only], 0) = (&push.items[..], most) {
                        self.mirror.too_large(only.clone(), problem).await?;
                        most = 1;
                    }
                    continue;
                }
                answer => answer?,
            };
            let forked = pushed == Pushed::ClientForked;
            forks += u32::from(forked);
            let answered = matches!(&pushed, Pushed::Taken { outcomes } if !outcomes.is_empty());
            self.mirror.answered(push, pushed).await?;
            if forks > ANEW {
                return Err(NoAnswer::Later(None).into());
            }
            if !answered && !forked {
                break;
            }
        }
        Ok(())
    }

    async fn pull(&self) -> Result<(), Stopped> {
        let (mut anew, mut things) = (0, 0);
        loop {
            let pulled = self.line.pull(self.mirror.to_pull().await?).await?;
            match &pulled {
                Pulled::Reset => {
                    anew += 1;
                    if anew > ANEW {
                        return Err(NoAnswer::Later(None).into());
                    }
                }
                Pulled::Page(page) if page.cursor.at.is_some() => {
                    things += page.changes.len();
                    self.standing.send_replace(Standing::Reading { things });
                }
                Pulled::Page(_) => {}
            }
            let now = Instant(self.clock.wall());
            match self.mirror.pulled(pulled, now).await {
                Ok((more, effects)) => {
                    (self.told)(effects);
                    if !more {
                        return Ok(());
                    }
                }
                Err(error) if super::push::passes(&error) => return Err(error.into()),
                // What came does not fit what is here: the whole does.
                Err(error) if anew == 0 => {
                    tracing::error!(%error, "a pull does not fit; beginning afresh");
                    anew += 1;
                    self.mirror.begin_afresh().await?;
                }
                // What is shown stays as it was.
                Err(error) => {
                    tracing::error!(%error, "what the server sends does not fit");
                    let words = "What the server sends makes no sense. Ask who keeps it.";
                    let problem = Problem::new(Code::BadServer, words);
                    return Err(NoAnswer::Refused(problem).into());
                }
            }
        }
    }

    /// How much waits to be sent, and how much was rejected.
    async fn waiting(&self) -> Result<(usize, usize), Error> {
        let all = self.mirror.outbox().await?;
        let rejected = all.iter().filter(|w| w.state == State::Rejected).count();
        let waiting = all
            .iter()
            .filter(|w| matches!(w.state, State::Waiting | State::Sent));
        Ok((waiting.count(), rejected))
    }

    async fn stand(&self, why: Option<&NoAnswer>) {
        let read = async {
            let (waiting, rejected) = self.waiting().await?;
            let at = self.mirror.synced_at().await?;
            Ok::<_, Error>((waiting, rejected, at))
        };
        let mut told = Effects::default();
        told.tags.insert(Tag::Runtime);
        let standing = match (read.await, why) {
            (_, Some(NoAnswer::Refused(problem))) => Standing::NeedsAttention {
                rejected: 0,
                problem: Some(problem.clone()),
            },
            (Ok((_, rejected, _)), None) if rejected > 0 => Standing::NeedsAttention {
                rejected,
                problem: None,
            },
            (Ok((_, _, Some(at))), None) => Standing::Synced { at },
            (Ok((waiting, _, _)), _) => Standing::Offline { waiting },
            (Err(error), _) => {
                tracing::error!(%error, "the outbox cannot be read");
                return;
            }
        };
        self.standing.send_replace(standing);
        (self.told)(told);
    }
}
