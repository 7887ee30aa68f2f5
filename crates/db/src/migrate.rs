//! The schema: numbered scripts, each applied once, in order, in a transaction of its own.
//!
//! A script may begin with `-- min_writer: N`: a program that knows schema N may still write
//! after it. Without that line only programs that know the script itself may.

use crate::{Db, Dialect, Error, Tx, args};

pub(crate) struct Migration {
    number: i64,
    name: &'static str,
    sql: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// What [`Db::migrate`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migrated {
    /// The schema's number before; 0 for an empty database.
    pub from: i64,
    /// Its number now.
    pub to: i64,
    /// The scripts applied, `NNNN_verb_noun`.
    pub applied: Vec<String>,
}

const TABLE_SQLITE: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum BLOB NOT NULL,
    min_writer INTEGER NOT NULL) STRICT";
const TABLE_POSTGRES: &str = "CREATE TABLE IF NOT EXISTS schema_migration (
    number BIGINT NOT NULL PRIMARY KEY, name TEXT COLLATE \"C\" NOT NULL, checksum BYTEA NOT NULL,
    min_writer BIGINT NOT NULL)";
const LOCK_POSTGRES: &str = "SELECT pg_advisory_xact_lock(7266837221)";
const EXISTS_SQLITE: &str =
    "SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migration'";
const EXISTS_POSTGRES: &str = "SELECT count(*) AS n FROM information_schema.tables
    WHERE table_schema = current_schema() AND table_name = 'schema_migration'";
const APPLIED: &str = "SELECT number, checksum FROM schema_migration ORDER BY number";
const NEEDS: &str = "SELECT coalesce(max(min_writer), 0) AS n FROM schema_migration";
const RECORD: &str =
    "INSERT INTO schema_migration (number, name, checksum, min_writer) VALUES ($1, $2, $3, $4)";

/// The number of the newest schema that this program knows.
pub fn latest() -> i64 {
    of(Dialect::Sqlite).last().map_or(0, |m| m.number)
}

fn of(dialect: Dialect) -> &'static [Migration] {
    match dialect {
        Dialect::Sqlite => SQLITE,
        Dialect::Postgres => POSTGRES,
    }
}

impl Migration {
    fn checksum(&self) -> [u8; 32] {
        // A checkout with other line ends is the same script.
        *blake3::hash(self.sql.replace("\r\n", "\n").as_bytes()).as_bytes()
    }

    fn min_writer(&self) -> i64 {
        self.sql
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("-- min_writer:"))
            .and_then(|n| n.trim().parse().ok())
            .unwrap_or(self.number)
    }
}

pub(crate) async fn run(db: &Db) -> Result<Migrated, Error> {
    let known = of(db.dialect());
    let before = check(db, known).await?;
    let mut done = Migrated {
        from: before,
        to: before,
        applied: Vec::new(),
    };
    for migration in known {
        let applied = db.write(move |tx| Box::pin(apply(tx, migration))).await?;
        if applied {
            tracing::info!(
                number = migration.number,
                name = migration.name,
                "schema migrated"
            );
            done.applied
                .push(format!("{:04}_{}", migration.number, migration.name));
        }
        done.to = done.to.max(migration.number);
    }
    Ok(done)
}

/// Refuses what this program must not touch, before anything is written.
async fn check(db: &Db, known: &'static [Migration]) -> Result<i64, Error> {
    let applied = applied(db).await?;
    let knows = known.last().map_or(0, |m| m.number);
    let needs = min_writer(db).await?;
    if needs > knows {
        return Err(Error::BinaryTooOld { needs, knows });
    }
    for (number, checksum) in &applied {
        if let Some(migration) = known.iter().find(|m| m.number == *number)
            && migration.checksum() != *checksum
        {
            return Err(Error::MigrationChanged(*number));
        }
    }
    Ok(applied.last().map_or(0, |(n, _)| *n))
}

async fn applied(db: &Db) -> Result<Vec<(i64, [u8; 32])>, Error> {
    db.read(|tx| {
        Box::pin(async move {
            if !exists(tx).await? {
                return Ok(Vec::new());
            }
            let rows = tx.rows(APPLIED, args![]).await?;
            rows.iter()
                .map(|r| Ok((r.get("number")?, r.get("checksum")?)))
                .collect()
        })
    })
    .await
}

pub(crate) async fn pending(db: &Db) -> Result<bool, Error> {
    let have = applied(db).await?;
    Ok(of(db.dialect())
        .iter()
        .any(|m| have.iter().all(|(n, _)| *n != m.number)))
}

pub(crate) async fn min_writer(db: &Db) -> Result<i64, Error> {
    db.read(|tx| {
        Box::pin(async move {
            if !exists(tx).await? {
                return Ok(0);
            }
            let row = tx.row(NEEDS, args![]).await?;
            row.map_or(Ok(0), |r| r.get("n"))
        })
    })
    .await
}

async fn exists(tx: &mut Tx<'_>) -> Result<bool, Error> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => EXISTS_SQLITE,
        Dialect::Postgres => EXISTS_POSTGRES,
    };
    let row = tx.row(sql, args![]).await?;
    Ok(row.map_or(Ok(0), |r| r.get::<i64>("n"))? > 0)
}

/// Applies one script unless another process has done so meanwhile.
async fn apply(tx: &mut Tx<'_>, migration: &'static Migration) -> Result<bool, Error> {
    match tx.dialect() {
        Dialect::Sqlite => tx.script(TABLE_SQLITE).await?,
        Dialect::Postgres => {
            tx.rows(LOCK_POSTGRES, args![]).await?;
            tx.script(TABLE_POSTGRES).await?;
        }
    }
    for row in tx.rows(APPLIED, args![]).await? {
        if row.get::<i64>("number")? == migration.number {
            return Ok(false);
        }
    }
    tx.script(migration.sql).await?;
    tx.execute(
        RECORD,
        args![
            migration.number,
            migration.name,
            migration.checksum(),
            migration.min_writer()
        ],
    )
    .await?;
    Ok(true)
}
