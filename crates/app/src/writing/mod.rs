//! Writing with a language model that a person chose. What it answers is a proposal: nothing takes
//! it over but a person.

#[cfg(test)]
mod hostile;
mod prompt;
mod strange;

use std::collections::BTreeMap;

use domain::content::{Body, Variant};
use domain::identity::Executor;
use domain::ids::{ContentId, IdentityId, ModelId, OrganizationId, PersonaId};
use domain::limits::Severity;
use domain::model::{Model, WritingTask};
use domain::persona::PersonaProfile;
use models::{Client, ModelError, Question, Way as ModelWay};
use networks::http::Distance;
use protocol::views::{ModelTest, Wish, WritingRequest, Written};
use protocol::{Code, Mutation, Problem};
use store::suggestion::Suggestion;
use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::act::Way;
use crate::core::App;
use prompt::Prompt;

/// The most tokens of an answer.
const MAX_TOKENS: u32 = 4_000;
/// Issues that say that a text is too long.
const TOO_LONG: [&str; 2] = ["text_too_long", "text_too_many_bytes"];

/// The month of an instant, in UTC: `2026-11`.
pub(crate) fn month_of(at: domain::Instant) -> String {
    at.to_chrono().format("%Y-%m").to_string()
}

/// What writing goes by.
struct Ground {
    profile: PersonaProfile,
    targets: Vec<IdentityId>,
    suggestion: Option<Suggestion>,
    spent: i64,
}

impl App {
    /// The model of a task: the one that was named, else the one that was chosen for the task, else
    /// the first.
    fn model(&self, task: WritingTask, named: Option<ModelId>) -> Result<Model, Problem> {
        let settings = self.settings();
        let wanted = named.or_else(|| settings.writes_with.get(&task).copied());
        let found = match wanted {
            Some(id) => settings.models.iter().find(|model| model.id == id),
            None => settings.models.first(),
        };
        found.cloned().ok_or_else(|| {
            Problem::new(
                Code::NoModel,
                "No model is set up for this. Add one in Settings > Models.",
            )
        })
    }

    fn distance(&self) -> Distance {
        if self.settings().models_here_only {
            Distance::Here
        } else {
            Distance::Anywhere
        }
    }

    /// Models belong to the computer of the person who chose them.
    fn own_models(&self) -> Result<(), Problem> {
        // Also not in a run of a server: its settings are those of all its organizations.
        if self.is_member() || self.executor() == Executor::Server {
            return Err(Problem::new(
                Code::NotHere,
                "Models write on one's own computer. Use the desktop application.",
            ));
        }
        Ok(())
    }

    async fn way_to(&self, model: &Model) -> Result<ModelWay, Problem> {
        let key = match model.keyed {
            false => None,
            true => {
                let kept = self.secrets().get(kept_under(model.id)).await?;
                let missing = || {
                    Problem::new(
                        Code::SecretMissing,
                        "The key of this model is gone. Enter it again in Settings > Models.",
                    )
                };
                Some(kept.ok_or_else(missing)?)
            }
        };
        Ok(ModelWay {
            kind: model.kind,
            address: model.address.clone(),
            model: model.model.clone(),
            key,
            distance: self.distance(),
        })
    }

    async fn writing_ground(&self, persona: PersonaId, wish: &Wish) -> Result<Ground, Error> {
        let (org, month) = (self.organization(), month_of(self.now()));
        let suggestion = wish.suggestion;
        self.db()
            .read(move |tx| {
                let month = month.clone();
                Box::pin(async move {
                    let found = store::persona::get(tx, org, persona)
                        .await?
                        .ok_or_else(|| Error::missing("persona"))?;
                    let accounts = store::identity::of_persona(tx, org, persona).await?;
                    let suggestion = match suggestion {
                        None => None,
                        Some(id) => store::suggestion::get(tx, org, id)
                            .await?
                            .filter(|s| s.persona == persona),
                    };
                    let used = store::model_use::of_month(tx, org, &month).await?;
                    let own = used.iter().filter(|u| u.persona == persona);
                    Ok(Ground {
                        profile: found.profile,
                        targets: accounts
                            .iter()
                            .filter(|a| a.status != domain::identity::IdentityStatus::Disconnected)
                            .map(|a| a.id)
                            .collect(),
                        suggestion,
                        spent: own.fold(0, |all, u| {
                            all.saturating_add(u.input).saturating_add(u.output)
                        }),
                    })
                })
            })
            .await
    }

    /// What the tightest of some accounts takes in one post, in the characters that it counts; the
    /// accounts of a body, or all of the persona's.
    async fn room(&self, targets: &[IdentityId]) -> Result<Option<u32>, Error> {
        let (org, wanted) = (self.organization(), targets.to_vec());
        let found = self
            .db()
            .read(move |tx| {
                let wanted = wanted.clone();
                Box::pin(async move {
                    let all = store::identity::all(tx, org).await?;
                    let of = |i: &store::identity::Identity| wanted.contains(&i.id);
                    Ok::<_, Error>(all.into_iter().filter(of).collect::<Vec<_>>())
                })
            })
            .await?;
        let mut room = None;
        for identity in &found {
            let limits = crate::compose::limits_of(self.networks(), identity)?;
            room = match (room, limits.text.max) {
                (Some(a), Some(b)) => Some(u32::min(a, b)),
                (a, b) => a.or(b),
            };
        }
        Ok(room)
    }

