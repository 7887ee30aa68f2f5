//! What came of an attempt: written once, however often and however late it is reported.

mod unsure;

use std::time::Duration;

use domain::Instant;
use domain::attempt::{AttemptKind, AttemptPhase, Idempotency};
use domain::delivery::{DeliveryStatus, HoldReason, MissReason};
use domain::ids::AttemptId;
use domain::time::HOUR;
use networks::Remote;
use serde_json::{Value, json};
use store::attempt::Attempt;
use store::publication::Publication;
use uuid::Uuid;

use super::facts::Facts;
use super::kept::surprised;
use super::look::Handle;
use super::settle::{live, needs_reconnect, works_since};
use super::terms::millis;
use super::{Publisher, Terms};
use crate::Error;
use crate::apply::Work;
use crate::apply::deliveries::{clear, put};

/// So many tries in a row follow soon after each other, also of what has its time to come.
const OFTEN: u32 = 5;

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    /// It is live.
    Confirmed(Remote),
    /// The network works on it.
    Pending(Value),
    /// The network said no.
    Rejected {
        /// The reason's name.
        code: String,
        /// In the network's own words.
        words: String,
    },
    /// The network said later; nothing was written.
    Throttled(Option<Duration>),
    /// Nothing was written.
    NotSent {
        /// Why.
        why: String,
        /// Because a file is missing or damaged.
        media: bool,
    },
    /// The account must be connected again; nothing was written.
    NeedsReconnect(String),
    /// It cannot be known.
    Ambiguous(String),
    /// The network kept it and gave it back; nothing is or will be out.
    GivenBack,
    /// The network keeps it and has not given it back.
    NotGivenBack {
        /// Why.
        why: String,
        /// The account must be connected again.
        reconnect: bool,
    },
    /// Looked for, and not there.
    Absent,
    /// Looked for, and several could be it.
    Several(usize),
    /// Looking did not work.
    NoLook {
        /// Why.
        why: String,
        /// Looking again may help.
        again: bool,
        /// The account must be connected again.
        reconnect: bool,
    },
}

/// Who reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The process that sent.
    Sender(Uuid),
    /// Whoever looked or asked later.
    Look,
}

/// What was done with a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Written.
    Taken,
    /// It was known.
    Known,
    /// The reporter has no say (any more).
    Refused,
    /// Live after all, beside the try that took its place: people are told.
    Late,
}

/// Whether the reporter may say this now. A sender that lost its lease is believed when it says
/// that something is live, and nothing else: somebody may have repeated the write meanwhile.
fn standing(attempt: &Attempt, report: &Report, by: By) -> Recorded {
    let phase = match report {
        Report::Confirmed(_) => AttemptPhase::Confirmed,
        Report::Pending(_) => AttemptPhase::Pending,
        Report::Rejected { .. } => AttemptPhase::Rejected,
        Report::Throttled(_) => AttemptPhase::Throttled,
        Report::NotSent { .. } | Report::NeedsReconnect(_) | Report::GivenBack => {
            AttemptPhase::NotSent
        }
        _ => AttemptPhase::Ambiguous,
    };
    let says = match (by, attempt.phase) {
        (By::Sender(owner), AttemptPhase::InFlight) => attempt.owner == owner,
        (By::Sender(_), AttemptPhase::Ambiguous | AttemptPhase::Pending) => {
            phase == AttemptPhase::Confirmed
        }
        (By::Look, AttemptPhase::Ambiguous | AttemptPhase::Pending) => true,
        _ => false,
    };
    match says {
        true => Recorded::Taken,
        false if attempt.phase == phase => Recorded::Known,
        false => Recorded::Refused,
    }
}

