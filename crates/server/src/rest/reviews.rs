//! Links for people from outside: made, listed and taken back by members; looked at, decided and
//! commented by whoever holds one. A holder shows the link's token with each request, in its body, and
//! reaches nothing else with it.

use app::reviews::{Token, over};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use domain::Hash;
use domain::approval::Verdict;
use domain::ids::{NoteId, RequestId, ReviewLinkId};
use domain::rights::Action;
use domain::time::{HOUR, MINUTE};
use protocol::act::Sensitive;
use protocol::views::{MadeReviewLink, ReviewLinkView, ReviewView};
use protocol::{Act, Problem, Query};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::terms::Once;
use super::{Answer, made};
use crate::Server;
use crate::api::{Api, Op, Who};
use crate::auth::throttle::{Allowance, address_of};
use crate::auth::who::{Caller, From};
use crate::http::body::{Body, Named};
use crate::http::media::kind;
use crate::http::problem::Refused;

/// Anything by links, from one address: pages with pictures.
const REVIEWS: Allowance = Allowance::new("review", 300, 5 * MINUTE);
/// Words and decisions by one link.
const SAID: Allowance = Allowance::new("review_said", 30, HOUR);

/// What a new link is to be.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct NewReviewLink {
    /// Who will hold it.
    name: String,
    /// For how many days, 1 to 14; 3 when absent.
    #[serde(default)]
    #[ts(optional)]
    days: Option<u32>,
    /// They decide in my seat of the stage that is asked; otherwise they only comment.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    decides: bool,
}

/// How many days a link works for when nobody says so.
const DAYS: u32 = 3;

async fn make(
    State(server): State<Server>,
    caller: Caller,
    once: Once,
    Named(request): Named<RequestId>,
    Body(new): Body<NewReviewLink>,
) -> Answer {
    caller.by_a_person()?;
    let cause = once.of(&caller, &new)?;
    let act = Act::MakeReviewLink {
        request,
        name: new.name,
        days: new.days.unwrap_or(DAYS),
        decides: new.decides,
    };
    let answer = caller.at(&server).act(cause.terms(), act).await?;
    let answer = answer.ok_or_else(crate::auth::invitations::shown_once)?;
    let link: MadeReviewLink =
        serde_json::from_value(answer).map_err(|e| app::error::internal(&e))?;
    let address = Some(server.review_link(&link.token));
    let place = format!("/review-links/{}", link.link.id);
    Ok(made(&place, &MadeReviewLink { address, ..link }))
}

async fn of_request(
    State(server): State<Server>,
    caller: Caller,
    Named(id): Named<RequestId>,
) -> Answer {
    let query = Query::ReviewLinks { request: Some(id) };
    Ok(Json(caller.at(&server).ask(query).await?).into_response())
}

async fn open(State(server): State<Server>, caller: Caller) -> Answer {
    let query = Query::ReviewLinks { request: None };
    Ok(Json(caller.at(&server).ask(query).await?).into_response())
}

async fn withdraw(
    State(server): State<Server>,
    caller: Caller,
    Named(id): Named<ReviewLinkId>,
) -> Answer {
    caller.by_a_person()?;
    let act = Act::WithdrawReviewLink { id };
    let terms = app::core::Terms::default();
    caller.at(&server).act(terms, act).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

impl Server {
    /// The link of a token.
    #[must_use]
    pub fn review_link(&self, token: &str) -> String {
        format!("{}/#/review/{token}", self.public())
    }

    /// The core of the organization of a link that works.
    async fn led(&self, given: &Sensitive, from: From) -> Result<(app::App, Token), Problem> {
        self.knock(REVIEWS, &address_of(from.0)).await?;
        let token = Token::read(&given.0).ok_or_else(over)?;
        // Nothing is made ready for organizations that are none.
        let (now, named) = (self.now(), token.clone());
        self.db()
            .read(move |tx| {
                let token = named.clone();
                Box::pin(async move { app::reviews::known(tx, &token, now).await.map(drop) })
            })
            .await?;
        let core = self.organizations().core(token.organization);
        Ok((core, token))
    }
}

/// A link, by who holds it.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(rename = "HeldReviewLink")]
struct Held {
    /// The last part of its address.
    link: Sensitive,
}

async fn look(State(server): State<Server>, from: From, Body(held): Body<Held>) -> Answer {
    let (core, token) = server.led(&held.link, from).await?;
    Ok(Json(core.review(&token).await?).into_response())
}

/// What the holder of a link decides.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct OutsideDecision {
    /// The last part of its address.
    link: Sensitive,
    /// The hash of the version that was seen.
    hash: Hash,
    /// What.
    verdict: Verdict,
    /// Why; asked for with everything but approval.
    #[serde(default)]
    #[ts(as = "Option<String>", optional)]
    comment: String,
}

