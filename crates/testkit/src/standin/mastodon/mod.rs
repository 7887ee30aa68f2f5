//! A Mastodon server: applications, sign-in with PKCE, pictures that take a while, posts with the
//! hour of `Idempotency-Key`, and the habits of software that only speaks its API.

mod content;
mod oauth;
mod posts;
mod schedule;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::wire::{self, Answer, Fault, Request, Site};

/// The account that everybody here signs in as.
pub const ACCOUNT: &str = "109";

/// The server's time in milliseconds since 1970.
pub type Time = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What a server does differently from Mastodon 4.5.
#[derive(Clone, Debug)]
pub struct Habits {
    /// What it says of its version.
    pub version: String,
    /// It has `/api/v2/instance`.
    pub v2: bool,
    /// It says where it signs people in, and takes PKCE.
    pub metadata: bool,
    /// It has `/api/v2/media`.
    pub v2_media: bool,
    /// It honours `Idempotency-Key`.
    pub keys: bool,
    /// How often a picture is asked about before it is ready; 0 for at once.
    pub media_polls: u32,
    /// An account's list of posts is empty, whatever was posted.
    pub hides_posts: bool,
    /// A person says no in the browser.
    pub denies: bool,
    /// What its tokens allow, whatever was asked for.
    pub scopes: Option<String>,
    /// The most characters of a post.
    pub max_characters: usize,
    /// It has `PUT /api/v1/statuses/:id`.
    pub edits: bool,
    /// An edit changes descriptions of pictures that stay (since 4.1).
    pub describes: bool,
    /// It keeps the time of posts; one that does not publishes at once.
    pub keeps_time: bool,
    /// It has `/api/v1/scheduled_statuses`.
    pub lists_scheduled: bool,
    /// The most posts that it keeps for one day.
    pub scheduled_a_day: usize,
    /// How late it publishes what it kept, in milliseconds.
    pub late: i64,
    /// What it gives back it publishes all the same.
    pub publishes_all_the_same: bool,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            version: "4.5.3".to_owned(),
            v2: true,
            metadata: true,
            v2_media: true,
            keys: true,
            media_polls: 0,
            hides_posts: false,
            denies: false,
            scopes: None,
            max_characters: 500,
            edits: true,
            describes: true,
            keeps_time: true,
            lists_scheduled: true,
            scheduled_a_day: 25,
            late: 0,
            publishes_all_the_same: false,
        }
    }
}

#[derive(Default)]
struct State {
    habits: Habits,
    faults: VecDeque<(String, Fault)>,
    calls: Vec<String>,
    apps: BTreeMap<String, oauth::App>,
    codes: BTreeMap<String, oauth::Code>,
    tokens: BTreeMap<String, String>,
    media: BTreeMap<String, posts::Media>,
    posts: Vec<posts::Post>,
    scheduled: Vec<schedule::Scheduled>,
    kept: (Vec<posts::Post>, Vec<schedule::Scheduled>),
    keys: BTreeMap<String, (String, i64)>,
    made: u64,
}

impl State {
    fn next(&mut self) -> String {
        self.made += 1;
        format!("1150000000000{:05}", self.made)
    }
}

/// The server.
#[derive(Clone)]
pub struct Mastodon {
    address: SocketAddr,
    inner: Arc<Inner>,
}

struct Inner {
    state: Mutex<State>,
    time: Time,
}

impl std::fmt::Debug for Mastodon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mastodon({})", self.address)
    }
}

impl Mastodon {
    /// Starts one whose clock is `time`.
    #[must_use]
    pub fn start(time: Time) -> Self {
        let inner = Arc::new(Inner {
            state: Mutex::default(),
            time,
        });
        let address = wire::serve(inner.clone());
        Self { address, inner }
    }

    /// Starts one that goes by this machine's clock.
    #[must_use]
    pub fn by_this_clock() -> Self {
        #[expect(clippy::disallowed_methods, reason = "a server has its own clock")]
        let now = || {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(0))
        };
        Self::start(Arc::new(now))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap()
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes its habits.
    pub fn habits(&self, change: impl FnOnce(&mut Habits)) {
        change(&mut self.state().habits);
    }

    /// The next request whose `METHOD /path` begins with this goes wrong.
    pub fn next(&self, what: &str, fault: Fault) {
        self.state().faults.push_back((what.to_owned(), fault));
    }

    /// A token with all scopes.
    #[must_use]
    pub fn token(&self) -> String {
        self.token_for("read write")
    }

