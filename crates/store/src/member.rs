//! Which person of which organization a login is, and what lets others in.

use db::{Tx, args};
use domain::ids::{InvitationId, LoginId, OrganizationId, PersonId, SessionId, TokenId};
use domain::person::Role;
use domain::{Hash, Instant};

use crate::Error;
use crate::codec::{Columns as _, from_json, name_of, to_json};

/// A login's place in an organization.
#[derive(Clone, Debug)]
pub struct Membership {
    /// Where.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
    /// As whom.
    pub person: PersonId,
    /// That person's name there.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// Still there.
    pub active: bool,
}

/// Who a session stands for in one organization.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Whose session.
    pub login: LoginId,
    /// Their place.
    pub membership: Membership,
}

/// What lets one person in, once.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// Which.
    pub id: InvitationId,
    /// Where to.
    pub organization: OrganizationId,
    /// Of its token.
    pub hash: Hash,
    /// Only this folded address may use it.
    pub email: Option<String>,
    /// As what.
    pub role: Role,
    /// By whom; absent for the first owner's.
    pub invited_by: Option<PersonId>,
    /// When it was made.
    pub created_at: Instant,
    /// Until when it works.
    pub ends_at: Instant,
    /// When it was used.
    pub used_at: Option<Instant>,
    /// When it was taken back.
    pub withdrawn_at: Option<Instant>,
}

impl Invitation {
    /// Whether it lets somebody in now.
    #[must_use]
    pub fn works(&self, now: Instant) -> bool {
        self.used_at.is_none() && self.withdrawn_at.is_none() && now < self.ends_at
    }
}

/// What lets a program in.
#[derive(Clone, Debug)]
pub struct ApiToken {
    /// Which.
    pub id: TokenId,
    /// Where.
    pub organization: OrganizationId,
    /// As whom.
    pub person: PersonId,
    /// What it is for.
    pub name: String,
    /// Of its secret.
    pub hash: Hash,
    /// No more than this.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Instant,
    /// Until when it works.
    pub ends_at: Option<Instant>,
    /// When it last let somebody in, to the minute.
    pub used_at: Option<Instant>,
    /// When it was taken back.
    pub revoked_at: Option<Instant>,
}

mod sql {
    db::statements! {
        pub(super) INSERT = "INSERT INTO member (organization_id, person_id, login_id, created_at) VALUES ($1, $2, $3, $4)";
        pub(super) OF_LOGIN = "SELECT m.organization_id, o.name AS organization_name, m.person_id, p.name, p.role, p.active FROM member m JOIN organization o ON o.id = m.organization_id JOIN person p ON p.organization_id = m.organization_id AND p.id = m.person_id WHERE m.login_id = $1 ORDER BY m.created_at, m.organization_id";
        pub(super) STANDING = "SELECT s.login_id, m.organization_id, o.name AS organization_name, m.person_id, p.name, p.role, p.active FROM session s JOIN member m ON m.login_id = s.login_id JOIN organization o ON o.id = m.organization_id JOIN person p ON p.organization_id = m.organization_id AND p.id = m.person_id WHERE s.id = $1 AND s.revoked_at IS NULL AND m.organization_id = $2";
        pub(super) SOLE = "SELECT s.login_id, m.organization_id, o.name AS organization_name, m.person_id, p.name, p.role, p.active FROM session s JOIN member m ON m.login_id = s.login_id JOIN organization o ON o.id = m.organization_id JOIN person p ON p.organization_id = m.organization_id AND p.id = m.person_id WHERE s.id = $1 AND s.revoked_at IS NULL ORDER BY p.active DESC, m.created_at, m.organization_id LIMIT 1";
        pub(super) GOES_ON = "SELECT login_id FROM session WHERE id = $1 AND revoked_at IS NULL";
        pub(super) EMAILS = "SELECT m.person_id, l.email FROM member m JOIN login l ON l.id = m.login_id WHERE m.organization_id = $1 ORDER BY m.created_at, m.person_id";
        pub(super) LOGIN_OF = "SELECT login_id FROM member WHERE organization_id = $1 AND person_id = $2";
        pub(super) INVITE = "INSERT INTO invitation (organization_id, id, hash, email, role, invited_by, created_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        pub(super) SEE_INVITATION = "SELECT * FROM invitation WHERE organization_id = $1 AND id = $2";
        pub(super) INVITATION = sqlite "SELECT * FROM invitation WHERE organization_id = $1 AND id = $2" postgres "SELECT * FROM invitation WHERE organization_id = $1 AND id = $2 FOR UPDATE";
        pub(super) INVITATIONS = "SELECT * FROM invitation WHERE organization_id = $1 AND used_at IS NULL AND withdrawn_at IS NULL ORDER BY created_at, id";
        pub(super) USED = "UPDATE invitation SET used_at = $3, used_by = $4 WHERE organization_id = $1 AND id = $2";
        pub(super) WITHDRAW = "UPDATE invitation SET withdrawn_at = $3 WHERE organization_id = $1 AND id = $2 AND used_at IS NULL AND withdrawn_at IS NULL";
        pub(super) ADD_TOKEN = "INSERT INTO api_token (organization_id, id, person_id, name, hash, scopes, created_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        pub(super) TOKEN = "SELECT * FROM api_token WHERE organization_id = $1 AND id = $2";
        pub(super) TOKENS = "SELECT * FROM api_token WHERE organization_id = $1 AND revoked_at IS NULL ORDER BY created_at, id";
        pub(super) TOKEN_USED = "UPDATE api_token SET used_at = $3 WHERE organization_id = $1 AND id = $2";
        pub(super) REVOKE_OF_LOGIN = "UPDATE api_token SET revoked_at = $2 WHERE revoked_at IS NULL AND EXISTS (SELECT 1 FROM member m WHERE m.organization_id = api_token.organization_id AND m.person_id = api_token.person_id AND m.login_id = $1)";
        pub(super) REVOKE_OF_PERSON = "UPDATE api_token SET revoked_at = $3 WHERE organization_id = $1 AND person_id = $2 AND revoked_at IS NULL";
        pub(super) REVOKE_TOKEN = "UPDATE api_token SET revoked_at = $3 WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL";
    }
}
pub use sql::STATEMENTS;

