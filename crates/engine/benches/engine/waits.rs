//! What waits: timers, runs that wait for events, and an engine with nothing to do.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use db::{Db, Dialect, Error, args, testing};
use engine::{Clock, Event, SystemClock};
use serde_json::{Value, json};

use crate::bench::{Bench, Shares, at, begin, marks};
use crate::figure;
use crate::machine::{cpu_ms, disk_bytes, resident_kib, sleeps};

/// The child of [`idle`].
const IDLE: &str = "ROSTRUM_BENCH_IDLE";
/// How long idleness is watched, in looks of the engine.
const LOOKS: u32 = 4;
const LOOK: Duration = Duration::from_secs(5);
const ASKED: usize = 40;
/// So many wait before it is measured what more of them cost.
const WARM: usize = 5_000;
/// So many glances without a sign of life are between two moments.
const QUIET: u32 = 4;

/// 1,000 timers that are due within one second; answers how late they are.
pub(crate) async fn timers(db: Db, on: &str, goal: f64) -> Shares {
    let bench = Bench::on(db);
    bench.done().await;
    marks();
    let from = SystemClock.wall() + 3_000;
    let inputs = (0..1_000).map(|n| json!(from + n)).collect();
    bench.start("late", inputs).await;
    bench.done().await;
    let mut late = Vec::new();
    let limit = Instant::now() + Duration::from_secs(30);
    while late.len() < 1_000 && Instant::now() < limit {
        tokio::time::sleep(Duration::from_millis(500)).await;
        late.extend(marks());
    }
    late.sort_by(f64::total_cmp);
    let lateness = Shares::of(&late);
    let Shares { p50, p99 } = lateness;
    figure(
        on,
        "1,000 timers within a second",
        &format!(
            "{} fired, late p50 {p50:.0} ms, p99 {p99:.0} ms, most {:.0} ms",
            late.len(),
            at(&late, 1.0)
        ),
        &format!("p99 <= {goal} ms"),
        late.len() == 1_000 && p99 <= goal,
    );
    lateness
}

/// So many runs that wait for an event.
pub(crate) async fn waiting(db: Db, on: &str, runs: usize) {
    let bench = Bench::on(db);
    bench.done().await;
    marks();
    // What the machinery and the database's page caches need at all is no cost of waiting.
    for first in (0..WARM).step_by(1_000) {
        started(&bench, first..first + 1_000).await;
    }
    let (memory, disk) = (resident_kib(), disk_bytes(&bench.db).await);
    for first in (WARM..runs).step_by(1_000) {
        started(&bench, first..first + 1_000).await;
    }
    settled(&bench.db).await;
    #[expect(clippy::cast_precision_loss, reason = "a figure")]
    let each = (disk_bytes(&bench.db).await - disk) / (runs - WARM) as f64 / 1024.0;
    #[expect(clippy::cast_precision_loss, reason = "a figure")]
    let grown = (resident_kib() - memory) as f64 / 1000.0;
    let busy = cpu_ms();
    tokio::time::sleep(2 * LOOK).await;
    let watched = i64::try_from((2 * LOOK).as_millis()).unwrap_or(i64::MAX);
    #[expect(clippy::cast_precision_loss, reason = "a figure")]
    let share = (cpu_ms() - busy) as f64 / watched as f64 * 100.0;
    let (first, wakes) = asked(&bench).await;
    let (first, wake) = (at(&first, 0.5), at(&wakes, 0.5));
    figure(
        on,
        &format!("{runs} waiting runs"),
        &format!(
            "{each:.2} KiB each on disk, memory {grown:+.1} MB, {share:.1} % of a core; \
             a new run's first step p50 {first:.1} ms, an event to its run p50 {wake:.1} ms"
        ),
        "<= 2 KiB, <= 5 MB, < 1 %, <= 50 ms, <= 5 ms",
        each <= 2.0 && grown <= 5.0 && share < 1.0 && first <= 50.0 && wake <= 5.0,
    );
}

/// PostgreSQL's own upkeep counts rows within a minute of their coming; this run is shorter.
async fn settled(db: &Db) {
    if db.dialect() == Dialect::Postgres {
        let counted: Result<(), Error> = db
            .write(|tx| {
                Box::pin(async move {
                    tx.execute("ANALYZE", args![]).await?;
                    Ok(())
                })
            })
            .await;
        counted.expect("ANALYZE");
    }
}

async fn started(bench: &Bench, which: std::ops::Range<usize>) {
    bench.start("wait", which.map(|n| json!(n)).collect()).await;
    bench.done().await;
}

/// How long new runs take to their first step, and events to their run, milliseconds.
async fn asked(bench: &Bench) -> (Vec<f64>, Vec<f64>) {
    let (mut first, mut wakes) = (Vec::new(), Vec::new());
    for n in 0..ASKED {
        begin();
        bench.start("first", vec![Value::Null]).await;
        bench.done().await;
        first.extend(marks());
        begin();
        let now = SystemClock.wall();
        let emitted: Result<bool, Error> = bench
            .db
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
    assert_eq!(wakes.len(), ASKED, "each event reaches its run");
    first.sort_by(f64::total_cmp);
    wakes.sort_by(f64::total_cmp);
    (first, wakes)
}

pub(crate) fn is_child() -> bool {
    std::env::var_os(IDLE).is_some()
}

/// An engine with nothing to do, until it is killed.
pub(crate) async fn child() {
    let bench = Bench::on(testing::sqlite_durable().await);
    bench.done().await;
    println!("idle");
    std::future::pending().await
}

/// Counts, from outside, the moments in which an idle engine's process is awake.
pub(crate) async fn idle(on: &str) {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .env(IDLE, "1")
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("its output"))
        .read_line(&mut line)
        .expect("a word from it");
    tokio::time::sleep(2 * LOOK).await;
    let (mut moments, mut quiet, mut seen) = (0_u32, QUIET, sleeps(child.id()));
    let watched = Instant::now();
    while watched.elapsed() < LOOKS * LOOK {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let now = sleeps(child.id());
        if now == seen {
            quiet += 1;
        } else {
            moments += u32::from(quiet >= QUIET);
            quiet = 0;
        }
        seen = now;
    }
    child.kill().expect("end the child");
    child.wait().expect("the child has ended");
    figure(
        on,
        "idle",
        &format!(
            "awake in {moments} moments of {} s",
            (LOOKS * LOOK).as_secs()
        ),
        "<= 1 per 5 s",
        moments <= LOOKS,
    );
}
