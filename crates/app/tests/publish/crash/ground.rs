//! A data folder with one account and posts that are due.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::apply::{self, Ctx};
use app::publish::Secrets;
use async_trait::async_trait;
use db::Db;
use domain::content::{Body, Segment, Variant};
use domain::delivery::DeliveryStatus;
use domain::edit::EditStatus;
use domain::identity::NetworkId;
use domain::ids::*;
use domain::limits::Limits;
use domain::person::{Actor, Role};
use domain::persona::PersonaProfile;
use domain::version::{FORMAT, VersionDoc};
use domain::{Hash, Instant};
use engine::{Clock, SystemClock};
use networks::bluesky::BlueskyAdapter;
use networks::mastodon::MastodonAdapter;
use networks::site::SiteAdapter;
use networks::{
    AccountSecret, Adapter, ConnectInput, Connected, Http, HttpOptions, PrepareInput, Secret,
};
use protocol::Mutation;
use protocol::mutation::{DeliveryPlan, IdentityFacts};
use testkit::standin::mastodon::Mastodon;
use uuid::Uuid;

use crate::bluesky_server::Peer;

/// The one account's secret, in a file beside the database.
pub(super) struct Kept(PathBuf);

impl Kept {
    pub(super) fn beside(folder: &Path) -> Kept {
        Kept(folder.join("secret"))
    }

    pub(super) fn write(&self, secret: &AccountSecret) {
        let new = self.0.with_extension("new");
        std::fs::write(&new, secret.expose()).unwrap();
        std::fs::rename(new, &self.0).unwrap();
    }
}

#[async_trait]
impl Secrets for Kept {
    async fn secret(&self, _: IdentityId) -> Result<Option<AccountSecret>, String> {
        Ok(std::fs::read_to_string(&self.0)
            .ok()
            .map(AccountSecret::new))
    }
    async fn keep(&self, _: IdentityId, secret: AccountSecret) -> Result<(), String> {
        self.write(&secret);
        Ok(())
    }
}

fn org() -> OrganizationId {
    OrganizationId(Uuid::from_u128(7))
}

/// The child waits for the disk as in production.
pub(super) const DURABLE: &str = "ROSTRUM_CRASH_DURABLE";

pub(super) async fn open(folder: &Path) -> Db {
    let file = folder.join("rostrum.sqlite");
    let db = if std::env::var_os(DURABLE).is_some() {
        Db::open_sqlite(&file).await
    } else {
        db::testing::sqlite_at(&file).await
    };
    let db = db.unwrap();
    db.migrate().await.unwrap();
    db
}

async fn apply_all(db: &Db, now: i64, mutations: Vec<Mutation>) {
    let ctx = Ctx {
        organization: org(),
        actor: Actor::Person {
            id: PersonId(Uuid::from_u128(1)),
            operator: None,
        },
        now: Instant(now),
        cause: Uuid::now_v7(),
        salt: [1; 16],
    };
    let done: Result<_, app::Error> = db
        .write(move |tx| {
            let (ctx, mutations) = (ctx.clone(), mutations.clone());
            Box::pin(async move { apply::all(tx, &ctx, &mutations).await })
        })
        .await;
    done.unwrap();
}

/// Where is published to.
pub(super) struct Place {
    pub(super) network: &'static str,
    pub(super) service: String,
    pub(super) adapter: Arc<dyn Adapter>,
    pub(super) connected: Connected,
}

impl Place {
    /// A site in the folder.
    pub(super) async fn site(folder: &Path) -> Place {
        let site = folder.join("site");
        std::fs::create_dir_all(&site).unwrap();
        let adapter = SiteAdapter::new().unwrap();
        let service = site.display().to_string();
        let input = ConnectInput {
            method: "folder".into(),
            fields: BTreeMap::from([
                ("folder".into(), service.clone()),
                ("title".into(), "Hut".into()),
            ]),
            secrets: BTreeMap::new(),
            grant: None,
            now: Instant(SystemClock.wall()),
        };
        let connected = adapter.connect(input).await.unwrap();
        Place {
            network: "site",
            service,
            adapter: Arc::new(adapter),
            connected,
        }
    }

    /// An account on a real server.
    pub(super) async fn bluesky(peer: &Peer) -> Place {
        let adapter = bluesky();
        let password = peer.text("/accounts/alice/app_password");
        let input = peer.input("alice", password, Instant(SystemClock.wall()));
        let connected = adapter.connect(input).await.unwrap();
        Place {
            network: "bluesky",
            service: peer.text("/service").to_owned(),
            adapter: Arc::new(adapter),
            connected,
        }
    }

    /// An account on a Mastodon server of our own.
    pub(super) async fn mastodon(server: &Mastodon) -> Place {
        let adapter = mastodon();
        let input = ConnectInput {
            method: "token".into(),
            fields: BTreeMap::from([("service".into(), server.url())]),
            secrets: BTreeMap::from([("token".into(), Secret::new(server.token()))]),
            grant: None,
            now: Instant(SystemClock.wall()),
        };
        let connected = adapter.connect(input).await.unwrap();
        Place {
            network: "mastodon",
            service: server.url(),
            adapter: Arc::new(adapter),
            connected,
        }
    }
}

pub(super) fn mastodon() -> MastodonAdapter {
    MastodonAdapter::new(Http::new(HttpOptions::default()).unwrap()).unwrap()
}

pub(super) fn bluesky() -> BlueskyAdapter {
    let options = HttpOptions {
        allow_private: true,
        ..HttpOptions::default()
    };
    BlueskyAdapter::new(Http::new(options).unwrap()).unwrap()
}

fn identity() -> IdentityId {
    IdentityId(Uuid::from_u128(3))
}

