//! Bluesky (AT Protocol), signed in to through the browser or by app password.
//!
//! A post is a record under a key that we choose (a TID), journaled before the first byte leaves
//! together with `createdAt`. Sending again is therefore the same write: a server that already
//! has the record refuses to create it (with a plain 500), and reading it back tells whether it
//! is ours.

mod directory;
mod dpop;
mod gates;
mod oauth;
mod post;
mod quote;
mod read;
mod record;
mod session;
mod sign_in;
mod xrpc;

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::Instant;
use domain::attempt::Idempotency;
use domain::content::{Quote, Replies};
use reqwest::Url;
use serde_json::{Value, json};

use crate::contract::{
    Account, Adapter, Answer, Authorization, AuthorizeInput, Checked, Choices, ConnectInput,
    Connected, Descriptor, Features, FindInput, Found, JournalInput, Metric, NetworkError, Outcome,
    Presence, Remote, SubmitInput,
};
use crate::http::{Call, Http};
use crate::prepare::Grammar;
use crate::rulepack::PackError;
use crate::rules::{Rules, pure_half};
use crate::secret::AccountSecret;
use crate::text::{self, grammar};

use read::{COUNTS, presence, profile, read_counts, rkey_of};
use record::{COLLECTION, Keys};
use session::{Kept, Session, Sessions};

/// Who keeps the documents of accounts: <https://web.plc.directory>.
pub const PLC: &str = "https://plc.directory";

/// How many posts the AppView counts at once (`app.bsky.feed.getPosts`).
const POSTS_AT_ONCE: usize = 25;

/// Gates: lexicons `app.bsky.feed.threadgate` and `app.bsky.feed.postgate`. Labels: what
/// Bluesky's own app lets authors choose
/// (<https://github.com/bluesky-social/social-app/blob/main/src/lib/moderation.ts>,
/// `SELF_LABELS`); all of them hide pictures. Every post is public.
const CHOICES: Choices = Choices {
    visibility: &[],
    content_warning: false,
    sensitive: false,
    replies: &[
        Replies::Everyone,
        Replies::Mentioned,
        Replies::Following,
        Replies::Followers,
        Replies::Nobody,
    ],
    quotes_off: true,
    made_with_ai: false,
    labels: &["sexual", "nudity", "porn", "graphic-media"],
    quote: true,
};

pub(crate) fn rules() -> Result<Rules, PackError> {
    let grammar = Grammar {
        find: grammar::bluesky,
        length: |text, _| text::graphemes(text),
        mention_ids: true,
        cards: true,
        card_or_pictures: true,
        titles: false,
        choices: CHOICES,
        warning_counts: false,
    };
    Rules::new("bluesky", grammar, include_str!("limits.toml"))
}

/// Publishes on Bluesky and other servers of the AT Protocol.
pub struct BlueskyAdapter {
    descriptor: Descriptor,
    rules: Rules,
    http: Http,
    plc: Url,
    sessions: Sessions,
}

impl BlueskyAdapter {
    /// Makes the adapter with the directory of accounts at `plc`, which is [`PLC`] but in tests.
    ///
    /// # Errors
    /// When the rule pack of this program, or the address, is broken.
    pub fn new(http: Http, plc: &str) -> Result<Self, PackError> {
        let rules = rules()?;
        let plc = Url::parse(plc).map_err(|e| PackError::Malformed {
            network: "bluesky",
            why: e.to_string(),
        })?;
        Ok(Self {
            descriptor: Descriptor {
                id: rules.id.clone(),
                name: "Bluesky",
                letters: "Bs",
                features: Features {
                    threads: true,
                    images: true,
                    alt: true,
                    link_cards: true,
                    mentions: true,
                    languages: true,
                    choices: rules.choices(),
                    delete: true,
                    read_back: true,
                    metrics: COUNTS.iter().map(|(_, name)| *name).collect(),
                    ..Features::default()
                },
                idempotency: Idempotency::Natural,
                connect: sign_in::methods(),
            },
            rules,
            http,
            plc,
            sessions: Sessions::default(),
        })
    }

    fn session<'a>(&'a self, account: Account<'a>) -> Result<Session<'a>, NetworkError> {
        Session::open(&self.http, &self.sessions, account)
    }
}

