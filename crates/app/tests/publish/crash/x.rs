//! SIGKILL at every commit of a thread on X. X knows no key by which a write is the same write, so
//! whatever a killed sender leaves is looked for: each part is live once, or a person is asked.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use domain::Instant;
use domain::delivery::DeliveryStatus;
use engine::{Clock as _, SystemClock};
use networks::x::XAdapter;
use networks::{Adapter as _, ConnectInput, Connected, Http, HttpOptions, Secret};
use testkit::standin::x::{CLIENT, XStandIn};

use super::ground::{self, Kept, Place, deliveries, open, prepare};
use super::{copy, publishing, restore};

/// Where the child finds X.
pub(super) const SERVER: &str = "ROSTRUM_CRASH_X";

pub(crate) fn adapter(server: &str) -> XAdapter {
    let http = Http::new(HttpOptions::default()).unwrap();
    XAdapter::new(http, server, &format!("{server}/i/oauth2/authorize")).unwrap()
}

/// A fresh stand-in, and the account that its tokens belong to.
async fn connected() -> (XStandIn, Connected) {
    let server = XStandIn::start().unwrap();
    let connected = connect(&server, &server.url()).await;
    (server, connected)
}

/// The account of a stand-in that is reached at `url`.
pub(crate) async fn connect(server: &XStandIn, url: &str) -> Connected {
    let (access, refresh) = server.tokens();
    adapter(url)
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
        .unwrap()
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
    let place = Place {
        network: "x",
        service: server.url(),
        adapter: Arc::new(adapter(&server.url())),
        connected: account,
    };
    prepare(&work, &place, 1, SEGMENTS).await;
    copy(&work, &base);
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let mut points = 0;
    for n in 1..400 {
        restore(&base, &work).await;
        let (server, account) = connected().await;
        Kept::beside(&work).write(ground::account(0), &account.secret.unwrap());
        let child = |kill_at: Option<u64>| {
            let mut command = publishing(&work);
            command.env(SERVER, server.url());
            if let Some(n) = kill_at {
                command.env("ROSTRUM_KILL_AT_COMMIT", n.to_string());
            }
            command.status().unwrap().success()
        };
        if child(Some(n)) {
            break;
        }
        points = n;
        assert!(child(None), "point {n}");
        let status = check(&work, &server, &format!("killed at point {n}")).await;
        *seen.entry(status.as_str()).or_default() += 1;
    }
    println!("{points} commit boundaries: {seen:?}");
    assert!(points >= 12, "only {points} commit boundaries were seen");
    assert!(seen["published"] > seen["unconfirmed"], "{seen:?}");
}