    /// A token with these scopes.
    #[must_use]
    pub fn token_for(&self, scopes: &str) -> String {
        let mut state = self.state();
        let token = format!("token-{}", state.next());
        state.tokens.insert(token.clone(), scopes.to_owned());
        token
    }

    /// How many tokens are taken.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.state().tokens.len()
    }

    /// No token that was given so far is taken any more.
    pub fn revoke(&self) {
        self.state().tokens.clear();
    }

    /// The texts of the posts that are live, oldest first.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        let mut state = self.state();
        schedule::publish(&mut state, (self.inner.time)());
        state.posts.iter().map(|p| p.text.clone()).collect()
    }

    /// The posts that are live as the API shows them, oldest first.
    #[must_use]
    pub fn posts(&self) -> Vec<Value> {
        let url = self.url();
        let state = self.state();
        state.posts.iter().map(|p| p.shown(&url)).collect()
    }

    /// What was sent for each live post, oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<Value> {
        let state = self.state();
        state.posts.iter().map(|p| p.sent.clone()).collect()
    }

    /// How often each live post was edited, oldest post first.
    #[must_use]
    pub fn edits(&self) -> Vec<usize> {
        let state = self.state();
        state.posts.iter().map(|p| p.edits).collect()
    }

    /// The texts that wait for their time here, the next one first.
    #[must_use]
    pub fn scheduled(&self) -> Vec<String> {
        let mut state = self.state();
        schedule::publish(&mut state, (self.inner.time)());
        let mut waiting: Vec<_> = state.scheduled.iter().collect();
        waiting.sort_by_key(|one| one.at);
        waiting.iter().map(|one| one.text.clone()).collect()
    }

    /// Takes away what waits for its time, as its owner would elsewhere.
    pub fn unschedule(&self) {
        self.state().scheduled.clear();
    }

    /// Takes a post away as its owner would elsewhere.
    pub fn remove(&self, id: &str) {
        self.state().posts.retain(|p| p.id != id);
    }

    /// Keeps its posts as they are, for [`Mastodon::bring_back`].
    pub fn keep(&self) {
        let mut state = self.state();
        state.kept = (state.posts.clone(), state.scheduled.clone());
    }

    /// Has the posts again that were kept.
    pub fn bring_back(&self) {
        let mut state = self.state();
        (state.posts, state.scheduled) = state.kept.clone();
    }

    /// Forgets every post and key.
    pub fn forget(&self) {
        let mut state = self.state();
        state.posts.clear();
        state.scheduled.clear();
        state.keys.clear();
    }

    /// How often a request began with this `METHOD /path`.
    #[must_use]
    pub fn calls(&self, what: &str) -> usize {
        let state = self.state();
        state.calls.iter().filter(|c| c.starts_with(what)).count()
    }
}

/// A no in Mastodon's shape.
fn error(status: u16, words: &str) -> Answer {
    Answer::json(status, &json!({"error": words}))
}

impl Site for Inner {
    fn fault(&self, request: &Request) -> Option<Fault> {
        let mut state = self.state.lock().unwrap();
        let call = format!("{} {}", request.method, request.path);
        let at = state.faults.iter().position(|(w, _)| call.starts_with(w));
        state.calls.push(call);
        let at = at?;
        state.faults.remove(at).map(|(_, fault)| fault)
    }

    fn answer(&self, request: &Request) -> Answer {
        let mut state = self.state.lock().unwrap();
        let now = (self.time)();
        let host = request.headers.get("host").cloned().unwrap_or_default();
        let url = format!("http://{host}");
        schedule::publish(&mut state, now);
        self.dated(route(&mut state, request, &url, now))
    }

    fn refusal(&self, fault: Fault) -> Answer {
        let answer = match fault {
            Fault::Throttle => error(429, "Too many requests"),
            Fault::Expired => error(401, "The access token is invalid"),
            _ => error(422, "Validation failed: no such thing"),
        };
        self.dated(answer)
    }
}

