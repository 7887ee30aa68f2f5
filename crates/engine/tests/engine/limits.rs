use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use db::{Uuid, testing};
use engine::{ManualClock, Options, Registry, RunState, Singleton, Start};
use serde_json::{Value, json};

use crate::support::{Flow, House, NOW, run};

/// Counts how many of its kind execute at a time.
fn crowd(limit: u32) -> (Flow, Arc<AtomicU32>, Arc<AtomicU32>) {
    let (inside, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (i, m) = (inside.clone(), most.clone());
    let flow = Flow::new("crowd", move |ctx, _| {
        let (inside, most) = (i.clone(), m.clone());
        Box::pin(async move {
            for _ in 0..2 {
                let (inside, most) = (inside.clone(), most.clone());
                ctx.run("in", || async move {
                    most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(2)).await;
                    inside.fetch_sub(1, Ordering::SeqCst);
                    Ok(())
                })
                .await?;
            }
            Ok(Value::Null)
        })
    })
    .policy(|p| p.concurrency = limit);
    (flow, inside, most)
}

#[tokio::test]
async fn runs_of_one_concurrency_key_execute_at_most_so_many_at_a_time() {
    for db in testing::databases().await {
        for limit in [1, 3] {
            let (flow, _, most) = crowd(limit);
            let house = House::new(&db, Registry::new().with(flow)).await;
            let mut ids = Vec::new();
            for _ in 0..12 {
                let mut start = Start::new(Uuid::new_v4(), "crowd", 1, Value::Null, NOW);
                start.concurrency = Some(format!("key {limit}"));
                ids.push(house.start_as(start).await);
            }
            house.idle().await;
            for id in ids {
                assert_eq!(house.run(id).await.state, RunState::Done);
            }
            assert_eq!(most.load(Ordering::SeqCst), limit);
            house.stop().await;
        }
    }
}

#[tokio::test]
async fn a_run_that_sleeps_does_not_hold_its_key() {
    for db in testing::databases().await {
        let flow = Flow::new("nap", |ctx, _| {
            Box::pin(async move {
                ctx.sleep("nap", Duration::from_secs(100)).await?;
                Ok(Value::Null)
            })
        });
        let (other, _, _) = crowd(1);
        let house = House::new(&db, Registry::new().with(flow).with(other)).await;
        let mut start = Start::new(Uuid::new_v4(), "nap", 1, Value::Null, NOW);
        start.concurrency = Some("k".into());
        let sleeping = house.start_as(start.clone()).await;
        house.idle().await;
        start.id = Uuid::new_v4();
        start.workflow = "crowd".into();
        let other = house.start_as(start).await;
        house.idle().await;
        assert_eq!(house.run(sleeping).await.state, RunState::Waiting);
        assert_eq!(house.run(other).await.state, RunState::Done);
    }
}

#[tokio::test]
async fn two_engines_on_one_database_keep_the_limit_together() {
    for db in testing::databases().await {
        let (_, inside, most) = crowd(2);
        let registry = || {
            let (inside, most) = (inside.clone(), most.clone());
            Registry::new().with(
                Flow::new("crowd", move |ctx, _| {
                    let (inside, most) = (inside.clone(), most.clone());
                    Box::pin(async move {
                        ctx.run("in", || async move {
                            let now = inside.fetch_add(1, Ordering::SeqCst) + 1;
                            most.fetch_max(now, Ordering::SeqCst);
                            tokio::time::sleep(Duration::from_millis(2)).await;
                            inside.fetch_sub(1, Ordering::SeqCst);
                            Ok(())
                        })
                        .await?;
                        Ok(Value::Null)
                    })
                })
                .policy(|p| p.concurrency = 2),
            )
        };
        let clock = Arc::new(ManualClock::at(NOW));
        let a = House::with(&db, registry(), clock.clone(), Options::default()).await;
        let b = House::with(&db, registry(), clock, Options::default()).await;
        let mut ids = Vec::new();
        for _ in 0..40 {
            let mut start = Start::new(Uuid::new_v4(), "crowd", 1, Value::Null, NOW);
            start.concurrency = Some("shared".into());
            ids.push(a.start_as(start).await);
            b.engine.nudge();
        }
        for _ in 0..200 {
            a.engine.nudge();
            b.engine.nudge();
            tokio::time::sleep(Duration::from_millis(10)).await;
            let mut open = 0;
            for id in &ids {
                open += u32::from(run(&db, *id).await.state != RunState::Done);
            }
            if open == 0 {
                break;
            }
        }
        for id in ids {
            assert_eq!(run(&db, id).await.state, RunState::Done);
        }
        assert_eq!(most.load(Ordering::SeqCst), 2);
    }
}

#[tokio::test]
async fn a_singleton_stays_or_is_replaced() {
    for db in testing::databases().await {
        let flow = Flow::new("only", |ctx, _| {
            Box::pin(async move {
                ctx.sleep("nap", Duration::from_secs(100)).await?;
                Ok(Value::Null)
            })
        });
        let house = House::new(&db, Registry::new().with(flow)).await;
        let start = |singleton| {
            let mut start = Start::new(Uuid::new_v4(), "only", 1, Value::Null, NOW);
            start.singleton = Some(singleton);
            start
        };
        let first = house.start_as(start(Singleton::Keep("k".into()))).await;
        assert_eq!(
            house.start_as(start(Singleton::Keep("k".into()))).await,
            first
        );
        let other = house.start_as(start(Singleton::Keep("other".into()))).await;
        assert_ne!(other, first);
        let second = house.start_as(start(Singleton::Replace("k".into()))).await;
        assert_ne!(second, first);
        assert_eq!(house.run(first).await.state, RunState::Cancelled);
        house.idle().await;
        house.pass(Duration::from_secs(100)).await;
        assert_eq!(house.run(second).await.state, RunState::Done);
        let third = house.start_as(start(Singleton::Keep("k".into()))).await;
        assert_ne!(third, second, "the key is free when its run has ended");
    }
}

#[tokio::test]
async fn budgets_end_a_run_with_a_clear_error() {
    for db in testing::databases().await {
        let endless = Flow::new("endless", |ctx, _| {
            Box::pin(async move {
                loop {
                    ctx.run("more", || async { Ok(1) }).await?;
                }
            })
        })
        .clean_up(|ctx, _| Box::pin(async move { ctx.run("tidy", || async { Ok(()) }).await }));
        let large = Flow::new("large", |ctx, input| {
            Box::pin(async move {
                for _ in 0..input.as_u64().unwrap_or(1) {
                    ctx.run("big", || async { Ok("x".repeat(900)) }).await?;
                }
                Ok(Value::Null)
            })
        });
        let options = Options {
            max_steps: 20,
            max_output: 1_000,
            max_state: 5_000,
            ..Options::default()
        };
        let house = House::with(
            &db,
            Registry::new().with(endless).with(large),
            Arc::new(ManualClock::at(NOW)),
            options,
        )
        .await;
        let endless = house.start("endless", Value::Null).await;
        let fits = house.start("large", json!(3)).await;
        let too_many = house.start("large", json!(9)).await;
        house.idle().await;
        assert_eq!(house.run(endless).await.error.unwrap().0, "budget_exceeded");
        assert_eq!(
            house.steps(endless).await.len(),
            22,
            "20, the failure, the clean-up"
        );
        assert_eq!(house.run(fits).await.state, RunState::Done);
        assert_eq!(
            house.run(too_many).await.error.unwrap().0,
            "budget_exceeded"
        );
    }
}
