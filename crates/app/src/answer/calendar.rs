//! The calendar: what stands when.

use std::collections::{BTreeMap, BTreeSet};

use domain::delivery::DeliveryStatus;
use domain::identity::NetworkId;
use domain::ids::{ContentId, DeliveryId, PersonaId};
use domain::status::ContentStatus;
use domain::time::DAY;
use domain::{Instant, Planned};
use protocol::Code;
use protocol::query::Foremost;
use protocol::views::{Calendar, CalendarDay, CalendarEntry, DayMark};
use store::delivery::Placed;

use super::names::Names;
use super::planning::free_slots;
use crate::Error;
use crate::core::App;

/// The longest stretch of one answer.
const MAX_STRETCH: i64 = 400 * DAY;

/// Minutes of a mark on the line of a day's hours.
const MARK: u16 = 15;

/// Free slots of one persona in one answer.
const MOST_FREE: usize = 200;

/// What of the calendar.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    pub(super) from: Instant,
    pub(super) to: Instant,
    pub(super) persona: Option<PersonaId>,
    pub(super) network: Option<NetworkId>,
    pub(super) foremost: Option<Foremost>,
}

impl App {
    pub(super) async fn calendar(&self, stretch: Stretch) -> Result<Calendar, Error> {
        let (from, to, persona) = (stretch.from, stretch.to, stretch.persona);
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
                    let placed = store::delivery::placed(tx, org, from, to).await?;
                    let (groups, networks) = groups(&names, placed, &stretch);
                    let mut days = Vec::new();
                    let shown = match &stretch.foremost {
                        None => groups,
                        Some(foremost) => {
                            let (of_days, shown) = by_day(&names, groups, foremost)?;
                            days = of_days;
                            shown
                        }
                    };
                    let entries = shown.iter().filter_map(|g| entry(&names, g, &covers));
                    let entries = entries.collect();
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
                        networks,
                        days,
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

/// All that stands in the stretch, by time, and the networks of it.
fn groups(names: &Names, placed: Vec<Placed>, stretch: &Stretch) -> (Vec<Group>, Vec<NetworkId>) {
    let mut found: BTreeMap<(Instant, ContentId), Group> = BTreeMap::new();
    for one in placed {
        if stretch.persona.is_some_and(|wanted| wanted != one.persona) {
            continue;
        }
        let went = || names.went(one.identity, one.settled_at);
        if let Some(planned) = one.planned.clone().or_else(went) {
            let empty = || Group {
                planned: planned.clone(),
                deliveries: vec![],
            };
            let group = found.entry((planned.at, one.content)).or_insert_with(empty);
            group.deliveries.push(one);
        }
    }
    let network = |one: &Placed| names.identities.get(&one.identity).map(|i| &i.network);
    let all = found.values().flat_map(|group| &group.deliveries);
    let networks: BTreeSet<NetworkId> = all.filter_map(network).cloned().collect();
    let wanted = |group: &Group| {
        let Some(wanted) = &stretch.network else {
            return true;
        };
        let mut networks = group.deliveries.iter().filter_map(network);
        networks.any(|one| one == wanted)
    };
    let groups = found.into_values().filter(wanted).collect();
    (groups, networks.into_iter().collect())
}

/// The days in short, and the foremost groups of each, all by time.
fn by_day(
    names: &Names,
    groups: Vec<Group>,
    foremost: &Foremost,
) -> Result<(Vec<CalendarDay>, Vec<Group>), Error> {
    let mut days: BTreeMap<String, Vec<Group>> = BTreeMap::new();
    let mut marks: BTreeMap<String, BTreeSet<DayMark>> = BTreeMap::new();
    for group in groups {
        let there = if group.planned.zone == foremost.zone {
            group.planned.wall.clone()
        } else {
            Planned::from_instant(group.planned.at, &foremost.zone)
                .map_err(|e| Error::refused(Code::InvalidInput, e.to_string()))?
                .wall
        };
        let day = there.get(..10).unwrap_or_default().to_owned();
        if let (Some(minute), Some(first)) = (minute_of(&there), group.deliveries.first()) {
            marks.entry(day.clone()).or_default().insert(DayMark {
                minute: minute / MARK * MARK,
                hue: names.persona(first.persona).hue,
            });
        }
        days.entry(day).or_default().push(group);
    }
    let (mut short, mut shown) = (Vec::new(), Vec::new());
    for (day, mut groups) in days {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let out = groups.iter().filter(|group| rank(group) == Rank::Out);
        short.push(CalendarDay {
            count: count(groups.len()),
            published: count(out.count()),
            marks: marks.remove(&day).unwrap_or_default().into_iter().collect(),
            day,
        });
        groups.sort_by_key(rank);
        groups.truncate(foremost.each as usize);
        groups.sort_by_key(|group| group.planned.at);
        shown.extend(groups);
    }
    Ok((short, shown))
}

/// `2026-11-24T09:30` is in minute 570 of its day.
fn minute_of(wall: &str) -> Option<u16> {
    let (hour, minute) = (wall.get(11..13)?, wall.get(14..16)?);
    Some(hour.parse::<u16>().ok()? * 60 + minute.parse::<u16>().ok()?)
}

/// What gives way to what where there is little room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    NeedsPerson,
    ToCome,
    Out,
}

fn rank(group: &Group) -> Rank {
    if needs_person(group) {
        Rank::NeedsPerson
    } else if status_of(group) == Some(ContentStatus::Published) {
        Rank::Out
    } else {
        Rank::ToCome
    }
}

fn status_of(group: &Group) -> Option<ContentStatus> {
    group.deliveries.first().map(|first| first.content_status)
}

fn needs_person(group: &Group) -> bool {
    use DeliveryStatus as D;
    let trouble = |d: &Placed| matches!(d.status, D::Failed | D::Unconfirmed | D::Missed | D::Held);
    group.deliveries.iter().any(trouble)
        || matches!(
            status_of(group),
            Some(ContentStatus::ChangesRequested | ContentStatus::Rejected)
        )
}

fn entry(
    names: &Names,
    group: &Group,
    covers: &BTreeMap<DeliveryId, Instant>,
) -> Option<CalendarEntry> {
    let deliveries = &group.deliveries;
    let first = deliveries.first()?;
    let target = |d: &Placed| names.target_of(d.id, d.identity, d.status, d.planned.clone());
    Some(CalendarEntry {
        content: first.content,
        persona: names.persona(first.persona),
        headline: first.headline.clone(),
        status: first.content_status,
        planned: group.planned.clone(),
        needs_person: needs_person(group),
        movable: deliveries.iter().all(|d| d.status.can_move()),
        covered_until: deliveries
            .iter()
            .filter_map(|d| covers.get(&d.id).copied())
            .min(),
        targets: deliveries.iter().map(target).collect(),
    })
}
