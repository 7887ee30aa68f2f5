//! Invitations: a link lets one person in, once.
//!
//! Its token is `<organization>.<invitation>.<secret>` and stands behind the `#` of the link, so
//! that no server and no log on the way sees it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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
use ts_rs::TS;
use uuid::Uuid;

use super::folded_email;
use super::login::NewLogin;
use super::secret::{is_of, kept, new_secret};
use super::throttle::{KNOCKS, address_of};
use super::who::{Caller, From, SignedIn};
use crate::Server;
use crate::api::{Api, Op, Who};
use crate::http::body::{Body, Named};
use crate::http::problem::Refused;
use crate::rest::made;
use crate::rest::terms::{Cause, Once};

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
    let id = InvitationId(app::core::new_id());
    invitation_of(
        organization,
        (id, &new_secret()),
        email,
        role,
        invited_by,
        now,
    )
}

/// One of this id and secret.
fn invitation_of(
    organization: OrganizationId,
    (id, secret): (InvitationId, &str),
    email: Option<String>,
    role: Role,
    invited_by: Option<PersonId>,
    now: Instant,
) -> (Invitation, String) {
    let token = format!("{}.{}.{secret}", organization.0.simple(), id.0.simple());
    let invitation = Invitation {
        id,
        organization,
        hash: kept(secret),
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

/// An invitation, by who holds it.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(rename = "HeldInvitation")]
struct Look {
    /// The last part of its link.
    invitation: Sensitive,
}

/// What an invitation is to.
#[derive(Serialize, TS)]
struct InvitedTo {
    /// The organization's name.
    organization: String,
    /// As what.
    role: Role,
    /// For whom alone; `null` means whoever holds it.
    email: Option<String>,
    /// By whom; `null` for the first owner's.
    invited_by: Option<String>,
    /// Until when it works.
    ends_at: Instant,
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
    Ok(Json(InvitedTo {
        organization: organization.name,
        role: invitation.role,
        email: invitation.email,
        invited_by: by.map(|p| p.name),
        ends_at: invitation.ends_at,
    })
    .into_response())
}

/// Where somebody came in.
#[derive(Serialize, TS)]
struct Joined {
    /// Which.
    organization: OrganizationId,
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
    let joined = Joined { organization: id };
    Ok(made(&format!("/organizations/{id}"), &joined))
}

/// Who is invited.
#[derive(Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct Invite {
    /// As what.
    role: Role,
    /// For whom alone; absent means whoever holds the link.
    #[serde(default)]
    #[ts(optional)]
    email: Option<String>,
}

/// An invitation that works, without its link.
#[derive(Serialize, TS)]
#[ts(rename = "InvitationView")]
struct InvitationView {
    id: InvitationId,
    email: Option<String>,
    role: Role,
    invited_by: Option<PersonId>,
    created_at: Instant,
    ends_at: Instant,
}

/// An invitation with its link, which is shown once.
#[derive(Serialize, TS)]
struct MadeInvitation {
    /// What it is.
    invitation: InvitationView,
    /// Lets one person in, once.
    link: String,
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
    once: Once,
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
    let cause = once.of(&caller, &given)?;
    let id: InvitationId = cause.id("invitation", 0);
    let secret = server.secret_of(&cause, id.0)?;
    let by = Some(me.person);
    let (invitation, token) =
        invitation_of(organization, (id, &secret), email, given.role, by, now);
    let place = format!("/organizations/{organization}/invitations/{id}");
    if let Some(named) = cause.once()
        && caller.app(&server).answered(named).await?.is_some()
    {
        // Its link still leads in, or the secret cannot be shown again.
        let seen = server.see(&token).await.map_err(|_| shown_once())?;
        let again = MadeInvitation {
            link: server.join_link(&token),
            invitation: seen.into(),
        };
        return Ok(made(&place, &again));
    }
    let (new, named) = (invitation.clone(), cause.once());
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
                Box::pin(async move {
                    if let Some(named) = named {
                        app::core::mark(tx, organization, named, now).await?;
                    }
                    Ok(member::invite(tx, &new).await?)
                })
            },
        )
        .await?;
    let invited = MadeInvitation {
        link: server.join_link(&token),
        invitation: invitation.into(),
    };
    Ok(made(&place, &invited))
}

/// The same request came again, and what it made was used, taken back, or sealed under a key that is
/// no more the first.
pub(crate) fn shown_once() -> Problem {
    Problem::new(
        Code::Conflict,
        "This request was carried out before, and its secret cannot be shown again. Make a new one.",
    )
}

const PURPOSE: &str = "rostrum-server 2026 secrets of requests under a key";

impl Server {
    /// The secret of something that a request makes: random, or the same again for the same
    /// idempotency key, so that an answer that was lost can be had once more and is kept nowhere.
    pub(super) fn secret_of(&self, cause: &Cause, id: Uuid) -> Result<String, Problem> {
        if cause.once().is_none() {
            return Ok(new_secret());
        }
        let key = self
            .ring()
            .derived(&self.ring().current(), PURPOSE)
            .ok_or_else(|| app::error::internal(&"the key ring is empty"))?;
        let bytes = blake3::keyed_hash(&key, id.as_bytes());
        Ok(URL_SAFE_NO_PAD.encode(bytes.as_bytes()))
    }
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
pub fn routes() -> Api {
    let invites = |id: &'static str, summary: &'static str| {
        Op::new(id, summary)
            .who(Who::Person(Action::ManagePeople))
            .takes::<Invite>()
            .gives::<MadeInvitation>(201)
            .once()
    };
    Api::new("Organizations")
        .post(
            "/auth/invitation",
            look,
            Op::new("see_invitation", "What an invitation is to.")
                .takes::<Look>()
                .gives::<InvitedTo>(200)
                .refuses(&[429]),
        )
        .post(
            "/auth/join",
            join,
            Op::new("join", "Comes in to an organization by an invitation.")
                .who(Who::SignedIn)
                .takes::<Look>()
                .gives::<Joined>(201)
                .refuses(&[429]),
        )
        .get(
            "/organizations/{id}/invitations",
            list,
            Op::new("list_invitations", "Invitations that work.")
                .may(Action::ManagePeople)
                .gives::<Vec<InvitationView>>(200),
        )
        .post(
            "/organizations/{id}/invitations",
            invite,
            invites("invite", "Invites somebody. The link is shown once."),
        )
        .post(
            "/organizations/{id}/members",
            invite,
            invites(
                "add_member",
                "Invites somebody: nobody becomes a member unasked.",
            ),
        )
        .delete(
            "/organizations/{id}/invitations/{invitation}",
            withdraw,
            Op::new("withdraw_invitation", "Takes an invitation back.").may(Action::ManagePeople),
        )
}
