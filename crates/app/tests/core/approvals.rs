//! Approval: quorum on exactly this version, what voids it, who may not, who is missing.

use domain::approval::{Approver, Quorum, RequestStatus as R, Verdict};
use domain::delivery::DeliveryStatus;
use domain::ids::PersonId;
use domain::person::Role;
use domain::status::ContentStatus as S;
use protocol::event::{Notification, NotificationKind};
use protocol::mutation::{DeliveryPlan, Notice};
use protocol::{Code, Mutation};

use crate::world::{HOUR, Piece, START, World, id, planned};

async fn approved(world: &World, at: Option<i64>) -> Piece {
    let piece = world.piece(at).await;
    world
        .decide(world.jo, piece, Verdict::Approve)
        .await
        .unwrap();
    assert_eq!(
        world.facts().await.content(piece.content).status,
        S::Scheduled
    );
    piece
}

#[tokio::test]
async fn an_edit_voids_the_approval_and_typing_does_not() {
    for world in World::each().await {
        world.with_stage(|_| {}).await;
        let piece = approved(&world, Some(START + 100 * HOUR)).await;
        let body = crate::world::body("typed", &world.accounts);
        let typed = Mutation::SaveWorkingCopy {
            content: piece.content,
            persona: world.persona,
            body,
            base: Some(1),
        };
        world.by(world.writer, typed).await.unwrap();
        assert_eq!(world.request_of(piece).await.status, R::Approved);
        let (doc, _) = world.doc(piece.content, "edited", &world.accounts);
        let save = Mutation::SaveVersion {
            content: piece.content,
            persona: world.persona,
            n: 2,
            doc,
        };
        let applied = world.by(world.writer, save).await.unwrap();
        assert_eq!(applied.notices, [Notice::ApprovalVoided]);
        let facts = world.facts().await;
        assert_eq!(facts.content(piece.content).status, S::Draft);
        assert_eq!(facts.requests[&piece.content][0].status, R::Superseded);
        assert!(
            facts.deliveries[&piece.content][0].run.is_none(),
            "nothing waits to send it"
        );
        // The decision on the old version is none on the new one, and an equal text again is not
        // approved either.
        let restore = Mutation::RestoreVersion {
            content: piece.content,
            from: 1,
            n: 3,
        };
        world.by(world.writer, restore).await.unwrap();
        assert_eq!(world.facts().await.content(piece.content).status, S::Draft);
        assert_eq!(
            world.decide(world.jo, piece, Verdict::Approve).await,
            Err(Code::RequestClosed)
        );
    }
}

#[tokio::test]
async fn a_move_of_47_hours_stays_approved_and_49_hours_or_earlier_does_not() {
    for world in World::each().await {
        world.with_stage(|_| {}).await;
        let at = START + 100 * HOUR;
        for (by, status) in [
            (0, R::Approved),
            (47 * HOUR, R::Approved),
            (48 * HOUR, R::Approved),
            (48 * HOUR + 1, R::Superseded),
            (49 * HOUR, R::Superseded),
            (-1, R::Superseded),
            (-HOUR, R::Superseded),
        ] {
            let piece = approved(&world, Some(at)).await;
            let moved = Mutation::MoveDelivery {
                delivery: piece.delivery,
                expected: Some(domain::Instant(at)),
                planned: planned(at + by),
            };
            let applied = world.by(world.writer, moved).await.unwrap();
            assert_eq!(
                world.request_of(piece).await.status,
                status,
                "moved by {by} ms"
            );
            assert_eq!(applied.notices.is_empty(), status == R::Approved);
        }
        // Two small steps are one large one.
        let piece = approved(&world, Some(at)).await;
        for (by, status) in [(40 * HOUR, R::Approved), (50 * HOUR, R::Superseded)] {
            let planned = planned(at + by);
            let moved = Mutation::MoveDelivery {
                delivery: piece.delivery,
                expected: None,
                planned,
            };
            world.by(world.writer, moved).await.unwrap();
            assert_eq!(world.request_of(piece).await.status, status);
        }
        let stale = Mutation::MoveDelivery {
            delivery: piece.delivery,
            expected: Some(domain::Instant(at)),
            planned: planned(at),
        };
        assert_eq!(world.by(world.writer, stale).await, Err(Code::Conflict));
    }
}

