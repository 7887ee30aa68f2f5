//! Class B over the real adapter: a server that keeps state, honours keys, and misbehaves.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::attempt::AttemptPhase;
use domain::delivery::{DeliveryStatus as D, HoldReason};
use domain::identity::IdentityStatus;
use engine::{Clock as _, ManualClock};
use networks::mastodon::MastodonAdapter;
use networks::{Adapter as _, ConnectInput, Connected, Http, HttpOptions, Secret};
use protocol::Mutation;
use protocol::event::NotificationKind as K;
use protocol::mutation::IdentityFacts;
use testkit::standin::mastodon::{Habits, Mastodon};
use testkit::standin::wire::Fault;

use crate::world::{MINUTE, START, World};

pub(crate) const CREATE: &str = "POST /api/v1/statuses";
const POSTS: &str = "GET /api/v1/accounts/109/statuses";

pub(crate) struct Stage {
    pub(crate) server: Mastodon,
    adapter: Arc<MastodonAdapter>,
    pub(crate) world: World,
}

async fn sign_in(server: &Mastodon, adapter: &MastodonAdapter) -> Connected {
    let input = ConnectInput {
        method: "token".into(),
        fields: BTreeMap::from([("service".to_owned(), server.url())]),
        secrets: BTreeMap::from([("token".to_owned(), Secret::new(server.token()))]),
        grant: None,
        now: domain::Instant(START),
    };
    adapter.connect(input).await.unwrap()
}

impl Stage {
    pub(crate) async fn with(change: impl FnOnce(&mut Habits)) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let time = Arc::clone(&clock);
        let server = Mastodon::start(Arc::new(move || time.wall()));
        server.habits(change);
        let options = HttpOptions {
            timeout: std::time::Duration::from_secs(5),
            ..HttpOptions::default()
        };
        let adapter = Arc::new(MastodonAdapter::new(Http::new(options).unwrap()).unwrap());
        let connected = sign_in(&server, &adapter).await;
        let world = World::with_adapter(&clock, adapter.clone(), &connected).await;
        Self {
            server,
            adapter,
            world,
        }
    }

    pub(crate) async fn set() -> Self {
        Self::with(|_| {}).await
    }
}

