//! HTTP, with what publishing needs to know: was anything sent?

mod address;
mod body;
mod multipart;
mod named;
mod own;
mod peer;
mod stream;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::header::{ACCEPT, CONTENT_TYPE, DATE, HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::{Client, Method, Url};

use crate::contract::NetworkError;

pub use address::is_public;
pub(crate) use multipart::form;
pub use own::{OwnRoots, OwnWayError, ProxyAddress};
pub use peer::{Asking, Events, Exchanged, Fetched, Unheard};
pub use stream::{Asked, Broken, Coming, Distance};

/// How to reach the world.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// What servers are told about us.
    pub user_agent: String,
    /// Read pages at addresses that are not on the public internet. Off, names are looked up
    /// first and such addresses refused, also behind redirects. (Where the system names a proxy,
    /// services are reached through it, and it looks names up; pages never are. What this computer
    /// knows to be inside is not asked of the proxy either.)
    pub allow_private: bool,
    /// Reach services at such addresses, there also without TLS: one's own server on this machine
    /// or in this network. On a desktop the person who typed the address may reach it anyway; a
    /// server that acts for many people switches it off.
    pub private_services: bool,
    /// Reach services through this proxy rather than through the one that the system names.
    pub proxy: Option<ProxyAddress>,
    /// Whom to trust beside those whom the system trusts, for services and pages.
    pub roots: OwnRoots,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// How long a whole exchange may take where nothing says less.
    pub timeout: Duration,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            user_agent: concat!("Rostrum/", env!("CARGO_PKG_VERSION")).to_owned(),
            allow_private: false,
            private_services: true,
            proxy: None,
            roots: OwnRoots::default(),
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(60),
        }
    }
}

/// The HTTP client could not be made, for example because there are no root certificates.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client: {0}")]
pub struct HttpError(#[from] reqwest::Error);

/// Clients for services that a person or another server named, and for pages that a text names.
#[derive(Clone)]
pub struct Http {
    services: Client,
    /// Services at public addresses, reached without a proxy.
    public: Client,
    pages: Client,
    /// This computer alone.
    here: Client,
    /// The proxy that the system names.
    system: Arc<Matcher>,
    options: Arc<HttpOptions>,
    /// Whether services may be reached that are not on the public internet.
    private: bool,
}

/// One request.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) bearer: Option<&'a str>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<(String, Bytes)>,
    pub(crate) timeout: Option<Duration>,
    /// How many bytes of an answer are read.
    pub(crate) most: usize,
}

