//! What the desktop has told once, kept in the data folder.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Told {
    close_to_tray: bool,
}

/// A small file; losing it means being told a second time.
pub(crate) struct Marks {
    file: PathBuf,
    told: Mutex<Told>,
}

impl Marks {
    /// In this data folder.
    #[must_use]
    pub(crate) fn in_folder(folder: &std::path::Path) -> Self {
        let file = folder.join("desktop.json");
        let told = std::fs::read(&file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Self {
            file,
            told: Mutex::new(told),
        }
    }

    /// True the first time: closing the window leaves Rostrum in the tray.
    pub(crate) fn tell_close_to_tray(&self) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let first = !told.close_to_tray;
        told.close_to_tray = true;
        if first
            && let Ok(bytes) = serde_json::to_vec(&*told)
            && let Err(error) = std::fs::write(&self.file, bytes)
        {
            tracing::warn!(%error, "could not keep what was told once");
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tray_is_explained_once_in_the_life_of_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let marks = Marks::in_folder(folder.path());
        assert!(marks.tell_close_to_tray());
        assert!(!marks.tell_close_to_tray());
        assert!(!Marks::in_folder(folder.path()).tell_close_to_tray());
    }
}
