//! What the database does by itself, as the yardstick of measurements.

use std::time::{Duration, Instant};

use crate::{Backend, Db, Error, Tx, args};

/// How long each of `count` transactions of three inserted rows takes, one after the other, on a
/// connection of its own that waits for the disk as `db` does, past our write path.
///
/// # Errors
/// Those of the database.
pub async fn raw_commits(db: &Db, count: u32) -> Result<Vec<Duration>, Error> {
    match &db.inner.backend {
        Backend::Sqlite(s) => {
            let mut conn = s.another().await?;
            commits(&mut Tx::sqlite(&mut conn), "BEGIN IMMEDIATE", count).await
        }
        Backend::Postgres(p) => {
            let mut conn = p.another().await?;
            commits(&mut Tx::postgres(&mut conn), "BEGIN", count).await
        }
    }
}

async fn commits(tx: &mut Tx<'_>, begin: &'static str, count: u32) -> Result<Vec<Duration>, Error> {
    tx.execute(
        "CREATE TABLE IF NOT EXISTS raw (id BIGINT, text TEXT)",
        args![],
    )
    .await?;
    let mut times = Vec::new();
    for n in 0..count {
        let begun = Instant::now();
        tx.execute(begin, args![]).await?;
        for row in 0..3 {
            let values = args![n * 3 + row, "{\"id\":1,\"ok\":true}"];
            tx.execute("INSERT INTO raw (id, text) VALUES ($1, $2)", values)
                .await?;
        }
        tx.execute("COMMIT", args![]).await?;
        times.push(begun.elapsed());
    }
    Ok(times)
}
