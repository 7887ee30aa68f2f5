//! Ideas: from what servers publish to what a person takes or leaves.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use app::App;
use app::act::Way;
use app::host::{self, Host, Options};
use domain::idea::{DismissReason, SuggestionKind, SuggestionStatus};
use domain::ids::*;
use domain::persona::{Audience, PersonaProfile};
use domain::source::{Feed, Source, SourceKind};
use domain::time::{DAY, HOUR, MINUTE};
use domain::version::VersionDoc;
use domain::{Hash, Instant};
use networks::HttpOptions;
use protocol::{Act, Code, Mutation, Query};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::world::{Piece, World, id, suggestion};

/// Serves one feed at an address of this machine; what it answers can be changed.
struct Paper {
    address: String,
    answer: Arc<Mutex<(u16, String)>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Paper {
    /// At `127.0.0.n`: another owner than all other numbers.
    fn new(n: u8, feed: String) -> Self {
        let listener = TcpListener::bind((format!("127.0.0.{n}"), 0)).unwrap();
        let address = format!("http://{}/feed.xml", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new((200, feed)));
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (said, heard) = (Arc::clone(&answer), Arc::clone(&asked));
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut buffer = [0_u8; 8192];
                let n = stream.read(&mut buffer).unwrap_or(0);
                let head = String::from_utf8_lossy(&buffer[..n]).into_owned();
                let (mut status, mut body) = (404, String::new());
                if head.starts_with("GET /feed.xml") {
                    (status, body) = said.lock().unwrap().clone();
                }
                heard.lock().unwrap().push(head);
                let answer = format!(
                    "HTTP/1.1 {status} -\r\nContent-Type: text/xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self {
            address,
            answer,
            asked,
        }
    }

    fn says(&self, status: u16, feed: String) {
        *self.answer.lock().unwrap() = (status, feed);
    }

    fn asked(&self) -> usize {
        let asked = self.asked.lock().unwrap();
        asked
            .iter()
            .filter(|head| head.starts_with("GET /feed.xml"))
            .count()
    }

    fn source(&self, persona: PersonaId) -> Source {
        Source {
            feed: Feed {
                kind: SourceKind::Feed,
                address: self.address.clone(),
                tag: String::new(),
            },
            name: String::new(),
            personas: vec![persona],
        }
    }
}

fn item(n: usize, title: &str, text: &str, at: Instant) -> String {
    let date = at.to_chrono().to_rfc2822();
    format!(
        "<item><guid>{n}</guid><title>{title}</title><link>https://paper.example/{n}</link>\
         <description>{text}</description><pubDate>{date}</pubDate></item>"
    )
}

fn feed(title: &str, items: &[String]) -> String {
    format!(
        "<rss version=\"2.0\"><channel><title>{title}</title><language>en</language>{}</channel></rss>",
        items.concat()
    )
}

/// Words that no other text has in this order: copies of a text count once.
fn words(seed: usize) -> String {
    const WORDS: [&str; 20] = [
        "harbour",
        "committee",
        "lantern",
        "violin",
        "orchard",
        "timber",
        "ferry",
        "saddle",
        "copper",
        "meadow",
        "carpet",
        "whistle",
        "pepper",
        "window",
        "ladder",
        "biscuit",
        "marble",
        "needle",
        "pocket",
        "thunder",
    ];
    let mut dice = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed as u64 + 1);
    let mut word = || {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        WORDS[(dice % WORDS.len() as u64) as usize]
    };
    (0..9).map(|_| word()).collect::<Vec<_>>().join(" ")
}

/// What a paper usually says: something else every few hours for ten days.
fn usual(paper: usize, now: Instant) -> Vec<String> {
    const TOPICS: [&str; 8] = [
        "Council debates bridge repair",
        "Bakery opens near station",
        "Orchestra plays at night",
        "Football club signs keeper",
        "School garden wins prize",
        "Library extends its hours",
        "Market moves to the square",
        "Theatre shows an old comedy",
    ];
    (0..40)
        .map(|n| {
            let title = format!(
                "{} edition {paper}x{n}",
                TOPICS[(n * 3 + paper) % TOPICS.len()]
            );
            let at = now.plus(-10 * DAY + (n * 6) as i64 * HOUR);
            item(n, &title, &words(n * 4 + paper), at)
        })
        .collect()
}

