//! SIGKILL at every commit, and at random: each delivery is live exactly once.
//!
//! The effect is a real one: a folder with a site, a Bluesky server, or a Mastodon or X
//! server of our own. A child process (this same program) publishes, is killed, and another goes on where it was.

mod edits;
pub(crate) mod ground;
mod hand_off;
pub(crate) mod x;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use app::apply::Effects;
use app::calls::Calls;
use app::publish::{Colleagues, House, Publisher, Terms};
use app::workflows::{self, Backups};
use async_trait::async_trait;
use domain::delivery::DeliveryStatus;
use engine::{Clock, Engine, Options, SystemClock};
use networks::site::SiteAdapter;
use networks::{MediaBytes, MediaMissing, Registry};
use store::delivery::Delivery;
use testkit::standin::mastodon::Mastodon;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::bluesky_server::Peer;
use crate::races::Dice;
use ground::{Kept, Place, bluesky, deliveries, mastodon, open, prepare};

const FOLDER: &str = "ROSTRUM_CRASH_FOLDER";
/// Writes and fsyncs between two power cuts, at most.
#[cfg(target_os = "linux")]
const STRIDE: u64 = 20;

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
    let mut networks = Registry::empty()
        .with(Arc::new(SiteAdapter::new().unwrap()))
        .with(Arc::new(bluesky()))
        .with(Arc::new(mastodon()));
    if let Ok(server) = std::env::var(x::SERVER) {
        networks = networks.with(Arc::new(x::adapter(&server)));
    }
    let publisher = Publisher::new(
        db.clone(),
        Arc::clone(&clock),
        networks,
        Calls::new(Arc::new(Kept::beside(&folder)), Arc::clone(&clock)),
        Arc::new(Nobody),
        Arc::new(Nobody),
        Uuid::new_v4(),
        terms(),
    );
    let registry = workflows::registry(&publisher, &crate::world::collector(), Arc::new(Nobody));
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
        let open = ground::edits(&db).await;
        // What the network keeps has its time to come, unless it is asked back.
        let kept = |d: &Delivery| d.status == DeliveryStatus::HandedOff && d.recall.is_none();
        if all.iter().all(|d| !d.status.is_driven() || kept(d))
            && open.iter().all(|e| !e.status.is_open())
        {
            break;
        }
    }
    stop.cancel();
    tasks.close();
    tasks.wait().await;
}

