//! duroxide on its SQLite store. It executes a run's code anew for each step, so only activities
//! note times; a timer's run is at its end when it notes one.

use std::sync::Arc;
use std::time::Duration;

use duroxide::providers::sqlite::SqliteProvider;
use duroxide::runtime::registry::ActivityRegistry;
use duroxide::runtime::{ObservabilityConfig, Runtime, RuntimeOptions};
use duroxide::{
    ActivityContext, Client, OrchestrationContext, OrchestrationRegistry, OrchestrationStatus,
};

use crate::with_durare::named;
use crate::{Opponent, Outcome, marks};

const PATIENCE: Duration = Duration::from_secs(300);

pub struct Duroxide {
    store: Arc<SqliteProvider>,
    client: Client,
    /// It stops with it.
    _runtime: Arc<Runtime>,
}

pub async fn open(file: &str) -> Outcome<Duroxide> {
    let store = Arc::new(SqliteProvider::new(&format!("sqlite:{file}?mode=rwc"), None).await?);
    let activities = ActivityRegistry::builder()
        .register("step", |_: ActivityContext, _: String| async move {
            marks::mark(marks::now());
            Ok(r#"{"id":1,"ok":true}"#.to_owned())
        })
        .build();
    let orchestrations = OrchestrationRegistry::builder()
        .register(
            "steps",
            |ctx: OrchestrationContext, steps: String| async move {
                for _ in 0..steps.parse().unwrap_or(0) {
                    ctx.schedule_activity("step", "").await?;
                }
                Ok(String::new())
            },
        )
        .register(
            "late",
            |ctx: OrchestrationContext, due: String| async move {
                let due = due.parse().map_err(|_| "no time".to_owned())?;
                ctx.schedule_timer(marks::until(due)).await;
                marks::late(due);
                Ok(String::new())
            },
        )
        .build();
    // Its lines for people would be between ours.
    let options = RuntimeOptions {
        observability: ObservabilityConfig {
            log_level: "error".into(),
            ..Default::default()
        },
        ..Default::default()
    };
    let runtime =
        Runtime::start_with_options(store.clone(), activities, orchestrations, options).await;
    Ok(Duroxide {
        client: Client::new(store.clone()),
        store,
        _runtime: runtime,
    })
}

impl Opponent for Duroxide {
    const LEAD: u64 = 15_000;

    async fn done(&self, workflow: &'static str, inputs: Vec<u64>) -> Outcome<u64> {
        let names: Vec<String> = (0..inputs.len()).map(|n| format!("run {n}")).collect();
        for (name, input) in names.iter().zip(inputs) {
            self.client
                .start_orchestration(name, workflow, input.to_string())
                .await?;
        }
        let mut failed = 0;
        for name in &names {
            let status = self.client.wait_for_orchestration(name, PATIENCE).await?;
            failed += u64::from(!matches!(status, OrchestrationStatus::Completed { .. }));
        }
        Ok(failed)
    }

    async fn durability(&self) -> Outcome<Option<String>> {
        let asked = sqlx::query_scalar("PRAGMA synchronous").fetch_one(self.store.get_pool());
        Ok(Some(named(asked.await?)))
    }
}
