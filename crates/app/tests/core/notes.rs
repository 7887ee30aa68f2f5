//! Notes: who may write them, where they stand, whom they name, and that nothing of one that was
//! taken back stays.

use domain::content::{Segment, Variant};
use domain::ids::*;
use domain::note::{Anchor, TextRange};
use protocol::event::NotificationKind;
use protocol::query::Query;
use protocol::{Code, Mutation};
use serde_json::Value;

use crate::world::{Piece, World, hosted, id};

fn words(start: u32, end: u32) -> Anchor {
    Anchor::Text {
        range: TextRange {
            variant: String::new(),
            segment: 0,
            start,
            end,
        },
    }
}

fn note(id: NoteId, piece: Piece, thread: Option<NoteId>, anchor: Anchor, text: &str) -> Mutation {
    Mutation::AddNote {
        id,
        content: piece.content,
        n: 1,
        thread,
        anchor,
        text: text.to_owned(),
    }
}

#[tokio::test]
async fn a_note_keeps_the_words_that_it_is_about_and_voids_nothing() {
    for world in World::each().await {
        let piece = world.piece(None).await;
        let status = world.facts().await.content(piece.content).status;
        let first: NoteId = id();
        let add = note(first, piece, None, words(6, 10), " Say which. ");
        world.by(world.jo, add.clone()).await.unwrap();
        assert_eq!(
            world.by(world.jo, add).await,
            Err(Code::Conflict),
            "an id is used once"
        );
        let answer = note(id(), piece, Some(first), Anchor::Version, "This one.");
        world.by(world.writer, answer).await.unwrap();
        let facts = world.facts().await;
        assert_eq!(facts.content(piece.content).status, status);
        assert_eq!(facts.notes[0].quote, "text");
        assert_eq!(facts.notes[0].text, "Say which.");
        assert_eq!(
            facts.notes[1].anchor,
            words(6, 10),
            "an answer is about what its thread is about"
        );
        // An edit leaves it on the version on which it was written.
        world
            .save(world.writer, piece.content, 2, "new")
            .await
            .unwrap();
        assert_eq!(world.facts().await.notes[0].n, 1);
    }
}

#[tokio::test]
async fn a_note_that_stands_nowhere_is_refused() {
    for world in World::each().await {
        let piece = world.piece(None).await;
        let other = world.piece(None).await;
        let first: NoteId = id();
        world
            .by(world.jo, note(first, other, None, Anchor::Version, "x"))
            .await
            .unwrap();
        let picture = Anchor::Media {
            asset: domain::Hash::of(b"no picture"),
        };
        let unsaved = Mutation::AddNote {
            id: id(),
            content: piece.content,
            n: 2,
            thread: None,
            anchor: Anchor::Version,
            text: "x".into(),
        };
        for (mutation, code) in [
            (
                note(id(), piece, None, words(6, 99), "x"),
                Code::InvalidInput,
            ),
            (note(id(), piece, None, picture, "x"), Code::InvalidInput),
            (
                note(id(), piece, None, Anchor::Version, "  "),
                Code::InvalidInput,
            ),
            (
                note(id(), piece, None, Anchor::Version, &"x".repeat(4_001)),
                Code::InvalidInput,
            ),
            (unsaved, Code::StaleVersion),
            // A thread of another content.
            (
                note(id(), piece, Some(first), Anchor::Version, "x"),
                Code::NotFound,
            ),
        ] {
            let before = format!("{:?}", world.facts().await);
            assert_eq!(
                world.by(world.jo, mutation.clone()).await,
                Err(code),
                "{mutation:?}"
            );
            assert_eq!(before, format!("{:?}", world.facts().await));
        }
    }
}

#[tokio::test]
async fn a_thread_is_closed_and_opens_again_when_somebody_answers() {
    for world in World::each().await {
        let piece = world.piece(None).await;
        let first: NoteId = id();
        world
            .by(world.jo, note(first, piece, None, Anchor::Version, "x"))
            .await
            .unwrap();
        let close = |resolved| Mutation::ResolveThread {
            id: first,
            resolved,
        };
        world.by(world.writer, close(true)).await.unwrap();
        let resolved = world.facts().await.notes[0].resolved;
        assert_eq!(resolved.map(|(_, by)| by), Some(world.writer));
        let entries = world.facts().await.audit.len();
        world.by(world.kim, close(true)).await.unwrap();
        assert_eq!(world.facts().await.audit.len(), entries, "nothing happened");
        let answer = note(id(), piece, Some(first), Anchor::Version, "no");
        world.by(world.kim, answer).await.unwrap();
        assert_eq!(world.facts().await.notes[0].resolved, None);
        let actions: Vec<String> = world
            .facts()
            .await
            .audit
            .iter()
            .map(|(entry, _)| entry.entry.action.clone())
            .filter(|a| a.starts_with("note_") || a.starts_with("thread_"))
            .collect();
        assert_eq!(
            actions,
            [
                "note_added",
                "thread_resolved",
                "note_answered",
                "thread_reopened"
            ]
        );
    }
}

