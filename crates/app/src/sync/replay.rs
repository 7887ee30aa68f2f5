//! What a mirror shows: what the server said last, with the outbox applied on top.

use std::collections::BTreeSet;

use db::Tx;
use domain::Hash;
use domain::identity::Executor;
use domain::ids::{OrganizationId, PersonId};
use domain::person::Actor;
use networks::Registry;
use protocol::Mutation;
use protocol::sync::Batch;
use serde_json::Value;
use store::sync::outbox::{self, Item, State};
use store::sync::{ahead, mirror};
use uuid::Uuid;

use super::versions;
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
            scopes: None,
        }
    }
}

/// From now on what is written is what the server says: what was ahead of it is taken back.
pub(super) async fn back_to_the_server(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
) -> Result<(), Error> {
    mirror::set_ahead(tx, organization, false).await?;
    mirror::in_any_order(tx, true).await?;
    Ok(ahead::take_back(tx, organization).await?)
}

/// Applies the outbox again. What was done for a version that a rejected item would have made rests
/// on it and is held with it, and so does what can no longer be applied and names something that the
/// rejected one names; anything else the server shall judge.
pub(super) async fn outbox(tx: &mut Tx<'_>, whose: &Whose) -> Result<(), Error> {
    let org = whose.organization;
    mirror::set_ahead(tx, org, true).await?;
    // From here on a row that refers to nothing is its item's fault, and not the commit's. What the
    // server's rows leave open is forgotten with it (SQLite sets its count to zero): that whole things
    // come is believed, and a look through all tables at each pull would cost more than it finds.
    mirror::in_any_order(tx, false).await?;
    let mut lost: BTreeSet<String> = BTreeSet::new();
    for mut item in outbox::all(tx, org).await? {
        let named = Named::of(&item.batch);
        if item.state == State::Rejected {
            lost.extend(named.all);
            continue;
        }
        let stands = apply_again(tx, whose, &item).await?;
        let unsent = matches!(item.state, State::Waiting | State::Held);
        let rests = |names: &BTreeSet<String>| names.iter().any(|name| lost.contains(name));
        let held = unsent && (rests(&named.versions) || (!stands && rests(&named.all)));
        if held {
            lost.extend(named.all);
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
        .part(|tx| {
            Box::pin(async move {
                versions::check(tx, ctx.organization, &batch).await?;
                apply::all(tx, &ctx, &batch.mutations).await
            })
        })
        .await;
    match applied {
        Ok(_) => Ok(true),
        Err(error) if super::push::passes(&error) => Err(error),
        Err(_) => Ok(false),
    }
}

/// What a batch names.
#[derive(Default)]
struct Named {
    /// Ids, hashes, and what its versions are named by.
    all: BTreeSet<String>,
    /// The versions that it is meant for.
    versions: BTreeSet<String>,
}

impl Named {
    fn of(batch: &str) -> Self {
        let mut named = Self::default();
        if let Ok(Value::Object(members)) = serde_json::from_str(batch)
            && let Some(mutations) = members.get("mutations")
        {
            gather(mutations, &mut named.all);
        }
        // Of another release it may say more than is known here.
        if let Ok(batch) = serde_json::from_str::<Batch>(batch) {
            named.versions = batch.versions.values().map(Hash::to_string).collect();
            for mutation in &batch.mutations {
                if let Mutation::SaveVersion { doc, .. } = mutation {
                    named.all.insert(Hash::of(doc.as_bytes()).to_string());
                }
            }
        }
        named
    }
}

fn gather(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let id = Uuid::parse_str(text).map(|id| id.to_string());
            into.extend(id);
            into.extend(text.parse::<Hash>().map(|hash| hash.to_string()));
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, into)),
        Value::Object(members) => members.values().for_each(|member| gather(member, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
