//! Pause, release, runs.

use domain::attempt::AttemptPhase;
use domain::delivery::{DeliveryStatus, MissReason};
use domain::ids::PersonaId;
use protocol::mutation::Notice;
use protocol::{Code, Tag};
use serde_json::json;
use store::attempt::Attempt;
use store::delivery::Delivery;
use uuid::Uuid;

use super::{Work, deliveries, edits};
use crate::Error;

pub(super) async fn set_paused(
    work: &mut Work<'_, '_>,
    persona: Option<PersonaId>,
    paused: bool,
) -> Result<Vec<Notice>, Error> {
    let (org, now) = (work.org(), work.now());
    let action = if paused {
        "sending_paused"
    } else {
        "sending_resumed"
    };
    match persona {
        None => {
            store::organization::pause(work.tx, org, paused.then_some(now)).await?;
            work.changed("organization", org).await?;
            work.record(action, &format!("organization:{org}"), None, json!({}))
                .await?;
        }
        Some(id) => {
            let mut persona = store::persona::get(work.tx, org, id)
                .await?
                .ok_or_else(|| Error::missing("persona"))?;
            persona.paused_at = paused.then_some(now);
            store::persona::save(work.tx, org, &persona, now).await?;
            work.changed("persona", id).await?;
            let name = json!({"name": persona.profile.name});
            work.record(action, &format!("persona:{id}"), None, name)
                .await?;
            work.tag(Tag::Personas);
        }
    }
    match paused {
        // What the network keeps for its time is asked back.
        true => wake_with(work, DeliveryStatus::HandedOff).await?,
        false => {
            wake_all(work).await?;
            for delivery in store::delivery::to_hand_off(work.tx, org).await? {
                work.emit(deliveries::DELIVERY_CHANGED, delivery.id).await?;
            }
        }
    }
    Ok(vec![])
}

/// Lets everything that waits look again.
pub(super) async fn wake_all(work: &mut Work<'_, '_>) -> Result<(), Error> {
    use DeliveryStatus as D;
    for status in [D::Due, D::Held, D::HandedOff] {
        wake_with(work, status).await?;
    }
    edits::wake_all(work).await
}

async fn wake_with(work: &mut Work<'_, '_>, status: DeliveryStatus) -> Result<(), Error> {
    let org = work.org();
    for delivery in store::delivery::with_status(work.tx, org, status).await? {
        work.emit(deliveries::DELIVERY_CHANGED, delivery.id).await?;
    }
    Ok(())
}

const ELSEWHERE: &str =
    "It may have gone out from another copy of this data. Look before you send it.";

const KEPT_ELSEWHERE: &str = "Another copy of this data may have sent it, or have given it to the network to keep for its time, which its pages do not show. Look among its scheduled posts, too, before you send it.";

/// What may be sent may have gone out from the folder's other self, also early, of which these
/// tables know nothing: a person looks before any of it is sent (publishing.md: 0 doubled).
async fn ask_about_all(work: &mut Work<'_, '_>) -> Result<(), Error> {
    use DeliveryStatus as D;
    let (org, now) = (work.org(), work.now());
    for status in [D::Planned, D::Due, D::Held, D::Sending] {
        for mut delivery in store::delivery::with_status(work.tx, org, status).await? {
            let request = store::request::newest(work.tx, org, delivery.content).await?;
            let asked = request.is_some_and(|r| r.n == delivery.n && r.status.is_in_force());
            let attempts = store::attempt::of_delivery(work.tx, org, delivery.id).await?;
            if let Some(open) = attempts.into_iter().find(|a| a.phase.blocks()) {
                // A single post is looked for; it is not sent blindly.
                if delivery.segments > 1 {
                    ask_about_thread(work, delivery, open).await?;
                }
                continue;
            }
            if !asked {
                continue;
            }
            let (id, content) = (delivery.id, delivery.content);
            deliveries::stop_run(work, &mut delivery, "the folder was held").await?;
            deliveries::clear(&mut delivery, D::Missed);
            delivery.miss = Some(MissReason::Late);
            let words = if delivery.hand_off {
                KEPT_ELSEWHERE
            } else {
                ELSEWHERE
            };
            delivery.words = Some(words.to_owned());
            delivery.settled_at = Some(now);
            deliveries::put(work, delivery).await?;
            work.record(
                "delivery_missed",
                &format!("delivery:{id}"),
                Some(content),
                json!({"reason": MissReason::Late}),
            )
            .await?;
            work.recompute(content).await?;
        }
    }
    Ok(())
}

