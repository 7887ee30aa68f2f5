//! Requests for approval.

mod decide;
mod files;
mod policy;
mod progress;

use domain::Hash;
use domain::approval::RequestStatus;
use domain::delivery::DeliveryStatus;
use domain::ids::{ChainId, ContentId, PersonaId, RequestId};
use domain::rights::Action;
use domain::version::VersionDoc;
use protocol::mutation::Notice;
use protocol::{Code, Tag};
use serde_json::json;
use store::request::Request;

pub(crate) use decide::{Said, Voice, cast, may_speak};
pub(super) use decide::{decide, revoke};
pub(crate) use files::came as files_came;
pub use policy::policy_for;
pub(super) use progress::vacate;
pub use progress::{escalate, expire, members, remind};

use super::{Work, deliveries, edits};
use crate::Error;

/// The name under which a request's run hears that something about it changed.
pub(crate) const REQUEST_CHANGED: &str = "request_changed";

/// How late a planned time may be when approval is asked: the time that typing takes.
const SLACK: i64 = domain::time::MINUTE;

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
    super::suggestions::check_edited(work, content_id, &doc.body).await?;
    let mut waiting = Vec::new();
    // What is out can be brought to this version by an edit.
    let mut out = false;
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
        out |= delivery.status == DeliveryStatus::Published
            && delivery.n < n
            && doc.target(delivery.identity).is_some();
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
        // What was let pass a budget was something else.
        delivery.budget_passed = None;
        deliveries::replan(&mut delivery);
        waiting.push(delivery);
    }
    if waiting.is_empty() && !out {
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
    let waits = files::lacks(work, &doc).await?;
    let costs = work.ctx.networks.costs(&doc);
    let asks_nobody = policy.stages_for(&doc, &costs).is_empty();
    let request = Request {
        id,
        content: content_id,
        n,
        hash,
        chain: chain.0,
        chain_revision: chain.1,
        policy,
        costs,
        status: match waits {
            true => RequestStatus::AwaitingMedia,
            false => RequestStatus::Open,
        },
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
    work.tag(Tag::Requests);
    let notices = match waits {
        // It may wait without end, but for this.
        true => {
            progress::start_run(work, &request).await?;
            vec![]
        }
        false => progress::advance(work, request).await?,
    };
    let is_program = work.ctx.actor.is_agent() || work.ctx.actor.person().is_none();
    if is_program && asks_nobody {
        return Err(Error::refused(
            Code::Forbidden,
            "Nobody would be asked before this goes out, and no program publishes by itself. \
             Submit it yourself, or give the persona a chain with a stage.",
        ));
    }
    work.recompute(content_id).await?;
    Ok(notices)
}

/// Whether nobody would be asked before this version of a persona goes out.
pub(crate) async fn asks_nobody(
    work: &mut Work<'_, '_>,
    persona: PersonaId,
    doc: &VersionDoc,
) -> Result<bool, Error> {
    let (_, policy) = policy_for(work, persona, None).await?;
    let costs = work.ctx.networks.costs(doc);
    Ok(policy.stages_for(doc, &costs).is_empty())
}

pub(crate) async fn known(work: &mut Work<'_, '_>, id: RequestId) -> Result<Request, Error> {
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
    edits::wake(work, request.content).await?;
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
    if !request.status.is_in_force() {
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

/// Ends the runs of a content's deliveries that have not begun to send. What the network keeps is
/// asked back by its run.
async fn stop_runs(work: &mut Work<'_, '_>, content: ContentId, why: &str) -> Result<(), Error> {
    let org = work.org();
    for mut delivery in store::delivery::of_content(work.tx, org, content).await? {
        if delivery.run.is_some() && delivery.status.can_move() {
            deliveries::let_go(work, &mut delivery, why).await?;
            deliveries::put(work, delivery).await?;
        }
    }
    Ok(())
}

/// A request whose deliveries were all taken back has nothing left to ask.
pub(crate) async fn close_if_nothing_waits(
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
    if !request.status.is_asked() {
        return Err(Error::refused(
            Code::RequestClosed,
            "This request is closed already.",
        ));
    }
    check_own(work, &request).await?;
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

/// A request is taken back by who asked, who wrote what it asks about, or who manages chains.
async fn check_own(work: &mut Work<'_, '_>, request: &Request) -> Result<(), Error> {
    if work.require(Action::ManageChains).is_ok() {
        return Ok(());
    }
    let org = work.org();
    let authors = store::version::authors(work.tx, org, request.content, request.n).await?;
    let own = |p| request.person == Some(p) || authors.contains(&p);
    if work.ctx.actor.people().any(own) {
        return Ok(());
    }
    Err(Error::refused(
        Code::Forbidden,
        "Only who asked for it or wrote the post can take this request back, or who manages chains.",
    ))
}

/// What is decided on, as its version says it: what is typed since is nobody's business.
async fn headline(work: &mut Work<'_, '_>, request: &Request) -> Result<String, Error> {
    let org = work.org();
    let version = store::version::get(work.tx, org, request.content, request.n)
        .await?
        .ok_or_else(|| Error::missing("version"))?;
    Ok(version.doc()?.body.headline())
}
