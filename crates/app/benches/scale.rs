//! The window's reads over 100,000 contents, beside the same over 100. `./dev bench scale` prints
//! them, `./dev bench scale week` those with that word in their name; filling the folder takes a
//! minute or two. `ROSTRUM_SCALE_FOLDER` keeps the full one, for the next time too.
#![expect(clippy::expect_used, reason = "a measurement fails by panicking")]

use std::path::Path;
use std::time::{Duration, Instant as Start};

use app::App;
use app::host::{self, Host, Options};
use app::sync::{self, Limits, Mirror};
use domain::Instant;
use domain::status::ContentStatus;
use protocol::Query;
use protocol::query::{Foremost, QueueFilter};

const CONTENTS: usize = 100_000;
const DAY: i64 = 24 * 60 * 60 * 1000;
const RUNS: usize = 60;
const PAGE_GOAL: Duration = Duration::from_millis(20);
const SEARCH_GOAL: Duration = Duration::from_millis(50);
/// Issue 4's, for 10,000 changes.
const PULL_GOAL: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let temp = tempfile::tempdir().expect("a folder");
    let kept = std::env::var_os("ROSTRUM_SCALE_FOLDER").map(std::path::PathBuf::from);
    let root = kept.unwrap_or_else(|| temp.path().join("full"));
    let small = filled(&temp.path().join("small"), 100).await;
    let begun = Start::now();
    let full = filled(&root, CONTENTS).await;
    println!("scale: filled in {:.0} s", begun.elapsed().as_secs_f64());
    let mut missed = false;
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&String> = words.iter().filter(|w| !w.starts_with("--")).collect();
    for (name, queries, goal) in rows(full.app.now().0) {
        if !words.is_empty() && !words.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        let before = measured(&small.app, &queries).await;
        let now = measured(&full.app, &queries).await;
        let p95 = now[now.len() * 95 / 100];
        let ratio = now[now.len() / 2].as_secs_f64() / before[before.len() / 2].as_secs_f64();
        let verdict = if p95 <= goal { "ok" } else { "MISSED" };
        missed |= p95 > goal;
        println!(
            "scale/{name:34} p50 {:6.1} ms, p95 {:6.1} ms = {ratio:5.1} x that of 100  [goal p95 <= {} ms: {verdict}]",
            ms(now[now.len() / 2]),
            ms(p95),
            goal.as_millis(),
        );
    }
    if words.is_empty() || words.iter().any(|word| "pull".contains(word.as_str())) {
        missed |= pulls(&full.app, temp.path()).await > PULL_GOAL;
    }
    small.stop().await;
    full.stop().await;
    if missed {
        std::process::ExitCode::FAILURE
    } else {
        std::process::ExitCode::SUCCESS
    }
}

/// Pulls to the end; answers in how many parts.
async fn pull(app: &App, mirror: &Mirror) -> usize {
    let mut parts = 0;
    loop {
        let asked = mirror.to_pull().await.expect("a question");
        let (org, person, limits) = (app.organization(), mirror.person(), Limits::default());
        let pulled = sync::pull(app.db(), org, person, asked, limits).await;
        parts += 1;
        let taken = mirror.pulled(pulled.expect("a part"), app.now()).await;
        if !taken.expect("a part that fits").0 {
            return parts;
        }
    }
}

