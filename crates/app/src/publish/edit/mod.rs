//! Putting an approved newer version in the place of what is live: the same protocol as sending,
//! an attempt journaled before the socket opens, under the same check.
//!
//! The place is known by the network's own id. What an attempt did can therefore always be read
//! back, and where it did nothing the same write may follow: an edit never doubles anything.

mod record;
mod write;

use domain::attempt::{AttemptKind, AttemptPhase};
use domain::delivery::{DeliveryStatus, HoldReason, NeverReason, SendVerdict};
use domain::edit::{EditFacts, EditStatus, EditTrouble, may_edit, parts_differ};
use domain::ids::DeliveryId;
use domain::version::{PreparedTarget, VersionDoc};
use networks::Adapter;
use serde_json::json;
use store::attempt::Attempt;
use store::delivery::Delivery;
use store::edit::Edit;
use store::publication::Publication;
use uuid::Uuid;

use super::check::{Writing, writing};
use super::facts::{Facts, live_version};
use super::look::Handle;
use super::{Next, Publisher};
use crate::Error;
use crate::apply::Work;
use crate::apply::edits::{end, put};

pub(super) use record::record;
use write::write_next;

/// Why what a delivery has live cannot become `after` by an edit.
pub(crate) fn trouble(
    adapter: &dyn Adapter,
    live: &[Publication],
    before: &PreparedTarget,
    after: &PreparedTarget,
) -> Option<EditTrouble> {
    if live.iter().any(|p| p.ended_at.is_some()) {
        return Some(EditTrouble::Gone);
    }
    if live.iter().any(|p| p.remote_id.is_empty()) {
        return Some(EditTrouble::NoName);
    }
    parts_differ(before, after).or_else(|| adapter.edit_trouble(before, after))
}

/// An edit with all that is known around it.
pub(super) struct Case {
    pub facts: Facts,
    pub edit: Edit,
    /// What it puts there; absent when this program cannot read it.
    doc: Option<VersionDoc>,
}

impl Case {
    async fn gather(
        work: &mut Work<'_, '_>,
        delivery: Delivery,
        edit: Edit,
    ) -> Result<Self, Error> {
        let org = work.org();
        let version = store::version::get(work.tx, org, delivery.content, edit.n).await?;
        Ok(Self {
            facts: Facts::gather(work, delivery).await?,
            edit,
            doc: version.and_then(|v| v.doc().ok()),
        })
    }

    fn after(&self) -> Option<&PreparedTarget> {
        self.doc.as_ref()?.target(self.facts.identity.id)
    }

    fn tries(&self) -> impl DoubleEndedIterator<Item = &Attempt> {
        let all = self.facts.attempts.iter();
        all.filter(|a| a.kind == AttemptKind::Edit)
    }

    /// The try of which it is not known what it did.
    fn open_attempt(&self) -> Option<&Attempt> {
        self.tries().find(|a| a.phase.is_open())
    }

    /// How many parts this edit has written.
    pub(super) fn written(&self) -> usize {
        let n = self.edit.n;
        let done = |a: &&Attempt| a.n == n && a.phase == AttemptPhase::Confirmed;
        self.tries().filter(done).count()
    }

    /// What a segment says on the network.
    async fn live(
        &self,
        work: &mut Work<'_, '_>,
        segment: u32,
    ) -> Result<Option<PreparedTarget>, Error> {
        let (org, delivery) = (work.org(), &self.facts.delivery);
        let n = live_version(&self.facts.attempts, delivery, segment);
        let version = store::version::get(work.tx, org, delivery.content, n).await?;
        let doc = version.and_then(|v| v.doc().ok());
        Ok(doc.and_then(|doc| doc.target(self.facts.identity.id).cloned()))
    }

    fn verdict(&self, work: &Work<'_, '_>, publisher: &Publisher, blocked: bool) -> SendVerdict {
        let facts = &self.facts;
        may_edit(&EditFacts {
            status: self.edit.status,
            delivery: facts.delivery.status,
            n: self.edit.n,
            hash: self.edit.hash,
            current_n: facts.content.n,
            request: facts.request.as_ref().map(|r| (r.status, r.n, r.hash)),
            paused: work.organization().paused_at.is_some() || facts.persona.paused_at.is_some(),
            folder_held: publisher.house.folder_is_held(),
            identity: facts.identity.status,
            executor_here: facts.identity.executor == publisher.terms.executor
                && publisher.networks.get(&facts.identity.network).is_some(),
            blocked,
        })
    }
}

/// Decides what comes next for a delivery's edit, and writes what follows from it. The flag tells
/// whether anything was written.
///
/// # Errors
/// When the database says no.
pub async fn check_edit(
    work: &mut Work<'_, '_>,
    publisher: &Publisher,
    id: DeliveryId,
    run: Uuid,
) -> Result<(Next, bool), Error> {
    let org = work.org();
    let Some(delivery) = store::delivery::get(work.tx, org, id).await? else {
        let status = DeliveryStatus::Cancelled;
        return Ok((Next::Done { status }, false));
    };
    let status = delivery.status;
    let edit = store::edit::get(work.tx, org, id).await?;
    let Some(edit) = edit.filter(|e| e.status.is_open() && e.run == Some(run)) else {
        return Ok((Next::Done { status }, false));
    };
    let case = Case::gather(work, delivery, edit).await?;
    match case.open_attempt().cloned() {
        Some(attempt) => open_attempt(work, publisher, case, attempt).await,
        None => decide(work, publisher, case).await,
    }
}

