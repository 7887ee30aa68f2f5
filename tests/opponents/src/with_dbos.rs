//! dbos, on PostgreSQL only.

use dbos::{Config, DBOS, WorkflowRef};
use serde_json::{Value, json};

use crate::{Opponent, Outcome, marks};

pub struct Dbos {
    /// Its executor ends with it.
    _instance: DBOS,
    steps: WorkflowRef<u64, ()>,
    late: WorkflowRef<u64, ()>,
}

pub async fn open(database: &str) -> Outcome<Dbos> {
    let instance = DBOS::new(Config {
        app_version: Some("1".into()),
        ..Config::new("opponent", database)
    });
    let steps = instance.register_workflow("steps", |steps: u64| async move {
        for _ in 0..steps {
            dbos::step("step", || async {
                marks::mark(marks::now());
                Ok::<Value, dbos::Error>(json!({"id": 1, "ok": true}))
            })
            .await?;
        }
        Ok::<(), dbos::Error>(())
    })?;
    let late = instance.register_workflow("late", |due: u64| async move {
        dbos::sleep(marks::until(due)).await?;
        marks::late(due);
        Ok::<(), dbos::Error>(())
    })?;
    instance.launch().await?;
    Ok(Dbos {
        _instance: instance,
        steps,
        late,
    })
}

impl Opponent for Dbos {
    const LEAD: u64 = 5_000;

    async fn done(&self, workflow: &'static str, inputs: Vec<u64>) -> Outcome<u64> {
        let workflow = if workflow == "steps" {
            &self.steps
        } else {
            &self.late
        };
        let mut runs = Vec::new();
        for input in inputs {
            runs.push(workflow.start(input).await?);
        }
        let mut failed = 0;
        for run in runs {
            failed += u64::from(run.result().await.is_err());
        }
        Ok(failed)
    }

    async fn durability(&self) -> Outcome<Option<String>> {
        Ok(None)
    }
}
