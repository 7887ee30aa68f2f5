//! The database: the only place that knows SQLite from PostgreSQL.
//!
//! One write path and one read path, both taking a closure over a [`Tx`]. On SQLite one writer
//! task runs what is queued in one transaction (group commit); on PostgreSQL each write is a
//! transaction that is repeated when it meets another.

mod error;
mod job;
mod listen;
mod merge;
mod migrate;
mod postgres;
mod row;
mod sqlite;
mod statements;
#[cfg(feature = "testing")]
#[expect(
    clippy::expect_used,
    reason = "only tests are built with it, and they fail by panicking"
)]
pub mod testing;
mod tx;
mod value;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use error::{Code, Error};
pub use futures::future::BoxFuture;
pub use listen::Listener;
pub use merge::Merge;
pub use migrate::{Migrated, latest as latest_schema};
pub use row::{FromColumn, Row};
pub use statements::{PerDialect, Statement};
pub use tx::Tx;
pub use uuid::Uuid;
pub use value::{Args, Kind, Value};

use job::{Closure, Runs};

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// One file on this machine.
    Sqlite,
    /// A server.
    Postgres,
}

/// An open database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    inner: Arc<Inner>,
    scope: Scope,
}

/// Whose rows a transaction may see, where the database itself keeps them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All: the work of a server on logins and runs.
    All,
    /// Those of one organization.
    One(Uuid),
}

#[derive(Debug)]
struct Inner {
    backend: Backend,
    tasks: tokio_util::task::TaskTracker,
    #[cfg(feature = "testing")]
    kept: std::sync::Mutex<Vec<Box<dyn std::any::Any + Send>>>,
}

#[derive(Debug)]
enum Backend {
    Sqlite(Box<sqlite::Sqlite>),
    Postgres(postgres::Postgres),
}

impl Db {
    /// Opens (and creates when missing) a SQLite file: WAL, `synchronous=FULL` and foreign keys,
    /// each read back. Another process may use the same file.
    pub async fn open_sqlite(path: &Path) -> Result<Db, Error> {
        let tasks = tokio_util::task::TaskTracker::new();
        let backend = sqlite::Sqlite::open(path, &tasks, sqlite::Durability::Full).await?;
        Ok(Db::of(Backend::Sqlite(Box::new(backend)), tasks))
    }

    /// Connects to PostgreSQL: `postgres://user:password@host:port/database`.
    pub async fn open_postgres(url: &str) -> Result<Db, Error> {
        let tasks = tokio_util::task::TaskTracker::new();
        let backend = postgres::Postgres::open(url, &tasks).await?;
        Ok(Db::of(Backend::Postgres(backend), tasks))
    }

    fn of(backend: Backend, tasks: tokio_util::task::TaskTracker) -> Db {
        Db {
            inner: Arc::new(Inner {
                backend,
                tasks,
                #[cfg(feature = "testing")]
                kept: std::sync::Mutex::default(),
            }),
            scope: Scope::All,
        }
    }

    /// The same database for one organization: on PostgreSQL the transactions of this handle see and
    /// write rows of no other, whatever their statements say. On SQLite it is the same handle.
    #[must_use]
    pub fn within(&self, organization: Uuid) -> Db {
        Db {
            inner: Arc::clone(&self.inner),
            scope: Scope::One(organization),
        }
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        match self.inner.backend {
            Backend::Sqlite(_) => Dialect::Sqlite,
            Backend::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Whether the role that connects is above row-level security, so that the guards of organizations
    /// do not count for it. SQLite has none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_above_guards(&self) -> Result<bool, Error> {
        const ABOVE: &str =
            "SELECT rolsuper OR rolbypassrls AS above FROM pg_roles WHERE rolname = current_user";
        if self.dialect() == Dialect::Sqlite {
            return Ok(false);
        }
        self.read(|tx| {
            Box::pin(async move {
                let row = tx.row(ABOVE, args![]).await?;
                row.map_or(Ok(false), |row| row.get("above"))
            })
        })
        .await
    }

    /// Names the database among all others, so that a restored copy can be told from what was backed
    /// up: the cluster's identifier (`pg_control_system`) and the database's number in it. A SQLite
    /// file has no such name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn place(&self) -> Result<Option<String>, Error> {
        const PLACE: &str = "SELECT c.system_identifier::text || ':' || d.oid::text AS place \
             FROM pg_control_system() c, pg_database d WHERE d.datname = current_database()";
        if self.dialect() == Dialect::Sqlite {
            return Ok(None);
        }
        self.read(|tx| {
            Box::pin(async move {
                let row = tx.row(PLACE, args![]).await?;
                row.map_or(Ok(None), |row| row.get("place"))
            })
        })
        .await
    }

