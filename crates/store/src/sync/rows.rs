//! Rows as they travel: read for a pull by the description of their tables.

use std::collections::BTreeMap;

use db::{Args, Kind, Tx, Value, args};
use domain::ids::{OrganizationId, PersonId};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::tables::{Column, Entity, Part, Table};
use crate::Error;
use crate::codec::MOST_AT_ONCE;

/// One row: its table, and what travels of it by column. UUIDs are written with hyphens, bytes as
/// hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which table.
    pub table: &'static str,
    /// What it holds.
    pub values: Map<String, Json>,
}

/// The parts of an entity's id, as its columns hold them.
///
/// # Errors
/// When it is none of that entity.
pub fn parts_of(entity: &Entity, id: &str) -> Result<Vec<Json>, Error> {
    let first = entity.first();
    let texts: Vec<&str> = match first.of {
        [] => vec![],
        [_] => vec![id],
        several => id.splitn(several.len(), ':').collect(),
    };
    if texts.len() != first.of.len() {
        return Err(Error::unreadable("id", id));
    }
    let kinds = first.of.iter().zip(texts);
    kinds
        .map(|(name, text)| match first.table.kind(name) {
            Some(Kind::Int) => text
                .parse::<i64>()
                .map(Json::from)
                .map_err(|e| Error::unreadable("id", e)),
            _ => Ok(Json::from(text)),
        })
        .collect()
}

fn value(kind: Kind, json: &Json) -> Result<Value, Error> {
    let text = || json.as_str().unwrap_or_default();
    Ok(match kind {
        Kind::Int => Value::Int(json.as_i64().unwrap_or_default()),
        Kind::Uuid => Value::Uuid(Uuid::parse_str(text()).map_err(|e| Error::unreadable("id", e))?),
        Kind::Bytes => Value::Bytes(unhex(text())?),
        _ => Value::Text(text().to_owned()),
    })
}

pub(crate) fn unhex(text: &str) -> Result<Vec<u8>, Error> {
    let digit = |c: u8| {
        char::from(c)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    let bytes: Option<Vec<u8>> = pairs.collect();
    bytes.ok_or_else(|| Error::unreadable("bytes", "not hexadecimal digits"))
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|b| [b >> 4, b & 15]);
    digits.map(|d| char::from(DIGITS[usize::from(d)])).collect()
}

fn read(row: &db::Row, columns: &[Column]) -> Result<Map<String, Json>, Error> {
    let mut values = Map::new();
    for (name, kind) in columns {
        let found = match kind {
            Kind::Int | Kind::Real => row.get::<Option<i64>>(name)?.map(Json::from),
            Kind::Bool => row.get::<Option<bool>>(name)?.map(Json::from),
            Kind::Text => row.get::<Option<String>>(name)?.map(Json::from),
            Kind::Uuid => row
                .get::<Option<Uuid>>(name)?
                .map(|id| Json::from(id.to_string())),
            Kind::Bytes => row
                .get::<Option<Vec<u8>>>(name)?
                .map(|bytes| Json::from(hex(&bytes))),
        };
        values.insert((*name).to_owned(), found.unwrap_or(Json::Null));
    }
    Ok(values)
}

/// The id of the entity that a row belongs to.
fn id_of(part: &Part, values: &Map<String, Json>) -> String {
    let parts = part.of.iter().map(|name| match values.get(*name) {
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    });
    parts.collect::<Vec<_>>().join(":")
}

