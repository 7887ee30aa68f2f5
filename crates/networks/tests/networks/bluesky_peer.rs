//! The adapter against a real Bluesky server.

use crate::bluesky_server::Peer;
use crate::common::{Connection, Memory, NOW, Written, attempt, confirmed, delivery, png, submit};
use domain::content::{Options, Quote, Replies};
use domain::version::Card;
use networks::bluesky::BlueskyAdapter;
use networks::{
    Adapter, FindInput, Found, Http, HttpOptions, NetworkError, Outcome, Presence, Secret,
    ThreadContext,
};
use serde_json::{Value, json};

impl Peer {
    async fn connect(&self, adapter: &BlueskyAdapter, who: &str) -> Connection {
        let password = self.text(&format!("/accounts/{who}/app_password"));
        let connected = adapter
            .connect(self.input(who, password, NOW))
            .await
            .unwrap();
        assert_eq!(connected.facts.handle, format!("{who}.test"));
        Connection {
            facts: connected.facts,
            secret: connected.secret,
        }
    }

    /// A session of an account past the adapter.
    async fn session(&self, who: &str) -> Value {
        self.call(
            "com.atproto.server.createSession",
            &json!({"identifier": format!("{who}.test"), "password": "account-password"}),
            "",
        )
        .await
    }

    /// A post as the AppView shows it to an account.
    async fn post_for(&self, who: &str, uri: &str) -> Value {
        let session = self.session(who).await;
        let url = format!(
            "{}/xrpc/app.bsky.feed.getPosts?uris={uri}",
            self.text("/service")
        );
        let answer: Value = reqwest::Client::new()
            .get(url)
            .bearer_auth(session["accessJwt"].as_str().unwrap())
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        answer["posts"][0].clone()
    }
}

fn adapter() -> BlueskyAdapter {
    let options = HttpOptions {
        allow_private: true,
        ..HttpOptions::default()
    };
    BlueskyAdapter::new(Http::new(options).unwrap(), networks::bluesky::PLC).unwrap()
}

/// The secret with some of its tokens spoilt.
fn spoilt(connection: &Connection, names: &[&str]) -> Connection {
    let mut kept: Value =
        serde_json::from_str(connection.secret.as_ref().unwrap().expose()).unwrap();
    for name in names {
        kept[*name] = json!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl");
    }
    Connection {
        facts: connection.facts.clone(),
        secret: Some(Secret::new(kept.to_string())),
    }
}

#[tokio::test]
async fn a_real_server_takes_what_we_send() {
    let Some(peer) = Peer::start(false) else {
        return;
    };
    let adapter = adapter();
    signing_in_says_what_is_wrong(&peer, &adapter).await;
    let mut alice = peer.connect(&adapter, "alice").await;
    let did = alice.facts.remote_id.clone();
    facets_mean_what_they_mark(&peer, &adapter, &mut alice).await;
    a_repeat_is_the_same_post(&peer, &adapter, &mut alice).await;
    a_thread_hangs_together(&peer, &adapter, &mut alice).await;
    pictures_and_cards_arrive(&peer, &adapter, &mut alice).await;
    gates_and_labels_arrive_and_leave_with_the_post(&peer, &adapter, &mut alice).await;
    a_quote_holds_what_was_approved(&peer, &adapter, &mut alice).await;
    a_deleted_post_is_read_back_as_gone(&adapter, &mut alice).await;
    too_long_a_text_never_reaches_the_network(&peer, &adapter, &mut alice).await;
    metrics_are_absent_without_an_appview(&adapter, &alice, &peer).await;
    tokens_are_refreshed_and_a_revoked_password_wants_a_person(&peer, &adapter, &alice).await;
    assert!(peer.posts(&did).await.len() >= 6);
}

