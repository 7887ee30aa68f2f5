//! Forgets, every hour, what is older than the organization keeps it, and looks for deliveries that
//! nothing drives.

use async_trait::async_trait;
use db::Tx;
use domain::Instant;
use domain::ids::{ContentId, OrganizationId};
use domain::retention::Retained;
use domain::time::DAY;
use engine::{Ctx, Failure, Workflow};
use protocol::{Code, Tag};
use serde::Deserialize;
use serde_json::{Value, json};
use store::retention::{self, Policy};
use store::sync::log;

use super::{Hand, RETAIN, input};
use crate::Error;
use crate::apply::{Work, delete_draft, discard};
use crate::publish::{adopt_orphans, failure};

pub(super) struct Retain(pub(super) Hand);

#[derive(Deserialize)]
struct Input {
    organization: OrganizationId,
}

/// How much goes at a time.
const BATCH: u32 = 500;
/// How many contents, or things that were measured, at a time: each is several rows.
const FEW: u32 = 50;
/// For how long events of the engine are kept: who waits for one has long begun to.
const KEEP_EVENTS: i64 = 30 * DAY;
/// How many places of the order go at a time.
const PLACES: u64 = 5_000;

#[async_trait]
impl Workflow for Retain {
    fn name(&self) -> &'static str {
        RETAIN.0
    }

    fn revision(&self) -> u32 {
        RETAIN.1
    }

    async fn run(&self, ctx: &mut Ctx, value: Value) -> Result<Value, Failure> {
        let Input { organization } = input(value)?;
        let adopted = self
            .0
            .change(ctx, organization, "adopt", |work, _| {
                Box::pin(async move {
                    let adopted = adopt_orphans(work).await?;
                    Ok((adopted, adopted > 0))
                })
            })
            .await?;
        let now = Instant(ctx.created_at());
        let policy: Policy = ctx
            .step_tx("policy", move |tx: &mut Tx<'_>| {
                Box::pin(async move {
                    retention::policy(tx, organization)
                        .await
                        .map_err(|e| failure(Error::from(e)))
                })
            })
            .await?;
        let mut gone = serde_json::Map::new();
        for (kind, days) in policy {
            let Some(days) = days else { continue };
            let before = retention::before(now, days);
            let went = match kind {
                Retained::Runs => runs(ctx, organization, before).await?,
                Retained::Changes => changes(ctx, organization, now, days).await?,
                _ => self.rows(ctx, organization, kind, before).await?,
            };
            if went > 0 {
                let name = serde_json::to_value(kind).unwrap_or_default();
                gone.insert(name.as_str().unwrap_or_default().to_owned(), went.into());
            }
        }
        let events = ctx.created_at() - KEEP_EVENTS;
        loop {
            let went = ctx
                .step_tx("purge_events", move |tx: &mut Tx<'_>| {
                    Box::pin(async move { Ok(engine::purge_events_in(tx, events, BATCH).await?) })
                })
                .await?;
            if went < u64::from(BATCH) {
                break;
            }
        }
        Ok(json!({"adopted": adopted, "gone": gone}))
    }
}

impl Retain {
    /// Rows of the domain, in changes of their own: mirrors learn of them.
    async fn rows(
        &self,
        ctx: &Ctx,
        organization: OrganizationId,
        kind: Retained,
        before: Instant,
    ) -> Result<u64, Failure> {
        let (name, most) = match kind {
            Retained::Drafts => ("forget_drafts", FEW),
            Retained::WorkingCopies => ("forget_copies", FEW),
            Retained::Samples => ("forget_samples", FEW),
            _ => ("forget_notifications", BATCH),
        };
        let mut gone = 0;
        loop {
            let (found, went): (u32, u64) = self
                .0
                .change(ctx, organization, name, move |work, _| {
                    Box::pin(async move {
                        let (found, went) = forget(work, kind, before, most).await?;
                        Ok(((found, went), went > 0))
                    })
                })
                .await?;
            gone += went;
            // What cannot go is found again each time.
            if found < most || went == 0 {
                return Ok(gone);
            }
        }
    }
}

