//! Runs that are held back before their first step.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use db::{Uuid, testing};
use engine::{Clock, Gather, Options, Policy, Priority, Rate, Registry, RunState, Start};
use serde_json::{Value, json};

use crate::support::{Dice, Flow, House, cancel, deed, deeds};

const MINUTE: Duration = Duration::from_secs(60);

/// What ran, in its order.
type Heard = Arc<Mutex<Vec<Value>>>;

fn flow(heard: &Heard, change: impl FnOnce(&mut Policy)) -> Registry {
    let heard = heard.clone();
    let flow = Flow::new("held", move |_, input| {
        heard.lock().unwrap().push(input);
        Box::pin(async { Ok(Value::Null) })
    });
    Registry::new().with(flow.policy(change))
}

fn taken(heard: &Heard) -> Vec<Value> {
    std::mem::take(&mut heard.lock().unwrap())
}

async fn start(house: &House, key: &str, input: Value) -> Uuid {
    let mut start = Start::new(Uuid::now_v7(), "held", 1, input, house.now());
    start.flow = Some(key.to_owned());
    house.start_as(start).await
}

async fn error_of(house: &House, id: Uuid) -> (RunState, String) {
    let run = house.run(id).await;
    (run.state, run.error.map_or_else(String::new, |e| e.0))
}

#[tokio::test]
async fn a_throttled_workflow_begins_so_many_in_any_span_and_loses_none() {
    for db in testing::databases().await {
        let heard = Heard::default();
        let three = Rate {
            most: 3,
            per: MINUTE,
        };
        let house = House::new(&db, flow(&heard, |p| p.throttle = Some(three))).await;
        let mut runs = Vec::new();
        for n in 0..20 {
            runs.push(start(&house, "a", json!(n)).await);
            if n % 4 == 0 {
                house.pass(Duration::from_secs(7)).await;
            }
        }
        house.idle().await;
        assert!(heard.lock().unwrap().len() < 10);
        assert_eq!(house.run(runs[19]).await.state, RunState::Queued);
        for _ in 0..60 {
            house.pass(Duration::from_secs(9)).await;
        }
        let mut begun = Vec::new();
        for id in runs {
            let run = house.run(id).await;
            assert_eq!(run.state, RunState::Done);
            begun.push(run.started_at.unwrap());
        }
        begun.sort_unstable();
        assert!(begun.windows(4).all(|w| w[3] - w[0] >= 60_000), "{begun:?}");
        assert_eq!(heard.lock().unwrap().len(), 20, "each ran once");
    }
}

#[tokio::test]
async fn beyond_its_rate_a_run_ends_at_once_and_says_why() {
    for db in testing::databases().await {
        let heard = Heard::default();
        let two = Rate {
            most: 2,
            per: MINUTE,
        };
        let house = House::new(&db, flow(&heard, |p| p.rate_limit = Some(two))).await;
        let mut runs = Vec::new();
        for n in 0..4 {
            runs.push(start(&house, "a", json!(n)).await);
            house.idle().await;
        }
        assert_eq!(taken(&heard), [json!(0), json!(1)]);
        for id in &runs[2..] {
            let ended = (RunState::Cancelled, "rate_limited".to_owned());
            assert_eq!(error_of(&house, *id).await, ended);
        }
        start(&house, "b", json!("another key")).await;
        house.start("held", json!("no key")).await;
        house.idle().await;
        assert_eq!(taken(&heard).len(), 2, "the others count for themselves");
        house.pass(MINUTE).await;
        start(&house, "a", json!(5)).await;
        house.idle().await;
        assert_eq!(taken(&heard), [json!(5)]);
    }
}

fn debounce(policy: &mut Policy) {
    policy.gather = Some(Gather::Debounce {
        quiet: Duration::from_secs(10),
        longest: MINUTE,
    });
}

#[tokio::test]
async fn of_a_burst_the_newest_runs_once_it_is_quiet() {
    for db in testing::databases().await {
        let heard = Heard::default();
        let house = House::new(&db, flow(&heard, debounce)).await;
        let mut runs = Vec::new();
        for n in 0..4 {
            runs.push(start(&house, "a", json!(n)).await);
            house.idle().await;
            house.pass(Duration::from_secs(4)).await;
        }
        assert_eq!(taken(&heard), Vec::<Value>::new());
        house.pass(Duration::from_secs(6)).await;
        assert_eq!(taken(&heard), [json!(3)]);
        for id in &runs[..3] {
            let ended = (RunState::Cancelled, "debounced".to_owned());
            assert_eq!(error_of(&house, *id).await, ended);
        }
        assert_eq!(house.run(runs[3]).await.state, RunState::Done);
    }
}

#[tokio::test]
async fn a_burst_without_end_runs_all_the_same_after_the_longest_wait() {
    for db in testing::databases().await {
        let heard = Heard::default();
        let house = House::new(&db, flow(&heard, debounce)).await;
        for n in 0..16 {
            start(&house, "a", json!(n)).await;
            house.idle().await;
            house.pass(Duration::from_secs(5)).await;
        }
        assert_eq!(taken(&heard), [json!(11)], "the newest after 60 s");
        house.pass(Duration::from_secs(10)).await;
        assert_eq!(taken(&heard), [json!(15)]);
    }
}

fn batch(policy: &mut Policy) {
    policy.gather = Some(Gather::Batch {
        size: 3,
        within: MINUTE,
    });
}

