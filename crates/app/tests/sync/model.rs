//! Three desktops, two servers on one database, and lines on which everything happens that can:
//! whenever they heal, all show the same, and it is what the same work gives in one place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use app::apply::{Ctx, Work};
use domain::Instant;
use domain::approval::RequestStatus;
use domain::delivery::DeliveryStatus as D;
use domain::ids::*;
use domain::note::Anchor;
use domain::person::Actor;
use protocol::Mutation as M;
use protocol::sync::{Batch, Former, Item, Outcome, Push, Pushed};
use store::sync::outbox::State;

use crate::desk::{Desk, Done, Net, Sent, same};
use crate::random::{Dice, check, invent};
use crate::world::{Facts, body, id, policy, stage};

/// How long the lines are bad, and how often they heal, in one world.
#[derive(Clone, Copy)]
struct Shape {
    /// What happens before the lines heal.
    steps: usize,
    /// Each is an interleaving of its own, from where the last one ended.
    rounds: usize,
}

/// What is only found where much comes together.
const LONG: Shape = Shape {
    steps: 140,
    rounds: 1,
};

/// What is found by trying very often. A world that grows further makes looking at it slow.
const SHORT: Shape = Shape {
    steps: 5,
    rounds: 30,
};

/// What a desktop's people did, and what became of it as far as they know.
#[derive(Default)]
struct Ledger {
    /// Kept in the outbox when it was done.
    done: BTreeSet<MutationId>,
    /// Typed over, discarded, sent again under another id, or lost with a disk.
    let_go: BTreeSet<MutationId>,
    copy: Option<PathBuf>,
}

struct Model {
    net: Arc<Net>,
    desks: Vec<Desk>,
    ledgers: Vec<Ledger>,
    dice: Dice,
    /// The tables before anything happened, where they can be copied.
    alone: Option<Alone>,
    seen: BTreeMap<&'static str, usize>,
}

/// A server of its own, on which the same work is done in the same order and nothing goes wrong.
struct Alone {
    db: db::Db,
    /// The numbers of each client that were taken.
    numbered: BTreeMap<ClientId, Vec<u64>>,
}

impl Model {
    async fn new(net: &Arc<Net>, seed: u64) -> Self {
        let world = &net.world;
        let mut both = stage(world.jo);
        both.approvers
            .push(domain::approval::Approver::Person { id: world.owner });
        let chain = policy(id(), vec![both]);
        let saved = M::SaveChain {
            policy: chain.clone(),
        };
        world.ok(saved).await;
        world.ok(world.save_persona(Some(chain.id))).await;
        let mut desks = Vec::new();
        for person in [world.owner, world.jo, world.writer] {
            let desk = Desk::new(net, person).await;
            desk.sync().await;
            desks.push(desk);
        }
        let alone = match net.instances[0].path() {
            Some(path) => {
                let copy = path.with_extension("alone");
                net.instances[0].vacuum_into(&copy).await.unwrap();
                Some(Alone {
                    db: db::testing::sqlite_at(&copy).await.unwrap(),
                    numbered: BTreeMap::new(),
                })
            }
            None => None,
        };
        Self {
            alone,
            net: Arc::clone(net),
            ledgers: desks.iter().map(|_| Ledger::default()).collect(),
            desks,
            dice: Dice::from(seed),
            seen: BTreeMap::new(),
        }
    }

