//! The server's side: what changed in which order, which clients there are, and what became of what
//! they sent.

use db::{Tx, args};
use domain::ids::{ClientId, ContentId, OrganizationId, PersonId};
use domain::time::DAY;
use domain::{Hash, Instant};

use crate::Error;
use crate::codec::Columns as _;

/// A change in the organization's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place in the order.
    pub seq: u64,
    /// What kind of thing.
    pub entity: String,
    /// Which.
    pub id: String,
}

/// One mirror that sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// Whose it is: nobody else sends as it.
    pub person: PersonId,
    /// The last number that was taken.
    pub last: u64,
}

/// What became of a numbered item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Its number.
    pub n: u64,
    /// The hash of its bytes.
    pub hash: Hash,
    /// How far the organization's order was afterwards.
    pub seq: u64,
    /// Its own place in the order; none when it was refused.
    pub place: Option<u64>,
    /// JSON of what it answered, or of the problem; `null` for what was applied before.
    pub outcome: String,
    /// It was rejected.
    pub refused: bool,
}

mod sql {
    db::statements! {
        pub(super) FLOOR = "SELECT change_floor FROM organization WHERE id = $1";
        pub(super) MARK = "SELECT COALESCE((SELECT c.mark FROM change c WHERE c.organization_id = $1 AND c.seq <= $2 ORDER BY c.seq DESC LIMIT 1), o.floor_mark) AS mark FROM organization o WHERE o.id = $1";
        pub(super) RAISE = "UPDATE organization SET change_floor = $2, floor_mark = COALESCE((SELECT c.mark FROM change c WHERE c.organization_id = $1 AND c.seq <= $2 ORDER BY c.seq DESC LIMIT 1), floor_mark) WHERE id = $1 AND change_floor < $2";
        pub(super) DAY = "INSERT INTO order_day (organization_id, day, seq) SELECT $1, $2, head_seq FROM organization WHERE id = $1 ON CONFLICT (organization_id, day) DO NOTHING";
        pub(super) BEFORE = "SELECT MAX(seq) AS seq FROM order_day WHERE organization_id = $1 AND day <= $2";
        pub(super) FORGET_DAYS = "DELETE FROM order_day WHERE organization_id = $1 AND day < $2";
        pub(super) FORGET = "DELETE FROM change WHERE organization_id = $1 AND seq <= $2";
        pub(super) PAGE = "SELECT seq, entity, id FROM change WHERE organization_id = $1 AND seq > $2 ORDER BY seq, entity, id LIMIT $3";
        pub(super) REST = "SELECT seq, entity, id FROM change WHERE organization_id = $1 AND seq = $2 ORDER BY entity, id";
        pub(super) CLIENT = "SELECT person_id, last_mutation FROM client WHERE organization_id = $1 AND id = $2";
        pub(super) ADD = "INSERT INTO client (organization_id, id, person_id, last_mutation, created_at, former_id, former_n) VALUES ($1, $2, $3, 0, $4, $5, $6)";
        pub(super) TOOK = "UPDATE client SET last_mutation = $3 WHERE organization_id = $1 AND id = $2";
        pub(super) KEEP = "INSERT INTO client_mutation (organization_id, client_id, n, hash, seq, outcome, refused, place) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        pub(super) GET = "SELECT n, hash, seq, outcome, refused, place FROM client_mutation WHERE organization_id = $1 AND client_id = $2 AND n = $3";
        pub(super) LAST = "SELECT n FROM client_mutation WHERE organization_id = $1 AND client_id = $2 AND seq <= $3 ORDER BY n DESC LIMIT 1";
        pub(super) OTHERS = "SELECT count(*) AS n FROM change c WHERE c.organization_id = $1 AND c.entity = 'content' AND c.id = $2 AND c.seq > $3 AND NOT EXISTS (SELECT 1 FROM client_mutation m WHERE m.organization_id = c.organization_id AND m.client_id = $4 AND m.place = c.seq) AND NOT EXISTS (SELECT 1 FROM client k CROSS JOIN client_mutation m WHERE k.organization_id = c.organization_id AND k.id = $4 AND m.organization_id = c.organization_id AND m.client_id = k.former_id AND m.n <= k.former_n AND m.place = c.seq)";
        pub(super) REFUSED = "SELECT n, hash, seq, outcome, refused, place FROM client_mutation WHERE organization_id = $1 AND client_id = $2 AND n > $3 AND n <= $4 AND refused = $5 ORDER BY n";
    }
}
pub use sql::STATEMENTS;

fn read_change(row: &db::Row) -> Result<Change, Error> {
    Ok(Change {
        seq: row.get("seq")?,
        entity: row.get("entity")?,
        id: row.get("id")?,
    })
}

fn read_taken(row: &db::Row) -> Result<Taken, Error> {
    Ok(Taken {
        n: row.get("n")?,
        hash: row.hash("hash")?,
        seq: row.get("seq")?,
        place: row
            .get::<Option<i64>>("place")?
            .and_then(|seq| u64::try_from(seq).ok()),
        outcome: row.get("outcome")?,
        refused: row.get("refused")?,
    })
}

