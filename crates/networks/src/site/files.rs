//! Files, written so that a power cut leaves the old or the new, never half.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::folder::SiteError;

pub(super) fn lock(path: &Path, patience: Duration) -> Result<File, SiteError> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|e| SiteError::of(path, e))?;
    let step = Duration::from_millis(20);
    let mut waited = Duration::ZERO;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if waited < patience => {
                thread::sleep(step);
                waited += step;
            }
            Err(TryLockError::WouldBlock) => return Err(SiteError::Locked),
            Err(TryLockError::Error(e)) => return Err(SiteError::of(path, e)),
        }
    }
}

pub(super) fn list(folder: &Path) -> Result<Vec<PathBuf>, SiteError> {
    let read = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|e| SiteError::of(folder, e))?,
    };
    let mut found = Vec::new();
    for item in read {
        found.push(item.map_err(|e| SiteError::of(folder, e))?.path());
    }
    found.sort();
    Ok(found)
}

pub(super) fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, SiteError> {
    let bytes = match fs::read(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(SiteError::Missing(path.to_owned()));
        }
        other => other.map_err(|e| SiteError::of(path, e))?,
    };
    serde_json::from_slice(&bytes).map_err(|_| SiteError::Damaged(path.to_owned()))
}

pub(super) fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), SiteError> {
    let bytes = serde_json::to_vec_pretty(value).map_err(|e| SiteError::Io {
        path: path.to_owned(),
        error: io::Error::other(e),
    })?;
    write(path, &bytes)
}

pub(super) fn write_changed(path: &Path, bytes: &[u8]) -> Result<(), SiteError> {
    if fs::read(path).is_ok_and(|known| known == bytes) {
        return Ok(());
    }
    write(path, bytes)
}

/// Writes beside, syncs, renames, syncs the folder.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), SiteError> {
    let failed = |e| SiteError::of(path, e);
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    fs::create_dir_all(folder).map_err(failed)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // The lock is held: nobody else writes this name.
    let beside = folder.join(format!(".{name}.new"));
    let result = (|| {
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        sync_folder(folder)
    })();
    if result.is_err() {
        let _ = fs::remove_file(&beside);
    }
    result.map_err(failed)
}

pub(super) fn remove(path: &Path) -> Result<(), SiteError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(SiteError::of(path, e)),
        Ok(()) => sync_folder(path.parent().unwrap_or_else(|| Path::new(".")))
            .map_err(|e| SiteError::of(path, e)),
    }
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Other systems keep a rename with the file, and do not open folders as files.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "same signature on every system")]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
