//! Hand-off: a single post is given to the network ahead of its time, and the network keeps that.
//!
//! The try is journaled as any other and stays pending until the time has come. Whatever would let
//! the post not go out any more is decided here, by what may be sent at all; what the network keeps
//! is asked back first, and until it says that it is gone, it is not taken for gone. After its time
//! it is looked for, and nothing is written again.

use std::sync::Arc;
use std::time::Duration;

use domain::Instant;
use domain::attempt::AttemptPhase;
use domain::delivery::{DeliveryStatus, Recall, SendFacts, may_hand_off};
use domain::identity::IdentityStatus;
use domain::ids::{AttemptId, OrganizationId};
use domain::time::MINUTE;
use engine::Failure;
use networks::{KEEPS_TIME, NetworkError, Outcome, Recalled};
use serde_json::{Value, json};
use store::attempt::Attempt;
use store::publication::Publication;
use uuid::Uuid;

use super::facts::Facts;
use super::look::Handle;
use super::send::{Done, Job};
use super::settle::needs_reconnect;
use super::terms::millis;
use super::{By, Next, Publisher, Report};
use crate::Error;
use crate::apply::Work;
use crate::apply::deliveries::{clear, put};
use crate::calls::facts_of;

/// How far the network's clock and ours may be apart, in milliseconds: nearer to its time than this
/// a post may be on its way out.
const CLOCKS: i64 = 2 * MINUTE;

/// What a post needs beyond what the network asks for, to get there in time, in milliseconds: the
/// two minutes of a try's lease (`Terms`), and what the clocks may differ.
const ON_THE_WAY: i64 = 2 * MINUTE + CLOCKS;

/// What is said of a post that was given back when its time had come, where it may not go out any more.
const BACK_LATE: &str = "Its time had come when the network gave it back, and it is not out.";

/// How far ahead a time must be that a network keeps, in milliseconds, if the network wants so much.
pub(crate) fn least_ahead(wanted: Duration) -> i64 {
    millis(wanted) + ON_THE_WAY
}

/// The time that the network shall keep, if it shall and there is time enough to ask for it.
pub(super) fn time_to_keep(facts: &Facts, publisher: &Publisher, now: Instant) -> Option<Instant> {
    let at = facts.delivery.planned.as_ref()?.at;
    let single = facts.target()?.segments.len() == 1 && facts.publications.is_empty();
    if !facts.delivery.hand_off || !single {
        return None;
    }
    let adapter = publisher.networks.get(&facts.identity.network)?;
    let ahead = adapter.keeps_time(&facts_of(&facts.identity))?;
    (at.since(now) >= least_ahead(ahead)).then_some(at)
}

/// Whether the network may go on keeping it. That we cannot reach the network, or may not, is no
/// reason to ask it back.
fn may_stay(facts: SendFacts) -> bool {
    may_hand_off(&SendFacts {
        identity: IdentityStatus::Connected,
        folder_held: false,
        executor_here: true,
        ..facts
    })
}

/// Decides about what the network keeps.
pub(super) async fn check(
    work: &mut Work<'_, '_>,
    publisher: &Publisher,
    mut facts: Facts,
    attempt: &Attempt,
) -> Result<(Next, bool), Error> {
    let now = work.now();
    let at = attempt.handed_for.unwrap_or(now);
    let mut changed = false;
    if facts.delivery.recall.is_none() && !may_stay(facts.send_facts(work, publisher, false)) {
        facts.delivery.recall = Some(Recall::Plan);
        let (id, content) = (facts.delivery.id, facts.delivery.content);
        put(work, facts.delivery.clone()).await?;
        let subject = format!("delivery:{id}");
        work.record("recall_asked", &subject, Some(content), json!({}))
            .await?;
        changed = true;
    }
    let (id, recall) = (attempt.id, facts.delivery.recall.is_some());
    let next = match facts.delivery.retry_at {
        Some(retry) if retry > now => Next::Wait { until: Some(retry) },
        // Another self of this folder may be at it.
        _ if recall && publisher.house.folder_is_held() => Next::Wait { until: None },
        _ if recall => Next::Recall { attempt: id },
        _ if now >= at => Next::Poll { attempt: id },
        _ => Next::Wait { until: Some(at) },
    };
    Ok((next, changed))
}

impl Publisher {
    /// Asks the network to give back what it keeps, and writes what came of that.
    ///
    /// # Errors
    /// Only when the database cannot be used.
    pub async fn recall(
        &self,
        organization: OrganizationId,
        run: Uuid,
        id: AttemptId,
    ) -> Result<Done, Failure> {
        let job = match self.job_in(organization, id, AttemptPhase::Pending).await? {
            Ok(job) => job,
            Err(done) => return Ok(done),
        };
        let report = match self.ask_back(&job).await {
            Ok(Recalled::GivenBack) => Report::GivenBack,
            Ok(Recalled::NotThere) => self.not_there(&job).await,
            Err(report) => report,
        };
        self.write(organization, run, id, report, By::Look).await
    }

