//! Opening the database of a data folder: backed up before it is migrated, and a damaged file is
//! told together with the backup that mends it.

use db::{Db, Migrated};
use domain::Instant;
use media::Library;

use super::backup::{Backups, Reason, Work};
use super::error::FolderError;
use super::identity::DataFolder;

/// Opens and migrates. `now` stamps the backup that is made when a migration waits.
///
/// # Errors
/// [`FolderError::DatabaseCorrupt`] naming the newest whole backup, [`FolderError::BinaryTooOld`],
/// and whatever backing up may run into: without a backup nothing is migrated.
pub async fn open_database(
    folder: &DataFolder,
    library: &Library,
    now: Instant,
    work: &Work,
) -> Result<(Db, Migrated), FolderError> {
    let path = folder.layout().database();
    let existed = path.metadata().is_ok_and(|m| m.len() > 0);
    let opened = async {
        let db = Db::open_sqlite(&path).await?;
        match prepare(&db, folder, library, existed, now, work).await {
            Ok(migrated) => Ok((db, migrated)),
            Err(e) => {
                db.close().await;
                Err(e)
            }
        }
    };
    match opened.await {
        Err(FolderError::Database(e)) if e.code() == db::Code::Corrupt => {
            Err(FolderError::DatabaseCorrupt {
                detail: e.to_string(),
                root: folder.layout().root().to_owned(),
                newest: Backups::of(folder).newest_whole().await.map(|b| b.path),
            })
        }
        other => other,
    }
}

async fn prepare(
    db: &Db,
    folder: &DataFolder,
    library: &Library,
    existed: bool,
    now: Instant,
    work: &Work,
) -> Result<Migrated, FolderError> {
    if db.schema_state().await? > db::latest_schema() {
        // Says it in the database's own words.
        return Ok(db.migrate().await?);
    }
    if existed && db.needs_migration().await? {
        db.quick_check().await?;
        Backups::of(folder)
            .make(db, library, now, Reason::BeforeMigration, work)
            .await?;
    }
    Ok(db.migrate().await?)
}
