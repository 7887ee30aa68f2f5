//! A real Bluesky server (`tests/peers/bluesky`) in a process of its own; the app's tests use it too.
//!
//! Without it a test says *skipped*; `ROSTRUM_DEMAND_PEERS=1` turns that into a failure.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

use domain::Instant;
use networks::{ConnectInput, Secret};
use serde_json::Value;

/// A running server; ends with its standard input.
pub(crate) struct Peer {
    child: Child,
    out: BufReader<ChildStdout>,
    said: Value,
}

impl Peer {
    /// `None` when it is not installed (or cannot run here), which is said out loud.
    pub(crate) fn start(appview: bool) -> Option<Self> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/bluesky");
        let demanded = std::env::var("ROSTRUM_DEMAND_PEERS").is_ok_and(|v| v == "1");
        let skip = |why: &str| {
            assert!(!demanded, "a real Bluesky server is demanded: {why}");
            eprintln!("skipped: {why}");
            None
        };
        if !folder.join("node_modules/@atproto/dev-env").exists() {
            return skip("no Bluesky server is installed; run tests/peers/bluesky/setup");
        }
        if appview
            && (std::env::var("DB_POSTGRES_URL").is_err() || std::env::var("REDIS_HOST").is_err())
        {
            return skip(
                "the AppView needs DB_POSTGRES_URL and REDIS_HOST; run tests/peers/bluesky/with-appview",
            );
        }
        let mut command = Command::new("node");
        command
            .args(["--require", "./loopback.cjs", "start.mjs"])
            .args(appview.then_some("--appview"))
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return skip(&format!("node does not start: {error}")),
        };
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let said = serde_json::from_str(&line).unwrap();
        Some(Self { child, out, said })
    }

    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.said.pointer(pointer).unwrap().as_str().unwrap()
    }

    /// Waits until the AppView has seen everything.
    pub(crate) fn process(&mut self) {
        writeln!(self.child.stdin.as_mut().unwrap(), "process").unwrap();
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        assert!(line.contains("processed"), "{line}");
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

    /// All posts of an account as the server has them.
    pub(crate) async fn posts(&self, did: &str) -> Vec<Value> {
        self.records(did, "app.bsky.feed.post").await
    }

    /// All records of an account's collection.
    pub(crate) async fn records(&self, did: &str, collection: &str) -> Vec<Value> {
        let mut records = Vec::new();
        let mut cursor = String::new();
        loop {
            let url = format!(
                "{}/xrpc/com.atproto.repo.listRecords?repo={did}&collection={collection}\
                 &limit=100&cursor={cursor}",
                self.text("/service")
            );
            let answer: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
            records.extend(answer["records"].as_array().unwrap().iter().cloned());
            match answer["cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => return records,
            }
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
