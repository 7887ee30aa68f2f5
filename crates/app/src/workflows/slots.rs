//! `remind_slot`: says when a slot of a persona is near and empty, or has it filled.

use async_trait::async_trait;
use chrono::{Datelike as _, NaiveDate, TimeDelta};
use domain::ids::OrganizationId;
use domain::persona::{AutomationLevel, PersonaProfile};
use domain::time::MINUTE;
use domain::{Instant, Planned};
use engine::{Ctx, Failure, Workflow};
use protocol::event::{NotificationKind, Place};
use serde::Deserialize;
use serde_json::{Value, json};

use super::fill::fill_slot;
use super::{Hand, REMIND, input};
use crate::Error;
use crate::answer::next_free;
use crate::apply::Work;
use crate::automation::{Slot, is_paused, is_quiet, tell};

pub(super) struct Remind(pub(super) Hand);

#[derive(Deserialize)]
struct Input {
    organization: OrganizationId,
}

#[async_trait]
impl Workflow for Remind {
    fn name(&self) -> &'static str {
        REMIND.0
    }

    fn revision(&self) -> u32 {
        REMIND.1
    }

    async fn run(&self, ctx: &mut Ctx, value: Value) -> Result<Value, Failure> {
        let Input { organization } = input(value)?;
        let told = self
            .0
            .change(ctx, organization, "remind", |work, _| {
                Box::pin(async move {
                    let told = remind(work).await?;
                    Ok((told, told > 0))
                })
            })
            .await?;
        Ok(json!({"told": told}))
    }
}

async fn remind(work: &mut Work<'_, '_>) -> Result<u32, Error> {
    let (org, now) = (work.org(), work.now());
    let mut told = 0;
    for persona in store::persona::all(work.tx, org).await? {
        let level = persona.profile.automation.level;
        if level < AutomationLevel::Remind || is_paused(work, &persona) {
            continue;
        }
        for slot in near(&persona.profile, now) {
            let at = slot.at;
            // What is filled now may be empty again later: nothing is begun for it.
            let free = next_free(work.tx, org, persona.id, at, at.plus(1), 1).await?;
            if free.is_empty() {
                continue;
            }
            if level > AutomationLevel::Remind {
                let slot = Slot {
                    organization: org,
                    persona: persona.id,
                    at,
                };
                told += u32::from(fill_slot(work, slot).await?);
                continue;
            }
            if is_quiet(&persona, now) {
                continue;
            }
            let (kind, place) = (NotificationKind::EmptySlot, Place::Compose);
            tell(work, &persona, at, kind, None, place).await?;
            told += 1;
        }
    }
    Ok(told)
}

/// The slots of a persona that come within the time in which it wants to be reminded.
fn near(profile: &PersonaProfile, now: Instant) -> Vec<Planned> {
    let before = profile.automation.before();
    let until = now.plus(i64::from(before) * MINUTE);
    let Ok(here) = Planned::from_instant(now, &profile.zone) else {
        return Vec::new();
    };
    let today = here
        .wall
        .split('T')
        .next()
        .and_then(|d| d.parse::<NaiveDate>().ok());
    let Some(today) = today else {
        return Vec::new();
    };
    let days = i64::from(before) / (24 * 60) + 1;
    let mut found = Vec::new();
    for day in (0..=days).filter_map(|n| today.checked_add_signed(TimeDelta::days(n))) {
        let weekday = day.weekday().number_from_monday();
        for slot in profile
            .slots
            .iter()
            .filter(|s| !s.paused && u32::from(s.weekday) == weekday)
        {
            let wall = format!("{day}T{:02}:{:02}", slot.minute / 60, slot.minute % 60);
            if let Ok(planned) = Planned::from_wall(&wall, &profile.zone)
                && planned.at > now
                && planned.at <= until
            {
                found.push(planned);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::persona::{Automation, Slot};

    #[test]
    fn a_slot_is_near_on_the_wall_of_the_personas_zone() {
        let profile = PersonaProfile {
            zone: "Europe/Berlin".into(),
            // Wednesday, 11:30 in Berlin.
            slots: vec![Slot {
                weekday: 3,
                minute: 11 * 60 + 30,
                paused: false,
            }],
            automation: Automation {
                level: AutomationLevel::Remind,
                remind_before: 45,
                ..Automation::default()
            },
            ..PersonaProfile::default()
        };
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let found = near(&profile, at("2026-11-25T09:50:00Z"));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].at, at("2026-11-25T10:30:00Z"));
        assert!(near(&profile, at("2026-11-25T09:40:00Z")).is_empty());
        assert!(near(&profile, at("2026-11-25T10:30:00Z")).is_empty());
        assert!(near(&profile, at("2026-11-26T09:50:00Z")).is_empty());
        let mut paused = profile;
        paused.slots[0].paused = true;
        assert!(near(&paused, at("2026-11-25T09:50:00Z")).is_empty());
    }
}
