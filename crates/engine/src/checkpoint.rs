//! Storing what runs have done: rows of many runs in one set-based write, each accepted only
//! from the run's present owner.

use std::collections::{BTreeMap, BTreeSet};

use db::{BoxFuture, Dialect, Error, Merge, Row, Tx, args};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{cancel, event, sql};

/// What a step is. A step of another kind under the same name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Run,
    Tx,
    Effect,
    Sleep,
    Event,
    Invoke,
    Failure,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Kind::Run => "run",
            Kind::Tx => "tx",
            Kind::Effect => "effect",
            Kind::Sleep => "sleep",
            Kind::Event => "event",
            Kind::Invoke => "invoke",
            Kind::Failure => "failure",
        }
    }

    fn parse(text: &str) -> Result<Kind, Error> {
        [
            Kind::Run,
            Kind::Tx,
            Kind::Effect,
            Kind::Sleep,
            Kind::Event,
            Kind::Invoke,
            Kind::Failure,
        ]
        .into_iter()
        .find(|k| k.as_str() == text)
        .ok_or_else(|| Error::Decode(format!("step kind {text}")))
    }
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Done,
    Failed,
    Retrying,
    Waiting,
    InFlight,
}

impl State {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            State::Done => "done",
            State::Failed => "failed",
            State::Retrying => "retrying",
            State::Waiting => "waiting",
            State::InFlight => "in_flight",
        }
    }

    fn parse(text: &str) -> Result<State, Error> {
        [
            State::Done,
            State::Failed,
            State::Retrying,
            State::Waiting,
            State::InFlight,
        ]
        .into_iter()
        .find(|k| k.as_str() == text)
        .ok_or_else(|| Error::Decode(format!("step state {text}")))
    }
}

/// A journaled step.
#[derive(Clone, Debug)]
pub(crate) struct StepRow {
    pub name: String,
    pub nth: i64,
    pub place: i64,
    pub kind: Kind,
    pub state: State,
    pub attempts: u32,
    pub output: Option<String>,
    pub error: Option<(String, String)>,
    pub due: Option<i64>,
    pub event: Option<i64>,
    pub started_at: i64,
    pub ended_at: Option<i64>,
}

impl StepRow {
    pub(crate) fn read(row: &Row) -> Result<(Uuid, StepRow), Error> {
        let code: Option<String> = row.get("error_code")?;
        let message: Option<String> = row.get("error_message")?;
        let step = StepRow {
            name: row.get("name")?,
            nth: row.get("nth")?,
            place: row.get("place")?,
            kind: Kind::parse(&row.get::<String>("kind")?)?,
            state: State::parse(&row.get::<String>("state")?)?,
            attempts: row.get("attempts")?,
            output: row.get("output")?,
            error: code.map(|c| (c, message.unwrap_or_default())),
            due: row.get("due")?,
            event: row.get("event")?,
            started_at: row.get("started_at")?,
            ended_at: None,
        };
        Ok((row.get("run")?, step))
    }

    fn json(&self, run: Uuid, epoch: i64) -> Value {
        json!({
            "r": run.simple().to_string(), "e": epoch, "n": self.name, "i": self.nth,
            "p": self.place, "k": self.kind.as_str(), "s": self.state.as_str(),
            "a": self.attempts, "o": self.output,
            "c": self.error.as_ref().map(|e| &e.0), "m": self.error.as_ref().map(|e| &e.1),
            "d": self.due, "v": self.event, "b": self.started_at, "f": self.ended_at,
        })
    }
}

/// How a slice ends.
#[derive(Clone, Debug)]
pub(crate) struct End {
    /// `waiting`, `done` or `failed`.
    pub state: &'static str,
    pub wake_at: Option<i64>,
    pub output: Option<String>,
    pub error: Option<(String, String)>,
    /// The count of wake-ups that the slice knew of.
    pub signals: i64,
    /// Events waited for.
    pub waits: Vec<(String, String)>,
    /// Whether rows of waits may be there.
    pub had_waits: bool,
    pub concurrency: Option<String>,
    pub parent: Option<Uuid>,
    pub now: i64,
}

impl End {
    fn is_final(&self) -> bool {
        self.state != "waiting"
    }
}

/// What one run wants stored.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoint {
    pub run: Uuid,
    pub epoch: i64,
    pub steps: Vec<StepRow>,
    pub end: Option<End>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// False: somebody else owns the run by now, or it was cancelled. Nothing was stored.
    pub stored: bool,
    /// When the parked run wants to go on.
    pub wake_at: Option<i64>,
}

impl Merge for Checkpoint {
    type Answer = Accepted;

    fn write<'a>(
        items: &'a [Self],
        tx: &'a mut Tx<'_>,
    ) -> BoxFuture<'a, Result<Vec<Accepted>, Error>> {
        Box::pin(write(items, tx))
    }

    fn is_one_statement(items: &[Self]) -> bool {
        items.iter().all(|c| c.end.is_none())
    }
}

/// Stores steps; answers the runs that were accepted.
pub(crate) async fn store_steps(
    tx: &mut Tx<'_>,
    steps: Vec<Value>,
) -> Result<BTreeSet<Uuid>, Error> {
    let rows = tx
        .rows(
            sql::CHECKPOINT.on(tx.dialect()),
            args![Value::from(steps).to_string()],
        )
        .await?;
    rows.iter().map(|r| r.get("run")).collect()
}

