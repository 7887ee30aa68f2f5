//! Sources that are served here, by servers of every kind.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant as Clock};

use domain::Instant;
use domain::source::{Feed, SourceKind, SourceTrouble};
use networks::sources::{Answered, Ask, MAX_BYTES, MAX_ITEMS, Reading, SourceError, Sources};
use networks::{Http, HttpOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const NOW: Instant = Instant(1_795_424_400_000);

/// What a path answers: head lines without the status' reason, and a body.
type Pages = HashMap<&'static str, (&'static str, Vec<u8>)>;

struct Server {
    url: String,
    asked: Arc<Mutex<Vec<(String, Clock)>>>,
}

impl Server {
    /// Serves `pages`; `@endless` sends its body again and again, `@slow` never ends it.
    async fn new(pages: Pages) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<(String, Clock)>>> = Arc::default();
        let (pages, heard) = (Arc::new(pages), Arc::clone(&asked));
        #[expect(
            clippy::disallowed_methods,
            reason = "a server that ends with its test"
        )]
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (pages, heard) = (Arc::clone(&pages), Arc::clone(&heard));
                #[expect(
                    clippy::disallowed_methods,
                    reason = "a server that ends with its test"
                )]
                tokio::spawn(async move {
                    let mut buffer = vec![0_u8; 16_384];
                    let n = stream.read(&mut buffer).await.unwrap_or(0);
                    let head = String::from_utf8_lossy(&buffer[..n]).into_owned();
                    let path = head.split_whitespace().nth(1).unwrap_or("/").to_owned();
                    heard.lock().unwrap().push((head.clone(), Clock::now()));
                    let (status, body) = match pages.get(path.as_str()) {
                        Some((status, _))
                            if status.contains("ETag")
                                && head.to_ascii_lowercase().contains("if-none-match: \"one\"") =>
                        {
                            ("304", Vec::new())
                        }
                        Some((status, body)) => (*status, body.clone()),
                        None => ("404", Vec::new()),
                    };
                    let endless = status.contains("@endless");
                    let slow = status.contains("@slow");
                    let status = status.replace("@endless", "").replace("@slow", "");
                    let (code, fields) = status.split_once('\n').unwrap_or((&status, ""));
                    let fields: String = fields.lines().map(|l| format!("{l}\r\n")).collect();
                    let mut answer = format!(
                        "HTTP/1.1 {} -\r\n{fields}Connection: close\r\n",
                        code.trim()
                    );
                    if !endless && !slow && code.trim() != "304" {
                        answer.push_str(&format!("Content-Length: {}\r\n", body.len()));
                    }
                    answer.push_str("\r\n");
                    let _ = stream.write_all(answer.as_bytes()).await;
                    let _ = stream.write_all(&body).await;
                    while endless && stream.write_all(&body).await.is_ok() {}
                    if slow {
                        tokio::time::sleep(Duration::from_secs(60)).await;
                    }
                });
            }
        });
        Self { url, asked }
    }

    async fn feed(status: &'static str, body: impl Into<Vec<u8>>) -> (Self, Feed) {
        let server = Self::new(HashMap::from([("/feed.xml", (status, body.into()))])).await;
        let feed = server.at("/feed.xml");
        (server, feed)
    }

    fn at(&self, path: &str) -> Feed {
        Feed {
            kind: SourceKind::Feed,
            address: format!("{}{path}", self.url),
            tag: String::new(),
        }
    }

    fn asked(&self, path: &str) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let is = |head: &&(String, Clock)| head.0.split_whitespace().nth(1) == Some(path);
        asked
            .iter()
            .filter(is)
            .map(|(head, _)| head.clone())
            .collect()
    }
}

fn sources(allow_private: bool) -> Sources {
    let options = HttpOptions {
        allow_private,
        ..HttpOptions::default()
    };
    Sources::new(Http::new(options).unwrap())
}

async fn read_with(
    sources: &Sources,
    feed: &Feed,
    etag: Option<&str>,
) -> Result<Answered, SourceError> {
    let ask = Ask {
        feed,
        etag,
        last_modified: None,
        now: NOW,
    };
    sources.read(ask).await
}

async fn read(feed: &Feed) -> Result<Reading, SourceError> {
    match read_with(&sources(true), feed, None).await? {
        Answered::Read(reading) => Ok(*reading),
        Answered::Unchanged => panic!("it was asked without a condition"),
    }
}

fn rss(items: usize) -> String {
    let items: String = (0..items)
        .map(|n| format!("<item><guid>{n}</guid><title>Item {n}</title></item>"))
        .collect();
    format!("<rss version=\"2.0\"><channel><title>Hut</title>{items}</channel></rss>")
}