#[tokio::test]
async fn another_account_voids_and_no_account_leaves_nothing_to_ask() {
    for world in World::each().await {
        world.with_stage(|_| {}).await;
        let piece = approved(&world, None).await;
        let plan = |n: usize| Mutation::Plan {
            content: piece.content,
            deliveries: (0..n)
                .map(|i| DeliveryPlan {
                    id: if i == 0 { piece.delivery } else { id() },
                    identity: world.accounts[i],
                    planned: None,
                    grace: None,
                    hand_off: None,
                })
                .collect(),
        };
        world.by(world.writer, plan(2)).await.unwrap();
        assert_eq!(world.request_of(piece).await.status, R::Superseded);
        world
            .by(
                world.writer,
                world.request(
                    Piece {
                        request: id(),
                        ..piece
                    },
                    1,
                ),
            )
            .await
            .unwrap();
        assert_eq!(world.request_of(piece).await.status, R::Open);
        world.by(world.writer, plan(0)).await.unwrap();
        let facts = world.facts().await;
        assert_eq!(facts.requests[&piece.content][0].status, R::Superseded);
        assert!(
            facts.deliveries[&piece.content]
                .iter()
                .all(|d| d.status == DeliveryStatus::Cancelled)
        );
    }
}

#[tokio::test]
async fn a_quorum_counts_people_and_only_on_what_they_saw() {
    for world in World::each().await {
        world
            .with_stage(|stage| {
                stage.approvers = vec![Approver::Role {
                    role: Role::Approver,
                }];
                stage.quorum = Quorum::Count { n: 2 };
            })
            .await;
        let piece = world.piece(None).await;
        assert_eq!(
            world.decide(world.writer, piece, Verdict::Approve).await,
            Err(Code::Forbidden)
        );
        let other = Piece {
            hash: domain::Hash::of(b"another"),
            ..piece
        };
        assert_eq!(
            world.decide(world.jo, other, Verdict::Approve).await,
            Err(Code::StaleVersion)
        );
        world
            .decide(world.jo, piece, Verdict::Approve)
            .await
            .unwrap();
        assert_eq!(
            world.decide(world.jo, piece, Verdict::Approve).await,
            Err(Code::AlreadyDecided)
        );
        assert_eq!(world.request_of(piece).await.status, R::Open);
        world
            .decide(world.kim, piece, Verdict::Approve)
            .await
            .unwrap();
        assert_eq!(world.request_of(piece).await.status, R::Approved);
    }
}

#[tokio::test]
async fn authors_are_barred_by_person_whatever_their_role() {
    for world in World::each().await {
        world
            .with_stage(|s| {
                s.approvers = vec![Approver::Role {
                    role: Role::Approver,
                }]
            })
            .await;
        let piece = world.piece(None).await;
        // The owner makes the second version: both are authors now.
        let hash = world
            .save(world.owner, piece.content, 2, "better")
            .await
            .unwrap();
        let piece = Piece {
            request: id(),
            hash,
            ..piece
        };
        world.by(world.jo, world.request(piece, 2)).await.unwrap();
        assert_eq!(
            world.decide(world.owner, piece, Verdict::Approve).await,
            Err(Code::OwnWork)
        );
        let promoted = Mutation::UpdatePerson {
            id: world.writer,
            name: "Wri".into(),
            role: Role::Admin,
        };
        world.ok(promoted).await;
        assert_eq!(
            world.decide(world.writer, piece, Verdict::Approve).await,
            Err(Code::OwnWork)
        );
        assert_eq!(
            world.decide(world.viewer, piece, Verdict::Approve).await,
            Err(Code::Forbidden)
        );
        world
            .decide(world.kim, piece, Verdict::Approve)
            .await
            .unwrap();
        assert_eq!(world.request_of(piece).await.status, R::Approved);
    }
}

fn approve(piece: Piece) -> Mutation {
    Mutation::Decide {
        id: id(),
        request: piece.request,
        hash: piece.hash,
        verdict: Verdict::Approve,
        comment: String::new(),
        stage: None,
        away: None,
    }
}