/// Steps of one run, inside a transaction that does more.
pub(crate) async fn store_own<'s>(
    tx: &mut Tx<'_>,
    run: Uuid,
    epoch: i64,
    steps: impl Iterator<Item = &'s StepRow>,
) -> Result<bool, Error> {
    let steps = steps.map(|s| s.json(run, epoch)).collect();
    Ok(!store_steps(tx, steps).await?.is_empty())
}

async fn write(items: &[Checkpoint], tx: &mut Tx<'_>) -> Result<Vec<Accepted>, Error> {
    let ends: Vec<(&Checkpoint, &End)> = items
        .iter()
        .filter_map(|c| c.end.as_ref().map(|e| (c, e)))
        .collect();
    lock(tx, &ends).await?;
    let steps: Vec<Value> = items
        .iter()
        .flat_map(|c| c.steps.iter().map(|s| s.json(c.run, c.epoch)))
        .collect();
    let kept = if steps.is_empty() {
        BTreeSet::new()
    } else {
        store_steps(tx, steps).await?
    };
    let mut ended = BTreeMap::new();
    if !ends.is_empty() {
        ended = store_ends(tx, &ends).await?;
    }
    Ok(items
        .iter()
        .map(|c| match c.end {
            Some(_) => Accepted {
                stored: ended.contains_key(&c.run),
                wake_at: ended.get(&c.run).copied().flatten(),
            },
            None => Accepted {
                stored: kept.contains(&c.run),
                wake_at: None,
            },
        })
        .collect())
}

/// Names before rows: the order in which everybody locks.
async fn lock(tx: &mut Tx<'_>, ends: &[(&Checkpoint, &End)]) -> Result<(), Error> {
    if tx.dialect() == Dialect::Sqlite {
        return Ok(());
    }
    let mut names = Vec::new();
    for (_, end) in ends {
        names.extend(end.waits.iter().map(|(n, k)| event::lock_name(n, k)));
        names.extend(end.concurrency.iter().map(|k| cancel::concurrency_lock(k)));
    }
    event::lock(tx, &names).await
}

async fn store_ends(
    tx: &mut Tx<'_>,
    ends: &[(&Checkpoint, &End)],
) -> Result<BTreeMap<Uuid, Option<i64>>, Error> {
    let rows: Vec<Value> = ends
        .iter()
        .map(|(c, e)| {
            json!({
                "r": c.run.simple().to_string(), "e": c.epoch, "s": e.state, "w": e.wake_at,
                "g": e.signals, "o": e.output, "c": e.error.as_ref().map(|x| &x.0),
                "m": e.error.as_ref().map(|x| &x.1),
                "f": e.is_final().then_some(e.now), "t": e.now,
            })
        })
        .collect();
    let mut stored: BTreeMap<Uuid, Option<i64>> = BTreeMap::new();
    for row in tx
        .rows(
            sql::END.on(tx.dialect()),
            args![Value::from(rows).to_string()],
        )
        .await?
    {
        stored.insert(row.get("id")?, row.get("wake_at")?);
    }
    let ends: Vec<_> = ends
        .iter()
        .filter(|(c, _)| stored.contains_key(&c.run))
        .collect();
    let waited: Vec<Value> = ends
        .iter()
        .filter(|(_, e)| e.had_waits)
        .map(|(c, _)| Value::from(c.run.simple().to_string()))
        .collect();
    if !waited.is_empty() {
        let over: Vec<Value> = ends
            .iter()
            .filter(|(_, e)| e.is_final())
            .map(|(c, _)| Value::from(c.run.simple().to_string()))
            .collect();
        tx.execute(
            sql::WAITS_DROP.on(tx.dialect()),
            args![
                Value::from(waited).to_string(),
                Value::from(over).to_string()
            ],
        )
        .await?;
    }
    let waits: Vec<Value> = ends
        .iter()
        .flat_map(|(c, e)| {
            let run = c.run.simple().to_string();
            e.waits
                .iter()
                .map(move |(n, k)| json!({"r": run, "n": n, "k": k}))
        })
        .collect();
    if !waits.is_empty() {
        buffer(tx, &ends, waits, &mut stored).await?;
    }
    for (_, end) in ends {
        if end.is_final()
            && let Some(parent) = end.parent
        {
            tx.execute(sql::RUN_SIGNAL, args![parent, end.now]).await?;
        }
        if let Some(key) = &end.concurrency {
            tx.execute(sql::QUEUE_RELEASE, args![key, end.now, 1_i64])
                .await?;
        }
    }
    Ok(stored)
}

/// Stores waits, and wakes at once those whose event has come before them.
async fn buffer(
    tx: &mut Tx<'_>,
    ends: &[&(&Checkpoint, &End)],
    waits: Vec<Value>,
    stored: &mut BTreeMap<Uuid, Option<i64>>,
) -> Result<(), Error> {
    let now = ends.iter().map(|(_, e)| e.now).max().unwrap_or_default();
    let waiting: Vec<Value> = ends
        .iter()
        .filter(|(_, e)| !e.waits.is_empty())
        .map(|(c, _)| Value::from(c.run.simple().to_string()))
        .collect();
    tx.execute(
        sql::WAITS_ADD.on(tx.dialect()),
        args![Value::from(waits).to_string()],
    )
    .await?;
    let woken = tx
        .rows(
            sql::BUFFERED.on(tx.dialect()),
            args![Value::from(waiting).to_string(), now],
        )
        .await?;
    for row in woken {
        stored.insert(row.get("id")?, Some(now));
    }
    Ok(())
}
