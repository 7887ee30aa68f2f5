//! `approval_chain`: reminds, calls substitutes, expires. People decide; this only minds the time.

use std::time::Duration;

use async_trait::async_trait;
use domain::Instant;
use domain::ids::{OrganizationId, RequestId};
use domain::time::{HOUR, MINUTE};
use engine::{Ctx, Failure, Policy, Workflow};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::request::Request;

use super::{APPROVE, Hand, input, tireless};
use crate::Error;
use crate::apply::{Work, requests};

pub(super) struct Approve(pub(super) Hand);

#[derive(Deserialize)]
struct Input {
    organization: OrganizationId,
    request: RequestId,
}

/// Something that happens once in a stage: named by the stage and when it opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Act {
    stage: u32,
    opened: Instant,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    /// The n-th reminder.
    Remind(u32),
    Escalate,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Tended {
    over: bool,
    until: Option<Instant>,
    did: Option<Act>,
}

const LONGEST: i64 = 24 * HOUR;

#[async_trait]
impl Workflow for Approve {
    fn name(&self) -> &'static str {
        APPROVE.0
    }

    fn revision(&self) -> u32 {
        APPROVE.1
    }

    fn policy(&self) -> Policy {
        Policy {
            retry: tireless(),
            ..Policy::default()
        }
    }

    async fn run(&self, ctx: &mut Ctx, value: Value) -> Result<Value, Failure> {
        let Input {
            organization,
            request,
        } = input(value)?;
        // Remembered by the steps' outcomes, so that it is the same at each entry.
        let mut done: Vec<Act> = Vec::new();
        loop {
            let before = done.clone();
            let tended = self
                .0
                .change(ctx, organization, "tend", move |work, _| {
                    let before = before.clone();
                    Box::pin(async move { tend(work, request, &before).await })
                })
                .await?;
            if tended.over {
                return Ok(json!({"reminders": done.len()}));
            }
            if let Some(act) = tended.did {
                done.push(act);
                continue;
            }
            let wait = tended
                .until
                .map_or(LONGEST, |at| at.0.saturating_sub(ctx.now()));
            let wait = Duration::from_millis(u64::try_from(wait.clamp(0, LONGEST)).unwrap_or(0));
            let key = request.to_string();
            ctx.wait_for_event("wait", requests::REQUEST_CHANGED, &key, Some(wait))
                .await?;
        }
    }
}

/// Does the first thing that is due, or says when the next one is.
async fn tend(
    work: &mut Work<'_, '_>,
    id: RequestId,
    done: &[Act],
) -> Result<(Tended, bool), Error> {
    let (org, now) = (work.org(), work.now());
    let request = store::request::get(work.tx, org, id).await?;
    let Some(request) = request.filter(|r| r.status.is_asked()) else {
        return Ok((
            Tended {
                over: true,
                until: None,
                did: None,
            },
            false,
        ));
    };
    let expires = request
        .policy
        .expire_after
        .map(|m| after(request.opened_at, m));
    if expires.is_some_and(|at| at <= now) {
        requests::expire(work, id).await?;
        return Ok((
            Tended {
                over: true,
                until: None,
                did: None,
            },
            true,
        ));
    }
    let planned = acts(&request);
    let mut until = expires;
    for (at, act) in planned {
        if done.contains(&act) {
            continue;
        }
        if at <= now {
            match act.what {
                What::Remind(round) => requests::remind(work, id, round).await?,
                What::Escalate => {
                    requests::escalate(work, id).await?;
                }
            }
            return Ok((
                Tended {
                    over: false,
                    until: None,
                    did: Some(act),
                },
                true,
            ));
        }
        until = Some(until.map_or(at, |u| u.min(at)));
    }
    Ok((
        Tended {
            over: false,
            until,
            did: None,
        },
        false,
    ))
}

/// What shall happen in the stage that is asked, and when.
fn acts(request: &Request) -> Vec<(Instant, Act)> {
    let (Some(index), Some(opened)) = (request.stage, request.stage_opened_at) else {
        return Vec::new();
    };
    let Some(stage) = request.policy.stages.get(index as usize) else {
        return Vec::new();
    };
    let reminders = (0_u32..).zip(&stage.remind_after).map(|(round, minutes)| {
        (
            after(opened, *minutes),
            Act {
                stage: index,
                opened,
                what: What::Remind(round),
            },
        )
    });
    let escalation = stage.escalate_after.map(|minutes| {
        (
            after(opened, minutes),
            Act {
                stage: index,
                opened,
                what: What::Escalate,
            },
        )
    });
    reminders.chain(escalation).collect()
}

fn after(from: Instant, minutes: u32) -> Instant {
    from.plus(i64::from(minutes) * MINUTE)
}