#[tokio::test]
async fn of_a_note_that_was_taken_back_nothing_stays() {
    for world in World::each().await {
        let piece = world.piece(None).await;
        let first: NoteId = id();
        let secret = "SECRETWORDS";
        let add = note(first, piece, None, words(6, 10), secret);
        // The writer acts as another, and names who sits here: so there is a notification too.
        let add = match add {
            Mutation::AddNote {
                id,
                content,
                n,
                thread,
                anchor,
                text,
            } => Mutation::AddNote {
                id,
                content,
                n,
                thread,
                anchor,
                text: format!("{text} @OTHER Owner"),
            },
            other => other,
        };
        world.acting(world.owner, world.jo, add).await.unwrap();
        let told = world.notifications().await;
        assert_eq!(told.len(), 1);
        assert!(told[0].body.contains(secret));
        let take = Mutation::RemoveNote { id: first };
        assert_eq!(
            world.by(world.kim, take.clone()).await,
            Err(Code::Forbidden),
            "it is another person's"
        );
        world.by(world.jo, take.clone()).await.unwrap();
        assert_eq!(world.by(world.jo, take).await, Err(Code::NotFound));
        let facts = world.facts().await;
        assert!(!format!("{facts:?}").contains(secret));
        for (_, payload) in &facts.audit {
            let payload = payload.as_deref().unwrap_or_default();
            assert!(!String::from_utf8_lossy(payload).contains(secret));
        }
        assert!(world.notifications().await.is_empty());
        // An administrator may take back anybody's.
        let second: NoteId = id();
        world
            .by(world.jo, note(second, piece, None, Anchor::Version, "x"))
            .await
            .unwrap();
        world
            .by(world.admin, Mutation::RemoveNote { id: second })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn only_who_sits_here_is_told_that_a_note_names_them() {
    for world in World::each().await {
        let piece = world.piece(None).await;
        let text = "@OTHER Owner and @OTHER Admin, look";
        // The owner writes in the name of Jo: the note names the owner, who sits here.
        let as_jo = note(id(), piece, None, Anchor::Version, text);
        world.acting(world.owner, world.jo, as_jo).await.unwrap();
        let told = world.notifications().await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].person, Some(world.owner));
        assert_eq!(told[0].kind, "mentioned");
        // Jo writes on a computer of their own, and the owner about themself.
        let alone = note(id(), piece, None, Anchor::Version, text);
        world.by(world.jo, alone).await.unwrap();
        let own = note(id(), piece, None, Anchor::Version, text);
        world.by(world.owner, own).await.unwrap();
        assert_eq!(world.notifications().await.len(), 1);
    }
}

#[tokio::test]
async fn threads_are_read_with_who_is_named_and_today_says_so_until_one_answers() {
    let (_folder, host) = hosted().await;
    let app = &host.app;
    let world = World::of(app).await;
    let piece = world.piece(None).await;
    let first: NoteId = id();
    let add = note(
        first,
        piece,
        None,
        words(0, 5),
        "@OTHER Creator which other?",
    );
    world.by(world.jo, add).await.unwrap();
    let ask = |query: Query, viewer: PersonId| async move {
        app.query(query, Some(viewer)).await.unwrap()
    };
    let notes = Query::Notes {
        content: piece.content,
    };
    let seen = ask(notes.clone(), world.viewer).await;
    assert_eq!(seen[0]["quote"], "OTHER");
    assert_eq!(seen[0]["note"]["mentions"][0]["name"], "OTHER Creator");
    assert_eq!(seen[0]["note"]["removable"], false);
    let own = ask(notes.clone(), world.jo).await;
    assert_eq!(own[0]["note"]["removable"], true);
    let today = || Query::Today { zone: "UTC".into() };
    let naming = |answer: &Value| {
        let needs = answer["needs"].as_array().unwrap();
        needs.iter().filter(|n| n["kind"] == "mentioned").count()
    };
    assert_eq!(naming(&ask(today(), world.writer).await), 1);
    assert_eq!(naming(&ask(today(), world.jo).await), 0);
    let answer = note(id(), piece, Some(first), Anchor::Version, "the second");
    world.by(world.writer, answer).await.unwrap();
    assert_eq!(naming(&ask(today(), world.writer).await), 0);
    // Taken back, it still holds the answer; with that gone too, there is no thread.
    world
        .by(world.jo, Mutation::RemoveNote { id: first })
        .await
        .unwrap();
    let seen = ask(notes.clone(), world.viewer).await;
    assert_eq!(seen[0]["note"]["removed"], true);
    assert_eq!(seen[0]["note"]["text"], "");
    let answer: NoteId = serde_json::from_value(seen[0]["answers"][0]["id"].clone()).unwrap();
    world
        .by(world.writer, Mutation::RemoveNote { id: answer })
        .await
        .unwrap();
    assert_eq!(ask(notes, world.viewer).await, Value::Array(vec![]));
    assert_eq!(
        serde_json::to_value(NotificationKind::Mentioned).unwrap(),
        "mentioned"
    );
    host.stop().await;
}

