//! The second factor: codes of an authenticator app (RFC 6238), and recovery codes.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Hash;
use domain::ids::LoginId;
use protocol::act::Sensitive;
use protocol::{Code, Problem};
use serde::{Deserialize, Serialize};
use store::login::Login;
use totp_rs::{Builder, Totp};
use ts_rs::TS;
use zeroize::Zeroizing;

use super::secret::{folded_code, kept, new_secret, recovery_code};
use super::throttle::{KNOCKS, Trier, address_of};
use super::who::{From, SignedIn};
use crate::Server;
use crate::api::{Api, Op, Who};
use crate::http::body::Body;
use crate::http::problem::Refused;

/// How many recovery codes there are.
const CODES: usize = 10;

/// What the seal of a login's secret is bound to.
pub(crate) fn place(login: LoginId) -> String {
    format!("second_factor:{login}")
}

fn app_of(secret: &[u8], email: &str) -> Result<Totp, Problem> {
    Builder::new()
        .with_secret(secret.to_vec())
        .with_account_name(email)
        .with_issuer(Some("Rostrum"))
        .build()
        .map_err(|e| app::error::internal(&e))
}

fn wrong() -> Problem {
    Problem::new(Code::WrongCredentials, "The code is wrong, or was used.")
        .with_field("code", "is wrong, or was used")
}

impl Server {
    /// The step of a right code.
    fn step_of(&self, login: &Login, code: &str) -> Result<Option<i64>, Problem> {
        let Some(packed) = &login.totp else {
            return Ok(None);
        };
        let secret = self.ring().unpack(&place(login.id), packed)?;
        let seconds = u64::try_from(self.now().0 / 1000).unwrap_or_default();
        let code: String = code.chars().filter(char::is_ascii_digit).collect();
        let step = app_of(&secret, &login.email)?.check(&code, seconds);
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }

    /// Asks for the code where there is a second factor.
    ///
    /// # Errors
    /// `second_factor` when none was given, `wrong_credentials` when it is wrong.
    pub(super) async fn check_second_factor(
        &self,
        login: &Login,
        code: Option<&str>,
        trier: &Trier,
    ) -> Result<(), Problem> {
        if login.totp_at.is_none() {
            return Ok(());
        }
        let Some(code) = code.map(str::trim).filter(|code| !code.is_empty()) else {
            return Err(Problem::new(
                Code::SecondFactor,
                "Enter the code of your authenticator app, or a recovery code.",
            ));
        };
        let (id, now) = (login.id, self.now());
        let step = self.step_of(login, code)?;
        let recovery = Hash::of(folded_code(code).as_bytes());
        let taken = self
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    Ok::<_, app::Error>(match step {
                        Some(step) => store::login::take_step(tx, id, step).await?,
                        None => store::login::take_code(tx, id, recovery, now).await?,
                    })
                })
            })
            .await?;
        if taken {
            return Ok(());
        }
        self.tried_wrongly(trier).await?;
        Err(wrong())
    }
}

/// Who begins.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(rename = "SecondFactorBegin")]
struct Begin {
    password: Sensitive,
}

fn there_is_one() -> Problem {
    Problem::new(
        Code::WrongState,
        "There is a second factor already. Take it away first.",
    )
}

/// Begins to set it up: the secret is shown once, and is asked for only when a code was right.
async fn begin(
    State(server): State<Server>,
    From(ip): From,
    me: SignedIn,
    Body(given): Body<Begin>,
) -> Result<Response, Refused> {
    let (login, _) = server.proven(me, ip, &given.password.0, "password").await?;
    if login.totp_at.is_some() {
        return Err(Refused(there_is_one()));
    }
    // 160 bits (RFC 4226, section 4, R6).
    let secret = Zeroizing::new(Hash::of(new_secret().as_bytes()).0[..20].to_vec());
    let packed = server.ring().pack(&place(me.login), &secret)?;
    let begun = server
        .db()
        .write(move |tx| {
            let packed = packed.clone();
            Box::pin(async move {
                Ok::<_, app::Error>(store::login::begin_totp(tx, me.login, &packed).await?)
            })
        })
        .await?;
    if !begun {
        return Err(Refused(there_is_one()));
    }
    let app = app_of(&secret, &login.email)?;
    let address = app.to_url().map_err(|e| app::error::internal(&e))?;
    let letters = totp_rs::Secret::from(secret.to_vec()).to_base32();
    Ok(Json(Begun {
        secret: letters,
        address,
    })
    .into_response())
}

