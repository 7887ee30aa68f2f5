//! How much is sent at once, and what is no answer of a server.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use app::sync::{self, Limits, NoAnswer, Pace, Pump, Standing, Uplink};
use async_trait::async_trait;
use domain::Instant;
use domain::ids::*;
use protocol::sync::{Batch, Page, Pull, Pulled, Push, Pushed};
use protocol::{Code, Mutation};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::desk::{Desk, Line, Net, same};
use crate::world::{body, id};

fn typed(net: &Net, bytes: usize) -> Mutation {
    Mutation::SaveWorkingCopy {
        content: id(),
        persona: net.world.persona,
        body: body(&"x".repeat(bytes), &[]),
        base: None,
    }
}

#[tokio::test]
async fn pages_are_bounded_in_bytes_and_one_place_comes_in_as_many_as_it_needs() {
    for net in Net::each(71).await {
        let desk = Desk::new(&net, net.world.writer).await;
        desk.sync().await;
        // One change of forty posts.
        let all = (0..40).map(|_| typed(&net, 5_000)).collect();
        desk.does(all).await.unwrap();
        desk.push_to(&net.instances[0]).await;
        let second = Desk::new(&net, net.world.jo).await;
        for reader in [&desk, &second] {
            let (mut pages, mut largest) = (0, 0);
            let limits = Limits {
                bytes: 30_000,
                ..Limits::default()
            };
            loop {
                let asked = reader.mirror.to_pull().await.unwrap();
                let db = &net.instances[0];
                let pulled = sync::pull(db, net.world.org, reader.person, asked, limits);
                let pulled = pulled.await.unwrap();
                largest = largest.max(serde_json::to_string(&pulled).unwrap().len());
                pages += 1;
                assert!(pages < 100, "it goes on for ever");
                let now = Instant(net.world.now());
                if !reader.mirror.pulled(pulled, now).await.unwrap().0 {
                    break;
                }
            }
            assert!(pages > 7, "{pages}");
            assert!(largest < 40_000, "{largest}");
            let there = net.rows(&net.instances[0]).await;
            same("in parts", &reader.rows().await, &there);
        }
        assert!(desk.states().await.is_empty());
    }
}

#[tokio::test]
async fn a_thing_that_no_answer_holds_is_said_and_not_asked_for_again_and_again() {
    let net = Net::on_sqlite(72).await;
    let desk = Desk::new(&net, net.world.writer).await;
    desk.sync().await;
    let by_jo = Desk::new(&net, net.world.jo).await;
    by_jo.sync().await;
    by_jo.does(vec![typed(&net, 9_000)]).await.unwrap();
    by_jo.push_to(&net.instances[0]).await;
    let limits = Limits {
        thing: 5_000,
        ..Limits::default()
    };
    let asked = desk.mirror.to_pull().await.unwrap();
    let said = sync::pull(&net.instances[0], net.world.org, desk.person, asked, limits).await;
    assert_eq!(said.unwrap_err().code, Code::TooLarge);
}

#[tokio::test]
async fn a_push_is_bounded_in_bytes_and_what_is_too_much_is_refused_when_it_is_done() {
    let net = Net::on_sqlite(73).await;
    let desk = Desk::new(&net, net.world.writer).await;
    desk.sync().await;
    for _ in 0..11 {
        desk.does(vec![typed(&net, 900_000)]).await.unwrap();
    }
    let push = desk.mirror.to_push().await.unwrap().unwrap();
    let bytes = serde_json::to_string(&push).unwrap().len();
    assert!(push.items.len() < 11 && bytes < 9 << 20, "{bytes}");
    let all = (0..7).map(|_| typed(&net, 1_000_000)).collect();
    let said = desk.does(all).await.unwrap_err();
    assert_eq!(said.code, Code::TooLarge);
    desk.sync().await;
    assert!(desk.states().await.is_empty());
    same(
        "all",
        &desk.rows().await,
        &net.rows(&net.instances[0]).await,
    );
}

/// A line that takes so many bytes in a push, and counts what it is asked.
struct Narrow {
    line: Line,
    most: usize,
    pushes: AtomicUsize,
}

