//! Writing with a language model that a person chose. What it answers is a proposal: nothing takes
//! it over but a person.

mod asks;
mod cap;
mod hidden;
mod keys;
mod prompt;
mod strange;

use std::collections::BTreeMap;

use domain::Planned;
use domain::content::{Body, Variant};
use domain::idea::SuggestionStatus;
use domain::identity::Executor;
use domain::ids::{ContentId, IdentityId, ModelId, PersonaId};
use domain::limits::Severity;
use domain::media::AssetFacts;
use domain::model::{Model, WritingTask};
use domain::persona::PersonaProfile;
use domain::time::DAY;
use models::{Picture, Shape};
use networks::http::Distance;
use protocol::views::{Choice, Material, Wish, WritingRequest, Written};
use protocol::{Code, Problem};
use store::suggestion::Suggestion;

use crate::Error;
use crate::act::Way;
use crate::core::App;
pub(crate) use asks::Desk;
use asks::{Heard, Meter};
use hidden::without_hidden;
use prompt::{Given, LIST, Prompt};

/// Issues that say that a text is too long.
const TOO_LONG: [&str; 2] = ["text_too_long", "text_too_many_bytes"];
/// The most texts of a week's plan.
const MOST_SLOTS: usize = 7;
/// The longest alternative text where no account says so, in characters.
const USUAL_ALT: u32 = 1_000;
/// The longest words of a page that are read, in characters.
const MAX_PAGE: usize = 12_000;

/// The month of an instant, in UTC: `2026-11`.
pub(crate) fn month_of(at: domain::Instant) -> String {
    at.to_chrono().format("%Y-%m").to_string()
}

/// What writing goes by.
struct Ground {
    profile: PersonaProfile,
    targets: Vec<IdentityId>,
    suggestion: Option<Suggestion>,
    /// Where a week is planned: its free slots, and what could be written about.
    slots: Vec<Planned>,
    topics: Vec<String>,
    picture: Option<AssetFacts>,
}

fn no_model() -> Problem {
    Problem::new(
        Code::NoModel,
        "No model is set up for this. Add one in Settings > Models.",
    )
}

