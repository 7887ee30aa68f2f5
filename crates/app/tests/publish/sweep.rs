//! SIGKILL at every commit of what minds approvals, accounts, counts, deletions, slots and old runs:
//! whatever they say is said once, and nothing of it is lost.
//!
//! A folder is prepared in the past, so that everything is due when a child process (this same
//! program) works on it; the child is killed at one commit after another, and a second goes on.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use app::calls::Calls;
use app::publish::{Publisher, Terms};
use app::workflows::{self, Backups};
use async_trait::async_trait;
use db::Db;
use domain::Instant;
use domain::approval::{Approver, RequestStatus};
use domain::attempt::Idempotency;
use domain::delivery::{DeliveryStatus as D, HoldReason, MissReason};
use domain::identity::IdentityStatus;
use domain::ids::PersonId;
use domain::person::Role;
use domain::persona::{Automation, AutomationLevel, PersonaProfile, Slot};
use engine::{Clock, Engine, Options, SystemClock};
use protocol::Mutation;
use store::notification::Notification;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::crash::{copy, restore};
use crate::network::{Act, Script};
use crate::runs::start;
use crate::world::{Files, HOUR, MINUTE, Machine, Piece, World};

const FOLDER: &str = "ROSTRUM_SWEEP_FOLDER";
/// The network asks every account to sign in again.
const LOCKED: &str = "ROSTRUM_SWEEP_LOCKED";
const DAY: i64 = 24 * HOUR;
/// What comes later than this is not waited for, milliseconds.
const SOON: i64 = 5_000;

struct NoBackups;

#[async_trait]
impl Backups for NoBackups {
    async fn daily(&self) -> Result<String, String> {
        Ok(String::new())
    }
}

async fn open(folder: &Path) -> Db {
    let db = db::testing::sqlite_at(&folder.join("rostrum.sqlite"))
        .await
        .unwrap();
    db.migrate().await.unwrap();
    db
}

/// What is live, as a network that outlives its clients knows it.
async fn seed(db: &Db, network: &Script) {
    let found: Result<Vec<_>, app::Error> = db
        .read(|tx| {
            Box::pin(async move {
                let mut all = Vec::new();
                for organization in store::organization::all(tx).await? {
                    for status in [D::Published, D::Deleted, D::Gone] {
                        let with = store::delivery::with_status(tx, organization.id, status);
                        for delivery in with.await? {
                            let of =
                                store::publication::of_delivery(tx, organization.id, delivery.id);
                            all.extend(of.await?);
                        }
                    }
                }
                Ok(all)
            })
        })
        .await;
    for one in found.unwrap().iter().filter(|p| p.ended_at.is_none()) {
        network.seed(&one.remote_id, one.delivery);
    }
}

/// Works on what is due in the folder, then ends. Nothing unless a parent asks for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_child_of_the_sweep() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let db = open(&PathBuf::from(folder)).await;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let network = Script::new(Idempotency::None, Arc::clone(&clock));
    network.likes(7);
    if std::env::var_os(LOCKED).is_some() {
        network.rotate();
    }
    seed(&db, &network).await;
    let machine = Arc::new(Machine::default());
    let publisher = Publisher::new(
        db.clone(),
        Arc::clone(&clock),
        networks::Registry::empty().with(network),
        Calls::new(machine.clone(), Arc::clone(&clock)),
        Arc::new(Files(machine.clone())),
        machine,
        Uuid::new_v4(),
        Terms::default(),
    );
    let registry = workflows::registry(&publisher, &crate::world::collector(), Arc::new(NoBackups));
    let options = Options {
        lease: Duration::from_millis(600),
        poll: Duration::from_millis(100),
        ..Options::default()
    };
    let engine = Engine::new(db, Arc::clone(&clock), registry, options);
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    engine.start(&tasks, stop.clone());
    loop {
        let idle = engine.until_idle().await.unwrap();
        let wait = idle.next.map_or(i64::MAX, |next| next - clock.wall());
        if wait > SOON {
            break;
        }
        let wait = u64::try_from(wait).unwrap_or_default() + 10;
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }
    stop.cancel();
    tasks.close();
    tasks.wait().await;
}

