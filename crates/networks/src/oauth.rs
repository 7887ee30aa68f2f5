//! OAuth 2.0 (RFC 6749) with PKCE (RFC 7636), the same for every network that speaks it.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Instant;
use oauth2::basic::{BasicClient, BasicErrorResponseType, BasicTokenResponse};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, Scope, TokenResponse as _, TokenUrl,
};
use reqwest::Url;
use url::form_urlencoded::Serializer;

use crate::contract::{NetworkError, SignInTrouble};
use crate::http::{Call, Http, Reply};
use crate::secret::Secret;

/// Clocks further apart than this make codes and tokens look too old: codes live for ten minutes
/// at most (RFC 6749, 4.1.2), and half of that is needed to sign in.
const CLOCKS_APART: i64 = 5 * 60;

/// A server that gives tokens, and how it knows this program.
#[derive(Clone, Debug)]
pub(crate) struct OAuthServer {
    /// The page on which a person agrees.
    pub(crate) authorize: Url,
    /// Where codes become tokens.
    pub(crate) token: Url,
    /// This program's name there.
    pub(crate) client_id: String,
    /// `None` for a public client.
    pub(crate) client_secret: Option<Secret<String>>,
}

/// A page to open, and what its answer is checked with.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) url: String,
    pub(crate) state: Secret<String>,
    /// `None` without PKCE.
    pub(crate) verifier: Option<Secret<String>>,
}

/// What a server gave.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) access: Secret<String>,
    pub(crate) refresh: Option<Secret<String>>,
    /// When the access token ends, where the server says so.
    pub(crate) expires: Option<Instant>,
    /// What it allows, where the server says so.
    pub(crate) scopes: Option<Vec<String>>,
}

type Client = BasicClient<
    oauth2::EndpointSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointSet,
>;

type Failed =
    RequestTokenError<NetworkError, oauth2::StandardErrorResponse<BasicErrorResponseType>>;

impl OAuthServer {
    fn client(&self) -> Client {
        let client = BasicClient::new(ClientId::new(self.client_id.clone()))
            .set_auth_uri(AuthUrl::from_url(self.authorize.clone()))
            .set_token_uri(TokenUrl::from_url(self.token.clone()));
        match &self.client_secret {
            Some(secret) => client.set_client_secret(ClientSecret::new(secret.expose().clone())),
            None => client.set_auth_type(AuthType::RequestBody),
        }
    }

    /// The page on which a person agrees to `scopes`; `extra` are parameters of the network's own.
    pub(crate) fn ask(
        &self,
        redirect_uri: &str,
        scopes: &[&str],
        pkce: bool,
        extra: &[(&'static str, String)],
    ) -> Result<Asked, NetworkError> {
        let client = self.client().set_redirect_uri(redirect(redirect_uri)?);
        let mut request = client
            .authorize_url(CsrfToken::new_random)
            .add_scopes(scopes.iter().map(|s| Scope::new((*s).to_owned())));
        for (name, value) in extra {
            request = request.add_extra_param(*name, value.clone());
        }
        let mut verifier = None;
        if pkce {
            let (challenge, secret) = PkceCodeChallenge::new_random_sha256();
            request = request.set_pkce_challenge(challenge);
            verifier = Some(Secret::new(secret.into_secret()));
        }
        let (url, state) = request.url();
        Ok(Asked {
            url: url.into(),
            state: Secret::new(state.into_secret()),
            verifier,
        })
    }

    /// Turns a code into tokens.
    pub(crate) async fn redeem(
        &self,
        http: &Http,
        code: &Secret<String>,
        redirect_uri: &str,
        verifier: Option<&Secret<String>>,
        now: Instant,
    ) -> Result<Tokens, NetworkError> {
        let client = self.client().set_redirect_uri(redirect(redirect_uri)?);
        let mut request = client.exchange_code(AuthorizationCode::new(code.expose().clone()));
        if let Some(verifier) = verifier {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().clone()));
        }
        let line = Line::to(http);
        let answer = request.request_async(&line).await;
        answer.map(|t| tokens(&t, now)).map_err(|error| {
            let trouble = match kind(&error) {
                Some(BasicErrorResponseType::InvalidGrant) if line.is_clock_apart(now) => {
                    SignInTrouble::ClockWrong
                }
                Some(BasicErrorResponseType::InvalidGrant) => SignInTrouble::CodeExpired,
                Some(
                    BasicErrorResponseType::InvalidClient
                    | BasicErrorResponseType::UnauthorizedClient,
                ) => SignInTrouble::WrongApp,
                Some(BasicErrorResponseType::InvalidScope) => SignInTrouble::MissingScope,
                _ => return other(error),
            };
            NetworkError::SignIn {
                trouble,
                words: words(&error),
            }
        })
    }

    /// Fresh tokens for a refresh token. A server that no longer takes it wants a new sign-in.
    pub(crate) async fn renew(
        &self,
        http: &Http,
        refresh: &Secret<String>,
        now: Instant,
    ) -> Result<Tokens, NetworkError> {
        let client = self.client();
        let token = RefreshToken::new(refresh.expose().clone());
        let line = Line::to(http);
        let answer = client
            .exchange_refresh_token(&token)
            .request_async(&line)
            .await;
        answer
            .map(|t| tokens(&t, now))
            .map_err(|error| match kind(&error) {
                Some(
                    BasicErrorResponseType::InvalidGrant
                    | BasicErrorResponseType::InvalidClient
                    | BasicErrorResponseType::UnauthorizedClient,
                ) => NetworkError::NeedsReconnect {
                    words: words(&error),
                },
                _ => other(error),
            })
    }
}

