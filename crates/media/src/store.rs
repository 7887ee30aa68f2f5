//! Files under the hash of their bytes: `ab/<hash>`.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use domain::hash::Hash;

use crate::error::Error;

/// A file that nothing refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stray {
    /// Its name.
    pub hash: Hash,
    /// Its size.
    pub bytes: u64,
}

/// How far a file is that comes in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grown {
    /// So many bytes are there.
    pub bytes: u64,
    /// It is whole, and kept under its name.
    pub whole: bool,
}

const UNFINISHED: &str = "unfinished";
/// For how long a file is kept of which no more came.
const KEPT_UNFINISHED: Duration = Duration::from_secs(24 * 3600);
const DERIVED: &str = "derived";

/// The folder.
#[derive(Debug)]
pub(crate) struct Store {
    root: PathBuf,
}

impl Store {
    /// Opens the folder and throws away what an earlier process left half written.
    pub(crate) fn open(root: &Path) -> Result<Self, Error> {
        let unfinished = root.join(UNFINISHED);
        make_folder(&unfinished)?;
        make_folder(&root.join(DERIVED))?;
        let store = Self {
            root: root.to_owned(),
        };
        store.sweep(|touched| touched.elapsed().ok())?;
        Ok(store)
    }

    /// Throws away what was left half written, and parts of files that nobody sent on for a day.
    /// Another process may be at work in the same folder: what is young stays. Answers how many
    /// files went.
    pub(crate) fn sweep(
        &self,
        age: impl Fn(SystemTime) -> Option<Duration>,
    ) -> Result<usize, Error> {
        let mut gone = 0;
        for entry in entries(&self.root.join(UNFINISHED))? {
            let touched = entry.metadata().and_then(|m| m.modified()).ok();
            if touched
                .and_then(&age)
                .is_some_and(|age| age > KEPT_UNFINISHED)
                && fs::remove_file(entry.path()).is_ok()
            {
                gone += 1;
            }
        }
        Ok(gone)
    }

    /// How many bytes of files of `owner` have come in parts, but for `hash`.
    fn unfinished(&self, owner: &str, hash: &Hash) -> Result<u64, Error> {
        let own = self.parts(owner, hash);
        let short = Hash::of(owner.as_bytes()).short();
        let mut bytes = 0;
        for entry in entries(&self.root.join(UNFINISHED))? {
            let name = entry.file_name();
            let theirs = name
                .to_str()
                .is_some_and(|n| n.ends_with(&format!("-{short}")));
            if theirs && entry.path() != own {
                bytes += entry.metadata().map_or(0, |m| m.len());
            }
        }
        Ok(bytes)
    }

    pub(crate) fn path(&self, hash: &Hash) -> PathBuf {
        let name = hash.to_string();
        self.root.join(&name[..2]).join(name)
    }

    pub(crate) fn contains(&self, hash: &Hash) -> bool {
        self.path(hash).is_file()
    }

