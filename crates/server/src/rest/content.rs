//! Contents.

use app::core::{Terms, Thing};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use domain::content::Body as Words;
use domain::delivery::DeliveryStatus;
use domain::identity::NetworkId;
use domain::ids::{ChainId, ContentId, DeliveryId, IdentityId, PersonaId, RequestId};
use domain::rights::Action;
use domain::status::ContentStatus;
use domain::{Instant, Planned};
use protocol::mutation::DeliveryPlan;
use protocol::query::QueueFilter;
use protocol::views::{ContentDetail, Metric, QueuePage, Saved, VersionDetail};
use protocol::{Act, Code, Mutation, Problem, Query};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::pages::limit;
use super::terms::{IfMatch, MustMatch, Once, or_stale};
use super::{Answer, Desk, found_at, tagged};
use crate::Server;
use crate::api::{Api, Op};
use crate::auth::who::Caller;
use crate::http::body::{Asked, Body, Named};

/// Which contents.
#[derive(Debug, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(rename = "ContentsWanted")]
struct Wanted {
    /// With this status; absent means all but archived.
    #[serde(default)]
    #[ts(optional)]
    status: Option<ContentStatus>,
    /// Of one persona.
    #[serde(default)]
    #[ts(optional)]
    persona: Option<PersonaId>,
    /// To one account.
    #[serde(default)]
    #[ts(optional)]
    identity: Option<IdentityId>,
    /// All terms, as prefixes.
    #[serde(default)]
    #[ts(optional)]
    search: Option<String>,
    /// Only what waits for a person.
    #[serde(default)]
    #[ts(optional)]
    needs: Option<bool>,
    /// Where the last page ended: its `next`.
    #[serde(default)]
    #[ts(optional)]
    cursor: Option<String>,
    /// How many, at most 200; 50 when absent.
    #[serde(default)]
    #[ts(optional)]
    limit: Option<u32>,
}

async fn list(
    State(server): State<Server>,
    caller: Caller,
    Asked(wanted): Asked<Wanted>,
) -> Answer {
    let filter = QueueFilter {
        statuses: wanted.status.into_iter().collect(),
        persona: wanted.persona,
        identity: wanted.identity,
        search: wanted.search,
        needs: wanted.needs.unwrap_or_default(),
    };
    let query = Query::Queue {
        filter,
        cursor: wanted.cursor,
        limit: limit(wanted.limit)?,
    };
    Ok(Json(caller.at(&server).ask(query).await?).into_response())
}

/// A content that begins.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct NewContent {
    /// Whose voice.
    persona: PersonaId,
    /// What is typed.
    body: Words,
    /// Free.
    #[serde(default)]
    #[ts(optional, as = "Option<String>")]
    campaign: String,
    /// Free.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<String>>")]
    labels: Vec<String>,
}

async fn create(
    State(server): State<Server>,
    caller: Caller,
    once: Once,
    Body(new): Body<NewContent>,
) -> Answer {
    let cause = once.of(&caller, &new)?;
    let content: ContentId = cause.id("content", 0);
    let mut mutations = vec![Mutation::SaveWorkingCopy {
        content,
        persona: new.persona,
        body: new.body,
        base: None,
    }];
    if !new.campaign.is_empty() || !new.labels.is_empty() {
        mutations.push(Mutation::SetDetails {
            content,
            campaign: new.campaign,
            labels: new.labels,
        });
    }
    let desk = caller.at(&server);
    desk.change(cause.terms(), mutations).await?;
    desk.content(content, StatusCode::CREATED).await
}

impl Desk<'_> {
    async fn content(&self, id: ContentId, status: StatusCode) -> Answer {
        self.must(Action::Read)?;
        let edition = self.edition(Thing::Content(id)).await?;
        let detail = self.ask(Query::Content { id }).await?;
        let answer = tagged(status, edition, &detail);
        Ok(match status {
            StatusCode::CREATED => found_at(answer, &format!("/content/{id}")),
            _ => answer,
        })
    }

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
}

async fn one(State(server): State<Server>, caller: Caller, Named(id): Named<ContentId>) -> Answer {
    caller.at(&server).content(id, StatusCode::OK).await
}

async fn version(
    State(server): State<Server>,
    caller: Caller,
    Named((content, n)): Named<(ContentId, u32)>,
) -> Answer {
    let version = Query::Version { content, n };
    Ok(Json(caller.at(&server).ask(version).await?).into_response())
}

/// What a content shall say from now on.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct NewWords {
    /// All of it.
    body: Words,
}

