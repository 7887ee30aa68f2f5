//! X, with its real adapter against a stand-in: whatever goes wrong, each post is live once, or in
//! a state that a person sees.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use app::publish::Next;
use domain::attempt::AttemptPhase;
use domain::delivery::{DeliveryStatus as D, HoldReason};
use engine::{Clock as _, ManualClock};
use networks::x::XAdapter;
use networks::{Adapter as _, ConnectInput, Http, HttpOptions, METRICS, Secret};
use protocol::Mutation;
use protocol::event::NotificationKind as K;
use protocol::mutation::{IdentityFacts, UnconfirmedAnswer as Answer};
use testkit::standin::x::{ACCOUNT, CLIENT, Fault, XStandIn, method};

use crate::runs::start;
use crate::tokens::as_time_passes;
use crate::world::{HOUR, MINUTE, START, World};

/// The stand-in lives by the world's clock.
async fn world() -> (World, XStandIn) {
    let clock = Arc::new(ManualClock::at(START));
    let same = clock.clone();
    let server = XStandIn::start_with(Arc::new(move || same.wall())).unwrap();
    let http = Http::new(HttpOptions::default()).unwrap();
    let adapter = XAdapter::new(http, &server.url(), &server.authorize()).unwrap();
    let (access, refresh) = server.tokens();
    let connected = adapter
        .connect(ConnectInput {
            method: "token".into(),
            fields: BTreeMap::from([("client_id".into(), CLIENT.into())]),
            secrets: BTreeMap::from([
                ("token".into(), Secret::new(access)),
                ("refresh_token".into(), Secret::new(refresh)),
            ]),
            grant: None,
            now: domain::Instant(START),
        })
        .await
        .unwrap();
    let world = World::with_adapter(&clock, Arc::new(adapter), &connected).await;
    (world, server)
}

#[tokio::test]
async fn an_answer_that_is_lost_is_looked_for_and_found() {
    let (world, server) = world().await;
    let piece = world.piece(&["Snow"], None).await;
    server.next(method::CREATE, Fault::DropAfter);
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(server.calls(method::CREATE), 1);
    assert_eq!(server.posts().len(), 1);
    let live = world.publications(piece.delivery).await;
    assert_eq!(live[0].remote_id, server.posts()[0].id);
}

#[tokio::test]
async fn a_write_that_never_arrived_is_a_question_for_a_person_and_never_resent() {
    let (world, server) = world().await;
    let piece = world.piece(&["Snow"], None).await;
    server.next(method::CREATE, Fault::BrokenBefore);
    assert_eq!(world.settle(piece.delivery).await, D::Unconfirmed);
    assert_eq!(world.told(K::Unconfirmed), 1);
    assert_eq!(server.calls(method::TIMELINE), 4);
    assert_eq!(server.calls(method::CREATE), 1);
    world
        .apply(Mutation::AnswerUnconfirmed {
            delivery: piece.delivery,
            answer: Answer::SendAgain,
        })
        .await
        .unwrap();
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(server.posts().len(), 1);
}

/// Killed while it writes for minutes, a program must not take a refresh token with it.
#[tokio::test]
async fn a_sign_in_that_ends_soon_is_renewed_and_kept_before_anything_is_written() {
    let (world, server) = world().await;
    // A pasted token's end is known from the first renewal on.
    server.expire();
    let first = world.piece(&["Snow"], None).await;
    assert_eq!(world.settle(first.delivery).await, D::Published);
    let kept = || world.machine.secret.lock().unwrap().clone();
    let before = kept();
    let renewals = server.calls(method::TOKEN);
    world.pass(2 * HOUR - 4 * MINUTE);
    let piece = world.piece(&["Ice"], None).await;
    server.next(method::CREATE, Fault::HangBefore);
    let writes = server.calls(method::CREATE);
    let sending = world.step(piece.delivery);
    tokio::pin!(sending);
    while server.calls(method::CREATE) == writes {
        tokio::select! {
            _ = &mut sending => break,
            () = tokio::time::sleep(std::time::Duration::from_millis(5)) => {}
        }
    }
    assert_eq!(server.calls(method::TOKEN), renewals + 1);
    let kept = kept();
    assert_ne!(kept, before, "the new one is kept while the write hangs");
    assert!(!kept.unwrap().contains("renewing"));
}

