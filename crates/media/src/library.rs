//! The library of one data folder.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use domain::hash::Hash;
use domain::limits::ImageLimits;
use domain::media::{AssetFacts, Rendition};
use tokio::sync::Semaphore;

use crate::clean::{self, Clean};
use crate::error::Error;
use crate::fit::{self, Fitted, Packed, Target};
use crate::job::{Job, Stage};
use crate::kind::Kind;
use crate::store::{self, Grown, Store, Stray};

/// How much is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of a file.
    pub max_file_bytes: u64,
    /// Pixels of a picture (width times height), which is what unpacking costs.
    pub max_pixels: u64,
    /// Bytes of files of one owner that come in parts and are not whole yet.
    pub max_unfinished_bytes: u64,
}

impl Default for Bounds {
    /// The largest photos that phones make (108 megapixels) and no bombs.
    fn default() -> Self {
        Self {
            max_file_bytes: 100 << 20,
            max_pixels: 120_000_000,
            // Ten of the largest, and a desktop sends one after the other.
            max_unfinished_bytes: 1 << 30,
        }
    }
}

/// A picture that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// What it is now.
    pub facts: AssetFacts,
    /// A small JPEG or PNG to show in lists (at most 480 pixels on a side).
    pub thumbnail: Hash,
}

/// Content-addressed pictures below one folder. Cheap to clone.
#[derive(Clone)]
pub struct Library {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    bounds: Bounds,
    /// Unpacked pictures are large: only this many at once.
    turns: Arc<Semaphore>,
}

