//! Where and when a content goes.

use std::collections::BTreeMap;

use domain::approval::time_is_covered;
use domain::attempt::AttemptPhase;
use domain::delivery::{DEFAULT_GRACE, DeliveryStatus, Recall};
use domain::ids::{ContentId, DeliveryId};
use domain::time::MINUTE;
use domain::version::VersionDoc;
use domain::{Instant, Planned};
use engine::Start;
use protocol::Code;
use protocol::mutation::{DeliveryPlan, Notice};
use serde_json::json;
use store::delivery::Delivery;

use super::{Work, requests};
use crate::Error;

/// The name under which a delivery's run hears that something about it changed.
pub(crate) const DELIVERY_CHANGED: &str = "delivery_changed";

/// How far in the past a planned time may lie when it is set: the time that typing takes.
const SLACK: i64 = MINUTE;

/// Forgets what stood in the way, and gives a new state.
pub(crate) fn clear(delivery: &mut Delivery, status: DeliveryStatus) {
    delivery.status = status;
    delivery.hold = None;
    delivery.miss = None;
    delivery.words = None;
    delivery.retry_at = None;
    delivery.settled_at = None;
    delivery.recall = None;
}

/// Lets it follow its plan anew. What the network keeps is asked back first: until the network says
/// so, it may still go out as it was.
pub(crate) fn replan(delivery: &mut Delivery) {
    if delivery.status != DeliveryStatus::HandedOff {
        return clear(delivery, DeliveryStatus::Planned);
    }
    delivery.recall.get_or_insert(Recall::Plan);
    delivery.retry_at = None;
}

/// Ends the run of what goes out no more as it is planned. What the network keeps has its run on,
/// which asks it back.
pub(crate) async fn let_go(
    work: &mut Work<'_, '_>,
    delivery: &mut Delivery,
    why: &str,
) -> Result<(), Error> {
    if delivery.status == DeliveryStatus::HandedOff {
        return work.emit(DELIVERY_CHANGED, delivery.id).await;
    }
    stop_run(work, delivery, why).await
}

/// Refuses what cannot wait until the network has given a delivery back.
pub(crate) fn check_here(delivery: &Delivery) -> Result<(), Error> {
    if delivery.status != DeliveryStatus::HandedOff {
        return Ok(());
    }
    Err(Error::refused(
        Code::AttemptOpen,
        "The network keeps it for its time. Cancel it first, and wait until the network has given it back.",
    ))
}

/// What people are told of deliveries that the network has to give back first.
pub(crate) fn asked_back(deliveries: &[Delivery]) -> Vec<Notice> {
    let kept = |d: &Delivery| d.status == DeliveryStatus::HandedOff;
    deliveries
        .iter()
        .any(kept)
        .then_some(Notice::AskedBack)
        .into_iter()
        .collect()
}

fn check_movable(delivery: &Delivery) -> Result<(), Error> {
    if delivery.status.can_move() && delivery.recall != Some(Recall::Cancel) {
        return Ok(());
    }
    Err(settled(delivery))
}

/// Stores a delivery and says so.
pub(crate) async fn put(work: &mut Work<'_, '_>, mut delivery: Delivery) -> Result<(), Error> {
    let org = work.org();
    delivery.changed_at = work.now();
    store::delivery::save(work.tx, org, &delivery).await?;
    work.changed("delivery", delivery.id).await?;
    work.tag(protocol::Tag::Deliveries);
    Ok(())
}

/// Ends the run that would publish it.
///
/// # Errors
/// When the database says no.
pub async fn stop_run(
    work: &mut Work<'_, '_>,
    delivery: &mut Delivery,
    why: &str,
) -> Result<(), Error> {
    if let Some(run) = delivery.run.take() {
        work.cancel_run(run, why).await?;
    }
    Ok(())
}

/// Starts a run that waits for its time and publishes it; one run at a time.
///
/// # Errors
/// When the database says no.
pub async fn start_run(work: &mut Work<'_, '_>, delivery: &mut Delivery) -> Result<(), Error> {
    stop_run(work, delivery, "started anew").await?;
    delivery.starts += 1;
    let id = work.derive_id("run");
    let (name, revision) = crate::workflows::PUBLISH;
    let mut start = Start::new(
        id,
        name,
        revision,
        json!({"organization": work.org(), "delivery": delivery.id}),
        work.now().0,
    );
    start.subject = Some(format!("delivery:{}", delivery.id));
    start.key = Some(format!(
        "{}:{}:{}",
        work.org(),
        delivery.id,
        delivery.starts
    ));
    // One at a time for an account: what waits its turn must not spend the lease of an attempt.
    start.concurrency = Some(format!("identity:{}", delivery.identity));
    delivery.run = Some(work.start(start).await?);
    Ok(())
}

