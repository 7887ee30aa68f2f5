//! Hand-off: the network keeps the time, and whatever comes between, a post is out once or not at all.

use app::publish::{By, Next, Report};
use domain::approval::{RequestStatus, Verdict};
use domain::attempt::AttemptPhase as P;
use domain::delivery::{DeliveryStatus as D, Recall};
use domain::ids::*;
use domain::status::ContentStatus;
use protocol::event::NotificationKind as K;
use protocol::mutation::{IdentityFacts, Notice, UnconfirmedAnswer};
use protocol::{Code, Mutation};
use testkit::standin::wire::Fault;
use uuid::Uuid;

use crate::mastodon::{CREATE, Stage};
use crate::people::decide;
use crate::races::Dice;
use crate::world::{HOUR, MINUTE, Piece, START, World, planned};

const RECALL: &str = "DELETE /api/v1/scheduled_statuses";
const KEPT: &str = "GET /api/v1/scheduled_statuses/";
const LIST: &str = "GET /api/v1/scheduled_statuses";

/// When the posts of these tests are to go out.
const AT: i64 = START + 2 * HOUR;

impl World {
    async fn handed(&self, texts: &[&str], at: i64) -> Piece {
        let id = self.identity;
        self.piece_kept(id, texts, Some(at), Some(true)).await
    }

    /// Goes on until it waits; no time passes.
    async fn rest(&self, piece: Piece) -> D {
        for _ in 0..50 {
            let next = self.step(piece.delivery).await;
            if matches!(next, Next::Wait { .. } | Next::Done { .. }) {
                break;
            }
        }
        self.status(piece.delivery).await
    }

    /// The same, and short waits for another try pass.
    async fn rest_a_while(&self, piece: Piece) -> D {
        for _ in 0..100 {
            match self.step(piece.delivery).await {
                Next::Wait { until: Some(at) } if at.since(self.now()) < 10 * MINUTE => {
                    self.pass(at.since(self.now()).max(1));
                }
                Next::Wait { .. } | Next::Done { .. } => break,
                _ => {}
            }
        }
        self.status(piece.delivery).await
    }

    async fn cancel(&self, piece: Piece) -> Result<(), Code> {
        let deliveries = vec![piece.delivery];
        let cancel = Mutation::CancelDeliveries { deliveries };
        self.apply(cancel).await.map(drop)
    }

    async fn put_at(&self, piece: Piece, at: i64) -> Result<(), Code> {
        let moved = Mutation::MoveDelivery {
            delivery: piece.delivery,
            expected: None,
            planned: planned(domain::Instant(at)),
        };
        self.apply(moved).await.map(drop)
    }

    /// Saves a newer version, and asks for its approval.
    async fn rewrite(&self, piece: Piece, n: u32, text: &str, ask: bool) -> Result<(), Code> {
        let (doc, hash) = self.doc(piece.content, &[text], &[self.identity]);
        let mut all = vec![Mutation::SaveVersion {
            content: piece.content,
            persona: self.persona,
            n,
            doc,
        }];
        if ask {
            all.push(Mutation::RequestApproval {
                id: RequestId(Uuid::now_v7()),
                content: piece.content,
                n,
                hash,
                added: None,
            });
        }
        self.all_as(self.writer, all).await.map(drop)
    }

    async fn pause(&self, paused: bool) {
        let persona = None;
        let pause = Mutation::SetPaused { persona, paused };
        self.apply(pause).await.unwrap();
    }
}

/// One that the network keeps.
async fn kept(stage: &Stage) -> Piece {
    let piece = stage.world.handed(&["Snow"], AT).await;
    assert_eq!(stage.world.rest(piece).await, D::HandedOff);
    assert_eq!(stage.server.scheduled(), ["Snow"]);
    piece
}