    fn saw(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    async fn step(&mut self) {
        self.net.world.pass(1 + self.dice.roll(600_000) as i64);
        let at = self.dice.roll(self.desks.len());
        match self.dice.roll(28) {
            0..=11 => self.work(at).await,
            12..=17 => {
                let pump = Arc::clone(&self.desks[at].pump);
                let said = pump.round().await;
                self.saw(if said.is_ok() { "synced" } else { "no answer" });
            }
            18 | 19 => {
                // It dies somewhere on its way.
                let pump = Arc::clone(&self.desks[at].pump);
                let polls = self.dice.roll(60);
                tokio::select! {
                    biased;
                    _ = pump.round() => {}
                    () = some_time(polls) => {}
                }
                self.desks[at].crash().await;
                self.saw("crashed");
            }
            20 => match self.dice.roll(3) {
                0 => self.net.cut(self.desks[at].person),
                _ => self.net.mend(),
            },
            21 => self.net.arrive().await,
            22 => self.tidy(at).await,
            23 | 24 => self.server().await,
            25 => self.forget().await,
            _ => self.copy(at).await,
        }
    }

    /// Somebody does what comes to their mind, going by what their desktop shows.
    async fn work(&mut self, at: usize) {
        let facts = self.net.world.facts_in(self.desks[at].mirror.db()).await;
        let Some(mutations) = self.idea(&facts) else {
            return;
        };
        let desk = &self.desks[at];
        let batch = Batch::new(id(), None, mutations);
        let before = ids(desk).await;
        if desk.batch(batch.clone()).await.is_err() {
            return self.saw("refused here");
        }
        let after = ids(desk).await;
        let ledger = &mut self.ledgers[at];
        ledger.let_go.extend(before.difference(&after));
        ledger.done.insert(batch.id);
        self.saw("done");
    }

    fn idea(&mut self, facts: &Facts) -> Option<Vec<M>> {
        let world = &self.net.world;
        let content = self.dice.pick(&facts.contents);
        Some(match self.dice.roll(26) {
            0 => {
                let content = content.filter(|c| c.n > 0)?;
                vec![M::AddNote {
                    id: id(),
                    content: content.id,
                    n: content.n,
                    thread: None,
                    anchor: Anchor::Version,
                    text: "What of this, @OTHER Owner?".into(),
                }]
            }
            1 => {
                let note = self.dice.pick(&facts.notes)?.id;
                match self.dice.roll(3) {
                    0 => vec![M::RemoveNote { id: note }],
                    n => vec![M::ResolveThread {
                        id: note,
                        resolved: n == 1,
                    }],
                }
            }
            2 => vec![M::SetDetails {
                content: content?.id,
                campaign: format!("Campaign {}", self.dice.roll(9)),
                labels: vec!["one".into()],
            }],
            3 => vec![M::DeleteDraft {
                content: content?.id,
            }],
            4 => {
                let template = domain::template::Template {
                    name: format!("Series {}", self.dice.roll(5)),
                    body: body("from a template", &[]),
                    ..Default::default()
                };
                vec![M::SaveTemplate {
                    id: world.template,
                    template,
                }]
            }
            5 => vec![M::BeginFromTemplate {
                template: world.template,
                content: id(),
                persona: world.persona,
            }],
            6 | 7 => vec![M::SaveWorkingCopy {
                content: content.map_or_else(id, |c| c.id),
                persona: world.persona,
                body: body(&format!("typed {}", self.dice.roll(99)), &world.accounts),
                base: None,
            }],
            13..=15 => {
                let open = facts.requests.values().flatten();
                let open: Vec<_> = open.filter(|r| r.status == RequestStatus::Open).collect();
                let request = self.dice.pick(&open)?;
                vec![M::Decide {
                    id: id(),
                    request: request.id,
                    hash: request.hash,
                    verdict: domain::approval::Verdict::Approve,
                    comment: String::new(),
                    stage: None,
                    away: None,
                }]
            }
            // All of a submission or nothing.
            8..=12 => self.submission(facts),
            _ => vec![invent(world, &mut self.dice, facts)?.1],
        })
    }

    fn submission(&mut self, facts: &Facts) -> Vec<M> {
        let world = &self.net.world;
        let old = self.dice.pick(&facts.contents);
        let (content, n) = match old.filter(|_| self.dice.roll(2) == 0) {
            Some(old) => (old.id, old.n + 1),
            None => (id(), 1),
        };
        let words = format!("version {}", self.dice.roll(1000));
        let (doc, hash) = world.doc(content, &words, &world.accounts);
        let known = facts.deliveries.get(&content).and_then(|all| {
            let mine = |d: &&store::delivery::Delivery| d.identity == world.accounts[0];
            all.iter().find(|d| mine(d) && d.status.can_move())
        });
        let piece = crate::world::Piece {
            content,
            delivery: known.map_or_else(id, |d| d.id),
            request: id(),
            hash,
        };
        let at = world.now() + 3_600_000 * (2 + self.dice.roll(90) as i64);
        vec![
            M::SaveVersion {
                content,
                persona: world.persona,
                n,
                doc,
            },
            world.plan(piece, Some(at)),
            world.request(piece, n),
        ]
    }

    /// Somebody looks at what was rejected.
    async fn tidy(&mut self, at: usize) {
        let desk = &self.desks[at];
        for waiting in desk.mirror.outbox().await.unwrap() {
            if waiting.state != State::Rejected {
                continue;
            }
            let before = ids(desk).await;
            if self.dice.roll(3) == 0 {
                let now = Instant(self.net.world.now());
                desk.mirror.retry(waiting.id, None, now).await.unwrap();
            } else {
                desk.mirror.discard(waiting.id).await.unwrap();
            }
            let after = ids(desk).await;
            let ledger = &mut self.ledgers[at];
            ledger.let_go.extend(before.difference(&after));
            ledger.done.extend(after.difference(&before));
        }
        self.saw("tidied");
    }

    /// What only the server does: it brings out what is approved.
    async fn server(&mut self) {
        let facts = self.net.world.facts().await;
        let approved: Vec<DeliveryId> = facts
            .deliveries
            .values()
            .flatten()
            .filter(|d| d.status == D::Planned)
            .filter(|d| {
                let newest = facts.requests[&d.content].first();
                newest.is_some_and(|r| r.status == RequestStatus::Approved && r.n == d.n)
            })
            .map(|d| d.id)
            .collect();
        let Some(delivery) = self.dice.pick(&approved) else {
            return;
        };
        let net = &self.net;
        let now = net.world.now();
        let run = id();
        let ctx = Ctx {
            actor: Actor::Run { id: run },
            ..net.ctx(net.world.owner)
        };
        let seq = go_out(&net.instances[1], ctx, delivery).await;
        let mut log = net.log.lock().unwrap();
        log.insert((seq, 0), (now, Done::WentOut(delivery, run)));
        drop(log);
        self.saw("went out");
    }

    /// The server keeps its changes no longer.
    async fn forget(&mut self) {
        if self.dice.roll(3) > 0 {
            return;
        }
        let head = forget(&self.net, &self.net.instances[0]).await;
        self.net.forgot.lock().unwrap().insert(head);
        self.saw("forgot");
    }

    /// A desktop is copied, or is as it was when it was.
    async fn copy(&mut self, at: usize) {
        match self.ledgers[at].copy.take() {
            None => self.ledgers[at].copy = Some(self.desks[at].copied().await),
            Some(copy) => {
                self.desks[at].restore(&copy).await;
                let there = ids(&self.desks[at]).await;
                let ledger = &mut self.ledgers[at];
                // What was not sent is lost with the disk; what was is on the server or comes again.
                let lost: Vec<_> = ledger.done.difference(&there).copied().collect();
                ledger.let_go.extend(lost);
                for id in there {
                    ledger.let_go.remove(&id);
                    ledger.done.insert(id);
                }
                self.saw("restored");
            }
        }
    }

    /// Every line works again, and whoever may talks until nothing is left.
    async fn heal(&mut self) {
        self.net.set_faults(false);
        self.net.all_arrive().await;
        let facts = self.net.world.facts().await;
        let active: BTreeSet<PersonId> = facts
            .people
            .iter()
            .filter(|p| p.active)
            .map(|p| p.id)
            .collect();
        let (mut left, mut ledgers) = (Vec::new(), Vec::new());
        for (desk, ledger) in self.desks.drain(..).zip(self.ledgers.drain(..)) {
            if active.contains(&desk.person) {
                left.push(desk);
                ledgers.push(ledger);
            }
        }
        (self.desks, self.ledgers) = (left, ledgers);
        for _ in 0..20 {
            let mut quiet = true;
            for desk in &self.desks {
                if !desk.mirror.outbox().await.unwrap().is_empty() {
                    // One of the others may have put this person out meanwhile.
                    let _ = desk.pump.round().await;
                }
                for waiting in desk.mirror.outbox().await.unwrap() {
                    quiet = false;
                    if waiting.state == State::Rejected {
                        desk.mirror.discard(waiting.id).await.unwrap();
                        self.ledgers.iter_mut().for_each(|l| {
                            l.let_go.insert(waiting.id);
                        });
                    }
                }
            }
            if quiet {
                break;
            }
        }
        for desk in &self.desks {
            let _ = desk.pump.round().await;
        }
    }

    async fn judge(&mut self, words: &str) {
        let net = Arc::clone(&self.net);
        let facts = net.world.facts().await;
        check(&facts);
        let there = net.rows(&net.instances[0]).await;
        for (desk, ledger) in self.desks.iter().zip(&self.ledgers) {
            let person = facts.people.iter().find(|p| p.id == desk.person).unwrap();
            if !person.active {
                continue;
            }
            assert!(desk.states().await.is_empty(), "{words}");
            same(
                &format!("{words}: {}", desk.person),
                &desk.rows().await,
                &there,
            );
            // What was done is in the order, or a person let it go.
            for id in ledger.done.difference(&ledger.let_go) {
                assert!(result(&net, *id).await, "{words}: {id} is lost");
            }
        }
        orders_without_a_gap(&net, facts.organization.head_seq, words).await;
    }
}

impl Alone {
    /// The same work in the same order on one server gives the same rows and the same history.
    async fn follow(&mut self, net: &Net, words: &str) {
        let log = net.log.lock().unwrap().clone();
        let forgot = net.forgot.lock().unwrap().clone();
        for ((seq, again), (now, done)) in log {
            if again == 0 && forgot.contains(&(seq - 1)) {
                forget(net, &self.db).await;
            }
            let under = |person| Ctx {
                now: Instant(now),
                ..net.ctx(person)
            };
            match done {
                Done::Item(sent) | Done::Again(sent) => {
                    let outcome = self.take(net, under(sent.person), sent).await;
                    let taken = match outcome {
                        Outcome::Applied { seq: at, .. } => at == seq || again > 0,
                        _ => false,
                    };
                    assert!(taken, "{words}: {seq} in one place: {outcome:?}");
                }
                Done::WentOut(delivery, run) => {
                    let ctx = Ctx {
                        actor: Actor::Run { id: run },
                        ..under(net.world.owner)
                    };
                    assert_eq!(go_out(&self.db, ctx, delivery).await, seq, "{words}");
                }
            }
        }
        let (once, all) = (net.rows(&self.db).await, net.rows(&net.instances[0]).await);
        same(&format!("{words}: in one place"), &once, &all);
        let (once, all) = (net.world.facts_in(&self.db).await, net.world.facts().await);
        let head = |facts: &Facts| {
            let org = &facts.organization;
            (org.head_seq, org.audit_n, org.audit_head)
        };
        assert_eq!(head(&once), head(&all), "{words}");
    }

