//! The frame of the window, and Today.

use std::collections::BTreeMap;

use db::Tx;
use domain::Instant;
use domain::delivery::DeliveryStatus;
use domain::edit::EditStatus;
use domain::identity::IdentityStatus;
use domain::ids::{ContentId, PersonId};
use domain::status::ContentStatus;
use domain::time::{DAY, HOUR};
use protocol::Code;
use protocol::views::{
    Counts, DayPost, Need, NeedKind, NextPost, Overview, PersonaCount, Runtime, Today, WeekNumber,
};
use store::calendar::Placed;
use store::content::Content;
use store::delivery::Delivery;
use store::search::Filter;

use super::accounts::{account_views, person_view};
use super::approvals::{Viewer, turn};
use super::contents::OPEN;
use super::names::Names;
use crate::Error;
use crate::core::App;

impl App {
    pub(super) async fn overview(&self, viewer: Option<PersonId>) -> Result<Overview, Error> {
        let org = self.organization();
        let me = self.me().await?;
        let held = self.is_held();
        let signed_in = self.is_member();
        let app = self.clone();
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let names = Names::read(tx, org).await?;
                    let organization = store::organization::all(tx)
                        .await?
                        .into_iter()
                        .find(|o| o.id == org)
                        .ok_or_else(|| Error::missing("organization"))?;
                    let open = store::content::counts(tx, org, &OPEN).await?;
                    let open = |persona| -> u32 {
                        let of = open.iter().filter(|(_, of, _)| *of == persona);
                        of.map(|(_, _, n)| n).sum()
                    };
                    let mut personas = Vec::new();
                    for persona in store::persona::all(tx, org).await? {
                        if persona.archived {
                            continue;
                        }
                        personas.push(PersonaCount {
                            persona: names.persona(persona.id),
                            open: open(persona.id),
                            paused: persona.paused_at.is_some(),
                            zone: persona.profile.zone,
                        });
                    }
                    let needs = needs(&app, &names, tx, viewer, held).await?;
                    let approvals = needs
                        .iter()
                        .find(|n| n.kind == NeedKind::Approvals)
                        .and_then(|n| n.args.get("count")?.parse().ok())
                        .unwrap_or(0);
                    let next = next_post(tx, &names).await?;
                    let sending = store::delivery::with_status(tx, org, DeliveryStatus::Sending)
                        .await?
                        .len();
                    Ok(Overview {
                        first_run: !signed_in
                            && (names.people.is_empty() || me.is_some() && personas.is_empty()),
                        organization: organization.name,
                        signed_in,
                        me: me.as_ref().map(|p| person_view(p, Some(p.id))),
                        people: names
                            .people
                            .values()
                            .filter(|p| p.active)
                            // Nobody works as somebody else there.
                            .filter(|p| !signed_in || me.as_ref().is_some_and(|m| m.id == p.id))
                            .map(|p| person_view(p, me.as_ref().map(|m| m.id)))
                            .collect(),
                        counts: Counts {
                            today: count(needs.len()),
                            queue: personas.iter().map(|p| p.open).sum(),
                            approvals,
                            runs: count(needs.iter().filter(|n| n.kind == NeedKind::Run).count()),
                        },
                        personas,
                        runtime: Runtime {
                            owner: app.engine().is_some(),
                            paused: organization.paused_at.is_some(),
                            held,
                            other_history: app.audit_alarm().is_some(),
                            next,
                            sending: count(sending),
                            looked_at: app.engine().map(|_| app.now()),
                        },
                    })
                })
            })
            .await
    }

    /// The frame of the window, as the person of this computer sees it.
    pub(crate) async fn seat_overview(&self) -> Result<Overview, Error> {
        let viewer = self.me().await?.map(|person| person.id);
        self.overview(viewer).await
    }

    pub(super) async fn today(&self, viewer: Option<PersonId>, zone: &str) -> Result<Today, Error> {
        let (org, now) = (self.organization(), self.now());
        let (from, to) = day_of(now, zone)?;
        let held = self.is_held();
        let app = self.clone();
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let names = Names::read(tx, org).await?;
                    let mut day = Vec::new();
                    for placed in store::calendar::placed(tx, org, from, to).await? {
                        day.extend(day_post(&names, placed));
                    }
                    day.dedup_by_key(|p| (p.content, p.at));
                    let needs = needs(&app, &names, tx, viewer, held).await?;
                    let next = going_out(&names, tx, now).await?;
                    let identities: Vec<_> = names
                        .identities
                        .values()
                        .filter(|i| i.status != IdentityStatus::Disconnected)
                        .cloned()
                        .collect();
                    let accounts = account_views(&app, tx, &identities).await?;
                    let week = week(&names, tx, now).await?;
                    Ok(Today {
                        day,
                        needs,
                        next,
                        week,
                        accounts,
                    })
                })
            })
            .await
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Midnight to midnight on the wall of `zone`.
fn day_of(now: Instant, zone: &str) -> Result<(Instant, Instant), Error> {
    let wrong = |e: domain::time::TimeError| Error::refused(Code::InvalidInput, e.to_string());
    let here = domain::Planned::from_instant(now, zone).map_err(wrong)?;
    let date = here.wall.split('T').next().unwrap_or_default().to_owned();
    let from = domain::Planned::from_wall(&format!("{date}T00:00"), zone)
        .map_err(wrong)?
        .at;
    let noon_after = from.plus(36 * HOUR);
    let next = domain::Planned::from_instant(noon_after, zone).map_err(wrong)?;
    let date = next.wall.split('T').next().unwrap_or_default().to_owned();
    let to = domain::Planned::from_wall(&format!("{date}T00:00"), zone)
        .map_err(wrong)?
        .at;
    Ok((from, to))
}