/// Writes what became of an attempt, and what follows for its delivery.
///
/// # Errors
/// When the database says no.
pub async fn record(
    work: &mut Work<'_, '_>,
    publisher: &Publisher,
    id: AttemptId,
    report: &Report,
    by: By,
) -> Result<Recorded, Error> {
    let org = work.org();
    let Some(attempt) = store::attempt::get(work.tx, org, id).await? else {
        return Ok(Recorded::Refused);
    };
    let standing = standing(&attempt, report, by);
    if standing != Recorded::Taken {
        if let (Report::Confirmed(remote), AttemptPhase::WrittenOff) = (report, attempt.phase) {
            live_after_all(work, &attempt, remote).await?;
            return Ok(Recorded::Late);
        }
        return Ok(standing);
    }
    let Some(delivery) = store::delivery::get(work.tx, org, attempt.delivery).await? else {
        return Ok(Recorded::Refused);
    };
    let facts = Facts::gather(work, delivery).await?;
    if attempt.kind == AttemptKind::Edit {
        super::edit::record(work, publisher, facts, attempt, report).await?;
        return Ok(Recorded::Taken);
    }
    let last_moment = facts.send_facts(work, publisher, false).last_moment();
    let mut case = Case {
        last_moment,
        facts,
        attempt,
        terms: &publisher.terms,
        natural: false,
        reads_back: false,
    };
    if let Some(adapter) = publisher.networks.get(&case.facts.identity.network) {
        case.natural = adapter.descriptor().idempotency == Idempotency::Natural;
        case.reads_back = adapter.descriptor().features.read_back;
    }
    match report {
        Report::Confirmed(remote) => case.confirmed(work, remote, by).await?,
        Report::Pending(handle) => match case.attempt.handed_for {
            Some(_) if case.is_taken(work, handle).await? => case.absent(work).await?,
            Some(at) => case.kept(work, handle, at).await?,
            None => case.pending(work, handle).await?,
        },
        Report::Rejected { code, words } if case.attempt.handed_for.is_some() => {
            case.not_kept(work, code, words).await?;
        }
        Report::Rejected { code, words } => case.rejected(work, code, words).await?,
        Report::GivenBack => case.given_back(work).await?,
        Report::NotGivenBack { why, reconnect } => {
            case.not_given_back(work, why, *reconnect).await?;
        }
        Report::Throttled(after) => case.throttled(work, *after).await?,
        Report::NotSent { why, media } => case.not_sent(work, why, *media).await?,
        Report::NeedsReconnect(words) => case.refused_us(work, words).await?,
        Report::Ambiguous(why) => case.ambiguous(work, why).await?,
        Report::Absent => case.absent(work).await?,
        Report::Several(n) => {
            let why = format!("{n} posts could be it.");
            case.unconfirmed(work, &why).await?;
        }
        Report::NoLook {
            why,
            again,
            reconnect,
        } => {
            case.no_look(work, why, *again, *reconnect).await?;
        }
    }
    Ok(Recorded::Taken)
}

/// A person wrote the attempt off, and now the network says that it is live: it stays written off,
/// but nobody may be left not knowing.
async fn live_after_all(
    work: &mut Work<'_, '_>,
    attempt: &Attempt,
    remote: &Remote,
) -> Result<(), Error> {
    let org = work.org();
    let Some(mut delivery) = store::delivery::get(work.tx, org, attempt.delivery).await? else {
        return Ok(());
    };
    let place = remote.url.as_deref().unwrap_or(&remote.id);
    delivery.words = Some(format!("A try that was written off is live too: {place}"));
    let (id, content) = (delivery.id, delivery.content);
    put(work, delivery).await?;
    work.record(
        "late_confirmed",
        &format!("delivery:{id}"),
        Some(content),
        json!({"attempt": attempt.id, "url": place}),
    )
    .await
}

/// An attempt with all that is known around it.
pub(super) struct Case<'a> {
    pub(super) facts: Facts,
    pub(super) attempt: Attempt,
    pub(super) terms: &'a Terms,
    natural: bool,
    reads_back: bool,
    /// Until when the delivery may go out on its own.
    last_moment: Option<Instant>,
}

