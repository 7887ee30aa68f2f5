//! How long preparing 3,000 characters takes, against the goal of 1 ms: the composer prepares on
//! every keystroke.
//!
//! `./dev bench prepare`: the median of each network, and its ratio to the goal.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use domain::content::{Segment, Variant};
use domain::ids::IdentityId;
use networks::{HttpOptions, PrepareInput, Registry};

const GOAL: Duration = Duration::from_millis(1);
const RUNS: usize = 300;

/// 3,000 characters as people write them: words, names, links, hashtags, emoji.
fn prose() -> String {
    let sentence = "Late snow on the pass 🏔️ – @mara.test walked up: https://example.org/a/b?c=d \
                    #Schnee, naïve “quotes” and 日本語. ";
    sentence.chars().cycle().take(3000).collect()
}

fn main() -> ExitCode {
    let registry = match Registry::standard(HttpOptions::default()) {
        Ok(registry) => registry,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let texts = [
        ("prose", prose()),
        ("chinese", "雪".repeat(3000)),
        (
            "links",
            "https://example.org/x "
                .chars()
                .cycle()
                .take(3000)
                .collect(),
        ),
    ];
    let mut missed = false;
    for (kind, text) in &texts {
        // Once as one post that is far too long, once as a thread.
        let whole = Variant::of_text(text);
        let thread = Variant {
            segments: text
                .chars()
                .collect::<Vec<_>>()
                .chunks(250)
                .map(|c| Segment {
                    text: c.iter().collect(),
                    media: vec![],
                })
                .collect(),
            ..Variant::default()
        };
        for (shape, variant) in [("one post", &whole), ("a thread", &thread)] {
            for adapter in registry.all() {
                let limits = adapter.limits(None);
                let (assets, mentions, cards, renditions) = (
                    BTreeMap::new(),
                    BTreeMap::new(),
                    BTreeMap::new(),
                    BTreeMap::new(),
                );
                let input = PrepareInput {
                    identity: IdentityId(uuid::Uuid::nil()),
                    variant,
                    languages: &[],
                    title: "",
                    limits: &limits,
                    assets: &assets,
                    mentions: &mentions,
                    cards: &cards,
                    quotes: &BTreeMap::new(),
                    renditions: &renditions,
                };
                let mut times: Vec<Duration> = (0..RUNS)
                    .map(|_| {
                        let start = Instant::now();
                        black_box(adapter.prepare(black_box(&input)));
                        start.elapsed()
                    })
                    .collect();
                times.sort_unstable();
                let median = times[RUNS / 2];
                let ratio = median.as_secs_f64() / GOAL.as_secs_f64();
                missed |= ratio > 1.0;
                println!(
                    "prepare {kind:8} as {shape} on {:9} median {:7.1} µs, {ratio:.3} x the goal of 1 ms",
                    adapter.descriptor().id.as_str(),
                    median.as_secs_f64() * 1e6,
                );
            }
        }
    }
    if missed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
