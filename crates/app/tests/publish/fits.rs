//! Accounts, limits, files and folders that stand in the way: held, told, and released.

use std::sync::atomic::Ordering;

use app::publish::Next;
use domain::attempt::Idempotency;
use domain::delivery::{DeliveryStatus as D, HoldReason};
use domain::identity::IdentityStatus;
use protocol::Mutation;
use protocol::event::NotificationKind as K;
use protocol::mutation::UnconfirmedAnswer;

use crate::network::Act;
use crate::world::{HOUR, MINUTE, START, World, facts};

#[tokio::test]
async fn an_account_that_needs_a_new_sign_in_holds_its_deliveries_and_fails_none() {
    let world = World::new(Idempotency::None).await;
    let other = world.account("jo").await;
    let now = world.piece(&["Now"], None).await;
    let later = world.piece(&["Later"], Some(START + HOUR)).await;
    let elsewhere = world
        .piece_for(other, &["Elsewhere"], Some(START + HOUR))
        .await;
    world.network.then([Act::SignIn]);
    assert_eq!(world.settle(now.delivery).await, D::Held);
    assert_eq!(world.told(K::Reconnect), 1);
    for piece in [now, later] {
        let held = world.delivery(piece.delivery).await;
        assert_eq!(
            (held.status, held.hold),
            (D::Held, Some(HoldReason::Account))
        );
    }
    assert_eq!(world.status(elsewhere.delivery).await, D::Planned);
    world.step(later.delivery).await;
    assert_eq!(
        world.status(later.delivery).await,
        D::Held,
        "held before it is due, too"
    );

    let id = world.identity;
    world
        .apply(Mutation::UpdateIdentity {
            id,
            facts: facts("mara"),
        })
        .await
        .unwrap();
    assert_eq!(world.settle(now.delivery).await, D::Published);
    world.step(later.delivery).await;
    assert_eq!(world.status(later.delivery).await, D::Planned);
    assert_eq!(world.settle(later.delivery).await, D::Published);
    assert_eq!(world.told(K::Failed), 0);
}

#[tokio::test]
async fn a_new_sign_in_lets_go_of_drafts_and_of_what_nobody_has_approved_yet() {
    let world = World::new(Idempotency::None).await;
    let now = world.piece(&["Now"], None).await;
    let taken_back = world.piece(&["Taken back"], Some(START + 9 * HOUR)).await;
    let (doc, _) = world.doc(taken_back.content, &["Draft"], &[world.identity]);
    world
        .apply(Mutation::SaveVersion {
            content: taken_back.content,
            persona: world.persona,
            n: 2,
            doc,
        })
        .await
        .unwrap();
    world.with_chain(|_| {}).await;
    let asked = world.piece(&["Asked"], Some(START + 9 * HOUR)).await;
    let late = world.piece(&["Asked, and late"], Some(START + HOUR)).await;
    let short = world.piece(&["Does not fit"], Some(START + 9 * HOUR)).await;
    hold_for(&world, short.delivery, HoldReason::Limits).await;
    world.network.then([Act::SignIn]);
    assert_eq!(world.settle(now.delivery).await, D::Held);
    for piece in [taken_back, asked, late] {
        let held = world.delivery(piece.delivery).await;
        assert_eq!(held.hold, Some(HoldReason::Account), "{piece:?}");
    }
    world.pass(2 * HOUR);
    world
        .apply(Mutation::UpdateIdentity {
            id: world.identity,
            facts: facts("mara"),
        })
        .await
        .unwrap();
    for piece in [taken_back, asked] {
        world.step(piece.delivery).await;
        assert_eq!(world.status(piece.delivery).await, D::Planned, "{piece:?}");
    }
    let other = world.delivery(short.delivery).await;
    assert_eq!(
        (other.status, other.hold),
        (D::Held, Some(HoldReason::Limits))
    );
    // What is late by now is missed, and asks.
    assert_eq!(world.settle(late.delivery).await, D::Missed);
    assert_eq!(world.settle(now.delivery).await, D::Missed);
    assert_eq!(world.network.writes(), 1);
}

async fn hold_for(world: &World, id: domain::ids::DeliveryId, reason: HoldReason) {
    let mut delivery = world.delivery(id).await;
    delivery.status = D::Held;
    delivery.hold = Some(reason);
    let org = world.org;
    let done: Result<(), app::Error> = world
        .db
        .write(move |tx| {
            let delivery = delivery.clone();
            Box::pin(async move { Ok(store::delivery::save(tx, org, &delivery).await?) })
        })
        .await;
    done.unwrap();
}

