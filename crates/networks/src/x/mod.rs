//! X (API v2), with the person's own app.
//!
//! X refuses a post that repeats an earlier one, without saying which: evidence that a try went
//! out, not proof. Whatever cannot be known is read back from the account's own timeline and
//! compared; nothing is ever sent again blindly. Reading costs money here, so nothing is read that
//! nobody asked for.

mod api;
mod media;
mod post;
mod prepare;
mod presence;
mod prices;
mod quote;
mod read;
mod session;
mod sign_in;

use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::Instant;
use domain::attempt::Idempotency;
use domain::content::{Options, Quote};
use domain::cost::Cost;
use domain::limits::{Count, ImageLimits, Limits};
use domain::version::PreparedTarget;
use reqwest::Url;
use serde_json::{Value, json};

use crate::contract::{
    Account, AccountFacts, Adapter, Answer, Authorization, AuthorizeInput, Checked, ConnectInput,
    Connected, Descriptor, Features, FindInput, Found, JournalInput, Metric, NetworkError, Outcome,
    PrepareInput, Prepared, Presence, References, Remote, SubmitInput,
};
use crate::http::{Call, Http};
use crate::oauth;
use crate::rulepack::PackError;
use crate::rules::Rules;
use crate::secret::AccountSecret;

use api::Refusal;
use presence::{cannot_look, presence};
use prices::Prices;
use session::{Kept, Session, Sessions};
use sign_in::Me;

pub(crate) use prepare::rules;

/// Where X's API is.
pub const API: &str = "https://api.x.com";

/// The page on which a person agrees:
/// <https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code>.
pub const AUTHORIZE: &str = "https://x.com/i/oauth2/authorize";

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
    revoke: Url,
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
            revoke: url(&format!("{api}/2/oauth2/revoke"))?,
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
                    choices: rules.choices(),
                    delete: true,
                    read_back: true,
                    metrics: read::COUNTS.iter().map(|(_, name)| *name).collect(),
                    currency: Some(prices.of_reading().currency),
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

    fn reserved(&self, options: &Options) -> u32 {
        self.rules.reserved(options)
    }

    fn references(&self, text: &str) -> References {
        self.rules.references(text)
    }

    fn prepare(&self, input: &PrepareInput<'_>) -> Prepared {
        let mut prepared = self.rules.prepare(input);
        prepare::animations(input, &mut prepared);
        quote::alone(input, &mut prepared);
        prepared.cost = self.cost(&prepared.target);
        prepared
    }

    fn cost(&self, target: &PreparedTarget) -> Option<Cost> {
        self.prices.of(target)
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

    /// <https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token> (POST
    /// oauth2/revoke).
    async fn give_back(&self, secret: &AccountSecret) -> Result<(), NetworkError> {
        let Some(kept) = Kept::open(secret).filter(|kept| !kept.client_id.is_empty()) else {
            return Ok(());
        };
        let app = (kept.client_id.as_str(), kept.client_secret.as_str());
        for token in [&kept.refresh, &kept.access] {
            if !token.is_empty() {
                oauth::give_back(&self.http, &self.places.revoke, token, app).await?;
            }
        }
        Ok(())
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

    async fn quoted(
        &self,
        _: Account<'_>,
        address: &str,
    ) -> Answer<Result<Option<Quote>, NetworkError>> {
        Answer::from(Ok(quote::find(address)))
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
        let quote = input.target.options.quote.as_ref();
        let quote = quote.filter(|_| input.attempt.segment == 0);
        let quote = quote.map(|quote| quote.id.as_str());
        let earliest = since_of(&input.attempt.keys).map(|since| since.min(input.since));
        let facts = input.account.facts;
        in_session!(self, input.account, |session| {
            let since = earliest.unwrap_or(input.since);
            let posts = read::timeline(session, &facts.remote_id, since)
                .await
                .map_err(cannot_look)?;
            let mut it = posts
                .iter()
                .filter(|p| read::is_it(p, segment, parent, quote));
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

fn since_of(keys: &Value) -> Option<Instant> {
    keys.get("since")?.as_str()?.parse().ok()
}