#[tokio::test]
async fn the_network_keeps_the_time_and_publishes_while_the_computer_is_off() {
    let stage = Stage::set().await;
    let world = &stage.world;
    let piece = kept(&stage).await;
    assert!(stage.server.texts().is_empty());
    let content = world.content(piece.content).await;
    assert_eq!(content.status, ContentStatus::Scheduled);
    assert_eq!(content.at.map(|at| at.0), Some(AT));
    assert_eq!(world.phases(piece.delivery).await, [P::Pending]);
    world.pass(2 * HOUR + MINUTE);
    assert_eq!(stage.server.texts(), ["Snow"]);
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    let live = world.publications(piece.delivery).await;
    assert_eq!(live[0].remote_id, stage.server.posts()[0]["id"]);
    assert_eq!(live[0].at.0, AT, "it went out when it was to");
    assert_eq!(world.delivery(piece.delivery).await.words, None);
    assert_eq!(stage.server.calls(CREATE), 1);
    assert_eq!((world.told(K::Published), world.told(K::HandOff)), (1, 0));
}

#[tokio::test]
async fn a_network_that_is_late_is_waited_for() {
    let stage = Stage::with(|h| h.late = 20 * MINUTE).await;
    let piece = kept(&stage).await;
    assert_eq!(stage.world.settle(piece.delivery).await, D::Published);
    assert_eq!(stage.server.texts(), ["Snow"]);
    assert_eq!(stage.server.calls(CREATE), 1);
}

#[tokio::test]
async fn only_one_post_and_one_that_is_far_enough_ahead_is_handed_off() {
    let stage = Stage::set().await;
    let world = &stage.world;
    let thread = world.handed(&["One", "Two"], AT).await;
    let soon = world.handed(&["Soon"], START + 5 * MINUTE).await;
    let unasked = world.piece(&["Unasked"], Some(AT)).await;
    for piece in [thread, soon, unasked] {
        assert_eq!(world.rest(piece).await, D::Planned);
    }
    assert!(stage.server.scheduled().is_empty());
    assert_eq!(world.settle(soon.delivery).await, D::Published);
    assert_eq!(world.settle(thread.delivery).await, D::Published);
}

#[tokio::test]
async fn nothing_is_handed_off_that_is_not_approved() {
    let stage = Stage::set().await;
    let world = &stage.world;
    world.with_chain(|_| {}).await;
    let piece = world.handed(&["Snow"], AT).await;
    assert_eq!(world.rest(piece).await, D::Planned);
    assert_eq!(stage.server.calls(CREATE), 0);
    let decision = decide(world, piece, Verdict::Approve).await;
    assert_eq!(world.rest(piece).await, D::HandedOff);
    // A decision holds until something is out: what is taken back is asked back.
    let revoke = Mutation::RevokeDecision { decision };
    world.apply_as(world.approver, revoke).await.unwrap();
    assert_eq!(world.rest(piece).await, D::Planned);
    assert!(stage.server.scheduled().is_empty());
    decide(world, piece, Verdict::Approve).await;
    assert_eq!(world.rest(piece).await, D::HandedOff);
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(stage.server.texts(), ["Snow"]);
}

#[tokio::test]
async fn what_is_cancelled_is_asked_back_before_it_counts_as_cancelled() {
    let stage = Stage::set().await;
    let world = &stage.world;
    let piece = kept(&stage).await;
    let cancel = Mutation::CancelDeliveries {
        deliveries: vec![piece.delivery],
    };
    let applied = world.apply(cancel).await.unwrap();
    assert_eq!(applied.notices, [Notice::AskedBack]);
    let delivery = world.delivery(piece.delivery).await;
    assert_eq!(delivery.status, D::HandedOff, "the network has it still");
    assert_eq!(delivery.recall, Some(Recall::Cancel));
    assert_eq!(world.put_at(piece, AT + HOUR).await, Err(Code::AttemptOpen));
    assert_eq!(world.rest(piece).await, D::Cancelled);
    assert!(stage.server.scheduled().is_empty());
    let request = world.newest_request(piece.content).await;
    assert_eq!(request.status, RequestStatus::Superseded);
    assert_eq!(world.phases(piece.delivery).await, [P::NotSent]);
    world.pass(3 * HOUR);
    assert_eq!(world.settle(piece.delivery).await, D::Cancelled);
    assert!(stage.server.texts().is_empty());
}

