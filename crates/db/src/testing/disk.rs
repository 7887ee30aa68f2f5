//! A disk that is slow, or whose power goes: a small C library (`disk.c`) preloaded into a child
//! process, built by whoever needs it.
//!
//! SIGKILL alone leaves what was written in the system's cache, so it proves nothing about what a
//! commit waits for. Here a power cut is SIGKILL, and then from each file a random suffix of the
//! changes that no fsync had covered is taken back. The order within a file is kept, and names of
//! files are taken to last.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

const SOURCE: &str = include_str!("disk.c");

/// The library, built.
#[derive(Debug)]
pub struct Disk {
    folder: TempDir,
}

impl Disk {
    /// Builds it with `cc`. Where that cannot be, `None` with a printed `skipped`;
    /// `ROSTRUM_DEMAND_CC=1` makes that a failure.
    pub fn build() -> Option<Disk> {
        match built() {
            Ok(folder) => Some(Disk { folder }),
            Err(why) => {
                assert!(
                    std::env::var("ROSTRUM_DEMAND_CC").as_deref() != Ok("1"),
                    "a C compiler is demanded, but: {why}"
                );
                println!("skipped: {why}");
                None
            }
        }
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("disk.so")
    }

    /// The child's every fsync takes so much longer.
    pub fn slow(&self, child: &mut Command, by: Duration) {
        child
            .env("LD_PRELOAD", self.library())
            .env("ROSTRUM_SYNC_US", by.as_micros().to_string());
    }

    /// The child's changes of the files whose paths begin with `files` can be taken back by
    /// [`cut_power`]; at the `cut_at`-th change or fsync, counted from 1, it is killed.
    pub fn watch(&self, child: &mut Command, files: &Path, cut_at: Option<u64>) {
        child
            .env("LD_PRELOAD", self.library())
            .env("ROSTRUM_DISK_FILES", files)
            .env("ROSTRUM_DISK_LOG", log_of(files));
        match cut_at {
            Some(n) => child.env("ROSTRUM_CUT_AT", n.to_string()),
            None => child.env_remove("ROSTRUM_CUT_AT"),
        };
    }
}

fn built() -> Result<TempDir, String> {
    if !cfg!(target_os = "linux") {
        return Err("preloading is done on Linux only".into());
    }
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let (source, library) = (folder.path().join("disk.c"), folder.path().join("disk.so"));
    fs::write(&source, SOURCE).map_err(|e| e.to_string())?;
    let done = Command::new("cc")
        .args(["-shared", "-fPIC", "-O2", "-pthread", "-o"])
        .args([&library, &source])
        .output()
        .map_err(|e| format!("there is no C compiler: {e}"))?;
    if done.status.success() {
        Ok(folder)
    } else {
        Err(String::from_utf8_lossy(&done.stderr).into_owned())
    }
}

fn log_of(files: &Path) -> PathBuf {
    let mut path = files.to_owned().into_os_string();
    path.push(".disk-log");
    path.into()
}

/// What a change was before.
struct Before {
    offset: u64,
    size: u64,
    bytes: Vec<u8>,
}

/// The power goes: of each watched file a suffix of what no fsync had covered is taken back.
/// `roll(n)` answers a number below `n`. Answers how many changes were taken back.
///
/// # Errors
/// When the files cannot be changed.
pub fn cut_power(files: &Path, mut roll: impl FnMut(u64) -> u64) -> io::Result<usize> {
    let log = log_of(files);
    if !log.exists() {
        return Ok(0);
    }
    let mut taken = 0;
    for (path, changes) in unsynced(&fs::read(&log)?) {
        let kept = usize::try_from(roll(changes.len() as u64 + 1)).unwrap_or(0);
        let file = match OpenOptions::new().write(true).open(&path) {
            Ok(file) => file,
            // Removed since, and that lasts.
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(e),
        };
        for change in changes[kept..].iter().rev() {
            take_back(&file, change)?;
            taken += 1;
        }
    }
    fs::remove_file(log)?;
    Ok(taken)
}

fn take_back(file: &File, change: &Before) -> io::Result<()> {
    file.write_all_at(&change.bytes, change.offset)?;
    file.set_len(change.size)
}

/// The changes since the last fsync of each file, oldest first.
fn unsynced(mut log: &[u8]) -> BTreeMap<PathBuf, Vec<Before>> {
    let mut open: BTreeMap<PathBuf, Vec<Before>> = BTreeMap::new();
    while let Some((what, path, change)) = record(&mut log) {
        let changes = open.entry(path).or_default();
        if what == u64::from(b'S') {
            changes.clear();
        } else {
            changes.push(change);
        }
    }
    open.retain(|_, changes| !changes.is_empty());
    open
}

fn record(log: &mut &[u8]) -> Option<(u64, PathBuf, Before)> {
    let mut number = || {
        let (first, rest) = log.split_first_chunk::<8>()?;
        *log = rest;
        Some(u64::from_ne_bytes(*first))
    };
    let (what, path_length, offset, size, length) =
        (number()?, number()?, number()?, number()?, number()?);
    let mut bytes = |length: u64| {
        let (first, rest) = log.split_at_checked(usize::try_from(length).ok()?)?;
        *log = rest;
        Some(first.to_vec())
    };
    let path = PathBuf::from(OsString::from_vec(bytes(path_length)?));
    let bytes = bytes(length)?;
    let before = Before {
        offset,
        size,
        bytes,
    };
    Some((what, path, before))
}
