//! Mastodon, and software that speaks its API.
//!
//! A post is written under an `Idempotency-Key` that is journaled before the first byte leaves.
//! Mastodon honours it for an hour; other software often ignores it, so that a write whose answer
//! was lost is first looked for among the account's posts, and only then, within half of that hour
//! and only on Mastodon itself, sent again.

mod api;
mod edit;
mod html;
mod instance;
mod post;
mod read;
mod schedule;
mod sign_in;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use domain::Instant;
use domain::attempt::Idempotency;
use domain::content::Visibility;
use domain::edit::EditTrouble;
use domain::version::PreparedTarget;
use serde_json::Value;

use crate::contract::{
    Account, AccountFacts, Adapter, Answer, Authorization, AuthorizeInput, Checked, Choices,
    ConnectInput, ConnectKind, ConnectMethod, Connected, Descriptor, EditInput, Features, Field,
    FieldKind, FindInput, Found, JournalInput, KEEPS_TIME, Metric, NetworkError, Outcome, Presence,
    Recalled, Remote, Said, SubmitInput,
};
use crate::http::{Call, Http};
use crate::prepare::Grammar;
use crate::rulepack::PackError;
use crate::rules::{Rules, pure_half};
use crate::secret::AccountSecret;
use crate::text::grammar;

use api::Api;
use instance::Server;
use read::{COUNTS, Keys, account_id};

/// What a link counts where neither the rule pack nor the server says.
const LINK: u32 = 23;

/// <https://docs.joinmastodon.org/methods/statuses/#create>: `visibility`, `spoiler_text`,
/// `sensitive`, `quote_approval_policy` (4.5). Everybody who may read may reply.
const CHOICES: Choices = Choices {
    visibility: &[
        Visibility::Public,
        Visibility::Unlisted,
        Visibility::Followers,
        Visibility::Direct,
    ],
    content_warning: true,
    sensitive: true,
    replies: &[],
    quotes_off: true,
    made_with_ai: false,
    labels: &[],
    quote: false,
};

/// Half of the hour for which Mastodon keeps an `Idempotency-Key`
/// (<https://docs.joinmastodon.org/methods/statuses/#create>).
const REPEATS_WITHIN: Duration = Duration::from_secs(30 * 60);

pub(crate) fn rules() -> Result<Rules, PackError> {
    let grammar = Grammar {
        find: grammar::mastodon,
        length: |text, limits| {
            grammar::mastodon_length(text, limits.text.link_length.unwrap_or(LINK))
        },
        mention_ids: false,
        cards: false,
        card_or_pictures: false,
        titles: false,
        choices: CHOICES,
        warning_counts: true,
    };
    Rules::new("mastodon", grammar, include_str!("limits.toml"))
}

/// Publishes on Mastodon servers.
pub struct MastodonAdapter {
    descriptor: Descriptor,
    rules: Rules,
    http: Http,
}

impl MastodonAdapter {
    /// Makes the adapter.
    ///
    /// # Errors
    /// When the rule pack of this program is broken.
    pub fn new(http: Http) -> Result<Self, PackError> {
        let rules = rules()?;
        Ok(Self {
            descriptor: Descriptor {
                id: rules.id.clone(),
                name: "Mastodon",
                letters: "Ma",
                features: Features {
                    threads: true,
                    images: true,
                    alt: true,
                    languages: true,
                    choices: rules.choices(),
                    edit: true,
                    schedules: true,
                    delete: true,
                    read_back: true,
                    metrics: COUNTS.iter().map(|(_, name)| *name).collect(),
                    ..Features::default()
                },
                idempotency: Idempotency::Key,
                connect: vec![
                    ConnectMethod {
                        id: "oauth",
                        kind: ConnectKind::Browser { port: None },
                        fields: vec![SERVICE],
                        guide_url: None,
                    },
                    ConnectMethod {
                        id: "token",
                        kind: ConnectKind::Fields,
                        fields: vec![SERVICE, TOKEN],
                        guide_url: None,
                    },
                ],
            },
            rules,
            http,
        })
    }

