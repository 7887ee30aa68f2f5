//! Decisions, and taking them back.

use std::collections::BTreeMap;

use domain::Hash;
use domain::approval::{RequestStatus, Verdict};
use domain::delivery::DeliveryStatus;
use domain::ids::{DecisionId, PersonId, RequestId};
use protocol::Code;
use protocol::event::{Notification, NotificationKind, Place};
use protocol::mutation::Notice;
use serde_json::json;
use store::request::{Decision, Request};

use super::{headline, known, progress};
use crate::Error;
use crate::apply::{Work, person_of, suggestions};

/// For how long the window offers to take a decision back, with something for the way.
const UNDO: i64 = 10_000;

pub(in crate::apply) async fn decide(
    work: &mut Work<'_, '_>,
    id: DecisionId,
    request_id: RequestId,
    hash: Hash,
    verdict: Verdict,
    comment: &str,
) -> Result<Vec<Notice>, Error> {
    let person = person_of(work)?;
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
    bar_second_seat(work, &request, stage, &decisions)?;
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
    if verdict != Verdict::RequestChanges {
        let wanted = verdict == Verdict::Approve;
        suggestions::note_answer(work, request.content, wanted).await?;
    }
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
            "In this chain nobody approves own work, whoever they act as. Somebody else must.",
        ));
    }
    Ok(())
}

/// One person fills one seat of a stage: also who sits at the computer in the names of two. Where
/// authors may decide on their own work the chain is one's own checklist, and shows who ticked it.
fn bar_second_seat(
    work: &Work<'_, '_>,
    request: &Request,
    stage: u32,
    decisions: &[Decision],
) -> Result<(), Error> {
    let sat = |d: &Decision, p: PersonId| d.person == p || d.operator == Some(p);
    let here = |d: &&Decision| d.stage == stage && d.revoked_at.is_none();
    let mut taken = decisions.iter().filter(here);
    if !request.policy.authors_may_approve
        && taken.any(|d| work.ctx.actor.people().any(|p| sat(d, p)))
    {
        return Err(Error::refused(
            Code::AlreadyDecided,
            "Whoever sits at this computer has decided in this stage already, whoever they act as. \
             Somebody else must.",
        ));
    }
    Ok(())
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
    let mut args = BTreeMap::from([
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

pub(in crate::apply) async fn revoke(
    work: &mut Work<'_, '_>,
    id: DecisionId,
) -> Result<Vec<Notice>, Error> {
    let person = person_of(work)?;
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