fn day_post(names: &Names, placed: Placed) -> Option<DayPost> {
    let went = || names.went(placed.identity, placed.settled_at);
    Some(DayPost {
        at: placed.planned.clone().or_else(went)?.at,
        content: placed.content,
        persona: names.persona(placed.persona),
        headline: placed.headline,
        status: placed.content_status,
        delivery: placed.status,
    })
}

async fn next_post(tx: &mut Tx<'_>, names: &Names) -> Result<Option<NextPost>, Error> {
    let org = names.organization;
    let Some(delivery) = store::delivery::next(tx, org).await? else {
        return Ok(None);
    };
    let Some(planned) = delivery.planned else {
        return Ok(None);
    };
    let content = store::content::get(tx, org, delivery.content).await?;
    Ok(content.map(|c| NextPost {
        content: c.id,
        headline: c.headline,
        planned,
    }))
}

/// What goes out in the next two weeks, by time.
async fn going_out(
    names: &Names,
    tx: &mut Tx<'_>,
    now: Instant,
) -> Result<Vec<protocol::views::ContentRow>, Error> {
    let org = names.organization;
    let ids = store::delivery::going_out(tx, org, now, now.plus(14 * DAY), 20).await?;
    let mut found = store::content::of(tx, org, &ids).await?;
    let contents: Vec<Content> = ids.iter().filter_map(|id| found.remove(id)).collect();
    names.rows(tx, &contents).await
}

