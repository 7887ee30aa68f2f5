//! PostgreSQL: a pool; a write is a transaction that is repeated when it met another.

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::job::{Ran, Runs, attempt};
use crate::{Error, Scope, Tx, merge};

const CONNECTIONS: u32 = 16;
const REPEATS: u32 = 8;
const REACH: Duration = Duration::from_secs(10);
const BATCH: usize = 1024;
const WRITE: &str = "BEGIN";
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// What begins a transaction that sees the rows of `scope`: one message, with no answer to wait for in
/// between. The setting ends with the transaction; a pooled connection keeps nothing of it.
fn begin(how: &str, scope: Scope) -> AssertSqlSafe<String> {
    AssertSqlSafe(match scope {
        Scope::All => format!("{how}; SET LOCAL rostrum.org = '*'"),
        // A UUID has only digits, letters and hyphens.
        Scope::One(organization) => format!("{how}; SET LOCAL rostrum.org = '{organization}'"),
    })
}

/// Begins to its end, whoever still waits for it: sqlx counts a transaction from the answer to its
/// BEGIN on, and would hand out the connection of a caller who went away before as one that is free.
async fn opened(
    pool: &PgPool,
    begin: AssertSqlSafe<String>,
) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, sqlx::Error> {
    let pool = pool.clone();
    let opening = TaskTracker::new().spawn(async move { pool.begin_with(begin).await });
    opening.await.unwrap_or(Err(sqlx::Error::PoolClosed))
}

#[derive(Clone, Debug)]
pub(crate) struct Postgres {
    pool: PgPool,
    /// Held by who repeats: those who met must not meet each other again.
    repeating: Arc<Mutex<()>>,
    merges: mpsc::Sender<Box<dyn Runs>>,
    stop: CancellationToken,
}

enum Ended {
    Committed,
    Again(Error),
    Failed(Error),
}

impl Postgres {
    pub(crate) async fn open(url: &str, tasks: &TaskTracker) -> Result<Self, Error> {
        let options = PgConnectOptions::from_str(url)?
            .application_name("rostrum")
            .statement_cache_capacity(512)
            .disable_statement_logging();
        // A pool tries again until its timeout; a person wants to know at once.
        let first = tokio::time::timeout(REACH, options.connect())
            .await
            .map_err(|_| Error::Unreachable("the server does not answer".into()))??;
        let _ = sqlx::Connection::close(first).await;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(Duration::from_secs(30))
            .test_before_acquire(false)
            .connect_with(options)
            .await?;
        let (merges, queue) = mpsc::channel(4096);
        let stop = CancellationToken::new();
        let repeating = Arc::default();
        tasks.spawn(merging(
            pool.clone(),
            Arc::clone(&repeating),
            queue,
            stop.clone(),
        ));
        Ok(Postgres {
            pool,
            repeating,
            merges,
            stop,
        })
    }

    pub(crate) async fn submit(&self, job: Box<dyn Runs>) -> Result<(), Error> {
        if self.stop.is_cancelled() {
            return Err(Error::Closed);
        }
        self.merges.send(job).await.map_err(|_| Error::Closed)
    }

    pub(crate) async fn run(&self, job: Box<dyn Runs>, scope: Scope) {
        stored(&self.pool, &self.repeating, job, scope).await;
    }

