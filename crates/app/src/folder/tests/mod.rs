mod backups;
mod disks;
mod identities;
mod restores;

use std::path::{Path, PathBuf};

use db::Db;
use domain::Instant;
use media::Library;

use super::backup::{Backups, Work};
use super::{DataFolder, open_database};

/// A home with a configuration and room for data folders.
pub(super) struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    pub(super) fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    pub(super) fn root(&self) -> PathBuf {
        self.at("data")
    }

    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(super) fn config(&self) -> PathBuf {
        self.at("config")
    }

    pub(super) fn owner(&self) -> DataFolder {
        DataFolder::init(&self.root(), &self.config()).unwrap();
        DataFolder::open_as_owner(&self.root(), &self.config()).unwrap()
    }

    /// Starts and stops once.
    pub(super) fn start(&self, root: &Path) -> Option<super::Held> {
        DataFolder::open_as_owner(root, &self.config())
            .unwrap()
            .held()
    }
}

/// A folder at work.
pub(super) struct Working {
    pub(super) folder: DataFolder,
    pub(super) db: Db,
    pub(super) library: Library,
}

impl Working {
    pub(super) async fn open(home: &Home) -> Self {
        let folder = home.owner();
        let library = Library::open(&folder.layout().media()).unwrap();
        let (db, _) = open_database(&folder, &library, at(0), &Work::default())
            .await
            .unwrap();
        Self {
            folder,
            db,
            library,
        }
    }

    pub(super) fn backups(&self) -> Backups {
        Backups::of(&self.folder)
    }
}

pub(super) fn at(day: i64) -> Instant {
    Instant(1_795_000_000_000 + day * 86_400_000)
}

pub(super) fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_tree(&entry.path(), &target);
        } else if entry.path().is_file() {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// As if a newer release had migrated it.
pub(super) async fn pretend_newer(db: &Db) {
    const NEWER: &str = "UPDATE schema_migration SET min_writer = 9999";
    let done: Result<u64, db::Error> = db
        .write(|tx| Box::pin(async move { tx.execute(NEWER, db::args![]).await }))
        .await;
    assert!(done.unwrap() > 0);
}