impl<'a> Call<'a> {
    pub(crate) fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            bearer: None,
            headers: Vec::new(),
            body: None,
            timeout: None,
            most: MAX_ANSWER,
        }
    }

    pub(crate) fn post(url: Url) -> Self {
        Self {
            method: Method::POST,
            ..Self::get(url)
        }
    }

    pub(crate) fn put(url: Url) -> Self {
        Self {
            method: Method::PUT,
            ..Self::get(url)
        }
    }

    pub(crate) fn delete(url: Url) -> Self {
        Self {
            method: Method::DELETE,
            ..Self::get(url)
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn bearer(mut self, token: &'a str) -> Self {
        self.bearer = Some(token);
        self
    }

    pub(crate) fn body(mut self, mime: &str, bytes: impl Into<Bytes>) -> Self {
        self.body = Some((mime.to_owned(), bytes.into()));
        self
    }

    pub(crate) fn json(self, value: &serde_json::Value) -> Self {
        self.body("application/json", value.to_string())
    }

    pub(crate) fn most(mut self, bytes: usize) -> Self {
        self.most = bytes;
        self
    }

    pub(crate) fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    pub(crate) const fn is_success(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// How long the server asks to wait: `Retry-After` in seconds, else `RateLimit-Reset` (or
    /// Mastodon's `X-RateLimit-Reset`, an RFC 3339 time) against the server's own `Date`, so that a
    /// wrong clock here does no harm.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        let text = |name: &str| self.headers.get(name)?.to_str().ok();
        if let Some(seconds) = text(RETRY_AFTER.as_str()).and_then(|s| s.trim().parse().ok()) {
            return Some(Duration::from_secs(seconds));
        }
        let reset = text("ratelimit-reset").or_else(|| text("x-ratelimit-reset"))?;
        let reset: i64 = match reset.trim().parse() {
            Ok(seconds) => seconds,
            Err(_) => chrono::DateTime::parse_from_rfc3339(reset.trim())
                .ok()?
                .timestamp(),
        };
        u64::try_from(reset - self.date()?)
            .ok()
            .map(Duration::from_secs)
    }

    /// The server's own time, in Unix seconds.
    pub(crate) fn date(&self) -> Option<i64> {
        let text = self.headers.get(DATE)?.to_str().ok()?;
        let date = chrono::DateTime::parse_from_rfc2822(text).ok()?;
        Some(date.timestamp())
    }
}

/// Why there is no whole answer.
#[derive(Debug)]
pub(crate) struct NoReply {
    /// The body (or a request without one) may have reached the server.
    pub(crate) begun: bool,
    pub(crate) why: String,
}

/// Largest answer of a service that is read.
const MAX_ANSWER: usize = 8 << 20;

impl Http {
    /// Makes the clients.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(options: HttpOptions) -> Result<Self, HttpError> {
        let base = || {
            Client::builder()
                .user_agent(options.user_agent.clone())
                .connect_timeout(options.connect_timeout)
                .timeout(options.timeout)
                .tls_certs_merge(options.roots.certificates())
                .referer(false)
        };
        // A proxy would look names up itself, past the guard.
        let guarded = || {
            base()
                .no_proxy()
                .dns_resolver(Arc::new(address::PublicOnly))
        };
        let nowhere = reqwest::redirect::Policy::none;
        let mut services = base().redirect(nowhere());
        if let Some(address) = &options.proxy {
            services = services.proxy(address.proxy()?);
        }
        let pages = match options.allow_private {
            true => base().no_proxy(),
            false => guarded(),
        };
        Ok(Self {
            services: services.build()?,
            public: guarded().redirect(nowhere()).build()?,
            pages: pages
                .redirect(address::redirects(options.allow_private))
                .build()?,
            here: stream::here(base())?,
            system: Arc::new(Matcher::from_system()),
            private: options.private_services,
            options: Arc::new(options),
        })
    }

    /// Reads the address of a service as a person typed it.
    pub(crate) fn service(&self, field: &'static str, typed: &str) -> Result<Url, NetworkError> {
        let typed = typed.trim();
        let wrong = |code, words: &str| NetworkError::Field {
            field,
            code,
            words: words.to_owned(),
        };
        if typed.is_empty() {
            return Err(wrong("empty", "Enter an address."));
        }
        let full = if typed.contains("://") {
            typed.to_owned()
        } else {
            format!("https://{typed}")
        };
        let url = Url::parse(&full)
            .ok()
            .filter(|u| u.host_str().is_some())
            .ok_or_else(|| {
                wrong(
                    "not_an_address",
                    "This is not an address such as https://bsky.social.",
                )
            })?;
        match url.scheme() {
            "https" => {}
            // Without TLS only where nobody else's network lies between.
            "http" if self.private && !address::may_reach(&url, false) => {}
            _ => return Err(wrong("not_https", "The address must begin with https://.")),
        }
        if !address::may_reach(&url, self.private) {
            return Err(wrong(
                "private_address",
                "This address is not on the public internet.",
            ));
        }
        let mut origin = url;
        origin.set_path("/");
        origin.set_query(None);
        origin.set_fragment(None);
        Ok(origin)
    }

    /// Sends a request to a service and reads the whole answer.
    pub(crate) async fn send(&self, call: Call<'_>) -> Result<Reply, NoReply> {
        let way = self.way_to(&call.url).await?;
        let begun = Arc::new(AtomicBool::new(false));
        let (has_body, most) = (call.body.is_some(), call.most);
        let mut request = way
            .request(call.method, call.url)
            .timeout(call.timeout.unwrap_or(self.options.timeout));
        if let Some(token) = call.bearer {
            request = request.bearer_auth(token);
        }
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        if let Some((mime, bytes)) = call.body {
            request = request
                .header(CONTENT_TYPE, mime)
                .body(body::tracked(bytes, begun.clone()));
        }
        let lost = |error: &reqwest::Error| NoReply {
            begun: if has_body {
                begun.load(Ordering::Acquire)
            } else {
                !error.is_connect() && !error.is_builder()
            },
            why: in_words(error),
        };
        let mut response = request.send().await.map_err(|e| lost(&e))?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| NoReply {
            begun: true,
            ..lost(&e)
        })? {
            if body.len() + chunk.len() > most {
                return Err(NoReply {
                    begun: true,
                    why: format!("the answer is larger than {most} bytes"),
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body,
        })
    }

    /// Reads at most `max` bytes of a public page or picture; `accept` is what is asked for.
    /// Gives the address that it was read from in the end, and its type.
    pub(crate) async fn page(
        &self,
        url: Url,
        accept: &str,
        max: usize,
        timeout: Duration,
    ) -> Result<Page, PageError> {
        let headers = [(ACCEPT, accept.to_owned())];
        let answer = self.look(url, &headers, max, timeout).await?;
        if !(200..300).contains(&answer.status) {
            return Err(PageError::Status(answer.status));
        }
        Ok(answer.page)
    }

    /// Reads at most `max` bytes of what a public address answers, whatever its status.
    pub(crate) async fn look(
        &self,
        url: Url,
        headers: &[(HeaderName, String)],
        max: usize,
        timeout: Duration,
    ) -> Result<PageAnswer, PageError> {
        if !matches!(url.scheme(), "http" | "https")
            || !address::may_reach(&url, self.options.allow_private)
        {
            return Err(PageError::Private);
        }
        let mut request = self.pages.get(url).timeout(timeout);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut response = request.send().await.map_err(|e| PageError::of(&e))?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let mime = headers
            .get(CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let url = response.url().clone();
        let mut bytes = Vec::new();
        let mut whole = true;
        while let Some(chunk) = response.chunk().await.map_err(|e| PageError::of(&e))? {
            let room = max - bytes.len();
            bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                whole = false;
                break;
            }
        }
        Ok(PageAnswer {
            status,
            headers,
            page: Page {
                url,
                mime,
                bytes,
                whole,
            },
        })
    }
}

/// What a public address answered.
#[derive(Debug)]
pub(crate) struct PageAnswer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) page: Page,
}

