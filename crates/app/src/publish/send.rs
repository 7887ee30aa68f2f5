//! The sender: opens a socket only for an attempt that is journaled and committed, once, and
//! never longer than its lease.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use domain::Hash;
use domain::attempt::{AttemptKind, AttemptPhase};
use domain::ids::{AttemptId, IdentityId, OrganizationId};
use domain::time::MINUTE;
use domain::version::PreparedTarget;
use engine::{Clock, Failure};
use networks::{
    Account, AccountFacts, Adapter, Answer, AttemptKeys, EditInput, Lease, MediaBytes,
    MediaMissing, NetworkError, Outcome, Remote, SubmitInput, ThreadContext,
};
use serde::{Deserialize, Serialize};
use store::attempt::Attempt;
use store::publication::Publication;
use uuid::Uuid;

use super::facts::live_version;
use super::{By, Publisher, Recorded, Report, failure, record};
use crate::Error;
use crate::apply::Work;
use crate::calls::{NoAnswer, facts_of};

/// For how long an answer is awaited after the lease has ended, on the clock of a machine that is
/// awake. Nothing is begun then, but what was begun before is answered, and a secret that was
/// refreshed on the way comes with the answer; after sleep a request still needs its time.
const OVERTIME: Duration = Duration::from_secs(30);

/// A sign-in that ends within this time, in milliseconds, is renewed before anything is written.
const EARLY: i64 = 6 * MINUTE;

/// What a step that reached a network did, for the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Such as `confirmed`, `not_sent`.
    pub what: String,
}

impl Done {
    pub(super) fn of(what: impl Into<String>) -> Self {
        Self { what: what.into() }
    }
}

/// Everything that a call for an attempt needs.
pub(super) struct Job {
    pub attempt: Attempt,
    pub identity: IdentityId,
    pub account: AccountFacts,
    pub adapter: Arc<dyn Adapter>,
    pub target: PreparedTarget,
    pub thread: ThreadContext,
    /// What is to be replaced, for an edit.
    pub edits: Option<Edited>,
}

/// The place of an edit.
pub(super) struct Edited {
    pub remote: Remote,
    /// As it is live.
    pub before: PreparedTarget,
}

impl Job {
    /// The write itself.
    async fn write(
        &self,
        account: Account<'_>,
        media: &dyn MediaBytes,
        lease: &dyn Lease,
    ) -> Answer<Outcome> {
        let keys = self.keys();
        match &self.edits {
            Some(place) => {
                self.adapter
                    .edit(EditInput {
                        account,
                        attempt: &keys,
                        remote: &place.remote,
                        before: &place.before,
                        target: &self.target,
                        media,
                        lease,
                    })
                    .await
            }
            None => {
                self.adapter
                    .submit(SubmitInput {
                        account,
                        attempt: &keys,
                        target: &self.target,
                        thread: &self.thread,
                        media,
                        lease,
                    })
                    .await
            }
        }
    }

    /// The attempt as the network needs it.
    pub(super) fn keys(&self) -> AttemptKeys {
        AttemptKeys {
            attempt: self.attempt.id,
            delivery: self.attempt.delivery,
            segment: self.attempt.segment,
            idempotency_key: self.attempt.id.to_string(),
            keys: self.attempt.keys.clone(),
            started_at: self.attempt.started_at,
            handed_for: self.attempt.handed_for,
        }
    }
}

/// A lease on the clock that counts sleep.
pub(super) struct BootLease {
    clock: Arc<dyn Clock>,
    until: i64,
}

impl Lease for BootLease {
    fn left(&self) -> Duration {
        let left = self.until.saturating_sub(self.clock.boot());
        Duration::from_millis(u64::try_from(left).unwrap_or_default())
    }
}

/// Files as they are, and whether one was missing.
struct Watched<'a> {
    media: &'a dyn MediaBytes,
    missing: AtomicBool,
}

