//! Proofs of possession (RFC 9449): tokens are bound to a key that stays on this computer, and
//! every request shows that its sender has it.
//!
//! A proof names its time and a nonce that the server gave. Both are taken from what the server
//! said last: a clock that is wrong here locks nobody out.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::contract::NetworkError;
use crate::http::{Call, Http, NoReply, Reply};
use crate::secret::Secret;

/// How long asking a server for its time may take.
const GREETING: Duration = Duration::from_secs(10);

/// The key of a sign-in (ES256, which every server of the AT Protocol takes:
/// <https://atproto.com/specs/oauth>).
pub(super) struct Key(EcdsaKeyPair);

fn broken(what: &str) -> NetworkError {
    NetworkError::Unreadable(format!("the key of this sign-in is broken: {what}"))
}

impl Key {
    pub(super) fn new() -> Result<Self, NetworkError> {
        EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .map(Self)
            .map_err(|_| broken("none could be made"))
    }

    /// Reads what [`Key::seal`] wrote.
    pub(super) fn open(sealed: &str) -> Result<Self, NetworkError> {
        let bytes = URL_SAFE_NO_PAD
            .decode(sealed)
            .map(Secret::new)
            .map_err(|_| broken("no Base64"))?;
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes.expose())
            .map(Self)
            .map_err(|_| broken("no PKCS #8"))
    }

    /// The whole key as text, for the keychain.
    pub(super) fn seal(&self) -> Result<Secret<String>, NetworkError> {
        let document = self.0.to_pkcs8v1().map_err(|_| broken("no PKCS #8"))?;
        Ok(Secret::new(URL_SAFE_NO_PAD.encode(document.as_ref())))
    }

    /// The public half (RFC 7517), from its uncompressed point.
    fn public(&self) -> Result<Value, NetworkError> {
        let point = self.0.public_key().as_ref();
        match point.split_first() {
            Some((4, halves)) if halves.len() == 64 => Ok(json!({
                "kty": "EC",
                "crv": "P-256",
                "x": URL_SAFE_NO_PAD.encode(&halves[..32]),
                "y": URL_SAFE_NO_PAD.encode(&halves[32..]),
            })),
            _ => Err(broken("no point")),
        }
    }

    /// The proof for one request; `token` where the request carries one.
    fn proof(
        &self,
        method: &str,
        url: &Url,
        token: Option<&str>,
        said: &Said,
    ) -> Result<String, NetworkError> {
        let mut place = url.clone();
        place.set_query(None);
        place.set_fragment(None);
        let mut claims = json!({
            "jti": Uuid::new_v4().to_string(),
            "htm": method,
            "htu": place.as_str(),
            "iat": said.now,
        });
        if let Some(nonce) = &said.nonce {
            claims["nonce"] = json!(nonce);
        }
        if let Some(token) = token {
            claims["ath"] = json!(URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes())));
        }
        let head = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.public()?});
        let text = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(head.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let signature = self
            .0
            .sign(&SystemRandom::new(), text.as_bytes())
            .map_err(|_| broken("it does not sign"))?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// What a proof takes over from its server.
struct Said {
    nonce: Option<String>,
    /// Seconds since 1970 by the server's clock.
    now: i64,
}

struct Heard {
    nonce: Option<String>,
    date: i64,
    at: Instant,
}

/// What each server said last.
#[derive(Default)]
pub(super) struct Servers(Mutex<HashMap<String, Heard>>);

impl Servers {
    fn hear(&self, url: &Url, reply: &Reply) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let origin = url.origin().ascii_serialization();
        let nonce = reply.headers.get("dpop-nonce");
        let nonce = nonce.and_then(|n| n.to_str().ok()).map(str::to_owned);
        let earlier = all.remove(&origin);
        let (date, at) = match (reply.date(), &earlier) {
            (Some(date), _) => (date, Instant::now()),
            (None, Some(earlier)) => (earlier.date, earlier.at),
            (None, None) => return,
        };
        let nonce = nonce.or_else(|| earlier.and_then(|e| e.nonce));
        all.insert(origin, Heard { nonce, date, at });
    }

    fn said(&self, url: &Url) -> Option<Said> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let heard = all.get(&url.origin().ascii_serialization())?;
        let since = i64::try_from(heard.at.elapsed().as_secs()).unwrap_or(0);
        Some(Said {
            nonce: heard.nonce.clone(),
            now: heard.date.saturating_add(since),
        })
    }

    /// The server's time, where it is known.
    pub(super) fn now(&self, url: &Url) -> Option<domain::Instant> {
        let seconds = self.said(url)?.now;
        Some(domain::Instant(seconds.saturating_mul(1000)))
    }

    /// What the server says, asked where it has said nothing yet: whatever it answers has its time.
    async fn ask(&self, http: &Http, url: &Url) -> Result<Said, NoReply> {
        if let Some(said) = self.said(url) {
            return Ok(said);
        }
        let mut place = url.clone();
        place.set_path("/.well-known/oauth-protected-resource");
        place.set_query(None);
        let reply = http
            .send(Call::get(place).timeout(GREETING))
            .await
            .map_err(|no| NoReply { begun: false, ..no })?;
        self.hear(url, &reply);
        self.said(url).ok_or_else(|| NoReply {
            begun: false,
            why: "the server does not say what time it is there".to_owned(),
        })
    }
}

