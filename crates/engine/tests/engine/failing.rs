use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use db::testing;
use engine::{Failure, Registry, RunState};
use serde_json::{Value, json};

use crate::support::{Flow, House, deed, deeds};

fn flaky(
    failures: u32,
    failure: impl Fn() -> Failure + Send + Sync + 'static,
) -> (Flow, Arc<AtomicU32>) {
    let tries = Arc::new(AtomicU32::new(0));
    let t = tries.clone();
    let failure = Arc::new(failure);
    let flow = Flow::new("flaky", move |ctx, _| {
        let (tries, failure) = (t.clone(), failure.clone());
        Box::pin(async move {
            ctx.run("try", || async move {
                if tries.fetch_add(1, Ordering::SeqCst) < failures {
                    Err(failure())
                } else {
                    Ok(())
                }
            })
            .await?;
            Ok(json!("through"))
        })
    });
    (flow, tries)
}

#[tokio::test]
async fn a_step_is_tried_again_after_growing_waits() {
    for db in testing::databases().await {
        let (flow, tries) = flaky(2, || Failure::retryable("busy", "later"));
        let house = House::new(&db, Registry::new().with(flow)).await;
        let id = house.start("flaky", Value::Null).await;
        house.idle().await;
        let step = house.steps(id).await.remove(0);
        assert_eq!((step.state.as_str(), step.attempts), ("retrying", 1));
        assert_eq!(step.error, Some(("busy".into(), "later".into())));
        assert_eq!(step.due, Some(house.now() + 10_000));
        house.pass(Duration::from_millis(9_999)).await;
        assert_eq!(tries.load(Ordering::SeqCst), 1, "not before its time");
        house.pass(Duration::from_millis(1)).await;
        assert_eq!(tries.load(Ordering::SeqCst), 2);
        house.pass(Duration::from_secs(19)).await;
        assert_eq!(
            tries.load(Ordering::SeqCst),
            2,
            "the second wait is twice the first"
        );
        house.pass(Duration::from_secs(1)).await;
        assert_eq!(house.run(id).await.output, Some(json!("through")));
        assert_eq!(house.steps(id).await[0].attempts, 3);
    }
}

#[tokio::test]
async fn a_failure_that_names_its_wait_gets_it() {
    for db in testing::databases().await {
        let (flow, tries) = flaky(1, || {
            Failure::retry_after(Duration::from_secs(600), "throttled", "slow down")
        });
        let house = House::new(&db, Registry::new().with(flow)).await;
        let id = house.start("flaky", Value::Null).await;
        house.idle().await;
        house.pass(Duration::from_secs(599)).await;
        assert_eq!(tries.load(Ordering::SeqCst), 1);
        house.pass(Duration::from_secs(1)).await;
        assert_eq!(house.run(id).await.state, RunState::Done);
    }
}

#[tokio::test]
async fn a_failure_that_cannot_pass_is_not_tried_again() {
    for db in testing::databases().await {
        let (flow, tries) = flaky(9, || Failure::fatal("refused", "never"));
        let house = House::new(&db, Registry::new().with(flow)).await;
        let id = house.start("flaky", Value::Null).await;
        house.idle().await;
        let run = house.run(id).await;
        assert_eq!(run.state, RunState::Failed);
        assert_eq!(run.error, Some(("refused".into(), "never".into())));
        assert_eq!(tries.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn tries_that_are_used_up_fail_the_step_for_good() {
    for db in testing::databases().await {
        let (flow, tries) = flaky(9, || Failure::retryable("busy", "later"));
        let house = House::new(&db, Registry::new().with(flow)).await;
        let id = house.start("flaky", Value::Null).await;
        house.idle().await;
        for _ in 0..4 {
            house.pass(Duration::from_secs(60)).await;
        }
        assert_eq!(
            house.run(id).await.error,
            Some(("busy".into(), "later".into()))
        );
        assert_eq!(tries.load(Ordering::SeqCst), 3);
    }
}

#[tokio::test]
async fn a_panicking_step_is_a_failed_try() {
    for db in testing::databases().await {
        let tries = Arc::new(AtomicU32::new(0));
        let t = tries.clone();
        let flow = Flow::new("shaky", move |ctx, _| {
            let tries = t.clone();
            Box::pin(async move {
                ctx.run("try", || async move {
                    assert!(tries.fetch_add(1, Ordering::SeqCst) > 0, "the first time");
                    Ok(())
                })
                .await?;
                Ok(Value::Null)
            })
        });
        let house = House::new(&db, Registry::new().with(flow)).await;
        let id = house.start("shaky", Value::Null).await;
        house.idle().await;
        assert_eq!(
            house.steps(id).await[0].error.as_ref().unwrap().0,
            "panicked"
        );
        house.pass(Duration::from_secs(10)).await;
        assert_eq!(house.run(id).await.state, RunState::Done);
    }
}

#[tokio::test]
async fn a_failed_run_cleans_up_once_and_stays_failed() {
    for db in testing::databases().await {
        let flow = Flow::new("careful", |ctx, _| {
            Box::pin(async move {
                ctx.step_tx("do", |tx| deed(tx, "done".into())).await?;
                Err(Failure::fatal("broken", "does not work"))
            })
        })
        .clean_up(|ctx, failure| {
            Box::pin(async move {
                let what = format!("undone after {}", failure.code);
                ctx.sleep("breathe", Duration::from_secs(10)).await?;
                ctx.step_tx("undo", move |tx| deed(tx, what.clone()))
                    .await?;
                Ok(())
            })
        });
        let house = House::new(&db, Registry::new().with(flow)).await;
        let id = house.start("careful", Value::Null).await;
        house.idle().await;
        assert_eq!(house.run(id).await.state, RunState::Waiting);
        house.pass(Duration::from_secs(10)).await;
        assert_eq!(
            house.run(id).await.error,
            Some(("broken".into(), "does not work".into()))
        );
        assert_eq!(deeds(&db).await, ["done", "undone after broken"]);
    }
}

#[tokio::test]
async fn a_run_that_takes_too_long_fails() {
    for db in testing::databases().await {
        let flow = Flow::new("slow", |ctx, _| {
            Box::pin(async move {
                ctx.wait_for_event("wait", "never", "x", None).await?;
                Ok(Value::Null)
            })
        })
        .policy(|p| p.timeout = Some(Duration::from_secs(3600)));
        let house = House::new(&db, Registry::new().with(flow)).await;
        let id = house.start("slow", Value::Null).await;
        house.idle().await;
        house.pass(Duration::from_secs(3599)).await;
        assert_eq!(house.run(id).await.state, RunState::Waiting);
        house.pass(Duration::from_secs(1)).await;
        assert_eq!(house.run(id).await.error.unwrap().0, "timed_out");
    }
}

#[tokio::test]
async fn a_step_that_takes_too_long_is_a_failed_try() {
    for db in testing::databases().await {
        let flow = Flow::new("stuck", |ctx, _| {
            Box::pin(async move {
                ctx.run("hang", std::future::pending::<Result<(), Failure>>)
                    .await?;
                Ok(Value::Null)
            })
        })
        .policy(|p| p.step_timeout = Some(Duration::from_millis(30)));
        let house = House::new(&db, Registry::new().with(flow)).await;
        let id = house.start("stuck", Value::Null).await;
        house.idle().await;
        let step = house.steps(id).await.remove(0);
        assert_eq!(step.state, "retrying");
        assert_eq!(step.error.unwrap().0, "step_timed_out");
    }
}
