//! Deliveries whose run is over although they are not: a safety net under everything else.

use domain::delivery::{DeliveryStatus, MissReason};
use domain::ids::DeliveryId;
use serde_json::json;
use store::delivery::Delivery;
use uuid::Uuid;

use crate::Error;
use crate::apply::Work;
use crate::apply::deliveries::{clear, put, start_run};

use super::tell::Telling;

/// Gives a new run to each delivery that waits or is being sent and has none that lives. Answers
/// how many.
///
/// # Errors
/// When the database says no.
pub async fn adopt_orphans(work: &mut Work<'_, '_>) -> Result<u32, Error> {
    let org = work.org();
    let mut adopted = 0;
    for status in [
        DeliveryStatus::Sending,
        DeliveryStatus::HandedOff,
        DeliveryStatus::Due,
        DeliveryStatus::Held,
        DeliveryStatus::Planned,
    ] {
        for mut delivery in store::delivery::with_status(work.tx, org, status).await? {
            if let Some(run) = delivery.run
                && engine::run(work.tx, run)
                    .await?
                    .is_some_and(|r| !r.state.is_over())
            {
                continue;
            }
            if status.is_waiting() {
                // Without a request that is open or granted nothing drives it, and nothing should.
                let request = store::request::newest(work.tx, org, delivery.content).await?;
                let driven = request
                    .as_ref()
                    .is_some_and(|r| r.n == delivery.n && r.status.is_in_force());
                if !driven {
                    adopted += u32::from(time_passed(work, delivery).await?);
                    continue;
                }
            }
            let (id, content) = (delivery.id, delivery.content);
            start_run(work, &mut delivery).await?;
            put(work, delivery).await?;
            work.record(
                "delivery_adopted",
                &format!("delivery:{id}"),
                Some(content),
                json!({}),
            )
            .await?;
            adopted += 1;
        }
    }
    Ok(adopted + crate::apply::edits::adopt_orphans(work).await?)
}

/// A delivery that was asked about once and that nothing drives any more (its approval was voided,
/// expired or taken back): when its time passes, a person sees that.
async fn time_passed(work: &mut Work<'_, '_>, mut delivery: Delivery) -> Result<bool, Error> {
    let (org, now) = (work.org(), work.now());
    let passed = delivery.planned.as_ref().is_some_and(|p| p.at < now);
    let asked = store::request::newest(work.tx, org, delivery.content)
        .await?
        .is_some();
    let content = store::content::get(work.tx, org, delivery.content).await?;
    if !passed || !asked || content.is_none_or(|c| c.archived) {
        return Ok(false);
    }
    let (id, content, starts) = (delivery.id, delivery.content, delivery.starts);
    clear(&mut delivery, DeliveryStatus::Missed);
    delivery.miss = Some(MissReason::NotApproved);
    delivery.settled_at = Some(now);
    put(work, delivery.clone()).await?;
    work.record(
        "delivery_missed",
        &format!("delivery:{id}"),
        Some(content),
        json!({"reason": MissReason::NotApproved}),
    )
    .await?;
    let content = work.recompute(content).await?;
    if let Some(telling) = Telling::read(work, &content, &delivery).await? {
        telling.missed(work, starts).await?;
    }
    Ok(true)
}

/// The run cannot go on (a version that this program cannot read, a damaged row): the delivery
/// ends in a state that a person sees. `false` when it is not this run's any more.
///
/// # Errors
/// When the database says no.
pub async fn give_up(
    work: &mut Work<'_, '_>,
    id: DeliveryId,
    run: Uuid,
    words: &str,
) -> Result<bool, Error> {
    let (org, now) = (work.org(), work.now());
    let Some(mut delivery) = store::delivery::get(work.tx, org, id).await? else {
        return Ok(false);
    };
    if !delivery.status.is_driven() || delivery.run != Some(run) {
        return Ok(false);
    }
    let unsure = store::attempt::is_open(work.tx, org, id).await?;
    let (status, action) = match unsure {
        true => (DeliveryStatus::Unconfirmed, "delivery_unconfirmed"),
        false => (DeliveryStatus::Failed, "delivery_failed"),
    };
    clear(&mut delivery, status);
    delivery.words = Some(words.to_owned());
    delivery.settled_at = Some(now);
    let (content, starts) = (delivery.content, delivery.starts);
    put(work, delivery.clone()).await?;
    work.record(
        action,
        &format!("delivery:{id}"),
        Some(content),
        json!({"why": words}),
    )
    .await?;
    let content = work.recompute(content).await?;
    if let Some(telling) = Telling::read(work, &content, &delivery).await? {
        match unsure {
            true => telling.unconfirmed(work, starts, words).await?,
            false => telling.failed(work, starts, words).await?,
        }
    }
    Ok(true)
}
