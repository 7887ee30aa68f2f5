//! Workers of one organization on one PostgreSQL, each a process: killed at random, or without
//! their database for a while.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant as Start};

use app::apply;
use domain::Hash;
use domain::content::{Body, Variant};
use domain::delivery::DeliveryStatus;
use domain::ids::*;
use domain::version::{FORMAT, PreparedTarget, VersionDoc};
use networks::site::SiteAdapter;
use networks::{Adapter as _, PrepareInput};
use protocol::Mutation;
use protocol::mutation::DeliveryPlan;
use reqwest::Method;
use serde_json::{Value, json};
use store::delivery::Delivery;
use tempfile::TempDir;
use uuid::Uuid;

use crate::world::{Person, World};

/// An organization with accounts, and processes that publish for them.
struct Fleet {
    world: World,
    url: String,
    owner: Person,
    organization: OrganizationId,
    person: PersonId,
    persona: PersonaId,
    accounts: Vec<IdentityId>,
    workers: Vec<Child>,
    home: TempDir,
    started: usize,
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for worker in &mut self.workers {
            let _ = worker.kill();
            let _ = worker.wait();
        }
    }
}

impl Fleet {
    async fn assemble(url: String, accounts: usize, workers: usize) -> Self {
        let home = tempfile::tempdir().unwrap();
        let keys = home.path().join("keys.json");
        let world = World::run(Some(url.clone()), Some(keys), None).await;
        let owner = world.owner().await;
        let persona = PersonaId(Uuid::now_v7());
        owner
            .change(
                &world,
                json!({"type": "save_persona", "id": persona, "profile": {
                    "name": "Hut", "hue": "glacier", "language": "en", "zone": "UTC",
                    "voice": {}, "audiences": [], "slots": [], "automation": {},
                }}),
            )
            .await
            .ok();
        let mut fleet = Self {
            organization: owner.organization(&world).await.parse().unwrap(),
            person: owner.person(&world).await.parse().unwrap(),
            accounts: vec![],
            workers: vec![],
            started: 0,
            world,
            url,
            owner,
            persona,
            home,
        };
        for n in 0..accounts {
            fleet.connect(n).await;
        }
        for _ in 0..workers {
            fleet.start_worker();
        }
        fleet
    }

    async fn connect(&mut self, n: usize) {
        let id = IdentityId(Uuid::now_v7());
        let fields = json!({"folder": format!("site-{n}"), "title": format!("Site {n}")});
        let act = json!({
            "type": "connect", "id": id, "persona": self.persona, "network": "site", "fields": fields,
        });
        let call = json!({"id": Uuid::now_v7(), "act": act});
        self.owner.post(&self.world, "/rpc/act", call).await.ok();
        self.accounts.push(id);
    }

