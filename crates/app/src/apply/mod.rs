//! One function applies every mutation, in one transaction: rights, invariants, tables, audit,
//! events, change record.

mod agents;
pub(crate) mod budgets;
mod chains;
mod contents;
pub(crate) mod delegations;
pub(crate) mod deliveries;
pub(crate) mod edits;
mod erase;
pub(crate) mod identities;
mod models;
mod notes;
mod people;
mod personas;
mod remarks;
pub mod requests;
mod retention;
mod runtime;
mod sources;
mod suggestions;
mod templates;
mod versions;
mod work;

use db::Tx;
use domain::Hash;
use domain::ids::{IdentityId, MutationId};
use protocol::mutation::{Applied, IdentityFacts, Notice};
use protocol::{Call, Code, Mutation};

pub(crate) use contents::describe;
pub(crate) use contents::{delete_draft, discard};
pub use deliveries::{start_run, stop_run};
pub(crate) use notes::checked as checked_note;
pub use people::{checked as checked_name, come_in};
pub(crate) use requests::asks_nobody;
pub(crate) use suggestions::{Drafted, draft_of, is_outline};
pub use work::{Authority, Ctx, Effects, Work, beyond_the_token};
pub(crate) use work::{agent_may, for_people, has_left, may, needs_server};

use crate::Error;

/// Applies a call at most once: the same id answers as the first time.
///
/// The closure that calls this may be run again from the start; nothing but the transaction is
/// touched.
///
/// # Errors
/// A [`protocol::Problem`] that says what to do, or a failure of the database. Nothing is written
/// in either case.
pub async fn call(tx: &mut Tx<'_>, ctx: &Ctx, call: &Call) -> Result<(Applied, Effects), Error> {
    let bytes = serde_json::to_vec(call).map_err(|e| crate::error::internal(&e))?;
    let mutations = std::slice::from_ref(&call.mutation);
    once(tx, ctx, (call.id, Hash::of(&bytes)), mutations).await
}

/// Applies several mutations, all or nothing, at most once by their id. `named` is the id and a hash
/// of what it was used for.
///
/// # Errors
/// As [`call`].
pub async fn once(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    (id, named): (MutationId, Hash),
    mutations: &[Mutation],
) -> Result<(Applied, Effects), Error> {
    // The same call may be under way in another process: whoever comes second sees what it answered.
    store::organization::lock(tx, ctx.organization).await?;
    if let Some(kept) = store::organization::result(tx, ctx.organization, id).await? {
        if kept.call != named {
            return Err(Error::refused(
                Code::IdReused,
                "This id was used for another change. Make a new one.",
            ));
        }
        let applied = store::from_json("outcome", &kept.outcome)?;
        return Ok((applied, Effects::default()));
    }
    let mut work = Work::begin(tx, ctx).await?;
    let applied = in_order(&mut work, mutations).await?;
    keep(&mut work, id, named, &applied).await?;
    Ok((applied, work.finish().await?))
}

/// Applies several mutations, all or nothing, under one id.
///
/// # Errors
/// As [`call`].
pub async fn all(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    mutations: &[Mutation],
) -> Result<(Applied, Effects), Error> {
    let mut work = Work::begin(tx, ctx).await?;
    let applied = in_order(&mut work, mutations).await?;
    Ok((applied, work.finish().await?))
}

async fn in_order(work: &mut Work<'_, '_>, mutations: &[Mutation]) -> Result<Applied, Error> {
    let mut notices = Vec::new();
    for mutation in mutations {
        for notice in apply(work, mutation).await? {
            if !notices.contains(&notice) {
                notices.push(notice);
            }
        }
        for tag in mutation.tags() {
            work.tag(*tag);
        }
    }
    Ok(Applied {
        seq: work.seq(),
        notices,
    })
}

/// Records a new sign-in to a known account. No mutation can: who could send one could name another
/// server, and the account's secret would go there.
///
/// # Errors
/// As [`call`].
pub(crate) async fn reconnect(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    id: IdentityId,
    facts: &IdentityFacts,
) -> Result<Effects, Error> {
    let update = Mutation::UpdateIdentity {
        id,
        facts: facts.clone(),
    };
    let mut work = Work::begin(tx, ctx).await?;
    work.require(update.action())?;
    check_text(&update)?;
    identities::reconnect(&mut work, id, facts).await?;
    for tag in update.tags() {
        work.tag(*tag);
    }
    work.finish().await
}

