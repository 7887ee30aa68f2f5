//! Answers that come piece by piece: what a language model writes.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Response, Url};
use url::Host;

use super::{Http, address, in_words};

/// How far away an answer may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// From this computer alone: its loopback addresses, past every proxy.
    Here,
    /// From wherever services may be reached.
    Anywhere,
}

/// A request whose answer is read as it comes.
pub struct Asked {
    /// Where.
    pub url: Url,
    /// Headers beside the usual ones. They are not logged.
    pub headers: Vec<(&'static str, String)>,
    /// JSON to send; without it this is a `GET`.
    pub body: Option<String>,
    /// How far away it may be.
    pub distance: Distance,
    /// For the whole of it.
    pub timeout: Duration,
}

impl std::fmt::Debug for Asked {
    /// Without what may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asked")
            .field("url", &self.url.as_str())
            .finish_non_exhaustive()
    }
}

/// Why there is no answer, or no more of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The address is not where it may be.
    #[error("this address may not be reached")]
    Refused,
    /// Nobody was there.
    #[error("no connection: {0}")]
    NoConnection(String),
    /// It ended in the middle.
    #[error("it broke off: {0}")]
    Off(String),
}

/// An answer that is being read.
#[derive(Debug)]
pub struct Coming {
    /// Its HTTP status.
    pub status: u16,
    /// How long the server asks to wait.
    pub retry_after: Option<Duration>,
    response: Response,
}

impl Coming {
    /// The next piece; absent at its end.
    ///
    /// # Errors
    /// When it breaks off.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        let piece = self.response.chunk().await;
        piece.map_err(|e| Broken::Off(in_words(&e)))
    }
}

impl Http {
    /// Reads an address as a person typed it for what is asked piece by piece; its path stays.
    ///
    /// # Errors
    /// When it is no address, is not where it may be, or is reached over the internet without TLS.
    pub fn typed(&self, typed: &str, distance: Distance) -> Result<Url, Broken> {
        let url = Url::parse(typed.trim()).map_err(|_| Broken::Refused)?;
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !plain || !self.may_stream(&url, distance) {
            return Err(Broken::Refused);
        }
        Ok(url)
    }

    fn may_stream(&self, url: &Url, distance: Distance) -> bool {
        // Without TLS only where nobody else's network lies between.
        let safe = match url.scheme() {
            "https" => true,
            "http" => !address::may_reach(url, false),
            _ => false,
        };
        safe && match distance {
            Distance::Here => self.private && is_here(url),
            Distance::Anywhere => address::may_reach(url, self.private),
        }
    }

    /// Asks, and answers as soon as the first of the answer is there.
    ///
    /// # Errors
    /// When the address may not be reached, or nobody answers.
    pub async fn ask(&self, asked: Asked) -> Result<Coming, Broken> {
        if !self.may_stream(&asked.url, asked.distance) {
            return Err(Broken::Refused);
        }
        let way = match asked.distance {
            Distance::Here => &self.here,
            Distance::Anywhere => self.way_to(&asked.url).await.map_err(|_| Broken::Refused)?,
        };
        let mut request = match &asked.body {
            Some(_) => way.post(asked.url),
            None => way.get(asked.url),
        };
        request = request.timeout(asked.timeout);
        for (name, value) in asked.headers {
            request = request.header(name, value);
        }
        if let Some(body) = asked.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let response = request.send().await.map_err(|e| {
            if address::was_refused(&e) {
                Broken::Refused
            } else if e.is_connect() {
                Broken::NoConnection(in_words(&e))
            } else {
                Broken::Off(in_words(&e))
            }
        })?;
        let seconds = response.headers().get(RETRY_AFTER);
        let seconds = seconds.and_then(|v| v.to_str().ok()?.trim().parse().ok());
        Ok(Coming {
            status: response.status().as_u16(),
            retry_after: seconds.map(Duration::from_secs),
            response,
        })
    }
}

/// Whether an address names this computer, whatever looks names up.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// A client that reaches nothing but this computer.
pub(super) fn here(builder: reqwest::ClientBuilder) -> Result<Client, reqwest::Error> {
    builder
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .dns_resolver(Arc::new(HereOnly))
        .build()
}