impl Case<'_> {
    pub(super) fn handle(&self) -> Handle {
        Handle::of(self.attempt.handle.as_ref())
    }

    /// Moves the attempt to a phase.
    pub(super) async fn enter(
        &mut self,
        work: &mut Work<'_, '_>,
        phase: AttemptPhase,
        words: Option<&str>,
    ) -> Result<(), Error> {
        let now = work.now();
        let from = self.attempt.phase;
        if from != phase || phase == AttemptPhase::Pending {
            self.attempt.settled_at = Some(now);
        }
        self.attempt.phase = phase;
        if words.is_some() {
            self.attempt.words = words.map(str::to_owned);
        }
        if work.attempt(from, &self.attempt).await? {
            Ok(())
        } else {
            // Under the organization's lock nobody else could have moved it.
            Err(Error::refused(
                protocol::Code::Conflict,
                "The attempt was settled meanwhile.",
            ))
        }
    }

    /// Stores the delivery, says so, and derives the content anew.
    pub(super) async fn close(
        self,
        work: &mut Work<'_, '_>,
        action: &str,
        mut payload: Value,
    ) -> Result<(), Error> {
        let (id, content) = (self.facts.delivery.id, self.facts.delivery.content);
        put(work, self.facts.delivery).await?;
        payload["attempt"] = json!(self.attempt.id);
        payload["segment"] = json!(self.attempt.segment);
        payload["network"] = json!(self.facts.identity.network);
        payload["handle"] = json!(self.facts.identity.handle);
        work.record(action, &format!("delivery:{id}"), Some(content), payload)
            .await?;
        work.recompute(content).await?;
        Ok(())
    }

    async fn confirmed(
        mut self,
        work: &mut Work<'_, '_>,
        remote: &Remote,
        by: By,
    ) -> Result<(), Error> {
        let (org, now) = (work.org(), work.now());
        let (delivery, segment) = (self.facts.delivery.id, self.attempt.segment);
        let kept = self.attempt.handed_for.is_some() && self.attempt.phase == AttemptPhase::Pending;
        let unsure = self.attempt.phase == AttemptPhase::Ambiguous;
        if by == By::Look && !self.natural && (kept || unsure) {
            let identity = self.facts.identity.id;
            let except = (delivery, segment);
            if store::publication::is_taken(work.tx, org, identity, &remote.id, except).await? {
                return match kept {
                    true => {
                        self.ambiguous(work, "What was found is another post.")
                            .await
                    }
                    false => self.absent(work).await,
                };
            }
        }
        let surprise = self.surprise(now);
        self.as_handed_off(work).await?;
        self.enter(work, AttemptPhase::Confirmed, None).await?;
        let publication = Publication {
            delivery,
            segment,
            remote_id: remote.id.clone(),
            url: remote.url.clone(),
            extra: remote.extra.clone(),
            by_person: false,
            // The network kept the time, whenever we learn of it.
            at: self.attempt.handed_for.map_or(now, |at| at.min(now)),
            ended_at: None,
        };
        let payload = json!({"attempt": self.attempt.id});
        live(work, self.facts, publication.clone(), payload).await?;
        match surprise {
            Some(surprise) => surprised(work, &publication, surprise).await,
            None => Ok(()),
        }
    }

    async fn pending(mut self, work: &mut Work<'_, '_>, handle: &Value) -> Result<(), Error> {
        let now = work.now();
        let kept = Handle {
            network: Some(handle.clone()),
            ..Handle::default()
        };
        self.attempt.handle = Some(kept.to_value());
        let started = self.attempt.started_at;
        if now.since(started) > millis(self.terms.patience) {
            return self
                .ambiguous(work, "The network works on it for too long.")
                .await;
        }
        self.enter(work, AttemptPhase::Pending, None).await?;
        self.facts.delivery.status = DeliveryStatus::Sending;
        self.facts.delivery.retry_at = Some(self.terms.next_poll(started, now));
        self.close(work, "attempt_pending", json!({})).await
    }

    async fn rejected(
        mut self,
        work: &mut Work<'_, '_>,
        code: &str,
        words: &str,
    ) -> Result<(), Error> {
        self.enter(work, AttemptPhase::Rejected, Some(words))
            .await?;
        let delivery = &mut self.facts.delivery;
        clear(delivery, DeliveryStatus::Failed);
        delivery.words = Some(words.to_owned());
        delivery.settled_at = Some(work.now());
        let (starts, telling) = (delivery.starts, self.facts.telling());
        self.close(
            work,
            "delivery_failed",
            json!({"code": code, "words": words}),
        )
        .await?;
        telling.failed(work, starts, words).await
    }

    async fn throttled(
        mut self,
        work: &mut Work<'_, '_>,
        after: Option<Duration>,
    ) -> Result<(), Error> {
        let tries = 1 + self
            .facts
            .in_a_row_before(&self.attempt, AttemptPhase::Throttled);
        let words = "The network asked to wait.";
        self.enter(work, AttemptPhase::Throttled, Some(words))
            .await?;
        let wait = self.terms.throttled_for(tries, after);
        let until = work.now().plus(wait);
        let handed = self.attempt.handed_for.is_some();
        if !handed && self.last_moment.is_some_and(|last| until > last) {
            return self.missed(work, wait).await;
        }
        self.due_again(until, words);
        self.close(work, "attempt_throttled", json!({"wait_ms": wait}))
            .await
    }

    /// The network wants a longer wait than the grace: people are told now, not when it is over.
    async fn missed(mut self, work: &mut Work<'_, '_>, wait: i64) -> Result<(), Error> {
        let delivery = &mut self.facts.delivery;
        clear(delivery, DeliveryStatus::Missed);
        delivery.miss = Some(MissReason::Late);
        delivery.words = Some("The network asked to wait for longer than it may be late.".into());
        delivery.settled_at = Some(work.now());
        let (starts, telling) = (delivery.starts, self.facts.telling());
        self.close(
            work,
            "delivery_missed",
            json!({"reason": MissReason::Late, "wait_ms": wait}),
        )
        .await?;
        telling.missed(work, starts).await
    }

    async fn not_sent(
        mut self,
        work: &mut Work<'_, '_>,
        why: &str,
        media: bool,
    ) -> Result<(), Error> {
        let tries = 1 + self
            .facts
            .in_a_row_before(&self.attempt, AttemptPhase::NotSent);
        self.enter(work, AttemptPhase::NotSent, Some(why)).await?;
        let now = work.now();
        let mut until = now.plus(self.terms.wait_after(tries));
        let handed = self.attempt.handed_for;
        if let Some(at) = handed.filter(|_| tries > OFTEN) {
            // There may be weeks until its time.
            until = now.plus(HOUR).min(at);
        }
        self.due_again(until, why);
        let telling = self.facts.telling();
        // Said once of what has its time to come.
        let tell = media && (handed.is_none() || tries == 1);
        if media {
            self.facts.delivery.status = DeliveryStatus::Held;
            // Its time to look again stays, or the run would try without a pause.
            self.facts.delivery.hold = Some(HoldReason::Media);
        }
        self.close(work, "attempt_not_sent", json!({"why": why}))
            .await?;
        if tell {
            telling.held(work, HoldReason::Media).await
        } else {
            Ok(())
        }
    }

    fn due_again(&mut self, at: Instant, words: &str) {
        let delivery = &mut self.facts.delivery;
        let status = match self.attempt.handed_for {
            Some(_) => DeliveryStatus::Planned,
            None => DeliveryStatus::Due,
        };
        clear(delivery, status);
        delivery.retry_at = Some(at);
        delivery.words = Some(words.to_owned());
    }

    async fn refused_us(mut self, work: &mut Work<'_, '_>, words: &str) -> Result<(), Error> {
        self.enter(work, AttemptPhase::NotSent, Some(words)).await?;
        let (identity, asked) = (self.facts.identity.id, self.attempt.started_at);
        if works_since(&self.facts.identity, asked) {
            // Somebody has signed in again meanwhile.
            let tries = 1 + self
                .facts
                .in_a_row_before(&self.attempt, AttemptPhase::NotSent);
            self.due_again(work.now().plus(self.terms.wait_after(tries)), words);
        } else {
            clear(&mut self.facts.delivery, DeliveryStatus::Held);
            self.facts.delivery.hold = Some(HoldReason::Account);
            self.facts.delivery.words = Some(words.to_owned());
        }
        self.close(work, "attempt_not_sent", json!({"why": words}))
            .await?;
        needs_reconnect(work, identity, words, asked).await
    }
}
