//! Writing an edit part by part, and its end.

use domain::attempt::{AttemptKind, AttemptPhase};
use domain::edit::{EditStatus, says_the_same};
use domain::version::PreparedTarget;
use serde_json::json;
use store::attempt::Attempt;

use super::super::facts::live_version;
use super::super::{Next, Publisher, attempt_id, fits, short};
use super::{Case, refuse, trouble};
use crate::Error;
use crate::apply::Work;
use crate::apply::deliveries::put as put_delivery;
use crate::apply::edits::put;
use crate::calls::facts_of;

/// Journals the next part, or comes to the end.
pub(super) async fn write_next(
    work: &mut Work<'_, '_>,
    publisher: &Publisher,
    case: Case,
) -> Result<(Next, bool), Error> {
    let identity = &case.facts.identity;
    let adapter = publisher.networks.get(&identity.network).cloned();
    let (Some(adapter), Some(doc), Some(after)) = (adapter, &case.doc, case.after().cloned())
    else {
        let words = "The newest version says nothing for this account.";
        return refuse(work, case, words).await;
    };
    let account = facts_of(identity);
    if !adapter.edits(&account) {
        let words = "Posts of this account cannot be edited in place.";
        return refuse(work, case, words).await;
    }
    for segment in 0..case.facts.delivery.segments.max(1) {
        let Some(before) = case.live(work, segment).await? else {
            let words = "The version that is out cannot be read.";
            return refuse(work, case, words).await;
        };
        if let Some(trouble) = trouble(&*adapter, &case.facts.publications, &before, &after) {
            return refuse(work, case, trouble.words()).await;
        }
    }
    let Some(segment) = unwritten(work, &case, &after).await? else {
        let status = case.facts.delivery.status;
        finish(work, case).await?;
        return Ok((Next::Done { status }, true));
    };
    if case.written() == 0 && !fits::still_fits(&*adapter, doc, identity.id, &account) {
        let words = "The account's limits have changed: save the text again.";
        return refuse(work, case, words).await;
    }
    begin(work, publisher, case, segment).await
}

/// The first part that does not say yet what it shall.
async fn unwritten(
    work: &mut Work<'_, '_>,
    case: &Case,
    after: &PreparedTarget,
) -> Result<Option<u32>, Error> {
    for segment in 0..case.facts.delivery.segments.max(1) {
        let n = live_version(&case.facts.attempts, &case.facts.delivery, segment);
        let same = match case.live(work, segment).await? {
            _ if n == case.edit.n => true,
            Some(before) => says_the_same(&before, after, segment),
            None => false,
        };
        if !same {
            return Ok(Some(segment));
        }
    }
    Ok(None)
}

/// Comes to the end where every part says it by now, whatever was saved or stopped meanwhile.
pub(super) async fn finish_if_written(work: &mut Work<'_, '_>, case: Case) -> Result<(), Error> {
    let Some(after) = case.after().cloned() else {
        return Ok(());
    };
    match unwritten(work, &case, &after).await? {
        None => finish(work, case).await,
        Some(_) => Ok(()),
    }
}

/// Opens an attempt. Whoever calls this has asked [`domain::edit::may_edit`] in this transaction.
async fn begin(
    work: &mut Work<'_, '_>,
    publisher: &Publisher,
    case: Case,
    segment: u32,
) -> Result<(Next, bool), Error> {
    let (org, now) = (work.org(), work.now());
    let Case {
        facts, mut edit, ..
    } = case;
    let request = facts.request.as_ref().map(|r| r.id);
    let request = request.ok_or_else(|| Error::missing("request"))?;
    let id = attempt_id(org, edit.delivery, facts.attempts.len());
    let attempt = Attempt {
        id,
        delivery: edit.delivery,
        segment,
        kind: AttemptKind::Edit,
        n: edit.n,
        hash: edit.hash,
        request,
        phase: AttemptPhase::InFlight,
        // The place is in the publication, and the same again is the same write.
        keys: json!({}),
        handle: None,
        owner: publisher.owner,
        epoch: facts.identity.epoch,
        lease_until: publisher.terms.lease_until(now),
        words: None,
        written_off_by: None,
        started_at: now,
        handed_for: None,
        settled_at: None,
        cost: None,
    };
    work.begin_attempt(&attempt).await?;
    edit.status = EditStatus::Sending;
    edit.hold = None;
    edit.words = None;
    edit.retry_at = None;
    put(work, &edit).await?;
    work.record(
        "edit_opened",
        &format!("delivery:{}", edit.delivery),
        Some(facts.content.id),
        json!({
            "attempt": id, "segment": segment, "version": edit.n, "hash": short(edit.hash),
            "request": request, "network": facts.identity.network,
            "handle": facts.identity.handle,
        }),
    )
    .await?;
    publisher.permit(id, now);
    Ok((Next::Send { attempt: id }, true))
}

/// Every part says it: this is the version that is out now.
async fn finish(work: &mut Work<'_, '_>, case: Case) -> Result<(), Error> {
    let now = work.now();
    let Case {
        facts, mut edit, ..
    } = case;
    let mut delivery = facts.delivery;
    let content = delivery.content;
    let was = delivery.n;
    delivery.n = edit.n;
    delivery.hash = Some(edit.hash);
    put_delivery(work, delivery).await?;
    edit.status = EditStatus::Done;
    edit.hold = None;
    edit.words = None;
    edit.retry_at = None;
    edit.settled_at = Some(now);
    put(work, &edit).await?;
    work.record(
        "delivery_edited",
        &format!("delivery:{}", edit.delivery),
        Some(content),
        json!({
            "network": facts.identity.network, "handle": facts.identity.handle,
            "from": was, "n": edit.n,
            "url": facts.publications.iter().find_map(|p| p.url.clone()),
        }),
    )
    .await?;
    work.recompute(content).await?;
    Ok(())
}
