//! A draft in a slot.

use domain::fill::{FillDone, FillReason};
use domain::ids::{ContentId, IdentityId, SuggestionId};
use domain::persona::AutomationLevel;
use domain::{Instant, Planned};
use protocol::event::{NotificationKind, Place};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::choose::drafted_today;
use super::write::Text;
use super::{Outcome, Slot, allowed, is_free, keep, tell};
use crate::Error;
use crate::apply::{Drafted, Work, draft_of};

/// What was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Made {
    /// The content, where one was.
    pub(crate) content: Option<ContentId>,
    /// Its approval is to be asked for.
    pub(crate) submit: bool,
}

/// Makes the draft, in the slot, unless something came in between.
pub(crate) async fn draft(
    work: &mut Work<'_, '_>,
    slot: Slot,
    run: Uuid,
    (id, accounts): (SuggestionId, &[IdentityId]),
    text: &Text,
) -> Result<(Made, bool), Error> {
    let org = work.org();
    let persona = match allowed(work, slot, AutomationLevel::Draft).await? {
        Err(reason) => return nothing(work, slot, run, reason).await,
        Ok(_) if !is_free(work, slot).await? => {
            return nothing(work, slot, run, FillReason::Taken).await;
        }
        Ok(persona) if drafted_today(work, &persona).await? => {
            return nothing(work, slot, run, FillReason::Cap).await;
        }
        Ok(persona) => persona,
    };
    let Some(suggestion) = store::suggestion::get(work.tx, org, id).await? else {
        return nothing(work, slot, run, FillReason::NoIdea).await;
    };
    let content = ContentId(work.derive_id("automated_content"));
    let begun = draft_of(
        work,
        suggestion.clone(),
        Drafted {
            content,
            accounts,
            planned: planned(&persona.profile.zone, slot.at),
            text: text.text.as_deref(),
        },
    )
    .await?;
    if !begun {
        return nothing(work, slot, run, FillReason::NoIdea).await;
    }
    let outcome = Outcome {
        done: match text.text {
            Some(_) => FillDone::Drafted,
            None => FillDone::Outlined,
        },
        reason: text.reason,
        suggestion: Some(id),
        content: Some(content),
    };
    keep(work, slot, run, outcome).await?;
    let submit = text.text.is_some() && persona.profile.automation.level >= AutomationLevel::Plan;
    if !submit {
        let headline = Some(suggestion.facts.title);
        let (kind, place) = (NotificationKind::DraftMade, Place::Content { id: content });
        tell(work, &persona, slot.at, kind, headline, place).await?;
    }
    let made = Made {
        content: Some(content),
        submit,
    };
    Ok((made, true))
}

fn planned(zone: &str, at: Instant) -> Option<Planned> {
    Planned::from_instant(at, zone).ok()
}

async fn nothing(
    work: &mut Work<'_, '_>,
    slot: Slot,
    run: Uuid,
    reason: FillReason,
) -> Result<(Made, bool), Error> {
    keep(work, slot, run, Outcome::left(reason)).await?;
    let made = Made {
        content: None,
        submit: false,
    };
    Ok((made, true))
}
