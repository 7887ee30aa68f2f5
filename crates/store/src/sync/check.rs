//! Whether what a server sends of a thing can be what it says to be.

use db::Kind;
use domain::ids::OrganizationId;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::rows::parts_of;
use super::tables::{Entity, Part};
use crate::Error;

/// The largest whole number that travels (RFC 8785: what every reader of JSON keeps exactly).
const MOST: u64 = 1 << 53;

/// Refuses a thing that is no such thing: values of other kinds than its columns hold, numbers that
/// no column means, rows of another thing or another organization. Tables and columns that this
/// release does not know are of a later one and say nothing here.
///
/// # Errors
/// When it is none.
pub fn check<'a>(
    organization: OrganizationId,
    entity: &Entity,
    id: &str,
    rows: impl Iterator<Item = (&'a str, &'a Map<String, Json>)>,
) -> Result<(), Error> {
    let odd = |what: &str| Error::unreadable("thing", format!("{} {id}: {what}", entity.name));
    let first = entity.first();
    if first.of.is_empty() && id != organization.to_string() {
        return Err(odd("it is another one"));
    }
    let parts = parts_of(entity, id)?;
    for (name, part) in first.of.iter().zip(&parts) {
        let kind = first.table.kind(name).unwrap_or(Kind::Text);
        if part.is_null() || !is_of(kind, part) {
            return Err(odd(name));
        }
    }
    for (table, values) in rows {
        let Some(part) = entity.parts.iter().find(|p| p.table.name == table) else {
            if super::tables().any(|known| known.name == table) {
                return Err(odd(table));
            }
            continue;
        };
        row(part, values, &parts).map_err(|column| odd(&format!("{table}.{column}")))?;
    }
    Ok(())
}

/// Checks a row; answers the column that is off.
fn row<'a>(part: &'a Part, values: &Map<String, Json>, id: &[Json]) -> Result<(), &'a str> {
    for (name, kind) in part.table.columns {
        if values.get(*name).is_some_and(|json| !is_of(*kind, json)) {
            return Err(name);
        }
    }
    for name in part.table.key {
        if values.get(*name).is_none_or(Json::is_null) {
            return Err(name);
        }
    }
    for (name, expected) in part.of.iter().zip(id) {
        let kind = part.table.kind(name).unwrap_or(Kind::Text);
        let same = values.get(*name).is_some_and(|json| match kind {
            Kind::Uuid => uuid(json) == uuid(expected),
            _ => json == expected,
        });
        if !same {
            return Err(name);
        }
    }
    Ok(())
}

fn uuid(json: &Json) -> Option<Uuid> {
    Uuid::parse_str(json.as_str()?).ok()
}

fn is_of(kind: Kind, json: &Json) -> bool {
    match (kind, json) {
        (_, Json::Null) => true,
        (Kind::Int, Json::Number(n)) => n.as_i64().is_some_and(|n| n.unsigned_abs() <= MOST),
        (Kind::Real, Json::Number(n)) => n.as_f64().is_some_and(f64::is_finite),
        (Kind::Bool, Json::Bool(_)) => true,
        (Kind::Text, Json::String(text)) => !text.contains('\0'),
        (Kind::Uuid, json) => uuid(json).is_some(),
        (Kind::Bytes, Json::String(text)) => {
            text.len() % 2 == 0 && text.bytes().all(|c| c.is_ascii_hexdigit())
        }
        _ => false,
    }
}
