//! X (API v2), with the person's own app.
//!
//! X refuses a post that repeats an earlier one, without saying which: evidence that a try went
//! out, not proof. Whatever cannot be known is read back from the account's own timeline and
//! compared; nothing is ever sent again blindly. Reading costs money here, so nothing is read that
//! nobody asked for.

mod api;
mod media;
mod post;
mod prices;
mod read;
mod session;
mod sign_in;

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::Instant;
use domain::attempt::Idempotency;
use domain::limits::{Count, ImageLimits, Limits, Severity};
use reqwest::Url;
use serde_json::{Value, json};

use crate::contract::{
    Account, AccountFacts, Adapter, Answer, Authorization, AuthorizeInput, Checked, ConnectInput,
    Connected, Descriptor, Features, FindInput, Found, JournalInput, Metric, NetworkError, Outcome,
    PrepareInput, Prepared, Presence, References, Remote, SubmitInput,
};
use crate::http::{Call, Http};
use crate::prepare::Grammar;
use crate::rulepack::PackError;
use crate::rules::Rules;
use crate::secret::AccountSecret;
use crate::text::{grammar, weighted};

use api::{No, Refusal};
use prices::Prices;
use session::{Kept, Session, Sessions};
use sign_in::Me;

/// Where X's API is.
pub const API: &str = "https://api.x.com";

/// The page on which a person agrees:
/// <https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code>.
pub const AUTHORIZE: &str = "https://x.com/i/oauth2/authorize";

pub(crate) fn rules() -> Result<Rules, PackError> {
    let grammar = Grammar {
        find: grammar::x,
        length: |text, limits| {
            weighted::count(text, limits.text.link_length.unwrap_or(weighted::LINK))
        },
        mention_ids: false,
        cards: false,
        card_or_pictures: false,
        titles: false,
    };
    Rules::new("x", grammar, include_str!("limits.toml"))
}

/// Publishes on X.
pub struct XAdapter {
    descriptor: Descriptor,
    rules: Rules,
    prices: Prices,
    http: Http,
    places: Places,
    sessions: Sessions,
}

/// Where X is.
struct Places {
    api: Url,
    authorize: Url,
    token: Url,
}

impl XAdapter {
    /// Makes the adapter for the API at `api` and the page of agreement at `authorize`, which are
    /// [`API`] and [`AUTHORIZE`] but in tests.
    ///
    /// # Errors
    /// When a rule pack of this program, or an address, is broken.
    pub fn new(http: Http, api: &str, authorize: &str) -> Result<Self, PackError> {
        let rules = rules()?;
        let prices = Prices::read()?;
        let url = |text: &str| {
            Url::parse(text).map_err(|e| PackError::Malformed {
                network: "x",
                why: e.to_string(),
            })
        };
        let places = Places {
            api: url(api)?,
            authorize: url(authorize)?,
            token: url(&format!("{api}/2/oauth2/token"))?,
        };
        Ok(Self {
            descriptor: Descriptor {
                id: rules.id.clone(),
                name: "X",
                letters: "X",
                features: Features {
                    threads: true,
                    images: true,
                    alt: true,
                    delete: true,
                    read_back: true,
                    metrics: read::COUNTS.iter().map(|(_, name)| *name).collect(),
                    metrics_cost: Some(prices.of_reading()),
                    ..Features::default()
                },
                idempotency: Idempotency::Refused,
                connect: sign_in::methods(),
            },
            rules,
            prices,
            http,
            places,
            sessions: Sessions::default(),
        })
    }

    async fn session<'a>(&'a self, account: Account<'a>) -> Result<Session<'a>, NetworkError> {
        Session::open(&self.http, &self.places, &self.sessions, account).await
    }