    async fn take(&mut self, net: &Net, ctx: Ctx, sent: Sent) -> Outcome {
        let taken_of = |client| self.numbered.get(&client).cloned().unwrap_or_default();
        // What was refused has no number here.
        let former = sent.former.map(|former| Former {
            client: former.client,
            n: taken_of(former.client)
                .iter()
                .filter(|n| **n <= former.n)
                .count() as u64,
        });
        let mine = self.numbered.entry(sent.client).or_default();
        mine.push(sent.item.n);
        let n = mine.len() as u64;
        let push = Push {
            client: sent.client,
            former,
            organization: net.world.org,
            items: vec![Item { n, ..sent.item }],
        };
        match app::sync::push(&self.db, ctx, push).await.unwrap().0 {
            Pushed::Taken { mut outcomes } => outcomes.remove(0),
            refused => panic!("in one place: {refused:?}"),
        }
    }
}

/// The changes so far are not kept any longer.
async fn forget(net: &Net, db: &db::Db) -> u64 {
    let org = net.world.org;
    let forgotten: Result<u64, store::Error> = db
        .write(move |tx| {
            Box::pin(async move {
                let head = store::organization::lock(tx, org).await?.unwrap().head_seq;
                store::sync::log::forget(tx, org, head).await?;
                Ok(head)
            })
        })
        .await;
    forgotten.unwrap()
}

async fn ids(desk: &Desk) -> BTreeSet<MutationId> {
    let all = desk.mirror.outbox().await.unwrap();
    all.into_iter().map(|waiting| waiting.id).collect()
}

async fn some_time(polls: usize) {
    for _ in 0..polls {
        tokio::task::yield_now().await;
    }
}

/// A run brings a delivery out.
async fn go_out(db: &db::Db, ctx: Ctx, delivery: DeliveryId) -> u64 {
    let done: Result<u64, app::Error> = db
        .write(move |tx| {
            let ctx = ctx.clone();
            Box::pin(async move {
                let mut work = Work::begin(tx, &ctx).await?;
                let (org, seq) = (work.org(), work.seq());
                let mut out = store::delivery::get(work.tx, org, delivery).await?.unwrap();
                app::apply::stop_run(&mut work, &mut out, "it is out").await?;
                out.status = D::Published;
                out.live = out.segments;
                out.settled_at = Some(work.now());
                store::delivery::save(work.tx, org, &out).await?;
                work.changed("delivery", delivery).await?;
                work.recompute(out.content).await?;
                work.finish().await?;
                Ok(seq)
            })
        })
        .await;
    done.unwrap()
}

async fn result(net: &Net, id: MutationId) -> bool {
    let org = net.world.org;
    let read: Result<_, store::Error> = net.instances[0]
        .read(move |tx| Box::pin(async move { store::organization::result(tx, org, id).await }))
        .await;
    read.unwrap().is_some()
}

/// Every place in the organization's order was taken by one change, and every client's numbers are
/// those up to its last.
async fn orders_without_a_gap(net: &Net, head: u64, words: &str) {
    type Client = (uuid::Uuid, i64, i64, i64);
    let read: Result<(Vec<i64>, Vec<Client>), db::Error> = net.instances[0]
        .read(move |tx| {
            Box::pin(async move {
                let sql = "SELECT seq FROM mutation_result ORDER BY seq";
                let mut seqs = Vec::new();
                for row in tx.rows(sql, db::args![]).await? {
                    seqs.push(row.get("seq")?);
                }
                let sql = "SELECT c.id, c.last_mutation, count(m.n) AS n, max(m.n) AS most FROM client c JOIN client_mutation m ON m.client_id = c.id GROUP BY c.id, c.last_mutation";
                let mut clients = Vec::new();
                for row in tx.rows(sql, db::args![]).await? {
                    clients.push((
                        row.get("id")?,
                        row.get("last_mutation")?,
                        row.get("n")?,
                        row.get("most")?,
                    ));
                }
                Ok((seqs, clients))
            })
        })
        .await;
    let (mut seqs, clients) = read.unwrap();
    let log = net.log.lock().unwrap();
    let runs = log.iter().filter(|(_, d)| matches!(d.1, Done::WentOut(..)));
    seqs.extend(runs.map(|((seq, _), _)| *seq as i64));
    drop(log);
    seqs.sort_unstable();
    let whole: Vec<i64> = (1..=head as i64).collect();
    assert_eq!(seqs, whole, "{words}");
    for (id, last, count, most) in clients {
        assert_eq!((count, most), (last, last), "{words}: client {id}");
    }
}

/// Lets a world live; answers to how many interleavings it had, and what was seen in them.
async fn live(net: &Arc<Net>, seed: u64, shape: Shape) -> (usize, BTreeMap<&'static str, usize>) {
    let mut model = Model::new(net, seed).await;
    let mut rounds = 0;
    // Who was put out does not come back: what is left of such a world is too little.
    while rounds < shape.rounds && model.desks.len() == 3 {
        rounds += 1;
        let words = format!(
            "ROSTRUM_SEED={seed} on {:?}, round {rounds}",
            net.instances[0].dialect()
        );
        net.set_faults(true);
        for _ in 0..shape.steps {
            model.step().await;
        }
        model.heal().await;
        model.judge(&words).await;
    }
    if let Some(alone) = &mut model.alone {
        alone.follow(net, &format!("ROSTRUM_SEED={seed}")).await;
    }
    let mut seen = model.seen;
    for (what, count) in [
        ("lost on the line", &net.lost),
        ("forks", &net.forks),
        ("resets", &net.resets),
    ] {
        seen.insert(what, count.load(Ordering::SeqCst));
    }
    (rounds, seen)
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Lets worlds live until there were so many interleavings. Every sixteenth is on PostgreSQL too where
/// they are many.
async fn interleave(first: u64, wanted: usize, shape: Shape) {
    let (first, wanted) = match number("ROSTRUM_SEED") {
        Some(seed) => (seed, number("ROSTRUM_INTERLEAVINGS").unwrap_or(1) as usize),
        None => (first, wanted),
    };
    let (mut had, mut seed) = (0, first);
    let mut seen: BTreeMap<&'static str, usize> = BTreeMap::new();
    while had < wanted {
        let both = shape.rounds == 1 || (seed - first).is_multiple_of(16);
        let nets = match both {
            true => Net::each(seed).await,
            false => vec![Net::on_sqlite(seed).await],
        };
        for net in nets {
            let (rounds, saw) = live(&net, seed, shape).await;
            println!("ROSTRUM_SEED={seed}: {rounds} interleavings, {saw:?}");
            had += rounds;
            for (what, n) in saw {
                *seen.entry(what).or_default() += n;
            }
        }
        seed += 1;
    }
    println!("{had} interleavings: {seen:?}");
    // A model in which nothing happens proves nothing.
    if number("ROSTRUM_SEED").is_none() {
        for what in [
            "done",
            "synced",
            "no answer",
            "crashed",
            "restored",
            "forks",
        ] {
            assert!(
                seen.get(what).is_some_and(|n| *n > 0),
                "no {what}: {seen:?}"
            );
        }
    }
}

#[tokio::test]
async fn when_the_lines_heal_all_show_what_the_same_work_gives_in_one_place() {
    interleave(0x5eed, 8, LONG).await;
}

/// Two thousand in two parts, which run beside each other; `ROSTRUM_PART` asks for more in each.
async fn part(n: u64) {
    let wanted = number("ROSTRUM_PART").unwrap_or(1_000) as usize;
    interleave(n * 0x0010_0000, wanted, SHORT).await;
}

#[tokio::test]
async fn thousands_of_short_interleavings_end_the_same_everywhere_first_part() {
    part(1).await;
}

#[tokio::test]
async fn thousands_of_short_interleavings_end_the_same_everywhere_second_part() {
    part(2).await;
}
