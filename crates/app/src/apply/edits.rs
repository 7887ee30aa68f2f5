//! Asking for an edit in place of what is out, and taking it back.

use domain::attempt::AttemptKind;
use domain::delivery::DeliveryStatus;
use domain::edit::EditStatus;
use domain::ids::{ContentId, DeliveryId, IdentityId};
use engine::Start;
use protocol::Code;
use protocol::mutation::Notice;
use serde_json::json;
use store::delivery::Delivery;
use store::edit::Edit;

use super::{Work, deliveries};
use crate::Error;

/// Stores an edit and says so.
pub(crate) async fn put(work: &mut Work<'_, '_>, edit: &Edit) -> Result<(), Error> {
    let org = work.org();
    store::edit::save(work.tx, org, edit).await?;
    work.changed("edit", edit.delivery).await?;
    work.tag(protocol::Tag::Deliveries);
    work.tag(protocol::Tag::Contents);
    Ok(())
}

/// Starts a run that writes it; one run at a time.
async fn start(work: &mut Work<'_, '_>, edit: &mut Edit, delivery: &Delivery) -> Result<(), Error> {
    stop(work, edit, "started anew").await?;
    edit.starts += 1;
    let id = work.derive_id("edit_run");
    let (name, revision) = crate::workflows::EDIT;
    let input = json!({"organization": work.org(), "delivery": delivery.id});
    let mut start = Start::new(id, name, revision, input, work.now().0);
    start.subject = Some(format!("delivery:{}", delivery.id));
    start.key = Some(format!("{}:{}:{}", work.org(), delivery.id, edit.starts));
    // One at a time for an account, beside what is sent for it.
    start.concurrency = Some(format!("identity:{}", delivery.identity));
    edit.run = Some(work.start(start).await?);
    Ok(())
}

async fn stop(work: &mut Work<'_, '_>, edit: &mut Edit, why: &str) -> Result<(), Error> {
    if let Some(run) = edit.run.take() {
        work.cancel_run(run, why).await?;
    }
    Ok(())
}

/// Whether a try of it may be on its way.
async fn is_open(work: &mut Work<'_, '_>, id: DeliveryId) -> Result<bool, Error> {
    let org = work.org();
    let attempts = store::attempt::of_delivery(work.tx, org, id).await?;
    Ok(attempts
        .iter()
        .any(|a| a.kind == AttemptKind::Edit && a.phase.is_open()))
}

/// Asks that the newest version takes the place of what is out: a run does it once it is approved.
pub(super) async fn ask(work: &mut Work<'_, '_>, ids: &[DeliveryId]) -> Result<Vec<Notice>, Error> {
    let mut problem = protocol::Problem::new(Code::WrongState, "Nothing was updated.");
    let mut asked = Vec::new();
    for id in ids {
        match askable(work, *id).await? {
            Ok(found) => asked.push(found),
            Err(why) => problem = problem.with_field(id.to_string(), why),
        }
    }
    if let Some(why) = problem.fields.values().next() {
        problem.message.clone_from(why);
        return Err(problem.into());
    }
    for (delivery, mut edit) in asked {
        start(work, &mut edit, &delivery).await?;
        put(work, &edit).await?;
        work.record(
            "edit_asked",
            &format!("delivery:{}", delivery.id),
            Some(delivery.content),
            json!({"n": edit.n, "from": delivery.n}),
        )
        .await?;
    }
    Ok(vec![])
}

