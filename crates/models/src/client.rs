//! Asking, hearing the answer out, and trying again where nothing was heard yet.

use std::time::Duration;

use networks::Http;
use networks::http::{Asked, Coming};
use serde_json::Value;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::events::Events;
use super::{Answer, ModelError, Piece, Question, Way, speech};

/// How often a question is put where nothing was answered yet.
const TRIES: u32 = 3;
/// The pause before the second try; twice as long before the third.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest pause that a service may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
const WHOLE: Duration = Duration::from_secs(600);
/// The longest answer, in bytes: no post is so long.
const MAX_ANSWER: usize = 64 << 10;
/// The longest list of models, or refusal.
const MAX_OTHER: usize = 2 << 20;

/// How long is waited.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the first of an answer: a model on this computer may have to be loaded first.
    pub first: Duration,
    /// Between two pieces of it.
    pub next: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(180),
            next: Duration::from_secs(60),
        }
    }
}

/// Asks models.
#[derive(Clone)]
pub struct Client {
    http: Http,
    patience: Patience,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// Over these connections.
    #[must_use]
    pub fn new(http: Http) -> Self {
        Self {
            http,
            patience: Patience::default(),
        }
    }

    /// The same with another patience.
    #[must_use]
    pub fn waiting(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// Puts a question. `on_text` hears the words as they come; should the connection break before
    /// the first of them, the question is put again.
    ///
    /// # Errors
    /// When there is no whole answer.
    pub async fn ask(
        &self,
        way: &Way,
        question: &Question,
        on_text: &mut (dyn FnMut(&str) + Send),
        cancel: &CancellationToken,
    ) -> Result<Answer, ModelError> {
        self.http.typed(&way.address, way.distance)?;
        let mut pause = PAUSE;
        let mut tries = 1;
        loop {
            let mut heard = false;
            let mut hear = |text: &str| {
                heard = true;
                on_text(text);
            };
            let asked = speech(way.kind).question(way, question)?;
            let once = self.once(way, asked, &mut hear);
            let (failed, wait) = tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(ModelError::Cancelled),
                done = once => match done {
                    Ok(answer) => return Ok(answer),
                    Err(failed) => failed,
                },
            };
            if heard || tries == TRIES || !failed.may_pass() {
                return Err(failed);
            }
            let wait = wait.unwrap_or(pause).min(LONGEST_PAUSE);
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(ModelError::Cancelled),
                () = tokio::time::sleep(wait) => {}
            }
            (pause, tries) = (pause * 2, tries + 1);
        }
    }

    /// The models that a service has.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn list(&self, way: &Way) -> Result<Vec<String>, ModelError> {
        self.http.typed(&way.address, way.distance)?;
        let asked = speech(way.kind).list(way)?;
        let next = self.patience.next;
        let coming = timeout(next, self.http.ask(asked)).await;
        let mut coming = coming.map_err(|_| ModelError::TooSlow)??;
        let body = whole(&mut coming, next).await?;
        let value: Value = serde_json::from_slice(&body).unwrap_or_default();
        if coming.status != 200 {
            return Err(without_key(failure_of(coming.status, &value), way));
        }
        let names = speech(way.kind).names(&value);
        names.ok_or_else(|| ModelError::Broken("no list of models".to_owned()))
    }

    async fn once(
        &self,
        way: &Way,
        asked: Asked,
        hear: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Answer, (ModelError, Option<Duration>)> {
        let plain = |error: ModelError| (error, None);
        let coming = timeout(self.patience.first, self.http.ask(asked)).await;
        let coming = coming.map_err(|_| plain(ModelError::TooSlow))?;
        let mut coming = coming.map_err(|e| plain(e.into()))?;
        if coming.status != 200 {
            let body = whole(&mut coming, self.patience.next)
                .await
                .map_err(plain)?;
            let value = serde_json::from_slice(&body).unwrap_or_default();
            let failed = without_key(failure_of(coming.status, &value), way);
            return Err((failed, coming.retry_after));
        }
        let mut events = Events::default();
        let mut answer = Answer::default();
        let mut patience = self.patience.first;
        loop {
            let next = timeout(patience, coming.next()).await;
            let next = next.map_err(|_| plain(ModelError::TooSlow))?;
            let Some(bytes) = next.map_err(|e| plain(e.into()))? else {
                // The end comes as an event; without it nobody knows whether this is all.
                let words = "it ended in the middle".to_owned();
                return Err(plain(ModelError::Broken(words)));
            };
            patience = self.patience.next;
            let whole = events.take(&bytes);
            let whole = whole.map_err(|why| plain(ModelError::Broken(why.to_owned())))?;
            for piece in whole
                .iter()
                .flat_map(|event| speech(way.kind).pieces(event))
            {
                match piece {
                    Piece::Text(text) => {
                        if answer.text.len() + text.len() > MAX_ANSWER {
                            let words = "it does not end".to_owned();
                            return Err(plain(ModelError::Broken(words)));
                        }
                        if !text.is_empty() {
                            hear(&text);
                        }
                        answer.text.push_str(&text);
                    }
                    Piece::Input(tokens) => answer.input_tokens = tokens,
                    Piece::Output(tokens) => answer.output_tokens = tokens,
                    Piece::Cut => answer.cut = true,
                    Piece::Failed(error) => return Err(plain(error)),
                    Piece::End => return Ok(answer),
                }
            }
        }
    }
}

