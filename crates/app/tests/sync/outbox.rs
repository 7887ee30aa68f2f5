//! What waits, what was rejected, and what rests on it.

use domain::ids::*;
use protocol::sync::{Outcome, Pushed};
use protocol::{Code, Mutation};
use store::sync::outbox::State as S;

use crate::desk::{Desk, Net, same};
use crate::world::{Piece, body, id};

fn named(content: ContentId, campaign: &str) -> Mutation {
    Mutation::SetDetails {
        content,
        campaign: campaign.into(),
        labels: vec![],
    }
}

fn version(net: &Net, content: ContentId, n: u32, text: &str) -> (Mutation, domain::Hash) {
    let (doc, hash) = net.world.doc(content, text, &net.world.accounts);
    let save = Mutation::SaveVersion {
        content,
        persona: net.world.persona,
        n,
        doc,
    };
    (save, hash)
}

/// The second version of a content here, with a request that names it, and something of another
/// content; meanwhile somebody else saved the second version.
async fn outpaced(net: &std::sync::Arc<Net>) -> (Desk, Piece, Piece) {
    let desk = Desk::new(net, net.world.writer).await;
    let (piece, other) = (net.world.piece(None).await, net.world.piece(None).await);
    desk.sync().await;
    let (save, hash) = version(net, piece.content, 2, "mine");
    desk.does(vec![save]).await.unwrap();
    let asked = Piece {
        request: id(),
        hash,
        ..piece
    };
    desk.does(vec![net.world.request(asked, 2)]).await.unwrap();
    let free = named(other.content, "Free");
    desk.does(vec![free]).await.unwrap();
    let theirs = net.world.owner;
    net.world
        .save(theirs, piece.content, 2, "theirs")
        .await
        .unwrap();
    (desk, piece, other)
}

#[tokio::test]
async fn what_rests_on_a_rejected_item_is_held_and_the_rest_goes_on() {
    let net = Net::on_sqlite(31).await;
    let (desk, piece, other) = outpaced(&net).await;
    desk.sync().await;
    assert_eq!(desk.states().await, [S::Rejected, S::Held]);
    let waiting = desk.mirror.outbox().await.unwrap();
    let problem = waiting[0].problem.clone().unwrap();
    assert_eq!(problem.code, Code::Conflict, "both wrote the same words");
    // What the window shows is the server's.
    let there = net.rows(&net.instances[0]).await;
    same("rejected", &desk.rows().await, &there);
    let facts = net.world.facts().await;
    assert_eq!(facts.content(other.content).campaign, "Free");
    assert_eq!(facts.content(piece.content).headline, "theirs");
    assert!(matches!(
        *desk.pump.standing().borrow(),
        app::sync::Standing::NeedsAttention { rejected: 1, .. }
    ));
}

#[tokio::test]
async fn a_rejected_item_goes_again_with_other_words_and_what_rested_on_it_is_judged_anew() {
    let net = Net::on_sqlite(32).await;
    let (desk, piece, _) = outpaced(&net).await;
    desk.sync().await;
    let waiting = desk.mirror.outbox().await.unwrap();
    // What was said is not said again as it was.
    let again = desk
        .mirror
        .retry(waiting[1].id, None, domain::Instant(net.world.now()));
    assert_eq!(
        again.await.unwrap_err().into_problem().code,
        Code::WrongState
    );
    let (save, _) = version(&net, piece.content, 3, "mine");
    desk.mirror
        .retry(
            waiting[0].id,
            Some(vec![save]),
            domain::Instant(net.world.now()),
        )
        .await
        .unwrap();
    desk.sync().await;
    let facts = net.world.facts().await;
    assert_eq!(facts.content(piece.content).headline, "mine");
    // It asked for the second version, which is another's.
    assert_eq!(desk.states().await, [S::Rejected]);
    let waiting = desk.mirror.outbox().await.unwrap();
    desk.mirror.discard(waiting[0].id).await.unwrap();
    desk.sync().await;
    assert!(desk.states().await.is_empty());
    same(
        "done",
        &desk.rows().await,
        &net.rows(&net.instances[0]).await,
    );
}

#[tokio::test]
async fn a_rejection_is_learnt_from_a_pull_when_the_answer_was_lost() {
    let net = Net::on_sqlite(33).await;
    let (desk, ..) = outpaced(&net).await;
    let push = desk.mirror.to_push().await.unwrap().unwrap();
    assert_eq!(push.items.len(), 3);
    net.deliver(desk.person, push.clone()).await.unwrap();
    assert_eq!(desk.states().await, [S::Sent; 3]);
    desk.pull().await;
    assert_eq!(desk.states().await, [S::Rejected, S::Held, S::Waiting]);
    // The push arrives a second time: what followed the rejected item is not taken by it.
    let again = net.deliver(desk.person, push).await.unwrap();
    let Pushed::Taken { outcomes } = again else {
        panic!("{again:?}")
    };
    assert!(matches!(&outcomes[..], [Outcome::Rejected { .. }]));
    desk.sync().await;
    assert_eq!(desk.states().await, [S::Rejected, S::Held]);
}

