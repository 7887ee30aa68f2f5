//! What can be done with a post that is out, end to end: the core, its engine, the local site.

use std::collections::BTreeMap;
use std::path::Path;

use app::act::Way;
use app::host::{self, Options};
use app::{App, Host};
use domain::content::{Body, Variant};
use domain::delivery::DeliveryStatus as D;
use domain::edit::EditStatus;
use domain::identity::NetworkId;
use domain::ids::*;
use domain::persona::PersonaProfile;
use domain::status::ContentStatus;
use protocol::act::{Act, Sensitive};
use protocol::mutation::DeliveryPlan;
use protocol::views::{ContentDetail, Saved};
use protocol::{Mutation, Query};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::world::id;

struct Desk {
    host: Host,
    persona: PersonaId,
    account: IdentityId,
    content: ContentId,
    delivery: DeliveryId,
}

async fn act(app: &App, act: Act) -> Value {
    let way = Way::quiet(None, CancellationToken::new());
    app.act(act, &way).await.unwrap()
}

impl Desk {
    /// A site with one entry that is out.
    async fn with(root: &Path, text: &str) -> Self {
        let (data, config) = (root.join("data"), root.join("config"));
        let options = Options::default();
        let host = host::init(&data, &config, options).await.unwrap();
        let app = &host.app;
        app.add_first_person(id(), "Mara".into()).await.unwrap();
        let desk = Self {
            persona: id(),
            account: id(),
            content: id(),
            delivery: id(),
            host,
        };
        let profile = PersonaProfile {
            name: "Hut".into(),
            zone: "UTC".into(),
            ..PersonaProfile::default()
        };
        let app = &desk.host.app;
        let persona = Mutation::SavePersona {
            id: desk.persona,
            profile,
            chain: None,
        };
        app.apply_all(None, vec![persona]).await.unwrap();
        let site = root.join("site");
        std::fs::create_dir_all(&site).unwrap();
        let field = |value: String| Sensitive(value);
        let connect = Act::Connect {
            id: desk.account,
            persona: desk.persona,
            network: NetworkId::new("site"),
            method: None,
            fields: BTreeMap::from([
                ("folder".to_owned(), field(site.display().to_string())),
                ("title".to_owned(), field("Notes".into())),
            ]),
        };
        act(app, connect).await;
        desk.host.start().await.unwrap();
        let plan = DeliveryPlan {
            id: desk.delivery,
            identity: desk.account,
            planned: None,
            grace: None,
            hand_off: None,
        };
        desk.submit(text, 0, vec![plan], vec![]).await;
        assert_eq!(desk.delivery_status().await, D::Published);
        desk
    }

    async fn submit(
        &self,
        text: &str,
        base: u32,
        deliveries: Vec<DeliveryPlan>,
        updates: Vec<DeliveryId>,
    ) {
        let body = Body {
            shared: Variant::of_text(text),
            targets: vec![self.account],
            ..Body::default()
        };
        let submit = Act::Submit {
            content: self.content,
            persona: self.persona,
            body,
            base,
            deliveries,
            updates,
            request: id(),
            added: None,
        };
        act(&self.host.app, submit).await;
        self.settled().await;
    }

