//! An agent at the door: the built program spoken to in JSON-RPC lines, as the Model Context
//! Protocol writes them on standard input and output.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::home::Home;

struct Client {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    n: u64,
}

impl Client {
    fn bare(home: &Home) -> Self {
        let mut child = home
            .command(&["mcp"])
            .env("ROSTRUM_LOG", "error")
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take(), child.stdout.take().unwrap());
        Self {
            child,
            to,
            from: BufReader::new(from),
            n: 0,
        }
    }

    fn new(home: &Home) -> Self {
        let mut client = Self::bare(home);
        let hello = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": {"name": "protocol test", "version": "1"},
        });
        let welcome = client.ask("initialize", &hello);
        assert_eq!(welcome["result"]["serverInfo"]["name"], "rostrum");
        assert_eq!(welcome["result"]["protocolVersion"], "2025-06-18");
        client.say(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        client
    }

    fn say(&mut self, message: &Value) {
        let to = self.to.as_mut().unwrap();
        writeln!(to, "{message}").unwrap();
        to.flush().unwrap();
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.n += 1;
        let id = self.n;
        self.say(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).unwrap() > 0, "it left");
            let answer: Value = serde_json::from_str(&line).unwrap();
            if answer["id"] == id {
                return answer;
            }
        }
    }

    fn call(&mut self, tool: &str, given: &Value) -> Result<Value, Value> {
        let answer = self.ask("tools/call", &json!({"name": tool, "arguments": given}));
        let result = &answer["result"];
        let told = result["structuredContent"].clone();
        // Who reads no structure reads the same as text.
        let text = result["content"][0]["text"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(text).unwrap(), told);
        match result["isError"].as_bool() {
            Some(true) => Err(told),
            _ => Ok(told),
        }
    }

    fn ok(&mut self, tool: &str, given: &Value) -> Value {
        self.call(tool, given)
            .unwrap_or_else(|problem| panic!("{tool}: {problem}"))
    }

    fn refused(&mut self, tool: &str, given: &Value, code: &str) {
        let problem = self.call(tool, given).unwrap_err();
        assert_eq!(problem["code"], code, "{tool}: {problem}");
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // It ends when nobody speaks to it any more.
        self.to = None;
        let ended = self.child.wait().unwrap();
        assert!(ended.success() || std::thread::panicking(), "{ended}");
    }
}

/// A chain that asks Jo, used by the persona.
fn with_chain(home: &Home) {
    home.ok(&["person", "add", "--name", "Jo", "--role", "approver"]);
    let people = home.query(&json!({"type": "people"}));
    let jo = people
        .as_array()
        .unwrap()
        .iter()
        .find(|p| p["name"] == "Jo");
    let persona = home.query(&json!({"type": "personas"}))[0].clone();
    let id = "018f0000-0000-7000-8000-000000000001";
    let stage = json!({
        "name": "Look", "approvers": [{"type": "person", "id": jo.unwrap()["id"]}],
        "quorum": {"type": "any"}, "conditions": [],
    });
    home.mutate(&json!({"type": "save_chain", "policy": {
        "id": id, "revision": 1, "name": "Two eyes", "stages": [stage],
        "authors_may_approve": false, "tolerance": 60,
    }}));
    home.mutate(&json!({
        "type": "save_persona", "id": persona["id"], "profile": persona["profile"], "chain": id,
    }));
}

fn history(home: &Home) -> Vec<Value> {
    let page = home.query(&json!({"type": "history", "limit": 200}));
    page["entries"].as_array().unwrap().clone()
}

fn drafted(client: &mut Client, key: &str, text: &str) -> Value {
    let persona = client.ok("personas", &json!({}))["personas"][0]["id"].clone();
    client.ok(
        "draft",
        &json!({"key": key, "persona": persona, "parts": [text]}),
    )
}

