//! The calendar: what stands when.

use std::collections::{BTreeMap, BTreeSet};

use db::Tx;
use domain::ids::{ContentId, DeliveryId, IdentityId};
use domain::time::{DAY, steady};
use domain::{Instant, Planned};
use protocol::Code;
use protocol::query::Foremost;
use protocol::views::{Calendar, CalendarDay, CalendarEntry, DayMark};
use store::calendar::{Placed, Rank, Wanted};

use super::names::Names;
use super::planning::free_slots;
use crate::Error;
use crate::core::App;

/// The longest stretch of one answer.
const MAX_STRETCH: i64 = 400 * DAY;

/// Free slots of one persona in one answer.
const MOST_FREE: usize = 200;

/// What of the calendar.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    pub(super) from: Instant,
    pub(super) to: Instant,
    pub(super) wanted: Wanted,
    pub(super) foremost: Option<Foremost>,
}

impl App {
    pub(super) async fn calendar(&self, stretch: Stretch) -> Result<Calendar, Error> {
        let (from, to, persona) = (stretch.from, stretch.to, stretch.wanted.persona);
        if to < from || to.since(from) > MAX_STRETCH {
            return Err(Error::refused(
                Code::InvalidInput,
                "Ask for at most a year at once.",
            ));
        }
        let (org, now) = (self.organization(), self.now());
        self.db()
            .read(move |tx| {
                let stretch = stretch.clone();
                Box::pin(async move {
                    let names = Names::read(tx, org).await?;
                    let covers = store::request::covers(tx, org, from, to).await?;
                    let covers: BTreeMap<DeliveryId, Instant> = covers.into_iter().collect();
                    let standing = match &stretch.foremost {
                        None => whole(&names, tx, &stretch).await?,
                        Some(foremost) => in_short(&names, tx, &stretch, foremost).await?,
                    };
                    let entries = standing.groups.values();
                    let entries = entries.filter_map(|g| entry(&names, g, &covers));
                    let entries = entries.collect();
                    let mut accounts = store::calendar::accounts(tx, org, from, to).await?;
                    let ours = |id: &IdentityId| {
                        persona
                            .is_none_or(|p| names.identities.get(id).map(|i| i.persona) == Some(p))
                    };
                    accounts.retain(ours);
                    let mut free = Vec::new();
                    for (id, p) in &names.personas {
                        if !p.archived && persona.is_none_or(|wanted| wanted == *id) {
                            let begin = from.max(now);
                            free.extend(free_slots(&names, tx, *id, begin, to, MOST_FREE).await?);
                        }
                    }
                    free.sort_by_key(|slot| slot.planned.at);
                    Ok(Calendar {
                        entries,
                        free,
                        unplanned: store::content::unplanned(tx, org, persona).await?,
                        networks: names.networks(&accounts),
                        days: standing.days,
                    })
                })
            })
            .await
    }
}

/// Deliveries of one content at one time.
#[derive(Debug)]
struct Group {
    planned: Planned,
    deliveries: Vec<Placed>,
}

/// By time.
type Groups = BTreeMap<(Instant, ContentId), Group>;

/// What stands in a stretch, and its days in short when only the foremost were asked for.
#[derive(Debug, Default)]
struct Standing {
    groups: Groups,
    days: Vec<CalendarDay>,
}

fn grouped(names: &Names, placed: Vec<Placed>) -> Groups {
    let mut groups = Groups::new();
    for one in placed {
        let went = || names.went(one.identity, one.settled_at);
        if let Some(planned) = one.planned.clone().or_else(went) {
            let empty = || Group {
                planned: planned.clone(),
                deliveries: vec![],
            };
            let group = groups
                .entry((planned.at, one.content))
                .or_insert_with(empty);
            group.deliveries.push(one);
        }
    }
    groups
}

async fn whole(names: &Names, tx: &mut Tx<'_>, stretch: &Stretch) -> Result<Standing, Error> {
    let Wanted { persona, network } = &stretch.wanted;
    let mut placed =
        store::calendar::placed(tx, names.organization, stretch.from, stretch.to).await?;
    placed.retain(|one| persona.is_none_or(|wanted| wanted == one.persona));
    let mut groups = grouped(names, placed);
    if let Some(wanted) = network {
        let goes = |one: &Placed| names.network(one.identity) == Some(wanted);
        groups.retain(|_, group| group.deliveries.iter().any(goes));
    }
    Ok(Standing {
        groups,
        days: vec![],
    })
}

/// The days in short, and the foremost groups of each.
async fn in_short(
    names: &Names,
    tx: &mut Tx<'_>,
    stretch: &Stretch,
    foremost: &Foremost,
) -> Result<Standing, Error> {
    let org = names.organization;
    let steady = steady(stretch.from, stretch.to, &foremost.zone)
        .map_err(|e| Error::refused(Code::InvalidInput, e.to_string()))?;
    let (mut days, mut marks) = (BTreeMap::new(), BTreeMap::new());
    let mut first = BTreeSet::new();
    for part in steady {
        let short = store::calendar::in_short(tx, org, part, &stretch.wanted, foremost.each);
        let short = short.await?;
        for counted in short.counted {
            // A day on which the clocks change is in two parts.
            let day: &mut CalendarDay = days.entry(counted.day).or_insert_with(|| CalendarDay {
                day: date(counted.day),
                count: 0,
                published: 0,
                marks: vec![],
            });
            day.count += counted.all;
            day.published += counted.published;
            let hue = names.persona(counted.persona).hue;
            let there: &mut BTreeSet<DayMark> = marks.entry(counted.day).or_default();
            there.extend(
                counted
                    .minutes
                    .into_iter()
                    .map(|minute| DayMark { minute, hue }),
            );
        }
        first.extend(short.foremost);
    }
    for (day, marks) in marks {
        if let Some(day) = days.get_mut(&day) {
            day.marks = marks.into_iter().collect();
        }
    }
    let mut shown: BTreeMap<i64, u32> = BTreeMap::new();
    // By day, rank and time.
    first.retain(|one| {
        let so_far = shown.entry(one.day).or_default();
        *so_far += 1;
        *so_far <= foremost.each
    });
    let keys: BTreeSet<_> = first.iter().map(|one| (one.at, one.content)).collect();
    let contents = first.iter().map(|one| one.content).collect();
    let placed = store::calendar::placed_of(tx, org, &contents).await?;
    let mut groups = grouped(names, placed);
    groups.retain(|key, _| keys.contains(key));
    Ok(Standing {
        groups,
        days: days.into_values().collect(),
    })
}

/// The date of a day that is counted from 1970.
fn date(day: i64) -> String {
    let midnight = Instant(day * DAY).to_chrono();
    midnight.format("%Y-%m-%d").to_string()
}

fn entry(
    names: &Names,
    group: &Group,
    covers: &BTreeMap<DeliveryId, Instant>,
) -> Option<CalendarEntry> {
    let deliveries = &group.deliveries;
    let first = deliveries.first()?;
    let rank = deliveries.iter().map(|d| d.rank).min()?;
    let target = |d: &Placed| names.target_of(d.id, d.identity, d.status, d.planned.clone());
    Some(CalendarEntry {
        content: first.content,
        persona: names.persona(first.persona),
        headline: first.headline.clone(),
        status: first.content_status,
        planned: group.planned.clone(),
        needs_person: rank == Rank::NeedsPerson,
        rank: rank as u8,
        movable: deliveries.iter().all(|d| d.status.can_move()),
        covered_until: deliveries
            .iter()
            .filter_map(|d| covers.get(&d.id).copied())
            .min(),
        targets: deliveries.iter().map(target).collect(),
    })
}