#[tokio::test]
async fn a_batch_runs_when_it_is_full_with_all_inputs_in_their_order() {
    for db in testing::databases().await {
        let heard = Heard::default();
        let house = House::new(&db, flow(&heard, batch)).await;
        let first = start(&house, "a", json!([0])).await;
        start(&house, "b", json!("of another key")).await;
        house.idle().await;
        house.clock.advance(Duration::from_secs(1));
        let second = start(&house, "a", json!(1)).await;
        house.idle().await;
        assert_eq!(taken(&heard), Vec::<Value>::new());
        // Whoever holds them back may go: the tables know.
        let (clock, registry) = (house.clock.clone(), flow(&heard, batch));
        house.stop().await;
        let house = House::with(&db, registry, clock, Options::default()).await;
        house.clock.advance(Duration::from_secs(1));
        start(&house, "a", json!(2)).await;
        house.idle().await;
        assert_eq!(taken(&heard), [json!([[0], 1, 2])]);
        assert_eq!(house.run(first).await.state, RunState::Done);
        let ended = (RunState::Cancelled, "batched".to_owned());
        assert_eq!(error_of(&house, second).await, ended);
    }
}

#[tokio::test]
async fn a_batch_that_does_not_fill_runs_after_its_time() {
    for db in testing::databases().await {
        let heard = Heard::default();
        let house = House::new(&db, flow(&heard, batch)).await;
        let first = start(&house, "a", json!(0)).await;
        house.pass(Duration::from_secs(30)).await;
        start(&house, "a", json!(1)).await;
        house.idle().await;
        assert!(cancel(&db, first, house.now()).await);
        house.pass(Duration::from_secs(30)).await;
        assert_eq!(taken(&heard), Vec::<Value>::new());
        house.pass(Duration::from_secs(30)).await;
        assert_eq!(taken(&heard), [json!([1])], "a minute after it came");
    }
}

#[tokio::test]
async fn a_batch_that_queues_behind_another_is_gathered_once() {
    for db in testing::databases().await {
        let heard = Heard::default();
        let house = House::new(&db, flow(&heard, batch)).await;
        for n in 0..7 {
            let mut start = Start::new(Uuid::now_v7(), "held", 1, json!(n), house.now());
            start.flow = Some("a".into());
            start.concurrency = Some("one at a time".into());
            crate::support::begin(&db, start).await;
        }
        house.engine.nudge();
        house.idle().await;
        house.pass(MINUTE).await;
        let mut seen: Vec<u64> = Vec::new();
        for batch in taken(&heard) {
            let batch: Vec<u64> = serde_json::from_value(batch).unwrap();
            seen.extend(batch);
        }
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2, 3, 4, 5, 6]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_workers_agree_on_who_is_held_back() {
    for db in testing::databases().await {
        let clock = Arc::new(engine::ManualClock::at(crate::support::NOW));
        let two = Rate {
            most: 2,
            per: MINUTE,
        };
        let mut houses = Vec::new();
        for _ in 0..3 {
            // In a step, since a run may be entered anew: its lease ends as the clock leaps.
            let flow = Flow::new("held", |ctx, input| {
                Box::pin(async move {
                    ctx.step_tx("heard", move |tx| deed(tx, input.to_string()))
                        .await?;
                    Ok(Value::Null)
                })
            });
            let registry = Registry::new().with(flow.policy(|p| {
                batch(p);
                p.throttle = Some(two);
            }));
            houses.push(House::with(&db, registry, clock.clone(), Options::default()).await);
        }
        let mut dice = Dice(4);
        let mut runs = Vec::new();
        for n in 0..60 {
            let house = &houses[usize::try_from(dice.roll(3)).unwrap()];
            let key = dice.roll(2);
            runs.push((key, start(house, &key.to_string(), json!(n)).await));
            if dice.roll(3) == 0 {
                clock.advance(Duration::from_secs(dice.roll(20)));
            }
        }
        for _ in 0..40 {
            clock.advance(Duration::from_secs(20));
            for house in &houses {
                house.engine.nudge();
            }
            for house in &houses {
                house.idle().await;
            }
        }
        let mut seen: Vec<u64> = Vec::new();
        for batch in deeds(&db).await {
            let batch: Vec<u64> = serde_json::from_str(&batch).unwrap();
            assert!(batch.len() <= 3, "{batch:?}");
            seen.extend(batch);
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..60).collect::<Vec<u64>>(), "each once");
        for key in 0..2 {
            let mut begun = Vec::new();
            for (_, id) in runs.iter().filter(|(k, _)| *k == key) {
                begun.extend(houses[0].run(*id).await.started_at);
            }
            begun.sort_unstable();
            assert!(begun.len() > 5);
            assert!(begun.windows(3).all(|w| w[2] - w[0] >= 60_000), "{begun:?}");
        }
    }
}

#[tokio::test]
async fn what_is_urgent_goes_first_and_what_has_time_last() {
    for db in testing::databases().await {
        let heard = Heard::default();
        let options = Options {
            most_running: 1,
            ..Options::default()
        };
        let clock = Arc::new(engine::ManualClock::at(crate::support::NOW));
        let at = clock.wall() + 1_000;
        let house = House::with(&db, flow(&heard, |_| {}), clock, options).await;
        for (n, priority) in [Priority::Low, Priority::Normal, Priority::High]
            .into_iter()
            .cycle()
            .take(9)
            .enumerate()
        {
            let mut start = Start::new(Uuid::now_v7(), "held", 1, json!(n), house.now());
            start.priority = priority;
            start.at = Some(at);
            house.start_as(start).await;
        }
        house.pass(Duration::from_secs(1)).await;
        let order = [2, 5, 8, 1, 4, 7, 0, 3, 6].map(|n| json!(n));
        assert_eq!(taken(&heard), order);
    }
}