async fn signing_in_says_what_is_wrong(peer: &Peer, adapter: &BlueskyAdapter) {
    let wrong = adapter
        .connect(peer.input("alice", "aaaa-bbbb-cccc-dddd", NOW))
        .await;
    assert!(
        matches!(
            &wrong,
            Err(NetworkError::Field { code: "wrong_password", words, .. }) if words.contains("Invalid")
        ),
        "{wrong:?}"
    );
    let own = adapter
        .connect(peer.input("alice", "account-password", NOW))
        .await;
    assert!(
        matches!(
            &own,
            Err(NetworkError::Field {
                code: "not_an_app_password",
                ..
            })
        ),
        "{own:?}"
    );
    let mut elsewhere = peer.input("alice", "x", NOW);
    elsewhere
        .fields
        .insert("service".into(), peer.text("/plc").to_owned());
    let not_one = adapter.connect(elsewhere).await;
    assert!(
        matches!(
            &not_one,
            Err(NetworkError::Field {
                code: "not_a_service",
                ..
            })
        ),
        "{not_one:?}"
    );
}

async fn facets_mean_what_they_mark(peer: &Peer, adapter: &BlueskyAdapter, alice: &mut Connection) {
    let text = "👩‍👩‍👧 Grüße an @bob.test & @nobody.test: https://example.org/ü #Schnee!";
    let handles = adapter.references(text).mentions;
    assert_eq!(handles, ["bob.test", "nobody.test"]);
    let resolved = adapter
        .resolve(alice.account(), &handles)
        .await
        .value
        .unwrap();
    let bob = peer.text("/accounts/bob/did").to_owned();
    assert_eq!(resolved["bob.test"], Some(bob.clone()));
    assert_eq!(resolved["nobody.test"], None);

    let mut written = Written::text(text);
    written.mentions = resolved;
    written.variant.options.no_card = true;
    written.languages = vec!["de".into(), "en".into()];
    let target = written.target(adapter);
    let keys = attempt(adapter, delivery(), 0);
    let sent = submit(
        adapter,
        alice,
        &keys,
        &target,
        &ThreadContext::default(),
        &Memory::default(),
    )
    .await;
    let remote = confirmed(sent);
    assert!(
        remote
            .url
            .as_deref()
            .unwrap()
            .starts_with("https://bsky.app/profile/alice.test/post/")
    );

    let posts = peer.posts(&alice.facts.remote_id).await;
    let post = posts.iter().find(|p| p["uri"] == json!(remote.id)).unwrap();
    let value = &post["value"];
    assert_eq!(value["text"], json!(text));
    assert_eq!(value["langs"], json!(["de", "en"]));
    assert_eq!(value["createdAt"], json!(NOW.to_string()));
    let marked: Vec<(&str, &Value)> = value["facets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            let at = |name: &str| usize::try_from(f["index"][name].as_u64().unwrap()).unwrap();
            (&text[at("byteStart")..at("byteEnd")], &f["features"][0])
        })
        .collect();
    assert_eq!(marked.len(), 3);
    assert_eq!(
        (marked[0].0, &marked[0].1["did"]),
        ("@bob.test", &json!(bob))
    );
    assert_eq!(marked[1].0, "https://example.org/ü");
    assert_eq!(
        (marked[2].0, &marked[2].1["tag"]),
        ("#Schnee", &json!("Schnee"))
    );
}