impl Library {
    /// Opens the folder, making it if need be.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        Self::open_with(folder, Bounds::default())
    }

    /// As [`Library::open`], with other bounds.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open_with(folder: &Path, bounds: Bounds) -> Result<Self, Error> {
        Ok(Self {
            inner: Arc::new(Inner {
                store: Store::open(folder)?,
                bounds,
                turns: Arc::new(Semaphore::new(2)),
            }),
        })
    }

    /// Takes a picture in: recognised by its bytes, turned the right way up, cleaned, kept.
    /// `name` is what the person called it and decides nothing.
    ///
    /// # Errors
    /// When it is no picture that is taken in, is damaged, too large, or cannot be kept.
    pub async fn import(&self, bytes: Vec<u8>, name: &str, job: &Job) -> Result<Imported, Error> {
        let name = name.to_owned();
        self.work(job, move |inner, job| inner.import(&bytes, &name, job))
            .await
    }

    /// As [`Library::import`], from a file. The size is looked at before anything is read.
    ///
    /// # Errors
    /// As [`Library::import`], and when the file cannot be read.
    pub async fn import_file(&self, path: &Path, job: &Job) -> Result<Imported, Error> {
        let path = path.to_owned();
        self.work(job, move |inner, job| {
            job.step(Stage::Reading, 1)?;
            let read = |e: &std::io::Error| Error::Io(format!("{}: {e}", path.display()));
            let size = std::fs::metadata(&path).map_err(|e| read(&e))?.len();
            if size > inner.bounds.max_file_bytes {
                // Say what it is first, if it is nothing for us: a film is a film, not "too large".
                let mut head = Vec::new();
                let file = std::fs::File::open(&path).map_err(|e| read(&e))?;
                std::io::Read::read_to_end(&mut std::io::Read::take(file, 4096), &mut head)
                    .map_err(|e| read(&e))?;
                Kind::sniff(&head)?;
                return Err(Error::FileTooLarge {
                    bytes: size,
                    max: inner.bounds.max_file_bytes,
                });
            }
            let bytes = std::fs::read(&path).map_err(|e| read(&e))?;
            let name = path
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default();
            inner.import(&bytes, &name, job)
        })
        .await
    }

    /// Makes `asset` fit `limits`, or finds what was made before. The same asset and limits give
    /// the same bytes.
    ///
    /// # Errors
    /// [`Error::AnimationDoesNotFit`] (an animation is never flattened silently),
    /// [`Error::NoAcceptedType`], [`Error::CannotFit`], or when a file is missing or damaged.
    pub async fn fit(
        &self,
        asset: &AssetFacts,
        limits: &ImageLimits,
        job: &Job,
    ) -> Result<Fitted, Error> {
        let asset = asset.clone();
        let target = Target::of(limits);
        self.work(job, move |inner, job| inner.fit(&asset, &target, job))
            .await
    }

    /// The thumbnail of an asset, made again if it is gone.
    ///
    /// # Errors
    /// When the asset is missing or damaged.
    pub async fn thumbnail(&self, asset: &AssetFacts, job: &Job) -> Result<Hash, Error> {
        let asset = asset.clone();
        self.work(job, move |inner, job| inner.thumbnail(&asset, None, job))
            .await
    }

    /// The bytes of a file, checked against its name.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Damaged`].
    pub async fn read(&self, hash: Hash) -> Result<Vec<u8>, Error> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || inner.store.read(&hash))
            .await
            .map_err(|e| Error::Io(e.to_string()))?
    }

    /// Those of a file's bytes that are in a range, and how many there are in all. Whoever has the
    /// whole checks it against its name.
    ///
    /// # Errors
    /// [`Error::NotFound`], or when it cannot be read.
    pub async fn part(&self, hash: Hash, range: Range<u64>) -> Result<(Vec<u8>, u64), Error> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || inner.store.part(&hash, &range))
            .await
            .map_err(|e| Error::Io(e.to_string()))?
    }

    /// Keeps bytes as they are, such as the picture of a link card that was fitted elsewhere or a
    /// file that comes back from a backup.
    ///
    /// # Errors
    /// When the disk is full or read-only.
    pub async fn keep(&self, bytes: Vec<u8>) -> Result<Hash, Error> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || inner.store.write(&bytes))
            .await
            .map_err(|e| Error::Io(e.to_string()))?
    }

    /// How much of a file has come by [`Library::append`]; 0 of one that is whole or unknown.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn received(&self, owner: &str, hash: Hash) -> Result<u64, Error> {
        let (inner, owner) = (Arc::clone(&self.inner), owner.to_owned());
        tokio::task::spawn_blocking(move || inner.store.received(&owner, &hash))
            .await
            .map_err(|e| Error::Io(e.to_string()))?
    }

    /// Keeps the next part of a file that comes in parts; the last one is checked with all before it
    /// against the hash, and must make a picture. `owner` keeps the parts of several apart. A part
    /// that does not begin where the one before ended changes nothing.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the whole is not what its name says, [`Error::FileTooLarge`], what
    /// [`Kind::sniff`] says of it; its parts are dropped then. [`Error::TooMuchUnfinished`] when too
    /// much of `owner` was begun and not ended. When it cannot be kept.
    pub async fn append(
        &self,
        owner: &str,
        hash: Hash,
        (from, total): (u64, u64),
        bytes: Bytes,
    ) -> Result<Grown, Error> {
        let (inner, owner) = (Arc::clone(&self.inner), owner.to_owned());
        tokio::task::spawn_blocking(move || {
            let max = inner.bounds.max_file_bytes;
            if total > max {
                return Err(Error::FileTooLarge { bytes: total, max });
            }
            let (place, unfinished) = ((from, total), inner.bounds.max_unfinished_bytes);
            let check = |whole: &[u8]| Kind::sniff(whole).map(drop);
            inner
                .store
                .append(&owner, &hash, place, &bytes, unfinished, check)
        })
        .await
        .map_err(|e| Error::Io(e.to_string()))?
    }

    /// Throws away parts of files of which no more came for a day. Answers how many went.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn sweep_unfinished(&self, now: SystemTime) -> Result<usize, Error> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || inner.store.sweep(|at| now.duration_since(at).ok()))
            .await
            .map_err(|e| Error::Io(e.to_string()))?
    }

    /// Whether a file of that name is there; its bytes are not looked at.
    #[must_use]
    pub fn contains(&self, hash: &Hash) -> bool {
        self.inner.store.contains(hash)
    }

    /// Where a file is or would be. Only for serving it to the window and for backups; whoever
    /// sends bytes out uses [`Library::read`].
    #[must_use]
    pub fn path(&self, hash: &Hash) -> PathBuf {
        self.inner.store.path(hash)
    }

    /// Every file with its size, by hash.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(&self) -> Result<Vec<Stray>, Error> {
        Ok(self
            .inner
            .store
            .list()?
            .into_iter()
            .map(|(file, _)| file)
            .collect())
    }

    /// Files that nothing refers to: neither `referenced`, nor a thumbnail or cached rendition of
    /// something that is. Files written at or after `before` are left out, so that an import whose
    /// mutation is still on its way is not swept.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn strays(
        &self,
        referenced: BTreeSet<Hash>,
        before: SystemTime,
    ) -> Result<Vec<Stray>, Error> {
        self.work(&Job::default(), move |inner, _| {
            let mut kept = referenced.clone();
            for (asset, text, _) in inner.store.all_derived()? {
                if let (true, Some(rendition)) = (referenced.contains(&asset), rendition(&text)) {
                    kept.insert(rendition.hash);
                }
            }
            Ok(store::strays(inner.store.list()?, &kept, before))
        })
        .await
    }

    /// Removes files, and what is remembered about renditions of assets that are gone. Returns how
    /// many bytes became free.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub async fn remove(&self, strays: Vec<Stray>) -> Result<u64, Error> {
        self.work(&Job::default(), move |inner, _| {
            for stray in &strays {
                inner.store.remove(&stray.hash)?;
            }
            for (asset, text, path) in inner.store.all_derived()? {
                let lives = rendition(&text).is_some_and(|r| inner.store.contains(&r.hash));
                if !lives || !inner.store.contains(&asset) {
                    let _ = std::fs::remove_file(path);
                }
            }
            Ok(strays.iter().map(|s| s.bytes).sum())
        })
        .await
    }

    /// Runs `f` on the blocking pool when it is its turn. Dropping the future cancels the work at
    /// its next step.
    async fn work<T: Send + 'static>(
        &self,
        job: &Job,
        f: impl FnOnce(&Inner, &Job) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let turn = Arc::clone(&self.inner.turns)
            .acquire_owned()
            .await
            .map_err(|_| Error::Cancelled)?;
        let (job, _stop_when_dropped) = job.child();
        let inner = Arc::clone(&self.inner);
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            f(&inner, &job)
        });
        match done.await {
            Ok(result) => result,
            // A decoder that panics has met a file that it cannot read.
            Err(e) if e.is_panic() => Err(Error::Corrupt("its contents make no sense".to_owned())),
            Err(_) => Err(Error::Cancelled),
        }
    }
}