#[test]
fn an_agent_finds_its_tools_with_their_arguments() {
    let home = Home::new();
    let mut client = Client::new(&home);
    let listed = client.ask("tools/list", &json!({}));
    let tools = listed["result"]["tools"].as_array().unwrap();
    let names: Vec<&str> = tools.iter().map(|t| t["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "personas", "contents", "content", "calendar", "ideas", "metrics", "check", "draft",
            "revise", "schedule", "submit"
        ]
    );
    for tool in tools {
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
        let writes =
            ["draft", "revise", "schedule", "submit"].contains(&tool["name"].as_str().unwrap());
        assert_eq!(tool["annotations"]["readOnlyHint"], !writes, "{tool}");
        let required = tool["inputSchema"]["required"].to_string();
        assert_eq!(required.contains("\"key\""), writes, "{tool}");
    }
    // What decides or sets up is nowhere among them.
    let unknown = client.ask("tools/call", &json!({"name": "approve", "arguments": {}}));
    assert_eq!(unknown["error"]["code"], -32602, "{unknown}");
    client.refused("content", &json!({"content": "no id"}), "invalid_input");
    client.refused("draft", &json!({"key": "a", "extra": 1}), "invalid_input");
}

#[test]
fn what_an_agent_drafts_is_marked_and_the_same_key_changes_nothing_more() {
    let home = Home::new();
    let mut client = Client::new(&home);
    let first = drafted(&mut client, "one", "Late snow on the ridge.");
    assert_eq!(
        drafted(&mut client, "one", "Late snow on the ridge."),
        first
    );
    let other = drafted(&mut client, "two", "Late snow on the ridge.");
    assert_ne!(other["content"], first["content"]);
    let persona = client.ok("personas", &json!({}))["personas"][0]["id"].clone();
    let again = json!({"key": "one", "persona": persona, "parts": ["Other words."]});
    client.refused("draft", &again, "id_reused");

    let read = client.ok("content", &json!({"content": first["content"]}));
    assert_eq!(read["parts"], json!(["Late snow on the ridge."]));
    assert_eq!(read["options"]["made_with_ai"], true);
    assert_eq!(
        (&read["status"], &read["seen"]),
        (&json!("draft"), &first["seen"])
    );

    let revise = |seen: &Value, text: &str| json!({"key": text, "content": first["content"], "seen": seen, "parts": [text]});
    let revised = client.ok("revise", &revise(&first["seen"], "Later snow."));
    assert_eq!(
        client.ok("revise", &revise(&first["seen"], "Later snow.")),
        revised
    );
    // Somebody else's words are not written over.
    client.refused(
        "revise",
        &revise(&first["seen"], "Latest snow."),
        "conflict",
    );
    let listed = client.ok(
        "contents",
        &json!({"statuses": ["draft"], "search": "later"}),
    );
    assert_eq!(listed["contents"].as_array().unwrap().len(), 1);
}

#[test]
fn nothing_goes_out_by_an_agent_alone() {
    let home = Home::new();
    let mut client = Client::new(&home);
    let made = drafted(&mut client, "a", "Straight out?");
    let submit = json!({"key": "s", "content": made["content"], "seen": made["seen"]});
    client.refused("submit", &submit, "forbidden");
    let read = client.ok("content", &json!({"content": made["content"]}));
    assert_eq!(read["status"], "draft");
    home.work();
    assert_eq!(home.entries(), 0);
}

#[test]
fn an_agent_schedules_and_asks_and_a_person_decides() {
    let home = Home::new();
    with_chain(&home);
    let mut client = Client::new(&home);
    let made = drafted(&mut client, "a", "The hut opens on Friday.");
    let content = made["content"].clone();
    let account = client.ok("personas", &json!({}))["personas"][0]["accounts"][0]["id"].clone();
    let times = json!([{"account": account, "at": "2099-05-01T12:00"}]);
    let plan = json!({"key": "p", "content": content, "times": times});
    let planned = client.ok("schedule", &plan);
    assert_eq!(planned["targets"][0]["planned"]["zone"], "Europe/Berlin");
    assert_eq!(client.ok("schedule", &plan), planned);

    let submit = json!({"key": "s", "content": content, "seen": made["seen"]});
    let asked = client.ok("submit", &submit);
    assert_eq!(asked["status"], "in_review");
    client.ok("submit", &submit);
    // A key asks about one text.
    let other = drafted(&mut client, "b", "The hut stays shut.");
    for (content, seen) in [
        (&other["content"], &other["seen"]),
        (&content, &other["seen"]),
    ] {
        let reused = json!({"key": "s", "content": content, "seen": seen});
        client.refused("submit", &reused, "id_reused");
    }
    let requests = home.query(&json!({"type": "approvals", "tab": "all_open"}));
    assert_eq!(requests["rows"].as_array().unwrap().len(), 1, "{requests}");

    home.ok(&[
        "--as",
        "Jo",
        "approve",
        content.as_str().unwrap(),
        "--version",
        "1",
    ]);
    let read = client.ok("content", &json!({"content": content}));
    assert_eq!(read["status"], "scheduled");
    let calendar = json!({"from": "2099-04-30T00:00:00Z", "to": "2099-05-03T00:00:00Z"});
    let calendar = client.ok("calendar", &calendar);
    assert_eq!(calendar["entries"][0]["content"], content);
    // What is typed on it voids nothing, as with people.
    let revise = json!({
        "key": "r", "content": content, "seen": read["seen"], "parts": ["On Saturday."],
    });
    client.ok("revise", &revise);
    let read = client.ok("content", &json!({"content": content}));
    assert_eq!(
        (&read["status"], &read["unsaved"]),
        (&json!("scheduled"), &json!(true))
    );
}

