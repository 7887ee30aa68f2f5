//! What queries and acts answer.

pub mod accounts;
pub mod approvals;
pub mod checks;
pub mod contents;
pub mod ideas;
pub mod models;
pub mod notes;
pub mod organizations;
pub mod overview;
pub mod planning;
pub mod privacy;
pub mod reviews;
pub mod runs;
pub mod sync;
pub mod system;

pub use accounts::*;
pub use approvals::*;
pub use checks::*;
pub use contents::*;
pub use ideas::*;
pub use models::*;
pub use notes::*;
pub use organizations::*;
pub use overview::*;
pub use planning::*;
pub use privacy::*;
pub use reviews::*;
pub use runs::*;
pub use sync::*;
pub use system::*;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// It was done, and there is nothing more to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Done {}