/// A person said to send again, and it has not been: the first try may still be live, and
/// cancelled means absent. The delivery has the attempt's version again. Answers whether there was
/// one.
async fn withdraw_send_again(
    work: &mut Work<'_, '_>,
    delivery: &mut Delivery,
) -> Result<bool, Error> {
    let org = work.org();
    let attempts = store::attempt::of_delivery(work.tx, org, delivery.id).await?;
    let open = attempts
        .into_iter()
        .find(|a| a.phase == AttemptPhase::Ambiguous && a.written_off_by.is_some());
    let Some(mut attempt) = open else {
        return Ok(false);
    };
    attempt.written_off_by = None;
    if delivery.n != attempt.n {
        let version = store::version::get(work.tx, org, delivery.content, attempt.n).await?;
        let doc = version
            .as_ref()
            .map(store::version::Version::doc)
            .transpose()?;
        delivery.n = attempt.n;
        delivery.hash = Some(attempt.hash);
        delivery.segments = doc
            .as_ref()
            .and_then(|doc| doc.target(delivery.identity))
            .map_or(0, |t| u32::try_from(t.segments.len()).unwrap_or(u32::MAX));
    }
    work.attempt(AttemptPhase::Ambiguous, &attempt).await
}

/// Takes a delivery back: nothing of it may go out any more.
pub(crate) async fn take_back(
    work: &mut Work<'_, '_>,
    mut delivery: Delivery,
) -> Result<(), Error> {
    let (content, id) = (delivery.content, delivery.id);
    if delivery.status == DeliveryStatus::HandedOff {
        delivery.recall = Some(Recall::Cancel);
        delivery.retry_at = None;
        put(work, delivery).await?;
        work.emit(DELIVERY_CHANGED, id).await?;
        let subject = format!("delivery:{id}");
        return work
            .record("recall_asked", &subject, Some(content), json!({}))
            .await;
    }
    stop_run(work, &mut delivery, "cancelled").await?;
    if withdraw_send_again(work, &mut delivery).await? {
        clear(&mut delivery, DeliveryStatus::Unconfirmed);
        delivery.words = Some("It was not sent again. The first try may be live.".to_owned());
        delivery.settled_at = Some(work.now());
        put(work, delivery).await?;
        let subject = format!("delivery:{id}");
        return work
            .record("delivery_unconfirmed", &subject, Some(content), json!({}))
            .await;
    }
    if delivery.live > 0 {
        let words = format!(
            "{} of {} parts are live; the rest was cancelled.",
            delivery.live, delivery.segments
        );
        clear(&mut delivery, DeliveryStatus::Failed);
        delivery.words = Some(words);
    } else {
        clear(&mut delivery, DeliveryStatus::Cancelled);
    }
    delivery.settled_at = Some(work.now());
    put(work, delivery).await?;
    work.record(
        "delivery_cancelled",
        &format!("delivery:{id}"),
        Some(content),
        json!({}),
    )
    .await
}

fn check_time(planned: &Planned, now: Instant) -> Result<(), Error> {
    // The client resolved the wall time; the instant must be that of the intention.
    let resolved = Planned::from_wall(&planned.wall, &planned.zone)
        .map_err(|e| Error::refused(Code::InvalidInput, e.to_string()))?;
    let same_wall = Planned::from_instant(planned.at, &planned.zone)
        .is_ok_and(|p| p.wall.starts_with(&planned.wall));
    if resolved.at != planned.at && !same_wall {
        return Err(Error::refused(
            Code::InvalidInput,
            "The planned time does not match its wall-clock time and zone.",
        ));
    }
    if planned.at.plus(SLACK) < now {
        return Err(Error::refused(
            Code::TimeInPast,
            "This time has passed. Choose a later one, or send it now.",
        ));
    }
    Ok(())
}

