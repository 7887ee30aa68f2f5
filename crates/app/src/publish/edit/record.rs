//! What came of an edit's attempt.

use std::time::Duration;

use domain::attempt::AttemptPhase;
use domain::delivery::HoldReason;
use domain::edit::EditStatus;
use domain::time::MINUTE;
use networks::Remote;
use serde_json::json;
use store::attempt::Attempt;
use store::edit::Edit;

use super::super::facts::Facts;
use super::super::look::Handle;
use super::super::remove::{Removal, removed};
use super::super::settle::{needs_reconnect, works_since};
use super::super::terms::millis;
use super::super::{Publisher, Report, Terms};
use super::write::finish_if_written;
use super::{Case, fail};
use crate::Error;
use crate::apply::Work;
use crate::apply::edits::put;

/// Writes what became of an edit's attempt, and what follows for the edit.
pub(in crate::publish) async fn record(
    work: &mut Work<'_, '_>,
    publisher: &Publisher,
    facts: Facts,
    attempt: Attempt,
    report: &Report,
) -> Result<(), Error> {
    let org = work.org();
    let edit = store::edit::get(work.tx, org, attempt.delivery)
        .await?
        .ok_or_else(|| Error::missing("edit"))?;
    let version = store::version::get(work.tx, org, facts.delivery.content, edit.n).await?;
    let outcome = Outcome {
        case: Case {
            facts,
            edit,
            doc: version.and_then(|v| v.doc().ok()),
        },
        attempt,
        terms: &publisher.terms,
    };
    match report {
        Report::Confirmed(remote) => outcome.confirmed(work, remote).await,
        Report::Rejected { code, words } => outcome.rejected(work, code, words).await,
        Report::Throttled(after) => outcome.throttled(work, *after).await,
        Report::NotSent { why, media } => outcome.not_sent(work, why, *media).await,
        Report::NeedsReconnect(words) => outcome.refused_us(work, words).await,
        Report::Ambiguous(why) => outcome.ambiguous(work, why).await,
        Report::Absent => {
            let why = "It was not written: read back, and the old text is there.";
            outcome.not_sent(work, why, false).await
        }
        // No adapter works on an edit for a while, and a place is one place.
        Report::Pending(_) => outcome.ambiguous(work, "The network works on it.").await,
        Report::Several(_) => outcome.ambiguous(work, "Several posts answer.").await,
        // Only what is kept for its time is given back.
        Report::GivenBack | Report::NotGivenBack { .. } => Ok(()),
        Report::NoLook {
            why,
            again,
            reconnect,
        } => outcome.no_look(work, why, *again, *reconnect).await,
    }
}

struct Outcome<'a> {
    case: Case,
    attempt: Attempt,
    terms: &'a Terms,
}

