//! Mastodon against a server of our own that keeps state and misbehaves on request.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::content::{Poll, Visibility};
use networks::mastodon::MastodonAdapter;
use networks::{
    Adapter, AttemptKeys, AuthorizeInput, ConnectInput, FindInput, Found, Grant, Http, HttpOptions,
    JournalInput, KEEPS_TIME, NetworkError, Outcome, Presence, Recalled, Secret, SignInTrouble,
    SubmitInput, ThreadContext,
};
use rstest::rstest;
use testkit::standin::mastodon::Mastodon;
use testkit::standin::wire::Fault;

use crate::common::{
    Connection, HandLease, Memory, NOW, Written, attempt, confirmed, delivery, png, submit,
};

const CREATE: &str = "POST /api/v1/statuses";
const UPLOAD: &str = "POST /api/v2/media";
const TEXT: &str = "Late snow on the pass.";
const CALLBACK: &str = "http://127.0.0.1:4000/callback";

fn adapter() -> MastodonAdapter {
    let options = HttpOptions {
        allow_private: true,
        connect_timeout: Duration::from_secs(2),
        timeout: Duration::from_millis(1500),
        ..HttpOptions::default()
    };
    MastodonAdapter::new(Http::new(options).unwrap()).unwrap()
}

fn server() -> Mastodon {
    Mastodon::start(Arc::new(|| NOW.0 + 1000))
}

fn with_token(server: &Mastodon, token: &str) -> ConnectInput {
    ConnectInput {
        method: "token".into(),
        fields: BTreeMap::from([("service".to_owned(), server.url())]),
        secrets: BTreeMap::from([("token".to_owned(), Secret::new(token.to_owned()))]),
        grant: None,
        now: NOW,
    }
}

struct Stage {
    server: Mastodon,
    adapter: MastodonAdapter,
    connection: Connection,
    keys: AttemptKeys,
}

impl Stage {
    async fn on(server: Mastodon) -> Self {
        let adapter = adapter();
        let connected = adapter
            .connect(with_token(&server, &server.token()))
            .await
            .unwrap();
        let keys = attempt(&adapter, delivery(), 0);
        Self {
            server,
            adapter,
            connection: Connection {
                facts: connected.facts,
                secret: connected.secret,
            },
            keys,
        }
    }

    async fn set() -> Self {
        Self::on(server()).await
    }

    async fn send_written(&self, written: &Written, media: &Memory, lease: Duration) -> Outcome {
        let target = written.target(&self.adapter);
        let answer = self
            .adapter
            .submit(SubmitInput {
                account: self.connection.account(),
                attempt: &self.keys,
                target: &target,
                thread: &ThreadContext::default(),
                media,
                lease: &HandLease::of(lease),
            })
            .await;
        let printed = format!("{:?}", answer.value);
        assert!(!printed.contains("token-"), "{printed}");
        answer.value
    }

    async fn send(&self) -> Outcome {
        let media = Memory::default();
        self.send_written(&Written::text(TEXT), &media, Duration::from_millis(700))
            .await
    }

    async fn find(&self, written: &Written) -> Result<Found, NetworkError> {
        let target = written.target(&self.adapter);
        self.adapter
            .find(FindInput {
                account: self.connection.account(),
                attempt: &self.keys,
                target: &target,
                thread: &ThreadContext::default(),
                since: NOW,
            })
            .await
            .value
    }
}

fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Confirmed(_) => "confirmed",
        Outcome::Pending(_) => "pending",
        Outcome::Rejected { .. } => "rejected",
        Outcome::Throttled { .. } => "throttled",
        Outcome::NotSent { .. } => "not_sent",
        Outcome::NeedsReconnect { .. } => "needs_reconnect",
        Outcome::Ambiguous { .. } => "ambiguous",
    }
}

