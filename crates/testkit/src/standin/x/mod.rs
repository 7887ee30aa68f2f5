//! A stand-in for X that keeps state and misbehaves on request.
//!
//! It honours what X documents: tokens that end and rotate, the refusal of duplicates, posts whose
//! links are shortened and whose text is escaped, media that is worked on for a while, windows of
//! requests, and fields that are left out when they are not asked for by their name.

mod answers;
mod media;
mod posts;
mod tokens;
mod wire;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use media::Upload;
pub use posts::Post;
use tokens::Tokens;
use wire::{Scissors, Wires};

/// The account's id.
pub const ACCOUNT: &str = "2244994945";
/// The account's handle.
pub const HANDLE: &str = "mara_writes";
/// The person's own app.
pub const CLIENT: &str = "bWFyYS1vd24tYXBw";
/// Its secret, where it is a confidential client.
pub const CLIENT_SECRET: &str = "app-secret-for-tests";

/// The address to come back to that is registered for the app.
pub const CALLBACK: &str = "http://127.0.0.1:18364/callback";

/// Methods, by which faults are told and calls are counted.
pub mod method {
    /// The page on which a person agrees.
    pub const AUTHORIZE: &str = "GET /i/oauth2/authorize";
    /// The token endpoint.
    pub const TOKEN: &str = "POST /2/oauth2/token";
    /// Who one is.
    pub const ME: &str = "GET /2/users/me";
    /// Creating a post.
    pub const CREATE: &str = "POST /2/tweets";
    /// The account's posts.
    pub const TIMELINE: &str = "GET /2/users/:id/tweets";
    /// One post.
    pub const LOOK: &str = "GET /2/tweets/:id";
    /// Several posts.
    pub const LOOK_ALL: &str = "GET /2/tweets";
    /// Deleting a post.
    pub const DELETE: &str = "DELETE /2/tweets/:id";
    /// Beginning an upload.
    pub const INITIALIZE: &str = "POST /2/media/upload/initialize";
    /// A chunk of an upload.
    pub const APPEND: &str = "POST /2/media/upload/:id/append";
    /// Ending an upload.
    pub const FINALIZE: &str = "POST /2/media/upload/:id/finalize";
    /// Asking about an upload.
    pub const STATUS: &str = "GET /2/media/upload";
    /// Words for a picture.
    pub const METADATA: &str = "POST /2/media/metadata";
}

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 400 with words.
    Refuse,
    /// 403: the app or the account may not.
    Forbid,
    /// 403: a duplicate, whatever was posted before.
    Duplicate,
    /// 402: no credits left.
    NoCredits,
    /// 429 with so many seconds until the window ends.
    Throttle(i64),
    /// 429 because the 24-hour window is used up, with so many seconds until it ends.
    ThrottleDay(i64),
    /// 401: the access token has ended.
    Expire,
    /// Closes without an answer; nothing done.
    DropBefore,
    /// Does it, closes without an answer.
    DropAfter,
    /// Never answers; nothing done.
    HangBefore,
    /// Does it, never answers.
    HangAfter,
    /// Answers 200 with something that is no JSON; nothing done.
    GarbageBefore,
    /// Does it, answers 200 with something that is no JSON.
    GarbageAfter,
    /// 503; nothing done.
    BrokenBefore,
    /// Does it, answers 503.
    BrokenAfter,
    /// A redirect to somewhere else; nothing done.
    Redirect,
}

/// By which names fields of posts are asked for and told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Vocabulary {
    /// `post.fields`, `referenced_posts`, as the API description says.
    #[default]
    New,
    /// `tweet.fields`, `referenced_tweets`, as the guides say.
    Old,
}

/// Milliseconds since 1970.
type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

struct State {
    clock: Clock,
    tokens: Tokens,
    posts: Vec<Post>,
    uploads: BTreeMap<String, Upload>,
    faults: VecDeque<(&'static str, Fault)>,
    calls: Vec<(&'static str, Value)>,
    vocabulary: Vocabulary,
    subscription: &'static str,
    reading: bool,
    polls_of_media: u32,
    next_id: u64,
}

impl State {
    fn now(&self) -> i64 {
        (self.clock)()
    }

    fn id(&mut self) -> String {
        self.next_id += 1;
        self.next_id.to_string()
    }
}

/// The stand-in. It ends when the last handle is dropped.
#[derive(Clone)]
pub struct XStandIn {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    _stop: Arc<oneshot::Sender<()>>,
}

impl std::fmt::Debug for XStandIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "XStandIn({})", self.address)
    }
}

