//! Who decides for somebody who is away: for a time, once, and never on own work.

use domain::approval::{Approver, Quorum, RequestStatus as R, Verdict};
use domain::delegation::Delegation;
use domain::ids::PersonId;
use domain::{Instant, person::Role};
use protocol::event::NotificationKind;
use protocol::{Code, Mutation};

use crate::world::{HOUR, Piece, START, World, id};

fn delegate(to: PersonId, from: i64, until: i64) -> Mutation {
    Mutation::Delegate {
        delegation: Some(Delegation {
            to,
            from: Instant(from),
            until: Instant(until),
        }),
    }
}

fn approve(piece: Piece, away: Option<PersonId>) -> Mutation {
    Mutation::Decide {
        id: id(),
        request: piece.request,
        hash: piece.hash,
        verdict: Verdict::Approve,
        comment: String::new(),
        stage: None,
        away,
    }
}

/// Jo is away for a day, and Kim decides for Jo; a request that asks Jo.
async fn away(world: &World) -> Piece {
    world.with_stage(|_| {}).await;
    let day = delegate(world.kim, START, START + 24 * HOUR);
    world.by(world.jo, day).await.unwrap();
    world.piece(None).await
}

#[tokio::test]
async fn whoever_decides_for_somebody_is_asked_and_decides_while_they_are_away() {
    for world in World::each().await {
        let piece = away(&world).await;
        let told = world.notified().await;
        let asked: Vec<_> = told
            .iter()
            .filter(|(_, n)| n.kind == NotificationKind::ApprovalPending)
            .collect();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].0, Some(world.kim), "not the one who is away");
        assert!(
            told.iter()
                .any(|(who, n)| n.kind == NotificationKind::Delegated && *who == Some(world.kim))
        );
        // Not in one's own name: Kim has no seat.
        let own = world.by(world.kim, approve(piece, None)).await;
        assert_eq!(own, Err(Code::NoSeat));
        // Nobody else, and for nobody else.
        let other = world.by(world.admin, approve(piece, Some(world.jo))).await;
        assert_eq!(other, Err(Code::Forbidden));
        let other = world.by(world.kim, approve(piece, Some(world.admin))).await;
        assert_eq!(other, Err(Code::Forbidden));
        world
            .by(world.kim, approve(piece, Some(world.jo)))
            .await
            .unwrap();
        assert_eq!(world.request_of(piece).await.status, R::Approved);
        let decision = world.facts().await.decisions[&piece.request][0].clone();
        assert_eq!(
            (decision.person, decision.operator, decision.delegated),
            (world.jo, Some(world.kim), true)
        );
        // Who is back takes it back as their own; so can who decided.
        let back = Mutation::RevokeDecision {
            decision: decision.id,
        };
        world.by(world.kim, back).await.unwrap();
        assert_eq!(world.request_of(piece).await.status, R::Open);
        world.by(world.jo, approve(piece, None)).await.unwrap();
        assert_eq!(world.request_of(piece).await.status, R::Approved);
    }
}

#[tokio::test]
async fn it_ends_by_itself_and_with_the_right_to_decide() {
    for world in World::each().await {
        let piece = away(&world).await;
        world.pass(24 * HOUR);
        let late = world.by(world.kim, approve(piece, Some(world.jo))).await;
        assert_eq!(late, Err(Code::Forbidden));
        // A reminder reaches who is back.
        let request = piece.request;
        world
            .as_run(request, |work, id| {
                Box::pin(async move { app::apply::requests::remind(work, id, 0).await })
            })
            .await;
        let last = world.notified().await.pop().unwrap();
        assert_eq!(last.0, Some(world.jo));
        // One that begins later does not hold yet.
        let later = delegate(world.kim, START + 90 * HOUR, START + 99 * HOUR);
        world.by(world.jo, later).await.unwrap();
        let early = world.by(world.kim, approve(piece, Some(world.jo))).await;
        assert_eq!(early, Err(Code::Forbidden));
        // Who may not decide any more decides for nobody.
        let now = delegate(world.kim, START, START + 99 * HOUR);
        world.by(world.jo, now).await.unwrap();
        let name = "OTHER Kim".to_owned();
        let (id, role) = (world.kim, Role::Creator);
        world.ok(Mutation::UpdatePerson { id, name, role }).await;
        let without = world.by(world.kim, approve(piece, Some(world.jo))).await;
        assert_eq!(without, Err(Code::Forbidden));
        world.pass(HOUR);
        world
            .as_run(request, |work, id| {
                Box::pin(async move { app::apply::requests::remind(work, id, 1).await })
            })
            .await;
        let last = world.notified().await.pop().unwrap();
        assert_eq!(last.0, Some(world.jo), "who is away is asked again");
        assert_eq!(world.request_of(piece).await.status, R::Open);
    }
}

