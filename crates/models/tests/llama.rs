//! Our client with a real llama.cpp server (`tests/peers/llm`) whose model babbles: what it says is
//! noise, how it says it is the real thing.
//!
//! Without it a test says *skipped*; `ROSTRUM_DEMAND_PEERS=1` turns that into a failure.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use domain::model::ModelKind;
use models::{Answer, Client, ModelError, Patience, Question, Shape, Strings, Way, mended};
use networks::http::Distance;
use networks::{Http, HttpOptions, Secret};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

const KEY: &str = "sk-of-nobody";

/// A running server; ends with its standard input.
struct Llama {
    child: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Llama {
    fn start() -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/llm");
        let python = std::env::var_os("ROSTRUM_PEER_PYTHON").map(PathBuf::from);
        let demanded = std::env::var("ROSTRUM_DEMAND_PEERS").is_ok_and(|v| v == "1");
        let skip = |why: &str| {
            assert!(!demanded, "a real server with a model is demanded: {why}");
            eprintln!("skipped: {why}");
            None
        };
        let Some(python) = python else {
            return skip(
                "no llama.cpp server is here: ROSTRUM_PEER_PYTHON names no Python with it",
            );
        };
        let home = tempfile::tempdir().unwrap();
        let child = Command::new(python)
            .arg(folder.join("serve.py"))
            .arg(home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut llama = Self {
            child,
            address: String::new(),
            _folder: home,
        };
        let mut line = String::new();
        let mut out = BufReader::new(llama.child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        // It says nothing more.
        llama.child.stdout = Some(out.into_inner());
        let Ok(said) = serde_json::from_str::<Value>(&line) else {
            return skip("the llama.cpp server does not start here");
        };
        said["address"]
            .as_str()
            .unwrap()
            .clone_into(&mut llama.address);
        Some(llama)
    }

    fn way(&self) -> Way {
        Way {
            kind: ModelKind::OpenAi,
            address: format!("{}/v1", self.address),
            model: "babble".into(),
            key: Some(Secret::new(KEY.to_owned())),
            distance: Distance::Here,
        }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let done = Command::new("kill").args([name, &id]).status().unwrap();
        assert!(done.success());
    }

    /// Whether it is at work on a question, and how many tokens of an answer it has made.
    async fn at_work(&self) -> (bool, u64) {
        let slots = reqwest::Client::new().get(format!("{}/slots", self.address));
        let slots = slots.bearer_auth(KEY).send().await.unwrap();
        let slots: Value = slots.json().await.unwrap();
        let busy = slots[0]["is_processing"] == true;
        let made = slots[0]["next_token"][0]["n_decoded"]
            .as_u64()
            .or_else(|| slots[0]["next_token"]["n_decoded"].as_u64());
        (busy, made.unwrap_or_default())
    }
}

impl Drop for Llama {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn client() -> Client {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::new(Http::new(HttpOptions::default()).unwrap())
}

fn impatient() -> Client {
    let second = Duration::from_secs(1);
    client().waiting(Patience {
        first: second,
        next: second,
    })
}

fn question(max_tokens: u32) -> Question {
    Question {
        system: "You write.".into(),
        prompt: "Write of snow on the Zugspitze: 2,962 metres, größer als sonst. 🏔️".into(),
        max_tokens,
        shape: None,
        picture: None,
    }
}

async fn ask(
    client: &Client,
    way: &Way,
    question: &Question,
    on_text: &mut (dyn FnMut(&str) + Send),
    stop: &CancellationToken,
) -> Result<Answer, ModelError> {
    let asked = client.ask(way, question, on_text, stop);
    let done = tokio::time::timeout(Duration::from_secs(120), asked).await;
    done.unwrap()
}

#[tokio::test]
async fn a_real_server_streams_counts_and_is_cut_where_it_was_told() {
    let Some(llama) = Llama::start() else { return };
    let client = client();
    assert_eq!(client.list(&llama.way()).await.unwrap(), ["babble"]);
    let (mut heard, mut pieces) = (String::new(), 0);
    let mut hear = |text: &str| {
        heard.push_str(text);
        pieces += 1;
    };
    let stop = CancellationToken::new();
    let answer = ask(&client, &llama.way(), &question(64), &mut hear, &stop).await;
    let answer = answer.unwrap();
    assert!(answer.cut && pieces > 10, "{pieces} pieces, {answer:?}");
    assert_eq!(answer.text, heard);
    assert_eq!(answer.output_tokens, 64);
    // A token a byte: the whole question is in there.
    assert!(answer.input_tokens > 70, "{answer:?}");
}

#[tokio::test]
async fn a_real_server_holds_a_model_to_a_shape() {
    let Some(llama) = Llama::start() else { return };
    let mut shape = Shape::list("lines", &["text", "why"], 2, 3);
    for text in ["text", "why"] {
        shape.schema["properties"]["lines"]["items"]["properties"][text]["maxLength"] = 24.into();
    }
    let bound = Question {
        shape: Some(shape.clone()),
        ..question(2_000)
    };
    let (client, stop) = (client(), CancellationToken::new());
    let (mut strings, mut shown) = (Strings::of("text"), String::new());
    let mut hear = |text: &str| shown.push_str(&strings.take(text));
    let answer = ask(&client, &llama.way(), &bound, &mut hear, &stop).await;
    let value = shape.read(&answer.unwrap().text).unwrap();
    let lines = value["lines"].as_array().unwrap();
    assert!((2..=3).contains(&lines.len()), "{value}");
    let texts: Vec<&str> = lines.iter().map(|l| l["text"].as_str().unwrap()).collect();
    assert_eq!(shown, texts.join("\n\n"), "read as it came");

    // What is malformed is seen: an answer that was cut, and one that nothing bound.
    let cut = Question {
        max_tokens: 20,
        ..bound.clone()
    };
    let mut nothing = |_: &str| {};
    let said = ask(&client, &llama.way(), &cut, &mut nothing, &stop)
        .await
        .unwrap();
    assert!(said.cut && shape.read(&said.text).is_err(), "{said:?}");
    let loose = ask(&client, &llama.way(), &question(80), &mut nothing, &stop)
        .await
        .unwrap()
        .text;
    let why = shape.read(&loose).unwrap_err();
    // It is mended by asking again with what was wrong.
    let again = Question {
        prompt: mended(&bound.prompt, &loose, &why),
        ..bound
    };
    assert!(again.prompt.contains(&why) && again.prompt.contains(&loose));
    let mended = ask(&client, &llama.way(), &again, &mut nothing, &stop).await;
    shape.read(&mended.unwrap().text).unwrap();
}

#[tokio::test]
async fn a_real_server_stops_when_a_person_does() {
    let Some(llama) = Llama::start() else { return };
    let stop = CancellationToken::new();
    let cancel = stop.clone();
    let mut heard = 0;
    let mut hear = |text: &str| {
        heard += text.len();
        if heard > 20 {
            cancel.cancel();
        }
    };
    let long = question(12_000);
    let answer = ask(&client(), &llama.way(), &long, &mut hear, &stop).await;
    assert_eq!(answer, Err(ModelError::Cancelled));
    // It sees that nobody listens any more, long before it would have been done.
    let mut at_work = llama.at_work().await;
    for _ in 0..100 {
        if !at_work.0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        at_work = llama.at_work().await;
    }
    assert!(!at_work.0 && at_work.1 < 12_000, "{at_work:?}");
    // And it is there for the next.
    let next = question(8);
    let again = CancellationToken::new();
    let answer = ask(&client(), &llama.way(), &next, &mut |_| {}, &again).await;
    assert_eq!(answer.unwrap().output_tokens, 8);
}

#[tokio::test]
async fn a_real_server_that_stands_still_is_not_waited_for_and_one_that_dies_is_told() {
    let Some(llama) = Llama::start() else { return };
    let stop = CancellationToken::new();
    let mut heard = String::new();
    // It stands still in the middle of its words.
    let mut still = |text: &str| {
        if heard.is_empty() {
            llama.signal("-STOP");
        }
        heard.push_str(text);
    };
    let slow = ask(
        &impatient(),
        &llama.way(),
        &question(12_000),
        &mut still,
        &stop,
    )
    .await;
    assert_eq!(slow, Err(ModelError::TooSlow));
    assert!(!heard.is_empty());
    // It stands still before the first.
    let mut nothing = |_: &str| {};
    let slow = ask(
        &impatient(),
        &llama.way(),
        &question(8),
        &mut nothing,
        &stop,
    )
    .await;
    assert_eq!(slow, Err(ModelError::TooSlow));
    llama.signal("-CONT");
    // It dies in the middle of its words: they are not said again.
    let mut words = 0;
    let mut dies = |_: &str| {
        if words == 0 {
            llama.signal("-KILL");
        }
        words += 1;
    };
    let died = ask(&client(), &llama.way(), &question(12_000), &mut dies, &stop).await;
    assert!(matches!(died, Err(ModelError::Broken(_))), "{died:?}");
    let gone = ask(&client(), &llama.way(), &question(8), &mut nothing, &stop).await;
    assert!(matches!(gone, Err(ModelError::Unreachable(_))), "{gone:?}");
}

#[tokio::test]
async fn a_real_server_refuses_a_wrong_key() {
    let Some(llama) = Llama::start() else { return };
    let mut way = llama.way();
    way.key = Some(Secret::new("sk-other".to_owned()));
    let stop = CancellationToken::new();
    let refused = ask(&client(), &way, &question(8), &mut |_| {}, &stop).await;
    assert_eq!(refused, Err(ModelError::WrongKey));
}
