//! OpenAI's chat completions, streamed, as `platform.openai.com/docs/api-reference/chat` documents
//! them, and as Ollama, llama.cpp's server and LM Studio speak them too; and Mistral's, as
//! `docs.mistral.ai/api` documents them.

use serde_json::{Value, json};
use url::Url;

use super::events::Event;
use super::{Asked, ModelError, Piece, Question, Speech, Way};
use crate::client::{asked, at, failure_of};

pub(crate) enum OpenAi {
    /// OpenAI's own, and whoever follows it.
    Itself,
    /// Its document forbids fields that it does not name (`additionalProperties: false`), among them
    /// `stream_options`: the last event tells the tokens there without being asked.
    Mistral,
}

/// Where the limit of an answer has another name: newer models there refuse the older one, which
/// all others know.
fn names_completion(url: &Url) -> bool {
    url.host_str() == Some("api.openai.com")
}

impl Speech for OpenAi {
    fn question(&self, way: &Way, question: &Question) -> Result<Asked, ModelError> {
        let url = at(way, "chat/completions")?;
        let limit = if names_completion(&url) {
            "max_completion_tokens"
        } else {
            "max_tokens"
        };
        let asked_for = match &question.picture {
            None => json!(question.prompt),
            Some(picture) => {
                let data = format!("data:{};base64,{}", picture.media_type, picture.base64());
                json!([
                    {"type": "text", "text": question.prompt},
                    {"type": "image_url", "image_url": {"url": data}},
                ])
            }
        };
        let mut body = json!({
            "model": way.model,
            "messages": [
                {"role": "system", "content": question.system},
                {"role": "user", "content": asked_for},
            ],
            limit: question.max_tokens,
            "stream": true,
        });
        if matches!(self, Self::Itself) {
            body["stream_options"] = json!({"include_usage": true});
        }
        if let Some(shape) = &question.shape {
            let schema = json!({"name": shape.name, "strict": true, "schema": shape.schema});
            body["response_format"] = json!({"type": "json_schema", "json_schema": schema});
        }
        Ok(asked(way, url, headers(way), Some(&body)))
    }

    fn list(&self, way: &Way) -> Result<Asked, ModelError> {
        Ok(asked(way, at(way, "models")?, headers(way), None))
    }

    fn pieces(&self, event: &Event) -> Vec<Piece> {
        if event.data == "[DONE]" {
            return vec![Piece::End];
        }
        let Ok(value) = serde_json::from_str::<Value>(&event.data) else {
            return vec![Piece::Failed(ModelError::Broken("no JSON".to_owned()))];
        };
        if value.get("error").is_some_and(|error| !error.is_null()) {
            return vec![Piece::Failed(failure_of(500, &value))];
        }
        let mut pieces = Vec::new();
        if let Some(choice) = value["choices"].get(0) {
            if let Some(text) = choice["delta"]["content"].as_str() {
                pieces.push(Piece::Text(text.to_owned()));
            }
            if choice["finish_reason"] == "length" {
                pieces.push(Piece::Cut);
            }
        }
        let usage = &value["usage"];
        pieces.extend(usage["prompt_tokens"].as_u64().map(Piece::Input));
        pieces.extend(usage["completion_tokens"].as_u64().map(Piece::Output));
        pieces
    }
}

fn headers(way: &Way) -> Vec<(&'static str, String)> {
    let bearer = |key: &networks::Secret<String>| format!("Bearer {}", key.expose());
    way.key
        .iter()
        .map(|key| ("authorization", bearer(key)))
        .collect()
}