#[tokio::test]
async fn a_draft_is_deleted_with_its_notes_and_what_was_submitted_is_not() {
    for world in World::each().await {
        let content: ContentId = id();
        world.save(world.writer, content, 1, "a try").await.unwrap();
        let mut piece = Piece {
            content,
            delivery: id(),
            request: id(),
            hash: domain::Hash::of(b""),
        };
        let first: NoteId = id();
        world
            .by(world.jo, note(first, piece, None, words(2, 5), "of what?"))
            .await
            .unwrap();
        world
            .by(
                world.jo,
                note(id(), piece, Some(first), Anchor::Version, "hm"),
            )
            .await
            .unwrap();
        let named = note(id(), piece, None, Anchor::Version, "@OTHER Owner, look");
        world.acting(world.owner, world.jo, named).await.unwrap();
        assert_eq!(world.notifications().await.len(), 1);
        let plan = world.plan(piece, None);
        world.by(world.writer, plan).await.unwrap();
        let delete = Mutation::DeleteDraft { content };
        world.by(world.writer, delete.clone()).await.unwrap();
        assert!(
            world.notifications().await.is_empty(),
            "nothing is left to look at"
        );
        let facts = world.facts().await;
        assert!(facts.contents.is_empty() && facts.versions.is_empty() && facts.notes.is_empty());
        assert_eq!(world.by(world.writer, delete).await, Err(Code::NotFound));

        piece = world.piece(None).await;
        for archived in [None, Some(true)] {
            if let Some(archived) = archived {
                let content = piece.content;
                world
                    .ok(Mutation::ArchiveContent { content, archived })
                    .await;
            }
            let delete = Mutation::DeleteDraft {
                content: piece.content,
            };
            assert_eq!(world.by(world.writer, delete).await, Err(Code::WrongState));
        }
        assert_eq!(world.facts().await.contents.len(), 1);
    }
}

#[tokio::test]
async fn a_content_begins_with_what_a_template_holds() {
    for world in World::each().await {
        let template: TemplateId = id();
        let mut holds = domain::template::Template {
            name: " Ask a glaciologist ".into(),
            persona: Some(world.persona),
            body: crate::world::body("Ask, no. ", &world.accounts[..1]),
            labels: vec!["series".into()],
        };
        holds.body.variants.insert(
            "network:site".into(),
            Variant {
                segments: vec![Segment::default()],
                ..Variant::default()
            },
        );
        let save = Mutation::SaveTemplate {
            id: template,
            template: holds.clone(),
        };
        assert_eq!(
            world.by(world.viewer, save.clone()).await,
            Err(Code::Forbidden)
        );
        world.by(world.writer, save).await.unwrap();
        let content: ContentId = id();
        let begin = |persona, content| Mutation::BeginFromTemplate {
            template,
            content,
            persona,
        };
        world
            .by(world.kim, begin(world.persona, content))
            .await
            .unwrap();
        let facts = world.facts().await;
        let copy = facts.copies[&content].as_ref().unwrap();
        assert_eq!(copy.body, holds.body);
        assert_eq!(facts.content(content).labels, ["series"]);
        assert_eq!(facts.content(content).author, Some(world.kim));
        assert_eq!(
            world.by(world.kim, begin(world.persona, content)).await,
            Err(Code::Conflict)
        );
        let other: PersonaId = id();
        world
            .ok(Mutation::SavePersona {
                id: other,
                profile: domain::persona::PersonaProfile {
                    name: "Other".into(),
                    zone: "UTC".into(),
                    ..Default::default()
                },
                chain: None,
            })
            .await;
        assert_eq!(
            world.by(world.kim, begin(other, id())).await,
            Err(Code::InvalidInput)
        );
        // What was begun with it stays when it is gone.
        let delete = Mutation::DeleteTemplate { id: template };
        world.by(world.writer, delete.clone()).await.unwrap();
        assert_eq!(world.by(world.writer, delete).await, Err(Code::NotFound));
        assert!(world.facts().await.copies[&content].is_some());
        holds.name = "  ".into();
        let nameless = Mutation::SaveTemplate {
            id: template,
            template: holds,
        };
        assert_eq!(
            world.by(world.writer, nameless).await,
            Err(Code::InvalidInput)
        );
    }
}
