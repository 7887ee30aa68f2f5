//! A thread is a sequence of segments, each with its own checkpoint.

use domain::attempt::{AttemptPhase, Idempotency};
use domain::delivery::DeliveryStatus as D;
use domain::status::ContentStatus;
use protocol::mutation::{DeliveryPlan, UnconfirmedAnswer};
use protocol::{Code, Mutation};

use crate::network::Act;
use crate::world::{MINUTE, World, planned};

#[tokio::test]
async fn a_thread_hangs_together() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["One", "Two", "Three"], None).await;
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    let posts = world.network.posts();
    let shape: Vec<_> = posts
        .iter()
        .map(|p| (p.text.as_str(), p.root.as_deref(), p.parent.as_deref()))
        .collect();
    assert_eq!(
        shape,
        [
            ("One", None, None),
            ("Two", Some("post-1"), Some("post-1")),
            ("Three", Some("post-1"), Some("post-2"))
        ]
    );
    let delivery = world.delivery(piece.delivery).await;
    assert_eq!((delivery.live, delivery.segments), (3, 3));
}

#[tokio::test]
async fn a_retry_goes_on_after_the_last_confirmed_segment() {
    for class in [
        Idempotency::Natural,
        Idempotency::Refused,
        Idempotency::None,
    ] {
        let mut world = World::new(class).await;
        let piece = world.piece(&["One", "Two", "Three"], None).await;
        world
            .network
            .then([Act::Accept, Act::Offline, Act::DropAfter]);
        // Up to the confirmed first segment, then the process dies.
        world.step(piece.delivery).await;
        world.restart();
        assert_eq!(
            world.settle(piece.delivery).await,
            D::Published,
            "{class:?}"
        );
        let texts: Vec<String> = world.network.posts().into_iter().map(|p| p.text).collect();
        assert_eq!(texts, ["One", "Two", "Three"], "{class:?}");
    }
}

#[tokio::test]
async fn the_rest_of_a_thread_follows_whatever_the_hour() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["One", "Two"], None).await;
    world
        .network
        .then([Act::Accept, Act::Throttle(Some(3 * 60 * 60))]);
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(world.network.posts_of(piece.delivery), 2);
}

#[tokio::test]
async fn a_refused_rest_says_what_is_live() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["One", "Two"], None).await;
    world.network.then([Act::Accept, Act::Refuse]);
    assert_eq!(world.settle(piece.delivery).await, D::Failed);
    let delivery = world.delivery(piece.delivery).await;
    assert_eq!((delivery.live, delivery.segments), (1, 2));
    assert_eq!(
        world.phases(piece.delivery).await,
        [AttemptPhase::Confirmed, AttemptPhase::Rejected]
    );
    assert_eq!(
        world.content(piece.content).await.status,
        ContentStatus::Failed
    );
}

#[tokio::test]
async fn a_refused_rest_can_be_sent_again_by_itself() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["One", "Two"], None).await;
    world.network.then([Act::Accept, Act::Refuse]);
    assert_eq!(world.settle(piece.delivery).await, D::Failed);
    let again = protocol::Mutation::SendNow {
        delivery: piece.delivery,
    };
    world.apply(again).await.unwrap();
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    let texts: Vec<String> = world.network.posts().into_iter().map(|p| p.text).collect();
    assert_eq!(texts, ["One", "Two"]);
}

#[tokio::test]
async fn the_rest_does_not_go_out_alone_after_a_part_that_is_live_by_word() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["One", "Two"], None).await;
    let delivery = piece.delivery;
    world.network.then([Act::DropBefore]);
    assert_eq!(world.settle(delivery).await, D::Unconfirmed);
    let answer = UnconfirmedAnswer::ItIsLive { url: None };
    world
        .apply(Mutation::AnswerUnconfirmed { delivery, answer })
        .await
        .unwrap();
    assert_eq!(world.status(delivery).await, D::Failed);
    let again = world.apply(Mutation::SendNow { delivery }).await;
    assert_eq!(again.unwrap_err(), Code::WrongState);
    // Another time changes nothing of that: the part would hang on nothing.
    let later = planned(world.now().plus(MINUTE));
    let moved = Mutation::MoveDelivery {
        delivery,
        expected: None,
        planned: later.clone(),
    };
    assert_eq!(world.apply(moved).await.unwrap_err(), Code::WrongState);
    let plan = DeliveryPlan {
        id: delivery,
        identity: world.identity,
        planned: Some(later),
        grace: None,
        hand_off: None,
    };
    let plan = Mutation::Plan {
        content: piece.content,
        deliveries: vec![plan],
    };
    assert_eq!(world.apply(plan).await.unwrap_err(), Code::WrongState);
    assert_eq!(world.settle(delivery).await, D::Failed);
    assert_eq!(world.network.writes(), 1, "the rest was never tried");
}
