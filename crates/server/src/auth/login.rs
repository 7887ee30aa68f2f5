//! Registering, signing in, passwords, and who one is.

use std::net::IpAddr;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::Instant;
use domain::ids::{LoginId, OrganizationId, PersonId};
use domain::person::Role;
use protocol::act::Sensitive;
use protocol::{Code, Problem};
use serde::{Deserialize, Serialize};
use store::login::Login;
use store::member::Membership;
use ts_rs::TS;

use super::throttle::{KNOCKS, NEW, SIGN_INS, Trier, address_of};
use super::who::{From, SignedIn};
use super::{folded_email, invitations, password, secret, sessions};
use crate::api::{Api, Op, Who};
use crate::http::body::Body;
use crate::http::problem::Refused;
use crate::rest::made;
use crate::rest::terms::Once;
use crate::{Registration, Server};

fn wrong() -> Problem {
    Problem::new(
        Code::WrongCredentials,
        "The address or the password is wrong.",
    )
}

/// Who signs in.
#[derive(Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct SignIn {
    /// The address.
    email: String,
    /// The password.
    password: Sensitive,
    /// Of the second factor, or a recovery code.
    #[serde(default)]
    #[ts(optional)]
    code: Option<String>,
    /// Keep the tokens in cookies (the window in a browser).
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    cookie: bool,
}

async fn sign_in(
    State(server): State<Server>,
    From(ip): From,
    headers: HeaderMap,
    Body(given): Body<SignIn>,
) -> Result<Response, Refused> {
    let address = address_of(ip);
    server.knock(KNOCKS, &address).await?;
    let login = match server.known(&given, &address).await {
        Ok(login) => login,
        Err(problem) => {
            // What was typed stays out of the log: it may be a password in the wrong field.
            tracing::info!(%address, code = problem.code.as_str(), "a sign-in was refused");
            return Err(problem.into());
        }
    };
    tracing::info!(%login, %address, second_factor = given.code.is_some(), "signed in");
    let agent = sessions::agent_of(&headers);
    let pair = server.open_session(login, agent, address).await?;
    Ok(pair.answer(&server, given.cookie))
}

impl Server {
    /// The login of an address.
    pub(super) async fn login_of(&self, email: &str) -> Result<Option<Login>, Problem> {
        let email = email.to_owned();
        let read = self.db().read(move |tx| {
            Box::pin(async move { Ok::<_, app::Error>(store::login::by_email(tx, &email).await?) })
        });
        Ok(read.await?)
    }

    /// The login `id`.
    pub(super) async fn login(&self, id: LoginId) -> Result<Login, Problem> {
        let read = self.db().read(move |tx| {
            Box::pin(async move { Ok::<_, app::Error>(store::login::get(tx, id).await?) })
        });
        read.await?.ok_or_else(super::tokens::signed_out)
    }

    /// Whose address, password and code these are.
    async fn known(&self, given: &SignIn, from: &str) -> Result<LoginId, Problem> {
        let Ok(email) = folded_email(&given.email) else {
            password::is_right(&given.password.0, None).await?;
            return Err(wrong());
        };
        let trier = Trier::new(&email, from);
        self.may_try(&trier).await?;
        self.knock(SIGN_INS, &email).await?;
        let known = self.login_of(&email).await?;
        let kept = known.as_ref().and_then(|l| l.password.as_deref());
        let right = password::is_right(&given.password.0, kept).await?;
        let Some(login) = known.filter(|_| right) else {
            self.tried_wrongly(&trier).await?;
            return Err(wrong());
        };
        self.check_second_factor(&login, given.code.as_deref(), &trier)
            .await?;
        self.tried_rightly(&trier).await?;
        Ok(login.id)
    }
}

/// Who comes in for the first time.
#[derive(Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct Register {
    /// As people call them.
    name: String,
    /// The address.
    email: String,
    /// The password: at least ten characters that nobody guesses.
    password: Sensitive,
    /// The name of a new organization.
    #[serde(default)]
    #[ts(optional)]
    organization: Option<String>,
    /// Or an invitation to one.
    #[serde(default)]
    #[ts(optional)]
    invitation: Option<Sensitive>,
    /// Keep the tokens in cookies (the window in a browser).
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    cookie: bool,
}