    /// Who the tokens belong to, and what is to be stored of it.
    async fn connected(&self, kept: Kept) -> Result<Connected, NetworkError> {
        let secret = kept.seal()?;
        let mut facts = AccountFacts::default();
        if !kept.client_id.is_empty() {
            // For the next sign-in; it is no secret.
            let id = kept.client_id.clone();
            facts.settings.insert("client_id".to_owned(), id);
        }
        let account = Account {
            facts: &facts,
            secret: Some(&secret),
        };
        let mut session = self.session(account).await?;
        let me = Me::ask(&mut session).await?;
        let refreshed = session.into_refreshed();
        me.write(&mut facts);
        Ok(Connected {
            avatar: me.avatar(&self.http).await,
            name: me.name,
            facts,
            secret: Some(refreshed.unwrap_or(secret)),
        })
    }
}

/// Opens a session, does the work in it, and hands back what the session became, whatever the
/// work came to.
macro_rules! in_session {
    ($adapter:expr, $account:expr, |$session:ident| $work:block) => {
        match $adapter.session($account).await {
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
impl Adapter for XAdapter {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn limits(&self, account: Option<&AccountFacts>) -> Limits {
        self.rules.limits(account)
    }

    fn card_image(&self) -> Option<ImageLimits> {
        None
    }

    fn count(&self, text: &str, limits: &Limits) -> Count {
        self.rules.count(text, limits)
    }

    fn references(&self, text: &str) -> References {
        self.rules.references(text)
    }

    fn prepare(&self, input: &PrepareInput<'_>) -> Prepared {
        let mut prepared = self.rules.prepare(input);
        animations(input, &mut prepared);
        prepared.cost = self.prices.of(&prepared.target);
        prepared
    }

    async fn authorize(&self, input: AuthorizeInput) -> Result<Authorization, NetworkError> {
        sign_in::authorize(&self.places, &input)
    }

    async fn connect(&self, input: ConnectInput) -> Result<Connected, NetworkError> {
        let kept = match &input.grant {
            Some(grant) => sign_in::redeemed(&self.http, &self.places, &input, grant).await?,
            None => sign_in::pasted(&input)?,
        };
        let connected = self.connected(kept).await;
        connected.map_err(|error| sign_in::trouble(error, input.grant.is_some()))
    }

    fn expires(&self, secret: &AccountSecret) -> Option<Instant> {
        Kept::open(secret)?.renews_until()
    }

    async fn renew(&self, account: Account<'_>, now: Instant) -> Answer<Result<(), NetworkError>> {
        in_session!(self, account, |session| { session.renew(now).await })
    }

    /// Asking costs money: the caller does it once a day.
    async fn check(&self, account: Account<'_>) -> Answer<Result<Checked, NetworkError>> {
        in_session!(self, account, |session| {
            let me = Me::ask(session).await?;
            if me.id != account.facts.remote_id {
                return Err(NetworkError::NeedsReconnect {
                    words: "X answered for another account.".to_owned(),
                });
            }
            let mut facts = account.facts.clone();
            me.write(&mut facts);
            Ok(Checked {
                facts,
                name: Some(me.name).filter(|n| !n.is_empty()),
            })
        })
    }

    async fn resolve(
        &self,
        _: Account<'_>,
        _: &[String],
    ) -> Answer<Result<BTreeMap<String, Option<String>>, NetworkError>> {
        // X finds mentions in the text by itself.
        Answer::from(Ok(BTreeMap::new()))
    }

    /// Since when a post may be this segment's: an earlier try that may be live counts.
    fn journal_keys(&self, input: &JournalInput<'_>) -> Value {
        match input.earlier.and_then(since_of) {
            Some(since) => json!({"since": since}),
            None => json!({"since": input.now}),
        }
    }

    async fn submit(&self, input: SubmitInput<'_>) -> Answer<Outcome> {
        match self.session(input.account).await {
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
        let Some(segment) = input.target.segments.get(input.attempt.segment as usize) else {
            return Answer::from(Ok(Found::None));
        };
        let parent = input.thread.parent.as_ref().map(|p| p.id.as_str());
        let earliest = since_of(&input.attempt.keys).map(|since| since.min(input.since));
        let facts = input.account.facts;
        in_session!(self, input.account, |session| {
            let since = earliest.unwrap_or(input.since);
            let posts = read::timeline(session, &facts.remote_id, since)
                .await
                .map_err(cannot_look)?;
            let mut it = posts.iter().filter(|p| read::is_it(p, segment, parent));
            Ok(match (it.next(), it.count()) {
                (None, _) => Found::None,
                (Some(one), 0) => Found::One(post::remote(facts, &one.id)),
                (Some(_), more) => Found::Several(more + 1),
            })
        })
    }

    async fn look(
        &self,
        account: Account<'_>,
        remote: &Remote,
    ) -> Answer<Result<Presence, NetworkError>> {
        in_session!(self, account, |session| { presence(session, remote).await })
    }

    async fn delete(
        &self,
        account: Account<'_>,
        remote: &Remote,
    ) -> Answer<Result<Presence, NetworkError>> {
        in_session!(self, account, |session| {
            let url = api::url(
                &session.places.api,
                &format!("/2/tweets/{}", remote.id),
                &[],
            )?;
            let reply = session
                .send(|| Ok(Call::delete(url.clone())))
                .await?
                .map_err(api::unreachable)?;
            if !reply.is_success() && reply.status != 404 {
                return Err(Refusal::of(&reply).of_read());
            }
            let said = reply
                .json()
                .is_some_and(|answer| answer.pointer("/data/deleted") == Some(&Value::Bool(true)));
            match presence(session, remote).await {
                // Where the app may not read, X's word on the deletion is all there is.
                Err(NetworkError::Refused { .. }) if said => Ok(Presence::Gone),
                seen => seen,
            }
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
            for some in remotes.chunks(read::POSTS_AT_ONCE) {
                let ids: Vec<&str> = some.iter().map(|r| r.id.as_str()).collect();
                metrics.extend(read::numbers(session, &ids.join(","), now).await?);
            }
            Ok(metrics)
        })
    }
}

/// What moves stands alone on X, and only GIFs move.
fn animations(input: &PrepareInput<'_>, prepared: &mut Prepared) {
    for (index, segment) in input.variant.segments.iter().enumerate() {
        for used in &segment.media {
            let Some(facts) = input.assets.get(&used.asset).filter(|a| a.animated) else {
                continue;
            };
            let (code, severity) = match facts.mime.as_str() {
                "image/gif" if segment.media.len() > 1 => ("animation_not_alone", Severity::Error),
                "image/gif" => continue,
                _ => ("image_stands_still", Severity::Warning),
            };
            let known = prepared
                .issues
                .iter()
                .any(|i| i.code == code && i.asset == Some(used.asset));
            if !known {
                prepared.add_issue(code, severity, index, Some(used.asset));
            }
        }
    }
}

fn since_of(keys: &Value) -> Option<Instant> {
    keys.get("since")?.as_str()?.parse().ok()
}

/// Where the app may not read, looking again does not help: a person is asked at once.
fn cannot_look(error: NetworkError) -> NetworkError {
    match error {
        NetworkError::Refused { code, .. } if code == "no_credits" => NetworkError::Unsupported(
            "X does not let your app read: it has no credits left. Look on X whether it is live.",
        ),
        NetworkError::Refused { code, .. } if code == "not_permitted" => NetworkError::Unsupported(
            "X does not let your app read the account's posts. Look on X whether it is live.",
        ),
        other => other,
    }
}

/// Whether a post is there. X says that it is not with 404, or with 200 and a problem.
async fn presence(session: &mut Session<'_>, remote: &Remote) -> Result<Presence, NetworkError> {
    let reply = session
        .get(&format!("/2/tweets/{}", remote.id), &[])
        .await?;
    if !reply.is_success() {
        let refusal = Refusal::of(&reply);
        return match refusal.no {
            No::Missing => Ok(Presence::Gone),
            _ => Err(refusal.of_read()),
        };
    }
    let answer = api::value(&reply)?;
    if answer.pointer("/data/id").and_then(Value::as_str) == Some(remote.id.as_str()) {
        return Ok(Presence::There(remote.clone()));
    }
    let problem = answer.pointer("/errors/0/type").and_then(Value::as_str);
    match problem {
        Some(kind) if kind.ends_with("/resource-not-found") => Ok(Presence::Gone),
        _ => Err(NetworkError::Unreadable(
            "X does not say whether it is there".to_owned(),
        )),
    }
}