    fn start_worker(&mut self) {
        let log = self
            .home
            .path()
            .join(format!("worker-{}.log", self.started));
        self.started += 1;
        let worker = Command::new(env!("CARGO_BIN_EXE_rostrum-server"))
            .arg("--data")
            .arg(self.world.data())
            .arg("--config")
            .arg(self.home.path().join("config"))
            .arg("--keys")
            .arg(self.home.path().join("keys.json"))
            .args(["--database", &self.url, "worker"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(log).unwrap())
            .spawn()
            .unwrap();
        self.workers.push(worker);
    }

    /// Kills one without a word, and starts another.
    fn kill(&mut self, which: usize) {
        let mut worker = self.workers.swap_remove(which % self.workers.len());
        worker.kill().unwrap();
        worker.wait().unwrap();
        self.start_worker();
    }

    /// Posts `from` to `to` of the numbered ones, due at once.
    async fn post(&self, from: usize, to: usize) {
        let mutations: Vec<Mutation> = (from..to).flat_map(|n| self.posting(n)).collect();
        let ctx = self
            .world
            .server
            .organizations()
            .coming(self.organization, self.person);
        let done: Result<_, app::Error> = self
            .db()
            .write(move |tx| {
                let (ctx, mutations) = (ctx.clone(), mutations.clone());
                Box::pin(async move { apply::all(tx, &ctx, &mutations).await })
            })
            .await;
        done.unwrap();
    }

    fn posting(&self, n: usize) -> [Mutation; 3] {
        let identity = self.accounts[n % self.accounts.len()];
        let content = ContentId(Uuid::now_v7());
        let (doc, hash) = self.version(content, identity, &text(n));
        [
            Mutation::SaveVersion {
                content,
                persona: self.persona,
                n: 1,
                doc,
            },
            Mutation::Plan {
                content,
                deliveries: vec![DeliveryPlan {
                    id: DeliveryId(Uuid::now_v7()),
                    identity,
                    planned: None,
                    grace: None,
                    hand_off: None,
                }],
            },
            Mutation::RequestApproval {
                id: RequestId(Uuid::now_v7()),
                content,
                n: 1,
                hash,
                added: None,
            },
        ]
    }

    fn version(&self, content: ContentId, identity: IdentityId, text: &str) -> (String, Hash) {
        let body = Body {
            shared: Variant::of_text(text),
            targets: vec![identity],
            ..Body::default()
        };
        let doc = VersionDoc {
            format: FORMAT,
            organization: self.organization,
            content,
            targets: vec![prepared(identity, &body.shared)],
            body,
            media: vec![],
        };
        let (bytes, hash) = doc.seal().unwrap();
        (String::from_utf8(bytes).unwrap(), hash)
    }

    /// The tables, as the organization sees them.
    fn db(&self) -> db::Db {
        let core = self.world.server.organizations().core(self.organization);
        core.db().clone()
    }

    async fn deliveries(&self) -> Result<Vec<Delivery>, app::Error> {
        let organization = self.organization;
        let db = self.db();
        let read = db.read(move |tx| {
            Box::pin(async move {
                let mut all = Vec::new();
                for status in DeliveryStatus::ALL {
                    all.extend(store::delivery::with_status(tx, organization, status).await?);
                }
                Ok(all)
            })
        });
        read.await
    }

    /// Waits until `count` deliveries have come to an end.
    async fn settled(&self, count: usize, within: Duration) -> Vec<Delivery> {
        let begun = Start::now();
        loop {
            let all = self.deliveries().await.unwrap();
            let open = |d: &&Delivery| d.status.is_waiting() || d.status == DeliveryStatus::Sending;
            let left = all.iter().filter(open).count();
            if all.len() == count && left == 0 {
                return all;
            }
            assert!(
                begun.elapsed() < within,
                "{left} of {} are not settled; {}",
                all.len(),
                self.last_words()
            );
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    fn last_words(&self) -> String {
        let logs = (0..self.started).map(|n| self.home.path().join(format!("worker-{n}.log")));
        let said = logs.filter_map(|log| std::fs::read_to_string(log).ok());
        let last = said.flat_map(|log| {
            log.lines()
                .rev()
                .take(3)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        });
        last.collect::<Vec<_>>().join("\n")
    }

    /// Every post is published, and stands on its site once.
    fn each_once(&self, all: &[Delivery], posts: usize) {
        let other: Vec<&Delivery> = all
            .iter()
            .filter(|d| d.status != DeliveryStatus::Published)
            .collect();
        assert!(other.is_empty(), "{other:#?}");
        let sites = self
            .world
            .data()
            .join("sites")
            .join(self.organization.to_string());
        let mut live: BTreeMap<String, usize> = BTreeMap::new();
        for n in 0..self.accounts.len() {
            for words in entries(&sites.join(format!("site-{n}"))) {
                *live.entry(words).or_default() += 1;
            }
        }
        let twice: Vec<_> = live.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "{twice:?}");
        let wanted: BTreeSet<String> = (0..posts).map(text).collect();
        assert_eq!(live.into_keys().collect::<BTreeSet<_>>(), wanted);
    }

    async fn whole_history(&self) {
        let check = self
            .owner
            .query(&self.world, json!({"type": "verify_audit"}))
            .await
            .ok();
        assert_eq!(check["broken"], Value::Null, "{check}");
    }
}

fn text(n: usize) -> String {
    format!("Snow depth at station {n}, measured this morning.")
}

fn prepared(identity: IdentityId, variant: &Variant) -> PreparedTarget {
    let adapter = SiteAdapter::new().unwrap();
    let limits = adapter.limits(None);
    let input = PrepareInput {
        identity,
        variant,
        languages: &[],
        title: "",
        limits: &limits,
        assets: &BTreeMap::new(),
        mentions: &BTreeMap::new(),
        cards: &BTreeMap::new(),
        quotes: &BTreeMap::new(),
        renditions: &BTreeMap::new(),
    };
    adapter.prepare(&input).target
}

/// The texts of a site's entries, as its folder keeps them.
fn entries(site: &Path) -> Vec<String> {
    let mut files = vec![site.join(".rostrum/entries")];
    let mut texts = Vec::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()));
        } else if path.extension().is_some_and(|e| e == "json") {
            let part: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            texts.extend(part["segment"]["text"].as_str().map(str::to_owned));
        }
    }
    texts
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_workers_that_are_killed_at_random_publish_two_thousand_posts_once_each() {
    const POSTS: usize = 2_000;
    const BATCH: usize = 20;
    let Some(url) = db::testing::postgres_url().await else {
        return;
    };
    let mut fleet = Fleet::assemble(url, 8, 4).await;
    let (mut dice, mut killed) = (Dice(11), 0);
    for batch in 0..POSTS / BATCH {
        fleet.post(batch * BATCH, (batch + 1) * BATCH).await;
        if dice.roll(8) == 0 {
            fleet.kill(dice.roll(4));
            killed += 1;
        }
    }
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(500 + 100 * dice.roll(10) as u64)).await;
        fleet.kill(dice.roll(4));
        killed += 1;
    }
    assert!(killed >= 8, "only {killed} were killed");
    let all = fleet.settled(POSTS, Duration::from_secs(300)).await;
    fleet.each_once(&all, POSTS);
    let starts: u32 = all.iter().map(|d| d.starts).sum();
    println!("{killed} workers were killed; {starts} starts for {POSTS} posts");
    fleet.whole_history().await;
}

