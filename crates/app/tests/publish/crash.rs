//! SIGKILL at every commit, and at random: each delivery is live exactly once.
//!
//! The effect is a real one: a folder with a site, or a Mastodon server of our own. A child process
//! (this same program) publishes, is killed, and another goes on where it was.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use app::apply::{self, Ctx, Effects};
use app::calls::Calls;
use app::publish::{Colleagues, House, Publisher, Secrets, Terms};
use app::workflows::{self, Backups};
use async_trait::async_trait;
use db::Db;
use domain::Instant;
use domain::content::{Body, Segment, Variant};
use domain::delivery::DeliveryStatus;
use domain::ids::*;
use domain::person::{Actor, Role};
use domain::persona::PersonaProfile;
use domain::version::{FORMAT, VersionDoc};
use engine::{Clock, Engine, Options, SystemClock};
use networks::mastodon::MastodonAdapter;
use networks::site::SiteAdapter;
use networks::{
    AccountSecret, Adapter, ConnectInput, Connected, Http, HttpOptions, MediaBytes, MediaMissing,
    PrepareInput, Registry, Secret,
};
use protocol::Mutation;
use protocol::mutation::{DeliveryPlan, IdentityFacts};
use testkit::standin::mastodon::Mastodon;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::races::Dice;

const FOLDER: &str = "ROSTRUM_CRASH_FOLDER";

/// The secret of the account in the folder, where it has one.
const SECRET: &str = "ROSTRUM_CRASH_SECRET";

pub(crate) struct Nobody;

impl Colleagues for Nobody {
    /// The child holds the folder alone, so whoever else owned an attempt has gone.
    fn is_gone(&self, _: Uuid) -> bool {
        true
    }
}

impl House for Nobody {
    fn folder_is_held(&self) -> bool {
        false
    }
    fn tell(&self, _: Effects) {}
}

#[async_trait]
impl Secrets for Nobody {
    async fn secret(&self, _: IdentityId) -> Result<Option<AccountSecret>, String> {
        Ok(std::env::var(SECRET).ok().map(AccountSecret::new))
    }
    async fn keep(&self, _: IdentityId, _: AccountSecret) -> Result<(), String> {
        Ok(())
    }
}

#[async_trait]
impl MediaBytes for Nobody {
    async fn bytes(&self, hash: domain::Hash) -> Result<Vec<u8>, MediaMissing> {
        Err(MediaMissing {
            hash,
            why: "there are none".into(),
        })
    }
}

#[async_trait]
impl Backups for Nobody {
    async fn daily(&self) -> Result<String, String> {
        Ok(String::new())
    }
}

fn org() -> OrganizationId {
    OrganizationId(Uuid::from_u128(7))
}

