//! `summarize_absence`: says once what became of what fell due while the computer was off or
//! asleep.

use std::time::Duration;

use async_trait::async_trait;
use domain::Instant;
use domain::delivery::DeliveryStatus;
use domain::ids::OrganizationId;
use domain::time::MINUTE;
use engine::{Ctx, Failure, Singleton, Start, Workflow};
use protocol::event::{Notification, NotificationKind, Place};
use serde::Deserialize;
use serde_json::{Value, json};
use store::delivery::Delivery;

use super::{ABSENCE, Hand, input};
use crate::Error;
use crate::apply::Work;

pub(super) struct Absence(pub(super) Hand);

#[derive(Deserialize)]
struct Input {
    organization: OrganizationId,
    from: Instant,
    to: Instant,
}

/// How late something is that is said to be late, milliseconds.
const LATE: i64 = MINUTE;

/// Waits for what is still under way, seconds; after the last one it is told as it stands.
const WAITS: [u64; 7] = [5, 10, 20, 40, 80, 160, 320];

/// Starts a summary of what fell due since `from` until now, when anything did. Without `from`
/// nobody was here before (a start): then it is about what still waits.
///
/// # Errors
/// When the database says no.
pub async fn summarize_absence(
    work: &mut Work<'_, '_>,
    from: Option<Instant>,
) -> Result<bool, Error> {
    use DeliveryStatus as D;
    let (org, to) = (work.org(), work.now());
    let late = to.plus(-LATE);
    let first = match from {
        Some(from) => {
            let due = store::delivery::between(work.tx, org, from, late).await?;
            due.iter().any(|d| d.run.is_some()).then_some(from)
        }
        None => {
            let mut first = None;
            for status in [D::Planned, D::Due] {
                for delivery in store::delivery::with_status(work.tx, org, status).await? {
                    let at = delivery.planned.as_ref().map(|p| p.at);
                    let due = at.filter(|at| *at < late && delivery.run.is_some());
                    first = [first, due].into_iter().flatten().min();
                }
            }
            first
        }
    };
    let Some(from) = first else { return Ok(false) };
    let id = work.derive_id("absence_run");
    let input = json!({"organization": org, "from": from, "to": to});
    let mut start = Start::new(id, ABSENCE.0, ABSENCE.1, input, to.0);
    start.singleton = Some(Singleton::Keep(org.to_string()));
    work.start(start).await?;
    Ok(true)
}

#[async_trait]
impl Workflow for Absence {
    fn name(&self) -> &'static str {
        ABSENCE.0
    }

    fn revision(&self) -> u32 {
        ABSENCE.1
    }

    async fn run(&self, ctx: &mut Ctx, value: Value) -> Result<Value, Failure> {
        let Input {
            organization,
            from,
            to,
        } = input(value)?;
        for wait in WAITS {
            let open = self
                .0
                .change(ctx, organization, "look", move |work, _| {
                    Box::pin(async move {
                        let due = fell_due(work, from, to).await?;
                        Ok((due.iter().any(is_under_way), false))
                    })
                })
                .await?;
            if !open {
                break;
            }
            ctx.sleep("wait", Duration::from_secs(wait)).await?;
        }
        let told = self
            .0
            .change(ctx, organization, "tell", move |work, _| {
                Box::pin(async move {
                    let told = tell(work, from, to).await?;
                    Ok((told, told))
                })
            })
            .await?;
        Ok(json!({"told": told}))
    }
}

async fn fell_due(
    work: &mut Work<'_, '_>,
    from: Instant,
    to: Instant,
) -> Result<Vec<Delivery>, Error> {
    let org = work.org();
    Ok(store::delivery::between(work.tx, org, from, to.plus(-LATE)).await?)
}

/// Whether something is still to be said of it.
fn is_under_way(delivery: &Delivery) -> bool {
    use DeliveryStatus as D;
    let waits = matches!(delivery.status, D::Planned | D::Due) && delivery.run.is_some();
    waits || matches!(delivery.status, D::Sending | D::HandedOff)
}

async fn tell(work: &mut Work<'_, '_>, from: Instant, to: Instant) -> Result<bool, Error> {
    use DeliveryStatus as D;
    let due = fell_due(work, from, to).await?;
    // What had come to its end before is no news.
    let since = |d: &Delivery| d.settled_at.is_some_and(|at| at >= from);
    let is_late = |d: &Delivery| {
        d.planned
            .as_ref()
            .zip(d.settled_at)
            .is_some_and(|(planned, at)| at.since(planned.at) > LATE)
    };
    let count = |so: &dyn Fn(&Delivery) -> bool| due.iter().filter(|d| so(d)).count();
    let counts = [
        ("late", count(&|d| d.status == D::Published && is_late(d))),
        ("missed", count(&|d| d.status == D::Missed && since(d))),
        ("held", count(&|d| d.status == D::Held)),
    ];
    if counts.iter().all(|(_, n)| *n == 0) {
        return Ok(false);
    }
    let notification = Notification {
        key: format!("summary:{to}"),
        kind: NotificationKind::Summary,
        args: counts
            .into_iter()
            .map(|(name, n)| (name.to_owned(), n.to_string()))
            .collect(),
        place: Place::Today,
        delivery: None,
        status: None,
        network: None,
    };
    work.notify(None, notification).await?;
    Ok(true)
}
