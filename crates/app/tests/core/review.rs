//! What those who decide are shown, and what waits for a person.

use app::host::{self, Options};
use domain::delivery::{DeliveryStatus, HoldReason};
use domain::ids::PersonId;
use protocol::query::{ApprovalTab, QueueFilter};
use protocol::views::{Approvals, QueuePage, RequestDetail, Today};
use protocol::{Mutation, Query};
use serde::de::DeserializeOwned;

use crate::world::{HOUR, World, body};

struct Desk {
    host: app::Host,
    world: World,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (data, config) = (folder.path().join("data"), folder.path().join("config"));
        let host = host::init(&data, &config, Options::default())
            .await
            .unwrap();
        let world = World::of(&host.app).await;
        Self {
            host,
            world,
            _folder: folder,
        }
    }

    async fn ask<T: DeserializeOwned>(&self, query: Query, by: PersonId) -> T {
        let answer = self.host.app.query(query, Some(by)).await.unwrap();
        serde_json::from_value(answer).unwrap()
    }
}

#[tokio::test]
async fn what_is_typed_after_the_question_is_not_what_is_decided_on() {
    let desk = Desk::new().await;
    let world = &desk.world;
    world.with_stage(|_| {}).await;
    let piece = world.piece(None).await;
    let typed = Mutation::SaveWorkingCopy {
        content: piece.content,
        persona: world.persona,
        body: body("Something else altogether", &world.accounts),
        base: Some(1),
    };
    world.by(world.admin, typed).await.unwrap();
    let tab = ApprovalTab::ForMe;
    let inbox: Approvals = desk.ask(Query::Approvals { tab }, world.jo).await;
    let id = piece.request;
    let detail: RequestDetail = desk.ask(Query::Request { id }, world.jo).await;
    let zone = "UTC".into();
    let today: Today = desk.ask(Query::Today { zone }, world.jo).await;
    for row in [&inbox.rows[0].content, &detail.row] {
        assert_eq!(row.headline, "OTHER text");
        assert_eq!(row.excerpt, "OTHER text");
        assert_eq!(row.author.as_ref().map(|a| a.id), Some(world.writer));
    }
    assert_eq!(today.needs[0].headline, "OTHER text");
    // The queue shows what is being worked on.
    let filter = QueueFilter::default();
    let cursor = None;
    let queue = Query::Queue {
        filter,
        cursor,
        limit: 9,
    };
    let page: QueuePage = desk.ask(queue, world.jo).await;
    assert_eq!(page.rows[0].headline, "Something else altogether");
    desk.host.stop().await;
}

#[tokio::test]
async fn people_are_told_of_what_is_decided_on_and_not_of_what_is_typed_since() {
    let desk = Desk::new().await;
    let world = &desk.world;
    world.with_stage(|_| {}).await;
    let piece = world.piece(None).await;
    let typed = Mutation::SaveWorkingCopy {
        content: piece.content,
        persona: world.persona,
        body: body("Something else altogether", &world.accounts),
        base: Some(1),
    };
    world.by(world.writer, typed).await.unwrap();
    world
        .as_run(piece.request, |work, id| {
            Box::pin(async move { app::apply::requests::remind(work, id, 1).await })
        })
        .await;
    let verdict = domain::approval::Verdict::Reject;
    world.decide(world.jo, piece, verdict).await.unwrap();
    let org = world.org;
    let told: Result<Vec<_>, app::Error> = world
        .db
        .read(move |tx| {
            Box::pin(
                async move { Ok(store::notification::since(tx, org, domain::Instant(0)).await?) },
            )
        })
        .await;
    let told = told.unwrap();
    assert_eq!(told.len(), 3, "asked, reminded, decided");
    for one in told {
        assert!(one.body.contains("OTHER text"), "{}", one.body);
        assert!(!one.body.contains("Something else"), "{}", one.body);
    }
    desk.host.stop().await;
}

#[tokio::test]
async fn own_work_says_that_it_is_own_work() {
    let desk = Desk::new().await;
    let world = &desk.world;
    let (owner, jo) = (world.owner, world.jo);
    world.with_stage(|_| {}).await;
    let piece = world.piece(None).await;
    let id = piece.request;
    for (person, own) in [(world.writer, true), (owner, false), (jo, false)] {
        let detail: RequestDetail = desk.ask(Query::Request { id }, person).await;
        assert_eq!((detail.own, detail.mine), (own, person == jo));
    }
    desk.host.stop().await;
}

#[tokio::test]
async fn what_did_not_go_as_planned_is_listed_for_a_person() {
    let desk = Desk::new().await;
    let world = &desk.world;
    let at = Some(world.now() + HOUR);
    use DeliveryStatus as D;
    let mut wanted = Vec::new();
    for (status, hold, needs) in [
        (D::Missed, None, true),
        (D::Failed, None, true),
        (D::Unconfirmed, None, true),
        (D::Held, Some(HoldReason::Account), true),
        (D::Held, Some(HoldReason::Folder), false),
        (D::Planned, None, false),
        (D::Published, None, false),
    ] {
        let piece = world.piece(at).await;
        world
            .stand(piece.delivery, move |d| {
                d.status = status;
                d.hold = hold;
            })
            .await;
        if needs {
            wanted.push(piece.content);
        }
    }
    let archived = world.piece(at).await;
    world
        .stand(archived.delivery, |d| d.status = D::Missed)
        .await;
    world
        .ok(Mutation::ArchiveContent {
            content: archived.content,
            archived: true,
        })
        .await;
    let filter = QueueFilter {
        needs: true,
        ..QueueFilter::default()
    };
    let queue = Query::Queue {
        filter,
        cursor: None,
        limit: 50,
    };
    let page: QueuePage = desk.ask(queue, world.owner).await;
    let mut found: Vec<_> = page.rows.iter().map(|r| r.id).collect();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
    desk.host.stop().await;
}
