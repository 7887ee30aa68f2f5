//! A data folder with one account and posts that are due.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::apply::{self, Authority, Ctx};
use app::publish::Secrets;
use async_trait::async_trait;
use db::Db;
use domain::content::{Body, Segment, Variant};
use domain::delivery::DeliveryStatus;
use domain::edit::EditStatus;
use domain::identity::NetworkId;
use domain::ids::*;
use domain::person::{Actor, Role};
use domain::persona::PersonaProfile;
use domain::version::{FORMAT, VersionDoc};
use domain::{Hash, Instant, Planned};
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

/// The accounts' secrets, in files beside the database.
pub(crate) struct Kept(PathBuf);

impl Kept {
    pub(crate) fn beside(folder: &Path) -> Kept {
        Kept(folder.to_path_buf())
    }

    pub(super) fn write(&self, identity: IdentityId, secret: &AccountSecret) {
        let file = self.file(identity);
        let new = file.with_extension("new");
        std::fs::write(&new, secret.expose()).unwrap();
        std::fs::rename(new, file).unwrap();
    }

    fn file(&self, identity: IdentityId) -> PathBuf {
        self.0.join(format!("secret-{identity}"))
    }
}

#[async_trait]
impl Secrets for Kept {
    async fn secret(&self, identity: IdentityId) -> Result<Option<AccountSecret>, String> {
        Ok(std::fs::read_to_string(self.file(identity))
            .ok()
            .map(AccountSecret::new))
    }
    async fn keep(&self, identity: IdentityId, secret: AccountSecret) -> Result<(), String> {
        self.write(identity, &secret);
        Ok(())
    }
}

/// The account of the `n`th place.
pub(crate) fn account(n: usize) -> IdentityId {
    IdentityId(Uuid::from_u128(3 + n as u128))
}

fn org() -> OrganizationId {
    OrganizationId(Uuid::from_u128(7))
}

/// The child waits for the disk as in production.
pub(super) const DURABLE: &str = "ROSTRUM_CRASH_DURABLE";