/// What came of one call while the database went and came.
struct Told {
    id: Uuid,
    status: u16,
    code: String,
    took: Duration,
}

/// Saves one template after another until told to stop.
async fn write_until(fleet: &Fleet, writer: usize, stop: &AtomicBool) -> Vec<Told> {
    let mut told = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        let id = Uuid::now_v7();
        let name = format!("{writer} {}", told.len());
        let template = json!({"name": name, "body": Body::default()});
        let begun = Start::now();
        let answer = fleet
            .owner
            .change(
                &fleet.world,
                json!({"type": "save_template", "id": id, "template": template}),
            )
            .await;
        told.push(Told {
            id,
            status: answer.status.as_u16(),
            code: answer.code().to_owned(),
            took: begun.elapsed(),
        });
        if !answer.status.is_success() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_ends_under_load_loses_nothing_that_was_acknowledged() {
    const POSTS: usize = 300;
    let Some(postgres) = db::testing::own_postgres().await else {
        return;
    };
    let fleet = Fleet::assemble(postgres.url(), 4, 2).await;
    fleet.post(0, POSTS).await;
    let stop = AtomicBool::new(false);
    let writers = futures::future::join_all((0..4).map(|n| write_until(&fleet, n, &stop)));
    let trouble = async {
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_secs(2)).await;
            tokio::task::block_in_place(|| postgres.crash()).unwrap();
            tokio::time::sleep(Duration::from_secs(2)).await;
            let ready = fleet
                .world
                .ask(Method::GET, "/health/ready", &[], None)
                .await;
            assert_eq!(ready.status.as_u16(), 503);
            tokio::task::block_in_place(|| postgres.run()).unwrap();
            tokio::time::sleep(Duration::from_secs(2)).await;
            let ready = fleet
                .world
                .ask(Method::GET, "/health/ready", &[], None)
                .await;
            assert_eq!(ready.status.as_u16(), 204);
        }
        stop.store(true, Ordering::SeqCst);
    };
    let (told, ()) = tokio::join!(writers, trouble);
    let told: Vec<Told> = told.into_iter().flatten().collect();
    let (kept, failed): (Vec<&Told>, Vec<&Told>) = told.iter().partition(|t| t.status == 200);
    for t in &failed {
        let known = ["unreachable", "outcome_unknown"].contains(&t.code.as_str());
        assert!(t.status == 503 && known, "{} {}", t.status, t.code);
        assert!(
            t.took < Duration::from_secs(60),
            "an answer took {:?}",
            t.took
        );
    }
    println!("{} acknowledged, {} refused", kept.len(), failed.len());
    assert!(kept.len() > 20 && !failed.is_empty());
    let all = fleet
        .owner
        .query(&fleet.world, json!({"type": "templates"}))
        .await
        .ok();
    let there: BTreeSet<&str> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|t| t["id"].as_str().unwrap())
        .collect();
    let lost: Vec<Uuid> = kept
        .iter()
        .map(|t| t.id)
        .filter(|id| !there.contains(id.to_string().as_str()))
        .collect();
    assert!(lost.is_empty(), "{lost:?}");
    let all = fleet.settled(POSTS, Duration::from_secs(180)).await;
    fleet.each_once(&all, POSTS);
    fleet.whole_history().await;
}
