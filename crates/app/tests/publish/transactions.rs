//! Every pair of {edit, decide, revoke, begin an attempt}, on both databases, at the same time.

use std::sync::Arc;

use app::publish::Next;
use domain::approval::{RequestStatus, Verdict};
use domain::attempt::Idempotency;
use domain::delivery::DeliveryStatus as D;
use domain::ids::DecisionId;
use protocol::Mutation;
use uuid::Uuid;

use crate::people::decide;
use crate::races::{Dice, pause};
use crate::world::{HOUR, Piece, START, World};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Op {
    Edit,
    Decide,
    Revoke,
    Begin,
    BeginElsewhere,
}

/// Whether it took effect.
async fn perform(world: &World, piece: Piece, decision: Option<DecisionId>, op: Op) -> bool {
    match op {
        Op::Edit => {
            let (doc, _) = world.doc(piece.content, &["Something else"], &[world.identity]);
            let content = piece.content;
            let save = Mutation::SaveVersion {
                content,
                persona: world.persona,
                n: 2,
                doc,
            };
            world.apply(save).await.is_ok()
        }
        Op::Decide => {
            let hash = world.doc(piece.content, &["Snow"], &[world.identity]).1;
            let decide = Mutation::Decide {
                id: DecisionId(Uuid::now_v7()),
                request: piece.request,
                hash,
                verdict: Verdict::Approve,
                comment: String::new(),
                stage: None,
                away: None,
            };
            world.apply_as(world.approver, decide).await.is_ok()
        }
        Op::Revoke => match decision {
            Some(decision) => world
                .apply_as(world.approver, Mutation::RevokeDecision { decision })
                .await
                .is_ok(),
            None => false,
        },
        Op::Begin | Op::BeginElsewhere => {
            let publisher = match op {
                Op::Begin => Arc::clone(&world.publisher),
                _ => world.colleague(),
            };
            matches!(
                world.check(&publisher, piece.delivery).await,
                Next::Send { .. }
            )
        }
    }
}

const PAIRS: [(Op, Op); 7] = [
    (Op::Edit, Op::Begin),
    (Op::Revoke, Op::Begin),
    (Op::Decide, Op::Begin),
    (Op::Edit, Op::Decide),
    (Op::Edit, Op::Revoke),
    (Op::Decide, Op::Revoke),
    (Op::Begin, Op::BeginElsewhere),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_interleaving_lets_out_what_is_not_approved() {
    for db in db::testing::databases().await {
        let dialect = db.dialect();
        let world = World::on(db, Idempotency::None).await;
        world.with_chain(|_| {}).await;
        let mut dice = Dice::of(&format!("{dialect:?}"));
        let mut opened = 0;
        for round in 0..140 {
            let (a, b) = PAIRS[round % PAIRS.len()];
            let piece = world.piece(&["Snow"], None).await;
            let decided = a != Op::Decide && b != Op::Decide;
            let decision = match decided {
                true => Some(decide(&world, piece, Verdict::Approve).await),
                false => None,
            };
            let (x, y) = (dice.roll(40), dice.roll(40));
            let first = async {
                pause(x).await;
                perform(&world, piece, decision, a).await
            };
            let second = async {
                pause(y).await;
                perform(&world, piece, decision, b).await
            };
            let (did_a, did_b) = tokio::join!(first, second);
            let what = format!("{dialect:?} round {round}: {a:?} {did_a}, {b:?} {did_b}");
            let attempts = world.attempts(piece.delivery).await;
            let content = world.content(piece.content).await;
            let request = world.newest_request(piece.content).await;
            assert!(attempts.len() <= 1, "{what}");
            if let Some(attempt) = attempts.first() {
                opened += 1;
                assert_eq!(attempt.n, content.n, "{what}");
                assert_eq!(attempt.request, request.id, "{what}");
                assert_eq!(request.status, RequestStatus::Approved, "{what}");
                assert_eq!(attempt.hash, request.hash, "{what}");
                assert_eq!(world.status(piece.delivery).await, D::Sending, "{what}");
            }
            match (a, b) {
                (Op::Begin, Op::BeginElsewhere) => assert!(did_a ^ did_b, "{what}"),
                (Op::Edit | Op::Revoke, Op::Begin) => assert!(did_a ^ did_b, "{what}"),
                (Op::Edit, Op::Decide) => assert!(did_a, "{what}"),
                _ => {}
            }
        }
        assert!(opened > 20, "{dialect:?}: only {opened} attempts");
        world.audit().await;
    }
}

#[tokio::test]
async fn a_delivery_goes_its_whole_way_on_both_databases() {
    for db in db::testing::databases().await {
        let world = World::on(db, Idempotency::Refused).await;
        world.with_chain(|_| {}).await;
        let piece = world.piece(&["One", "Two"], Some(START + HOUR)).await;
        world.network.then([
            crate::network::Act::Offline,
            crate::network::Act::DropAfter,
            crate::network::Act::Throttle(Some(5)),
        ]);
        decide(&world, piece, Verdict::Approve).await;
        assert_eq!(world.settle(piece.delivery).await, D::Published);
        assert_eq!(world.network.posts_of(piece.delivery), 2);
        world.audit().await;
    }
}