fn membership(row: &db::Row) -> Result<Membership, Error> {
    Ok(Membership {
        organization: row.id("organization_id")?,
        organization_name: row.get("organization_name")?,
        person: row.id("person_id")?,
        name: row.get("name")?,
        role: row.name("role")?,
        active: row.get("active")?,
    })
}

fn invitation(row: &db::Row) -> Result<Invitation, Error> {
    Ok(Invitation {
        id: row.id("id")?,
        organization: row.id("organization_id")?,
        hash: row.hash("hash")?,
        email: row.get("email")?,
        role: row.name("role")?,
        invited_by: row.maybe_id("invited_by")?,
        created_at: row.instant("created_at")?,
        ends_at: row.instant("ends_at")?,
        used_at: row.maybe_instant("used_at")?,
        withdrawn_at: row.maybe_instant("withdrawn_at")?,
    })
}

fn token(row: &db::Row) -> Result<ApiToken, Error> {
    Ok(ApiToken {
        id: row.id("id")?,
        organization: row.id("organization_id")?,
        person: row.id("person_id")?,
        name: row.get("name")?,
        hash: row.hash("hash")?,
        scopes: from_json("scopes", &row.get::<String>("scopes")?)?,
        created_at: row.instant("created_at")?,
        ends_at: row.maybe_instant("ends_at")?,
        used_at: row.maybe_instant("used_at")?,
        revoked_at: row.maybe_instant("revoked_at")?,
    })
}

/// Makes a login a person of an organization.
///
/// # Errors
/// When the database says no; a login that is there already is [`db::Error::Constraint`].
pub async fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
    login: LoginId,
    at: Instant,
) -> Result<(), Error> {
    tx.execute(sql::INSERT, args![organization.0, person.0, login.0, at.0])
        .await?;
    Ok(())
}

/// The places of a login, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn of_login(tx: &mut Tx<'_>, login: LoginId) -> Result<Vec<Membership>, Error> {
    let rows = tx.rows(sql::OF_LOGIN, args![login.0]).await?;
    rows.iter().map(membership).collect()
}

/// Who a session that goes on stands for in an organization, or in its first one.
///
/// # Errors
/// When the database says no.
pub async fn standing(
    tx: &mut Tx<'_>,
    session: SessionId,
    organization: Option<OrganizationId>,
) -> Result<Option<Standing>, Error> {
    let row = match organization {
        Some(organization) => {
            tx.row(sql::STANDING, args![session.0, organization.0])
                .await?
        }
        None => tx.row(sql::SOLE, args![session.0]).await?,
    };
    row.map(|row| {
        Ok(Standing {
            login: row.id("login_id")?,
            membership: membership(&row)?,
        })
    })
    .transpose()
}

/// Whose session it is, if it goes on.
///
/// # Errors
/// When the database says no.
pub async fn goes_on(tx: &mut Tx<'_>, session: SessionId) -> Result<Option<LoginId>, Error> {
    let row = tx.row(sql::GOES_ON, args![session.0]).await?;
    row.map(|row| row.id("login_id")).transpose()
}

/// The addresses of an organization's people.
///
/// # Errors
/// When the database says no.
pub async fn emails(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
) -> Result<Vec<(PersonId, String)>, Error> {
    let rows = tx.rows(sql::EMAILS, args![organization.0]).await?;
    rows.iter()
        .map(|row| Ok((row.id("person_id")?, row.get("email")?)))
        .collect()
}

