//! What is to be done with an empty slot that comes near.

use domain::fill::{FillDone, FillReason};
use domain::idea::{SuggestionKind, SuggestionStatus};
use domain::identity::IdentityStatus;
use domain::ids::{IdentityId, SuggestionId};
use domain::persona::AutomationLevel;
use domain::time::{DAY, MINUTE};
use domain::{Instant, Planned};
use protocol::event::{NotificationKind, Place};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::persona::Persona;
use store::suggestion::Suggestion;
use uuid::Uuid;

use super::{Outcome, Slot, allowed, is_free, is_quiet, keep, minute_of, tell};
use crate::Error;
use crate::apply::Work;
use crate::ideas::{features, taste};

/// Open suggestions that are looked at.
const MOST: u32 = 40;
/// What was told for a slot is not told for another one so soon.
const TOLD: i64 = 7 * DAY;

/// What is to be done with a slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Choice {
    /// It is done.
    Done,
    /// Nothing before the quiet hours are over.
    Wait {
        /// When they are.
        until: Instant,
    },
    /// A draft is to be made.
    Write {
        /// Of what.
        suggestion: SuggestionId,
        /// For which accounts.
        accounts: Vec<IdentityId>,
    },
}

/// Chooses, and does at once what needs no draft. Answers as well whether anything was changed.
pub(crate) async fn choose(
    work: &mut Work<'_, '_>,
    slot: Slot,
    run: Uuid,
) -> Result<(Choice, bool), Error> {
    let (org, now) = (work.org(), work.now());
    if store::fill::get(work.tx, org, slot.persona, slot.at)
        .await?
        .is_some()
    {
        return Ok((Choice::Done, false));
    }
    let persona = match allowed(work, slot, AutomationLevel::Suggest).await? {
        Err(reason) => return left(work, slot, run, reason).await,
        Ok(_) if !is_free(work, slot).await? => {
            return left(work, slot, run, FillReason::Taken).await;
        }
        Ok(persona) => persona,
    };
    if is_quiet(&persona, now) {
        return match ends(&persona, now).filter(|until| *until < slot.at) {
            Some(until) => Ok((Choice::Wait { until }, false)),
            None => left(work, slot, run, FillReason::Quiet).await,
        };
    }
    let accounts = accounts(work, &persona).await?;
    let open = ranked(work, &persona, &accounts).await?;
    let mut reason = match (accounts.is_empty(), open.is_empty()) {
        (true, _) => Some(FillReason::NoAccount),
        (_, true) => Some(FillReason::NoIdea),
        _ => None,
    };
    if persona.profile.automation.level >= AutomationLevel::Draft {
        let capped = drafted_today(work, &persona).await?;
        match open.first() {
            Some(_) if capped => reason = Some(FillReason::Cap),
            Some(best) => {
                let write = Choice::Write {
                    suggestion: best.id,
                    accounts: fitting(best, &accounts),
                };
                return Ok((write, false));
            }
            None => {}
        }
    }
    let told: Vec<SuggestionId> = store::fill::since(work.tx, org, now.plus(-TOLD))
        .await?
        .into_iter()
        .filter_map(|fill| fill.suggestion)
        .collect();
    let new = open.into_iter().find(|s| !told.contains(&s.id));
    say(work, (slot, run), &persona, new, reason).await?;
    Ok((Choice::Done, true))
}

/// Tells that the slot is empty, and what could be said in it.
async fn say(
    work: &mut Work<'_, '_>,
    (slot, run): (Slot, Uuid),
    persona: &Persona,
    idea: Option<Suggestion>,
    reason: Option<FillReason>,
) -> Result<(), Error> {
    let Some(idea) = idea else {
        tell(
            work,
            persona,
            slot.at,
            NotificationKind::EmptySlot,
            None,
            Place::Compose,
        )
        .await?;
        let outcome = Outcome {
            done: FillDone::Reminded,
            ..Outcome::left(reason.unwrap_or(FillReason::NoIdea))
        };
        return keep(work, slot, run, outcome).await;
    };
    let headline = Some(idea.facts.title.clone());
    let kind = NotificationKind::SlotIdea;
    tell(work, persona, slot.at, kind, headline, Place::Ideas).await?;
    let outcome = Outcome {
        done: FillDone::Suggested,
        reason,
        suggestion: Some(idea.id),
        content: None,
    };
    keep(work, slot, run, outcome).await?;
    let payload = json!({"kind": idea.kind, "name": persona.profile.name});
    work.record(
        "slot_suggested",
        &format!("suggestion:{}", idea.id),
        None,
        payload,
    )
    .await
}

async fn left(
    work: &mut Work<'_, '_>,
    slot: Slot,
    run: Uuid,
    reason: FillReason,
) -> Result<(Choice, bool), Error> {
    keep(work, slot, run, Outcome::left(reason)).await?;
    Ok((Choice::Done, true))
}