pub(super) async fn plan(
    work: &mut Work<'_, '_>,
    id: ContentId,
    plans: &[DeliveryPlan],
) -> Result<Vec<Notice>, Error> {
    let (org, now) = (work.org(), work.now());
    let content = store::content::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    if content.archived {
        return Err(Error::refused(
            Code::WrongState,
            "This post is put away. Take it back first.",
        ));
    }
    let version = store::version::get(work.tx, org, id, content.n).await?;
    let doc = version
        .as_ref()
        .map(store::version::Version::doc)
        .transpose()?;
    let mut before: BTreeMap<DeliveryId, Delivery> = store::delivery::of_content(work.tx, org, id)
        .await?
        .into_iter()
        .map(|d| (d.id, d))
        .collect();
    let mut added = false;
    let mut kept = Vec::new();
    for plan in plans {
        let grace = plan.grace.map_or(DEFAULT_GRACE, |m| i64::from(m) * MINUTE);
        match before.remove(&plan.id) {
            Some(delivery) if delivery.identity != plan.identity => {
                return Err(Error::refused(
                    Code::InvalidInput,
                    "A delivery keeps its account.",
                ));
            }
            Some(mut delivery) => {
                let same =
                    delivery.planned.as_ref().map(|p| p.at) == plan.planned.as_ref().map(|p| p.at);
                let hand_off = plan.hand_off.unwrap_or(delivery.hand_off);
                let as_before = same && delivery.grace == grace && delivery.hand_off == hand_off;
                let stands = matches!(
                    delivery.status,
                    DeliveryStatus::Planned | DeliveryStatus::HandedOff
                );
                if as_before && stands && delivery.recall.is_none() {
                    kept.push(delivery);
                    continue;
                }
                if !delivery.status.can_move() && same {
                    continue;
                }
                // What did not go out in time goes when a person says so.
                if work.ctx.actor.is_agent() && delivery.status != DeliveryStatus::Planned {
                    return Err(super::for_people());
                }
                check_movable(&delivery)?;
                check_follows(work, &delivery).await?;
                if let Some(planned) = &plan.planned {
                    check_time(planned, now)?;
                }
                delivery.planned.clone_from(&plan.planned);
                delivery.grace = grace;
                delivery.hand_off = hand_off;
                replan(&mut delivery);
                put(work, delivery.clone()).await?;
                kept.push(delivery);
            }
            None => {
                if let Some(planned) = &plan.planned {
                    check_time(planned, now)?;
                }
                added = true;
                kept.push(new_delivery(work, &content, doc.as_ref(), plan, grace).await?);
            }
        }
    }
    for (_, delivery) in before {
        if delivery.status.can_cancel() {
            if work.ctx.actor.is_agent() && delivery.hash.is_some() {
                return Err(super::for_people());
            }
            take_back(work, delivery).await?;
        }
    }
    once_per_account(work, id, &kept).await?;
    work.record(
        "planned",
        &format!("content:{id}"),
        Some(id),
        json!({"count": kept.len(), "first": kept.iter().filter_map(|d| d.planned.as_ref()).map(|p| p.at).min()}),
    )
    .await?;
    let notices = after_times(work, id, added).await?;
    requests::close_if_nothing_waits(work, id).await?;
    work.recompute(id).await?;
    Ok(notices)
}

/// One content goes to an account once: a plan that is asked for again under other ids, while the
/// first is on its way or out, or out in part, would send it twice.
async fn once_per_account(
    work: &mut Work<'_, '_>,
    id: ContentId,
    kept: &[Delivery],
) -> Result<(), Error> {
    use DeliveryStatus as D;
    let org = work.org();
    let all = store::delivery::of_content(work.tx, org, id).await?;
    let twice = kept.iter().any(|one| {
        all.iter().any(|other| {
            let over = match other.status {
                D::Cancelled | D::Deleted | D::Gone => true,
                D::Failed => other.live == 0,
                _ => false,
            };
            other.id != one.id && other.identity == one.identity && !over
        })
    });
    if twice {
        return Err(Error::refused(
            Code::Conflict,
            "It goes to one of these accounts already. Look again.",
        ));
    }
    Ok(())
}

