use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use db::{Uuid, testing};
use engine::{Failure, Registry, RunState, Start};
use serde_json::{Value, json};

use crate::support::{Flow, House, deed, deeds};

#[tokio::test]
async fn a_run_does_its_steps_and_ends_with_its_output() {
    for db in testing::databases().await {
        let flow = Flow::new("add", |ctx, input| {
            Box::pin(async move {
                let a: i64 = ctx.run("a", || async { Ok(1) }).await?;
                let b: i64 = ctx
                    .run("b", || async { Ok(input["b"].as_i64().unwrap_or(0)) })
                    .await?;
                Ok(json!(a + b))
            })
        });
        let house = House::new(&db, Registry::new().with(flow)).await;
        let id = house.start("add", json!({"b": 41})).await;
        house.idle().await;
        let run = house.run(id).await;
        assert_eq!((run.state, run.output), (RunState::Done, Some(json!(42))));
        let steps: Vec<_> = house
            .steps(id)
            .await
            .into_iter()
            .map(|s| (s.name, s.state))
            .collect();
        assert_eq!(
            steps,
            [("a".into(), "done".into()), ("b".into(), "done".into())]
        );
    }
}

#[tokio::test]
async fn code_that_is_entered_again_gets_the_stored_outcomes() {
    for db in testing::databases().await {
        let calls = Arc::new(AtomicU32::new(0));
        let entries = Arc::new(AtomicU32::new(0));
        let (c, e) = (calls.clone(), entries.clone());
        let flow = Flow::new("twice", move |ctx, _| {
            let (calls, entries) = (c.clone(), e.clone());
            Box::pin(async move {
                entries.fetch_add(1, Ordering::SeqCst);
                let mut sum = 0;
                for _ in 0..3 {
                    let calls = calls.clone();
                    sum += ctx
                        .run("count", || async move {
                            Ok(calls.fetch_add(1, Ordering::SeqCst))
                        })
                        .await?;
                    ctx.sleep("pause", Duration::from_secs(60)).await?;
                }
                Ok(json!(sum))
            })
        });
        let house = House::new(&db, Registry::new().with(flow)).await;
        let id = house.start("twice", Value::Null).await;
        house.idle().await;
        for _ in 0..3 {
            assert_eq!(house.run(id).await.state, RunState::Waiting);
            house.pass(Duration::from_secs(60)).await;
        }
        assert_eq!(house.run(id).await.output, Some(json!(3)), "0 + 1 + 2");
        assert_eq!(calls.load(Ordering::SeqCst), 3);
        assert_eq!(entries.load(Ordering::SeqCst), 4);
    }
}

#[tokio::test]
async fn a_transactional_step_and_its_checkpoint_are_one_commit() {
    for db in testing::databases().await {
        let flow = Flow::new("deeds", |ctx, _| {
            Box::pin(async move {
                ctx.step_tx("one", |tx| deed(tx, "one".into())).await?;
                let refused = ctx
                    .step_tx("two", |tx| {
                        Box::pin(async move {
                            deed(tx, "two".into()).await?;
                            Err::<(), _>(Failure::fatal("no", "changed my mind"))
                        })
                    })
                    .await;
                assert_eq!(refused.unwrap_err().code, "no");
                Ok(Value::Null)
            })
        });
        let house = House::new(&db, Registry::new().with(flow)).await;
        let id = house.start("deeds", Value::Null).await;
        house.idle().await;
        assert_eq!(house.run(id).await.state, RunState::Done);
        assert_eq!(deeds(&db).await, ["one"]);
    }
}

#[tokio::test]
async fn steps_side_by_side_are_all_stored() {
    for db in testing::databases().await {
        let flow = Flow::new("fan", |ctx, _| {
            Box::pin(async move {
                let ctx = &*ctx;
                let all = (0..20_i64).map(|n| ctx.run("part", move || async move { Ok(n * n) }));
                let squares: Vec<i64> = futures::future::try_join_all(all).await?;
                let (slept, ran) = tokio::join!(
                    ctx.sleep("nap", Duration::from_secs(30)),
                    ctx.run("work", || async {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        Ok(1_i64)
                    })
                );
                slept?;
                Ok(json!(squares.iter().sum::<i64>() + ran?))
            })
        });
        let house = House::new(&db, Registry::new().with(flow)).await;
        let id = house.start("fan", Value::Null).await;
        house.idle().await;
        let work = house
            .steps(id)
            .await
            .into_iter()
            .find(|s| s.name == "work")
            .unwrap();
        assert_eq!(
            work.state, "done",
            "a branch that waits does not cut off one that works"
        );
        house.pass(Duration::from_secs(30)).await;
        assert_eq!(house.run(id).await.output, Some(json!(2471)));
    }
}