impl Inner {
    /// With the clock's and the limit's headers
    /// (<https://docs.joinmastodon.org/api/rate-limits/>).
    fn dated(&self, answer: Answer) -> Answer {
        let now = chrono::DateTime::from_timestamp_millis((self.time)()).unwrap_or_default();
        let reset = now + chrono::TimeDelta::seconds(7);
        let left = if answer.status == 429 { "0" } else { "299" };
        answer
            .with("date", now.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
            .with("x-ratelimit-limit", "300")
            .with("x-ratelimit-remaining", left)
            .with(
                "x-ratelimit-reset",
                reset.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
            )
    }
}

fn route(state: &mut State, request: &Request, url: &str, now: i64) -> Answer {
    let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match (request.method.as_str(), parts.as_slice()) {
        ("GET", [".well-known", "oauth-authorization-server"]) if state.habits.metadata => {
            oauth::metadata(url)
        }
        ("POST", ["api", "v1", "apps"]) => oauth::register(state, request),
        ("GET", ["oauth", "authorize"]) => oauth::authorize(state, request),
        ("POST", ["oauth", "token"]) => oauth::token(state, request, now),
        ("POST", ["oauth", "revoke"]) => oauth::revoke(state, request),
        ("GET", ["api", version, "instance"]) => instance(state, version, url),
        ("GET", ["api", "v1", "accounts", "verify_credentials"]) => {
            signed_in(state, request, "read:accounts", |_| account(url))
        }
        ("GET", ["api", "v1", "accounts", ACCOUNT, "statuses"]) => {
            signed_in(state, request, "read:statuses", |state| {
                posts::page(state, request, url)
            })
        }
        ("POST", ["api", version, "media"]) if *version == "v1" || state.habits.v2_media => {
            signed_in(state, request, "write:media", |state| {
                posts::upload(state, request)
            })
        }
        ("GET", ["api", "v1", "media", id]) => signed_in(state, request, "write:media", |state| {
            posts::progress(state, id)
        }),
        ("POST", ["api", "v1", "statuses"]) => {
            signed_in(state, request, "write:statuses", |state| {
                posts::write(state, request, url, now)
            })
        }
        ("GET", ["api", "v1", "scheduled_statuses"]) if state.habits.lists_scheduled => {
            signed_in(state, request, "read:statuses", |state| {
                schedule::page(state, request)
            })
        }
        ("GET", ["api", "v1", "scheduled_statuses", id]) => {
            signed_in(state, request, "read:statuses", |state| {
                schedule::show(state, id)
            })
        }
        ("DELETE", ["api", "v1", "scheduled_statuses", id]) => {
            signed_in(state, request, "write:statuses", |state| {
                schedule::delete(state, id, now)
            })
        }
        ("GET", ["api", "v1", "statuses", id]) => {
            signed_in(state, request, "read:statuses", |state| {
                posts::show(state, id, url)
            })
        }
        ("PUT", ["api", "v1", "statuses", id]) if state.habits.edits => {
            signed_in(state, request, "write:statuses", |state| {
                posts::edit(state, id, request, url, now)
            })
        }
        ("DELETE", ["api", "v1", "statuses", id]) => {
            signed_in(state, request, "write:statuses", |state| {
                posts::delete(state, id, url)
            })
        }
        _ => error(404, "The page you are looking for isn't here."),
    }
}

fn signed_in(
    state: &mut State,
    request: &Request,
    needed: &str,
    then: impl FnOnce(&mut State) -> Answer,
) -> Answer {
    let token = request.bearer().unwrap_or_default();
    let Some(scopes) = state.tokens.get(token) else {
        return error(401, "The access token is invalid");
    };
    let whole = needed.split(':').next().unwrap_or_default();
    if !scopes.split(' ').any(|s| s == needed || s == whole) {
        return error(403, "This action is outside the authorized scopes");
    }
    then(state)
}

fn account(url: &str) -> Answer {
    Answer::json(
        200,
        &json!({
            "id": ACCOUNT,
            "username": "mara",
            "acct": "mara",
            "display_name": "Mara Lindt",
            "url": format!("{url}/@mara"),
        }),
    )
}

fn instance(state: &State, version: &str, url: &str) -> Answer {
    let habits = &state.habits;
    let configuration = json!({
        "statuses": {
            "max_characters": habits.max_characters,
            "max_media_attachments": 4,
            "characters_reserved_per_url": 23,
        },
        "media_attachments": {
            "supported_mime_types": ["image/jpeg", "image/png", "image/gif", "image/webp"],
            "image_size_limit": 16_777_216,
            "description_limit": 1500,
        },
        "polls": {"max_options": 4, "max_characters_per_option": 50,
            "min_expiration": 300, "max_expiration": 2_629_746},
    });
    match version {
        "v2" if habits.v2 => Answer::json(
            200,
            &json!({
                "domain": "social.example", "title": "Social", "version": habits.version,
                "configuration": configuration,
            }),
        ),
        "v1" => Answer::json(
            200,
            &json!({
                "uri": "social.example", "title": "Social", "version": habits.version,
                "configuration": configuration, "urls": {"streaming_api": url},
            }),
        ),
        _ => error(404, "Record not found"),
    }
}