/// Everything that waits for a person, most urgent first.
async fn needs(
    app: &App,
    names: &Names,
    tx: &mut Tx<'_>,
    viewer: Option<PersonId>,
    held: bool,
) -> Result<Vec<Need>, Error> {
    let org = names.organization;
    let mut needs = Vec::new();
    if held {
        // On a server whoever keeps it says so, at a terminal.
        let keeper = app
            .is_member()
            .then(|| ("keeper".to_owned(), String::new()));
        needs.push(Need {
            since: app.now(),
            args: keeper.into_iter().collect(),
            ..blank(NeedKind::FolderHeld)
        });
    }
    if let Some(alarm) = app.audit_alarm() {
        needs.push(Need {
            since: app.now(),
            args: BTreeMap::from([("count".to_owned(), alarm.kept.n.to_string())]),
            ..blank(NeedKind::OtherHistory)
        });
    }
    let mut stuck = Vec::new();
    for (status, kind) in [
        (DeliveryStatus::Unconfirmed, NeedKind::Unconfirmed),
        (DeliveryStatus::Failed, NeedKind::Failed),
        (DeliveryStatus::Missed, NeedKind::Missed),
        (DeliveryStatus::HandedOff, NeedKind::NotGivenBack),
        (DeliveryStatus::Sending, NeedKind::NotGivenBack),
    ] {
        let mut all = store::delivery::with_status(tx, org, status).await?;
        if kind == NeedKind::NotGivenBack {
            // Only what was handed off says something while it is looked for.
            let handed = |d: &Delivery| d.hand_off || status == DeliveryStatus::HandedOff;
            all.retain(|d| handed(d) && d.words.is_some());
        }
        stuck.extend(all.into_iter().map(|delivery| (kind, delivery)));
    }
    needs.extend(delivery_needs(names, tx, stuck).await?);
    for edit in store::edit::with_status(tx, org, EditStatus::Failed).await? {
        let delivery = store::delivery::get(tx, org, edit.delivery).await?;
        let out = delivery.filter(|d| d.status == DeliveryStatus::Published && d.n < edit.n);
        let out = out.map(|delivery| (NeedKind::UpdateFailed, delivery));
        let need = delivery_needs(names, tx, out.into_iter().collect()).await?;
        needs.extend(need.into_iter().map(|need| Need {
            since: edit.settled_at.unwrap_or(edit.asked_at),
            words: edit.words.clone(),
            ..need
        }));
    }
    needs.extend(approvals_need(names, tx, viewer, app.now()).await?);
    needs.extend(my_work(names, tx, viewer).await?);
    needs.extend(super::notes::mentioned(names, tx, viewer).await?);
    let held_now = store::delivery::with_status(tx, org, DeliveryStatus::Held).await?;
    for identity in names.identities.values() {
        if identity.status == IdentityStatus::NeedsReconnect {
            let waiting: Vec<_> = held_now
                .iter()
                .filter(|d| d.identity == identity.id)
                .collect();
            needs.push(Need {
                since: identity.checked_at.unwrap_or_default(),
                persona: Some(names.persona(identity.persona)),
                identity: Some(identity.id),
                network: Some(identity.network.clone()),
                planned: waiting
                    .iter()
                    .filter_map(|d| d.planned.clone())
                    .min_by_key(|p| p.at),
                words: identity.trouble.clone(),
                args: BTreeMap::from([
                    ("count".to_owned(), waiting.len().to_string()),
                    ("handle".to_owned(), identity.handle.clone()),
                ]),
                ..blank(NeedKind::Reconnect)
            });
        }
    }
    use domain::delivery::HoldReason as H;
    let by_us =
        |d: &Delivery| matches!(d.hold, Some(H::Limits | H::Media | H::Executor | H::Budget));
    let held = held_now.into_iter().filter(by_us);
    let held = held.map(|delivery| (NeedKind::Held, delivery)).collect();
    needs.extend(delivery_needs(names, tx, held).await?);
    needs.extend(runs_need(app, tx).await?);
    Ok(needs)
}

pub(super) fn blank(kind: NeedKind) -> Need {
    Need {
        kind,
        since: Instant::default(),
        persona: None,
        content: None,
        headline: String::new(),
        delivery: None,
        identity: None,
        network: None,
        request: None,
        run: None,
        planned: None,
        words: None,
        args: BTreeMap::new(),
    }
}

