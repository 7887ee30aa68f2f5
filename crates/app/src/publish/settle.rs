//! What follows for deliveries and accounts from what came of attempts.

use domain::Instant;
use domain::delivery::{DeliveryStatus, HoldReason};
use domain::identity::IdentityStatus;
use domain::ids::IdentityId;
use protocol::Tag;
use serde_json::{Value, json};
use store::identity::Identity;
use store::publication::Publication;

use super::facts::Facts;
use super::tell;
use crate::Error;
use crate::apply::Work;
use crate::apply::deliveries::{clear, put, start_run};

/// Records a live segment, and whether all of them are.
pub(super) async fn live(
    work: &mut Work<'_, '_>,
    mut facts: Facts,
    publication: Publication,
    payload: Value,
) -> Result<(), Error> {
    let org = work.org();
    store::publication::save(work.tx, org, &publication).await?;
    work.changed(
        "publication",
        format!("{}:{}", publication.delivery, publication.segment),
    )
    .await?;
    let (id, content) = (facts.delivery.id, facts.delivery.content);
    let mut payload = payload;
    payload["segment"] = json!(publication.segment);
    payload["remote"] = json!(publication.remote_id);
    payload["url"] = json!(publication.url);
    payload["network"] = json!(facts.identity.network);
    payload["handle"] = json!(facts.identity.handle);
    work.record(
        "segment_published",
        &format!("delivery:{id}"),
        Some(content),
        payload,
    )
    .await?;
    facts
        .publications
        .retain(|p| p.segment != publication.segment);
    facts.publications.push(publication);
    facts.delivery.live = u32::try_from(facts.publications.len()).unwrap_or(u32::MAX);
    if facts.next_segment().is_none() {
        return all_live(work, facts).await;
    }
    let mut delivery = facts.delivery;
    let driven = delivery.status == DeliveryStatus::Sending;
    clear(&mut delivery, DeliveryStatus::Sending);
    if !driven {
        // Learnt late, when its run was over: the rest of the thread needs one.
        start_run(work, &mut delivery).await?;
    }
    put(work, delivery).await?;
    work.recompute(content).await?;
    Ok(())
}

/// Every segment is live.
pub(super) async fn all_live(work: &mut Work<'_, '_>, facts: Facts) -> Result<(), Error> {
    let telling = facts.telling();
    let now = work.now();
    let mut delivery = facts.delivery;
    clear(&mut delivery, DeliveryStatus::Published);
    delivery.live = u32::try_from(facts.publications.len()).unwrap_or(u32::MAX);
    delivery.settled_at = facts.publications.iter().map(|p| p.at).max().or(Some(now));
    let (id, content, starts) = (delivery.id, delivery.content, delivery.starts);
    let payload = json!({
        "network": facts.identity.network, "handle": facts.identity.handle,
        "url": facts.publications.iter().find_map(|p| p.url.clone()), "segments": delivery.live,
    });
    put(work, delivery.clone()).await?;
    work.record(
        "delivery_published",
        &format!("delivery:{id}"),
        Some(content),
        payload,
    )
    .await?;
    work.recompute(content).await?;
    telling.published(work, starts).await?;
    crate::workflows::collect_metrics(work, &delivery).await
}

/// Whether the account was found to work after `asked`: what was refused then says nothing now.
pub(super) fn works_since(identity: &Identity, asked: Instant) -> bool {
    identity.status == IdentityStatus::Connected && identity.checked_at.is_some_and(|at| at > asked)
}

/// The network did not let us in when it was `asked`: the account says so, what waits for it is
/// held (not failed), and people are told at once.
pub(crate) async fn needs_reconnect(
    work: &mut Work<'_, '_>,
    id: IdentityId,
    words: &str,
    asked: Instant,
) -> Result<(), Error> {
    let (org, now) = (work.org(), work.now());
    let Some(mut identity) = store::identity::get(work.tx, org, id).await? else {
        return Ok(());
    };
    let fresh = identity.status == IdentityStatus::Connected;
    if identity.status == IdentityStatus::Disconnected || works_since(&identity, asked) {
        return Ok(());
    }
    identity.status = IdentityStatus::NeedsReconnect;
    identity.trouble = Some(words.to_owned());
    store::identity::save(work.tx, org, &identity, now).await?;
    work.changed("identity", id).await?;
    work.tag(Tag::Accounts);
    let mut waiting = 0;
    for mut delivery in store::delivery::unsettled_of_identity(work.tx, org, id).await? {
        if !delivery.status.is_waiting() {
            continue;
        }
        waiting += 1;
        // Held for something else it stays so: that is to be mended, too.
        if delivery.hold.is_some() {
            continue;
        }
        let content = delivery.content;
        clear(&mut delivery, DeliveryStatus::Held);
        delivery.hold = Some(HoldReason::Account);
        put(work, delivery).await?;
        work.recompute(content).await?;
    }
    if fresh {
        work.record(
            "identity_needs_reconnect",
            &format!("identity:{id}"),
            None,
            json!({"network": identity.network, "handle": identity.handle, "words": words}),
        )
        .await?;
        tell::reconnect(work, &identity, words, waiting).await?;
        work.emit(crate::apply::identities::IDENTITY_CHANGED, id)
            .await?;
    }
    Ok(())
}
