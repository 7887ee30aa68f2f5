//! Deleting what is live, and learning that something is gone.

use domain::delivery::DeliveryStatus;
use domain::ids::{DeliveryId, OrganizationId};
use engine::Failure;
use networks::{AccountFacts, Adapter, NetworkError, Presence, Remote};
use protocol::event::{Notification, NotificationKind, Place};
use serde_json::json;
use std::sync::Arc;
use store::publication::Publication;

use super::{Publisher, failure};
use crate::Error;
use crate::apply::Work;
use crate::apply::deliveries::put;
use crate::calls::facts_of;

/// How something came to be away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Removal {
    /// By us, and read back.
    Deleted,
    /// Found missing.
    Gone,
}

/// What of a delivery is live, and how to reach it.
pub(crate) struct Live {
    pub identity: domain::ids::IdentityId,
    pub account: AccountFacts,
    pub adapter: Arc<dyn Adapter>,
    pub publications: Vec<Publication>,
}

/// A publication as its adapter knows it.
pub(crate) fn remote(publication: &Publication) -> Remote {
    Remote {
        id: publication.remote_id.clone(),
        url: publication.url.clone(),
        extra: publication.extra.clone(),
    }
}

impl Publisher {
    /// What of a delivery is live; `None` when nothing is that could be reached.
    pub(crate) async fn live(
        &self,
        organization: OrganizationId,
        id: DeliveryId,
    ) -> Result<Option<Live>, Failure> {
        let rows = self
            .db
            .read(|tx| {
                Box::pin(async move {
                    let Some(delivery) = store::delivery::get(tx, organization, id).await? else {
                        return Ok::<_, Error>(None);
                    };
                    let identity =
                        store::identity::get(tx, organization, delivery.identity).await?;
                    let live = store::publication::of_delivery(tx, organization, id).await?;
                    Ok(identity.map(|i| (i, live)))
                })
            })
            .await
            .map_err(failure)?;
        let Some((identity, mut publications)) = rows else {
            return Ok(None);
        };
        publications.retain(|p| p.ended_at.is_none() && !p.remote_id.is_empty());
        let Some(adapter) = self.networks.get(&identity.network).cloned() else {
            return Ok(None);
        };
        if publications.is_empty() {
            return Ok(None);
        }
        Ok(Some(Live {
            identity: identity.id,
            account: facts_of(&identity),
            adapter,
            publications,
        }))
    }

    /// Deletes every live segment of a delivery, the last one first, and reads back.
    ///
    /// # Errors
    /// Retryable when the network does not answer; fatal when it refuses.
    pub(crate) async fn delete(&self, live: &Live) -> Result<Removal, Failure> {
        let mut how = Removal::Gone;
        for publication in live.publications.iter().rev() {
            if matches!(self.seen(live, publication).await?, Ok(Presence::Gone)) {
                continue;
            }
            how = Removal::Deleted;
            let (adapter, remote) = (Arc::clone(&live.adapter), remote(publication));
            let gone = self
                .calls
                .call(live.identity, live.account.clone(), move |account| {
                    Box::pin(async move { adapter.delete(account, &remote).await })
                });
            match gone.await? {
                Ok(Presence::Gone) => {}
                Ok(Presence::There(_)) => {
                    return Err(Failure::retryable(
                        "still_there",
                        "The network still shows it.",
                    ));
                }
                Err(error) => return Err(network_failure(&error)),
            }
        }
        Ok(how)
    }

    /// Whether a post is still there.
    pub(crate) async fn is_gone(
        &self,
        live: &Live,
        publication: &Publication,
    ) -> Result<bool, Failure> {
        match self.seen(live, publication).await? {
            Ok(Presence::Gone) => Ok(true),
            Ok(Presence::There(_)) => Ok(false),
            Err(error) => Err(network_failure(&error)),
        }
    }

    async fn seen(
        &self,
        live: &Live,
        publication: &Publication,
    ) -> Result<Result<Presence, NetworkError>, Failure> {
        let (adapter, remote) = (Arc::clone(&live.adapter), remote(publication));
        let seen = self
            .calls
            .call(live.identity, live.account.clone(), move |account| {
                Box::pin(async move { adapter.look(account, &remote).await })
            });
        Ok(seen.await?)
    }
}

/// What a network's refusal means for a step.
pub(crate) fn network_failure(error: &NetworkError) -> Failure {
    match error {
        NetworkError::Throttled {
            retry_after: Some(after),
        } => Failure::retry_after(*after, error.code(), error.to_string()),
        e if e.is_retryable() => Failure::retryable(e.code(), e.to_string()),
        e => Failure::fatal(e.code(), e.to_string()),
    }
}

/// Records that segments are no longer there; all of them means that the delivery is not either.
pub(crate) async fn removed(
    work: &mut Work<'_, '_>,
    id: DeliveryId,
    segments: &[u32],
    how: Removal,
) -> Result<(), Error> {
    let (org, now) = (work.org(), work.now());
    let Some(mut delivery) = store::delivery::get(work.tx, org, id).await? else {
        return Ok(());
    };
    for segment in segments {
        store::publication::end(work.tx, org, id, *segment, now).await?;
        work.changed("publication", format!("{id}:{segment}"))
            .await?;
    }
    let left = store::publication::of_delivery(work.tx, org, id).await?;
    let (status, action) = match how {
        Removal::Deleted => (DeliveryStatus::Deleted, "publication_deleted"),
        Removal::Gone => (DeliveryStatus::Gone, "publication_gone"),
    };
    let content = delivery.content;
    work.record(
        action,
        &format!("delivery:{id}"),
        Some(content),
        json!({"segments": segments}),
    )
    .await?;
    // The rest of a thread may be on its way meanwhile; then the delivery's end is not this one.
    let settled = !delivery.status.is_driven();
    if settled && left.iter().all(|p| p.ended_at.is_some()) {
        delivery.status = status;
        delivery.settled_at = Some(now);
    }
    put(work, delivery).await?;
    work.recompute(content).await?;
    Ok(())
}

/// Tells that a post could not be deleted.
pub(crate) async fn not_deleted(
    work: &mut Work<'_, '_>,
    id: DeliveryId,
    words: &str,
) -> Result<(), Error> {
    let org = work.org();
    let Some(mut delivery) = store::delivery::get(work.tx, org, id).await? else {
        return Ok(());
    };
    let content = delivery.content;
    delivery.words = Some(words.to_owned());
    let status = delivery.status;
    put(work, delivery).await?;
    work.record(
        "deletion_failed",
        &format!("delivery:{id}"),
        Some(content),
        json!({"words": words}),
    )
    .await?;
    let headline = work.recompute(content).await?.headline;
    let notification = Notification {
        key: format!("not_deleted:{id}:{}", work.now()),
        kind: NotificationKind::Failed,
        args: [("headline", headline), ("words", words.to_owned())]
            .into_iter()
            .map(|(k, v)| (k.to_owned(), v))
            .collect(),
        place: Place::Content { id: content },
        delivery: Some(id),
        status: Some(status),
        network: None,
    };
    work.notify(None, notification).await
}
