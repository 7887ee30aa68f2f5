//! Desktops of the people of a world, and the line between them and its servers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use app::apply::{Authority, Ctx};
use app::sync::{self, Limits, Mirror, NoAnswer, Pace, Pump, Uplink};
use async_trait::async_trait;
use db::Db;
use domain::Instant;
use domain::identity::Executor;
use domain::ids::*;
use domain::person::Actor;
use protocol::mutation::Applied;
use protocol::sync::{Batch, Former, Item, Outcome, Pull, Pulled, Push, Pushed};
use protocol::{Mutation, Problem};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::random::Dice;
use crate::world::{World, id};

/// What a server took: enough to do it again in the same order.
#[derive(Clone, Debug)]
pub(crate) enum Done {
    Item(Sent),
    /// It was in the order before: another client sent it again.
    Again(Sent),
    /// A run of the server brought a delivery out.
    WentOut(DeliveryId, Uuid),
}

/// An item as it came.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) person: PersonId,
    pub(crate) client: ClientId,
    pub(crate) former: Option<Former>,
    pub(crate) item: Item,
}

/// Servers on one database, and what the lines to them are like.
pub(crate) struct Net {
    pub(crate) world: World,
    pub(crate) instances: Vec<Db>,
    pub(crate) limits: Limits,
    faults: AtomicBool,
    cut: Mutex<BTreeSet<PersonId>>,
    dice: Mutex<Dice>,
    delayed: Mutex<Vec<(PersonId, Push)>>,
    /// By place in the order; what was sent again lies behind the place that the order had come to.
    pub(crate) log: Mutex<BTreeMap<(u64, usize), (i64, Done)>>,
    /// Where the order was when its changes were forgotten.
    pub(crate) forgot: Mutex<BTreeSet<u64>>,
    pub(crate) resets: AtomicUsize,
    pub(crate) forks: AtomicUsize,
    pub(crate) lost: AtomicUsize,
    tasks: TaskTracker,
}

impl Net {
    /// Two servers on a fresh database of each kind.
    pub(crate) async fn each(seed: u64) -> Vec<Arc<Self>> {
        let mut all = vec![Self::on_sqlite(seed).await];
        if let Some(url) = db::testing::postgres_url().await {
            let mut instances = Vec::new();
            for _ in 0..2 {
                instances.push(Db::open_postgres(&url).await.unwrap());
            }
            all.push(Self::of(instances, seed).await);
        }
        all
    }

    /// Two servers on a fresh file.
    pub(crate) async fn on_sqlite(seed: u64) -> Arc<Self> {
        let first = db::testing::sqlite().await;
        let second = db::testing::sqlite_at(&first.path().unwrap()).await;
        Self::of(vec![first, second.unwrap()], seed).await
    }

    async fn of(instances: Vec<Db>, seed: u64) -> Arc<Self> {
        Arc::new(Self {
            world: World::on(&instances[0]).await,
            instances,
            limits: Limits {
                page: 20,
                bytes: 12_000,
                ..Limits::default()
            },
            faults: AtomicBool::new(false),
            cut: Mutex::default(),
            dice: Mutex::new(Dice::from(!seed)),
            delayed: Mutex::default(),
            log: Mutex::default(),
            forgot: Mutex::default(),
            resets: AtomicUsize::new(0),
            forks: AtomicUsize::new(0),
            lost: AtomicUsize::new(0),
            tasks: TaskTracker::new(),
        })
    }

    pub(crate) fn set_faults(&self, on: bool) {
        self.faults.store(on, Ordering::SeqCst);
        if !on {
            self.mend();
        }
    }

    /// Cuts the line of somebody.
    pub(crate) fn cut(&self, person: PersonId) {
        self.cut.lock().unwrap().insert(person);
    }

    /// Mends all lines that are cut.
    pub(crate) fn mend(&self) {
        self.cut.lock().unwrap().clear();
    }

    fn roll(&self, sides: usize) -> usize {
        self.dice.lock().unwrap().roll(sides)
    }

    pub(crate) fn ctx(&self, person: PersonId) -> Ctx {
        Ctx {
            organization: self.world.org,
            actor: Actor::Person {
                id: person,
                operator: None,
            },
            now: Instant(self.world.now()),
            cause: Uuid::now_v7(),
            salt: [7; 16],
            networks: self.world.networks.clone(),
            authority: Authority::Here,
            executor: Executor::Server,
            scopes: None,
        }
    }

    /// A server takes a push, whoever still waits for the answer.
    pub(crate) async fn deliver(
        self: &Arc<Self>,
        person: PersonId,
        push: Push,
    ) -> Result<Pushed, Problem> {
        let (net, instance) = (Arc::clone(self), self.roll(self.instances.len()));
        let ctx = self.ctx(person);
        let now = ctx.now.0;
        let taken = self.tasks.spawn(async move {
            let taken = sync::push(&net.instances[instance], ctx, push.clone()).await?;
            net.note(person, now, &push, &taken.0);
            Ok(taken.0)
        });
        taken.await.unwrap()
    }

