//! Signing in to a real Bluesky server through the browser.

use std::collections::BTreeMap;

use crate::bluesky_server::Peer;
use crate::common::{Connection, Memory, NOW, Written, attempt, confirmed, delivery, submit};
use domain::Instant;
use networks::bluesky::BlueskyAdapter;
use networks::{
    Adapter, Authorization, AuthorizeInput, ConnectInput, Connected, Grant, Http, HttpOptions,
    NetworkError, Outcome, SIGN_IN_OVER, Secret, SignInTrouble, ThreadContext,
};
use serde_json::{Value, json};

#[path = "../../../../tests/peers/bluesky_pages.rs"]
mod pages;

use pages::Answer;

const BACK: &str = "http://127.0.0.1:43127/callback";

fn adapter(peer: &Peer) -> BlueskyAdapter {
    let options = HttpOptions {
        allow_private: true,
        ..HttpOptions::default()
    };
    BlueskyAdapter::new(Http::new(options).unwrap(), peer.text("/plc")).unwrap()
}

/// The server as its own documents write it.
fn service(peer: &Peer) -> String {
    peer.text("/service").replace("127.0.0.1", "localhost")
}

fn fields(peer: &Peer, handle: &str) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("service".to_owned(), service(peer)),
        ("handle".to_owned(), handle.to_owned()),
    ])
}

async fn asked(adapter: &BlueskyAdapter, peer: &Peer, handle: &str) -> Authorization {
    let input = AuthorizeInput {
        method: "oauth".into(),
        fields: fields(peer, handle),
        secrets: BTreeMap::new(),
        redirect_uri: BACK.into(),
        now: NOW,
    };
    adapter.authorize(input).await.unwrap()
}

/// What the browser brings when `who` agrees.
async fn brought(asked: &Authorization, who: &str) -> Grant {
    let back = pages::visit(
        &asked.url,
        &format!("{who}.test"),
        "account-password",
        Answer::Agree,
    )
    .await;
    assert!(back.as_str().starts_with(BACK), "{back}");
    let given: BTreeMap<String, String> = back.query_pairs().into_owned().collect();
    assert_eq!(&given["state"], asked.state.expose());
    Grant {
        code: Secret::new(given["code"].clone()),
        issuer: given.get("iss").cloned(),
        redirect_uri: BACK.into(),
        pending: asked.pending.clone(),
    }
}

async fn redeem(
    adapter: &BlueskyAdapter,
    peer: &Peer,
    handle: &str,
    grant: Grant,
) -> Result<Connected, NetworkError> {
    let input = ConnectInput {
        method: "oauth".into(),
        fields: fields(peer, handle),
        secrets: BTreeMap::new(),
        grant: Some(grant),
        now: NOW,
    };
    adapter.connect(input).await
}

async fn connect(adapter: &BlueskyAdapter, peer: &Peer, who: &str) -> Connection {
    let handle = format!("{who}.test");
    let asked = asked(adapter, peer, &handle).await;
    let grant = brought(&asked, who).await;
    let connected = redeem(adapter, peer, &handle, grant).await.unwrap();
    Connection {
        facts: connected.facts,
        secret: connected.secret,
    }
}

fn kept(connection: &Connection) -> Value {
    serde_json::from_str(connection.secret.as_ref().unwrap().expose()).unwrap()
}

/// The account with something else kept of it.
fn with(connection: &Connection, change: impl FnOnce(&mut Value)) -> Connection {
    let mut kept = kept(connection);
    change(&mut kept);
    Connection {
        facts: connection.facts.clone(),
        secret: Some(Secret::new(kept.to_string())),
    }
}

async fn post(adapter: &BlueskyAdapter, whose: &mut Connection, text: &str) -> Outcome {
    let target = Written::text(text).target(adapter);
    let keys = attempt(adapter, delivery(), 0);
    let (nowhere, media) = (ThreadContext::default(), Memory::default());
    submit(adapter, whose, &keys, &target, &nowhere, &media).await
}

async fn times(peer: &Peer, whose: &Connection, text: &str) -> usize {
    let posts = peer.posts(&whose.facts.remote_id).await;
    posts
        .iter()
        .filter(|p| p["value"]["text"] == json!(text))
        .count()
}

