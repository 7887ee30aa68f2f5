//! SQLite: one writer, several readers, one file.

mod writer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::job::Runs;
use crate::{Error, Tx};

/// How long a connection waits for another process's write.
const BUSY: Duration = Duration::from_secs(5);
const READERS: u32 = 4;
const QUEUE: usize = 4096;

/// Whether a commit waits for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Always, outside tests.
    Full,
    /// Tests that don't ask what a power cut leaves.
    #[cfg(feature = "testing")]
    None,
}

#[derive(Debug)]
pub(crate) struct Sqlite {
    path: PathBuf,
    options: SqliteConnectOptions,
    jobs: mpsc::Sender<Box<dyn Runs>>,
    readers: SqlitePool,
    stop: CancellationToken,
}

impl Sqlite {
    pub(crate) async fn open(
        path: &Path,
        tasks: &TaskTracker,
        durability: Durability,
    ) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(match durability {
                Durability::Full => SqliteSynchronous::Full,
                #[cfg(feature = "testing")]
                Durability::None => SqliteSynchronous::Off,
            })
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .statement_cache_capacity(512)
            .pragma("fullfsync", "1")
            .pragma("temp_store", "memory")
            .disable_statement_logging();
        let first = connect(&options, durability)
            .await
            .map_err(|e| explained(e, path))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .min_connections(0)
            .acquire_timeout(Duration::from_secs(30))
            .test_before_acquire(false)
            .connect_lazy_with(options.clone().pragma("query_only", "1"));
        let (jobs, queue) = mpsc::channel(QUEUE);
        let stop = CancellationToken::new();
        let writer = writer::Writer::new(
            options.clone(),
            durability,
            first,
            queue,
            readers.clone(),
            stop.clone(),
        );
        tasks.spawn(writer.run());
        Ok(Sqlite {
            path: path.to_path_buf(),
            options,
            jobs,
            readers,
            stop,
        })
    }

    /// Readers that are open, and those of them that nobody uses.
    pub(crate) fn connections(&self) -> (u32, usize) {
        (self.readers.size(), self.readers.num_idle())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) async fn submit(&self, job: Box<dyn Runs>) -> Result<(), Error> {
        if self.stop.is_cancelled() {
            return Err(Error::Closed);
        }
        self.jobs.send(job).await.map_err(|_| Error::Closed)
    }

    pub(crate) async fn read<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: for<'a, 'c> FnOnce(&'a mut Tx<'c>) -> BoxFuture<'a, Result<T, E>> + Send,
        E: From<Error> + Send + 'static,
        T: Send + 'static,
    {
        let mut snapshot = self.readers.begin().await.map_err(|e| E::from(e.into()))?;
        let mut tx = Tx::sqlite(&mut snapshot);
        let result = f(&mut tx).await;
        snapshot.rollback().await.map_err(|e| E::from(e.into()))?;
        result
    }

    pub(crate) async fn quick_check(&self) -> Result<(), Error> {
        let mut conn = self.readers.acquire().await?;
        let found: String = sqlx::query("PRAGMA quick_check(1)")
            .fetch_one(&mut *conn)
            .await?
            .try_get(0)?;
        if found == "ok" {
            Ok(())
        } else {
            Err(Error::Corrupt(found))
        }
    }

    pub(crate) async fn vacuum_into(&self, to: &Path) -> Result<(), Error> {
        let target = to
            .to_str()
            .ok_or_else(|| Error::Other("the path of a copy must be valid text".into()))?;
        let mut conn = self.options.connect().await?;
        sqlx::query("VACUUM INTO $1")
            .bind(target)
            .execute(&mut conn)
            .await?;
        conn.close().await?;
        Ok(())
    }

    /// A connection past the writer, for measuring.
    #[cfg(feature = "testing")]
    pub(crate) async fn another(&self) -> Result<SqliteConnection, Error> {
        Ok(self.options.connect().await?)
    }

    pub(crate) async fn close(&self) {
        self.stop.cancel();
        self.readers.close().await;
    }
}

/// Opens a connection and reads back what durability rests on.
async fn connect(
    options: &SqliteConnectOptions,
    durability: Durability,
) -> Result<SqliteConnection, Error> {
    let mut conn = options.connect().await?;
    let wanted = match durability {
        Durability::Full => 2,
        #[cfg(feature = "testing")]
        Durability::None => 0,
    };
    for (pragma, wanted) in [("synchronous", wanted), ("foreign_keys", 1)] {
        let seen: i64 = sqlx::query(AssertSqlSafe(format!("PRAGMA {pragma}")))
            .fetch_one(&mut conn)
            .await?
            .try_get(0)?;
        if seen != wanted {
            return Err(Error::Other(format!(
                "SQLite answers {pragma}={seen}, not {wanted}"
            )));
        }
    }
    let mode: String = sqlx::query("PRAGMA journal_mode")
        .fetch_one(&mut conn)
        .await?
        .try_get(0)?;
    if mode != "wal" {
        return Err(Error::Other(format!(
            "SQLite answers journal_mode={mode}, not wal"
        )));
    }
    Ok(conn)
}

/// SQLite only says "unable to open"; the file system says why.
fn explained(error: Error, path: &Path) -> Error {
    let Error::Unreachable(text) = &error else {
        return error;
    };
    let probe = if path.exists() {
        std::fs::OpenOptions::new()
            .append(true)
            .open(path)
            .map(|_| ())
    } else {
        std::fs::OpenOptions::new()
            .create_new(true)
            .write(true)
            .open(path)
            .map(|_| ())
    };
    match probe.map_err(|e| e.kind()) {
        Err(std::io::ErrorKind::ReadOnlyFilesystem | std::io::ErrorKind::PermissionDenied) => {
            Error::ReadOnly(format!("{}: {text}", path.display()))
        }
        Err(std::io::ErrorKind::StorageFull) => {
            Error::DiskFull(format!("{}: {text}", path.display()))
        }
        Err(kind) => Error::Unreachable(format!("{}: {kind}", path.display())),
        Ok(()) => Error::Unreachable(format!("{}: {text}", path.display())),
    }
}
