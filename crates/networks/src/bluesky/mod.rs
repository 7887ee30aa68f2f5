//! Bluesky (AT Protocol), by app password.
//!
//! A post is a record under a key that we choose (a TID), journaled before the first byte leaves
//! together with `createdAt`. Sending again is therefore the same write: a server that already
//! has the record refuses to create it (with a plain 500), and reading it back tells whether it
//! is ours.

mod gates;
mod post;
mod read;
mod record;
mod session;
mod xrpc;

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::Instant;
use domain::attempt::Idempotency;
use domain::content::Replies;
use serde_json::{Value, json};

use crate::contract::{
    Account, AccountFacts, Adapter, Answer, Checked, Choices, ConnectInput, ConnectKind,
    ConnectMethod, Connected, Descriptor, Features, Field, FieldKind, FindInput, Found,
    JournalInput, Metric, NetworkError, Outcome, Presence, Remote, SubmitInput,
};
use crate::http::{Call, Http};
use crate::prepare::Grammar;
use crate::rulepack::PackError;
use crate::rules::{Rules, pure_half};
use crate::text::{self, grammar};

use read::{COUNTS, presence, profile, read_counts, rkey_of};
use record::{COLLECTION, Keys};
use session::{Session, Sessions};

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
    sessions: Sessions,
}

impl BlueskyAdapter {
    /// Makes the adapter.
    ///
    /// # Errors
    /// When the rule pack of this program is broken.
    pub fn new(http: Http) -> Result<Self, PackError> {
        let rules = rules()?;
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
                connect: vec![ConnectMethod {
                    id: "app_password",
                    kind: ConnectKind::Fields,
                    fields: fields(),
                    guide_url: Some("https://bsky.app/settings/app-passwords"),
                }],
            },
            rules,
            http,
            sessions: Sessions::default(),
        })
    }

    fn session<'a>(&'a self, account: Account<'a>) -> Result<Session<'a>, NetworkError> {
        Session::open(&self.http, &self.sessions, account)
    }
}

fn fields() -> Vec<Field> {
    vec![
        Field {
            id: "service",
            kind: FieldKind::Url,
            required: true,
            preset: "https://bsky.social",
            example: "https://bsky.social",
        },
        Field {
            id: "handle",
            kind: FieldKind::Text,
            required: true,
            preset: "",
            example: "mara.bsky.social",
        },
        Field {
            id: "app_password",
            kind: FieldKind::Secret,
            required: true,
            preset: "",
            example: "xxxx-xxxx-xxxx-xxxx",
        },
    ]
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

    async fn connect(&self, input: ConnectInput) -> Result<Connected, NetworkError> {
        let typed = |name: &str| input.fields.get(name).map_or("", |v| v.trim());
        let service = self.http.service("service", typed("service"))?;
        let handle = typed("handle").trim_start_matches('@').to_lowercase();
        let wrong = |field, code, words: &str| NetworkError::Field {
            field,
            code,
            words: words.to_owned(),
        };
        if !(handle.contains('.') || handle.starts_with("did:")) {
            return Err(wrong(
                "handle",
                "not_a_handle",
                "A handle looks like mara.bsky.social.",
            ));
        }
        let password = input
            .secrets
            .get("app_password")
            .filter(|p| !p.expose().trim().is_empty())
            .ok_or_else(|| wrong("app_password", "empty", "Enter an app password."))?;
        xrpc::describe(&self.http, &service).await?;
        let opened = session::sign_in(&self.http, &service, &handle, password.expose().trim())
            .await
            .map_err(|error| match error {
                NetworkError::NeedsReconnect { words } => NetworkError::Field {
                    field: "app_password",
                    code: "wrong_password",
                    words,
                },
                other => other,
            })?;
        if opened.is_full_access() {
            return Err(wrong(
                "app_password",
                "not_an_app_password",
                "This is the account's own password. Make an app password and use that: it can be taken back without changing your own.",
            ));
        }
        let facts = AccountFacts {
            remote_id: opened.did.clone(),
            handle: opened.handle.clone(),
            settings: BTreeMap::from([(
                "service".to_owned(),
                service.as_str().trim_end_matches('/').to_owned(),
            )]),
            live: Vec::new(),
        };
        let secret = opened.into_secret(&service, password.expose().trim());
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
            if let Some(handle) = now.get("handle").and_then(Value::as_str) {
                handle.clone_into(&mut facts.handle);
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
        in_session!(self, input.account, |session| {
            let Some(known) = session.record(COLLECTION, &keys.rkey).await? else {
                return Ok(Found::None);
            };
            // An earlier version may have gone out under the key, or one that more people may
            // answer.
            let mut ours = segment.is_some_and(|segment| known.says(segment, input.target));
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
fn open_call(service: &reqwest::Url, method: &str) -> Result<Call<'static>, NetworkError> {
    Ok(Call::get(xrpc::url(service, method, &[])?))
}
