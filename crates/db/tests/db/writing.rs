use db::{Code, Dialect, Error, Uuid, args, testing};
use futures::future::join_all;

use crate::{add, ids, scratch};

#[tokio::test]
async fn every_shared_type_comes_back_as_it_went_in() {
    for db in testing::databases().await {
        let id = Uuid::from_u128(7);
        let done: Result<(), Error> = db
            .write(move |tx| {
                Box::pin(async move {
                    let (uuid, bytes, truth) = match tx.dialect() {
                        Dialect::Sqlite => ("BLOB", "BLOB", "INTEGER"),
                        Dialect::Postgres => ("UUID", "BYTEA", "BOOLEAN"),
                    };
                    tx.rows_dyn(
                        format!(
                            "CREATE TABLE kinds (u {uuid}, b {bytes}, t {truth}, n BIGINT, \
                             r DOUBLE PRECISION, s TEXT, e BIGINT)"
                        ),
                        args![],
                    )
                    .await?;
                    tx.execute(
                        "INSERT INTO kinds (u, b, t, n, r, s, e) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                        args![id, vec![1_u8, 2], true, i64::MAX, 1.5, "ü", None::<i64>],
                    )
                    .await?;
                    Ok(())
                })
            })
            .await;
        done.unwrap();
        let row: Result<_, Error> = db
            .read(|tx| Box::pin(async move { tx.row("SELECT * FROM kinds", args![]).await }))
            .await;
        let row = row.unwrap().unwrap();
        assert_eq!(row.get::<Uuid>("u").unwrap(), id);
        assert_eq!(row.get::<Vec<u8>>("b").unwrap(), [1, 2]);
        assert!(row.get::<bool>("t").unwrap());
        assert_eq!(row.get::<i64>("n").unwrap(), i64::MAX);
        assert!((row.get::<f64>("r").unwrap() - 1.5).abs() < f64::EPSILON);
        assert_eq!(row.get::<String>("s").unwrap(), "ü");
        assert_eq!(row.get::<Option<i64>>("e").unwrap(), None);
        assert_eq!(row.get::<i64>("e").unwrap_err().code(), Code::Decode);
        assert_eq!(row.get::<i64>("nothing").unwrap_err().code(), Code::Decode);
    }
}

#[tokio::test]
async fn a_refused_job_leaves_the_others_of_its_batch_alone() {
    for db in testing::databases().await {
        scratch(&db).await;
        let results = join_all([1, 2, 2, 3, 1, 4].map(|id| add(&db, id))).await;
        let refused: Vec<Code> = results
            .iter()
            .filter_map(|r| r.as_ref().err().map(Error::code))
            .collect();
        assert_eq!(refused, [Code::Unique, Code::Unique]);
        assert_eq!(ids(&db).await, [1, 2, 3, 4]);
    }
}

#[tokio::test]
async fn a_swallowed_error_keeps_nothing() {
    for db in testing::databases().await {
        scratch(&db).await;
        add(&db, 1).await.unwrap();
        let swallowed: Result<(), Error> = db
            .write(|tx| {
                Box::pin(async move {
                    tx.execute("INSERT INTO scratch (id) VALUES (2)", args![])
                        .await?;
                    let _ = tx
                        .execute("INSERT INTO scratch (id) VALUES (1)", args![])
                        .await;
                    Ok(())
                })
            })
            .await;
        assert_eq!(swallowed.unwrap_err().code(), Code::Unique);
        assert_eq!(ids(&db).await, [1]);
    }
}

#[tokio::test]
async fn a_part_that_fails_takes_back_its_own_writes_and_no_others() {
    for db in testing::databases().await {
        scratch(&db).await;
        let done: Result<(), Error> = db
            .write(|tx| {
                Box::pin(async move {
                    let sql = "INSERT INTO scratch (id) VALUES ($1)";
                    tx.execute(sql, args![1_i64]).await?;
                    // It refuses of itself, it breaks a rule, and it goes on after that.
                    let refused: Result<(), Error> = tx
                        .part(|tx| {
                            Box::pin(async move {
                                tx.execute(sql, args![2_i64]).await?;
                                Err(Error::Other("no".into()))
                            })
                        })
                        .await;
                    assert_eq!(refused.unwrap_err().code(), Code::Other);
                    let broken: Result<(), Error> = tx
                        .part(|tx| {
                            Box::pin(async move {
                                tx.execute(sql, args![3_i64]).await?;
                                let _ = tx.execute(sql, args![1_i64]).await;
                                Ok(())
                            })
                        })
                        .await;
                    assert_eq!(broken.unwrap_err().code(), Code::Unique);
                    let kept: Result<u64, Error> = tx
                        .part(|tx| Box::pin(async move { tx.execute(sql, args![4_i64]).await }))
                        .await;
                    assert_eq!(kept?, 1);
                    tx.execute(sql, args![5_i64]).await?;
                    Ok(())
                })
            })
            .await;
        done.unwrap();
        assert_eq!(ids(&db).await, [1, 4, 5]);
    }
}

