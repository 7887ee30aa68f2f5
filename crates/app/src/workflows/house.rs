//! Housekeeping by the calendar: `backup_daily` and `retain_runs`, and when all of them run.

use std::sync::Arc;

use async_trait::async_trait;
use db::Tx;
use domain::Instant;
use domain::ids::OrganizationId;
use domain::time::{DAY, HOUR, MINUTE};
use engine::{Ctx, Failure, Schedule, Workflow};
use serde::Deserialize;
use serde_json::{Value, json};
use store::sync::log;

use super::{BACKUP, Hand, REMIND, RETAIN, TRENDS, input};
use crate::Error;
use crate::publish::{adopt_orphans, failure};

/// Makes backups.
#[async_trait]
pub trait Backups: Send + Sync + 'static {
    /// Makes the daily one and clears up old ones; answers its name.
    ///
    /// # Errors
    /// In words; it is tried again.
    async fn daily(&self) -> Result<String, String>;
}

pub(super) struct Backup(pub(super) Arc<dyn Backups>);

#[async_trait]
impl Workflow for Backup {
    fn name(&self) -> &'static str {
        BACKUP.0
    }

    fn revision(&self) -> u32 {
        BACKUP.1
    }

    async fn run(&self, ctx: &mut Ctx, _: Value) -> Result<Value, Failure> {
        let name = ctx
            .run("backup", || async {
                self.0
                    .daily()
                    .await
                    .map_err(|why| Failure::retryable("backup_failed", why))
            })
            .await?;
        Ok(json!({"backup": name}))
    }
}

pub(super) struct Retain(pub(super) Hand);

#[derive(Deserialize)]
struct Input {
    organization: OrganizationId,
}

/// For how long the history of runs is kept.
const KEEP: i64 = 30 * DAY;
/// How much of it goes at a time.
const BATCH: u32 = 500;

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
        let mut forgotten = 0;
        loop {
            let went = ctx
                .step_tx("forget_changes", move |tx: &mut Tx<'_>| {
                    Box::pin(async move {
                        forget_changes(tx, organization, now)
                            .await
                            .map_err(|e| failure(Error::from(e)))
                    })
                })
                .await?;
            forgotten += went;
            if went == 0 {
                break;
            }
        }
        let before = ctx.created_at() - KEEP;
        let mut gone = 0;
        loop {
            let went = ctx
                .step_tx("purge", move |tx: &mut Tx<'_>| {
                    Box::pin(async move { Ok(engine::purge_in(tx, before, BATCH).await?) })
                })
                .await?;
            gone += went;
            if went < u64::from(BATCH) {
                return Ok(json!({
                    "adopted": adopted,
                    "forgotten": forgotten,
                    "gone": gone,
                }));
            }
        }
    }
}

/// Mirrors that come later than this read everything anew; how many places of the order go at a
/// time. A desktop that was off during a long holiday goes on from where it was.
const KEEP_CHANGES_DAYS: i64 = 60;
const PLACES: u64 = 5_000;

/// Forgets some of the changes that are too old. Answers how many places of the order went.
async fn forget_changes(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    now: Instant,
) -> Result<u64, store::Error> {
    store::organization::lock(tx, organization).await?;
    let Some(old) = log::days_ago(tx, organization, now, KEEP_CHANGES_DAYS).await? else {
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

/// A workflow, when it begins, and how late it may (milliseconds).
pub type ByCalendar = ((&'static str, u32), &'static str, i64);

/// What an organization of a desktop does by the calendar.
pub const CALENDAR: [ByCalendar; 4] = [
    (BACKUP, "15 3 * * *", 24 * HOUR),
    (RETAIN, "45 * * * *", DAY),
    (REMIND, "*/5 * * * *", 5 * MINUTE),
    (TRENDS, "20 * * * *", HOUR),
];

/// What an organization of a server does by the calendar: its backups are its keeper's.
pub const SERVER_CALENDAR: [ByCalendar; 3] = [CALENDAR[1], CALENDAR[2], CALENDAR[3]];

/// Sets the calendar of an organization on this computer. What is set already stays as it is, so
/// that a backup that came due while the computer was off is still made.
///
/// # Errors
/// When the zone is unknown, or the database says no.
pub async fn schedule(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    zone: &str,
    now: i64,
    calendar: &[ByCalendar],
) -> Result<(), Failure> {
    let known = engine::schedules(tx).await?;
    for &((workflow, revision), cron, grace_ms) in calendar {
        let name = format!("{workflow}:{organization}");
        if known
            .iter()
            .any(|s| s.name == name && s.cron == cron && s.zone == zone && s.enabled)
        {
            continue;
        }
        let schedule = Schedule {
            name,
            workflow: workflow.to_owned(),
            revision,
            organization: Some(organization.0),
            subject: None,
            input: json!({"organization": organization}),
            cron: cron.to_owned(),
            zone: zone.to_owned(),
            grace_ms,
            enabled: true,
        };
        engine::schedule_in(tx, &schedule, now).await?;
    }
    Ok(())
}