/// Lets everything that waits look again: nothing in the tables of the domain changes.
///
/// # Errors
/// When the database says no.
pub(crate) async fn wake(tx: &mut Tx<'_>, ctx: &Ctx) -> Result<(), Error> {
    runtime::wake_all(&mut Work::begin(tx, ctx).await?).await
}

async fn keep(
    work: &mut Work<'_, '_>,
    id: MutationId,
    call: Hash,
    applied: &Applied,
) -> Result<(), Error> {
    let kept = store::organization::Kept {
        call,
        seq: applied.seq,
        outcome: store::to_json(applied)?,
    };
    let (organization, now) = (work.ctx.organization, work.ctx.now);
    store::organization::keep_result(work.tx, organization, id, &kept, now).await?;
    Ok(())
}

/// Rights first, then what each mutation asks.
///
/// # Errors
/// A [`protocol::Problem`] that says what to do, or a failure of the database.
pub async fn apply(work: &mut Work<'_, '_>, mutation: &Mutation) -> Result<Vec<Notice>, Error> {
    use Mutation as M;
    work.require(mutation.action())?;
    check_text(mutation)?;
    if matches!(
        mutation,
        M::ReleaseFolder
            | M::RetryRun { .. }
            | M::CancelRun { .. }
            | M::ErasePerson { .. }
            | M::SetRetention { .. }
    ) {
        work.require_here()?;
    }
    match mutation {
        M::AddPerson { id, name, role } => people::add(work, *id, name, *role).await,
        M::UpdatePerson { id, name, role } => people::update(work, *id, name, *role).await,
        M::DeactivatePerson { id } => people::deactivate(work, *id).await,
        M::ErasePerson { id, drafts } => erase::person(work, *id, *drafts).await,
        M::SetRetention { kind, days } => retention::set(work, *kind, *days).await,
        M::SavePersona { id, profile, chain } => personas::save(work, *id, profile, *chain).await,
        M::ArchivePersona { id, archived } => personas::archive(work, *id, *archived).await,
        M::SaveChain { policy } => chains::save(work, policy).await,
        M::ArchiveChain { id } => chains::archive(work, *id).await,
        M::AddIdentity { id, persona, facts } => identities::add(work, *id, *persona, facts).await,
        M::UpdateIdentity { id, facts } => identities::update(work, *id, facts).await,
        M::MeasureIdentity { id, on } => identities::measure(work, *id, *on).await,
        M::SetBudget { id, budget } => identities::set_budget(work, *id, budget.as_ref()).await,
        M::PassBudget { delivery } => budgets::pass(work, *delivery).await,
        M::MoveToNextMonth { delivery } => budgets::postpone(work, *delivery).await,
        M::DisconnectIdentity { id } => identities::disconnect(work, *id).await,
        M::AddAsset { facts, thumbnail } => contents::add_asset(work, facts, *thumbnail).await,
        M::SaveWorkingCopy {
            content,
            persona,
            body,
            base,
        } => contents::keep(work, *content, *persona, body, base.unwrap_or_default()).await,
        M::DiscardWorkingCopy { content } => contents::discard(work, *content).await,
        M::SetDetails {
            content,
            campaign,
            labels,
        } => contents::set_details(work, *content, campaign, labels).await,
        M::ArchiveContent { content, archived } => {
            contents::archive(work, *content, *archived).await
        }
        M::DeleteDraft { content } => contents::delete_draft(work, *content).await,
        M::AddNote {
            id,
            content,
            n,
            thread,
            anchor,
            text,
        } => {
            let written = notes::Written {
                id: *id,
                content: *content,
                n: *n,
                thread: *thread,
                anchor,
                text,
            };
            notes::add(work, written).await
        }
        M::RemoveNote { id } => notes::remove(work, *id).await,
        M::ResolveThread { id, resolved } => notes::resolve(work, *id, *resolved).await,
        M::SaveTemplate { id, template } => templates::save(work, *id, template).await,
        M::DeleteTemplate { id } => templates::delete(work, *id).await,
        M::BeginFromTemplate {
            template,
            content,
            persona,
        } => templates::begin(work, *template, *content, *persona).await,
        M::SaveSource { id, source } => sources::save(work, *id, source).await,
        M::RemoveSource { id } => sources::remove(work, *id).await,
        M::TakeSuggestion { id, content } => suggestions::take(work, *id, *content).await,
        M::DismissSuggestion { id, reason } => suggestions::dismiss(work, *id, *reason).await,
        M::ReopenSuggestion { id } => suggestions::reopen(work, *id).await,
        M::MuteTopic {
            persona,
            topic,
            muted,
        } => suggestions::mute(work, *persona, topic, *muted).await,
        M::RecordModelUse {
            persona,
            content,
            model,
            task,
            prompt,
            input,
            output,
            cost,
        } => {
            let asked = models::Asked {
                persona: *persona,
                content: *content,
                model,
                task: *task,
                prompt: *prompt,
                input: *input,
                output: *output,
                cost: *cost,
            };
            models::record(work, asked).await
        }
        M::Revise {
            content,
            body,
            seen,
        } => contents::revise(work, *content, body, *seen).await,
        M::NoteAgentCall { tool, client } => agents::note(work, tool, client).await,
        M::DismissRemark {
            persona,
            content,
            kind,
            about,
            dismissed,
        } => remarks::dismiss(work, (*persona, *content), (*kind, about), *dismissed).await,
        M::ResetLearning { persona } => suggestions::reset(work, *persona).await,
        M::SaveVersion {
            content,
            persona,
            n,
            doc,
        } => versions::save(work, *content, *persona, *n, doc).await,
        M::RestoreVersion { content, from, n } => {
            versions::restore(work, *content, *from, *n).await
        }
        M::Plan {
            content,
            deliveries,
        } => deliveries::plan(work, *content, deliveries).await,
        M::MoveDelivery {
            delivery,
            expected,
            planned,
        } => deliveries::move_to(work, *delivery, *expected, planned).await,
        M::SendNow { delivery } => deliveries::send_now(work, *delivery).await,
        M::CancelDeliveries { deliveries } => deliveries::cancel(work, deliveries).await,
        M::AnswerUnconfirmed { delivery, answer } => {
            crate::publish::answer_unconfirmed(work, *delivery, answer).await
        }
        M::DeletePublished { deliveries } => {
            crate::publish::delete_published(work, deliveries).await
        }
        M::UpdatePublished { deliveries } => edits::ask(work, deliveries).await,
        M::CancelUpdate { delivery } => edits::cancel(work, *delivery).await,
        M::RequestApproval {
            id,
            content,
            n,
            hash,
            added,
        } => requests::open(work, *id, *content, *n, *hash, *added).await,
        M::WithdrawRequest { request } => requests::withdraw(work, *request).await,
        M::Decide {
            id,
            request,
            hash,
            stage,
            verdict,
            comment,
            away,
        } => {
            let said = requests::Said {
                id: *id,
                request: *request,
                hash: *hash,
                stage: *stage,
                verdict: *verdict,
                comment,
            };
            requests::decide(work, said, *away).await
        }
        M::Delegate { delegation } => delegations::set(work, *delegation).await,
        M::RevokeDecision { decision } => requests::revoke(work, *decision).await,
        M::SetPaused { persona, paused } => runtime::set_paused(work, *persona, *paused).await,
        M::ReleaseFolder => runtime::release_folder(work).await,
        M::RetryRun { run } => runtime::retry_run(work, *run).await,
        M::CancelRun { run } => runtime::cancel_run(work, *run).await,
    }
}

