//! What all processes of a server share: which server it is, how often somebody knocked, and what a
//! request under an idempotency key was answered.

use db::{Tx, args};
use domain::ids::LoginId;
use domain::{Hash, Instant};
use uuid::Uuid;

use crate::Error;
use crate::codec::Columns as _;

/// What a request was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Of the request.
    pub request: Hash,
    /// Status and body; absent while it is under way.
    pub answer: Option<(u16, String)>,
    /// When it was begun.
    pub at: Instant,
}

mod sql {
    db::statements! {
        pub(super) NAME = "INSERT INTO server (only_one, id) VALUES (1, $1) ON CONFLICT (only_one) DO NOTHING";
        pub(super) ID = "SELECT id FROM server WHERE only_one = 1";
        pub(super) KNOCK = "INSERT INTO throttle (bucket, since, knocks, last) VALUES ($1, $2, 1, $2) ON CONFLICT (bucket) DO UPDATE SET last = excluded.last, knocks = CASE WHEN throttle.since <= $3 THEN 1 ELSE throttle.knocks + 1 END, since = CASE WHEN throttle.since <= $3 THEN excluded.since ELSE throttle.since END RETURNING since, knocks";
        pub(super) KNOCKS = "SELECT since, knocks, last FROM throttle WHERE bucket = $1";
        pub(super) FORGIVE = "DELETE FROM throttle WHERE bucket = $1";
        pub(super) LOCK = sqlite "SELECT id FROM server WHERE only_one = 1" postgres "SELECT id FROM server WHERE only_one = 1 FOR UPDATE";
        pub(super) KEY = "SELECT proof FROM server_key WHERE name = $1";
        pub(super) KEYS = "SELECT count(*) AS n FROM server_key";
        pub(super) ADD_KEY = "INSERT INTO server_key (name, proof) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        pub(super) FORGET_KNOCKS = "DELETE FROM throttle WHERE since < $1";
        pub(super) BEGIN = "INSERT INTO request_answer (login_id, key, request, at) VALUES ($1, $2, $3, $4) ON CONFLICT (login_id, key) DO NOTHING";
        pub(super) GET = "SELECT request, status, body, at FROM request_answer WHERE login_id = $1 AND key = $2";
        pub(super) END = "UPDATE request_answer SET status = $3, body = $4 WHERE login_id = $1 AND key = $2";
        pub(super) DROP = "DELETE FROM request_answer WHERE login_id = $1 AND key = $2 AND status IS NULL";
        pub(super) FORGET_ANSWERS = "DELETE FROM request_answer WHERE at < $1";
    }
}
pub use sql::STATEMENTS;

/// Which server it is: what the first process said.
///
/// # Errors
/// When the database says no.
pub async fn id(tx: &mut Tx<'_>, fresh: Uuid) -> Result<Uuid, Error> {
    tx.execute(sql::NAME, args![fresh]).await?;
    let row = tx.row(sql::ID, args![]).await?;
    row.map_or(Ok(fresh), |row| Ok(row.get("id")?))
}

/// Counts a knock in a bucket whose stretch began after `after`, or begins now; answers since when
/// and how many.
///
/// # Errors
/// When the database says no.
pub async fn knock(
    tx: &mut Tx<'_>,
    bucket: &str,
    now: Instant,
    after: Instant,
) -> Result<(Instant, u32), Error> {
    let row = tx
        .row(sql::KNOCK, args![bucket, now.0, after.0])
        .await?
        .ok_or_else(|| Error::unreadable("throttle", "no row came back"))?;
    Ok((row.instant("since")?, row.count("knocks")?))
}

/// How often somebody knocked in the stretch that began after `after`, and when last.
///
/// # Errors
/// When the database says no.
pub async fn knocks(
    tx: &mut Tx<'_>,
    bucket: &str,
    after: Instant,
) -> Result<Option<(u32, Instant)>, Error> {
    let Some(row) = tx.row(sql::KNOCKS, args![bucket]).await? else {
        return Ok(None);
    };
    let known = (row.count("knocks")?, row.instant("last")?);
    Ok((row.instant("since")? > after).then_some(known))
}

/// Forgets the knocks of a bucket.
///
/// # Errors
/// When the database says no.
pub async fn forgive(tx: &mut Tx<'_>, bucket: &str) -> Result<(), Error> {
    tx.execute(sql::FORGIVE, args![bucket]).await?;
    Ok(())
}

/// Holds the server's row to the commit: one process at a time.
///
/// # Errors
/// When the database says no.
pub async fn lock(tx: &mut Tx<'_>) -> Result<(), Error> {
    let sql = sql::LOCK.on(tx.dialect());
    tx.row(sql, args![]).await?;
    Ok(())
}

/// Whether the database knows a key of this name by this proof; `None` when it knows none of the
/// name.
///
/// # Errors
/// When the database says no.
pub async fn knows_key(tx: &mut Tx<'_>, name: &str, proof: Hash) -> Result<Option<bool>, Error> {
    let row = tx.row(sql::KEY, args![name]).await?;
    row.map(|row| Ok(row.hash("proof")? == proof)).transpose()
}

/// How many keys the database knows.
///
/// # Errors
/// When the database says no.
pub async fn keys(tx: &mut Tx<'_>) -> Result<u32, Error> {
    let row = tx.row(sql::KEYS, args![]).await?;
    row.map_or(Ok(0), |row| row.count("n"))
}

/// Lets the database know a key.
///
/// # Errors
/// When the database says no.
pub async fn add_key(tx: &mut Tx<'_>, name: &str, proof: Hash) -> Result<(), Error> {
    tx.execute(sql::ADD_KEY, args![name, proof.0]).await?;
    Ok(())
}

/// Begins a request under a key; answers what is known of an earlier one.
///
/// # Errors
/// When the database says no.
pub async fn begin(
    tx: &mut Tx<'_>,
    login: LoginId,
    key: &str,
    request: Hash,
    now: Instant,
) -> Result<Option<Answered>, Error> {
    let new = tx
        .execute(sql::BEGIN, args![login.0, key, request.0, now.0])
        .await?;
    if new == 1 {
        return Ok(None);
    }
    let Some(row) = tx.row(sql::GET, args![login.0, key]).await? else {
        return Ok(None);
    };
    let status: Option<u16> = row.get("status")?;
    let body: Option<String> = row.get("body")?;
    Ok(Some(Answered {
        request: row.hash("request")?,
        answer: status.zip(body),
        at: row.instant("at")?,
    }))
}

/// Keeps what a request was answered.
///
/// # Errors
/// When the database says no.
pub async fn end(
    tx: &mut Tx<'_>,
    login: LoginId,
    key: &str,
    status: u16,
    body: &str,
) -> Result<(), Error> {
    tx.execute(sql::END, args![login.0, key, status, body])
        .await?;
    Ok(())
}

/// Forgets a request that came to no answer: it may be tried again.
///
/// # Errors
/// When the database says no.
pub async fn drop(tx: &mut Tx<'_>, login: LoginId, key: &str) -> Result<(), Error> {
    tx.execute(sql::DROP, args![login.0, key]).await?;
    Ok(())
}

/// Forgets what is older.
///
/// # Errors
/// When the database says no.
pub async fn forget(tx: &mut Tx<'_>, before: Instant) -> Result<(), Error> {
    tx.execute(sql::FORGET_KNOCKS, args![before.0]).await?;
    tx.execute(sql::FORGET_ANSWERS, args![before.0]).await?;
    Ok(())
}
