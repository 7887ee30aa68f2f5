//! Files that are whole after a power cut: written aside, flushed, renamed, folder flushed.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// As the system's defaults say.
    Usual,
    /// This user alone (0600).
    Owner,
}

/// Replaces `path` by `bytes`, all or nothing.
pub(crate) fn write(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    // A temporary file is 0600 on Unix from its first moment.
    let mut file = tempfile::Builder::new()
        .prefix(".writing-")
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    if readers == Readers::Usual {
        allow_others(file.as_file())?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    flush_folder(folder)
}

#[cfg(unix)]
fn allow_others(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn allow_others(_file: &File) -> io::Result<()> {
    Ok(())
}

/// Makes a folder that only this user may look into (0700 on Unix).
pub(crate) fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes new names in a folder survive a power cut. Windows has no such call and needs none.
pub(crate) fn flush_folder(folder: &Path) -> io::Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    File::open(folder)?.sync_all()
}

/// Flushes a file that something else wrote.
pub(crate) fn flush_file(path: &Path) -> io::Result<()> {
    File::options()
        .read(true)
        .write(true)
        .open(path)?
        .sync_all()
}
