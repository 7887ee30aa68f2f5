//! What people do in the real window: the built program under a display, a session bus and a
//! WebDriver of the test's own.
#![cfg(target_os = "linux")]
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test reports by stopping"
)]

mod bus;
#[path = "../peers/bluesky.rs"]
mod peer;
mod pointer;
mod screen;
mod stage;
mod steps;
mod window;

mod bad_input;
mod bluesky_job;
mod desktop;
mod due;
mod links;
mod main_job;
mod restore;