/// Opens a session, does the work in it, and hands back what the session became, whatever the
/// work came to.
macro_rules! in_session {
    ($adapter:expr, $account:expr, |$session:ident| $work:block) => {
        match $adapter.session($account) {
            Err(error) => Answer::from(Err(error)),
            Ok(mut opened) => {
                let $session = &mut opened;
                let value: Result<_, NetworkError> = async { $work }.await;
                Answer {
                    value,
                    refreshed: opened.into_refreshed(),
                }
            }
        }
    };
}

#[async_trait]
impl Adapter for BlueskyAdapter {
    pure_half!();

    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn authorize(&self, input: AuthorizeInput) -> Result<Authorization, NetworkError> {
        sign_in::authorize(&self.http, &self.plc, &self.sessions, &input).await
    }

    async fn connect(&self, input: ConnectInput) -> Result<Connected, NetworkError> {
        let (facts, secret) = match &input.grant {
            Some(grant) => {
                let (http, servers) = (&self.http, &self.sessions.servers);
                let place = (http, &self.plc);
                sign_in::granted(&oauth::redeem(place, servers, grant, input.now).await?)?
            }
            None => sign_in::with_password(&self.http, &input).await?,
        };
        let account = Account {
            facts: &facts,
            secret: Some(&secret),
        };
        // A profile is nice to have; an account without one is connected all the same.
        let (name, avatar) = match self.session(account) {
            Ok(mut session) => profile(&mut session).await,
            Err(_) => (String::new(), None),
        };
        Ok(Connected {
            facts,
            name,
            avatar,
            secret: Some(secret),
        })
    }

    fn expires(&self, secret: &AccountSecret) -> Option<Instant> {
        Kept::open(secret)?.renews_until()
    }

    fn before_renewal(&self, secret: &AccountSecret, now: Instant) -> Option<AccountSecret> {
        Kept::open(secret)?.marked(now)?.seal().ok()
    }

    async fn renew(&self, account: Account<'_>, now: Instant) -> Answer<Result<(), NetworkError>> {
        in_session!(self, account, |session| { session.renew(now).await })
    }

    async fn give_back(&self, secret: &AccountSecret) -> Result<(), NetworkError> {
        match Kept::open(secret) {
            Some(kept) => kept.give_back(&self.http, &self.sessions.servers).await,
            None => Ok(()),
        }
    }

    async fn check(&self, account: Account<'_>) -> Answer<Result<Checked, NetworkError>> {
        in_session!(self, account, |session| {
            let now = session.get("com.atproto.server.getSession", &[]).await?;
            if now.get("active") == Some(&Value::Bool(false)) {
                let status = now
                    .get("status")
                    .and_then(Value::as_str)
                    .unwrap_or("inactive");
                return Err(NetworkError::NeedsReconnect {
                    words: format!("The server says that this account is {status}."),
                });
            }
            let mut facts = account.facts.clone();
            if let Some(claimed) = now.get("handle").and_then(Value::as_str) {
                facts.handle = session.handle(&self.plc, claimed).await;
            }
            let (name, _) = profile(session).await;
            Ok(Checked {
                facts,
                name: Some(name).filter(|n| !n.is_empty()),
            })
        })
    }

    async fn resolve(
        &self,
        account: Account<'_>,
        handles: &[String],
    ) -> Answer<Result<BTreeMap<String, Option<String>>, NetworkError>> {
        in_session!(self, account, |session| {
            let mut found = BTreeMap::new();
            for handle in handles {
                let handle = handle.to_lowercase();
                let query = [("handle", handle.as_str())];
                let did = match session
                    .get("com.atproto.identity.resolveHandle", &query)
                    .await
                {
                    Ok(answer) => answer.get("did").and_then(Value::as_str).map(str::to_owned),
                    // The documented way to say that nobody has it.
                    Err(NetworkError::Refused { .. }) => None,
                    Err(error) => return Err(error),
                };
                found.insert(handle, did);
            }
            Ok(found)
        })
    }