/// Forgets some of one kind. Answers how many were found, and how many went.
async fn forget(
    work: &mut Work<'_, '_>,
    kind: Retained,
    before: Instant,
    most: u32,
) -> Result<(u32, u64), Error> {
    let org = work.org();
    let mut gone = 0;
    let found = match kind {
        Retained::Drafts | Retained::WorkingCopies => {
            let copies = kind == Retained::WorkingCopies;
            let found = retention::contents(work.tx, org, copies, before, most).await?;
            for content in &found {
                let done = match copies {
                    true => drop_copy(work, *content).await,
                    false => delete_draft(work, *content).await.map(drop),
                };
                match done {
                    Ok(()) => gone += 1,
                    // Somebody was asked about it in between.
                    Err(Error::Problem(problem)) if problem.code == Code::WrongState => {}
                    Err(error) => return Err(error),
                }
            }
            work.tag(Tag::Contents);
            found.len()
        }
        Retained::Samples => {
            let found = retention::measured(work.tx, org, before, most).await?;
            for subject in &found {
                gone += retention::forget_samples(work.tx, org, subject, before).await?;
                work.changed("sample", subject).await?;
            }
            work.tag(Tag::Metrics);
            found.len()
        }
        _ => {
            let found = retention::told(work.tx, org, before, most).await?;
            for key in &found {
                retention::forget_told(work.tx, org, key).await?;
                work.gone("notification", key).await?;
                gone += 1;
            }
            found.len()
        }
    };
    if gone > 0 {
        let subject = format!("organization:{org}");
        let payload = json!({"kind": kind, "count": gone});
        work.record("retained", &subject, None, payload).await?;
    }
    Ok((u32::try_from(found).unwrap_or(u32::MAX), gone))
}

/// Nobody changed anything: a list of the newest changes stays as it is.
async fn drop_copy(work: &mut Work<'_, '_>, id: ContentId) -> Result<(), Error> {
    let org = work.org();
    let before = store::content::get(work.tx, org, id).await?;
    discard(work, id).await?;
    let after = store::content::get(work.tx, org, id).await?;
    if let (Some(before), Some(mut after)) = (before, after) {
        after.changed_at = before.changed_at;
        store::content::save(work.tx, org, &after).await?;
    }
    Ok(())
}

async fn runs(ctx: &Ctx, organization: OrganizationId, before: Instant) -> Result<u64, Failure> {
    let mut gone = 0;
    loop {
        let went = ctx
            .step_tx("purge", move |tx: &mut Tx<'_>| {
                Box::pin(
                    async move { Ok(engine::purge_in(tx, organization.0, before.0, BATCH).await?) },
                )
            })
            .await?;
        gone += went;
        if went < u64::from(BATCH) {
            return Ok(gone);
        }
    }
}

async fn changes(
    ctx: &Ctx,
    organization: OrganizationId,
    now: Instant,
    days: u32,
) -> Result<u64, Failure> {
    let mut gone = 0;
    loop {
        let went = ctx
            .step_tx("forget_changes", move |tx: &mut Tx<'_>| {
                Box::pin(async move {
                    forget_changes(tx, organization, now, days)
                        .await
                        .map_err(|e| failure(Error::from(e)))
                })
            })
            .await?;
        gone += went;
        if went == 0 {
            return Ok(gone);
        }
    }
}

/// Forgets some of the changes that are too old: mirrors that come later than this read everything
/// anew. Answers how many places of the order went.
async fn forget_changes(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    now: Instant,
    days: u32,
) -> Result<u64, store::Error> {
    store::organization::lock(tx, organization).await?;
    let Some(old) = log::days_ago(tx, organization, now, i64::from(days)).await? else {
        return Ok(0);
    };
    let floor = log::floor(tx, organization).await?;
    let to = old.min(floor + PLACES);
    if to <= floor {
        return Ok(0);
    }
    log::forget(tx, organization, to).await?;
    Ok(to - floor)
}
