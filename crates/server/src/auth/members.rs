//! The organization: what it is, who is in it, and the programs that are let in.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Instant;
use domain::ids::{OrganizationId, PersonId, TokenId};
use domain::person::Role;
use domain::rights::Action;
use domain::time::MINUTE;
use protocol::mutation::Applied;
use protocol::{Code, Mutation, Problem};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::member::{self, ApiToken};
use ts_rs::TS;

use super::invitations::{of_path, shown_once};
use super::secret::{is_of, kept};
use super::who::{Caller, TOKEN_PREFIX};
use crate::Server;
use crate::api::{Api, Op, Who};
use crate::http::body::{Body, Named};
use crate::http::problem::Refused;
use crate::rest::made;
use crate::rest::terms::Once;

/// An organization, and who asks in it.
#[derive(Serialize, TS)]
#[ts(rename = "Organization")]
struct OrganizationView {
    /// Which.
    id: OrganizationId,
    /// Its name.
    name: String,
    /// Who asks.
    person: PersonId,
    /// What they are.
    role: Role,
}

async fn organization(
    caller: Caller,
    Named(id): Named<OrganizationId>,
) -> Result<Response, Refused> {
    of_path(&caller, id)?;
    let me = caller.membership;
    Ok(Json(OrganizationView {
        id: me.organization,
        name: me.organization_name,
        person: me.person,
        role: me.role,
    })
    .into_response())
}

/// Somebody of an organization.
#[derive(Serialize, TS)]
#[ts(rename = "Member")]
struct MemberView {
    person: PersonId,
    name: String,
    role: Role,
    active: bool,
    /// Shown to those who manage people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
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

/// What somebody is from now on.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(rename = "MemberChanged")]
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

/// How somebody is erased.
#[derive(Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct Erasure {
    /// Their drafts, of which nobody was ever asked, go too.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    drafts: bool,
}

async fn erase(
    State(server): State<Server>,
    caller: Caller,
    Named((organization, id)): Named<(OrganizationId, PersonId)>,
    once: Once,
    Body(given): Body<Erasure>,
) -> Result<Response, Refused> {
    of_path(&caller, organization)?;
    caller.by_a_person()?;
    let cause = once.of(&caller, &given)?;
    let drafts = given.drafts;
    let erase = Mutation::ErasePerson { id, drafts };
    let applied = caller
        .at(&server)
        .change(cause.terms(), vec![erase])
        .await?;
    server.forget_nobodys_logins().await?;
    Ok(Json(applied).into_response())
}

impl Server {
    /// Forgets logins that belong to no organization any more: after somebody was erased.
    ///
    /// # Errors
    /// When the database says no.
    pub async fn forget_nobodys_logins(&self) -> Result<usize, Problem> {
        // Somebody may be about to found one.
        let since = self.now().plus(-MINUTE);
        let gone = self.db().write(move |tx| {
            Box::pin(async move {
                Ok::<_, app::Error>(store::privacy::forget_nobodys_logins(tx, since).await?)
            })
        });
        Ok(gone.await?)
    }
}

/// A token that begins.
#[derive(Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct NewToken {
    /// What it is for.
    name: String,
    /// What a program may do with it, within the role of who made it.
    scopes: Vec<Action>,
    /// Until when; absent means until it is revoked.
    #[serde(default)]
    #[ts(optional)]
    ends_at: Option<Instant>,
}

/// A token, without its secret.
#[derive(Serialize, TS)]
#[ts(rename = "Token")]
struct TokenView {
    id: TokenId,
    person: PersonId,
    name: String,
    scopes: Vec<String>,
    created_at: Instant,
    /// `null` where it is revoked only.
    ends_at: Option<Instant>,
    /// `null` while it was not used.
    used_at: Option<Instant>,
}