#[tokio::test]
async fn an_item_leaves_only_when_a_pull_shows_it_and_is_not_dropped_on_its_way() {
    let net = Net::on_sqlite(34).await;
    let piece = net.world.piece(None).await;
    let mut desk = Desk::new(&net, net.world.writer).await;
    desk.sync().await;
    desk.does(vec![named(piece.content, "Mine")]).await.unwrap();
    let push = desk.mirror.to_push().await.unwrap().unwrap();
    let id = desk.mirror.outbox().await.unwrap()[0].id;
    let dropped = desk.mirror.discard(id).await.unwrap_err();
    assert_eq!(dropped.into_problem().code, Code::WrongState);
    let pushed = net.deliver(desk.person, push.clone()).await.unwrap();
    desk.mirror.answered(push, pushed).await.unwrap();
    assert_eq!(desk.states().await, [S::Taken]);
    desk.crash().await;
    assert_eq!(desk.states().await, [S::Taken]);
    let facts = net.world.facts_in(desk.mirror.db()).await;
    assert_eq!(facts.content(piece.content).campaign, "Mine");
    desk.sync().await;
    assert!(desk.states().await.is_empty());
}

#[tokio::test]
async fn the_same_call_again_is_the_same_item_and_other_words_under_its_id_are_refused() {
    let net = Net::on_sqlite(35).await;
    let piece = net.world.piece(None).await;
    let desk = Desk::new(&net, net.world.writer).await;
    desk.sync().await;
    let mut batch = protocol::sync::Batch::new(id(), None, vec![named(piece.content, "Mine")]);
    desk.batch(batch.clone()).await.unwrap();
    desk.batch(batch.clone()).await.unwrap();
    assert_eq!(desk.states().await.len(), 1);
    batch.mutations = vec![named(piece.content, "Other")];
    let said = desk.batch(batch.clone()).await.unwrap_err();
    assert_eq!(said.code, Code::IdReused);
    batch.id = id();
    batch.acting = Some(net.world.jo);
    let said = desk.batch(batch).await.unwrap_err();
    assert_eq!(said.code, Code::Forbidden);
}

#[tokio::test]
async fn a_mirror_that_was_restored_goes_on_as_another_client_and_nothing_is_done_twice() {
    let net = Net::on_sqlite(36).await;
    let mut desk = Desk::new(&net, net.world.writer).await;
    desk.sync().await;
    let typed = |words: &str| Mutation::SaveWorkingCopy {
        content: id(),
        persona: net.world.persona,
        body: body(words, &[]),
        base: None,
    };
    desk.does(vec![typed("before")]).await.unwrap();
    let copy = desk.copied().await;
    desk.sync().await;
    desk.does(vec![typed("after")]).await.unwrap();
    desk.sync().await;
    let there = net.world.facts().await.contents.len();
    desk.restore(&copy).await;
    assert_eq!(desk.states().await, [S::Waiting]);
    desk.does(vec![typed("then")]).await.unwrap();
    desk.sync().await;
    assert_eq!(net.forks.load(std::sync::atomic::Ordering::SeqCst), 1);
    assert_eq!(net.world.facts().await.contents.len(), there + 1);
    assert!(desk.states().await.is_empty());
    same(
        "restored",
        &desk.rows().await,
        &net.rows(&net.instances[0]).await,
    );
}

#[tokio::test]
async fn nobody_takes_over_the_mirror_of_somebody_else() {
    let net = Net::on_sqlite(37).await;
    let desk = Desk::new(&net, net.world.writer).await;
    let world = &net.world;
    let other = app::sync::Mirror::open(
        desk.mirror.db(),
        world.org,
        world.jo,
        world.networks.clone(),
        domain::Instant(world.now()),
    );
    let said = other.await.unwrap_err().into_problem();
    assert_eq!(said.code, Code::Conflict);
}

#[tokio::test]
async fn what_was_done_for_a_rejected_version_is_held_and_the_older_one_does_not_go_out() {
    let net = Net::on_sqlite(38).await;
    let desk = Desk::new(&net, net.world.writer).await;
    let piece = net.world.piece(None).await;
    desk.sync().await;
    let (save, hash) = version(&net, piece.content, 2, "mine");
    desk.does(vec![save]).await.unwrap();
    let asked = Piece {
        request: id(),
        hash,
        ..piece
    };
    desk.does(vec![net.world.request(asked, 2)]).await.unwrap();
    let now = Mutation::SendNow {
        delivery: piece.delivery,
    };
    desk.does(vec![now.clone()]).await.unwrap();
    // The first version is approved; the second the server will not have.
    let push = desk.mirror.to_push().await.unwrap().unwrap();
    let problem = protocol::Problem::new(Code::Forbidden, "not this one");
    let outcomes = vec![Outcome::Rejected { problem }];
    let said = Pushed::Taken { outcomes };
    desk.mirror.answered(push, said).await.unwrap();
    assert_eq!(desk.states().await, [S::Rejected, S::Held, S::Held]);
    assert!(desk.mirror.to_push().await.unwrap().is_none());

    // A server that gets it all the same sends nothing either.
    let meant = protocol::sync::Batch {
        versions: [(piece.content, hash)].into(),
        ..protocol::sync::Batch::new(id(), None, vec![now])
    };
    let batch = serde_json::to_string(&meant).unwrap();
    let item = protocol::sync::Item {
        n: 1,
        base: u64::MAX >> 1,
        hash: domain::Hash::of(batch.as_bytes()),
        batch,
    };
    let push = protocol::sync::Push {
        client: id(),
        former: None,
        organization: net.world.org,
        items: vec![item],
    };
    let Pushed::Taken { outcomes } = net.deliver(desk.person, push).await.unwrap() else {
        panic!("a new client")
    };
    assert!(matches!(
        &outcomes[..],
        [Outcome::Rejected { problem }] if problem.code == Code::StaleVersion
    ));
    let facts = net.world.facts().await;
    assert_eq!(facts.deliveries[&piece.content][0].planned, None);
}
