//! `read_source`: reads a source from time to time. `find_trends`: looks at what came, and makes
//! suggestions.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use db::Tx;
use domain::Instant;
use domain::ids::{OrganizationId, SourceId};
use domain::time::MINUTE;
use engine::{Ctx, Failure, Policy, Singleton, Start, StepOptions, Workflow};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{COLLECT, Hand, TRENDS, input, tireless};
use crate::Error;
use crate::apply::Work;
use crate::ideas::{Collected, Collector, collect, look};

/// The name under which a run hears that its source changed or is to be read now.
pub(crate) const SOURCE_CHANGED: &str = "source_changed";

pub(super) struct Collect(pub(super) Hand, pub(super) Arc<Collector>);
pub(super) struct FindTrends(pub(super) Hand, pub(super) Arc<Collector>);

#[derive(Deserialize)]
struct Source {
    organization: OrganizationId,
    source: SourceId,
}

#[derive(Deserialize)]
struct Everything {
    organization: OrganizationId,
}

/// Sources that are read at a time.
const AT_ONCE: u32 = 4;
/// A run's journal must not grow for ever; the next look begins a new one.
const ROUNDS: usize = 500;
/// The shortest time between two readings.
const PAUSE: i64 = MINUTE;
/// How long what came waits for what else comes, before it is looked at.
const GATHER: i64 = MINUTE / 2;
/// A reading and a look may take so long.
const STEP: Duration = Duration::from_secs(240);

/// Reads a source from now on; one run per source.
///
/// # Errors
/// When the database says no.
pub async fn read_source(work: &mut Work<'_, '_>, source: SourceId) -> Result<(), Error> {
    let id = work.derive_id("source_run");
    let start = reading(id, work.org(), source, work.now());
    work.start_as_named(start).await?;
    Ok(())
}

fn reading(id: Uuid, organization: OrganizationId, source: SourceId, now: Instant) -> Start {
    let input = json!({"organization": organization, "source": source});
    let mut start = Start::new(id, COLLECT.0, COLLECT.1, input, now.0);
    start.organization = Some(organization.0);
    start.subject = Some(format!("source:{source}"));
    start.singleton = Some(Singleton::Keep(format!("{organization}:{source}")));
    start.concurrency = Some(format!("sources:{organization}"));
    start
}

/// Looks at what came after `wait` milliseconds: several wishes become one look. Without a wait it
/// is somebody who asks, and a look that is still to come gives way.
pub(crate) async fn find_trends(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: Uuid,
    now: Instant,
    wait: i64,
) -> Result<(), Error> {
    let input = json!({"organization": organization});
    let mut start = Start::new(id, TRENDS.0, TRENDS.1, input, now.0);
    start.organization = Some(organization.0);
    start.singleton = Some(match wait {
        0 => Singleton::Replace(organization.to_string()),
        _ => Singleton::Keep(organization.to_string()),
    });
    start.at = Some(now.plus(wait).0);
    engine::start_in(tx, &start).await?;
    Ok(())
}

fn patient() -> StepOptions {
    StepOptions {
        timeout: Some(STEP),
        ..StepOptions::default()
    }
}

#[async_trait]
impl Workflow for Collect {
    fn name(&self) -> &'static str {
        COLLECT.0
    }

    fn revision(&self) -> u32 {
        COLLECT.1
    }

    fn policy(&self) -> Policy {
        Policy {
            retry: tireless(),
            concurrency: AT_ONCE,
            ..Policy::default()
        }
    }

    async fn run(&self, ctx: &mut Ctx, value: Value) -> Result<Value, Failure> {
        let Source {
            organization,
            source,
        } = input(value)?;
        let publisher = &self.0.publishers.of(organization);
        let key = source.to_string();
        let mut items = 0;
        for _ in 0..ROUNDS {
            let came = ctx
                .run_with(patient(), "read", || {
                    collect(publisher, &self.1, organization, source)
                })
                .await?;
            let Collected::Until { next, new } = came else {
                break;
            };
            items += u64::from(new);
            if new > 0 {
                let id = ctx.run("name", || async { Ok(Uuid::now_v7()) }).await?;
                let now = Instant(ctx.now());
                ctx.step_tx("look_soon", move |tx: &mut Tx<'_>| {
                    Box::pin(async move {
                        find_trends(tx, organization, id, now, GATHER)
                            .await
                            .map_err(crate::publish::failure)
                    })
                })
                .await?;
            }
            let wait = next.map(|at| {
                let wait = at.since(Instant(ctx.now())).max(PAUSE);
                Duration::from_millis(u64::try_from(wait).unwrap_or_default())
            });
            ctx.wait_for_event("wait", SOURCE_CHANGED, &key, wait)
                .await?;
        }
        Ok(json!({"items": items}))
    }
}

#[async_trait]
impl Workflow for FindTrends {
    fn name(&self) -> &'static str {
        TRENDS.0
    }

    fn revision(&self) -> u32 {
        TRENDS.1
    }

    async fn run(&self, ctx: &mut Ctx, value: Value) -> Result<Value, Failure> {
        let Everything { organization } = input(value)?;
        let now = Instant(ctx.now());
        let base = ctx.run_id();
        // Every source has a run, also after somebody ended one, or it came to its end.
        ctx.step_tx("take_up", move |tx: &mut Tx<'_>| {
            Box::pin(async move {
                let sources = store::source::all(tx, organization)
                    .await
                    .map_err(|e| crate::publish::failure(e.into()))?;
                for (n, source) in (0_u32..).zip(&sources) {
                    let id = domain::ids::derived(organization, base, "source_run", n);
                    engine::start_in(tx, &reading(id, organization, source.id, now)).await?;
                }
                Ok(())
            })
        })
        .await?;
        let publisher = &self.0.publishers.of(organization);
        let looked = ctx
            .run_with(patient(), "look", || look(publisher, &self.1, organization))
            .await?;
        Ok(json!({"trends": looked.trends, "suggestions": looked.suggestions}))
    }
}
