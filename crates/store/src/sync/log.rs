//! The server's side: what changed in which order, which clients there are, and what became of what
//! they sent.

use db::{Tx, args};
use domain::ids::{ClientId, ContentId, OrganizationId, PersonId};
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
    /// JSON of what it answered, or of the problem; `null` for what was applied before.
    pub outcome: String,
    /// It was rejected.
    pub refused: bool,
}

mod sql {
    db::statements! {
        pub(super) FLOOR = "SELECT change_floor FROM organization WHERE id = $1";
        pub(super) RAISE = "UPDATE organization SET change_floor = $2 WHERE id = $1 AND change_floor < $2";
        pub(super) FORGET = "DELETE FROM change WHERE organization_id = $1 AND seq <= $2";
        pub(super) PAGE = "SELECT seq, entity, id FROM change WHERE organization_id = $1 AND seq > $2 ORDER BY seq, entity, id LIMIT $3";
        pub(super) REST = "SELECT seq, entity, id FROM change WHERE organization_id = $1 AND seq = $2 ORDER BY entity, id";
        pub(super) CLIENT = "SELECT person_id, last_mutation FROM client WHERE organization_id = $1 AND id = $2";
        pub(super) ADD = "INSERT INTO client (organization_id, id, person_id, last_mutation, created_at) VALUES ($1, $2, $3, 0, $4)";
        pub(super) TOOK = "UPDATE client SET last_mutation = $3 WHERE organization_id = $1 AND id = $2";
        pub(super) KEEP = "INSERT INTO client_mutation (organization_id, client_id, n, hash, seq, outcome, refused) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        pub(super) GET = "SELECT n, hash, seq, outcome, refused FROM client_mutation WHERE organization_id = $1 AND client_id = $2 AND n = $3";
        pub(super) LAST = "SELECT n FROM client_mutation WHERE organization_id = $1 AND client_id = $2 AND seq <= $3 ORDER BY n DESC LIMIT 1";
        pub(super) OTHERS = "SELECT count(*) AS n FROM change c WHERE c.organization_id = $1 AND c.entity = 'content' AND c.id = $2 AND c.seq > $3 AND NOT EXISTS (SELECT 1 FROM client_mutation m WHERE m.organization_id = c.organization_id AND m.client_id = $4 AND m.seq = c.seq AND m.refused = $5 AND m.outcome <> 'null')";
        pub(super) REFUSED = "SELECT n, hash, seq, outcome, refused FROM client_mutation WHERE organization_id = $1 AND client_id = $2 AND n > $3 AND n <= $4 AND refused = $5 ORDER BY n";
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

/// Adds a client that has sent nothing yet.
///
/// # Errors
/// When the database says no.
pub async fn add_client(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: ClientId,
    person: PersonId,
    at: Instant,
) -> Result<(), Error> {
    tx.execute(sql::ADD, args![organization.0, id.0, person.0, at.0])
        .await?;
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
            taken.refused
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

/// Whether others than this client changed a content behind a place in the order, or may have:
/// what is not kept any more nobody knows.
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
    let args = args![
        organization.0,
        content.to_string(),
        after as i64,
        client.0,
        false
    ];
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
