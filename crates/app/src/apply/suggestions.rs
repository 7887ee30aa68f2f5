//! Answers to suggestions, and what follows from them.

use domain::content::{Body, Variant};
use domain::idea::{DismissReason, SuggestionKind, SuggestionStatus};
use domain::identity::IdentityStatus;
use domain::ids::{ContentId, DeliveryId, IdentityId, PersonaId, SuggestionId};
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
    if store::content::get(work.tx, org, content).await?.is_some() {
        return Err(Error::refused(Code::Conflict, "This post exists already."));
    }
    let persona = store::persona::get(work.tx, org, suggestion.persona)
        .await?
        .ok_or_else(|| Error::missing("persona"))?;
    let accounts: Vec<IdentityId> = store::identity::of_persona(work.tx, org, persona.id)
        .await?
        .iter()
        .filter(|i| i.status != IdentityStatus::Disconnected)
        .map(|i| i.id)
        .collect();
    let (mut body, words) = begin(&suggestion, &persona.profile, &accounts);
    body.shared.options.made_with_ai |= of_a_model(work, &suggestion).await?;
    contents::keep(work, content, persona.id, &body, 0).await?;
    let now = work.now();
    let ahead = suggestion.facts.planned.clone().filter(|p| p.at > now);
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
    let taken = Suggestion {
        status: SuggestionStatus::Accepted,
        content: Some(content),
        begun: Some(words),
        settled_at: Some(now),
        ..suggestion
    };
    keep(work, &taken, "suggestion_taken").await?;
    Ok(vec![])
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

/// An outline is not submitted as it is: somebody writes it first.
pub(super) async fn check_edited(
    work: &mut Work<'_, '_>,
    content: ContentId,
    body: &Body,
) -> Result<(), Error> {
    let org = work.org();
    let begun = store::suggestion::of_content(work.tx, org, content).await?;
    if begun.is_some_and(|suggestion| is_unedited(&suggestion, body)) {
        return Err(Error::refused(
            Code::OutlineUnedited,
            "This is still the outline that it began with. Write it first.",
        ));
    }
    Ok(())
}

/// A taken suggestion whose title or accounts were changed was taken and edited.
pub(super) async fn note_edit(
    work: &mut Work<'_, '_>,
    content: ContentId,
    body: &Body,
) -> Result<(), Error> {
    let org = work.org();
    let begun = store::suggestion::of_content(work.tx, org, content).await?;
    let Some(suggestion) = begun.filter(|s| s.status == SuggestionStatus::Accepted) else {
        return Ok(());
    };
    let kept_accounts = body
        .targets
        .iter()
        .all(|target| suggestion.facts.accounts.contains(target));
    if kept_accounts && body.title == suggestion.facts.title {
        return Ok(());
    }
    let edited = Suggestion {
        status: SuggestionStatus::Edited,
        ..suggestion
    };
    store::suggestion::save(work.tx, org, &edited).await?;
    work.changed("suggestion", edited.id).await?;
    work.tag(protocol::Tag::Ideas);
    Ok(())
}
