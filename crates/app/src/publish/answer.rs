//! What people say of deliveries that cannot be known, and of those that shall be deleted.

use domain::attempt::AttemptPhase;
use domain::delivery::{DeliveryStatus, Recall};
use domain::ids::DeliveryId;
use protocol::Code;
use protocol::mutation::{Notice, UnconfirmedAnswer};
use serde_json::json;
use store::attempt::Attempt;
use store::delivery::Delivery;
use store::publication::Publication;

use super::facts::Facts;
use super::look::Handle;
use super::settle;
use crate::Error;
use crate::apply::Work;
use crate::apply::deliveries::{clear, move_to, put, send_now, start_run};

async fn known(work: &mut Work<'_, '_>, id: DeliveryId) -> Result<Delivery, Error> {
    let org = work.org();
    store::delivery::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("delivery"))
}

/// A person says what became of a delivery that cannot be known.
///
/// # Errors
/// When it is known, or the database says no.
pub async fn answer_unconfirmed(
    work: &mut Work<'_, '_>,
    id: DeliveryId,
    answer: &UnconfirmedAnswer,
) -> Result<Vec<Notice>, Error> {
    // It is about the try that a person looked at; on a mirror another may be under way meanwhile.
    work.require_here()?;
    let delivery = known(work, id).await?;
    if delivery.status != DeliveryStatus::Unconfirmed {
        return Err(Error::refused(
            Code::WrongState,
            "It is known meanwhile what became of it. Look again.",
        ));
    }
    let person = crate::apply::person_of(work)?;
    if let UnconfirmedAnswer::ItIsLive { url: Some(url) } = answer {
        check_address(url)?;
    }
    let content = delivery.content;
    let facts = Facts::gather(work, delivery).await?;
    let attempt = facts
        .next_segment()
        .and_then(|segment| facts.open_attempt(segment).cloned())
        .ok_or_else(|| Error::missing("attempt"))?;
    let (now, from) = (work.now(), attempt.phase);
    let mut attempt = attempt;
    let may_be_kept = may_be_kept(&attempt);
    let said = match answer {
        UnconfirmedAnswer::ItIsLive { .. } => "it_is_live",
        UnconfirmedAnswer::SendAgain => "send_again",
        UnconfirmedAnswer::Drop => "drop",
        UnconfirmedAnswer::LookAgain => "look_again",
    };
    work.record(
        "unconfirmed_answered",
        &format!("delivery:{id}"),
        Some(content),
        json!({"answer": said, "attempt": attempt.id, "url": match answer {
            UnconfirmedAnswer::ItIsLive { url } => url.as_deref(),
            _ => None,
        }}),
    )
    .await?;
    match answer {
        UnconfirmedAnswer::ItIsLive { url } => {
            attempt.phase = AttemptPhase::Confirmed;
            attempt.settled_at = Some(now);
            work.attempt(from, &attempt).await?;
            let publication = Publication {
                delivery: id,
                segment: attempt.segment,
                remote_id: String::new(),
                url: url.clone(),
                extra: serde_json::Value::Null,
                by_person: true,
                at: now,
                ended_at: None,
            };
            live_by_word(work, facts, publication).await?;
            Ok(vec![])
        }
        // What may still be kept is asked back first: only the network's answer settles it.
        UnconfirmedAnswer::SendAgain if may_be_kept => {
            ask_back(work, facts, attempt, Recall::Plan).await
        }
        UnconfirmedAnswer::Drop if may_be_kept => {
            ask_back(work, facts, attempt, Recall::Cancel).await
        }
        UnconfirmedAnswer::SendAgain => {
            // The attempt keeps blocking until the next one is journaled: only that transaction
            // writes it off, with this name.
            attempt.written_off_by = Some(person);
            work.attempt(from, &attempt).await?;
            let mut delivery = facts.delivery;
            clear(&mut delivery, DeliveryStatus::Missed);
            // What was given to the network and is not there goes from here, at its time.
            delivery.hand_off = false;
            let ahead = delivery.planned.clone().filter(|p| p.at > now);
            put(work, delivery).await?;
            match ahead {
                Some(planned) => move_to(work, id, None, &planned).await,
                None => send_now(work, id).await,
            }
        }
        UnconfirmedAnswer::Drop => {
            attempt.phase = AttemptPhase::WrittenOff;
            attempt.written_off_by = Some(person);
            attempt.settled_at = Some(now);
            work.attempt(from, &attempt).await?;
            let mut delivery = facts.delivery;
            let rest = delivery.live > 0;
            clear(
                &mut delivery,
                if rest {
                    DeliveryStatus::Failed
                } else {
                    DeliveryStatus::Cancelled
                },
            );
            if rest {
                delivery.words = Some(format!(
                    "{} of {} parts are live.",
                    delivery.live, delivery.segments
                ));
            }
            delivery.settled_at = Some(now);
            put(work, delivery).await?;
            work.recompute(content).await?;
            Ok(vec![])
        }
        UnconfirmedAnswer::LookAgain => {
            let mut handle = Handle::of(attempt.handle.as_ref());
            // Once: the offsets of the first looks have passed.
            handle.looks = handle.looks.saturating_sub(1);
            handle.fails = 0;
            attempt.handle = Some(handle.to_value());
            work.attempt(from, &attempt).await?;
            let mut delivery = facts.delivery;
            clear(&mut delivery, DeliveryStatus::Sending);
            delivery.retry_at = Some(now);
            start_run(work, &mut delivery).await?;
            put(work, delivery).await?;
            work.recompute(content).await?;
            Ok(vec![])
        }
    }
}

