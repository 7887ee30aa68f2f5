//! Taking due runs over: a lease with a new epoch, so that a former owner can store nothing.

use std::collections::BTreeMap;

use db::{Db, Error, Row, Tx, args};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::checkpoint::StepRow;
use crate::flow::{self, Priority};
use crate::{Policy, Registry, cancel, event, sql};

/// A run that is ours until its lease ends.
#[derive(Clone, Debug)]
pub(crate) struct Claimed {
    pub id: Uuid,
    pub workflow: String,
    pub revision: u32,
    pub organization: Option<Uuid>,
    pub subject: Option<String>,
    pub input: String,
    pub epoch: i64,
    pub signals: i64,
    pub parent: Option<Uuid>,
    pub concurrency: Option<String>,
    pub created_at: i64,
    pub started_at: i64,
    pub had_waits: bool,
    pub steps: Vec<StepRow>,
}

/// How to claim.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub owner: Uuid,
    pub now: i64,
    pub lease_until: i64,
    pub most: usize,
}

/// What a claim found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken {
    pub runs: Vec<Claimed>,
    /// How many due runs were decided about; as many as asked for means that there may be more.
    pub seen: usize,
}

pub(crate) async fn claim(db: &Db, registry: &Registry, terms: Terms) -> Result<Taken, Error> {
    let registry = registry.clone();
    let known = registry.as_json();
    db.write(move |tx| {
        let registry = registry.clone();
        let known = known.clone();
        let terms = terms.clone();
        Box::pin(async move { claim_in(tx, &registry, known, &terms).await })
    })
    .await
}

/// A run that is due.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub id: Uuid,
    pub workflow: String,
    pub revision: u32,
    pub concurrency: Option<String>,
    pub flow: Option<String>,
    /// It has never been executed.
    pub fresh: bool,
    /// Others have been taken along.
    pub gathered: bool,
    pub created_at: i64,
    pub input: String,
    pub policy: Policy,
}

impl Candidate {
    pub(crate) fn read(row: &Row, policy: Policy) -> Result<Candidate, Error> {
        Ok(Candidate {
            id: row.get("id")?,
            workflow: row.get("workflow")?,
            revision: row.get("revision")?,
            concurrency: row.get("concurrency")?,
            flow: row.get("flow")?,
            fresh: row.get::<Option<i64>>("started_at")?.is_none(),
            gathered: row.get::<i64>("gathered")? > 0,
            created_at: row.get("created_at")?,
            input: row.get("input")?,
            policy,
        })
    }
}

/// What is due, by priority.
async fn due(
    tx: &mut Tx<'_>,
    registry: &Registry,
    known: String,
    terms: &Terms,
) -> Result<Vec<Candidate>, Error> {
    let mut due = Vec::new();
    for level in Priority::LEVELS {
        let room = i64::try_from(terms.most - due.len()).unwrap_or(i64::MAX);
        if room == 0 {
            break;
        }
        let rows = tx
            .rows(
                sql::DUE.on(tx.dialect()),
                args![terms.now, &known, room, level],
            )
            .await?;
        for row in &rows {
            let workflow = registry.get(&row.get::<String>("workflow")?, row.get("revision")?);
            if let Some(workflow) = workflow {
                due.push(Candidate::read(row, workflow.policy())?);
            }
        }
    }
    Ok(due)
}

async fn claim_in(
    tx: &mut Tx<'_>,
    registry: &Registry,
    known: String,
    terms: &Terms,
) -> Result<Taken, Error> {
    let due = due(tx, registry, known, terms).await?;
    if due.is_empty() {
        return Ok(Taken::default());
    }
    let seen = due.len();
    let passed = flow::pass(tx, due, terms.now).await?;
    let seen = seen - passed.contended;
    let (take, queue) = admitted(tx, passed.candidates, terms.now).await?;
    if !queue.is_empty() {
        tx.execute(sql::ENQUEUE.on(tx.dialect()), args![ids(&queue)])
            .await?;
    }
    if take.is_empty() {
        return Ok(Taken {
            runs: Vec::new(),
            seen,
        });
    }
    let old: Vec<Uuid> = take
        .iter()
        .filter(|(_, fresh)| !fresh)
        .map(|(id, _)| *id)
        .collect();
    let all: Vec<Uuid> = take.into_iter().map(|(id, _)| id).collect();
    let rows = tx
        .rows(
            sql::CLAIM.on(tx.dialect()),
            args![ids(&all), terms.owner, terms.lease_until, terms.now],
        )
        .await?;
    let mut runs: Vec<Claimed> = rows.iter().map(read).collect::<Result<_, Error>>()?;
    if !old.is_empty() {
        let mut journal: BTreeMap<Uuid, Vec<StepRow>> = BTreeMap::new();
        for row in tx
            .rows(sql::STEPS_OF.on(tx.dialect()), args![ids(&old)])
            .await?
        {
            let (run, step) = StepRow::read(&row)?;
            journal.entry(run).or_default().push(step);
        }
        for run in &mut runs {
            run.steps = journal.remove(&run.id).unwrap_or_default();
        }
    }
    Ok(Taken { runs, seen })
}

