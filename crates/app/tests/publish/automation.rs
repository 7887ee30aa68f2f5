//! The automation ladder where no model is set up: what is done with an empty slot, once, and what
//! keeps it from being done.

use std::collections::BTreeSet;

use app::workflows;
use domain::Instant;
use domain::attempt::Idempotency;
use domain::fill::{FillDone, FillReason};
use domain::idea::{SuggestionKind, SuggestionStatus};
use domain::identity::NetworkId;
use domain::ids::{ContentId, SuggestionId};
use domain::person::Actor;
use domain::persona::{Automation, AutomationLevel, PersonaProfile, Slot};
use domain::status::ContentStatus;
use domain::time::QuietHours;
use protocol::event::NotificationKind as K;
use protocol::{Code, Mutation};
use store::fill::Fill;
use store::suggestion::Suggestion;
use uuid::Uuid;

use crate::runs::start;
use crate::sweep::begin;
use crate::world::{HOUR, MINUTE, START, World};

/// The slots of a Monday in Berlin, the first at 12:30 (11:30 UTC; the clock begins at 9:00 UTC).
pub(crate) async fn automate(world: &World, slots: u16, automation: Automation) {
    let slots = (0..slots).map(|n| Slot {
        weekday: 1,
        minute: (12 + n) * 60 + 30,
        paused: false,
    });
    let profile = PersonaProfile {
        name: "Hut".into(),
        zone: "Europe/Berlin".into(),
        slots: slots.collect(),
        automation,
        ..PersonaProfile::default()
    };
    let (org, id) = (world.org, world.persona);
    let chain: Result<_, app::Error> = world
        .db
        .read(move |tx| Box::pin(async move { Ok(store::persona::get(tx, org, id).await?) }))
        .await;
    let chain = chain.unwrap().and_then(|persona| persona.chain);
    let save = Mutation::SavePersona { id, profile, chain };
    world.apply(save).await.unwrap();
}

fn at(level: AutomationLevel) -> Automation {
    Automation {
        level,
        remind_before: 120,
        ..Automation::default()
    }
}

/// An open suggestion that builds on an own post.
pub(crate) async fn suggest(world: &World, title: &str) -> SuggestionId {
    let made = Suggestion {
        id: SuggestionId(Uuid::now_v7()),
        persona: world.persona,
        kind: SuggestionKind::UseAgain,
        about: title.into(),
        facts: serde_json::from_value(serde_json::json!({
            "title": title, "why": [], "evidence": [], "accounts": [world.identity],
            "own": {"content": Uuid::now_v7(), "headline": title, "text": "Late snow again.",
                "at": Instant(START)},
            "qualities": [0, 0, 0, 0, 0],
        }))
        .unwrap(),
        status: SuggestionStatus::Open,
        reason: None,
        content: None,
        begun: None,
        made_at: world.now(),
        until: None,
        settled_at: None,
    };
    let (org, id) = (world.org, made.id);
    let done: Result<(), store::Error> = world
        .db
        .write(move |tx| {
            let made = made.clone();
            Box::pin(async move { store::suggestion::save(tx, org, &made).await })
        })
        .await;
    done.unwrap();
    id
}

async fn suggestion(world: &World, id: SuggestionId) -> Suggestion {
    let org = world.org;
    let read: Result<_, store::Error> = world
        .db
        .read(move |tx| Box::pin(async move { store::suggestion::get(tx, org, id).await }))
        .await;
    read.unwrap().unwrap()
}

/// What was done, the first slot first.
pub(crate) async fn fills(world: &World) -> Vec<Fill> {
    let org = world.org;
    let read: Result<_, store::Error> = world
        .db
        .read(move |tx| Box::pin(async move { store::fill::since(tx, org, Instant(0)).await }))
        .await;
    let mut fills = read.unwrap();
    fills.sort_by_key(|fill| fill.slot);
    fills
}

async fn content(world: &World, id: ContentId) -> store::content::Content {
    let org = world.org;
    let read: Result<_, store::Error> = world
        .db
        .read(move |tx| Box::pin(async move { store::content::get(tx, org, id).await }))
        .await;
    read.unwrap().unwrap()
}

async fn calendar(world: &World) {
    let org = world.org;
    let set: Result<(), engine::Failure> = world
        .db
        .write(move |tx| {
            Box::pin(async move {
                workflows::schedule(tx, org, "UTC", START, &workflows::CALENDAR).await
            })
        })
        .await;
    set.unwrap();
}