#[tokio::test]
async fn a_feed_is_read_once_and_then_only_if_it_changed() {
    let (server, feed) = Server::feed("200\nETag: \"one\"\nContent-Type: text/xml", rss(2)).await;
    let sources = sources(true);
    let Ok(Answered::Read(first)) = read_with(&sources, &feed, None).await else {
        panic!("not read");
    };
    assert_eq!((first.title.as_str(), first.items.len()), ("Hut", 2));
    assert_eq!(first.etag.as_deref(), Some("\"one\""));
    let again = read_with(&sources, &feed, first.etag.as_deref()).await;
    assert_eq!(again.unwrap(), Answered::Unchanged);
    let asked = server.asked("/feed.xml");
    assert!(
        asked[0]
            .to_ascii_lowercase()
            .contains("user-agent: rostrum/")
    );
    // robots.txt is asked for once, and the two readings have a pause between them.
    assert_eq!(server.asked("/robots.txt").len(), 1);
    let times: Vec<Clock> = server.asked.lock().unwrap().iter().map(|a| a.1).collect();
    assert!(times[2].duration_since(times[1]) >= Duration::from_millis(900));
}

#[tokio::test]
async fn what_servers_refuse_is_named() {
    for (status, trouble, wait) in [
        ("404", SourceTrouble::Refused, None),
        ("500", SourceTrouble::Refused, None),
        ("410", SourceTrouble::Gone, None),
        ("429\nRetry-After: 120", SourceTrouble::Throttled, Some(120)),
        (
            "503\nDate: Sun, 22 Nov 2026 09:00:00 GMT\nRetry-After: Sun, 22 Nov 2026 10:00:00 GMT",
            SourceTrouble::Throttled,
            Some(3_600),
        ),
    ] {
        let (_server, feed) = Server::feed(status, "").await;
        let error = read(&feed).await.unwrap_err();
        assert_eq!(error.trouble, trouble, "{status}");
        assert_eq!(error.retry_after, wait.map(Duration::from_secs), "{status}");
        assert_eq!(error.words, status[..3]);
    }
    let nobody = Feed {
        kind: SourceKind::Feed,
        address: "http://127.0.0.1:9/feed".into(),
        tag: String::new(),
    };
    let error = read(&nobody).await.unwrap_err();
    assert_eq!(error.trouble, SourceTrouble::Unreachable);
}

#[tokio::test]
async fn an_endless_feed_is_cut_off_and_a_long_one_too() {
    let (_server, feed) = Server::feed("200@endless", vec![b' '; 1 << 20]).await;
    let error = read(&feed).await.unwrap_err();
    assert_eq!(error.trouble, SourceTrouble::TooLarge);
    let mut large = rss(1).into_bytes();
    large.resize(MAX_BYTES + 1, b' ');
    let (_server, feed) = Server::feed("200", large).await;
    assert_eq!(
        read(&feed).await.unwrap_err().trouble,
        SourceTrouble::TooLarge
    );
    let (_server, feed) = Server::feed("200", rss(MAX_ITEMS + 50)).await;
    assert_eq!(read(&feed).await.unwrap().items.len(), MAX_ITEMS);
}

#[tokio::test]
async fn a_feed_that_never_ends_its_answer_takes_too_long() {
    let (_server, feed) = Server::feed("200@slow", rss(1)).await;
    let error = read(&feed).await.unwrap_err();
    assert_eq!(error.trouble, SourceTrouble::TooSlow);
}

#[tokio::test]
async fn robots_txt_is_heeded() {
    let pages = HashMap::from([
        (
            "/robots.txt",
            ("200", b"User-agent: *\nDisallow: /private/\n".to_vec()),
        ),
        ("/private/feed.xml", ("200", rss(1).into_bytes())),
        ("/feed.xml", ("200", rss(1).into_bytes())),
    ]);
    let server = Server::new(pages).await;
    assert_eq!(read(&server.at("/feed.xml")).await.unwrap().items.len(), 1);
    let error = read(&server.at("/private/feed.xml")).await.unwrap_err();
    assert_eq!(error.trouble, SourceTrouble::Robots);
    assert!(
        server.asked("/private/feed.xml").is_empty(),
        "it was not asked for"
    );
    // A server that cannot say what it wants is left alone.
    let broken = HashMap::from([
        ("/robots.txt", ("503", vec![])),
        ("/feed.xml", ("200", rss(1).into_bytes())),
    ]);
    let server = Server::new(broken).await;
    let error = read(&server.at("/feed.xml")).await.unwrap_err();
    assert_eq!(error.trouble, SourceTrouble::Robots);
}

