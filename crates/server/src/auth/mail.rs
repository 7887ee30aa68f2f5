//! What people ask of mail: a new password when theirs is forgotten, and to be told by it.

use app::letters::Letter;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use protocol::settings::Language;
use protocol::{Code, Problem};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::folded_email;
use super::throttle::{KNOCKS, LETTERS, address_of};
use super::who::{From, SignedIn};
use crate::Server;
use crate::api::{Api, Op, Who};
use crate::http::body::Body;
use crate::http::problem::Refused;

/// The ways in to this server.
#[derive(Serialize, TS)]
struct Ways {
    /// Letters can be sent: invitations go by mail, and who forgot a password helps themselves.
    mail: bool,
}

async fn ways(State(server): State<Server>) -> Json<Ways> {
    Json(Ways {
        mail: server.has_mail(),
    })
}

impl Server {
    /// Refuses where no mail is set up.
    pub(super) fn must_have_mail(&self) -> Result<(), Problem> {
        match self.has_mail() {
            true => Ok(()),
            false => Err(Problem::new(
                Code::NotHere,
                "This server sends no mail. Ask whoever keeps it.",
            )),
        }
    }
}

/// Somebody who cannot get in any more.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct Forgotten {
    /// Their address.
    email: String,
    /// In which words they are written to.
    #[serde(default)]
    #[ts(as = "Option<Language>", optional)]
    language: Language,
}

/// Answers the same, and as fast, whether there is such a login: the run that writes the letter looks.
async fn forgotten(
    State(server): State<Server>,
    From(ip): From,
    Body(given): Body<Forgotten>,
) -> Result<Response, Refused> {
    server.must_have_mail()?;
    server.knock(KNOCKS, &address_of(ip)).await?;
    let email = folded_email(&given.email)?;
    server.knock(LETTERS, &email).await?;
    let letter = Letter::Reset {
        email,
        key: server.ring().current(),
        language: given.language,
    };
    let (run, now) = (app::core::new_id(), server.now());
    server
        .db()
        .write(move |tx| {
            let letter = letter.clone();
            Box::pin(async move { letter.ask_in(tx, run, now.0).await })
        })
        .await?;
    server.organizations().nudge();
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Whether somebody is told by mail.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct TellByMail {
    /// In which words; `null` means not at all.
    language: Option<Language>,
}

async fn tell_by_mail(
    State(server): State<Server>,
    me: SignedIn,
    Body(given): Body<TellByMail>,
) -> Result<Response, Refused> {
    let language = match given.language {
        None => None,
        Some(Language::De) => Some("de"),
        Some(Language::En | Language::System) => Some("en"),
    };
    if language.is_some() {
        server.must_have_mail()?;
    }
    server
        .db()
        .write(move |tx| {
            Box::pin(async move {
                Ok::<_, app::Error>(store::login::set_mail(tx, me.login, language).await?)
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What this file serves.
pub fn routes() -> Api {
    Api::new("Signing in")
        .get(
            "/auth/ways",
            ways,
            Op::new("get_ways", "The ways in to this server.").gives::<Ways>(200),
        )
        .post(
            "/auth/reset/mail",
            forgotten,
            Op::new(
                "mail_reset",
                "Mails a link with which a password is set anew, if there is such a login.",
            )
            .takes::<Forgotten>()
            .refuses(&[403, 429]),
        )
        .put(
            "/auth/mail",
            tell_by_mail,
            Op::new(
                "tell_by_mail",
                "Chooses whether one is told by mail what concerns one.",
            )
            .who(Who::SignedIn)
            .takes::<TellByMail>()
            .refuses(&[403]),
        )
}
