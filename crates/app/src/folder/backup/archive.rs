//! A backup as a single file: a plain tar that any system can open.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use db::Db;
use domain::Instant;
use media::Library;

use super::super::durable;
use super::super::error::FolderError;
use super::manifest::{
    CopyError, DATABASE, Entry, MANIFEST, Manifest, SETTINGS, measure_reader, media_name,
};
use super::snapshot::{Unfinished, copy_database, copy_settings, list_media};
use super::{Backup, Backups, Reason, Work, blocking, stamp};

/// A manifest is small; whatever says otherwise is none.
const MAX_MANIFEST: u64 = 256 << 20;

pub(super) async fn make(
    of: &Backups,
    db: &Db,
    library: &Library,
    now: Instant,
    file: &Path,
    work: &Work,
) -> Result<Backup, FolderError> {
    if file.exists() {
        return Err(FolderError::Exists(file.to_owned()));
    }
    let aside = of.layout.backups().join(format!(".packing-{}", stamp(now)));
    let making = Unfinished::make(aside)?;
    let mut manifest = copy_database(of, db, now, Reason::ByHand, making.path(), work).await?;
    let (library, work, settings) = (library.clone(), work.clone(), of.layout.settings());
    let file = file.to_owned();
    blocking(move || {
        manifest.settings = copy_settings(&settings, making.path(), &work)?;
        (manifest.media, manifest.left_out) = list_media(&library, &work, 36, 55)?;
        let folder = match file.parent() {
            Some(p) if !p.as_os_str().is_empty() => p,
            _ => Path::new("."),
        };
        let failed = |e: &io::Error| FolderError::io(e, &file);
        let part = tempfile::Builder::new()
            .prefix(".rostrum-backup-")
            .tempfile_in(folder)
            .map_err(|e| failed(&e))?;
        pack(part.as_file(), &manifest, making.path(), &library, &work).map_err(|e| e.at(&file))?;
        part.as_file().sync_all().map_err(|e| failed(&e))?;
        walk(part.path(), &work, (80, 99), |_, _| {
            Ok(Box::new(io::sink()))
        })?;
        part.persist_noclobber(&file)
            .map_err(|e| match e.error.kind() {
                io::ErrorKind::AlreadyExists => FolderError::Exists(file.clone()),
                _ => failed(&e.error),
            })?;
        durable::flush_folder(folder).map_err(|e| failed(&e))?;
        work.finish();
        Ok(manifest.describe(file))
    })
    .await
}

enum PackError {
    Io(io::Error),
    Folder(FolderError),
}

impl PackError {
    fn at(self, path: &Path) -> FolderError {
        match self {
            Self::Io(e) => FolderError::io(&e, path),
            Self::Folder(e) => e,
        }
    }
}

impl From<io::Error> for PackError {
    fn from(e: io::Error) -> Self {
        Self::Io(e)
    }
}

impl From<FolderError> for PackError {
    fn from(e: FolderError) -> Self {
        Self::Folder(e)
    }
}

fn pack(
    to: &File,
    manifest: &Manifest,
    copied: &Path,
    library: &Library,
    work: &Work,
) -> Result<(), PackError> {
    let mut tar = tar::Builder::new(BufWriter::new(to));
    let at = u64::try_from(manifest.at.0 / 1000).unwrap_or(0);
    let head = manifest.bytes()?;
    append(&mut tar, MANIFEST, head.len() as u64, at, &head[..])?;
    let mut add = |name: &str, path: PathBuf, entry: &Entry| -> Result<(), PackError> {
        let file = File::open(path)?;
        append(&mut tar, name, entry.bytes, at, file)?;
        Ok(())
    };
    add(DATABASE, copied.join(DATABASE), &manifest.database)?;
    if let Some(settings) = &manifest.settings {
        add(SETTINGS, copied.join(SETTINGS), settings)?;
    }
    for (n, entry) in manifest.media.iter().enumerate() {
        work.part(55, 80, n, manifest.media.len())?;
        add(&media_name(&entry.hash), library.path(&entry.hash), entry)?;
    }
    tar.into_inner()?.flush()?;
    Ok(())
}

fn append(
    tar: &mut tar::Builder<impl io::Write>,
    name: &str,
    bytes: u64,
    at: u64,
    data: impl io::Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_mtime(at);
    tar.append_data(&mut header, name, data)
}

/// Where the bytes of an entry go.
type Sink = Box<dyn io::Write>;

/// Reads an archive from front to end and compares everything in it with its manifest. `open` is
/// asked for each file where its bytes shall go.
pub(super) fn walk(
    file: &Path,
    work: &Work,
    (from, to): (u8, u8),
    mut open: impl FnMut(&str, &Manifest) -> Result<Sink, FolderError>,
) -> Result<Manifest, FolderError> {
    let bad = |why: &str| FolderError::bad(file, why);
    let source = File::open(file).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => bad("there is no such file"),
        _ => FolderError::io(&e, file),
    })?;
    let mut tar = tar::Archive::new(BufReader::new(source));
    let no_tar = |_| bad("it is no backup, or is damaged");
    let mut manifest: Option<Manifest> = None;
    let mut awaited = Vec::new();
    let mut done = 0;
    for entry in tar.entries().map_err(no_tar)? {
        let mut entry = entry.map_err(no_tar)?;
        let name = String::from_utf8(entry.path_bytes().into_owned())
            .map_err(|_| bad("it contains a file that does not belong"))?;
        if entry.header().entry_type() != tar::EntryType::Regular {
            return Err(bad("it contains something that is no file"));
        }
        let Some(manifest) = &manifest else {
            if name != MANIFEST || entry.size() > MAX_MANIFEST {
                return Err(bad("it is no backup of Rostrum"));
            }
            let mut bytes = Vec::new();
            io::Read::read_to_end(&mut entry, &mut bytes).map_err(no_tar)?;
            let read = Manifest::parse(&bytes, file)?;
            awaited = expected(&read);
            manifest = Some(read);
            continue;
        };
        // Exactly the listed files in the listed order: no path of its own choosing gets anywhere.
        let Some((wanted, facts)) = awaited.get(done) else {
            return Err(bad("it contains a file that does not belong"));
        };
        if *wanted != name || facts.bytes != entry.size() {
            return Err(bad(&format!("{name} does not belong, or is damaged")));
        }
        work.part(from, to, done, awaited.len())?;
        let sink = open(&name, manifest)?;
        match measure_reader(&mut entry, sink, work) {
            Ok(found) if found == *facts => {}
            Ok(_) => return Err(bad(&format!("{name} is damaged"))),
            Err(CopyError::Read(_)) => return Err(bad("the file ends too early or is damaged")),
            Err(CopyError::Write(e)) => return Err(FolderError::io(&e, Path::new(&name))),
            Err(CopyError::Cancelled) => return Err(FolderError::Cancelled),
        }
        done += 1;
    }
    if done < awaited.len() {
        return Err(bad("files are missing at its end"));
    }
    manifest.ok_or_else(|| bad("it is empty"))
}

fn expected(manifest: &Manifest) -> Vec<(String, Entry)> {
    let mut names = vec![(DATABASE.to_owned(), manifest.database)];
    names.extend(manifest.settings.map(|s| (SETTINGS.to_owned(), s)));
    names.extend(manifest.media.iter().map(|m| (media_name(&m.hash), *m)));
    names
}
