use std::fs;
use std::sync::{Arc, Mutex};

use media::{Job, testing};

use super::super::backup::{Reason, Work};
use super::super::{FolderError, open_database};
use super::{Home, Working, at};

fn reasons(working: &Working) -> Vec<(i64, Reason)> {
    let list = working.backups().list();
    list.iter()
        .map(|b| ((b.at.0 - at(0).0) / 86_400_000, b.reason))
        .collect()
}

#[tokio::test]
async fn a_backup_holds_the_database_and_all_media_and_costs_no_second_copy() {
    let home = Home::new();
    let working = Working::open(&home).await;
    let photo = working
        .library
        .import(testing::phone_photo(), "photo.jpg", &Job::default())
        .await
        .unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&seen);
    let work = Work::default().watched_by(move |p| ear.lock().unwrap().push(p));
    let made = working
        .backups()
        .make(&working.db, &working.library, at(1), Reason::Daily, &work)
        .await
        .unwrap();
    assert_eq!(made.left_out, 0);
    assert!(made.bytes > photo.facts.bytes);
    assert_eq!(working.backups().list(), std::slice::from_ref(&made));
    assert_eq!(working.backups().newest_whole().await, Some(made.clone()));
    assert_eq!(working.backups().last(Reason::Daily), Some(at(1)));
    let seen = seen.lock().unwrap();
    assert!(seen.is_sorted() && seen.last() == Some(&100), "{seen:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let file = working.library.path(&photo.facts.hash);
        assert_eq!(file.metadata().unwrap().nlink(), 2);
    }
    assert!(!made.path.join("rostrum.sqlite-wal").exists());
}

#[tokio::test]
async fn seven_daily_ones_are_kept_and_all_that_were_made_by_hand() {
    let home = Home::new();
    let working = Working::open(&home).await;
    for day in 1..=9 {
        let reason = match day {
            1 => Reason::ByHand,
            _ => Reason::Daily,
        };
        working
            .backups()
            .make(
                &working.db,
                &working.library,
                at(day),
                reason,
                &Work::default(),
            )
            .await
            .unwrap();
    }
    let mut expected: Vec<_> = (3..=9).rev().map(|d| (d, Reason::Daily)).collect();
    expected.push((1, Reason::ByHand));
    assert_eq!(reasons(&working), expected);
}

#[tokio::test]
async fn damaged_media_are_left_out_and_counted() {
    let home = Home::new();
    let working = Working::open(&home).await;
    let hash = working.library.keep(b"a picture".to_vec()).await.unwrap();
    fs::write(working.library.path(&hash), b"rotten").unwrap();
    let made = working
        .backups()
        .make(
            &working.db,
            &working.library,
            at(1),
            Reason::Daily,
            &Work::default(),
        )
        .await
        .unwrap();
    assert_eq!(made.left_out, 1);
}

#[tokio::test]
async fn a_cancelled_backup_leaves_nothing() {
    let home = Home::new();
    let working = Working::open(&home).await;
    for stop_at in [0, 20, 36, 80] {
        let token = tokio_util::sync::CancellationToken::new();
        let stop = token.clone();
        let work = Work::cancelled_by(token).watched_by(move |p| {
            if p >= stop_at {
                stop.cancel();
            }
        });
        working.library.keep(b"a".to_vec()).await.unwrap();
        let file = home.at("backup.tar");
        let made = working
            .backups()
            .make_file(&working.db, &working.library, at(1), &file, &work)
            .await;
        assert!(
            matches!(made, Err(FolderError::Cancelled)),
            "{stop_at} {made:?}"
        );
        assert!(!file.exists());
        let left = fs::read_dir(working.folder.layout().backups())
            .unwrap()
            .count();
        assert_eq!(left, 0);
    }
}

#[tokio::test]
async fn an_existing_file_is_never_overwritten() {
    let home = Home::new();
    let working = Working::open(&home).await;
    let file = home.at("mine.tar");
    fs::write(&file, b"mine").unwrap();
    let made = working
        .backups()
        .make_file(
            &working.db,
            &working.library,
            at(1),
            &file,
            &Work::default(),
        )
        .await;
    assert!(matches!(made, Err(FolderError::Exists(_))));
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

#[tokio::test]
async fn a_damaged_database_is_told_with_the_newest_whole_backup() {
    let home = Home::new();
    let working = Working::open(&home).await;
    let mut made = Vec::new();
    for day in 1..=3 {
        let backup = working
            .backups()
            .make(
                &working.db,
                &working.library,
                at(day),
                Reason::Daily,
                &Work::default(),
            )
            .await
            .unwrap();
        made.push(backup.path);
    }
    working.db.close().await;
    // The newest backup is rotten as well.
    fs::write(made[2].join("rostrum.sqlite"), b"rotten").unwrap();
    let database = working.folder.layout().database();
    let size = usize::try_from(database.metadata().unwrap().len()).unwrap();
    fs::write(&database, vec![0x5a; size]).unwrap();
    let error = open_database(&working.folder, &working.library, at(4), &Work::default())
        .await
        .unwrap_err();
    let text = error.to_string();
    match error {
        FolderError::DatabaseCorrupt { newest, .. } => {
            assert_eq!(newest.as_ref(), Some(&made[1]));
        }
        other => panic!("{other}"),
    }
    assert!(
        text.contains("rostrumctl") && text.contains("restore"),
        "{text}"
    );
    assert_eq!(
        fs::read(&database).unwrap(),
        vec![0x5a; size],
        "it is not touched"
    );
}

#[tokio::test]
async fn nothing_is_backed_up_when_nothing_has_to_be_migrated() {
    let home = Home::new();
    let working = Working::open(&home).await;
    working.db.close().await;
    let (db, migrated) = open_database(&working.folder, &working.library, at(1), &Work::default())
        .await
        .unwrap();
    assert!(migrated.applied.is_empty());
    assert_eq!(working.backups().list(), []);
    db.close().await;
}

#[tokio::test]
async fn a_migration_is_preceded_by_a_backup() {
    let home = Home::new();
    let working = Working::open(&home).await;
    // As an older release left it: the newest migration is not there yet.
    let forget = "DELETE FROM schema_migration";
    let forgotten: Result<u64, db::Error> = working
        .db
        .write(move |tx| Box::pin(async move { tx.execute(forget, db::args![]).await }))
        .await;
    assert!(forgotten.unwrap() > 0);
    working.db.close().await;
    // Its tables exist, so the migration itself fails: the backup was made before.
    let opened = open_database(&working.folder, &working.library, at(1), &Work::default()).await;
    assert!(opened.is_err());
    assert_eq!(reasons(&working), [(1, Reason::BeforeMigration)]);
}

#[tokio::test]
async fn an_older_program_does_not_touch_newer_data() {
    let home = Home::new();
    let working = Working::open(&home).await;
    super::pretend_newer(&working.db).await;
    working.db.close().await;
    let opened = open_database(&working.folder, &working.library, at(1), &Work::default()).await;
    assert!(
        matches!(opened, Err(FolderError::BinaryTooOld(_))),
        "{opened:?}"
    );
    assert_eq!(working.backups().list(), []);
}
