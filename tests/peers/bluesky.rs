//! A real Bluesky server (`tests/peers/bluesky`) beside a test. Shared by path by the tests that
//! speak to it.
//!
//! Without it a test says *skipped*; `ROSTRUM_DEMAND_PEERS=1` turns that into a failure.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A running server; ends with its standard input.
pub(crate) struct Peer {
    pub(crate) child: Child,
    pub(crate) said: Value,
}

impl Peer {
    /// `None` when it is not installed (or cannot run here), which is said out loud.
    pub(crate) fn start(appview: bool) -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .map(|above| above.join("tests/peers/bluesky"))
            .find(|folder| folder.is_dir())
            .unwrap();
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
        // It says nothing more until it is asked.
        child.stdout = Some(out.into_inner());
        Some(Self { child, said })
    }

    /// What it said of itself at this JSON pointer, such as `/accounts/alice/did`.
    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.said.pointer(pointer).unwrap().as_str().unwrap()
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
