//! Every way of speaking, against a service of our own that answers in the documented shapes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use domain::model::ModelKind;
use models::{Answer, Client, ModelError, Picture, Question, Shape, Way};
use networks::http::Distance;
use networks::{Http, HttpOptions, Secret};
use testkit::standin::models::{Models, Turn};
use tokio_util::sync::CancellationToken;

const ALL: [ModelKind; 4] = [
    ModelKind::OpenAi,
    ModelKind::Anthropic,
    ModelKind::Gemini,
    ModelKind::Mistral,
];
const KEY: &str = "sk-of-nobody";
const TEXT: &str = "Schnee fällt auf 2400 Meter. 🏔️\n\nDie Hütte ist offen.";

fn client() -> Client {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::new(Http::new(HttpOptions::default()).unwrap())
}

fn service() -> Models {
    Models::new(&[KEY], &["small", "large"])
}

fn way(kind: ModelKind, service: &Models) -> Way {
    let path = match kind {
        ModelKind::OpenAi => "/v1/",
        ModelKind::Mistral => "/mistral/v1",
        ModelKind::Anthropic | ModelKind::Gemini => "",
    };
    Way {
        kind,
        address: format!("{}{path}", service.address()),
        model: "small".into(),
        key: Some(Secret::new(KEY.to_owned())),
        distance: Distance::Here,
    }
}

fn question() -> Question {
    Question {
        system: "You write.".into(),
        prompt: "Write of snow.".into(),
        max_tokens: 300,
        shape: None,
        picture: None,
    }
}

async fn ask(way: &Way) -> (Result<Answer, ModelError>, String) {
    put(way, &question()).await
}

async fn put(way: &Way, question: &Question) -> (Result<Answer, ModelError>, String) {
    let mut heard = String::new();
    let mut hear = |text: &str| heard.push_str(text);
    let stop = CancellationToken::new();
    let answer = client().ask(way, question, &mut hear, &stop).await;
    (answer, heard)
}

#[tokio::test]
async fn words_come_piece_by_piece_and_tokens_are_counted_by_the_service() {
    for kind in ALL {
        let service = service();
        service.then([Turn::Say(TEXT.into())]);
        let (answer, heard) = ask(&way(kind, &service)).await;
        let answer = answer.unwrap();
        assert_eq!((answer.text.as_str(), heard.as_str()), (TEXT, TEXT));
        assert!(answer.input_tokens > 10 && !answer.cut, "{answer:?}");
        assert_eq!(answer.output_tokens, TEXT.split_whitespace().count() as u64);
        let asked = &service.asked()[0];
        if kind != ModelKind::Gemini {
            assert_eq!(asked.body["stream"], true);
            assert_eq!(asked.body["max_tokens"], 300);
        }
        match kind {
            ModelKind::OpenAi | ModelKind::Mistral => {
                assert!(asked.path.ends_with("/v1/chat/completions"));
                assert_eq!(asked.body["messages"][0]["role"], "system");
                assert_eq!(asked.body["messages"][1]["content"], "Write of snow.");
            }
            ModelKind::Anthropic => {
                assert_eq!(asked.path, "/v1/messages");
                assert_eq!(asked.body["system"], "You write.");
                assert_eq!(asked.body["messages"][0]["content"], "Write of snow.");
            }
            ModelKind::Gemini => {
                let path = "/v1beta/models/small:streamGenerateContent";
                assert_eq!(asked.path, path);
                let body = &asked.body;
                assert_eq!(body["systemInstruction"]["parts"][0]["text"], "You write.");
                assert_eq!(body["contents"][0]["parts"][0]["text"], "Write of snow.");
                assert_eq!(body["generationConfig"]["maxOutputTokens"], 300);
            }
        }
    }
}

#[tokio::test]
async fn a_shape_and_a_picture_go_along_as_each_service_takes_them() {
    let shape = Shape::list("lines", &["text"], 1, 2);
    let picture = Picture {
        media_type: "image/png".into(),
        bytes: vec![1, 2, 3],
    };
    let asks = Question {
        shape: Some(shape.clone()),
        picture: Some(picture),
        ..question()
    };
    let said = r#"{"lines": [{"text": "Snow fell."}]}"#;
    for kind in ALL {
        let service = service();
        service.then([Turn::Say(said.into())]);
        let (answer, heard) = put(&way(kind, &service), &asks).await;
        assert_eq!(
            (answer.unwrap().text.as_str(), heard.as_str()),
            (said, said)
        );
        assert!(shape.read(&heard).is_ok());
        let body = &service.asked()[0].body;
        let (schema, data) = match kind {
            ModelKind::OpenAi | ModelKind::Mistral => (
                &body["response_format"]["json_schema"]["schema"],
                &body["messages"][1]["content"][1]["image_url"]["url"],
            ),
            ModelKind::Anthropic => (
                &body["tools"][0]["input_schema"],
                &body["messages"][0]["content"][0]["source"]["data"],
            ),
            ModelKind::Gemini => (
                &body["generationConfig"]["responseJsonSchema"],
                &body["contents"][0]["parts"][1]["inlineData"]["data"],
            ),
        };
        assert_eq!(schema, &shape.schema, "{kind:?}");
        assert!(data.as_str().unwrap().ends_with("AQID"), "{kind:?}");
    }
}

