use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeZone as _, Utc};
use db::{Db, Error, testing};
use engine::{Failure, Filter, ManualClock, Options, Registry, Schedule, ScheduleView};
use serde_json::{Value, json};

use crate::support::{Flow, House, deed, deeds};

fn utc(day: (i32, u32, u32), hour: u32, minute: u32) -> i64 {
    Utc.with_ymd_and_hms(day.0, day.1, day.2, hour, minute, 0)
        .unwrap()
        .timestamp_millis()
}

fn daily(cron: &str, zone: &str) -> Schedule {
    Schedule {
        name: "backup".into(),
        workflow: "tick".into(),
        revision: 1,
        organization: None,
        subject: None,
        input: json!({}),
        cron: cron.into(),
        zone: zone.into(),
        grace_ms: 600_000,
        enabled: true,
    }
}

fn ticking() -> Registry {
    Registry::new().with(Flow::new("tick", |ctx, _| {
        Box::pin(async move {
            let at = ctx.created_at();
            ctx.step_tx("note", move |tx| {
                let text = Utc
                    .timestamp_millis_opt(at)
                    .unwrap()
                    .format("%m-%dT%H:%M")
                    .to_string();
                deed(tx, text)
            })
            .await?;
            Ok(Value::Null)
        })
    }))
}

async fn set(db: &Db, schedule: Schedule, now: i64) -> Result<(), Failure> {
    db.write(move |tx| {
        let schedule = schedule.clone();
        Box::pin(async move { engine::schedule_in(tx, &schedule, now).await })
    })
    .await
}

async fn view(db: &Db) -> ScheduleView {
    let all: Result<Vec<ScheduleView>, Error> = db
        .read(|tx| Box::pin(async move { engine::schedules(tx).await }))
        .await;
    all.unwrap().remove(0)
}

async fn house(db: &Db, now: i64) -> House {
    House::with(
        db,
        ticking(),
        Arc::new(ManualClock::at(now)),
        Options::default(),
    )
    .await
}

#[tokio::test]
async fn a_schedule_starts_a_run_at_each_of_its_times() {
    for db in testing::databases().await {
        let house = house(&db, utc((2026, 5, 1), 0, 0)).await;
        set(&db, daily("30 9 * * *", "UTC"), house.now())
            .await
            .unwrap();
        house.engine.nudge();
        assert_eq!(house.idle().await, Some(utc((2026, 5, 1), 9, 30)));
        for _ in 0..(3 * 24 * 4) {
            house.pass(Duration::from_secs(900)).await;
        }
        assert_eq!(
            deeds(&db).await,
            ["05-01T09:30", "05-02T09:30", "05-03T09:30"]
        );
        assert_eq!(view(&db).await.last_at, Some(utc((2026, 5, 3), 9, 30)));
    }
}

#[tokio::test]
async fn a_time_in_the_gap_of_a_clock_change_happens_after_it_and_once() {
    // Berlin, 2026-03-29: 02:00 becomes 03:00, so 02:30 does not exist; 03:00 there is 01:00 UTC.
    for db in testing::databases().await {
        let house = house(&db, utc((2026, 3, 28), 12, 0)).await;
        set(&db, daily("30 2 * * *", "Europe/Berlin"), house.now())
            .await
            .unwrap();
        for _ in 0..(48 * 12) {
            house.pass(Duration::from_secs(300)).await;
        }
        assert_eq!(deeds(&db).await, ["03-29T01:00", "03-30T00:30"]);
    }
}

#[tokio::test]
async fn a_time_that_comes_twice_happens_once() {
    // Berlin, 2026-10-25: 03:00 becomes 02:00, so 02:30 comes twice (00:30 and 01:30 UTC).
    for db in testing::databases().await {
        let house = house(&db, utc((2026, 10, 24), 12, 0)).await;
        set(&db, daily("30 2 * * *", "Europe/Berlin"), house.now())
            .await
            .unwrap();
        for _ in 0..(47 * 12) {
            house.pass(Duration::from_secs(300)).await;
        }
        assert_eq!(deeds(&db).await, ["10-25T00:30", "10-26T01:30"]);
    }
}

#[tokio::test]
async fn a_clock_set_back_starts_nothing_twice() {
    for db in testing::databases().await {
        let house = house(&db, utc((2026, 5, 1), 9, 0)).await;
        set(&db, daily("30 9 * * *", "UTC"), house.now())
            .await
            .unwrap();
        house.pass(Duration::from_secs(1800)).await;
        house.clock.jump(-3_600_000);
        for _ in 0..8 {
            house.pass(Duration::from_secs(600)).await;
        }
        assert_eq!(deeds(&db).await, ["05-01T09:30"]);
    }
}

#[tokio::test]
async fn an_occurrence_slept_through_runs_within_its_grace_and_is_missed_after_it() {
    for db in testing::databases().await {
        let house = house(&db, utc((2026, 5, 1), 9, 0)).await;
        set(&db, daily("30 9 * * *", "UTC"), house.now())
            .await
            .unwrap();
        house.clock.suspend(Duration::from_secs(35 * 60));
        house.pass(Duration::ZERO).await;
        assert_eq!(
            deeds(&db).await,
            ["05-01T09:35"],
            "five minutes late, ten are allowed"
        );
        house.clock.suspend(Duration::from_secs(3 * 86_400 + 3_600));
        house.pass(Duration::ZERO).await;
        assert_eq!(deeds(&db).await.len(), 1);
        let schedule = view(&db).await;
        assert_eq!(
            schedule.missed_at,
            Some(utc((2026, 5, 4), 9, 30)),
            "over an hour late: the last of three"
        );
        assert_eq!(schedule.next_at, Some(utc((2026, 5, 5), 9, 30)));
    }
}

#[tokio::test]
async fn two_engines_start_an_occurrence_once() {
    for db in testing::databases().await {
        let clock = Arc::new(ManualClock::at(utc((2026, 5, 1), 9, 0)));
        let a = House::with(&db, ticking(), clock.clone(), Options::default()).await;
        let b = House::with(&db, ticking(), clock.clone(), Options::default()).await;
        set(&db, daily("* * * * *", "UTC"), a.now()).await.unwrap();
        for _ in 0..20 {
            clock.advance(Duration::from_secs(60));
            a.engine.nudge();
            b.engine.nudge();
            tokio::join!(a.idle(), b.idle());
        }
        tokio::join!(a.idle(), b.idle());
        let runs = db
            .read(|tx| Box::pin(async move { engine::runs(tx, &Filter::default()).await }))
            .await
            .unwrap();
        assert_eq!(runs.len(), 20);
        assert_eq!(deeds(&db).await.len(), 20);
    }
}

#[tokio::test]
async fn a_schedule_that_cannot_be_understood_is_refused() {
    for db in testing::databases().await {
        let bad = set(&db, daily("every day", "UTC"), 0).await.unwrap_err();
        assert_eq!(bad.code, "invalid_cron");
        let bad = set(&db, daily("0 0 * * *", "Mars/Olympus"), 0)
            .await
            .unwrap_err();
        assert_eq!(bad.code, "unknown_zone");
    }
}
