//! The approval of a draft that a model wrote.

use domain::Hash;
use domain::fill::{FillDone, FillReason};
use domain::ids::{ContentId, RequestId};
use domain::persona::AutomationLevel;
use domain::version::VersionDoc;
use engine::Failure;
use protocol::event::{NotificationKind, Place};
use protocol::{Code, Mutation};
use uuid::Uuid;

use super::{Outcome, Slot, allowed, keep, tell};
use crate::Error;
use crate::apply::{Work, apply, asks_nobody, is_outline};
use crate::core::App;
use crate::publish::failure;

/// The first version of a draft, canonical; none where it cannot go out as it is.
///
/// # Errors
/// When a network that has to be asked does not answer: it is tried again.
pub(crate) async fn prepare(
    core: Option<&App>,
    content: ContentId,
    job: &media::Job,
) -> Result<Option<String>, Failure> {
    let Some(core) = core else {
        return Ok(None);
    };
    let org = core.organization();
    let copy = core
        .db()
        .read(move |tx| {
            Box::pin(async move { store::content::working_copy(tx, org, content).await })
        })
        .await
        .map_err(|e: store::Error| failure(e.into()))?;
    let Some(copy) = copy else {
        return Ok(None);
    };
    match core.build(content, &copy.body, job).await {
        Ok(built) => Ok(built.faults.is_empty().then_some(built.doc)),
        Err(Error::Problem(problem)) if !problem.retryable && problem.code != Code::Cancelled => {
            tracing::info!(%problem, "a draft cannot be submitted as it is");
            Ok(None)
        }
        Err(Error::Problem(problem)) => {
            Err(Failure::retryable(problem.code.as_str(), problem.message))
        }
        Err(error) => Err(failure(error)),
    }
}

/// Saves the version and asks for its approval, unless a person began to work on the draft or nobody
/// would be asked before it goes out. Answers whether it was submitted.
pub(crate) async fn submit(
    work: &mut Work<'_, '_>,
    slot: Slot,
    run: Uuid,
    content: ContentId,
    doc: Option<&str>,
) -> Result<(bool, bool), Error> {
    let org = work.org();
    let before = store::fill::get(work.tx, org, slot.persona, slot.at).await?;
    let suggestion = before.and_then(|fill| fill.suggestion);
    let reason = match doc {
        None => Some(FillReason::Errors),
        Some(doc) => asked(work, slot, content, doc).await?,
    };
    let outcome = Outcome {
        done: match reason {
            None => FillDone::Submitted,
            Some(_) => FillDone::Drafted,
        },
        reason,
        suggestion,
        content: Some(content),
    };
    keep(work, slot, run, outcome).await?;
    let persona = store::persona::get(work.tx, org, slot.persona).await?;
    if let Some(persona) = persona.filter(|_| reason.is_some()) {
        let headline = store::content::get(work.tx, org, content)
            .await?
            .map(|content| content.headline);
        let (kind, place) = (NotificationKind::DraftMade, Place::Content { id: content });
        tell(work, &persona, slot.at, kind, headline, place).await?;
    }
    Ok((reason.is_none(), true))
}

/// Says what is left of a slot whose run failed: nobody is to wait for it.
pub(crate) async fn failed(
    work: &mut Work<'_, '_>,
    slot: Slot,
    run: Uuid,
) -> Result<((), bool), Error> {
    let org = work.org();
    let Some(persona) = store::persona::get(work.tx, org, slot.persona).await? else {
        return Ok(((), false));
    };
    let before = store::fill::get(work.tx, org, slot.persona, slot.at).await?;
    let (outcome, kind, place, headline) = match before.as_ref().map(|fill| (fill, fill.content)) {
        Some((fill, Some(content))) => {
            let outcome = Outcome {
                done: fill.done,
                reason: Some(FillReason::Errors),
                suggestion: fill.suggestion,
                content: Some(content),
            };
            let headline = store::content::get(work.tx, org, content)
                .await?
                .map(|content| content.headline);
            let place = Place::Content { id: content };
            (outcome, NotificationKind::DraftMade, place, headline)
        }
        Some((_, None)) => return Ok(((), false)),
        None => {
            let outcome = Outcome {
                done: FillDone::Reminded,
                ..Outcome::left(FillReason::NoAnswer)
            };
            (outcome, NotificationKind::EmptySlot, Place::Compose, None)
        }
    };
    keep(work, slot, run, outcome).await?;
    tell(work, &persona, slot.at, kind, headline, place).await?;
    Ok(((), true))
}

/// Asks; otherwise why not.
async fn asked(
    work: &mut Work<'_, '_>,
    slot: Slot,
    id: ContentId,
    text: &str,
) -> Result<Option<FillReason>, Error> {
    let org = work.org();
    if let Err(reason) = allowed(work, slot, AutomationLevel::Plan).await? {
        return Ok(Some(reason));
    }
    let Ok(doc) = VersionDoc::open(text.as_bytes()) else {
        return Ok(Some(FillReason::Errors));
    };
    let copy = store::content::working_copy(work.tx, org, id).await?;
    let untouched = copy.is_some_and(|copy| copy.person.is_none() && copy.body == doc.body);
    let content = store::content::get(work.tx, org, id).await?;
    if !untouched || content.is_none_or(|content| content.n > 0 || content.archived) {
        return Ok(Some(FillReason::Touched));
    }
    if is_outline(work, id, &doc.body).await? {
        return Ok(Some(FillReason::Unsound));
    }
    let planned = store::delivery::of_content(work.tx, org, id).await?;
    if !planned
        .iter()
        .any(|d| d.planned.as_ref().is_some_and(|p| p.at == slot.at))
    {
        return Ok(Some(FillReason::Touched));
    }
    if asks_nobody(work, slot.persona, &doc).await? {
        return Ok(Some(FillReason::NobodyAsked));
    }
    let save = Mutation::SaveVersion {
        content: id,
        persona: slot.persona,
        n: 1,
        doc: text.to_owned(),
    };
    apply(work, &save).await?;
    let ask = Mutation::RequestApproval {
        id: RequestId(work.derive_id("automated_request")),
        content: id,
        n: 1,
        hash: Hash::of(text.as_bytes()),
        added: None,
    };
    apply(work, &ask).await?;
    Ok(None)
}
