//! Invitations: a link lets one person in, once.
//!
//! Its token is `<organization>.<invitation>.<secret>` and stands behind the `#` of the link, so
//! that no server and no log on the way sees it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use domain::Instant;
use domain::ids::{InvitationId, LoginId, OrganizationId, PersonId};
use domain::person::{Actor, Role};
use domain::rights::Action;
use domain::time::DAY;
use protocol::act::Sensitive;
use protocol::{Code, Problem};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::member::{self, Invitation};
use uuid::Uuid;

use super::folded_email;
use super::login::NewLogin;
use super::secret::{is_of, kept, new_secret};
use super::throttle::{KNOCKS, address_of};
use super::who::{Caller, From, SignedIn};
use crate::Server;
use crate::http::body::{Body, Named};
use crate::http::problem::Refused;

/// How long one works.
pub const WORKS: i64 = 7 * DAY;

fn over() -> Problem {
    Problem::new(
        Code::CodeExpired,
        "This invitation was used, taken back, or is too old. Ask for a new one.",
    )
}

fn parts_of(token: &str) -> Option<(OrganizationId, InvitationId, &str)> {
    let mut parts = token.trim().split('.');
    let organization = Uuid::try_parse(parts.next()?).ok()?;
    let id = Uuid::try_parse(parts.next()?).ok()?;
    let secret = parts.next()?;
    parts
        .next()
        .is_none()
        .then_some((organization.into(), id.into(), secret))
}

/// A new invitation, and its token.
#[must_use]
pub fn new_invitation(
    organization: OrganizationId,
    email: Option<String>,
    role: Role,
    invited_by: Option<PersonId>,
    now: Instant,
) -> (Invitation, String) {
    let (id, secret) = (InvitationId(app::core::new_id()), new_secret());
    let token = format!("{}.{}.{secret}", organization.0.simple(), id.0.simple());
    let invitation = Invitation {
        id,
        organization,
        hash: kept(&secret),
        email,
        role,
        invited_by,
        created_at: now,
        ends_at: now.plus(WORKS),
        used_at: None,
        withdrawn_at: None,
    };
    (invitation, token)
}

impl Server {
    /// The link of a token.
    #[must_use]
    pub fn join_link(&self, token: &str) -> String {
        format!("{}/#/join/{token}", self.public())
    }

    /// The invitation of a token, if it works.
    pub(super) async fn see(&self, token: &str) -> Result<Invitation, Problem> {
        let (organization, id, secret) = parts_of(token).ok_or_else(over)?;
        let (now, secret) = (self.now(), secret.to_owned());
        let found = self
            .db()
            .read(move |tx| {
                Box::pin(async move {
                    Ok::<_, app::Error>(member::see_invitation(tx, organization, id).await?)
                })
            })
            .await?;
        found
            .filter(|i| i.works(now) && is_of(&secret, i.hash))
            .ok_or_else(over)
    }