    fn note(&self, person: PersonId, now: i64, push: &Push, pushed: &Pushed) {
        let Pushed::Taken { outcomes } = pushed else {
            self.forks.fetch_add(1, Ordering::SeqCst);
            return;
        };
        let mut log = self.log.lock().unwrap();
        for (item, outcome) in push.items.iter().zip(outcomes) {
            if let Outcome::Applied { seq, .. } = outcome {
                let sent = Sent {
                    person,
                    client: push.client,
                    former: push.former,
                    item: item.clone(),
                };
                let here = log.get(&(*seq, 0)).map(|(_, done)| done.clone());
                match here {
                    None => {
                        log.insert((*seq, 0), (now, Done::Item(sent)));
                    }
                    Some(Done::Item(first)) if first.client != sent.client => {
                        let last = log.last_key_value().map_or((0, 0), |(key, _)| *key);
                        log.insert((last.0, last.1 + 1), (now, Done::Again(sent)));
                    }
                    Some(_) => {}
                }
            }
        }
    }

    /// Something that was on its way for long arrives after all.
    pub(crate) async fn arrive(self: &Arc<Self>) {
        let late = {
            let mut delayed = self.delayed.lock().unwrap();
            match delayed.len() {
                0 => return,
                n => delayed.remove(self.dice.lock().unwrap().roll(n)),
            }
        };
        // Who sent it may have left.
        let _ = self.deliver(late.0, late.1).await;
    }

    /// Everything that is still on its way arrives.
    pub(crate) async fn all_arrive(self: &Arc<Self>) {
        while !self.delayed.lock().unwrap().is_empty() {
            self.arrive().await;
        }
        self.tasks.close();
        self.tasks.wait().await;
        self.tasks.reopen();
    }

    /// All rows that travel, by table.
    pub(crate) async fn rows(&self, db: &Db) -> BTreeMap<&'static str, Vec<serde_json::Value>> {
        rows_of(db, self.world.org, self.world.owner).await
    }
}

pub(crate) async fn rows_of(
    db: &Db,
    org: OrganizationId,
    person: PersonId,
) -> BTreeMap<&'static str, Vec<serde_json::Value>> {
    let read: Result<_, store::Error> = db
        .read(move |tx| Box::pin(async move { store::sync::rows::all(tx, org, person).await }))
        .await;
    let mut rows: BTreeMap<_, Vec<serde_json::Value>> = read.unwrap();
    // Each computer has its own: what was told before it came is not there.
    rows.remove("notification");
    rows
}

/// The line of one desktop.
pub(crate) struct Line {
    pub(crate) net: Arc<Net>,
    pub(crate) person: PersonId,
}

fn gone() -> NoAnswer {
    NoAnswer::Unreachable("nobody knows".into())
}

impl Line {
    fn weather(&self) -> Result<Option<usize>, NoAnswer> {
        let net = &self.net;
        if net.cut.lock().unwrap().contains(&self.person) {
            return Err(gone());
        }
        let stormy = net.faults.load(Ordering::SeqCst);
        let fate = stormy.then(|| net.roll(36));
        if fate.is_some_and(|fate| fate < 7) {
            net.lost.fetch_add(1, Ordering::SeqCst);
        }
        Ok(fate)
    }
}

#[async_trait]
impl Uplink for Line {
    async fn push(&self, push: Push) -> Result<Pushed, NoAnswer> {
        let net = &self.net;
        let says = |problem: Problem| NoAnswer::Refused(problem);
        match self.weather()? {
            // Lost on its way there.
            Some(0 | 1) => Err(gone()),
            // It takes long, and nobody waits.
            Some(2 | 3) => {
                net.delayed.lock().unwrap().push((self.person, push));
                Err(gone())
            }
            // The answer is lost.
            Some(4 | 5) => {
                let _ = net.deliver(self.person, push).await;
                Err(gone())
            }
            // It arrives twice.
            Some(6) => {
                let first = net.deliver(self.person, push.clone()).await;
                net.delayed.lock().unwrap().push((self.person, push));
                first.map_err(says)
            }
            _ => net.deliver(self.person, push).await.map_err(says),
        }
    }

    async fn pull(&self, pull: Pull) -> Result<Pulled, NoAnswer> {
        let net = &self.net;
        let fate = self.weather()?;
        if matches!(fate, Some(0..=3)) {
            return Err(gone());
        }
        let db = &net.instances[net.roll(net.instances.len())];
        let pulled = sync::pull(db, net.world.org, self.person, pull, net.limits)
            .await
            .map_err(NoAnswer::Refused)?;
        if matches!(fate, Some(4..=6)) {
            return Err(gone());
        }
        if pulled == Pulled::Reset {
            net.resets.fetch_add(1, Ordering::SeqCst);
        }
        Ok(pulled)
    }

    async fn poked(&self) -> Result<(), NoAnswer> {
        std::future::pending().await
    }
}

/// A desktop with its mirror.
pub(crate) struct Desk {
    pub(crate) net: Arc<Net>,
    pub(crate) person: PersonId,
    pub(crate) mirror: Mirror,
    pub(crate) pump: Arc<Pump>,
    folder: tempfile::TempDir,
    file: PathBuf,
}