/// Whatever happens to the write, the outcome tells no lie, what is live can be found, and the
/// repeat under the same key ends in exactly one post.
#[rstest]
#[case(Fault::Refuse, "rejected", 0)]
#[case(Fault::Throttle, "throttled", 0)]
#[case(Fault::Expired, "needs_reconnect", 0)]
#[case(Fault::DropBefore, "ambiguous", 0)]
#[case(Fault::DropAfter, "ambiguous", 1)]
#[case(Fault::CutAfter, "ambiguous", 1)]
#[case(Fault::HangBefore, "ambiguous", 0)]
#[case(Fault::HangAfter, "ambiguous", 1)]
#[case(Fault::GarbageBefore, "ambiguous", 0)]
#[case(Fault::GarbageAfter, "ambiguous", 1)]
#[case(Fault::BrokenBefore, "ambiguous", 0)]
#[case(Fault::BrokenAfter, "ambiguous", 1)]
#[case(Fault::GatewayBefore, "ambiguous", 0)]
#[case(Fault::GatewayAfter, "ambiguous", 1)]
#[case(Fault::Redirect, "ambiguous", 0)]
#[tokio::test]
async fn a_write_that_goes_wrong_is_neither_lost_nor_doubled(
    #[case] fault: Fault,
    #[case] expected: &str,
    #[case] posts: usize,
) {
    let stage = Stage::set().await;
    stage.server.next(CREATE, fault);
    let outcome = stage.send().await;
    assert_eq!(name(&outcome), expected, "{outcome:?}");
    assert_eq!(stage.server.texts().len(), posts);
    let written = Written::text(TEXT);
    let found = stage.find(&written).await.unwrap();
    assert_eq!(matches!(found, Found::One(_)), posts == 1, "{found:?}");
    let remote = confirmed(stage.send().await);
    assert_eq!(stage.server.texts().len(), 1, "never twice");
    assert_eq!(stage.find(&written).await.unwrap(), Found::One(remote));
}

/// No picture that goes wrong leaves a post behind.
#[rstest]
#[case(Fault::Refuse, "rejected")]
#[case(Fault::Throttle, "throttled")]
#[case(Fault::Expired, "needs_reconnect")]
#[case(Fault::DropBefore, "not_sent")]
#[case(Fault::DropAfter, "not_sent")]
#[case(Fault::HangAfter, "not_sent")]
#[case(Fault::GarbageAfter, "not_sent")]
#[case(Fault::BrokenBefore, "not_sent")]
#[case(Fault::GatewayAfter, "not_sent")]
#[tokio::test]
async fn a_picture_that_goes_wrong_sends_no_post(#[case] fault: Fault, #[case] expected: &str) {
    let stage = Stage::set().await;
    let file = png();
    let media = Memory::with(std::slice::from_ref(&file));
    let written = Written::text("A square.").picture(&file, "A red square");
    stage.server.next(UPLOAD, fault);
    let lease = Duration::from_millis(700);
    let outcome = stage.send_written(&written, &media, lease).await;
    assert_eq!(name(&outcome), expected, "{outcome:?}");
    assert!(stage.server.texts().is_empty());
    let lease = Duration::from_secs(5);
    confirmed(stage.send_written(&written, &media, lease).await);
    assert_eq!(stage.server.texts().len(), 1);
    let post = &stage.server.posts()[0];
    assert_eq!(post["media_attachments"][0]["description"], "A red square");
    assert!(matches!(stage.find(&written).await, Ok(Found::One(_))));
}

#[tokio::test]
async fn a_picture_is_posted_when_the_server_has_worked_on_it() {
    let stage = Stage::set().await;
    stage.server.habits(|h| h.media_polls = 2);
    let file = png();
    let media = Memory::with(std::slice::from_ref(&file));
    let written = Written::text("A square.").picture(&file, "A red square");
    let lease = Duration::from_millis(200);
    let outcome = stage.send_written(&written, &media, lease).await;
    assert_eq!(name(&outcome), "not_sent", "no time to wait: {outcome:?}");
    let lease = Duration::from_secs(10);
    confirmed(stage.send_written(&written, &media, lease).await);
    assert!(stage.server.calls("GET /api/v1/media/") >= 3);
    assert_eq!(stage.server.texts(), ["A square."]);
}

