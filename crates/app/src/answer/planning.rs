//! The calendar and free posting slots.

use std::collections::BTreeMap;

use chrono::Datelike as _;
use db::Tx;
use domain::delivery::DeliveryStatus;
use domain::ids::{ContentId, DeliveryId, PersonaId};
use domain::status::ContentStatus;
use domain::time::{DAY, MINUTE};
use domain::{Instant, Planned};
use protocol::Code;
use protocol::views::{Calendar, CalendarEntry, FreeSlot};
use store::delivery::{Delivery, Placed};
use store::search::Filter;

use super::names::Names;
use crate::Error;
use crate::core::App;

/// The longest stretch of one calendar answer.
const MAX_STRETCH: i64 = 400 * DAY;

/// A delivery this near a slot takes it.
const SLOT_REACH: i64 = 30 * MINUTE;

impl App {
    pub(super) async fn calendar(
        &self,
        from: Instant,
        to: Instant,
        persona: Option<PersonaId>,
    ) -> Result<Calendar, Error> {
        if to < from || to.since(from) > MAX_STRETCH {
            return Err(Error::refused(
                Code::InvalidInput,
                "Ask for at most a year at once.",
            ));
        }
        let (org, now) = (self.organization(), self.now());
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let names = Names::read(tx, org).await?;
                    let covers = store::request::covers(tx, org, from, to).await?;
                    let covers: BTreeMap<DeliveryId, Instant> = covers.into_iter().collect();
                    let mut groups: BTreeMap<(Instant, ContentId), Vec<Placed>> = BTreeMap::new();
                    for placed in store::delivery::placed(tx, org, from, to).await? {
                        let ours = persona.is_none_or(|wanted| wanted == placed.persona);
                        if let Some(when) = names.when(&placed.delivery)
                            && ours
                            && !placed.archived
                        {
                            let key = (when.at, placed.delivery.content);
                            groups.entry(key).or_default().push(placed);
                        }
                    }
                    let entries = groups.values().filter_map(|g| entry(&names, g, &covers));
                    let entries = entries.collect();
                    let mut free = Vec::new();
                    for (id, p) in &names.personas {
                        if !p.archived && persona.is_none_or(|wanted| wanted == *id) {
                            let begin = from.max(now);
                            free.extend(free_slots(&names, tx, *id, begin, to, 200).await?);
                        }
                    }
                    free.sort_by_key(|slot| slot.planned.at);
                    let filter = Filter {
                        statuses: vec![ContentStatus::Draft, ContentStatus::Approved],
                        persona,
                        ..Filter::default()
                    };
                    let mut unplanned = 0;
                    for content in store::search::page(tx, org, &filter, None, 200).await? {
                        unplanned += u32::from(content.at.is_none());
                    }
                    Ok(Calendar {
                        entries,
                        free,
                        unplanned,
                    })
                })
            })
            .await
    }

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

fn entry(
    names: &Names,
    group: &[Placed],
    covers: &BTreeMap<DeliveryId, Instant>,
) -> Option<CalendarEntry> {
    use DeliveryStatus as D;
    let first = group.first()?;
    let deliveries = || group.iter().map(|placed| &placed.delivery);
    let trouble =
        |d: &Delivery| matches!(d.status, D::Failed | D::Unconfirmed | D::Missed | D::Held);
    Some(CalendarEntry {
        content: first.delivery.content,
        persona: names.persona(first.persona),
        headline: first.headline.clone(),
        status: first.content_status,
        planned: deliveries().find_map(|d| names.when(d))?,
        needs_person: deliveries().any(trouble)
            || matches!(
                first.content_status,
                ContentStatus::ChangesRequested | ContentStatus::Rejected
            ),
        movable: deliveries().all(|d| d.status.can_move()),
        covered_until: deliveries()
            .filter_map(|d| covers.get(&d.id).copied())
            .min(),
        targets: deliveries().map(|d| names.target(d)).collect(),
    })
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
    for delivery in store::delivery::between(tx, org, near(from).0, near(to).1).await? {
        let of = names.identities.get(&delivery.identity).map(|i| i.persona);
        if of == Some(persona) {
            taken.extend(names.when(&delivery).map(|p| p.at));
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
