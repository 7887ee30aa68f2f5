//! What other engines do in the same rows: a program of its own (`tests/opponents`), so that
//! nothing of ours is built with them.

use std::process::Command;

use db::testing;
use serde_json::Value;

use crate::bench::Shares;
use crate::{Reached, figure, seen};

/// The program; `./dev bench engine` builds it and sets this.
const PROGRAM: &str = "ROSTRUM_BENCH_OPPONENTS";
/// How much of each row they do. Ours does as much, but for the steps of the one run, which only
/// make its percentiles finer.
const STEPS: &str = "200";
const RUNS: &str = "1000";
const TIMERS: &str = "1000";

/// An engine, and how many times its steps per second ours are to do.
struct Opponent(&'static str, Option<f64>);

const ON_SQLITE: [Opponent; 3] = [
    Opponent("durare", Some(2.0)),
    Opponent("durare-full", None),
    Opponent("duroxide", Some(20.0)),
];
const ON_POSTGRES: [Opponent; 2] = [Opponent("durare", Some(2.0)), Opponent("dbos", Some(2.0))];

/// Lays what we reached beside what they reach, each row in a process with a fresh database.
pub(crate) async fn beside(on_sqlite: Reached, on_postgres: Option<Reached>) {
    let Ok(program) = std::env::var(PROGRAM) else {
        println!("engine/opponents: left out, their program is not there");
        return;
    };
    for opponent in ON_SQLITE {
        for row in ROWS {
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join("opponent.sqlite");
            let theirs = ask(&program, &opponent, row, &file.to_string_lossy());
            show("SQLite", &opponent, row, &on_sqlite, theirs);
        }
    }
    let Some(ours) = on_postgres else { return };
    for opponent in ON_POSTGRES {
        for row in ROWS {
            let Some(address) = testing::postgres_durable_url().await else {
                return;
            };
            let theirs = ask(&program, &opponent, row, &address);
            show("PostgreSQL", &opponent, row, &ours, theirs);
        }
    }
}

#[derive(Clone, Copy)]
enum Row {
    One,
    Many,
    Timers,
}
const ROWS: [Row; 3] = [Row::One, Row::Many, Row::Timers];

/// What they print, or why there is nothing.
fn ask(program: &str, opponent: &Opponent, row: Row, database: &str) -> Result<Value, String> {
    let words = match row {
        Row::One => ["one", STEPS],
        Row::Many => ["many", RUNS],
        Row::Timers => ["timers", TIMERS],
    };
    let done = Command::new(program)
        .args([opponent.0, database])
        .args(words)
        .output()
        .map_err(|e| e.to_string())?;
    // They log on the same stream; ours is the last line.
    let last = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text.lines().last().unwrap_or_default().to_owned()
    };
    if !done.status.success() {
        return Err(last(&done.stderr));
    }
    serde_json::from_str(&last(&done.stdout)).map_err(|e| e.to_string())
}

fn show(on: &str, opponent: &Opponent, row: Row, ours: &Reached, theirs: Result<Value, String>) {
    let name = match row {
        Row::One => "one run",
        Row::Many => "1,000 runs",
        Row::Timers => "1,000 timers within a second",
    };
    let theirs = match theirs {
        Ok(theirs) => theirs,
        Err(why) => {
            return seen(
                &format!("{on} beside {}", opponent.0),
                name,
                &format!("none: {why}"),
            );
        }
    };
    let number = |key: &str| theirs[key].as_f64().unwrap_or(f64::NAN);
    let shares = Shares {
        p50: number("p50"),
        p99: number("p99"),
    };
    let durability = theirs["durability"].as_str().unwrap_or("as the server");
    let on = format!("{on} beside {} ({durability})", opponent.0);
    match row {
        Row::One => seen(
            &on,
            name,
            &format!(
                "step p50 {:.2} ms (p99 {:.2}), theirs {:.2} ({:.2}) = {:.1} x ours",
                ours.step.p50,
                ours.step.p99,
                shares.p50,
                shares.p99,
                shares.p50 / ours.step.p50
            ),
        ),
        Row::Timers => seen(
            &on,
            name,
            &format!(
                "late p50 {:.0} ms, p99 {:.0} ms, theirs {:.0} and {:.0}",
                ours.late.p50, ours.late.p99, shares.p50, shares.p99
            ),
        ),
        Row::Many => {
            let times = ours.steps_per_second / number("rate");
            let mut figures = format!(
                "{:.0} steps/s = {times:.1} x theirs ({:.0})",
                ours.steps_per_second,
                number("rate")
            );
            if let Some(failed) = theirs["failed"].as_u64().filter(|n| *n > 0) {
                figures += &format!(", {failed} of their runs failed");
            }
            match opponent.1 {
                Some(goal) => figure(&on, name, &figures, &format!(">= {goal} x"), times >= goal),
                None => seen(&on, name, &figures),
            }
        }
    }
}
