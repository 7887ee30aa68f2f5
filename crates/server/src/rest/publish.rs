//! How a content goes out: through its chain.

use app::core::Thing;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use domain::content::Body as Words;
use domain::ids::{ChainId, ContentId, DeliveryId, IdentityId, PersonaId, RequestId};
use domain::rights::Action;
use domain::{Instant, Planned};
use protocol::mutation::DeliveryPlan;
use protocol::views::{ContentDetail, Saved};
use protocol::{Act, Code, Problem, Query};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::terms::{IfMatch, Once, Seen, or_stale};
use super::{Answer, Desk};
use crate::Server;
use crate::api::{Api, Op};
use crate::auth::who::Caller;
use crate::http::body::{Body, Named};

/// Where and when.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct Aim {
    /// The account.
    identity: IdentityId,
    /// When; absent means as soon as it is approved.
    #[serde(default)]
    #[ts(optional)]
    at: Option<Instant>,
    /// The IANA zone in which the time was thought of; UTC when absent.
    #[serde(default)]
    #[ts(optional)]
    zone: Option<String>,
    /// How late it may go out on its own, in minutes.
    #[serde(default)]
    #[ts(optional)]
    grace: Option<u32>,
    /// The network itself shall keep the time, where it does.
    #[serde(default)]
    #[ts(optional)]
    hand_off: Option<bool>,
}

/// How a content shall go out.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct Publish {
    /// To which accounts; absent means those that the words name, as soon as it is approved.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<Aim>>")]
    targets: Vec<Aim>,
    /// A chain beside the persona's own.
    #[serde(default)]
    #[ts(optional)]
    chain: Option<ChainId>,
}

/// A planned time of an instant and a zone.
///
/// # Errors
/// `invalid_input`.
pub(super) fn planned(at: Instant, zone: Option<&str>) -> Result<Planned, Problem> {
    Planned::from_instant(at, zone.unwrap_or("UTC")).map_err(|e| {
        Problem::new(
            Code::InvalidInput,
            format!("This time cannot be planned: {e}."),
        )
        .with_field("zone", "a time zone such as Europe/Berlin")
    })
}

/// Submits it through its chain; with no stage that applies it is scheduled, or goes out.
async fn publish(
    State(server): State<Server>,
    caller: Caller,
    once: Once,
    IfMatch(seen): IfMatch,
    Named(id): Named<ContentId>,
    Body(given): Body<Publish>,
) -> Answer {
    let desk = caller.at(&server);
    desk.must(Action::Write)?;
    let cause = once.of(&caller, &given)?;
    let mut terms = cause.terms();
    if let Some(named) = terms.once
        && caller.app(&server).answered(named).await?.is_some()
    {
        return desk.saved(id, cause.id("request", 0)).await;
    }
    terms.seen = match seen {
        // Compared in the first transaction, which knows what an earlier try has left.
        Some(Seen::Edition(edition)) => Some((Thing::Content(id), edition)),
        Some(Seen::Whichever) => {
            let now = desk.edition(Thing::Content(id)).await?;
            Some((Thing::Content(id), now))
        }
        None => None,
    };
    let (persona, mut body, base) = desk.words(id).await?;
    let aims = match given.targets.is_empty() {
        false => given.targets,
        true => body
            .targets
            .iter()
            .map(|identity| Aim::soon(*identity))
            .collect(),
    };
    body.targets = aims.iter().map(|aim| aim.identity).collect();
    let deliveries = (0_u32..)
        .zip(&aims)
        .map(|(i, aim)| aim.plan(cause.id("delivery", i)));
    let request: RequestId = cause.id("request", 0);
    let submit = Act::Submit {
        content: id,
        persona,
        body,
        base,
        deliveries: deliveries.collect::<Result<_, _>>()?,
        updates: Vec::new(),
        request,
        added: given.chain,
    };
    or_stale_where(
        terms.seen.is_some(),
        match desk.act(terms, submit).await {
            Ok(_) => desk.saved(id, request).await,
            Err(problem) => Err(problem.into()),
        },
    )
}

fn or_stale_where(seen: bool, answer: Answer) -> Answer {
    match seen {
        true => or_stale(answer),
        false => answer,
    }
}

impl Desk<'_> {
    /// What is typed, else the newest version's words, with the version that they rest on.
    async fn words(&self, id: ContentId) -> Result<(PersonaId, Words, u32), Problem> {
        let detail: ContentDetail = self.read(Query::Content { id }).await?;
        let persona = detail.row.persona.id;
        match (detail.working, detail.version) {
            (Some(copy), _) => Ok((persona, copy.body, detail.row.n)),
            (None, Some(version)) => Ok((persona, version.doc.body, version.row.n)),
            (None, None) => Err(Problem::new(
                Code::EmptyContent,
                "There is nothing to send: write something first.",
            )),
        }
    }

    /// What a submission made of a content.
    async fn saved(&self, id: ContentId, request: RequestId) -> Answer {
        let detail: ContentDetail = self.read(Query::Content { id }).await?;
        let saved = Saved {
            content: id,
            n: detail.row.n,
            hash: detail.version.map(|v| v.row.hash),
            request: Some(request),
            status: detail.row.status,
            notices: Vec::new(),
        };
        Ok((StatusCode::ACCEPTED, Json(saved)).into_response())
    }
}

impl Aim {
    fn soon(identity: IdentityId) -> Self {
        Self {
            identity,
            at: None,
            zone: None,
            grace: None,
            hand_off: None,
        }
    }

    fn plan(&self, id: DeliveryId) -> Result<DeliveryPlan, Problem> {
        let zone = self.zone.as_deref();
        Ok(DeliveryPlan {
            id,
            identity: self.identity,
            planned: self.at.map(|at| planned(at, zone)).transpose()?,
            grace: self.grace,
            hand_off: self.hand_off,
        })
    }
}

/// What this file serves; links and mentions are looked up, so that it may take its time.
pub(super) fn routes() -> Api {
    Api::new("Contents").post(
        "/content/{id}/publish",
        publish,
        Op::new(
            "publish_content",
            "Submits a content: what its chain approves is scheduled, or goes out.",
        )
        .may(Action::Write)
        .takes::<Publish>()
        .gives::<Saved>(202)
        .once()
        .if_match(false)
        .refuses(&[502]),
    )
}
