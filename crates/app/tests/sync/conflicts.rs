//! Two people changed the same thing without seeing each other.

use std::sync::Arc;

use domain::approval::RequestStatus;
use domain::ids::*;
use protocol::{Code, Mutation};
use store::sync::outbox::State as S;

use crate::desk::{Desk, Net, same};
use crate::world::{body, id, planned};

fn typed(net: &Net, content: ContentId, base: u32, words: &str) -> Mutation {
    Mutation::SaveWorkingCopy {
        content,
        persona: net.world.persona,
        body: body(words, &net.world.accounts),
        base: Some(base),
    }
}

async fn draft(net: &Net, content: ContentId) -> Option<(String, u32)> {
    let facts = net.world.facts().await;
    let copy = facts.copies[&content].clone()?;
    Some((copy.body.shared.segments[0].text.clone(), copy.base))
}

/// A content with a saved version, and two desktops that show it.
async fn two(net: &Arc<Net>, words: &str) -> (ContentId, Desk, Desk) {
    let content = id();
    let saved = net.world.save(net.world.writer, content, 1, words).await;
    saved.unwrap();
    let (a, b) = (
        Desk::new(net, net.world.writer).await,
        Desk::new(net, net.world.admin).await,
    );
    a.sync().await;
    b.sync().await;
    (content, a, b)
}

async fn all_show_the_same(net: &Net, desks: [&Desk; 2]) {
    for desk in desks {
        desk.sync().await;
    }
    for desk in desks {
        desk.sync().await;
        let there = net.rows(&net.instances[0]).await;
        same("after", &desk.rows().await, &there);
    }
}

#[tokio::test]
async fn what_two_people_typed_into_one_draft_is_in_it() {
    for net in Net::each(41).await {
        let (content, a, b) = two(&net, "Snow on the hut. Come up.").await;
        let said = typed(&net, content, 1, "Fresh snow on the hut. Come up.");
        a.does(vec![said]).await.unwrap();
        let said = typed(&net, content, 1, "Snow on the hut. Come up today.");
        b.does(vec![said]).await.unwrap();
        all_show_the_same(&net, [&a, &b]).await;
        let both = "Fresh snow on the hut. Come up today.".to_owned();
        assert_eq!(draft(&net, content).await, Some((both, 1)));
        // Who goes on typing on what both have changes it as they like.
        let said = typed(&net, content, 1, "Snow. Come up today.");
        b.does(vec![said]).await.unwrap();
        all_show_the_same(&net, [&a, &b]).await;
        let less = "Snow. Come up today.".to_owned();
        assert_eq!(draft(&net, content).await, Some((less, 1)));
        assert!(a.states().await.is_empty() && b.states().await.is_empty());
    }
}

#[tokio::test]
async fn where_both_changed_the_same_words_the_later_text_stays_in_its_outbox() {
    for net in Net::each(42).await {
        let (content, a, b) = two(&net, "Snow on the hut.").await;
        let said = typed(&net, content, 1, "Rain on the hut.");
        a.does(vec![said]).await.unwrap();
        let said = typed(&net, content, 1, "Sun on the hut.");
        b.does(vec![said]).await.unwrap();
        a.sync().await;
        all_show_the_same(&net, [&a, &b]).await;
        assert_eq!(draft(&net, content).await.unwrap().0, "Rain on the hut.");
        let waiting = b.mirror.outbox().await.unwrap();
        assert_eq!(waiting[0].problem.as_ref().unwrap().code, Code::Conflict);
        let theirs = typed(&net, content, 1, "Sun on the hut.");
        assert_eq!(waiting[0].mutations, [theirs]);
        // Having looked at both, they say what it shall be.
        let both = typed(&net, content, 1, "Rain, then sun on the hut.");
        let now = domain::Instant(net.world.now());
        b.mirror
            .retry(waiting[0].id, Some(vec![both]), now)
            .await
            .unwrap();
        all_show_the_same(&net, [&a, &b]).await;
        let said = draft(&net, content).await.unwrap().0;
        assert_eq!(said, "Rain, then sun on the hut.");
    }
}

#[tokio::test]
async fn who_throws_a_copy_away_leaves_what_another_typed_meanwhile() {
    for net in Net::each(48).await {
        let (content, a, b) = two(&net, "Snow on the hut. Come up.").await;
        let discard = Mutation::DiscardWorkingCopy { content };
        // Saving what is saved: the copy goes, and something else is done.
        let said = typed(&net, content, 1, "Snow on the hut. Come up.");
        a.does(vec![said]).await.unwrap();
        let details = Mutation::SetDetails {
            content,
            campaign: "Winter".into(),
            labels: vec![],
        };
        a.does(vec![discard.clone(), details]).await.unwrap();
        let said = typed(&net, content, 1, "Snow on the hut. Come up today.");
        b.does(vec![said]).await.unwrap();
        b.sync().await;
        all_show_the_same(&net, [&a, &b]).await;
        let theirs = "Snow on the hut. Come up today.".to_owned();
        assert_eq!(draft(&net, content).await, Some((theirs.clone(), 1)));
        assert_eq!(net.world.facts().await.content(content).campaign, "Winter");
        assert!(a.states().await.is_empty());
        // Alone it is looked at again.
        b.does(vec![typed(&net, content, 1, "Snow. Come up today.")])
            .await
            .unwrap();
        a.does(vec![discard]).await.unwrap();
        b.sync().await;
        all_show_the_same(&net, [&a, &b]).await;
        assert_eq!(
            draft(&net, content).await.unwrap().0,
            "Snow. Come up today."
        );
        assert_eq!(a.states().await, [S::Rejected]);
    }
}

