//! Deciding, taking back, deleting.

use domain::approval::Verdict;
use domain::delivery::DeliveryStatus;
use domain::ids::{ContentId, DecisionId, DeliveryId, PersonId, RequestId};
use protocol::views::{ContentDetail, RequestDetail};
use protocol::{Code, Mutation, Problem, Query};

use super::{parse, said};
use crate::args::Args;
use crate::reach::Reach;

pub(super) const APPROVE: Verdict = Verdict::Approve;
pub(super) const REQUEST_CHANGES: Verdict = Verdict::RequestChanges;
pub(super) const REJECT: Verdict = Verdict::Reject;

/// The request of an id, or the newest one of a content's id.
async fn request(reach: &Reach, id: &str) -> Result<RequestDetail, Problem> {
    let as_request: RequestId = parse(id)?;
    match reach.ask(Query::Request { id: as_request }).await {
        Err(problem) if problem.code == Code::NotFound => {
            let content: ContentDetail = reach
                .ask(Query::Content {
                    id: ContentId(as_request.0),
                })
                .await?;
            content.request.ok_or_else(|| {
                Problem::new(Code::NotFound, "Nobody has asked for approval of this yet.")
            })
        }
        other => other,
    }
}

pub(super) async fn decide(
    args: &Args,
    reach: &Reach,
    by: Option<PersonId>,
    id: &str,
    verdict: Verdict,
    comment: &str,
) -> Result<(), Problem> {
    let request = request(reach, id).await?;
    let decide = Mutation::Decide {
        id: DecisionId(app::core::new_id()),
        request: request.id,
        hash: request.hash,
        verdict,
        comment: comment.to_owned(),
    };
    let applied = reach.mutate(decide, by).await?;
    if args.json {
        crate::print::json(&applied);
    } else {
        said(args, "decided", "Taken.");
    }
    Ok(())
}

pub(super) async fn cancel(
    args: &Args,
    reach: &Reach,
    by: Option<PersonId>,
    id: &str,
) -> Result<(), Problem> {
    let content: ContentId = parse(id)?;
    let deliveries = match reach
        .ask::<ContentDetail>(Query::Content { id: content })
        .await
    {
        Ok(detail) => {
            let open: Vec<DeliveryId> = detail
                .deliveries
                .iter()
                .filter(|d| {
                    d.target.status.can_cancel()
                        || matches!(
                            d.target.status,
                            DeliveryStatus::Sending | DeliveryStatus::Unconfirmed
                        )
                })
                .map(|d| d.target.delivery)
                .collect();
            if open.is_empty() {
                return Err(Problem::new(
                    Code::WrongState,
                    "Nothing of this waits to go out.",
                ));
            }
            open
        }
        Err(problem) if problem.code == Code::NotFound => vec![DeliveryId(content.0)],
        Err(problem) => return Err(problem),
    };
    reach
        .mutate(Mutation::CancelDeliveries { deliveries }, by)
        .await?;
    said(args, "cancelled", "Cancelled.");
    Ok(())
}

pub(super) async fn delete(
    args: &Args,
    reach: &Reach,
    by: Option<PersonId>,
    id: &str,
    to: Option<&str>,
) -> Result<(), Problem> {
    let detail: ContentDetail = reach.ask(Query::Content { id: parse(id)? }).await?;
    let deliveries: Vec<DeliveryId> = detail
        .deliveries
        .iter()
        .filter(|d| !d.publications.is_empty())
        .filter(|d| to.is_none_or(|to| d.target.handle == to || d.target.network.as_str() == to))
        .map(|d| d.target.delivery)
        .collect();
    if deliveries.is_empty() {
        return Err(Problem::new(
            Code::WrongState,
            "Nothing of this is live there.",
        ));
    }
    reach
        .mutate(Mutation::DeletePublished { deliveries }, by)
        .await?;
    said(
        args,
        "deleting",
        "It is being deleted; `work --until-idle` waits for it.",
    );
    Ok(())
}