/// The delivery with the edit that would be made, or why there can be none.
async fn askable(
    work: &mut Work<'_, '_>,
    id: DeliveryId,
) -> Result<Result<(Delivery, Edit), &'static str>, Error> {
    let (org, now) = (work.org(), work.now());
    let delivery = store::delivery::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("delivery"))?;
    if delivery.status != DeliveryStatus::Published {
        return Ok(Err("It is not out, so there is nothing to update."));
    }
    let content = store::content::get(work.tx, org, delivery.content)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    if content.archived {
        return Ok(Err("This post is put away. Take it back first."));
    }
    if crate::workflows::is_being_deleted(work, id).await? {
        return Ok(Err("The post is being deleted."));
    }
    if content.n <= delivery.n {
        return Ok(Err("The newest version is out already."));
    }
    let request = store::request::newest(work.tx, org, content.id).await?;
    let request = request.filter(|r| r.n == content.n && r.status.is_in_force());
    let Some(request) = request else {
        return Ok(Err(
            "The newest version is not approved. Ask for approval first.",
        ));
    };
    let version = store::version::get(work.tx, org, content.id, content.n).await?;
    let Some(version) = version.filter(|v| v.hash == request.hash) else {
        return Ok(Err("What was approved is not the newest version."));
    };
    if version.doc()?.target(delivery.identity).is_none() {
        return Ok(Err("The newest version says nothing for this account."));
    }
    let before = store::edit::get(work.tx, org, id).await?;
    if is_open(work, id).await? && before.as_ref().is_some_and(|e| e.status.is_open()) {
        return Ok(Err("An update is being written at this moment."));
    }
    let edit = Edit {
        delivery: id,
        n: version.n,
        hash: version.hash,
        status: EditStatus::Waiting,
        hold: None,
        words: None,
        retry_at: None,
        run: before.as_ref().and_then(|e| e.run),
        starts: before.as_ref().map_or(0, |e| e.starts),
        person: work.ctx.actor.person(),
        asked_at: now,
        settled_at: None,
    };
    Ok(Ok((delivery, edit)))
}

/// Ends an edit of which nothing is on its way. Where a part of a thread is updated already, a
/// person sees that.
pub(crate) async fn end(
    work: &mut Work<'_, '_>,
    mut edit: Edit,
    content: ContentId,
    words: &str,
) -> Result<(), Error> {
    use domain::attempt::AttemptPhase as P;
    let org = work.org();
    let attempts = store::attempt::of_delivery(work.tx, org, edit.delivery).await?;
    let written = attempts
        .iter()
        .filter(|a| a.kind == AttemptKind::Edit && a.n == edit.n && a.phase == P::Confirmed)
        .count();
    edit.status = match written {
        0 => EditStatus::Cancelled,
        _ => EditStatus::Failed,
    };
    edit.words = Some(match written {
        0 => words.to_owned(),
        n => format!("{words} ({n} parts are updated.)"),
    });
    edit.hold = None;
    edit.retry_at = None;
    edit.settled_at = Some(work.now());
    put(work, &edit).await?;
    work.record(
        "edit_cancelled",
        &format!("delivery:{}", edit.delivery),
        Some(content),
        json!({"n": edit.n, "why": words}),
    )
    .await
}

/// Takes an edit back before it is written, or leaves one that failed.
pub(super) async fn cancel(work: &mut Work<'_, '_>, id: DeliveryId) -> Result<Vec<Notice>, Error> {
    let org = work.org();
    let delivery = store::delivery::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("delivery"))?;
    let edit = store::edit::get(work.tx, org, id).await?;
    if let Some(mut edit) = edit.filter(|e| e.status == EditStatus::Failed) {
        // What became of it is said, and a person leaves it at that.
        edit.status = EditStatus::Cancelled;
        put(work, &edit).await?;
        let left = json!({"n": edit.n, "why": "A person left it."});
        let subject = format!("delivery:{id}");
        work.record("edit_cancelled", &subject, Some(delivery.content), left)
            .await?;
        return Ok(vec![]);
    }
    check_closed(work, id).await?;
    end_of(work, &delivery, "A person took it back.").await?;
    Ok(vec![])
}

/// Refuses while an edit of the delivery may be on its way.
pub(crate) async fn check_closed(work: &mut Work<'_, '_>, id: DeliveryId) -> Result<(), Error> {
    let org = work.org();
    let edit = store::edit::get(work.tx, org, id).await?;
    // Of one that was given up nobody will hear any more.
    if edit.is_some_and(|e| e.status.is_open()) && is_open(work, id).await? {
        return Err(Error::refused(
            Code::AttemptOpen,
            "An update is being written at this moment. Wait for what comes of it.",
        ));
    }
    Ok(())
}