async fn register(
    State(server): State<Server>,
    From(ip): From,
    headers: HeaderMap,
    Body(given): Body<Register>,
) -> Result<Response, Refused> {
    let address = address_of(ip);
    server.knock(KNOCKS, &address).await?;
    server.knock(NEW, &address).await?;
    let name = app::apply::checked_name(&given.name)?.to_owned();
    let email = folded_email(&given.email)?;
    password::check(&given.password.0, &[&email, &name])?;
    // Hashing is dear: only for who may come in.
    match (&given.invitation, server.registration()) {
        (_, Registration::Off) | (None, Registration::Invite) => {
            return Err(Refused(no_registration()));
        }
        (Some(token), _) => server.see(&token.0).await.map(drop)?,
        (None, Registration::Open) => {}
    }
    let hashed = password::hash(&given.password.0).await?;
    let new = NewLogin {
        id: LoginId(app::core::new_id()),
        email,
        name,
        password: hashed,
    };
    match (&given.invitation, &given.organization) {
        (Some(token), _) => {
            server.come_in(&token.0, Some(new.clone()), new.id).await?;
        }
        (None, Some(organization)) => {
            if server.registration() != Registration::Open {
                return Err(Refused(no_registration()));
            }
            server
                .found(
                    OrganizationId(app::core::new_id()),
                    organization,
                    Some(new.clone()),
                    new.id,
                )
                .await?;
        }
        (None, None) => {
            return Err(Refused(
                Problem::new(Code::InvalidInput, "Name your organization.")
                    .with_field("organization", "is needed"),
            ));
        }
    }
    let agent = sessions::agent_of(&headers);
    let pair = server.open_session(new.id, agent, address).await?;
    let mut response = pair.answer(&server, given.cookie);
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

fn no_registration() -> Problem {
    Problem::new(
        Code::Forbidden,
        "New logins are made by invitation here. Ask somebody who is in for one.",
    )
}

/// A login that is about to be.
#[derive(Clone)]
pub(super) struct NewLogin {
    pub(super) id: LoginId,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) password: String,
}

impl NewLogin {
    /// Writes it.
    pub(super) async fn insert(&self, tx: &mut db::Tx<'_>, now: Instant) -> Result<(), app::Error> {
        let known = || {
            app::Error::Problem(
                Problem::new(
                    Code::Conflict,
                    "There is a login for this address already. Sign in instead.",
                )
                .with_field("email", "has a login already"),
            )
        };
        if store::login::by_email(tx, &self.email).await?.is_some() {
            return Err(known());
        }
        let password = Some(self.password.as_str());
        let added = store::login::insert(tx, self.id, &self.email, &self.name, password, now);
        match added.await {
            // Somebody was quicker.
            Err(store::Error::Db(db::Error::Constraint { .. })) => Err(known()),
            other => Ok(other?),
        }
    }
}

impl Server {
    /// Founds an organization whose owner is a new or a known login; the same one again is there already.
    pub(super) async fn found(
        &self,
        id: OrganizationId,
        name: &str,
        new: Option<NewLogin>,
        login: LoginId,
    ) -> Result<OrganizationId, Problem> {
        let name = app::apply::checked_name(name)?.to_owned();
        let own = match &new {
            Some(new) => new.name.clone(),
            None => self.login(login).await?.name,
        };
        let person = PersonId(app::core::new_id());
        let ctx = self.organizations().coming(id, person);
        let now = self.now();
        self.db()
            .write(move |tx| {
                let (ctx, name, own, new) = (ctx.clone(), name.clone(), own.clone(), new.clone());
                Box::pin(async move {
                    if let Some(new) = new {
                        new.insert(tx, now).await?;
                    }
                    if let Some(known) = store::organization::get(tx, id).await? {
                        // The same request again; under one key stands one name.
                        return match known.name == name {
                            true => Ok(()),
                            false => Err(app::Error::refused(
                                Code::IdReused,
                                "This key was used for another request. Make a new one.",
                            )),
                        };
                    }
                    store::organization::insert(tx, id, &name, now).await?;
                    app::apply::come_in(tx, &ctx, &own, Role::Owner, None).await?;
                    Ok::<_, app::Error>(store::member::insert(tx, id, person, login, now).await?)
                })
            })
            .await?;
        self.organizations().begin(id).await?;
        Ok(id)
    }
}

