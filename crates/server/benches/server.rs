//! A server of its own under load, over 100,000 contents of one organization, on SQLite and PostgreSQL that
//! wait for the disk, beside what the database does by itself through the same pool. `./dev bench server`
//! prints it. `ROSTRUM_SERVER_CONTENTS` takes fewer, `ROSTRUM_SERVER_SECONDS` measures each row for another
//! time.
//!
//! The load comes from this process, on the same cores: their shares stand beside each row.
#![expect(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a measurement fails by panicking; counts stay far below 2^53"
)]

use std::io::BufRead as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::Clock as _;
use app::secrets::{SecretStore, Vault};
use app::sync::{Line, Mirror, Pace, Pump, sign_in as sign_in_at};
use db::Db;
use domain::content::{Body, Variant};
use domain::ids::{ContentId, OrganizationId, PersonId, PersonaId};
use networks::{Http, HttpOptions, Registry};
use protocol::Mutation;
use reqwest::Client;
use serde_json::{Value, json};
use server::ground::{self, Choices, Place};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How many ask at a time.
const CALLERS: usize = 32;
const BATCH: usize = 500;
/// How often a poke is timed.
const POKES: usize = 50;

/// A number that whoever measures may choose.
fn chosen(name: &str, usual: usize) -> usize {
    let given = std::env::var(name).ok();
    given.map_or(usual, |n| n.parse().unwrap())
}

/// How long each row is measured.
fn length() -> Duration {
    Duration::from_secs(chosen("ROSTRUM_SERVER_SECONDS", 8) as u64)
}

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let contents = chosen("ROSTRUM_SERVER_CONTENTS", 100_000);
    let mut databases = vec![("sqlite", None)];
    match db::testing::postgres_durable_url().await {
        Some(url) => databases.push(("postgres", Some(url))),
        None => println!("server: PostgreSQL is left out, it is not here"),
    }
    for (name, url) in databases {
        measured(name, url, contents).await;
    }
}

/// A running server.
struct Running {
    child: Child,
    address: String,
    first: Option<String>,
    ready: Duration,
}