async fn a_repeat_is_the_same_post(peer: &Peer, adapter: &BlueskyAdapter, alice: &mut Connection) {
    let target = Written::text("Only once.").target(adapter);
    let keys = attempt(adapter, delivery(), 0);
    let before = peer.posts(&alice.facts.remote_id).await.len();
    let nowhere = ThreadContext::default();
    let media = Memory::default();
    let find = async |alice: &Connection| {
        adapter
            .find(FindInput {
                account: alice.account(),
                attempt: &keys,
                target: &target,
                thread: &nowhere,
                since: NOW,
            })
            .await
            .value
            .unwrap()
    };
    assert_eq!(find(alice).await, Found::None);
    let first = confirmed(submit(adapter, alice, &keys, &target, &nowhere, &media).await);
    let again = confirmed(submit(adapter, alice, &keys, &target, &nowhere, &media).await);
    assert_eq!(first, again);
    assert_eq!(peer.posts(&alice.facts.remote_id).await.len(), before + 1);
    assert_eq!(find(alice).await, Found::One(first));

    // Other words under the same key are not passed off as sent.
    let other = Written::text("Something else.").target(adapter);
    let refused = submit(adapter, alice, &keys, &other, &nowhere, &media).await;
    assert!(
        matches!(
            &refused,
            Outcome::Rejected {
                code: "already_there",
                ..
            }
        ),
        "{refused:?}"
    );
    assert_eq!(peer.posts(&alice.facts.remote_id).await.len(), before + 1);
}

async fn a_thread_hangs_together(peer: &Peer, adapter: &BlueskyAdapter, alice: &mut Connection) {
    let target = Written::thread(&["One.", "Two.", "Three."]).target(adapter);
    let delivery = delivery();
    let mut thread = ThreadContext::default();
    let mut sent = Vec::new();
    for segment in 0..3 {
        let keys = attempt(adapter, delivery, segment);
        let outcome = submit(adapter, alice, &keys, &target, &thread, &Memory::default()).await;
        let remote = confirmed(outcome);
        thread.root.get_or_insert(remote.clone());
        thread.parent = Some(remote.clone());
        sent.push(remote);
    }
    let posts = peer.posts(&alice.facts.remote_id).await;
    let reply = |i: usize| {
        let post = posts
            .iter()
            .find(|p| p["uri"] == json!(sent[i].id))
            .unwrap();
        post["value"]["reply"].clone()
    };
    assert_eq!(reply(0), Value::Null);
    assert_eq!(reply(2)["root"]["uri"], json!(sent[0].id));
    assert_eq!(reply(2)["parent"]["uri"], json!(sent[1].id));
    assert_eq!(reply(2)["parent"]["cid"], sent[1].extra["cid"]);
}

async fn pictures_and_cards_arrive(peer: &Peer, adapter: &BlueskyAdapter, alice: &mut Connection) {
    let file = png();
    let media = Memory::with(std::slice::from_ref(&file));
    let nowhere = ThreadContext::default();
    let pictured = Written::text("A square.")
        .picture(&file, "A red square")
        .target(adapter);
    let keys = attempt(adapter, delivery(), 0);
    let first = confirmed(submit(adapter, alice, &keys, &pictured, &nowhere, &media).await);
    let again = confirmed(submit(adapter, alice, &keys, &pictured, &nowhere, &media).await);
    assert_eq!(first, again, "a repeat with pictures is the same write");

    let card = Card {
        url: "https://example.org/page".into(),
        title: "A page".into(),
        description: "About snow".into(),
        image: Some(crate::common::rendition(&file, "image/png")),
    };
    let carded = Written::text("See https://example.org/page")
        .card(card)
        .target(adapter);
    let keys = attempt(adapter, delivery(), 0);
    let with_card = confirmed(submit(adapter, alice, &keys, &carded, &nowhere, &media).await);

    let many = (1..=5).fold(Written::text("Five squares."), |written, n| {
        written.picture(&file, &format!("Square {n}"))
    });
    let many = many.target(adapter);
    let keys = attempt(adapter, delivery(), 0);
    let with_five = confirmed(submit(adapter, alice, &keys, &many, &nowhere, &media).await);
    let again = confirmed(submit(adapter, alice, &keys, &many, &nowhere, &media).await);
    assert_eq!(
        with_five, again,
        "a repeat with a gallery is the same write"
    );

    let posts = peer.posts(&alice.facts.remote_id).await;
    let embed =
        |id: &str| posts.iter().find(|p| p["uri"] == json!(id)).unwrap()["value"]["embed"].clone();
    let gallery = embed(&with_five.id);
    assert_eq!(gallery["$type"], json!("app.bsky.embed.gallery"));
    assert_eq!(gallery["items"].as_array().unwrap().len(), 5);
    assert_eq!(gallery["items"][4]["alt"], json!("Square 5"));
    assert_eq!(
        gallery["items"][4]["$type"],
        json!("app.bsky.embed.gallery#image")
    );
    let images = embed(&first.id);
    assert_eq!(images["images"][0]["alt"], json!("A red square"));
    assert_eq!(
        images["images"][0]["aspectRatio"],
        json!({"width": 2, "height": 2})
    );
    assert_eq!(images["images"][0]["image"]["size"], json!(file.len()));
    let external = embed(&with_card.id);
    assert_eq!(external["external"]["title"], json!("A page"));
    assert_eq!(
        external["external"]["thumb"]["mimeType"],
        json!("image/png")
    );

    let missing = submit(
        adapter,
        alice,
        &attempt(adapter, delivery(), 0),
        &pictured,
        &nowhere,
        &Memory::default(),
    )
    .await;
    assert!(matches!(&missing, Outcome::NotSent { .. }), "{missing:?}");
}