/// The same news in words of each paper's own.
fn news(paper: usize, now: Instant) -> Vec<String> {
    let said = [
        [
            "Avalanche closes the northern pass",
            "Skiers warned of avalanche danger",
        ],
        [
            "Pass shut after a large avalanche",
            "Rescue teams search avalanche debris",
        ],
        [
            "Avalanche danger raised to level four",
            "Huts empty as avalanche blocks road",
        ],
        [
            "Avalanche buries road to the huts",
            "Villages cut off by the avalanche",
        ],
    ];
    said[paper]
        .iter()
        .enumerate()
        .map(|(n, title)| {
            let at = now.plus(-(20 + 10 * paper as i64) * MINUTE - n as i64 * HOUR);
            item(100 + n, title, &words(500 + n * 4 + paper), at)
        })
        .collect()
}

async fn hosted(folder: &std::path::Path) -> Host {
    let http = HttpOptions {
        allow_private: true,
        ..HttpOptions::default()
    };
    let options = Options {
        http,
        ..Options::default()
    };
    host::init(&folder.join("data"), &folder.join("config"), options)
        .await
        .unwrap()
}

async fn persona(app: &App, interests: &[&str]) -> PersonaId {
    let persona = id();
    let profile = PersonaProfile {
        name: "Hut".into(),
        zone: "UTC".into(),
        language: "en".into(),
        audiences: vec![Audience {
            interests: interests.iter().map(|i| (*i).to_owned()).collect(),
            ..Audience::default()
        }],
        ..PersonaProfile::default()
    };
    let save = Mutation::SavePersona {
        id: persona,
        profile,
        chain: None,
    };
    app.apply_all(None, vec![save]).await.unwrap();
    persona
}

fn way() -> Way {
    Way::quiet(None, CancellationToken::new())
}

async fn follow(app: &App, papers: &[Paper], persona: PersonaId) {
    let all = papers.iter().map(|paper| Mutation::SaveSource {
        id: id(),
        source: paper.source(persona),
    });
    app.apply_all(None, all.collect()).await.unwrap();
}

/// Reads everything that is due, and looks at it.
async fn look(host: &Host) -> Value {
    let app = &host.app;
    host.until_idle().await.unwrap();
    app.act(Act::CollectNow { source: None }, &way())
        .await
        .unwrap();
    host.until_idle().await.unwrap();
    let trouble = Query::Runs {
        subject: None,
        trouble: true,
        cursor: None,
        limit: 10,
    };
    let trouble = app.query(trouble, None).await.unwrap();
    assert_eq!(trouble["rows"], serde_json::json!([]));
    app.query(Query::Ideas { persona: None }, None)
        .await
        .unwrap()
}

