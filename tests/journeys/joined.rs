//! An organization's server, joined in the real window.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::bus::{Notified, Services};
use crate::stage::{Running, Stage, program, until};
use crate::steps::persona;
use crate::window::{Page, new_id};

const PASSWORD: &str = "winter hut with two stoves";
const TEXT: &str = "Late snow: nine days behind at all four ridge stations.";

/// The built server, where it lies beside the program.
fn built() -> Option<PathBuf> {
    let beside = Path::new(&program()).with_file_name("rostrum-server");
    if beside.exists() {
        return Some(beside);
    }
    assert!(
        std::env::var("ROSTRUM_DEMAND_PEERS").as_deref() != Ok("1"),
        "rostrum-server is demanded and not built"
    );
    println!("skipped: rostrum-server is not built");
    None
}

/// A running server, and its first owner.
struct Served {
    running: Running,
    address: String,
    access: String,
    organization: String,
}

impl Served {
    async fn start(program: &Path, home: &Path) -> Self {
        let mut child = Command::new(program)
            .arg("--data")
            .arg(home.join("server"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("ROSTRUM_CONFIG_DIR", home.join("server-config"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let said = child.stdout.take().expect("its words");
        let link = BufReader::new(said)
            .lines()
            .map_while(Result::ok)
            .find(|line| line.contains("/#/join/"))
            .expect("the first owner's link");
        let (address, token) = link.trim().split_once("/#/join/").expect("a link");
        let mut served = Self {
            running: Running(child),
            address: address.to_owned(),
            access: String::new(),
            organization: String::new(),
        };
        let opened = served.register(token, "Olga").await;
        opened["access"]
            .as_str()
            .expect("a token")
            .clone_into(&mut served.access);
        let me = served.get("/auth/me").await;
        me["organizations"][0]["organization"]
            .as_str()
            .expect("an organization")
            .clone_into(&mut served.organization);
        served
    }

    async fn register(&self, token: &str, name: &str) -> Value {
        let email = format!("{}@hut.example", name.to_lowercase());
        let wanted =
            json!({"name": name, "email": email, "password": PASSWORD, "invitation": token});
        self.post("/auth/register", wanted).await
    }

    async fn get(&self, path: &str) -> Value {
        let asked = reqwest::Client::new().get(format!("{}{path}", self.address));
        let answer = asked.bearer_auth(&self.access).send().await;
        answer.expect("an answer").json().await.expect("JSON")
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let asked = reqwest::Client::new().post(format!("{}{path}", self.address));
        let answer = asked.bearer_auth(&self.access).json(&body).send().await;
        let answer = answer.expect("an answer");
        let fine = answer.status().is_success();
        let value: Value = answer.json().await.expect("JSON");
        assert!(fine, "{path}: {value}");
        value
    }

    async fn change(&self, mutation: Value) {
        let call = json!({"id": new_id(), "mutation": mutation});
        self.post("/rpc/mutate", call).await;
    }

    async fn act(&self, act: Value) {
        self.post("/rpc/act", json!({"id": new_id(), "act": act}))
            .await;
    }

    /// The link of an invitation.
    async fn invite(&self, role: &str) -> String {
        let path = format!("/organizations/{}/invitations", self.organization);
        let made = self.post(&path, json!({"role": role})).await;
        made["link"].as_str().expect("a link").to_owned()
    }

    /// A persona whose posts every approver may decide on, and an account.
    async fn persona(&self) -> (String, String) {
        let (chain, persona, account) = (new_id(), new_id(), new_id());
        let stage = json!({
            "name": "Science check",
            "approvers": [{"type": "role", "role": "approver"}],
            "quorum": {"type": "any"},
        });
        self.change(json!({"type": "save_chain", "policy": {
            "id": chain, "revision": 1, "name": "One look", "tolerance": 60, "stages": [stage],
        }}))
        .await;
        self.change(
            json!({"type": "save_persona", "id": persona, "chain": chain, "profile": {
                "name": "Ridge Report", "hue": "glacier", "language": "en", "zone": "Europe/Berlin",
            }}),
        )
        .await;
        self.act(json!({
            "type": "connect", "id": account, "persona": persona, "network": "site",
            "fields": {"folder": "notes", "title": "Ridge notes"},
        }))
        .await;
        (persona, account)
    }

    async fn submit(&self, (persona, account): &(String, String)) {
        self.act(json!({
            "type": "submit", "content": new_id(), "persona": persona, "base": 0,
            "body": {"shared": {"segments": [{"text": TEXT}]}, "targets": [account]},
            "request": new_id(), "deliveries": [{"id": new_id(), "identity": account}],
        }))
        .await;
    }
}

/// Pictures of a place in light and in dark.
async fn shots(page: &Page, name: &str) {
    if std::env::var_os("ROSTRUM_SHOTS").is_none() {
        return;
    }
    page.shot(name).await;
    for theme in ["dark", "light"] {
        let view = page.query(json!({"type": "settings"})).await;
        let mut settings = view["settings"].clone();
        settings["appearance"] = json!(theme);
        page.act(json!({"type": "save_settings", "settings": settings}))
            .await;
        if theme == "dark" {
            page.shot(&format!("{name}-dark")).await;
        }
    }
}

#[tokio::test]
async fn a_desktop_joins_decides_from_a_notification_waits_offline_and_leaves() {
    let Some(server) = built() else { return };
    let stage = Stage::set(Services::ALL).await;
    let served = Served::start(&server, stage.home()).await;
    let voice = served.persona().await;
    let link = served.invite("approver").await;
    let page = stage.open().await;
    persona(&page).await;

    // By the link that somebody was sent.
    page.press_that_begins("This computer").await;
    page.press_item("Join an organization").await;
    page.fill("Invitation link or address of the server", &link)
        .await;
    shots(&page, "join-where").await;
    page.answer("Next").await;
    page.sees("Olga invites you as Approver").await;
    page.fill("Your name", "Ada").await;
    page.fill("E-mail address", "ada@hut.example").await;
    page.fill("New password", PASSWORD).await;
    shots(&page, "join-as-whom").await;
    page.answer("Join").await;
    page.says("Ridge Report").await;
    page.says("Synced at").await;
    shots(&page, "joined-today").await;

    // In the computer's own organization the other one's request is told; a click leads there.
    page.press_that_begins("Our organization").await;
    page.press_item("This computer").await;
    page.says("Firnline Institute").await;
    served.submit(&voice).await;
    let told = |n: &Notified| n.body.contains("Late snow") || n.title.contains("Late snow");
    until("the request is told", || {
        stage.bus.notified().iter().any(told)
    })
    .await;
    shots(&page, "told-elsewhere").await;
    let shown = stage.bus.notified().into_iter().find(told);
    stage.bus.click(shown.expect("it was shown").id).await;
    page.says("Science check").await;
    page.says("Synced at").await;
    page.sees(TEXT).await;
    shots(&page, "joined-request").await;
    page.press_that_begins("Approve").await;
    page.says("It goes out").await;

    // Accounts are the server's; the way there is said.
    page.press("Personas & accounts").await;
    page.says("in the window of its server").await;
    shots(&page, "joined-accounts").await;

    // Without the server what is done waits, and is seen to.
    served.running.signal("-TERM");
    tokio::time::sleep(Duration::from_secs(1)).await;
    page.press_that_begins("Synced at").await;
    page.press("Sync now").await;
    page.says("Offline").await;
    page.act_within(
        &served.organization,
        json!({
            "type": "save", "content": new_id(), "persona": voice.0, "base": 0,
            "body": {"shared": {"segments": [{"text": "Written on the train."}]}},
        }),
    )
    .await;
    page.says("Written on the train").await;
    page.says("Waiting").await;
    shots(&page, "joined-outbox").await;

    // Leaving names what is lost, and takes it all away.
    page.press("Settings").await;
    page.press("Organizations").await;
    shots(&page, "joined-settings").await;
    page.press("Leave").await;
    page.says("has not reached the server and is lost").await;
    shots(&page, "joined-leave").await;
    page.answer("Leave").await;
    page.says("Firnline Institute").await;
    let left = stage.data().join("orgs");
    until("nothing is left", || {
        std::fs::read_dir(&left).map_or(0, Iterator::count) == 0
    })
    .await;
    page.close().await;
}
