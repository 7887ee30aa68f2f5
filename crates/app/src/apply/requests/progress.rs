//! From stage to stage: seats, quorum, reminders, substitutes, expiry.

use std::collections::BTreeMap;

use domain::approval::{self, Approver, Cast, Member, Place, Progress, RequestStatus};
use domain::delivery::DeliveryStatus;
use domain::ids::{PersonId, RequestId};
use engine::Start;
use protocol::Tag;
use protocol::event::{self, Notification, NotificationKind};
use protocol::mutation::Notice;
use serde_json::json;
use store::content::Content;
use store::request::{Decision, Request, Seat};

use super::{REQUEST_CHANGED, close};
use crate::Error;
use crate::apply::{Work, delegations, deliveries, edits};

/// Everybody, as far as seats care.
///
/// # Errors
/// When the database says no.
pub async fn members(work: &mut Work<'_, '_>) -> Result<Vec<Member>, Error> {
    Ok(work
        .people()
        .await?
        .values()
        .map(store::person::Person::member)
        .collect())
}

/// Derives where the request stands from its decisions and goes there: opens stages, grants,
/// or closes.
pub(super) async fn advance(
    work: &mut Work<'_, '_>,
    mut request: Request,
) -> Result<Vec<Notice>, Error> {
    let org = work.org();
    let fresh = request.stage.is_none() && request.status == RequestStatus::Open;
    let was = request.status;
    let version = store::version::get(work.tx, org, request.content, request.n)
        .await?
        .ok_or_else(|| Error::missing("version"))?;
    let stages = request.policy.stages_for(&version.doc()?, &request.costs);
    let casts: Vec<Cast> = store::request::decisions(work.tx, org, request.id)
        .await?
        .iter()
        .filter(|d| d.revoked_at.is_none())
        .map(|d| Cast {
            stage: d.stage,
            person: d.person,
            operator: d.operator,
            delegated: d.delegated,
            verdict: d.verdict,
        })
        .collect();
    let content = store::content::get(work.tx, org, request.content)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    let (mut opened, mut widened) = (Vec::new(), Vec::new());
    let progress = loop {
        let places: Vec<Place> = store::request::all_seats(work.tx, org, request.id)
            .await?
            .iter()
            .map(|s| Place {
                stage: s.stage,
                person: s.person,
                substitute: s.substitute,
                vacant: s.vacant,
            })
            .collect();
        let progress = approval::progress(&request.policy, &stages, &places, &casts);
        let (Progress::Waiting { stage } | Progress::Stuck { stage }) = progress else {
            break progress;
        };
        let known = places.iter().any(|p| p.stage == stage) || opened.contains(&stage);
        if known {
            // What can no longer be decided does not wait for its substitutes' time.
            let is_stuck = matches!(progress, Progress::Stuck { .. });
            if is_stuck && !widened.contains(&stage) {
                widened.push(stage);
                if substitute(work, &request, &content, stage).await? {
                    continue;
                }
            }
            break progress;
        }
        opened.push(stage);
        open_stage(work, &request, stage).await?;
    };
    let mut notices = Vec::new();
    match progress {
        Progress::Waiting { stage } | Progress::Stuck { stage } => {
            let entered = request.stage != Some(stage);
            request.status = RequestStatus::Open;
            request.closed_at = None;
            let stuck_before = request.stuck && !entered;
            request.stuck = matches!(progress, Progress::Stuck { .. });
            if entered {
                request.stage = Some(stage);
                request.stage_opened_at = Some(work.now());
            }
            store::request::update(work.tx, org, &request).await?;
            if request.stuck {
                notices.push(Notice::RequestStuck);
            }
            if request.stuck && !stuck_before {
                tell_who_asked(work, &request, &content, NotificationKind::Stuck).await?;
            }
            if entered {
                ask(work, &request, &content, stage).await?;
            }
            if fresh || was != RequestStatus::Open {
                start_run(work, &request).await?;
            }
            touched(work, &request).await?;
        }
        Progress::Approved => {
            close(work, &mut request, RequestStatus::Approved).await?;
            work.record(
                "approval_granted",
                &format!("request:{}", request.id),
                Some(request.content),
                json!({"n": request.n, "hash": request.hash.short()}),
            )
            .await?;
            if stages.is_empty() {
                notices.push(Notice::GrantedAtOnce);
            }
        }
        Progress::ChangesRequested => {
            close(work, &mut request, RequestStatus::ChangesRequested).await?;
        }
        Progress::Rejected => close(work, &mut request, RequestStatus::Rejected).await?,
    }
    if request.status != was || fresh {
        notices.extend(wake(work, &request).await?);
    }
    Ok(notices)
}

