//! Answers to suggestions, and what follows from them.

use domain::content::{Body, Variant};
use domain::idea::{DismissReason, SuggestionKind, SuggestionStatus};
use domain::identity::IdentityStatus;
use domain::ids::{ContentId, DeliveryId, IdentityId, PersonaId, SuggestionId};
use domain::person::Actor;
use domain::{Hash, Planned};
use protocol::mutation::{DeliveryPlan, Notice};
use protocol::{Code, Problem};
use serde_json::json;
use store::suggestion::Suggestion;

use super::{Work, contents, deliveries, person_of};
use crate::Error;
use crate::ideas::{begin, is_unedited};

/// The longest topic, in characters.
const MAX_TOPIC: usize = 80;

async fn known(work: &mut Work<'_, '_>, id: SuggestionId) -> Result<Suggestion, Error> {
    let org = work.org();
    store::suggestion::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("suggestion"))
}

async fn keep(work: &mut Work<'_, '_>, suggestion: &Suggestion, action: &str) -> Result<(), Error> {
    let org = work.org();
    store::suggestion::save(work.tx, org, suggestion).await?;
    work.changed("suggestion", suggestion.id).await?;
    let subject = format!("suggestion:{}", suggestion.id);
    let payload = json!({"kind": suggestion.kind, "reason": suggestion.reason});
    work.record(action, &subject, suggestion.content, payload)
        .await
}

/// Whether the own words that it rests on were marked as made with AI when they went out.
async fn of_a_model(work: &mut Work<'_, '_>, suggestion: &Suggestion) -> Result<bool, Error> {
    let (org, Some(own)) = (work.org(), &suggestion.facts.own) else {
        return Ok(false);
    };
    let Some(content) = store::content::get(work.tx, org, own.content).await? else {
        return Ok(false);
    };
    let Some(version) = store::version::get(work.tx, org, content.id, content.n).await? else {
        return Ok(false);
    };
    let body = version.doc()?.body;
    let marked = |variant: &Variant| variant.options.made_with_ai;
    Ok(marked(&body.shared) || body.variants.values().any(marked))
}

/// What a content that is made of a suggestion is to be.
pub(crate) struct Drafted<'a> {
    /// New.
    pub(crate) content: ContentId,
    /// Where it goes, as far as the suggestion names them.
    pub(crate) accounts: &'a [IdentityId],
    /// When; a time that has passed is left out.
    pub(crate) planned: Option<Planned>,
    /// What a model wrote; without it an outline.
    pub(crate) text: Option<&'a str>,
}

/// Makes an outline. A person asks for it, and it goes nowhere before a person wrote it.
pub(super) async fn take(
    work: &mut Work<'_, '_>,
    id: SuggestionId,
    content: ContentId,
) -> Result<Vec<Notice>, Error> {
    person_of(work)?;
    let org = work.org();
    let suggestion = known(work, id).await?;
    if suggestion.status != SuggestionStatus::Open {
        return Err(Error::refused(
            Code::WrongState,
            "This suggestion was answered already. Look again.",
        ));
    }
    let accounts: Vec<IdentityId> = store::identity::of_persona(work.tx, org, suggestion.persona)
        .await?
        .iter()
        .filter(|i| i.status != IdentityStatus::Disconnected)
        .map(|i| i.id)
        .collect();
    let drafted = Drafted {
        content,
        accounts: &accounts,
        planned: suggestion.facts.planned.clone(),
        text: None,
    };
    let begun = make(work, &suggestion, drafted).await?;
    let taken = Suggestion {
        status: SuggestionStatus::Accepted,
        content: Some(content),
        begun: Some(begun),
        settled_at: Some(work.now()),
        ..suggestion
    };
    keep(work, &taken, "suggestion_taken").await?;
    Ok(vec![])
}

/// Makes a draft on its own of a suggestion that is still open. Answers whether it was.
pub(crate) async fn draft_of(
    work: &mut Work<'_, '_>,
    suggestion: Suggestion,
    drafted: Drafted<'_>,
) -> Result<bool, Error> {
    if suggestion.status != SuggestionStatus::Open {
        return Ok(false);
    }
    let content = drafted.content;
    let begun = make(work, &suggestion, drafted).await?;
    let taken = Suggestion {
        status: SuggestionStatus::Drafted,
        content: Some(content),
        begun: Some(begun),
        settled_at: Some(work.now()),
        ..suggestion
    };
    keep(work, &taken, "suggestion_drafted").await?;
    Ok(true)
}