#[tokio::test]
async fn nobody_approves_own_work_in_somebody_elses_name() {
    for world in World::each().await {
        world
            .with_stage(|s| {
                s.approvers = vec![Approver::Role {
                    role: Role::Approver,
                }]
            })
            .await;
        let piece = world.piece(None).await;
        let said = world.acting(world.writer, world.jo, approve(piece)).await;
        assert_eq!(said, Err(Code::OwnWork), "the writer sits at the computer");
        // Who typed in another's name is an author as much as who lent it.
        let (doc, hash) = world.doc(piece.content, "better", &world.accounts);
        let save = Mutation::SaveVersion {
            content: piece.content,
            persona: world.persona,
            n: 2,
            doc,
        };
        world.acting(world.kim, world.writer, save).await.unwrap();
        let piece = Piece {
            request: id(),
            hash,
            ..piece
        };
        world.by(world.jo, world.request(piece, 2)).await.unwrap();
        let seats = world.facts().await.seats[&piece.request].clone();
        assert!(seats.iter().all(|s| s.person != world.kim), "{seats:?}");
        for (operator, person) in [(world.kim, world.jo), (world.jo, world.kim)] {
            let said = world.acting(operator, person, approve(piece)).await;
            assert_eq!(said, Err(Code::OwnWork));
        }
        assert_eq!(
            world.by(world.kim, approve(piece)).await,
            Err(Code::OwnWork)
        );
        // Somebody who had no hand in it may lend a hand.
        world
            .acting(world.admin, world.jo, approve(piece))
            .await
            .unwrap();
        assert_eq!(world.request_of(piece).await.status, R::Approved);
    }
}

/// A stage that needs all of Jo and Kim, and what Kim did at the computer in Jo's name.
async fn spent(world: &World, substitute: Option<PersonId>) -> (Piece, Vec<Notice>) {
    let people = |ids: &[PersonId]| ids.iter().map(|&id| Approver::Person { id }).collect();
    let named: Vec<Approver> = people(&[world.jo, world.kim]);
    let others = substitute.map_or_else(Vec::new, |id| people(&[id]));
    world
        .with_stage(|s| {
            s.approvers = named;
            s.quorum = Quorum::All;
            s.escalate_to = others;
        })
        .await;
    let piece = world.piece(None).await;
    let applied = world.acting(world.kim, world.jo, approve(piece)).await;
    (piece, applied.unwrap().notices)
}

#[tokio::test]
async fn a_stage_whose_last_seat_is_spent_is_stuck_and_said_to_be() {
    for world in World::each().await {
        let (piece, notices) = spent(&world, None).await;
        assert_eq!(notices, [Notice::RequestStuck]);
        let request = world.request_of(piece).await;
        assert_eq!((request.status, request.stuck), (R::Open, true));
        let said = world.by(world.kim, approve(piece)).await;
        assert_eq!(said, Err(Code::AlreadyDecided));
        let told = world.notified().await;
        let stuck = |(who, n): &&(Option<PersonId>, Notification)| {
            n.kind == NotificationKind::Stuck && *who == request.person
        };
        assert_eq!(told.iter().filter(stuck).count(), 1);
        // What was said is taken back, and everybody sits in a seat of their own.
        let facts = world.facts().await;
        let decision = facts.decisions[&request.id][0].id;
        let undo = Mutation::RevokeDecision { decision };
        world.by(world.jo, undo).await.unwrap();
        assert!(!world.request_of(piece).await.stuck);
        world.by(world.kim, approve(piece)).await.unwrap();
        world.by(world.jo, approve(piece)).await.unwrap();
        assert_eq!(world.request_of(piece).await.status, R::Approved);
    }
}

#[tokio::test]
async fn a_substitute_takes_a_seat_that_is_spent() {
    for world in World::each().await {
        let (piece, notices) = spent(&world, Some(world.admin)).await;
        assert!(notices.is_empty(), "{notices:?}");
        assert!(!world.request_of(piece).await.stuck);
        world.by(world.admin, approve(piece)).await.unwrap();
        assert_eq!(world.request_of(piece).await.status, R::Approved);
    }
}

#[tokio::test]
async fn an_author_takes_back_nobodys_refusal() {
    for world in World::each().await {
        world.with_stage(|_| {}).await;
        let piece = world.piece(None).await;
        let decision = world
            .decide(world.jo, piece, Verdict::Reject)
            .await
            .unwrap();
        let revoke = Mutation::RevokeDecision { decision };
        let said = world.acting(world.writer, world.jo, revoke).await;
        assert_eq!(said, Err(Code::OwnWork));
        assert_eq!(world.request_of(piece).await.status, R::Rejected);
    }
}

