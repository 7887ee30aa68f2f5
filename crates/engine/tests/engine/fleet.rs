//! Several workers on one PostgreSQL, each a process that may be killed at any time.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use db::{Db, Error, Uuid, testing};
use engine::{
    DatabaseClock, Engine, Event, Filter, Options, Registry, RunState, Start, SystemClock,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::crashing::World;
use crate::support::{Dice, Flow, begin, deed, deeds, emit, prepare};

const PLACE: &str = "ROSTRUM_FLEET_PLACE";
const WORLD: &str = "ROSTRUM_FLEET_WORLD";
const WORKERS: usize = 4;
const RUNS: usize = 200;
const KILLS: u32 = 30;
/// A dead worker's runs are free after it; a step takes far less.
const LEASE: Duration = Duration::from_secs(5);

fn registry(world: World) -> Registry {
    let flow = Flow::new("errand", move |ctx, input| {
        let world = world.clone();
        Box::pin(async move {
            let n = input.as_u64().unwrap_or_default();
            ctx.step_tx("first", move |tx| deed(tx, format!("{n} first")))
                .await?;
            let line = format!("errand {n}");
            ctx.effect(
                "send",
                || async { Ok(world.lines().contains(&line).then_some(())) },
                || async {
                    world.act(&line);
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    Ok(())
                },
            )
            .await?;
            ctx.sleep("pause", Duration::from_millis(n % 50)).await?;
            ctx.wait_for_event("hear", "go", &n.to_string(), None)
                .await?;
            ctx.step_tx("last", move |tx| deed(tx, format!("{n} last")))
                .await?;
            Ok(Value::Null)
        })
    });
    Registry::new().with(flow.policy(|p| p.concurrency = 3))
}

async fn work(place: &str, world: World, poll: Duration) -> (Engine, CancellationToken) {
    let options = Options {
        lease: LEASE,
        poll,
        database_clock: Some(Arc::new(DatabaseClock::over(Arc::new(SystemClock)))),
        ..Options::default()
    };
    let db = Db::open_postgres(place).await.unwrap();
    let engine = Engine::new(db, Arc::new(SystemClock), registry(world), options);
    let stop = CancellationToken::new();
    engine.start(&TaskTracker::new(), stop.clone());
    (engine, stop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
#[ignore = "a child process of the fleet"]
async fn a_worker_of_the_fleet() {
    let Ok(place) = std::env::var(PLACE) else {
        return;
    };
    let world = World::at(PathBuf::from(std::env::var(WORLD).unwrap()));
    let _working = work(&place, world, Duration::from_millis(200)).await;
    std::future::pending::<()>().await;
}

fn hire(place: &str, world: &std::path::Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "fleet::a_worker_of_the_fleet", "--ignored"])
        .env(PLACE, place)
        .env(WORLD, world)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Ends with the test, however it ends.
struct Fleet(Vec<Child>);

impl Fleet {
    fn replace(&mut self, n: usize, by: Child) {
        self.0[n].kill().unwrap();
        self.0[n].wait().unwrap();
        self.0[n] = by;
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for worker in &mut self.0 {
            let _ = worker.kill();
            let _ = worker.wait();
        }
    }
}

async fn open_runs(db: &Db) -> usize {
    let filter = Filter {
        limit: 1_000,
        ..Filter::default()
    };
    let runs: Result<_, Error> = db
        .read(|tx| Box::pin(async move { engine::runs(tx, &filter).await }))
        .await;
    let runs = runs.unwrap();
    assert_eq!(runs.len(), RUNS);
    runs.iter().filter(|r| r.state != RunState::Done).count()
}

#[tokio::test]
async fn a_fleet_whose_workers_are_killed_loses_and_doubles_nothing() {
    let Some(place) = testing::postgres_url().await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world");
    let db = Db::open_postgres(&place).await.unwrap();
    prepare(&db).await;
    let mut dice = Dice(4);
    for n in 0..RUNS {
        let mut start = Start::new(Uuid::now_v7(), "errand", 1, json!(n), 1);
        start.concurrency = (n % 3 == 0).then(|| format!("key {}", n % 5));
        begin(&db, start).await;
    }
    let mut fleet = Fleet((0..WORKERS).map(|_| hire(&place, &world)).collect());
    let mut told = 0;
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(50 + dice.roll(400))).await;
        let n = usize::try_from(dice.roll(WORKERS as u64)).unwrap();
        fleet.replace(n, hire(&place, &world));
        for _ in 0..RUNS / usize::try_from(KILLS).unwrap() {
            emit(&db, Event::new("go", &told.to_string(), Value::Null, 1)).await;
            told += 1;
        }
    }
    assert!(open_runs(&db).await > 0, "it was over too soon");
    for n in told..RUNS {
        emit(&db, Event::new("go", &n.to_string(), Value::Null, 1)).await;
    }
    let begun = Instant::now();
    while open_runs(&db).await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(120), "it never ends");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(fleet);
    let mut expected: Vec<String> = (0..RUNS)
        .flat_map(|n| [format!("{n} first"), format!("{n} last")])
        .collect();
    expected.sort();
    assert_eq!(deeds(&db).await, expected);
    let mut sent = World::at(world).lines();
    sent.sort();
    let mut wanted: Vec<String> = (0..RUNS).map(|n| format!("errand {n}")).collect();
    wanted.sort();
    assert_eq!(sent, wanted);
}

#[tokio::test]
async fn a_nudge_in_one_process_wakes_the_engine_of_another() {
    let Some(place) = testing::postgres_url().await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let world = World::at(folder.path().join("world"));
    let db = Db::open_postgres(&place).await.unwrap();
    prepare(&db).await;
    // By itself it would look once in an hour.
    let (there, stop) = work(&place, world, Duration::from_secs(3600)).await;
    there.until_idle().await;
    let here = Engine::new(
        db.clone(),
        Arc::new(SystemClock),
        Registry::new(),
        Options::default(),
    );
    here.start(&TaskTracker::new(), stop.clone());
    begin(&db, Start::new(Uuid::now_v7(), "errand", 1, json!(0), 1)).await;
    emit(&db, Event::new("go", "0", Value::Null, 1)).await;
    here.nudge();
    let begun = Instant::now();
    while deeds(&db).await.len() < 2 {
        assert!(begun.elapsed() < Duration::from_secs(60), "nobody came");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stop.cancel();
}
