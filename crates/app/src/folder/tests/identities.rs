use std::fs;

use super::super::{DataFolder, FolderError, Held, Layout, OwnerLock};
use super::{Home, copy_tree};
use protocol::{Code, Problem};

#[test]
fn a_folder_that_stays_where_it_is_is_never_held() {
    let home = Home::new();
    let id = home.owner().id();
    for boot in 2..6 {
        let folder = home.owner();
        assert_eq!(
            (folder.held(), folder.boot(), folder.id()),
            (None, boot, id)
        );
    }
}

#[test]
fn what_is_no_data_folder_is_said() {
    let home = Home::new();
    fs::create_dir_all(home.root()).unwrap();
    let error = DataFolder::open(&home.root(), &home.config()).unwrap_err();
    assert!(error.to_string().contains("init"), "{error}");
    assert_eq!(Problem::from(error).code, Code::NotADataFolder);
}

#[test]
fn only_one_process_owns_a_folder() {
    let home = Home::new();
    let first = home.owner();
    match DataFolder::open_as_owner(&home.root(), &home.config()) {
        Err(FolderError::InUse { pid }) => assert_eq!(pid, Some(std::process::id())),
        other => panic!("{other:?}"),
    }
    // Looking is always allowed.
    let guest = DataFolder::open(&home.root(), &home.config()).unwrap();
    assert!(OwnerLock::is_taken(guest.layout()).unwrap());
    drop(first);
    assert!(!OwnerLock::is_taken(guest.layout()).unwrap());
    assert_eq!(home.owner().held(), None);
}

#[test]
fn a_moved_folder_is_not_held() {
    let home = Home::new();
    drop(home.owner());
    fs::rename(home.root(), home.at("moved")).unwrap();
    assert_eq!(home.start(&home.at("moved")), None);
    assert_eq!(home.start(&home.at("moved")), None);
}

#[test]
fn a_copy_is_held_and_so_is_the_original_once_the_copy_ran() {
    let home = Home::new();
    drop(home.owner());
    copy_tree(&home.root(), &home.at("copy"));
    assert_eq!(home.start(&home.at("copy")), Some(Held::Copied));
    assert_eq!(home.start(&home.root()), Some(Held::Diverged));
}

#[test]
fn an_older_copy_put_back_is_held_until_somebody_says_so() {
    let home = Home::new();
    drop(home.owner());
    copy_tree(&home.root(), &home.at("old"));
    drop(home.owner());
    fs::remove_dir_all(home.root()).unwrap();
    fs::rename(home.at("old"), home.root()).unwrap();
    assert_eq!(home.owner().held(), Some(Held::Diverged));
    let mut folder = home.owner();
    assert_eq!(
        folder.held(),
        Some(Held::Diverged),
        "a restart does not lift it"
    );
    folder.release().unwrap();
    assert_eq!(folder.held(), None);
    drop(folder);
    assert_eq!(home.owner().held(), None);
}

#[test]
fn a_folder_from_another_computer_is_held() {
    let home = Home::new();
    drop(home.owner());
    fs::remove_dir_all(home.config()).unwrap();
    assert_eq!(home.owner().held(), Some(Held::Unknown));
    let home = Home::new();
    fs::create_dir_all(home.root()).unwrap();
    fs::write(Layout::new(&home.root()).database(), b"from somewhere").unwrap();
    assert_eq!(home.owner().held(), Some(Held::Unknown));
}

#[test]
fn only_the_owner_may_lift_the_hold() {
    let home = Home::new();
    drop(home.owner());
    let mut guest = DataFolder::open(&home.root(), &home.config()).unwrap();
    assert!(guest.release().is_err());
}

/// Every state in which a start can be cut off: each of its writes may be the last one.
#[test]
fn a_start_that_is_cut_off_neither_invents_nor_loses_a_hold() {
    for (prepare, expected) in [
        (None, None),
        (Some("copy"), Some(Held::Copied)),
        (Some("forget"), Some(Held::Unknown)),
    ] {
        let home = Home::new();
        let id = home.owner().id();
        let mut root = home.root();
        if prepare == Some("copy") {
            root = home.at("copy");
            copy_tree(&home.root(), &root);
        }
        let mirror = home.config().join("folders").join(format!("{id}.json"));
        let folder_file = Layout::new(&root).identity();
        if prepare == Some("forget") {
            fs::remove_file(&mirror).unwrap();
        }
        let before = (fs::read(&folder_file).unwrap(), fs::read(&mirror).ok());
        assert_eq!(home.start(&root), expected);
        let after = (fs::read(&folder_file).unwrap(), fs::read(&mirror).unwrap());
        let put_mirror = |bytes: &Option<Vec<u8>>| match bytes {
            Some(bytes) => fs::write(&mirror, bytes).unwrap(),
            None => fs::remove_file(&mirror).unwrap(),
        };

        // Cut off before anything was written into the folder. The mirror may name what was
        // coming.
        fs::write(&folder_file, &before.0).unwrap();
        put_mirror(&before.1);
        if let (None, Some(bytes)) = (expected, &before.1) {
            let mut coming: serde_json::Value = serde_json::from_slice(bytes).unwrap();
            let new: serde_json::Value = serde_json::from_slice(&after.0).unwrap();
            coming["next"] = new["mark"].clone();
            fs::write(&mirror, coming.to_string()).unwrap();
            assert_eq!(home.start(&root), expected);
            // Cut off after the folder, before the mirror settled.
            fs::write(&folder_file, &after.0).unwrap();
            fs::write(&mirror, coming.to_string()).unwrap();
            assert_eq!(home.start(&root), expected);
        } else {
            assert_eq!(home.start(&root), expected);
            fs::write(&folder_file, &after.0).unwrap();
            put_mirror(&before.1);
            assert_eq!(home.start(&root), expected);
        }
    }
}
