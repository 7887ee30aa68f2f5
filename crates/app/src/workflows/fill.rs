//! `fill_slot`: does with an empty slot of a persona what its automation may; one run for each slot.

use std::sync::Arc;

use async_trait::async_trait;
use engine::{Ctx, Failure, Policy, Start, Workflow};
use serde_json::{Value, json};

use super::{FILL, Hand, input};
use crate::Error;
use crate::apply::Work;
use crate::automation::{self, Choice, Made, Slot, Text};

pub(super) struct Fill(pub(super) Hand);

/// Fills a slot, unless that was begun before. Answers whether it is begun now.
pub(super) async fn fill_slot(work: &mut Work<'_, '_>, slot: Slot) -> Result<bool, Error> {
    let org = work.org();
    if store::fill::get(work.tx, org, slot.persona, slot.at)
        .await?
        .is_some()
    {
        return Ok(false);
    }
    let id = work.derive_id("fill_run");
    let input = serde_json::to_value(slot).map_err(|e| crate::error::internal(&e))?;
    let mut start = Start::new(id, FILL.0, FILL.1, input, work.now().0);
    start.subject = Some(format!("persona:{}", slot.persona));
    start.key = Some(format!("{org}:{}:{}", slot.persona, slot.at.0));
    start.concurrency = Some(format!("persona:{}", slot.persona));
    Ok(work.start(start).await? == id)
}

#[async_trait]
impl Workflow for Fill {
    fn name(&self) -> &'static str {
        FILL.0
    }

    fn revision(&self) -> u32 {
        FILL.1
    }

    fn policy(&self) -> Policy {
        Policy {
            on_failure: true,
            ..Policy::default()
        }
    }

    async fn run(&self, ctx: &mut Ctx, value: Value) -> Result<Value, Failure> {
        let slot: Slot = input(value)?;
        let org = slot.organization;
        let (suggestion, accounts) = loop {
            let choice = self
                .0
                .change(ctx, org, "choose", move |work, run| {
                    Box::pin(automation::choose(work, slot, run))
                })
                .await?;
            match choice {
                Choice::Done => return Ok(json!({"drafted": false})),
                Choice::Wait { until } => ctx.sleep_until("quiet", until.0).await?,
                Choice::Write {
                    suggestion,
                    accounts,
                } => break (suggestion, accounts),
            }
        };
        let publisher = self.0.publishers.of(org);
        let core = publisher.house.core();
        let (core, run, cancel) = (core.as_ref(), ctx.run_id(), ctx.cancelled().clone());
        let text: Text = ctx
            .run("write", || {
                automation::write(core, slot, run, suggestion, &accounts, cancel.clone())
            })
            .await?;
        let (text, accounts) = (Arc::new(text), Arc::new(accounts.clone()));
        self.wait(ctx, slot).await?;
        let Made { content, submit } = self
            .0
            .change(ctx, org, "draft", move |work, run| {
                let (text, accounts) = (Arc::clone(&text), Arc::clone(&accounts));
                Box::pin(async move {
                    automation::draft(work, slot, run, (suggestion, &accounts), &text).await
                })
            })
            .await?;
        let Some(content) = content.filter(|_| submit) else {
            return Ok(json!({"drafted": content.is_some()}));
        };
        let job = media::Job::cancelled_by(cancel);
        let doc: Option<String> = ctx
            .run("prepare", || automation::prepare(core, content, &job))
            .await?;
        let doc = Arc::new(doc);
        self.wait(ctx, slot).await?;
        let submitted = self
            .0
            .change(ctx, org, "submit", move |work, run| {
                let doc = Arc::clone(&doc);
                Box::pin(async move {
                    automation::submit(work, slot, run, content, doc.as_deref()).await
                })
            })
            .await?;
        Ok(json!({"drafted": true, "submitted": submitted}))
    }

    async fn on_failure(&self, ctx: &mut Ctx, value: Value, _: &Failure) -> Result<(), Failure> {
        let slot: Slot = input(value)?;
        self.0
            .change(ctx, slot.organization, "failed", move |work, run| {
                Box::pin(automation::failed(work, slot, run))
            })
            .await
    }
}

impl Fill {
    /// Waits for the end of the quiet hours, if they have begun.
    async fn wait(&self, ctx: &mut Ctx, slot: Slot) -> Result<(), Failure> {
        let org = slot.organization;
        while let Some(until) = self
            .0
            .change(ctx, org, "disturbs", move |work, _| {
                Box::pin(automation::disturbs(work, slot))
            })
            .await?
        {
            ctx.sleep_until("quiet", until.0).await?;
        }
        Ok(())
    }
}
