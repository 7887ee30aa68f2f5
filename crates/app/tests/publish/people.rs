//! People change their minds: what they void does not go out.

use domain::approval::Verdict;
use domain::attempt::Idempotency;
use domain::delivery::DeliveryStatus as D;
use domain::ids::DecisionId;
use domain::status::ContentStatus;
use protocol::Mutation;
use uuid::Uuid;

use crate::world::{HOUR, Piece, START, World};

pub(crate) async fn decide(world: &World, piece: Piece, verdict: Verdict) -> DecisionId {
    let id = DecisionId(Uuid::now_v7());
    world
        .apply_as(
            world.approver,
            Mutation::Decide {
                id,
                request: piece.request,
                hash: world.hash(piece).await,
                verdict,
                comment: "as said".into(),
                stage: None,
                away: None,
            },
        )
        .await
        .unwrap();
    id
}

#[tokio::test]
async fn what_was_edited_after_approval_does_not_go_out() {
    let world = World::new(Idempotency::None).await;
    world.with_chain(|_| {}).await;
    let piece = world.piece(&["Snow"], Some(START + HOUR)).await;
    decide(&world, piece, Verdict::Approve).await;
    assert_eq!(
        world.content(piece.content).await.status,
        ContentStatus::Scheduled
    );
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
    world.pass(HOUR);
    world.settle(piece.delivery).await;
    assert_eq!(world.network.writes(), 0);
}

#[tokio::test]
async fn a_revoked_decision_holds_back_and_a_new_one_lets_go() {
    let world = World::new(Idempotency::None).await;
    world.with_chain(|_| {}).await;
    let piece = world.piece(&["Snow"], Some(START + HOUR)).await;
    let decision = decide(&world, piece, Verdict::Approve).await;
    world.step(piece.delivery).await;
    world
        .apply_as(world.approver, Mutation::RevokeDecision { decision })
        .await
        .unwrap();
    world.step(piece.delivery).await;
    decide(&world, piece, Verdict::Approve).await;
    assert_eq!(world.settle(piece.delivery).await, D::Published);
}

#[tokio::test]
async fn a_rejection_that_is_taken_back_still_has_a_run_that_sends() {
    let world = World::new(Idempotency::None).await;
    world.with_chain(|_| {}).await;
    let piece = world.piece(&["Snow"], Some(START + HOUR)).await;
    let decision = decide(&world, piece, Verdict::Reject).await;
    world.settle(piece.delivery).await;
    world
        .apply_as(world.approver, Mutation::RevokeDecision { decision })
        .await
        .unwrap();
    decide(&world, piece, Verdict::Approve).await;
    assert_eq!(world.settle(piece.delivery).await, D::Published);
}
