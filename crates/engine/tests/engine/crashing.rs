//! A child process is killed at every commit boundary; after a restart everything that it was to
//! do is done exactly once.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use db::{Db, Dialect, Error, Uuid, testing};
use engine::{Engine, Event, Failure, Filter, Options, Registry, RunState, Start, SystemClock};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::support::{Flow, begin, deed, deeds, emit, prepare, try_deeds};

const RUNS: u128 = 3;
const CHILD: &str = "crashing::the_child_that_is_killed";
/// The child waits for the disk as in production, and moves its log into the file often.
pub(crate) const DURABLE: &str = "ROSTRUM_CRASH_DURABLE";

/// What lies outside of the database: one line per thing done.
#[derive(Clone)]
pub(crate) struct World(PathBuf);

impl World {
    pub(crate) fn at(path: PathBuf) -> World {
        World(path)
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.0).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    pub(crate) fn act(&self, what: &str) {
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.0)
            .unwrap();
        file.write_all(format!("{what}\n").as_bytes()).unwrap();
    }
}

fn registry(world: World) -> Registry {
    let child = Flow::new("child", |ctx, input| {
        Box::pin(async move {
            let what = format!("{} child", input.as_str().unwrap_or_default());
            ctx.step_tx("deed", move |tx| deed(tx, what.clone()))
                .await?;
            Ok(json!(1))
        })
    });
    let parent = Flow::new("parent", move |ctx, input| {
        let world = world.clone();
        Box::pin(async move {
            let name = input.as_str().unwrap_or_default().to_owned();
            let first = format!("{name} first");
            ctx.step_tx("first", move |tx| deed(tx, first.clone()))
                .await?;
            let (w, n) = (world.clone(), name.clone());
            let sent: u32 = ctx
                .effect(
                    "send",
                    || async move { Ok(w.lines().contains(&n).then_some(1)) },
                    || async {
                        world.act(&name);
                        Ok(1)
                    },
                )
                .await?;
            ctx.sleep("pause", Duration::from_millis(2)).await?;
            let start = Start::new(Uuid::nil(), "child", 1, json!(name), ctx.now());
            ctx.invoke("child", start).await?;
            ctx.emit("tell", Event::new("told", &name, json!(name), ctx.now()))
                .await?;
            let heard = ctx.wait_for_event("hear", "told", &name, None).await?;
            let last = format!("{name} last");
            ctx.step_tx("last", move |tx| deed(tx, last.clone()))
                .await?;
            Ok(json!([sent, heard]))
        })
    });
    Registry::new().with(child).with(parent)
}

async fn open(place: &str) -> Result<Db, Error> {
    if place.starts_with("postgres:") {
        Db::open_postgres(place).await
    } else if std::env::var(DURABLE).is_ok_and(|v| v == "1") {
        Db::open_sqlite(Path::new(place)).await
    } else {
        testing::sqlite_at(Path::new(place)).await
    }
}

async fn all_over(db: &Db) -> bool {
    let runs: Result<_, Error> = db
        .read(|tx| Box::pin(async move { engine::runs(tx, &Filter::default()).await }))
        .await;
    let runs = runs.unwrap();
    runs.len() == 2 * usize::try_from(RUNS).unwrap() && runs.iter().all(|r| r.state.is_over())
}

#[tokio::test]
#[ignore = "a child process of the crash sweep"]
async fn the_child_that_is_killed() {
    let Ok(place) = std::env::var("ROSTRUM_CRASH_PLACE") else {
        return;
    };
    let world = World(PathBuf::from(std::env::var("ROSTRUM_CRASH_WORLD").unwrap()));
    let db = open(&place).await.unwrap();
    if std::env::var_os(DURABLE).is_some() {
        testing::checkpoint_every(&db, 20).await;
    }
    db.migrate().await.unwrap();
    prepare(&db).await;
    let options = Options {
        alone: true,
        poll: Duration::from_millis(20),
        ..Options::default()
    };
    let engine = Engine::new(db.clone(), Arc::new(SystemClock), registry(world), options);
    for n in 0..RUNS {
        let mut start = Start::new(
            Uuid::from_u128(n + 1),
            "parent",
            1,
            json!(format!("run {n}")),
            1,
        );
        start.key = Some(n.to_string());
        begin(&db, start).await;
    }
    let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
    engine.start(&tracker, stop.clone());
    while !all_over(&db).await {
        engine.until_idle().await;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    stop.cancel();
}

/// A process that does everything, or goes on with it.
pub(crate) fn child(place: &str, world: &World) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", CHILD, "--ignored", "--test-threads=1"])
        .env("ROSTRUM_CRASH_PLACE", place)
        .env("ROSTRUM_CRASH_WORLD", &world.0)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    command
}

