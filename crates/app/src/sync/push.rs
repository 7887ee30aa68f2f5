//! What a server does with what a desktop sends: each item at most once, in order, together with the
//! number that says so.

use db::{Db, Tx};
use domain::Hash;
use domain::ids::ClientId;
use domain::person::Actor;
use protocol::mutation::{Applied, Notice};
use protocol::sync::{Batch, Former, Item, Outcome, Push, Pushed};
use protocol::{Code, Problem};
use store::sync::log::{self, Taken};

use super::{merge, versions};
use crate::apply::{self, Ctx, Effects};
use crate::{Error, member};

/// As whom a mirror sends, and whom it sent as before.
type Who = (ClientId, Option<Former>);

/// What became of one item in its transaction.
enum Step {
    Answered(Outcome, Effects),
    Forked,
}

/// Takes what the person of `ctx` did on a desktop. `ctx.cause` does not matter: each batch brings
/// its own.
///
/// Each item is a transaction: what was taken before something fails is taken, and the same push
/// again goes on from there.
///
/// # Errors
/// When the person is none of the organization (any more), or the database fails in a way that may
/// pass.
pub async fn push(db: &Db, ctx: Ctx, push: Push) -> Result<(Pushed, Effects), Problem> {
    let Actor::Person { id, operator: None } = ctx.actor else {
        return Err(apply::has_left().into_problem());
    };
    if push.organization != ctx.organization {
        return Err(Error::missing("organization").into_problem());
    }
    let org = ctx.organization;
    let member = db
        .read(move |tx| Box::pin(async move { store::person::get(tx, org, id).await }))
        .await
        .map_err(Error::from)?;
    if !member.is_some_and(|person| person.active) {
        return Err(apply::has_left().into_problem());
    }
    let (mut outcomes, mut told) = (Vec::new(), Effects::default());
    let who = (push.client, push.former);
    for item in push.items {
        let step = match one(db, &ctx, who, item).await {
            Ok(step) => step,
            Err(problem) if outcomes.is_empty() => return Err(problem),
            // What was taken before is taken, and told: the rest comes again.
            Err(problem) => {
                tracing::warn!(%problem, "a part of a push was not taken");
                break;
            }
        };
        match step {
            // What was taken now is answered; the same push again hears of the fork.
            Step::Forked if outcomes.iter().all(is_old) => {
                return Ok((Pushed::ClientForked, told));
            }
            Step::Forked => break,
            Step::Answered(outcome, effects) => {
                told.tags.extend(effects.tags);
                told.notifications.extend(effects.notifications);
                told.nudge |= effects.nudge;
                let rejected = matches!(outcome, Outcome::Rejected { .. });
                outcomes.push(outcome);
                if rejected {
                    break;
                }
            }
        }
    }
    Ok((Pushed::Taken { outcomes }, told))
}

fn is_old(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Duplicate { .. })
}

/// One item: applied with its number, or its reason kept with its number, or one bad item would
/// block all behind it.
async fn one(db: &Db, ctx: &Ctx, who: Who, item: Item) -> Result<Step, Problem> {
    let ctx = ctx.clone();
    let done: Result<Step, Error> = db
        .write(move |tx| {
            let (ctx, item) = (ctx.clone(), item.clone());
            Box::pin(async move { take(tx, &ctx, who, &item).await })
        })
        .await;
    done.map_err(Error::into_problem)
}

/// Whether the same item may be taken later without anybody doing anything.
pub(super) fn passes(error: &Error) -> bool {
    use db::Code as C;
    match error {
        Error::Problem(_) | Error::Store(store::Error::Unreadable { .. }) => false,
        Error::Db(e) | Error::Store(store::Error::Db(e)) => !matches!(
            e.code(),
            C::Unique | C::ForeignKey | C::Check | C::Decode | C::Other
        ),
    }
}

/// Where an item stands among those of its client.
enum Place {
    /// It is the next.
    Next,
    /// It was taken before.
    Known(Outcome),
    /// It cannot be this client's.
    Forked,
}