/// The login of a person.
///
/// # Errors
/// When the database says no.
pub async fn login_of(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
) -> Result<Option<LoginId>, Error> {
    let row = tx
        .row(sql::LOGIN_OF, args![organization.0, person.0])
        .await?;
    row.map(|row| row.id("login_id")).transpose()
}

/// Adds an invitation.
///
/// # Errors
/// When the database says no.
pub async fn invite(tx: &mut Tx<'_>, new: &Invitation) -> Result<(), Error> {
    tx.execute(
        sql::INVITE,
        args![
            new.organization.0,
            new.id.0,
            new.hash.0,
            new.email.clone(),
            name_of(&new.role)?,
            new.invited_by.map(|p| p.0),
            new.created_at.0,
            new.ends_at.0
        ],
    )
    .await?;
    Ok(())
}

/// One.
///
/// # Errors
/// When the database says no.
pub async fn see_invitation(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: InvitationId,
) -> Result<Option<Invitation>, Error> {
    let row = tx
        .row(sql::SEE_INVITATION, args![organization.0, id.0])
        .await?;
    row.as_ref().map(invitation).transpose()
}

/// One; held to the commit, so that it is used once.
///
/// # Errors
/// When the database says no.
pub async fn get_invitation(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: InvitationId,
) -> Result<Option<Invitation>, Error> {
    let sql = sql::INVITATION.on(tx.dialect());
    let row = tx.row(sql, args![organization.0, id.0]).await?;
    row.as_ref().map(invitation).transpose()
}

/// Those that nobody has used or taken back, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn invitations(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
) -> Result<Vec<Invitation>, Error> {
    let rows = tx.rows(sql::INVITATIONS, args![organization.0]).await?;
    rows.iter().map(invitation).collect()
}

/// Records who came in with an invitation.
///
/// # Errors
/// When the database says no.
pub async fn used(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: InvitationId,
    at: Instant,
    by: PersonId,
) -> Result<(), Error> {
    tx.execute(sql::USED, args![organization.0, id.0, at.0, by.0])
        .await?;
    Ok(())
}

/// Takes an invitation back; `false` when it was used or taken back before.
///
/// # Errors
/// When the database says no.
pub async fn withdraw(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: InvitationId,
    at: Instant,
) -> Result<bool, Error> {
    let sql = sql::WITHDRAW;
    Ok(tx.execute(sql, args![organization.0, id.0, at.0]).await? == 1)
}

/// Adds a token.
///
/// # Errors
/// When the database says no.
pub async fn add_token(tx: &mut Tx<'_>, new: &ApiToken) -> Result<(), Error> {
    tx.execute(
        sql::ADD_TOKEN,
        args![
            new.organization.0,
            new.id.0,
            new.person.0,
            new.name.as_str(),
            new.hash.0,
            to_json(&new.scopes)?,
            new.created_at.0,
            new.ends_at.map(|t| t.0)
        ],
    )
    .await?;
    Ok(())
}

/// One token.
///
/// # Errors
/// When the database says no.
pub async fn get_token(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: TokenId,
) -> Result<Option<ApiToken>, Error> {
    let row = tx.row(sql::TOKEN, args![organization.0, id.0]).await?;
    row.as_ref().map(token).transpose()
}

/// Tokens that were not taken back, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn tokens(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Vec<ApiToken>, Error> {
    let rows = tx.rows(sql::TOKENS, args![organization.0]).await?;
    rows.iter().map(token).collect()
}

/// Records that a token let somebody in.
///
/// # Errors
/// When the database says no.
pub async fn token_used(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: TokenId,
    at: Instant,
) -> Result<(), Error> {
    tx.execute(sql::TOKEN_USED, args![organization.0, id.0, at.0])
        .await?;
    Ok(())
}

/// Takes a token back; `false` when it was before.
///
/// # Errors
/// When the database says no.
pub async fn revoke_token(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: TokenId,
    at: Instant,
) -> Result<bool, Error> {
    let sql = sql::REVOKE_TOKEN;
    Ok(tx.execute(sql, args![organization.0, id.0, at.0]).await? == 1)
}

/// Takes all tokens of a person back.
///
/// # Errors
/// When the database says no.
pub async fn revoke_of_person(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
    at: Instant,
) -> Result<(), Error> {
    let args = args![organization.0, person.0, at.0];
    tx.execute(sql::REVOKE_OF_PERSON, args).await?;
    Ok(())
}

/// Takes all tokens of a login's people back.
///
/// # Errors
/// When the database says no.
pub async fn revoke_tokens_of(tx: &mut Tx<'_>, login: LoginId, at: Instant) -> Result<(), Error> {
    tx.execute(sql::REVOKE_OF_LOGIN, args![login.0, at.0])
        .await?;
    Ok(())
}