async fn new_delivery(
    work: &mut Work<'_, '_>,
    content: &store::content::Content,
    doc: Option<&VersionDoc>,
    plan: &DeliveryPlan,
    grace: i64,
) -> Result<Delivery, Error> {
    if !content.status.can_spread() {
        super::contents::check_editable(content)?;
        return Err(Error::refused(
            Code::AlreadySent,
            "This post is out. Duplicate it to send it to another account.",
        ));
    }
    let org = work.org();
    let identity = store::identity::get(work.tx, org, plan.identity)
        .await?
        .filter(|i| i.persona == content.persona)
        .ok_or_else(|| Error::missing("account"))?;
    let target = match doc {
        Some(doc) => Some(doc.target(identity.id).ok_or_else(|| {
            Error::refused(
                Code::HasErrors,
                format!(
                    "The saved version has no text for {}. Save it again with that account.",
                    identity.handle
                ),
            )
        })?),
        None => None,
    };
    if store::delivery::get(work.tx, org, plan.id).await?.is_some() {
        return Err(Error::refused(
            Code::Conflict,
            "This delivery belongs to another post.",
        ));
    }
    let version = store::version::get(work.tx, org, content.id, content.n).await?;
    let now = work.now();
    let delivery = Delivery {
        id: plan.id,
        content: content.id,
        identity: identity.id,
        n: content.n,
        hash: version.map(|v| v.hash),
        status: DeliveryStatus::Planned,
        planned: plan.planned.clone(),
        grace,
        hold: None,
        miss: None,
        words: None,
        retry_at: None,
        segments: target.map_or(0, |t| u32::try_from(t.segments.len()).unwrap_or(u32::MAX)),
        live: 0,
        run: None,
        starts: 0,
        settled_at: None,
        budget_passed: None,
        hand_off: plan.hand_off.unwrap_or_default(),
        recall: None,
        created_at: now,
        changed_at: now,
    };
    put(work, delivery.clone()).await?;
    Ok(delivery)
}

/// After times changed: an approval that does not cover them is void; one that does lets the
/// deliveries go on under it.
async fn after_times(
    work: &mut Work<'_, '_>,
    id: ContentId,
    added: bool,
) -> Result<Vec<Notice>, Error> {
    let org = work.org();
    let Some(request) = store::request::newest(work.tx, org, id).await? else {
        return Ok(vec![]);
    };
    if !request.status.is_in_force() {
        return Ok(vec![]);
    }
    let times: BTreeMap<_, _> = store::request::times(work.tx, org, &request)
        .await?
        .into_iter()
        .collect();
    let tolerance = request.policy.tolerance_ms();
    let all = store::delivery::of_content(work.tx, org, id).await?;
    let waiting: Vec<Delivery> = all.into_iter().filter(|d| d.status.is_ahead()).collect();
    // The rest of a thread follows under the request that its beginning went out under.
    let covered = !added
        && waiting.iter().filter(|d| d.live == 0).all(|d| {
            let new = d.planned.as_ref().map(|p| p.at);
            times
                .get(&d.id)
                .is_some_and(|approved| time_is_covered(*approved, new, tolerance))
        });
    if !covered {
        requests::supersede(work, id, "moved").await?;
        return Ok(vec![Notice::ApprovalVoided]);
    }
    for mut delivery in waiting {
        start_run(work, &mut delivery).await?;
        put(work, delivery).await?;
    }
    Ok(vec![])
}

async fn known(work: &mut Work<'_, '_>, id: DeliveryId) -> Result<Delivery, Error> {
    let org = work.org();
    store::delivery::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("delivery"))
}

/// The rest of a thread hangs on its last live part, whose id the network must have said.
async fn check_follows(work: &mut Work<'_, '_>, delivery: &Delivery) -> Result<(), Error> {
    let org = work.org();
    let live = store::publication::of_delivery(work.tx, org, delivery.id).await?;
    if live.last().is_some_and(|last| last.remote_id.is_empty()) {
        return Err(Error::refused(
            Code::WrongState,
            "The rest cannot follow: the network's own name of the last part is not known.",
        ));
    }
    Ok(())
}

fn settled(delivery: &Delivery) -> Error {
    match delivery.status {
        DeliveryStatus::Sending => Error::refused(
            Code::AttemptOpen,
            "It is being sent at this moment. Wait for what comes of it.",
        ),
        DeliveryStatus::Unconfirmed => Error::refused(
            Code::AttemptOpen,
            "It may be live already. Say first whether it is.",
        ),
        DeliveryStatus::Published => Error::refused(Code::AlreadySent, "It is out already."),
        DeliveryStatus::HandedOff => Error::refused(
            Code::AttemptOpen,
            "The network is asked to give it back. Wait for what it says.",
        ),
        _ => Error::refused(Code::WrongState, "This delivery has come to its end."),
    }
}

