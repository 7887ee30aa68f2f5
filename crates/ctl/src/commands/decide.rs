//! Deciding and taking back.

use std::io::IsTerminal as _;

use app::words::say;
use domain::approval::Verdict;
use domain::delivery::DeliveryStatus;
use domain::ids::{ContentId, DecisionId, DeliveryId, PersonId, RequestId};
use protocol::views::{ContentDetail, RequestDetail};
use protocol::{Code, Mutation, Problem, Query};

use super::{parse, said};
use crate::args::{Args, Seen};
use crate::reach::Reach;
use crate::{asked, print};

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

/// The fewest digits of a hash that name a version.
const DIGITS: usize = 8;

/// Approves what somebody has looked at: named by them, or shown here and answered. A script that
/// names nothing is told what it approves.
pub(super) async fn approve(
    args: &Args,
    reach: &Reach,
    by: Option<PersonId>,
    (id, seen): (&str, &Seen),
    comment: &str,
) -> Result<(), Problem> {
    let request = request(reach, id).await?;
    check_seen(args, reach, &request, seen).await?;
    take(args, reach, by, &request, Verdict::Approve, comment).await
}

async fn check_seen(
    args: &Args,
    reach: &Reach,
    request: &RequestDetail,
    seen: &Seen,
) -> Result<(), Problem> {
    let hash = request.hash.to_string();
    let other = |what: String| {
        Problem::new(
            Code::StaleVersion,
            format!(
                "{what} is not what is asked about: that is version {} ({}). Look again.",
                request.n,
                request.hash.short()
            ),
        )
    };
    if let Some(n) = seen.version.filter(|n| *n != request.n) {
        return Err(other(format!("Version {n}")));
    }
    if let Some(digits) = &seen.hash {
        if digits.len() < DIGITS {
            let words = format!("Give at least {DIGITS} digits of the hash.");
            return Err(Problem::new(Code::InvalidInput, words));
        }
        if !hash.starts_with(&digits.to_ascii_lowercase()) {
            return Err(other(format!("“{digits}”")));
        }
    }
    if seen.version.is_some() || seen.hash.is_some() {
        return Ok(());
    }
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if args.json || !terminal {
        // Nobody can be asked. A script that cares which version it is names it.
        note!(
            "Approving version {} ({}).",
            request.n,
            request.hash.short()
        );
        return Ok(());
    }
    let content = Query::Content {
        id: request.content,
    };
    asked::show(request, &reach.ask(content).await?);
    match print::agrees(&say("ctl.approve_this")) {
        true => Ok(()),
        false => Err(Problem::new(Code::Cancelled, "Nothing was approved.")),
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
    take(args, reach, by, &request, verdict, comment).await
}

async fn take(
    args: &Args,
    reach: &Reach,
    by: Option<PersonId>,
    request: &RequestDetail,
    verdict: Verdict,
    comment: &str,
) -> Result<(), Problem> {
    let decide = Mutation::Decide {
        id: DecisionId(app::core::new_id()),
        request: request.id,
        hash: request.hash,
        stage: request.stage,
        verdict,
        comment: comment.to_owned(),
        away: None,
    };
    let applied = reach.mutate(decide, by).await?;
    if args.json {
        print::json(&applied);
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
    let cancel = Mutation::CancelDeliveries { deliveries };
    let applied = reach.mutate(cancel, by).await?;
    let mut notices = applied["notices"].as_array().into_iter().flatten();
    if notices.any(|notice| notice == "asked_back") {
        let words = "The network is asked to give it back. It is cancelled when it has.";
        said(args, "asked_back", words);
    } else {
        said(args, "cancelled", "Cancelled.");
    }
    Ok(())
}