fn child(folder: &Path, locked: bool, kill_at: Option<u64>) -> bool {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "sweep::the_child_of_the_sweep"])
        .env(FOLDER, folder)
        .env_remove("ROSTRUM_KILL_AT_COMMIT")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if locked {
        command.env(LOCKED, "1");
    }
    if let Some(n) = kill_at {
        command.env("ROSTRUM_KILL_AT_COMMIT", n.to_string());
    }
    command.status().unwrap().success()
}

/// A folder in the past, and the sweep over it.
pub(crate) struct Sweep {
    temp: tempfile::TempDir,
    pub(crate) world: World,
    locked: bool,
}

impl Sweep {
    /// One that begins so long ago.
    pub(crate) async fn ago(ms: i64) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let work = temp.path().join("work");
        std::fs::create_dir_all(&work).unwrap();
        let db = open(&work).await;
        let start = SystemClock.wall() - ms;
        Self {
            temp,
            world: World::since(db, Idempotency::None, start).await,
            locked: false,
        }
    }

    /// Time passes for so long, with the workflows at work.
    async fn pass(&self, ms: i64) {
        let running = start(&self.world);
        running.until(&self.world, self.world.now().0 + ms).await;
    }

    /// Kills a child at each of its commits; after the second one `check` must hold.
    pub(crate) async fn over(mut self, at_least: u64, check: impl AsyncFn(&World, &str)) {
        let (base, work) = (self.temp.path().join("base"), self.temp.path().join("work"));
        self.world.db.close().await;
        copy(&work, &base);
        let mut points = 0;
        for n in 1..200 {
            restore(&base, &work).await;
            if child(&work, self.locked, Some(n)) {
                break;
            }
            points = n;
            assert!(child(&work, self.locked, None), "point {n}");
            self.world.db = open(&work).await;
            check(&self.world, &format!("killed at commit {n}")).await;
            self.world.db.close().await;
        }
        println!("{points} commit boundaries, each survived");
        assert!(
            points >= at_least,
            "only {points} commit boundaries were seen"
        );
    }
}

async fn count(world: &World, action: &str) -> usize {
    let audit = world.audit().await;
    audit.iter().filter(|(a, _)| a == action).count()
}

async fn notifications(world: &World, kind: &str) -> Vec<Notification> {
    let org = world.org;
    let told: Result<Vec<_>, app::Error> = world
        .db
        .read(|tx| {
            Box::pin(async move { Ok(store::notification::since(tx, org, Instant(0)).await?) })
        })
        .await;
    let mut told = told.unwrap();
    told.retain(|n| n.kind == kind);
    told
}

async fn identity(world: &World) -> store::identity::Identity {
    let (org, id) = (world.org, world.identity);
    let found: Result<_, app::Error> = world
        .db
        .read(|tx| Box::pin(async move { Ok(store::identity::get(tx, org, id).await?) }))
        .await;
    found.unwrap().unwrap()
}

async fn seats(world: &World, piece: Piece) -> usize {
    let org = world.org;
    let found: Result<_, app::Error> = world
        .db
        .read(|tx| {
            Box::pin(async move { Ok(store::request::seats(tx, org, piece.request).await?) })
        })
        .await;
    found.unwrap().len()
}

