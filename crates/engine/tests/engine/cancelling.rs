use std::sync::Arc;

use db::{Uuid, testing};
use engine::{Registry, RunState, Start};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};

use crate::support::{Flow, House, cancel, deed, deeds};

#[tokio::test]
async fn a_cancelled_run_stores_nothing_more() {
    for db in testing::databases().await {
        let (begun, mut has_begun) = mpsc::unbounded_channel();
        let go = Arc::new(Semaphore::new(0));
        let gate = go.clone();
        let flow = Flow::new("work", move |ctx, _| {
            let (begun, gate) = (begun.clone(), gate.clone());
            Box::pin(async move {
                let lost = ctx.cancelled().clone();
                ctx.run("think", || async move {
                    let _ = begun.send(());
                    let _ = gate.acquire().await;
                    lost.cancelled().await;
                    Ok(())
                })
                .await?;
                ctx.step_tx("do", |tx| deed(tx, "done".into())).await?;
                Ok(Value::Null)
            })
        });
        let house = House::new(&db, Registry::new().with(flow)).await;
        let id = house.start("work", Value::Null).await;
        has_begun.recv().await.unwrap();
        assert!(cancel(&db, id, house.now()).await);
        assert!(!cancel(&db, id, house.now()).await, "only once");
        // The step in flight is told with the next look at the leases.
        house.clock.advance(std::time::Duration::from_secs(1));
        house.engine.nudge();
        go.add_permits(1);
        house.idle().await;
        let run = house.run(id).await;
        assert_eq!(run.state, RunState::Cancelled);
        assert_eq!(
            run.error,
            Some(("cancelled".into(), "no longer wanted".into()))
        );
        assert!(house.steps(id).await.is_empty());
        assert!(deeds(&db).await.is_empty());
    }
}

#[tokio::test]
async fn cancelling_a_run_cancels_those_it_invoked() {
    for db in testing::databases().await {
        let child = Flow::new("child", |ctx, _| {
            Box::pin(async move {
                ctx.wait_for_event("w", "never", "x", None).await?;
                Ok(Value::Null)
            })
        });
        let parent = Flow::new("parent", |ctx, _| {
            Box::pin(async move {
                let start = Start::new(Uuid::nil(), "child", 1, Value::Null, ctx.now());
                ctx.invoke("call", start).await
            })
        });
        let house = House::new(&db, Registry::new().with(child).with(parent)).await;
        let id = house.start("parent", Value::Null).await;
        house.idle().await;
        assert!(cancel(&db, id, house.now()).await);
        house.idle().await;
        let all = db
            .read(|tx| Box::pin(async move { engine::runs(tx, &engine::Filter::default()).await }))
            .await
            .unwrap();
        assert_eq!(all.len(), 2);
        assert!(all.iter().all(|r| r.state == RunState::Cancelled));
    }
}

#[tokio::test]
async fn a_cancel_raced_against_the_step_leaves_either_both_or_neither() {
    for db in testing::databases().await {
        let flow = Flow::new("race", |ctx, input| {
            Box::pin(async move {
                let what = input.as_str().unwrap_or_default().to_owned();
                ctx.step_tx("do", move |tx| deed(tx, what.clone())).await?;
                ctx.wait_for_event("w", "never", "x", None).await?;
                Ok(Value::Null)
            })
        });
        let house = House::new(&db, Registry::new().with(flow)).await;
        for n in 0..100_u64 {
            let id = house.start("race", json!(format!("deed {n}"))).await;
            tokio::time::sleep(std::time::Duration::from_micros(n * 61 % 3000)).await;
            cancel(&db, id, house.now()).await;
            let done = deeds(&db).await.contains(&format!("deed {n}"));
            let stored = house.steps(id).await.iter().any(|s| s.name == "do");
            assert_eq!(done, stored);
            house.idle().await;
            assert_eq!(
                deeds(&db).await.contains(&format!("deed {n}")),
                done,
                "cancelled is final"
            );
        }
    }
}
