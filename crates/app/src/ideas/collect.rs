//! Reading one source, and keeping what it brought.

use std::time::Duration;

use assistant::language::language_of_many;
use db::Tx;
use domain::ids::{OrganizationId, SourceId};
use domain::source::{SourceHealth, SourceTrouble};
use domain::time::{DAY, HOUR, MINUTE};
use domain::{Hash, Instant};
use engine::Failure;
use networks::sources::{Answered, Ask, Reading, SourceError};
use protocol::Tag;
use serde::{Deserialize, Serialize};
use store::signal::Signal;
use store::source::{Source, State};

use super::{Collector, KEEP_SIGNALS};
use crate::Error;
use crate::apply::Work;
use crate::core::new_id;
use crate::publish::{Publisher, failure};

/// The time between two readings.
const EVERY: i64 = HOUR;
/// The longest time between two, whatever the source asks for.
const AT_LEAST_EVERY: i64 = DAY;
/// The wait after the first failure; it doubles with each.
const BACK_OFF: i64 = 15 * MINUTE;
/// The wait where a robots.txt keeps us away.
const AFTER_ROBOTS: i64 = DAY;
/// A server that asks for a longer pause gets this one.
const LONGEST_PAUSE: i64 = 7 * DAY;
/// What is looked at to tell the language of a source that does not say it.
const TEXTS: usize = 40;

/// What came of looking at a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "came", rename_all = "snake_case")]
pub(crate) enum Collected {
    /// It is followed no more.
    Over,
    /// To be read again then; never, where only a person can mend it.
    Until {
        /// When.
        next: Option<Instant>,
        /// New items.
        new: u32,
    },
}

/// Reads a source when it is its time, and keeps what it brought. Done twice it brings the same.
pub(crate) async fn collect(
    publisher: &Publisher,
    collector: &Collector,
    organization: OrganizationId,
    id: SourceId,
) -> Result<Collected, Failure> {
    let known: Result<Option<Source>, Error> = publisher
        .db
        .read(move |tx| {
            Box::pin(async move { Ok(store::source::get(tx, organization, id).await?) })
        })
        .await;
    let Some(source) = known.map_err(failure)? else {
        return Ok(Collected::Over);
    };
    let now = publisher.now();
    let due = match source.state.health {
        SourceHealth::Stopped => source.state.next_at.is_some_and(|at| at <= now),
        _ => source.state.next_at.is_none_or(|at| at <= now),
    };
    if !due {
        return Ok(Collected::Until {
            next: source.state.next_at,
            new: 0,
        });
    }
    let asked = collector.sources.read(Ask {
        feed: &source.source.feed,
        etag: source.state.etag.as_deref(),
        last_modified: source.state.last_modified.as_deref(),
        now,
    });
    let (state, reading) = match asked.await {
        Ok(Answered::Unchanged) => (unchanged(&source.state, now), None),
        Ok(Answered::Read(reading)) => (read(&source.state, &reading, now), Some(*reading)),
        Err(error) => (failed(&source.state, &error, now), None),
    };
    let next = state.next_at;
    let new = keep(publisher, organization, &source, state, reading)
        .await
        .map_err(failure)?;
    Ok(match new {
        Some(new) => Collected::Until { next, new },
        None => Collected::Over,
    })
}

fn unchanged(before: &State, now: Instant) -> State {
    State {
        health: SourceHealth::Fine,
        trouble: before.trouble.filter(|t| t.is_harmless()),
        words: None,
        failures: 0,
        read_at: Some(now),
        next_at: Some(now.plus(EVERY)),
        ..before.clone()
    }
}

fn read(before: &State, reading: &Reading, now: Instant) -> State {
    let texts = reading.items.iter().take(TEXTS).map(|i| i.title.as_str());
    let language = reading
        .language
        .clone()
        .or_else(|| before.language.clone())
        .or_else(|| language_of_many(texts, &[]).map(|l| l.code().to_owned()));
    State {
        title: match reading.title.as_str() {
            "" => before.title.clone(),
            title => title.to_owned(),
        },
        language,
        health: SourceHealth::Fine,
        trouble: reading.charset_wrong.then_some(SourceTrouble::Charset),
        words: None,
        failures: 0,
        etag: reading.etag.clone(),
        last_modified: reading.last_modified.clone(),
        read_at: Some(now),
        next_at: Some(now.plus(reading.every.map_or(0, ms).clamp(EVERY, AT_LEAST_EVERY))),
    }
}