#[async_trait]
impl MediaBytes for Watched<'_> {
    async fn bytes(&self, hash: Hash) -> Result<Vec<u8>, MediaMissing> {
        let read = self.media.bytes(hash).await;
        if read.is_err() {
            self.missing.store(true, Ordering::SeqCst);
        }
        read
    }
}

/// Takes an attempt out of the live ones, whatever happens.
pub(super) struct Alive(Arc<Publisher>, AttemptId);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.hands().live.remove(&self.1);
    }
}

impl Publisher {
    /// The right to open one socket for an attempt, if this process still has it. Until the
    /// second value is dropped the attempt counts as being sent.
    pub(super) fn take_permit(&self, id: AttemptId) -> Option<(BootLease, Alive)> {
        let me = self.itself()?;
        let mut hands = self.hands();
        let until = hands.permits.remove(&id)?;
        hands.live.insert(id);
        drop(hands);
        Some((
            BootLease {
                clock: Arc::clone(&self.clock),
                until,
            },
            Alive(me, id),
        ))
    }

    /// Sends a journaled attempt and writes what became of it.
    ///
    /// # Errors
    /// Only when the database cannot be used: the outcome is kept in hand, and written when the
    /// step is tried again.
    pub async fn send(
        &self,
        organization: OrganizationId,
        run: Uuid,
        id: AttemptId,
    ) -> Result<Done, Failure> {
        let kept = self.hands().unrecorded.get(&id).cloned();
        if let Some((report, by)) = kept {
            return self.write(organization, run, id, report, by).await;
        }
        let Some((lease, alive)) = self.take_permit(id) else {
            // Another process journaled it, or this one has begun it before: hands off.
            return Ok(Done::of("not_ours"));
        };
        let job = match self.job(organization, id).await {
            Ok(Some(job)) if job.attempt.phase == AttemptPhase::InFlight => job,
            Ok(_) => return Ok(Done::of("not_ours")),
            Err(e) => {
                self.hands().permits.insert(id, lease.until);
                return Err(e);
            }
        };
        let me = match self.itself() {
            Some(me) if job.attempt.owner == self.owner => me,
            _ => return Ok(Done::of("not_ours")),
        };
        let by = By::Sender(self.owner);
        // The run may be cancelled or lost meanwhile; what came of the attempt is in hand then.
        let sent = self.calls.outlive(async move {
            let report = me.submit(Arc::new(job), lease).await;
            me.hands().unrecorded.insert(id, (report.clone(), by));
            drop(alive);
            report
        });
        let report = sent.await.unwrap_or_else(broken);
        self.write(organization, run, id, report, by).await
    }

    /// One write, within the lease.
    pub(super) async fn submit(&self, job: Arc<Job>, lease: BootLease) -> Report {
        let (media, clock) = (Arc::clone(&self.media), Arc::clone(&self.clock));
        let (identity, facts) = (job.identity, job.account.clone());
        if let Err(report) = self.stay_signed_in(&job).await {
            return report;
        }
        let sent = self.calls.call(identity, facts, move |account| {
            Box::pin(async move {
                if lease.left().is_zero() {
                    let why = "The computer was not fast enough: the attempt had run out.";
                    return Answer::from(Report::NotSent {
                        why: why.to_owned(),
                        media: false,
                    });
                }
                let media = Watched {
                    media: &*media,
                    missing: AtomicBool::new(false),
                };
                let write = job.write(account, &media, &lease);
                match within(&*clock, &lease, write).await {
                    None => Answer::from(Report::Ambiguous(
                        "The network did not answer in time.".to_owned(),
                    )),
                    Some(answer) => Answer {
                        value: report_of(answer.value, media.missing.load(Ordering::SeqCst)),
                        refreshed: answer.refreshed,
                    },
                }
            })
        });
        match sent.await {
            Ok(report) => report,
            Err(NoAnswer::NoSecret(why)) => Report::NotSent { why, media: false },
            Err(NoAnswer::Broken) => broken(),
        }
    }