/// A token with its secret, which is shown once.
#[derive(Serialize, TS)]
struct MadeToken {
    /// To be sent as `Authorization: Bearer`.
    token: String,
    /// What it is.
    about: TokenView,
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
    once: Once,
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
    // What is changed is answered: a program that may not read would be refused what it has done.
    if beyond || !given.scopes.contains(&Action::Read) {
        return Err(Refused(
            Problem::new(
                Code::InvalidInput,
                "Choose scopes that your role has, reading among them; deciding, and who decides, is \
                 for people.",
            )
            .with_field("scopes", "beyond your role, or without reading"),
        ));
    }
    let cause = once.of(&caller, &given)?;
    let id: TokenId = cause.id("token", 0);
    let secret = server.secret_of(&cause, id.0)?;
    let token = format!(
        "{TOKEN_PREFIX}{}_{}_{secret}",
        organization.0.simple(),
        id.0.simple()
    );
    let place = format!("/organizations/{organization}/tokens/{id}");
    if let Some(named) = cause.once()
        && caller.app(&server).answered(named).await?.is_some()
    {
        let known = server.token(organization, id).await?;
        let known = known.filter(|t| t.revoked_at.is_none() && is_of(&secret, t.hash));
        let about = known.ok_or_else(shown_once)?.into();
        return Ok(made(&place, &MadeToken { token, about }));
    }
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
    let (added, named, now) = (new.clone(), cause.once(), server.now());
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
                Box::pin(async move {
                    if let Some(named) = named {
                        app::core::mark(tx, organization, named, now).await?;
                    }
                    Ok(member::add_token(tx, &new).await?)
                })
            },
        )
        .await?;
    let about = TokenView::from(new);
    Ok(made(&place, &MadeToken { token, about }))
}

impl Server {
    async fn token(
        &self,
        organization: OrganizationId,
        id: TokenId,
    ) -> Result<Option<ApiToken>, Problem> {
        let read = self.db().read(move |tx| {
            Box::pin(
                async move { Ok::<_, app::Error>(member::get_token(tx, organization, id).await?) },
            )
        });
        Ok(read.await?)
    }
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
pub fn routes() -> Api {
    Api::new("Organizations")
        .get(
            "/organizations/{id}",
            organization,
            Op::new("get_organization", "The organization, and who asks in it.")
                .may(Action::Read)
                .gives::<OrganizationView>(200),
        )
        .get(
            "/organizations/{id}/members",
            members,
            Op::new("list_members", "Everybody in it, also who has left.")
                .may(Action::Read)
                .gives::<Vec<MemberView>>(200),
        )
        .put(
            "/organizations/{id}/members/{person}",
            change,
            Op::new("change_member", "Changes somebody's name or role.")
                .may(Action::ManagePeople)
                .takes::<Changed>()
                .gives::<Applied>(200),
        )
        .delete(
            "/organizations/{id}/members/{person}",
            remove,
            Op::new(
                "remove_member",
                "Somebody leaves: they are out at once, their history stays.",
            )
            .may(Action::ManagePeople)
            .gives::<Applied>(200),
        )
        .post(
            "/organizations/{id}/members/{person}/erasure",
            erase,
            Op::new(
                "erase_member",
                "What is personal of somebody goes; what they did stays, under a name that says nothing.",
            )
            .who(Who::Person(Action::ManagePeople))
            .takes::<Erasure>()
            .gives::<Applied>(200)
            .once(),
        )
        .get(
            "/organizations/{id}/tokens",
            tokens,
            Op::new(
                "list_tokens",
                "One's own tokens; who manages people sees everybody's.",
            )
            .who(Who::Person(Action::Read))
            .gives::<Vec<TokenView>>(200),
        )
        .post(
            "/organizations/{id}/tokens",
            new_token,
            Op::new(
                "create_token",
                "Makes a token for a program. Its secret is shown once.",
            )
            .who(Who::Person(Action::Read))
            .takes::<NewToken>()
            .gives::<MadeToken>(201)
            .once(),
        )
        .delete(
            "/organizations/{id}/tokens/{token}",
            revoke_token,
            Op::new("revoke_token", "A program comes in no more.").who(Who::Person(Action::Read)),
        )
}