async fn whole(coming: &mut Coming, patience: Duration) -> Result<Vec<u8>, ModelError> {
    let mut body = Vec::new();
    loop {
        let next = timeout(patience, coming.next()).await;
        match next.map_err(|_| ModelError::TooSlow)?? {
            Some(bytes) if body.len() + bytes.len() <= MAX_OTHER => body.extend_from_slice(&bytes),
            Some(_) => return Err(ModelError::Broken("it does not end".to_owned())),
            None => return Ok(body),
        }
    }
}

/// An address below the one that was typed.
pub(crate) fn at(way: &Way, path: &str) -> Result<Url, ModelError> {
    let typed = way.address.trim().trim_end_matches('/');
    Url::parse(&format!("{typed}/{path}")).map_err(|_| ModelError::Refused)
}

pub(crate) fn asked(
    way: &Way,
    url: Url,
    headers: Vec<(&'static str, String)>,
    body: Option<&Value>,
) -> Asked {
    Asked {
        url,
        headers,
        body: body.map(Value::to_string),
        distance: way.distance,
        timeout: WHOLE,
    }
}

/// The longest words of a service that are passed on, in characters.
const MAX_WORDS: usize = 200;

/// Services may say back what they were sent.
fn without_key(failed: ModelError, way: &Way) -> ModelError {
    match (failed, way.key.as_ref().map(|key| key.expose())) {
        (ModelError::Rejected(words), Some(key)) if !key.is_empty() => {
            ModelError::Rejected(words.replace(key.as_str(), "***"))
        }
        (failed, _) => failed,
    }
}

/// What a refusal means: by its status, and by the kind that the services name, most of them in
/// `error`; Gemini says in `details` that it is the key.
pub(crate) fn failure_of(status: u16, body: &Value) -> ModelError {
    // Mistral's stand at the top.
    let error = body.get("error").unwrap_or(body);
    let reasons = error["details"].as_array().into_iter().flatten();
    let reason = reasons
        .filter_map(|detail| detail["reason"].as_str())
        .next();
    let named = |name: &str| error[name].as_str().filter(|kind| !kind.is_empty());
    let kind = reason
        .filter(|reason| *reason == "API_KEY_INVALID")
        .or_else(|| named("code").filter(|code| code.parse::<u32>().is_err()))
        .or_else(|| named("type"))
        .or_else(|| named("status"));
    match (kind.unwrap_or_default(), status) {
        ("insufficient_quota" | "billing_error", _) | (_, 402) => ModelError::NoCredit,
        (
            "invalid_api_key"
            | "authentication_error"
            | "permission_error"
            | "API_KEY_INVALID"
            | "UNAUTHENTICATED"
            | "PERMISSION_DENIED",
            _,
        )
        | (_, 401 | 403) => ModelError::WrongKey,
        ("model_not_found" | "not_found_error" | "invalid_model" | "NOT_FOUND", _) | (_, 404) => {
            ModelError::UnknownModel
        }
        (
            "rate_limit_exceeded" | "rate_limit_error" | "overloaded_error" | "RESOURCE_EXHAUSTED",
            _,
        )
        | (_, 429 | 529) => ModelError::Throttled,
        (_, 500..) => ModelError::Broken(format!("status {status}")),
        _ => {
            let words = error["message"]
                .as_str()
                .or_else(|| error["detail"].as_str())
                .or_else(|| error.as_str());
            let words = words.unwrap_or("no reason given");
            let shown = words
                .chars()
                .filter(|sign| !sign.is_control())
                .take(MAX_WORDS);
            ModelError::Rejected(shown.collect())
        }
    }
}
