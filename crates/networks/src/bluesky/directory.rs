//! Where an account lives, and who signs people in there:
//! handle, DID, document, server, authorization server (<https://atproto.com/specs/oauth>).

use reqwest::Url;
use serde_json::Value;

use super::xrpc;
use crate::contract::NetworkError;
use crate::http::{Call, Http};

/// Looks accounts and servers up.
#[derive(Clone, Copy)]
pub(super) struct Directory<'a> {
    pub(super) http: &'a Http,
    /// Keeps the documents of `did:plc`.
    pub(super) plc: &'a Url,
    /// The server that a person named. Servers that others name may be in a private network only
    /// if this one is.
    pub(super) typed: &'a Url,
}

/// An account by its own document.
#[derive(Clone, Debug)]
pub(super) struct Home {
    pub(super) did: String,
    /// The DID itself where the document names no handle.
    pub(super) handle: String,
    pub(super) service: Url,
}

/// A server that signs people in (RFC 8414).
#[derive(Clone, Debug)]
pub(super) struct Issuer {
    pub(super) name: String,
    pub(super) authorize: Url,
    pub(super) token: Url,
    pub(super) par: Url,
    pub(super) revoke: Option<Url>,
}

fn unfit(why: &str) -> NetworkError {
    NetworkError::Refused {
        code: "no_oauth".to_owned(),
        words: format!("This server does not sign people in through the browser: {why}."),
    }
}

