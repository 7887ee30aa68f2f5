//! Runs of workflows, and the history.

use std::collections::BTreeMap;

use db::Tx;
use domain::Instant;
use domain::ids::{ContentId, DeliveryId, RequestId};
use domain::person::Actor;
use protocol::Code;
use protocol::views::{HistoryEntry, HistoryPage, RunDetail, RunPage, RunRow, RunState, StepView};
use serde_json::Value;
use uuid::Uuid;

use super::names::Names;
use crate::Error;
use crate::core::App;

/// The longest outcome of a step that is shown.
const MAX_OUTCOME: usize = 400;

impl App {
    pub(super) async fn runs(
        &self,
        subject: Option<String>,
        trouble: bool,
        cursor: Option<String>,
        limit: u32,
    ) -> Result<RunPage, Error> {
        let before = cursor.as_deref().map(read_cursor).transpose()?;
        let filter = engine::Filter {
            organization: Some(self.organization().0),
            subject,
            state: trouble.then_some(engine::RunState::Failed),
            before,
            limit: limit + 1,
            ..engine::Filter::default()
        };
        let app = self.clone();
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let stranded = app.stranded(tx).await?;
                    let mut runs = engine::runs(tx, &filter).await?;
                    if trouble {
                        runs.extend(stranded.iter().filter(|r| matches(r, &filter)).cloned());
                        runs.sort_by_key(|r| std::cmp::Reverse((r.created_at, r.id)));
                        runs.dedup_by_key(|r| r.id);
                    }
                    let stranded: Vec<Uuid> = stranded.into_iter().map(|r| r.id).collect();
                    let more = runs.len() > limit as usize;
                    runs.truncate(limit as usize);
                    let next = more
                        .then(|| runs.last().map(|r| format!("{}~{}", r.created_at, r.id)))
                        .flatten();
                    let mut rows = Vec::with_capacity(runs.len());
                    for run in &runs {
                        rows.push(row(&app, tx, run, &stranded).await?);
                    }
                    Ok(RunPage { rows, next })
                })
            })
            .await
    }

    pub(super) async fn run(&self, id: Uuid) -> Result<RunDetail, Error> {
        let app = self.clone();
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let run = engine::run(tx, id)
                        .await?
                        .filter(|r| r.organization == Some(app.organization().0))
                        .ok_or_else(|| Error::missing("run"))?;
                    let stranded: Vec<Uuid> =
                        app.stranded(tx).await?.into_iter().map(|r| r.id).collect();
                    let steps = engine::steps(tx, id).await?;
                    Ok(RunDetail {
                        can_retry: run.state == engine::RunState::Failed,
                        can_cancel: run.ended_at.is_none(),
                        row: row(&app, tx, &run, &stranded).await?,
                        steps: steps.into_iter().map(step).collect(),
                    })
                })
            })
            .await
    }

    /// Runs that this program's registry does not know.
    async fn stranded(&self, tx: &mut Tx<'_>) -> Result<Vec<engine::RunView>, Error> {
        let Some(engine) = self.engine() else {
            return Ok(vec![]);
        };
        Ok(engine::stranded(tx, engine.registry()).await?)
    }

    pub(super) async fn history(
        &self,
        subject: Option<String>,
        cursor: Option<String>,
        limit: u32,
    ) -> Result<HistoryPage, Error> {
        let before = match cursor {
            None => u64::MAX,
            Some(text) => text.parse().map_err(|_| {
                Error::refused(
                    Code::InvalidInput,
                    "This page does not exist. Start at the first.",
                )
            })?,
        };
        let org = self.organization();
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let names = Names::read(tx, org).await?;
                    let entries =
                        history(&names, tx, subject.as_deref(), before, limit + 1).await?;
                    let more = entries.len() > limit as usize;
                    let entries: Vec<_> = entries.into_iter().take(limit as usize).collect();
                    let next = more
                        .then(|| entries.last().map(|e| e.n.to_string()))
                        .flatten();
                    Ok(HistoryPage { entries, next })
                })
            })
            .await
    }
}

/// Whether a run belongs to the page that the filter asks for, whatever its state.
fn matches(run: &engine::RunView, filter: &engine::Filter) -> bool {
    run.organization == filter.organization
        && filter
            .subject
            .as_ref()
            .is_none_or(|s| run.subject.as_ref() == Some(s))
        && filter
            .before
            .is_none_or(|before| (run.created_at, run.id) < before)
}

fn read_cursor(text: &str) -> Result<(i64, Uuid), Error> {
    let wrong = || {
        Error::refused(
            Code::InvalidInput,
            "This page does not exist. Start at the first.",
        )
    };
    let (at, id) = text.split_once('~').ok_or_else(wrong)?;
    Ok((
        at.parse().map_err(|_| wrong())?,
        id.parse().map_err(|_| wrong())?,
    ))
}