/// Splits the due into those that may execute and those that queue behind their key.
async fn admitted(
    tx: &mut Tx<'_>,
    candidates: Vec<Candidate>,
    now: i64,
) -> Result<(Vec<(Uuid, bool)>, Vec<Uuid>), Error> {
    let keys: Vec<String> = candidates
        .iter()
        .filter_map(|c| c.concurrency.clone())
        .collect();
    let mut held: BTreeMap<String, i64> = BTreeMap::new();
    if !keys.is_empty() {
        let locks: Vec<String> = keys.iter().map(|k| cancel::concurrency_lock(k)).collect();
        event::lock(tx, &locks).await?;
        let sql = sql::HELD.on(tx.dialect());
        for row in tx
            .rows(sql, args![Value::from(keys).to_string(), now])
            .await?
        {
            held.insert(row.get("concurrency")?, row.get("n")?);
        }
    }
    let (mut take, mut queue) = (Vec::new(), Vec::new());
    for candidate in candidates {
        if let Some(key) = candidate.concurrency {
            let holders = held.entry(key).or_default();
            if *holders >= i64::from(candidate.policy.concurrency.max(1)) {
                queue.push(candidate.id);
                continue;
            }
            *holders += 1;
        }
        take.push((candidate.id, candidate.fresh));
    }
    Ok((take, queue))
}

fn read(row: &Row) -> Result<Claimed, Error> {
    Ok(Claimed {
        id: row.get("id")?,
        workflow: row.get("workflow")?,
        revision: row.get("revision")?,
        organization: row.get("organization")?,
        subject: row.get("subject")?,
        input: row.get("input")?,
        epoch: row.get("epoch")?,
        signals: row.get("signals")?,
        parent: row.get("parent")?,
        concurrency: row.get("concurrency")?,
        created_at: row.get("created_at")?,
        started_at: row.get("started_at")?,
        had_waits: row.get::<i64>("waits")? > 0,
        steps: Vec::new(),
    })
}

fn ids(ids: &[Uuid]) -> String {
    let ids: Vec<Value> = ids
        .iter()
        .map(|id| Value::from(id.simple().to_string()))
        .collect();
    Value::from(ids).to_string()
}

/// Prolongs leases; answers who is still ours.
pub(crate) async fn renew(db: &Db, owned: &[(Uuid, i64)], until: i64) -> Result<Vec<Uuid>, Error> {
    let rows: Vec<Value> = owned
        .iter()
        .map(|(id, epoch)| json!({"r": id.simple().to_string(), "e": epoch}))
        .collect();
    let rows = Value::from(rows).to_string();
    db.write(move |tx| {
        let rows = rows.clone();
        Box::pin(async move {
            let renewed = tx
                .rows(sql::RENEW.on(tx.dialect()), args![rows, until])
                .await?;
            renewed.iter().map(|r| r.get("id")).collect()
        })
    })
    .await
}

/// When something is due next: runs that this program knows, and schedules.
pub(crate) async fn next_due(db: &Db, known: String) -> Result<(Option<i64>, Option<i64>), Error> {
    db.read(|tx| {
        Box::pin(async move {
            let run = tx
                .row(sql::NEXT_WAKE.on(tx.dialect()), args![known])
                .await?;
            let schedule = tx.row(sql::NEXT_SCHEDULE, args![]).await?;
            Ok((
                run.map_or(Ok(None), |r| r.get("wake_at"))?,
                schedule.map(|r| r.get("next_at")).transpose()?,
            ))
        })
    })
    .await
}

/// Takes what a former process has left, without waiting for its leases.
pub(crate) async fn inherit(db: &Db, owner: Uuid, now: i64) -> Result<u64, Error> {
    db.write(move |tx| Box::pin(async move { tx.execute(sql::INHERIT, args![now, owner]).await }))
        .await
}

/// Lets queued runs go on whose key nobody holds any more.
pub(crate) async fn sweep(db: &Db, now: i64) -> Result<u64, Error> {
    db.write(move |tx| Box::pin(async move { tx.execute(sql::QUEUE_SWEEP, args![now]).await }))
        .await
}