/// U+0000 is refused everywhere: PostgreSQL cannot store it, and the canonical form has none.
fn check_text(mutation: &Mutation) -> Result<(), Error> {
    let value = serde_json::to_value(mutation).map_err(|e| crate::error::internal(&e))?;
    if !has_nul(&value) {
        return Ok(());
    }
    Err(Error::refused(
        Code::InvalidInput,
        "The text contains the character U+0000, which cannot be stored. Remove it.",
    ))
}

fn has_nul(value: &serde_json::Value) -> bool {
    use serde_json::Value as V;
    match value {
        V::String(text) => text.contains('\0'),
        V::Array(items) => items.iter().any(has_nul),
        V::Object(members) => members.iter().any(|(k, v)| k.contains('\0') || has_nul(v)),
        V::Null | V::Bool(_) | V::Number(_) => false,
    }
}

/// Whether a person is behind the change; a run never decides for people.
pub(crate) fn person_of(work: &Work<'_, '_>) -> Result<domain::ids::PersonId, Error> {
    person_in(work.ctx)
}

/// The person on whose word a change happens.
pub(crate) fn person_in(ctx: &Ctx) -> Result<domain::ids::PersonId, Error> {
    ctx.actor
        .person()
        .ok_or_else(|| Error::refused(Code::Forbidden, "Only a person can do this."))
}