/// Lets the deliveries look again at what is approved.
async fn wake(work: &mut Work<'_, '_>, request: &Request) -> Result<Vec<Notice>, Error> {
    let (org, now) = (work.org(), work.now());
    let mut notices = Vec::new();
    for delivery in store::delivery::of_content(work.tx, org, request.content).await? {
        if !delivery.status.can_move() || delivery.n != request.n {
            continue;
        }
        let passed = delivery.planned.as_ref().is_some_and(|p| p.at < now);
        if request.status == RequestStatus::Approved
            && delivery.status == DeliveryStatus::Missed
            && passed
            && notices.is_empty()
        {
            notices.push(Notice::TimePassed);
        }
        work.emit(deliveries::DELIVERY_CHANGED, delivery.id).await?;
    }
    edits::wake(work, request.content).await?;
    Ok(notices)
}

async fn touched(work: &mut Work<'_, '_>, request: &Request) -> Result<(), Error> {
    work.changed("request", request.id).await?;
    work.emit(REQUEST_CHANGED, request.id).await?;
    work.tag(Tag::Requests);
    Ok(())
}

pub(super) async fn start_run(work: &mut Work<'_, '_>, request: &Request) -> Result<(), Error> {
    let id = work.derive_id("run");
    let (name, revision) = crate::workflows::APPROVE;
    let input = json!({"organization": work.org(), "request": request.id});
    let mut start = Start::new(id, name, revision, input, work.now().0);
    start.subject = Some(format!("request:{}", request.id));
    start.singleton = Some(engine::Singleton::Keep(format!(
        "{}:{}",
        work.org(),
        request.id
    )));
    work.start(start).await?;
    Ok(())
}

/// Writes the seats of a stage as it opens.
async fn open_stage(work: &mut Work<'_, '_>, request: &Request, stage: u32) -> Result<(), Error> {
    let Some(definition) = request.policy.stages.get(stage as usize) else {
        return Ok(());
    };
    let approvers = definition.approvers.clone();
    seat(work, request, stage, &approvers, false).await?;
    Ok(())
}

/// Seats everybody that `approvers` names and who does not sit there yet.
async fn seat(
    work: &mut Work<'_, '_>,
    request: &Request,
    stage: u32,
    approvers: &[Approver],
    substitute: bool,
) -> Result<Vec<PersonId>, Error> {
    let org = work.org();
    // A seat that its person may not use would wait for ever.
    let mut members = members(work).await?;
    members.retain(|m| domain::rights::allows(m.role, domain::rights::Action::Decide));
    let authors = store::version::authors(work.tx, org, request.content, request.n).await?;
    let named = approval::seats(
        approvers,
        &members,
        &authors,
        request.policy.authors_may_approve,
    );
    let taken: Vec<Seat> = store::request::all_seats(work.tx, org, request.id)
        .await?
        .into_iter()
        .filter(|s| s.stage == stage)
        .collect();
    let mut next = taken.iter().map(|s| s.seat + 1).max().unwrap_or(0);
    let mut seated = Vec::new();
    for person in named {
        match taken.iter().find(|s| s.person == person) {
            Some(own) if !own.vacant => continue,
            Some(_) => {
                let own = (stage, person);
                store::request::set_vacant(work.tx, org, request.id, own, false).await?;
            }
            None => {
                let seat = Seat {
                    stage,
                    seat: next,
                    person,
                    substitute,
                    vacant: false,
                };
                store::request::insert_seat(work.tx, org, request.id, seat).await?;
                next += 1;
            }
        }
        seated.push(person);
    }
    Ok(seated)
}

/// Tells everybody with a seat in a stage that it is their turn.
async fn ask(
    work: &mut Work<'_, '_>,
    request: &Request,
    content: &Content,
    stage: u32,
) -> Result<(), Error> {
    let org = work.org();
    let seats = store::request::seats(work.tx, org, request.id).await?;
    for seat in seats.into_iter().filter(|s| s.stage == stage) {
        tell(work, request, content, seat.person, &format!("{stage}")).await?;
    }
    Ok(())
}

