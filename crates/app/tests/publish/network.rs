//! A network that does what a test tells it, and remembers what it was told.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use domain::attempt::Idempotency;
use domain::identity::NetworkId;
use domain::limits::{Count, CountUnit, ImageLimits, Issue, Limits, Severity, TextLimits};
use domain::version::PreparedSegment;
use engine::Clock;
use networks::*;
use serde_json::{Value, json};

/// What the network does with the next write.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Act {
    /// Takes it.
    Accept,
    /// Says no.
    Refuse,
    /// Says later, by so many seconds where it says it.
    Throttle(Option<u64>),
    /// Cannot be reached.
    Offline,
    /// Takes it, and the answer is lost.
    DropAfter,
    /// Does not take it, and the answer is lost.
    DropBefore,
    /// Takes it and answers after so long.
    Late(Duration),
    /// Takes it for processing; it is live after so many polls.
    Process(u32),
    /// Wants a new sign-in.
    SignIn,
    /// Reads the media first.
    Media,
    /// Takes it, with an answer of 400 KB.
    Heavy,
}

/// A post.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) delivery: domain::ids::DeliveryId,
    pub(crate) text: String,
    pub(crate) root: Option<String>,
    pub(crate) parent: Option<String>,
    pub(crate) gone: bool,
}

#[derive(Default)]
struct State {
    posts: Vec<Post>,
    script: VecDeque<Act>,
    writes: usize,
    edits: usize,
    looks: usize,
    polls: BTreeMap<String, u32>,
    max: Option<u32>,
    offline: bool,
    metrics: u64,
    renewals: VecDeque<Act>,
    renewed: usize,
    /// With rotation: the token that is taken next.
    token: Option<u32>,
    /// A token was used twice.
    locked_out: bool,
}

/// A sign-in that ends then.
fn ending(at: i64) -> AccountSecret {
    AccountSecret::new(at.to_string())
}

/// How long a sign-in of this network lives.
pub(crate) const LIVES: i64 = 2 * 60 * 60 * 1000;

/// The network.
pub(crate) struct Script {
    descriptor: Descriptor,
    state: Mutex<State>,
    clock: Arc<dyn Clock>,
}