fn failed(before: &State, error: &SourceError, now: Instant) -> State {
    let failures = before.failures.saturating_add(1);
    let doubled = BACK_OFF << failures.saturating_sub(1).min(10);
    let wait = match error.trouble {
        SourceTrouble::Robots => AFTER_ROBOTS,
        _ => doubled.min(AT_LEAST_EVERY),
    };
    let asked = error.retry_after.map_or(0, ms).min(LONGEST_PAUSE);
    let gone = error.trouble == SourceTrouble::Gone;
    State {
        health: match gone {
            true => SourceHealth::Stopped,
            false => SourceHealth::Trouble,
        },
        trouble: Some(error.trouble),
        words: Some(error.words.clone()),
        failures,
        read_at: Some(now),
        next_at: (!gone).then(|| now.plus(wait.max(asked))),
        ..before.clone()
    }
}

fn ms(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// Writes what was read; answers how many items are new, or nothing where the source is gone or
/// reads something else by now.
async fn keep(
    publisher: &Publisher,
    organization: OrganizationId,
    source: &Source,
    state: State,
    reading: Option<Reading>,
) -> Result<Option<u32>, Error> {
    let (id, feed) = (source.id, source.source.feed.clone());
    let items = reading.map(|r| r.items).unwrap_or_default();
    let at = publisher.now();
    let ctx = publisher.ctx(organization, new_id());
    let kept = publisher
        .db
        .write(move |tx| {
            let (state, items, feed) = (state.clone(), items.clone(), feed.clone());
            let ctx = ctx.clone();
            Box::pin(async move {
                let mut work = Work::begin(tx, &ctx).await?;
                let known = store::source::get(work.tx, organization, id).await?;
                if known.is_none_or(|now| now.source.feed != feed) {
                    return Ok::<_, Error>(None);
                }
                store::source::stand(work.tx, organization, id, &state).await?;
                work.changed("source", id).await?;
                work.tag(Tag::Sources);
                let mut new = 0;
                for item in items {
                    if at.since(item.published_at) >= KEEP_SIGNALS {
                        continue;
                    }
                    let signal = Signal {
                        source: id,
                        item: item.key,
                        url: item.url,
                        title: item.title,
                        text: item.text,
                        language: item.language,
                        published_at: item.published_at,
                        fetched_at: at,
                    };
                    new += u32::from(is_new(work.tx, organization, &signal).await?);
                }
                Ok(Some((new, work.finish().await?)))
            })
        })
        .await?;
    Ok(kept.map(|(new, effects)| {
        publisher.tell(effects);
        new
    }))
}

async fn is_new(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    signal: &Signal,
) -> Result<bool, Error> {
    Ok(store::signal::insert(tx, organization, signal).await?)
}

/// What names an item in what it is about.
pub(super) fn name_of(source: SourceId, item: Hash) -> String {
    format!("{source}:{}", item.short())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant(1_795_424_400_000);

    fn error(trouble: SourceTrouble, retry_after: Option<u64>) -> SourceError {
        SourceError {
            trouble,
            words: "words".into(),
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    #[test]
    fn failures_double_the_wait_up_to_a_day_and_a_success_ends_that() {
        let mut state = State::default();
        let mut waits = Vec::new();
        for _ in 0..10 {
            state = failed(&state, &error(SourceTrouble::Unreachable, None), NOW);
            waits.push(state.next_at.unwrap().since(NOW) / MINUTE);
        }
        assert_eq!(waits[..4], [15, 30, 60, 120]);
        assert_eq!(waits[9], 24 * 60);
        assert_eq!(state.health, SourceHealth::Trouble);
        let state = unchanged(&state, NOW);
        assert_eq!((state.failures, state.health), (0, SourceHealth::Fine));
        assert_eq!(state.next_at, Some(NOW.plus(HOUR)));
    }

    #[test]
    fn a_server_that_asks_for_a_pause_gets_it_but_not_for_ever() {
        let wait = |seconds| {
            let error = error(SourceTrouble::Throttled, Some(seconds));
            failed(&State::default(), &error, NOW)
                .next_at
                .unwrap()
                .since(NOW)
        };
        assert_eq!(wait(1), 15 * MINUTE);
        assert_eq!(wait(7_200), 2 * HOUR);
        assert_eq!(wait(u64::MAX), 7 * DAY);
    }

    #[test]
    fn what_is_gone_is_not_asked_again() {
        let state = failed(&State::default(), &error(SourceTrouble::Gone, None), NOW);
        assert_eq!((state.health, state.next_at), (SourceHealth::Stopped, None));
    }

    #[test]
    fn a_source_says_how_often_it_wants_to_be_read_within_reason() {
        let next = |minutes: u64| {
            let reading = Reading {
                every: Some(Duration::from_secs(60 * minutes)),
                ..Reading::default()
            };
            read(&State::default(), &reading, NOW)
                .next_at
                .unwrap()
                .since(NOW)
                / MINUTE
        };
        assert_eq!((next(1), next(240), next(100_000)), (60, 240, 24 * 60));
    }
}
