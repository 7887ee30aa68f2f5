use std::path::PathBuf;
use std::process::Command;

use super::super::backup::{Reason, Work, restore};
use super::super::{DataFolder, FolderError};
use super::{Home, Working, at};

/// A small file system, for tests that run as root on Linux; others say that they are skipped.
struct Mount(PathBuf);

impl Mount {
    fn of(path: PathBuf, kilobytes: u32) -> Option<Self> {
        std::fs::create_dir_all(&path).unwrap();
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={kilobytes}k"), "tmpfs"])
            .arg(&path)
            .status()
            .is_ok_and(|s| s.success());
        if !done {
            println!("skipped: a small file system can only be mounted by root");
        }
        done.then_some(Self(path))
    }

    fn make_read_only(&self) {
        let done = Command::new("mount")
            .args(["-o", "remount,ro"])
            .arg(&self.0)
            .status();
        assert!(done.unwrap().success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_stops_a_backup_and_a_restore_and_leaves_nothing() {
    let home = Home::new();
    let Some(mount) = Mount::of(home.at("small"), 64) else {
        return;
    };
    let working = Working::open(&home).await;
    working.library.keep(vec![7; 200_000]).await.unwrap();
    let made = working
        .backups()
        .make_file(
            &working.db,
            &working.library,
            at(1),
            &mount.0.join("b.tar"),
            &Work::default(),
        )
        .await;
    assert!(matches!(made, Err(FolderError::DiskFull(_))), "{made:?}");
    assert_eq!(std::fs::read_dir(&mount.0).unwrap().count(), 0);

    let good = home.at("b.tar");
    working
        .backups()
        .make_file(
            &working.db,
            &working.library,
            at(1),
            &good,
            &Work::default(),
        )
        .await
        .unwrap();
    let done = restore(&mount.0.join("data"), &good, at(2), &Work::default()).await;
    assert!(matches!(done, Err(FolderError::DiskFull(_))), "{done:?}");
    assert_eq!(std::fs::read_dir(&mount.0).unwrap().count(), 0);
    working.db.close().await;
}

#[tokio::test]
async fn a_backup_on_a_disk_that_fills_up_leaves_the_folder_whole() {
    let home = Home::new();
    let Some(_mount) = Mount::of(home.root(), 2_600) else {
        return;
    };
    let working = Working::open(&home).await;
    let mut day = 1;
    let error = loop {
        let made = working
            .backups()
            .make(
                &working.db,
                &working.library,
                at(day),
                Reason::ByHand,
                &Work::default(),
            )
            .await;
        match made {
            Ok(_) => day += 1,
            Err(e) => break e,
        }
        assert!(day < 100, "it never fills up");
    };
    assert!(matches!(error, FolderError::DiskFull(_)), "{error}");
    let backups = working.folder.layout().backups();
    let left: Vec<_> = std::fs::read_dir(backups)
        .unwrap()
        .flatten()
        .filter(|e| e.file_name().to_string_lossy().starts_with('.'))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    working.db.quick_check().await.unwrap();
    working.db.close().await;
}

#[tokio::test]
async fn a_read_only_disk_is_said() {
    let home = Home::new();
    let Some(mount) = Mount::of(home.root(), 8_000) else {
        return;
    };
    let working = Working::open(&home).await;
    working.db.close().await;
    drop(working);
    mount.make_read_only();
    let error = DataFolder::open_as_owner(&home.root(), &home.config()).unwrap_err();
    assert!(matches!(error, FolderError::ReadOnly(_)), "{error}");
    // Looking needs no writing.
    DataFolder::open(&home.root(), &home.config()).unwrap();
}