#[tokio::test]
async fn what_several_papers_say_at_once_is_a_trend_and_can_be_taken() {
    let folder = tempfile::tempdir().unwrap();
    let host = hosted(folder.path()).await;
    let app = &host.app;
    app.add_first_person(id(), "Mara".into()).await.unwrap();
    let hut = persona(app, &["avalanche", "mountain huts"]).await;
    let other = persona(app, &["opera"]).await;
    let now = app.now();
    let papers: Vec<Paper> = (0..4)
        .map(|n| {
            Paper::new(
                11 + n as u8,
                feed(
                    &format!("Paper {n}"),
                    &[usual(n, now), news(n, now)].concat(),
                ),
            )
        })
        .collect();
    follow(app, &papers, hut).await;
    host.start().await.unwrap();
    let ideas = look(&host).await;

    let trends = ideas["trends"].as_array().unwrap();
    let trend = trends
        .iter()
        .find(|t| {
            t["facts"]["title"]
                .as_str()
                .unwrap()
                .to_lowercase()
                .contains("avalanche")
        })
        .unwrap_or_else(|| panic!("{ideas}"));
    assert_eq!(trend["facts"]["sources"], 4);
    assert!(trend["facts"]["evidence"].as_array().unwrap().len() >= 4);
    assert_eq!(trend["facts"]["curve"].as_array().unwrap().len(), 14);
    assert_eq!(trend["rising"], true);
    // It is something for whom it interests and who follows these papers.
    let fits = trend["fits"].as_array().unwrap();
    assert_eq!(fits.len(), 1);
    assert_eq!(fits[0]["persona"]["id"], hut.to_string());
    assert!(
        fits[0]["fit"]["relevance"].as_u64().unwrap() >= 8,
        "{fits:?}"
    );
    let why = fits[0]["fit"]["why"].to_string();
    assert!(why.contains("\"interest\":\"avalanche\""), "{why}");
    assert_eq!(ideas["without"], serde_json::json!([other.to_string()]));

    // Seen again it is the same trend, and the same suggestion.
    let again = look(&host).await;
    let ids = |ideas: &Value, what: &str| -> Vec<Value> {
        ideas[what]
            .as_array()
            .unwrap()
            .iter()
            .map(|i| i["id"].clone())
            .collect()
    };
    assert_eq!(ids(&ideas, "trends"), ids(&again, "trends"));
    assert_eq!(ids(&ideas, "suggestions"), ids(&again, "suggestions"));

    let joining = again["suggestions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["kind"] == "join_trend")
        .unwrap();
    let suggestion: SuggestionId = joining["id"].as_str().unwrap().parse().unwrap();
    // Not our topic: it goes, and so does the trend; taken back, it is there again.
    let dismiss = Mutation::DismissSuggestion {
        id: suggestion,
        reason: DismissReason::NotOurTopic,
    };
    app.apply_all(None, vec![dismiss]).await.unwrap();
    let without = look(&host).await;
    assert!(!ids(&without, "suggestions").contains(&joining["id"]));
    assert_eq!(without["dismissed"][0]["id"], joining["id"]);
    assert_eq!(without["learned"][0]["answers"], 1);
    let muted = without["learned"][0]["muted"][0].as_str().unwrap();
    assert!(muted.contains("avalanche"), "{muted}");
    app.apply_all(None, vec![Mutation::ReopenSuggestion { id: suggestion }])
        .await
        .unwrap();
    let back = look(&host).await;
    assert!(ids(&back, "suggestions").contains(&joining["id"]));
    assert_eq!(
        back["learned"][0]["answers"], 0,
        "nothing was learned of what was taken back"
    );

    let content = id();
    let take = Mutation::TakeSuggestion {
        id: suggestion,
        content,
    };
    app.apply_all(None, vec![take]).await.unwrap();
    let outline = app.query(Query::Outline { content }, None).await.unwrap();
    assert_eq!(outline["unedited"], true);
    assert!(
        !outline["suggestion"]["facts"]["evidence"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let content = app
        .query(Query::Content { id: content }, None)
        .await
        .unwrap();
    assert!(
        !content.to_string().contains("paper.example"),
        "no link of a stranger is in it"
    );
    host.stop().await;
}

#[tokio::test]
async fn how_it_stands_with_a_source_is_said_and_a_failure_waits() {
    let folder = tempfile::tempdir().unwrap();
    let host = hosted(folder.path()).await;
    let app = &host.app;
    app.add_first_person(id(), "Mara".into()).await.unwrap();
    let hut = persona(app, &[]).await;
    let now = app.now();
    let papers: Vec<Paper> = (0..3).map(|n| Paper::new(21 + n, String::new())).collect();
    papers[0].says(200, feed("Paper", &usual(0, now)));
    papers[1].says(410, String::new());
    papers[2].says(200, "<html>no feed</html>".into());
    follow(app, &papers, hut).await;
    host.start().await.unwrap();
    host.until_idle().await.unwrap();
    let sources = app.query(Query::Sources {}, None).await.unwrap();
    let of = |sources: &Value, paper: &Paper| {
        let all = sources.as_array().unwrap().clone();
        let is = |s: &Value| s["source"]["feed"]["address"] == paper.address.as_str();
        all.into_iter().find(is).unwrap()
    };
    let fine = of(&sources, &papers[0]);
    assert_eq!(
        (&fine["health"], &fine["title"]),
        (&"fine".into(), &"Paper".into())
    );
    assert_eq!(fine["items"], 40);
    let gone = of(&sources, &papers[1]);
    assert_eq!(
        (&gone["health"], &gone["trouble"]),
        (&"stopped".into(), &"gone".into())
    );
    assert!(gone["next_at"].is_null());
    let odd = of(&sources, &papers[2]);
    assert_eq!(
        (&odd["health"], &odd["trouble"]),
        (&"trouble".into(), &"not_a_feed".into())
    );
    assert_eq!(odd["failures"], 1);

    // A person asks: also what was given up is read again.
    papers[1].says(200, feed("Back", &[]));
    let before = papers[0].asked();
    app.act(Act::CollectNow { source: None }, &way())
        .await
        .unwrap();
    host.until_idle().await.unwrap();
    let sources = app.query(Query::Sources {}, None).await.unwrap();
    assert_eq!(of(&sources, &papers[1])["health"], "fine");
    assert_eq!(papers[0].asked(), before + 1);

    // Removed with all that was read of it, and not asked again.
    let source: SourceId = fine["id"].as_str().unwrap().parse().unwrap();
    app.apply_all(None, vec![Mutation::RemoveSource { id: source }])
        .await
        .unwrap();
    let refused = app
        .act(
            Act::CollectNow {
                source: Some(source),
            },
            &way(),
        )
        .await;
    assert_eq!(refused.unwrap_err().code, Code::NotFound);
    app.act(Act::CollectNow { source: None }, &way())
        .await
        .unwrap();
    host.until_idle().await.unwrap();
    assert_eq!(papers[0].asked(), before + 1);
    host.stop().await;
}

#[tokio::test]
async fn lists_of_feeds_come_in_and_go_out() {
    let folder = tempfile::tempdir().unwrap();
    let host = hosted(folder.path()).await;
    let app = &host.app;
    app.add_first_person(id(), "Mara".into()).await.unwrap();
    let hut = persona(app, &[]).await;
    let text = "<opml version='2.0'><body><outline text='A &amp; B' xmlUrl='https://a.invalid/feed'/>\
                <outline xmlUrl='https://b.invalid/feed'/></body></opml>";
    let import = || Act::ImportOpml {
        text: text.into(),
        personas: vec![hut],
    };
    let first = app.act(import(), &way()).await.unwrap();
    assert_eq!(first, serde_json::json!({"added": 2, "known": 0}));
    let again = app.act(import(), &way()).await.unwrap();
    assert_eq!(again, serde_json::json!({"added": 0, "known": 2}));
    let out = app.act(Act::ExportOpml {}, &way()).await.unwrap();
    assert_eq!(out["feeds"], 2);
    let text = out["text"].as_str().unwrap();
    assert!(
        text.contains("A &amp; B") && text.contains("https://b.invalid/feed"),
        "{text}"
    );
    let twice = Mutation::SaveSource {
        id: id(),
        source: Source {
            feed: Feed {
                kind: SourceKind::Feed,
                address: "HTTPS://A.invalid/feed#x".into(),
                tag: String::new(),
            },
            name: String::new(),
            personas: vec![hut],
        },
    };
    let refused = app.apply_all(None, vec![twice]).await.unwrap_err();
    assert_eq!(refused.code, Code::Conflict);
    host.stop().await;
}

async fn submitted(world: &World, content: ContentId, n: u32, text: &str) -> Result<(), Code> {
    let hash: Hash = world.save(world.writer, content, n, text).await?;
    let piece = Piece {
        content,
        delivery: id(),
        request: id(),
        hash,
    };
    world
        .by(world.writer, world.request(piece, n))
        .await
        .map(drop)
}

#[tokio::test]
async fn an_outline_is_not_submitted_before_somebody_wrote_it() {
    for world in World::each().await {
        let content = id();
        let take = || Mutation::TakeSuggestion {
            id: world.suggestion,
            content,
        };
        world.by(world.writer, take()).await.unwrap();
        assert_eq!(world.by(world.writer, take()).await, Err(Code::WrongState));
        let facts = world.facts().await;
        let copy = facts.copies[&content].as_ref().unwrap();
        assert_eq!(copy.body.shared.segments[0].text, "OTHER words of long ago");
        assert_eq!(copy.body.title, "OTHER title");
        assert_eq!(copy.body.targets, world.accounts);
        // Nothing of a stranger's is in what is begun, and nothing goes out of it by itself.
        let begun = format!(
            "{copy:?}{:?}{:?}",
            facts.contents, facts.deliveries[&content]
        );
        assert!(!begun.to_lowercase().contains("stranger"), "{begun}");
        assert!(facts.deliveries[&content].iter().all(|d| d.run.is_none()));
        assert!(facts.requests[&content].is_empty());

        let same = submitted(&world, content, 1, " OTHER words\nof long ago ").await;
        assert_eq!(same, Err(Code::OutlineUnedited));
        let other = submitted(&world, content, 2, "OTHER words of today").await;
        assert_eq!(other, Ok(()));
        // Title and accounts stayed as suggested only in part: it was taken and edited.
        let became = world.suggestion(world.suggestion).await;
        assert_eq!(became.status, SuggestionStatus::Edited);
        assert_eq!(became.content, Some(content));
    }
}

#[tokio::test]
async fn what_was_answered_cannot_be_answered_again_but_a_dismissal_can_be_taken_back() {
    for world in World::each().await {
        let dismiss = |reason| Mutation::DismissSuggestion {
            id: world.suggestion,
            reason,
        };
        let take = Mutation::TakeSuggestion {
            id: world.suggestion,
            content: id(),
        };
        let reopen = Mutation::ReopenSuggestion {
            id: world.suggestion,
        };
        assert_eq!(
            world.by(world.writer, reopen.clone()).await,
            Err(Code::WrongState)
        );
        world
            .by(world.writer, dismiss(DismissReason::WrongTime))
            .await
            .unwrap();
        assert_eq!(
            world.by(world.writer, take.clone()).await,
            Err(Code::WrongState)
        );
        // Another reason is another answer.
        world
            .by(world.writer, dismiss(DismissReason::Other))
            .await
            .unwrap();
        world.by(world.writer, reopen).await.unwrap();
        world.by(world.writer, take).await.unwrap();
        let late = world.by(world.writer, dismiss(DismissReason::Other)).await;
        assert_eq!(late, Err(Code::WrongState));
        assert!(
            world.facts().await.muted.is_empty(),
            "words of one's own are no muted topic"
        );
    }
}

#[tokio::test]
async fn a_topic_that_is_not_ours_is_muted_until_that_is_taken_back() {
    for world in World::each().await {
        let mut joining = suggestion(&world, SuggestionKind::JoinTrend);
        joining.id = id();
        joining.facts.title = "  Snow   LINE ".into();
        world.suggest(joining.clone()).await;
        let dismiss = |reason| Mutation::DismissSuggestion {
            id: joining.id,
            reason,
        };
        world.ok(dismiss(DismissReason::NotOurTopic)).await;
        assert_eq!(world.facts().await.muted, ["snow line"]);
        // Said otherwise, it was only the time.
        world.ok(dismiss(DismissReason::WrongTime)).await;
        assert!(world.facts().await.muted.is_empty());
        world.ok(dismiss(DismissReason::NotOurTopic)).await;
        world
            .ok(Mutation::ReopenSuggestion { id: joining.id })
            .await;
        assert!(world.facts().await.muted.is_empty());
        let mute = |topic: &str, muted| Mutation::MuteTopic {
            persona: world.persona,
            topic: topic.into(),
            muted,
        };
        world.ok(mute("Opera", true)).await;
        assert_eq!(world.facts().await.muted, ["opera"]);
        world.ok(mute("OPERA", false)).await;
        assert!(world.facts().await.muted.is_empty());
        assert_eq!(
            world.by(world.owner, mute("  ", true)).await,
            Err(Code::InvalidInput)
        );
    }
}

#[tokio::test]
async fn a_run_takes_no_suggestion() {
    for world in World::each().await {
        let suggestion = world.suggestion;
        let piece = world.piece(None).await;
        world
            .as_run(piece.request, move |work, _| {
                Box::pin(async move {
                    let take = Mutation::TakeSuggestion {
                        id: suggestion,
                        content: id(),
                    };
                    let said = app::apply::apply(work, &take).await;
                    let code = said.map_err(|e| e.into_problem().code);
                    assert_eq!(code, Err(Code::Forbidden));
                    Ok(())
                })
            })
            .await;
        let open = world.suggestion(suggestion).await;
        assert_eq!(open.status, SuggestionStatus::Open);
    }
}

/// The signals of one source, newest last, as `n` items of one reading.
fn signals(source: SourceId, n: u8, at: Instant) -> Vec<store::signal::Signal> {
    (0..n)
        .map(|n| store::signal::Signal {
            source,
            item: Hash::of(&[n]),
            url: None,
            title: format!("Title {n}"),
            text: String::new(),
            language: None,
            published_at: at.plus(i64::from(n)),
            fetched_at: at.plus(HOUR),
        })
        .collect()
}

#[tokio::test]
async fn items_come_once_in_their_order_and_old_ones_are_forgotten() {
    for world in World::each().await {
        let (org, source) = (world.org, world.source);
        let at = Instant(crate::world::START);
        let done: Result<HashMap<&str, usize>, app::Error> = world
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let mut counts = HashMap::new();
                    for signal in signals(source, 5, at) {
                        assert!(store::signal::insert(tx, org, &signal).await?);
                        assert!(
                            !store::signal::insert(tx, org, &signal).await?,
                            "it is known"
                        );
                    }
                    for signal in signals(source, 7, at.plus(DAY)).split_off(5) {
                        store::signal::insert(tx, org, &signal).await?;
                    }
                    let mut cursor = store::signal::Cursor::before(at);
                    let mut seen = Vec::new();
                    loop {
                        let page = store::signal::after(tx, org, cursor, 2).await?;
                        let Some(last) = page.last() else { break };
                        cursor = last.cursor();
                        seen.extend(page.into_iter().map(|s| s.title));
                    }
                    let titles: Vec<String> = (0..7).map(|n| format!("Title {n}")).collect();
                    assert_eq!(seen, titles);
                    counts.insert(
                        "week",
                        store::signal::counts(tx, org, at).await?[0].1 as usize,
                    );
                    store::signal::forget(tx, org, at.plus(2 * HOUR), 100).await?;
                    counts.insert(
                        "young",
                        store::signal::counts(tx, org, at).await?[0].1 as usize,
                    );
                    store::signal::forget(tx, org, at, 0).await?;
                    counts.insert("most", store::signal::counts(tx, org, at).await?.len());
                    Ok(counts)
                })
            })
            .await;
        let counts = done.unwrap();
        assert_eq!((counts["week"], counts["young"], counts["most"]), (7, 2, 0));
    }
}

#[tokio::test]
async fn words_of_a_model_stay_marked_when_they_are_used_again() {
    for world in World::each().await {
        for marked in [true, false] {
            let own: ContentId = id();
            let (doc, _) = world.doc(own, "Snow on the ridge.", &world.accounts);
            let mut doc = VersionDoc::open(doc.as_bytes()).unwrap();
            doc.body.shared.options.made_with_ai = marked;
            let save = Mutation::SaveVersion {
                content: own,
                persona: world.persona,
                n: 1,
                doc: String::from_utf8(doc.seal().unwrap().0).unwrap(),
            };
            world.ok(save).await;
            let mut made = suggestion(&world, SuggestionKind::UseAgain);
            made.id = id();
            made.facts.own.as_mut().unwrap().content = own;
            world.suggest(made.clone()).await;
            let content: ContentId = id();
            world
                .ok(Mutation::TakeSuggestion {
                    id: made.id,
                    content,
                })
                .await;
            let facts = world.facts().await;
            let copy = facts.copies[&content].as_ref().unwrap();
            assert_eq!(copy.body.shared.options.made_with_ai, marked);
        }
    }
}