    /// Lets a new or a known login in to the organization of an invitation.
    pub(super) async fn come_in(
        &self,
        token: &str,
        new: Option<NewLogin>,
        login: LoginId,
    ) -> Result<OrganizationId, Problem> {
        // Nothing is made ready for organizations that are none.
        let seen = self.see(token).await?;
        let (organization, id) = (seen.organization, seen.id);
        let (email, name) = match &new {
            Some(new) => (new.email.clone(), new.name.clone()),
            None => {
                let login = self.login(login).await?;
                (login.email, login.name)
            }
        };
        let ctx = self
            .organizations()
            .coming(organization, PersonId(app::core::new_id()));
        let now = self.now();
        let effects = self
            .db()
            .write(move |tx| {
                let (mut ctx, name, new) = (ctx.clone(), name.clone(), new.clone());
                let email = email.clone();
                Box::pin(async move {
                    store::organization::lock(tx, organization).await?;
                    let found = member::get_invitation(tx, organization, id).await?;
                    let invitation = found
                        .filter(|i| i.works(now))
                        .ok_or_else(|| app::Error::Problem(over()))?;
                    still_may_invite(tx, &invitation).await?;
                    if invitation.email.is_some_and(|wanted| wanted != email) {
                        return Err(app::Error::Problem(
                            Problem::new(
                                Code::Forbidden,
                                "This invitation is for another address.",
                            )
                            .with_field("email", "is not the one that was invited"),
                        ));
                    }
                    if let Some(new) = new {
                        new.insert(tx, now).await?;
                    }
                    let there = member::of_login(tx, login).await?;
                    let there = there.into_iter().find(|m| m.organization == organization);
                    let known = match there {
                        Some(m) if m.active => {
                            return Err(app::Error::refused(
                                Code::Conflict,
                                "You belong to this organization already.",
                            ));
                        }
                        // Who left comes back as who they were.
                        Some(m) => Some(m.person),
                        None => None,
                    };
                    if let Some(id) = known {
                        ctx.actor = Actor::Person { id, operator: None };
                    }
                    let person = ctx.actor.person().unwrap_or(PersonId(ctx.cause));
                    let (role, by) = (invitation.role, invitation.invited_by);
                    let effects = app::apply::come_in(tx, &ctx, &name, role, by).await?;
                    if known.is_none() {
                        member::insert(tx, organization, person, login, now).await?;
                    }
                    member::used(tx, organization, id, now, person).await?;
                    if by.is_none() {
                        no_other_first(tx, organization, now).await?;
                    }
                    Ok(effects)
                })
            })
            .await?;
        self.organizations().core(organization).tell(effects);
        Ok(organization)
    }
}

/// One owner comes in by what whoever keeps the server gave out; what else was, works no more.
async fn no_other_first(
    tx: &mut db::Tx<'_>,
    organization: OrganizationId,
    now: Instant,
) -> Result<(), app::Error> {
    for other in member::invitations(tx, organization).await? {
        if other.invited_by.is_none() {
            member::withdraw(tx, organization, other.id, now).await?;
        }
    }
    Ok(())
}

