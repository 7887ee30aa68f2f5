//! One text for both databases.

#[tokio::test]
async fn every_statement_is_prepared_on_both_databases() {
    let statements: &'static [db::Statement] = store::statements().leak();
    for db in db::testing::databases().await {
        let refused = db::testing::refused(&db, statements).await;
        assert!(refused.is_empty(), "{:?}: {refused:#?}", db.dialect());
    }
}
