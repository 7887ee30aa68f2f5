//! `apply` on both databases: what it must keep whatever is asked of it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod afterwards;
mod agents;
mod always;
mod approvals;
mod automation;
mod away;
mod best_hours;
mod bluesky;
mod borders;
mod calendar;
mod checks;
mod conditions;
#[path = "../sync/follower.rs"]
mod follower;
mod here;
mod here_only;
mod history;
mod ideas;
mod notes;
mod once;
mod privacy;
mod queries;
#[expect(dead_code, reason = "shared with the tests of sync")]
mod random;
mod review;
mod rights;
mod sign_in;
mod stages;
mod world;
mod writing;

#[path = "../../../../tests/peers/bluesky_pages.rs"]
mod pages;
#[path = "../../../../tests/peers/bluesky.rs"]
mod peer;
