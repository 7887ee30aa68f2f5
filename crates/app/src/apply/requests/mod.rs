//! Requests for approval and decisions on them.

mod policy;
mod progress;

use domain::Hash;
use domain::approval::{RequestStatus, Verdict};
use domain::delivery::DeliveryStatus;
use domain::ids::{ChainId, ContentId, DecisionId, RequestId};
use protocol::event::{Notification, NotificationKind, Place};
use protocol::mutation::Notice;
use protocol::{Code, Tag};
use serde_json::json;
use store::request::{Decision, Request};

pub use policy::policy_for;
pub(super) use progress::vacate;
pub use progress::{escalate, expire, members, remind};

use super::{Work, deliveries};
use crate::Error;

/// The name under which a request's run hears that something about it changed.
pub(crate) const REQUEST_CHANGED: &str = "request_changed";

/// How late a planned time may be when approval is asked: the time that typing takes.
const SLACK: i64 = domain::time::MINUTE;

/// For how long the window offers to take a decision back, with something for the way.
const UNDO: i64 = 10_000;

pub(super) async fn open(
    work: &mut Work<'_, '_>,
    id: RequestId,
    content_id: ContentId,
    n: u32,
    hash: Hash,
    added: Option<ChainId>,
) -> Result<Vec<Notice>, Error> {
    let (org, now) = (work.org(), work.now());
    let content = store::content::get(work.tx, org, content_id)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    if content.archived {
        super::contents::check_editable(&content)?;
    }
    if store::request::get(work.tx, org, id).await?.is_some() {
        return Err(Error::refused(
            Code::Conflict,
            "This request exists already. Look again.",
        ));
    }
    let version = store::version::get(work.tx, org, content_id, content.n).await?;
    let Some(version) = version.filter(|v| v.n == n && v.hash == hash) else {
        return Err(Error::refused(
            Code::StaleVersion,
            "What you saw is not the newest version. Look again, then ask.",
        ));
    };
    let doc = version.doc()?;
    let mut waiting = Vec::new();
    for mut delivery in store::delivery::of_content(work.tx, org, content_id).await? {
        // What is on its way goes under the request that it began with.
        if matches!(
            delivery.status,
            DeliveryStatus::Sending | DeliveryStatus::Unconfirmed
        ) {
            return Err(Error::refused(
                Code::AttemptOpen,
                "A part of this post may be live. Wait, or say what became of it, then ask.",
            ));
        }
        if !delivery.status.can_move() || delivery.live > 0 {
            continue;
        }
        if delivery
            .planned
            .as_ref()
            .is_some_and(|p| p.at.plus(SLACK) < now)
        {
            return Err(Error::refused(
                Code::TimeInPast,
                "A planned time has passed. Choose a later one, or send as soon as approved.",
            ));
        }
        let Some(target) = doc.target(delivery.identity) else {
            return Err(Error::refused(
                Code::HasErrors,
                "The newest version has no text for one of the accounts. Save it again.",
            ));
        };
        delivery.n = n;
        delivery.hash = Some(hash);
        delivery.segments = u32::try_from(target.segments.len()).unwrap_or(u32::MAX);
        deliveries::clear(&mut delivery, DeliveryStatus::Planned);
        waiting.push(delivery);
    }
    if waiting.is_empty() {
        return Err(Error::refused(
            Code::NoTargets,
            "Choose where it shall go first.",
        ));
    }
    supersede(work, content_id, "asked again").await?;
    // The newest request is the one opened last: also when the clock was set back meanwhile.
    let before = store::request::newest(work.tx, org, content_id).await?;
    let opened_at = before.map_or(now, |r| now.max(r.opened_at.plus(1)));

    let (chain, policy) = policy_for(work, content.persona, added).await?;
    let request = Request {
        id,
        content: content_id,
        n,
        hash,
        chain: chain.0,
        chain_revision: chain.1,
        policy,
        status: RequestStatus::Open,
        stage: None,
        stage_opened_at: None,
        stuck: false,
        person: work.ctx.actor.person(),
        opened_at,
        closed_at: None,
    };
    store::request::insert(work.tx, org, &request).await?;
    for delivery in &waiting {
        let planned = delivery.planned.as_ref().map(|p| p.at);
        store::request::insert_time(work.tx, org, id, delivery.id, planned).await?;
    }
    work.changed("request", id).await?;
    work.record(
        "approval_requested",
        &format!("request:{id}"),
        Some(content_id),
        json!({"n": n, "hash": hash.short(), "chain": request.policy.name}),
    )
    .await?;
    for mut delivery in waiting {
        deliveries::start_run(work, &mut delivery).await?;
        deliveries::put(work, delivery).await?;
    }
    let notices = progress::advance(work, request).await?;
    work.recompute(content_id).await?;
    Ok(notices)
}