struct Ticking(Arc<Net>);

impl engine::Clock for Ticking {
    fn wall(&self) -> i64 {
        self.0.world.now()
    }

    fn boot(&self) -> i64 {
        self.0.world.now()
    }

    fn sleep(&self, _: std::time::Duration) -> db::BoxFuture<'_, ()> {
        Box::pin(std::future::pending())
    }
}

impl Desk {
    pub(crate) async fn new(net: &Arc<Net>, person: PersonId) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mirror.sqlite");
        let (mirror, pump) = open(net, person, &file).await;
        Self {
            net: Arc::clone(net),
            person,
            mirror,
            pump,
            folder,
            file,
        }
    }

    /// The program dies and is started again.
    pub(crate) async fn crash(&mut self) {
        (self.mirror, self.pump) = open(&self.net, self.person, &self.file).await;
    }

    /// A copy of the file as it is now.
    pub(crate) async fn copied(&self) -> PathBuf {
        let copy = self.folder.path().join(Uuid::new_v4().to_string());
        self.mirror.db().vacuum_into(&copy).await.unwrap();
        copy
    }

    /// The mirror in a copy of its file.
    pub(crate) async fn copied_mirror(&self) -> Mirror {
        let copy = self.copied().await;
        open(&self.net, self.person, &copy).await.0
    }

    /// The data is as it was when it was copied. A new file: who died may still hold the old one.
    pub(crate) async fn restore(&mut self, copy: &Path) {
        self.mirror.db().close().await;
        self.file = copy.to_owned();
        self.crash().await;
    }

    /// Does something here.
    pub(crate) async fn does(&self, mutations: Vec<Mutation>) -> Result<Applied, Problem> {
        self.net.world.pass(1);
        self.batch(Batch::new(id(), None, mutations)).await
    }

    pub(crate) async fn batch(&self, batch: Batch) -> Result<Applied, Problem> {
        let now = Instant(self.net.world.now());
        let done = self.mirror.apply(now, batch).await;
        done.map(|d| d.0).map_err(app::Error::into_problem)
    }

    pub(crate) async fn rows(&self) -> BTreeMap<&'static str, Vec<serde_json::Value>> {
        rows_of(self.mirror.db(), self.net.world.org, self.person).await
    }

    /// Talks to the server until nothing is left to say.
    pub(crate) async fn sync(&self) {
        self.pump.round().await.unwrap();
    }

    /// Pulls to the end; what comes must fit what is here.
    pub(crate) async fn pull(&self) {
        self.pull_from(&self.net.instances[0]).await;
    }

    pub(crate) async fn pull_from(&self, db: &Db) {
        let world = &self.net.world;
        loop {
            let asked = self.mirror.to_pull().await.unwrap();
            let pulled = sync::pull(db, world.org, self.person, asked, self.net.limits);
            let now = Instant(world.now());
            let taken = self.mirror.pulled(pulled.await.unwrap(), now).await;
            if !taken.unwrap().0 {
                return;
            }
        }
    }

    /// Pushes all that is to be pushed.
    pub(crate) async fn push_to(&self, db: &Db) {
        while let Some(push) = self.mirror.to_push().await.unwrap() {
            let ctx = self.net.ctx(self.person);
            let pushed = sync::push(db, ctx, push.clone()).await.unwrap().0;
            self.mirror.answered(push, pushed).await.unwrap();
        }
    }

    /// What waits, by state.
    pub(crate) async fn states(&self) -> Vec<store::sync::outbox::State> {
        let all = self.mirror.outbox().await.unwrap();
        all.into_iter().map(|waiting| waiting.state).collect()
    }
}

async fn open(net: &Arc<Net>, person: PersonId, file: &Path) -> (Mirror, Arc<Pump>) {
    let db = db::testing::sqlite_at(file).await.unwrap();
    db.migrate().await.unwrap();
    let world = &net.world;
    let now = Instant(world.now());
    let mirror = Mirror::open(&db, world.org, person, world.networks.clone(), now)
        .await
        .unwrap();
    let line = Line {
        net: Arc::clone(net),
        person,
    };
    let pump = Pump::new(
        mirror.clone(),
        Arc::new(line),
        Arc::new(Ticking(Arc::clone(net))),
        Pace::default(),
        Arc::new(|_| {}),
    );
    (mirror, Arc::new(pump))
}

/// Says where two states differ.
pub(crate) fn same(
    what: &str,
    a: &BTreeMap<&'static str, Vec<serde_json::Value>>,
    b: &BTreeMap<&'static str, Vec<serde_json::Value>>,
) {
    let tables: BTreeSet<_> = a.keys().chain(b.keys()).collect();
    for table in tables {
        let none = vec![];
        let (left, right) = (a.get(table).unwrap_or(&none), b.get(table).unwrap_or(&none));
        let only = |these: &[serde_json::Value], those: &[serde_json::Value]| {
            let only = these.iter().filter(|row| !those.contains(row));
            only.map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        assert!(
            left == right,
            "{what}: {table} differs\n{}\n--\n{}",
            only(left, right),
            only(right, left)
        );
    }
}