    pub(crate) async fn read<T, E, F>(&self, f: F, scope: Scope) -> Result<T, E>
    where
        F: for<'a, 'c> FnOnce(&'a mut Tx<'c>) -> BoxFuture<'a, Result<T, E>> + Send,
        E: From<Error> + Send + 'static,
        T: Send + 'static,
    {
        let mut snapshot = opened(&self.pool, begin(SNAPSHOT, scope))
            .await
            .map_err(|e| E::from(e.into()))?;
        let mut tx = Tx::postgres(&mut snapshot);
        let result = f(&mut tx).await;
        snapshot.rollback().await.map_err(|e| E::from(e.into()))?;
        result
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Connections that are open, and those of them that nobody uses.
    pub(crate) fn connections(&self) -> (u32, usize) {
        (self.pool.size(), self.pool.num_idle())
    }

    /// A connection of its own, for measuring.
    #[cfg(feature = "testing")]
    pub(crate) async fn another(&self) -> Result<sqlx::PgConnection, Error> {
        Ok(self.pool.acquire().await?.detach())
    }

    pub(crate) async fn ping(&self) -> Result<(), Error> {
        self.pool.execute("SELECT 1").await?;
        Ok(())
    }

    pub(crate) async fn close(&self) {
        self.stop.cancel();
        self.pool.close().await;
    }
}

/// Stores merged items: while one batch is on its way the next gathers.
async fn merging(
    pool: PgPool,
    repeating: Arc<Mutex<()>>,
    mut queue: mpsc::Receiver<Box<dyn Runs>>,
    stop: CancellationToken,
) {
    loop {
        let first = tokio::select! {
            biased;
            job = queue.recv() => job,
            () = stop.cancelled() => { queue.close(); queue.recv().await }
        };
        let Some(first) = first else { break };
        tokio::task::yield_now().await;
        let mut jobs = vec![first];
        while jobs.len() < BATCH
            && let Ok(job) = queue.try_recv()
        {
            jobs.push(job);
        }
        for job in merge::joined(jobs) {
            stored(&pool, &repeating, job, Scope::All).await;
        }
    }
}

/// Runs a job until it is stored or refused; a joined one that is refused is taken apart.
async fn stored(pool: &PgPool, repeating: &Mutex<()>, mut job: Box<dyn Runs>, scope: Scope) {
    let joined = job.callers() > 1;
    match repeated(pool, repeating, &mut *job, scope).await {
        Ended::Committed => job.settle(),
        Ended::Again(_) | Ended::Failed(_) if joined => {
            for mut one in job.split() {
                match repeated(pool, repeating, &mut *one, scope).await {
                    Ended::Committed => one.settle(),
                    Ended::Again(e) | Ended::Failed(e) => one.fail(e),
                }
            }
        }
        Ended::Again(e) | Ended::Failed(e) => job.fail(e),
    }
}

async fn repeated(pool: &PgPool, repeating: &Mutex<()>, job: &mut dyn Runs, scope: Scope) -> Ended {
    let first = once(pool, job, scope).await;
    if !matches!(first, Ended::Again(_)) {
        return first;
    }
    let _turn = repeating.lock().await;
    let mut ended = first;
    for wait in 0..REPEATS {
        ended = once(pool, job, scope).await;
        if !matches!(ended, Ended::Again(_)) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1 << wait)).await;
    }
    ended
}

async fn once(pool: &PgPool, job: &mut dyn Runs, scope: Scope) -> Ended {
    if job.is_one_statement() {
        let mut conn = match pool.acquire().await {
            Ok(conn) => conn,
            Err(e) => return Ended::Failed(e.into()),
        };
        #[cfg(feature = "testing")]
        crate::testing::at_commit(crate::testing::CommitPoint::Before);
        return match attempt(job, &mut Tx::postgres(&mut conn)).await {
            Ran::Done | Ran::Refused => committed(),
            Ran::Spoiled(e @ Error::Conflict(_)) => Ended::Again(e),
            Ran::Spoiled(e @ (Error::Deadline | Error::Panicked(_) | Error::Unreachable(_))) => {
                // What it still does is unknown; the pool must not hand it out again.
                drop(conn.detach());
                Ended::Failed(Error::OutcomeUnknown(e.to_string()))
            }
            Ran::Spoiled(e) => Ended::Failed(e),
        };
    }
    let mut open = match opened(pool, begin(WRITE, scope)).await {
        Ok(open) => open,
        Err(e) => return Ended::Failed(e.into()),
    };
    match attempt(job, &mut Tx::postgres(&mut open)).await {
        Ran::Done => {
            #[cfg(feature = "testing")]
            crate::testing::at_commit(crate::testing::CommitPoint::Before);
            match open.commit().await.map_err(Error::from) {
                Ok(()) => committed(),
                Err(e @ Error::Conflict(_)) => Ended::Again(e),
                Err(e @ Error::Constraint { .. }) => Ended::Failed(e),
                Err(e) => Ended::Failed(Error::OutcomeUnknown(e.to_string())),
            }
        }
        Ran::Refused => match open.rollback().await {
            Ok(()) => Ended::Committed,
            Err(e) => Ended::Failed(e.into()),
        },
        Ran::Spoiled(e) => {
            let _ = open.rollback().await;
            if matches!(e, Error::Conflict(_)) {
                Ended::Again(e)
            } else {
                Ended::Failed(e)
            }
        }
    }
}

fn committed() -> Ended {
    #[cfg(feature = "testing")]
    crate::testing::at_commit(crate::testing::CommitPoint::After);
    Ended::Committed
}
