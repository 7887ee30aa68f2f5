//! What comes next for a delivery: decided in one transaction that holds the organization's row.

use domain::Instant;
use domain::approval::RequestStatus;
use domain::attempt::{AttemptPhase, Idempotency};
use domain::delivery::{
    DeliveryStatus, HoldReason, MissReason, SendVerdict, WaitReason, may_hand_off, may_send,
};
use domain::identity::IdentityStatus;
use domain::ids::{AttemptId, DeliveryId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::attempt::Attempt;
use uuid::Uuid;

use super::begin::begin;
use super::facts::Facts;
use super::look::Handle;
use super::terms::millis;
use super::{Publisher, kept, settle};
use crate::Error;
use crate::apply::Work;
use crate::apply::deliveries::{clear, put};
use crate::calls::facts_of;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "next", rename_all = "snake_case")]
pub enum Next {
    /// The attempt is journaled: send it.
    Send {
        /// Which.
        attempt: AttemptId,
    },
    /// Look whether the attempt is live.
    Look {
        /// Which.
        attempt: AttemptId,
        /// When it is not there, repeat it: it would be the same write, and it may go out now.
        repeat: bool,
    },
    /// Ask what became of what the network works on.
    Poll {
        /// Which.
        attempt: AttemptId,
    },
    /// Ask the network to give back what it keeps.
    Recall {
        /// Which.
        attempt: AttemptId,
    },
    /// Nothing until then, or until something changes.
    Wait {
        /// When to ask again; absent means only when something changes.
        until: Option<Instant>,
    },
    /// There is nothing (more) to do for this run.
    Done {
        /// Where the delivery stands.
        status: DeliveryStatus,
    },
}

/// Decides, and writes what follows from it. The flag tells whether anything was written.
///
/// # Errors
/// When the database says no.
pub async fn check(
    work: &mut Work<'_, '_>,
    publisher: &Publisher,
    id: DeliveryId,
    run: Uuid,
) -> Result<(Next, bool), Error> {
    let org = work.org();
    let Some(delivery) = store::delivery::get(work.tx, org, id).await? else {
        return Ok((
            Next::Done {
                status: DeliveryStatus::Cancelled,
            },
            false,
        ));
    };
    let status = delivery.status;
    if !status.is_driven() || delivery.run != Some(run) {
        return Ok((Next::Done { status }, false));
    }
    let facts = Facts::gather(work, delivery).await?;
    let Some(segment) = facts.next_segment() else {
        settle::all_live(work, facts).await?;
        return Ok((
            Next::Done {
                status: DeliveryStatus::Published,
            },
            true,
        ));
    };
    if let Some(attempt) = facts.open_attempt(segment).cloned()
        && !(attempt.phase == AttemptPhase::Ambiguous && attempt.written_off_by.is_some())
    {
        return open_attempt(work, publisher, facts, attempt).await;
    }
    decide(work, publisher, facts, segment).await
}

/// Something might be live: nothing new opens before that is known.
async fn open_attempt(
    work: &mut Work<'_, '_>,
    publisher: &Publisher,
    facts: Facts,
    attempt: Attempt,
) -> Result<(Next, bool), Error> {
    let now = work.now();
    let id = attempt.id;
    match attempt.phase {
        AttemptPhase::InFlight => match writing(publisher, &attempt, now) {
            Writing::On(next) => Ok((next, false)),
            Writing::Over { gone } => {
                let next = take_over(work, publisher, facts, attempt, gone).await?;
                Ok((next, true))
            }
        },
        AttemptPhase::Pending if attempt.handed_for.is_some() => {
            kept::check(work, publisher, facts, &attempt).await
        }
        AttemptPhase::Pending => match facts.delivery.retry_at {
            Some(at) if at > now => Ok((Next::Wait { until: Some(at) }, false)),
            _ => Ok((Next::Poll { attempt: id }, false)),
        },
        AttemptPhase::Ambiguous => match facts.delivery.retry_at {
            Some(at) if at > now => Ok((Next::Wait { until: Some(at) }, false)),
            _ => look(work, publisher, facts, attempt).await,
        },
        // A confirmed segment has a publication in the same commit, so it is not asked about.
        _ => Ok((
            Next::Done {
                status: facts.delivery.status,
            },
            false,
        )),
    }
}

/// An attempt whose socket may be open.
pub(super) enum Writing {
    /// It is in hands that live, or may be; this comes next.
    On(Next),
    /// Nobody writes any more; of one that is `gone` nothing can come later.
    Over {
        /// Its process has ended, or knows nothing of it.
        gone: bool,
    },
}

/// Whether an attempt that is in flight is still being written.
pub(super) fn writing(publisher: &Publisher, attempt: &Attempt, now: Instant) -> Writing {
    let over = publisher.terms.surely_over(attempt.lease_until);
    if attempt.owner == publisher.owner && publisher.holds(attempt.id) {
        return Writing::On(if publisher.hands().live.contains(&attempt.id) {
            // Overtime is the sender's: it has the answer, or none will come.
            let until = over.max(now.plus(1_000));
            Next::Wait { until: Some(until) }
        } else {
            Next::Send {
                attempt: attempt.id,
            }
        });
    }
    // Of our own we know that nobody writes any more; of others only by their lock.
    let gone = attempt.owner == publisher.owner || publisher.house.is_gone(attempt.owner);
    if !gone && now < over {
        return Writing::On(Next::Wait { until: Some(over) });
    }
    Writing::Over { gone }
}

