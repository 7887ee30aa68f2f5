//! A server that keeps state like a Bluesky server and misbehaves on request.
//!
//! It speaks HTTP/1.1 by hand, because closing a connection at a chosen byte is the point.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// 400 with a documented error.
    Refuse,
    /// 429 with `Retry-After: 7`.
    Throttle,
    /// Closes without an answer; nothing done.
    DropBefore,
    /// Does it, closes without an answer.
    DropAfter,
    /// Does it, and cuts its answer in the middle.
    CutAfter,
    /// Never answers; nothing done.
    HangBefore,
    /// Does it, never answers.
    HangAfter,
    /// Answers 200 with something that is no JSON; nothing done.
    GarbageBefore,
    /// Does it, answers 200 with something that is no JSON.
    GarbageAfter,
    /// 500; nothing done.
    BrokenBefore,
    /// Does it, answers 500.
    BrokenAfter,
    /// A gateway's 504; nothing done.
    GatewayBefore,
    /// Does it; a gateway answers 504.
    GatewayAfter,
    /// The access token has expired.
    Expired,
    /// A redirect to somewhere else.
    Redirect,
}

#[derive(Default)]
struct State {
    /// By collection and key.
    records: BTreeMap<(String, String), Value>,
    faults: VecDeque<(&'static str, Fault)>,
    calls: Vec<String>,
    tokens: u32,
    refresh_is_dead: bool,
    password_is_dead: bool,
}

/// The server; its threads end with the test's process.
#[derive(Clone)]
pub(crate) struct Scripted {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

pub(crate) const DID: &str = "did:plc:alice";
const PASSWORD: &str = "abcd-efgh-ijkl-mnop";

impl Scripted {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            state: Arc::new(Mutex::new(State {
                tokens: 1,
                ..State::default()
            })),
        };
        let accepting = server.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = accepting.clone();
                thread::spawn(move || server.serve(stream));
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn password() -> &'static str {
        PASSWORD
    }

    /// The next request of `method` goes wrong.
    pub(crate) fn next(&self, method: &'static str, fault: Fault) {
        self.state.lock().unwrap().faults.push_back((method, fault));
    }

    pub(crate) fn posts(&self) -> usize {
        self.records("app.bsky.feed.post").len()
    }

    /// What is in a collection, by key.
    pub(crate) fn records(&self, collection: &str) -> Vec<Value> {
        let state = self.state.lock().unwrap();
        let within = state.records.iter().filter(|((c, _), _)| c == collection);
        within.map(|(_, record)| record.clone()).collect()
    }

    /// How often `method` was called.
    pub(crate) fn calls(&self, method: &str) -> usize {
        let state = self.state.lock().unwrap();
        state.calls.iter().filter(|c| *c == method).count()
    }

    /// Neither the refresh token nor (with `password`) the app password opens any more.
    pub(crate) fn lock_out(&self, password: bool) {
        let mut state = self.state.lock().unwrap();
        state.tokens += 1;
        state.refresh_is_dead = true;
        state.password_is_dead = password;
    }

    fn serve(&self, mut stream: TcpStream) {
        let Some((method, query, token, body)) = request(&mut stream) else {
            return;
        };
        let fault = {
            let mut state = self.state.lock().unwrap();
            state.calls.push(method.clone());
            let at = state.faults.iter().position(|(m, _)| *m == method);
            at.and_then(|at| state.faults.remove(at)).map(|(_, f)| f)
        };
        let does = !matches!(
            fault,
            Some(
                Fault::Refuse
                    | Fault::Throttle
                    | Fault::DropBefore
                    | Fault::HangBefore
                    | Fault::GarbageBefore
                    | Fault::BrokenBefore
                    | Fault::GatewayBefore
                    | Fault::Expired
                    | Fault::Redirect
            )
        );
        let (status, answer) = if does {
            self.answer(&method, &query, &token, &body)
        } else {
            (200, Value::Null)
        };
        let garbage = "<html>It works!";
        match fault {
            None => reply(&mut stream, status, "", &answer.to_string()),
            Some(Fault::Refuse) => {
                let error = json!({"error": "InvalidRequest", "message": "no such thing"});
                reply(&mut stream, 400, "", &error.to_string());
            }
            Some(Fault::Throttle) => {
                let error = json!({"error": "RateLimitExceeded", "message": "slow down"});
                reply(&mut stream, 429, "Retry-After: 7\r\n", &error.to_string());
            }
            Some(Fault::Expired) => {
                self.state.lock().unwrap().tokens += 1;
                let error = json!({"error": "ExpiredToken", "message": "Token has expired"});
                reply(&mut stream, 400, "", &error.to_string());
            }
            Some(Fault::Redirect) => {
                reply(&mut stream, 307, "Location: http://127.0.0.1:9/\r\n", "");
            }
            Some(Fault::DropBefore | Fault::DropAfter) => {
                let _ = stream.shutdown(Shutdown::Both);
            }
            Some(Fault::CutAfter) => {
                let head = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"uri\":";
                let _ = stream.write_all(head.as_bytes());
                let _ = stream.shutdown(Shutdown::Both);
            }
            Some(Fault::HangBefore | Fault::HangAfter) => thread::sleep(Duration::from_secs(30)),
            Some(Fault::GarbageBefore | Fault::GarbageAfter) => {
                reply(&mut stream, 200, "", garbage);
            }
            Some(Fault::BrokenBefore | Fault::BrokenAfter) => {
                let error = json!({"error": "InternalServerError", "message": "oops"});
                reply(&mut stream, 500, "", &error.to_string());
            }
            Some(Fault::GatewayBefore | Fault::GatewayAfter) => {
                reply(&mut stream, 504, "", garbage);
            }
        }
    }

