//! What things are and which rules hold.
//!
//! No I/O, no clock, no randomness, no async: every function here is a pure function of its
//! arguments, so the desktop, the server and the tests cannot disagree.

pub mod approval;
pub mod attempt;
pub mod audit;
pub mod canonical;
pub mod content;
pub mod cost;
pub mod delegation;
pub mod delivery;
pub mod edit;
pub mod fill;
pub mod hash;
pub mod idea;
pub mod identity;
pub mod ids;
pub mod limits;
pub mod media;
pub mod merge;
pub mod model;
pub mod note;
pub mod person;
pub mod persona;
pub mod remark;
pub mod retention;
pub mod rights;
pub mod search;
pub mod source;
pub mod status;
pub mod template;
pub mod time;
pub mod version;

pub use hash::Hash;
pub use time::{Instant, Planned};
