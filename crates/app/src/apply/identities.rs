//! Accounts. Their secrets never come here.

use domain::cost::Budget;
use domain::delivery::{DeliveryStatus, HoldReason};
use domain::identity::IdentityStatus;
use domain::ids::{IdentityId, PersonaId};
use networks::{KEEPS_TIME, METRICS};
use protocol::mutation::{IdentityFacts, Notice};
use protocol::{Code, Tag};
use serde_json::json;
use store::identity::Identity;

use super::{Work, deliveries};
use crate::Error;

/// The setting in which adapters keep an account's server.
const SERVICE: &str = "service";

/// The name under which runs hear of an account's change.
pub(crate) const IDENTITY_CHANGED: &str = "identity_changed";

pub(super) async fn add(
    work: &mut Work<'_, '_>,
    id: IdentityId,
    persona: PersonaId,
    facts: &IdentityFacts,
) -> Result<Vec<Notice>, Error> {
    let (org, now) = (work.org(), work.now());
    if store::persona::get(work.tx, org, persona)
        .await?
        .is_none_or(|p| p.archived)
    {
        return Err(Error::missing("persona"));
    }
    if store::identity::get(work.tx, org, id).await?.is_some() {
        return Err(Error::refused(
            Code::Conflict,
            "This account exists already. Look again.",
        ));
    }
    for other in store::identity::all(work.tx, org).await? {
        let same = other.network == facts.network && other.remote_id == facts.remote_id;
        if same && other.status != IdentityStatus::Disconnected {
            return Err(Error::refused(
                Code::Conflict,
                format!("{} is connected already.", other.handle),
            ));
        }
    }
    let identity = Identity {
        id,
        persona,
        network: facts.network.clone(),
        remote_id: facts.remote_id.clone(),
        handle: facts.handle.clone(),
        display_name: facts.display_name.clone(),
        service: facts.service.clone(),
        status: IdentityStatus::Connected,
        trouble: None,
        settings: facts.settings.clone(),
        live: facts.live.clone(),
        executor: work.ctx.executor,
        epoch: 1,
        checked_at: Some(now),
        budget: None,
    };
    store::identity::save(work.tx, org, &identity, now).await?;
    work.changed("identity", id).await?;
    work.record(
        "identity_connected",
        &format!("identity:{id}"),
        None,
        json!({"network": facts.network, "handle": facts.handle}),
    )
    .await?;
    crate::workflows::watch_account(work, &identity).await?;
    crate::workflows::renew_sign_in(work, &identity).await?;
    Ok(vec![])
}

async fn known(work: &mut Work<'_, '_>, id: IdentityId) -> Result<Identity, Error> {
    let org = work.org();
    store::identity::get(work.tx, org, id)
        .await?
        .ok_or_else(|| Error::missing("account"))
}

pub(super) async fn update(
    work: &mut Work<'_, '_>,
    id: IdentityId,
    facts: &IdentityFacts,
) -> Result<Vec<Notice>, Error> {
    let before = known(work, id).await?;
    // The account's secret would follow there.
    if before.service != facts.service
        || before.settings.get(SERVICE) != facts.settings.get(SERVICE)
    {
        return Err(Error::refused(
            Code::Conflict,
            "This account is on another server now. Reconnect it.",
        ));
    }
    let signed_in = before.status != IdentityStatus::Connected;
    take(work, before, facts, signed_in).await?;
    Ok(vec![])
}

/// A person signed in to the account again, on whatever server it is now.
pub(super) async fn reconnect(
    work: &mut Work<'_, '_>,
    id: IdentityId,
    facts: &IdentityFacts,
) -> Result<(), Error> {
    let before = known(work, id).await?;
    take(work, before, facts, true).await
}

async fn take(
    work: &mut Work<'_, '_>,
    before: Identity,
    facts: &IdentityFacts,
    signed_in: bool,
) -> Result<(), Error> {
    let id = before.id;
    if before.network != facts.network || before.remote_id != facts.remote_id {
        return Err(Error::refused(
            Code::Conflict,
            "This is another account. Connect it as a new one.",
        ));
    }
    let (org, now) = (work.org(), work.now());
    // What a person chose, or a server was found to do, is not the network's to say. Whether it
    // keeps the time of posts is tried anew when a person looks after the account.
    let mut settings = facts.settings.clone();
    let by_person = super::person_of(work).is_ok();
    for own in [METRICS, KEEPS_TIME] {
        settings.remove(own);
        let known = before.settings.get(own);
        if let Some(known) = known.filter(|_| own == METRICS || !by_person) {
            settings.insert(own.to_owned(), known.clone());
        }
    }
    let unchanged = before.clone();
    let identity = Identity {
        handle: facts.handle.clone(),
        display_name: facts.display_name.clone(),
        service: facts.service.clone(),
        settings,
        live: facts.live.clone(),
        status: IdentityStatus::Connected,
        trouble: None,
        checked_at: Some(now),
        ..before
    };
    store::identity::save(work.tx, org, &identity, now).await?;
    work.changed("identity", id).await?;
    if signed_in {
        work.record(
            "identity_reconnected",
            &format!("identity:{id}"),
            None,
            json!({"network": facts.network, "handle": facts.handle}),
        )
        .await?;
        crate::workflows::watch_account(work, &identity).await?;
        crate::workflows::renew_sign_in(work, &identity).await?;
        release(work, id, HoldReason::Account).await?;
    } else if (Identity {
        checked_at: identity.checked_at,
        ..unchanged
    }) != identity
    {
        // A check that finds nothing new is no change.
        work.record(
            "identity_updated",
            &format!("identity:{id}"),
            None,
            json!({"network": facts.network, "handle": facts.handle}),
        )
        .await?;
    }
    wake(work, id).await
}

