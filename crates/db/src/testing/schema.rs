//! The shape of a schema, so that the two dialects can be compared table by table.

use std::collections::BTreeMap;

use crate::{Db, Dialect, Error, args};

/// What both dialects must agree on for a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Column {
    /// `number`, `text`, `bytes` or `real`: what SQLite can tell apart.
    pub class: &'static str,
    /// May be NULL.
    pub nullable: bool,
    /// Its place in the primary key, from 1; 0 when it is none of it.
    pub key: i64,
}

/// Columns by table and name.
pub type Shape = BTreeMap<String, BTreeMap<String, Column>>;

const SQLITE: &str =
    "SELECT t.name AS tab, c.name AS col, c.type AS type, c.\"notnull\" AS nn, c.pk AS pk
    FROM pragma_table_list AS t, pragma_table_info(t.name) AS c
    WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'";
const POSTGRES: &str = "SELECT c.table_name::text AS tab, c.column_name::text AS col,
    c.data_type::text AS type, CASE WHEN c.is_nullable = 'NO' THEN 1 ELSE 0 END AS nn,
    coalesce((SELECT k.ordinal_position::bigint FROM information_schema.table_constraints t
      JOIN information_schema.key_column_usage k ON k.constraint_name = t.constraint_name
       AND k.table_name = t.table_name AND k.table_schema = t.table_schema
      WHERE t.constraint_type = 'PRIMARY KEY' AND t.table_schema = c.table_schema
       AND t.table_name = c.table_name AND k.column_name = c.column_name), 0) AS pk
    FROM information_schema.columns c
    JOIN information_schema.tables b ON b.table_name = c.table_name AND b.table_schema = c.table_schema
    WHERE c.table_schema = current_schema() AND b.table_type = 'BASE TABLE'";

/// The shape of a database; virtual tables and views are left out.
pub async fn shape(db: &Db) -> Result<Shape, Error> {
    db.read(|tx| {
        Box::pin(async move {
            let sql = match tx.dialect() {
                Dialect::Sqlite => SQLITE,
                Dialect::Postgres => POSTGRES,
            };
            let mut shape = Shape::new();
            for row in tx.rows(sql, args![]).await? {
                let key: i64 = row.get("pk")?;
                let column = Column {
                    class: class(&row.get::<String>("type")?),
                    nullable: row.get::<i64>("nn")? == 0 && key == 0,
                    key,
                };
                shape
                    .entry(row.get("tab")?)
                    .or_default()
                    .insert(row.get("col")?, column);
            }
            Ok(shape)
        })
    })
    .await
}

fn class(name: &str) -> &'static str {
    match name.to_ascii_lowercase().as_str() {
        "integer" | "int" | "bigint" | "boolean" => "number",
        "blob" | "uuid" | "bytea" => "bytes",
        "text" => "text",
        "real" | "double precision" => "real",
        _ => "other",
    }
}

/// What differs, one sentence each. Tables in `except` exist on one side only by intention.
pub fn differences(sqlite: &Shape, postgres: &Shape, except: &[&str]) -> Vec<String> {
    let mut out = Vec::new();
    let names: std::collections::BTreeSet<&String> = sqlite
        .keys()
        .chain(postgres.keys())
        .filter(|n| !except.contains(&n.as_str()))
        .collect();
    for table in names {
        match (sqlite.get(table), postgres.get(table)) {
            (Some(a), Some(b)) => {
                let columns: std::collections::BTreeSet<&String> =
                    a.keys().chain(b.keys()).collect();
                for column in columns {
                    if a.get(column) != b.get(column) {
                        out.push(format!(
                            "{table}.{column}: SQLite {:?}, PostgreSQL {:?}",
                            a.get(column),
                            b.get(column)
                        ));
                    }
                }
            }
            (Some(_), None) => out.push(format!("{table} is missing on PostgreSQL")),
            _ => out.push(format!("{table} is missing on SQLite")),
        }
    }
    out
}
