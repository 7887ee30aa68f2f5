//! What posts to an account may cost in a month: what was spent, and what a person says of what
//! would pass it.

use db::Tx;
use domain::Instant;
use domain::delivery::{DeliveryStatus, HoldReason};
use domain::ids::{DeliveryId, OrganizationId};
use domain::time::{in_next_month, month_of};
use protocol::Code;
use protocol::mutation::Notice;
use serde_json::json;
use store::delivery::Delivery;
use store::identity::Identity;

use super::{Work, deliveries};
use crate::Error;

/// Months are those of the persona's wall; a zone that cannot be read is UTC.
fn month(now: Instant, zone: &str) -> Result<(Instant, Instant), Error> {
    month_of(now, zone)
        .or_else(|_| month_of(now, "UTC"))
        .map_err(|e| Error::refused(Code::InvalidInput, e.to_string()))
}

/// What tries for an account may have spent in the month of `now`, in millionths of `currency`.
///
/// # Errors
/// When the database says no.
pub(crate) async fn spent(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    identity: &Identity,
    (now, zone): (Instant, &str),
    currency: &str,
    except: Option<DeliveryId>,
) -> Result<u64, Error> {
    let month = month(now, zone)?;
    Ok(store::attempt::spent(tx, organization, identity.id, currency, month, except).await?)
}

/// Whether what a person let pass at `at` still holds at `now`: the leave is for one month's budget.
///
/// # Errors
/// When the month cannot be told.
pub(crate) fn same_month(at: Instant, (now, zone): (Instant, &str)) -> Result<bool, Error> {
    let (from, to) = month(now, zone)?;
    Ok((from..to).contains(&at))
}

async fn held(work: &mut Work<'_, '_>, id: DeliveryId) -> Result<Delivery, Error> {
    let org = work.org();
    store::delivery::get(work.tx, org, id)
        .await?
        .filter(|d| d.hold == Some(HoldReason::Budget))
        .ok_or_else(|| {
            Error::refused(
                Code::WrongState,
                "It is not held for a budget (any more). Look again.",
            )
        })
}

/// Lets a held delivery go out all the same: at its time, or now when that has passed.
pub(super) async fn pass(work: &mut Work<'_, '_>, id: DeliveryId) -> Result<Vec<Notice>, Error> {
    let mut delivery = held(work, id).await?;
    let (content, now) = (delivery.content, work.now());
    let passed = delivery.planned.as_ref().is_none_or(|p| p.at <= now);
    delivery.budget_passed = Some(now);
    deliveries::clear(&mut delivery, DeliveryStatus::Planned);
    deliveries::put(work, delivery).await?;
    work.record(
        "budget_passed",
        &format!("delivery:{id}"),
        Some(content),
        json!({}),
    )
    .await?;
    if passed {
        return deliveries::send_now(work, id).await;
    }
    work.emit(deliveries::DELIVERY_CHANGED, id).await?;
    work.recompute(content).await?;
    Ok(vec![])
}

/// Moves a held delivery to the first of the next month, as late in the day as it was.
pub(super) async fn postpone(
    work: &mut Work<'_, '_>,
    id: DeliveryId,
) -> Result<Vec<Notice>, Error> {
    let delivery = held(work, id).await?;
    let (org, now) = (work.org(), work.now());
    let content = store::content::get(work.tx, org, delivery.content)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    let persona = store::persona::get(work.tx, org, content.persona)
        .await?
        .ok_or_else(|| Error::missing("persona"))?;
    let zone = persona.profile.zone;
    let like = delivery.planned.as_ref().map_or(now, |p| p.at);
    let planned = in_next_month(now, like, &zone)
        .map_err(|e| Error::refused(Code::InvalidInput, e.to_string()))?;
    let stands = delivery.planned.map(|p| p.at);
    deliveries::move_to(work, id, stands, &planned).await
}