#[async_trait]
impl Uplink for Narrow {
    async fn push(&self, push: Push) -> Result<Pushed, NoAnswer> {
        self.pushes.fetch_add(1, Ordering::SeqCst);
        if serde_json::to_string(&push).unwrap().len() > self.most {
            let problem = protocol::Problem::new(Code::TooLarge, "less, please");
            return Err(NoAnswer::Refused(problem));
        }
        self.line.push(push).await
    }

    async fn pull(&self, pull: Pull) -> Result<Pulled, NoAnswer> {
        self.line.pull(pull).await
    }

    async fn poked(&self) -> Result<(), NoAnswer> {
        std::future::pending().await
    }
}

fn pump_over(desk: &Desk, line: Arc<dyn Uplink>, clock: Arc<dyn engine::Clock>) -> Pump {
    let pace = Pace::default();
    Pump::new(desk.mirror.clone(), line, clock, pace, Arc::new(|_| {}))
}

#[tokio::test]
async fn where_something_on_the_way_takes_less_it_is_sent_in_less_and_one_alone_is_rejected() {
    let net = Net::on_sqlite(74).await;
    let desk = Desk::new(&net, net.world.writer).await;
    desk.sync().await;
    for bytes in [20_000, 20_000, 90_000, 20_000, 20_000] {
        desk.does(vec![typed(&net, bytes)]).await.unwrap();
    }
    let narrow = Arc::new(Narrow {
        line: Line {
            net: Arc::clone(&net),
            person: desk.person,
        },
        most: 50_000,
        pushes: AtomicUsize::new(0),
    });
    let clock = Arc::new(engine::ManualClock::at(net.world.now()));
    let pump = pump_over(&desk, narrow.clone(), clock);
    pump.round().await.unwrap();
    assert_eq!(desk.states().await, [store::sync::outbox::State::Rejected]);
    assert!(narrow.pushes.load(Ordering::SeqCst) < 12);
    let waiting = desk.mirror.outbox().await.unwrap();
    let problem = waiting[0].problem.clone().unwrap();
    assert_eq!(problem.code, Code::TooLarge);
    assert_eq!(net.forks.load(Ordering::SeqCst), 0, "its number is free");
    assert_eq!(net.world.facts().await.contents.len(), 4);
}

/// A server that answers what it is told to.
struct Scripted {
    pulls: AtomicUsize,
    says: Mutex<Box<dyn FnMut() -> Result<Pulled, NoAnswer> + Send>>,
}

impl Scripted {
    fn new(says: impl FnMut() -> Result<Pulled, NoAnswer> + Send + 'static) -> Arc<Self> {
        Arc::new(Self {
            pulls: AtomicUsize::new(0),
            says: Mutex::new(Box::new(says)),
        })
    }
}

#[async_trait]
impl Uplink for Scripted {
    async fn push(&self, _: Push) -> Result<Pushed, NoAnswer> {
        Ok(Pushed::Taken { outcomes: vec![] })
    }

    async fn pull(&self, _: Pull) -> Result<Pulled, NoAnswer> {
        self.pulls.fetch_add(1, Ordering::SeqCst);
        (self.says.lock().unwrap())()
    }

    async fn poked(&self) -> Result<(), NoAnswer> {
        Ok(())
    }
}