#[tokio::test]
async fn the_rest_of_what_is_partly_out_is_still_its_authors_work() {
    for world in World::each().await {
        world
            .with_stage(|s| {
                s.approvers = vec![Approver::Role {
                    role: Role::Approver,
                }]
            })
            .await;
        let mut piece = Piece {
            content: id(),
            delivery: id(),
            request: id(),
            hash: domain::Hash::of(b""),
        };
        piece.hash = world.save(world.kim, piece.content, 1, "x").await.unwrap();
        let plan = |planned| DeliveryPlan {
            id: id(),
            identity: world.accounts[1],
            planned,
            grace: None,
            hand_off: None,
        };
        let first = DeliveryPlan {
            id: piece.delivery,
            identity: world.accounts[0],
            ..plan(None)
        };
        let both = Mutation::Plan {
            content: piece.content,
            deliveries: vec![first, plan(None)],
        };
        world.by(world.kim, both).await.unwrap();
        world.out(piece.delivery).await;
        world.by(world.kim, world.request(piece, 1)).await.unwrap();
        assert_eq!(
            world.by(world.kim, approve(piece)).await,
            Err(Code::OwnWork)
        );
    }
}

#[tokio::test]
async fn an_approval_says_whether_it_goes_out_at_once() {
    for world in World::each().await {
        world.with_stage(|_| {}).await;
        for (at, goes) in [
            (None, true),
            (Some(world.now() + 3_000), true),
            (Some(world.now() + HOUR), false),
        ] {
            let piece = world.piece(at).await;
            let applied = world.by(world.jo, approve(piece)).await.unwrap();
            assert_eq!(applied.notices.contains(&Notice::GoesOut), goes, "{at:?}");
        }
        let pause = Mutation::SetPaused {
            persona: None,
            paused: true,
        };
        world.ok(pause).await;
        let piece = world.piece(None).await;
        let applied = world.by(world.jo, approve(piece)).await.unwrap();
        assert_eq!(applied.notices, [], "nothing opens in a pause");
        let refused = world.piece(None).await;
        let decide = Mutation::Decide {
            id: id(),
            request: refused.request,
            hash: refused.hash,
            verdict: Verdict::Reject,
            comment: "no".into(),
            stage: None,
            away: None,
        };
        assert_eq!(world.by(world.jo, decide).await.unwrap().notices, []);
    }
}

#[tokio::test]
async fn a_decision_is_taken_back_by_who_took_it() {
    for world in World::each().await {
        world.with_stage(|_| {}).await;
        for verdict in [Verdict::Approve, Verdict::Reject, Verdict::RequestChanges] {
            let piece = world.piece(None).await;
            let decision = world.decide(world.jo, piece, verdict).await.unwrap();
            let revoke = Mutation::RevokeDecision { decision };
            assert_eq!(
                world.by(world.kim, revoke.clone()).await,
                Err(Code::Forbidden)
            );
            world.by(world.jo, revoke.clone()).await.unwrap();
            assert_eq!(world.request_of(piece).await.status, R::Open);
            assert_eq!(
                world.facts().await.content(piece.content).status,
                S::InReview
            );
            let again = world
                .decide(world.jo, piece, Verdict::Approve)
                .await
                .unwrap();
            assert_eq!(world.request_of(piece).await.status, R::Approved);
            // Until an attempt exists under it.
            let (org, attempt) = (world.org, attempt(&world, piece));
            let done: Result<(), app::Error> = world
                .db
                .write(move |tx| {
                    let attempt = attempt.clone();
                    Box::pin(async move { Ok(store::attempt::insert(tx, org, &attempt).await?) })
                })
                .await;
            done.unwrap();
            let revoke = Mutation::RevokeDecision { decision: again };
            assert_eq!(world.by(world.jo, revoke).await, Err(Code::AlreadySent));
        }
    }
}

