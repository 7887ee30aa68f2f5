//! Who decides for somebody who is away.

use domain::approval::RequestStatus;
use domain::delegation::Delegation;
use domain::ids::PersonId;
use domain::rights::{Action, allows};
use protocol::Code;
use protocol::event::{Notification, NotificationKind, Place};
use protocol::mutation::Notice;
use serde_json::json;
use std::collections::BTreeMap;
use store::request::Request;

use super::{Work, person_of};
use crate::Error;

fn refused(words: &str) -> Error {
    Error::from(
        protocol::Problem::new(Code::InvalidInput, words)
            .with_field("delegation", words.to_owned()),
    )
}

/// Whether somebody is here and may decide.
/// Whether somebody is here and may decide.
pub(super) async fn is_able(work: &mut Work<'_, '_>, id: PersonId) -> Result<bool, Error> {
    let org = work.org();
    let person = store::person::get(work.tx, org, id).await?;
    Ok(person.is_some_and(|p| p.active && allows(p.role, Action::Decide)))
}

/// A person says who decides for them: somebody who may decide, is not away then, and for whom
/// nobody decides in turn.
pub(super) async fn set(
    work: &mut Work<'_, '_>,
    delegation: Option<Delegation>,
) -> Result<Vec<Notice>, Error> {
    let me = person_of(work)?;
    let (org, now) = (work.org(), work.now());
    let Some(delegation) = delegation else {
        end(work, me).await?;
        return Ok(vec![]);
    };
    delegation
        .check(me, now)
        .map_err(|e| refused(&e.to_string()))?;
    if !is_able(work, delegation.to).await? {
        return Err(refused("choose somebody who may decide themself"));
    }
    let theirs = store::delegation::get(work.tx, org, delegation.to).await?;
    if theirs.is_some_and(|theirs| theirs.overlaps(&delegation)) {
        return Err(refused(
            "this person is away then, too; choose somebody who is here",
        ));
    }
    let to_me = store::delegation::to(work.tx, org, me, now).await?;
    if to_me.iter().any(|(_, other)| other.overlaps(&delegation)) {
        return Err(refused("you decide for somebody else then; end that first"));
    }
    store::delegation::put(work.tx, org, me, delegation).await?;
    work.changed("delegation", me).await?;
    let people = work.people().await?;
    let name = |id| people.get(&id).map(|p| p.name.clone()).unwrap_or_default();
    let payload = json!({
        "to": name(delegation.to),
        "from": delegation.from.to_string(),
        "until": delegation.until.to_string(),
    });
    work.record("delegated", &format!("person:{me}"), None, payload)
        .await?;
    let notification = Notification {
        key: format!("delegated:{me}:{}:{now}", delegation.to),
        kind: NotificationKind::Delegated,
        args: BTreeMap::from([
            ("person".to_owned(), name(me)),
            ("time".to_owned(), delegation.until.to_string()),
        ]),
        place: Place::Approvals,
        delivery: None,
        status: None,
        network: None,
    };
    work.notify(Some(delegation.to), notification).await?;
    Ok(vec![])
}

/// Ends what a person set: also when they leave, or may not decide any more.
pub(super) async fn end(work: &mut Work<'_, '_>, whose: PersonId) -> Result<(), Error> {
    let org = work.org();
    if store::delegation::get(work.tx, org, whose).await?.is_none() {
        return Ok(());
    }
    store::delegation::remove(work.tx, org, whose).await?;
    work.gone("delegation", whose).await?;
    work.record(
        "delegation_ended",
        &format!("person:{whose}"),
        None,
        json!({}),
    )
    .await
}

/// Ends what others set for somebody who leaves, or may not decide any more: those who are away are
/// asked themselves again.
pub(super) async fn end_to(work: &mut Work<'_, '_>, whom: PersonId) -> Result<(), Error> {
    let (org, now) = (work.org(), work.now());
    for (whose, _) in store::delegation::to(work.tx, org, whom, now).await? {
        end(work, whose).await?;
    }
    Ok(())
}

/// Refuses to decide for somebody who did not say so, or is not away now.
pub(crate) async fn stands_in(
    work: &mut Work<'_, '_>,
    me: PersonId,
    away: PersonId,
) -> Result<(), Error> {
    let (org, now) = (work.org(), work.now());
    let found = store::delegation::get(work.tx, org, away).await?;
    let holds = found.is_some_and(|d| d.to == me && d.holds(now));
    if holds && is_able(work, away).await? && is_able(work, me).await? {
        return Ok(());
    }
    Err(Error::refused(
        Code::Forbidden,
        "You do not decide for this person now.",
    ))
}

/// Who is told that a person is asked: whoever decides for them now, unless that would be their own
/// work or they have a seat in that stage themselves: one person fills one.
pub(crate) async fn whom_to_ask(
    work: &mut Work<'_, '_>,
    request: &Request,
    person: PersonId,
) -> Result<PersonId, Error> {
    let (org, now) = (work.org(), work.now());
    let found = store::delegation::get(work.tx, org, person).await?;
    let Some(to) = found.filter(|d| d.holds(now)).map(|d| d.to) else {
        return Ok(person);
    };
    let authors = store::version::authors(work.tx, org, request.content, request.n).await?;
    let decisions = store::request::decisions(work.tx, org, request.id).await?;
    let spoke = decisions.iter().any(|d| {
        Some(d.stage) == request.stage && d.revoked_at.is_none() && d.operator == Some(to)
    });
    let seats = store::request::seats(work.tx, org, request.id).await?;
    let sits = seats
        .iter()
        .any(|seat| Some(seat.stage) == request.stage && seat.person == to);
    let able = is_able(work, to).await? && !authors.contains(&to) && !spoke && !sits;
    Ok(if able && request.status == RequestStatus::Open {
        to
    } else {
        person
    })
}