impl Outcome<'_> {
    /// Whether the edit is still about what this attempt wrote.
    fn is_current(&self) -> bool {
        self.case.edit.n == self.attempt.n && self.case.edit.status.is_open()
    }

    async fn enter(
        &mut self,
        work: &mut Work<'_, '_>,
        phase: AttemptPhase,
        words: Option<&str>,
    ) -> Result<(), Error> {
        let (now, from) = (work.now(), self.attempt.phase);
        if from != phase {
            self.attempt.settled_at = Some(now);
        }
        self.attempt.phase = phase;
        if words.is_some() {
            self.attempt.words = words.map(str::to_owned);
        }
        if work.attempt(from, &self.attempt).await? {
            for known in &mut self.case.facts.attempts {
                if known.id == self.attempt.id {
                    known.phase = phase;
                }
            }
            return Ok(());
        }
        // Under the organization's lock nobody else could have moved it.
        Err(Error::refused(
            protocol::Code::Conflict,
            "The attempt was settled meanwhile.",
        ))
    }

    fn tries(&self, phase: AttemptPhase) -> u32 {
        1 + self.case.facts.in_a_row_before(&self.attempt, phase)
    }

    /// Goes on: the next check decides what comes.
    async fn waits(
        self,
        work: &mut Work<'_, '_>,
        action: &str,
        after: i64,
        words: Option<&str>,
    ) -> Result<(), Error> {
        self.rest(work, action, after, words).await.map(drop)
    }

    /// The same, with the edit as it is then.
    async fn rest(
        mut self,
        work: &mut Work<'_, '_>,
        action: &str,
        after: i64,
        words: Option<&str>,
    ) -> Result<Case, Error> {
        let now = work.now();
        let content = self.case.facts.delivery.content;
        let edit = &mut self.case.edit;
        let subject = format!("delivery:{}", edit.delivery);
        if edit.status.is_open() {
            edit.status = EditStatus::Waiting;
            edit.hold = None;
            edit.words = words.map(str::to_owned);
            edit.retry_at = (after > 0).then(|| now.plus(after));
            put(work, edit).await?;
        }
        let payload = json!({
            "attempt": self.attempt.id, "segment": self.attempt.segment, "n": self.attempt.n,
            "network": self.case.facts.identity.network, "why": words,
        });
        work.record(action, &subject, Some(content), payload)
            .await?;
        Ok(self.case)
    }

    async fn confirmed(mut self, work: &mut Work<'_, '_>, remote: &Remote) -> Result<(), Error> {
        let org = work.org();
        self.enter(work, AttemptPhase::Confirmed, None).await?;
        let segment = self.attempt.segment;
        let mut live = self.case.facts.publications.iter();
        if let Some(mut publication) = live.find(|p| p.segment == segment).cloned()
            && remote.url.is_some()
        {
            publication.url.clone_from(&remote.url);
            store::publication::save(work.tx, org, &publication).await?;
        }
        work.changed(
            "publication",
            format!("{}:{segment}", self.attempt.delivery),
        )
        .await?;
        let current = self.is_current();
        let case = self.rest(work, "segment_edited", 0, None).await?;
        // What is out is what is recorded, also where something newer was saved meanwhile.
        if current {
            finish_if_written(work, case).await?;
        }
        Ok(())
    }

    async fn rejected(
        mut self,
        work: &mut Work<'_, '_>,
        code: &str,
        words: &str,
    ) -> Result<(), Error> {
        self.enter(work, AttemptPhase::Rejected, Some(words))
            .await?;
        if code == "gone" {
            let (id, segment) = (self.attempt.delivery, self.attempt.segment);
            removed(work, id, &[segment], Removal::Gone).await?;
        }
        if self.is_current() {
            return fail(work, self.case, words).await;
        }
        self.waits(work, "edit_not_written", 0, Some(words)).await
    }

    async fn throttled(
        mut self,
        work: &mut Work<'_, '_>,
        after: Option<Duration>,
    ) -> Result<(), Error> {
        let wait = self
            .terms
            .throttled_for(self.tries(AttemptPhase::Throttled), after);
        let words = "The network asked to wait.";
        self.enter(work, AttemptPhase::Throttled, Some(words))
            .await?;
        self.waits(work, "edit_not_written", wait, Some(words))
            .await
    }

    async fn not_sent(
        mut self,
        work: &mut Work<'_, '_>,
        why: &str,
        media: bool,
    ) -> Result<(), Error> {
        let wait = self.terms.wait_after(self.tries(AttemptPhase::NotSent));
        self.enter(work, AttemptPhase::NotSent, Some(why)).await?;
        if media && self.is_current() {
            return fail(work, self.case, why).await;
        }
        self.waits(work, "edit_not_written", wait, Some(why)).await
    }

    async fn refused_us(mut self, work: &mut Work<'_, '_>, words: &str) -> Result<(), Error> {
        let (identity, asked) = (self.case.facts.identity.id, self.attempt.started_at);
        let wait = self.terms.wait_after(self.tries(AttemptPhase::NotSent));
        self.enter(work, AttemptPhase::NotSent, Some(words)).await?;
        if works_since(&self.case.facts.identity, asked) || !self.is_current() {
            // Somebody has signed in again meanwhile.
            return self
                .waits(work, "edit_not_written", wait, Some(words))
                .await;
        }
        let mut edit: Edit = self.case.edit;
        edit.status = EditStatus::Held;
        edit.hold = Some(HoldReason::Account);
        edit.words = Some(words.to_owned());
        edit.retry_at = None;
        put(work, &edit).await?;
        needs_reconnect(work, identity, words, asked).await
    }

    async fn ambiguous(mut self, work: &mut Work<'_, '_>, why: &str) -> Result<(), Error> {
        self.attempt.handle = Some(Handle::default().to_value());
        self.enter(work, AttemptPhase::Ambiguous, Some(why)).await?;
        if !self.case.edit.status.is_open() {
            return Ok(());
        }
        // What may still be on its way is there before it is read back.
        let at = work
            .now()
            .plus(self.terms.looks.first().copied().unwrap_or_default());
        let mut edit = self.case.edit;
        edit.retry_at = Some(at);
        edit.words = Some(why.to_owned());
        put(work, &edit).await
    }

    async fn no_look(
        mut self,
        work: &mut Work<'_, '_>,
        why: &str,
        again: bool,
        reconnect: bool,
    ) -> Result<(), Error> {
        let now = work.now();
        let mut handle = Handle::of(self.attempt.handle.as_ref());
        handle.fails += 1;
        let (fails, from) = (handle.fails, self.attempt.phase);
        self.attempt.handle = Some(handle.to_value());
        work.attempt(from, &self.attempt).await?;
        let identity = self.case.facts.identity.id;
        if !self.case.edit.status.is_open() {
            return Ok(());
        }
        let since = self.attempt.settled_at.unwrap_or(now);
        if !again || now.since(since) > millis(self.terms.patience) {
            let words = format!("It is not known whether the update is there: {why}");
            return fail(work, self.case, &words).await;
        }
        let wait = match reconnect {
            true => 10 * MINUTE,
            false => self.terms.wait_after(fails),
        };
        let mut edit = self.case.edit;
        edit.words = Some(why.to_owned());
        edit.retry_at = Some(now.plus(wait));
        put(work, &edit).await?;
        match reconnect {
            true => needs_reconnect(work, identity, why, now).await,
            false => Ok(()),
        }
    }
}