    fn prompt(&self, ground: &Ground, wish: &Wish, room: Option<u32>) -> Prompt {
        let facts = ground.suggestion.as_ref().map(|s| &s.facts);
        prompt::of(&ground.profile, wish, facts, room)
    }

    /// What would be sent, and to whom. Nothing is.
    pub(crate) async fn writing_request(
        &self,
        persona: PersonaId,
        targets: &[IdentityId],
        wish: &Wish,
        model: Option<ModelId>,
    ) -> Result<WritingRequest, Error> {
        self.own_models()?;
        let ground = self.writing_ground(persona, wish).await?;
        let model = self.model(wish.task, model)?;
        let room = self.room(targets).await?;
        let asked = self.prompt(&ground, wish, room);
        let hash = asked.hash();
        let here = self.http().typed(&model.address, Distance::Here).is_ok();
        Ok(WritingRequest {
            model: model.name,
            address: model.address,
            here,
            system: asked.system,
            prompt: asked.prompt,
            hash,
        })
    }

    /// Has a model write. The words are told as they come.
    pub(crate) async fn write(
        &self,
        (persona, content): (PersonaId, Option<ContentId>),
        targets: &[IdentityId],
        wish: &Wish,
        model: Option<ModelId>,
        way: &Way,
    ) -> Result<Written, Problem> {
        self.own_models()?;
        let ground = self.writing_ground(persona, wish).await?;
        let model = self.model(wish.task, model)?;
        let cap = ground.profile.monthly_tokens;
        if cap.is_some_and(|cap| ground.spent >= i64::from(cap)) {
            return Err(Problem::new(
                Code::TokensSpent,
                format!(
                    "{} has used its tokens of this month. Raise the limit in Settings > Models, \
                     or write by hand.",
                    ground.profile.name
                ),
            ));
        }
        let to = self.way_to(&model).await?;
        let room = self.room(targets).await?;
        let asked = self.prompt(&ground, wish, room);
        let used = Meter {
            app: self,
            persona,
            content,
            model: &model,
            task: wish.task,
            acting: way.acting,
        };
        let mut answer = used.ask(&to, &asked, way, true).await?;
        let mut text = tidy(&answer.text);
        let mut tokens = answer.input_tokens.saturating_add(answer.output_tokens);
        let mut over = self.is_over(&ground, targets, wish, &text).await?;
        let mut repaired = false;
        if let Some(room) = room.filter(|_| over) {
            let again = prompt::shorter(&asked, &text, room);
            answer = used.ask(&to, &again, way, false).await?;
            tokens = tokens
                .saturating_add(answer.input_tokens)
                .saturating_add(answer.output_tokens);
            text = tidy(&answer.text);
            (repaired, over) = (true, self.is_over(&ground, targets, wish, &text).await?);
        }
        let own = format!("{}\n{}\n{}", asked.system, asked.own, wish.text);
        Ok(Written {
            invented: strange::strange(&text, &own, &asked.prompt),
            text,
            model: model.name,
            prompt: asked.hash(),
            repaired,
            over,
            cut: answer.cut,
            tokens,
        })
    }

