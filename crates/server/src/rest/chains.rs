//! Approval chains.

use app::core::Thing;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use domain::approval::{ChainPolicy, DEFAULT_TOLERANCE, Stage};
use domain::ids::ChainId;
use domain::rights::Action;
use protocol::views::Chain;
use protocol::{Mutation, Query};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::pages::{ChainPage, Part, part};
use super::terms::{MustMatch, Once, or_stale};
use super::{Answer, Desk, tagged};
use crate::Server;
use crate::api::{Api, Op};
use crate::auth::who::Caller;
use crate::http::body::{Asked, Body, Named};
use crate::http::problem::Refused;

async fn list(State(server): State<Server>, caller: Caller, Asked(wanted): Asked<Part>) -> Answer {
    let all = caller.at(&server).read(Query::Chains {}).await?;
    let (rows, next) = part(all, &wanted, |c: &Chain| c.policy.id.to_string())?;
    Ok(Json(ChainPage { rows, next }).into_response())
}

impl Desk<'_> {
    async fn find_chain(&self, id: ChainId) -> Result<Chain, Refused> {
        let all: Vec<Chain> = self.read(Query::Chains {}).await?;
        let chain = all.into_iter().find(|c| c.policy.id == id);
        chain.ok_or_else(|| Refused::from(app::Error::missing("approval chain")))
    }

    async fn chain(&self, id: ChainId, status: StatusCode) -> Answer {
        self.must(Action::Read)?;
        let edition = self.edition(Thing::Chain(id)).await?;
        let place = format!("/approval-chains/{id}");
        Ok(tagged(status, edition, &place, &self.find_chain(id).await?))
    }
}

async fn one(State(server): State<Server>, caller: Caller, Named(id): Named<ChainId>) -> Answer {
    caller.at(&server).chain(id, StatusCode::OK).await
}

/// What a chain asks for.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct NewChain {
    /// Its name.
    name: String,
    /// Its stages, in order.
    stages: Vec<Stage>,
    /// Authors may decide on their own work.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    authors_may_approve: bool,
    /// How many minutes later a delivery may be moved without asking again; two days when absent.
    #[serde(default)]
    #[ts(optional)]
    tolerance: Option<u32>,
    /// After how many hours an open request expires; absent means never.
    #[serde(default)]
    #[ts(optional)]
    expire_after: Option<u32>,
}

impl NewChain {
    fn policy(self, id: ChainId, revision: u32) -> ChainPolicy {
        ChainPolicy {
            id,
            revision,
            name: self.name,
            stages: self.stages,
            authors_may_approve: self.authors_may_approve,
            tolerance: self.tolerance.unwrap_or(DEFAULT_TOLERANCE),
            expire_after: self.expire_after,
        }
    }
}

async fn create(
    State(server): State<Server>,
    caller: Caller,
    once: Once,
    Body(new): Body<NewChain>,
) -> Answer {
    let cause = once.of(&caller, &new)?;
    let id: ChainId = cause.id("chain", 0);
    let save = Mutation::SaveChain {
        policy: new.policy(id, 1),
    };
    let desk = caller.at(&server);
    desk.change(cause.terms(), vec![save]).await?;
    desk.chain(id, StatusCode::CREATED).await
}

async fn replace(
    State(server): State<Server>,
    caller: Caller,
    MustMatch(seen): MustMatch,
    Named(id): Named<ChainId>,
    Body(new): Body<NewChain>,
) -> Answer {
    let desk = caller.at(&server);
    desk.must(Action::ManageChains)?;
    let terms = match seen.terms(&desk, Thing::Chain(id)).await {
        Ok(terms) => terms,
        Err(stale) => return Ok(stale.into_response()),
    };
    let revision = desk.find_chain(id).await?.policy.revision + 1;
    let save = Mutation::SaveChain {
        policy: new.policy(id, revision),
    };
    or_stale(match desk.change(terms, vec![save]).await {
        Ok(_) => desk.chain(id, StatusCode::OK).await,
        Err(problem) => Err(problem.into()),
    })
}

async fn remove(State(server): State<Server>, caller: Caller, Named(id): Named<ChainId>) -> Answer {
    let archive = Mutation::ArchiveChain { id };
    caller.at(&server).gone(archive).await
}

/// What this file serves.
pub(super) fn routes() -> Api {
    Api::new("Approvals")
        .get(
            "/approval-chains",
            list,
            Op::new("list_chains", "Approval chains, by name.")
                .may(Action::Read)
                .query::<Part>()
                .gives::<ChainPage>(200),
        )
        .post(
            "/approval-chains",
            create,
            Op::new("create_chain", "Makes an approval chain.")
                .may(Action::ManageChains)
                .takes::<NewChain>()
                .gives::<Chain>(201)
                .tagged()
                .once(),
        )
        .get(
            "/approval-chains/{id}",
            one,
            Op::new("get_chain", "The newest revision of an approval chain.")
                .may(Action::Read)
                .gives::<Chain>(200)
                .tagged(),
        )
        .put(
            "/approval-chains/{id}",
            replace,
            Op::new(
                "save_chain",
                "Appends a revision; open requests keep theirs.",
            )
            .may(Action::ManageChains)
            .takes::<NewChain>()
            .gives::<Chain>(200)
            .tagged()
            .if_match(true),
        )
        .delete(
            "/approval-chains/{id}",
            remove,
            Op::new("archive_chain", "Puts a chain away that no persona uses.")
                .may(Action::ManageChains),
        )
}
