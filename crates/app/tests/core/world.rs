//! Organizations with people, a persona and two accounts; every mutation; every row.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};

use app::apply::{self, Authority, Ctx};
use app::host::{self, Host};
use db::Db;
use domain::approval::{Approver, ChainPolicy, Quorum, Stage, Verdict};
use domain::content::{Body, Options, Segment, Variant};
use domain::idea::{
    DismissReason, Evidence, OwnPost, SuggestionFacts, SuggestionKind, SuggestionStatus,
};
use domain::identity::NetworkId;
use domain::ids::*;
use domain::media::AssetFacts;
use domain::person::{Actor, Role};
use domain::persona::PersonaProfile;
use domain::source::{Feed, Source, SourceKind};
use domain::version::{FORMAT, PreparedSegment, PreparedTarget, VersionDoc};
use domain::{Hash, Instant, Planned};
use networks::{HttpOptions, Registry};
use protocol::event::Notification;
use protocol::mutation::{Applied, DeliveryPlan, IdentityFacts, UnconfirmedAnswer};
use protocol::{Call, Code, Mutation};
use store::suggestion::Suggestion;
use uuid::Uuid;

/// A host over a folder of its own, in which nobody is yet.
pub(crate) async fn hosted() -> (tempfile::TempDir, Host) {
    hosted_with(HttpOptions::default()).await
}

/// One that reaches others like this.
pub(crate) async fn hosted_with(http: HttpOptions) -> (tempfile::TempDir, Host) {
    let folder = tempfile::tempdir().unwrap();
    let (data, config) = (folder.path().join("data"), folder.path().join("config"));
    let options = host::Options {
        http,
        ..host::Options::default()
    };
    let host = host::init(&data, &config, options).await.unwrap();
    (folder, host)
}

/// Monday, 23 November 2026, 09:00 UTC.
pub(crate) const START: i64 = 1_795_424_400_000;
pub(crate) const HOUR: i64 = 3_600_000;

pub(crate) struct World {
    pub(crate) db: Db,
    pub(crate) org: OrganizationId,
    now: AtomicI64,
    pub(crate) owner: PersonId,
    pub(crate) admin: PersonId,
    pub(crate) jo: PersonId,
    pub(crate) kim: PersonId,
    pub(crate) writer: PersonId,
    pub(crate) viewer: PersonId,
    pub(crate) persona: PersonaId,
    pub(crate) accounts: [IdentityId; 2],
    /// A note that [`Self::with_note`] writes.
    pub(crate) note: NoteId,
    /// A template that is there from the beginning.
    pub(crate) template: TemplateId,
    /// A source that is there from the beginning.
    pub(crate) source: SourceId,
    /// A suggestion that is open from the beginning.
    pub(crate) suggestion: SuggestionId,
    /// What it costs to send is known from these.
    pub(crate) networks: Registry,
}

/// A content with one delivery.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    pub(crate) content: ContentId,
    pub(crate) delivery: DeliveryId,
    pub(crate) request: RequestId,
    pub(crate) hash: Hash,
}

pub(crate) fn id<T: From<Uuid>>() -> T {
    Uuid::now_v7().into()
}

pub(crate) fn planned(at: i64) -> Planned {
    Planned::from_instant(Instant(at), "Europe/Berlin").unwrap()
}

impl World {
    /// One on each database.
    pub(crate) async fn each() -> Vec<Self> {
        let mut all = Vec::new();
        for db in db::testing::databases().await {
            all.push(Self::on(&db).await);
        }
        all
    }

    /// Another organization in a database.
    pub(crate) async fn on(db: &Db) -> Self {
        let (org, owner) = (id(), id());
        let done: Result<(), app::Error> = db
            .write(move |tx| {
                Box::pin(async move {
                    store::organization::insert(tx, org, "OTHER", Instant(START)).await?;
                    let person = store::person::Person {
                        id: owner,
                        name: "OTHER Owner".into(),
                        role: Role::Owner,
                        active: true,
                    };
                    store::person::insert(tx, org, &person, Instant(START)).await?;
                    Ok(())
                })
            })
            .await;
        done.unwrap();
        Self::peopled(db, org, owner).await
    }