/// What is not as it should be when everything has been done.
pub(crate) async fn wrong(place: &str, world: &World) -> Result<Option<String>, Error> {
    let db = open(place).await?;
    db.quick_check().await?;
    let mut expected = Vec::new();
    for n in 0..RUNS {
        for what in ["child", "first", "last"] {
            expected.push(format!("run {n} {what}"));
        }
    }
    let done = try_deeds(&db).await?;
    if done != expected {
        return Ok(Some(format!("deeds: {done:?}")));
    }
    let mut lines = world.lines();
    lines.sort();
    let sent: Vec<String> = (0..RUNS).map(|n| format!("run {n}")).collect();
    if lines != sent {
        return Ok(Some(format!("sent: {lines:?}")));
    }
    let runs: Result<_, Error> = db
        .read(|tx| Box::pin(async move { engine::runs(tx, &Filter::default()).await }))
        .await;
    let open = runs?.into_iter().find(|r| r.state != RunState::Done);
    Ok(open.map(|run| format!("{:?}: {:?}", run.state, run.error)))
}

async fn sweep(dialect: Dialect, step: u64) {
    let mut point = 1;
    let mut survived = false;
    while !survived {
        let folder = tempfile::tempdir().unwrap();
        let world = World(folder.path().join("world"));
        let place = match dialect {
            Dialect::Sqlite => folder.path().join("x.sqlite").display().to_string(),
            Dialect::Postgres => match testing::postgres_url().await {
                Some(url) => url,
                None => return,
            },
        };
        survived = child(&place, &world)
            .env("ROSTRUM_KILL_AT_COMMIT", point.to_string())
            .status()
            .unwrap()
            .success();
        if !survived {
            let again = child(&place, &world).status().unwrap();
            assert!(again.success(), "the restart after a kill at {point}");
        }
        let wrong = wrong(&place, &world).await.unwrap();
        assert_eq!(wrong, None, "killed at {point}");
        point += step;
    }
    assert!(point > 30, "the sweep passed only {point} points");
    println!("{dialect:?}: killed at every point up to {point}");
}

#[tokio::test]
async fn killed_at_any_commit_everything_is_done_exactly_once_on_sqlite() {
    sweep(Dialect::Sqlite, 1).await;
}

#[tokio::test]
async fn killed_at_any_commit_everything_is_done_exactly_once_on_postgres() {
    sweep(Dialect::Postgres, 1).await;
}

#[tokio::test]
async fn a_clean_up_is_resumed_after_its_process_was_lost() {
    // The journal of the failure survives its process: the work is not entered again.
    for db in testing::databases().await {
        let flow = |entered: Arc<std::sync::atomic::AtomicU32>| {
            Flow::new("careful", move |_, _| {
                entered.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                Box::pin(async { Err::<Value, _>(Failure::fatal("broken", "no")) })
            })
            .clean_up(|ctx, _| {
                Box::pin(async move {
                    ctx.sleep("breathe", Duration::from_secs(10)).await?;
                    ctx.step_tx("undo", |tx| deed(tx, "undone".into())).await
                })
            })
        };
        let entered = Arc::new(std::sync::atomic::AtomicU32::new(0));
        let house =
            crate::support::House::new(&db, Registry::new().with(flow(entered.clone()))).await;
        let id = house.start("careful", Value::Null).await;
        house.idle().await;
        let clock = house.clock.clone();
        house.stop().await;
        let next = crate::support::House::with(
            &db,
            Registry::new().with(flow(entered.clone())),
            clock,
            Options::default(),
        )
        .await;
        next.pass(Duration::from_secs(10)).await;
        assert_eq!(next.run(id).await.state, RunState::Failed);
        assert_eq!(deeds(&db).await, ["undone"]);
        assert_eq!(entered.load(std::sync::atomic::Ordering::SeqCst), 1);
        let _ = emit(&db, Event::new("x", "y", Value::Null, 0)).await;
    }
}