    async fn quoted(
        &self,
        account: Account<'_>,
        address: &str,
    ) -> Answer<Result<Option<Quote>, NetworkError>> {
        in_session!(self, account, |session| {
            quote::find(session, address).await
        })
    }

    fn journal_keys(&self, input: &JournalInput<'_>) -> Value {
        match input.earlier.and_then(Keys::read) {
            Some(earlier) => earlier.to_json(),
            None => Keys::new(input.attempt, input.now).to_json(),
        }
    }

    async fn submit(&self, input: SubmitInput<'_>) -> Answer<Outcome> {
        match self.session(input.account) {
            Err(error) => Answer::from(post::not_opened(error)),
            Ok(mut session) => {
                let outcome = post::submit(&mut session, input).await;
                Answer {
                    value: outcome.unwrap_or_else(|early| early),
                    refreshed: session.into_refreshed(),
                }
            }
        }
    }

    async fn find(&self, input: FindInput<'_>) -> Answer<Result<Found, NetworkError>> {
        let Some(keys) = Keys::read(&input.attempt.keys) else {
            return Answer::from(Ok(Found::None));
        };
        let (nth, facts) = (input.attempt.segment, input.account.facts);
        let segment = input.target.segments.get(nth as usize);
        let gates = gates::build(&input.target.options, nth, &facts.remote_id, &keys);
        let quote = input.target.options.quote.as_ref().filter(|_| nth == 0);
        in_session!(self, input.account, |session| {
            let Some(known) = session.record(COLLECTION, &keys.rkey).await? else {
                return Ok(Found::None);
            };
            // An earlier version may have gone out under the key, one that more people may
            // answer, or that quotes another.
            let mut ours = segment.is_some_and(|segment| known.says(segment, input.target));
            ours = ours && known.quotes() == quote.map(|quote| quote.id.as_str());
            for gate in &gates {
                ours = ours && session.record(gate.collection, &keys.rkey).await?.is_some();
            }
            Ok(if ours {
                Found::One(known.remote(facts))
            } else {
                Found::Several(1)
            })
        })
    }

    async fn look(
        &self,
        account: Account<'_>,
        remote: &Remote,
    ) -> Answer<Result<Presence, NetworkError>> {
        let rkey = match rkey_of(account, remote) {
            Ok(rkey) => rkey,
            Err(error) => return Answer::from(Err(error)),
        };
        in_session!(self, account, |session| {
            presence(session, account, &rkey).await
        })
    }

    async fn delete(
        &self,
        account: Account<'_>,
        remote: &Remote,
    ) -> Answer<Result<Presence, NetworkError>> {
        let rkey = match rkey_of(account, remote) {
            Ok(rkey) => rkey,
            Err(error) => return Answer::from(Err(error)),
        };
        in_session!(self, account, |session| {
            // The post first: without its gates it would be open to all.
            for collection in std::iter::once(COLLECTION).chain(gates::COLLECTIONS) {
                let what = json!({
                    "repo": account.facts.remote_id,
                    "collection": collection,
                    "rkey": rkey,
                });
                session.post("com.atproto.repo.deleteRecord", &what).await?;
            }
            presence(session, account, &rkey).await
        })
    }

    async fn metrics(
        &self,
        account: Account<'_>,
        remotes: &[Remote],
        now: Instant,
    ) -> Answer<Result<Vec<Metric>, NetworkError>> {
        in_session!(self, account, |session| {
            let mut metrics = Vec::new();
            for some in remotes.chunks(POSTS_AT_ONCE) {
                let query: Vec<(&str, &str)> =
                    some.iter().map(|r| ("uris", r.id.as_str())).collect();
                let answer = session.get("app.bsky.feed.getPosts", &query).await?;
                let posts = answer
                    .get("posts")
                    .and_then(Value::as_array)
                    .ok_or_else(|| NetworkError::Unreadable("getPosts without posts".to_owned()))?;
                for post in posts {
                    read_counts(post, now, &mut metrics);
                }
            }
            Ok(metrics)
        })
    }
}

/// A call of a method that needs nobody to be signed in.
fn open_call(service: &Url, method: &str) -> Result<Call<'static>, NetworkError> {
    Ok(Call::get(xrpc::url(service, method, &[])?))
}
