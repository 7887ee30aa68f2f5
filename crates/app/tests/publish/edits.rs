//! Edits in place: what was approved takes the place of what is out, once, and nothing is doubled.

use std::time::Duration;

use app::apply::{Effects, Work};
use app::publish::{self, House as _, Next};
use domain::approval::{RequestStatus, Verdict};
use domain::attempt::{AttemptKind, AttemptPhase as P, Idempotency};
use domain::delivery::{DeliveryStatus as D, HoldReason};
use domain::edit::EditStatus as E;
use domain::ids::*;
use protocol::event::NotificationKind as K;
use protocol::{Code, Mutation};
use uuid::Uuid;

use crate::network::Act;
use crate::races::Dice;
use crate::world::{Piece, World};

impl World {
    /// Saves a newer version, asks for its approval, and for the update of what is out.
    pub(crate) async fn revise(&self, piece: Piece, n: u32, texts: &[&str]) -> Result<(), Code> {
        self.save_and_ask(piece, n, texts).await?;
        self.update(piece).await
    }

    async fn save_and_ask(&self, piece: Piece, n: u32, texts: &[&str]) -> Result<(), Code> {
        let (doc, hash) = self.doc(piece.content, texts, &[self.identity]);
        let save = Mutation::SaveVersion {
            content: piece.content,
            persona: self.persona,
            n,
            doc,
        };
        let ask = Mutation::RequestApproval {
            id: RequestId(Uuid::now_v7()),
            content: piece.content,
            n,
            hash,
            added: None,
        };
        self.all_as(self.writer, vec![save, ask]).await.map(drop)
    }

    pub(crate) async fn update(&self, piece: Piece) -> Result<(), Code> {
        let deliveries = vec![piece.delivery];
        self.apply(Mutation::UpdatePublished { deliveries })
            .await
            .map(drop)
    }

    pub(crate) async fn edit(&self, id: DeliveryId) -> Option<store::edit::Edit> {
        let org = self.org;
        let found: Result<_, app::Error> = self
            .db
            .read(|tx| Box::pin(async move { Ok(store::edit::get(tx, org, id).await?) }))
            .await;
        found.unwrap()
    }

    async fn edit_status(&self, id: DeliveryId) -> E {
        self.edit(id).await.unwrap().status
    }

    /// One step of the edit's run, as the workflow does it.
    async fn edit_step(&self, id: DeliveryId) -> Next {
        let run = self.edit(id).await.unwrap().run.unwrap_or_default();
        let ctx = self.publisher.ctx(self.org, run);
        let owned = self.publisher.clone();
        let (next, effects) = self
            .db
            .write(move |tx| {
                let (ctx, publisher) = (ctx.clone(), owned.clone());
                Box::pin(async move {
                    let mut work = Work::begin(tx, &ctx).await?;
                    let (next, changed) =
                        publish::check_edit(&mut work, &publisher, id, run).await?;
                    let effects = match changed {
                        true => work.finish().await?,
                        false => Effects::default(),
                    };
                    Ok::<_, app::Error>((next, effects))
                })
            })
            .await
            .unwrap();
        self.machine.tell(effects);
        match next {
            Next::Send { attempt } => {
                drop(self.publisher.send(self.org, run, attempt).await.unwrap());
            }
            Next::Look { attempt, repeat } => {
                let look = self.publisher.look(self.org, run, attempt, repeat);
                drop(look.await.unwrap());
            }
            _ => {}
        }
        next
    }

    /// Goes on until nothing more happens by itself; waits pass at once.
    pub(crate) async fn settle_edit(&self, id: DeliveryId) -> E {
        for _ in 0..200 {
            match self.edit_step(id).await {
                Next::Wait { until: Some(at) } => {
                    let wait = u64::try_from(at.since(self.now()).max(1)).unwrap();
                    self.clock.advance(Duration::from_millis(wait));
                }
                Next::Wait { until: None } | Next::Done { .. } => break,
                _ => {}
            }
        }
        self.edit_status(id).await
    }

    async fn edit_tries(&self, id: DeliveryId) -> Vec<store::attempt::Attempt> {
        let all = self.attempts(id).await;
        all.into_iter()
            .filter(|a| a.kind == AttemptKind::Edit)
            .collect()
    }

