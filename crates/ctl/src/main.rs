//! `rostrumctl`: the same core without a window, for scripts and tests.

#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what is stored or comes from afar may hold what a terminal obeys: `say!` and `note!`"
)]

#[macro_use]
mod print;
mod args;
mod asked;
mod commands;
mod reach;
mod words;

use std::process::ExitCode;

use clap::Parser as _;

use args::Args;

/// Done.
const DONE: u8 = 0;
/// Refused: the problem's code says why.
const REFUSED: u8 = 1;

fn main() -> ExitCode {
    // clap ends the process with 2 when the words are off.
    let args = Args::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("ROSTRUM_LOG")
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error")),
        )
        .with_writer(std::io::stderr)
        .init();
    // A second provider cannot be in the way: nothing else has run yet.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        // Acts that `mcp` has done run on workers, and need there what the main thread has.
        .thread_stack_size(8 << 20)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            note!("rostrumctl: cannot start: {error}");
            return ExitCode::from(REFUSED);
        }
    };
    let json = args.json;
    words::speak(args.lang);
    match runtime.block_on(commands::run(args)) {
        Ok(()) => ExitCode::from(DONE),
        Err(problem) => {
            print::problem(&problem, json);
            ExitCode::from(REFUSED)
        }
    }
}
