//! Contents.

use app::core::Thing;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use domain::Instant;
use domain::content::Body as Words;
use domain::delivery::DeliveryStatus;
use domain::identity::NetworkId;
use domain::ids::{ContentId, DeliveryId, IdentityId, PersonaId};
use domain::rights::Action;
use domain::status::ContentStatus;
use protocol::query::QueueFilter;
use protocol::views::{ContentDetail, Metric, QueuePage, VersionDetail};
use protocol::{Act, Mutation, Query};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::pages::limit;
use super::terms::{MustMatch, Once, or_stale};
use super::{Answer, Desk, tagged};
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
        let place = format!("/content/{id}");
        Ok(tagged(status, edition, &place, &detail))
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
    caller.at(&server).gone(delete).await
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
    Api::new("Contents").put(
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
}