    /// Renews a sign-in that ends soon before anything is written: a program that is killed while it
    /// writes for minutes must not take a refresh token with it.
    async fn stay_signed_in(&self, job: &Job) -> Result<(), Report> {
        let (adapter, now) = (Arc::clone(&job.adapter), self.now());
        let facts = job.account.clone();
        let renewed = self.calls.renew(job.identity, facts, adapter, now, EARLY);
        match renewed.await {
            Ok(Err(NetworkError::NeedsReconnect { words })) => Err(Report::NeedsReconnect(words)),
            // The write finds out for itself what else is wrong.
            Ok(_) => Ok(()),
            Err(NoAnswer::NoSecret(why)) => Err(Report::NotSent { why, media: false }),
            Err(NoAnswer::Broken) => Err(Report::NotSent {
                why: "The program failed before it sent anything.".to_owned(),
                media: false,
            }),
        }
    }

    /// Writes what became of an attempt, and tells of it.
    pub(super) async fn write(
        &self,
        organization: OrganizationId,
        run: Uuid,
        id: AttemptId,
        report: Report,
        by: By,
    ) -> Result<Done, Failure> {
        let ctx = self.ctx(organization, run);
        let what = name(&report);
        // The closure must own what it uses; the publisher outlives it.
        let me = self
            .itself()
            .ok_or_else(|| Failure::fatal("stopped", "the program stops"))?;
        let (recorded, effects) = self
            .db
            .write(move |tx| {
                let (ctx, report, me) = (ctx.clone(), report.clone(), Arc::clone(&me));
                Box::pin(async move {
                    let mut work = Work::begin(tx, &ctx).await?;
                    let recorded = record(&mut work, &me, id, &report, by).await?;
                    let effects = match recorded {
                        Recorded::Taken | Recorded::Late => work.finish().await?,
                        _ => crate::apply::Effects::default(),
                    };
                    Ok::<_, Error>((recorded, effects))
                })
            })
            .await
            .map_err(failure)?;
        self.hands().unrecorded.remove(&id);
        self.tell(effects);
        Ok(Done::of(match recorded {
            Recorded::Taken => what,
            Recorded::Known => "known",
            Recorded::Refused => "refused",
            Recorded::Late => "late",
        }))
    }

    /// What a call for an attempt in a phase needs, or that there is nothing to do for it.
    pub(super) async fn job_in(
        &self,
        organization: OrganizationId,
        id: AttemptId,
        phase: AttemptPhase,
    ) -> Result<Result<Arc<Job>, Done>, Failure> {
        Ok(match self.job(organization, id).await? {
            None => Err(Done::of("not_ours")),
            Some(job) if job.attempt.phase != phase => Err(Done::of("settled")),
            Some(job) => Ok(Arc::new(job)),
        })
    }

