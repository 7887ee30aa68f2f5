//! Sleep, lateness, moves, pauses.

use std::time::Duration;

use app::publish::Next;
use domain::attempt::{AttemptPhase, Idempotency};
use domain::delivery::{DeliveryStatus as D, MissReason};
use domain::status::ContentStatus;
use engine::Clock as _;
use protocol::event::NotificationKind as K;
use protocol::mutation::Notice;
use protocol::{Code, Mutation};

use crate::network::Act;
use crate::world::{HOUR, MINUTE, START, World, planned};

fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

#[tokio::test]
async fn nothing_goes_out_before_its_time() {
    let world = World::new(Idempotency::None).await;
    let due = START + 10 * MINUTE;
    let piece = world.piece(&["Snow"], Some(due)).await;
    assert_eq!(
        world.step(piece.delivery).await,
        Next::Wait {
            until: Some(domain::Instant(due))
        }
    );
    world.pass(10 * MINUTE - 1);
    assert!(matches!(
        world.step(piece.delivery).await,
        Next::Wait { .. }
    ));
    assert_eq!(world.network.writes(), 0);
    world.pass(1);
    assert_eq!(world.settle(piece.delivery).await, D::Published);
}

#[tokio::test]
async fn a_computer_that_slept_over_the_time_sends_within_the_grace() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], Some(START + 10 * MINUTE)).await;
    world.step(piece.delivery).await;
    world.clock.suspend(minutes(39));
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(world.network.posts_of(piece.delivery), 1);
}

#[tokio::test]
async fn a_computer_that_slept_longer_than_the_grace_misses_and_asks() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], Some(START + 10 * MINUTE)).await;
    world.step(piece.delivery).await;
    world.clock.suspend(minutes(41));
    assert_eq!(world.settle(piece.delivery).await, D::Missed);
    assert_eq!(
        world.delivery(piece.delivery).await.miss,
        Some(MissReason::Late)
    );
    assert_eq!(world.network.writes(), 0);
    assert_eq!(world.told(K::Missed), 1);
    assert_eq!(
        world.content(piece.content).await.status,
        ContentStatus::Failed
    );
    world
        .apply(Mutation::SendNow {
            delivery: piece.delivery,
        })
        .await
        .unwrap();
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(world.network.posts_of(piece.delivery), 1);
}

#[tokio::test]
async fn an_attempt_that_a_sleep_interrupted_opens_no_socket_afterwards() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], None).await;
    let next = world.check(&world.publisher, piece.delivery).await;
    assert!(matches!(next, Next::Send { .. }));
    // The machine sleeps between the commit and the socket.
    world.clock.suspend(minutes(8 * 60));
    world.go(&world.publisher, piece.delivery, next).await;
    assert_eq!(world.network.writes(), 0);
    assert_eq!(world.phases(piece.delivery).await, [AttemptPhase::NotSent]);
    assert_eq!(world.settle(piece.delivery).await, D::Missed);
    assert_eq!(world.network.posts_of(piece.delivery), 0);
}

#[tokio::test]
async fn a_clock_that_is_set_back_lengthens_no_lease() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], None).await;
    let next = world.check(&world.publisher, piece.delivery).await;
    world.clock.jump(-HOUR);
    world.clock.advance(world.terms.lease);
    world.go(&world.publisher, piece.delivery, next).await;
    assert_eq!(
        world.network.writes(),
        0,
        "the lease ended on the clock that never jumps"
    );
}

