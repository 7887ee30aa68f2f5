//! `delete_publication`: deletes from the network what is live, and reads back that it is gone.

use std::time::Duration;

use async_trait::async_trait;
use domain::ids::{DeliveryId, OrganizationId};
use engine::{Ctx, Failure, Singleton, Start, StepOptions, Workflow};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::delivery::Delivery;

use super::{DELETE, Hand, input};
use crate::Error;
use crate::apply::Work;
use crate::publish::{Removal, not_deleted, removed};

pub(super) struct Delete(pub(super) Hand);

#[derive(Deserialize)]
struct Input {
    organization: OrganizationId,
    delivery: DeliveryId,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Removed {
    /// Found missing before we did anything.
    gone: bool,
    segments: Vec<u32>,
}

/// Starts deleting what is live of a delivery; one run at a time.
///
/// # Errors
/// When the database says no.
pub async fn delete_publication(work: &mut Work<'_, '_>, delivery: &Delivery) -> Result<(), Error> {
    let id = work.derive_id("delete_run");
    let input = json!({"organization": work.org(), "delivery": delivery.id});
    let mut start = Start::new(id, DELETE.0, DELETE.1, input, work.now().0);
    start.subject = Some(format!("delivery:{}", delivery.id));
    start.singleton = Some(Singleton::Keep(delivery.id.to_string()));
    work.start(start).await?;
    Ok(())
}

/// Whether a run is about to delete what is live of a delivery.
///
/// # Errors
/// When the database says no.
pub(crate) async fn is_being_deleted(
    work: &mut Work<'_, '_>,
    id: DeliveryId,
) -> Result<bool, Error> {
    let filter = engine::Filter {
        organization: Some(work.org().0),
        workflow: Some(DELETE.0.to_owned()),
        subject: Some(format!("delivery:{id}")),
        limit: 1,
        ..engine::Filter::default()
    };
    let newest = engine::runs(work.tx, &filter).await?;
    Ok(newest.iter().any(|run| !run.state.is_over()))
}

#[async_trait]
impl Workflow for Delete {
    fn name(&self) -> &'static str {
        DELETE.0
    }

    fn revision(&self) -> u32 {
        DELETE.1
    }

    async fn run(&self, ctx: &mut Ctx, value: Value) -> Result<Value, Failure> {
        let Input {
            organization,
            delivery,
        } = input(value)?;
        let retry = engine::Backoff {
            attempts: 8,
            first: Duration::from_secs(5),
            ..engine::Backoff::default()
        };
        let options = StepOptions {
            retry: Some(retry),
            ..StepOptions::default()
        };
        // Deleting what is not there is fine, so a crash in between may repeat it.
        let outcome = ctx
            .run_with(options, "delete", || self.delete(organization, delivery))
            .await;
        match outcome {
            Ok(done) => {
                let how = if done.gone {
                    Removal::Gone
                } else {
                    Removal::Deleted
                };
                self.0
                    .change(ctx, organization, "note", move |work, _| {
                        let done = done.clone();
                        Box::pin(async move {
                            removed(work, delivery, &done.segments, how).await?;
                            Ok(((), true))
                        })
                    })
                    .await?;
                Ok(json!({"deleted": true}))
            }
            Err(failure) => {
                let words = failure.message.clone();
                self.0
                    .change(ctx, organization, "tell", move |work, _| {
                        let words = words.clone();
                        Box::pin(async move {
                            not_deleted(work, delivery, &words).await?;
                            Ok(((), true))
                        })
                    })
                    .await?;
                Err(failure)
            }
        }
    }
}

impl Delete {
    async fn delete(
        &self,
        organization: OrganizationId,
        delivery: DeliveryId,
    ) -> Result<Removed, Failure> {
        let publisher = self.0.publishers.of(organization);
        let Some(live) = publisher.live(organization, delivery).await? else {
            return Ok(Removed {
                gone: true,
                segments: Vec::new(),
            });
        };
        let how = publisher.delete(&live).await?;
        Ok(Removed {
            gone: how == Removal::Gone,
            segments: live.publications.iter().map(|p| p.segment).collect(),
        })
    }
}
