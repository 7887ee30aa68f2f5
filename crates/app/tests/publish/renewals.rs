//! A sign-in that ends is renewed before it does, or a person is told at once.

use domain::attempt::Idempotency;
use domain::delivery::{DeliveryStatus as D, HoldReason};
use domain::identity::IdentityStatus;
use protocol::Mutation;
use protocol::event::NotificationKind as K;

use crate::network::{Act, LIVES};
use crate::runs::start;
use crate::world::{HOUR, MINUTE, START, World, facts};

fn sign_in(world: &World, ends: i64) {
    *world.machine.secret.lock().unwrap() = Some(ends.to_string());
}

#[tokio::test]
async fn a_sign_in_is_renewed_ahead_of_its_end_again_and_again() {
    let world = World::new(Idempotency::None).await;
    sign_in(&world, START + LIVES);
    let running = start(&world);
    running.until(&world, START + LIVES - 11 * MINUTE).await;
    assert_eq!(world.network.renewed(), 0);
    running.until(&world, START + LIVES - 9 * MINUTE).await;
    assert_eq!(world.network.renewed(), 1);
    running.until(&world, START + 20 * HOUR).await;
    let renewed = world.network.renewed();
    assert!((10..=12).contains(&renewed), "{renewed}");
    let kept = world.machine.secret.lock().unwrap().clone().unwrap();
    assert!(kept.parse::<i64>().unwrap() > START + 20 * HOUR, "{kept}");
    assert_eq!(world.identity_status().await, IdentityStatus::Connected);
}

#[tokio::test]
async fn a_network_that_is_away_is_asked_again_until_it_answers() {
    let world = World::new(Idempotency::None).await;
    sign_in(&world, START + LIVES);
    world.network.renews([Act::Offline, Act::Offline]);
    let running = start(&world);
    running.until(&world, START + LIVES).await;
    assert_eq!(world.network.renewed(), 3);
    assert_eq!(world.identity_status().await, IdentityStatus::Connected);
}

#[tokio::test]
async fn a_dead_sign_in_is_told_at_once_and_holds_what_waits() {
    let world = World::new(Idempotency::None).await;
    sign_in(&world, START + LIVES);
    world.network.renews([Act::SignIn]);
    let running = start(&world);
    let piece = world.piece(&["Snow"], Some(START + 5 * HOUR)).await;
    running.until(&world, START + LIVES).await;
    assert_eq!(
        world.identity_status().await,
        IdentityStatus::NeedsReconnect
    );
    assert_eq!(world.told(K::Reconnect), 1);
    let held = world.delivery(piece.delivery).await;
    assert_eq!(
        (held.status, held.hold),
        (D::Held, Some(HoldReason::Account))
    );
    // A person signs in again: it goes out, and the new sign-in is renewed in its turn.
    sign_in(&world, START + 2 * LIVES);
    let id = world.identity;
    let facts = facts("mara");
    world
        .apply(Mutation::UpdateIdentity { id, facts })
        .await
        .unwrap();
    running.until(&world, START + 6 * HOUR).await;
    assert_eq!(world.status(piece.delivery).await, D::Published);
    assert!(world.network.renewed() >= 3);
}

#[tokio::test]
async fn a_sign_in_that_does_not_end_is_left_alone() {
    let world = World::new(Idempotency::None).await;
    let running = start(&world);
    running.until(&world, START + 48 * HOUR).await;
    assert_eq!(world.network.renewed(), 0);
    assert_eq!(world.identity_status().await, IdentityStatus::Connected);
}

#[tokio::test]
async fn a_sign_in_that_nothing_renews_is_told_before_it_ends_once() {
    let world = World::new(Idempotency::None).await;
    let over = domain::Instant(START + 5 * 24 * HOUR);
    let mut facts = facts("mara");
    let settings = &mut facts.settings;
    settings.insert(networks::SIGN_IN_OVER.to_owned(), over.to_string());
    let id = world.identity;
    world
        .apply(Mutation::UpdateIdentity { id, facts })
        .await
        .unwrap();
    let running = start(&world);
    running.until(&world, START + 47 * HOUR).await;
    assert_eq!(world.told(K::SignInOver), 0);
    running.until(&world, START + 4 * 24 * HOUR).await;
    assert_eq!(world.told(K::SignInOver), 1);
    running.until(&world, START + 115 * HOUR).await;
    assert_eq!(world.told(K::SignInOver), 1);
    assert_eq!(world.identity_status().await, IdentityStatus::Connected);
}