#[tokio::test]
async fn a_second_start_with_the_same_key_is_the_first_one() {
    for db in testing::databases().await {
        let flow = Flow::new("once", |ctx, _| {
            Box::pin(async move {
                ctx.step_tx("do", |tx| deed(tx, "once".into())).await?;
                Ok(Value::Null)
            })
        });
        let house = House::new(&db, Registry::new().with(flow)).await;
        let mut start = Start::new(Uuid::new_v4(), "once", 1, Value::Null, house.now());
        start.key = Some("k".into());
        let first = house.start_as(start.clone()).await;
        start.id = Uuid::new_v4();
        assert_eq!(house.start_as(start.clone()).await, first);
        house.idle().await;
        start.id = Uuid::new_v4();
        assert_eq!(house.start_as(start).await, first, "even after its end");
        house.idle().await;
        assert_eq!(deeds(&db).await.len(), 1);
    }
}

#[tokio::test]
async fn a_run_starts_with_the_transaction_that_wants_it_or_not_at_all() {
    for db in testing::databases().await {
        let flow = Flow::new("noop", |_, _| Box::pin(async { Ok(Value::Null) }));
        let house = House::new(&db, Registry::new().with(flow)).await;
        let id = Uuid::new_v4();
        let now = house.now();
        let undone: Result<(), Failure> = db
            .write(move |tx| {
                Box::pin(async move {
                    engine::start_in(tx, &Start::new(id, "noop", 1, Value::Null, now)).await?;
                    Err(Failure::fatal("no", "no"))
                })
            })
            .await;
        assert!(undone.is_err());
        house.idle().await;
        let found = db
            .read(move |tx| Box::pin(async move { engine::run(tx, id).await }))
            .await
            .unwrap();
        assert!(found.is_none());
    }
}

#[tokio::test]
async fn a_child_run_hands_its_outcome_to_its_parent() {
    for db in testing::databases().await {
        let child = Flow::new("child", |ctx, input| {
            Box::pin(async move {
                ctx.sleep("nap", Duration::from_secs(5)).await?;
                match input.as_i64() {
                    Some(n) if n > 0 => Ok(json!(n * 2)),
                    _ => Err(Failure::fatal("too_small", "must be positive")),
                }
            })
        });
        let parent = Flow::new("parent", |ctx, _| {
            Box::pin(async move {
                let start = |n: i64| Start::new(Uuid::nil(), "child", 1, json!(n), ctx.now());
                let good = ctx.invoke("good", start(21)).await?;
                let bad = ctx.invoke("bad", start(-1)).await.unwrap_err();
                Ok(json!([good, bad.code]))
            })
        });
        let house = House::new(&db, Registry::new().with(child).with(parent)).await;
        let id = house.start("parent", Value::Null).await;
        house.idle().await;
        house.pass(Duration::from_secs(5)).await;
        house.pass(Duration::from_secs(5)).await;
        assert_eq!(house.run(id).await.output, Some(json!([42, "too_small"])));
    }
}

#[tokio::test]
async fn an_effect_that_may_have_happened_is_looked_for_first() {
    for db in testing::databases().await {
        let acts = Arc::new(AtomicU32::new(0));
        let a = acts.clone();
        let flow = Flow::new("post", move |ctx, _| {
            let (acts, looked) = (a.clone(), a.clone());
            Box::pin(async move {
                let id: u32 = ctx
                    .effect(
                        "send",
                        || async move { Ok((looked.load(Ordering::SeqCst) > 0).then_some(7)) },
                        || async move {
                            acts.fetch_add(1, Ordering::SeqCst);
                            panic!("the answer was lost");
                        },
                    )
                    .await?;
                Ok(json!(id))
            })
        });
        let house = House::new(&db, Registry::new().with(flow)).await;
        let id = house.start("post", Value::Null).await;
        house.idle().await;
        assert_eq!(house.steps(id).await[0].state, "in_flight");
        house.pass(Duration::from_secs(10)).await;
        assert_eq!(house.run(id).await.output, Some(json!(7)));
        assert_eq!(acts.load(Ordering::SeqCst), 1);
    }
}