#[tokio::test]
async fn an_edit_asks_it_back_and_the_new_version_is_handed_off_in_its_turn() {
    let stage = Stage::set().await;
    let world = &stage.world;
    let piece = kept(&stage).await;
    world.rewrite(piece, 2, "Ice", false).await.unwrap();
    assert_eq!(world.status(piece.delivery).await, D::HandedOff);
    assert_eq!(world.rest(piece).await, D::Planned);
    assert!(stage.server.scheduled().is_empty());
    assert_eq!(world.delivery(piece.delivery).await.n, 2);
    // Saved and asked for at once, as the window does it.
    world.rewrite(piece, 3, "Late snow", true).await.unwrap();
    assert_eq!(world.rest(piece).await, D::HandedOff);
    world.rewrite(piece, 4, "Rain", true).await.unwrap();
    assert_eq!(world.rest(piece).await, D::HandedOff);
    assert_eq!(stage.server.scheduled(), ["Rain"]);
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(stage.server.texts(), ["Rain"]);
    assert_eq!(world.delivery(piece.delivery).await.n, 4);
}

#[tokio::test]
async fn a_move_asks_it_back_and_hands_it_off_again() {
    let stage = Stage::set().await;
    let world = &stage.world;
    let piece = kept(&stage).await;
    world.put_at(piece, AT + HOUR).await.unwrap();
    assert_eq!(world.rest(piece).await, D::HandedOff);
    assert_eq!(stage.server.calls(RECALL), 1);
    world.pass(2 * HOUR + MINUTE);
    assert!(
        stage.server.texts().is_empty(),
        "its old time means nothing"
    );
    let now = Mutation::SendNow {
        delivery: piece.delivery,
    };
    world.apply(now).await.unwrap();
    assert_eq!(world.rest(piece).await, D::Published);
    assert_eq!(stage.server.texts(), ["Snow"]);
    world.pass(3 * HOUR);
    assert_eq!(stage.server.texts(), ["Snow"]);
}

#[tokio::test]
async fn a_pause_asks_it_back_and_its_end_hands_it_off_again() {
    let stage = Stage::set().await;
    let world = &stage.world;
    let piece = kept(&stage).await;
    world.pause(true).await;
    assert_eq!(world.rest(piece).await, D::Planned);
    assert!(stage.server.scheduled().is_empty());
    world.pause(false).await;
    assert_eq!(world.rest(piece).await, D::HandedOff);
    assert_eq!(stage.server.scheduled(), ["Snow"]);
}

#[tokio::test]
async fn what_cannot_wait_for_the_network_is_refused() {
    let stage = Stage::set().await;
    let world = &stage.world;
    let piece = kept(&stage).await;
    let archive = Mutation::ArchiveContent {
        content: piece.content,
        archived: true,
    };
    assert_eq!(world.apply(archive.clone()).await, Err(Code::AttemptOpen));
    let disconnect = Mutation::DisconnectIdentity { id: world.identity };
    let said = world.apply(disconnect.clone()).await;
    assert_eq!(said, Err(Code::WrongState), "nobody could ask it back then");
    world.cancel(piece).await.unwrap();
    assert_eq!(world.rest(piece).await, D::Cancelled);
    world.apply(archive).await.unwrap();
    world.apply(disconnect).await.unwrap();
}

