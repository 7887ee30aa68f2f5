//! Requests for approval, their seats, times and decisions.

use db::{Tx, args};
use domain::approval::{ApprovedTime, ChainPolicy, RequestStatus, Verdict};
use domain::cost::TargetCost;
use domain::ids::{
    ChainId, ContentId, DecisionId, DeliveryId, OrganizationId, PersonId, RequestId,
};
use domain::{Hash, Instant};

use crate::Error;
use crate::codec::{Columns as _, name_of, to_json};

/// One chain applied to one version.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which.
    pub id: RequestId,
    /// Of which content.
    pub content: ContentId,
    /// The version that people see.
    pub n: u32,
    /// Its hash.
    pub hash: Hash,
    /// The persona's chain.
    pub chain: ChainId,
    /// In this revision.
    pub chain_revision: u32,
    /// What applies (with what was added).
    pub policy: ChainPolicy,
    /// What sending costs by the prices known when it was asked; an account without a price is not
    /// named.
    pub costs: Vec<TargetCost>,
    /// Where it stands.
    pub status: RequestStatus,
    /// The stage that is asked.
    pub stage: Option<u32>,
    /// Since when.
    pub stage_opened_at: Option<Instant>,
    /// The stage cannot reach its quorum.
    pub stuck: bool,
    /// Who asked.
    pub person: Option<PersonId>,
    /// When.
    pub opened_at: Instant,
    /// When it was closed.
    pub closed_at: Option<Instant>,
}

/// A place in a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Of which stage.
    pub stage: u32,
    /// Its number.
    pub seat: u32,
    /// Whose.
    pub person: PersonId,
    /// Came by escalation.
    pub substitute: bool,
    /// Its person left or may no longer decide.
    pub vacant: bool,
}

/// One person's answer.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Which.
    pub id: DecisionId,
    /// On what.
    pub request: RequestId,
    /// In which stage.
    pub stage: u32,
    /// Whose.
    pub person: PersonId,
    /// Who sat at the computer, when it was somebody else.
    pub operator: Option<PersonId>,
    /// The operator decided for somebody who was away.
    pub delegated: bool,
    /// Who from outside decided, by a link that the person made.
    pub outside: Option<String>,
    /// What the person saw.
    pub hash: Hash,
    /// What.
    pub verdict: Verdict,
    /// Why.
    pub comment: String,
    /// Order of taking.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// Taken back.
    pub revoked_at: Option<Instant>,
}

