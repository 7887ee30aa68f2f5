//! Asking on a persona's account: within its limits, as long as it may be asked, and on the record.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use domain::Hash;
use domain::ids::{ContentId, PersonaId};
use domain::model::{Model, WritingTask};
use domain::persona::PersonaProfile;
use models::{Answer, Client, ModelError, Picture, Question, Strings};
use networks::http::Distance;
use protocol::{Code, Mutation, Problem};

use super::cap::{Reserved, UnderWay};
use super::month_of;
use super::prompt::Prompt;
use crate::Error;
use crate::act::Way;
use crate::core::App;

/// Answers that are still known.
const KNOWN: usize = 64;

/// What writing keeps between two questions; forgotten with the process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Desk {
    under_way: UnderWay,
    known: Arc<Mutex<VecDeque<(Hash, Answer)>>>,
}

impl Desk {
    fn known(&self, question: Hash) -> Option<Answer> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = known.iter().filter(|(hash, _)| *hash == question);
        found.next().map(|(_, answer)| answer.clone())
    }

    fn keep(&self, question: Hash, answer: &Answer) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(hash, _)| *hash != question);
        known.push_front((question, answer.clone()));
        known.truncate(KNOWN);
    }
}

/// Asks on a persona's account.
pub(super) struct Meter<'a> {
    pub(super) app: &'a App,
    pub(super) persona: PersonaId,
    pub(super) profile: &'a PersonaProfile,
    pub(super) content: Option<ContentId>,
    pub(super) task: WritingTask,
    pub(super) way: &'a Way,
    /// Which is asked, and which when that does not answer.
    pub(super) models: Vec<Model>,
    pub(super) picture: Option<Picture>,
    /// Answers that are known are asked for again.
    pub(super) again: bool,
}

/// An answer, and whose it is.
pub(super) struct Heard {
    pub(super) answer: Answer,
    pub(super) model: String,
    /// It was known: nothing was asked.
    pub(super) known: bool,
}

/// Why there is none, and whether another may be asked.
struct Unanswered {
    problem: Problem,
    elsewhere: bool,
}

impl From<Problem> for Unanswered {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            elsewhere: false,
        }
    }
}