/// Knows one name, and asks nobody for it.
struct HereOnly;

impl Resolve for HereOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str();
        let known = host == "localhost" || host.ends_with(".localhost");
        Box::pin(async move {
            if !known {
                return Err(Box::new(address::Refused).into());
            }
            let both = ["127.0.0.1", "::1"];
            let ips = both.into_iter().filter_map(|ip| ip.parse::<IpAddr>().ok());
            let found: Vec<SocketAddr> = ips.map(|ip| SocketAddr::new(ip, 0)).collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HttpOptions;

    fn http(private_services: bool) -> Http {
        Http::new(HttpOptions {
            private_services,
            ..HttpOptions::default()
        })
        .unwrap()
    }

    #[test]
    fn here_is_this_computer_and_nothing_else() {
        let http = http(true);
        for here in [
            "http://127.0.0.1:11434/v1",
            "http://localhost:8080",
            "http://[::1]:1234/v1",
            "https://model.localhost/v1",
        ] {
            assert!(http.typed(here, Distance::Here).is_ok(), "{here}");
        }
        for there in [
            "http://192.168.1.4:11434/v1",
            "https://api.openai.com/v1",
            "http://localhost.example.org",
            "http://127.0.0.1.nip.io",
            "http://0.0.0.0:11434",
            "http://169.254.169.254/latest",
            "file:///etc/passwd",
        ] {
            assert_eq!(
                http.typed(there, Distance::Here),
                Err(Broken::Refused),
                "{there}"
            );
        }
    }

    #[test]
    fn a_server_asks_only_on_the_public_internet_and_never_without_tls() {
        let server = http(false);
        for inside in [
            "http://127.0.0.1:11434/v1",
            "https://127.0.0.1/v1",
            "https://localhost/v1",
            "https://10.1.2.3/v1",
            "https://169.254.169.254/latest",
            "http://api.openai.com/v1",
        ] {
            let asked = server.typed(inside, Distance::Anywhere);
            assert_eq!(asked, Err(Broken::Refused), "{inside}");
            assert_eq!(server.typed(inside, Distance::Here), Err(Broken::Refused));
        }
        assert!(
            server
                .typed("https://api.openai.com/v1", Distance::Anywhere)
                .is_ok()
        );
    }

    #[test]
    fn a_desktop_asks_where_its_person_says_but_not_in_clear_over_the_internet() {
        let desktop = http(true);
        for fine in ["http://192.168.1.4:11434/v1", "https://api.openai.com/v1"] {
            assert!(desktop.typed(fine, Distance::Anywhere).is_ok(), "{fine}");
        }
        for not in [
            "http://api.openai.com/v1",
            "https://key@api.openai.com/v1",
            "https://api.openai.com/v1?key=1",
            "api.openai.com",
        ] {
            let asked = desktop.typed(not, Distance::Anywhere);
            assert_eq!(asked, Err(Broken::Refused), "{not}");
        }
    }

    #[tokio::test]
    async fn what_is_asked_here_leaves_past_every_proxy_and_looks_up_no_name() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = listener.local_addr().unwrap().to_string();
        let http = Http::new(HttpOptions {
            proxy: Some(crate::http::ProxyAddress::read(&proxy).unwrap()),
            ..HttpOptions::default()
        })
        .unwrap();
        let asked = |url: &str| Asked {
            url: Url::parse(url).unwrap(),
            headers: vec![],
            body: None,
            distance: Distance::Here,
            timeout: Duration::from_secs(5),
        };
        // Nobody listens there, and the proxy is not asked instead.
        let nobody = tokio::select! {
            biased;
            _ = listener.accept() => panic!("the proxy was asked"),
            answer = http.ask(asked("http://localhost:9/v1")) => answer.unwrap_err(),
        };
        assert!(matches!(nobody, Broken::NoConnection(_)), "{nobody:?}");
        let far = http.ask(asked("https://api.example.org/v1")).await;
        assert_eq!(far.unwrap_err(), Broken::Refused);
    }
}
