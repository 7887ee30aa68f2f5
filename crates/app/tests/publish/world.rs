//! An organization with a persona and an account on a network that obeys, and a clock in the hand.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use app::apply::{self, Authority, Ctx, Effects};
use app::calls::Calls;
use app::publish::{Colleagues, House, Publisher, Secrets, Terms};
use async_trait::async_trait;
use db::Db;
use domain::approval::{Approver, ChainPolicy, Quorum, Stage};
use domain::attempt::Idempotency;
use domain::content::{Body, Segment, Variant};
use domain::identity::NetworkId;
use domain::ids::*;
use domain::person::{Actor, Role};
use domain::persona::PersonaProfile;
use domain::version::{FORMAT, VersionDoc};
use domain::{Hash, Instant, Planned};
use engine::{Clock, ManualClock};
use networks::{AccountSecret, Adapter, Connected, MediaBytes, MediaMissing};
use protocol::event::NotificationKind;
use protocol::mutation::{Applied, DeliveryPlan, IdentityFacts};
use protocol::{Code, Mutation};
use uuid::Uuid;

use crate::network::Script;

/// Monday, 23 November 2026, 09:00 UTC.
pub(crate) const START: i64 = 1_795_424_400_000;
pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;

/// The machine as a test sets it.
#[derive(Default)]
pub(crate) struct Machine {
    pub(crate) held: AtomicBool,
    pub(crate) gone: Mutex<Vec<Uuid>>,
    pub(crate) media: AtomicBool,
    pub(crate) told: Mutex<Vec<NotificationKind>>,
    /// What the keychain holds.
    pub(crate) secret: Mutex<Option<String>>,
    /// The keychain takes nothing.
    pub(crate) locked: AtomicBool,
}

impl Colleagues for Machine {
    fn is_gone(&self, owner: Uuid) -> bool {
        self.gone.lock().unwrap().contains(&owner)
    }
}

impl House for Machine {
    fn folder_is_held(&self) -> bool {
        self.held.load(Ordering::SeqCst)
    }
    fn tell(&self, effects: Effects) {
        self.told
            .lock()
            .unwrap()
            .extend(effects.notifications.iter().map(|(_, n)| n.kind));
    }
}

#[async_trait]
impl Secrets for Machine {
    async fn secret(&self, _: IdentityId) -> Result<Option<AccountSecret>, String> {
        Ok(self.secret.lock().unwrap().clone().map(AccountSecret::new))
    }
    async fn keep(&self, _: IdentityId, secret: AccountSecret) -> Result<(), String> {
        if self.locked.load(Ordering::SeqCst) {
            return Err("the keychain is locked".into());
        }
        *self.secret.lock().unwrap() = Some(secret.expose().clone());
        Ok(())
    }
}

/// Files of the machine.
pub(crate) struct Files(pub(crate) Arc<Machine>);

#[async_trait]
impl MediaBytes for Files {
    async fn bytes(&self, hash: Hash) -> Result<Vec<u8>, MediaMissing> {
        match self.0.media.load(Ordering::SeqCst) {
            true => Ok(b"picture".to_vec()),
            false => Err(MediaMissing {
                hash,
                why: "not there".into(),
            }),
        }
    }
}

/// What reads sources; here nobody follows any.
pub(crate) fn collector() -> Arc<app::ideas::Collector> {
    let http = networks::Http::new(networks::HttpOptions::default()).unwrap();
    Arc::new(app::ideas::Collector::new(http))
}

pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) network: Arc<Script>,
    /// What really publishes: `network`, or an adapter of a real one.
    adapter: Arc<dyn Adapter>,
    pub(crate) machine: Arc<Machine>,
    pub(crate) publisher: Arc<Publisher>,
    pub(crate) org: OrganizationId,
    pub(crate) writer: PersonId,
    pub(crate) approver: PersonId,
    pub(crate) persona: PersonaId,
    pub(crate) identity: IdentityId,
    pub(crate) terms: Terms,
    ids: AtomicU64,
}

/// A content with one delivery.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub(crate) content: ContentId,
    pub(crate) delivery: DeliveryId,
    pub(crate) request: RequestId,
}