impl XStandIn {
    /// One on a free port of this machine, by this machine's clock.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start() -> std::io::Result<Self> {
        #[expect(clippy::disallowed_methods, reason = "a server has its own clock")]
        let now = || {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(0))
        };
        Self::start_with(Arc::new(now))
    }

    /// One by a clock of the test's own.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start_with(clock: Clock) -> std::io::Result<Self> {
        let state = Arc::new(Mutex::new(State {
            clock,
            tokens: Tokens::default(),
            posts: Vec::new(),
            uploads: BTreeMap::new(),
            faults: VecDeque::new(),
            calls: Vec::new(),
            vocabulary: Vocabulary::default(),
            subscription: "None",
            reading: true,
            polls_of_media: 1,
            next_id: 1_700_000_000_000_000_000,
        }));
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let router = Router::new()
            .fallback(answers::answer)
            .with_state(Arc::clone(&state));
        let (stop, stopped) = oneshot::channel::<()>();
        std::thread::spawn(move || {
            runtime.block_on(async move {
                let Ok(listener) = TcpListener::from_std(listener) else {
                    return;
                };
                let service = router.into_make_service_with_connect_info::<Scissors>();
                tokio::select! {
                    _ = axum::serve(Wires(listener), service) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(Self {
            address,
            state,
            _stop: Arc::new(stop),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where its API is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where its page of agreement is; the person there agrees at once.
    #[must_use]
    pub fn authorize(&self) -> String {
        format!("http://{}/i/oauth2/authorize", self.address)
    }

    /// The person does not agree to one of the scopes.
    pub fn withhold(&self, scope: &'static str) {
        self.state().tokens.withheld = Some(scope);
    }

    /// The person agrees to everything again.
    pub fn grant_all(&self) {
        self.state().tokens.withheld = None;
    }

    /// The next request of a method goes wrong.
    pub fn next(&self, method: &'static str, fault: Fault) {
        self.state().faults.push_back((method, fault));
    }

    /// How often a method was called.
    #[must_use]
    pub fn calls(&self, method: &str) -> usize {
        self.state()
            .calls
            .iter()
            .filter(|(m, _)| *m == method)
            .count()
    }

    /// The JSON of each call of a method, or its query.
    #[must_use]
    pub fn asked(&self, method: &str) -> Vec<Value> {
        let state = self.state();
        let of = state.calls.iter().filter(|(m, _)| *m == method);
        of.map(|(_, asked)| asked.clone()).collect()
    }

    /// All posts that were not deleted, oldest first.
    #[must_use]
    pub fn posts(&self) -> Vec<Post> {
        let state = self.state();
        state.posts.iter().filter(|p| !p.deleted).cloned().collect()
    }

    /// The person posts this in another app.
    pub fn post_by_hand(&self, text: &str) -> String {
        let mut state = self.state();
        posts::put(&mut state, text)
    }

    /// The timeline does not show a post, or shows it again.
    pub fn hide(&self, id: &str, hidden: bool) {
        for post in &mut self.state().posts {
            if post.id == id {
                post.hidden = hidden;
            }
        }
    }

    /// The account subscribes: `None`, `Basic`, `Premium`, `PremiumPlus`.
    pub fn subscribe(&self, subscription: &'static str) {
        self.state().subscription = subscription;
    }

    /// Whether the app may read the account's posts.
    pub fn allow_reading(&self, allowed: bool) {
        self.state().reading = allowed;
    }

    /// By which names fields are asked for.
    pub fn speak(&self, vocabulary: Vocabulary) {
        self.state().vocabulary = vocabulary;
    }

    /// How often one has to ask about an animated picture until it is ready.
    pub fn work_on_media(&self, polls: u32) {
        self.state().polls_of_media = polls;
    }

    /// A fresh access token and refresh token, as the developer console would give them.
    #[must_use]
    pub fn tokens(&self) -> (String, String) {
        let mut state = self.state();
        let now = state.now();
        state.tokens.issue(now)
    }

    /// All access tokens end now.
    pub fn expire(&self) {
        self.state().tokens.expire();
    }

    /// The person takes the app's access back.
    pub fn revoke(&self) {
        self.state().tokens.revoke();
    }
}
