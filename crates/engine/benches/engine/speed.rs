//! Steps per second beside raw commits, and a restart.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use db::{Db, testing};
use serde_json::{Value, json};

use crate::bench::{Bench, Shares, at, marks, start};
use crate::{figure, seen};

const COMMITS: u32 = 600;
const STEPS: u32 = 500;
/// Shared by the workers of [`workers`].
const ERRANDS: u32 = 4_000;
const WORKERS: u32 = 4;
/// Where the child of [`restart`] works.
const PLACE: &str = "ROSTRUM_BENCH_RESTART";

/// Commits per second and their median in milliseconds, each of three rows, one after the other.
async fn raw(db: &Db) -> (f64, f64) {
    let times = testing::raw_commits(db, COMMITS).await;
    let mut times: Vec<f64> = times
        .expect("raw commits")
        .iter()
        .map(|t| t.as_secs_f64() * 1e3)
        .collect();
    times.sort_by(f64::total_cmp);
    let rate = f64::from(COMMITS) / times.iter().sum::<f64>() * 1e3;
    (rate, at(&times, 0.5))
}

/// One run, step by step; answers how long a step takes.
pub(crate) async fn one(db: Db, on: &str) -> Shares {
    let (rate, commit) = raw(&db).await;
    let bench = Bench::on(db);
    bench.done().await;
    marks();
    let begun = Instant::now();
    let input = json!({"steps": STEPS, "timed": true});
    bench.start("steps", vec![input]).await;
    bench.done().await;
    let steps = f64::from(STEPS) / begun.elapsed().as_secs_f64();
    let step = Shares::of(&marks());
    let Shares { p50, p99 } = step;
    figure(
        on,
        "one run",
        &format!(
            "step p50 {p50:.2} ms (p99 {p99:.2}) = {:.2} x a raw commit ({commit:.2} ms); \
             {steps:.0} steps/s = {:.2} x raw ({rate:.0})",
            p50 / commit,
            steps / rate
        ),
        "<= 1.25 x, >= 0.8 x",
        p50 <= 1.25 * commit && steps >= 0.8 * rate,
    );
    step
}

/// So many runs of five steps at a time; answers steps per second.
pub(crate) async fn many(db: Db, on: &str, runs: u32) -> f64 {
    let (rate, _) = raw(&db).await;
    let bench = Bench::on(db);
    bench.done().await;
    let begun = Instant::now();
    let inputs = (0..runs).map(|_| json!({"steps": 5})).collect();
    bench.start("steps", inputs).await;
    bench.done().await;
    let steps = f64::from(runs * 5) / begun.elapsed().as_secs_f64();
    figure(
        on,
        &format!("{runs} runs"),
        &format!("{steps:.0} steps/s = {:.1} x raw ({rate:.0})", steps / rate),
        ">= 3 x",
        steps >= 3.0 * rate,
    );
    steps
}

/// What four workers of one PostgreSQL do beside one.
pub(crate) async fn workers(on: &str) -> Option<()> {
    let one = together(&testing::postgres_durable_url().await?, 1).await;
    let four = together(&testing::postgres_durable_url().await?, WORKERS).await;
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    let row = format!("{ERRANDS} runs, {WORKERS} workers");
    let times = four / one;
    let figures = format!("{four:.0} steps/s = {times:.2} x one worker ({one:.0})");
    if cores >= 4 {
        figure(on, &row, &figures, ">= 2.5 x", times >= 2.5);
    } else {
        seen(
            on,
            &row,
            &format!("{figures}; {cores} cores are too few for the goal of 2.5 x"),
        );
    }
    Some(())
}

/// Steps per second of so many workers that share runs of five steps, each with its own pool.
async fn together(place: &str, workers: u32) -> f64 {
    let mut pools = Vec::new();
    for _ in 0..workers {
        pools.push(open(place).await);
    }
    let inputs = (0..ERRANDS).map(|_| json!({"steps": 5})).collect();
    start(&pools[0], "steps", inputs).await;
    let begun = Instant::now();
    let benches: Vec<Bench> = pools.into_iter().map(Bench::among).collect();
    for bench in &benches {
        bench.done().await;
    }
    f64::from(ERRANDS * 5) / begun.elapsed().as_secs_f64()
}

pub(crate) fn is_child() -> bool {
    std::env::var_os(PLACE).is_some()
}

/// Starts 200 runs of one second and is killed amid them.
pub(crate) async fn child() {
    let place = std::env::var(PLACE).expect("a place");
    let db = open(&place).await;
    db.migrate().await.expect("migrate");
    let bench = Bench::on(db);
    bench.start("second", vec![Value::Null; 200]).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    testing::kill_self();
}

/// Opens a file, or a PostgreSQL by its address.
async fn open(place: &str) -> Db {
    let opened = if place.starts_with("postgres:") {
        Db::open_postgres(place).await
    } else {
        Db::open_sqlite(Path::new(place)).await
    };
    opened.expect("open")
}

/// A child is killed with 200 runs in flight; we take over.
pub(crate) async fn restart(place: &str, on: &str) {
    let killed = Command::new(std::env::current_exe().expect("this program"))
        .env(PLACE, place)
        .status()
        .expect("a child");
    assert!(!killed.success(), "the child is killed");
    let begun = Instant::now();
    let bench = Bench::on(open(place).await);
    bench.done().await;
    let beyond = begun.elapsed().as_secs_f64() - 1.0;
    figure(
        on,
        "restart after SIGKILL with 200 in flight",
        &format!("drained {beyond:.2} s beyond the steps' own second"),
        "<= 0.5 s",
        beyond <= 0.5,
    );
}
