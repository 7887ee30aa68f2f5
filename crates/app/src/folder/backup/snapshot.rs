//! A backup as a folder: cheap, since media are linked, not copied.

use std::fs;
use std::path::{Path, PathBuf};

use db::Db;
use domain::Instant;
use domain::hash::Hash;
use media::Library;

use super::super::durable::{self, Readers};
use super::super::error::FolderError;
use super::manifest::{DATABASE, Entry, FORMAT, MANIFEST, Manifest, SETTINGS, measure, media_name};
use super::{Backup, Backups, Reason, Work, blocking, stamp};

/// A folder that vanishes unless it was kept.
pub(super) struct Unfinished(Option<PathBuf>);

impl Unfinished {
    pub(super) fn make(path: PathBuf) -> Result<Self, FolderError> {
        let parent = path.parent().unwrap_or(&path).to_owned();
        if path.exists() {
            return Err(FolderError::Exists(path));
        }
        durable::make_private_folder(&parent)
            .and_then(|()| durable::make_private_folder(&path))
            .map_err(|e| FolderError::io(&e, &path))?;
        Ok(Self(Some(path)))
    }

    pub(super) fn path(&self) -> &Path {
        self.0.as_deref().unwrap_or_else(|| Path::new(""))
    }

    /// Gives it its name.
    pub(super) fn keep(mut self, to: &Path) -> Result<(), FolderError> {
        if let Some(path) = self.0.take() {
            let done = fs::rename(&path, to)
                .and_then(|()| to.parent().map_or(Ok(()), durable::flush_folder));
            if let Err(e) = done {
                self.0 = Some(path);
                return Err(FolderError::io(&e, to));
            }
        }
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            let _ = fs::remove_dir_all(path);
        }
    }
}

pub(super) async fn make(
    of: &Backups,
    db: &Db,
    library: &Library,
    now: Instant,
    reason: Reason,
    work: &Work,
) -> Result<Backup, FolderError> {
    let backups = of.layout.backups();
    let name = format!("{}-{}", stamp(now), reason.as_str());
    let final_path = backups.join(&name);
    if final_path.exists() {
        return Err(FolderError::Exists(final_path));
    }
    clear_unfinished(&backups);
    let making = Unfinished::make(backups.join(format!(".making-{name}")))?;
    let mut manifest = copy_database(of, db, now, reason, making.path(), work).await?;

    let (library, work, settings) = (library.clone(), work.clone(), of.layout.settings());
    blocking(move || {
        let folder = making.path().to_owned();
        manifest.settings = copy_settings(&settings, &folder, &work)?;
        (manifest.media, manifest.left_out) = list_media(&library, &work, 40, 70)?;
        for (n, entry) in manifest.media.iter().enumerate() {
            work.part(70, 90, n, manifest.media.len())?;
            link(
                &library.path(&entry.hash),
                &folder.join(media_name(&entry.hash)),
            )?;
        }
        flush_all(&folder)?;
        let path = folder.join(MANIFEST);
        durable::write(&path, &manifest.bytes()?, Readers::Usual)
            .map_err(|e| FolderError::io(&e, &path))?;
        // Linked media were read a moment ago; the database is a file of its own.
        Manifest::read(&path)?.check_database(&folder, &work)?;
        making.keep(&final_path)?;
        work.finish();
        Ok(manifest.describe(final_path))
    })
    .await
}

/// Copies the database into `folder`, and looks the copy over.
pub(super) async fn copy_database(
    of: &Backups,
    db: &Db,
    now: Instant,
    reason: Reason,
    folder: &Path,
    work: &Work,
) -> Result<Manifest, FolderError> {
    work.step(1)?;
    let copy = folder.join(DATABASE);
    db.vacuum_into(&copy).await?;
    work.step(20)?;
    let schema = look_over(&copy).await?;
    work.step(35)?;
    let (path, watched) = (copy.clone(), work.clone());
    let database = blocking(move || {
        durable::flush_file(&path).map_err(|e| FolderError::io(&e, &path))?;
        measure(&path, &watched)
    })
    .await?;
    Ok(Manifest {
        format: FORMAT,
        folder: of.folder,
        at: now,
        reason,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema,
        database,
        settings: None,
        media: Vec::new(),
        left_out: Vec::new(),
        checksum: None,
    })
}

/// Opens a database file as it will be opened, looks it over, and closes it. Answers the lowest
/// schema number that its reader must know.
pub(super) async fn look_over(file: &Path) -> Result<i64, FolderError> {
    let db = Db::open_sqlite(file).await?;
    let looked = async {
        db.quick_check().await?;
        db.schema_state().await
    };
    let schema = looked.await;
    db.close().await;
    for leftover in ["-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(leftover);
        let _ = fs::remove_file(PathBuf::from(name));
    }
    Ok(schema?)
}

pub(super) fn copy_settings(
    settings: &Path,
    folder: &Path,
    work: &Work,
) -> Result<Option<Entry>, FolderError> {
    if !settings.exists() {
        return Ok(None);
    }
    let to = folder.join(SETTINGS);
    fs::copy(settings, &to).map_err(|e| FolderError::io(&e, &to))?;
    measure(&to, work).map(Some)
}

/// All media that are whole, and the names of those that are not.
pub(super) fn list_media(
    library: &Library,
    work: &Work,
    from: u8,
    to: u8,
) -> Result<(Vec<Entry>, Vec<Hash>), FolderError> {
    let files = library.list()?;
    let (mut whole, mut damaged) = (Vec::with_capacity(files.len()), Vec::new());
    for (n, file) in files.iter().enumerate() {
        work.part(from, to, n, files.len())?;
        match measure(&library.path(&file.hash), work) {
            Ok(entry) if entry.hash == file.hash => whole.push(entry),
            Err(FolderError::Cancelled) => return Err(FolderError::Cancelled),
            _ => damaged.push(file.hash),
        }
    }
    Ok((whole, damaged))
}

/// Media never change in place, so a second name is as good as a copy where the file system has
/// such.
pub(super) fn link(from: &Path, to: &Path) -> Result<(), FolderError> {
    let done = to
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::hard_link(from, to).or_else(|_| copy_durably(from, to)));
    done.map_err(|e| FolderError::io(&e, to))
}

fn copy_durably(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::copy(from, to)?;
    durable::flush_file(to)
}

/// Flushes the names in a folder and below.
pub(super) fn flush_all(folder: &Path) -> Result<(), FolderError> {
    let failed = |e: &std::io::Error| FolderError::io(e, folder);
    for entry in fs::read_dir(folder).map_err(|e| failed(&e))?.flatten() {
        if entry.path().is_dir() {
            flush_all(&entry.path())?;
        }
    }
    durable::flush_folder(folder).map_err(|e| failed(&e))
}

/// What a process that was killed left behind. Only the owner makes backups here, one at a time.
fn clear_unfinished(backups: &Path) {
    for entry in fs::read_dir(backups).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(".making-") {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