pub(crate) async fn open(folder: &Path) -> Db {
    let db = db::testing::sqlite_at(&folder.join("rostrum.sqlite"))
        .await
        .unwrap();
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

/// A folder with a site account and so many threads, of so many segments, that are due.
async fn prepare(folder: &Path, deliveries: usize, segments: usize) {
    let site = folder.join("site");
    std::fs::create_dir_all(&site).unwrap();
    let adapter = SiteAdapter::new().unwrap();
    let now = SystemClock.wall();
    let connected = adapter
        .connect(ConnectInput {
            method: "folder".into(),
            fields: BTreeMap::from([
                ("folder".into(), site.display().to_string()),
                ("title".into(), "Hut".into()),
            ]),
            secrets: BTreeMap::new(),
            grant: None,
            now: Instant(now),
        })
        .await
        .unwrap();
    fill(folder, &adapter, &connected, deliveries, segments).await;
}

/// A folder with this account and so many threads, of so many segments, that are due.
pub(crate) async fn fill(
    folder: &Path,
    adapter: &dyn Adapter,
    connected: &Connected,
    deliveries: usize,
    segments: usize,
) {
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
    let (persona, identity) = (
        PersonaId(Uuid::from_u128(2)),
        IdentityId(Uuid::from_u128(3)),
    );
    let profile = PersonaProfile {
        name: "Hut".into(),
        zone: "UTC".into(),
        ..PersonaProfile::default()
    };
    let facts = IdentityFacts {
        network: adapter.descriptor().id.clone(),
        remote_id: connected.facts.remote_id.clone(),
        handle: connected.facts.handle.clone(),
        display_name: connected.name.clone(),
        service: String::new(),
        settings: connected.facts.settings.clone(),
        live: connected.facts.live.clone(),
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
        let shared = Variant {
            segments: texts
                .map(|text| Segment {
                    text,
                    media: vec![],
                })
                .collect(),
            ..Variant::default()
        };
        let body = Body {
            title: format!("Entry {n}"),
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
        let target = adapter
            .prepare(&PrepareInput {
                identity,
                variant: &shared,
                languages: &[],
                title: &body.title,
                limits: &limits,
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
        let doc = String::from_utf8(bytes).unwrap();
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

fn mastodon() -> MastodonAdapter {
    MastodonAdapter::new(Http::new(HttpOptions::default()).unwrap()).unwrap()
}

/// The protocol's times, made short: nobody here takes minutes to answer.
pub(crate) fn terms() -> Terms {
    Terms {
        lease: Duration::from_secs(3),
        skew: Duration::from_millis(100),
        looks: vec![200, 600, 1_500, 4_000],
        repeat_after: Duration::from_secs(2),
        ..Terms::default()
    }
}

/// Publishes what is due in the folder, then ends. Nothing unless a parent asks for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_child_of_the_crash_tests() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let folder = PathBuf::from(folder);
    let db = open(&folder).await;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let networks = Registry::empty()
        .with(Arc::new(SiteAdapter::new().unwrap()))
        .with(Arc::new(mastodon()));
    let publisher = Publisher::new(
        db.clone(),
        Arc::clone(&clock),
        networks,
        Calls::new(Arc::new(Nobody), Arc::clone(&clock)),
        Arc::new(Nobody),
        Arc::new(Nobody),
        Uuid::new_v4(),
        terms(),
    );
    let registry = workflows::registry(&publisher, Arc::new(Nobody));
    let options = Options {
        lease: Duration::from_millis(600),
        poll: Duration::from_millis(100),
        ..Options::default()
    };
    let engine = Engine::new(db.clone(), clock, registry, options);
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    engine.start(&tasks, stop.clone());
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let all = deliveries(&db).await;
        if all
            .iter()
            .all(|d| !d.status.is_waiting() && d.status != DeliveryStatus::Sending)
        {
            break;
        }
    }
    stop.cancel();
    tasks.close();
    tasks.wait().await;
}

fn child(folder: &Path, kill_at: Option<u64>) -> Child {
    child_with(folder, kill_at, None)
}

fn child_with(folder: &Path, kill_at: Option<u64>, secret: Option<&AccountSecret>) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "crash::the_child_of_the_crash_tests"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(secret) = secret {
        command.env(SECRET, secret.expose());
    }
    match kill_at {
        Some(n) => command.env("ROSTRUM_KILL_AT_COMMIT", n.to_string()),
        None => command.env_remove("ROSTRUM_KILL_AT_COMMIT"),
    };
    command.spawn().unwrap()
}

pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Everything is live exactly once in the tables.
async fn check_tables(folder: &Path, wanted: usize, segments: usize, what: &str) {
    let db = open(folder).await;
    let all = deliveries(&db).await;
    assert_eq!(all.len(), wanted, "{what}");
    for delivery in &all {
        assert_eq!(delivery.status, DeliveryStatus::Published, "{what}");
        assert_eq!(delivery.live as usize, segments, "{what}");
    }
    db.close().await;
}

/// Everything is live exactly once, in the folder and in the tables.
async fn check(folder: &Path, wanted: usize, segments: usize, what: &str) {
    check_tables(folder, wanted, segments, what).await;
    let mut parts = 0;
    let entries: Vec<_> = std::fs::read_dir(folder.join("site/.rostrum/entries"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    for entry in &entries {
        parts += std::fs::read_dir(entry)
            .unwrap()
            .filter(|f| {
                f.as_ref()
                    .unwrap()
                    .path()
                    .extension()
                    .is_some_and(|x| x == "json")
            })
            .count();
    }
    assert_eq!(entries.len(), wanted, "{what}: entries");
    assert_eq!(parts, wanted * segments, "{what}: parts");
}

/// The settings hold a path, so the folder must stand where it was prepared.
pub(crate) async fn restore(base: &Path, work: &Path) {
    if work.exists() {
        std::fs::remove_dir_all(work).unwrap();
    }
    copy(base, work);
}

#[tokio::test]
async fn killed_at_any_commit_a_thread_is_live_exactly_once() {
    let temp = tempfile::tempdir().unwrap();
    let (base, work) = (temp.path().join("base"), temp.path().join("work"));
    std::fs::create_dir_all(&work).unwrap();
    prepare(&work, 1, 2).await;
    copy(&work, &base);
    let mut points = 0;
    for n in 1..400 {
        restore(&base, &work).await;
        let killed = !child(&work, Some(n)).wait().unwrap().success();
        if !killed {
            break;
        }
        points = n;
        assert!(child(&work, None).wait().unwrap().success(), "point {n}");
        check(&work, 1, 2, &format!("killed at point {n}")).await;
    }
    println!("{points} commit boundaries, each survived");
    assert!(points >= 12, "only {points} commit boundaries were seen");
}

#[tokio::test]
async fn killed_at_any_commit_a_mastodon_thread_is_live_exactly_once() {
    let temp = tempfile::tempdir().unwrap();
    let (base, work) = (temp.path().join("base"), temp.path().join("work"));
    std::fs::create_dir_all(&work).unwrap();
    let server = Mastodon::start(Arc::new(|| SystemClock.wall()));
    let adapter = mastodon();
    let connected = adapter
        .connect(ConnectInput {
            method: "token".into(),
            fields: BTreeMap::from([("service".into(), server.url())]),
            secrets: BTreeMap::from([("token".into(), Secret::new(server.token()))]),
            grant: None,
            now: Instant(SystemClock.wall()),
        })
        .await
        .unwrap();
    let secret = connected.secret.as_ref();
    fill(&work, &adapter, &connected, 1, 2).await;
    copy(&work, &base);
    let mut points = 0;
    for n in 1..400 {
        restore(&base, &work).await;
        server.forget();
        let mut killed = child_with(&work, Some(n), secret);
        if killed.wait().unwrap().success() {
            break;
        }
        points = n;
        let mut after = child_with(&work, None, secret);
        assert!(after.wait().unwrap().success(), "point {n}");
        let what = format!("killed at point {n}");
        check_tables(&work, 1, 2, &what).await;
        assert_eq!(
            server.texts(),
            ["Entry 0, part 0", "Entry 0, part 1"],
            "{what}"
        );
    }
    println!("{points} commit boundaries, each survived");
    assert!(points >= 12, "only {points} commit boundaries were seen");
}

#[tokio::test]
async fn three_hundred_due_deliveries_survive_random_kills_each_exactly_once() {
    let temp = tempfile::tempdir().unwrap();
    let mut dice = Dice::of("kills");
    prepare(temp.path(), 300, 1).await;
    let mut kills = 0;
    loop {
        let mut running = child(temp.path(), None);
        let life = Duration::from_millis(150 + dice.roll(900));
        let mut ended = None;
        let begun = std::time::Instant::now();
        while kills >= 40 || begun.elapsed() < life {
            ended = running.try_wait().unwrap();
            if ended.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if let Some(status) = ended {
            assert!(status.success());
            break;
        }
        running.kill().unwrap();
        running.wait().unwrap();
        kills += 1;
    }
    println!("{kills} kills");
    assert!(kills >= 3, "it was over too soon");
    check(temp.path(), 300, 1, &format!("after {kills} kills")).await;
}
