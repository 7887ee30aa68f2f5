//! A process that is killed while letters are under way.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::mailbox::{Letter, Mailbox, Mood, Way};
use crate::world::PASSWORD;

/// A server's process; it ends with this.
struct Process {
    child: Child,
    address: String,
}

impl Drop for Process {
    fn drop(&mut self) {
        // Without a word, as when the power goes.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    /// One on the tables of `database`; answers the first owner's token too, while nobody is there.
    fn start(home: &Path, database: Option<&str>, mailbox: &Mailbox) -> (Self, Option<String>) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rostrum-server"));
        command.arg("--data").arg(home.join("data"));
        command.arg("--config").arg(home.join("config"));
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        command.args(["--mail", &mailbox.address()]);
        command.args(["--mail-from", "Rostrum <rostrum@hut.example>"]);
        let is_first = !home.join("data").exists();
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (mut address, mut token) = (None, None);
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            if let Some((_, rest)) = line.split_once("served at ") {
                address = rest.split(',').next().map(|at| format!("http://{at}"));
            }
            token = line
                .split_once("/#/join/")
                .map(|(_, token)| token.to_owned());
            if address.is_some() && (token.is_some() || !is_first) {
                break;
            }
        }
        let address = address.unwrap();
        (Self { child, address }, token)
    }

    async fn ask(&self, method: Method, path: &str, bearer: &str, body: Option<Value>) -> Value {
        let mut request = Client::new().request(method, format!("{}{path}", self.address));
        if !bearer.is_empty() {
            request = request.bearer_auth(bearer);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {answer:?}");
        answer.json().await.unwrap()
    }
}

/// Longer than the lease of whoever was killed.
async fn in_time(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < Duration::from_secs(90), "never: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn receivers(letters: &[Letter]) -> Vec<String> {
    let mut all: Vec<_> = letters.iter().map(|letter| letter.to.clone()).collect();
    all.sort();
    all
}

#[tokio::test]
async fn a_process_that_is_killed_loses_no_letter_and_sends_none_again_that_was_taken() {
    let mut databases = vec![None];
    databases.extend(db::testing::postgres_url().await.map(Some));
    for database in databases {
        let home = tempfile::tempdir().unwrap();
        let mailbox = Mailbox::open(Way::Plain).await;
        let (process, token) = Process::start(home.path(), database.as_deref(), &mailbox);
        let owner = json!({"name": "Olga", "email": "olga@hut.example", "password": PASSWORD, "invitation": token});
        let opened = process
            .ask(Method::POST, "/auth/register", "", Some(owner))
            .await;
        let access = opened["access"].as_str().unwrap();
        let me = process.ask(Method::GET, "/auth/me", access, None).await;
        let organization = me["organizations"][0]["organization"].as_str().unwrap();
        let path = format!("/organizations/{organization}/invitations");
        let invite = async |process: &Process, from: usize, to: usize| {
            for n in from..to {
                let email = format!("guest-{n}@hut.example");
                let wanted = json!({"role": "viewer", "email": email});
                process.ask(Method::POST, &path, access, Some(wanted)).await;
            }
        };
        let noted = async |process: &Process, many: usize| {
            let all = process.ask(Method::GET, &path, access, None).await;
            let all = all.as_array().unwrap().iter();
            all.filter(|one| one["mailed_at"].is_string()).count() == many
        };
        invite(&process, 0, 4).await;
        in_time("four are known to be sent", async || {
            noted(&process, 4).await
        })
        .await;
        mailbox.is(Mood::Waits);
        invite(&process, 4, 8).await;
        in_time("four are under way", async || mailbox.lost().len() == 4).await;
        drop(process);
        mailbox.is(Mood::Takes);
        let (process, _) = Process::start(home.path(), database.as_deref(), &mailbox);
        in_time("all are known to be sent", async || {
            noted(&process, 8).await
        })
        .await;
        let taken = mailbox.taken();
        let all: Vec<_> = (0..8).map(|n| format!("guest-{n}@hut.example")).collect();
        assert_eq!(receivers(&taken), all, "each once");
        for lost in mailbox.lost() {
            let again = taken.iter().find(|letter| letter.to == lost.to).unwrap();
            assert_eq!(again.header("Message-ID"), lost.header("Message-ID"));
            assert_eq!(again.token("join"), lost.token("join"));
        }
    }
}
