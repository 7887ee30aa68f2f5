//! Holding runs back before their first step: throttle, rate limit, debounce, batch.
//!
//! Decided when a run would begin, from the table alone, so that a crash changes nothing. Runs of
//! one workflow and revision with the same [`Start::flow`](crate::Start::flow) count together;
//! a run without a key is not held back, and one that has begun is not any more.

use std::collections::BTreeMap;
use std::time::Duration;

use db::{Dialect, Error, Tx, args};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::claim::Candidate;
use crate::clock::millis;
use crate::{Policy, cancel, sql};

/// So many runs begin in any span of this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many; at least 1 is taken.
    pub most: u32,
    /// The length of the span.
    pub per: Duration,
}

impl Rate {
    fn most(self) -> usize {
        usize::try_from(self.most.max(1)).unwrap_or(usize::MAX)
    }
}

/// Several starts become one run. The others end as `cancelled` with the code `debounced` or
/// `batched`, and say who took them along. Spans count from when a run was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gather {
    /// The newest runs, once none has come for a while.
    Debounce {
        /// The while.
        quiet: Duration,
        /// So long after the oldest it runs all the same.
        longest: Duration,
    },
    /// The oldest runs, with the inputs of all as a list, oldest first.
    Batch {
        /// As soon as there are so many, at least 1.
        size: u32,
        /// So long after the oldest with those that there are.
        within: Duration,
    },
}

/// The order of runs that are due at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    /// When nothing else is due.
    Low,
    /// In the order in which they became due.
    #[default]
    Normal,
    /// Before the others.
    High,
}

impl Priority {
    /// Highest first, as in the table.
    pub(crate) const LEVELS: [i64; 3] = [1, 0, -1];

    pub(crate) fn level(self) -> i64 {
        match self {
            Priority::Low => -1,
            Priority::Normal => 0,
            Priority::High => 1,
        }
    }
}

/// Whose runs count together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    workflow: String,
    revision: u32,
    flow: String,
}

impl Key {
    /// None when nothing holds it back.
    fn of(candidate: &Candidate) -> Option<Key> {
        let policy = &candidate.policy;
        let held =
            policy.throttle.is_some() || policy.rate_limit.is_some() || policy.gather.is_some();
        let flow = candidate.flow.clone().filter(|_| held && candidate.fresh)?;
        Some(Key {
            workflow: candidate.workflow.clone(),
            revision: candidate.revision,
            flow,
        })
    }

    fn lock(&self) -> String {
        let Key {
            workflow,
            revision,
            flow,
        } = self;
        format!("flow\u{1f}{workflow}\u{1f}{revision}\u{1f}{flow}")
    }
}

/// Those who may begin now.
pub(crate) struct Passed {
    pub candidates: Vec<Candidate>,
    /// Due, but another worker decides about them at the moment.
    pub contended: usize,
}

/// Holds back who has to wait, ends who is taken along or too many.
pub(crate) async fn pass(
    tx: &mut Tx<'_>,
    candidates: Vec<Candidate>,
    now: i64,
) -> Result<Passed, Error> {
    let mut held: BTreeMap<Key, Vec<Candidate>> = BTreeMap::new();
    let mut passed = Passed {
        candidates: Vec::new(),
        contended: 0,
    };
    for candidate in candidates {
        match Key::of(&candidate) {
            Some(key) => held.entry(key).or_default().push(candidate),
            None => passed.candidates.push(candidate),
        }
    }
    for (key, due) in held {
        if locked(tx, &key).await? {
            let begin = decided(tx, &key, due, now).await?;
            passed.candidates.extend(begin);
        } else {
            passed.contended += due.len();
        }
    }
    Ok(passed)
}

/// To wait for another worker here could be a deadlock: it may want rows that we hold.
async fn locked(tx: &mut Tx<'_>, key: &Key) -> Result<bool, Error> {
    if tx.dialect() == Dialect::Sqlite {
        return Ok(true);
    }
    let row = tx.row(sql::TRY_LOCK.postgres, args![key.lock()]).await?;
    row.map_or(Ok(false), |r| r.get("locked"))
}

async fn decided(
    tx: &mut Tx<'_>,
    key: &Key,
    due: Vec<Candidate>,
    now: i64,
) -> Result<Vec<Candidate>, Error> {
    let Some(policy) = due.first().map(|c| c.policy.clone()) else {
        return Ok(due);
    };
    let mut begin = due;
    if let Some(gather) = policy.gather {
        begin.retain(|c| c.gathered);
        let fresh = members(tx, key, &policy, now).await?;
        begin.extend(match gather {
            Gather::Debounce { quiet, longest } => {
                debounced(tx, fresh, millis(quiet), millis(longest), now).await?
            }
            Gather::Batch { size, within } => {
                batched(tx, fresh, size.max(1), millis(within), now).await?
            }
        });
    }
    if let Some(rate) = policy.rate_limit {
        let free = rate.most() - begun(tx, key, rate, now).await?.len();
        for candidate in begin.split_off(free.min(begin.len())) {
            let why = format!("at most {} begin in {:?}", rate.most(), rate.per);
            cancel::end_in(tx, candidate.id, "rate_limited", &why, now).await?;
        }
    }
    if let Some(rate) = policy.throttle {
        begin = throttled(tx, key, rate, begin, now).await?;
    }
    Ok(begin)
}

