//! Google's Gemini, streamed, as `ai.google.dev/api/generate-content` documents it.

use serde_json::{Value, json};

use super::events::Event;
use super::{Asked, ModelError, Piece, Question, Speech, Way};
use crate::client::{asked, at, failure_of};

pub(crate) struct Gemini;

impl Speech for Gemini {
    fn question(&self, way: &Way, question: &Question) -> Result<Asked, ModelError> {
        let name = way.model.trim_start_matches("models/");
        let url = at(
            way,
            &format!("v1beta/models/{name}:streamGenerateContent?alt=sse"),
        )?;
        let mut parts = vec![json!({"text": question.prompt})];
        if let Some(picture) = &question.picture {
            let data = json!({"mimeType": picture.media_type, "data": picture.base64()});
            parts.push(json!({"inlineData": data}));
        }
        let mut settings = json!({"maxOutputTokens": question.max_tokens});
        if let Some(shape) = &question.shape {
            settings["responseMimeType"] = json!("application/json");
            settings["responseJsonSchema"] = shape.schema.clone();
        }
        let body = json!({
            "systemInstruction": {"parts": [{"text": question.system}]},
            "contents": [{"role": "user", "parts": parts}],
            "generationConfig": settings,
        });
        Ok(asked(way, url, headers(way), Some(&body)))
    }

    fn list(&self, way: &Way) -> Result<Asked, ModelError> {
        let url = at(way, "v1beta/models?pageSize=1000")?;
        Ok(asked(way, url, headers(way), None))
    }

    fn pieces(&self, event: &Event) -> Vec<Piece> {
        let Ok(value) = serde_json::from_str::<Value>(&event.data) else {
            return vec![Piece::Failed(ModelError::Broken("no JSON".to_owned()))];
        };
        if value.get("error").is_some() {
            return vec![Piece::Failed(failure_of(500, &value))];
        }
        if let Some(why) = value["promptFeedback"]["blockReason"].as_str() {
            return vec![Piece::Failed(ModelError::Rejected(why.to_owned()))];
        }
        let candidate = &value["candidates"][0];
        let parts = candidate["content"]["parts"].as_array();
        // What it thought is no part of what it says.
        let said = parts
            .into_iter()
            .flatten()
            .filter(|part| part["thought"] != true);
        let mut pieces: Vec<Piece> = said
            .filter_map(|part| part["text"].as_str())
            .map(|text| Piece::Text(text.to_owned()))
            .collect();
        let usage = &value["usageMetadata"];
        pieces.extend(usage["promptTokenCount"].as_u64().map(Piece::Input));
        let thought = usage["thoughtsTokenCount"].as_u64().unwrap_or_default();
        let output = usage["candidatesTokenCount"].as_u64();
        pieces.extend(output.map(|tokens| Piece::Output(tokens.saturating_add(thought))));
        match candidate["finishReason"].as_str() {
            None => {}
            Some("STOP") => pieces.push(Piece::End),
            Some("MAX_TOKENS") => pieces.extend([Piece::Cut, Piece::End]),
            Some(why) => pieces.push(Piece::Failed(ModelError::Rejected(why.to_owned()))),
        }
        pieces
    }

    fn names(&self, list: &Value) -> Option<Vec<String>> {
        let writes = |model: &&Value| {
            let ways = model["supportedGenerationMethods"].as_array();
            ways.is_none_or(|ways| ways.iter().any(|way| way == "generateContent"))
        };
        let models = list["models"].as_array()?.iter().filter(writes);
        let names = models.filter_map(|model| model["name"].as_str());
        Some(
            names
                .map(|name| name.trim_start_matches("models/").to_owned())
                .collect(),
        )
    }
}

fn headers(way: &Way) -> Vec<(&'static str, String)> {
    way.key
        .iter()
        .map(|key| ("x-goog-api-key", key.expose().clone()))
        .collect()
}
