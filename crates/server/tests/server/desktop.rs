//! A desktop: a host on a data folder of its own, and the line from it to the server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::host::{self, Host, Options};
use domain::ids::{OrganizationId, PersonId};
use protocol::event::Told;
use protocol::mutation::Applied;
use protocol::views::{JoinedOrganization, Organizations, Outbox};
use protocol::{Act, Call, Event, Mutation, Problem, Query};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::world::World;

/// A line to the server that can be cut.
pub(crate) struct Relay {
    pub(crate) address: String,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Cut,
    /// It breaks when a request with these words comes by.
    Without(&'static str),
}

impl Relay {
    pub(crate) async fn to(world: &World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let target = world.address.trim_start_matches("http://").to_owned();
        let (state, seen) = watch::channel(State::Open);
        TaskTracker::new().spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (target, seen) = (target.clone(), seen.clone());
                TaskTracker::new().spawn(carry(stream, target, seen));
            }
        });
        Self { address, state }
    }

    pub(crate) fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    pub(crate) fn break_at(&self, words: &'static str) {
        self.state.send_replace(State::Without(words));
    }

    pub(crate) fn mend(&self) {
        self.state.send_replace(State::Open);
    }
}

async fn carry(mut near: TcpStream, target: String, mut seen: watch::Receiver<State>) {
    if *seen.borrow() == State::Cut {
        return;
    }
    let Ok(mut far) = TcpStream::connect(target).await else {
        return;
    };
    let (mut out, mut back) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    loop {
        tokio::select! {
            changed = seen.changed() => {
                if changed.is_err() || *seen.borrow_and_update() == State::Cut {
                    return;
                }
            }
            read = near.read(&mut out) => {
                let Ok(n @ 1..) = read else { return };
                if let State::Without(words) = *seen.borrow()
                    && String::from_utf8_lossy(&out[..n]).contains(words)
                {
                    return;
                }
                if far.write_all(&out[..n]).await.is_err() {
                    return;
                }
            }
            read = far.read(&mut back) => {
                let Ok(n @ 1..) = read else { return };
                if near.write_all(&back[..n]).await.is_err() {
                    return;
                }
            }
        }
    }
}

pub(crate) struct Desktop {
    pub(crate) host: Host,
    pub(crate) home: TempDir,
}

impl Desktop {
    pub(crate) async fn new(world: &World) -> Self {
        let home = tempfile::tempdir().unwrap();
        let host = open(world, &home).await;
        Self { host, home }
    }

    /// The program ends and is started again.
    pub(crate) async fn restart(&mut self, world: &World) {
        self.host.stop().await;
        self.host = open(world, &self.home).await;
    }

    pub(crate) async fn act<T: DeserializeOwned>(
        &self,
        within: Option<OrganizationId>,
        act: Value,
    ) -> Result<T, Problem> {
        self.act_until(within, act, CancellationToken::new()).await
    }

    pub(crate) async fn act_until<T: DeserializeOwned>(
        &self,
        within: Option<OrganizationId>,
        act: Value,
        stop: CancellationToken,
    ) -> Result<T, Problem> {
        let act: Act = serde_json::from_value(act).unwrap();
        let done = self.host.app.act_within(within, "act".into(), act, stop);
        Ok(serde_json::from_value(done.await?).unwrap())
    }

    pub(crate) async fn change(
        &self,
        within: Option<OrganizationId>,
        mutation: Value,
    ) -> Result<Applied, Problem> {
        let mutation: Mutation = serde_json::from_value(mutation).unwrap();
        let call: Call = app::core::call(mutation, None);
        self.host.app.mutate_within(within, call).await
    }

    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        within: Option<OrganizationId>,
        query: Value,
    ) -> T {
        let query: Query = serde_json::from_value(query).unwrap();
        let answer = self.host.app.query_within(within, query).await.unwrap();
        serde_json::from_value(answer).unwrap()
    }

    /// Joins with the login of an address.
    pub(crate) async fn join(&self, address: &str, email: &str, password: &str) -> OrganizationId {
        let act = json!({
            "type": "join_organization", "address": address, "email": email, "password": password,
        });
        let led: Value = self.act(None, act).await.unwrap();
        assert_eq!(led["type"], "joined", "{led}");
        serde_json::from_value(led["organization"].clone()).unwrap()
    }

    pub(crate) async fn joined(&self) -> Vec<JoinedOrganization> {
        let all: Organizations = self.ask(None, json!({"type": "organizations"})).await;
        all.joined
    }

    pub(crate) async fn outbox(&self, within: OrganizationId) -> Outbox {
        self.ask(Some(within), json!({"type": "outbox"})).await
    }

    pub(crate) async fn sync(&self, within: OrganizationId) -> Result<(), Problem> {
        let done = self.act::<Value>(Some(within), json!({"type": "sync_now"}));
        done.await.map(drop)
    }

    /// What travels, as a person sees it.
    pub(crate) async fn rows(&self, within: OrganizationId, person: PersonId) -> Rows {
        let app = self.host.app.within(Some(within)).unwrap();
        rows(app.db(), within, person).await
    }

    /// The folder of a joined organization.
    pub(crate) fn folder(&self, of: OrganizationId) -> std::path::PathBuf {
        self.host.app.folder().layout().organization(of)
    }
}

async fn open(world: &World, home: &TempDir) -> Host {
    let options = Options {
        clock: Some(Arc::clone(&world.clock) as _),
        ..Options::default()
    };
    let (data, config) = (home.path().join("data"), home.path().join("config"));
    let host = host::init(&data, &config, options).await.unwrap();
    host.start().await.unwrap();
    host
}

pub(crate) type Rows = std::collections::BTreeMap<&'static str, Vec<Value>>;

pub(crate) async fn rows(db: &db::Db, org: OrganizationId, person: PersonId) -> Rows {
    let read: Result<_, store::Error> = db
        .read(move |tx| Box::pin(async move { store::sync::rows::all(tx, org, person).await }))
        .await;
    let mut rows = read.unwrap();
    // What was told before a computer came is not there.
    rows.remove("notification");
    rows
}

/// Waits for something that comes by itself.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < Duration::from_secs(30), "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The next thing that is told of this kind.
pub(crate) async fn hears<T>(
    heard: &mut broadcast::Receiver<Told>,
    pick: impl Fn(Told) -> Option<T>,
) -> T {
    let waits = async {
        loop {
            if let Some(found) = pick(heard.recv().await.unwrap()) {
                return found;
            }
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(30), waits).await;
    waited.unwrap()
}

/// What of it is a notification.
pub(crate) fn noticed(
    told: Told,
) -> Option<(Option<OrganizationId>, protocol::event::Notification)> {
    match told.event {
        Event::Noticed { notification, .. } => Some((told.organization, notification)),
        _ => None,
    }
}
