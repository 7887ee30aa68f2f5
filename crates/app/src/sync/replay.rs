//! What a mirror shows: what the server said last, with the outbox applied on top.

use std::collections::BTreeSet;

use db::Tx;
use domain::identity::Executor;
use domain::ids::{OrganizationId, PersonId};
use domain::person::Actor;
use networks::Registry;
use protocol::sync::Batch;
use serde_json::Value;
use store::sync::outbox::{self, Item, State};
use store::sync::{ahead, mirror};
use uuid::Uuid;

use crate::Error;
use crate::apply::{self, Authority, Ctx};

/// Whose mirror it is.
#[derive(Clone, Debug)]
pub(super) struct Whose {
    pub(super) organization: OrganizationId,
    pub(super) person: PersonId,
    pub(super) networks: Registry,
}

impl Whose {
    /// Under what an item is applied in advance. The clock of this computer stands in for the
    /// authority's; it decides nothing.
    pub(super) fn ctx(&self, batch: &Batch, at: domain::Instant) -> Ctx {
        Ctx {
            organization: self.organization,
            actor: Actor::Person {
                id: self.person,
                operator: None,
            },
            now: at,
            cause: batch.id.0,
            // Nothing is audited here.
            salt: [0; 16],
            networks: self.networks.clone(),
            authority: Authority::Elsewhere,
            // As the server says of what a desktop connects.
            executor: Executor::Desktop,
        }
    }
}

/// From now on what is written is what the server says: what was ahead of it is taken back.
pub(super) async fn back_to_the_server(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
) -> Result<(), Error> {
    mirror::set_ahead(tx, organization, false).await?;
    mirror::in_any_order(tx).await?;
    Ok(ahead::take_back(tx, organization).await?)
}

/// Applies the outbox again. What can no longer be applied, and names something that a rejected item
/// names, rests on it and is held with it; anything else the server shall judge.
pub(super) async fn outbox(tx: &mut Tx<'_>, whose: &Whose) -> Result<(), Error> {
    let org = whose.organization;
    mirror::set_ahead(tx, org, true).await?;
    let mut lost: BTreeSet<Uuid> = BTreeSet::new();
    for mut item in outbox::all(tx, org).await? {
        let names = named(&item.batch);
        if item.state == State::Rejected {
            lost.extend(names);
            continue;
        }
        let stands = apply_again(tx, whose, &item).await?;
        let unsent = matches!(item.state, State::Waiting | State::Held);
        let held = unsent && !stands && names.iter().any(|id| lost.contains(id));
        if held {
            lost.extend(names);
        }
        let state = match unsent {
            true if held => State::Held,
            true => State::Waiting,
            false => item.state,
        };
        if state != item.state {
            item.state = state;
            outbox::save(tx, org, &item).await?;
        }
    }
    Ok(())
}

/// Whether an item could be applied on top of what is there; else nothing of it is.
async fn apply_again(tx: &mut Tx<'_>, whose: &Whose, item: &Item) -> Result<bool, Error> {
    // Written by another release: the server may know it.
    let Ok(batch) = serde_json::from_str::<Batch>(&item.batch) else {
        return Ok(false);
    };
    let ctx = whose.ctx(&batch, item.at);
    let applied = tx
        .part(|tx| Box::pin(async move { apply::all(tx, &ctx, &batch.mutations).await }))
        .await;
    match applied {
        Ok(_) => Ok(true),
        Err(error) if super::push::passes(&error) => Err(error),
        Err(_) => Ok(false),
    }
}

/// Every id in the mutations of a batch.
fn named(batch: &str) -> BTreeSet<Uuid> {
    let mut found = BTreeSet::new();
    if let Ok(Value::Object(members)) = serde_json::from_str(batch)
        && let Some(mutations) = members.get("mutations")
    {
        gather(mutations, &mut found);
    }
    found
}

fn gather(value: &Value, into: &mut BTreeSet<Uuid>) {
    match value {
        Value::String(text) => into.extend(Uuid::parse_str(text)),
        Value::Array(items) => items.iter().for_each(|item| gather(item, into)),
        Value::Object(members) => members.values().for_each(|member| gather(member, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
