//! The engine's figures beside what the database does raw and beside what other engines do, on the
//! same machine in the same run.
//!
//! `./dev bench engine`, with words to choose places and rows: `./dev bench engine postgres many`.
//! Everything of ours waits for the disk (`synchronous=FULL`, `synchronous_commit=on`). The rows
//! are done on SQLite (`sqlite`); on Linux with a C compiler again on a disk whose every fsync
//! takes 2 ms more (`slow`); and on PostgreSQL (`postgres`). `opponents` lays the rows `one`,
//! `many` and `timers` beside those of other engines. Takes about eight minutes on two cores; a
//! figure counts only on a machine that does nothing else.

#![expect(clippy::expect_used, reason = "a measurement fails by panicking")]

mod bench;
mod machine;
mod opponents;
mod speed;
mod waits;

use std::process::Command;
use std::time::Duration;

use db::testing;

use crate::bench::Shares;

/// A child of ours measures the SQLite rows; says on which disk.
const DISK: &str = "ROSTRUM_BENCH_DISK";
const SLOWER: Duration = Duration::from_millis(2);
/// Words that choose where, and not which row.
const PLACES: [&str; 4] = ["sqlite", "slow", "postgres", "opponents"];

/// What we reach in the rows that others do too.
#[derive(Clone, Copy, Debug, Default)]
struct Reached {
    step: Shares,
    steps_per_second: f64,
    late: Shares,
}

#[tokio::main]
async fn main() {
    let mut words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    if speed::is_child() {
        return speed::child().await;
    }
    if waits::is_child() {
        return waits::child().await;
    }
    if let Ok(disk) = std::env::var(DISK) {
        sqlite(&words, &disk).await;
        return;
    }
    let beside = chosen(&words, "opponents");
    if beside && !words.is_empty() {
        words.extend(["sqlite", "postgres", "one", "many", "timers"].map(str::to_owned));
    }
    let rows = rows(&words);
    let mut on_sqlite = Reached::default();
    if chosen(&words, "sqlite") || rows.len() == words.len() {
        on_sqlite = sqlite(&rows, "SQLite").await;
    }
    if chosen(&words, "slow") {
        slow(&rows);
    }
    let mut on_postgres = None;
    if chosen(&words, "postgres") {
        on_postgres = postgres(&rows).await;
    }
    if beside {
        opponents::beside(on_sqlite, on_postgres).await;
    }
}

/// The words that choose rows. A place alone means every row of it, rows alone are SQLite's.
fn rows(words: &[String]) -> Vec<String> {
    let is_row = |w: &&String| !PLACES.contains(&w.as_str());
    words.iter().filter(is_row).cloned().collect()
}

/// Without words everything is wanted.
fn chosen(words: &[String], row: &str) -> bool {
    words.is_empty() || words.iter().any(|w| w == row)
}

async fn sqlite(rows: &[String], on: &str) -> Reached {
    let mut reached = Reached::default();
    if chosen(rows, "one") {
        reached.step = speed::one(testing::sqlite_durable().await, on).await;
    }
    if chosen(rows, "many") {
        speed::many(testing::sqlite_durable().await, on, 64).await;
        reached.steps_per_second = speed::many(testing::sqlite_durable().await, on, 1_000).await;
    }
    if chosen(rows, "timers") {
        reached.late = waits::timers(testing::sqlite_durable().await, on, 20.0).await;
    }
    if chosen(rows, "waiting") {
        waits::waiting(testing::sqlite_durable().await, on, 10_000).await;
        waits::waiting(testing::sqlite_durable().await, on, 100_000).await;
    }
    if chosen(rows, "restart") {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("restart.sqlite");
        speed::restart(&file.to_string_lossy(), on).await;
    }
    if chosen(rows, "idle") {
        waits::idle(on).await;
    }
    reached
}

/// The same rows in a child whose disk is slow.
fn slow(rows: &[String]) {
    let Some(disk) = testing::disk::Disk::build() else {
        return;
    };
    let mut child = Command::new(std::env::current_exe().expect("this program"));
    child.args(rows).env(DISK, "SQLite, fsync + 2 ms");
    disk.slow(&mut child, SLOWER);
    let done = child.status().expect("a child");
    assert!(done.success(), "the rows of a slow disk: {done}");
}

/// `None` where there is no PostgreSQL.
async fn postgres(rows: &[String]) -> Option<Reached> {
    let on = "PostgreSQL";
    let mut reached = Reached::default();
    if chosen(rows, "one") {
        reached.step = speed::one(testing::postgres_durable().await?, on).await;
    }
    if chosen(rows, "many") {
        speed::many(testing::postgres_durable().await?, on, 64).await;
        reached.steps_per_second = speed::many(testing::postgres_durable().await?, on, 1_000).await;
    }
    if chosen(rows, "timers") {
        reached.late = waits::timers(testing::postgres_durable().await?, on, 30.0).await;
    }
    if chosen(rows, "waiting") {
        waits::waiting(testing::postgres_durable().await?, on, 10_000).await;
    }
    if chosen(rows, "restart") {
        speed::restart(&testing::postgres_durable_url().await?, on).await;
    }
    if chosen(rows, "workers") {
        speed::workers(on).await?;
    }
    Some(reached)
}

/// Prints one figure: where, what, how much, and the goal with whether it is reached.
fn figure(on: &str, row: &str, seen: &str, goal: &str, reached: bool) {
    let verdict = if reached { "ok" } else { "MISSED" };
    println!("engine/{on}: {row}: {seen}  [goal {goal}: {verdict}]");
}

/// Prints one figure that no goal speaks of.
fn seen(on: &str, row: &str, seen: &str) {
    println!("engine/{on}: {row}: {seen}");
}