impl Running {
    async fn start(place: &Place) -> Self {
        let began = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_rostrum-server"));
        command.arg("--data").arg(&place.data);
        command.arg("--config").arg(&place.config);
        if let Some(url) = &place.database {
            command.arg("--database").arg(url);
        }
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (mut address, mut first) = (None, None);
        let lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
        for line in lines {
            let line = line.unwrap();
            if let Some((_, rest)) = line.split_once("served at ") {
                address = rest.split(',').next().map(|a| format!("http://{a}"));
                // Nobody is invited where somebody is.
                if place.data.join("filled").exists() {
                    break;
                }
            }
            if let Some((_, token)) = line.split_once("/#/join/") {
                first = Some(token.to_owned());
                break;
            }
        }
        let address = address.unwrap();
        let client = Client::new();
        let is_ready = format!("{address}/health/ready");
        while !client
            .get(&is_ready)
            .send()
            .await
            .is_ok_and(|a| a.status() == 204)
        {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Self {
            child,
            address,
            first,
            ready: began.elapsed(),
        }
    }

    /// Memory that it holds, MiB.
    fn memory(&self) -> f64 {
        let status = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(status).unwrap_or_default();
        let line = status.lines().find(|l| l.starts_with("VmRSS:"));
        let kib = line.and_then(|l| l.split_whitespace().nth(1)?.parse::<f64>().ok());
        kib.unwrap_or(f64::NAN) / 1024.0
    }

    fn stop(mut self) {
        // An orderly end, which closes the database.
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}

/// Seconds of a core that a process has used.
fn used(process: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat
        .rsplit(") ")
        .next()
        .unwrap_or_default()
        .split(' ')
        .collect();
    let ticks = |i: usize| {
        fields
            .get(i)
            .and_then(|f| f.parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    (ticks(11) + ticks(12)) / 100.0
}

async fn post(base: &str, path: &str, body: Value, token: Option<&str>) -> Value {
    let mut request = Client::new().post(format!("{base}{path}")).json(&body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.json().await.unwrap()
}

const PASSWORD: &str = "winter hut with two stoves";

async fn sign_in(base: &str) -> String {
    let login = json!({"email": "olga@hut.example", "password": PASSWORD});
    let opened = post(base, "/auth/login", login, None).await;
    opened["access"].as_str().unwrap().to_owned()
}

async fn measured(name: &str, database: Option<String>, contents: usize) {
    let home = tempfile::tempdir().unwrap();
    let place = Place {
        data: home.path().join("data"),
        config: home.path().join("config"),
        keys: None,
        database,
        local_services: false,
    };
    let (organization, person, persona) = founded(&place).await;
    let ids = Arc::new(filled(&place, organization, person, persona, contents).await);
    std::fs::write(place.data.join("filled"), "").unwrap();
    let running = Running::start(&place).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    println!(
        "server/{name}: ready after {:.0} ms [goal 200], {:.1} MiB at rest [goal 25]",
        running.ready.as_secs_f64() * 1000.0,
        running.memory()
    );
    let token = sign_in(&running.address).await;
    let server = running.child.id().to_string();
    let base = running.address.clone();
    let read = |ids: Arc<Vec<ContentId>>| {
        let base = base.clone();
        move |n: usize| {
            (
                format!("{base}/content/{}", ids[(n * 7919) % ids.len()]),
                None,
            )
        }
    };
    let reads = load(
        &format!("{name}: read a content"),
        &server,
        &token,
        read(Arc::clone(&ids)),
    )
    .await;
    let list = format!("{base}/content?limit=50");
    load(&format!("{name}: list 50"), &server, &token, move |_| {
        (list.clone(), None)
    })
    .await;
    let create = format!("{base}/content");
    let creates = load(
        &format!("{name}: create with audit"),
        &server,
        &token,
        move |n| (create.clone(), Some(new_content(persona, n))),
    )
    .await;
    desktops(name, &running, &token, contents / 10).await;
    running.stop();
    let (raw_reads, raw_writes) = raw(&place, organization, ids).await;
    println!(
        "server/{name}: read is {:.2} x the raw query in its transaction ({raw_reads:.0}/s) [goal 0.5], \
         create {:.2} x a raw transaction of four writes under the lock ({raw_writes:.0}/s) [goal 0.4]",
        reads / raw_reads,
        creates / raw_writes,
    );
}

fn new_content(persona: PersonaId, n: usize) -> Value {
    let text = format!("Snow came late in valley {n}.");
    json!({"persona": persona, "body": {"languages": ["en"], "shared": {"segments": [{"text": text, "media": []}], "options": {}}, "variants": {}, "targets": []}})
}

/// An owner and a persona.
async fn founded(place: &Place) -> (OrganizationId, PersonId, PersonaId) {
    let running = Running::start(place).await;
    let base = &running.address;
    let register = json!({"name": "Olga", "email": "olga@hut.example", "password": PASSWORD, "invitation": running.first});
    let opened = post(base, "/auth/register", register, None).await;
    let token = opened["access"].as_str().unwrap().to_owned();
    let me = Client::new()
        .get(format!("{base}/auth/me"))
        .bearer_auth(&token);
    let me: Value = me.send().await.unwrap().json().await.unwrap();
    let profile = json!({"name": "Ridge Report", "hue": "clay", "language": "en", "zone": "UTC"});
    let persona = post(base, "/personas", json!({"profile": profile}), Some(&token)).await;
    running.stop();
    let id = |value: &Value| value.as_str().unwrap().parse::<uuid::Uuid>().unwrap();
    let place = &me["organizations"][0];
    (
        id(&place["organization"]).into(),
        id(&place["person"]).into(),
        id(&persona["id"]).into(),
    )
}

/// Contents by the way of everybody, many in a transaction.
async fn filled(
    place: &Place,
    organization: OrganizationId,
    person: PersonId,
    persona: PersonaId,
    contents: usize,
) -> Vec<ContentId> {
    let began = Instant::now();
    let ground = ground::open(place, Choices::default()).await.unwrap();
    let app = ground.organizations.core(organization).for_member(person);
    let ids: Vec<ContentId> = (0..contents)
        .map(|_| ContentId(app::core::new_id()))
        .collect();
    for batch in ids.chunks(BATCH) {
        let mutations = batch.iter().map(|content| Mutation::SaveWorkingCopy {
            content: *content,
            persona,
            body: Body {
                shared: Variant::of_text(&format!("Snow came late in {content}.")),
                ..Body::default()
            },
            base: None,
        });
        app.apply_all(None, mutations.collect()).await.unwrap();
    }
    ground.close().await;
    println!(
        "server: {contents} contents in {:.0} s",
        began.elapsed().as_secs_f64()
    );
    ids
}

/// A desktop with the mirror of an organization.
struct Desktop {
    mirror: Mirror,
    pump: Arc<Pump>,
    _home: tempfile::TempDir,
}

impl Desktop {
    async fn join(base: &str, organization: OrganizationId) -> Self {
        let home = tempfile::tempdir().unwrap();
        let http = Http::new(HttpOptions::default()).unwrap();
        let server = http.server_address(base).unwrap();
        let (vault, config) = (home.path().join("vault"), home.path().join("config"));
        let secrets: Arc<dyn SecretStore> =
            Arc::new(Vault::new(&vault, &config, uuid::Uuid::from_u128(1), None));
        let login = ("olga@hut.example", PASSWORD);
        let places = sign_in_at(&http, &server, &secrets, login, None).await;
        let places = places.unwrap();
        let place = places.iter().find(|p| p.organization == organization);
        let db = Db::open_sqlite(&home.path().join("mirror.sqlite"))
            .await
            .unwrap();
        db.migrate().await.unwrap();
        let networks = Registry::standard(HttpOptions::default()).unwrap();
        let now = domain::Instant(app::SystemClock.wall());
        let person = place.unwrap().person;
        let mirror = Mirror::open(&db, organization, person, networks, now)
            .await
            .unwrap();
        let line = Arc::new(Line::new(http, server, organization, secrets));
        let pace = Pace {
            every: Duration::from_secs(3600),
            first: Duration::from_millis(50),
            most: Duration::from_millis(200),
        };
        let clock = Arc::new(app::SystemClock);
        let pump = Pump::new(mirror.clone(), line, clock, pace, Arc::new(|_| {}));
        Self {
            mirror,
            pump: Arc::new(pump),
            _home: home,
        }
    }

    async fn sees(&self, id: ContentId) -> bool {
        let org = self.mirror.organization();
        let read: Result<_, store::Error> = self
            .mirror
            .db()
            .read(move |tx| Box::pin(async move { store::content::get(tx, org, id).await }))
            .await;
        read.unwrap().is_some()
    }
}

/// How a desktop follows an organization of its own: so many changes at once, and one after the other.
async fn desktops(name: &str, running: &Running, token: &str, changes: usize) {
    let base = &running.address;
    let hut = post(
        base,
        "/organizations",
        json!({"name": "Quiet hut"}),
        Some(token),
    )
    .await;
    let organization: OrganizationId = hut["id"].as_str().unwrap().parse().unwrap();
    let of = |path: &str| format!("{base}{path}?organization={organization}");
    let create = |path: String, body: Value| {
        let request = Client::new().post(path).json(&body).bearer_auth(token);
        async move {
            let answer = request.send().await.unwrap();
            assert!(answer.status().is_success(), "{}", answer.status());
            answer.json::<Value>().await.unwrap()
        }
    };
    let profile = json!({"name": "Ridge Report", "hue": "clay", "language": "en", "zone": "UTC"});
    let persona = create(of("/personas"), json!({"profile": profile})).await;
    let persona: PersonaId = persona["id"].as_str().unwrap().parse().unwrap();
    let desktop = Desktop::join(base, organization).await;
    desktop.pump.round().await.unwrap();
    let mut left = changes;
    while left > 0 {
        let some = left.min(CALLERS);
        let made = (0..some).map(|n| create(of("/content"), new_content(persona, n)));
        futures::future::join_all(made).await;
        left -= some;
    }
    let began = Instant::now();
    desktop.pump.round().await.unwrap();
    let pulled = began.elapsed().as_secs_f64();
    println!(
        "server/{name}: a desktop has {changes} changes after {pulled:.2} s [goal 2 for 10000]"
    );

    let stop = CancellationToken::new();
    let (pump, until) = (Arc::clone(&desktop.pump), stop.clone());
    let follows = TaskTracker::new().spawn(async move { pump.run(until).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut times = Vec::with_capacity(POKES);
    for n in 0..POKES {
        let began = Instant::now();
        let made = create(of("/content"), new_content(persona, n)).await;
        let id: ContentId = made["row"]["id"].as_str().unwrap().parse().unwrap();
        while !desktop.sees(id).await {
            assert!(began.elapsed() < Duration::from_secs(30), "it is not seen");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        times.push(began.elapsed());
    }
    stop.cancel();
    let _ = follows.await;
    times.sort_unstable();
    let ms = |part: usize| times[times.len() * part / 100].as_secs_f64() * 1000.0;
    println!(
        "server/{name}: a change is seen on another desktop after p50 {:.0} ms, p98 {:.0} ms from when it \
         is asked for [goal 300]",
        ms(50),
        ms(98)
    );
}

/// So many requests a second.
async fn load<F>(name: &str, server: &str, token: &str, request: F) -> f64
where
    F: Fn(usize) -> (String, Option<Value>) + Clone + Send + 'static,
{
    let client = Client::builder()
        .pool_max_idle_per_host(CALLERS)
        .build()
        .unwrap();
    let length = length();
    let (began, theirs, ours) = (Instant::now(), used(server), used("self"));
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..CALLERS {
        let (client, token, request) = (client.clone(), token.to_owned(), request.clone());
        callers.spawn(async move {
            let mut times = Vec::new();
            let mut n = caller;
            while began.elapsed() < length {
                let (address, body) = request(n);
                let sent = match body {
                    Some(body) => client.post(address).json(&body),
                    None => client.get(address),
                };
                let at = Instant::now();
                let answer = sent.bearer_auth(&token).send().await.unwrap();
                assert!(answer.status().is_success(), "{}", answer.status());
                answer.bytes().await.unwrap();
                times.push(at.elapsed());
                n += CALLERS;
            }
            times
        });
    }
    let mut times: Vec<Duration> = callers.join_all().await.concat();
    let seconds = began.elapsed().as_secs_f64();
    times.sort_unstable();
    let ms = |part: usize| times[times.len() * part / 100].as_secs_f64() * 1000.0;
    let rate = times.len() as f64 / seconds;
    println!(
        "server/{name:34} {rate:7.0}/s, p50 {:6.1} ms, p99 {:6.1} ms = {:4.1} x p50; {:.2} ms of a core each, \
         cores: server {:.2}, load {:.2}",
        ms(50),
        ms(99),
        ms(99) / ms(50),
        (used(server) - theirs) * 1000.0 / times.len() as f64,
        (used(server) - theirs) / seconds,
        (used("self") - ours) / seconds,
    );
    rate
}

/// What the database does by itself, through the same pool: a read of one row in a transaction that names
/// its organization, and four writes under the organization's lock.
async fn raw(place: &Place, organization: OrganizationId, ids: Arc<Vec<ContentId>>) -> (f64, f64) {
    let db = match &place.database {
        Some(url) => Db::open_postgres(url).await.unwrap(),
        None => Db::open_sqlite(&sqlite(&place.data)).await.unwrap(),
    }
    .within(organization.0);
    let reads = {
        let ids = Arc::clone(&ids);
        rate(&db, move |db, n| {
            let id = ids[(n * 7919) % ids.len()];
            async move {
                let read = db.read(move |tx| {
                    Box::pin(async move { store::content::get(tx, organization, id).await })
                });
                assert!(read.await.unwrap().is_some());
            }
        })
        .await
    };
    let writes = rate(&db, move |db, n| {
        let ids = Arc::clone(&ids);
        async move {
            let id = ids[(n * 7919) % ids.len()];
            let write = db.write(move |tx| {
                Box::pin(async move {
                    let known = store::organization::lock(tx, organization).await?;
                    let seq = known.map_or(0, |o| o.head_seq) + 1;
                    let content = store::content::get(tx, organization, id).await?;
                    store::content::save(tx, organization, &content.unwrap()).await?;
                    let mark = domain::Hash([0; 32]);
                    store::organization::advance(tx, organization, seq, mark).await?;
                    let change = store::organization::Change {
                        seq,
                        mark,
                        entity: "content",
                        id: &id.to_string(),
                        op: "set",
                    };
                    store::organization::change(tx, organization, change).await?;
                    let kept = store::organization::Kept {
                        call: domain::Hash([0; 32]),
                        seq,
                        outcome: "{}".to_owned(),
                    };
                    let mutation = app::core::new_id().into();
                    store::organization::keep_result(
                        tx,
                        organization,
                        mutation,
                        &kept,
                        domain::Instant(0),
                    )
                    .await
                })
            });
            write.await.unwrap();
        }
    })
    .await;
    db.close().await;
    (reads, writes)
}

fn sqlite(data: &Path) -> std::path::PathBuf {
    data.join("rostrum.sqlite")
}

async fn rate<F, W>(db: &Db, work: F) -> f64
where
    F: Fn(Db, usize) -> W + Clone + Send + 'static,
    W: Future<Output = ()> + Send,
{
    let (began, length) = (Instant::now(), length());
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..CALLERS {
        let (db, work) = (db.clone(), work.clone());
        callers.spawn(async move {
            let mut done = 0_usize;
            while began.elapsed() < length {
                work(db.clone(), caller + done * CALLERS).await;
                done += 1;
            }
            done
        });
    }
    let done: usize = callers.join_all().await.into_iter().sum();
    done as f64 / began.elapsed().as_secs_f64()
}