async fn tell(
    work: &mut Work<'_, '_>,
    request: &Request,
    content: &Content,
    person: PersonId,
    round: &str,
) -> Result<(), Error> {
    let org = work.org();
    // Whoever is away learns of it from who decides for them.
    let asked = delegations::whom_to_ask(work, request, person).await?;
    let people = work.people().await?;
    let persona = store::persona::get(work.tx, org, content.persona).await?;
    let by = request
        .person
        .and_then(|id| people.get(&id))
        .map(|p| p.name.clone());
    let args = BTreeMap::from([
        ("headline".to_owned(), super::headline(work, request).await?),
        (
            "persona".to_owned(),
            persona.map(|p| p.profile.name).unwrap_or_default(),
        ),
        ("person".to_owned(), by.unwrap_or_default()),
        (
            "for".to_owned(),
            people
                .get(&person)
                .map(|p| p.name.clone())
                .unwrap_or_default(),
        ),
    ]);
    let notification = Notification {
        key: format!("approval:{}:{person}:{round}", request.id),
        kind: NotificationKind::ApprovalPending,
        args,
        place: event::Place::Request { id: request.id },
        delivery: None,
        status: None,
        network: None,
    };
    work.notify(Some(asked), notification).await
}

async fn open_request(
    work: &mut Work<'_, '_>,
    id: RequestId,
) -> Result<Option<(Request, Content)>, Error> {
    let org = work.org();
    let Some(request) = store::request::get(work.tx, org, id).await? else {
        return Ok(None);
    };
    if !request.status.is_asked() {
        return Ok(None);
    }
    let content = store::content::get(work.tx, org, request.content)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    Ok(Some((request, content)))
}

/// Reminds those who have not decided yet in the stage that is asked. `round` tells reminders
/// apart.
///
/// # Errors
/// When the database says no.
pub async fn remind(work: &mut Work<'_, '_>, id: RequestId, round: u32) -> Result<(), Error> {
    let Some((request, content)) = open_request(work, id).await? else {
        return Ok(());
    };
    let Some(stage) = request.stage else {
        return Ok(());
    };
    let org = work.org();
    let decided: Vec<PersonId> = store::request::decisions(work.tx, org, id)
        .await?
        .iter()
        .filter(|d| d.stage == stage && d.revoked_at.is_none())
        .map(|d| d.person)
        .collect();
    for seat in store::request::seats(work.tx, org, id).await? {
        if seat.stage == stage && !decided.contains(&seat.person) {
            tell(
                work,
                &request,
                &content,
                seat.person,
                &format!("{stage}:r{round}"),
            )
            .await?;
        }
    }
    work.record(
        "reminded",
        &format!("request:{id}"),
        Some(request.content),
        json!({"n": request.n}),
    )
    .await
}

/// Gives seats to the substitutes of the stage that is asked.
///
/// # Errors
/// When the database says no.
pub async fn escalate(work: &mut Work<'_, '_>, id: RequestId) -> Result<Vec<Notice>, Error> {
    let Some((request, content)) = open_request(work, id).await? else {
        return Ok(vec![]);
    };
    let Some(stage) = request.stage else {
        return Ok(vec![]);
    };
    substitute(work, &request, &content, stage).await?;
    let content = request.content;
    let notices = advance(work, request).await?;
    work.recompute(content).await?;
    Ok(notices)
}

/// Gives seats to a stage's substitutes; whether anybody came.
async fn substitute(
    work: &mut Work<'_, '_>,
    request: &Request,
    content: &Content,
    stage: u32,
) -> Result<bool, Error> {
    let substitutes = request
        .policy
        .stages
        .get(stage as usize)
        .map(|s| s.escalate_to.clone())
        .unwrap_or_default();
    let seated = seat(work, request, stage, &substitutes, true).await?;
    for person in &seated {
        tell(work, request, content, *person, &format!("{stage}:s")).await?;
    }
    if seated.is_empty() {
        return Ok(false);
    }
    let count = seated.len();
    let payload = json!({"n": request.n, "count": count});
    let subject = format!("request:{}", request.id);
    work.record("escalated", &subject, Some(request.content), payload)
        .await?;
    Ok(true)
}

