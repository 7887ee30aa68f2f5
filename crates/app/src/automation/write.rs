//! The words of a draft: a model's where one is set up, else none. None are made up here.

use domain::fill::FillReason;
use domain::ids::{IdentityId, SuggestionId};
use domain::model::WritingTask;
use engine::Failure;
use protocol::Code;
use protocol::views::Wish;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Slot;
use crate::act::Way;
use crate::core::App;
use crate::publish::failure;

/// What came of asking a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Text {
    /// What it wrote, where that can be taken.
    pub(crate) text: Option<String>,
    /// Why not.
    pub(crate) reason: Option<FillReason>,
}

impl Text {
    const fn none(reason: FillReason) -> Self {
        Self {
            text: None,
            reason: Some(reason),
        }
    }
}

/// Has a model write for a slot, on the persona's account and in the run's name.
///
/// # Errors
/// When the process is asked to stop: it is tried again by the next one.
pub(crate) async fn write(
    core: Option<&App>,
    slot: Slot,
    run: Uuid,
    suggestion: SuggestionId,
    accounts: &[IdentityId],
    cancel: CancellationToken,
) -> Result<Text, Failure> {
    let Some(core) = core else {
        return Ok(Text::none(FillReason::NoModel));
    };
    let core = core.for_run(run);
    let org = core.organization();
    let persona = core
        .db()
        .read(move |tx| Box::pin(async move { store::persona::get(tx, org, slot.persona).await }))
        .await
        .map_err(|e: store::Error| failure(e.into()))?;
    let Some(persona) = persona else {
        return Ok(Text::none(FillReason::Taken));
    };
    let wish = Wish {
        task: WritingTask::Draft,
        language: persona.profile.language,
        suggestion: Some(suggestion),
        ..Wish::default()
    };
    let way = Way::quiet(None, cancel);
    let written = core
        .write((slot.persona, None), accounts, &wish, None, &way)
        .await;
    Ok(match written {
        Ok(written) if written.over || written.cut || !written.invented.is_empty() => {
            Text::none(FillReason::Unsound)
        }
        Ok(written) if written.text.trim().is_empty() => Text::none(FillReason::NoAnswer),
        Ok(written) => Text {
            text: Some(written.text),
            reason: None,
        },
        Err(problem) => match problem.code {
            Code::Cancelled => return Err(Failure::retryable("cancelled", problem.message)),
            Code::NoModel | Code::NotHere | Code::TokensSpent => Text::none(FillReason::NoModel),
            _ => Text::none(FillReason::NoAnswer),
        },
    })
}
