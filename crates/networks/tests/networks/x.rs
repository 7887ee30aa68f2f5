//! X over a stand-in: what every adapter must get right, and the rules that are X's own.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::content::{Options, Poll, Quote, Replies};
use networks::x::XAdapter;
use networks::{
    Account, Adapter, AttemptKeys, AuthorizeInput, ConnectInput, Connected, FindInput, Found,
    Grant, Http, HttpOptions, JournalInput, NetworkError, Outcome, Presence, Remote, Secret,
    SubmitInput, ThreadContext,
};
use rstest::rstest;
use serde_json::json;
use testkit::standin::x::{CALLBACK, CLIENT, CLIENT_SECRET, Fault, Vocabulary, XStandIn, method};

use crate::common::{
    Connection, HandLease, Memory, NOW, Written, attempt, confirmed, delivery, png,
};

struct Stage {
    server: XStandIn,
    adapter: XAdapter,
    connection: Connection,
    keys: AttemptKeys,
    thread: ThreadContext,
}

fn adapter(server: &XStandIn) -> XAdapter {
    let options = HttpOptions {
        connect_timeout: Duration::from_secs(2),
        timeout: Duration::from_millis(1500),
        ..HttpOptions::default()
    };
    XAdapter::new(
        Http::new(options).unwrap(),
        &server.url(),
        &server.authorize(),
    )
    .unwrap()
}

fn pasted(access: &str, refresh: &str, secret: &str) -> ConnectInput {
    let hidden = |text: &str| Secret::new(text.to_owned());
    ConnectInput {
        method: "token".into(),
        fields: BTreeMap::from([("client_id".to_owned(), CLIENT.to_owned())]),
        secrets: BTreeMap::from([
            ("token".to_owned(), hidden(access)),
            ("refresh_token".to_owned(), hidden(refresh)),
            ("client_secret".to_owned(), hidden(secret)),
        ]),
        grant: None,
        now: NOW,
    }
}

async fn connected(server: &XStandIn, adapter: &XAdapter) -> Connected {
    let (access, refresh) = server.tokens();
    adapter
        .connect(pasted(&access, &refresh, CLIENT_SECRET))
        .await
        .unwrap()
}

const TEXT: &str = "Late snow on the pass: example.org/pass & more";

impl Stage {
    async fn set() -> Self {
        let server = XStandIn::start_with(std::sync::Arc::new(|| NOW.0)).unwrap();
        let adapter = adapter(&server);
        let connected = connected(&server, &adapter).await;
        let keys = attempt(&adapter, delivery(), 0);
        Self {
            server,
            adapter,
            connection: Connection {
                facts: connected.facts,
                secret: connected.secret,
            },
            keys,
            thread: ThreadContext::default(),
        }
    }

    async fn send_written(
        &mut self,
        written: &Written,
        media: &Memory,
        lease: Duration,
    ) -> Outcome {
        let target = written.target(&self.adapter);
        let answer = self
            .adapter
            .submit(SubmitInput {
                account: self.connection.account(),
                attempt: &self.keys,
                target: &target,
                thread: &self.thread,
                media,
                lease: &HandLease::of(lease),
            })
            .await;
        if answer.refreshed.is_some() {
            self.connection.secret = answer.refreshed;
        }
        let printed = format!("{:?}", answer.value);
        for secret in ["access-", "refresh-", CLIENT_SECRET] {
            assert!(!printed.contains(secret), "{printed}");
        }
        answer.value
    }

    async fn send(&mut self) -> Outcome {
        let lease = Duration::from_millis(700);
        self.send_written(&Written::text(TEXT), &Memory::default(), lease)
            .await
    }

    async fn find(&mut self) -> Result<Found, NetworkError> {
        self.find_written(&Written::text(TEXT)).await
    }

    async fn find_written(&mut self, written: &Written) -> Result<Found, NetworkError> {
        let target = written.target(&self.adapter);
        let answer = self
            .adapter
            .find(FindInput {
                account: self.connection.account(),
                attempt: &self.keys,
                target: &target,
                thread: &self.thread,
                since: NOW.plus(-5_000),
            })
            .await;
        if answer.refreshed.is_some() {
            self.connection.secret = answer.refreshed;
        }
        answer.value
    }
}

fn name(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Confirmed(_) => "confirmed".into(),
        Outcome::Pending(_) => "pending".into(),
        Outcome::Rejected { code, .. } => format!("rejected {code}"),
        Outcome::Throttled { .. } => "throttled".into(),
        Outcome::NotSent { .. } => "not_sent".into(),
        Outcome::NeedsReconnect { .. } => "needs_reconnect".into(),
        Outcome::Ambiguous { .. } => "ambiguous".into(),
    }
}

