use std::fs;
use std::path::Path;

use super::super::backup::{Backup, Reason, Work, restore, unpack};
use super::super::{Backups, DataFolder, FolderError, Held, Layout};
use super::{Home, Working, at};

/// A folder with one picture and settings, backed up both ways, then changed.
async fn backed_up(home: &Home) -> (domain::hash::Hash, [Backup; 2], uuid::Uuid) {
    let working = Working::open(home).await;
    let picture = working.library.keep(b"a picture".to_vec()).await.unwrap();
    fs::write(working.folder.layout().settings(), "appearance = \"dark\"").unwrap();
    let work = Work::default();
    let folder = working
        .backups()
        .make(&working.db, &working.library, at(1), Reason::ByHand, &work)
        .await
        .unwrap();
    let file = working
        .backups()
        .make_file(
            &working.db,
            &working.library,
            at(1),
            &home.at("b.tar"),
            &work,
        )
        .await
        .unwrap();
    working
        .library
        .keep(b"a later picture".to_vec())
        .await
        .unwrap();
    fs::write(working.folder.layout().settings(), "appearance = \"light\"").unwrap();
    fs::write(working.folder.layout().vault(), b"sealed").unwrap();
    working.db.close().await;
    (picture, [folder, file], working.folder.id())
}

#[tokio::test]
async fn what_was_backed_up_comes_back_and_is_held() {
    for which in 0..2 {
        let home = Home::new();
        let (picture, backups, id) = backed_up(&home).await;
        let done = restore(&home.root(), &backups[which].path, at(2), &Work::default())
            .await
            .unwrap();
        assert_eq!(done.backup.at, at(1));
        let aside = Layout::new(&done.aside.unwrap());
        assert!(
            fs::read_to_string(aside.settings())
                .unwrap()
                .contains("light")
        );

        let working = Working::open(&home).await;
        assert_eq!(working.folder.held(), Some(Held::Restored));
        assert_eq!(working.folder.id(), id);
        assert_eq!(working.library.read(picture).await.unwrap(), b"a picture");
        assert_eq!(working.library.list().unwrap().len(), 1);
        let layout = working.folder.layout();
        assert!(
            fs::read_to_string(layout.settings())
                .unwrap()
                .contains("dark")
        );
        assert_eq!(fs::read(layout.vault()).unwrap(), b"sealed");
        assert_eq!(
            working.backups().list().len(),
            1,
            "older backups are still in reach"
        );
        working.db.quick_check().await.unwrap();
        working.db.close().await;
        drop(working);

        // The old folder, put back by hand, is held as well: the new one has run since.
        fs::rename(home.root(), home.at("restored")).unwrap();
        fs::rename(aside.root(), home.root()).unwrap();
        assert_eq!(home.owner().held(), Some(Held::Diverged));
    }
}

#[tokio::test]
async fn a_backup_can_be_restored_where_nothing_is() {
    let home = Home::new();
    let (picture, backups, _) = backed_up(&home).await;
    let elsewhere = Home::new();
    let done = restore(&elsewhere.root(), &backups[1].path, at(2), &Work::default())
        .await
        .unwrap();
    assert_eq!(done.aside, None);
    let working = Working::open(&elsewhere).await;
    assert_eq!(working.folder.held(), Some(Held::Restored));
    assert!(working.library.contains(&picture));
    assert!(!working.folder.layout().vault().exists());
    working.db.close().await;
}

#[tokio::test]
async fn a_backup_says_what_it_holds_before_anything_is_touched() {
    for which in 0..2 {
        let home = Home::new();
        let (_, backups, _) = backed_up(&home).await;
        let folder = home.owner();
        let before = names(&Layout::new(&home.root()).backups());
        let look = async |of: &DataFolder| {
            let source = &backups[which].path;
            Backups::of(of)
                .look_into(source, at(3), &Work::default())
                .await
        };
        let held = look(&folder).await.unwrap();
        assert_eq!((held.posts, held.pictures), (0, 1));
        assert!(held.of_this_folder && held.personas.is_empty());
        assert_eq!(
            (held.backup.at, held.backup.reason),
            (at(1), Reason::ByHand)
        );
        assert_eq!(names(&Layout::new(&home.root()).backups()), before);

        let elsewhere = Home::new();
        let stranger = look(&elsewhere.owner()).await.unwrap();
        assert!(!stranger.of_this_folder);
    }
}

#[tokio::test]
async fn what_is_unpacked_takes_no_place_while_the_folder_runs_and_leaves_nothing_behind() {
    let home = Home::new();
    let (_, backups, _) = backed_up(&home).await;
    let running = home.owner();
    let before = names(&home.at(""));
    let work = Work::default();
    let ready = unpack(&home.root(), &backups[1].path, at(2), &work)
        .await
        .unwrap();
    assert_eq!(names(&home.at("")).len(), before.len() + 1);
    let done = ready.put_in_place(&work).await;
    assert!(matches!(done, Err(FolderError::InUse { .. })), "{done:?}");
    assert_eq!(names(&home.at("")), before);

    let ready = unpack(&home.root(), &backups[1].path, at(2), &work)
        .await
        .unwrap();
    let mut running = running;
    running.let_go();
    ready.put_in_place(&work).await.unwrap();
    assert_eq!(home.owner().held(), Some(Held::Restored));
}

/// What lies in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_running_folder_is_not_restored_over() {
    let home = Home::new();
    let (_, backups, _) = backed_up(&home).await;
    let running = home.owner();
    let done = restore(&home.root(), &backups[1].path, at(2), &Work::default()).await;
    assert!(
        matches!(done, Err(FolderError::InUse { pid: Some(_) })),
        "{done:?}"
    );
    drop(running);
}

