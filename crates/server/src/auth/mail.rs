//! What people ask of mail: a new password when theirs is forgotten, and to be told by it.

use app::letters::Letter;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::ids::OrganizationId;
use domain::rights::Action;
use domain::{Instant, Planned};
use protocol::settings::Language;
use protocol::{Code, Problem};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::folded_email;
use super::invitations::of_path;
use super::throttle::{KNOCKS, LETTERS, address_of};
use super::who::{Caller, From, SignedIn};
use crate::Server;
use crate::api::{Api, Op, Who};
use crate::http::body::{Body, Named};
use crate::http::problem::Refused;
use crate::mail::Trouble;

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
    /// What is wrong with the mail server, and since when; `None` while it takes letters.
    ///
    /// # Errors
    /// When the database says no.
    pub(crate) async fn mail_trouble(&self) -> Result<Option<(Trouble, Instant)>, Problem> {
        let read = self.db().read(|tx| {
            Box::pin(async move { Ok::<_, app::Error>(store::server::mail_trouble(tx).await?) })
        });
        let Some((why, since)) = read.await? else {
            return Ok(None);
        };
        let why = serde_json::from_value(why.into());
        Ok(Some((why.map_err(|e| app::error::internal(&e))?, since)))
    }

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

/// Answers the same, after as much work, whether there is such a login: a run is asked for either way.
async fn forgotten(
    State(server): State<Server>,
    From(ip): From,
    Body(given): Body<Forgotten>,
) -> Result<Response, Refused> {
    server.must_have_mail()?;
    server.knock(KNOCKS, &address_of(ip)).await?;
    let email = folded_email(&given.email)?;
    server.knock(LETTERS, &email).await?;
    let (key, language) = (server.ring().current(), given.language);
    let (run, now) = (app::core::new_id(), server.now());
    server
        .db()
        .write(move |tx| {
            let (email, key) = (email.clone(), key.clone());
            Box::pin(async move {
                let login = store::login::by_email(tx, &email).await?.map(|l| l.id);
                let letter = Letter::Reset {
                    login,
                    key,
                    language,
                };
                letter.ask_in(tx, run, now.0).await
            })
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
    /// The IANA zone on whose wall their quiet hours are; UTC when absent.
    #[serde(default)]
    #[ts(optional)]
    zone: Option<String>,
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
    let zone = given.zone.unwrap_or_else(|| "UTC".to_owned());
    if Planned::from_instant(server.now(), &zone).is_err() {
        let problem = Problem::new(Code::InvalidInput, "There is no such time zone.");
        return Err(problem.with_field("zone", "is no IANA zone").into());
    }
    server
        .db()
        .write(move |tx| {
            let zone = zone.clone();
            Box::pin(async move {
                let told = language.map(|language| (language, zone.as_str()));
                Ok::<_, app::Error>(store::login::set_mail(tx, me.login, told).await?)
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// How the mail server does.
#[derive(Serialize, TS)]
struct MailState {
    /// What is wrong with it; `null` while it takes letters.
    trouble: Option<Trouble>,
    /// Since when.
    since: Option<Instant>,
}

async fn state(
    State(server): State<Server>,
    caller: Caller,
    Named(organization): Named<OrganizationId>,
) -> Result<Json<MailState>, Refused> {
    of_path(&caller, organization)?;
    caller.must(Action::ManagePeople)?;
    let known = server.mail_trouble().await?;
    let (trouble, since) = known.unzip();
    Ok(Json(MailState { trouble, since }))
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
        .get(
            "/organizations/{id}/mail",
            state,
            Op::new("get_mail", "Whether the mail server takes letters.")
                .may(Action::ManagePeople)
                .gives::<MailState>(200),
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