/// Nothing new opens before it is known what an earlier try did.
async fn open_attempt(
    work: &mut Work<'_, '_>,
    publisher: &Publisher,
    case: Case,
    mut attempt: Attempt,
) -> Result<(Next, bool), Error> {
    let (now, id) = (work.now(), attempt.id);
    if attempt.phase == AttemptPhase::InFlight {
        let gone = match writing(publisher, &attempt, now) {
            Writing::On(next) => return Ok((next, false)),
            Writing::Over { gone } => gone,
        };
        // Of one that is gone nothing can come later; another may have written until its lease
        // ended.
        let over = publisher.terms.surely_over(attempt.lease_until);
        let at = if gone { now } else { now.max(over) };
        attempt.phase = AttemptPhase::Ambiguous;
        attempt.owner = publisher.owner;
        attempt.settled_at = Some(now);
        attempt.words = Some("The sender ended before it could say what became of it.".to_owned());
        attempt.handle = Some(Handle::default().to_value());
        work.attempt(AttemptPhase::InFlight, &attempt).await?;
        let mut edit = case.edit;
        edit.retry_at = Some(at);
        put(work, &edit).await?;
        return Ok((Next::Wait { until: Some(at) }, true));
    }
    if let Some(at) = case.edit.retry_at.filter(|at| *at > now) {
        return Ok((Next::Wait { until: Some(at) }, false));
    }
    // An earlier version is read back and not repeated.
    let same = attempt.n == case.edit.n && attempt.hash == case.edit.hash;
    let mut repeat = same && case.verdict(work, publisher, false) == SendVerdict::Go;
    if repeat {
        let from = attempt.phase;
        attempt.owner = publisher.owner;
        attempt.lease_until = publisher.terms.lease_until(now);
        repeat = work.attempt(from, &attempt).await?;
        if repeat {
            publisher.permit(id, now);
        }
    }
    let attempt = id;
    Ok((Next::Look { attempt, repeat }, repeat))
}

async fn decide(
    work: &mut Work<'_, '_>,
    publisher: &Publisher,
    case: Case,
) -> Result<(Next, bool), Error> {
    let now = work.now();
    match case.verdict(work, publisher, false) {
        SendVerdict::Go => match case.edit.retry_at {
            Some(at) if at > now => Ok((Next::Wait { until: Some(at) }, false)),
            _ => write_next(work, publisher, case).await,
        },
        SendVerdict::Wait(_, until) => {
            let changed = set(work, case.edit, EditStatus::Waiting, None).await?;
            Ok((Next::Wait { until }, changed))
        }
        SendVerdict::Hold(reason) => {
            let changed = set(work, case.edit, EditStatus::Held, Some(reason)).await?;
            Ok((Next::Wait { until: None }, changed))
        }
        // Who said no may take it back; the update is still wanted then.
        SendVerdict::Never(NeverReason::NotWhatWasApproved) if case.facts.is_refused() => {
            let changed = set(work, case.edit, EditStatus::Waiting, None).await?;
            Ok((Next::Wait { until: None }, changed))
        }
        SendVerdict::Never(_) | SendVerdict::Missed(_) => {
            let words = "The version that it was asked for is not approved, or not the newest.";
            cancel(work, case, words).await
        }
    }
}

/// Gives the edit a state in which it waits; `false` when it has it.
async fn set(
    work: &mut Work<'_, '_>,
    mut edit: Edit,
    status: EditStatus,
    hold: Option<HoldReason>,
) -> Result<bool, Error> {
    if edit.status == status && edit.hold == hold {
        return Ok(false);
    }
    edit.status = status;
    edit.hold = hold;
    put(work, &edit).await?;
    Ok(true)
}

async fn cancel(work: &mut Work<'_, '_>, case: Case, words: &str) -> Result<(Next, bool), Error> {
    let status = case.facts.delivery.status;
    let content = case.facts.delivery.content;
    end(work, case.edit, content, words).await?;
    Ok((Next::Done { status }, true))
}

/// It cannot be done: a person sees why, and may ask again.
async fn refuse(work: &mut Work<'_, '_>, case: Case, words: &str) -> Result<(Next, bool), Error> {
    let status = case.facts.delivery.status;
    fail(work, case, words).await?;
    Ok((Next::Done { status }, true))
}

/// Ends an edit in a state that a person sees, and tells of it.
pub(super) async fn fail(work: &mut Work<'_, '_>, case: Case, words: &str) -> Result<(), Error> {
    let (written, telling) = (case.written(), case.facts.telling());
    let content = case.facts.delivery.content;
    let mut edit = case.edit;
    edit.status = EditStatus::Failed;
    edit.hold = None;
    edit.retry_at = None;
    edit.words = Some(match written {
        0 => words.to_owned(),
        n => format!("{words} ({n} parts are updated.)"),
    });
    edit.settled_at = Some(work.now());
    put(work, &edit).await?;
    work.record(
        "edit_failed",
        &format!("delivery:{}", edit.delivery),
        Some(content),
        json!({"n": edit.n, "words": words}),
    )
    .await?;
    telling.not_updated(work, edit.starts, words).await
}

/// The run cannot go on: the edit ends in a state that a person sees. `false` when it is not this
/// run's any more.
///
/// # Errors
/// When the database says no.
pub async fn give_up_edit(
    work: &mut Work<'_, '_>,
    id: DeliveryId,
    run: Uuid,
    words: &str,
) -> Result<bool, Error> {
    let org = work.org();
    let edit = store::edit::get(work.tx, org, id).await?;
    let delivery = store::delivery::get(work.tx, org, id).await?;
    let ours = edit.filter(|e| e.status.is_open() && e.run == Some(run));
    let Some((edit, delivery)) = ours.zip(delivery) else {
        return Ok(false);
    };
    let case = Case::gather(work, delivery, edit).await?;
    fail(work, case, words).await?;
    Ok(true)
}