impl Inner {
    fn import(&self, bytes: &[u8], name: &str, job: &Job) -> Result<Imported, Error> {
        let Clean {
            facts,
            bytes,
            pixels,
        } = clean::clean(bytes, name, &self.bounds, job)?;
        self.store.write(&bytes)?;
        let thumbnail = self.thumbnail(&facts, Some(pixels), job)?;
        job.step(Stage::Storing, 100)?;
        Ok(Imported { facts, thumbnail })
    }

    fn fit(&self, asset: &AssetFacts, target: &Target, job: &Job) -> Result<Fitted, Error> {
        if target.admits(asset)? {
            if !self.store.contains(&asset.hash) {
                return Err(Error::NotFound(asset.hash));
            }
            return Ok(Fitted::new(asset, as_it_is(asset)));
        }
        let key = key("rendition", target);
        if let Some(found) = self.remembered(&asset.hash, &key) {
            return Ok(Fitted::new(asset, found));
        }
        job.step(Stage::Reading, 1)?;
        let bytes = self.store.read(&asset.hash)?;
        let kind = Kind::sniff(&bytes)?;
        let packed = fit::repack(kind, &bytes, target, &self.bounds, job)?;
        drop(bytes);
        let made = self.keep(asset, &key, packed, job)?;
        job.step(Stage::Storing, 100)?;
        Ok(Fitted::new(asset, made))
    }

    fn thumbnail(
        &self,
        asset: &AssetFacts,
        pixels: Option<crate::pixels::Pixels>,
        job: &Job,
    ) -> Result<Hash, Error> {
        let target = Target {
            max_bytes: 96 << 10,
            max_animated_bytes: 0,
            max_side: 480,
            kinds: vec![Kind::Jpeg, Kind::Png],
        };
        let still = AssetFacts {
            animated: false,
            ..asset.clone()
        };
        if !asset.animated && target.admits(&still)? {
            return Ok(asset.hash);
        }
        let key = key("thumbnail", &target);
        if let Some(found) = self.remembered(&asset.hash, &key) {
            return Ok(found.hash);
        }
        let kind = Kind::of_mime(&asset.mime).unwrap_or(Kind::Jpeg);
        let packed = match pixels {
            Some(pixels) => fit::pack(pixels, kind, &target, job)?,
            None => {
                let bytes = self.store.read(&asset.hash)?;
                fit::repack(Kind::sniff(&bytes)?, &bytes, &target, &self.bounds, job)?
            }
        };
        Ok(self.keep(asset, &key, packed, job)?.hash)
    }

    fn remembered(&self, asset: &Hash, key: &Hash) -> Option<Rendition> {
        let found = rendition(&self.store.derived(asset, key)?)?;
        // A rendition that was damaged since is made again.
        (found.asset == *asset && self.store.read(&found.hash).is_ok()).then_some(found)
    }

    fn keep(
        &self,
        asset: &AssetFacts,
        key: &Hash,
        packed: Packed,
        job: &Job,
    ) -> Result<Rendition, Error> {
        job.step(Stage::Storing, 95)?;
        let rendition = Rendition {
            asset: asset.hash,
            hash: self.store.write(&packed.bytes)?,
            mime: packed.kind.mime().to_owned(),
            width: packed.width,
            height: packed.height,
            bytes: packed.bytes.len() as u64,
        };
        let text = serde_json::to_string(&rendition).map_err(|e| Error::Io(e.to_string()))?;
        self.store.set_derived(&asset.hash, key, &text)?;
        Ok(rendition)
    }
}

fn rendition(text: &str) -> Option<Rendition> {
    serde_json::from_str(text).ok()
}

fn as_it_is(asset: &AssetFacts) -> Rendition {
    Rendition {
        asset: asset.hash,
        hash: asset.hash,
        mime: asset.mime.clone(),
        width: asset.width,
        height: asset.height,
        bytes: asset.bytes,
    }
}

/// Names what was asked for: equal limits share a rendition, whichever network they are of.
fn key(purpose: &str, target: &Target) -> Hash {
    let kinds: Vec<_> = target.kinds.iter().map(|k| k.mime()).collect();
    Hash::of(
        format!(
            "{purpose}/{}/{}/{}/{}",
            fit::REVISION,
            target.max_bytes,
            target.max_side,
            kinds.join(","),
        )
        .as_bytes(),
    )
}