/// Whatever happens to the write, the outcome tells no lie, and what is live can be found.
#[rstest]
#[case(Fault::Refuse, "rejected invalid", 0)]
#[case(Fault::Forbid, "rejected not_permitted", 0)]
#[case(Fault::NoCredits, "rejected no_credits", 0)]
#[case(Fault::Duplicate, "ambiguous", 0)]
#[case(Fault::Throttle(7), "throttled", 0)]
#[case(Fault::DropBefore, "ambiguous", 0)]
#[case(Fault::DropAfter, "ambiguous", 1)]
#[case(Fault::HangBefore, "ambiguous", 0)]
#[case(Fault::HangAfter, "ambiguous", 1)]
#[case(Fault::GarbageBefore, "ambiguous", 0)]
#[case(Fault::GarbageAfter, "ambiguous", 1)]
#[case(Fault::BrokenBefore, "ambiguous", 0)]
#[case(Fault::BrokenAfter, "ambiguous", 1)]
#[case(Fault::Expire, "confirmed", 1)]
#[case(Fault::Redirect, "ambiguous", 0)]
#[tokio::test]
async fn a_write_that_goes_wrong_is_told_as_it_is_and_found_again(
    #[case] fault: Fault,
    #[case] expected: &str,
    #[case] posts: usize,
) {
    let mut stage = Stage::set().await;
    stage.server.next(method::CREATE, fault);
    let outcome = stage.send().await;
    assert_eq!(name(&outcome), expected, "{outcome:?}");
    assert_eq!(stage.server.posts().len(), posts);
    let found = stage.find().await.unwrap();
    match stage.server.posts().first() {
        None => assert_eq!(found, Found::None),
        Some(post) => {
            let url = format!("https://x.com/mara_writes/status/{}", post.id);
            let remote = Remote {
                id: post.id.clone(),
                url: Some(url),
                extra: json!(null),
            };
            assert_eq!(found, Found::One(remote));
        }
    }
}

#[tokio::test]
async fn a_repeated_post_is_refused_as_a_duplicate_and_read_back() {
    let mut stage = Stage::set().await;
    stage.server.next(method::CREATE, Fault::DropAfter);
    assert_eq!(name(&stage.send().await), "ambiguous");
    let outcome = stage.send().await;
    let Outcome::Ambiguous { why } = &outcome else {
        panic!("{outcome:?}");
    };
    assert!(why.contains("duplicate"), "X's own words: {why}");
    let id = stage.server.posts()[0].id.clone();
    assert!(matches!(stage.find().await.unwrap(), Found::One(r) if r.id == id));
    assert_eq!(stage.server.posts().len(), 1);
}

/// What was posted before this segment was ever tried is somebody else's.
#[tokio::test]
async fn an_older_post_of_the_same_words_is_not_taken_for_ones_own() {
    let mut stage = Stage::set().await;
    stage.server.post_by_hand(TEXT);
    let later = NOW.plus(3_600_000);
    stage.keys.keys = stage.adapter.journal_keys(&JournalInput {
        attempt: stage.keys.attempt,
        delivery: stage.keys.delivery,
        segment: 0,
        now: later,
        earlier: None,
    });
    assert_eq!(name(&stage.send().await), "ambiguous");
    let target = Written::text(TEXT).target(&stage.adapter);
    let found = stage.adapter.find(FindInput {
        account: stage.connection.account(),
        attempt: &stage.keys,
        target: &target,
        thread: &stage.thread,
        since: later.plus(-5_000),
    });
    assert_eq!(found.await.value.unwrap(), Found::None);
}

/// An earlier try of the same segment that may be live counts: its time is kept.
#[tokio::test]
async fn what_an_earlier_try_of_the_same_segment_left_is_found() {
    let mut stage = Stage::set().await;
    stage.server.next(method::CREATE, Fault::DropAfter);
    stage.send().await;
    let later = NOW.plus(3_600_000);
    let keys = stage.adapter.journal_keys(&JournalInput {
        attempt: stage.keys.attempt,
        delivery: stage.keys.delivery,
        segment: 0,
        now: later,
        earlier: Some(&stage.keys.keys),
    });
    stage.keys.keys = keys;
    let target = Written::text(TEXT).target(&stage.adapter);
    let found = stage.adapter.find(FindInput {
        account: stage.connection.account(),
        attempt: &stage.keys,
        target: &target,
        thread: &stage.thread,
        since: later.plus(-5_000),
    });
    assert!(matches!(found.await.value.unwrap(), Found::One(_)));
}

#[tokio::test]
async fn several_that_could_be_it_are_told_as_several() {
    let mut stage = Stage::set().await;
    stage.server.post_by_hand(TEXT);
    stage.server.post_by_hand(TEXT);
    assert_eq!(stage.find().await.unwrap(), Found::Several(2));
}

