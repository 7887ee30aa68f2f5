//! The assistant's methods on the command line: JSON in, JSON out, no data folder.

use serde_json::{Value, json};

use crate::home::Home;

fn ask(task: &str, question: &Value) -> Value {
    let said = Home::bare().run_with(&["assist", task], &question.to_string());
    assert_eq!(said.code, 0, "{}", said.err);
    serde_json::from_str(&said.out).unwrap()
}

fn refused(task: &str, question: &str) -> String {
    let home = Home::bare();
    let said = home.run_with(&["assist", task], question);
    assert_eq!(said.code, 1, "{}", said.out);
    assert!(!home.data().exists());
    said.err
}

#[test]
fn a_term_that_feeds_suddenly_have_is_told_with_its_time_as_it_was_asked() {
    let start = 1_780_272_000;
    let word = |n: i64| format!("item{}x{}", n % 89, n % 97);
    let item = |n: i64, at: i64, text: String| {
        json!({"id": n, "source": format!("feed{}", n % 6), "published_at": at, "fetched_at": at,
               "text": text, "url": null})
    };
    let mut items: Vec<Value> = (0..12 * 24 * 6)
        .map(|n| {
            item(
                n,
                start + n * 600,
                format!("the {} and {} {}", word(n), word(n * 7), word(n * 31)),
            )
        })
        .collect();
    let event = start + 12 * 86_400;
    items.extend((0..12).map(|n| {
        let words = format!(
            "{} solar flare {} {}",
            word(n * 13),
            word(n * 17),
            word(n * 71)
        );
        item(90_000 + n, event + n * 60, words)
    }));
    let told = ask(
        "trends",
        &json!({"evaluate_from": event, "until": event + 86_400, "step_minutes": 60, "items": items}),
    );
    assert_eq!(
        told["alerts"][0]["at"],
        json!((event + 3_600) as f64),
        "{told}"
    );
    assert!(
        told["alerts"][0]["term"]
            .as_str()
            .unwrap()
            .contains("flare"),
        "{told}"
    );
    assert_eq!(told["daily"][0]["at"], json!((event + 19 * 3_600) as f64));
    assert!(told["daily"][0]["ranked"][0]["terms"].is_array(), "{told}");
}

#[test]
fn every_task_answers_in_its_shape() {
    let at = "2026-06-01T09:00:00+02:00";
    let post = json!({"identity": "a", "published_at": at, "measured_at": "2026-06-04T09:00:00Z",
        "engagements": 7, "has_media": true, "has_link": false, "is_question": false});
    let hours = ask(
        "besttime",
        &json!({"target": "a", "now": "2026-07-01T00:00:00Z", "k": 2, "min_gap_hours": 3,
            "audience_prior_utc": vec![0.0; 168], "posts": [post]}),
    );
    assert_eq!(hours["slots"].as_array().unwrap().len(), 2);
    assert_eq!(hours["profile"].as_array().unwrap().len(), 168);

    let draft = json!({"published_at": at, "hour_of_week": 7, "length": 90, "engagements": 5});
    let ranges = ask(
        "range",
        &json!({"drafts": [{"level": 0.8, "posts": vec![draft.clone(); 12], "draft": draft},
                           {"level": 0.8, "posts": [], "draft": draft}]}),
    );
    assert_eq!(ranges["ranges"][0]["refused"], false);
    assert_eq!(
        ranges["ranges"][1],
        json!({"refused": true, "low": null, "mid": null, "high": null})
    );

    let mut values = vec![json!(100); 50];
    values.extend(vec![json!(900); 3]);
    values.push(Value::Null);
    let odd = ask("unusual", &json!({"start": "2026-01-01", "values": values}));
    assert_eq!(odd["alarms"][0]["direction"], "up");

    let pair = json!({"a": {"impressions": 1000, "clicks": 10}, "b": {"impressions": 1000, "clicks": 200}});
    let verdict = ask("variants", &json!({"pairs": vec![pair; 9]}));
    assert_eq!(
        (verdict["decided_at"].clone(), verdict["winner"].clone()),
        (json!(8), json!("b"))
    );

    let said = "The hut opens on Friday with soup and a fire.";
    let pairs = json!([[said, said.to_uppercase()], {"a": said, "b": "Nothing of the kind is written here."}]);
    assert_eq!(
        ask("similar", &json!({"pairs": pairs})),
        json!({"similar": [true, false]})
    );

    let history =
        json!([{"text": "Fresh snow", "tags": ["Snow"]}, {"text": "Hot soup", "tags": ["#Soup"]}]);
    let tags = ask(
        "hashtags",
        &json!({"history": history, "drafts": ["Snow at last"], "k": 3}),
    );
    assert_eq!(tags, json!({"tags": [["Snow"]]}));

    let texts = json!(["Die Hütte ist wieder offen", "2026"]);
    let languages = ask(
        "language",
        &json!({"texts": texts, "declared": ["de", "en"]}),
    );
    assert_eq!(languages, json!({"languages": ["de", null]}));

    let trends = json!([{"term": "soup", "score": 9, "items": ["soup in town"]},
                        {"term": "avalanche", "score": 8, "items": ["avalanche on the pass"]}]);
    let ranked = ask(
        "relevance",
        &json!({"persona": {"interests": ["avalanches"], "posts": ["Old snow"]},
            "background": ["The soup is on", "The pass is closed by the avalanche"], "trends": trends, "k": 1}),
    );
    assert_eq!(ranked, json!({"ranked": ["avalanche"]}));

    let answer = json!({"kind": "trend", "topic": 0.5, "answer": "dismissed", "at": at});
    let suggestions = json!([{"kind": "trend", "topic": 0.5}, {"kind": "gap", "topic": 0.5}]);
    let told = ask(
        "suggestions",
        &json!({"answers": vec![answer; 5], "suggestions": suggestions}),
    );
    assert_eq!(
        (told["ranked"].clone(), told["learned"].clone()),
        (json!([1, 0]), json!(5))
    );

    let phrases = ask(
        "phrases",
        &json!({"texts": ["The Blue Pass is closed."], "language": "en", "k": 1}),
    );
    assert_eq!(phrases, json!({"phrases": [["blue pass"]]}));
    let ease = ask(
        "readability",
        &json!({"texts": ["Short."], "language": "en"}),
    );
    assert_eq!(ease, json!({"readability": [null]}));
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place_and_makes_no_folder() {
    assert!(refused("trends", "{").contains("line 1"));
    assert!(refused("similar", "NaN").contains("cannot be read"));
    assert!(refused("unusual", r#"{"values": [1e400]}"#).contains("out of range"));
    assert!(
        refused(
            "trends",
            r#"{"evaluate_from": "gestern", "until": 0, "step_minutes": 1, "items": []}"#
        )
        .contains("gestern")
    );
    assert!(
        refused(
            "trends",
            r#"{"evaluate_from": 0, "until": 9, "step_minutes": 0, "items": []}"#
        )
        .contains("step_minutes")
    );
    assert!(
        refused(
            "besttime",
            r#"{"target": "a", "now": 0, "k": 1, "min_gap_hours": 1,
        "audience_prior_utc": [1], "posts": []}"#
        )
        .contains("168")
    );
    assert!(refused("language", r#"{"texts": [], "declared": ["tlh"]}"#).contains("tlh"));
}
