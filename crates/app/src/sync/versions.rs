//! For which versions something is done: what brings a post out is done for the words that a person
//! saw, and for no others (rules.md 12).

use std::collections::BTreeMap;

use db::Tx;
use domain::Hash;
use domain::ids::{ContentId, DeliveryId, OrganizationId};
use protocol::sync::Batch;
use protocol::{Code, Mutation};

use crate::Error;

/// What a mutation brings out, or sets a time for.
enum About<'a> {
    Deliveries(&'a [DeliveryId]),
    Content(ContentId),
}

fn about(mutation: &Mutation) -> Option<About<'_>> {
    use Mutation as M;
    Some(match mutation {
        M::SendNow { delivery }
        | M::PassBudget { delivery }
        | M::MoveToNextMonth { delivery }
        | M::MoveDelivery { delivery, .. } => About::Deliveries(std::slice::from_ref(delivery)),
        M::UpdatePublished { deliveries } => About::Deliveries(deliveries),
        M::Plan { content, .. } => About::Content(*content),
        _ => return None,
    })
}

/// It makes something go out under an approval that is there.
const fn brings_out(mutation: &Mutation) -> bool {
    use Mutation as M;
    matches!(
        mutation,
        M::SendNow { .. } | M::PassBudget { .. } | M::UpdatePublished { .. }
    )
}

/// The newest versions of what a batch brings out or sets a time for, as they are before it.
///
/// # Errors
/// When the database says no.
pub(super) async fn seen(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    mutations: &[Mutation],
) -> Result<BTreeMap<ContentId, Hash>, Error> {
    let mut seen = BTreeMap::new();
    for content in contents(tx, organization, mutations.iter()).await? {
        if let Some(hash) = newest(tx, organization, content).await? {
            seen.insert(content, hash);
        }
    }
    Ok(seen)
}

/// Refuses a batch that brings out another version than it was done for.
///
/// # Errors
/// `stale_version`.
pub(super) async fn check(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    batch: &Batch,
) -> Result<(), Error> {
    if batch.versions.is_empty() {
        return Ok(());
    }
    let going = batch.mutations.iter().filter(|m| brings_out(m));
    for content in contents(tx, organization, going).await? {
        let Some(meant) = batch.versions.get(&content) else {
            continue;
        };
        if newest(tx, organization, content).await? != Some(*meant) {
            return Err(Error::refused(
                Code::StaleVersion,
                "The newest version is not the one that this was done for. Look again.",
            ));
        }
    }
    Ok(())
}

async fn contents<'a>(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    mutations: impl Iterator<Item = &'a Mutation>,
) -> Result<Vec<ContentId>, Error> {
    let mut found = Vec::new();
    for about in mutations.filter_map(about) {
        match about {
            About::Content(content) => found.push(content),
            About::Deliveries(deliveries) => {
                for delivery in deliveries {
                    let known = store::delivery::get(tx, organization, *delivery).await?;
                    found.extend(known.map(|d| d.content));
                }
            }
        }
    }
    Ok(found)
}

async fn newest(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    content: ContentId,
) -> Result<Option<Hash>, Error> {
    let Some(known) = store::content::get(tx, organization, content).await? else {
        return Ok(None);
    };
    let version = store::version::get(tx, organization, content, known.n).await?;
    Ok(version.map(|v| v.hash))
}
