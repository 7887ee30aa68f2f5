//! What people do in the real window: the built program under a display, a session bus and a
//! WebDriver of the test's own.
#![cfg(target_os = "linux")]
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test reports by stopping"
)]

mod browser;
mod bus;
mod house_proxy;
#[path = "../peers/bluesky.rs"]
mod peer;
mod pointer;
mod reader;
mod screen;
mod stage;
mod steps;
mod window;

mod accessible;
mod bad_input;
mod bluesky_job;
mod composing;
mod desktop;
mod due;
mod joined;
mod links;
mod main_job;
mod mastodon_job;
mod restore;
mod x_job;