#[tokio::test]
async fn a_server_without_the_newer_ways_is_spoken_to_in_the_older_ones() {
    let server = server();
    server.habits(|h| {
        h.v2 = false;
        h.v2_media = false;
        h.media_polls = 1;
        h.metadata = false;
    });
    let stage = Stage::on(server).await;
    assert_eq!(stage.connection.facts.handle, "mara@social.example");
    let limits = stage.adapter.limits(Some(&stage.connection.facts));
    assert_eq!(limits.text.max, Some(500));
    let named = limits.sources.iter().find(|s| s.limit == "text.max");
    assert!(named.unwrap().source.ends_with("/api/v1/instance"));
    let file = png();
    let media = Memory::with(std::slice::from_ref(&file));
    let written = Written::text("A square.").picture(&file, "A red square");
    stage.server.habits(|h| h.media_polls = 0);
    let lease = Duration::from_secs(5);
    confirmed(stage.send_written(&written, &media, lease).await);
    assert_eq!(stage.server.calls("POST /api/v1/media"), 1);
}

#[tokio::test]
async fn a_key_is_trusted_only_where_it_is_known_to_be_honoured() {
    let mastodon = Stage::set().await;
    let within = |stage: &Stage| stage.adapter.repeats_within(&stage.connection.facts);
    assert_eq!(within(&mastodon), Some(Duration::from_secs(30 * 60)));
    let server = server();
    server.habits(|h| {
        h.version = "2.7.2 (compatible; Pleroma 2.6.2)".into();
        h.keys = false;
    });
    let other = Stage::on(server).await;
    assert_eq!(within(&other), None);
    // Why it matters: there the same key makes a second post, which is then found twice.
    confirmed(other.send().await);
    confirmed(other.send().await);
    let found = other.find(&Written::text(TEXT)).await.unwrap();
    assert_eq!(found, Found::Several(2));
}

#[tokio::test]
async fn sending_again_after_a_lost_answer_brings_the_first_post_back() {
    let mut stage = Stage::set().await;
    stage.server.next(CREATE, Fault::DropAfter);
    assert_eq!(name(&stage.send().await), "ambiguous");
    let again = attempt(&stage.adapter, stage.keys.delivery, 0);
    let kept = stage.adapter.journal_keys(&JournalInput {
        attempt: again.attempt,
        delivery: again.delivery,
        segment: 0,
        now: NOW,
        earlier: Some(&stage.keys.keys),
    });
    stage.keys = AttemptKeys {
        keys: kept,
        ..again
    };
    confirmed(stage.send().await);
    assert_eq!(stage.server.texts().len(), 1);
    // Another text under the same key is no proof that it is live.
    let media = Memory::default();
    let lease = Duration::from_secs(1);
    let other = Written::text("Something else.");
    let outcome = stage.send_written(&other, &media, lease).await;
    assert_eq!(name(&outcome), "rejected", "{outcome:?}");
    assert_eq!(stage.server.texts(), [TEXT]);
}