/// A key, and the servers that it is shown to.
#[derive(Clone, Copy)]
pub(super) struct Prover<'a> {
    pub(super) http: &'a Http,
    pub(super) servers: &'a Servers,
    pub(super) key: &'a Key,
}

impl Prover<'_> {
    /// Sends a request with a proof. A server that wants another proof has done nothing and says
    /// what it wants: then the request is made once more.
    pub(super) async fn send(
        &self,
        token: Option<&str>,
        make: impl Fn() -> Result<Call<'static>, NetworkError>,
    ) -> Result<Result<Reply, NoReply>, NetworkError> {
        let first = self.once(token, make()?).await?;
        match &first {
            Ok(reply) if wants_another_proof(reply) => self.once(token, make()?).await,
            _ => Ok(first),
        }
    }

    async fn once(
        &self,
        token: Option<&str>,
        call: Call<'static>,
    ) -> Result<Result<Reply, NoReply>, NetworkError> {
        let url = call.url.clone();
        let said = match self.servers.ask(self.http, &url).await {
            Ok(said) => said,
            Err(no) => return Ok(Err(no)),
        };
        let proof = self.key.proof(call.method.as_str(), &url, token, &said)?;
        let mut call = call.header("dpop", proof);
        if let Some(token) = token {
            call = call.header("authorization", format!("DPoP {token}"));
        }
        let reply = self.http.send(call).await;
        if let Ok(reply) = &reply {
            self.servers.hear(&url, reply);
        }
        Ok(reply)
    }
}

