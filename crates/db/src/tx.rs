//! A transaction, the same for both databases.

use futures::future::BoxFuture;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::row::Inner;
use crate::{Args, Dialect, Error, Row, value};

/// An open transaction. A statement that fails dooms it: even when the caller goes on, nothing
/// of it is kept, on both databases alike.
#[derive(Debug)]
pub struct Tx<'c> {
    conn: Conn<'c>,
    pub(crate) failed: Option<Error>,
}

#[derive(Debug)]
enum Conn<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl<'c> Tx<'c> {
    pub(crate) fn sqlite(conn: &'c mut SqliteConnection) -> Self {
        Tx {
            conn: Conn::Sqlite(conn),
            failed: None,
        }
    }

    pub(crate) fn postgres(conn: &'c mut PgConnection) -> Self {
        Tx {
            conn: Conn::Postgres(conn),
            failed: None,
        }
    }

    /// Which database this runs on.
    pub fn dialect(&self) -> Dialect {
        match self.conn {
            Conn::Sqlite(_) => Dialect::Sqlite,
            Conn::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs a statement; answers how many rows it changed.
    pub async fn execute(&mut self, sql: &'static str, args: Args) -> Result<u64, Error> {
        let done = match &mut self.conn {
            Conn::Sqlite(c) => sqlx::query_with(sql, value::for_sqlite(args)?)
                .execute(&mut **c)
                .await
                .map(|d| d.rows_affected()),
            Conn::Postgres(c) => sqlx::query_with(sql, value::for_postgres(args)?)
                .execute(&mut **c)
                .await
                .map(|d| d.rows_affected()),
        };
        self.noted(done)
    }

    /// All rows of an answer.
    pub async fn rows(&mut self, sql: &'static str, args: Args) -> Result<Vec<Row>, Error> {
        self.fetch(sql.into_sql_str(), args, true).await
    }

    /// The first row of an answer, if there is one.
    pub async fn row(&mut self, sql: &'static str, args: Args) -> Result<Option<Row>, Error> {
        Ok(self.rows(sql, args).await?.into_iter().next())
    }

    /// All rows of a statement that is put together at run time (filters). The exception: the
    /// text must come from constants, never from what a person typed.
    pub async fn rows_dyn(&mut self, sql: String, args: Args) -> Result<Vec<Row>, Error> {
        self.fetch(AssertSqlSafe(sql).into_sql_str(), args, false)
            .await
    }

    async fn fetch(&mut self, sql: SqlStr, args: Args, keep: bool) -> Result<Vec<Row>, Error> {
        let rows = match &mut self.conn {
            Conn::Sqlite(c) => sqlx::query_with(sql, value::for_sqlite(args)?)
                .persistent(keep)
                .fetch_all(&mut **c)
                .await
                .map(|rows| rows.into_iter().map(|r| Row(Inner::Sqlite(r))).collect()),
            Conn::Postgres(c) => sqlx::query_with(sql, value::for_postgres(args)?)
                .persistent(keep)
                .fetch_all(&mut **c)
                .await
                .map(|rows| rows.into_iter().map(|r| Row(Inner::Postgres(r))).collect()),
        };
        self.noted(rows)
    }

    /// Runs a part that may fail on its own: then its writes are undone, and only its. What would
    /// spoil the whole transaction still does.
    pub async fn part<T, E, F>(&mut self, f: F) -> Result<T, E>
    where
        F: for<'a> FnOnce(&'a mut Tx<'c>) -> BoxFuture<'a, Result<T, E>> + Send,
        E: From<Error>,
    {
        self.execute("SAVEPOINT part", Args::default()).await?;
        let result = f(self).await;
        match self.failed.take() {
            None if result.is_ok() => {
                self.execute("RELEASE SAVEPOINT part", Args::default())
                    .await?;
                result
            }
            Some(e) if e.spoils_the_batch() || matches!(e, Error::Conflict(_)) => {
                self.failed = Some(e.clone());
                Err(E::from(e))
            }
            failed => {
                self.execute("ROLLBACK TO SAVEPOINT part", Args::default())
                    .await?;
                self.execute("RELEASE SAVEPOINT part", Args::default())
                    .await?;
                // A statement that failed says so, also where `f` went on.
                match (result, failed) {
                    (Ok(_), Some(e)) => Err(E::from(e)),
                    (result, _) => result,
                }
            }
        }
    }

    /// Runs a script of several statements without arguments (migrations).
    pub(crate) async fn script(&mut self, sql: &'static str) -> Result<(), Error> {
        let done = match &mut self.conn {
            Conn::Sqlite(c) => sqlx::raw_sql(sql).execute(&mut **c).await.map(|_| ()),
            Conn::Postgres(c) => sqlx::raw_sql(sql).execute(&mut **c).await.map(|_| ()),
        };
        self.noted(done)
    }

    /// Prepares a statement without running it.
    #[cfg(feature = "testing")]
    pub(crate) async fn prepare(&mut self, sql: &'static str) -> Result<(), Error> {
        use sqlx::Executor as _;
        match &mut self.conn {
            Conn::Sqlite(c) => c.prepare(sql.into_sql_str()).await.map(|_| ())?,
            Conn::Postgres(c) => c.prepare(sql.into_sql_str()).await.map(|_| ())?,
        }
        Ok(())
    }

    fn noted<T>(&mut self, done: Result<T, sqlx::Error>) -> Result<T, Error> {
        done.map_err(|e| {
            let error = Error::from(e);
            self.failed.get_or_insert_with(|| error.clone());
            error
        })
    }
}
