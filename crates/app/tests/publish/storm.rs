//! Four networks at once, on bad lines: each post is live once or in a state that a person sees,
//! and nobody waits for another's trouble.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::calls::Calls;
use app::publish::{Publisher, Terms};
use app::workflows;
use domain::delivery::{DeliveryStatus as D, HoldReason};
use engine::{Clock, Engine, Options, SystemClock};
use networks::Registry;
use networks::site::SiteAdapter;
use serde_json::json;
use store::delivery::Delivery;
use testkit::standin::gate::{self, Weather};
use testkit::standin::mastodon::Mastodon;
use testkit::standin::wire::{Answer, Fault, Request};
use testkit::standin::x::XStandIn;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::bluesky_server::Peer;
use crate::crash::ground::{Kept, Load, Place, account, deliveries, open, prepare_all};
use crate::crash::{Nobody, terms, x};
use crate::races::Dice;

const FAULTS: [Fault; 9] = [
    Fault::Throttle,
    Fault::Expired,
    Fault::DropBefore,
    Fault::DropAfter,
    Fault::CutAfter,
    Fault::BrokenBefore,
    Fault::BrokenAfter,
    Fault::GatewayBefore,
    Fault::GatewayAfter,
];

fn no(fault: Fault, expired: (u16, serde_json::Value)) -> Answer {
    match fault {
        Fault::Throttle => Answer::json(429, &json!({"error": "RateLimitExceeded"}))
            .with("retry-after", "1")
            .with(
                "x-rate-limit-reset",
                (SystemClock.wall() / 1000 + 1).to_string(),
            ),
        Fault::Expired => Answer::json(expired.0, &expired.1),
        other => panic!("{other:?} is no refusal"),
    }
}

fn bluesky_says(fault: Fault) -> Answer {
    let expired = json!({"error": "ExpiredToken", "message": "Token has expired"});
    no(fault, (400, expired))
}

fn mastodon_says(fault: Fault) -> Answer {
    no(
        fault,
        (401, json!({"error": "The access token is invalid"})),
    )
}

fn x_says(fault: Fault) -> Answer {
    no(
        fault,
        (401, json!({"title": "Unauthorized", "status": 401})),
    )
}

/// What it is like between us and the networks.
#[derive(Default)]
struct Sky {
    /// Accounts are connected in good weather.
    storms: AtomicBool,
    met: AtomicU32,
}

impl Sky {
    /// One request in 25 meets a fault of `faults`; signing in and renewing pass.
    fn storm(self: &Arc<Self>, name: &str, faults: Vec<Fault>) -> Weather {
        let (sky, dice) = (Arc::clone(self), Mutex::new(Dice::of(name)));
        Box::new(move |request: &Request| {
            let signs_in = request.path.contains("oauth") || request.path.contains("server.");
            if signs_in || !sky.storms.load(Ordering::SeqCst) {
                return None;
            }
            let mut dice = dice.lock().unwrap();
            let struck = dice.roll(25) == 0;
            let fault = faults[dice.roll(faults.len() as u64) as usize];
            sky.met.fetch_add(u32::from(struck), Ordering::SeqCst);
            struck.then_some(fault)
        })
    }

    /// Everything from the `n`th request on meets this.
    fn after(self: &Arc<Self>, n: u32, fault: Fault) -> Weather {
        let (sky, asked) = (Arc::clone(self), AtomicU32::new(0));
        Box::new(move |_| {
            let storms = sky.storms.load(Ordering::SeqCst);
            (storms && asked.fetch_add(1, Ordering::SeqCst) >= n).then_some(fault)
        })
    }
}