/// One line for each delivery, but for those of what is put away.
async fn delivery_needs(
    names: &Names,
    tx: &mut Tx<'_>,
    deliveries: Vec<(NeedKind, Delivery)>,
) -> Result<Vec<Need>, Error> {
    let contents: Vec<ContentId> = deliveries.iter().map(|(_, d)| d.content).collect();
    let contents = store::content::of(tx, names.organization, &contents).await?;
    let mut needs = Vec::with_capacity(deliveries.len());
    for (kind, delivery) in deliveries {
        let content = contents.get(&delivery.content).filter(|c| !c.archived);
        if let Some(content) = content {
            needs.push(delivery_need(names, content, &delivery, kind)?);
        }
    }
    Ok(needs)
}

fn delivery_need(
    names: &Names,
    content: &Content,
    delivery: &Delivery,
    kind: NeedKind,
) -> Result<Need, Error> {
    let target = names.target(delivery);
    let mut args = BTreeMap::from([("handle".to_owned(), target.handle)]);
    if let Some(hold) = delivery.hold {
        args.insert(
            "hold".to_owned(),
            store::to_json(&hold)?.trim_matches('"').to_owned(),
        );
    }
    if let Some(miss) = delivery.miss {
        args.insert(
            "miss".to_owned(),
            store::to_json(&miss)?.trim_matches('"').to_owned(),
        );
    }
    Ok(Need {
        since: delivery.settled_at.unwrap_or(delivery.changed_at),
        persona: Some(names.persona(content.persona)),
        content: Some(content.id),
        headline: content.headline.clone(),
        delivery: Some(delivery.id),
        identity: Some(delivery.identity),
        network: Some(target.network),
        planned: delivery.planned.clone(),
        words: delivery.words.clone(),
        args,
        ..blank(kind)
    })
}

/// One line for all requests that wait for the viewer.
async fn approvals_need(
    names: &Names,
    tx: &mut Tx<'_>,
    viewer: Option<PersonId>,
    now: Instant,
) -> Result<Option<Need>, Error> {
    let org = names.organization;
    let viewer = Viewer::read(tx, org, viewer, now).await?;
    let mut mine = Vec::new();
    for request in store::request::open(tx, org).await? {
        let seats = store::request::seats(tx, org, request.id).await?;
        let decisions = store::request::decisions(tx, org, request.id).await?;
        let turn = turn(tx, org, &request, (&seats, &decisions), &viewer).await?;
        if turn.is_some() {
            mine.push(request);
        }
    }
    let Some(oldest) = mine.first().map(|r| r.opened_at) else {
        return Ok(None);
    };
    let mut first = None;
    for request in &mine {
        let times = store::request::times(tx, org, request).await?;
        let earliest = times.iter().filter_map(|(_, t)| t.planned).min();
        first = [first, earliest].into_iter().flatten().min();
    }
    let single = (mine.len() == 1).then(|| mine[0].id);
    let mut headline = String::new();
    if let [only] = mine.as_slice()
        && let Some(version) = store::version::get(tx, org, only.content, only.n).await?
    {
        headline = version.doc().map_or(headline, |doc| doc.body.headline());
    }
    Ok(Some(Need {
        since: oldest,
        request: single,
        headline,
        planned: first.and_then(|at| domain::Planned::from_instant(at, "UTC").ok()),
        args: BTreeMap::from([("count".to_owned(), mine.len().to_string())]),
        ..blank(NeedKind::Approvals)
    }))
}

