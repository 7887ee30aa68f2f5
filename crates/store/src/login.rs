//! Logins to a server: who comes in, and what proves it. Passwords and codes are hashes; the
//! secret of a second factor is sealed before it comes here.

use db::{Tx, args};
use domain::ids::LoginId;
use domain::{Hash, Instant};

use crate::Error;
use crate::codec::Columns as _;

/// A person's login.
#[derive(Clone)]
pub struct Login {
    /// Which.
    pub id: LoginId,
    /// Folded: what two spellings of one address share.
    pub email: String,
    /// Their name, as new organizations get it.
    pub name: String,
    /// Argon2id in PHC form; absent where nobody has set one.
    pub password: Option<String>,
    /// Since when it is this one.
    pub password_at: Option<Instant>,
    /// The second factor's secret, sealed.
    pub totp: Option<Vec<u8>>,
    /// Since when it is asked for; before, it is only being set up.
    pub totp_at: Option<Instant>,
    /// The last step whose code was taken.
    pub totp_step: Option<i64>,
    /// In which language (`en`, `de`) they are told by mail; absent means not at all.
    pub mail_language: Option<String>,
    /// The IANA zone on whose wall their quiet hours are.
    pub mail_zone: Option<String>,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

mod sql {
    db::statements! {
        pub(super) INSERT = "INSERT INTO login (id, email, name, password, password_at, created_at) VALUES ($1, $2, $3, $4, $5, $5)";
        pub(super) GET = "SELECT * FROM login WHERE id = $1";
        pub(super) BY_EMAIL = "SELECT * FROM login WHERE email = $1";
        pub(super) PASSWORD = "UPDATE login SET password = $2, password_at = $3 WHERE id = $1";
        pub(super) BEGIN_TOTP = "UPDATE login SET totp = $2, totp_step = NULL WHERE id = $1 AND totp_at IS NULL";
        pub(super) CONFIRM_TOTP = "UPDATE login SET totp_at = $3, totp_step = $4 WHERE id = $1 AND totp = $2 AND totp_at IS NULL";
        pub(super) FORGET_TOTP = "UPDATE login SET totp = NULL, totp_at = NULL, totp_step = NULL WHERE id = $1";
        pub(super) SEE_RESET = "SELECT login_id FROM password_reset WHERE hash = $1 AND used_at IS NULL AND ends_at > $2";
        pub(super) STEP = "UPDATE login SET totp_step = $2 WHERE id = $1 AND (totp_step IS NULL OR totp_step < $2)";
        pub(super) ADD_CODE = "INSERT INTO recovery_code (login_id, hash) VALUES ($1, $2)";
        pub(super) FORGET_CODES = "DELETE FROM recovery_code WHERE login_id = $1";
        pub(super) USE_CODE = "UPDATE recovery_code SET used_at = $3 WHERE login_id = $1 AND hash = $2 AND used_at IS NULL";
        pub(super) CODES_LEFT = "SELECT count(*) AS n FROM recovery_code WHERE login_id = $1 AND used_at IS NULL";
        pub(super) ADD_RESET = "INSERT INTO password_reset (hash, login_id, ends_at) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING";
        pub(super) USE_RESET = "UPDATE password_reset SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND ends_at > $2 RETURNING login_id";
        pub(super) END_RESETS = "UPDATE password_reset SET used_at = $2 WHERE login_id = $1 AND used_at IS NULL";
        pub(super) FORGET_RESETS = "DELETE FROM password_reset WHERE ends_at < $1";
        pub(super) MAIL = "UPDATE login SET mail_language = $2, mail_zone = $3 WHERE id = $1";
        pub(super) SEALED = "SELECT id, totp FROM login WHERE totp IS NOT NULL ORDER BY id";
        pub(super) RESEAL = "UPDATE login SET totp = $2 WHERE id = $1 AND totp = $3";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Login, Error> {
    Ok(Login {
        id: row.id("id")?,
        email: row.get("email")?,
        password_at: row.maybe_instant("password_at")?,
        name: row.get("name")?,
        password: row.get("password")?,
        totp: row.get("totp")?,
        totp_at: row.maybe_instant("totp_at")?,
        totp_step: row.get("totp_step")?,
        mail_language: row.get("mail_language")?,
        mail_zone: row.get("mail_zone")?,
    })
}

/// Adds one; the address must be new.
///
/// # Errors
/// When the database says no; a known address is [`db::Error::Constraint`].
pub async fn insert(
    tx: &mut Tx<'_>,
    id: LoginId,
    email: &str,
    name: &str,
    password: Option<&str>,
    at: Instant,
) -> Result<(), Error> {
    tx.execute(
        sql::INSERT,
        args![id.0, email, name, password.map(str::to_owned), at.0],
    )
    .await?;
    Ok(())
}

/// One.
///
/// # Errors
/// When the database says no.
pub async fn get(tx: &mut Tx<'_>, id: LoginId) -> Result<Option<Login>, Error> {
    let row = tx.row(sql::GET, args![id.0]).await?;
    row.as_ref().map(read).transpose()
}

/// The one of a folded address.
///
/// # Errors
/// When the database says no.
pub async fn by_email(tx: &mut Tx<'_>, email: &str) -> Result<Option<Login>, Error> {
    let row = tx.row(sql::BY_EMAIL, args![email]).await?;
    row.as_ref().map(read).transpose()
}

/// Sets a password.
///
/// # Errors
/// When the database says no.
pub async fn set_password(
    tx: &mut Tx<'_>,
    id: LoginId,
    password: &str,
    at: Instant,
) -> Result<(), Error> {
    tx.execute(sql::PASSWORD, args![id.0, password, at.0])
        .await?;
    // What was asked for before would take it away again.
    tx.execute(sql::END_RESETS, args![id.0, at.0]).await?;
    Ok(())
}

/// Begins to set the second factor up; `false` when there is one.
///
/// # Errors
/// When the database says no.
pub async fn begin_totp(tx: &mut Tx<'_>, id: LoginId, sealed: &[u8]) -> Result<bool, Error> {
    Ok(tx.execute(sql::BEGIN_TOTP, args![id.0, sealed]).await? == 1)
}

/// Asks for the second factor from now on; `false` when it is not the one that was begun.
///
/// # Errors
/// When the database says no.
pub async fn confirm_totp(
    tx: &mut Tx<'_>,
    id: LoginId,
    sealed: &[u8],
    since: Instant,
    step: i64,
) -> Result<bool, Error> {
    let sql = sql::CONFIRM_TOTP;
    Ok(tx.execute(sql, args![id.0, sealed, since.0, step]).await? == 1)
}

/// Takes the second factor and its recovery codes away.
///
/// # Errors
/// When the database says no.
pub async fn forget_totp(tx: &mut Tx<'_>, id: LoginId) -> Result<(), Error> {
    tx.execute(sql::FORGET_TOTP, args![id.0]).await?;
    tx.execute(sql::FORGET_CODES, args![id.0]).await?;
    Ok(())
}

/// Whether what lets a password be set anew works.
///
/// # Errors
/// When the database says no.
pub async fn see_reset(tx: &mut Tx<'_>, hash: Hash, at: Instant) -> Result<bool, Error> {
    Ok(tx.row(sql::SEE_RESET, args![hash.0, at.0]).await?.is_some())
}

/// Takes the code of a step; `false` when it, or a later one, was taken before.
///
/// # Errors
/// When the database says no.
pub async fn take_step(tx: &mut Tx<'_>, id: LoginId, step: i64) -> Result<bool, Error> {
    Ok(tx.execute(sql::STEP, args![id.0, step]).await? == 1)
}

/// Puts new recovery codes in the place of the old ones.
///
/// # Errors
/// When the database says no.
pub async fn set_codes(tx: &mut Tx<'_>, id: LoginId, codes: &[Hash]) -> Result<(), Error> {
    tx.execute(sql::FORGET_CODES, args![id.0]).await?;
    for code in codes {
        tx.execute(sql::ADD_CODE, args![id.0, code.0]).await?;
    }
    Ok(())
}

/// Takes a recovery code; `false` when there is none such, or not any more.
///
/// # Errors
/// When the database says no.
pub async fn take_code(
    tx: &mut Tx<'_>,
    id: LoginId,
    code: Hash,
    at: Instant,
) -> Result<bool, Error> {
    Ok(tx.execute(sql::USE_CODE, args![id.0, code.0, at.0]).await? == 1)
}

/// How many recovery codes are left.
///
/// # Errors
/// When the database says no.
pub async fn codes_left(tx: &mut Tx<'_>, id: LoginId) -> Result<u32, Error> {
    let row = tx.row(sql::CODES_LEFT, args![id.0]).await?;
    row.map_or(Ok(0), |row| row.count("n"))
}

/// Adds what lets a password be set anew, once, until `ends`; the same one again is there already.
///
/// # Errors
/// When the database says no.
pub async fn add_reset(
    tx: &mut Tx<'_>,
    hash: Hash,
    id: LoginId,
    ends: Instant,
) -> Result<(), Error> {
    tx.execute(sql::ADD_RESET, args![hash.0, id.0, ends.0])
        .await?;
    Ok(())
}

/// Forgets what let passwords be set anew and ended before `before`, used or not.
///
/// # Errors
/// When the database says no.
pub async fn forget_resets(tx: &mut Tx<'_>, before: Instant) -> Result<(), Error> {
    tx.execute(sql::FORGET_RESETS, args![before.0]).await?;
    Ok(())
}

/// Chooses in which language they are told by mail, and in which zone their quiet hours are; `None`
/// ends it.
///
/// # Errors
/// When the database says no.
pub async fn set_mail(
    tx: &mut Tx<'_>,
    id: LoginId,
    told: Option<(&str, &str)>,
) -> Result<(), Error> {
    let (language, zone) = told
        .map(|(language, zone)| (language.to_owned(), zone.to_owned()))
        .unzip();
    tx.execute(sql::MAIL, args![id.0, language, zone]).await?;
    Ok(())
}

/// Takes one, and with it all others of the same login; answers whose it was.
///
/// # Errors
/// When the database says no.
pub async fn take_reset(
    tx: &mut Tx<'_>,
    hash: Hash,
    at: Instant,
) -> Result<Option<LoginId>, Error> {
    let Some(row) = tx.row(sql::USE_RESET, args![hash.0, at.0]).await? else {
        return Ok(None);
    };
    let login: LoginId = row.id("login_id")?;
    tx.execute(sql::END_RESETS, args![login.0, at.0]).await?;
    Ok(Some(login))
}

/// Sealed secrets of second factors, to seal them anew.
///
/// # Errors
/// When the database says no.
pub async fn sealed(tx: &mut Tx<'_>) -> Result<Vec<(LoginId, Vec<u8>)>, Error> {
    let rows = tx.rows(sql::SEALED, args![]).await?;
    rows.iter()
        .map(|row| Ok((row.id("id")?, row.get("totp")?)))
        .collect()
}

/// Puts a newly sealed secret in the place of `before`, if that is still there.
///
/// # Errors
/// When the database says no.
pub async fn reseal(
    tx: &mut Tx<'_>,
    id: LoginId,
    sealed: &[u8],
    before: &[u8],
) -> Result<(), Error> {
    tx.execute(sql::RESEAL, args![id.0, sealed, before]).await?;
    Ok(())
}
