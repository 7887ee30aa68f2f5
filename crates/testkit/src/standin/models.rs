//! A service with language models: it knows its keys and models, counts what it was asked, and
//! writes what a test has it say, in the shapes that OpenAI and Anthropic document.

use std::collections::VecDeque;
use std::io::Write as _;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::wire::{self, Request};

/// What one question meets.
#[derive(Clone, Debug)]
pub enum Turn {
    /// These words, in pieces of a few letters.
    Say(String),
    /// These words, until the limit of the question cuts them.
    SayUntilCut(String),
    /// The first words, and then the connection ends.
    Die(String),
    /// The first words, and then nothing more.
    Hang(String),
    /// No answer at all.
    Drop,
    /// This status, with an error of this kind.
    Refuse(u16, &'static str),
    /// Try again after so many seconds.
    Throttle(u32),
    /// 200, and no event that anybody documented.
    Garbage,
    /// An event that says that it failed, in the middle.
    FailInside(String),
    /// A redirect to somewhere else.
    Redirect,
    /// Words without end.
    Endless,
}

#[derive(Debug, Default)]
struct State {
    keys: Vec<String>,
    models: Vec<String>,
    turns: VecDeque<Turn>,
    asked: Vec<Asked>,
    knocks: usize,
}

/// A question as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Such as `/v1/chat/completions`.
    pub path: String,
    /// The whole body.
    pub body: Value,
}

/// The service.
#[derive(Clone, Debug)]
pub struct Models {
    address: String,
    state: Arc<Mutex<State>>,
}

impl Models {
    /// With these keys (none means that it wants none) and models.
    #[must_use]
    pub fn new(keys: &[&str], models: &[&str]) -> Self {
        let state = State {
            keys: keys.iter().map(|k| (*k).to_owned()).collect(),
            models: models.iter().map(|m| (*m).to_owned()).collect(),
            ..State::default()
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(state));
        let served = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&served);
                thread::spawn(move || serve(&state, stream));
            }
        });
        Self { address, state }
    }

    /// Its address, without a path.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What the next questions meet, one after the other; then it says `Yes.`.
    pub fn then(&self, turns: impl IntoIterator<Item = Turn>) {
        self.state().turns.extend(turns);
    }

    /// All questions that were let in.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.state().asked.clone()
    }

    /// How often anybody came, with whatever key.
    #[must_use]
    pub fn knocks(&self) -> usize {
        self.state().knocks
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(state: &Mutex<State>, mut stream: TcpStream) {
    let Some(request) = wire::read(&mut stream) else {
        return;
    };
    let anthropic =
        request.path.starts_with("/v1/m") && request.headers.contains_key("anthropic-version");
    let refusal = |status: u16, kind: &str| {
        let error = match anthropic {
            true => json!({"type": "error", "error": {"type": kind, "message": "as documented"}}),
            false => json!({"error": {"code": kind, "type": kind, "message": "as documented"}}),
        };
        (status, error)
    };
    let (known, turn) = {
        let mut state = lock(state);
        state.knocks += 1;
        let key = match anthropic {
            true => request.headers.get("x-api-key").map(String::as_str),
            false => request.bearer(),
        };
        let known = state.keys.is_empty() || key.is_some_and(|k| state.keys.iter().any(|o| o == k));
        if known && request.method == "GET" {
            let data: Vec<Value> = state.models.iter().map(|id| json!({"id": id})).collect();
            plain(&mut stream, 200, &json!({"data": data}), "");
            return;
        }
        let body = request.json();
        let has = state
            .models
            .iter()
            .any(|model| body["model"] == model.as_str());
        if known && has {
            state.asked.push(Asked {
                path: request.path.clone(),
                body,
            });
        }
        let turn = has.then(|| state.turns.pop_front().unwrap_or(Turn::Say("Yes.".into())));
        (known, turn)
    };
    let (status, error) = match (known, turn) {
        (false, _) => refusal(
            401,
            if anthropic {
                "authentication_error"
            } else {
                "invalid_api_key"
            },
        ),
        (true, None) => refusal(
            404,
            if anthropic {
                "not_found_error"
            } else {
                "model_not_found"
            },
        ),
        (true, Some(turn)) => match act(&mut stream, &request, anthropic, turn) {
            None => return,
            Some((status, kind)) => refusal(status, kind),
        },
    };
    plain(&mut stream, status, &error, "");
}

/// Answers, or says which refusal it is.
fn act(
    stream: &mut TcpStream,
    request: &Request,
    anthropic: bool,
    turn: Turn,
) -> Option<(u16, &'static str)> {
    let asked = request.json();
    let input = asked.to_string().len() / 4;
    let mut out = Stream {
        stream,
        anthropic,
        input,
    };
    match turn {
        Turn::Refuse(status, kind) => return Some((status, kind)),
        Turn::Throttle(seconds) => {
            let wait = format!("retry-after: {seconds}\r\n");
            plain(
                out.stream,
                429,
                &json!({"error": {"type": "rate_limit_error"}}),
                &wait,
            );
        }
        Turn::Redirect => {
            let away = "location: http://127.0.0.1:9/\r\n";
            plain(out.stream, 307, &json!({}), away);
        }
        Turn::Drop => {
            let _ = out.stream.shutdown(Shutdown::Both);
        }
        Turn::Garbage => {
            out.begin();
            out.raw("data: <html>It works\n\n");
        }
        Turn::Say(text) => {
            out.begin();
            out.say(&text);
            out.end("stop", &text);
        }
        Turn::SayUntilCut(text) => {
            out.begin();
            out.say(&text);
            out.end("length", &text);
        }
        Turn::Die(text) => {
            out.begin();
            out.say(&text);
            let _ = out.stream.shutdown(Shutdown::Both);
        }
        Turn::Hang(text) => {
            out.begin();
            out.say(&text);
            thread::sleep(Duration::from_secs(30));
        }
        Turn::FailInside(text) => {
            out.begin();
            out.say(&text);
            out.fail();
        }
        Turn::Endless => {
            out.begin();
            for _ in 0..100_000 {
                if !out.say("and so on and so on, ") {
                    break;
                }
            }
        }
    }
    None
}

fn plain(stream: &mut TcpStream, status: u16, body: &Value, headers: &str) {
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}connection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body.as_bytes());
    let _ = stream.shutdown(Shutdown::Write);
}

