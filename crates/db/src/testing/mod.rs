//! For tests: fresh migrated databases of both dialects, every statement prepared, the two
//! schemas side by side, and a hook at every commit.

mod cluster;
pub mod disk;
mod raw;
mod schema;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio_util::task::TaskTracker;

pub use raw::raw_commits;
pub use schema::{Column, Shape, differences, shape};

use crate::sqlite::{Durability, Sqlite};
use crate::{Backend, Db, Error, Statement};

/// A migrated database of each kind, SQLite first. Without PostgreSQL on the machine that one is
/// left out with a printed `skipped`; `ROSTRUM_DEMAND_POSTGRES=1` makes that a failure.
pub async fn databases() -> Vec<Db> {
    let mut all = vec![sqlite().await];
    all.extend(postgres().await);
    all
}

/// A fresh migrated SQLite database in a folder of its own, without waiting for the disk.
pub async fn sqlite() -> Db {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let db = sqlite_at(&folder.path().join("rostrum.sqlite"))
        .await
        .expect("open SQLite");
    db.migrate().await.expect("migrate SQLite");
    keep(&db, folder);
    db
}

/// A fresh migrated SQLite database that waits for the disk as in production.
pub async fn sqlite_durable() -> Db {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let db = Db::open_sqlite(&folder.path().join("rostrum.sqlite"))
        .await
        .expect("open SQLite");
    db.migrate().await.expect("migrate SQLite");
    keep(&db, folder);
    db
}

/// Opens a SQLite file without waiting for the disk at commits.
pub async fn sqlite_at(path: &std::path::Path) -> Result<Db, Error> {
    let tasks = TaskTracker::new();
    let backend = Sqlite::open(path, &tasks, Durability::None).await?;
    Ok(Db::of(Backend::Sqlite(Box::new(backend)), tasks))
}

/// A fresh migrated PostgreSQL database, where the machine has PostgreSQL.
pub async fn postgres() -> Option<Db> {
    let url = postgres_url().await?;
    Some(
        Db::open_postgres(&url)
            .await
            .expect("connect to PostgreSQL"),
    )
}

/// The address of a fresh migrated PostgreSQL database, where the machine has PostgreSQL.
pub async fn postgres_url() -> Option<String> {
    url(cluster::Waits::Never).await
}

/// The address of an empty PostgreSQL database, where the machine has PostgreSQL.
pub async fn postgres_empty_url() -> Option<String> {
    there(cluster::empty_database(cluster::Waits::Never).await)
}

/// A fresh migrated PostgreSQL database that waits for the disk as in production.
pub async fn postgres_durable() -> Option<Db> {
    let url = postgres_durable_url().await?;
    Some(
        Db::open_postgres(&url)
            .await
            .expect("connect to PostgreSQL"),
    )
}

/// The address of a fresh migrated PostgreSQL database that waits for the disk as in production.
pub async fn postgres_durable_url() -> Option<String> {
    url(cluster::Waits::Always).await
}

async fn url(waits: cluster::Waits) -> Option<String> {
    there(cluster::fresh_database(waits).await)
}

/// What was made, where there is PostgreSQL.
fn there(made: Result<String, String>) -> Option<String> {
    match made {
        Ok(url) => Some(url),
        Err(why) => {
            assert!(
                std::env::var("ROSTRUM_DEMAND_POSTGRES").as_deref() != Ok("1"),
                "PostgreSQL is demanded, but: {why}"
            );
            println!("skipped on PostgreSQL: {why}");
            None
        }
    }
}

/// Keeps a value (a temporary folder) as long as the database.
pub fn keep(db: &Db, value: impl std::any::Any + Send) {
    db.inner
        .kept
        .lock()
        .expect("no panic while keeping")
        .push(Box::new(value));
}

/// Prepares every statement; answers `NAME: error` for each that the database refuses.
pub async fn refused(db: &Db, statements: &'static [Statement]) -> Vec<String> {
    let mut refused = Vec::new();
    for statement in statements {
        let sql = statement.text.on(db.dialect());
        let prepared: Result<(), Error> = db
            .read(|tx| Box::pin(async move { tx.prepare(sql).await }))
            .await;
        if let Err(e) = prepared {
            refused.push(format!("{}: {e}", statement.name));
        }
    }
    refused
}

/// Moves pages from the log into the SQLite file whenever the log has so many, instead of 1,000.
pub async fn checkpoint_every(db: &Db, pages: u32) {
    let set: Result<(), Error> = db
        .write(move |tx| {
            Box::pin(async move {
                let sql = format!("PRAGMA wal_autocheckpoint = {pages}");
                tx.rows_dyn(sql, crate::args![]).await?;
                Ok(())
            })
        })
        .await;
    set.expect("set the checkpoints");
}

/// Limits a SQLite database to so many pages more than it has; to test a full disk.
pub async fn limit_pages(db: &Db, more: i64) {
    let limited: Result<(), Error> = db
        .write(move |tx| {
            Box::pin(async move {
                let have: i64 = match tx.row("PRAGMA page_count", crate::args![]).await? {
                    Some(row) => row.get("page_count")?,
                    None => 0,
                };
                let sql = format!("PRAGMA max_page_count = {}", have + more);
                tx.rows_dyn(sql, crate::args![]).await?;
                Ok(())
            })
        })
        .await;
    limited.expect("limit the pages");
}

/// Where in a commit the hook is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitPoint {
    /// Everything is written, nothing is committed.
    Before,
    /// It is on the disk, and nobody has been told.
    After,
}

type Hook = Box<dyn Fn(CommitPoint, u64) + Send>;
static HOOK: Mutex<Option<Hook>> = Mutex::new(None);
static POINTS: AtomicU64 = AtomicU64::new(0);

/// Calls `hook` at every commit of this process with a running number, two per commit.
pub fn on_commit(hook: impl Fn(CommitPoint, u64) + Send + 'static) {
    *HOOK.lock().expect("no panic in a hook") = Some(Box::new(hook));
}

/// How many points have been passed.
pub fn commit_points() -> u64 {
    POINTS.load(Ordering::SeqCst)
}

/// Kills this process as `kill -9` does.
pub fn kill_self() -> ! {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    loop {
        std::thread::park();
    }
}

/// Called by the write path. `ROSTRUM_KILL_AT_COMMIT=N` kills the process at the N-th point.
pub(crate) fn at_commit(point: CommitPoint) {
    static KILL_AT: std::sync::LazyLock<Option<u64>> = std::sync::LazyLock::new(|| {
        std::env::var("ROSTRUM_KILL_AT_COMMIT")
            .ok()
            .and_then(|n| n.parse().ok())
    });
    let number = POINTS.fetch_add(1, Ordering::SeqCst) + 1;
    if *KILL_AT == Some(number) {
        kill_self();
    }
    if let Some(hook) = &*HOOK.lock().expect("no panic in a hook") {
        hook(point, number);
    }
}