    /// Connections for reading (on PostgreSQL also for writing) that are open, and those of them that
    /// nobody uses.
    pub fn connections(&self) -> (u32, usize) {
        match &self.inner.backend {
            Backend::Sqlite(s) => s.connections(),
            Backend::Postgres(p) => p.connections(),
        }
    }

    /// The file of a SQLite database.
    pub fn path(&self) -> Option<PathBuf> {
        match &self.inner.backend {
            Backend::Sqlite(s) => Some(s.path().to_path_buf()),
            Backend::Postgres(_) => None,
        }
    }

    /// Runs `f` in one write transaction and answers after its commit. `f` may be run again from
    /// the start, and awaits nothing but its own [`Tx`]: no network, no files.
    ///
    /// [`Error::OutcomeUnknown`] means that the commit was sent and not answered: read back by an
    /// idempotency key before repeating.
    pub async fn write<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: for<'a, 'c> Fn(&'a mut Tx<'c>) -> BoxFuture<'a, Result<T, E>> + Send + Sync + 'static,
        E: From<Error> + Send + 'static,
        T: Send + 'static,
    {
        self.write_within(job::DEADLINE, f).await
    }

    /// As [`Db::write`], for what is known to take long; others who write wait for it.
    pub async fn write_within<T, E, F>(&self, deadline: Duration, f: F) -> Result<T, E>
    where
        F: for<'a, 'c> Fn(&'a mut Tx<'c>) -> BoxFuture<'a, Result<T, E>> + Send + Sync + 'static,
        E: From<Error> + Send + 'static,
        T: Send + 'static,
    {
        let (job, answer) = Closure::new(f, deadline);
        match &self.inner.backend {
            Backend::Sqlite(s) => {
                s.submit(Box::new(job)).await.map_err(E::from)?;
                answer.await.unwrap_or_else(|_| {
                    Err(E::from(Error::OutcomeUnknown("the writer ended".into())))
                })
            }
            Backend::Postgres(p) => {
                p.run(Box::new(job) as Box<dyn Runs>, self.scope).await;
                answer.await.unwrap_or_else(|_| Err(E::from(Error::Closed)))
            }
        }
    }

    /// Runs `f` on one consistent snapshot, without holding up writers.
    pub async fn read<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: for<'a, 'c> FnOnce(&'a mut Tx<'c>) -> BoxFuture<'a, Result<T, E>> + Send,
        E: From<Error> + Send + 'static,
        T: Send + 'static,
    {
        match &self.inner.backend {
            Backend::Sqlite(s) => s.read(f).await,
            Backend::Postgres(p) => p.read(f, self.scope).await,
        }
    }

    /// Stores one item together with all others of its kind that wait at the moment: one
    /// set-based write for many callers. See [`Merge`].
    pub async fn merge<M: Merge>(&self, item: M) -> Result<M::Answer, Error> {
        let (job, answer) = merge::Group::one(item);
        let sent = match &self.inner.backend {
            Backend::Sqlite(s) => s.submit(Box::new(job)).await,
            Backend::Postgres(p) => p.submit(Box::new(job)).await,
        };
        sent?;
        answer
            .await
            .unwrap_or_else(|_| Err(Error::OutcomeUnknown("the writer ended".into())))
    }

    /// Brings the schema up to this program's. Refuses a schema that needs a newer program.
    pub async fn migrate(&self) -> Result<Migrated, Error> {
        migrate::run(self).await
    }

    /// The lowest schema number that a writer of this database must know; 0 before the first
    /// migration.
    pub async fn schema_state(&self) -> Result<i64, Error> {
        migrate::min_writer(self).await
    }

    /// Whether migrations of this program wait to be applied.
    pub async fn needs_migration(&self) -> Result<bool, Error> {
        migrate::pending(self).await
    }

    /// Looks the whole file over for damage; [`Error::Corrupt`] tells the first found. On
    /// PostgreSQL only that it answers.
    pub async fn quick_check(&self) -> Result<(), Error> {
        match &self.inner.backend {
            Backend::Sqlite(s) => s.quick_check().await,
            Backend::Postgres(p) => p.ping().await,
        }
    }

    /// Writes a complete, consistent copy of a SQLite database to a file that must not exist.
    pub async fn vacuum_into(&self, to: &Path) -> Result<(), Error> {
        match &self.inner.backend {
            Backend::Sqlite(s) => s.vacuum_into(to).await,
            Backend::Postgres(_) => Err(Error::Other(
                "a PostgreSQL database is backed up with pg_dump".into(),
            )),
        }
    }

    /// Lets what is queued end, then closes the connections. Using the database afterwards
    /// answers [`Error::Closed`].
    pub async fn close(&self) {
        match &self.inner.backend {
            Backend::Sqlite(s) => s.close().await,
            Backend::Postgres(p) => p.close().await,
        }
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }
}
