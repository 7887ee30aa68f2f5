//! Requests, as the person who decides needs them.

use db::Tx;
use domain::Instant;
use domain::approval::{Member, RequestStatus, Stage, seats};
use domain::cost::TargetCost;
use domain::delivery::DeliveryStatus;
use domain::ids::{OrganizationId, PersonId, RequestId};
use domain::time::MINUTE;
use domain::version::VersionDoc;
use protocol::query::ApprovalTab;
use protocol::views::{
    Approvals, DecisionView, RequestDetail, RequestRow, StageState, StageView, VersionDetail,
};
use store::request::{Decision, Request, Seat};
use store::version::Version;

use super::delegations::away_for;
use super::names::Names;
use crate::Error;
use crate::core::App;

impl App {
    pub(super) async fn approvals(
        &self,
        tab: ApprovalTab,
        viewer: Option<PersonId>,
    ) -> Result<Approvals, Error> {
        let (org, now) = (self.organization(), self.now());
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let names = Names::read(tx, org).await?;
                    let viewer = &Viewer::read(tx, org, viewer, now).await?;
                    let mut open = Vec::new();
                    let mut asked = store::request::open(tx, org).await?;
                    // Of those nobody is asked yet, and somebody waits.
                    asked.extend(store::request::awaiting(tx, org).await?);
                    for request in asked {
                        open.push(row(&names, tx, &request, viewer).await?);
                    }
                    open.sort_by_key(|r| {
                        (r.due.as_ref().map_or(i64::MAX, |d| d.at.0), r.at.0, r.id)
                    });
                    let for_me = count(open.iter().filter(|r| r.mine).count());
                    let all_open = count(open.len());
                    let rows = match tab {
                        ApprovalTab::ForMe => open.into_iter().filter(|r| r.mine).collect(),
                        ApprovalTab::AllOpen => open,
                        ApprovalTab::Decided => {
                            let mut rows = Vec::new();
                            for request in store::request::closed(tx, org).await? {
                                rows.push(row(&names, tx, &request, viewer).await?);
                            }
                            rows
                        }
                    };
                    Ok(Approvals {
                        rows,
                        for_me,
                        open: all_open,
                    })
                })
            })
            .await
    }

    pub(super) async fn request(
        &self,
        id: RequestId,
        viewer: Option<PersonId>,
    ) -> Result<RequestDetail, Error> {
        let (org, now) = (self.organization(), self.now());
        self.db()
            .read(move |tx| {
                Box::pin(async move {
                    let names = Names::read(tx, org).await?;
                    let request = store::request::get(tx, org, id)
                        .await?
                        .ok_or_else(|| Error::missing("request"))?;
                    detail(&names, tx, &request, viewer, now).await
                })
            })
            .await
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Who looks at requests: for themselves, and for those who are away.
#[derive(Clone, Debug)]
pub(super) struct Viewer {
    pub(super) id: Option<PersonId>,
    away: Vec<PersonId>,
}

impl Viewer {
    pub(super) async fn read(
        tx: &mut Tx<'_>,
        org: OrganizationId,
        id: Option<PersonId>,
        now: Instant,
    ) -> Result<Self, Error> {
        let away = away_for(tx, org, id, now).await?;
        Ok(Self { id, away })
    }
}

/// In whose seat the viewer can decide now: their own, or else that of somebody who is away.
pub(super) async fn turn(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    request: &Request,
    (seats, decisions): (&[Seat], &[Decision]),
    viewer: &Viewer,
) -> Result<Option<PersonId>, Error> {
    let (Some(me), Some(stage)) = (viewer.id, request.stage) else {
        return Ok(None);
    };
    if request.status != RequestStatus::Open {
        return Ok(None);
    }
    let here = || {
        decisions
            .iter()
            .filter(|d| d.stage == stage && d.revoked_at.is_none())
    };
    let is_free = |person: PersonId| {
        seats.iter().any(|s| s.stage == stage && s.person == person)
            && !here().any(|d| d.person == person)
    };
    let lent = here().any(|d| d.delegated && d.operator == Some(me));
    if is_free(me) && !lent {
        return Ok(Some(me));
    }
    let Some(away) = viewer.away.iter().copied().find(|p| is_free(*p)) else {
        return Ok(None);
    };
    let spoke = here().any(|d| (d.person == me && !d.delegated) || d.operator == Some(me));
    if spoke {
        return Ok(None);
    }
    let authors = store::version::authors(tx, org, request.content, request.n).await?;
    let own =
        authors.contains(&me) || (!request.policy.authors_may_approve && authors.contains(&away));
    Ok((!own).then_some(away))
}

async fn row(
    names: &Names,
    tx: &mut Tx<'_>,
    request: &Request,
    viewer: &Viewer,
) -> Result<RequestRow, Error> {
    let org = names.organization;
    let content = store::content::get(tx, org, request.content)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    let version = version_of(tx, org, request).await?;
    let content = names.row_of(tx, &content, &version).await?;
    let seats = store::request::seats(tx, org, request.id).await?;
    let decisions = store::request::decisions(tx, org, request.id).await?;
    // What is out already has no time to come: it is updated as soon as this is approved.
    let asked = request.status == RequestStatus::Open;
    let due = content
        .targets
        .iter()
        .filter(|t| !asked || t.status != DeliveryStatus::Published)
        .filter_map(|t| t.planned.clone())
        .min_by_key(|p| p.at);
    let approved_before = approved_by(names, tx, request, viewer.id).await?;
    let turn = turn(tx, org, request, (&seats, &decisions), viewer).await?;
    Ok(RequestRow {
        id: request.id,
        n: request.n,
        status: request.status,
        by: names.maybe(request.person),
        at: request.opened_at,
        due,
        stage: request
            .stage
            .and_then(|s| request.policy.stages.get(s as usize))
            .map(|s| s.name.clone()),
        mine: turn.is_some(),
        away: names.maybe(turn.filter(|p| Some(*p) != viewer.id)),
        approved_before,
        content,
    })
}

/// What is decided on.
async fn version_of(
    tx: &mut Tx<'_>,
    org: OrganizationId,
    request: &Request,
) -> Result<Version, Error> {
    store::version::get(tx, org, request.content, request.n)
        .await?
        .ok_or_else(|| Error::missing("version"))
}

/// The newest earlier version of the content that `viewer` approved.
async fn approved_by(
    names: &Names,
    tx: &mut Tx<'_>,
    request: &Request,
    viewer: Option<PersonId>,
) -> Result<Option<u32>, Error> {
    let Some(viewer) = viewer else {
        return Ok(None);
    };
    let org = names.organization;
    for earlier in store::request::of_content(tx, org, request.content).await? {
        if earlier.n >= request.n {
            continue;
        }
        let decisions = store::request::decisions(tx, org, earlier.id).await?;
        if decisions.iter().any(|d| {
            // Who spoke, not whose seat it was.
            let spoke = match (d.delegated, &d.outside) {
                (true, _) => d.operator,
                (false, None) => Some(d.person),
                (false, Some(_)) => None,
            };
            spoke == Some(viewer)
                && d.verdict == domain::approval::Verdict::Approve
                && d.revoked_at.is_none()
        }) {
            return Ok(Some(earlier.n));
        }
    }
    Ok(None)
}

/// The version to compare with: what the viewer approved last, else what was granted last.
async fn before(
    names: &Names,
    tx: &mut Tx<'_>,
    request: &Request,
    viewer: Option<PersonId>,
) -> Result<Option<VersionDetail>, Error> {
    let org = names.organization;
    let mut n = approved_by(names, tx, request, viewer).await?;
    if n.is_none() {
        // A granted request that an edit voided was approved all the same.
        for earlier in store::request::of_content(tx, org, request.content).await? {
            if earlier.n >= request.n {
                continue;
            }
            let decided = store::request::decisions(tx, org, earlier.id).await?;
            if !decided.is_empty() {
                n = Some(earlier.n);
                break;
            }
        }
    }
    let Some(n) = n else { return Ok(None) };
    let version = store::version::get(tx, org, request.content, n).await?;
    version
        .map(|v| super::contents::detail(names, &v))
        .transpose()
}

pub(super) async fn detail(
    names: &Names,
    tx: &mut Tx<'_>,
    request: &Request,
    viewer: Option<PersonId>,
    now: Instant,
) -> Result<RequestDetail, Error> {
    let org = names.organization;
    let content = store::content::get(tx, org, request.content)
        .await?
        .ok_or_else(|| Error::missing("content"))?;
    let version = version_of(tx, org, request).await?;
    let row = names.row_of(tx, &content, &version).await?;
    let version = super::contents::detail(names, &version)?;
    let mut seats = store::request::all_seats(tx, org, request.id).await?;
    let first: Vec<u32> = seats
        .iter()
        .filter(|s| !s.substitute)
        .map(|s| s.stage)
        .collect();
    seats.retain(|s| !s.vacant);
    let decisions = store::request::decisions(tx, org, request.id).await?;
    let deliveries = store::delivery::of_content(tx, org, request.content).await?;
    let authors = store::version::authors(tx, org, request.content, request.n).await?;
    let revocable = !store::request::attempted(tx, org, request.id).await?
        && store::request::newest(tx, org, request.content)
            .await?
            .is_some_and(|newest| newest.id == request.id)
        && matches!(
            request.status,
            RequestStatus::Open
                | RequestStatus::Approved
                | RequestStatus::ChangesRequested
                | RequestStatus::Rejected
        );
    let stages = Stages {
        names,
        request,
        seats: &seats,
        first: &first,
        decisions: &decisions,
        authors: &authors,
    };
    let looks = Viewer::read(tx, org, viewer, now).await?;
    let turn = turn(tx, org, request, (&seats, &decisions), &looks).await?;
    let mine = turn.is_some();
    let history = super::runs::history(
        names,
        tx,
        Some(&format!("content:{}", content.id)),
        u64::MAX,
        20,
    )
    .await?;
    Ok(RequestDetail {
        id: request.id,
        content: request.content,
        n: request.n,
        hash: request.hash,
        status: request.status,
        chain: request.chain,
        chain_name: if request.policy.stages.is_empty() {
            String::new()
        } else {
            request.policy.name.clone()
        },
        chain_revision: request.chain_revision,
        tolerance: request.policy.tolerance,
        by: names.maybe(request.person),
        at: request.opened_at,
        closed_at: request.closed_at,
        expires_at: request
            .policy
            .expire_after
            .filter(|_| request.status == RequestStatus::Open)
            .map(|m| request.opened_at.plus(i64::from(m) * MINUTE)),
        costs: request.costs.clone(),
        stages: stages.view(&version.doc, viewer, revocable, now),
        stage: request.stage,
        mine,
        away: names.maybe(turn.filter(|p| Some(*p) != viewer)),
        own: stages.is_own(viewer),
        why_not: (!mine).then(|| stages.why_not(viewer).to_owned()),
        time_passed: deliveries.iter().any(|d| {
            d.n == request.n
                && (d.status == DeliveryStatus::Missed
                    || (d.status.is_waiting() && d.planned.as_ref().is_some_and(|p| p.at < now)))
        }),
        before: before(names, tx, request, viewer).await?,
        version,
        row,
        history,
    })
}

struct Stages<'a> {
    names: &'a Names,
    request: &'a Request,
    seats: &'a [Seat],
    /// The stage of each seat that came with an opening.
    first: &'a [u32],
    decisions: &'a [Decision],
    authors: &'a [PersonId],
}