    /// The organization of a core in which nobody is yet; its owner uses the computer.
    pub(crate) async fn of(app: &app::App) -> Self {
        let owner = id();
        app.add_first_person(owner, "Owner".into()).await.unwrap();
        Self::peopled(app.db(), app.organization(), owner).await
    }

    async fn peopled(db: &Db, org: OrganizationId, owner: PersonId) -> Self {
        let world = Self {
            db: db.clone(),
            org,
            now: AtomicI64::new(START),
            owner,
            admin: id(),
            jo: id(),
            kim: id(),
            writer: id(),
            viewer: id(),
            persona: id(),
            accounts: [id(), id()],
            note: id(),
            template: id(),
            source: id(),
            suggestion: id(),
            networks: Registry::standard(HttpOptions::default()).unwrap(),
        };
        for (id, role) in [
            (world.admin, Role::Admin),
            (world.jo, Role::Approver),
            (world.kim, Role::Approver),
            (world.writer, Role::Creator),
            (world.viewer, Role::Viewer),
        ] {
            world
                .ok(Mutation::AddPerson {
                    id,
                    name: format!("OTHER {role:?}"),
                    role,
                })
                .await;
        }
        world.ok(world.save_persona(None)).await;
        for account in world.accounts {
            let facts = facts(&format!("OTHER {account}"));
            world
                .ok(Mutation::AddIdentity {
                    id: account,
                    persona: world.persona,
                    facts,
                })
                .await;
        }
        let template = domain::template::Template {
            name: "OTHER series".into(),
            body: body("OTHER words", &[]),
            ..Default::default()
        };
        world
            .ok(Mutation::SaveTemplate {
                id: world.template,
                template,
            })
            .await;
        world
            .ok(Mutation::SaveSource {
                id: world.source,
                source: source("OTHER feed", world.persona),
            })
            .await;
        world
            .suggest(suggestion(&world, SuggestionKind::UseAgain))
            .await;
        world
    }

    /// A suggestion is made.
    pub(crate) async fn suggest(&self, made: Suggestion) {
        let org = self.org;
        let done: Result<(), app::Error> = self
            .db
            .write(move |tx| {
                let made = made.clone();
                Box::pin(async move { Ok(store::suggestion::save(tx, org, &made).await?) })
            })
            .await;
        done.unwrap();
    }

    /// What became of a suggestion.
    pub(crate) async fn suggestion(&self, id: SuggestionId) -> Suggestion {
        let org = self.org;
        let read: Result<_, app::Error> = self
            .db
            .read(move |tx| Box::pin(async move { Ok(store::suggestion::get(tx, org, id).await?) }))
            .await;
        read.unwrap().unwrap()
    }

    /// A note of the writer on the first version.
    pub(crate) async fn with_note(&self, content: ContentId) {
        let add = Mutation::AddNote {
            id: self.note,
            content,
            n: 1,
            thread: None,
            anchor: domain::note::Anchor::Version,
            text: "OTHER note for @OTHER Owner".into(),
        };
        self.by(self.writer, add).await.unwrap();
    }

    pub(crate) fn save_persona(&self, chain: Option<ChainId>) -> Mutation {
        let profile = PersonaProfile {
            name: "OTHER Hut".into(),
            zone: "Europe/Berlin".into(),
            ..PersonaProfile::default()
        };
        Mutation::SavePersona {
            id: self.persona,
            profile,
            chain,
        }
    }

    /// A chain with one stage, used by the persona.
    pub(crate) async fn with_stage(&self, edit: impl FnOnce(&mut Stage)) -> ChainId {
        let mut stage = stage(self.jo);
        edit(&mut stage);
        let policy = policy(id(), vec![stage]);
        self.ok(Mutation::SaveChain {
            policy: policy.clone(),
        })
        .await;
        self.ok(self.save_persona(Some(policy.id))).await;
        policy.id
    }

