//! durare: on a file it sets `synchronous=NORMAL`; [`open_full`] gives it a pool that waits for
//! the disk as ours does.

use std::sync::Arc;
use std::time::Duration;

use durare::{
    DurableContext, DurableEngine, DurableEngineBuilder, SqliteProvider, WorkflowOptions, params,
};
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::{Opponent, Outcome, marks};

pub struct Durare {
    engine: DurableEngine,
    on_a_file: bool,
}

/// As its documentation says: `DurableEngine::connect`.
pub async fn open(database: &str) -> Outcome<Durare> {
    let on_a_file = !database.starts_with("postgres");
    let builder = if on_a_file {
        DurableEngine::connect(&format!("sqlite://{database}")).await?
    } else {
        DurableEngine::connect(database).await?
    };
    built(builder, on_a_file).await
}

/// What it gives its own pool, but for `synchronous`.
pub async fn open_full(file: &str) -> Outcome<Durare> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5));
    let pool = SqlitePoolOptions::new()
        .max_connections(5)
        .connect_with(options)
        .await?;
    built(
        DurableEngine::builder(Arc::new(SqliteProvider::from_pool(pool))),
        true,
    )
    .await
}

async fn built(mut builder: DurableEngineBuilder, on_a_file: bool) -> Outcome<Durare> {
    builder.register("steps", |ctx: DurableContext, steps: u64| async move {
        for _ in 0..steps {
            ctx.step("step", || async {
                marks::mark(marks::now());
                Ok::<Value, durare::Error>(json!({"id": 1, "ok": true}))
            })
            .await?;
        }
        Ok(())
    });
    builder.register("late", |ctx: DurableContext, due: u64| async move {
        ctx.sleep(marks::until(due)).await?;
        marks::late(due);
        Ok(())
    });
    builder.register("asked", |ctx: DurableContext, on_a_file: bool| async move {
        if on_a_file {
            return ctx
                .transaction("ask", |tx| {
                    Box::pin(async move {
                        let row = tx.query_one("PRAGMA synchronous", &params![]).await?;
                        Ok(named(row.get::<i64>("synchronous")))
                    })
                })
                .await;
        }
        ctx.transaction("ask", |tx| {
            Box::pin(async move {
                let row = tx.query_one("SHOW synchronous_commit", &params![]).await?;
                Ok(row.get::<String>("synchronous_commit"))
            })
        })
        .await
    });
    let engine = builder.build().await?;
    engine.recover().await?;
    Ok(Durare { engine, on_a_file })
}

/// SQLite's numbers of `synchronous`; see <https://www.sqlite.org/pragma.html#pragma_synchronous>.
pub fn named(synchronous: i64) -> String {
    match synchronous {
        0 => "OFF".into(),
        1 => "NORMAL".into(),
        2 => "FULL".into(),
        3 => "EXTRA".into(),
        other => other.to_string(),
    }
}

impl Opponent for Durare {
    const LEAD: u64 = 5_000;

    async fn done(&self, workflow: &'static str, inputs: Vec<u64>) -> Outcome<u64> {
        let mut runs = Vec::new();
        for input in inputs {
            let options = WorkflowOptions::default();
            runs.push(
                self.engine
                    .start::<u64, ()>(workflow, input, options)
                    .await?,
            );
        }
        let mut failed = 0;
        for run in runs {
            failed += u64::from(run.await.is_err());
        }
        Ok(failed)
    }

    async fn durability(&self) -> Outcome<Option<String>> {
        let options = WorkflowOptions::default();
        let asked = self
            .engine
            .start::<bool, String>("asked", self.on_a_file, options)
            .await?;
        Ok(Some(asked.await?))
    }
}