/// A process that publishes what is due in the folder.
fn publishing(folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "crash::the_child_of_the_crash_tests"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
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

/// Everything is live exactly once, as the tables say.
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

/// Everything is live exactly once, in the folder of the site and in the tables.
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

/// Kills whoever publishes what `place` gets at each commit in turn, and lets another end it.
async fn killed_at_any_commit(
    place: &Place,
    temp: &Path,
    mut fresh: impl FnMut(),
    check: impl AsyncFn(&str),
) {
    let (base, work) = (temp.join("base"), temp.join("work"));
    prepare(&work, place, 1, 2).await;
    copy(&work, &base);
    let mut points = 0;
    for n in 1..400 {
        restore(&base, &work).await;
        fresh();
        let killed = !publishing(&work)
            .env("ROSTRUM_KILL_AT_COMMIT", n.to_string())
            .status()
            .unwrap()
            .success();
        if !killed {
            break;
        }
        points = n;
        assert!(publishing(&work).status().unwrap().success(), "point {n}");
        check(&format!("killed at point {n}")).await;
    }
    println!("{points} commit boundaries, each survived");
    assert!(points >= 12, "only {points} commit boundaries were seen");
}

#[tokio::test]
async fn killed_at_any_commit_a_thread_is_live_exactly_once() {
    let temp = tempfile::tempdir().unwrap();
    let work = temp.path().join("work");
    std::fs::create_dir_all(&work).unwrap();
    let place = Place::site(&work).await;
    killed_at_any_commit(
        &place,
        temp.path(),
        || (),
        async |what| {
            check(&work, 1, 2, what).await;
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_commit_a_mastodon_thread_is_live_exactly_once() {
    let temp = tempfile::tempdir().unwrap();
    let work = temp.path().join("work");
    std::fs::create_dir_all(&work).unwrap();
    let server = Mastodon::start(Arc::new(|| SystemClock.wall()));
    let place = Place::mastodon(&server).await;
    killed_at_any_commit(
        &place,
        temp.path(),
        || server.forget(),
        async |what| {
            check_tables(&work, 1, 2, what).await;
            assert_eq!(
                server.texts(),
                ["Entry 0, part 0", "Entry 0, part 1"],
                "{what}"
            );
        },
    )
    .await;
}

/// The engine's own sweep shows that the same fails without waiting for the disk.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_power_cut_at_any_write_leaves_a_thread_live_exactly_once() {
    use db::testing::disk::{Disk, cut_power};
    let Some(disk) = Disk::build() else { return };
    let temp = tempfile::tempdir().unwrap();
    let (base, work) = (temp.path().join("base"), temp.path().join("work"));
    std::fs::create_dir_all(&work).unwrap();
    prepare(&work, &Place::site(&work).await, 1, 2).await;
    copy(&work, &base);
    let file = work.join("rostrum.sqlite");
    let mut dice = Dice::of("power");
    let (mut point, mut cuts, mut taken) = (0, 0, 0);
    loop {
        point += 1 + dice.roll(STRIDE);
        restore(&base, &work).await;
        let mut cut = |at: Option<u64>| {
            let mut command = publishing(&work);
            command.env(ground::DURABLE, "1");
            disk.watch(&mut command, &file, at);
            let ended = command.status().unwrap().success();
            taken += cut_power(&file, |sides| dice.roll(sides)).unwrap();
            ended
        };
        let survived = cut(Some(point));
        assert!(survived || cut(None), "point {point}");
        check(&work, 1, 2, &format!("cut at point {point}")).await;
        cuts += 1;
        if survived {
            break;
        }
    }
    println!("{cuts} cuts, {taken} changes taken back");
    assert!(cuts > 5 && taken > 0, "{cuts} cuts, {taken} taken back");
}

/// Kills whoever publishes after a life of so many milliseconds, again and again, at most so many
/// times, until one comes to its end; answers how often.
async fn killed_until_done(folder: &Path, life: Range<u64>, most: u32, dice: &mut Dice) -> u32 {
    let (mut kills, mut amid) = (0, 0);
    loop {
        let mut running = publishing(folder).spawn().unwrap();
        let life = life.start + dice.roll(life.end - life.start);
        let life = Duration::from_millis(life);
        let mut ended = None;
        let begun = std::time::Instant::now();
        while kills >= most || begun.elapsed() < life {
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
        let db = open(folder).await;
        let all = deliveries(&db).await;
        db.close().await;
        let live = |d: &&Delivery| d.status == DeliveryStatus::Published;
        let live = all.iter().filter(live).count();
        amid += u32::from(live > 0 && live < all.len());
        println!("killed after {life:?}: {live} are live");
    }
    assert!(amid >= 3, "it was over too soon, or never got anywhere");
    kills
}

#[tokio::test]
async fn three_hundred_due_deliveries_survive_random_kills_each_exactly_once() {
    let temp = tempfile::tempdir().unwrap();
    let place = Place::site(temp.path()).await;
    prepare(temp.path(), &place, 300, 1).await;
    let kills = killed_until_done(temp.path(), 150..1_050, 40, &mut Dice::of("kills")).await;
    check(temp.path(), 300, 1, &format!("after {kills} kills")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_due_posts_survive_random_kills_each_exactly_once_on_bluesky() {
    let Some(peer) = Peer::start(false) else {
        return;
    };
    let temp = tempfile::tempdir().unwrap();
    let place = Place::bluesky(&peer).await;
    prepare(temp.path(), &place, 300, 1).await;
    let kills = killed_until_done(
        temp.path(),
        1_000..4_000,
        20,
        &mut Dice::of("kills of posts"),
    )
    .await;
    check_tables(temp.path(), 300, 1, &format!("after {kills} kills")).await;
    let posts = peer.posts(&place.connected.facts.remote_id).await;
    let mut seen: Vec<&str> = posts
        .iter()
        .map(|p| p["value"]["text"].as_str().unwrap())
        .collect();
    seen.sort_unstable();
    let mut wanted: Vec<String> = (0..300).map(|n| format!("Entry {n}, part 0")).collect();
    wanted.sort_unstable();
    assert_eq!(seen, wanted, "after {kills} kills");
}
