//! Programs that act for people: they read, write and ask; people decide.

use app::act::Way;
use domain::approval::Verdict;
use domain::delivery::DeliveryStatus;
use domain::person::Actor;
use domain::rights::{agents_may, allows};
use domain::status::ContentStatus;
use protocol::{Act, Code, Mutation, Query};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::world::{Piece, START, World, every, hosted, id};

#[tokio::test]
async fn an_agent_has_no_more_rights_than_its_person_and_none_to_decide_or_set_up() {
    for world in World::each().await {
        let nothing = Piece {
            content: id(),
            delivery: id(),
            request: id(),
            hash: domain::Hash::of(b""),
        };
        for (role, person) in [
            (domain::person::Role::Viewer, world.viewer),
            (domain::person::Role::Owner, world.owner),
        ] {
            for mutation in every(&world, nothing, id(), id::<Uuid>(), "text") {
                let (name, action) = (mutation.name(), mutation.action());
                let may = allows(role, action) && agents_may(action);
                let before = format!("{:?}", world.facts().await);
                let said = world.by_agent(person, mutation).await;
                assert_eq!(said != Err(Code::Forbidden), may, "{name}: {said:?}");
                if said.is_err() {
                    assert_eq!(before, format!("{:?}", world.facts().await), "{name}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_agent_asks_where_somebody_decides_and_publishes_nothing_by_itself() {
    for world in World::each().await {
        let mut piece = Piece {
            content: id(),
            delivery: id(),
            request: id(),
            hash: domain::Hash::of(b""),
        };
        let text = "OTHER text";
        piece.hash = world
            .save(world.writer, piece.content, 1, text)
            .await
            .unwrap();
        let plan = world.plan(piece, Some(START + 90 * crate::world::HOUR));
        world.by_agent(world.writer, plan).await.unwrap();
        // Nobody would be asked: it would go out by itself.
        let ask = || world.request(piece, 1);
        let alone = world.by_agent(world.writer, ask()).await;
        assert_eq!(alone, Err(Code::Forbidden));
        let facts = world.facts().await;
        assert_eq!(facts.content(piece.content).status, ContentStatus::Draft);
        assert!(facts.requests[&piece.content].is_empty());

        world.with_stage(|_| {}).await;
        world.by_agent(world.writer, ask()).await.unwrap();
        let decide = Mutation::Decide {
            id: id(),
            request: piece.request,
            hash: piece.hash,
            verdict: Verdict::Approve,
            comment: String::new(),
            stage: None,
            away: None,
        };
        let decided = world.by_agent(world.jo, decide).await;
        assert_eq!(decided, Err(Code::Forbidden));
        world
            .decide(world.jo, piece, Verdict::Approve)
            .await
            .unwrap();
        let facts = world.facts().await;
        assert_eq!(
            facts.content(piece.content).status,
            ContentStatus::Scheduled
        );
        // What it did is told as its own, on the word of the person.
        let asked = facts
            .audit
            .iter()
            .find(|(e, _)| e.entry.action == "approval_requested");
        let agent = Actor::Agent { id: world.writer };
        assert_eq!(asked.unwrap().0.entry.actor, agent);
    }
}

#[tokio::test]
async fn an_agent_neither_revives_what_was_missed_nor_takes_back_what_was_submitted() {
    for world in World::each().await {
        let at = START + 90 * crate::world::HOUR;
        let piece = world.piece(Some(at)).await;
        let none = Mutation::Plan {
            content: piece.content,
            deliveries: vec![],
        };
        let said = world.by_agent(world.writer, none.clone()).await;
        assert_eq!(said, Err(Code::Forbidden));
        world
            .stand(piece.delivery, |d| d.status = DeliveryStatus::Missed)
            .await;
        let again = world.plan(piece, Some(at + 60_000));
        let said = world.by_agent(world.writer, again.clone()).await;
        assert_eq!(said, Err(Code::Forbidden));
        let facts = world.facts().await;
        let there = &facts.deliveries[&piece.content][0];
        assert_eq!(there.status, DeliveryStatus::Missed);
        world.by(world.writer, again).await.unwrap();
    }
}

#[tokio::test]
async fn an_agent_reaches_outside_only_to_save_and_submit() {
    let (_folder, host) = hosted().await;
    let world = World::of(&host.app).await;
    let agent = host.app.for_agent(None);
    let way = Way::quiet(None, CancellationToken::new());
    let settings = host.app.settings();
    for act in [
        Act::SaveSettings { settings },
        Act::FetchCard {
            url: "https://inside.example".into(),
        },
        Act::ChoosePerson { id: world.jo },
    ] {
        let said = agent.act(act, &way).await.unwrap_err();
        assert_eq!(said.code, Code::Forbidden);
    }
    let whole = Query::History {
        subject: None,
        cursor: None,
        limit: 10,
    };
    let said = agent.query(whole, None).await.unwrap_err();
    assert_eq!(said.code, Code::Forbidden);
    let said = agent.query(Query::Personas {}, Some(world.jo)).await;
    assert_eq!(said.unwrap_err().code, Code::Forbidden);
    agent.query(Query::Personas {}, None).await.unwrap();
    host.stop().await;
}

#[tokio::test]
async fn an_agents_words_take_the_place_of_what_it_read_alone_and_are_in_the_history() {
    for world in World::each().await {
        let content = id();
        world.save(world.writer, content, 1, "Snow.").await.unwrap();
        let read = crate::world::body("Snow.", &world.accounts);
        let seen = app::compose::seen(&read).unwrap();
        let revise = |text: &str, seen| Mutation::Revise {
            content,
            body: crate::world::body(text, &world.accounts),
            seen,
        };
        let stale = revise("Ice.", domain::Hash::of(b"other"));
        let said = world.by_agent(world.writer, stale).await;
        assert_eq!(said, Err(Code::Conflict));
        world
            .by_agent(world.writer, revise("Ice.", seen))
            .await
            .unwrap();
        // What was read is not there any more.
        let late = world.by_agent(world.writer, revise("Rain.", seen)).await;
        assert_eq!(late, Err(Code::Conflict));
        let facts = world.facts().await;
        let told: Vec<_> = facts
            .audit
            .iter()
            .filter(|(e, _)| e.entry.action == "text_revised")
            .collect();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].0.entry.actor, Actor::Agent { id: world.writer });
    }
}