#[tokio::test]
async fn a_server_that_ignores_the_time_is_found_out_once() {
    let stage = Stage::with(|h| h.keeps_time = false).await;
    let world = &stage.world;
    let piece = world.handed(&["Snow"], AT).await;
    assert_eq!(world.rest(piece).await, D::Published);
    assert_eq!(stage.server.texts(), ["Snow"]);
    let delivery = world.delivery(piece.delivery).await;
    assert!(delivery.words.unwrap().contains("published it at once"));
    assert!(delivery.settled_at.unwrap().0 < AT, "that is when it was");
    assert_eq!(world.told(K::HandOff), 1);
    let next = world.handed(&["Ice"], AT).await;
    assert_eq!(world.rest(next).await, D::Planned, "it is known by now");
    assert_eq!(world.settle(next.delivery).await, D::Published);
    assert!(world.now().0 >= AT);
}

#[tokio::test]
async fn what_a_server_was_found_to_do_a_person_can_have_tried_anew() {
    let stage = Stage::with(|h| h.keeps_time = false).await;
    let world = &stage.world;
    let piece = world.handed(&["Snow"], AT).await;
    assert_eq!(world.rest(piece).await, D::Published);
    stage.server.habits(|h| h.keeps_time = true);
    let known = world.identity().await;
    let facts = IdentityFacts {
        network: known.network,
        remote_id: known.remote_id,
        handle: known.handle,
        display_name: known.display_name,
        service: known.service,
        settings: known.settings,
        live: known.live,
    };
    let id = world.identity;
    let checked = Mutation::UpdateIdentity { id, facts };
    world.apply(checked).await.unwrap();
    let next = world.handed(&["Ice"], AT).await;
    assert_eq!(world.rest(next).await, D::HandedOff);
}