/// Gives a token back at `place` (RFC 7009): afterwards nobody can use it.
pub(crate) async fn give_back(
    http: &Http,
    place: &Url,
    token: &str,
    (client_id, client_secret): (&str, &str),
) -> Result<(), NetworkError> {
    let form = Serializer::new(String::new())
        .append_pair("token", token)
        .append_pair("client_id", client_id)
        .finish();
    let mut call = Call::post(place.clone()).body("application/x-www-form-urlencoded", form);
    if !client_secret.is_empty() {
        let pair = Secret::new(format!("{client_id}:{client_secret}"));
        let pair = STANDARD.encode(pair.expose());
        call = call.header("authorization", format!("Basic {pair}"));
    }
    let host = place.host_str().unwrap_or_default().to_owned();
    let reply = http
        .send(call)
        .await
        .map_err(|no| NetworkError::Unreachable {
            host: host.clone(),
            why: no.why,
        })?;
    if reply.is_success() {
        return Ok(());
    }
    Err(NetworkError::Refused {
        code: "not_given_back".to_owned(),
        words: format!("{host} answered {}.", reply.status),
    })
}

fn redirect(uri: &str) -> Result<RedirectUrl, NetworkError> {
    RedirectUrl::new(uri.to_owned()).map_err(|e| NetworkError::Unreadable(e.to_string()))
}

fn kind(error: &Failed) -> Option<&BasicErrorResponseType> {
    match error {
        RequestTokenError::ServerResponse(said) => Some(said.error()),
        _ => None,
    }
}

fn words(error: &Failed) -> String {
    match error {
        RequestTokenError::ServerResponse(said) => said
            .error_description()
            .cloned()
            .unwrap_or_else(|| format!("The network answered “{}”.", said.error().as_ref())),
        _ => String::new(),
    }
}

/// The rest; the body of an answer that cannot be read may hold tokens and is never quoted.
fn other(error: Failed) -> NetworkError {
    match &error {
        RequestTokenError::ServerResponse(said) => NetworkError::Refused {
            code: said.error().as_ref().to_owned(),
            words: words(&error),
        },
        RequestTokenError::Parse(..) => {
            NetworkError::Unreadable("the answer holds no token".to_owned())
        }
        RequestTokenError::Other(why) => NetworkError::Unreadable(why.clone()),
        RequestTokenError::Request(cause) => cause.clone(),
    }
}

fn tokens(answer: &BasicTokenResponse, now: Instant) -> Tokens {
    let after = |time: Duration| now.plus(i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    Tokens {
        access: Secret::new(answer.access_token().secret().clone()),
        refresh: answer
            .refresh_token()
            .map(|t| Secret::new(t.secret().clone())),
        expires: answer.expires_in().map(after),
        scopes: answer
            .scopes()
            .map(|all| all.iter().map(|s| s.as_str().to_owned()).collect()),
    }
}

/// Our own HTTP under the crate's requests, which remembers the server's clock.
struct Line {
    http: Http,
    date: Mutex<Option<i64>>,
}

impl Line {
    fn to(http: &Http) -> Self {
        Self {
            http: http.clone(),
            date: Mutex::default(),
        }
    }

    fn is_clock_apart(&self, now: Instant) -> bool {
        let date = *self.date.lock().unwrap_or_else(PoisonError::into_inner);
        date.is_some_and(|date| (date - now.0 / 1000).abs() > CLOCKS_APART)
    }

    async fn carry(&self, request: HttpRequest) -> Result<HttpResponse, NetworkError> {
        let (head, body) = request.into_parts();
        let url = Url::parse(&head.uri.to_string())
            .map_err(|e| NetworkError::Unreadable(e.to_string()))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let mut call = Call::post(url).body("application/x-www-form-urlencoded", body);
        for name in ["authorization", "accept"] {
            let value = head.headers.get(name).and_then(|value| value.to_str().ok());
            call.headers
                .extend(value.map(|value| (name, value.to_owned())));
        }
        let reply = self
            .http
            .send(call)
            .await
            .map_err(|no| NetworkError::Unreachable {
                host: host.clone(),
                why: no.why,
            })?;
        *self.date.lock().unwrap_or_else(PoisonError::into_inner) = reply.date();
        answer(host, reply)
    }
}

impl<'c> AsyncHttpClient<'c> for Line {
    type Error = NetworkError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, NetworkError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.carry(request))
    }
}

fn answer(host: String, reply: Reply) -> Result<HttpResponse, NetworkError> {
    match reply.status {
        429 => Err(NetworkError::Throttled {
            retry_after: reply.retry_after(),
        }),
        500.. => Err(NetworkError::Unreachable {
            host,
            why: format!("The server answered {}.", reply.status),
        }),
        status => {
            let mut response = HttpResponse::new(reply.body);
            *response.status_mut() = oauth2::http::StatusCode::from_u16(status)
                .map_err(|e| NetworkError::Unreadable(e.to_string()))?;
            if let Some(kind) = reply.headers.get(reqwest::header::CONTENT_TYPE) {
                response
                    .headers_mut()
                    .insert(oauth2::http::header::CONTENT_TYPE, kind.clone());
            }
            Ok(response)
        }
    }
}
