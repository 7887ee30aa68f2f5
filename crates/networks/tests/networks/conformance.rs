//! What every adapter must get right when the network does not, in one table.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::content::{Options, Replies};
use networks::bluesky::BlueskyAdapter;
use networks::{
    Adapter, AttemptKeys, ConnectInput, FindInput, Found, Http, HttpOptions, NetworkError, Outcome,
    Presence, Secret, SubmitInput, ThreadContext,
};
use rstest::rstest;

use crate::common::{
    Connection, HandLease, Memory, NOW, Written, attempt, confirmed, delivery, png,
};
use crate::scripted::{Fault, Scripted};

const APPLY: &str = "com.atproto.repo.applyWrites";
const CREATE: &str = "com.atproto.repo.createRecord";
const POSTGATE: &str = "app.bsky.feed.postgate";
const READ: &str = "com.atproto.repo.getRecord";
const THREADGATE: &str = "app.bsky.feed.threadgate";
const UPLOAD: &str = "com.atproto.repo.uploadBlob";
const REFRESH: &str = "com.atproto.server.refreshSession";

struct Stage {
    server: Scripted,
    adapter: BlueskyAdapter,
    connection: Connection,
    keys: AttemptKeys,
    options: Options,
}

fn adapter() -> BlueskyAdapter {
    let options = HttpOptions {
        allow_private: true,
        connect_timeout: Duration::from_secs(2),
        timeout: Duration::from_millis(1500),
        ..HttpOptions::default()
    };
    BlueskyAdapter::new(Http::new(options).unwrap(), networks::bluesky::PLC).unwrap()
}

fn input(server: &Scripted, password: &str) -> ConnectInput {
    ConnectInput {
        method: "app_password".into(),
        fields: BTreeMap::from([
            ("service".to_owned(), server.url()),
            ("handle".to_owned(), "alice.test".to_owned()),
        ]),
        secrets: BTreeMap::from([("app_password".to_owned(), Secret::new(password.to_owned()))]),
        grant: None,
        now: NOW,
    }
}

