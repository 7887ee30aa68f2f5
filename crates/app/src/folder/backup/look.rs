//! What a backup holds, told before anything is touched.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use db::Db;
use domain::Instant;
use domain::status::ContentStatus;
use protocol::views;

use super::super::error::FolderError;
use super::archive::walk;
use super::manifest::{DATABASE, MANIFEST, Manifest};
use super::restore::check_database;
use super::snapshot::Unfinished;
use super::{Backup, Backups, Work, blocking, stamp};
use crate::Error;

/// A backup from inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holdings {
    /// Which.
    pub backup: Backup,
    /// The program that made it.
    pub version: String,
    /// It was made of the folder that is open.
    pub of_this_folder: bool,
    /// Contents that are not archived.
    pub posts: u32,
    /// Names of the personas in use, oldest first.
    pub personas: Vec<String>,
    /// Media files.
    pub pictures: usize,
}

impl From<Holdings> for views::BackupHoldings {
    fn from(held: Holdings) -> Self {
        Self {
            backup: held.backup.into(),
            version: held.version,
            of_this_folder: held.of_this_folder,
            posts: held.posts,
            personas: held.personas,
            pictures: u32::try_from(held.pictures).unwrap_or(u32::MAX),
        }
    }
}

impl Backups {
    /// Reads what `source` (a backup's folder or file) holds; a file is checked from end to end.
    ///
    /// # Errors
    /// [`FolderError::BadBackup`], [`FolderError::BinaryTooOld`], [`FolderError::Cancelled`], a full
    /// or read-only disk.
    pub async fn look_into(
        &self,
        source: &Path,
        now: Instant,
        work: &Work,
    ) -> Result<Holdings, FolderError> {
        let aside = self
            .layout
            .backups()
            .join(format!(".looking-{}", stamp(now)));
        let looking = Unfinished::make(aside)?;
        let copy = looking.path().join(DATABASE);
        let manifest = {
            let (source, copy, work) = (source.to_owned(), copy.clone(), work.clone());
            blocking(move || take_database(&source, &copy, &work)).await?
        };
        check_database(&manifest, looking.path(), source).await?;
        let (posts, personas) = count(&copy)
            .await
            .map_err(|e| FolderError::bad(source, format!("its tables cannot be read: {e}")))?;
        work.finish();
        Ok(Holdings {
            version: manifest.version.clone(),
            of_this_folder: manifest.folder == self.folder,
            posts,
            personas,
            pictures: manifest.media.len(),
            backup: manifest.describe(source.to_owned()),
        })
    }
}

/// Copies the database out of a backup.
fn take_database(source: &Path, copy: &Path, work: &Work) -> Result<Manifest, FolderError> {
    let failed = |e: &io::Error| FolderError::io(e, copy);
    if source.is_dir() {
        let manifest = Manifest::read(&source.join(MANIFEST))?;
        manifest.check_database(source, work)?;
        fs::copy(source.join(DATABASE), copy).map_err(|e| failed(&e))?;
        return Ok(manifest);
    }
    walk(source, work, (1, 95), |name, _| {
        if name != DATABASE {
            return Ok(Box::new(io::sink()));
        }
        let file = File::create_new(copy).map_err(|e| failed(&e))?;
        Ok(Box::new(file))
    })
}

/// The copy is brought up to date first, since an older release may have made it.
async fn count(copy: &Path) -> Result<(u32, Vec<String>), Error> {
    let db = Db::open_sqlite(copy).await?;
    let counted = async {
        db.migrate().await?;
        db.read(|tx| {
            Box::pin(async move {
                let (mut posts, mut personas) = (0, Vec::new());
                for organization in store::organization::all(tx).await? {
                    for (status, _, n) in
                        store::content::counts(tx, organization.id, &ContentStatus::ALL).await?
                    {
                        if status != ContentStatus::Archived {
                            posts += n;
                        }
                    }
                    let all = store::persona::all(tx, organization.id).await?;
                    personas.extend(
                        all.into_iter()
                            .filter(|p| !p.archived)
                            .map(|p| p.profile.name),
                    );
                }
                Ok::<_, Error>((posts, personas))
            })
        })
        .await
    }
    .await;
    db.close().await;
    counted
}