fn names(columns: &[Column]) -> String {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

/// The rows of several entities of one kind as `person` may read them, by id. An id without rows is
/// gone, or was never there for this person.
///
/// # Errors
/// When the database says no, or an id is none of that entity.
pub async fn of(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
    entity: &'static Entity,
    ids: &[String],
) -> Result<BTreeMap<String, Vec<Row>>, Error> {
    let mut found: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for some in ids.chunks(MOST_AT_ONCE) {
        for part in entity.parts {
            let table = part.table;
            let mut args: Vec<Value> = vec![organization.0.into()];
            let mut sql = format!(
                "SELECT {} FROM {} WHERE {} = $1",
                names(table.columns),
                table.name,
                table.scope
            );
            if !part.of.is_empty() {
                let mut places = Vec::with_capacity(some.len());
                for id in some {
                    let mut place = Vec::with_capacity(part.of.len());
                    for (name, json) in entity.first().of.iter().zip(parts_of(entity, id)?) {
                        let kind = entity.first().table.kind(name).unwrap_or(Kind::Text);
                        args.push(value(kind, &json)?);
                        place.push(format!("${}", args.len()));
                    }
                    places.push(format!("({})", place.join(", ")));
                }
                let (of, places) = (part.of.join(", "), places.join(", "));
                sql.push_str(&match part.of.len() {
                    1 => format!(" AND {of} IN ({places})"),
                    _ => format!(" AND ({of}) IN (VALUES {places})"),
                });
            }
            if let Some(column) = table.person {
                args.push(person.0.into());
                let n = args.len();
                sql.push_str(&format!(" AND ({column} IS NULL OR {column} = ${n})"));
            }
            if !table.key.is_empty() {
                sql.push_str(&format!(" ORDER BY {}", table.key.join(", ")));
            }
            for row in tx.rows_dyn(sql, Args(args)).await? {
                let values = read(&row, table.columns)?;
                let id = match part.of {
                    [] => organization.to_string(),
                    _ => id_of(part, &values),
                };
                let row = Row {
                    table: table.name,
                    values,
                };
                found.entry(id).or_default().push(row);
            }
        }
    }
    Ok(found)
}

/// The rows of a table that name a person in one of these columns, as they travel.
///
/// # Errors
/// When the database says no.
pub async fn of_person(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
    table: &'static Table,
    named_in: &[&str],
) -> Result<Vec<Map<String, Json>>, Error> {
    let places: Vec<String> = named_in.iter().map(|c| format!("{c} = $2")).collect();
    let mut sql = format!(
        "SELECT {} FROM {} WHERE {} = $1 AND ({})",
        names(table.columns),
        table.name,
        table.scope,
        places.join(" OR ")
    );
    if !table.key.is_empty() {
        sql.push_str(&format!(" ORDER BY {}", table.key.join(", ")));
    }
    let rows = tx.rows_dyn(sql, args![organization.0, person.0]).await?;
    rows.iter().map(|row| read(row, table.columns)).collect()
}

/// Ids of entities of one kind, in their order, from behind `after`.
///
/// # Errors
/// When the database says no.
pub async fn ids(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    entity: &'static Entity,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<String>, Error> {
    let part = entity.first();
    if part.of.is_empty() {
        let first = after.is_none().then(|| organization.to_string());
        return Ok(first.into_iter().collect());
    }
    let columns: Vec<Column> = part
        .of
        .iter()
        .map(|name| (*name, part.table.kind(name).unwrap_or(Kind::Text)))
        .collect();
    let mut args = args![organization.0].0;
    let of = part.of.join(", ");
    let mut sql = format!(
        "SELECT DISTINCT {of} FROM {} WHERE {} = $1",
        part.table.name, part.table.scope
    );
    if let Some(after) = after {
        let mut places = Vec::new();
        for ((_, kind), json) in columns.iter().zip(parts_of(entity, after)?) {
            args.push(value(*kind, &json)?);
            places.push(format!("${}", args.len()));
        }
        sql.push_str(&format!(" AND ({of}) > ({})", places.join(", ")));
    }
    sql.push_str(&format!(" ORDER BY {of} LIMIT {limit}"));
    let rows = tx.rows_dyn(sql, Args(args)).await?;
    rows.iter()
        .map(|row| Ok(id_of(part, &read(row, &columns)?)))
        .collect()
}

/// All rows of an organization that travel, by table and key; for comparing.
///
/// # Errors
/// When the database says no.
pub async fn all(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    person: PersonId,
) -> Result<BTreeMap<&'static str, Vec<Json>>, Error> {
    let mut all: BTreeMap<&'static str, Vec<Json>> = BTreeMap::new();
    for entity in super::ENTITIES {
        let mut after = None;
        loop {
            let page = ids(tx, organization, entity, after.as_deref(), 200).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            for row in of(tx, organization, person, entity, &page)
                .await?
                .into_values()
                .flatten()
            {
                all.entry(row.table).or_default().push(json!(row.values));
            }
        }
    }
    Ok(all)
}
