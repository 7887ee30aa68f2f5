//! What is said of one stage is said of no other, and who is gone is waited for nowhere.

use domain::Instant;
use domain::approval::{Approver, Quorum, RequestStatus as R, Stage, Verdict};
use domain::delegation::Delegation;
use domain::delivery::DeliveryStatus;
use domain::ids::PersonId;
use protocol::event::NotificationKind;
use protocol::mutation::DeliveryPlan;
use protocol::{Code, Mutation};

use crate::world::{HOUR, Piece, START, World, id, policy, stage};

fn person(id: PersonId) -> Approver {
    Approver::Person { id }
}

/// Any of Jo and Kim.
fn of_two(world: &World) -> Stage {
    Stage {
        approvers: vec![person(world.jo), person(world.kim)],
        ..stage(world.jo)
    }
}

async fn with_stages(world: &World, stages: Vec<Stage>) -> Piece {
    let policy = policy(id(), stages);
    let chain = policy.id;
    world.ok(Mutation::SaveChain { policy }).await;
    world.ok(world.save_persona(Some(chain))).await;
    world.piece(None).await
}

fn approve_in(piece: Piece, stage: u32) -> Mutation {
    Mutation::Decide {
        id: id(),
        request: piece.request,
        hash: piece.hash,
        stage: Some(stage),
        verdict: Verdict::Approve,
        comment: String::new(),
        away: None,
    }
}

#[tokio::test]
async fn a_decision_counts_in_the_stage_that_its_maker_saw_and_in_no_other() {
    for world in World::each().await {
        let (jo, kim) = (world.jo, world.kim);
        let first = of_two(&world);
        let second = Stage {
            name: "Legal".into(),
            ..first.clone()
        };
        let piece = with_stages(&world, vec![first, second]).await;
        world.by(kim, approve_in(piece, 0)).await.unwrap();
        // Jo saw the first stage, which Kim has answered meanwhile.
        let late = world.by(jo, approve_in(piece, 0)).await;
        assert_eq!(late, Err(Code::StaleVersion));
        let request = world.request_of(piece).await;
        assert_eq!((request.status, request.stage), (R::Open, Some(1)));
        world.by(jo, approve_in(piece, 1)).await.unwrap();
        assert_eq!(world.request_of(piece).await.status, R::Approved);
    }
}

#[tokio::test]
async fn who_leaves_a_stage_that_is_over_brings_nobody_into_the_next() {
    for world in World::each().await {
        let (jo, kim) = (world.jo, world.kim);
        let first = of_two(&world);
        let second = Stage {
            name: "Legal".into(),
            approvers: vec![person(world.admin)],
            escalate_after: Some(48 * 60),
            escalate_to: vec![person(kim)],
            ..first.clone()
        };
        let piece = with_stages(&world, vec![first, second]).await;
        world.by(kim, approve_in(piece, 0)).await.unwrap();
        world.ok(Mutation::DeactivatePerson { id: jo }).await;
        let seats = world.facts().await.seats[&piece.request].clone();
        assert!(!seats.iter().any(|seat| seat.substitute), "{seats:?}");
    }
}

#[tokio::test]
async fn who_left_while_a_request_was_closed_is_not_waited_for_when_it_opens_again() {
    for world in World::each().await {
        let (jo, kim) = (world.jo, world.kim);
        let all = Stage {
            quorum: Quorum::All,
            ..of_two(&world)
        };
        let piece = with_stages(&world, vec![all]).await;
        let no = world.decide(jo, piece, Verdict::RequestChanges).await;
        world.ok(Mutation::DeactivatePerson { id: kim }).await;
        let back = Mutation::RevokeDecision {
            decision: no.unwrap(),
        };
        world.by(jo, back).await.unwrap();
        let request = world.request_of(piece).await;
        assert_eq!((request.status, request.stuck), (R::Open, true));
    }
}

#[tokio::test]
async fn who_has_a_seat_of_their_own_is_not_told_in_the_place_of_who_is_away() {
    for world in World::each().await {
        let (jo, kim) = (world.jo, world.kim);
        let delegation = Some(Delegation {
            to: kim,
            from: Instant(START),
            until: Instant(START + 24 * HOUR),
        });
        world
            .by(jo, Mutation::Delegate { delegation })
            .await
            .unwrap();
        let all = Stage {
            quorum: Quorum::All,
            ..of_two(&world)
        };
        with_stages(&world, vec![all]).await;
        let told = world.notified().await;
        let mut asked: Vec<_> = told
            .iter()
            .filter(|(_, n)| n.kind == NotificationKind::ApprovalPending)
            .filter_map(|(who, _)| *who)
            .collect();
        asked.sort();
        let mut both = vec![jo, kim];
        both.sort();
        assert_eq!(asked, both, "one person fills one seat");
    }
}

#[tokio::test]
async fn an_account_that_has_a_part_of_it_gets_it_by_no_second_plan() {
    for world in World::each().await {
        world.with_stage(|_| {}).await;
        let piece = world.piece(None).await;
        let again = |other| Mutation::Plan {
            content: piece.content,
            deliveries: vec![DeliveryPlan {
                id: other,
                identity: world.accounts[0],
                planned: None,
                grace: None,
                hand_off: None,
            }],
        };
        world
            .stand(piece.delivery, |d| {
                d.status = DeliveryStatus::Failed;
                d.live = 1;
            })
            .await;
        let twice = world.by(world.writer, again(id())).await;
        assert_eq!(twice, Err(Code::Conflict));
        // Where nothing is out, it may.
        world.stand(piece.delivery, |d| d.live = 0).await;
        world.by(world.writer, again(id())).await.unwrap();
    }
}