impl Meter<'_> {
    /// Asks, and the next model where one does not answer. `aloud`: the words are told as they come.
    pub(super) async fn ask(&self, asked: &Prompt, aloud: bool) -> Result<Heard, Problem> {
        let mut last = None;
        for model in &self.models {
            match self.of(model, asked, aloud).await {
                Ok(heard) => return Ok(heard),
                Err(no) if no.elsewhere => last = Some(no.problem),
                // Why the first did not answer says more than why nobody else may be asked.
                Err(no) => return Err(last.unwrap_or(no.problem)),
            }
        }
        Err(last.unwrap_or_else(super::no_model))
    }

    async fn of(&self, model: &Model, asked: &Prompt, aloud: bool) -> Result<Heard, Unanswered> {
        let name = format!("{:?} {} {}", model.kind, model.address, model.model);
        let same = Hash::of(format!("{name} {}", asked.hash()).as_bytes());
        let desk = self.app.desk();
        let mut told = Told::of(asked, aloud.then_some(self.way));
        if let Some(answer) = desk.known(same).filter(|_| !self.again) {
            told.hear(&answer.text);
            return Ok(Heard {
                answer,
                model: model.name.clone(),
                known: true,
            });
        }
        let reserved = self.reserve(model, asked).await?;
        let to = self.app.way_to(model).await?;
        let question = Question {
            system: asked.system.clone(),
            prompt: asked.prompt.clone(),
            max_tokens: reserved.answer,
            shape: asked.shape.clone(),
            picture: self.picture.clone().filter(|_| asked.picture.is_some()),
        };
        let client = Client::new(self.app.http().clone());
        let mut heard = 0_u64;
        let mut hear = |text: &str| {
            heard += text.chars().count() as u64;
            told.hear(text);
        };
        let done = {
            let answered = client.ask(&to, &question, &mut hear, &self.way.cancel);
            tokio::select! {
                biased;
                // Also in the middle: nothing more goes to where nothing may go.
                () = self.barred(model, to.distance) => Err(ModelError::Refused),
                done = answered => done,
            }
        };
        // Where a service says nothing: four characters are about a token.
        let about = |characters: usize| characters as u64 / 4;
        let put = about(asked.system.chars().count() + asked.prompt.chars().count());
        let (input, output) = match &done {
            Ok(answer) if answer.input_tokens > 0 || answer.output_tokens > 0 => {
                (answer.input_tokens, answer.output_tokens)
            }
            Ok(answer) => (put, about(answer.text.chars().count())),
            // It was not let in, or not reached.
            Err(ModelError::WrongKey | ModelError::Unreachable(_)) => (0, 0),
            Err(ModelError::Refused) if heard == 0 => (0, 0),
            Err(_) => (put, heard / 4),
        };
        let record = Mutation::RecordModelUse {
            persona: self.persona,
            content: self.content,
            model: model.name.clone(),
            task: self.task,
            prompt: asked.hash(),
            input,
            output,
            cost: model.price.unwrap_or_default().of(input, output),
        };
        {
            let _gate = desk.under_way.gate.lock().await;
            match self.app.apply_all(self.way.acting, vec![record]).await {
                Ok(_) => drop(reserved),
                Err(why) => {
                    // It was spent all the same: as long as this program runs it stays held.
                    tracing::warn!(code = ?why.code, "what a model used was not kept");
                    std::mem::forget(reserved);
                }
            }
        }
        match done {
            Ok(answer) => {
                // An answer that is of no use would be given for ever.
                let of_use = |shape| super::choices(shape, &answer.text).is_ok();
                if !answer.cut && asked.shape.as_ref().is_none_or(of_use) {
                    desk.keep(same, &answer);
                }
                Ok(Heard {
                    answer,
                    model: model.name.clone(),
                    known: false,
                })
            }
            Err(error) => Err(Unanswered {
                problem: problem(&error),
                elsewhere: heard == 0 && is_for_another(&error),
            }),
        }
    }

    async fn reserve(&self, model: &Model, asked: &Prompt) -> Result<Reserved, Problem> {
        let desk = self.app.desk();
        let (org, month) = (self.app.organization(), month_of(self.app.now()));
        let _gate = desk.under_way.gate.lock().await;
        let used = self.app.db().read(move |tx| {
            let month = month.clone();
            Box::pin(
                async move { Ok::<_, Error>(store::model_use::of_month(tx, org, &month).await?) },
            )
        });
        let used = used.await.map_err(Error::into_problem)?;
        let size = asked.system.len() + asked.prompt.len();
        let (persona, profile) = (self.persona, self.profile);
        let held = desk
            .under_way
            .reserve(persona, profile, &used, model.price, size);
        held.ok_or_else(|| {
            Problem::new(
                Code::TokensSpent,
                format!(
                    "{} has used what it may in this month. Raise the limit in Settings > Models, \
                     or write by hand.",
                    profile.name
                ),
            )
        })
    }

    /// Ends when a model that was far away may not be asked any more.
    async fn barred(&self, model: &Model, distance: Distance) {
        let mut events = self.app.subscribe();
        let here = self
            .app
            .http()
            .typed(&model.address, Distance::Here)
            .is_ok();
        loop {
            if distance == Distance::Anywhere && !here && self.app.settings().models_here_only {
                return;
            }
            if let Err(tokio::sync::broadcast::error::RecvError::Closed) = events.recv().await {
                std::future::pending::<()>().await;
            }
        }
    }
}

/// Tells what can be read of an answer as it comes.
struct Told<'a> {
    way: Option<&'a Way>,
    strings: Option<Strings>,
}

impl<'a> Told<'a> {
    fn of(asked: &Prompt, way: Option<&'a Way>) -> Self {
        let strings = asked.shape.as_ref().map(|_| Strings::of("text"));
        Self { way, strings }
    }

    fn hear(&mut self, text: &str) {
        let Some(way) = self.way else { return };
        match &mut self.strings {
            None => way.words(text),
            Some(strings) => {
                let words = strings.take(text);
                if !words.is_empty() {
                    way.words(&words);
                }
            }
        }
    }
}

/// Whether another model may have an answer.
const fn is_for_another(error: &ModelError) -> bool {
    matches!(
        error,
        ModelError::Unreachable(_)
            | ModelError::Throttled
            | ModelError::NoCredit
            | ModelError::Broken(_)
            | ModelError::TooSlow
            | ModelError::UnknownModel
    )
}

pub(super) fn problem(error: &ModelError) -> Problem {
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
