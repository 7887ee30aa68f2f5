//! What cannot be known is shown, and only a person's word sends it again.

use app::publish::{By, Next, Recorded, Report};
use domain::Instant;
use domain::attempt::{AttemptPhase, Idempotency};
use domain::delivery::DeliveryStatus as D;
use domain::ids::*;
use protocol::event::NotificationKind as K;
use protocol::mutation::{DeliveryPlan, UnconfirmedAnswer as Answer};
use protocol::{Code, Mutation};
use uuid::Uuid;

use crate::network::Act;
use crate::world::{HOUR, MINUTE, Piece, START, World, planned};

async fn unsure(class: Idempotency) -> (World, Piece) {
    let world = World::new(class).await;
    let piece = world.piece(&["Snow"], None).await;
    world.network.then([Act::DropBefore]);
    assert_eq!(world.settle(piece.delivery).await, D::Unconfirmed);
    assert_eq!(world.told(K::Unconfirmed), 1);
    (world, piece)
}

async fn answer(world: &World, piece: Piece, answer: Answer) {
    world
        .apply(Mutation::AnswerUnconfirmed {
            delivery: piece.delivery,
            answer,
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn it_is_looked_for_at_growing_distances_before_a_person_is_asked() {
    let (world, piece) = unsure(Idempotency::None).await;
    assert_eq!(world.network.looks(), 4);
    let attempt = &world.attempts(piece.delivery).await[0];
    let waited = world.now().since(attempt.started_at);
    assert!((10 * MINUTE..12 * MINUTE).contains(&waited), "{waited}");
}

#[tokio::test]
async fn it_is_live_is_believed() {
    let (world, piece) = unsure(Idempotency::None).await;
    answer(
        &world,
        piece,
        Answer::ItIsLive {
            url: Some("https://script.test/x".into()),
        },
    )
    .await;
    assert_eq!(world.status(piece.delivery).await, D::Published);
    let live = world.publications(piece.delivery).await;
    assert!(live[0].by_person);
    assert_eq!(world.network.writes(), 1);
}

#[tokio::test]
async fn send_again_writes_off_in_the_transaction_of_the_new_attempt_with_the_persons_name() {
    let (world, piece) = unsure(Idempotency::None).await;
    answer(&world, piece, Answer::SendAgain).await;
    let before = world.attempts(piece.delivery).await;
    assert_eq!(before.len(), 1);
    assert_eq!(
        before[0].phase,
        AttemptPhase::Ambiguous,
        "it blocks until the next is journaled"
    );
    assert!(matches!(
        world.check(&world.publisher, piece.delivery).await,
        Next::Send { .. }
    ));
    let after = world.attempts(piece.delivery).await;
    assert_eq!(after[0].phase, AttemptPhase::WrittenOff);
    assert_eq!(after[0].written_off_by, Some(world.writer));
    assert_eq!(after[1].phase, AttemptPhase::InFlight);
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(world.network.posts_of(piece.delivery), 1);
}

#[tokio::test]
async fn dropped_stays_dropped() {
    let (world, piece) = unsure(Idempotency::None).await;
    answer(&world, piece, Answer::Drop).await;
    assert_eq!(world.settle(piece.delivery).await, D::Cancelled);
    assert_eq!(world.network.writes(), 1);
    let again = world
        .apply(Mutation::AnswerUnconfirmed {
            delivery: piece.delivery,
            answer: Answer::SendAgain,
        })
        .await;
    assert_eq!(again.unwrap_err(), Code::WrongState);
}

#[tokio::test]
async fn look_again_finds_what_came_late() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], None).await;
    world.network.then([Act::DropAfter]);
    world.step(piece.delivery).await;
    let id = world.network.posts()[0].id.clone();
    // The network hides it for a while.
    world.network.hide(&id, true);
    assert_eq!(world.settle(piece.delivery).await, D::Unconfirmed);
    world.network.hide(&id, false);
    answer(&world, piece, Answer::LookAgain).await;
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(world.network.writes(), 1);
}

#[tokio::test]
async fn looking_that_does_not_work_is_tried_until_it_does() {
    let world = World::new(Idempotency::Refused).await;
    let piece = world.piece(&["Snow"], None).await;
    world.network.then([Act::DropAfter]);
    world.step(piece.delivery).await;
    world.network.offline(true);
    for _ in 0..10 {
        if let Next::Wait { until: Some(at) } = world.step(piece.delivery).await {
            world.pass(at.since(world.now()).max(1));
        }
    }
    assert_eq!(world.status(piece.delivery).await, D::Sending);
    world.network.offline(false);
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(world.network.writes(), 1);
}

#[tokio::test]
async fn another_deliverys_post_is_not_taken_for_ones_own() {
    let world = World::new(Idempotency::None).await;
    let first = world.piece(&["Snow"], None).await;
    let second = world.piece(&["Snow"], None).await;
    assert_eq!(world.settle(first.delivery).await, D::Published);
    world.network.then([Act::DropBefore]);
    assert_eq!(world.settle(second.delivery).await, D::Unconfirmed);
}

