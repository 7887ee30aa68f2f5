//! What a mirror shows ahead of its server, and how it is taken back.
//!
//! Triggers, made from the description of the tables, keep each row as it was before the first
//! change that the server has not confirmed. So nothing that writes rows knows of mirrors. A mirror
//! is always SQLite; the statements here are put together from constants.

use db::{Kind, Tx, args};
use domain::ids::OrganizationId;

use super::tables::{Column, Kept, Table, tables};
use crate::Error;

/// What a column of a row in JSON holds.
fn out_of(json: &str, name: &str, kind: Kind) -> String {
    match kind {
        Kind::Uuid | Kind::Bytes => format!("unhex({json} ->> '$.{name}', '-')"),
        _ => format!("{json} ->> '$.{name}'"),
    }
}

/// A column as a row in JSON holds it.
fn into_json(row: &str, (name, kind): &Column) -> String {
    match kind {
        // hex() makes an empty text of NULL.
        Kind::Uuid | Kind::Bytes => {
            format!("CASE WHEN {row}.{name} IS NULL THEN NULL ELSE hex({row}.{name}) END")
        }
        _ => format!("{row}.{name}"),
    }
}

fn all_columns(table: &Table) -> Vec<Column> {
    table.columns.iter().chain(table.local).copied().collect()
}

fn key(table: &Table, row: &str) -> String {
    let parts: Vec<String> = table
        .key
        .iter()
        .map(|name| into_json(row, &(name, table.kind(name).unwrap_or(Kind::Text))))
        .collect();
    format!("json_array({})", parts.join(", "))
}

fn trigger(table: &Table, event: &str) -> String {
    let (name, scope) = (table.name, table.scope);
    let (when, row, was) = match event {
        "INSERT" => ("AFTER", "NEW", "NULL".to_owned()),
        _ => {
            let pairs: Vec<String> = all_columns(table)
                .iter()
                .map(|column| format!("'{}', {}", column.0, into_json("OLD", column)))
                .collect();
            (
                "BEFORE",
                "OLD",
                format!("json_object({})", pairs.join(", ")),
            )
        }
    };
    let key = key(table, row);
    format!(
        "CREATE TRIGGER ahead_{name}_{event} {when} {event} ON {name} \
         WHEN EXISTS (SELECT 1 FROM mirror WHERE organization_id = {row}.{scope} AND ahead) BEGIN \
         INSERT INTO shadow (organization_id, tab, key, was) \
         SELECT {row}.{scope}, '{name}', {key}, {was} \
         WHERE NOT EXISTS (SELECT 1 FROM shadow WHERE organization_id = {row}.{scope} \
         AND tab = '{name}' AND key = {key}); END"
    )
}

/// Makes the triggers that keep rows as they were, in place of those of another release.
///
/// # Errors
/// When the database says no.
pub async fn watch(tx: &mut Tx<'_>) -> Result<(), Error> {
    for table in tables().filter(|t| t.kept != Kept::Once) {
        for event in ["INSERT", "UPDATE", "DELETE"] {
            let drop = format!("DROP TRIGGER IF EXISTS ahead_{}_{event}", table.name);
            tx.rows_dyn(drop, args![]).await?;
            tx.rows_dyn(trigger(table, event), args![]).await?;
        }
    }
    Ok(())
}

/// Takes back everything that is ahead of the server. Whoever calls has said that what is written
/// now is not.
///
/// # Errors
/// When the database says no.
pub async fn take_back(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<(), Error> {
    let kept: Vec<&Table> = tables().filter(|t| t.kept != Kept::Once).collect();
    for table in kept.iter().filter(|t| t.kept == Kept::Whole) {
        let parts: Vec<String> = table
            .key
            .iter()
            .enumerate()
            .map(|(i, name)| match table.kind(name) {
                Some(Kind::Uuid | Kind::Bytes) => format!("unhex(s.key ->> {i}, '-')"),
                _ => format!("s.key ->> {i}"),
            })
            .collect();
        let sql = format!(
            "DELETE FROM {name} WHERE {scope} = $1 AND ({key}) IN (SELECT {parts} FROM shadow s \
             WHERE s.organization_id = $1 AND s.tab = '{name}')",
            name = table.name,
            scope = table.scope,
            key = table.key.join(", "),
            parts = parts.join(", "),
        );
        tx.rows_dyn(sql, args![organization.0]).await?;
    }
    for table in kept {
        let columns = all_columns(table);
        let sql = put(
            table,
            &columns,
            "s.was",
            "shadow s",
            &format!(
                "s.organization_id = $1 AND s.tab = '{}' AND s.was IS NOT NULL",
                table.name
            ),
        );
        tx.rows_dyn(sql, args![organization.0]).await?;
    }
    let done = "DELETE FROM shadow WHERE organization_id = $1";
    tx.execute(done, args![organization.0]).await?;
    Ok(())
}

/// A statement that writes the rows that `json` of `from` holds; `$1` is the organization.
pub(super) fn put(
    table: &Table,
    columns: &[Column],
    json: &str,
    from: &str,
    filter: &str,
) -> String {
    let (name, scope) = (table.name, table.scope);
    let values = |pair: &Column| out_of(json, pair.0, pair.1);
    if table.kept == Kept::Overwritten {
        let sets: Vec<String> = columns
            .iter()
            .map(|pair| format!("{} = {}", pair.0, values(pair)))
            .collect();
        let sets = sets.join(", ");
        return format!(
            "UPDATE {name} SET {sets} FROM {from} WHERE {name}.{scope} = $1 AND {filter}"
        );
    }
    let or = if table.kept == Kept::Once {
        " OR IGNORE"
    } else {
        ""
    };
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let values: Vec<String> = columns.iter().map(values).collect();
    format!(
        "INSERT{or} INTO {name} ({scope}, {}) SELECT $1, {} FROM {from} WHERE {filter}",
        names.join(", "),
        values.join(", ")
    )
}
