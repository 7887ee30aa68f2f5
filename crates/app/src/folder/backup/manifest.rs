//! What a backup contains, by hash.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use domain::Instant;
use domain::hash::Hash;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::error::FolderError;
use super::{Backup, Reason, Work};

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const DATABASE: &str = "rostrum.sqlite";
pub(super) const SETTINGS: &str = "settings.toml";
/// What this program writes and reads.
pub(super) const FORMAT: u32 = 1;

/// A file by its contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) hash: Hash,
    pub(super) bytes: u64,
}

/// The list that lies in each backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) format: u32,
    pub(super) folder: Uuid,
    pub(super) at: Instant,
    pub(super) reason: Reason,
    /// The program that made it.
    pub(super) version: String,
    /// The lowest schema number that a reader must know.
    pub(super) schema: i64,
    pub(super) database: Entry,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) settings: Option<Entry>,
    /// By hash.
    pub(super) media: Vec<Entry>,
    /// Media that were damaged when it was made.
    #[serde(default)]
    pub(super) left_out: Vec<Hash>,
    /// Of all the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) checksum: Option<Hash>,
}

impl Manifest {
    pub(super) fn read(path: &Path) -> Result<Self, FolderError> {
        let bytes = fs::read(path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                FolderError::bad(path, "it has no manifest")
            }
            _ => FolderError::io(&e, path),
        })?;
        Self::parse(&bytes, path)
    }

    pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Self, FolderError> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let damaged = |_| FolderError::bad(path, "its manifest is damaged");
        let head: Head = serde_json::from_slice(bytes).map_err(damaged)?;
        if head.format > FORMAT {
            return Err(FolderError::BinaryTooOld(
                "this backup was made by a newer release; install the newer release".to_owned(),
            ));
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(damaged)?;
        if manifest.checksum != Some(manifest.sum()?) {
            return Err(FolderError::bad(path, "its manifest is damaged"));
        }
        Ok(manifest)
    }

    fn sum(&self) -> Result<Hash, FolderError> {
        let bare = Self {
            checksum: None,
            ..self.clone()
        };
        let bytes = serde_json::to_vec(&bare).map_err(|e| FolderError::Io(e.to_string()))?;
        Ok(Hash::of(&bytes))
    }

    pub(super) fn bytes(&self) -> Result<Vec<u8>, FolderError> {
        let sealed = Self {
            checksum: Some(self.sum()?),
            ..self.clone()
        };
        serde_json::to_vec_pretty(&sealed).map_err(|e| FolderError::Io(e.to_string()))
    }

    pub(super) fn describe(&self, path: PathBuf) -> Backup {
        Backup {
            path,
            at: self.at,
            bytes: self.database.bytes + self.media.iter().map(|m| m.bytes).sum::<u64>(),
            reason: self.reason,
            left_out: self.left_out.len(),
        }
    }

    /// Compares the database in `folder` with the list.
    pub(super) fn check_database(&self, folder: &Path, work: &Work) -> Result<(), FolderError> {
        check(&folder.join(DATABASE), &self.database, folder, work)
    }

    /// Compares all files in `folder` with the list.
    pub(super) fn check_all(
        &self,
        folder: &Path,
        work: &Work,
        from: u8,
        to: u8,
    ) -> Result<(), FolderError> {
        self.check_database(folder, work)?;
        if let Some(settings) = &self.settings {
            check(&folder.join(SETTINGS), settings, folder, work)?;
        }
        for (n, entry) in self.media.iter().enumerate() {
            work.part(from, to, n, self.media.len())?;
            check(&folder.join(media_name(&entry.hash)), entry, folder, work)?;
        }
        Ok(())
    }
}

fn check(path: &Path, wanted: &Entry, backup: &Path, work: &Work) -> Result<(), FolderError> {
    let name = path.strip_prefix(backup).unwrap_or(path).display();
    match measure(path, work) {
        Ok(found) if found == *wanted => Ok(()),
        Ok(_) => Err(FolderError::bad(backup, format!("{name} is damaged"))),
        Err(FolderError::Cancelled) => Err(FolderError::Cancelled),
        Err(e) => Err(FolderError::bad(backup, format!("{name} is missing ({e})"))),
    }
}

/// `media/ab/<hash>`, with `/` on every system.
pub(super) fn media_name(hash: &Hash) -> String {
    let name = hash.to_string();
    format!("media/{}/{name}", &name[..2])
}

/// Hashes a file piece by piece.
pub(super) fn measure(path: &Path, work: &Work) -> Result<Entry, FolderError> {
    let file = File::open(path).map_err(|e| FolderError::io(&e, path))?;
    measure_reader(file, io::sink(), work).map_err(|e| match e {
        CopyError::Read(e) | CopyError::Write(e) => FolderError::io(&e, path),
        CopyError::Cancelled => FolderError::Cancelled,
    })
}

/// Which side of a copy failed.
pub(super) enum CopyError {
    Read(io::Error),
    Write(io::Error),
    Cancelled,
}

/// Copies `from` to `to` and says what passed.
pub(super) fn measure_reader(
    mut from: impl io::Read,
    mut to: impl io::Write,
    work: &Work,
) -> Result<Entry, CopyError> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0_u8; 256 << 10];
    let mut bytes = 0_u64;
    loop {
        if work.cancel.is_cancelled() {
            return Err(CopyError::Cancelled);
        }
        let n = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(CopyError::Read(e)),
        };
        hasher.update(&buffer[..n]);
        to.write_all(&buffer[..n]).map_err(CopyError::Write)?;
        bytes += n as u64;
    }
    // A file is flushed to the disk here.
    to.flush().map_err(CopyError::Write)?;
    Ok(Entry {
        hash: Hash(*hasher.finalize().as_bytes()),
        bytes,
    })
}
