use std::time::Duration;

use db::{Uuid, testing};
use engine::{Event, Registry, RunState, Start};
use serde_json::{Value, json};

use crate::support::{Flow, House, emit};

fn listener() -> Flow {
    Flow::new("listener", |ctx, input| {
        Box::pin(async move {
            let timeout = input["timeout"].as_u64().map(Duration::from_secs);
            let times = input["times"].as_u64().unwrap_or(1);
            let mut heard = Vec::new();
            for _ in 0..times {
                heard.push(ctx.wait_for_event("hear", "said", "x", timeout).await?);
            }
            Ok(json!(heard))
        })
    })
}

fn said(house: &House, what: i64) -> Event {
    Event::new("said", "x", json!(what), house.now())
}

#[tokio::test]
async fn an_event_wakes_the_run_that_waits_for_it() {
    for db in testing::databases().await {
        let house = House::new(&db, Registry::new().with(listener())).await;
        let id = house.start("listener", json!({})).await;
        assert_eq!(house.idle().await, None, "nothing is due while it waits");
        house
            .emit(Event::new("said", "y", json!(0), house.now()))
            .await;
        house.idle().await;
        assert_eq!(house.run(id).await.state, RunState::Waiting, "another key");
        house.emit(said(&house, 5)).await;
        house.idle().await;
        assert_eq!(house.run(id).await.output, Some(json!([5])));
    }
}

#[tokio::test]
async fn an_event_that_comes_before_its_wait_is_not_lost() {
    for db in testing::databases().await {
        let flow = Flow::new("late", |ctx, _| {
            Box::pin(async move {
                ctx.sleep("doze", Duration::from_secs(60)).await?;
                let heard = ctx.wait_for_event("hear", "said", "x", None).await?;
                Ok(json!(heard))
            })
        });
        let house = House::new(&db, Registry::new().with(flow)).await;
        let id = house.start("late", Value::Null).await;
        house.idle().await;
        house.emit(said(&house, 1)).await;
        house.emit(said(&house, 2)).await;
        house.pass(Duration::from_secs(60)).await;
        assert_eq!(
            house.run(id).await.output,
            Some(json!(1)),
            "the first emit wins"
        );
    }
}

#[tokio::test]
async fn an_event_older_than_the_run_is_not_its_own() {
    for db in testing::databases().await {
        let house = House::new(&db, Registry::new().with(listener())).await;
        house.emit(said(&house, 1)).await;
        let id = house.start("listener", json!({})).await;
        house.idle().await;
        assert_eq!(house.run(id).await.state, RunState::Waiting);
    }
}

#[tokio::test]
async fn waits_take_events_one_by_one_in_order() {
    for db in testing::databases().await {
        let house = House::new(&db, Registry::new().with(listener())).await;
        let id = house.start("listener", json!({"times": 3})).await;
        let other = house.start("listener", json!({"times": 1})).await;
        house.idle().await;
        for n in 1..=3 {
            house.emit(said(&house, n)).await;
        }
        house.idle().await;
        assert_eq!(house.run(id).await.output, Some(json!([1, 2, 3])));
        assert_eq!(
            house.run(other).await.output,
            Some(json!([1])),
            "each run for itself"
        );
    }
}

#[tokio::test]
async fn a_duplicate_event_is_dropped() {
    for db in testing::databases().await {
        let house = House::new(&db, Registry::new().with(listener())).await;
        let id = house.start("listener", json!({"times": 2})).await;
        let mut event = said(&house, 1);
        event.dedupe = Some("d".into());
        assert!(house.emit(event.clone()).await);
        event.payload = json!(2);
        assert!(!house.emit(event).await);
        house.idle().await;
        assert_eq!(
            house.run(id).await.state,
            RunState::Waiting,
            "for the second"
        );
    }
}

#[tokio::test]
async fn a_wait_that_lasts_too_long_ends_with_nothing() {
    for db in testing::databases().await {
        let house = House::new(&db, Registry::new().with(listener())).await;
        let id = house
            .start("listener", json!({"times": 2, "timeout": 100}))
            .await;
        house.idle().await;
        house.pass(Duration::from_secs(100)).await;
        house.emit(said(&house, 8)).await;
        house.idle().await;
        assert_eq!(house.run(id).await.output, Some(json!([null, 8])));
    }
}

#[tokio::test]
async fn an_event_and_its_wait_that_meet_are_never_lost() {
    for db in testing::databases().await {
        let house = House::new(&db, Registry::new().with(listener())).await;
        let mut runs = Vec::new();
        for n in 0..60_u64 {
            let id = house.start("listener", json!({})).await;
            let (db, now) = (db.clone(), house.now());
            // The emit falls somewhere between the start and the parking.
            tokio::time::sleep(Duration::from_micros(n * 97 % 4000)).await;
            emit(&db, Event::new("said", "x", json!(n), now)).await;
            house.engine.nudge();
            runs.push(id);
        }
        house.idle().await;
        for id in runs {
            assert_eq!(house.run(id).await.state, RunState::Done);
        }
    }
}

#[tokio::test]
async fn a_step_can_emit() {
    for db in testing::databases().await {
        let speaker = Flow::new("speaker", |ctx, _| {
            Box::pin(async move {
                let event = Event::new("said", "x", json!("hello"), ctx.now());
                Ok(json!(ctx.emit("say", event).await?))
            })
        });
        let house = House::new(&db, Registry::new().with(listener()).with(speaker)).await;
        let id = house.start("listener", json!({})).await;
        house.idle().await;
        let speaker = house.start("speaker", Value::Null).await;
        house.idle().await;
        assert_eq!(house.run(speaker).await.output, Some(json!(true)));
        assert_eq!(house.run(id).await.output, Some(json!(["hello"])));
    }
}

#[tokio::test]
async fn an_event_cancels_the_runs_that_said_so() {
    for db in testing::databases().await {
        let house = House::new(&db, Registry::new().with(listener())).await;
        let mut start = Start::new(Uuid::new_v4(), "listener", 1, json!({}), house.now());
        start.cancel_on = vec![("withdrawn".into(), "c".into())];
        let id = house.start_as(start).await;
        let other = house.start("listener", json!({})).await;
        house.idle().await;
        house
            .emit(Event::new("withdrawn", "c", Value::Null, house.now()))
            .await;
        house.idle().await;
        let run = house.run(id).await;
        assert_eq!(run.state, RunState::Cancelled);
        assert_eq!(run.error, Some(("cancelled".into(), "withdrawn".into())));
        assert_eq!(house.run(other).await.state, RunState::Waiting);
    }
}
