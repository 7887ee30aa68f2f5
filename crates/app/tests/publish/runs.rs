//! The workflows on the engine, with a clock in the hand.

use std::sync::Arc;
use std::time::Duration;

use app::publish;
use app::workflows::{self, Backups};
use async_trait::async_trait;
use domain::approval::{Approver, RequestStatus, Verdict};
use domain::attempt::Idempotency;
use domain::delivery::DeliveryStatus as D;
use domain::identity::IdentityStatus;
use domain::person::Role;
use domain::persona::{Automation, AutomationLevel, PersonaProfile, Slot};
use engine::{Engine, Options};
use protocol::Mutation;
use protocol::event::NotificationKind as K;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::network::Act;
use crate::people::decide;
use crate::world::{HOUR, MINUTE, START, World, collector};

struct Count(std::sync::atomic::AtomicU32);

#[async_trait]
impl Backups for Count {
    async fn daily(&self) -> Result<String, String> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Ok("backup".into())
    }
}

pub(crate) struct Running {
    engine: Engine,
    stop: CancellationToken,
    backups: Arc<Count>,
}

pub(crate) fn start(world: &World) -> Running {
    let backups = Arc::new(Count(0.into()));
    let registry = workflows::registry(&world.publisher, &collector(), backups.clone());
    let engine = Engine::new(
        world.db.clone(),
        world.clock.clone(),
        registry,
        Options::default(),
    );
    let stop = CancellationToken::new();
    engine.start(&TaskTracker::new(), stop.clone());
    Running {
        engine,
        stop,
        backups,
    }
}

