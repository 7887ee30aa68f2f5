use db::testing;

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    for db in testing::databases().await {
        let refused = testing::refused(&db, engine::STATEMENTS).await;
        assert!(
            refused.is_empty(),
            "{:?}: {}",
            db.dialect(),
            refused.join("\n")
        );
    }
}