#[tokio::test]
async fn without_a_model_a_slot_gets_one_outline_which_nobody_submits() {
    let world = World::new(Idempotency::None).await;
    world.with_chain(|_| {}).await;
    automate(&world, 1, at(AutomationLevel::Plan)).await;
    suggest(&world, "Snow").await;
    suggest(&world, "Ice").await;
    calendar(&world).await;
    let running = start(&world);
    running.until(&world, START + 20 * MINUTE).await;
    assert_eq!(fills(&world).await, [], "it is not near yet");
    running.until(&world, START + 2 * HOUR).await;
    let [fill] = &fills(&world).await[..] else {
        panic!("{:?}", fills(&world).await)
    };
    assert_eq!(
        (fill.done, fill.reason),
        (FillDone::Outlined, Some(FillReason::NoModel))
    );
    assert_eq!(fill.slot.0, START + 2 * HOUR + 30 * MINUTE);
    let made = content(&world, fill.content.unwrap()).await;
    assert_eq!((made.status, made.n), (ContentStatus::Draft, 0));
    assert_eq!(made.at, Some(fill.slot), "it is in the slot");
    assert_eq!(made.author, None);
    assert_eq!(world.told(K::DraftMade), 1);
    let taken = suggestion(&world, fill.suggestion.unwrap()).await;
    assert_eq!(taken.status, SuggestionStatus::Drafted);
    assert_eq!(taken.content, fill.content);
    assert!(taken.begun.is_some());
    // A person cannot submit it as it is, either.
    let piece = world.piece_on(made.id, "Late snow again.", 1).await;
    let ask = Mutation::RequestApproval {
        id: piece.0,
        content: made.id,
        n: 1,
        hash: piece.1,
        added: None,
    };
    assert_eq!(world.apply(ask).await, Err(Code::OutlineUnedited));
    // Whoever goes on with it has taken the suggestion, here under another title.
    let taken = suggestion(&world, fill.suggestion.unwrap()).await;
    assert_eq!(taken.status, SuggestionStatus::Edited);
}

#[tokio::test]
async fn a_rung_below_drafts_tells_what_could_be_said_and_makes_nothing() {
    let world = World::new(Idempotency::None).await;
    automate(&world, 2, at(AutomationLevel::Suggest)).await;
    let id = suggest(&world, "Snow").await;
    calendar(&world).await;
    let running = start(&world);
    running.until(&world, START + 4 * HOUR).await;
    let fills = fills(&world).await;
    let done: Vec<_> = fills.iter().map(|f| (f.done, f.reason)).collect();
    // The same is not suggested for the next slot.
    assert_eq!(
        done,
        [
            (FillDone::Suggested, None),
            (FillDone::Reminded, Some(FillReason::NoIdea))
        ]
    );
    assert_eq!((world.told(K::SlotIdea), world.told(K::EmptySlot)), (1, 1));
    assert_eq!(fills[0].suggestion, Some(id));
    assert_eq!(suggestion(&world, id).await.status, SuggestionStatus::Open);
}

#[tokio::test]
async fn quiet_hours_put_it_off_and_a_slot_within_them_is_left() {
    let world = World::new(Idempotency::None).await;
    let automation = Automation {
        quiet_hours: Some(QuietHours {
            from: 8 * 60,
            to: 12 * 60 + 15,
        }),
        ..at(AutomationLevel::Draft)
    };
    automate(&world, 1, automation.clone()).await;
    suggest(&world, "Snow").await;
    calendar(&world).await;
    let running = start(&world);
    running.until(&world, START + 3 * HOUR).await;
    let fill = fills(&world).await.remove(0);
    assert_eq!(fill.done, FillDone::Outlined);
    // 12:15 in Berlin.
    assert_eq!(fill.at.0, START + 2 * HOUR + 15 * MINUTE);

    let world = World::new(Idempotency::None).await;
    let automation = Automation {
        quiet_hours: Some(QuietHours {
            from: 8 * 60,
            to: 20 * 60,
        }),
        ..automation
    };
    automate(&world, 1, automation).await;
    suggest(&world, "Snow").await;
    calendar(&world).await;
    let running = start(&world);
    running.until(&world, START + 3 * HOUR).await;
    let fill = fills(&world).await.remove(0);
    assert_eq!(
        (fill.done, fill.reason),
        (FillDone::Left, Some(FillReason::Quiet))
    );
    assert_eq!(world.told(K::DraftMade), 0);
}

#[tokio::test]
async fn no_more_drafts_are_made_in_a_day_than_the_cap_says() {
    let world = World::new(Idempotency::None).await;
    let automation = Automation {
        daily_cap: 1,
        ..at(AutomationLevel::Draft)
    };
    automate(&world, 3, automation).await;
    for title in ["Snow", "Ice", "Fog", "Rain"] {
        suggest(&world, title).await;
    }
    calendar(&world).await;
    let running = start(&world);
    running.until(&world, START + 6 * HOUR).await;
    let done: Vec<_> = fills(&world)
        .await
        .iter()
        .map(|f| (f.done, f.reason))
        .collect();
    let capped = (FillDone::Suggested, Some(FillReason::Cap));
    let first = (FillDone::Outlined, Some(FillReason::NoModel));
    assert_eq!(done, [first, capped, capped]);
}

