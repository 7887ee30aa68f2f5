use db::{Code, Db, testing};

use crate::{add, ids, scratch};

#[tokio::test]
async fn a_file_that_is_no_database_is_called_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.sqlite");
    std::fs::write(&path, "this is a letter, not a database. ".repeat(200)).unwrap();
    assert_eq!(
        Db::open_sqlite(&path).await.unwrap_err().code(),
        Code::Corrupt
    );
}

#[tokio::test]
async fn a_closed_file_needs_nothing_beside_it() {
    for _ in 0..40 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sqlite");
        let db = testing::sqlite_at(&path).await.unwrap();
        scratch(&db).await;
        ids(&db).await;
        db.close().await;
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }
}

#[tokio::test]
async fn a_damaged_page_is_found_by_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.sqlite");
    let db = testing::sqlite_at(&path).await.unwrap();
    db.migrate().await.unwrap();
    scratch(&db).await;
    for id in 0..500 {
        add(&db, id).await.unwrap();
    }
    db.quick_check().await.unwrap();
    db.close().await;
    let mut bytes = std::fs::read(&path).unwrap();
    let end = bytes.len();
    bytes[end - 8000..].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let db = Db::open_sqlite(&path).await.unwrap();
    assert_eq!(db.quick_check().await.unwrap_err().code(), Code::Corrupt);
}

#[tokio::test]
async fn a_missing_folder_is_unreachable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no/such/x.sqlite");
    assert_eq!(
        Db::open_sqlite(&path).await.unwrap_err().code(),
        Code::Unreachable
    );
}

#[tokio::test]
async fn a_copy_holds_everything() {
    let db = testing::sqlite_durable().await;
    scratch(&db).await;
    add(&db, 1).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.sqlite");
    db.vacuum_into(&copy).await.unwrap();
    let copied = Db::open_sqlite(&copy).await.unwrap();
    copied.quick_check().await.unwrap();
    assert_eq!(ids(&copied).await, [1]);
    assert!(
        db.vacuum_into(&copy).await.is_err(),
        "a backup is never written over"
    );
}

#[tokio::test]
async fn a_dead_server_is_unreachable() {
    let refused = Db::open_postgres("postgres://nobody@127.0.0.1:1/none")
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::Unreachable);
}
