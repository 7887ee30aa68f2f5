//! Accounts of personas on networks. Their secrets come in and never go out.

use std::collections::BTreeMap;

use app::core::Thing;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use domain::cost::Budget;
use domain::identity::NetworkId;
use domain::ids::{IdentityId, PersonaId};
use domain::rights::Action;
use protocol::act::Sensitive;
use protocol::views::{Account, Network};
use protocol::{Act, Mutation, Query};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::pages::{AccountPage, NetworkPage, Part, part};
use super::terms::{MustMatch, Once, or_stale};
use super::{Answer, Desk, tagged};
use crate::Server;
use crate::api::{Api, Op};
use crate::auth::who::Caller;
use crate::http::body::{Asked, Body, Named};
use crate::http::problem::Refused;

async fn networks(
    State(server): State<Server>,
    caller: Caller,
    Asked(wanted): Asked<Part>,
) -> Answer {
    let all = caller.at(&server).read(Query::Networks {}).await?;
    let (rows, next) = part(all, &wanted, |n: &Network| n.id.to_string())?;
    Ok(Json(NetworkPage { rows, next }).into_response())
}

async fn list(State(server): State<Server>, caller: Caller, Asked(wanted): Asked<Part>) -> Answer {
    let all = caller.at(&server).read(Query::Accounts {}).await?;
    let (rows, next) = part(all, &wanted, |a: &Account| a.id.to_string())?;
    Ok(Json(AccountPage { rows, next }).into_response())
}

impl Desk<'_> {
    async fn account(&self, id: IdentityId, status: StatusCode) -> Answer {
        self.must(Action::Read)?;
        let edition = self.edition(Thing::Account(id)).await?;
        let all: Vec<Account> = self.read(Query::Accounts {}).await?;
        let account = all.into_iter().find(|a| a.id == id);
        let account = account.ok_or_else(|| Refused::from(app::Error::missing("account")))?;
        let place = format!("/platform-identities/{id}");
        Ok(tagged(status, edition, &place, &account))
    }
}

async fn one(State(server): State<Server>, caller: Caller, Named(id): Named<IdentityId>) -> Answer {
    caller.at(&server).account(id, StatusCode::OK).await
}

/// An account to be connected by a way that needs no browser.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    /// Whose.
    persona: PersonaId,
    /// Which network.
    network: NetworkId,
    /// By which of its ways (see `GET /networks`); the first when absent.
    #[serde(default)]
    #[ts(optional)]
    method: Option<String>,
    /// What the way asks for, by field.
    #[serde(default)]
    fields: BTreeMap<String, Sensitive>,
}

async fn connect(
    State(server): State<Server>,
    caller: Caller,
    once: Once,
    Body(new): Body<NewAccount>,
) -> Answer {
    // What is kept of a key holds nothing of a secret, not even its hash.
    let fields: Vec<&String> = new.fields.keys().collect();
    let cause = once.of(&caller, &(new.persona, &new.network, &new.method, fields))?;
    let id: IdentityId = cause.id("account", 0);
    let connect = Act::Connect {
        id,
        persona: new.persona,
        network: new.network,
        method: new.method,
        fields: new.fields,
    };
    let desk = caller.at(&server);
    desk.act(cause.terms(), connect).await?;
    desk.account(id, StatusCode::CREATED).await
}

/// What can be chosen for an account.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct Chosen {
    /// Counts of its posts are read, where that costs money; absent leaves it.
    #[serde(default)]
    #[ts(optional)]
    measured: Option<bool>,
    /// What posts to it may cost in a month; absent means anything.
    #[serde(default)]
    #[ts(optional)]
    budget: Option<Budget>,
}

