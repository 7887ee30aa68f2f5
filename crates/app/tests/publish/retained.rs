//! What is older than it is kept goes, and what is younger, or is somebody's work, stays.

use app::workflows;
use domain::attempt::Idempotency;
use domain::ids::ContentId;
use domain::retention::Retained;
use domain::time::DAY;
use protocol::Mutation;
use uuid::Uuid;

use crate::follower::Follower;
use crate::runs::start;
use crate::sweep::begin;
use crate::world::{HOUR, START, World};

async fn would_go(world: &World, kind: Retained, days: u32) -> u64 {
    let (org, now) = (world.org, world.now());
    let read: Result<_, store::Error> = world
        .db
        .read(move |tx| {
            Box::pin(async move { store::retention::would_go(tx, org, kind, days, now).await })
        })
        .await;
    read.unwrap()
}

async fn is_there(world: &World, content: ContentId) -> (bool, bool) {
    let org = world.org;
    let read: Result<_, store::Error> = world
        .db
        .read(move |tx| {
            Box::pin(async move {
                let there = store::content::get(tx, org, content).await?.is_some();
                let typed = store::content::working_copy(tx, org, content).await?;
                Ok((there, typed.is_some()))
            })
        })
        .await;
    read.unwrap()
}

async fn type_in(world: &World, content: ContentId, base: Option<u32>, text: &str) {
    let body = domain::content::Body {
        shared: domain::content::Variant {
            segments: vec![domain::content::Segment {
                text: text.to_owned(),
                media: vec![],
            }],
            ..Default::default()
        },
        ..Default::default()
    };
    let keep = Mutation::SaveWorkingCopy {
        content,
        persona: world.persona,
        body,
        base,
    };
    world.apply(keep).await.unwrap();
}

/// Counts of a post at two instants, and what somebody was told.
async fn measured_and_told(world: &World) {
    let (org, now) = (world.org, world.now());
    let done: Result<(), store::Error> = world
        .db
        .write(move |tx| {
            Box::pin(async move {
                for (at, value) in [(now.plus(-2 * DAY), 1), (now, 2)] {
                    let sample = store::sample::Sample {
                        subject: "identity:0".into(),
                        metric: "followers".into(),
                        at,
                        value,
                        run: None,
                    };
                    store::sample::insert(tx, org, &sample).await?;
                }
                let (key, kind) = ("told:once", "summary".to_owned());
                store::notification::insert(tx, org, key, kind, None, "{}", now).await?;
                Ok(())
            })
        })
        .await;
    done.unwrap();
}

#[tokio::test]
async fn what_is_older_than_it_is_kept_goes_and_the_rest_stays() {
    for db in db::testing::databases().await {
        let world = World::on(db, Idempotency::None).await;
        let follower = Follower::of(
            &world.db,
            world.org,
            world.writer,
            &world.publisher.networks,
        )
        .await;
        let running = start(&world);
        let piece = world.piece(&["Out"], None).await;
        let (old, young) = (ContentId(Uuid::now_v7()), ContentId(Uuid::now_v7()));
        type_in(&world, old, None, "Nobody came back to this").await;
        measured_and_told(&world).await;
        running.until(&world, START + HOUR).await;
        type_in(&world, piece.content, Some(1), "Never saved").await;
        running.until(&world, START + 100 * DAY).await;
        type_in(&world, young, None, "Young").await;

        // Nothing of what people wrote goes unless somebody says so.
        begin(&world, workflows::RETAIN).await;
        running.until(&world, START + 100 * DAY + HOUR).await;
        assert_eq!(is_there(&world, old).await, (true, true));
        assert_eq!(is_there(&world, piece.content).await, (true, true));
        assert_eq!(would_go(&world, Retained::Drafts, 90).await, 1);
        assert_eq!(would_go(&world, Retained::WorkingCopies, 90).await, 1);
        assert!(would_go(&world, Retained::Samples, 90).await >= 1);
        assert!(would_go(&world, Retained::Notifications, 90).await >= 1);
        assert_eq!(would_go(&world, Retained::Drafts, 365).await, 0);
        for kind in Retained::ALL {
            let days = Some(90);
            let set = Mutation::SetRetention { kind, days };
            world.apply(set).await.unwrap();
        }
        begin(&world, workflows::RETAIN).await;
        running.until(&world, START + 100 * DAY + 2 * HOUR).await;
        assert_eq!(is_there(&world, old).await, (false, false));
        assert_eq!(is_there(&world, young).await, (true, true));
        assert_eq!(
            is_there(&world, piece.content).await,
            (true, false),
            "the post stays, and what was typed over it goes"
        );
        for kind in Retained::ALL {
            assert_eq!(would_go(&world, kind, 90).await, 0, "{kind:?}");
        }
        let org = world.org;
        let newest: Result<_, store::Error> = world
            .db
            .read(move |tx| {
                Box::pin(async move { store::sample::of_subject(tx, org, "identity:0").await })
            })
            .await;
        assert_eq!(newest.unwrap().len(), 1, "the newest count stays");
        follower.follows("what went is gone on mirrors too").await;
    }
}
