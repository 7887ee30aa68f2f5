//! The engine's figures as ratios to what the database does raw on the same machine at the same
//! time. `cargo bench -p engine`, with words to choose: `cargo bench -p engine -- one many`.
//! Everything waits for the disk (`synchronous=FULL`).

#![expect(clippy::expect_used, reason = "a measurement fails by panicking")]

use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use db::{BoxFuture, Db, Error, Uuid, args, testing};
use engine::{
    Clock, Ctx, Engine, Event, Failure, Options, Policy, Registry, Start, SystemClock, Workflow,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

type Body = fn(&mut Ctx, Value) -> BoxFuture<'_, Result<Value, Failure>>;

struct Flow(&'static str, Body);

#[async_trait]
impl Workflow for Flow {
    fn name(&self) -> &'static str {
        self.0
    }
    fn revision(&self) -> u32 {
        1
    }
    fn policy(&self) -> Policy {
        Policy {
            step_timeout: None,
            ..Policy::default()
        }
    }
    async fn run(&self, ctx: &mut Ctx, input: Value) -> Result<Value, Failure> {
        (self.1)(ctx, input).await
    }
}

static MARKS: Mutex<Vec<f64>> = Mutex::new(Vec::new());

fn mark(ms: f64) {
    MARKS.lock().expect("no panic while marking").push(ms);
}

fn marks() -> Vec<f64> {
    let mut marks = std::mem::take(&mut *MARKS.lock().expect("no panic while marking"));
    marks.sort_by(f64::total_cmp);
    marks
}

fn at(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a short list"
    )]
    let place = (last as f64 * share).round() as usize;
    sorted.get(place).copied().unwrap_or(f64::NAN)
}

fn registry() -> Registry {
    Registry::new()
        .with(Flow("steps", |ctx, input| {
            Box::pin(async move {
                let timed = input["timed"] == json!(true);
                for _ in 0..input["steps"].as_u64().unwrap_or(5) {
                    let begun = Instant::now();
                    ctx.run("step", || async { Ok(json!({"id": 1, "ok": true})) })
                        .await?;
                    if timed {
                        mark(begun.elapsed().as_secs_f64() * 1e3);
                    }
                }
                Ok(Value::Null)
            })
        }))
        .with(Flow("late", |ctx, input| {
            Box::pin(async move {
                let due = input.as_i64().unwrap_or(0);
                ctx.sleep_until("until", due).await?;
                #[expect(clippy::cast_precision_loss, reason = "milliseconds of a benchmark")]
                mark((ctx.now() - due) as f64);
                Ok(Value::Null)
            })
        }))
        .with(Flow("wait", |ctx, input| {
            Box::pin(async move {
                let key = input.to_string();
                ctx.wait_for_event("go", "go", &key, Some(Duration::from_secs(86_400)))
                    .await?;
                if let Some(Some(begun)) = STARTED.lock().ok().map(|s| *s) {
                    mark(begun.elapsed().as_secs_f64() * 1e3);
                }
                Ok(Value::Null)
            })
        }))
        .with(Flow("first", |ctx, _| {
            Box::pin(async move {
                ctx.run("first", || async {
                    if let Some(Some(begun)) = STARTED.lock().ok().map(|s| *s) {
                        mark(begun.elapsed().as_secs_f64() * 1e3);
                    }
                    Ok(())
                })
                .await?;
                Ok(Value::Null)
            })
        }))
}

static STARTED: Mutex<Option<Instant>> = Mutex::new(None);

struct Bench {
    db: Db,
    engine: Engine,
    stop: CancellationToken,
}

impl Bench {
    fn on(db: Db) -> Self {
        let options = Options {
            alone: true,
            ..Options::default()
        };
        let engine = Engine::new(db.clone(), Arc::new(SystemClock), registry(), options);
        let stop = CancellationToken::new();
        engine.start(&TaskTracker::new(), stop.clone());
        Bench { db, engine, stop }
    }

    async fn start(&self, workflow: &'static str, inputs: Vec<Value>) {
        let now = SystemClock.wall();
        let started: Result<(), Error> = self
            .db
            .write(move |tx| {
                let inputs = inputs.clone();
                Box::pin(async move {
                    for input in inputs {
                        let start = Start::new(Uuid::now_v7(), workflow, 1, input, now);
                        engine::start_in(tx, &start).await?;
                    }
                    Ok(())
                })
            })
            .await;
        started.expect("start runs");
    }