#[rstest]
#[case(Vocabulary::New)]
#[case(Vocabulary::Old)]
#[tokio::test]
async fn a_thread_is_a_chain_of_answers_and_each_part_is_known_by_its_parent(
    #[case] vocabulary: Vocabulary,
) {
    let mut stage = Stage::set().await;
    stage.server.speak(vocabulary);
    let written = Written::thread(&["One of two", "Two of two"]);
    let lease = Duration::from_secs(5);
    let first = confirmed(
        stage
            .send_written(&written, &Memory::default(), lease)
            .await,
    );
    stage.keys = attempt(&stage.adapter, stage.keys.delivery, 1);
    stage.thread = ThreadContext {
        root: Some(first.clone()),
        parent: Some(first.clone()),
    };
    stage.server.next(method::CREATE, Fault::DropAfter);
    let outcome = stage
        .send_written(&written, &Memory::default(), lease)
        .await;
    assert_eq!(name(&outcome), "ambiguous");
    let second = &stage.server.posts()[1];
    assert_eq!(second.parent.as_deref(), Some(first.id.as_str()));
    let found = stage.find_written(&written).await.unwrap();
    assert!(matches!(found, Found::One(r) if r.id == second.id));
    stage.thread.parent = Some(Remote {
        id: "1".into(),
        ..first
    });
    assert_eq!(stage.find_written(&written).await.unwrap(), Found::None);
}

#[tokio::test]
async fn a_part_whose_parent_is_not_known_is_not_sent() {
    let mut stage = Stage::set().await;
    stage.keys = attempt(&stage.adapter, delivery(), 1);
    let written = Written::thread(&["One of two", "Two of two"]);
    let outcome = stage
        .send_written(&written, &Memory::default(), Duration::from_secs(5))
        .await;
    assert_eq!(name(&outcome), "rejected no_parent");
    assert_eq!(stage.server.calls(method::CREATE), 0);
}

#[rstest]
#[case(Fault::Throttle(7), 7)]
#[case(Fault::ThrottleDay(4_000), 4_000)]
#[tokio::test]
async fn the_wait_is_until_the_window_that_is_used_up_ends(
    #[case] fault: Fault,
    #[case] seconds: u64,
) {
    let mut stage = Stage::set().await;
    stage.server.next(method::CREATE, fault);
    let retry_after = Some(Duration::from_secs(seconds));
    assert_eq!(stage.send().await, Outcome::Throttled { retry_after });
}

/// Where the app may not read, looking again would not help: a person is asked at once.
#[tokio::test]
async fn where_reading_is_not_allowed_nobody_looks_again() {
    let mut stage = Stage::set().await;
    stage.server.allow_reading(false);
    let error = stage.find().await.unwrap_err();
    assert!(matches!(error, NetworkError::Unsupported(_)), "{error:?}");
    stage.server.allow_reading(true);
    stage.server.next(method::TIMELINE, Fault::NoCredits);
    let error = stage.find().await.unwrap_err();
    assert!(matches!(error, NetworkError::Unsupported(_)), "{error:?}");
}

#[rstest]
#[case(Fault::DropBefore, "network_unreachable")]
#[case(Fault::HangBefore, "network_unreachable")]
#[case(Fault::BrokenBefore, "network_unreachable")]
#[case(Fault::GarbageBefore, "network_unreadable")]
#[case(Fault::Throttle(7), "network_throttled")]
#[tokio::test]
async fn reading_back_that_goes_wrong_says_how(#[case] fault: Fault, #[case] code: &str) {
    let mut stage = Stage::set().await;
    confirmed(stage.send().await);
    stage.server.next(method::TIMELINE, fault);
    let error = stage.find().await.unwrap_err();
    assert_eq!(error.code(), code, "{error:?}");
    assert!(error.is_retryable());
    assert!(matches!(stage.find().await.unwrap(), Found::One(_)));
}

/// No picture that goes wrong leaves a post behind.
#[rstest]
#[case(method::INITIALIZE, Fault::Refuse, "rejected invalid")]
#[case(method::INITIALIZE, Fault::NoCredits, "rejected no_credits")]
#[case(method::INITIALIZE, Fault::Expire, "confirmed")]
#[case(method::APPEND, Fault::DropAfter, "not_sent")]
#[case(method::APPEND, Fault::Throttle(9), "throttled")]
#[case(method::APPEND, Fault::GarbageAfter, "not_sent")]
#[case(method::FINALIZE, Fault::HangAfter, "not_sent")]
#[case(method::FINALIZE, Fault::BrokenBefore, "not_sent")]
#[case(method::METADATA, Fault::DropBefore, "not_sent")]
#[tokio::test]
async fn a_picture_that_goes_wrong_sends_no_post(
    #[case] method: &'static str,
    #[case] fault: Fault,
    #[case] expected: &str,
) {
    let mut stage = Stage::set().await;
    let file = png();
    let media = Memory::with(std::slice::from_ref(&file));
    let written = Written::text("A square.").picture(&file, "A red square");
    stage.server.next(method, fault);
    let lease = Duration::from_millis(700);
    let outcome = stage.send_written(&written, &media, lease).await;
    assert_eq!(name(&outcome), expected, "{outcome:?}");
    let sent = expected == "confirmed";
    assert_eq!(stage.server.posts().len(), usize::from(sent));
    if !sent {
        let lease = Duration::from_secs(5);
        confirmed(stage.send_written(&written, &media, lease).await);
    }
    let posts = stage.server.posts();
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0].media, ["A red square"]);
    assert!(matches!(
        stage.find_written(&written).await.unwrap(),
        Found::One(_)
    ));
}

