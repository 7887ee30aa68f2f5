//! What the house does on its own: mirrors hear of it, and of what was long ago they do not.

use app::workflows;
use domain::Instant;
use domain::attempt::Idempotency;
use domain::idea::{SuggestionKind, SuggestionStatus, TrendFacts};
use domain::ids::{PersonId, SourceId, SuggestionId, TrendId};
use domain::source::{Feed, Source, SourceHealth, SourceKind};
use domain::time::DAY;
use protocol::Mutation;
use protocol::sync::{Pull, Pulled};
use store::suggestion::Suggestion;
use store::trend::Trend;
use uuid::Uuid;

use crate::follower::Follower;
use crate::runs::start;
use crate::sweep::begin;
use crate::world::{HOUR, MINUTE, START, World};

async fn follower(world: &World) -> Follower {
    Follower::of(
        &world.db,
        world.org,
        world.writer,
        &world.publisher.networks,
    )
    .await
}

#[tokio::test]
async fn how_a_source_stands_comes_to_mirrors() {
    let world = World::new(Idempotency::None).await;
    let id = SourceId(Uuid::now_v7());
    let source = Source {
        feed: Feed {
            kind: SourceKind::Feed,
            address: "https://nobody.invalid/feed.xml".into(),
            tag: String::new(),
        },
        name: "Nobody's".into(),
        personas: vec![world.persona],
    };
    world
        .apply(Mutation::SaveSource { id, source })
        .await
        .unwrap();
    let follower = follower(&world).await;
    let running = start(&world);
    running.until(&world, START + MINUTE).await;
    let org = world.org;
    let read: Result<_, store::Error> = world
        .db
        .read(move |tx| Box::pin(async move { store::source::get(tx, org, id).await }))
        .await;
    let health = read.unwrap().unwrap().state.health;
    assert_eq!(health, SourceHealth::Trouble, "nobody answers there");
    follower.follows("the source was read").await;
}

#[tokio::test]
async fn what_is_past_its_time_goes_from_mirrors_too() {
    let world = World::new(Idempotency::None).await;
    let (org, persona, now) = (world.org, world.persona, world.now());
    let long_ago = now.plus(-200 * DAY);
    let trend = Trend {
        id: TrendId(Uuid::now_v7()),
        facts: TrendFacts {
            title: "snow".into(),
            terms: vec!["snow".into()],
            observed: 9,
            expected_tenths: 10,
            hours: 6,
            sources: 2,
            surprise_tenths: 50,
            curve: vec![],
            evidence: vec![],
            items: 9,
        },
        began_at: long_ago,
        seen_at: long_ago,
    };
    let suggestion = |status, settled_at| Suggestion {
        id: SuggestionId(Uuid::now_v7()),
        persona,
        kind: SuggestionKind::UseAgain,
        about: Uuid::now_v7().to_string(),
        facts: serde_json::from_value(serde_json::json!({
            "title": "again", "why": [], "evidence": [], "qualities": [0, 0, 0, 0, 0],
        }))
        .unwrap(),
        status,
        reason: None,
        content: None,
        begun: None,
        made_at: long_ago,
        until: Some(now.plus(-DAY)),
        settled_at,
    };
    let open = suggestion(SuggestionStatus::Open, None);
    let old = suggestion(SuggestionStatus::Expired, Some(long_ago));
    let ids = [open.id, old.id];
    let made: Result<(), store::Error> = world
        .db
        .write(move |tx| {
            let (trend, open, old) = (trend.clone(), open.clone(), old.clone());
            Box::pin(async move {
                store::trend::save(tx, org, &trend, &[]).await?;
                store::suggestion::save(tx, org, &open).await?;
                store::suggestion::save(tx, org, &old).await
            })
        })
        .await;
    made.unwrap();
    let follower = follower(&world).await;
    begin(&world, workflows::TRENDS).await;
    let running = start(&world);
    running.until(&world, START + MINUTE).await;
    let read: Result<_, store::Error> = world
        .db
        .read(move |tx| {
            Box::pin(async move {
                let trends = store::trend::since(tx, org, Instant(0)).await?;
                let open = store::suggestion::get(tx, org, ids[0]).await?;
                let old = store::suggestion::get(tx, org, ids[1]).await?;
                Ok((trends.len(), open.unwrap().status, old.is_none()))
            })
        })
        .await;
    assert_eq!(read.unwrap(), (0, SuggestionStatus::Expired, true));
    follower.follows("what was past its time went").await;
}

/// What a mirror with this place hears.
async fn asked(world: &World, pull: &Pull) -> Pulled {
    let (org, person, limits) = (world.org, world.writer, app::sync::Limits::default());
    app::sync::pull(&world.db, org, person, pull.clone(), limits)
        .await
        .unwrap()
}

fn pull(world: &World) -> Pull {
    Pull {
        client: domain::ids::ClientId(Uuid::now_v7()),
        organization: world.org,
        cursor: None,
        settled: 0,
        entities: store::sync::ENTITIES
            .iter()
            .map(|e| e.name.to_owned())
            .collect(),
    }
}

/// A mirror that knows everything.
async fn up_to_date(world: &World) -> Pull {
    let mut pull = pull(world);
    loop {
        let Pulled::Page(page) = asked(world, &pull).await else {
            panic!("begun afresh twice")
        };
        pull.cursor = Some(page.cursor);
        if !page.has_more {
            return pull;
        }
    }
}

#[tokio::test]
async fn changes_are_kept_for_two_months_and_who_comes_later_begins_afresh() {
    let world = World::new(Idempotency::None).await;
    let change = async |name: &str| {
        let add = Mutation::AddPerson {
            id: PersonId(Uuid::now_v7()),
            name: name.into(),
            role: domain::person::Role::Viewer,
        };
        world.apply(add).await.unwrap();
    };
    let running = start(&world);
    let old = up_to_date(&world).await;
    change("Ann").await;
    begin(&world, workflows::RETAIN).await;
    running.until(&world, START + HOUR).await;
    change("Ben").await;
    let newer = up_to_date(&world).await;
    change("Cat").await;
    running.until(&world, START + 59 * DAY).await;
    begin(&world, workflows::RETAIN).await;
    running.until(&world, START + 59 * DAY + HOUR).await;
    assert_ne!(asked(&world, &old).await, Pulled::Reset, "still kept");
    running.until(&world, START + 61 * DAY).await;
    begin(&world, workflows::RETAIN).await;
    running.until(&world, START + 61 * DAY + HOUR).await;
    assert_eq!(asked(&world, &old).await, Pulled::Reset);
    assert_ne!(asked(&world, &newer).await, Pulled::Reset, "it is younger");
}