/// The bytes of a version of these segments.
fn version(
    adapter: &dyn Adapter,
    limits: &Limits,
    content: ContentId,
    texts: Vec<String>,
) -> (String, Hash) {
    let title = texts[0].clone();
    let segment = |text| Segment {
        text,
        media: vec![],
    };
    let shared = Variant {
        segments: texts.into_iter().map(segment).collect(),
        ..Variant::default()
    };
    let body = Body {
        title,
        shared: shared.clone(),
        targets: vec![identity()],
        ..Body::default()
    };
    let nothing = (
        BTreeMap::new(),
        BTreeMap::new(),
        BTreeMap::new(),
        BTreeMap::new(),
    );
    let target = adapter
        .prepare(&PrepareInput {
            identity: identity(),
            variant: &shared,
            languages: &[],
            title: &body.title,
            limits,
            assets: &nothing.0,
            mentions: &nothing.1,
            cards: &nothing.2,
            renditions: &nothing.3,
        })
        .target;
    let doc = VersionDoc {
        format: FORMAT,
        organization: org(),
        content,
        body,
        media: vec![],
        targets: vec![target],
    };
    let (bytes, hash) = doc.seal().unwrap();
    (String::from_utf8(bytes).unwrap(), hash)
}

/// Asks that what is out becomes a newer version.
pub(super) async fn revise(folder: &Path, place: &Place, texts: &[&str]) {
    let db = open(folder).await;
    let limits = place.adapter.limits(Some(&place.connected.facts));
    for delivery in deliveries(&db).await {
        let (content, n) = (delivery.content, delivery.n + 1);
        let texts = texts.iter().map(|&t| t.to_owned()).collect();
        let (doc, hash) = version(&*place.adapter, &limits, content, texts);
        let mutations = vec![
            Mutation::SaveVersion {
                content,
                persona: PersonaId(Uuid::from_u128(2)),
                n,
                doc,
            },
            Mutation::RequestApproval {
                id: RequestId(Uuid::now_v7()),
                content,
                n,
                hash,
                added: None,
            },
            Mutation::UpdatePublished {
                deliveries: vec![delivery.id],
            },
        ];
        apply_all(&db, SystemClock.wall(), mutations).await;
    }
    db.close().await;
}

/// The newest update of each delivery.
pub(super) async fn edits(db: &Db) -> Vec<store::edit::Edit> {
    let found: Result<_, app::Error> = db
        .read(|tx| {
            Box::pin(async move {
                let mut all = Vec::new();
                for status in EditStatus::ALL {
                    all.extend(store::edit::with_status(tx, org(), status).await?);
                }
                Ok(all)
            })
        })
        .await;
    found.unwrap()
}

/// A folder with an account and so many threads, of so many segments, that are due.
pub(super) async fn prepare(folder: &Path, place: &Place, deliveries: usize, segments: usize) {
    let (adapter, connected) = (&place.adapter, &place.connected);
    if let Some(secret) = &connected.secret {
        Kept::beside(folder).write(secret);
    }
    let now = SystemClock.wall();
    let db = open(folder).await;
    let done: Result<(), app::Error> = db
        .write(move |tx| {
            Box::pin(async move {
                store::organization::insert(tx, org(), "Hut", Instant(now)).await?;
                let person = store::person::Person {
                    id: PersonId(Uuid::from_u128(1)),
                    name: "Mara".into(),
                    role: Role::Owner,
                    active: true,
                };
                store::person::insert(tx, org(), &person, Instant(now)).await?;
                Ok(())
            })
        })
        .await;
    done.unwrap();
    let (persona, identity) = (PersonaId(Uuid::from_u128(2)), identity());
    let profile = PersonaProfile {
        name: "Hut".into(),
        zone: "UTC".into(),
        ..PersonaProfile::default()
    };
    let facts = IdentityFacts {
        network: NetworkId::new(place.network),
        remote_id: connected.facts.remote_id.clone(),
        handle: connected.facts.handle.clone(),
        display_name: connected.name.clone(),
        service: place.service.clone(),
        settings: connected.facts.settings.clone(),
        live: vec![],
    };
    let mut all = vec![
        Mutation::SavePersona {
            id: persona,
            profile,
            chain: None,
        },
        Mutation::AddIdentity {
            id: identity,
            persona,
            facts,
        },
    ];
    let limits = adapter.limits(Some(&connected.facts));
    for n in 0..deliveries {
        let content = ContentId(Uuid::now_v7());
        let texts = (0..segments).map(|s| format!("Entry {n}, part {s}"));
        let (doc, hash) = version(&**adapter, &limits, content, texts.collect());
        all.push(Mutation::SaveVersion {
            content,
            persona,
            n: 1,
            doc,
        });
        let id = DeliveryId(Uuid::now_v7());
        let plan = DeliveryPlan {
            id,
            identity,
            planned: None,
            grace: Some(24 * 60),
        };
        all.push(Mutation::Plan {
            content,
            deliveries: vec![plan],
        });
        let id = RequestId(Uuid::now_v7());
        all.push(Mutation::RequestApproval {
            id,
            content,
            n: 1,
            hash,
            added: None,
        });
    }
    for chunk in all.chunks(60) {
        apply_all(&db, SystemClock.wall(), chunk.to_vec()).await;
    }
    db.close().await;
}

pub(super) async fn deliveries(db: &Db) -> Vec<store::delivery::Delivery> {
    let found: Result<_, app::Error> = db
        .read(|tx| {
            Box::pin(async move {
                let mut all = Vec::new();
                for status in DeliveryStatus::ALL {
                    all.extend(store::delivery::with_status(tx, org(), status).await?);
                }
                Ok(all)
            })
        })
        .await;
    found.unwrap()
}