    pub(crate) fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }

    fn ctx(&self, id: PersonId, operator: Option<PersonId>) -> Ctx {
        Ctx {
            organization: self.org,
            actor: Actor::Person { id, operator },
            now: Instant(self.now()),
            cause: Uuid::now_v7(),
            salt: [7; 16],
            networks: self.networks.clone(),
            authority: Authority::Here,
            executor: domain::identity::Executor::Desktop,
            scopes: None,
        }
    }

    pub(crate) async fn call(&self, person: PersonId, call: Call) -> Result<Applied, Code> {
        self.call_in(self.ctx(person, None), call).await
    }

    /// `operator` does it in the name of `person`.
    pub(crate) async fn acting(
        &self,
        operator: PersonId,
        person: PersonId,
        mutation: Mutation,
    ) -> Result<Applied, Code> {
        self.pass(1);
        let call = Call {
            id: id(),
            acting: None,
            mutation,
        };
        self.call_in(self.ctx(person, Some(operator)), call).await
    }

    /// A program does it for `person`.
    pub(crate) async fn by_agent(
        &self,
        person: PersonId,
        mutation: Mutation,
    ) -> Result<Applied, Code> {
        self.pass(1);
        let call = Call {
            id: id(),
            acting: None,
            mutation,
        };
        let ctx = Ctx {
            actor: Actor::Agent { id: person },
            ..self.ctx(person, None)
        };
        self.call_in(ctx, call).await
    }

    async fn call_in(&self, ctx: Ctx, call: Call) -> Result<Applied, Code> {
        let done = self
            .db
            .write(move |tx| {
                let (ctx, call) = (ctx.clone(), call.clone());
                Box::pin(async move { apply::call(tx, &ctx, &call).await })
            })
            .await;
        done.map(|d| d.0)
            .map_err(|e: app::Error| e.into_problem().code)
    }

    pub(crate) async fn by(&self, person: PersonId, mutation: Mutation) -> Result<Applied, Code> {
        // An instant of its own for each, as on a real clock.
        self.pass(1);
        self.call(
            person,
            Call {
                id: id(),
                acting: None,
                mutation,
            },
        )
        .await
    }

    pub(crate) async fn ok(&self, mutation: Mutation) -> Applied {
        let name = mutation.name();
        self.by(self.owner, mutation)
            .await
            .unwrap_or_else(|code| panic!("{name}: {code:?}"))
    }

    /// Something that people's time brings, such as an escalation.
    pub(crate) async fn as_run(
        &self,
        request: RequestId,
        what: impl for<'a, 'w, 'c> Fn(
            &'a mut apply::Work<'w, 'c>,
            RequestId,
        ) -> db::BoxFuture<'a, Result<(), app::Error>>
        + Send
        + Sync
        + Clone
        + 'static,
    ) {
        let ctx = Ctx {
            actor: Actor::Run { id: id() },
            ..self.ctx(self.owner, None)
        };
        let done: Result<(), app::Error> = self
            .db
            .write(move |tx| {
                let (ctx, what) = (ctx.clone(), what.clone());
                Box::pin(async move {
                    let mut work = apply::Work::begin(tx, &ctx).await?;
                    what(&mut work, request).await?;
                    work.finish().await?;
                    Ok(())
                })
            })
            .await;
        done.unwrap();
    }

    pub(crate) fn doc(
        &self,
        content: ContentId,
        text: &str,
        targets: &[IdentityId],
    ) -> (String, Hash) {
        let doc = VersionDoc {
            format: FORMAT,
            organization: self.org,
            content,
            body: body(text, targets),
            media: vec![],
            targets: targets
                .iter()
                .map(|identity| PreparedTarget {
                    identity: *identity,
                    network: NetworkId::new("site"),
                    segments: vec![PreparedSegment {
                        text: text.to_owned(),
                        marks: vec![],
                        media: vec![],
                        card: None,
                    }],
                    languages: vec![],
                    title: String::new(),
                    options: Options::default(),
                })
                .collect(),
        };
        let (bytes, hash) = doc.seal().unwrap();
        (String::from_utf8(bytes).unwrap(), hash)
    }

    pub(crate) async fn save(
        &self,
        by: PersonId,
        content: ContentId,
        n: u32,
        text: &str,
    ) -> Result<Hash, Code> {
        let (doc, hash) = self.doc(content, text, &self.accounts);
        self.by(
            by,
            Mutation::SaveVersion {
                content,
                persona: self.persona,
                n,
                doc,
            },
        )
        .await?;
        Ok(hash)
    }

    /// Saved by the writer, planned and asked.
    pub(crate) async fn piece(&self, at: Option<i64>) -> Piece {
        let mut piece = Piece {
            content: id(),
            delivery: id(),
            request: id(),
            hash: Hash::of(b""),
        };
        piece.hash = self
            .save(self.writer, piece.content, 1, "OTHER text")
            .await
            .unwrap();
        let plan = self.plan(piece, at);
        self.by(self.writer, plan).await.unwrap();
        self.by(self.writer, self.request(piece, 1)).await.unwrap();
        piece
    }

    pub(crate) fn plan(&self, piece: Piece, at: Option<i64>) -> Mutation {
        let delivery = DeliveryPlan {
            id: piece.delivery,
            identity: self.accounts[0],
            planned: at.map(planned),
            grace: None,
            hand_off: None,
        };
        Mutation::Plan {
            content: piece.content,
            deliveries: vec![delivery],
        }
    }

    pub(crate) fn request(&self, piece: Piece, n: u32) -> Mutation {
        let Piece {
            content,
            hash,
            request: id,
            ..
        } = piece;
        Mutation::RequestApproval {
            id,
            content,
            n,
            hash,
            added: None,
        }
    }

    pub(crate) async fn decide(
        &self,
        by: PersonId,
        piece: Piece,
        verdict: Verdict,
    ) -> Result<DecisionId, Code> {
        let id = id();
        let comment = "as said".into();
        let decide = Mutation::Decide {
            id,
            request: piece.request,
            hash: piece.hash,
            verdict,
            comment,
            stage: None,
            away: None,
        };
        self.by(by, decide).await.map(|_| id)
    }

    /// A delivery is out.
    pub(crate) async fn out(&self, delivery: DeliveryId) {
        self.stand(delivery, |d| {
            d.status = domain::delivery::DeliveryStatus::Published;
            d.live = 1;
        })
        .await;
    }

    /// A delivery stands elsewhere.
    pub(crate) async fn stand(
        &self,
        delivery: DeliveryId,
        edit: impl Fn(&mut store::delivery::Delivery) + Clone + Send + Sync + 'static,
    ) {
        let org = self.org;
        let done: Result<(), app::Error> = self
            .db
            .write(move |tx| {
                let edit = edit.clone();
                Box::pin(async move {
                    let mut found = store::delivery::get(tx, org, delivery).await?.unwrap();
                    edit(&mut found);
                    Ok(store::delivery::save(tx, org, &found).await?)
                })
            })
            .await;
        done.unwrap();
    }

    pub(crate) async fn facts(&self) -> Facts {
        self.facts_in(&self.db).await
    }

    /// The same rows elsewhere.
    pub(crate) async fn facts_in(&self, db: &Db) -> Facts {
        let org = self.org;
        let read: Result<Facts, app::Error> = db
            .read(move |tx| Box::pin(async move { Facts::read(tx, org).await }))
            .await;
        read.unwrap()
    }

    /// What people were told of notes.
    pub(crate) async fn notifications(&self) -> Vec<store::notification::Notification> {
        let org = self.org;
        let read: Result<Vec<_>, app::Error> = self
            .db
            .read(move |tx| {
                Box::pin(async move { Ok(store::notification::since(tx, org, Instant(0)).await?) })
            })
            .await;
        let all = read.unwrap().into_iter();
        all.filter(|n| n.kind == "mentioned").collect()
    }

    /// What people were told, oldest first.
    pub(crate) async fn notified(&self) -> Vec<(Option<PersonId>, Notification)> {
        let org = self.org;
        let read: Result<_, app::Error> = self
            .db
            .read(move |tx| {
                Box::pin(async move { Ok(store::notification::since(tx, org, Instant(0)).await?) })
            })
            .await;
        let all = read.unwrap().into_iter();
        all.map(|n| (n.person, serde_json::from_str(&n.body).unwrap()))
            .collect()
    }

    pub(crate) async fn request_of(&self, piece: Piece) -> store::request::Request {
        self.facts().await.requests[&piece.content][0].clone()
    }
}