    async fn done(&self) -> Option<i64> {
        self.engine
            .until_idle()
            .await
            .expect("a living engine")
            .next
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Transactions of BEGIN, three rows and COMMIT per second, one after the other.
async fn raw(db: &Db) -> (f64, f64) {
    let made: Result<(), Error> = db
        .write(|tx| {
            Box::pin(async move {
                tx.execute(
                    "CREATE TABLE IF NOT EXISTS raw (id BIGINT, text TEXT)",
                    args![],
                )
                .await?;
                Ok(())
            })
        })
        .await;
    made.expect("a raw table");
    let mut times = Vec::new();
    let begun = Instant::now();
    let count = 600_u32;
    for n in 0..count {
        let one = Instant::now();
        let done: Result<(), Error> = db
            .write(move |tx| {
                Box::pin(async move {
                    for row in 0..3_u32 {
                        tx.execute(
                            "INSERT INTO raw (id, text) VALUES ($1, $2)",
                            args![n * 3 + row, "{\"id\":1,\"ok\":true}"],
                        )
                        .await?;
                    }
                    Ok(())
                })
            })
            .await;
        done.expect("a raw commit");
        times.push(one.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    (
        f64::from(count) / begun.elapsed().as_secs_f64(),
        at(&times, 0.5),
    )
}

async fn one(db: Db, name: &str) {
    let (rate, p50) = raw(&db).await;
    let bench = Bench::on(db);
    bench.done().await;
    marks();
    let begun = Instant::now();
    bench
        .start("steps", vec![json!({"steps": 500, "timed": true})])
        .await;
    bench.done().await;
    let steps = 500.0 / begun.elapsed().as_secs_f64();
    let times = marks();
    println!(
        "{name} one run: step p50 {:.2} ms p99 {:.2} ms, {steps:.0} steps/s = {:.2} x raw ({rate:.0} commits/s, p50 {p50:.2} ms)",
        at(&times, 0.5),
        at(&times, 0.99),
        steps / rate
    );
}

async fn many(db: Db, name: &str, runs: usize) {
    let (rate, _) = raw(&db).await;
    let bench = Bench::on(db);
    bench.done().await;
    bench.start("steps", vec![json!({"steps": 5}); runs]).await;
    let begun = Instant::now();
    bench.done().await;
    #[expect(clippy::cast_precision_loss, reason = "a count of a benchmark")]
    let steps = (runs * 5) as f64 / begun.elapsed().as_secs_f64();
    println!(
        "{name} {runs} runs of 5 steps: {steps:.0} steps/s = {:.1} x raw ({rate:.0})",
        steps / rate
    );
}

async fn timers(db: Db, name: &str) {
    let bench = Bench::on(db);
    marks();
    let from = SystemClock.wall() + 3_000;
    bench
        .start("late", (0..1_000).map(|n| json!(from + n)).collect())
        .await;
    bench.done().await;
    tokio::time::sleep(Duration::from_secs(6)).await;
    bench.done().await;
    let times = marks();
    println!(
        "{name} 1,000 timers due within one second: {} fired, late p50 {:.0} ms p99 {:.0} ms most {:.0} ms",
        times.len(),
        at(&times, 0.5),
        at(&times, 0.99),
        at(&times, 1.0)
    );
}

async fn waiting(db: Db, name: &str, runs: usize) {
    let bench = Bench::on(db.clone());
    bench.done().await;
    marks();
    let (before, disk_before) = (resident_kib(), disk_kib(&db));
    for chunk in 0..runs.div_ceil(1_000) {
        let first = chunk * 1_000;
        bench
            .start("wait", (first..first + 1_000).map(|n| json!(n)).collect())
            .await;
        bench.done().await;
    }
    let (after, disk_after) = (resident_kib(), disk_kib(&db));
    let ticks = cpu_ms();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let busy = cpu_ms() - ticks;
    let mut first = Vec::new();
    let mut wakes = Vec::new();
    for n in 0..40 {
        *STARTED.lock().expect("no panic") = Some(Instant::now());
        bench.start("first", vec![Value::Null]).await;
        bench.done().await;
        first.extend(marks());
        *STARTED.lock().expect("no panic") = Some(Instant::now());
        let now = SystemClock.wall();
        let emitted: Result<bool, Error> = db
            .write(move |tx| {
                Box::pin(async move {
                    let event = Event::new("go", &n.to_string(), Value::Null, now);
                    engine::emit_in(tx, &event).await
                })
            })
            .await;
        emitted.expect("emit");
        bench.engine.nudge();
        bench.done().await;
        wakes.extend(marks());
    }
    *STARTED.lock().expect("no panic") = None;
    first.sort_by(f64::total_cmp);
    wakes.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "figures of a benchmark")]
    let each = (disk_after - disk_before) as f64 / runs as f64;
    println!(
        "{name} {runs} waiting runs: {each:.2} KiB each on disk, RSS {:+} KiB, {busy} ms CPU in 5 s; first step of a new run p50 {:.1} ms; event to its run p50 {:.1} ms ({} of 40)",
        after - before,
        at(&first, 0.5),
        at(&wakes, 0.5),
        wakes.len()
    );
}

fn resident_kib() -> i64 {
    std::fs::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|l| {
            l.strip_prefix("VmRSS:")?
                .trim()
                .strip_suffix(" kB")?
                .trim()
                .parse()
                .ok()
        })
        .unwrap_or(0)
}

/// User and system time of this process, milliseconds.
fn cpu_ms() -> i64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<i64> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .map(|f| f.parse().unwrap_or(0))
        .collect();
    let ticks = fields.get(11).copied().unwrap_or(0) + fields.get(12).copied().unwrap_or(0);
    ticks * 10
}

