//! All that decides about a delivery, read in the transaction that decides.

use domain::approval::RequestStatus;
use domain::attempt::{AttemptKind, AttemptPhase};
use domain::cost::Cost;
use domain::delivery::{Granted, SendFacts};
use domain::version::{PreparedTarget, VersionDoc};
use store::attempt::Attempt;
use store::delivery::Delivery;
use store::identity::Identity;
use store::publication::Publication;

use super::tell::Telling;
use super::{Publisher, fits};
use crate::Error;
use crate::apply::{Work, budgets};
use crate::calls::facts_of;

/// What is known of a delivery.
pub(super) struct Facts {
    pub delivery: Delivery,
    pub identity: Identity,
    pub content: store::content::Content,
    pub persona: store::persona::Persona,
    /// What it sends; absent while there is no version, or this program cannot read it.
    pub doc: Option<VersionDoc>,
    pub request: Option<store::request::Request>,
    pub granted: Option<Granted>,
    /// Oldest first.
    pub attempts: Vec<Attempt>,
    /// By segment.
    pub publications: Vec<Publication>,
    /// What all of it costs by the prices known now.
    pub cost: Option<Cost>,
    /// It would pass the account's budget of the month, and nobody let it.
    pub over_budget: bool,
}

impl Facts {
    pub(super) async fn gather(work: &mut Work<'_, '_>, delivery: Delivery) -> Result<Self, Error> {
        let org = work.org();
        let content = store::content::get(work.tx, org, delivery.content)
            .await?
            .ok_or_else(|| Error::missing("content"))?;
        let identity = store::identity::get(work.tx, org, delivery.identity)
            .await?
            .ok_or_else(|| Error::missing("account"))?;
        let persona = store::persona::get(work.tx, org, content.persona)
            .await?
            .ok_or_else(|| Error::missing("persona"))?;
        let version = store::version::get(work.tx, org, content.id, delivery.n).await?;
        let request = store::request::newest(work.tx, org, content.id).await?;
        let granted = match &request {
            None => None,
            Some(request) => store::request::times(work.tx, org, request)
                .await?
                .into_iter()
                .find(|(id, _)| *id == delivery.id)
                .map(|(_, time)| Granted {
                    status: request.status,
                    n: request.n,
                    hash: request.hash,
                    time,
                    tolerance_ms: request.policy.tolerance_ms(),
                }),
        };
        let attempts = store::attempt::of_delivery(work.tx, org, delivery.id).await?;
        let publications = store::publication::of_delivery(work.tx, org, delivery.id).await?;
        let doc = version.and_then(|v| v.doc().ok());
        let target = doc.as_ref().and_then(|doc| doc.target(identity.id));
        let adapter = work.ctx.networks.get(&identity.network);
        let cost = target.and_then(|target| adapter?.cost(target));
        let when = (work.now(), persona.profile.zone.as_str());
        let may_pass = match delivery.budget_passed {
            Some(at) => budgets::same_month(at, when)?,
            None => false,
        };
        let over_budget = match &identity.budget {
            Some(budget) if publications.is_empty() && !may_pass => {
                let own = Some(delivery.id);
                let currency = &budget.currency;
                let spent = budgets::spent(work.tx, org, &identity, when, currency, own).await?;
                !budget.allows(spent, cost.as_ref())
            }
            _ => false,
        };
        Ok(Self {
            cost,
            over_budget,
            delivery,
            identity,
            content,
            persona,
            doc,
            request,
            granted,
            attempts,
            publications,
        })
    }

    /// Whether somebody said no to what is the newest version, which they may take back.
    pub(super) fn is_refused(&self) -> bool {
        use RequestStatus as R;
        let newest = self
            .request
            .as_ref()
            .filter(|r| r.n == self.content.n)
            .map(|r| r.status);
        matches!(newest, Some(R::ChangesRequested | R::Rejected))
    }

    /// What goes out.
    pub(super) fn target(&self) -> Option<&PreparedTarget> {
        self.doc.as_ref()?.target(self.identity.id)
    }

    /// The first segment that is not live; `None` when all are.
    pub(super) fn next_segment(&self) -> Option<u32> {
        let all = self
            .target()
            .map_or(self.delivery.segments, |t| {
                u32::try_from(t.segments.len()).unwrap_or(u32::MAX)
            })
            .max(1);
        (0..all).find(|i| !self.publications.iter().any(|p| p.segment == *i))
    }

    /// The attempt of a segment that might be live.
    pub(super) fn open_attempt(&self, segment: u32) -> Option<&Attempt> {
        self.attempts
            .iter()
            .rev()
            .find(|a| a.kind == AttemptKind::Send && a.segment == segment && a.phase.blocks())
    }

    /// For what people are told.
    pub(super) fn telling(&self) -> Telling {
        let (doc, id) = (self.doc.as_ref(), self.delivery.id);
        Telling::of(&self.content, doc, &self.persona, &self.identity, id)
    }

    /// For [`domain::delivery::may_send`]. `blocked` is for the caller to say: a repetition of
    /// the same write is not blocked by itself.
    pub(super) fn send_facts(
        &self,
        work: &Work<'_, '_>,
        publisher: &Publisher,
        blocked: bool,
    ) -> SendFacts {
        let delivery = &self.delivery;
        let known = delivery.hash.is_some() && self.target().is_some();
        SendFacts {
            status: delivery.status,
            n: delivery.n,
            hash: delivery.hash.unwrap_or(domain::audit::GENESIS),
            current_n: self.content.n,
            planned: delivery.planned.as_ref().map(|p| p.at),
            grace_ms: delivery.grace,
            started: !self.publications.is_empty(),
            request: if known { self.granted } else { None },
            paused: work.organization().paused_at.is_some() || self.persona.paused_at.is_some(),
            folder_held: publisher.house.folder_is_held(),
            identity: self.identity.status,
            over_budget: self.over_budget,
            executor_here: self.identity.executor == publisher.terms.executor
                && publisher.networks.get(&self.identity.network).is_some(),
            blocked,
            now: work.now(),
        }
    }

    /// Whether what was saved and approved is still what would go out under the limits that the
    /// account has now.
    pub(super) fn still_fits(&self, publisher: &Publisher) -> bool {
        match (&self.doc, publisher.networks.get(&self.identity.network)) {
            (Some(doc), Some(adapter)) => {
                fits::still_fits(&**adapter, doc, self.identity.id, &facts_of(&self.identity))
            }
            _ => false,
        }
    }

    /// How many like tries of the same segment before this one ended in `phase`, one after another.
    pub(super) fn in_a_row_before(&self, attempt: &Attempt, phase: AttemptPhase) -> u32 {
        let like = |a: &&Attempt| {
            a.kind == attempt.kind && a.segment == attempt.segment && a.id != attempt.id
        };
        let before = self.attempts.iter().rev().filter(like);
        u32::try_from(before.take_while(|a| a.phase == phase).count()).unwrap_or(u32::MAX)
    }
}

/// The version that a segment says on the network: the newest that was confirmed there, since an
/// edit only ever puts a newer one in the place of an older.
pub(super) fn live_version(attempts: &[Attempt], delivery: &Delivery, segment: u32) -> u32 {
    attempts
        .iter()
        .filter(|a| a.segment == segment && a.phase == AttemptPhase::Confirmed)
        .map(|a| a.n)
        .max()
        .unwrap_or(delivery.n)
}
