//! The real Bluesky server as an adapter's tests use it; the app's tests use it too.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};

use domain::Instant;
use networks::{ConnectInput, Secret};
use serde_json::Value;

#[path = "../../../../tests/peers/bluesky.rs"]
mod peer;

pub(crate) use peer::Peer;

impl Peer {
    /// Waits until the AppView has seen everything.
    pub(crate) fn process(&mut self) {
        self.tell("process", "processed");
    }

    /// Writes a handle into the document of an account, whosever it is.
    pub(crate) fn claim(&mut self, who: &str, handle: &str) {
        self.tell(&format!("claim {who} {handle}"), "claimed");
    }

    fn tell(&mut self, what: &str, done: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{what}").unwrap();
        let mut line = String::new();
        BufReader::new(self.child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert!(line.contains(done), "{line}");
    }

    pub(crate) fn input(&self, who: &str, password: &str, now: Instant) -> ConnectInput {
        ConnectInput {
            method: "app_password".into(),
            fields: BTreeMap::from([
                ("service".to_owned(), self.text("/service").to_owned()),
                ("handle".to_owned(), format!("@{who}.test")),
            ]),
            secrets: BTreeMap::from([(
                "app_password".to_owned(),
                Secret::new(password.to_owned()),
            )]),
            grant: None,
            now,
        }
    }

    /// Calls the server past the adapter.
    pub(crate) async fn call(&self, method: &str, body: &Value, token: &str) -> Value {
        let client = reqwest::Client::new();
        let url = format!("{}/xrpc/{method}", self.text("/service"));
        let mut request = client.post(url).json(body);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{method}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }
}