#[tokio::test]
async fn a_request_in_the_air_while_the_machine_sleeps_is_looked_for_afterwards() {
    for class in [
        Idempotency::Natural,
        Idempotency::Refused,
        Idempotency::None,
    ] {
        let world = World::new(class).await;
        let piece = world.piece(&["Snow"], None).await;
        world.network.then([Act::Late(minutes(9 * 60))]);
        let next = world.check(&world.publisher, piece.delivery).await;
        let sleep = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            world.clock.suspend(minutes(8 * 60));
            world.clock.advance(Duration::from_secs(2));
            // An answer that is on its way is still awaited for a little.
            tokio::time::sleep(Duration::from_millis(20)).await;
            world.clock.advance(Duration::from_secs(31));
        };
        tokio::join!(world.go(&world.publisher, piece.delivery, next), sleep);
        assert_eq!(
            world.phases(piece.delivery).await,
            [AttemptPhase::Ambiguous]
        );
        assert_eq!(world.settle(piece.delivery).await, D::Published);
        assert_eq!(world.network.posts_of(piece.delivery), 1);
    }
}

#[tokio::test]
async fn moved_by_47_hours_it_goes_out_and_by_49_it_must_be_asked_again() {
    let world = World::new(Idempotency::None).await;
    world.with_chain(|_| {}).await;
    for (hours, goes) in [(47, true), (49, false)] {
        let now = world.now().0;
        let piece = world.piece(&["Snow"], Some(now + HOUR)).await;
        approve(&world, piece).await;
        let applied = world
            .apply(Mutation::MoveDelivery {
                delivery: piece.delivery,
                expected: None,
                planned: planned(domain::Instant(now + HOUR + hours * HOUR)),
            })
            .await
            .unwrap();
        assert_eq!(applied.notices.contains(&Notice::ApprovalVoided), !goes);
        world.pass((hours + 1) * HOUR);
        let end = world.settle(piece.delivery).await;
        assert_eq!(end == D::Published, goes, "{hours} h: {end:?}");
        assert_eq!(world.network.posts_of(piece.delivery), usize::from(goes));
    }
}

async fn approve(world: &World, piece: crate::world::Piece) {
    world
        .apply_as(
            world.approver,
            Mutation::Decide {
                id: domain::ids::DecisionId(uuid::Uuid::now_v7()),
                request: piece.request,
                hash: world.hash(piece).await,
                verdict: domain::approval::Verdict::Approve,
                comment: String::new(),
                stage: None,
                away: None,
            },
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn what_is_not_approved_in_time_is_missed_and_a_late_approval_sends_nothing_by_surprise() {
    let world = World::new(Idempotency::None).await;
    world.with_chain(|_| {}).await;
    let piece = world.piece(&["Snow"], Some(START + HOUR)).await;
    assert_eq!(world.settle(piece.delivery).await, D::Missed);
    assert_eq!(
        world.delivery(piece.delivery).await.miss,
        Some(MissReason::NotApproved)
    );
    approve(&world, piece).await;
    assert_eq!(world.settle(piece.delivery).await, D::Missed);
    assert_eq!(world.network.writes(), 0);
    world
        .apply(Mutation::SendNow {
            delivery: piece.delivery,
        })
        .await
        .unwrap();
    assert_eq!(world.settle(piece.delivery).await, D::Published);
}

#[tokio::test]
async fn a_pause_waits_and_its_end_follows_the_grace() {
    let world = World::new(Idempotency::None).await;
    let soon = world.piece(&["Soon"], Some(START + MINUTE)).await;
    let later = world.piece(&["Later"], Some(START + 50 * MINUTE)).await;
    world
        .apply(Mutation::SetPaused {
            persona: None,
            paused: true,
        })
        .await
        .unwrap();
    world.pass(HOUR);
    for piece in [soon, later] {
        assert_eq!(world.step(piece.delivery).await, Next::Wait { until: None });
        assert_eq!(world.status(piece.delivery).await, D::Due);
    }
    world
        .apply(Mutation::SetPaused {
            persona: None,
            paused: false,
        })
        .await
        .unwrap();
    assert_eq!(world.settle(later.delivery).await, D::Published);
    assert_eq!(world.settle(soon.delivery).await, D::Missed);
    assert_eq!(world.network.writes(), 1);
}

#[tokio::test]
async fn a_pause_of_one_persona_stops_only_that_one() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], None).await;
    let persona = Some(world.persona);
    world
        .apply(Mutation::SetPaused {
            persona,
            paused: true,
        })
        .await
        .unwrap();
    world.settle(piece.delivery).await;
    assert_eq!(world.network.writes(), 0);
    world
        .apply(Mutation::SetPaused {
            persona,
            paused: false,
        })
        .await
        .unwrap();
    assert_eq!(world.settle(piece.delivery).await, D::Published);
}

