//! The engine's figures beside what the database does raw, on the same machine in the same run.
//!
//! `./dev bench engine`, with words to choose rows: `./dev bench engine one many`. Everything waits
//! for the disk (`synchronous=FULL`), and on Linux with a C compiler the SQLite rows follow again
//! on a disk whose every fsync takes 2 ms more. Takes about five minutes on two cores; a figure
//! counts only on a machine that does nothing else.

#![expect(clippy::expect_used, reason = "a measurement fails by panicking")]

mod bench;
mod machine;
mod speed;
mod waits;

use std::process::Command;
use std::time::Duration;

use db::testing;

/// A child of ours measures the SQLite rows; says on which disk.
const DISK: &str = "ROSTRUM_BENCH_DISK";
const SLOWER: Duration = Duration::from_millis(2);

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args()
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
        return sqlite(&words, &disk).await;
    }
    sqlite(&words, "SQLite").await;
    if chosen(&words, "slow") {
        slow(&words);
    }
    if chosen(&words, "postgres") {
        postgres().await;
    }
}

/// Without words everything is wanted. `slow` alone means every row of the slow disk.
fn chosen(words: &[String], row: &str) -> bool {
    words.is_empty() || words.iter().any(|w| w == row)
}

async fn sqlite(words: &[String], on: &str) {
    if chosen(words, "one") {
        speed::one(testing::sqlite_durable().await, on).await;
    }
    if chosen(words, "many") {
        speed::many(testing::sqlite_durable().await, on, 64).await;
        speed::many(testing::sqlite_durable().await, on, 1_000).await;
    }
    if chosen(words, "timers") {
        waits::timers(testing::sqlite_durable().await, on, 20.0).await;
    }
    if chosen(words, "waiting") {
        waits::waiting(testing::sqlite_durable().await, on, 10_000).await;
        waits::waiting(testing::sqlite_durable().await, on, 100_000).await;
    }
    if chosen(words, "restart") {
        speed::restart(on).await;
    }
    if chosen(words, "idle") {
        waits::idle(on).await;
    }
}

/// The same rows in a child whose disk is slow.
fn slow(words: &[String]) {
    let Some(disk) = testing::disk::Disk::build() else {
        return;
    };
    let mut child = Command::new(std::env::current_exe().expect("this program"));
    child
        .args(words.iter().filter(|w| *w != "slow"))
        .env(DISK, "SQLite, fsync + 2 ms");
    disk.slow(&mut child, SLOWER);
    let done = child.status().expect("a child");
    assert!(done.success(), "the rows of a slow disk: {done}");
}

async fn postgres() {
    let Some(db) = testing::postgres_durable().await else {
        return;
    };
    speed::one(db.clone(), "PostgreSQL").await;
    speed::many(db.clone(), "PostgreSQL", 1_000).await;
    waits::timers(db, "PostgreSQL", 30.0).await;
}

/// Prints one figure: where, what, how much, and the goal with whether it is reached.
fn figure(on: &str, row: &str, seen: &str, goal: &str, reached: bool) {
    let verdict = if reached { "ok" } else { "MISSED" };
    println!("engine/{on}: {row}: {seen}  [goal {goal}: {verdict}]");
}
