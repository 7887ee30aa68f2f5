//! What follows while it is not known whether an attempt is live.

use domain::attempt::AttemptPhase;
use domain::delivery::DeliveryStatus;
use domain::time::{HOUR, MINUTE};
use serde_json::json;

use super::super::look::Handle;
use super::super::settle::needs_reconnect;
use super::super::terms::millis;
use super::Case;
use crate::Error;
use crate::apply::Work;
use crate::apply::deliveries::{clear, put};

/// How long before its time what the network may keep is looked for again, milliseconds.
const MEANWHILE: i64 = 6 * HOUR;

impl Case<'_> {
    pub(in crate::publish) async fn ambiguous(
        mut self,
        work: &mut Work<'_, '_>,
        why: &str,
    ) -> Result<(), Error> {
        let before = self.handle();
        self.attempt.handle = Some(
            Handle {
                network: before.network,
                asked_back: before.asked_back,
                ..Handle::default()
            }
            .to_value(),
        );
        self.enter(work, AttemptPhase::Ambiguous, Some(why)).await?;
        self.as_handed_off(work).await?;
        if !self.natural && !self.reads_back {
            return self.unconfirmed(work, why).await;
        }
        let first = if self.natural {
            0
        } else {
            self.terms.looks.first().copied().unwrap_or(0)
        };
        self.facts.delivery.status = DeliveryStatus::Sending;
        self.facts.delivery.retry_at = Some(work.now().plus(first));
        self.close(work, "attempt_ambiguous", json!({"why": why}))
            .await
    }

    /// Keeps what is known about looking, and when to look next.
    pub(in crate::publish) async fn look_again(
        mut self,
        work: &mut Work<'_, '_>,
        handle: &Handle,
        at: domain::Instant,
    ) -> Result<(), Error> {
        self.attempt.handle = Some(handle.to_value());
        let from = self.attempt.phase;
        work.attempt(from, &self.attempt).await?;
        self.facts.delivery.retry_at = Some(at);
        put(work, self.facts.delivery).await
    }

    pub(in crate::publish) async fn absent(mut self, work: &mut Work<'_, '_>) -> Result<(), Error> {
        let now = work.now();
        let mut handle = self.handle();
        handle.looks += 1;
        handle.fails = 0;
        let base = self.attempt.settled_at.unwrap_or(now);
        if let Some(offset) = self.terms.looks.get(handle.looks as usize) {
            let at = base.plus(*offset).max(now.plus(1_000));
            return self.look_again(work, &handle, at).await;
        }
        self.attempt.handle = Some(handle.to_value());
        if handle.given_back {
            return self.given_back(work).await;
        }
        if self.natural {
            // It was looked for by its own key, again and again: it is not there.
            return self
                .not_sent(work, "It was not written: looked for and not found.", false)
                .await;
        }
        // What the network may keep nobody can see before its time: only then can somebody answer.
        if let Some(time) = self.attempt.handed_for.filter(|at| *at > now) {
            let next = time.min(now.plus(MEANWHILE));
            // At its time it is looked for as often as what was just written, before that once.
            let left = if next == time { handle.looks } else { 1 };
            handle.looks = handle.looks.saturating_sub(left);
            return self.not_seen_yet(work, &handle, next).await;
        }
        self.unconfirmed(
            work,
            "It was looked for and not found, which proves nothing here.",
        )
        .await
    }

    pub(in crate::publish) async fn no_look(
        mut self,
        work: &mut Work<'_, '_>,
        why: &str,
        again: bool,
        reconnect: bool,
    ) -> Result<(), Error> {
        let now = work.now();
        let mut handle = self.handle();
        handle.fails += 1;
        let base = self.attempt.settled_at.unwrap_or(now);
        // What the network keeps has its time to come.
        let base = self.attempt.handed_for.map_or(base, |at| at.max(base));
        let identity = self.facts.identity.id;
        if !again || now.since(base) > millis(self.terms.patience) {
            if self.attempt.phase == AttemptPhase::Pending {
                return self.ambiguous(work, why).await;
            }
            return self.unconfirmed(work, why).await;
        }
        let time = self.attempt.handed_for;
        let unseen = time.is_some_and(|at| now.since(at) > self.facts.delivery.grace);
        if unseen && self.facts.delivery.words.is_none() {
            self.say_unseen(work, why).await?;
        }
        let wait = if reconnect {
            10 * MINUTE
        } else {
            self.terms.wait_after(handle.fails)
        };
        self.look_again(work, &handle, now.plus(wait)).await?;
        if reconnect {
            needs_reconnect(work, identity, why, now).await
        } else {
            Ok(())
        }
    }

    /// Its time has passed, and the network cannot say what became of it: a person sees that.
    async fn say_unseen(&mut self, work: &mut Work<'_, '_>, why: &str) -> Result<(), Error> {
        let words =
            format!("Its time has passed, and the network does not say whether it is out: {why}");
        self.facts.delivery.words = Some(words.clone());
        let starts = self.facts.delivery.starts;
        let telling = self.facts.telling();
        telling
            .hand_off(work, format!("unseen:{starts}"), &words)
            .await
    }

    /// It is not known whether the network keeps it: it is looked for again, at its time at last.
    async fn not_seen_yet(
        mut self,
        work: &mut Work<'_, '_>,
        handle: &Handle,
        at: domain::Instant,
    ) -> Result<(), Error> {
        let words = "It is not known whether the network keeps it. It is looked for until its time, and not sent before that.";
        self.facts.delivery.words = Some(words.to_owned());
        let starts = self.facts.delivery.starts;
        let telling = self.facts.telling();
        self.look_again(work, handle, at).await?;
        telling
            .hand_off(work, format!("unknown:{starts}"), words)
            .await
    }

    pub(in crate::publish) async fn unconfirmed(
        mut self,
        work: &mut Work<'_, '_>,
        why: &str,
    ) -> Result<(), Error> {
        let from = self.attempt.phase;
        work.attempt(from, &self.attempt).await?;
        self.as_handed_off(work).await?;
        let delivery = &mut self.facts.delivery;
        clear(delivery, DeliveryStatus::Unconfirmed);
        delivery.words = Some(why.to_owned());
        delivery.settled_at = Some(work.now());
        let (starts, telling) = (delivery.starts, self.facts.telling());
        // Looking once more may end here again: news each time.
        let nth = starts.saturating_mul(1_000) + self.handle().looks;
        self.close(work, "delivery_unconfirmed", json!({"why": why}))
            .await?;
        telling.unconfirmed(work, nth, why).await
    }
}
