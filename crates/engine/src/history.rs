//! What runs have done: for a person who wants to know, and for clearing up.

use db::{Args, Error, Row, Tx, Value as Arg, args};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{Registry, sql};

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// May begin.
    Ready,
    /// Executes.
    Running,
    /// Waits for an instant or an event.
    Waiting,
    /// Waits for its turn: behind its concurrency key, or as its flow says.
    Queued,
    /// Ended well.
    Done,
    /// Ended with an error.
    Failed,
    /// Was ended from outside.
    Cancelled,
}

impl RunState {
    const ALL: [(RunState, &'static str); 7] = [
        (RunState::Ready, "ready"),
        (RunState::Running, "running"),
        (RunState::Waiting, "waiting"),
        (RunState::Queued, "queued"),
        (RunState::Done, "done"),
        (RunState::Failed, "failed"),
        (RunState::Cancelled, "cancelled"),
    ];

    /// The word in the table.
    pub fn as_str(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(s, _)| *s == self)
            .map_or("", |(_, t)| t)
    }

    /// Whether nothing will happen any more.
    pub fn is_over(self) -> bool {
        matches!(
            self,
            RunState::Done | RunState::Failed | RunState::Cancelled
        )
    }

    fn parse(text: &str) -> Result<Self, Error> {
        Self::ALL
            .iter()
            .find(|(_, t)| *t == text)
            .map(|(s, _)| *s)
            .ok_or_else(|| Error::Decode(format!("run state {text}")))
    }
}

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunView {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub organization: Option<Uuid>,
    /// Its workflow.
    pub workflow: String,
    /// The revision that it is pinned to.
    pub revision: u32,
    /// What it is about.
    pub subject: Option<String>,
    /// Where it stands.
    pub state: RunState,
    /// What it got.
    pub input: Value,
    /// What it ended with.
    pub output: Option<Value>,
    /// Code and message of its failure.
    pub error: Option<(String, String)>,
    /// When it goes on, milliseconds UTC; while it executes, when its lease ends.
    pub wake_at: Option<i64>,
    /// The run that invoked it.
    pub parent: Option<Uuid>,
    /// Milliseconds UTC.
    pub created_at: i64,
    /// First execution, milliseconds UTC.
    pub started_at: Option<i64>,
    /// Milliseconds UTC.
    pub ended_at: Option<i64>,
}

/// A step of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepView {
    /// Its name.
    pub name: String,
    /// Which call of that name, from 0.
    pub nth: i64,
    /// `run`, `tx`, `effect`, `sleep`, `event`, `invoke` or `failure`.
    pub kind: String,
    /// `done`, `failed`, `retrying`, `waiting` or `in_flight`.
    pub state: String,
    /// Tries so far.
    pub attempts: u32,
    /// Its outcome.
    pub output: Option<Value>,
    /// Code and message of its last failure.
    pub error: Option<(String, String)>,
    /// When it goes on, milliseconds UTC.
    pub due: Option<i64>,
    /// Milliseconds UTC.
    pub started_at: i64,
    /// Milliseconds UTC.
    pub ended_at: Option<i64>,
}

/// Which runs. Newest first; page on with the last one's `created_at` and `id` as `before`.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this organization.
    pub organization: Option<Uuid>,
    /// Only of this workflow.
    pub workflow: Option<String>,
    /// Only about this.
    pub subject: Option<String>,
    /// Only in this state.
    pub state: Option<RunState>,
    /// Only older than this one.
    pub before: Option<(i64, Uuid)>,
    /// At most so many; 0 means 100.
    pub limit: u32,
}

const COLUMNS: &str = "SELECT id, organization, workflow, revision, subject, state, input, output,
    error_code, error_message, wake_at, lease_until, parent, created_at, started_at, ended_at FROM run";

/// Runs by a filter.
pub async fn runs(tx: &mut Tx<'_>, filter: &Filter) -> Result<Vec<RunView>, Error> {
    let mut text = format!("{COLUMNS} WHERE true");
    let mut values: Vec<Arg> = Vec::new();
    let mut condition = |sql: &str, value: Arg| {
        values.push(value);
        text.push_str(&sql.replace('?', &format!("${}", values.len())));
    };
    if let Some(id) = filter.organization {
        condition(" AND organization = ?", id.into());
    }
    if let Some(workflow) = &filter.workflow {
        condition(" AND workflow = ?", workflow.into());
    }
    if let Some(subject) = &filter.subject {
        condition(" AND subject = ?", subject.into());
    }
    if let Some(state) = filter.state {
        condition(" AND state = ?", state.as_str().into());
    }
    if let Some((at, id)) = filter.before {
        condition(" AND (created_at < ?", at.into());
        condition(" OR (created_at = ?", at.into());
        condition(" AND id < ?))", id.into());
    }
    let limit = if filter.limit == 0 { 100 } else { filter.limit };
    condition(" ORDER BY created_at DESC, id DESC LIMIT ?", limit.into());
    let rows = tx.rows_dyn(text, Args(values)).await?;
    rows.iter().map(run_view).collect()
}