impl Stages<'_> {
    /// Whether it is the viewer's own work, and the chain wants somebody else's word.
    fn is_own(&self, viewer: Option<PersonId>) -> bool {
        !self.request.policy.authors_may_approve
            && viewer.is_some_and(|v| self.authors.contains(&v))
    }

    fn why_not(&self, viewer: Option<PersonId>) -> &'static str {
        let Some(viewer) = viewer else {
            return "no_seat";
        };
        let Some(stage) = self.request.stage else {
            return "request_closed";
        };
        let here = |d: &&Decision| d.stage == stage && d.revoked_at.is_none();
        if self
            .decisions
            .iter()
            .filter(here)
            .any(|d| d.person == viewer)
        {
            "already_decided"
        } else if self.is_own(Some(viewer)) {
            "own_work"
        } else {
            "no_seat"
        }
    }

    fn view(
        &self,
        doc: &VersionDoc,
        viewer: Option<PersonId>,
        revocable: bool,
        now: Instant,
    ) -> Vec<StageView> {
        let costs = &self.request.costs;
        let applies = self.request.policy.stages_for(doc, costs);
        let members: Vec<Member> = self
            .names
            .people
            .values()
            .map(store::person::Person::member)
            .collect();
        (0_u32..)
            .zip(&self.request.policy.stages)
            .map(|(index, stage)| {
                let seated: Vec<PersonId> = self
                    .seats
                    .iter()
                    .filter(|s| s.stage == index)
                    .map(|s| s.person)
                    .collect();
                let state = self.state(index, &applies, &seated);
                let (people, first) = if seated.is_empty() && state == StageState::Later {
                    let people = seats(
                        &stage.approvers,
                        &members,
                        self.authors,
                        self.request.policy.authors_may_approve,
                    );
                    let first = people.len();
                    (people, first)
                } else {
                    let first = self.first.iter().filter(|s| **s == index).count();
                    (seated, first)
                };
                let opened = self
                    .request
                    .stage_opened_at
                    .filter(|_| matches!(state, StageState::Asked | StageState::Stuck));
                let after = |minutes: u32| opened.map(|at| at.plus(i64::from(minutes) * MINUTE));
                StageView {
                    index,
                    name: stage.name.clone(),
                    state,
                    needed: count(stage.quorum.needed(first).max(1)),
                    seats: people.into_iter().map(|id| self.names.person(id)).collect(),
                    decisions: self
                        .decisions
                        .iter()
                        .filter(|d| d.stage == index)
                        .map(|d| DecisionView {
                            id: d.id,
                            person: self.names.person(d.person),
                            operator: self.names.maybe(d.operator),
                            delegated: d.delegated,
                            outside: d.outside.clone(),
                            verdict: d.verdict,
                            comment: d.comment.clone(),
                            at: d.at,
                            revoked: d.revoked_at.is_some(),
                            revocable: revocable
                                && d.revoked_at.is_none()
                                && (viewer == Some(d.person)
                                    || (d.delegated && viewer == d.operator)),
                        })
                        .collect(),
                    because: stage.conditions.clone(),
                    unpriced: state == StageState::Skipped && unpriced(stage, doc, costs),
                    outside: stage.outside,
                    opened_at: opened,
                    remind_at: stage
                        .remind_after
                        .iter()
                        .filter_map(|m| after(*m))
                        .find(|at| *at > now),
                    escalate_at: stage.escalate_after.and_then(after).filter(|at| *at > now),
                }
            })
            .collect()
    }

    fn state(&self, index: u32, applies: &[u32], seated: &[PersonId]) -> StageState {
        if !applies.contains(&index) {
            return StageState::Skipped;
        }
        match self.request.stage {
            Some(asked) if asked == index && self.request.stuck => StageState::Stuck,
            Some(asked) if asked == index => StageState::Asked,
            Some(asked) if index < asked => StageState::Done,
            Some(_) => StageState::Later,
            None if self.request.status == RequestStatus::Approved => StageState::Done,
            None if seated.is_empty() => StageState::Later,
            None => StageState::Done,
        }
    }
}

/// Whether all that keeps a stage from being asked is a price that nobody knows.
pub(super) fn unpriced(stage: &Stage, doc: &VersionDoc, costs: &[TargetCost]) -> bool {
    let conditions = &stage.conditions;
    conditions.iter().any(|c| c.unpriced(costs))
        && conditions
            .iter()
            .all(|c| c.unpriced(costs) || c.holds(doc, costs))
}