/// RFC 9449, sections 8, 9 and 7.1: an authorization server says it in the body, another server
/// in `WWW-Authenticate`.
fn wants_another_proof(reply: &Reply) -> bool {
    if !matches!(reply.status, 400 | 401) {
        return false;
    }
    let body = reply.json();
    let error = body.as_ref().and_then(|b| b.get("error")?.as_str());
    let header = reply.headers.get("www-authenticate");
    let challenge = header.and_then(|h| h.to_str().ok()).unwrap_or_default();
    ["use_dpop_nonce", "invalid_dpop_proof"]
        .iter()
        .any(|name| error == Some(name) || challenge.contains(&format!("error=\"{name}\"")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    fn decoded(part: &str) -> Value {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    }

    #[test]
    fn a_proof_names_the_request_and_is_signed_by_the_key_in_it() {
        let key = Key::new().unwrap();
        let key = Key::open(key.seal().unwrap().expose()).unwrap();
        let url = "https://pds.example/xrpc/x.y?repo=a#b".parse().unwrap();
        let said = Said {
            nonce: Some("n".to_owned()),
            now: 1_795_428_020,
        };
        let proof = key.proof("POST", &url, Some("token"), &said).unwrap();
        let parts: Vec<&str> = proof.split('.').collect();
        let (head, claims) = (decoded(parts[0]), decoded(parts[1]));
        assert_eq!(head["typ"], json!("dpop+jwt"));
        assert_eq!(head["jwk"]["d"], Value::Null, "the private half stays here");
        assert_eq!(claims["htu"], json!("https://pds.example/xrpc/x.y"));
        assert_eq!(claims["htm"], json!("POST"));
        assert_eq!(claims["nonce"], json!("n"));
        assert_eq!(claims["iat"], json!(1_795_428_020));
        // sha256sum of "token".
        assert_eq!(
            claims["ath"],
            json!("PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A")
        );
        let mut point = vec![4];
        for half in ["x", "y"] {
            let text = head["jwk"][half].as_str().unwrap();
            point.extend(URL_SAFE_NO_PAD.decode(text).unwrap());
        }
        let signed = format!("{}.{}", parts[0], parts[1]);
        let signature = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .verify(signed.as_bytes(), &signature)
            .unwrap();
        let again = key.proof("POST", &url, Some("token"), &said).unwrap();
        assert_ne!(proof, again, "each proof is good for one request");
    }

    /// A server that answers each request in turn; gives what it was asked.
    async fn answers(replies: [&'static str; 3]) -> (Url, impl Future<Output = Vec<String>>) {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/xrpc/x", listener.local_addr().unwrap());
        let server = async move {
            let mut asked = Vec::new();
            for reply in replies {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut seen = Vec::new();
                while !seen.windows(4).any(|w| w == b"\r\n\r\n") {
                    let mut some = [0; 4096];
                    let n = stream.read(&mut some).await.unwrap();
                    seen.extend_from_slice(&some[..n]);
                }
                asked.push(String::from_utf8(seen).unwrap());
                let head =
                    format!("HTTP/1.1 {reply}Content-Length: 0\r\nConnection: close\r\n\r\n");
                stream.write_all(head.as_bytes()).await.unwrap();
                stream.shutdown().await.unwrap();
            }
            asked
        };
        (url.parse().unwrap(), server)
    }

    fn claims(asked: &str) -> Value {
        let line = asked
            .lines()
            .find_map(|l| l.strip_prefix("dpop: "))
            .unwrap();
        decoded(line.split('.').nth(1).unwrap())
    }

    const EARLY: &str = "404 Not Found\r\nDate: Mon, 23 Nov 2026 10:00:20 GMT\r\n";
    const ANOTHER: &str = "401 Unauthorized\r\nDate: Mon, 23 Nov 2026 13:00:20 GMT\r\n\
        DPoP-Nonce: fresh\r\nWWW-Authenticate: DPoP error=\"use_dpop_nonce\"\r\n";

    #[tokio::test]
    async fn another_nonce_and_another_time_are_taken_over_once() {
        let http = Http::new(crate::http::HttpOptions::default()).unwrap();
        let key = Key::new().unwrap();
        for (last, status) in [("200 OK\r\n", 200), (ANOTHER, 401)] {
            let servers = Servers::default();
            let prover = Prover {
                http: &http,
                servers: &servers,
                key: &key,
            };
            let (url, server) = answers([EARLY, ANOTHER, last]).await;
            let make = || Ok(Call::post(url.clone()));
            let sent = prover.send(Some("token"), make);
            let (reply, asked) = tokio::join!(sent, server);
            assert_eq!(reply.unwrap().unwrap().status, status);
            assert!(asked[0].starts_with("GET ") && !asked[0].contains("token"));
            assert!(asked[1].contains("authorization: DPoP token"));
            let (first, second) = (claims(&asked[1]), claims(&asked[2]));
            assert_eq!(first["nonce"], Value::Null);
            assert_eq!(second["nonce"], json!("fresh"));
            let time = |claims: &Value| claims["iat"].as_i64().unwrap();
            assert_eq!(time(&first) / 10, 1_795_428_020 / 10);
            assert!((0..10).contains(&(time(&second) - time(&first) - 3 * 3_600)));
            assert_ne!(first["jti"], second["jti"]);
        }
    }
}