    async fn ask_back(&self, job: &Arc<Job>) -> Result<Recalled, Report> {
        let handle = Handle::of(job.attempt.handle.as_ref());
        let handle = handle.network.unwrap_or_default();
        let adapter = Arc::clone(&job.adapter);
        let (identity, facts) = (job.identity, job.account.clone());
        let said = self.calls.call(identity, facts, move |account| {
            Box::pin(async move { adapter.recall(account, &handle).await })
        });
        let (why, reconnect) = match said.await {
            Ok(Ok(recalled)) => return Ok(recalled),
            Ok(Err(error)) => {
                let reconnect = matches!(error, NetworkError::NeedsReconnect { .. });
                (error.to_string(), reconnect)
            }
            Err(why) => (why.to_string(), false),
        };
        if job.attempt.handed_for.is_some_and(|at| self.now() >= at) {
            // Who does not give it back may still say what became of it.
            if let Ok(Outcome::Ambiguous { .. }) = self.asked(job).await {
                return Ok(Recalled::NotThere);
            }
        }
        Err(Report::NotGivenBack { why, reconnect })
    }

    /// The network keeps it no more, and not because we just asked: it is out, or was given back.
    async fn not_there(&self, job: &Arc<Job>) -> Report {
        let near = job.attempt.handed_for.unwrap_or_default().plus(-CLOCKS);
        match self.find(job).await {
            Report::Absent if self.now() < near => Report::GivenBack,
            Report::Absent | Report::Several(_) => {
                let why = "The network keeps it no more, and it is not known whether it is out.";
                Report::Ambiguous(why.to_owned())
            }
            Report::NoLook { why, reconnect, .. } => Report::NotGivenBack { why, reconnect },
            found => found,
        }
    }
}

impl super::record::Case<'_> {
    /// The network took it and keeps it for its time, or still does.
    pub(super) async fn kept(
        mut self,
        work: &mut Work<'_, '_>,
        handle: &Value,
        at: Instant,
    ) -> Result<(), Error> {
        let now = work.now();
        // It still has it although the time has passed: it is asked back, so that it is known.
        if now.since(at) > self.facts.delivery.grace && self.facts.delivery.recall.is_none() {
            self.facts.delivery.recall = Some(Recall::Plan);
        }
        let fresh = self.attempt.phase != AttemptPhase::Pending;
        let kept = Handle {
            network: Some(handle.clone()),
            ..Handle::default()
        };
        self.attempt.handle = Some(kept.to_value());
        self.enter(work, AttemptPhase::Pending, None).await?;
        let recall = self.facts.delivery.recall;
        clear(&mut self.facts.delivery, DeliveryStatus::HandedOff);
        self.facts.delivery.recall = recall;
        if !fresh {
            self.facts.delivery.retry_at = Some(self.terms.next_poll(at, now));
            return put(work, self.facts.delivery).await;
        }
        self.close(work, "delivery_handed_off", json!({"until": at}))
            .await
    }

    /// Whether another delivery to the account has what was found under this name.
    pub(super) async fn is_taken(
        &self,
        work: &mut Work<'_, '_>,
        handle: &Value,
    ) -> Result<bool, Error> {
        // What the network just answered is ours.
        if self.attempt.phase != AttemptPhase::Ambiguous {
            return Ok(false);
        }
        let (org, own) = (work.org(), &self.facts.delivery);
        for other in store::attempt::open(work.tx, org).await? {
            let named = Handle::of(other.handle.as_ref()).network.as_ref() == Some(handle);
            if !named || other.delivery == own.id {
                continue;
            }
            let delivery = store::delivery::get(work.tx, org, other.delivery).await?;
            if delivery.is_some_and(|d| d.identity == own.identity) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The network did not take it, or keeps no time: this computer does, and people are told.
    pub(super) async fn not_kept(
        mut self,
        work: &mut Work<'_, '_>,
        code: &str,
        words: &str,
    ) -> Result<(), Error> {
        self.enter(work, AttemptPhase::Rejected, Some(words))
            .await?;
        let words = format!("The network does not keep its time, this computer does: {words}");
        let delivery = &mut self.facts.delivery;
        clear(delivery, DeliveryStatus::Planned);
        delivery.hand_off = false;
        delivery.words = Some(words.clone());
        let (starts, telling) = (delivery.starts, self.facts.telling());
        self.close(
            work,
            "hand_off_refused",
            json!({"code": code, "words": words}),
        )
        .await?;
        telling.hand_off(work, starts, &words).await
    }

    /// The network gave it back: nothing of it is or will be out. Near its time a server may have
    /// taken it out of what it keeps before, to publish it; then it is looked for first.
    pub(in crate::publish) async fn given_back(
        mut self,
        work: &mut Work<'_, '_>,
    ) -> Result<(), Error> {
        let (now, content) = (work.now(), self.facts.delivery.content);
        let mut handle = self.handle();
        let near = self.attempt.handed_for.unwrap_or(now).plus(-CLOCKS);
        if now >= near && !handle.given_back {
            handle.given_back = true;
            let why = "The network gave it back at the last moment.";
            self.enter(work, AttemptPhase::Ambiguous, Some(why)).await?;
            let first = self.terms.looks.first().copied().unwrap_or_default();
            return self.look_again(work, &handle, now.plus(first)).await;
        }
        // Its key is used up, and is nobody's any more.
        self.attempt.handle = None;
        let words = "The network gave it back before its time.";
        self.enter(work, AttemptPhase::NotSent, Some(words)).await?;
        let delivery = &mut self.facts.delivery;
        if delivery.recall == Some(Recall::Cancel) {
            clear(delivery, DeliveryStatus::Cancelled);
            delivery.settled_at = Some(now);
            self.close(work, "delivery_cancelled", json!({})).await?;
            crate::apply::requests::close_if_nothing_waits(work, content).await?;
            work.recompute(content).await?;
            return Ok(());
        }
        clear(delivery, DeliveryStatus::Planned);
        if now >= self.attempt.handed_for.unwrap_or(now) {
            delivery.words = Some(BACK_LATE.to_owned());
        }
        self.close(work, "delivery_given_back", json!({})).await
    }

    /// It could not be asked back yet: it may go out, and a person sees that.
    pub(super) async fn not_given_back(
        mut self,
        work: &mut Work<'_, '_>,
        why: &str,
        reconnect: bool,
    ) -> Result<(), Error> {
        let now = work.now();
        let mut handle = self.handle();
        handle.fails += 1;
        let wait = self.terms.wait_after(handle.fails);
        let words = format!("The network has not given it back, and it may go out: {why}");
        let delivery = &mut self.facts.delivery;
        delivery.words = Some(words.clone());
        let (starts, identity) = (delivery.starts, self.facts.identity.id);
        let content = delivery.content;
        let telling = self.facts.telling();
        let first = handle.fails == 1;
        self.look_again(work, &handle, now.plus(wait)).await?;
        if first {
            work.recompute(content).await?;
            telling
                .hand_off(work, format!("recall:{starts}"), &words)
                .await?;
        }
        match reconnect {
            true => needs_reconnect(work, identity, why, now).await,
            false => Ok(()),
        }
    }

    /// What is out is the version that was handed off, whatever was saved since.
    pub(super) async fn as_handed_off(&mut self, work: &mut Work<'_, '_>) -> Result<(), Error> {
        let org = work.org();
        let delivery = &mut self.facts.delivery;
        if self.attempt.handed_for.is_none() || delivery.n == self.attempt.n {
            return Ok(());
        }
        let version = store::version::get(work.tx, org, delivery.content, self.attempt.n).await?;
        delivery.n = self.attempt.n;
        delivery.hash = Some(self.attempt.hash);
        delivery.segments = 1;
        self.facts.doc = version.and_then(|v| v.doc().ok());
        Ok(())
    }
}

/// What came out by so much before its time was published at once, in milliseconds: a server
/// refuses what is less than five minutes ahead.
const EARLY: i64 = 5 * MINUTE;

/// How what was handed off came out otherwise than it was wished.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Surprise {
    /// At once: the server knows nothing of a time.
    Early,
    /// Although it was asked back.
    NotGivenBack,
}

