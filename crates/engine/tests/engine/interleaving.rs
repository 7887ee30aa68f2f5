//! Random interleavings of several workers that die, clocks that jump, events that come early
//! and twice; each from a printed seed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use db::{Db, Dialect, Uuid, testing};
use engine::{Clock, Engine, Event, ManualClock, Options, Registry, RunState, Start};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::support::{Dice, Flow, NOW, begin, deed, deeds, emit, prepare, run};

const OPERATIONS: u32 = 90;
const WORKERS: usize = 3;

fn registry() -> Registry {
    Registry::new().with(
        Flow::new("story", |ctx, input| {
            Box::pin(async move {
                let n = input.as_u64().unwrap_or(0);
                ctx.step_tx("a", move |tx| deed(tx, format!("{n} a")))
                    .await?;
                ctx.sleep("nap", Duration::from_secs(n % 7 * 600)).await?;
                let key = n.to_string();
                let (left, right) = {
                    let ctx = &*ctx;
                    tokio::join!(
                        ctx.step_tx("left", move |tx| deed(tx, format!("{n} left"))),
                        ctx.wait_for_event("go", "go", &key, None)
                    )
                };
                left?;
                let heard = right?.unwrap_or(Value::Null);
                let what = format!("{n} b {heard}");
                ctx.step_tx("b", move |tx| deed(tx, what.clone())).await?;
                let second = ctx
                    .wait_for_event(
                        "more",
                        "go",
                        &n.to_string(),
                        Some(Duration::from_secs(1800)),
                    )
                    .await?;
                ctx.step_tx("c", move |tx| deed(tx, format!("{n} c")))
                    .await?;
                Ok(json!([heard, second]))
            })
        })
        .policy(|p| p.concurrency = 2),
    )
}

/// A worker with its own threads and its own connections, so that it can die at any await.
struct Worker {
    threads: Option<Runtime>,
    engine: Engine,
}

impl Worker {
    async fn hire(place: &str, clock: Arc<ManualClock>) -> Worker {
        let threads = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let place = place.to_owned();
        let hired = threads.spawn(async move {
            let db = open(&place).await;
            let options = Options {
                most_running: 16,
                ..Options::default()
            };
            let engine = Engine::new(db, clock, registry(), options);
            engine.start(&TaskTracker::new(), CancellationToken::new());
            engine
        });
        let engine = hired.await.unwrap();
        Worker {
            threads: Some(threads),
            engine,
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

async fn open(place: &str) -> Db {
    if place.starts_with("postgres:") {
        Db::open_postgres(place).await.unwrap()
    } else {
        testing::sqlite_at(Path::new(place)).await.unwrap()
    }
}

async fn play(place: &str, seed: u64) {
    println!("seed {seed} on {place}");
    let db = open(place).await;
    db.migrate().await.unwrap();
    prepare(&db).await;
    let mut dice = Dice(seed);
    let clock = Arc::new(ManualClock::at(NOW));
    let mut workers: Vec<Option<Worker>> = Vec::new();
    for _ in 0..WORKERS {
        workers.push(Some(Worker::hire(place, clock.clone()).await));
    }
    let mut runs: Vec<Uuid> = Vec::new();
    let mut first: BTreeMap<usize, u64> = BTreeMap::new();
    for operation in 0..OPERATIONS {
        match dice.roll(12) {
            0..=3 => {
                let id = Uuid::from_u128((u128::from(seed) << 64) | (runs.len() as u128 + 1));
                let mut start = Start::new(id, "story", 1, json!(runs.len()), clock.wall());
                start.key = Some(runs.len().to_string());
                start.concurrency = (dice.roll(2) == 0).then(|| format!("key {}", dice.roll(3)));
                begin(&db, start.clone()).await;
                start.id = Uuid::new_v4();
                assert_eq!(begin(&db, start).await.id, id, "a repeated start");
                runs.push(id);
            }
            4..=6 if !runs.is_empty() => {
                let n = usize::try_from(dice.roll(runs.len() as u64)).unwrap();
                let mut event = Event::new("go", &n.to_string(), json!(operation), clock.wall());
                event.dedupe = Some(format!("{}", dice.roll(2)));
                if emit(&db, event.clone()).await {
                    first.entry(n).or_insert(u64::from(operation));
                }
                assert!(!emit(&db, event).await, "a repeated emit");
            }
            7 => clock.advance(Duration::from_secs(dice.roll(900))),
            8 => match dice.roll(3) {
                0 => clock.jump(3_600_000),
                1 => clock.jump(-3_600_000),
                _ => clock.suspend(Duration::from_secs(8 * 3600)),
            },
            9 => {
                let n = usize::try_from(dice.roll(WORKERS as u64)).unwrap();
                workers[n] = None;
            }
            10 => {
                let n = usize::try_from(dice.roll(WORKERS as u64)).unwrap();
                if workers[n].is_none() {
                    workers[n] = Some(Worker::hire(place, clock.clone()).await);
                }
            }
            _ => tokio::time::sleep(Duration::from_millis(dice.roll(8))).await,
        }
        let n = usize::try_from(dice.roll(WORKERS as u64)).unwrap();
        if let Some(worker) = &workers[n] {
            worker.engine.nudge();
        }
    }
    // Whoever still lives goes on; one more is hired; everybody is told at last.
    workers.push(Some(Worker::hire(place, clock.clone()).await));
    for n in 0..runs.len() {
        let mut event = Event::new("go", &n.to_string(), json!(1_000_000), clock.wall());
        event.dedupe = Some("last".into());
        if emit(&db, event).await {
            first.entry(n).or_insert(1_000_000);
        }
    }
    finish(&db, &clock, &workers, &runs, seed).await;
    let mut expected = Vec::new();
    for n in 0..runs.len() {
        expected.extend(["a", "left", "c"].map(|what| format!("{n} {what}")));
        expected.push(format!("{n} b {}", first[&n]));
    }
    expected.sort();
    assert_eq!(deeds(&db).await, expected, "seed {seed}");
}

async fn finish(
    db: &Db,
    clock: &ManualClock,
    workers: &[Option<Worker>],
    runs: &[Uuid],
    seed: u64,
) {
    for round in 0..400 {
        clock.advance(Duration::from_secs(60));
        for worker in workers.iter().flatten() {
            worker.engine.nudge();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        let mut open = Vec::new();
        for id in runs {
            let run = run(db, *id).await;
            if run.state != RunState::Done {
                open.push((run.state, run.error));
            }
        }
        if open.is_empty() {
            return;
        }
        assert!(
            round < 399,
            "seed {seed}: {} of {} are not done: {open:?}",
            open.len(),
            runs.len()
        );
    }
}

fn seeds() -> Vec<u64> {
    match std::env::var("ROSTRUM_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
    {
        Some(seed) => vec![seed],
        None => (1..=5).collect(),
    }
}

async fn plays(dialect: Dialect) {
    for seed in seeds() {
        let folder = tempfile::tempdir().unwrap();
        match dialect {
            Dialect::Sqlite => {
                play(&folder.path().join("x.sqlite").display().to_string(), seed).await
            }
            Dialect::Postgres => match testing::postgres_url().await {
                Some(url) => play(&url, seed).await,
                None => return,
            },
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_interleaving_loses_or_doubles_anything_on_sqlite() {
    plays(Dialect::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_interleaving_loses_or_doubles_anything_on_postgres() {
    plays(Dialect::Postgres).await;
}