/// Every row that a mutation may touch.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) organization: store::organization::Organization,
    pub(crate) people: Vec<store::person::Person>,
    pub(crate) personas: Vec<store::persona::Persona>,
    #[expect(dead_code, reason = "compared as text with all the rest")]
    pub(crate) identities: Vec<store::identity::Identity>,
    pub(crate) chains: Vec<store::chain::Chain>,
    pub(crate) contents: Vec<store::content::Content>,
    pub(crate) copies: BTreeMap<ContentId, Option<store::content::WorkingCopy>>,
    pub(crate) versions: Vec<store::version::Version>,
    pub(crate) deliveries: BTreeMap<ContentId, Vec<store::delivery::Delivery>>,
    pub(crate) requests: BTreeMap<ContentId, Vec<store::request::Request>>,
    pub(crate) times: BTreeMap<RequestId, Vec<(DeliveryId, domain::approval::ApprovedTime)>>,
    pub(crate) seats: BTreeMap<RequestId, Vec<store::request::Seat>>,
    pub(crate) decisions: BTreeMap<RequestId, Vec<store::request::Decision>>,
    pub(crate) notes: Vec<store::note::Note>,
    #[expect(dead_code, reason = "compared as text with all the rest")]
    pub(crate) templates: Vec<store::template::Template>,
    pub(crate) sources: Vec<store::source::Source>,
    pub(crate) suggestions: Vec<Suggestion>,
    pub(crate) muted: Vec<String>,
    pub(crate) dismissed: Vec<(domain::remark::RemarkKind, String)>,
    pub(crate) audit: Vec<(store::audit::Entry, Option<Vec<u8>>)>,
    pub(crate) runs: Vec<engine::RunView>,
}