/// Finding one part says nothing of the parts after it, which would be sent again: a person says.
async fn ask_about_thread(
    work: &mut Work<'_, '_>,
    mut delivery: Delivery,
    mut attempt: Attempt,
) -> Result<(), Error> {
    let (now, from) = (work.now(), attempt.phase);
    attempt.phase = AttemptPhase::Ambiguous;
    attempt.settled_at = Some(now);
    // Said before it was known that another copy may have sent it.
    attempt.written_off_by = None;
    work.attempt(from, &attempt).await?;
    let (id, content) = (delivery.id, delivery.content);
    deliveries::stop_run(work, &mut delivery, "the folder was held").await?;
    deliveries::clear(&mut delivery, DeliveryStatus::Unconfirmed);
    delivery.words = Some(ELSEWHERE.to_owned());
    delivery.settled_at = Some(now);
    deliveries::put(work, delivery).await?;
    work.record(
        "delivery_unconfirmed",
        &format!("delivery:{id}"),
        Some(content),
        json!({"attempt": attempt.id, "why": ELSEWHERE}),
    )
    .await?;
    work.recompute(content).await?;
    Ok(())
}

/// The folder's own mark is taken away by the host after the commit of this.
pub(super) async fn release_folder(work: &mut Work<'_, '_>) -> Result<Vec<Notice>, Error> {
    let org = work.org();
    work.record(
        "folder_released",
        &format!("organization:{org}"),
        None,
        json!({}),
    )
    .await?;
    ask_about_all(work).await?;
    edits::ask_about_all(work, ELSEWHERE).await?;
    wake_all(work).await?;
    Ok(vec![])
}

/// A run of this organization.
async fn known_run(work: &mut Work<'_, '_>, run: Uuid) -> Result<engine::RunView, Error> {
    let org = work.org().0;
    engine::run(work.tx, run)
        .await?
        .filter(|found| found.organization == Some(org))
        .ok_or_else(|| Error::missing("run"))
}

pub(super) async fn retry_run(work: &mut Work<'_, '_>, run: Uuid) -> Result<Vec<Notice>, Error> {
    let now = work.now().0;
    known_run(work, run).await?;
    if !engine::retry_in(work.tx, run, None, now).await? {
        return Err(Error::refused(
            Code::WrongState,
            "Only a run that failed can be tried again.",
        ));
    }
    work.record("run_retried", &format!("run:{run}"), None, json!({}))
        .await?;
    Ok(vec![])
}

pub(super) async fn cancel_run(work: &mut Work<'_, '_>, run: Uuid) -> Result<Vec<Notice>, Error> {
    // A run that publishes is ended through its delivery, or the delivery would wait for ever.
    let found = known_run(work, run).await?;
    if let Some(id) = found
        .subject
        .as_deref()
        .and_then(|s| s.strip_prefix("delivery:"))
        && let Ok(id) = id.parse()
    {
        if found.workflow == crate::workflows::PUBLISH.0 {
            return deliveries::cancel(work, &[id]).await;
        }
        if found.workflow == crate::workflows::EDIT.0 {
            return edits::cancel(work, id).await;
        }
    }
    work.cancel_run(run, "cancelled by a person").await?;
    work.record("run_cancelled", &format!("run:{run}"), None, json!({}))
        .await?;
    Ok(vec![])
}