async fn refused(home: &Home, source: &Path) -> String {
    let before = fs::read(Layout::new(&home.root()).identity()).unwrap();
    let error = restore(&home.root(), source, at(2), &Work::default())
        .await
        .unwrap_err();
    assert!(matches!(error, FolderError::BadBackup { .. }), "{error}");
    let after = fs::read(Layout::new(&home.root()).identity()).unwrap();
    assert_eq!(before, after, "the present folder is as it was");
    let parent = home.root();
    let parent = parent.parent().unwrap();
    for entry in fs::read_dir(parent).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(!name.starts_with("data."), "left behind: {name}");
    }
    error.to_string()
}

#[tokio::test]
async fn any_damage_to_a_backup_is_found_before_anything_is_touched() {
    let home = Home::new();
    let (picture, [folder, file], _) = backed_up(&home).await;
    let whole = fs::read(&file.path).unwrap();
    let broken = home.at("broken.tar");
    for length in [0, 100, 512, 1500, whole.len() / 2, whole.len() - 1024 * 2] {
        fs::write(&broken, &whole[..length]).unwrap();
        refused(&home, &broken).await;
    }
    // One byte of the database, the manifest, and the picture.
    let place = |needle: &[u8]| {
        whole
            .windows(needle.len())
            .position(|w| w == needle)
            .unwrap()
    };
    for at in [
        place(b"SQLite format 3") + 20,
        place(b"\"at\": ") + 9,
        place(b"a picture"),
    ] {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x01;
        fs::write(&broken, damaged).unwrap();
        refused(&home, &broken).await;
    }
    let name = picture.to_string();
    fs::remove_file(folder.path.join("media").join(&name[..2]).join(&name)).unwrap();
    assert!(refused(&home, &folder.path).await.contains("missing"));
    fs::write(&broken, b"no tar at all, but some text that somebody chose").unwrap();
    refused(&home, &broken).await;
    refused(&home, &home.at("nothing")).await;
}

#[tokio::test]
async fn a_backup_cannot_write_where_it_likes() {
    let home = Home::new();
    let (_, [_, file], _) = backed_up(&home).await;
    let evil = home.at("evil.tar");
    let whole = fs::read(&file.path).unwrap();
    let name = b"rostrum.sqlite\0";
    let at = whole.windows(name.len()).position(|w| w == name).unwrap();
    let mut bytes = whole.clone();
    bytes[at..at + name.len()].copy_from_slice(b"../../evil.bin\0");
    // The header's checksum, made good.
    let head = at;
    let sum: u64 = bytes[head..head + 512]
        .iter()
        .enumerate()
        .map(|(n, b)| {
            if (148..156).contains(&n) {
                32
            } else {
                u64::from(*b)
            }
        })
        .sum();
    bytes[head + 148..head + 156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    fs::write(&evil, bytes).unwrap();
    assert!(refused(&home, &evil).await.contains("does not belong"));
    assert!(!home.at("evil.bin").exists());
}

#[tokio::test]
async fn a_backup_of_a_newer_release_is_not_restored() {
    let home = Home::new();
    let (_, [folder, _], _) = backed_up(&home).await;
    let manifest = folder.path.join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"format\": 1", "\"format\": 2")).unwrap();
    let done = restore(&home.root(), &folder.path, at(2), &Work::default()).await;
    assert!(
        matches!(done, Err(FolderError::BinaryTooOld(_))),
        "{done:?}"
    );

    let working = Working::open(&home).await;
    super::pretend_newer(&working.db).await;
    let newer = working
        .backups()
        .make(
            &working.db,
            &working.library,
            at(3),
            Reason::Daily,
            &Work::default(),
        )
        .await
        .unwrap();
    working.db.close().await;
    drop(working);
    let done = restore(&home.root(), &newer.path, at(4), &Work::default()).await;
    assert!(
        matches!(done, Err(FolderError::BinaryTooOld(_))),
        "{done:?}"
    );
}

#[tokio::test]
async fn a_restore_that_was_cut_off_is_finished_at_the_next_start() {
    for steps in 0..=3 {
        let home = Home::new();
        let (_, backups, id) = backed_up(&home).await;
        let layout = Layout::new(&home.root());
        fs::create_dir_all(layout.organizations().join("joined")).unwrap();
        let kept = names(&layout.backups());
        let done = restore(&home.root(), &backups[1].path, at(2), &Work::default())
            .await
            .unwrap();
        // As if it had been killed between its renames, from the last back to the first.
        let aside = done.aside.unwrap();
        if steps > 0 {
            let mark = serde_json::to_vec(&aside).unwrap();
            fs::write(layout.came_after(), mark).unwrap();
            let old = Layout::new(&aside);
            fs::rename(layout.organizations(), old.organizations()).unwrap();
            if steps > 1 {
                fs::rename(layout.backups(), old.backups()).unwrap();
            }
        }
        if steps > 2 {
            fs::rename(home.root(), home.at("data.restored-20261125T103000000Z")).unwrap();
        }
        let folder = DataFolder::open_as_owner(&home.root(), &home.config()).unwrap();
        assert_eq!((folder.id(), folder.held()), (id, Some(Held::Restored)));
        assert_eq!(names(&layout.organizations()), ["joined"], "{steps}");
        assert_eq!(names(&layout.backups()), kept, "{steps}");
        assert!(!layout.came_after().exists(), "{steps}");
    }
}