#[tokio::test]
async fn several_that_could_be_it_are_a_question_for_a_person() {
    let world = World::new(Idempotency::None).await;
    let first = world.piece(&["Snow"], None).await;
    let second = world.piece(&["Snow"], None).await;
    world.settle(first.delivery).await;
    world.network.then([Act::DropAfter]);
    assert_eq!(world.settle(second.delivery).await, D::Unconfirmed);
    assert_eq!(world.network.posts().len(), 2);
}

#[tokio::test]
async fn a_report_is_taken_once_however_often_and_late_it_comes() {
    let mut world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], None).await;
    let Next::Send { attempt } = world.check(&world.publisher, piece.delivery).await else {
        panic!("it is due");
    };
    let old = world.publisher.owner;
    world.restart();
    // The new process takes over: the attempt is ambiguous now.
    world.step(piece.delivery).await;
    assert_eq!(
        world.phases(piece.delivery).await,
        [AttemptPhase::Ambiguous]
    );
    // The old one says that it did not send. It has no say any more.
    let not_sent = Report::NotSent {
        why: "too late".into(),
        media: false,
    };
    assert_eq!(
        world.report(attempt, not_sent, By::Sender(old)).await,
        Recorded::Refused
    );
    // That it is live is believed however late, and once.
    let live = Report::Confirmed(networks::Remote {
        id: "post-9".into(),
        url: None,
        extra: serde_json::Value::Null,
    });
    assert_eq!(
        world.report(attempt, live.clone(), By::Sender(old)).await,
        Recorded::Taken
    );
    assert_eq!(
        world.report(attempt, live.clone(), By::Sender(old)).await,
        Recorded::Known
    );
    assert_eq!(world.report(attempt, live, By::Look).await, Recorded::Known);
    assert_eq!(world.status(piece.delivery).await, D::Published);
    assert_eq!(world.publications(piece.delivery).await.len(), 1);
}

#[tokio::test]
async fn a_starting_worker_never_takes_a_living_colleagues_attempt() {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], None).await;
    let next = world.check(&world.publisher, piece.delivery).await;
    let colleague = world.colleague();
    for _ in 0..3 {
        let seen = world.check(&colleague, piece.delivery).await;
        assert!(matches!(seen, Next::Wait { until: Some(_) }), "{seen:?}");
        // Even when told to send, it has no permit.
        world.go(&colleague, piece.delivery, next).await;
    }
    assert_eq!(world.network.writes(), 0);
    world.go(&world.publisher, piece.delivery, next).await;
    assert_eq!(world.status(piece.delivery).await, D::Published);
}

#[tokio::test]
async fn a_gone_colleagues_attempt_is_looked_for_at_once_and_a_silent_ones_after_its_lease() {
    let mut world = World::new(Idempotency::None).await;
    let piece = world.piece(&["Snow"], None).await;
    world.check(&world.publisher, piece.delivery).await;
    let lease = world.attempts(piece.delivery).await[0].lease_until;
    world.restart();
    let Next::Wait { until: Some(at) } = world.step(piece.delivery).await else {
        panic!("it waits before it looks");
    };
    assert!(
        at < lease,
        "nobody writes any more: {at} is not after {lease}"
    );
    assert_eq!(world.settle(piece.delivery).await, D::Unconfirmed);
    assert_eq!(world.network.writes(), 0);

    // Of this one nobody knows whether it lives.
    let piece = world.piece(&["Rain"], None).await;
    world.check(&world.publisher, piece.delivery).await;
    let lease = world.attempts(piece.delivery).await[0].lease_until;
    let colleague = world.colleague();
    let Next::Wait { until: Some(at) } = world.check(&colleague, piece.delivery).await else {
        panic!("it waits for the lease");
    };
    assert!(at > lease);
    world.pass(at.since(world.now()));
    let Next::Wait { until: Some(first) } = world.check(&colleague, piece.delivery).await else {
        panic!("it waits before it looks");
    };
    assert!(first > at, "the first look comes after the lease");
}

#[tokio::test]
async fn a_look_that_a_crash_interrupted_is_allowed_anew_and_loses_no_time() {
    let mut world = World::new(Idempotency::Natural).await;
    let piece = world.piece(&["Snow"], None).await;
    world.network.then([Act::DropBefore]);
    world.step(piece.delivery).await;
    let next = world.check(&world.publisher, piece.delivery).await;
    assert!(matches!(next, Next::Look { repeat: true, .. }), "{next:?}");
    // The process dies before it looks; the next one enters the same step.
    world.restart();
    world.go(&world.publisher, piece.delivery, next).await;
    assert_eq!(
        world.network.posts_of(piece.delivery),
        0,
        "it has no permit to repeat"
    );
    let before = world.now();
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert!(world.now().since(before) < MINUTE);
    assert_eq!(world.network.posts_of(piece.delivery), 1);
}