impl Script {
    pub(crate) fn new(class: Idempotency, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            descriptor: Descriptor {
                id: NetworkId::new("script"),
                name: "Script",
                letters: "Sc",
                features: Features {
                    threads: true,
                    edit: true,
                    delete: true,
                    read_back: true,
                    metrics: vec!["likes"],
                    ..Features::default()
                },
                idempotency: class,
                connect: vec![ConnectMethod {
                    id: "token",
                    kind: ConnectKind::Fields,
                    fields: vec![Field {
                        id: "token",
                        kind: FieldKind::Secret,
                        required: true,
                        preset: "",
                        example: "",
                    }],
                    guide_url: None,
                }],
            },
            state: Mutex::default(),
            clock,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// What it does next, in order; then it accepts.
    pub(crate) fn then(&self, acts: impl IntoIterator<Item = Act>) {
        self.state().script.extend(acts);
    }

    /// What it does with the next renewals of a sign-in; then it renews.
    pub(crate) fn renews(&self, acts: impl IntoIterator<Item = Act>) {
        self.state().renewals.extend(acts);
    }

    /// How often it was asked to renew a sign-in.
    pub(crate) fn renewed(&self) -> usize {
        self.state().renewed
    }

    pub(crate) fn posts(&self) -> Vec<Post> {
        self.state().posts.clone()
    }

    pub(crate) fn posts_of(&self, delivery: domain::ids::DeliveryId) -> usize {
        self.state()
            .posts
            .iter()
            .filter(|p| p.delivery == delivery && !p.gone)
            .count()
    }

    pub(crate) fn writes(&self) -> usize {
        self.state().writes
    }

    pub(crate) fn edits(&self) -> usize {
        self.state().edits
    }

    /// The texts that are live, in the order in which they were posted.
    pub(crate) fn texts(&self) -> Vec<String> {
        let state = self.state();
        let live = state.posts.iter().filter(|p| !p.gone);
        live.map(|p| p.text.clone()).collect()
    }

    /// Somebody else wrote it.
    pub(crate) fn rewrite(&self, from: &str, to: &str) {
        for post in &mut self.state().posts {
            if post.text == from {
                to.clone_into(&mut post.text);
            }
        }
    }

    /// Whether the place was there.
    fn replace(&self, input: &EditInput<'_>) -> bool {
        let text = input.segment().map(|s| s.text.clone()).unwrap_or_default();
        let mut state = self.state();
        let at = |p: &&mut Post| p.id == input.remote.id && !p.gone;
        let Some(post) = state.posts.iter_mut().find(at) else {
            return false;
        };
        post.text = text;
        true
    }

    pub(crate) fn looks(&self) -> usize {
        self.state().looks
    }

    pub(crate) fn limit_text(&self, max: u32) {
        self.state().max = Some(max);
    }

    pub(crate) fn offline(&self, offline: bool) {
        self.state().offline = offline;
    }

    /// It is there, from before this process.
    pub(crate) fn seed(&self, id: &str, delivery: domain::ids::DeliveryId) {
        self.state().posts.push(Post {
            id: id.to_owned(),
            key: String::new(),
            delivery,
            text: String::new(),
            root: None,
            parent: None,
            gone: false,
        });
    }

    pub(crate) fn remove(&self, id: &str) {
        self.hide(id, true);
    }

    pub(crate) fn hide(&self, id: &str, hidden: bool) {
        for post in &mut self.state().posts {
            if post.id == id {
                post.gone = hidden;
            }
        }
    }

    pub(crate) fn likes(&self, likes: u64) {
        self.state().metrics = likes;
    }

    /// From now on each call uses up its token, and brings the next.
    pub(crate) fn rotate(&self) -> String {
        self.state().token = Some(1);
        token(1)
    }

    /// Whether a token was used twice, which is taken for a theft.
    pub(crate) fn is_locked_out(&self) -> bool {
        self.state().locked_out
    }

    /// The account's next token; `Err` when its own is not taken.
    fn refreshed(&self, account: Account<'_>) -> Result<Option<AccountSecret>, ()> {
        let mut state = self.state();
        let Some(current) = state.token else {
            return Ok(None);
        };
        let given = account.secret.map(|s| s.expose().clone());
        if given != Some(token(current)) || state.locked_out {
            state.locked_out = true;
            return Err(());
        }
        state.token = Some(current + 1);
        Ok(Some(AccountSecret::new(token(current + 1))))
    }

    fn put(&self, input: &SubmitInput<'_>) -> Remote {
        let mut state = self.state();
        let key = input.attempt.keys["key"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let same = state
            .posts
            .iter()
            .find(|p| p.key == key)
            .map(|p| p.id.clone());
        let natural = self.descriptor.idempotency == Idempotency::Natural;
        let id = match same {
            Some(id) if natural => id,
            _ => {
                let id = format!("post-{}", state.posts.len() + 1);
                let of = |r: &Option<Remote>| r.as_ref().map(|r| r.id.clone());
                state.posts.push(Post {
                    id: id.clone(),
                    key,
                    delivery: input.attempt.delivery,
                    text: input.segment().map(|s| s.text.clone()).unwrap_or_default(),
                    root: of(&input.thread.root),
                    parent: of(&input.thread.parent),
                    gone: false,
                });
                id
            }
        };
        remote(&id)
    }
}

fn token(n: u32) -> String {
    format!("token-{n}")
}

fn remote(id: &str) -> Remote {
    Remote {
        id: id.to_owned(),
        url: Some(format!("https://script.test/{id}")),
        extra: Value::Null,
    }
}

#[async_trait]
impl Adapter for Script {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn limits(&self, _: Option<&AccountFacts>) -> Limits {
        Limits {
            text: TextLimits {
                unit: CountUnit::Characters,
                max: self.state().max,
                max_bytes: None,
                link_length: None,
                max_tag: None,
                max_languages: None,
            },
            images: ImageLimits::default(),
            poll: None,
            max_segments: 10,
            quotes_off: None,
            sources: Vec::new(),
        }
    }

    fn card_image(&self) -> Option<ImageLimits> {
        None
    }

    fn count(&self, text: &str, limits: &Limits) -> Count {
        Count {
            length: u32::try_from(text.chars().count()).unwrap(),
            limit: limits.text.max,
            unit: CountUnit::Characters,
        }
    }

    fn references(&self, _: &str) -> References {
        References::default()
    }

    fn prepare(&self, input: &PrepareInput<'_>) -> Prepared {
        let mut prepared = Prepared::empty(input.identity, self.descriptor.id.clone());
        for segment in &input.variant.segments {
            let long = self
                .limits(None)
                .text
                .max
                .is_some_and(|max| segment.text.chars().count() > max as usize);
            if long {
                prepared.issues.push(Issue {
                    code: "text_too_long".into(),
                    severity: Severity::Error,
                    segment: 0,
                    span: None,
                    asset: None,
                    choice: None,
                    args: BTreeMap::new(),
                });
            }
            prepared.target.segments.push(PreparedSegment {
                text: segment.text.clone(),
                marks: vec![],
                media: vec![],
                card: None,
            });
        }
        prepared
    }

    async fn connect(&self, _: ConnectInput) -> Result<Connected, NetworkError> {
        Err(NetworkError::Unsupported("connect"))
    }

    fn expires(&self, secret: &AccountSecret) -> Option<domain::Instant> {
        secret.expose().parse().ok().map(domain::Instant)
    }

    async fn renew(
        &self,
        _: Account<'_>,
        now: domain::Instant,
    ) -> Answer<Result<(), NetworkError>> {
        let act = {
            let mut state = self.state();
            state.renewed += 1;
            state.renewals.pop_front().unwrap_or(Act::Accept)
        };
        match act {
            Act::Accept => Answer {
                value: Ok(()),
                refreshed: Some(ending(now.0 + LIVES)),
            },
            Act::SignIn => Answer::from(Err(NetworkError::NeedsReconnect {
                words: "The sign-in was taken back.".into(),
            })),
            _ => Answer::from(Err(NetworkError::Unreachable {
                host: "script.test".into(),
                why: "no connection".into(),
            })),
        }
    }

    async fn check(&self, account: Account<'_>) -> Answer<Result<Checked, NetworkError>> {
        let Ok(refreshed) = self.refreshed(account) else {
            return Answer::from(Err(NetworkError::NeedsReconnect {
                words: "The token was used before.".into(),
            }));
        };
        tokio::task::yield_now().await;
        Answer {
            value: Ok(Checked {
                facts: account.facts.clone(),
                name: None,
            }),
            refreshed,
        }
    }

    async fn resolve(
        &self,
        _: Account<'_>,
        _: &[String],
    ) -> Answer<Result<BTreeMap<String, Option<String>>, NetworkError>> {
        Answer::from(Ok(BTreeMap::new()))
    }

    async fn edit(&self, input: EditInput<'_>) -> Answer<Outcome> {
        if input.lease.left().is_zero() || self.state().offline {
            return Answer::from(Outcome::NotSent {
                why: "no connection".into(),
            });
        }
        let act = {
            let mut state = self.state();
            state.edits += 1;
            state.script.pop_front().unwrap_or(Act::Accept)
        };
        tokio::task::yield_now().await;
        let drops = matches!(act, Act::DropAfter | Act::DropBefore);
        let why = "the connection broke".to_owned();
        Answer::from(match act {
            Act::Accept | Act::DropAfter if !self.replace(&input) => Outcome::Rejected {
                code: "gone",
                words: "It is not there any more.".into(),
            },
            _ if drops => Outcome::Ambiguous { why },
            Act::Accept => Outcome::Confirmed(input.remote.clone()),
            Act::Refuse => Outcome::Rejected {
                code: "spam",
                words: "We do not want this here.".into(),
            },
            Act::Throttle(after) => Outcome::Throttled {
                retry_after: after.map(Duration::from_secs),
            },
            Act::SignIn => Outcome::NeedsReconnect {
                words: "The token has expired.".into(),
            },
            _ => Outcome::NotSent {
                why: "no connection".into(),
            },
        })
    }

    async fn says(&self, input: EditInput<'_>) -> Answer<Result<Said, NetworkError>> {
        let mut state = self.state();
        state.looks += 1;
        if state.offline {
            return Answer::from(Err(NetworkError::Unreachable {
                host: "script.test".into(),
                why: "no connection".into(),
            }));
        }
        let text = input.segment().map(|s| s.text.clone());
        let there = state.posts.iter().find(|p| p.id == input.remote.id);
        Answer::from(Ok(match there.filter(|p| !p.gone) {
            None => Said::Gone,
            Some(post) if Some(&post.text) == text.as_ref() => Said::This(input.remote.clone()),
            Some(_) => Said::Other,
        }))
    }

    fn journal_keys(&self, input: &JournalInput<'_>) -> Value {
        match input.earlier {
            Some(earlier) if self.descriptor.idempotency == Idempotency::Natural => earlier.clone(),
            _ => json!({"key": input.attempt}),
        }
    }

    async fn submit(&self, input: SubmitInput<'_>) -> Answer<Outcome> {
        if input.lease.left().is_zero() {
            return Answer::from(Outcome::NotSent {
                why: "too late".into(),
            });
        }
        if self.state().offline {
            return Answer::from(Outcome::NotSent {
                why: "no connection".into(),
            });
        }
        if input.attempt.segment > 0 && input.thread.parent.is_none() {
            return Answer::from(Outcome::Rejected {
                code: "no_parent",
                words: "The segment before is not known.".into(),
            });
        }
        let act = {
            let mut state = self.state();
            state.writes += 1;
            state.script.pop_front().unwrap_or(Act::Accept)
        };
        let Ok(refreshed) = self.refreshed(input.account) else {
            return Answer::from(Outcome::NeedsReconnect {
                words: "The token was used before.".into(),
            });
        };
        tokio::task::yield_now().await;
        let value = match act {
            Act::Accept => Outcome::Confirmed(self.put(&input)),
            Act::Refuse => Outcome::Rejected {
                code: "spam",
                words: "We do not want this here.".into(),
            },
            Act::Throttle(after) => Outcome::Throttled {
                retry_after: after.map(Duration::from_secs),
            },
            Act::Offline => Outcome::NotSent {
                why: "no connection".into(),
            },
            Act::DropAfter => {
                self.put(&input);
                Outcome::Ambiguous {
                    why: "the connection broke".into(),
                }
            }
            Act::DropBefore => Outcome::Ambiguous {
                why: "the connection broke".into(),
            },
            Act::Late(time) => {
                self.put(&input);
                self.clock.sleep(time).await;
                Outcome::Ambiguous {
                    why: "the answer came too late".into(),
                }
            }
            Act::Process(polls) => {
                let remote = self.put(&input);
                self.state().polls.insert(remote.id.clone(), polls);
                Outcome::Pending(json!({"post": remote.id}))
            }
            Act::SignIn => Outcome::NeedsReconnect {
                words: "The token has expired.".into(),
            },
            Act::Heavy => {
                let heavy = Value::String("x".repeat(400_000));
                Outcome::Confirmed(Remote {
                    extra: heavy,
                    ..self.put(&input)
                })
            }
            Act::Media => match input.media.bytes(domain::Hash::of(b"picture")).await {
                Ok(_) => Outcome::Confirmed(self.put(&input)),
                Err(e) => Outcome::Rejected {
                    code: "media",
                    words: e.to_string(),
                },
            },
        };
        Answer { value, refreshed }
    }

    async fn poll(&self, _: Account<'_>, handle: &Value) -> Answer<Outcome> {
        let id = handle["post"].as_str().unwrap_or_default().to_owned();
        let mut state = self.state();
        let left = state.polls.entry(id.clone()).or_default();
        if *left == 0 {
            return Answer::from(Outcome::Confirmed(remote(&id)));
        }
        *left -= 1;
        Answer::from(Outcome::Pending(handle.clone()))
    }

    async fn find(&self, input: FindInput<'_>) -> Answer<Result<Found, NetworkError>> {
        let natural = self.descriptor.idempotency == Idempotency::Natural;
        let text = &input.target.segments[input.attempt.segment as usize].text;
        let mut state = self.state();
        state.looks += 1;
        if state.offline {
            return Answer::from(Err(NetworkError::Unreachable {
                host: "script.test".into(),
                why: "no connection".into(),
            }));
        }
        let found: Vec<&Post> = state
            .posts
            .iter()
            .filter(|p| !p.gone)
            .filter(|p| match natural {
                true => Some(p.key.as_str()) == input.attempt.keys["key"].as_str(),
                false => p.text == *text,
            })
            .collect();
        Answer::from(Ok(match found.as_slice() {
            [] => Found::None,
            [one] => Found::One(remote(&one.id)),
            many => Found::Several(many.len()),
        }))
    }

    async fn look(&self, _: Account<'_>, at: &Remote) -> Answer<Result<Presence, NetworkError>> {
        let there = self.state().posts.iter().any(|p| p.id == at.id && !p.gone);
        Answer::from(Ok(if there {
            Presence::There(at.clone())
        } else {
            Presence::Gone
        }))
    }

    async fn delete(&self, _: Account<'_>, at: &Remote) -> Answer<Result<Presence, NetworkError>> {
        self.remove(&at.id);
        Answer::from(Ok(Presence::Gone))
    }

    async fn metrics(
        &self,
        _: Account<'_>,
        remotes: &[Remote],
        now: domain::Instant,
    ) -> Answer<Result<Vec<Metric>, NetworkError>> {
        let state = self.state();
        let there = remotes
            .iter()
            .filter(|r| state.posts.iter().any(|p| p.id == r.id && !p.gone));
        Answer::from(Ok(there
            .map(|r| Metric {
                remote: r.id.clone(),
                name: "likes".into(),
                value: state.metrics,
                as_of: now,
            })
            .collect()))
    }
}
