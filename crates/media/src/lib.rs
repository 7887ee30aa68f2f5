//! Pictures: taken in, cleaned, fitted to a network, kept under the hash of their bytes.
//!
//! [`Library`] is the door. Everything that it lets in was recognised by its bytes (never by its
//! name), turned the right way up, and freed of every word that cameras and programs leave in a
//! file; only the colour profile stays. What goes out is a rendition made by [`Library::fit`].

mod clean;
mod encode;
mod error;
mod fit;
mod job;
mod kind;
mod library;
mod meta;
mod pixels;
mod store;
mod strip;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use error::{Code, Error};
pub use fit::{Fitted, Measure};
pub use job::{Job, Progress, Stage};
pub use kind::{Foreign, Kind};
pub use library::{Bounds, Imported, Library};
pub use store::{Grown, Stray};
