//! SIGKILL at every commit of a thread on X. X knows no key by which a write is the same write, so
//! whatever a killed sender leaves is looked for: each part is live once, or a person is asked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use app::calls::Calls;
use app::publish::{Publisher, Secrets};
use app::workflows;
use async_trait::async_trait;
use domain::Instant;
use domain::delivery::DeliveryStatus;
use domain::ids::IdentityId;
use engine::{Clock, Engine, Options, SystemClock};
use networks::x::XAdapter;
use networks::{
    AccountSecret, Adapter as _, ConnectInput, Connected, Http, HttpOptions, Registry, Secret,
};
use testkit::standin::x::{CLIENT, XStandIn};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::crash::{Nobody, copy, deliveries, fill, open, restore, terms};

const FOLDER: &str = "ROSTRUM_X_CRASH_FOLDER";
const SERVER: &str = "ROSTRUM_X_CRASH_SERVER";

/// The account's secret, in a file of the folder.
struct Keychain(PathBuf);

#[async_trait]
impl Secrets for Keychain {
    async fn secret(&self, _: IdentityId) -> Result<Option<AccountSecret>, String> {
        let text = std::fs::read_to_string(&self.0).map_err(|e| e.to_string())?;
        Ok(Some(Secret::new(text)))
    }

    async fn keep(&self, _: IdentityId, secret: AccountSecret) -> Result<(), String> {
        std::fs::write(&self.0, secret.expose()).map_err(|e| e.to_string())
    }
}

fn adapter(server: &str) -> XAdapter {
    let http = Http::new(HttpOptions::default()).unwrap();
    XAdapter::new(http, server, &format!("{server}/i/oauth2/authorize")).unwrap()
}

/// A fresh stand-in, and the account that its tokens belong to.
async fn connected() -> (XStandIn, Connected) {
    let server = XStandIn::start().unwrap();
    let (access, refresh) = server.tokens();
    let connected = adapter(&server.url())
        .connect(ConnectInput {
            method: "token".into(),
            fields: BTreeMap::from([("client_id".into(), CLIENT.into())]),
            secrets: BTreeMap::from([
                ("token".into(), Secret::new(access)),
                ("refresh_token".into(), Secret::new(refresh)),
            ]),
            grant: None,
            now: Instant(SystemClock.wall()),
        })
        .await
        .unwrap();
    (server, connected)
}

/// Publishes what is due in the folder, then ends. Nothing unless a parent asks for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_child_of_the_x_crash_tests() {
    let (Ok(folder), Ok(server)) = (std::env::var(FOLDER), std::env::var(SERVER)) else {
        return;
    };
    let folder = PathBuf::from(folder);
    let db = open(&folder).await;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let publisher = Publisher::new(
        db.clone(),
        Arc::clone(&clock),
        Registry::empty().with(Arc::new(adapter(&server))),
        Calls::new(
            Arc::new(Keychain(folder.join("secret"))),
            Arc::clone(&clock),
        ),
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
        let goes_on = |s: DeliveryStatus| s.is_waiting() || s == DeliveryStatus::Sending;
        if !all.iter().any(|d| goes_on(d.status)) {
            break;
        }
    }
    stop.cancel();
    tasks.close();
    tasks.wait().await;
}

/// Whether it ended by itself.
fn child(folder: &Path, server: &XStandIn, kill_at: Option<u64>) -> bool {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "x_crash::the_child_of_the_x_crash_tests"])
        .env(FOLDER, folder)
        .env(SERVER, server.url())
        .env_remove("ROSTRUM_KILL_AT_COMMIT")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(n) = kill_at {
        command.env("ROSTRUM_KILL_AT_COMMIT", n.to_string());
    }
    command.status().unwrap().success()
}

const SEGMENTS: usize = 2;

/// What the folder says is what X has, and nothing is there twice.
async fn check(folder: &Path, server: &XStandIn, what: &str) -> DeliveryStatus {
    let db = open(folder).await;
    let all = deliveries(&db).await;
    db.close().await;
    assert_eq!(all.len(), 1, "{what}");
    let posts = server.posts();
    let mut texts: Vec<&str> = posts.iter().map(|p| p.text.as_str()).collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), posts.len(), "{what}: never twice");
    match all[0].status {
        DeliveryStatus::Published => {
            assert_eq!(posts.len(), SEGMENTS, "{what}");
            assert_eq!(posts[1].parent.as_ref(), Some(&posts[0].id), "{what}");
        }
        DeliveryStatus::Unconfirmed => {
            let live = all[0].live as usize;
            assert_eq!(posts.len(), live, "{what}: what is live is known");
        }
        other => panic!("{what}: {other:?}"),
    }
    all[0].status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_commit_a_thread_on_x_is_live_once_or_a_person_is_asked() {
    let temp = tempfile::tempdir().unwrap();
    let (base, work) = (temp.path().join("base"), temp.path().join("work"));
    std::fs::create_dir_all(&work).unwrap();
    let (server, account) = connected().await;
    fill(&work, &adapter(&server.url()), &account, 1, SEGMENTS).await;
    copy(&work, &base);
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let mut points = 0;
    for n in 1..400 {
        restore(&base, &work).await;
        let (server, account) = connected().await;
        let secret = account.secret.unwrap();
        std::fs::write(work.join("secret"), secret.expose()).unwrap();
        if child(&work, &server, Some(n)) {
            break;
        }
        points = n;
        assert!(child(&work, &server, None), "point {n}");
        let status = check(&work, &server, &format!("killed at point {n}")).await;
        *seen.entry(status.as_str()).or_default() += 1;
    }
    println!("{points} commit boundaries: {seen:?}");
    assert!(points >= 12, "only {points} commit boundaries were seen");
    assert!(seen["published"] > seen["unconfirmed"], "{seen:?}");
}
