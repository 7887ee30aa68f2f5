//! The calendar: whole, and as a grid of days shows it.

use std::collections::BTreeSet;

use domain::Instant;
use domain::delivery::DeliveryStatus;
use domain::identity::NetworkId;
use domain::ids::ContentId;
use domain::status::ContentStatus;
use domain::time::{DAY, HOUR};
use protocol::query::Foremost;
use protocol::{Code, Query};
use serde_json::Value;

use crate::world::{START, World, hosted};

fn days(zone: &str, each: u32, network: Option<&str>) -> Query {
    Query::Calendar {
        from: Instant(START - 10 * DAY),
        to: Instant(START + 10 * DAY),
        persona: None,
        network: network.map(NetworkId::new),
        foremost: Some(Foremost {
            zone: zone.into(),
            each,
        }),
    }
}

fn contents(answer: &Value) -> BTreeSet<String> {
    let entries = answer["entries"].as_array().unwrap().iter();
    entries
        .map(|entry| entry["content"].as_str().unwrap().to_owned())
        .collect()
}

/// The content says so too.
async fn publish(world: &World, content: ContentId) {
    let org = world.org;
    let done: Result<(), app::Error> = world
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut found = store::content::get(tx, org, content).await?.unwrap();
                found.status = ContentStatus::Published;
                Ok(store::content::save(tx, org, &found).await?)
            })
        })
        .await;
    done.unwrap();
}

#[tokio::test]
async fn a_grid_of_days_gets_the_foremost_of_each_and_the_rest_is_counted() {
    let (_folder, host) = hosted().await;
    let app = &host.app;
    let world = World::of(app).await;
    // Six in one afternoon: one that is out, one that failed, four to come.
    let mut pieces = Vec::new();
    for n in 0..6 {
        pieces.push(world.piece(Some(START + DAY + n * 10 * 60_000)).await);
    }
    world.out(pieces[0].delivery).await;
    publish(&world, pieces[0].content).await;
    let failed = |d: &mut store::delivery::Delivery| d.status = DeliveryStatus::Failed;
    world.stand(pieces[5].delivery, failed).await;
    // One late in the evening, which is tomorrow in Auckland.
    let late = world.piece(Some(START + 2 * DAY + 13 * HOUR)).await;

    let whole = Query::Calendar {
        from: Instant(START),
        to: Instant(START + 10 * DAY),
        persona: None,
        network: None,
        foremost: None,
    };
    let whole = app.query(whole, None).await.unwrap();
    assert_eq!(contents(&whole).len(), 7, "{whole}");
    assert_eq!(whole["days"], Value::Array(vec![]));

    let grid = app.query(days("UTC", 3, None), None).await.unwrap();
    let shown = contents(&grid);
    assert_eq!(shown.len(), 4, "three of the six, and the late one: {grid}");
    let named = |n: usize| pieces[n].content.to_string();
    assert!(shown.contains(&named(5)), "what needs a person comes first");
    assert!(shown.contains(&named(1)) && shown.contains(&named(2)));
    assert!(!shown.contains(&named(0)), "what is out gives way");
    let times: Vec<&str> = grid["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["planned"]["at"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted(), "{times:?}");
    let first = &grid["days"][0];
    assert_eq!(
        (&first["count"], &first["published"]),
        (&6.into(), &1.into())
    );
    // 09:00 to 09:50 in quarters of an hour.
    let marks = first["marks"].as_array().unwrap().iter();
    let minutes: Vec<u64> = marks.map(|m| m["minute"].as_u64().unwrap()).collect();
    assert_eq!(minutes, [540, 555, 570, 585]);

    let far = app
        .query(days("Pacific/Auckland", 3, None), None)
        .await
        .unwrap();
    let of_day = |answer: &Value, n: usize| answer["days"][n]["day"].as_str().unwrap().to_owned();
    assert!(of_day(&far, 1) > of_day(&grid, 1), "{late:?} in {far}");

    let nowhere = app.query(days("UTC", 3, Some("x")), None).await.unwrap();
    assert_eq!(contents(&nowhere).len(), 0);
    assert_eq!(
        nowhere["networks"], grid["networks"],
        "the filter can be taken back"
    );
    assert_ne!(grid["networks"], Value::Array(vec![]));

    let refused = app
        .query(days("Atlantis", 3, None), None)
        .await
        .unwrap_err();
    assert_eq!(refused.code, Code::InvalidInput);
    host.stop().await;
}