#[tokio::test]
async fn a_person_signs_in_through_the_browser_and_posts() {
    let Some(peer) = Peer::start(false) else {
        return;
    };
    let adapter = adapter(&peer);
    let mut alice = connect(&adapter, &peer, "alice").await;
    assert_eq!(alice.facts.handle, "alice.test");
    assert_eq!(alice.facts.remote_id, peer.text("/accounts/alice/did"));
    assert_eq!(alice.facts.settings["service"], service(&peer));
    let over: Instant = alice.facts.settings[SIGN_IN_OVER].parse().unwrap();
    assert_eq!(over.since(NOW), 14 * domain::time::DAY);
    let secret = alice.secret.as_ref().unwrap();
    let ends = adapter.expires(secret).unwrap();
    assert!(ends > NOW && ends.since(NOW) <= domain::time::HOUR);

    confirmed(post(&adapter, &mut alice, "By the browser.").await);
    assert_eq!(times(&peer, &alice, "By the browser.").await, 1);

    // This program begins anew and knows no nonce of the server: the first write is refused for
    // it, and made once more.
    let fresh = self::adapter(&peer);
    confirmed(post(&fresh, &mut alice, "After a start.").await);
    assert_eq!(times(&peer, &alice, "After a start.").await, 1);

    tokens_are_renewed_once_and_kept(&peer, &fresh, &mut alice).await;
    a_token_without_its_own_key_is_worth_nothing(&peer, &fresh, &alice).await;
    a_sign_in_that_is_given_back_wants_a_person(&peer, &fresh, &alice).await;
}

async fn tokens_are_renewed_once_and_kept(
    peer: &Peer,
    adapter: &BlueskyAdapter,
    alice: &mut Connection,
) {
    let before = kept(alice);
    let unmarked = alice.secret.clone().unwrap();
    let marked = adapter.before_renewal(&unmarked, NOW).unwrap();
    assert!(
        adapter.before_renewal(&marked, NOW).is_none(),
        "it keeps when the first one began"
    );
    alice.secret = Some(marked.clone());
    let renewed = adapter.renew(alice.account(), NOW).await;
    renewed.value.unwrap();
    alice.secret = renewed.refreshed;
    assert_eq!(kept(alice)["renewing"], Value::Null, "it came to its end");
    let after = kept(alice);
    assert_ne!(before["access"], after["access"]);
    assert_ne!(before["refresh"], after["refresh"]);
    assert_eq!(before["bound"]["key"], after["bound"]["key"]);

    // The access token ended: two writes at once renew it once, and each goes out once.
    let spoilt = |kept: &mut Value| kept["access"] = json!("eyJhbGciOiJFUzI1NiJ9.e30.c2ln");
    let (mut one, mut two) = (with(alice, spoilt), with(alice, spoilt));
    let fresh = self::adapter(peer);
    let (first, second) = tokio::join!(
        post(&fresh, &mut one, "One of two."),
        post(&fresh, &mut two, "Two of two."),
    );
    confirmed(first);
    confirmed(second);
    assert_eq!(kept(&one)["refresh"], kept(&two)["refresh"]);
    assert_ne!(kept(&one)["refresh"], after["refresh"]);
    assert_eq!(times(peer, alice, "One of two.").await, 1);
    assert_eq!(times(peer, alice, "Two of two.").await, 1);

    // What was renewed is there to be kept although the write came to nothing.
    let mut ended = with(&one, spoilt);
    let mut target = Written::text("Too long.").target(adapter);
    target.segments[0].text = "é".repeat(301);
    let keys = attempt(adapter, delivery(), 0);
    let (nowhere, media) = (ThreadContext::default(), Memory::default());
    let fresh = self::adapter(peer);
    let refused = submit(&fresh, &mut ended, &keys, &target, &nowhere, &media).await;
    assert!(matches!(&refused, Outcome::Rejected { .. }), "{refused:?}");
    assert_ne!(
        kept(&ended)["access"],
        json!("eyJhbGciOiJFUzI1NiJ9.e30.c2ln")
    );
    *alice = ended;
    adapter_works(&fresh, alice).await;
}

/// The program is killed after the server took the refresh token and before the new one was kept.
async fn a_renewal_that_was_cut_off_says_what_it_was(peer: &Peer, bob: &Connection) {
    let adapter = self::adapter(peer);
    let secret = bob.secret.as_ref().unwrap();
    let marked = Connection {
        facts: bob.facts.clone(),
        secret: adapter.before_renewal(secret, NOW),
    };
    let renewed = adapter.renew(marked.account(), NOW).await;
    renewed.value.unwrap();
    // Another process knows only what was kept before.
    let later = NOW.plus(60_000);
    let again = self::adapter(peer).renew(marked.account(), later).await;
    match again.value {
        Err(NetworkError::NeedsReconnect { words }) => {
            assert!(words.contains("while it renewed"), "{words}");
        }
        other => panic!("{other:?}"),
    }
}

async fn adapter_works(adapter: &BlueskyAdapter, whose: &Connection) {
    let checked = adapter.check(whose.account()).await.value.unwrap();
    assert_eq!(checked.facts.handle, whose.facts.handle);
    assert_eq!(checked.facts.settings, whose.facts.settings);
}

