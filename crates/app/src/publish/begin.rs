//! Journaling an attempt: before any socket opens.

use domain::Instant;
use domain::attempt::{AttemptKind, AttemptPhase};
use domain::delivery::DeliveryStatus;
use networks::JournalInput;
use serde_json::json;
use store::attempt::Attempt;

use super::facts::Facts;
use super::terms::millis;
use super::{Next, Publisher, attempt_id, short};
use crate::Error;
use crate::apply::Work;
use crate::apply::deliveries::{clear, put};

/// Opens an attempt for `segment`: to go out at once, or to be kept by the network for its time.
/// Whoever calls this has asked [`domain::delivery::may_send`] or
/// [`domain::delivery::may_hand_off`] in this transaction.
pub(super) async fn begin(
    work: &mut Work<'_, '_>,
    publisher: &Publisher,
    facts: Facts,
    segment: u32,
    handed_for: Option<Instant>,
) -> Result<Next, Error> {
    let (org, now) = (work.org(), work.now());
    let (Some(request), Some(hash)) = (&facts.request, facts.delivery.hash) else {
        return Err(Error::missing("request"));
    };
    let adapter = publisher
        .networks
        .get(&facts.identity.network)
        .ok_or_else(|| Error::missing("network"))?;
    if let Some(mut old) = facts.open_attempt(segment).cloned() {
        // A person said to send again, and bears that: said in the same commit.
        let was = old.phase;
        let by = old.written_off_by;
        old.phase = AttemptPhase::WrittenOff;
        old.settled_at = Some(now);
        if by.is_none() || !work.attempt(was, &old).await? {
            return Ok(Next::Wait { until: None });
        }
        work.record(
            "attempt_written_off",
            &format!("attempt:{}", old.id),
            Some(facts.content.id),
            json!({"delivery": facts.delivery.id, "segment": segment, "person": by}),
        )
        .await?;
    }
    let id = attempt_id(org, facts.delivery.id, facts.attempts.len());
    let earlier = facts
        .attempts
        .iter()
        .rev()
        .filter(|a| a.kind == AttemptKind::Send && a.segment == segment)
        .find(|a| may_be_live(a))
        .map(|a| &a.keys);
    let keys = adapter.journal_keys(&JournalInput {
        attempt: id,
        delivery: facts.delivery.id,
        segment,
        now,
        earlier,
    });
    let attempt = Attempt {
        id,
        delivery: facts.delivery.id,
        segment,
        kind: AttemptKind::Send,
        n: facts.delivery.n,
        hash,
        request: request.id,
        phase: AttemptPhase::InFlight,
        keys,
        handle: None,
        owner: publisher.owner,
        epoch: facts.identity.epoch,
        lease_until: publisher.terms.lease_until(now),
        words: None,
        written_off_by: None,
        started_at: now,
        settled_at: None,
        handed_for,
        // All of it at once: the rest of a thread follows whatever was spent meanwhile.
        cost: facts
            .cost
            .clone()
            .filter(|_| facts.publications.is_empty())
            .map(|cost| (cost.amount_micros, cost.currency)),
    };
    work.begin_attempt(&attempt).await?;
    let mut delivery = facts.delivery;
    clear(&mut delivery, DeliveryStatus::Sending);
    let content = delivery.content;
    let subject = format!("delivery:{}", delivery.id);
    put(work, delivery).await?;
    work.record(
        "attempt_opened",
        &subject,
        Some(content),
        json!({
            "attempt": id, "segment": segment, "version": attempt.n, "hash": short(hash),
            "request": request.id, "network": facts.identity.network,
            "handle": facts.identity.handle, "until": handed_for,
        }),
    )
    .await?;
    work.recompute(content).await?;
    publisher.permit(id, now);
    Ok(Next::Send { attempt: id })
}

/// Whether an earlier try may turn out to be live after all: only then is its key kept, so that it
/// is not doubled. One that certainly wrote nothing would only make the post look older than it is.
fn may_be_live(attempt: &Attempt) -> bool {
    match attempt.phase {
        AttemptPhase::Rejected | AttemptPhase::Throttled => false,
        // Its key names what the network kept: never again.
        _ if attempt.handed_for.is_some() => false,
        // A handle says that it was looked for.
        AttemptPhase::NotSent => attempt.handle.is_some(),
        _ => true,
    }
}

impl Publisher {
    /// Lets one socket of this process open for an attempt whose lease began at `since`, once.
    pub(super) fn permit(&self, id: domain::ids::AttemptId, since: domain::Instant) {
        // The transaction took its time; a clock that was set meanwhile must not lengthen it.
        let lease = millis(self.terms.lease);
        let spent = self.now().since(since).clamp(0, lease);
        let until = self.clock.boot().saturating_add(lease - spent);
        self.hands().permits.insert(id, until);
    }
}
