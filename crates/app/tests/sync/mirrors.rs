//! What a mirror shows in advance: what the server will say, and nothing that only a server may do.

use domain::ids::*;
use protocol::sync::Batch;
use protocol::{Code, Mutation};
use serde_json::Value;
use store::sync::outbox::State;

use crate::desk::{Desk, Net, same};
use crate::follower::Follower;
use crate::random::{Dice, check, invent};
use crate::world::{body, every, id, planned};

/// How many rows tables have in which a mirror must write nothing.
async fn traces(desk: &Desk) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in [
        "audit",
        "audit_payload",
        "change",
        "mutation_result",
        "run",
        "step",
        "event",
        "wait",
        "notification",
    ] {
        let sql = format!("SELECT count(*) AS n FROM {table}");
        let read: Result<i64, db::Error> = desk
            .mirror
            .db()
            .read(move |tx| {
                Box::pin(async move { tx.rows_dyn(sql, db::args![]).await?[0].get("n") })
            })
            .await;
        counts.push(read.unwrap());
    }
    counts
}

async fn found(desk: &Desk, words: &str) -> Vec<ContentId> {
    let (org, search) = (desk.net.world.org, Some(words.to_owned()));
    let filter = store::search::Filter {
        search,
        ..Default::default()
    };
    let read: Result<Vec<_>, store::Error> = desk
        .mirror
        .db()
        .read(move |tx| {
            Box::pin(async move { store::search::page(tx, org, &filter, None, 10).await })
        })
        .await;
    read.unwrap().into_iter().map(|c| c.id).collect()
}

#[tokio::test]
async fn whatever_is_done_in_advance_only_the_tables_know_and_taking_it_back_leaves_nothing() {
    let net = Net::on_sqlite(21).await;
    net.world.with_stage(|_| {}).await;
    let piece = net.world.piece(None).await;
    net.world.with_note(piece.content).await;
    let seated = net
        .world
        .decide(net.world.jo, piece, domain::approval::Verdict::Approve)
        .await
        .unwrap();
    let other = net.world.piece(None).await;
    for person in [net.world.owner, net.world.jo, net.world.writer] {
        let desk = Desk::new(&net, person).await;
        desk.sync().await;
        let (rows, none) = (desk.rows().await, traces(&desk).await);
        let mut applied = 0;
        for piece in [piece, other] {
            for mutation in every(&net.world, piece, seated, id(), "in advance") {
                let words = format!("{mutation:?}");
                if desk.does(vec![mutation]).await.is_err() {
                    continue;
                }
                applied += 1;
                assert_eq!(traces(&desk).await, none, "{words}");
                let waiting = desk.mirror.outbox().await.unwrap().pop().unwrap();
                desk.mirror.discard(waiting.id).await.unwrap();
                same(&words, &desk.rows().await, &rows);
            }
        }
        assert!(applied > 15, "{applied}");
        assert_eq!(found(&desk, "OTHER").await.len(), 2);
        assert!(found(&desk, "advance").await.is_empty());
    }
}

#[tokio::test]
async fn runs_are_asked_for_at_the_server() {
    let net = Net::on_sqlite(22).await;
    let desk = Desk::new(&net, net.world.owner).await;
    desk.sync().await;
    for mutation in [
        Mutation::RetryRun { run: id() },
        Mutation::CancelRun { run: id() },
        Mutation::ReleaseFolder,
        Mutation::ErasePerson {
            id: id(),
            drafts: false,
        },
    ] {
        let said = desk.does(vec![mutation]).await;
        let code = said.unwrap_err().code;
        assert!(
            matches!(code, Code::NeedsServer | Code::NotHere),
            "{code:?}"
        );
    }
    assert!(desk.states().await.is_empty());
}

#[tokio::test]
async fn every_row_that_any_mutation_writes_or_deletes_is_recorded() {
    for net in Net::each(26).await {
        let world = &net.world;
        let of =
            async || Follower::of(&net.instances[0], world.org, world.owner, &world.networks).await;
        // A draft with all that a draft can have.
        let follower = of().await;
        let draft = crate::world::Piece {
            content: id(),
            delivery: id(),
            request: id(),
            hash: domain::Hash::of(b""),
        };
        world
            .save(world.owner, draft.content, 1, "a draft")
            .await
            .unwrap();
        world.ok(world.plan(draft, None)).await;
        let note = |thread| Mutation::AddNote {
            id: id(),
            content: draft.content,
            n: 1,
            thread,
            anchor: domain::note::Anchor::Version,
            text: "What of this, @OTHER Owner?".into(),
        };
        world.ok(note(None)).await;
        follower.follows("a draft").await;
        let content = draft.content;
        world.ok(Mutation::DeleteDraft { content }).await;
        follower.follows("deleted").await;
        world.with_stage(|_| {}).await;
        let piece = world.piece(None).await;
        world.with_note(piece.content).await;
        let verdict = domain::approval::Verdict::Approve;
        let decision = world.decide(world.jo, piece, verdict).await.unwrap();
        let follower = of().await;
        let mut applied = 0;
        for mutation in every(world, piece, decision, id(), "recorded") {
            let words = format!("{mutation:?}");
            applied += u32::from(world.by(world.owner, mutation).await.is_ok());
            follower.follows(&words).await;
        }
        assert!(applied > 15, "{applied}");
    }
}