/// Makes the content. Answers the hash of the words that a person has to write over: also a model may
/// come to say no more than they.
async fn make(
    work: &mut Work<'_, '_>,
    suggestion: &Suggestion,
    drafted: Drafted<'_>,
) -> Result<Hash, Error> {
    let (org, content) = (work.org(), drafted.content);
    if store::content::get(work.tx, org, content).await?.is_some() {
        return Err(Error::refused(Code::Conflict, "This post exists already."));
    }
    let persona = store::persona::get(work.tx, org, suggestion.persona)
        .await?
        .ok_or_else(|| Error::missing("persona"))?;
    let (mut body, words) = begin(suggestion, &persona.profile, drafted.accounts);
    if let Some(text) = drafted.text {
        body.shared = Variant::of_text(text);
    }
    body.shared.options.made_with_ai |=
        drafted.text.is_some() || of_a_model(work, suggestion).await?;
    contents::keep(work, content, persona.id, &body, 0).await?;
    let now = work.now();
    let ahead = drafted.planned.filter(|p| p.at > now);
    if let Some(planned) = ahead.filter(|_| !body.targets.is_empty()) {
        let plans: Vec<DeliveryPlan> = body
            .targets
            .iter()
            .map(|identity| DeliveryPlan {
                id: DeliveryId(work.derive_id("outline_delivery")),
                identity: *identity,
                planned: Some(planned.clone()),
                grace: None,
                hand_off: None,
            })
            .collect();
        deliveries::plan(work, content, &plans).await?;
    }
    Ok(words)
}