#[tokio::test]
async fn nothing_is_renewed_that_could_not_be_kept() {
    let (world, server) = world().await;
    server.expire();
    let first = world.piece(&["Snow"], None).await;
    assert_eq!(world.settle(first.delivery).await, D::Published);
    let renewals = server.calls(method::TOKEN);
    world.pass(2 * HOUR - 4 * MINUTE);
    world.machine.locked.store(true, Ordering::SeqCst);
    let piece = world.piece(&["Ice"], None).await;
    as_time_passes(&world, world.step(piece.delivery)).await;
    assert_eq!(server.calls(method::TOKEN), renewals);
    assert_eq!(world.status(piece.delivery).await, D::Due);
    world.machine.locked.store(false, Ordering::SeqCst);
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(server.calls(method::TOKEN), renewals + 1);
}

/// The first try went out, its answer was lost, and the timeline did not show it. A person sends
/// again; X refuses the duplicate; and the first one is adopted.
#[tokio::test]
async fn a_duplicate_that_was_ours_is_adopted() {
    let (world, server) = world().await;
    let piece = world.piece(&["Snow"], None).await;
    server.next(method::CREATE, Fault::DropAfter);
    world.step(piece.delivery).await;
    let id = server.posts()[0].id.clone();
    server.hide(&id, true);
    assert_eq!(world.settle(piece.delivery).await, D::Unconfirmed);
    server.hide(&id, false);
    world
        .apply(Mutation::AnswerUnconfirmed {
            delivery: piece.delivery,
            answer: Answer::SendAgain,
        })
        .await
        .unwrap();
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(server.posts().len(), 1);
    assert_eq!(server.calls(method::CREATE), 2);
    assert_eq!(world.publications(piece.delivery).await[0].remote_id, id);
}

/// Somebody posted the same words before, by hand: that is evidence of nothing.
#[tokio::test]
async fn a_duplicate_that_was_not_ours_is_a_question_for_a_person() {
    let (world, server) = world().await;
    server.post_by_hand("Snow");
    world.pass(2 * HOUR);
    let piece = world.piece(&["Snow"], None).await;
    assert_eq!(world.settle(piece.delivery).await, D::Unconfirmed);
    assert_eq!(server.posts().len(), 1);
    assert!(world.publications(piece.delivery).await.is_empty());
    let attempt = &world.attempts(piece.delivery).await[0];
    assert_eq!(attempt.phase, AttemptPhase::Ambiguous);
    let words = attempt.words.clone().unwrap();
    assert!(words.contains("duplicate"), "X's own words: {words}");
}

#[tokio::test]
async fn another_deliverys_post_is_not_taken_for_ones_own() {
    let (world, server) = world().await;
    let first = world.piece(&["Snow"], None).await;
    let second = world.piece(&["Snow"], None).await;
    assert_eq!(world.settle(first.delivery).await, D::Published);
    assert_eq!(world.settle(second.delivery).await, D::Unconfirmed);
    assert_eq!(server.posts().len(), 1);
}

#[tokio::test]
async fn a_window_that_is_used_up_is_waited_for() {
    let (world, server) = world().await;
    let piece = world.piece(&["Snow"], None).await;
    server.next(method::CREATE, Fault::Throttle(15 * 60));
    world.step(piece.delivery).await;
    let delivery = world.delivery(piece.delivery).await;
    assert_eq!(delivery.status, D::Due);
    let wait = delivery.retry_at.unwrap().since(world.now());
    assert_eq!(wait, 15 * MINUTE);
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(server.posts().len(), 1);
}

#[tokio::test]
async fn a_token_that_ends_in_the_middle_of_a_thread_stops_nothing() {
    let (world, server) = world().await;
    let texts = ["One of three", "Two of three", "Three of three"];
    let piece = world.piece(&texts, None).await;
    world.step(piece.delivery).await;
    let before = world.machine.secret.lock().unwrap().clone();
    server.expire();
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    let posts = server.posts();
    let found: Vec<&str> = posts.iter().map(|p| p.text.as_str()).collect();
    assert_eq!(found, texts);
    assert_eq!(posts[2].parent.as_ref(), Some(&posts[1].id));
    assert_eq!(server.calls(method::TOKEN), 1);
    let after = world.machine.secret.lock().unwrap().clone();
    assert_ne!(after, before, "it is stored");
    let next = world.piece(&["The next post"], None).await;
    assert_eq!(world.settle(next.delivery).await, D::Published);
    assert_eq!(server.calls(method::TOKEN), 1, "and used");
}

