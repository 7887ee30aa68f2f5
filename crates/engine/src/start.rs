//! Starting a run, in the transaction of whoever wants it.

use db::{Error, Tx, args};
use serde_json::Value;
use uuid::Uuid;

use crate::{Priority, cancel, sql};

/// What to start. `Start::new(...)` and then the fields that matter.
#[derive(Clone, Debug)]
pub struct Start {
    /// The run's id.
    pub id: Uuid,
    /// Name of the workflow.
    pub workflow: String,
    /// Its revision; the run is pinned to it.
    pub revision: u32,
    /// Whose run it is.
    pub organization: Option<Uuid>,
    /// What it is about, for look-ups: `delivery:<uuid>`.
    pub subject: Option<String>,
    /// What [`Workflow::run`](crate::Workflow::run) gets.
    pub input: Value,
    /// A second start of this workflow with the same key is the first one. For as long as the
    /// history is kept.
    pub key: Option<String>,
    /// Runs of one concurrency key execute at most so many at a time as the policy says.
    pub concurrency: Option<String>,
    /// Runs of one key are throttled, limited or gathered together, as the policy says. A child
    /// that is invoked had better have none: it may be taken along by another.
    pub flow: Option<String>,
    /// Which runs go first when several are due.
    pub priority: Priority,
    /// At most one run of this workflow with this key is alive.
    pub singleton: Option<Singleton>,
    /// Not before this instant, milliseconds UTC.
    pub at: Option<i64>,
    /// Events (name, key) that cancel the run.
    pub cancel_on: Vec<(String, String)>,
    /// Now, as the caller's authority sees it; milliseconds UTC.
    pub now: i64,
    pub(crate) parent: Option<Uuid>,
}

/// What happens when a run of the same key is alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Singleton {
    /// The living one stays; nothing is started.
    Keep(String),
    /// The living one is cancelled.
    Replace(String),
}

impl Singleton {
    /// The same with another key.
    #[must_use]
    pub fn within(self, key: impl FnOnce(String) -> String) -> Self {
        match self {
            Self::Keep(old) => Self::Keep(key(old)),
            Self::Replace(old) => Self::Replace(key(old)),
        }
    }

    fn key(&self) -> &str {
        match self {
            Singleton::Keep(key) | Singleton::Replace(key) => key,
        }
    }
}

/// What [`start_in`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    /// The run: the new one, or the one that was there.
    pub id: Uuid,
    /// Whether it is new.
    pub new: bool,
}

impl Start {
    /// A run of `workflow` at `revision`, as soon as possible.
    pub fn new(id: Uuid, workflow: &str, revision: u32, input: Value, now: i64) -> Self {
        Start {
            id,
            workflow: workflow.to_owned(),
            revision,
            organization: None,
            subject: None,
            input,
            key: None,
            concurrency: None,
            flow: None,
            priority: Priority::Normal,
            singleton: None,
            at: None,
            cancel_on: Vec::new(),
            now,
            parent: None,
        }
    }
}

/// Starts a run when this transaction commits. Call [`Engine::nudge`](crate::Engine::nudge)
/// after the commit, or it begins within the poll interval.
pub async fn start_in(tx: &mut Tx<'_>, start: &Start) -> Result<Started, Error> {
    if let Some(Singleton::Replace(key)) = &start.singleton {
        let alive = tx
            .row(sql::SINGLETON_ALIVE, args![&start.workflow, key])
            .await?;
        if let Some(row) = alive {
            let id: Uuid = row.get("id")?;
            if id != start.id {
                cancel::cancel_in(tx, id, "replaced by a newer run", start.now).await?;
            }
        }
    }
    let inserted = tx
        .execute(
            sql::RUN_INSERT,
            args![
                start.id,
                start.organization,
                &start.workflow,
                start.revision,
                start.subject.clone(),
                start.key.clone(),
                start.concurrency.clone(),
                start.singleton.as_ref().map(Singleton::key),
                start.parent,
                start.input.to_string(),
                start.at.unwrap_or(start.now),
                start.now,
                start.flow.clone(),
                start.priority.level()
            ],
        )
        .await?;
    if inserted == 0 {
        let found = tx
            .row(
                sql::RUN_FOUND,
                args![
                    start.id,
                    &start.workflow,
                    start.key.clone(),
                    start.singleton.as_ref().map(Singleton::key)
                ],
            )
            .await?;
        let id = found.map_or(Ok(start.id), |r| r.get("id"))?;
        return Ok(Started { id, new: false });
    }
    for (name, key) in &start.cancel_on {
        tx.execute(sql::WAIT_CANCEL, args![start.id, name, key])
            .await?;
    }
    Ok(Started {
        id: start.id,
        new: true,
    })
}
