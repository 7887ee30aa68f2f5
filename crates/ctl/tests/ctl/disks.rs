//! Disks and databases that fail.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::home::Home;

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

    fn remount(&self, how: &str) {
        let done = Command::new("mount")
            .args(["-o", &format!("remount,{how}")])
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

fn mounted(kilobytes: u32) -> Option<(Home, Mount)> {
    let home = Home::bare();
    let place = home.at("disk");
    let mount = Mount::of(place.clone(), kilobytes)?;
    let home = home.with_data(place.join("data"));
    home.furnish();
    Some((home, mount))
}

#[test]
fn a_read_only_folder_is_told_and_works_again_afterwards() {
    let Some((home, mount)) = mounted(20_000) else {
        return;
    };
    let content = home.post("Before");
    mount.remount("ro");
    let words = home.refused(
        "read_only",
        &["post", "--persona", "Hut", "--text", "x", "--now"],
    );
    assert!(words.contains("check permissions"), "{words}");
    mount.remount("rw");
    assert_eq!(home.status(&content), "scheduled");
    home.work();
    assert_eq!(home.entries(), 1);
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let Some((home, mount)) = mounted(20_000) else {
        return;
    };
    let content = home.post("Before");
    let fill = mount.0.join("fill");
    let mut size = 20_000_000;
    while size > 2_000 {
        // As much as fits, down to the last page.
        use std::io::Write as _;
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&fill)
            .unwrap();
        if file.write_all(&vec![7; size]).is_err() {
            size /= 2;
        }
    }
    let text = "long ".repeat(20_000);
    let file = home.file("long", text.as_bytes());
    let words = home.refused(
        "disk_full",
        &["post", "--persona", "Hut", "--text-file", &file, "--now"],
    );
    assert!(words.to_lowercase().contains("free"), "{words}");
    std::fs::remove_file(fill).unwrap();
    assert_eq!(home.status(&content), "scheduled");
    home.work();
    assert_eq!((home.entries(), home.entries_with("Before")), (1, 1));
}

#[test]
fn a_folder_that_is_none_is_told_how_to_make_one() {
    let home = Home::bare();
    for args in [
        &["list"][..],
        &["work", "--until-idle"],
        &["post", "--persona", "x", "--text", "y"],
    ] {
        let words = home.refused("not_a_data_folder", args);
        assert!(words.contains("init"), "{words}");
    }
    assert!(!home.data().exists(), "looking makes nothing");
}

fn damage(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 3;
    for byte in &mut bytes[middle..middle * 2] {
        *byte = 0xa5;
    }
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_corrupt_database_is_told_with_the_way_back() {
    let home = Home::new();
    let content = home.post("Before");
    let backup = home.at("b.tar");
    let backup = backup.to_str().unwrap();
    home.ok(&["backup", backup]);
    damage(&home.data().join("rostrum.sqlite"));
    let words = home.refused("database_corrupt", &["list"]);
    assert!(words.contains("restore"), "{words}");
    home.refused("database_corrupt", &["work", "--until-idle"]);
    home.ok(&["restore", backup]);
    home.ok(&["release"]);
    home.work();
    let shown = home.json(&["show", &content]);
    assert_eq!(
        shown["deliveries"][0]["target"]["status"], "missed",
        "a person looks first"
    );
    let delivery = &shown["deliveries"][0]["target"]["delivery"];
    home.mutate(&serde_json::json!({"type": "send_now", "delivery": delivery}));
    home.work();
    assert_eq!(
        (home.status(&content).as_str(), home.entries()),
        ("published", 1)
    );
}

#[test]
fn an_older_program_refuses_a_newer_database() {
    let home = Home::new();
    let (data, config) = (home.data().to_owned(), home.at("config"));
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let host = app::host::open(&data, &config, app::host::Options::default())
            .await
            .unwrap();
        let newer: Result<u64, app::Error> = host
            .app
            .db()
            .write(|tx| {
                Box::pin(async move {
                    let sql = "INSERT INTO schema_migration (number, name, checksum, min_writer) \
                               VALUES (9000, 'later', zeroblob(32), 9000)";
                    Ok(tx.execute(sql, Default::default()).await?)
                })
            })
            .await;
        newer.unwrap();
        host.stop().await;
    });
    let words = home.refused("binary_too_old", &["list"]);
    assert!(words.to_lowercase().contains("newer"), "{words}");
    home.refused("binary_too_old", &["work", "--until-idle"]);
}