#[tokio::test]
async fn an_access_that_was_taken_back_holds_the_rest_of_a_thread() {
    let (world, server) = world().await;
    let piece = world.piece(&["One of two", "Two of two"], None).await;
    world.step(piece.delivery).await;
    server.revoke();
    assert_eq!(world.settle(piece.delivery).await, D::Held);
    let delivery = world.delivery(piece.delivery).await;
    assert_eq!(delivery.hold, Some(HoldReason::Account));
    assert_eq!(delivery.live, 1);
    assert_eq!(world.told(K::Reconnect), 1);
    assert_eq!(server.posts().len(), 1);
}

/// Where the app may not read, looking again would not help.
#[tokio::test]
async fn where_reading_is_not_allowed_a_person_is_asked_at_once() {
    let (world, server) = world().await;
    let piece = world.piece(&["Snow"], None).await;
    server.allow_reading(false);
    server.next(method::CREATE, Fault::DropAfter);
    assert_eq!(world.settle(piece.delivery).await, D::Unconfirmed);
    assert_eq!(server.calls(method::TIMELINE), 1);
    assert_eq!(server.posts().len(), 1);
}

#[tokio::test]
async fn no_credits_is_a_failure_in_the_networks_own_words() {
    let (world, server) = world().await;
    let piece = world.piece(&["Snow"], None).await;
    server.next(method::CREATE, Fault::NoCredits);
    assert_eq!(world.settle(piece.delivery).await, D::Failed);
    let words = world.delivery(piece.delivery).await.words.unwrap();
    assert!(words.contains("credits"), "{words}");
    assert_eq!(server.posts().len(), 0);
}

#[tokio::test]
async fn a_timeline_that_comes_late_is_looked_at_again() {
    let (world, server) = world().await;
    let piece = world.piece(&["Snow"], None).await;
    server.next(method::CREATE, Fault::DropAfter);
    world.step(piece.delivery).await;
    let id = server.posts()[0].id.clone();
    server.hide(&id, true);
    while server.calls(method::TIMELINE) < 2 {
        if let Next::Wait { until: Some(at) } = world.step(piece.delivery).await {
            world.pass(at.since(world.now()).max(1));
        }
    }
    server.hide(&id, false);
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(server.calls(method::TIMELINE), 3);
    assert_eq!(server.posts().len(), 1);
}

/// Each reading costs money: nothing is read before a person says so.
#[tokio::test]
async fn counts_are_read_only_after_they_were_switched_on() {
    let (world, server) = world().await;
    let running = start(&world);
    world.piece(&["Snow"], None).await;
    running.until(&world, START + 2 * HOUR).await;
    assert_eq!(server.posts().len(), 1);
    let reads = || server.calls(method::LOOK) + server.calls(method::LOOK_ALL);
    assert_eq!(reads(), 0);
    let measure = |on| Mutation::MeasureIdentity {
        id: world.identity,
        on,
    };
    world.apply(measure(true)).await.unwrap();
    running.until(&world, START + 7 * HOUR).await;
    let read = reads();
    assert!(read > 0);
    world.apply(measure(false)).await.unwrap();
    running.until(&world, START + 30 * HOUR).await;
    assert_eq!(reads(), read);
}

/// What the network says of an account does not undo what a person chose for it.
#[tokio::test]
async fn a_check_keeps_the_choice_to_read_counts() {
    let (world, _server) = world().await;
    let on = Mutation::MeasureIdentity {
        id: world.identity,
        on: true,
    };
    world.apply(on).await.unwrap();
    let facts = IdentityFacts {
        network: world.identity().await.network,
        remote_id: ACCOUNT.into(),
        handle: "mara_renamed".into(),
        display_name: "Mara".into(),
        service: String::new(),
        settings: BTreeMap::new(),
        live: vec![],
    };
    let id = world.identity;
    world
        .apply(Mutation::UpdateIdentity { id, facts })
        .await
        .unwrap();
    let identity = world.identity().await;
    assert_eq!(identity.handle, "mara_renamed");
    assert_eq!(
        identity.settings.get(METRICS).map(String::as_str),
        Some("on")
    );
}