/// What a desktop waits for that joins, and one that was away while 10,000 posts changed; answers
/// how long the latter took.
async fn pulls(app: &App, folder: &Path) -> Duration {
    let db = db::Db::open_sqlite(&folder.join("mirror.sqlite"))
        .await
        .expect("a file");
    db.migrate().await.expect("the tables");
    let me = app.me().await.expect("an answer").expect("somebody").id;
    let networks = app.networks().clone();
    let mirror = Mirror::open(&db, app.organization(), me, networks, app.now())
        .await
        .expect("a mirror");
    let begun = Start::now();
    let parts = pull(app, &mirror).await;
    let took = begun.elapsed().as_secs_f64();
    println!("scale/pull of {CONTENTS} posts, the first   {took:6.1} s in {parts} parts");
    let org = app.organization();
    let changed: Result<(), store::Error> = app
        .db()
        .write(move |tx| {
            Box::pin(async move {
                let sql = "SELECT id FROM content LIMIT 10000".to_owned();
                let rows = tx.rows_dyn(sql, db::args![]).await?;
                let head = store::organization::lock(tx, org).await?;
                let mut seq = head.map_or(0, |org| org.head_seq);
                for row in rows {
                    seq += 1;
                    let id = row.get::<db::Uuid>("id")?.to_string();
                    let mark = domain::Hash::of(&seq.to_le_bytes());
                    let change = store::organization::Change {
                        seq,
                        mark,
                        entity: "content",
                        id: &id,
                        op: "set",
                    };
                    store::organization::change(tx, org, change).await?;
                    store::organization::advance(tx, org, seq, mark).await?;
                }
                Ok(())
            })
        })
        .await;
    changed.expect("10,000 changes");
    let begun = Start::now();
    let parts = pull(app, &mirror).await;
    let took = begun.elapsed();
    let verdict = if took <= PULL_GOAL { "ok" } else { "MISSED" };
    println!(
        "scale/pull of 10000 changed posts         {:6.2} s in {parts} parts  [goal {} s: {verdict}]",
        took.as_secs_f64(),
        PULL_GOAL.as_secs(),
    );
    took
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

async fn filled(root: &Path, contents: usize) -> Host {
    // Its mirror lies beside it.
    let config = root.with_extension("config");
    if root.exists() {
        let host = host::open(root, &config, Options::default());
        return host.await.expect("the folder of the last time");
    }
    let host = host::init(root, &config, Options::default())
        .await
        .expect("a data folder");
    testkit::crowd::fill(&host.app, contents).await;
    host
}

async fn measured(app: &App, queries: &[Query]) -> Vec<Duration> {
    let mut times = Vec::new();
    for _ in 0..RUNS.div_ceil(queries.len()) {
        for query in queries {
            let begun = Start::now();
            app.query(query.clone(), None).await.expect("an answer");
            times.push(begun.elapsed());
        }
    }
    times.sort_unstable();
    times
}

fn rows(now: i64) -> Vec<(&'static str, Vec<Query>, Duration)> {
    let queue = |filter: QueueFilter| Query::Queue {
        filter,
        cursor: None,
        limit: 50,
    };
    let month = |ago: i64| Query::Calendar {
        from: Instant(now - (ago * 30 + 35) * DAY),
        to: Instant(now - ago * 30 * DAY),
        persona: None,
        network: None,
        foremost: Some(Foremost {
            zone: "Europe/Berlin".into(),
            each: 4,
        }),
    };
    let week = |ago: i64| Query::Calendar {
        from: Instant(now - (ago + 9) * DAY),
        to: Instant(now - ago * DAY),
        persona: None,
        network: None,
        foremost: None,
    };
    let status = |status| {
        queue(QueueFilter {
            statuses: vec![status],
            ..QueueFilter::default()
        })
    };
    let search = |search: String| {
        queue(QueueFilter {
            search: Some(search),
            ..QueueFilter::default()
        })
    };
    // As typed: a frequent word letter by letter, then rare ones, then two of them.
    let typed: Vec<Query> = (1..=5)
        .map(|n| testkit::crowd::word(3).chars().take(n).collect())
        .chain((0..40).map(|n| testkit::crowd::word(n * 499)))
        .chain((1..16).map(|n| {
            let (one, two) = (testkit::crowd::word(n), testkit::crowd::word(n * 31));
            format!("{one} {two}")
        }))
        .map(search)
        .collect();
    vec![
        (
            "queue, first page",
            vec![queue(QueueFilter::default())],
            PAGE_GOAL,
        ),
        (
            "queue, what needs somebody",
            vec![queue(QueueFilter {
                needs: true,
                ..QueueFilter::default()
            })],
            PAGE_GOAL,
        ),
        (
            "queue, by status",
            vec![
                status(ContentStatus::Scheduled),
                status(ContentStatus::Draft),
                status(ContentStatus::InReview),
            ],
            PAGE_GOAL,
        ),
        ("calendar, a month", (0..3).map(month).collect(), PAGE_GOAL),
        (
            "calendar, a month ahead",
            (-4..-1).map(month).collect(),
            PAGE_GOAL,
        ),
        (
            "calendar, a week whole",
            (0..3).map(week).collect(),
            PAGE_GOAL,
        ),
        ("search as you type", typed, SEARCH_GOAL),
        (
            "today",
            vec![Query::Today {
                zone: "Europe/Berlin".into(),
            }],
            PAGE_GOAL,
        ),
        ("the frame", vec![Query::Overview {}], PAGE_GOAL),
    ]
}
