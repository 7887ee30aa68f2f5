//! What a pull brings to a mirror: parts that wait for the last one, and are applied with it.

use std::collections::{BTreeMap, BTreeSet};

use db::Tx;
use domain::Instant;
use domain::ids::{ClientId, OrganizationId, PersonId};
use protocol::Tag;
use protocol::event::Notification;
use protocol::sync::{Change, Page};
use serde_json::{Map, Value};
use store::sync::mirror::{self, Staged};
use store::sync::outbox::{self, State};
use store::sync::{Kept, entity};

use super::mirror::known;
use super::replay::{self, Whose};
use super::waiting::{begin_as, reject};
use crate::Error;
use crate::apply::Effects;

pub(super) async fn forget_place(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
) -> Result<(), Error> {
    let mut state = known(tx, organization).await?;
    state.cursor = None;
    state.reached = None;
    mirror::save(tx, organization, &state).await?;
    Ok(mirror::unstage(tx, organization).await?)
}

/// The place is no use any more, and what was seen up to there may have been another order.
pub(super) async fn begin_anew(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<(), Error> {
    forget_place(tx, organization).await?;
    for mut item in outbox::all(tx, organization).await? {
        item.base = 0;
        outbox::save(tx, organization, &item).await?;
    }
    Ok(())
}

/// Takes in a part; the last one is applied with all before it. Says whether there is more.
pub(super) async fn take_in(
    tx: &mut Tx<'_>,
    whose: &Whose,
    page: &Page,
    (now, fresh): (Instant, ClientId),
) -> Result<(bool, Effects), Error> {
    let org = whose.organization;
    sound(org, &page.changes)?;
    let mut state = known(tx, org).await?;
    let staged = Staged {
        page: store::to_json(&page.changes)?,
        afresh: state.cursor.is_none() && state.reached.is_none(),
    };
    mirror::stage(tx, org, &staged).await?;
    state.reached = Some(store::to_json(&page.cursor)?);
    if page.has_more {
        mirror::save(tx, org, &state).await?;
        return Ok((true, Effects::default()));
    }
    replay::back_to_the_server(tx, org).await?;
    let mut told = Effects::default();
    let (mut afresh, mut place) = (false, 0);
    while let Some((at, part)) = mirror::next_staged(tx, org, place).await? {
        place = at;
        if part.afresh {
            mirror::empty(tx, org).await?;
            told.tags.extend(Tag::ALL);
        }
        afresh |= part.afresh;
        let changes: Vec<Change> = store::from_json("page", &part.page)?;
        write(tx, org, &changes, afresh, &mut told).await?;
    }
    mirror::unstage(tx, org).await?;
    store::organization::follow(tx, org, page.cursor.seq).await?;
    state.cursor = state.reached.take();
    state.settled = state.settled.max(page.last_mutation);
    state.answered = state.answered.max(page.last_mutation);
    state.synced_at = Some(now);
    mirror::save(tx, org, &state).await?;
    settle(tx, org, page, fresh).await?;
    replay::outbox(tx, whose).await?;
    Ok((false, told))
}

/// Refuses what no server sends that is in its right mind: nothing of it is kept.
fn sound(organization: OrganizationId, changes: &[Change]) -> Result<(), Error> {
    for change in changes {
        // Of a later release.
        let Some(entity) = entity(&change.entity) else {
            continue;
        };
        let rows = change.rows.iter().map(|row| (&*row.table, &row.values));
        store::sync::check(organization, entity, &change.id, rows)?;
    }
    Ok(())
}

/// Lets go what the pull has shown.
async fn settle(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    page: &Page,
    fresh: ClientId,
) -> Result<(), Error> {
    for refusal in &page.refused {
        reject(tx, organization, refusal.n, &refusal.problem).await?;
    }
    let mut lost = false;
    for item in outbox::all(tx, organization).await? {
        let shown = item.n.is_some_and(|n| n <= page.last_mutation);
        if shown && item.state != State::Rejected {
            outbox::remove(tx, organization, item.place).await?;
        }
        lost |= !shown && item.state == State::Taken;
    }
    // It said so, and knows nothing of it now: it was restored. Under other numbers all goes again.
    if lost {
        begin_as(tx, organization, fresh).await?;
    }
    Ok(())
}

/// Writes changes, those of one kind that follow each other at once.
async fn write(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    changes: &[Change],
    afresh: bool,
    told: &mut Effects,
) -> Result<(), Error> {
    for some in changes.chunk_by(|a, b| a.entity == b.entity) {
        let Some(entity) = some.first().and_then(|c| entity(&c.entity)) else {
            continue;
        };
        told.tags.extend(tags(entity.name));
        if entity.first().table.kept == Kept::Once {
            // What people were told before they came is not told again.
            if afresh {
                continue;
            }
            told.notifications.extend(some.iter().filter_map(noticed));
        }
        let ids: Vec<&str> = some.iter().map(|c| c.id.as_str()).collect();
        let mut rows: BTreeMap<&str, Vec<&Map<String, Value>>> = BTreeMap::new();
        for row in some.iter().flat_map(|c| &c.rows) {
            rows.entry(&row.table).or_default().push(&row.values);
        }
        mirror::take(tx, organization, entity, &ids, &rows).await?;
    }
    Ok(())
}

/// What people are told, and who.
fn noticed(change: &Change) -> Option<(Option<PersonId>, Notification)> {
    let values = &change.rows.first()?.values;
    let person = values.get("person_id").and_then(Value::as_str);
    let body = values.get("body")?.as_str()?;
    Some((
        person.and_then(|id| id.parse().ok()),
        serde_json::from_str(body).ok()?,
    ))
}

/// What a window shows of a kind of thing.
fn tags(entity: &str) -> BTreeSet<Tag> {
    let tags: &[Tag] = match entity {
        "organization" => &[Tag::Runtime],
        "person" => &[Tag::People],
        "delegation" => &[Tag::People, Tag::Requests],
        "chain" => &[Tag::Chains],
        "persona" => &[Tag::Personas],
        "identity" => &[Tag::Accounts],
        "asset" => &[Tag::Assets],
        "request" | "decision" => &[Tag::Requests],
        "delivery" | "publication" | "edit" => &[Tag::Deliveries, Tag::Contents],
        "note" => &[Tag::Notes],
        "template" => &[Tag::Templates],
        "source" => &[Tag::Sources],
        "trend" | "suggestion" | "slot_fill" | "muted_topic" | "learning" => &[Tag::Ideas],
        "sample" => &[Tag::Metrics],
        "notification" | "dismissed_remark" => &[],
        "model_use" => &[Tag::Personas],
        _ => &[Tag::Contents],
    };
    tags.iter().copied().collect()
}
