//! The one writer of a SQLite file: takes what is queued, runs each job in a savepoint of one
//! transaction, commits once, and only then answers.
//!
//! The trap (rules of SQLite, tried): some errors, a full disk above all, roll the *whole*
//! transaction back. A later SAVEPOINT then opens a new transaction and its RELEASE commits work
//! that would be reported as failed. So a rollback hook tells when that happened, a commit hook
//! refuses every commit that this file did not ask for, and after such an error the connection
//! is thrown away and the other jobs run again, each alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqlitePool};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Durability, connect};
use crate::job::{Ran, Runs, attempt};
use crate::{Error, Tx, merge};

/// Most callers answered by one commit.
const BATCH: usize = 1024;
/// How often BEGIN is tried while another process writes; each waits for the busy timeout.
const BEGINS: u32 = 3;

pub(super) struct Writer {
    options: SqliteConnectOptions,
    durability: Durability,
    conn: Option<Guarded>,
    queue: mpsc::Receiver<Box<dyn Runs>>,
    readers: SqlitePool,
    stop: CancellationToken,
}

/// A connection whose commits and rollbacks are watched.
struct Guarded {
    conn: SqliteConnection,
    may_commit: Arc<AtomicBool>,
    rolled_back: Arc<AtomicBool>,
}

/// How a batch ended.
enum Ended {
    Committed,
    /// Nothing was kept; this job is to blame.
    Spoiled(usize, Error),
    /// Nothing was kept; nobody in particular is to blame.
    Failed(Error),
    /// The commit failed in a way that leaves open whether it is on the disk.
    Unknown(Error),
}

impl Writer {
    pub(super) fn new(
        options: SqliteConnectOptions,
        durability: Durability,
        first: SqliteConnection,
        queue: mpsc::Receiver<Box<dyn Runs>>,
        readers: SqlitePool,
        stop: CancellationToken,
    ) -> Self {
        let conn = Some(Guarded {
            conn: first,
            may_commit: Arc::default(),
            rolled_back: Arc::default(),
        });
        Writer {
            options,
            durability,
            conn,
            queue,
            readers,
            stop,
        }
    }

    pub(super) async fn run(mut self) {
        if let Some(conn) = &mut self.conn
            && conn.watch().await.is_err()
        {
            self.conn = None;
        }
        loop {
            let first = tokio::select! {
                biased;
                job = self.queue.recv() => job,
                () = self.stop.cancelled() => {
                    // What was accepted is written; nothing new is.
                    self.queue.close();
                    self.queue.recv().await
                }
            };
            let Some(first) = first else { break };
            // Those whom the last commit answered are about to ask again: let them in.
            tokio::task::yield_now().await;
            let mut jobs = vec![first];
            while jobs.len() < BATCH
                && let Ok(job) = self.queue.try_recv()
            {
                jobs.push(job);
            }
            jobs.retain(|j| !j.abandoned());
            self.store(merge::joined(jobs)).await;
        }
        // The last connection to close brings the log into the file. Of two that close at once
        // each sees the other, and neither does.
        self.readers.close().await;
        if let Some(conn) = self.conn.take() {
            let _ = sqlx::Connection::close(conn.conn).await;
        }
    }

    /// Runs jobs together; when that goes wrong, each of the blameless alone.
    async fn store(&mut self, mut jobs: Vec<Box<dyn Runs>>) {
        if jobs.is_empty() {
            return;
        }
        let alone = jobs.len() == 1 && jobs[0].callers() == 1;
        match self.batch(&mut jobs).await {
            Ended::Committed => jobs.into_iter().for_each(Runs::settle),
            Ended::Unknown(e) => jobs
                .into_iter()
                .for_each(|j| j.fail(Error::OutcomeUnknown(e.to_string()))),
            Ended::Failed(e) | Ended::Spoiled(_, e) if alone => {
                jobs.into_iter().for_each(|j| j.fail(e.clone()));
            }
            Ended::Failed(_) => self.singly(jobs).await,
            Ended::Spoiled(culprit, e) => {
                let blamed = jobs.remove(culprit);
                if blamed.callers() == 1 {
                    blamed.fail(e);
                } else {
                    jobs.insert(culprit, blamed);
                }
                self.singly(jobs).await;
            }
        }
    }

    async fn singly(&mut self, jobs: Vec<Box<dyn Runs>>) {
        for job in jobs.into_iter().flat_map(Runs::split) {
            let mut one = vec![job];
            let ended = self.batch(&mut one).await;
            for job in one {
                match &ended {
                    Ended::Committed => job.settle(),
                    Ended::Spoiled(_, e) | Ended::Failed(e) => job.fail(e.clone()),
                    Ended::Unknown(e) => job.fail(Error::OutcomeUnknown(e.to_string())),
                }
            }
        }
    }