struct Stream<'a> {
    stream: &'a mut TcpStream,
    anthropic: bool,
    input: usize,
}

impl Stream<'_> {
    fn raw(&mut self, text: &str) -> bool {
        self.stream.write_all(text.as_bytes()).is_ok()
    }

    fn event(&mut self, name: &str, data: &Value) -> bool {
        let name = match self.anthropic {
            true => format!("event: {name}\n"),
            false => String::new(),
        };
        self.raw(&format!("{name}data: {data}\n\n"))
    }

    fn begin(&mut self) {
        self.raw("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n");
        if self.anthropic {
            let usage = json!({"input_tokens": self.input, "output_tokens": 1});
            self.event(
                "message_start",
                &json!({"type": "message_start", "message": {"usage": usage}}),
            );
            self.event("ping", &json!({"type": "ping"}));
            let block = json!({"type": "text", "text": ""});
            let start = json!({"type": "content_block_start", "index": 0, "content_block": block});
            self.event("content_block_start", &start);
        } else {
            let role = json!({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": null}]});
            self.event("", &role);
        }
    }

    fn say(&mut self, text: &str) -> bool {
        let signs: Vec<char> = text.chars().collect();
        signs.chunks(7).all(|piece| {
            let piece: String = piece.iter().collect();
            let data = match self.anthropic {
                true => json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}),
                false => json!({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": null}]}),
            };
            self.event("content_block_delta", &data)
        })
    }

    fn end(&mut self, reason: &str, text: &str) {
        let output = text.split_whitespace().count();
        if self.anthropic {
            self.event(
                "content_block_stop",
                &json!({"type": "content_block_stop", "index": 0}),
            );
            let reason = if reason == "length" {
                "max_tokens"
            } else {
                "end_turn"
            };
            self.event(
                "message_delta",
                &json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": output}}),
            );
            self.event("message_stop", &json!({"type": "message_stop"}));
        } else {
            self.event(
                "",
                &json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}),
            );
            let usage = json!({"prompt_tokens": self.input, "completion_tokens": output});
            self.event("", &json!({"choices": [], "usage": usage}));
            self.raw("data: [DONE]\n\n");
        }
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    fn fail(&mut self) {
        let error = json!({"type": "overloaded_error", "message": "Overloaded"});
        let data = match self.anthropic {
            true => json!({"type": "error", "error": error}),
            false => json!({"error": {"code": "rate_limit_exceeded", "message": "Overloaded"}}),
        };
        self.event("error", &data);
        let _ = self.stream.shutdown(Shutdown::Write);
    }
}
