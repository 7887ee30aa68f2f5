//! `publish_delivery`: waits for its time, sends, settles.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use db::BoxFuture;
use domain::ids::{DeliveryId, OrganizationId};
use domain::time::HOUR;
use engine::{Ctx, Failure, Policy, Workflow};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Hand, PUBLISH, input, tireless};
use crate::Error;
use crate::apply::Work;
use crate::apply::deliveries::DELIVERY_CHANGED;
use crate::publish::{Next, Publisher, check, give_up};

pub(super) struct Publish(pub(super) Hand);

#[derive(Deserialize)]
struct Input {
    organization: OrganizationId,
    delivery: DeliveryId,
}

/// The longest wait without a look at the tables: nothing rests on events alone.
const LONGEST: i64 = 6 * HOUR;

#[async_trait]
impl Workflow for Publish {
    fn name(&self) -> &'static str {
        PUBLISH.0
    }

    fn revision(&self) -> u32 {
        PUBLISH.1
    }

    fn policy(&self) -> Policy {
        Policy {
            retry: tireless(),
            on_failure: true,
            ..Policy::default()
        }
    }

    async fn run(&self, ctx: &mut Ctx, value: Value) -> Result<Value, Failure> {
        drive(&self.0, ctx, value, |work, publisher, delivery, run| {
            Box::pin(async move { check(work, publisher, delivery, run).await })
        })
        .await
    }

    async fn on_failure(
        &self,
        ctx: &mut Ctx,
        value: Value,
        failure: &Failure,
    ) -> Result<(), Failure> {
        end(
            &self.0,
            ctx,
            value,
            failure,
            |work, delivery, run, words| {
                Box::pin(async move { give_up(work, delivery, run, words).await })
            },
        )
        .await
    }
}

/// Decides what comes next for a delivery.
type Decide = for<'a, 'w, 'c> fn(
    &'a mut Work<'w, 'c>,
    &'a Publisher,
    DeliveryId,
    Uuid,
) -> BoxFuture<'a, Result<(Next, bool), Error>>;

/// Ends what cannot go on; answers whether there was something to end.
type End = for<'a, 'w, 'c> fn(
    &'a mut Work<'w, 'c>,
    DeliveryId,
    Uuid,
    &'a str,
) -> BoxFuture<'a, Result<bool, Error>>;

/// Decides, does what was decided, and again, until there is nothing more to do.
pub(super) async fn drive(
    hand: &Hand,
    ctx: &mut Ctx,
    value: Value,
    decide: Decide,
) -> Result<Value, Failure> {
    let Input {
        organization,
        delivery,
    } = input(value)?;
    let run = ctx.run_id();
    loop {
        let publisher = hand.publishers.of(organization);
        let decides = Arc::clone(&publisher);
        let next = hand
            .change(ctx, organization, "check", move |work, run| {
                let publisher = Arc::clone(&decides);
                Box::pin(async move { decide(work, &publisher, delivery, run).await })
            })
            .await?;
        match next {
            Next::Send { attempt } => {
                ctx.run("send", || publisher.send(organization, run, attempt))
                    .await?;
            }
            Next::Look { attempt, repeat } => {
                ctx.run("look", || {
                    publisher.look(organization, run, attempt, repeat)
                })
                .await?;
            }
            Next::Poll { attempt } => {
                ctx.run("poll", || publisher.poll(organization, run, attempt))
                    .await?;
            }
            Next::Recall { attempt } => {
                ctx.run("recall", || publisher.recall(organization, run, attempt))
                    .await?;
            }
            Next::Wait { until } => {
                let wait = until.map_or(LONGEST, |at| at.0.saturating_sub(ctx.now()));
                let wait = Duration::from_millis(u64::try_from(wait.max(0)).unwrap_or(0));
                let key = delivery.to_string();
                ctx.wait_for_event("wait", DELIVERY_CHANGED, &key, Some(wait))
                    .await?;
            }
            Next::Done { status } => return Ok(json!({"status": status})),
        }
    }
}

/// After the run failed: what it drove ends in a state that a person sees.
pub(super) async fn end(
    hand: &Hand,
    ctx: &mut Ctx,
    value: Value,
    failure: &Failure,
    end: End,
) -> Result<(), Failure> {
    let Input {
        organization,
        delivery,
    } = input(value)?;
    let words = failure.message.clone();
    hand.change(ctx, organization, "give_up", move |work, run| {
        let words = words.clone();
        Box::pin(async move {
            end(work, delivery, run, &words)
                .await
                .map(|changed| ((), changed))
        })
    })
    .await
}