/// What an app of codes needs.
#[derive(Serialize, TS)]
#[ts(rename = "SecondFactorBegun")]
struct Begun {
    /// Base32 (RFC 4648).
    secret: String,
    /// `otpauth://...`, as a picture to scan.
    address: String,
}

/// For an app that was lost.
#[derive(Serialize, TS)]
#[ts(rename = "SecondFactorConfirmed")]
struct Confirmed {
    /// Each works once.
    recovery_codes: Vec<String>,
}

/// A code of the app.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(rename = "SecondFactorConfirm")]
struct Confirm {
    code: String,
}

async fn confirm(
    State(server): State<Server>,
    From(ip): From,
    me: SignedIn,
    Body(given): Body<Confirm>,
) -> Result<Response, Refused> {
    server.knock(KNOCKS, &address_of(ip)).await?;
    let login = server.login(me.login).await?;
    let nothing = || Problem::new(Code::WrongState, "Nothing is being set up. Begin anew.");
    let begun = login.totp.clone().filter(|_| login.totp_at.is_none());
    let begun = begun.ok_or_else(nothing)?;
    let Some(step) = server.step_of(&login, &given.code)? else {
        return Err(Refused(wrong()));
    };
    let codes: Vec<String> = (0..CODES).map(|_| recovery_code()).collect();
    let hashes: Vec<Hash> = codes.iter().map(|c| kept(&folded_code(c))).collect();
    let now = server.now();
    let confirmed = server
        .db()
        .write(move |tx| {
            let (hashes, begun) = (hashes.clone(), begun.clone());
            Box::pin(async move {
                let id = me.login;
                if !store::login::confirm_totp(tx, id, &begun, now, step).await? {
                    return Ok::<_, app::Error>(false);
                }
                store::login::set_codes(tx, id, &hashes).await?;
                Ok(true)
            })
        })
        .await?;
    if !confirmed {
        return Err(Refused(nothing()));
    }
    server
        .end_sessions(me.login, Some(me.session), "second_factor")
        .await?;
    Ok(Json(Confirmed {
        recovery_codes: codes,
    })
    .into_response())
}

/// What shows that it is theirs.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(rename = "SecondFactorRemove")]
struct Remove {
    password: Sensitive,
    code: String,
}

async fn remove(
    State(server): State<Server>,
    From(ip): From,
    me: SignedIn,
    Body(given): Body<Remove>,
) -> Result<Response, Refused> {
    let (login, trier) = server.proven(me, ip, &given.password.0, "password").await?;
    server
        .check_second_factor(&login, Some(&given.code), &trier)
        .await?;
    server
        .db()
        .write(move |tx| {
            Box::pin(
                async move { Ok::<_, app::Error>(store::login::forget_totp(tx, me.login).await?) },
            )
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What this file serves.
pub fn routes() -> Api {
    let own = |op: Op| op.who(Who::SignedIn).refuses(&[429]);
    Api::new("Signing in")
        .post(
            "/auth/mfa/totp",
            begin,
            own(Op::new(
                "begin_second_factor",
                "Begins to set up codes of an app.",
            ))
            .takes::<Begin>()
            .gives::<Begun>(200),
        )
        .post(
            "/auth/mfa/totp/confirm",
            confirm,
            own(Op::new(
                "confirm_second_factor",
                "Asks for codes from now on.",
            ))
            .takes::<Confirm>()
            .gives::<Confirmed>(200),
        )
        .post(
            "/auth/mfa/totp/remove",
            remove,
            own(Op::new("remove_second_factor", "Takes the codes away.")).takes::<Remove>(),
        )
}
