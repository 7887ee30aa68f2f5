//! X, with its real adapter against a stand-in: whatever goes wrong, each post is live once, or in
//! a state that a person sees.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use app::publish::Next;
use domain::attempt::AttemptPhase;
use domain::cost::Budget;
use domain::delivery::{DeliveryStatus as D, HoldReason};
use engine::{Clock as _, ManualClock};
use networks::x::XAdapter;
use networks::{Adapter as _, ConnectInput, Http, HttpOptions, METRICS, Secret};
use protocol::event::NotificationKind as K;
use protocol::mutation::{IdentityFacts, Notice, UnconfirmedAnswer as Answer};
use protocol::{Code, Mutation};
use testkit::standin::x::{ACCOUNT, CLIENT, Fault, XStandIn, method};

use crate::runs::start;
use crate::tokens::as_time_passes;
use crate::world::{HOUR, MINUTE, Piece, START, World};

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

const CENT: u64 = 10_000;

/// What posts may cost in a month. One on X costs 1.5 cents.
async fn budget(world: &World, cents: u64) {
    let set = Mutation::SetBudget {
        id: world.identity,
        budget: Some(Budget {
            amount_micros: cents * CENT,
            currency: "USD".into(),
        }),
    };
    world.apply(set).await.unwrap();
}

async fn is_held(world: &World, piece: Piece) -> bool {
    let held = world.delivery(piece.delivery).await;
    (held.status, held.hold) == (D::Held, Some(HoldReason::Budget))
}

#[tokio::test]
async fn what_would_pass_the_months_budget_is_held_before_anything_is_written() {
    let (world, server) = world().await;
    budget(&world, 4).await;
    for text in ["One", "Two"] {
        let piece = world.piece(&[text], None).await;
        assert_eq!(world.settle(piece.delivery).await, D::Published);
    }
    let third = world.piece(&["Three"], None).await;
    world.step(third.delivery).await;
    assert!(is_held(&world, third).await);
    assert_eq!(server.posts().len(), 2);
    assert_eq!(world.told(K::Failed), 1, "people are told once");
    // However late it gets, it stays a question of the budget.
    world.pass(5 * HOUR);
    world.step(third.delivery).await;
    assert!(is_held(&world, third).await);
    assert_eq!(world.told(K::Failed), 1);
    // Within the grace a raised budget lets it go by itself.
    let fourth = world.piece(&["Four"], None).await;
    world.step(fourth.delivery).await;
    assert!(is_held(&world, fourth).await);
    budget(&world, 5).await;
    assert_eq!(world.settle(fourth.delivery).await, D::Published);
    world.step(third.delivery).await;
    assert!(is_held(&world, third).await, "the fourth took its place");
    assert_eq!(server.posts().len(), 3);
}

#[tokio::test]
async fn who_manages_accounts_lets_one_pass_the_budget() {
    let (world, server) = world().await;
    budget(&world, 1).await;
    let piece = world.piece(&["Snow"], None).await;
    world.step(piece.delivery).await;
    assert!(is_held(&world, piece).await);
    let pass = Mutation::PassBudget {
        delivery: piece.delivery,
    };
    let said = world.apply_as(world.approver, pass.clone()).await;
    assert_eq!(said.unwrap_err(), Code::Forbidden);
    world.pass(2 * HOUR);
    world.apply(pass.clone()).await.unwrap();
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(server.posts().len(), 1);
    let again = world.apply(pass).await.unwrap_err();
    assert_eq!(again, Code::WrongState);
    // For this one only.
    let next = world.piece(&["Ice"], None).await;
    world.step(next.delivery).await;
    assert!(is_held(&world, next).await);
}

#[tokio::test]
async fn a_new_month_in_the_personas_zone_has_a_new_budget() {
    let (world, server) = world().await;
    budget(&world, 2).await;
    let first = world.piece(&["One"], None).await;
    assert_eq!(world.settle(first.delivery).await, D::Published);
    let second = world.piece(&["Two"], None).await;
    world.step(second.delivery).await;
    assert!(is_held(&world, second).await);
    let next_month = Mutation::MoveToNextMonth {
        delivery: second.delivery,
    };
    let applied = world.apply(next_month).await.unwrap();
    assert_eq!(applied.notices, [Notice::ApprovalVoided], "days later");
    let moved = world.delivery(second.delivery).await.planned.unwrap();
    assert_eq!(
        moved.wall, "2026-12-01T10:00:00",
        "as late in the day, in Berlin"
    );
    // An hour before midnight there it is still November, a minute after it is December.
    let midnight = "2026-11-30T23:00:00Z".parse::<domain::Instant>().unwrap();
    world.pass(midnight.0 - HOUR - world.now().0);
    let third = world.piece(&["Three"], None).await;
    world.step(third.delivery).await;
    assert!(is_held(&world, third).await);
    world.pass(HOUR + MINUTE);
    let fourth = world.piece(&["Four"], None).await;
    assert_eq!(world.settle(fourth.delivery).await, D::Published);
    assert_eq!(server.posts().len(), 2);
}

