//! What crosses a boundary: IPC, HTTP, the command line, files.
//!
//! `Mutation` changes, `Query` reads, `Act` reaches outside; `Problem` says why not. The
//! TypeScript types in `ui/src/bindings` are generated from here (`./dev bindings`).

pub mod act;
pub mod event;
pub mod mutation;
pub mod problem;
pub mod query;
pub mod settings;
pub mod sync;
pub mod tags;
pub mod views;

pub use act::Act;
pub use event::Event;
pub use mutation::{Call, Mutation};
pub use problem::{Code, Problem};
pub use query::Query;
pub use tags::Tag;
