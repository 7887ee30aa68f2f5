//! File systems that refuse: a full one and a read-only one, really mounted.

use std::path::Path;
use std::process::Command;

use db::{Code, Db, Error, args};

use crate::{add, ids, scratch};

/// A small file system of its own; gone with the value. Mounting needs root.
struct Mount(tempfile::TempDir);

impl Mount {
    fn of(size: &str) -> Option<Mount> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder.path())
            .stderr(std::process::Stdio::null())
            .status()
            .is_ok_and(|s| s.success());
        if !mounted {
            println!("skipped: mounting a file system is not allowed here");
            return None;
        }
        Some(Mount(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn again(&self, options: &str) {
        let done = Command::new("mount")
            .args(["-o", &format!("remount,{options}")])
            .arg(self.path())
            .status();
        assert!(done.unwrap().success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(self.path())
            .status();
    }
}

async fn add_large(db: &Db, id: i64) -> Result<u64, Error> {
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(
                "INSERT INTO scratch (id, note) VALUES ($1, $2)",
                args![id, "z".repeat(20_000)],
            )
            .await
        })
    })
    .await
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_works_again_when_there_is_room() {
    let Some(mount) = Mount::of("1M") else { return };
    let db = Db::open_sqlite(&mount.path().join("x.sqlite"))
        .await
        .unwrap();
    scratch(&db).await;
    let mut kept = Vec::new();
    let full = loop {
        let id = i64::try_from(kept.len()).unwrap();
        match add_large(&db, id).await {
            Ok(_) => kept.push(id),
            Err(e) => break e,
        }
        assert!(kept.len() < 100, "the disk must become full");
    };
    assert_eq!(full.code(), Code::DiskFull, "{full}");
    assert_eq!(ids(&db).await, kept);
    mount.again("size=8M");
    add(&db, 1_000).await.unwrap();
    kept.push(1_000);
    assert_eq!(ids(&db).await, kept);
    db.quick_check().await.unwrap();
}

#[tokio::test]
async fn a_read_only_disk_is_called_that() {
    let Some(mount) = Mount::of("4M") else { return };
    let path = mount.path().join("x.sqlite");
    let db = Db::open_sqlite(&path).await.unwrap();
    scratch(&db).await;
    db.close().await;
    mount.again("ro");
    let refused = Db::open_sqlite(&path).await.unwrap_err();
    assert_eq!(refused.code(), Code::ReadOnly, "{refused}");
    let refused = Db::open_sqlite(&mount.path().join("new.sqlite"))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::ReadOnly, "{refused}");
}