    /// Whether a text is too long for an account, as the sender counts.
    async fn is_over(
        &self,
        ground: &Ground,
        targets: &[IdentityId],
        wish: &Wish,
        text: &str,
    ) -> Result<bool, Problem> {
        let body = Body {
            languages: vec![wish.language.clone()],
            shared: Variant::of_text(text),
            targets: targets
                .iter()
                .filter(|id| ground.targets.contains(id))
                .copied()
                .collect(),
            ..Body::default()
        };
        let org = self.organization();
        let wanted = body.clone();
        let found = self
            .db()
            .read(move |tx| {
                let wanted = wanted.clone();
                Box::pin(async move { crate::compose::ground(tx, org, &wanted).await })
            })
            .await
            .map_err(Error::into_problem)?;
        for identity in &found.targets {
            let prepared = self.prepare(&body, identity, &BTreeMap::new());
            let prepared = prepared.map_err(Error::into_problem)?;
            let too_long = |issue: &domain::limits::Issue| {
                issue.severity == Severity::Error && TOO_LONG.contains(&issue.code.as_str())
            };
            if prepared.issues.iter().any(too_long) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Keeps the key of a model where secrets are kept.
    pub(crate) async fn keep_model_key(&self, id: ModelId, key: String) -> Result<(), Problem> {
        self.own_models()?;
        let secret = networks::AccountSecret::new(key);
        Ok(self.secrets().set(kept_under(id), &secret).await?)
    }

    /// Forgets the keys of models that are no more.
    pub(crate) async fn forget_model_keys(&self, before: &[Model], now: &[Model]) {
        for gone in before.iter().filter(|b| b.keyed) {
            if now.iter().any(|model| model.id == gone.id && model.keyed) {
                continue;
            }
            if let Err(error) = self.secrets().delete(kept_under(gone.id)).await {
                tracing::warn!(%error, "a model's key stays where it is");
            }
        }
    }

    /// Asks a service which models it has. Nothing is written and no token used.
    pub(crate) async fn test_model(
        &self,
        model: &Model,
        key: Option<String>,
    ) -> Result<ModelTest, Problem> {
        self.own_models()?;
        let mut to = ModelWay {
            kind: model.kind,
            address: model.address.clone(),
            model: model.model.clone(),
            key: key.map(networks::Secret::new),
            distance: self.distance(),
        };
        if to.key.is_none() && model.keyed {
            // A kept key goes where it was kept for, and nowhere else.
            let same = |kept: &Model| {
                kept.id == model.id && kept.kind == model.kind && kept.address == model.address
            };
            if !self.settings().models.iter().any(same) {
                return Err(Problem::new(
                    Code::SecretMissing,
                    "Enter the key: the one that is kept belongs to another address.",
                ));
            }
            to.key = self.way_to(model).await?.key;
        }
        let client = Client::new(self.http().clone());
        let models = client.list(&to).await.map_err(|e| problem(&e))?;
        Ok(ModelTest {
            known: models.contains(&model.model),
            models,
        })
    }
}

/// Under what the key of a model is kept: by no id of an account or of a joined server, whose secrets
/// lie in the same place.
fn kept_under(model: ModelId) -> IdentityId {
    let nobody = OrganizationId(uuid::Uuid::nil());
    IdentityId(domain::ids::derived(nobody, model.0, "model_key", 0))
}

/// Asks on a persona's account.
struct Meter<'a> {
    app: &'a App,
    persona: PersonaId,
    content: Option<ContentId>,
    model: &'a Model,
    task: WritingTask,
    acting: Option<domain::ids::PersonId>,
}

impl Meter<'_> {
    /// Asks, and records that it was asked, also where the answer broke off.
    async fn ask(
        &self,
        to: &ModelWay,
        asked: &Prompt,
        way: &Way,
        aloud: bool,
    ) -> Result<models::Answer, Problem> {
        let question = Question {
            system: asked.system.clone(),
            prompt: asked.prompt.clone(),
            max_tokens: MAX_TOKENS,
            shape: None,
            picture: None,
        };
        let client = Client::new(self.app.http().clone());
        let mut heard = 0_u64;
        let mut hear = |text: &str| {
            heard += text.chars().count() as u64;
            if aloud {
                way.words(text);
            }
        };
        // Whoever cancels drops this as a whole; the token is for the pauses in between.
        let stop: &CancellationToken = &way.cancel;
        let done = client.ask(to, &question, &mut hear, stop).await;
        // Where a service says nothing: four characters are about a token.
        let about = |characters: usize| characters as u64 / 4;
        let put = about(asked.system.chars().count() + asked.prompt.chars().count());
        let (input, output) = match &done {
            Ok(answer) if answer.input_tokens > 0 || answer.output_tokens > 0 => {
                (answer.input_tokens, answer.output_tokens)
            }
            Ok(answer) => (put, about(answer.text.chars().count())),
            // It was not let in, or not reached.
            Err(ModelError::WrongKey | ModelError::Refused | ModelError::Unreachable(_)) => (0, 0),
            Err(_) => (put, heard / 4),
        };
        let record = Mutation::RecordModelUse {
            persona: self.persona,
            content: self.content,
            model: self.model.name.clone(),
            task: self.task,
            prompt: asked.hash(),
            input,
            output,
        };
        self.app.apply_all(self.acting, vec![record]).await?;
        done.map_err(|e| problem(&e))
    }
}

/// The text of a post, without what models put around it.
fn tidy(text: &str) -> String {
    let shown = text
        .chars()
        .filter(|sign| !prompt::is_hidden(*sign) && (!sign.is_control() || *sign == '\n'));
    let text: String = shown.collect();
    let text = text.trim();
    let inside = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|inside| !inside.contains('"'));
    inside.unwrap_or(text).trim().to_owned()
}

fn problem(error: &ModelError) -> Problem {
    let code = match error {
        ModelError::Refused | ModelError::UnknownModel => Code::InvalidInput,
        ModelError::Unreachable(_) | ModelError::TooSlow | ModelError::Broken(_) => {
            Code::Unreachable
        }
        ModelError::WrongKey => Code::WrongCredentials,
        ModelError::Throttled => Code::Throttled,
        ModelError::NoCredit => Code::NoCredits,
        ModelError::Rejected(_) => Code::Refused,
        ModelError::Cancelled => Code::Cancelled,
    };
    Problem::new(code, format!("The model did not answer: {error}."))
}
