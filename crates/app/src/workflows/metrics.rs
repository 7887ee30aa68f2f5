//! `collect_metrics`: reads the numbers of what is live, at fixed times after it went out.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::Instant;
use domain::ids::{DeliveryId, OrganizationId};
use domain::time::{DAY, HOUR, MINUTE};
use engine::{Ctx, Failure, Policy, Start, StepOptions, Workflow};
use protocol::Tag;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::delivery::Delivery;
use store::sample::{self, Sample};

use super::{Hand, METRICS, input};
use crate::Error;
use crate::apply::Work;
use crate::publish::{Removal, network_failure, remote, removed};

pub(super) struct Metrics(pub(super) Hand);

#[derive(Deserialize)]
struct Input {
    organization: OrganizationId,
    delivery: DeliveryId,
    since: Instant,
}

/// When to read, after publishing.
const TIMES: [(&str, &str, i64); 6] = [
    ("until_1h", "read_1h", HOUR),
    ("until_6h", "read_6h", 6 * HOUR),
    ("until_1d", "read_1d", DAY),
    ("until_3d", "read_3d", 3 * DAY),
    ("until_7d", "read_7d", 7 * DAY),
    ("until_28d", "read_28d", 28 * DAY),
];

/// One number as read.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Read {
    segment: u32,
    metric: String,
    value: i64,
    at: Instant,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Reading {
    /// Nothing of it is live any more.
    over: bool,
    /// The computer was off when it should have been read: the gap stays a gap.
    late: bool,
    numbers: Vec<Read>,
    gone: Vec<u32>,
}

/// Starts reading the numbers of a delivery that was published.
///
/// # Errors
/// When the database says no.
pub async fn collect_metrics(work: &mut Work<'_, '_>, delivery: &Delivery) -> Result<(), Error> {
    let id = work.derive_id("metrics_run");
    let since = delivery.settled_at.unwrap_or(work.now());
    let input = json!({"organization": work.org(), "delivery": delivery.id, "since": since});
    let mut start = Start::new(id, METRICS.0, METRICS.1, input, work.now().0);
    start.subject = Some(format!("delivery:{}", delivery.id));
    start.key = Some(format!("{}:{}", delivery.id, delivery.starts));
    work.start(start).await?;
    Ok(())
}

#[async_trait]
impl Workflow for Metrics {
    fn name(&self) -> &'static str {
        METRICS.0
    }

    fn revision(&self) -> u32 {
        METRICS.1
    }

    async fn run(&self, ctx: &mut Ctx, value: Value) -> Result<Value, Failure> {
        let Input {
            organization,
            delivery,
            since,
        } = input(value)?;
        let mut read = 0;
        for (until, name, offset) in TIMES {
            let at = since.plus(offset);
            ctx.sleep_until(until, at.0).await?;
            let retry = engine::Backoff {
                attempts: 4,
                first: Duration::from_secs(30),
                ..engine::Backoff::default()
            };
            let options = StepOptions {
                retry: Some(retry),
                ..StepOptions::default()
            };
            let reading = ctx
                .run_with(options, name, || {
                    self.read(organization, delivery, at, offset)
                })
                .await;
            // What could not be read is a gap, not a zero and not an end.
            let Ok(reading) = reading else { continue };
            if reading.over {
                break;
            }
            if reading.late || (reading.numbers.is_empty() && reading.gone.is_empty()) {
                continue;
            }
            read += 1;
            self.0
                .change(ctx, organization, "keep", move |work, run| {
                    let reading = reading.clone();
                    Box::pin(async move {
                        let org = work.org();
                        for number in &reading.numbers {
                            let row = Sample {
                                subject: sample::of_publication(delivery, number.segment),
                                metric: number.metric.clone(),
                                at: number.at,
                                value: number.value,
                                run: Some(run),
                            };
                            sample::insert(work.tx, org, &row).await?;
                            work.changed("sample", &row.subject).await?;
                        }
                        if !reading.gone.is_empty() {
                            removed(work, delivery, &reading.gone, Removal::Gone).await?;
                        }
                        work.tag(Tag::Metrics);
                        Ok(((), true))
                    })
                })
                .await?;
        }
        Ok(json!({"read": read}))
    }

    fn policy(&self) -> Policy {
        Policy {
            retry: super::tireless(),
            ..Policy::default()
        }
    }
}

impl Metrics {
    async fn read(
        &self,
        organization: OrganizationId,
        delivery: DeliveryId,
        at: Instant,
        offset: i64,
    ) -> Result<Reading, Failure> {
        let publisher = self.0.publishers.of(organization);
        let now = publisher.now();
        if now.since(at) > (offset / 4).max(15 * MINUTE) {
            return Ok(Reading {
                late: true,
                ..Reading::default()
            });
        }
        let Some(live) = publisher.live(organization, delivery).await? else {
            return Ok(Reading {
                over: true,
                ..Reading::default()
            });
        };
        if !live.adapter.measures(&live.account) {
            return Ok(Reading::default());
        }
        let remotes: Vec<_> = live.publications.iter().map(remote).collect();
        let mut reading = Reading::default();
        if !live.adapter.descriptor().features.metrics.is_empty() {
            let adapter = Arc::clone(&live.adapter);
            let counted =
                publisher
                    .calls
                    .call(live.identity, live.account.clone(), move |account| {
                        Box::pin(async move { adapter.metrics(account, &remotes, now).await })
                    });
            for metric in counted.await?.map_err(|e| network_failure(&e))? {
                let of = live
                    .publications
                    .iter()
                    .find(|p| p.remote_id == metric.remote);
                if let Some(publication) = of {
                    reading.numbers.push(Read {
                        segment: publication.segment,
                        metric: metric.name,
                        value: i64::try_from(metric.value).unwrap_or(i64::MAX),
                        at: metric.as_of,
                    });
                }
            }
        }
        for publication in &live.publications {
            let silent = !reading
                .numbers
                .iter()
                .any(|n| n.segment == publication.segment);
            // A post of which the network says nothing may be gone; it is asked.
            if silent && matches!(publisher.is_gone(&live, publication).await, Ok(true)) {
                reading.gone.push(publication.segment);
            }
        }
        Ok(reading)
    }
}
