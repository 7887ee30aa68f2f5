//! The history must go on from where this computer saw it last.

use std::path::{Path, PathBuf};

use app::act::Way;
use app::host::{self, Options};
use domain::person::Role;
use protocol::act::Act;
use protocol::views::{AuditCheck, NeedKind, Overview, Today};
use protocol::{Mutation, Query};
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::world::id;

struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    /// With an owner, closed.
    async fn new() -> Self {
        let home = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let host = host::init(&home.data(), &home.at("config"), Options::default())
            .await
            .unwrap();
        host.app
            .add_first_person(id(), "Mara".into())
            .await
            .unwrap();
        host.stop().await;
        home
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn data(&self) -> PathBuf {
        self.at("data")
    }

    fn database(&self) -> PathBuf {
        self.data().join("rostrum.sqlite")
    }

    async fn open(&self) -> app::Host {
        self.open_with("config").await
    }

    /// On another computer, when `config` is another one.
    async fn open_with(&self, config: &str) -> app::Host {
        host::open(&self.data(), &self.at(config), Options::default())
            .await
            .unwrap()
    }

    /// Opens, adds people and closes.
    async fn grow(&self, config: &str, people: usize) {
        let host = self.open_with(config).await;
        add(&host, people).await;
        host.stop().await;
    }
}

async fn add(host: &app::Host, people: usize) {
    for n in 0..people {
        let add = Mutation::AddPerson {
            id: id(),
            name: format!("Person {n}"),
            role: Role::Creator,
        };
        host.app.apply_all(None, vec![add]).await.unwrap();
    }
}

async fn ask<T: DeserializeOwned>(host: &app::Host, query: Query) -> T {
    serde_json::from_value(host.app.query(query, None).await.unwrap()).unwrap()
}

/// What is shown of it, in all places.
async fn is_alarmed(host: &app::Host) -> bool {
    let overview: Overview = ask(host, Query::Overview {}).await;
    let today: Today = ask(host, Query::Today { zone: "UTC".into() }).await;
    let check: AuditCheck = ask(host, Query::VerifyAudit {}).await;
    let shown = [
        overview.runtime.other_history,
        today.needs.iter().any(|n| n.kind == NeedKind::OtherHistory),
        check.broken.is_some(),
    ];
    assert!(shown.iter().all(|s| *s == shown[0]), "{shown:?} {check:?}");
    shown[0]
}

fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap();
}

#[tokio::test]
async fn an_older_history_put_back_by_hand_is_noticed_until_a_person_takes_note() {
    let home = Home::new().await;
    home.grow("config", 2).await;
    copy(&home.database(), &home.at("older"));
    home.grow("config", 1).await;
    copy(&home.at("older"), &home.database());
    let host = home.open().await;
    assert!(is_alarmed(&host).await);
    // It goes on growing, and stays another one; also at the next start.
    add(&host, 5).await;
    host.stop().await;
    let host = home.open().await;
    assert!(is_alarmed(&host).await);
    let way = Way::quiet(None, CancellationToken::new());
    host.app.act(Act::AcknowledgeAudit {}, &way).await.unwrap();
    assert!(!is_alarmed(&host).await);
    let org = host.app.organization();
    let read: Result<_, app::Error> = host
        .app
        .db()
        .read(move |tx| {
            Box::pin(async move { Ok(store::audit::page(tx, org, None, u64::MAX, 1).await?) })
        })
        .await;
    assert_eq!(read.unwrap()[0].entry.action, "audit_acknowledged");
    host.stop().await;
    let host = home.open().await;
    assert!(!is_alarmed(&host).await);
    host.stop().await;
}

#[tokio::test]
async fn another_history_of_the_same_length_is_noticed_although_its_chain_is_whole() {
    let home = Home::new().await;
    copy(&home.database(), &home.at("fork"));
    home.grow("config", 3).await;
    copy(&home.at("fork"), &home.database());
    home.grow("elsewhere", 8).await;
    let host = home.open().await;
    assert!(is_alarmed(&host).await);
    host.stop().await;
}

