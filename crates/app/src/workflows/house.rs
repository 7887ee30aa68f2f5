//! Housekeeping by the calendar: `backup_daily`, and when all of it runs.

use std::sync::Arc;

use async_trait::async_trait;
use db::Tx;
use domain::ids::OrganizationId;
use domain::time::{DAY, HOUR, MINUTE};
use engine::{Ctx, Failure, Schedule, Workflow};
use serde_json::{Value, json};

use super::{BACKUP, REMIND, RETAIN, TRENDS};

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