async fn row(
    app: &App,
    tx: &mut Tx<'_>,
    run: &engine::RunView,
    stranded: &[Uuid],
) -> Result<RunRow, Error> {
    use engine::RunState as S;
    let state = match run.state {
        _ if stranded.contains(&run.id) => RunState::Stranded,
        S::Ready | S::Running => RunState::Running,
        S::Waiting | S::Queued => RunState::Waiting,
        S::Done => RunState::Done,
        S::Failed => RunState::Failed,
        S::Cancelled => RunState::Cancelled,
    };
    let (content, title) = about(app, tx, run.subject.as_deref()).await?;
    Ok(RunRow {
        id: run.id,
        workflow: run.workflow.clone(),
        revision: run.revision,
        content,
        title,
        subject: run.subject.clone(),
        state,
        started_at: Instant(run.started_at.unwrap_or(run.created_at)),
        ended_at: run.ended_at.map(Instant),
        wake_at: run
            .wake_at
            .filter(|_| state == RunState::Waiting)
            .map(Instant),
        error: run.error.as_ref().map(|(_, message)| message.clone()),
    })
}

/// What a run is about: the content with its headline, or the account's handle.
async fn about(
    app: &App,
    tx: &mut Tx<'_>,
    subject: Option<&str>,
) -> Result<(Option<ContentId>, String), Error> {
    let org = app.organization();
    let nothing = (None, String::new());
    let Some((kind, id)) = subject.and_then(|s| s.split_once(':')) else {
        return Ok(nothing);
    };
    let Ok(id) = id.parse::<Uuid>() else {
        return Ok(nothing);
    };
    let content = match kind {
        "delivery" => store::delivery::get(tx, org, DeliveryId(id))
            .await?
            .map(|d| d.content),
        "request" => store::request::get(tx, org, RequestId(id))
            .await?
            .map(|r| r.content),
        "content" => Some(ContentId(id)),
        "identity" => {
            let identity = store::identity::get(tx, org, id.into()).await?;
            return Ok((None, identity.map(|i| i.handle).unwrap_or_default()));
        }
        "persona" => {
            let persona = store::persona::get(tx, org, id.into()).await?;
            return Ok((None, persona.map(|p| p.profile.name).unwrap_or_default()));
        }
        _ => None,
    };
    let Some(content) = content else {
        return Ok(nothing);
    };
    let found = store::content::get(tx, org, content).await?;
    Ok(found.map_or(nothing, |c| (Some(c.id), c.headline)))
}

fn step(step: engine::StepView) -> StepView {
    let kind = match step.kind.as_str() {
        "event" => "wait",
        "tx" | "effect" => "run",
        other => other,
    };
    let state = match step.state.as_str() {
        "retrying" => "waiting",
        "in_flight" => "running",
        other => other,
    };
    StepView {
        name: step.name,
        round: u32::try_from(step.nth).unwrap_or(u32::MAX),
        kind: kind.to_owned(),
        state: state.to_owned(),
        started_at: Instant(step.started_at),
        ended_at: step.ended_at.map(Instant),
        tries: step.attempts,
        outcome: step.output.filter(|v| !v.is_null()).map(|v| shorten(&v)),
        error: step.error.map(|(_, message)| message),
    }
}

fn shorten(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(MAX_OUTCOME) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A subject and what belongs to it: a persona's history is that of its accounts too.
fn with_parts(names: &Names, subject: &str) -> Vec<String> {
    let mut all = vec![subject.to_owned()];
    if let Some(id) = subject.strip_prefix("persona:") {
        all.extend(
            names
                .identities
                .values()
                .filter(|i| i.persona.to_string() == id)
                .map(|i| format!("identity:{}", i.id)),
        );
    }
    all
}

/// Entries of one subject or of all before `before`, newest first.
pub(super) async fn history(
    names: &Names,
    tx: &mut Tx<'_>,
    subject: Option<&str>,
    before: u64,
    limit: u32,
) -> Result<Vec<HistoryEntry>, Error> {
    let subjects: Option<Vec<String>> = subject.map(|s| with_parts(names, s));
    let page =
        store::audit::page(tx, names.organization, subjects.as_deref(), before, limit).await?;
    Ok(page
        .into_iter()
        .map(|stored| {
            let (person, operator) = match stored.entry.actor {
                Actor::Person { id, operator } => (Some(names.person(id)), names.maybe(operator)),
                Actor::Agent { id } => (Some(names.person(id)), None),
                Actor::Run { .. } | Actor::ReviewLink { .. } => (None, None),
            };
            HistoryEntry {
                n: stored.entry.n,
                at: stored.entry.at,
                person,
                operator,
                agent: stored.entry.actor.is_agent(),
                action: stored.entry.action,
                subject: stored.entry.subject,
                erased: stored.payload.is_none(),
                args: stored.payload.map(|p| arguments(&p)).unwrap_or_default(),
            }
        })
        .collect())
}

/// The payload's plain values as texts.
fn arguments(payload: &str) -> BTreeMap<String, String> {
    let Ok(Value::Object(members)) = serde_json::from_str(payload) else {
        return BTreeMap::new();
    };
    members
        .into_iter()
        .filter_map(|(name, value)| match value {
            Value::String(text) => Some((name, text)),
            Value::Number(number) => Some((name, number.to_string())),
            Value::Bool(flag) => Some((name, flag.to_string())),
            _ => None,
        })
        .collect()
}
