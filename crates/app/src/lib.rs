//! The use cases: one way in (`apply`), one way out (`answer`), what reaches outside (`act`), and
//! the background that publishes.

pub mod act;
mod answer;
pub mod apply;
mod audit;
mod automation;
pub mod browser;
pub mod calls;
mod checks;
pub mod compose;
pub mod core;
pub mod error;
pub mod folder;
pub mod host;
pub mod ideas;
mod joined;
mod member;
mod presence;
mod privacy;
pub mod publish;
pub mod reviews;
pub mod secrets;
pub mod settings;
pub mod sync;
pub mod words;
pub mod workflows;
mod writing;

pub use core::App;
pub use engine::{Clock, SystemClock};
pub use error::Error;
pub use host::Host;
pub use media::Library;