async fn gates_and_labels_arrive_and_leave_with_the_post(
    peer: &Peer,
    adapter: &BlueskyAdapter,
    alice: &mut Connection,
) {
    let did = alice.facts.remote_id.clone();
    let mut written = Written::text("Only who I follow.");
    written.variant.options = Options {
        replies: Some(Replies::Following),
        quotes_off: true,
        labels: vec!["graphic-media".into()],
        ..Options::default()
    };
    let target = written.target(adapter);
    let keys = attempt(adapter, delivery(), 0);
    let nowhere = ThreadContext::default();
    let media = Memory::default();
    let first = confirmed(submit(adapter, alice, &keys, &target, &nowhere, &media).await);
    let again = confirmed(submit(adapter, alice, &keys, &target, &nowhere, &media).await);
    assert_eq!(first, again, "a repeat with gates is the same write");

    let posts = peer.posts(&did).await;
    let post = posts.iter().find(|p| p["uri"] == json!(first.id)).unwrap();
    assert_eq!(
        post["value"]["labels"]["values"],
        json!([{"val": "graphic-media"}])
    );
    let threadgates = peer.records(&did, "app.bsky.feed.threadgate").await;
    assert_eq!(threadgates.len(), 1);
    assert_eq!(threadgates[0]["value"]["post"], json!(first.id));
    assert_eq!(
        threadgates[0]["value"]["allow"],
        json!([{"$type": "app.bsky.feed.threadgate#followingRule"}])
    );
    let postgates = peer.records(&did, "app.bsky.feed.postgate").await;
    assert_eq!(postgates.len(), 1);
    assert_eq!(postgates[0]["value"]["post"], json!(first.id));
    assert_eq!(
        postgates[0]["value"]["embeddingRules"],
        json!([{"$type": "app.bsky.feed.postgate#disableRule"}])
    );

    let gone = adapter.delete(alice.account(), &first).await.value.unwrap();
    assert_eq!(gone, Presence::Gone);
    for collection in ["app.bsky.feed.threadgate", "app.bsky.feed.postgate"] {
        assert_eq!(peer.records(&did, collection).await, [] as [Value; 0]);
    }
}