/// A place of a login, as it is shown.
#[derive(Serialize, TS)]
#[ts(rename = "Membership")]
pub struct Place {
    organization: OrganizationId,
    organization_name: String,
    person: PersonId,
    name: String,
    role: Role,
}

impl std::convert::From<Membership> for Place {
    fn from(m: Membership) -> Self {
        Self {
            organization: m.organization,
            organization_name: m.organization_name,
            person: m.person,
            name: m.name,
            role: m.role,
        }
    }
}

/// Who is signed in.
#[derive(Serialize, TS)]
struct Me {
    login: LoginId,
    email: String,
    name: String,
    second_factor: bool,
    recovery_codes: u32,
    /// In which language (`en`, `de`) they are told by mail; `null` means not at all.
    mail: Option<String>,
    /// The IANA zone of their quiet hours.
    mail_zone: Option<String>,
    organizations: Vec<Place>,
}

async fn me(State(server): State<Server>, me: SignedIn) -> Result<Response, Refused> {
    let (login, codes, places) = server
        .db()
        .read(move |tx| {
            Box::pin(async move {
                Ok::<_, app::Error>((
                    store::login::get(tx, me.login).await?,
                    store::login::codes_left(tx, me.login).await?,
                    store::member::of_login(tx, me.login).await?,
                ))
            })
        })
        .await?;
    let login = login.ok_or_else(super::tokens::signed_out)?;
    Ok(Json(Me {
        login: login.id,
        second_factor: login.totp_at.is_some(),
        mail: login.mail_language,
        mail_zone: login.mail_zone,
        email: login.email,
        name: login.name,
        recovery_codes: codes,
        organizations: places
            .into_iter()
            .filter(|m| m.active)
            .map(Place::from)
            .collect(),
    })
    .into_response())
}

/// A new password, and the one before.
#[derive(Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    old: Sensitive,
    new: Sensitive,
}

async fn change_password(
    State(server): State<Server>,
    From(ip): From,
    me: SignedIn,
    Body(given): Body<NewPassword>,
) -> Result<Response, Refused> {
    let (login, _) = server.proven(me, ip, &given.old.0, "old").await?;
    password::check(&given.new.0, &[&login.email, &login.name])?;
    server.set_password(me.login, &given.new.0).await?;
    // Whoever came in with the old one is out.
    server
        .end_sessions(me.login, Some(me.session), "password")
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

impl Server {
    /// The login of somebody who is signed in and shows their password again, as what changes how
    /// one comes in asks for; what is wrong is told of `field`.
    pub(super) async fn proven(
        &self,
        me: SignedIn,
        ip: IpAddr,
        given: &str,
        field: &str,
    ) -> Result<(Login, Trier), Problem> {
        let from = address_of(ip);
        self.knock(KNOCKS, &from).await?;
        let login = self.login(me.login).await?;
        let trier = Trier::new(&login.email, &from);
        self.may_try(&trier).await?;
        if password::is_right(given, login.password.as_deref()).await? {
            return Ok((login, trier));
        }
        self.tried_wrongly(&trier).await?;
        let wrong = Problem::new(Code::WrongCredentials, "The password is wrong.");
        Err(wrong.with_field(field, "is not your password"))
    }

    async fn set_password(&self, login: LoginId, new: &str) -> Result<(), Problem> {
        let hashed = password::hash(new).await?;
        let now = self.now();
        self.db()
            .write(move |tx| {
                let hashed = hashed.clone();
                Box::pin(async move {
                    store::member::revoke_tokens_of(tx, login, now).await?;
                    Ok::<_, app::Error>(store::login::set_password(tx, login, &hashed, now).await?)
                })
            })
            .await?;
        Ok(())
    }
}

/// A new password, and what was given out for it.
#[derive(Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct Reset {
    token: Sensitive,
    password: Sensitive,
}

