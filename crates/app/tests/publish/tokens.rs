//! A network that gives a new token with each use and takes back the old one: none is lost, and
//! none is used twice.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use app::publish::Next;
use domain::attempt::Idempotency;
use domain::delivery::{DeliveryStatus as D, HoldReason};
use protocol::Mutation;

use crate::network::Act;
use crate::world::{MINUTE, World, facts};

async fn rotating(class: Idempotency) -> World {
    let world = World::new(class).await;
    *world.machine.secret.lock().unwrap() = Some(world.network.rotate());
    world
}

fn secret(world: &World) -> Option<String> {
    world.machine.secret.lock().unwrap().clone()
}

/// Lets time pass beside `work`.
pub(crate) async fn as_time_passes<T>(world: &World, work: impl Future<Output = T>) -> T {
    let clock = world.clock.clone();
    let time = async {
        loop {
            tokio::time::sleep(Duration::from_millis(2)).await;
            clock.advance(Duration::from_secs(1));
        }
    };
    tokio::select! {
        done = work => done,
        () = time => unreachable!("time does not end"),
    }
}

#[tokio::test]
async fn a_token_that_came_after_the_lease_is_kept() {
    let world = rotating(Idempotency::None).await;
    let piece = world.piece(&["Snow"], None).await;
    let late = world.terms.lease + Duration::from_secs(10);
    world.network.then([Act::Late(late)]);
    let next = world.check(&world.publisher, piece.delivery).await;
    as_time_passes(&world, world.go(&world.publisher, piece.delivery, next)).await;
    assert_eq!(secret(&world).as_deref(), Some("token-2"));
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert!(!world.network.is_locked_out());
}

#[tokio::test]
async fn a_token_and_an_outcome_are_kept_when_nobody_waits_for_them_any_more() {
    for stopped in [false, true] {
        let world = rotating(Idempotency::None).await;
        let piece = world.piece(&["Snow"], None).await;
        world.network.then([Act::Late(Duration::from_secs(5))]);
        let next = world.check(&world.publisher, piece.delivery).await;
        tokio::select! {
            biased;
            () = world.go(&world.publisher, piece.delivery, next) => panic!("it is not over"),
            () = tokio::time::sleep(Duration::from_millis(50)) => {}
        }
        assert_eq!(world.network.posts_of(piece.delivery), 1);
        // Whoever looks meanwhile leaves it alone.
        let seen = world.check(&world.publisher, piece.delivery).await;
        assert!(matches!(seen, Next::Wait { until: Some(_) }), "{seen:?}");
        let calls = Arc::clone(&world.publisher.calls);
        as_time_passes(&world, calls.settled()).await;
        assert_eq!(secret(&world).as_deref(), Some("token-2"));
        if stopped {
            continue;
        }
        let next = world.check(&world.publisher, piece.delivery).await;
        assert!(matches!(next, Next::Send { .. }), "{next:?}");
        assert_eq!(world.settle(piece.delivery).await, D::Published);
        assert_eq!(world.network.writes(), 1);
    }
}

#[tokio::test]
async fn calls_at_once_for_one_account_use_no_token_twice() {
    let world = rotating(Idempotency::None).await;
    let mut due = Vec::new();
    for text in ["One", "Two", "Three"] {
        let piece = world.piece(&[text], None).await;
        due.push((piece, world.check(&world.publisher, piece.delivery).await));
    }
    let go = |at: usize| world.go(&world.publisher, due[at].0.delivery, due[at].1);
    tokio::join!(go(0), go(1), go(2));
    assert!(!world.network.is_locked_out());
    for (piece, _) in &due {
        assert_eq!(world.status(piece.delivery).await, D::Published);
    }
    assert_eq!(secret(&world).as_deref(), Some("token-4"));
}

#[tokio::test]
async fn a_token_that_no_keychain_takes_is_used_from_the_hand_and_stored_later() {
    let world = rotating(Idempotency::None).await;
    world.machine.locked.store(true, Ordering::SeqCst);
    let first = world.piece(&["One"], None).await;
    as_time_passes(&world, world.settle(first.delivery)).await;
    assert_eq!(secret(&world).as_deref(), Some("token-1"));
    let second = world.piece(&["Two"], None).await;
    assert_eq!(
        as_time_passes(&world, world.settle(second.delivery)).await,
        D::Published
    );
    world.machine.locked.store(false, Ordering::SeqCst);
    let third = world.piece(&["Three"], None).await;
    assert_eq!(world.settle(third.delivery).await, D::Published);
    assert_eq!(secret(&world).as_deref(), Some("token-4"));
    assert!(!world.network.is_locked_out());
}

#[tokio::test]
async fn a_refusal_from_before_a_new_sign_in_does_not_take_it_away() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], None).await;
    let Next::Send { attempt } = world.check(&world.publisher, piece.delivery).await else {
        panic!("it is due");
    };
    world.pass(MINUTE);
    let again = Mutation::UpdateIdentity {
        id: world.identity,
        facts: facts("mara"),
    };
    world.apply(again).await.unwrap();
    world
        .report(
            attempt,
            app::publish::Report::NeedsReconnect("The token has expired.".into()),
            app::publish::By::Sender(world.publisher.owner),
        )
        .await;
    let delivery = world.delivery(piece.delivery).await;
    assert_ne!(delivery.hold, Some(HoldReason::Account));
    assert_eq!(world.settle(piece.delivery).await, D::Published);
}
