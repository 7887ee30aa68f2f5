//! Sync: the order of changes and its clients on a server, and the mirror on a desktop.

pub mod ahead;
mod check;
pub mod log;
pub mod mirror;
pub mod outbox;
pub mod rows;
pub mod tables;

pub use check::check;
pub use rows::{Row, of_person};
pub use tables::{ENTITIES, Entity, Kept, Part, Table, entity, tables};

/// Every statement of this folder.
#[must_use]
pub fn statements() -> Vec<db::Statement> {
    [log::STATEMENTS, mirror::STATEMENTS, outbox::STATEMENTS].concat()
}