pub(super) async fn measure(
    work: &mut Work<'_, '_>,
    id: IdentityId,
    on: bool,
) -> Result<Vec<Notice>, Error> {
    let mut identity = known(work, id).await?;
    let (org, now) = (work.org(), work.now());
    match on {
        true => identity
            .settings
            .insert(METRICS.to_owned(), "on".to_owned()),
        false => identity.settings.remove(METRICS),
    };
    store::identity::save(work.tx, org, &identity, now).await?;
    work.changed("identity", id).await?;
    work.record(
        "identity_measured",
        &format!("identity:{id}"),
        None,
        json!({"network": identity.network, "handle": identity.handle, "on": on}),
    )
    .await?;
    Ok(vec![])
}

/// Says what posts to an account may cost in a month.
pub(super) async fn set_budget(
    work: &mut Work<'_, '_>,
    id: IdentityId,
    budget: Option<&Budget>,
) -> Result<Vec<Notice>, Error> {
    let mut identity = known(work, id).await?;
    let (org, now) = (work.org(), work.now());
    if let Some(budget) = budget {
        let adapter = work.ctx.networks.get(&identity.network);
        let asks = adapter.and_then(|a| a.descriptor().features.currency.clone());
        if asks.as_ref() != Some(&budget.currency) {
            return Err(Error::refused(
                Code::InvalidInput,
                match asks {
                    None => "This network asks for no money.".to_owned(),
                    Some(asks) => format!("This network asks for money in {asks}."),
                },
            ));
        }
    }
    identity.budget = budget.cloned();
    store::identity::save(work.tx, org, &identity, now).await?;
    work.changed("identity", id).await?;
    work.record(
        "budget_set",
        &format!("identity:{id}"),
        None,
        json!({"network": identity.network, "handle": identity.handle,
            "micros": budget.map(|b| b.amount_micros), "currency": budget.map(|b| &b.currency)}),
    )
    .await?;
    // What still does not fit is held again when it looks.
    release(work, id, HoldReason::Budget).await?;
    wake(work, id).await?;
    Ok(vec![])
}

/// Lets go of what was held for `reason`, and of nothing else. Not all of it has a run (a draft
/// has none), and a run that still waits for an approval would leave it held; what is late by now
/// is for the runs to say.
async fn release(work: &mut Work<'_, '_>, id: IdentityId, reason: HoldReason) -> Result<(), Error> {
    let org = work.org();
    for mut delivery in store::delivery::unsettled_of_identity(work.tx, org, id).await? {
        if delivery.hold != Some(reason) {
            continue;
        }
        let content = delivery.content;
        deliveries::clear(&mut delivery, DeliveryStatus::Planned);
        deliveries::put(work, delivery).await?;
        work.recompute(content).await?;
    }
    Ok(())
}

pub(super) async fn disconnect(
    work: &mut Work<'_, '_>,
    id: IdentityId,
) -> Result<Vec<Notice>, Error> {
    let before = known(work, id).await?;
    let (org, now) = (work.org(), work.now());
    if before.status == IdentityStatus::Connected && may_be_kept(work, id).await? {
        return Err(Error::refused(
            Code::WrongState,
            "The network keeps posts of this account for their time, or may. Cancel, move or answer them first.",
        ));
    }
    let names = json!({"network": before.network, "handle": before.handle});
    let identity = Identity {
        status: IdentityStatus::Disconnected,
        trouble: None,
        ..before
    };
    store::identity::save(work.tx, org, &identity, now).await?;
    work.changed("identity", id).await?;
    work.record(
        "identity_disconnected",
        &format!("identity:{id}"),
        None,
        names,
    )
    .await?;
    wake(work, id).await?;
    Ok(vec![])
}

/// Whether the network keeps something of an account for its time, or nobody knows.
async fn may_be_kept(work: &mut Work<'_, '_>, id: IdentityId) -> Result<bool, Error> {
    let org = work.org();
    for attempt in store::attempt::open(work.tx, org).await? {
        if attempt.handed_for.is_some() {
            let delivery = store::delivery::get(work.tx, org, attempt.delivery).await?;
            if delivery.is_some_and(|d| d.identity == id) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Lets every delivery that waits for the account look again.
pub(crate) async fn wake(work: &mut Work<'_, '_>, id: IdentityId) -> Result<(), Error> {
    let org = work.org();
    for delivery in store::delivery::unsettled_of_identity(work.tx, org, id).await? {
        work.emit(deliveries::DELIVERY_CHANGED, delivery.id).await?;
    }
    super::edits::wake_of(work, id).await?;
    work.emit(IDENTITY_CHANGED, id).await?;
    work.tag(Tag::Accounts);
    Ok(())
}
