//! The mirror of an organization on a desktop: how far it is, and what a pull brings.

use std::collections::BTreeMap;

use db::{Kind, Tx, args};
use domain::Instant;
use domain::ids::{ClientId, OrganizationId, PersonId};
use serde_json::{Map, Value as Json};

use super::ahead::put;
use super::rows::parts_of;
use super::tables::{Column, Entity, Kept, Table, tables};
use crate::Error;
use crate::codec::Columns as _;

/// How far a mirror is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// As whom it sends.
    pub client: ClientId,
    /// JSON of whom it was before, when it had to begin as another.
    pub former: Option<String>,
    /// Who works here.
    pub person: PersonId,
    /// JSON of the place in the server's order that the tables show.
    pub cursor: Option<String>,
    /// JSON of the place that the staged pages reach.
    pub reached: Option<String>,
    /// The last numbered item whose outcome a pull has shown.
    pub settled: u64,
    /// The last numbered item whose outcome is known.
    pub answered: u64,
    /// When a pull last came to the end.
    pub synced_at: Option<Instant>,
}

/// A part of a pull that waits for the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staged {
    /// JSON of its changes.
    pub page: String,
    /// What was there before is dropped.
    pub afresh: bool,
}

mod sql {
    db::statements! {
        pub(super) OPEN = "INSERT INTO mirror (organization_id, client_id, person_id, settled, answered, ahead) VALUES ($1, $2, $3, 0, 0, $4) ON CONFLICT (organization_id) DO NOTHING";
        pub(super) STATE = "SELECT client_id, person_id, cursor, reached, settled, answered, synced_at, former FROM mirror WHERE organization_id = $1";
        pub(super) SAVE = "UPDATE mirror SET client_id = $2, cursor = $3, reached = $4, settled = $5, answered = $6, synced_at = $7, former = $8 WHERE organization_id = $1";
        pub(super) AHEAD = "UPDATE mirror SET ahead = $2 WHERE organization_id = $1";
        pub(super) STAGE = "INSERT INTO staged (organization_id, place, page, afresh) SELECT $1, COALESCE(MAX(place), 0) + 1, $2, $3 FROM staged WHERE organization_id = $1";
        pub(super) STAGED = "SELECT place, page, afresh FROM staged WHERE organization_id = $1 AND place > $2 ORDER BY place LIMIT 1";
        pub(super) UNSTAGE = "DELETE FROM staged WHERE organization_id = $1";
    }
}
pub use sql::STATEMENTS;

/// Makes the mirror's own row when it is new.
///
/// # Errors
/// When the database says no.
pub async fn open(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    client: ClientId,
    person: PersonId,
) -> Result<(), Error> {
    tx.execute(sql::OPEN, args![organization.0, client.0, person.0, true])
        .await?;
    Ok(())
}