pub(crate) async fn move_to(
    work: &mut Work<'_, '_>,
    id: DeliveryId,
    expected: Option<Instant>,
    planned: &Planned,
) -> Result<Vec<Notice>, Error> {
    let mut delivery = known(work, id).await?;
    let stands = delivery.planned.as_ref().map(|p| p.at);
    if expected.is_some() && expected != stands {
        return Err(Error::refused(
            Code::Conflict,
            "Somebody else has moved it meanwhile. Look again.",
        ));
    }
    check_movable(&delivery)?;
    check_follows(work, &delivery).await?;
    check_time(planned, work.now())?;
    let content = delivery.content;
    delivery.planned = Some(planned.clone());
    let asked_back = asked_back(std::slice::from_ref(&delivery));
    replan(&mut delivery);
    put(work, delivery).await?;
    work.record(
        "delivery_moved",
        &format!("delivery:{id}"),
        Some(content),
        json!({"from": stands, "to": planned.at, "zone": planned.zone}),
    )
    .await?;
    let mut notices = after_times(work, content, false).await?;
    notices.extend(asked_back);
    work.recompute(content).await?;
    Ok(notices)
}

pub(crate) async fn send_now(
    work: &mut Work<'_, '_>,
    id: DeliveryId,
) -> Result<Vec<Notice>, Error> {
    let mut delivery = known(work, id).await?;
    check_movable(&delivery)?;
    check_follows(work, &delivery).await?;
    let org = work.org();
    let request = store::request::newest(work.tx, org, delivery.content).await?;
    let asked = request.as_ref().map(|r| r.n);
    if request.is_some_and(|r| r.status.is_asked()) {
        // It would only miss its time again.
        return Err(Error::refused(
            Code::WrongState,
            "Its approval is still open. It can be sent once that is given.",
        ));
    }
    let now = work.now();
    let zone = delivery.planned.as_ref().map_or("UTC", |p| p.zone.as_str());
    let planned = Planned::from_instant(now, zone)
        .map_err(|e| Error::refused(Code::InvalidInput, e.to_string()))?;
    let (content, n) = (delivery.content, delivery.n);
    // One that has ended sends nothing any more.
    let_go(work, &mut delivery, "sent now").await?;
    let before = delivery.run;
    delivery.planned = Some(planned);
    replan(&mut delivery);
    put(work, delivery).await?;
    work.record(
        "send_now_asked",
        &format!("delivery:{id}"),
        Some(content),
        json!({}),
    )
    .await?;
    let notices = after_times(work, content, false).await?;
    // Said now: nothing would ever send it, and nothing would say so.
    let run = known(work, id).await?.run;
    let starts = run.is_some() && run != before && asked == Some(n);
    if notices.is_empty() && !starts {
        return Err(Error::refused(
            Code::WrongState,
            "It is not approved. Ask for approval first, then it can go out.",
        ));
    }
    work.recompute(content).await?;
    Ok(notices)
}

pub(super) async fn cancel(
    work: &mut Work<'_, '_>,
    ids: &[DeliveryId],
) -> Result<Vec<Notice>, Error> {
    let mut problem = protocol::Problem::new(
        Code::WrongState,
        "Nothing was cancelled: some of these are being sent or are out already.",
    );
    let mut taken = Vec::new();
    for id in ids {
        let delivery = known(work, *id).await?;
        if delivery.status == DeliveryStatus::Cancelled {
            continue;
        }
        if delivery.status.can_cancel() {
            taken.push(delivery);
        } else {
            let why = settled(&delivery);
            let inner = why.into_problem();
            problem.code = inner.code;
            problem.retryable = inner.code.retryable();
            problem = problem.with_field(id.to_string(), inner.message);
        }
    }
    if !problem.fields.is_empty() {
        return Err(problem.into());
    }
    let asked_back = asked_back(&taken);
    let mut contents: Vec<ContentId> = Vec::new();
    for delivery in taken {
        contents.push(delivery.content);
        take_back(work, delivery).await?;
    }
    contents.sort_unstable();
    contents.dedup();
    for content in contents {
        requests::close_if_nothing_waits(work, content).await?;
        work.recompute(content).await?;
    }
    Ok(asked_back)
}