    /// Reads what a call for an attempt needs.
    pub(super) async fn job(
        &self,
        organization: OrganizationId,
        id: AttemptId,
    ) -> Result<Option<Job>, Failure> {
        let rows = self
            .db
            .read(|tx| {
                Box::pin(async move {
                    let Some(attempt) = store::attempt::get(tx, organization, id).await? else {
                        return Ok::<_, Error>(None);
                    };
                    let delivery = store::delivery::get(tx, organization, attempt.delivery).await?;
                    let Some(delivery) = delivery else {
                        return Ok(None);
                    };
                    let identity =
                        store::identity::get(tx, organization, delivery.identity).await?;
                    let version =
                        store::version::get(tx, organization, delivery.content, attempt.n).await?;
                    let live =
                        store::publication::of_delivery(tx, organization, delivery.id).await?;
                    let before = match attempt.kind {
                        AttemptKind::Send => None,
                        AttemptKind::Edit => {
                            let all = store::attempt::of_delivery(tx, organization, delivery.id);
                            let n = live_version(&all.await?, &delivery, attempt.segment);
                            store::version::get(tx, organization, delivery.content, n).await?
                        }
                    };
                    let found = identity.zip(version);
                    Ok(found.map(|(i, v)| (attempt, i, v, live, before)))
                })
            })
            .await
            .map_err(failure)?;
        let Some((attempt, identity, version, live, before)) = rows else {
            return Ok(None);
        };
        let doc = version.doc().map_err(|e| failure(e.into()))?;
        let Some(target) = doc.target(identity.id).cloned() else {
            return Ok(None);
        };
        let Some(adapter) = self.networks.get(&identity.network).cloned() else {
            return Ok(None);
        };
        // What is live by a person's word has no id to hang the rest on.
        let remote = |segment: u32| {
            let named = |p: &&Publication| p.segment == segment && !p.remote_id.is_empty();
            live.iter().find(named).map(|p| Remote {
                id: p.remote_id.clone(),
                url: p.url.clone(),
                extra: p.extra.clone(),
            })
        };
        let thread = match attempt.segment.checked_sub(1) {
            None => ThreadContext::default(),
            Some(before) => ThreadContext {
                root: remote(0),
                parent: remote(before),
            },
        };
        let before = before.map(|v| v.doc()).transpose();
        let before = before.map_err(|e| failure(e.into()))?;
        let before = before.and_then(|doc| doc.target(identity.id).cloned());
        let place = remote(attempt.segment).zip(before);
        let edits = place.map(|(remote, before)| Edited { remote, before });
        if attempt.kind == AttemptKind::Edit && edits.is_none() {
            return Ok(None);
        }
        Ok(Some(Job {
            attempt,
            identity: identity.id,
            account: facts_of(&identity),
            adapter,
            target,
            thread,
            edits,
        }))
    }
}

/// What the sender answers by the end of its lease and of the overtime.
async fn within<T>(
    clock: &dyn Clock,
    lease: &BootLease,
    work: impl Future<Output = T>,
) -> Option<T> {
    tokio::pin!(work);
    loop {
        // Timers stand still while the machine sleeps, so the lease is looked at often.
        let left = lease.left();
        let nap = match left.is_zero() {
            true => OVERTIME,
            false => left
                .min(Duration::from_secs(1))
                .max(Duration::from_millis(1)),
        };
        tokio::select! {
            biased;
            done = &mut work => return Some(done),
            () = clock.sleep(nap) => if left.is_zero() { return None },
        }
    }
}

fn broken() -> Report {
    Report::Ambiguous("The program failed while it was sending.".to_owned())
}

fn report_of(outcome: Outcome, media: bool) -> Report {
    match outcome {
        Outcome::Confirmed(remote) => Report::Confirmed(remote),
        Outcome::Pending(handle) => Report::Pending(handle),
        // What stopped it was ours, not the network's.
        Outcome::Rejected { words, .. } if media => Report::NotSent { why: words, media },
        Outcome::Rejected { code, words } => Report::Rejected {
            code: code.to_owned(),
            words,
        },
        Outcome::Throttled { retry_after } => Report::Throttled(retry_after),
        Outcome::NotSent { why } => Report::NotSent { why, media },
        Outcome::NeedsReconnect { words } => Report::NeedsReconnect(words),
        Outcome::Ambiguous { why } => Report::Ambiguous(why),
    }
}

/// The outcome's name, for the history.
pub(super) const fn name(report: &Report) -> &'static str {
    match report {
        Report::Confirmed(_) => "confirmed",
        Report::Pending(_) => "pending",
        Report::Rejected { .. } => "rejected",
        Report::Throttled(_) => "throttled",
        Report::NotSent { .. } => "not_sent",
        Report::NeedsReconnect(_) => "needs_reconnect",
        Report::Ambiguous(_) => "ambiguous",
        Report::GivenBack => "given_back",
        Report::NotGivenBack { .. } => "not_given_back",
        Report::Absent => "absent",
        Report::Several(_) => "several",
        Report::NoLook { .. } => "no_look",
    }
}