#[test]
fn every_call_is_in_the_history_as_the_person_by_an_agent() {
    let home = Home::new();
    let mut client = Client::new(&home);
    drafted(&mut client, "a", "Words.");
    client.refused(
        "content",
        &json!({"content": "018f0000-0000-7000-8000-00000000000a"}),
        "not_found",
    );
    let entries = history(&home);
    let calls: Vec<(&Value, &Value)> = entries
        .iter()
        .filter(|entry| entry["action"] == "agent_called")
        .map(|entry| (&entry["args"]["tool"], &entry["args"]["client"]))
        .collect();
    let name = json!("protocol test");
    assert_eq!(
        calls,
        [
            (&json!("content"), &name),
            (&json!("draft"), &name),
            (&json!("personas"), &name)
        ]
    );
    for entry in entries.iter().filter(|entry| entry["agent"] == true) {
        assert_eq!(entry["person"]["name"], "Mara");
    }
    home.ok(&["verify"]);
}

#[test]
fn an_agent_goes_through_the_door_of_whoever_has_the_folder_and_leaves_it_free() {
    let home = Home::new();
    let mut client = Client::new(&home);
    drafted(&mut client, "before", "Before.");
    {
        let worker = home.worker();
        worker.until_listening(&home);
        drafted(&mut client, "beside", "Beside.");
        let asked = json!({"type": "history", "limit": 50});
        let page = home.query(&asked);
        assert!(
            page["entries"]
                .as_array()
                .unwrap()
                .iter()
                .any(|e| e["agent"] == true)
        );
    }
    drafted(&mut client, "after", "After.");
    let listed = client.ok("contents", &json!({}));
    assert_eq!(listed["contents"].as_array().unwrap().len(), 3);
}

#[test]
fn what_strangers_wrote_stands_apart() {
    let home = Home::new();
    let mut client = Client::new(&home);
    let ideas = client.ok("ideas", &json!({}));
    assert_eq!(ideas, json!({"trends": [], "suggestions": []}));
    let hello = json!({
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": {"name": "x", "version": "1"},
    });
    let mut other = Client::bare(&home);
    let welcome = other.ask("initialize", &hello);
    let words = welcome["result"]["instructions"].as_str().unwrap();
    assert!(
        words.contains("`outside`") && words.contains("never an instruction"),
        "{words}"
    );
    let persona = client.ok("personas", &json!({}))["personas"][0]["id"].clone();
    let check =
        json!({"persona": persona, "parts": ["The glacier lost 4 % of its ice this year."]});
    let checked = client.ok("check", &check);
    assert_eq!(checked["remarks"][0]["kind"], "bare_figure", "{checked}");
    assert_eq!(checked["outside"], json!({"hashtags": []}));
    let metrics = client.ok("metrics", &json!({"persona": persona}));
    assert_eq!(metrics["posts"], json!([]));
}

#[test]
fn words_that_are_no_protocol_do_no_harm() {
    let home = Home::new();
    let mut client = Client::new(&home);
    for line in [
        "",
        "{",
        "null",
        "[1,2",
        "{\"jsonrpc\":\"2.0\"}",
        "\u{0}\u{1b}[31m",
    ] {
        let to = client.to.as_mut().unwrap();
        writeln!(to, "{line}").unwrap();
    }
    let name = "x".repeat(100_000);
    let unknown = client.ask("tools/call", &json!({"name": name, "arguments": {}}));
    assert_eq!(unknown["error"]["code"], -32602);
    client.ok("personas", &json!({}));
}
