//! Free posting slots.

use chrono::Datelike as _;
use db::Tx;
use domain::ids::{OrganizationId, PersonaId};
use domain::time::{DAY, MINUTE};
use domain::{Instant, Planned};
use protocol::Code;
use protocol::views::FreeSlot;

use super::names::Names;
use crate::Error;
use crate::core::App;

/// A delivery this near a slot takes it.
const SLOT_REACH: i64 = 30 * MINUTE;

impl App {
    pub(super) async fn free_slots(
        &self,
        persona: PersonaId,
        limit: u32,
    ) -> Result<Vec<FreeSlot>, Error> {
        let (org, now) = (self.organization(), self.now());
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let names = Names::read(tx, org).await?;
                    free_slots(&names, tx, persona, now, now.plus(60 * DAY), limit as usize).await
                })
            })
            .await
    }
}

/// The times of a persona's free slots between two instants.
pub(crate) async fn next_free(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    persona: PersonaId,
    from: Instant,
    to: Instant,
    limit: usize,
) -> Result<Vec<Planned>, Error> {
    let names = Names::read(tx, organization).await?;
    let free = free_slots(&names, tx, persona, from, to, limit).await?;
    Ok(free.into_iter().map(|slot| slot.planned).collect())
}

/// Weekly slots of a persona between two instants that no delivery of it takes.
pub(crate) async fn free_slots(
    names: &Names,
    tx: &mut Tx<'_>,
    persona: PersonaId,
    from: Instant,
    to: Instant,
    limit: usize,
) -> Result<Vec<FreeSlot>, Error> {
    let Some(profile) = names.personas.get(&persona).map(|p| &p.profile) else {
        return Ok(vec![]);
    };
    if profile.slots.is_empty() || to <= from {
        return Ok(vec![]);
    }
    let org = names.organization;
    let near = |at: Instant| (at.plus(-SLOT_REACH), at.plus(SLOT_REACH));
    let mut taken = Vec::new();
    for (identity, at) in store::delivery::taken(tx, org, near(from).0, near(to).1).await? {
        if names.identities.get(&identity).map(|i| i.persona) == Some(persona) {
            taken.push(at);
        }
    }
    let here = Planned::from_instant(from, &profile.zone)
        .map_err(|e| Error::refused(Code::InvalidInput, e.to_string()))?;
    let Ok(mut date) = here.wall[..10].parse::<chrono::NaiveDate>() else {
        return Ok(vec![]);
    };
    let mut free = Vec::new();
    while free.len() < limit {
        for slot in &profile.slots {
            if slot.paused || u32::from(slot.weekday) != date.weekday().number_from_monday() {
                continue;
            }
            let wall = format!("{date}T{:02}:{:02}", slot.minute / 60, slot.minute % 60);
            let Ok(planned) = Planned::from_wall(&wall, &profile.zone) else {
                continue;
            };
            let (earliest, latest) = near(planned.at);
            let open = planned.at >= from && planned.at < to;
            if open && !taken.iter().any(|t| *t > earliest && *t < latest) && free.len() < limit {
                free.push(FreeSlot { persona, planned });
            }
        }
        let Some(next) = date.succ_opt() else { break };
        date = next;
        let midnight = Planned::from_wall(&format!("{date}T00:00"), &profile.zone);
        if midnight.is_ok_and(|m| m.at >= to) {
            break;
        }
    }
    Ok(free)
}