/// The sender does not write any more: what it did is not known. Of one that is `gone` nothing can
/// come later, so it is looked for at once; another may have written until its lease ended.
async fn take_over(
    work: &mut Work<'_, '_>,
    publisher: &Publisher,
    facts: Facts,
    mut attempt: Attempt,
    gone: bool,
) -> Result<Next, Error> {
    let now = work.now();
    let natural = idempotency(publisher, &facts) == Idempotency::Natural;
    let base = if natural || gone {
        now
    } else {
        now.max(publisher.terms.surely_over(attempt.lease_until))
    };
    let first = if natural {
        0
    } else {
        publisher.terms.looks.first().copied().unwrap_or_default()
    };
    attempt.phase = AttemptPhase::Ambiguous;
    attempt.owner = publisher.owner;
    attempt.settled_at = Some(base);
    attempt.words = Some("The sender ended before it could say what became of it.".to_owned());
    attempt.handle = Some(Handle::default().to_value());
    let id = attempt.id;
    if !work.attempt(AttemptPhase::InFlight, &attempt).await? {
        return Ok(Next::Wait { until: Some(now) });
    }
    let mut delivery = facts.delivery;
    let until = base.plus(first);
    delivery.retry_at = Some(until);
    let (subject, content) = (format!("delivery:{}", delivery.id), delivery.content);
    put(work, delivery).await?;
    work.record(
        "attempt_ambiguous",
        &subject,
        Some(content),
        json!({"attempt": id, "segment": attempt.segment, "why": "the sender ended"}),
    )
    .await?;
    Ok(Next::Wait { until: Some(until) })
}

fn idempotency(publisher: &Publisher, facts: &Facts) -> Idempotency {
    publisher
        .networks
        .get(&facts.identity.network)
        .map_or(Idempotency::None, |a| a.descriptor().idempotency)
}

/// Whether sending the attempt again is the same write: always by its nature, or for a while by
/// its key.
fn repeats(publisher: &Publisher, facts: &Facts, attempt: &Attempt, now: Instant) -> bool {
    let Some(adapter) = publisher.networks.get(&facts.identity.network) else {
        return false;
    };
    match adapter.descriptor().idempotency {
        Idempotency::Natural => true,
        Idempotency::Key => adapter
            .repeats_within(&facts_of(&facts.identity))
            .is_some_and(|window| {
                let age = now.since(attempt.started_at);
                age >= millis(publisher.terms.repeat_after) && age < millis(window)
            }),
        Idempotency::Handle | Idempotency::Refused | Idempotency::None => false,
    }
}

/// Looking comes next. Where repeating is the same write, and it may still go out, the look may
/// repeat it: under a lease that is written here.
async fn look(
    work: &mut Work<'_, '_>,
    publisher: &Publisher,
    facts: Facts,
    mut attempt: Attempt,
) -> Result<(Next, bool), Error> {
    let now = work.now();
    let id = attempt.id;
    // What was approved is what the delivery has now: an earlier version is not repeated.
    let same = attempt.n == facts.delivery.n && Some(attempt.hash) == facts.delivery.hash;
    let sending = facts.send_facts(work, publisher, false);
    let may_go = match attempt.handed_for {
        None => may_send(&sending) == SendVerdict::Go,
        // What the network once kept is not written again, and nothing is after its time.
        Some(at) => {
            let never_kept = Handle::of(attempt.handle.as_ref()).network.is_none();
            let in_time = kept::time_to_keep(&facts, publisher, now) == Some(at);
            never_kept && in_time && may_hand_off(&sending)
        }
    };
    let may_repeat = same && may_go && repeats(publisher, &facts, &attempt, now);
    if !may_repeat {
        return Ok((
            Next::Look {
                attempt: id,
                repeat: false,
            },
            false,
        ));
    }
    attempt.owner = publisher.owner;
    attempt.lease_until = publisher.terms.lease_until(now);
    let kept = work.attempt(AttemptPhase::Ambiguous, &attempt).await?;
    if kept {
        publisher.permit(id, now);
    }
    Ok((
        Next::Look {
            attempt: id,
            repeat: kept,
        },
        kept,
    ))
}