impl Stage {
    async fn set() -> Self {
        let server = Scripted::start();
        let adapter = adapter();
        let connected = adapter
            .connect(input(&server, Scripted::password()))
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
            options: Options::default(),
        }
    }

    /// A stage for a post that not everybody may reply to or quote.
    async fn set_with_gates() -> Self {
        let mut stage = Self::set().await;
        stage.options.replies = Some(Replies::Nobody);
        stage.options.quotes_off = true;
        stage
    }

    fn written(&self) -> Written {
        let mut written = Written::text("Late snow on the pass.");
        written.variant.options = self.options.clone();
        written
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
                thread: &ThreadContext::default(),
                media,
                lease: &HandLease::of(lease),
            })
            .await;
        if answer.refreshed.is_some() {
            self.connection.secret = answer.refreshed;
        }
        let printed = format!("{:?}", answer.value);
        assert!(
            !printed.contains(Scripted::password()) && !printed.contains("access-"),
            "{printed}"
        );
        answer.value
    }

    async fn send(&mut self) -> Outcome {
        self.send_written(
            &self.written(),
            &Memory::default(),
            Duration::from_millis(700),
        )
        .await
    }

    async fn find(&self) -> Result<Found, NetworkError> {
        let target = self.written().target(&self.adapter);
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

/// Whatever happens to the write, with gates or without, the outcome tells no lie, what is live can be found, and the
/// repeat of the same write ends in exactly one post.
#[rstest]
#[case(Fault::Refuse, "rejected", 0)]
#[case(Fault::Throttle, "throttled", 0)]
#[case(Fault::DropBefore, "ambiguous", 0)]
#[case(Fault::DropAfter, "confirmed", 1)]
#[case(Fault::CutAfter, "confirmed", 1)]
#[case(Fault::HangBefore, "ambiguous", 0)]
#[case(Fault::HangAfter, "confirmed", 1)]
#[case(Fault::GarbageBefore, "ambiguous", 0)]
#[case(Fault::GarbageAfter, "confirmed", 1)]
#[case(Fault::BrokenBefore, "ambiguous", 0)]
#[case(Fault::BrokenAfter, "confirmed", 1)]
#[case(Fault::GatewayBefore, "ambiguous", 0)]
#[case(Fault::GatewayAfter, "confirmed", 1)]
#[case(Fault::Expired, "confirmed", 1)]
#[case(Fault::Redirect, "ambiguous", 0)]
#[tokio::test]
async fn a_write_that_goes_wrong_is_neither_lost_nor_doubled(
    #[case] fault: Fault,
    #[case] expected: &str,
    #[case] posts: usize,
) {
    let plain = Stage::set().await;
    let gated = Stage::set_with_gates().await;
    for (mut stage, method) in [(plain, CREATE), (gated, APPLY)] {
        stage.server.next(method, fault);
        let outcome = stage.send().await;
        assert_eq!(name(&outcome), expected, "{method}: {outcome:?}");
        assert_eq!(stage.server.posts(), posts);
        let found = stage.find().await.unwrap();
        assert_eq!(matches!(found, Found::One(_)), posts == 1, "{found:?}");
        let remote = confirmed(stage.send().await);
        assert_eq!(stage.server.posts(), 1, "never twice");
        assert_eq!(stage.find().await.unwrap(), Found::One(remote));
        for gate in [THREADGATE, POSTGATE] {
            let gates = stage.server.records(gate).len();
            assert_eq!(gates, usize::from(method == APPLY), "{gate}");
        }
    }
}

#[tokio::test]
async fn a_post_that_is_live_without_its_gates_is_not_passed_off_as_sent() {
    let mut stage = Stage::set().await;
    confirmed(stage.send().await);
    stage.options.replies = Some(Replies::Nobody);
    assert_eq!(stage.find().await, Ok(Found::Several(1)));
    let outcome = stage.send().await;
    assert_eq!(name(&outcome), "rejected", "{outcome:?}");
    assert_eq!(stage.server.posts(), 1);
}

#[tokio::test]
async fn a_post_that_is_live_without_its_labels_is_not_taken_for_it() {
    let mut stage = Stage::set().await;
    confirmed(stage.send().await);
    stage.options.labels = vec!["graphic-media".into()];
    assert_eq!(stage.find().await, Ok(Found::Several(1)));
}

#[tokio::test]
async fn gates_go_with_the_post_that_is_deleted() {
    let mut stage = Stage::set_with_gates().await;
    let remote = confirmed(stage.send().await);
    let account = stage.connection.account();
    let gone = stage.adapter.delete(account, &remote).await.value;
    assert_eq!(gone, Ok(Presence::Gone));
    for collection in ["app.bsky.feed.post", THREADGATE, POSTGATE] {
        assert!(stage.server.records(collection).is_empty(), "{collection}");
    }
}

/// The same when reading back does not work either: then it is ambiguous, never a guess.
#[rstest]
#[case(Fault::DropAfter, Fault::DropBefore, 1)]
#[case(Fault::HangAfter, Fault::HangBefore, 1)]
#[case(Fault::BrokenAfter, Fault::BrokenBefore, 1)]
#[case(Fault::BrokenBefore, Fault::GarbageBefore, 0)]
#[case(Fault::GarbageAfter, Fault::Throttle, 1)]
#[case(Fault::Refuse, Fault::DropBefore, 0)]
#[tokio::test]
async fn what_cannot_be_read_back_is_ambiguous(
    #[case] write: Fault,
    #[case] read: Fault,
    #[case] posts: usize,
) {
    let mut stage = Stage::set().await;
    stage.server.next(CREATE, write);
    stage.server.next(READ, read);
    let outcome = stage.send().await;
    assert_eq!(name(&outcome), "ambiguous", "{outcome:?}");
    assert_eq!(stage.server.posts(), posts);
    confirmed(stage.send().await);
    assert_eq!(stage.server.posts(), 1, "never twice");
}

/// No picture that goes wrong leaves a post behind.
#[rstest]
#[case(Fault::Refuse, "rejected")]
#[case(Fault::Throttle, "throttled")]
#[case(Fault::DropBefore, "not_sent")]
#[case(Fault::DropAfter, "not_sent")]
#[case(Fault::HangAfter, "not_sent")]
#[case(Fault::GarbageAfter, "not_sent")]
#[case(Fault::BrokenBefore, "not_sent")]
#[case(Fault::GatewayAfter, "not_sent")]
#[case(Fault::Expired, "confirmed")]
#[tokio::test]
async fn a_picture_that_goes_wrong_sends_no_post(#[case] fault: Fault, #[case] expected: &str) {
    let mut stage = Stage::set().await;
    let file = png();
    let media = Memory::with(std::slice::from_ref(&file));
    let written = Written::text("A square.").picture(&file, "A red square");
    stage.server.next(UPLOAD, fault);
    let lease = Duration::from_millis(700);
    let outcome = stage.send_written(&written, &media, lease).await;
    assert_eq!(name(&outcome), expected, "{outcome:?}");
    assert_eq!(stage.server.posts(), usize::from(expected == "confirmed"));
    confirmed(
        stage
            .send_written(&written, &media, Duration::from_secs(5))
            .await,
    );
    assert_eq!(stage.server.posts(), 1);
}

#[tokio::test]
async fn a_wait_that_the_network_asks_for_is_passed_on() {
    let mut stage = Stage::set().await;
    stage.server.next(CREATE, Fault::Throttle);
    let outcome = stage.send().await;
    assert_eq!(
        outcome,
        Outcome::Throttled {
            retry_after: Some(Duration::from_secs(7))
        }
    );
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
async fn an_ended_lease_opens_no_write() {
    let mut stage = Stage::set().await;
    let written = Written::text("Too late.");
    let outcome = stage
        .send_written(&written, &Memory::default(), Duration::ZERO)
        .await;
    assert_eq!(name(&outcome), "not_sent");
    assert_eq!(stage.server.calls(CREATE), 0);
}

#[tokio::test]
async fn expired_tokens_are_refreshed_once_for_all_who_wait() {
    let stage = Stage::set().await;
    stage.server.next(CREATE, Fault::Expired);
    let target = Written::text("At once.").target(&stage.adapter);
    let nowhere = ThreadContext::default();
    let media = Memory::default();
    let lease = HandLease::of(Duration::from_secs(5));
    let keys: Vec<AttemptKeys> = (0..4)
        .map(|_| attempt(&stage.adapter, delivery(), 0))
        .collect();
    let one = |i: usize| {
        stage.adapter.submit(SubmitInput {
            account: stage.connection.account(),
            attempt: &keys[i],
            target: &target,
            thread: &nowhere,
            media: &media,
            lease: &lease,
        })
    };
    let (a, b, c, d) = tokio::join!(one(0), one(1), one(2), one(3));
    for answer in [a, b, c, d] {
        confirmed(answer.value);
    }
    assert_eq!(stage.server.posts(), 4);
    assert_eq!(stage.server.calls(REFRESH), 1);
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
async fn a_dead_refresh_token_falls_back_to_the_app_password_and_then_to_a_person() {
    let mut stage = Stage::set().await;
    stage.server.lock_out(false);
    confirmed(stage.send().await);
    stage.keys = attempt(&stage.adapter, delivery(), 0);
    stage.server.lock_out(true);
    let outcome = stage.send().await;
    assert_eq!(name(&outcome), "needs_reconnect", "{outcome:?}");
    assert_eq!(stage.server.posts(), 1);
    let checked = stage.adapter.check(stage.connection.account()).await.value;
    assert!(matches!(checked, Err(NetworkError::NeedsReconnect { .. })));
    stage.connection.secret = None;
    assert_eq!(name(&stage.send().await), "needs_reconnect");
}

#[rstest]
#[case(Fault::Throttle, "network_throttled")]
#[case(Fault::DropBefore, "network_unreachable")]
#[case(Fault::HangBefore, "network_unreachable")]
#[case(Fault::BrokenBefore, "network_unreachable")]
#[case(Fault::GarbageBefore, "network_unreadable")]
#[case(Fault::Refuse, "network_refused")]
#[tokio::test]
async fn signing_in_that_goes_wrong_says_how(#[case] fault: Fault, #[case] code: &str) {
    let server = Scripted::start();
    server.next("com.atproto.server.createSession", fault);
    let error = adapter()
        .connect(input(&server, Scripted::password()))
        .await
        .unwrap_err();
    assert_eq!(error.code(), code, "{error:?}");
    assert!(!format!("{error} {error:?}").contains(Scripted::password()));
}

#[rstest]
#[case("com.atproto.repo.deleteRecord", Fault::DropAfter)]
#[case("com.atproto.repo.deleteRecord", Fault::BrokenBefore)]
#[case(READ, Fault::HangBefore)]
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
    assert_eq!(stage.server.posts(), 0);
}

#[tokio::test]
async fn a_number_that_is_not_given_is_absent_and_zero_is_zero() {
    let mut stage = Stage::set().await;
    let remote = confirmed(stage.send().await);
    let account = stage.connection.account();
    let metrics = stage
        .adapter
        .metrics(account, &[remote], NOW)
        .await
        .value
        .unwrap();
    let found: Vec<(&str, u64)> = metrics.iter().map(|m| (m.name.as_str(), m.value)).collect();
    assert_eq!(found, [("likes", 3), ("replies", 0)]);
}
