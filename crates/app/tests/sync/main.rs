//! Mirrors of an organization that lives on a server: what is pushed, pulled, shown in advance and
//! taken back; and that all come to the same in the end, whatever the line is like.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bounds;
mod conflicts;
mod desk;
mod follower;
mod mirrors;
mod model;
mod outbox;
mod pulls;
mod pushes;
mod restored;
mod window;

#[path = "../core/random.rs"]
mod random;
#[path = "../core/world.rs"]
#[expect(dead_code, reason = "shared with the tests of apply")]
mod world;