    /// One transaction. Any end but `Committed` and plain refusals throws the connection away.
    async fn batch(&mut self, jobs: &mut [Box<dyn Runs>]) -> Ended {
        let mut conn = match self.taken().await {
            Ok(conn) => conn,
            Err(e) => return Ended::Failed(e),
        };
        let ended = conn.batch(jobs).await;
        match &ended {
            Ended::Committed => self.conn = Some(conn),
            Ended::Spoiled(..) | Ended::Failed(_) | Ended::Unknown(_) => {
                let _ = tokio::time::timeout(Duration::from_secs(5), conn.plain("ROLLBACK")).await;
                drop(conn);
            }
        }
        ended
    }

    async fn taken(&mut self) -> Result<Guarded, Error> {
        if let Some(conn) = self.conn.take() {
            return Ok(conn);
        }
        let mut conn = Guarded {
            conn: connect(&self.options, self.durability).await?,
            may_commit: Arc::default(),
            rolled_back: Arc::default(),
        };
        conn.watch().await?;
        Ok(conn)
    }
}

impl Guarded {
    async fn watch(&mut self) -> Result<(), Error> {
        let may_commit = self.may_commit.clone();
        let rolled_back = self.rolled_back.clone();
        let mut handle = self.conn.lock_handle().await?;
        handle.set_commit_hook(move || may_commit.load(Ordering::SeqCst));
        handle.set_rollback_hook(move || rolled_back.store(true, Ordering::SeqCst));
        Ok(())
    }

    async fn plain(&mut self, sql: &'static str) -> Result<(), Error> {
        sqlx::query(sql).execute(&mut self.conn).await?;
        Ok(())
    }

    async fn begin(&mut self) -> Result<(), Error> {
        let mut tries = 0;
        loop {
            match self.plain("BEGIN IMMEDIATE").await {
                Err(Error::Busy(_)) if tries < BEGINS => tries += 1,
                other => return other,
            }
        }
    }

    async fn batch(&mut self, jobs: &mut [Box<dyn Runs>]) -> Ended {
        self.rolled_back.store(false, Ordering::SeqCst);
        self.may_commit.store(false, Ordering::SeqCst);
        if let [only] = jobs
            && only.is_one_statement()
        {
            return self.one_statement(&mut **only).await;
        }
        if let Err(e) = self.begin().await {
            return Ended::Failed(e);
        }
        let several = jobs.len() > 1;
        let mut kept = false;
        for (place, job) in jobs.iter_mut().enumerate() {
            if several && let Err(e) = self.plain("SAVEPOINT job").await {
                return Ended::Failed(e);
            }
            let ran = attempt(&mut **job, &mut Tx::sqlite(&mut self.conn)).await;
            if self.rolled_back.load(Ordering::SeqCst) {
                let error = match ran {
                    Ran::Spoiled(e) => e,
                    _ => Error::Device("the transaction was rolled back".into()),
                };
                return Ended::Spoiled(place, error);
            }
            let end = match ran {
                Ran::Spoiled(e) => return Ended::Spoiled(place, e),
                Ran::Done => {
                    kept = true;
                    if several {
                        self.plain("RELEASE job").await
                    } else {
                        Ok(())
                    }
                }
                Ran::Refused if several => match self.plain("ROLLBACK TO job").await {
                    Ok(()) => self.plain("RELEASE job").await,
                    Err(e) => Err(e),
                },
                Ran::Refused => Ok(()),
            };
            if let Err(e) = end {
                return Ended::Failed(e);
            }
        }
        if !kept {
            return match self.plain("ROLLBACK").await {
                Ok(()) => Ended::Committed,
                Err(e) => Ended::Failed(e),
            };
        }
        self.commit().await
    }

    async fn commit(&mut self) -> Ended {
        #[cfg(feature = "testing")]
        crate::testing::at_commit(crate::testing::CommitPoint::Before);
        self.may_commit.store(true, Ordering::SeqCst);
        let done = self.plain("COMMIT").await;
        self.may_commit.store(false, Ordering::SeqCst);
        self.judged(done)
    }

    fn judged(&self, done: Result<(), Error>) -> Ended {
        match done {
            Ok(()) => {
                #[cfg(feature = "testing")]
                crate::testing::at_commit(crate::testing::CommitPoint::After);
                Ended::Committed
            }
            // The last frame could not be written, so no commit record is there.
            Err(e @ (Error::DiskFull(_) | Error::Constraint { .. } | Error::Busy(_))) => {
                Ended::Failed(e)
            }
            Err(e) => Ended::Unknown(e),
        }
    }

    /// A single statement is its own transaction.
    async fn one_statement(&mut self, job: &mut dyn Runs) -> Ended {
        #[cfg(feature = "testing")]
        crate::testing::at_commit(crate::testing::CommitPoint::Before);
        self.may_commit.store(true, Ordering::SeqCst);
        let ran = attempt(job, &mut Tx::sqlite(&mut self.conn)).await;
        self.may_commit.store(false, Ordering::SeqCst);
        match ran {
            Ran::Done => self.judged(Ok(())),
            // A statement that was refused has undone itself; its answer says why.
            Ran::Refused => Ended::Committed,
            Ran::Spoiled(e @ (Error::Deadline | Error::Panicked(_) | Error::Device(_))) => {
                Ended::Unknown(e)
            }
            Ran::Spoiled(e) => Ended::Spoiled(0, e),
        }
    }
}