async fn replace(
    State(server): State<Server>,
    caller: Caller,
    MustMatch(seen): MustMatch,
    Named(id): Named<IdentityId>,
    Body(given): Body<Chosen>,
) -> Answer {
    let desk = caller.at(&server);
    desk.must(Action::ManageAccounts)?;
    let terms = match seen.terms(&desk, Thing::Account(id)).await {
        Ok(terms) => terms,
        Err(stale) => return Ok(stale.into_response()),
    };
    let budget = given.budget;
    let mut mutations = vec![Mutation::SetBudget { id, budget }];
    mutations.extend(
        given
            .measured
            .map(|on| Mutation::MeasureIdentity { id, on }),
    );
    or_stale(match desk.change(terms, mutations).await {
        Ok(_) => desk.account(id, StatusCode::OK).await,
        Err(problem) => Err(problem.into()),
    })
}

/// A new sign-in to an account that is known.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct NewSecret {
    /// By which of its ways (see `GET /networks`); the first when absent.
    #[serde(default)]
    #[ts(optional)]
    method: Option<String>,
    /// What the way asks for, by field; what is absent stays.
    #[serde(default)]
    fields: BTreeMap<String, Sensitive>,
}

async fn reconnect(
    State(server): State<Server>,
    caller: Caller,
    Named(id): Named<IdentityId>,
    Body(new): Body<NewSecret>,
) -> Answer {
    let reconnect = Act::Reconnect {
        id,
        method: new.method,
        fields: new.fields,
    };
    let desk = caller.at(&server);
    desk.act(app::core::Terms::default(), reconnect).await?;
    desk.account(id, StatusCode::OK).await
}

async fn check(
    State(server): State<Server>,
    caller: Caller,
    Named(id): Named<IdentityId>,
) -> Answer {
    let desk = caller.at(&server);
    let check = Act::CheckAccount { id };
    desk.act(app::core::Terms::default(), check).await?;
    desk.account(id, StatusCode::OK).await
}

async fn disconnect(
    State(server): State<Server>,
    caller: Caller,
    Named(id): Named<IdentityId>,
) -> Answer {
    let desk = caller.at(&server);
    let disconnect = Act::Disconnect { id };
    desk.act(app::core::Terms::default(), disconnect).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What reaches nobody outside.
pub(super) fn quick() -> Api {
    Api::new("Accounts")
        .get(
            "/networks",
            networks,
            Op::new(
                "list_networks",
                "Networks, and the ways to connect to them.",
            )
            .may(Action::Read)
            .query::<Part>()
            .gives::<NetworkPage>(200),
        )
        .get(
            "/platform-identities",
            list,
            Op::new("list_accounts", "Accounts and how they are.")
                .may(Action::Read)
                .query::<Part>()
                .gives::<AccountPage>(200),
        )
        .get(
            "/platform-identities/{id}",
            one,
            Op::new("get_account", "An account and how it is.")
                .may(Action::Read)
                .gives::<Account>(200)
                .tagged(),
        )
        .put(
            "/platform-identities/{id}",
            replace,
            Op::new("save_account", "Changes what is chosen for an account.")
                .may(Action::ManageAccounts)
                .takes::<Chosen>()
                .gives::<Account>(200)
                .tagged()
                .if_match(true),
        )
}

/// What calls networks.
pub(super) fn long() -> Api {
    // A network's refusal of a sign-in is one of ours, with its words.
    let calls = |op: Op| op.may(Action::ManageAccounts).refuses(&[409, 429, 502]);
    Api::new("Accounts")
        .post(
            "/platform-identities",
            connect,
            calls(Op::new(
                "connect_account",
                "Connects an account by a way that needs no browser.",
            ))
            .takes::<NewAccount>()
            .gives::<Account>(201)
            .tagged()
            .once(),
        )
        .put(
            "/platform-identities/{id}/secret",
            reconnect,
            calls(Op::new("reconnect_account", "Signs in anew to an account."))
                .takes::<NewSecret>()
                .gives::<Account>(200)
                .tagged(),
        )
        .post(
            "/platform-identities/{id}/check",
            check,
            calls(Op::new(
                "check_account",
                "Asks the network whether an account works.",
            ))
            .gives::<Account>(200)
            .tagged(),
        )
        .delete(
            "/platform-identities/{id}",
            disconnect,
            calls(Op::new(
                "disconnect_account",
                "Takes an account out of use and deletes its secret.",
            )),
        )
}