#[tokio::test]
async fn an_answer_that_was_cut_says_so() {
    for kind in ALL {
        let service = service();
        service.then([Turn::SayUntilCut(TEXT.into())]);
        assert!(ask(&way(kind, &service)).await.0.unwrap().cut);
    }
}

#[tokio::test]
async fn refusals_mean_what_the_services_document() {
    for kind in ALL {
        let cases = [
            (
                Turn::Refuse(400, "invalid_request_error"),
                ModelError::Rejected("as documented".into()),
            ),
            (Turn::Refuse(402, "billing_error"), ModelError::NoCredit),
            (
                Turn::Refuse(429, "insufficient_quota"),
                ModelError::NoCredit,
            ),
            (Turn::Refuse(403, "permission_error"), ModelError::WrongKey),
            (
                Turn::Redirect,
                ModelError::Rejected("no reason given".into()),
            ),
        ];
        for (turn, wanted) in cases {
            let service = service();
            service.then([turn]);
            assert_eq!(ask(&way(kind, &service)).await.0, Err(wanted));
            assert_eq!(service.knocks(), 1, "it is not asked again");
        }
        let service = service();
        let mut other = way(kind, &service);
        other.key = Some(Secret::new("sk-other".to_owned()));
        assert_eq!(ask(&other).await.0, Err(ModelError::WrongKey));
        let mut unknown = way(kind, &service);
        unknown.model = "none".into();
        assert_eq!(ask(&unknown).await.0, Err(ModelError::UnknownModel));
        assert!(service.asked().is_empty());
    }
}

#[tokio::test]
async fn what_may_pass_is_tried_again_until_words_were_heard() {
    for kind in ALL {
        let service = service();
        service.then([Turn::Drop, Turn::Throttle(0), Turn::Say(TEXT.into())]);
        assert_eq!(ask(&way(kind, &service)).await.0.unwrap().text, TEXT);
        assert_eq!(service.asked().len(), 3);
        service.then([
            Turn::Refuse(500, "api_error"),
            Turn::Garbage,
            Turn::Drop,
            Turn::Say(TEXT.into()),
        ]);
        assert!(
            ask(&way(kind, &service)).await.0.is_err(),
            "three times is enough"
        );
        assert_eq!(service.asked().len(), 6);
        service.then([]);
        // Words that a person has read are not said again.
        let dying = self::service();
        dying.then([Turn::Die("Half a".into()), Turn::Say(TEXT.into())]);
        let (answer, heard) = ask(&way(kind, &dying)).await;
        assert!(matches!(answer, Err(ModelError::Broken(_))), "{answer:?}");
        assert_eq!((heard.as_str(), dying.asked().len()), ("Half a", 1));
        let failing = self::service();
        failing.then([Turn::FailInside("Half a".into())]);
        assert_eq!(
            ask(&way(kind, &failing)).await.0,
            Err(ModelError::Throttled)
        );
    }
}

#[tokio::test]
async fn a_person_can_cancel_a_model_that_hangs() {
    for kind in ALL {
        let service = service();
        service.then([Turn::Hang("First words".into())]);
        let (stop, way) = (CancellationToken::new(), way(kind, &service));
        let (cancel, mut heard) = (stop.clone(), String::new());
        let mut hear = |text: &str| {
            heard.push_str(text);
            if heard == "First words" {
                cancel.cancel();
            }
        };
        let (client, question) = (client(), question());
        let asked = client.ask(&way, &question, &mut hear, &stop);
        let done = tokio::time::timeout(Duration::from_secs(20), asked).await;
        assert_eq!(done.unwrap(), Err(ModelError::Cancelled));
    }
}

#[tokio::test]
async fn words_without_end_are_given_up() {
    for kind in ALL {
        let service = service();
        service.then([Turn::Endless]);
        let answer = ask(&way(kind, &service)).await.0;
        assert!(matches!(answer, Err(ModelError::Broken(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn a_service_lists_its_models_to_whoever_has_a_key() {
    for kind in ALL {
        let service = service();
        let mut way = way(kind, &service);
        assert_eq!(client().list(&way).await.unwrap(), ["small", "large"]);
        way.key = None;
        assert_eq!(client().list(&way).await, Err(ModelError::WrongKey));
        way.address = "http://127.0.0.1:9".into();
        let nobody = client().list(&way).await;
        assert!(
            matches!(nobody, Err(ModelError::Unreachable(_))),
            "{nobody:?}"
        );
    }
}

#[tokio::test]
async fn here_means_here_and_no_key_is_in_any_word() {
    for kind in ALL {
        let service = service();
        let mut way = way(kind, &service);
        for far in [
            "https://api.example.org/v1",
            "http://10.0.0.1/v1",
            "http://[2606:4700::1]/v1",
        ] {
            way.address = far.into();
            assert_eq!(ask(&way).await.0, Err(ModelError::Refused), "{far}");
            assert_eq!(client().list(&way).await, Err(ModelError::Refused), "{far}");
        }
        assert!(!format!("{way:?}").contains(KEY));
        assert_eq!(service.knocks(), 0);
    }
}
