//! Servers that nobody here chose: another server named them, and says where they are.

use reqwest::{Client, Url};

use super::{Http, NoReply, address};
use crate::contract::NetworkError;

impl Http {
    /// Reads the address of a service that another server named. It is in a private network only
    /// where `typed`, which a person named, is.
    pub(crate) fn named_service(&self, address: &str, typed: &Url) -> Result<Url, NetworkError> {
        let wrong = || {
            NetworkError::Unreadable(format!(
                "the server names {address}, which cannot be reached"
            ))
        };
        let url = self.service("service", address).map_err(|_| wrong())?;
        if address::may_reach(&url, false) || !address::may_reach(typed, false) {
            Ok(url)
        } else {
            Err(wrong())
        }
    }

    /// How to reach `url`, which a server named, where a person named the one at `typed`: only on
    /// the public internet, wherever its name leads, unless it is that one or that one's address is
    /// a private one.
    pub(crate) fn beside(&self, typed: &Url, url: &Url) -> Self {
        let chosen = typed.origin() == url.origin() || !address::may_reach(typed, false);
        Self {
            private: self.private && chosen,
            ..self.clone()
        }
    }

    /// The client that may reach `url`.
    pub(super) async fn way_to(&self, url: &Url) -> Result<&Client, NoReply> {
        let refused = || NoReply {
            begun: false,
            why: address::Refused.to_string(),
        };
        if !address::may_reach(url, self.private) {
            return Err(refused());
        }
        if self.private {
            return Ok(&self.services);
        }
        if !self.is_proxied(url) {
            return Ok(&self.public);
        }
        // The proxy looks the name up: what is known of it here is all there is to go by.
        if address::leads_inside(url).await {
            return Err(refused());
        }
        Ok(&self.services)
    }

    fn is_proxied(&self, url: &Url) -> bool {
        let by_system = || {
            let parsed = url.as_str().parse();
            parsed.is_ok_and(|uri| self.system.intercept(&uri).is_some())
        };
        self.options.proxy.is_some() || by_system()
    }
}

#[cfg(test)]
mod tests {
    use std::net::ToSocketAddrs as _;

    use super::*;
    use crate::http::{Call, HttpOptions, ProxyAddress, is_public};

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    /// A name of this machine that does not look like one.
    fn own_name() -> Option<String> {
        let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
        let known = [host.trim(), "ip6-localhost", "ip6-loopback"];
        let inside = known.into_iter().find(|name| {
            let found = (*name, 0).to_socket_addrs();
            found.is_ok_and(|mut all| all.all(|a| !is_public(a.ip())))
        });
        if inside.is_none() {
            eprintln!("skipped: this machine has no name but localhost");
        }
        inside.map(str::to_owned)
    }

    fn http(proxy: Option<u16>) -> Http {
        Http::new(HttpOptions {
            proxy: proxy.map(|port| ProxyAddress::read(&format!("127.0.0.1:{port}")).unwrap()),
            ..HttpOptions::default()
        })
        .unwrap()
    }

    async fn listener() -> (tokio::net::TcpListener, u16) {
        let listener = tokio::net::TcpListener::bind("[::]:0").await;
        let listener = match listener {
            Ok(listener) => listener,
            Err(_) => tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap(),
        };
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    /// Asks for a server beside the one that was typed; `true` when somebody was knocked at.
    async fn knocks(http: &Http, typed: &str, named: &str, door: tokio::net::TcpListener) -> bool {
        let (typed, named) = (url(typed), url(named));
        let reach = http.beside(&typed, &named);
        tokio::select! {
            biased;
            knock = door.accept() => { knock.unwrap(); true }
            answer = reach.send(Call::get(named)) => {
                let no = answer.unwrap_err();
                assert!(!no.begun && no.why.contains("public internet"), "{no:?}");
                false
            }
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_knocked_at_only_if_a_person_named_it() {
        let Some(name) = own_name() else { return };
        let public = "https://bsky.social";
        let (door, port) = listener().await;
        let inside = format!("https://{name}:{port}");
        assert!(!knocks(&http(None), public, &inside, door).await);
        let (door, port) = listener().await;
        let inside = format!("https://{name}:{port}");
        assert!(knocks(&http(None), &inside, &inside, door).await);
        // Another door of the same house is another server.
        let (door, port) = listener().await;
        let inside = format!("https://{name}:{port}");
        let typed = format!("https://{name}");
        assert!(!knocks(&http(None), &typed, &inside, door).await);
        // The typed server is this machine itself: those beside it are too.
        let (door, port) = listener().await;
        let inside = format!("https://{name}:{port}");
        assert!(knocks(&http(None), "http://127.0.0.1:2583", &inside, door).await);
    }

    #[tokio::test]
    async fn a_proxy_is_not_asked_for_what_is_known_to_be_inside() {
        let Some(name) = own_name() else { return };
        let (door, port) = listener().await;
        let (public, inside) = ("https://bsky.social", format!("https://{name}"));
        assert!(!knocks(&http(Some(port)), public, &inside, door).await);
        let (door, port) = listener().await;
        let far = "https://morel.example";
        assert!(knocks(&http(Some(port)), public, far, door).await);
    }

    #[test]
    fn a_private_address_is_named_only_beside_a_private_one() {
        let http = http(None);
        let (public, own) = (url("https://bsky.social"), url("http://127.0.0.1:2583"));
        for inside in ["https://10.0.0.1", "http://localhost:2583", "https://[::1]"] {
            assert!(http.named_service(inside, &public).is_err(), "{inside}");
            assert!(http.named_service(inside, &own).is_ok(), "{inside}");
        }
        assert!(http.named_service("https://a.example", &public).is_ok());
    }
}