#[tokio::test]
async fn killed_at_any_commit_a_chain_reminds_escalates_and_expires_once() {
    let sweep = Sweep::ago(15 * DAY).await;
    let world = &sweep.world;
    let substitute = PersonId(Uuid::now_v7());
    world
        .apply(Mutation::AddPerson {
            id: substitute,
            name: "Kim".into(),
            role: Role::Approver,
        })
        .await
        .unwrap();
    world
        .with_chain(|stage| {
            stage.remind_after = vec![60, 120];
            stage.escalate_after = Some(180);
            stage.escalate_to = vec![Approver::Person { id: substitute }];
        })
        .await;
    // The chain gives it 14 days.
    let expires = world.piece(&["Old"], None).await;
    world.pass(15 * DAY - 4 * HOUR);
    let waits = world.piece(&["Waits"], None).await;
    sweep
        .over(8, async |world: &World, what: &str| {
            assert_eq!(count(world, "request_expired").await, 1, "{what}");
            let old = world.newest_request(expires.content).await;
            assert_eq!(old.status, RequestStatus::Expired, "{what}");
            let delivery = world.delivery(expires.delivery).await;
            assert_eq!(delivery.miss, Some(MissReason::NotApproved), "{what}");
            assert_eq!(count(world, "reminded").await, 2, "{what}");
            assert_eq!(count(world, "escalated").await, 1, "{what}");
            assert_eq!(seats(world, waits).await, 2, "{what}");
            // Two were asked, one was reminded twice, and the substitute asked.
            let told = notifications(world, "approval_pending").await;
            assert_eq!(told.len(), 5, "{what}: {told:?}");
        })
        .await;
}

#[tokio::test]
async fn killed_at_any_commit_counts_are_kept_once() {
    let sweep = Sweep::ago(HOUR + MINUTE).await;
    let piece = sweep.world.piece(&["Snow"], None).await;
    sweep.pass(1_000).await;
    assert_eq!(sweep.world.status(piece.delivery).await, D::Published);
    sweep
        .over(3, async |world: &World, what: &str| {
            let (org, subject) = (world.org, store::sample::of_publication(piece.delivery, 0));
            let samples: Result<Vec<_>, app::Error> = world
                .db
                .read(|tx| {
                    Box::pin(async move { Ok(store::sample::of_subject(tx, org, &subject).await?) })
                })
                .await;
            let samples = samples.unwrap();
            assert_eq!(samples.len(), 1, "{what}: {samples:?}");
            assert_eq!(samples[0].value, 7, "{what}");
        })
        .await;
}

#[tokio::test]
async fn killed_at_any_commit_an_account_that_is_locked_out_holds_and_tells_once() {
    let mut sweep = Sweep::ago(25 * HOUR).await;
    sweep.locked = true;
    let later = sweep.world.now().0 + 40 * HOUR;
    let piece = sweep.world.piece(&["Later"], Some(later)).await;
    sweep.pass(MINUTE).await;
    sweep
        .over(3, async |world: &World, what: &str| {
            let status = identity(world).await.status;
            assert_eq!(status, IdentityStatus::NeedsReconnect, "{what}");
            assert_eq!(count(world, "identity_needs_reconnect").await, 1, "{what}");
            assert_eq!(notifications(world, "reconnect").await.len(), 1, "{what}");
            let held = world.delivery(piece.delivery).await;
            assert_eq!(held.hold, Some(HoldReason::Account), "{what}");
        })
        .await;
}

#[tokio::test]
async fn killed_at_any_commit_an_account_that_works_again_lets_go_once() {
    let sweep = Sweep::ago(25 * HOUR).await;
    let world = &sweep.world;
    let later = world.now().0 + 40 * HOUR;
    let piece = world.piece(&["Later"], Some(later)).await;
    world.network.then([Act::SignIn]);
    world.piece(&["Now"], None).await;
    sweep.pass(MINUTE).await;
    let held = world.delivery(piece.delivery).await;
    assert_eq!(held.hold, Some(HoldReason::Account));
    sweep
        .over(3, async |world: &World, what: &str| {
            let status = identity(world).await.status;
            assert_eq!(status, IdentityStatus::Connected, "{what}");
            assert_eq!(count(world, "identity_reconnected").await, 1, "{what}");
            assert_eq!(world.status(piece.delivery).await, D::Planned, "{what}");
        })
        .await;
}