    fn service(&self, fields: &BTreeMap<String, String>) -> Result<Api<'_>, NetworkError> {
        let typed = fields.get("service").map_or("", |v| v.trim());
        // People know their server from their own name: `@mara@social.example`.
        let typed = match typed.rsplit_once('@') {
            Some((_, server)) if !typed.contains("://") => server,
            _ => typed,
        };
        Ok(Api::open(&self.http, self.http.service("service", typed)?))
    }
}

const SERVICE: Field = Field {
    id: "service",
    kind: FieldKind::Url,
    required: true,
    preset: "",
    example: "mastodon.social",
};

const TOKEN: Field = Field {
    id: "token",
    kind: FieldKind::Secret,
    required: true,
    preset: "",
    example: "",
};

/// An account as its server knows it: ids are only unique on one server.
fn remote_id(id: &str, server: &Server) -> String {
    format!("{id}@{}", server.domain)
}

/// Who a token belongs to, and what the server says of itself.
async fn look_up(api: &Api<'_>) -> Result<(AccountFacts, String), NetworkError> {
    let server = Server::read(api).await?;
    let me = api
        .get("api/v1/accounts/verify_credentials", &[])
        .await?
        .ok_or_else(|| NetworkError::Unreadable("the server knows no accounts".to_owned()))?;
    let text = |name: &str| me.get(name).and_then(Value::as_str).unwrap_or_default();
    let id = read::id(&me)
        .filter(|_| !text("username").is_empty())
        .ok_or_else(|| NetworkError::Unreadable("an account without a name".to_owned()))?;
    let facts = AccountFacts {
        remote_id: remote_id(&id, &server),
        handle: format!("{}@{}", text("username"), server.domain),
        settings: BTreeMap::from([
            (
                "service".to_owned(),
                api.service.as_str().trim_end_matches('/').to_owned(),
            ),
            ("version".to_owned(), server.version),
        ]),
        live: server.live,
    };
    Ok((facts, text("display_name").to_owned()))
}

#[async_trait]
impl Adapter for MastodonAdapter {
    pure_half!();

    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    fn repeats_within(&self, account: &AccountFacts) -> Option<Duration> {
        let version = account.settings.get("version")?;
        Server::is_mastodon(version).then_some(REPEATS_WITHIN)
    }

    async fn authorize(&self, input: AuthorizeInput) -> Result<Authorization, NetworkError> {
        let api = self.service(&input.fields)?;
        Server::read(&api).await?;
        sign_in::authorize(&api, &input).await
    }

    async fn connect(&self, input: ConnectInput) -> Result<Connected, NetworkError> {
        let api = self.service(&input.fields)?;
        let (token, client) = match &input.grant {
            Some(grant) => {
                let (token, client) = sign_in::redeem(&self.http, grant, input.now).await?;
                (token, Some(client))
            }
            None => {
                let typed = input.secrets.get("token");
                let token = typed.filter(|token| !token.expose().is_empty());
                let token = token.cloned().ok_or_else(|| NetworkError::Field {
                    field: "token",
                    code: "empty",
                    words: "Enter an access token.".to_owned(),
                })?;
                (token, None)
            }
        };
        let secret = api::secret(&api.service, &token, client);
        let api = api.with_token(token);
        let (facts, name) = look_up(&api).await?;
        Ok(Connected {
            facts,
            name,
            avatar: None,
            secret: Some(secret),
        })
    }

    async fn give_back(&self, secret: &AccountSecret) -> Result<(), NetworkError> {
        api::give_back(&self.http, secret).await
    }

    async fn check(&self, account: Account<'_>) -> Answer<Result<Checked, NetworkError>> {
        let checked = async {
            let api = Api::of(&self.http, account)?;
            let (facts, name) = look_up(&api).await?;
            Ok(Checked {
                facts,
                name: Some(name).filter(|n| !n.is_empty()),
            })
        };
        Answer::from(checked.await)
    }

    /// Mentions are found by the server, in the text.
    async fn resolve(
        &self,
        _: Account<'_>,
        _: &[String],
    ) -> Answer<Result<BTreeMap<String, Option<String>>, NetworkError>> {
        Answer::from(Ok(BTreeMap::new()))
    }

