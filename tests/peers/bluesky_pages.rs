//! A person in a browser at the pages of a real Bluesky server: signs in, agrees or does not.
//! Shared by path by the tests that sign in through it.

use std::collections::BTreeMap;

use reqwest::header::{HeaderMap, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, Url};
use serde_json::{Value, json};

/// What the person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Agree,
    Refuse,
}

/// A browser with its cookies, at one page.
struct Visit {
    client: Client,
    page: Url,
    cookies: BTreeMap<String, String>,
}

impl Visit {
    fn keep(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    async fn send(&mut self, request: RequestBuilder) -> Response {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(n, v)| format!("{n}={v}"))
            .collect();
        let response = request
            .header("cookie", cookies.join("; "))
            .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/140")
            .send()
            .await
            .unwrap();
        self.keep(response.headers());
        response
    }

    /// Opens an address as a link does.
    async fn open(&mut self, address: &str, site: &str) -> Response {
        let mut request = self
            .client
            .get(address)
            .header("sec-fetch-site", site)
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document");
        if site == "same-origin" {
            request = request.header("referer", self.page.as_str());
        }
        self.send(request).await
    }

    /// Calls what the page's own script calls.
    async fn call(&mut self, what: &str, body: &Value, token: Option<&str>) -> Value {
        let place = self
            .page
            .join(&format!("/@atproto/oauth-provider/~api/{what}"));
        let mut request = self
            .client
            .post(place.unwrap())
            .header("origin", self.page.origin().ascii_serialization())
            .header("referer", self.page.as_str())
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "same-origin")
            .header("x-csrf-token", &self.cookies["csrf-token"])
            .json(body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = self.send(request).await;
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{what}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }
}

/// Goes through the page of agreement as this person; gives the address to which the browser is
/// sent back, which is not opened.
pub(crate) async fn visit(page: &str, handle: &str, password: &str, answer: Answer) -> Url {
    let mut visit = Visit {
        client: Client::builder().redirect(Policy::none()).build().unwrap(),
        page: page.parse().unwrap(),
        cookies: BTreeMap::new(),
    };
    let shown = visit.open(page, "none").await;
    let status = shown.status();
    assert!(
        status.is_success(),
        "{status} {}",
        shown.text().await.unwrap()
    );
    let ended = match answer {
        Answer::Refuse => visit.call("reject", &json!({}), None).await,
        Answer::Agree => {
            let who = json!({"locale": "en", "username": handle, "password": password});
            let signed_in = visit.call("sign-in", &who, None).await;
            let sub = json!({"sub": signed_in["account"]["sub"]});
            let token = signed_in["ephemeralToken"].as_str();
            visit.call("consent", &sub, token).await
        }
    };
    let back = visit
        .open(ended["url"].as_str().unwrap(), "same-origin")
        .await;
    let status = back.status();
    let place = back.headers().get(LOCATION).cloned();
    let text = back.text().await.unwrap();
    let place = place.unwrap_or_else(|| panic!("{status} {text}"));
    place.to_str().unwrap().parse().unwrap()
}
