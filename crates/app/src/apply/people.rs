//! People and their roles.

use db::Tx;
use domain::ids::PersonId;
use domain::person::Role;
use protocol::mutation::Notice;
use protocol::{Code, Tag};
use serde_json::json;
use store::person::Person;

use super::{Ctx, Effects, Work, delegations, requests};
use crate::Error;

/// A name of a person or an organization, without blanks around it.
///
/// # Errors
/// `invalid_input`.
pub fn checked(name: &str) -> Result<&str, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 120 || name.contains('\0') {
        return Err(Error::refused(
            Code::InvalidInput,
            "Give a name of 1 to 120 characters.",
        ));
    }
    Ok(name)
}

pub(super) async fn add(
    work: &mut Work<'_, '_>,
    id: PersonId,
    name: &str,
    role: Role,
) -> Result<Vec<Notice>, Error> {
    let org = work.org();
    let name = checked(name)?;
    guard_owner(work, role).await?;
    if store::person::get(work.tx, org, id).await?.is_some() {
        return Err(Error::refused(
            Code::Conflict,
            "This person exists already.",
        ));
    }
    let person = Person {
        id,
        name: name.to_owned(),
        role,
        active: true,
    };
    let now = work.now();
    store::person::insert(work.tx, org, &person, now).await?;
    work.changed("person", id).await?;
    work.record(
        "person_added",
        &format!("person:{id}"),
        None,
        json!({"name": name, "role": role}),
    )
    .await?;
    Ok(vec![])
}

/// Somebody comes in who was not here before, on their own word: nobody else can be the actor of
/// the first person, and who was invited comes when they like. The actor of `ctx` is that person.
///
/// # Errors
/// When the name cannot be one, or the database says no.
pub async fn come_in(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    name: &str,
    role: Role,
    invited_by: Option<PersonId>,
) -> Result<Effects, Error> {
    let id = ctx.actor.person().ok_or_else(|| Error::missing("person"))?;
    let name = checked(name)?;
    let person = Person {
        id,
        name: name.to_owned(),
        role,
        active: true,
    };
    store::organization::lock(tx, ctx.organization).await?;
    match store::person::get(tx, ctx.organization, id).await? {
        // Who left, and was invited again.
        Some(known) if !known.active => {
            store::person::update(tx, ctx.organization, &person).await?;
        }
        Some(_) => {
            return Err(Error::refused(
                Code::Conflict,
                "This person is here already.",
            ));
        }
        None => store::person::insert(tx, ctx.organization, &person, ctx.now).await?,
    }
    let mut work = Work::begin(tx, ctx).await?;
    work.changed("person", id).await?;
    let mut payload = json!({"name": name, "role": role});
    if let Some(by) = invited_by {
        payload["invited_by"] = json!(by);
    }
    work.record("person_added", &format!("person:{id}"), None, payload)
        .await?;
    work.tag(Tag::People);
    work.finish().await
}

/// Only an owner makes an owner.
pub(super) async fn guard_owner(work: &mut Work<'_, '_>, role: Role) -> Result<(), Error> {
    let Some(actor) = work.ctx.actor.person() else {
        return Ok(());
    };
    let org = work.org();
    let is_owner = store::person::get(work.tx, org, actor)
        .await?
        .is_some_and(|p| p.role == Role::Owner);
    if role == Role::Owner && !is_owner {
        return Err(Error::refused(
            Code::Forbidden,
            "Only an owner can make an owner.",
        ));
    }
    Ok(())
}

pub(super) async fn known(work: &mut Work<'_, '_>, id: PersonId) -> Result<Person, Error> {
    let org = work.org();
    store::person::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("person"))
}

/// Refuses to take away the last owner.
async fn keep_an_owner(work: &mut Work<'_, '_>, leaving: &Person) -> Result<(), Error> {
    if leaving.role != Role::Owner {
        return Ok(());
    }
    let org = work.org();
    let others = store::person::all(work.tx, org).await?;
    if others
        .iter()
        .any(|p| p.id != leaving.id && p.active && p.role == Role::Owner)
    {
        return Ok(());
    }
    Err(Error::refused(
        Code::LastOwner,
        "An organization needs an owner. Make somebody else owner first.",
    ))
}

pub(super) async fn update(
    work: &mut Work<'_, '_>,
    id: PersonId,
    name: &str,
    role: Role,
) -> Result<Vec<Notice>, Error> {
    let name = checked(name)?;
    let before = known(work, id).await?;
    if !before.active {
        // Or an old page would write back the name of somebody who was erased.
        return Err(Error::refused(
            Code::WrongState,
            "They are here no more. Invite them again first.",
        ));
    }
    let was = before.role;
    if role != was {
        guard_owner(work, role.max(before.role)).await?;
        keep_an_owner(work, &before).await?;
    }
    let org = work.org();
    let person = Person {
        name: name.to_owned(),
        role,
        ..before
    };
    store::person::update(work.tx, org, &person).await?;
    work.changed("person", id).await?;
    work.record(
        "person_updated",
        &format!("person:{id}"),
        None,
        json!({"name": name, "role": role}),
    )
    .await?;
    // Who may no longer decide must not keep a seat that nobody else can fill.
    let decides = |role| domain::rights::allows(role, domain::rights::Action::Decide);
    if decides(was) && !decides(role) {
        delegations::end(work, id).await?;
        delegations::end_to(work, id).await?;
        return requests::vacate(work, id).await;
    }
    Ok(vec![])
}

pub(super) async fn deactivate(
    work: &mut Work<'_, '_>,
    id: PersonId,
) -> Result<Vec<Notice>, Error> {
    let before = known(work, id).await?;
    guard_owner(work, before.role).await?;
    keep_an_owner(work, &before).await?;
    let org = work.org();
    let name = before.name.clone();
    store::person::update(
        work.tx,
        org,
        &Person {
            active: false,
            ..before
        },
    )
    .await?;
    work.changed("person", id).await?;
    work.record(
        "person_deactivated",
        &format!("person:{id}"),
        None,
        json!({"name": name}),
    )
    .await?;
    delegations::end(work, id).await?;
    delegations::end_to(work, id).await?;
    // Or they would work again if the person ever came back.
    let now = work.now();
    store::review_link::withdraw_of(work.tx, org, id, now).await?;
    store::member::revoke_of_person(work.tx, org, id, now).await?;
    requests::vacate(work, id).await
}