/// Those that have come and are not gathered yet, oldest first.
async fn members(
    tx: &mut Tx<'_>,
    key: &Key,
    policy: &Policy,
    now: i64,
) -> Result<Vec<Candidate>, Error> {
    let rows = tx
        .rows(
            sql::FLOW_FRESH,
            args![&key.workflow, key.revision, &key.flow, now],
        )
        .await?;
    rows.iter()
        .map(|row| Candidate::read(row, policy.clone()))
        .collect()
}

async fn debounced(
    tx: &mut Tx<'_>,
    mut fresh: Vec<Candidate>,
    quiet: i64,
    longest: i64,
    now: i64,
) -> Result<Vec<Candidate>, Error> {
    let Some(newest) = fresh.pop() else {
        return Ok(fresh);
    };
    let oldest = fresh.first().unwrap_or(&newest).created_at;
    let at = newest
        .created_at
        .saturating_add(quiet)
        .min(oldest.saturating_add(longest));
    if at <= now {
        let starts = fresh.len() + 1;
        take_along(tx, &fresh, "debounced", newest.id, now).await?;
        gather(tx, newest.id, starts, &newest.input).await?;
        return Ok(vec![newest]);
    }
    // The oldest stays, because it says when the others came first.
    if fresh.len() > 1 {
        take_along(tx, &fresh.split_off(1), "debounced", newest.id, now).await?;
    }
    fresh.push(newest);
    hold(tx, fresh.iter().map(|c| (c.id, at))).await?;
    Ok(Vec::new())
}

async fn batched(
    tx: &mut Tx<'_>,
    fresh: Vec<Candidate>,
    size: u32,
    within: i64,
    now: i64,
) -> Result<Vec<Candidate>, Error> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut begin = Vec::new();
    let mut rest = fresh.as_slice();
    while let Some((oldest, _)) = rest.split_first()
        && (rest.len() >= size || oldest.created_at.saturating_add(within) <= now)
    {
        let (batch, later) = rest.split_at(size.min(rest.len()));
        take_along(tx, &batch[1..], "batched", oldest.id, now).await?;
        let inputs: Vec<Value> = batch
            .iter()
            .map(|c| serde_json::from_str(&c.input).unwrap_or(Value::Null))
            .collect();
        gather(tx, oldest.id, batch.len(), &Value::from(inputs).to_string()).await?;
        begin.push(oldest.clone());
        rest = later;
    }
    let held = rest
        .iter()
        .map(|c| (c.id, c.created_at.saturating_add(within)));
    hold(tx, held).await?;
    Ok(begin)
}

/// Lets as many pass as the span has room for; the others wait, each for its own place.
async fn throttled(
    tx: &mut Tx<'_>,
    key: &Key,
    rate: Rate,
    mut begin: Vec<Candidate>,
    now: i64,
) -> Result<Vec<Candidate>, Error> {
    let per = millis(rate.per);
    let mut begun = begun(tx, key, rate, now).await?;
    let free = rate.most() - begun.len();
    let waiting = begin.split_off(free.min(begin.len()));
    begun.extend(begin.iter().map(|_| now));
    let held: Vec<(Uuid, i64)> = waiting
        .iter()
        .enumerate()
        .map(|(place, c)| {
            let turns = i64::try_from(place / rate.most()).unwrap_or(i64::MAX);
            let before = begun[place % rate.most()];
            let at = before.saturating_add(per.saturating_mul(turns.saturating_add(1)));
            (c.id, at)
        })
        .collect();
    hold(tx, held.into_iter()).await?;
    Ok(begin)
}

/// When runs began within the span that ends now; at most as many as may, oldest first.
async fn begun(tx: &mut Tx<'_>, key: &Key, rate: Rate, now: i64) -> Result<Vec<i64>, Error> {
    let since = now.saturating_sub(millis(rate.per));
    let rows = tx
        .rows(
            sql::FLOW_BEGUN,
            args![
                &key.workflow,
                key.revision,
                &key.flow,
                since,
                rate.most.max(1)
            ],
        )
        .await?;
    rows.iter().rev().map(|r| r.get("started_at")).collect()
}

/// They wait until an instant.
async fn hold(
    tx: &mut Tx<'_>,
    runs: impl Iterator<Item = (Uuid, i64)> + Send,
) -> Result<(), Error> {
    let rows: Vec<Value> = runs
        .map(|(id, at)| json!({"r": id.simple().to_string(), "w": at}))
        .collect();
    if !rows.is_empty() {
        let rows = Value::from(rows).to_string();
        tx.execute(sql::HOLD.on(tx.dialect()), args![rows]).await?;
    }
    Ok(())
}

async fn gather(tx: &mut Tx<'_>, run: Uuid, starts: usize, input: &str) -> Result<(), Error> {
    let starts = i64::try_from(starts).unwrap_or(i64::MAX);
    tx.execute(sql::GATHER, args![run, starts, input]).await?;
    Ok(())
}

async fn take_along(
    tx: &mut Tx<'_>,
    runs: &[Candidate],
    code: &str,
    by: Uuid,
    now: i64,
) -> Result<(), Error> {
    for run in runs {
        cancel::end_in(tx, run.id, code, &format!("taken along by run {by}"), now).await?;
    }
    Ok(())
}
