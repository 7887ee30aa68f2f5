//! What waits in the outbox of a mirror: how it comes in, and what the server's answers make of it.

use db::Tx;
use domain::Instant;
use domain::ids::{ClientId, OrganizationId};
use protocol::mutation::Applied;
use protocol::sync::{Batch, Former, Outcome, Push};
use protocol::{Code, Mutation, Problem};
use store::sync::mirror;
use store::sync::outbox::{self, State};

use super::mirror::{known, rebase};
use super::replay::Whose;
use super::versions;
use crate::apply::{self, Effects};
use crate::{Error, member};

/// How many bytes of JSON one item may have: far beyond any thread, short of a mistake.
const ITEM: usize = 6 << 20;

/// How many bytes a batch has in a push, where it is a text within JSON.
pub(super) fn size(batch: &str) -> Result<usize, Error> {
    Ok(store::to_json(&batch)?.len())
}

pub(super) async fn add(
    tx: &mut Tx<'_>,
    whose: &Whose,
    now: Instant,
    mut batch: Batch,
) -> Result<(Applied, Effects), Error> {
    let org = whose.organization;
    member::may_send(&batch.mutations)?;
    if batch.acting.is_some_and(|acting| acting != whose.person) {
        return Err(Error::refused(
            Code::Forbidden,
            "On a server everybody acts as themselves.",
        ));
    }
    // As far as the last pull went.
    let seen = store::organization::get(tx, org)
        .await?
        .map_or(0, |o| o.head_seq);
    let mut last = None;
    for item in outbox::all(tx, org).await? {
        if item.id == batch.id {
            let before: Option<Batch> = serde_json::from_str(&item.batch).ok();
            let same =
                |b: Batch| (b.acting, b.mutations) == (batch.acting, batch.mutations.clone());
            if !before.is_some_and(same) {
                return Err(Error::refused(
                    Code::IdReused,
                    "This id was used for another change. Make a new one.",
                ));
            }
            let notices = vec![];
            return Ok((Applied { seq: seen, notices }, Effects::default()));
        }
        last = Some(item);
    }
    batch.versions = versions::seen(tx, org, &batch.mutations).await?;
    let text = store::to_json(&batch)?;
    if size(&text)? > ITEM {
        return Err(Error::refused(
            Code::TooLarge,
            "This is more than a server takes at once. Do it in smaller parts.",
        ));
    }
    let done = apply::all(tx, &whose.ctx(&batch, now), &batch.mutations).await?;
    // An hour of typing is one item, not 3,600.
    match last.filter(|item| item.state == State::Waiting && is_typed_over(item, &batch)) {
        Some(mut item) => {
            item.id = batch.id;
            item.hash = domain::Hash::of(text.as_bytes());
            item.batch = text;
            item.at = now;
            outbox::save(tx, org, &item).await?;
        }
        None => outbox::add(tx, org, batch.id, (&text, seen), now).await?,
    }
    Ok(done)
}

/// Both keep what is typed on the same content, and nothing else.
fn is_typed_over(item: &outbox::Item, batch: &Batch) -> bool {
    let typed = |mutations: &[Mutation]| match mutations {
        [
            Mutation::SaveWorkingCopy {
                content,
                persona,
                base,
                ..
            },
        ] => Some((*content, *persona, *base)),
        _ => None,
    };
    let before: Option<Batch> = serde_json::from_str(&item.batch).ok();
    let before = before.and_then(|b| typed(&b.mutations));
    before.is_some() && before == typed(&batch.mutations)
}

/// Goes on as another client: every number is free, and what a server has under its id already it
/// does not apply again.
pub(super) async fn begin_as(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    client: ClientId,
) -> Result<(), Error> {
    let mut state = known(tx, organization).await?;
    let former = Former {
        client: state.client,
        n: state.settled,
    };
    state.former = Some(store::to_json(&former)?);
    state.client = client;
    state.settled = 0;
    state.answered = 0;
    mirror::save(tx, organization, &state).await?;
    for mut item in outbox::all(tx, organization).await? {
        item.n = None;
        if matches!(item.state, State::Sent | State::Taken) {
            item.state = State::Waiting;
        }
        outbox::save(tx, organization, &item).await?;
    }
    Ok(())
}

/// Marks an item as rejected, unless that is known. What was sent behind it was not looked at, in no
/// copy of any push that is still on its way: each of them has this one before it. So their numbers
/// are free again. Answers whether it is news.
pub(super) async fn reject(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    n: u64,
    problem: &Problem,
) -> Result<bool, Error> {
    let all = outbox::all(tx, organization).await?;
    let news = |item: &outbox::Item| item.n == Some(n) && item.state != State::Rejected;
    if !all.iter().any(news) {
        return Ok(false);
    }
    for mut item in all {
        match item.n {
            Some(own) if own == n => {
                item.state = State::Rejected;
                item.problem = Some(store::to_json(problem)?);
            }
            Some(own) if own > n && item.state == State::Sent => {
                item.state = State::Waiting;
                item.n = None;
            }
            _ => continue,
        }
        outbox::save(tx, organization, &item).await?;
    }
    Ok(true)
}

/// Marks an item as rejected that no server has seen. Its number, and those behind it, are free.
pub(super) async fn not_sendable(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    n: u64,
    problem: &Problem,
) -> Result<(), Error> {
    if reject(tx, organization, n, problem).await? {
        for mut item in outbox::all(tx, organization).await? {
            if item.n == Some(n) {
                item.n = None;
                outbox::save(tx, organization, &item).await?;
            }
        }
    }
    Ok(())
}

pub(super) async fn judged(
    tx: &mut Tx<'_>,
    whose: &Whose,
    push: &Push,
    outcomes: &[Outcome],
) -> Result<(), Error> {
    let org = whose.organization;
    let mut state = known(tx, org).await?;
    let mut rejected = false;
    for (sent, outcome) in push.items.iter().zip(outcomes) {
        if sent.n <= state.answered {
            continue;
        }
        state.answered = sent.n;
        match outcome {
            Outcome::Applied { .. } | Outcome::Duplicate { .. } => {
                for mut item in outbox::all(tx, org).await? {
                    if item.n == Some(sent.n) && item.state == State::Sent {
                        item.state = State::Taken;
                        outbox::save(tx, org, &item).await?;
                    }
                }
            }
            Outcome::Rejected { problem } => {
                rejected |= reject(tx, org, sent.n, problem).await?;
            }
        }
    }
    mirror::save(tx, org, &state).await?;
    if rejected {
        rebase(tx, whose).await?;
    }
    Ok(())
}