impl World {
    pub(crate) async fn new(class: Idempotency) -> Self {
        Self::on(db::testing::sqlite().await, class).await
    }

    pub(crate) async fn on(db: Db, class: Idempotency) -> Self {
        Self::since(db, class, START).await
    }

    /// One whose clock shows `start` in the beginning.
    pub(crate) async fn since(db: Db, class: Idempotency, start: i64) -> Self {
        let clock = Arc::new(ManualClock::at(start));
        let network = Script::new(class, clock.clone());
        let machine = Arc::new(Machine::default());
        machine.media.store(true, Ordering::SeqCst);
        let terms = Terms::default();
        let adapter: Arc<dyn Adapter> = network.clone();
        let publisher = publisher(&db, &clock, &adapter, &machine, &terms);
        let ids = AtomicU64::new(1);
        let mut world = Self {
            org: OrganizationId(Uuid::now_v7()),
            writer: PersonId(Uuid::now_v7()),
            approver: PersonId(Uuid::now_v7()),
            persona: PersonaId(Uuid::now_v7()),
            identity: IdentityId(Uuid::now_v7()),
            db,
            clock,
            network,
            adapter,
            machine,
            publisher,
            terms,
            ids,
        };
        world.found().await;
        world.identity = world.account("mara").await;
        world
    }

    /// One whose account is on a real network.
    pub(crate) async fn with_adapter(
        clock: &Arc<ManualClock>,
        adapter: Arc<dyn Adapter>,
        connected: &Connected,
    ) -> Self {
        let mut world = Self::new(Idempotency::None).await;
        world.clock = Arc::clone(clock);
        world.adapter = adapter;
        world
            .machine
            .secret
            .lock()
            .unwrap()
            .clone_from(&connected.secret.as_ref().map(|s| s.expose().clone()));
        world.publisher = world.colleague();
        world.identity = IdentityId(Uuid::now_v7());
        let facts = IdentityFacts {
            network: world.adapter.descriptor().id.clone(),
            remote_id: connected.facts.remote_id.clone(),
            handle: connected.facts.handle.clone(),
            display_name: connected.name.clone(),
            service: String::new(),
            settings: connected.facts.settings.clone(),
            live: connected.facts.live.clone(),
        };
        world
            .apply(Mutation::AddIdentity {
                id: world.identity,
                persona: world.persona,
                facts,
            })
            .await
            .unwrap();
        world
    }

    async fn found(&self) {
        let (org, writer, approver) = (self.org, self.writer, self.approver);
        let now = self.now();
        let done: Result<(), app::Error> = self
            .db
            .write(move |tx| {
                Box::pin(async move {
                    store::organization::insert(tx, org, "Hut", now).await?;
                    for (id, name, role) in [
                        (writer, "Mara", Role::Owner),
                        (approver, "Jo", Role::Approver),
                    ] {
                        let person = store::person::Person {
                            id,
                            name: name.into(),
                            role,
                            active: true,
                        };
                        store::person::insert(tx, org, &person, now).await?;
                    }
                    Ok(())
                })
            })
            .await;
        done.unwrap();
        self.apply(Mutation::SavePersona {
            id: self.persona,
            profile: PersonaProfile {
                name: "Hut".into(),
                zone: "Europe/Berlin".into(),
                ..PersonaProfile::default()
            },
            chain: None,
        })
        .await
        .unwrap();
    }

    pub(crate) async fn account(&self, name: &str) -> IdentityId {
        let id = IdentityId(Uuid::now_v7());
        self.apply(Mutation::AddIdentity {
            id,
            persona: self.persona,
            facts: facts(name),
        })
        .await
        .unwrap();
        id
    }

    /// Another process on the same tables.
    pub(crate) fn colleague(&self) -> Arc<Publisher> {
        publisher(
            &self.db,
            &self.clock,
            &self.adapter,
            &self.machine,
            &self.terms,
        )
    }

    /// This process dies and starts again: what it held in its hands is gone, its lock was free.
    pub(crate) fn restart(&mut self) {
        self.machine.gone.lock().unwrap().push(self.publisher.owner);
        self.publisher = self.colleague();
    }