/// Publishes what is in the folder until `until` says that it is enough.
async fn publish(folder: &Path, x: &str, terms: Terms, until: impl Fn(&[Delivery]) -> bool) {
    let db = open(folder).await;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let networks = Registry::empty()
        .with(Arc::new(SiteAdapter::new().unwrap()))
        .with(Arc::new(crate::crash::ground::bluesky()))
        .with(Arc::new(crate::crash::ground::mastodon()))
        .with(Arc::new(x::adapter(x)));
    let publisher = Publisher::new(
        db.clone(),
        Arc::clone(&clock),
        networks,
        Calls::new(Arc::new(Kept::beside(folder)), Arc::clone(&clock)),
        Arc::new(Nobody),
        Arc::new(Nobody),
        Uuid::new_v4(),
        terms,
    );
    let registry = workflows::registry(&publisher, &crate::world::collector(), Arc::new(Nobody));
    let engine = Engine::new(db.clone(), clock, registry, Options::default());
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    engine.start(&tasks, stop.clone());
    while !until(&deliveries(&db).await) {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    stop.cancel();
    tasks.close();
    let _ = tokio::time::timeout(Duration::from_secs(40), tasks.wait()).await;
    db.close().await;
}

async fn x_at(server: &XStandIn, url: &str) -> Place {
    Place {
        network: "x",
        service: url.to_owned(),
        adapter: Arc::new(x::adapter(url)),
        connected: x::connect(server, url).await,
    }
}

/// How late the account's posts were, milliseconds, in order.
fn lateness(all: &[Delivery], n: usize) -> Vec<i64> {
    let mut late: Vec<i64> = all
        .iter()
        .filter(|d| d.identity == account(n) && d.status == D::Published)
        .filter_map(|d| Some(d.settled_at?.0 - d.planned.as_ref()?.at.0))
        .collect();
    late.sort_unstable();
    late
}

/// What a network has: each text how often.
fn counted<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut counted = BTreeMap::new();
    for text in texts {
        *counted.entry(text).or_default() += 1;
    }
    counted
}