/// Places in the order are the authority's.
fn unplaced(
    mut rows: std::collections::BTreeMap<&'static str, Vec<Value>>,
) -> std::collections::BTreeMap<&'static str, Vec<Value>> {
    for row in rows.get_mut("decision").into_iter().flatten() {
        row.as_object_mut().unwrap().remove("seq");
    }
    rows
}

#[tokio::test]
async fn what_is_shown_in_advance_is_what_the_server_makes_of_it() {
    for net in Net::each(23).await {
        let given = std::env::var("ROSTRUM_SEED").ok();
        let seed = given.and_then(|s| s.parse().ok()).unwrap_or(0x51de);
        println!("ROSTRUM_SEED={seed}");
        let mut dice = Dice(seed);
        let desk = Desk::new(&net, net.world.owner).await;
        desk.sync().await;
        let (mut applied, mut refused) = (0, 0);
        for step in 0..150 {
            let facts = net.world.facts_in(desk.mirror.db()).await;
            let Some((_, mutation)) = invent(&net.world, &mut dice, &facts) else {
                continue;
            };
            net.world.pass(dice.roll(3) as i64 * 3_600_000 + 1);
            let words = format!("seed {seed}, step {step}: {mutation:?}");
            let batch = Batch::new(id(), None, vec![mutation]);
            let call = protocol::Call {
                id: batch.id,
                acting: None,
                mutation: batch.mutations[0].clone(),
            };
            match desk.batch(batch).await {
                Ok(here) => {
                    let expected = unplaced(desk.rows().await);
                    let push = desk.mirror.to_push().await.unwrap().unwrap();
                    let pushed = net.deliver(desk.person, push.clone()).await.unwrap();
                    let protocol::sync::Pushed::Taken { outcomes } = &pushed else {
                        panic!("{words}: {pushed:?}")
                    };
                    let protocol::sync::Outcome::Applied { seq, notices } = &outcomes[0] else {
                        panic!("{words}: {outcomes:?}")
                    };
                    assert_eq!((here.seq, &here.notices), (*seq, notices), "{words}");
                    let made = unplaced(net.rows(&net.instances[0]).await);
                    same(&words, &expected, &made);
                    desk.mirror.answered(push, pushed).await.unwrap();
                    applied += 1;
                }
                // Nobody is let in from elsewhere.
                Err(problem) if problem.code == Code::NotHere => continue,
                // The server says the same.
                Err(problem) => {
                    let there = net.world.call(desk.person, call).await;
                    assert_eq!(there.unwrap_err(), problem.code, "{words}");
                    refused += 1;
                }
            }
            desk.pull().await;
            let there = net.rows(&net.instances[0]).await;
            same(&words, &desk.rows().await, &there);
            assert!(desk.states().await.is_empty(), "{words}");
        }
        assert!(applied > 40 && refused > 3, "{applied}, {refused}");
        check(&net.world.facts().await);
    }
}

#[tokio::test]
async fn what_others_did_lies_below_what_was_done_here() {
    let net = Net::on_sqlite(24).await;
    let desk = Desk::new(&net, net.world.writer).await;
    let piece = net.world.piece(Some(net.world.now() + 3_600_000)).await;
    desk.sync().await;
    let named = Mutation::SetDetails {
        content: piece.content,
        campaign: "Here".into(),
        labels: vec![],
    };
    desk.does(vec![named]).await.unwrap();
    let later = planned(net.world.now() + 7_200_000);
    let moved = Mutation::MoveDelivery {
        delivery: piece.delivery,
        expected: None,
        planned: later.clone(),
    };
    net.world.ok(moved).await;
    // Only what others did comes; what was done here still waits.
    desk.pull().await;
    let facts = net.world.facts_in(desk.mirror.db()).await;
    assert_eq!(facts.content(piece.content).campaign, "Here");
    assert_eq!(facts.deliveries[&piece.content][0].planned, Some(later));
    assert_eq!(desk.states().await, [State::Waiting]);
    desk.sync().await;
    same(
        "both",
        &desk.rows().await,
        &net.rows(&net.instances[0]).await,
    );
}

#[tokio::test]
async fn an_hour_of_typing_is_one_item_until_something_else_is_done() {
    let net = Net::on_sqlite(25).await;
    let desk = Desk::new(&net, net.world.writer).await;
    desk.sync().await;
    let content: ContentId = id();
    let type_ = async |words: &str| {
        let typed = Mutation::SaveWorkingCopy {
            content,
            persona: net.world.persona,
            body: body(words, &[]),
            base: None,
        };
        desk.does(vec![typed]).await.unwrap();
    };
    type_("one").await;
    type_("one two").await;
    type_("one two three").await;
    assert_eq!(desk.states().await.len(), 1);
    let named = Mutation::SetDetails {
        content,
        campaign: "Autumn".into(),
        labels: vec![],
    };
    desk.does(vec![named]).await.unwrap();
    type_("four").await;
    assert_eq!(desk.states().await.len(), 3);
    assert_eq!(found(&desk, "four").await, [content]);
    desk.sync().await;
    assert!(desk.states().await.is_empty());
    same(
        "typed",
        &desk.rows().await,
        &net.rows(&net.instances[0]).await,
    );
}