/// Ends the edit of a delivery, if one waits.
pub(crate) async fn end_of(
    work: &mut Work<'_, '_>,
    delivery: &Delivery,
    words: &str,
) -> Result<(), Error> {
    let org = work.org();
    let edit = store::edit::get(work.tx, org, delivery.id).await?;
    if let Some(mut edit) = edit.filter(|e| e.status.is_open()) {
        stop(work, &mut edit, words).await?;
        end(work, edit, delivery.content, words).await?;
    }
    Ok(())
}

/// Ends the edits of a content that wait: a newer version, or the content is put away. What is on
/// its way comes to its end.
pub(super) async fn outdate(
    work: &mut Work<'_, '_>,
    content: ContentId,
    words: &str,
) -> Result<(), Error> {
    let org = work.org();
    for mut edit in store::edit::of_content(work.tx, org, content).await? {
        if edit.status.is_open() && !is_open(work, edit.delivery).await? {
            stop(work, &mut edit, words).await?;
            end(work, edit, content, words).await?;
        }
    }
    Ok(())
}

/// The folder was restored or copied: its other self may have written something newer since.
pub(super) async fn ask_about_all(work: &mut Work<'_, '_>, words: &str) -> Result<(), Error> {
    let org = work.org();
    for status in [EditStatus::Waiting, EditStatus::Held, EditStatus::Sending] {
        for mut edit in store::edit::with_status(work.tx, org, status).await? {
            let delivery = store::delivery::get(work.tx, org, edit.delivery).await?;
            stop(work, &mut edit, "the folder was held").await?;
            edit.status = EditStatus::Failed;
            edit.hold = None;
            edit.retry_at = None;
            edit.words = Some(words.to_owned());
            edit.settled_at = Some(work.now());
            put(work, &edit).await?;
            work.record(
                "edit_failed",
                &format!("delivery:{}", edit.delivery),
                delivery.map(|d| d.content),
                json!({"n": edit.n, "words": words}),
            )
            .await?;
        }
    }
    Ok(())
}

/// Lets the edits of a content look again at what is approved.
pub(super) async fn wake(work: &mut Work<'_, '_>, content: ContentId) -> Result<(), Error> {
    let org = work.org();
    let all = store::edit::of_content(work.tx, org, content).await?;
    emit(work, all).await
}

/// Lets the edits of an account look again.
pub(super) async fn wake_of(work: &mut Work<'_, '_>, identity: IdentityId) -> Result<(), Error> {
    let org = work.org();
    let all = store::edit::unsettled_of_identity(work.tx, org, identity).await?;
    emit(work, all).await
}

/// Lets every edit that waits look again.
pub(super) async fn wake_all(work: &mut Work<'_, '_>) -> Result<(), Error> {
    let org = work.org();
    for status in [EditStatus::Waiting, EditStatus::Held] {
        let all = store::edit::with_status(work.tx, org, status).await?;
        emit(work, all).await?;
    }
    Ok(())
}

async fn emit(work: &mut Work<'_, '_>, edits: Vec<Edit>) -> Result<(), Error> {
    for edit in edits.iter().filter(|e| e.status.is_open()) {
        work.emit(deliveries::DELIVERY_CHANGED, edit.delivery)
            .await?;
    }
    Ok(())
}

/// Gives a new run to each edit that is not over and has none that lives. Answers how many.
pub(crate) async fn adopt_orphans(work: &mut Work<'_, '_>) -> Result<u32, Error> {
    let org = work.org();
    let mut adopted = 0;
    for status in [EditStatus::Sending, EditStatus::Waiting, EditStatus::Held] {
        for mut edit in store::edit::with_status(work.tx, org, status).await? {
            if let Some(run) = edit.run
                && engine::run(work.tx, run)
                    .await?
                    .is_some_and(|r| !r.state.is_over())
            {
                continue;
            }
            let delivery = store::delivery::get(work.tx, org, edit.delivery).await?;
            if let Some(delivery) = delivery {
                start(work, &mut edit, &delivery).await?;
                put(work, &edit).await?;
                adopted += 1;
            }
        }
    }
    Ok(adopted)
}
