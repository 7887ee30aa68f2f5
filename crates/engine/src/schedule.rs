//! Runs by the calendar: cron expressions in a time zone.

use std::str::FromStr as _;

use chrono::{DateTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use croner::Cron;
use db::{Db, Error, Row, Tx, args};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::ctx::derived;
use crate::{Event, Failure, Start, emit_in, sql, start_in};

/// Emitted, with the schedule's name as the key and `{"at": milliseconds}`, when an occurrence
/// was noticed later than its grace: somebody should decide.
pub const SCHEDULE_MISSED: &str = "schedule_missed";

/// A run that is started again and again.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Its name; setting the same name again replaces it.
    pub name: String,
    /// The workflow.
    pub workflow: String,
    /// Its revision.
    pub revision: u32,
    /// Whose runs they are.
    pub organization: Option<Uuid>,
    /// What they are about.
    pub subject: Option<String>,
    /// What they get.
    pub input: Value,
    /// Five fields (or six, with seconds first) or `@daily` and the like. A fixed time that
    /// falls into the gap of a clock change happens right after the gap; one that comes twice
    /// happens once.
    pub cron: String,
    /// IANA time zone.
    pub zone: String,
    /// An occurrence that is at most so late, in milliseconds, is started; of several only the
    /// last. A later one is *missed*: recorded, told by an event, not started.
    pub grace_ms: i64,
    /// Whether it does anything.
    pub enabled: bool,
}

/// A schedule as stored.
#[derive(Clone, Debug, Serialize)]
pub struct ScheduleView {
    /// See [`Schedule`].
    pub name: String,
    /// See [`Schedule`].
    pub workflow: String,
    /// See [`Schedule`].
    pub cron: String,
    /// See [`Schedule`].
    pub zone: String,
    /// See [`Schedule`].
    pub enabled: bool,
    /// The next occurrence, milliseconds UTC.
    pub next_at: Option<i64>,
    /// The last occurrence that was started.
    pub last_at: Option<i64>,
    /// The last occurrence that was missed.
    pub missed_at: Option<i64>,
}

/// Sets a schedule. `invalid_cron` or `unknown_zone` when it cannot be understood.
pub async fn schedule_in(tx: &mut Tx<'_>, schedule: &Schedule, now: i64) -> Result<(), Failure> {
    let calendar = Calendar::of(&schedule.cron, &schedule.zone)?;
    let next = if schedule.enabled {
        calendar.after(now)
    } else {
        None
    };
    tx.execute(
        sql::SCHEDULE_UPSERT,
        args![
            &schedule.name,
            &schedule.workflow,
            schedule.revision,
            schedule.organization,
            schedule.subject.clone(),
            schedule.input.to_string(),
            &schedule.cron,
            &schedule.zone,
            schedule.grace_ms,
            schedule.enabled,
            next
        ],
    )
    .await?;
    Ok(())
}

/// Removes a schedule; `false` when there was none.
pub async fn unschedule_in(tx: &mut Tx<'_>, name: &str) -> Result<bool, Error> {
    Ok(tx.execute(sql::SCHEDULE_DELETE, args![name]).await? > 0)
}

/// All schedules by name.
pub async fn schedules(tx: &mut Tx<'_>) -> Result<Vec<ScheduleView>, Error> {
    let rows = tx.rows(sql::SCHEDULE_LIST, args![]).await?;
    rows.iter()
        .map(|r| {
            Ok(ScheduleView {
                name: r.get("name")?,
                workflow: r.get("workflow")?,
                cron: r.get("cron")?,
                zone: r.get("zone")?,
                enabled: r.get("enabled")?,
                next_at: r.get("next_at")?,
                last_at: r.get("last_at")?,
                missed_at: r.get("missed_at")?,
            })
        })
        .collect()
}

/// Starts what is due.
pub(crate) async fn fire(db: &Db, now: i64) -> Result<(), Error> {
    db.write(move |tx| {
        Box::pin(async move {
            for row in tx
                .rows(sql::SCHEDULE_DUE.on(tx.dialect()), args![now])
                .await?
            {
                fire_one(tx, &row, now).await?;
            }
            Ok(())
        })
    })
    .await
}

async fn fire_one(tx: &mut Tx<'_>, row: &Row, now: i64) -> Result<(), Error> {
    let name: String = row.get("name")?;
    let planned: i64 = row.get("next_at")?;
    let Ok(calendar) = Calendar::of(&row.get::<String>("cron")?, &row.get::<String>("zone")?)
    else {
        // It was understood when it was set; a program that no longer does leaves it alone.
        tracing::warn!(name, "a schedule is not understood any more");
        tx.execute(
            sql::SCHEDULE_MOVE,
            args![&name, None::<i64>, None::<i64>, None::<i64>],
        )
        .await?;
        return Ok(());
    };
    let last = calendar.last_until(now).unwrap_or(planned).max(planned);
    let late = now - last > row.get::<i64>("grace_ms")?;
    if late {
        let mut event = Event::new(SCHEDULE_MISSED, &name, json!({ "at": last }), now);
        event.dedupe = Some(last.to_string());
        emit_in(tx, &event).await?;
    } else {
        let key = format!("schedule\u{1f}{name}\u{1f}{last}");
        let input: String = row.get("input")?;
        let input = serde_json::from_str(&input).unwrap_or(Value::Null);
        let workflow: String = row.get("workflow")?;
        let mut start = Start::new(
            derived(Uuid::nil(), &key),
            &workflow,
            row.get("revision")?,
            input,
            now,
        );
        start.organization = row.get("organization")?;
        start.subject = row.get("subject")?;
        start.key = Some(key);
        start_in(tx, &start).await?;
    }
    let (ran, missed) = if late {
        (None, Some(last))
    } else {
        (Some(last), None)
    };
    tx.execute(
        sql::SCHEDULE_MOVE,
        args![&name, calendar.after(now), ran, missed],
    )
    .await?;
    Ok(())
}

/// A cron expression in its zone.
struct Calendar {
    cron: Cron,
    zone: Tz,
}

impl Calendar {
    fn of(cron: &str, zone: &str) -> Result<Calendar, Failure> {
        Ok(Calendar {
            cron: Cron::from_str(cron)
                .map_err(|e| Failure::fatal("invalid_cron", format!("{cron}: {e}")))?,
            zone: zone
                .parse()
                .map_err(|_| Failure::fatal("unknown_zone", format!("{zone} is no time zone")))?,
        })
    }

    fn local(&self, at: i64) -> Option<DateTime<Tz>> {
        let utc: DateTime<Utc> = Utc.timestamp_millis_opt(at).single()?;
        Some(utc.with_timezone(&self.zone))
    }

    fn after(&self, at: i64) -> Option<i64> {
        let next = self
            .cron
            .find_next_occurrence(&self.local(at)?, false)
            .ok()?;
        Some(next.timestamp_millis())
    }

    fn last_until(&self, at: i64) -> Option<i64> {
        let last = self
            .cron
            .find_previous_occurrence(&self.local(at)?, true)
            .ok()?;
        Some(last.timestamp_millis())
    }
}
