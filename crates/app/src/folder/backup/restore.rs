//! Putting a backup in the data folder's place.
//!
//! The backup is unpacked and checked completely beside the folder before anything is touched; the
//! present folder is then moved aside, never overwritten. What comes back is held: its deliveries
//! may have been sent since.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use domain::Instant;

use super::super::durable;
use super::super::error::FolderError;
use super::super::identity::{self, RESTORED};
use super::super::layout::Layout;
use super::super::lock::OwnerLock;
use super::archive::walk;
use super::manifest::{DATABASE, MANIFEST, Manifest, SETTINGS, media_name};
use super::snapshot::{Unfinished, flush_all, link, look_over};
use super::{Backup, Work, blocking, stamp};

/// What a restore did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// What was restored.
    pub backup: Backup,
    /// Where the folder that was there before is now.
    pub aside: Option<PathBuf>,
}

/// A backup that is unpacked and checked beside the folder it will replace; dropped, nothing of it
/// stays behind.
pub struct Ready {
    layout: Layout,
    making: Unfinished,
    manifest: Manifest,
    source: PathBuf,
    stamp: String,
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ready")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// Unpacks and checks `source` (a backup's folder or file) beside the data folder at `root`, which
/// may go on working meanwhile.
///
/// # Errors
/// [`FolderError::BadBackup`], [`FolderError::BinaryTooOld`], a full or read-only disk.
pub async fn unpack(
    root: &Path,
    source: &Path,
    now: Instant,
    work: &Work,
) -> Result<Ready, FolderError> {
    let layout = Layout::new(root);
    work.step(1)?;
    let stamp = stamp(now);
    let making = Unfinished::make(layout.beside(&format!("restoring-{stamp}")))?;
    let manifest = {
        let (source, to, work) = (source.to_owned(), making.path().to_owned(), work.clone());
        blocking(move || unpack_into(&source, &to, &work)).await?
    };
    work.step(80)?;
    check_database(&manifest, making.path(), source).await?;
    Ok(Ready {
        layout,
        making,
        manifest,
        source: source.to_owned(),
        stamp,
    })
}

/// Restores `source` (a backup's folder or file) as the data folder at `root`, which no process may
/// be running.
///
/// # Errors
/// [`FolderError::InUse`], and as [`unpack`]; the present folder is then as it was.
pub async fn restore(
    root: &Path,
    source: &Path,
    now: Instant,
    work: &Work,
) -> Result<Restored, FolderError> {
    let lock = lock_of(&Layout::new(root))?;
    let ready = unpack(root, source, now, work).await?;
    ready.take_place(lock, work.clone()).await
}

fn lock_of(layout: &Layout) -> Result<Option<OwnerLock>, FolderError> {
    match layout.root().is_dir() {
        true => OwnerLock::take(layout).map(Some),
        false => Ok(None),
    }
}

impl Ready {
    /// Moves the present folder aside and this into its place. No process may be running it.
    ///
    /// # Errors
    /// [`FolderError::InUse`], a full or read-only disk; the present folder is then as it was.
    pub async fn put_in_place(self, work: &Work) -> Result<Restored, FolderError> {
        let lock = lock_of(&self.layout)?;
        self.take_place(lock, work.clone()).await
    }

    async fn take_place(
        self,
        lock: Option<OwnerLock>,
        work: Work,
    ) -> Result<Restored, FolderError> {
        blocking(move || {
            let Self {
                layout,
                making,
                manifest,
                source,
                stamp,
            } = self;
            let new = Layout::new(making.path());
            identity::write_restored(&new, manifest.folder)?;
            // Sealed secrets are not in backups, but those of the same folder still fit.
            if layout.vault().exists() && identity::id_of(&layout) == Some(manifest.folder) {
                let to = new.vault();
                fs::copy(layout.vault(), &to).map_err(|e| FolderError::io(&e, &to))?;
            }
            flush_all(making.path())?;
            // The last moment at which cancelling means that nothing happened.
            work.step(95)?;
            let aside = layout
                .root()
                .exists()
                .then(|| layout.beside(&format!("before-restore-{stamp}")));
            if let Some(aside) = &aside {
                // Whichever step is the last before a crash: the next start knows where it was.
                identity::write_json(&new.came_after(), aside)?;
            }
            let ready = layout.beside(&format!("{RESTORED}{stamp}"));
            making.keep(&ready)?;
            if let Some(aside) = &aside {
                fs::rename(layout.root(), aside).map_err(|e| FolderError::io(&e, layout.root()))?;
            }
            fs::rename(&ready, layout.root()).map_err(|e| FolderError::io(&e, layout.root()))?;
            identity::bring_along(&layout)?;
            if let Some(parent) = layout.root().parent() {
                durable::flush_folder(parent).map_err(|e| FolderError::io(&e, parent))?;
            }
            drop(lock);
            work.finish();
            Ok(Restored {
                backup: manifest.describe(source),
                aside,
            })
        })
        .await
    }
}

/// Looks the database of an unpacked backup over.
pub(super) async fn check_database(
    manifest: &Manifest,
    folder: &Path,
    source: &Path,
) -> Result<(), FolderError> {
    let schema = match look_over(&folder.join(DATABASE)).await {
        Ok(schema) => schema.max(manifest.schema),
        Err(FolderError::Database(e)) => {
            return Err(FolderError::bad(
                source,
                format!("its database is damaged: {e}"),
            ));
        }
        Err(e) => return Err(e),
    };
    let known = db::latest_schema();
    if schema > known {
        return Err(FolderError::BinaryTooOld(format!(
            "this backup was made by a newer release (it needs schema {schema}, this program knows \
             {known}); install the newer release"
        )));
    }
    Ok(())
}

fn unpack_into(source: &Path, to: &Path, work: &Work) -> Result<Manifest, FolderError> {
    if !source.is_dir() {
        return walk(source, work, (2, 80), |name, _| {
            let path = to.join(name);
            let made = path
                .parent()
                .map_or(Ok(()), fs::create_dir_all)
                .and_then(|()| File::create_new(&path));
            let file = made.map_err(|e| FolderError::io(&e, &path))?;
            Ok(Box::new(Flushed(file)))
        });
    }
    let manifest = Manifest::read(&source.join(MANIFEST))?;
    manifest.check_all(source, work, 2, 60)?;
    let copy = |name: &str| {
        let path = to.join(name);
        fs::copy(source.join(name), &path)
            .and_then(|_| durable::flush_file(&path))
            .map_err(|e| FolderError::io(&e, &path))
    };
    copy(DATABASE)?;
    if manifest.settings.is_some() {
        copy(SETTINGS)?;
    }
    for (n, entry) in manifest.media.iter().enumerate() {
        work.part(60, 80, n, manifest.media.len())?;
        let name = media_name(&entry.hash);
        link(&source.join(&name), &to.join(&name))?;
    }
    Ok(manifest)
}

/// A file whose flush reaches the disk.
struct Flushed(File);

impl std::io::Write for Flushed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.sync_all()
    }
}
