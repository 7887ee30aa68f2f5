//! Agents at the server: a token in hand, over the Model Context Protocol by HTTP.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;

use crate::resources::{ok, profile, send, voice};
use crate::world::{Answer, Person, World, on_each};

/// An agent that acts for Mara, whose persona asks an approver.
struct Hired {
    owner: Person,
    mara: Person,
    token: Person,
    persona: String,
    account: String,
}

async fn token(world: &World, of: &Person, scopes: Value) -> Person {
    let organization = of.organization(world).await;
    let wanted = json!({"name": "Desk agent", "scopes": scopes});
    let path = format!("/organizations/{organization}/tokens");
    let made = of.post(world, &path, wanted).await.ok();
    Person::program(&made)
}

async fn hired(world: &World, scopes: Value) -> Hired {
    let owner = world.owner().await;
    let mara = world.colleague(&owner, "creator", "Mara").await;
    let (persona, account) = voice(world, &owner).await;
    let stage = json!({"name": "Editor", "approvers": [{"type": "role", "role": "owner"}], "quorum": {"type": "any"}, "conditions": [], "remind_after": [], "escalate_to": []});
    let new = json!({"name": "One look", "stages": [stage]});
    let made = owner.post(world, "/approval-chains", new).await.ok();
    let path = format!("/personas/{persona}");
    let seen = send(world, &owner, Method::GET, &path, &[], None).await;
    let (_, tag) = ok(seen, 200).await;
    let with = json!({"profile": profile("Ridge Report"), "chain": made["policy"]["id"]});
    let seen = [("if-match", tag.as_str())];
    let put = send(world, &owner, Method::PUT, &path, &seen, Some(&with)).await;
    ok(put, 200).await;
    let token = token(world, &mara, scopes).await;
    Hired {
        owner,
        mara,
        token,
        persona,
        account,
    }
}

impl Person {
    /// One message of the protocol, without a session.
    async fn mcp(&self, world: &World, method: &str, params: Value) -> Answer {
        let bearer = format!("Bearer {}", self.access);
        let headers = [
            ("authorization", bearer.as_str()),
            ("accept", "application/json, text/event-stream"),
            ("mcp-protocol-version", "2025-06-18"),
            ("user-agent", "tests of the house"),
        ];
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        world
            .ask(Method::POST, "/mcp", &headers, Some(message))
            .await
    }

    async fn tool(&self, world: &World, name: &str, given: Value) -> Result<Value, Value> {
        let called = json!({"name": name, "arguments": given});
        let result = self.mcp(world, "tools/call", called).await.ok()["result"].clone();
        let told = result["structuredContent"].clone();
        match result["isError"].as_bool() {
            Some(true) => Err(told),
            _ => Ok(told),
        }
    }
}