#[tokio::test]
async fn a_server_that_wants_to_be_left_alone_is_left_alone_whatever_happens_meanwhile() {
    let net = Net::on_sqlite(75).await;
    let desk = Desk::new(&net, net.world.writer).await;
    let busy = Scripted::new(|| Err(NoAnswer::Later(Some(Duration::from_secs(300)))));
    let clock = Arc::new(engine::ManualClock::at(net.world.now()));
    let pump = Arc::new(pump_over(&desk, busy.clone(), clock.clone()));
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let (running, until) = (Arc::clone(&pump), stop.clone());
    tasks.spawn(async move { running.run(until).await });
    let asked = async |n: usize| {
        for _ in 0..200 {
            if busy.pulls.load(Ordering::SeqCst) >= n {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    };
    assert!(asked(1).await);
    for _ in 0..5 {
        pump.nudge();
        tokio::time::sleep(Duration::from_millis(20)).await;
        clock.advance(Duration::from_secs(50));
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(busy.pulls.load(Ordering::SeqCst), 1);
    clock.advance(Duration::from_secs(60));
    assert!(asked(2).await);
    stop.cancel();
    tasks.close();
    tasks.wait().await;
}

/// The page that a pull from the beginning brings.
async fn whole(net: &Net, desk: &Desk) -> Page {
    let asked = Pull {
        cursor: None,
        ..desk.mirror.to_pull().await.unwrap()
    };
    let limits = Limits::default();
    let db = &net.instances[0];
    let mut asked = asked;
    loop {
        let pulled = sync::pull(db, net.world.org, desk.person, asked.clone(), limits).await;
        let Ok(Pulled::Page(mut page)) = pulled else {
            panic!("{pulled:?}")
        };
        if !page.has_more {
            return page;
        }
        // All things at once, as the last part.
        asked.cursor = Some(page.cursor.clone());
        page.has_more = false;
        page.cursor.at = None;
        if !page.changes.is_empty() {
            return page;
        }
    }
}

#[tokio::test]
async fn what_no_server_sends_leaves_the_mirror_as_it_was() {
    let net = Net::on_sqlite(76).await;
    net.world.with_stage(|_| {}).await;
    let piece = net.world.piece(Some(net.world.now() + 3_600_000)).await;
    net.world.with_note(piece.content).await;
    let desk = Desk::new(&net, net.world.writer).await;
    desk.sync().await;
    let before = desk.rows().await;
    let good = whole(&net, &desk).await;
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(9.9e300),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1_u64 << 60),
        json!(""),
        json!("'; DROP TABLE content; --"),
        json!("\0"),
        json!("zz"),
        json!("abc"),
        json!([1, 2]),
        json!({"a": 1}),
        json!(uuid::Uuid::new_v4()),
    ];
    let (refused, tried) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let attempt = async |page: Page, what: String| {
        tried.fetch_add(1, Ordering::SeqCst);
        let mirror = desk.copied_mirror().await;
        let now = Instant(net.world.now());
        let said = mirror.pulled(Pulled::Page(page), now).await;
        if said.is_err() {
            refused.fetch_add(1, Ordering::SeqCst);
            let rows = crate::desk::rows_of(mirror.db(), net.world.org, desk.person).await;
            same(&what, &rows, &before);
        }
        said.is_err()
    };
    for (i, change) in good.changes.iter().enumerate() {
        // One of each kind.
        if good.changes[..i].iter().any(|c| c.entity == change.entity) {
            continue;
        }
        for (r, row) in change.rows.iter().enumerate().take(1) {
            for (c, (column, was)) in row.values.iter().enumerate() {
                let value = &values[(c + i) % values.len()];
                let mut page = good.clone();
                page.changes[i].rows[r]
                    .values
                    .insert(column.clone(), value.clone());
                let what = format!("{}.{column} = {value}", row.table);
                let is_refused = attempt(page, what.clone()).await;
                let same_kind = was.is_null()
                    || value.is_null()
                    || (was.is_string() && value.is_string())
                    || (was.is_i64() && value.is_i64())
                    || (was.is_boolean() && value.is_boolean());
                assert!(is_refused || same_kind, "{what} was taken");
            }
        }
    }
    let (refused, tried) = (refused.load(Ordering::SeqCst), tried.load(Ordering::SeqCst));
    assert!(tried > 120 && refused > 50, "{refused} of {tried}");
    let spoil = |edit: &dyn Fn(&mut Page)| {
        let mut page = good.clone();
        edit(&mut page);
        page
    };
    let content = good
        .changes
        .iter()
        .position(|c| c.entity == "content")
        .unwrap();
    let other = uuid::Uuid::new_v4().to_string();
    for (what, page) in [
        (
            "another's organization",
            spoil(&|p| p.changes[0].id = other.clone()),
        ),
        (
            "another's rows",
            spoil(&|p| p.changes[content].id = other.clone()),
        ),
        ("no id", spoil(&|p| p.changes[content].id = "no id".into())),
        (
            "a row of another thing",
            spoil(&|p| p.changes[content].rows[0].table = "person".into()),
        ),
        (
            "a key that is missing",
            spoil(&|p| drop(p.changes[content].rows[0].values.remove("id"))),
        ),
        (
            "a row twice",
            spoil(&|p| {
                let row = p.changes[content].rows[0].clone();
                p.changes[content].rows.push(row);
            }),
        ),
    ] {
        assert!(attempt(page, what.to_owned()).await, "{what}");
    }
    // What a later release has more of is left out.
    let later = spoil(&|p| {
        let row = &mut p.changes[content].rows[0];
        row.values.insert("mood".into(), Value::from("bright"));
        let mut row = row.clone();
        row.table = "content_mood".into();
        p.changes[content].rows.push(row);
        let mut change = p.changes[content].clone();
        change.entity = "mood".into();
        p.changes.push(change);
    });
    assert!(!attempt(later, "a later release".into()).await);
}

#[tokio::test]
async fn a_server_that_makes_no_sense_is_said_to() {
    let net = Net::on_sqlite(77).await;
    let desk = Desk::new(&net, net.world.writer).await;
    desk.sync().await;
    let before = desk.rows().await;
    let mut page = whole(&net, &desk).await;
    page.changes[0].id = "somebody else's".into();
    let odd = Scripted::new(move || Ok(Pulled::Page(page.clone())));
    let clock = Arc::new(engine::ManualClock::at(net.world.now()));
    let pump = pump_over(&desk, odd.clone(), clock);
    let said = pump.round().await.unwrap_err();
    assert!(matches!(said, NoAnswer::Refused(p) if p.code == Code::BadServer));
    assert!(odd.pulls.load(Ordering::SeqCst) < 4);
    assert!(matches!(
        &*pump.standing().borrow(),
        Standing::NeedsAttention { problem: Some(p), .. } if p.code == Code::BadServer
    ));
    same("as before", &desk.rows().await, &before);
    // It comes to its senses.
    desk.sync().await;
    same("again", &desk.rows().await, &before);
}

#[tokio::test]
async fn an_item_that_can_no_longer_be_shown_does_not_keep_a_pull_from_being_taken_in() {
    let net = Net::on_sqlite(78).await;
    let desk = Desk::new(&net, net.world.writer).await;
    desk.sync().await;
    desk.does(vec![typed(&net, 10)]).await.unwrap();
    // What is typed refers to nothing from now on.
    let broken = "CREATE TRIGGER breaks AFTER INSERT ON working_copy BEGIN \
         INSERT INTO muted_topic (organization_id, persona_id, topic, at) \
         VALUES (NEW.organization_id, x'00', 'x', 0); END";
    let made: Result<_, db::Error> = desk
        .mirror
        .db()
        .write(move |tx| {
            Box::pin(async move { tx.rows_dyn(broken.to_owned(), db::args![]).await.map(drop) })
        })
        .await;
    made.unwrap();
    let piece = net.world.piece(None).await;
    desk.pull().await;
    let facts = net.world.facts_in(desk.mirror.db()).await;
    assert!(facts.contents.iter().any(|c| c.id == piece.content));
    assert_eq!(desk.states().await, [store::sync::outbox::State::Waiting]);
}

#[tokio::test]
async fn a_batch_names_versions_only_where_they_matter() {
    let net = Net::on_sqlite(79).await;
    let desk = Desk::new(&net, net.world.writer).await;
    let piece = net.world.piece(None).await;
    desk.sync().await;
    desk.does(vec![Mutation::SendNow {
        delivery: piece.delivery,
    }])
    .await
    .unwrap();
    desk.does(vec![typed(&net, 10)]).await.unwrap();
    let push = desk.mirror.to_push().await.unwrap().unwrap();
    let batches: Vec<Batch> = push
        .items
        .iter()
        .map(|item| serde_json::from_str(&item.batch).unwrap())
        .collect();
    let meant: Vec<(&ContentId, &domain::Hash)> = batches[0].versions.iter().collect();
    assert_eq!(meant, [(&piece.content, &piece.hash)]);
    assert!(batches[1].versions.is_empty());
}