/// Sets a password anew with a link that came by mail, or that whoever keeps the server gave out.
async fn reset(
    State(server): State<Server>,
    From(ip): From,
    Body(given): Body<Reset>,
) -> Result<Response, Refused> {
    server.knock(KNOCKS, &address_of(ip)).await?;
    password::check(&given.password.0, &[])?;
    let (now, token) = (server.now(), secret::kept(&given.token.0));
    let works = server
        .db()
        .read(move |tx| {
            Box::pin(
                async move { Ok::<_, app::Error>(store::login::see_reset(tx, token, now).await?) },
            )
        })
        .await?;
    if !works {
        return Err(Refused(old_link()));
    }
    let hashed = password::hash(&given.password.0).await?;
    let login = server
        .db()
        .write(move |tx| {
            let hashed = hashed.clone();
            Box::pin(async move {
                let Some(login) = store::login::take_reset(tx, token, now).await? else {
                    return Err(app::Error::Problem(old_link()));
                };
                store::login::set_password(tx, login, &hashed, now).await?;
                store::session::revoke_all(tx, login, None, now, "password").await?;
                store::member::revoke_tokens_of(tx, login, now).await?;
                Ok(login)
            })
        })
        .await?;
    tracing::info!(%login, "a password was set anew");
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn old_link() -> Problem {
    Problem::new(
        Code::CodeExpired,
        "This link was used, or is too old. Ask for a new one.",
    )
}

/// An organization that begins.
#[derive(Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct NewOrganization {
    name: String,
}

/// An organization that was made.
#[derive(Serialize, TS)]
struct Founded {
    /// Its id.
    id: OrganizationId,
}

async fn new_organization(
    State(server): State<Server>,
    From(ip): From,
    me: SignedIn,
    once: Once,
    Body(given): Body<NewOrganization>,
) -> Result<Response, Refused> {
    server.knock(NEW, &address_of(ip)).await?;
    if server.registration() != Registration::Open {
        return Err(Refused(Problem::new(
            Code::Forbidden,
            "New organizations are made by whoever keeps this server.",
        )));
    }
    let id = once.of_login(me.login);
    let id = server.found(id, &given.name, None, me.login).await?;
    Ok(made(&format!("/organizations/{id}"), &Founded { id }))
}

/// What this file serves.
pub fn routes() -> Api {
    // What counts knocks may say to wait.
    let knocks = |op: Op| op.refuses(&[401, 403, 409, 429]);
    Api::new("Signing in")
        .post(
            "/auth/login",
            sign_in,
            knocks(Op::new("sign_in", "Signs in."))
                .takes::<SignIn>()
                .gives::<sessions::Opened>(200),
        )
        .post(
            "/auth/register",
            register,
            knocks(Op::new(
                "register",
                "Makes a login, by an invitation or with an organization.",
            ))
            .takes::<Register>()
            .gives::<sessions::Opened>(201),
        )
        .get(
            "/auth/me",
            me,
            Op::new("get_me", "Who is signed in, and where they belong.")
                .who(Who::SignedIn)
                .gives::<Me>(200),
        )
        .post(
            "/auth/password",
            change_password,
            knocks(Op::new(
                "change_password",
                "Sets one's own password anew; other sign-ins end.",
            ))
            .who(Who::SignedIn)
            .takes::<NewPassword>(),
        )
        .post(
            "/auth/reset",
            reset,
            knocks(Op::new(
                "reset_password",
                "Sets a password anew with a link that came by mail, or of whoever keeps the server.",
            ))
            .takes::<Reset>(),
        )
        .post(
            "/organizations",
            new_organization,
            knocks(Op::new(
                "create_organization",
                "Makes an organization, and its owner.",
            ))
            .who(Who::SignedIn)
            .takes::<NewOrganization>()
            .gives::<Founded>(201)
            .once(),
        )
        .merge(invitations::routes())
}