#[tokio::test]
async fn nobody_decides_on_own_work_in_the_place_of_another() {
    for world in World::each().await {
        for authors_may in [false, true] {
            let chain = world.with_stage(|_| {}).await;
            world.let_authors(chain, authors_may).await;
            let day = delegate(world.kim, START, START + 999 * HOUR);
            world.by(world.jo, day).await.unwrap();
            let piece = Piece {
                content: id(),
                delivery: id(),
                request: id(),
                hash: domain::Hash::of(b""),
            };
            let hash = world
                .save(world.kim, piece.content, 1, "by Kim")
                .await
                .unwrap();
            let piece = Piece { hash, ..piece };
            world.by(world.kim, world.plan(piece, None)).await.unwrap();
            world.by(world.kim, world.request(piece, 1)).await.unwrap();
            let told = world.notified().await.pop().unwrap();
            assert_eq!(told.0, Some(world.jo), "Kim could not decide on it");
            let own = world.by(world.kim, approve(piece, Some(world.jo))).await;
            assert_eq!(own, Err(Code::OwnWork), "authors may: {authors_may}");
        }
    }
}

#[tokio::test]
async fn nobody_counts_twice_as_themselves_and_as_who_is_away() {
    for world in World::each().await {
        for authors_may in [false, true] {
            let (jo, kim) = (world.jo, world.kim);
            let chain = world
                .with_stage(|s| {
                    s.approvers = [jo, kim].map(|id| Approver::Person { id }).to_vec();
                    s.quorum = Quorum::All;
                })
                .await;
            world.let_authors(chain, authors_may).await;
            let day = delegate(kim, START, START + 999 * HOUR);
            world.by(jo, day).await.unwrap();
            for first_own in [true, false] {
                let piece = world.piece(None).await;
                let (first, second) = match first_own {
                    true => (None, Some(jo)),
                    false => (Some(jo), None),
                };
                world.by(kim, approve(piece, first)).await.unwrap();
                let twice = world.by(kim, approve(piece, second)).await;
                assert_eq!(twice, Err(Code::AlreadyDecided));
                assert_eq!(world.request_of(piece).await.status, R::Open);
                if first_own {
                    // Who is away can still say it themself.
                    world.by(jo, approve(piece, None)).await.unwrap();
                    assert_eq!(world.request_of(piece).await.status, R::Approved);
                } else {
                    // Kim's own seat can no longer be filled: that is shown, not waited for.
                    assert!(world.request_of(piece).await.stuck);
                }
            }
        }
    }
}

#[tokio::test]
async fn nobody_hands_on_what_was_handed_to_them() {
    for world in World::each().await {
        let (jo, kim, admin) = (world.jo, world.kim, world.admin);
        let between = |to, from, until| delegate(to, START + from * HOUR, START + until * HOUR);
        world.by(jo, between(kim, 0, 24)).await.unwrap();
        let on = world.by(kim, between(admin, 10, 30)).await;
        assert_eq!(on, Err(Code::InvalidInput), "Kim decides for Jo then");
        world.by(kim, between(admin, 24, 30)).await.unwrap();
        let to_away = world.by(admin, between(kim, 25, 26)).await;
        assert_eq!(to_away, Err(Code::InvalidInput), "Kim is away then");
        for (to, from, until) in [
            (jo, 0, 10),
            (world.writer, 0, 10),
            (id(), 0, 10),
            (kim, 10, 10),
            (kim, -10, -5),
            (kim, 0, 24 * 400),
        ] {
            let wrong = world.by(jo, between(to, from, until)).await;
            assert_eq!(wrong, Err(Code::InvalidInput), "{to} {from} {until}");
        }
        let none = world.by(world.writer, between(kim, 0, 10)).await;
        assert_eq!(none, Err(Code::Forbidden), "whoever decides nothing");
        let end = Mutation::Delegate { delegation: None };
        world.by(jo, end).await.unwrap();
        world.by(kim, between(admin, 10, 30)).await.unwrap();
    }
}