/// What was read of a page.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) mime: String,
    pub(crate) bytes: Vec<u8>,
    /// Nothing was cut off.
    pub(crate) whole: bool,
}

/// Why a page cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// Its address, or one that it leads to, is not on the public internet.
    #[error("this address is not on the public internet")]
    Private,
    /// The server answered with this status.
    #[error("the server answered {0}")]
    Status(u16),
    /// It is no page.
    #[error("this is not a web page but {0}")]
    NotAPage(String),
    /// The answer did not end in time.
    #[error("it took too long")]
    TooSlow,
    /// No answer.
    #[error("no answer: {0}")]
    Unreachable(String),
}

impl PageError {
    fn of(error: &reqwest::Error) -> Self {
        if address::was_refused(error) {
            Self::Private
        } else if error.is_timeout() {
            Self::TooSlow
        } else {
            Self::Unreachable(in_words(error))
        }
    }
}

/// The causes of an error, without the address (which may hold what is nobody's business).
fn in_words(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took too long".to_owned();
    }
    let mut words = Vec::new();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        words.push(cause.to_string());
        source = cause.source();
    }
    words.dedup();
    if words.is_empty() {
        "the exchange failed".to_owned()
    } else {
        words.join(": ")
    }
}

#[cfg(test)]
mod own_way_tests;
#[cfg(test)]
mod tests;