fn attempt(world: &World, piece: Piece) -> store::attempt::Attempt {
    let now = domain::Instant(world.now());
    store::attempt::Attempt {
        id: id(),
        delivery: piece.delivery,
        segment: 0,
        kind: domain::attempt::AttemptKind::Send,
        n: 1,
        hash: piece.hash,
        request: piece.request,
        phase: domain::attempt::AttemptPhase::ALL[0],
        keys: serde_json::json!({}),
        handle: None,
        owner: uuid::Uuid::now_v7(),
        epoch: 1,
        lease_until: now,
        words: None,
        written_off_by: None,
        started_at: now,
        handed_for: None,
        settled_at: None,
        cost: None,
    }
}

#[tokio::test]
async fn a_leavers_seat_goes_to_the_substitute_or_is_shown_as_stuck() {
    for world in World::each().await {
        let kim = world.kim;
        world
            .with_stage(|s| s.escalate_to = vec![Approver::Person { id: kim }])
            .await;
        let piece = world.piece(None).await;
        let applied = world.ok(Mutation::DeactivatePerson { id: world.jo }).await;
        assert_eq!(applied.notices, []);
        assert_eq!(
            world.decide(world.jo, piece, Verdict::Approve).await,
            Err(Code::Forbidden)
        );
        assert!(!world.request_of(piece).await.stuck);
        // Who may no longer decide leaves a seat behind too.
        let demoted = Mutation::UpdatePerson {
            id: kim,
            name: "Kim".into(),
            role: Role::Creator,
        };
        let applied = world.ok(demoted).await;
        assert_eq!(applied.notices, [Notice::RequestStuck]);
        assert!(world.request_of(piece).await.stuck);
        let next = world.piece(None).await;
        assert!(
            world.request_of(next).await.stuck,
            "nobody is there from the beginning"
        );
    }
}

#[tokio::test]
async fn nobodys_leaving_completes_an_approval_of_all() {
    for world in World::each().await {
        let both = [world.jo, world.kim].map(|id| Approver::Person { id });
        world
            .with_stage(|s| {
                s.approvers = both.to_vec();
                s.quorum = Quorum::All;
            })
            .await;
        let piece = world.piece(None).await;
        world
            .decide(world.jo, piece, Verdict::Approve)
            .await
            .unwrap();
        let role = |role| Mutation::UpdatePerson {
            id: world.kim,
            name: "Kim".into(),
            role,
        };
        let applied = world.ok(role(Role::Creator)).await;
        assert_eq!(applied.notices, [Notice::RequestStuck]);
        let request = world.request_of(piece).await;
        assert_eq!((request.status, request.stuck), (R::Open, true));
    }
}

#[tokio::test]
async fn time_brings_substitutes_and_the_end() {
    for world in World::each().await {
        let kim = world.kim;
        world
            .with_stage(|s| s.escalate_to = vec![Approver::Person { id: kim }])
            .await;
        let piece = world.piece(None).await;
        assert_eq!(
            world.decide(kim, piece, Verdict::Approve).await,
            Err(Code::NoSeat)
        );
        world
            .as_run(piece.request, |work, id| {
                Box::pin(async move { app::apply::requests::escalate(work, id).await.map(drop) })
            })
            .await;
        let seats = world.facts().await.seats[&piece.request].clone();
        assert_eq!(seats.len(), 2);
        assert!(seats.iter().any(|s| s.person == kim && s.substitute));
        world
            .as_run(piece.request, |work, id| {
                Box::pin(async move { app::apply::requests::expire(work, id).await })
            })
            .await;
        assert_eq!(world.request_of(piece).await.status, R::Expired);
        assert_eq!(
            world.decide(kim, piece, Verdict::Approve).await,
            Err(Code::RequestClosed)
        );
        assert_eq!(world.facts().await.content(piece.content).status, S::Draft);
    }
}

#[tokio::test]
async fn what_is_partly_out_can_be_asked_again_for_the_rest() {
    for world in World::each().await {
        world.with_stage(|_| {}).await;
        let piece = approved(&world, Some(START + 100 * HOUR)).await;
        let second = DeliveryPlan {
            id: id(),
            identity: world.accounts[1],
            planned: None,
            grace: None,
            hand_off: None,
        };
        let first = DeliveryPlan {
            id: piece.delivery,
            identity: world.accounts[0],
            planned: None,
            grace: None,
            hand_off: None,
        };
        let plan = Mutation::Plan {
            content: piece.content,
            deliveries: vec![first, second.clone()],
        };
        world.by(world.writer, plan).await.unwrap();
        world.out(piece.delivery).await;
        let third = DeliveryPlan { id: id(), ..second };
        let again = Piece {
            request: id(),
            ..piece
        };
        world
            .by(world.writer, world.request(again, 1))
            .await
            .unwrap();
        assert_eq!(world.request_of(piece).await.status, R::Open);
        // But what is out gets no further accounts.
        let plan = Mutation::Plan {
            content: piece.content,
            deliveries: vec![third],
        };
        assert_eq!(world.by(world.writer, plan).await, Err(Code::WrongState));
    }
}