async fn place(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    (client, former): Who,
    item: &Item,
) -> Result<Place, Error> {
    let org = ctx.organization;
    // The organization's row first, as everybody who writes.
    store::organization::lock(tx, org)
        .await?
        .ok_or_else(|| Error::missing("organization"))?;
    let person = apply::person_in(ctx)?;
    let known = match log::client(tx, org, client).await? {
        Some(known) => known,
        None if item.n == 1 => {
            let former = match former {
                Some(former) => log::client(tx, org, former.client)
                    .await?
                    // Nobody was who another is.
                    .filter(|known| known.person == person)
                    .map(|_| (former.client, former.n)),
                None => None,
            };
            log::add_client(tx, org, (client, person), former, ctx.now).await?;
            log::Client { person, last: 0 }
        }
        None => return Ok(Place::Forked),
    };
    if known.person != person || item.n == 0 || item.n > known.last + 1 {
        return Ok(Place::Forked);
    }
    if item.n == known.last + 1 {
        return Ok(Place::Next);
    }
    let taken = log::taken(tx, org, client, item.n).await?;
    let Some(taken) = taken.filter(|t| t.hash == item.hash) else {
        return Ok(Place::Forked);
    };
    Ok(Place::Known(match taken.refused {
        true => Outcome::Rejected {
            problem: store::from_json("problem", &taken.outcome)?,
        },
        false => Outcome::Duplicate { seq: taken.seq },
    }))
}

async fn take(tx: &mut Tx<'_>, ctx: &Ctx, who: Who, item: &Item) -> Result<Step, Error> {
    let client = who.0;
    match place(tx, ctx, who, item).await? {
        Place::Forked => return Ok(Step::Forked),
        Place::Known(outcome) => return Ok(Step::Answered(outcome, Effects::default())),
        Place::Next => {}
    }
    let (under, sent) = (ctx.clone(), item.clone());
    let applied = tx
        .part(|tx| Box::pin(async move { applied(tx, &under, client, &sent).await }))
        .await;
    match applied {
        Ok((Applied { seq, notices }, effects)) => {
            keep(tx, ctx, client, item, &Ok((seq, notices.clone()))).await?;
            Ok(Step::Answered(Outcome::Applied { seq, notices }, effects))
        }
        Err(error) if passes(&error) => Err(error),
        Err(error) => {
            let problem = error.into_problem();
            keep(tx, ctx, client, item, &Err(problem.clone())).await?;
            let outcome = Outcome::Rejected { problem };
            Ok(Step::Answered(outcome, Effects::default()))
        }
    }
}

async fn applied(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    client: ClientId,
    item: &Item,
) -> Result<(Applied, Effects), Error> {
    let mut batch = opened(ctx, item)?;
    // What is in the order already is not merged with what came after it.
    let known = store::organization::result(tx, ctx.organization, batch.id).await?;
    if known.is_none() {
        versions::check(tx, ctx.organization, &batch).await?;
        merge::with_others(tx, ctx.organization, (client, item.base), &mut batch).await?;
    }
    let ctx = Ctx {
        cause: batch.id.0,
        ..ctx.clone()
    };
    apply::once(tx, &ctx, (batch.id, item.hash), &batch.mutations).await
}

/// What an item says, once it is what it says to be.
fn opened(ctx: &Ctx, item: &Item) -> Result<Batch, Error> {
    let bad = |words: &str| Error::refused(Code::InvalidInput, words);
    if Hash::of(item.batch.as_bytes()) != item.hash {
        return Err(bad("This change was damaged on its way."));
    }
    let batch: Batch = serde_json::from_str(&item.batch)
        .map_err(|_| bad("The server does not know this kind of change. It may be older."))?;
    if batch.mutations.is_empty() {
        return Err(bad("This changes nothing."));
    }
    member::may_send(&batch.mutations)?;
    let person = apply::person_in(ctx)?;
    if batch.acting.is_some_and(|acting| acting != person) {
        return Err(Error::refused(
            Code::Forbidden,
            "On a server everybody acts as themselves.",
        ));
    }
    Ok(batch)
}

async fn keep(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    client: ClientId,
    item: &Item,
    outcome: &Result<(u64, Vec<Notice>), Problem>,
) -> Result<(), Error> {
    let org = ctx.organization;
    let now = store::organization::get(tx, org)
        .await?
        .ok_or_else(|| Error::missing("organization"))?;
    let taken = Taken {
        n: item.n,
        hash: item.hash,
        seq: now.head_seq,
        place: outcome.as_ref().ok().map(|(seq, _)| *seq),
        outcome: match outcome {
            // Sent before under another name, and in the order since.
            Ok((seq, _)) if *seq != now.head_seq => "null".to_owned(),
            Ok((_, notices)) => store::to_json(notices)?,
            Err(problem) => store::to_json(problem)?,
        },
        refused: outcome.is_err(),
    };
    Ok(log::keep(tx, org, client, &taken).await?)
}