#[tokio::test]
async fn one_keeps_what_one_typed_over_oneself() {
    let net = Net::on_sqlite(43).await;
    let (content, a, b) = two(&net, "Snow on the hut.").await;
    for words in ["Rain on the hut.", "Sun on the hut."] {
        a.does(vec![typed(&net, content, 1, words)]).await.unwrap();
        let push = a.mirror.to_push().await.unwrap().unwrap();
        let pushed = net.deliver(a.person, push.clone()).await.unwrap();
        a.mirror.answered(push, pushed).await.unwrap();
    }
    all_show_the_same(&net, [&a, &b]).await;
    assert_eq!(draft(&net, content).await.unwrap().0, "Sun on the hut.");
}

#[tokio::test]
async fn a_version_that_came_too_late_is_typed_on_the_faster_one_and_voids_nothing() {
    for net in Net::each(44).await {
        let (content, a, b) = two(&net, "Snow on the hut. Come up.").await;
        let save = |words: &str| {
            let (doc, hash) = net.world.doc(content, words, &net.world.accounts);
            let save = Mutation::SaveVersion {
                content,
                persona: net.world.persona,
                n: 2,
                doc,
            };
            (save, hash)
        };
        let (faster, hash) = save("Fresh snow on the hut. Come up.");
        let piece = crate::world::Piece {
            content,
            delivery: id(),
            request: id(),
            hash,
        };
        let at = Some(net.world.now() + 7_200_000);
        let submission = vec![
            faster,
            net.world.plan(piece, at),
            net.world.request(piece, 2),
        ];
        a.does(submission).await.unwrap();
        a.sync().await;
        let (slower, _) = save("Snow on the hut. Come up today.");
        b.does(vec![slower]).await.unwrap();
        all_show_the_same(&net, [&a, &b]).await;
        let both = "Fresh snow on the hut. Come up today.".to_owned();
        assert_eq!(draft(&net, content).await, Some((both, 2)));
        let facts = net.world.facts().await;
        assert_eq!(facts.content(content).n, 2);
        let request = &facts.requests[&content][0];
        assert_eq!(
            (request.status, request.n, request.hash),
            (RequestStatus::Approved, 2, hash)
        );
        assert!(b.states().await.is_empty());
    }
}

#[tokio::test]
async fn a_submission_of_what_came_too_late_is_rejected_whole() {
    let net = Net::on_sqlite(45).await;
    let (content, a, b) = two(&net, "Snow on the hut. Come up.").await;
    for (desk, words) in [(&a, "Fresh snow on the hut."), (&b, "Snow. Come up today.")] {
        let (doc, hash) = net.world.doc(content, words, &net.world.accounts);
        let piece = crate::world::Piece {
            content,
            delivery: id(),
            request: id(),
            hash,
        };
        let save = Mutation::SaveVersion {
            content,
            persona: net.world.persona,
            n: 2,
            doc,
        };
        let submission = vec![
            save,
            net.world.plan(piece, None),
            net.world.request(piece, 2),
        ];
        desk.does(submission).await.unwrap();
    }
    all_show_the_same(&net, [&a, &b]).await;
    assert_eq!(b.states().await, [S::Rejected]);
    let facts = net.world.facts().await;
    assert_eq!(facts.content(content).headline, "Fresh snow on the hut.");
    assert_eq!(facts.deliveries[&content].len(), 1);
}

#[tokio::test]
async fn a_version_that_is_saved_over_what_another_types_leaves_that_to_them() {
    for net in Net::each(46).await {
        let (content, a, b) = two(&net, "Snow on the hut. Come up.").await;
        let said = typed(&net, content, 1, "Snow on the hut. Come up today.");
        a.does(vec![said]).await.unwrap();
        a.sync().await;
        let (doc, _) = net.world.doc(
            content,
            "Fresh snow on the hut. Come up.",
            &net.world.accounts,
        );
        let save = Mutation::SaveVersion {
            content,
            persona: net.world.persona,
            n: 2,
            doc,
        };
        b.does(vec![save]).await.unwrap();
        all_show_the_same(&net, [&b, &a]).await;
        assert_eq!(net.world.facts().await.content(content).n, 2);
        let both = "Fresh snow on the hut. Come up today.".to_owned();
        assert_eq!(draft(&net, content).await, Some((both, 2)));
    }
}

#[tokio::test]
async fn a_time_that_another_moved_meanwhile_is_not_moved_on() {
    let net = Net::on_sqlite(47).await;
    let at = net.world.now() + 36_000_000;
    let piece = net.world.piece(Some(at)).await;
    let (a, b) = (
        Desk::new(&net, net.world.writer).await,
        Desk::new(&net, net.world.admin).await,
    );
    a.sync().await;
    b.sync().await;
    for (desk, hours) in [(&a, 1), (&b, 2)] {
        let moved = Mutation::MoveDelivery {
            delivery: piece.delivery,
            expected: Some(domain::Instant(at)),
            planned: planned(at + hours * 3_600_000),
        };
        desk.does(vec![moved]).await.unwrap();
    }
    all_show_the_same(&net, [&a, &b]).await;
    let waiting = b.mirror.outbox().await.unwrap();
    assert_eq!(waiting[0].problem.as_ref().unwrap().code, Code::Conflict);
    let facts = net.world.facts().await;
    let stands = facts.deliveries[&piece.content][0].planned.clone();
    assert_eq!(stands, Some(planned(at + 3_600_000)));
}