    /// Reads and checks.
    pub(crate) fn read(&self, hash: &Hash) -> Result<Vec<u8>, Error> {
        let path = self.path(hash);
        let bytes = fs::read(&path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => Error::NotFound(*hash),
            _ => Error::io(&e, &path),
        })?;
        if Hash::of(&bytes) != *hash {
            return Err(Error::Damaged(*hash));
        }
        Ok(bytes)
    }

    /// Reads a part, and how many bytes there are in all.
    pub(crate) fn part(&self, hash: &Hash, range: &Range<u64>) -> Result<(Vec<u8>, u64), Error> {
        let path = self.path(hash);
        let failed = |e: io::Error| match e.kind() {
            io::ErrorKind::NotFound => Error::NotFound(*hash),
            _ => Error::io(&e, &path),
        };
        let mut file = File::open(&path).map_err(failed)?;
        let total = file.metadata().map_err(failed)?.len();
        file.seek(SeekFrom::Start(range.start)).map_err(failed)?;
        let mut bytes = Vec::new();
        let length = range.end.saturating_sub(range.start);
        file.take(length).read_to_end(&mut bytes).map_err(failed)?;
        Ok((bytes, total))
    }

    /// Writes unless it is there already; a damaged one is replaced. On the disk when this
    /// returns.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<Hash, Error> {
        let hash = Hash::of(bytes);
        if self.read(&hash).is_ok() {
            return Ok(hash);
        }
        self.place(&self.path(&hash), bytes)?;
        Ok(hash)
    }

    fn parts(&self, owner: &str, hash: &Hash) -> PathBuf {
        let owner = Hash::of(owner.as_bytes()).short();
        self.root.join(UNFINISHED).join(format!("{hash}-{owner}"))
    }

    /// How much of a file has come in parts.
    pub(crate) fn received(&self, owner: &str, hash: &Hash) -> Result<u64, Error> {
        let path = self.parts(owner, hash);
        match fs::metadata(&path) {
            Ok(known) => Ok(known.len()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(e) => Err(Error::io(&e, &path)),
        }
    }

    /// Adds a part behind those that have come; the last makes a file of them that `check` likes.
    pub(crate) fn append(
        &self,
        owner: &str,
        hash: &Hash,
        (from, total): (u64, u64),
        bytes: &[u8],
        max_unfinished: u64,
        check: impl FnOnce(&[u8]) -> Result<(), Error>,
    ) -> Result<Grown, Error> {
        let path = self.parts(owner, hash);
        // Of many that are begun and never ended none may fill the disk. What is whole with this
        // part is no such file.
        let to = from.saturating_add(bytes.len() as u64);
        if to < total && self.unfinished(owner, hash)?.saturating_add(to) > max_unfinished {
            return Err(Error::TooMuchUnfinished {
                max: max_unfinished,
            });
        }
        let failed = |e: io::Error| Error::io(&e, &path);
        let mut file = File::options()
            .append(true)
            .read(true)
            .create(true)
            .open(&path)
            .map_err(failed)?;
        // Two may send the same file at once.
        file.lock().map_err(failed)?;
        let known = file.metadata().map_err(failed)?.len();
        // All of it and no end: somebody was killed while it was checked, or said a wrong length.
        if known > 0 && known >= total {
            file.set_len(0).map_err(failed)?;
            return Ok(Grown {
                bytes: 0,
                whole: false,
            });
        }
        if known != from || to > total {
            return Ok(Grown {
                bytes: known,
                whole: false,
            });
        }
        if to < total {
            file.write_all(bytes).map_err(failed)?;
            return Ok(Grown {
                bytes: to,
                whole: false,
            });
        }
        let mut whole = fs::read(&path).map_err(failed)?;
        whole.extend_from_slice(bytes);
        let kept = if Hash::of(&whole) == *hash {
            check(&whole).and_then(|()| self.write(&whole).map(drop))
        } else {
            Err(Error::Damaged(*hash))
        };
        fs::remove_file(&path).map_err(failed)?;
        kept.map(|()| Grown {
            bytes: total,
            whole: true,
        })
    }

    pub(crate) fn remove(&self, hash: &Hash) -> Result<(), Error> {
        let path = self.path(hash);
        match fs::remove_file(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::io(&e, &path)),
            _ => Ok(()),
        }
    }

    /// Every file, by hash.
    pub(crate) fn list(&self) -> Result<Vec<(Stray, Option<SystemTime>)>, Error> {
        let mut found = Vec::new();
        for folder in entries(&self.root)? {
            let short = folder.file_name();
            if short.len() != 2 || !folder.path().is_dir() {
                continue;
            }
            for file in entries(&folder.path())? {
                let Some(hash) = file.file_name().to_str().and_then(|n| n.parse().ok()) else {
                    continue;
                };
                let Ok(meta) = file.metadata() else { continue };
                let stray = Stray {
                    hash,
                    bytes: meta.len(),
                };
                found.push((stray, meta.modified().ok()));
            }
        }
        found.sort_by_key(|(stray, _)| stray.hash);
        Ok(found)
    }

    /// A small text that can be made again: which rendition belongs to an asset and limits.
    pub(crate) fn derived(&self, asset: &Hash, key: &Hash) -> Option<String> {
        fs::read_to_string(self.derived_path(asset, key)).ok()
    }

    pub(crate) fn set_derived(&self, asset: &Hash, key: &Hash, text: &str) -> Result<(), Error> {
        self.place(&self.derived_path(asset, key), text.as_bytes())
    }

    /// Everything derived, as (asset, text, path).
    pub(crate) fn all_derived(&self) -> Result<Vec<(Hash, String, PathBuf)>, Error> {
        let mut found = Vec::new();
        for folder in entries(&self.root.join(DERIVED))? {
            let Some(asset) = folder.file_name().to_str().and_then(|n| n.parse().ok()) else {
                continue;
            };
            for file in entries(&folder.path())? {
                if let Ok(text) = fs::read_to_string(file.path()) {
                    found.push((asset, text, file.path()));
                }
            }
        }
        Ok(found)
    }

    fn derived_path(&self, asset: &Hash, key: &Hash) -> PathBuf {
        self.root
            .join(DERIVED)
            .join(asset.to_string())
            .join(key.to_string())
    }

    /// Written aside, flushed, renamed, and the folder flushed: all or nothing, and durable.
    fn place(&self, path: &Path, bytes: &[u8]) -> Result<(), Error> {
        let folder = path.parent().unwrap_or(&self.root);
        make_folder(folder)?;
        let aside = self.root.join(UNFINISHED);
        let written = (|| {
            let mut file = tempfile::NamedTempFile::new_in(&aside)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|e| e.error)?;
            flush_folder(folder)
        })();
        written.map_err(|e| Error::io(&e, path))
    }
}

/// Files whose hash is not in `kept` and that were written before `before`.
pub(crate) fn strays(
    files: Vec<(Stray, Option<SystemTime>)>,
    kept: &BTreeSet<Hash>,
    before: SystemTime,
) -> Vec<Stray> {
    files
        .into_iter()
        .filter(|(stray, at)| !kept.contains(&stray.hash) && at.is_none_or(|at| at < before))
        .map(|(stray, _)| stray)
        .collect()
}

fn entries(folder: &Path) -> Result<Vec<fs::DirEntry>, Error> {
    match fs::read_dir(folder) {
        Ok(entries) => Ok(entries.flatten().collect()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(Error::io(&e, folder)),
    }
}

fn make_folder(folder: &Path) -> Result<(), Error> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)
        .and_then(|()| folder.parent().map_or(Ok(()), flush_folder))
        .map_err(|e| Error::io(&e, folder))
}

/// Makes a new name in a folder survive a power cut. Windows has no such call and needs none.
fn flush_folder(folder: &Path) -> io::Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    File::open(folder)?.sync_all()
}