impl App {
    /// The model of a task: the one that was named, else the one that was chosen for the task, else
    /// the first; and, where none was named, the one that is asked when that does not answer.
    fn models(&self, task: WritingTask, named: Option<ModelId>) -> Result<Vec<Model>, Problem> {
        let settings = self.settings();
        let of = |id: ModelId| settings.models.iter().find(|model| model.id == id);
        let wanted = named.or_else(|| settings.writes_with.get(&task).copied());
        let first = match wanted {
            Some(id) => of(id),
            None => settings.models.first(),
        };
        let first = first.ok_or_else(no_model)?;
        let second = settings
            .fallback_model
            .filter(|_| named.is_none())
            .and_then(of);
        let second = second.filter(|model| model.id != first.id);
        Ok(std::iter::once(first).chain(second).cloned().collect())
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

    async fn writing_ground(&self, persona: PersonaId, wish: &Wish) -> Result<Ground, Error> {
        let (org, now) = (self.organization(), self.now());
        let (suggestion, picture) = (wish.suggestion, wish.picture);
        let (week, describes) = (
            wish.task == WritingTask::Week,
            wish.task == WritingTask::AltText,
        );
        self.db()
            .read(move |tx| {
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
                    let (mut slots, mut topics) = (Vec::new(), Vec::new());
                    if week {
                        let to = now.plus(7 * DAY);
                        let free = crate::answer::next_free;
                        slots = free(tx, org, persona, now, to, MOST_SLOTS).await?;
                        let status = SuggestionStatus::Open;
                        let open = store::suggestion::with_status(tx, org, persona, status, 6);
                        topics = open.await?.into_iter().map(|s| s.facts.title).collect();
                    }
                    let picture = match picture.filter(|_| describes) {
                        None => None,
                        Some(hash) => store::asset::get(tx, org, hash).await?.map(|a| a.facts),
                    };
                    Ok(Ground {
                        profile: found.profile,
                        targets: accounts
                            .iter()
                            .filter(|a| a.status != domain::identity::IdentityStatus::Disconnected)
                            .map(|a| a.id)
                            .collect(),
                        suggestion,
                        slots,
                        topics,
                        picture,
                    })
                })
            })
            .await
    }

    /// What the tightest of some accounts takes in one text, in the characters that it counts.
    async fn room(&self, task: WritingTask, targets: &[IdentityId]) -> Result<Option<u32>, Error> {
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
        let alt = task == WritingTask::AltText;
        let mut room = alt.then_some(USUAL_ALT);
        for identity in &found {
            let limits = crate::compose::limits_of(self.networks(), identity)?;
            let most = match alt {
                true => limits.images.max_alt,
                false => limits.text.max,
            };
            room = match (room, most) {
                (Some(a), Some(b)) => Some(u32::min(a, b)),
                (a, b) => a.or(b),
            };
        }
        Ok(room)
    }

    fn prompt(ground: &Ground, wish: &Wish, room: Option<u32>) -> Result<Prompt, Problem> {
        if wish.task == WritingTask::Week && ground.slots.is_empty() {
            let words = "The next week has no free slot. Give the persona slots first.";
            return Err(Problem::new(Code::WrongState, words));
        }
        if wish.task == WritingTask::AltText && ground.picture.is_none() {
            let words = "This picture is not in the library any more. Add it again.";
            return Err(Problem::new(Code::MediaMissing, words));
        }
        let given = Given {
            facts: ground.suggestion.as_ref().map(|s| &s.facts),
            room,
            topics: &ground.topics,
            slots: ground.slots.len(),
        };
        Ok(prompt::of(&ground.profile, wish, given))
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
        let mut models = self.models(wish.task, model)?.into_iter();
        let model = models.next().ok_or_else(no_model)?;
        let room = self.room(wish.task, targets).await?;
        let asked = Self::prompt(&ground, wish, room)?;
        let hash = asked.hash();
        let here = self.http().typed(&model.address, Distance::Here).is_ok();
        Ok(WritingRequest {
            model: model.name,
            address: model.address,
            here,
            system: asked.system,
            prompt: asked.prompt,
            picture: asked.picture,
            fallback: models.next().map(|m| format!("{}, {}", m.name, m.address)),
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
        let models = self.models(wish.task, model)?;
        let room = self.room(wish.task, targets).await?;
        let asked = Self::prompt(&ground, wish, room)?;
        let meter = Meter {
            app: self,
            persona,
            profile: &ground.profile,
            content,
            task: wish.task,
            way,
            models,
            picture: self.picture(ground.picture.as_ref(), way).await?,
            again: wish.again,
        };
        let mut told = Told::default();
        let mut texts = self.texts(&meter, &asked, true, &mut told).await?;
        self.measure(&ground, targets, wish, room, &mut texts)
            .await?;
        let mut repaired = false;
        if let Some(room) = room.filter(|_| texts.iter().any(|text| text.over)) {
            let again = prompt::shorter(&asked, &told.said, room);
            // Where that fails, what is there is too long, and better than nothing.
            if let Ok(shorter) = self.texts(&meter, &again, false, &mut told).await {
                texts = shorter;
                self.measure(&ground, targets, wish, room.into(), &mut texts)
                    .await?;
                repaired = true;
            }
        }
        let all: Vec<&str> = texts.iter().map(|choice| choice.text.as_str()).collect();
        // Whoever is answered wrote a text of their own.
        let given = match wish.task {
            WritingTask::Replies => "",
            _ => wish.text.as_str(),
        };
        let own = format!("{}\n{}\n{given}", asked.system, asked.own);
        let invented = strange::strange(&all.join("\n"), &own, &asked.prompt);
        let over = texts.iter().any(|text| text.over);
        let text = match asked.shape {
            None => texts.pop().unwrap_or_default().text,
            Some(_) => String::new(),
        };
        for (choice, slot) in texts.iter_mut().zip(&ground.slots) {
            choice.planned = Some(slot.clone());
        }
        Ok(Written {
            invented,
            text,
            choices: texts,
            model: told.model,
            prompt: asked.hash(),
            repaired,
            over,
            cut: told.cut,
            known: told.known,
            tokens: told.tokens,
        })
    }

    /// The texts of an answer. One that is not of the shape is asked for once more.
    async fn texts(
        &self,
        meter: &Meter<'_>,
        asked: &Prompt,
        aloud: bool,
        told: &mut Told,
    ) -> Result<Vec<Choice>, Problem> {
        let first = told.take(meter.ask(asked, aloud).await?);
        let Some(shape) = &asked.shape else {
            return Ok(vec![Choice {
                text: tidy(&first),
                ..Choice::default()
            }]);
        };
        let why = match choices(shape, &first) {
            Ok(texts) => return Ok(texts),
            Err(why) => why,
        };
        let mended = prompt::mended(asked, &first, &why);
        let second = told.take(meter.ask(&mended, false).await?);
        choices(shape, &second).map_err(|why| {
            let words =
                format!("The model did not answer in the shape that it was asked for: {why}.");
            Problem::new(Code::Unreachable, words)
        })
    }

    /// Marks the texts that are too long.
    async fn measure(
        &self,
        ground: &Ground,
        targets: &[IdentityId],
        wish: &Wish,
        room: Option<u32>,
        texts: &mut [Choice],
    ) -> Result<(), Problem> {
        for choice in texts {
            choice.over = match wish.task {
                // What stands in place of a passage, or before a text, is measured with it.
                WritingTask::Hooks | WritingTask::Critique => false,
                WritingTask::AltText => {
                    let length = choice.text.chars().count();
                    room.is_some_and(|room| length > room as usize)
                }
                _ => self.is_over(ground, targets, wish, &choice.text).await?,
            };
        }
        Ok(())
    }

    /// The picture that goes along: a small one, without what a camera writes beside it.
    async fn picture(
        &self,
        facts: Option<&AssetFacts>,
        way: &Way,
    ) -> Result<Option<Picture>, Problem> {
        let Some(facts) = facts else { return Ok(None) };
        let small = self.library().thumbnail(facts, &way.job()).await;
        let small = small.map_err(|e| crate::act::media_problem(&e))?;
        let bytes = self.library().read(small).await;
        let bytes = bytes.map_err(|e| crate::act::media_problem(&e))?;
        let media_type = match bytes.get(..4) {
            Some(b"\x89PNG") => "image/png",
            Some(b"RIFF") => "image/webp",
            _ => "image/jpeg",
        };
        Ok(Some(Picture {
            media_type: media_type.to_owned(),
            bytes,
        }))
    }

    /// Reads the words of a page, to write from.
    pub(crate) async fn read_page(&self, url: &str) -> Result<Material, Problem> {
        let page = networks::cards::words(self.http(), url).await;
        let page = page.map_err(|e| {
            Problem::new(Code::BadPage, format!("The page could not be read: {e}."))
        })?;
        let text = without_hidden(&page.text);
        Ok(Material {
            from: url.to_owned(),
            title: without_hidden(&page.title),
            text: text.chars().take(MAX_PAGE).collect(),
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
}

/// What was heard in the rounds of one wish.
#[derive(Default)]
struct Told {
    said: String,
    model: String,
    cut: bool,
    known: bool,
    tokens: u64,
}

impl Told {
    fn take(&mut self, heard: Heard) -> String {
        let Heard {
            answer,
            model,
            known,
        } = heard;
        (self.model, self.cut, self.known) = (model, answer.cut, known);
        if !known {
            let both = answer.input_tokens.saturating_add(answer.output_tokens);
            self.tokens = self.tokens.saturating_add(both);
        }
        self.said.clone_from(&answer.text);
        answer.text
    }
}

/// The list that an answer is; what it says of the shape when it is none.
fn choices(shape: &Shape, said: &str) -> Result<Vec<Choice>, String> {
    let value = shape.read(said)?;
    let items = value[LIST].as_array().into_iter().flatten();
    let text = |item: &serde_json::Value, name: &str| tidy(item[name].as_str().unwrap_or_default());
    Ok(items
        .map(|item| Choice {
            text: text(item, "text"),
            why: text(item, "why"),
            passage: text(item, "passage"),
            ..Choice::default()
        })
        .collect())
}

/// The text of a post, without what models put around it.
fn tidy(text: &str) -> String {
    let text: String = without_hidden(text)
        .chars()
        .filter(|sign| !sign.is_control() || *sign == '\n')
        .collect();
    let text = text.trim();
    let inside = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|inside| !inside.contains('"'));
    inside.unwrap_or(text).trim().to_owned()
}