    async fn decide(&self, piece: Piece, verdict: Verdict) -> DecisionId {
        let request = self.newest_request(piece.content).await;
        let id = DecisionId(Uuid::now_v7());
        let decide = Mutation::Decide {
            id,
            request: request.id,
            hash: request.hash,
            verdict,
            comment: "So.".into(),
            stage: None,
            away: None,
        };
        self.apply_as(self.approver, decide).await.unwrap();
        id
    }
}

/// Something that is out.
async fn out(texts: &[&str]) -> (World, Piece) {
    let world = World::new(Idempotency::None).await;
    let piece = world.piece(texts, None).await;
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    (world, piece)
}

#[tokio::test]
async fn an_approved_newer_version_takes_the_place_of_what_is_out() {
    let (world, piece) = out(&["Snow"]).await;
    world.revise(piece, 2, &["Late snow"]).await.unwrap();
    assert_eq!(world.settle_edit(piece.delivery).await, E::Done);
    assert_eq!(world.network.texts(), ["Late snow"], "one post, changed");
    let delivery = world.delivery(piece.delivery).await;
    assert_eq!((delivery.status, delivery.n), (D::Published, 2));
    let request = world.newest_request(piece.content).await;
    assert_eq!(delivery.hash, Some(request.hash));
    let tries = world.edit_tries(piece.delivery).await;
    assert_eq!(tries.len(), 1);
    assert_eq!((tries[0].n, tries[0].hash), (2, request.hash));
    assert_eq!(tries[0].request, request.id);
    let audit = world.audit().await;
    let at = |name: &str| audit.iter().position(|(action, _)| action == name).unwrap();
    assert!(at("edit_asked") < at("edit_opened"));
    assert!(at("edit_opened") < at("delivery_edited"));
}

#[tokio::test]
async fn a_saved_version_changes_nothing_that_is_out_until_somebody_asks() {
    let (world, piece) = out(&["Snow"]).await;
    world.save_and_ask(piece, 2, &["Late snow"]).await.unwrap();
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert!(world.edit(piece.delivery).await.is_none());
    assert_eq!(world.network.texts(), ["Snow"]);
    let content = world.content(piece.content).await;
    assert_eq!(content.status, domain::status::ContentStatus::Published);
}

#[tokio::test]
async fn an_update_waits_for_its_approval_and_goes_with_it() {
    let (world, piece) = out(&["Snow"]).await;
    world.with_chain(|_| {}).await;
    world.revise(piece, 2, &["Late snow"]).await.unwrap();
    assert_eq!(world.settle_edit(piece.delivery).await, E::Waiting);
    assert_eq!(world.network.edits(), 0);
    world.decide(piece, Verdict::Approve).await;
    assert_eq!(world.settle_edit(piece.delivery).await, E::Done);
    assert_eq!(world.network.texts(), ["Late snow"]);
    let request = world.newest_request(piece.content).await;
    assert_eq!(request.status, RequestStatus::Approved);
}

#[tokio::test]
async fn what_was_not_approved_never_takes_the_place_of_anything() {
    let (world, piece) = out(&["Snow"]).await;
    world.with_chain(|_| {}).await;
    world.revise(piece, 2, &["Late snow"]).await.unwrap();
    world.decide(piece, Verdict::RequestChanges).await;
    assert_eq!(world.settle_edit(piece.delivery).await, E::Waiting);
    assert_eq!(world.update(piece).await, Err(Code::WrongState));
    let request = world.newest_request(piece.content).await;
    assert_eq!(request.status, RequestStatus::ChangesRequested);
    world.save_and_ask(piece, 3, &["No snow"]).await.unwrap();
    assert_eq!(world.settle_edit(piece.delivery).await, E::Cancelled);
    assert_eq!(world.network.edits(), 0);
}

#[tokio::test]
async fn a_no_that_is_taken_back_leaves_the_update_waiting() {
    for no in [Verdict::RequestChanges, Verdict::Reject] {
        let (world, piece) = out(&["Snow"]).await;
        world.with_chain(|_| {}).await;
        world.revise(piece, 2, &["Late snow"]).await.unwrap();
        let decision = world.decide(piece, no).await;
        assert_eq!(world.settle_edit(piece.delivery).await, E::Waiting);
        let undo = Mutation::RevokeDecision { decision };
        world.apply_as(world.approver, undo).await.unwrap();
        assert_eq!(world.settle_edit(piece.delivery).await, E::Waiting);
        assert_eq!(world.network.edits(), 0);
        world.decide(piece, Verdict::Approve).await;
        assert_eq!(world.settle_edit(piece.delivery).await, E::Done, "{no:?}");
        assert_eq!(world.network.texts(), ["Late snow"]);
    }
}