/// Saves a version. Links and mentions are looked up for it, so that it may take its time.
async fn replace(
    State(server): State<Server>,
    caller: Caller,
    MustMatch(seen): MustMatch,
    Named(id): Named<ContentId>,
    Body(new): Body<NewWords>,
) -> Answer {
    let desk = caller.at(&server);
    desk.must(Action::Write)?;
    let terms = match seen.terms(&desk, Thing::Content(id)).await {
        Ok(terms) => terms,
        Err(stale) => return Ok(stale.into_response()),
    };
    let detail: ContentDetail = desk.read(Query::Content { id }).await?;
    let save = Act::Save {
        content: id,
        persona: detail.row.persona.id,
        body: new.body,
        base: detail.row.n,
    };
    or_stale(match desk.act(terms, save).await {
        Ok(_) => desk.content(id, StatusCode::OK).await,
        Err(problem) => Err(problem.into()),
    })
}

async fn remove(
    State(server): State<Server>,
    caller: Caller,
    Named(content): Named<ContentId>,
) -> Answer {
    let delete = Mutation::DeleteDraft { content };
    caller
        .at(&server)
        .change(Terms::default(), vec![delete])
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

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
    if let Some(seen) = seen {
        match seen.terms(&desk, Thing::Content(id)).await {
            Ok(of_seen) => terms.seen = of_seen.seen,
            Err(stale) => return Ok(stale.into_response()),
        }
    }
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

/// What posts of a content brought.
#[derive(Debug, Serialize, TS)]
struct Analytics {
    /// Which.
    content: ContentId,
    /// For each account to which it went.
    deliveries: Vec<Measured>,
}

/// What one delivery brought. A count that the network does not give is absent, not zero.
#[derive(Debug, Serialize, TS)]
struct Measured {
    /// Which.
    delivery: DeliveryId,
    /// The account.
    identity: IdentityId,
    /// Its network.
    network: NetworkId,
    /// Where it stands.
    status: DeliveryStatus,
    /// When it went out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    published_at: Option<Instant>,
    /// The newest count of each kind, summed over the parts of a thread.
    metrics: Vec<Metric>,
}

async fn analytics(
    State(server): State<Server>,
    caller: Caller,
    Named(id): Named<ContentId>,
) -> Answer {
    let detail: ContentDetail = caller.at(&server).read(Query::Content { id }).await?;
    let deliveries = detail.deliveries.into_iter().map(|d| Measured {
        delivery: d.target.delivery,
        identity: d.target.identity,
        network: d.target.network,
        status: d.target.status,
        published_at: d.publications.first().map(|p| p.at),
        metrics: d.metrics,
    });
    let analytics = Analytics {
        content: id,
        deliveries: deliveries.collect(),
    };
    Ok(Json(analytics).into_response())
}

/// Where a content is kept.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
struct Archived {
    /// Put away, or taken back.
    archived: bool,
}

async fn archive(
    State(server): State<Server>,
    caller: Caller,
    once: Once,
    Named(content): Named<ContentId>,
    Body(given): Body<Archived>,
) -> Answer {
    let cause = once.of(&caller, &given)?;
    let archive = Mutation::ArchiveContent {
        content,
        archived: given.archived,
    };
    let desk = caller.at(&server);
    desk.change(cause.terms(), vec![archive]).await?;
    desk.content(content, StatusCode::OK).await
}

/// What reaches nobody outside.
pub(super) fn quick() -> Api {
    Api::new("Contents")
        .get(
            "/content",
            list,
            Op::new("list_contents", "Contents, newest change first.")
                .may(Action::Read)
                .query::<Wanted>()
                .gives::<QueuePage>(200),
        )
        .post(
            "/content",
            create,
            Op::new("create_content", "Begins a content.")
                .may(Action::Write)
                .takes::<NewContent>()
                .gives::<ContentDetail>(201)
                .tagged()
                .once(),
        )
        .get(
            "/content/{id}",
            one,
            Op::new("get_content", "A content with all that belongs to it.")
                .may(Action::Read)
                .gives::<ContentDetail>(200)
                .tagged(),
        )
        .delete(
            "/content/{id}",
            remove,
            Op::new(
                "delete_content",
                "Deletes a draft that was never asked about.",
            )
            .may(Action::Write),
        )
        .post(
            "/content/{id}/archive",
            archive,
            Op::new("archive_content", "Puts a content away, or takes it back.")
                .may(Action::Write)
                .takes::<Archived>()
                .gives::<ContentDetail>(200)
                .tagged()
                .once(),
        )
        .get(
            "/content/{id}/versions/{n}",
            version,
            Op::new("get_version", "One version of a content.")
                .may(Action::Read)
                .gives::<VersionDetail>(200),
        )
        .get(
            "/content/{id}/analytics",
            analytics,
            Op::new("get_analytics", "What the posts of a content brought.")
                .may(Action::Read)
                .gives::<Analytics>(200),
        )
}

/// What asks networks and pages.
pub(super) fn long() -> Api {
    Api::new("Contents")
        .put(
            "/content/{id}",
            replace,
            Op::new(
                "save_content",
                "Saves a version. An approval of the one before is void.",
            )
            .may(Action::Write)
            .takes::<NewWords>()
            .gives::<ContentDetail>(200)
            .tagged()
            .if_match(true)
            .refuses(&[502]),
        )
        .post(
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