#[tokio::test]
async fn what_a_text_becomes_on_the_server_is_found_again() {
    let stage = Stage::set().await;
    for text in [
        "Two paragraphs & a <tag>\n\nand \"quotes\"\nin lines",
        "Read https://www.example.org/a/very/long/path/that/is/shortened?x=1&y=2, please.",
        "@mara @finn@other.example #snow, and @nobody",
        "Cafe\u{301} 👩‍👩‍👧‍👦 :blobcat:",
    ] {
        let mut one = Stage {
            server: stage.server.clone(),
            adapter: adapter(),
            connection: stage.connection.clone(),
            keys: attempt(&stage.adapter, delivery(), 0),
        };
        let written = Written::text(text);
        assert_eq!(one.find(&written).await.unwrap(), Found::None, "{text}");
        let media = Memory::default();
        let lease = Duration::from_secs(1);
        let remote = confirmed(one.send_written(&written, &media, lease).await);
        one.keys = attempt(&one.adapter, delivery(), 0);
        assert_eq!(
            one.find(&written).await.unwrap(),
            Found::One(remote),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_post_is_found_among_many_and_older_ones_do_not_count() {
    let stage = Stage::set().await;
    let media = Memory::default();
    let lease = Duration::from_secs(1);
    confirmed(stage.send().await);
    for n in 0..55 {
        let mut other = Stage {
            server: stage.server.clone(),
            adapter: adapter(),
            connection: stage.connection.clone(),
            keys: attempt(&stage.adapter, delivery(), 0),
        };
        other.keys = attempt(&other.adapter, delivery(), 0);
        let written = Written::text(&format!("Number {n}"));
        confirmed(other.send_written(&written, &media, lease).await);
    }
    let found = stage.find(&Written::text(TEXT)).await.unwrap();
    assert!(matches!(found, Found::One(_)), "{found:?}");
    let target = Written::text(TEXT).target(&stage.adapter);
    let later = stage
        .adapter
        .find(FindInput {
            account: stage.connection.account(),
            attempt: &stage.keys,
            target: &target,
            thread: &ThreadContext::default(),
            since: NOW.plus(2000),
        })
        .await;
    assert_eq!(later.value, Ok(Found::None));
}

#[tokio::test]
async fn a_thread_hangs_together_and_each_part_is_found_in_its_place() {
    let mut stage = Stage::set().await;
    let target = Written::thread(&["One", "Two", "Two"]).target(&stage.adapter);
    let delivery = delivery();
    let mut thread = ThreadContext::default();
    let media = Memory::default();
    for segment in 0..3 {
        let keys = attempt(&stage.adapter, delivery, segment);
        let outcome = submit(
            &stage.adapter,
            &mut stage.connection,
            &keys,
            &target,
            &thread,
            &media,
        )
        .await;
        let remote = confirmed(outcome);
        let found = stage
            .adapter
            .find(FindInput {
                account: stage.connection.account(),
                attempt: &keys,
                target: &target,
                thread: &thread,
                since: NOW,
            })
            .await;
        assert_eq!(found.value, Ok(Found::One(remote.clone())));
        thread.root.get_or_insert_with(|| remote.clone());
        thread.parent = Some(remote);
    }
    let posts = stage.server.posts();
    assert_eq!(posts[1]["in_reply_to_id"], posts[0]["id"]);
    assert_eq!(posts[2]["in_reply_to_id"], posts[1]["id"]);
    stage.server.remove(posts[2]["id"].as_str().unwrap());
    let keys = attempt(&stage.adapter, delivery, 2);
    let outcome = submit(
        &stage.adapter,
        &mut stage.connection,
        &keys,
        &target,
        &ThreadContext {
            parent: thread.parent.clone(),
            ..thread
        },
        &media,
    )
    .await;
    assert_eq!(
        name(&outcome),
        "rejected",
        "its parent is gone: {outcome:?}"
    );
}

#[tokio::test]
async fn what_was_chosen_goes_out_with_the_post() {
    let stage = Stage::set().await;
    let mut written = Written::text("Which pass?");
    written.languages = vec!["pt-BR".into()];
    let options = &mut written.variant.options;
    options.visibility = Some(Visibility::Followers);
    options.content_warning = "Snow".into();
    options.sensitive = true;
    options.quotes_off = true;
    options.poll = Some(Poll {
        choices: vec!["High".into(), "Low".into()],
        minutes: 60,
        multiple: true,
        hide_totals: false,
    });
    let media = Memory::default();
    let lease = Duration::from_secs(1);
    confirmed(stage.send_written(&written, &media, lease).await);
    let sent = &stage.server.sent()[0];
    assert_eq!(sent["visibility"], "private");
    assert_eq!(sent["spoiler_text"], "Snow");
    assert_eq!(sent["sensitive"], true);
    assert_eq!(sent["language"], "pt");
    assert_eq!(sent["quote_approval_policy"], "nobody");
    assert_eq!(sent["poll"]["options"], serde_json::json!(["High", "Low"]));
    assert_eq!(sent["poll"]["expires_in"], 3600);
    assert_eq!(sent["poll"]["multiple"], true);
    assert!(matches!(stage.find(&written).await, Ok(Found::One(_))));
}

#[tokio::test]
async fn a_post_that_others_may_read_is_another_post() {
    let mut stage = Stage::set().await;
    let mut written = Written::text(TEXT);
    written.variant.options.visibility = Some(Visibility::Public);
    let (media, lease) = (Memory::default(), Duration::from_secs(1));
    confirmed(stage.send_written(&written, &media, lease).await);
    written.variant.options.visibility = Some(Visibility::Followers);
    assert_eq!(stage.find(&written).await, Ok(Found::None));
    // The same key brings the first back.
    stage.keys.keys["reused"] = true.into();
    let outcome = stage.send_written(&written, &media, lease).await;
    assert_eq!(name(&outcome), "rejected", "{outcome:?}");
    written.variant.options.visibility = Some(Visibility::Public);
    confirmed(stage.send_written(&written, &media, lease).await);
    written.variant.options.content_warning = "Snow".into();
    let outcome = stage.send_written(&written, &media, lease).await;
    assert_eq!(name(&outcome), "rejected", "{outcome:?}");
    assert_eq!(stage.server.texts().len(), 1);
}

#[tokio::test]
async fn a_wait_that_the_network_asks_for_is_passed_on() {
    let stage = Stage::set().await;
    stage.server.next(CREATE, Fault::Throttle);
    let wait = Some(Duration::from_secs(7));
    assert_eq!(stage.send().await, Outcome::Throttled { retry_after: wait });
}

#[tokio::test]
async fn the_servers_own_words_are_kept() {
    let stage = Stage::set().await;
    stage.server.habits(|h| h.max_characters = 5);
    let Outcome::Rejected { code, words } = stage.send().await else {
        panic!("it was taken");
    };
    assert_eq!(code, "invalid");
    assert!(words.contains("limit"), "{words}");
}

#[tokio::test]
async fn an_ended_lease_opens_no_write() {
    let stage = Stage::set().await;
    let outcome = stage
        .send_written(
            &Written::text("Too late."),
            &Memory::default(),
            Duration::ZERO,
        )
        .await;
    assert_eq!(name(&outcome), "not_sent");
    assert_eq!(stage.server.calls(CREATE), 0);
}

#[tokio::test]
async fn a_server_that_is_away_got_nothing() {
    let mut stage = Stage::set().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    stage.connection.connected_at(&format!("http://{free}"));
    assert_eq!(name(&stage.send().await), "not_sent");
}

#[tokio::test]
async fn a_secret_stays_with_the_server_that_it_is_for() {
    let mut stage = Stage::set().await;
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    other.set_nonblocking(true).unwrap();
    let address = format!("http://{}", other.local_addr().unwrap());
    stage.connection.said_to_be_at(&address);
    assert_eq!(name(&stage.send().await), "needs_reconnect");
    let checked = stage.adapter.check(stage.connection.account()).await.value;
    assert!(matches!(checked, Err(NetworkError::NeedsReconnect { .. })));
    assert!(other.accept().is_err(), "nobody called there");
}

#[tokio::test]
async fn a_revoked_token_wants_a_person() {
    let mut stage = Stage::set().await;
    stage.server.revoke();
    assert_eq!(name(&stage.send().await), "needs_reconnect");
    let checked = stage.adapter.check(stage.connection.account()).await.value;
    assert!(matches!(checked, Err(NetworkError::NeedsReconnect { .. })));
    let found = stage.find(&Written::text(TEXT)).await;
    assert!(matches!(found, Err(NetworkError::NeedsReconnect { .. })));
    stage.connection.secret = None;
    assert_eq!(name(&stage.send().await), "needs_reconnect");
}

#[tokio::test]
async fn a_check_reads_the_limits_anew() {
    let stage = Stage::set().await;
    stage.server.habits(|h| h.max_characters = 1234);
    let checked = stage.adapter.check(stage.connection.account()).await.value;
    let facts = checked.unwrap().facts;
    assert_eq!(facts.remote_id, "109@social.example");
    let limits = stage.adapter.limits(Some(&facts));
    assert_eq!(limits.text.max, Some(1234));
    let source = limits.sources.iter().find(|s| s.limit == "text.max");
    assert_eq!(source.unwrap().checked, "2026-11-23");
}

#[rstest]
#[case("DELETE /api/v1/statuses", Fault::DropAfter)]
#[case("DELETE /api/v1/statuses", Fault::BrokenBefore)]
#[case("GET /api/v1/statuses", Fault::HangBefore)]
#[tokio::test]
async fn a_deletion_is_only_gone_when_read_back(#[case] what: &str, #[case] fault: Fault) {
    let stage = Stage::set().await;
    let remote = confirmed(stage.send().await);
    let account = stage.connection.account();
    let there = stage.adapter.look(account, &remote).await.value;
    assert_eq!(there, Ok(Presence::There(remote.clone())));
    stage.server.next(what, fault);
    let first = stage.adapter.delete(account, &remote).await.value;
    assert!(first.is_err(), "{first:?}");
    let second = stage.adapter.delete(account, &remote).await.value;
    assert_eq!(second, Ok(Presence::Gone));
    assert!(stage.server.texts().is_empty());
}

#[tokio::test]
async fn a_number_that_is_not_given_is_absent_and_zero_is_zero() {
    let stage = Stage::set().await;
    let remote = confirmed(stage.send().await);
    let gone = networks::Remote {
        id: "1".into(),
        ..remote.clone()
    };
    let account = stage.connection.account();
    let metrics = stage.adapter.metrics(account, &[gone, remote], NOW).await;
    let metrics = metrics.value.unwrap();
    let found: Vec<(&str, u64)> = metrics.iter().map(|m| (m.name.as_str(), m.value)).collect();
    assert_eq!(found, [("likes", 3), ("reposts", 2), ("replies", 0)]);
}

#[rstest]
#[case(Fault::Throttle, "network_throttled")]
#[case(Fault::DropBefore, "network_unreachable")]
#[case(Fault::HangBefore, "network_unreachable")]
#[case(Fault::BrokenBefore, "network_unreachable")]
#[case(Fault::GarbageBefore, "network_unreadable")]
#[case(Fault::Refuse, "network_refused")]
#[case(Fault::Expired, "needs_reconnect")]
#[tokio::test]
async fn signing_in_that_goes_wrong_says_how(#[case] fault: Fault, #[case] code: &str) {
    let server = server();
    server.next("GET /api/v1/accounts/verify_credentials", fault);
    let token = server.token();
    let error = adapter()
        .connect(with_token(&server, &token))
        .await
        .unwrap_err();
    assert_eq!(error.code(), code, "{error:?}");
    assert!(!format!("{error} {error:?}").contains(&token));
}

#[tokio::test]
async fn an_address_without_such_a_server_is_said_to_be_one() {
    let server = server();
    let mut input = with_token(&server, "x");
    input
        .fields
        .insert("service".into(), format!("{}/", server.url()));
    server.habits(|h| h.v2 = false);
    server.next("GET /api/v1/instance", Fault::GarbageBefore);
    let error = adapter().connect(input).await.unwrap_err();
    assert_eq!(error.code(), "not_a_service", "{error:?}");
}

/// A browser in which a person agrees.
async fn browse(url: &str) -> BTreeMap<String, String> {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let answer = client.get(url).send().await.unwrap();
    let back = answer.headers()["location"].to_str().unwrap().to_owned();
    assert!(back.starts_with(CALLBACK), "{back}");
    let back = url::Url::parse(&back).unwrap();
    back.query_pairs().into_owned().collect()
}

fn ask(server: &Mastodon) -> AuthorizeInput {
    AuthorizeInput {
        method: "oauth".into(),
        fields: BTreeMap::from([("service".to_owned(), server.url())]),
        secrets: BTreeMap::new(),
        redirect_uri: CALLBACK.into(),
        now: NOW,
    }
}

async fn agreed(server: &Mastodon, adapter: &MastodonAdapter) -> ConnectInput {
    let asked = adapter.authorize(ask(server)).await.unwrap();
    assert!(!format!("{asked:?}").contains("secret-"), "{asked:?}");
    let brought = browse(&asked.url).await;
    assert_eq!(brought["state"], *asked.state.expose());
    ConnectInput {
        method: "oauth".into(),
        fields: ask(server).fields,
        secrets: BTreeMap::new(),
        grant: Some(Grant {
            code: Secret::new(brought["code"].clone()),
            issuer: None,
            redirect_uri: CALLBACK.into(),
            pending: asked.pending,
        }),
        now: NOW,
    }
}

#[rstest]
#[case(true)]
#[case(false)]
#[tokio::test]
async fn a_person_who_agrees_in_the_browser_is_signed_in(#[case] pkce: bool) {
    let server = server();
    server.habits(|h| h.metadata = pkce);
    let adapter = adapter();
    let asked = adapter.authorize(ask(&server)).await.unwrap();
    assert_eq!(asked.url.contains("code_challenge_method=S256"), pkce);
    let connected = adapter.connect(agreed(&server, &adapter).await).await;
    let connected = connected.unwrap();
    assert_eq!(connected.facts.handle, "mara@social.example");
    assert_eq!(connected.name, "Mara Lindt");
    let stage = Stage {
        keys: attempt(&adapter, delivery(), 0),
        connection: Connection {
            facts: connected.facts,
            secret: connected.secret,
        },
        server,
        adapter,
    };
    confirmed(stage.send().await);
    assert!(matches!(
        stage.find(&Written::text(TEXT)).await,
        Ok(Found::One(_))
    ));
}

#[tokio::test]
async fn a_code_that_was_used_or_a_scope_that_was_not_given_has_a_name() {
    let server = server();
    let adapter = adapter();
    let input = agreed(&server, &adapter).await;
    adapter.connect(input.clone()).await.unwrap();
    let trouble = |error: NetworkError| match error {
        NetworkError::SignIn { trouble, .. } => trouble,
        other => panic!("{other:?}"),
    };
    let again = adapter.connect(input.clone()).await.unwrap_err();
    assert_eq!(trouble(again), SignInTrouble::CodeExpired);
    // The server's clock is two days from ours: the code is no reason to doubt the person.
    let far = ConnectInput {
        now: NOW.plus(2 * domain::time::DAY),
        ..input
    };
    let apart = adapter.connect(far).await.unwrap_err();
    assert_eq!(trouble(apart), SignInTrouble::ClockWrong);
    server.habits(|h| h.scopes = Some("read".into()));
    let input = agreed(&server, &adapter).await;
    let less = adapter.connect(input).await.unwrap_err();
    assert_eq!(trouble(less), SignInTrouble::MissingScope);
    server.next("POST /api/v1/apps", Fault::Refuse);
    let refused = adapter.authorize(ask(&server)).await.unwrap_err();
    assert_eq!(trouble(refused), SignInTrouble::WrongApp);
}

#[rstest]
#[case(Fault::Throttle, "network_throttled")]
#[case(Fault::DropAfter, "network_unreachable")]
#[case(Fault::BrokenBefore, "network_unreachable")]
#[case(Fault::GarbageAfter, "network_unreadable")]
#[tokio::test]
async fn a_code_whose_answer_goes_wrong_says_how(#[case] fault: Fault, #[case] code: &str) {
    let server = server();
    let adapter = adapter();
    let input = agreed(&server, &adapter).await;
    server.next("POST /oauth/token", fault);
    let error = adapter.connect(input).await.unwrap_err();
    assert_eq!(error.code(), code, "{error:?}");
    let printed = format!("{error} {error:?}");
    assert!(
        !printed.contains("token-") && !printed.contains("code-"),
        "{printed}"
    );
}

/// An hour ahead.
const AHEAD: i64 = 60 * 60 * 1000;

/// One that hands its posts off for an hour later.
async fn ahead() -> Stage {
    let mut stage = Stage::set().await;
    stage.keys.handed_for = Some(NOW.plus(AHEAD));
    stage
}

async fn recall(stage: &Stage, handle: &serde_json::Value) -> Result<Recalled, NetworkError> {
    let account = stage.connection.account();
    stage.adapter.recall(account, handle).await.value
}

/// Whatever happens, the outcome of a hand-off tells no lie, and what the server keeps is found.
#[rstest]
#[case(Fault::Refuse, "rejected", 0)]
#[case(Fault::Throttle, "throttled", 0)]
#[case(Fault::Expired, "needs_reconnect", 0)]
#[case(Fault::DropBefore, "ambiguous", 0)]
#[case(Fault::DropAfter, "ambiguous", 1)]
#[case(Fault::CutAfter, "ambiguous", 1)]
#[case(Fault::HangAfter, "ambiguous", 1)]
#[case(Fault::GarbageAfter, "ambiguous", 1)]
#[case(Fault::BrokenBefore, "ambiguous", 0)]
#[case(Fault::BrokenAfter, "ambiguous", 1)]
#[tokio::test]
async fn a_hand_off_tells_no_lie(#[case] fault: Fault, #[case] wanted: &str, #[case] kept: usize) {
    let stage = ahead().await;
    stage.server.next(CREATE, fault);
    let outcome = stage.send().await;
    assert_eq!(name(&outcome), wanted, "{outcome:?}");
    assert_eq!(stage.server.scheduled().len(), kept);
    let found = stage.find(&Written::text(TEXT)).await.unwrap();
    match kept {
        0 => assert_eq!(found, Found::None),
        _ => assert!(matches!(found, Found::Kept(_)), "{found:?}"),
    }
    // The same key again is the same post.
    assert_eq!(name(&stage.send().await), "pending");
    assert_eq!(stage.server.scheduled(), [TEXT]);
    assert!(stage.server.texts().is_empty());
}

#[tokio::test]
async fn what_is_kept_is_asked_about_and_given_back_once() {
    let stage = ahead().await;
    let Outcome::Pending(handle) = stage.send().await else {
        panic!("it is kept");
    };
    let account = stage.connection.account();
    let still = stage.adapter.poll(account, &handle).await.value;
    assert_eq!(still, Outcome::Pending(handle.clone()));
    assert_eq!(recall(&stage, &handle).await, Ok(Recalled::GivenBack));
    assert!(stage.server.scheduled().is_empty());
    assert_eq!(recall(&stage, &handle).await, Ok(Recalled::NotThere));
    let gone = stage.adapter.poll(account, &handle).await.value;
    assert_eq!(name(&gone), "ambiguous", "gone does not say that it is out");
    let other = serde_json::json!({"scheduled": "../statuses/1"});
    let said = recall(&stage, &other).await;
    assert!(matches!(said, Err(NetworkError::Unreadable(_))), "{said:?}");
}

#[tokio::test]
async fn only_the_post_with_its_words_and_time_is_found_among_what_is_kept() {
    let mut stage = ahead().await;
    stage.send().await;
    let other = Written::text("Something else.");
    assert_eq!(stage.find(&other).await.unwrap(), Found::None);
    stage.keys.handed_for = Some(NOW.plus(2 * AHEAD));
    let later = stage.find(&Written::text(TEXT)).await.unwrap();
    assert_eq!(later, Found::None);
}

#[tokio::test]
async fn a_server_that_keeps_no_time_is_told_by_what_it_has_and_by_what_it_did() {
    let stage = ahead().await;
    stage.server.habits(|h| h.lists_scheduled = false);
    let outcome = stage.send().await;
    let Outcome::Rejected { code, .. } = &outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(*code, "keeps_no_time");
    assert_eq!(stage.server.calls(CREATE), 0, "nothing went out at once");
    stage.server.habits(|h| {
        h.lists_scheduled = true;
        h.keeps_time = false;
    });
    confirmed(stage.send().await);
    assert_eq!(stage.server.texts(), [TEXT]);
    let mut facts = stage.connection.facts.clone();
    let keeps = |facts: &_| stage.adapter.keeps_time(facts).map(|ahead| ahead.as_secs());
    assert_eq!(keeps(&facts), Some(300));
    facts.settings.insert(KEEPS_TIME.into(), "ignored".into());
    assert_eq!(keeps(&facts), None);
    facts.settings.remove(KEEPS_TIME);
    for version in ["4.2.9", "2.7.2 (compatible; Pleroma 2.6.2)", "0.17.3", ""] {
        facts.settings.insert("version".into(), version.into());
        assert_eq!(keeps(&facts), None, "{version} may publish at once");
    }
    facts
        .settings
        .insert("version".into(), "4.3.0+glitch".into());
    assert_eq!(keeps(&facts), Some(300));
}

#[tokio::test]
async fn too_near_or_too_many_is_a_refusal_in_the_servers_words() {
    let mut stage = ahead().await;
    stage.keys.handed_for = Some(NOW.plus(4 * 60 * 1000));
    assert_eq!(name(&stage.send().await), "rejected");
    stage.keys = attempt(&stage.adapter, stage.keys.delivery, 0);
    stage.keys.handed_for = Some(NOW.plus(AHEAD));
    stage.server.habits(|h| h.scheduled_a_day = 0);
    let Outcome::Rejected { words, .. } = stage.send().await else {
        panic!("it is full");
    };
    assert!(words.contains("limit of 25"), "{words}");
}
