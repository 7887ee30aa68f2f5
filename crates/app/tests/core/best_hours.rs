//! Best hours and posting slots, from the tables on.

use domain::Instant;
use domain::ids::{DeliveryId, PersonaId};
use domain::persona::{PersonaProfile, Slot};
use domain::time::{DAY, HOUR};
use protocol::{Mutation, Query};
use serde_json::Value;
use store::publication::Publication;
use store::sample::{Sample, of_publication};

use crate::world::{START, World, hosted};

/// A post of the first account that went live at this hour of the week and got so much.
async fn published(world: &World, weeks_ago: i64, hour: i64, likes: i64) {
    let piece = world.piece(None).await;
    world.out(piece.delivery).await;
    let monday = START - 9 * HOUR;
    let at = Instant(monday - weeks_ago * 7 * DAY + hour * HOUR);
    let org = world.org;
    let delivery: DeliveryId = piece.delivery;
    let done: Result<(), app::Error> = world
        .db
        .write(move |tx| {
            Box::pin(async move {
                let publication = Publication {
                    delivery,
                    segment: 0,
                    remote_id: delivery.to_string(),
                    url: None,
                    extra: Value::Null,
                    by_person: false,
                    at,
                    ended_at: None,
                };
                store::publication::save(tx, org, &publication).await?;
                // An early reading, the last one, and a number that is no answer of readers.
                for (metric, age, value) in [
                    ("likes", HOUR, 1),
                    ("likes", 7 * DAY, likes),
                    ("impressions", 7 * DAY, 1_000_000),
                ] {
                    let sample = Sample {
                        subject: of_publication(delivery, 0),
                        metric: metric.into(),
                        at: at.plus(age),
                        value,
                        run: None,
                    };
                    store::sample::insert(tx, org, &sample).await?;
                }
                Ok(())
            })
        })
        .await;
    done.unwrap();
}

#[tokio::test]
async fn best_hours_come_from_zones_until_enough_posts_were_measured() {
    let (_folder, host) = hosted().await;
    let app = &host.app;
    let world = World::of(app).await;
    let ask = || async {
        let query = Query::BestHours {
            persona: world.persona,
            at: Instant(START),
        };
        app.query(query, None).await.unwrap()
    };
    let before = ask().await;
    assert_eq!(before["basis"], "zones");
    assert_eq!(before["posts"], 0);
    assert_eq!(before["zones"], serde_json::json!(["Europe/Berlin"]));
    assert_eq!(before["hours"].as_array().unwrap().len(), 168);
    assert_eq!(before["strongest"].as_array().unwrap().len(), 6);
    assert_eq!(before["accounts"].as_array().unwrap().len(), 2);
    // Wednesday 02:00 UTC, when the audience sleeps.
    let night = 2 * 24 + 2;
    assert_eq!(before["hours"][night]["step"], 0);
    for weeks_ago in 1..=8 {
        published(&world, weeks_ago, 2 * 24 + 2, 400).await;
        published(&world, weeks_ago, 2 * 24 + 12, 4).await;
    }
    let after = ask().await;
    assert_eq!(after["basis"], "posts");
    assert_eq!(after["posts"], 16);
    assert_eq!(after["accounts"][0]["posts"], 16);
    let of = |answer: &Value, name: &str| answer["hours"][night][name].as_i64().unwrap();
    assert!(of(&after, "effect") > of(&before, "effect") + 20);
    assert!(of(&after, "low") < of(&after, "effect") && of(&after, "effect") < of(&after, "high"));
    host.stop().await;
}

#[tokio::test]
async fn a_paused_slot_is_kept_but_not_free() {
    let (_folder, host) = hosted().await;
    let app = &host.app;
    let world = World::of(app).await;
    let slot = |minute, paused| Slot {
        weekday: 3,
        minute,
        paused,
    };
    let persona = world.persona;
    let save = |slots| Mutation::SavePersona {
        id: persona,
        profile: PersonaProfile {
            name: "Hut".into(),
            zone: "UTC".into(),
            slots,
            ..PersonaProfile::default()
        },
        chain: None,
    };
    let free = |persona: PersonaId| async move {
        let query = Query::FreeSlots { persona, limit: 20 };
        let slots = app.query(query, None).await.unwrap();
        let walls = slots.as_array().unwrap().iter();
        let mut times: Vec<String> = walls
            .map(|s| s["planned"]["wall"].as_str().unwrap()[11..].to_owned())
            .collect();
        times.sort_unstable();
        times.dedup();
        times
    };
    // The same time twice is one slot, and it is in use when one of the two is.
    let slots = vec![slot(600, true), slot(660, false), slot(600, false)];
    world.ok(save(slots)).await;
    assert_eq!(free(persona).await, ["10:00", "11:00"]);
    world
        .ok(save(vec![slot(600, true), slot(660, false)]))
        .await;
    assert_eq!(free(persona).await, ["11:00"]);
    let personas = app.query(Query::Personas {}, None).await.unwrap();
    assert_eq!(personas[0]["profile"]["slots"][0]["paused"], true);
    host.stop().await;
}