async fn a_quote_holds_what_was_approved(
    peer: &Peer,
    adapter: &BlueskyAdapter,
    alice: &mut Connection,
) {
    let did = alice.facts.remote_id.clone();
    let mut bob = peer.connect(adapter, "bob").await;
    let (nowhere, media) = (ThreadContext::default(), Memory::default());
    let target = Written::text("Quote me.").target(adapter);
    let keys = attempt(adapter, delivery(), 0);
    let bobs = confirmed(submit(adapter, &mut bob, &keys, &target, &nowhere, &media).await);

    let address = bobs.url.clone().unwrap();
    let found = adapter.quoted(alice.account(), &address).await.value;
    let quote = found.unwrap().unwrap();
    assert_eq!(quote.id, bobs.id);
    assert_eq!(json!(quote.hash), bobs.extra["cid"]);
    assert_eq!((&*quote.author, &*quote.text), ("bob.test", "Quote me."));
    for other in [
        "https://bsky.app/profile/bob.test/post/3jzfcijpj2z2a",
        "https://bsky.app/profile/nobody.test/post/3jzfcijpj2z2a",
        "https://example.org/",
    ] {
        let found = adapter.quoted(alice.account(), other).await.value;
        assert_eq!(found.unwrap(), None, "{other}");
    }

    // A thread with a picture: the quote stands once, beside the picture.
    let file = png();
    let media = Memory::with(std::slice::from_ref(&file));
    let mut written = Written::thread(&["As bob says:", "And more."]).picture(&file, "A square");
    written.quotes.insert(address.clone(), Some(quote.clone()));
    written.variant.options.quote = Some(Quote {
        address,
        ..Quote::default()
    });
    let target = written.target(adapter);
    let delivery = delivery();
    let mut thread = ThreadContext::default();
    for segment in 0..2 {
        let keys = attempt(adapter, delivery, segment);
        let first = confirmed(submit(adapter, alice, &keys, &target, &thread, &media).await);
        let again = confirmed(submit(adapter, alice, &keys, &target, &thread, &media).await);
        assert_eq!(first, again, "a repeat with a quote is the same write");
        let found = adapter.find(FindInput {
            account: alice.account(),
            attempt: &keys,
            target: &target,
            thread: &thread,
            since: NOW,
        });
        assert_eq!(found.await.value.unwrap(), Found::One(first.clone()));
        thread.root.get_or_insert(first.clone());
        thread.parent = Some(first.clone());
        let posts = peer.posts(&did).await;
        let post = posts.iter().find(|p| p["uri"] == json!(first.id)).unwrap();
        let embed = &post["value"]["embed"];
        if segment == 0 {
            assert_eq!(embed["$type"], json!("app.bsky.embed.recordWithMedia"));
            assert_eq!(embed["media"]["images"][0]["alt"], json!("A square"));
            let record = &embed["record"]["record"];
            assert_eq!(record, &json!({"uri": bobs.id, "cid": quote.hash}));
        } else {
            assert_eq!(embed, &Value::Null);
        }
    }
}

async fn a_deleted_post_is_read_back_as_gone(adapter: &BlueskyAdapter, alice: &mut Connection) {
    let target = Written::text("Soon gone.").target(adapter);
    let keys = attempt(adapter, delivery(), 0);
    let sent = submit(
        adapter,
        alice,
        &keys,
        &target,
        &ThreadContext::default(),
        &Memory::default(),
    )
    .await;
    let remote = confirmed(sent);
    let there = adapter.look(alice.account(), &remote).await.value.unwrap();
    assert_eq!(there, Presence::There(remote.clone()));
    for _ in 0..2 {
        let gone = adapter
            .delete(alice.account(), &remote)
            .await
            .value
            .unwrap();
        assert_eq!(gone, Presence::Gone, "deleting what is gone is fine");
    }
    assert_eq!(
        adapter.look(alice.account(), &remote).await.value.unwrap(),
        Presence::Gone
    );
}

async fn too_long_a_text_never_reaches_the_network(
    peer: &Peer,
    adapter: &BlueskyAdapter,
    alice: &mut Connection,
) {
    let long = Written::text(&"é".repeat(301));
    let prepared = long.prepare(adapter);
    assert!(!prepared.is_sendable());
    assert_eq!(prepared.issues[0].code, "text_too_long");
    // And were it sent all the same, the server says no in words, and we pass them on.
    let outcome = submit(
        adapter,
        alice,
        &attempt(adapter, delivery(), 0),
        &prepared.target,
        &ThreadContext::default(),
        &Memory::default(),
    )
    .await;
    assert!(
        matches!(&outcome, Outcome::Rejected { code: "invalid", words } if words.contains("grapheme")),
        "{outcome:?}"
    );
    let fits = Written::text(&"é".repeat(300)).target(adapter);
    let keys = attempt(adapter, delivery(), 0);
    let sent = submit(
        adapter,
        alice,
        &keys,
        &fits,
        &ThreadContext::default(),
        &Memory::default(),
    )
    .await;
    confirmed(sent);
    assert!(!peer.posts(&alice.facts.remote_id).await.is_empty());
}