/// Whoever was sent away, or may invite nobody any more, lets nobody in with a link from before.
async fn still_may_invite(tx: &mut db::Tx<'_>, invitation: &Invitation) -> Result<(), app::Error> {
    let Some(by) = invitation.invited_by else {
        return Ok(());
    };
    let inviter = store::person::get(tx, invitation.organization, by).await?;
    let may = inviter.is_some_and(|p| {
        p.active
            && domain::rights::allows(p.role, Action::ManagePeople)
            && (invitation.role != Role::Owner || p.role == Role::Owner)
    });
    match may {
        true => Ok(()),
        false => Err(app::Error::Problem(over())),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Look {
    invitation: Sensitive,
}

/// What an invitation is to, for who holds it.
async fn look(
    State(server): State<Server>,
    From(ip): From,
    Body(given): Body<Look>,
) -> Result<Response, Refused> {
    server.knock(KNOCKS, &address_of(ip)).await?;
    let invitation = server.see(&given.invitation.0).await?;
    let (organization, invited_by) = (invitation.organization, invitation.invited_by);
    let (organization, by) = server
        .db()
        .read(move |tx| {
            Box::pin(async move {
                let by = match invited_by {
                    Some(by) => store::person::get(tx, organization, by).await?,
                    None => None,
                };
                let organization = store::organization::get(tx, organization).await?;
                Ok::<_, app::Error>((organization, by))
            })
        })
        .await?;
    let organization = organization.ok_or_else(over)?;
    Ok(Json(json!({
        "organization": organization.name,
        "role": invitation.role,
        "email": invitation.email,
        "invited_by": by.map(|p| p.name),
        "ends_at": invitation.ends_at,
    }))
    .into_response())
}

/// Somebody who has a login already comes in.
async fn join(
    State(server): State<Server>,
    From(ip): From,
    me: SignedIn,
    Body(given): Body<Look>,
) -> Result<Response, Refused> {
    server.knock(KNOCKS, &address_of(ip)).await?;
    let id = server.come_in(&given.invitation.0, None, me.login).await?;
    Ok((StatusCode::CREATED, Json(json!({"organization": id}))).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invite {
    role: Role,
    #[serde(default)]
    email: Option<String>,
}

#[derive(Serialize)]
struct InvitationView {
    id: InvitationId,
    email: Option<String>,
    role: Role,
    invited_by: Option<PersonId>,
    created_at: Instant,
    ends_at: Instant,
}

impl std::convert::From<Invitation> for InvitationView {
    fn from(i: Invitation) -> Self {
        Self {
            id: i.id,
            email: i.email,
            role: i.role,
            invited_by: i.invited_by,
            created_at: i.created_at,
            ends_at: i.ends_at,
        }
    }
}

/// The organization in the path must be the one of the caller.
pub(super) fn of_path(caller: &Caller, organization: OrganizationId) -> Result<(), Problem> {
    match caller.membership.organization == organization {
        true => Ok(()),
        false => Err(Problem::new(
            Code::NotFound,
            "There is no such organization, or you do not belong to it.",
        )),
    }
}

async fn invite(
    State(server): State<Server>,
    caller: Caller,
    Named(organization): Named<OrganizationId>,
    Body(given): Body<Invite>,
) -> Result<Response, Refused> {
    of_path(&caller, organization)?;
    caller.by_a_person()?;
    caller.must(Action::ManagePeople)?;
    let me = &caller.membership;
    if given.role == Role::Owner && me.role != Role::Owner {
        return Err(Refused(Problem::new(
            Code::Forbidden,
            "Only an owner can invite an owner.",
        )));
    }
    let email = given.email.as_deref().map(folded_email).transpose()?;
    let now = server.now();
    let (invitation, token) = new_invitation(organization, email, given.role, Some(me.person), now);
    let new = invitation.clone();
    let payload = json!({"role": new.role, "email": new.email});
    caller
        .app(&server)
        .on_record(
            Action::ManagePeople,
            "person_invited",
            format!("invitation:{}", new.id),
            payload,
            move |tx| {
                let new = new.clone();
                Box::pin(async move { Ok(member::invite(tx, &new).await?) })
            },
        )
        .await?;
    let made = json!({
        "invitation": InvitationView::from(invitation),
        "link": server.join_link(&token),
    });
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

async fn list(
    State(server): State<Server>,
    caller: Caller,
    Named(organization): Named<OrganizationId>,
) -> Result<Response, Refused> {
    of_path(&caller, organization)?;
    caller.must(Action::ManagePeople)?;
    let now = server.now();
    let all = server
        .db()
        .read(move |tx| {
            Box::pin(
                async move { Ok::<_, app::Error>(member::invitations(tx, organization).await?) },
            )
        })
        .await?;
    let open = all.into_iter().filter(|i| i.works(now));
    let views: Vec<InvitationView> = open.map(InvitationView::from).collect();
    Ok(Json(views).into_response())
}

async fn withdraw(
    State(server): State<Server>,
    caller: Caller,
    Named((organization, id)): Named<(OrganizationId, InvitationId)>,
) -> Result<Response, Refused> {
    of_path(&caller, organization)?;
    caller.must(Action::ManagePeople)?;
    let now = server.now();
    caller
        .app(&server)
        .on_record(
            Action::ManagePeople,
            "invitation_withdrawn",
            format!("invitation:{id}"),
            json!({}),
            move |tx| {
                Box::pin(async move {
                    match member::withdraw(tx, organization, id, now).await? {
                        true => Ok(()),
                        false => Err(app::Error::missing("invitation")),
                    }
                })
            },
        )
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What this file serves.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/auth/invitation", post(look))
        .route("/auth/join", post(join))
        .route("/organizations/{id}/invitations", get(list).post(invite))
        .route(
            "/organizations/{id}/invitations/{invitation}",
            delete(withdraw),
        )
}