#[tokio::test]
async fn an_open_attempt_cannot_be_cancelled_or_edited_and_says_so() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], None).await;
    let next = world.check(&world.publisher, piece.delivery).await;
    let cancelled = world
        .apply(Mutation::CancelDeliveries {
            deliveries: vec![piece.delivery],
        })
        .await;
    assert_eq!(cancelled.unwrap_err(), Code::AttemptOpen);
    let (doc, _) = world.doc(piece.content, &["Other"], &[world.identity]);
    let edited = world
        .apply(Mutation::SaveVersion {
            content: piece.content,
            persona: world.persona,
            n: 2,
            doc,
        })
        .await;
    assert!(edited.is_err());
    world.go(&world.publisher, piece.delivery, next).await;
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert!(world.clock.wall() >= START);
}

#[tokio::test]
async fn a_full_disk_loses_no_outcome() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], None).await;
    world.network.then([Act::Heavy]);
    let Next::Send { attempt } = world.check(&world.publisher, piece.delivery).await else {
        panic!("it is due");
    };
    let run = world.delivery(piece.delivery).await.run.unwrap();
    db::testing::limit_pages(&world.db, 2).await;
    let refused = world
        .publisher
        .send(world.org, run, attempt)
        .await
        .unwrap_err();
    assert_ne!(refused.retry, engine::Retry::Never, "{refused}");
    assert_eq!(world.phases(piece.delivery).await, [AttemptPhase::InFlight]);
    // Nobody takes it over meanwhile, and the next try writes what is in hand.
    world.pass(HOUR);
    let next = world.check(&world.publisher, piece.delivery).await;
    assert_eq!(next, Next::Send { attempt });
    db::testing::limit_pages(&world.db, 100_000).await;
    world.go(&world.publisher, piece.delivery, next).await;
    assert_eq!(world.status(piece.delivery).await, D::Published);
    assert_eq!(world.network.writes(), 1);
}

#[tokio::test]
async fn a_wait_beyond_the_grace_is_told_at_once() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], Some(START + 10 * MINUTE)).await;
    world.pass(10 * MINUTE);
    world.network.then([Act::Throttle(Some(45 * 60))]);
    world.step(piece.delivery).await;
    let delivery = world.delivery(piece.delivery).await;
    assert_eq!(delivery.status, D::Missed, "nobody waits for 45 minutes");
    assert_eq!(delivery.miss, Some(MissReason::Late));
    assert_eq!(world.told(K::Missed), 1);
    // Once, and a person may still send it.
    assert_eq!(world.settle(piece.delivery).await, D::Missed);
    assert_eq!(world.told(K::Missed), 1);
    world
        .apply(Mutation::SendNow {
            delivery: piece.delivery,
        })
        .await
        .unwrap();
    assert_eq!(world.settle(piece.delivery).await, D::Published);
}

#[tokio::test]
async fn a_wait_within_the_grace_is_waited_for_and_so_is_the_rest_of_a_thread() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], Some(START + 10 * MINUTE)).await;
    world.pass(10 * MINUTE);
    world.network.then([Act::Throttle(Some(29 * 60))]);
    world.step(piece.delivery).await;
    assert_eq!(world.delivery(piece.delivery).await.status, D::Due);
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    let thread = world.piece(&["One", "Two"], Some(world.now().0)).await;
    world.step(thread.delivery).await;
    world.network.then([Act::Throttle(Some(90 * 60))]);
    world.step(thread.delivery).await;
    assert_eq!(world.delivery(thread.delivery).await.status, D::Due);
    assert_eq!(world.settle(thread.delivery).await, D::Published);
}