#[tokio::test]
async fn to_send_again_is_a_question_of_the_budget_before_it_is_tried() {
    let (world, server) = world().await;
    budget(&world, 2).await;
    let piece = world.piece(&["Snow"], None).await;
    server.next(method::CREATE, Fault::BrokenBefore);
    assert_eq!(world.settle(piece.delivery).await, D::Unconfirmed);
    let again = Mutation::AnswerUnconfirmed {
        delivery: piece.delivery,
        answer: Answer::SendAgain,
    };
    world.apply(again).await.unwrap();
    world.step(piece.delivery).await;
    assert!(
        is_held(&world, piece).await,
        "the first may be live, and cost"
    );
    assert_eq!(world.attempts(piece.delivery).await.len(), 1);
    let pass = Mutation::PassBudget {
        delivery: piece.delivery,
    };
    world.apply(pass).await.unwrap();
    // What was let pass is not held by its own earlier try.
    server.next(method::CREATE, Fault::Throttle(60));
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(server.posts().len(), 1);
}

#[tokio::test]
async fn what_may_pass_one_months_budget_may_not_pass_the_next_ones() {
    let (world, server) = world().await;
    budget(&world, 1).await;
    let midnight = "2026-11-30T23:00:00Z".parse::<domain::Instant>().unwrap();
    world.pass(midnight.0 - 10 * MINUTE - world.now().0);
    let piece = world.piece(&["Snow"], None).await;
    world.step(piece.delivery).await;
    assert!(is_held(&world, piece).await);
    let pause = |paused| Mutation::SetPaused {
        persona: None,
        paused,
    };
    world.apply(pause(true)).await.unwrap();
    let pass = Mutation::PassBudget {
        delivery: piece.delivery,
    };
    world.apply(pass.clone()).await.unwrap();
    world.step(piece.delivery).await;
    assert_eq!(world.status(piece.delivery).await, D::Due);
    world.pass(11 * MINUTE);
    world.apply(pause(false)).await.unwrap();
    world.step(piece.delivery).await;
    assert!(
        is_held(&world, piece).await,
        "December was never asked about"
    );
    world.apply(pass).await.unwrap();
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(server.posts().len(), 1);
}

#[tokio::test]
async fn a_thread_counts_as_a_whole_and_its_rest_follows() {
    let (world, server) = world().await;
    budget(&world, 3).await;
    let long = world.piece(&["One", "Two", "Three"], None).await;
    world.step(long.delivery).await;
    assert!(is_held(&world, long).await);
    let fits = world.piece(&["Four", "Five"], None).await;
    world.step(fits.delivery).await;
    assert_eq!(server.posts().len(), 1, "its first part is out");
    // What it will still cost is spent already.
    let other = world.piece(&["Six"], None).await;
    world.step(other.delivery).await;
    assert!(is_held(&world, other).await);
    assert_eq!(world.settle(fits.delivery).await, D::Published);
    assert_eq!(server.posts().len(), 3 - 1);
}

#[tokio::test]
async fn what_the_network_refused_was_not_spent() {
    let (world, server) = world().await;
    budget(&world, 2).await;
    server.next(method::CREATE, Fault::NoCredits);
    let refused = world.piece(&["One"], None).await;
    assert_eq!(world.settle(refused.delivery).await, D::Failed);
    let next = world.piece(&["Two"], None).await;
    assert_eq!(world.settle(next.delivery).await, D::Published);
}

#[tokio::test]
async fn a_budget_is_in_the_networks_currency() {
    let (world, _server) = world().await;
    let set = |currency: &str| Mutation::SetBudget {
        id: world.identity,
        budget: Some(Budget {
            amount_micros: CENT,
            currency: currency.into(),
        }),
    };
    let said = world.apply(set("EUR")).await.unwrap_err();
    assert_eq!(said, Code::InvalidInput);
    let said = world.apply_as(world.approver, set("USD")).await;
    assert_eq!(said.unwrap_err(), Code::Forbidden);
    world.apply(set("USD")).await.unwrap();
    // What the network says of an account does not undo it.
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
    assert!(world.identity().await.budget.is_some());
}