/// Each post of the account is live once where the tables say so, and nowhere twice.
fn check(name: &str, all: &[Delivery], n: usize, live: &BTreeMap<&str, usize>) {
    let mine: Vec<&Delivery> = all.iter().filter(|d| d.identity == account(n)).collect();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for delivery in &mine {
        *seen.entry(delivery.status.as_str()).or_default() += 1;
        assert!(
            matches!(delivery.status, D::Published | D::Unconfirmed | D::Failed)
                || delivery.hold == Some(HoldReason::Account),
            "{name}: {delivery:?}"
        );
    }
    println!("{name}: {seen:?}");
    assert!(live.values().all(|times| *times == 1), "{name}: {live:?}");
    let count = |status: &str| seen.get(status).copied().unwrap_or_default();
    let known = count("published");
    assert!(
        (known..=known + count("unconfirmed")).contains(&live.len()),
        "{name}: {} are live; {seen:?}",
        live.len()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_posts_on_bad_lines_are_each_live_once_or_a_person_sees_why_not() {
    let Some(peer) = Peer::start(false) else {
        return;
    };
    let temp = tempfile::tempdir().unwrap();
    let sky = Arc::new(Sky::default());
    let mastodon = || Mastodon::start(Arc::new(|| SystemClock.wall()));
    let (first, second) = (mastodon(), mastodon());
    let xs = XStandIn::start().unwrap();
    let bluesky = gate::open(
        peer.text("/service"),
        sky.storm("bluesky", FAULTS.to_vec()),
        bluesky_says,
    );
    // Its tokens do not end of themselves.
    let mut unsigned = FAULTS.to_vec();
    unsigned.retain(|fault| *fault != Fault::Expired);
    let weather = sky.storm("mastodon", unsigned);
    let calls = gate::open(&first.url(), weather, mastodon_says);
    let weather = sky.after(40, Fault::Expired);
    let locked = gate::open(&second.url(), weather, mastodon_says);
    let x_gate = gate::open(&xs.url(), sky.storm("x", FAULTS.to_vec()), x_says);
    let mut locked = Place::mastodon_at(&second, &locked).await;
    // Both stand-ins call their account the same.
    locked.connected.facts.remote_id.push_str("-locked");
    let places = [
        Place::site(temp.path()).await,
        Place::bluesky_at(&peer, &bluesky).await,
        Place::mastodon_at(&first, &calls).await,
        locked,
        x_at(&xs, &x_gate).await,
    ];
    sky.storms.store(true, Ordering::SeqCst);
    let from = SystemClock.wall() + 20_000;
    let load = |deliveries| Load {
        deliveries,
        segments: 1,
        first: Some(from),
        every: 200,
        hand_off: false,
    };
    let counts = [250, 250, 200, 50, 250];
    let work: Vec<(&Place, Load)> = places.iter().zip(counts.map(load)).collect();
    prepare_all(temp.path(), &work).await;
    println!("prepared {} ms before the first", from - SystemClock.wall());
    publish(temp.path(), &x_gate, terms(), |all| {
        all.iter().all(|d| {
            d.hold == Some(HoldReason::Account)
                || !(d.status.is_waiting() || d.status == D::Sending)
        })
    })
    .await;
    let db = open(temp.path()).await;
    let all = deliveries(&db).await;
    assert_eq!(all.len(), 1_000);
    for (n, place) in places.iter().enumerate() {
        let late = lateness(&all, n);
        let at = |part: usize| {
            late.get(late.len() * part / 100)
                .copied()
                .unwrap_or_default()
        };
        println!(
            "{}: late p50 {} ms, p99 {} ms, most {} ms",
            place.network,
            at(50),
            at(99),
            late.last().copied().unwrap_or_default()
        );
    }
    let met = sky.met.load(Ordering::SeqCst);
    println!("{met} faults");
    let published = all.iter().filter(|d| d.status == D::Published).count();
    assert!(published > 900, "only {published} are live");
    let posts = peer.posts(&places[1].connected.facts.remote_id).await;
    let texts = posts.iter().map(|p| p["value"]["text"].as_str().unwrap());
    check("bluesky", &all, 1, &counted(texts));
    let (one, two) = (first.texts(), second.texts());
    check(
        "mastodon",
        &all,
        2,
        &counted(one.iter().map(String::as_str)),
    );
    check("locked", &all, 3, &counted(two.iter().map(String::as_str)));
    let held = all.iter().filter(|d| d.status == D::Held).count();
    assert!(held > 0, "the account that was locked out holds its posts");
    let on_x = xs.posts();
    check("x", &all, 4, &counted(on_x.iter().map(|p| p.text.as_str())));
    let site = all.iter().filter(|d| d.identity == account(0));
    assert!(
        site.into_iter().all(|d| d.status == D::Published),
        "nothing was wrong with the site"
    );
    assert!(met > 20, "only {met} faults");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_never_answers_keeps_nobody_else_waiting() {
    let temp = tempfile::tempdir().unwrap();
    let (mastodon, xs) = (
        Mastodon::start(Arc::new(|| SystemClock.wall())),
        XStandIn::start().unwrap(),
    );
    let sky = Arc::new(Sky::default());
    let weather = sky.after(0, Fault::HangBefore);
    let silent = gate::open(&mastodon.url(), weather, mastodon_says);
    let places = [
        Place::site(temp.path()).await,
        Place::mastodon_at(&mastodon, &silent).await,
        x_at(&xs, &xs.url()).await,
    ];
    sky.storms.store(true, Ordering::SeqCst);
    let load = Load {
        deliveries: 25,
        segments: 1,
        first: None,
        every: 0,
        hand_off: false,
    };
    let work: Vec<(&Place, Load)> = places.iter().map(|place| (place, load)).collect();
    prepare_all(temp.path(), &work).await;
    let of = |all: &[Delivery], n: usize, status: D| {
        let mine = |d: &&Delivery| d.identity == account(n) && d.status == status;
        all.iter().filter(mine).count()
    };
    publish(temp.path(), &xs.url(), Terms::default(), |all| {
        let others = of(all, 0, D::Published) == 25 && of(all, 2, D::Published) == 25;
        if others {
            // Its first request still hangs: the other two did not wait for its end.
            assert_eq!(of(all, 1, D::Sending), 1);
        }
        others
    })
    .await;
    assert_eq!(mastodon.texts().len(), 0);
}