async fn history(world: &World, who: &Person) -> Vec<Value> {
    let page = who
        .query(world, json!({"type": "history", "limit": 200}))
        .await
        .ok();
    page["entries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_agent_drafts_and_asks_for_its_person_and_people_decide() {
    on_each(|world| async move {
        let it = hired(&world, json!(["read", "write"])).await;
        let listed = it.token.mcp(&world, "tools/list", json!({})).await.ok();
        let tools = listed["result"]["tools"].as_array().unwrap();
        assert!(tools.iter().any(|tool| tool["name"] == "submit"));
        let personas = it.token.tool(&world, "personas", json!({})).await.unwrap();
        assert_eq!(personas["personas"][0]["id"], it.persona.as_str());

        let draft = json!({"key": "a", "persona": it.persona, "parts": ["Snow came late."], "accounts": [it.account]});
        let made = it.token.tool(&world, "draft", draft.clone()).await.unwrap();
        assert_eq!(it.token.tool(&world, "draft", draft).await.unwrap(), made);
        let ask = json!({"key": "b", "content": made["content"], "seen": made["seen"]});
        let all = futures::future::join_all((0..4).map(|_| it.token.tool(&world, "submit", ask.clone())));
        assert!(all.await.iter().any(Result::is_ok));
        it.token.tool(&world, "submit", ask).await.unwrap();

        let requests = it.owner.get(&world, "/requests").await.ok();
        let rows = requests["rows"].as_array().unwrap();
        assert_eq!(rows.len(), 1, "asked four times at once, and once more: {rows:?}");
        let content = format!("/content/{}", made["content"].as_str().unwrap());
        let seen = it.mara.get(&world, &content).await.ok();
        assert_eq!(seen["row"]["status"], "in_review");
        assert!(seen.to_string().contains("\"made_with_ai\":true"));
        world.work().await;
        let seen = it.mara.get(&world, &content).await.ok();
        assert_eq!(seen["deliveries"][0]["target"]["status"], "planned");

        let called: Vec<Value> = history(&world, &it.owner).await.into_iter().filter(|entry| entry["action"] == "agent_called").collect();
        assert_eq!(called.len(), 8, "every call");
        assert!(called.iter().all(|entry| entry.to_string().contains("tests of the house")));
        let check = it.owner.query(&world, json!({"type": "verify_audit"})).await.ok();
        assert_eq!(check["broken"], Value::Null);
        world
    })
    .await;
}

#[tokio::test]
async fn an_agent_has_no_more_than_its_token_and_its_person() {
    on_each(|world| async move {
        let it = hired(&world, json!(["read"])).await;
        let draft = json!({"key": "a", "persona": it.persona, "parts": ["Snow came late."]});
        let refused = it
            .token
            .tool(&world, "draft", draft.clone())
            .await
            .unwrap_err();
        assert_eq!(refused["code"], "forbidden");
        it.token.tool(&world, "contents", json!({})).await.unwrap();

        // A viewer's agent writes nothing whatever its token says.
        let viewer = world.colleague(&it.owner, "viewer", "Vic").await;
        let theirs = token(&world, &viewer, json!(["read"])).await;
        let refused = theirs.tool(&world, "draft", draft).await.unwrap_err();
        assert_eq!(refused["code"], "forbidden");

        // People have the window, and elsewhere there is nothing to see.
        it.mara
            .mcp(&world, "tools/list", json!({}))
            .await
            .refused(403, "forbidden");
        let nobody = Person {
            access: "rst_nothing".to_owned(),
            refresh: String::new(),
        };
        nobody
            .mcp(&world, "tools/list", json!({}))
            .await
            .refused(401, "signed_out");
        let fred = world.founder("Fred", "fred@x.example").await;
        let elsewhere = token(&world, &fred, json!(["read", "write"])).await;
        let seen = elsewhere.tool(&world, "personas", json!({})).await.unwrap();
        assert_eq!(seen["personas"], json!([]));
        let of_ours = json!({"key": "a", "persona": it.persona, "parts": ["Snow."]});
        elsewhere.tool(&world, "draft", of_ours).await.unwrap_err();

        // It ends with its token, in mid-work.
        let organization = it.mara.organization(&world).await;
        let path = format!("/organizations/{organization}/tokens");
        let all = it.mara.get(&world, &path).await.ok();
        let rows = all
            .as_array()
            .unwrap_or_else(|| all["rows"].as_array().unwrap());
        for known in rows {
            let id = known["id"].as_str().unwrap();
            it.mara
                .ask(&world, Method::DELETE, &format!("{path}/{id}"), None)
                .await;
        }
        it.token
            .mcp(&world, "tools/list", json!({}))
            .await
            .refused(401, "signed_out");
        world
    })
    .await;
}

#[tokio::test]
async fn nonsense_from_an_agent_is_refused_and_changes_nothing() {
    on_each(|world| async move {
        let it = hired(&world, json!(["read", "write"])).await;
        let before = history(&world, &it.owner).await.len();
        let large = format!("{{\"x\":\"{}\"}}", "x".repeat(3 << 20));
        for body in [
            "",
            "{",
            "[]",
            "null",
            "{\"jsonrpc\":\"2.0\"}",
            large.as_str(),
        ] {
            let answer = Client::new()
                .post(format!("{}/mcp", world.address))
                .bearer_auth(&it.token.access)
                .header("accept", "application/json, text/event-stream")
                .header("content-type", "application/json")
                .body(body.to_owned())
                .send()
                .await
                .unwrap();
            assert!(
                answer.status().is_client_error(),
                "{body:.20}: {}",
                answer.status()
            );
        }
        for method in [Method::GET, Method::DELETE] {
            let answer = it.token.ask(&world, method, "/mcp", None).await;
            assert_eq!(answer.status, 405);
        }
        for (tool, given) in [
            ("draft", json!({})),
            (
                "draft",
                json!({"key": "", "persona": it.persona, "parts": ["x"]}),
            ),
            (
                "draft",
                json!({"key": "k", "persona": it.persona, "parts": []}),
            ),
            ("content", json!({"content": "no id"})),
            ("contents", json!({"limit": -1})),
        ] {
            it.token.tool(&world, tool, given).await.unwrap_err();
        }
        let unknown = json!({"name": "approve", "arguments": {}});
        let answer = it.token.mcp(&world, "tools/call", unknown).await.ok();
        assert!(answer["error"].is_object(), "{answer}");
        let after = history(&world, &it.owner).await;
        assert!(
            after
                .iter()
                .take(after.len() - before)
                .all(|entry| entry["action"] == "agent_called")
        );
        world
    })
    .await;
}

/// The client of the protocol for Python, where the machine has it.
fn stranger() -> Option<PathBuf> {
    let python = std::env::var_os("ROSTRUM_PEER_PYTHON").map(PathBuf::from);
    let demanded = std::env::var("ROSTRUM_DEMAND_PEERS").is_ok_and(|v| v == "1");
    assert!(
        python.is_some() || !demanded,
        "a client that is not ours is demanded: ROSTRUM_PEER_PYTHON names no Python with it"
    );
    python
}

#[tokio::test]
async fn a_client_that_is_not_ours_works_at_the_server() {
    let Some(python) = stranger() else {
        eprintln!("skipped: no client of the protocol is here");
        return;
    };
    on_each(|world| async {
        let it = hired(&world, json!(["read", "write"])).await;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/mcp/agent.py");
        let mut child = Command::new(&python)
            .arg(script)
            .args(["http", &format!("{}/mcp", world.address), &it.token.access])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut to = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let tools = lines.next_line().await.unwrap().expect("it came in");
        assert!(tools.contains("\"draft\""), "{tools}");
        let mut call = async |tool: &str, given: Value| {
            let line = format!("{}\n", json!({"tool": tool, "arguments": given}));
            to.write_all(line.as_bytes()).await.unwrap();
            let answer = lines.next_line().await.unwrap().expect("an answer");
            serde_json::from_str::<Value>(&answer).unwrap()
        };
        let new = json!({"key": "a", "persona": it.persona, "parts": ["Snow came late."]});
        let made = call("draft", new).await;
        assert_eq!(made["refused"], false, "{made}");
        let ask =
            json!({"key": "b", "content": made["value"]["content"], "seen": "something else"});
        let refused = call("submit", ask).await;
        assert_eq!(
            (&refused["refused"], &refused["value"]["code"]),
            (&json!(true), &json!("conflict"))
        );
        let ask =
            json!({"key": "b", "content": made["value"]["content"], "seen": made["value"]["seen"]});
        assert_eq!(call("submit", ask).await["value"]["status"], "in_review");
        drop(to);
        assert!(child.wait().await.unwrap().success());
        world
    })
    .await;
}
