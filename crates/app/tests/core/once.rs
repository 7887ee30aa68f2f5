//! The same call twice is one change; a refused one is none.

use protocol::{Call, Code, Mutation};

use crate::world::{World, every, id};

#[tokio::test]
async fn the_same_call_twice_answers_the_same_and_other_words_are_refused() {
    for world in World::each().await {
        let call = Call {
            id: id(),
            acting: None,
            mutation: world.save_persona(None),
        };
        let first = world.call(world.owner, call.clone()).await.unwrap();
        let before = format!("{:?}", world.facts().await);
        let again = world.call(world.owner, call.clone()).await.unwrap();
        assert_eq!(first, again);
        let other = Call {
            mutation: Mutation::SetPaused {
                persona: None,
                paused: true,
            },
            ..call
        };
        assert_eq!(world.call(world.owner, other).await, Err(Code::IdReused));
        assert_eq!(before, format!("{:?}", world.facts().await));
        // A refused one leaves its id free.
        let wrong = Call {
            id: id(),
            acting: None,
            mutation: Mutation::DeactivatePerson { id: id() },
        };
        assert_eq!(
            world.call(world.owner, wrong.clone()).await,
            Err(Code::NotFound)
        );
        let right = Call {
            mutation: Mutation::DeactivatePerson { id: world.viewer },
            ..wrong
        };
        world.call(world.owner, right).await.unwrap();
    }
}

#[tokio::test]
async fn ids_that_are_taken_are_refused() {
    for world in World::each().await {
        world.with_stage(|_| {}).await;
        let piece = world.piece(None).await;
        let decision = world
            .decide(world.jo, piece, domain::approval::Verdict::Approve)
            .await
            .unwrap();
        let taken = [
            Mutation::AddPerson {
                id: world.jo,
                name: "x".into(),
                role: domain::person::Role::Viewer,
            },
            Mutation::AddIdentity {
                id: world.accounts[0],
                persona: world.persona,
                facts: crate::world::facts("another"),
            },
            world.request(piece, 1),
        ];
        for mutation in taken {
            let name = mutation.name();
            assert_eq!(
                world.by(world.owner, mutation).await,
                Err(Code::Conflict),
                "{name}"
            );
        }
        let next = world.piece(None).await;
        let decide = Mutation::Decide {
            id: decision,
            request: next.request,
            hash: next.hash,
            verdict: domain::approval::Verdict::Approve,
            comment: String::new(),
            stage: None,
            away: None,
        };
        assert_eq!(world.by(world.jo, decide).await, Err(Code::Conflict));
    }
}

#[tokio::test]
async fn the_character_zero_is_refused_everywhere_and_its_escape_is_text() {
    for world in World::each().await {
        world.with_stage(|_| {}).await;
        let piece = world.piece(None).await;
        let typed = every(&world, piece, id(), id::<uuid::Uuid>(), "a\0b");
        let before = format!("{:?}", world.facts().await);
        let mut checked = 0;
        for mutation in typed {
            let name = mutation.name();
            // `\u0000` in JSON; what has no text of a person stays out.
            if !serde_json::to_string(&mutation)
                .unwrap()
                .contains("\\u0000")
            {
                continue;
            }
            checked += 1;
            let person = if name == "decide" {
                world.jo
            } else {
                world.owner
            };
            assert_eq!(
                world.by(person, mutation).await,
                Err(Code::InvalidInput),
                "{name}"
            );
        }
        assert!(checked >= 10, "{checked}");
        let (doc, _) = world.doc(piece.content, "other", &world.accounts);
        let doc = doc.replace("other", "oth\\u0000er");
        let save = Mutation::SaveVersion {
            content: piece.content,
            persona: world.persona,
            n: 2,
            doc,
        };
        assert_eq!(world.by(world.writer, save).await, Err(Code::InvalidInput));
        assert_eq!(before, format!("{:?}", world.facts().await));

        // Six plain characters are no character zero.
        let body = crate::world::body("write \\u0000 so", &world.accounts);
        let keep = Mutation::SaveWorkingCopy {
            content: id(),
            persona: world.persona,
            body,
            base: None,
        };
        world.by(world.writer, keep).await.unwrap();
    }
}