/// Answers to the viewer's own requests, and requests of theirs that nobody can answer.
async fn my_work(
    names: &Names,
    tx: &mut Tx<'_>,
    viewer: Option<PersonId>,
) -> Result<Vec<Need>, Error> {
    let org = names.organization;
    let mut found = Vec::new();
    for status in [
        ContentStatus::ChangesRequested,
        ContentStatus::Rejected,
        ContentStatus::InReview,
    ] {
        let filter = Filter {
            statuses: vec![status],
            ..Filter::default()
        };
        for content in store::search::page(tx, org, &filter, None, 100).await? {
            let Some(request) = store::request::newest(tx, org, content.id).await? else {
                continue;
            };
            if request.person != viewer && content.author != viewer {
                continue;
            }
            let kind = match status {
                ContentStatus::ChangesRequested => NeedKind::ChangesRequested,
                ContentStatus::Rejected => NeedKind::Rejected,
                _ if request.stuck => NeedKind::Stuck,
                _ => continue,
            };
            let decisions = store::request::decisions(tx, org, request.id).await?;
            let last = decisions.iter().rev().find(|d| d.revoked_at.is_none());
            found.push(Need {
                since: request.closed_at.unwrap_or(request.opened_at),
                persona: Some(names.persona(content.persona)),
                content: Some(content.id),
                headline: content.headline,
                request: Some(request.id),
                words: last.map(|d| d.comment.clone()).filter(|c| !c.is_empty()),
                args: last
                    .map(|d| ("person".to_owned(), names.person(d.person).name))
                    .into_iter()
                    .collect(),
                ..blank(kind)
            });
        }
    }
    Ok(found)
}

/// Runs that failed in the last week; the older ones are in Workflows.
async fn runs_need(app: &App, tx: &mut Tx<'_>) -> Result<Vec<Need>, Error> {
    let filter = engine::Filter {
        organization: Some(app.organization().0),
        state: Some(engine::RunState::Failed),
        limit: 20,
        ..engine::Filter::default()
    };
    let since = app.now().plus(-7 * DAY);
    let failed = engine::runs(tx, &filter).await?;
    Ok(failed
        .into_iter()
        .filter(|run| run.ended_at.is_some_and(|at| at > since.0))
        .map(|run| Need {
            since: Instant(run.ended_at.unwrap_or(run.created_at)),
            run: Some(run.id.to_string()),
            words: run.error.map(|(_, message)| message),
            args: BTreeMap::from([("workflow".to_owned(), run.workflow)]),
            ..blank(NeedKind::Run)
        })
        .collect())
}

/// The last seven days beside the seven before. What cannot be known is absent, not zero.
async fn week(names: &Names, tx: &mut Tx<'_>, now: Instant) -> Result<Vec<WeekNumber>, Error> {
    let org = names.organization;
    let missed = store::delivery::with_status(tx, org, DeliveryStatus::Missed).await?;
    let between = |at: Option<Instant>, from: i64, to: i64| {
        at.is_some_and(|at| at > now.plus(from) && at <= now.plus(to))
    };
    let number = |name: &str, this: u32, before: u32| WeekNumber {
        name: name.to_owned(),
        value: Some(this),
        of: None,
        before: Some(before),
    };
    let this = store::delivery::went(tx, org, now.plus(-7 * DAY), now).await?;
    let before = store::delivery::went(tx, org, now.plus(-14 * DAY), now.plus(-7 * DAY)).await?;
    let never = |from, to| {
        let missed = missed.iter().map(|d| d.settled_at.unwrap_or(d.changed_at));
        count(missed.filter(|at| between(Some(*at), from, to)).count())
    };
    let mut numbers = vec![
        number("published", this.all, before.all),
        number(
            "late_or_missed",
            this.late + never(-7 * DAY, 0),
            before.late + never(-14 * DAY, -7 * DAY),
        ),
    ];
    let closed = store::request::closed(tx, org).await?;
    let asked: Vec<_> = closed
        .iter()
        .filter(|r| !r.policy.stages.is_empty() && between(r.closed_at, -7 * DAY, 0))
        .filter(|r| r.status == domain::approval::RequestStatus::Approved)
        .collect();
    if !asked.is_empty() {
        let quick = asked
            .iter()
            .filter(|r| r.closed_at.is_some_and(|at| at.since(r.opened_at) <= DAY))
            .count();
        numbers.push(WeekNumber {
            name: "approved_in_a_day".to_owned(),
            value: Some(count(quick)),
            of: Some(count(asked.len())),
            before: None,
        });
    }
    Ok(numbers)
}