/// Until when the persona of a slot is not to be disturbed, if that is before the slot: a model may
/// have written into the night.
pub(crate) async fn disturbs(
    work: &mut Work<'_, '_>,
    slot: Slot,
) -> Result<(Option<Instant>, bool), Error> {
    let (org, now) = (work.org(), work.now());
    let persona = store::persona::get(work.tx, org, slot.persona).await?;
    let quiet = persona.filter(|persona| is_quiet(persona, now));
    let until = quiet.and_then(|persona| ends(&persona, now));
    Ok((until.filter(|until| *until < slot.at), false))
}

/// When the quiet hours in which `now` lies are over.
fn ends(persona: &Persona, now: Instant) -> Option<Instant> {
    let (zone, hours) = (
        &persona.profile.zone,
        persona.profile.automation.quiet_hours?,
    );
    let minute = minute_of(now, zone)?;
    let today = Planned::from_instant(now, zone).ok()?;
    let date = today.wall.get(..10)?.parse::<chrono::NaiveDate>().ok()?;
    let date = match minute < hours.to {
        true => date,
        false => date.succ_opt()?,
    };
    let wall = format!("{date}T{:02}:{:02}", hours.to / 60, hours.to % 60);
    let end = Planned::from_wall(&wall, zone).ok()?.at;
    // Where clocks are set back, a wall comes twice and the first is meant.
    Some(end.max(now.plus(MINUTE)))
}

/// The accounts that drafts are for.
async fn accounts(work: &mut Work<'_, '_>, persona: &Persona) -> Result<Vec<IdentityId>, Error> {
    let org = work.org();
    let wanted = &persona.profile.automation.networks;
    Ok(store::identity::of_persona(work.tx, org, persona.id)
        .await?
        .into_iter()
        .filter(|i| i.status != IdentityStatus::Disconnected)
        .filter(|i| wanted.is_empty() || wanted.contains(&i.network))
        .map(|i| i.id)
        .collect())
}

/// Which of these accounts a suggestion is for.
fn fitting(suggestion: &Suggestion, accounts: &[IdentityId]) -> Vec<IdentityId> {
    let named = suggestion.facts.accounts.iter();
    named.filter(|id| accounts.contains(id)).copied().collect()
}

/// Open suggestions for these accounts, those first that are most probably taken. That a slot is
/// empty is no idea.
async fn ranked(
    work: &mut Work<'_, '_>,
    persona: &Persona,
    accounts: &[IdentityId],
) -> Result<Vec<Suggestion>, Error> {
    let (org, now) = (work.org(), work.now());
    let status = SuggestionStatus::Open;
    let mut open = store::suggestion::with_status(work.tx, org, persona.id, status, MOST).await?;
    open.retain(|s| {
        s.kind != SuggestionKind::FillGap
            && s.until.is_none_or(|until| until > now)
            && !fitting(s, accounts).is_empty()
    });
    let taste = taste(work.tx, org, persona.id).await?;
    let appeal = |s: &Suggestion| taste.appeal(&features(s));
    open.sort_by(|a, b| appeal(b).total_cmp(&appeal(a)).then(a.id.cmp(&b.id)));
    Ok(open)
}

/// Whether the drafts of the day were made, on the wall of the persona's zone.
pub(super) async fn drafted_today(
    work: &mut Work<'_, '_>,
    persona: &Persona,
) -> Result<bool, Error> {
    let (org, now, zone) = (work.org(), work.now(), &persona.profile.zone);
    let begun = Planned::from_instant(now, zone)
        .and_then(|here| Planned::from_wall(&format!("{}T00:00", &here.wall[..10]), zone));
    let since = begun.map_or_else(|_| now.plus(-DAY), |midnight| midnight.at);
    let made = store::fill::since(work.tx, org, since)
        .await?
        .iter()
        .filter(|fill| fill.persona == persona.id && fill.done.made_content())
        .count();
    Ok(made >= usize::from(persona.profile.automation.daily_cap))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::persona::{Automation, PersonaProfile};
    use domain::time::QuietHours;

    fn quiet(from: u16, to: u16) -> Persona {
        Persona {
            id: Uuid::nil().into(),
            profile: PersonaProfile {
                zone: "Europe/Berlin".into(),
                automation: Automation {
                    quiet_hours: Some(QuietHours { from, to }),
                    ..Automation::default()
                },
                ..PersonaProfile::default()
            },
            chain: None,
            paused_at: None,
            archived: false,
        }
    }

    #[test]
    fn quiet_hours_end_on_the_wall_of_the_zone_also_past_midnight() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let night = quiet(22 * 60, 7 * 60);
        // 23:00 in Berlin, then 03:00.
        for now in ["2026-11-25T22:00:00Z", "2026-11-26T02:00:00Z"] {
            assert!(is_quiet(&night, at(now)));
            assert_eq!(ends(&night, at(now)), Some(at("2026-11-26T06:00:00Z")));
        }
        assert!(!is_quiet(&night, at("2026-11-26T06:00:00Z")));
        let noon = quiet(12 * 60, 13 * 60);
        let now = at("2026-11-26T11:30:00Z");
        assert_eq!(ends(&noon, now), Some(at("2026-11-26T12:00:00Z")));
    }
}