#[tokio::test]
async fn what_is_being_deleted_is_not_updated() {
    let (world, piece) = out(&["Snow"]).await;
    world.save_and_ask(piece, 2, &["Late snow"]).await.unwrap();
    let delete = Mutation::DeletePublished {
        deliveries: vec![piece.delivery],
    };
    world.apply(delete).await.unwrap();
    assert_eq!(world.update(piece).await, Err(Code::WrongState));
    assert!(world.edit(piece.delivery).await.is_none());
}

#[tokio::test]
async fn a_newer_version_ends_the_update_to_an_older_one() {
    let (world, piece) = out(&["Snow"]).await;
    world.revise(piece, 2, &["Late snow"]).await.unwrap();
    world.save_and_ask(piece, 3, &["No snow"]).await.unwrap();
    assert_eq!(world.settle_edit(piece.delivery).await, E::Cancelled);
    assert_eq!(world.network.texts(), ["Snow"]);
    world.update(piece).await.unwrap();
    assert_eq!(world.settle_edit(piece.delivery).await, E::Done);
    assert_eq!(world.network.texts(), ["No snow"]);
}

#[tokio::test]
async fn what_was_written_is_recorded_though_something_newer_was_saved_meanwhile() {
    let (world, piece) = out(&["Snow"]).await;
    world.revise(piece, 2, &["Late snow"]).await.unwrap();
    world.network.then([Act::DropAfter]);
    assert!(matches!(
        world.edit_step(piece.delivery).await,
        Next::Send { .. }
    ));
    world.save_and_ask(piece, 3, &["No snow"]).await.unwrap();
    assert_eq!(world.settle_edit(piece.delivery).await, E::Done);
    assert_eq!(world.network.texts(), ["Late snow"]);
    let delivery = world.delivery(piece.delivery).await;
    assert_eq!((delivery.status, delivery.n), (D::Published, 2));
}

#[tokio::test]
async fn a_lost_answer_is_read_back_and_what_was_not_written_is_written_again() {
    for (act, calls) in [(Act::DropAfter, 1), (Act::DropBefore, 2)] {
        let (world, piece) = out(&["Snow"]).await;
        world.revise(piece, 2, &["Late snow"]).await.unwrap();
        world.network.then([act.clone()]);
        assert_eq!(world.settle_edit(piece.delivery).await, E::Done, "{act:?}");
        assert_eq!(world.network.texts(), ["Late snow"], "{act:?}");
        assert_eq!(world.network.edits(), calls, "{act:?}");
        assert_eq!(world.edit_tries(piece.delivery).await.len(), 1, "{act:?}");
    }
}

#[tokio::test]
async fn who_died_while_writing_is_read_back_by_who_comes_after() {
    for written in [true, false] {
        let (mut world, piece) = out(&["Snow"]).await;
        world.revise(piece, 2, &["Late snow"]).await.unwrap();
        let run = world.edit(piece.delivery).await.unwrap().run.unwrap();
        let ctx = world.publisher.ctx(world.org, run);
        let publisher = world.publisher.clone();
        let next: Result<_, app::Error> = world
            .db
            .write(move |tx| {
                let (ctx, publisher) = (ctx.clone(), publisher.clone());
                Box::pin(async move {
                    let mut work = Work::begin(tx, &ctx).await?;
                    let id = piece.delivery;
                    let next = publish::check_edit(&mut work, &publisher, id, run).await?;
                    work.finish().await?;
                    Ok(next.0)
                })
            })
            .await;
        assert!(matches!(next.unwrap(), Next::Send { .. }));
        if written {
            world.network.rewrite("Snow", "Late snow");
        }
        world.restart();
        assert_eq!(world.settle_edit(piece.delivery).await, E::Done);
        assert_eq!(world.network.edits(), usize::from(!written));
        assert_eq!(world.network.texts(), ["Late snow"]);
    }
}