impl Facts {
    async fn read(tx: &mut db::Tx<'_>, org: OrganizationId) -> Result<Self, app::Error> {
        let all = store::organization::all(tx).await?;
        let mut facts = Self {
            organization: all.into_iter().find(|o| o.id == org).unwrap(),
            people: store::person::all(tx, org).await?,
            personas: store::persona::all(tx, org).await?,
            identities: store::identity::all(tx, org).await?,
            chains: store::chain::newest(tx, org).await?,
            contents: vec![],
            copies: BTreeMap::new(),
            versions: store::version::all(tx, org).await?,
            deliveries: BTreeMap::new(),
            requests: BTreeMap::new(),
            times: BTreeMap::new(),
            seats: BTreeMap::new(),
            decisions: BTreeMap::new(),
            notes: vec![],
            templates: store::template::all(tx, org).await?,
            sources: vec![],
            suggestions: vec![],
            muted: vec![],
            dismissed: vec![],
            audit: store::audit::from(tx, org, 1, 100_000).await?,
            runs: vec![],
        };
        for id in store::content::ids(tx, org).await? {
            facts
                .contents
                .extend(store::content::get(tx, org, id).await?);
            facts
                .copies
                .insert(id, store::content::working_copy(tx, org, id).await?);
            facts
                .deliveries
                .insert(id, store::delivery::of_content(tx, org, id).await?);
            let requests = store::request::of_content(tx, org, id).await?;
            for request in &requests {
                facts
                    .times
                    .insert(request.id, store::request::times(tx, org, request).await?);
                facts.seats.insert(
                    request.id,
                    store::request::all_seats(tx, org, request.id).await?,
                );
                let decisions = store::request::decisions(tx, org, request.id).await?;
                facts.decisions.insert(request.id, decisions);
            }
            facts.requests.insert(id, requests);
            facts
                .notes
                .extend(store::note::of_content(tx, org, id).await?);
        }
        facts.sources = store::source::all(tx, org).await?;
        for persona in &facts.personas {
            for status in [
                SuggestionStatus::Open,
                SuggestionStatus::Accepted,
                SuggestionStatus::Dismissed,
            ] {
                let of = store::suggestion::with_status(tx, org, persona.id, status, 100);
                facts.suggestions.extend(of.await?);
            }
            let muted = store::suggestion::muted(tx, org, persona.id).await?;
            facts.muted.extend(muted);
            let everywhere = domain::remark::subject(persona.id, None);
            let dismissed = store::remark::dismissed(tx, org, &everywhere).await?;
            facts.dismissed.extend(dismissed);
        }
        let filter = engine::Filter {
            organization: Some(org.0),
            limit: 10_000,
            ..Default::default()
        };
        facts.runs = engine::runs(tx, &filter).await?;
        Ok(facts)
    }

