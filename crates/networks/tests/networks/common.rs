//! What the tests of this crate share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use domain::content::{MediaUse, Quote, Segment, Variant};
use domain::ids::{AttemptId, DeliveryId, IdentityId};
use domain::media::{AssetFacts, Rendition};
use domain::version::{Card, PreparedTarget};
use domain::{Hash, Instant};
use networks::{
    Account, AccountFacts, AccountSecret, Adapter, AttemptKeys, CardState, JournalInput, Lease,
    MediaBytes, MediaMissing, Missing, Outcome, PrepareInput, Prepared, Remote, SubmitInput,
    ThreadContext,
};
use uuid::Uuid;

/// 2026-11-23T10:00:20Z.
pub(crate) const NOW: Instant = Instant(1_795_428_020_000);

/// A red square, 2 x 2.
pub(crate) fn png() -> Vec<u8> {
    base64::engine::general_purpose::STANDARD
        .decode("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==")
        .unwrap()
}

/// Files by hash.
#[derive(Default)]
pub(crate) struct Memory(pub(crate) BTreeMap<Hash, Vec<u8>>);

impl Memory {
    pub(crate) fn with(files: &[Vec<u8>]) -> Self {
        Self(files.iter().map(|f| (Hash::of(f), f.clone())).collect())
    }
}

#[async_trait]
impl MediaBytes for Memory {
    async fn bytes(&self, hash: Hash) -> Result<Vec<u8>, MediaMissing> {
        self.0.get(&hash).cloned().ok_or(MediaMissing {
            hash,
            why: "not there".into(),
        })
    }
}

/// A lease that ends by hand.
pub(crate) struct HandLease(pub(crate) AtomicU64);

impl HandLease {
    pub(crate) fn of(duration: Duration) -> Self {
        Self(AtomicU64::new(u64::try_from(duration.as_millis()).unwrap()))
    }
}

impl Lease for HandLease {
    fn left(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

pub(crate) fn rendition(file: &[u8], mime: &str) -> Rendition {
    Rendition {
        asset: Hash::of(file),
        hash: Hash::of(file),
        mime: mime.into(),
        width: 2,
        height: 2,
        bytes: file.len() as u64,
    }
}

pub(crate) fn facts_of(file: &[u8]) -> AssetFacts {
    AssetFacts {
        hash: Hash::of(file),
        name: "red.png".into(),
        mime: "image/png".into(),
        width: 2,
        height: 2,
        bytes: file.len() as u64,
        animated: false,
        location_removed: false,
    }
}

/// What a person wrote, and what is known around it.
#[derive(Default)]
pub(crate) struct Written {
    pub(crate) variant: Variant,
    pub(crate) title: String,
    pub(crate) languages: Vec<String>,
    pub(crate) assets: BTreeMap<Hash, AssetFacts>,
    pub(crate) mentions: BTreeMap<String, Option<String>>,
    pub(crate) cards: BTreeMap<String, CardState>,
    pub(crate) quotes: BTreeMap<String, Option<Quote>>,
}

impl Written {
    pub(crate) fn text(text: &str) -> Self {
        Self {
            variant: Variant::of_text(text),
            languages: vec!["en".into()],
            ..Self::default()
        }
    }

    pub(crate) fn thread(texts: &[&str]) -> Self {
        let mut written = Self::text("");
        written.variant.segments = texts
            .iter()
            .map(|t| Segment {
                text: (*t).to_owned(),
                media: vec![],
            })
            .collect();
        written
    }

    pub(crate) fn picture(mut self, file: &[u8], alt: &str) -> Self {
        self.assets.insert(Hash::of(file), facts_of(file));
        self.variant.segments[0].media.push(MediaUse {
            asset: Hash::of(file),
            alt: alt.into(),
        });
        self
    }

    pub(crate) fn card(mut self, card: Card) -> Self {
        self.cards.insert(card.url.clone(), CardState::Card(card));
        self
    }

    pub(crate) fn prepare(&self, adapter: &dyn Adapter) -> Prepared {
        adapter.prepare(&PrepareInput {
            identity: IdentityId(Uuid::nil()),
            variant: &self.variant,
            languages: &self.languages,
            title: &self.title,
            limits: &adapter.limits(None),
            assets: &self.assets,
            mentions: &self.mentions,
            cards: &self.cards,
            quotes: &self.quotes,
            renditions: &BTreeMap::new(),
        })
    }

    /// What goes out; fails the test when something stops it.
    #[track_caller]
    pub(crate) fn target(&self, adapter: &dyn Adapter) -> PreparedTarget {
        let prepared = self.prepare(adapter);
        assert!(prepared.is_sendable(), "{prepared:?}");
        assert_eq!(prepared.missing, Missing::default());
        prepared.target
    }
}

/// An account in a test.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) facts: AccountFacts,
    pub(crate) secret: Option<AccountSecret>,
}

impl Connection {
    pub(crate) fn account(&self) -> Account<'_> {
        Account {
            facts: &self.facts,
            secret: self.secret.as_ref(),
        }
    }

    /// The facts say that it is at `service`, and nothing else does.
    pub(crate) fn said_to_be_at(&mut self, service: &str) {
        let settings = &mut self.facts.settings;
        settings.insert("service".into(), service.into());
    }

    /// It was connected at `service`.
    pub(crate) fn connected_at(&mut self, service: &str) {
        self.said_to_be_at(service);
        let kept = self.secret.take().unwrap();
        let mut kept: serde_json::Value = serde_json::from_str(kept.expose()).unwrap();
        assert!(kept["service"].is_string(), "a secret names its server");
        kept["service"] = service.into();
        self.secret = Some(kept.to_string().into());
    }
}

/// Journals an attempt for a segment of a new delivery.
pub(crate) fn attempt(adapter: &dyn Adapter, delivery: DeliveryId, segment: u32) -> AttemptKeys {
    let attempt = AttemptId(Uuid::new_v4());
    AttemptKeys {
        attempt,
        delivery,
        segment,
        idempotency_key: attempt.to_string(),
        keys: adapter.journal_keys(&JournalInput {
            attempt,
            delivery,
            segment,
            now: NOW,
            earlier: None,
        }),
        handed_for: None,
        started_at: NOW,
    }
}

pub(crate) fn delivery() -> DeliveryId {
    DeliveryId(Uuid::new_v4())
}

/// Sends one segment as the sender does, and keeps a refreshed secret.
pub(crate) async fn submit(
    adapter: &dyn Adapter,
    connection: &mut Connection,
    keys: &AttemptKeys,
    target: &PreparedTarget,
    thread: &ThreadContext,
    media: &Memory,
) -> Outcome {
    let lease = HandLease::of(Duration::from_secs(20));
    let answer = adapter
        .submit(SubmitInput {
            account: connection.account(),
            attempt: keys,
            target,
            thread,
            media,
            lease: &lease,
        })
        .await;
    if answer.refreshed.is_some() {
        connection.secret = answer.refreshed;
    }
    answer.value
}

#[track_caller]
pub(crate) fn confirmed(outcome: Outcome) -> Remote {
    match outcome {
        Outcome::Confirmed(remote) => remote,
        other => panic!("not confirmed: {other:?}"),
    }
}