/// Up to which place in the order changes are not kept any more.
///
/// # Errors
/// When the database says no.
pub async fn floor(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<u64, Error> {
    let row = tx.row(sql::FLOOR, args![organization.0]).await?;
    Ok(row.map_or(Ok(0), |r| r.get("change_floor"))?)
}

/// What names the order up to a place that is not below the floor.
///
/// # Errors
/// When the database says no.
pub async fn mark(tx: &mut Tx<'_>, organization: OrganizationId, seq: u64) -> Result<Hash, Error> {
    let row = tx.row(sql::MARK, args![organization.0, seq as i64]).await?;
    row.map_or(Ok(Hash([0; 32])), |row| row.hash("mark"))
}

/// Forgets the changes up to a place in the order: mirrors that are further behind begin anew.
///
/// # Errors
/// When the database says no.
pub async fn forget(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    up_to: u64,
) -> Result<(), Error> {
    let args = || args![organization.0, up_to as i64];
    tx.execute(sql::RAISE, args()).await?;
    tx.execute(sql::FORGET, args()).await?;
    Ok(())
}

/// Notes how far the order is today, and answers how far it was at the end of `days` ago; nothing
/// where nobody noted it then.
///
/// # Errors
/// When the database says no.
pub async fn days_ago(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    now: Instant,
    days: i64,
) -> Result<Option<u64>, Error> {
    let today = now.0.div_euclid(DAY);
    let then = today - days;
    tx.execute(sql::DAY, args![organization.0, today]).await?;
    let row = tx.row(sql::BEFORE, args![organization.0, then]).await?;
    tx.execute(sql::FORGET_DAYS, args![organization.0, then])
        .await?;
    let seq = row.map_or(Ok(None), |row| row.get::<Option<i64>>("seq"))?;
    Ok(seq.and_then(|seq| u64::try_from(seq).ok()))
}

/// The changes behind `after`, at most `limit` of them unless one place alone has more, and the
/// place that they reach; a place is never split. No place is named when they reach the end.
///
/// # Errors
/// When the database says no.
pub async fn page(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    after: u64,
    limit: u32,
) -> Result<(Vec<Change>, Option<u64>), Error> {
    let args = args![organization.0, after as i64, i64::from(limit) + 1];
    let rows = tx.rows(sql::PAGE, args).await?;
    let mut changes: Vec<Change> = rows.iter().map(read_change).collect::<Result<_, _>>()?;
    if changes.len() <= limit as usize {
        return Ok((changes, None));
    }
    let (first, beyond) = (
        changes.first().map_or(after, |c| c.seq),
        changes.last().map_or(after, |c| c.seq),
    );
    if beyond > first {
        changes.retain(|c| c.seq < beyond);
        return Ok((changes, Some(beyond - 1)));
    }
    let rows = tx
        .rows(sql::REST, args![organization.0, first as i64])
        .await?;
    let changes = rows.iter().map(read_change).collect::<Result<_, _>>()?;
    Ok((changes, Some(first)))
}

/// A client.
///
/// # Errors
/// When the database says no.
pub async fn client(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ClientId,
) -> Result<Option<Client>, Error> {
    let Some(row) = tx.row(sql::CLIENT, args![organization.0, id.0]).await? else {
        return Ok(None);
    };
    Ok(Some(Client {
        person: row.id("person_id")?,
        last: row.get("last_mutation")?,
    }))
}

/// Adds a client that has sent nothing yet. `former` is who the same mirror was before, and up to
/// which of its numbers it had seen what became of it.
///
/// # Errors
/// When the database says no.
pub async fn add_client(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    (id, person): (ClientId, PersonId),
    former: Option<(ClientId, u64)>,
    at: Instant,
) -> Result<(), Error> {
    let args = args![
        organization.0,
        id.0,
        person.0,
        at.0,
        former.map(|(id, _)| id.0),
        former.map(|(_, n)| n as i64)
    ];
    tx.execute(sql::ADD, args).await?;
    Ok(())
}

/// Keeps what became of an item, and that it was the last.
///
/// # Errors
/// When the database says no, also when its number is taken.
pub async fn keep(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    client: ClientId,
    taken: &Taken,
) -> Result<(), Error> {
    tx.execute(
        sql::KEEP,
        args![
            organization.0,
            client.0,
            taken.n as i64,
            taken.hash.0,
            taken.seq as i64,
            taken.outcome.as_str(),
            taken.refused,
            taken.place.map(|seq| seq as i64)
        ],
    )
    .await?;
    tx.execute(sql::TOOK, args![organization.0, client.0, taken.n as i64])
        .await?;
    Ok(())
}

/// What became of an item.
///
/// # Errors
/// When the database says no.
pub async fn taken(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    client: ClientId,
    n: u64,
) -> Result<Option<Taken>, Error> {
    tx.row(sql::GET, args![organization.0, client.0, n as i64])
        .await?
        .as_ref()
        .map(read_taken)
        .transpose()
}

/// The last item of a client that was taken when the order had come to `seq`; 0 for none.
///
/// # Errors
/// When the database says no.
pub async fn last_at(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    client: ClientId,
    seq: u64,
) -> Result<u64, Error> {
    let row = tx
        .row(sql::LAST, args![organization.0, client.0, seq as i64])
        .await?;
    Ok(row.map_or(Ok(0), |r| r.get("n"))?)
}

/// Whether others than this client, or who it was before, changed a content behind a place in the
/// order, or may have: what is not kept any more nobody knows.
///
/// # Errors
/// When the database says no.
pub async fn others_changed(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    content: ContentId,
    after: u64,
    client: ClientId,
) -> Result<bool, Error> {
    if after < floor(tx, organization).await? {
        return Ok(true);
    }
    let args = args![organization.0, content.to_string(), after as i64, client.0];
    let row = tx.row(sql::OTHERS, args).await?;
    Ok(row.map_or(Ok(0), |r| r.get::<i64>("n"))? > 0)
}

/// The rejected items of a client behind one number, up to another.
///
/// # Errors
/// When the database says no.
pub async fn refused(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    client: ClientId,
    after: u64,
    up_to: u64,
) -> Result<Vec<Taken>, Error> {
    let args = args![organization.0, client.0, after as i64, up_to as i64, true];
    let rows = tx.rows(sql::REFUSED, args).await?;
    rows.iter().map(read_taken).collect()
}