/// Voluntary context switches of all threads of this process.
fn wakeups() -> i64 {
    std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|t| std::fs::read_to_string(t.path().join("status")).ok())
        .filter_map(|s| {
            s.lines().find_map(|l| {
                l.strip_prefix("voluntary_ctxt_switches:")?
                    .trim()
                    .parse::<i64>()
                    .ok()
            })
        })
        .sum()
}

fn disk_kib(db: &Db) -> i64 {
    let Some(path) = db.path() else { return 0 };
    ["", "-wal"]
        .iter()
        .filter_map(|end| std::fs::metadata(format!("{}{end}", path.display())).ok())
        .map(|m| i64::try_from(m.len() / 1024).unwrap_or(0))
        .sum()
}

async fn idle(db: Db, name: &str) {
    let bench = Bench::on(db);
    bench.done().await;
    tokio::time::sleep(Duration::from_secs(12)).await;
    let (switches, ticks) = (wakeups(), cpu_ms());
    tokio::time::sleep(Duration::from_secs(20)).await;
    println!(
        "{name} idle for 20 s: {} thread switches in all (the engine looks every 5 s), {} ms CPU",
        wakeups() - switches,
        cpu_ms() - ticks
    );
}

/// A child starts 200 runs whose step takes 100 ms and is killed amid them; we take over.
async fn restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("restart.sqlite");
    if let Ok(place) = std::env::var("ROSTRUM_BENCH_CHILD") {
        let db = Db::open_sqlite(std::path::Path::new(&place))
            .await
            .expect("open");
        db.migrate().await.expect("migrate");
        let bench = slow(db);
        bench.start("slow", vec![Value::Null; 200]).await;
        bench.engine.nudge();
        tokio::time::sleep(Duration::from_millis(400)).await;
        testing::kill_self();
    }
    let killed = std::process::Command::new(std::env::current_exe().expect("this program"))
        .arg("restart")
        .env("ROSTRUM_BENCH_CHILD", &path)
        .status()
        .expect("a child");
    assert!(!killed.success(), "the child is killed");
    let begun = Instant::now();
    let bench = slow(Db::open_sqlite(&path).await.expect("open"));
    bench.done().await;
    println!(
        "SQLite restart after SIGKILL with 200 in flight: drained after {:.2} s; their steps take 1.0 s",
        begun.elapsed().as_secs_f64()
    );
}

fn slow(db: Db) -> Bench {
    let registry = Registry::new().with(Flow("slow", |ctx, _| {
        Box::pin(async move {
            ctx.run("slow", || async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok(())
            })
            .await?;
            Ok(Value::Null)
        })
    }));
    let options = Options {
        alone: true,
        ..Options::default()
    };
    let engine = Engine::new(db.clone(), Arc::new(SystemClock), registry, options);
    let stop = CancellationToken::new();
    engine.start(&TaskTracker::new(), stop.clone());
    Bench { db, engine, stop }
}

#[tokio::main]
async fn main() {
    let chosen: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    let wants = |name: &str| chosen.is_empty() || chosen.iter().any(|c| c == name);
    if wants("restart") {
        restart().await;
    }
    if wants("one") {
        one(testing::sqlite_durable().await, "SQLite").await;
    }
    if wants("many") {
        many(testing::sqlite_durable().await, "SQLite", 64).await;
        many(testing::sqlite_durable().await, "SQLite", 1_000).await;
    }
    if wants("timers") {
        timers(testing::sqlite_durable().await, "SQLite").await;
    }
    if wants("waiting") {
        waiting(testing::sqlite_durable().await, "SQLite", 10_000).await;
    }
    if wants("idle") {
        idle(testing::sqlite_durable().await, "SQLite").await;
    }
    if wants("postgres")
        && let Some(db) = testing::postgres_durable().await
    {
        one(db.clone(), "PostgreSQL").await;
        many(db.clone(), "PostgreSQL", 1_000).await;
        timers(db, "PostgreSQL").await;
    }
}
