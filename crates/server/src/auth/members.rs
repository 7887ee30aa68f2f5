//! The organization: what it is, who is in it, and the programs that are let in.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, put};
use axum::{Json, Router};
use domain::Instant;
use domain::ids::{OrganizationId, PersonId, TokenId};
use domain::person::Role;
use domain::rights::Action;
use protocol::{Code, Mutation, Problem};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::member::{self, ApiToken};

use super::invitations::of_path;
use super::secret::{kept, new_secret};
use super::who::{Caller, TOKEN_PREFIX};
use crate::Server;
use crate::http::body::{Body, Named};
use crate::http::problem::Refused;

async fn organization(
    caller: Caller,
    Named(id): Named<OrganizationId>,
) -> Result<Response, Refused> {
    of_path(&caller, id)?;
    let me = caller.membership;
    Ok(Json(json!({
        "id": me.organization,
        "name": me.organization_name,
        "person": me.person,
        "role": me.role,
    }))
    .into_response())
}

#[derive(Serialize)]
struct MemberView {
    person: PersonId,
    name: String,
    role: Role,
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

/// Everybody; addresses are shown to those who manage people.
async fn members(
    State(server): State<Server>,
    caller: Caller,
    Named(id): Named<OrganizationId>,
) -> Result<Response, Refused> {
    of_path(&caller, id)?;
    caller.must(Action::Read)?;
    let with_addresses = caller.must(Action::ManagePeople).is_ok();
    let (people, emails) = server
        .db()
        .read(move |tx| {
            Box::pin(async move {
                Ok::<_, app::Error>((
                    store::person::all(tx, id).await?,
                    member::emails(tx, id).await?,
                ))
            })
        })
        .await?;
    let views: Vec<MemberView> = people
        .into_iter()
        .map(|p| MemberView {
            email: emails
                .iter()
                .find(|(person, _)| with_addresses && *person == p.id)
                .map(|(_, email)| email.clone()),
            person: p.id,
            name: p.name,
            role: p.role,
            active: p.active,
        })
        .collect();
    Ok(Json(views).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    name: String,
    role: Role,
}

async fn change(
    State(server): State<Server>,
    caller: Caller,
    Named((organization, id)): Named<(OrganizationId, PersonId)>,
    Body(Changed { name, role }): Body<Changed>,
) -> Result<Response, Refused> {
    of_path(&caller, organization)?;
    let update = Mutation::UpdatePerson { id, name, role };
    caller.may(update.action())?;
    let applied = caller.app(&server).apply_all(None, vec![update]).await?;
    Ok(Json(applied).into_response())
}

async fn remove(
    State(server): State<Server>,
    caller: Caller,
    Named((organization, id)): Named<(OrganizationId, PersonId)>,
) -> Result<Response, Refused> {
    of_path(&caller, organization)?;
    let leave = Mutation::DeactivatePerson { id };
    caller.may(leave.action())?;
    let applied = caller.app(&server).apply_all(None, vec![leave]).await?;
    Ok(Json(applied).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewToken {
    name: String,
    scopes: Vec<Action>,
    #[serde(default)]
    ends_at: Option<Instant>,
}

#[derive(Serialize)]
struct TokenView {
    id: TokenId,
    person: PersonId,
    name: String,
    scopes: Vec<String>,
    created_at: Instant,
    ends_at: Option<Instant>,
    used_at: Option<Instant>,
}

impl From<ApiToken> for TokenView {
    fn from(t: ApiToken) -> Self {
        Self {
            id: t.id,
            person: t.person,
            name: t.name,
            scopes: t.scopes,
            created_at: t.created_at,
            ends_at: t.ends_at,
            used_at: t.used_at,
        }
    }
}

async fn new_token(
    State(server): State<Server>,
    caller: Caller,
    Named(organization): Named<OrganizationId>,
    Body(given): Body<NewToken>,
) -> Result<Response, Refused> {
    of_path(&caller, organization)?;
    caller.by_a_person()?;
    let name = app::apply::checked_name(&given.name)?.to_owned();
    let me = &caller.membership;
    // No program decides on requests, or makes those who do: only a person does.
    let peoples = [Action::Decide, Action::ManagePeople, Action::ManageChains];
    let beyond = given
        .scopes
        .iter()
        .any(|a| peoples.contains(a) || !domain::rights::allows(me.role, *a));
    if beyond || given.scopes.is_empty() {
        return Err(Refused(
            Problem::new(
                Code::InvalidInput,
                "Choose scopes that your role has; deciding, and who decides, is for people.",
            )
            .with_field("scopes", "beyond your role, or none"),
        ));
    }
    let (id, secret) = (TokenId(app::core::new_id()), new_secret());
    let names: Vec<String> = given
        .scopes
        .iter()
        .filter_map(|a| serde_json::to_value(a).ok()?.as_str().map(str::to_owned))
        .collect();
    let new = ApiToken {
        id,
        organization,
        person: me.person,
        name: name.clone(),
        hash: kept(&secret),
        scopes: names.clone(),
        created_at: server.now(),
        ends_at: given.ends_at,
        used_at: None,
        revoked_at: None,
    };
    let added = new.clone();
    let payload = json!({"name": name, "scopes": names});
    caller
        .app(&server)
        .on_record(
            Action::Read,
            "token_made",
            format!("token:{id}"),
            payload,
            move |tx| {
                let new = added.clone();
                Box::pin(async move { Ok(member::add_token(tx, &new).await?) })
            },
        )
        .await?;
    let token = format!(
        "{TOKEN_PREFIX}{}_{}_{secret}",
        organization.0.simple(),
        id.0.simple()
    );
    let made = json!({"token": token, "about": TokenView::from(new)});
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// One's own; who manages people sees everybody's.
async fn tokens(
    State(server): State<Server>,
    caller: Caller,
    Named(organization): Named<OrganizationId>,
) -> Result<Response, Refused> {
    of_path(&caller, organization)?;
    caller.by_a_person()?;
    let all = server
        .db()
        .read(move |tx| {
            Box::pin(async move { Ok::<_, app::Error>(member::tokens(tx, organization).await?) })
        })
        .await?;
    let manages = caller.must(Action::ManagePeople).is_ok();
    let views: Vec<TokenView> = all
        .into_iter()
        .filter(|t| manages || t.person == caller.membership.person)
        .map(TokenView::from)
        .collect();
    Ok(Json(views).into_response())
}

async fn revoke_token(
    State(server): State<Server>,
    caller: Caller,
    Named((organization, id)): Named<(OrganizationId, TokenId)>,
) -> Result<Response, Refused> {
    of_path(&caller, organization)?;
    caller.by_a_person()?;
    let (now, me) = (server.now(), caller.membership.person);
    let manages = caller.must(Action::ManagePeople).is_ok();
    caller
        .app(&server)
        .on_record(
            Action::Read,
            "token_revoked",
            format!("token:{id}"),
            json!({}),
            move |tx| {
                Box::pin(async move {
                    let known = member::get_token(tx, organization, id).await?;
                    let mine = known.is_some_and(|t| manages || t.person == me);
                    if mine && member::revoke_token(tx, organization, id, now).await? {
                        return Ok(());
                    }
                    Err(app::Error::missing("token"))
                })
            },
        )
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What this file serves.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/organizations/{id}", get(organization))
        .route("/organizations/{id}/members", get(members))
        .route(
            "/organizations/{id}/members/{person}",
            put(change).delete(remove),
        )
        .route("/organizations/{id}/tokens", get(tokens).post(new_token))
        .route("/organizations/{id}/tokens/{token}", delete(revoke_token))
}
