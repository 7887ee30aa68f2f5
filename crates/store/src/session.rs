//! Sign-ins that go on.

use db::{Tx, args};
use domain::ids::{LoginId, SessionId};
use domain::{Hash, Instant};

use crate::Error;
use crate::codec::Columns as _;

/// A sign-in.
#[derive(Clone, Debug)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub login: LoginId,
    /// Of the newest refresh token.
    pub refresh: Hash,
    /// Of the one before.
    pub previous: Option<Hash>,
    /// When it was changed.
    pub rotated_at: Instant,
    /// When somebody signed in.
    pub created_at: Instant,
    /// When it ends unless it is used.
    pub ends_at: Instant,
    /// The program.
    pub agent: String,
    /// Where from.
    pub address: String,
    /// It has ended.
    pub revoked_at: Option<Instant>,
}

mod sql {
    db::statements! {
        pub(super) INSERT = "INSERT INTO session (id, login_id, refresh, rotated_at, created_at, ends_at, agent, address) VALUES ($1, $2, $3, $4, $4, $5, $6, $7)";
        pub(super) GET = sqlite "SELECT * FROM session WHERE id = $1" postgres "SELECT * FROM session WHERE id = $1 FOR UPDATE";
        pub(super) OF_LOGIN = "SELECT * FROM session WHERE login_id = $1 AND revoked_at IS NULL AND ends_at > $2 ORDER BY created_at, id";
        pub(super) ROTATE = "UPDATE session SET previous = refresh, refresh = $2, rotated_at = $3, ends_at = $4, address = $5 WHERE id = $1";
        pub(super) REVOKE = "UPDATE session SET revoked_at = $2, revoked_why = $3 WHERE id = $1 AND revoked_at IS NULL";
        pub(super) REVOKE_ALL = "UPDATE session SET revoked_at = $2, revoked_why = $3 WHERE login_id = $1 AND revoked_at IS NULL";
        pub(super) REVOKE_OTHERS = "UPDATE session SET revoked_at = $2, revoked_why = $3 WHERE login_id = $1 AND id <> $4 AND revoked_at IS NULL";
        pub(super) FORGET = "DELETE FROM session WHERE ends_at < $1";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Session, Error> {
    Ok(Session {
        id: row.id("id")?,
        login: row.id("login_id")?,
        refresh: row.hash("refresh")?,
        previous: row.maybe_hash("previous")?,
        rotated_at: row.instant("rotated_at")?,
        created_at: row.instant("created_at")?,
        ends_at: row.instant("ends_at")?,
        agent: row.get("agent")?,
        address: row.get("address")?,
        revoked_at: row.maybe_instant("revoked_at")?,
    })
}

/// Adds one that begins now.
///
/// # Errors
/// When the database says no.
pub async fn insert(tx: &mut Tx<'_>, session: &Session) -> Result<(), Error> {
    tx.execute(
        sql::INSERT,
        args![
            session.id.0,
            session.login.0,
            session.refresh.0,
            session.created_at.0,
            session.ends_at.0,
            session.agent.as_str(),
            session.address.as_str()
        ],
    )
    .await?;
    Ok(())
}

/// One; held to the commit, so that its token changes once.
///
/// # Errors
/// When the database says no.
pub async fn get(tx: &mut Tx<'_>, id: SessionId) -> Result<Option<Session>, Error> {
    let sql = sql::GET.on(tx.dialect());
    let row = tx.row(sql, args![id.0]).await?;
    row.as_ref().map(read).transpose()
}

/// Those of a login that go on, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn of_login(
    tx: &mut Tx<'_>,
    login: LoginId,
    now: Instant,
) -> Result<Vec<Session>, Error> {
    let rows = tx.rows(sql::OF_LOGIN, args![login.0, now.0]).await?;
    rows.iter().map(read).collect()
}

/// Puts a new refresh token in the place of the one that was used.
///
/// # Errors
/// When the database says no.
pub async fn rotate(
    tx: &mut Tx<'_>,
    id: SessionId,
    refresh: Hash,
    now: Instant,
    ends: Instant,
    address: &str,
) -> Result<(), Error> {
    tx.execute(sql::ROTATE, args![id.0, refresh.0, now.0, ends.0, address])
        .await?;
    Ok(())
}

/// Ends one; `false` when it had ended.
///
/// # Errors
/// When the database says no.
pub async fn revoke(
    tx: &mut Tx<'_>,
    id: SessionId,
    now: Instant,
    why: &str,
) -> Result<bool, Error> {
    Ok(tx.execute(sql::REVOKE, args![id.0, now.0, why]).await? == 1)
}

/// Ends all of a login, but `keep`.
///
/// # Errors
/// When the database says no.
pub async fn revoke_all(
    tx: &mut Tx<'_>,
    login: LoginId,
    keep: Option<SessionId>,
    now: Instant,
    why: &str,
) -> Result<u64, Error> {
    let ended = match keep {
        None => {
            tx.execute(sql::REVOKE_ALL, args![login.0, now.0, why])
                .await?
        }
        Some(id) => {
            tx.execute(sql::REVOKE_OTHERS, args![login.0, now.0, why, id.0])
                .await?
        }
    };
    Ok(ended)
}

/// Forgets those that ended by themselves before then.
///
/// # Errors
/// When the database says no.
pub async fn forget(tx: &mut Tx<'_>, before: Instant) -> Result<u64, Error> {
    Ok(tx.execute(sql::FORGET, args![before.0]).await?)
}
