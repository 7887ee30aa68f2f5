//! A service with language models: it knows its keys and models, counts what it was asked, and
//! writes what a test has it say, in the shapes that OpenAI, Anthropic, Google (Gemini) and Mistral
//! document.

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

/// How a question was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speech {
    OpenAi,
    Anthropic,
    Gemini,
    Mistral,
}

impl Speech {
    fn of(request: &Request) -> Self {
        if request.path.starts_with("/v1beta/models") {
            Self::Gemini
        } else if request.path.starts_with("/mistral/") {
            Self::Mistral
        } else if request.path.starts_with("/v1/m")
            && request.headers.contains_key("anthropic-version")
        {
            Self::Anthropic
        } else {
            Self::OpenAi
        }
    }

    fn error(self, status: u16, kind: &str) -> Value {
        match self {
            Self::OpenAi => {
                json!({"error": {"code": kind, "type": kind, "message": "as documented"}})
            }
            Self::Anthropic => {
                json!({"type": "error", "error": {"type": kind, "message": "as documented"}})
            }
            Self::Gemini if kind == "API_KEY_INVALID" => {
                let detail =
                    json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": kind});
                json!({"error": {"code": status, "message": "as documented", "status": "INVALID_ARGUMENT", "details": [detail]}})
            }
            Self::Gemini => {
                json!({"error": {"code": status, "message": "as documented", "status": kind}})
            }
            Self::Mistral => {
                json!({"object": "error", "message": "as documented", "type": kind, "param": null, "code": "1500"})
            }
        }
    }

    const fn wrong_key(self) -> (u16, &'static str) {
        match self {
            Self::OpenAi => (401, "invalid_api_key"),
            Self::Anthropic => (401, "authentication_error"),
            Self::Gemini => (400, "API_KEY_INVALID"),
            Self::Mistral => (401, ""),
        }
    }

    const fn no_model(self) -> (u16, &'static str) {
        match self {
            Self::OpenAi => (404, "model_not_found"),
            Self::Anthropic => (404, "not_found_error"),
            Self::Gemini => (404, "NOT_FOUND"),
            Self::Mistral => (400, "invalid_model"),
        }
    }
}

/// What Mistral's document names of a question (`ChatCompletionRequest`, which forbids others).
const MISTRAL_FIELDS: [&str; 16] = [
    "model",
    "temperature",
    "top_p",
    "max_tokens",
    "stream",
    "stop",
    "random_seed",
    "messages",
    "response_format",
    "tools",
    "tool_choice",
    "presence_penalty",
    "frequency_penalty",
    "n",
    "prediction",
    "safe_prompt",
];

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
    let speech = Speech::of(&request);
    let (known, turn) = {
        let mut state = lock(state);
        state.knocks += 1;
        let header = |name: &str| request.headers.get(name).map(String::as_str);
        let key = match speech {
            Speech::Anthropic => header("x-api-key"),
            Speech::Gemini => header("x-goog-api-key"),
            Speech::OpenAi | Speech::Mistral => request.bearer(),
        };
        let known = state.keys.is_empty() || key.is_some_and(|k| state.keys.iter().any(|o| o == k));
        if known && request.method == "GET" {
            let named = |id: &String| match speech {
                Speech::Gemini => json!({
                    "name": format!("models/{id}"),
                    "supportedGenerationMethods": ["generateContent", "countTokens"],
                }),
                _ => json!({"id": id}),
            };
            let models: Vec<Value> = state.models.iter().map(named).collect();
            let list = match speech {
                Speech::Gemini => json!({"models": models}),
                _ => json!({"object": "list", "data": models}),
            };
            plain(&mut stream, 200, &list, "");
            return;
        }
        let body = request.json();
        let of_path = |model: &String| {
            let path = format!("/v1beta/models/{model}:streamGenerateContent");
            // Without it the answer is no stream of events.
            request.path == path && request.query.get("alt").is_some_and(|alt| alt == "sse")
        };
        let has = state.models.iter().any(|model| match speech {
            Speech::Gemini => of_path(model),
            _ => body["model"] == model.as_str(),
        });
        if known && has {
            state.asked.push(Asked {
                path: request.path.clone(),
                body,
            });
        }
        let turn = has.then(|| state.turns.pop_front().unwrap_or(Turn::Say("Yes.".into())));
        (known, turn)
    };
    let strange = speech == Speech::Mistral
        && request.json().as_object().is_some_and(|body| {
            let mut names = body.keys();
            names.any(|name| !MISTRAL_FIELDS.contains(&name.as_str()))
        });
    let (status, kind) = match (known, turn) {
        (false, _) => speech.wrong_key(),
        (true, None) => speech.no_model(),
        (true, Some(_)) if strange => (422, "invalid_request_error"),
        (true, Some(turn)) => match act(&mut stream, &request, speech, turn) {
            None => return,
            Some(refusal) => refusal,
        },
    };
    plain(&mut stream, status, &speech.error(status, kind), "");
}