#[tokio::test]
async fn what_only_grew_and_what_comes_from_elsewhere_alarms_nobody() {
    let home = Home::new().await;
    for _ in 0..3 {
        home.grow("config", 1).await;
        let host = home.open().await;
        assert!(!is_alarmed(&host).await);
        host.stop().await;
    }
    // A computer that has never seen it has nothing to compare with; the folder is held there.
    let host = home.open_with("elsewhere").await;
    assert!(!is_alarmed(&host).await);
    host.stop().await;
}

#[tokio::test]
async fn a_restore_through_the_program_is_no_alarm() {
    let home = Home::new().await;
    let host = home.open().await;
    let way = Way::quiet(None, CancellationToken::new());
    let file = home.at("b.tar").to_string_lossy().into_owned();
    let backup = Act::Backup {
        file: Some(file.clone()),
    };
    host.app.act(backup, &way).await.unwrap();
    add(&host, 3).await;
    let kept = host.app.folder().id();
    host::restore_closed(host, &file, Options::default(), &way)
        .await
        .unwrap();
    let host = home.open().await;
    assert_eq!(host.app.folder().id(), kept);
    assert!(!is_alarmed(&host).await);
    host.stop().await;
}

#[tokio::test]
async fn a_restore_that_ends_an_alarm_says_so_in_the_history() {
    let home = Home::new().await;
    let host = home.open().await;
    let way = Way::quiet(None, CancellationToken::new());
    let file = home.at("b.tar").to_string_lossy().into_owned();
    let backup = Act::Backup {
        file: Some(file.clone()),
    };
    host.app.act(backup, &way).await.unwrap();
    host.stop().await;
    copy(&home.database(), &home.at("older"));
    home.grow("config", 2).await;
    copy(&home.at("older"), &home.database());
    let host = home.open().await;
    assert!(is_alarmed(&host).await);
    host::restore_closed(host, &file, Options::default(), &way)
        .await
        .unwrap();
    let host = home.open().await;
    assert!(!is_alarmed(&host).await);
    let org = host.app.organization();
    let read: Result<_, app::Error> = host
        .app
        .db()
        .read(move |tx| {
            Box::pin(async move { Ok(store::audit::page(tx, org, None, u64::MAX, 1).await?) })
        })
        .await;
    let last = read.unwrap().remove(0);
    assert_eq!(last.entry.action, "backup_restored_after_alarm");
    // The owner and two more were seen here.
    let payload: serde_json::Value = serde_json::from_str(&last.payload.unwrap()).unwrap();
    assert_eq!(payload["alarm"]["entries"], 3, "{payload}");
    host.stop().await;
}

#[tokio::test]
async fn a_folder_that_does_not_open_is_restored_and_its_history_says_so() {
    let home = Home::new().await;
    let host = home.open().await;
    let way = Way::quiet(None, CancellationToken::new());
    let file = home.at("b.tar");
    let backup = Act::Backup {
        file: Some(file.to_string_lossy().into_owned()),
    };
    host.app.act(backup, &way).await.unwrap();
    add(&host, 2).await;
    host.stop().await;
    std::fs::write(home.database(), b"no database").unwrap();
    let opened = host::open(&home.data(), &home.at("config"), Options::default()).await;
    assert!(opened.is_err());
    host::restore_unopened(&home.data(), &home.at("config"), &file, Options::default())
        .await
        .unwrap();
    let host = home.open().await;
    assert!(!is_alarmed(&host).await);
    let org = host.app.organization();
    let read: Result<_, app::Error> = host
        .app
        .db()
        .read(move |tx| {
            Box::pin(async move { Ok(store::audit::page(tx, org, None, u64::MAX, 1).await?) })
        })
        .await;
    let last = read.unwrap().remove(0);
    assert_eq!(last.entry.action, "backup_restored");
    // What was lost is known by its end: the owner, and two more.
    let payload: serde_json::Value = serde_json::from_str(&last.payload.unwrap()).unwrap();
    assert_eq!(payload["entries"], 3);
    host.stop().await;
}
