use db::{Code, Db, Error, args, testing};

#[tokio::test]
async fn both_schemas_have_the_same_tables_and_columns() {
    let Some(postgres) = testing::postgres().await else {
        return;
    };
    let sqlite = testing::sqlite().await;
    let (a, b) = (
        testing::shape(&sqlite).await.unwrap(),
        testing::shape(&postgres).await.unwrap(),
    );
    assert!(a.contains_key("run"), "the shape is read at all");
    let differences = testing::differences(&a, &b, &[]);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    for db in testing::databases().await {
        let again = db.migrate().await.unwrap();
        assert!(again.applied.is_empty());
        assert_eq!(again.to, db::latest_schema());
        assert!(!db.needs_migration().await.unwrap());
    }
}

async fn record(db: &Db, number: i64, min_writer: i64) {
    let done: Result<u64, Error> = db
        .write(move |tx| {
            Box::pin(async move {
                tx.execute(
                    "INSERT INTO schema_migration (number, name, checksum, min_writer)
                     VALUES ($1, 'later', $2, $3)",
                    args![number, [0_u8; 32], min_writer],
                )
                .await
            })
        })
        .await;
    done.unwrap();
}

#[tokio::test]
async fn an_older_program_refuses_a_newer_database() {
    for db in testing::databases().await {
        record(&db, 9000, 9000).await;
        let refused = db.migrate().await.unwrap_err();
        assert_eq!(refused.code(), Code::BinaryTooOld);
        assert_eq!(db.schema_state().await.unwrap(), 9000);
    }
}

#[tokio::test]
async fn an_older_program_works_on_a_schema_that_only_grew() {
    for db in testing::databases().await {
        record(&db, 9000, 1).await;
        db.migrate().await.unwrap();
    }
}

#[tokio::test]
async fn a_changed_migration_is_noticed() {
    for db in testing::databases().await {
        let done: Result<u64, Error> = db
            .write(|tx| {
                Box::pin(async move {
                    tx.execute(
                        "UPDATE schema_migration SET checksum = $1 WHERE number = 1",
                        args![[1_u8; 32]],
                    )
                    .await
                })
            })
            .await;
        done.unwrap();
        assert_eq!(
            db.migrate().await.unwrap_err().code(),
            Code::MigrationChanged
        );
    }
}
