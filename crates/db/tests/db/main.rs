//! The database layer on both dialects.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod filesystems;
mod guards;
mod migrating;
mod opening;
mod writing;

use db::{Db, Error, args};

async fn scratch(db: &Db) {
    let made: Result<(), Error> = db
        .write(|tx| {
            Box::pin(async move {
                tx.execute(
                    "CREATE TABLE scratch (id BIGINT PRIMARY KEY, note TEXT)",
                    args![],
                )
                .await?;
                Ok(())
            })
        })
        .await;
    made.expect("a scratch table");
}

async fn add(db: &Db, id: i64) -> Result<u64, Error> {
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(
                "INSERT INTO scratch (id, note) VALUES ($1, $2)",
                args![id, "x"],
            )
            .await
        })
    })
    .await
}

async fn ids(db: &Db) -> Vec<i64> {
    let ids: Result<Vec<i64>, Error> = db
        .read(|tx| {
            Box::pin(async move {
                let rows = tx
                    .rows("SELECT id FROM scratch ORDER BY id", args![])
                    .await?;
                rows.iter().map(|r| r.get("id")).collect()
            })
        })
        .await;
    ids.expect("read scratch")
}