async fn a_token_without_its_own_key_is_worth_nothing(
    peer: &Peer,
    adapter: &BlueskyAdapter,
    alice: &Connection,
) {
    let bob = connect(adapter, peer, "bob").await;
    let others = kept(&bob)["bound"]["key"].clone();
    let stolen = with(alice, |kept| kept["bound"]["key"] = others);
    let answer = adapter.check(stolen.account()).await;
    assert!(answer.value.is_err(), "{:?}", answer.value);
    assert!(answer.refreshed.is_none());
    a_renewal_that_was_cut_off_says_what_it_was(peer, &bob).await;
}

async fn a_sign_in_that_is_given_back_wants_a_person(
    peer: &Peer,
    adapter: &BlueskyAdapter,
    alice: &Connection,
) {
    adapter
        .give_back(alice.secret.as_ref().unwrap())
        .await
        .unwrap();
    let mut alice = with(alice, |kept| {
        kept["access"] = json!("eyJhbGciOiJFUzI1NiJ9.e30.c2ln")
    });
    let outcome = post(adapter, &mut alice, "Never.").await;
    assert!(
        matches!(&outcome, Outcome::NeedsReconnect { .. }),
        "{outcome:?}"
    );
    assert_eq!(times(peer, &alice, "Never.").await, 0);
}

#[tokio::test]
async fn a_sign_in_that_is_not_what_was_asked_for_is_not_taken() {
    let Some(peer) = Peer::start(false) else {
        return;
    };
    let adapter = adapter(&peer);

    // Nobody is named: the page asks who it is.
    let anybody = asked(&adapter, &peer, "").await;
    let grant = brought(&anybody, "carol").await;
    let carol = redeem(&adapter, &peer, "", grant.clone()).await.unwrap();
    assert_eq!(carol.facts.handle, "carol.test");

    // The code is used up.
    let again = redeem(&adapter, &peer, "", grant).await;
    assert!(
        matches!(
            &again,
            Err(NetworkError::SignIn {
                trouble: SignInTrouble::CodeExpired,
                ..
            })
        ),
        "{again:?}"
    );

    // Somebody else than who was named agreed.
    let for_alice = asked(&adapter, &peer, "alice.test").await;
    let bobs = brought(&for_alice, "bob").await;
    let other = redeem(&adapter, &peer, "alice.test", bobs).await;
    assert!(
        matches!(
            &other,
            Err(NetworkError::Field {
                code: "another_account",
                ..
            })
        ),
        "{other:?}"
    );

    // The answer says to be of another server, or of none.
    for issuer in [Some("https://elsewhere.example".to_owned()), None] {
        let asked = asked(&adapter, &peer, "bob.test").await;
        let mut grant = brought(&asked, "bob").await;
        grant.issuer = issuer;
        let mixed = redeem(&adapter, &peer, "bob.test", grant).await;
        assert!(
            matches!(
                &mixed,
                Err(NetworkError::SignIn {
                    trouble: SignInTrouble::WrongApp,
                    ..
                })
            ),
            "{mixed:?}"
        );
    }

    // The person says no.
    let asked = asked(&adapter, &peer, "bob.test").await;
    let back = pages::visit(&asked.url, "bob.test", "account-password", Answer::Refuse).await;
    assert!(back.as_str().contains("error=access_denied"), "{back}");

    // Nobody has the handle.
    let input = AuthorizeInput {
        method: "oauth".into(),
        fields: fields(&peer, "nobody.test"),
        secrets: BTreeMap::new(),
        redirect_uri: BACK.into(),
        now: NOW,
    };
    let nobody = adapter.authorize(input).await;
    assert!(
        matches!(
            &nobody,
            Err(NetworkError::Field {
                field: "handle",
                ..
            })
        ),
        "{nobody:?}"
    );
}

/// An account's document is written by its owner, who may name anybody's handle in it.
#[tokio::test]
async fn a_handle_that_is_somebody_elses_is_not_shown() {
    let Some(mut peer) = Peer::start(false) else {
        return;
    };
    peer.claim("carol", "alice.test");
    let adapter = adapter(&peer);
    let asked = asked(&adapter, &peer, "").await;
    let grant = brought(&asked, "carol").await;
    let carol = redeem(&adapter, &peer, "", grant).await.unwrap();
    let did = peer.text("/accounts/carol/did");
    assert_eq!(carol.facts.remote_id, did);
    assert_eq!(carol.facts.handle, did, "not alice.test");
    // The account's server says its own name of it, and nobody but that server.
    let connection = Connection {
        facts: carol.facts,
        secret: carol.secret,
    };
    let checked = adapter.check(connection.account()).await.value.unwrap();
    assert_eq!(checked.facts.handle, did);
    peer.claim("carol", "carol.test");
    let checked = adapter.check(connection.account()).await.value.unwrap();
    assert_eq!(checked.facts.handle, "carol.test");
}
