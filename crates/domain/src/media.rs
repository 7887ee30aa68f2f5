//! Facts about media files; the bytes are the `media` crate's.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::hash::Hash;

/// A file in the library: oriented, without metadata, named by its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AssetFacts {
    /// Hash of the cleaned bytes.
    pub hash: Hash,
    /// The name that the file had.
    pub name: String,
    /// `image/jpeg`, `image/png`, `image/gif`, `image/webp`.
    pub mime: String,
    /// Pixels across after orientation.
    pub width: u32,
    /// Pixels down after orientation.
    pub height: u32,
    /// Size of the cleaned file in bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// More than one frame.
    #[serde(default)]
    pub animated: bool,
    /// A place was found in the original's metadata, and removed.
    #[serde(default)]
    pub location_removed: bool,
}

/// A file derived from an asset to fit a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Rendition {
    /// The asset that it was made from.
    pub asset: Hash,
    /// Hash of the bytes that go out; equals `asset` when the asset fits as it is.
    pub hash: Hash,
    /// Its type.
    pub mime: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Size in bytes.
    #[ts(type = "number")]
    pub bytes: u64,
}
