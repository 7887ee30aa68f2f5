//! How good the assistant's methods are, on worlds with planted truth, beside the plain ways to do
//! the same; and how fast.
//!
//! `./dev bench assistant` measures everything, `./dev bench assistant trends hours` only those.
//! Figures are means over seeds with their 95 % intervals. Parameters and thresholds are chosen on
//! other seeds than those that are measured: `./dev bench assistant trends other-seeds`.

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

use std::ops::Range;
use std::process::ExitCode;

/// The name of a part, how to measure it (how many goals it missed), and on how many seeds.
type Part = (&'static str, fn(Range<u64>) -> usize, u64);

const PARTS: &[Part] = &[
    ("trends", trends::run, 24),
    ("relevance", relevance::run, 60),
    ("hours", hours::run, 150),
    ("suggest", suggest::run, 40),
    ("range", range::run, 100),
    ("similar", similar::run, 20),
    ("hashtags", hashtags::run, 30),
    ("language", language::run, 20),
    ("phrases", phrases::run, 20),
    ("unusual", unusual::run, 60),
    ("variants", variants::run, 24),
    ("speed", speed::run, 1),
];

/// The seeds that are measured begin here; those below are for choosing parameters.
const FIRST_SEED: u64 = 100;

fn main() -> ExitCode {
    // cargo adds `--bench`.
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with("--"))
        .collect();
    let (words, parts): (Vec<String>, Vec<String>) =
        asked.into_iter().partition(|a| a == "other-seeds");
    let (first, most) = if words.is_empty() {
        (FIRST_SEED, u64::MAX)
    } else {
        (0, FIRST_SEED)
    };
    let names: Vec<&str> = PARTS.iter().map(|p| p.0).collect();
    if let Some(unknown) = parts.iter().find(|a| !names.contains(&a.as_str())) {
        eprintln!(
            "There is no part “{unknown}”. There are: {}.",
            names.join(", ")
        );
        return ExitCode::FAILURE;
    }
    let missed: usize = PARTS
        .iter()
        .filter(|(name, ..)| parts.is_empty() || parts.iter().any(|a| a == name))
        .map(|(_, run, seeds)| run(first..first + seeds.min(&most)))
        .sum();
    if missed == 0 {
        ExitCode::SUCCESS
    } else {
        println!("\n{missed} goals missed.");
        ExitCode::FAILURE
    }
}
