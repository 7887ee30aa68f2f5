//! How good the assistant's methods are, on worlds with planted truth, beside the plain ways to do
//! the same; and how fast.
//!
//! `./dev bench assistant` measures everything, `./dev bench assistant trends hours` only those.
//! Figures are means over seeds with their 95 % intervals. Parameters and thresholds were set on
//! other seeds than those that are measured here.

mod dice;
mod hashtags;
mod hours;
mod language;
mod phrases;
mod range;
mod relevance;
mod similar;
mod speed;
mod suggest;
mod table;
mod trends;
mod unusual;
mod variants;
mod words;

use std::process::ExitCode;

/// The name of a part, and how to measure it: how many goals it missed.
type Part = (&'static str, fn() -> usize);

const PARTS: &[Part] = &[
    ("trends", || trends::run(100..124)),
    ("relevance", || relevance::run(100..160)),
    ("hours", || hours::run(100..160)),
    ("suggest", || suggest::run(100..140)),
    ("range", || range::run(100..200)),
    ("similar", || similar::run(100..120)),
    ("hashtags", || hashtags::run(100..130)),
    ("language", || language::run(100..120)),
    ("phrases", || phrases::run(100..120)),
    ("unusual", || unusual::run(100..160)),
    ("variants", || variants::run(100..124)),
    ("speed", speed::run),
];

fn main() -> ExitCode {
    // cargo adds `--bench`.
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with("--"))
        .collect();
    let names: Vec<&str> = PARTS.iter().map(|p| p.0).collect();
    if let Some(unknown) = asked.iter().find(|a| !names.contains(&a.as_str())) {
        eprintln!(
            "There is no part “{unknown}”. There are: {}.",
            names.join(", ")
        );
        return ExitCode::FAILURE;
    }
    let missed: usize = PARTS
        .iter()
        .filter(|(name, _)| asked.is_empty() || asked.iter().any(|a| a == name))
        .map(|(_, run)| run())
        .sum();
    if missed == 0 {
        ExitCode::SUCCESS
    } else {
        println!("\n{missed} goals missed.");
        ExitCode::FAILURE
    }
}