    /// Until nothing of it is on its way any more.
    async fn settled(&self) {
        for _ in 0..600 {
            let detail = self.detail(self.content).await;
            let one = &detail.deliveries[0];
            let edit = one.edit.as_ref().map(|e| e.status);
            let waits = one.target.status.is_waiting() || one.target.status == D::Sending;
            if !waits && edit.is_none_or(|status| !status.is_open()) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("it never came to its end");
    }

    async fn detail(&self, content: ContentId) -> ContentDetail {
        let query = Query::Content { id: content };
        let value = self.host.app.query(query, None).await.unwrap();
        serde_json::from_value(value).unwrap()
    }

    async fn delivery_status(&self) -> D {
        self.detail(self.content).await.deliveries[0].target.status
    }
}

fn feed(root: &Path) -> String {
    std::fs::read_to_string(root.join("site/feed.xml")).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_out_is_updated_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::with(folder.path(), "Snow on the pass.").await;
    let out = desk.detail(desk.content).await;
    assert!(out.can_edit && !out.edit_voids);
    let offer = out.deliveries[0].update.clone().unwrap();
    assert!(!offer.ready, "there is no newer version");

    desk.submit("Late snow.", 1, vec![], vec![desk.delivery])
        .await;
    let detail = desk.detail(desk.content).await;
    let one = &detail.deliveries[0];
    assert_eq!((one.target.status, one.n), (D::Published, 2));
    assert_eq!(one.edit.as_ref().unwrap().status, EditStatus::Done);
    assert_eq!(detail.row.status, ContentStatus::Published);
    let feed = feed(folder.path());
    assert!(feed.contains("Late snow.") && !feed.contains("on the pass"));
    assert_eq!(feed.matches("<entry").count(), 1);
    desk.host.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_version_that_is_approved_is_offered() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::with(folder.path(), "Snow.").await;
    let app = &desk.host.app;
    let body = Body {
        shared: Variant::of_text("Late snow."),
        targets: vec![desk.account],
        ..Body::default()
    };
    let save = Act::Save {
        content: desk.content,
        persona: desk.persona,
        body,
        base: 1,
    };
    let saved: Saved = serde_json::from_value(act(app, save).await).unwrap();
    let offer = async || {
        let detail = desk.detail(desk.content).await;
        detail.deliveries[0].update.clone().unwrap()
    };
    assert!(!offer().await.ready, "nobody approved it");
    let ask = Mutation::RequestApproval {
        id: id(),
        content: desk.content,
        n: 2,
        hash: saved.hash.unwrap(),
        added: None,
    };
    app.apply_all(None, vec![ask]).await.unwrap();
    assert!(offer().await.ready);
    assert!(feed(folder.path()).contains("Snow."));
    assert_eq!(desk.detail(desk.content).await.deliveries[0].n, 1);
    desk.host.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn delete_and_redraft_keeps_every_word() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::with(folder.path(), "Snow on the pass.").await;
    let app = &desk.host.app;
    let labels = Mutation::SetDetails {
        content: desk.content,
        campaign: "Winter".into(),
        labels: vec!["huts".into()],
    };
    app.apply_all(None, vec![labels]).await.unwrap();
    let new: ContentId = id();
    let redraft = Act::Redraft {
        delivery: desk.delivery,
        id: new,
    };
    act(app, redraft).await;
    let draft = desk.detail(new).await;
    assert_eq!(draft.row.status, ContentStatus::Draft);
    assert_eq!(
        (draft.row.campaign.as_str(), draft.row.labels.len()),
        ("Winter", 1)
    );
    let body = draft.working.unwrap().body;
    assert_eq!(body.shared, Variant::of_text("Snow on the pass."));
    assert_eq!(body.targets, [desk.account]);
    for _ in 0..600 {
        if desk.delivery_status().await == D::Deleted {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(desk.delivery_status().await, D::Deleted);
    assert!(!feed(folder.path()).contains("<entry"));

    // What is not out any more is no draft twice.
    let way = Way::quiet(None, CancellationToken::new());
    let again = Act::Redraft {
        delivery: desk.delivery,
        id: id(),
    };
    assert!(app.act(again, &way).await.is_err());
    let queue = app.query(every_content(), None).await.unwrap();
    assert_eq!(queue["rows"].as_array().unwrap().len(), 2);
    desk.host.stop().await;
}

fn every_content() -> Query {
    Query::Queue {
        filter: protocol::query::QueueFilter::default(),
        cursor: None,
        limit: 10,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redraft_loses_nothing_when_the_post_cannot_be_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::with(folder.path(), "Snow on the pass.").await;
    std::fs::rename(folder.path().join("site"), folder.path().join("away")).unwrap();
    let new: ContentId = id();
    let redraft = Act::Redraft {
        delivery: desk.delivery,
        id: new,
    };
    act(&desk.host.app, redraft).await;
    let body = desk.detail(new).await.working.unwrap().body;
    assert_eq!(body.shared, Variant::of_text("Snow on the pass."));
    assert_eq!(desk.delivery_status().await, D::Published);
    desk.host.stop().await;
}