#[tokio::test]
async fn only_who_asked_who_wrote_or_who_manages_takes_a_request_back() {
    for world in World::each().await {
        world.with_stage(|_| {}).await;
        let other = id();
        world
            .ok(Mutation::AddPerson {
                id: other,
                name: "OTHER Creator".into(),
                role: Role::Creator,
            })
            .await;
        let piece = world.piece(None).await;
        let withdraw = Mutation::WithdrawRequest {
            request: piece.request,
        };
        for stranger in [other, world.jo] {
            let said = world.by(stranger, withdraw.clone()).await;
            assert_eq!(said, Err(Code::Forbidden));
        }
        assert_eq!(world.request_of(piece).await.status, R::Open);
        world.by(world.writer, withdraw).await.unwrap();
        assert_eq!(world.request_of(piece).await.status, R::Withdrawn);
        let managed = world.piece(None).await;
        let withdraw = Mutation::WithdrawRequest {
            request: managed.request,
        };
        world.by(world.admin, withdraw).await.unwrap();
        // Whoever sat at the computer while it was written is one of its authors.
        let content = id();
        let (doc, hash) = world.doc(content, "OTHER text", &world.accounts);
        let save = Mutation::SaveVersion {
            content,
            persona: world.persona,
            n: 1,
            doc,
        };
        world.acting(other, world.writer, save).await.unwrap();
        let piece = Piece {
            content,
            delivery: id(),
            request: id(),
            hash,
        };
        world
            .by(world.writer, world.plan(piece, None))
            .await
            .unwrap();
        world
            .by(world.writer, world.request(piece, 1))
            .await
            .unwrap();
        let withdraw = Mutation::WithdrawRequest {
            request: piece.request,
        };
        world.by(other, withdraw).await.unwrap();
    }
}

#[tokio::test]
async fn nobody_fills_two_seats_of_a_stage_by_acting_as_two() {
    for world in World::each().await {
        let (jo, kim) = (world.jo, world.kim);
        world
            .with_stage(|stage| {
                stage.approvers = vec![Approver::Person { id: jo }, Approver::Person { id: kim }];
                stage.quorum = Quorum::All;
            })
            .await;
        // Jo decides, then sits down in Kim's name; or the admin does both.
        let piece = world.piece(None).await;
        world.by(jo, approve(piece)).await.unwrap();
        let said = world.acting(jo, kim, approve(piece)).await;
        assert_eq!(said, Err(Code::AlreadyDecided));
        let piece = world.piece(None).await;
        world.acting(world.admin, jo, approve(piece)).await.unwrap();
        let said = world.acting(world.admin, kim, approve(piece)).await;
        assert_eq!(said, Err(Code::AlreadyDecided));
        let said = world.acting(world.owner, kim, approve(piece)).await;
        assert!(said.is_ok(), "another pair of eyes: {said:?}");
        assert_eq!(world.request_of(piece).await.status, R::Approved);
    }
}

#[tokio::test]
async fn what_expires_is_told_to_who_asked() {
    for world in World::each().await {
        world.with_stage(|_| {}).await;
        let piece = world.piece(None).await;
        let told = world.notified().await.len();
        world
            .as_run(piece.request, |work, id| {
                Box::pin(async move { app::apply::requests::expire(work, id).await })
            })
            .await;
        let all = world.notified().await;
        let [(person, told)] = &all[told..] else {
            panic!("{all:?}")
        };
        assert_eq!(*person, Some(world.writer));
        assert_eq!(store::to_json(&told.kind).unwrap(), "\"expired\"");
        assert_eq!(told.args["headline"], "OTHER text");
        let place = protocol::event::Place::Content { id: piece.content };
        assert_eq!(told.place, place);
    }
}