#[tokio::test]
async fn what_is_paused_taken_or_on_no_chosen_network_gets_no_draft() {
    let world = World::new(Idempotency::None).await;
    let pause = |persona, paused| Mutation::SetPaused { persona, paused };
    automate(&world, 1, at(AutomationLevel::Plan)).await;
    suggest(&world, "Snow").await;
    calendar(&world).await;
    let running = start(&world);
    for whose in [None, Some(world.persona)] {
        world.apply(pause(whose, true)).await.unwrap();
        running.until(&world, world.now().0 + 45 * MINUTE).await;
        world.apply(pause(whose, false)).await.unwrap();
    }
    assert_eq!(fills(&world).await, []);
    // 90 minutes have passed. Something goes out in the slot.
    let slot = START + 2 * HOUR + 30 * MINUTE;
    world.piece(&["Mine"], Some(slot + 10 * MINUTE)).await;
    running.until(&world, START + 100 * MINUTE).await;
    // It may be empty again later: nothing is begun for it.
    assert_eq!(fills(&world).await, []);

    let world = World::new(Idempotency::None).await;
    let automation = Automation {
        networks: vec![NetworkId::new("elsewhere")],
        ..at(AutomationLevel::Plan)
    };
    automate(&world, 1, automation).await;
    suggest(&world, "Snow").await;
    calendar(&world).await;
    let running = start(&world);
    running.until(&world, START + 2 * HOUR).await;
    let fill = fills(&world).await.remove(0);
    assert_eq!(
        (fill.done, fill.reason),
        (FillDone::Reminded, Some(FillReason::NoAccount))
    );
}

#[tokio::test]
async fn a_draft_that_is_thrown_away_was_not_wanted_and_one_submitted_by_no_person_is_refused() {
    let world = World::new(Idempotency::None).await;
    automate(&world, 1, at(AutomationLevel::Draft)).await;
    suggest(&world, "Snow").await;
    calendar(&world).await;
    let running = start(&world);
    running.until(&world, START + 2 * HOUR).await;
    let content = fills(&world).await[0].content.unwrap();
    // No chain asks anybody: what is submitted would go out.
    let (request, hash) = world.piece_on(content, "A person wrote this.", 1).await;
    let ask = Mutation::RequestApproval {
        id: request,
        content,
        n: 1,
        hash,
        added: None,
    };
    let refused = world.apply_under(Actor::Run { id: Uuid::nil() }, ask).await;
    assert_eq!(refused, Err(Code::Forbidden));

    let world = World::new(Idempotency::None).await;
    automate(&world, 1, at(AutomationLevel::Draft)).await;
    let other = suggest(&world, "Snow").await;
    calendar(&world).await;
    let running = start(&world);
    running.until(&world, START + 2 * HOUR).await;
    let content = fills(&world).await[0].content.unwrap();
    let delete = Mutation::DeleteDraft { content };
    world.apply(delete).await.unwrap();
    let unwanted = suggestion(&world, other).await;
    assert_eq!(unwanted.status, SuggestionStatus::Dismissed);
}

/// After each kill every slot has one fill, every fill one draft, every draft one delivery.
#[tokio::test]
async fn killed_at_any_commit_a_slot_is_filled_once() {
    let sweep = crate::sweep::Sweep::ago(MINUTE).await;
    let world = &sweep.world;
    let slots = (1..=7).flat_map(|weekday| {
        (0..24).map(move |hour| Slot {
            weekday,
            minute: hour * 60,
            paused: false,
        })
    });
    let profile = PersonaProfile {
        name: "Hut".into(),
        zone: "UTC".into(),
        slots: slots.collect(),
        automation: Automation {
            remind_before: 60,
            daily_cap: 100,
            ..at(AutomationLevel::Draft)
        },
        ..PersonaProfile::default()
    };
    let save = Mutation::SavePersona {
        id: world.persona,
        profile,
        chain: None,
    };
    world.apply(save).await.unwrap();
    for title in ["Snow", "Ice", "Fog"] {
        suggest(world, title).await;
    }
    begin(world, workflows::REMIND).await;
    sweep
        .over(4, async |world: &World, what: &str| {
            let fills = fills(world).await;
            // The hour may strike between two children.
            assert!((1..=2).contains(&fills.len()), "{what}: {fills:?}");
            let drafts: BTreeSet<_> = fills.iter().filter_map(|f| f.content).collect();
            assert_eq!(drafts.len(), fills.len(), "{what}: {fills:?}");
            let org = world.org;
            let read: Result<_, app::Error> = world
                .db
                .read(move |tx| {
                    Box::pin(async move {
                        let mut found = Vec::new();
                        for id in store::content::ids(tx, org).await? {
                            let deliveries = store::delivery::of_content(tx, org, id).await?;
                            found.push((id, deliveries.len()));
                        }
                        Ok(found)
                    })
                })
                .await;
            let made = read.unwrap();
            assert_eq!(made.len(), drafts.len(), "{what}");
            assert!(made.iter().all(|(_, n)| *n == 1), "{what}: {made:?}");
        })
        .await;
}