#[tokio::test]
async fn nothing_inside_is_read_whoever_points_there() {
    let (server, feed) = Server::feed("200", rss(1)).await;
    let error = read_with(&sources(false), &feed, None).await.unwrap_err();
    assert_eq!(error.trouble, SourceTrouble::Private);
    let localhost = feed.address.replace("127.0.0.1", "localhost");
    let feed = Feed {
        address: localhost,
        ..feed
    };
    let error = read_with(&sources(false), &feed, None).await.unwrap_err();
    assert_eq!(error.trouble, SourceTrouble::Private);
    assert!(
        server.asked.lock().unwrap().is_empty(),
        "no connection was made"
    );
}

#[tokio::test]
async fn a_site_tells_its_feeds() {
    let page = b"<html><head><link rel=alternate type=application/rss+xml title=News href=/news.xml></head>".to_vec();
    let pages = HashMap::from([
        ("/", ("200\nContent-Type: text/html", page)),
        (
            "/bare/",
            (
                "200\nContent-Type: text/html",
                b"<html>nothing</html>".to_vec(),
            ),
        ),
        ("/feed.xml", ("200", rss(1).into_bytes())),
    ]);
    let server = Server::new(pages).await;
    let sources = sources(true);
    let found = sources.discover(&server.url, NOW).await.unwrap();
    assert_eq!((found.len(), found[0].title.as_str()), (1, "News"));
    assert_eq!(found[0].feed.address, format!("{}/news.xml", server.url));
    let itself = sources
        .discover(&format!("{}/feed.xml", server.url), NOW)
        .await;
    assert_eq!(itself.unwrap()[0].title, "Hut");
    let usual = sources
        .discover(&format!("{}/bare/", server.url), NOW)
        .await
        .unwrap();
    assert_eq!(usual[0].feed.address, format!("{}/feed.xml", server.url));
}

#[tokio::test]
async fn a_mastodon_server_is_asked_for_what_everybody_may_see() {
    let post = r##"[{"uri":"u","url":"https://a.example/1","content":"<p>Late #snow</p>","visibility":"public","sensitive":false,"spoiler_text":"","created_at":"2026-11-22T09:00:00Z","language":"en"}]"##;
    let pages = HashMap::from([
        (
            "/api/v1/timelines/tag/snow%20line?limit=40",
            ("200", post.as_bytes().to_vec()),
        ),
        ("/api/v1/trends/statuses?limit=40", ("200", b"[]".to_vec())),
    ]);
    let server = Server::new(pages).await;
    let feed = |kind, tag: &str| Feed {
        kind,
        address: server.url.clone(),
        tag: tag.to_owned(),
    };
    let tag = read(&feed(SourceKind::MastodonTag, "snow line"))
        .await
        .unwrap();
    assert_eq!(tag.items[0].title, "Late #snow");
    let trends = read(&feed(SourceKind::MastodonTrends, "")).await.unwrap();
    assert!(trends.items.is_empty());
}

#[tokio::test]
async fn a_bluesky_appview_is_asked_for_what_everybody_may_see() {
    let posts = r##"{"posts":[{"uri":"at://did:plc:a/app.bsky.feed.post/3k","author":{"did":"did:plc:a"},"record":{"text":"Late #schnee","createdAt":"2026-11-22T09:00:00Z"},"indexedAt":"2026-11-22T09:00:00Z"}]}"##;
    let trends = r#"{"trends":[{"topic":"snow","displayName":"Late snow","link":"/topic/snow","startedAt":"2026-11-22T08:00:00Z","postCount":9}]}"#;
    let pages = HashMap::from([
        (
            "/xrpc/app.bsky.feed.searchPosts?q=%23schnee&tag=schnee&sort=latest&limit=50",
            ("200", posts.as_bytes().to_vec()),
        ),
        (
            "/xrpc/app.bsky.unspecced.getTrends?limit=25",
            ("200", trends.as_bytes().to_vec()),
        ),
    ]);
    let server = Server::new(pages).await;
    let feed = |kind, tag: &str| Feed {
        kind,
        address: server.url.clone(),
        tag: tag.to_owned(),
    };
    let tag = read(&feed(SourceKind::BlueskyTag, "schnee")).await.unwrap();
    assert_eq!(tag.items[0].title, "Late #schnee");
    let trends = read(&feed(SourceKind::BlueskyTrends, "")).await.unwrap();
    assert_eq!(trends.items[0].title, "Late snow");
}