    fn journal_keys(&self, input: &JournalInput<'_>) -> Value {
        Keys::of(input).to_json()
    }

    /// Scheduled posts came with 2.7.0; other software says for itself whether it has them.
    fn keeps_time(&self, account: &AccountFacts) -> Option<Duration> {
        let version = account.settings.get("version").map_or("", String::as_str);
        let able = Server::release(version).is_some_and(|release| release >= schedule::SINCE);
        (able && !account.settings.contains_key(KEEPS_TIME)).then_some(schedule::AHEAD)
    }

    async fn poll(&self, account: Account<'_>, handle: &Value) -> Answer<Outcome> {
        let outcome = match Api::of(&self.http, account) {
            Err(error) => post::not_opened(error),
            Ok(api) => schedule::poll(&api, handle).await,
        };
        Answer::from(outcome)
    }

    async fn recall(
        &self,
        account: Account<'_>,
        handle: &Value,
    ) -> Answer<Result<Recalled, NetworkError>> {
        let recalled = async {
            let api = Api::of(&self.http, account)?;
            schedule::recall(&api, handle).await
        };
        Answer::from(recalled.await)
    }

    async fn submit(&self, input: SubmitInput<'_>) -> Answer<Outcome> {
        let outcome = match Api::of(&self.http, input.account) {
            Err(error) => post::not_opened(error),
            Ok(api) => post::submit(&api, input)
                .await
                .unwrap_or_else(|early| early),
        };
        Answer::from(outcome)
    }

    /// Software that only speaks the API says for itself whether it edits.
    fn edits(&self, account: &AccountFacts) -> bool {
        let version = account.settings.get("version").map_or("", String::as_str);
        Server::release(version).is_none_or(|release| release >= (3, 5))
    }

    fn edit_trouble(&self, before: &PreparedTarget, after: &PreparedTarget) -> Option<EditTrouble> {
        edit::trouble(before, after)
    }

    async fn edit(&self, input: EditInput<'_>) -> Answer<Outcome> {
        let outcome = match Api::of(&self.http, input.account) {
            Err(error) => post::not_opened(error),
            Ok(api) => edit::edit(&api, input).await.unwrap_or_else(|early| early),
        };
        Answer::from(outcome)
    }

    async fn says(&self, input: EditInput<'_>) -> Answer<Result<Said, NetworkError>> {
        let said = async {
            let api = Api::of(&self.http, input.account)?;
            edit::says(&api, input).await
        };
        Answer::from(said.await)
    }

    async fn find(&self, input: FindInput<'_>) -> Answer<Result<Found, NetworkError>> {
        let found = async {
            let api = Api::of(&self.http, input.account)?;
            if let Some(at) = input.attempt.handed_for
                && let Some(kept) = schedule::find(&api, input, at).await?
            {
                return Ok(kept);
            }
            read::find(&api, account_id(input.account)?, input).await
        };
        Answer::from(found.await)
    }

    async fn look(
        &self,
        account: Account<'_>,
        remote: &Remote,
    ) -> Answer<Result<Presence, NetworkError>> {
        let there = async {
            let api = Api::of(&self.http, account)?;
            read::presence(&api, remote).await
        };
        Answer::from(there.await)
    }

    async fn delete(
        &self,
        account: Account<'_>,
        remote: &Remote,
    ) -> Answer<Result<Presence, NetworkError>> {
        let gone = async {
            let api = Api::of(&self.http, account)?;
            let url = api.url(&format!("api/v1/statuses/{}", remote.id), &[])?;
            let reply = api.ask(Call::delete(url)).await?;
            if !matches!(reply.status, 404 | 410) {
                api.value(&reply)?;
            }
            read::presence(&api, remote).await
        };
        Answer::from(gone.await)
    }

    async fn metrics(
        &self,
        account: Account<'_>,
        remotes: &[Remote],
        now: Instant,
    ) -> Answer<Result<Vec<Metric>, NetworkError>> {
        let counted = async {
            let api = Api::of(&self.http, account)?;
            let mut metrics = Vec::new();
            for remote in remotes {
                read::counts(&api, remote, now, &mut metrics).await?;
            }
            Ok(metrics)
        };
        Answer::from(counted.await)
    }
}