mod sql {
    db::statements! {
        pub(super) GET = "SELECT * FROM request WHERE organization_id = $1 AND id = $2";
        pub(super) NEWEST = "SELECT * FROM request WHERE organization_id = $1 AND content_id = $2 ORDER BY opened_at DESC, id DESC LIMIT 1";
        pub(super) OF_CONTENT = "SELECT * FROM request WHERE organization_id = $1 AND content_id = $2 ORDER BY opened_at DESC, id DESC";
        pub(super) OPEN = "SELECT * FROM request WHERE organization_id = $1 AND status = 'open' ORDER BY opened_at, id";
        pub(super) AWAITING = "SELECT * FROM request WHERE organization_id = $1 AND status = 'awaiting_media' ORDER BY opened_at, id";
        pub(super) CLOSED = "SELECT * FROM request WHERE organization_id = $1 AND status NOT IN ('open', 'awaiting_media') ORDER BY closed_at DESC, id DESC LIMIT 200";
        pub(super) INSERT = "INSERT INTO request (organization_id, id, content_id, n, hash, chain_id, chain_revision, policy, policy_hash, status, stage, stage_opened_at, stuck, person_id, opened_at, closed_at, costs) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
        pub(super) UPDATE = "UPDATE request SET status = $3, stage = $4, stage_opened_at = $5, stuck = $6, closed_at = $7 WHERE organization_id = $1 AND id = $2";
        pub(super) TIMES = "SELECT delivery_id, planned_at FROM request_time WHERE organization_id = $1 AND request_id = $2 ORDER BY delivery_id";
        pub(super) COVERS = "SELECT d.id AS delivery_id, t.planned_at, r.status, r.closed_at, r.policy FROM delivery d CROSS JOIN request r CROSS JOIN request_time t WHERE d.organization_id = $1 AND ((d.planned_at >= $2 AND d.planned_at < $3) OR (d.planned_at IS NULL AND d.settled_at >= $2 AND d.settled_at < $3)) AND d.status IN ('planned', 'due', 'held', 'handed_off', 'missed', 'failed') AND r.organization_id = $1 AND r.id = (SELECT n.id FROM request n WHERE n.organization_id = $1 AND n.content_id = d.content_id ORDER BY n.opened_at DESC, n.id DESC LIMIT 1) AND r.status IN ('open', 'approved') AND t.organization_id = $1 AND t.request_id = r.id AND t.delivery_id = d.id";
        pub(super) INSERT_TIME = "INSERT INTO request_time (organization_id, request_id, delivery_id, planned_at) VALUES ($1, $2, $3, $4)";
        pub(super) SEATS = "SELECT stage, seat, person_id, substitute, vacant FROM stage_seat WHERE organization_id = $1 AND request_id = $2 ORDER BY stage, seat";
        pub(super) INSERT_SEAT = "INSERT INTO stage_seat (organization_id, request_id, stage, seat, person_id, substitute) VALUES ($1, $2, $3, $4, $5, $6)";
        pub(super) SET_VACANT = "UPDATE stage_seat SET vacant = $5 WHERE organization_id = $1 AND request_id = $2 AND stage = $3 AND person_id = $4";
        pub(super) DECISIONS = "SELECT * FROM decision WHERE organization_id = $1 AND request_id = $2 ORDER BY seq, id";
        pub(super) DECISION = "SELECT * FROM decision WHERE organization_id = $1 AND id = $2";
        pub(super) INSERT_DECISION = "INSERT INTO decision (organization_id, id, request_id, stage, person_id, operator_id, hash, verdict, comment, seq, at, delegated, outside) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
        pub(super) ATTEMPTED = "SELECT count(*) AS n FROM attempt WHERE organization_id = $1 AND request_id = $2 AND (handed_for IS NULL OR phase IN ('in_flight', 'ambiguous', 'confirmed', 'written_off'))";
        pub(super) REVOKE = "UPDATE decision SET revoked_at = $3 WHERE organization_id = $1 AND id = $2";
    }
}
pub use sql::STATEMENTS;

fn read(row: &db::Row) -> Result<Request, Error> {
    let policy: Vec<u8> = row.get("policy")?;
    Ok(Request {
        id: row.id("id")?,
        content: row.id("content_id")?,
        n: row.count("n")?,
        hash: row.hash("hash")?,
        chain: row.id("chain_id")?,
        chain_revision: row.count("chain_revision")?,
        policy: serde_json::from_slice(&policy).map_err(|e| Error::unreadable("policy", e))?,
        costs: row.json("costs")?,
        status: row.name("status")?,
        stage: row
            .get::<Option<i64>>("stage")?
            .and_then(|n| u32::try_from(n).ok()),
        stage_opened_at: row.maybe_instant("stage_opened_at")?,
        stuck: row.get("stuck")?,
        person: row.maybe_id("person_id")?,
        opened_at: row.instant("opened_at")?,
        closed_at: row.maybe_instant("closed_at")?,
    })
}

