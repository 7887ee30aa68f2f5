use std::sync::Arc;
use std::time::Duration;

use db::testing;
use engine::{DatabaseClock, ManualClock, Options, Registry, RunState, Start};
use serde_json::{Value, json};

use crate::support::{Flow, House, NOW, begin, run};

const HOUR: i64 = 3_600_000;

fn sleeper() -> Flow {
    Flow::new("sleeper", |ctx, input| {
        Box::pin(async move {
            ctx.sleep_until("until", input.as_i64().unwrap_or(0))
                .await?;
            Ok(json!(ctx.now()))
        })
    })
}

/// Lets the engine's timers fire without nudging it.
async fn settle(house: &House) {
    for _ in 0..40 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        house.clock.advance(Duration::ZERO);
    }
}

async fn until(house: &House, id: db::Uuid, state: RunState) {
    for _ in 0..400 {
        if house.run(id).await.state == state {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{:?} instead of {state:?}", house.run(id).await.state);
}

#[tokio::test]
async fn a_sleep_ends_when_its_time_has_come_without_anybody_nudging() {
    for db in testing::databases().await {
        let house = House::new(&db, Registry::new().with(sleeper())).await;
        let id = house.start("sleeper", json!(NOW + 3_000)).await;
        assert_eq!(house.idle().await, Some(NOW + 3_000));
        house.clock.advance(Duration::from_millis(2_999));
        settle(&house).await;
        assert_eq!(house.run(id).await.state, RunState::Waiting);
        house.clock.advance(Duration::from_millis(1));
        until(&house, id, RunState::Done).await;
        assert_eq!(house.run(id).await.output, Some(json!(NOW + 3_000)));
    }
}

#[tokio::test]
async fn a_clock_set_forward_is_noticed_within_the_poll() {
    for db in testing::databases().await {
        let house = House::new(&db, Registry::new().with(sleeper())).await;
        let id = house.start("sleeper", json!(NOW + HOUR)).await;
        house.idle().await;
        house.clock.jump(HOUR);
        house.clock.advance(Duration::from_secs(5));
        until(&house, id, RunState::Done).await;
    }
}

#[tokio::test]
async fn a_clock_set_back_delays_what_is_planned_by_the_wall_and_loses_nothing() {
    for db in testing::databases().await {
        let house = House::new(&db, Registry::new().with(sleeper())).await;
        let id = house.start("sleeper", json!(NOW + 10_000)).await;
        house.idle().await;
        house.clock.jump(-HOUR);
        house.pass(Duration::from_secs(60)).await;
        assert_eq!(house.run(id).await.state, RunState::Waiting);
        house.clock.jump(HOUR);
        house.pass(Duration::ZERO).await;
        assert_eq!(house.run(id).await.state, RunState::Done);
    }
}

#[tokio::test]
async fn a_machine_that_slept_over_the_time_runs_it_on_waking() {
    for db in testing::databases().await {
        let house = House::new(&db, Registry::new().with(sleeper())).await;
        let id = house.start("sleeper", json!(NOW + HOUR)).await;
        house.idle().await;
        house.clock.suspend(Duration::from_secs(8 * 3600));
        // The resume of the operating system.
        house.engine.nudge();
        until(&house, id, RunState::Done).await;
        assert_eq!(
            house.run(id).await.output,
            Some(json!(NOW + 8 * HOUR)),
            "it can see how late"
        );
    }
}

#[tokio::test]
async fn a_step_that_the_machine_slept_through_is_not_done_twice() {
    for db in testing::databases().await {
        let (begun, mut has_begun) = tokio::sync::mpsc::unbounded_channel();
        let go = Arc::new(tokio::sync::Semaphore::new(0));
        let gate = go.clone();
        let flow = Flow::new("long", move |ctx, _| {
            let (begun, gate) = (begun.clone(), gate.clone());
            Box::pin(async move {
                ctx.run("work", || async move {
                    let _ = begun.send(());
                    let _ = gate.acquire().await;
                    Ok(())
                })
                .await?;
                Ok(Value::Null)
            })
        });
        let house = House::new(&db, Registry::new().with(flow)).await;
        let id = house.start("long", Value::Null).await;
        has_begun.recv().await.unwrap();
        house.clock.suspend(Duration::from_secs(8 * 3600));
        house.engine.nudge();
        settle(&house).await;
        go.add_permits(10);
        house.idle().await;
        assert_eq!(house.run(id).await.state, RunState::Done);
        assert!(
            has_begun.try_recv().is_err(),
            "the lease was renewed before anybody claimed"
        );
    }
}

#[tokio::test]
async fn a_start_in_the_future_waits() {
    for db in testing::databases().await {
        let house = House::new(&db, Registry::new().with(sleeper())).await;
        let mut start = Start::new(db::Uuid::new_v4(), "sleeper", 1, json!(0), NOW);
        start.at = Some(NOW + HOUR);
        let id = house.start_as(start).await;
        assert_eq!(house.idle().await, Some(NOW + HOUR));
        assert_eq!(house.run(id).await.state, RunState::Ready);
        house.pass(Duration::from_secs(3600)).await;
        assert_eq!(house.run(id).await.state, RunState::Done);
    }
}

#[tokio::test]
async fn what_another_process_started_is_found_by_the_poll() {
    for db in testing::databases().await {
        let house = House::new(&db, Registry::new().with(sleeper())).await;
        house.idle().await;
        let start = Start::new(db::Uuid::new_v4(), "sleeper", 1, json!(0), NOW);
        let id = begin(&db, start).await.id;
        for _ in 0..3 {
            // Twice may be needed: the timer may not have been set yet.
            house.clock.advance(Duration::from_secs(5));
            settle(&house).await;
        }
        until(&house, id, RunState::Done).await;
    }
}

#[tokio::test]
async fn workers_can_go_by_the_clock_of_their_database() {
    for db in testing::databases().await {
        // This machine believes that it is 1970.
        let clock = Arc::new(ManualClock::at(0));
        let options = Options {
            database_clock: Some(Arc::new(DatabaseClock::over(clock.clone()))),
            ..Options::default()
        };
        let house = House::with(&db, Registry::new().with(sleeper()), clock, options).await;
        let id = house.start("sleeper", json!(NOW)).await;
        house.idle().await;
        let shown = house.run(id).await.output.and_then(|o| o.as_i64()).unwrap();
        assert!(shown > NOW, "the database knows that March 2026 is over");
    }
}

#[tokio::test]
async fn a_stopped_engine_hands_over_between_two_steps() {
    for db in testing::databases().await {
        let (begun, mut has_begun) = tokio::sync::mpsc::unbounded_channel();
        let registry = move || {
            let begun = begun.clone();
            Registry::new().with(Flow::new("two", move |ctx, _| {
                let begun = begun.clone();
                Box::pin(async move {
                    for step in ["one", "two"] {
                        let begun = begun.clone();
                        ctx.run(step, || async move {
                            let _ = begun.send(step);
                            tokio::time::sleep(Duration::from_millis(30)).await;
                            Ok(())
                        })
                        .await?;
                    }
                    Ok(Value::Null)
                })
            }))
        };
        let house = House::new(&db, registry()).await;
        let id = house.start("two", Value::Null).await;
        assert_eq!(has_begun.recv().await, Some("one"));
        house.stop().await;
        assert_eq!(run(&db, id).await.state, RunState::Waiting);
        let clock = Arc::new(ManualClock::at(NOW));
        let next = House::with(&db, registry(), clock, Options::default()).await;
        next.idle().await;
        assert_eq!(
            run(&db, id).await.state,
            RunState::Done,
            "without waiting for the lease"
        );
        assert_eq!(has_begun.recv().await, Some("two"));
        assert!(has_begun.try_recv().is_err());
    }
}