impl Directory<'_> {
    /// The account with this handle or DID.
    pub(super) async fn find(&self, name: &str) -> Result<Home, NetworkError> {
        let unknown = |words: &str| NetworkError::Field {
            field: "handle",
            code: "unknown_handle",
            words: words.to_owned(),
        };
        if name.starts_with("did:") {
            return self.home(name).await;
        }
        let did = match self.holder(name).await {
            Err(NetworkError::Refused { .. }) => {
                return Err(unknown(
                    "Nobody has this handle, as far as the server knows.",
                ));
            }
            did => did?,
        };
        let home = self.home(&did).await?;
        // Anybody can say that a handle is theirs; only the account itself says so back.
        if home.handle != name {
            return Err(unknown(
                "The account does not say that this handle is its own.",
            ));
        }
        Ok(home)
    }

    /// Whose a handle is, as far as the server knows that a person named.
    async fn holder(&self, handle: &str) -> Result<String, NetworkError> {
        let query = [("handle", handle)];
        let url = xrpc::url(self.typed, "com.atproto.identity.resolveHandle", &query)?;
        let answer = self.json(url).await?;
        answer
            .get("did")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| NetworkError::Unreadable("a handle without an account".to_owned()))
    }

    /// The account with a handle that leads back to it, else with its DID in the handle's place:
    /// anybody can write anybody's handle into a document
    /// (<https://atproto.com/specs/handle#handle-resolution>).
    pub(super) async fn proven(&self, did: &str) -> Result<Home, NetworkError> {
        let mut home = self.home(did).await?;
        if !self.holder(&home.handle).await.is_ok_and(|own| own == did) {
            did.clone_into(&mut home.handle);
        }
        Ok(home)
    }

    /// Where an account lives, by its document. Nobody has looked whether the handle in it is its
    /// own.
    pub(super) async fn home(&self, did: &str) -> Result<Home, NetworkError> {
        let document = self.json(self.document(did)?).await?;
        if document.get("id").and_then(Value::as_str) != Some(did) {
            return Err(NetworkError::Unreadable("another's document".to_owned()));
        }
        let handle = document
            .get("alsoKnownAs")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .find_map(|name| name.as_str()?.strip_prefix("at://"))
            .map_or_else(|| did.to_owned(), str::to_lowercase);
        let service = document
            .get("service")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .find(|one| {
                let is =
                    |name: &str, what: &str| one.get(name).and_then(Value::as_str) == Some(what);
                (is("id", "#atproto_pds") || is("id", &format!("{did}#atproto_pds")))
                    && is("type", "AtprotoPersonalDataServer")
            })
            .and_then(|one| one.get("serviceEndpoint")?.as_str())
            .ok_or_else(|| NetworkError::Unreadable("an account without a server".to_owned()))?;
        Ok(Home {
            did: did.to_owned(),
            handle,
            service: self.http.named_service(service, self.typed)?,
        })
    }

    /// Where the document of a DID is: <https://atproto.com/specs/did>.
    fn document(&self, did: &str) -> Result<Url, NetworkError> {
        let bad = || NetworkError::Unreadable("this kind of account is not known".to_owned());
        if let Some(id) = did.strip_prefix("did:plc:") {
            let is_plc = id.len() == 24
                && id
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b));
            return is_plc
                .then(|| self.plc.join(&format!("/{did}")).ok())
                .flatten()
                .ok_or_else(bad);
        }
        let host = did.strip_prefix("did:web:").ok_or_else(bad)?;
        let is_host = host.contains('.')
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
        if !is_host {
            return Err(bad());
        }
        self.http
            .named_service(host, self.typed)?
            .join("/.well-known/did.json")
            .map_err(|_| bad())
    }

    /// Who signs people in at `service` (RFC 9728, then RFC 8414).
    pub(super) async fn issuer(&self, service: &Url) -> Result<Issuer, NetworkError> {
        let named = self.well_known(service, "oauth-protected-resource").await?;
        // An entrance to several servers signs people in itself.
        let issuer = match &named {
            None => service.clone(),
            Some(named) => {
                let own = named.get("resource").and_then(Value::as_str);
                if own.map(|own| own.trim_end_matches('/')) != Some(plain(service)) {
                    return Err(unfit("it calls itself by another name"));
                }
                let address = named
                    .pointer("/authorization_servers/0")
                    .and_then(Value::as_str)
                    .ok_or_else(|| unfit("it names nobody who does"))?;
                self.http.named_service(address, self.typed)?
            }
        };
        let known = self
            .well_known(&issuer, "oauth-authorization-server")
            .await?
            .ok_or_else(|| unfit("it does not say how"))?;
        read_issuer(&issuer, &known)
    }

    async fn well_known(&self, at: &Url, what: &str) -> Result<Option<Value>, NetworkError> {
        let url = at
            .join(&format!("/.well-known/{what}"))
            .map_err(|e| NetworkError::Unreadable(e.to_string()))?;
        match self.json(url).await {
            Ok(value) => Ok(Some(value)),
            Err(NetworkError::Refused { .. } | NetworkError::Unreadable(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn json(&self, url: Url) -> Result<Value, NetworkError> {
        // The directory is this program's own choice.
        let http = match url.origin() == self.plc.origin() {
            true => self.http.clone(),
            false => self.http.beside(self.typed, &url),
        };
        let reply = http
            .send(Call::get(url.clone()))
            .await
            .map_err(|no| xrpc::unreachable(&url, no))?;
        xrpc::value(&url, &reply)
    }
}

/// A server's address as documents write it.
fn plain(service: &Url) -> &str {
    service.as_str().trim_end_matches('/')
}

fn read_issuer(issuer: &Url, known: &Value) -> Result<Issuer, NetworkError> {
    let text = |name: &str| known.get(name).and_then(Value::as_str);
    let name = plain(issuer);
    if text("issuer") != Some(name) {
        return Err(unfit("it calls itself by another name"));
    }
    // Elsewhere than on the server itself it could be anybody's.
    let place = |name: &str| {
        text(name)
            .and_then(|text| Url::parse(text).ok())
            .filter(|url| url.origin() == issuer.origin())
    };
    let lists = |name: &str, what: &str| {
        known
            .get(name)
            .and_then(Value::as_array)
            .is_some_and(|all| all.iter().any(|one| one == what))
    };
    if !lists("dpop_signing_alg_values_supported", "ES256")
        || !lists("code_challenge_methods_supported", "S256")
        || !lists("scopes_supported", "atproto")
    {
        return Err(unfit("it does not do it as the AT Protocol asks"));
    }
    let needed = |name: &str| place(name).ok_or_else(|| unfit(&format!("it has no {name}")));
    Ok(Issuer {
        name: name.to_owned(),
        authorize: needed("authorization_endpoint")?,
        token: needed("token_endpoint")?,
        par: needed("pushed_authorization_request_endpoint")?,
        revoke: place("revocation_endpoint"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::HttpOptions;
    use serde_json::json;

    fn known() -> Value {
        json!({
            "issuer": "https://a.example",
            "authorization_endpoint": "https://a.example/oauth/authorize",
            "token_endpoint": "https://a.example/oauth/token",
            "pushed_authorization_request_endpoint": "https://a.example/oauth/par",
            "revocation_endpoint": "https://a.example/oauth/revoke",
            "dpop_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["atproto"],
        })
    }

    #[test]
    fn a_server_that_is_another_or_leads_elsewhere_is_not_trusted() {
        let at: Url = "https://a.example/".parse().unwrap();
        assert!(read_issuer(&at, &known()).is_ok());
        for (name, value) in [
            ("issuer", json!("https://b.example")),
            ("token_endpoint", json!("https://b.example/oauth/token")),
            ("pushed_authorization_request_endpoint", Value::Null),
            ("dpop_signing_alg_values_supported", json!(["RS256"])),
            ("code_challenge_methods_supported", json!(["plain"])),
            ("scopes_supported", json!(["openid"])),
        ] {
            let mut other = known();
            other[name] = value;
            assert!(read_issuer(&at, &other).is_err(), "{name}");
        }
    }

    #[test]
    fn only_a_well_formed_id_becomes_an_address() {
        let http = Http::new(HttpOptions::default()).unwrap();
        let (plc, typed) = (
            "https://plc.directory".parse().unwrap(),
            "https://bsky.social".parse().unwrap(),
        );
        let directory = Directory {
            http: &http,
            plc: &plc,
            typed: &typed,
        };
        let at = |did: &str| directory.document(did).map(|url| url.to_string()).ok();
        assert_eq!(
            at("did:plc:ewvi7nxzyoun6zhxrhs64oiz").as_deref(),
            Some("https://plc.directory/did:plc:ewvi7nxzyoun6zhxrhs64oiz")
        );
        assert_eq!(
            at("did:web:mara.example").as_deref(),
            Some("https://mara.example/.well-known/did.json")
        );
        for bad in [
            "did:plc:../../admin",
            "did:plc:EWVI7NXZYOUN6ZHXRHS64OIZ",
            "did:web:localhost",
            "did:web:127.0.0.1",
            "did:web:mara.example:path",
            "did:web:mara.example%3A80",
            "did:key:z6Mk",
        ] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }

    /// A directory and a server in one. It knows one account, whose document names a handle and a
    /// server; the handle is `holder`'s.
    #[expect(clippy::disallowed_methods, reason = "a server of the test's own")]
    async fn world(handle: &str, holder: &str, service: &str) -> Url {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let document = json!({
            "id": DID,
            "alsoKnownAs": [format!("at://{handle}")],
            "service": [{
                "id": "#atproto_pds",
                "type": "AtprotoPersonalDataServer",
                "serviceEndpoint": service,
            }],
        });
        let holder = json!({ "did": holder });
        tokio::task::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut some = [0; 4096];
                let n = stream.read(&mut some).await.unwrap();
                let asked = String::from_utf8_lossy(&some[..n]).into_owned();
                let body = match asked.contains("resolveHandle") {
                    true => holder.to_string(),
                    false => document.to_string(),
                };
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
                );
                stream.write_all(head.as_bytes()).await.unwrap();
                stream.write_all(body.as_bytes()).await.unwrap();
            }
        });
        url.parse().unwrap()
    }

    const DID: &str = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";
    const ANOTHER: &str = "did:plc:z72i7hdynmk6r22z27h6tvur";

    #[tokio::test]
    async fn a_handle_is_shown_only_where_it_leads_back_to_the_account() {
        let http = Http::new(HttpOptions::default()).unwrap();
        for (holder, shown) in [(DID, "famous.example"), (ANOTHER, DID), ("", DID)] {
            let own = world("Famous.example", holder, "https://pds.example").await;
            let directory = Directory {
                http: &http,
                plc: &own,
                typed: &own,
            };
            let home = directory.proven(DID).await.unwrap();
            assert_eq!((home.did.as_str(), home.handle.as_str()), (DID, shown));
        }
    }

    #[tokio::test]
    async fn a_document_leads_nowhere_inside() {
        let http = Http::new(HttpOptions::default()).unwrap();
        let typed = "https://bsky.social".parse().unwrap();
        for inside in [
            "https://127.0.0.1:1",
            "http://localhost",
            "https://10.1.2.3",
        ] {
            let plc = world("mara.example", DID, inside).await;
            let directory = Directory {
                http: &http,
                plc: &plc,
                typed: &typed,
            };
            let no = directory.home(DID).await.unwrap_err();
            assert!(
                matches!(no, NetworkError::Unreadable(_)),
                "{inside}: {no:?}"
            );
        }
    }
}