/// One.
///
/// # Errors
/// When the database says no.
pub async fn get(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: RequestId,
) -> Result<Option<Request>, Error> {
    tx.row(sql::GET, args![organization.0, id.0])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// The newest of a content.
///
/// # Errors
/// When the database says no.
pub async fn newest(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    content: ContentId,
) -> Result<Option<Request>, Error> {
    tx.row(sql::NEWEST, args![organization.0, content.0])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// All of a content, newest first.
///
/// # Errors
/// When the database says no.
pub async fn of_content(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    content: ContentId,
) -> Result<Vec<Request>, Error> {
    tx.rows(sql::OF_CONTENT, args![organization.0, content.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// All that are open, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn open(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Vec<Request>, Error> {
    tx.rows(sql::OPEN, args![organization.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// All that wait for files, oldest first.
///
/// # Errors
/// When the database says no.
pub async fn awaiting(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
) -> Result<Vec<Request>, Error> {
    tx.rows(sql::AWAITING, args![organization.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// The last 200 that were closed, newest first.
///
/// # Errors
/// When the database says no.
pub async fn closed(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Vec<Request>, Error> {
    tx.rows(sql::CLOSED, args![organization.0])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// Adds one.
///
/// # Errors
/// When the database says no, also when one is open.
pub async fn insert(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    request: &Request,
) -> Result<(), Error> {
    let (policy, policy_hash) = request
        .policy
        .seal()
        .map_err(|e| Error::unreadable("policy", e))?;
    tx.execute(
        sql::INSERT,
        args![
            organization.0,
            request.id.0,
            request.content.0,
            i64::from(request.n),
            request.hash.0,
            request.chain.0,
            i64::from(request.chain_revision),
            policy,
            policy_hash.0,
            request.status.as_str(),
            request.stage.map(i64::from),
            request.stage_opened_at.map(|t| t.0),
            request.stuck,
            request.person.map(|p| p.0),
            request.opened_at.0,
            request.closed_at.map(|t| t.0),
            to_json(&request.costs)?
        ],
    )
    .await?;
    Ok(())
}

/// Writes where it stands.
///
/// # Errors
/// When the database says no.
pub async fn update(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    request: &Request,
) -> Result<(), Error> {
    tx.execute(
        sql::UPDATE,
        args![
            organization.0,
            request.id.0,
            request.status.as_str(),
            request.stage.map(i64::from),
            request.stage_opened_at.map(|t| t.0),
            request.stuck,
            request.closed_at.map(|t| t.0)
        ],
    )
    .await?;
    Ok(())
}

/// The time of each delivery as people see it.
///
/// # Errors
/// When the database says no.
pub async fn times(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    request: &Request,
) -> Result<Vec<(DeliveryId, ApprovedTime)>, Error> {
    let granted = (request.status == RequestStatus::Approved)
        .then_some(request.closed_at)
        .flatten();
    tx.rows(sql::TIMES, args![organization.0, request.id.0])
        .await?
        .iter()
        .map(|row| {
            let planned = row.maybe_instant("planned_at")?;
            Ok((row.id("delivery_id")?, ApprovedTime { planned, granted }))
        })
        .collect()
}

/// Until when the newest request of each content covers what is planned between two instants and
/// can be moved.
///
/// # Errors
/// When the database says no.
pub async fn covers(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    from: Instant,
    to: Instant,
) -> Result<Vec<(DeliveryId, Instant)>, Error> {
    let mut covers = Vec::new();
    for row in tx
        .rows(sql::COVERS, args![organization.0, from.0, to.0])
        .await?
    {
        let policy: Vec<u8> = row.get("policy")?;
        let policy: ChainPolicy =
            serde_json::from_slice(&policy).map_err(|e| Error::unreadable("policy", e))?;
        let granted = match row.name::<RequestStatus>("status")? {
            RequestStatus::Approved => row.maybe_instant("closed_at")?,
            _ => None,
        };
        if let Some(at) = row.maybe_instant("planned_at")?.or(granted) {
            covers.push((row.id("delivery_id")?, at.plus(policy.tolerance_ms())));
        }
    }
    Ok(covers)
}

/// Records the time of a delivery as people see it.
///
/// # Errors
/// When the database says no.
pub async fn insert_time(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    request: RequestId,
    delivery: DeliveryId,
    planned: Option<Instant>,
) -> Result<(), Error> {
    tx.execute(
        sql::INSERT_TIME,
        args![organization.0, request.0, delivery.0, planned.map(|t| t.0)],
    )
    .await?;
    Ok(())
}

/// The seats of a request in which somebody sits.
///
/// # Errors
/// When the database says no.
pub async fn seats(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    request: RequestId,
) -> Result<Vec<Seat>, Error> {
    let mut seats = all_seats(tx, organization, request).await?;
    seats.retain(|seat| !seat.vacant);
    Ok(seats)
}

/// All seats of a request, the vacant ones too.
///
/// # Errors
/// When the database says no.
pub async fn all_seats(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    request: RequestId,
) -> Result<Vec<Seat>, Error> {
    tx.rows(sql::SEATS, args![organization.0, request.0])
        .await?
        .iter()
        .map(|row| {
            Ok(Seat {
                stage: row.count("stage")?,
                seat: row.count("seat")?,
                person: row.id("person_id")?,
                substitute: row.get("substitute")?,
                vacant: row.get("vacant")?,
            })
        })
        .collect()
}

/// Adds a seat in which somebody sits.
///
/// # Errors
/// When the database says no.
pub async fn insert_seat(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    request: RequestId,
    seat: Seat,
) -> Result<(), Error> {
    tx.execute(
        sql::INSERT_SEAT,
        args![
            organization.0,
            request.0,
            i64::from(seat.stage),
            i64::from(seat.seat),
            seat.person.0,
            seat.substitute
        ],
    )
    .await?;
    Ok(())
}

/// Says whether somebody sits in the seat that is this person's.
///
/// # Errors
/// When the database says no.
pub async fn set_vacant(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    request: RequestId,
    (stage, person): (u32, PersonId),
    vacant: bool,
) -> Result<(), Error> {
    tx.execute(
        sql::SET_VACANT,
        args![
            organization.0,
            request.0,
            i64::from(stage),
            person.0,
            vacant
        ],
    )
    .await?;
    Ok(())
}

fn read_decision(row: &db::Row) -> Result<Decision, Error> {
    Ok(Decision {
        id: row.id("id")?,
        request: row.id("request_id")?,
        stage: row.count("stage")?,
        person: row.id("person_id")?,
        operator: row.maybe_id("operator_id")?,
        delegated: row.get("delegated")?,
        outside: row.get("outside")?,
        hash: row.hash("hash")?,
        verdict: row.name("verdict")?,
        comment: row.get("comment")?,
        seq: u64::try_from(row.get::<i64>("seq")?).unwrap_or_default(),
        at: row.instant("at")?,
        revoked_at: row.maybe_instant("revoked_at")?,
    })
}

/// All decisions of a request, in the order they were taken.
///
/// # Errors
/// When the database says no.
pub async fn decisions(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    request: RequestId,
) -> Result<Vec<Decision>, Error> {
    tx.rows(sql::DECISIONS, args![organization.0, request.0])
        .await?
        .iter()
        .map(read_decision)
        .collect()
}

/// One decision.
///
/// # Errors
/// When the database says no.
pub async fn decision(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: DecisionId,
) -> Result<Option<Decision>, Error> {
    tx.row(sql::DECISION, args![organization.0, id.0])
        .await?
        .as_ref()
        .map(read_decision)
        .transpose()
}

/// Appends a decision.
///
/// # Errors
/// When the database says no.
pub async fn insert_decision(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    decision: &Decision,
) -> Result<(), Error> {
    tx.execute(
        sql::INSERT_DECISION,
        args![
            organization.0,
            decision.id.0,
            decision.request.0,
            i64::from(decision.stage),
            decision.person.0,
            decision.operator.map(|p| p.0),
            decision.hash.0,
            name_of(&decision.verdict)?,
            decision.comment.as_str(),
            decision.seq as i64,
            decision.at.0,
            decision.delegated,
            decision.outside.clone()
        ],
    )
    .await?;
    Ok(())
}

/// Takes a decision back.
///
/// # Errors
/// When the database says no.
pub async fn revoke(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: DecisionId,
    at: Instant,
) -> Result<(), Error> {
    tx.execute(sql::REVOKE, args![organization.0, id.0, at.0])
        .await?;
    Ok(())
}

/// Whether anything was tried under this request. What the network only keeps for its time, or has
/// given back, does not count.
///
/// # Errors
/// When the database says no.
pub async fn attempted(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    request: RequestId,
) -> Result<bool, Error> {
    let row = tx
        .row(sql::ATTEMPTED, args![organization.0, request.0])
        .await?;
    Ok(row
        .map(|r| r.get::<i64>("n"))
        .transpose()?
        .unwrap_or_default()
        > 0)
}