impl Running {
    /// Time passes in steps to each thing that is due.
    pub(crate) async fn until(&self, world: &World, at: i64) {
        loop {
            let idle = self.engine.until_idle().await.unwrap();
            let now = world.now().0;
            match idle.next {
                Some(next) if next <= at => world.pass((next - now).max(1)),
                _ if now < at => world.pass(at - now),
                _ => return,
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test]
async fn a_run_waits_for_its_time_and_publishes() {
    let world = World::new(Idempotency::None).await;
    let running = start(&world);
    let piece = world.piece(&["One", "Two"], Some(START + HOUR)).await;
    running.until(&world, START + HOUR - 1).await;
    assert_eq!(world.network.writes(), 0);
    running.until(&world, START + HOUR + MINUTE).await;
    assert_eq!(world.status(piece.delivery).await, D::Published);
    assert_eq!(world.network.posts_of(piece.delivery), 2);
}

#[tokio::test]
async fn an_approval_wakes_the_run() {
    let world = World::new(Idempotency::None).await;
    world.with_chain(|_| {}).await;
    let running = start(&world);
    let piece = world.piece(&["Snow"], None).await;
    running.until(&world, START + MINUTE).await;
    assert_eq!(world.network.writes(), 0);
    decide(&world, piece, Verdict::Approve).await;
    running.until(&world, START + 2 * MINUTE).await;
    assert_eq!(world.status(piece.delivery).await, D::Published);
}

async fn summarize(world: &World, from: Option<i64>) -> bool {
    let ctx = world.publisher.ctx(world.org, Uuid::now_v7());
    let from = from.map(domain::Instant);
    let done: Result<bool, app::Error> = world
        .db
        .write(move |tx| {
            let ctx = ctx.clone();
            Box::pin(async move {
                let mut work = app::apply::Work::begin(tx, &ctx).await?;
                let begun = workflows::summarize_absence(&mut work, from).await?;
                work.finish().await?;
                Ok(begun)
            })
        })
        .await;
    done.unwrap()
}

async fn summaries(world: &World) -> Vec<protocol::event::Notification> {
    let org = world.org;
    let told: Result<Vec<_>, app::Error> = world
        .db
        .read(move |tx| {
            Box::pin(
                async move { Ok(store::notification::since(tx, org, domain::Instant(0)).await?) },
            )
        })
        .await;
    let all = told.unwrap().into_iter().filter(|n| n.kind == "summary");
    all.map(|n| serde_json::from_str(&n.body).unwrap())
        .collect()
}

#[tokio::test]
async fn after_sleep_or_a_start_one_summary_says_what_was_late_missed_and_held() {
    for asleep in [true, false] {
        let world = World::new(Idempotency::None).await;
        let gone = world.account("gone").await;
        let before = world.piece(&["Before"], Some(START + MINUTE)).await;
        let late = world.piece(&["Late"], Some(START + HOUR)).await;
        let missed = world.piece(&["Missed"], Some(START + 30 * MINUTE)).await;
        let held = world.piece_for(gone, &["Held"], Some(START + HOUR)).await;
        let later = world.piece(&["Later"], Some(START + 5 * HOUR)).await;
        {
            let running = start(&world);
            running.until(&world, START + 10 * MINUTE).await;
        }
        assert_eq!(world.status(before.delivery).await, D::Published);
        let disconnect = Mutation::DisconnectIdentity { id: gone };
        world.apply(disconnect).await.unwrap();
        assert!(!summarize(&world, None).await, "nothing is late yet");
        world.clock.suspend(Duration::from_secs(70 * 60));
        let from = asleep.then_some(START + 10 * MINUTE);
        assert!(summarize(&world, from).await);
        // A second hint of the same is none.
        summarize(&world, from).await;
        let running = start(&world);
        running.until(&world, START + 2 * HOUR).await;
        assert_eq!(world.status(late.delivery).await, D::Published);
        assert_eq!(world.status(missed.delivery).await, D::Missed);
        assert_eq!(world.status(held.delivery).await, D::Held);
        let told = summaries(&world).await;
        assert_eq!(told.len(), 1, "{told:?}");
        let count = |name: &str| told[0].args[name].as_str();
        assert_eq!((count("late"), count("missed")), ("1", "1"));
        assert_eq!(count("held"), "1");
        assert_eq!(told[0].place, protocol::event::Place::Today);
        assert_eq!(world.status(later.delivery).await, D::Planned);
        assert!(!summarize(&world, Some(START + 90 * MINUTE)).await);
    }
}

#[tokio::test]
async fn an_absence_in_which_nothing_fell_due_is_not_told() {
    let world = World::new(Idempotency::None).await;
    world.piece(&["Later"], Some(START + 5 * HOUR)).await;
    world.clock.suspend(Duration::from_secs(60 * 60));
    assert!(!summarize(&world, Some(START)).await);
    assert!(!summarize(&world, None).await);
}

#[tokio::test]
async fn the_end_of_a_pause_wakes_what_waited() {
    let world = World::new(Idempotency::None).await;
    let running = start(&world);
    world
        .apply(Mutation::SetPaused {
            persona: None,
            paused: true,
        })
        .await
        .unwrap();
    let piece = world.piece(&["Snow"], None).await;
    running.until(&world, START + MINUTE).await;
    assert_eq!(world.status(piece.delivery).await, D::Due);
    world
        .apply(Mutation::SetPaused {
            persona: None,
            paused: false,
        })
        .await
        .unwrap();
    running.until(&world, START + 2 * MINUTE).await;
    assert_eq!(world.status(piece.delivery).await, D::Published);
}

#[tokio::test]
async fn those_who_are_asked_are_reminded_then_substitutes_then_it_expires() {
    let world = World::new(Idempotency::None).await;
    let deputy = domain::ids::PersonId(Uuid::now_v7());
    let person = Mutation::AddPerson {
        id: deputy,
        name: "Ann".into(),
        role: Role::Approver,
    };
    world.apply(person).await.unwrap();
    world
        .with_chain(|stage| {
            stage.remind_after = vec![60, 120];
            stage.escalate_after = Some(180);
            stage.escalate_to = vec![Approver::Person { id: deputy }];
        })
        .await;
    let running = start(&world);
    let piece = world.piece(&["Snow"], None).await;
    running.until(&world, START + MINUTE).await;
    assert_eq!(world.told(K::ApprovalPending), 1);
    running.until(&world, START + HOUR + MINUTE).await;
    assert_eq!(world.told(K::ApprovalPending), 2);
    running.until(&world, START + 2 * HOUR + MINUTE).await;
    assert_eq!(world.told(K::ApprovalPending), 3);
    running.until(&world, START + 3 * HOUR + MINUTE).await;
    assert_eq!(world.told(K::ApprovalPending), 4, "the deputy is asked");
    running.until(&world, START + 15 * 24 * HOUR).await;
    let request = world.newest_request(piece.content).await;
    assert_eq!(request.status, RequestStatus::Expired);
    assert_eq!(world.network.writes(), 0);
}

#[tokio::test]
async fn numbers_are_read_at_their_times_and_a_gap_stays_a_gap() {
    let world = World::new(Idempotency::None).await;
    let running = start(&world);
    let piece = world.piece(&["Snow"], None).await;
    world.network.likes(3);
    running.until(&world, START + 90 * MINUTE).await;
    // Asleep over the reading at six hours.
    world.clock.suspend(Duration::from_secs(11 * 3600));
    world.network.likes(9);
    running.until(&world, START + 25 * HOUR).await;
    let org = world.org;
    let subject = store::sample::of_publication(piece.delivery, 0);
    let samples: Result<_, app::Error> = world
        .db
        .read(|tx| Box::pin(async move { Ok(store::sample::of_subject(tx, org, &subject).await?) }))
        .await;
    let values: Vec<i64> = samples.unwrap().iter().map(|s| s.value).collect();
    assert_eq!(values, [3, 9]);
}

#[tokio::test]
async fn a_post_that_went_away_is_found_gone() {
    let world = World::new(Idempotency::None).await;
    let running = start(&world);
    let piece = world.piece(&["Snow"], None).await;
    running.until(&world, START + MINUTE).await;
    let id = world.network.posts()[0].id.clone();
    world.network.remove(&id);
    running.until(&world, START + 2 * HOUR).await;
    assert_eq!(world.status(piece.delivery).await, D::Gone);
}

#[tokio::test]
async fn what_is_deleted_is_read_back_as_gone() {
    let world = World::new(Idempotency::None).await;
    let running = start(&world);
    let piece = world.piece(&["One", "Two"], None).await;
    running.until(&world, START + MINUTE).await;
    let deliveries = vec![piece.delivery];
    world
        .apply(Mutation::DeletePublished {
            deliveries: deliveries.clone(),
        })
        .await
        .unwrap();
    running.until(&world, START + 2 * MINUTE).await;
    assert_eq!(world.status(piece.delivery).await, D::Deleted);
    assert_eq!(world.network.posts_of(piece.delivery), 0);
    assert!(
        world
            .apply(Mutation::DeletePublished { deliveries })
            .await
            .is_err()
    );
}

#[tokio::test]
async fn an_account_is_asked_every_day() {
    let world = World::new(Idempotency::None).await;
    let running = start(&world);
    running.until(&world, START + 25 * HOUR).await;
    let org = world.org;
    let id = world.identity;
    let found: Result<_, app::Error> = world
        .db
        .read(|tx| Box::pin(async move { Ok(store::identity::get(tx, org, id).await?) }))
        .await;
    let identity = found.unwrap().unwrap();
    assert_eq!(identity.status, IdentityStatus::Connected);
    assert!(identity.checked_at.unwrap().0 >= START + 24 * HOUR);
}

#[tokio::test]
async fn an_empty_slot_is_told_once_and_a_backup_made_once_a_day() {
    let world = World::new(Idempotency::None).await;
    // START is a Monday; 12:30 in Berlin is 11:30 UTC, two and a half hours later.
    let profile = PersonaProfile {
        name: "Hut".into(),
        zone: "Europe/Berlin".into(),
        slots: vec![Slot {
            weekday: 1,
            minute: 12 * 60 + 30,
            paused: false,
        }],
        automation: Automation {
            level: AutomationLevel::Remind,
            remind_before: 60,
            ..Automation::default()
        },
        ..PersonaProfile::default()
    };
    let id = world.persona;
    world
        .apply(Mutation::SavePersona {
            id,
            profile,
            chain: None,
        })
        .await
        .unwrap();
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
    let running = start(&world);
    running.until(&world, START + HOUR).await;
    assert_eq!(world.told(K::EmptySlot), 0);
    running.until(&world, START + 3 * HOUR).await;
    assert_eq!(world.told(K::EmptySlot), 1);
    running.until(&world, START + 24 * HOUR).await;
    assert_eq!(
        running.backups.0.load(std::sync::atomic::Ordering::SeqCst),
        1
    );
}

#[tokio::test]
async fn a_delivery_whose_run_was_lost_is_adopted() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], Some(START + HOUR)).await;
    let run = world.delivery(piece.delivery).await.run.unwrap();
    let done: Result<(), app::Error> = world
        .db
        .write(move |tx| {
            Box::pin(async move {
                engine::cancel_in(tx, run, "lost", START).await?;
                Ok(())
            })
        })
        .await;
    done.unwrap();
    let ctx = world.publisher.ctx(world.org, Uuid::nil());
    let adopted: Result<u32, app::Error> = world
        .db
        .write(move |tx| {
            let ctx = ctx.clone();
            Box::pin(async move {
                let mut work = app::apply::Work::begin(tx, &ctx).await?;
                let adopted = publish::adopt_orphans(&mut work).await?;
                work.finish().await?;
                Ok(adopted)
            })
        })
        .await;
    assert_eq!(adopted.unwrap(), 1);
    let running = start(&world);
    running.until(&world, START + 2 * HOUR).await;
    assert_eq!(world.status(piece.delivery).await, D::Published);
}

#[tokio::test]
async fn reconnecting_wakes_what_was_held() {
    let world = World::new(Idempotency::None).await;
    let running = start(&world);
    let piece = world.piece(&["Snow"], None).await;
    world.network.then([Act::SignIn]);
    running.until(&world, START + MINUTE).await;
    assert_eq!(world.status(piece.delivery).await, D::Held);
    let id = world.identity;
    let facts = crate::world::facts("mara");
    world
        .apply(Mutation::UpdateIdentity { id, facts })
        .await
        .unwrap();
    running.until(&world, START + 2 * MINUTE).await;
    assert_eq!(world.status(piece.delivery).await, D::Published);
}