/// Two frames of one pixel each, then filled up so that it takes three chunks.
fn moving_gif() -> Vec<u8> {
    let frame: &[u8] =
        b"\x21\xf9\x04\0\x0a\0\0\0\x2c\0\0\0\0\x01\0\x01\0\x80\0\0\0\xff\xff\xff\x02\x02\x44\x01\0";
    let mut gif = [b"GIF89a\x01\0\x01\0\0\0\0", frame, frame].concat();
    // A comment of more than two mebibytes.
    gif.extend(b"\x21\xfe");
    for _ in 0..9_000 {
        gif.push(255);
        gif.extend([b'x'; 255]);
    }
    gif.extend(b"\0;");
    gif
}

#[tokio::test]
async fn an_animation_goes_up_in_chunks_and_is_awaited() {
    let mut stage = Stage::set().await;
    stage.server.work_on_media(2);
    let file = moving_gif();
    let media = Memory::with(std::slice::from_ref(&file));
    let mut written = Written::text("It moves.").picture(&file, "A blinking square");
    for facts in written.assets.values_mut() {
        facts.mime = "image/gif".into();
        facts.animated = true;
    }
    let lease = Duration::from_secs(10);
    confirmed(stage.send_written(&written, &media, lease).await);
    assert_eq!(stage.server.calls(method::APPEND), 3);
    assert_eq!(stage.server.calls(method::STATUS), 2);
    let begun = &stage.server.asked(method::INITIALIZE)[0];
    assert_eq!(begun["media_category"], "tweet_gif");
    assert_eq!(begun["total_bytes"], file.len());
}

#[tokio::test]
async fn an_animation_that_takes_too_long_is_not_posted() {
    let mut stage = Stage::set().await;
    stage.server.work_on_media(1_000);
    let file = moving_gif();
    let media = Memory::with(std::slice::from_ref(&file));
    let mut written = Written::text("It moves.").picture(&file, "A blinking square");
    for facts in written.assets.values_mut() {
        facts.mime = "image/gif".into();
        facts.animated = true;
    }
    let lease = Duration::from_millis(900);
    let wait = stage.send_written(&written, &media, lease);
    // The lease of a test does not run down by itself.
    let outcome = tokio::time::timeout(Duration::from_secs(2), wait).await;
    assert!(outcome.is_err(), "it waits as long as it may");
    assert_eq!(stage.server.posts().len(), 0);
    let outcome = stage
        .send_written(&written, &media, Duration::from_millis(150))
        .await;
    assert_eq!(name(&outcome), "not_sent");
    assert_eq!(stage.server.calls(method::CREATE), 0);
}

#[tokio::test]
async fn an_animation_stands_alone() {
    let server = XStandIn::start().unwrap();
    let adapter = adapter(&server);
    let (gif, square) = (moving_gif(), png());
    let mut written = Written::text("Both.")
        .picture(&gif, "It moves")
        .picture(&square, "It does not");
    let facts = written.assets.get_mut(&domain::Hash::of(&gif)).unwrap();
    facts.mime = "image/gif".into();
    facts.animated = true;
    let prepared = written.prepare(&adapter);
    assert!(!prepared.is_sendable());
    assert!(
        prepared
            .issues
            .iter()
            .any(|i| i.code == "animation_not_alone")
    );
}

#[tokio::test]
async fn a_server_that_is_away_got_nothing() {
    let mut stage = Stage::set().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let http = Http::new(HttpOptions::default()).unwrap();
    stage.adapter =
        XAdapter::new(http, &format!("http://{free}"), &stage.server.authorize()).unwrap();
    assert_eq!(name(&stage.send().await), "not_sent");
}

#[tokio::test]
async fn an_ended_lease_opens_no_write() {
    let mut stage = Stage::set().await;
    let written = Written::text("Too late.");
    let outcome = stage
        .send_written(&written, &Memory::default(), Duration::ZERO)
        .await;
    assert_eq!(name(&outcome), "not_sent");
    assert_eq!(stage.server.calls(method::CREATE), 0);
}