#[tokio::test]
async fn a_disconnected_account_holds() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], Some(START + MINUTE)).await;
    world
        .apply(Mutation::DisconnectIdentity { id: world.identity })
        .await
        .unwrap();
    world.pass(MINUTE);
    assert_eq!(world.settle(piece.delivery).await, D::Held);
    assert_eq!(world.network.writes(), 0);
    let _ = IdentityStatus::Disconnected;
}

#[tokio::test]
async fn limits_that_changed_hold_and_ask_and_let_go_again() {
    let world = World::new(Idempotency::None).await;
    let piece = world
        .piece(&["A text of some length"], Some(START + MINUTE))
        .await;
    world.network.limit_text(10);
    assert_eq!(world.settle(piece.delivery).await, D::Held);
    assert_eq!(
        world.delivery(piece.delivery).await.hold,
        Some(HoldReason::Limits)
    );
    assert_eq!(world.network.writes(), 0);
    world.network.limit_text(500);
    assert_eq!(world.settle(piece.delivery).await, D::Published);
}

#[tokio::test]
async fn a_missing_file_holds_and_is_not_the_networks_refusal() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], None).await;
    world.machine.media.store(false, Ordering::SeqCst);
    world.network.then([Act::Media, Act::Media]);
    assert_eq!(
        world.step(piece.delivery).await,
        world_send(&world, piece).await
    );
    let held = world.delivery(piece.delivery).await;
    assert_eq!((held.status, held.hold), (D::Held, Some(HoldReason::Media)));
    world.machine.media.store(true, Ordering::SeqCst);
    assert_eq!(world.settle(piece.delivery).await, D::Published);
}

async fn world_send(world: &World, piece: crate::world::Piece) -> Next {
    Next::Send {
        attempt: world.attempts(piece.delivery).await[0].id,
    }
}

#[tokio::test]
async fn a_copied_folder_sends_nothing_that_fell_due_until_a_person_has_looked() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], Some(START + MINUTE)).await;
    world.machine.held.store(true, Ordering::SeqCst);
    assert_eq!(world.settle(piece.delivery).await, D::Held);
    assert_eq!(
        world.delivery(piece.delivery).await.hold,
        Some(HoldReason::Folder)
    );
    assert_eq!(world.network.writes(), 0);
    world.machine.held.store(false, Ordering::SeqCst);
    world.apply(Mutation::ReleaseFolder).await.unwrap();
    // Its other self may have sent it.
    assert_eq!(world.settle(piece.delivery).await, D::Missed);
    assert_eq!(world.network.writes(), 0);
    let delivery = piece.delivery;
    world.apply(Mutation::SendNow { delivery }).await.unwrap();
    assert_eq!(world.settle(piece.delivery).await, D::Published);
}

#[tokio::test]
async fn a_copied_folder_asks_about_what_its_other_self_may_have_sent_early() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], Some(START + HOUR)).await;
    world.with_chain(|_| {}).await;
    let asked = world.piece(&["Rain"], Some(START + HOUR)).await;
    world.apply(Mutation::ReleaseFolder).await.unwrap();
    for one in [piece, asked] {
        assert_eq!(world.settle(one.delivery).await, D::Missed);
    }
    assert_eq!(world.network.writes(), 0);
}

#[tokio::test]
async fn a_copied_folder_does_not_go_on_with_a_thread_whose_part_may_be_live() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["One", "Two"], None).await;
    let delivery = piece.delivery;
    world.network.then([Act::DropAfter]);
    world.step(delivery).await;
    world.apply(Mutation::ReleaseFolder).await.unwrap();
    assert_eq!(world.settle(delivery).await, D::Unconfirmed);
    assert_eq!(world.network.writes(), 1);
    // A person has looked, and neither part is there.
    world.network.remove("post-1");
    let answer = UnconfirmedAnswer::SendAgain;
    let again = Mutation::AnswerUnconfirmed { delivery, answer };
    world.apply(again).await.unwrap();
    assert_eq!(world.settle(delivery).await, D::Published);
    assert_eq!(world.network.posts_of(delivery), 2);
}