/// What is a topic at all: its name, in the case in which topics are compared.
fn topic_of(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

/// The topic that a suggestion is about, where it has one.
fn topic(suggestion: &Suggestion) -> Option<String> {
    let about_topic = matches!(
        suggestion.kind,
        SuggestionKind::JoinTrend | SuggestionKind::AnswerQuestion
    );
    let topic: String = topic_of(&suggestion.facts.title)
        .chars()
        .take(MAX_TOPIC)
        .collect();
    Some(topic).filter(|topic| about_topic && !topic.is_empty())
}

pub(super) async fn dismiss(
    work: &mut Work<'_, '_>,
    id: SuggestionId,
    reason: DismissReason,
) -> Result<Vec<Notice>, Error> {
    let suggestion = known(work, id).await?;
    let open = matches!(
        suggestion.status,
        SuggestionStatus::Open | SuggestionStatus::Dismissed
    );
    if !open {
        return Err(Error::refused(
            Code::WrongState,
            "This suggestion was taken or its time has passed. Look again.",
        ));
    }
    let (org, now) = (work.org(), work.now());
    if let Some(topic) = topic(&suggestion) {
        let muted = (reason == DismissReason::NotOurTopic).then_some(now);
        store::suggestion::mute(work.tx, org, suggestion.persona, &topic, muted).await?;
    }
    let dismissed = Suggestion {
        status: SuggestionStatus::Dismissed,
        reason: Some(reason),
        settled_at: Some(now),
        ..suggestion
    };
    keep(work, &dismissed, "suggestion_dismissed").await?;
    Ok(vec![])
}

pub(super) async fn reopen(
    work: &mut Work<'_, '_>,
    id: SuggestionId,
) -> Result<Vec<Notice>, Error> {
    let suggestion = known(work, id).await?;
    if suggestion.status != SuggestionStatus::Dismissed {
        return Err(Error::refused(
            Code::WrongState,
            "Only what was dismissed can be brought back.",
        ));
    }
    let org = work.org();
    if suggestion.reason == Some(DismissReason::NotOurTopic)
        && let Some(topic) = topic(&suggestion)
    {
        store::suggestion::mute(work.tx, org, suggestion.persona, &topic, None).await?;
    }
    let open = Suggestion {
        status: SuggestionStatus::Open,
        reason: None,
        settled_at: None,
        ..suggestion
    };
    keep(work, &open, "suggestion_reopened").await?;
    Ok(vec![])
}

pub(super) async fn mute(
    work: &mut Work<'_, '_>,
    persona: PersonaId,
    topic: &str,
    muted: bool,
) -> Result<Vec<Notice>, Error> {
    let (org, now) = (work.org(), work.now());
    let topic = topic_of(topic);
    let length = topic.chars().count();
    if length == 0 || length > MAX_TOPIC {
        let problem = Problem::new(
            Code::InvalidInput,
            format!("A topic has 1 to {MAX_TOPIC} characters."),
        );
        return Err(problem.with_field("topic", "a word or a few").into());
    }
    store::persona::get(work.tx, org, persona)
        .await?
        .ok_or_else(|| Error::missing("persona"))?;
    store::suggestion::mute(work.tx, org, persona, &topic, muted.then_some(now)).await?;
    work.changed("muted_topic", persona).await?;
    let action = if muted {
        "topic_muted"
    } else {
        "topic_unmuted"
    };
    let subject = format!("persona:{persona}");
    work.record(action, &subject, None, json!({"topic": topic}))
        .await?;
    Ok(vec![])
}

pub(super) async fn reset(
    work: &mut Work<'_, '_>,
    persona: PersonaId,
) -> Result<Vec<Notice>, Error> {
    let (org, now) = (work.org(), work.now());
    store::persona::get(work.tx, org, persona)
        .await?
        .ok_or_else(|| Error::missing("persona"))?;
    store::suggestion::reset_learning(work.tx, org, persona, now).await?;
    work.changed("learning", persona).await?;
    work.record(
        "learning_reset",
        &format!("persona:{persona}"),
        None,
        json!({}),
    )
    .await?;
    Ok(vec![])
}

/// Whether a content says no more than the outline that it began with.
pub(crate) async fn is_outline(
    work: &mut Work<'_, '_>,
    content: ContentId,
    body: &Body,
) -> Result<bool, Error> {
    let org = work.org();
    let begun = store::suggestion::of_content(work.tx, org, content).await?;
    Ok(begun.is_some_and(|suggestion| is_unedited(&suggestion, body)))
}

/// An outline is not submitted as it is: somebody writes it first.
pub(super) async fn check_edited(
    work: &mut Work<'_, '_>,
    content: ContentId,
    body: &Body,
) -> Result<(), Error> {
    if is_outline(work, content, body).await? {
        return Err(Error::refused(
            Code::OutlineUnedited,
            "This is still the outline that it began with. Write it first.",
        ));
    }
    Ok(())
}

/// A taken suggestion whose title or accounts were changed was taken and edited. One of which a draft
/// was made on its own is taken when a person goes on with that.
pub(super) async fn note_edit(
    work: &mut Work<'_, '_>,
    content: ContentId,
    body: &Body,
) -> Result<(), Error> {
    let kept = |suggestion: &Suggestion| {
        let accounts = &suggestion.facts.accounts;
        body.targets.iter().all(|target| accounts.contains(target))
            && body.title == suggestion.facts.title
    };
    settle(work, content, |suggestion, by_person| {
        match (suggestion.status, kept(suggestion)) {
            (SuggestionStatus::Accepted, false) => Some(SuggestionStatus::Edited),
            (SuggestionStatus::Drafted, false) if by_person => Some(SuggestionStatus::Edited),
            (SuggestionStatus::Drafted, true) if by_person => Some(SuggestionStatus::Accepted),
            _ => None,
        }
    })
    .await
}

/// What a person said of a draft that was made on its own: approved it, or did not want it.
pub(super) async fn note_answer(
    work: &mut Work<'_, '_>,
    content: ContentId,
    wanted: bool,
) -> Result<(), Error> {
    settle(work, content, |suggestion, by_person| {
        let open = suggestion.status == SuggestionStatus::Drafted && by_person;
        open.then_some(match wanted {
            true => SuggestionStatus::Accepted,
            false => SuggestionStatus::Dismissed,
        })
    })
    .await
}

async fn settle(
    work: &mut Work<'_, '_>,
    content: ContentId,
    became: impl Fn(&Suggestion, bool) -> Option<SuggestionStatus>,
) -> Result<(), Error> {
    let org = work.org();
    let Some(suggestion) = store::suggestion::of_content(work.tx, org, content).await? else {
        return Ok(());
    };
    let outside = matches!(work.ctx.actor, Actor::ReviewLink { .. });
    let by_person = outside || work.ctx.actor.person().is_some();
    let Some(status) = became(&suggestion, by_person) else {
        return Ok(());
    };
    let settled = Suggestion {
        status,
        reason: (status == SuggestionStatus::Dismissed).then_some(DismissReason::Other),
        settled_at: match suggestion.status {
            SuggestionStatus::Drafted => Some(work.now()),
            _ => suggestion.settled_at,
        },
        ..suggestion
    };
    store::suggestion::save(work.tx, org, &settled).await?;
    work.changed("suggestion", settled.id).await?;
    work.tag(protocol::Tag::Ideas);
    Ok(())
}