#[tokio::test]
async fn tokens_are_refreshed_before_they_end() {
    let mut stage = Stage::set().await;
    // A pasted token's end is not known; X says that of the first that it gives.
    stage.server.next(method::CREATE, Fault::Expire);
    confirmed(stage.send().await);
    assert_eq!(stage.server.calls(method::TOKEN), 1);
    let soon = NOW.plus(2 * 3_600_000 - 60_000);
    stage.keys = attempt(&stage.adapter, delivery(), 0);
    stage.keys.started_at = soon;
    let written = Written::text("An hour and fifty-nine minutes later.");
    let lease = Duration::from_secs(5);
    confirmed(
        stage
            .send_written(&written, &Memory::default(), lease)
            .await,
    );
    assert_eq!(stage.server.calls(method::TOKEN), 2);
    assert_eq!(
        stage.server.calls(method::CREATE),
        3,
        "none of them in vain"
    );
}

/// The program is killed after X took the refresh token and before the new one was stored.
#[tokio::test]
async fn a_renewal_that_was_cut_off_is_tried_once_and_says_what_it_was() {
    let stage = Stage::set().await;
    let secret = stage.connection.secret.as_ref().unwrap();
    let marked = stage.adapter.before_renewal(secret, NOW).unwrap();
    assert!(
        stage.adapter.before_renewal(&marked, NOW).is_none(),
        "it keeps when the first one began"
    );
    let account = |secret| Account {
        facts: &stage.connection.facts,
        secret: Some(secret),
    };
    let renewed = stage.adapter.renew(account(&marked), NOW).await;
    renewed.value.unwrap();
    let fresh = renewed.refreshed.unwrap();
    assert!(
        !fresh.expose().contains("renewing"),
        "it has come to its end"
    );
    // Another process knows only what was stored before.
    let later = NOW.plus(60_000);
    let again = adapter(&stage.server).renew(account(&marked), later).await;
    match again.value {
        Err(NetworkError::NeedsReconnect { words }) => {
            assert!(words.contains("while it renewed"), "{words}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(stage.server.calls(method::TOKEN), 2, "tried once");
    // What X never got is not used up: the next try is as good as the first.
    let (access, refresh) = stage.server.tokens();
    let pasted = pasted(&access, &refresh, CLIENT_SECRET);
    let connected = stage.adapter.connect(pasted).await.unwrap();
    let marked = stage
        .adapter
        .before_renewal(&connected.secret.unwrap(), NOW)
        .unwrap();
    let again = adapter(&stage.server).renew(account(&marked), later).await;
    again.value.unwrap();
}

/// A refresh token works once: two who need it at once must not use it twice.
#[tokio::test]
async fn a_rotating_refresh_token_is_used_once_for_all_who_wait() {
    let stage = Stage::set().await;
    stage.server.expire();
    let texts = ["One", "Two", "Three", "Four"];
    let targets: Vec<_> = texts
        .iter()
        .map(|t| Written::text(t).target(&stage.adapter))
        .collect();
    let keys: Vec<_> = texts
        .iter()
        .map(|_| attempt(&stage.adapter, delivery(), 0))
        .collect();
    let (media, lease) = (Memory::default(), HandLease::of(Duration::from_secs(5)));
    let one = |i: usize| {
        stage.adapter.submit(SubmitInput {
            account: stage.connection.account(),
            attempt: &keys[i],
            target: &targets[i],
            thread: &stage.thread,
            media: &media,
            lease: &lease,
        })
    };
    let (a, b, c, d) = tokio::join!(one(0), one(1), one(2), one(3));
    for answer in [a, b, c, d] {
        assert!(answer.refreshed.is_some(), "whoever used it hands it back");
        confirmed(answer.value);
    }
    assert_eq!(stage.server.posts().len(), 4);
    assert_eq!(stage.server.calls(method::TOKEN), 1);
}

/// A secret that could not be stored in time is not lost while the program runs.
#[tokio::test]
async fn an_older_secret_is_replaced_by_the_newest_that_is_known() {
    let mut stage = Stage::set().await;
    let old = stage.connection.secret.clone();
    stage.server.expire();
    confirmed(stage.send().await);
    stage.connection.secret = old;
    stage.keys = attempt(&stage.adapter, delivery(), 0);
    let written = Written::text("Once more.");
    let lease = Duration::from_secs(5);
    confirmed(
        stage
            .send_written(&written, &Memory::default(), lease)
            .await,
    );
    assert_eq!(stage.server.calls(method::TOKEN), 1);
}

#[tokio::test]
async fn a_refresh_token_that_is_not_taken_needs_a_person() {
    let mut stage = Stage::set().await;
    stage.server.revoke();
    let outcome = stage.send().await;
    assert_eq!(name(&outcome), "needs_reconnect", "{outcome:?}");
    assert_eq!(stage.server.posts().len(), 0);
    let checked = stage.adapter.check(stage.connection.account()).await.value;
    assert!(matches!(checked, Err(NetworkError::NeedsReconnect { .. })));
    stage.connection.secret = None;
    assert_eq!(name(&stage.send().await), "needs_reconnect");
}

#[rstest]
#[case(Fault::BrokenBefore)]
#[case(Fault::DropBefore)]
#[case(Fault::HangBefore)]
#[tokio::test]
async fn a_refresh_that_gets_no_answer_sends_nothing_and_is_tried_again(#[case] fault: Fault) {
    let mut stage = Stage::set().await;
    stage.server.expire();
    stage.server.next(method::TOKEN, fault);
    assert_eq!(name(&stage.send().await), "not_sent");
    assert_eq!(stage.server.posts().len(), 0);
    confirmed(stage.send().await);
}

#[tokio::test]
async fn an_access_token_alone_works_until_it_ends() {
    let server = XStandIn::start().unwrap();
    let adapter = adapter(&server);
    let (access, _) = server.tokens();
    let mut input = pasted(&access, "", "");
    input.fields.clear();
    let connected = adapter.connect(input).await.unwrap();
    assert_eq!(connected.facts.handle, "mara_writes");
    let connection = Connection {
        facts: connected.facts,
        secret: connected.secret,
    };
    server.expire();
    let checked = adapter.check(connection.account()).await.value;
    assert!(matches!(checked, Err(NetworkError::NeedsReconnect { .. })));
    assert_eq!(server.calls(method::TOKEN), 0);
}

#[rstest]
#[case(Fault::Throttle(7), "network_throttled")]
#[case(Fault::DropBefore, "network_unreachable")]
#[case(Fault::BrokenBefore, "network_unreachable")]
#[case(Fault::GarbageBefore, "network_unreadable")]
#[case(Fault::Forbid, "network_refused")]
#[case(Fault::NoCredits, "no_credits")]
#[tokio::test]
async fn connecting_that_goes_wrong_says_how(#[case] fault: Fault, #[case] code: &str) {
    let server = XStandIn::start().unwrap();
    server.next(method::ME, fault);
    let (access, refresh) = server.tokens();
    let error = adapter(&server)
        .connect(pasted(&access, &refresh, ""))
        .await
        .unwrap_err();
    assert_eq!(error.code(), code, "{error:?}");
    assert!(!format!("{error} {error:?}").contains(&access));
}

#[tokio::test]
async fn a_token_that_x_does_not_take_is_a_fault_of_the_field() {
    let server = XStandIn::start().unwrap();
    let mut input = pasted("nonsense", "", "");
    input.fields.clear();
    let error = adapter(&server).connect(input).await.unwrap_err();
    assert_eq!(error.code(), "token_refused");
}

#[tokio::test]
async fn long_posts_are_allowed_by_the_accounts_own_word_alone() {
    let stage = Stage::set().await;
    let max = |facts| stage.adapter.limits(Some(facts)).text.max;
    assert_eq!(max(&stage.connection.facts), Some(280));
    stage.server.subscribe("Premium");
    let account = stage.connection.account();
    let checked = stage.adapter.check(account).await.value.unwrap();
    assert_eq!(max(&checked.facts), Some(25_000));
    assert_eq!(checked.facts.live[0].checked, "2026-11-23");
    stage.server.subscribe("None");
    let checked = stage.adapter.check(account).await.value.unwrap();
    assert_eq!(max(&checked.facts), Some(280));
}

#[rstest]
#[case(method::DELETE, Fault::DropAfter)]
#[case(method::DELETE, Fault::BrokenBefore)]
#[case(method::LOOK, Fault::HangBefore)]
#[tokio::test]
async fn a_deletion_is_only_gone_when_read_back(
    #[case] method: &'static str,
    #[case] fault: Fault,
) {
    let mut stage = Stage::set().await;
    let remote = confirmed(stage.send().await);
    stage.server.next(method, fault);
    let account = stage.connection.account();
    let first = stage.adapter.delete(account, &remote).await.value;
    assert!(first.is_err(), "{first:?}");
    let second = stage.adapter.delete(account, &remote).await.value;
    assert_eq!(second, Ok(Presence::Gone));
    assert_eq!(stage.server.posts().len(), 0);
    let looked = stage.adapter.look(account, &remote).await.value;
    assert_eq!(looked, Ok(Presence::Gone));
}

#[tokio::test]
async fn what_x_says_it_deleted_is_gone_where_nobody_may_read() {
    let mut stage = Stage::set().await;
    let remote = confirmed(stage.send().await);
    stage.server.allow_reading(false);
    let account = stage.connection.account();
    let gone = stage.adapter.delete(account, &remote).await.value;
    assert_eq!(gone, Ok(Presence::Gone));
    assert_eq!(stage.server.posts().len(), 0);
}

#[rstest]
#[case(Vocabulary::New)]
#[case(Vocabulary::Old)]
#[tokio::test]
async fn numbers_are_read_only_where_they_are_switched_on(#[case] vocabulary: Vocabulary) {
    let mut stage = Stage::set().await;
    stage.server.speak(vocabulary);
    let remote = confirmed(stage.send().await);
    assert!(!stage.adapter.measures(&stage.connection.facts));
    let settings = &mut stage.connection.facts.settings;
    settings.insert("metrics".into(), "on".into());
    assert!(stage.adapter.measures(&stage.connection.facts));
    let account = stage.connection.account();
    let metrics = stage.adapter.metrics(account, &[remote], NOW).await;
    let metrics = metrics.value.unwrap();
    let found: Vec<(&str, u64)> = metrics.iter().map(|m| (m.name.as_str(), m.value)).collect();
    let wanted = [
        ("likes", 3),
        ("reposts", 4),
        ("replies", 0),
        ("quotes", 1),
        ("impressions", 250),
        ("bookmarks", 2),
    ];
    assert_eq!(found, wanted);
}

/// $0.015 a post, $0.200 one with a link, $0.005 for the words of a picture.
#[tokio::test]
async fn the_cost_of_a_thread_is_known_before_it_is_sent() {
    let server = XStandIn::start().unwrap();
    let adapter = adapter(&server);
    let file = png();
    let written = Written::thread(&["One", "See example.org/a", "Three"]).picture(&file, "Red");
    let cost = written.prepare(&adapter).cost.unwrap();
    assert_eq!(cost.amount_micros, 15_000 + 200_000 + 15_000 + 5_000);
    assert_eq!(cost.currency, "USD");
    assert!(cost.as_of.parse::<chrono::NaiveDate>().is_ok());
}

#[tokio::test]
async fn long_timelines_are_read_to_their_end() {
    let mut stage = Stage::set().await;
    let id = stage.server.post_by_hand(TEXT);
    for n in 0..230 {
        stage.server.post_by_hand(&format!("Another {n}"));
    }
    assert!(matches!(stage.find().await.unwrap(), Found::One(r) if r.id == id));
    assert_eq!(stage.server.calls(method::TIMELINE), 3);
}

/// The question to a person, and what their browser brings back.
async fn agreed(server: &XStandIn, adapter: &XAdapter, secret: &str) -> ConnectInput {
    let fields = BTreeMap::from([("client_id".to_owned(), CLIENT.to_owned())]);
    let hidden = Secret::new(secret.to_owned());
    let secrets = BTreeMap::from([("client_secret".to_owned(), hidden)]);
    let way = adapter.descriptor().connect[0].kind;
    let redirect_uri = way.callback().expect("X compares the address");
    assert_eq!(redirect_uri, CALLBACK);
    let asked = adapter
        .authorize(AuthorizeInput {
            method: "oauth".into(),
            fields: fields.clone(),
            secrets: secrets.clone(),
            redirect_uri: redirect_uri.clone(),
            now: NOW,
        })
        .await
        .unwrap();
    assert!(asked.url.starts_with(&server.authorize()));
    let browser = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let answer = browser.get(&asked.url).send().await.unwrap();
    let back = answer.headers()["location"].to_str().unwrap();
    let back = url::Url::parse(back).unwrap();
    let query: BTreeMap<String, String> = back.query_pairs().into_owned().collect();
    assert_eq!(&query["state"], asked.state.expose());
    ConnectInput {
        method: "oauth".into(),
        fields,
        secrets,
        grant: Some(Grant {
            code: Secret::new(query["code"].clone()),
            issuer: None,
            redirect_uri,
            pending: asked.pending,
        }),
        now: NOW,
    }
}

#[rstest]
#[case::public_client("")]
#[case::confidential_client(CLIENT_SECRET)]
#[tokio::test]
async fn a_person_agrees_in_the_browser_for_an_app_of_their_own(#[case] secret: &str) {
    let mut stage = Stage::set().await;
    let input = agreed(&stage.server, &stage.adapter, secret).await;
    let connected = stage.adapter.connect(input).await.unwrap();
    assert_eq!(connected.facts.settings["client_id"], CLIENT);
    let kept = connected.secret.clone().unwrap();
    let ends = stage.adapter.expires(&kept).unwrap();
    assert_eq!(ends, NOW.plus(2 * 3_600_000));
    stage.connection = Connection {
        facts: connected.facts,
        secret: connected.secret,
    };
    let later = NOW.plus(3_600_000);
    let renewed = stage.adapter.renew(stage.connection.account(), later).await;
    renewed.value.unwrap();
    stage.connection.secret = renewed.refreshed;
    let kept = stage.connection.secret.clone().unwrap();
    assert_eq!(
        stage.adapter.expires(&kept),
        Some(later.plus(2 * 3_600_000))
    );
    confirmed(stage.send().await);
}

#[tokio::test]
async fn a_code_works_once_and_only_with_its_verifier() {
    let server = XStandIn::start_with(std::sync::Arc::new(|| NOW.0)).unwrap();
    let adapter = adapter(&server);
    let input = agreed(&server, &adapter, "").await;
    let mut other = input.clone();
    other.grant.as_mut().unwrap().pending = Secret::new("v".repeat(43));
    for wrong in [other, input] {
        let error = adapter.connect(wrong).await.unwrap_err();
        assert_eq!(error.code(), "code_expired", "{error:?}");
    }
}

#[tokio::test]
async fn what_the_person_did_not_grant_is_named() {
    let server = XStandIn::start_with(std::sync::Arc::new(|| NOW.0)).unwrap();
    let adapter = adapter(&server);
    server.withhold("media.write");
    let input = agreed(&server, &adapter, "").await;
    let error = adapter.connect(input).await.unwrap_err();
    assert_eq!(error.code(), "missing_scope");
    assert!(error.to_string().contains("media.write"));
}

/// A poll and who may reply belong to a thread's first post, the word on AI to all of them.
#[tokio::test]
async fn what_was_chosen_goes_out_by_xs_own_names() {
    let mut stage = Stage::set().await;
    let mut written = Written::thread(&["Which pass?", "Tell us why."]);
    written.variant.options = Options {
        poll: Some(Poll {
            choices: vec!["Furka".into(), "Susten".into()],
            minutes: 1_440,
            ..Poll::default()
        }),
        replies: Some(Replies::Mentioned),
        made_with_ai: true,
        ..Options::default()
    };
    let lease = Duration::from_secs(5);
    let first = confirmed(
        stage
            .send_written(&written, &Memory::default(), lease)
            .await,
    );
    stage.keys = attempt(&stage.adapter, stage.keys.delivery, 1);
    stage.thread.parent = Some(first.clone());
    confirmed(
        stage
            .send_written(&written, &Memory::default(), lease)
            .await,
    );
    let asked = stage.server.asked(method::CREATE);
    let poll = json!({"options": ["Furka", "Susten"], "duration_minutes": 1_440});
    assert_eq!(
        asked[0],
        json!({
            "text": "Which pass?",
            "poll": poll,
            "reply_settings": "mentionedUsers",
            "made_with_ai": true,
        })
    );
    assert_eq!(
        asked[1],
        json!({
            "text": "Tell us why.",
            "reply": {"in_reply_to_tweet_id": first.id},
            "made_with_ai": true,
        })
    );
}

/// X shows a quoted post as one more link in the text.
#[rstest]
#[tokio::test]
async fn a_quote_goes_out_and_is_known_again_behind_its_link(
    #[values(Vocabulary::New, Vocabulary::Old)] vocabulary: Vocabulary,
) {
    let mut stage = Stage::set().await;
    stage.server.speak(vocabulary);
    let address = "https://x.com/noor/status/1795428019999";
    let quoted = |address: &str| {
        let account = stage.connection.account();
        let (adapter, address) = (&stage.adapter, address.to_owned());
        async move { adapter.quoted(account, &address).await.value.unwrap() }
    };
    assert_eq!(quoted("https://example.org/1").await, None);
    let quote = quoted(address).await.unwrap();
    assert_eq!((&*quote.id, &*quote.author), ("1795428019999", "noor"));

    let mut written = Written::text(TEXT);
    written
        .quotes
        .insert(address.to_owned(), Some(quote.clone()));
    written.variant.options.quote = Some(Quote {
        address: address.to_owned(),
        ..Quote::default()
    });
    stage.server.next(method::CREATE, Fault::DropAfter);
    let lease = Duration::from_secs(5);
    let lost = stage
        .send_written(&written, &Memory::default(), lease)
        .await;
    assert_eq!(name(&lost), "ambiguous");
    let asked = stage.server.asked(method::CREATE);
    assert_eq!(asked[0], json!({"text": TEXT, "quote_tweet_id": quote.id}));
    let found = stage.find_written(&written).await.unwrap();
    assert!(matches!(found, Found::One(_)), "{found:?}");
    // One that quotes another post is another post.
    let mut other = written;
    other.quotes.insert(
        address.to_owned(),
        Some(Quote {
            id: "7".into(),
            ..quote
        }),
    );
    assert_eq!(stage.find_written(&other).await.unwrap(), Found::None);

    // X takes no pictures beside it.
    let file = png();
    let prepared = other.picture(&file, "A square").prepare(&stage.adapter);
    let codes: Vec<_> = prepared.issues.iter().map(|i| &*i.code).collect();
    assert_eq!(codes, ["quote_not_alone"]);
}