pub(crate) async fn open(folder: &Path) -> Db {
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

pub(super) async fn apply_all(db: &Db, now: i64, mutations: Vec<Mutation>) {
    let ctx = Ctx {
        organization: org(),
        actor: Actor::Person {
            id: PersonId(Uuid::from_u128(1)),
            operator: None,
        },
        now: Instant(now),
        cause: Uuid::now_v7(),
        salt: [1; 16],
        networks: networks::Registry::empty(),
        authority: Authority::Here,
        executor: domain::identity::Executor::Desktop,
        scopes: None,
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
pub(crate) struct Place {
    pub(crate) network: &'static str,
    pub(crate) service: String,
    pub(crate) adapter: Arc<dyn Adapter>,
    pub(crate) connected: Connected,
}

impl Place {
    /// A site in the folder.
    pub(crate) async fn site(folder: &Path) -> Place {
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
    pub(crate) async fn bluesky(peer: &Peer) -> Place {
        Place::bluesky_at(peer, peer.text("/service")).await
    }

    /// The same, reached at `url`.
    pub(crate) async fn bluesky_at(peer: &Peer, url: &str) -> Place {
        let adapter = bluesky();
        let password = peer.text("/accounts/alice/app_password");
        let mut input = peer.input("alice", password, Instant(SystemClock.wall()));
        input.fields.insert("service".into(), url.to_owned());
        let connected = adapter.connect(input).await.unwrap();
        Place {
            network: "bluesky",
            service: url.to_owned(),
            adapter: Arc::new(adapter),
            connected,
        }
    }

    /// An account on a Mastodon server of our own.
    pub(crate) async fn mastodon(server: &Mastodon) -> Place {
        Place::mastodon_at(server, &server.url()).await
    }

    /// The same, reached at `url`.
    pub(crate) async fn mastodon_at(server: &Mastodon, url: &str) -> Place {
        let adapter = mastodon();
        let input = ConnectInput {
            method: "token".into(),
            fields: BTreeMap::from([("service".into(), url.to_owned())]),
            secrets: BTreeMap::from([("token".into(), Secret::new(server.token()))]),
            grant: None,
            now: Instant(SystemClock.wall()),
        };
        let connected = adapter.connect(input).await.unwrap();
        Place {
            network: "mastodon",
            service: url.to_owned(),
            adapter: Arc::new(adapter),
            connected,
        }
    }
}

pub(crate) fn mastodon() -> MastodonAdapter {
    MastodonAdapter::new(Http::new(HttpOptions::default()).unwrap()).unwrap()
}

pub(crate) fn bluesky() -> BlueskyAdapter {
    let options = HttpOptions {
        allow_private: true,
        ..HttpOptions::default()
    };
    BlueskyAdapter::new(Http::new(options).unwrap(), networks::bluesky::PLC).unwrap()
}

/// What an account has to publish, due from `first` on, one each `every` milliseconds.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) deliveries: usize,
    pub(crate) segments: usize,
    /// Milliseconds UTC; none: all are due at once.
    pub(crate) first: Option<i64>,
    pub(crate) every: i64,
    /// The network shall keep the times.
    pub(crate) hand_off: bool,
}

/// A folder with an account and so many threads, of so many segments, that are due.
pub(super) async fn prepare(folder: &Path, place: &Place, deliveries: usize, segments: usize) {
    let load = Load {
        deliveries,
        segments,
        first: None,
        every: 0,
        hand_off: false,
    };
    prepare_all(folder, &[(place, load)]).await;
}

/// A folder with accounts and what they have to publish.
pub(crate) async fn prepare_all(folder: &Path, places: &[(&Place, Load)]) {
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
    let profile = PersonaProfile {
        name: "Hut".into(),
        zone: "UTC".into(),
        ..PersonaProfile::default()
    };
    let mut all = vec![Mutation::SavePersona {
        id: persona(),
        profile,
        chain: None,
    }];
    for (n, (place, load)) in places.iter().enumerate() {
        if let Some(secret) = &place.connected.secret {
            Kept::beside(folder).write(account(n), secret);
        }
        all.extend(place.work(account(n), *load));
    }
    for chunk in all.chunks(60) {
        apply_all(&db, SystemClock.wall(), chunk.to_vec()).await;
    }
    db.close().await;
}

fn persona() -> PersonaId {
    PersonaId(Uuid::from_u128(2))
}

impl Place {
    /// The account, and what it has to publish: saved, planned and asked for.
    fn work(&self, identity: IdentityId, load: Load) -> Vec<Mutation> {
        let facts = IdentityFacts {
            network: NetworkId::new(self.network),
            remote_id: self.connected.facts.remote_id.clone(),
            handle: self.connected.facts.handle.clone(),
            display_name: self.connected.name.clone(),
            service: self.service.clone(),
            settings: self.connected.facts.settings.clone(),
            live: vec![],
        };
        let mut all = vec![Mutation::AddIdentity {
            id: identity,
            persona: persona(),
            facts,
        }];
        for n in 0..load.deliveries {
            let content = ContentId(Uuid::now_v7());
            let texts = (0..load.segments).map(|s| format!("Entry {n}, part {s}"));
            let (doc, hash) = self.version(content, identity, texts.collect());
            let at = load.first.map(|first| first + load.every * n as i64);
            let plan = DeliveryPlan {
                id: DeliveryId(Uuid::now_v7()),
                identity,
                planned: at.map(|at| Planned::from_instant(Instant(at), "UTC").unwrap()),
                grace: Some(24 * 60),
                hand_off: Some(load.hand_off),
            };
            all.push(Mutation::SaveVersion {
                content,
                persona: persona(),
                n: 1,
                doc,
            });
            all.push(Mutation::Plan {
                content,
                deliveries: vec![plan],
            });
            all.push(Mutation::RequestApproval {
                id: RequestId(Uuid::now_v7()),
                content,
                n: 1,
                hash,
                added: None,
            });
        }
        all
    }

    fn version(
        &self,
        content: ContentId,
        identity: IdentityId,
        texts: Vec<String>,
    ) -> (String, Hash) {
        let title = texts[0].clone();
        let shared = Variant {
            segments: texts
                .into_iter()
                .map(|text| Segment {
                    text,
                    media: vec![],
                })
                .collect(),
            ..Variant::default()
        };
        let body = Body {
            title,
            shared: shared.clone(),
            targets: vec![identity],
            ..Body::default()
        };
        let nothing = (
            BTreeMap::new(),
            BTreeMap::new(),
            BTreeMap::new(),
            BTreeMap::new(),
        );
        let limits = self.adapter.limits(Some(&self.connected.facts));
        let target = self
            .adapter
            .prepare(&PrepareInput {
                identity,
                variant: &shared,
                languages: &[],
                title: &body.title,
                limits: &limits,
                assets: &nothing.0,
                mentions: &nothing.1,
                cards: &nothing.2,
                quotes: &BTreeMap::new(),
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
}

/// Asks that what is out becomes a newer version.
pub(super) async fn revise(folder: &Path, place: &Place, texts: &[&str]) {
    let db = open(folder).await;
    for delivery in deliveries(&db).await {
        let (content, n) = (delivery.content, delivery.n + 1);
        let texts = texts.iter().map(|&t| t.to_owned()).collect();
        let (doc, hash) = place.version(content, delivery.identity, texts);
        let mutations = vec![
            Mutation::SaveVersion {
                content,
                persona: persona(),
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

pub(crate) async fn deliveries(db: &Db) -> Vec<store::delivery::Delivery> {
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
