//! The second lock between organizations, on PostgreSQL.

use db::{Db, Error, Uuid, args};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _};

/// A database with a persona in each of two organizations.
async fn two() -> Option<(Db, String, [Uuid; 2])> {
    let url = db::testing::postgres_url().await?;
    let db = Db::open_postgres(&url).await.unwrap();
    let organizations = [Uuid::from_u128(1), Uuid::from_u128(2)];
    for id in organizations {
        db.write(move |tx| {
            Box::pin(async move {
                tx.execute(
                    "INSERT INTO organization (id, name, head_seq, audit_n, audit_head, created_at) VALUES ($1, 'Hut', 0, 0, $2, 0)",
                    args![id, [0_u8; 32]],
                )
                .await?;
                add(tx, id).await
            })
        })
        .await
        .unwrap();
    }
    Some((db, url, organizations))
}

async fn add(tx: &mut db::Tx<'_>, organization: Uuid) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO person (organization_id, id, name, role, active, created_at) VALUES ($1, $2, 'Mara', 'owner', TRUE, 0)",
        args![organization, Uuid::new_v4()],
    )
    .await
    .map(drop)
}

async fn people(db: &Db) -> i64 {
    db.read(|tx| {
        Box::pin(async move {
            let row = tx.row("SELECT count(*) AS n FROM person", args![]).await?;
            row.map_or(Ok::<_, Error>(0), |row| row.get("n"))
        })
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_statement_without_its_organization_finds_and_writes_nothing() {
    let Some((_db, url, [own, _])) = two().await else {
        return;
    };
    let mut conn = PgConnection::connect(&url).await.unwrap();
    let count = async |conn: &mut PgConnection| -> i64 {
        let row = conn.fetch_one("SELECT count(*) FROM person").await.unwrap();
        row.get(0)
    };
    assert_eq!(count(&mut conn).await, 0, "nobody said whose");
    let add = "INSERT INTO person (organization_id, id, name, role, active, created_at) SELECT id, gen_random_uuid(), 'Eve', 'owner', TRUE, 0 FROM organization";
    assert_eq!(conn.execute(add).await.unwrap().rows_affected(), 0);
    let blind = format!(
        "INSERT INTO person (organization_id, id, name, role, active, created_at) VALUES ('{own}', gen_random_uuid(), 'Eve', 'owner', TRUE, 0)"
    );
    let refused = conn.execute(AssertSqlSafe(blind)).await.unwrap_err();
    assert!(
        refused.to_string().contains("row-level security"),
        "{refused}"
    );
    assert_eq!(
        conn.execute("DELETE FROM person")
            .await
            .unwrap()
            .rows_affected(),
        0
    );
    // A pooled connection on which an organization was named before has an empty setting, not none.
    for _ in 0..2 {
        let mut tx = conn.begin().await.unwrap();
        let name = format!("SET LOCAL rostrum.org = '{own}'");
        tx.execute(AssertSqlSafe(name)).await.unwrap();
        assert_eq!(count(&mut tx).await, 1);
        tx.rollback().await.unwrap();
        assert_eq!(count(&mut conn).await, 0);
    }
}

#[tokio::test]
async fn within_an_organization_no_other_is_there() {
    let Some((db, _, [own, other])) = two().await else {
        return;
    };
    assert_eq!(people(&db).await, 2, "the server's own work is for all");
    let within = db.within(own);
    assert_eq!(people(&within).await, 1);
    let theirs = within.write(move |tx| Box::pin(add(tx, other))).await;
    assert!(
        theirs.is_err(),
        "a row of another organization is not written"
    );
    let taken = within.write(move |tx| {
        Box::pin(async move {
            tx.execute(
                "UPDATE person SET name = 'Eve' WHERE organization_id = $1",
                args![other],
            )
            .await
        })
    });
    assert_eq!(taken.await.unwrap(), 0);
    within
        .write(move |tx| Box::pin(add(tx, own)))
        .await
        .unwrap();
    assert_eq!((people(&within).await, people(&db).await), (2, 3));
}

#[tokio::test]
async fn every_table_of_an_organization_is_guarded() {
    let Some((_db, url, _)) = two().await else {
        return;
    };
    let mut conn = PgConnection::connect(&url).await.unwrap();
    let open = conn
        .fetch_all(
            "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
             WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attname = 'organization_id'
             AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))",
        )
        .await
        .unwrap();
    let open: Vec<String> = open.iter().map(|row| row.get(0)).collect();
    assert_eq!(
        open,
        ["content_terms"],
        "a migration that adds a table guards it as 0027 does"
    );
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_no_transaction_open() {
    let Some((db, url, _)) = two().await else {
        return;
    };
    for wait in 0..200_u64 {
        let (left, patience) = (people(&db), std::time::Duration::from_micros(wait * 10));
        let _ = tokio::time::timeout(patience, left).await;
    }
    let mut conn = PgConnection::connect(&url).await.unwrap();
    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    for _ in 0..100 {
        let row = conn.fetch_one(open).await.unwrap();
        if row.get::<i64, _>(0) == 0 {
            db.close().await;
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("connections stay inside of transactions");
}

#[tokio::test]
async fn a_role_that_is_above_the_guards_is_known() {
    let Some(url) = db::testing::postgres_url().await else {
        return;
    };
    let owner = Db::open_postgres(&url).await.unwrap();
    assert!(!owner.is_above_guards().await.unwrap());
    owner.close().await;
    let (_, place) = url.split_once('@').unwrap();
    let keeper = Db::open_postgres(&format!("postgres://postgres@{place}"))
        .await
        .unwrap();
    assert!(keeper.is_above_guards().await.unwrap());
    keeper.close().await;
}
