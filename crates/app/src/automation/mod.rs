//! What Rostrum does on its own with an empty posting slot of a persona, as far as the persona's rung
//! goes: tell of it, tell what could be said, make a draft, ask for its approval.
//!
//! One thing is done with a slot, at the most: it is kept in the transaction that does it. Nothing
//! here decides, and nothing goes out that nobody was asked about.

mod choose;
mod draft;
mod submit;
mod write;

use domain::fill::{FillDone, FillReason};
use domain::ids::{ContentId, OrganizationId, PersonaId, SuggestionId};
use domain::persona::AutomationLevel;
use domain::{Instant, Planned};
use protocol::Tag;
use protocol::event::{Notification, NotificationKind, Place};
use serde::{Deserialize, Serialize};
use store::fill::Fill;
use store::persona::Persona;
use uuid::Uuid;

pub(crate) use choose::{Choice, choose, disturbs};
pub(crate) use draft::{Made, draft};
pub(crate) use submit::{failed, prepare, submit};
pub(crate) use write::{Text, write};

use crate::Error;
use crate::apply::Work;

/// A posting slot of a persona.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Slot {
    pub(crate) organization: OrganizationId,
    pub(crate) persona: PersonaId,
    pub(crate) at: Instant,
}

/// What is done with a slot, and what it is about.
#[derive(Clone, Copy, Debug)]
struct Outcome {
    done: FillDone,
    reason: Option<FillReason>,
    suggestion: Option<SuggestionId>,
    content: Option<ContentId>,
}

impl Outcome {
    const fn left(reason: FillReason) -> Self {
        Self {
            done: FillDone::Left,
            reason: Some(reason),
            suggestion: None,
            content: None,
        }
    }
}

/// Whether everything of a persona, or all of the organization, stands still.
pub(crate) fn is_paused(work: &Work<'_, '_>, persona: &Persona) -> bool {
    persona.archived || persona.paused_at.is_some() || work.organization().paused_at.is_some()
}

/// The minute of the day on the wall of a zone.
fn minute_of(at: Instant, zone: &str) -> Option<u16> {
    let wall = Planned::from_instant(at, zone).ok()?.wall;
    let (hour, minute) = wall.get(11..16)?.split_once(':')?;
    Some(hour.parse::<u16>().ok()? * 60 + minute.parse::<u16>().ok()?)
}

/// Whether a persona is not to be disturbed now.
pub(crate) fn is_quiet(persona: &Persona, now: Instant) -> bool {
    let profile = &persona.profile;
    let minute = minute_of(now, &profile.zone);
    let hours = profile.automation.quiet_hours;
    hours
        .zip(minute)
        .is_some_and(|(hours, minute)| hours.covers(minute))
}

/// The persona of a slot while something may be done with it on this rung; otherwise why not.
async fn allowed(
    work: &mut Work<'_, '_>,
    slot: Slot,
    least: AutomationLevel,
) -> Result<Result<Persona, FillReason>, Error> {
    let (org, now) = (work.org(), work.now());
    let Some(persona) = store::persona::get(work.tx, org, slot.persona).await? else {
        return Ok(Err(FillReason::Taken));
    };
    Ok(if is_paused(work, &persona) {
        Err(FillReason::Paused)
    } else if persona.profile.automation.level < least {
        Err(FillReason::Lowered)
    } else if slot.at <= now {
        Err(FillReason::Late)
    } else {
        Ok(persona)
    })
}

/// Whether the slot is one of the persona's and nothing goes out in it.
async fn is_free(work: &mut Work<'_, '_>, slot: Slot) -> Result<bool, Error> {
    let (org, until) = (work.org(), slot.at.plus(1));
    let free = crate::answer::next_free(work.tx, org, slot.persona, slot.at, until, 1).await?;
    Ok(!free.is_empty())
}

/// Keeps what was done with a slot.
async fn keep(
    work: &mut Work<'_, '_>,
    slot: Slot,
    run: Uuid,
    outcome: Outcome,
) -> Result<(), Error> {
    let (org, now) = (work.org(), work.now());
    let fill = Fill {
        persona: slot.persona,
        slot: slot.at,
        done: outcome.done,
        reason: outcome.reason,
        suggestion: outcome.suggestion,
        content: outcome.content,
        run,
        at: now,
    };
    store::fill::save(work.tx, org, &fill).await?;
    work.changed("slot_fill", format!("{}:{}", slot.persona, slot.at.0))
        .await?;
    work.tag(Tag::Ideas);
    Ok(())
}

/// Tells whoever is there of a slot.
pub(crate) async fn tell(
    work: &mut Work<'_, '_>,
    persona: &Persona,
    slot: Instant,
    kind: NotificationKind,
    headline: Option<String>,
    place: Place,
) -> Result<(), Error> {
    let args = [
        ("persona", Some(persona.profile.name.clone())),
        ("time", Some(slot.to_string())),
        ("headline", headline),
    ];
    let args = args.into_iter();
    let notification = Notification {
        // Of each kind one: a reminder does not swallow what a higher rung has to say.
        key: format!("slot:{kind:?}:{}:{slot}", persona.id),
        kind,
        args: args
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect(),
        place,
        delivery: None,
        status: None,
        network: None,
    };
    work.notify(None, notification).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minute_of_the_day_is_that_of_the_zones_wall() {
        let at = "2026-11-25T23:40:59Z".parse().unwrap();
        assert_eq!(minute_of(at, "UTC"), Some(23 * 60 + 40));
        assert_eq!(minute_of(at, "Europe/Berlin"), Some(40));
        assert_eq!(minute_of(at, "Berlin"), None);
    }
}