/// Answers, or says which refusal it is.
fn act(
    stream: &mut TcpStream,
    request: &Request,
    speech: Speech,
    turn: Turn,
) -> Option<(u16, &'static str)> {
    let asked = request.json();
    let input = asked.to_string().len() / 4;
    let tool = asked["tool_choice"]["name"].as_str().map(str::to_owned);
    let mut out = Stream {
        stream,
        speech,
        tool,
        input,
    };
    match turn {
        Turn::Refuse(status, kind) => return Some((status, kind)),
        Turn::Throttle(seconds) => {
            let wait = format!("retry-after: {seconds}\r\n");
            let kind = match speech {
                Speech::Gemini => "RESOURCE_EXHAUSTED",
                _ => "rate_limit_error",
            };
            plain(out.stream, 429, &speech.error(429, kind), &wait);
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
    speech: Speech,
    /// The tool that must be called.
    tool: Option<String>,
    input: usize,
}

impl Stream<'_> {
    fn raw(&mut self, text: &str) -> bool {
        self.stream.write_all(text.as_bytes()).is_ok()
    }

    fn event(&mut self, name: &str, data: &Value) -> bool {
        let name = match self.speech {
            Speech::Anthropic => format!("event: {name}\n"),
            _ => String::new(),
        };
        self.raw(&format!("{name}data: {data}\n\n"))
    }

    fn begin(&mut self) {
        self.raw("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n");
        match self.speech {
            Speech::Anthropic => {
                let usage = json!({"input_tokens": self.input, "output_tokens": 1});
                self.event(
                    "message_start",
                    &json!({"type": "message_start", "message": {"usage": usage}}),
                );
                self.event("ping", &json!({"type": "ping"}));
                let block = match &self.tool {
                    None => json!({"type": "text", "text": ""}),
                    Some(name) => {
                        json!({"type": "tool_use", "id": "toolu_1", "name": name, "input": {}})
                    }
                };
                let start =
                    json!({"type": "content_block_start", "index": 0, "content_block": block});
                self.event("content_block_start", &start);
            }
            Speech::OpenAi | Speech::Mistral => {
                let role = json!({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": null}]});
                self.event("", &role);
            }
            Speech::Gemini => {}
        }
    }

    fn say(&mut self, text: &str) -> bool {
        let signs: Vec<char> = text.chars().collect();
        signs.chunks(7).all(|piece| {
            let piece: String = piece.iter().collect();
            let data = match self.speech {
                Speech::Anthropic => {
                    let delta = match self.tool {
                        None => json!({"type": "text_delta", "text": piece}),
                        Some(_) => json!({"type": "input_json_delta", "partial_json": piece}),
                    };
                    json!({"type": "content_block_delta", "index": 0, "delta": delta})
                }
                Speech::OpenAi | Speech::Mistral => {
                    json!({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": null}]})
                }
                Speech::Gemini => {
                    let content = json!({"role": "model", "parts": [{"text": piece}]});
                    let usage = json!({"promptTokenCount": self.input});
                    json!({"candidates": [{"content": content, "index": 0}], "usageMetadata": usage})
                }
            };
            self.event("content_block_delta", &data)
        })
    }

    fn end(&mut self, reason: &str, text: &str) {
        let output = text.split_whitespace().count();
        match self.speech {
            Speech::Anthropic => {
                self.event(
                    "content_block_stop",
                    &json!({"type": "content_block_stop", "index": 0}),
                );
                let reason = match (reason, &self.tool) {
                    ("length", _) => "max_tokens",
                    (_, Some(_)) => "tool_use",
                    (_, None) => "end_turn",
                };
                self.event(
                    "message_delta",
                    &json!({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": output}}),
                );
                self.event("message_stop", &json!({"type": "message_stop"}));
            }
            Speech::OpenAi | Speech::Mistral => {
                let usage = json!({"prompt_tokens": self.input, "completion_tokens": output});
                let mut last =
                    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]});
                if self.speech == Speech::Mistral {
                    last["usage"] = usage;
                    self.event("", &last);
                } else {
                    self.event("", &last);
                    self.event("", &json!({"choices": [], "usage": usage}));
                }
                self.raw("data: [DONE]\n\n");
            }
            Speech::Gemini => {
                let reason = match reason {
                    "length" => "MAX_TOKENS",
                    _ => "STOP",
                };
                let content = json!({"role": "model", "parts": [{"text": ""}]});
                let usage = json!({"promptTokenCount": self.input, "candidatesTokenCount": output});
                let candidate = json!({"content": content, "finishReason": reason, "index": 0});
                self.event(
                    "",
                    &json!({"candidates": [candidate], "usageMetadata": usage}),
                );
            }
        }
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    fn fail(&mut self) {
        let kind = match self.speech {
            Speech::Anthropic => "overloaded_error",
            Speech::Gemini => "RESOURCE_EXHAUSTED",
            Speech::OpenAi | Speech::Mistral => "rate_limit_exceeded",
        };
        let data = match self.speech {
            // In the middle, Mistral's stands where OpenAI's does.
            Speech::Mistral => Speech::OpenAi.error(503, kind),
            speech => speech.error(503, kind),
        };
        self.event("error", &data);
        let _ = self.stream.shutdown(Shutdown::Write);
    }
}
