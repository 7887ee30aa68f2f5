//! Whatever the network does with a write: at most one post, and an end that people see.

use std::time::Duration;

use domain::attempt::{AttemptPhase, Idempotency};
use domain::delivery::DeliveryStatus as D;
use domain::status::ContentStatus;
use protocol::event::NotificationKind as K;

use crate::network::Act;
use crate::world::{MINUTE, START, World};

const CLASSES: [Idempotency; 3] = [
    Idempotency::Natural,
    Idempotency::Refused,
    Idempotency::None,
];

#[tokio::test]
async fn what_is_due_goes_out_once() {
    for class in CLASSES {
        let world = World::new(class).await;
        let piece = world.piece(&["Snow"], Some(START + MINUTE)).await;
        assert_eq!(world.settle(piece.delivery).await, D::Published);
        assert_eq!(world.network.posts_of(piece.delivery), 1);
        assert_eq!(
            world.content(piece.content).await.status,
            ContentStatus::Published
        );
        assert_eq!(world.told(K::Published), 1);
        let live = world.publications(piece.delivery).await;
        assert_eq!(live.len(), 1);
        assert_eq!(live[0].url.as_deref(), Some("https://script.test/post-1"));
        let audit = world.audit().await;
        let at = |what: &str| audit.iter().position(|(action, _)| action == what).unwrap();
        assert!(at("approval_granted") < at("attempt_opened"));
        assert!(at("attempt_opened") < at("delivery_published"));
    }
}

#[tokio::test]
async fn whatever_the_network_answers_there_is_at_most_one_post() {
    use Idempotency::{Natural, None as Nothing, Refused};
    let late = Act::Late(Duration::from_secs(600));
    let table: Vec<(Act, Idempotency, D, usize)> = vec![
        (Act::Refuse, Natural, D::Failed, 0),
        (Act::Refuse, Refused, D::Failed, 0),
        (Act::Refuse, Nothing, D::Failed, 0),
        (Act::Throttle(Some(30)), Natural, D::Published, 1),
        (Act::Throttle(None), Refused, D::Published, 1),
        (Act::Throttle(Some(30)), Nothing, D::Published, 1),
        (Act::Offline, Natural, D::Published, 1),
        (Act::Offline, Refused, D::Published, 1),
        (Act::Offline, Nothing, D::Published, 1),
        (Act::DropAfter, Natural, D::Published, 1),
        (Act::DropAfter, Refused, D::Published, 1),
        (Act::DropAfter, Nothing, D::Published, 1),
        (Act::DropBefore, Natural, D::Published, 1),
        (Act::DropBefore, Refused, D::Unconfirmed, 0),
        (Act::DropBefore, Nothing, D::Unconfirmed, 0),
        (late.clone(), Natural, D::Published, 1),
        (late.clone(), Refused, D::Published, 1),
        (late, Nothing, D::Published, 1),
        (Act::Late(Duration::from_secs(5)), Nothing, D::Published, 1),
        (Act::Process(3), Natural, D::Published, 1),
        (Act::Process(0), Refused, D::Published, 1),
        (Act::Process(3), Nothing, D::Published, 1),
    ];
    for (act, class, end, posts) in table {
        let world = World::new(class).await;
        let piece = world.piece(&["Snow"], None).await;
        world.network.then([act.clone()]);
        let clock = world.clock.clone();
        let time = async {
            loop {
                tokio::time::sleep(Duration::from_millis(2)).await;
                clock.advance(Duration::from_secs(1));
            }
        };
        let settled = tokio::select! {
            end = world.settle(piece.delivery) => end,
            () = time => unreachable!("time does not end"),
        };
        assert_eq!(settled, end, "{act:?} with {class:?}");
        assert_eq!(
            world.network.posts_of(piece.delivery),
            posts,
            "{act:?} with {class:?}"
        );
        if class != Natural && matches!(act, Act::DropBefore | Act::DropAfter | Act::Late(_)) {
            assert_eq!(world.network.writes(), 1, "nothing is ever blindly resent");
        }
    }
}

#[tokio::test]
async fn a_refusal_is_told_in_the_networks_own_words() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], None).await;
    world.network.then([Act::Refuse]);
    assert_eq!(world.settle(piece.delivery).await, D::Failed);
    let delivery = world.delivery(piece.delivery).await;
    assert_eq!(delivery.words.as_deref(), Some("We do not want this here."));
    assert_eq!(world.told(K::Failed), 1);
    assert_eq!(
        world.content(piece.content).await.status,
        ContentStatus::Failed
    );
}

#[tokio::test]
async fn what_was_not_sent_is_tried_again_with_growing_waits() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], Some(START + MINUTE)).await;
    world
        .network
        .then([Act::Offline, Act::Offline, Act::Offline]);
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(
        world.phases(piece.delivery).await,
        [
            AttemptPhase::NotSent,
            AttemptPhase::NotSent,
            AttemptPhase::NotSent,
            AttemptPhase::Confirmed
        ]
    );
    let started: Vec<i64> = world
        .attempts(piece.delivery)
        .await
        .iter()
        .map(|a| a.started_at.0)
        .collect();
    let waits: Vec<i64> = started.windows(2).map(|w| w[1] - w[0]).collect();
    assert!(waits[0] < waits[1] && waits[1] < waits[2], "{waits:?}");
}

#[tokio::test]
async fn offline_for_longer_than_the_grace_is_missed_and_not_sent_late() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], Some(START + MINUTE)).await;
    world.network.offline(true);
    assert_eq!(world.settle(piece.delivery).await, D::Missed);
    world.network.offline(false);
    assert_eq!(world.settle(piece.delivery).await, D::Missed);
    assert_eq!(world.network.posts_of(piece.delivery), 0);
    assert_eq!(world.told(K::Missed), 1);
}

#[tokio::test]
async fn the_networks_wait_is_kept() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], None).await;
    world.network.then([Act::Throttle(Some(90))]);
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    let attempts = world.attempts(piece.delivery).await;
    assert_eq!(attempts[0].phase, AttemptPhase::Throttled);
    assert!(attempts[1].started_at.since(attempts[0].started_at) >= 90_000);
}