async fn metrics_are_absent_without_an_appview(
    adapter: &BlueskyAdapter,
    alice: &Connection,
    peer: &Peer,
) {
    let posts = peer.posts(&alice.facts.remote_id).await;
    let remote = networks::Remote {
        id: posts[0]["uri"].as_str().unwrap().to_owned(),
        url: None,
        extra: Value::Null,
    };
    let metrics = adapter.metrics(alice.account(), &[remote], NOW).await.value;
    assert!(metrics.is_err(), "absent, not zero: {metrics:?}");
}

async fn tokens_are_refreshed_and_a_revoked_password_wants_a_person(
    peer: &Peer,
    adapter: &BlueskyAdapter,
    alice: &Connection,
) {
    // The access token is no longer taken: refreshed on the way, and the post is one.
    let mut expired = spoilt(alice, &["access"]);
    let before = expired.secret.clone().unwrap().expose().clone();
    let target = Written::text("Refreshed.").target(adapter);
    let keys = attempt(adapter, delivery(), 0);
    let count = peer.posts(&alice.facts.remote_id).await.len();
    let nowhere = ThreadContext::default();
    confirmed(
        submit(
            adapter,
            &mut expired,
            &keys,
            &target,
            &nowhere,
            &Memory::default(),
        )
        .await,
    );
    assert_ne!(expired.secret.as_ref().unwrap().expose(), &before);
    assert_eq!(peer.posts(&alice.facts.remote_id).await.len(), count + 1);

    // Both tokens are gone (months switched off): the app password still opens.
    let fresh = self::adapter();
    let both = spoilt(alice, &["access", "refresh"]);
    let answer = fresh.check(both.account()).await;
    assert_eq!(answer.value.unwrap().facts.handle, "alice.test");
    let renewed = answer.refreshed.expect("a new secret to store");
    assert!(!format!("{renewed:?}").contains("ey"));

    // The password was taken back: a person has to come.
    let session = peer.session("alice").await;
    let token = session["accessJwt"].as_str().unwrap();
    peer.call(
        "com.atproto.server.revokeAppPassword",
        &json!({"name": "rostrum"}),
        token,
    )
    .await;
    let mut revoked = both;
    let keys = attempt(adapter, delivery(), 0);
    let outcome = submit(
        &self::adapter(),
        &mut revoked,
        &keys,
        &target,
        &nowhere,
        &Memory::default(),
    )
    .await;
    assert!(
        matches!(&outcome, Outcome::NeedsReconnect { .. }),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn the_appview_counts_and_keeps_others_from_replying() {
    let Some(mut peer) = Peer::start(true) else {
        return;
    };
    let adapter = adapter();
    let mut alice = peer.connect(&adapter, "alice").await;
    let target = Written::text("Like this.").target(&adapter);
    let keys = attempt(&adapter, delivery(), 0);
    let sent = submit(
        &adapter,
        &mut alice,
        &keys,
        &target,
        &ThreadContext::default(),
        &Memory::default(),
    )
    .await;
    let remote = confirmed(sent);
    let subject = json!({"uri": remote.id, "cid": remote.extra["cid"]});
    let now = NOW.to_string();
    for (who, collection, record) in [
        (
            "bob",
            "app.bsky.feed.like",
            json!({"subject": subject, "createdAt": now}),
        ),
        (
            "carol",
            "app.bsky.feed.like",
            json!({"subject": subject, "createdAt": now}),
        ),
        (
            "bob",
            "app.bsky.feed.repost",
            json!({"subject": subject, "createdAt": now}),
        ),
        (
            "carol",
            "app.bsky.feed.post",
            json!({"text": "Yes.", "createdAt": now, "reply": {"root": subject, "parent": subject}}),
        ),
    ] {
        let session = peer.session(who).await;
        let body = json!({
            "repo": session["did"],
            "collection": collection,
            "record": record,
        });
        peer.call(
            "com.atproto.repo.createRecord",
            &body,
            session["accessJwt"].as_str().unwrap(),
        )
        .await;
    }
    let mut quiet = Written::text("For reading only.");
    quiet.variant.options = Options {
        replies: Some(Replies::Nobody),
        quotes_off: true,
        ..Options::default()
    };
    let sent = submit(
        &adapter,
        &mut alice,
        &attempt(&adapter, delivery(), 0),
        &quiet.target(&adapter),
        &ThreadContext::default(),
        &Memory::default(),
    )
    .await;
    let quiet = confirmed(sent);
    peer.process();
    let open = peer.post_for("bob", &remote.id).await;
    assert_eq!(open["viewer"]["replyDisabled"], Value::Null, "{open}");
    let gated = peer.post_for("bob", &quiet.id).await;
    assert_eq!(gated["viewer"]["replyDisabled"], json!(true), "{gated}");
    assert_eq!(gated["viewer"]["embeddingDisabled"], json!(true), "{gated}");
    let metrics = adapter
        .metrics(alice.account(), std::slice::from_ref(&remote), NOW)
        .await
        .value
        .unwrap();
    let of = |name: &str| metrics.iter().find(|m| m.name == name).map(|m| m.value);
    assert_eq!(of("likes"), Some(2));
    assert_eq!(of("reposts"), Some(1));
    assert_eq!(of("replies"), Some(1));
    assert!(
        metrics
            .iter()
            .all(|m| m.remote == remote.id && m.as_of == NOW)
    );
}

#[tokio::test]
async fn the_appview_tells_what_is_talked_about_and_finds_a_hashtag_without_an_account() {
    let Some(mut peer) = Peer::start(true) else {
        return;
    };
    let adapter = adapter();
    let mut alice = peer.connect(&adapter, "alice").await;
    let target = Written::text("Late #schnee on the ridge.").target(&adapter);
    let sent = submit(
        &adapter,
        &mut alice,
        &attempt(&adapter, delivery(), 0),
        &target,
        &ThreadContext::default(),
        &Memory::default(),
    )
    .await;
    let remote = confirmed(sent);
    peer.process();
    let http = networks::Http::new(networks::HttpOptions {
        allow_private: true,
        ..networks::HttpOptions::default()
    });
    let sources = networks::sources::Sources::new(http.unwrap());
    let read = async |kind, tag: &str| {
        let feed = domain::source::Feed {
            kind,
            address: peer.text("/appview").to_owned(),
            tag: tag.to_owned(),
        };
        let ask = networks::sources::Ask {
            feed: &feed,
            etag: None,
            last_modified: None,
            now: NOW,
        };
        match sources.read(ask).await.unwrap() {
            networks::sources::Answered::Read(reading) => reading.items,
            networks::sources::Answered::Unchanged => vec![],
        }
    };
    let found = read(domain::source::SourceKind::BlueskyTag, "schnee").await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].title, "Late #schnee on the ridge.");
    let rkey = remote.id.rsplit('/').next().unwrap();
    assert!(found[0].url.as_ref().unwrap().ends_with(rkey), "{found:?}");
    assert_eq!(
        read(domain::source::SourceKind::BlueskyTag, "sonne").await,
        []
    );
    let trends = read(domain::source::SourceKind::BlueskyTrends, "").await;
    assert_eq!(trends[0].title, "Late snow");
}