    /// A chain with one stage for the approver.
    pub(crate) async fn with_chain(&self, edit: impl FnOnce(&mut Stage)) {
        let chain = ChainId(Uuid::now_v7());
        let mut stage = Stage {
            name: "Desk".into(),
            approvers: vec![Approver::Person { id: self.approver }],
            quorum: Quorum::Any,
            conditions: vec![],
            remind_after: vec![],
            escalate_after: None,
            escalate_to: vec![],
            outside: false,
        };
        edit(&mut stage);
        let policy = ChainPolicy {
            id: chain,
            revision: 1,
            name: "Desk".into(),
            stages: vec![stage],
            authors_may_approve: false,
            tolerance: 48 * 60,
            expire_after: Some(14 * 24 * 60),
        };
        self.apply(Mutation::SaveChain { policy }).await.unwrap();
        let persona = self
            .read(|tx, org, persona| {
                Box::pin(async move { Ok(store::persona::get(tx, org, persona).await?) })
            })
            .await
            .unwrap();
        self.apply(Mutation::SavePersona {
            id: self.persona,
            profile: persona.profile,
            chain: Some(chain),
        })
        .await
        .unwrap();
    }

    async fn read<T: Send + 'static>(
        &self,
        f: impl for<'a, 'c> FnOnce(
            &'a mut db::Tx<'c>,
            OrganizationId,
            PersonaId,
        ) -> db::BoxFuture<'a, Result<T, app::Error>>
        + Send,
    ) -> T {
        let (org, persona) = (self.org, self.persona);
        self.db.read(|tx| f(tx, org, persona)).await.unwrap()
    }

    pub(crate) fn now(&self) -> Instant {
        Instant(self.clock.wall())
    }

    fn ctx(&self, actor: Actor) -> Ctx {
        Ctx {
            organization: self.org,
            actor,
            now: self.now(),
            cause: Uuid::now_v7(),
            salt: [7; 16],
            networks: self.publisher.networks.clone(),
            authority: Authority::Here,
            executor: domain::identity::Executor::Desktop,
            scopes: None,
        }
    }

    pub(crate) async fn apply(&self, mutation: Mutation) -> Result<Applied, Code> {
        self.all_as(self.writer, vec![mutation]).await
    }

    pub(crate) async fn apply_as(
        &self,
        person: PersonId,
        mutation: Mutation,
    ) -> Result<Applied, Code> {
        self.all_as(person, vec![mutation]).await
    }

    pub(crate) async fn all_as(
        &self,
        person: PersonId,
        mutations: Vec<Mutation>,
    ) -> Result<Applied, Code> {
        let ctx = self.ctx(Actor::Person {
            id: person,
            operator: None,
        });
        self.under(ctx, mutations).await
    }

    async fn under(&self, ctx: Ctx, mutations: Vec<Mutation>) -> Result<Applied, Code> {
        let (applied, effects) = self
            .db
            .write(move |tx| {
                let (ctx, mutations) = (ctx.clone(), mutations.clone());
                Box::pin(async move { apply::all(tx, &ctx, &mutations).await })
            })
            .await
            .map_err(|e: app::Error| e.into_problem().code)?;
        self.machine.tell(effects);
        Ok(applied)
    }

    /// Somebody or something else than the writer does it.
    pub(crate) async fn apply_under(
        &self,
        actor: Actor,
        mutation: Mutation,
    ) -> Result<Applied, Code> {
        self.under(self.ctx(actor), vec![mutation]).await
    }

    /// A person saves this as a version of a content. Answers an id for a request, and its hash.
    pub(crate) async fn piece_on(
        &self,
        content: ContentId,
        text: &str,
        n: u32,
    ) -> (RequestId, Hash) {
        let (doc, hash) = self.doc(content, &[text], &[self.identity]);
        let persona = self.persona;
        let save = Mutation::SaveVersion {
            content,
            persona,
            n,
            doc,
        };
        self.apply(save).await.unwrap();
        (RequestId(Uuid::now_v7()), hash)
    }

    /// The bytes of a version of these segments for these accounts.
    pub(crate) fn doc(
        &self,
        content: ContentId,
        texts: &[&str],
        targets: &[IdentityId],
    ) -> (String, Hash) {
        let variant = Variant {
            segments: texts
                .iter()
                .map(|t| Segment {
                    text: (*t).to_owned(),
                    media: vec![],
                })
                .collect(),
            ..Variant::default()
        };
        let body = Body {
            shared: variant.clone(),
            targets: targets.to_vec(),
            ..Body::default()
        };
        let nothing = (
            BTreeMap::new(),
            BTreeMap::new(),
            BTreeMap::new(),
            BTreeMap::new(),
        );
        let limits = self.adapter.limits(None);
        let targets = targets
            .iter()
            .map(|identity| {
                let input = networks::PrepareInput {
                    identity: *identity,
                    variant: &variant,
                    languages: &[],
                    title: "",
                    limits: &limits,
                    assets: &nothing.0,
                    mentions: &nothing.1,
                    cards: &nothing.2,
                    quotes: &BTreeMap::new(),
                    renditions: &nothing.3,
                };
                self.adapter.prepare(&input).target
            })
            .collect();
        let doc = VersionDoc {
            format: FORMAT,
            organization: self.org,
            content,
            body,
            media: vec![],
            targets,
        };
        let (bytes, hash) = doc.seal().unwrap();
        (String::from_utf8(bytes).unwrap(), hash)
    }

    /// Saves, plans and asks, in one transaction: with no chain it is granted at once.
    pub(crate) async fn piece(&self, texts: &[&str], at: Option<i64>) -> Piece {
        self.piece_for(self.identity, texts, at).await
    }

    pub(crate) async fn piece_for(
        &self,
        identity: IdentityId,
        texts: &[&str],
        at: Option<i64>,
    ) -> Piece {
        self.piece_kept(identity, texts, at, None).await
    }

    /// The network shall keep its time, or shall not.
    pub(crate) async fn piece_kept(
        &self,
        identity: IdentityId,
        texts: &[&str],
        at: Option<i64>,
        hand_off: Option<bool>,
    ) -> Piece {
        let piece = Piece {
            content: ContentId(Uuid::now_v7()),
            delivery: DeliveryId(Uuid::now_v7()),
            request: RequestId(Uuid::now_v7()),
        };
        let (doc, hash) = self.doc(piece.content, texts, &[identity]);
        let planned = at.map(|at| planned(Instant(at)));
        self.all_as(
            self.writer,
            vec![
                Mutation::SaveVersion {
                    content: piece.content,
                    persona: self.persona,
                    n: 1,
                    doc,
                },
                Mutation::Plan {
                    content: piece.content,
                    deliveries: vec![DeliveryPlan {
                        id: piece.delivery,
                        identity,
                        planned,
                        grace: None,
                        hand_off,
                    }],
                },
                Mutation::RequestApproval {
                    id: piece.request,
                    content: piece.content,
                    n: 1,
                    hash,
                    added: None,
                },
            ],
        )
        .await
        .unwrap();
        piece
    }

    pub(crate) fn text(&self) -> String {
        format!("Post number {}", self.ids.fetch_add(1, Ordering::SeqCst))
    }

    pub(crate) async fn hash(&self, piece: Piece) -> Hash {
        self.delivery(piece.delivery).await.hash.unwrap()
    }
}

fn publisher(
    db: &Db,
    clock: &Arc<ManualClock>,
    adapter: &Arc<dyn Adapter>,
    machine: &Arc<Machine>,
    terms: &Terms,
) -> Arc<Publisher> {
    let networks = networks::Registry::empty().with(Arc::clone(adapter));
    Publisher::new(
        db.clone(),
        clock.clone(),
        networks,
        Calls::new(machine.clone(), clock.clone()),
        Arc::new(Files(machine.clone())),
        machine.clone(),
        Uuid::new_v4(),
        terms.clone(),
    )
}

pub(crate) fn facts(name: &str) -> IdentityFacts {
    IdentityFacts {
        network: NetworkId::new("script"),
        remote_id: name.into(),
        handle: name.into(),
        display_name: name.into(),
        service: "script.test".into(),
        settings: BTreeMap::new(),
        live: vec![],
    }
}

pub(crate) fn planned(at: Instant) -> Planned {
    Planned::from_instant(at, "Europe/Berlin").unwrap()
}
