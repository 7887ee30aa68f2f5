//! What others do with rows of our engine's figures: `opponents ENGINE DATABASE ROW COUNT`.
//!
//! `DATABASE` is a file or a PostgreSQL address, fresh for each call; `ROW` is `one` (a run of
//! `COUNT` steps), `many` (`COUNT` runs of five) or `timers` (`COUNT`, due within one second).
//! Prints one line of JSON: `p50` and `p99` in milliseconds, or `rate` in steps per second of the
//! runs that did not fail and how many `failed`; and `durability`, which is what the engine's own
//! connection says of it. Each engine runs as its documentation sets it up. Runs are started one
//! after the other: 8, 32 or 64 at a time made none of them faster.

mod marks;
mod with_dbos;
mod with_durare;
mod with_duroxide;

use std::error::Error;

use serde_json::{Value, json};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const STEPS: u64 = 5;
const SECOND: u64 = 1_000;

/// An engine that knows two workflows: `steps`, which takes how many steps it does, and `late`,
/// which sleeps until so many milliseconds after [`marks::now`]'s beginning.
trait Opponent {
    /// Milliseconds within which it has surely started so many timers.
    const LEAD: u64;

    /// Starts a run for each input and waits until all are done; answers how many failed.
    async fn done(&self, workflow: &'static str, inputs: Vec<u64>) -> Outcome<u64>;

    /// What its connections say of their durability, where they can be asked.
    async fn durability(&self) -> Outcome<Option<String>>;
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [engine, database, row, count] = words.as_slice() else {
        return Err("opponents ENGINE DATABASE ROW COUNT".into());
    };
    let count = count.parse()?;
    let line = match engine.as_str() {
        "durare" => seen(with_durare::open(database).await?, row, count).await?,
        "durare-full" => seen(with_durare::open_full(database).await?, row, count).await?,
        "duroxide" => seen(with_duroxide::open(database).await?, row, count).await?,
        "dbos" => seen(with_dbos::open(database).await?, row, count).await?,
        other => return Err(format!("no engine is called {other}").into()),
    };
    println!("{line}");
    Ok(())
}

async fn seen<O: Opponent>(engine: O, row: &str, count: u64) -> Outcome<Value> {
    let durability = engine.durability().await?;
    let mut line = match row {
        "one" => one(&engine, count).await?,
        "many" => many(&engine, count).await?,
        "timers" => timers(&engine, count).await?,
        other => return Err(format!("no row is called {other}").into()),
    };
    line["durability"] = json!(durability);
    Ok(line)
}

/// One run: the times from one step to the next.
async fn one(engine: &impl Opponent, steps: u64) -> Outcome<Value> {
    engine.done("steps", vec![steps]).await?;
    let at = marks::taken();
    counted(&at, steps)?;
    let mut gaps: Vec<f64> = at.windows(2).map(|two| two[1] - two[0]).collect();
    Ok(shares(&mut gaps))
}

/// Runs of five steps: steps per second, from the first start to the last end.
async fn many(engine: &impl Opponent, runs: u64) -> Outcome<Value> {
    let begun = marks::now();
    let inputs = (0..runs).map(|_| STEPS).collect();
    let failed = engine.done("steps", inputs).await?;
    let seconds = (marks::now() - begun) / 1e3;
    let steps = (runs - failed) * STEPS;
    counted(&marks::taken(), steps)?;
    Ok(json!({"rate": steps as f64 / seconds, "failed": failed}))
}

/// Timers: how late they are.
async fn timers(engine: &impl Opponent, timers: u64) -> Outcome<Value> {
    let from = marks::now() as u64 + lead(engine);
    let inputs = (0..timers).map(|n| from + n * SECOND / timers).collect();
    engine.done("late", inputs).await?;
    let mut late = marks::taken();
    counted(&late, timers)?;
    Ok(shares(&mut late))
}

fn lead<O: Opponent>(_: &O) -> u64 {
    O::LEAD
}

fn counted(marks: &[f64], wanted: u64) -> Outcome<()> {
    if (marks.len() as u64) < wanted {
        return Err(format!("{} marks of {wanted}", marks.len()).into());
    }
    Ok(())
}

fn shares(times: &mut [f64]) -> Value {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    json!({"p50": at(0.5), "p99": at(0.99)})
}
