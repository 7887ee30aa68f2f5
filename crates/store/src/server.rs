//! What all processes of a server share: which server it is, which keys its tables know, and how often
//! somebody knocked.

use db::{Tx, args};
use domain::{Hash, Instant};
use uuid::Uuid;

use crate::Error;
use crate::codec::Columns as _;

mod sql {
    db::statements! {
        pub(super) NAME = "INSERT INTO server (only_one, id) VALUES (1, $1) ON CONFLICT (only_one) DO NOTHING";
        pub(super) ID = "SELECT id FROM server WHERE only_one = 1";
        pub(super) PLACE = "SELECT place FROM server WHERE only_one = 1";
        pub(super) SET_PLACE = "UPDATE server SET place = $1 WHERE only_one = 1";
        pub(super) ANSWERS = "SELECT 1 AS n";
        pub(super) KNOCK = "INSERT INTO throttle (bucket, since, knocks, last) VALUES ($1, $2, 1, $2) ON CONFLICT (bucket) DO UPDATE SET last = excluded.last, knocks = CASE WHEN throttle.since <= $3 THEN 1 ELSE throttle.knocks + 1 END, since = CASE WHEN throttle.since <= $3 THEN excluded.since ELSE throttle.since END RETURNING since, knocks";
        pub(super) KNOCKS = "SELECT since, knocks, last FROM throttle WHERE bucket = $1";
        pub(super) FORGIVE = "DELETE FROM throttle WHERE bucket = $1";
        pub(super) LOCK = sqlite "SELECT id FROM server WHERE only_one = 1" postgres "SELECT id FROM server WHERE only_one = 1 FOR UPDATE";
        pub(super) KEY = "SELECT proof FROM server_key WHERE name = $1";
        pub(super) KEYS = "SELECT count(*) AS n FROM server_key";
        pub(super) ADD_KEY = "INSERT INTO server_key (name, proof) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        pub(super) FORGET_KNOCKS = "DELETE FROM throttle WHERE since < $1";
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

/// Where the tables lay when that was said last.
///
/// # Errors
/// When the database says no.
pub async fn place(tx: &mut Tx<'_>) -> Result<Option<String>, Error> {
    let row = tx.row(sql::PLACE, args![]).await?;
    row.map_or(Ok(None), |row| Ok(row.get("place")?))
}

/// Says where they lie now.
///
/// # Errors
/// When the database says no.
pub async fn set_place(tx: &mut Tx<'_>, place: &str) -> Result<(), Error> {
    tx.execute(sql::SET_PLACE, args![place]).await?;
    Ok(())
}

/// Asks for nothing, to hear whether the database answers.
///
/// # Errors
/// When it does not.
pub async fn answers(tx: &mut Tx<'_>) -> Result<(), Error> {
    tx.row(sql::ANSWERS, args![]).await?;
    Ok(())
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

/// Forgets knocks of a stretch that began before then.
///
/// # Errors
/// When the database says no.
pub async fn forget(tx: &mut Tx<'_>, before: Instant) -> Result<(), Error> {
    tx.execute(sql::FORGET_KNOCKS, args![before.0]).await?;
    Ok(())
}