/// Nobody answered in time.
///
/// # Errors
/// When the database says no.
pub async fn expire(work: &mut Work<'_, '_>, id: RequestId) -> Result<(), Error> {
    let Some((mut request, _)) = open_request(work, id).await? else {
        return Ok(());
    };
    close(work, &mut request, RequestStatus::Expired).await?;
    super::stop_runs(work, request.content, "expired").await?;
    work.record(
        "request_expired",
        &format!("request:{id}"),
        Some(request.content),
        json!({"n": request.n}),
    )
    .await?;
    // Who asked believes that it is on its way: what waited shows as missed, and asks.
    let org = work.org();
    for mut delivery in store::delivery::of_content(work.tx, org, request.content).await? {
        if delivery.status.is_waiting() && delivery.live == 0 {
            deliveries::clear(&mut delivery, DeliveryStatus::Missed);
            delivery.miss = Some(domain::delivery::MissReason::NotApproved);
            delivery.settled_at = Some(work.now());
            deliveries::put(work, delivery).await?;
        }
    }
    let content = work.recompute(request.content).await?;
    tell_who_asked(work, &request, &content, NotificationKind::Expired).await
}

/// Who asked learns that nobody decided in time, or that nobody can: what waits is not going out.
async fn tell_who_asked(
    work: &mut Work<'_, '_>,
    request: &Request,
    content: &Content,
    kind: NotificationKind,
) -> Result<(), Error> {
    let org = work.org();
    let persona = store::persona::get(work.tx, org, content.persona).await?;
    let args = BTreeMap::from([
        ("headline".to_owned(), super::headline(work, request).await?),
        (
            "persona".to_owned(),
            persona.map(|p| p.profile.name).unwrap_or_default(),
        ),
    ]);
    let name = match kind {
        // It may be undone, and come again.
        NotificationKind::Stuck => format!("stuck:{}:{}", request.id, work.now()),
        _ => format!("expired:{}", request.id),
    };
    let notification = Notification {
        key: name,
        kind,
        args,
        place: event::Place::Content {
            id: request.content,
        },
        delivery: None,
        status: None,
        network: None,
    };
    work.notify(request.person, notification).await
}

/// Takes the undecided seats of somebody who left; substitutes follow at once where a stage could
/// no longer be satisfied, and what stays stuck is shown.
pub(in crate::apply) async fn vacate(
    work: &mut Work<'_, '_>,
    person: PersonId,
) -> Result<Vec<Notice>, Error> {
    let org = work.org();
    let mut notices = Vec::new();
    for request in store::request::open(work.tx, org).await? {
        let decided: Vec<u32> = store::request::decisions(work.tx, org, request.id)
            .await?
            .iter()
            .filter(|d| d.person == person && d.revoked_at.is_none())
            .map(|d| d.stage)
            .collect();
        let mut lost = false;
        for seat in store::request::seats(work.tx, org, request.id).await? {
            if seat.person == person && !decided.contains(&seat.stage) {
                let own = (seat.stage, person);
                store::request::set_vacant(work.tx, org, request.id, own, true).await?;
                // A stage that is over lacks nobody.
                lost |= request.stage == Some(seat.stage);
            }
        }
        if lost {
            let id = request.id;
            notices.extend(escalate(work, id).await?);
        }
    }
    notices.dedup();
    Ok(notices)
}

/// The undecided seats of those who left, or may no longer decide, since a request was closed: now
/// that it opens again, nobody waits for them.
pub(super) async fn leave_out_who_left(
    work: &mut Work<'_, '_>,
    request: &Request,
) -> Result<(), Error> {
    let org = work.org();
    let decisions = store::request::decisions(work.tx, org, request.id).await?;
    for seat in store::request::seats(work.tx, org, request.id).await? {
        let able = delegations::is_able(work, seat.person).await?;
        let spoke = |d: &Decision| {
            d.stage == seat.stage && d.person == seat.person && d.revoked_at.is_none()
        };
        if !able && !decisions.iter().any(spoke) {
            let own = (seat.stage, seat.person);
            store::request::set_vacant(work.tx, org, request.id, own, true).await?;
        }
    }
    Ok(())
}