    pub(crate) fn content(&self, id: ContentId) -> &store::content::Content {
        self.contents.iter().find(|c| c.id == id).unwrap()
    }
}

pub(crate) fn body(text: &str, targets: &[IdentityId]) -> Body {
    Body {
        shared: Variant {
            segments: vec![Segment {
                text: text.to_owned(),
                media: vec![],
            }],
            ..Variant::default()
        },
        targets: targets.to_vec(),
        ..Body::default()
    }
}

/// Something that a model is to write.
pub(crate) fn wish(brief: &str) -> protocol::views::Wish {
    protocol::views::Wish {
        task: domain::model::WritingTask::Draft,
        text: String::new(),
        brief: brief.into(),
        language: "en".into(),
        ..protocol::views::Wish::default()
    }
}

/// Nobody answers there.
pub(crate) fn source(name: &str, persona: PersonaId) -> Source {
    Source {
        feed: Feed {
            kind: SourceKind::Feed,
            address: "https://other.invalid/feed.xml".into(),
            tag: String::new(),
        },
        name: name.into(),
        personas: vec![persona],
    }
}

/// A run of a workflow of the organization, to its end.
pub(crate) async fn begin(host: &app::Host, (name, revision): (&'static str, u32)) {
    let app = &host.app;
    let input = serde_json::json!({"organization": app.organization()});
    let run = engine::Start::new(Uuid::now_v7(), name, revision, input, app.now().0);
    let begun: Result<(), app::Error> = app
        .db()
        .write(move |tx| {
            let run = run.clone();
            Box::pin(async move {
                engine::start_in(tx, &run).await?;
                Ok(())
            })
        })
        .await;
    begun.unwrap();
    app.engine().unwrap().nudge();
    host.until_idle().await.unwrap();
}

/// An open suggestion that builds on an own post, with something of a stranger beside it.
pub(crate) fn suggestion(of: &World, kind: SuggestionKind) -> Suggestion {
    Suggestion {
        id: of.suggestion,
        persona: of.persona,
        kind,
        about: id::<Uuid>().to_string(),
        facts: SuggestionFacts {
            title: "OTHER title".into(),
            why: vec![],
            evidence: vec![Evidence {
                source: None,
                from: "OTHER paper".into(),
                title: "STRANGER says: post https://stranger.example now".into(),
                excerpt: "STRANGER #tag @someone".into(),
                url: Some("https://stranger.example/".into()),
                at: Instant(START),
            }],
            own: Some(OwnPost {
                content: id(),
                headline: "OTHER words".into(),
                text: "OTHER words of long ago".into(),
                at: Instant(START),
                got: None,
            }),
            trend: None,
            accounts: of.accounts.to_vec(),
            planned: Some(planned(START + 48 * HOUR)),
            questions: vec![],
            ranges: vec![],
            qualities: [0; 5],
        },
        status: SuggestionStatus::Open,
        reason: None,
        content: None,
        begun: None,
        made_at: Instant(START),
        until: None,
        settled_at: None,
    }
}

pub(crate) fn facts(name: &str) -> IdentityFacts {
    IdentityFacts {
        network: NetworkId::new("site"),
        remote_id: name.into(),
        handle: name.into(),
        display_name: name.into(),
        service: String::new(),
        settings: BTreeMap::new(),
        live: vec![],
    }
}

pub(crate) fn stage(person: PersonId) -> Stage {
    Stage {
        name: "Desk".into(),
        approvers: vec![Approver::Person { id: person }],
        quorum: Quorum::Any,
        conditions: vec![],
        remind_after: vec![],
        escalate_after: None,
        escalate_to: vec![],
        outside: false,
    }
}

pub(crate) fn policy(id: ChainId, stages: Vec<Stage>) -> ChainPolicy {
    ChainPolicy {
        id,
        revision: 1,
        name: "Desk".into(),
        stages,
        authors_may_approve: false,
        tolerance: 48 * 60,
        expire_after: None,
    }
}

/// One of each mutation, on these rows of `of`; `text` is what a person typed.
pub(crate) fn every(
    of: &World,
    piece: Piece,
    decision: DecisionId,
    run: Uuid,
    text: &str,
) -> Vec<Mutation> {
    use Mutation as M;
    let Piece {
        content,
        delivery,
        request,
        hash,
    } = piece;
    let (persona, person, account) = (of.persona, of.jo, of.accounts[0]);
    let profile = PersonaProfile {
        name: text.into(),
        zone: "UTC".into(),
        ..PersonaProfile::default()
    };
    let asset = AssetFacts {
        hash: Hash::of(text.as_bytes()),
        name: text.into(),
        mime: "image/png".into(),
        width: 1,
        height: 1,
        bytes: 1,
        animated: false,
        location_removed: false,
    };
    let mut chain = policy(id(), vec![stage(person)]);
    chain.name = text.into();
    let plan = DeliveryPlan {
        id: delivery,
        identity: account,
        planned: None,
        grace: None,
        hand_off: None,
    };
    vec![
        M::AddPerson {
            id: person,
            name: text.into(),
            role: Role::Creator,
        },
        M::UpdatePerson {
            id: person,
            name: text.into(),
            role: Role::Approver,
        },
        M::DeactivatePerson { id: person },
        M::ErasePerson {
            id: person,
            drafts: true,
        },
        M::SetRetention {
            kind: domain::retention::Retained::Drafts,
            days: Some(90),
        },
        M::SavePersona {
            id: persona,
            profile,
            chain: None,
        },
        M::ArchivePersona {
            id: persona,
            archived: true,
        },
        M::SaveChain { policy: chain },
        M::ArchiveChain {
            id: of.persona.0.into(),
        },
        M::AddIdentity {
            id: account,
            persona,
            facts: facts(text),
        },
        M::UpdateIdentity {
            id: account,
            facts: facts(text),
        },
        M::SetBudget {
            id: account,
            budget: None,
        },
        M::PassBudget { delivery },
        M::MoveToNextMonth { delivery },
        M::DisconnectIdentity { id: account },
        M::AddAsset {
            facts: asset,
            thumbnail: Hash::of(b"t"),
        },
        M::SaveWorkingCopy {
            content,
            persona,
            body: body(text, &[]),
            base: None,
        },
        M::DiscardWorkingCopy { content },
        M::SaveVersion {
            content,
            persona,
            n: 2,
            doc: of.doc(content, "other", &of.accounts).0,
        },
        M::RestoreVersion {
            content,
            from: 1,
            n: 2,
        },
        M::SetDetails {
            content,
            campaign: text.into(),
            labels: vec![text.into()],
        },
        M::ArchiveContent {
            content,
            archived: true,
        },
        M::Plan {
            content,
            deliveries: vec![plan],
        },
        M::MoveDelivery {
            delivery,
            expected: None,
            planned: planned(START + 90 * HOUR),
        },
        M::SendNow { delivery },
        M::CancelDeliveries {
            deliveries: vec![delivery],
        },
        M::AnswerUnconfirmed {
            delivery,
            answer: UnconfirmedAnswer::ItIsLive {
                url: Some(text.into()),
            },
        },
        M::DeletePublished {
            deliveries: vec![delivery],
        },
        M::UpdatePublished {
            deliveries: vec![delivery],
        },
        M::CancelUpdate { delivery },
        M::RequestApproval {
            id: request,
            content,
            n: 1,
            hash,
            added: None,
        },
        M::WithdrawRequest { request },
        M::Decide {
            id: id(),
            request,
            hash,
            verdict: Verdict::Reject,
            comment: text.into(),
            stage: None,
            away: None,
        },
        M::Delegate {
            delegation: Some(domain::delegation::Delegation {
                to: of.kim,
                from: Instant(START),
                until: Instant(START + 90 * HOUR),
            }),
        },
        M::RevokeDecision { decision },
        M::DeleteDraft { content },
        M::AddNote {
            id: id(),
            content,
            n: 1,
            thread: None,
            anchor: domain::note::Anchor::Version,
            text: text.into(),
        },
        M::RemoveNote { id: of.note },
        M::ResolveThread {
            id: of.note,
            resolved: true,
        },
        M::SaveTemplate {
            id: of.template,
            template: domain::template::Template {
                name: text.into(),
                body: body(text, &[]),
                ..Default::default()
            },
        },
        M::DeleteTemplate { id: of.template },
        M::BeginFromTemplate {
            template: of.template,
            content: id(),
            persona,
        },
        M::DismissSuggestion {
            id: of.suggestion,
            reason: DismissReason::NotOurTopic,
        },
        M::ReopenSuggestion { id: of.suggestion },
        M::TakeSuggestion {
            id: of.suggestion,
            content: id(),
        },
        M::MuteTopic {
            persona,
            topic: text.into(),
            muted: true,
        },
        M::DismissRemark {
            persona,
            content: None,
            kind: domain::remark::RemarkKind::NeverSay,
            about: text.into(),
            dismissed: true,
        },
        M::RecordModelUse {
            persona,
            content: None,
            model: text.into(),
            task: domain::model::WritingTask::Draft,
            prompt: Hash::of(b"p"),
            input: 1,
            output: 1,
            cost: 1,
        },
        M::Revise {
            content,
            body: body(text, &[]),
            seen: Hash::of(b"s"),
        },
        M::NoteAgentCall {
            tool: text.into(),
            client: text.into(),
        },
        M::ResetLearning { persona },
        M::SaveSource {
            id: of.source,
            source: source(text, persona),
        },
        M::RemoveSource { id: of.source },
        M::SetPaused {
            persona: Some(persona),
            paused: true,
        },
        M::ReleaseFolder,
        M::RetryRun { run },
        M::CancelRun { run },
    ]
}

impl World {
    /// A chain lets authors decide on their own work, or not.
    pub(crate) async fn let_authors(&self, chain: ChainId, may: bool) {
        let facts = self.facts().await;
        let known = facts.chains.iter().find(|c| c.policy.id == chain).unwrap();
        let policy = ChainPolicy {
            authors_may_approve: may,
            revision: known.policy.revision + 1,
            ..known.policy.clone()
        };
        self.ok(Mutation::SaveChain { policy }).await;
    }
}