#[tokio::test]
async fn a_refusal_is_seen_and_may_be_tried_again() {
    let (world, piece) = out(&["Snow"]).await;
    world.revise(piece, 2, &["Late snow"]).await.unwrap();
    world.network.then([Act::Refuse]);
    assert_eq!(world.settle_edit(piece.delivery).await, E::Failed);
    let delivery = world.delivery(piece.delivery).await;
    assert_eq!((delivery.status, delivery.n), (D::Published, 1));
    let words = world.edit(piece.delivery).await.unwrap().words.unwrap();
    assert_eq!(words, "We do not want this here.");
    assert_eq!(world.told(K::Failed), 1);
    world.update(piece).await.unwrap();
    assert_eq!(world.settle_edit(piece.delivery).await, E::Done);
    assert_eq!(world.network.texts(), ["Late snow"]);
}

#[tokio::test]
async fn only_the_parts_that_change_are_written_and_a_half_way_is_gone_on_with() {
    let (world, piece) = out(&["One", "Two", "Three"]).await;
    world
        .revise(piece, 2, &["One", "Zwei", "Drei"])
        .await
        .unwrap();
    world.network.then([Act::Accept, Act::Refuse]);
    assert_eq!(world.settle_edit(piece.delivery).await, E::Failed);
    let words = world.edit(piece.delivery).await.unwrap().words.unwrap();
    assert!(words.contains("1 parts are updated"), "{words}");
    assert_eq!(world.network.texts(), ["One", "Zwei", "Three"]);
    assert_eq!(world.delivery(piece.delivery).await.n, 1);
    // Back to what the first part says: it is compared with what is live by now.
    world
        .revise(piece, 3, &["One", "Two", "Three"])
        .await
        .unwrap();
    assert_eq!(world.settle_edit(piece.delivery).await, E::Done);
    assert_eq!(world.network.texts(), ["One", "Two", "Three"]);
    assert_eq!(world.network.edits(), 3, "the third part was never touched");
    assert_eq!(world.delivery(piece.delivery).await.n, 3);
}

#[tokio::test]
async fn another_number_of_parts_is_refused_in_words() {
    let (world, piece) = out(&["One", "Two"]).await;
    world.revise(piece, 2, &["One"]).await.unwrap();
    assert_eq!(world.settle_edit(piece.delivery).await, E::Failed);
    let words = world.edit(piece.delivery).await.unwrap().words.unwrap();
    assert!(words.contains("number of parts"), "{words}");
    assert_eq!(world.network.edits(), 0);
}

#[tokio::test]
async fn a_pause_and_a_dead_account_keep_an_update_back() {
    let (world, piece) = out(&["Snow"]).await;
    let pause = |paused| Mutation::SetPaused {
        persona: None,
        paused,
    };
    world.apply(pause(true)).await.unwrap();
    world.revise(piece, 2, &["Late snow"]).await.unwrap();
    assert_eq!(world.settle_edit(piece.delivery).await, E::Waiting);
    assert_eq!(world.network.edits(), 0);
    world.apply(pause(false)).await.unwrap();
    world.network.then([Act::SignIn]);
    assert_eq!(world.settle_edit(piece.delivery).await, E::Held);
    let held = world.edit(piece.delivery).await.unwrap();
    assert_eq!(held.hold, Some(HoldReason::Account));
    assert_eq!(world.told(K::Reconnect), 1);
    let again = Mutation::UpdateIdentity {
        id: world.identity,
        facts: crate::world::facts("mara"),
    };
    world.pass(1_000);
    world.apply(again).await.unwrap();
    assert_eq!(world.settle_edit(piece.delivery).await, E::Done);
    assert_eq!(world.network.texts(), ["Late snow"]);
}

#[tokio::test]
async fn what_is_gone_is_found_gone_by_an_update() {
    let (world, piece) = out(&["Snow"]).await;
    world.revise(piece, 2, &["Late snow"]).await.unwrap();
    world.network.remove("post-1");
    assert_eq!(world.settle_edit(piece.delivery).await, E::Failed);
    assert_eq!(world.status(piece.delivery).await, D::Gone);
    assert_eq!(world.update(piece).await, Err(Code::WrongState));
}

#[tokio::test]
async fn nothing_is_deleted_or_put_away_while_an_update_may_be_on_its_way() {
    let (world, piece) = out(&["Snow"]).await;
    world.revise(piece, 2, &["Late snow"]).await.unwrap();
    world.network.then([Act::DropBefore]);
    world.edit_step(piece.delivery).await;
    assert_eq!(world.edit_status(piece.delivery).await, E::Sending);
    let open = Err(Code::AttemptOpen);
    let delete = Mutation::DeletePublished {
        deliveries: vec![piece.delivery],
    };
    let archive = Mutation::ArchiveContent {
        content: piece.content,
        archived: true,
    };
    let cancel = Mutation::CancelUpdate {
        delivery: piece.delivery,
    };
    for refused in [delete.clone(), archive, cancel] {
        assert_eq!(world.apply(refused).await, open);
    }
    assert_eq!(world.settle_edit(piece.delivery).await, E::Done);
    world.apply(delete).await.unwrap();
}