#[tokio::test]
async fn a_lost_answer_is_read_back_and_never_sent_again() {
    for fault in [Fault::DropAfter, Fault::BrokenAfter, Fault::GarbageAfter] {
        let stage = Stage::set().await;
        let piece = stage.world.piece(&["Snow"], None).await;
        stage.server.next(CREATE, fault);
        let end = stage.world.settle(piece.delivery).await;
        assert_eq!(end, D::Published, "{fault:?}");
        assert_eq!(stage.server.texts(), ["Snow"], "{fault:?}");
        assert_eq!(stage.server.calls(CREATE), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_lost_request_is_looked_for_and_then_sent_again_under_its_key() {
    let stage = Stage::set().await;
    let piece = stage.world.piece(&["Snow"], None).await;
    stage.server.next(CREATE, Fault::DropBefore);
    assert_eq!(stage.world.settle(piece.delivery).await, D::Published);
    assert_eq!(stage.server.texts(), ["Snow"]);
    assert_eq!(stage.server.calls(CREATE), 2);
    let attempts = stage.world.attempts(piece.delivery).await;
    assert_eq!(attempts.len(), 1, "the repeat is the same attempt");
    let waited = stage.world.now().since(attempts[0].started_at);
    assert!(waited >= MINUTE, "a server may be at work on the first");
}

#[tokio::test]
async fn a_repeat_whose_first_was_only_hidden_brings_the_first_back() {
    let stage = Stage::set().await;
    let piece = stage.world.piece(&["Snow"], None).await;
    stage.server.next(CREATE, Fault::DropAfter);
    // The account's list does not show it yet, again and again.
    stage.server.habits(|h| h.hides_posts = true);
    assert_eq!(stage.world.settle(piece.delivery).await, D::Published);
    assert_eq!(stage.server.texts(), ["Snow"], "the key held");
    assert_eq!(stage.server.calls(CREATE), 2);
}

#[tokio::test]
async fn software_that_may_ignore_the_key_is_asked_and_then_a_person() {
    let stage = Stage::with(|h| {
        h.version = "2.7.2 (compatible; Pleroma 2.6.2)".into();
        h.keys = false;
    })
    .await;
    let piece = stage.world.piece(&["Snow"], None).await;
    stage.server.next(CREATE, Fault::DropBefore);
    assert_eq!(stage.world.settle(piece.delivery).await, D::Unconfirmed);
    assert_eq!(stage.server.calls(CREATE), 1, "never blindly resent");
    let other = stage.world.piece(&["Ice"], None).await;
    stage.server.next(CREATE, Fault::DropAfter);
    assert_eq!(stage.world.settle(other.delivery).await, D::Published);
    assert_eq!(stage.server.texts(), ["Ice"]);
}

#[tokio::test]
async fn after_half_of_the_keys_time_only_a_person_sends_again() {
    let stage = Stage::set().await;
    let piece = stage.world.piece(&["Snow"], None).await;
    stage.server.next(CREATE, Fault::DropBefore);
    // The network is away for longer than the key is trusted.
    for _ in 0..40 {
        stage.server.next(POSTS, Fault::BrokenBefore);
    }
    let end = stage.world.settle(piece.delivery).await;
    assert_eq!(end, D::Unconfirmed);
    assert_eq!(stage.server.calls(CREATE), 1);
}

#[tokio::test]
async fn the_networks_wait_is_kept() {
    let stage = Stage::set().await;
    let piece = stage.world.piece(&["Snow"], None).await;
    stage.server.next(CREATE, Fault::Throttle);
    assert_eq!(stage.world.settle(piece.delivery).await, D::Published);
    let attempts = stage.world.attempts(piece.delivery).await;
    assert_eq!(attempts[0].phase, AttemptPhase::Throttled);
    assert!(attempts[1].started_at.since(attempts[0].started_at) >= 7_000);
    assert_eq!(stage.server.texts(), ["Snow"]);
}

#[tokio::test]
async fn an_ended_sign_in_holds_the_delivery_and_a_new_one_lets_it_out_once() {
    let stage = Stage::set().await;
    let world = &stage.world;
    let piece = world.piece(&["Snow"], None).await;
    stage.server.revoke();
    assert_eq!(world.settle(piece.delivery).await, D::Held);
    let held = world.delivery(piece.delivery).await;
    assert_eq!(held.hold, Some(HoldReason::Account));
    assert_eq!(world.told(K::Reconnect), 1);
    assert_eq!(
        world.identity_status().await,
        IdentityStatus::NeedsReconnect
    );
    assert!(stage.server.texts().is_empty());
    let connected = sign_in(&stage.server, &stage.adapter).await;
    *world.machine.secret.lock().unwrap() = connected.secret.map(|s| s.expose().clone());
    let facts = IdentityFacts {
        network: stage.adapter.descriptor().id.clone(),
        remote_id: connected.facts.remote_id,
        handle: connected.facts.handle,
        display_name: connected.name,
        service: String::new(),
        settings: connected.facts.settings,
        live: connected.facts.live,
    };
    let id = world.identity;
    let again = Mutation::UpdateIdentity { id, facts };
    world.apply(again).await.unwrap();
    assert_eq!(world.settle(piece.delivery).await, D::Published);
    assert_eq!(stage.server.texts(), ["Snow"]);
}

#[tokio::test]
async fn a_thread_goes_on_after_its_last_part() {
    let stage = Stage::set().await;
    let piece = stage.world.piece(&["One", "Two", "Three"], None).await;
    stage.server.next(CREATE, Fault::DropAfter);
    assert_eq!(stage.world.settle(piece.delivery).await, D::Published);
    assert_eq!(stage.server.texts(), ["One", "Two", "Three"]);
    let posts = stage.server.posts();
    assert_eq!(posts[1]["in_reply_to_id"], posts[0]["id"]);
    assert_eq!(posts[2]["in_reply_to_id"], posts[1]["id"]);
}