#[tokio::test]
async fn a_pause_lets_nothing_be_repeated() {
    let world = World::new(Idempotency::Natural).await;
    let piece = world.piece(&["Snow"], None).await;
    world.network.then([Act::DropBefore]);
    world.step(piece.delivery).await;
    world
        .apply(Mutation::SetPaused {
            persona: None,
            paused: true,
        })
        .await
        .unwrap();
    assert_eq!(world.settle(piece.delivery).await, D::Due);
    assert_eq!(
        world.network.writes(),
        1,
        "looked for only, and found not to be there"
    );
    world
        .apply(Mutation::SetPaused {
            persona: None,
            paused: false,
        })
        .await
        .unwrap();
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(world.network.posts_of(piece.delivery), 1);
}

#[tokio::test]
async fn a_key_under_which_something_may_be_live_is_kept_by_every_later_try() {
    for nothing in [Act::Offline, Act::Throttle(None)] {
        let world = World::new(Idempotency::Natural).await;
        let piece = world.piece(&["Snow"], None).await;
        world.network.then([Act::DropAfter, nothing]);
        world.step(piece.delivery).await;
        let first = world.attempts(piece.delivery).await[0].id;
        world.report(first, Report::Several(2), By::Look).await;
        answer(&world, piece, Answer::SendAgain).await;
        assert_eq!(world.settle(piece.delivery).await, D::Published);
        assert_eq!(world.attempts(piece.delivery).await.len(), 3);
        assert_eq!(world.network.posts_of(piece.delivery), 1);
    }
}

#[tokio::test]
async fn a_look_that_may_not_repeat_does_not_use_what_an_earlier_one_was_allowed() {
    let world = World::new(Idempotency::Natural).await;
    let piece = world.piece(&["Snow"], None).await;
    world.network.then([Act::DropBefore]);
    world.step(piece.delivery).await;
    let allowed = world.check(&world.publisher, piece.delivery).await;
    let Next::Look {
        attempt,
        repeat: true,
    } = allowed
    else {
        panic!("{allowed:?}");
    };
    let only = Next::Look {
        attempt,
        repeat: false,
    };
    world.go(&world.publisher, piece.delivery, only).await;
    assert_eq!(world.network.writes(), 1);
}

#[tokio::test]
async fn what_nothing_would_send_is_not_said_to_be_sent_again() {
    let (world, piece) = unsure(Idempotency::None).await;
    let (doc, _) = world.doc(piece.content, &["Rain"], &[world.identity]);
    world
        .apply(Mutation::SaveVersion {
            content: piece.content,
            persona: world.persona,
            n: 2,
            doc,
        })
        .await
        .unwrap();
    let again = world
        .apply(Mutation::AnswerUnconfirmed {
            delivery: piece.delivery,
            answer: Answer::SendAgain,
        })
        .await;
    assert_eq!(again.unwrap_err(), Code::WrongState);
    assert_eq!(world.status(piece.delivery).await, D::Unconfirmed);
}

#[tokio::test]
async fn an_earlier_version_is_not_repeated_under_a_later_ones_approval() {
    let world = World::new(Idempotency::Natural).await;
    let other = world.account("other").await;
    let both = [world.identity, other];
    let content = ContentId(Uuid::now_v7());
    let plan = |identity, planned| DeliveryPlan {
        id: DeliveryId(Uuid::now_v7()),
        identity,
        planned,
        grace: None,
        hand_off: None,
    };
    let later = planned(Instant(START + 5 * HOUR));
    let plans = vec![plan(world.identity, None), plan(other, Some(later))];
    let delivery = plans[0].id;
    for n in [1, 2] {
        let (doc, hash) = world.doc(content, &[&format!("Snow {n}")], &both);
        let mut all = vec![Mutation::SaveVersion {
            content,
            persona: world.persona,
            n,
            doc,
        }];
        if n == 1 {
            all.push(Mutation::Plan {
                content,
                deliveries: plans.clone(),
            });
        }
        all.push(Mutation::RequestApproval {
            id: RequestId(Uuid::now_v7()),
            content,
            n,
            hash,
            added: None,
        });
        world.all_as(world.writer, all).await.unwrap();
        if n == 1 {
            world.network.then([Act::DropBefore]);
            world.step(delivery).await;
            let first = world.attempts(delivery).await[0].id;
            world.report(first, Report::Several(2), By::Look).await;
            let again = Mutation::AnswerUnconfirmed {
                delivery,
                answer: Answer::SendAgain,
            };
            world.apply(again).await.unwrap();
        }
    }
    let deliveries = vec![delivery];
    world
        .apply(Mutation::CancelDeliveries { deliveries })
        .await
        .unwrap();
    let taken_back = world.delivery(delivery).await;
    assert_eq!((taken_back.status, taken_back.n), (D::Unconfirmed, 1));
    let look = Mutation::AnswerUnconfirmed {
        delivery,
        answer: Answer::LookAgain,
    };
    world.apply(look).await.unwrap();
    world.settle(delivery).await;
    assert!(world.network.posts().is_empty(), "nothing may go out");
}