#[tokio::test]
async fn an_update_that_waits_can_be_taken_back() {
    let (world, piece) = out(&["Snow"]).await;
    world.with_chain(|_| {}).await;
    world.revise(piece, 2, &["Late snow"]).await.unwrap();
    let cancel = Mutation::CancelUpdate {
        delivery: piece.delivery,
    };
    world.apply(cancel).await.unwrap();
    world.decide(piece, Verdict::Approve).await;
    assert_eq!(world.settle_edit(piece.delivery).await, E::Cancelled);
    assert_eq!(world.network.edits(), 0);
}

#[tokio::test]
async fn a_released_folder_writes_no_update_by_itself() {
    let (world, piece) = out(&["Snow"]).await;
    let held = &world.machine.held;
    held.store(true, std::sync::atomic::Ordering::SeqCst);
    world.revise(piece, 2, &["Late snow"]).await.unwrap();
    assert_eq!(world.settle_edit(piece.delivery).await, E::Held);
    held.store(false, std::sync::atomic::Ordering::SeqCst);
    world.apply(Mutation::ReleaseFolder).await.unwrap();
    assert_eq!(world.settle_edit(piece.delivery).await, E::Failed);
    assert_eq!(world.network.edits(), 0, "its other self may be ahead");
    world.update(piece).await.unwrap();
    assert_eq!(world.settle_edit(piece.delivery).await, E::Done);
}

#[tokio::test]
async fn a_network_that_is_away_is_asked_again_and_a_wait_is_kept() {
    let (world, piece) = out(&["Snow"]).await;
    world.revise(piece, 2, &["Late snow"]).await.unwrap();
    world.network.then([Act::Offline, Act::Throttle(Some(7))]);
    assert_eq!(world.settle_edit(piece.delivery).await, E::Done);
    let tries = world.edit_tries(piece.delivery).await;
    let phases: Vec<_> = tries.iter().map(|a| a.phase).collect();
    assert_eq!(phases, [P::NotSent, P::Throttled, P::Confirmed]);
    assert!(tries[2].started_at.since(tries[1].started_at) >= 7_000);
}

/// Invariant 1 for edits, whatever comes between: an attempt names the version that is the newest
/// and approved at that moment, and there is never a second post.
#[tokio::test]
async fn whatever_comes_between_only_what_is_approved_takes_the_place() {
    let mut dice = Dice::of("edits");
    for _ in 0..8 {
        let (world, piece) = out(&["Snow"]).await;
        world.with_chain(|_| {}).await;
        let mut n = 1;
        let mut known = std::collections::BTreeSet::new();
        for _ in 0..60 {
            let request = world.newest_request(piece.content).await;
            match dice.roll(8) {
                0 | 1 => {
                    n += 1;
                    let text = format!("Snow {n}");
                    world.save_and_ask(piece, n, &[&text]).await.unwrap();
                }
                2 if request.status == RequestStatus::Open => {
                    world.decide(piece, Verdict::Approve).await;
                }
                3 => drop(world.update(piece).await),
                4 => {
                    let act = [Act::Accept, Act::DropAfter, Act::DropBefore, Act::Refuse]
                        [usize::try_from(dice.roll(4)).unwrap()]
                    .clone();
                    world.network.then([act]);
                }
                5 => world.pass(i64::try_from(dice.roll(20_000)).unwrap()),
                _ if world.edit(piece.delivery).await.is_some() => {
                    world.edit_step(piece.delivery).await;
                }
                _ => {}
            }
            let tries = world.edit_tries(piece.delivery).await;
            // Several may have begun in one moment: in no order.
            for last in tries.iter().filter(|one| known.insert(one.id)) {
                let request = world.newest_request(piece.content).await;
                assert_eq!(request.status, RequestStatus::Approved);
                assert_eq!((last.n, last.hash), (n, request.hash));
            }
            assert_eq!(world.network.texts().len(), 1);
        }
    }
}
