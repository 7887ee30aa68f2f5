//! One owner of the background work.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};

use super::error::FolderError;
use super::layout::Layout;

/// Held by the process that publishes from this folder. The system lets go of it when the process
/// ends, however it ends.
#[derive(Debug)]
pub struct OwnerLock {
    _file: File,
}

impl OwnerLock {
    /// Takes the folder.
    ///
    /// # Errors
    /// [`FolderError::InUse`] with the other's process id where it can be read.
    pub fn take(layout: &Layout) -> Result<Self, FolderError> {
        let path = layout.lock();
        let failed = |e: &std::io::Error| FolderError::io(e, &path);
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|e| failed(&e))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // Windows does not let others read a locked file.
                let _ = file.read_to_string(&mut text);
                return Err(FolderError::InUse {
                    pid: text.trim().parse().ok(),
                });
            }
            Err(TryLockError::Error(e)) => return Err(failed(&e)),
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(|e| failed(&e))?;
        Ok(Self { _file: file })
    }

    /// Whether some process has the folder right now.
    ///
    /// # Errors
    /// When the lock cannot be looked at.
    pub fn is_taken(layout: &Layout) -> Result<bool, FolderError> {
        if !layout.lock().exists() {
            return Ok(false);
        }
        match Self::take(layout) {
            Ok(_) => Ok(false),
            Err(FolderError::InUse { .. }) => Ok(true),
            Err(e) => Err(e),
        }
    }
}