async fn decide(
    State(server): State<Server>,
    from: From,
    Body(given): Body<OutsideDecision>,
) -> Answer {
    let (core, token) = server.led(&given.link, from).await?;
    server.knock(SAID, &token.id.to_string()).await?;
    let said = (given.hash, given.verdict, given.comment);
    core.review_decide(&token, said).await?;
    Ok(Json(core.review(&token).await?).into_response())
}

/// What the holder of a link says.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct OutsideNote {
    /// The last part of its address.
    link: Sensitive,
    /// The hash of the version that was seen.
    hash: Hash,
    /// The first note of the thread that it answers in; absent begins a thread.
    #[serde(default)]
    #[ts(optional)]
    thread: Option<NoteId>,
    /// What it says.
    text: String,
}

async fn note(State(server): State<Server>, from: From, Body(given): Body<OutsideNote>) -> Answer {
    let (core, token) = server.led(&given.link, from).await?;
    server.knock(SAID, &token.id.to_string()).await?;
    let said = (given.hash, given.thread, given.text);
    core.review_note(&token, said).await?;
    Ok(Json(core.review(&token).await?).into_response())
}

/// A picture of what a link shows.
#[derive(Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct OutsidePicture {
    /// The last part of its address.
    link: Sensitive,
    /// Which.
    hash: Hash,
}

async fn picture(
    State(server): State<Server>,
    from: From,
    Body(given): Body<OutsidePicture>,
) -> Result<Response, Refused> {
    let (core, token) = server.led(&given.link, from).await?;
    let bytes = core.review_file(&token, given.hash).await?;
    Ok(([(header::CONTENT_TYPE, kind(&bytes))], bytes).into_response())
}

/// What this file serves.
pub(super) fn routes() -> Api {
    let outside = |id: &'static str, summary: &'static str| {
        Op::new(id, summary).refuses(&[403, 404, 409, 429])
    };
    Api::new("People from outside")
        .get(
            "/review-links",
            open,
            Op::new(
                "list_review_links",
                "Links for people from outside that work.",
            )
            .may(Action::Read)
            .gives::<Vec<ReviewLinkView>>(200),
        )
        .delete(
            "/review-links/{id}",
            withdraw,
            Op::new("withdraw_review_link", "Takes such a link back.")
                .who(Who::Person(Action::Write)),
        )
        .get(
            "/requests/{id}/links",
            of_request,
            Op::new(
                "list_links_of_request",
                "Links to a request, the ended ones too.",
            )
            .may(Action::Read)
            .gives::<Vec<ReviewLinkView>>(200),
        )
        .post(
            "/requests/{id}/links",
            make,
            Op::new(
                "make_review_link",
                "Makes a link for one person from outside. It is shown once.",
            )
            .who(Who::Person(Action::Write))
            .takes::<NewReviewLink>()
            .gives::<MadeReviewLink>(201)
            .once(),
        )
        .post(
            "/review",
            look,
            outside("review", "What a link shows.")
                .takes::<Held>()
                .gives::<ReviewView>(200),
        )
        .post(
            "/review/decision",
            decide,
            outside("review_decide", "Decides by a link that lets its holder.")
                .takes::<OutsideDecision>()
                .gives::<ReviewView>(200),
        )
        .post(
            "/review/note",
            note,
            outside("review_note", "Comments by a link.")
                .takes::<OutsideNote>()
                .gives::<ReviewView>(200),
        )
        .post(
            "/review/picture",
            picture,
            outside("review_picture", "A picture of what a link shows.")
                .takes::<OutsidePicture>()
                .gives_other("image/*"),
        )
}
