//! What is known of people: for who asks, and how it goes.

use app::act::Way;
use domain::Instant;
use domain::approval::Verdict;
use domain::audit::{GENESIS, verify};
use domain::ids::{ContentId, PersonId};
use domain::retention::{MOST, Retained};
use domain::time::DAY;
use protocol::views::{AuditCheck, Exported, RetentionView};
use protocol::{Act, Code, Mutation, Query};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::world::{World, body, hosted, id};

fn erase(person: PersonId, drafts: bool) -> Mutation {
    Mutation::ErasePerson { id: person, drafts }
}

/// The writer types something of which nobody is asked.
async fn draft(world: &World) -> ContentId {
    let content = id();
    let keep = Mutation::SaveWorkingCopy {
        content,
        persona: world.persona,
        body: body("OTHER draft", &world.accounts),
        base: None,
    };
    world.by(world.writer, keep).await.unwrap();
    content
}

#[tokio::test]
async fn who_is_erased_is_nobody_and_the_history_still_holds() {
    for world in World::each().await {
        let neighbour = World::on(&world.db).await;
        neighbour.with_stage(|_| {}).await;
        neighbour.piece(None).await;
        let theirs = format!("{:?}", neighbour.facts().await);
        world.with_stage(|_| {}).await;
        let piece = world.piece(None).await;
        world
            .decide(world.jo, piece, Verdict::Approve)
            .await
            .unwrap();
        world.with_note(piece.content).await;
        let content = draft(&world).await;
        // As somebody else, who acted for them, and of whom the history says the name.
        let add = |name: &str| Mutation::AddPerson {
            id: id(),
            name: name.into(),
            role: domain::person::Role::Viewer,
        };
        let named = "OTHER Creator";
        world
            .acting(
                world.admin,
                world.writer,
                Mutation::DiscardWorkingCopy { content },
            )
            .await
            .unwrap();
        world.by(world.admin, add("Bystander")).await.unwrap();
        assert!(format!("{:?}", world.facts().await).contains(named));
        let before = world.facts().await;

        assert_eq!(
            world.by(world.jo, erase(world.writer, false)).await,
            Err(Code::Forbidden)
        );
        assert_eq!(
            world.by(world.admin, erase(world.owner, false)).await,
            Err(Code::Forbidden)
        );
        assert_eq!(
            world.by(world.owner, erase(world.owner, false)).await,
            Err(Code::LastOwner)
        );
        world
            .by(world.admin, erase(world.writer, false))
            .await
            .unwrap();
        let after = world.facts().await;
        let said = format!("{after:?}");
        assert!(!said.contains(named), "somewhere the name still is");
        let person = after.people.iter().find(|p| p.id == world.writer).unwrap();
        assert!(!person.active && person.name.starts_with("Erased person"));
        for (who, told) in world.notified().await {
            assert_ne!(who, Some(world.writer));
            assert!(!format!("{told:?}").contains(named));
        }
        // What they wrote is the organization's.
        assert_eq!(
            format!("{:?}{:?}", before.versions, before.notes),
            format!("{:?}{:?}", after.versions, after.notes)
        );
        assert_eq!(before.contents.len(), after.contents.len());
        // The entries and the chain stay; what lay beside theirs does not.
        let chain = after.audit.iter().map(|(e, _)| (&e.entry, e.hash));
        verify(GENESIS, 1, chain).unwrap();
        assert!(after.audit.len() > before.audit.len());
        for (stored, salt) in &after.audit {
            let last = stored.entry.action == "person_erased";
            if stored.entry.subject == format!("person:{}", world.writer) && !last {
                assert_eq!((&stored.payload, salt), (&None, &None));
            }
        }
        let bystander = after.audit.iter().find(|(e, _)| {
            e.payload
                .as_deref()
                .is_some_and(|p| p.contains("Bystander"))
        });
        assert!(bystander.is_some(), "what concerns others stays");
        assert_eq!(theirs, format!("{:?}", neighbour.facts().await));
        // Once more is fine, and adds nothing.
        world
            .by(world.admin, erase(world.writer, false))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn drafts_of_who_is_erased_go_when_that_is_asked_and_what_was_submitted_stays() {
    for world in World::each().await {
        world.with_stage(|_| {}).await;
        let piece = world.piece(None).await;
        let content = draft(&world).await;
        // Others' words are in these: a version of the admin's, and a note of the owner's.
        let (touched, spoken): (ContentId, ContentId) = (id(), id());
        world
            .save(world.admin, touched, 1, "OTHER first")
            .await
            .unwrap();
        world
            .save(world.writer, touched, 2, "OTHER comma")
            .await
            .unwrap();
        world
            .save(world.writer, spoken, 1, "OTHER talk")
            .await
            .unwrap();
        let note = Mutation::AddNote {
            id: id(),
            content: spoken,
            n: 1,
            thread: None,
            anchor: domain::note::Anchor::Version,
            text: "Is this so?".into(),
        };
        world.by(world.owner, note).await.unwrap();
        world.ok(erase(world.writer, true)).await;
        let facts = world.facts().await;
        let there: Vec<ContentId> = facts.contents.iter().map(|c| c.id).collect();
        assert!(!there.contains(&content));
        for others in [piece.content, touched, spoken] {
            assert!(there.contains(&others));
        }
        // A page that was open still says the old name.
        let back = Mutation::UpdatePerson {
            id: world.writer,
            name: "OTHER Creator".into(),
            role: domain::person::Role::Viewer,
        };
        assert_eq!(world.by(world.owner, back).await, Err(Code::WrongState));
    }
}

#[tokio::test]
async fn a_draft_of_which_people_speak_is_kept() {
    for world in World::each().await {
        let content: ContentId = id();
        world
            .save(world.writer, content, 1, "OTHER draft")
            .await
            .unwrap();
        world.pass(40 * DAY);
        world.with_note(content).await;
        let (org, now) = (world.org, Instant(world.now()));
        let old = async |before: Instant| {
            let found: Result<_, store::Error> = world
                .db
                .read(move |tx| {
                    Box::pin(
                        async move { store::retention::contents(tx, org, false, before, 9).await },
                    )
                })
                .await;
            found.unwrap()
        };
        assert_eq!(old(now.plus(-30 * DAY)).await, [], "they speak of it");
        assert_eq!(old(now.plus(DAY)).await, [content]);
    }
}

#[tokio::test]
async fn how_long_things_are_kept_is_chosen_within_bounds() {
    for world in World::each().await {
        for kind in Retained::ALL {
            let set = |days| Mutation::SetRetention { kind, days };
            for wrong in [Some(0), Some(kind.fewest() - 1), Some(MOST + 1)] {
                let said = world.by(world.owner, set(wrong)).await;
                assert_eq!(said, Err(Code::InvalidInput), "{kind:?} {wrong:?}");
            }
            assert_eq!(world.by(world.jo, set(None)).await, Err(Code::Forbidden));
            for days in [Some(kind.fewest()), None, Some(MOST)] {
                world.by(world.admin, set(days)).await.unwrap();
                let org = world.org;
                let read: Result<_, store::Error> = world
                    .db
                    .read(move |tx| {
                        Box::pin(async move { store::retention::policy(tx, org).await })
                    })
                    .await;
                assert_eq!(read.unwrap()[&kind], days);
            }
        }
    }
}

/// The files of an archive, by name.
fn files(path: &str) -> std::collections::BTreeMap<String, Vec<u8>> {
    use std::io::Read as _;
    let file = std::fs::File::open(path).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut all = std::collections::BTreeMap::new();
    for i in 0..archive.len() {
        let mut entry = archive.by_index(i).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        all.insert(entry.name().unwrap().into_owned(), bytes);
    }
    all
}

#[tokio::test]
async fn everybody_gets_what_is_known_of_them_and_of_others_who_manages_people() {
    let (_folder, host) = hosted().await;
    let app = &host.app;
    let world = World::of(app).await;
    world.with_stage(|_| {}).await;
    let picture = media::testing::transparent_png(9, 9);
    let way = |who| Way::quiet(Some(who), CancellationToken::new());
    let asset = app
        .import(picture.clone(), "Schnee.png", &way(world.owner))
        .await
        .unwrap();
    let mut typed = body("A picture of snow", &[]);
    typed.shared.segments[0].media = vec![domain::content::MediaUse {
        asset: asset.facts.hash,
        alt: "Snow".into(),
    }];
    let keep = Mutation::SaveWorkingCopy {
        content: id(),
        persona: world.persona,
        body: typed,
        base: None,
    };
    world.by(world.writer, keep).await.unwrap();
    let piece = world.piece(None).await;
    world.with_note(piece.content).await;
    let export = |by, person| {
        let way = way(by);
        async move { app.act(Act::ExportPerson { person }, &way).await }
    };
    let refused = export(world.writer, world.jo).await.unwrap_err();
    assert_eq!(refused.code, Code::Forbidden);
    export(world.admin, world.jo).await.unwrap();
    let own = export(world.writer, world.writer).await.unwrap();
    let own: Exported = serde_json::from_value(own).unwrap();
    let files = files(&own.file);
    let json = |name: &str| -> Value { serde_json::from_slice(&files[name]).unwrap() };
    assert_eq!(json("person.json")["name"], "OTHER Creator");
    assert_eq!(json("note.json")[0]["text"], "OTHER note for @OTHER Owner");
    let doc = &json("version.json")[0]["doc"];
    assert_eq!(doc["body"]["shared"]["segments"][0]["text"], "OTHER text");
    let typed = &json("working_copy.json")[0]["body"];
    assert_eq!(typed["shared"]["segments"][0]["text"], "A picture of snow");
    let history = json("history.json");
    let did = history.as_array().unwrap();
    assert!(did.iter().any(|e| e["action"] == "note_added"), "{history}");
    assert!(did.iter().all(|e| e["details"]["name"] != "OTHER Admin"));
    assert_eq!(json("media_missing.json"), serde_json::json!([]));
    let media: Vec<_> = files.keys().filter(|n| n.starts_with("media/")).collect();
    assert_eq!(media.len(), 1, "{media:?}");
    let kept = app.library().read(asset.facts.hash).await.unwrap();
    assert_eq!(files[media[0]], kept);
    let whole = String::from_utf8_lossy(&files["about.json"]).into_owned();
    assert!(whole.contains("nothing about people"), "{whole}");

    // Erased, the history of the computer is whole to whoever asks for it.
    world.ok(erase(world.writer, true)).await;
    let check = app.query(Query::VerifyAudit {}, None).await.unwrap();
    let check: AuditCheck = serde_json::from_value(check).unwrap();
    assert_eq!(check.broken, None);
    let views = app.query(Query::Retention {}, None).await.unwrap();
    let views: Vec<RetentionView> = serde_json::from_value(views).unwrap();
    assert_eq!(views.len(), Retained::ALL.len());
    assert!(views.iter().all(|v| v.days == v.usual && v.would_go == 0));
}