    fn session(state: &State) -> Value {
        json!({
            "did": DID,
            "handle": "alice.test",
            "active": true,
            "accessJwt": format!("access-{}", state.tokens),
            "refreshJwt": format!("refresh-{}", state.tokens),
        })
    }

    fn answer(&self, method: &str, query: &Value, token: &str, body: &[u8]) -> (u16, Value) {
        let mut state = self.state.lock().unwrap();
        let error = |status: u16, name: &str| (status, json!({"error": name, "message": name}));
        let sent: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        match method {
            "com.atproto.server.describeServer" => {
                return (
                    200,
                    json!({"did": "did:web:localhost", "availableUserDomains": [".test"]}),
                );
            }
            "com.atproto.server.createSession" => {
                if sent["password"] != json!(PASSWORD) || state.password_is_dead {
                    return error(401, "AuthenticationRequired");
                }
                return (200, Self::session(&state));
            }
            "com.atproto.server.refreshSession" => {
                if state.refresh_is_dead || !token.starts_with("refresh-") {
                    return error(400, "ExpiredToken");
                }
                return (200, Self::session(&state));
            }
            _ => {}
        }
        if token != format!("access-{}", state.tokens) {
            return error(400, "ExpiredToken");
        }
        let key = |named: &Value| {
            let text = |name: &str| named[name].as_str().unwrap_or_default().to_owned();
            (text("collection"), text("rkey"))
        };
        let found = |state: &State, key: &(String, String)| {
            state.records.get(key).map(|record| {
                json!({
                    "uri": format!("at://{DID}/{}/{}", key.0, key.1),
                    "cid": format!("cid-{}", key.1),
                    "value": record,
                })
            })
        };
        match method {
            "com.atproto.server.getSession" => (200, Self::session(&state)),
            "com.atproto.repo.createRecord" => {
                let key = key(&sent);
                if state.records.contains_key(&key) {
                    return error(500, "InternalServerError");
                }
                state.records.insert(key.clone(), sent["record"].clone());
                (200, found(&state, &key).unwrap())
            }
            "com.atproto.repo.applyWrites" => {
                let writes = sent["writes"].as_array().unwrap();
                if writes.iter().any(|w| state.records.contains_key(&key(w))) {
                    return error(500, "InternalServerError");
                }
                let mut results = Vec::new();
                for write in writes {
                    state.records.insert(key(write), write["value"].clone());
                    let made = found(&state, &key(write)).unwrap();
                    results.push(json!({"uri": made["uri"], "cid": made["cid"]}));
                }
                (200, json!({"results": results}))
            }
            "com.atproto.repo.getRecord" => found(&state, &key(query))
                .map_or_else(|| error(400, "RecordNotFound"), |r| (200, r)),
            "com.atproto.repo.deleteRecord" => {
                state.records.remove(&key(&sent));
                (200, json!({}))
            }
            "com.atproto.repo.uploadBlob" => {
                let blob = json!({"$type": "blob", "ref": {"$link": "bafy"}, "mimeType": "image/png", "size": body.len()});
                (200, json!({"blob": blob}))
            }
            "app.bsky.feed.getPosts" => {
                let post = json!({"uri": query["uris"], "likeCount": 3, "replyCount": 0});
                (200, json!({"posts": [post]}))
            }
            _ => error(501, "MethodNotImplemented"),
        }
    }
}

/// Method, query, token and body.
fn request(stream: &mut TcpStream) -> Option<(String, Value, String, Vec<u8>)> {
    let mut seen = Vec::new();
    let mut buffer = [0_u8; 16 << 10];
    let end = loop {
        if let Some(at) = seen.windows(4).position(|w| w == b"\r\n\r\n") {
            break at + 4;
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(n) => seen.extend_from_slice(&buffer[..n]),
        }
    };
    let head = String::from_utf8_lossy(&seen[..end]).into_owned();
    let header = |name: &str| {
        head.lines()
            .filter_map(|l| l.split_once(':'))
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.trim().to_owned())
    };
    let length = header("content-length")
        .and_then(|l| l.parse().ok())
        .unwrap_or(0);
    let mut body = seen[end..].to_vec();
    while body.len() < length {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(n) => body.extend_from_slice(&buffer[..n]),
        }
    }
    let target = head.split_whitespace().nth(1)?;
    let url = url::Url::parse(&format!("http://x{target}")).ok()?;
    let query = url
        .query_pairs()
        .map(|(n, v)| (n.into_owned(), Value::String(v.into_owned())))
        .collect();
    let token = header("authorization").unwrap_or_default();
    let token = token.strip_prefix("Bearer ").unwrap_or_default().to_owned();
    let method = url
        .path()
        .strip_prefix("/xrpc/")
        .unwrap_or(url.path())
        .to_owned();
    Some((method, Value::Object(query), token, body))
}

pub(crate) fn reply(stream: &mut TcpStream, status: u16, headers: &str, body: &str) {
    let head = format!(
        "HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body.as_bytes());
    let _ = stream.shutdown(Shutdown::Write);
}