async fn known(work: &mut Work<'_, '_>, id: RequestId) -> Result<Request, Error> {
    let org = work.org();
    store::request::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("request"))
}

/// Closes a request in a state that grants nothing.
pub(super) async fn close(
    work: &mut Work<'_, '_>,
    request: &mut Request,
    status: RequestStatus,
) -> Result<(), Error> {
    let org = work.org();
    request.status = status;
    request.stage = None;
    request.stuck = false;
    request.closed_at = Some(work.now());
    store::request::update(work.tx, org, request).await?;
    work.changed("request", request.id).await?;
    work.emit(REQUEST_CHANGED, request.id).await?;
    work.tag(Tag::Requests);
    Ok(())
}

/// Ends an open request and voids a granted one: an edit, another time, a new request. The runs
/// that would publish under it end in the same transaction. Answers whether there was one.
pub(crate) async fn supersede(
    work: &mut Work<'_, '_>,
    content: ContentId,
    why: &str,
) -> Result<bool, Error> {
    let org = work.org();
    let Some(mut request) = store::request::newest(work.tx, org, content).await? else {
        return Ok(false);
    };
    if !matches!(
        request.status,
        RequestStatus::Open | RequestStatus::Approved
    ) {
        return Ok(false);
    }
    close(work, &mut request, RequestStatus::Superseded).await?;
    stop_runs(work, content, why).await?;
    let id = request.id;
    work.record(
        "approval_superseded",
        &format!("request:{id}"),
        Some(content),
        json!({"n": request.n, "why": why}),
    )
    .await?;
    Ok(true)
}

/// Ends the runs of a content's deliveries that have not begun to send.
async fn stop_runs(work: &mut Work<'_, '_>, content: ContentId, why: &str) -> Result<(), Error> {
    let org = work.org();
    for mut delivery in store::delivery::of_content(work.tx, org, content).await? {
        if delivery.run.is_some() && delivery.status.can_move() {
            deliveries::stop_run(work, &mut delivery, why).await?;
            deliveries::put(work, delivery).await?;
        }
    }
    Ok(())
}

/// A request whose deliveries were all taken back has nothing left to ask.
pub(super) async fn close_if_nothing_waits(
    work: &mut Work<'_, '_>,
    content: ContentId,
) -> Result<(), Error> {
    let org = work.org();
    let all = store::delivery::of_content(work.tx, org, content).await?;
    if all.iter().any(|d| d.status != DeliveryStatus::Cancelled) {
        return Ok(());
    }
    supersede(work, content, "cancelled").await?;
    Ok(())
}

pub(super) async fn withdraw(work: &mut Work<'_, '_>, id: RequestId) -> Result<Vec<Notice>, Error> {
    let mut request = known(work, id).await?;
    if request.status != RequestStatus::Open {
        return Err(Error::refused(
            Code::RequestClosed,
            "This request is closed already.",
        ));
    }
    close(work, &mut request, RequestStatus::Withdrawn).await?;
    stop_runs(work, request.content, "withdrawn").await?;
    work.record(
        "request_withdrawn",
        &format!("request:{id}"),
        Some(request.content),
        json!({"n": request.n}),
    )
    .await?;
    work.recompute(request.content).await?;
    Ok(vec![])
}

