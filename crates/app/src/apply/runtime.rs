//! Pause, release, runs.

use domain::delivery::DeliveryStatus;
use domain::ids::PersonaId;
use protocol::mutation::Notice;
use protocol::{Code, Tag};
use serde_json::json;
use uuid::Uuid;

use super::{Work, deliveries};
use crate::Error;

pub(super) async fn set_paused(
    work: &mut Work<'_, '_>,
    persona: Option<PersonaId>,
    paused: bool,
) -> Result<Vec<Notice>, Error> {
    let (org, now) = (work.org(), work.now());
    let action = if paused { "sending_paused" } else { "sending_resumed" };
    match persona {
        None => {
            store::organization::pause(work.tx, org, paused.then_some(now)).await?;
            work.changed("organization", org).await?;
            work.record(action, &format!("organization:{org}"), None, json!({})).await?;
        }
        Some(id) => {
            let mut persona = store::persona::get(work.tx, org, id)
                .await?
                .ok_or_else(|| Error::missing("persona"))?;
            persona.paused_at = paused.then_some(now);
            store::persona::save(work.tx, org, &persona, now).await?;
            work.changed("persona", id).await?;
            let name = json!({"name": persona.profile.name});
            work.record(action, &format!("persona:{id}"), None, name).await?;
            work.tag(Tag::Personas);
        }
    }
    if !paused {
        wake_all(work).await?;
    }
    Ok(vec![])
}

/// Lets everything that waits look again.
async fn wake_all(work: &mut Work<'_, '_>) -> Result<(), Error> {
    let org = work.org();
    for status in [DeliveryStatus::Due, DeliveryStatus::Held] {
        for delivery in store::delivery::with_status(work.tx, org, status).await? {
            work.emit(deliveries::DELIVERY_CHANGED, delivery.id).await?;
        }
    }
    Ok(())
}

/// The folder's own mark is taken away by the host before it applies this.
pub(super) async fn release_folder(work: &mut Work<'_, '_>) -> Result<Vec<Notice>, Error> {
    let org = work.org();
    work.record("folder_released", &format!("organization:{org}"), None, json!({})).await?;
    wake_all(work).await?;
    Ok(vec![])
}

pub(super) async fn retry_run(work: &mut Work<'_, '_>, run: Uuid) -> Result<Vec<Notice>, Error> {
    let now = work.now().0;
    if !engine::retry_in(work.tx, run, None, now).await? {
        return Err(Error::refused(Code::WrongState, "Only a run that failed can be tried again."));
    }
    work.record("run_retried", &format!("run:{run}"), None, json!({})).await?;
    Ok(vec![])
}

pub(super) async fn cancel_run(work: &mut Work<'_, '_>, run: Uuid) -> Result<Vec<Notice>, Error> {
    // A run that publishes is ended through its delivery, or the delivery would wait for ever.
    let found = engine::run(work.tx, run).await?.ok_or_else(|| Error::missing("run"))?;
    if let Some(id) = found.subject.as_deref().and_then(|s| s.strip_prefix("delivery:"))
        && let Ok(id) = id.parse()
        && found.workflow == crate::workflows::PUBLISH.0
    {
        return deliveries::cancel(work, &[id]).await;
    }
    work.cancel_run(run, "cancelled by a person").await?;
    work.record("run_cancelled", &format!("run:{run}"), None, json!({})).await?;
    Ok(vec![])
}