#[tokio::test]
async fn killed_at_any_commit_what_is_deleted_is_deleted_and_noted_once() {
    let sweep = Sweep::ago(10 * MINUTE).await;
    let world = &sweep.world;
    let piece = world.piece(&["One", "Two"], None).await;
    sweep.pass(1_000).await;
    let delete = Mutation::DeletePublished {
        deliveries: vec![piece.delivery],
    };
    world.apply(delete).await.unwrap();
    sweep
        .over(3, async |world: &World, what: &str| {
            assert_eq!(world.status(piece.delivery).await, D::Deleted, "{what}");
            assert_eq!(count(world, "publication_deleted").await, 1, "{what}");
            let live = world.publications(piece.delivery).await;
            assert!(live.iter().all(|p| p.ended_at.is_some()), "{what}");
        })
        .await;
}

/// Starts a run that the calendar starts elsewhere.
pub(crate) async fn begin(world: &World, (name, revision): (&str, u32)) {
    let input = serde_json::json!({"organization": world.org});
    let mut run = engine::Start::new(Uuid::now_v7(), name, revision, input, world.now().0);
    run.organization = Some(world.org.0);
    let done: Result<(), app::Error> = world
        .db
        .write(move |tx| {
            let run = run.clone();
            Box::pin(async move {
                engine::start_in(tx, &run).await?;
                Ok(())
            })
        })
        .await;
    done.unwrap();
}

#[tokio::test]
async fn killed_at_any_commit_an_empty_slot_is_told_once() {
    let sweep = Sweep::ago(MINUTE).await;
    let world = &sweep.world;
    let slots = (1..=7).flat_map(|weekday| {
        (0..24).map(move |hour| Slot {
            weekday,
            minute: hour * 60,
            paused: false,
        })
    });
    let profile = PersonaProfile {
        name: "Hut".into(),
        zone: "UTC".into(),
        slots: slots.collect(),
        automation: Automation {
            level: AutomationLevel::Remind,
            remind_before: 60,
            ..Automation::default()
        },
        ..PersonaProfile::default()
    };
    world
        .apply(Mutation::SavePersona {
            id: world.persona,
            profile,
            chain: None,
        })
        .await
        .unwrap();
    begin(world, workflows::REMIND).await;
    sweep
        .over(2, async |world: &World, what: &str| {
            let told = notifications(world, "empty_slot").await;
            let keys: std::collections::BTreeSet<_> = told.iter().map(|n| &n.key).collect();
            // The hour may strike between two children.
            assert!((1..=2).contains(&told.len()), "{what}: {told:?}");
            assert_eq!(keys.len(), told.len(), "{what}");
        })
        .await;
}

#[tokio::test]
async fn killed_at_any_commit_old_runs_go_and_an_orphan_is_taken_up_once() {
    let sweep = Sweep::ago(40 * DAY).await;
    let world = &sweep.world;
    let old = world.piece(&["Old"], None).await;
    sweep.pass(1_000).await;
    assert_eq!(world.status(old.delivery).await, D::Published);
    let orphan = world
        .piece(&["Orphan"], Some(SystemClock.wall() + DAY))
        .await;
    let (lost, now) = (
        world.delivery(orphan.delivery).await.run.unwrap(),
        world.now().0,
    );
    let done: Result<(), app::Error> = world
        .db
        .write(move |tx| {
            Box::pin(async move {
                engine::cancel_in(tx, lost, "lost", now).await?;
                Ok(())
            })
        })
        .await;
    done.unwrap();
    world.pass(40 * DAY);
    begin(world, workflows::RETAIN).await;
    sweep
        .over(4, async |world: &World, what: &str| {
            assert_eq!(count(world, "delivery_adopted").await, 1, "{what}");
            let run = world.delivery(orphan.delivery).await.run.unwrap();
            assert_ne!(run, lost, "{what}");
            let found: Result<_, app::Error> = world
                .db
                .read(|tx| {
                    Box::pin(async move {
                        Ok((engine::run(tx, run).await?, engine::run(tx, lost).await?))
                    })
                })
                .await;
            let (adopted, gone) = found.unwrap();
            assert!(!adopted.unwrap().state.is_over(), "{what}");
            assert!(gone.is_none(), "{what}: the old history is gone");
        })
        .await;
}
