//! What language models were asked.

use domain::Hash;
use domain::ids::{ContentId, PersonaId};
use domain::model::WritingTask;
use protocol::mutation::Notice;
use serde_json::json;
use store::model_use::Use;

use super::Work;
use crate::Error;
use crate::writing::month_of;

/// A question that was put.
pub(super) struct Asked<'a> {
    pub(super) persona: PersonaId,
    pub(super) content: Option<ContentId>,
    pub(super) model: &'a str,
    pub(super) task: WritingTask,
    pub(super) prompt: Hash,
    pub(super) input: u64,
    pub(super) output: u64,
    pub(super) cost: u64,
}

/// The longest name of a model, in characters.
const MAX_NAME: usize = 80;

/// The most tokens of one question: what a service says beyond is no figure.
const MOST_TOKENS: u64 = 10_000_000;

/// The most that one question costs, in millionths: a million of whatever is counted in.
const MOST_COST: u64 = 1_000_000_000_000;

pub(super) async fn record(
    work: &mut Work<'_, '_>,
    asked: Asked<'_>,
) -> Result<Vec<Notice>, Error> {
    let (org, now) = (work.org(), work.now());
    store::persona::get(work.tx, org, asked.persona)
        .await?
        .ok_or_else(|| Error::missing("persona"))?;
    let tokens = |n: u64| i64::try_from(n.min(MOST_TOKENS)).unwrap_or(i64::MAX);
    let used = Use {
        persona: asked.persona,
        month: month_of(now),
        model: asked.model.chars().take(MAX_NAME).collect(),
        asked: 1,
        input: tokens(asked.input),
        output: tokens(asked.output),
        cost: i64::try_from(asked.cost.min(MOST_COST)).unwrap_or(i64::MAX),
    };
    store::model_use::add(work.tx, org, &used).await?;
    work.changed("model_use", asked.persona).await?;
    // What is not kept yet has no history of its own.
    let about = match asked.content {
        None => None,
        Some(id) => store::content::get(work.tx, org, id).await?.map(|c| c.id),
    };
    let payload = json!({
        "model": used.model,
        "task": asked.task,
        "prompt": asked.prompt.short(),
        "tokens": used.input + used.output,
        "cost": used.cost,
    });
    let subject = format!("persona:{}", asked.persona);
    work.record("model_asked", &subject, about, payload).await?;
    Ok(vec![])
}