#[tokio::test]
async fn what_the_network_does_not_take_goes_out_from_here() {
    for (without, limited) in [(true, false), (false, true)] {
        let stage = Stage::with(|h| {
            h.lists_scheduled = !without;
            h.keeps_time = !without;
            h.scheduled_a_day = if limited { 0 } else { 25 };
        })
        .await;
        let world = &stage.world;
        let piece = world.handed(&["Snow"], AT).await;
        assert_eq!(world.rest(piece).await, D::Planned);
        let delivery = world.delivery(piece.delivery).await;
        assert!(delivery.words.unwrap().contains("this computer does"));
        assert!(!delivery.hand_off);
        assert_eq!(world.told(K::HandOff), 1);
        assert!(stage.server.texts().is_empty());
        assert_eq!(world.settle(piece.delivery).await, D::Published);
        assert!(world.now().0 >= AT);
        assert_eq!(stage.server.texts(), ["Snow"]);
    }
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_among_what_the_network_keeps() {
    for (fault, calls) in [
        (Fault::DropAfter, 1),
        (Fault::BrokenAfter, 1),
        (Fault::DropBefore, 2),
    ] {
        let stage = Stage::set().await;
        let world = &stage.world;
        let piece = world.handed(&["Snow"], AT).await;
        stage.server.next(CREATE, fault);
        assert_eq!(world.rest_a_while(piece).await, D::HandedOff, "{fault:?}");
        assert_eq!(stage.server.scheduled(), ["Snow"], "{fault:?}");
        assert_eq!(stage.server.calls(CREATE), calls, "{fault:?}");
        assert_eq!(world.settle(piece.delivery).await, D::Published);
        assert_eq!(stage.server.texts(), ["Snow"], "{fault:?}");
    }
}

#[tokio::test]
async fn what_is_lost_again_and_again_is_not_repeated_after_its_time() {
    let stage = Stage::set().await;
    let world = &stage.world;
    let piece = world.handed(&["Snow"], AT).await;
    for _ in 0..20 {
        stage.server.next(CREATE, Fault::DropBefore);
    }
    // Nobody can see before its time whether it is kept: nobody is asked before.
    world.rest_a_while(piece).await;
    let delivery = world.delivery(piece.delivery).await;
    assert_eq!(delivery.status, D::Sending);
    assert!(delivery.words.is_some(), "Today shows it");
    assert_eq!((world.told(K::HandOff), world.told(K::Unconfirmed)), (1, 0));
    let calls = stage.server.calls(CREATE);
    assert_eq!(world.settle(piece.delivery).await, D::Unconfirmed);
    assert!(world.now().0 >= AT);
    assert_eq!(stage.server.calls(CREATE), calls);
    assert!(stage.server.texts().is_empty());
}

#[tokio::test]
async fn what_may_be_kept_for_long_is_looked_for_again_and_again() {
    let stage = Stage::set().await;
    let world = &stage.world;
    let piece = world.handed(&["Snow"], START + 40 * HOUR).await;
    for _ in 0..20 {
        stage.server.next(CREATE, Fault::DropBefore);
    }
    world.rest_a_while(piece).await;
    for _ in 0..3 {
        let Next::Wait { until: Some(at) } = world.step(piece.delivery).await else {
            panic!("it waits for the next look");
        };
        assert!(at.since(world.now()) <= 6 * HOUR, "until {at}");
        let looks = stage.server.calls(LIST);
        world.pass(at.since(world.now()));
        assert_eq!(world.rest(piece).await, D::Sending);
        assert!(stage.server.calls(LIST) > looks);
    }
    assert_eq!(world.told(K::HandOff), 1, "said once");
    assert_eq!(world.settle(piece.delivery).await, D::Unconfirmed);
    assert!(world.now().0 >= START + 40 * HOUR);
}

#[tokio::test]
async fn software_that_promises_nothing_is_given_nothing_ahead() {
    for version in ["2.7.2 (compatible; Pleroma 2.6.2)", "4.2.9"] {
        let stage = Stage::with(|h| h.version = version.into()).await;
        let world = &stage.world;
        let piece = world.handed(&["Snow"], AT).await;
        assert_eq!(world.rest(piece).await, D::Planned);
        assert_eq!(stage.server.calls(CREATE), 0);
        assert_eq!(world.settle(piece.delivery).await, D::Published);
        assert!(world.now().0 >= AT, "this computer keeps the time");
    }
}

#[tokio::test]
async fn a_lost_answer_to_the_recall_is_asked_for_again() {
    for fault in [Fault::DropAfter, Fault::DropBefore, Fault::BrokenBefore] {
        let stage = Stage::set().await;
        let world = &stage.world;
        let piece = kept(&stage).await;
        world.cancel(piece).await.unwrap();
        stage.server.next(RECALL, fault);
        assert_eq!(world.rest(piece).await, D::HandedOff, "{fault:?}");
        let words = world.delivery(piece.delivery).await.words.unwrap();
        assert!(words.contains("may go out"), "a person sees it: {words}");
        assert_eq!(world.told(K::HandOff), 1, "{fault:?}");
        assert_eq!(world.rest_a_while(piece).await, D::Cancelled, "{fault:?}");
        assert!(stage.server.scheduled().is_empty());
        world.pass(3 * HOUR);
        assert!(stage.server.texts().is_empty(), "{fault:?}");
    }
}

#[tokio::test]
async fn what_goes_out_although_it_was_asked_back_is_said_to_be_out() {
    let stage = Stage::set().await;
    let world = &stage.world;
    let piece = kept(&stage).await;
    world.rewrite(piece, 2, "Ice", true).await.unwrap();
    for _ in 0..60 {
        stage.server.next(RECALL, Fault::BrokenBefore);
    }
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(stage.server.texts(), ["Snow"]);
    let delivery = world.delivery(piece.delivery).await;
    assert_eq!(delivery.n, 1, "what is out is what was handed off");
    assert!(
        delivery
            .words
            .unwrap()
            .contains("before the network gave it back")
    );
    assert_eq!(
        world.told(K::HandOff),
        2,
        "that it may go out, and that it did"
    );
    assert_eq!(stage.server.calls(CREATE), 1);
}

#[tokio::test]
async fn what_is_given_back_at_the_last_moment_is_looked_for_before_it_counts() {
    for out in [true, false] {
        let stage = Stage::set().await;
        let world = &stage.world;
        let piece = kept(&stage).await;
        world.pass(2 * HOUR - MINUTE / 2);
        world.cancel(piece).await.unwrap();
        // The server was about to publish it when it was asked.
        stage.server.habits(|h| h.publishes_all_the_same = out);
        let end = match out {
            true => (D::Published, 1),
            false => (D::Cancelled, 0),
        };
        assert_eq!(world.rest(piece).await, D::HandedOff, "it is not known yet");
        assert_eq!(world.settle(piece.delivery).await, end.0);
        assert_eq!(stage.server.texts().len(), end.1);
    }
}

#[tokio::test]
async fn what_somebody_took_away_elsewhere_is_a_question_and_never_sent_again() {
    let stage = Stage::set().await;
    let world = &stage.world;
    let piece = kept(&stage).await;
    stage.server.unschedule();
    assert_eq!(world.settle(piece.delivery).await, D::Unconfirmed);
    assert_eq!(stage.server.calls(CREATE), 1);
    assert!(stage.server.texts().is_empty());
    assert_eq!(world.told(K::Unconfirmed), 1);
}

#[tokio::test]
async fn to_drop_or_send_again_what_may_be_kept_the_network_is_asked_back_first() {
    for (answer, end) in [
        (UnconfirmedAnswer::Drop, D::Cancelled),
        (UnconfirmedAnswer::SendAgain, D::Published),
    ] {
        let stage = Stage::set().await;
        let world = &stage.world;
        let piece = kept(&stage).await;
        stage.server.unschedule();
        assert_eq!(world.settle(piece.delivery).await, D::Unconfirmed);
        let say = |answer| Mutation::AnswerUnconfirmed {
            delivery: piece.delivery,
            answer,
        };
        let asked = stage.server.calls(RECALL);
        world.apply(say(answer.clone())).await.unwrap();
        assert_eq!(world.status(piece.delivery).await, D::HandedOff);
        // It is not there, which proves nothing: a person answers, and that counts now.
        assert_eq!(world.settle(piece.delivery).await, D::Unconfirmed);
        assert!(stage.server.calls(RECALL) > asked);
        assert_eq!(stage.server.calls(CREATE), 1);
        world.apply(say(answer)).await.unwrap();
        assert_eq!(world.settle(piece.delivery).await, end);
    }
}

/// One of which it is not known whether the network keeps it.
async fn unsure(stage: &Stage) -> Piece {
    let piece = kept(stage).await;
    let attempt = stage.world.attempts(piece.delivery).await[0].id;
    let several = stage.world.report(attempt, Report::Several(2), By::Look);
    several.await;
    assert_eq!(stage.world.status(piece.delivery).await, D::Unconfirmed);
    piece
}

#[tokio::test]
async fn what_is_not_known_is_what_was_handed_off_and_not_what_was_saved_since() {
    let stage = Stage::set().await;
    let world = &stage.world;
    let piece = kept(&stage).await;
    world.rewrite(piece, 2, "Ice", false).await.unwrap();
    let attempt = world.attempts(piece.delivery).await[0].id;
    world.report(attempt, Report::Several(2), By::Look).await;
    let delivery = world.delivery(piece.delivery).await;
    assert_eq!((delivery.status, delivery.n), (D::Unconfirmed, 1));
}

#[tokio::test]
async fn an_account_stays_while_it_is_not_known_whether_the_network_keeps_something_of_it() {
    let stage = Stage::set().await;
    let world = &stage.world;
    let piece = unsure(&stage).await;
    let disconnect = Mutation::DisconnectIdentity { id: world.identity };
    let said = world.apply(disconnect.clone()).await;
    assert_eq!(said, Err(Code::WrongState), "nobody could ask it back then");
    let drop = Mutation::AnswerUnconfirmed {
        delivery: piece.delivery,
        answer: UnconfirmedAnswer::Drop,
    };
    world.apply(drop).await.unwrap();
    assert_eq!(world.rest(piece).await, D::Cancelled);
    world.apply(disconnect).await.unwrap();
}

#[tokio::test]
async fn what_comes_back_too_late_to_be_sent_says_so() {
    let stage = Stage::with(|h| h.late = 100 * HOUR).await;
    let world = &stage.world;
    world.with_chain(|_| {}).await;
    let piece = world.handed(&["Snow"], AT).await;
    decide(world, piece, Verdict::Approve).await;
    assert_eq!(world.rest(piece).await, D::HandedOff);
    let attempt = world.attempts(piece.delivery).await[0].id;
    world.report(attempt, Report::Several(2), By::Look).await;
    world.pass(2 * HOUR + MINUTE);
    let again = Mutation::AnswerUnconfirmed {
        delivery: piece.delivery,
        answer: UnconfirmedAnswer::SendAgain,
    };
    world.apply(again).await.unwrap();
    // What was approved is another text now, and that nobody has approved.
    world.rewrite(piece, 2, "Ice", true).await.unwrap();
    assert_eq!(world.rest_a_while(piece).await, D::Missed);
    let words = world.delivery(piece.delivery).await.words.unwrap();
    assert!(words.contains("gave it back"), "{words}");
    assert!(stage.server.scheduled().is_empty());
    assert!(stage.server.texts().is_empty());
}

#[tokio::test]
async fn what_is_kept_past_its_grace_is_asked_back_and_people_are_asked() {
    let stage = Stage::with(|h| h.late = 100 * HOUR).await;
    let world = &stage.world;
    let piece = kept(&stage).await;
    assert_eq!(world.settle(piece.delivery).await, D::Missed);
    let now = world.now().0;
    assert!(now < AT + 3 * HOUR, "after {} min", (now - AT) / MINUTE);
    assert!(
        stage.server.scheduled().is_empty(),
        "nothing goes out later"
    );
    assert!(stage.server.texts().is_empty());
    assert_eq!(world.told(K::Missed), 1);
}

#[tokio::test]
async fn a_network_that_says_nothing_after_the_time_is_shown_to_people() {
    let stage = Stage::set().await;
    let world = &stage.world;
    let piece = kept(&stage).await;
    world.pass(2 * HOUR + 40 * MINUTE);
    stage.server.next(KEPT, Fault::BrokenBefore);
    world.step(piece.delivery).await;
    world.step(piece.delivery).await;
    let delivery = world.delivery(piece.delivery).await;
    assert_eq!(delivery.status, D::HandedOff);
    assert!(delivery.words.is_some(), "Today shows it");
    assert_eq!(world.told(K::HandOff), 1);
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(world.delivery(piece.delivery).await.words, None);
}

#[tokio::test]
async fn a_network_that_does_not_answer_at_the_time_is_asked_until_it_does() {
    let stage = Stage::set().await;
    let world = &stage.world;
    let piece = kept(&stage).await;
    for _ in 0..6 {
        stage.server.next(KEPT, Fault::BrokenBefore);
    }
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(stage.server.texts(), ["Snow"]);
}

#[tokio::test]
async fn two_that_say_the_same_at_the_same_time_are_two() {
    let stage = Stage::with(|h| h.keys = false).await;
    let world = &stage.world;
    let first = kept(&stage).await;
    let second = world.handed(&["Snow"], AT).await;
    stage.server.next(CREATE, Fault::DropBefore);
    let end = world.rest_a_while(second).await;
    assert_ne!(end, D::HandedOff, "the first is not taken for the second");
    assert_eq!(world.status(first.delivery).await, D::HandedOff);
}

/// A process that dies after any of its steps leaves what another ends.
#[tokio::test]
async fn whoever_dies_between_two_steps_leaves_it_out_once() {
    let mut seen = 0;
    for dies in 0..40 {
        let mut stage = Stage::set().await;
        let piece = stage.world.handed(&["Snow"], AT).await;
        let mut steps = 0;
        for _ in 0..60 {
            let id = piece.delivery;
            let next = stage.world.check(&stage.world.publisher, id).await;
            // The commit is done; the call may be.
            if steps == dies {
                stage.world.restart();
                steps += 1;
                continue;
            }
            stage.world.go(&stage.world.publisher, id, next).await;
            steps += 1;
            if steps == dies {
                stage.world.restart();
            }
            match next {
                Next::Wait { until: Some(at) } => {
                    let wait = at.since(stage.world.now()).max(1);
                    stage.world.pass(wait);
                }
                Next::Wait { until: None } | Next::Done { .. } => break,
                _ => {}
            }
        }
        seen = seen.max(steps);
        assert_eq!(stage.world.status(piece.delivery).await, D::Published);
        assert_eq!(stage.server.texts(), ["Snow"], "died at {dies}");
        if dies > steps {
            break;
        }
    }
    assert!(seen > 4, "{seen} steps");
}

const FAULTS: [Fault; 4] = [
    Fault::DropAfter,
    Fault::DropBefore,
    Fault::BrokenBefore,
    Fault::GarbageAfter,
];

/// Whatever comes between: it is never out and kept at once, never out twice, cancelled means
/// absent, and what is out is what was approved.
#[tokio::test]
async fn whatever_comes_between_it_is_out_once_or_not_at_all() {
    let mut dice = Dice::of("hand-off");
    let mut ends = std::collections::BTreeMap::new();
    for round in 0..40 {
        let mut stage = Stage::set().await;
        let piece = stage.world.handed(&["Snow 1"], AT).await;
        let (mut n, mut paused) = (1, false);
        for _ in 0..60 {
            let world = &stage.world;
            match dice.roll(14) {
                0 if dice.roll(4) == 0 => {
                    let _ = world.cancel(piece).await;
                }
                1 => {
                    let at = world.now().0 + i64::try_from(dice.roll(180)).unwrap() * MINUTE;
                    let _ = world.put_at(piece, at).await;
                }
                2 => {
                    let text = format!("Snow {}", n + 1);
                    let saved = world.rewrite(piece, n + 1, &text, dice.roll(4) > 0).await;
                    n += u32::from(saved.is_ok());
                }
                3 => {
                    paused = !paused;
                    world.pause(paused).await;
                }
                4 => {
                    let fault = FAULTS[usize::try_from(dice.roll(4)).unwrap()];
                    let what = [CREATE, RECALL, KEPT][usize::try_from(dice.roll(3)).unwrap()];
                    stage.server.next(what, fault);
                }
                5 => world.pass(i64::try_from(dice.roll(30)).unwrap() * MINUTE),
                6 => stage.world.restart(),
                7 if dice.roll(5) == 0 => {
                    let now = Mutation::SendNow {
                        delivery: piece.delivery,
                    };
                    drop(world.apply(now).await);
                }
                _ => drop(world.step(piece.delivery).await),
            }
            let (out, kept) = (stage.server.texts(), stage.server.scheduled());
            assert!(out.len() + kept.len() <= 1, "{round}: {out:?} and {kept:?}");
            let delivery = stage.world.delivery(piece.delivery).await;
            if delivery.status == D::Cancelled {
                assert!(
                    out.is_empty() && kept.is_empty(),
                    "{round}: {out:?} {kept:?}"
                );
            }
        }
        stage.world.pause(false).await;
        let end = stage.world.settle(piece.delivery).await;
        stage.world.pass(10 * HOUR);
        let (out, kept) = (stage.server.texts(), stage.server.scheduled());
        assert!(kept.is_empty(), "{round}: {end:?} and {kept:?}");
        let delivery = stage.world.delivery(piece.delivery).await;
        match end {
            D::Published => assert_eq!(out, [format!("Snow {}", delivery.n)], "{round}"),
            D::Unconfirmed => assert!(out.len() <= 1, "{round}"),
            _ => assert!(out.is_empty(), "{round}: {end:?} and {out:?}"),
        }
        *ends.entry(end.as_str()).or_insert(0) += 1;
    }
    println!("{ends:?}");
    assert!(ends["published"] > 5, "{ends:?}");
}
