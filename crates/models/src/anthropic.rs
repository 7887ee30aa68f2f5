//! Anthropic's messages, streamed, as `docs.anthropic.com/en/api/messages-streaming` documents them.

use serde_json::{Value, json};

use super::events::Event;
use super::{Asked, ModelError, Piece, Question, Speech, Way};
use crate::client::{asked, at, failure_of};

/// The version of the interface that this speaks.
const VERSION: &str = "2023-06-01";

pub(crate) struct Anthropic;

impl Speech for Anthropic {
    fn question(&self, way: &Way, question: &Question) -> Result<Asked, ModelError> {
        let asked_for = match &question.picture {
            None => json!(question.prompt),
            Some(picture) => {
                let source = json!({
                    "type": "base64", "media_type": picture.media_type, "data": picture.base64(),
                });
                json!([
                    {"type": "image", "source": source},
                    {"type": "text", "text": question.prompt},
                ])
            }
        };
        let mut body = json!({
            "model": way.model,
            "max_tokens": question.max_tokens,
            "system": question.system,
            "messages": [{"role": "user", "content": asked_for}],
            "stream": true,
        });
        if let Some(shape) = &question.shape {
            // A tool that must be called takes input of a shape; there is no tool, only its input.
            body["tools"] = json!([{
                "name": shape.name,
                "description": "Takes the answer.",
                "input_schema": shape.schema,
            }]);
            body["tool_choice"] = json!({"type": "tool", "name": shape.name});
        }
        Ok(asked(
            way,
            at(way, "v1/messages")?,
            headers(way),
            Some(&body),
        ))
    }

    fn list(&self, way: &Way) -> Result<Asked, ModelError> {
        Ok(asked(way, at(way, "v1/models")?, headers(way), None))
    }

    fn pieces(&self, event: &Event) -> Vec<Piece> {
        let Ok(value) = serde_json::from_str::<Value>(&event.data) else {
            return vec![Piece::Failed(ModelError::Broken("no JSON".to_owned()))];
        };
        let tokens = |usage: &Value| -> Vec<Piece> {
            let input = usage["input_tokens"].as_u64().map(Piece::Input);
            let output = usage["output_tokens"].as_u64().map(Piece::Output);
            input.into_iter().chain(output).collect()
        };
        match value["type"].as_str().unwrap_or_default() {
            "message_start" => tokens(&value["message"]["usage"]),
            "content_block_delta" => {
                let delta = &value["delta"];
                let text = delta["text"]
                    .as_str()
                    .or_else(|| delta["partial_json"].as_str());
                text.map(|text| Piece::Text(text.to_owned()))
                    .into_iter()
                    .collect()
            }
            "message_delta" => {
                let mut pieces = tokens(&value["usage"]);
                if value["delta"]["stop_reason"] == "max_tokens" {
                    pieces.push(Piece::Cut);
                }
                pieces
            }
            "message_stop" => vec![Piece::End],
            "error" => vec![Piece::Failed(failure_of(500, &value))],
            // `ping`, the frames of blocks, and what comes later: new events may be added.
            _ => vec![],
        }
    }
}

fn headers(way: &Way) -> Vec<(&'static str, String)> {
    let key = way
        .key
        .iter()
        .map(|key| ("x-api-key", key.expose().clone()));
    key.chain([("anthropic-version", VERSION.to_owned())])
        .collect()
}