pub(super) async fn decide(
    work: &mut Work<'_, '_>,
    id: DecisionId,
    request_id: RequestId,
    hash: Hash,
    verdict: Verdict,
    comment: &str,
) -> Result<Vec<Notice>, Error> {
    let person = super::person_of(work)?;
    let (org, now) = (work.org(), work.now());
    let request = known(work, request_id).await?;
    let Some(stage) = request
        .stage
        .filter(|_| request.status == RequestStatus::Open)
    else {
        return Err(Error::refused(
            Code::RequestClosed,
            "This request is closed. Look at what became of it.",
        ));
    };
    let content = store::content::get(work.tx, org, request.content)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    if request.hash != hash || content.n != request.n {
        return Err(Error::refused(
            Code::StaleVersion,
            "What you saw is not what is asked about. Look again, then decide.",
        ));
    }
    if store::request::decision(work.tx, org, id).await?.is_some() {
        return Err(Error::refused(
            Code::Conflict,
            "This decision was taken already. Look again.",
        ));
    }
    let comment = comment.trim();
    if verdict != Verdict::Approve && comment.is_empty() {
        return Err(Error::from(
            protocol::Problem::new(Code::InvalidInput, "Say in a comment what is to change.")
                .with_field("comment", "what is to change"),
        ));
    }
    bar_authors(work, &request).await?;
    let seats = store::request::seats(work.tx, org, request_id).await?;
    if !seats.iter().any(|s| s.stage == stage && s.person == person) {
        return Err(Error::refused(
            Code::NoSeat,
            "You are not asked in this stage.",
        ));
    }
    let decisions = store::request::decisions(work.tx, org, request_id).await?;
    if decisions
        .iter()
        .any(|d| d.stage == stage && d.person == person && d.revoked_at.is_none())
    {
        return Err(Error::refused(
            Code::AlreadyDecided,
            "You have decided in this stage already.",
        ));
    }
    let operator = work.ctx.actor.operator();
    let decision = Decision {
        id,
        request: request_id,
        stage,
        person,
        operator,
        hash,
        verdict,
        comment: comment.to_owned(),
        seq: work.seq(),
        at: now,
        revoked_at: None,
    };
    store::request::insert_decision(work.tx, org, &decision).await?;
    work.changed("decision", id).await?;
    let action = match verdict {
        Verdict::Approve => "approved",
        Verdict::RequestChanges => "changes_requested",
        Verdict::Reject => "rejected",
    };
    work.record(
        action,
        &format!("request:{request_id}"),
        Some(request.content),
        json!({"n": request.n, "hash": hash.short(), "comment": comment,
            "stage": request.policy.stages.get(stage as usize).map(|s| s.name.clone())}),
    )
    .await?;
    tell_author(work, &request, &decision).await?;
    let mut notices = progress::advance(work, request).await?;
    if goes_out(work, request_id).await? {
        notices.push(Notice::GoesOut);
    }
    work.recompute(content.id).await?;
    Ok(notices)
}

/// Whether an attempt opens under a request before anybody could take a decision back.
async fn goes_out(work: &mut Work<'_, '_>, id: RequestId) -> Result<bool, Error> {
    let (org, soon) = (work.org(), work.now().plus(UNDO));
    let request = known(work, id).await?;
    let content = store::content::get(work.tx, org, request.content)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    let persona = store::persona::get(work.tx, org, content.persona).await?;
    let paused =
        work.organization().paused_at.is_some() || persona.is_none_or(|p| p.paused_at.is_some());
    let all = store::delivery::of_content(work.tx, org, request.content).await?;
    let due = all.iter().any(|d| {
        let held = d.status == DeliveryStatus::Held;
        let soon = d.planned.as_ref().is_none_or(|p| p.at <= soon);
        d.n == request.n && d.status.is_waiting() && !held && soon
    });
    Ok(request.status == RequestStatus::Approved && due && !paused)
}