/// How far it is; nothing where this organization is no mirror.
///
/// # Errors
/// When the database says no.
pub async fn state(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Option<State>, Error> {
    let Some(row) = tx.row(sql::STATE, args![organization.0]).await? else {
        return Ok(None);
    };
    Ok(Some(State {
        client: row.id("client_id")?,
        former: row.get("former")?,
        person: row.id("person_id")?,
        cursor: row.get("cursor")?,
        reached: row.get("reached")?,
        settled: row.get("settled")?,
        answered: row.get("answered")?,
        synced_at: row.maybe_instant("synced_at")?,
    }))
}

/// Keeps how far it is; whose it is stays.
///
/// # Errors
/// When the database says no.
pub async fn save(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    state: &State,
) -> Result<(), Error> {
    tx.execute(
        sql::SAVE,
        args![
            organization.0,
            state.client.0,
            state.cursor.as_deref(),
            state.reached.as_deref(),
            state.settled as i64,
            state.answered as i64,
            state.synced_at.map(|t| t.0),
            state.former.as_deref()
        ],
    )
    .await?;
    Ok(())
}

/// Says whether what is written from now on is ahead of the server.
///
/// # Errors
/// When the database says no.
pub async fn set_ahead(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    ahead: bool,
) -> Result<(), Error> {
    tx.execute(sql::AHEAD, args![organization.0, ahead]).await?;
    Ok(())
}

/// Keeps a part of a pull until the rest is there. One that begins afresh drops those before it.
///
/// # Errors
/// When the database says no.
pub async fn stage(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    staged: &Staged,
) -> Result<(), Error> {
    if staged.afresh {
        unstage(tx, organization).await?;
    }
    tx.execute(
        sql::STAGE,
        args![organization.0, staged.page.as_str(), staged.afresh],
    )
    .await?;
    Ok(())
}

/// The part of a pull that waits behind a place among them, and its own place.
///
/// # Errors
/// When the database says no.
pub async fn next_staged(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    after: u64,
) -> Result<Option<(u64, Staged)>, Error> {
    let args = args![organization.0, after as i64];
    let Some(row) = tx.row(sql::STAGED, args).await? else {
        return Ok(None);
    };
    let staged = Staged {
        page: row.get("page")?,
        afresh: row.get("afresh")?,
    };
    Ok(Some((row.get("place")?, staged)))
}

/// Drops the parts of a pull that wait.
///
/// # Errors
/// When the database says no.
pub async fn unstage(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<(), Error> {
    tx.execute(sql::UNSTAGE, args![organization.0]).await?;
    Ok(())
}

/// Says whether rows may refer to rows that come later in the same transaction.
///
/// # Errors
/// When the database says no.
pub async fn in_any_order(tx: &mut Tx<'_>, on: bool) -> Result<(), Error> {
    let on = if on { "ON" } else { "OFF" };
    tx.rows_dyn(format!("PRAGMA defer_foreign_keys = {on}"), args![])
        .await?;
    Ok(())
}

/// Empties the tables, for a pull that begins afresh.
///
/// # Errors
/// When the database says no.
pub async fn empty(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<(), Error> {
    for table in tables().filter(|t| t.kept == Kept::Whole) {
        let sql = format!("DELETE FROM {} WHERE {} = $1", table.name, table.scope);
        tx.rows_dyn(sql, args![organization.0]).await?;
    }
    Ok(())
}

/// Puts what the server says of several entities of one kind in the place of what is here. `rows`
/// are by table; tables and columns that this release does not know are left out.
///
/// # Errors
/// When the database says no, also when a row is damaged.
pub async fn take(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    entity: &'static Entity,
    ids: &[&str],
    rows: &BTreeMap<&str, Vec<&Map<String, Json>>>,
) -> Result<(), Error> {
    let mut named = Vec::with_capacity(ids.len());
    for id in ids {
        named.push(Json::from(parts_of(entity, id)?));
    }
    let named = Json::from(named).to_string();
    // What refers to others goes first, and comes last.
    for part in entity.parts.iter().rev() {
        if part.table.kept == Kept::Whole {
            let sql = remove(part.table, part.of, entity);
            tx.rows_dyn(sql, args![organization.0, named.as_str()])
                .await?;
        }
    }
    for part in entity.parts {
        let Some(rows) = rows.get(part.table.name).filter(|rows| !rows.is_empty()) else {
            continue;
        };
        let known: Vec<Column> = part
            .table
            .columns
            .iter()
            .filter(|(name, _)| rows.iter().all(|row| row.contains_key(*name)))
            .copied()
            .collect();
        let sql = put(part.table, &known, "j.value", "json_each($2) AS j", "TRUE");
        let text = crate::to_json(rows)?;
        tx.rows_dyn(sql, args![organization.0, text]).await?;
    }
    if entity.name == "content" {
        point(tx, organization, &named).await?;
    }
    Ok(())
}

fn remove(table: &Table, of: &[&str], entity: &Entity) -> String {
    let first = entity.first();
    let parts: Vec<String> = first
        .of
        .iter()
        .enumerate()
        .map(|(i, name)| match first.table.kind(name) {
            Some(Kind::Uuid | Kind::Bytes) => format!("unhex(j.value ->> {i}, '-')"),
            _ => format!("j.value ->> {i}"),
        })
        .collect();
    format!(
        "DELETE FROM {} WHERE {} = $1 AND ({}) IN (SELECT {} FROM json_each($2) AS j)",
        table.name,
        table.scope,
        of.join(", "),
        parts.join(", ")
    )
}

/// Contents hold where their terms are in the index of this database.
async fn point(tx: &mut Tx<'_>, organization: OrganizationId, named: &str) -> Result<(), Error> {
    let sql = "UPDATE content SET terms_ref = (SELECT t.rowid_ref FROM content_terms t \
         WHERE t.organization_id = $1 AND t.content_id = content.id) \
         WHERE organization_id = $1 AND id IN (SELECT unhex(j.value ->> 0, '-') FROM json_each($2) AS j)";
    tx.rows_dyn(sql.to_owned(), args![organization.0, named])
        .await?;
    Ok(())
}