impl super::record::Case<'_> {
    /// Whether what is found to be out should not be, or not yet.
    pub(super) fn surprise(&self, now: Instant) -> Option<Surprise> {
        let at = self.attempt.handed_for?;
        if self.facts.delivery.recall.is_some() {
            return Some(Surprise::NotGivenBack);
        }
        // What the network once kept, somebody may have brought forward there.
        let never_kept = self.handle().network.is_none();
        // What is this near was too late to be kept, and says nothing of what the server can.
        let early = at.since(now) > EARLY;
        (never_kept && early).then_some(Surprise::Early)
    }
}

/// Says plainly what became of it, and remembers of a server that it keeps no time.
pub(super) async fn surprised(
    work: &mut Work<'_, '_>,
    live: &Publication,
    surprise: Surprise,
) -> Result<(), Error> {
    let (org, now) = (work.org(), work.now());
    let Some(delivery) = store::delivery::get(work.tx, org, live.delivery).await? else {
        return Ok(());
    };
    let facts = Facts::gather(work, delivery).await?;
    let (words, action) = match surprise {
        Surprise::Early => (
            "The server published it at once instead of keeping its time. From now on this computer keeps the time of posts for this account.",
            "published_early",
        ),
        Surprise::NotGivenBack => (
            "It went out before the network gave it back.",
            "published_in_spite",
        ),
    };
    if surprise == Surprise::Early {
        let mut identity = facts.identity.clone();
        identity
            .settings
            .insert(KEEPS_TIME.to_owned(), "ignored".to_owned());
        store::identity::save(work.tx, org, &identity, now).await?;
        work.changed("identity", identity.id).await?;
        work.tag(protocol::Tag::Accounts);
    }
    let telling = facts.telling();
    let mut delivery = facts.delivery;
    delivery.words = Some(words.to_owned());
    let (id, content, starts) = (delivery.id, delivery.content, delivery.starts);
    put(work, delivery).await?;
    let payload = json!({"words": words});
    work.record(action, &format!("delivery:{id}"), Some(content), payload)
        .await?;
    telling.hand_off(work, format!("out:{starts}"), words).await
}