/// The network named it as kept, and has not been asked since somebody answered.
fn may_be_kept(attempt: &Attempt) -> bool {
    let handle = Handle::of(attempt.handle.as_ref());
    attempt.handed_for.is_some() && handle.network.is_some() && !handle.asked_back
}

async fn ask_back(
    work: &mut Work<'_, '_>,
    facts: Facts,
    mut attempt: Attempt,
    recall: Recall,
) -> Result<Vec<Notice>, Error> {
    let (from, now) = (attempt.phase, work.now());
    let handle = Handle {
        network: Handle::of(attempt.handle.as_ref()).network,
        asked_back: true,
        ..Handle::default()
    };
    attempt.phase = AttemptPhase::Pending;
    attempt.handle = Some(handle.to_value());
    work.attempt(from, &attempt).await?;
    let mut delivery = facts.delivery;
    let content = delivery.content;
    clear(&mut delivery, DeliveryStatus::HandedOff);
    delivery.recall = Some(recall);
    delivery.retry_at = Some(now);
    start_run(work, &mut delivery).await?;
    put(work, delivery).await?;
    work.recompute(content).await?;
    Ok(vec![])
}

/// The window opens this address later: nothing but a page.
fn check_address(url: &str) -> Result<(), Error> {
    let page = url.starts_with("https://") || url.starts_with("http://");
    if page && url.len() <= 2048 && !url.contains(char::is_control) {
        return Ok(());
    }
    Err(Error::refused(
        Code::InvalidInput,
        "This is no address of a post. It begins with https://, or leave it empty.",
    ))
}

/// A segment is live on a person's word. The network's id is not known, so a thread cannot go on
/// from there.
async fn live_by_word(
    work: &mut Work<'_, '_>,
    mut facts: Facts,
    publication: Publication,
) -> Result<(), Error> {
    let org = work.org();
    store::publication::save(work.tx, org, &publication).await?;
    work.changed(
        "publication",
        format!("{}:{}", publication.delivery, publication.segment),
    )
    .await?;
    facts.publications.push(publication);
    facts.delivery.live = u32::try_from(facts.publications.len()).unwrap_or(u32::MAX);
    if facts.next_segment().is_none() {
        return settle::all_live(work, facts).await;
    }
    let (now, content) = (work.now(), facts.delivery.content);
    let mut delivery = facts.delivery;
    clear(&mut delivery, DeliveryStatus::Failed);
    delivery.settled_at = Some(now);
    delivery.words = Some(format!(
        "{} of {} parts are live. The rest cannot follow: the network's own name of the last part is not known.",
        delivery.live, delivery.segments
    ));
    put(work, delivery).await?;
    work.recompute(content).await?;
    Ok(())
}

/// Deletes what is live from its network: runs do it, and read back that it is gone.
///
/// # Errors
/// When one of them is not live, or the database says no.
pub async fn delete_published(
    work: &mut Work<'_, '_>,
    ids: &[DeliveryId],
) -> Result<Vec<Notice>, Error> {
    let mut problem = protocol::Problem::new(
        Code::WrongState,
        "Nothing was deleted: some of these are not live, as far as is known.",
    );
    let mut found = Vec::new();
    for id in ids {
        let delivery = known(work, *id).await?;
        let org = work.org();
        let live = store::publication::of_delivery(work.tx, org, *id).await?;
        let there = live
            .iter()
            .any(|p| p.ended_at.is_none() && !p.remote_id.is_empty());
        let settled = !delivery.status.is_driven();
        if there && settled {
            crate::apply::edits::check_closed(work, *id).await?;
            found.push(delivery);
        } else {
            problem = problem.with_field(id.to_string(), "It is not live, or still being sent.");
        }
    }
    if !problem.fields.is_empty() {
        return Err(problem.into());
    }
    for delivery in found {
        work.record(
            "deletion_asked",
            &format!("delivery:{}", delivery.id),
            Some(delivery.content),
            json!({}),
        )
        .await?;
        crate::apply::edits::end_of(work, &delivery, "The post is being deleted.").await?;
        crate::workflows::delete_publication(work, &delivery).await?;
    }
    Ok(vec![])
}
