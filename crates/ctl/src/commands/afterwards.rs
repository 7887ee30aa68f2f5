//! What is done with what is out: updating it in its place, deleting it, writing it again.

use app::words::say;
use domain::content::{Body, Segment};
use domain::delivery::DeliveryStatus;
use domain::ids::{ContentId, DeliveryId, PersonId, RequestId};
use protocol::act::Act;
use protocol::views::{ContentDetail, DeliveryDetail, Saved};
use protocol::{Code, Mutation, Problem, Query};

use super::{parse, post, said, show, text_of};
use crate::args::{Args, Update};
use crate::reach::Reach;
use crate::words;

/// What is live of a content, everywhere or at one account.
fn live<'a>(
    detail: &'a ContentDetail,
    to: Option<&str>,
) -> Result<Vec<&'a DeliveryDetail>, Problem> {
    let found: Vec<&DeliveryDetail> = detail
        .deliveries
        .iter()
        .filter(|d| !d.publications.is_empty())
        .filter(|d| to.is_none_or(|to| d.target.handle == to || d.target.network.as_str() == to))
        .collect();
    match found.is_empty() {
        true => Err(Problem::new(
            Code::WrongState,
            "Nothing of this is live there.",
        )),
        false => Ok(found),
    }
}

async fn detail(reach: &Reach, id: &str) -> Result<ContentDetail, Problem> {
    reach.ask(Query::Content { id: parse(id)? }).await
}

fn ids(live: &[&DeliveryDetail]) -> Vec<DeliveryId> {
    live.iter().map(|d| d.target.delivery).collect()
}

pub(super) async fn delete(
    args: &Args,
    reach: &Reach,
    by: Option<PersonId>,
    id: &str,
    to: Option<&str>,
) -> Result<(), Problem> {
    let detail = detail(reach, id).await?;
    let deliveries = ids(&live(&detail, to)?);
    reach
        .mutate(Mutation::DeletePublished { deliveries }, by)
        .await?;
    said(args, "deleting", &say("ctl.deleting"));
    Ok(())
}

/// Puts a new text, or the newest version, in the place of what is out: as soon as it is approved.
pub(super) async fn update(
    args: &Args,
    reach: &Reach,
    by: Option<PersonId>,
    update: &Update,
) -> Result<(), Problem> {
    let detail = detail(reach, &update.id).await?;
    let live = live(&detail, update.to.as_deref())?;
    let text = match (&update.text, &update.text_file) {
        (Some(text), _) => Some(text.clone()),
        (None, Some(file)) => Some(text_of(file)?.trim_end_matches('\n').to_owned()),
        (None, None) => None,
    };
    let Some(text) = text else {
        let deliveries = ids(&live);
        let asked = reach.mutate(Mutation::UpdatePublished { deliveries }, by);
        asked.await.map_err(|problem| by_handle(problem, &live))?;
        said(args, "updating", &say("ctl.updating"));
        return Ok(());
    };
    let added = match &update.chain {
        None => None,
        Some(name) => Some(post::chain(reach, name).await?),
    };
    let act = Act::Submit {
        content: detail.row.id,
        persona: detail.row.persona.id,
        body: with_text(&detail, text)?,
        base: detail.row.n,
        deliveries: vec![],
        updates: ids(&live),
        request: RequestId(app::core::new_id()),
        added,
    };
    let acted = reach.act(act, by).await;
    let saved: Saved = acted.map_err(|problem| by_handle(problem, &live))?;
    show(args, &saved, |s| {
        say!("{}  {}", s.content, words::of("status.content", &s.status));
        say!("{}", say("ctl.updating"));
    });
    Ok(())
}

/// The newest version with another text. Where several texts belong to it, nobody can say here
/// which one is meant.
fn with_text(detail: &ContentDetail, text: String) -> Result<Body, Problem> {
    if detail.row.unsaved {
        return Err(Problem::new(
            Code::Conflict,
            "Something is typed on this that no version has. Save it or discard it first.",
        ));
    }
    let version = detail.version.as_ref();
    let mut body = version.map(|v| v.doc.body.clone()).unwrap_or_default();
    match body.shared.segments.as_mut_slice() {
        [one] if body.variants.is_empty() => one.text = text,
        [] if body.variants.is_empty() => body.shared.segments.push(Segment {
            text,
            media: vec![],
        }),
        _ => {
            return Err(Problem::new(
                Code::InvalidInput,
                "This has several parts, or a text of its own for an account. Change it in the \
                 window; `update` without a text puts the newest version out.",
            ));
        }
    }
    Ok(body)
}

/// Reasons by the accounts that people know, rather than by deliveries.
fn by_handle(mut problem: Problem, live: &[&DeliveryDetail]) -> Problem {
    for one in live {
        let target = &one.target;
        if let Some(why) = problem.fields.remove(&target.delivery.to_string()) {
            let network = app::words::network(target.network.as_str());
            problem = problem.with_field(format!("{network} {}", target.handle), why);
        }
    }
    problem
}

/// Deletes what is out, and makes a draft of its words, pictures and choices.
pub(super) async fn redraft(
    args: &Args,
    reach: &Reach,
    by: Option<PersonId>,
    id: &str,
    to: Option<&str>,
) -> Result<(), Problem> {
    let detail = detail(reach, id).await?;
    let out: Vec<&DeliveryDetail> = live(&detail, to)?
        .into_iter()
        .filter(|d| d.target.status == DeliveryStatus::Published)
        .collect();
    let [one] = out.as_slice() else {
        let handles: Vec<&str> = out.iter().map(|d| d.target.handle.as_str()).collect();
        return Err(match handles.is_empty() {
            true => Problem::new(Code::WrongState, "Nothing of this is live there."),
            false => Problem::new(
                Code::InvalidInput,
                format!(
                    "This is live at several accounts, and each gets a draft of its own. Say with \
                     --to which one: {}.",
                    handles.join(", ")
                ),
            ),
        });
    };
    let act = Act::Redraft {
        delivery: one.target.delivery,
        id: ContentId(app::core::new_id()),
    };
    let saved: Saved = reach.act(act, by).await?;
    show(args, &saved, |s| {
        say!("{}  {}", s.content, words::of("status.content", &s.status));
        say!("{}", say("ctl.redrafted"));
    });
    Ok(())
}