#[tokio::test]
async fn a_panicking_job_keeps_nothing_and_harms_nobody() {
    for db in testing::databases().await {
        scratch(&db).await;
        let panicking = db.write::<(), Error, _>(|tx| {
            Box::pin(async move {
                tx.execute("INSERT INTO scratch (id) VALUES (9)", args![])
                    .await?;
                panic!("on purpose");
            })
        });
        let (one, panicked, two) = tokio::join!(add(&db, 1), panicking, add(&db, 2));
        one.unwrap();
        two.unwrap();
        assert_eq!(panicked.unwrap_err().code(), Code::Panicked);
        assert_eq!(ids(&db).await, [1, 2]);
    }
}

#[tokio::test]
async fn a_full_disk_at_any_statement_keeps_exactly_what_was_acknowledged() {
    for room in 0..12 {
        let db = testing::sqlite().await;
        scratch(&db).await;
        testing::limit_pages(&db, room).await;
        let big = |id: i64| {
            db.write::<u64, Error, _>(move |tx| {
                Box::pin(async move {
                    for part in 0..4 {
                        tx.execute(
                            "INSERT INTO scratch (id, note) VALUES ($1, $2)",
                            args![id * 10 + part, "y".repeat(3000)],
                        )
                        .await?;
                    }
                    Ok(1)
                })
            })
        };
        let (a, b, c) = tokio::join!(big(1), big(2), big(3));
        let mut expected: Vec<i64> = Vec::new();
        for (id, result) in [(1, a), (2, b), (3, c)] {
            match result {
                Ok(_) => expected.extend(id * 10..id * 10 + 4),
                Err(e) => assert_eq!(e.code(), Code::DiskFull, "{e}"),
            }
        }
        assert_eq!(ids(&db).await, expected, "with room for {room} pages");
        // The page limit belonged to the connection, which is gone: writing works again.
        add(&db, 1000).await.ok();
    }
}

#[tokio::test]
async fn two_programs_on_one_file_both_write() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.sqlite");
    let (a, b) = (
        testing::sqlite_at(&path).await.unwrap(),
        testing::sqlite_at(&path).await.unwrap(),
    );
    scratch(&a).await;
    let writes = (0..200).map(|id| {
        let db = if id % 2 == 0 { &a } else { &b };
        add(db, id)
    });
    for result in join_all(writes).await {
        result.unwrap();
    }
    assert_eq!(ids(&a).await.len(), 200);
}

#[tokio::test]
async fn a_read_sees_one_snapshot() {
    for db in testing::databases().await {
        scratch(&db).await;
        add(&db, 1).await.unwrap();
        let writer = db.clone();
        let counts: Result<(i64, i64), Error> = db
            .read(move |tx| {
                Box::pin(async move {
                    let sql = "SELECT count(*) AS n FROM scratch";
                    let before = tx.row(sql, args![]).await?.unwrap().get("n")?;
                    add(&writer, 2).await?;
                    let after = tx.row(sql, args![]).await?.unwrap().get("n")?;
                    Ok((before, after))
                })
            })
            .await;
        assert_eq!(counts.unwrap(), (1, 1));
        assert_eq!(ids(&db).await, [1, 2]);
    }
}

#[tokio::test]
async fn a_read_cannot_write() {
    for db in testing::databases().await {
        scratch(&db).await;
        let refused: Result<u64, Error> = db
            .read(|tx| {
                Box::pin(async move {
                    tx.execute("INSERT INTO scratch (id) VALUES (1)", args![])
                        .await
                })
            })
            .await;
        assert_eq!(refused.unwrap_err().code(), Code::ReadOnly);
        assert!(ids(&db).await.is_empty());
    }
}

#[tokio::test]
async fn writes_that_deadlock_are_repeated() {
    let Some(db) = testing::postgres().await else {
        return;
    };
    scratch(&db).await;
    add(&db, 1).await.unwrap();
    add(&db, 2).await.unwrap();
    let crossing = (0..16).map(|n| {
        let (first, second) = if n % 2 == 0 { (1_i64, 2_i64) } else { (2, 1) };
        db.write::<(), Error, _>(move |tx| {
            Box::pin(async move {
                let sql = "UPDATE scratch SET note = note || 'z' WHERE id = $1";
                tx.execute(sql, args![first]).await?;
                tx.execute(sql, args![second]).await?;
                Ok(())
            })
        })
    });
    for result in join_all(crossing).await {
        result.unwrap();
    }
    let note: Result<String, Error> = db
        .read(|tx| {
            Box::pin(async move {
                tx.row("SELECT note FROM scratch WHERE id = 1", args![])
                    .await?
                    .unwrap()
                    .get("note")
            })
        })
        .await;
    assert_eq!(note.unwrap().len(), 17);
}

#[tokio::test]
async fn a_closed_database_says_so() {
    for db in testing::databases().await {
        scratch(&db).await;
        db.close().await;
        assert_eq!(add(&db, 1).await.unwrap_err().code(), Code::Closed);
    }
}
