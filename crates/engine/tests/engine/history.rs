use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use db::{Db, Error, Uuid, testing};
use engine::{Failure, Filter, Registry, RunState, RunView, Start};
use serde_json::{Value, json};

use crate::support::{Flow, House, NOW, begin, deed, deeds};

async fn runs(db: &Db, filter: Filter) -> Vec<RunView> {
    let runs: Result<_, Error> = db
        .read(move |tx| Box::pin(async move { engine::runs(tx, &filter).await }))
        .await;
    runs.unwrap()
}

async fn retry(house: &House, id: Uuid, from: Option<(&'static str, i64)>) -> bool {
    let now = house.now();
    let retried: Result<bool, Error> = house
        .db
        .write(move |tx| Box::pin(async move { engine::retry_in(tx, id, from, now).await }))
        .await;
    house.engine.nudge();
    retried.unwrap()
}

#[tokio::test]
async fn runs_are_found_by_what_they_are_about_and_paged() {
    for db in testing::databases().await {
        let house = House::new(&db, Registry::new()).await;
        let organization = Uuid::new_v4();
        let mut ids = Vec::new();
        for n in 0..5 {
            let mut start = Start::new(Uuid::new_v4(), "publish", 1, json!(n), NOW + n);
            start.subject = Some(format!("delivery:{}", n % 2));
            start.organization = (n < 4).then_some(organization);
            ids.push(begin(&db, start).await.id);
        }
        let seen = |runs: Vec<RunView>| runs.into_iter().map(|r| r.id).collect::<Vec<_>>();
        let about = Filter {
            subject: Some("delivery:0".into()),
            ..Filter::default()
        };
        assert_eq!(seen(runs(&db, about).await), [ids[4], ids[2], ids[0]]);
        let mine = Filter {
            organization: Some(organization),
            limit: 3,
            ..Filter::default()
        };
        let page = runs(&db, mine.clone()).await;
        assert_eq!(seen(page.clone()), [ids[3], ids[2], ids[1]]);
        let last = page.last().unwrap();
        let rest = Filter {
            before: Some((last.created_at, last.id)),
            ..mine
        };
        assert_eq!(seen(runs(&db, rest).await), [ids[0]]);
        let done = Filter {
            state: Some(RunState::Done),
            ..Filter::default()
        };
        assert!(runs(&db, done).await.is_empty());
        house.stop().await;
    }
}

#[tokio::test]
async fn a_failed_run_goes_on_from_a_step() {
    for db in testing::databases().await {
        let works = Arc::new(AtomicBool::new(false));
        let w = works.clone();
        let flow = Flow::new("fragile", move |ctx, _| {
            let works = w.clone();
            Box::pin(async move {
                for name in ["one", "two"] {
                    ctx.step_tx(name, move |tx| deed(tx, name.into())).await?;
                }
                ctx.run("three", || async move {
                    if works.load(Ordering::SeqCst) {
                        Ok(())
                    } else {
                        Err(Failure::fatal("broken", "not yet"))
                    }
                })
                .await?;
                Ok(Value::Null)
            })
        });
        let house = House::new(&db, Registry::new().with(flow)).await;
        let id = house.start("fragile", Value::Null).await;
        house.idle().await;
        assert_eq!(house.run(id).await.state, RunState::Failed);
        assert!(!retry(&house, id, Some(("unknown", 0))).await);
        assert!(retry(&house, id, None).await);
        house.idle().await;
        assert_eq!(house.run(id).await.state, RunState::Failed);
        assert_eq!(
            deeds(&db).await,
            ["one", "two"],
            "what had succeeded is kept"
        );
        works.store(true, Ordering::SeqCst);
        assert!(retry(&house, id, Some(("two", 0))).await);
        house.idle().await;
        assert_eq!(house.run(id).await.state, RunState::Done);
        assert_eq!(deeds(&db).await, ["one", "two", "two"]);
        assert!(
            !retry(&house, id, None).await,
            "a run that succeeded is not tried again"
        );
    }
}

#[tokio::test]
async fn a_run_of_an_unknown_revision_is_stranded_and_holds_up_nobody() {
    for db in testing::databases().await {
        let flow = |revision| {
            Flow::new("flow", move |_, _| {
                Box::pin(async move { Ok(json!(revision)) })
            })
            .revision(revision)
        };
        let registry = Registry::new().with(flow(1));
        let house = House::new(&db, registry.clone()).await;
        let later = Start::new(Uuid::new_v4(), "flow", 2, Value::Null, NOW);
        let later = house.start_as(later).await;
        let known = house.start("flow", Value::Null).await;
        house.idle().await;
        assert_eq!(house.run(known).await.output, Some(json!(1)));
        assert_eq!(house.run(later).await.state, RunState::Ready);
        let stranded: Result<Vec<RunView>, Error> = db
            .read(move |tx| Box::pin(async move { engine::stranded(tx, &registry).await }))
            .await;
        assert_eq!(stranded.unwrap()[0].id, later);
        house.stop().await;
        let newer = House::new(&db, Registry::new().with(flow(1)).with(flow(2))).await;
        newer.idle().await;
        assert_eq!(newer.run(later).await.output, Some(json!(2)));
    }
}

#[tokio::test]
async fn a_step_whose_kind_changed_is_refused_loudly() {
    for db in testing::databases().await {
        let before = Flow::new("flow", |ctx, _| {
            Box::pin(async move {
                ctx.run("step", || async { Ok(()) }).await?;
                ctx.sleep("nap", Duration::from_secs(10)).await?;
                Ok(Value::Null)
            })
        });
        let after = Flow::new("flow", |ctx, _| {
            Box::pin(async move {
                ctx.sleep("step", Duration::from_secs(1)).await?;
                Ok(Value::Null)
            })
        });
        let house = House::new(&db, Registry::new().with(before)).await;
        let id = house.start("flow", Value::Null).await;
        house.idle().await;
        let clock = house.clock.clone();
        house.stop().await;
        let house = House::with(
            &db,
            Registry::new().with(after),
            clock,
            engine::Options::default(),
        )
        .await;
        house.pass(Duration::from_secs(10)).await;
        assert_eq!(house.run(id).await.error.unwrap().0, "step_kind_changed");
    }
}

#[tokio::test]
async fn old_runs_and_events_are_forgotten() {
    for db in testing::databases().await {
        let flow = Flow::new("flow", |ctx, _| {
            Box::pin(async move {
                ctx.run("step", || async { Ok(()) }).await?;
                Ok(Value::Null)
            })
        });
        let house = House::new(&db, Registry::new().with(flow)).await;
        let old = house.start("flow", Value::Null).await;
        house
            .emit(engine::Event::new("e", "k", Value::Null, NOW))
            .await;
        house.idle().await;
        house.pass(Duration::from_secs(3600)).await;
        let young = house.start("flow", Value::Null).await;
        house.idle().await;
        let organization = uuid::Uuid::from_u128(1);
        let gone: Result<(u64, u64), Error> = db
            .write(move |tx| {
                Box::pin(async move {
                    let runs = engine::purge_in(tx, organization, NOW + 1_000, 100).await?;
                    let events = engine::purge_events_in(tx, NOW + 1_000, 100).await?;
                    Ok((runs, events))
                })
            })
            .await;
        assert_eq!(gone.unwrap(), (1, 1));
        assert!(house.steps(old).await.is_empty());
        assert_eq!(house.steps(young).await.len(), 1);
    }
}
