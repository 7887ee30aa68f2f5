//! The data folder: where things lie, who owns it, whether it was copied, its backups.

pub mod backup;
mod database;
pub(crate) mod durable;
mod error;
mod heads;
mod identity;
mod layout;
mod lock;

pub use backup::{Backup, Backups, Reason, Work};
pub use database::open_database;
pub use error::{BACKUP, FolderError};
pub use heads::{AllSeen, Head, Seen};
pub use identity::{DataFolder, Held};
pub use layout::{Layout, config_folder, usual_root};
pub use lock::OwnerLock;

/// Writes a file that only this user can read, all or nothing.
///
/// # Errors
/// When the disk does not take it.
pub fn write_private(path: &std::path::Path, bytes: &[u8]) -> Result<(), FolderError> {
    durable::write(path, bytes, durable::Readers::Owner).map_err(|e| FolderError::io(&e, path))
}

#[cfg(test)]
mod tests;