/// One run.
pub async fn run(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<RunView>, Error> {
    tx.row(sql::RUN_ONE, args![id])
        .await?
        .as_ref()
        .map(run_view)
        .transpose()
}

/// The steps of a run, in the order in which they first appeared.
pub async fn steps(tx: &mut Tx<'_>, run: Uuid) -> Result<Vec<StepView>, Error> {
    let rows = tx.rows(sql::STEPS_ONE, args![run]).await?;
    rows.iter()
        .map(|r| {
            Ok(StepView {
                name: r.get("name")?,
                nth: r.get("nth")?,
                kind: r.get("kind")?,
                state: r.get("state")?,
                attempts: r.get("attempts")?,
                output: json(r, "output")?,
                error: error(r)?,
                due: r.get("due")?,
                started_at: r.get("started_at")?,
                ended_at: r.get("ended_at")?,
            })
        })
        .collect()
}

/// Runs that wait for somebody who knows their workflow and revision; not this program.
pub async fn stranded(tx: &mut Tx<'_>, registry: &Registry) -> Result<Vec<RunView>, Error> {
    let rows = tx
        .rows(sql::STRANDED.on(tx.dialect()), args![registry.as_json()])
        .await?;
    rows.iter().map(run_view).collect()
}

/// Lets a failed or cancelled run go on: from the step (name, number) on everything is done
/// again, and what had not succeeded anyway; an [`effect`](crate::Ctx::effect) is reconciled
/// first. `None`: only what had not succeeded. `false` when the run has not failed or the step
/// is unknown; [`db::Code::Unique`] when a singleton of the same key is alive.
pub async fn retry_in(
    tx: &mut Tx<'_>,
    run: Uuid,
    from: Option<(&str, i64)>,
    now: i64,
) -> Result<bool, Error> {
    let place = match from {
        None => i64::MAX,
        Some((name, nth)) => match tx.row(sql::STEP_PLACE, args![run, name, nth]).await? {
            Some(row) => row.get("place")?,
            None => return Ok(false),
        },
    };
    if tx.execute(sql::RUN_AGAIN, args![run, now]).await? == 0 {
        return Ok(false);
    }
    tx.execute(sql::STEPS_DOUBT, args![run, place]).await?;
    tx.execute(sql::STEPS_FORGET, args![run, place]).await?;
    Ok(true)
}

/// Forgets runs of an organization, and of none, that ended before an instant; at most `limit`.
/// Answers how many went.
pub async fn purge_in(
    tx: &mut Tx<'_>,
    organization: Uuid,
    before: i64,
    limit: u32,
) -> Result<u64, Error> {
    let args = args![before, limit, organization];
    tx.execute(sql::RUNS_PURGE, args).await
}

/// Forgets events that happened before an instant, whoever waited for them; at most `limit`.
/// Answers how many went.
pub async fn purge_events_in(tx: &mut Tx<'_>, before: i64, limit: u32) -> Result<u64, Error> {
    tx.execute(sql::EVENTS_PURGE, args![before, limit]).await
}

/// How many runs of an organization ended before an instant.
pub async fn ended_before(tx: &mut Tx<'_>, organization: Uuid, before: i64) -> Result<u64, Error> {
    let row = tx.row(sql::RUNS_ENDED, args![before, organization]).await?;
    let n: i64 = row.map_or(Ok(0), |row| row.get("n"))?;
    Ok(u64::try_from(n).unwrap_or_default())
}

fn run_view(r: &Row) -> Result<RunView, Error> {
    Ok(RunView {
        id: r.get("id")?,
        organization: r.get("organization")?,
        workflow: r.get("workflow")?,
        revision: r.get("revision")?,
        subject: r.get("subject")?,
        state: RunState::parse(&r.get::<String>("state")?)?,
        input: json(r, "input")?.unwrap_or(Value::Null),
        output: json(r, "output")?,
        error: error(r)?,
        wake_at: r.get("wake_at")?,
        parent: r.get("parent")?,
        created_at: r.get("created_at")?,
        started_at: r.get("started_at")?,
        ended_at: r.get("ended_at")?,
    })
}

fn json(row: &Row, name: &str) -> Result<Option<Value>, Error> {
    let text: Option<String> = row.get(name)?;
    text.map(|t| serde_json::from_str(&t).map_err(|e| Error::Decode(format!("{name}: {e}"))))
        .transpose()
}

fn error(row: &Row) -> Result<Option<(String, String)>, Error> {
    let code: Option<String> = row.get("error_code")?;
    let message: Option<String> = row.get("error_message")?;
    Ok(code.map(|c| (c, message.unwrap_or_default())))
}