async fn decide(
    work: &mut Work<'_, '_>,
    publisher: &Publisher,
    facts: Facts,
    segment: u32,
) -> Result<(Next, bool), Error> {
    let now = work.now();
    match may_send(&facts.send_facts(work, publisher, false)) {
        SendVerdict::Go => {
            if facts.publications.is_empty() && !facts.still_fits(publisher) {
                return hold(work, facts, HoldReason::Limits).await;
            }
            match facts.delivery.retry_at {
                Some(at) if at > now => Ok((Next::Wait { until: Some(at) }, false)),
                _ => Ok((begin(work, publisher, facts, segment, None).await?, true)),
            }
        }
        SendVerdict::Wait(WaitReason::NotDue, until) => {
            let may = may_hand_off(&facts.send_facts(work, publisher, false));
            let keep = kept::time_to_keep(&facts, publisher, now).filter(|_| may);
            if let Some(at) = keep {
                if !facts.still_fits(publisher) {
                    return hold(work, facts, HoldReason::Limits).await;
                }
                let retry = facts.delivery.retry_at.filter(|retry| *retry > now);
                return match retry {
                    Some(retry) => Ok((
                        Next::Wait {
                            until: Some(retry.min(at)),
                        },
                        false,
                    )),
                    None => {
                        let next = begin(work, publisher, facts, segment, keep).await?;
                        Ok((next, true))
                    }
                };
            }
            let changed = waits(work, facts).await?;
            Ok((Next::Wait { until }, changed))
        }
        SendVerdict::Wait(WaitReason::NotApproved, until) => Ok((Next::Wait { until }, false)),
        SendVerdict::Wait(WaitReason::Paused, _) => {
            let changed = set(work, facts, DeliveryStatus::Due, None).await?;
            Ok((Next::Wait { until: None }, changed))
        }
        SendVerdict::Hold(reason) => hold(work, facts, reason).await,
        SendVerdict::Missed(reason) => missed(work, facts, reason).await,
        SendVerdict::Never(_) => never(work, facts).await,
    }
}

/// Before its time: held where the account does not work, so that people see it early.
async fn waits(work: &mut Work<'_, '_>, facts: Facts) -> Result<bool, Error> {
    if facts.identity.status == IdentityStatus::Connected {
        set(work, facts, DeliveryStatus::Planned, None).await
    } else {
        set(work, facts, DeliveryStatus::Held, Some(HoldReason::Account)).await
    }
}

/// Gives the delivery a state in which it waits; `false` when it has it.
async fn set(
    work: &mut Work<'_, '_>,
    facts: Facts,
    status: DeliveryStatus,
    hold: Option<HoldReason>,
) -> Result<bool, Error> {
    let mut delivery = facts.delivery;
    if delivery.status == status && delivery.hold == hold {
        return Ok(false);
    }
    let (content, retry_at) = (delivery.content, delivery.retry_at);
    clear(&mut delivery, status);
    delivery.hold = hold;
    delivery.retry_at = retry_at;
    put(work, delivery).await?;
    work.recompute(content).await?;
    Ok(true)
}

async fn hold(
    work: &mut Work<'_, '_>,
    facts: Facts,
    reason: HoldReason,
) -> Result<(Next, bool), Error> {
    let (id, content) = (facts.delivery.id, facts.delivery.content);
    let telling = facts.telling();
    let held = set(work, facts, DeliveryStatus::Held, Some(reason)).await?;
    if held {
        work.record(
            "delivery_held",
            &format!("delivery:{id}"),
            Some(content),
            json!({"reason": reason}),
        )
        .await?;
        telling.held(work, reason).await?;
    }
    Ok((Next::Wait { until: None }, held))
}

async fn missed(
    work: &mut Work<'_, '_>,
    facts: Facts,
    reason: MissReason,
) -> Result<(Next, bool), Error> {
    let telling = facts.telling();
    let mut delivery = facts.delivery;
    let (id, content, starts) = (delivery.id, delivery.content, delivery.starts);
    // What the network gave back too late says so.
    let words = delivery.words.take();
    clear(&mut delivery, DeliveryStatus::Missed);
    delivery.miss = Some(reason);
    delivery.words = words;
    delivery.settled_at = Some(work.now());
    put(work, delivery).await?;
    work.record(
        "delivery_missed",
        &format!("delivery:{id}"),
        Some(content),
        json!({"reason": reason}),
    )
    .await?;
    work.recompute(content).await?;
    telling.missed(work, starts).await?;
    Ok((
        Next::Done {
            status: DeliveryStatus::Missed,
        },
        true,
    ))
}

/// What was approved is something else now, or nothing.
async fn never(work: &mut Work<'_, '_>, facts: Facts) -> Result<(Next, bool), Error> {
    let current = facts.request.as_ref().filter(|r| {
        r.n == facts.delivery.n && Some(r.hash) == facts.delivery.hash && facts.content.n == r.n
    });
    if facts.publications.is_empty() {
        if current.is_some_and(|r| {
            matches!(
                r.status,
                RequestStatus::ChangesRequested | RequestStatus::Rejected
            )
        }) {
            // Who said no may take it back; the run is still needed then.
            let changed = set(work, facts, DeliveryStatus::Planned, None).await?;
            return Ok((Next::Wait { until: None }, changed));
        }
        // The next request starts a new run.
        let changed = set(work, facts, DeliveryStatus::Planned, None).await?;
        return Ok((
            Next::Done {
                status: DeliveryStatus::Planned,
            },
            changed,
        ));
    }
    // A part is live and the rest may not follow: a person must see that.
    missed(work, facts, MissReason::NotApproved).await
}
