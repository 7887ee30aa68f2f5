//! The core over a mirror: what a window sees and does there.

use app::App;
use app::act::Way;
use app::host::{self, Options};
use domain::ids::*;
use protocol::query::{ApprovalTab, QueueFilter};
use protocol::views::{ContentDetail, Outbox, QueuePage, SyncStatus, WaitingState};
use protocol::{Act, Call, Code, Mutation, Problem, Query};
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::desk::{Desk, Net, same};
use crate::world::{body, id};

async fn ask<T: DeserializeOwned>(app: &App, query: Query) -> T {
    let answer = app.query(query, None).await.unwrap();
    serde_json::from_value(answer).unwrap()
}

async fn act(app: &App, act: Act) -> Result<serde_json::Value, Problem> {
    let way = Way::told(app, "act".into(), None, CancellationToken::new());
    app.act(act, &way).await
}

fn queue() -> Query {
    Query::Queue {
        filter: QueueFilter::default(),
        cursor: None,
        limit: 50,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_over_a_mirror_shows_and_does_what_a_window_does_and_it_waits_for_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let (data, config) = (folder.path().join("data"), folder.path().join("config"));
    let host = host::init(&data, &config, Options::default())
        .await
        .unwrap();
    let net = Net::on_sqlite(51).await;
    let piece = net.world.piece(None).await;
    let desk = Desk::new(&net, net.world.writer).await;
    desk.sync().await;
    let app = host
        .app
        .beside(desk.pump.clone(), host.app.library().clone());

    // It shows the mirror's, and nothing of the computer's own organization.
    let page: QueuePage = ask(&app, queue()).await;
    assert_eq!(page.rows.len(), 1);
    let detail: ContentDetail = ask(&app, Query::Content { id: piece.content }).await;
    assert_eq!(detail.deliveries.len(), 1);
    let own: QueuePage = ask(&host.app.used_by(None), queue()).await;
    assert!(own.rows.is_empty());
    for query in [
        Query::Overview {},
        Query::Today { zone: "UTC".into() },
        Query::Approvals {
            tab: ApprovalTab::AllOpen,
        },
        Query::Personas {},
        Query::Accounts {},
        Query::People {},
        Query::Templates {},
        Query::Settings {},
    ] {
        let words = format!("{query:?}");
        let said = app.query(query, None).await;
        assert!(said.is_ok(), "{words}: {said:?}");
    }

    // What is done shows at once, and waits.
    let draft: ContentId = id();
    let save = Act::Save {
        content: draft,
        persona: net.world.persona,
        body: body("Written on the train", &[]),
        base: 0,
    };
    act(&app, save).await.unwrap();
    let named = Mutation::SetDetails {
        content: draft,
        campaign: "Autumn".into(),
        labels: vec![],
    };
    let call = |mutation| Call {
        id: id(),
        acting: None,
        mutation,
    };
    let asked = call(named.clone());
    app.mutate(asked.clone()).await.unwrap();
    app.mutate(asked).await.unwrap();
    let page: QueuePage = ask(&app, queue()).await;
    assert_eq!(page.rows.len(), 2);
    let waiting: Outbox = ask(&app, Query::Outbox {}).await;
    let last = waiting.items.last().unwrap();
    assert_eq!(
        (last.state, &last.mutations),
        (WaitingState::Waiting, &vec![named.clone()])
    );
    assert_eq!(net.world.facts().await.contents.len(), 1);
    let discard = Act::DiscardWaiting { id: last.id };
    act(&app, discard).await.unwrap();

    // Nobody acts as another, and what only a server can is not done here.
    let mut acting = call(named);
    acting.acting = Some(net.world.owner);
    let said = app.mutate(acting).await.unwrap_err();
    assert_eq!(said.code, Code::Forbidden);
    let counts = Act::RefreshMetrics {
        content: piece.content,
    };
    let said = act(&app, counts).await.unwrap_err();
    assert_eq!(said.code, Code::NeedsServer);
    assert!(app.engine().is_none());

    desk.sync().await;
    let waiting: Outbox = ask(&app, Query::Outbox {}).await;
    assert!(waiting.items.is_empty());
    assert!(matches!(waiting.status, SyncStatus::Synced { .. }));
    let there = net.world.facts().await;
    assert_eq!(there.content(draft).headline, "Written on the train");
    assert_eq!(there.content(draft).campaign, "");
    assert_eq!(there.content(draft).author, Some(net.world.writer));
    same(
        "synced",
        &desk.rows().await,
        &net.rows(&net.instances[0]).await,
    );
    let own: Outbox = ask(&host.app, Query::Outbox {}).await;
    assert_eq!((own.status, own.items.len()), (SyncStatus::Local, 0));
    host.stop().await;
}
