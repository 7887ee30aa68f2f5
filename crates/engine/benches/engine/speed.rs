//! Steps per second beside raw commits, and a restart.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use db::{Db, testing};
use serde_json::{Value, json};

use crate::bench::{Bench, at, marks};
use crate::figure;

const COMMITS: u32 = 600;
const STEPS: u32 = 500;
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

/// One run, step by step.
pub(crate) async fn one(db: Db, on: &str) {
    let (rate, commit) = raw(&db).await;
    let bench = Bench::on(db);
    bench.done().await;
    marks();
    let begun = Instant::now();
    let input = json!({"steps": STEPS, "timed": true});
    bench.start("steps", vec![input]).await;
    bench.done().await;
    let steps = f64::from(STEPS) / begun.elapsed().as_secs_f64();
    let times = marks();
    let (p50, p99) = (at(&times, 0.5), at(&times, 0.99));
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
}

/// So many runs of five steps at a time.
pub(crate) async fn many(db: Db, on: &str, runs: u32) {
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
}

pub(crate) fn is_child() -> bool {
    std::env::var_os(PLACE).is_some()
}

/// Starts 200 runs of one second and is killed amid them.
pub(crate) async fn child() {
    let place = std::env::var(PLACE).expect("a place");
    let db = Db::open_sqlite(Path::new(&place)).await.expect("open");
    db.migrate().await.expect("migrate");
    let bench = Bench::on(db);
    bench.start("second", vec![Value::Null; 200]).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    testing::kill_self();
}

/// A child is killed with 200 runs in flight; we take over.
pub(crate) async fn restart(on: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("restart.sqlite");
    let killed = Command::new(std::env::current_exe().expect("this program"))
        .env(PLACE, &path)
        .status()
        .expect("a child");
    assert!(!killed.success(), "the child is killed");
    let begun = Instant::now();
    let bench = Bench::on(Db::open_sqlite(&path).await.expect("open"));
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