/// Own work is barred by person: for who decides, and for who sits at the computer meanwhile.
async fn bar_authors(work: &mut Work<'_, '_>, request: &Request) -> Result<(), Error> {
    if request.policy.authors_may_approve {
        return Ok(());
    }
    let org = work.org();
    let authors = store::version::authors(work.tx, org, request.content, request.n).await?;
    if work.ctx.actor.people().any(|p| authors.contains(&p)) {
        return Err(Error::refused(
            Code::OwnWork,
            "In this chain nobody approves own work, in no one's name. Somebody else must.",
        ));
    }
    Ok(())
}

/// What is decided on, as its version says it: what is typed since is nobody's business.
async fn headline(work: &mut Work<'_, '_>, request: &Request) -> Result<String, Error> {
    let org = work.org();
    let version = store::version::get(work.tx, org, request.content, request.n)
        .await?
        .ok_or_else(|| Error::missing("version"))?;
    Ok(version.doc()?.body.headline())
}

async fn tell_author(
    work: &mut Work<'_, '_>,
    request: &Request,
    decision: &Decision,
) -> Result<(), Error> {
    let Some(author) = request.person else {
        return Ok(());
    };
    let people = work.people().await?;
    let by = people
        .get(&decision.person)
        .map(|p| p.name.clone())
        .unwrap_or_default();
    let mut args = std::collections::BTreeMap::from([
        ("headline".to_owned(), headline(work, request).await?),
        ("person".to_owned(), by),
        (
            "verdict".to_owned(),
            store::to_json(&decision.verdict)?
                .trim_matches('"')
                .to_owned(),
        ),
    ]);
    if !decision.comment.is_empty() {
        args.insert("words".to_owned(), decision.comment.clone());
    }
    let notification = Notification {
        key: format!("decision:{}", decision.id),
        kind: NotificationKind::Decision,
        args,
        place: Place::Content {
            id: request.content,
        },
        delivery: None,
        status: None,
        network: None,
    };
    work.notify(Some(author), notification).await
}

pub(super) async fn revoke(work: &mut Work<'_, '_>, id: DecisionId) -> Result<Vec<Notice>, Error> {
    let person = super::person_of(work)?;
    let (org, now) = (work.org(), work.now());
    let decision = store::request::decision(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("decision"))?;
    if decision.person != person {
        return Err(Error::refused(
            Code::Forbidden,
            "Only who decided can take it back.",
        ));
    }
    if decision.revoked_at.is_some() {
        return Ok(vec![]);
    }
    let request = known(work, decision.request).await?;
    bar_authors(work, &request).await?;
    let open = matches!(
        request.status,
        RequestStatus::Open
            | RequestStatus::Approved
            | RequestStatus::ChangesRequested
            | RequestStatus::Rejected
    );
    let newest = store::request::newest(work.tx, org, request.content).await?;
    if !open || newest.is_none_or(|r| r.id != request.id) {
        return Err(Error::refused(
            Code::RequestClosed,
            "Something newer has taken its place.",
        ));
    }
    if store::request::attempted(work.tx, org, request.id).await? {
        return Err(Error::refused(
            Code::AlreadySent,
            "It has begun to go out under this decision. It cannot be taken back any more.",
        ));
    }
    store::request::revoke(work.tx, org, id, now).await?;
    work.changed("decision", id).await?;
    work.record(
        "decision_revoked",
        &format!("request:{}", request.id),
        Some(request.content),
        json!({"n": request.n}),
    )
    .await?;
    let content = request.content;
    let notices = progress::advance(work, request).await?;
    work.recompute(content).await?;
    Ok(notices)
}
